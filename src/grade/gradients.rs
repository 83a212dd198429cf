//! Gradients of a layer, entry by entry, through the prover.
//!
//! The sizes of the layer are read off the sums and the numerals of the answer. A layer of stride 1 without padding is meant, or a wide
//! convolution where a line shows one; of every other layer nothing is said.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use num_traits::One;

use super::claims::{Outcome, equation, parsed};
use super::judge::Options;
use super::layers::{Target, TargetKind};
use super::letters;
use super::linear::Poly;
use super::model::{Meaning, Model, Reads, Role, Written, is_rotation, numeric_entry, signs};
use super::slopes;
use super::verdict::{Class, Evidence, Finding, Text, Verdict};
use crate::homework::formula::*;
use crate::homework::{Reading, Symbols, print, surface};

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
    numeric: Option<Numeric>,
    /// Declarations that the two need.
    sizes: Vec<String>,
}

/// An axis of a layer whose entries have numerals: the first and the last position of each tensor, and what is read.
#[derive(Clone, Copy, Debug)]
struct Numeric {
    outputs: (i64, i64),
    kernels: (i64, i64),
    inputs: (i64, i64),
    reads: Reads,
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

/// The derivative of sums of products of entries by an entry with numerals as subscripts.
pub(super) fn partial(body: &Expr, by: &Expr) -> Option<Expr> {
    numeric_entry(by)?;
    let terms: Vec<(bool, Expr)> = match &body.kind {
        Kind::Add(terms) => terms.clone(),
        _ => vec![(false, body.clone())],
    };
    let same = |part: &Expr| print::expr(part) == print::expr(by);
    let mut derived = Vec::new();
    for (minus, term) in terms {
        let factors = match &term.kind {
            Kind::Product(factors) => factors.clone(),
            _ => vec![(Operator::beside(), term.clone())],
        };
        let plain = factors.iter().all(|(sign, factor)| {
            (!super::model::convolves(sign) || sign.sign == Sign::Star && !sign.tilde)
                && (numeric_entry(factor).is_some() || matches!(factor.kind, Kind::Number(_) | Kind::Name(_)))
        });
        let places: Vec<usize> =
            (0..factors.len()).filter(|place| factors.get(*place).is_some_and(|(_, factor)| same(factor))).collect();
        match (plain, places.as_slice()) {
            (true, []) => {}
            (true, [place]) => {
                let mut rest = factors;
                rest.remove(*place);
                if let Some((first, _)) = rest.first_mut() {
                    *first = Operator::beside();
                }
                let one = Expr::new(Kind::Number(num_rational::BigRational::one()), term.span);
                derived.push((
                    minus,
                    match rest.as_slice() {
                        [] => one,
                        [(_, only)] => only.clone(),
                        _ => Expr::new(Kind::Product(rest), term.span),
                    },
                ));
            }
            _ => return None,
        }
    }
    Some(match derived.as_slice() {
        [] => Expr::new(Kind::Number(num_traits::Zero::zero()), body.span),
        [(false, only)] => only.clone(),
        _ => Expr::new(Kind::Add(derived), body.span),
    })
}

/// Sizes for entries with so many axes: for positions that are letters, and for positions that are numerals.
#[derive(Clone, Debug, Default)]
pub(super) struct Geometries {
    letters: BTreeMap<usize, Geometry>,
    numerals: BTreeMap<usize, Geometry>,
    /// Where indices start, once a formula has been right for that.
    base: Cell<Option<i64>>,
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

    /// The first and the last position of the output along each of so many axes, where entries are written out.
    pub(super) fn outputs(&self, axes: usize) -> Option<Vec<(i64, i64)>> {
        self.numerals.get(&axes)?.axes.iter().map(|axis| Some(axis.numeric?.outputs)).collect()
    }

    fn at(&self, position: &[Expr]) -> Option<&Geometry> {
        let numeral = |part: &Expr| matches!(part.kind, Kind::Number(_));
        let list = if position.iter().all(numeral) { &self.numerals } else { &self.letters };
        list.get(&position.len())
    }
}

/// What the sums and the numerals of an answer say about sizes.
fn geometry(reading: &Reading, model: &Model, wanted: usize, numerals: bool) -> Option<Geometry> {
    let base = if numerals { model.first_numeral() } else { model.base.unwrap_or(1) };
    let mut outputs: BTreeMap<usize, (String, String)> = BTreeMap::new();
    let mut kernels: BTreeMap<usize, String> = BTreeMap::new();
    let written = model.written.as_ref().filter(|written| numerals && written.reads.len() == wanted);
    let mut seen: BTreeMap<(Role, usize), (i64, i64)> = BTreeMap::new();
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
                    let role = if role == Role::Delta { Role::Output } else { role };
                    for (axis, value) in at.into_iter().enumerate() {
                        let (first, last) = seen.entry((role, axis)).or_insert((value, value));
                        (*first, *last) = (value.min(*first), value.max(*last));
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
            let numeric = numeric(written, axis, base, &seen, model)?;
            let count = |(first, last): (i64, i64)| (last - first + 1).to_string();
            let (input, kernel) = (count(numeric.inputs), count(numeric.kernels));
            Axis { input, kernel, numeric: Some(numeric), sizes: Vec::new() }
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

/// What is known of an axis from the numerals that occur: the layer that is written out, or one as the sums of the answer have it.
fn numeric(
    written: Option<&Written>,
    axis: usize,
    base: i64,
    seen: &BTreeMap<(Role, usize), (i64, i64)>,
    model: &Model,
) -> Option<Numeric> {
    let (outputs, kernels) = (seen.get(&(Role::Output, axis))?, seen.get(&(Role::Weight, axis))?);
    let small = |(first, last): (i64, i64)| (0..64).contains(&(last - first));
    let (kernels, last) = ((base, kernels.1), outputs.1);
    let touched = |reads: Reads, outputs: (i64, i64)| {
        let ends = [outputs.0, outputs.1].into_iter().flat_map(|o| [reads.at(o, kernels.0), reads.at(o, kernels.1)]);
        ends.clone().min().zip(ends.max())
    };
    let (outputs, reads, inputs) = match (written, model.shift) {
        (Some(written), _) => {
            let (outputs, reads) = ((outputs.0.min(base), last), *written.reads.get(axis)?);
            let shown = seen.get(&(Role::Activation, axis))?;
            (outputs, reads, if written.full { touched(reads, outputs)? } else { (base, shown.1) })
        }
        _ if model.unfit => return None,
        // A wide convolution.
        (None, Some(shift)) => {
            let (first, reads) = (2 * base - shift, Reads { stride: 1, step: -1, offset: shift });
            ((first, last), reads, (base, base + (last - first) - (kernels.1 - base)))
        }
        (None, None) => {
            let reads = match model.layer_meaning() {
                Meaning::Correlation => Reads { stride: 1, step: 1, offset: -base },
                Meaning::Convolution => Reads { stride: 1, step: -1, offset: kernels.1 },
            };
            ((base, last), reads, touched(reads, (base, last))?)
        }
    };
    (small(outputs) && small(kernels) && small(inputs)).then_some(Numeric { outputs, kernels, inputs, reads })
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
        let numeric: Option<Vec<Numeric>> = self.axes.iter().map(|axis| axis.numeric).collect();
        if let Some(numeric) = numeric {
            let sides = |of: &dyn Fn(&Numeric) -> (i64, i64)| {
                numeric.iter().map(|axis| format!("{}..{}", of(axis).0, of(axis).1)).collect::<Vec<_>>().join(", ")
            };
            let (input, kernel) = (sides(&|axis| axis.inputs), sides(&|axis| axis.kernels));
            return format!(
                "tensor input[{input}]\ntensor kernel[{kernel}]\ntensor delta[{}]\n",
                sides(&|axis| axis.outputs)
            );
        }
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
    fn terms(&self, kind: TargetKind, at: &[i64]) -> Option<Vec<(Vec<i64>, Vec<i64>)>> {
        let mut terms: Vec<(Vec<i64>, Vec<i64>)> = vec![(Vec::new(), Vec::new())];
        for (axis, at) in self.axes.iter().zip(at) {
            let Numeric { outputs, kernels, inputs, reads } = axis.numeric?;
            let within = |(first, last): (i64, i64), at: i64| (first..=last).contains(&at);
            // Places along one axis: of the first factor and of the second.
            let places: Vec<(i64, i64)> = match kind {
                TargetKind::Weight => {
                    let read = (outputs.0..=outputs.1).map(|output| (output, reads.at(output, *at)));
                    read.filter(|(_, input)| within(inputs, *input)).collect()
                }
                TargetKind::Forward => {
                    let read = (kernels.0..=kernels.1).map(|kernel| (kernel, reads.at(*at, kernel)));
                    read.filter(|(_, input)| within(inputs, *input)).collect()
                }
                _ => {
                    let pairs = (kernels.0..=kernels.1).flat_map(|k| (outputs.0..=outputs.1).map(move |o| (k, o)));
                    pairs.filter(|(kernel, output)| reads.at(*output, *kernel) == *at).collect()
                }
            };
            terms = terms
                .iter()
                .flat_map(|(first, second)| {
                    places
                        .iter()
                        .map(move |(a, b)| ([first.as_slice(), &[*a]].concat(), [second.as_slice(), &[*b]].concat()))
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
    rotated_scalar: bool,
    delta: bool,
    kernel: bool,
    input: bool,
    names: Names,
}

fn translated(side: &Expr, model: &Model, geometry: &Geometry) -> Option<Translated> {
    let (mut rotated_scalar, mut strange) = (false, false);
    let (mut delta, mut kernel, mut input) = (false, false, false);
    let mut names = Names { delta: "δ".into(), weight: "w".into(), input: "a".into() };
    // The slope of the activation is a factor of the whole, or stands within a sum.
    let core = slopes::left_out(&slopes::left_out(side));
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
        if matches!(part.kind, Kind::Derivative(..)) && role_of(part, model).is_none() {
            // A gradient of another kind is no entry of the tensor that it is taken by.
            strange = true;
            return Some(part.clone());
        }
        let (role, indices) = role_of(part, model)?;
        if let Kind::Derivative(Some(of), by) = &part.kind
            && let Kind::Entry(base, _) = &by.kind
        {
            names.delta = format!("∂{}/∂{}", print::expr(of), print::expr(base));
        }
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
    (!strange).then_some(Translated { side: core, rotated_scalar, delta, kernel, input, names })
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

/// An array in a side of which nothing shows what it is in the layer.
pub(super) fn unknown(side: &Expr, model: &Model) -> Option<String> {
    letters::all(side).into_iter().find_map(|part| match &part.kind {
        Kind::Entry(base, _) => base.as_name().filter(|name| model.role(name).is_none()).map(print::name),
        _ => None,
    })
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
    let finding = gradient_in(geometry, target, side, model, symbols, options)?;
    if model.base.is_some() {
        return Some(finding);
    }
    if finding.verdict == Verdict::Ok && geometries.base.get().is_none_or(|base| base == geometry.base) {
        geometries.base.set(Some(geometry.base));
        return Some(finding);
    }
    // Nothing shows where indices start: it is right where it is right for one of the two, which an earlier formula may have shown.
    let other = Geometry { base: 1 - geometry.base, ..geometry.clone() };
    if geometries.base.get().is_some_and(|base| base != other.base) {
        return Some(finding);
    }
    let again = gradient_in(&other, target, side, model, symbols, options);
    Some(match again.filter(|again| again.verdict == Verdict::Ok) {
        Some(again) => {
            geometries.base.set(Some(other.base));
            again
        }
        None => finding,
    })
}

fn gradient_in(
    geometry: &Geometry,
    target: &Target,
    side: &Expr,
    model: &Model,
    symbols: &Symbols,
    options: &Options,
) -> Option<Finding> {
    if target.at.is_empty() || target.kind == TargetKind::Bias {
        return None;
    }
    // What joins whole tensors is no sum of entries.
    if !signs(side).is_empty() {
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
    let terms = numbers.as_ref().and_then(|numbers| geometry.terms(target.kind, numbers));
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
    // The answer writes another layer than the one that is meant here, and shows no example of it.
    let unusual = model.unusual() && (terms.is_none() || model.written.is_none());
    match outcome {
        Outcome::Proved if unusual => None,
        Outcome::Proved if target.kind == TargetKind::Forward => {
            Some(Finding::remark(Text::new("the layer at this position, by the prover", "该层在此处的输出（已证明）")))
        }
        Outcome::Proved => {
            Some(Finding::remark(Text::new("the gradient of the layer, by the prover", "与该层的梯度一致（已证明）")))
        }
        Outcome::Open(reason) => Some(Finding::undecided(Text::reason(reason))),
        Outcome::Refuted(example) => {
            let known = geometry.axes.iter().flat_map(|axis| &axis.sizes).cloned().collect::<BTreeSet<String>>();
            if let Some(name) = strange_size(side, target, &known, symbols) {
                return Some(Finding::undecided(Text::new(
                    format!("what {name} is in the layer is not known"),
                    format!("不清楚 {name} 在该层中是什么"),
                )));
            }
            if let Some(name) = unknown(side, model).filter(|_| !translated.delta && target.kind != TargetKind::Forward)
            {
                return Some(Finding::undecided(Text::new(
                    format!("what {name} is is not said: the gradient that comes from above, or another array"),
                    format!("没有说明 {name} 是什么：是上一层传来的梯度，还是别的数组"),
                )));
            }
            if unusual {
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
                _ if target.kind == TargetKind::Forward => {
                    Text::new("it is not what the layer computes at this position", "与该层在此处的输出不符")
                }
                _ => Text::new("it is not the gradient of the layer at this position", "与该层在此处的梯度不符"),
            };
            let mut finding = Finding::new(Verdict::Wrong, &[class], message, Evidence::Counterexample(example));
            if terms.is_none() && translated.delta {
                let options = &options.for_repairs();
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
            Some(finding)
        }
    }
}
