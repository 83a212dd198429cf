//! Remarks on statements that say less than they seem to.

use std::collections::BTreeSet;

use crate::kernel::{Atom, Claim, Expr, Guard, Index, Literal, Name, Statement, Tensor, Var, ring_equal};

use super::code::{ClaimCode, Code, Program};
use super::model::Integers;
use super::points::{Budget, point_list};
use super::poly::System;
use super::refute::{CrossCheck, Options, check};
use super::sample::{ranks, small};

/// What makes a statement suspicious: assumptions that nothing satisfies, ranges and sums that are always empty, sides that are
/// the same, declared names that nothing uses.
pub fn lint(statement: &Statement) -> Vec<String> {
    let mut remarks = Vec::new();
    if let CrossCheck::Vacuous(reason) = check(statement, &Options { points: 20_000, ..Options::default() }) {
        remarks.push(format!("the statement says nothing: {reason}"));
    } else {
        remarks.extend(empty_sums(statement));
    }
    let same = match &statement.claim {
        Claim::Equation(left, right) => {
            left.same(right) || ring_equal(left, right) == Ok(true) && left.children().is_empty()
        }
        Claim::Tensors(left, right) => left.canonical_at(0) == right.canonical_at(0),
        // That it is true on sight is remarked where it is read.
        Claim::Holds(_) => false,
        Claim::Iff(left, right) => left == right,
    };
    if same {
        remarks.push("both sides are the same".into());
    }
    remarks.extend(unused(statement));
    remarks
}

/// Sums of the statement itself that have no point for any small sizes and indices.
fn empty_sums(statement: &Statement) -> Option<String> {
    let ranks = ranks(statement).into_iter().next()?;
    let program = Program::new(statement, &ranks).ok()?;
    let mut systems = Vec::new();
    if let ClaimCode::Equation(left, right) = &program.claim {
        outermost(left, &mut systems);
        outermost(right, &mut systems);
    }
    let integers = Integers::default();
    let mut budget = Budget::new(40_000);
    let sizes = small(&program, &budget).ok()?;
    for system in systems {
        let mut inhabited = sizes.is_empty();
        'sizes: for parameters in &sizes {
            let indices = super::sample::indices(&program, parameters, &integers, &mut budget).ok()?;
            for index in indices {
                let mut frame: Vec<i64> = parameters.iter().chain(&index).copied().collect();
                frame.resize(program.slots.max(frame.len()), 0);
                if !point_list(system, &mut frame, &integers, None, &mut budget).ok()?.is_empty() {
                    inhabited = true;
                    break 'sizes;
                }
            }
        }
        if !inhabited {
            let letters: BTreeSet<&Name> = system.letters.iter().collect();
            let letters: Vec<&str> = letters.into_iter().map(Name::as_str).collect();
            return Some(format!(
                "the range of the sum over {} is empty for all sizes that were tried",
                letters.join(", ")
            ));
        }
    }
    None
}

/// Sums that are not inside other sums.
fn outermost<'a>(code: &'a Code, found: &mut Vec<&'a System>) {
    match code {
        Code::Sum(system, _) | Code::Max(system, _) => found.push(system),
        Code::Add(parts) | Code::Mul(parts) | Code::Apply { arguments: parts, .. } => {
            parts.iter().for_each(|part| outermost(part, found));
        }
        Code::Power(part, _) | Code::Inverse(part) | Code::Derivative(part, _, _) => outermost(part, found),
        Code::Number(_) | Code::Integer(_) | Code::Entry(_, _) | Code::Bracket(_) => {}
    }
}

#[derive(Default)]
struct Used {
    names: BTreeSet<Name>,
    vars: BTreeSet<Var>,
}

impl Used {
    fn index(&mut self, index: &Index) {
        index.collect_vars(&mut self.vars);
        for atom in index.atoms() {
            if let Atom::Apply(name, _) = atom {
                self.names.insert(name.clone());
            }
        }
    }

    fn guard(&mut self, guard: &Guard) {
        guard.literals().for_each(|literal| self.index(literal.index()));
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Integer(index) => self.index(index),
            Expr::Entry(tensor, position) => {
                self.tensor(tensor);
                position.iter().for_each(|index| self.index(index));
            }
            Expr::Derivative(_, tensor, position) => {
                self.names.insert(tensor.clone());
                position.iter().for_each(|index| self.index(index));
            }
            Expr::Bracket(guard) | Expr::Sum(_, guard, _) | Expr::Max(_, guard, _) => self.guard(guard),
            Expr::Apply { function, .. } => {
                self.names.insert(function.clone());
            }
            Expr::Number(_) | Expr::Add(_) | Expr::Mul(_) | Expr::Power(_, _) | Expr::Inverse(_) => {}
        }
        expr.children().iter().for_each(|child| self.expr(child));
    }

    fn tensor(&mut self, tensor: &Tensor) {
        match tensor {
            Tensor::Named(name) => {
                self.names.insert(name.clone());
            }
            Tensor::Call { definition, parameters, tensors } => {
                self.names.insert(definition.clone());
                parameters.iter().for_each(|index| self.index(index));
                tensors.iter().for_each(|tensor| self.tensor(tensor));
            }
            Tensor::Lambda { support, body, .. } => {
                self.guard(support);
                self.expr(body);
            }
        }
    }
}

/// Declared names that neither the claim nor what it uses mentions.
fn unused(statement: &Statement) -> Vec<String> {
    let mut used = Used::default();
    match &statement.claim {
        Claim::Equation(left, right) => [left, right].into_iter().for_each(|side| used.expr(side)),
        Claim::Tensors(left, right) => [left, right].into_iter().for_each(|side| used.tensor(side)),
        Claim::Holds(guard) => used.guard(guard),
        Claim::Iff(left, right) => [left, right].into_iter().for_each(|side| used.guard(side)),
    }
    used.guard(&statement.ranges);
    // `m ≥ 1` alone is a declaration and no use.
    let together = |literal: &&Literal| {
        let mut vars = BTreeSet::new();
        literal.index().collect_vars(&mut vars);
        vars.len() > 1
    };
    statement.assumptions.literals().filter(together).for_each(|literal| used.index(literal.index()));
    // Definitions use what stands before them, so one pass from the last to the first sees all uses.
    let signature = &statement.signature;
    let mut remarks = Vec::new();
    for definition in signature.definitions.iter().rev() {
        if used.names.contains(&definition.name) {
            used.expr(&definition.body);
        } else {
            remarks.push(format!("the definition {} is not used", definition.name));
        }
    }
    for tensor in &signature.tensors {
        if used.names.contains(&tensor.name) {
            used.guard(&tensor.support);
        } else {
            remarks.push(format!("the tensor {} is not used", tensor.name));
        }
    }
    let functions = signature.functions.iter().filter(|function| !used.names.contains(&function.name));
    remarks.extend(functions.map(|function| format!("the function {} is not used", function.name)));
    let letters = statement.parameters.iter().chain(&statement.indices).filter(|var| !used.vars.contains(var));
    remarks.extend(letters.map(|var| format!("{} is declared, but not used", var.name)));
    remarks
}
