//! Readable names for bound letters.
//!
//! The kernel names bound letters `$0`, `$1`, … where their names do not matter. A reader wants `u` and `v`, and wants a
//! letter to keep its name from line to line for as long as it is the same letter.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::{Expr, Guard, Index, Name, Substitution, Tensor, Var};

/// Names that are tried in turn; primes are added when they are used up.
const POOL: [&str; 16] = ["u", "v", "s", "t", "k", "l", "p", "q", "r", "a", "b", "c", "d", "e", "g", "h"];

/// Names for letters that replace others in a substitution.
const NEW: [&str; 12] = ["s", "t", "k", "l", "p", "q", "r", "a", "b", "c", "d", "e"];

/// Names for the axes of a tensor.
const AXES: [&str; 4] = ["i", "j", "k", "l"];

/// Names for the sizes of outputs.
const SIZES: [&str; 8] = ["O", "P", "Q", "R", "S", "T", "U", "V"];

/// Whether a letter has no name of its own.
pub(super) fn is_canonical(name: &Name) -> bool {
    name.as_str().starts_with('$')
}

/// The first name of the pool that is not taken.
fn pick(pool: &[&str], taken: &BTreeSet<Name>) -> Name {
    let mut primes = String::new();
    loop {
        let free = pool.iter().map(|base| Name::from(format!("{base}{primes}"))).find(|name| !taken.contains(name));
        match free {
            Some(name) => return name,
            None => primes.push('\''),
        }
    }
}

/// A name for a new summation letter.
pub(super) fn fresh_letter(taken: &BTreeSet<Name>) -> Name {
    pick(&POOL, taken)
}

/// A name for a letter that replaces another.
pub(super) fn replacing_letter(taken: &BTreeSet<Name>) -> Name {
    pick(&NEW, taken)
}

/// A name for an axis of a tensor.
pub(super) fn fresh_axis(taken: &BTreeSet<Name>) -> Name {
    pick(&AXES, taken)
}

/// A name for a size that is made of others.
pub(super) fn fresh_size(taken: &BTreeSet<Name>) -> Name {
    pick(&SIZES, taken)
}

/// Names that a bound letter may not have, or should not get.
#[derive(Clone, Default)]
pub(super) struct Names {
    /// Letters around: a reader would take a bound letter of this name for one of them.
    pub scope: BTreeSet<Name>,
    /// Other names in use: kept where they stand, but never given to another letter.
    pub reserved: BTreeSet<Name>,
}

impl Names {
    /// Names that a new letter may not take.
    pub fn taken(&self) -> BTreeSet<Name> {
        self.scope.union(&self.reserved).cloned().collect()
    }

    /// Whether a letter keeps its name.
    pub fn keeps(&self, name: &Name) -> bool {
        !is_canonical(name) && !self.scope.contains(name)
    }
}

/// The expression with a readable name for every canonical bound letter, and for every one with the name of a letter around it.
pub(super) fn readable(expr: &Expr, names: &Names) -> Expr {
    let mut names = names.clone();
    names.scope.extend(expr.free_vars().into_iter().map(|var| var.name));
    self::names(expr, &mut names.reserved);
    rename(expr, &names)
}

/// Every name of a variable in the expression that an author may have given, bound ones included.
pub(super) fn names(expr: &Expr, found: &mut BTreeSet<Name>) {
    let add = |found: &mut BTreeSet<Name>, vars: BTreeSet<Var>| {
        found.extend(vars.into_iter().map(|var| var.name).filter(|name| !is_canonical(name)));
    };
    add(found, expr.free_vars());
    match expr {
        Expr::Sum(vars, _, _) | Expr::Max(vars, _, _) => add(found, vars.iter().cloned().collect()),
        Expr::Entry(tensor, _) => names_of_tensor(tensor, found),
        _ => {}
    }
    expr.children().iter().for_each(|child| names(child, found));
}

fn names_of_tensor(tensor: &Tensor, found: &mut BTreeSet<Name>) {
    match tensor {
        Tensor::Named(_) => {}
        Tensor::Call { tensors, .. } => tensors.iter().for_each(|tensor| names_of_tensor(tensor, found)),
        Tensor::Lambda { axes, body, .. } => {
            found.extend(axes.iter().map(|var| var.name.clone()).filter(|name| !is_canonical(name)));
            names(body, found);
        }
    }
}

fn rename(expr: &Expr, names: &Names) -> Expr {
    let mut result = expr.clone();
    if let Expr::Sum(vars, guard, body) | Expr::Max(vars, guard, body) = &mut result {
        let (named, inner) = readable_names(vars, names);
        let (guard_, body_) = open(vars, &named, guard, body);
        (*vars, *guard, **body) = (named, guard_, rename(&body_, &inner));
        return result;
    }
    if let Expr::Entry(tensor, _) = &mut result {
        *tensor = rename_tensor(tensor, names);
    }
    for child in result.children_mut() {
        *child = rename(child, names);
    }
    result
}

fn rename_tensor(tensor: &Tensor, names: &Names) -> Tensor {
    match tensor {
        Tensor::Named(_) => tensor.clone(),
        Tensor::Call { definition, parameters, tensors } => Tensor::Call {
            definition: definition.clone(),
            parameters: parameters.clone(),
            tensors: tensors.iter().map(|tensor| rename_tensor(tensor, names)).collect(),
        },
        Tensor::Lambda { axes, support, body } => {
            let (named, inner) = readable_names(axes, names);
            let (support, body) = open(axes, &named, support, body);
            Tensor::Lambda { axes: named, support, body: Box::new(rename(&body, &inner)) }
        }
    }
}

/// Names for letters that are bound together, and the names that are in use below them.
fn readable_names(vars: &[Var], names: &Names) -> (Vec<Var>, Names) {
    let mut inner = names.clone();
    let mut named = Vec::new();
    for var in vars {
        let name = if inner.keeps(&var.name) { var.name.clone() } else { fresh_letter(&inner.taken()) };
        inner.scope.insert(name.clone());
        named.push(Var { name, rank: var.rank.clone() });
    }
    (named, inner)
}

/// A binder's parts with other names for its letters.
pub(super) fn open(from: &[Var], to: &[Var], guard: &Guard, body: &Expr) -> (Guard, Expr) {
    if from == to {
        return (guard.clone(), body.clone());
    }
    let map: BTreeMap<Var, Index> = from.iter().cloned().zip(to.iter().map(Index::from)).collect();
    (guard.substitute(&map), body.substitute(&Substitution::of_indices(map)))
}
