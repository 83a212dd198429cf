//! Finding certificates for integer side conditions: the untrusted counterpart of [`crate::kernel::arithmetic`].
//!
//! A question is answered on sight, or by one linear combination (`linear`, `simplex`), or by a search (`search`) that
//! uses equations and derives facts (`state`), knows division (`floors`), multiplies facts (`products`) and splits cases.
//! The search ends early where integers satisfy everything (`model`). All efforts are counted, never timed, so an answer
//! is the same everywhere. No answer means "not found", never "false".

mod finite;
mod floors;
mod linear;
mod memo;
mod model;
mod point;
mod poly;
mod products;
mod search;
mod simplex;
mod state;

pub use finite::{finite, linear_in};
pub use point::point;
use search::Effort;

use crate::kernel::{
    Entailments, Facts, Guard, Index, Literal, Refutation, check_entails, check_refutation, needs_proof,
};

/// A refutation of `facts ∪ {¬goal}`, where one is found within the counted budget.
///
/// ```
/// use convprove::entail::prove;
/// use convprove::kernel::{Facts, Index, Literal};
/// let (i, n) = (Index::scalar("i"), Index::scalar("n"));
/// let facts = Facts::from([Literal::lt(&i, &n), Literal::le(&n, &Index::from(5))]);
/// assert!(prove(&facts, &Literal::le(&i, &Index::from(4))).is_some());
/// assert!(prove(&facts, &Literal::le(&i, &Index::from(3))).is_none());
/// ```
pub fn prove(facts: &Facts, goal: &Literal) -> Option<Refutation> {
    prove_with(facts, goal, Effort::Full)
}

fn prove_with(facts: &Facts, goal: &Literal, effort: Effort) -> Option<Refutation> {
    goal.rank()?;
    let proof = at_sight(facts, goal)
        .or_else(|| memo::recall(facts, Some(goal), effort, || refute(facts, &goal.negated(), effort)))?;
    debug_assert!(check_entails(facts, goal, &proof).is_ok(), "the kernel refuses {proof:?} for {goal} from {facts:?}");
    Some(proof)
}

/// Whether a goal is found to follow.
pub fn holds(facts: &Facts, goal: &Literal) -> bool {
    !needs_proof(facts, goal) || prove(facts, goal).is_some()
}

/// Whether a term is found to be at least 1, as a divisor must be.
pub fn positive(facts: &Facts, index: &Index) -> bool {
    holds(facts, &Literal::le(&Index::from(1), index))
}

/// A refutation of the facts, where one is found.
pub fn contradiction(facts: &Facts) -> Option<Refutation> {
    contradiction_with(facts, Effort::Full)
}

fn contradiction_with(facts: &Facts, effort: Effort) -> Option<Refutation> {
    if facts.iter().any(|fact| fact.truth() == Some(false)) {
        return Some(Refutation::Absurd);
    }
    let apart = facts.iter().any(|fact| matches!(fact, Literal::Ne(e) if facts.contains(&Literal::Eq(e.clone()))));
    if apart {
        return Some(Refutation::Absurd);
    }
    let literals: Vec<&Literal> = facts.iter().collect();
    let search = || linear::combine(&literals, None).or_else(|| search::refute(facts, None, effort));
    let proof = memo::recall(facts, None, effort, search)?;
    debug_assert!(check_refutation(facts, &proof).is_ok(), "the kernel refuses {proof:?} from {facts:?}");
    Some(proof)
}

/// Certificates for the goals, in order; an empty one where a goal is a fact or true on sight.
pub fn prove_all(facts: &Facts, goals: impl IntoIterator<Item = Literal>) -> Option<Entailments> {
    let proof = |goal| if needs_proof(facts, &goal) { prove(facts, &goal) } else { Some(Refutation::Absurd) };
    goals.into_iter().map(proof).collect::<Option<_>>().map(Entailments)
}

/// Certificates that each of two guards entails the other under the facts: first from `a` to `b`, then back.
pub fn equivalent(facts: &Facts, a: &Guard, b: &Guard) -> Option<(Entailments, Entailments)> {
    let from = |source: &Guard, target: &Guard| {
        let mut known = facts.clone();
        known.extend(source.literals().cloned());
        prove_all(&known, target.literals().cloned())
    };
    Some((from(a, b)?, from(b, a)?))
}

/// The guard without the literals that are easily seen to follow from the facts and the other literals; [`Guard::never`]
/// where it contradicts the facts.
pub fn reduce(facts: &Facts, guard: &Guard) -> Guard {
    let mut kept: Vec<Literal> = guard.literals().cloned().collect();
    let known = |kept: &[Literal], skipped: usize| {
        let mut known = facts.clone();
        known.extend(kept.iter().enumerate().filter(|(place, _)| *place != skipped).map(|(_, other)| other.clone()));
        known
    };
    if contradiction_with(&known(&kept, usize::MAX), Effort::Light).is_some() {
        return Guard::never();
    }
    let mut place = 0;
    while let Some(literal) = kept.get(place) {
        let others = known(&kept, place);
        if !needs_proof(&others, literal) || prove_with(&others, literal, Effort::Light).is_some() {
            kept.remove(place);
        } else {
            place += 1;
        }
    }
    kept.into_iter().collect()
}

/// Goals that need no search: facts, truths, and facts with a smaller constant.
fn at_sight(facts: &Facts, goal: &Literal) -> Option<Refutation> {
    if goal.truth() == Some(true) || facts.contains(goal) {
        return Some(Refutation::Absurd);
    }
    let Literal::Ge(goal) = goal else { return None };
    let stronger = facts.iter().find_map(|fact| match fact {
        Literal::Ge(fact) if weaker(fact, goal) => Some(fact),
        _ => None,
    })?;
    let negated = Literal::ge(&-goal - &Index::from(1));
    let products = vec![(1.into(), vec![stronger.clone()]), (1.into(), vec![negated.index().clone()])];
    Some(Refutation::Combine { products, multiples: Vec::new() })
}

/// Whether two terms differ only in the constant, and the goal's is at least the fact's.
fn weaker(fact: &Index, goal: &Index) -> bool {
    let mut left = fact.terms().filter(|(monomial, _)| !monomial.is_one());
    let mut right = goal.terms().filter(|(monomial, _)| !monomial.is_one());
    fact.len().abs_diff(goal.len()) <= 1
        && left.by_ref().eq(right.by_ref())
        && goal.constant_term() >= fact.constant_term()
}

/// A refutation of the facts with a negated goal.
fn refute(facts: &Facts, negated: &Literal, effort: Effort) -> Option<Refutation> {
    if let Literal::Ne(apart) = negated {
        let half = |difference: Index| {
            let side = Literal::ge(&difference - &Index::from(1));
            refute(facts, &side, effort).map(Box::new)
        };
        let above = half(apart.clone())?;
        let below = half(-apart)?;
        return Some(Refutation::Apart { apart: apart.clone(), above, below });
    }
    if negated.truth() == Some(false) || facts.iter().any(|fact| fact.truth() == Some(false)) {
        return Some(Refutation::Absurd);
    }
    let mut literals: Vec<&Literal> = facts.iter().collect();
    literals.push(negated);
    let seed = negated.index().as_constant().is_none().then_some(negated);
    linear::combine(&literals, seed).or_else(|| search::refute(facts, Some(negated), effort))
}

#[cfg(test)]
mod tests;
