//! Numbers of points as polynomials in the sizes.

use std::collections::BTreeMap;

use num_traits::One;

use crate::entail;
use crate::kernel::{Atom, Expr, Facts, Guard, Index, Literal, Rank, Var};

/// How many points a set has, where its letters run over intervals whose lengths do not depend on each other: the product of
/// the lengths.
pub(super) fn number(facts: &Facts, vars: &[Var], guard: &Guard) -> Option<Index> {
    let mut conditions: Vec<Literal> = guard.literals().cloned().collect();
    let mut open: Vec<&Var> = vars.iter().collect();
    let mut total = Index::from(1);
    while !open.is_empty() {
        // A letter on which the range of no other letter depends is summed first.
        let (place, lower, upper) = open.iter().enumerate().find_map(|(place, var)| {
            let own = conditions.iter().filter(|literal| literal.index().contains(var));
            let (lower, upper) = interval(own, var)?;
            let length = &upper - &lower;
            let free = !open.iter().any(|other| length.contains(other));
            free.then_some((place, lower, upper))
        })?;
        let var = open.remove(place);
        conditions.retain(|literal| !literal.index().contains(var));
        total = &total * &length(facts, &var.rank, &lower, &upper);
    }
    let holds = conditions.iter().all(|literal| entail::holds(facts, literal));
    holds.then_some(total)
}

/// The ends between which one lower and one upper bound keep a letter.
fn interval<'l>(conditions: impl Iterator<Item = &'l Literal>, var: &Var) -> Option<(Index, Index)> {
    let (mut lower, mut upper) = (None, None);
    for literal in conditions {
        let Literal::Ge(term) = literal else { return None };
        let (factor, rest) = entail::linear_in(term, var)?;
        let end = match factor.as_constant() {
            Some(one) if one.is_one() => lower.replace(-&rest),
            Some(one) if (-&one).is_one() => upper.replace(rest),
            _ => return None,
        };
        if end.is_some() {
            return None;
        }
    }
    Some((lower?, upper?))
}

/// The number of integers from `lower` to `upper`; of points, where the letter has several coordinates.
fn length(facts: &Facts, rank: &Rank, lower: &Index, upper: &Index) -> Index {
    let length = &(upper - lower) + &Index::from(1);
    let length = match entail::holds(facts, &Literal::ge(length.clone())) {
        true => length,
        false => Index::max(length, Index::from(0)),
    };
    match rank {
        Rank::Scalar => length,
        Rank::Symbolic(_) => Index::atom(Atom::Volume(Box::new(length))),
    }
}

/// The value of a term that is made of integers and sums of them.
pub(super) fn closed(facts: &Facts, expr: &Expr) -> Option<Index> {
    match expr {
        Expr::Number(value) => value.is_integer().then(|| Index::constant(value.to_integer())),
        Expr::Integer(index) => Some(index.clone()),
        Expr::Add(terms) => {
            terms.iter().try_fold(Index::default(), |total, term| Some(&total + &closed(facts, term)?))
        }
        Expr::Mul(factors) => {
            factors.iter().try_fold(Index::from(1), |total, factor| Some(&total * &closed(facts, factor)?))
        }
        Expr::Sum(vars, guard, body) => {
            let body = closed(facts, body).filter(|body| !vars.iter().any(|var| body.contains(var)))?;
            Some(&number(facts, vars, guard)? * &body)
        }
        _ => None,
    }
}

/// The value of an integer term at given sizes; `None` where one is missing, or a divisor is 0.
pub(super) fn value(index: &Index, sizes: &BTreeMap<Var, Index>) -> Option<num_bigint::BigInt> {
    index.substitute(sizes).as_constant()
}
