//! Conditions, ranges and binder lists.

use super::bounds::{at_least_zero, check_divisor, check_finite, support_of, supports};
use super::limits;
use super::scope::{Axis, Elaborated, Scope, fault, fault_with};
use super::term::{fraction, integer};
use crate::kernel::{Atom, Expr, Guard, Index, Literal, Rank, Var};
use crate::syntax::ast::*;

/// Conditions as literals.
pub(super) fn conditions(scope: &Scope<'_>, conditions: &[Condition]) -> Elaborated<Vec<Literal>> {
    let mut literals = Vec::new();
    for one in conditions {
        literals.extend(condition(scope, one)?);
    }
    Ok(literals)
}

/// One condition as literals.
pub(super) fn condition(scope: &Scope<'_>, condition: &Condition) -> Elaborated<Vec<Literal>> {
    let literals = match &condition.rest {
        Relations::Divides(term) => {
            let divisor = integer(scope, &condition.first)?;
            check_divisor(scope, &divisor, condition.first.span)?;
            vec![Literal::divides(divisor, integer(scope, term)?)]
        }
        Relations::In(range) => axis(scope, range)?.contains(&integer(scope, &condition.first)?),
        Relations::Chain(chain) => {
            let mut literals = Vec::new();
            let mut left = fraction(scope, &condition.first)?;
            for (relation, term) in chain {
                let right = fraction(scope, term)?;
                if *relation == Relation::Ne && [&left.0, &right.0].iter().any(|side| side.rank() != Some(Rank::Scalar))
                {
                    return fault_with(
                        condition.span,
                        "positions with several coordinates may differ in some or in all of them",
                        "write 1 - [p = q] for the bracket of those that differ somewhere",
                    );
                }
                // Denominators are at least 1, so both sides may be multiplied by them.
                literals.extend(compare(*relation, &(&left.0 * &right.1), &(&right.0 * &left.1)));
                left = right;
            }
            literals
        }
    };
    match literals.iter().find(|literal| literal.rank().is_none()) {
        Some(_) => fault(condition.span, "letters of two different ranks meet in this condition"),
        None => Ok(literals),
    }
}

/// `a R b`; bounds by `max` and `min` become two conditions where they can.
pub(super) fn compare(relation: Relation, a: &Index, b: &Index) -> Vec<Literal> {
    match relation {
        Relation::Eq => vec![Literal::eq(a - b)],
        Relation::Ne => vec![Literal::ne(a - b)],
        Relation::Le => at_least_zero(&(b - a)),
        Relation::Ge => at_least_zero(&(a - b)),
        Relation::Lt => at_least_zero(&(&(b - a) - &Index::from(1))),
        Relation::Gt => at_least_zero(&(&(a - b) - &Index::from(1))),
    }
}

/// Refuses a term with coordinates that cancel: `n - n + 2` for n of rank D is 2 in each of them, and not a scalar.
pub(super) fn keeps_rank(scope: &Scope<'_>, term: &Term, value: &Index) -> Elaborated<()> {
    let of_volumes = || value.atoms().any(|atom| matches!(atom, Atom::Volume(_) | Atom::Apply(_, _)));
    if value.rank() == Some(Rank::Scalar) && has_coordinates(scope, term) && !of_volumes() {
        return fault_with(
            term.span,
            "the coordinates of this term cancel, and how many there were is lost",
            "give the number a name: integer c : D, with an assumption c = …",
        );
    }
    Ok(())
}

/// Whether an integer with coordinates stands in a term, outside of volumes.
fn has_coordinates(scope: &Scope<'_>, term: &Term) -> bool {
    let inside = |term: &Term| has_coordinates(scope, term);
    match &term.kind {
        TermKind::Name(name) => scope.integer(name).is_some_and(|var| var.rank != Rank::Scalar),
        TermKind::Add(terms) => terms.iter().any(|(_, term)| inside(term)),
        TermKind::Mul(terms) => terms.iter().any(|(_, term)| inside(term)),
        TermKind::Neg(term) | TermKind::Floor(term) | TermKind::Ceil(term) | TermKind::Power(term, _) => inside(term),
        TermKind::Max(terms) | TermKind::Min(terms) => terms.iter().any(inside),
        TermKind::Call(name, arguments, _) => {
            name.name != "vol" && arguments.iter().any(|argument| inside(&argument.term))
        }
        _ => false,
    }
}

/// A range as the axis of a box.
pub(super) fn axis(scope: &Scope<'_>, range: &Range) -> Elaborated<Axis> {
    let end = |bound: &Bound, infinite: &Bound| match bound {
        Bound::Term(term) => {
            let end = integer(scope, term)?;
            keeps_rank(scope, term, &end)?;
            Ok(Some(end))
        }
        other if other == infinite => Ok(None),
        _ => fault_with(range.span, "this range has its infinite end on the wrong side", "write -inf..inf"),
    };
    let lower = end(&range.lower, &Bound::MinusInfinity)?;
    let mut upper = end(&range.upper, &Bound::Infinity)?;
    if range.half_open {
        upper = upper.map(|upper| &upper - &Index::from(1));
    }
    let ranks = lower.iter().chain(&upper).map(Index::rank);
    let Some(rank) = ranks.reduce(join).unwrap_or(Some(Rank::Scalar)) else {
        return fault(range.span, "the ends of this range have two different ranks");
    };
    Ok(Axis { lower, upper, rank })
}

fn join(left: Option<Rank>, right: Option<Rank>) -> Option<Rank> {
    match (left?, right?) {
        (Rank::Scalar, rank) | (rank, Rank::Scalar) => Some(rank),
        (left, right) => (left == right).then_some(left),
    }
}

/// A binder list in the scope that it opens.
pub(super) struct Binding {
    pub vars: Vec<Var>,
    pub literals: Vec<Literal>,
    /// Letters without a range, or with an infinite one.
    pub unranged: Vec<Var>,
    /// One axis per letter.
    pub axes: Vec<Axis>,
}

/// Brings the letters of a list into `scope`. The letters of one `x in a..b` are in scope from there on, so that later
/// ranges and all conditions may use them.
pub(super) fn bind(scope: &mut Scope<'_>, items: &[BinderItem]) -> Elaborated<Binding> {
    let mut bound = Binding { vars: Vec::new(), literals: Vec::new(), unranged: Vec::new(), axes: Vec::new() };
    // Letters without a range come first: a range may depend on a letter that only a box bounds.
    for item in items {
        let BinderItem::Letters(letters, range) = item else { continue };
        let axis = match range {
            Some(range) => axis(scope, range)?,
            None => Axis { lower: None, upper: None, rank: Rank::Scalar },
        };
        for letter in letters {
            let rank = scope.rank(letter.rank.as_ref())?.unwrap_or_else(|| axis.rank.clone());
            let var = scope.bind(&letter.ident, rank)?;
            limits::letters_at_one_place(scope.letters.len(), letter.ident.span)?;
            let literals = axis_literals(&axis, &Index::from(&var));
            scope.assume(literals.iter().cloned());
            bound.literals.extend(literals);
            if axis.lower.is_none() || axis.upper.is_none() {
                bound.unranged.push(var.clone());
            }
            bound.axes.push(axis.clone());
            bound.vars.push(var);
        }
    }
    for item in items {
        let BinderItem::Condition(one) = item else { continue };
        let literals = condition(scope, one)?;
        scope.assume(literals.iter().cloned());
        bound.literals.extend(literals);
    }
    Ok(bound)
}

/// Membership, with maxima and minima at the ends taken apart.
fn axis_literals(axis: &Axis, position: &Index) -> Vec<Literal> {
    let lower = axis.lower.iter().flat_map(|lower| compare(Relation::Le, lower, position));
    lower.chain(axis.upper.iter().flat_map(|upper| compare(Relation::Le, position, upper))).collect()
}

/// The guard of a sum: the written conditions, and for letters that they leave open the boxes of the body's factors.
pub(super) fn sum_guard(
    outer: &Scope<'_>,
    inner: &Scope<'_>,
    bound: &Binding,
    body: &Expr,
    span: Span,
) -> Elaborated<Guard> {
    let mut literals = bound.literals.clone();
    if !bound.unranged.is_empty() {
        let boxes = supports(&|tensor, position| support_of(inner, tensor, position), body);
        let needed = boxes.into_iter().filter(|literal| bound.unranged.iter().any(|var| literal.index().contains(var)));
        literals.extend(needed);
    }
    let guard = Guard::from(literals);
    check_finite(&outer.facts, &bound.vars, &guard, span)?;
    Ok(guard)
}
