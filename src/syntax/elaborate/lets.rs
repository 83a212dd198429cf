//! What the names that `let` and `derive` give stand for.
//!
//! In a theorem a name stands for what it is made of, down to what is declared. A gradient `dT` by a declared tensor is then the
//! derivative of the whole loss. That by a tensor which is made of others is not: the derivative takes it as a variable. So where a
//! theorem mentions such a gradient, the tensors on its way stand for any tensors with their boxes, and every gradient for what the
//! chain rule makes of those after it. What is so proved holds for the tensors that the file makes, being true of all.

use std::collections::{BTreeMap, BTreeSet};

use super::scope::{Axis, Environment, Value};
use crate::kernel::{Expr, Name, Substitution, Tensor};

/// What `let` says of a name.
#[derive(Clone, Debug)]
pub(super) struct Let {
    /// The tensor, in terms of what is declared.
    pub whole: Tensor,
    /// The same in terms of other names that `let` gives as well.
    pub local: Tensor,
    pub axes: Vec<Axis>,
    /// Of a gradient: how the chain rule makes it of those after it.
    pub chain: Option<Chain>,
}

/// A gradient as the chain rule makes it.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    /// `Σ_C Σ_o dC[o] · d/dT[i] C[o]`, where C runs through what is made of T directly.
    pub sum: Tensor,
    /// Whether `whole` says the same: where T is declared, and so is everything that the loss is made of.
    pub closed: bool,
}

impl Let {
    /// What the name stands for.
    pub fn value(&self) -> Value {
        match self.axes.is_empty() {
            true => Value::Scalar(match &self.whole {
                Tensor::Lambda { body, .. } => body.as_ref().clone(),
                other => Expr::Entry(other.clone(), Vec::new()),
            }),
            false => Value::Tensor(self.whole.clone(), self.axes.clone()),
        }
    }

    /// Whether the name is that of a gradient whose `whole` says less than the chain rule.
    fn is_open(&self) -> bool {
        self.chain.as_ref().is_some_and(|chain| !chain.closed)
    }
}

impl Environment {
    /// The names of `let` that stand for any tensors where some names are mentioned: those on the way of gradients, if one of these is
    /// open.
    pub fn held(&self, mentioned: BTreeSet<String>) -> BTreeSet<String> {
        let reached = |through: &dyn Fn(&Let) -> bool| {
            let (mut reached, mut left) = (BTreeSet::new(), mentioned.iter().cloned().collect::<Vec<String>>());
            while let Some(name) = left.pop() {
                if let Some(made) = self.lets.get(&name)
                    && reached.insert(name)
                    && through(made)
                {
                    left.extend(self.made_of(&made.local));
                }
            }
            reached.into_iter().filter_map(|name| self.lets.get(&name)).collect::<Vec<&Let>>()
        };
        if !reached(&|made| made.chain.is_none()).into_iter().any(Let::is_open) {
            return BTreeSet::new();
        }
        let gradients = reached(&|_| true).into_iter().filter(|made| made.chain.is_some());
        let way = gradients.flat_map(|made| self.made_of(&made.local));
        way.filter(|name| self.lets.get(name).is_some_and(|made| made.chain.is_none())).collect()
    }

    /// The same file for a theorem in which some names stand for any tensors.
    pub fn apart(&self, held: &BTreeSet<String>) -> Environment {
        let mut apart = self.clone();
        (apart.held, apart.lets) =
            std::mem::take(&mut apart.lets).into_iter().partition(|(name, _)| held.contains(name));
        for (name, made) in &mut apart.lets {
            made.whole = self.written_out(name, &|name, made| match &made.chain {
                _ if held.contains(name) => None,
                Some(chain) => Some(&chain.sum),
                None => Some(&made.local),
            });
        }
        apart
    }

    /// The loss or a tensor whose gradient is given, in terms of what is declared and of tensors whose gradients are given.
    pub fn up_to(&self, given: &BTreeSet<String>, name: &str) -> Tensor {
        self.written_out(name, &|other, made| match &made.chain {
            _ if other != name && given.contains(other) || made.is_open() => None,
            Some(_) => Some(&made.whole),
            None => Some(&made.local),
        })
    }

    /// What a name stands for, where every name is replaced by what it is made of, unless that is nothing.
    fn written_out<'a>(&'a self, name: &str, made_of: &dyn Fn(&str, &'a Let) -> Option<&'a Tensor>) -> Tensor {
        let tensor = || Tensor::Named(Name::from(name));
        let Some(made) = self.lets.get(name).and_then(|made| made_of(name, made)) else { return tensor() };
        let names = self.made_of(made);
        let map: BTreeMap<Name, Tensor> =
            names.iter().map(|name| (Name::from(name.as_str()), self.written_out(name, made_of))).collect();
        made.substitute(&Substitution::new(BTreeMap::new(), map))
    }

    /// A tensor in an expression that stands for any tensor, though it is made of another one.
    pub fn made_of_variable(&self, variable: &str, expr: &Expr) -> Option<&str> {
        let made = |name: &&String| {
            let (mut seen, mut left) = (BTreeSet::new(), vec![name.as_str()]);
            while let Some(name) = left.pop() {
                let Some(made) = self.held.get(name).or_else(|| self.lets.get(name)).filter(|_| seen.insert(name))
                else {
                    continue;
                };
                if mentions_tensor(&made.local, variable) {
                    return true;
                }
                left.extend(
                    self.held
                        .keys()
                        .chain(self.lets.keys())
                        .filter(|name| mentions_tensor(&made.local, name))
                        .map(String::as_str),
                );
            }
            false
        };
        self.held.keys().filter(|name| mentions(expr, name)).find(made).map(String::as_str)
    }

    /// The names of `let` that a tensor mentions.
    pub fn made_of(&self, tensor: &Tensor) -> BTreeSet<String> {
        self.lets.keys().filter(|name| mentions_tensor(tensor, name)).cloned().collect()
    }
}

/// Whether a tensor is made of one of that name, or differentiates by it.
pub(super) fn mentions_tensor(tensor: &Tensor, name: &str) -> bool {
    match tensor {
        Tensor::Named(own) => own.as_str() == name,
        Tensor::Call { tensors, .. } => tensors.iter().any(|tensor| mentions_tensor(tensor, name)),
        Tensor::Lambda { body, .. } => mentions(body, name),
    }
}

/// Whether a tensor of that name occurs, or a derivative by it.
pub(super) fn mentions(expr: &Expr, name: &str) -> bool {
    match expr {
        Expr::Entry(tensor, _) if mentions_tensor(tensor, name) => true,
        Expr::Derivative(_, by, _) if by.as_str() == name => true,
        _ => expr.children().iter().any(|child| mentions(child, name)),
    }
}
