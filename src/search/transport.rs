//! Carrying out the finder's moves by laws: window, reindex, window back.

use num_rational::BigRational;

use super::chain::{Chain, replaced};
use super::finder::{Move, integers, total};
use super::monomial::monomials;
use super::simplify::{covering, reindexing};
use crate::entail;
use crate::kernel::{Expr, Facts, Guard, Index, Law, Situation, Tensor, Var};

/// The chain of a move, from the expression it changes to what it becomes.
pub fn carry_out<'a>(situation: &'a Situation<'a>, change: &Move, depth: usize) -> Option<Chain<'a>> {
    match change {
        Move::Transport { from, to, phi, psi, .. } => transport(situation, (from, to), (phi, psi), depth),
        Move::Split { from, term, literal } => {
            let mut chain = Chain::new(situation, from.clone(), depth);
            match (from, term) {
                (_, Some(term)) => chain.apply(&[*term], Law::GuardSplit(literal.clone()))?,
                (Expr::Sum(_, _, _), None) => {
                    chain.apply(&[0], Law::GuardSplit(literal.clone()))?;
                    chain.apply(&[], Law::LinearSum)?;
                    for term in 0..2 {
                        chain.absorb(&[term])?;
                    }
                }
                _ => chain.apply(&[], Law::GuardSplit(literal.clone()))?,
            }
            chain.ring()?;
            Some(chain)
        }
        Move::Integers { from, value, scale } => {
            let terms = if let Expr::Add(terms) = from { terms.as_slice() } else { std::slice::from_ref(from) };
            let (mut own, mut others) = (Vec::new(), Vec::new());
            for term in terms {
                match integers(monomials(term)).0 {
                    integer if integer.is_empty() => others.push(term.clone()),
                    integer => own.extend(integer),
                }
            }
            let parts = |value: Index| {
                let scale = Expr::Number(BigRational::new(1.into(), scale.clone()));
                let own = Expr::Mul(vec![scale, Expr::Integer(value)]);
                Expr::Add(std::iter::once(own).chain(others.iter().cloned()).collect())
            };
            let mut chain = Chain::new(situation, from.clone(), depth);
            chain.settle(parts(total(&own, scale)))?;
            chain.index(&[0, 1], Expr::Integer(value.clone()))?;
            chain.ring()?;
            Some(chain)
        }
        Move::Vanish { from } => {
            let mut chain = Chain::new(situation, from.clone(), depth);
            window(&mut chain)?;
            // A condition without letters, as 1 ≤ n+1 ≤ n, is false on sight: nothing is left that could carry it.
            if *chain.current() != Expr::from(0) {
                let path = guard_path(chain.current())?;
                chain.guard_equivalent(&path, Guard::never())?;
                chain.ring()?;
            }
            Some(chain)
        }
    }
}

/// The path of the Σ or bracket that carries the condition of a monomial.
fn guard_path(expr: &Expr) -> Option<Vec<usize>> {
    match expr {
        Expr::Sum(_, _, _) | Expr::Max(_, _, _) | Expr::Bracket(_) => Some(vec![]),
        Expr::Mul(factors) => Some(vec![factors.iter().position(|factor| matches!(factor, Expr::Bracket(_)))?]),
        _ => None,
    }
}

/// Multiplies every entry by the bracket of its box and gathers the brackets: in the range of a Σ, else in one bracket.
fn window(chain: &mut Chain) -> Option<()> {
    let base: Vec<usize> = if matches!(chain.current(), Expr::Sum(_, _, _)) { vec![0] } else { vec![] };
    let body = chain.at(&base)?.clone();
    let factors = match &body {
        Expr::Mul(factors) => factors.clone(),
        other => vec![other.clone()],
    };
    let known = chain.facts_at(&base);
    let condition: Facts = factors
        .iter()
        .filter_map(|factor| if let Expr::Bracket(guard) = factor { Some(guard.literals().cloned()) } else { None })
        .flatten()
        .chain(known)
        .collect();
    for (position, factor) in factors.iter().enumerate() {
        let mut path = base.clone();
        if matches!(body, Expr::Mul(_)) {
            path.push(position);
        }
        let entry = if let Expr::Power(entry, _) = factor {
            path.push(0);
            entry.as_ref()
        } else {
            factor
        };
        if let Expr::Entry(tensor @ Tensor::Named(_), index) = entry {
            let support = chain.situation().signature.support(tensor, index).ok()?;
            if !support.literals().all(|literal| entail::holds(&condition, literal)) {
                chain.apply(&path, Law::GuardSupport)?;
            }
        }
    }
    chain.ring()?;
    if !base.is_empty() && chain.absorb(&[]).is_some() {
        chain.ring()?;
    }
    Some(())
}

/// `from = to` along a pair of maps: first on the ranges as they stand, then within the boxes of the entries.
fn transport<'a>(
    situation: &'a Situation<'a>,
    (from, to): (&Expr, &Expr),
    maps: (&[Index], &[Index]),
    depth: usize,
) -> Option<Chain<'a>> {
    if !matches!(from, Expr::Sum(_, _, _)) && matches!(to, Expr::Sum(_, _, _)) {
        // A sum over one point: read from the Σ.
        return transport(situation, (to, from), (maps.1, maps.0), depth).map(Chain::reversed);
    }
    [false, true].into_iter().find_map(|windowed| {
        let mut chain = Chain::new(situation, from.clone(), depth);
        let mut target = Chain::new(situation, to.clone(), depth);
        if windowed {
            window(&mut chain)?;
            if matches!(to, Expr::Sum(_, _, body) if matches!(**body, Expr::Add(_))) {
                return spread(chain, target, maps);
            }
            window(&mut target)?;
        } else {
            target.ring()?;
        }
        reindex(&mut chain, target.current(), maps)?;
        chain.ring()?;
        meet(&mut chain, target.current())?;
        chain.append(target.reversed())?;
        (chain.current() == to).then_some(chain)
    })
}

/// The end of a transport to a Σ of several terms, as where the weight i of x[i] becomes k+o: each term has its boxes.
fn spread<'a>(mut chain: Chain<'a>, mut target: Chain<'a>, maps: (&[Index], &[Index])) -> Option<Chain<'a>> {
    let to = target.current().clone();
    target.apply(&[], Law::LinearSum)?;
    let Expr::Add(terms) = target.current().clone() else { return None };
    for (position, term) in terms.into_iter().enumerate() {
        let mut within = Chain::new(chain.situation(), term, chain.depth());
        window(&mut within)?;
        target.append_at(&[position], within)?;
    }
    let Expr::Add(goals) = target.current().clone() else { return None };
    reindex(&mut chain, goals.first()?, maps)?;
    chain.ring()?;
    chain.apply(&[], Law::LinearSum)?;
    let Expr::Add(terms) = chain.current().clone() else { return None };
    if terms.len() != goals.len() {
        return None;
    }
    for (position, (term, goal)) in terms.into_iter().zip(&goals).enumerate() {
        let mut within = Chain::new(chain.situation(), term, chain.depth());
        meet(&mut within, goal)?;
        chain.append_at(&[position], within)?;
    }
    chain.append(target.reversed())?;
    (*chain.current() == to).then_some(chain)
}

fn parts(expr: &Expr) -> (Vec<Var>, Guard) {
    match expr {
        Expr::Sum(vars, guard, _) | Expr::Max(vars, guard, _) => (vars.clone(), guard.clone()),
        _ => (Vec::new(), Guard::always()),
    }
}

/// Applies the maps: the new range is the old one seen through φ, or the target's own where that can be shown.
fn reindex(chain: &mut Chain, target: &Expr, (phi, psi): (&[Index], &[Index])) -> Option<()> {
    let (vars, guard) = parts(chain.current());
    let (new_vars, new_guard) = parts(target);
    let identity = vars == new_vars && vars.iter().zip(phi).all(|(var, index)| index.as_var() == Some(var));
    if identity {
        return Some(());
    }
    let facts = chain.facts_at(&[]);
    let map = vars.iter().cloned().zip(phi.iter().cloned()).collect();
    let image = guard.substitute(&map);
    let (old, new) = ((&*vars, &guard), (&*new_vars, &new_guard));
    let maximum = matches!(chain.current(), Expr::Max(_, _, _));
    let law = reindexing(&facts, old, new, phi.to_vec(), psi.to_vec())
        .or_else(|| reindexing(&facts, old, (&new_vars, &image), phi.to_vec(), psi.to_vec()))
        .or_else(|| maximum.then(|| covering(&facts, old, new, phi.to_vec(), psi.to_vec()))?)?;
    chain.apply(&[], law)
}

/// Ends a chain at an expression that differs in its condition and in the form of its index terms only.
fn meet(chain: &mut Chain, target: &Expr) -> Option<()> {
    let base: Vec<usize> = if matches!(target, Expr::Sum(_, _, _) | Expr::Max(_, _, _)) { vec![0] } else { vec![] };
    if let (Expr::Sum(_, _, body) | Expr::Max(_, _, body), Some(current)) = (target, chain.at(&base).cloned())
        && current != **body
    {
        align(chain, &base, body)?;
    }
    if chain.current() == target {
        return Some(());
    }
    let condition = |expr: &Expr| match expr {
        Expr::Sum(_, guard, _) | Expr::Max(_, guard, _) | Expr::Bracket(guard) => guard.clone(),
        Expr::Mul(factors) => factors
            .iter()
            .find_map(|factor| if let Expr::Bracket(guard) = factor { Some(guard.clone()) } else { None })
            .unwrap_or_default(),
        _ => Guard::always(),
    };
    let goal = condition(target);
    if guard_path(chain.current()).is_none() && !goal.is_empty() {
        // No bracket yet: 1 = [true] makes a place for one.
        let with_bracket = Expr::Mul(vec![Expr::Bracket(Guard::always()), chain.current().clone()]);
        chain.settle(with_bracket)?;
    }
    if let Some(path) = guard_path(chain.current()) {
        chain.guard_equivalent(&path, goal)?;
        chain.ring()?;
    }
    if chain.current() != target && base.is_empty() {
        align(chain, &[], target)?;
    }
    chain.settle(target.clone())
}

/// Makes index terms those of the target, factor by factor, where Γ shows them equal.
fn align(chain: &mut Chain, path: &[usize], target: &Expr) -> Option<()> {
    let current = chain.at(path)?.clone();
    if current == *target {
        return Some(());
    }
    match (&current, target) {
        (Expr::Entry(_, _), Expr::Entry(_, _)) | (Expr::Integer(_), Expr::Integer(_)) => {
            chain.index(path, target.clone())
        }
        (Expr::Mul(have), Expr::Mul(want)) if have.len() == want.len() => {
            let mut missing: Vec<&Expr> = want.iter().filter(|factor| !have.contains(factor)).collect();
            for (position, factor) in have.iter().enumerate().filter(|(_, factor)| !want.contains(factor)) {
                let deeper: Vec<usize> = path.iter().copied().chain([position]).collect();
                let choice = missing.iter().position(|goal| {
                    let mut attempt = chain.clone();
                    let done = align(&mut attempt, &deeper, goal).is_some();
                    if done {
                        *chain = attempt;
                    }
                    done
                })?;
                let _ = factor;
                missing.remove(choice);
            }
            let reordered = replaced(chain.current(), path, target.clone())?;
            chain.settle(reordered)
        }
        _ => {
            let (have, want) = (current.children().len(), target.children());
            if have != want.len() || have == 0 || std::mem::discriminant(&current) != std::mem::discriminant(target) {
                return None;
            }
            for (position, goal) in want.iter().enumerate() {
                let deeper: Vec<usize> = path.iter().copied().chain([position]).collect();
                align(chain, &deeper, goal)?;
            }
            (chain.at(path)? == target).then_some(())
        }
    }
}
