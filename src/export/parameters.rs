//! Which parameters of a definition its calls must name, and what the definition needs to know of them.
//!
//! The proof language reads sizes off the boxes of the tensors that a definition is given, and the kernel lists those sizes
//! before the integers that a call names. A definition of the kernel does not say where the one list ends and the other begins:
//! here as many sizes as possible are read off.

use std::collections::BTreeSet;

use crate::kernel::{Atom, Definition, Expr, Guard, Index, Literal, Tensor, TensorDeclaration, Var};

/// How many of the parameters are read off the boxes; a call names the others.
pub(super) fn implicit(definition: &Definition) -> usize {
    let ends: Vec<Index> = definition.tensors.iter().flat_map(ends).collect();
    let fits = |count: &usize| {
        let sizes = definition.parameters.get(..*count).unwrap_or_default();
        in_order(&ends, sizes) && all_read(&ends, sizes)
    };
    (0..=definition.parameters.len()).rev().find(fits).unwrap_or(0)
}

/// Whether the boxes mention the sizes in this order.
fn in_order(ends: &[Index], sizes: &[Var]) -> bool {
    let mut mentioned: Vec<Var> = Vec::new();
    for end in ends {
        let mut vars = BTreeSet::new();
        end.collect_vars(&mut vars);
        let new = vars.into_iter().filter(|var| sizes.contains(var));
        mentioned.extend(new.filter(|var| !mentioned.contains(var)).collect::<Vec<_>>());
    }
    mentioned == sizes
}

/// Whether each of the sizes is what one end of a box leaves open, at last.
fn all_read(ends: &[Index], sizes: &[Var]) -> bool {
    let mut unread: BTreeSet<&Var> = sizes.iter().collect();
    for end in ends {
        let mut open = unread.iter().filter(|var| end.contains(var));
        if let (Some(var), None) = (open.next().copied(), open.next())
            && !(end - &Index::from(var)).contains(var)
        {
            unread.remove(var);
        }
    }
    unread.is_empty()
}

/// The ends of a tensor's box, axis by axis, the lower one first.
fn ends(tensor: &TensorDeclaration) -> Vec<Index> {
    let end = |axis: &Var, upper: bool| {
        tensor.support.literals().find_map(|literal| {
            let Literal::Ge(term) = literal else { return None };
            let letter = Index::from(axis);
            let end = if upper { term + &letter } else { &letter - term };
            (!end.contains(axis)).then_some(end)
        })
    };
    tensor.axes.iter().flat_map(|axis| [end(axis, false), end(axis, true)]).flatten().collect()
}

/// What must be at least 1 so that the definition has a meaning: divisors, and the lengths of the ranges of its maxima.
pub(super) fn divisors(definition: &Definition) -> Vec<Index> {
    let mut found = BTreeSet::new();
    let guards = definition.tensors.iter().map(|tensor| &tensor.support).chain([&definition.support]);
    guards.for_each(|guard| in_guard(guard, &mut found));
    in_expr(&definition.body, &mut found);
    let own = |divisor: &Index| {
        let mut vars = BTreeSet::new();
        divisor.collect_vars(&mut vars);
        !vars.is_empty() && vars.iter().all(|var| definition.parameters.contains(var))
    };
    found.into_iter().filter(own).collect()
}

fn in_expr(expr: &Expr, found: &mut BTreeSet<Index>) {
    match expr {
        Expr::Integer(index) => in_index(index, found),
        Expr::Entry(tensor, position) => {
            in_tensor(tensor, found);
            position.iter().for_each(|index| in_index(index, found));
        }
        Expr::Derivative(_, _, position) => position.iter().for_each(|index| in_index(index, found)),
        Expr::Bracket(guard) | Expr::Sum(_, guard, _) => in_guard(guard, found),
        Expr::Max(vars, guard, _) => {
            in_guard(guard, found);
            let boxed = |axis: &Var| {
                let box_ =
                    TensorDeclaration { name: axis.name.clone(), axes: vec![axis.clone()], support: guard.clone() };
                let [lower, upper] = <[Index; 2]>::try_from(ends(&box_)).ok()?;
                Some(&(&upper - &lower) + &Index::from(1))
            };
            found.extend(vars.iter().filter_map(boxed).filter(|length| length.as_constant().is_none()));
        }
        _ => {}
    }
    expr.children().iter().for_each(|child| in_expr(child, found));
}

fn in_tensor(tensor: &Tensor, found: &mut BTreeSet<Index>) {
    match tensor {
        Tensor::Named(_) => {}
        Tensor::Call { parameters, tensors, .. } => {
            parameters.iter().for_each(|index| in_index(index, found));
            tensors.iter().for_each(|tensor| in_tensor(tensor, found));
        }
        Tensor::Lambda { support, body, .. } => {
            in_guard(support, found);
            in_expr(body, found);
        }
    }
}

fn in_guard(guard: &Guard, found: &mut BTreeSet<Index>) {
    guard.literals().for_each(|literal| in_index(literal.index(), found));
}

fn in_index(index: &Index, found: &mut BTreeSet<Index>) {
    for atom in index.atoms() {
        match atom {
            Atom::Var(_) => {}
            Atom::Floor(above, below) => {
                found.insert(below.as_ref().clone());
                in_index(above, found);
                in_index(below, found);
            }
            Atom::Max(a, b) => {
                in_index(a, found);
                in_index(b, found);
            }
            Atom::Apply(_, arguments) => arguments.iter().for_each(|argument| in_index(argument, found)),
            Atom::Volume(size) => in_index(size, found),
        }
    }
}
