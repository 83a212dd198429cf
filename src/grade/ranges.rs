//! The ranges of letters: of sums that an answer writes without ends, and those that it gives beside its formulas.

use crate::homework::formula::{Chain, Expr, Kind, Link, Name, Relation};
use crate::homework::{Reading, Step, StepKind};
use crate::syntax::ast::{BinderItem, Condition, Range, Relations, Term, TermKind};

/// Gives the letters of sums without ends the range of an axis on which they stand alone: `Σ_k e^{z_k}` runs over the positions
/// of z.
pub(super) fn fill(term: &mut Term, range: &dyn Fn(&str, usize) -> Option<Range>) {
    if let TermKind::Sum(items, body) | TermKind::MaxOver(items, body) = &mut term.kind {
        let mut filled = Vec::new();
        for item in items.drain(..) {
            match item {
                BinderItem::Letters(letters, None) => filled.extend(letters.into_iter().map(|letter| {
                    let place = place(body, &letter.ident.name);
                    let found = place.and_then(|(array, axis)| range(&array, axis));
                    BinderItem::Letters(vec![letter], found)
                })),
                other => filled.push(other),
            }
        }
        *items = filled;
    }
    for_each(term, &mut |part| fill(part, range));
}

/// An array and one of its axes on which a letter stands alone.
fn place(term: &mut Term, letter: &str) -> Option<(String, usize)> {
    if let TermKind::Subscript(base, position) = &term.kind
        && let TermKind::Name(array) = &base.kind
    {
        let alone = |at: &Term| matches!(&at.kind, TermKind::Name(name) if name == letter);
        if let Some(axis) = position.iter().position(alone) {
            return Some((array.clone(), axis));
        }
    }
    let mut found = None;
    for_each(term, &mut |part| {
        if found.is_none() {
            found = place(part, letter);
        }
    });
    found
}

/// The parts of a term that are values.
fn for_each(term: &mut Term, visit: &mut dyn FnMut(&mut Term)) {
    let condition = |one: &mut Condition, visit: &mut dyn FnMut(&mut Term)| {
        visit(&mut one.first);
        match &mut one.rest {
            Relations::Chain(chain) => chain.iter_mut().for_each(|(_, side)| visit(side)),
            Relations::Divides(side) => visit(side),
            Relations::In(_) => {}
        }
    };
    match &mut term.kind {
        TermKind::Number(_) | TermKind::Name(_) | TermKind::Whole => {}
        TermKind::Add(terms) => terms.iter_mut().for_each(|(_, part)| visit(part)),
        TermKind::Mul(terms) => terms.iter_mut().for_each(|(_, part)| visit(part)),
        TermKind::Neg(inner) | TermKind::Floor(inner) | TermKind::Ceil(inner) => visit(inner),
        TermKind::Power(base, exponent) => [base, exponent].into_iter().for_each(|part| visit(part)),
        TermKind::Call(_, arguments, _) => arguments.iter_mut().for_each(|argument| visit(&mut argument.term)),
        TermKind::Subscript(base, position) => {
            visit(base);
            position.iter_mut().for_each(visit);
        }
        TermKind::Bracket(conditions) => conditions.iter_mut().for_each(|one| condition(one, visit)),
        TermKind::Max(parts) | TermKind::Min(parts) => parts.iter_mut().for_each(visit),
        TermKind::Sum(_, body) | TermKind::MaxOver(_, body) | TermKind::Derivative(_, _, body) => visit(body),
    }
}

/// A domain further away, in bytes, belongs to something else.
const FAR: usize = 16;

/// The ranges that belong to a step: its own, and those of the domains that follow it in its line of the text.
pub(super) fn beside(reading: &Reading, number: usize) -> Vec<(Name, Expr, Expr)> {
    let Some(step) = reading.steps.get(number) else { return Vec::new() };
    let after = reading.steps.iter().skip(number + 1);
    // No more than `$, for $` stands between.
    let mut end = step.span.end;
    let domains = after.take_while(|next| {
        let close = next.line == step.line && next.span.start <= end + FAR && next.kind == StepKind::Domain;
        end = next.span.end;
        close
    });
    std::iter::once(step).chain(domains).flat_map(of_step).collect()
}

/// The ranges that a step gives to letters: `1 ≤ i ≤ M-m+1`, `i ∈ [1, n]`.
pub(super) fn of_step(step: &Step) -> Vec<(Name, Expr, Expr)> {
    step.chains().filter_map(of_chain).collect()
}

/// The letter of a chain, with its first and last value.
pub(super) fn of_chain(chain: &Chain) -> Option<(Name, Expr, Expr)> {
    match (chain.first.as_ref()?, chain.links.as_slice()) {
        (
            low,
            [
                Link { relation: Relation::Le, side: Some(letter), .. },
                Link { relation: Relation::Le, side: Some(high), .. },
            ],
        ) => Some((letter.as_name()?.clone(), low.clone(), high.clone())),
        (
            letter,
            [Link { relation: Relation::In, side: Some(Expr { kind: Kind::Interval(_, low, high), .. }), .. }],
        ) => Some((letter.as_name()?.clone(), (**low).clone(), (**high).clone())),
        _ => None,
    }
}
