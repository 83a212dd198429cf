//! Polynomials and fractions of polynomials over names, for sizes and subscripts.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::homework::formula::*;
use crate::homework::print;

/// Polynomials with more terms than this are given up.
const MAX_TERMS: usize = 400;

/// A polynomial: for each product of names its coefficient, never 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Poly(BTreeMap<Vec<String>, BigRational>);

impl Poly {
    pub(super) fn number(value: BigRational) -> Self {
        let mut terms = BTreeMap::new();
        if !value.is_zero() {
            terms.insert(Vec::new(), value);
        }
        Poly(terms)
    }

    pub(super) fn one() -> Self {
        Poly::number(BigRational::one())
    }

    pub(super) fn name(name: &str) -> Self {
        Poly([(vec![name.to_string()], BigRational::one())].into())
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn plus(&self, other: &Poly, factor: &BigRational) -> Self {
        let mut terms = self.0.clone();
        for (names, coefficient) in &other.0 {
            let entry = terms.entry(names.clone()).or_insert_with(BigRational::zero);
            *entry += coefficient * factor;
        }
        terms.retain(|_, coefficient| !coefficient.is_zero());
        Poly(terms)
    }

    pub(super) fn minus(&self, other: &Poly) -> Self {
        self.plus(other, &-BigRational::one())
    }

    pub(super) fn times(&self, other: &Poly) -> Option<Self> {
        if self.0.len().saturating_mul(other.0.len()) > MAX_TERMS {
            return None;
        }
        let mut result = Poly::default();
        for (left, a) in &self.0 {
            for (right, b) in &other.0 {
                let mut names = [left.as_slice(), right.as_slice()].concat();
                names.sort();
                result = result.plus(&Poly([(names, BigRational::one())].into()), &(a * b));
            }
        }
        Some(result)
    }

    /// Whether it is positive wherever all names are, or negative there.
    pub(super) fn one_sign(&self) -> bool {
        let mut signs = self.0.values().map(Signed::is_positive);
        signs.next().is_some_and(|first| signs.all(|sign| sign == first))
    }

    /// Whether all of its coefficients are integers.
    pub(super) fn is_integral(&self) -> bool {
        self.0.values().all(BigRational::is_integer)
    }

    /// Its value where each name is 1.
    fn at_ones(&self) -> BigRational {
        self.0.values().fold(BigRational::zero(), |sum, coefficient| sum + coefficient)
    }

    /// The names in it.
    pub(super) fn names(&self) -> std::collections::BTreeSet<String> {
        self.0.keys().flatten().cloned().collect()
    }

    /// The constant, where there is no name.
    pub(super) fn constant(&self) -> Option<BigRational> {
        match self.0.len() {
            0 => Some(BigRational::zero()),
            1 => self.0.get(&Vec::new()).cloned(),
            _ => None,
        }
    }

    /// `a·name + b` with `a` and `b` free of the name.
    pub(super) fn solved(&self, name: &str) -> Option<(Poly, Poly)> {
        let (mut slope, mut rest) = (Poly::default(), Poly::default());
        for (names, coefficient) in &self.0 {
            match names.iter().filter(|other| *other == name).count() {
                0 => drop(rest.0.insert(names.clone(), coefficient.clone())),
                1 => {
                    let others = names.iter().filter(|other| *other != name).cloned().collect();
                    slope.0.insert(others, coefficient.clone());
                }
                _ => return None,
            }
        }
        Some((slope, rest))
    }

    /// The polynomial with a name replaced by another polynomial.
    pub(super) fn substitute(&self, name: &str, value: &Poly) -> Option<Self> {
        let mut result = Poly::default();
        for (names, coefficient) in &self.0 {
            let mut term = Poly::number(coefficient.clone());
            for other in names {
                let factor = if other == name { value.clone() } else { Poly::name(other) };
                term = term.times(&factor)?;
            }
            result = result.plus(&term, &BigRational::one());
        }
        Some(result)
    }

    /// As text: letters first, the constant last.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let constant_last =
            self.0.iter().filter(|(names, _)| !names.is_empty()).chain(self.0.get_key_value(&Vec::new()));
        for (names, coefficient) in constant_last {
            let size = coefficient.abs();
            text.push_str(match (text.is_empty(), coefficient.is_negative()) {
                (true, true) => "-",
                (true, false) => "",
                (false, true) => "-",
                (false, false) => "+",
            });
            let product = names.join("·");
            match (names.is_empty(), size.is_one()) {
                (true, _) => text.push_str(&size.to_string()),
                (false, true) => text.push_str(&product),
                (false, false) => text.push_str(&format!("{size}{product}")),
            }
        }
        if text.is_empty() { "0".to_string() } else { text }
    }

    /// A polynomial of a side without divisions by names, roundings and the like.
    pub(super) fn of(expr: &Expr) -> Option<Poly> {
        let fraction = Fraction::of(expr)?;
        let below = fraction.below.constant()?;
        Some(Poly::default().plus(&fraction.above, &(BigRational::one() / below)))
    }
}

/// A quotient of polynomials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fraction {
    pub(super) above: Poly,
    pub(super) below: Poly,
}

impl Fraction {
    /// Its value where each name is 1.
    pub(super) fn at_ones(&self) -> Option<BigRational> {
        let below = self.below.at_ones();
        (!below.is_zero()).then(|| self.above.at_ones() / below)
    }

    fn polynomial(above: Poly) -> Self {
        Fraction { above, below: Poly::one() }
    }

    fn plus(&self, other: &Fraction, sign: i64) -> Option<Self> {
        let factor = BigRational::from_integer(sign.into());
        Some(Fraction {
            above: self.above.times(&other.below)?.plus(&other.above.times(&self.below)?, &factor),
            below: self.below.times(&other.below)?,
        })
    }

    fn times(&self, other: &Fraction) -> Option<Self> {
        Some(Fraction { above: self.above.times(&other.above)?, below: self.below.times(&other.below)? })
    }

    fn over(&self, other: &Fraction) -> Option<Self> {
        if other.above.is_zero() {
            return None;
        }
        Some(Fraction { above: self.above.times(&other.below)?, below: self.below.times(&other.above)? })
    }

    /// A side made of names and numbers with the four operations.
    pub(super) fn of(expr: &Expr) -> Option<Self> {
        match &expr.kind {
            Kind::Number(number) => Some(Fraction::polynomial(Poly::number(number.clone()))),
            Kind::Name(name) => Some(Fraction::polynomial(Poly::name(&print::name(name)))),
            Kind::Parens(Bracket::Round | Bracket::Square | Bracket::Curly | Bracket::Group, parts) => {
                match parts.as_slice() {
                    [only] => Fraction::of(only),
                    _ => None,
                }
            }
            Kind::Add(terms) => {
                let mut sum = Fraction::polynomial(Poly::default());
                for (minus, term) in terms {
                    sum = sum.plus(&Fraction::of(term)?, if *minus { -1 } else { 1 })?;
                }
                Some(sum)
            }
            Kind::Neg(inner) => Fraction::polynomial(Poly::default()).plus(&Fraction::of(inner)?, -1),
            Kind::Fraction(above, below) => Fraction::of(above)?.over(&Fraction::of(below)?),
            Kind::Power(base, exponent) => {
                let Kind::Number(number) = &exponent.kind else { return None };
                let exponent = number.is_integer().then(|| number.to_integer().to_u32()).flatten()?;
                let base = Fraction::of(base)?;
                let mut product = Fraction::polynomial(Poly::one());
                for _ in 0..exponent.min(13) {
                    product = product.times(&base)?;
                }
                (exponent <= 12).then_some(product)
            }
            Kind::Product(factors) => {
                let mut product = Fraction::polynomial(Poly::one());
                for (operator, factor) in factors {
                    if operator.tilde || !operator.mode.is_empty() {
                        return None;
                    }
                    let factor = Fraction::of(factor)?;
                    product = match operator.sign {
                        Sign::Beside | Sign::Dot | Sign::Times | Sign::Star => product.times(&factor)?,
                        Sign::Slash => product.over(&factor)?,
                        _ => return None,
                    };
                }
                Some(product)
            }
            _ => None,
        }
    }

    /// What is left of `a - b` above the line; zero where the two are equal wherever they have values.
    pub(super) fn difference(&self, other: &Fraction) -> Option<Poly> {
        Some(self.plus(other, -1)?.above)
    }
}
