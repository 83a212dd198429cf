//! Maxima: the rules that bring one nearer to a single maximum over entries, and the moves that change its letters.
//!
//! To the finder the entries in the body of a maximum are what the factors of a product are to a Σ: paired, they determine the
//! letters of one side from those of the other. No box helps here, since outside it an entry is 0 and not minus infinity.

use super::chain::Chain;
use super::finder::{Move, tidy};
use super::matching::matchings;
use super::monomial::Monomial;
use crate::entail;
use crate::kernel::{Expr, Facts, FiniteNest, Guard, Index, Law, Maximum, Situation, Substitution, Var, not_negative};

/// Joins maxima, and takes out of one what does not depend on its letters.
pub(super) fn simplify(chain: &mut Chain) -> Option<()> {
    let Expr::Max(vars, guard, body) = chain.current() else { return None };
    let facts = &chain.situation().facts;
    if let Expr::Max(inner, inner_guard, _) = body.as_ref() {
        let within: Facts = facts.iter().chain(guard.literals()).cloned().collect();
        let finite = FiniteNest {
            outer: entail::finite(facts, vars, guard)?,
            inner: entail::finite(&within, inner, inner_guard)?,
        };
        let point = entail::point(&within, inner, inner_guard)?;
        return chain.apply(&[], Law::Maximum(Box::new(Maximum::Nested(finite, point))));
    }
    if let Some((path, reduced)) = decided(chain) {
        return chain.guard_equivalent(&path, reduced);
    }
    let common = |part: &Expr| {
        let free = part.free_vars();
        !vars.iter().any(|var| free.contains(var))
    };
    if let Expr::Mul(factors) = body.as_ref() {
        let scale = factors.iter().enumerate().filter(|(_, factor)| common(factor)).find_map(|(place, factor)| {
            let proofs = entail::prove_all(facts, not_negative(factor)?)?;
            Some(Maximum::Scale(place, proofs))
        });
        if let Some(scale) = scale {
            return chain.apply(&[], Law::Maximum(Box::new(scale)));
        }
    }
    let constant = common(body);
    let term = match body.as_ref() {
        Expr::Add(terms) => terms.iter().position(common),
        _ => None,
    };
    if !constant && term.is_none() {
        return None;
    }
    let (finite, point) = (entail::finite(facts, vars, guard)?, entail::point(facts, vars, guard)?);
    let law = match term {
        Some(place) if !constant => Maximum::Shift(place, finite, point),
        _ => Maximum::Constant(finite, point),
    };
    chain.apply(&[], Law::Maximum(Box::new(law)))
}

/// A bracket among the factors of the body that the range makes simpler, with what is left of it. It cannot join the range, where it
/// would leave out zeros.
fn decided(chain: &Chain) -> Option<(Vec<usize>, Guard)> {
    let Expr::Max(_, _, body) = chain.current() else { return None };
    let factors = match body.as_ref() {
        Expr::Mul(factors) => factors.as_slice(),
        other => std::slice::from_ref(other),
    };
    factors.iter().enumerate().find_map(|(place, factor)| {
        let Expr::Bracket(guard) = factor else { return None };
        let path = if matches!(**body, Expr::Mul(_)) { vec![0, place] } else { vec![0] };
        let reduced = entail::reduce(&chain.facts_at(&path), guard);
        (reduced != *guard).then_some((path, reduced))
    })
}

/// A maximum as the finder sees it: its range, and the entries of its body.
fn monomial(situation: &Situation, expr: &Expr) -> Option<Monomial> {
    let Expr::Max(vars, guard, body) = expr else { return None };
    let mut factors = Vec::new();
    readings(body, &mut factors);
    let mut result = Monomial::of_parts(expr.clone(), vars.clone(), guard.clone());
    result.factors = factors;
    Some(result.purified(&situation.facts))
}

/// The parts of an expression that depend on letters by their positions.
fn readings(expr: &Expr, found: &mut Vec<Expr>) {
    match expr {
        Expr::Entry(_, _) | Expr::Integer(_) | Expr::Sum(_, _, _) | Expr::Max(_, _, _) => found.push(expr.clone()),
        _ => expr.children().iter().for_each(|child| readings(child, found)),
    }
}

/// The ways in which two maxima may be one under a change of letters.
pub(super) fn moves(situation: &Situation, from: &Expr, to: &Expr) -> Vec<Move> {
    let (Some(left), Some(right)) = (monomial(situation, from), monomial(situation, to)) else { return Vec::new() };
    let (own, letters) = (right.letters(), right.common_letters());
    let restored = |side: &Monomial, vars: &[Var], names: &[Var]| {
        let values = side.restore(&vars.iter().map(Index::from).collect::<Vec<_>>());
        Substitution::of_indices(names.iter().cloned().zip(values).collect())
    };
    let (back, forth) = (restored(&right, &own, &letters), restored(&left, &left.letters(), &left.letters()));
    let read = |terms: &[Index], count: usize, map: &Substitution| -> Vec<Index> {
        terms.iter().take(count).map(|term| tidy(&term.substitute(map.indices()))).collect()
    };
    matchings(&situation.facts, &left, &right, &letters)
        .into_iter()
        .map(|maps| Move::Transport {
            from: from.clone(),
            to: to.clone(),
            phi: read(&maps.phi, left.vars.len(), &back),
            psi: read(&maps.psi, right.vars.len(), &forth),
            replaces: false,
        })
        .collect()
}
