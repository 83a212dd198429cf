//! Statements, certificates, and the one function that makes theorems.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::arithmetic::{Entailments, Facts, check_guard};
use super::expr::{Expr, Tensor};
use super::guard::Guard;
use super::index::{Index, Name, Var};
use super::laws::{Context, Law};
use super::refusal::Refusal;
use super::signature::Signature;
use super::wellformed::{Checker, check_statement, same_axes};

/// What a theorem says, for all sizes under its assumptions, all tensors and functions, and all free indices in their ranges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Its name.
    pub name: Name,
    /// Tensors, functions and definitions.
    pub signature: Signature,
    /// Sizes and other integer parameters.
    pub parameters: Vec<Var>,
    /// What is assumed of them.
    pub assumptions: Guard,
    /// Free indices.
    pub indices: Vec<Var>,
    /// Their ranges.
    pub ranges: Guard,
    /// What is claimed.
    pub claim: Claim,
}

/// The forms of a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Claim {
    /// Two scalars are equal.
    Equation(Expr, Expr),
    /// Two tensors have the same box (as sets of positions) and the same entries.
    Tensors(Tensor, Tensor),
    /// A condition holds.
    Holds(Guard),
    /// Two conditions hold together or not at all.
    Iff(Guard, Guard),
}

impl Claim {
    /// Visits every index term.
    pub fn visit_indices(&self, visit: &mut dyn FnMut(&Index)) {
        match self {
            Claim::Equation(left, right) => [left, right].iter().for_each(|side| side.visit_indices(visit)),
            Claim::Tensors(left, right) => [left, right].iter().for_each(|side| side.visit_indices(visit)),
            Claim::Holds(guard) => guard.indices().for_each(visit),
            Claim::Iff(left, right) => left.indices().chain(right.indices()).for_each(visit),
        }
    }
}

/// Which child to descend into, from the root on; see [`Expr::children`].
pub type Path = Vec<usize>;

/// One equality of a chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Where the law is applied.
    pub path: Path,
    /// The law with its parameters and certificates.
    pub law: Law,
    /// Whether the law leads from the new expression to the old one.
    pub reversed: bool,
    /// The whole expression after the step.
    pub to: Expr,
}

/// Evidence for a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Proof {
    /// For an equation: a chain from the left side to the right side.
    Chain(Vec<Step>),
    /// For an equation of tensors.
    Tensors {
        /// A position is in the left box only if it is in the right one.
        forward: Entailments,
        /// And the other way round.
        backward: Entailments,
        /// Letters for the position, free in the chain.
        axes: Vec<Var>,
        /// A chain from the left entry to the right one, for positions in the box.
        steps: Vec<Step>,
    },
    /// For a condition.
    Entailed(Entailments),
    /// For an equivalence of conditions.
    Equivalent {
        /// The left one implies the right one.
        forward: Entailments,
        /// And the other way round.
        backward: Entailments,
    },
}

impl Proof {
    /// The steps of its chain; none for a condition.
    pub fn steps(&self) -> &[Step] {
        match self {
            Proof::Chain(steps) | Proof::Tensors { steps, .. } => steps,
            Proof::Entailed(_) | Proof::Equivalent { .. } => &[],
        }
    }
}

/// A statement with its proof and the certificates of the theorems that it uses: plain data, from anywhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// What is proved.
    pub statement: Statement,
    /// Certificates of the theorems used, each of which may use those before it.
    pub lemmas: Vec<Certificate>,
    /// The evidence.
    pub proof: Proof,
}

/// A statement that the kernel has checked. There is no way to make one but [`check`].
///
/// It cannot be read from data:
///
/// ```compile_fail
/// let theorem: convprove::kernel::Theorem = serde_json::from_str("{}").unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Theorem {
    statement: Statement,
    laws: BTreeSet<&'static str>,
}

impl Theorem {
    /// What was proved.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The names of the laws that the proof rests on, those of its lemmas included.
    pub fn laws(&self) -> &BTreeSet<&'static str> {
        &self.laws
    }
}

/// Checks a certificate, lemmas first.
///
/// # Errors
/// The first thing that does not hold, as a [`Refusal`].
///
/// ```
/// use convprove::kernel::*;
/// // a·b = b·a for any two numbers a, b: one step by the ring laws.
/// let scalar = |name: &str| TensorDeclaration { name: name.into(), axes: vec![], support: Guard::always() };
/// let (a, b) = (Expr::entry("a", vec![]), Expr::entry("b", vec![]));
/// let (left, right) = (Expr::Mul(vec![a.clone(), b.clone()]), Expr::Mul(vec![b, a]));
/// let statement = Statement {
///     name: "commutes".into(),
///     signature: Signature { tensors: vec![scalar("a"), scalar("b")], ..Signature::default() },
///     parameters: vec![], assumptions: Guard::always(), indices: vec![], ranges: Guard::always(),
///     claim: Claim::Equation(left, right.clone()),
/// };
/// let proof = Proof::Chain(vec![Step { path: vec![], law: Law::Ring, reversed: false, to: right }]);
/// let theorem = check(&Certificate { statement, lemmas: vec![], proof }).unwrap();
/// assert!(theorem.laws().contains("ring"));
/// ```
pub fn check(certificate: &Certificate) -> Result<Theorem, Refusal> {
    let mut lemmas: Vec<Theorem> = Vec::new();
    for lemma in &certificate.lemmas {
        let theorem = check_with(lemma, &lemmas)?;
        lemmas.push(theorem);
    }
    check_with(certificate, &lemmas)
}

/// Checks a certificate's own proof, given theorems for its lemmas.
///
/// # Errors
/// As for [`check`].
pub fn check_with(certificate: &Certificate, theorems: &[Theorem]) -> Result<Theorem, Refusal> {
    let statement = &certificate.statement;
    let mut checker = check_statement(statement)?;
    let facts: Facts = statement.assumptions.and(&statement.ranges).literals().cloned().collect();
    let mut scope: BTreeSet<Var> = statement.parameters.iter().chain(&statement.indices).cloned().collect();
    facts.iter().for_each(|fact| fact.index().collect_vars(&mut scope));
    let mut context = Context { signature: &statement.signature, theorems, facts, scope };
    let mut laws = BTreeSet::new();
    match (&statement.claim, &certificate.proof) {
        (Claim::Equation(left, right), Proof::Chain(steps)) => {
            left.collect_free(&mut context.scope);
            right.collect_free(&mut context.scope);
            check_chain(&context, &mut checker, left, right, steps, &mut laws)?;
        }
        (Claim::Tensors(left, right), Proof::Tensors { forward, backward, axes, steps }) => {
            left.collect_free(&mut context.scope);
            right.collect_free(&mut context.scope);
            // Letters of other ranks than the axes would speak of some positions only.
            same_axes(&checker.tensor(left)?, axes)?;
            for axis in axes {
                if context.scope.iter().any(|var| var.name == axis.name) {
                    return Err(Refusal::Captured(axis.clone()));
                }
                context.scope.insert(axis.clone());
            }
            let position: Vec<Index> = axes.iter().map(Index::from).collect();
            let left_box = statement.signature.support(left, &position)?;
            let right_box = statement.signature.support(right, &position)?;
            check_guard(&context.under(axes, &left_box).facts, &right_box, forward)?;
            check_guard(&context.under(axes, &right_box).facts, &left_box, backward)?;
            let entry = |tensor: &Tensor| Expr::Entry(tensor.clone(), position.clone());
            let (context, left, right) = (context.under(axes, &left_box), entry(left), entry(right));
            checker.under(axes, |inner| check_chain(&context, inner, &left, &right, steps, &mut laws))?;
        }
        (Claim::Holds(guard), Proof::Entailed(proofs)) => check_guard(&context.facts, guard, proofs)?,
        (Claim::Iff(left, right), Proof::Equivalent { forward, backward }) => {
            check_guard(&context.under(&[], left).facts, right, forward)?;
            check_guard(&context.under(&[], right).facts, left, backward)?;
        }
        _ => return Err(Refusal::WrongProof),
    }
    if !matches!(statement.claim, Claim::Equation(_, _)) {
        laws.insert("index");
    }
    Ok(Theorem { statement: statement.clone(), laws })
}

fn check_chain(
    context: &Context,
    checker: &mut Checker,
    left: &Expr,
    right: &Expr,
    steps: &[Step],
    laws: &mut BTreeSet<&'static str>,
) -> Result<(), Refusal> {
    let mut current = left;
    for step in steps {
        checker.expr(&step.to)?;
        check_step(context, current, step)?;
        laws.insert(step.law.name());
        if let Law::Theorem(instance) = &step.law {
            let used = context.theorems.iter().filter(|theorem| theorem.statement.name == instance.theorem);
            used.for_each(|theorem| laws.extend(theorem.laws.iter().copied()));
        }
        current = &step.to;
    }
    if current.same(right) {
        return Ok(());
    }
    Err(Refusal::WrongEnd { expected: Box::new(right.clone()), found: Box::new(current.clone()) })
}

/// What a law makes of the subterm at a path, as [`check`] would compute it. This makes no theorem: it lets a search build the
/// steps of a certificate without a second copy of the laws.
///
/// # Errors
/// As for [`check`].
pub fn apply_law(situation: &Situation, expr: &Expr, to: &Expr, path: &[usize], law: &Law) -> Result<Expr, Refusal> {
    let mut scope = situation.scope.clone();
    expr.collect_free(&mut scope);
    to.collect_free(&mut scope);
    let Situation { signature, theorems, facts, .. } = situation;
    congruence(&Context { signature, theorems, facts: facts.clone(), scope }, expr, to, path, law)
}

/// Where [`apply_law`] works: what is declared, proved before, and assumed.
#[derive(Clone)]
pub struct Situation<'a> {
    /// Tensors, functions, definitions.
    pub signature: &'a Signature,
    /// Earlier theorems.
    pub theorems: &'a [Theorem],
    /// Assumptions and ranges of free indices.
    pub facts: Facts,
    /// The letters in scope.
    pub scope: BTreeSet<Var>,
}

/// Checks one equality: the law, applied at the path to one side, gives the other side.
fn check_step(context: &Context, from: &Expr, step: &Step) -> Result<(), Refusal> {
    let (start, end) = if step.reversed { (&step.to, from) } else { (from, &step.to) };
    let computed = congruence(context, start, end, &step.path, &step.law)?;
    if computed.same(end) {
        return Ok(());
    }
    Err(Refusal::Mismatch { computed: Box::new(computed), recorded: Box::new(end.clone()) })
}

/// **congruence.** A law applied inside an expression. Under Σ and max the guard joins Γ, and beside a bracket its condition.
///
/// ```text
///       Γ, G ⊢ e = e′                    Γ, P ⊢ e = e′
/// ─────────────────────────────      ─────────────────────
/// Γ ⊢ Σ_{v: G} e = Σ_{v: G} e′       Γ ⊢ [P]·e = [P]·e′
/// ```
fn congruence(context: &Context, expr: &Expr, to: &Expr, path: &[usize], law: &Law) -> Result<Expr, Refusal> {
    let Some((&position, rest)) = path.split_first() else { return law.apply(context, expr, to) };
    let mut result = expr.clone();
    if let Expr::Sum(vars, guard, body) | Expr::Max(vars, guard, body) = expr {
        // Both sides get the same new letters, so that a law that compares sees the same names.
        let (Expr::Sum(to_vars, to_guard, to_body) | Expr::Max(to_vars, to_guard, to_body)) = to else {
            return Err(Refusal::Path);
        };
        if position != 0 || to_vars.len() != vars.len() {
            return Err(Refusal::Path);
        }
        let mut taken = BTreeSet::new();
        to_guard.collect_vars(&mut taken);
        to_body.collect_free(&mut taken);
        taken.retain(|var| !to_vars.contains(var) && !vars.contains(var));
        let (vars, guard, body) = context.open(&taken, vars, guard, body);
        let to_body = rename(to_vars, &vars, to_body);
        let inner = congruence(&context.under(&vars, &guard), &body, &to_body, rest, law)?;
        return Ok(match expr {
            Expr::Sum(_, _, _) => Expr::Sum(vars, guard, Box::new(inner)),
            _ => Expr::Max(vars, guard, Box::new(inner)),
        });
    }
    let to_child = to.children().get(position).ok_or(Refusal::Path)?;
    let beside = match expr {
        Expr::Mul(factors) => {
            let others = factors.iter().enumerate().filter(|(other, _)| *other != position);
            others.fold(Guard::always(), |guard, (_, factor)| match factor {
                Expr::Bracket(condition) => guard.and(condition),
                _ => guard,
            })
        }
        _ => Guard::always(),
    };
    let child = result.children_mut().get_mut(position).ok_or(Refusal::Path)?;
    *child = congruence(&context.under(&[], &beside), child, to_child, rest, law)?;
    Ok(result)
}

fn rename(from: &[Var], to: &[Var], body: &Expr) -> Expr {
    if from == to {
        return body.clone();
    }
    let map = from.iter().cloned().zip(to.iter().map(Index::from)).collect();
    body.substitute(&super::substitute::Substitution::of_indices(map))
}
