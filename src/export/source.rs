//! A statement with its declarations as a proof file.

use std::collections::{BTreeMap, BTreeSet};

use super::form::Letter;
use super::notation::{Notation, is_function};
use super::parameters;
use super::text::{self, Charset};
use crate::kernel::{Claim, Definition, Guard, Index, Literal, Name, Rank, Statement, TensorDeclaration, Var};

const ASCII: Charset = Charset::Ascii;

/// A statement as it can be pasted into a proof file: its sizes, tensors, functions and definitions, then the theorem.
pub fn statement(statement: &Statement) -> String {
    let notation = Notation::of_statement(statement);
    let mut lines = Vec::new();
    let ranks: BTreeSet<&str> = statement
        .parameters
        .iter()
        .chain(&statement.indices)
        .filter_map(|var| match &var.rank {
            Rank::Symbolic(name) => Some(name.as_str()),
            Rank::Scalar => None,
        })
        .collect();
    if !ranks.is_empty() {
        lines.push(format!("rank {}", ranks.into_iter().map(text::name).collect::<Vec<_>>().join(", ")));
    }
    sizes(statement, &notation, &mut lines);
    for tensor in &statement.signature.tensors {
        lines.push(declaration(tensor, &notation));
    }
    let integers: Vec<String> = integer_functions(statement)
        .into_iter()
        .map(|(name, arity)| {
            let letters: Vec<String> = (1..=arity).map(|number| format!("i{number}")).collect();
            format!("{}({})", text::name(name.as_str()), letters.join(", "))
        })
        .collect();
    if !integers.is_empty() {
        lines.push(format!("integer function {}", integers.join(", ")));
    }
    let mut functions = Vec::new();
    let (signs, premises) = (notation.signs(), notation.premises());
    for function in &statement.signature.functions {
        let arguments: Vec<String> = (1..=function.arity).map(|number| format!("x{number}")).collect();
        functions.push(format!("{}({})", text::name(function.name.as_str()), arguments.join(", ")));
    }
    // One declaration, since what is assumed of one function may speak of another.
    if !functions.is_empty() {
        let mut slopes: Vec<String> =
            notation.slopes().iter().map(|(derivative, body)| text::equation(derivative, body, ASCII)).collect();
        slopes.extend(signs.iter().map(|premise| text::premise(premise, ASCII)));
        let slopes = if slopes.is_empty() { String::new() } else { format!(" where {}", slopes.join(", ")) };
        lines.push(format!("scalar function {}{slopes}", functions.join(", ")));
    }
    lines.extend(statement.signature.definitions.iter().map(|found| definition(found, statement)));
    // What is assumed of the theorem's own letters stands with the theorem.
    let own = |(_, letters): &&(super::form::Condition, super::form::Binder)| letters.letters.is_empty();
    let assumed: Vec<String> = premises.iter().filter(own).map(|premise| text::premise(premise, ASCII)).collect();
    lines.extend(premises.iter().filter(|one| !own(one)).map(|one| format!("assume {}", text::premise(one, ASCII))));
    let quantified = match text::binder(&notation.binder(&statement.indices, &statement.ranges, None), ASCII) {
        quantified if quantified.is_empty() => quantified,
        quantified => format!(" for {quantified}"),
    };
    let claim = match &statement.claim {
        Claim::Equation(left, right) => {
            format!("{} = {}", text::expr(left, &notation, ASCII), text::expr(right, &notation, ASCII))
        }
        Claim::Tensors(left, right) => {
            format!("{} = {}", text::tensor(left, &notation, ASCII), text::tensor(right, &notation, ASCII))
        }
        Claim::Holds(guard) => condition(guard, &notation),
        Claim::Iff(left, right) => format!("{} iff {}", condition(left, &notation), condition(right, &notation)),
    };
    let assumed = if assumed.is_empty() { String::new() } else { format!(" where {}", assumed.join(", ")) };
    lines.push(format!("theorem {}{quantified}{assumed}: {claim}", text::name(statement.name.as_str())));
    lines.join("\n") + "\n"
}

/// The functions with integer values that a statement and its assumptions speak of, with the numbers of their arguments.
fn integer_functions(statement: &Statement) -> BTreeMap<Name, usize> {
    let mut found = BTreeMap::new();
    let mut visit = |index: &Index| {
        index.visit_functions(&mut |name, arity| {
            // `vol:D` comes with its rank.
            if !name.as_str().contains(':') {
                found.insert(name.clone(), arity);
            }
        });
    };
    statement.claim.visit_indices(&mut visit);
    let supports = statement.signature.tensors.iter().flat_map(|tensor| tensor.support.indices());
    statement.assumptions.indices().chain(statement.ranges.indices()).chain(supports).for_each(&mut visit);
    statement.signature.premises.iter().for_each(|premise| premise.visit_indices(&mut visit));
    found
}

/// A condition; the empty one is written as one that always holds.
fn condition(guard: &Guard, notation: &Notation) -> String {
    if guard.is_empty() { "0 = 0".to_string() } else { text::guard(guard, notation, ASCII) }
}

/// `size M, N`, `size n >= 0`, `integer p`, and what else is assumed.
fn sizes(statement: &Statement, notation: &Notation, lines: &mut Vec<String>) {
    let mut rest: BTreeSet<Literal> = statement.assumptions.literals().cloned().collect();
    let (mut positive, mut natural, mut integers) = (Vec::new(), Vec::new(), Vec::new());
    for var in &statement.parameters {
        let size = Index::from(var);
        let name = ranked(var);
        if rest.remove(&Literal::le(&Index::from(1), &size)) {
            positive.push(name);
        } else if rest.remove(&Literal::ge(size)) {
            natural.push(name);
        } else {
            integers.push(name);
        }
    }
    for (names, keyword, least) in [(positive, "size", ""), (natural, "size", " >= 0"), (integers, "integer", "")] {
        if !names.is_empty() {
            lines.push(format!("{keyword} {}{least}", names.join(", ")));
        }
    }
    if !rest.is_empty() {
        lines.push(format!("assume {}", text::guard(&rest.into_iter().collect(), notation, ASCII)));
    }
}

fn ranked(var: &Var) -> String {
    let name = text::name(var.name.as_str());
    match &var.rank {
        Rank::Scalar => name,
        Rank::Symbolic(rank) => format!("{name} : {}", text::name(rank.as_str())),
    }
}

/// `tensor W[1..m, 1..n]`, `scalar c`, `function f(i, j)`.
fn declaration(tensor: &TensorDeclaration, notation: &Notation) -> String {
    let name = text::name(tensor.name.as_str());
    if tensor.axes.is_empty() {
        return format!("scalar {name}");
    }
    if is_function(tensor) {
        return function(tensor);
    }
    format!("tensor {}", boxed(tensor, notation, false))
}

/// `function f(i, j)`
fn function(tensor: &TensorDeclaration) -> String {
    let letters: Vec<String> = tensor.axes.iter().map(ranked).collect();
    format!("function {}({})", text::name(tensor.name.as_str()), letters.join(", "))
}

/// `W[1..m, 1..n]`, each side with the rank of its axis where that is asked for.
fn boxed(tensor: &TensorDeclaration, notation: &Notation, ranks: bool) -> String {
    let binder = notation.binder(&tensor.axes, &tensor.support, None);
    let sides = tensor.axes.iter().map(|axis| {
        let letter = binder.letters.iter().find(|letter| letter.name == axis.name);
        let range = match letter.and_then(|letter| letter.range.as_ref()) {
            Some((lower, upper)) => format!("{}..{}", text::compact(lower, ASCII), text::compact(upper, ASCII)),
            None => "-inf..inf".to_string(),
        };
        match &axis.rank {
            Rank::Symbolic(rank) if ranks => format!("{range} : {}", text::name(rank.as_str())),
            _ => range,
        }
    });
    let name = text::name(tensor.name.as_str());
    let sides: Vec<String> = sides.collect();
    if sides.is_empty() { name } else { format!("{name}[{}]", sides.join(", ")) }
}

/// A parameter of a definition: `scalar c`, `function f(i)`, `x[0..n-1 : D]`.
fn parameter(tensor: &TensorDeclaration, notation: &Notation) -> String {
    if is_function(tensor) || tensor.axes.is_empty() {
        declaration(tensor, notation)
    } else {
        boxed(tensor, notation, true)
    }
}

/// `def rot180(A[1..a, 1..b])[u in 1..a, v in 1..b] = A[a-u+1, b-v+1]`
fn definition(definition: &Definition, statement: &Statement) -> String {
    let notation = Notation::of_definition(&statement.signature, definition);
    let tensors: Vec<String> = definition.tensors.iter().map(|tensor| parameter(tensor, &notation)).collect();
    let explicit: Vec<String> =
        definition.parameters.iter().skip(parameters::implicit(definition)).map(ranked).collect();
    let needs: Vec<String> = parameters::divisors(definition)
        .iter()
        .map(|divisor| format!("{} >= 1", text::index(divisor, &notation, ASCII)))
        .collect();
    let needs = if needs.is_empty() { String::new() } else { format!(" where {}", needs.join(", ")) };
    let separator = if tensors.is_empty() || explicit.is_empty() { "" } else { "; " };
    let axes = notation.binder(&definition.axes, &definition.support, Some(&definition.body));
    // The axes keep their order, as callers count them.
    let in_order = |axis: &Var| axes.letters.iter().find(|letter: &&Letter| letter.name == axis.name);
    let letters = definition.axes.iter().filter_map(in_order).map(|letter| text::letter(letter, ASCII));
    let conditions = axes.conditions.iter().map(|condition| text::condition(condition, ASCII));
    let result: Vec<String> = letters.chain(conditions).collect();
    let result = if result.is_empty() { String::new() } else { format!("[{}]", result.join(", ")) };
    format!(
        "def {}({}{separator}{}{needs}){result} = {}",
        text::name(notation.called(&definition.name).as_str()),
        tensors.join(", "),
        explicit.join(", "),
        text::expr(&definition.body, &notation, ASCII)
    )
}
