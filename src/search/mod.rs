//! Untrusted search: from a statement to a certificate.
//!
//! The flow: [`prove`] hands an equation to [`saturate`], where egg applies the laws. [`simplify`] holds the directed
//! rules (sums in closed form are in `count`, maxima in `maxima`, `cover` and `peak`, tiles in `tiles`, floors beside conditions in `beside`, inverses in `inverse` with `signs`), [`finder`] finds substitutions (terms as [`monomial`]s, their factors paired by [`matching`]), [`transport`] carries them out, [`lemma`] uses earlier theorems; all of them build
//! [`chain`]s of kernel laws. [`replay`] turns egg's explanation into one chain, and the kernel checks it. Nothing here is
//! trusted: a mistake costs a proof, never a false theorem.

mod assumed;
mod beside;
pub mod chain;
mod count;
mod cover;
pub mod derivatives;
pub mod finder;
mod inverse;
pub mod language;
pub mod lemma;
pub mod matching;
mod maxima;
pub mod monomial;
mod peak;
mod pin;
pub mod replay;
pub mod saturate;
mod signs;
pub mod simplify;
mod tiles;
pub mod transport;

use std::time::{Duration, Instant};

use crate::entail;
use crate::kernel::{
    Certificate, Claim, Expr, Facts, Guard, Index, Law, Proof, Refusal, Situation, Statement, Step, Theorem, Var,
    check_with,
};
use saturate::{Ground, Saturation};

/// Counted limits: the same everywhere, whatever the machine.
#[derive(Clone, Debug)]
pub struct Budget {
    /// How often the finder is asked.
    pub rounds: usize,
    /// Iterations of egg per round.
    pub iterations: usize,
    /// E-nodes.
    pub nodes: usize,
    /// Terms that an explanation may list; the longest of the corpus has some 700.
    pub explanation: usize,
    /// Whether summation letters may be changed; off where a hint says how.
    pub reindex: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { rounds: 16, iterations: 200, nodes: 20_000, explanation: 10_000, reindex: true }
    }
}

/// What the search cost.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    /// E-nodes at the end.
    pub nodes: usize,
    /// E-classes at the end.
    pub classes: usize,
    /// Iterations in all rounds.
    pub iterations: usize,
    /// Why the search stopped, in words.
    pub stop: String,
    /// Time in the e-graph: laws, finder, arithmetic.
    pub saturation: Duration,
    /// Time to turn the explanation into steps.
    pub replay: Duration,
    /// Time in the kernel.
    pub kernel: Duration,
}

/// A proved statement with its evidence.
#[derive(Clone, Debug)]
pub struct Proved {
    /// The kernel's word.
    pub theorem: Theorem,
    /// What it was checked from.
    pub certificate: Certificate,
}

/// Why a statement stays open.
#[derive(Clone, Debug, Default)]
pub struct Open {
    /// In words.
    pub reason: String,
    /// Terms of the left side without a partner.
    pub left: Vec<Expr>,
    /// Terms of the right side without a partner.
    pub right: Vec<Expr>,
}

impl Open {
    /// A divisor that is a factor as well in what remains: it would cancel, if it were known not to be 0.
    pub fn uncancelled(&self) -> Option<&Expr> {
        self.left.iter().chain(&self.right).find_map(inverse::uncancelled)
    }
}

/// Looks for a proof, given earlier results that it may use.
///
/// # Errors
/// What remains, where the search ends without a proof.
pub fn prove(
    statement: &Statement,
    earlier: &[Proved],
    budget: &Budget,
    statistics: &mut Statistics,
) -> Result<Proved, Open> {
    let proof = find(statement, earlier, budget, statistics)?;
    certify(statement, earlier, proof, statistics)
}

/// Has the kernel check a proof.
///
/// # Errors
/// Where the kernel refuses, which is a mistake of the search.
pub fn certify(
    statement: &Statement,
    earlier: &[Proved],
    proof: Proof,
    statistics: &mut Statistics,
) -> Result<Proved, Open> {
    let started = Instant::now();
    let lemmas = lemmas_of(&proof, earlier);
    let theorems: Vec<Theorem> = earlier.iter().map(|proved| proved.theorem.clone()).collect();
    let certificate = Certificate { statement: statement.clone(), lemmas, proof };
    let theorem = check_with(&certificate, &theorems);
    statistics.kernel += started.elapsed();
    match theorem {
        Ok(theorem) => Ok(Proved { theorem, certificate }),
        Err(refusal) => Err(refused(&refusal)),
    }
}

fn refused(refusal: &Refusal) -> Open {
    Open { reason: format!("the kernel refused the proof that was found: {refusal}"), ..Open::default() }
}

/// The certificates of the theorems that a proof uses, with those that they use before them.
fn lemmas_of(proof: &Proof, earlier: &[Proved]) -> Vec<Certificate> {
    let mut lemmas: Vec<Certificate> = Vec::new();
    for step in proof.steps() {
        let Law::Theorem(instance) = &step.law else { continue };
        let Some(used) = earlier.iter().find(|proved| proved.certificate.statement.name == instance.theorem) else {
            continue;
        };
        for lemma in used.certificate.lemmas.iter().chain([&used.certificate]) {
            if !lemmas.iter().any(|known| known.statement.name == lemma.statement.name) {
                lemmas.push(Certificate { lemmas: Vec::new(), ..lemma.clone() });
            }
        }
    }
    lemmas
}

fn find(
    statement: &Statement,
    earlier: &[Proved],
    budget: &Budget,
    statistics: &mut Statistics,
) -> Result<Proof, Open> {
    let ground = ground(statement, earlier);
    let arithmetic =
        || Open { reason: "the condition does not follow by the arithmetic that is tried".into(), ..Open::default() };
    let with = |guard: &Guard| ground.facts.iter().chain(guard.literals()).cloned().collect::<Facts>();
    match &statement.claim {
        Claim::Equation(left, right) => Ok(Proof::Chain(equate(&ground, left, right, budget, statistics)?)),
        Claim::Tensors(left, right) => {
            let axes = axes(statement)?;
            let position: Vec<Index> = axes.iter().map(Index::from).collect();
            let support = |tensor| statement.signature.support(tensor, &position).map_err(|refusal| refused(&refusal));
            let (left_box, right_box) = (support(left)?, support(right)?);
            let boxes = || Open { reason: "the two boxes could not be shown equal".into(), ..Open::default() };
            let forward = entail::prove_all(&with(&left_box), right_box.literals().cloned()).ok_or_else(boxes)?;
            let backward = entail::prove_all(&with(&right_box), left_box.literals().cloned()).ok_or_else(boxes)?;
            let mut inside = ground.clone();
            inside.facts = with(&left_box);
            inside.scope.extend(axes.iter().cloned());
            let entry = |tensor: &crate::kernel::Tensor| Expr::Entry(tensor.clone(), position.clone());
            let steps = equate(&inside, &entry(left), &entry(right), budget, statistics)?;
            Ok(Proof::Tensors { forward, backward, axes, steps })
        }
        Claim::Holds(guard) => {
            let proofs = entail::prove_all(&ground.facts, guard.literals().cloned()).ok_or_else(arithmetic)?;
            Ok(Proof::Entailed(proofs))
        }
        Claim::Iff(left, right) => Ok(Proof::Equivalent {
            forward: entail::prove_all(&with(left), right.literals().cloned()).ok_or_else(arithmetic)?,
            backward: entail::prove_all(&with(right), left.literals().cloned()).ok_or_else(arithmetic)?,
        }),
    }
}

/// What a statement assumes and declares, with the earlier theorems.
pub fn ground(statement: &Statement, earlier: &[Proved]) -> Ground {
    let facts: Facts = statement.assumptions.and(&statement.ranges).literals().cloned().collect();
    let mut scope: std::collections::BTreeSet<Var> =
        statement.parameters.iter().chain(&statement.indices).cloned().collect();
    facts.iter().for_each(|fact| fact.index().collect_vars(&mut scope));
    Ground {
        signature: statement.signature.clone(),
        theorems: earlier.iter().map(|proved| proved.theorem.clone()).collect(),
        facts,
        scope,
    }
}

/// Letters for the axes of the two tensors of a claim, new to the statement.
fn axes(statement: &Statement) -> Result<Vec<Var>, Open> {
    let Claim::Tensors(left, right) = &statement.claim else { return Ok(Vec::new()) };
    let mut taken: std::collections::BTreeSet<Var> =
        statement.parameters.iter().chain(&statement.indices).cloned().collect();
    left.collect_free(&mut taken);
    right.collect_free(&mut taken);
    let own = match left {
        crate::kernel::Tensor::Named(name) => statement.signature.tensor(name).map(|tensor| tensor.axes.clone()),
        crate::kernel::Tensor::Call { definition, .. } => {
            statement.signature.definition(definition).map(|definition| definition.axes.clone())
        }
        crate::kernel::Tensor::Lambda { axes, .. } => Ok(axes.clone()),
    };
    let own = own.map_err(|refusal| refused(&refusal))?;
    let mut axes = Vec::new();
    for axis in own {
        let fresh = axis.fresh(&taken);
        taken.insert(fresh.clone());
        axes.push(fresh);
    }
    Ok(axes)
}

/// Steps that lead from one expression to another.
///
/// # Errors
/// What remains, where the search ends without them.
pub fn equate(
    ground: &Ground,
    left: &Expr,
    right: &Expr,
    budget: &Budget,
    statistics: &mut Statistics,
) -> Result<Vec<Step>, Open> {
    let started = Instant::now();
    let (start, end) = (left.canonical(), right.canonical());
    // Earlier theorems come in where the laws alone do not reach: a theorem applies in many places, most of them beside the point.
    let alone = Ground { theorems: Vec::new(), ..ground.clone() };
    let mut saturation = saturate::saturate(&alone, &start, &end, budget, statistics);
    if matches!(saturation, Saturation::Open { .. }) && !ground.theorems.is_empty() {
        saturation = match saturate::saturate(ground, &start, &end, budget, statistics) {
            Saturation::Open { .. } => saturation,
            equal => equal,
        };
    }
    statistics.saturation += started.elapsed();
    let (explanation, proposals) = match saturation {
        Saturation::Equal(explanation, proposals) => (explanation, proposals),
        Saturation::Open { reason, left, right } => return Err(Open { reason, left, right }),
    };
    let started = Instant::now();
    let situation: Situation = ground.situation();
    let chain = replay::replay(&situation, &explanation, &proposals);
    statistics.replay += started.elapsed();
    let steps = match chain {
        Ok(chain) => chain.without_detours().into_steps(),
        Err(step) => {
            let reason = format!("step {step} of the explanation could not be carried out by the kernel's laws");
            return Err(Open { reason, ..Open::default() });
        }
    };
    // The certificate starts at the statement's own letters.
    if *left == start {
        return Ok(steps);
    }
    let renaming = Step { path: Vec::new(), law: Law::Ring, reversed: false, to: start };
    Ok(std::iter::once(renaming).chain(steps).collect())
}
