//! What a statement may speak of: declared tensors, functions and definitions.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::expr::{Definition, FunctionDeclaration, Tensor, TensorDeclaration};
use super::guard::Guard;
use super::index::{Index, Name, Var};
use super::premise::Premise;
use super::refusal::Refusal;
use super::substitute::check_growth;
use super::wellformed::{check_definition, check_slope};

/// The declarations of a statement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Tensors, universally quantified.
    pub tensors: Vec<TensorDeclaration>,
    /// Scalar functions, universally quantified.
    pub functions: Vec<FunctionDeclaration>,
    /// Definitions; each uses only those before it.
    pub definitions: Vec<Definition>,
    /// What is assumed of entries and of functions of integers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub premises: Vec<Premise>,
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
        let at = |support: &Guard, map: &BTreeMap<Var, Index>| {
            check_growth(map, support.indices())?;
            Ok(support.substitute(map))
        };
        match tensor {
            Tensor::Named(name) => {
                let declaration = self.tensor(name)?;
                at(&declaration.support, &assign(&declaration.axes, position)?)
            }
            Tensor::Call { definition, parameters, .. } => {
                let definition = self.definition(definition)?;
                let mut map = assign(&definition.parameters, parameters)?;
                map.extend(assign(&definition.axes, position)?);
                at(&definition.support, &map)
            }
            Tensor::Lambda { axes, support, .. } => at(support, &assign(axes, position)?),
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
        self.functions.iter().try_for_each(|function| check_slope(self, function))?;
        for (position, definition) in self.definitions.iter().enumerate() {
            check_definition(self, position).map_err(|refusal| match refusal {
                Refusal::TooLarge => refusal,
                _ => Refusal::BadDefinition(definition.name.clone()),
            })?;
        }
        Ok(())
    }
}

/// Letters and the terms they stand for, one each.
pub fn assign(vars: &[Var], terms: &[Index]) -> Result<BTreeMap<Var, Index>, Refusal> {
    if vars.len() != terms.len() {
        return Err(Refusal::Count { what: "indices", expected: vars.len(), found: terms.len() });
    }
    Ok(vars.iter().cloned().zip(terms.iter().cloned()).collect())
}
