//! Earlier theorems as rewrites: where a side of one occurs, the other may stand.

use std::collections::BTreeMap;

use super::chain::Chain;
use crate::entail;
use crate::kernel::{
    Claim, Entailments, Expr, Facts, Index, Instance, Law, Literal, Name, Situation, Statement, Tensor, Theorem, Var,
    assign,
};

/// A use of a theorem: which one, in which direction, and for what.
#[derive(Clone, Debug)]
pub struct Use {
    /// The theorem.
    pub theorem: Name,
    /// Whether its right side stands in the expression.
    pub reversed: bool,
    /// Index terms for its sizes and indices.
    indices: BTreeMap<Var, Index>,
    /// Tensors for its tensors.
    tensors: BTreeMap<Name, Tensor>,
}

/// What a pattern's names stand for, found by matching.
#[derive(Clone, Default)]
struct Bindings {
    indices: BTreeMap<Var, Index>,
    tensors: BTreeMap<Name, Tensor>,
    /// Index terms of the pattern that are not single letters, to be compared when all letters are known.
    pending: Vec<(Index, Index)>,
}

/// The uses of earlier theorems at the root of an expression.
pub fn uses(situation: &Situation, expr: &Expr) -> Vec<Use> {
    situation.theorems.iter().flat_map(|theorem| uses_of(theorem, expr)).collect()
}

fn uses_of(theorem: &Theorem, expr: &Expr) -> Vec<Use> {
    let statement = theorem.statement();
    [false, true]
        .into_iter()
        .filter_map(|reversed| {
            let mut bindings = Bindings::default();
            let matched = match &statement.claim {
                Claim::Equation(left, right) => {
                    let pattern = if reversed { right } else { left };
                    // A side that is a bare entry of a variable tensor would match everything.
                    let bare = matches!(pattern, Expr::Entry(Tensor::Named(_), _) | Expr::Number(_) | Expr::Integer(_));
                    !bare && match_expr(statement, pattern, expr, &mut bindings)
                }
                Claim::Tensors(left, right) => match expr {
                    Expr::Entry(tensor, _) => {
                        let pattern = if reversed { right } else { left };
                        !matches!(pattern, Tensor::Named(_)) && match_tensor(statement, pattern, tensor, &mut bindings)
                    }
                    _ => false,
                },
                Claim::Holds(_) | Claim::Iff(_, _) => false,
            };
            if !matched {
                return None;
            }
            let (indices, tensors) = settle(statement, bindings)?;
            Some(Use { theorem: statement.name.clone(), reversed, indices, tensors })
        })
        .collect()
}

/// The bindings, where they give a value to everything that the theorem quantifies over.
fn settle(statement: &Statement, bindings: Bindings) -> Option<(BTreeMap<Var, Index>, BTreeMap<Name, Tensor>)> {
    let mut quantified = statement.parameters.iter().chain(&statement.indices);
    let complete = quantified.all(|var| bindings.indices.contains_key(var))
        && statement.signature.tensors.iter().all(|tensor| bindings.tensors.contains_key(&tensor.name))
        && bindings.pending.iter().all(|(pattern, term)| pattern.substitute(&bindings.indices) == *term);
    complete.then_some((bindings.indices, bindings.tensors))
}

fn is_variable(statement: &Statement, var: &Var) -> bool {
    statement.parameters.contains(var) || statement.indices.contains(var)
}

fn match_index(statement: &Statement, pattern: &Index, term: &Index, bindings: &mut Bindings) -> bool {
    match pattern.as_var().filter(|var| is_variable(statement, var)) {
        Some(var) => match bindings.indices.get(var) {
            Some(known) => known == term,
            None => bindings.indices.insert(var.clone(), term.clone()).is_none(),
        },
        None => {
            bindings.pending.push((pattern.clone(), term.clone()));
            true
        }
    }
}

fn match_indices(statement: &Statement, pattern: &[Index], terms: &[Index], bindings: &mut Bindings) -> bool {
    pattern.len() == terms.len()
        && pattern.iter().zip(terms).all(|(pattern, term)| match_index(statement, pattern, term, bindings))
}

fn match_tensor(statement: &Statement, pattern: &Tensor, tensor: &Tensor, bindings: &mut Bindings) -> bool {
    match (pattern, tensor) {
        (Tensor::Named(name), _) => match bindings.tensors.get(name) {
            Some(known) => known == tensor,
            None => bindings.tensors.insert(name.clone(), tensor.clone()).is_none(),
        },
        (
            Tensor::Call { definition: f, parameters: p, tensors: x },
            Tensor::Call { definition: g, parameters: q, tensors: y },
        ) => {
            f == g
                && x.len() == y.len()
                && match_indices(statement, p, q, bindings)
                && x.iter().zip(y).all(|(x, y)| match_tensor(statement, x, y, bindings))
        }
        _ => pattern == tensor,
    }
}

fn match_expr(statement: &Statement, pattern: &Expr, expr: &Expr, bindings: &mut Bindings) -> bool {
    match (pattern, expr) {
        (Expr::Entry(s, a), Expr::Entry(t, b)) => {
            match_tensor(statement, s, t, bindings) && match_indices(statement, a, b, bindings)
        }
        (Expr::Integer(a), Expr::Integer(b)) => match_index(statement, a, b, bindings),
        (Expr::Apply { function: f, orders: p, .. }, Expr::Apply { function: g, orders: q, .. })
            if f != g || p != q =>
        {
            false
        }
        (Expr::Sum(_, _, _) | Expr::Max(_, _, _) | Expr::Bracket(_), _) => false,
        _ if std::mem::discriminant(pattern) != std::mem::discriminant(expr) => false,
        (Expr::Number(a), Expr::Number(b)) => a == b,
        (Expr::Power(_, a), Expr::Power(_, b)) if a != b => false,
        _ => {
            let (a, b) = (pattern.children(), expr.children());
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| match_expr(statement, a, b, bindings))
        }
    }
}

/// The step that uses a theorem at the root of an expression.
pub fn apply<'a>(situation: &'a Situation<'a>, expr: &Expr, instance: &Use, depth: usize) -> Option<Chain<'a>> {
    let theorem = situation.theorems.iter().find(|theorem| theorem.statement().name == instance.theorem)?;
    let statement = theorem.statement();
    let facts = &situation.facts;
    let goals = statement.assumptions.and(&statement.ranges).substitute(&instance.indices);
    let assumptions = entail::prove_all(facts, goals.literals().cloned())?;
    let mut supports = Vec::new();
    for declaration in &statement.signature.tensors {
        supports.push(zero_outside(situation, instance, declaration)?);
    }
    let law = Law::Theorem(Box::new(Instance {
        theorem: instance.theorem.clone(),
        indices: instance.indices.clone().into_iter().collect(),
        tensors: instance.tensors.clone().into_iter().collect(),
        assumptions,
        supports,
    }));
    let mut chain = Chain::new(situation, expr.clone(), depth);
    if instance.reversed {
        let to = other_side(statement, expr, instance)?;
        chain.apply_reversed(&[], law, to)?;
    } else {
        chain.apply(&[], law)?;
    }
    chain.ring()?;
    Some(chain)
}

/// Proofs that a tensor is zero outside the box that the theorem declares, for a position with the names that the kernel
/// gives it.
fn zero_outside(
    situation: &Situation,
    instance: &Use,
    declaration: &crate::kernel::TensorDeclaration,
) -> Option<Entailments> {
    let tensor = instance.tensors.get(&declaration.name)?;
    let mut taken = situation.scope.clone();
    tensor.collect_free(&mut taken);
    instance.indices.values().for_each(|index| index.collect_vars(&mut taken));
    let mut position = Vec::new();
    for axis in &declaration.axes {
        let fresh = axis.fresh(&taken);
        position.push(Index::from(&fresh));
        taken.insert(fresh);
    }
    let support = situation.signature.support(tensor, &position).ok()?;
    let mut map = instance.indices.clone();
    map.extend(assign(&declaration.axes, &position).ok()?);
    let within: Facts = situation.facts.iter().chain(support.literals()).cloned().collect();
    let goals: Vec<Literal> = declaration.support.substitute(&map).literals().cloned().collect();
    entail::prove_all(&within, goals)
}

fn other_side(statement: &Statement, expr: &Expr, instance: &Use) -> Option<Expr> {
    let map = crate::kernel::Substitution::new(instance.indices.clone(), instance.tensors.clone());
    match (&statement.claim, expr) {
        (Claim::Equation(left, _), _) => Some(left.substitute(&map)),
        (Claim::Tensors(left, _), Expr::Entry(_, position)) => {
            Some(Expr::Entry(left.substitute(&map), position.clone()))
        }
        _ => None,
    }
}
