//! What a statement may speak of: declared tensors, functions and definitions.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::expr::{Definition, Expr, FunctionDeclaration, Tensor, TensorDeclaration};
use super::guard::Guard;
use super::index::{Index, Name, Rank, Var};
use super::refusal::Refusal;

/// The declarations of a statement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Tensors, universally quantified.
    pub tensors: Vec<TensorDeclaration>,
    /// Scalar functions, universally quantified.
    pub functions: Vec<FunctionDeclaration>,
    /// Definitions; each uses only those before it.
    pub definitions: Vec<Definition>,
}

impl Signature {
    /// A declared tensor.
    pub fn tensor(&self, name: &Name) -> Result<&TensorDeclaration, Refusal> {
        self.tensors.iter().find(|tensor| tensor.name == *name).ok_or_else(|| Refusal::Undeclared(name.clone()))
    }

    /// A definition.
    pub fn definition(&self, name: &Name) -> Result<&Definition, Refusal> {
        self.definitions
            .iter()
            .find(|definition| definition.name == *name)
            .ok_or_else(|| Refusal::Undeclared(name.clone()))
    }

    /// The condition under which the entry of a tensor at a position may be non-zero.
    pub fn support(&self, tensor: &Tensor, position: &[Index]) -> Result<Guard, Refusal> {
        match tensor {
            Tensor::Named(name) => {
                let declaration = self.tensor(name)?;
                Ok(declaration.support.substitute(&assign(&declaration.axes, position)?))
            }
            Tensor::Call { definition, parameters, .. } => {
                let definition = self.definition(definition)?;
                let mut map = assign(&definition.parameters, parameters)?;
                map.extend(assign(&definition.axes, position)?);
                Ok(definition.support.substitute(&map))
            }
            Tensor::Lambda { axes, support, .. } => Ok(support.substitute(&assign(axes, position)?)),
        }
    }

    /// Checks that names are declared once, and that every definition is closed and calls only what stands before it, so
    /// that unfolding ends.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut names = BTreeSet::new();
        let tensors = self.tensors.iter().map(|tensor| &tensor.name);
        let functions = self.functions.iter().map(|function| &function.name);
        if let Some(name) = tensors.chain(functions).find(|name| !names.insert(*name)) {
            return Err(Refusal::BadDefinition(name.clone()));
        }
        for tensor in &self.tensors {
            let mut seen = BTreeSet::new();
            distinct(&tensor.axes, &mut seen)?;
        }
        for (position, definition) in self.definitions.iter().enumerate() {
            let earlier = self.definitions.get(..position).unwrap_or_default();
            check_definition(definition, earlier).map_err(|refusal| match refusal {
                Refusal::TooLarge => refusal,
                _ => Refusal::BadDefinition(definition.name.clone()),
            })?;
        }
        Ok(())
    }
}

fn distinct(vars: &[Var], seen: &mut BTreeSet<Name>) -> Result<(), Refusal> {
    match vars.iter().find(|var| !seen.insert(var.name.clone())) {
        Some(var) => Err(Refusal::Repeated(var.clone())),
        None => Ok(()),
    }
}

fn check_definition(definition: &Definition, earlier: &[Definition]) -> Result<(), Refusal> {
    if earlier.iter().any(|other| other.name == definition.name) {
        return Err(Refusal::BadDefinition(definition.name.clone()));
    }
    let mut seen = BTreeSet::new();
    distinct(&definition.parameters, &mut seen)?;
    distinct(&definition.axes, &mut seen)?;
    let declared: BTreeSet<&Var> = definition.parameters.iter().chain(&definition.axes).collect();
    let mut free = definition.body.free_vars();
    definition.support.collect_vars(&mut free);
    for tensor in &definition.tensors {
        let mut vars = BTreeSet::new();
        tensor.support.collect_vars(&mut vars);
        free.extend(vars.into_iter().filter(|var| !tensor.axes.contains(var)));
    }
    if let Some(var) = free.iter().find(|var| !declared.contains(var)) {
        return Err(Refusal::Captured(var.clone()));
    }
    let mut used = Uses::default();
    used.expr(&definition.body)?;
    let tensor = |name: &&Name| !definition.tensors.iter().any(|tensor| tensor.name == **name);
    let call = |name: &&Name| !earlier.iter().any(|other| other.name == **name);
    match used.tensors.iter().find(tensor).or_else(|| used.definitions.iter().find(call)) {
        Some(name) => Err(Refusal::Undeclared(name.clone())),
        None => Ok(()),
    }
}

/// The names that an expression uses, and a check that no binder repeats a letter.
#[derive(Default)]
pub(super) struct Uses {
    tensors: BTreeSet<Name>,
    definitions: BTreeSet<Name>,
}

impl Uses {
    pub(super) fn expr(&mut self, expr: &Expr) -> Result<(), Refusal> {
        match expr {
            Expr::Entry(tensor, position) => {
                self.tensor(tensor)?;
                ranks(position)?;
            }
            Expr::Integer(index) if index.rank() != Some(Rank::Scalar) => return Err(Refusal::Rank(index.clone())),
            Expr::Bracket(guard) => guard_ranks(guard)?,
            Expr::Sum(vars, guard, _) | Expr::Max(vars, guard, _) => {
                distinct(vars, &mut BTreeSet::new())?;
                guard_ranks(guard)?;
            }
            Expr::Derivative(_, tensor, position) => {
                self.tensors.insert(tensor.clone());
                ranks(position)?;
            }
            _ => {}
        }
        expr.children().iter().try_for_each(|child| self.expr(child))
    }

    fn tensor(&mut self, tensor: &Tensor) -> Result<(), Refusal> {
        match tensor {
            Tensor::Named(name) => {
                self.tensors.insert(name.clone());
                Ok(())
            }
            Tensor::Call { definition, parameters, tensors } => {
                self.definitions.insert(definition.clone());
                ranks(parameters)?;
                tensors.iter().try_for_each(|tensor| self.tensor(tensor))
            }
            Tensor::Lambda { axes, support, body } => {
                distinct(axes, &mut BTreeSet::new())?;
                guard_ranks(support)?;
                self.expr(body)
            }
        }
    }
}

fn ranks(indices: &[Index]) -> Result<(), Refusal> {
    match indices.iter().find(|index| index.rank().is_none()) {
        Some(index) => Err(Refusal::Rank(index.clone())),
        None => Ok(()),
    }
}

fn guard_ranks(guard: &Guard) -> Result<(), Refusal> {
    guard.literals().try_for_each(|literal| ranks(std::slice::from_ref(literal.index())))
}

/// Letters and the terms they stand for, one each.
pub fn assign(vars: &[Var], terms: &[Index]) -> Result<BTreeMap<Var, Index>, Refusal> {
    if vars.len() != terms.len() {
        return Err(Refusal::Count { what: "indices", expected: vars.len(), found: terms.len() });
    }
    Ok(vars.iter().cloned().zip(terms.iter().cloned()).collect())
}
