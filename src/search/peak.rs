//! A maximum whose place is assumed: the rule that puts the largest entry for it.
//!
//! The place is read off an assumption `e(t) > e(v)`, or is an end of the range, as in max(0, x). The range of a Σ around the maximum counts,
//! so the rule looks from there.

use super::chain::Chain;
use super::signs::{conditions, evidence, own_letters, range_proofs, solve_for};
use crate::entail;
use crate::kernel::{
    Evidence, Expr, Facts, Guard, Held, Index, Law, Literal, Maximum, Peak, Point, Rank, Sign, Substitution, Use, Var,
    ring_equal, ring_normal_at,
};

/// Replaces the first maximum for which that can be done, outside of inner binders.
pub(super) fn simplify(chain: &mut Chain) -> Option<()> {
    if chain.situation().signature.premises.is_empty() {
        return None;
    }
    let mut paths = Vec::new();
    maxima(chain.current(), &mut Vec::new(), true, &mut paths);
    paths.into_iter().find_map(|path| {
        let mut attempt = chain.clone();
        let law = peak(&attempt, &path)?;
        attempt.apply(&path, Law::Maximum(Box::new(Maximum::Peak(Box::new(law)))))?;
        *chain = attempt;
        Some(())
    })
}

fn maxima(expr: &Expr, path: &mut Vec<usize>, root: bool, found: &mut Vec<Vec<usize>>) {
    match expr {
        Expr::Max(_, _, _) => return found.push(path.clone()),
        Expr::Sum(_, _, _) if !root => return,
        _ => {}
    }
    for (position, child) in expr.children().iter().enumerate() {
        path.push(position);
        maxima(child, path, false, found);
        path.pop();
    }
}

/// A place of the maximum, with the assumption that names it and the terms for that assumption's letters.
struct Candidate {
    place: Vec<Index>,
    premise: Option<(usize, Vec<Index>)>,
}

fn peak(chain: &Chain, path: &[usize]) -> Option<Peak> {
    let Expr::Max(vars, guard, body) = chain.at(path)? else { return None };
    if vars.iter().any(|var| var.rank != Rank::Scalar) {
        return None;
    }
    let (situation, facts) = (chain.situation(), chain.facts_at(path));
    let finite = entail::finite(&facts, vars, guard)?;
    let candidates = candidates(chain, &facts, (vars, guard, body));
    candidates.iter().find_map(|candidate| {
        let (uses, known) = conditions(situation, &facts, &candidate.place);
        let known: Facts = facts.iter().cloned().chain(known).collect();
        let map = Substitution::of_indices(vars.iter().cloned().zip(candidate.place.iter().cloned()).collect());
        let proofs = entail::prove_all(&known, guard.substitute(map.indices()).literals().cloned())?;
        let largest = body.substitute(&map);
        let difference = Expr::Add(vec![largest, Expr::Mul(vec![Expr::from(-1), body.as_ref().clone()])]);
        let mut within: Facts = known.iter().chain(guard.literals()).cloned().collect();
        let mut larger = Vec::new();
        for (var, term) in vars.iter().zip(&candidate.place) {
            let apart = &Index::from(var) - term;
            let mut other = within.clone();
            other.insert(Literal::ne(apart.clone()));
            let named = candidates.iter().filter(|other| other.place == candidate.place);
            let by_premise = named.filter_map(|candidate| candidate.premise.as_ref()).find_map(|(premise, terms)| {
                let assumed = situation.signature.premises.get(*premise)?;
                let proofs = range_proofs(&other, assumed, terms)?;
                Some(Evidence::Premise(Use { premise: *premise, terms: terms.clone(), proofs }))
            });
            let found = by_premise.or_else(|| {
                let difference = ring_normal_at(&difference, chain.depth() + path.len() + vars.len()).ok()?;
                let found = evidence(situation, &other, &difference, Sign::Positive)?;
                Some(Evidence::Equal(Box::new(difference), Box::new(found)))
            })?;
            larger.push(found);
            within.insert(Literal::eq(apart));
        }
        Some(Peak { finite: finite.clone(), uses, point: Point { terms: candidate.place.clone(), proofs }, larger })
    })
}

fn candidates(chain: &Chain, facts: &Facts, (vars, guard, body): (&[Var], &Guard, &Expr)) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (number, premise) in chain.situation().signature.premises.iter().enumerate() {
        let Held::Positive(scalar) = &premise.held else { continue };
        let Some((large, small)) = sides(scalar) else { continue };
        let (letters, map) = own_letters(&premise.vars);
        let level = super::language::level(body);
        let normal = |expr: &Expr| ring_normal_at(&expr.substitute(&map), level).ok();
        let (Some(large), Some(small)) = (normal(&large), normal(&small)) else { continue };
        for pairing in pairings(vars, &letters) {
            let Some(terms) = solve_for(facts, &letters, &small, body, &pairing) else { continue };
            let at = Substitution::of_indices(letters.iter().cloned().zip(terms.iter().cloned()).collect());
            if !ring_equal(&small.substitute(&at), body).unwrap_or(false) {
                continue;
            }
            let large = large.substitute(&at);
            let (own, renaming) = own_letters(vars);
            let Some(place) = solve_for(facts, &own, &body.substitute(&renaming), &large, &[]) else { continue };
            let own_place = place.iter().any(|term| vars.iter().any(|var| term.contains(var)));
            let there = Substitution::of_indices(vars.iter().cloned().zip(place.iter().cloned()).collect());
            if !own_place && ring_equal(&body.substitute(&there), &large).unwrap_or(false) {
                found.push(Candidate { place, premise: Some((number, terms)) });
            }
        }
    }
    if let [var] = vars {
        found.extend(ends(guard, var).into_iter().map(|end| Candidate { place: vec![end], premise: None }));
    }
    found
}

/// `a` and `b` of an assumption `a > b`.
fn sides(scalar: &Expr) -> Option<(Expr, Expr)> {
    let Expr::Add(terms) = scalar else { return None };
    let [large, Expr::Mul(factors)] = terms.as_slice() else { return None };
    let (number, rest) = factors.split_first()?;
    (*number == Expr::from(-1)).then(|| (large.clone(), Expr::Mul(rest.to_vec())))
}

/// Equations that say which letter of the assumption is which letter of the maximum.
fn pairings(vars: &[Var], letters: &[Var]) -> Vec<Vec<Index>> {
    let Some((var, rest)) = vars.split_first() else { return vec![Vec::new()] };
    let with = |place: usize| {
        let mut others = letters.to_vec();
        let letter = others.remove(place);
        let equation = &Index::from(&letter) - &Index::from(var);
        pairings(rest, &others).into_iter().map(move |tail| [equation.clone()].into_iter().chain(tail).collect())
    };
    (0..letters.len()).filter(|_| letters.len() <= 6).flat_map(with).collect()
}

/// The ends of a letter's range.
pub(super) fn ends(guard: &Guard, var: &Var) -> Vec<Index> {
    let end = |literal: &Literal| {
        let Literal::Ge(term) = literal else { return None };
        super::simplify::solve(term, var)
    };
    guard.literals().filter_map(end).collect()
}
