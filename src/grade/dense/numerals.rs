//! Gradients of dense layers by numerals: `∂L/∂x_{11} = ∂L/∂y_{11} w_{11} + ∂L/∂y_{12} w_{12}` for `Y = X W`.

use std::collections::BTreeSet;

use super::*;
use crate::grade::model::numeric_entry;

/// The terms of a sum: the place of δ, and that of the other tensor.
type Term = (Vec<i64>, Vec<i64>);

/// Judges a gradient by an entry with numerals as that of a dense layer; nothing where the answer shows a convolution, or no dense layer.
pub(in crate::grade) fn judge(target: &Target, side: &Expr, model: &Model) -> Option<Finding> {
    if model.written.is_some() || model.shown_layer().is_some() || model.dense.is_empty() {
        return None;
    }
    let at: Vec<i64> = target.at.iter().map(Expr::as_integer).collect::<Option<_>>()?;
    let wanted = match target.kind {
        TargetKind::Weight => Role::Activation,
        TargetKind::Input => Role::Weight,
        _ => return None,
    };
    let (mut terms, mut other) = (Vec::new(), None);
    for (minus, term) in side.terms() {
        let factors = flat(term);
        let [(_, a), (sign, b)] = factors.as_slice() else { return None };
        if minus || convolves(sign) || sign.sign == Sign::Slash {
            return None;
        }
        let (delta, rest) = match (delta_at(a, model), delta_at(b, model)) {
            (Some(delta), None) => (delta, b),
            (None, Some(delta)) => (delta, a),
            _ => return None,
        };
        let (name, place) = numeric_entry(rest)?;
        if model.role(&name) != Some(wanted) {
            return None;
        }
        other = Some(name);
        terms.push((delta, place));
    }
    let other = other?;
    let (weight, input) = if target.kind == TargetKind::Weight { (&target.by, &other) } else { (&other, &target.by) };
    let forms = shown(model, Some(weight), Some(input));
    if forms.is_empty() {
        return None;
    }
    let judged: Vec<Fit> = forms.iter().map(|form| fit(target.kind, &at, &terms, *form, model, &other)).collect();
    if judged.contains(&Fit::Whole) {
        return Some(right());
    }
    let astray = judged.iter().find_map(|fit| if let Fit::Astray(term) = fit { terms.get(*term) } else { None });
    let all_astray = judged.iter().all(|fit| matches!(fit, Fit::Astray(_)));
    let Some((delta, place)) = astray.filter(|_| all_astray) else {
        return Some(Finding::undecided(Text::new(
            "by these numerals it is not the gradient of the dense layer, or not all of it",
            "按这些下标，它不是该全连接层的梯度，或不完整",
        )));
    };
    let entry = |name: &Name, at: &[i64]| {
        let list: Vec<String> = at.iter().map(i64::to_string).collect();
        format!("{}[{}]", print::name(name), list.join(", "))
    };
    let (from, beside) = (entry(&Name::plain("δ"), delta), entry(&other, place));
    let by = entry(&target.by, &at);
    Some(Finding::argued(
        Verdict::Wrong,
        Class::Index,
        Text::new(
            format!(
                "as the layer multiplies, {by} and {beside} do not meet in the output at {from}: with that gradient 1 and all others 0 the term should not be there"
            ),
            format!(
                "按该层的乘法，{by} 与 {beside} 并不在 {from} 处的输出中相乘：令该梯度为 1、其余为 0，此项不应出现"
            ),
        ),
    ))
}

/// How the terms of a gradient fit a layer.
#[derive(PartialEq, Eq)]
enum Fit {
    /// They are all of it.
    Whole,
    /// Some are missing, or the numbers of axes are others.
    Open,
    /// This term is none of it.
    Astray(usize),
}

/// The numerals of a gradient from above: `δ_{11}`, `∂L/∂y_{11}`.
fn delta_at(side: &Expr, model: &Model) -> Option<Vec<i64>> {
    names_delta(side, model)?;
    let entry = if let Kind::Derivative(_, by) = &side.kind { by } else { side };
    Some(numeric_entry(entry)?.1)
}

/// Each term joins the places as the layer does, and the letter that is summed takes each of its values once.
fn fit(kind: TargetKind, at: &[i64], terms: &[Term], form: Form, model: &Model, other: &Name) -> Fit {
    // w[output, input], whichever way the matrix stands; one further axis numbers vectors.
    let weight = |place: &[i64]| match *place {
        [a, b] if form.rows != form.turned => Some((b, a)),
        [a, b] => Some((a, b)),
        _ => None,
    };
    let vector = |place: &[i64]| match *place {
        [a] => Some((None, a)),
        [a, b] if form.rows => Some((Some(a), b)),
        [a, b] => Some((Some(b), a)),
        _ => None,
    };
    let mut summed: BTreeSet<i64> = BTreeSet::new();
    for (number, (delta, place)) in terms.iter().enumerate() {
        let (matrix, input) = if kind == TargetKind::Weight { (at, place.as_slice()) } else { (place.as_slice(), at) };
        let (Some((sample, output)), Some((own, input)), Some(joins)) = (vector(delta), vector(input), weight(matrix))
        else {
            return Fit::Open;
        };
        let value = if kind == TargetKind::Weight { sample.unwrap_or_default() } else { output };
        if own != sample || joins != (output, input) || !summed.insert(value) {
            return Fit::Astray(number);
        }
    }
    // As far as the numerals of the other tensor reach along the axis that is summed.
    let axis = match kind {
        TargetKind::Weight if terms.iter().any(|(delta, _)| delta.len() > 1) => usize::from(!form.rows),
        TargetKind::Weight => return Fit::Whole,
        _ => usize::from(form.rows != form.turned),
    };
    if model.numerals(other, axis).is_subset(&summed) { Fit::Whole } else { Fit::Open }
}
