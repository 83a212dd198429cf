//! Expressions at given sizes as polynomials in the entries of their tensors.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;

use super::code::{ClaimCode, Program};
use super::eval::Evaluator;
use super::fault::Fault;
use super::model::{Integers, Model, Place};
use super::points::{Budget, point_list};
use super::sample::{admissible, indices};
use super::scalar::Scalar;
use crate::kernel::{Name, Statement};

/// Polynomials with more terms than this, products of more pairs of terms, and longer coefficients are not written down.
const MAX_TERMS: usize = 2_000;
const MAX_PAIRS: usize = 100_000;
const MAX_BITS: u64 = 10_000;

/// An entry of a tensor: the tensor's name and the position.
pub type Entry = (Name, Vec<i64>);

/// A polynomial in entries: coefficients with powers of entries.
pub type Polynomial = Vec<(BigRational, Vec<(Entry, u32)>)>;

/// A tensor with the entries that it has at given sizes, in lexicographic order.
pub type Shape = (Name, Vec<Vec<i64>>);

/// The left side of an equation at given sizes.
#[derive(Clone, Debug, PartialEq)]
pub struct Expansion {
    /// The declared tensors.
    pub tensors: Vec<Shape>,
    /// The choices of free indices with the polynomials there, in lexicographic order.
    pub rows: Vec<(Vec<i64>, Polynomial)>,
}

/// Powers of numbered entries; the empty one is 1.
type Monomial = Vec<(usize, u32)>;

/// A polynomial over numbered entries; `None` where it would be too large.
#[derive(Clone, Debug, PartialEq)]
struct Symbolic(Option<BTreeMap<Monomial, BigRational>>);

impl Symbolic {
    fn constant(value: BigRational) -> Self {
        Symbolic(Some(if value.is_zero() { BTreeMap::new() } else { BTreeMap::from([(Vec::new(), value)]) }))
    }

    fn variable(number: usize) -> Self {
        Symbolic(Some(BTreeMap::from([(vec![(number, 1)], BigRational::one())])))
    }
}

fn limited(terms: BTreeMap<Monomial, BigRational>) -> Symbolic {
    let long = |value: &BigRational| value.numer().bits().max(value.denom().bits()) > MAX_BITS;
    Symbolic((terms.len() <= MAX_TERMS && !terms.values().any(long)).then_some(terms))
}

fn add_term(terms: &mut BTreeMap<Monomial, BigRational>, monomial: Monomial, value: BigRational) {
    use std::collections::btree_map::Entry;
    match terms.entry(monomial) {
        Entry::Vacant(place) => drop(place.insert(value)),
        Entry::Occupied(mut place) => {
            *place.get_mut() += value;
            if place.get().is_zero() {
                place.remove();
            }
        }
    }
}

impl Scalar for Symbolic {
    fn zero() -> Self {
        Symbolic(Some(BTreeMap::new()))
    }
    fn one() -> Self {
        Self::small(1)
    }
    fn integer(value: &BigInt) -> Self {
        Self::constant(BigRational::from_integer(value.clone()))
    }
    fn small(value: i64) -> Self {
        Self::integer(&BigInt::from(value))
    }
    fn rational(value: &BigRational) -> Option<Self> {
        Some(Self::constant(value.clone()))
    }
    fn is_zero(&self) -> bool {
        self.0.as_ref().is_some_and(BTreeMap::is_empty)
    }
    fn plus(&self, other: &Self) -> Self {
        let (Some(left), Some(right)) = (&self.0, &other.0) else { return Symbolic(None) };
        let mut sum = left.clone();
        right.iter().for_each(|(monomial, value)| add_term(&mut sum, monomial.clone(), value.clone()));
        limited(sum)
    }
    fn times(&self, other: &Self) -> Self {
        let (Some(left), Some(right)) = (&self.0, &other.0) else { return Symbolic(None) };
        if left.len().saturating_mul(right.len()) > MAX_PAIRS {
            return Symbolic(None);
        }
        let mut product = BTreeMap::new();
        for (a, x) in left {
            for (b, y) in right {
                let mut monomial: BTreeMap<usize, u32> = a.iter().copied().collect();
                for (entry, exponent) in b {
                    let power = monomial.entry(*entry).or_insert(0);
                    let Some(sum) = power.checked_add(*exponent) else { return Symbolic(None) };
                    *power = sum;
                }
                add_term(&mut product, monomial.into_iter().collect(), x * y);
            }
        }
        limited(product)
    }
    /// Of numbers alone: the inverse of an entry is no polynomial.
    fn inverse(&self) -> Option<Self> {
        let terms = self.0.as_ref()?;
        let value = terms.get(&Vec::new()).filter(|_| terms.len() == 1)?;
        Some(Self::constant(value.recip()))
    }
    fn compare(&self, other: &Self) -> Option<Ordering> {
        let number = |terms: &Option<BTreeMap<Monomial, BigRational>>| match terms.as_ref()?.first_key_value() {
            None => Some(BigRational::zero()),
            Some((monomial, value)) if monomial.is_empty() && terms.as_ref()?.len() == 1 => Some(value.clone()),
            Some(_) => None,
        };
        Some(number(&self.0)?.cmp(&number(&other.0)?))
    }
    /// Nothing is drawn here: every entry has its variable.
    fn draw(_bits: u64) -> Self {
        Symbolic(None)
    }
    fn show(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// The left side of an equation, at every choice of its free indices, as a polynomial in the entries of the declared tensors.
///
/// # Errors
/// A [`Fault`]: where a size is missing or not admissible, where the side is no polynomial ([`Fault::NoOrder`] of a maximum,
/// [`Fault::Singular`] of an inverse), and where more than `points` points would be evaluated.
pub fn expand(statement: &Statement, sizes: &BTreeMap<Name, i64>, points: u64) -> Result<Expansion, Fault> {
    let program = Program::new(statement, &BTreeMap::new())?;
    if !program.functions.is_empty() {
        return Err(Fault::Malformed("a function of which nothing is known is no polynomial".into()));
    }
    let ClaimCode::Equation(_, _) = &program.claim else {
        return Err(Fault::Malformed("only an equation has a left side".into()));
    };
    let value = |(name, _): &(Name, usize)| sizes.get(name).copied().ok_or_else(|| Fault::Undeclared(name.clone()));
    let parameters: Vec<i64> = program.parameters.iter().map(value).collect::<Result<_, Fault>>()?;
    if !admissible(&program, &parameters) {
        return Err(Fault::Malformed("these sizes do not satisfy the assumptions".into()));
    }
    let mut budget = Budget::new(points);
    let integers = Integers::default();
    let mut tensors: Vec<Shape> = Vec::new();
    let (mut places, mut variables): (Vec<Place>, BTreeMap<Place, Symbolic>) = (Vec::new(), BTreeMap::new());
    for (number, input) in program.inputs.iter().enumerate() {
        let mut slots = vec![0; input.slots];
        slots.iter_mut().zip(&parameters).for_each(|(slot, value)| *slot = *value);
        let mut positions = point_list(&input.support, &mut slots, &integers, None, &mut budget)?;
        positions.sort();
        for position in &positions {
            variables.insert((number, position.clone()), Symbolic::variable(places.len()));
            places.push((number, position.clone()));
        }
        tensors.push((input.name.clone(), positions));
    }
    let model = Model::given(&program, &parameters, 0, &variables, Vec::new(), &mut budget)?;
    let mut chosen = indices(&program, &parameters, &integers, &mut budget)?;
    chosen.sort();
    let mut evaluator = Evaluator::new(&program, &model, budget);
    let mut rows = Vec::new();
    for index in chosen {
        let terms = evaluator.sides(&index)?.left.0.ok_or(Fault::TooLarge)?;
        let named = |(monomial, value): (Monomial, BigRational)| {
            let factor = |(entry, exponent): (usize, u32)| {
                let (tensor, position) = places.get(entry)?;
                Some(((tensors.get(*tensor)?.0.clone(), position.clone()), exponent))
            };
            (value, monomial.into_iter().filter_map(factor).collect())
        };
        rows.push((index, terms.into_iter().map(named).collect()));
    }
    Ok(Expansion { tensors, rows })
}
