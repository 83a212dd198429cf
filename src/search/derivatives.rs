//! Derivatives taken before a name is written out.
//!
//! `∂e/∂T[i]` takes `T` as a variable. Where a file makes `T` of other tensors, that may be put for `T` only when no ∂ is left.

use std::collections::BTreeMap;

use super::saturate::Session;
use super::{Budget, Statistics, ground};
use crate::goal::Made;
use crate::kernel::{Claim, Expr, Statement, Substitution, Tensor};

/// A statement about tensors on the way of a gradient, in terms of what they are made of; nothing where a derivative
/// stays, as that of a maximum does.
pub fn written_out(made: &Made, budget: &Budget) -> Option<Statement> {
    let map = Substitution::new(BTreeMap::new(), made.tensors.clone());
    let ground = ground(&made.statement, &[]);
    let taken = |expr: &Expr| {
        if !expr.differentiates() {
            return Some(expr.substitute(&map));
        }
        let mut session = Session::new(&ground, 0);
        let id = session.add(&expr.canonical());
        session.settle(None, budget, &mut Statistics::default());
        Some(session.latest(id)).filter(|raw| !raw.differentiates()).map(|raw| raw.substitute(&map))
    };
    let tensor = |tensor: &Tensor| match tensor {
        Tensor::Lambda { axes, support, body } => {
            let body = Box::new(taken(body)?);
            Some(Tensor::Lambda { axes: axes.clone(), support: support.clone(), body })
        }
        other => Some(other.substitute(&map)).filter(|other| !other.differentiates()),
    };
    let mut statement = made.statement.clone();
    statement.claim = match &made.statement.claim {
        Claim::Equation(left, right) => Claim::Equation(taken(left)?, taken(right)?),
        Claim::Tensors(left, right) => Claim::Tensors(tensor(left)?, tensor(right)?),
        claim => claim.clone(),
    };
    statement.signature.tensors.retain(|tensor| !made.tensors.contains_key(&tensor.name));
    Some(statement)
}
