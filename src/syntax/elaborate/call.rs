//! Names, subscripts and calls.

use std::collections::{BTreeMap, BTreeSet};

use super::bounds::{holds, nonnegative};
use super::condition::keeps_rank;
use super::cost;
use super::scope::{Axis, Elaborated, Known, Scope, Slot, Value, fault, fault_with, instance_name};
use super::term::{integer, larger, scalar, to_scalar, value, volume};
use crate::kernel::{Atom, Expr, Guard, Index, Literal, Name, Rank, Tensor, Var};
use crate::syntax::ast::{Argument, Ident, Span, Term, TermKind};

/// A name alone.
pub(super) fn name(scope: &Scope<'_>, name: &str, span: Span) -> Elaborated<Value> {
    if let Some(var) = scope.integer(name) {
        return Ok(Value::Integer(Index::from(var)));
    }
    if let Some(value) = scope.abbreviation(name) {
        return Ok(value);
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
    if scope.environment.integer_functions.contains_key(name) {
        return fault_with(span, format!("the function {name} stands without an argument"), format!("write {name}(…)"));
    }
    let cost = scope.environment.costs.get(name);
    if let Some(sum) = cost.filter(|_| scope.sums) {
        return Ok(Value::Scalar(sum.clone()));
    }
    // A cost speaks of sizes of the file, and a definition is closed.
    if let Some(known) = scope.environment.definition(name).filter(|_| cost.is_none() || !scope.closed) {
        if known.slots.iter().all(|slot| matches!(slot, Slot::Integer(_, Some(_)))) {
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
            if position_terms.iter().any(|term| term.kind == TermKind::Whole) {
                let mut held = Vec::new();
                for (axis, term) in axes.iter().zip(position_terms) {
                    held.push(match term.kind {
                        TermKind::Whole => None,
                        _ => position(scope, std::slice::from_ref(axis), std::slice::from_ref(term))?.pop(),
                    });
                }
                let (tensor, axes) = slice(&tensor, &axes, &held);
                return Ok(Value::Tensor(tensor, axes));
            }
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

/// The tensor that is left where some axes are held at a position: `W[f, :, :]`. Axes that stay whole have `None`.
pub(super) fn slice(tensor: &Tensor, axes: &[Axis], held: &[Option<Index>]) -> (Tensor, Vec<Axis>) {
    let mut taken = BTreeSet::new();
    held.iter().flatten().for_each(|index| index.collect_vars(&mut taken));
    axes.iter().flat_map(|axis| axis.lower.iter().chain(&axis.upper)).for_each(|index| index.collect_vars(&mut taken));
    let (mut letters, mut position, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for (number, axis) in axes.iter().enumerate() {
        position.push(match held.get(number).cloned().flatten() {
            Some(index) => index,
            None => {
                let letter = Var { name: Name::from(format!("i{number}")), rank: axis.rank.clone() }.fresh(&taken);
                taken.insert(letter.clone());
                letters.push(letter.clone());
                kept.push(axis.clone());
                Index::from(&letter)
            }
        });
    }
    let inside = kept.iter().zip(&letters).flat_map(|(axis, letter)| axis.contains(&Index::from(letter)));
    let support = inside.collect();
    let body = Box::new(Expr::Entry(tensor.clone(), position));
    (Tensor::Lambda { axes: letters, support, body }, kept)
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
            && rank != Rank::Scalar
        {
            return fault(term.span, "this index has another rank than the axis of the tensor");
        }
        if let Some(Rank::Symbolic(rank)) = axes.get(number).map(|axis| &axis.rank)
            && let Some((letter, _)) =
                scope.letters.iter().find(|(_, var)| var.rank == Rank::Scalar && index.contains(var))
        {
            return fault_with(
                term.span,
                format!("{letter} has one coordinate and this axis {rank}: it would be the same in each of them"),
                format!("write {letter} : {rank} where the letter is introduced"),
            );
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
pub(super) fn call(scope: &Scope<'_>, ident: &Ident, arguments: &[Argument], span: Span) -> Elaborated<Value> {
    let name = ident.name.as_str();
    if scope.tensor(name).is_none()
        && let Some(known) = scope.environment.definition(name)
    {
        return apply(scope, known, arguments, span);
    }
    if scope.names_nothing(name)
        && let Some(measure) = cost::measure(name)
    {
        return cost::call(scope, measure, arguments, span);
    }
    if let Some(given) = arguments.iter().find_map(|argument| argument.name.as_ref()) {
        return fault_with(
            given.span,
            format!("{name} has no parameters with names"),
            "only definitions take arguments by name",
        );
    }
    let arguments: Vec<Term> = arguments.iter().map(|argument| argument.term.clone()).collect();
    let arguments = arguments.as_slice();
    if let Some(named) = scope.tensor(name) {
        if !named.function {
            return fault_with(ident.span, format!("{name} is a tensor, not a function"), format!("write {name}[…]"));
        }
        let (axes, tensor) = (named.axes.clone(), Tensor::Named(named.declaration.name.clone()));
        check_count(name, axes.len(), arguments.len(), span)?;
        return Ok(Value::Scalar(Expr::Entry(tensor, position(scope, &axes, arguments)?)));
    }
    if let Some(arity) = scope.environment.integer_functions.get(name) {
        check_count(name, *arity, arguments.len(), span)?;
        return integer_function(scope, name, arguments);
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
        let size = integer(scope, argument)?;
        keeps_rank(scope, argument, &size)?;
        return Ok(Value::Integer(volume(size)));
    }
    scope.unknown(name, ident.span)
}

/// An integer of which nothing is known but what it depends on.
fn integer_function(scope: &Scope<'_>, name: &str, arguments: &[Term]) -> Elaborated<Value> {
    let mut values = Vec::new();
    for argument in arguments {
        let index = integer(scope, argument)?;
        if index.rank() != Some(Rank::Scalar) {
            return fault(argument.span, format!("{name} takes integers of one coordinate"));
        }
        values.push(index);
    }
    Ok(Value::Integer(Index::atom(Atom::Apply(Name::from(name), values))))
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
        Slot::Integer(var, None) => var.name.to_string(),
        Slot::Integer(var, Some(default)) => format!("{} = {default}", var.name),
        Slot::Tensor(number) => {
            let name = known.parameter(slot);
            match known.boxes.get(*number) {
                Some(axes) if !axes.is_empty() => {
                    format!("{name}[{}]", axes.iter().map(Axis::text).collect::<Vec<_>>().join(", "))
                }
                _ => name.to_string(),
            }
        }
    };
    let slots: Vec<String> = known.slots.iter().map(slot).collect();
    format!("{}({})", known.surface(), slots.join(", "))
}

/// Whether two integers are known to be equal.
pub(super) fn equal(scope: &Scope<'_>, a: &Index, b: &Index) -> bool {
    a == b || holds(&scope.facts, &Literal::eq(a - b))
}

/// What is given for a parameter.
struct Given {
    value: Value,
    span: Span,
}

/// The arguments in the order of the parameters: first those without a name, then by name.
fn by_parameter<'a>(known: &Known, arguments: &'a [Argument], span: Span) -> Elaborated<Vec<Option<&'a Term>>> {
    let name = known.surface();
    let mut given: Vec<Option<&Term>> = vec![None; known.slots.len()];
    for (place, argument) in arguments.iter().enumerate() {
        let found = match &argument.name {
            None if arguments.iter().take(place).any(|before| before.name.is_some()) => {
                return fault_with(
                    argument.term.span,
                    "an argument without a name stands after one with a name",
                    "arguments with names stand last",
                );
            }
            None => place,
            Some(ident) => match known.slots.iter().position(|slot| known.parameter(slot) == ident.name) {
                Some(found) => found,
                None => {
                    return fault_with(
                        ident.span,
                        format!("{name} has no parameter {}", ident.name),
                        format!("it is used as {}", usage(known)),
                    );
                }
            },
        };
        match given.get_mut(found) {
            Some(slot @ None) => *slot = Some(&argument.term),
            Some(Some(_)) => return fault(argument.term.span, "this parameter has a value already"),
            None => return wrong_count(known, arguments.len(), span),
        }
    }
    let open = |(slot, given): (&Slot, &Option<&Term>)| given.is_none() && !matches!(slot, Slot::Integer(_, Some(_)));
    match known.slots.iter().zip(&given).any(open) {
        true => wrong_count(known, arguments.len(), span),
        false => Ok(given),
    }
}

fn wrong_count<T>(known: &Known, found: usize, span: Span) -> Elaborated<T> {
    let optional = known.slots.iter().filter(|slot| matches!(slot, Slot::Integer(_, Some(_)))).count();
    let most = known.slots.len();
    let expected = if optional == 0 { most.to_string() } else { format!("{} to {most}", most - optional) };
    fault_with(
        span,
        format!("{} takes {expected} arguments, and {found} are given", known.surface()),
        format!("write {}", usage(known)),
    )
}

/// The definition for the rank of the arguments.
fn instance<'a>(scope: &Scope<'a>, known: &'a Known, given: &[Option<Given>]) -> &'a Known {
    let name = known.surface();
    let Some(own) = scope.environment.own_ranks.get(name) else { return known };
    let Some(pattern) = scope.environment.definition(&instance_name(name, own)) else { return known };
    let ranks = pattern.slots.iter().zip(given).flat_map(|(slot, given)| match (slot, given) {
        (Slot::Integer(var, _), Some(Given { value: Value::Integer(index), .. })) if var.rank == *own => {
            index.rank().into_iter().collect::<Vec<_>>()
        }
        (Slot::Tensor(number), Some(Given { value: Value::Tensor(_, axes), .. })) => {
            let declared = pattern.boxes.get(*number).into_iter().flatten();
            let pairs = declared.zip(axes).filter(|(declared, _)| declared.rank == *own);
            pairs.map(|(_, axis)| axis.rank.clone()).collect()
        }
        _ => Vec::new(),
    });
    let rank = ranks.into_iter().find(|rank| *rank != Rank::Scalar).unwrap_or(Rank::Scalar);
    scope.environment.definition(&instance_name(name, &rank)).unwrap_or(known)
}

fn apply<'a>(scope: &Scope<'a>, known: &'a Known, arguments: &[Argument], span: Span) -> Elaborated<Value> {
    let mut given: Vec<Option<Given>> = Vec::new();
    for term in by_parameter(known, arguments, span)? {
        given.push(match term {
            Some(term) => Some(Given { value: value(scope, term)?, span: term.span }),
            None => None,
        });
    }
    let known = instance(scope, known, &given);
    let name = known.surface();
    let mut map: BTreeMap<Var, Index> = BTreeMap::new();
    let mut tensors: Vec<(Tensor, Vec<Axis>, Span)> = Vec::new();
    for (slot, given) in known.slots.iter().zip(given) {
        let Some(Given { value, span: at }) = given else { continue };
        match slot {
            Slot::Integer(var, _) => {
                let Value::Integer(index) = value else {
                    return fault_with(
                        at,
                        format!("an integer is needed here, and this is {}", value.kind()),
                        format!("{name} is used as {}", usage(known)),
                    );
                };
                if index.rank() != Some(var.rank.clone()) && index.rank() != Some(Rank::Scalar) {
                    return fault(at, format!("the parameter {} of {name} has another rank", var.name));
                }
                map.insert(var.clone(), index);
            }
            Slot::Tensor(number) => {
                let parameter = known.boxes.get(*number).map_or(0, Vec::len);
                let (tensor, axes) = tensor_argument(known, value, parameter, at)?;
                tensors.push((tensor, axes, at));
            }
        }
    }
    if let Some(integer) = &known.integer {
        let map = parameters(scope, known, &tensors, map, span)?;
        return Ok(Value::Integer(integer.substitute(&map)));
    }
    let (tensor, axes) = applied(scope, known, tensors, map, span)?;
    Ok(match axes.is_empty() {
        true => Value::Scalar(Expr::Entry(tensor, Vec::new())),
        false => Value::Tensor(tensor, axes),
    })
}

/// A definition applied to tensors, with the parameters that are given.
pub(super) fn applied(
    scope: &Scope<'_>,
    known: &Known,
    tensors: Vec<(Tensor, Vec<Axis>, Span)>,
    given: BTreeMap<Var, Index>,
    span: Span,
) -> Elaborated<(Tensor, Vec<Axis>)> {
    let map = parameters(scope, known, &tensors, given, span)?;
    let parameters = known.definition.parameters.iter().map(|var| map.get(var).cloned().unwrap_or_default()).collect();
    let tensors = tensors.into_iter().map(|(tensor, _, _)| tensor).collect();
    let tensor = Tensor::Call { definition: known.definition.name.clone(), parameters, tensors };
    Ok((tensor, known.axes.iter().map(|axis| axis.substitute(&map)).collect()))
}

/// The values of all parameters: those given, those read off the boxes of the arguments, and defaults. The boxes and the assumptions
/// of the definition are checked.
fn parameters(
    scope: &Scope<'_>,
    known: &Known,
    tensors: &[(Tensor, Vec<Axis>, Span)],
    mut map: BTreeMap<Var, Index>,
    span: Span,
) -> Elaborated<BTreeMap<Var, Index>> {
    let name = known.surface();
    fill_defaults(known, &mut map);
    let read_upper = read_sizes(scope, known, tensors, &mut map)?;
    fill_defaults(known, &mut map);
    check_boxes(scope, known, tensors, &map, &read_upper)?;
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
    Ok(map)
}

/// An argument for a tensor parameter with some number of axes; without axes it is a scalar.
fn tensor_argument(known: &Known, value: Value, parameter: usize, at: Span) -> Elaborated<(Tensor, Vec<Axis>)> {
    let name = known.surface();
    match value {
        Value::Tensor(tensor, axes) if parameter == axes.len() => Ok((tensor, axes)),
        Value::Tensor(_, axes) if parameter > 0 => fault_with(
            at,
            format!("{name} needs a tensor with {parameter} axes here, and this one has {}", axes.len()),
            format!("it is used as {}", usage(known)),
        ),
        Value::Scalar(Expr::Entry(tensor @ Tensor::Named(_), position)) if parameter == 0 && position.is_empty() => {
            Ok((tensor, Vec::new()))
        }
        other if parameter == 0 => {
            let body = Box::new(to_scalar(other, at)?);
            Ok((Tensor::Lambda { axes: Vec::new(), support: Guard::always(), body }, Vec::new()))
        }
        other => fault_with(
            at,
            format!("{name} needs a tensor here, and this is {}", other.kind()),
            format!("it is used as {}", usage(known)),
        ),
    }
}

/// Gives parameters without an argument their values, as far as those are determined.
fn fill_defaults(known: &Known, map: &mut BTreeMap<Var, Index>) {
    for slot in &known.slots {
        let Slot::Integer(var, Some(default)) = slot else { continue };
        let mut vars = BTreeSet::new();
        default.collect_vars(&mut vars);
        if !map.contains_key(var) && vars.iter().all(|var| map.contains_key(var)) {
            map.insert(var.clone(), default.substitute(map));
        }
    }
}

/// Reads the sizes of a definition's boxes off its arguments. A box whose upper end may lie below its lower end is empty
/// and has size 0, never a negative one. Returns the upper ends that a size was read off.
pub(super) fn read_sizes(
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
                format!("{} needs a tensor with a box here, and this one has none", known.surface()),
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
    let name = known.surface();
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
