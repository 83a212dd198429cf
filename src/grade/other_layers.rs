//! Gradients that are known by their form: of pooling layers.

use super::layers::{Target, TargetKind, names_delta};
use super::model::{Model, convolves};
use super::slopes::is_slope;
use super::verdict::{Finding, Text};
use crate::homework::formula::*;

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
            let joins = |sign: &Operator| convolves(sign) && (sign.sign != Sign::Star || !sign.mode.is_empty());
            if factors.iter().any(|(sign, _)| joins(sign)) || !(up(a) && slope(b) || slope(a) && up(b)) {
                return None;
            }
        }
        TargetKind::Input if up(side) => {}
        _ => return None,
    }
    let above = super::letters::all(side).into_iter().filter(|part| up(part));
    let mut deltas = above.flat_map(super::letters::all).filter_map(|part| names_delta(part, model));
    if let Some(finding) = deltas.find_map(|delta| super::channels::astray(&target.by, &delta)) {
        return Some(finding);
    }
    Some(Finding::remark(Text::new("the gradient of a pooling layer", "与汇聚（池化）层的梯度一致")))
}
