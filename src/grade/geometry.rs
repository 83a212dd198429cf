//! The sizes of a layer, as the sums and the numerals of an answer show them, and what the layer and its gradients are at a position.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::One;

use super::layers::{Target, TargetKind};
use super::linear::Poly;
use super::model::{Meaning, Model, Reads, Role, Written, is_rotation, numeric_entry};
use super::sizes::{definitions, ends_written_out};
use super::slopes;
use crate::homework::formula::*;
use crate::homework::{Reading, Step};

/// Sizes along the axes of a layer: of the input and of the kernel, as terms of the proof language.
#[derive(Clone, Debug)]
pub(super) struct Geometry {
    pub axes: Vec<Axis>,
    /// Where indices start.
    pub base: i64,
    /// For a wide convolution that reads the input at output - kernel + c: the constant.
    pub shift: Option<i64>,
}

#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub input: String,
    pub kernel: String,
    numeric: Option<Numeric>,
    /// The names among the two, which must be declared.
    pub sizes: Vec<String>,
}

/// An axis of a layer whose entries have numerals: the first and the last position of each tensor, and what is read.
#[derive(Clone, Copy, Debug)]
struct Numeric {
    outputs: (i64, i64),
    kernels: (i64, i64),
    inputs: (i64, i64),
    reads: Reads,
}

/// Sizes for entries with so many axes: for positions that are letters, and for positions that are numerals.
#[derive(Clone, Debug, Default)]
pub(super) struct Geometries {
    letters: BTreeMap<usize, Geometry>,
    numerals: BTreeMap<usize, Geometry>,
    /// The layers whose outputs are all written out, each with the step in which that begins.
    examples: Vec<(usize, Geometry)>,
    /// The step that is examined.
    step: usize,
    /// Where indices start, once a formula has been right for that.
    pub base: Cell<Option<i64>>,
}

impl Geometries {
    /// What an answer shows.
    pub(super) fn of(reading: &Reading, model: &Model) -> Self {
        let mut all = Geometries::default();
        let sizes = definitions(reading);
        let steps: Vec<&Step> = reading.steps.iter().filter(|step| !step.is_damaged()).collect();
        for axes in 1..=2 {
            let none = BTreeSet::new();
            all.letters.extend(geometry(&steps, (model, &sizes), axes, None).map(|geometry| (axes, geometry)));
            all.numerals.extend(geometry(&steps, (model, &sizes), axes, Some(&none)).map(|geometry| (axes, geometry)));
        }
        all.examples = examples(reading, model, &sizes);
        all
    }

    /// Looks at a step from now on.
    pub(super) fn look_at(&mut self, step: usize) {
        self.step = step;
    }

    /// The step that is looked at.
    pub(super) fn step(&self) -> usize {
        self.step
    }

    /// The first and the last position of the output along each of so many axes, in each layer that may be meant.
    pub(super) fn outputs(&self, axes: usize) -> Vec<Vec<(i64, i64)>> {
        let outputs = |geometry: &Geometry| geometry.axes.iter().map(|axis| Some(axis.numeric?.outputs)).collect();
        self.numerical(axes).into_iter().filter_map(outputs).collect()
    }

    /// The layers that may be meant by entries at such a position.
    pub(super) fn at(&self, position: &[Expr]) -> Vec<&Geometry> {
        let numeral = |part: &Expr| matches!(part.kind, Kind::Number(_));
        if position.iter().all(numeral) {
            return self.numerical(position.len());
        }
        self.letters.get(&position.len()).into_iter().collect()
    }

    /// The layer that is written out last before the step, and that of all numerals: an answer may have one example after the other.
    fn numerical(&self, axes: usize) -> Vec<&Geometry> {
        let before = self.examples.iter().filter(|(start, _)| *start <= self.step);
        let last = before.map(|(_, geometry)| geometry).filter(|geometry| geometry.axes.len() == axes).last();
        last.into_iter().chain(self.numerals.get(&axes)).collect()
    }
}

/// What an answer calls sizes that are sums of others.
type Defined = BTreeMap<Name, Expr>;

/// Lines of numerals for the outputs of one layer: the step of the first, the places, the steps.
type Run<'a> = (usize, BTreeSet<Vec<i64>>, Vec<(usize, &'a Step)>);

/// The layers that an answer writes out line by line, `z_{11} = …`, `z_{12} = …`, all of their outputs.
fn examples(reading: &Reading, model: &Model, sizes: &Defined) -> Vec<(usize, Geometry)> {
    let mut runs: Vec<Run> = Vec::new();
    for (number, step) in reading.steps.iter().enumerate().filter(|(_, step)| !step.is_damaged()) {
        for chain in step.chains() {
            let Some((name, at)) = chain.first.as_ref().and_then(numeric_entry) else { continue };
            let written = chain.links.len() == 1 && model.role(&name) == Some(Role::Output);
            if !written {
                continue;
            }
            // An entry that is written again begins a new example.
            let goes_on =
                |places: &BTreeSet<Vec<i64>>| places.first().map(Vec::len) == Some(at.len()) && !places.contains(&at);
            if runs.last().is_none_or(|(_, places, _)| !goes_on(places)) {
                runs.push((number, BTreeSet::new(), Vec::new()));
            }
            if let Some((_, places, steps)) = runs.last_mut() {
                places.insert(at);
                steps.push((number, step));
            }
        }
    }
    let example = |(start, places, steps): Run| {
        let axes = places.first()?.len();
        // A line with a slip in it does not make the layer.
        let fits = |number: usize| model.written.as_ref().is_none_or(|written| written.steps.contains(&number));
        let fitting: Vec<&Step> = steps.iter().filter(|(number, _)| fits(*number)).map(|(_, step)| *step).collect();
        let geometry = geometry(&fitting, (model, sizes), axes, Some(&places)).filter(|_| axes <= 2)?;
        let sides = geometry.axes.iter().map(|axis| axis.numeric.map(|numeric| numeric.outputs));
        let count = sides.map(|side| side.map_or(0, |(first, last)| last - first + 1)).product::<i64>();
        (places.len() > 1 && usize::try_from(count) == Ok(places.len())).then_some((start, geometry))
    };
    runs.into_iter().filter_map(example).collect()
}

/// What the sums of some steps say about sizes, or their numerals, with some places of the output.
fn geometry(
    steps: &[&Step],
    (model, sizes): (&Model, &Defined),
    wanted: usize,
    places: Option<&BTreeSet<Vec<i64>>>,
) -> Option<Geometry> {
    let numerals = places.is_some();
    let base = if numerals { model.first_numeral() } else { model.base.unwrap_or(1) };
    let mut outputs: BTreeMap<usize, (String, String)> = BTreeMap::new();
    let mut kernels: BTreeMap<usize, String> = BTreeMap::new();
    let written = model.written.as_ref().filter(|written| numerals && written.reads.len() == wanted);
    let mut seen: BTreeMap<(Role, usize), (i64, i64)> = BTreeMap::new();
    for at in places.into_iter().flatten() {
        for (axis, value) in at.iter().enumerate() {
            let (first, last) = seen.entry((Role::Output, axis)).or_insert((*value, *value));
            (*first, *last) = ((*value).min(*first), (*value).max(*last));
        }
    }
    for step in steps {
        for (side, first) in step.chains().flat_map(|chain| chain.sides().map(|side| (side, chain.first.as_ref()))) {
            // `δ^{l-1}_{02} = …`: what is derived by is no output of the layer.
            let target =
                |side: &Expr| numeric_entry(side).is_some_and(|(name, _)| model.role(&name) == Some(Role::Delta));
            if numerals && first.is_some_and(|first| std::ptr::eq(first, side) && target(first)) {
                continue;
            }
            // What an activation is applied to belongs to another layer.
            let side = &ends_written_out(&slopes::all_left_out(side), sizes);
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
                    let count = upper.minus(&lower).plus(&Poly::one(), &BigRational::one());
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
                // The sizes of another axis.
                (Some((_, other)), Some(kernel)) if other != kernel => (format!("n_in_{axis}"), kernel.clone()),
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
    // Lines that write the layer out show where each of its tensors begins, which may differ: `z_1 = w_1 x_0 + w_2 x_1`.
    let start = |role: Role| {
        let firsts = seen.iter().filter(|((other, _), _)| *other == role).map(|(_, (first, _))| *first);
        firsts.min().filter(|_| written.is_some()).map_or(base, |first| first.min(1))
    };
    let (kernels, last) = ((start(Role::Weight), kernels.1), outputs.1);
    // What the layer reads, and what else is written of its input.
    let touched = |reads: Reads, outputs: (i64, i64)| {
        let ends = [outputs.0, outputs.1].into_iter().flat_map(|o| [reads.at(o, kernels.0), reads.at(o, kernels.1)]);
        let shown = seen.get(&(Role::Activation, axis)).into_iter().flat_map(|(first, last)| [*first, *last]);
        let ends = ends.chain(shown);
        ends.clone().min().zip(ends.max())
    };
    let (outputs, reads, inputs) = match (written, model.shift) {
        (Some(written), _) => {
            let (outputs, reads) = ((outputs.0.min(start(Role::Output)), last), *written.reads.get(axis)?);
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
        let wanted = Poly::name(a).minus(&Poly::name(b)).plus(&Poly::one(), &BigRational::one());
        if *count == wanted {
            return Some((a.to_string(), b.to_string()));
        }
    }
    None
}

impl Geometry {
    /// Whether the entries with numerals of a formula are entries of the layer: others would be 0 without being so.
    pub(super) fn contains(&self, target: &Target, side: &Expr, model: &Model) -> bool {
        let within = |role: Role, at: &[i64]| {
            at.len() == self.axes.len()
                && at.iter().zip(&self.axes).all(|(at, axis)| {
                    axis.numeric.is_none_or(|numeric| {
                        let (first, last) = match role {
                            Role::Weight => numeric.kernels,
                            Role::Activation => numeric.inputs,
                            _ => numeric.outputs,
                        };
                        (first..=last).contains(at)
                    })
                })
        };
        let numerals = |at: &[Expr]| -> Option<Vec<i64>> {
            let number = |at: &Expr| match &at.kind {
                Kind::Number(number) if number.is_integer() => number.to_integer().try_into().ok(),
                _ => None,
            };
            at.iter().map(number).collect()
        };
        let role = match target.kind {
            TargetKind::Weight => Role::Weight,
            TargetKind::Input | TargetKind::Delta => Role::Activation,
            TargetKind::Forward | TargetKind::Bias => Role::Output,
        };
        let side = slopes::all_left_out(side);
        let mut parts = super::letters::all(&side).into_iter().filter_map(|part| role_of(part, model));
        numerals(&target.at).is_none_or(|at| within(role, &at))
            && parts.all(|(role, at)| numerals(at).is_none_or(|at| within(role, &at)))
    }

    pub(super) fn declarations(&self) -> String {
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
    pub(super) fn truth(&self, kind: TargetKind, at: &[String], meaning: Meaning) -> Option<String> {
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
    pub(super) fn terms(&self, kind: TargetKind, at: &[i64]) -> Option<Vec<(Vec<i64>, Vec<i64>)>> {
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
    pub(super) fn written_out(terms: &[(Vec<i64>, Vec<i64>)], first: &str, second: &str, sign: &str) -> String {
        let place = |at: &[i64]| at.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let list: Vec<String> =
            terms.iter().map(|(a, b)| format!("{first}[{}]{sign}{second}[{}]", place(a), place(b))).collect();
        if list.is_empty() { "0".into() } else { list.join(" + ") }
    }
}

/// The tensors that are multiplied.
pub(super) fn factors(kind: TargetKind) -> (&'static str, &'static str) {
    match kind {
        TargetKind::Weight => ("delta", "input"),
        TargetKind::Forward => ("kernel", "input"),
        _ => ("kernel", "delta"),
    }
}

/// The role of an entry, gradients by an output included, and its subscripts.
pub(super) fn role_of<'a>(part: &'a Expr, model: &Model) -> Option<(Role, &'a [Expr])> {
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
