//! Maxima over ranges of which one covers the other: `max_{k<a} max_{r<b} x[k+r] = max_{q<a+b-1} x[q]`.
//!
//! The pairing of entries says where φ takes a point of the larger range. Since more than one point may go to the same place, nothing says
//! which of them ψ is to choose; letters that stay open are put at an end of their range, or as far as the equation allows.

use super::finder::{Move, tidy};
use super::matching::{eliminate, mentions_hidden, pairings, system};
use super::monomial::{Monomial, quotient};
use crate::entail;
use crate::kernel::{Expr, Facts, Index, Literal, Substitution, Var};

/// So many letters may stay open.
const OPEN: usize = 3;

/// The moves from one maximum to another whose range covers its own, or the other way round.
pub(super) fn covers(facts: &Facts, left: (&Expr, &Monomial), right: (&Expr, &Monomial)) -> Vec<Move> {
    [(left, right), (right, left)]
        .into_iter()
        .flat_map(|((from, narrow), (to, wide))| {
            maps(facts, narrow, wide).into_iter().map(|(phi, psi)| Move::Transport {
                from: from.clone(),
                to: to.clone(),
                phi,
                psi,
                replaces: false,
            })
        })
        .collect()
}

/// The letters of the narrow range in terms of those of the wide one, and a choice the other way.
fn maps(facts: &Facts, narrow: &Monomial, wide: &Monomial) -> Vec<(Vec<Index>, Vec<Index>)> {
    let own: Vec<Var> = narrow.letters();
    let letters = wide.common_letters();
    let renamed = wide.renamed(&letters);
    let names = Substitution::of_indices(
        letters
            .iter()
            .cloned()
            .zip(wide.restore(&wide.letters().iter().map(Index::from).collect::<Vec<_>>()))
            .collect(),
    );
    let mut found = Vec::new();
    for equations in pairings(narrow, &renamed) {
        let system = system(&equations);
        let solved = eliminate(facts, &own, (&narrow.guard, &narrow.quotients), &system);
        let phi: Option<Vec<Index>> = narrow.vars.iter().map(|var| solved.get(var).cloned()).collect();
        let stray = |terms: &[Index], vars: &[Var]| {
            terms.iter().any(|term| mentions_hidden(term) || vars.iter().any(|var| term.contains(var)))
        };
        let Some(phi) = phi.filter(|phi| !stray(phi, &own)) else { continue };
        let known: Facts = facts.iter().chain(narrow.guard.literals()).cloned().collect();
        let mut choices = Vec::new();
        choose(&known, &renamed, &letters, &system, OPEN, &mut choices);
        for psi in choices {
            let psi = narrow.restore(&psi[..wide.vars.len()]);
            if !stray(&psi, &letters) {
                let phi = phi.iter().map(|term| tidy(&term.substitute(names.indices()))).collect();
                found.push((phi, psi.iter().map(tidy).collect()));
            }
        }
    }
    found
}

/// Values for the letters of the wide range that solve the equations.
fn choose(facts: &Facts, wide: &Monomial, letters: &[Var], system: &[Index], open: usize, found: &mut Vec<Vec<Index>>) {
    let mut solved = eliminate(facts, letters, (&wide.guard, &wide.quotients), system);
    solved.retain(|_, value| !letters.iter().any(|var| value.contains(var)));
    let free: Vec<&Var> = letters.iter().filter(|var| !solved.contains_key(var)).collect();
    let Some(var) = free.first().filter(|_| free.len() <= open) else {
        if free.is_empty() {
            found.extend(letters.iter().map(|var| solved.get(var).cloned()).collect::<Option<Vec<_>>>());
        }
        return;
    };
    let open_here = |index: &Index| free.iter().any(|other| index.contains(other));
    let (mut lows, mut highs) = (Vec::new(), Vec::new());
    for literal in wide.guard.literals() {
        let Literal::Ge(bound) = literal else { continue };
        let bound = bound.substitute(&solved);
        let Some((factor, rest)) = entail::linear_in(&bound, var).filter(|(_, rest)| !open_here(rest)) else {
            continue;
        };
        match factor.as_constant().and_then(|factor| i64::try_from(factor).ok()) {
            Some(1) => lows.push(-&rest),
            Some(-1) => highs.push(rest),
            _ => {}
        }
    }
    let mut values: Vec<Index> = highs.iter().chain(&lows).cloned().collect();
    // As far as the equation goes where every other letter is at the beginning of its range: Σ c·v = e.
    for equation in system {
        let equation = equation.substitute(&solved);
        for equation in [equation.clone(), -&equation] {
            let Some((factor, rest)) = entail::linear_in(&equation, var) else { continue };
            if entail::positive(facts, &factor)
                && let Some(rest) = least(wide, &free[1..], &rest)
            {
                let far = quotient(&-&rest, &factor);
                values.extend(highs.iter().map(|high| Index::min(high.clone(), far.clone())));
            }
        }
    }
    for value in values {
        let system: Vec<Index> = system.iter().cloned().chain([&Index::from(*var) - &value]).collect();
        choose(facts, wide, letters, &system, open - 1, found);
    }
}

/// A term with the open letters at the beginning of their ranges, where these are known.
fn least(wide: &Monomial, open: &[&Var], term: &Index) -> Option<Index> {
    open.iter().try_fold(term.clone(), |term, var| {
        if !term.contains(var) {
            return Some(term);
        }
        let low = wide.guard.literals().find_map(|literal| {
            let Literal::Ge(bound) = literal else { return None };
            let (factor, rest) = entail::linear_in(bound, var)?;
            let first = factor.as_constant().is_some_and(|factor| i64::try_from(factor) == Ok(1));
            (first && !open.iter().any(|other| rest.contains(other))).then(|| -&rest)
        })?;
        Some(term.substitute(&[((*var).clone(), low)].into_iter().collect()))
    })
}
