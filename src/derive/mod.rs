//! Closed forms: from a derivative, or any expression, to the formula that a textbook would print.
//!
//! ```text
//! request ──► laws until nothing is new ──► raw sum ──► guesses ──► joined in the e-graph ──► nicest form ──► goal
//! ```
//!
//! | file | subject |
//! | --- | --- |
//! | [`shape`] | what an operator does: one sum of products |
//! | [`relation`] | sums as relations between positions, and the parameters under which two agree |
//! | [`recognise`] | which operators a raw sum may be |
//! | [`extract`] | what a reader pays for a form |
//!
//! The closed form is a guess as well: [`derive`] returns a [`Goal`] whose claim is that the expression equals it, and
//! [`crate::decide`] has it cross-checked and proved like any other.

pub mod extract;
pub mod recognise;
pub mod relation;
pub mod shape;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::diag::Diagnostic;
use crate::entail::linear_in;
use crate::goal::{Expectation, Goal, Request};
use crate::kernel::{Claim, Expr, Guard, Index, Literal, Var};
use crate::search::saturate::Session;
use crate::search::{self, Budget, Statistics};
use crate::syntax::Library;
use extract::Prices;
use recognise::Place;
pub use shape::{Shape, shapes};

/// Forms that are tried for a sum.
const TRIALS: usize = 8;

/// A closed form that was found.
#[derive(Clone, Debug)]
pub struct Derived {
    /// That the expression is equal to its closed form.
    pub goal: Goal,
    /// The expression when the laws have been applied, before operators are recognised.
    pub raw: Expr,
    /// The closed form.
    pub form: Expr,
    /// What the search cost.
    pub statistics: Statistics,
    /// How long it took.
    pub time: Duration,
}

/// Finds the closed form that is asked for. `shapes` are those of the library ([`shapes`]).
///
/// ```
/// let module = convprove::syntax::load(
///     "use std\nsize m, n\ntensor A[0..m-1, 0..n-1], x[0..n-1]\n\
///      let y = matvec(A, x)\nderive dx = dL/dx given dy = dL/dy\n",
///     false,
/// );
/// let shapes = convprove::derive::shapes(&module.library);
/// let derived = convprove::derive::derive(&module.library, &shapes, &module.requests[0]).unwrap();
/// let notation = convprove::export::notation::Notation::of_statement(&derived.goal.statement);
/// let form = convprove::export::text::expr(&derived.form, &notation, convprove::export::text::Charset::Ascii);
/// assert_eq!(form, "matvec(transpose(A), dy)[j]");
/// ```
///
/// # Errors
/// A message, where the statement is too large.
pub fn derive(library: &Library, shapes: &[Shape<'_>], request: &Request) -> Result<Derived, Diagnostic> {
    let started = Instant::now();
    let statement = &request.statement;
    let Claim::Equation(start, _) = &statement.claim else {
        return Err(Diagnostic::error(request.span.clone(), "a closed form is one of a scalar"));
    };
    let mut ground = search::ground(statement, &[]);
    ground.signature.definitions = library.definitions();
    ground.signature.functions = library.functions();
    let mut statistics = Statistics::default();
    let budget = Budget::default();
    let mut session = Session::new(&ground, 0);
    let id = session.add(&start.canonical());
    session.settle(None, &budget, &mut statistics);
    let raw = session.latest(id);
    let free = statement.indices.iter().map(|letter| ends(letter, &statement.ranges)).collect();
    let prices = Prices::of(library);
    let roles = recognise::roles(library, start);
    let place = Place { library, shapes, prices: &prices, roles, facts: &ground.facts, free };
    recognise(&mut session, &place, &raw, &budget, &mut statistics);
    let form = prices.nicest(session.egraph(), id);
    let bound = (statement.indices.clone(), statement.ranges.clone());
    let claim = Claim::Equation(start.clone(), form.clone());
    let statement = library.statement(statement.name.as_str(), bound, claim)?;
    let goal = Goal {
        statement,
        script: Vec::new(),
        expectation: Expectation::Proved,
        span: request.span.clone(),
        remarks: Vec::new(),
    };
    statistics.saturation = started.elapsed();
    Ok(Derived { goal, raw, form, statistics, time: started.elapsed() })
}

/// Brings the sums of an expression together with the operators that they are.
fn recognise(
    session: &mut Session,
    place: &Place<'_>,
    raw: &Expr,
    budget: &Budget,
    statistics: &mut Statistics,
) {
    for sum in sums(raw) {
        let class = session.add(&sum);
        for guess in place.guesses(&sum).into_iter().take(TRIALS) {
            let other = session.add(&guess.expr.canonical());
            session.join(class, other, budget, statistics);
            if session.joined(class, other) {
                break;
            }
        }
    }
}

/// The sums of an expression that stand below no binder.
fn sums(expr: &Expr) -> BTreeSet<Expr> {
    match expr {
        Expr::Sum(_, _, _) => [expr.clone()].into_iter().collect(),
        Expr::Max(_, _, _) | Expr::Derivative(_, _, _) => BTreeSet::new(),
        _ => expr.children().iter().flat_map(sums).collect(),
    }
}

/// A letter with the ends of its range.
fn ends(letter: &Var, ranges: &Guard) -> (Var, Option<Index>, Option<Index>) {
    let (mut lower, mut upper) = (None, None);
    for literal in ranges.literals() {
        let Literal::Ge(index) = literal else { continue };
        let Some((factor, rest)) = linear_in(index, letter) else { continue };
        if factor == Index::from(1) {
            lower = Some(-&rest);
        } else if factor == Index::from(-1) {
            upper = Some(rest);
        }
    }
    (letter.clone(), lower, upper)
}
