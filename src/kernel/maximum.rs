//! The law `maximum`: largest values over finite sets that are not empty.
//!
//! A maximum is a real number. Over a set without points, or an infinite one, it is 0 by convention; so to change its letters
//! (`reindex`) or the form of its range (`guard`) asks for no more than with a Σ, and what compares values asks for a point.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::arithmetic::{Entailments, Finiteness, check_finite, check_guard};
use super::expr::Expr;
use super::guard::{Guard, Literal};
use super::index::{Index, Rank, Var};
use super::laws::{Context, FiniteNest, Reindexing, check_ranks};
use super::premise::{Evidence, Sign, Use};
use super::refusal::Refusal;
use super::signature::assign;
use super::substitute::{Substitution, check_growth};

/// One use of the law.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Maximum {
    /// [`nested`]; the point is one of the inner range.
    Nested(FiniteNest, Point),
    /// [`cover`]; ψ∘φ need not be the identity, and no proof of it is given.
    Cover(Box<Reindexing>, Finiteness),
    /// [`shift`]: which term of the body is free of the letters, counted from 0.
    Shift(usize, Finiteness, Point),
    /// [`scale`]: which factor of the body is free of the letters, counted from 0; evidence that it is not negative.
    Scale(usize, Evidence),
    /// The maximum of a body is its value at a place that no other place reaches; see [`Peak`].
    Peak(Box<Peak>),
}

/// The place of a maximum that no other place reaches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peak {
    /// The range is finite.
    pub finite: Finiteness,
    /// What is assumed of integers there, such as the range of the function that gives the place.
    pub uses: Vec<Use>,
    /// The place.
    pub point: Point,
    /// For each letter a proof that the body is larger at the place than wherever this letter has another value, and
    /// the letters before it the place's.
    pub larger: Vec<Evidence>,
}

/// A point of a range, which shows that it is not empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// A term for each letter.
    pub terms: Vec<Index>,
    /// Proofs that the range contains it.
    pub proofs: Entailments,
}

/// The letters, range and body of a maximum.
type Parts = (Vec<Var>, Guard, Expr);

impl Maximum {
    /// What the law makes of an expression.
    pub(super) fn apply(&self, context: &Context, expr: &Expr) -> Result<Expr, Refusal> {
        let parts = || open(context, expr);
        match self {
            Maximum::Cover(maps, finite) => cover(context, expr, maps, finite),
            Maximum::Nested(finite, point) => nested(context, parts()?, finite, point),
            Maximum::Shift(position, finite, point) => shift(context, parts()?, *position, finite, point),
            Maximum::Scale(position, sign) => scale(context, parts()?, *position, sign),
            Maximum::Peak(peak) => peak.apply(context, parts()?),
        }
    }
}

fn shape<T>(needs: &'static str) -> Result<T, Refusal> {
    Err(Refusal::Shape { law: "maximum", needs })
}

fn open(context: &Context, expr: &Expr) -> Result<Parts, Refusal> {
    let Expr::Max(vars, guard, body) = expr else { return shape("a maximum") };
    Ok(context.open(&BTreeSet::new(), vars, guard, body))
}

/// **maximum**, of maxima: one maximum over all the letters.
///
/// ```text
/// {u : G} finite      Γ, G ⊢ {v : H} finite      Γ, G ⊢ H{v↦t}
/// ────────────────────────────────────────────────────────────
///      Γ ⊢ max_{u: G} max_{v: H} e = max_{u,v: G ∧ H} e
/// ```
fn nested(context: &Context, parts: Parts, finite: &FiniteNest, point: &Point) -> Result<Expr, Refusal> {
    let (outer, guard, body) = parts;
    let within = context.under(&outer, &guard);
    let (inner, inner_guard, body) = open(&within, &body)?;
    check_finite(&context.facts, &outer, &guard, &finite.outer)?;
    check_finite(&within.facts, &inner, &inner_guard, &finite.inner)?;
    point.check(&within, &inner, &inner_guard)?;
    Ok(Expr::Max(outer.into_iter().chain(inner).collect(), guard.and(&inner_guard), Box::new(body)))
}

/// **maximum**, over a range that covers another. What is no maximum is one over a single point, without letters.
///
/// ```text
/// {v′ : D′} finite      Γ, v′ ∈ D′ ⊢ φ(v′) ∈ D      Γ, v ∈ D ⊢ ψ(v) ∈ D′,  φ(ψ(v)) = v
/// ────────────────────────────────────────────────────────────────────────────────────
///                  Γ ⊢ max_{v ∈ D} f(v) = max_{v′ ∈ D′} f(φ(v′))
/// ```
fn cover(context: &Context, expr: &Expr, maps: &Reindexing, finite: &Finiteness) -> Result<Expr, Refusal> {
    let parts = open(context, expr).unwrap_or_else(|_| (Vec::new(), Guard::always(), expr.clone()));
    let body = maps.onto(context, parts)?;
    check_finite(&context.facts, &maps.vars, &maps.guard, finite)?;
    Ok(Expr::Max(maps.vars.clone(), maps.guard.clone(), Box::new(body)))
}

/// **maximum**, with a term in common.
///
/// ```text
/// {v : G} finite      Γ ⊢ G{v↦t}      v not free in c
/// ───────────────────────────────────────────────────
///     Γ ⊢ max_{v: G} (c + e) = c + max_{v: G} e
/// ```
fn shift(
    context: &Context,
    parts: Parts,
    position: usize,
    finite: &Finiteness,
    point: &Point,
) -> Result<Expr, Refusal> {
    let (vars, guard, body) = parts;
    let Expr::Add(mut terms) = body else { return shape("a maximum of a sum of terms") };
    if position >= terms.len() {
        return shape("a maximum of a sum of terms");
    }
    let common = terms.remove(position);
    check_free(&vars, &common)?;
    check_finite(&context.facts, &vars, &guard, finite)?;
    point.check(context, &vars, &guard)?;
    Ok(Expr::Add(vec![common, Expr::Max(vars, guard, Box::new(Expr::Add(terms)))]))
}

/// **maximum**, with a factor in common that is not negative.
///
/// ```text
///       Γ ⊢ c ≥ 0      v not free in c
/// ─────────────────────────────────────────
/// Γ ⊢ max_{v: G} c·e = c · max_{v: G} e
/// ```
fn scale(context: &Context, parts: Parts, position: usize, sign: &Evidence) -> Result<Expr, Refusal> {
    let (vars, guard, body) = parts;
    let Expr::Mul(mut factors) = body else { return shape("a maximum of a product") };
    if position >= factors.len() {
        return shape("a maximum of a product");
    }
    let common = factors.remove(position);
    check_free(&vars, &common)?;
    sign.check(context, &common, Sign::NotNegative)?;
    Ok(Expr::Mul(vec![common, Expr::Max(vars, guard, Box::new(Expr::Mul(factors)))]))
}

impl Peak {
    /// **maximum**, reached at one place.
    ///
    /// ```text
    /// {v : G} finite      Γ ⊢ G{v↦t}      Γ, G, v₁ = t₁, …, vₖ ≠ tₖ ⊢ e{v↦t} > e   for every k
    /// ────────────────────────────────────────────────────────────────────────────────────────
    ///                          Γ ⊢ max_{v: G} e = e{v↦t}
    /// ```
    ///
    /// The letters are scalars: that a point with coordinates is another one is no condition on each of them. Since the inequality is
    /// strict, the two sides are equal near the point as well, and have the same derivatives.
    fn apply(&self, context: &Context, (vars, guard, body): Parts) -> Result<Expr, Refusal> {
        let mut known = context.clone();
        for used in &self.uses {
            let condition = used.condition(context)?;
            known.facts.extend(condition.literals().cloned());
        }
        check_finite(&context.facts, &vars, &guard, &self.finite)?;
        self.point.check(&known, &vars, &guard)?;
        if let Some(var) = vars.iter().find(|var| var.rank != Rank::Scalar) {
            return Err(Refusal::Rank(Index::from(var)));
        }
        // The place is written in the letters of the context: `open` has given the bound ones other names.
        let map = Substitution::of_indices(assign(&vars, &self.point.terms)?);
        map.check_growth(&body)?;
        let largest = body.substitute(&map);
        let difference = Expr::Add(vec![largest.clone(), Expr::Mul(vec![Expr::from(-1), body])]);
        if vars.len() != self.larger.len() {
            return Err(Refusal::Count { what: "signs", expected: vars.len(), found: self.larger.len() });
        }
        let mut within = known.under(&vars, &guard);
        for ((var, term), evidence) in vars.iter().zip(&self.point.terms).zip(&self.larger) {
            let apart = &Index::from(var) - term;
            let mut other = within.clone();
            other.facts.insert(Literal::ne(apart.clone()));
            evidence.check(&other, &difference, Sign::Positive)?;
            within.facts.insert(Literal::eq(apart));
        }
        Ok(largest)
    }
}

fn check_free(vars: &[Var], expr: &Expr) -> Result<(), Refusal> {
    let free = expr.free_vars();
    match vars.iter().find(|var| free.contains(var)) {
        Some(var) => Err(Refusal::Captured(var.clone())),
        None => Ok(()),
    }
}

impl Point {
    /// Checks that the terms speak of what is in scope, and that the range contains them.
    pub(super) fn check(&self, context: &Context, vars: &[Var], guard: &Guard) -> Result<(), Refusal> {
        let map = assign(vars, &self.terms)?;
        check_ranks(vars, &self.terms)?;
        let mut checker = context.checker();
        self.terms.iter().try_for_each(|term| checker.index(term))?;
        check_growth(&map, guard.indices())?;
        check_guard(&context.facts, &guard.substitute(&map), &self.proofs)
    }
}
