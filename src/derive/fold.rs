//! Products that contain an entry of a tensor with a name: `exp(z[i]) / Σ_k exp(z[k])` is `softmax(z)[i]`.
//!
//! A tensor that the file speaks of is unfolded at letters of its own. Where that is one product, its factors are looked for among those of
//! a term; the letters take the values with which the factors are there.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::{Expr, Facts, Index, Name, Signature, Substitution, Tensor, Var};
use crate::search::monomial::{Monomial, monomials, product};
use crate::search::saturate::{Ground, Session};
use crate::search::simplify::solve;
use crate::search::{Budget, Statistics};
use crate::syntax::{Library, Operand, Operator};

/// A tensor that is one product of factors.
#[derive(Clone, Debug)]
pub struct Known {
    tensor: Tensor,
    letters: Vec<Var>,
    factors: Vec<Expr>,
}

/// The tensors that an expression calls or that `let` names, and that are products of two factors or more.
pub fn known(library: &Library, ground: &Ground, start: &Expr) -> Vec<Known> {
    let mut tensors: BTreeSet<Tensor> = BTreeSet::new();
    calls(start, &mut tensors);
    library.made().for_each(|tensor| add(tensor, &mut tensors));
    let mut found = Vec::new();
    for tensor in tensors {
        let Tensor::Call { definition, .. } = &tensor else { continue };
        let Ok(definition) = ground.signature.definition(definition) else { continue };
        let letters: Vec<Var> = definition.axes.iter().map(|axis| letter(&axis.name, axis)).collect();
        let position: Vec<Index> = letters.iter().map(Index::from).collect();
        let mut ground = ground.clone();
        let Ok(support) = ground.signature.support(&tensor, &position) else { continue };
        ground.facts.extend(support.literals().cloned());
        ground.scope.extend(letters.iter().cloned());
        let Some(term) = single(&ground, &Expr::Entry(tensor.clone(), position)) else { continue };
        if term.vars.is_empty() && term.guard.is_empty() && term.factors.len() > 1 {
            found.push(Known { tensor, letters, factors: term.factors });
        }
    }
    found
}

fn letter(name: &Name, var: &Var) -> Var {
    Var { name: Name::from(format!("%{name}")), rank: var.rank.clone() }
}

/// The one term that an expression comes to.
fn single(ground: &Ground, expr: &Expr) -> Option<Monomial> {
    let mut session = Session::new(ground, 0);
    let id = session.add(&expr.canonical());
    session.settle(None, &Budget::default(), &mut Statistics::default());
    let mut terms = monomials(&session.latest(id));
    (terms.len() == 1).then(|| terms.remove(0))
}

/// The calls in an expression that have all their letters free outside of it.
fn calls(expr: &Expr, found: &mut BTreeSet<Tensor>) {
    if let Expr::Entry(tensor, _) = expr {
        add(tensor, found);
    }
    expr.children().iter().for_each(|child| calls(child, found));
}

fn add(tensor: &Tensor, found: &mut BTreeSet<Tensor>) {
    if let Tensor::Call { tensors, .. } = tensor {
        found.insert(tensor.clone());
        tensors.iter().for_each(|tensor| add(tensor, found));
    }
}

impl Known {
    /// The term with as many entries of the tensor as its factors allow; nothing where there is none.
    pub fn fold(&self, term: &Expr) -> Option<Expr> {
        let mut terms = monomials(term);
        if terms.len() != 1 {
            return None;
        }
        let Monomial { vars, guard, coefficient, weight, factors, .. } = terms.remove(0);
        let bound = |expr: &Expr| vars.iter().any(|var| expr.free_vars().contains(var));
        let (inner, mut outer): (Vec<Expr>, Vec<Expr>) = factors.into_iter().partition(bound);
        let mut entries = Vec::new();
        while let Some((position, rest)) = self.taken(&outer) {
            entries.push(Expr::Entry(self.tensor.clone(), position));
            outer = rest;
        }
        if entries.is_empty() {
            return None;
        }
        let number = [Expr::Number(coefficient)];
        let mut body: Vec<Expr> = inner;
        if weight != Index::from(1) {
            body.insert(0, Expr::Integer(weight));
        }
        if !vars.is_empty() {
            body = vec![Expr::Sum(vars, guard, Box::new(product(body)))];
        } else if !guard.is_empty() {
            body.push(Expr::Bracket(guard));
        }
        let one = |factor: &Expr| matches!(factor, Expr::Number(value) if num_traits::One::is_one(value));
        let all = number.into_iter().filter(|factor| !one(factor)).chain(entries).chain(outer).chain(body);
        Some(product(all.collect()))
    }

    /// The factors without those of one entry, and its position.
    fn taken(&self, factors: &[Expr]) -> Option<(Vec<Index>, Vec<Expr>)> {
        // The letters are read off a factor that has all of them.
        let reads_all = |factor: &&Expr| self.letters.iter().all(|letter| factor.free_vars().contains(letter));
        let anchor = self.factors.iter().find(reads_all)?;
        factors.iter().find_map(|factor| {
            let map = read_off(anchor, factor, &self.letters)?;
            let substitution = Substitution::of_indices(map.clone());
            let mut rest = factors.to_vec();
            for own in &self.factors {
                let wanted = own.substitute(&substitution).canonical();
                let place = rest.iter().position(|other| other.canonical() == wanted)?;
                rest.remove(place);
            }
            Some((self.letters.iter().map(|letter| map.get(letter).cloned()).collect::<Option<_>>()?, rest))
        })
    }
}

/// The values of letters for which a pattern is an expression: read off the positions of the first entry that both have.
fn read_off(pattern: &Expr, expr: &Expr, letters: &[Var]) -> Option<BTreeMap<Var, Index>> {
    let (pattern, expr) = (first_entry(pattern, letters)?, first_entry(expr, &[])?);
    let mut map = BTreeMap::new();
    for (own, other) in pattern.iter().zip(&expr) {
        for letter in letters.iter().filter(|letter| own.contains(letter)) {
            // own(letter) = other, where the letter stands alone.
            let value = solve(&(own - other), letter)?;
            if letters.iter().any(|letter| value.contains(letter)) {
                return None;
            }
            map.entry(letter.clone()).or_insert(value);
        }
    }
    letters.iter().all(|letter| map.contains_key(letter)).then_some(map)
}

/// The position of the first entry that has some of the letters, or of any entry where none are given.
fn first_entry(expr: &Expr, letters: &[Var]) -> Option<Vec<Index>> {
    match expr {
        Expr::Entry(_, position) => {
            let has = |letter: &Var| position.iter().any(|index| index.contains(letter));
            (letters.is_empty() || letters.iter().any(has)).then(|| position.clone())
        }
        _ => expr.children().iter().find_map(|child| first_entry(child, letters)),
    }
}

/// An operator that applies a function to each entry.
#[derive(Clone, Debug)]
pub struct Pointwise<'a> {
    operator: Operator<'a>,
    tensor: Name,
    axes: Vec<Var>,
    body: Expr,
}

/// The operators that apply a function to each entry: `activate(z)[i] = sigma(z[i])`.
pub fn pointwise(library: &Library) -> Vec<Pointwise<'_>> {
    let (definitions, functions) = (library.definitions(), library.functions());
    let mut found = Vec::new();
    for operator in library.operators() {
        let definition = operator.definition();
        let [tensor] = definition.tensors.as_slice() else { continue };
        // Functions are no part of what ships, so that few operators are unfolded here.
        if !definition.body.any(&|part| matches!(part, Expr::Apply { .. })) || definition.axes.is_empty() {
            continue;
        }
        let facts: Facts = operator.assumptions().and(&definition.support).literals().cloned().collect();
        let signature = Signature {
            tensors: definition.tensors.clone(),
            functions: functions.clone(),
            definitions: definitions.clone(),
            premises: Vec::new(),
        };
        let scope = definition.parameters.iter().chain(&definition.axes).cloned().collect();
        let ground = Ground { signature, theorems: Vec::new(), facts, scope };
        let Some(term) = single(&ground, &definition.body) else { continue };
        let position: Vec<Index> = definition.axes.iter().map(Index::from).collect();
        if let ([body @ Expr::Apply { .. }], true, true) = (term.factors.as_slice(), term.vars.is_empty(), term.guard.is_empty())
            && body.any(&|part| matches!(part, Expr::Entry(Tensor::Named(name), place) if *name == tensor.name && *place == position))
        {
            found.push(Pointwise { operator, tensor: tensor.name.clone(), axes: definition.axes.clone(), body: body.clone() });
        }
    }
    found
}

impl Pointwise<'_> {
    /// The tensor whose entry a factor is, with the position.
    pub fn read(&self, library: &Library, facts: &Facts, factor: &Expr) -> Option<(Operand, Vec<Index>)> {
        let (name, position) = named_entry(factor)?;
        let operand = library.operand(&name)?;
        let map: BTreeMap<Var, Index> = self.axes.iter().cloned().zip(position.iter().cloned()).collect();
        let tensors = [(self.tensor.clone(), operand.tensor.clone())].into_iter().collect();
        let body = self.body.substitute(&Substitution::new(map, tensors));
        if position.len() != self.axes.len() || body.canonical() != factor.canonical() {
            return None;
        }
        Some((self.operator.apply(facts, &[operand], &BTreeMap::new())?, position))
    }
}

fn named_entry(expr: &Expr) -> Option<(Name, Vec<Index>)> {
    match expr {
        Expr::Entry(Tensor::Named(name), position) if !position.is_empty() => Some((name.clone(), position.clone())),
        _ => expr.children().iter().find_map(named_entry),
    }
}
