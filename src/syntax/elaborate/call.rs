//! Names, subscripts and calls.

use std::collections::BTreeMap;

use super::bounds::{holds, nonnegative};
use super::scope::{Axis, Elaborated, Known, Scope, Slot, Value, fault, fault_with};
use super::term::{integer, larger, scalar, value, volume};
use crate::kernel::{Expr, Index, Literal, Name, Tensor, Var};
use crate::syntax::ast::{Ident, Span, Term, TermKind};

/// A name alone.
pub(super) fn name(scope: &Scope<'_>, name: &str, span: Span) -> Elaborated<Value> {
    if let Some(var) = scope.integer(name) {
        return Ok(Value::Integer(Index::from(var)));
    }
    if let Some(named) = scope.tensor(name) {
        let tensor = Tensor::Named(named.declaration.name.clone());
        return Ok(match named.axes.is_empty() {
            true => Value::Scalar(Expr::Entry(tensor, Vec::new())),
            false => Value::Tensor(tensor, named.axes.clone()),
        });
    }
    if scope.environment.functions.contains_key(name) {
        return fault_with(span, format!("the function {name} stands without an argument"), format!("write {name}(…)"));
    }
    if let Some(known) = scope.environment.definition(name) {
        if known.slots.is_empty() {
            return apply(scope, known, &[], span);
        }
        return fault_with(span, format!("{name} stands without its arguments"), format!("write {}", usage(known)));
    }
    scope.unknown(name, span)
}

/// `base[position]`
pub(super) fn subscript(scope: &Scope<'_>, base: &Term, position_terms: &[Term], span: Span) -> Elaborated<Value> {
    match value(scope, base)? {
        Value::Tensor(tensor, axes) => {
            check_count(&describe(base), axes.len(), position_terms.len(), span)?;
            let position = position(scope, &axes, position_terms)?;
            Ok(Value::Scalar(Expr::Entry(tensor, position)))
        }
        other => {
            let message = format!("{} has no subscripts", other.kind());
            let hint = match &base.kind {
                TermKind::Name(name) => format!("declare {name} as a tensor, or put a space before a bracket [P]"),
                _ => "put a space before a bracket [P]".to_string(),
            };
            fault_with(span, message, hint)
        }
    }
}

fn describe(term: &Term) -> String {
    match &term.kind {
        TermKind::Name(name) => name.clone(),
        TermKind::Call(name, _, _) => format!("{}(…)", name.name),
        _ => "this tensor".to_string(),
    }
}

/// Positions are integers of the rank of their axis.
pub(super) fn position(scope: &Scope<'_>, axes: &[Axis], terms: &[Term]) -> Elaborated<Vec<Index>> {
    let mut position = Vec::new();
    for (number, term) in terms.iter().enumerate() {
        let index = integer(scope, term)?;
        if let (Some(axis), Some(rank)) = (axes.get(number), index.rank())
            && rank != axis.rank
            && rank != crate::kernel::Rank::Scalar
        {
            return fault(term.span, "this index has another rank than the axis of the tensor");
        }
        position.push(index);
    }
    Ok(position)
}

/// The number of subscripts.
pub(super) fn check_count(name: &str, expected: usize, found: usize, span: Span) -> Elaborated<()> {
    if expected == found {
        return Ok(());
    }
    let indices = if expected == 1 { "index" } else { "indices" };
    fault(span, format!("{name} has {expected} {indices}, and {found} are given"))
}

/// `name(arguments)`
pub(super) fn call(scope: &Scope<'_>, ident: &Ident, arguments: &[Term], span: Span) -> Elaborated<Value> {
    let name = ident.name.as_str();
    if let Some(named) = scope.tensor(name) {
        if !named.function {
            return fault_with(ident.span, format!("{name} is a tensor, not a function"), format!("write {name}[…]"));
        }
        let (axes, tensor) = (named.axes.clone(), Tensor::Named(named.declaration.name.clone()));
        check_count(name, axes.len(), arguments.len(), span)?;
        return Ok(Value::Scalar(Expr::Entry(tensor, position(scope, &axes, arguments)?)));
    }
    if let Some(known) = scope.environment.definition(name) {
        return apply(scope, known, arguments, span);
    }
    let base = name.trim_end_matches('\'');
    if let Some(arity) = scope.environment.functions.get(base) {
        return function(scope, base, name.len() - base.len(), *arity, arguments, span);
    }
    if scope.integer(name).is_some() {
        return fault_with(
            ident.span,
            format!("{name} is an integer, not a function"),
            format!("write {name} * (…) for a product"),
        );
    }
    if let ("vol", [argument]) = (name, arguments) {
        return Ok(Value::Integer(volume(integer(scope, argument)?)));
    }
    scope.unknown(name, ident.span)
}

fn function(
    scope: &Scope<'_>,
    name: &str,
    primes: usize,
    arity: usize,
    arguments: &[Term],
    span: Span,
) -> Elaborated<Value> {
    if arity != arguments.len() {
        let plural = if arity == 1 { "argument" } else { "arguments" };
        return fault(span, format!("{name} takes {arity} {plural}, and {} are given", arguments.len()));
    }
    if primes > 0 && arity != 1 {
        return fault(span, format!("{name} has {arity} arguments: a prime does not say which derivative is meant"));
    }
    let Ok(order) = u32::try_from(primes) else { return fault(span, "too many primes") };
    let arguments = arguments.iter().map(|argument| scalar(scope, argument)).collect::<Elaborated<_>>()?;
    let orders = if primes > 0 { vec![order] } else { vec![0; arity] };
    Ok(Value::Scalar(Expr::Apply { function: Name::from(name), orders, arguments }))
}

/// A definition as one writes a call of it.
fn usage(known: &Known) -> String {
    let slot = |slot: &Slot| match slot {
        Slot::Integer(var) => var.name.to_string(),
        Slot::Tensor(number) => {
            let name = known.definition.tensors.get(*number).map_or_else(String::new, |tensor| tensor.name.to_string());
            let axes = known.boxes.get(*number).map(|axes| axes.iter().map(Axis::text).collect::<Vec<_>>().join(", "));
            format!("{name}[{}]", axes.unwrap_or_default())
        }
    };
    let slots: Vec<String> = known.slots.iter().map(slot).collect();
    format!("{}({})", known.definition.name, slots.join(", "))
}

/// Whether two integers are known to be equal.
pub(super) fn equal(scope: &Scope<'_>, a: &Index, b: &Index) -> bool {
    a == b || holds(&scope.facts, &Literal::eq(a - b))
}

fn apply(scope: &Scope<'_>, known: &Known, arguments: &[Term], span: Span) -> Elaborated<Value> {
    let name = &known.definition.name;
    if arguments.len() != known.slots.len() {
        return fault_with(
            span,
            format!("{name} takes {} arguments, and {} are given", known.slots.len(), arguments.len()),
            format!("write {}", usage(known)),
        );
    }
    let mut map: BTreeMap<Var, Index> = BTreeMap::new();
    let mut tensors: Vec<(Tensor, Vec<Axis>, Span)> = Vec::new();
    for (slot, argument) in known.slots.iter().zip(arguments) {
        match slot {
            Slot::Integer(var) => {
                let index = integer(scope, argument)?;
                if index.rank() != Some(var.rank.clone()) && index.rank() != Some(crate::kernel::Rank::Scalar) {
                    return fault(argument.span, format!("the parameter {} of {name} has another rank", var.name));
                }
                map.insert(var.clone(), index);
            }
            Slot::Tensor(number) => match value(scope, argument)? {
                Value::Tensor(tensor, axes) => {
                    let parameter = known.boxes.get(*number).map_or(0, Vec::len);
                    if parameter != axes.len() {
                        return fault_with(
                            argument.span,
                            format!(
                                "{name} needs a tensor with {parameter} axes here, and this one has {}",
                                axes.len()
                            ),
                            format!("it is used as {}", usage(known)),
                        );
                    }
                    tensors.push((tensor, axes, argument.span));
                }
                other => {
                    return fault_with(
                        argument.span,
                        format!("{name} needs a tensor here, and this is {}", other.kind()),
                        format!("it is used as {}", usage(known)),
                    );
                }
            },
        }
    }
    let read_upper = read_sizes(scope, known, &tensors, &mut map)?;
    check_boxes(scope, known, &tensors, &map, &read_upper)?;
    for literal in known.assumptions.literals() {
        let needed = literal.substitute(&map);
        if !holds(&scope.facts, &needed) {
            return fault_with(
                span,
                format!("{name} needs {literal}, here {needed}, which is not known"),
                "assume it, or declare a size with a suitable lower bound",
            );
        }
    }
    if let Some(integer) = &known.integer {
        return Ok(Value::Integer(integer.substitute(&map)));
    }
    let parameters = known.definition.parameters.iter().map(|var| map.get(var).cloned().unwrap_or_default()).collect();
    let tensors = tensors.into_iter().map(|(tensor, _, _)| tensor).collect();
    let tensor = Tensor::Call { definition: name.clone(), parameters, tensors };
    if known.axes.is_empty() {
        return Ok(Value::Scalar(Expr::Entry(tensor, Vec::new())));
    }
    Ok(Value::Tensor(tensor, known.axes.iter().map(|axis| axis.substitute(&map)).collect()))
}

/// Reads the sizes of a definition's boxes off its arguments. A box whose upper end may lie below its lower end is empty
/// and has size 0, never a negative one. Returns the upper ends that a size was read off.
fn read_sizes(
    scope: &Scope<'_>,
    known: &Known,
    tensors: &[(Tensor, Vec<Axis>, Span)],
    map: &mut BTreeMap<Var, Index>,
) -> Elaborated<Vec<(usize, usize)>> {
    let mut read_upper = Vec::new();
    for reading in &known.readings {
        let Some((_, axes, at)) = tensors.get(reading.tensor) else { continue };
        let Some(axis) = axes.get(reading.axis) else { continue };
        let (Some(lower), Some(upper)) = (&axis.lower, &axis.upper) else {
            return fault_with(
                *at,
                format!("{} needs a tensor with a box here, and this one has none", known.definition.name),
                "declare it with `tensor` and a box",
            );
        };
        let end = if reading.upper {
            read_upper.push((reading.tensor, reading.axis));
            if nonnegative(&scope.facts, &(&(upper - lower) + &Index::from(1))) {
                upper.clone()
            } else {
                larger(scope, upper.clone(), lower - &Index::from(1))
            }
        } else {
            lower.clone()
        };
        map.insert(reading.var.clone(), &end - &reading.rest.substitute(map));
    }
    Ok(read_upper)
}

/// The ends of every argument's box are those that the definition declares.
fn check_boxes(
    scope: &Scope<'_>,
    known: &Known,
    tensors: &[(Tensor, Vec<Axis>, Span)],
    map: &BTreeMap<Var, Index>,
    read_upper: &[(usize, usize)],
) -> Elaborated<()> {
    let name = &known.definition.name;
    for (number, ((_, axes, at), declared)) in tensors.iter().zip(&known.boxes).enumerate() {
        for (place, (axis, declared)) in axes.iter().zip(declared).enumerate() {
            let expected = declared.substitute(map);
            if axis.rank != expected.rank {
                return fault(*at, format!("an axis of this tensor has another rank than {name} needs"));
            }
            let ends = [(&axis.lower, &expected.lower, "starts at"), (&axis.upper, &expected.upper, "ends at")];
            for (found, expected, verb) in ends {
                let read = verb == "ends at" && read_upper.contains(&(number, place));
                match (found, expected) {
                    (_, None) => {}
                    (Some(found), Some(expected)) if read || equal(scope, found, expected) => {}
                    (Some(found), Some(expected)) => {
                        return fault_with(
                            *at,
                            format!(
                                "axis {} of this tensor {verb} {found}, and {name} needs one that {verb} {expected}",
                                place + 1
                            ),
                            format!("{name} is used as {}", usage(known)),
                        );
                    }
                    (None, Some(_)) => {
                        return fault_with(
                            *at,
                            format!("{name} needs a tensor with a box here, and this one has none"),
                            "declare it with `tensor` and a box",
                        );
                    }
                }
            }
        }
    }
    Ok(())
}
