//! Declarations and definitions.

use std::collections::BTreeSet;

use num_traits::One;

use super::bounds::linear_in;
use super::condition::{Binding, axis, bind, compare, conditions};
use super::limits;
use super::scope::{Axis, Elaborated, Environment, Known, NamedTensor, Reading, Scope, Slot, Value, fault, fault_with};
use super::term::{integer, to_scalar, value};
use crate::kernel::{Definition, Guard, Index, Literal, Name, Rank, TensorDeclaration, Var};
use crate::syntax::ast::*;

/// Adds a declaration to the environment. A later declaration of a name replaces the earlier one for what follows.
pub(super) fn declare(environment: &mut Environment, kind: &ItemKind) -> Elaborated<()> {
    match kind {
        ItemKind::Use(name) if name.name == "std" => use_std(environment),
        ItemKind::Use(name) => fault_with(
            name.span,
            format!("there is no library {}", name.name),
            "the library that ships is std: use std",
        ),
        ItemKind::Size(letters, least) => sizes(environment, letters, least.as_ref(), Some(1)),
        ItemKind::Integer(letters, least) => sizes(environment, letters, least.as_ref(), None),
        ItemKind::Rank(names) => {
            environment.ranks.extend(names.iter().map(|name| name.name.clone()));
            Ok(())
        }
        ItemKind::Assume(list) => {
            let literals = conditions(&Scope::open(environment), list)?;
            environment.assumptions = environment.assumptions.and(&Guard::from(literals));
            Ok(())
        }
        ItemKind::Tensor(tensors) => {
            for tensor in tensors {
                let axes = tensor
                    .ranges
                    .iter()
                    .map(|range| axis(&Scope::open(environment), range))
                    .collect::<Elaborated<_>>()?;
                add_tensor(environment, &tensor.name, axes, false)?;
            }
            Ok(())
        }
        ItemKind::Scalar(names) => names.iter().try_for_each(|name| add_tensor(environment, name, Vec::new(), false)),
        ItemKind::Function(arrows) => {
            for arrow in arrows {
                let scope = Scope::open(environment);
                let mut axes = Vec::new();
                for letter in &arrow.letters {
                    let rank = scope.rank(letter.rank.as_ref())?.unwrap_or(Rank::Scalar);
                    axes.push(Axis { lower: None, upper: None, rank });
                }
                add_tensor(environment, &arrow.name, axes, true)?;
            }
            Ok(())
        }
        ItemKind::ScalarFunction(arrows) => {
            for arrow in arrows {
                free_name(environment, &arrow.name)?;
                if arrow.name.name.ends_with('\'') {
                    return fault(arrow.name.span, "a prime means a derivative and cannot end a function's name");
                }
                forget(environment, &arrow.name.name);
                environment.functions.insert(arrow.name.name.clone(), arrow.letters.len());
            }
            Ok(())
        }
        ItemKind::Def(def) => define(environment, def),
        ItemKind::Theorem(_) => Ok(()),
    }
}

/// A name may be declared anew, but a definition stays what it is.
fn free_name(environment: &Environment, ident: &Ident) -> Elaborated<()> {
    if environment.definition_numbers.contains_key(&ident.name) {
        return fault_with(ident.span, format!("{} is a definition already", ident.name), "use another name");
    }
    Ok(())
}

fn forget(environment: &mut Environment, name: &str) {
    environment.sizes.remove(name);
    environment.tensors.remove(name);
    environment.functions.remove(name);
}

fn sizes(
    environment: &mut Environment,
    letters: &[Letter],
    least: Option<&Least>,
    default: Option<i64>,
) -> Elaborated<()> {
    for letter in letters {
        free_name(environment, &letter.ident)?;
        limits::sizes_of_a_file(environment.sizes.len(), letter.ident.span)?;
        let scope = Scope::open(environment);
        let rank = scope.rank(letter.rank.as_ref())?.unwrap_or(Rank::Scalar);
        let var = Var { name: Name::from(letter.ident.name.as_str()), rank };
        let guard = match (least, default) {
            (Some(least), _) => Guard::from(at_least(&scope, &var, least)?),
            (None, Some(default)) => Guard::from(vec![Literal::le(&Index::from(default), &Index::from(&var))]),
            (None, None) => Guard::always(),
        };
        let name = letter.ident.name.clone();
        forget(environment, &name);
        if !environment.size_order.contains(&name) {
            environment.size_order.push(name.clone());
        }
        environment.sizes.insert(name, (var, guard));
    }
    Ok(())
}

fn at_least(scope: &Scope<'_>, var: &Var, least: &Least) -> Elaborated<Vec<Literal>> {
    let relation = if least.strict { Relation::Gt } else { Relation::Ge };
    Ok(compare(relation, &Index::from(var), &integer(scope, &least.bound)?))
}

fn tensor_declaration(name: &str, axes: &[Axis]) -> TensorDeclaration {
    let mut taken = BTreeSet::new();
    axes.iter().flat_map(|axis| axis.lower.iter().chain(&axis.upper)).for_each(|index| index.collect_vars(&mut taken));
    let mut vars: Vec<Var> = Vec::new();
    for (number, axis) in axes.iter().enumerate() {
        let letter = ["i", "j", "k", "l"].get(number).map_or_else(|| format!("i{number}"), |name| (*name).to_string());
        let var = Var { name: Name::from(letter), rank: axis.rank.clone() }.fresh(&taken);
        taken.insert(var.clone());
        vars.push(var);
    }
    let support = axes.iter().zip(&vars).flat_map(|(axis, var)| axis.contains(&Index::from(var))).collect();
    TensorDeclaration { name: Name::from(name), axes: vars, support }
}

fn add_tensor(environment: &mut Environment, ident: &Ident, axes: Vec<Axis>, function: bool) -> Elaborated<()> {
    free_name(environment, ident)?;
    let declaration = tensor_declaration(&ident.name, &axes);
    forget(environment, &ident.name);
    environment.tensors.insert(ident.name.clone(), NamedTensor { declaration, axes, function });
    Ok(())
}

/// The standard library, read each time; it is small.
fn use_std(environment: &mut Environment) -> Elaborated<()> {
    let (file, diagnostics) = crate::syntax::parse(crate::syntax::STD);
    if let Some(diagnostic) = diagnostics.into_iter().next() {
        return Err(diagnostic);
    }
    for item in &file.items {
        if let ItemKind::Def(def) = &item.kind
            && environment.definition_numbers.contains_key(&def.name.name)
        {
            continue;
        }
        declare(environment, &item.kind)?;
    }
    Ok(())
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
        TermKind::Call(_, terms, _) | TermKind::Max(terms) | TermKind::Min(terms) => {
            terms.iter().for_each(|term| names(term, found));
        }
        _ => {}
    }
}

/// The terms at the ends of a box.
fn ends(tensor: &Boxed) -> impl Iterator<Item = &Term> {
    tensor.ranges.iter().flat_map(|range| [&range.lower, &range.upper]).filter_map(|bound| match bound {
        Bound::Term(term) => Some(term),
        _ => None,
    })
}

fn define(environment: &mut Environment, def: &Def) -> Elaborated<()> {
    let name = &def.name;
    if environment.definition_numbers.contains_key(&name.name) {
        return fault_with(name.span, format!("{} is defined already", name.name), "choose another name");
    }
    let mut scope = Scope::closed(environment);
    let mut explicit: Vec<Var> = Vec::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for parameter in &def.parameters {
        let ident = match parameter {
            Parameter::Tensor(tensor) => &tensor.name,
            Parameter::Integer(letter, _) => &letter.ident,
        };
        if !seen.insert(&ident.name) {
            return fault(ident.span, format!("the parameter {} stands here twice", ident.name));
        }
        if let Parameter::Integer(letter, _) = parameter {
            let rank = scope.rank(letter.rank.as_ref())?.unwrap_or(Rank::Scalar);
            let var = Var { name: Name::from(ident.name.as_str()), rank };
            scope.sizes.insert(ident.name.clone(), var.clone());
            explicit.push(var);
        }
    }
    // Sizes are the other names in boxes, in the order of their appearance.
    let mut implicit: Vec<Var> = Vec::new();
    for parameter in &def.parameters {
        let Parameter::Tensor(tensor) = parameter else { continue };
        for term in ends(tensor) {
            let mut found = Vec::new();
            names(term, &mut found);
            for (size, span) in found {
                if seen.contains(size) && !scope.sizes.contains_key(size) {
                    return fault(span, format!("{size} is a tensor and cannot be a size"));
                }
                if !scope.sizes.contains_key(size) {
                    let var = Var::scalar(size);
                    scope.sizes.insert(size.to_string(), var.clone());
                    implicit.push(var);
                }
            }
        }
    }
    let mut assumptions: Vec<Literal> = Vec::new();
    for parameter in &def.parameters {
        if let Parameter::Integer(letter, Some(least)) = parameter
            && let Some(var) = scope.sizes.get(&letter.ident.name)
        {
            assumptions.extend(at_least(&scope, &var.clone(), least)?);
        }
    }
    scope.assume(assumptions.iter().cloned());
    // Boxes, and how sizes are read off them.
    let (mut boxes, mut slots, mut tensors, mut readings) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut unread: BTreeSet<Var> = implicit.iter().cloned().collect();
    let mut integers = explicit.iter();
    for parameter in &def.parameters {
        match parameter {
            Parameter::Integer(_, _) => slots.extend(integers.next().cloned().map(Slot::Integer)),
            Parameter::Tensor(tensor) => {
                let axes: Vec<Axis> =
                    tensor.ranges.iter().map(|range| axis(&scope, range)).collect::<Elaborated<_>>()?;
                for (place, axis) in axes.iter().enumerate() {
                    let upper = axis.upper.iter().map(|end| (true, end));
                    for (upper, end) in axis.lower.iter().map(|end| (false, end)).chain(upper) {
                        if let Some((var, rest)) = reading(end, &unread) {
                            unread.remove(&var);
                            readings.push(Reading { var, tensor: tensors.len(), axis: place, upper, rest });
                        }
                    }
                    if let (Some(lower), Some(upper)) = (&axis.lower, &axis.upper) {
                        // A box may be empty, never reversed.
                        scope.assume([Literal::le(lower, &(upper + &Index::from(1)))]);
                    }
                }
                slots.push(Slot::Tensor(tensors.len()));
                let declaration = tensor_declaration(&tensor.name.name, &axes);
                let named = NamedTensor { declaration: declaration.clone(), axes: axes.clone(), function: false };
                scope.tensors.insert(tensor.name.name.clone(), named);
                tensors.push(declaration);
                boxes.push(axes);
            }
        }
    }
    if let Some(var) = unread.iter().next() {
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
    let definition = Definition {
        name: Name::from(name.name.as_str()),
        parameters: implicit.into_iter().chain(explicit).collect(),
        tensors,
        axes: binding.vars,
        support: Guard::from(binding.literals),
        body: to_scalar(body, def.body.span)?,
    };
    let known = Known {
        definition,
        slots,
        boxes,
        axes: binding.axes,
        readings,
        assumptions: Guard::from(assumptions),
        integer,
    };
    forget(environment, &name.name);
    environment.broken.remove(&name.name);
    environment.definition_numbers.insert(name.name.clone(), environment.definitions.len());
    environment.definitions.push(known);
    Ok(())
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
