//! Polynomials over interned atoms and monomials, for the inner loops of the search.
//!
//! Coefficients are machine integers; an operation whose result does not fit gives `None`, and the search goes without it.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_integer::Integer;
use rustc_hash::FxHashMap;

use super::simplex::machine;
use crate::kernel::{Atom, Index, Monomial};

/// The number of an atom.
pub(super) type AtomId = u32;
/// The number of a monomial; 0 is the empty product.
pub(super) type MonomialId = u32;

/// Terms in ascending order of their monomials, none with coefficient zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Poly(pub Vec<(MonomialId, i128)>);

impl Poly {
    pub fn constant(value: i128) -> Self {
        Poly(if value == 0 { Vec::new() } else { vec![(0, value)] })
    }

    /// The constant term.
    pub fn offset(&self) -> i128 {
        self.0.first().filter(|(monomial, _)| *monomial == 0).map_or(0, |(_, value)| *value)
    }

    /// The value, where there is nothing but a constant.
    pub fn as_constant(&self) -> Option<i128> {
        match self.0.as_slice() {
            [] => Some(0),
            [(0, value)] => Some(*value),
            _ => None,
        }
    }

    pub fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// The terms without the constant.
    pub fn variable(&self) -> &[(MonomialId, i128)] {
        match self.0.as_slice() {
            [(0, _), rest @ ..] => rest,
            all => all,
        }
    }

    /// The greatest common divisor of the coefficients other than the constant; 0 where there are none.
    pub fn content(&self) -> i128 {
        self.variable().iter().fold(0, |gcd: i128, (_, value)| gcd.gcd(value))
    }

    /// `self + factor · other`.
    pub fn plus(&self, factor: i128, other: &Poly) -> Option<Poly> {
        let mut sum = Vec::with_capacity(self.0.len() + other.0.len());
        let (mut left, mut right) = (self.0.as_slice(), other.0.as_slice());
        loop {
            match (left, right) {
                ([], []) => return Some(Poly(sum)),
                ([a, rest @ ..], [b, ..]) if a.0 < b.0 => {
                    sum.push(*a);
                    left = rest;
                }
                ([a, others @ ..], [b, rest @ ..]) if a.0 == b.0 => {
                    let value = a.1.checked_add(factor.checked_mul(b.1)?)?;
                    if value != 0 {
                        sum.push((a.0, value));
                    }
                    (left, right) = (others, rest);
                }
                (all, []) => {
                    sum.extend_from_slice(all);
                    left = &[];
                }
                (_, [b, rest @ ..]) => {
                    let value = factor.checked_mul(b.1)?;
                    if value != 0 {
                        sum.push((b.0, value));
                    }
                    right = rest;
                }
            }
        }
    }

    /// `factor · self`.
    pub fn scale(&self, factor: i128) -> Option<Poly> {
        Poly::default().plus(factor, self)
    }
}

/// The atoms and monomials of one question.
#[derive(Debug)]
pub(super) struct Table {
    atoms: Vec<Atom>,
    numbers: BTreeMap<Atom, AtomId>,
    /// Each monomial as its atoms in ascending order, repeated by their exponents.
    monomials: Vec<Vec<AtomId>>,
    /// Looked up only, never iterated.
    by_factors: FxHashMap<Vec<AtomId>, MonomialId>,
}

/// Exponents beyond this are not followed.
const DEGREE: usize = 12;

impl Table {
    pub fn new() -> Self {
        Table {
            atoms: Vec::new(),
            numbers: BTreeMap::new(),
            monomials: vec![Vec::new()],
            by_factors: [(Vec::new(), 0)].into_iter().collect(),
        }
    }

    pub fn atom(&mut self, atom: &Atom) -> AtomId {
        if let Some(number) = self.numbers.get(atom) {
            return *number;
        }
        let number = self.atoms.len() as AtomId;
        self.atoms.push(atom.clone());
        self.numbers.insert(atom.clone(), number);
        number
    }

    pub fn known(&self, atom: AtomId) -> Option<&Atom> {
        self.atoms.get(atom as usize)
    }

    pub fn factors(&self, monomial: MonomialId) -> &[AtomId] {
        self.monomials.get(monomial as usize).map_or(&[], Vec::as_slice)
    }

    pub fn monomial(&mut self, factors: Vec<AtomId>) -> MonomialId {
        if let Some(number) = self.by_factors.get(&factors) {
            return *number;
        }
        let number = self.monomials.len() as MonomialId;
        self.monomials.push(factors.clone());
        self.by_factors.insert(factors, number);
        number
    }

    fn times(&mut self, a: MonomialId, b: MonomialId) -> Option<MonomialId> {
        if a == 0 || b == 0 {
            return Some(a | b);
        }
        let mut factors = [self.factors(a), self.factors(b)].concat();
        if factors.len() > DEGREE {
            return None;
        }
        factors.sort_unstable();
        Some(self.monomial(factors))
    }

    /// The product of two polynomials.
    pub fn product(&mut self, a: &Poly, b: &Poly) -> Option<Poly> {
        let mut terms = Vec::with_capacity(a.0.len() * b.0.len());
        for (left, x) in &a.0 {
            for (right, y) in &b.0 {
                terms.push((self.times(*left, *right)?, x.checked_mul(*y)?));
            }
        }
        collect(terms)
    }

    pub fn poly(&mut self, index: &Index) -> Option<Poly> {
        let mut terms = Vec::with_capacity(index.len());
        for (monomial, value) in index.terms() {
            let mut factors = Vec::new();
            for (atom, exponent) in monomial.factors() {
                let exponent = usize::try_from(*exponent).ok().filter(|exponent| *exponent <= DEGREE)?;
                let atom = self.atom(atom);
                factors.extend(std::iter::repeat_n(atom, exponent));
            }
            if factors.len() > DEGREE {
                return None;
            }
            factors.sort_unstable();
            terms.push((self.monomial(factors), machine(value)?));
        }
        collect(terms)
    }

    pub fn index(&self, poly: &Poly) -> Index {
        let mut index = Index::default();
        for (monomial, value) in &poly.0 {
            let factors = self.factors(*monomial).iter().filter_map(|atom| self.known(*atom));
            let product = factors.fold(Monomial::default(), |product, atom| {
                let single = Index::atom(atom.clone());
                single.terms().next().map_or(product.clone(), |(factor, _)| product.times(factor))
            });
            index.add_term(product, &BigInt::from(*value));
        }
        index
    }

    /// The polynomial of one atom.
    pub fn single(&mut self, atom: AtomId) -> Poly {
        Poly(vec![(self.monomial(vec![atom]), 1)])
    }

    pub fn contains(&self, poly: &Poly, atom: AtomId) -> bool {
        poly.0.iter().any(|(monomial, _)| self.factors(*monomial).binary_search(&atom).is_ok())
    }

    /// Replaces an atom by a polynomial. With the result comes a quotient `q`: `poly = result + q·(atom − value)`.
    pub fn substitute(&mut self, poly: &Poly, atom: AtomId, value: &Poly) -> Option<(Poly, Poly)> {
        let (mut result, mut quotient) = (Poly::default(), Poly::default());
        if !self.contains(poly, atom) {
            return Some((poly.clone(), quotient));
        }
        let variable = self.single(atom);
        for (monomial, coefficient) in &poly.0 {
            let factors = self.factors(*monomial);
            let rest: Vec<AtomId> = factors.iter().copied().filter(|other| *other != atom).collect();
            let power = factors.len() - rest.len();
            let mut value_part = Poly(vec![(self.monomial(rest), *coefficient)]);
            // x^k = p^k + (x − p)(x^{k−1} + x^{k−2}p + … + p^{k−1}), by one factor at a time.
            for done in 0..power {
                let mut left = value_part.clone();
                for _ in done + 1..power {
                    left = self.product(&left, &variable)?;
                }
                quotient = quotient.plus(1, &left)?;
                value_part = self.product(&value_part, value)?;
            }
            result = result.plus(1, &value_part)?;
        }
        Some((result, quotient))
    }

    /// `poly / monomial`, with the terms that are not multiples as a remainder.
    pub fn divide(&mut self, poly: &Poly, coefficient: i128, divisor: MonomialId) -> Option<(Poly, Poly)> {
        let (mut quotient, mut rest) = (Vec::new(), Vec::new());
        for (monomial, value) in &poly.0 {
            let cofactor = self.cofactor(*monomial, divisor);
            let whole = value.checked_div_euclid(coefficient)?;
            let left = value.checked_sub(whole.checked_mul(coefficient)?)?;
            match cofactor {
                Some(cofactor) => {
                    if whole != 0 {
                        quotient.push((self.monomial(cofactor), whole));
                    }
                    if left != 0 {
                        rest.push((*monomial, left));
                    }
                }
                None => rest.push((*monomial, *value)),
            }
        }
        Some((collect(quotient)?, collect(rest)?))
    }

    /// `poly / divisor`, led by the divisor's term of highest degree; multiples are taken out where that leaves fewer terms.
    pub fn divide_by(&mut self, poly: &Poly, divisor: &Poly) -> Option<(Poly, Poly)> {
        let (lead, coefficient) = *divisor.0.iter().max_by_key(|(monomial, _)| self.factors(*monomial).len())?;
        if divisor.0.len() == 1 {
            return self.divide(poly, coefficient, lead);
        }
        let (mut whole, mut rest) = (Poly::default(), poly.clone());
        for (monomial, value) in &poly.0 {
            let Some(cofactor) = self.cofactor(*monomial, lead) else { continue };
            if value.checked_rem(coefficient) != Some(0) {
                continue;
            }
            let multiple = Poly(vec![(self.monomial(cofactor), value / coefficient)]);
            let less = rest.plus(-1, &self.product(divisor, &multiple)?)?;
            if less.0.len() < rest.0.len() {
                (whole, rest) = (whole.plus(1, &multiple)?, less);
            }
        }
        Some((whole, rest))
    }

    /// The factors of `monomial / divisor`, where it divides.
    pub fn cofactor(&self, monomial: MonomialId, divisor: MonomialId) -> Option<Vec<AtomId>> {
        let mut rest = self.factors(monomial).to_vec();
        for atom in self.factors(divisor) {
            let place = rest.binary_search(atom).ok()?;
            rest.remove(place);
        }
        Some(rest)
    }
}

/// Sorts terms and adds up those with one monomial.
fn collect(mut terms: Vec<(MonomialId, i128)>) -> Option<Poly> {
    terms.sort_unstable_by_key(|(monomial, _)| *monomial);
    let mut sum: Vec<(MonomialId, i128)> = Vec::with_capacity(terms.len());
    for (monomial, value) in terms {
        match sum.last_mut() {
            Some(last) if last.0 == monomial => last.1 = last.1.checked_add(value)?,
            _ => sum.push((monomial, value)),
        }
    }
    sum.retain(|(_, value)| *value != 0);
    Some(Poly(sum))
}
