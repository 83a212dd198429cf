//! What the signs and names of an answer mean: inferred from what it writes out, or given.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::{One, ToPrimitive};

use super::letters;
use super::linear::Poly;
use super::verdict::Text;
use crate::homework::formula::*;
use crate::homework::{Reading, print};

/// What a sign between tensors means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meaning {
    /// `Σ w[u] x[i+u]`
    Correlation,
    /// `Σ w[u] x[i-u]`
    Convolution,
}

impl Meaning {
    /// The meaning as a word.
    pub fn word(self) -> &'static str {
        match self {
            Meaning::Correlation => "correlation",
            Meaning::Convolution => "convolution",
        }
    }

    /// A meaning by its word.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "correlation" | "cross-correlation" => Some(Meaning::Correlation),
            "convolution" | "true-convolution" => Some(Meaning::Convolution),
            _ => None,
        }
    }

    /// A sign and its meaning, as in `*=correlation`. A tilde over the sign pads the input and changes no meaning, so that `⊗~` is `⊗`.
    ///
    /// ```
    /// use convprove::grade::model::Meaning;
    /// assert_eq!(Meaning::of_sign("⊗~ = correlation"), Some(("⊗", Meaning::Correlation)));
    /// assert_eq!(Meaning::of_sign("+=correlation"), None);
    /// ```
    pub fn of_sign(text: &str) -> Option<(&'static str, Self)> {
        let (sign, word) = text.rsplit_once('=')?;
        let sign = match sign.trim().trim_end_matches(['~', '\u{303}']) {
            "*" | "∗" | "\\ast" => Sign::Star,
            "⋆" | "★" | "\\star" => Sign::FiveStar,
            "⊗" | "\\otimes" => Sign::Otimes,
            "⊛" | "\\circledast" => Sign::CircledStar,
            _ => return None,
        };
        Some((sign_text(sign), Meaning::of(word.trim())?))
    }

    fn other(self) -> Self {
        match self {
            Meaning::Correlation => Meaning::Convolution,
            Meaning::Convolution => Meaning::Correlation,
        }
    }
}

/// What a tensor of a layer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The gradient by the output before the activation, `δ`.
    Delta,
    /// The weights.
    Weight,
    /// The input of a layer: the activation of the layer before.
    Activation,
    /// The output of a layer before the activation.
    Output,
    /// The bias.
    Bias,
}

/// A place where the meaning of a sign shows.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub meaning: Meaning,
    pub step: usize,
}

/// What the signs and names of an answer mean.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// For each sign where its meaning shows.
    pub(super) signs: BTreeMap<&'static str, Vec<Shown>>,
    /// Meanings that were given.
    given: BTreeMap<String, Meaning>,
    /// What the layer does, where sums or numbers show it.
    pub(super) forward: Option<Meaning>,
    /// Roles that a forward line shows.
    roles: BTreeMap<String, Role>,
    /// The first index, 0 or 1.
    pub(super) base: Option<i64>,
    /// Lines of numerals that fit a layer of stride 1 without padding, and lines that do not.
    numerals: (usize, usize),
    /// Whether a sum shows another layer than one of stride 1 without padding.
    unusual: bool,
    /// `c` where a sum shows a true convolution that reads the input at output - kernel + c.
    pub(super) shift: Option<i64>,
}

/// The sign as it is written in a message, where factors beside each other have one too.
pub(super) fn sign_text(sign: Sign) -> &'static str {
    match sign {
        Sign::Beside => "·",
        written => print::sign(written),
    }
}

/// Whether a sign joins tensors as a convolution of some kind.
pub(super) fn convolves(operator: &Operator) -> bool {
    operator.tilde
        || !operator.mode.is_empty()
        || matches!(operator.sign, Sign::Star | Sign::FiveStar | Sign::Otimes | Sign::CircledStar)
}

/// A layer's superscript as a name and a distance: `l+1`, `l`, `i,l-1`.
pub(super) fn layer(name: &Name) -> Option<i64> {
    if name.layer.is_empty() {
        return None;
    }
    let mut offset = 0;
    for part in name.layer.split(',') {
        let compact: String = part.chars().filter(|letter| !letter.is_whitespace()).collect();
        let digits = |text: &str| text.parse::<i64>().ok();
        if let Some((_, after)) = compact.split_once('+') {
            offset = i64::saturating_add(offset, digits(after)?);
        } else if let Some((_, after)) = compact.split_once('-') {
            offset = i64::saturating_sub(offset, digits(after)?);
        } else if let Some(number) = digits(&compact) {
            offset = i64::saturating_add(offset, number);
        }
    }
    Some(offset)
}

impl Model {
    /// What an answer shows.
    pub(super) fn of(reading: &Reading, given: &BTreeMap<String, Meaning>, base: Option<i64>) -> Self {
        let mut model = Model { given: given.clone(), ..Model::default() };
        model.base = base.or_else(|| first_index(reading));
        // First the lines that name tensors by sums.
        let mut sums: BTreeMap<String, (Meaning, usize)> = BTreeMap::new();
        for (number, step) in reading.steps.iter().enumerate() {
            for chain in step.chains() {
                let sides: Vec<&Expr> = chain.sides().collect();
                let first = chain.first.as_ref().or_else(|| reading.chain_start(number));
                let Some(first) = first else { continue };
                for (place, side) in sides.iter().enumerate() {
                    model.learn(first, side, number, &mut sums);
                    // `s[i] = (x * w)[i] = Σ …`
                    let before = place.checked_sub(1).and_then(|before| sides.get(before));
                    if let Some(before) = before.filter(|before| **before != first && joined(before).is_some()) {
                        model.learn(before, side, number, &mut sums);
                    }
                }
            }
        }
        // Lines of the layer itself come first; lines of gradients are under judgement, and speak only where nothing else does.
        for gradients in [false, true] {
            for (number, step) in reading.steps.iter().enumerate() {
                for chain in step.chains() {
                    if let Some(first) = &chain.first
                        && gradients == matches!(first.kind, Kind::Derivative(..) | Kind::Gradient(..))
                    {
                        chain.sides().skip(1).for_each(|side| model.connect(first, side, number, gradients, &sums));
                    }
                }
            }
            if !gradients {
                model.numeric(reading);
            }
        }
        model
    }

    fn learn(&mut self, first: &Expr, side: &Expr, step: usize, sums: &mut BTreeMap<String, (Meaning, usize)>) {
        let Some((meaning, kernel, input)) = shape_of_sum(side) else { return };
        if let Some(sign) = joined(first) {
            self.signs.entry(sign_text(sign)).or_default().push(Shown { meaning, step });
            if self.forward.is_none() {
                self.forward = Some(meaning);
            }
            return;
        }
        if let Some(key) = key(first) {
            sums.entry(key).or_insert((meaning, step));
        }
        if let Kind::Entry(base, _) = &first.kind
            && let Some(output) = base.as_name()
            && self.role_by_name(output).is_none_or(|role| role == Role::Output || role == Role::Activation)
            && self.role_by_name(&kernel).is_some_and(|role| role == Role::Weight)
        {
            if self.forward.is_none() {
                self.forward = Some(meaning);
                match position(side, &input, &kernel) {
                    Some(shift) if meaning == Meaning::Convolution => self.shift = Some(shift),
                    Some(shift) => self.unusual |= shift != -self.base.unwrap_or(1),
                    None => self.unusual = true,
                }
            }
            self.roles.insert(family(output), Role::Output);
            self.roles.insert(family(&kernel), Role::Weight);
            if family(&input) != family(output) {
                self.roles.insert(family(&input), Role::Activation);
            }
        }
    }

    /// A line with a sign for what another line writes as a sum.
    fn connect(
        &mut self,
        first: &Expr,
        side: &Expr,
        step: usize,
        gradients: bool,
        sums: &BTreeMap<String, (Meaning, usize)>,
    ) {
        let Some(key) = key(first) else { return };
        let Some((meaning, _)) = sums.get(&key) else { return };
        let Some((sign, turned)) = single_sign(side) else { return };
        if gradients && (turned || self.signs.contains_key(sign_text(sign))) {
            return;
        }
        let meaning = if turned { meaning.other() } else { *meaning };
        self.signs.entry(sign_text(sign)).or_default().push(Shown { meaning, step });
    }

    /// Lines such as `z_{11} = a_{11}w_{11} + a_{12}w_{12} + …`.
    fn numeric(&mut self, reading: &Reading) {
        let mut shown: Option<(Meaning, usize)> = None;
        for (number, step) in reading.steps.iter().enumerate() {
            for chain in step.chains() {
                let sides: Vec<&Expr> = chain.sides().collect();
                let [left, right] = sides.as_slice() else { continue };
                let Some((output, at)) = numeric_entry(left) else { continue };
                let found = scalar_line(&at, right);
                let products = matches!(&right.kind, Kind::Add(terms) if terms.iter().all(|(_, term)| matches!(&term.kind, Kind::Product(_))));
                if found.is_none() && products && self.role_by_name(&output) == Some(Role::Output) {
                    self.numerals.1 += 1;
                }
                let Some((meaning, kernel, input)) = found else { continue };
                self.numerals.0 += 1;
                if self.role_by_name(&output).is_some_and(|role| role == Role::Delta) {
                    continue;
                }
                shown.get_or_insert((meaning, number));
                self.roles.insert(family(&output), Role::Output);
                self.roles.insert(family(&kernel), Role::Weight);
                self.roles.insert(family(&input), Role::Activation);
            }
        }
        let Some((meaning, step)) = shown else { return };
        self.forward = Some(meaning);
        // The signs of the answer are those of its layer.
        for sign in signs_of(reading) {
            let places = self.signs.entry(sign_text(sign)).or_default();
            if places.is_empty() {
                places.push(Shown { meaning, step });
            }
        }
    }

    /// Whether lines of numerals, where there are any, fit a layer of stride 1 without padding.
    pub(super) fn numerals_agree(&self) -> bool {
        self.numerals.0 > self.numerals.1 || self.numerals == (0, 0)
    }

    /// Whether a line shows another layer than one of stride 1 without padding.
    pub(super) fn unusual(&self) -> bool {
        self.unusual
    }

    /// The meanings that a sign has in the answer; empty where none shows.
    pub(super) fn meanings(&self, sign: Sign) -> BTreeSet<Meaning> {
        let text = sign_text(sign);
        if let Some(meaning) = self.given.get(text) {
            return [*meaning].into();
        }
        self.signs.get(text).into_iter().flatten().map(|shown| shown.meaning).collect()
    }

    /// What the layer computes; a correlation unless the answer says otherwise.
    pub(super) fn layer_meaning(&self) -> Meaning {
        self.forward.unwrap_or(Meaning::Correlation)
    }

    /// What a tensor is.
    pub(super) fn role(&self, name: &Name) -> Option<Role> {
        self.roles.get(&family(name)).copied().or_else(|| self.role_by_name(name))
    }

    /// By the letters that the field uses.
    fn role_by_name(&self, name: &Name) -> Option<Role> {
        Some(match name.base.as_str() {
            "δ" | "Δ" | "delta" | "dZ" | "dz" => Role::Delta,
            "W" | "w" | "K" | "k" | "θ" | "Θ" | "F" | "kernel" | "filter" | "weight" | "weights" => Role::Weight,
            "a" | "A" | "h" | "H" | "o" | "O" | "x" | "X" | "I" | "out" | "outh" | "input" => Role::Activation,
            "z" | "Z" | "net" | "s" | "u" | "y" | "Y" => Role::Output,
            "b" | "B" | "bias" => Role::Bias,
            _ => return None,
        })
    }

    /// What a sign means in the exercise that the answer names, where the answer itself does not show it.
    pub(super) fn assume(&mut self, sign: &str, meaning: Meaning) {
        if !self.signs.contains_key(sign) {
            self.given.entry(sign.to_string()).or_insert(meaning);
        }
    }

    /// What was inferred, in words.
    pub(super) fn words(&self, reading: &Reading) -> Vec<Text> {
        let mut words = Vec::new();
        if let Some(base) = self.base {
            words.push(Text::new(format!("indices start at {base}"), format!("下标从 {base} 开始")));
        }
        for (sign, meaning) in &self.given {
            words.push(Text::new(
                format!("{sign} means {} (given)", meaning.word()),
                format!("{sign} 表示{}（指定）", chinese(*meaning)),
            ));
        }
        for (sign, places) in &self.signs {
            let mut said: BTreeSet<Meaning> = BTreeSet::new();
            for place in places {
                if self.given.contains_key(*sign) || !said.insert(place.meaning) {
                    continue;
                }
                let step = reading.steps.get(place.step);
                let line = step.map_or(0, |step| step.line);
                words.push(Text::new(
                    format!("{sign} means {}: line {line} shows it", place.meaning.word()),
                    format!("{sign} 表示{}：见第 {line} 行", chinese(place.meaning)),
                ));
            }
        }
        words.push(match self.forward {
            Some(meaning) => Text::new(
                format!("the layer computes a {}", meaning.word()),
                format!("卷积层计算的是{}", chinese(meaning)),
            ),
            None => Text::new(
                "the layer computes a correlation, as is usual (nothing in the answer shows it)",
                "卷积层按惯例计算互相关（答案未写明）",
            ),
        });
        words.push(Text::new("entries outside an array are 0", "数组界外的元素为零"));
        words
    }

    /// Signs that are used in two meanings, with the step where the second one shows.
    pub(super) fn conflicts(&self) -> Vec<(&'static str, usize, usize)> {
        let mut found = Vec::new();
        for (sign, places) in &self.signs {
            if let Some(first) = places.first()
                && !self.given.contains_key(*sign)
                && let Some(second) = places.iter().find(|place| place.meaning != first.meaning)
            {
                found.push((*sign, first.step, second.step));
            }
        }
        found
    }
}

/// A meaning in Chinese.
pub(super) fn chinese(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Correlation => "互相关",
        Meaning::Convolution => "卷积（翻转）",
    }
}

/// A name without its layer and primes, as a key.
pub(super) fn family(name: &Name) -> String {
    print::name(&name.family())
}

/// What a side is a value of, without subscripts: `x^(l)`, `∂f(Y)/∂w`.
fn key(side: &Expr) -> Option<String> {
    let small = |name: &Name| print::name(name).to_lowercase();
    match &side.kind {
        Kind::Name(name) => Some(small(name)),
        Kind::Entry(base, _) => base.as_name().map(small),
        Kind::Derivative(Some(of), by) => Some(format!("{}/{}", print::expr(of), key(by)?)),
        Kind::Gradient(Some(by), None) | Kind::Gradient(None, Some(by)) => Some(format!("∇{}", key(by)?)),
        _ => None,
    }
}

/// The sign of `A * B`, `(A * B)[i]` and `A[n] * B[n]`, two plain operands.
fn joined(side: &Expr) -> Option<Sign> {
    match &side.kind {
        Kind::Entry(base, _) | Kind::Call(base, _) => joined(base),
        Kind::Parens(_, parts) => parts.first().filter(|_| parts.len() == 1).and_then(joined),
        Kind::Product(factors) => match factors.as_slice() {
            [(_, left), (operator, right)] if convolves(operator) && !operator.tilde && operator.mode.is_empty() => {
                let plain = |side: &Expr| match &side.kind {
                    Kind::Name(_) => true,
                    Kind::Entry(base, _) => base.as_name().is_some(),
                    _ => false,
                };
                (plain(left) && plain(right)).then_some(operator.sign)
            }
            _ => None,
        },
        _ => None,
    }
}

/// The one sign of a side between two tensors, and whether exactly one of them is rotated.
fn single_sign(side: &Expr) -> Option<(Sign, bool)> {
    let mut found = None;
    let mut count = 0;
    side.any(&mut |part| {
        if let Kind::Product(factors) = &part.kind {
            for (position, (operator, factor)) in factors.iter().enumerate() {
                if convolves(operator) && !operator.tilde && operator.mode.is_empty() {
                    count += 1;
                    let before = position.checked_sub(1).and_then(|before| factors.get(before));
                    let turned = before.is_some_and(|(_, before)| rotated(before)) != rotated(factor);
                    found = Some((operator.sign, turned));
                }
            }
        }
        false
    });
    found.filter(|_| count == 1)
}

/// `rot180(w)` or `rot180(w)[m, n]`.
pub(super) fn rotated(side: &Expr) -> bool {
    match &side.kind {
        Kind::Entry(base, _) => rotated(base),
        Kind::Call(function, _) => function.as_name().is_some_and(is_rotation),
        _ => false,
    }
}

/// Whether a function turns a tensor round.
pub(super) fn is_rotation(name: &Name) -> bool {
    matches!(name.base.to_lowercase().as_str(), "rot180" | "rot" | "flip" | "rotate180" | "rev")
}

/// A sum over a product of two entries: `Σ w[u] x[i+u]`, and which of the two has the letters alone.
pub(super) fn shape_of_sum(side: &Expr) -> Option<(Meaning, Name, Name)> {
    let bound = letters::bound(side);
    if bound.is_empty() {
        return None;
    }
    let mut list: Vec<(&Name, &[Expr])> = Vec::new();
    for part in letters::all(side) {
        if let Kind::Entry(base, indices) | Kind::Call(base, indices) = &part.kind
            && let Some(name) = base.as_name()
            && indices
                .iter()
                .any(|index| index.any(&mut |part| part.as_name().is_some_and(|name| bound.contains(name))))
        {
            list.push((name, indices));
        }
    }
    let [first, second] = list.as_slice() else { return None };
    for ((kernel, own), (input, others)) in [(first, second), (second, first)] {
        let mut meanings = BTreeSet::new();
        for index in own.iter() {
            let Some(letter) = index.as_name().filter(|name| bound.contains(*name)) else { continue };
            let letter = print::name(letter);
            for other in others.iter() {
                let slope = Poly::of(other)
                    .and_then(|index| index.solved(&letter))
                    .map(|(slope, rest)| (slope.constant(), rest));
                if let Some((Some(slope), rest)) = slope
                    && !rest.names().is_empty()
                {
                    if slope == BigRational::one() {
                        meanings.insert(Meaning::Correlation);
                    } else if slope == -BigRational::one() {
                        meanings.insert(Meaning::Convolution);
                    }
                }
            }
        }
        if meanings.len() == 1 {
            let meaning = meanings.pop_first()?;
            return Some((meaning, (*kernel).clone(), (*input).clone()));
        }
    }
    None
}

/// The constant `c` where the input of a sum is read at output ± kernel + c along each axis; none where it is read in another way.
fn position(side: &Expr, input: &Name, kernel: &Name) -> Option<i64> {
    let bound: BTreeSet<String> = letters::bound(side).iter().map(print::name).collect();
    let mut shift = None;
    for part in letters::all(side) {
        let Kind::Entry(array, positions) = &part.kind else { continue };
        if array.as_name() != Some(input) || input == kernel {
            continue;
        }
        for position in positions {
            let mut rest = Poly::of(position)?;
            let names = rest.names();
            if names.len() < 2 {
                continue;
            }
            let (mut inner, mut outer) = (0, 0);
            for name in &names {
                let (slope, left) = rest.solved(name)?;
                let slope = slope.constant()?;
                let running = bound.contains(name);
                let unit = slope == BigRational::one() || running && slope == -BigRational::one();
                if !unit {
                    return None;
                }
                *(if running { &mut inner } else { &mut outer }) += 1;
                rest = left;
            }
            let constant = rest.constant()?.to_integer().to_i64()?;
            if (inner, outer) != (1, 1) || shift.is_some_and(|shift| shift != constant) {
                return None;
            }
            shift = Some(constant);
        }
    }
    shift
}

/// Larger subscripts name no entry of a written example.
const MAX_NUMERAL: i64 = 10_000;

/// An entry with numbers as subscripts.
pub(super) fn numeric_entry(side: &Expr) -> Option<(Name, Vec<i64>)> {
    let Kind::Entry(base, indices) = &side.kind else { return None };
    let numbers = indices.iter().map(|index| match &index.kind {
        Kind::Number(number) if number.is_integer() => {
            number.to_integer().to_i64().filter(|value| value.abs() <= MAX_NUMERAL)
        }
        _ => None,
    });
    Some((base.as_name()?.clone(), numbers.collect::<Option<_>>()?))
}

/// An entry with numerals as subscripts.
type Place = (Name, Vec<i64>);

/// `a_{22}w_{11} + a_{23}w_{12} + …` for `z_{22}`: what it shows, the kernel and the input.
fn scalar_line(at: &[i64], right: &Expr) -> Option<(Meaning, Name, Name)> {
    let Kind::Add(terms) = &right.kind else { return None };
    let mut pairs = Vec::new();
    for (_, term) in terms {
        let Kind::Product(factors) = &term.kind else { continue };
        let entries: Vec<(Name, Vec<i64>)> = factors.iter().filter_map(|(_, factor)| numeric_entry(factor)).collect();
        let [first, second] = entries.as_slice() else { continue };
        pairs.push((first.clone(), second.clone()));
    }
    if pairs.len() < 2 {
        return None;
    }
    for swap in [false, true] {
        for meaning in [Meaning::Correlation, Meaning::Convolution] {
            let fits = |pair: &(Place, Place), shift: &[i64]| {
                let ((_, input), (_, kernel)) = if swap { (&pair.1, &pair.0) } else { (&pair.0, &pair.1) };
                let sign = if meaning == Meaning::Correlation { 1 } else { -1 };
                input.len() == at.len()
                    && kernel.len() == at.len()
                    && input.iter().zip(kernel).zip(at).zip(shift).all(|(((x, w), z), s)| *x == z + sign * w + s)
            };
            let first = pairs.first()?;
            let ((_, input), (_, kernel)) = if swap { (&first.1, &first.0) } else { (&first.0, &first.1) };
            let sign = if meaning == Meaning::Correlation { 1 } else { -1 };
            let shift: Vec<i64> = input
                .iter()
                .zip(kernel)
                .zip(at)
                .map(|((x, w), z)| x.saturating_sub(z.saturating_add(sign * w)))
                .collect();
            // The shift of the first term must be that of all, and move nothing away in a correlation.
            let near = meaning == Meaning::Convolution || shift.iter().all(|shift| (-1..=0).contains(shift));
            if near && pairs.iter().all(|pair| fits(pair, &shift)) {
                let ((input, _), (kernel, _)) = if swap { (&first.1, &first.0) } else { (&first.0, &first.1) };
                return Some((meaning, kernel.clone(), input.clone()));
            }
        }
    }
    None
}

/// The signs of an answer that may be convolutions.
fn signs_of(reading: &Reading) -> BTreeSet<Sign> {
    let mut found = BTreeSet::new();
    for step in &reading.steps {
        for statement in &step.statements {
            for expr in statement.expressions() {
                expr.any(&mut |part| {
                    if let Kind::Product(factors) = &part.kind {
                        found.extend(factors.iter().filter(|(sign, _)| convolves(sign)).map(|(sign, _)| sign.sign));
                    }
                    false
                });
            }
        }
    }
    found
}

/// Where indices start: the first values of sums, or the smallest numeral in a subscript.
fn first_index(reading: &Reading) -> Option<i64> {
    let symbols = &reading.symbols;
    if symbols.first_values.len() == 1 {
        return symbols.first_values.first().map(|value| i64::from(*value));
    }
    // Where both occur, that of the first sum.
    for side in reading.steps.iter().flat_map(|step| step.chains().flat_map(Chain::sides)) {
        for part in letters::all(side) {
            let Kind::Big(Big::Sum, binders, _) = &part.kind else { continue };
            for binder in binders {
                if let Binder::Letter { lower: Some(lower), .. } = binder
                    && let Kind::Number(number) = &lower.kind
                    && let Some(first) = number.to_i64().filter(|first| (0..=1).contains(first))
                {
                    return Some(first);
                }
            }
        }
    }
    let mut smallest: Option<i64> = None;
    for step in &reading.steps {
        for statement in &step.statements {
            for expr in statement.expressions() {
                expr.any(&mut |part| {
                    if let Some((_, at)) = numeric_entry(part) {
                        smallest = smallest.into_iter().chain(at).min();
                    }
                    false
                });
            }
        }
    }
    smallest.filter(|smallest| (0..=1).contains(smallest))
}
