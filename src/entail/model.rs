//! A search for integers at which all facts hold, which ends a hopeless search for a refutation early.

use std::collections::{BTreeMap, BTreeSet};

use num_integer::Integer;
use num_traits::ToPrimitive;

use crate::kernel::{Atom, Index, Literal, Var};

/// Changes of one variable that a search may make.
const STEPS: usize = 24;

type Point = BTreeMap<Var, i128>;

/// Whether integers at which all literals hold are found near a starting point. Variables without a value start at
/// `least` and, where that is more than 1, a few steps above it, since at 1 everything divides everything.
pub(super) fn exists(literals: &[&Literal], start: &Point, least: i128) -> bool {
    let mut vars = BTreeSet::new();
    let mut of: Vec<(&Literal, BTreeSet<Var>)> = Vec::with_capacity(literals.len());
    for literal in literals {
        let mut own = BTreeSet::new();
        literal.index().collect_vars(&mut own);
        vars.extend(own.iter().cloned());
        of.push((literal, own));
    }
    let default = |place: i128| least + if least > 1 { place * 7 % 5 } else { 0 };
    let values =
        vars.into_iter().zip(0..).map(|(var, place)| (start.get(&var).copied().unwrap_or(default(place)), var));
    let mut point: Point = values.map(|(value, var)| (var, value)).collect();
    let mut gaps: Vec<i128> = of.iter().map(|(literal, _)| gap(literal, &point)).collect();
    let mut seen = BTreeSet::from([point.clone()]);
    for _ in 0..STEPS {
        let Some(worst) = gaps.iter().position(|gap| *gap > 0) else { return true };
        let Some((_, own)) = of.get(worst) else { return false };
        let distance = gaps.get(worst).copied().unwrap_or(1).min(1 << 40);
        // The least violation over all single changes of this literal's variables, without going back.
        let mut best: Option<((usize, i128), Point, Vec<i128>)> = None;
        for var in own {
            let Some(before) = point.get(var).copied() else { continue };
            for delta in [1, -1, distance, -distance, (distance / 2).max(1), -(distance / 2).max(1)] {
                let mut next = point.clone();
                next.insert(var.clone(), before.saturating_add(delta));
                if seen.contains(&next) {
                    continue;
                }
                let changed: Vec<i128> = of
                    .iter()
                    .zip(&gaps)
                    .map(|((literal, own), old)| if own.contains(var) { gap(literal, &next) } else { *old })
                    .collect();
                let cost = (
                    changed.iter().filter(|gap| **gap > 0).count(),
                    changed.iter().fold(0, |total: i128, gap| total.saturating_add(*gap)),
                );
                if best.as_ref().is_none_or(|(least, _, _)| cost < *least) {
                    best = Some((cost, next, changed));
                }
            }
        }
        let Some((_, next, changed)) = best else { return false };
        seen.insert(next.clone());
        (point, gaps) = (next, changed);
    }
    false
}

/// How far a literal is from holding; 0 where it holds.
fn gap(literal: &Literal, point: &Point) -> i128 {
    const UNDEFINED: i128 = 1 << 60;
    let Some(value) = evaluate(literal.index(), point) else { return UNDEFINED };
    match literal {
        Literal::Ge(_) => value.saturating_neg().max(0),
        Literal::Eq(_) => value.saturating_abs(),
        Literal::Ne(_) => i128::from(value == 0),
    }
}

fn evaluate(index: &Index, point: &Point) -> Option<i128> {
    let mut sum: i128 = 0;
    for (monomial, coefficient) in index.terms() {
        let mut product = coefficient.to_i128()?;
        for (atom, exponent) in monomial.factors() {
            let value = match atom {
                Atom::Var(var) => *point.get(var)?,
                Atom::Floor(a, b) => {
                    let divisor = evaluate(b, point).filter(|divisor| *divisor > 0)?;
                    Integer::div_floor(&evaluate(a, point)?, &divisor)
                }
                Atom::Max(a, b) => evaluate(a, point)?.max(evaluate(b, point)?),
                Atom::Apply(..) | Atom::Volume(_) => return None,
            };
            product = product.checked_mul(value.checked_pow(*exponent)?)?;
        }
        sum = sum.checked_add(product)?;
    }
    Some(sum)
}
