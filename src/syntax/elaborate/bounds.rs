//! What must be known about integers before a term has a meaning: divisors, finite sums, boxes of factors.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use super::scope::{Elaborated, Scope, fault_with};
use crate::entail;
use crate::kernel::{Atom, Expr, Facts, Guard, Index, Literal, Monomial, Signature, Tensor, Var};
use crate::syntax::ast::Span;

/// Whether facts imply `index ≥ 0`; what can be seen at once is not searched for.
pub(super) fn nonnegative(facts: &Facts, index: &Index) -> bool {
    let goal = Literal::ge(index.clone());
    holds(facts, &goal)
}

/// Whether facts imply a condition.
pub(super) fn holds(facts: &Facts, goal: &Literal) -> bool {
    if let Some(truth) = goal.truth() {
        return truth;
    }
    facts.contains(goal)
        || matches!(goal, Literal::Ge(index) if plainly_nonnegative(facts, index))
        || entail::prove(facts, goal).is_some()
}

/// Whether `index` has no negative coefficient once every variable is measured from its known lower bound.
fn plainly_nonnegative(facts: &Facts, index: &Index) -> bool {
    let mut vars = BTreeSet::new();
    index.collect_vars(&mut vars);
    let mut shift: BTreeMap<Var, Index> = BTreeMap::new();
    for fact in facts {
        let Literal::Ge(e) = fact else { continue };
        let least = -e.constant_term();
        let rest = e + &Index::constant(least.clone());
        if let Some(var) = rest.as_var().filter(|var| vars.contains(var)) {
            let better = shift.get(var).is_none_or(|old| old.constant_term() < least);
            if better {
                shift.insert(var.clone(), &Index::from(var) + &Index::constant(least));
            }
        }
    }
    let bounded = |monomial: &Monomial| {
        monomial.factors().iter().all(|(atom, _)| matches!(atom, Atom::Var(var) if shift.contains_key(var)))
    };
    index.substitute(&shift).terms().all(|(monomial, coefficient)| !coefficient.is_negative() && bounded(monomial))
}

/// Refuses a divisor that may be zero or negative.
pub(super) fn check_divisor(scope: &Scope<'_>, divisor: &Index, span: Span) -> Elaborated<()> {
    if nonnegative(&scope.facts, &(divisor - &Index::from(1))) {
        return Ok(());
    }
    fault_with(
        span,
        format!("the divisor {divisor} is not known to be at least 1"),
        format!("assume it, for example: assume {divisor} >= 1"),
    )
}

/// Refuses a sum over letters that its guard does not bound.
pub(super) fn check_finite(facts: &Facts, vars: &[Var], guard: &Guard, span: Span) -> Elaborated<()> {
    let unbounded = unbounded(vars, guard);
    let Some(first) = unbounded.first() else { return Ok(()) };
    if entail::finite(facts, vars, guard).is_some() {
        return Ok(());
    }
    fault_with(
        span,
        format!("nothing bounds {}: neither a range nor the box of a factor", first.name),
        format!("give it a range, as in {} in 1..n", first.name),
    )
}

/// The letters that no literal bounds on both sides with a coefficient of one, in terms of letters bounded before.
fn unbounded(vars: &[Var], guard: &Guard) -> Vec<Var> {
    let mut open: Vec<Var> = vars.to_vec();
    loop {
        let found = open.iter().position(|var| {
            let (mut lower, mut upper) = (false, false);
            for literal in guard.literals() {
                let index = literal.index();
                let coefficient = index.coefficient(&monomial(var));
                let rest = index - &Index::term(coefficient.clone(), monomial(var));
                if !coefficient.abs().is_one() || open.iter().any(|other| rest.contains(other)) {
                    continue;
                }
                match literal {
                    Literal::Eq(_) => (lower, upper) = (true, true),
                    Literal::Ge(_) if coefficient.is_positive() => lower = true,
                    Literal::Ge(_) => upper = true,
                    Literal::Ne(_) => {}
                }
            }
            lower && upper
        });
        match found {
            Some(position) => drop(open.remove(position)),
            None => return open,
        }
    }
}

fn monomial(var: &Var) -> Monomial {
    Index::from(var).terms().next().map(|(monomial, _)| monomial.clone()).unwrap_or_default()
}

/// Conditions outside which an expression is zero, read from the boxes and brackets of the factors of a product; terms of
/// a sum count only where all of them vanish, so nothing rests on cancellation.
pub(super) fn supports(signature: &dyn Fn(&Tensor, &[Index]) -> Guard, expr: &Expr) -> BTreeSet<Literal> {
    match expr {
        Expr::Entry(tensor, position) => signature(tensor, position).literals().cloned().collect(),
        Expr::Bracket(guard) => guard.literals().cloned().collect(),
        Expr::Mul(factors) => factors.iter().flat_map(|factor| supports(signature, factor)).collect(),
        Expr::Add(terms) => {
            let mut sets = terms.iter().map(|term| supports(signature, term));
            let first = sets.next().unwrap_or_default();
            sets.fold(first, |common, set| common.intersection(&set).cloned().collect())
        }
        Expr::Power(base, exponent) if *exponent > 0 => supports(signature, base),
        Expr::Sum(vars, guard, body) => {
            let mut found = supports(signature, body);
            found.extend(guard.literals().cloned());
            found.retain(|literal| !vars.iter().any(|var| literal.index().contains(var)));
            found
        }
        _ => BTreeSet::new(),
    }
}

/// Where the entry of a tensor may be non-zero, for tensors in scope.
pub(super) fn support_of(scope: &Scope<'_>, tensor: &Tensor, position: &[Index]) -> Guard {
    let named = |name: &str| scope.tensor(name).map(|named| named.declaration.clone());
    let signature = match tensor {
        Tensor::Named(name) => {
            Signature { tensors: named(name.as_str()).into_iter().collect(), ..Signature::default() }
        }
        Tensor::Call { definition, .. } => {
            let known = scope.environment.definition(definition.as_str());
            Signature {
                definitions: known.map(|known| known.definition.clone()).into_iter().collect(),
                ..Signature::default()
            }
        }
        Tensor::Lambda { .. } => Signature::default(),
    };
    signature.support(tensor, position).unwrap_or_default()
}

/// How many literals one inequality may be split into.
const MAX_SPLIT: usize = 16;

/// `e ≥ 0` as literals, where a maximum with coefficient −1, −2, … is replaced by both of its terms: what is at least a
/// maximum is at least either term.
pub(super) fn at_least_zero(index: &Index) -> Vec<Literal> {
    let mut done = Vec::new();
    let mut open = vec![index.clone()];
    while let Some(index) = open.pop() {
        let maximum = index.terms().find_map(|(monomial, coefficient)| match monomial.factors() {
            [(Atom::Max(a, b), 1)] if coefficient.is_negative() => {
                Some((monomial.clone(), coefficient.clone(), a.clone(), b.clone()))
            }
            _ => None,
        });
        match maximum {
            Some((monomial, coefficient, a, b)) if done.len() + open.len() < MAX_SPLIT => {
                let rest = &index - &Index::term(coefficient.clone(), monomial);
                open.push(&rest + &b.scale(&coefficient));
                open.push(&rest + &a.scale(&coefficient));
            }
            _ => done.push(Literal::ge(index)),
        }
    }
    done
}

/// The coefficient of a variable that occurs nowhere else in the term, and the term without it.
pub(super) fn linear_in(index: &Index, var: &Var) -> Option<(BigInt, Index)> {
    let coefficient = index.coefficient(&monomial(var));
    let rest = index - &Index::term(coefficient.clone(), monomial(var));
    (!coefficient.is_zero() && !rest.contains(var)).then_some((coefficient, rest))
}
