//! The definitions of a file as operators that other code may apply.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::call;
use super::derive;
use super::goal;
use super::scope::{Axis, Environment, Known, Scope, Slot};
use crate::kernel::{Claim, Definition, Facts, FunctionDeclaration, Guard, Index, Name, Rank, Statement, Tensor, Var};
use crate::syntax::ast::Span;

/// What a file declares and defines, the standard library included where the file uses it.
#[derive(Clone, Debug, Default)]
pub struct Library(pub(super) Environment);

/// A closed form that is asked for: of a gradient, or of any expression.
#[derive(Clone, Debug)]
pub struct Request {
    /// The name, the free indices with their ranges, and as both sides of the claim the expression as it is given.
    pub statement: Statement,
    /// The loss and the tensor of a gradient, as in `dL/dX`.
    pub of: Option<(Name, Name)>,
    /// What is made from that tensor directly, with the names of the gradients by it; the loss itself has none.
    pub through: Vec<(Name, Option<Name>)>,
    /// Where it stands: byte offsets into the source.
    pub span: Range<usize>,
    /// What names mean where it stands.
    pub library: Arc<Library>,
}

/// A definition that takes tensors.
#[derive(Clone, Copy, Debug)]
pub struct Operator<'a> {
    environment: &'a Environment,
    known: &'a Known,
}

/// A tensor with its box.
#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    /// The tensor.
    pub tensor: Tensor,
    axes: Vec<Axis>,
}

impl Operand {
    /// The ranks of its axes.
    pub fn ranks(&self) -> Vec<Rank> {
        self.axes.iter().map(|axis| axis.rank.clone()).collect()
    }

    /// The first and the last position along an axis; an end that is not there is infinite.
    pub fn side(&self, axis: usize) -> (Option<&Index>, Option<&Index>) {
        self.axes.get(axis).map_or((None, None), |axis| (axis.lower.as_ref(), axis.upper.as_ref()))
    }

    /// The condition that a position lies in the box.
    pub fn contains(&self, position: &[Index]) -> Guard {
        self.axes.iter().zip(position).flat_map(|(axis, index)| axis.contains(index)).collect()
    }

    /// The tensor that is left where some axes are held at a position: `W[f, :, :]`. Axes that stay have `None`.
    pub fn slice(&self, held: &[Option<Index>]) -> Operand {
        let (tensor, axes) = call::slice(&self.tensor, &self.axes, held);
        Operand { tensor, axes }
    }
}

impl<'a> Operator<'a> {
    /// The definition.
    pub fn definition(&self) -> &'a Definition {
        &self.known.definition
    }

    /// The name that an author writes.
    pub fn surface(&self) -> &'a str {
        self.known.surface()
    }

    /// The parameters that a call may give, with their values where it does not.
    pub fn explicit(&self) -> impl Iterator<Item = (&'a Var, Option<&'a Index>)> {
        self.known.slots.iter().filter_map(|slot| match slot {
            Slot::Integer(var, default) => Some((var, default.as_ref())),
            Slot::Tensor(_) => None,
        })
    }

    /// What every call satisfies.
    pub fn assumptions(&self) -> &'a Guard {
        &self.known.assumptions
    }

    /// The sizes that the boxes of its arguments determine.
    pub fn sizes(&self, facts: &Facts, operands: &[Operand]) -> Option<BTreeMap<Var, Index>> {
        let scope = scope(self.environment, facts);
        let tensors: Vec<_> =
            operands.iter().map(|operand| (operand.tensor.clone(), operand.axes.clone(), Span::default())).collect();
        let mut map = BTreeMap::new();
        call::read_sizes(&scope, self.known, &tensors, &mut map).ok()?;
        Some(map)
    }

    /// The operator applied; nothing where the boxes or the assumptions do not fit.
    pub fn apply(&self, facts: &Facts, operands: &[Operand], explicit: &BTreeMap<Var, Index>) -> Option<Operand> {
        let scope = scope(self.environment, facts);
        let given = operands.iter().map(|operand| (operand.tensor.clone(), operand.axes.clone(), Span::default()));
        let (tensor, axes) =
            call::applied(&scope, self.known, given.collect(), explicit.clone(), Span::default()).ok()?;
        Some(Operand { tensor, axes })
    }

    /// The result's box for given values of all parameters.
    pub fn side(&self, axis: usize, parameters: &BTreeMap<Var, Index>) -> (Option<Index>, Option<Index>) {
        let axis = self.known.axes.get(axis).map(|axis| axis.substitute(parameters));
        axis.map_or((None, None), |axis| (axis.lower, axis.upper))
    }

    /// Whether it is defined for letters of any rank.
    pub fn has_ranks(&self) -> bool {
        self.environment.own_ranks.contains_key(self.surface())
    }

    /// Whether it is a definition of the file, and not one that ships.
    pub fn is_own(&self) -> bool {
        !self.environment.library.iter().any(|name| name == self.surface())
    }
}

impl Library {
    /// The definitions that take tensors and give a tensor or a scalar.
    pub fn operators(&self) -> impl Iterator<Item = Operator<'_>> {
        let takes_tensors = |known: &&Known| known.integer.is_none() && !known.definition.tensors.is_empty();
        let operator = |known| Operator { environment: &self.0, known };
        self.0.definitions.iter().filter(takes_tensors).map(operator)
    }

    /// All definitions, for every rank that is declared.
    pub fn definitions(&self) -> Vec<Definition> {
        let kept = self.0.definitions.iter().filter(|known| known.integer.is_none());
        kept.map(|known| known.definition.clone()).collect()
    }

    /// The definitions that some tensors are made of, with those that they use.
    pub fn definitions_of<'t>(&self, tensors: impl IntoIterator<Item = &'t Tensor>) -> Vec<Definition> {
        goal::definitions_of(&self.0, tensors)
    }

    /// The scalar functions, with what is assumed of their derivatives.
    pub fn functions(&self) -> Vec<FunctionDeclaration> {
        let declared = |(name, arity): (&String, &usize)| FunctionDeclaration {
            name: Name::from(name.as_str()),
            arity: *arity,
            slope: self.0.slopes.get(name).cloned(),
            positive: self.0.positive.contains(name),
        };
        self.0.functions.iter().map(declared).collect()
    }

    /// A declared tensor.
    pub fn operand(&self, name: &Name) -> Option<Operand> {
        let named = self.0.tensors.get(name.as_str())?;
        Some(Operand { tensor: Tensor::Named(name.clone()), axes: named.axes.clone() })
    }

    /// What `let` says of a name.
    pub fn named(&self, name: &str) -> Option<&Tensor> {
        self.0.lets.get(name).map(|made| &made.local)
    }

    /// What `let` says of a name as a formula: free indices in the tensor's box, the entry on both sides of the claim.
    pub fn forward(&self, name: &Name) -> Option<Statement> {
        derive::forward(&self.0, name.as_str())
    }

    /// The tensors that `let` names, in terms of what is declared.
    pub fn made(&self) -> impl Iterator<Item = &Tensor> {
        self.0.lets.values().map(|made| &made.whole)
    }

    /// A claim with all that it uses of the file, for free indices in their ranges.
    ///
    /// # Errors
    /// A message, where it is too large.
    pub fn statement(
        &self,
        name: &str,
        (indices, ranges): (Vec<Var>, Guard),
        claim: Claim,
    ) -> Result<Statement, crate::diag::Diagnostic> {
        goal::statement(&self.0, name, ((Guard::always(), indices, ranges), Vec::new()), claim, &[], Span::default())
    }
}

fn scope<'a>(environment: &'a Environment, facts: &Facts) -> Scope<'a> {
    let mut scope = Scope::open(environment);
    scope.facts = facts.clone();
    scope
}
