//! Inverses: the rules that cancel `e·(1/e)` where e is known not to be 0.
//!
//! A sum in a denominator is multiplied out in the numerator, so its leading term is the one that is looked for:
//! `l·1/(l + r) = 1 − r·1/(l + r)`. What is assumed of an expression is used for its normal form as well.

use std::collections::BTreeSet;

use num_traits::Zero;

use super::chain::{Chain, replaced};
use super::language::level;
use super::monomial::{mentions, product};
use super::signs::evidence;
use super::simplify;
use crate::entail;
use crate::kernel::{
    Evidence, Expr, FiniteNest, Guard, Held, Index, Law, Literal, Sign, Var, ring_equal, ring_normal_at,
};

/// So many uses of rules bring what is assumed into its normal form.
const STEPS: usize = 200;

/// Cancels in a product, in a Σ of products, or in an inverse of an inverse.
pub(super) fn simplify(chain: &mut Chain) -> Option<()> {
    match chain.current().clone() {
        Expr::Mul(factors) => cancel(chain, &factors).or_else(|| partial_fractions(chain, &factors)),
        Expr::Sum(_, _, _) => {
            let mut attempt = chain.clone();
            if whole_sum(&mut attempt).is_none() {
                attempt = chain.clone();
                part_of_sum(&mut attempt)?;
            }
            *chain = attempt;
            Some(())
        }
        Expr::Inverse(base) => match *base {
            Expr::Add(terms) => fraction_of_fractions(chain, &terms),
            Expr::Inverse(inner) => {
                // 1/(1/e) = e·(1/e)·(1/(1/e)) = e.
                let one = Expr::Mul(vec![Expr::from(1), chain.current().clone()]);
                let twice = chain.current().clone();
                chain.compare(&[], Law::Ring, one)?;
                let (known, once) = nonzero(chain, &inner)?;
                unit(chain, &[0], &inner, &known, &once, true)?;
                let single = Expr::Inverse(inner.clone());
                let grouped = Expr::Mul(vec![*inner.clone(), Expr::Mul(vec![single.clone(), twice])]);
                chain.compare(&[], Law::Ring, grouped)?;
                match once {
                    None => chain.apply(&[1], Law::Inverse(Box::new(Evidence::Below(Box::new(known))))),
                    Some(_) => None,
                }
            }
            _ => None,
        },
        _ => None,
    }
}

/// `1/(d·e) = (1/e - 1/d)/(d - e)` for divisors that differ by a number, and `(1/e + 1/d)/(d + e)` for those whose sum is one.
fn partial_fractions(chain: &mut Chain, factors: &[Expr]) -> Option<()> {
    let all: Vec<Expr> = factors.iter().flat_map(parts).collect();
    let places: Vec<usize> = (0..all.len()).filter(|place| matches!(all[*place], Expr::Inverse(_))).collect();
    let pairs = places.iter().flat_map(|first| places.iter().map(move |second| (*first, *second)));
    pairs
        .filter(|(first, second)| first < second)
        .flat_map(|pair| [(pair, -1), (pair, 1)])
        .find_map(|((first, second), sign)| {
            let (Expr::Inverse(d), Expr::Inverse(e)) = (&all[first], &all[second]) else { return None };
            let signed = |expr: &Expr| Expr::Mul(vec![Expr::from(sign), expr.clone()]);
            let total = Expr::Add(vec![(**d).clone(), signed(e)]);
            let Expr::Number(total) = ring_normal_at(&total, chain.depth()).ok()? else { return None };
            if total.is_zero() {
                return None;
            }
            let mut attempt = chain.clone();
            let ((known_d, once_d), (known_e, once_e)) = (nonzero(&attempt, d)?, nonzero(&attempt, e)?);
            let others = all.iter().enumerate().filter(|(place, _)| *place != first && *place != second);
            let mut rest: Vec<Expr> = others.map(|(_, factor)| factor.clone()).collect();
            rest.push(Expr::Number(number(&Expr::Mul(factors.to_vec())) / total));
            let apart = Expr::Add(vec![
                Expr::Mul(vec![all[second].clone(), with_inverse(d)]),
                Expr::Mul(vec![Expr::from(sign), all[first].clone(), with_inverse(e)]),
            ]);
            let place = rest.len();
            rest.push(apart);
            attempt.compare(&[], Law::Ring, Expr::Mul(rest))?;
            unit(&mut attempt, &[place, 0, 1], d, &known_d, &once_d, false)?;
            unit(&mut attempt, &[place, 1, 2], e, &known_e, &once_e, false)?;
            Some(attempt)
        })
        .map(|attempt| *chain = attempt)
}

/// `e·(1/e)`
fn with_inverse(expr: &Expr) -> Expr {
    Expr::Mul(vec![expr.clone(), Expr::Inverse(Box::new(expr.clone()))])
}

/// `1/(a + b/d) = d·1/(a·d + b)`. Where a·d + b is a product N, the sum has the value N·(1/d), to which the rules for products lead back.
fn fraction_of_fractions(chain: &mut Chain, terms: &[Expr]) -> Option<()> {
    let base = Expr::Add(terms.to_vec());
    let divisors = terms.iter().flat_map(|term| factors(term.clone())).filter_map(|factor| inverted(&factor).cloned());
    let divisors: BTreeSet<Expr> = divisors.collect();
    divisors
        .into_iter()
        .find_map(|divisor| {
            let inverse = Expr::Inverse(Box::new(divisor.clone()));
            // The terms without the divisor, and with a place for d·(1/d) where it was.
            let multiplied: Vec<(Vec<Expr>, bool)> = terms
                .iter()
                .map(|term| {
                    let mut all: Vec<Expr> = std::iter::once(Expr::Number(number(term))).chain(parts(term)).collect();
                    let place = all.iter().position(|factor| *factor == inverse);
                    match place {
                        Some(place) => drop(all.remove(place)),
                        None => all.push(divisor.clone()),
                    }
                    (all, place.is_some())
                })
                .collect();
            let above = Expr::Add(multiplied.iter().map(|(all, _)| product(all.clone())).collect());
            let above = ring_normal_at(&above, chain.depth()).ok()?;
            let mut attempt = chain.clone();
            if matches!(above, Expr::Add(_)) {
                below_one_line(&mut attempt, &base, &divisor, &multiplied, &above)?;
            } else {
                let start = ring_normal_at(&Expr::Mul(vec![above, inverse]), chain.depth()).ok()?;
                let mut back = Chain::new(chain.situation(), start, chain.depth());
                normalise(&mut back, &mut { STEPS })?;
                back.settle(base.clone())?;
                attempt.append_at(&[0], back.reversed())?;
            }
            attempt.ring()?;
            Some(attempt)
        })
        .map(|attempt| *chain = attempt)
}

/// From `1/B` to `d·(1/N)` where `N = B·d` is a sum: `1/B = (1/B)·N·(1/N) = (1/B)·B·d·(1/N)`.
fn below_one_line(
    chain: &mut Chain,
    base: &Expr,
    divisor: &Expr,
    multiplied: &[(Vec<Expr>, bool)],
    above: &Expr,
) -> Option<()> {
    let (known_above, once_above) = nonzero(chain, above)?;
    let (known_divisor, once_divisor) = nonzero(chain, divisor)?;
    let (known_base, once_base) = nonzero(chain, base)?;
    let inverse = chain.current().clone();
    chain.compare(&[], Law::Ring, Expr::Mul(vec![inverse, Expr::from(1)]))?;
    unit(chain, &[1], above, &known_above, &once_above, true)?;
    let one = |(all, divided): &(Vec<Expr>, bool)| match divided {
        true => Expr::Mul(vec![product(all.clone()), Expr::from(1)]),
        false => product(all.clone()),
    };
    chain.compare(&[1, 0], Law::Ring, Expr::Add(multiplied.iter().map(one).collect()))?;
    for (place, _) in multiplied.iter().enumerate().filter(|(_, (_, divided))| *divided) {
        unit(chain, &[1, 0, place, 1], divisor, &known_divisor, &once_divisor, true)?;
    }
    let below = Expr::Inverse(Box::new(above.clone()));
    chain.compare(&[], Law::Ring, Expr::Mul(vec![divisor.clone(), below, with_inverse(base)]))?;
    unit(chain, &[2], base, &known_base, &once_base, false)
}

/// Takes the factors that no letter occurs in out of a Σ, where one of them is the inverse of what is left.
fn whole_sum(chain: &mut Chain) -> Option<()> {
    let Expr::Sum(vars, guard, body) = chain.current().clone() else { return None };
    let (outside, inside): (Vec<Expr>, Vec<Expr>) =
        factors(*body).into_iter().partition(|factor| !mentions(factor, &vars));
    if !outside.iter().any(|factor| inverted(factor).is_some()) {
        return None;
    }
    let (inner, place) = (product(inside), outside.len());
    let split = Expr::Mul(outside.iter().cloned().chain([inner.clone()]).collect());
    let sum = Expr::Sum(vars.clone(), guard.clone(), Box::new(inner));
    let pulled: Vec<Expr> = outside.into_iter().chain([sum]).collect();
    chain.settle(Expr::Sum(vars, guard, Box::new(split)))?;
    chain.apply_reversed(&[], Law::LinearFactor(place), Expr::Mul(pulled.clone()))?;
    cancel(chain, &pulled)
}

/// The same for some of the letters, where neither a condition nor a factor joins them to the others: they are summed first.
fn part_of_sum(chain: &mut Chain) -> Option<()> {
    let Expr::Sum(vars, guard, body) = chain.current().clone() else { return None };
    let all = factors(*body);
    if vars.len() < 2 || !all.iter().any(|factor| inverted(factor).is_some()) {
        return None;
    }
    components(&vars, &guard, &all)
        .into_iter()
        .find_map(|own| {
            if own.len() == vars.len() {
                return None;
            }
            let mut attempt = chain.clone();
            let others = vars.iter().filter(|var| !own.contains(var));
            let ordered: Vec<Var> = others.chain(&own).cloned().collect();
            let identity = |vars: &[Var]| vars.iter().map(Index::from).collect::<Vec<_>>();
            let facts = attempt.facts_at(&[]);
            if ordered != vars {
                let ends = (identity(&vars), identity(&ordered));
                let law = simplify::reindexing(&facts, (&vars, &guard), (&ordered, &guard), ends.0, ends.1)?;
                attempt.apply(&[], law)?;
                let named = attempt.current().canonical_at(attempt.depth());
                attempt.settle(named)?;
            }
            let Expr::Sum(vars, guard, body) = attempt.current().clone() else { return None };
            let (outer, inner) = vars.split_at(vars.len() - own.len());
            let (inner_guard, outer_guard): (Vec<Literal>, Vec<Literal>) =
                guard.literals().cloned().partition(|literal| inner.iter().any(|var| literal.index().contains(var)));
            let (outer_guard, inner_guard) = (Guard::from(outer_guard), Guard::from(inner_guard));
            let within = facts.iter().chain(outer_guard.literals()).cloned().collect();
            let finite = FiniteNest {
                outer: entail::finite(&facts, outer, &outer_guard)?,
                inner: entail::finite(&within, inner, &inner_guard)?,
            };
            let nested = Expr::Sum(inner.to_vec(), inner_guard, body);
            let whole = Expr::Sum(outer.to_vec(), outer_guard, Box::new(nested.clone()));
            attempt.apply_reversed(&[], Law::Fubini(finite), whole)?;
            let mut part = Chain::new(attempt.situation(), nested, attempt.depth() + outer.len());
            whole_sum(&mut part)?;
            attempt.append_at(&[0], part)?;
            Some(attempt)
        })
        .map(|attempt| *chain = attempt)
}

/// Letters that conditions and factors join, as far as they join them.
fn components(vars: &[Var], guard: &Guard, factors: &[Expr]) -> Vec<Vec<Var>> {
    let conditions = guard
        .literals()
        .map(|literal| vars.iter().filter(|var| literal.index().contains(var)).cloned().collect::<Vec<Var>>());
    let factors = factors.iter().map(|factor| {
        let free = factor.free_vars();
        vars.iter().filter(|var| free.contains(var)).cloned().collect::<Vec<Var>>()
    });
    let mut parts: Vec<Vec<Var>> = vars.iter().map(|var| vec![var.clone()]).collect();
    for joined in conditions.chain(factors) {
        let (touched, mut apart): (Vec<Vec<Var>>, Vec<Vec<Var>>) =
            parts.into_iter().partition(|part| part.iter().any(|var| joined.contains(var)));
        let mut union: Vec<Var> = touched.into_iter().flatten().collect();
        union.sort_by_key(|var| vars.iter().position(|other| other == var));
        if !union.is_empty() {
            apart.push(union);
        }
        parts = apart;
    }
    parts
}

fn factors(body: Expr) -> Vec<Expr> {
    match body {
        Expr::Mul(factors) => factors,
        other => vec![other],
    }
}

/// What stands below a factor `(1/e)ⁿ`.
fn inverted(factor: &Expr) -> Option<&Expr> {
    match factor {
        Expr::Inverse(base) => Some(base),
        Expr::Power(base, _) => inverted(base),
        _ => None,
    }
}

/// A divisor in a term that is one of its factors, too, or begins one of them.
pub(super) fn uncancelled(term: &Expr) -> Option<&Expr> {
    let Expr::Mul(factors) = term else { return None };
    let base = |factor: &Expr| if let Expr::Power(base, _) = factor { (**base).clone() } else { factor.clone() };
    factors.iter().filter_map(inverted).find(|divisor| factors.iter().any(|factor| base(factor) == **divisor))
}

/// The factors of a term, powers written out, without its number.
fn parts(term: &Expr) -> Vec<Expr> {
    match term {
        Expr::Number(_) => Vec::new(),
        Expr::Mul(factors) => factors.iter().flat_map(parts).collect(),
        Expr::Power(base, exponent) if *exponent <= 64 => vec![base.as_ref().clone(); *exponent as usize],
        other => vec![other.clone()],
    }
}

fn cancel(chain: &mut Chain, factors: &[Expr]) -> Option<()> {
    let all: Vec<Expr> = factors
        .iter()
        .flat_map(|factor| match factor {
            Expr::Number(_) => vec![factor.clone()],
            other => parts(other),
        })
        .collect();
    factors.iter().filter_map(inverted).find_map(|below| {
        let lead = lead(below)?;
        let mut rest = all.clone();
        for part in parts(&lead) {
            let place = rest.iter().position(|other| *other == part || other.same(&part))?;
            rest.remove(place);
        }
        let inverse = Expr::Inverse(Box::new(below.clone()));
        let place = rest.iter().position(|other| *other == inverse)?;
        rest.remove(place);
        let mut attempt = chain.clone();
        let (known, once) = nonzero(&attempt, below)?;
        // rest·lead·(1/e) = rest·(e·(1/e) − (e − lead)·(1/e)), up to the number of the lead.
        let number = number(&lead);
        let whole = with_inverse(below);
        let minus = Expr::Mul(vec![Expr::from(-1), Expr::Add(vec![below.clone(), minus(&lead)]), inverse]);
        let others = ring_normal_at(&minus, level(&minus)).ok()?;
        rest.push(Expr::Inverse(Box::new(Expr::Number(number))));
        let product = rest.iter().cloned().chain([Expr::Add(vec![whole, others])]).collect();
        attempt.compare(&[], Law::Ring, Expr::Mul(product))?;
        unit(&mut attempt, &[rest.len(), 0], below, &known, &once, false)?;
        *chain = attempt;
        Some(())
    })
}

fn minus(expr: &Expr) -> Expr {
    Expr::Mul(vec![Expr::from(-1), expr.clone()])
}

fn number(term: &Expr) -> num_rational::BigRational {
    let numbers: Vec<_> = match term {
        Expr::Number(value) => vec![value.clone()],
        Expr::Mul(factors) => factors.iter().map(number).collect(),
        _ => Vec::new(),
    };
    numbers.into_iter().product()
}

/// The term of a denominator that is looked for in numerators: the last one that is not a number.
fn lead(below: &Expr) -> Option<Expr> {
    let terms = match below {
        Expr::Add(terms) => terms.as_slice(),
        other => std::slice::from_ref(other),
    };
    terms.iter().rev().find(|term| !parts(term).is_empty()).cloned()
}

/// Evidence that an expression is not 0, or that something which the rules bring to it is not.
fn nonzero<'a>(chain: &Chain<'a>, expr: &Expr) -> Option<(Evidence, Option<Chain<'a>>)> {
    let (situation, facts) = (chain.situation(), chain.facts_at(&[]));
    if let Some(found) = evidence(situation, &facts, expr, Sign::NonZero) {
        return Some((found, None));
    }
    situation.signature.premises.iter().filter(|premise| premise.vars.is_empty()).find_map(|premise| {
        let (Held::NonZero(scalar) | Held::Positive(scalar)) = &premise.held else { return None };
        let depth = chain.depth();
        let mut normal = Chain::new(situation, scalar.canonical_at(depth), depth);
        normalise(&mut normal, &mut { STEPS })?;
        if !ring_equal(normal.current(), expr).ok()? {
            return None;
        }
        normal.settle(expr.clone())?;
        let found = evidence(situation, &facts, normal.start(), Sign::NonZero)?;
        Some((found, Some(normal)))
    })
}

/// Goes from `e·(1/e)` at a path to 1, or back.
fn unit<'a>(
    chain: &mut Chain<'a>,
    path: &[usize],
    below: &Expr,
    known: &Evidence,
    once: &Option<Chain<'a>>,
    back: bool,
) -> Option<()> {
    let law = Law::Inverse(Box::new(known.clone()));
    match (once, back) {
        (None, false) => chain.apply(path, law),
        (None, true) => chain.apply_reversed(path, law, with_inverse(below)),
        (Some(normal), false) => {
            let start = normal.start().clone();
            let first: Vec<usize> = path.iter().copied().chain([0]).collect();
            let second: Vec<usize> = path.iter().copied().chain([1, 0]).collect();
            chain.append_at(&first, normal.clone().reversed())?;
            chain.append_at(&second, normal.clone().reversed())?;
            debug_assert!(chain.at(path).is_some_and(|at| at.same(&with_inverse(&start))));
            chain.apply(path, law)
        }
        (Some(_), true) => None,
    }
}

/// Applies the rules to an expression until nothing changes, parts first.
fn normalise(chain: &mut Chain, fuel: &mut usize) -> Option<()> {
    chain.ring()?;
    loop {
        let before = chain.current().clone();
        inside(chain, &mut Vec::new(), fuel)?;
        if *chain.current() == before {
            return Some(());
        }
    }
}

fn inside(chain: &mut Chain, path: &mut Vec<usize>, fuel: &mut usize) -> Option<()> {
    let count = chain.at(path)?.children().len();
    for position in 0..count {
        path.push(position);
        inside(chain, path, fuel)?;
        path.pop();
        if chain.at(path)?.children().len() != count {
            return Some(());
        }
    }
    let here = chain.at(path)?.clone();
    let depth = level(&here);
    if let Some((_, step)) = simplify::simplify(&Chain::new(chain.situation(), here, depth)) {
        *fuel = fuel.checked_sub(1)?;
        chain.append_at(path, step)?;
        let whole = replaced(chain.current(), &[], chain.current().canonical_at(chain.depth()))?;
        chain.settle(whole)?;
    }
    Some(())
}
