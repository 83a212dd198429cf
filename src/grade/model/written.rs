//! A layer that an answer writes out with numerals: `z_{11} = w_{11}a_{11} + w_{12}a_{12} + …`.
//!
//! Along each axis such lines read the input at `stride·output + step·kernel + offset`. The three numbers are those that fit the most
//! lines, so that a layer with a stride, a padding or a rotated kernel is recognised by what it reads.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Where a layer reads its input along one axis: at `stride·output + step·kernel + offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::grade) struct Reads {
    pub stride: i64,
    /// The dilation, negative where the kernel is rotated.
    pub step: i64,
    pub offset: i64,
}

impl Reads {
    /// The position in the input.
    pub fn at(self, output: i64, kernel: i64) -> i64 {
        self.stride.saturating_mul(output).saturating_add(self.step.saturating_mul(kernel)).saturating_add(self.offset)
    }
}

/// A layer in lines of numerals.
#[derive(Clone, Debug)]
pub(in crate::grade) struct Written {
    pub output: Name,
    pub kernel: Name,
    pub input: Name,
    /// What the lines read, along each axis.
    pub reads: Vec<Reads>,
    /// Whether each line that fits has a term for every entry of the kernel, as without padding.
    pub full: bool,
    /// How many lines fit.
    pub fits: usize,
    /// The first step that fits.
    pub step: usize,
    /// The steps of the lines that fit.
    pub steps: BTreeSet<usize>,
}

/// An entry with numerals as subscripts.
type Place = (Name, Vec<i64>);

/// The places in the kernel and in the input of each term.
type Terms = Vec<(Vec<i64>, Vec<i64>)>;

/// One line: its step, the place of its output, and the places in the kernel and in the input of each term.
struct Line {
    step: usize,
    output: Vec<i64>,
    terms: Terms,
}

/// Strides and dilations that are looked for, the usual ones first.
const STRIDES: [i64; 4] = [1, 2, 3, 4];
const STEPS: [i64; 6] = [1, -1, 2, -2, 3, -3];

impl Written {
    /// What the layer computes, where it is the same along each axis.
    pub fn meaning(&self) -> Option<Meaning> {
        let steps: BTreeSet<bool> = self.reads.iter().map(|reads| reads.step > 0).collect();
        match steps.into_iter().collect::<Vec<bool>>().as_slice() {
            [true] => Some(Meaning::Correlation),
            [false] => Some(Meaning::Convolution),
            _ => None,
        }
    }
}

/// The layers that an answer writes out, those with the most lines first, and the number of lines that write one out.
///
/// Along an axis where the lines have one position alone, the stride is what the answer says in words.
pub(super) fn written(reading: &Reading, model: &Model, said: Option<i64>) -> (Vec<Written>, usize) {
    let mut groups: BTreeMap<[Name; 3], Vec<Line>> = BTreeMap::new();
    for (number, step) in reading.steps.iter().enumerate() {
        for chain in step.chains() {
            let sides: Vec<&Expr> = chain.sides().collect();
            let [left, right] = sides.as_slice() else { continue };
            let Some((output, at)) = numeric_entry(left) else { continue };
            if model.role_by_name(&output) == Some(Role::Delta) {
                continue;
            }
            let Some((kernel, input, terms)) = terms(right, at.len(), model) else { continue };
            groups.entry([output, kernel, input]).or_default().push(Line { step: number, output: at, terms });
        }
    }
    let count = groups.values().map(Vec::len).sum();
    let layers = groups.into_iter().filter_map(|([output, kernel, input], lines)| {
        let (reads, fits) = match general(reading, [&output, &kernel, &input]) {
            // A sum says what all lines of numerals read: they are instances of it, or wrong.
            Some(reads) => {
                let fits = lines.iter().filter(|line| fits_all(line, &reads)).count();
                let outputs: BTreeSet<&Vec<i64>> = lines.iter().map(|line| &line.output).collect();
                // Unless they agree among themselves on another one: an example of its own.
                let own = || fit(&lines, said).filter(|(_, own)| *own == lines.len() && outputs.len() > 1);
                match own().filter(|_| fits < lines.len()) {
                    Some(own) => own,
                    None => (fits > 0).then_some((reads, fits))?,
                }
            }
            None => fit(&lines, said)?,
        };
        let fitting: Vec<&Line> = lines.iter().filter(|line| fits_all(line, &reads)).collect();
        let most = fitting.iter().map(|line| line.terms.len()).max()?;
        let full = fitting.iter().all(|line| line.terms.len() == most);
        let step = fitting.first()?.step;
        let steps = fitting.iter().map(|line| line.step).collect();
        Some(Written { output, kernel, input, reads, full, fits, step, steps })
    });
    let mut layers: Vec<Written> = layers.collect();
    layers.sort_by_key(|layer| std::cmp::Reverse(layer.fits));
    (layers, count)
}

/// Where a sum of the answer reads the input, along each axis: `y_i = Σ_k w_k x_{2i+k}`; none where strides are letters.
fn general(reading: &Reading, [output, kernel, input]: [&Name; 3]) -> Option<Vec<Reads>> {
    let place = |side: &Expr, name: &Name| match &side.kind {
        Kind::Entry(base, at) if base.as_name() == Some(name) => Some(at.clone()),
        _ => None,
    };
    let reads = |first: &Expr, side: &Expr| -> Option<Vec<Reads>> {
        let outputs = place(first, output)?;
        let mut body = side;
        while let Kind::Big(Big::Sum, _, Some(inner)) = &body.kind {
            body = inner;
        }
        let Kind::Product(factors) = &body.kind else { return None };
        let entry = |name: &Name| factors.iter().find_map(|(_, factor)| place(factor, name));
        let (kernels, inputs) = (entry(kernel)?, entry(input)?);
        if factors.len() != 2 || outputs.len() != inputs.len() || kernels.len() != inputs.len() {
            return None;
        }
        let axes = outputs.iter().zip(&kernels).zip(&inputs);
        axes.map(|((output, kernel), input)| {
            let slope = |poly: &Poly, letter: &Expr| {
                let (slope, rest) = poly.solved(&print::name(letter.as_name()?))?;
                Some((slope.constant()?.to_integer().to_i64()?, rest))
            };
            let (stride, rest) = slope(&Poly::of(input)?, output)?;
            let (step, rest) = slope(&rest, kernel)?;
            Some(Reads { stride, step, offset: rest.constant()?.to_integer().to_i64()? })
        })
        .collect()
    };
    let mut chains = reading.steps.iter().flat_map(Step::chains);
    chains.find_map(|chain| {
        let first = chain.first.as_ref()?;
        chain.links.iter().filter_map(|link| link.side.as_ref()).find_map(|side| reads(first, side))
    })
}

/// The terms of `w_{11}a_{11} + w_{12}a_{12} + b`: which of the two is the kernel, and the places.
fn terms(side: &Expr, axes: usize, model: &Model) -> Option<(Name, Name, Terms)> {
    let mut pairs = Vec::new();
    for (minus, term) in side.terms() {
        match &term.kind {
            Kind::Product(factors) => {
                let entries: Vec<_> = factors.iter().filter_map(|(_, factor)| numeric_entry(factor)).collect();
                let [first, second] = entries.as_slice() else { return None };
                if minus || factors.len() != 2 || first.1.len() != axes || second.1.len() != axes {
                    return None;
                }
                pairs.push((first.clone(), second.clone()));
            }
            // A bias.
            Kind::Name(_) => {}
            _ => return None,
        }
    }
    let names: BTreeSet<&Name> = pairs.iter().flat_map(|(first, second)| [&first.0, &second.0]).collect();
    let names: Vec<&Name> = names.into_iter().collect();
    let [a, b] = names.as_slice() else { return None };
    let weighs = |name: &Name| model.role_by_name(name) == Some(Role::Weight);
    let (kernel, input) = match (weighs(a), weighs(b)) {
        (true, false) => (a, b),
        (false, true) => (b, a),
        // `z = Σ K a` and `z = Σ x y` alike: the smaller one is the kernel.
        _ => {
            let reach = |name: &Name| {
                let places = pairs.iter().flat_map(|(first, second)| [first, second]);
                places.filter(|(other, _)| other == name).flat_map(|(_, at)| at.iter().copied()).max()
            };
            if reach(a) <= reach(b) { (a, b) } else { (b, a) }
        }
    };
    let placed = |(first, second): &(Place, Place)| {
        let swapped = first.0 != **kernel;
        let (kernel_at, input_at) = if swapped { (second, first) } else { (first, second) };
        (kernel_at.0 == **kernel && input_at.0 == **input).then(|| (kernel_at.1.clone(), input_at.1.clone()))
    };
    let terms = pairs.iter().map(placed).collect::<Option<Vec<_>>>()?;
    Some(((*kernel).clone(), (*input).clone(), terms))
}

fn fits_all(line: &Line, reads: &[Reads]) -> bool {
    line.terms.iter().all(|(kernel, input)| {
        let places = reads.iter().zip(&line.output).zip(kernel.iter().zip(input));
        places.into_iter().all(|((reads, output), (kernel, input))| reads.at(*output, *kernel) == *input)
    })
}

/// What fits the most lines, if it fits more than the half of them, and how many fit.
fn fit(lines: &[Line], said: Option<i64>) -> Option<(Vec<Reads>, usize)> {
    let axes = lines.first()?.output.len();
    if lines.iter().map(|line| line.terms.len()).sum::<usize>() < 2 {
        return None;
    }
    let several = |place: &dyn Fn(&Line) -> Vec<i64>| lines.iter().flat_map(place).collect::<BTreeSet<i64>>().len() > 1;
    let along = |axis: usize| -> Vec<Reads> {
        let of = |at: &[i64]| at.get(axis).copied();
        let shown = several(&|line| of(&line.output).into_iter().collect());
        let strides = if shown { STRIDES.to_vec() } else { vec![said.unwrap_or(1)] };
        let kernels = several(&|line| line.terms.iter().filter_map(|(kernel, _)| of(kernel)).collect());
        let steps = if kernels { &STEPS[..] } else { &STEPS[..1] };
        let mut found: Vec<(usize, Reads)> = Vec::new();
        for stride in strides {
            for step in steps {
                let mut offsets: BTreeMap<i64, usize> = BTreeMap::new();
                let plain = Reads { stride, step: *step, offset: 0 };
                for line in lines {
                    let read: BTreeSet<i64> = line
                        .terms
                        .iter()
                        .filter_map(|(kernel, input)| {
                            Some(of(input)?.saturating_sub(plain.at(of(&line.output)?, of(kernel)?)))
                        })
                        .collect();
                    if let (Some(offset), 1) = (read.first(), read.len()) {
                        *offsets.entry(*offset).or_default() += 1;
                    }
                }
                let best = offsets.into_iter().max_by_key(|(_, count)| *count);
                found.extend(best.map(|(offset, count)| (count, Reads { offset, ..plain })));
            }
        }
        found.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        found.into_iter().map(|(_, reads)| reads).take(3).collect()
    };
    let mut best: Option<(Vec<Reads>, usize)> = None;
    let mut candidates: Vec<Vec<Reads>> = vec![Vec::new()];
    for axis in 0..axes.min(3) {
        let next = along(axis);
        candidates = candidates
            .iter()
            .flat_map(|before| next.iter().map(move |reads| [before.as_slice(), &[*reads]].concat()))
            .collect();
    }
    for reads in candidates.into_iter().filter(|reads| reads.len() == axes) {
        let count = lines.iter().filter(|line| fits_all(line, &reads)).count();
        if best.as_ref().is_none_or(|(_, most)| count > *most) {
            best = Some((reads, count));
        }
    }
    best.filter(|(_, count)| 2 * count > lines.len())
}
