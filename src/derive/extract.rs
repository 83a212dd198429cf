//! The nicest of the forms that an e-graph holds.

use std::collections::{BTreeMap, BTreeSet};

use egg::{CostFunction, EGraph, Extractor, Id, Language, RecExpr};

use crate::kernel::{Expr, Guard, Index, Literal, Name, Tensor, Var};
use crate::search::language::{Head, Latest, Node, expression};
use crate::syntax::Library;

/// What a reader pays for a form: a name costs little, a sum with its range much, a derivative more than anything.
#[derive(Clone, Debug, Default)]
pub struct Prices {
    /// For each definition how many of its parameters are read off its arguments, and so are not written.
    unwritten: BTreeMap<Name, usize>,
    /// Definitions for any number of dimensions: where a plainer one says the same, that is read more easily.
    ranked: BTreeSet<Name>,
    /// Functions whose derivative is given in terms of others.
    sloped: BTreeSet<Name>,
}

impl Prices {
    /// The prices for the operators and functions of a library.
    pub fn of(library: &Library) -> Prices {
        let operator = |operator: crate::syntax::Operator<'_>| {
            let definition = operator.definition();
            (definition.name.clone(), definition.parameters.len() - operator.explicit().count())
        };
        let sloped = |function: crate::kernel::FunctionDeclaration| function.slope.map(|_| function.name);
        Prices {
            unwritten: library.operators().map(operator).collect(),
            ranked: library
                .operators()
                .filter(crate::syntax::Operator::has_ranks)
                .map(|operator| operator.definition().name.clone())
                .collect(),
            sloped: library.functions().into_iter().filter_map(sloped).collect(),
        }
    }

    /// The nicest form of a class.
    pub fn nicest(&self, egraph: &EGraph<Node, Latest>, class: Id) -> Expr {
        let (_, best) = Extractor::new(egraph, Reader(self)).find_best(class);
        read(&best)
    }

    /// The price of an expression as it stands.
    pub fn expr(&self, expr: &Expr) -> u64 {
        let parts = expr.children().iter().map(|child| self.expr(child)).fold(0, u64::saturating_add);
        whole(self.head(expr), parts, matches!(expr, Expr::Sum(_, _, _) | Expr::Max(_, _, _)))
    }

    fn head(&self, expr: &Expr) -> u64 {
        match expr {
            Expr::Number(_) => 1,
            Expr::Entry(tensor, position) => self.tensor(tensor) + indices(position) + one_of_many(tensor, position),
            Expr::Bracket(guard) => 10 + range(guard),
            Expr::Integer(index) => 1 + term(index),
            Expr::Add(_) => 3,
            Expr::Mul(_) | Expr::Power(_, _) => 1,
            Expr::Inverse(_) => 4,
            Expr::Apply { function, orders, .. } => self.apply(function, orders),
            Expr::Sum(vars, guard, _) | Expr::Max(vars, guard, _) => self.sum(vars.len(), guard),
            Expr::Derivative(_, _, _) => DERIVATIVE,
        }
    }

    fn apply(&self, function: &Name, orders: &[u32]) -> u64 {
        let avoidable = self.sloped.contains(function) && orders.iter().any(|order| *order > 0);
        if avoidable { DERIVATIVE } else { 2 }
    }

    fn sum(&self, letters: usize, guard: &Guard) -> u64 {
        40 + 25 * letters as u64 + range(guard)
    }

    /// The price of a tensor: each operator, each part and each parameter that is written.
    fn tensor(&self, tensor: &Tensor) -> u64 {
        match tensor {
            Tensor::Named(_) => 1,
            Tensor::Call { definition, parameters, tensors } => {
                let unwritten = self.unwritten.get(definition).copied().unwrap_or(0);
                let written = indices(parameters.get(unwritten..).unwrap_or_default());
                let plain = if self.ranked.contains(definition) { 5 } else { 4 };
                plain + written + tensors.iter().map(|tensor| self.tensor(tensor)).sum::<u64>()
            }
            Tensor::Lambda { body, .. } => {
                // A part is taken at a letter; at anything longer it is hard to read.
                let places = match body.as_ref() {
                    Expr::Entry(_, position) => indices(position) - position.len() as u64,
                    _ => 0,
                };
                12 + 8 * places + self.expr(body)
            }
        }
    }
}

/// `matvec(y, x[i, :])[i]` makes a vector for each `i` and takes one entry of it.
fn one_of_many(tensor: &Tensor, position: &[Index]) -> u64 {
    let Tensor::Call { tensors, .. } = tensor else { return 0 };
    let mut inside = BTreeSet::new();
    tensors.iter().for_each(|tensor| tensor.collect_free(&mut inside));
    let shared = position.iter().filter_map(Index::as_var).filter(|letter| inside.contains(letter)).count();
    40 * shared as u64
}

/// Whether letters can be left out of a form: the entries that read them do so at these letters, in this order.
pub fn leaves_out(expr: &Expr, letters: &[Var]) -> bool {
    let free = expr.free_vars();
    let reads = |index: &Index| letters.iter().any(|letter| index.contains(letter));
    match expr {
        _ if !letters.iter().any(|letter| free.contains(letter)) => true,
        Expr::Entry(Tensor::Lambda { .. }, _) => false,
        Expr::Entry(tensor, position) => {
            let mut inside = BTreeSet::new();
            tensor.collect_free(&mut inside);
            let whole = position.len() == letters.len()
                && position.iter().zip(letters).all(|(index, letter)| *index == Index::from(letter));
            whole && !letters.iter().any(|letter| inside.contains(letter))
        }
        Expr::Sum(_, guard, body) => !guard.indices().any(reads) && leaves_out(body, letters),
        Expr::Add(_) | Expr::Mul(_) | Expr::Apply { .. } => {
            expr.children().iter().all(|child| leaves_out(child, letters))
        }
        _ => false,
    }
}

/// More than any form without a derivative costs.
const DERIVATIVE: u64 = 100_000;

fn read(term: &RecExpr<Node>) -> Expr {
    let mut built: Vec<Expr> = Vec::new();
    for node in term.as_ref() {
        let children = node.children().iter().filter_map(|child| built.get(usize::from(*child)).cloned()).collect();
        built.push(expression(&node.head, children));
    }
    built.pop().unwrap_or_else(|| Expr::from(0))
}

struct Reader<'a>(&'a Prices);

impl CostFunction<Node> for Reader<'_> {
    type Cost = u64;

    fn cost<C: FnMut(Id) -> u64>(&mut self, node: &Node, mut costs: C) -> u64 {
        let prices = self.0;
        let own = match &node.head {
            Head::Apply(function, orders) => prices.apply(function, orders),
            Head::Sum(vars, guard) | Head::Max(vars, guard) => prices.sum(vars.len(), guard),
            head => prices.head(&expression(head, vec![Expr::from(0)])),
        };
        let parts = node.children.iter().map(|child| costs(*child)).fold(0, u64::saturating_add);
        whole(own, parts, matches!(node.head, Head::Sum(_, _) | Head::Max(_, _)))
    }
}

/// The price of a form made of parts. What stands below a binder is read for each of its letters, so what needs none stands before it.
fn whole(own: u64, parts: u64, binder: bool) -> u64 {
    let read = if binder { parts / 4 } else { 0 };
    own.saturating_add(parts).saturating_add(read)
}

fn indices(position: &[Index]) -> u64 {
    position.iter().map(term).sum()
}

fn term(index: &Index) -> u64 {
    2 * (index.len() as u64).max(1) - 1
}

fn range(guard: &Guard) -> u64 {
    let equations = guard.literals().filter(|literal| matches!(literal, Literal::Eq(_))).count() as u64;
    // An end of an interval is read at once: `n - 1 - i >= 0`. A condition that says more is read twice.
    let condition = |index: &Index| 2 + term(index) + if index.len() > 3 { 10 } else { 0 };
    20 * equations + guard.indices().map(condition).sum::<u64>()
}
