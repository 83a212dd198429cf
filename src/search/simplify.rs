//! Directed rules: each uses one law to bring an expression nearer to a sum of single Σs over products of entries.
//!
//! A rule sees a node whose parts are simplified already and the facts of the statement, never those of a Σ around it, since a
//! part may stand in several contexts. What a Σ knows, it uses for its own guard and body.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::One;

use super::chain::Chain;
use super::count::{count, telescope};
use crate::entail;
use crate::kernel::{
    Entailments, Expr, Facts, FiniteNest, Guard, Index, Law, Literal, Maximum, Rank, Reindexing, Tensor, Var, inverse,
};

/// The first rule that applies to the chain's expression, with its law's name; the chain then ends in its result.
///
/// The order matters for economy only: definitions first, then structure, then conditions, then letters.
pub fn simplify<'a>(chain: &Chain<'a>) -> Option<(&'static str, Chain<'a>)> {
    type Rule = for<'a> fn(&mut Chain<'a>) -> Option<()>;
    const RULES: [(&str, Rule); 18] = [
        ("ring", ring),
        ("index", equations),
        ("unfold", unfold),
        ("maximum", super::peak::simplify),
        ("differentiate", differentiate),
        ("inverse", super::inverse::simplify),
        ("telescope", telescope),
        ("linear", linear),
        ("fubini", fubini),
        ("guard", guard),
        ("guard", super::pin::pin),
        ("index", super::beside::simplify),
        ("guard", super::assumed::simplify),
        ("reindex", sift),
        ("reindex", super::tiles::untile),
        ("reindex", super::tiles::tile),
        ("count", count),
        ("maximum", super::maxima::simplify),
    ];
    RULES.iter().find_map(|(law, rule)| {
        let mut attempt = chain.clone();
        rule(&mut attempt)?;
        attempt.ring()?;
        (attempt.current() != chain.current()).then_some((*law, attempt))
    })
}

/// Normalises by the ring laws.
fn ring(chain: &mut Chain) -> Option<()> {
    chain.ring()
}

/// What is assumed equal to other integers gives way to them: with `s = K` the entry `x[s·o]` is `x[K·o]`.
fn equations(chain: &mut Chain) -> Option<()> {
    let solved = chain.situation().facts.iter().filter_map(|fact| {
        let Literal::Eq(equation) = fact else { return None };
        let mut vars = BTreeSet::new();
        equation.collect_vars(&mut vars);
        // The last letter goes, so that none comes back.
        let last = vars.pop_last()?;
        Some((last.clone(), solve(equation, &last)?))
    });
    let map: BTreeMap<Var, Index> = solved.collect();
    let affected = |index: &Index| map.keys().any(|var| index.contains(var));
    match chain.current().clone() {
        Expr::Entry(Tensor::Named(name), position) if position.iter().any(affected) => {
            let position = position.iter().map(|index| index.substitute(&map)).collect();
            chain.index(&[], Expr::Entry(Tensor::Named(name), position))
        }
        Expr::Integer(index) if affected(&index) => chain.index(&[], Expr::Integer(index.substitute(&map))),
        Expr::Sum(_, guard, _) | Expr::Max(_, guard, _) | Expr::Bracket(guard) if guard.indices().any(affected) => {
            chain.guard_equivalent(&[], guard.substitute(&map))
        }
        _ => None,
    }
}

/// Unfolds the entry of a definition, or of a tensor given by its entries.
fn unfold(chain: &mut Chain) -> Option<()> {
    match chain.current() {
        Expr::Entry(Tensor::Named(_), _) => None,
        Expr::Entry(_, _) => chain.apply(&[], Law::Unfold),
        _ => None,
    }
}

/// Takes ∂ down to the entries, once the definitions and the derivatives inside have given way.
fn differentiate(chain: &mut Chain) -> Option<()> {
    match chain.current() {
        Expr::Derivative(body, _, _) if !is_pending(body) => chain.apply(&[], Law::Differentiate),
        Expr::Apply { orders, .. } if orders.contains(&1) => chain.apply(&[], Law::Slope),
        _ => None,
    }
}

/// Whether a definition or a derivative occurs that the rules will replace.
fn is_pending(expr: &Expr) -> bool {
    match expr {
        Expr::Entry(tensor, _) => !matches!(tensor, Tensor::Named(_)),
        Expr::Derivative(body, _, _) => !matches!(**body, Expr::Max(_, _, _)),
        _ => expr.children().iter().any(is_pending),
    }
}

/// Distributes a Σ over a sum, pulls factors into a Σ, and numbers out of it.
fn linear(chain: &mut Chain) -> Option<()> {
    match chain.current().clone() {
        Expr::Sum(_, _, body) if matches!(*body, Expr::Add(_)) => chain.apply(&[], Law::LinearSum),
        Expr::Sum(vars, guard, body) => {
            let (number, rest) = split_number(&body)?;
            let product = Expr::Mul(vec![number.clone(), rest.clone()]);
            chain.settle(Expr::Sum(vars.clone(), guard.clone(), Box::new(product)))?;
            let inner = Expr::Sum(vars, guard, Box::new(rest));
            chain.apply_reversed(&[], Law::LinearFactor(1), Expr::Mul(vec![number, inner]))
        }
        Expr::Mul(factors) => {
            let is_sum = |factor: &Expr| matches!(factor, Expr::Sum(_, _, _));
            let is_power = |factor: &Expr| matches!(factor, Expr::Power(base, _) if is_sum(base));
            if let Some(position) = factors.iter().position(is_power) {
                spread_power(chain, factors, position)?;
                return linear(chain);
            }
            let others = factors.iter().filter(|factor| !matches!(factor, Expr::Number(_))).count();
            let position = factors.iter().position(is_sum).filter(|_| others > 1)?;
            chain.apply(&[], Law::LinearFactor(position))
        }
        Expr::Power(base, exponent) if matches!(*base, Expr::Sum(_, _, _)) && exponent <= 8 => {
            chain.compare(&[], Law::Ring, Expr::Mul(vec![*base; exponent as usize]))?;
            linear(chain)
        }
        _ => None,
    }
}

/// Writes a power of a Σ among the factors as a product.
fn spread_power(chain: &mut Chain, mut factors: Vec<Expr>, position: usize) -> Option<()> {
    let Expr::Power(base, exponent) = factors.remove(position) else { return None };
    if exponent > 8 {
        return None;
    }
    factors.extend(std::iter::repeat_n(*base, exponent as usize));
    chain.compare(&[], Law::Ring, Expr::Mul(factors))
}

/// A numeric factor other than 1, and the rest.
fn split_number(body: &Expr) -> Option<(Expr, Expr)> {
    match body {
        Expr::Number(value) if !value.is_one() => Some((body.clone(), Expr::from(1))),
        Expr::Mul(factors) => match factors.split_first() {
            Some((number @ Expr::Number(_), rest)) => Some((number.clone(), Expr::Mul(rest.to_vec()))),
            _ => None,
        },
        _ => None,
    }
}

/// Joins a Σ of a Σ.
fn fubini(chain: &mut Chain) -> Option<()> {
    let Expr::Sum(outer, guard, body) = chain.current() else { return None };
    let Expr::Sum(inner, inner_guard, _) = body.as_ref() else { return None };
    let facts = &chain.situation().facts;
    let within: Facts = facts.iter().chain(guard.literals()).cloned().collect();
    let finite =
        FiniteNest { outer: entail::finite(facts, outer, guard)?, inner: entail::finite(&within, inner, inner_guard)? };
    chain.apply(&[], Law::Fubini(finite))
}

/// Moves brackets into the range, drops conditions that others imply, and decides those that are decided.
fn guard(chain: &mut Chain) -> Option<()> {
    chain.absorb(&[]);
    let old = match chain.current() {
        Expr::Sum(_, guard, _) | Expr::Max(_, guard, _) | Expr::Bracket(guard) => guard.clone(),
        _ => return None,
    };
    chain.guard_equivalent(&[], pinched(&entail::reduce(&chain.situation().facts, &old)))
}

/// A guard in which two ends that meet are one equation: `u ≥ n` and `u ≤ n`.
fn pinched(guard: &Guard) -> Guard {
    let meet = |index: &Index| guard.contains(&Literal::ge(-index));
    let literal = |literal: &Literal| match literal {
        Literal::Ge(index) if meet(index) => Literal::eq(index.clone()),
        other => other.clone(),
    };
    guard.literals().map(literal).collect()
}

/// Solves an equation of the range for a letter: a sum over one point per choice of the others.
fn sift(chain: &mut Chain) -> Option<()> {
    let (Expr::Sum(vars, guard, _) | Expr::Max(vars, guard, _)) = chain.current() else { return None };
    let (var, value) = guard.literals().find_map(|literal| match literal {
        Literal::Eq(equation) => vars.iter().rev().find_map(|var| Some((var.clone(), solve(equation, var)?))),
        _ => None,
    })?;
    let map = [(var.clone(), value.clone())].into_iter().collect();
    let kept: Vec<Var> = vars.iter().filter(|other| **other != var).cloned().collect();
    let new_guard = guard.substitute(&map);
    let phi: Vec<Index> =
        vars.iter().map(|other| if *other == var { value.clone() } else { Index::from(other) }).collect();
    let psi: Vec<Index> = kept.iter().map(Index::from).collect();
    let law = reindexing(&chain.facts_at(&[]), (vars, guard), (&kept, &new_guard), phi, psi)?;
    chain.apply(&[], law)
}

/// The value of a letter from an equation `e = 0` in which it occurs once, with coefficient ±1.
pub fn solve(equation: &Index, var: &Var) -> Option<Index> {
    let letter = Index::from(var);
    let (monomial, _) = letter.terms().next()?;
    let coefficient = equation.coefficient(monomial);
    let rest = equation - &letter.scale(&coefficient);
    if rest.contains(var) {
        return None;
    }
    let value = match i64::try_from(&coefficient) {
        Ok(1) => -&rest,
        Ok(-1) => rest,
        _ => return None,
    };
    // A scalar letter has a scalar value.
    (value.rank()? == Rank::Scalar || value.rank()? == var.rank).then_some(value)
}

/// The law `reindex` with certificates for a pair of maps, where they are found.
pub fn reindexing(facts: &Facts, old: Range, new: Range, phi: Vec<Index>, psi: Vec<Index>) -> Option<Law> {
    let phi_map = old.0.iter().cloned().zip(phi.iter().cloned()).collect();
    let psi_phi = entail::prove_all(&with(facts, new.1), inverse(new.0, &psi, &phi_map))?;
    Some(Law::Reindex(Box::new(Reindexing { psi_phi, ..onto(facts, old, new, phi, psi)? })))
}

/// The law `maximum` for a range that covers another along φ, with a point ψ of it for each point of the other.
pub(super) fn covering(facts: &Facts, old: Range, new: Range, phi: Vec<Index>, psi: Vec<Index>) -> Option<Law> {
    let finite = entail::finite(facts, new.0, new.1)?;
    Some(Law::Maximum(Box::new(Maximum::Cover(Box::new(onto(facts, old, new, phi, psi)?), finite))))
}

/// The letters of a binder and their range.
type Range<'a> = (&'a [Var], &'a Guard);

fn with(facts: &Facts, guard: &Guard) -> Facts {
    facts.iter().chain(guard.literals()).cloned().collect()
}

/// φ takes the new range onto the old one. That ψ∘φ is the identity is not shown.
fn onto(
    facts: &Facts,
    (vars, guard): Range,
    (new_vars, new_guard): Range,
    phi: Vec<Index>,
    psi: Vec<Index>,
) -> Option<Reindexing> {
    let (old, new) = (with(facts, guard), with(facts, new_guard));
    let phi_map = vars.iter().cloned().zip(phi.iter().cloned()).collect();
    let psi_map = new_vars.iter().cloned().zip(psi.iter().cloned()).collect();
    Some(Reindexing {
        psi_phi: Entailments::default(),
        phi_psi: entail::prove_all(&old, inverse(vars, &phi, &psi_map))?,
        phi_into: entail::prove_all(&new, guard.substitute(&phi_map).literals().cloned())?,
        psi_into: entail::prove_all(&old, new_guard.substitute(&psi_map).literals().cloned())?,
        vars: new_vars.to_vec(),
        guard: new_guard.clone(),
        phi,
        psi,
    })
}
