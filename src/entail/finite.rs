//! Evidence that a guard leaves finitely many choices for its letters.

use num_bigint::BigInt;
use num_traits::{One, Signed};

use super::prove_all;
use crate::kernel::{Atom, Bounds, Facts, Finiteness, Guard, Index, Literal, Var};

/// Evidence that a guard bounds all the letters, where it is found: an order of the letters in which each has a least
/// and a greatest value given by those before it.
///
/// ```
/// use convprove::entail::finite;
/// use convprove::kernel::{Facts, Guard, Index, Literal, Var};
/// let [i, j, n] = ["i", "j", "n"].map(Index::scalar);
/// let guard: Guard = [Literal::le(&j, &i), Literal::lt(&i, &n)].into_iter().collect();
/// let letters = [Var::scalar("i"), Var::scalar("j")];
/// assert!(finite(&Facts::new(), &letters, &guard).is_none());
/// let guard = guard.and(&[Literal::le(&Index::from(0), &j)].into_iter().collect());
/// assert!(finite(&Facts::new(), &letters, &guard).is_some());
/// ```
pub fn finite(facts: &Facts, vars: &[Var], guard: &Guard) -> Option<Finiteness> {
    let mut known = facts.clone();
    known.extend(guard.literals().cloned());
    let mut open: Vec<usize> = (0..vars.len()).collect();
    let mut evidence = Vec::with_capacity(vars.len());
    while !open.is_empty() {
        let found = open.iter().enumerate().find_map(|(place, letter)| {
            let unbound: Vec<&Var> = open.iter().filter_map(|other| vars.get(*other)).collect();
            bounds(&known, vars.get(*letter)?, *letter, &unbound).map(|bounds| (place, bounds))
        });
        let (place, bounds) = found?;
        open.remove(place);
        evidence.push(bounds);
    }
    Some(Finiteness(evidence))
}

/// Bounds of one letter that mention no letter which is still unbounded.
fn bounds(known: &Facts, var: &Var, letter: usize, open: &[&Var]) -> Option<Bounds> {
    let (mut lowers, mut uppers) = (Vec::new(), Vec::new());
    for fact in known {
        let (index, equation) = match fact {
            Literal::Ge(index) => (index, false),
            Literal::Eq(index) => (index, true),
            Literal::Ne(_) => continue,
        };
        let Some((factor, rest)) = linear_in(index, var) else { continue };
        // factor·v + rest ≥ 0, where the factor is positive or the negative of something positive.
        let negative = factor.terms().next_back().is_some_and(|(_, value)| value.is_negative());
        let size = if negative { -&factor } else { factor };
        if open.iter().any(|other| size.contains(other)) {
            continue;
        }
        let cost = (size.as_constant().is_none_or(|value| !value.is_one()), rest.len());
        // Other open letters give way to what is known of them on the side that matters.
        if let Some(most) = extreme(known, &rest, open, true) {
            let quotient = Index::floor(most, size.clone());
            if negative { uppers.push((cost, quotient)) } else { lowers.push((cost, -&quotient)) }
        }
        if equation && let Some(most) = extreme(known, &-&rest, open, true) {
            let quotient = Index::floor(most, size.clone());
            if negative { lowers.push((cost, -&quotient)) } else { uppers.push((cost, quotient)) }
        }
    }
    lowers.sort_by_key(|(cost, _)| *cost);
    uppers.sort_by_key(|(cost, _)| *cost);
    let value = Index::from(var);
    let (lower, low) = lowers
        .into_iter()
        .find_map(|(_, lower)| Some((lower.clone(), prove_all(known, [Literal::le(&lower, &value)])?)))?;
    let (upper, high) = uppers
        .into_iter()
        .find_map(|(_, upper)| Some((upper.clone(), prove_all(known, [Literal::le(&value, &upper)])?)))?;
    let mut proofs = low;
    proofs.0.extend(high.0);
    Some(Bounds { letter, lower, upper, proofs })
}

/// A term that is not below the given one (not above it, for the least) and mentions no open letter: each open letter is
/// replaced by a bound that facts state of it alone.
fn extreme(known: &Facts, index: &Index, open: &[&Var], greatest: bool) -> Option<Index> {
    let mut result = index.clone();
    for var in open {
        if !result.contains(var) {
            continue;
        }
        let (factor, rest) = linear_in(&result, var)?;
        let negative = factor.terms().next_back().is_some_and(|(_, value)| value.is_negative());
        let bound = one_sided(known, var, open, greatest != negative)?;
        result = &rest + &(&factor * &bound);
    }
    Some(result)
}

/// An upper (or lower) bound of a letter with coefficient 1 that mentions no open letter.
fn one_sided(known: &Facts, var: &Var, open: &[&Var], upper: bool) -> Option<Index> {
    known.iter().find_map(|fact| {
        let Literal::Ge(index) = fact else { return None };
        let (factor, rest) = linear_in(index, var)?;
        let sign = if upper { -1 } else { 1 };
        let fits = factor.as_constant() == Some(sign.into()) && !open.iter().any(|other| rest.contains(other));
        fits.then(|| if upper { rest } else { -&rest })
    })
}

/// The term as `factor·v + rest`, where `v` occurs linearly and nowhere else.
pub fn linear_in(index: &Index, var: &Var) -> Option<(Index, Index)> {
    let (mut factor, mut rest) = (Index::default(), Index::default());
    for (monomial, value) in index.terms() {
        let mut others = Index::constant(BigInt::one());
        let mut found = false;
        for (atom, exponent) in monomial.factors() {
            match atom {
                Atom::Var(other) if other == var && *exponent == 1 => found = true,
                _ => {
                    for _ in 0..*exponent {
                        others = &others * &Index::atom(atom.clone());
                    }
                }
            }
        }
        if others.contains(var) {
            return None;
        }
        if found {
            factor = &factor + &others.scale(value);
        } else {
            rest.add_term(monomial.clone(), value);
        }
    }
    (!factor.is_zero()).then_some((factor, rest))
}
