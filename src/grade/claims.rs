//! Sums of entries, through the prover.
//!
//! A claim of an answer does not say how large its arrays are. It is tried with arrays that have entries everywhere, with the boxes that
//! its sums show, and with boxes of any size; it is refuted only where it fails in every one of these readings.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::{One, ToPrimitive};

use super::judge::Options;
use super::layers::{Target, TargetKind};
use super::letters;
use super::linear::Poly;
use super::model::{Meaning, Model, Role, is_rotation, numeric_entry};
use super::verdict::{Class, Evidence, Finding, Text, Verdict};
use crate::decide::{self, decide};
use crate::homework::formula::*;
use crate::homework::{Reading, Symbols, print, surface};
use crate::numeric::{self, Counterexample, CrossCheck};
use crate::syntax::{self, ast};

/// What the prover says of a claim.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    Proved,
    Refuted(Box<Counterexample>),
    Open(String),
}

/// Decides a statement that is text.
pub(super) fn statement(text: &str, declarations: &str, options: &Options) -> Outcome {
    match syntax::parse_statement(text, declarations) {
        Ok(parsed) => decided(&parsed.goal, options),
        Err(error) => Outcome::Open(first_message(&error.diagnostics)),
    }
}

fn decided(goal: &crate::goal::Goal, options: &Options) -> Outcome {
    // Most claims that are false fail at small sizes: no proof is looked for then.
    let few =
        numeric::Options { points: options.decide.numeric.points / 8, shapes: 4, ..options.decide.numeric.clone() };
    if let CrossCheck::Refuted(example) = numeric::check(&goal.statement, &few) {
        return Outcome::Refuted(example);
    }
    match decide(goal, &[], &options.decide).verdict {
        decide::Verdict::Proved(_) => Outcome::Proved,
        decide::Verdict::Refuted(example) => Outcome::Refuted(example),
        decide::Verdict::Undecided(open) => Outcome::Open(open.reason),
        decide::Verdict::IllFormed(diagnostics) => Outcome::Open(first_message(&diagnostics)),
        decide::Verdict::Disagreement(..) => Outcome::Open("prover and cross-check disagree".into()),
    }
}

fn first_message(diagnostics: &[crate::diag::Diagnostic]) -> String {
    diagnostics.first().map_or_else(|| "the claim has no meaning".to_string(), |first| first.message.clone())
}

/// Decides an equation of two terms, perhaps with ranges of free letters.
fn equation(
    left: ast::Term,
    right: ast::Term,
    indices: Vec<ast::BinderItem>,
    declarations: &str,
    options: &Options,
) -> Outcome {
    let span = ast::Span::default();
    let claim = ast::Condition { first: left, rest: ast::Relations::Chain(vec![(ast::Relation::Eq, right)]), span };
    let theorem = ast::Theorem {
        name: ast::Ident { name: "step".into(), span },
        indices,
        assumptions: Vec::new(),
        claim: ast::Claim { left: vec![claim], right: None, span },
        expectation: None,
        proof: None,
    };
    match syntax::read_statement(theorem, declarations) {
        Ok(parsed) => decided(&parsed.goal, options),
        Err(error) => Outcome::Open(first_message(&error.diagnostics)),
    }
}

/// The binders and the first term of `for …: term = 0`.
fn parsed(text: &str) -> Option<(Vec<ast::BinderItem>, ast::Term)> {
    let (file, diagnostics) = syntax::parse(text);
    if !diagnostics.is_empty() {
        return None;
    }
    match file.items.into_iter().next()?.kind {
        ast::ItemKind::Theorem(theorem) => Some((theorem.indices, theorem.claim.left.into_iter().next()?.first)),
        _ => None,
    }
}

/// Arrays of a claim with their numbers of axes.
fn arrays(sides: &[&Expr], symbols: &Symbols) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for side in sides {
        side.any(&mut |part| {
            if let Kind::Entry(base, indices) = &part.kind
                && let Some(name) = base.as_name()
            {
                found.insert(symbols.ident(name), indices.len());
            }
            false
        });
    }
    found
}

/// Positions in round brackets as subscripts: `f(k)` is an entry of `f`.
fn with_entries(side: &Expr) -> Expr {
    letters::map(side, &mut |part| match &part.kind {
        Kind::Call(function, arguments)
            if function.as_name().is_some_and(|name| name.primes == 0 && name.base.chars().count() == 1)
                && arguments.iter().all(|argument| Poly::of(argument).is_some()) =>
        {
            Some(Expr::new(Kind::Entry(function.clone(), arguments.clone()), part.span))
        }
        _ => None,
    })
}

/// Whether positions stand in round brackets anywhere.
fn has_calls(sides: &[&Expr]) -> bool {
    sides.iter().any(|side| with_entries(side) != **side)
}

/// The boxes of arrays that the sums of an answer show: for each array and axis the range of a letter that stands there alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Boxes {
    sides: BTreeMap<(String, usize), (Poly, Poly)>,
    /// Names in the ranges of sums that are no letters.
    sizes: BTreeSet<String>,
}

impl Boxes {
    /// What the sums of an answer show; of several ranges one that begins with the first index.
    pub(super) fn of(reading: &Reading, model: &Model) -> Self {
        let base = Poly::number(num_rational::BigRational::from_integer(model.base.unwrap_or(1).into()));
        let (mut letters_of_sums, mut bare, mut in_ranges) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for side in reading.steps.iter().flat_map(|step| step.chains().flat_map(Chain::sides)) {
            letters_of_sums.extend(letters::bound(side).iter().map(print::name));
            for part in letters::all(&with_entries(side)) {
                match &part.kind {
                    Kind::Entry(_, positions) => {
                        bare.extend(positions.iter().filter_map(Expr::as_name).map(print::name));
                    }
                    Kind::Big(_, binders, _) => {
                        for binder in binders {
                            if let Binder::Letter { lower, upper, .. } = binder {
                                let bounds = lower.iter().chain(upper).flat_map(letters::all);
                                in_ranges.extend(bounds.filter_map(Expr::as_name).map(print::name));
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        let sizes: BTreeSet<String> =
            in_ranges.into_iter().filter(|name| !letters_of_sums.contains(name) && !bare.contains(name)).collect();
        let mut boxes = Boxes { sizes, ..Boxes::default() };
        for side in
            reading.steps.iter().filter(|step| !step.is_damaged()).flat_map(|step| step.chains().flat_map(Chain::sides))
        {
            let side = &with_entries(side);
            let parts = letters::all(side);
            let mut ranges: BTreeMap<Name, (Poly, Poly)> = BTreeMap::new();
            for part in &parts {
                let Kind::Big(Big::Sum, binders, _) = &part.kind else { continue };
                for binder in binders {
                    if let Binder::Letter { letter, lower: Some(lower), upper: Some(upper) } = binder
                        && let (Some(name), Some(low), Some(high)) =
                            (letter.as_name(), Poly::of(lower), Poly::of(upper))
                        && low.names().union(&high.names()).all(|name| boxes.sizes.contains(name))
                    {
                        ranges.insert(name.clone(), (low, high));
                    }
                }
            }
            for part in &parts {
                let Kind::Entry(array, positions) = &part.kind else { continue };
                let Some(array) = array.as_name() else { continue };
                for (axis, position) in positions.iter().enumerate() {
                    let Some((low, high)) = position.as_name().and_then(|name| ranges.get(name)) else { continue };
                    if *low == base {
                        let key = (reading.symbols.ident(array), axis);
                        boxes.sides.entry(key).or_insert_with(|| (low.clone(), high.clone()));
                    }
                }
            }
        }
        boxes
    }

    /// The size of an array along an axis, where it is a name.
    pub(super) fn size(&self, array: &str, axis: usize) -> Option<String> {
        let (low, high) = self.sides.get(&(array.to_string(), axis))?;
        let count = high.minus(low).plus(&Poly::one(), &num_rational::BigRational::one());
        let name = count.names().into_iter().next()?;
        (count == Poly::name(&name)).then_some(name)
    }

    /// The names in the boxes of some arrays.
    fn names(&self, arrays: &BTreeMap<String, usize>) -> BTreeSet<String> {
        let shown = self.sides.iter().filter(|((array, _), _)| arrays.contains_key(array));
        shown.flat_map(|(_, (low, high))| low.names().into_iter().chain(high.names())).collect()
    }
}

/// Sizes that occur on one side of a claim alone.
fn one_sided(left: &Expr, right: &Expr, boxes: &Boxes) -> BTreeSet<String> {
    let sizes = |side: &Expr| -> BTreeSet<String> {
        letters::all(side)
            .into_iter()
            .filter_map(Expr::as_name)
            .map(print::name)
            .filter(|name| boxes.sizes.contains(name))
            .collect()
    };
    let (a, b) = (sizes(left), sizes(right));
    a.symmetric_difference(&b).cloned().collect()
}

/// How a claim was read when it was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrays {
    /// Entries everywhere.
    Total,
    /// Zero outside the ranges that the sums show, or outside a box of any size.
    Boxed,
}

/// Decides whether two sides are equal.
///
/// # Errors
/// What has no counterpart in the prover.
pub(super) fn equal(
    left: &Expr,
    right: &Expr,
    model: &Model,
    boxes: &Boxes,
    symbols: &Symbols,
    options: &Options,
) -> Result<(Arrays, Outcome), Text> {
    let (left, right) = (with_entries(left), with_entries(right));
    let term = |side: &Expr| {
        surface::term(side, symbols).map_err(|unsupported| {
            Text::new(
                format!("{} has no counterpart in the prover", unsupported.what),
                format!("证明器不支持：{}", unsupported.what),
            )
        })
    };
    let (a, b) = (term(&left)?, term(&right)?);
    let arrays = arrays(&[&left, &right], symbols);
    let total: String = arrays
        .iter()
        .map(|(name, axes)| {
            let letters: Vec<String> = (0..*axes).map(|axis| format!("i{axis}")).collect();
            format!("function {name}({})\n", letters.join(", "))
        })
        .collect();
    let derives = left.any(&mut |part| matches!(part.kind, Kind::Derivative(..)))
        || right.any(&mut |part| matches!(part.kind, Kind::Derivative(..)));
    let first = if derives {
        Outcome::Open(String::new())
    } else {
        equation(a.clone(), b.clone(), Vec::new(), &total, options)
    };
    if matches!(first, Outcome::Proved) {
        return Ok((Arrays::Total, first));
    }
    let base = model.base.unwrap_or(1);
    let end = |name: &str, axis: usize| {
        let shown = boxes.sides.get(&(name.to_string(), axis));
        shown.map_or_else(|| format!("size_{name}_{axis}-1+{base}"), |(_, high)| high.text().replace('·', "*"))
    };
    let mut sizes = boxes.names(&arrays);
    let mut tensors = String::new();
    for (name, axes) in &arrays {
        for axis in (0..*axes).filter(|axis| !boxes.sides.contains_key(&(name.clone(), *axis))) {
            sizes.insert(format!("size_{name}_{axis}"));
        }
        let sides: Vec<String> = (0..*axes).map(|axis| format!("{base}..{}", end(name, axis))).collect();
        tensors.push_str(&format!("tensor {name}[{}]\n", sides.join(", ")));
    }
    let sizes: Vec<String> = sizes.into_iter().collect();
    let declared = if sizes.is_empty() { String::new() } else { format!("size {}\n", sizes.join(", ")) };
    let boxed = if arrays.values().any(|axes| *axes == 0) { String::new() } else { declared + &tensors };
    // A derivative by an entry is asked for at positions of the array.
    let mut indices = Vec::new();
    if derives {
        for side in [&left, &right] {
            side.any(&mut |part| {
                if let Kind::Derivative(_, by) = &part.kind
                    && let Kind::Entry(array, positions) = &by.kind
                    && let Some(name) = array.as_name()
                {
                    let name = symbols.ident(name);
                    for (axis, position) in positions.iter().enumerate() {
                        if let Some(letter) = position.as_name() {
                            let letter = symbols.ident(letter);
                            indices.push(format!("{letter} in {base}..{}", end(&name, axis)));
                        }
                    }
                }
                false
            });
        }
        indices.sort();
        indices.dedup();
    }
    let binders = if indices.is_empty() {
        Vec::new()
    } else {
        parsed(&format!("theorem t for {}: 0 = 0", indices.join(", "))).map(|(binders, _)| binders).unwrap_or_default()
    };
    let mut refuted = None;
    let mut open = None;
    // A reading with entries everywhere fails, so that one with boxes must decide.
    let inferred = if derives { None } else { Some((Vec::new(), String::new())) };
    for (binders, declarations) in inferred.into_iter().chain([(binders, boxed)]) {
        match equation(a.clone(), b.clone(), binders, &declarations, options) {
            Outcome::Proved => {
                return Ok((
                    Arrays::Boxed,
                    match first {
                        Outcome::Refuted(example) => Outcome::Refuted(example),
                        _ => Outcome::Proved,
                    },
                ));
            }
            Outcome::Refuted(example) => refuted = Some(example),
            Outcome::Open(reason) => open = Some(reason),
        }
    }
    // A size of which one side alone speaks may belong to an array of the other.
    let unknown: Vec<String> = one_sided(&left, &right, boxes).difference(&boxes.names(&arrays)).cloned().collect();
    if refuted.is_some() && !unknown.is_empty() && !matches!(first, Outcome::Proved) {
        let reason = format!("one side speaks of {}, and it is not said what it is the size of", unknown.join(", "));
        return Ok((Arrays::Total, Outcome::Open(reason)));
    }
    match (refuted, open, first) {
        (Some(example), None, _) => Ok((Arrays::Total, Outcome::Refuted(example))),
        (_, Some(reason), _) | (None, None, Outcome::Open(reason)) => Ok((Arrays::Total, Outcome::Open(reason))),
        (None, None, other) => Ok((Arrays::Total, other)),
    }
}

/// Whether an answer writes positions in round brackets: such functions have values everywhere.
pub(super) fn applies_functions(left: &Expr, right: &Expr) -> bool {
    has_calls(&[left, right])
}

// ---------------------------------------------------------------------------------------------------------------- gradients

/// Sizes along the axes of a layer: of the input and of the kernel, as terms of the proof language.
#[derive(Clone, Debug)]
pub(super) struct Geometry {
    axes: Vec<Axis>,
    base: i64,
    /// For a wide convolution that reads the input at output - kernel + c: the constant.
    shift: Option<i64>,
}

#[derive(Clone, Debug)]
struct Axis {
    input: String,
    kernel: String,
    numeric: Option<(i64, i64)>,
    /// Declarations that the two need.
    sizes: Vec<String>,
}

/// The role of an entry, gradients by an output included, and its subscripts.
fn role_of<'a>(part: &'a Expr, model: &Model) -> Option<(Role, &'a [Expr])> {
    match &part.kind {
        Kind::Entry(base, indices) => {
            let name = match &base.kind {
                Kind::Name(name) => name,
                Kind::Call(function, arguments) if function.as_name().is_some_and(is_rotation) => {
                    arguments.first()?.as_name()?
                }
                _ => return None,
            };
            Some((model.role(name)?, indices))
        }
        Kind::Derivative(Some(of), by) if super::layers::is_loss(of) => {
            let (role, indices) = role_of(by, model)?;
            (role == Role::Output).then_some((Role::Delta, indices))
        }
        // σ(z[i]) is an activation.
        Kind::Call(function, arguments) => {
            let [argument] = arguments.as_slice() else { return None };
            let name = function.as_name().filter(|name| name.primes == 0 && name.base.chars().count() == 1)?;
            let (role, indices) = role_of(argument, model)?;
            (role == Role::Output && model.role(name).is_none_or(|role| role != Role::Weight))
                .then_some((Role::Activation, indices))
        }
        _ => None,
    }
}

/// Sizes for entries with so many axes: for positions that are letters, and for positions that are numerals.
#[derive(Clone, Debug, Default)]
pub(super) struct Geometries {
    letters: BTreeMap<usize, Geometry>,
    numerals: BTreeMap<usize, Geometry>,
}

impl Geometries {
    /// What an answer shows.
    pub(super) fn of(reading: &Reading, model: &Model) -> Self {
        let mut all = Geometries::default();
        for axes in 1..=2 {
            all.letters.extend(geometry(reading, model, axes, false).map(|geometry| (axes, geometry)));
            all.numerals.extend(geometry(reading, model, axes, true).map(|geometry| (axes, geometry)));
        }
        all
    }

    fn at(&self, position: &[Expr]) -> Option<&Geometry> {
        let numeral = |part: &Expr| matches!(part.kind, Kind::Number(_));
        let list = if position.iter().all(numeral) { &self.numerals } else { &self.letters };
        list.get(&position.len())
    }
}

/// What the sums and the numerals of an answer say about sizes.
fn geometry(reading: &Reading, model: &Model, wanted: usize, numerals: bool) -> Option<Geometry> {
    let base = model.base.unwrap_or(1);
    let mut outputs: BTreeMap<usize, (String, String)> = BTreeMap::new();
    let mut kernels: BTreeMap<usize, String> = BTreeMap::new();
    let (mut largest_output, mut largest_kernel): (BTreeMap<usize, i64>, BTreeMap<usize, i64>) = Default::default();
    for step in reading.steps.iter().filter(|step| !step.is_damaged()) {
        for side in step.chains().flat_map(Chain::sides) {
            let mut ranges: BTreeMap<Name, (Expr, Expr)> = BTreeMap::new();
            side.any(&mut |part| {
                if let Kind::Big(Big::Sum, binders, _) = &part.kind {
                    for binder in binders {
                        if let Binder::Letter { letter, lower: Some(lower), upper: Some(upper) } = binder
                            && let Some(name) = letter.as_name()
                        {
                            ranges.insert(name.clone(), (lower.clone(), upper.clone()));
                        }
                    }
                }
                false
            });
            side.any(&mut |part| {
                let Some((role, indices)) = role_of(part, model) else { return false };
                if indices.len() != wanted {
                    return false;
                }
                if let Some((_, at)) = numeric_entry(part).or_else(|| match &part.kind {
                    Kind::Derivative(_, by) => numeric_entry(by),
                    _ => None,
                }) {
                    let largest = match role {
                        Role::Delta | Role::Output => &mut largest_output,
                        Role::Weight => &mut largest_kernel,
                        _ => return false,
                    };
                    for (axis, value) in at.into_iter().enumerate() {
                        let entry = largest.entry(axis).or_insert(value);
                        *entry = value.max(*entry);
                    }
                }
                for (axis, index) in indices.iter().enumerate() {
                    let Some((lower, upper)) = index.as_name().and_then(|name| ranges.get(name)) else { continue };
                    let (Some(lower), Some(upper)) = (Poly::of(lower), Poly::of(upper)) else { continue };
                    let count = upper.minus(&lower).plus(&Poly::one(), &num_rational::BigRational::one());
                    match role {
                        Role::Delta => {
                            if let Some(pair) = difference_of_names(&count) {
                                outputs.entry(axis).or_insert(pair);
                            }
                        }
                        Role::Weight => {
                            let names = count.names();
                            if let (Some(name), true) = (names.first(), names.len() == 1)
                                && count == Poly::name(name)
                            {
                                kernels.entry(axis).or_insert(name.clone());
                            }
                        }
                        _ => {}
                    }
                }
                false
            });
        }
    }
    let mut list = Vec::new();
    for axis in 0..wanted {
        list.push(if numerals {
            let (output, kernel) = (largest_output.get(&axis)?, largest_kernel.get(&axis)?);
            let (output, kernel) = (output - base + 1, kernel - base + 1);
            if !(1..=64).contains(&output) || !(1..=64).contains(&kernel) || !model.numerals_agree() {
                return None;
            }
            let input = output + kernel - 1;
            Axis {
                input: input.to_string(),
                kernel: kernel.to_string(),
                numeric: Some((input, kernel)),
                sizes: Vec::new(),
            }
        } else {
            let (input, kernel) = match (outputs.get(&axis), kernels.get(&axis)) {
                (Some((input, kernel)), _) => (input.clone(), kernel.clone()),
                (None, Some(kernel)) => (format!("n_in_{axis}"), kernel.clone()),
                (None, None) => (format!("n_in_{axis}"), format!("k_in_{axis}")),
            };
            Axis { sizes: vec![input.clone(), kernel.clone()], input, kernel, numeric: None }
        });
    }
    Some(Geometry { axes: list, base, shift: model.shift.filter(|_| !numerals) })
}

/// `a - b + 1` as `(a, b)`.
fn difference_of_names(count: &Poly) -> Option<(String, String)> {
    let names = count.names();
    let list: Vec<&String> = names.iter().collect();
    let [first, second] = list.as_slice() else { return None };
    for (a, b) in [(first, second), (second, first)] {
        let wanted = Poly::name(a).minus(&Poly::name(b)).plus(&Poly::one(), &num_rational::BigRational::one());
        if *count == wanted {
            return Some((a.to_string(), b.to_string()));
        }
    }
    None
}

impl Geometry {
    fn declarations(&self) -> String {
        let base = self.base;
        let sizes: BTreeSet<&String> = self.axes.iter().flat_map(|axis| &axis.sizes).collect();
        let mut text = String::new();
        for size in sizes {
            text.push_str(&format!("size {size}\n"));
        }
        for axis in self.axes.iter().filter(|axis| axis.numeric.is_none()) {
            text.push_str(&format!("assume {} <= {}\n", axis.kernel, axis.input));
        }
        let sides = |end: &dyn Fn(&Axis) -> String| {
            self.axes.iter().map(|axis| format!("{base}..{}", end(axis))).collect::<Vec<_>>().join(", ")
        };
        text.push_str(&format!("tensor input[{}]\n", sides(&|axis| format!("{}-1+{base}", axis.input))));
        text.push_str(&format!("tensor kernel[{}]\n", sides(&|axis| format!("{}-1+{base}", axis.kernel))));
        match self.shift {
            None => {
                let sides = sides(&|axis| format!("{}-{}+{base}", axis.input, axis.kernel));
                text.push_str(&format!("tensor delta[{sides}]\n"));
            }
            Some(shift) => {
                let first = 2 * base - shift;
                let sides: Vec<String> = self
                    .axes
                    .iter()
                    .map(|axis| format!("{first}..{}+{}-2+({first})", axis.input, axis.kernel))
                    .collect();
                text.push_str(&format!("tensor delta[{}]\n", sides.join(", ")));
            }
        }
        text
    }

    /// The gradient of the layer at a position, as a term, and the ranges of its letters.
    fn truth(&self, kind: TargetKind, at: &[String], meaning: Meaning) -> Option<String> {
        if at.len() != self.axes.len() {
            return None;
        }
        let base = self.base;
        let (mut binders, mut first, mut second) = (Vec::new(), Vec::new(), Vec::new());
        for (number, (axis, at)) in self.axes.iter().zip(at).enumerate() {
            let letter = format!("q{number}");
            if let Some(shift) = self.shift {
                let start = 2 * base - shift;
                match kind {
                    TargetKind::Weight => {
                        binders.push(format!("{letter} in {start}..{}+{}-2+({start})", axis.input, axis.kernel));
                        first.push(letter.clone());
                        second.push(format!("{letter}-({at})+({shift})"));
                    }
                    TargetKind::Input | TargetKind::Delta => {
                        binders.push(format!("{letter} in {base}..{}-1+{base}", axis.kernel));
                        first.push(letter.clone());
                        second.push(format!("({at})+{letter}-({shift})"));
                    }
                    TargetKind::Forward => {
                        binders.push(format!("{letter} in {base}..{}-1+{base}", axis.kernel));
                        first.push(letter.clone());
                        second.push(format!("({at})-{letter}+({shift})"));
                    }
                    TargetKind::Bias => return None,
                }
                continue;
            }
            let turned = |position: String| match meaning {
                Meaning::Correlation => position,
                Meaning::Convolution => format!("{}-1+2*{base}-({position})", axis.kernel),
            };
            match kind {
                TargetKind::Weight => {
                    binders.push(format!("{letter} in {base}..{}-{}+{base}", axis.input, axis.kernel));
                    first.push(letter.clone());
                    second.push(format!("{letter}+({})-{base}", turned(at.clone())));
                }
                TargetKind::Input | TargetKind::Delta => {
                    binders.push(format!("{letter} in {base}..{}-1+{base}", axis.kernel));
                    first.push(turned(letter.clone()));
                    second.push(format!("({at})-{letter}+{base}"));
                }
                TargetKind::Forward => {
                    binders.push(format!("{letter} in {base}..{}-1+{base}", axis.kernel));
                    first.push(turned(letter.clone()));
                    second.push(format!("({at})+{letter}-{base}"));
                }
                TargetKind::Bias => return None,
            }
        }
        let (a, b) = factors(kind);
        Some(format!("sum({}) {a}[{}] * {b}[{}]", binders.join(", "), first.join(", "), second.join(", ")))
    }

    /// The gradient, or the output of the layer, at a numeric position: its terms as pairs of entries.
    fn terms(&self, kind: TargetKind, at: &[i64], meaning: Meaning) -> Option<Vec<(Vec<i64>, Vec<i64>)>> {
        let base = self.base;
        let numeric: Vec<(i64, i64)> = self.axes.iter().map(|axis| axis.numeric).collect::<Option<_>>()?;
        // Places along one axis: of the first factor and of the second.
        let along = |(input, kernel): (i64, i64), at: i64| -> Vec<(i64, i64)> {
            let turned = |u: i64| if meaning == Meaning::Correlation { u } else { kernel - 1 - u };
            let at = at - base;
            match kind {
                TargetKind::Weight => (0..=input - kernel).map(|i| (i, i + turned(at))).collect(),
                TargetKind::Forward => (0..kernel).map(|u| (turned(u), at + u)).collect(),
                _ => {
                    let outputs = (0..kernel).map(|u| (turned(u), at - u));
                    outputs.filter(|(_, i)| (0..=input - kernel).contains(i)).collect()
                }
            }
        };
        let mut terms: Vec<(Vec<i64>, Vec<i64>)> = vec![(Vec::new(), Vec::new())];
        for (axis, at) in numeric.iter().zip(at) {
            let places = along(*axis, *at);
            terms = terms
                .iter()
                .flat_map(|(first, second)| {
                    places.iter().map(move |(a, b)| {
                        ([first.as_slice(), &[a + base]].concat(), [second.as_slice(), &[b + base]].concat())
                    })
                })
                .collect();
            if terms.len() > 4096 {
                return None;
            }
        }
        Some(terms)
    }

    /// The terms as text, with names for the two factors.
    fn written_out(terms: &[(Vec<i64>, Vec<i64>)], first: &str, second: &str, sign: &str) -> String {
        let place = |at: &[i64]| at.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let list: Vec<String> =
            terms.iter().map(|(a, b)| format!("{first}[{}]{sign}{second}[{}]", place(a), place(b))).collect();
        if list.is_empty() { "0".into() } else { list.join(" + ") }
    }
}

/// The tensors that are multiplied.
fn factors(kind: TargetKind) -> (&'static str, &'static str) {
    match kind {
        TargetKind::Weight => ("delta", "input"),
        TargetKind::Forward => ("kernel", "input"),
        _ => ("kernel", "delta"),
    }
}

/// What the answer calls the tensors of a layer.
struct Names {
    delta: String,
    weight: String,
    input: String,
}

/// A side over the tensors of one layer; `None` where something else occurs in it.
struct Translated {
    side: Expr,
    slope: bool,
    rotated_scalar: bool,
    delta: bool,
    kernel: bool,
    input: bool,
    names: Names,
}

fn translated(side: &Expr, model: &Model, geometry: &Geometry) -> Option<Translated> {
    let (mut slope, mut rotated_scalar, mut strange) = (false, false, false);
    let (mut delta, mut kernel, mut input) = (false, false, false);
    let mut names = Names { delta: "δ".into(), weight: "w".into(), input: "a".into() };
    // The slope of the activation is a factor of the whole.
    let core = match &side.kind {
        Kind::Product(factors) => {
            let rest: Vec<(Operator, Expr)> = factors
                .iter()
                .filter(|(_, factor)| {
                    let is_slope = matches!(&factor.kind, Kind::Call(function, _) if function.as_name().is_some_and(|name| name.primes > 0));
                    slope |= is_slope;
                    !is_slope
                })
                .cloned()
                .collect();
            match rest.as_slice() {
                [(_, only)] => only.clone(),
                _ => Expr::new(Kind::Product(rest), side.span),
            }
        }
        _ => side.clone(),
    };
    // Within a sum the slope stands as the last factor.
    let core = letters::map(&core, &mut |part| {
        match &part.kind {
        Kind::Product(factors) if factors.iter().any(|(_, factor)| matches!(&factor.kind, Kind::Call(function, _) if function.as_name().is_some_and(|name| name.primes > 0))) => {
            slope = true;
            let rest: Vec<(Operator, Expr)> = factors
                .iter()
                .filter(|(_, factor)| !matches!(&factor.kind, Kind::Call(function, _) if function.as_name().is_some_and(|name| name.primes > 0)))
                .cloned()
                .collect();
            Some(Expr::new(Kind::Product(rest), part.span))
        }
        _ => None,
    }
    });
    let core = letters::map(&core, &mut |part| match &part.kind {
        Kind::Call(function, arguments) if function.as_name().is_some_and(is_rotation) => {
            let inner = arguments.first()?;
            let scalar = matches!(inner.kind, Kind::Big(..) | Kind::Add(_) | Kind::Product(_));
            rotated_scalar |= scalar;
            scalar.then(|| inner.clone())
        }
        _ => None,
    });
    let core = letters::map(&core, &mut |part| {
        let (role, indices) = role_of(part, model)?;
        if let Kind::Entry(base, _) = &part.kind
            && let Some(name) = base.as_name()
        {
            match role {
                Role::Delta => names.delta = print::name(name),
                Role::Weight => names.weight = print::name(name),
                Role::Activation => names.input = print::name(name),
                _ => {}
            }
        }
        let (name, size): (&str, fn(&Axis) -> &String) = match role {
            Role::Delta => ("delta", |axis| &axis.input),
            Role::Weight => ("kernel", |axis| &axis.kernel),
            Role::Activation => ("input", |axis| &axis.input),
            _ => {
                strange = true;
                return None;
            }
        };
        delta |= role == Role::Delta;
        kernel |= role == Role::Weight;
        input |= role == Role::Activation;
        if indices.len() != geometry.axes.len() {
            strange = true;
            return None;
        }
        let turned = matches!(&part.kind, Kind::Entry(base, _) if base.as_name().is_none());
        let indices: Vec<Expr> = indices
            .iter()
            .zip(&geometry.axes)
            .map(|(index, axis)| {
                if !turned {
                    return index.clone();
                }
                // rot180(w)[m] is w[K-1-m], counted from the first index.
                let last = Expr::new(Kind::Name(Name::plain(size(axis).clone())), index.span);
                let shift = num_rational::BigRational::from_integer((2 * geometry.base - 1).into());
                let number = |value: num_rational::BigRational| {
                    use num_traits::Signed;
                    (value.is_negative(), Expr::new(Kind::Number(value.abs()), index.span))
                };
                Expr::new(Kind::Add(vec![(false, last), number(shift), (true, index.clone())]), index.span)
            })
            .collect();
        if turned && role != Role::Weight {
            strange = true;
        }
        Some(Expr::new(Kind::Entry(Box::new(Expr::new(Kind::Name(Name::plain(name)), part.span)), indices), part.span))
    });
    (!strange).then_some(Translated { side: core, slope, rotated_scalar, delta, kernel, input, names })
}

/// A name in a side that is neither a letter, nor a tensor of the layer, nor one of its sizes; or a subscript that moves in steps.
fn strange_size(side: &Expr, target: &Target, known: &BTreeSet<String>, symbols: &Symbols) -> Option<String> {
    let bound = letters::bound(side);
    let fixed = |name: &Name| {
        !bound.contains(name)
            && !target.at.iter().any(|at| at.as_name() == Some(name))
            && !known.contains(&symbols.ident(name))
    };
    for part in letters::all(side) {
        match &part.kind {
            Kind::Entry(_, positions) => {
                for position in positions {
                    let Some(index) = Poly::of(position) else { return Some(print::expr(position)) };
                    let unit = index.names().iter().all(|name| {
                        index
                            .solved(name)
                            .and_then(|(slope, _)| slope.constant())
                            .is_some_and(|slope| num_traits::Signed::abs(&slope).is_one())
                    });
                    if !unit {
                        return Some(print::expr(position));
                    }
                    let strange = letters::all(position).into_iter().filter_map(Expr::as_name).find(|name| fixed(name));
                    if let Some(name) = strange {
                        return Some(print::name(name));
                    }
                }
            }
            Kind::Big(_, binders, _) => {
                for binder in binders {
                    let Binder::Letter { lower: Some(lower), upper: Some(upper), .. } = binder else { continue };
                    let names = letters::all(lower).into_iter().chain(letters::all(upper)).filter_map(Expr::as_name);
                    if let Some(name) = names.into_iter().find(|name| fixed(name)) {
                        return Some(print::name(name));
                    }
                }
            }
            _ => {}
        }
    }
    None
}

/// Judges a side against the gradient of an entry.
pub(super) fn gradient(
    target: &Target,
    side: &Expr,
    geometries: &Geometries,
    model: &Model,
    symbols: &Symbols,
    options: &Options,
) -> Option<Finding> {
    let geometry = geometries.at(&target.at)?;
    if target.at.is_empty() || target.kind == TargetKind::Bias {
        return None;
    }
    // What joins whole tensors is no sum of entries.
    if side.any(&mut |part| matches!(&part.kind, Kind::Product(factors) if factors.iter().any(|(sign, _)| super::model::convolves(sign)))) {
        return None;
    }
    let translated = translated(side, model, geometry)?;
    // A layer multiplies with its kernel; without it this is a layer of another kind.
    let multiplies = match target.kind {
        TargetKind::Weight => translated.input || translated.delta,
        _ => translated.kernel,
    };
    if !multiplies {
        return None;
    }
    let meaning = model.layer_meaning();
    let at: Vec<String> = target
        .at
        .iter()
        .map(|at| match &at.kind {
            Kind::Name(name) => Some(symbols.ident(name)),
            Kind::Number(number) => number.is_integer().then(|| number.to_string()),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let numbers: Option<Vec<i64>> = at.iter().map(|at| at.parse().ok()).collect();
    let terms = numbers.as_ref().and_then(|numbers| geometry.terms(target.kind, numbers, meaning));
    let truth = match &terms {
        Some(terms) => Geometry::written_out(terms, factors(target.kind).0, factors(target.kind).1, "*"),
        None => geometry.truth(target.kind, &at, meaning)?,
    };
    let base = geometry.base;
    let ranges: Vec<String> = at
        .iter()
        .zip(&geometry.axes)
        .filter(|(at, _)| at.parse::<i64>().is_err())
        .map(|(at, axis)| {
            let size = if target.kind == TargetKind::Weight { &axis.kernel } else { &axis.input };
            format!("{at} in {base}..{size}-1+{base}")
        })
        .collect();
    let binders = if ranges.is_empty() { String::new() } else { format!(" for {}", ranges.join(", ")) };
    let (binders, truth) = parsed(&format!("theorem t{binders}: {truth} = 0"))?;
    let term = surface::term(&translated.side, symbols).ok()?;
    let declarations = geometry.declarations();
    let outcome = equation(term, truth.clone(), binders.clone(), &declarations, options);
    match outcome {
        Outcome::Proved => {
            Some(Finding::remark(Text::new("the gradient of the layer, by the prover", "与该层的梯度一致（已证明）")))
        }
        Outcome::Open(reason) => Some(Finding::undecided(Text::new(reason.clone(), reason))),
        Outcome::Refuted(example) => {
            let known = geometry.axes.iter().flat_map(|axis| &axis.sizes).cloned().collect::<BTreeSet<String>>();
            if let Some(name) = strange_size(side, target, &known, symbols) {
                return Some(Finding::undecided(Text::new(
                    format!("what {name} is in the layer is not known"),
                    format!("不清楚 {name} 在该层中是什么"),
                )));
            }
            if model.unusual() {
                return Some(Finding::undecided(Text::new(
                    "the layer is not one of stride 1 without padding",
                    "该层不是步长 1、无填充的卷积",
                )));
            }
            let class = if target.kind == TargetKind::Forward {
                Class::Index
            } else if !translated.delta {
                Class::Factor
            } else if translated.rotated_scalar {
                Class::Flip
            } else {
                Class::Index
            };
            let message = match class {
                Class::Factor => Text::new(
                    "the gradient that comes from above has been lost: the left side doubles with the loss, the right side does not",
                    "丢失了上一层传来的梯度：损失加倍时左边加倍，右边不变",
                ),
                Class::Flip => Text::new(
                    "a rotation of a number changes nothing; the kernel must be rotated instead",
                    "对一个数旋转没有作用；应旋转卷积核",
                ),
                _ => Text::new("it is not the gradient of the layer at this position", "与该层在此处的梯度不符"),
            };
            let mut finding = Finding::new(Verdict::Wrong, &[class], message, Evidence::Counterexample(example));
            if terms.is_none() && translated.delta {
                let right_one = |edited: &Expr| {
                    let term = surface::term(edited, symbols).ok();
                    term.is_some_and(|term| {
                        let outcome = equation(term, truth.clone(), binders.clone(), &declarations, options);
                        matches!(outcome, Outcome::Proved)
                    })
                };
                match super::repair::search(&translated.side, right_one) {
                    Some((class, edited)) => {
                        if !translated.rotated_scalar {
                            finding.classes = vec![class];
                        }
                        let named = letters::map(&edited, &mut |part| {
                            let name = part.as_name().filter(|name| name.label.is_empty() && name.layer.is_empty())?;
                            let text = match name.base.as_str() {
                                "delta" => &translated.names.delta,
                                "kernel" => &translated.names.weight,
                                "input" => &translated.names.input,
                                _ => return None,
                            };
                            Some(Expr::new(Kind::Name(Name::plain(text.clone())), part.span))
                        });
                        finding.repair = Some(print::expr(&named));
                        return Some(finding);
                    }
                    // Without a line that shows the layer and without a repair it may be another layer.
                    None if model.forward.is_none() || geometry.shift.is_some() => {
                        return Some(Finding::undecided(Text::new(
                            "it is not the gradient of a layer of stride 1 without padding, and nothing shows the layer",
                            "与步长 1、无填充的卷积层的梯度不符，而答案没有写明该层",
                        )));
                    }
                    None => {}
                }
            }
            finding.repair = terms.map(|terms| {
                let named = |tensor: &str| match tensor {
                    "delta" => translated.names.delta.clone(),
                    "kernel" => translated.names.weight.clone(),
                    _ => translated.names.input.clone(),
                };
                let (first, second) = factors(target.kind);
                Geometry::written_out(&terms, &named(first), &named(second), " ")
            });
            let _ = translated.slope;
            Some(finding)
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------- matrices

/// The rows of a matrix, through brackets.
pub(super) fn matrix(side: &Expr) -> Option<&Vec<Vec<Expr>>> {
    match &side.kind {
        Kind::Matrix(rows) => Some(rows),
        Kind::Parens(_, parts) => parts.first().filter(|_| parts.len() == 1).and_then(matrix),
        _ => None,
    }
}

/// The narrow product of two matrices under a meaning, entry by entry.
pub(super) fn matrix_product(side: &Expr, meaning: Meaning) -> Option<Vec<Vec<Expr>>> {
    let Kind::Product(factors) = &side.kind else { return None };
    let [(_, a), (operator, b)] = factors.as_slice() else { return None };
    if !super::model::convolves(operator) {
        return None;
    }
    let (a, b) = (matrix(a)?, matrix(b)?);
    let (rows, columns) = (a.len(), a.first()?.len());
    let (height, width) = (b.len(), b.first()?.len());
    if rows < height || columns < width || rows * columns * height * width > 4096 {
        return None;
    }
    let mut result = Vec::new();
    for i in 0..=rows - height {
        let mut row = Vec::new();
        for j in 0..=columns - width {
            let mut terms = Vec::new();
            for u in 0..height {
                for v in 0..width {
                    let x = a.get(i + u)?.get(j + v)?;
                    let (p, q) = match meaning {
                        Meaning::Correlation => (u, v),
                        Meaning::Convolution => (height - 1 - u, width - 1 - v),
                    };
                    let w = b.get(p)?.get(q)?;
                    let zero = |side: &Expr| matches!(&side.kind, Kind::Number(number) if number.to_i64() == Some(0));
                    if !zero(x) && !zero(w) {
                        let product =
                            Kind::Product(vec![(Operator::beside(), x.clone()), (Operator::beside(), w.clone())]);
                        terms.push((false, Expr::new(product, side.span)));
                    }
                }
            }
            let sum = match terms.len() {
                0 => Kind::Number(num_rational::BigRational::from_integer(0.into())),
                1 => terms.pop()?.1.kind,
                _ => Kind::Add(terms),
            };
            row.push(Expr::new(sum, side.span));
        }
        result.push(row);
    }
    Some(result)
}
