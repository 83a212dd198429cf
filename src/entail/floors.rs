//! Quotients: the facts of division with remainder, and quotients that equal simpler terms.

use super::poly::{AtomId, Poly, Table};
use super::products;
use super::state::{Budget, State, Wrap};
use crate::kernel::{Atom, Index, Literal, Refutation};

/// Quotients beyond this number get no division facts.
const QUOTIENTS: usize = 16;

/// A quotient `⌊numerator / divisor⌋` that occurs.
#[derive(Clone, Debug)]
struct Quotient {
    atom: AtomId,
    numerator: Index,
    divisor: Index,
}

/// The quotients in a term, innermost first.
fn quotients(index: &Index, found: &mut Vec<(Index, Index)>) {
    for atom in index.atoms() {
        match atom {
            Atom::Floor(numerator, divisor) => {
                quotients(numerator, found);
                quotients(divisor, found);
                let pair = ((**numerator).clone(), (**divisor).clone());
                if !found.contains(&pair) {
                    found.push(pair);
                }
            }
            Atom::Max(a, b) => {
                quotients(a, found);
                quotients(b, found);
            }
            Atom::Var(_) | Atom::Apply(..) | Atom::Volume(_) => {}
        }
    }
}

fn occurring(state: &State, table: &mut Table) -> Vec<Quotient> {
    let mut found = Vec::new();
    for fact in &state.facts {
        quotients(fact.literal.index(), &mut found);
    }
    found.truncate(QUOTIENTS);
    found
        .into_iter()
        .map(|(numerator, divisor)| {
            let atom = Atom::Floor(Box::new(numerator.clone()), Box::new(divisor.clone()));
            Quotient { atom: table.atom(&atom), numerator, divisor }
        })
        .collect()
}

/// Adds the facts of division for every quotient whose divisor is found to be positive. Whether anything was added.
pub(super) fn divide(state: &mut State, table: &mut Table, budget: &mut Budget) -> bool {
    let mut added = false;
    for quotient in occurring(state, table) {
        if !state.divided.contains(&quotient.atom) {
            added |= division(state, table, budget, &quotient.numerator, &quotient.divisor);
        }
    }
    added
}

/// Adds the facts of one division.
pub(super) fn division(
    state: &mut State,
    table: &mut Table,
    budget: &mut Budget,
    numerator: &Index,
    divisor: &Index,
) -> bool {
    let one = Index::from(1);
    let positive = Literal::ge(divisor - &one);
    let proof = match divisor.as_constant() {
        Some(value) if value >= 1.into() => Refutation::Absurd,
        Some(_) => return false,
        None => {
            // The kernel asks for a refutation of `divisor ≤ 0`, which is the negation of `divisor ≥ 1`.
            let powers = products::of_parameters(state, table, divisor);
            if positive.negated() != Literal::ge(-divisor)
                || !state.cut_by(table, budget, positive.clone(), (&[], &powers))
            {
                return false;
            }
            let clash = Literal::ge(-divisor);
            match (positive, clash) {
                (Literal::Ge(low), Literal::Ge(high)) if (&low + &high).as_constant() == Some((-1).into()) => {
                    let products = vec![(1.into(), vec![low]), (1.into(), vec![high])];
                    Refutation::Combine { products, multiples: Vec::new() }
                }
                _ => Refutation::Absurd,
            }
        }
    };
    let atom = Atom::Floor(Box::new(numerator.clone()), Box::new(divisor.clone()));
    let value = Index::floor(numerator.clone(), divisor.clone());
    let remainder = numerator - &(divisor * &value);
    let bounds = [Literal::ge(remainder.clone()), Literal::ge(&(divisor - &one) - &remainder)];
    let pushed = bounds.clone().map(|bound| state.push(table, bound));
    if pushed.contains(&None) {
        return false;
    }
    state.divided.insert(table.atom(&atom));
    state.wraps.push(Wrap::Division {
        numerator: numerator.clone(),
        divisor: divisor.clone(),
        positive: proof,
        bounds,
    });
    true
}

/// Derives `⌊(s·t + r)/s⌋ = t` where `0 ≤ r < s`, and relates quotients whose numerators differ by a multiple of the
/// divisor. Equations are used inside numerators. Whether anything was derived.
pub(super) fn normalize(state: &mut State, table: &mut Table, budget: &mut Budget) -> bool {
    let mut added = false;
    // Divisor, remainder, quotient and its whole part, of the first quotient of each kind.
    let mut kinds: Vec<(Poly, Poly, Poly)> = Vec::new();
    for quotient in occurring(state, table) {
        if state.divided.contains(&quotient.atom) {
            added |= simplify(state, table, budget, &quotient, &mut kinds).unwrap_or(false);
        }
    }
    added
}

fn simplify(
    state: &mut State,
    table: &mut Table,
    budget: &mut Budget,
    quotient: &Quotient,
    kinds: &mut Vec<(Poly, Poly, Poly)>,
) -> Option<bool> {
    let numerator = table.poly(&quotient.numerator)?;
    let numerator = state.reduce(table, &numerator)?;
    let divisor = table.poly(&quotient.divisor)?;
    let divisor = state.reduce(table, &divisor)?;
    let (whole, rest) = table.divide_by(&numerator, &divisor)?;
    let single = table.single(quotient.atom);
    let own = state.reduce(table, &single)?;
    let positive = Literal::ge(&quotient.divisor - &Index::from(1));
    let with: Vec<usize> = state.facts.iter().position(|fact| fact.literal == positive).into_iter().collect();
    let small = rest.is_zero() || {
        let low = Literal::ge(table.index(&rest));
        let high = divisor.plus(-1, &rest)?.plus(-1, &Poly::constant(1))?;
        let high = Literal::ge(table.index(&high));
        let plausible = own != whole;
        plausible && state.cut(table, budget, low, &[]) && state.cut(table, budget, high, &[])
    };
    // ⌊a/s⌋ − whole, which is the same for every quotient of the kind.
    let target = if small {
        whole
    } else {
        let known = kinds.iter().find(|(other, remainder, _)| *other == divisor && *remainder == rest);
        match known {
            Some((_, _, excess)) => excess.plus(1, &whole)?,
            None => {
                kinds.push((divisor, rest, single.plus(-1, &whole)?));
                return Some(false);
            }
        }
    };
    let difference = single.plus(-1, &target)?;
    if state.reduce(table, &difference)?.is_zero() {
        return Some(false);
    }
    let equation = Literal::eq(table.index(&difference));
    let before = state.facts.len();
    Some(state.cut(table, budget, equation, &with) && state.facts.len() > before)
}
