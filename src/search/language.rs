//! Kernel expressions as e-nodes.
//!
//! An e-node is an expression with its children cut off. Index terms, guards and the letters of binders are part of the node
//! and stay out of the e-graph's reach: index arithmetic is canonical, and sums and products have sorted children, so there are
//! no rules for commutativity or associativity.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::mem::{Discriminant, discriminant};

use egg::{Analysis, DidMerge, EGraph, FlatTerm, Id, Language};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::kernel::{Expr, Guard, Index, Name, Tensor, Var, first_level};

/// An expression without its children.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Head {
    /// An expression that has no children: a number, an integer term, an entry, a bracket.
    Leaf(Expr),
    /// A sum.
    Add,
    /// A product.
    Mul,
    /// A power.
    Power(u32),
    /// `1/e`.
    Inverse,
    /// A scalar function.
    Apply(Name, Vec<u32>),
    /// Σ.
    Sum(Vec<Var>, Guard),
    /// max.
    Max(Vec<Var>, Guard),
    /// ∂.
    Derivative(Name, Vec<Index>),
}

/// An e-node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// What it is.
    pub head: Head,
    /// Its children's classes.
    pub children: Vec<Id>,
}

impl Language for Node {
    type Discriminant = std::mem::Discriminant<Head>;

    fn discriminant(&self) -> Self::Discriminant {
        std::mem::discriminant(&self.head)
    }

    fn matches(&self, other: &Self) -> bool {
        self.head == other.head && self.children.len() == other.children.len()
    }

    fn children(&self) -> &[Id] {
        &self.children
    }

    fn children_mut(&mut self) -> &mut [Id] {
        &mut self.children
    }
}

/// The head of an expression.
fn head(expr: &Expr) -> Head {
    match expr {
        Expr::Number(_) | Expr::Integer(_) | Expr::Entry(_, _) | Expr::Bracket(_) => Head::Leaf(expr.clone()),
        Expr::Add(_) => Head::Add,
        Expr::Mul(_) => Head::Mul,
        Expr::Power(_, exponent) => Head::Power(*exponent),
        Expr::Inverse(_) => Head::Inverse,
        Expr::Apply { function, orders, .. } => Head::Apply(function.clone(), orders.clone()),
        Expr::Sum(vars, guard, _) => Head::Sum(vars.clone(), guard.clone()),
        Expr::Max(vars, guard, _) => Head::Max(vars.clone(), guard.clone()),
        Expr::Derivative(_, tensor, position) => Head::Derivative(tensor.clone(), position.clone()),
    }
}

/// The expression with a head and children.
pub fn expression(head: &Head, children: Vec<Expr>) -> Expr {
    match head {
        Head::Leaf(expr) => expr.clone(),
        Head::Add => Expr::Add(children),
        Head::Mul => Expr::Mul(children),
        Head::Inverse => Expr::Inverse(only_child(children)),
        Head::Apply(function, orders) => {
            Expr::Apply { function: function.clone(), orders: orders.clone(), arguments: children }
        }
        Head::Power(exponent) => Expr::Power(only_child(children), *exponent),
        Head::Sum(vars, guard) => Expr::Sum(vars.clone(), guard.clone(), only_child(children)),
        Head::Max(vars, guard) => Expr::Max(vars.clone(), guard.clone(), only_child(children)),
        Head::Derivative(tensor, position) => Expr::Derivative(only_child(children), tensor.clone(), position.clone()),
    }
}

fn only_child(mut children: Vec<Expr>) -> Box<Expr> {
    Box::new(children.pop().unwrap_or_else(|| Expr::from(0)))
}

/// Adds exactly this expression; the id stands for it and no other member of its class, which explanations need.
pub fn add(egraph: &mut EGraph<Node, Latest>, expr: &Expr) -> Id {
    let children = expr.children().iter().map(|child| add(egraph, child)).collect();
    egraph.add_uncanonical(Node { head: head(expr), children })
}

/// The expression that a term of an explanation stands for.
pub fn read(term: &FlatTerm<Node>) -> Expr {
    expression(&term.node.head, term.children.iter().map(read).collect())
}

/// How many uses of rules are followed from one expression.
const FUEL: usize = 5_000;

/// Deeper terms are not followed.
const DEPTH_LIMIT: usize = 200;

/// The kind and the weight of an expression.
type Shape = (Discriminant<Expr>, usize);

fn shape(expr: &Expr) -> Shape {
    (discriminant(expr), weight(expr))
}

/// Keeps one expression per class: the one that the directed rules have brought furthest.
#[derive(Clone, Debug, Default)]
pub struct Latest {
    /// What a directed rule made of an expression.
    next: FxHashMap<Expr, Expr>,
    /// The kinds and weights of these expressions: what has no such shape need not be looked up, which would read all of it.
    shapes: FxHashSet<Shape>,
    /// The same where the result contains the expression again, as in `x = [P]·x + [¬P]·x`; used at the root alone.
    expansions: FxHashMap<Expr, Expr>,
    /// How many parts of terms were read to follow the rules.
    work: Cell<u64>,
}

/// More parts of terms are not read to follow the rules; the chains of ten convolutions read a fifth of it.
const WORK_LIMIT: u64 = 8_000_000;

impl Latest {
    /// Records that a rule leads from one expression to another.
    pub fn record(&mut self, from: Expr, to: Expr) {
        // Numbers and entries stand in many places; only sums and products are replaced everywhere.
        let divided = matches!(to, Expr::Add(_)) && !matches!(from, Expr::Add(_) | Expr::Mul(_) | Expr::Sum(_, _, _));
        if from == to || self.next.contains_key(&from) {
            return;
        }
        if contains(&to, &from) || (divided && from.children().is_empty() && !is_call(&from)) {
            self.expansions.entry(from).or_insert(to);
            return;
        }
        self.shapes.insert(shape(&from));
        self.next.insert(from.clone(), to);
        // Two rules may lead round in a circle, each putting the other's left side into its right side.
        if self.walk(&from, 0, &mut { FUEL }).is_none() {
            self.next.remove(&from);
        }
    }

    /// The expression as a divided sum, where the finder has divided it.
    pub fn expand(&self, root: &Expr) -> Expr {
        self.expansions.get(root).cloned().unwrap_or_else(|| root.clone())
    }

    /// Whether following the rules has cost too much: the terms are too large to go on.
    pub fn is_exhausted(&self) -> bool {
        self.work.get() > WORK_LIMIT
    }

    /// What a rule made of an expression, if one applied.
    fn look_up(&self, expr: &Expr) -> Option<&Expr> {
        let shape = shape(expr);
        self.work.set(self.work.get().saturating_add(shape.1 as u64));
        if self.shapes.contains(&shape) { self.next.get(expr) } else { None }
    }

    /// Follows the rules from an expression as far as they have led, in all its parts.
    pub fn follow(&self, expr: &Expr) -> Expr {
        self.walk(expr, 0, &mut { FUEL }).flatten().unwrap_or_else(|| expr.clone())
    }

    /// The same, where it leads to another expression; `None` where the rules lead on and on. Most parts stay what they are, and none of
    /// these is copied.
    fn walk(&self, expr: &Expr, depth: usize, fuel: &mut usize) -> Option<Option<Expr>> {
        if depth > DEPTH_LIMIT || self.is_exhausted() {
            return None;
        }
        let mut changed: Option<Expr> = None;
        loop {
            let mut current = changed.as_ref().unwrap_or(expr);
            let mut found = None;
            while let Some(next) = self.look_up(current) {
                *fuel = fuel.checked_sub(1)?;
                (current, found) = (next, Some(next));
            }
            let mut followed = Vec::new();
            for (place, child) in current.children().iter().enumerate() {
                if let Some(other) = self.walk(child, depth + 1, fuel)? {
                    followed.push((place, other));
                }
            }
            if let Some(found) = found {
                changed = Some(found.clone());
            }
            if followed.is_empty() {
                return Some(changed);
            }
            let mut other = changed.unwrap_or_else(|| expr.clone());
            for (place, child) in followed {
                if let Some(slot) = other.children_mut().get_mut(place) {
                    *slot = child;
                }
            }
            changed = Some(other);
        }
    }
}

impl Analysis<Node> for Latest {
    type Data = Expr;

    fn make(egraph: &mut EGraph<Node, Self>, node: &Node, _id: Id) -> Expr {
        let children = node.children.iter().map(|child| egraph[*child].data.clone()).collect();
        egraph.analysis.follow(&expression(&node.head, children))
    }

    fn merge(&mut self, kept: &mut Expr, other: Expr) -> DidMerge {
        let (left, right) = (self.follow(kept), self.follow(&other));
        let best = if (size(&left), &left) <= (size(&right), &right) { left } else { right };
        let merged = DidMerge(best != *kept, best != other);
        *kept = best;
        merged
    }
}

fn is_call(expr: &Expr) -> bool {
    matches!(expr, Expr::Entry(tensor, _) if !matches!(tensor, Tensor::Named(_)))
}

fn contains(expr: &Expr, part: &Expr) -> bool {
    expr == part || expr.children().iter().any(|child| contains(child, part))
}

/// How many nodes an expression has.
pub fn size(expr: &Expr) -> usize {
    1 + expr.children().iter().map(size).sum::<usize>()
}

/// The same with what stands in the arguments of definitions.
pub fn weight(expr: &Expr) -> usize {
    let own = if let Expr::Entry(tensor, _) = expr { tensor_weight(tensor) } else { 1 };
    own + expr.children().iter().map(weight).sum::<usize>()
}

fn tensor_weight(tensor: &Tensor) -> usize {
    match tensor {
        Tensor::Named(_) => 1,
        Tensor::Call { tensors, .. } => 1 + tensors.iter().map(tensor_weight).sum::<usize>(),
        Tensor::Lambda { body, .. } => 1 + weight(body),
    }
}

/// The expression of a node with the representatives of its children.
pub fn represent(egraph: &EGraph<Node, Latest>, node: &Node) -> Expr {
    expression(&node.head, node.children.iter().map(|child| egraph[*child].data.clone()).collect())
}

/// The number of letters that may be bound around an expression: its own binders count from there.
pub fn level(expr: &Expr) -> usize {
    let outer = first_level(&expr.free_vars());
    lowest_binder(expr).map_or(outer, |own| own.max(outer))
}

fn lowest_binder(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Sum(vars, _, body) | Expr::Max(vars, _, body) => lowest(vars).or_else(|| lowest_binder(body)),
        Expr::Entry(tensor, _) => lowest_in(tensor),
        _ => expr.children().iter().filter_map(lowest_binder).min(),
    }
}

fn lowest_in(tensor: &Tensor) -> Option<usize> {
    match tensor {
        Tensor::Named(_) => None,
        Tensor::Call { tensors, .. } => tensors.iter().filter_map(lowest_in).min(),
        Tensor::Lambda { axes, body, .. } => lowest(axes).or_else(|| lowest_binder(body)),
    }
}

fn lowest(vars: &[Var]) -> Option<usize> {
    let levels = vars.iter().map(|var| first_level(&BTreeSet::from([var.clone()])));
    levels.min().map(|next| next.saturating_sub(1))
}
