//! From a certificate to a derivation that reads like a textbook: one visible line for each mathematical idea.
//!
//! The kernel's steps are small. Steps without an idea of their own (rearranging, index arithmetic, moving conditions between a
//! bracket and a range) fold into their neighbours; unfoldings in a row become one line, and so do uses of "zero outside its box".

use std::collections::{BTreeMap, BTreeSet};

use super::carry::{Renewal, carry};
use super::form::{Binder, Condition, Form};
use super::gradient::Opening;
use super::letters;
use super::notation::Notation;
use super::reason::{self, Idea, Part, Substituted};
use super::text;
use crate::kernel::{Certificate, Claim, Definition, Expr, Index, Law, Name, Proof, Statement, Step, Tensor, Var};

/// How much a derivation shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Detail {
    /// One line for each idea.
    #[default]
    Summary,
    /// One line for each step of the kernel.
    Full,
}

/// A proof as it is read.
#[derive(Clone, Debug)]
pub struct Derivation {
    /// The name of the theorem.
    pub title: Name,
    /// What it says.
    pub claim: ClaimForm,
    /// What is said before it, where it answers a request.
    pub opening: Option<Opening>,
    /// Its sizes and other integer parameters.
    pub parameters: Vec<Name>,
    /// What is assumed of them.
    pub assumptions: Vec<Condition>,
    /// What is assumed of the derivatives of functions: equations.
    pub slopes: Vec<(Form, Form)>,
    /// What is assumed of entries and of functions, with the letters for which it is assumed.
    pub premises: Vec<(Condition, Binder)>,
    /// Letters for long quotients, and what they are.
    pub abbreviations: Vec<(Form, Form)>,
    /// The free indices with their ranges.
    pub indices: Binder,
    /// The tensors with their boxes.
    pub tensors: Vec<(Name, Binder)>,
    /// The definitions that the statement speaks of.
    pub definitions: Vec<DefinitionForm>,
    /// The chain of equalities, first line first; empty where the proof is integer arithmetic alone.
    pub lines: Vec<DerivationLine>,
    /// The laws that occur in the proof.
    pub laws: BTreeSet<&'static str>,
    /// The earlier theorems that come with it.
    pub lemmas: Vec<Name>,
}

/// What is claimed, as it is written.
#[derive(Clone, Debug)]
pub enum ClaimForm {
    /// Two scalars or two tensors are equal.
    Equal(Form, Form),
    /// Conditions hold.
    Holds(Vec<Condition>),
    /// Conditions hold together or not at all.
    Iff(Vec<Condition>, Vec<Condition>),
}

/// A definition as it is written.
#[derive(Clone, Debug)]
pub struct DefinitionForm {
    /// The definition applied to its own parameters.
    pub head: Form,
    /// The letters of its axes with the box of its result.
    pub axes: Binder,
    /// The boxes of its tensor parameters.
    pub tensors: Vec<(Name, Binder)>,
    /// The entry inside the box.
    pub body: Form,
}

/// One line of a derivation.
#[derive(Clone, Debug)]
pub struct DerivationLine {
    /// The whole expression.
    pub expr: Form,
    /// The law that leads here; `None` on the first line.
    pub law: Option<&'static str>,
    /// Why it equals the line before.
    pub reason: Vec<Part>,
    /// The substitutions, where there are any.
    pub substitutions: Vec<Substituted>,
    /// What the laws need to know about integers.
    pub side_conditions: Vec<Condition>,
    /// Laws of the steps that are folded into this line.
    pub folded: Vec<&'static str>,
}

impl Derivation {
    /// The same, with what each line needs to know about integers in its reason.
    #[must_use]
    pub fn with_conditions(mut self) -> Self {
        for line in self.lines.iter_mut().filter(|line| !line.side_conditions.is_empty()) {
            line.reason.push(Part::Words("; this needs ".into()));
            let conditions = line.side_conditions.iter().map(|condition| vec![Part::Condition(condition.clone())]);
            line.reason.extend(reason::join(conditions.collect()));
        }
        self
    }
}

/// A line in the making: the steps that belong to one idea.
struct Group {
    idea: Idea,
    law: &'static str,
    substitutions: Vec<Substituted>,
    side_conditions: Vec<Condition>,
    folded: Vec<&'static str>,
    end: Expr,
    /// Routine steps since the idea: the law, what it needed, and where it led.
    trail: Vec<(&'static str, Vec<Condition>, Expr)>,
}

/// The derivation that a certificate records. Nothing is checked here: check the certificate first.
pub fn derivation(certificate: &Certificate, detail: Detail) -> Derivation {
    with_notation(certificate, detail, Notation::of_statement(&certificate.statement))
}

/// The same as a textbook has it, with letters for the long quotients that occur often.
pub fn textbook(certificate: &Certificate, detail: Detail) -> Derivation {
    with_notation(certificate, detail, Notation::of_statement(&certificate.statement).abbreviating(certificate))
}

fn with_notation(certificate: &Certificate, detail: Detail, mut notation: Notation) -> Derivation {
    let statement = &certificate.statement;
    let mut laws = BTreeSet::new();
    collect_laws(certificate, &mut laws);
    let lines = match (&statement.claim, &certificate.proof) {
        (Claim::Equation(left, right), Proof::Chain(steps)) => chain(&notation, left, right, steps, detail),
        (Claim::Tensors(left, right), Proof::Tensors { axes, steps, .. }) => {
            let (axes, map) = readable_axes(axes, &notation.names().taken());
            notation = notation.with_free(axes.iter().cloned());
            let position: Vec<Index> = axes.iter().map(Index::from).collect();
            let at = |tensor: &Tensor| Expr::Entry(tensor.clone(), position.clone());
            let substitution = crate::kernel::Substitution::of_indices(map);
            let named = |step: &Step| Step { to: step.to.substitute(&substitution), ..step.clone() };
            let steps: Vec<Step> = steps.iter().map(named).collect();
            chain(&notation, &at(left), &at(right), &steps, detail)
        }
        _ => Vec::new(),
    };
    header(statement, &notation, lines, laws, certificate)
}

fn header(
    statement: &Statement,
    notation: &Notation,
    lines: Vec<DerivationLine>,
    laws: BTreeSet<&'static str>,
    certificate: &Certificate,
) -> Derivation {
    let boxed = |tensors: &[crate::kernel::TensorDeclaration], notation: &Notation| -> Vec<(Name, Binder)> {
        tensors
            .iter()
            .map(|tensor| (tensor.name.clone(), notation.binder(&tensor.axes, &tensor.support, None)))
            .collect()
    };
    let definition = |definition: &Definition| {
        let notation = Notation::of_definition(&statement.signature, definition);
        let tensors = definition.tensors.iter().map(|tensor| Tensor::Named(tensor.name.clone())).collect();
        let parameters = definition.parameters.iter().map(Index::from).collect();
        let call = Tensor::Call { definition: definition.name.clone(), parameters, tensors };
        DefinitionForm {
            head: notation.tensor(&call),
            axes: notation.binder(&definition.axes, &definition.support, Some(&definition.body)),
            tensors: boxed(&definition.tensors, &notation),
            body: notation.expr(&definition.body),
        }
    };
    Derivation {
        title: statement.name.clone(),
        opening: None,
        claim: match &statement.claim {
            Claim::Equation(left, right) => ClaimForm::Equal(notation.expr(left), notation.expr(right)),
            Claim::Tensors(left, right) => ClaimForm::Equal(notation.tensor(left), notation.tensor(right)),
            Claim::Holds(guard) => ClaimForm::Holds(notation.conditions(guard)),
            Claim::Iff(left, right) => ClaimForm::Iff(notation.conditions(left), notation.conditions(right)),
        },
        parameters: statement.parameters.iter().map(|var| var.name.clone()).collect(),
        assumptions: notation.conditions(&statement.assumptions),
        slopes: notation.slopes(),
        premises: notation.signs().into_iter().chain(notation.premises()).collect(),
        abbreviations: notation.abbreviated(),
        indices: notation.binder(&statement.indices, &statement.ranges, None),
        tensors: boxed(&statement.signature.tensors, notation),
        definitions: statement.signature.definitions.iter().map(definition).collect(),
        lines,
        laws,
        lemmas: certificate.lemmas.iter().map(|lemma| lemma.statement.name.clone()).collect(),
    }
}

fn collect_laws(certificate: &Certificate, laws: &mut BTreeSet<&'static str>) {
    certificate.lemmas.iter().for_each(|lemma| collect_laws(lemma, laws));
    match &certificate.proof {
        Proof::Chain(steps) => laws.extend(steps.iter().map(|step| step.law.name())),
        Proof::Tensors { steps, .. } => {
            laws.extend(steps.iter().map(|step| step.law.name()));
            laws.insert("index");
        }
        Proof::Entailed(_) | Proof::Equivalent { .. } => {
            laws.insert("index");
        }
    }
}

fn readable_axes(axes: &[Var], taken: &BTreeSet<Name>) -> (Vec<Var>, BTreeMap<Var, Index>) {
    let mut taken = taken.clone();
    let mut named = Vec::new();
    for axis in axes {
        let name = if letters::is_canonical(&axis.name) { letters::fresh_axis(&taken) } else { axis.name.clone() };
        taken.insert(name.clone());
        named.push(Var { name, rank: axis.rank.clone() });
    }
    let map = axes.iter().cloned().zip(named.iter().map(Index::from)).collect();
    (named, map)
}

/// The lines of a chain of equalities.
fn chain(notation: &Notation, left: &Expr, right: &Expr, steps: &[Step], detail: Detail) -> Vec<DerivationLine> {
    let mut names = notation.names();
    [left, right].into_iter().for_each(|side| names.scope.extend(side.free_vars().into_iter().map(|var| var.name)));
    let sides = [left, right].into_iter().chain(steps.iter().map(|step| &step.to));
    sides.for_each(|side| letters::names(side, &mut names.reserved));
    let first = letters::readable(left, &names);
    let (mut raw, mut current) = (left.clone(), first.clone());
    let mut groups: Vec<Group> = Vec::new();
    for (position, step) in steps.iter().enumerate() {
        // The last line is the claim's right side in the author's letters.
        let end = if position + 1 == steps.len() && step.to.same(right) { right } else { &step.to };
        let view = reason::reindex_view(&raw, &current, step);
        let renewal = view.as_ref().map(|view| Renewal { path: &step.path, kept: view.kept.clone() });
        let next = carry(end, &current, renewal.as_ref(), &names);
        let mut idea = reason::idea(notation, &raw, &current, step);
        let substituted =
            view.and_then(|view| reason::substituted(notation, &raw, &current, &step.to, &next, step, &view));
        if matches!(step.law, Law::Reindex(_)) && substituted.as_ref().is_some_and(Substituted::is_trivial) {
            idea = Idea::Routine;
        }
        let side_conditions = reason::side_conditions(notation, &raw, &current, &next, step);
        raw = step.to.clone();
        current = next;
        let law = step.law.name();
        let merged = detail == Detail::Summary
            && groups
                .last_mut()
                .is_some_and(|group| group.absorb(&idea, law, &substituted, &side_conditions, &current));
        if !merged {
            let mut group = Group {
                idea,
                law,
                substitutions: substituted.into_iter().collect(),
                side_conditions,
                folded: Vec::new(),
                end: current.clone(),
                trail: Vec::new(),
            };
            if let Some(before) = groups.last_mut() {
                group.take_preparations(before, notation);
            }
            groups.push(group);
        }
    }
    if groups.is_empty() && current.same(right) {
        groups.push(Group::renaming(letters::readable(right, &names)));
    }
    let mut lines = vec![DerivationLine {
        expr: notation.readable_expr(&first),
        law: None,
        reason: Vec::new(),
        substitutions: Vec::new(),
        side_conditions: Vec::new(),
        folded: Vec::new(),
    }];
    groups.iter_mut().for_each(Group::settle);
    let last = groups.len().saturating_sub(1);
    for (position, group) in groups.into_iter().enumerate() {
        let expr = notation.readable_expr(&group.end);
        // What changes nothing that a reader sees is not a line.
        let unchanged = lines.last().is_some_and(|line| line.expr == expr);
        if unchanged && detail == Detail::Summary && !(position == last && lines.len() == 1) {
            if let Some(line) = lines.last_mut() {
                line.folded.push(group.law);
                line.folded.extend(group.folded);
                line.side_conditions.extend(group.side_conditions);
            }
            continue;
        }
        lines.push(DerivationLine {
            expr,
            law: Some(group.law),
            reason: reason::words(&group.idea, group.law, &group.substitutions),
            substitutions: group.substitutions,
            side_conditions: group.side_conditions,
            folded: group.folded,
        });
    }
    lines
}

impl Group {
    fn renaming(end: Expr) -> Self {
        let (substitutions, side_conditions, folded) = (Vec::new(), Vec::new(), Vec::new());
        Group { idea: Idea::Renaming, law: "ring", substitutions, side_conditions, folded, end, trail: Vec::new() }
    }

    /// Folds the routine steps since the idea into it.
    fn settle(&mut self) {
        for (law, conditions, end) in std::mem::take(&mut self.trail) {
            self.folded.push(law);
            self.side_conditions.extend(conditions);
            self.end = end;
        }
    }

    /// Divides the routine steps between two ideas: the line before ends where the expression is shortest, and what comes
    /// after it prepares this idea. Steps that lead to a definition read backwards spread the expression out first.
    fn take_preparations(&mut self, before: &mut Group, notation: &Notation) {
        let length = |end: &Expr| text::form(&notation.readable_expr(end), text::Charset::Ascii).len();
        let mut shortest = (length(&before.end), 0);
        for (position, (_, _, end)) in before.trail.iter().enumerate() {
            let length = length(end);
            if length <= shortest.0 {
                shortest = (length, position + 1);
            }
        }
        for (law, conditions, _) in before.trail.split_off(shortest.1) {
            self.folded.push(law);
            self.side_conditions.extend(conditions);
        }
        before.settle();
    }

    /// Takes a step in, where it belongs to this idea; says whether it did.
    fn absorb(
        &mut self,
        idea: &Idea,
        law: &'static str,
        substituted: &Option<Substituted>,
        side_conditions: &[Condition],
        end: &Expr,
    ) -> bool {
        let fits = match (&mut self.idea, idea) {
            (_, Idea::Routine) => {
                self.trail.push((law, side_conditions.to_vec(), end.clone()));
                return true;
            }
            // Routine steps before the first idea fold into it.
            (mine @ Idea::Routine, other) => {
                *mine = other.clone();
                self.folded.push(self.law);
                self.folded.extend(self.trail.drain(..).map(|(law, _, _)| law));
                self.law = law;
                self.substitutions = substituted.iter().cloned().collect();
                self.side_conditions.extend_from_slice(side_conditions);
                self.end = end.clone();
                return true;
            }
            (Idea::Unfold(mine), Idea::Unfold(more)) | (Idea::Fold(mine), Idea::Fold(more)) => extend(mine, more),
            (Idea::Support(mine), Idea::Support(more)) => {
                for support in more {
                    if !mine.contains(support) {
                        mine.push(support.clone());
                    }
                }
                true
            }
            (Idea::Theorem(mine), Idea::Theorem(more)) => mine == more,
            // Substitutions for letters that have nothing to do with each other are one idea.
            (Idea::Reindex, Idea::Reindex) => match substituted {
                Some(next) => self.substitutions.iter().all(|before| before.independent(next)),
                None => true,
            },
            _ => false,
        };
        if fits {
            self.settle();
            if matches!(idea, Idea::Reindex) {
                self.substitutions.extend(substituted.iter().cloned());
            } else if law != self.law {
                self.folded.push(law);
            }
            self.side_conditions.extend_from_slice(side_conditions);
            self.end = end.clone();
        }
        fits
    }
}

fn extend(mine: &mut Vec<Name>, more: &[Name]) -> bool {
    for name in more {
        if !mine.contains(name) {
            mine.push(name.clone());
        }
    }
    true
}
