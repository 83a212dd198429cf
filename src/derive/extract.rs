//! The nicest of the forms that an e-graph holds.

use egg::{CostFunction, EGraph, Extractor, Id, Language, RecExpr};

use crate::kernel::{Expr, Guard, Index, Tensor};
use crate::search::language::{Head, Latest, Node, expression};

/// The nicest form of a class.
pub fn nicest(egraph: &EGraph<Node, Latest>, class: Id) -> Expr {
    let (_, best) = Extractor::new(egraph, Price).find_best(class);
    read(&best)
}

fn read(term: &RecExpr<Node>) -> Expr {
    let mut built: Vec<Expr> = Vec::new();
    for node in term.as_ref() {
        let children = node.children().iter().filter_map(|child| built.get(usize::from(*child)).cloned()).collect();
        built.push(expression(&node.head, children));
    }
    built.pop().unwrap_or_else(|| Expr::from(0))
}

/// What a reader pays for a form: a name costs little, a sum with its range much, a derivative more than anything.
struct Price;

impl CostFunction<Node> for Price {
    type Cost = u64;

    fn cost<C: FnMut(Id) -> u64>(&mut self, node: &Node, mut costs: C) -> u64 {
        let own = match &node.head {
            Head::Leaf(expr) => leaf(expr),
            Head::Add => 3,
            Head::Mul | Head::Power(_) => 1,
            Head::Inverse => 4,
            Head::Apply(_, _) => 2,
            Head::Sum(vars, guard) | Head::Max(vars, guard) => 60 + 10 * vars.len() as u64 + range(guard),
            Head::Derivative(_, _) => 100_000,
        };
        node.children.iter().fold(own, |total, child| total.saturating_add(costs(*child)))
    }
}

fn leaf(expr: &Expr) -> u64 {
    match expr {
        Expr::Entry(tensor, position) => self::tensor(tensor) + indices(position),
        Expr::Bracket(guard) => 10 + range(guard),
        Expr::Integer(index) => 1 + term(index),
        _ => 1,
    }
}

/// What a tensor costs: each operator, each slice and each parameter that is given.
pub fn tensor(tensor: &Tensor) -> u64 {
    match tensor {
        Tensor::Named(_) => 1,
        Tensor::Call { parameters, tensors, .. } => {
            4 + indices(parameters) / 2 + tensors.iter().map(self::tensor).sum::<u64>()
        }
        Tensor::Lambda { body, .. } => 6 + body.size() as u64,
    }
}

fn indices(position: &[Index]) -> u64 {
    position.iter().map(term).sum()
}

fn term(index: &Index) -> u64 {
    2 * (index.len() as u64).max(1) - 1
}

fn range(guard: &Guard) -> u64 {
    guard.indices().map(|index| 2 + term(index)).sum()
}
