//! Numbers of operations: `multiplications(layer(X, W))` and the names that `cost` gives them.

use super::goal;
use super::scope::{Elaborated, Environment, Known, Scope, Value, fault, fault_with};
use super::term::{scalar, to_scalar, value};
use crate::cost::{self, Closed, Fault, Measure, Question, Work};
use crate::goal::Goal;
use crate::kernel::{Claim, Definition, Expr, Guard, Name, Signature, Tensor};
use crate::syntax::ast::{Argument, Ident, Span, Term, TermKind};

/// What a word of the language counts.
pub(super) fn measure(name: &str) -> Option<Measure> {
    Measure::ALL.into_iter().find(|measure| measure.name() == name)
}

/// `multiplications(layer(X, W), layer(Y, V), padding = skipped)`: what the terms cost together, as a sum of `Σ 1`.
pub(super) fn call(scope: &Scope<'_>, measure: Measure, arguments: &[Argument], span: Span) -> Elaborated<Value> {
    let mut question = Question::from(measure);
    let mut work = Vec::new();
    for argument in arguments {
        let term = &argument.term;
        match argument.name.as_ref().map(|name| (name, name.name.as_str())) {
            None => work.push(match value(scope, term)? {
                Value::Tensor(tensor, _) => Work::Tensor(tensor),
                other => Work::Scalar(to_scalar(other, term.span)?),
            }),
            Some((_, "padding")) if measure != Measure::Parameters && measure != Measure::Activations => {
                question.skip_padding = match &term.kind {
                    TermKind::Name(word) if word == "skipped" => true,
                    TermKind::Name(word) if word == "counted" => false,
                    _ => {
                        return fault_with(
                            term.span,
                            "padding is either counted or skipped",
                            "write padding = skipped",
                        );
                    }
                };
            }
            Some((_, "input")) if measure == Measure::Parameters => question.inputs.push(input(scope, term)?),
            Some((name, _)) => {
                let options = match measure {
                    Measure::Parameters => "its option is input = X, for each tensor that is data",
                    Measure::Activations => "it has no options",
                    _ => "its option is padding = counted or padding = skipped",
                };
                let message = format!("{} has no option {}", measure.name(), name.name);
                return fault_with(name.span, message, options);
            }
        }
    }
    if work.is_empty() {
        let name = measure.name();
        return fault_with(span, format!("{name} of nothing"), format!("write {name}(…) with a layer, or several"));
    }
    if measure == Measure::Parameters && question.inputs.is_empty() {
        return fault_with(
            span,
            "which tensors are data, and no parameters, is not said",
            "say it: parameters(layer(X, W), input = X)",
        );
    }
    let count = cost::count(&signature(scope), &scope.facts, &work, &question);
    match count {
        Ok(count) => Ok(Value::Scalar(count.expr())),
        Err(fault @ Fault::MaybeEmpty(_)) => {
            fault_with(span, fault.to_string(), "assume that its range has a point, or count multiply_adds")
        }
        Err(other) => fault(span, other.to_string()),
    }
}

/// A tensor that is data.
fn input(scope: &Scope<'_>, term: &Term) -> Elaborated<Name> {
    match value(scope, term)? {
        Value::Tensor(Tensor::Named(name), _) => Ok(name),
        Value::Scalar(Expr::Entry(Tensor::Named(name), _)) => Ok(name),
        other => fault(term.span, format!("an input is a declared tensor, and this is {}", other.kind())),
    }
}

/// All that terms in scope may speak of.
fn signature(scope: &Scope<'_>) -> Signature {
    let file = scope.environment.tensors.values().filter(|_| !scope.closed);
    let hidden = |name: &Name| scope.tensors.contains_key(name.as_str());
    let file = file.filter(|tensor| !hidden(&tensor.declaration.name));
    Signature {
        tensors: scope.tensors.values().chain(file).map(|tensor| tensor.declaration.clone()).collect(),
        functions: Vec::new(),
        premises: Vec::new(),
        definitions: scope.environment.definitions.iter().map(|known| known.definition.clone()).collect(),
    }
}

/// `cost name = term`: the theorem that the term is a certain polynomial in the sizes, for which the name stands from here on.
pub(super) fn declare(
    environment: &mut Environment,
    name: &Ident,
    term: &Term,
    span: Span,
) -> Elaborated<(Goal, Closed)> {
    let mut scope = Scope::open(environment);
    scope.sums = true;
    if !scope.names_nothing(&name.name) || environment.theorems.contains(&name.name) {
        return fault_with(
            name.span,
            format!("there is something called {} already", name.name),
            "choose another name",
        );
    }
    let expr = scalar(&scope, term)?;
    let Some(closed) = cost::closed(&scope.facts, &expr) else {
        return fault_with(
            span,
            "this is no polynomial in the sizes that can be read off",
            "state it as a theorem: theorem …: multiplications(…) = …",
        );
    };
    environment.costs.insert(name.name.clone(), expr.clone());
    let claim = Claim::Equation(expr, closed.expr());
    let free = (Guard::always(), Vec::new(), Guard::always());
    let statement = goal::statement(environment, &name.name, (free, Vec::new()), claim, &[], name.span)?;
    let definition = Definition {
        name: Name::from(name.name.as_str()),
        parameters: Vec::new(),
        tensors: Vec::new(),
        axes: Vec::new(),
        support: Guard::always(),
        body: Expr::from(0),
    };
    let known = Known {
        definition,
        slots: Vec::new(),
        boxes: Vec::new(),
        axes: Vec::new(),
        readings: Vec::new(),
        assumptions: Guard::always(),
        integer: Some(closed.index()),
    };
    environment.theorems.insert(name.name.clone());
    environment.definition_numbers.insert(name.name.clone(), environment.definitions.len());
    environment.definitions.push(known);
    let goal = Goal::new(statement, span.bytes());
    Ok((goal, closed))
}
