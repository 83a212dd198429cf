//! Products of derivatives: they must cancel as fractions do.

use std::collections::BTreeSet;

use super::layers::{Target, TargetKind, is_loss, names_delta};
use super::letters;
use super::linear::Poly;
use super::model::{Model, Role, convolves, family, layer};
use super::verdict::{Class, Finding, Text, Verdict};
use crate::homework::formula::*;
use crate::homework::print;

/// Judges a product of derivatives by what cancels; `None` where the side is no such product.
pub(super) fn chain_rule(target: &Target, side: &Expr, model: &Model) -> Option<Finding> {
    chain_below(target, side, model, Some(BTreeSet::new()))
}

/// The same below sums over some letters; none where it is not known which.
fn chain_below(target: &Target, side: &Expr, model: &Model, summed: Option<BTreeSet<Name>>) -> Option<Finding> {
    let (mut side, mut summed) = (side, summed);
    while let Kind::Big(Big::Sum, binders, Some(body)) = &side.kind {
        for binder in binders {
            let letters = match binder {
                Binder::Letter { letter, .. } => letter.as_name().map(|name| vec![name.clone()]),
                Binder::Among(letters, _) => letters.iter().map(|letter| letter.as_name().cloned()).collect(),
                Binder::Condition(_) => None,
            };
            summed = summed.zip(letters).map(|(mut all, more)| {
                all.extend(more);
                all
            });
        }
        side = body;
    }
    if let Kind::Add(terms) = &side.kind {
        let judged: Option<Vec<Finding>> = terms
            .iter()
            .map(|(minus, term)| chain_below(target, term, model, summed.clone()).filter(|_| !minus))
            .collect();
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
            // `(∂E/∂net · ∂net/∂a) · ∂a/∂z`
            let ungrouped = factors.iter().flat_map(|(_, factor)| match &factor.kind {
                Kind::Parens(_, parts) => match parts.as_slice() {
                    [Expr { kind: Kind::Product(inner), .. }] if inner.iter().all(|(sign, _)| !convolves(sign)) => {
                        inner.iter().map(|(_, factor)| factor).collect()
                    }
                    _ => vec![factor],
                },
                _ => vec![factor],
            });
            ungrouped.collect()
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
        if let Some(finding) = misplaced(target, &summed, &factors, model) {
            return Some(finding);
        }
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

/// Whether two single subscripts differ by a number.
fn next_to(a: &[Expr], b: &[Expr]) -> bool {
    let ([a], [b]) = (a, b) else { return false };
    let difference = Poly::of(a).zip(Poly::of(b)).map(|(a, b)| a.minus(&b));
    difference.is_some_and(|difference| {
        !difference.is_zero() && difference.constant().is_some() && a.as_name().or(b.as_name()).is_some()
    })
}

/// An entry between two derivatives that is not the same in both, one that is not summed over, or a sum over what the left side is fixed at.
fn misplaced(target: &Target, summed: &Option<BTreeSet<Name>>, factors: &[&Expr], model: &Model) -> Option<Finding> {
    // δ is the gradient by the output of its layer, whatever that is called.
    let same = |a: &Name, b: &Name| {
        let (of_a, of_b) = (model.role(a), model.role(b));
        let either = matches!(
            (of_a, of_b),
            (Some(Role::Delta), Some(Role::Output | Role::Delta)) | (Some(Role::Output), Some(Role::Delta))
        );
        family(a) == family(b) || either
    };
    let entry = |side: &Expr| match &side.kind {
        Kind::Entry(base, at) => base.as_name().map(|name| (name.clone(), layer(name), at.clone())),
        _ => None,
    };
    let (mut above, mut below) = (Vec::new(), Vec::new());
    for factor in factors {
        match &factor.kind {
            // σ'(z[p]) leads from the activation at p to z[p].
            Kind::Call(function, arguments) if is_slope(function) => {
                let (output, of, at) = entry(arguments.first()?)?;
                let activation = factors.iter().find_map(|other| match &other.kind {
                    Kind::Derivative(Some(_), by) if is_activation(by, model) => {
                        by.root().filter(|name| layer(name) == of).cloned()
                    }
                    _ => None,
                })?;
                above.push((activation, of, at.clone()));
                below.push((output, of, at));
            }
            Kind::Entry(..) if names_delta(factor, model).is_some() => below.push(entry(factor)?),
            Kind::Derivative(Some(of), by) => {
                if !is_loss(of) {
                    above.push(entry(of)?);
                }
                below.push(entry(by)?);
            }
            _ => return None,
        }
    }
    let wrong = |class: Class, english: String, chinese: String| {
        Some(Finding::argued(Verdict::Wrong, class, Text::new(english, chinese)))
    };
    let text = |at: &[Expr]| at.iter().map(print::expr).collect::<Vec<_>>().join(", ");
    let by_target = |(name, of, _): &(Name, Option<i64>, Vec<Expr>)| same(name, &target.by) && *of == layer(&target.by);
    let mut fixed: BTreeSet<Name> = BTreeSet::new();
    target.at.iter().for_each(|at| fixed.extend(letters::names(at).cloned()));
    // What is differentiated by in one factor is differentiated in another.
    for (number, (name, of, at)) in below.iter().enumerate() {
        // `∂a_k/∂a_j` beside δ_k leads from a_j to a_k: what another factor cancels is not looked at again.
        let taken = |other: &[Expr]| {
            let mut rest = below.iter().enumerate().filter(|(place, _)| *place != number);
            text(at) == text(&target.at)
                && rest.any(|(_, (besides, layer, at))| same(besides, name) && layer == of && text(at) == text(other))
        };
        let fitting = above.iter().filter(|(other, layer, at)| same(other, name) && layer == of && !taken(at));
        let others: Vec<&Vec<Expr>> = fitting.map(|(_, _, at)| at).collect();
        let name_of = print::name(&Name { layer: String::new(), ..name.clone() });
        match others.as_slice() {
            [] if by_target(&(name.clone(), *of, at.clone()))
                && !target.at.is_empty()
                && text(at) != text(&target.at) =>
            {
                let (here, there) = (text(at), text(&target.at));
                return wrong(
                    Class::Index,
                    format!("the last factor differentiates by {name_of}[{here}], the left side by {name_of}[{there}]"),
                    format!("最后一个因子对 {name_of}[{here}] 求导，而左边是对 {name_of}[{there}]"),
                );
            }
            // `∂z_{i+1}/∂z_i`: the subscript may number layers.
            [other] if of.is_none() && next_to(other, at) => {
                let (here, there) = (text(at), text(other));
                return Some(Finding::undecided(Text::new(
                    format!("{name_of}[{here}] and {name_of}[{there}] are two entries, or belong to two layers"),
                    format!("{name_of}[{here}] 与 {name_of}[{there}] 是两个元素，还是两层的量，答案没有说明"),
                )));
            }
            [other] if text(other) != text(at) && other.len() == at.len() => {
                let (here, there) = (text(at), text(other));
                return wrong(
                    Class::Index,
                    format!("{name_of}[{here}] and {name_of}[{there}] are two entries, which do not cancel"),
                    format!("{name_of}[{here}] 与 {name_of}[{there}] 不是同一元素，不能相消"),
                );
            }
            _ => {}
        }
    }
    let summed = summed.as_ref().filter(|_| !target.at.is_empty())?;
    let used = |letter: &Name| factors.iter().any(|factor| factor.any(&mut |part| part.as_name() == Some(letter)));
    if let Some(letter) = summed.iter().find(|letter| !used(letter)) {
        let letter = print::name(letter);
        return Some(Finding::undecided(Text::new(
            format!("the sum over {letter} adds the same term again and again, and nothing says how often"),
            format!("对 {letter} 的求和只是重复同一项"),
        )));
    }
    if let Some(letter) = summed.iter().find(|letter| fixed.contains(*letter)) {
        let letter = print::name(letter);
        return wrong(
            Class::Sum,
            format!("the sum runs over {letter}, at which the left side is taken"),
            format!("求和变量 {letter} 是左边已取定的下标"),
        );
    }
    let between = above.iter().flat_map(|(_, _, at)| at).flat_map(letters::all).filter_map(Expr::as_name);
    let missing =
        between.into_iter().find(|name| !summed.contains(*name) && !fixed.contains(*name) && is_index(name))?;
    let letter = print::name(missing);
    wrong(
        Class::Sum,
        format!(
            "a sum over {letter} is missing: where two entries between depend on the one below, the derivative is the sum of both"
        ),
        format!("缺少对 {letter} 的求和：若中间有两个元素依赖它，导数应为两者之和"),
    )
}

/// Whether a name is a small letter, as positions are.
fn is_index(name: &Name) -> bool {
    name.base.chars().count() == 1 && name.base.chars().all(char::is_lowercase) && name.label.is_empty()
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
