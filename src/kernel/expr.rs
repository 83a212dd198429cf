//! Scalar expressions and tensors: the terms that theorems speak about.
//!
//! Bound letters have names; two expressions that differ only in those names are equal for the kernel
//! (see [`Expr::canonical`]). Nothing here knows how a term was written or will be printed.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_rational::BigRational;
use serde::{Deserialize, Serialize};

use super::guard::Guard;
use super::index::{Index, Name, Var};

/// A scalar: an element of a commutative ring that contains the rationals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Expr {
    /// A rational constant.
    Number(BigRational),
    /// An integer term, standing as a scalar.
    Integer(Index),
    /// The entry of a tensor at a position; 0 outside the tensor's support.
    Entry(Tensor, Vec<Index>),
    /// `[P]`: 1 where the condition holds, else 0.
    Bracket(Guard),
    /// A sum of any number of terms.
    Add(Vec<Expr>),
    /// A product of any number of factors.
    Mul(Vec<Expr>),
    /// A power with a natural exponent; exponent 0 is 1.
    Power(Box<Expr>, u32),
    /// `1/e`. What the laws say of it holds for `e = 0` as well if 1/0 is 0; so `e·(1/e)` is not 1.
    Inverse(Box<Expr>),
    /// A named scalar function, differentiated `orders[k]` times in its argument `k`.
    Apply {
        /// The function.
        function: Name,
        /// How often it is differentiated, one count per argument.
        orders: Vec<u32>,
        /// Its arguments.
        arguments: Vec<Expr>,
    },
    /// `Σ_{vars: guard} body`. Over an infinite set of points it is 0 by convention; the laws that would need more ask
    /// for a proof of finiteness.
    Sum(Vec<Var>, Guard, Box<Expr>),
    /// `max_{vars: guard} body`. Over an empty or infinite set of points it is 0 by convention; the laws that would need
    /// more ask for a point and a proof of finiteness.
    Max(Vec<Var>, Guard, Box<Expr>),
    /// `∂ body / ∂ tensor[position]`.
    Derivative(Box<Expr>, Name, Vec<Index>),
}

/// A function from integer positions to scalars.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Tensor {
    /// A declared tensor.
    Named(Name),
    /// A definition applied to its parameters.
    Call {
        /// The definition.
        definition: Name,
        /// Sizes and other integers, in the order of the definition's parameters.
        parameters: Vec<Index>,
        /// Tensors, in the order of the definition's parameters.
        tensors: Vec<Tensor>,
    },
    /// `[axes ↦ body]` where `support` holds, 0 elsewhere.
    Lambda {
        /// One letter per axis.
        axes: Vec<Var>,
        /// Where the body counts.
        support: Guard,
        /// The entry.
        body: Box<Expr>,
    },
}

/// A declared tensor, or a tensor parameter of a definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TensorDeclaration {
    /// Its name.
    pub name: Name,
    /// One letter per axis, used in `support` alone.
    pub axes: Vec<Var>,
    /// Where the tensor may be non-zero, in terms of `axes` and sizes; always true for a total function.
    pub support: Guard,
}

/// A declared scalar function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionDeclaration {
    /// Its name.
    pub name: Name,
    /// How many arguments it takes.
    pub arity: usize,
    /// What is assumed of its derivative; of a function of one argument alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slope: Option<Slope>,
    /// Whether its values are assumed to be positive.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub positive: bool,
}

/// The assumption `f′(argument) = body` about a scalar function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slope {
    /// The name that the argument has in the body, where it is a tensor without axes.
    pub argument: Name,
    /// The derivative in terms of the argument and of functions, none of them differentiated.
    pub body: Expr,
}

/// A definition `name(parameters, tensors)[axes] = [support] · body`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// Its name.
    pub name: Name,
    /// Integer parameters: sizes of the tensor parameters and explicit ones such as a stride.
    pub parameters: Vec<Var>,
    /// Tensor parameters with their boxes.
    pub tensors: Vec<TensorDeclaration>,
    /// One letter per axis of the result; none for a scalar.
    pub axes: Vec<Var>,
    /// The box of the result.
    pub support: Guard,
    /// The entry inside the box.
    pub body: Expr,
}

impl From<i64> for Expr {
    fn from(value: i64) -> Self {
        Expr::Number(BigRational::from_integer(BigInt::from(value)))
    }
}

impl Expr {
    /// The entry of a declared tensor.
    pub fn entry(tensor: &str, position: Vec<Index>) -> Self {
        Expr::Entry(Tensor::Named(Name::from(tensor)), position)
    }

    /// The expressions directly below, in the order that [`Path`](super::Path)s count them.
    pub fn children(&self) -> &[Expr] {
        match self {
            Expr::Add(children) | Expr::Mul(children) => children,
            Expr::Apply { arguments, .. } => arguments,
            Expr::Power(child, _)
            | Expr::Inverse(child)
            | Expr::Sum(_, _, child)
            | Expr::Max(_, _, child)
            | Expr::Derivative(child, _, _) => std::slice::from_ref(child),
            Expr::Number(_) | Expr::Integer(_) | Expr::Entry(_, _) | Expr::Bracket(_) => &[],
        }
    }

    /// The same for writing.
    pub fn children_mut(&mut self) -> &mut [Expr] {
        match self {
            Expr::Add(children) | Expr::Mul(children) => children,
            Expr::Apply { arguments, .. } => arguments,
            Expr::Power(child, _)
            | Expr::Inverse(child)
            | Expr::Sum(_, _, child)
            | Expr::Max(_, _, child)
            | Expr::Derivative(child, _, _) => std::slice::from_mut(child),
            Expr::Number(_) | Expr::Integer(_) | Expr::Entry(_, _) | Expr::Bracket(_) => &mut [],
        }
    }

    /// Visits every index term, those of conditions and of tensors included.
    pub fn visit_indices(&self, visit: &mut dyn FnMut(&Index)) {
        match self {
            Expr::Integer(index) => visit(index),
            Expr::Entry(tensor, position) => {
                tensor.visit_indices(visit);
                position.iter().for_each(&mut *visit);
            }
            Expr::Bracket(guard) | Expr::Sum(_, guard, _) | Expr::Max(_, guard, _) => {
                guard.literals().for_each(|literal| visit(literal.index()));
            }
            Expr::Derivative(_, _, position) => position.iter().for_each(&mut *visit),
            Expr::Number(_)
            | Expr::Add(_)
            | Expr::Mul(_)
            | Expr::Power(_, _)
            | Expr::Inverse(_)
            | Expr::Apply { .. } => {}
        }
        self.children().iter().for_each(|child| child.visit_indices(visit));
    }

    /// Visits the names of declared tensors, those in the arguments of definitions included.
    pub fn visit_tensors(&self, visit: &mut dyn FnMut(&Name)) {
        match self {
            Expr::Entry(tensor, _) => tensor.visit_tensors(visit),
            Expr::Derivative(_, name, _) => visit(name),
            _ => {}
        }
        self.children().iter().for_each(|child| child.visit_tensors(visit));
    }

    /// How many nodes there are, with those of tensors and the terms of index polynomials.
    pub fn size(&self) -> usize {
        let mut size = self.nodes();
        self.visit_indices(&mut |index| size += index.len());
        size
    }

    fn nodes(&self) -> usize {
        let inside = if let Expr::Entry(tensor, _) = self { tensor.nodes() } else { 0 };
        1 + inside + self.children().iter().map(Expr::nodes).sum::<usize>()
    }

    /// Whether a derivative occurs, also inside tensors.
    pub fn differentiates(&self) -> bool {
        self.any(&|part| matches!(part, Expr::Derivative(_, _, _)))
    }

    /// Whether some part passes a test, those inside tensors included.
    pub fn any(&self, test: &dyn Fn(&Expr) -> bool) -> bool {
        let inside = || matches!(self, Expr::Entry(tensor, _) if tensor.any(test));
        test(self) || inside() || self.children().iter().any(|child| child.any(test))
    }

    /// The variables that occur outside the scope of a binder of the same name.
    pub fn free_vars(&self) -> BTreeSet<Var> {
        let mut found = BTreeSet::new();
        self.collect_free(&mut found);
        found
    }

    /// Adds the free variables to `found`.
    pub fn collect_free(&self, found: &mut BTreeSet<Var>) {
        match self {
            Expr::Number(_) => {}
            Expr::Integer(index) => index.collect_vars(found),
            Expr::Entry(tensor, position) => {
                tensor.collect_free(found);
                position.iter().for_each(|index| index.collect_vars(found));
            }
            Expr::Bracket(guard) => guard.collect_vars(found),
            Expr::Add(_) | Expr::Mul(_) | Expr::Power(_, _) | Expr::Inverse(_) | Expr::Apply { .. } => {
                self.children().iter().for_each(|child| child.collect_free(found));
            }
            Expr::Sum(vars, guard, body) | Expr::Max(vars, guard, body) => {
                collect_free_under(vars, guard, body, found);
            }
            Expr::Derivative(body, _, position) => {
                body.collect_free(found);
                position.iter().for_each(|index| index.collect_vars(found));
            }
        }
    }
}

impl Tensor {
    /// Visits the names of declared tensors.
    pub fn visit_tensors(&self, visit: &mut dyn FnMut(&Name)) {
        match self {
            Tensor::Named(name) => visit(name),
            Tensor::Call { tensors, .. } => tensors.iter().for_each(|tensor| tensor.visit_tensors(visit)),
            Tensor::Lambda { body, .. } => body.visit_tensors(visit),
        }
    }

    /// Visits every index term.
    pub fn visit_indices(&self, visit: &mut dyn FnMut(&Index)) {
        match self {
            Tensor::Named(_) => {}
            Tensor::Call { parameters, tensors, .. } => {
                parameters.iter().for_each(&mut *visit);
                tensors.iter().for_each(|tensor| tensor.visit_indices(visit));
            }
            Tensor::Lambda { support, body, .. } => {
                support.literals().for_each(|literal| visit(literal.index()));
                body.visit_indices(visit);
            }
        }
    }

    fn nodes(&self) -> usize {
        match self {
            Tensor::Named(_) => 0,
            Tensor::Call { tensors, .. } => tensors.iter().map(|tensor| 1 + tensor.nodes()).sum(),
            Tensor::Lambda { body, .. } => body.nodes(),
        }
    }

    /// Whether a derivative occurs.
    pub fn differentiates(&self) -> bool {
        self.any(&|part| matches!(part, Expr::Derivative(_, _, _)))
    }

    fn any(&self, test: &dyn Fn(&Expr) -> bool) -> bool {
        match self {
            Tensor::Named(_) => false,
            Tensor::Call { tensors, .. } => tensors.iter().any(|tensor| tensor.any(test)),
            Tensor::Lambda { body, .. } => body.any(test),
        }
    }

    /// Adds the free variables to `found`.
    pub fn collect_free(&self, found: &mut BTreeSet<Var>) {
        match self {
            Tensor::Named(_) => {}
            Tensor::Call { parameters, tensors, .. } => {
                parameters.iter().for_each(|index| index.collect_vars(found));
                tensors.iter().for_each(|tensor| tensor.collect_free(found));
            }
            Tensor::Lambda { axes, support, body } => collect_free_under(axes, support, body, found),
        }
    }
}

fn collect_free_under(vars: &[Var], guard: &Guard, body: &Expr, found: &mut BTreeSet<Var>) {
    let mut inner = BTreeSet::new();
    guard.collect_vars(&mut inner);
    body.collect_free(&mut inner);
    found.extend(inner.into_iter().filter(|var| !vars.contains(var)));
}
