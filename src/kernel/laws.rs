//! The laws: each one function, given what stands on the left, giving what stands on the right.
//!
//! A law is used from left to right or from right to left alike; the certificate says which. What a law needs to know about
//! integers is checked from certificates ([`super::arithmetic`]) under the facts Γ that hold where it is applied.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use num_traits::One;
use serde::{Deserialize, Serialize};

use super::arithmetic::{Entailments, Facts, Finiteness, check_all, check_finite, check_guard};
use super::calculus::{differentiate, slope};
use super::expr::{Expr, Tensor};
use super::guard::{Guard, Literal};
use super::index::{Atom, Index, Name, Rank, Var};
use super::maximum::Maximum;
use super::premise::{self, Evidence, Use};
use super::refusal::Refusal;
use super::ring::ring_equal;
use super::signature::{Signature, assign};
use super::substitute::{Substitution, check_growth};
use super::theorem::{Claim, Theorem};
use super::wellformed::{Checker, same_axes};

/// One use of a law, with its parameters and certificates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Law {
    /// [`ring`]
    Ring,
    /// [`index`]
    Index(Entailments),
    /// [`fubini`]
    Fubini(FiniteNest),
    /// [`linear_sum`]
    LinearSum,
    /// [`linear_factor`]: which factor is the sum, counted from 0.
    LinearFactor(usize),
    /// [`guard_absorb`]: which factor of the body is the bracket, counted from 0.
    GuardAbsorb(usize, Finiteness),
    /// [`guard_support`]
    GuardSupport,
    /// [`guard_equivalent`]
    GuardEquivalent(Equivalence),
    /// [`guard_split`]
    GuardSplit(Literal),
    /// [`guard_assumed`]
    GuardAssumed(Box<Use>),
    /// [`reindex`]
    Reindex(Box<Reindexing>),
    /// [`unfold`]
    Unfold,
    /// [`count`]
    Count(Range),
    /// [`telescope`]
    Telescope(Box<Expr>, Range),
    /// [`Maximum`]
    Maximum(Box<Maximum>),
    /// [`differentiate`]
    Differentiate,
    /// [`slope`]
    Slope,
    /// [`inverse`](super::premise::inverse): a proof that the expression is not 0.
    Inverse(Box<Evidence>),
    /// [`theorem`]
    Theorem(Box<Instance>),
}

/// The letter's first and last value, and a proof that they are not more than one step the wrong way round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// The first value.
    pub lower: Index,
    /// The last value; for `telescope` it is left out.
    pub upper: Index,
    /// A proof of `lower ≤ upper + 1` (for `telescope`: `lower ≤ upper`).
    pub proofs: Entailments,
}

/// Finiteness of the outer and of the inner sum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FiniteNest {
    /// Of the outer letters.
    pub outer: Finiteness,
    /// Of the inner letters, for fixed outer ones.
    pub inner: Finiteness,
}

/// A guard and proofs that it holds exactly where the old one does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Equivalence {
    /// The new guard.
    pub guard: Guard,
    /// The old guard implies each literal of the new one.
    pub forward: Entailments,
    /// The new guard implies each literal of the old one.
    pub backward: Entailments,
}

/// A pair of mutually inverse maps between index sets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reindexing {
    /// The new letters.
    pub vars: Vec<Var>,
    /// The new index set D′.
    pub guard: Guard,
    /// φ: each old letter in terms of the new ones.
    pub phi: Vec<Index>,
    /// ψ: each new letter in terms of the old ones.
    pub psi: Vec<Index>,
    /// φ maps D′ into D.
    pub phi_into: Entailments,
    /// ψ maps D into D′.
    pub psi_into: Entailments,
    /// ψ∘φ = id on D′.
    pub psi_phi: Entailments,
    /// φ∘ψ = id on D.
    pub phi_psi: Entailments,
}

/// A use of an earlier theorem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// The theorem.
    pub theorem: Name,
    /// A term for each of its sizes and free indices.
    pub indices: Vec<(Var, Index)>,
    /// A tensor for each of its tensors.
    pub tensors: Vec<(Name, Tensor)>,
    /// Its assumptions and index ranges hold.
    pub assumptions: Entailments,
    /// Each tensor is zero outside the box that the theorem declares, in the order of its declarations.
    pub supports: Vec<Entailments>,
}

/// Where a law is applied: the declarations, the earlier theorems, and the facts Γ with every letter in scope.
#[derive(Clone)]
pub(super) struct Context<'a> {
    pub signature: &'a Signature,
    pub theorems: &'a [Theorem],
    pub facts: Facts,
    pub scope: BTreeSet<Var>,
}

impl Context<'_> {
    /// This context with more letters and facts.
    pub fn under(&self, vars: &[Var], guard: &Guard) -> Self {
        let mut inner = self.clone();
        inner.scope.extend(vars.iter().cloned());
        guard.collect_vars(&mut inner.scope);
        inner.facts.extend(guard.literals().cloned());
        inner
    }

    /// A binder's parts, with new names for letters that are in scope already or in `taken`.
    pub fn open(&self, taken: &BTreeSet<Var>, vars: &[Var], guard: &Guard, body: &Expr) -> (Vec<Var>, Guard, Expr) {
        let clashes = |var: &Var| self.scope.iter().chain(taken).any(|other| other.name == var.name);
        if !vars.iter().any(clashes) {
            return (vars.to_vec(), guard.clone(), body.clone());
        }
        let mut avoid: BTreeSet<Var> = self.scope.union(taken).cloned().collect();
        guard.collect_vars(&mut avoid);
        body.collect_free(&mut avoid);
        avoid.extend(vars.iter().cloned());
        let mut renamed = Vec::new();
        for var in vars {
            let name = if clashes(var) { var.fresh(&avoid) } else { var.clone() };
            avoid.insert(name.clone());
            renamed.push(name);
        }
        let map = Substitution::of_indices(vars.iter().cloned().zip(renamed.iter().map(Index::from)).collect());
        (renamed, guard.substitute(map.indices()), body.substitute(&map))
    }

    /// A check of terms that a certificate gives as a law's parameters.
    pub fn checker(&self) -> Checker<'_> {
        Checker::new(self.signature, self.scope.iter().cloned().collect())
    }

    fn facts_and(&self, guard: &Guard) -> Facts {
        self.facts.iter().chain(guard.literals()).cloned().collect()
    }
}

impl Law {
    /// The stable name of the law.
    pub fn name(&self) -> &'static str {
        match self {
            Law::Ring => "ring",
            Law::Index(_) => "index",
            Law::Fubini(_) => "fubini",
            Law::LinearSum | Law::LinearFactor(_) => "linear",
            Law::GuardAbsorb(_, _)
            | Law::GuardSupport
            | Law::GuardEquivalent(_)
            | Law::GuardSplit(_)
            | Law::GuardAssumed(_) => "guard",
            Law::Reindex(_) => "reindex",
            Law::Unfold => "unfold",
            Law::Count(_) => "count",
            Law::Telescope(_, _) => "telescope",
            Law::Maximum(_) => "maximum",
            Law::Differentiate | Law::Slope => "differentiate",
            Law::Inverse(_) => "inverse",
            Law::Theorem(_) => "theorem",
        }
    }

    /// What the law makes of `expr`; `to` is what the certificate records, used only by laws that compare.
    pub(super) fn apply(&self, context: &Context, expr: &Expr, to: &Expr) -> Result<Expr, Refusal> {
        match self {
            Law::Ring => ring(expr, to),
            Law::Index(proofs) => index(context, expr, to, proofs),
            Law::Fubini(finite) => fubini(context, expr, finite),
            Law::LinearSum => linear_sum(expr),
            Law::LinearFactor(position) => linear_factor(context, expr, *position),
            Law::GuardAbsorb(position, finite) => guard_absorb(context, expr, *position, finite),
            Law::GuardSupport => guard_support(context, expr),
            Law::GuardEquivalent(equivalence) => guard_equivalent(context, expr, equivalence),
            Law::GuardSplit(literal) => guard_split(expr, literal),
            Law::GuardAssumed(used) => guard_assumed(context, expr, used),
            Law::Reindex(maps) => reindex(context, expr, maps),
            Law::Unfold => unfold(context, expr),
            Law::Count(range) => count(context, expr, range),
            Law::Telescope(summand, range) => telescope(context, expr, summand, range),
            Law::Maximum(use_) => use_.apply(context, expr),
            Law::Differentiate => differentiate(context, expr),
            Law::Slope => slope(context, expr),
            Law::Inverse(evidence) => premise::inverse(context, expr, evidence),
            Law::Theorem(instance) => theorem(context, expr, instance),
        }
    }
}

fn shape<T>(law: &'static str, needs: &'static str) -> Result<T, Refusal> {
    Err(Refusal::Shape { law, needs })
}

/// **ring.** Equality in every commutative ring that contains the rationals; see [`super::ring`].
///
/// ```text
/// normal(a) = normal(b)
/// ─────────────────────
///      Γ ⊢ a = b
/// ```
fn ring(expr: &Expr, to: &Expr) -> Result<Expr, Refusal> {
    if ring_equal(expr, to)? {
        return Ok(to.clone());
    }
    Err(Refusal::NotRingEqual { left: Box::new(expr.clone()), right: Box::new(to.clone()) })
}

/// **index.** Equal integers may replace each other in a position, in an integer term and in a definition's parameters.
///
/// ```text
///   Γ ⊢ e = e′  …
/// ─────────────────
/// Γ ⊢ T[e] = T[e′]
/// ```
fn index(context: &Context, expr: &Expr, to: &Expr, proofs: &Entailments) -> Result<Expr, Refusal> {
    let mut pairs: Vec<(&Index, &Index)> = Vec::new();
    let zip = |left: &'_ [Index], right: &'_ [Index]| {
        if left.len() == right.len() {
            Ok(())
        } else {
            Err(Refusal::Count { what: "indices", expected: left.len(), found: right.len() })
        }
    };
    match (expr, to) {
        (Expr::Integer(a), Expr::Integer(b)) => pairs.push((a, b)),
        (Expr::Entry(s, a), Expr::Entry(t, b)) => {
            zip(a, b)?;
            pairs.extend(a.iter().zip(b));
            match (s, t) {
                (
                    Tensor::Call { definition: f, parameters: p, tensors: x },
                    Tensor::Call { definition: g, parameters: q, tensors: y },
                ) if f == g && x == y => {
                    zip(p, q)?;
                    pairs.extend(p.iter().zip(q));
                }
                _ if s == t => {}
                _ => return shape("index", "entries of the same tensor"),
            }
        }
        _ => return shape("index", "two entries or two integer terms"),
    }
    check_all(&context.facts, pairs.into_iter().map(|(a, b)| Literal::eq(a - b)), proofs)?;
    Ok(to.clone())
}

/// **fubini.** A sum of sums is one sum over all the letters.
///
/// ```text
/// {u : G} finite      Γ, G ⊢ {v : H} finite
/// ────────────────────────────────────────────
/// Γ ⊢ Σ_{u: G} Σ_{v: H} e = Σ_{u,v: G ∧ H} e
/// ```
fn fubini(context: &Context, expr: &Expr, finite: &FiniteNest) -> Result<Expr, Refusal> {
    let Expr::Sum(outer, guard, body) = expr else { return shape("fubini", "a sum of sums") };
    let (outer, guard, body) = context.open(&BTreeSet::new(), outer, guard, body);
    let Expr::Sum(inner, inner_guard, body) = body else { return shape("fubini", "a sum of sums") };
    let within = context.under(&outer, &guard);
    let (inner, inner_guard, body) = within.open(&BTreeSet::new(), &inner, &inner_guard, &body);
    check_finite(&context.facts, &outer, &guard, &finite.outer)?;
    check_finite(&within.facts, &inner, &inner_guard, &finite.inner)?;
    Ok(Expr::Sum(outer.into_iter().chain(inner).collect(), guard.and(&inner_guard), Box::new(body)))
}

/// **linear**, over a sum of terms: `Σ (a + b) = Σ a + Σ b`.
fn linear_sum(expr: &Expr) -> Result<Expr, Refusal> {
    let Expr::Sum(vars, guard, body) = expr else { return shape("linear", "a Σ over a sum of terms") };
    let Expr::Add(terms) = body.as_ref() else { return shape("linear", "a Σ over a sum of terms") };
    let each = |term: &Expr| Expr::Sum(vars.clone(), guard.clone(), Box::new(term.clone()));
    Ok(Expr::Add(terms.iter().map(each).collect()))
}

/// **linear**, over factors free of the letters: `c · Σ_{v: G} e = Σ_{v: G} c·e`.
fn linear_factor(context: &Context, expr: &Expr, position: usize) -> Result<Expr, Refusal> {
    let Expr::Mul(factors) = expr else { return shape("linear", "a product with a Σ") };
    let Some(Expr::Sum(vars, guard, body)) = factors.get(position) else {
        return shape("linear", "a product with a Σ");
    };
    let mut taken = BTreeSet::new();
    for (_, factor) in factors.iter().enumerate().filter(|(other, _)| *other != position) {
        factor.collect_free(&mut taken);
    }
    let (vars, guard, body) = context.open(&taken, vars, guard, body);
    let inner =
        factors.iter().enumerate().map(|(other, factor)| if other == position { body.clone() } else { factor.clone() });
    let body = Expr::Mul(inner.collect());
    Ok(Expr::Sum(vars, guard, Box::new(body)))
}

/// **guard**, from body to range: `Σ_{v: G} [P]·e = Σ_{v: G ∧ P} e`, where `{v : G}` is finite.
fn guard_absorb(context: &Context, expr: &Expr, position: usize, finite: &Finiteness) -> Result<Expr, Refusal> {
    let Expr::Sum(vars, guard, body) = expr else { return shape("guard", "a Σ over a product with a bracket") };
    let (vars, guard, body) = context.open(&BTreeSet::new(), vars, guard, body);
    let mut factors = match body {
        Expr::Mul(factors) => factors,
        other => vec![other],
    };
    let Some(Expr::Bracket(condition)) = factors.get(position).cloned() else {
        return shape("guard", "a Σ over a product with a bracket");
    };
    check_finite(&context.facts, &vars, &guard, finite)?;
    factors.remove(position);
    Ok(Expr::Sum(vars, guard.and(&condition), Box::new(Expr::Mul(factors))))
}

/// **guard**, zero outside the box: `T[e] = [e ∈ box]·T[e]`.
fn guard_support(context: &Context, expr: &Expr) -> Result<Expr, Refusal> {
    let Expr::Entry(tensor, position) = expr else { return shape("guard", "an entry of a tensor") };
    let support = context.signature.support(tensor, position)?;
    Ok(Expr::Mul(vec![Expr::Bracket(support), expr.clone()]))
}

/// **guard**, equivalent conditions: `[P] = [Q]`, `Σ_{v: P} e = Σ_{v: Q} e`, `max_{v: P} e = max_{v: Q} e`.
///
/// ```text
/// Γ, P ⊢ Q      Γ, Q ⊢ P
/// ──────────────────────
///    Γ ⊢ [P] = [Q]
/// ```
fn guard_equivalent(context: &Context, expr: &Expr, equivalence: &Equivalence) -> Result<Expr, Refusal> {
    let check = |vars: &[Var], guard: &Guard| {
        context.checker().under(vars, |inner| inner.guard(&equivalence.guard))?;
        check_guard(&context.facts_and(guard), &equivalence.guard, &equivalence.forward)?;
        check_guard(&context.facts_and(&equivalence.guard), guard, &equivalence.backward)
    };
    let new = equivalence.guard.clone();
    match expr {
        Expr::Bracket(guard) => {
            check(&[], guard)?;
            Ok(Expr::Bracket(new))
        }
        Expr::Sum(vars, guard, body) | Expr::Max(vars, guard, body) => {
            let (vars, guard, body) = context.open(&BTreeSet::new(), vars, guard, body);
            check(&vars, &guard)?;
            match expr {
                Expr::Sum(_, _, _) => Ok(Expr::Sum(vars, new, Box::new(body))),
                _ => Ok(Expr::Max(vars, new, Box::new(body))),
            }
        }
        _ => shape("guard", "a bracket, a Σ or a max"),
    }
}

/// **guard**, excluded middle: `e = [P]·e + [¬P]·e` for a condition on one coordinate.
fn guard_split(expr: &Expr, literal: &Literal) -> Result<Expr, Refusal> {
    if literal.rank() != Some(Rank::Scalar) {
        return Err(Refusal::RankedNegation(literal.clone()));
    }
    let case = |literal: Literal| Expr::Mul(vec![Expr::Bracket([literal].into_iter().collect()), expr.clone()]);
    Ok(Expr::Add(vec![case(literal.clone()), case(literal.negated())]))
}

/// **guard**, assumed: a condition on integers that is assumed for all v in G.
///
/// ```text
///    Γ ⊢ G{v↦t}
/// ─────────────────
/// Γ ⊢ 1 = [P{v↦t}]
/// ```
fn guard_assumed(context: &Context, expr: &Expr, used: &Use) -> Result<Expr, Refusal> {
    if *expr != Expr::from(1) {
        return shape("guard", "the number 1");
    }
    Ok(Expr::Bracket(used.condition(context)?))
}

/// **reindex.** A sum over D is the sum over D′ along a bijection, and so is a maximum.
///
/// ```text
/// Γ, v′ ∈ D′ ⊢ φ(v′) ∈ D,  ψ(φ(v′)) = v′      Γ, v ∈ D ⊢ ψ(v) ∈ D′,  φ(ψ(v)) = v
/// ───────────────────────────────────────────────────────────────────────────────
///                Γ ⊢ Σ_{v ∈ D} f(v) = Σ_{v′ ∈ D′} f(φ(v′))
/// ```
fn reindex(context: &Context, expr: &Expr, maps: &Reindexing) -> Result<Expr, Refusal> {
    let (Expr::Sum(vars, guard, body) | Expr::Max(vars, guard, body)) = expr else {
        return shape("reindex", "a Σ or a max");
    };
    let (vars, guard, body) = context.open(&BTreeSet::new(), vars, guard, body);
    let phi = assign(&vars, &maps.phi)?;
    let body = Box::new(maps.onto(context, (vars, guard, body))?);
    check_all(&context.facts_and(&maps.guard), inverse(&maps.vars, &maps.psi, &phi), &maps.psi_phi)?;
    Ok(match expr {
        Expr::Max(_, _, _) => Expr::Max(maps.vars.clone(), maps.guard.clone(), body),
        _ => Expr::Sum(maps.vars.clone(), maps.guard.clone(), body),
    })
}

impl Reindexing {
    /// Checks that φ takes D′ onto D, where ψ chooses a point of D′ for each of D. The result is f(φ(v′)).
    pub(super) fn onto(
        &self,
        context: &Context,
        (vars, guard, body): (Vec<Var>, Guard, Expr),
    ) -> Result<Expr, Refusal> {
        // The new letters are new, and the maps and guards mention the letters of their own side only.
        let mut seen = BTreeSet::new();
        let (mut outer, mut mentioned_new, mut mentioned_old) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        guard.collect_vars(&mut outer);
        body.collect_free(&mut outer);
        outer.retain(|var| !vars.contains(var));
        outer.extend(context.scope.iter().cloned());
        for var in &self.vars {
            if !seen.insert(&var.name) {
                return Err(Refusal::Repeated(var.clone()));
            }
            if outer.iter().any(|other| other.name == var.name) {
                return Err(Refusal::Captured(var.clone()));
            }
        }
        self.guard.collect_vars(&mut mentioned_new);
        self.phi.iter().for_each(|index| index.collect_vars(&mut mentioned_new));
        self.psi.iter().for_each(|index| index.collect_vars(&mut mentioned_old));
        let stray_old = vars.iter().find(|var| !self.vars.contains(var) && mentioned_new.contains(var));
        let stray_new = self.vars.iter().find(|var| !vars.contains(var) && mentioned_old.contains(var));
        if let Some(var) = stray_old.or(stray_new) {
            return Err(Refusal::Captured(var.clone()));
        }
        let mut checker = context.checker();
        checker.under(&self.vars, |inner| {
            inner.guard(&self.guard)?;
            self.phi.iter().try_for_each(|index| inner.index(index))
        })?;
        checker.under(&vars, |inner| self.psi.iter().try_for_each(|index| inner.index(index)))?;
        check_ranks(&vars, &self.phi)?;
        check_ranks(&self.vars, &self.psi)?;
        let phi = assign(&vars, &self.phi)?;
        let psi = assign(&self.vars, &self.psi)?;
        check_growth(&phi, guard.indices().chain(&self.psi))?;
        check_growth(&psi, self.guard.indices().chain(&self.phi))?;
        let (old, new) = (context.facts_and(&guard), context.facts_and(&self.guard));
        check_guard(&new, &guard.substitute(&phi), &self.phi_into)?;
        check_guard(&old, &self.guard.substitute(&psi), &self.psi_into)?;
        check_all(&old, inverse(&vars, &self.phi, &psi), &self.phi_psi)?;
        let phi = Substitution::of_indices(phi);
        phi.check_growth(&body)?;
        Ok(body.substitute(&phi))
    }
}

/// What must hold for `there` after `back` to be the identity on `vars`.
pub fn inverse(vars: &[Var], there: &[Index], back: &BTreeMap<Var, Index>) -> Vec<Literal> {
    vars.iter().zip(there).map(|(var, index)| Literal::eq(&index.substitute(back) - &Index::from(var))).collect()
}

/// A term for a letter has its rank, or is a scalar that acts on every coordinate.
pub(super) fn check_ranks(vars: &[Var], terms: &[Index]) -> Result<(), Refusal> {
    for (var, term) in vars.iter().zip(terms) {
        match term.rank() {
            Some(rank) if rank == var.rank || rank == Rank::Scalar => {}
            _ => return Err(Refusal::Rank(term.clone())),
        }
    }
    Ok(())
}

/// **unfold.** An entry of a definition is its body where the position is in the box, else 0; read backwards it is *fold*.
///
/// ```text
/// f(p, A)[v ∈ B] = e
/// ──────────────────────────────────────────────
/// Γ ⊢ f(q, T)[a] = [a ∈ B(q)] · e{p↦q, A↦T, v↦a}
/// ```
fn unfold(context: &Context, expr: &Expr) -> Result<Expr, Refusal> {
    let Expr::Entry(tensor, position) = expr else { return shape("unfold", "an entry of a definition") };
    let support = context.signature.support(tensor, position)?;
    let body = match tensor {
        Tensor::Named(_) => return shape("unfold", "an entry of a definition"),
        Tensor::Call { definition, parameters, tensors } => {
            let definition = context.signature.definition(definition)?;
            if definition.tensors.len() != tensors.len() {
                return Err(Refusal::Count {
                    what: "tensors",
                    expected: definition.tensors.len(),
                    found: tensors.len(),
                });
            }
            let mut indices = assign(&definition.parameters, parameters)?;
            indices.extend(assign(&definition.axes, position)?);
            let names = definition.tensors.iter().map(|tensor| tensor.name.clone());
            let map = Substitution::new(indices, names.zip(tensors.iter().cloned()).collect());
            map.check_growth(&definition.body)?;
            definition.body.substitute(&map)
        }
        Tensor::Lambda { axes, body, .. } => {
            let map = Substitution::of_indices(assign(axes, position)?);
            map.check_growth(body)?;
            body.substitute(&map)
        }
    };
    Ok(Expr::Mul(vec![Expr::Bracket(support), body]))
}

/// The parts of a sum over one letter whose range is exactly `lower ..= upper`.
fn interval(context: &Context, expr: &Expr, lower: &Index, upper: &Index) -> Result<(Var, Expr), Refusal> {
    let needs = "a Σ over one letter from a lower to an upper bound";
    let Expr::Sum(vars, guard, body) = expr else { return shape("count", needs) };
    let (vars, guard, body) = context.open(&BTreeSet::new(), vars, guard, body);
    let [var] = vars.as_slice() else { return shape("count", needs) };
    if lower.contains(var) || upper.contains(var) {
        return Err(Refusal::Captured(var.clone()));
    }
    if guard != Guard::between(lower, &Index::from(var), upper) {
        return shape("count", needs);
    }
    // A scalar between ends with coordinates has all of these ranges at once, and how far apart the ends are does not show it.
    check_ranks(&[var.clone(), var.clone()], &[lower.clone(), upper.clone()])?;
    Ok((var.clone(), body))
}

/// **count.** A constant summed over an interval; for a letter with coordinates over a box, whose volume is the product of its sides.
///
/// ```text
///   Γ ⊢ a ≤ b + 1      k not free in e             Γ ⊢ a ≤ b + 1      k : D not free in e
/// ─────────────────────────────────────      ────────────────────────────────────────────
/// Γ ⊢ Σ_{a ≤ k ≤ b} e = (b − a + 1) · e      Γ ⊢ Σ_{a ≤ k ≤ b} e = vol(b − a + 1) · e
/// ```
fn count(context: &Context, expr: &Expr, range: &Range) -> Result<Expr, Refusal> {
    let (var, body) = interval(context, expr, &range.lower, &range.upper)?;
    if body.free_vars().contains(&var) {
        return Err(Refusal::Captured(var));
    }
    let length = &(&range.upper - &range.lower) + &Index::constant(BigInt::one());
    if length.rank().as_ref() != Some(&var.rank) {
        return Err(Refusal::Rank(length));
    }
    check_all(&context.facts, [Literal::ge(length.clone())], &range.proofs)?;
    let number = match var.rank {
        Rank::Scalar => length,
        Rank::Symbolic(_) => Index::atom(Atom::Volume(Box::new(length))),
    };
    Ok(Expr::Mul(vec![Expr::Integer(number), body]))
}

/// **telescope.** A sum of differences.
///
/// ```text
///               Γ ⊢ a ≤ b
/// ────────────────────────────────────────────
/// Γ ⊢ Σ_{a ≤ k < b} (F(k+1) − F(k)) = F(b) − F(a)
/// ```
fn telescope(context: &Context, expr: &Expr, summand: &Expr, range: &Range) -> Result<Expr, Refusal> {
    let one = Index::constant(BigInt::one());
    let (var, body) = interval(context, expr, &range.lower, &(&range.upper - &one))?;
    if var.rank != Rank::Scalar {
        return Err(Refusal::Rank(Index::from(&var)));
    }
    check_all(&context.facts, [Literal::le(&range.lower, &range.upper)], &range.proofs)?;
    context.checker().under(std::slice::from_ref(&var), |inner| inner.expr(summand))?;
    let at = |index: &Index| {
        let map = Substitution::of_indices(BTreeMap::from([(var.clone(), index.clone())]));
        map.check_growth(summand)?;
        Ok::<Expr, Refusal>(summand.substitute(&map))
    };
    let minus = |left: Expr, right: Expr| Expr::Add(vec![left, Expr::Mul(vec![Expr::from(-1), right])]);
    let difference = minus(at(&(&Index::from(&var) + &one))?, summand.clone());
    if !ring_equal(&body, &difference)? {
        return Err(Refusal::NotRingEqual { left: Box::new(body), right: Box::new(difference) });
    }
    Ok(minus(at(&range.upper)?, at(&range.lower)?))
}

/// **theorem.** An earlier theorem, for the sizes, tensors and indices at hand.
///
/// ```text
/// A ⊢ l = r proved      Γ ⊢ A{σ}      each σ(X) is zero outside the box of X
/// ──────────────────────────────────────────────────────────────────────────
///                             Γ ⊢ l{σ} = r{σ}
/// ```
fn theorem(context: &Context, expr: &Expr, instance: &Instance) -> Result<Expr, Refusal> {
    let find = context.theorems.iter().find(|theorem| theorem.statement().name == instance.theorem);
    let statement = find.ok_or_else(|| Refusal::UnknownTheorem(instance.theorem.clone()))?.statement();
    let signature = &statement.signature;
    // The theorem speaks of the same definitions and functions.
    for definition in &signature.definitions {
        if context.signature.definition(&definition.name)? != definition {
            return Err(Refusal::BadDefinition(definition.name.clone()));
        }
    }
    if let Some(function) = signature.functions.iter().find(|function| !context.signature.functions.contains(function))
    {
        return Err(Refusal::Undeclared(function.name.clone()));
    }
    let indices: BTreeMap<Var, Index> = instance.indices.iter().cloned().collect();
    let quantified = || statement.parameters.iter().chain(&statement.indices);
    if let Some(var) = quantified().find(|var| !indices.contains_key(var)) {
        return Err(Refusal::Undeclared(var.name.clone()));
    }
    for (var, index) in &indices {
        check_ranks(std::slice::from_ref(var), std::slice::from_ref(index))?;
    }
    let mut checker = context.checker();
    indices.values().try_for_each(|index| checker.index(index))?;
    let facts = statement.assumptions.and(&statement.ranges);
    check_growth(&indices, facts.indices())?;
    let facts = facts.substitute(&indices);
    check_guard(&context.facts, &facts, &instance.assumptions)?;
    let tensors: BTreeMap<Name, Tensor> = instance.tensors.iter().cloned().collect();
    if signature.tensors.len() != instance.supports.len() {
        return Err(Refusal::Count {
            what: "tensors",
            expected: signature.tensors.len(),
            found: instance.supports.len(),
        });
    }
    // Under ∂ a tensor is a variable: another one may take its place, but no expression, nor the same one twice.
    let differentiates = match &statement.claim {
        Claim::Equation(left, right) => left.differentiates() || right.differentiates(),
        Claim::Tensors(left, right) => left.differentiates() || right.differentiates(),
        Claim::Holds(_) | Claim::Iff(_, _) => false,
    };
    let mut variables = BTreeSet::new();
    for (declaration, proofs) in signature.tensors.iter().zip(&instance.supports) {
        let tensor = tensors.get(&declaration.name).ok_or_else(|| Refusal::Undeclared(declaration.name.clone()))?;
        same_axes(&declaration.axes, &checker.tensor(tensor)?)?;
        let mut taken = context.scope.clone();
        tensor.collect_free(&mut taken);
        indices.values().for_each(|index| index.collect_vars(&mut taken));
        let mut position = Vec::new();
        for axis in &declaration.axes {
            let fresh = axis.fresh(&taken);
            position.push(Index::from(&fresh));
            taken.insert(fresh);
        }
        let support = context.signature.support(tensor, &position)?;
        let mut map = indices.clone();
        map.extend(assign(&declaration.axes, &position)?);
        check_growth(&map, declaration.support.indices())?;
        let declared = declaration.support.substitute(&map);
        let variable = matches!(tensor, Tensor::Named(name) if variables.insert(name)) && declared == support;
        if differentiates && !variable {
            return shape("theorem", "other tensors with the same boxes, since it speaks of derivatives");
        }
        check_guard(&context.facts_and(&support), &declared, proofs)?;
    }
    // What it assumes of scalars is assumed here as well, in the same words.
    for premise in &signature.premises {
        let (letters, names) = premise.mentions();
        let unchanged = letters.iter().all(|var| indices.get(var).is_none_or(|index| *index == Index::from(var)))
            && names.iter().all(|name| tensors.get(name).is_none_or(|tensor| *tensor == Tensor::Named(name.clone())));
        if !unchanged || !context.signature.premises.contains(premise) {
            return shape("theorem", "the same assumptions about entries");
        }
    }
    let map = Substitution::new(indices, tensors);
    let (left, right) = match &statement.claim {
        Claim::Equation(left, right) => {
            map.check_growth(left)?;
            map.check_growth(right)?;
            (left.substitute(&map), right.substitute(&map))
        }
        Claim::Tensors(left, right) => {
            let Expr::Entry(_, position) = expr else { return shape("theorem", "an entry of its left side") };
            let at = |tensor: &Tensor| {
                let entry = Expr::Entry(tensor.clone(), Vec::new());
                map.check_growth(&entry)?;
                Ok::<Expr, Refusal>(Expr::Entry(tensor.substitute(&map), position.clone()))
            };
            (at(left)?, at(right)?)
        }
        Claim::Holds(_) | Claim::Iff(_, _) => return shape("theorem", "an equation"),
    };
    if !expr.same(&left) {
        return Err(Refusal::Mismatch { computed: Box::new(left), recorded: Box::new(expr.clone()) });
    }
    Ok(right)
}
