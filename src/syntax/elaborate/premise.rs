//! What is assumed of entries and of functions of integers: `assume 0 <= a(o) < K for o in 0..n-1` and `where c != 0`.

use std::collections::BTreeSet;

use super::condition::{bind, condition, conditions};
use super::goal::collect_applied;
use super::scope::{Elaborated, Environment, Scope, Value, fault_with};
use super::term::{minus, to_scalar, value};
use crate::kernel::{Expr, Guard, Held, Literal, Premise, Var};
use crate::syntax::ast::{BinderItem, Condition, Relation, Relations};

/// A condition of a `where` or `assume`: on integers, or on scalars.
pub(super) enum Assumed {
    /// Conditions on integers.
    Integers(Vec<Literal>),
    /// Signs of scalars.
    Scalars(Vec<Held>),
}

/// One condition as what it assumes.
pub(super) fn assumed(scope: &Scope<'_>, one: &Condition) -> Elaborated<Assumed> {
    let Relations::Chain(chain) = &one.rest else { return Ok(Assumed::Integers(condition(scope, one)?)) };
    let terms: Vec<_> = std::iter::once(&one.first).chain(chain.iter().map(|(_, term)| term)).collect();
    let mut scalars = Vec::new();
    let mut integers = true;
    for term in &terms {
        // A quotient of integers may stand in a condition on integers; `condition` knows what to do with it.
        let Ok(found) = value(scope, term) else { return Ok(Assumed::Integers(condition(scope, one)?)) };
        let speaks = |expr: &Expr| expr.any(&|part| matches!(part, Expr::Entry(_, _) | Expr::Apply { .. }));
        integers &= !matches!(&found, Value::Scalar(expr) if speaks(expr)) && !matches!(found, Value::Tensor(_, _));
        scalars.push((found, term.span));
    }
    if integers {
        return Ok(Assumed::Integers(condition(scope, one)?));
    }
    let scalars = scalars.into_iter().map(|(found, span)| to_scalar(found, span)).collect::<Elaborated<Vec<_>>>()?;
    let mut held = Vec::new();
    for ((relation, _), sides) in chain.iter().zip(scalars.windows(2)) {
        let [left, right] = sides else { continue };
        let less = |small: &Expr, large: &Expr| Held::Positive(difference(large, small));
        held.push(match relation {
            Relation::Ne => Held::NonZero(difference(left, right)),
            Relation::Lt => less(left, right),
            Relation::Gt => less(right, left),
            _ => {
                return fault_with(
                    one.span,
                    "of entries and other scalars only !=, < and > can be assumed",
                    "what is assumed must hold near a point where it holds at the point, so that it may be used under d/dx as well",
                );
            }
        });
    }
    Ok(Assumed::Scalars(held))
}

/// `large − small`, without a 0.
fn difference(large: &Expr, small: &Expr) -> Expr {
    let zero = |expr: &Expr| *expr == Expr::from(0) || matches!(expr, Expr::Integer(index) if index.is_zero());
    match (zero(large), zero(small)) {
        (_, true) => large.clone(),
        (true, false) => minus(small.clone()),
        (false, false) => Expr::Add(vec![large.clone(), minus(small.clone())]),
    }
}

/// `assume …`, perhaps for letters in a range.
pub(super) fn assume(environment: &mut Environment, list: &[Condition], letters: &[BinderItem]) -> Elaborated<()> {
    let (mut literals, mut premises) = (Vec::new(), Vec::new());
    if letters.is_empty() {
        let scope = Scope::open(environment);
        for one in list {
            match assumed(&scope, one)? {
                Assumed::Integers(found) => literals.extend(found),
                Assumed::Scalars(held) => premises.extend(held.into_iter().map(|held| premise(&[], &[], held))),
            }
        }
    } else {
        let mut scope = Scope::open(environment);
        let binding = bind(&mut scope, letters)?;
        for one in list {
            let held = match assumed(&scope, one)? {
                Assumed::Integers(_) => {
                    vec![Held::Condition(Guard::from(conditions(&scope, std::slice::from_ref(one))?))]
                }
                Assumed::Scalars(held) => held,
            };
            premises.extend(held.into_iter().map(|held| premise(&binding.vars, &binding.literals, held)));
        }
    }
    environment.assumptions = environment.assumptions.and(&Guard::from(literals));
    environment.premises.extend(premises);
    Ok(())
}

/// A premise for letters in a range.
pub(super) fn premise(vars: &[Var], range: &[Literal], held: Held) -> Premise {
    Premise { vars: vars.to_vec(), guard: Guard::from(range.to_vec()), held }
}

/// The premises for a statement that speaks of some tensors and functions: a premise about entries where the statement speaks of
/// all its tensors and functions of scalars, one about functions with integer values where these occur, be it in a premise.
pub(super) fn apt(premises: &[Premise], mut spoken: BTreeSet<String>) -> Vec<Premise> {
    let mut found: Vec<Premise> = Vec::new();
    let scalars = premises.iter().filter(|premise| premise.held.scalar().is_some());
    for premise in scalars {
        if premise.held.scalar().is_some_and(|expr| scalar_names(expr).is_subset(&spoken)) {
            found.push(premise.clone());
        }
    }
    found.iter().for_each(|premise| spoken.extend(names(premise)));
    let conditions = premises.iter().filter(|premise| premise.held.scalar().is_none());
    found.extend(conditions.filter(|premise| !names(premise).is_disjoint(&spoken)).cloned());
    found
}

/// The tensors and the functions of scalars in an expression.
fn scalar_names(expr: &Expr) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    expr.visit_tensors(&mut |name| {
        names.insert(name.to_string());
    });
    functions(expr, &mut names);
    names
}

/// The tensors and functions that a premise speaks of.
pub(super) fn names(premise: &Premise) -> BTreeSet<String> {
    let (_, tensors) = premise.mentions();
    let mut names: BTreeSet<String> = tensors.iter().map(ToString::to_string).collect();
    premise.visit_indices(&mut |index| collect_applied(index, &mut names));
    if let Some(expr) = premise.held.scalar() {
        functions(expr, &mut names);
    }
    names
}

fn functions(expr: &Expr, names: &mut BTreeSet<String>) {
    if let Expr::Apply { function, .. } = expr {
        names.insert(function.to_string());
    }
    expr.children().iter().for_each(|child| functions(child, names));
}
