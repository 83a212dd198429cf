//! What is assumed of functions with integer values, where a condition speaks of them: it makes a bracket simpler, and joins the range
//! of a Σ. An equation of the range for the value of such a function then bounds the other letters.

use super::chain::Chain;
use super::signs::conditions;
use crate::entail;
use crate::kernel::{Atom, Expr, Guard, Index, Law, Literal, Use};

/// Uses the assumptions in a bracket or in the range of a Σ.
pub(super) fn simplify(chain: &mut Chain) -> Option<()> {
    if chain.situation().signature.premises.is_empty() {
        return None;
    }
    match chain.current().clone() {
        Expr::Bracket(guard) => bracket(chain, &guard),
        Expr::Sum(_, guard, _) => range(chain, &guard),
        _ => None,
    }
}

fn terms(guard: &Guard) -> Vec<Index> {
    guard.indices().cloned().collect()
}

/// `[Q] = [P]·[Q] = [P]·[Q′] = [Q′]` where P is assumed, and `Q′` is what it leaves of Q.
fn bracket(chain: &mut Chain, guard: &Guard) -> Option<()> {
    let facts = chain.situation().facts.iter().chain(guard.literals()).cloned().collect();
    let (uses, known) = conditions(chain.situation(), &facts, &terms(guard));
    let assumed = Guard::from(known);
    let with = chain.situation().facts.iter().chain(assumed.literals()).cloned().collect();
    let left = entail::reduce(&with, guard);
    if left == *guard || uses.is_empty() {
        return None;
    }
    let beside = |condition: Expr| Expr::Mul(vec![Expr::from(1); uses.len()].into_iter().chain([condition]).collect());
    chain.compare(&[], Law::Ring, beside(Expr::Bracket(guard.clone())))?;
    assume(chain, &[], &uses)?;
    let brackets = chain.current().clone();
    chain.compare(&[], Law::Ring, Expr::Bracket(assumed.and(guard)))?;
    chain.guard_equivalent(&[], assumed.and(&left))?;
    let Expr::Mul(mut factors) = brackets else { return None };
    *factors.last_mut()? = Expr::Bracket(left);
    chain.compare(&[], Law::Ring, Expr::Mul(factors))?;
    uses.iter().enumerate().try_for_each(|(place, used)| {
        chain.apply_reversed(&[place], Law::GuardAssumed(Box::new(used.clone())), Expr::from(1))
    })
}

/// Puts the assumed brackets for factors 1.
fn assume(chain: &mut Chain, path: &[usize], uses: &[Use]) -> Option<()> {
    uses.iter().enumerate().try_for_each(|(place, used)| {
        let path: Vec<usize> = path.iter().copied().chain([place]).collect();
        chain.apply(&path, Law::GuardAssumed(Box::new(used.clone())))
    })
}

/// `Σ_{v: G} e = Σ_{v: G ∧ P} e`.
fn range(chain: &mut Chain, guard: &Guard) -> Option<()> {
    let facts = chain.situation().facts.iter().chain(guard.literals()).cloned().collect();
    let (uses, _) = conditions(chain.situation(), &facts, &terms(guard));
    uses.into_iter().find_map(|used| {
        let mut attempt = chain.clone();
        let Expr::Sum(vars, guard, body) = attempt.current().clone() else { return None };
        let product = Expr::Mul(vec![Expr::from(1), *body]);
        attempt.settle(Expr::Sum(vars, guard.clone(), Box::new(product)))?;
        assume(&mut attempt, &[0], std::slice::from_ref(&used))?;
        let Some(Expr::Bracket(condition)) = attempt.at(&[0, 0]).cloned() else { return None };
        let solved: Guard = condition.literals().map(|literal| by_equation(&guard, literal)).collect();
        if solved.literals().all(|literal| entail::holds(&facts, literal)) {
            return None;
        }
        attempt.absorb(&[])?;
        attempt.guard_equivalent(&[], guard.and(&solved))?;
        *chain = attempt;
        Some(())
    })
}

/// The condition with the value that an equation of the range gives to a function in it.
fn by_equation(guard: &Guard, literal: &Literal) -> Literal {
    let Literal::Ge(term) = literal else { return literal.clone() };
    let functions = term.terms().filter_map(|(monomial, coefficient)| match monomial.factors() {
        [(atom @ Atom::Apply(_, _), 1)] => Some((Index::atom(atom.clone()), coefficient.clone())),
        _ => None,
    });
    for (function, coefficient) in functions {
        let value = guard.literals().find_map(|literal| {
            let Literal::Eq(equation) = literal else { return None };
            let (monomial, _) = function.terms().next()?;
            let own = i64::try_from(&equation.coefficient(monomial)).ok().filter(|own| own.abs() == 1)?;
            Some(&function - &equation.scale(&own.into()))
        });
        if let Some(value) = value {
            return Literal::ge(&(term - &function.scale(&coefficient)) + &value.scale(&coefficient));
        }
    }
    literal.clone()
}
