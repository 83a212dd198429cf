//! Conditions on integers: literals and their conjunctions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};
use serde::{Deserialize, Serialize};

use super::index::{Index, Monomial, Rank, Var};

/// A condition on integers in canonical form. Over a ranked term it is asked of every coordinate.
///
/// `s | a` is written `a − s·⌊a/s⌋ = 0`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "RawLiteral")]
pub enum Literal {
    /// `e ≥ 0`
    Ge(Index),
    /// `e = 0`
    Eq(Index),
    /// `e ≠ 0`
    Ne(Index),
}

#[derive(Deserialize)]
enum RawLiteral {
    Ge(Index),
    Eq(Index),
    Ne(Index),
}

/// Data from outside is made canonical again.
impl From<RawLiteral> for Literal {
    fn from(raw: RawLiteral) -> Self {
        match raw {
            RawLiteral::Ge(e) => Literal::ge(e),
            RawLiteral::Eq(e) => Literal::eq(e),
            RawLiteral::Ne(e) => Literal::ne(e),
        }
    }
}

/// The greatest common divisor of the coefficients other than the constant; 0 where there are none.
fn content(index: &Index) -> BigInt {
    index
        .terms()
        .filter(|(monomial, _)| !monomial.is_one())
        .fold(BigInt::zero(), |gcd, (_, coefficient)| gcd.gcd(coefficient))
}

/// Every coefficient divided by `divisor`, which divides all but perhaps the constant; that one is rounded down.
fn divide(index: &Index, divisor: &BigInt) -> Index {
    let mut result = Index::default();
    for (monomial, coefficient) in index.terms() {
        result.add_term(monomial.clone(), &coefficient.div_floor(divisor));
    }
    result
}

/// An equation's term with its content removed where that is exact, and its leading sign made positive.
fn canonical_equation(index: Index) -> Index {
    let gcd = content(&index);
    let index =
        if gcd > BigInt::one() && index.constant_term().is_multiple_of(&gcd) { divide(&index, &gcd) } else { index };
    let negative = index.terms().next_back().is_some_and(|(_, leading)| leading.is_negative());
    if negative { -&index } else { index }
}

impl Literal {
    /// `e ≥ 0`, with the content divided out and the constant rounded down: over the integers `2a − 1 ≥ 0` is `a − 1 ≥ 0`.
    ///
    /// ```
    /// use convprove::kernel::{Index, Literal};
    /// let a = Index::scalar("a");
    /// assert_eq!(Literal::ge(&(&a + &a) - &Index::from(1)), Literal::ge(&a - &Index::from(1)));
    /// ```
    pub fn ge(index: Index) -> Self {
        let gcd = content(&index);
        if gcd > BigInt::one() { Literal::Ge(divide(&index, &gcd)) } else { Literal::Ge(index) }
    }

    /// `e = 0`.
    pub fn eq(index: Index) -> Self {
        Literal::Eq(canonical_equation(index))
    }

    /// `e ≠ 0`.
    pub fn ne(index: Index) -> Self {
        Literal::Ne(canonical_equation(index))
    }

    /// `a ≤ b`.
    pub fn le(a: &Index, b: &Index) -> Self {
        Literal::ge(b - a)
    }

    /// `a < b`.
    pub fn lt(a: &Index, b: &Index) -> Self {
        Literal::ge(&(b - a) - &Index::from(1))
    }

    /// `divisor | index`, as `index mod divisor = 0`.
    pub fn divides(divisor: Index, index: Index) -> Self {
        Literal::eq(Index::modulo(index, divisor))
    }

    /// The condition that holds exactly where this one does not (for one coordinate).
    pub fn negated(&self) -> Literal {
        match self {
            Literal::Ge(e) => Literal::ge(&-e - &Index::from(1)),
            Literal::Eq(e) => Literal::Ne(e.clone()),
            Literal::Ne(e) => Literal::Eq(e.clone()),
        }
    }

    /// The term that is compared with zero.
    pub fn index(&self) -> &Index {
        match self {
            Literal::Ge(e) | Literal::Eq(e) | Literal::Ne(e) => e,
        }
    }

    /// The truth value, where the term is a constant or has no integer zero for want of a common divisor.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Literal::Ge(e) => e.as_constant().map(|value| !value.is_negative()),
            Literal::Eq(e) => equation_truth(e),
            Literal::Ne(e) => equation_truth(e).map(|truth| !truth),
        }
    }

    /// The rank of the condition; `None` where two symbolic ranks meet.
    pub fn rank(&self) -> Option<Rank> {
        self.index().rank()
    }

    /// Replaces variables by terms.
    pub fn substitute(&self, map: &BTreeMap<Var, Index>) -> Literal {
        match self {
            Literal::Ge(e) => Literal::ge(e.substitute(map)),
            Literal::Eq(e) => Literal::eq(e.substitute(map)),
            Literal::Ne(e) => Literal::ne(e.substitute(map)),
        }
    }
}

/// `4a + 2 = 1` has no solution in the integers: the content does not divide the constant.
fn equation_truth(index: &Index) -> Option<bool> {
    if let Some(value) = index.as_constant() {
        return Some(value.is_zero());
    }
    let gcd = content(index);
    (!index.coefficient(&Monomial::default()).is_multiple_of(&gcd)).then_some(false)
}

/// A conjunction of conditions; the empty one is true.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Literal>", into = "Vec<Literal>")]
pub struct Guard {
    literals: Arc<BTreeSet<Literal>>,
}

impl From<Vec<Literal>> for Guard {
    fn from(literals: Vec<Literal>) -> Self {
        literals.into_iter().collect()
    }
}

impl From<Guard> for Vec<Literal> {
    fn from(guard: Guard) -> Self {
        Arc::unwrap_or_clone(guard.literals).into_iter().collect()
    }
}

/// Conditions that are true on sight are left out.
impl FromIterator<Literal> for Guard {
    fn from_iter<I: IntoIterator<Item = Literal>>(literals: I) -> Self {
        Guard { literals: Arc::new(literals.into_iter().filter(|literal| literal.truth() != Some(true)).collect()) }
    }
}

impl Guard {
    /// The condition that always holds.
    pub fn always() -> Self {
        Guard::default()
    }

    /// The condition that never holds.
    pub fn never() -> Self {
        [Literal::ge(Index::from(-1))].into_iter().collect()
    }

    /// `lower ≤ index ≤ upper`.
    pub fn between(lower: &Index, index: &Index, upper: &Index) -> Self {
        [Literal::le(lower, index), Literal::le(index, upper)].into_iter().collect()
    }

    /// The conditions in canonical order.
    pub fn literals(&self) -> impl Iterator<Item = &Literal> + Clone {
        self.literals.iter()
    }

    /// How many conditions there are.
    pub fn len(&self) -> usize {
        self.literals.len()
    }

    /// Whether there is no condition.
    pub fn is_empty(&self) -> bool {
        self.literals.is_empty()
    }

    /// Whether a condition is among the literals.
    pub fn contains(&self, literal: &Literal) -> bool {
        self.literals.contains(literal)
    }

    /// Whether some literal is false on sight.
    pub fn is_never(&self) -> bool {
        self.literals.iter().any(|literal| literal.truth() == Some(false))
    }

    /// Both conditions.
    pub fn and(&self, other: &Guard) -> Guard {
        self.literals.iter().chain(other.literals.iter()).cloned().collect()
    }

    /// Replaces variables by terms.
    pub fn substitute(&self, map: &BTreeMap<Var, Index>) -> Guard {
        self.literals.iter().map(|literal| literal.substitute(map)).collect()
    }

    /// The terms that are compared with zero.
    pub fn indices(&self) -> impl Iterator<Item = &Index> {
        self.literals.iter().map(Literal::index)
    }

    /// Adds every variable that occurs to `found`.
    pub fn collect_vars(&self, found: &mut BTreeSet<Var>) {
        self.literals.iter().for_each(|literal| literal.index().collect_vars(found));
    }

    /// Whether a variable occurs.
    pub fn mentions(&self, var: &Var) -> bool {
        self.literals.iter().any(|literal| literal.index().contains(var))
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Ge(e) => write!(formatter, "{e} >= 0"),
            Literal::Eq(e) => write!(formatter, "{e} = 0"),
            Literal::Ne(e) => write!(formatter, "{e} != 0"),
        }
    }
}

impl fmt::Debug for Literal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return formatter.write_str("true");
        }
        for (position, literal) in self.literals.iter().enumerate() {
            let separator = if position > 0 { ", " } else { "" };
            write!(formatter, "{separator}{literal}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}
