//! Gradients of a layer that the answer itself writes as a sum over products of entries, whatever its stride, padding and channels.
//!
//! From `Y[f,i,j] = Σ W[f,c,u,v] X[c,s i+u-p,s j+v-p] + b[f]` the gradient by an entry follows by the chain rule: the equations between
//! the subscripts in the sum and those of the entry are solved for letters, which leaves a sum over the letters that remain.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::boxes::Boxes;
use super::context::Context;
use super::layers::{Target, TargetKind, is_loss};
use super::linear::Poly;
use super::model::{Model, Role, convolves, family, layer as layer_of};
use super::options::Options;
use super::prover::{Outcome, equation, parsed};
use super::slopes;
use super::verdict::{Class, Evidence, Finding, Text, Verdict};
use super::{letters, ranges, repair};
use crate::homework::formula::*;
use crate::homework::{Reading, Symbols, print, surface};

/// A letter of a sum with its range.
type Bound = (Name, Option<(Expr, Expr)>);

/// A tensor with its subscripts.
#[derive(Clone, Debug)]
struct Factor {
    name: Name,
    at: Vec<Expr>,
}

/// A layer as a line of the answer writes it.
#[derive(Clone, Debug)]
pub(super) struct OwnLayer {
    line: usize,
    output: Name,
    /// The letters of the output's entry.
    at: Vec<Name>,
    bound: Vec<Bound>,
    /// Where the letters of the output run, as far as the line says.
    ranges: Vec<(Name, Expr, Expr)>,
    weight: Factor,
    input: Factor,
    /// Whether a channel of the weights stands above them, `K^{[k]}_{u,v}`; it is their first subscript here.
    raised: bool,
}

/// Layers with more letters are not looked at.
const MAX_LETTERS: usize = 12;

/// So many lines are taken for layers.
const MAX_LAYERS: usize = 8;

fn entry(side: &Expr) -> Option<Factor> {
    let mut side = side;
    while let Kind::Parens(_, parts) = &side.kind {
        side = parts.first().filter(|_| parts.len() == 1)?;
    }
    let Kind::Entry(base, at) = &side.kind else { return None };
    Some(Factor { name: base.as_name()?.clone(), at: at.clone() })
}

/// The subscripts of a tensor of which the superscript is a channel.
fn with_channel(name: &Name, at: &[Expr], span: Span) -> Vec<Expr> {
    let channel = Expr::new(Kind::Name(Name::plain(name.layer.trim_matches(['(', ')', '[', ']']))), span);
    std::iter::once(channel).chain(at.iter().cloned()).collect()
}

/// The letters of nested sums, and the product under them.
fn unwrapped(side: &Expr, bound: &mut Vec<Bound>) -> Option<Vec<Expr>> {
    let mut side = side;
    loop {
        match &side.kind {
            Kind::Parens(_, parts) if parts.len() == 1 => side = parts.first()?,
            Kind::Big(Big::Sum, binders, Some(body)) => {
                for binder in binders {
                    let Binder::Letter { letter, lower, upper } = binder else { return None };
                    bound.push((letter.as_name()?.clone(), lower.clone().zip(upper.clone())));
                }
                side = body;
            }
            Kind::Product(factors) => {
                let plain = factors.iter().all(|(sign, _)| {
                    !convolves(sign) && sign.sign != Sign::Slash || sign.sign == Sign::Star && !sign.tilde
                });
                return plain.then(|| factors.iter().map(|(_, factor)| factor.clone()).collect());
            }
            _ => return None,
        }
    }
}

/// The layers that an answer writes as sums.
pub(super) fn layers(reading: &Reading, model: &Model) -> Vec<OwnLayer> {
    let mut found = Vec::new();
    for (number, step) in reading.steps.iter().enumerate().filter(|(_, step)| !step.is_damaged()) {
        for chain in step.chains() {
            let Some(output) = chain.first.as_ref().and_then(entry) else { continue };
            if matches!(model.role(&output.name), Some(Role::Delta | Role::Weight | Role::Bias)) {
                continue;
            }
            for side in chain.links.iter().filter_map(|link| link.side.as_ref()) {
                let ranges = ranges::beside(reading, number);
                found.extend(layer(&output, side, step.line, model).map(|layer| OwnLayer { ranges, ..layer }));
            }
        }
    }
    found.truncate(MAX_LAYERS);
    found
}

/// The lines in which an answer writes a layer that is more than a sum over products of a weight and an input, and a bias: a residual, a
/// factor, a mask, a square. Its gradients are others than those of such a sum.
pub(super) fn unlike(reading: &Reading, model: &Model) -> Vec<usize> {
    let reads = |side: &Expr, role: Role| {
        side.any(&mut |part| entry(part).is_some_and(|part| model.role(&part.name) == Some(role)))
    };
    let both = |side: &Expr| {
        side.any(&mut |part| {
            matches!(&part.kind, Kind::Big(Big::Sum, _, Some(body)) if reads(body, Role::Weight) && reads(body, Role::Activation))
        })
    };
    let steps = reading.steps.iter().filter(|step| !step.is_damaged());
    let chains = steps.flat_map(|step| step.chains().map(move |chain| (step.line, chain)));
    let odd = chains.filter_map(|(line, chain)| {
        let output = chain.first.as_ref().and_then(entry)?;
        let written = chain.links.iter().filter_map(|link| link.side.as_ref());
        let odd = written.filter(|side| both(side)).any(|side| !is_plain(side, model));
        (model.role(&output.name) == Some(Role::Output) && odd).then_some(line)
    });
    odd.collect()
}

/// Whether a side is a sum over products of two entries, and perhaps biases beside it.
fn is_plain(side: &Expr, model: &Model) -> bool {
    let terms = match &side.kind {
        Kind::Add(terms) => terms.clone(),
        _ => vec![(false, side.clone())],
    };
    let (sums, others): (Vec<_>, Vec<_>) = terms.into_iter().partition(|(_, term)| has_sum(term));
    let bias = |(_, term): &(bool, Expr)| {
        let name = entry(term).map(|entry| entry.name).or_else(|| term.as_name().cloned());
        name.is_some_and(|name| {
            !matches!(model.role(&name), Some(Role::Weight | Role::Activation | Role::Output | Role::Delta))
        })
    };
    let product = |(minus, term): &(bool, Expr)| {
        let factors = unwrapped(term, &mut Vec::new());
        !minus
            && factors.is_some_and(|factors| {
                factors.len() == 2 && factors.iter().all(|factor| entry(factor).is_some() || turned(factor))
            })
    };
    sums.len() == 1 && sums.iter().all(product) && others.iter().all(bias)
}

fn has_sum(side: &Expr) -> bool {
    side.any(&mut |part| matches!(part.kind, Kind::Big(Big::Sum, ..)))
}

/// `rot180(w)[u]`
fn turned(side: &Expr) -> bool {
    matches!(&side.kind, Kind::Entry(base, _) if matches!(&base.kind, Kind::Call(function, _) if function.as_name().is_some_and(super::model::is_rotation)))
}

fn layer(output: &Factor, side: &Expr, line: usize, model: &Model) -> Option<OwnLayer> {
    let side = slopes::applied(side, model);
    // A bias beside the sum changes no gradient by others.
    let mut side = &side;
    if let Kind::Add(terms) = &side.kind {
        let mut sums = terms.iter().filter(|(_, term)| has_sum(term));
        let (Some((false, only)), None) = (sums.next(), sums.next()) else { return None };
        side = only;
    }
    let mut bound = Vec::new();
    let factors = unwrapped(side, &mut bound)?;
    let [a, b] = factors.as_slice() else { return None };
    let (a, b) = (entry(a)?, entry(b)?);
    let at: Vec<Name> = output.at.iter().map(|at| at.as_name().cloned()).collect::<Option<_>>()?;
    let letters: BTreeSet<&Name> = at.iter().chain(bound.iter().map(|(name, _)| name)).collect();
    if letters.len() != at.len() + bound.len() || letters.len() > MAX_LETTERS {
        return None;
    }
    let weighs = |factor: &Factor| model.role(&factor.name) == Some(Role::Weight);
    let (weight, input) = match (weighs(&a), weighs(&b)) {
        (true, false) => (a, b),
        (false, true) => (b, a),
        _ => return None,
    };
    if family(&input.name) == family(&output.name) {
        return None;
    }
    let raised = at.iter().any(|letter| print::name(letter) == weight.name.layer);
    let weight = match raised {
        true => Factor { at: with_channel(&weight.name, &weight.at, side.span), ..weight },
        false => weight,
    };
    Some(OwnLayer { line, output: output.name.clone(), at, bound, ranges: Vec::new(), weight, input, raised })
}

/// A sum over letters, or what stands under it where there are none.
fn summed(letters: Vec<Name>, body: Expr) -> Expr {
    if letters.is_empty() {
        return body;
    }
    let span = body.span;
    let binder = |name| Binder::Letter { letter: Expr::new(Kind::Name(name), span), lower: None, upper: None };
    Expr::new(Kind::Big(Big::Sum, letters.into_iter().map(binder).collect(), Some(Box::new(body))), span)
}

fn named(name: &str, at: Vec<Expr>, span: Span) -> Expr {
    Expr::new(Kind::Entry(Box::new(Expr::new(Kind::Name(Name::plain(name)), span)), at), span)
}

fn replaced(side: &Expr, name: &Name, by: &Expr) -> Expr {
    letters::map(side, &mut |part| (part.as_name() == Some(name)).then(|| bracketed(by)))
}

fn bracketed(side: &Expr) -> Expr {
    match side.kind {
        Kind::Name(_) | Kind::Number(_) => side.clone(),
        _ => Expr::new(Kind::Parens(Bracket::Round, vec![side.clone()]), side.span),
    }
}

/// The coefficient of a letter, where it is 1 or -1.
fn unit(side: &Expr, letter: &Name) -> Option<bool> {
    let (slope, _) = Poly::of(side)?.solved(&print::name(letter))?;
    let slope = slope.constant()?;
    slope.abs().is_one().then(|| slope.is_negative())
}

/// `left = right` solved for a letter with the coefficient 1 or -1.
fn solved(left: &Expr, right: &Expr, letter: &Name) -> Option<Expr> {
    if left.as_name().is_some() {
        return Some(right.clone());
    }
    let span = left.span;
    let minus = unit(left, letter)?;
    let without = bracketed(&replaced(left, letter, &Expr::new(Kind::Number(BigRational::zero()), span)));
    let (first, second) = if minus { (without, bracketed(right)) } else { (bracketed(right), without) };
    Some(Expr::new(Kind::Add(vec![(false, first), (true, second)]), span))
}

impl OwnLayer {
    /// How far its windows move along the axes of the input.
    pub(super) fn strides(&self) -> Vec<String> {
        let moves = self.input.at.iter().filter(|at| at.as_name().is_none()).filter_map(|at| {
            let poly = Poly::of(at)?;
            let letter = self.at.iter().find(|letter| poly.names().contains(&print::name(letter)))?;
            Some(poly.solved(&print::name(letter))?.0.text())
        });
        moves.collect()
    }

    /// Whether its kernel or its input has so many axes.
    pub(super) fn has_axes(&self, count: usize) -> bool {
        self.weight.at.len() == count || self.input.at.len() == count
    }

    /// The same with letters that no answer uses.
    fn fresh(&self) -> OwnLayer {
        let letters: Vec<Name> = self.at.iter().chain(self.bound.iter().map(|(name, _)| name)).cloned().collect();
        let new = |name: &Name| {
            let place = letters.iter().position(|other| other == name);
            place.map_or_else(|| name.clone(), |place| Name::plain(format!("own{place}")))
        };
        let renamed = |side: &Expr| {
            letters::map(side, &mut |part| {
                let name = part.as_name()?;
                letters.contains(name).then(|| Expr::new(Kind::Name(new(name)), part.span))
            })
        };
        let factor =
            |factor: &Factor| Factor { name: factor.name.clone(), at: factor.at.iter().map(&renamed).collect() };
        OwnLayer {
            at: self.at.iter().map(new).collect(),
            bound: self.bound.iter().map(|(name, range)| (new(name), range.clone())).collect(),
            weight: factor(&self.weight),
            input: factor(&self.input),
            ..self.clone()
        }
    }

    /// The gradient by an entry, over `delta`, `kernel` and `input`.
    fn gradient(&self, kind: TargetKind, at: &[Expr], span: Span) -> Option<Expr> {
        let own = self.fresh();
        let (by, other, name) = match kind {
            TargetKind::Weight => (&own.weight, &own.input, "input"),
            _ => (&own.input, &own.weight, "kernel"),
        };
        if by.at.len() != at.len() {
            return None;
        }
        let mut open: Vec<Name> =
            own.bound.iter().map(|(name, _)| name.clone()).chain(own.at.iter().cloned()).collect();
        let name_of = |name: &Name| Expr::new(Kind::Name(name.clone()), span);
        let mut outputs: Vec<Expr> = own.at.iter().map(name_of).collect();
        let mut rest: Vec<Expr> = other.at.clone();
        let mut equations: Vec<(Expr, Expr)> = by.at.iter().cloned().zip(at.iter().cloned()).collect();
        // Subscripts that are a letter alone first.
        equations.sort_by_key(|(own, _)| own.as_name().is_none());
        while !equations.is_empty() {
            let (left, right) = equations.remove(0);
            let place = open.iter().position(|letter| unit(&left, letter).is_some())?;
            let letter = open.remove(place);
            let solved = solved(&left, &right, &letter)?;
            // The range of a letter that is solved for must be known from a box.
            let alone = |at: &[Expr]| at.iter().any(|at| at.as_name() == Some(&letter));
            let bounded = !own.bound.iter().any(|(name, _)| *name == letter) || alone(&other.at) || alone(&by.at);
            if !bounded {
                return None;
            }
            for side in outputs.iter_mut().chain(&mut rest) {
                *side = replaced(side, &letter, &solved);
            }
            for (left, _) in &mut equations {
                *left = replaced(left, &letter, &solved);
            }
        }
        let factors =
            vec![(Operator::beside(), named("delta", outputs, span)), (Operator::beside(), named(name, rest, span))];
        Some(summed(open, Expr::new(Kind::Product(factors), span)))
    }

    /// Judges `∂y[i]/∂w[u] = x[i+u]`: the derivative of an output by an entry, or by what the activation of the layer below is applied to,
    /// as in `∂z^(l+1)[i-m]/∂z^(l)[i] = w[m] f'(z^(l)[i])`.
    pub(super) fn local(&self, first: &Expr, side: &Expr, context: Context) -> Option<Finding> {
        let Context { model, symbols, options, .. } = context;
        let Kind::Derivative(Some(of), by) = &first.kind else { return None };
        let argument = print::expr(by);
        let (of, by) = (entry(of)?, entry(by)?);
        let lettered = |at: &[Expr]| at.iter().all(|at| at.as_name().is_some());
        if family(&of.name) != family(&self.output) || of.at.len() != self.at.len() || !lettered(&by.at) {
            return None;
        }
        let below = family(&by.name) == family(&self.output)
            && layer_of(&of.name).zip(layer_of(&by.name)).is_some_and(|(of, by)| of == by + 1)
            && letters::all(side).into_iter().any(|part| match &part.kind {
                Kind::Call(function, arguments) => {
                    function.as_name().is_some_and(|name| name.primes > 0)
                        && matches!(arguments.as_slice(), [only] if print::expr(only) == argument)
                }
                _ => false,
            });
        let own = self.fresh();
        let (by_own, other, name) = if family(&by.name) == family(&self.weight.name) {
            (&own.weight, &own.input, "input")
        } else if below || family(&by.name) == family(&self.input.name) {
            (&own.input, &own.weight, "kernel")
        } else {
            return None;
        };
        let outputs: Vec<(Name, Expr)> = own.at.iter().cloned().zip(of.at.iter().cloned()).collect();
        let at_output = |side: &Expr| outputs.iter().fold(side.clone(), |side, (name, by)| replaced(&side, name, by));
        let mut equations: Vec<(Expr, Expr)> = by_own.at.iter().map(at_output).zip(by.at.iter().cloned()).collect();
        if by_own.at.len() != by.at.len() {
            return None;
        }
        let mut rest: Vec<Expr> = other.at.iter().map(at_output).collect();
        let mut open: Vec<Name> = own.bound.iter().map(|(name, _)| name.clone()).collect();
        equations.sort_by_key(|(own, _)| own.as_name().is_none());
        while !equations.is_empty() {
            let (left, right) = equations.remove(0);
            // An output channel that the two entries share.
            if left == right || print::expr(&left) == print::expr(&right) {
                continue;
            }
            let place = open.iter().position(|letter| unit(&left, letter).is_some())?;
            let letter = open.remove(place);
            let solved = solved(&left, &right, &letter)?;
            rest = rest.iter().map(|side| replaced(side, &letter, &solved)).collect();
            for (left, _) in &mut equations {
                *left = replaced(left, &letter, &solved);
            }
        }
        if !open.is_empty() {
            return None;
        }
        let translated = self.translated(side, model)?;
        let axes: Vec<String> = (0..rest.len()).map(|axis| format!("i{axis}")).collect();
        let declared = format!("function {name}({})\n", axes.join(", "));
        let truth = surface::term(&named(name, rest, side.span), symbols).ok()?;
        let written = surface::term(&translated, symbols).ok()?;
        let line = self.line;
        match equation(written, truth, Vec::new(), &declared, options) {
            Outcome::Proved => Some(self.of_another_layer(&of.name, side).unwrap_or_else(|| {
                Finding::remark(Text::new(
                    format!("the derivative of the layer in line {line}"),
                    format!("与第 {line} 行的层的导数一致"),
                ))
            })),
            Outcome::Refuted(example) => Some(Finding::new(
                Verdict::Wrong,
                &[Class::Index],
                Text::new(
                    format!("it is not the derivative of the layer in line {line}"),
                    format!("与第 {line} 行的层的导数不符"),
                ),
                Evidence::Counterexample(example),
            )),
            Outcome::Open(_) => None,
        }
    }

    /// A weight or an input of a side that stands in another layer than in the layer's line, seen from an output.
    fn of_another_layer(&self, output: &Name, side: &Expr) -> Option<Finding> {
        let by = layer_of(output)? - layer_of(&self.output)?;
        let side = slopes::left_out(side);
        let mut names = letters::all(&side).into_iter().filter_map(Expr::as_name);
        let (name, wanted) = names.find_map(|name| {
            let own = [&self.weight.name, &self.input.name].into_iter().find(|own| family(own) == family(name))?;
            let wanted = layer_of(own)? + by;
            (layer_of(name)? != wanted).then_some((name, wanted - layer_of(name)?))
        })?;
        let (name, way) = (print::name(name), if wanted > 0 { ("higher", "高") } else { ("lower", "低") });
        let argument = Text::new(
            format!(
                "the layers do not fit together: as the layer is written, {name} must be {} {}",
                wanted.abs(),
                way.0
            ),
            format!("层号不一致：按该层的写法，{name} 应{}{}层", way.1, wanted.abs()),
        );
        Some(Finding::argued(Verdict::Wrong, Class::Layer, argument))
    }

    /// A side over `delta`, `kernel` and `input`; none where something else occurs. The slope of an activation is left out.
    fn translated(&self, side: &Expr, model: &Model) -> Option<Expr> {
        let side = slopes::applied(&slopes::left_out(side), model);
        let mut strange = false;
        let translated = letters::map(&side, &mut |part| {
            let (name, at) = match &part.kind {
                Kind::Derivative(Some(of), by) if is_loss(of) => {
                    let by = entry(by)?;
                    strange |= family(&by.name) != family(&self.output);
                    ("delta", by.at)
                }
                Kind::Entry(..) => {
                    let factor = entry(part);
                    strange |= factor.is_none();
                    let factor = factor?;
                    let known = [&self.weight, &self.input].map(|other| family(&other.name) == family(&factor.name));
                    match (known, model.role(&factor.name)) {
                        ([true, _], _) if self.raised => ("kernel", with_channel(&factor.name, &factor.at, part.span)),
                        ([true, _], _) => ("kernel", factor.at),
                        ([_, true], _) => ("input", factor.at),
                        (_, Some(Role::Delta)) => ("delta", factor.at),
                        _ => {
                            strange = true;
                            return None;
                        }
                    }
                }
                Kind::Call(..) | Kind::Derivative(..) | Kind::Gradient(..) | Kind::Matrix(_) | Kind::Cases(_) => {
                    strange = true;
                    return None;
                }
                Kind::Product(factors) => {
                    strange |=
                        factors.iter().any(|(sign, _)| convolves(sign) && (sign.sign != Sign::Star || sign.tilde));
                    return None;
                }
                _ => return None,
            };
            let axes = match name {
                "delta" => self.at.len(),
                "kernel" => self.weight.at.len(),
                _ => self.input.at.len(),
            };
            strange |= at.len() != axes;
            Some(named(name, at, part.span))
        });
        (!strange).then_some(translated)
    }

    /// The first and the last output along the axis of a letter where the box of the input is known: of `x[i+u-1]` with 1..M and u in 1..m
    /// these are 1 and M-m+1.
    fn reached(&self, letter: &Name, boxes: &Boxes, symbols: &Symbols) -> Option<(Poly, Poly)> {
        let one = BigRational::one();
        self.input.at.iter().enumerate().find_map(|(axis, index)| {
            let rest = Poly::of(index)?.minus(&Poly::name(&print::name(letter)));
            let (kernel, ends) = self.bound.iter().find(|(name, _)| rest.names().contains(&print::name(name)))?;
            let shift = rest.minus(&Poly::name(&print::name(kernel)));
            let (first, last) = ends.as_ref()?;
            let (low, high) = boxes.side(&(symbols.ident(&self.input.name), axis))?;
            shift.constant()?;
            let less = |end: &Poly, kernel: &Expr| Some(end.minus(&shift).plus(&Poly::of(kernel)?, &-one.clone()));
            let (low, high) = (less(low, first)?, less(high, last)?);
            let plain = |name: &String| name.bytes().all(|byte| byte.is_ascii_alphanumeric());
            low.names().union(&high.names()).all(plain).then_some((low, high))
        })
    }

    /// The boxes of `delta`, `kernel` and `input`, and the ranges of the target's letters.
    fn declarations(
        &self,
        kind: TargetKind,
        at: &[Expr],
        side: &Expr,
        base: i64,
        context: Context,
    ) -> Option<(String, Vec<String>)> {
        let Context { symbols, boxes, .. } = context;
        let mut sizes: BTreeSet<String> = BTreeSet::new();
        let mut text = |side: &Expr| -> Option<String> {
            let mut poly = Poly::of(side)?;
            let names: BTreeMap<String, String> = letters::all(side)
                .into_iter()
                .filter_map(Expr::as_name)
                .map(|name| (print::name(name), symbols.ident(name)))
                .collect();
            for (name, ident) in &names {
                poly = poly.substitute(name, &Poly::name(ident))?;
                sizes.insert(ident.clone());
            }
            Some(poly.text().replace('·', "*"))
        };
        let mut ranges: BTreeMap<Name, (String, String)> = BTreeMap::new();
        for (letter, range) in &self.bound {
            if let Some((low, high)) = range {
                ranges.insert(letter.clone(), (text(low)?, text(high)?));
            }
        }
        // The side says how large the output is.
        let mut outputs: BTreeMap<usize, (String, String)> = BTreeMap::new();
        let mut own: BTreeMap<Name, (Expr, Expr)> = BTreeMap::new();
        for part in letters::all(side) {
            if let Kind::Big(Big::Sum, binders, _) = &part.kind {
                for binder in binders {
                    if let Binder::Letter { letter, lower: Some(low), upper: Some(high) } = binder {
                        own.insert(letter.as_name()?.clone(), (low.clone(), high.clone()));
                    }
                }
            }
        }
        for part in letters::all(side) {
            let Some(factor) = entry(part).filter(|factor| factor.name.base == "delta") else { continue };
            for (axis, index) in factor.at.iter().enumerate() {
                if let Some((low, high)) = index.as_name().and_then(|name| own.get(name)) {
                    // The first output is not left out by a sum that begins after it.
                    let number = Poly::of(low)?.constant();
                    let first = BigRational::from_integer(base.into());
                    let low = if number.is_some_and(|number| number > first) { base.to_string() } else { text(low)? };
                    outputs.insert(axis, (low, text(high)?));
                }
            }
        }
        // Unless the box of the input or the line of the layer do.
        let mut of_boxes: BTreeSet<String> = BTreeSet::new();
        for (axis, letter) in self.at.iter().enumerate() {
            if let Some((low, high)) = self.reached(letter, boxes, symbols) {
                of_boxes.extend(low.names().into_iter().chain(high.names()));
                outputs.insert(axis, (low.text().replace('·', "*"), high.text().replace('·', "*")));
            }
        }
        for (letter, low, high) in &self.ranges {
            if let Some(axis) = self.at.iter().position(|at| at == letter) {
                outputs.insert(axis, (text(low)?, text(high)?));
            }
        }
        // A kernel of which the layer's line does not say how large it is reaches as far as the side sums over it.
        let mut kernels: BTreeMap<usize, (String, String)> = BTreeMap::new();
        for part in letters::all(side) {
            let Some(factor) = entry(part).filter(|factor| factor.name.base == "kernel") else { continue };
            for (axis, index) in factor.at.iter().enumerate() {
                let unsaid =
                    self.weight.at.get(axis).and_then(Expr::as_name).is_some_and(|name| !ranges.contains_key(name));
                if let Some((low, high)) = index.as_name().and_then(|name| own.get(name)).filter(|_| unsaid) {
                    kernels.insert(axis, (text(low)?, text(high)?));
                }
            }
        }
        let mut extra: BTreeSet<String> = BTreeSet::new();
        let mut sides = |name: &str, at: &[Expr], known: &BTreeMap<usize, (String, String)>| -> Vec<(String, String)> {
            at.iter()
                .enumerate()
                .map(|(axis, index)| {
                    let range = known.get(&axis).or_else(|| index.as_name().and_then(|name| ranges.get(name)));
                    range.cloned().unwrap_or_else(|| {
                        let size = format!("size_{name}_{axis}");
                        let end = format!("{size}-1+{base}");
                        extra.insert(size);
                        (base.to_string(), end)
                    })
                })
                .collect()
        };
        let none = BTreeMap::new();
        let letters: Vec<Expr> = self.at.iter().map(|name| Expr::new(Kind::Name(name.clone()), side.span)).collect();
        let boxes = [
            ("delta", sides("delta", &letters, &outputs)),
            ("kernel", sides("kernel", &self.weight.at, &kernels)),
            ("input", sides("input", &self.input.at, &none)),
        ];
        let wanted = if kind == TargetKind::Weight { "kernel" } else { "input" };
        let mut binders = Vec::new();
        let mut declared = String::new();
        for (name, sides) in &boxes {
            let list: Vec<String> = sides.iter().map(|(low, high)| format!("{low}..{high}")).collect();
            declared.push_str(&format!("tensor {name}[{}]\n", list.join(", ")));
            if *name == wanted {
                for (index, range) in at.iter().zip(list) {
                    binders.push(format!("{} in {range}", symbols.ident(index.as_name()?)));
                }
            }
        }
        // Strides and paddings in the subscripts.
        let bound: BTreeSet<&Name> = self.at.iter().chain(self.bound.iter().map(|(name, _)| name)).collect();
        let mut others: BTreeSet<String> = BTreeSet::new();
        for index in self.weight.at.iter().chain(&self.input.at) {
            let names = letters::all(index).into_iter().filter_map(Expr::as_name).filter(|name| !bound.contains(name));
            others.extend(names.map(|name| symbols.ident(name)));
        }
        sizes.extend(extra.into_iter().chain(of_boxes));
        sizes.extend(others);
        let list: Vec<String> = sizes.into_iter().collect();
        let declared = if list.is_empty() { declared } else { format!("size {}\n{declared}", list.join(", ")) };
        Some((declared, binders))
    }

    /// Names in the subscripts that are no letters: strides and paddings, with the value of the plainest layer.
    fn plainest(&self) -> Vec<(Name, i64)> {
        let bound: BTreeSet<&Name> = self.at.iter().chain(self.bound.iter().map(|(name, _)| name)).collect();
        let mut found: Vec<(Name, i64)> = Vec::new();
        for index in self.weight.at.iter().chain(&self.input.at) {
            for part in letters::all(index) {
                let factors = match &part.kind {
                    Kind::Product(factors) => factors.iter().filter_map(|(_, factor)| factor.as_name()).collect(),
                    _ => Vec::new(),
                };
                for name in factors.into_iter().filter(|name| !bound.contains(name)) {
                    found.push((name.clone(), 1));
                }
            }
            for name in letters::all(index).into_iter().filter_map(Expr::as_name) {
                if !bound.contains(name) && !found.iter().any(|(other, _)| other == name) {
                    found.push((name.clone(), 0));
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }

    /// Names of a side that neither the layer nor the target knows.
    fn strange(&self, target: &Target, side: &Expr) -> bool {
        let mut known: BTreeSet<Name> = letters::bound(side);
        known.extend(target.at.iter().flat_map(letters::all).filter_map(Expr::as_name).cloned());
        known.extend(self.plainest().into_iter().map(|(name, _)| name));
        for (_, range) in &self.bound {
            if let Some((low, high)) = range {
                known
                    .extend(letters::all(low).into_iter().chain(letters::all(high)).filter_map(Expr::as_name).cloned());
            }
        }
        // Letters of the layer may stand free; a sum over them has been lost then.
        known.extend(self.at.iter().cloned());
        letters::all(side).into_iter().any(|part| match &part.kind {
            Kind::Entry(_, at) => {
                at.iter().flat_map(letters::all).filter_map(Expr::as_name).any(|name| !known.contains(name))
            }
            _ => false,
        })
    }

    /// Judges a gradient by an entry; none where it is not one of this layer, or nothing could be said.
    pub(super) fn judge(&self, target: &Target, side: &Expr, context: Context) -> Option<Finding> {
        let Context { model, symbols, options, .. } = context;
        let raised;
        let target = if self.raised && target.kind == TargetKind::Weight && !target.by.layer.is_empty() {
            raised = Target { at: with_channel(&target.by, &target.at, side.span), ..target.clone() };
            &raised
        } else {
            target
        };
        if !matches!(target.kind, TargetKind::Weight | TargetKind::Input | TargetKind::Delta)
            || target.at.iter().any(|at| at.as_name().is_none())
            || target.kind == TargetKind::Weight && family(&target.by) != family(&self.weight.name)
            || target.kind == TargetKind::Input && family(&target.by) != family(&self.input.name)
        {
            return None;
        }
        let truth = self.gradient(target.kind, &target.at, side.span)?;
        let translated = self.translated(side, model)?;
        // A layer multiplies with its kernel; without it this is a layer of another kind, such as one that pools.
        let has = |wanted: &str| translated.any(&mut |part| part.as_name().is_some_and(|name| name.base == wanted));
        if !(if target.kind == TargetKind::Weight { has("input") || has("delta") } else { has("kernel") }) {
            return None;
        }
        let (declared, binders) =
            self.declarations(target.kind, &target.at, &translated, model.base.unwrap_or(1), context)?;
        let (binders, _) = parsed(&format!("theorem t for {}: 0 = 0", binders.join(", ")))?;
        let wanted = surface::term(&truth, symbols).ok()?;
        let decided_by = |side: &Expr, wanted: &crate::syntax::ast::Term, options: &Options| {
            let term = surface::term(side, symbols).ok()?;
            Some(equation(term, wanted.clone(), binders.clone(), &declared, options))
        };
        let decided = |side: &Expr, wanted: &crate::syntax::ast::Term| decided_by(side, wanted, options);
        let line = self.line;
        match decided(&translated, &wanted)? {
            Outcome::Proved => Some(Finding::remark(Text::new(
                format!("the gradient of the layer in line {line}, by the prover"),
                format!("与第 {line} 行的层的梯度一致（已证明）"),
            ))),
            Outcome::Open(_) => None,
            Outcome::Refuted(_) if self.strange(target, &translated) => None,
            Outcome::Refuted(example) => {
                // What the side itself speaks of is not left out.
                let spoken = |name: &Name| translated.any(&mut |part| part.as_name() == Some(name));
                let plainest: Vec<(Name, i64)> =
                    self.plainest().into_iter().filter(|(name, _)| !spoken(name)).collect();
                if !plainest.is_empty() {
                    let plain = |side: &Expr| {
                        plainest.iter().fold(side.clone(), |side, (name, value)| {
                            let value = Expr::integer(*value, side.span);
                            replaced(&side, name, &value)
                        })
                    };
                    let special = surface::term(&plain(&truth), symbols).ok();
                    if let Some(Outcome::Proved) = special.and_then(|special| decided(&plain(&translated), &special)) {
                        let list: Vec<String> =
                            plainest.iter().map(|(name, value)| format!("{} = {value}", print::name(name))).collect();
                        let list = list.join(", ");
                        return Some(Finding::new(
                            Verdict::Incomplete,
                            &[Class::Hypothesis],
                            Text::new(
                                format!(
                                    "it is the gradient of the layer in line {line} for {list} only, which is not said"
                                ),
                                format!("只有当 {list} 时才是第 {line} 行的层的梯度，答案没有说明"),
                            ),
                            Evidence::Counterexample(example),
                        ));
                    }
                }
                let above = translated.any(&mut |part| part.as_name().is_some_and(|name| name.base == "delta"));
                let finding = Finding::new(
                    Verdict::Wrong,
                    &[if above { Class::Index } else { Class::Factor }],
                    Text::new(
                        format!("it is not the gradient of the layer in line {line}"),
                        format!("与第 {line} 行的层的梯度不符"),
                    ),
                    Evidence::Counterexample(example),
                );
                let repairs = options.for_repairs();
                let right_one = |edited: &Expr| matches!(decided_by(edited, &wanted, &repairs), Some(Outcome::Proved));
                let left: BTreeSet<Name> = target.at.iter().filter_map(|at| at.as_name().cloned()).collect();
                let Some((class, edited)) = repair::search_free(&translated, &left, right_one) else {
                    return Some(finding);
                };
                let mut calls: BTreeMap<&str, Expr> = BTreeMap::new();
                calls.insert("kernel", Expr::new(Kind::Name(self.weight.name.clone()), side.span));
                calls.insert("input", Expr::new(Kind::Name(self.input.name.clone()), side.span));
                calls.insert("delta", Expr::new(Kind::Name(Name::plain("δ")), side.span));
                let spoken = letters::map(&edited, &mut |part| calls.get(part.as_name()?.base.as_str()).cloned());
                Some(Finding { classes: vec![class], ..finding.with_repair(print::expr(&spoken)) })
            }
        }
    }
}
