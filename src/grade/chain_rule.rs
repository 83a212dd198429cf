//! Products of derivatives: they must cancel as fractions do.

use super::layers::{Target, TargetKind, is_loss, names_delta};
use super::model::{Model, Role, convolves, family, layer};
use super::verdict::{Class, Finding, Text, Verdict};
use crate::homework::formula::*;
use crate::homework::print;

/// Judges a product of derivatives by what cancels; `None` where the side is no such product.
pub(super) fn chain_rule(target: &Target, side: &Expr, model: &Model) -> Option<Finding> {
    let mut side = side;
    while let Kind::Big(Big::Sum, _, Some(body)) = &side.kind {
        side = body;
    }
    if let Kind::Add(terms) = &side.kind {
        let judged: Option<Vec<Finding>> =
            terms.iter().map(|(minus, term)| chain_rule(target, term, model).filter(|_| !minus)).collect();
        return judged?.into_iter().max_by_key(|finding| finding.verdict);
    }
    let factors: Vec<&Expr> = match &side.kind {
        Kind::Product(factors) => {
            // Between derivatives of numbers by numbers a star multiplies.
            let number = |side: &Expr| match &side.kind {
                Kind::Derivative(Some(of), by) => {
                    (is_loss(of) || matches!(of.kind, Kind::Entry(..))) && matches!(by.kind, Kind::Entry(..))
                }
                Kind::Entry(..) => true,
                _ => false,
            };
            let numbers = factors.iter().all(|(_, factor)| number(factor));
            if factors.iter().any(|(sign, _)| convolves(sign) && !(numbers && sign.sign == Sign::Star && !sign.tilde)) {
                return None;
            }
            factors.iter().map(|(_, factor)| factor).collect()
        }
        Kind::Derivative(..) => vec![side],
        _ => return None,
    };
    // The transpose of a Jacobian cancels as the Jacobian does.
    let factors: Vec<&Expr> = factors
        .into_iter()
        .map(|factor| {
            let mut inner = factor;
            if let Kind::Transpose(turned) = &inner.kind {
                inner = turned;
                while let Kind::Parens(_, parts) = &inner.kind
                    && let [only] = parts.as_slice()
                {
                    inner = only;
                }
            }
            if matches!(inner.kind, Kind::Derivative(..)) { inner } else { factor }
        })
        .collect();
    let (mut above, mut below): (Vec<Leaf>, Vec<Leaf>) = (Vec::new(), Vec::new());
    let mut derivatives = 0;
    // σ'(z) is the derivative of the activation of z, which another factor differentiates by.
    let activations: Vec<Leaf> = factors
        .iter()
        .filter_map(|factor| match &factor.kind {
            Kind::Derivative(Some(_), by) => leaf(by, model).filter(|_| is_activation(by, model)),
            _ => None,
        })
        .collect();
    for factor in &factors {
        match &factor.kind {
            Kind::Call(function, arguments) if is_slope(function) => {
                let [argument] = arguments.as_slice() else { return None };
                let made = leaf(argument, model)?;
                let Leaf::Output(_, of_layer) = made else { return None };
                let fits = |activation: &&Leaf| matches!(activation, Leaf::Named(_, layer) if *layer == of_layer);
                above.push(activations.iter().find(fits)?.clone());
                below.push(made);
                derivatives += 1;
            }
            Kind::Derivative(Some(of), by) => {
                above.push(leaf(of, model)?);
                below.push(leaf(by, model)?);
                derivatives += usize::from(!is_loss(of));
            }
            _ => {
                let delta = names_delta(factor, model)?;
                above.push(Leaf::Loss);
                below.push(Leaf::Output(None, layer(&delta)));
            }
        }
    }
    if derivatives == 0 {
        return None;
    }
    let wanted = match target.kind {
        TargetKind::Delta if model.role(&target.by) == Some(Role::Delta) => Leaf::Output(None, layer(&target.by)),
        _ => named(&target.by, model),
    };
    if cancels(&above, &below, &wanted) {
        return Some(Finding::remark(Text::new("the chain of derivatives cancels", "链式法则首尾相消")));
    }
    // One layer that differs by one, and the chain cancels.
    for position in 0..above.len() + below.len() {
        for change in [-1, 1] {
            let (mut a, mut b) = (above.clone(), below.clone());
            let offset = position.checked_sub(a.len());
            let leaf = match offset {
                None => a.get_mut(position),
                Some(offset) => b.get_mut(offset),
            };
            let Some(leaf) = leaf else { continue };
            *leaf = leaf.shifted(change);
            if cancels(&a, &b, &wanted) {
                let factor = factors.get(offset.unwrap_or(position)).copied().unwrap_or(side);
                let text = print::expr(factor);
                let (part, chinese) =
                    if offset.is_some() { ("denominator", "分母") } else { ("numerator", "分子") };
                let argument = Text::new(
                    format!(
                        "as a product of fractions it does not cancel to the left side; it does when the {part} of {text} is one layer {}",
                        if change < 0 { "lower" } else { "higher" }
                    ),
                    format!(
                        "按分数相消得不到左边；把 {text} 的{chinese}改{}一层就可以相消",
                        if change < 0 { "低" } else { "高" }
                    ),
                );
                return Some(Finding::argued(Verdict::Wrong, Class::Derivative, argument));
            }
        }
    }
    Some(Finding::undecided(Text::new(
        "the chain of derivatives does not cancel as it is written",
        "链式法则按写法不能相消",
    )))
}

/// Whether a name is a function of scalars, differentiated once.
fn is_slope(function: &Expr) -> bool {
    function.as_name().is_some_and(|name| name.primes == 1 && name.base.chars().count() == 1)
}

/// Whether an expression is an activation, or an entry of one.
fn is_activation(expr: &Expr, model: &Model) -> bool {
    expr.root().is_some_and(|name| model.role(name) == Some(Role::Activation))
}

/// What stands above or below the line of a derivative.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Leaf {
    Loss,
    /// The output of a layer by its name; none for that by which δ is the gradient.
    Output(Option<String>, Option<i64>),
    Named(String, Option<i64>),
}

impl Leaf {
    /// Whether two leaves may stand for one thing.
    fn same(&self, other: &Leaf) -> bool {
        match (self, other) {
            (Leaf::Output(a, i), Leaf::Output(b, j)) => i == j && (a.is_none() || b.is_none() || a == b),
            _ => self == other,
        }
    }

    fn shifted(&self, by: i64) -> Leaf {
        match self {
            Leaf::Loss => Leaf::Loss,
            Leaf::Output(name, layer) => Leaf::Output(name.clone(), layer.map(|layer| layer.saturating_add(by))),
            Leaf::Named(name, layer) => Leaf::Named(name.clone(), layer.map(|layer| layer.saturating_add(by))),
        }
    }
}

fn named(name: &Name, model: &Model) -> Leaf {
    match model.role(name) {
        Some(Role::Output) => Leaf::Output(Some(family(name)), layer(name)),
        _ => Leaf::Named(family(name), layer(name)),
    }
}

fn leaf(expr: &Expr, model: &Model) -> Option<Leaf> {
    if is_loss(expr) { Some(Leaf::Loss) } else { expr.root().map(|name| named(name, model)) }
}

fn cancels(above: &[Leaf], below: &[Leaf], wanted: &Leaf) -> bool {
    let mut above = above.to_vec();
    let mut rest = Vec::new();
    for leaf in below {
        match above.iter().position(|other| other.same(leaf)) {
            Some(position) => drop(above.remove(position)),
            None => rest.push(leaf.clone()),
        }
    }
    matches!(above.as_slice(), [Leaf::Loss]) && matches!(rest.as_slice(), [only] if only.same(wanted))
}
