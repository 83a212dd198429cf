//! What the signs and names of an answer mean: inferred from what it writes out, or given.

mod conventions;
mod dense;
mod shapes;
mod signs;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::{One, ToPrimitive};

use super::dense::{Dense, Form};
use super::letters;
use super::linear::Poly;
use super::verdict::Text;
use super::words::Said;
use crate::homework::formula::*;
use crate::homework::{Reading, Step, print};
pub(super) use shapes::{is_padding, is_rotation, numeric_entry, shape_of_sum};
use shapes::{joined, single_sign};
use signs::{Line, Sums};
pub(super) use written::{Reads, Written};

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

    pub(super) fn other(self) -> Self {
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
    /// The step that it was inferred from, where that comes later.
    pub since: usize,
}

impl Shown {
    fn at(meaning: Meaning, step: usize) -> Self {
        Shown { meaning, step, since: step }
    }
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
    /// The lines that show what a layer computes.
    lines: Vec<Line>,
    /// Roles that a forward line shows.
    roles: BTreeMap<String, Role>,
    /// What the answer differentiates the loss by where it gives the gradient a name: `g = ∂L/∂y`.
    gradients: BTreeMap<String, Name>,
    /// Names of δ that the answer gives to the gradient by an activation.
    after_activation: BTreeSet<String>,
    /// The activations that the answer names: `a = tanh(z)`.
    pub(super) activations: BTreeSet<&'static str>,
    /// The first index, 0 or 1.
    pub(super) base: Option<i64>,
    /// Signs whose meaning stands in the words of the answer, or in the exercise that it names.
    assumed: BTreeSet<String>,
    /// Whether that is the exercise's, as nothing in the answer shows another.
    base_is_usual: bool,
    /// The smallest numeral among subscripts.
    smallest: Option<i64>,
    /// The numerals that stand as subscripts of each array along each axis.
    numerals: BTreeMap<(String, usize), BTreeSet<i64>>,
    /// The layer that lines of numerals write out.
    pub(super) written: Option<Written>,
    /// Whether there are such lines and no layer fits them.
    pub(super) unfit: bool,
    /// Whether a sum shows another layer than one of stride 1 without padding.
    unusual: bool,
    /// Whether all that the answer shows may be numbers: then a star multiplies.
    pub(super) numbers: bool,
    /// The dense layers that lines show.
    pub(super) dense: Vec<Dense>,
    /// The sign that joins kernel and input in the lines of the layer, and whether one of them is rotated there.
    layer_sign: Option<(Sign, bool)>,
    /// The signs after which the kernel stands, wherever one of the operands is known to be a kernel: `X ⋆ K`.
    pub(super) kernels_last: BTreeSet<Sign>,
    /// Signs of which a line says that one is the other with a rotated operand: `W ⊗ X = rot180(W) * X`.
    opposites: BTreeSet<(Sign, Sign)>,
    /// Where the answer writes out what a sign between two tensors means: whether the kernel stands before it.
    pub(super) kernel_first: BTreeMap<&'static str, bool>,
    /// Whether a line shows a layer with a wide product, as a transposed convolution has it.
    pub(super) wide: bool,
    /// Letters of which the answer makes an array with a prime, as in `w'[u] = w[k-1-u]`.
    made: BTreeSet<String>,
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

/// The signs of a side that join tensors so.
pub(super) fn signs(side: &Expr) -> BTreeSet<Sign> {
    let mut found = BTreeSet::new();
    side.any(&mut |part| {
        if let Kind::Product(factors) = &part.kind {
            found.extend(factors.iter().filter(|(sign, _)| convolves(sign)).map(|(sign, _)| sign.sign));
        }
        false
    });
    found
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
    ///
    /// What it says in words counts where nothing shows it but lines of gradients, which are under judgement. The first index is the
    /// `base` that is given, else the one that shows, else the `usual` one.
    pub(super) fn of(
        reading: &Reading,
        given: &BTreeMap<String, Meaning>,
        said: &Said,
        base: Option<i64>,
        usual: Option<i64>,
    ) -> Self {
        let mut model = Model { given: given.clone(), ..Model::default() };
        model.numerals = numerals(reading);
        let array = |part: &Expr| match &part.kind {
            Kind::Entry(..) | Kind::Transpose(_) | Kind::Matrix(_) | Kind::Big(..) | Kind::Call(..) => true,
            Kind::Product(factors) => factors.iter().any(|(sign, _)| convolves(sign) && sign.sign != Sign::Star),
            _ => part
                .as_name()
                .is_some_and(|name| name.base.chars().all(char::is_uppercase) && !super::layers::is_loss(part)),
        };
        let mut sides = reading.steps.iter().flat_map(|step| step.chains().flat_map(Chain::sides));
        model.numbers = !said.convolves && !sides.any(|side| side.any(&mut |part| array(part)));
        model.smallest = model.numerals.values().filter_map(|seen| seen.first().copied()).min();
        for claim in reading.claims() {
            let made = claim.left.root().filter(|name| name.primes > 0);
            let of = |name: &&Name| {
                claim
                    .right
                    .any(&mut |part| part.as_name().is_some_and(|other| other.base == name.base && other.primes == 0))
            };
            model.made.extend(made.filter(of).map(|name| name.base.clone()));
        }
        let shown = base.or_else(|| first_index(reading, model.smallest));
        model.base = shown.or(usual);
        model.base_is_usual = shown.is_none();
        // First the lines that name tensors by sums.
        let mut sums = Sums::new();
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
        // `z = w * x = C x` as well as `z = C x`.
        for chain in reading.steps.iter().flat_map(Step::chains) {
            let sides = chain.links.iter().filter_map(|link| link.side.as_ref());
            chain.first.iter().for_each(|first| sides.clone().for_each(|side| model.linear(first, side)));
        }
        reading.claims().iter().for_each(|claim| model.linear(claim.left, claim.right));
        reading.claims().iter().for_each(|claim| model.linear_by_entries(claim.left, claim.right));
        reading.claims().iter().for_each(|claim| model.joins(claim.left, claim.right));
        // `p = softmax(z)` is no gradient, nor is a tensor of the layer.
        let applied = |side: &Expr| matches!(side.kind, Kind::Call(..) | Kind::Fraction(..));
        let claims = reading.claims();
        let made = claims.iter().filter(|claim| applied(claim.right)).filter_map(|claim| claim.left.root());
        let made: BTreeSet<String> = made.map(family).collect();
        // `a = σ(z)`, `y = softmax(z)`
        let activates = |side: &Expr| match &side.kind {
            Kind::Call(function, arguments) if arguments.len() == 1 => function.as_name().is_some_and(|name| {
                let known = ["tanh", "relu", "sigmoid", "softmax"].contains(&name.base.to_lowercase().as_str());
                name.primes == 0 && (known || name.base.chars().count() == 1)
            }),
            _ => false,
        };
        let activated = claims.iter().filter(|claim| activates(claim.right)).filter_map(|claim| claim.left.root());
        let activated: BTreeSet<String> = activated.map(family).collect();
        for claim in &claims {
            for (name, gradient) in [(claim.left, claim.right), (claim.right, claim.left)] {
                let free = name.root().is_some_and(|name| {
                    matches!(model.role(name), None | Some(Role::Delta)) && !made.contains(&family(name))
                });
                if free {
                    model.names_gradient(name, gradient, &made, &activated);
                }
            }
        }
        for claim in &claims {
            let Kind::Call(function, arguments) = &claim.right.kind else { continue };
            let output = arguments.iter().filter_map(Expr::root).any(|name| model.role(name) == Some(Role::Output));
            let known = function.as_name().filter(|name| output && name.primes == 0).and_then(|name| {
                Some(match name.base.to_lowercase().as_str() {
                    "tanh" => "tanh",
                    "sigmoid" | "logistic" => "logistic",
                    "relu" | "max" => "relu",
                    _ => return None,
                })
            });
            model.activations.extend(known);
        }
        // `z_j = h(a_j)` of such an output is an activation.
        for claim in &claims {
            let Kind::Call(function, arguments) = &claim.right.kind else { continue };
            let (Some(made), Some(of)) = (claim.left.root(), arguments.first().and_then(Expr::root)) else { continue };
            let applied = function.as_name().is_some_and(|name| name.primes == 0) && arguments.len() == 1;
            let swapped =
                model.roles.get(&family(of)) == Some(&Role::Output) && model.role_by_name(of) == Some(Role::Activation);
            if applied && swapped && model.role(made) == Some(Role::Output) {
                model.roles.insert(family(made), Role::Activation);
            }
        }
        model.wide = claims.iter().any(|claim| model.joins_widely(claim.left, claim.right));
        model.layer_sign = model.sign_of_layer(reading);
        model.kernels_last = model.signs_before_kernels(reading);
        model.opposites = claims.iter().filter_map(|claim| shapes::opposites(claim.left, claim.right)).collect();
        // Lines of the layer itself come first; lines of gradients are under judgement, and speak only where nothing else does.
        let gradient = |first: &Expr, model: &Model| {
            let written = matches!(first.kind, Kind::Derivative(..) | Kind::Gradient(..));
            written || super::layers::target(first, model).is_some()
        };
        for gradients in [false, true] {
            for (number, step) in reading.steps.iter().enumerate() {
                for chain in step.chains() {
                    if let Some(first) = chain.first.as_ref().filter(|first| gradients == gradient(first, &model)) {
                        let sides: Vec<&Expr> = chain.sides().skip(1).collect();
                        model.connect(first, &sides, number, gradients, &sums);
                    }
                }
            }
            if !gradients {
                // The gradients of an answer are those of the layer that it has written last before them.
                let mut firsts =
                    reading.steps.iter().map(|step| step.chains().filter_map(|chain| chain.first.as_ref()));
                let place = firsts.position(|mut firsts| firsts.any(|first| gradient(first, &model)));
                model.settle(place.unwrap_or(usize::MAX));
                model.numeric(reading, said);
                said.signs.iter().for_each(|(sign, meaning)| model.assume(sign, *meaning));
            }
        }
        model
    }

    /// Lines such as `z_{11} = a_{11}w_{11} + a_{12}w_{12} + …`.
    fn numeric(&mut self, reading: &Reading, said: &Said) {
        let (layers, lines) = written::written(reading, self, said.stride);
        self.written = layers.into_iter().next();
        self.unfit = lines > 0 && self.written.is_none();
        let Some(written) = &self.written else { return };
        for (name, role) in
            [(&written.output, Role::Output), (&written.kernel, Role::Weight), (&written.input, Role::Activation)]
        {
            self.roles.insert(family(name), role);
        }
        let Some(meaning) = written.meaning() else { return };
        self.forward = Some(meaning);
        // The signs of the answer are those of its layer.
        let step = written.step;
        for sign in signs_of(reading) {
            let places = self.signs.entry(sign_text(sign)).or_default();
            if places.is_empty() {
                places.push(Shown::at(meaning, step));
            }
        }
    }

    /// The numerals that stand as subscripts of an array along an axis.
    pub(super) fn numerals(&self, name: &Name, axis: usize) -> BTreeSet<i64> {
        self.numerals.get(&(family(name), axis)).cloned().unwrap_or_default()
    }

    /// Where numerals in subscripts start: entries that are written out may be counted from 1 beside sums that begin with 0.
    pub(super) fn first_numeral(&self) -> i64 {
        let shown = self.smallest.filter(|smallest| (0..=1).contains(smallest));
        shown.or(self.base).unwrap_or(1)
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
        let shown: BTreeSet<Meaning> = self.signs.get(text).into_iter().flatten().map(|shown| shown.meaning).collect();
        if !shown.is_empty() {
            return shown;
        }
        self.opposite(sign)
            .and_then(|other| self.given.get(sign_text(other)))
            .map(|meaning| meaning.other())
            .into_iter()
            .collect()
    }

    /// The sign that means the other operation, as a line says.
    fn opposite(&self, sign: Sign) -> Option<Sign> {
        self.opposites.iter().find_map(|(a, b)| match sign {
            _ if sign == *a => Some(*b),
            _ if sign == *b => Some(*a),
            _ => None,
        })
    }

    /// `g[i] = ∂L/∂y[i]` and `g = ∇_y L` give a gradient a name.
    fn names_gradient(&mut self, name: &Expr, gradient: &Expr, made: &BTreeSet<String>, activated: &BTreeSet<String>) {
        let (Kind::Derivative(Some(of), by) | Kind::Gradient(Some(by), Some(of))) = &gradient.kind else { return };
        let (name, by) = match (&name.kind, &by.kind) {
            (Kind::Name(name), Kind::Name(by)) => (name, by),
            (Kind::Entry(name, here), Kind::Entry(by, there)) if here == there => {
                match (name.as_name(), by.as_name()) {
                    (Some(name), Some(by)) => (name, by),
                    _ => return,
                }
            }
            _ => return,
        };
        if !super::layers::is_loss(of) || self.gradients.contains_key(&family(name)) {
            return;
        }
        // Some books call the output a and its activation z: `δ_j = ∂E/∂a_j` says so.
        let delta = self.role_by_name(name) == Some(Role::Delta);
        if delta
            && self.role(by) == Some(Role::Activation)
            && !made.contains(&family(by))
            && !self.roles.contains_key(&family(by))
        {
            self.roles.insert(family(by), Role::Output);
        }
        if delta && activated.contains(&family(by)) {
            self.after_activation.insert(family(name));
        }
        if self.role(by) == Some(Role::Output) {
            self.roles.insert(family(name), Role::Delta);
        }
        self.gradients.insert(family(name), by.clone());
    }

    /// Whether the activation may be this one: the answer names none, or names it.
    pub(super) fn may_activate(&self, activation: &str) -> bool {
        self.activations.is_empty() || self.activations.contains(activation)
    }

    /// What a name is the gradient by, where the answer says so.
    pub(super) fn gradient_by(&self, name: &Name) -> Option<&Name> {
        self.gradients.get(&family(name))
    }

    fn signs_before_kernels(&self, reading: &Reading) -> BTreeSet<Sign> {
        let (mut first, mut last): (BTreeSet<Sign>, BTreeSet<Sign>) = Default::default();
        let is_kernel = |side: &Expr| {
            let inner = shapes::unrotated(side);
            inner.as_name().is_some_and(|name| self.role(name) == Some(Role::Weight))
        };
        let sides = reading.steps.iter().flat_map(|step| step.chains().flat_map(Chain::sides));
        for part in sides.flat_map(letters::all) {
            let Kind::Product(factors) = &part.kind else { continue };
            let [(_, a), (operator, b)] = factors.as_slice() else { continue };
            match (is_kernel(a), is_kernel(b)) {
                (true, false) => drop(first.insert(operator.sign)),
                (false, true) => drop(last.insert(operator.sign)),
                _ => {}
            }
        }
        last.difference(&first).copied().collect()
    }

    /// The sign between kernel and input in a line for the output of the layer.
    fn sign_of_layer(&self, reading: &Reading) -> Option<(Sign, bool)> {
        let pairs = reading.claims();
        pairs.iter().find_map(|claim| {
            let role = |side: &Expr| side.root().and_then(|name| self.role(name));
            let output = match &claim.left.kind {
                Kind::Call(_, arguments) => arguments.first().and_then(role),
                _ => role(claim.left),
            };
            let mut roles = BTreeSet::new();
            let gradients = claim.right.any(&mut |part| {
                roles.extend(part.as_name().and_then(|name| self.role(name)));
                matches!(part.kind, Kind::Derivative(..) | Kind::Gradient(..))
            });
            let forward = matches!(output, Some(Role::Output | Role::Activation))
                && roles.contains(&Role::Weight)
                && roles.contains(&Role::Activation)
                && !roles.contains(&Role::Delta)
                && !gradients;
            single_sign(claim.right).filter(|_| forward)
        })
    }

    /// What the layer computes if some signs have a meaning: its own sign among them, or one that means the opposite.
    pub(super) fn layer_by_sign(&self, signs: &BTreeSet<Sign>, meaning: Meaning) -> Option<Meaning> {
        let (sign, turned) = self.layer_sign?;
        let meaning = match self.opposite(sign) {
            _ if signs.contains(&sign) => meaning,
            Some(other) if signs.contains(&other) => meaning.other(),
            _ => return None,
        };
        Some(if turned { meaning.other() } else { meaning })
    }

    /// What the answer shows of what the layer computes, by sums and numbers or by a sign whose meaning is given.
    pub(super) fn shown_layer(&self) -> Option<Meaning> {
        let by_sign = || {
            let (sign, turned) = self.layer_sign?;
            let given = self.given.get(sign_text(sign))?;
            Some(if turned { given.other() } else { *given })
        };
        self.forward.or_else(by_sign)
    }

    /// Whether a line joins the kernel and the input of the layer by a sign.
    pub(super) fn has_layer_sign(&self) -> bool {
        self.layer_sign.is_some()
    }

    /// What the layer computes; a correlation unless the answer says otherwise.
    pub(super) fn layer_meaning(&self) -> Meaning {
        self.shown_layer().unwrap_or(Meaning::Correlation)
    }

    /// What a tensor is.
    pub(super) fn role(&self, name: &Name) -> Option<Role> {
        let above = || self.of_differential(name).filter(|of| *of == Role::Output).map(|_| Role::Delta);
        // `δ = ∂E/∂a` after `a = σ(z)` is no gradient by the output.
        if self.after_activation.contains(&family(name)) {
            return None;
        }
        self.roles.get(&family(name)).copied().or_else(|| self.role_by_name(name)).or_else(above)
    }

    /// The role of Y for a name dY, as programs call the gradient by Y.
    fn of_differential(&self, name: &Name) -> Option<Role> {
        let rest = name.base.strip_prefix('d').filter(|rest| !rest.is_empty())?;
        self.role(&Name { base: rest.to_string(), ..name.clone() })
    }

    /// By the letters that the field uses. `ŵ` and `w'` are what the answer makes of w, and `δ̃` of δ.
    fn role_by_name(&self, name: &Name) -> Option<Role> {
        let made = !name.accent.is_empty() || name.primes > 0 && self.made.contains(&name.base);
        let role = self.role_by_letter(name);
        role.filter(|role| !made || !matches!(role, Role::Weight | Role::Delta))
    }

    fn role_by_letter(&self, name: &Name) -> Option<Role> {
        // `w_b` is a weight that nothing multiplies.
        if name.label == "b" {
            return Some(Role::Bias);
        }
        Some(match name.base.as_str() {
            "δ" | "Δ" | "delta" => Role::Delta,
            "W" | "w" | "ω" | "K" | "k" | "θ" | "Θ" | "F" | "kernel" | "filter" | "weight" | "weights" => {
                Role::Weight
            }
            "a" | "A" | "h" | "H" | "o" | "O" | "x" | "X" | "I" | "out" | "outh" | "input" => Role::Activation,
            "z" | "Z" | "net" | "s" | "u" | "y" | "Y" => Role::Output,
            "b" | "B" | "bias" => Role::Bias,
            _ => return None,
        })
    }

    /// What a sign means in the exercise that the answer names, where the answer itself does not show it.
    pub(super) fn assume(&mut self, sign: &str, meaning: Meaning) {
        if !self.signs.contains_key(sign) && !self.given.contains_key(sign) {
            self.given.insert(sign.to_string(), meaning);
            self.assumed.insert(sign.to_string());
        }
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

/// The signs of an answer that may be convolutions.
fn signs_of(reading: &Reading) -> BTreeSet<Sign> {
    let statements = reading.steps.iter().flat_map(|step| &step.statements);
    statements.flat_map(|statement| statement.expressions()).flat_map(signs).collect()
}

/// Where indices start: the first values of sums, or the smallest numeral in a subscript.
fn first_index(reading: &Reading, smallest: Option<i64>) -> Option<i64> {
    let symbols = &reading.symbols;
    if symbols.first_values.len() == 1 {
        return symbols.first_values.first().map(|value| i64::from(*value));
    }
    // Where both occur, that of the first sum whose letter moves along an array, and else of the first sum: channels may be counted apart.
    let moves = |side: &Expr, letter: &Name| {
        let along = |at: &Expr| at.as_name().is_none() && at.any(&mut |part| part.as_name() == Some(letter));
        side.any(&mut |part| matches!(&part.kind, Kind::Entry(_, at) if at.iter().any(along)))
    };
    let first = |side: &Expr, binder: &Binder, moving: bool| {
        let Binder::Letter { letter, lower: Some(lower), .. } = binder else { return None };
        let Kind::Number(number) = &lower.kind else { return None };
        let fits = !moving || moves(side, letter.as_name()?);
        number.to_i64().filter(|first| fits && (0..=1).contains(first))
    };
    for moving in [true, false] {
        for side in reading.steps.iter().flat_map(|step| step.chains().flat_map(Chain::sides)) {
            for part in letters::all(side) {
                let Kind::Big(Big::Sum, binders, _) = &part.kind else { continue };
                if let Some(found) = binders.iter().find_map(|binder| first(side, binder, moving)) {
                    return Some(found);
                }
            }
        }
    }
    smallest.filter(|smallest| (0..=1).contains(smallest))
}

/// The smallest numeral among the subscripts of entries.
fn numerals(reading: &Reading) -> BTreeMap<(String, usize), BTreeSet<i64>> {
    let mut found: BTreeMap<(String, usize), BTreeSet<i64>> = BTreeMap::new();
    let statements = reading.steps.iter().flat_map(|step| &step.statements);
    for expr in statements.flat_map(Statement::expressions) {
        expr.any(&mut |part| {
            if let Some((name, at)) = numeric_entry(part) {
                for (axis, value) in at.into_iter().enumerate() {
                    found.entry((family(&name), axis)).or_default().insert(value);
                }
            }
            false
        });
    }
    found
}
