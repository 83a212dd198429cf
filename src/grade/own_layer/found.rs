//! The layers that an answer writes as sums over products of entries.

use super::*;
use crate::grade::model::is_rotation;

/// Layers with more letters are not looked at.
const MAX_LETTERS: usize = 12;

/// So many lines are taken for layers.
const MAX_LAYERS: usize = 8;

/// The layers that an answer writes as sums.
pub(in crate::grade) fn layers(reading: &Reading, model: &Model) -> Vec<OwnLayer> {
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
pub(in crate::grade) fn unlike(reading: &Reading, model: &Model) -> Vec<usize> {
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
    let (sums, others): (Vec<_>, Vec<_>) = side.terms().into_iter().partition(|(_, term)| has_sum(term));
    let bias = |(_, term): &(bool, &Expr)| {
        let name = entry(term).map(|entry| entry.name).or_else(|| term.as_name().cloned());
        name.is_some_and(|name| {
            !matches!(model.role(&name), Some(Role::Weight | Role::Activation | Role::Output | Role::Delta))
        })
    };
    let product = |(minus, term): &(bool, &Expr)| {
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
    matches!(&side.kind, Kind::Entry(base, _) if matches!(&base.kind, Kind::Call(function, _) if function.as_name().is_some_and(is_rotation)))
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
