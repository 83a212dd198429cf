//! Gradients that are known by their form: of a bias, of dense and of pooling layers.

use std::collections::BTreeSet;

use super::layers::{Target, TargetKind, is_loss, names_delta};
use super::letters;
use super::model::{Model, Role, convolves};
use super::verdict::{Finding, Text};
use crate::homework::Symbols;
use crate::homework::formula::*;

/// The gradient by a bias: the gradient of the output, summed over all positions at which the bias is added.
pub(super) fn bias(target: &Target, side: &Expr, model: &Model) -> Option<Finding> {
    if target.kind != TargetKind::Bias {
        return None;
    }
    let right = || {
        Some(Finding::remark(Text::new(
            "the bias is added at every position, so its gradient is the sum of the gradients there",
            "偏置加在每个位置上，故其梯度是各处梯度之和",
        )))
    };
    // A dense layer, entry by entry: ∂L/∂b[j] = δ[j].
    if let Kind::Entry(_, at) = &side.kind
        && names_delta(side, model).is_some()
        && *at == target.at
    {
        return right();
    }
    // A dense layer: ∂L/∂b = δ.
    if names_delta(side, model).is_some() && !matches!(side.kind, Kind::Entry(..)) {
        return right();
    }
    if let Kind::Call(function, arguments) = &side.kind
        && function.as_name().is_some_and(|name| matches!(name.base.as_str(), "sum" | "np.sum" | "Sum"))
        && arguments.first().is_some_and(|argument| names_delta(argument, model).is_some())
    {
        return right();
    }
    let mut body = side;
    let mut summed: BTreeSet<Name> = BTreeSet::new();
    while let Kind::Big(Big::Sum, binders, Some(inner)) = &body.kind {
        summed.extend(binders.iter().flat_map(letters::binder_letters).filter_map(|letter| letter.as_name().cloned()));
        body = inner;
    }
    while let Kind::Parens(_, parts) = &body.kind {
        body = parts.first().filter(|_| parts.len() == 1)?;
    }
    names_delta(body, model)?;
    let indices = subscripts(body);
    let names: Option<Vec<&Name>> = indices.iter().map(Expr::as_name).collect();
    let names = names?;
    let kept: Vec<&Name> = names.iter().copied().filter(|name| !summed.contains(*name)).collect();
    let wanted: Vec<Option<&Name>> = target.at.iter().map(Expr::as_name).collect();
    let all_used = summed.iter().all(|letter| names.contains(&letter));
    let same = kept.len() == wanted.len() && kept.iter().all(|name| wanted.contains(&Some(*name)));
    if all_used && (same || target.at.is_empty()) && !summed.is_empty() { right() } else { None }
}

/// All subscripts of an entry: those of `(δ_j)[u, v]` are j, u and v.
fn subscripts(side: &Expr) -> Vec<Expr> {
    match &side.kind {
        Kind::Entry(base, at) => [subscripts(base), at.clone()].concat(),
        Kind::Derivative(_, by) => subscripts(by),
        Kind::Parens(_, parts) if parts.len() == 1 => parts.first().map(subscripts).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// What is multiplied, through brackets.
fn flat(side: &Expr) -> Vec<(Operator, Expr)> {
    match &side.kind {
        Kind::Product(factors) => factors
            .iter()
            .flat_map(|(sign, factor)| {
                let mut inner = flat(factor);
                if let Some((first, _)) = inner.first_mut() {
                    *first = sign.clone();
                }
                inner
            })
            .collect(),
        Kind::Parens(_, parts) if parts.len() == 1 => parts.first().map(flat).unwrap_or_default(),
        _ => vec![(Operator::beside(), side.clone())],
    }
}

/// An entry with letters as subscripts; a label that is a letter of positions counts as one.
fn lettered(part: &Expr, symbols: &Symbols) -> Option<(Name, Vec<Name>)> {
    match &part.kind {
        Kind::Entry(base, at) => {
            Some((base.as_name()?.clone(), at.iter().map(|at| at.as_name().cloned()).collect::<Option<_>>()?))
        }
        Kind::Name(name) => {
            let letters: Vec<Name> = name.label.chars().map(|letter| Name::plain(letter.to_string())).collect();
            let all = !letters.is_empty() && letters.iter().all(|letter| symbols.indices.contains(letter));
            all.then(|| (Name { label: String::new(), ..name.clone() }, letters))
        }
        _ => None,
    }
}

/// A dense layer, entry by entry: `δ[j] a[k]`, `Σ_k W[k,j] δ[k] σ'(z[j])`.
pub(super) fn dense_entries(target: &Target, side: &Expr, model: &Model, symbols: &Symbols) -> Option<Finding> {
    let (mut body, mut summed) = (side, Vec::new());
    while let Kind::Big(Big::Sum, binders, Some(inner)) = &body.kind {
        summed.extend(binders.iter().flat_map(letters::binder_letters).filter_map(|letter| letter.as_name().cloned()));
        body = inner;
    }
    let at: Vec<Name> = target.at.iter().map(|at| at.as_name().cloned()).collect::<Option<_>>()?;
    let (mut delta, mut weight, mut input, mut slope) = (None, None, None, false);
    for (sign, factor) in flat(body) {
        if convolves(&sign) || sign.sign == Sign::Slash {
            return None;
        }
        if let Kind::Call(function, arguments) = &factor.kind {
            let of = arguments.first().and_then(|argument| lettered(argument, symbols))?;
            let derivative = function.as_name().is_some_and(|name| name.primes > 0);
            (derivative && of.1 == at && !slope).then_some(())?;
            slope = true;
            continue;
        }
        let place = match &factor.kind {
            Kind::Derivative(Some(of), by) if is_loss(of) => lettered(by, symbols),
            _ => lettered(&factor, symbols),
        };
        let (name, letters) = place?;
        let role = if matches!(factor.kind, Kind::Derivative(..)) && model.role(&name) == Some(Role::Output) {
            Role::Delta
        } else {
            model.role(&name)?
        };
        let slot = match role {
            Role::Delta => &mut delta,
            Role::Weight => &mut weight,
            Role::Activation => &mut input,
            _ => return None,
        };
        if slot.replace(letters).is_some() {
            return None;
        }
    }
    let delta: Vec<Name> = delta?;
    let right = match (target.kind, &weight, &input) {
        (TargetKind::Weight, None, Some(input)) => {
            summed.is_empty() && !slope && at.len() == 2 && [delta.as_slice(), input.as_slice()].concat() == at
        }
        (TargetKind::Delta | TargetKind::Input, Some(weight), None) => {
            summed.len() == 1 && delta == summed && *weight == [delta.as_slice(), at.as_slice()].concat()
        }
        _ => false,
    };
    right.then(|| Finding::remark(Text::new("the gradient of a dense layer", "与全连接层的梯度一致")))
}

/// A dense layer: `W^T δ ⊙ σ'(z)` and `δ a^T`.
pub(super) fn dense(target: &Target, side: &Expr, model: &Model) -> Option<Finding> {
    let transposes = side.any(&mut |part| matches!(part.kind, Kind::Transpose(_)));
    let factors = flat(side);
    if factors.len() < 2 || !transposes || factors.iter().any(|(sign, _)| convolves(sign)) {
        return None;
    }
    let mut text: Option<(String, &str)> = None;
    let mut slope = false;
    for (_, factor) in &factors {
        let (inner, turned) = match &factor.kind {
            Kind::Transpose(inner) => (&**inner, true),
            _ => (factor, false),
        };
        let mut inner = inner;
        while let Kind::Parens(_, parts) = &inner.kind {
            inner = parts.first().filter(|_| parts.len() == 1)?;
        }
        let role = match &inner.kind {
            _ if names_delta(inner, model).is_some() => Role::Delta,
            Kind::Name(name) => model.role(name)?,
            Kind::Call(function, _) if function.as_name().is_some_and(|name| name.primes > 0) => {
                slope = true;
                continue;
            }
            _ => return None,
        };
        let (name, shape) = match (role, turned) {
            (Role::Weight, false) => ("V", "mn"),
            (Role::Weight, true) => ("transpose(V)", "nm"),
            (Role::Delta, false) => ("E", "m1"),
            (Role::Delta, true) => ("E", "1m"),
            (Role::Activation, false) => ("B", "n1"),
            (Role::Activation, true) => ("B", "1n"),
            _ => return None,
        };
        text = Some(match text {
            None => (name.to_string(), shape),
            Some((before, "nm")) if shape == "m1" => (format!("matvec({before}, {name})"), "n1"),
            Some((before, "m1")) if shape == "1n" => (format!("{before} {name}"), "mn outer"),
            Some((before, "mn")) if shape == "n1" => (format!("matvec({before}, {name})"), "m1"),
            Some(_) => return None,
        });
    }
    let (text, shape) = text?;
    let right = match target.kind {
        TargetKind::Weight => text == "E B" && shape == "mn outer",
        TargetKind::Delta | TargetKind::Input => {
            text == "matvec(transpose(V), E)" && (slope || target.kind == TargetKind::Input)
        }
        TargetKind::Bias | TargetKind::Forward => false,
    };
    right.then(|| Finding::remark(Text::new("the gradient of a dense layer", "与全连接层的梯度一致")))
}

/// A pooling layer: the gradient is spread over the windows, times the slope of the activation.
pub(super) fn pooling(target: &Target, side: &Expr, model: &Model) -> Option<Finding> {
    let up = |expr: &Expr| match &expr.kind {
        Kind::Call(function, arguments) => {
            function.as_name().is_some_and(|name| {
                matches!(name.base.to_lowercase().as_str(), "up" | "upsample" | "upsampling" | "unpool")
            }) && arguments.first().is_some_and(|argument| names_delta(argument, model).is_some())
        }
        _ => false,
    };
    let slope = |expr: &Expr| match &expr.kind {
        Kind::Call(function, _) => function.as_name().is_some_and(|name| name.primes > 0),
        Kind::Derivative(..) => true,
        _ => false,
    };
    match target.kind {
        TargetKind::Delta => {
            let Kind::Product(factors) = &side.kind else { return None };
            let list: Vec<&Expr> = factors.iter().map(|(_, factor)| factor).collect();
            let [a, b] = list.as_slice() else { return None };
            if factors.iter().any(|(sign, _)| convolves(sign)) || !(up(a) && slope(b) || slope(a) && up(b)) {
                return None;
            }
        }
        TargetKind::Input if up(side) => {}
        _ => return None,
    }
    Some(Finding::remark(Text::new("the gradient of a pooling layer", "与汇聚（池化）层的梯度一致")))
}
