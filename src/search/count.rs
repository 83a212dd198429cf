//! Sums in closed form: counting points, powers of a letter, differences.
//!
//! A letter that the body does not mention is counted; one that it mentions as a power `kᵐ` is summed by an antidifference of `kᵐ`. For both
//! the range of the letter is first made an interval: `s·k ≤ e` is `k ≤ ⌊e/s⌋`, and `s | k − a` is `k = a + s·t`.

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::chain::Chain;
use super::matching::eliminate;
use super::monomial::{monomials, quotient};
use super::simplify::{reindexing, solve};
use crate::entail;
use crate::kernel::{Expr, Facts, FiniteNest, Guard, Index, Law, Literal, Range, Rank, Substitution, Var, ring_equal};

/// Higher powers of a letter are not summed.
const POWER: u32 = 12;

/// Sums over one letter whose range is, or becomes, an interval, and on which the body depends as a power at most.
pub(super) fn count(chain: &mut Chain) -> Option<()> {
    let Expr::Sum(vars, _, body) = chain.current().clone() else { return None };
    vars.iter().find_map(|var| {
        let (power, rest) = power_of(&body, var)?;
        let scalar = var.rank == Rank::Scalar;
        if power > 0 && !scalar {
            return None;
        }
        let mut attempt = chain.clone();
        if power == 0 && scalar && (one_point(&mut attempt, var).is_some() || spread(&mut attempt, var).is_some()) {
            *chain = attempt;
            return Some(());
        }
        let mut attempt = chain.clone();
        sum_over(&mut attempt, var, power, &rest)?;
        *chain = attempt;
        Some(())
    })
}

/// The body as `varᵐ · rest`, where the rest does not mention the letter.
fn power_of(body: &Expr, var: &Var) -> Option<(u32, Expr)> {
    let letter = Expr::Integer(Index::from(var));
    let factors = match body {
        Expr::Mul(factors) => factors.as_slice(),
        other => std::slice::from_ref(other),
    };
    let (mut power, mut rest) = (0u32, Vec::new());
    for factor in factors {
        match factor {
            factor if *factor == letter => power += 1,
            Expr::Power(base, exponent) if **base == letter => power = power.checked_add(*exponent)?,
            factor if factor.free_vars().contains(var) => return None,
            factor => rest.push(factor.clone()),
        }
    }
    (power <= POWER).then_some((power, Expr::Mul(rest)))
}

/// A letter that the body does not mention and whose range has one point: `s·k = e`, which leaves the condition that `s` divides `e`, or
/// `0 ≤ e − s·k < s`.
fn one_point(chain: &mut Chain, var: &Var) -> Option<()> {
    let Expr::Sum(vars, guard, _) = chain.current() else { return None };
    let value = eliminate(&facts_of(chain), std::slice::from_ref(var), (guard, &[]), &[]).remove(var)?;
    let map = [(var.clone(), value.clone())].into_iter().collect();
    let kept: Vec<Var> = vars.iter().filter(|other| *other != var).cloned().collect();
    let phi = vars.iter().map(|other| if other == var { value.clone() } else { Index::from(other) }).collect();
    let psi = kept.iter().map(Index::from).collect();
    let law = reindexing(&facts_of(chain), (vars, guard), (&kept, &guard.substitute(&map)), phi, psi)?;
    chain.apply(&[], law)
}

/// `s | a` with the letter alone in `a` makes it `s·t + …` for a new letter `t`.
fn spread(chain: &mut Chain, var: &Var) -> Option<()> {
    let Expr::Sum(vars, guard, _) = chain.current() else { return None };
    let pure = monomials(chain.current()).pop()?.purified(&facts_of(chain));
    let [floor] = pure.quotients.as_slice() else { return None };
    let value = pure.guard.literals().find_map(|literal| match literal {
        Literal::Eq(equation) => solve(equation, var).filter(|value| value.contains(&floor.letter)),
        _ => None,
    })?;
    let map = [(var.clone(), value.clone())].into_iter().collect();
    let replace = |other: &Var, old: Index, new: &Index| if other == var { new.clone() } else { old };
    let new_vars: Vec<Var> =
        vars.iter().map(|other| if other == var { floor.letter.clone() } else { other.clone() }).collect();
    let phi = vars.iter().map(|other| replace(other, Index::from(other), &value)).collect();
    let back = quotient(&floor.numerator, &floor.divisor);
    let psi = vars.iter().map(|other| replace(other, Index::from(other), &back)).collect();
    let law = reindexing(&facts_of(chain), (vars, guard), (&new_vars, &pure.guard.substitute(&map)), phi, psi)?;
    chain.apply(&[], law)
}

fn facts_of(chain: &Chain) -> Facts {
    chain.facts_at(&[])
}

/// The sum over one letter, after the others.
fn sum_over(chain: &mut Chain, var: &Var, power: u32, rest: &Expr) -> Option<()> {
    let Expr::Sum(vars, guard, _) = chain.current().clone() else { return None };
    let (own, outer): (Vec<Literal>, Vec<Literal>) =
        guard.literals().cloned().partition(|literal| literal.index().contains(var));
    let mut outer: Guard = outer.into_iter().collect();
    let facts = facts_of(chain);
    let with = |outer: &Guard| facts.iter().chain(outer.literals()).cloned().collect::<Facts>();
    let single = vars.len() == 1 && chain.depth() == 0 && var.rank == Rank::Scalar;
    let (lower, mut upper) = interval(&with(&outer), &own, var, single)?;
    let one = Index::from(1);
    let nonempty =
        |outer: &Guard, upper: &Index| entail::prove_all(&with(outer), [Literal::le(&lower, &(upper + &one))]);
    let proofs = match nonempty(&outer, &upper) {
        Some(proofs) => proofs,
        // An empty range ends just before it begins, which a Σ around this one may rule out; where there are other letters, those that leave it empty are left out.
        None => {
            if single {
                upper = Index::max(upper, &lower - &one);
            } else if vars.len() == 1 {
                return None;
            } else {
                outer = outer.and(&[Literal::le(&lower, &upper)].into_iter().collect());
            }
            nonempty(&outer, &upper)?
        }
    };
    let within = with(&outer);
    let own = Guard::between(&lower, &Index::from(var), &upper);
    chain.guard_equivalent(&[], outer.and(&own))?;
    let Expr::Sum(_, guard, body) = chain.current().clone() else { return None };
    let law = if power == 0 {
        Law::Count(Range { lower, upper, proofs })
    } else {
        let summand = Expr::Mul(vec![antidifference(power, var), rest.clone()]);
        Law::Telescope(Box::new(summand), Range { lower, upper: &upper + &one, proofs })
    };
    let others: Vec<Var> = vars.iter().filter(|other| *other != var).cloned().collect();
    if others.is_empty() && outer.is_empty() {
        return chain.apply(&[], law);
    }
    // Order the letters so that this one is the inner sum, then sum inside.
    let inner = Expr::Sum(vec![var.clone()], own.clone(), body);
    let finite = FiniteNest {
        outer: entail::finite(&facts, &others, &outer)?,
        inner: entail::finite(&within, std::slice::from_ref(var), &own)?,
    };
    let ordered: Vec<Var> = others.iter().chain([var]).cloned().collect();
    if ordered != vars {
        let identity = |vars: &[Var]| vars.iter().map(Index::from).collect::<Vec<_>>();
        let law = reindexing(&facts, (&vars, &guard), (&ordered, &guard), identity(&vars), identity(&ordered))?;
        chain.apply(&[], law)?;
    }
    chain.apply_reversed(&[], Law::Fubini(finite), Expr::Sum(others, outer, Box::new(inner)))?;
    chain.apply(&[0], law)
}

/// The interval of a letter where every condition bounds it: `c·k ≥ e` from below, `c·k ≤ e` from above, for some `c ≥ 1`. Of several
/// bounds one must be the sharpest, or `combine` allows a maximum of them.
fn interval(facts: &Facts, conditions: &[Literal], var: &Var, combine: bool) -> Option<(Index, Index)> {
    let (mut lowers, mut uppers) = (Vec::new(), Vec::new());
    for literal in conditions {
        let Literal::Ge(term) = literal else { return None };
        let (factor, rest) = entail::linear_in(term, var)?;
        if entail::positive(facts, &factor) {
            lowers.push(-&quotient(&rest, &factor));
        } else if entail::positive(facts, &-&factor) {
            uppers.push(quotient(&rest, &-&factor));
        } else {
            return None;
        }
    }
    let least = |bounds: Vec<Index>, sign: i64| -> Option<Index> {
        let sharper = |a: &Index, b: &Index| entail::holds(facts, &Literal::ge((a - b).scale(&sign.into())));
        let mut bounds = bounds.into_iter();
        let first = bounds.next()?;
        bounds.try_fold(first, |a, b| match () {
            () if sharper(&b, &a) => Some(b),
            () if sharper(&a, &b) => Some(a),
            () if !combine => None,
            () if sign > 0 => Some(Index::max(a, b)),
            () => Some(Index::min(a, b)),
        })
    };
    Some((least(lowers, 1)?, least(uppers, -1)?))
}

/// A polynomial `S` in the letter with `S(k+1) − S(k) = kᵐ`.
fn antidifference(power: u32, var: &Var) -> Expr {
    let mut table: Vec<Vec<BigRational>> = Vec::new();
    for m in 0..=power as usize {
        // (k+1)^(m+1) − k^(m+1) = Σ_{j≤m} C(m+1, j) k^j.
        let mut sum = vec![BigRational::zero(); m + 2];
        sum[m + 1] = BigRational::one();
        let mut choose = BigRational::one();
        for (j, lower) in table.iter().enumerate() {
            for (degree, value) in lower.iter().enumerate() {
                sum[degree] -= &choose * value;
            }
            choose = choose * ratio(m + 1 - j) / ratio(j + 1);
        }
        let scale = ratio(m + 1);
        table.push(sum.into_iter().map(|value| value / &scale).collect());
    }
    let letter = Expr::Integer(Index::from(var));
    let coefficients = table.pop().unwrap_or_default();
    let term = |(degree, value): (usize, BigRational)| {
        Expr::Mul(vec![Expr::Number(value), Expr::Power(Box::new(letter.clone()), degree as u32)])
    };
    Expr::Add(coefficients.into_iter().enumerate().filter(|(_, value)| !value.is_zero()).map(term).collect())
}

fn ratio(value: usize) -> BigRational {
    BigRational::from_integer(value.into())
}

/// Sums a difference `F(k+1) − F(k)`, where the body is one.
pub(super) fn telescope(chain: &mut Chain) -> Option<()> {
    let Expr::Sum(vars, guard, body) = chain.current() else { return None };
    let ([var], Expr::Add(terms)) = (vars.as_slice(), body.as_ref()) else { return None };
    let [left, right] = terms.as_slice() else { return None };
    let (lower, upper) = interval(&facts_of(chain), &guard.literals().cloned().collect::<Vec<_>>(), var, false)?;
    let upper = &upper + &Index::from(1);
    let next = Substitution::of_indices([(var.clone(), &Index::from(var) + &Index::from(1))].into_iter().collect());
    let negated = |expr: &Expr| Expr::Mul(vec![Expr::from(-1), expr.clone()]);
    let pairs = [(left, negated(right)), (right, negated(left))];
    let (_, summand) =
        pairs.into_iter().find(|(term, summand)| ring_equal(term, &summand.substitute(&next)).unwrap_or(false))?;
    let proofs = entail::prove_all(&chain.facts_at(&[]), [Literal::le(&lower, &upper)])?;
    chain.apply(&[], Law::Telescope(Box::new(summand), Range { lower, upper, proofs }))
}
