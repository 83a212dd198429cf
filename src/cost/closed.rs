//! Numbers of points as polynomials in the sizes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use crate::entail;
use crate::kernel::{Atom, Expr, Facts, Guard, Index, Literal, Name, Rank, Var};

/// How many points a set has, where its letters run over intervals whose lengths do not depend on each other: the product of
/// the lengths.
pub(super) fn number(facts: &Facts, vars: &[Var], guard: &Guard) -> Option<Closed> {
    let mut conditions: Vec<Literal> = guard.literals().cloned().collect();
    let mut open: Vec<&Var> = vars.iter().collect();
    let mut total = Closed::constant(BigInt::one());
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
        total = total.times(&Closed::factor(length(facts, &var.rank, &lower, &upper)));
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

/// A polynomial in the sizes as a sum of products, as it was found: `F*C*K^2*(M-K+1) - F*(M-K+1)`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closed {
    /// Coefficients with their factors, each with its exponent.
    terms: Vec<(BigInt, Vec<(Index, u32)>)>,
}

impl Closed {
    fn constant(value: BigInt) -> Closed {
        Closed { terms: vec![(value, Vec::new())] }
    }

    /// One factor; a number joins the coefficient.
    fn factor(index: Index) -> Closed {
        match index.as_constant() {
            Some(value) => Closed::constant(value),
            None => Closed { terms: vec![(BigInt::one(), vec![(index, 1)])] },
        }
    }

    fn plus(mut self, other: Closed) -> Closed {
        for (coefficient, factors) in other.terms {
            match self.terms.iter_mut().find(|(_, known)| *known == factors) {
                Some((known, _)) => *known += coefficient,
                None => self.terms.push((coefficient, factors)),
            }
        }
        self.terms.retain(|(coefficient, _)| !coefficient.is_zero());
        self
    }

    fn times(&self, other: &Closed) -> Closed {
        let mut product = Closed::default();
        for (left, left_factors) in &self.terms {
            for (right, right_factors) in &other.terms {
                let mut factors = left_factors.clone();
                for (factor, exponent) in right_factors {
                    match factors.iter_mut().find(|(known, _)| known == factor) {
                        Some((_, known)) => *known += exponent,
                        None => factors.push((factor.clone(), *exponent)),
                    }
                }
                factors.sort_by(|(left, _), (right, _)| (left.len(), left).cmp(&(right.len(), right)));
                product = product.plus(Closed { terms: vec![(left * right, factors)] });
            }
        }
        product
    }

    /// The polynomial, multiplied out.
    pub fn index(&self) -> Index {
        let power = |product: Index, (factor, exponent): &(Index, u32)| {
            (0..*exponent).fold(product, |product, _| &product * factor)
        };
        let terms = self
            .terms
            .iter()
            .map(|(coefficient, factors)| factors.iter().fold(Index::constant(coefficient.clone()), power));
        terms.fold(Index::default(), |total, term| &total + &term)
    }

    /// The polynomial as a scalar term.
    pub fn expr(&self) -> Expr {
        let power = |(factor, exponent): &(Index, u32)| match exponent {
            1 => Expr::Integer(factor.clone()),
            several => Expr::Power(Box::new(Expr::Integer(factor.clone())), *several),
        };
        let mut terms: Vec<Expr> = Vec::new();
        for (coefficient, factors) in &self.terms {
            let number =
                (!coefficient.is_one() || factors.is_empty()).then(|| Expr::Number(coefficient.clone().into()));
            let mut parts: Vec<Expr> = number.into_iter().chain(factors.iter().map(power)).collect();
            terms.extend(if parts.len() == 1 { parts.pop() } else { Some(Expr::Mul(parts)) });
        }
        match terms.len() {
            0 => Expr::from(0),
            1 => terms.pop().unwrap_or_else(|| Expr::from(0)),
            _ => Expr::Add(terms),
        }
    }

    /// The exact value at given sizes.
    ///
    /// # Errors
    /// The name of a size that is not given; of none where a divisor becomes 0 or a size has several coordinates.
    pub fn at(&self, sizes: &BTreeMap<Name, BigInt>) -> Result<BigInt, Option<Name>> {
        let index = self.index();
        let mut vars = BTreeSet::new();
        index.collect_vars(&mut vars);
        let value = |var: &Var| sizes.get(&var.name).cloned().ok_or_else(|| Some(var.name.clone()));
        let map = vars.iter().map(|var| Ok((var.clone(), Index::constant(value(var)?))));
        index.substitute(&map.collect::<Result<BTreeMap<Var, Index>, Option<Name>>>()?).as_constant().ok_or(None)
    }
}

impl Closed {
    /// The sizes that the value depends on.
    pub fn sizes(&self) -> BTreeSet<Name> {
        let mut vars = BTreeSet::new();
        self.index().collect_vars(&mut vars);
        vars.into_iter().map(|var| var.name).collect()
    }
}

/// In the spelling of the proof language.
impl fmt::Display for Closed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.terms.is_empty() {
            return formatter.write_str("0");
        }
        for (place, (coefficient, factors)) in self.terms.iter().enumerate() {
            let sign = match (place, coefficient.is_negative()) {
                (0, false) => "",
                (0, true) => "-",
                (_, false) => " + ",
                (_, true) => " - ",
            };
            formatter.write_str(sign)?;
            let size = coefficient.abs();
            let number = (!size.is_one() || factors.is_empty()).then(|| size.to_string());
            let written = factors.iter().map(|(factor, exponent)| {
                let base = if factor.len() > 1 { format!("({})", positive_first(factor)) } else { factor.to_string() };
                if *exponent == 1 { base } else { format!("{base}^{exponent}") }
            });
            let parts: Vec<String> = number.into_iter().chain(written).collect();
            formatter.write_str(&parts.join("*"))?;
        }
        Ok(())
    }
}

/// The terms of a sum with the positive ones first, and numbers last.
fn positive_first(index: &Index) -> String {
    let mut terms: Vec<(bool, bool, String)> = index
        .terms()
        .map(|(monomial, coefficient)| {
            let size = Index::term(coefficient.abs(), monomial.clone()).to_string();
            (monomial.is_one(), coefficient.is_negative(), size)
        })
        .collect();
    terms.sort();
    let signed = terms.iter().enumerate().map(|(place, (_, negative, size))| match (place, negative) {
        (0, true) => format!("-{size}"),
        (0, false) => size.clone(),
        (_, true) => format!("-{size}"),
        (_, false) => format!("+{size}"),
    });
    signed.collect()
}

/// The value of a term that is made of integers and sums of them.
pub(super) fn closed(facts: &Facts, expr: &Expr) -> Option<Closed> {
    match expr {
        Expr::Number(value) => value.is_integer().then(|| Closed::constant(value.to_integer())),
        Expr::Integer(index) => Some(Closed::factor(index.clone())),
        Expr::Add(terms) => {
            terms.iter().try_fold(Closed::default(), |total, term| Some(total.plus(closed(facts, term)?)))
        }
        Expr::Mul(factors) => factors
            .iter()
            .try_fold(Closed::constant(BigInt::one()), |total, factor| Some(total.times(&closed(facts, factor)?))),
        Expr::Sum(vars, guard, body) => {
            let body = closed(facts, body)?;
            let index = body.index();
            let free = !vars.iter().any(|var| index.contains(var));
            if free { Some(number(facts, vars, guard)?.times(&body)) } else { None }
        }
        _ => None,
    }
}
