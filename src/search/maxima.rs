//! Maxima: the rules that bring one nearer to a single maximum over entries, and the moves that change its letters.
//!
//! To the finder the entries in the body of a maximum are what the factors of a product are to a Σ: paired, they determine the
//! letters of one side from those of the other. No box helps here, since outside it an entry is 0 and not minus infinity.

use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::chain::Chain;
use super::cover::covers;
use super::finder::{Move, tidy};
use super::language::size;
use super::matching::matchings;
use super::monomial::{Monomial, mentions};
use super::peak::ends;
use super::signs::evidence;
use super::simplify::{covering, reindexing};
use crate::entail;
use crate::kernel::{
    Evidence, Expr, Facts, FiniteNest, Guard, Index, Law, Literal, Maximum, Sign, Situation, Substitution, Var,
};

/// Joins maxima, and takes out of one what does not depend on its letters.
pub(super) fn simplify(chain: &mut Chain) -> Option<()> {
    const RULES: [fn(&mut Chain) -> Option<()>; 9] = [nested, bracket, scale, unread, shift, common, pull, part, turn];
    RULES.iter().find_map(|rule| rule(chain))
}

/// The letters, range and body of a maximum.
fn open<'a>(chain: &'a Chain) -> Option<(&'a [Var], &'a Guard, &'a Expr)> {
    let Expr::Max(vars, guard, body) = chain.current() else { return None };
    Some((vars, guard, body))
}

fn not_negative(chain: &Chain, facts: &Facts, factor: &Expr) -> Option<Evidence> {
    evidence(chain.situation(), facts, factor, Sign::NotNegative)
}

fn under(facts: &Facts, guard: &Guard) -> Facts {
    facts.iter().chain(guard.literals()).cloned().collect()
}

/// A maximum of maxima is one maximum.
fn nested(chain: &mut Chain) -> Option<()> {
    let (vars, guard, body) = open(chain)?;
    let Expr::Max(inner, inner_guard, _) = body else { return None };
    let law = nest(&chain.situation().facts, (vars, guard), (inner, inner_guard))?;
    chain.apply(&[], law)
}

fn nest(facts: &Facts, outer: (&[Var], &Guard), inner: (&[Var], &Guard)) -> Option<Law> {
    let within = under(facts, outer.1);
    let finite = FiniteNest {
        outer: entail::finite(facts, outer.0, outer.1)?,
        inner: entail::finite(&within, inner.0, inner.1)?,
    };
    let point = entail::point(&within, inner.0, inner.1)?;
    Some(Law::Maximum(Box::new(Maximum::Nested(finite, point))))
}

/// A bracket that the range decides.
fn bracket(chain: &mut Chain) -> Option<()> {
    let (path, reduced) = decided(chain)?;
    chain.guard_equivalent(&path, reduced)
}

/// A factor in common comes out.
fn scale(chain: &mut Chain) -> Option<()> {
    let (vars, _, Expr::Mul(factors)) = open(chain)? else { return None };
    let facts = &chain.situation().facts;
    let common = factors.iter().enumerate().filter(|(_, factor)| !mentions(factor, vars));
    let (place, proofs) =
        common.filter_map(|(place, factor)| Some((place, not_negative(chain, facts, factor)?))).next()?;
    chain.apply(&[], Law::Maximum(Box::new(Maximum::Scale(place, proofs))))
}

/// A factor in common of all terms comes out, a number without its sign.
fn common(chain: &mut Chain) -> Option<()> {
    let (vars, guard, body) = open(chain)?;
    let terms = if let Expr::Add(terms) = body { terms.as_slice() } else { std::slice::from_ref(body) };
    let factors = |term: &Expr| if let Expr::Mul(factors) = term { factors.clone() } else { vec![term.clone()] };
    let facts = &chain.situation().facts;
    let split: Vec<Vec<Expr>> = terms.iter().map(factors).collect();
    let numbers = split.iter().map(|factors| match factors.first() {
        Some(Expr::Number(value)) => value.abs(),
        _ => BigRational::one(),
    });
    let content = numbers.reduce(|a, b| BigRational::new(a.numer().gcd(b.numer()), a.denom().lcm(b.denom())))?;
    // All terms are 0 where contradictory conditions have left nothing of them.
    if content.is_zero() {
        return None;
    }
    let (factor, rest) = if content.is_one() {
        let shared = |factor: &&Expr| !mentions(factor, vars) && split.iter().all(|other| other.contains(factor));
        let factor =
            split.first()?.iter().filter(shared).find(|factor| not_negative(chain, facts, factor).is_some())?;
        let without = |factors: &Vec<Expr>| {
            let mut factors = factors.clone();
            let place = factors.iter().position(|other| other == factor)?;
            factors.remove(place);
            Some(Expr::Mul(factors))
        };
        (factor.clone(), split.iter().map(without).collect::<Option<Vec<Expr>>>()?)
    } else {
        let one = Expr::Number(content.recip());
        (Expr::Number(content), terms.iter().map(|term| Expr::Mul(vec![one.clone(), term.clone()])).collect())
    };
    let proofs = not_negative(chain, facts, &factor)?;
    let body = Expr::Mul(vec![factor, Expr::Add(rest)]);
    let mut attempt = chain.clone();
    attempt.settle(Expr::Max(vars.to_vec(), guard.clone(), Box::new(body)))?;
    attempt.apply(&[], Law::Maximum(Box::new(Maximum::Scale(0, proofs))))?;
    *chain = attempt;
    Some(())
}

/// Letters that the body does not mention go, where the range has a point for every choice of the others.
fn unread(chain: &mut Chain) -> Option<()> {
    let (vars, guard, body) = open(chain)?;
    let free = body.free_vars();
    let (read, unread): (Vec<Var>, Vec<Var>) = vars.iter().cloned().partition(|var| free.contains(var));
    // Without letters it is a maximum of one value.
    if unread.is_empty() && !(vars.is_empty() && guard.is_empty()) {
        return None;
    }
    let (inner, outer) = divided(guard, &unread);
    let facts = &chain.situation().facts;
    let point = entail::point(&under(facts, &outer), &unread, &inner)?;
    let value = |var: &Var| match unread.iter().position(|other| other == var) {
        Some(place) => point.terms[place].clone(),
        None => Index::from(var),
    };
    let (phi, psi) = (read.iter().map(Index::from).collect(), vars.iter().map(value).collect());
    let law = covering(facts, (&read, &outer), (vars, guard), phi, psi)?;
    let to = if read.is_empty() { body.clone() } else { Expr::Max(read, outer, Box::new(body.clone())) };
    chain.apply_reversed(&[], law, to)
}

/// The conditions that mention one of the letters, and the others.
fn divided(guard: &Guard, letters: &[Var]) -> (Guard, Guard) {
    let (with, without): (Vec<Literal>, Vec<Literal>) =
        guard.literals().cloned().partition(|literal| letters.iter().any(|var| literal.index().contains(var)));
    (with.into_iter().collect(), without.into_iter().collect())
}

/// Terms in common come out.
fn shift(chain: &mut Chain) -> Option<()> {
    let mut attempt = chain.clone();
    let mut path = Vec::new();
    let facts = &chain.situation().facts;
    while let Some(Expr::Max(vars, guard, body)) = attempt.at(&path)
        && let Expr::Add(terms) = body.as_ref()
        && let Some(place) = terms.iter().position(|term| !mentions(term, vars))
    {
        let (finite, point) = (entail::finite(facts, vars, guard)?, entail::point(facts, vars, guard)?);
        attempt.apply(&path, Law::Maximum(Box::new(Maximum::Shift(place, finite, point))))?;
        path.push(1);
    }
    if path.is_empty() {
        return None;
    }
    *chain = attempt;
    Some(())
}

/// `max_u c·max_v e` is one maximum, where c is not negative.
fn pull(chain: &mut Chain) -> Option<()> {
    let (vars, guard, body) = open(chain)?;
    let Expr::Mul(factors) = body else { return None };
    let place = factors.iter().position(|factor| matches!(factor, Expr::Max(_, _, _)))?;
    let mut others = factors.clone();
    let Expr::Max(inner, inner_guard, mut inside) = others.remove(place) else { return None };
    let within = under(&chain.situation().facts, guard);
    let signs: Option<Vec<Maximum>> =
        others.iter().map(|factor| Some(Maximum::Scale(0, not_negative(chain, &within, factor)?))).collect();
    let law = nest(&chain.situation().facts, (vars, guard), (&inner, &inner_guard))?;
    let mut attempt = chain.clone();
    for sign in signs?.into_iter().rev() {
        let factor = others.pop()?;
        let product = |last: Expr| {
            let body = Expr::Mul(others.iter().cloned().chain([last]).collect());
            Expr::Max(vars.to_vec(), guard.clone(), Box::new(body))
        };
        let inner = |body: Expr| Expr::Max(inner.clone(), inner_guard.clone(), Box::new(body));
        attempt.settle(product(Expr::Mul(vec![factor.clone(), inner(Expr::Mul(vec![*inside.clone()]))])))?;
        inside = Box::new(Expr::Mul(vec![factor, *inside]));
        attempt.apply_reversed(&[0, others.len()], Law::Maximum(Box::new(sign)), inner(*inside.clone()))?;
    }
    let joined = Expr::Max(inner, inner_guard, inside);
    attempt.settle(Expr::Max(vars.to_vec(), guard.clone(), Box::new(joined)))?;
    attempt.apply(&[], law)?;
    *chain = attempt;
    Some(())
}

/// A term that does not depend on all letters comes out of the maximum over the others: `max_{u,v} (x[u] + y[v]) = max_u (x[u] + max_v y[v])`.
fn part(chain: &mut Chain) -> Option<()> {
    let (vars, guard, body) = open(chain)?;
    let Expr::Add(terms) = body else { return None };
    let facts = &chain.situation().facts;
    let parted = terms.iter().enumerate().find_map(|(place, term)| {
        let free = term.free_vars();
        let (read, unread): (Vec<Var>, Vec<Var>) = vars.iter().cloned().partition(|var| free.contains(var));
        if read.is_empty() || unread.is_empty() {
            return None;
        }
        let (inner, outer) = divided(guard, &unread);
        let law = nest(facts, (&read, &outer), (&unread, &inner))?;
        let within = under(facts, &outer);
        let (finite, point) = (entail::finite(&within, &unread, &inner)?, entail::point(&within, &unread, &inner)?);
        let parted = Expr::Max(read, outer, Box::new(Expr::Max(unread, inner, Box::new(body.clone()))));
        let mut attempt = chain.clone();
        attempt.apply_reversed(&[], law, parted)?;
        attempt.apply(&[0], Law::Maximum(Box::new(Maximum::Shift(place, finite, point))))?;
        Some(attempt)
    })?;
    *chain = parted;
    Some(())
}

/// A letter that no entry reads has no direction of its own: of u and a+b-u for `a ≤ u ≤ b` the one with the smaller body is taken,
/// so that `max_{u=0..1} -u·c` and `max_{u=0..1} u·c` are one.
fn turn(chain: &mut Chain) -> Option<()> {
    let (vars, guard, body) = open(chain)?;
    let [var] = vars else { return None };
    let mut parts = Vec::new();
    readings(body, &mut parts);
    let weights = parts.iter().all(|part| matches!(part, Expr::Integer(_)) || !mentions(part, vars));
    let ends = ends(guard, var);
    let [low, high] = ends.as_slice() else { return None };
    if !weights || guard.len() != 2 {
        return None;
    }
    let turned = vec![&(low + high) - &Index::from(var)];
    let facts = &chain.situation().facts;
    let law = reindexing(facts, (vars, guard), (vars, guard), turned.clone(), turned)?;
    let mut attempt = chain.clone();
    attempt.apply(&[], law)?;
    attempt.ring()?;
    // What the letters leave alone comes out on the way.
    let mut result = attempt.clone();
    if shift(&mut result).is_some() {
        result.ring()?;
    }
    let turned = largest(result.current())?;
    (turned < largest(chain.current())?).then(|| *chain = result)
}

/// The size and form of the maximum that an expression is, or is up to terms in common.
fn largest(expr: &Expr) -> Option<(usize, Expr)> {
    match expr {
        Expr::Max(_, _, body) => Some((size(body), body.as_ref().clone())),
        Expr::Add(terms) => terms.iter().find_map(largest),
        Expr::Mul(factors) => factors.iter().find_map(largest),
        _ => None,
    }
}

/// A bracket among the factors of the body that the range makes simpler, with what is left of it. It cannot join the range, where it
/// would leave out zeros.
fn decided(chain: &Chain) -> Option<(Vec<usize>, Guard)> {
    let Expr::Max(_, _, body) = chain.current() else { return None };
    let factors = match body.as_ref() {
        Expr::Mul(factors) => factors.as_slice(),
        other => std::slice::from_ref(other),
    };
    factors.iter().enumerate().find_map(|(place, factor)| {
        let Expr::Bracket(guard) = factor else { return None };
        let path = if matches!(**body, Expr::Mul(_)) { vec![0, place] } else { vec![0] };
        let reduced = entail::reduce(&chain.facts_at(&path), guard);
        (reduced != *guard).then_some((path, reduced))
    })
}

/// A maximum as the finder sees it: its range, and the entries of its body.
fn monomial(situation: &Situation, expr: &Expr) -> Option<Monomial> {
    let Expr::Max(vars, guard, body) = expr else { return None };
    let mut factors = Vec::new();
    readings(body, &mut factors);
    let mut result = Monomial::of_parts(expr.clone(), vars.clone(), guard.clone());
    result.factors = factors;
    Some(result.purified(&situation.facts))
}

/// The parts of an expression that depend on letters by their positions; integer factors are one part.
fn readings(expr: &Expr, found: &mut Vec<Expr>) {
    match expr {
        Expr::Entry(_, _) | Expr::Integer(_) | Expr::Sum(_, _, _) | Expr::Max(_, _, _) => found.push(expr.clone()),
        Expr::Mul(factors) => {
            let mut product = None;
            for factor in factors {
                match (factor, &product) {
                    (Expr::Integer(index), None) => product = Some(index.clone()),
                    (Expr::Integer(index), Some(before)) => product = Some(before * index),
                    _ => readings(factor, found),
                }
            }
            found.extend(product.map(Expr::Integer));
        }
        _ => expr.children().iter().for_each(|child| readings(child, found)),
    }
}

/// The ways in which two maxima may be one under a change of letters.
pub(super) fn moves(situation: &Situation, from: &Expr, to: &Expr) -> Vec<Move> {
    let (Some(left), Some(right)) = (monomial(situation, from), monomial(situation, to)) else { return Vec::new() };
    let (own, letters) = (right.letters(), right.common_letters());
    let restored = |side: &Monomial, vars: &[Var], names: &[Var]| {
        let values = side.restore(&vars.iter().map(Index::from).collect::<Vec<_>>());
        Substitution::of_indices(names.iter().cloned().zip(values).collect())
    };
    let (back, forth) = (restored(&right, &own, &letters), restored(&left, &left.letters(), &left.letters()));
    let read = |terms: &[Index], count: usize, map: &Substitution| -> Vec<Index> {
        terms.iter().take(count).map(|term| tidy(&term.substitute(map.indices()))).collect()
    };
    let inverse =
        matchings(&situation.facts, &left, &right.renamed(&letters)).into_iter().map(|maps| Move::Transport {
            from: from.clone(),
            to: to.clone(),
            phi: read(&maps.phi, left.vars.len(), &back),
            psi: read(&maps.psi, right.vars.len(), &forth),
            replaces: false,
        });
    inverse.chain(covers(&situation.facts, (from, &left), (to, &right))).collect()
}
