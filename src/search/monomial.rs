//! The terms of an expression as the finder sees them: a range and a multiset of factors.
//!
//! Floors that depend on a summation letter are *purified*: `⌊a/s⌋` becomes a letter `q` of its own with `0 ≤ a − s·q < s`, so that strided,
//! dilated and reshaped sums are small systems of equalities and ranges over the positions that are read.

use std::collections::BTreeMap;

use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Zero};

use crate::entail;
use crate::kernel::{Atom, Expr, Facts, Guard, Index, Literal, Name, Signature, Substitution, Tensor, Var};

/// A letter that stands for `⌊numerator / divisor⌋`.
#[derive(Clone, Debug)]
pub struct Quotient {
    /// The letter.
    pub letter: Var,
    /// Its numerator, in summation letters and earlier quotients.
    pub numerator: Index,
    /// Its divisor, which is at least 1.
    pub divisor: Index,
}

/// A single Σ over a product, or a product without Σ.
#[derive(Clone, Debug)]
pub struct Monomial {
    /// The expression as it stands among the terms; the coefficient is left out where it is a factor beside the Σ.
    pub expr: Expr,
    /// Its number.
    pub coefficient: BigRational,
    /// The summation letters, empty without Σ.
    pub vars: Vec<Var>,
    /// The range, or the condition of the bracket.
    pub guard: Guard,
    /// The product of the factors that are integers.
    pub weight: Index,
    /// The other factors, powers written out.
    pub factors: Vec<Expr>,
    /// Letters that stand for floors in the range and the factors, innermost first.
    pub quotients: Vec<Quotient>,
}

/// The terms of an expression.
pub fn monomials(expr: &Expr) -> Vec<Monomial> {
    match expr {
        Expr::Add(terms) => terms.iter().map(monomial).collect(),
        Expr::Number(value) if value.is_zero() => Vec::new(),
        other => vec![monomial(other)],
    }
}

fn monomial(expr: &Expr) -> Monomial {
    if let Expr::Mul(factors) = expr
        && let [Expr::Number(value), sum @ Expr::Sum(_, _, _)] = factors.as_slice()
    {
        return Monomial { coefficient: value.clone(), ..monomial(sum) };
    }
    let (vars, guard, body) = match expr {
        Expr::Sum(vars, guard, body) => (vars.clone(), guard.clone(), body.as_ref()),
        other => (Vec::new(), Guard::always(), other),
    };
    let mut result = Monomial {
        expr: expr.clone(),
        coefficient: BigRational::one(),
        vars,
        guard,
        weight: Index::from(1),
        factors: Vec::new(),
        quotients: Vec::new(),
    };
    for factor in factors_of(body) {
        match factor {
            Expr::Integer(index) => result.weight = &result.weight * index,
            Expr::Power(base, exponent) if matches!(**base, Expr::Integer(_)) && *exponent <= 64 => {
                let Expr::Integer(index) = base.as_ref() else { continue };
                (0..*exponent).for_each(|_| result.weight = &result.weight * index);
            }
            Expr::Number(value) => result.coefficient *= value,
            Expr::Bracket(guard) => result.guard = result.guard.and(guard),
            Expr::Power(base, exponent) => {
                result.factors.extend(std::iter::repeat_n(base.as_ref().clone(), (*exponent).min(64) as usize));
            }
            other => result.factors.push(other.clone()),
        }
    }
    result
}

/// The product of some factors.
pub fn product(mut factors: Vec<Expr>) -> Expr {
    if factors.len() == 1 { factors.swap_remove(0) } else { Expr::Mul(factors) }
}

/// Whether some letters occur in an expression, not bound there.
pub fn mentions(expr: &Expr, vars: &[Var]) -> bool {
    let free = expr.free_vars();
    vars.iter().any(|var| free.contains(var))
}

fn factors_of(body: &Expr) -> &[Expr] {
    match body {
        Expr::Mul(factors) => factors,
        other => std::slice::from_ref(other),
    }
}

impl Monomial {
    /// The number among the factors; one beside a Σ is not a factor.
    pub fn number(&self) -> BigRational {
        let body = if let Expr::Sum(_, _, body) = &self.expr { body } else { &self.expr };
        let numbers = factors_of(body).iter().filter_map(|factor| match factor {
            Expr::Number(value) => Some(value.clone()),
            _ => None,
        });
        numbers.product()
    }

    /// The expression with another number and another integer among the factors.
    pub fn reweighted(&self, number: BigRational, weight: Index) -> Expr {
        let other = |factor: &&Expr| match factor {
            Expr::Number(_) | Expr::Integer(_) => false,
            Expr::Power(base, _) => !matches!(**base, Expr::Integer(_)),
            _ => true,
        };
        let product = |body: &Expr| {
            let others = factors_of(body).iter().filter(other).cloned();
            Expr::Mul([Expr::Number(number), Expr::Integer(weight)].into_iter().chain(others).collect())
        };
        match &self.expr {
            Expr::Sum(vars, guard, body) => Expr::Sum(vars.clone(), guard.clone(), Box::new(product(body))),
            other => product(other),
        }
    }

    /// A range without factors.
    pub fn of_parts(expr: Expr, vars: Vec<Var>, guard: Guard) -> Monomial {
        let (coefficient, weight) = (BigRational::one(), Index::from(1));
        Monomial { expr, coefficient, vars, guard, weight, factors: Vec::new(), quotients: Vec::new() }
    }

    /// The range together with the boxes of the entries that are factors: outside it the product is 0.
    pub fn window(&self, signature: &Signature) -> Guard {
        self.factors.iter().fold(self.guard.clone(), |guard, factor| match factor {
            Expr::Entry(tensor, position) => match signature.support(tensor, position) {
                Ok(support) => guard.and(&support),
                Err(_) => guard,
            },
            _ => guard,
        })
    }

    /// The summation letters and those that stand for quotients.
    pub fn letters(&self) -> Vec<Var> {
        self.vars.iter().chain(self.quotients.iter().map(|quotient| &quotient.letter)).cloned().collect()
    }

    /// Letters of the comparison's own, one for each of the monomial's.
    pub fn common_letters(&self) -> Vec<Var> {
        let named = |(place, var): (usize, Var)| Var { name: Name::from(format!("%{place}")), rank: var.rank };
        self.letters().into_iter().enumerate().map(named).collect()
    }

    /// The same monomial with other letters, in the order of [`Monomial::letters`].
    pub fn renamed(&self, letters: &[Var]) -> Monomial {
        let map: BTreeMap<Var, Index> = self.letters().into_iter().zip(letters.iter().map(Index::from)).collect();
        let substitution = Substitution::of_indices(map.clone());
        let (vars, names) = letters.split_at(self.vars.len().min(letters.len()));
        let quotient = |(quotient, letter): (&Quotient, &Var)| Quotient {
            letter: letter.clone(),
            numerator: quotient.numerator.substitute(&map),
            divisor: quotient.divisor.substitute(&map),
        };
        Monomial {
            vars: vars.to_vec(),
            guard: self.guard.substitute(&map),
            weight: self.weight.substitute(&map),
            factors: self.factors.iter().map(|factor| factor.substitute(&substitution)).collect(),
            quotients: self.quotients.iter().zip(names).map(quotient).collect(),
            ..self.clone()
        }
    }

    /// The monomial with a letter for every floor that depends on a summation letter and whose divisor is at least 1.
    pub fn purified(mut self, facts: &Facts) -> Monomial {
        let known: Facts = facts.iter().chain(self.guard.literals()).cloned().collect();
        let (vars, mut quotients) = (self.vars.clone(), Vec::new());
        let mut replace =
            |numerator: &Index, divisor: &Index| letter(&known, &vars, &mut quotients, numerator, divisor);
        let literals: Vec<Literal> = self
            .guard
            .literals()
            .map(|literal| map_literal(literal, &mut |index| rewrite(index, &mut replace)))
            .collect();
        self.weight = rewrite(&self.weight, &mut replace);
        self.factors =
            self.factors.iter().map(|factor| map_indices(factor, &mut |index| rewrite(index, &mut replace))).collect();
        self.guard = literals.into_iter().collect();
        for Quotient { letter, numerator, divisor } in &quotients {
            let remainder = numerator - &(divisor * &Index::from(letter));
            if !self.guard.contains(&Literal::eq(remainder.clone())) {
                self.guard = self.guard.and(&Guard::between(&Index::from(0), &remainder, &(divisor - &Index::from(1))));
            }
        }
        self.quotients = quotients;
        self
    }

    /// Terms in summation letters alone: quotients are written as floors again.
    pub fn restore(&self, terms: &[Index]) -> Vec<Index> {
        let mut map: BTreeMap<Var, Index> = BTreeMap::new();
        for Quotient { letter, numerator, divisor } in &self.quotients {
            let value = quotient(&numerator.substitute(&map), &divisor.substitute(&map));
            map.insert(letter.clone(), value);
        }
        terms.iter().map(|term| term.substitute(&map)).collect()
    }

    /// What must agree before a pairing is tried: the heads of the factors.
    pub fn signature(&self) -> Vec<Head> {
        let mut heads: Vec<Head> = self.factors.iter().map(head).collect();
        heads.sort();
        heads
    }
}

/// What a factor is at its root.
#[allow(missing_docs)]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Head {
    Entry(Name, usize),
    Call(Tensor),
    Function(Name, Vec<u32>),
    Integer,
    Other(u8),
}

/// The head of a factor.
pub fn head(factor: &Expr) -> Head {
    match factor {
        Expr::Entry(Tensor::Named(name), position) => Head::Entry(name.clone(), position.len()),
        Expr::Entry(tensor, _) => Head::Call(tensor.clone()),
        Expr::Apply { function, orders, .. } => Head::Function(function.clone(), orders.clone()),
        Expr::Integer(_) => Head::Integer,
        Expr::Inverse(_) => Head::Other(0),
        Expr::Sum(_, _, _) => Head::Other(1),
        Expr::Max(_, _, _) => Head::Other(2),
        Expr::Derivative(_, _, _) => Head::Other(3),
        _ => Head::Other(4),
    }
}

/// The letter for a quotient, if it is to have one.
fn letter(
    known: &Facts,
    vars: &[Var],
    quotients: &mut Vec<Quotient>,
    numerator: &Index,
    divisor: &Index,
) -> Option<Index> {
    if let Some(same) = quotients.iter().find(|other| other.numerator == *numerator && other.divisor == *divisor) {
        return Some(Index::from(&same.letter));
    }
    let depends = |index: &Index| {
        vars.iter().any(|var| index.contains(var)) || quotients.iter().any(|other| index.contains(&other.letter))
    };
    let rank = (numerator + divisor).rank()?;
    if !depends(numerator) || depends(divisor) || !entail::positive(known, divisor) {
        return None;
    }
    let letter = Var { name: Name::from(format!("%q{}", quotients.len())), rank };
    let value = Index::from(&letter);
    quotients.push(Quotient { letter, numerator: numerator.clone(), divisor: divisor.clone() });
    Some(value)
}

/// `⌊numerator / divisor⌋` for a divisor of at least 1, with the multiples of the divisor in front: `⌊(s·t + r)/s⌋ = t + ⌊r/s⌋`.
pub fn quotient(numerator: &Index, divisor: &Index) -> Index {
    let Some((lead, value)) = divisor.terms().max_by_key(|(monomial, _)| monomial.degree()) else {
        return Index::floor(numerator.clone(), divisor.clone());
    };
    let (mut whole, mut rest) = (Index::default(), numerator.clone());
    for (monomial, coefficient) in numerator.terms() {
        let Some(factors) = divide(monomial.factors(), lead.factors()) else { continue };
        let (times, remainder) = coefficient.div_mod_floor(value);
        let multiple = factors.scale(&times);
        let less = &rest - &(divisor * &multiple);
        if remainder.is_zero() && less.len() < rest.len() {
            (whole, rest) = (&whole + &multiple, less);
        }
    }
    if rest.is_zero() { whole } else { &whole + &Index::floor(rest, divisor.clone()) }
}

/// A monomial divided by another, where that is exact.
fn divide(factors: &[(Atom, u32)], by: &[(Atom, u32)]) -> Option<Index> {
    let power = |list: &[(Atom, u32)], atom: &Atom| list.iter().find(|(other, _)| other == atom).map_or(0, |(_, n)| *n);
    if by.iter().any(|(atom, exponent)| power(factors, atom) < *exponent) {
        return None;
    }
    let mut product = Index::from(1);
    for (atom, exponent) in factors {
        for _ in power(by, atom)..*exponent {
            product = &product * &Index::atom(atom.clone());
        }
    }
    Some(product)
}

/// The term with floors replaced where `replace` has something for them, innermost first.
pub fn rewrite(index: &Index, replace: &mut dyn FnMut(&Index, &Index) -> Option<Index>) -> Index {
    let mut sum = Index::default();
    for (monomial, coefficient) in index.terms() {
        let mut product = Index::constant(coefficient.clone());
        for (atom, exponent) in monomial.factors() {
            let value = match atom {
                Atom::Floor(numerator, divisor) => {
                    let (numerator, divisor) = (rewrite(numerator, replace), rewrite(divisor, replace));
                    replace(&numerator, &divisor).unwrap_or_else(|| Index::floor(numerator, divisor))
                }
                Atom::Max(a, b) => Index::max(rewrite(a, replace), rewrite(b, replace)),
                Atom::Apply(function, arguments) => {
                    let arguments = arguments.iter().map(|argument| rewrite(argument, replace)).collect();
                    Index::atom(Atom::Apply(function.clone(), arguments))
                }
                Atom::Var(_) | Atom::Volume(_) => Index::atom(atom.clone()),
            };
            for _ in 0..*exponent {
                product = &product * &value;
            }
        }
        sum = &sum + &product;
    }
    sum
}

/// The condition with its term changed.
pub fn map_literal(literal: &Literal, change: &mut dyn FnMut(&Index) -> Index) -> Literal {
    match literal {
        Literal::Ge(index) => Literal::ge(change(index)),
        Literal::Eq(index) => Literal::eq(change(index)),
        Literal::Ne(index) => Literal::ne(change(index)),
    }
}

/// The expression with its index terms changed; what stands below a binder stays.
pub fn map_indices(expr: &Expr, change: &mut dyn FnMut(&Index) -> Index) -> Expr {
    match expr {
        Expr::Entry(tensor, position) => Expr::Entry(tensor.clone(), position.iter().map(change).collect()),
        Expr::Integer(index) => Expr::Integer(change(index)),
        Expr::Bracket(guard) => Expr::Bracket(guard.literals().map(|literal| map_literal(literal, change)).collect()),
        Expr::Sum(_, _, _) | Expr::Max(_, _, _) | Expr::Derivative(_, _, _) => expr.clone(),
        _ => {
            let mut result = expr.clone();
            for child in result.children_mut() {
                *child = map_indices(child, change);
            }
            result
        }
    }
}

/// The condition `letter = value`; for a floor as the range of its remainder.
pub fn equals(letter: &Var, value: &Index) -> Vec<Literal> {
    let mut terms = value.terms();
    if let (Some((monomial, coefficient)), None) = (terms.next(), terms.next())
        && let [(Atom::Floor(numerator, divisor), 1)] = monomial.factors()
        && coefficient.is_one()
    {
        let remainder = numerator.as_ref() - &(divisor.as_ref() * &Index::from(letter));
        return vec![Literal::ge(remainder.clone()), Literal::ge(&(divisor.as_ref() - &Index::from(1)) - &remainder)];
    }
    vec![Literal::eq(value - &Index::from(letter))]
}
