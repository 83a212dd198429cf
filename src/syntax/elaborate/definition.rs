//! Definitions, one for each rank.
//!
//! A definition may name a rank, as in `rev(x[0..n-1 : D])`. It is read off the arguments, as sizes are, and one coordinate is
//! a rank too. The kernel knows no such thing: a definition with a rank is elaborated once for one coordinate, under its own
//! name, and once for each declared rank, as `rev:D`.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::One;

use super::bounds::linear_in;
use super::condition::{Binding, bind, conditions};
use super::declare::{arrow_axes, at_least, forget, side, tensor_declaration};
use super::scope::{
    Axis, Elaborated, Environment, Known, NamedTensor, Reading, Scope, Slot, Value, fault, fault_with, instance_name,
};
use super::term::{integer, to_scalar, value};
use crate::kernel::{Definition, Guard, Index, Literal, Name, Rank, Var};
use crate::syntax::ast::*;

/// Adds a definition to the environment, for one coordinate and for every rank that is declared.
pub(super) fn define(environment: &mut Environment, def: &Def) -> Elaborated<()> {
    let name = &def.name;
    if environment.definition_numbers.contains_key(&name.name) {
        return fault_with(name.span, format!("{} is defined already", name.name), "choose another name");
    }
    let Some(own) = own_rank(def)? else { return add(environment, def, None, &Rank::Scalar) };
    // Its own rank need not be declared, but a mistake in the definition shows here, not where a rank is declared.
    instantiate(environment, &own.name)?;
    add(environment, def, Some(own), &Rank::Scalar)?;
    for rank in environment.instances.clone() {
        add(environment, def, Some(own), &symbolic(&rank))?;
    }
    environment.own_ranks.insert(name.name.clone(), symbolic(&own.name));
    environment.ranked.push(def.clone());
    Ok(())
}

/// Reads the definitions that have a rank again, for a rank that is new.
pub(super) fn instantiate(environment: &mut Environment, rank: &str) -> Elaborated<()> {
    if !environment.instances.insert(rank.to_string()) {
        return Ok(());
    }
    for def in environment.ranked.clone() {
        if let Some(own) = own_rank(&def)? {
            add(environment, &def, Some(own), &symbolic(rank))?;
        }
    }
    Ok(())
}

fn symbolic(rank: &str) -> Rank {
    Rank::Symbolic(Name::from(rank))
}

/// The rank that the parameters of a definition name.
fn own_rank(def: &Def) -> Elaborated<Option<&Ident>> {
    let mut ranks: Vec<&Ident> = Vec::new();
    for parameter in &def.parameters {
        match parameter {
            Parameter::Tensor(tensor) => ranks.extend(tensor.sides.iter().filter_map(|side| side.rank.as_ref())),
            Parameter::Function(arrow) => ranks.extend(arrow.letters.iter().filter_map(|letter| letter.rank.as_ref())),
            Parameter::Integer(letter, _, _) => ranks.extend(&letter.rank),
            Parameter::Scalar(_) => {}
        }
    }
    let Some(first) = ranks.first().copied() else { return Ok(None) };
    match ranks.iter().find(|other| other.name != first.name) {
        Some(other) => fault_with(
            other.span,
            format!("this definition has two ranks, {} and {}", first.name, other.name),
            "a definition may have one rank",
        ),
        None => Ok(Some(first)),
    }
}

/// The names in a term, in the order of their appearance.
fn names<'t>(term: &'t Term, found: &mut Vec<(&'t str, Span)>) {
    match &term.kind {
        TermKind::Name(name) => found.push((name, term.span)),
        TermKind::Neg(inner) | TermKind::Floor(inner) | TermKind::Ceil(inner) => names(inner, found),
        TermKind::Power(base, exponent) => {
            names(base, found);
            names(exponent, found);
        }
        TermKind::Add(terms) => terms.iter().for_each(|(_, term)| names(term, found)),
        TermKind::Mul(factors) => factors.iter().for_each(|(_, term)| names(term, found)),
        TermKind::Call(_, arguments, _) => arguments.iter().for_each(|argument| names(&argument.term, found)),
        TermKind::Max(terms) | TermKind::Min(terms) => terms.iter().for_each(|term| names(term, found)),
        _ => {}
    }
}

/// The terms at the ends of a side of a box.
fn ends(side: &Side) -> impl Iterator<Item = &Term> {
    [&side.range.lower, &side.range.upper].into_iter().filter_map(|bound| match bound {
        Bound::Term(term) => Some(term),
        _ => None,
    })
}

/// Brings the integer parameters and the sizes in boxes into scope. Sizes come out in the order of their appearance.
fn integers(scope: &mut Scope<'_>, def: &Def) -> Elaborated<(Vec<Var>, Vec<Var>)> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let (mut explicit, mut implicit) = (Vec::new(), Vec::new());
    for parameter in &def.parameters {
        let ident = parameter.ident();
        if !seen.insert(&ident.name) {
            return fault(ident.span, format!("the parameter {} stands here twice", ident.name));
        }
        if let Parameter::Integer(letter, _, _) = parameter {
            let rank = scope.rank(letter.rank.as_ref())?.unwrap_or(Rank::Scalar);
            let var = Var { name: Name::from(ident.name.as_str()), rank };
            scope.sizes.insert(ident.name.clone(), var.clone());
            explicit.push(var);
        }
    }
    for parameter in &def.parameters {
        let Parameter::Tensor(tensor) = parameter else { continue };
        for side in &tensor.sides {
            let rank = scope.rank(side.rank.as_ref())?.unwrap_or(Rank::Scalar);
            let mut found = Vec::new();
            ends(side).for_each(|term| names(term, &mut found));
            for (size, span) in found {
                if seen.contains(size) && !scope.sizes.contains_key(size) {
                    return fault(span, format!("{size} is a tensor and cannot be a size"));
                }
                if !scope.sizes.contains_key(size) {
                    let var = Var { name: Name::from(size), rank: rank.clone() };
                    scope.sizes.insert(size.to_string(), var.clone());
                    implicit.push(var);
                }
            }
        }
    }
    Ok((implicit, explicit))
}

/// Elaborates a definition for one value of its rank.
fn add(environment: &mut Environment, def: &Def, own: Option<&Ident>, rank: &Rank) -> Elaborated<()> {
    let ranks = own.map(|own| (own.name.clone(), rank.clone())).into_iter().collect::<BTreeMap<_, _>>();
    let known = elaborate(environment, def, ranks, rank)?;
    let name = instance_name(&def.name.name, rank);
    forget(environment, &name);
    environment.broken.remove(&name);
    environment.definition_numbers.insert(name, environment.definitions.len());
    environment.definitions.push(known);
    Ok(())
}

fn elaborate(environment: &Environment, def: &Def, ranks: BTreeMap<String, Rank>, rank: &Rank) -> Elaborated<Known> {
    let mut scope = Scope::closed(environment, ranks);
    let (implicit, explicit) = integers(&mut scope, def)?;
    let mut assumptions: Vec<Literal> = Vec::new();
    for parameter in &def.parameters {
        if let Parameter::Integer(letter, Some(least), _) = parameter
            && let Some(var) = scope.sizes.get(&letter.ident.name)
        {
            assumptions.extend(at_least(&scope, &var.clone(), least)?);
        }
    }
    scope.assume(assumptions.iter().cloned());
    let mut parameters = Parameters::default();
    let mut unread: BTreeSet<Var> = implicit.iter().cloned().collect();
    for parameter in &def.parameters {
        parameters.add(&mut scope, parameter, &mut unread)?;
    }
    let Parameters { boxes, slots, tensors, readings } = parameters;
    if let Some(var) = unread.iter().next() {
        let name = &def.name;
        return fault_with(
            name.span,
            format!("the size {} cannot be read off the boxes of {}", var.name, name.name),
            format!("make it a parameter, as in {}(…; {})", name.name, var.name),
        );
    }
    let declared = conditions(&scope, &def.assumptions)?;
    scope.assume(declared.iter().cloned());
    assumptions.extend(declared);
    let binding = match &def.result {
        None => Binding { vars: Vec::new(), literals: Vec::new(), unranged: Vec::new(), axes: Vec::new() },
        Some(items) => bind(&mut scope, items)?,
    };
    let body = value(&scope, &def.body)?;
    let integer = match &body {
        Value::Integer(index) if tensors.is_empty() && def.result.is_none() => Some(index.clone()),
        _ => None,
    };
    // An abbreviation is replaced where it is called; a kernel definition of it has no use, and no scalar body where the
    // integer has a rank.
    let body = if integer.is_some() { crate::kernel::Expr::from(0) } else { to_scalar(body, def.body.span)? };
    let definition = Definition {
        name: Name::from(instance_name(&def.name.name, rank)),
        parameters: implicit.into_iter().chain(explicit).collect(),
        tensors,
        axes: binding.vars,
        support: Guard::from(binding.literals),
        body,
    };
    Ok(Known { definition, slots, boxes, axes: binding.axes, readings, assumptions: Guard::from(assumptions), integer })
}

/// The parameters of a definition, and how sizes are read off their boxes.
#[derive(Default)]
struct Parameters {
    boxes: Vec<Vec<Axis>>,
    slots: Vec<Slot>,
    tensors: Vec<crate::kernel::TensorDeclaration>,
    readings: Vec<Reading>,
}

impl Parameters {
    fn add(&mut self, scope: &mut Scope<'_>, parameter: &Parameter, unread: &mut BTreeSet<Var>) -> Elaborated<()> {
        match parameter {
            Parameter::Integer(letter, _, default) => {
                let Some(var) = scope.sizes.get(&letter.ident.name).cloned() else { return Ok(()) };
                let default = default.as_ref().map(|term| integer(scope, term)).transpose()?;
                self.slots.push(Slot::Integer(var, default));
            }
            Parameter::Scalar(ident) => self.tensor(scope, ident, Vec::new(), false),
            Parameter::Function(arrow) => {
                let axes = arrow_axes(scope, arrow)?;
                self.tensor(scope, &arrow.name, axes, true);
            }
            Parameter::Tensor(tensor) => {
                let axes: Vec<Axis> = tensor.sides.iter().map(|one| side(scope, one)).collect::<Elaborated<_>>()?;
                for (place, axis) in axes.iter().enumerate() {
                    self.read(axis, place, unread);
                    if let (Some(lower), Some(upper)) = (&axis.lower, &axis.upper) {
                        // A box may be empty, never reversed.
                        scope.assume([Literal::le(lower, &(upper + &Index::from(1)))]);
                    }
                }
                self.tensor(scope, &tensor.name, axes, false);
            }
        }
        Ok(())
    }

    /// The sizes that an axis of the next tensor determines.
    fn read(&mut self, axis: &Axis, place: usize, unread: &mut BTreeSet<Var>) {
        let upper = axis.upper.iter().map(|end| (true, end));
        for (upper, end) in axis.lower.iter().map(|end| (false, end)).chain(upper) {
            if let Some((var, rest)) = reading(end, unread) {
                unread.remove(&var);
                self.readings.push(Reading { var, tensor: self.tensors.len(), axis: place, upper, rest });
            }
        }
    }

    fn tensor(&mut self, scope: &mut Scope<'_>, ident: &Ident, axes: Vec<Axis>, function: bool) {
        self.slots.push(Slot::Tensor(self.tensors.len()));
        let declaration = tensor_declaration(&ident.name, &axes);
        let named = NamedTensor { declaration: declaration.clone(), axes: axes.clone(), function };
        scope.tensors.insert(ident.name.clone(), named);
        self.tensors.push(declaration);
        self.boxes.push(axes);
    }
}

/// A size that an end of a box determines: it is not known yet and occurs there with coefficient one.
fn reading(end: &Index, unread: &BTreeSet<Var>) -> Option<(Var, Index)> {
    let mut vars = BTreeSet::new();
    end.collect_vars(&mut vars);
    let mut open = vars.iter().filter(|var| unread.contains(var));
    let var = open.next()?;
    if open.next().is_some() {
        return None;
    }
    let (coefficient, rest) = linear_in(end, var)?;
    coefficient.is_one().then(|| (var.clone(), rest))
}
