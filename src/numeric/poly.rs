//! Integer terms and conditions over slots: polynomials, and conditions sorted by the letters they are to be solved for.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

use crate::kernel::Name;

/// An integer polynomial over slots.
#[derive(Clone, Debug, Default)]
pub(super) struct Poly {
    pub constant: i64,
    pub linear: Vec<(usize, i64)>,
    pub other: Vec<(i64, Vec<(Factor, u32)>)>,
    /// All terms once more, where a coefficient does not fit 64 bits.
    pub wide: Vec<(BigInt, Vec<(Factor, u32)>)>,
}

#[derive(Clone, Debug)]
pub(super) enum Factor {
    Slot(usize),
    Floor(Box<Poly>, Box<Poly>),
    Max(Box<Poly>, Box<Poly>),
    Apply(usize, Vec<Poly>),
    Volume(Vec<Poly>),
}

/// How a term is compared with 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Ge,
    Eq,
    Ne,
}

/// A conjunction to be tested when all its slots are filled.
pub(super) type Test = Vec<(Kind, Poly)>;

/// A condition to be solved for the letters in the slots from `first` on.
#[derive(Clone, Debug)]
pub(super) struct System {
    pub first: usize,
    /// The name of each letter, once for each coordinate.
    pub letters: Vec<Name>,
    pub rows: Vec<Row>,
}

/// A literal, sorted by the letters: `constant + Σ coefficient·letter + Σ rest`.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub kind: Kind,
    pub constant: Poly,
    pub linear: Vec<(usize, Poly)>,
    pub rest: Vec<RestTerm>,
    /// The whole literal, for terms that do not fit the parts.
    pub whole: Poly,
}

/// A term in several letters, or with a letter in a floor, a maximum or a higher power.
#[derive(Clone, Debug)]
pub(super) struct RestTerm {
    pub letters: Vec<usize>,
    pub whole: Poly,
    /// The term divided by a letter, where it is linear in that letter.
    pub quotients: Vec<(usize, Poly)>,
}

/// Coefficients with their factors.
pub(super) type Terms = Vec<(BigInt, Vec<(Factor, u32)>)>;

impl Poly {
    pub(super) fn from_terms(terms: Terms) -> Poly {
        let mut poly = Poly::default();
        for (coefficient, factors) in &terms {
            let Some(small) = coefficient.to_i64() else { return Poly { wide: terms, ..Poly::default() } };
            match factors.as_slice() {
                [] => poly.constant = small,
                [(Factor::Slot(slot), 1)] => poly.linear.push((*slot, small)),
                _ => poly.other.push((small, factors.clone())),
            }
        }
        poly
    }

    /// The terms in one list.
    fn into_terms(self) -> Terms {
        if !self.wide.is_empty() {
            return self.wide;
        }
        let mut terms: Terms = Vec::new();
        if !self.constant.is_zero() {
            terms.push((BigInt::from(self.constant), Vec::new()));
        }
        terms.extend(self.linear.into_iter().map(|(slot, value)| (BigInt::from(value), vec![(Factor::Slot(slot), 1)])));
        terms.extend(self.other.into_iter().map(|(value, factors)| (BigInt::from(value), factors)));
        terms
    }

    /// The literal `self kind 0`, sorted by the letters in the slots `first .. first + count`.
    pub(super) fn row(self, kind: Kind, first: usize, count: usize) -> Row {
        let whole = self.clone();
        let letter = |slot: usize| slot.checked_sub(first).filter(|letter| *letter < count);
        let (mut constant, mut linear, mut rest) = (Terms::new(), BTreeMap::<usize, Terms>::new(), Vec::new());
        for (coefficient, factors) in self.into_terms() {
            let mut letters = std::collections::BTreeSet::new();
            factors.iter().for_each(|(factor, _)| factor.collect(&mut |slot| letters.extend(letter(slot))));
            let without = |letter: usize| -> Option<Vec<(Factor, u32)>> {
                let own = |factor: &Factor| matches!(factor, Factor::Slot(slot) if *slot == first + letter);
                let (inside, outside): (Vec<_>, Vec<_>) = factors.iter().cloned().partition(|(factor, _)| own(factor));
                let mut elsewhere = false;
                outside.iter().for_each(|(factor, _)| factor.collect(&mut |slot| elsewhere |= slot == first + letter));
                matches!(inside.as_slice(), [(_, 1)]).then_some(outside).filter(|_| !elsewhere)
            };
            let quotients: Vec<_> = letters.iter().filter_map(|letter| Some((*letter, without(*letter)?))).collect();
            match (letters.len(), quotients.as_slice()) {
                (0, _) => constant.push((coefficient, factors)),
                (1, [(letter, quotient)]) => {
                    linear.entry(*letter).or_default().push((coefficient, quotient.clone()));
                }
                _ => rest.push(RestTerm {
                    letters: letters.into_iter().collect(),
                    quotients: quotients
                        .into_iter()
                        .map(|(letter, quotient)| (letter, Poly::from_terms(vec![(coefficient.clone(), quotient)])))
                        .collect(),
                    whole: Poly::from_terms(vec![(coefficient, factors)]),
                }),
            }
        }
        Row {
            kind,
            constant: Poly::from_terms(constant),
            linear: linear.into_iter().map(|(letter, terms)| (letter, Poly::from_terms(terms))).collect(),
            rest,
            whole,
        }
    }

    /// The terms with positive coefficients, or the negated others.
    pub(super) fn part(&self, positive: bool) -> Poly {
        let mut terms = self.clone().into_terms();
        terms.retain(|(coefficient, _)| coefficient.is_positive() == positive);
        if !positive {
            terms.iter_mut().for_each(|(coefficient, _)| *coefficient = -&*coefficient);
        }
        Poly::from_terms(terms)
    }

    /// Visits every slot.
    pub(super) fn collect(&self, visit: &mut dyn FnMut(usize)) {
        self.linear.iter().for_each(|(slot, _)| visit(*slot));
        let factors = self.other.iter().flat_map(|(_, factors)| factors);
        for (factor, _) in factors.chain(self.wide.iter().flat_map(|(_, factors)| factors)) {
            factor.collect(visit);
        }
    }
}

impl Factor {
    fn collect(&self, visit: &mut dyn FnMut(usize)) {
        match self {
            Factor::Slot(slot) => visit(*slot),
            Factor::Floor(a, b) | Factor::Max(a, b) => {
                a.collect(visit);
                b.collect(visit);
            }
            Factor::Apply(_, parts) | Factor::Volume(parts) => parts.iter().for_each(|part| part.collect(visit)),
        }
    }
}
