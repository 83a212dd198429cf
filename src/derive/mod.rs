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
//! | [`fold`] | which tensors that have names a product may contain |
//! | [`extract`] | what a reader pays for a form |
//!
//! The closed form is a guess as well: [`derive()`] returns a [`Goal`] whose claim is that the expression equals it, and
//! [`crate::decide`] has it cross-checked and proved like any other.

pub mod extract;
pub mod fold;
pub mod recognise;
pub mod relation;
pub mod shape;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use egg::Id;
use num_rational::BigRational;
use num_traits::{One, Signed};

use crate::diag::Diagnostic;
use crate::entail::linear_in;
use crate::goal::Goal;
use crate::kernel::{Claim, Expr, Guard, Index, Literal, Var};
use crate::search::monomial::{mentions, product};
use crate::search::saturate::Session;
use crate::search::{self, Budget, Statistics};
use crate::syntax::Request;
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

/// Finds the closed form that is asked for. `shapes` are those of the file's library ([`shapes`]); without any, sums stay as they are.
///
/// ```
/// let module = convprove::syntax::load(
///     "use std\nsize m, n\ntensor A[0..m-1, 0..n-1], x[0..n-1]\n\
///      let y = matvec(A, x)\nderive dx = dL/dx given dy = dL/dy\n",
///     false,
/// );
/// let shapes = convprove::derive::shapes(&module.library);
/// let derived = convprove::derive::derive(&shapes, &module.requests[0]).unwrap();
/// let notation = convprove::export::notation::Notation::of_statement(&derived.goal.statement);
/// let form = convprove::export::text::expr(&derived.form, &notation, convprove::export::text::Charset::Ascii);
/// assert_eq!(form, "matvec(transpose(A), dy)[i]");
/// ```
///
/// # Errors
/// A message, where the statement is too large.
pub fn derive(shapes: &[Shape<'_>], request: &Request) -> Result<Derived, Diagnostic> {
    let started = Instant::now();
    let library = request.library.as_ref();
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
    let known = if shapes.is_empty() { Vec::new() } else { fold::known(library, &ground, start) };
    let pointwise = if shapes.is_empty() { Vec::new() } else { fold::pointwise(library) };
    let place = Place {
        library,
        shapes,
        known,
        pointwise,
        prices: &prices,
        roles,
        facts: &ground.facts,
        free,
        made: RefCell::default(),
    };
    let forms = recognise(&mut session, &place, &raw, &budget, &mut statistics);
    let mut form = prices.nicest(session.egraph(), id);
    // A formula between whole tensors is nicer than any other.
    let letters = &statement.indices;
    if !extract::leaves_out(&form, letters) {
        let whole = forms.iter().filter(|(_, form)| extract::leaves_out(form, letters));
        let of_class = |class: Id, session: &Session| {
            whole.clone().find(|(own, _)| session.joined(*own, class)).map(|(_, form)| form.clone())
        };
        let other = of_class(id, &session).or_else(|| {
            let Expr::Add(terms) = &raw else { return None };
            // A sum of such formulas is one as well.
            let term = |term: &Expr| {
                let class = session.add(term);
                of_class(class, &session).or_else(|| extract::leaves_out(term, letters).then(|| term.clone()))
            };
            let sum = Expr::Add(terms.iter().map(term).collect::<Option<_>>()?);
            brought(&mut session, id, &sum, &budget, &mut statistics).then_some(sum)
        });
        form = other.unwrap_or(form);
    }
    let solved = place.solved(&form);
    if solved != form && brought(&mut session, id, &solved, &budget, &mut statistics) {
        form = solved;
    }
    if let Some(collected) = collected(&form)
        && brought(&mut session, id, &collected, &budget, &mut statistics)
    {
        form = collected;
    }
    let bound = (statement.indices.clone(), statement.ranges.clone());
    let claim = Claim::Equation(start.clone(), form.clone());
    let statement = library.statement(statement.name.as_str(), bound, claim)?;
    let goal = Goal::new(statement, request.span.clone());
    statistics.saturation = started.elapsed();
    Ok(Derived { goal, raw, form, statistics, time: started.elapsed() })
}

impl Derived {
    /// Whether no derivative is left: one of a maximum stays where nothing says which place is the largest.
    pub fn is_closed(&self) -> bool {
        !self.form.differentiates()
    }
}

/// Brings the terms of an expression together with the forms that they may have.
/// Returns what was brought together, with its class.
fn recognise(
    session: &mut Session,
    place: &Place<'_>,
    raw: &Expr,
    budget: &Budget,
    statistics: &mut Statistics,
) -> Vec<(Id, Expr)> {
    let mut forms = Vec::new();
    for term in terms(raw) {
        let class = session.add(&term);
        let folded = place.known.iter().filter_map(|known| known.fold(&term));
        for form in
            folded.chain(pulled(&term)).chain(place.within_boxes(&term)).chain(place.floored(&term)).collect::<Vec<_>>()
        {
            brought(session, class, &form, budget, statistics);
        }
        for guess in place.guesses(&term).into_iter().take(TRIALS) {
            if brought(session, class, &guess.expr, budget, statistics) {
                forms.push((class, guess.expr));
                break;
            }
        }
    }
    forms
}

/// Brings a class together with a form that it may have; whether the laws agree.
fn brought(session: &mut Session, class: Id, form: &Expr, budget: &Budget, statistics: &mut Statistics) -> bool {
    let other = session.add(&form.canonical());
    session.join(class, other, budget, statistics);
    session.joined(class, other)
}

/// The sums and products of an expression that stand below no binder.
fn terms(expr: &Expr) -> BTreeSet<Expr> {
    match expr {
        Expr::Sum(_, _, _) => [expr.clone()].into_iter().collect(),
        Expr::Max(_, _, _) | Expr::Derivative(_, _, _) => BTreeSet::new(),
        Expr::Mul(factors) => factors.iter().flat_map(terms).chain([expr.clone()]).collect(),
        _ => expr.children().iter().flat_map(terms).collect(),
    }
}

/// A Σ with the factors in front that none of its letters occurs in.
fn pulled(term: &Expr) -> Option<Expr> {
    let Expr::Sum(vars, guard, body) = term else { return None };
    let Expr::Mul(factors) = body.as_ref() else { return None };
    let inside = factors.iter().filter(|factor| mentions(factor, vars)).count();
    (1..factors.len()).contains(&inside).then(|| recognise::summed(vars, guard, factors.clone()))
}

/// The form with what all its terms have in common in front: `2·(z[j] - t[j])/n`.
fn collected(expr: &Expr) -> Option<Expr> {
    let Expr::Add(terms) = expr else { return None };
    let factors = |term: &Expr| -> Vec<Expr> {
        match term {
            Expr::Mul(factors) => factors.clone(),
            other => vec![other.clone()],
        }
    };
    let lists: Vec<Vec<Expr>> = terms.iter().map(factors).collect();
    let (first, others) = lists.split_first()?;
    let number = |list: &[Expr]| -> BigRational {
        let numbers = list.iter().filter_map(|factor| match factor {
            Expr::Number(value) => Some(value.clone()),
            _ => None,
        });
        numbers.product()
    };
    let same = lists.iter().all(|list| number(list).abs() == number(first).abs());
    let scale = if same { number(first).abs() } else { BigRational::one() };
    let mut common: Vec<Expr> = first.iter().filter(|factor| !matches!(factor, Expr::Number(_))).cloned().collect();
    for list in others {
        let mut rest = list.clone();
        common.retain(|factor| match rest.iter().position(|other| other == factor) {
            Some(place) => {
                rest.remove(place);
                true
            }
            None => false,
        });
    }
    if common.is_empty() && scale.is_one() {
        return None;
    }
    let inner = lists.iter().map(|list| {
        let mut rest: Vec<Expr> = list.iter().filter(|factor| !matches!(factor, Expr::Number(_))).cloned().collect();
        for factor in &common {
            if let Some(place) = rest.iter().position(|other| other == factor) {
                rest.remove(place);
            }
        }
        let value = number(list) / &scale;
        if !value.is_one() || rest.is_empty() {
            rest.insert(0, Expr::Number(value));
        }
        product(rest)
    });
    let sum = Expr::Add(inner.collect());
    let scale = (!scale.is_one()).then_some(Expr::Number(scale));
    Some(Expr::Mul(scale.into_iter().chain(common).chain([sum]).collect()))
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
