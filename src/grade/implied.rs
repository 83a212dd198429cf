//! Gradients with channels, samples, strides and paddings where no line shows the layer: the subscripts of the formula do.
//!
//! A gradient is a sum of products of two of the three tensors of a layer; with the left side the product `δ·w·x` of all three stands
//! there. It is the gradient of a layer that correlates if along each axis the input is read at stride·output + dilation·kernel + offset,
//! the other letters number channels and samples, and the sum runs over what the left side does not fix.

use std::collections::BTreeSet;

use num_traits::{One, Signed};

use super::layers::{Target, TargetKind, names_delta};
use super::letters;
use super::linear::Poly;
use super::model::{Model, Role, convolves, is_padding, is_rotation};
use super::slopes;
use super::verdict::{Finding, Text};
use crate::homework::formula::*;
use crate::homework::print;

/// Gradients by entries with fewer subscripts are judged by the sizes of one map.
const FEWEST: usize = 3;

/// The subscripts of the three tensors of a layer.
struct Product<'a> {
    delta: &'a [Expr],
    weight: &'a [Expr],
    input: &'a [Expr],
    /// Whether the kernel is turned round and the gradient has zeros around it, as far as the kernel reaches: `rot180(w)[u] pad(δ)[i+u]` is
    /// `w[u] δ[i-u]`.
    turned: bool,
}

/// Judges a gradient by an entry as that of the layer that its subscripts show; nothing where they show none.
///
/// `shown` are the strides of the layers that the answer writes, if it writes any.
pub(super) fn judge(target: &Target, side: &Expr, shown: &BTreeSet<String>, model: &Model) -> Option<Finding> {
    if target.at.len() < FEWEST {
        return None;
    }
    let fixed = names(&target.at)?;
    let core = slopes::left_out(side);
    let mut bound: BTreeSet<String> = BTreeSet::new();
    let factors = under_sums(&core, &mut bound)?;
    let [a, b] = factors.as_slice() else { return None };
    let (delta, other) = match (above(a, model), above(b, model)) {
        (Some(delta), None) => (delta, b),
        (None, Some(delta)) => (delta, a),
        _ => return None,
    };
    let Entry { name, at: other, applied: turned } = entry(other, is_rotation)?;
    let role = model.role(name)?;
    if turned != delta.applied {
        return None;
    }
    let product = match (target.kind, role) {
        (TargetKind::Weight, Role::Activation) if !turned => {
            Product { delta: delta.at, weight: &target.at, input: other, turned }
        }
        (TargetKind::Input | TargetKind::Delta, Role::Weight) => {
            Product { delta: delta.at, weight: other, input: &target.at, turned }
        }
        _ => return None,
    };
    let strides = product.correlates(&fixed, &bound)?;
    if !shown.is_empty() && !strides.is_subset(shown) {
        return None;
    }
    Some(Finding::remark(Text::new(
        "the gradient of a layer that correlates, with the channels and the positions that the subscripts show",
        "与一个按这些下标计算互相关的层的梯度一致",
    )))
}

impl Product<'_> {
    /// The strides, where the subscripts are those of a layer that correlates, and the sum runs over what the left side leaves open.
    fn correlates(&self, fixed: &BTreeSet<String>, bound: &BTreeSet<String>) -> Option<BTreeSet<String>> {
        // Letters that stand alone in each tensor.
        let alone =
            |at: &[Expr]| -> BTreeSet<String> { at.iter().filter_map(Expr::as_name).map(print::name).collect() };
        let (delta, weight, input) = (alone(self.delta), alone(self.weight), alone(self.input));
        let mut open: BTreeSet<String> = BTreeSet::new();
        let mut strides = BTreeSet::new();
        for (tensor, at) in [(0, self.delta), (1, self.weight), (2, self.input)] {
            for index in at.iter().filter(|index| index.as_name().is_none()) {
                let poly = Poly::of(index)?;
                let letters: Vec<String> =
                    poly.names().into_iter().filter(|name| fixed.contains(name) || bound.contains(name)).collect();
                let of = |own: &BTreeSet<String>, other: &BTreeSet<String>| -> Option<String> {
                    let mut found = letters.iter().filter(|name| own.contains(*name) && !other.contains(*name));
                    let name = found.next()?.clone();
                    found.next().is_none().then_some(name)
                };
                let slope = |name: &str| poly.solved(name).map(|(slope, _)| slope);
                let is = |name: &str, wanted: i64| {
                    slope(name)?.constant().map(|slope| slope == num_rational::BigRational::from_integer(wanted.into()))
                };
                // A stride or a dilation: a positive number, or a name.
                let steps = |name: &str, negative: bool| {
                    let slope = slope(name)?;
                    Some(match slope.constant() {
                        Some(number) if negative => number.is_negative(),
                        Some(number) => number.is_positive(),
                        None => {
                            let name = slope.names().into_iter().next().filter(|_| slope.names().len() == 1)?;
                            slope.solved(&name)?.0.constant()?.is_negative() == negative
                        }
                    })
                };
                let right = match tensor {
                    // The input is read at stride·output + dilation·kernel.
                    2 => {
                        let (output, kernel) = (of(&delta, &weight)?, of(&weight, &delta)?);
                        open.extend([output.clone(), kernel.clone()]);
                        strides.insert(slope(&output)?.text());
                        letters.len() == 2 && steps(&output, false)? && steps(&kernel, false)?
                    }
                    // Of stride 1: the output at input - dilation·kernel.
                    0 => {
                        let (at, kernel) = (of(&input, &weight)?, of(&weight, &input)?);
                        open.extend([at.clone(), kernel.clone()]);
                        strides.insert("1".to_string());
                        letters.len() == 2 && is(&at, 1)? && steps(&kernel, !self.turned)?
                    }
                    // Of dilation 1: the kernel at input - stride·output.
                    _ => {
                        let (at, output) = (of(&input, &delta)?, of(&delta, &input)?);
                        open.extend([at.clone(), output.clone()]);
                        strides.insert(
                            Poly::number(num_rational::BigRational::from_integer(0.into()))
                                .minus(&slope(&output)?)
                                .text(),
                        );
                        letters.len() == 2 && is(&at, 1)? && steps(&output, true)?
                    }
                };
                if !right {
                    return None;
                }
            }
        }
        // The other letters number channels and samples: each stands in two of the three tensors.
        let all: BTreeSet<&String> = delta.iter().chain(&weight).chain(&input).collect();
        let channels = all.into_iter().filter(|letter| !open.contains(*letter));
        let mut count = 0;
        for letter in channels {
            if [&delta, &weight, &input].into_iter().filter(|tensor| tensor.contains(letter)).count() != 2 {
                return None;
            }
            count += 1;
        }
        let subscripts = [self.delta, self.weight, self.input];
        let different = subscripts.iter().all(|at| {
            let list: Vec<String> = at.iter().map(print::expr).collect();
            list.iter().collect::<BTreeSet<_>>().len() == list.len()
        });
        // All letters are fixed by the left side or summed over, and what is summed is used.
        let used: BTreeSet<String> = subscripts
            .iter()
            .flat_map(|at| at.iter())
            .flat_map(letters::all)
            .filter_map(Expr::as_name)
            .map(print::name)
            .collect();
        let covered =
            delta.iter().chain(&weight).chain(&input).all(|name| fixed.contains(name) || bound.contains(name));
        let summed = bound.iter().all(|name| used.contains(name) && !fixed.contains(name));
        (!strides.is_empty() && count > 0 && different && covered && summed).then_some(strides)
    }
}

/// Subscripts that are letters, each another one.
fn names(at: &[Expr]) -> Option<BTreeSet<String>> {
    let names: BTreeSet<String> = at.iter().map(|at| at.as_name().map(print::name)).collect::<Option<_>>()?;
    (names.len() == at.len()).then_some(names)
}

/// An entry of a tensor, or of what one function makes of it.
struct Entry<'a> {
    name: &'a Name,
    at: &'a [Expr],
    applied: bool,
}

fn entry(side: &Expr, function: fn(&Name) -> bool) -> Option<Entry<'_>> {
    let Kind::Entry(base, at) = &side.kind else { return None };
    match &base.kind {
        Kind::Name(name) => Some(Entry { name, at, applied: false }),
        Kind::Call(by, arguments) if by.as_name().is_some_and(function) => match arguments.as_slice() {
            [only] => Some(Entry { name: only.as_name()?, at, applied: true }),
            _ => None,
        },
        _ => None,
    }
}

/// The gradient from above: `δ[i]`, `pad(δ)[i]` or `∂L/∂z[i]`.
fn above<'a>(side: &'a Expr, model: &Model) -> Option<Entry<'a>> {
    match &side.kind {
        Kind::Derivative(_, by) => names_delta(side, model).and(entry(by, |_| false)),
        _ => entry(side, is_padding).filter(|entry| model.role(entry.name) == Some(Role::Delta)),
    }
}

/// The factors under sums whose letters start at the first index, as far as their ends are written.
fn under_sums(side: &Expr, bound: &mut BTreeSet<String>) -> Option<Vec<Expr>> {
    match &side.kind {
        Kind::Parens(_, parts) if parts.len() == 1 => under_sums(parts.first()?, bound),
        Kind::Big(Big::Sum, binders, Some(body)) => {
            for binder in binders {
                if let Binder::Letter { lower: Some(lower), .. } = binder {
                    let number = Poly::of(lower)?.constant()?;
                    if number.is_negative() || number > num_rational::BigRational::one() {
                        return None;
                    }
                }
                if matches!(binder, Binder::Condition(_)) {
                    return None;
                }
                for letter in binder.letters() {
                    bound.insert(print::name(letter.as_name()?));
                }
            }
            under_sums(body, bound)
        }
        Kind::Product(factors) => {
            let plain = factors.iter().all(|(sign, _)| !convolves(sign) || sign.sign == Sign::Star && !sign.tilde);
            plain.then(|| factors.iter().map(|(_, factor)| factor.clone()).collect())
        }
        _ => None,
    }
}
