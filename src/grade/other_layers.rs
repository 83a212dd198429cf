//! Gradients that are known by their form: of a bias and of pooling layers.

use std::collections::BTreeSet;

use super::layers::{Target, TargetKind, names_delta};
use super::letters;
use super::model::{Model, convolves};
use super::slopes::is_slope;
use super::verdict::{Class, Finding, Text, Verdict};
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
    // A dense layer, whole or entry by entry: ∂L/∂b = δ, ∂L/∂b[j] = δ[j].
    if names_delta(side, model).is_some() && subscripts(side) == target.at {
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
    if let Some(letter) = wanted.iter().flatten().find(|letter| summed.contains(**letter)) {
        let letter = crate::homework::print::name(letter);
        let argument = Text::new(
            format!("the sum runs over {letter}, which numbers the left side"),
            format!("求和变量 {letter} 是左边的编号"),
        );
        return Some(Finding::argued(Verdict::Wrong, Class::Sum, argument));
    }
    let all_used = summed.iter().all(|letter| names.contains(&letter));
    let same = kept.len() == wanted.len() && kept.iter().all(|name| wanted.contains(&Some(*name)));
    if all_used && same && !summed.is_empty() { right() } else { None }
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
        Kind::Derivative(..) => true,
        _ => is_slope(expr),
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
