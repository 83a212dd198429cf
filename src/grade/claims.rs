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
use crate::numeric::Counterexample;
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
        ast::ItemKind::Theorem(theorem) => {
            Some((theorem.indices, theorem.claim.left.into_iter().next()?.first))
        }
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

/// How a claim was read when it was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrays {
    /// Entries everywhere.
    Total,
    /// Zero outside the ranges that the sums show, or outside a box of any size.
    Boxed,
}

/// Decides whether two sides are equal.
pub(super) fn equal(left: &Expr, right: &Expr, model: &Model, symbols: &Symbols, options: &Options) -> Result<(Arrays, Outcome), Text> {
    let (left, right) = (with_entries(left), with_entries(right));
    let term = |side: &Expr| {
        surface::term(side, symbols).map_err(|unsupported| {
            Text::new(format!("{} has no counterpart in the prover", unsupported.what), format!("证明器不支持：{}", unsupported.what))
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
    let boxed: String = arrays
        .iter()
        .map(|(name, axes)| {
            let sizes: Vec<String> = (0..*axes).map(|axis| format!("size_{name}_{axis}")).collect();
            let sides: Vec<String> = sizes.iter().map(|size| format!("{base}..{size}-1+{base}")).collect();
            format!("size {}\ntensor {name}[{}]\n", sizes.join(", "), sides.join(", "))
        })
        .collect();
    let boxed = if arrays.values().any(|axes| *axes == 0) { String::new() } else { boxed };
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
                            indices.push(format!("{letter} in {base}..size_{name}_{axis}-1+{base}"));
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
                let calls = has_calls(&[&left, &right]);
                let _ = calls;
                return Ok((Arrays::Boxed, match first {
                    Outcome::Refuted(example) => Outcome::Refuted(example),
                    _ => Outcome::Proved,
                }));
            }
            Outcome::Refuted(example) => refuted = Some(example),
            Outcome::Open(reason) => open = Some(reason),
        }
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
        _ => None,
    }
}

/// What the sums and the numerals of an answer say about sizes.
pub(super) fn geometry(reading: &Reading, model: &Model) -> Option<Geometry> {
    let base = model.base.unwrap_or(1);
    let mut outputs: BTreeMap<usize, (String, String)> = BTreeMap::new();
    let mut kernels: BTreeMap<usize, String> = BTreeMap::new();
    let (mut largest_output, mut largest_kernel): (BTreeMap<usize, i64>, BTreeMap<usize, i64>) = Default::default();
    let mut axes = 0;
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
                    axes = axes.max(indices.len());
                }
                for (axis, index) in indices.iter().enumerate() {
                    let Some((lower, upper)) = index.as_name().and_then(|name| ranges.get(name)) else { continue };
                    let (Some(lower), Some(upper)) = (Poly::of(lower), Poly::of(upper)) else { continue };
                    let count = upper.minus(&lower).plus(&Poly::one(), &num_rational::BigRational::one());
                    match role {
                        Role::Delta => {
                            if let Some(pair) = difference_of_names(&count) {
                                outputs.entry(axis).or_insert(pair);
                                axes = axes.max(axis + 1);
                            }
                        }
                        Role::Weight => {
                            let names = count.names();
                            if let (Some(name), true) = (names.first(), names.len() == 1)
                                && count == Poly::name(name)
                            {
                                kernels.entry(axis).or_insert(name.clone());
                                axes = axes.max(axis + 1);
                            }
                        }
                        _ => {}
                    }
                }
                false
            });
        }
    }
    if axes == 0 || axes > 2 {
        return None;
    }
    let mut list = Vec::new();
    for axis in 0..axes {
        list.push(if let Some((input, kernel)) = outputs.get(&axis) {
            Axis { input: input.clone(), kernel: kernel.clone(), numeric: None, sizes: vec![input.clone(), kernel.clone()] }
        } else if let Some(kernel) = kernels.get(&axis) {
            let input = format!("n_in_{axis}");
            Axis { input: input.clone(), kernel: kernel.clone(), numeric: None, sizes: vec![input, kernel.clone()] }
        } else {
            let (output, kernel) = (largest_output.get(&axis)?, largest_kernel.get(&axis)?);
            let (output, kernel) = (output - base + 1, kernel - base + 1);
            if !(1..=64).contains(&output) || !(1..=64).contains(&kernel) {
                return None;
            }
            let input = output + kernel - 1;
            Axis { input: input.to_string(), kernel: kernel.to_string(), numeric: Some((input, kernel)), sizes: Vec::new() }
        });
    }
    Some(Geometry { axes: list, base })
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
        text.push_str(&format!("tensor delta[{}]\n", sides(&|axis| format!("{}-{}+{base}", axis.input, axis.kernel))));
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
    names: Names,
}

fn translated(side: &Expr, model: &Model, geometry: &Geometry) -> Option<Translated> {
    let (mut slope, mut rotated_scalar, mut delta, mut strange) = (false, false, false, false);
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
    let core = letters::map(&core, &mut |part| match &part.kind {
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
    (!strange).then_some(Translated { side: core, slope, rotated_scalar, delta, names })
}

/// Judges a side against the gradient of an entry.
pub(super) fn gradient(
    target: &Target,
    side: &Expr,
    geometry: &Geometry,
    model: &Model,
    symbols: &Symbols,
    options: &Options,
) -> Option<Finding> {
    if target.at.is_empty() || target.kind == TargetKind::Bias {
        return None;
    }
    // What joins whole tensors is no sum of entries.
    if side.any(&mut |part| matches!(&part.kind, Kind::Product(factors) if factors.iter().any(|(sign, _)| super::model::convolves(sign)))) {
        return None;
    }
    let translated = translated(side, model, geometry)?;
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
    let outcome = equation(term, truth, binders, &geometry.declarations(), options);
    match outcome {
        Outcome::Proved => Some(Finding::remark(Text::new(
            "the gradient of the layer, by the prover",
            "与该层的梯度一致（已证明）",
        ))),
        Outcome::Open(reason) => Some(Finding::undecided(Text::new(reason.clone(), reason))),
        Outcome::Refuted(example) => {
            let class = if !translated.delta {
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
                        let product = Kind::Product(vec![(Operator::beside(), x.clone()), (Operator::beside(), w.clone())]);
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
