//! Gradients of a layer, entry by entry, through the prover.
//!
//! A layer of stride 1 without padding is meant, or a wide convolution where a line shows one, or the layer that numerals write out; of
//! every other layer nothing is said.

use std::collections::BTreeSet;

use num_traits::One;

use super::bias;
use super::context::Context;
use super::geometry::{Axis, Geometries, Geometry, factors, role_of};
use super::layers::{Target, TargetKind, names_delta};
use super::letters;
use super::linear::Poly;
use super::model::{Model, Role, is_padding, is_rotation, numeric_entry, signs};
use super::prover::{Outcome, equation, parsed};
use super::slopes;
use super::verdict::{Class, Evidence, Finding, Text, Verdict};
use crate::homework::formula::*;
use crate::homework::{Symbols, print, surface};

/// What the answer calls the tensors of a layer.
struct Names {
    delta: String,
    weight: String,
    input: String,
}

/// A side over the tensors of one layer; `None` where something else occurs in it.
struct Translated {
    side: Expr,
    rotated_scalar: bool,
    /// Whether zeros around the gradient are written, as far as the kernel reaches.
    padded: bool,
    delta: bool,
    kernel: bool,
    input: bool,
    names: Names,
}

/// What a rotated array has at a position.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// `rot180(w)[m]` is `w[K-1-m]`: the array is turned, and its positions stay where they are.
    Within,
    /// `rot180(w)[m]` is `w[-m]`, as some write it.
    About,
}

fn translated(side: &Expr, model: &Model, geometry: &Geometry, turn: Turn) -> Option<Translated> {
    let (mut rotated_scalar, mut strange) = (false, false);
    let (mut delta, mut kernel, mut input) = (false, false, false);
    let mut names = Names { delta: "δ".into(), weight: "w".into(), input: "a".into() };
    // The slope of the activation is a factor of the whole, or stands within a sum.
    let core = bias::left_out(&slopes::all_left_out(side), model);
    let core = letters::map(&core, &mut |part| match &part.kind {
        Kind::Call(function, arguments) if function.as_name().is_some_and(is_rotation) => {
            let inner = arguments.first()?;
            let scalar = matches!(inner.kind, Kind::Big(..) | Kind::Add(_) | Kind::Product(_));
            rotated_scalar |= scalar;
            scalar.then(|| inner.clone())
        }
        _ => None,
    });
    // pad(δ)[i] is δ[i-(K-1)].
    let mut padded = false;
    let core = letters::map(&core, &mut |part| {
        let Kind::Entry(base, at) = &part.kind else { return None };
        let Kind::Call(function, arguments) = &base.kind else { return None };
        let pads = function.as_name().is_some_and(is_padding) && arguments.len() == 1;
        let inner = arguments.first().filter(|only| pads && names_delta(only, model).is_some())?;
        if at.len() != geometry.axes.len() {
            return None;
        }
        padded = true;
        let shifted = at.iter().zip(&geometry.axes).map(|(index, axis)| {
            let kernel = Expr::new(Kind::Name(Name::plain(axis.kernel.clone())), index.span);
            let terms = vec![(false, index.clone()), (true, kernel), (false, Expr::integer(1, index.span))];
            Expr::new(Kind::Add(terms), index.span)
        });
        let at: Vec<Expr> = shifted.collect();
        Some(match &inner.kind {
            Kind::Derivative(of, by) => {
                let by = Expr::new(Kind::Entry(by.clone(), at), by.span);
                Expr::new(Kind::Derivative(of.clone(), Box::new(by)), part.span)
            }
            _ => Expr::new(Kind::Entry(Box::new(inner.clone()), at), part.span),
        })
    });
    let core = letters::map(&core, &mut |part| {
        // `∂(Σ w[u] a[i+u])/∂a[j]`, the layer written out, is taken as it stands.
        if let Kind::Derivative(Some(of), by) = &part.kind
            && of.any(&mut |inner| matches!(inner.kind, Kind::Big(Big::Sum, ..)))
            && matches!(&by.kind, Kind::Entry(base, _) if base.as_name().is_some_and(|name| matches!(model.role(name), Some(Role::Weight | Role::Activation))))
        {
            return None;
        }
        if matches!(part.kind, Kind::Derivative(..)) && role_of(part, model).is_none() {
            // A gradient of another kind is no entry of the tensor that it is taken by.
            strange = true;
            return Some(part.clone());
        }
        let (role, indices) = role_of(part, model)?;
        if let Kind::Derivative(Some(of), by) = &part.kind
            && let Kind::Entry(base, _) = &by.kind
        {
            names.delta = format!("∂{}/∂{}", print::expr(of), print::expr(base));
        }
        if let Kind::Entry(base, _) = &part.kind
            && let Some(name) = base.as_name()
        {
            match role {
                Role::Delta => names.delta = print::name(name),
                Role::Weight => names.weight = print::name(name),
                Role::Activation => names.input = print::name(name),
                _ => {}
            }
        }
        let (name, size): (&str, fn(&Axis) -> &String) = match role {
            Role::Delta => ("delta", |axis| &axis.input),
            Role::Weight => ("kernel", |axis| &axis.kernel),
            Role::Activation => ("input", |axis| &axis.input),
            _ => {
                strange = true;
                return None;
            }
        };
        delta |= role == Role::Delta;
        kernel |= role == Role::Weight;
        input |= role == Role::Activation;
        if indices.len() != geometry.axes.len() {
            strange = true;
            return None;
        }
        let turned = matches!(&part.kind, Kind::Entry(base, _) if base.as_name().is_none());
        let indices: Vec<Expr> = indices
            .iter()
            .zip(&geometry.axes)
            .map(|(index, axis)| {
                if !turned {
                    return index.clone();
                }
                if turn == Turn::About {
                    let first = Expr::integer(2 * geometry.base, index.span);
                    return Expr::new(Kind::Add(vec![(false, first), (true, index.clone())]), index.span);
                }
                // rot180(w)[m] is w[K-1-m], counted from the first index.
                let last = Expr::new(Kind::Name(Name::plain(size(axis).clone())), index.span);
                let shift = num_rational::BigRational::from_integer((2 * geometry.base - 1).into());
                let number = |value: num_rational::BigRational| {
                    use num_traits::Signed;
                    (value.is_negative(), Expr::new(Kind::Number(value.abs()), index.span))
                };
                Expr::new(Kind::Add(vec![(false, last), number(shift), (true, index.clone())]), index.span)
            })
            .collect();
        if turned && role != Role::Weight {
            strange = true;
        }
        Some(Expr::new(Kind::Entry(Box::new(Expr::new(Kind::Name(Name::plain(name)), part.span)), indices), part.span))
    });
    (!strange).then_some(Translated { side: core, rotated_scalar, padded, delta, kernel, input, names })
}

/// A side whose kernel is turned round where it was not, and the other way round.
fn with_flip(side: &Expr, model: &Model) -> Option<Expr> {
    let mut count = 0;
    let flipped = letters::map(side, &mut |part| {
        let Kind::Entry(base, at) = &part.kind else { return None };
        let weight = |base: &Expr| base.as_name().is_some_and(|name| model.role(name) == Some(Role::Weight));
        let base = match &base.kind {
            Kind::Call(function, inner) if function.as_name().is_some_and(is_rotation) => {
                inner.first().filter(|only| inner.len() == 1 && weight(only))?.clone()
            }
            _ if weight(base) => {
                let rotation = Expr::new(Kind::Name(Name::plain("rot180")), base.span);
                Expr::new(Kind::Call(Box::new(rotation), vec![(**base).clone()]), base.span)
            }
            _ => return None,
        };
        count += 1;
        Some(Expr::new(Kind::Entry(Box::new(base), at.clone()), part.span))
    });
    (count == 1).then_some(flipped)
}

/// A repaired side with the slopes that were left out of it.
fn with_slopes(repaired: Expr, side: &Expr) -> Expr {
    let slopes = letters::all(side).into_iter().filter(|part| slopes::is_slope(part)).cloned();
    let factors: Vec<(Operator, Expr)> = std::iter::once(repaired.clone())
        .chain(slopes)
        .map(|factor| match factor.kind {
            Kind::Add(_) => Expr::new(Kind::Parens(Bracket::Round, vec![factor.clone()]), factor.span),
            _ => factor,
        })
        .map(|factor| (Operator::beside(), factor))
        .collect();
    if factors.len() == 1 { repaired } else { Expr::new(Kind::Product(factors), side.span) }
}

/// A name in a side that is neither a letter, nor a tensor of the layer, nor one of its sizes; or a subscript that moves in steps.
fn strange_size(side: &Expr, target: &Target, known: &BTreeSet<String>, symbols: &Symbols) -> Option<String> {
    let bound = letters::bound(side);
    let fixed = |name: &Name| {
        !bound.contains(name)
            && !target.at.iter().any(|at| at.as_name() == Some(name))
            && !known.contains(&symbols.ident(name))
    };
    for part in letters::all(side) {
        match &part.kind {
            Kind::Entry(_, positions) => {
                for position in positions {
                    let Some(index) = Poly::of(position) else { return Some(print::expr(position)) };
                    let unit = index.names().iter().all(|name| {
                        index
                            .solved(name)
                            .and_then(|(slope, _)| slope.constant())
                            .is_some_and(|slope| num_traits::Signed::abs(&slope).is_one())
                    });
                    if !unit {
                        return Some(print::expr(position));
                    }
                    let strange = letters::names(position).find(|name| fixed(name));
                    if let Some(name) = strange {
                        return Some(print::name(name));
                    }
                }
            }
            Kind::Big(_, binders, _) => {
                for binder in binders {
                    let Binder::Letter { lower: Some(lower), upper: Some(upper), .. } = binder else { continue };
                    let names = letters::all(lower).into_iter().chain(letters::all(upper)).filter_map(Expr::as_name);
                    if let Some(name) = names.into_iter().find(|name| fixed(name)) {
                        return Some(print::name(name));
                    }
                }
            }
            _ => {}
        }
    }
    None
}

/// An array in a side of which nothing shows what it is in the layer.
pub(super) fn unknown(side: &Expr, model: &Model) -> Option<String> {
    letters::all(side).into_iter().find_map(|part| match &part.kind {
        Kind::Entry(base, _) => base.as_name().filter(|name| model.role(name).is_none()).map(print::name),
        _ => None,
    })
}

/// Judges a side against the gradient of an entry.
pub(super) fn gradient(target: &Target, side: &Expr, geometries: &Geometries, context: Context) -> Option<Finding> {
    // `z_{11} = w_{11}a_{11} + … + b`: the rest is what the kernel and the input make.
    let without_bias;
    let side = match &side.kind {
        Kind::Add(terms) if target.kind == TargetKind::Forward => {
            let bias = |term: &Expr| term.root().is_some_and(|name| context.model.role(name) == Some(Role::Bias));
            let kept: Vec<(bool, Expr)> = terms.iter().filter(|(minus, term)| *minus || !bias(term)).cloned().collect();
            without_bias = match kept.as_slice() {
                [(false, only)] => only.clone(),
                _ => Expr::new(Kind::Add(kept), side.span),
            };
            &without_bias
        }
        _ => side,
    };
    let fits = |geometry: &&Geometry| geometry.contains(target, side, context.model);
    let mut layers = geometries.at(&target.at).into_iter().filter(fits);
    let first = in_base(layers.next()?, target, side, geometries, context)?;
    if first.verdict == Verdict::Ok {
        return Some(first);
    }
    let others = layers.filter_map(|geometry| in_base(geometry, target, side, geometries, context));
    Some(others.into_iter().find(|other| other.verdict == Verdict::Ok).unwrap_or(first))
}

/// The same in one layer, whose indices may start at 0 or at 1.
fn in_base(
    geometry: &Geometry,
    target: &Target,
    side: &Expr,
    geometries: &Geometries,
    context: Context,
) -> Option<Finding> {
    let finding = gradient_in(geometry, target, side, context)?;
    if context.model.base.is_some() {
        return Some(finding);
    }
    if finding.verdict == Verdict::Ok && geometries.base.get().is_none_or(|base| base == geometry.base) {
        geometries.base.set(Some(geometry.base));
        return Some(finding);
    }
    // Nothing shows where indices start: it is right where it is right for one of the two, which an earlier formula may have shown.
    let other = Geometry { base: 1 - geometry.base, ..geometry.clone() };
    if geometries.base.get().is_some_and(|base| base != other.base) {
        return Some(finding);
    }
    let again = gradient_in(&other, target, side, context);
    Some(match again.filter(|again| again.verdict == Verdict::Ok) {
        Some(again) => {
            geometries.base.set(Some(other.base));
            again
        }
        None => finding,
    })
}

fn gradient_in(geometry: &Geometry, target: &Target, side: &Expr, context: Context) -> Option<Finding> {
    let Context { model, symbols, options, .. } = context;
    if target.at.is_empty() || target.kind == TargetKind::Bias {
        return None;
    }
    // What joins whole tensors is no sum of entries.
    if !signs(side).is_empty() {
        return None;
    }
    let translated = translated(side, model, geometry, Turn::Within)?;
    // A layer multiplies with its kernel; without it this is a layer of another kind.
    let multiplies = match target.kind {
        TargetKind::Weight => translated.input || translated.delta,
        _ => translated.kernel,
    };
    if !multiplies {
        return None;
    }
    let meaning = model.layer_meaning();
    let at: Vec<String> = target
        .at
        .iter()
        .map(|at| match &at.kind {
            Kind::Name(name) => Some(symbols.ident(name)),
            Kind::Number(number) => number.is_integer().then(|| number.to_string()),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let numbers: Option<Vec<i64>> = at.iter().map(|at| at.parse().ok()).collect();
    let terms = numbers.as_ref().and_then(|numbers| geometry.terms(target.kind, numbers));
    let truth = match &terms {
        Some(terms) => Geometry::written_out(terms, factors(target.kind).0, factors(target.kind).1, "*"),
        None => geometry.truth(target.kind, &at, meaning)?,
    };
    let base = geometry.base;
    let ranges: Vec<String> = at
        .iter()
        .zip(&geometry.axes)
        .filter(|(at, _)| at.parse::<i64>().is_err())
        .map(|(at, axis)| {
            let size = if target.kind == TargetKind::Weight { &axis.kernel } else { &axis.input };
            format!("{at} in {base}..{size}-1+{base}")
        })
        .collect();
    let binders = if ranges.is_empty() { String::new() } else { format!(" for {}", ranges.join(", ")) };
    let (binders, truth) = parsed(&format!("theorem t{binders}: {truth} = 0"))?;
    let term = surface::term(&translated.side, symbols).ok()?;
    let declarations = geometry.declarations();
    let outcome = equation(term, truth.clone(), binders.clone(), &declarations, options);
    // The answer writes another layer than the one that is meant here, and shows no example of it.
    let unusual = model.unusual() && (terms.is_none() || model.written.is_none());
    match outcome {
        Outcome::Proved if unusual => None,
        Outcome::Proved if target.kind == TargetKind::Forward => {
            Some(Finding::remark(Text::new("the layer at this position, by the prover", "该层在此处的输出（已证明）")))
        }
        Outcome::Proved => {
            Some(Finding::remark(Text::new("the gradient of the layer, by the prover", "与该层的梯度一致（已证明）")))
        }
        Outcome::Open(reason) => Some(Finding::undecided(Text::reason(reason))),
        Outcome::Refuted(example) => {
            let known = geometry.axes.iter().flat_map(|axis| &axis.sizes).cloned().collect::<BTreeSet<String>>();
            if let Some(name) = strange_size(side, target, &known, symbols) {
                return Some(Finding::undecided(Text::new(
                    format!("what {name} is in the layer is not known"),
                    format!("不清楚 {name} 在该层中是什么"),
                )));
            }
            if let Some(name) = unknown(side, model).filter(|_| !translated.delta && target.kind != TargetKind::Forward)
            {
                return Some(Finding::undecided(Text::new(
                    format!("what {name} is is not said: the gradient that comes from above, or another array"),
                    format!("没有说明 {name} 是什么：是上一层传来的梯度，还是别的数组"),
                )));
            }
            if unusual {
                return Some(Finding::undecided(Text::new(
                    "the layer is not one of stride 1 without padding",
                    "该层不是步长 1、无填充的卷积",
                )));
            }
            let class = if target.kind == TargetKind::Forward {
                Class::Index
            } else if !translated.delta {
                Class::Factor
            } else if translated.rotated_scalar {
                Class::Flip
            } else {
                Class::Index
            };
            let message = match class {
                Class::Factor => Text::new(
                    "the gradient that comes from above has been lost: the left side doubles with the loss, the right side does not",
                    "丢失了上一层传来的梯度：损失加倍时左边加倍，右边不变",
                ),
                Class::Flip => Text::new(
                    "a rotation of a number changes nothing; the kernel must be rotated instead",
                    "对一个数旋转没有作用；应旋转卷积核",
                ),
                _ if target.kind == TargetKind::Forward => {
                    Text::new("it is not what the layer computes at this position", "与该层在此处的输出不符")
                }
                _ => Text::new("it is not the gradient of the layer at this position", "与该层在此处的梯度不符"),
            };
            let mut finding = Finding::new(Verdict::Wrong, &[class], message, Evidence::Counterexample(example));
            if terms.is_none() && translated.delta {
                let options = &options.for_repairs();
                let right_one = |edited: &Expr| {
                    let term = surface::term(edited, symbols).ok();
                    term.is_some_and(|term| {
                        let outcome = equation(term, truth.clone(), binders.clone(), &declarations, options);
                        matches!(outcome, Outcome::Proved)
                    })
                };
                // `Σ rot180(w)[m] δ[i+m]` is right for those who mean w[-m] by it.
                let turns = |part: &Expr| matches!(&part.kind, Kind::Call(function, _) if function.as_name().is_some_and(is_rotation));
                if side.any(&mut |part| turns(part))
                    && self::translated(side, model, geometry, Turn::About).is_some_and(|about| right_one(&about.side))
                {
                    let message = Text::new(
                        "right if rot180(w)[m] stands for w[-m]; as an entry of the rotated array it is w[k-1-m], and the gradient has to be padded",
                        "若 rot180(w)[m] 表示 w[-m] 则成立；若指旋转后数组的元素，即 w[k-1-m]，则还需对梯度补零",
                    );
                    return Some(Finding::new(Verdict::Ambiguous, &[Class::Convention], message, finding.evidence));
                }
                match super::repair::search(&translated.side, right_one) {
                    Some((class, edited)) => {
                        if !translated.rotated_scalar {
                            finding.classes = vec![class];
                        }
                        let named = letters::map(&edited, &mut |part| {
                            let name = part.as_name().filter(|name| name.label.is_empty() && name.layer.is_empty())?;
                            let text = match name.base.as_str() {
                                "delta" => &translated.names.delta,
                                "kernel" => &translated.names.weight,
                                "input" => &translated.names.input,
                                _ => return None,
                            };
                            Some(Expr::new(Kind::Name(Name::plain(text.clone())), part.span))
                        });
                        finding.repair = Some(print::expr(&with_slopes(named, side)));
                        return Some(finding);
                    }
                    None if let Some(flipped) = with_flip(side, model).filter(|flipped| {
                        self::translated(flipped, model, geometry, Turn::Within)
                            .is_some_and(|flipped| right_one(&flipped.side))
                    }) =>
                    {
                        finding.classes = vec![Class::Flip];
                        return Some(finding.with_repair(print::expr(&flipped)));
                    }
                    // Without a line that shows the layer and without a repair it may be another layer.
                    None if model.shown_layer().is_none() || geometry.shift.is_some() || translated.padded => {
                        return Some(Finding::undecided(Text::new(
                            "it is not the gradient of a layer of stride 1 without padding, and nothing shows the layer",
                            "与步长 1、无填充的卷积层的梯度不符，而答案没有写明该层",
                        )));
                    }
                    None => {}
                }
            }
            finding.repair = terms.map(|terms| {
                let named = |tensor: &str| match tensor {
                    "delta" => translated.names.delta.clone(),
                    "kernel" => translated.names.weight.clone(),
                    _ => translated.names.input.clone(),
                };
                let (first, second) = factors(target.kind);
                Geometry::written_out(&terms, &named(first), &named(second), " ")
            });
            Some(finding)
        }
    }
}

/// The derivative of sums of products of entries by an entry with numerals as subscripts.
pub(super) fn partial(body: &Expr, by: &Expr) -> Option<Expr> {
    numeric_entry(by)?;
    let same = |part: &Expr| print::expr(part) == print::expr(by);
    let mut derived = Vec::new();
    for (minus, term) in body.terms() {
        let factors = match &term.kind {
            Kind::Product(factors) => factors.clone(),
            _ => vec![(Operator::beside(), term.clone())],
        };
        let plain = factors.iter().all(|(sign, factor)| {
            (!super::model::convolves(sign) || sign.sign == Sign::Star && !sign.tilde)
                && (numeric_entry(factor).is_some() || matches!(factor.kind, Kind::Number(_) | Kind::Name(_)))
        });
        let places: Vec<usize> =
            (0..factors.len()).filter(|place| factors.get(*place).is_some_and(|(_, factor)| same(factor))).collect();
        match (plain, places.as_slice()) {
            (true, []) => {}
            (true, [place]) => {
                let mut rest = factors;
                rest.remove(*place);
                if let Some((first, _)) = rest.first_mut() {
                    *first = Operator::beside();
                }
                let one = Expr::integer(1, term.span);
                derived.push((
                    minus,
                    match rest.as_slice() {
                        [] => one,
                        [(_, only)] => only.clone(),
                        _ => Expr::new(Kind::Product(rest), term.span),
                    },
                ));
            }
            _ => return None,
        }
    }
    Some(match derived.as_slice() {
        [] => Expr::integer(0, body.span),
        [(false, only)] => only.clone(),
        _ => Expr::new(Kind::Add(derived), body.span),
    })
}
