//! From an explanation of egg's to the steps of a certificate.
//!
//! The explanation lists whole terms; between two of them one proposal was used at one place. Its steps are found again there,
//! with the names that the letters have in the whole term, so that no side condition is taken on trust.

use std::collections::BTreeMap;

use egg::{FlatExplanation, FlatTerm};

use super::chain::{Chain, replaced};
use super::finder::Move;
use super::language::{Node, read};
use super::saturate::{Origin, Proposal, proposal_number};
use crate::kernel::{Expr, Index, Situation, Substitution, Var, canonical_var};

/// The chain that an explanation describes, or the number of the explanation's step that could not be carried out.
pub fn replay<'a>(
    situation: &'a Situation<'a>,
    explanation: &FlatExplanation<Node>,
    proposals: &[Proposal],
) -> Result<Chain<'a>, usize> {
    let mut terms = explanation.iter();
    let first = terms.next().map(read).unwrap_or_else(|| Expr::from(0));
    let mut chain = Chain::new(situation, first.canonical_at(0), 0);
    let mut before = first;
    for (number, term) in terms.enumerate() {
        let after = read(term);
        if let Some((path, label, forward)) = place(term) {
            let proposal = proposal_number(label).and_then(|number| proposals.get(number));
            proposal
                .and_then(|proposal| extend(&mut chain, &before, &after, &path, proposal, forward))
                .ok_or(number)?;
        }
        before = after;
    }
    Ok(chain)
}

/// Where a term differs from the one before, the label of the rule, and whether the rule leads here.
fn place(term: &FlatTerm<Node>) -> Option<(Vec<usize>, egg::Symbol, bool)> {
    if let Some(label) = term.forward_rule {
        return Some((Vec::new(), label, true));
    }
    if let Some(label) = term.backward_rule {
        return Some((Vec::new(), label, false));
    }
    term.children.iter().enumerate().find_map(|(position, child)| {
        let (mut path, label, forward) = place(child)?;
        path.insert(0, position);
        Some((path, label, forward))
    })
}

/// The subterm at a path with canonical names for the letters bound above it and inside, and how many are bound above.
fn part(whole: &Expr, path: &[usize]) -> Option<(Expr, BTreeMap<Var, Index>, usize)> {
    let mut expr = whole;
    let mut names: BTreeMap<Var, Index> = BTreeMap::new();
    let mut depth = 0;
    for position in path {
        if let Expr::Sum(vars, _, _) | Expr::Max(vars, _, _) = expr {
            for var in vars {
                names.insert(var.clone(), Index::from(&canonical_var(var, depth)));
                depth += 1;
            }
        }
        expr = expr.children().get(*position)?;
    }
    let renamed = expr.substitute(&Substitution::of_indices(names.clone())).canonical_at(depth);
    Some((renamed, names, depth))
}

fn extend<'a>(
    chain: &mut Chain<'a>,
    before: &Expr,
    after: &Expr,
    path: &[usize],
    proposal: &Proposal,
    forward: bool,
) -> Option<()> {
    let (old, old_names, depth) = part(before, path)?;
    let (new, new_names, _) = part(after, path)?;
    let (from, names, to) = if forward { (&old, old_names, &new) } else { (&new, new_names, &old) };
    let origin = match &proposal.origin {
        Origin::Finder(change) => Origin::Finder(rename(change, &names, depth)),
        other => other.clone(),
    };
    let mut steps = origin.steps(chain.situation(), from, depth)?;
    if !steps.current().same(to) {
        return None;
    }
    steps.settle(to.clone())?;
    let steps = if forward { steps } else { steps.reversed() };
    chain.append_at(path, steps)?;
    // The names inside the part are canonical already; make sure of the whole.
    let whole = replaced(chain.current(), path, new)?.canonical_at(0);
    chain.settle(whole)
}

/// A move with the names that its letters have at another place.
fn rename(change: &Move, outer: &BTreeMap<Var, Index>, depth: usize) -> Move {
    let letters = |expr: &Expr| match expr {
        Expr::Sum(vars, _, _) | Expr::Max(vars, _, _) => vars.clone(),
        _ => Vec::new(),
    };
    let whole = |expr: &Expr| expr.substitute(&Substitution::of_indices(outer.clone())).canonical_at(depth);
    let names = |expr: &Expr| {
        let mut map = outer.clone();
        for (offset, var) in letters(expr).iter().enumerate() {
            map.insert(var.clone(), Index::from(&canonical_var(var, depth + offset)));
        }
        map
    };
    let terms = |terms: &[Index], expr: &Expr| {
        let map = names(expr);
        terms.iter().map(|term| term.substitute(&map)).collect()
    };
    match change {
        Move::Transport { from, to, phi, psi, replaces } => {
            let (phi, psi) = (terms(phi, to), terms(psi, from));
            Move::Transport { from: whole(from), to: whole(to), phi, psi, replaces: *replaces }
        }
        Move::Split { from, term, literal } => {
            Move::Split { from: whole(from), term: *term, literal: literal.substitute(&names(from)) }
        }
        Move::Integers { from, value, scale } => {
            Move::Integers { from: whole(from), value: value.substitute(outer), scale: scale.clone() }
        }
        Move::Vanish { from } => Move::Vanish { from: whole(from) },
    }
}
