//! Checking that integer conditions follow from others.
//!
//! A side condition `Γ ⊢ goal` is checked from a [`Refutation`] of `Γ ∪ {¬goal}`, found outside. A ranked condition stands
//! for the same condition on every coordinate; a refutation speaks of one arbitrary coordinate of each rank, which exists
//! since ranks are at least 1, so the checker need not distinguish ranked from scalar terms.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_traits::{One, Signed};
use serde::{Deserialize, Serialize};

use super::guard::{Guard, Literal};
use super::index::{Index, Var};
use super::refusal::Refusal;

/// Evidence that a set of facts has no integer model.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Refutation {
    /// A fact is false on sight, or a fact and its negation are both there.
    Absurd,
    /// `Σ cⱼ·Πh + Σ pₖ·eₖ` is a negative constant, where every `h ≥ 0` and `eₖ = 0` is a fact and every `cⱼ > 0`.
    ///
    /// ```text
    /// Γ ∋ h ≥ 0 …   Γ ∋ e = 0 …   c > 0   Σ c·Πh + Σ p·e ≡ −d,  d ≥ 1
    /// ────────────────────────────────────────────────────────────────
    ///                            Γ ⊢ ⊥
    /// ```
    Combine {
        /// Coefficients with the facts that are multiplied.
        products: Vec<(BigInt, Vec<Index>)>,
        /// Polynomial multipliers with the equations' terms.
        multiples: Vec<(Index, Index)>,
    },
    /// A fact is derived, then used.
    Cut {
        /// What is derived.
        fact: Literal,
        /// A refutation of the facts with its negation.
        proof: Box<Refutation>,
        /// A refutation of the facts with it.
        rest: Box<Refutation>,
    },
    /// Either `on ≥ 0` or `−on − 1 ≥ 0`.
    Split {
        /// The term whose sign is distinguished.
        on: Index,
        /// Where it is at least 0.
        nonnegative: Box<Refutation>,
        /// Where it is negative.
        negative: Box<Refutation>,
    },
    /// A fact `apart ≠ 0` means `apart ≥ 1` or `−apart ≥ 1`.
    Apart {
        /// The term of the fact.
        apart: Index,
        /// Where it is positive.
        above: Box<Refutation>,
        /// Where it is negative.
        below: Box<Refutation>,
    },
    /// Division with remainder: `0 ≤ a − s·⌊a/s⌋ ≤ s − 1` where `s ≥ 1`.
    Division {
        /// The numerator.
        numerator: Index,
        /// The divisor.
        divisor: Index,
        /// A refutation of the facts with `divisor ≤ 0`.
        positive: Box<Refutation>,
        /// A refutation of the facts with both inequalities.
        rest: Box<Refutation>,
    },
    /// `max(a, b)` is `a` where `a ≥ b`, else `b`.
    Maximum {
        /// The first term.
        first: Index,
        /// The second term.
        second: Index,
        /// Where the first is at least the second, and the maximum is the first.
        left: Box<Refutation>,
        /// Where the first is less than the second, and the maximum is the second.
        right: Box<Refutation>,
    },
}

/// A set of conditions that hold.
pub type Facts = BTreeSet<Literal>;

fn with(facts: &Facts, more: impl IntoIterator<Item = Literal>) -> Facts {
    let mut extended = facts.clone();
    extended.extend(more);
    extended
}

/// Checks that the facts have no integer model.
///
/// # Errors
/// The first step that does not hold, as a [`Refusal`].
///
/// ```
/// use convprove::kernel::{check_refutation, Facts, Index, Literal, Refutation};
/// // i ≥ 3 and 2 − i ≥ 0: their sum is −1 ≥ 0.
/// let i = Index::scalar("i");
/// let (low, high) = (&i - &Index::from(3), &Index::from(2) - &i);
/// let facts = Facts::from([Literal::ge(low.clone()), Literal::ge(high.clone())]);
/// let proof = Refutation::Combine { products: vec![(1.into(), vec![low]), (1.into(), vec![high])], multiples: vec![] };
/// assert!(check_refutation(&facts, &proof).is_ok());
/// ```
pub fn check_refutation(facts: &Facts, refutation: &Refutation) -> Result<(), Refusal> {
    check_at(facts, refutation, 0)
}

/// Deeper case distinctions are refused, so that the recursion cannot exhaust the stack.
const DEPTH_LIMIT: usize = 256;

/// Larger products are refused, so that a few factors cannot exhaust the memory.
const TERM_LIMIT: usize = 20_000;

fn product(left: &Index, right: &Index) -> Result<Index, Refusal> {
    if left.len().saturating_mul(right.len()) > TERM_LIMIT { Err(Refusal::TooLarge) } else { Ok(left * right) }
}

fn check_at(facts: &Facts, refutation: &Refutation, depth: usize) -> Result<(), Refusal> {
    if depth >= DEPTH_LIMIT {
        return Err(Refusal::TooLarge);
    }
    let check_refutation = |facts: &Facts, refutation: &Refutation| check_at(facts, refutation, depth + 1);
    match refutation {
        Refutation::Absurd => {
            let clash = |fact: &Literal| fact.truth() == Some(false) || facts.contains(&fact.negated());
            if facts.iter().any(clash) { Ok(()) } else { Err(Refusal::Combination(Index::default())) }
        }
        Refutation::Combine { products, multiples } => {
            let mut sum = Index::default();
            for (coefficient, factors) in products {
                if !coefficient.is_positive() {
                    return Err(Refusal::Multiplier);
                }
                let mut term = Index::constant(coefficient.clone());
                for factor in factors {
                    let fact = Literal::Ge(factor.clone());
                    if !facts.contains(&fact) {
                        return Err(Refusal::UnknownFact(fact));
                    }
                    term = product(&term, factor)?;
                }
                sum = &sum + &term;
            }
            for (multiplier, equation) in multiples {
                let fact = Literal::Eq(equation.clone());
                if !facts.contains(&fact) {
                    return Err(Refusal::UnknownFact(fact));
                }
                sum = &sum + &product(multiplier, equation)?;
            }
            match sum.as_constant() {
                Some(value) if value.is_negative() => Ok(()),
                _ => Err(Refusal::Combination(sum)),
            }
        }
        Refutation::Cut { fact, proof, rest } => {
            check_refutation(&with(facts, [fact.negated()]), proof)?;
            check_refutation(&with(facts, [fact.clone()]), rest)
        }
        Refutation::Split { on, nonnegative, negative } => {
            let positive = Literal::ge(on.clone());
            check_refutation(&with(facts, [positive.clone()]), nonnegative)?;
            check_refutation(&with(facts, [positive.negated()]), negative)
        }
        Refutation::Apart { apart, above, below } => {
            let fact = Literal::Ne(apart.clone());
            if !facts.contains(&fact) {
                return Err(Refusal::UnknownFact(fact));
            }
            let one = Index::constant(BigInt::one());
            check_refutation(&with(facts, [Literal::ge(apart - &one)]), above)?;
            check_refutation(&with(facts, [Literal::ge(&-apart - &one)]), below)
        }
        Refutation::Division { numerator, divisor, positive, rest } => {
            let one = Index::constant(BigInt::one());
            check_refutation(&with(facts, [Literal::ge(-divisor)]), positive)?;
            let quotient = Index::floor(numerator.clone(), divisor.clone());
            let remainder = numerator - &product(divisor, &quotient)?;
            let bounds = [Literal::ge(remainder.clone()), Literal::ge(&(divisor - &one) - &remainder)];
            check_refutation(&with(facts, bounds), rest)
        }
        Refutation::Maximum { first, second, left, right } => {
            let maximum = Index::max(first.clone(), second.clone());
            let order = Literal::ge(first - second);
            check_refutation(&with(facts, [order.clone(), Literal::eq(&maximum - first)]), left)?;
            check_refutation(&with(facts, [order.negated(), Literal::eq(&maximum - second)]), right)
        }
    }
}

/// Checks `facts ⊢ goal` from a refutation of the facts with the goal's negation.
///
/// ```text
/// Γ, ¬goal ⊢ ⊥
/// ────────────
///   Γ ⊢ goal
/// ```
pub fn check_entails(facts: &Facts, goal: &Literal, refutation: &Refutation) -> Result<(), Refusal> {
    if goal.rank().is_none() {
        return Err(Refusal::Rank(goal.index().clone()));
    }
    check_refutation(&with(facts, [goal.negated()]), refutation)
}

/// Proofs of the literals of a guard, in the guard's order. They stay valid where more is known: a goal that is true on sight or among
/// the facts needs no evidence, and whatever stands in its place is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Entailments(pub Vec<Refutation>);

/// Checks `facts ⊢ guard`.
pub fn check_guard(facts: &Facts, guard: &Guard, proofs: &Entailments) -> Result<(), Refusal> {
    check_all(facts, guard.literals().cloned(), proofs)
}

/// Checks that each of the goals follows; the same rule as [`check_guard`].
pub fn check_all(facts: &Facts, goals: impl IntoIterator<Item = Literal>, proofs: &Entailments) -> Result<(), Refusal> {
    let goals: Vec<Literal> = goals.into_iter().collect();
    if goals.len() != proofs.0.len() {
        return Err(Refusal::Count {
            what: "side conditions with certificates",
            expected: goals.len(),
            found: proofs.0.len(),
        });
    }
    let mut open = goals.iter().zip(&proofs.0).filter(|(goal, _)| needs_proof(facts, goal));
    open.try_for_each(|(goal, proof)| check_entails(facts, goal, proof))
}

/// Whether a goal needs a certificate: it is neither true on sight nor a fact.
pub fn needs_proof(facts: &Facts, goal: &Literal) -> bool {
    goal.truth() != Some(true) && !facts.contains(goal)
}

/// Evidence that a guard leaves finitely many choices for some letters: each lies between two terms that mention only
/// letters bounded before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Finiteness(pub Vec<Bounds>);

/// The range of one letter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bounds {
    /// Which of the binder's letters, counted from 0.
    pub letter: usize,
    /// Not above the letter.
    pub lower: Index,
    /// Not below the letter.
    pub upper: Index,
    /// Proofs of `lower ≤ letter` and `letter ≤ upper`, as for [`check_all`].
    pub proofs: Entailments,
}

/// Checks that `guard` leaves finitely many choices for `vars`, whatever the other variables are.
pub fn check_finite(facts: &Facts, vars: &[Var], guard: &Guard, evidence: &Finiteness) -> Result<(), Refusal> {
    if evidence.0.len() != vars.len() {
        return Err(Refusal::Count { what: "bounded letters", expected: vars.len(), found: evidence.0.len() });
    }
    let facts = with(facts, guard.literals().cloned());
    let mut open: Vec<&Var> = vars.iter().collect();
    for bounds in &evidence.0 {
        let var = vars.get(bounds.letter).ok_or(Refusal::Path)?;
        if let Some(captured) = open.iter().find(|var| bounds.lower.contains(var) || bounds.upper.contains(var)) {
            return Err(Refusal::Captured((*captured).clone()));
        }
        let position = open.iter().position(|other| *other == var).ok_or_else(|| Refusal::Repeated(var.clone()))?;
        open.remove(position);
        let letter = Index::from(var);
        let goals = [Literal::le(&bounds.lower, &letter), Literal::le(&letter, &bounds.upper)];
        check_all(&facts, goals, &bounds.proofs)?;
    }
    Ok(())
}
