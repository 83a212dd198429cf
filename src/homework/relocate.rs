//! Moves the places of a tree: of a formula whose commands were written out, back to where they stand in the text.

use super::formula::*;
use super::latex::Parsed;
use crate::syntax::ast::Span;

/// Where a place of the formula lies in the text.
pub(super) type Moved<'a> = &'a dyn Fn(Span) -> Span;

/// Moves all places of a formula.
pub(super) fn parsed(parsed: &mut Parsed, to: Moved<'_>) {
    parsed.statements.iter_mut().for_each(|part| statement(part, to));
    for note in &mut parsed.notes {
        note.span = to(Span { start: note.span.start, end: note.span.end }).bytes();
    }
}

fn statement(part: &mut Statement, to: Moved<'_>) {
    match part {
        Statement::Words(_, span) => *span = to(*span),
        Statement::Chain(inner) => chain(inner, to),
    }
}

fn chain(part: &mut Chain, to: Moved<'_>) {
    part.span = to(part.span);
    part.first.iter_mut().for_each(|side| expr(side, to));
    for link in &mut part.links {
        link.span = to(link.span);
        link.side.iter_mut().chain(&mut link.reason).for_each(|side| expr(side, to));
    }
}

fn binder(part: &mut Binder, to: Moved<'_>) {
    match part {
        Binder::Letter { letter, lower, upper } => {
            std::iter::once(letter).chain(lower).chain(upper).for_each(|part| expr(part, to));
        }
        Binder::Among(letters, set) => letters.iter_mut().chain([set]).for_each(|part| expr(part, to)),
        Binder::Condition(condition) => chain(condition, to),
    }
}

fn expr(part: &mut Expr, to: Moved<'_>) {
    part.span = to(part.span);
    let one = |part: &mut Expr| expr(part, to);
    match &mut part.kind {
        Kind::Number(_) | Kind::Infinity | Kind::Ellipsis | Kind::Slice | Kind::Text(_) | Kind::Name(_) => {}
        Kind::Entry(base, list) | Kind::Call(base, list) => {
            one(base);
            list.iter_mut().for_each(one);
        }
        Kind::Parens(_, list) => list.iter_mut().for_each(one),
        Kind::Add(terms) => terms.iter_mut().for_each(|(_, term)| one(term)),
        Kind::Product(factors) => {
            for (operator, factor) in factors {
                operator.span = to(operator.span);
                one(factor);
            }
        }
        Kind::Neg(inner)
        | Kind::Transpose(inner)
        | Kind::Percent(inner)
        | Kind::Root(inner)
        | Kind::Floor(inner)
        | Kind::Ceil(inner) => one(inner),
        Kind::Power(left, right) | Kind::Fraction(left, right) | Kind::Interval(_, left, right) => {
            one(left);
            one(right);
        }
        Kind::Big(_, binders, body) => {
            binders.iter_mut().for_each(|part| binder(part, to));
            body.iter_mut().for_each(|body| one(body));
        }
        Kind::Derivative(of, by) => {
            of.iter_mut().for_each(|of| one(of));
            one(by);
        }
        Kind::Gradient(by, of) => by.iter_mut().chain(of).for_each(|part| one(part)),
        Kind::Matrix(rows) => rows.iter_mut().flatten().for_each(one),
        Kind::Cases(rows) => {
            for (value, conditions) in rows {
                one(value);
                conditions.iter_mut().for_each(|part| statement(part, to));
            }
        }
        Kind::Rows(statements) => statements.iter_mut().for_each(|part| statement(part, to)),
        Kind::Chain(inner) => chain(inner, to),
        Kind::Scripted(base, scripts) => {
            one(base);
            for script in scripts {
                if let Script::Sub(list, _) | Script::Sup(list, _) = script {
                    list.iter_mut().for_each(one);
                }
            }
        }
    }
}
