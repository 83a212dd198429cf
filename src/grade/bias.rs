//! The gradient by a bias: that of the output, summed over the positions at which the bias is added.

use std::collections::BTreeSet;

use super::channels;
use super::geometry::Geometries;
use super::layers::{Target, TargetKind, names_delta};
use super::letters;
use super::linear::Poly;
use super::model::{Model, Role, family, layer, numeric_entry, signs};
use super::ranges;
use super::verdict::{Class, Finding, Text, Verdict};
use crate::homework::formula::*;
use crate::homework::{Reading, print};

/// A line in which an output is said to have a bias: `z[i, j] = … + b`, `Y = W ⊗ X + b`.
#[derive(Clone, Debug)]
pub(super) struct BiasLine {
    output: Name,
    /// The letters of the output; none where it stands as a whole.
    at: Option<Vec<Name>>,
    /// Whether a sign joins the kernel and the input.
    joined: bool,
    /// The layer of the output, counted from that of the bias.
    offset: Option<i64>,
    /// The letters of the bias.
    own: Vec<Name>,
    /// Where the letters run, as far as the line says.
    ranges: Vec<(Name, Expr, Expr)>,
}

/// The lines with a bias.
pub(super) fn lines(reading: &Reading, model: &Model) -> Vec<BiasLine> {
    let mut found = Vec::new();
    for claim in reading.claims() {
        let names = |at: &[Expr]| at.iter().map(|at| at.as_name().cloned()).collect::<Option<Vec<Name>>>();
        let (output, at) = match &claim.left.kind {
            Kind::Name(name) => (name, None),
            Kind::Entry(base, at) => match (base.as_name(), names(at)) {
                (Some(name), Some(at)) => (name, Some(at)),
                _ => continue,
            },
            _ => continue,
        };
        let Kind::Add(terms) = &claim.right.kind else { continue };
        let joined = !signs(claim.right).is_empty();
        let own = terms.iter().find_map(|(minus, term)| {
            let (name, own) = match &term.kind {
                Kind::Name(name) => (name, Vec::new()),
                Kind::Entry(base, at) => (base.as_name()?, names(at)?),
                _ => return None,
            };
            (model.role(name) == Some(Role::Bias) && !minus).then_some((name, own))
        });
        // `z = W a + b` of a dense layer has a bias for each output.
        if let Some((bias, own)) = own
            && model.role(output) == Some(Role::Output)
        {
            let ranges = ranges::beside(reading, claim.step);
            let offset = layer(output).zip(layer(bias)).map(|(output, bias)| output - bias);
            found.push(BiasLine { output: output.clone(), at, joined, offset, own, ranges });
        }
    }
    found
}

/// `δ_{11} + δ_{12} + δ_{21} + δ_{22}`, where the answer writes its layer out: the sum over the whole output.
pub(super) fn by_entries(target: &Target, side: &Expr, model: &Model, geometries: &Geometries) -> Option<Finding> {
    let Kind::Add(terms) = &side.kind else { return None };
    if target.kind != TargetKind::Bias || !target.at.is_empty() {
        return None;
    }
    let place = |(minus, term): &(bool, Expr)| {
        let entry = if let Kind::Derivative(_, by) = &term.kind { by } else { term };
        names_delta(term, model).filter(|_| !minus)?;
        Some(numeric_entry(entry)?.1)
    };
    let places: Vec<Vec<i64>> = terms.iter().map(place).collect::<Option<_>>()?;
    let all = |sides: Vec<(i64, i64)>| {
        sides.into_iter().fold(vec![Vec::new()], |before: Vec<Vec<i64>>, (first, last)| {
            before.iter().flat_map(|at| (first..=last).map(move |next| [at.as_slice(), &[next]].concat())).collect()
        })
    };
    let axes = places.first()?.len();
    let mut shown = geometries.outputs(axes);
    // Where no line writes the layer out, the entries themselves show the output, if they fill it.
    if model.written.is_none() {
        let first = model.first_numeral();
        let ends = |axis: usize| places.iter().filter_map(|at| at.get(axis)).max().map(|last| (first, *last));
        shown = (0..axes).map(ends).collect::<Option<Vec<_>>>().into_iter().collect();
    }
    let layers: Vec<Vec<Vec<i64>>> = shown.into_iter().map(all).collect();
    let written: BTreeSet<&Vec<i64>> = places.iter().collect();
    let holds = |wanted: &Vec<Vec<i64>>| places.len() == wanted.len() && wanted.iter().all(|at| written.contains(at));
    if layers.iter().any(holds) {
        return Some(Finding::remark(Text::new("the sum of the gradients at all positions", "各位置梯度之和")));
    }
    model.written.as_ref()?;
    let place = layers.first()?.iter().find(|place| !written.contains(place))?;
    let place = place.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let argument = Text::new(
        format!(
            "the bias is added at ({place}) as well: where δ is 1 there and 0 elsewhere its gradient is 1, and the right side 0"
        ),
        format!("偏置也加在位置 ({place})：若只有该处 δ = 1，则梯度为 1，而右边为 0"),
    );
    Some(Finding::argued(Verdict::Wrong, Class::Sum, argument))
}

/// Judges a side as the gradient by a bias.
pub(super) fn gradient(target: &Target, side: &Expr, model: &Model, lines: &[BiasLine]) -> Option<Finding> {
    if target.kind != TargetKind::Bias {
        return None;
    }
    // `b_d` with one letter is the bias of the channel d.
    let numbered;
    let target = if target.at.is_empty() && target.by.label.chars().count() == 1 && target.by.label != "b" {
        let letter = Expr::new(Kind::Name(Name::plain(target.by.label.clone())), side.span);
        let by = Name { label: String::new(), ..target.by.clone() };
        numbered = Target { at: vec![letter], by, ..target.clone() };
        &numbered
    } else {
        target
    };
    let right = || {
        Some(Finding::remark(Text::new(
            "the bias is added at every position, so its gradient is the sum of the gradients there",
            "偏置加在每个位置上，故其梯度是各处梯度之和",
        )))
    };
    let wrong = |class: Class, english: String, chinese: String| {
        Some(Finding::argued(Verdict::Wrong, class, Text::new(english, chinese)))
    };
    if let Kind::Call(function, arguments) = &side.kind
        && function.as_name().is_some_and(|name| matches!(name.base.as_str(), "sum" | "np.sum" | "Sum"))
        && arguments.first().is_some_and(|argument| names_delta(argument, model).is_some())
    {
        return right();
    }
    let mut body = side;
    let mut summed: Vec<(&Name, Option<&Expr>, Option<&Expr>)> = Vec::new();
    while let Kind::Big(Big::Sum, binders, Some(inner)) = &body.kind {
        for binder in binders {
            let ends = match binder {
                Binder::Letter { lower, upper, .. } => (lower.as_ref(), upper.as_ref()),
                _ => (None, None),
            };
            let letters = binder.letters().into_iter().filter_map(Expr::as_name);
            summed.extend(letters.map(|letter| (letter, ends.0, ends.1)));
        }
        body = inner;
    }
    while let Kind::Parens(_, parts) = &body.kind {
        body = parts.first().filter(|_| parts.len() == 1)?;
    }
    let delta = names_delta(body, model)?;
    if let Some(finding) = channels::astray(&target.by, &delta) {
        return Some(finding);
    }
    // Which layer's output the bias is part of is what the answer says.
    let offset = lines.iter().find_map(|line| line.offset);
    if let (Some(here), Some(there), Some(offset)) = (target.layer, layer(&delta), offset)
        && here + offset != there
    {
        return wrong(
            Class::Layer,
            format!(
                "the bias is part of the layer whose gradient is that by the output of the same layer, not {}",
                print::name(&delta)
            ),
            format!("偏置属于本层，应为本层输出的梯度，而不是 {}", print::name(&delta)),
        );
    }
    let indices = subscripts(body);
    if summed.is_empty() && !indices.is_empty() && indices == target.at {
        return right();
    }
    let names: Vec<&Name> = indices.iter().map(Expr::as_name).collect::<Option<_>>()?;
    let runs = |name: &Name| summed.iter().any(|(letter, _, _)| *letter == name);
    let wanted: Vec<Option<&Name>> = target.at.iter().map(Expr::as_name).collect();
    if let Some(letter) = wanted.iter().flatten().find(|letter| runs(letter)) {
        let letter = print::name(letter);
        return wrong(
            Class::Sum,
            format!("the sum runs over {letter}, which numbers the left side"),
            format!("求和变量 {letter} 是左边的编号"),
        );
    }
    let line = lines.iter().find(|line| line.own.len() == target.at.len() && output_of(&delta, line, model));
    // Where an answer says what the bias is added to, every position of the output is summed over that does not number the bias.
    if let Some(line) = line {
        let missing = match (&line.at, indices.len()) {
            (Some(at), count) if count == at.len() => {
                let places = at.iter().zip(&names);
                places
                    .filter(|(own, here)| !line.own.contains(own) && !runs(here))
                    .map(|(_, here)| print::name(here))
                    .next()
            }
            (Some(at), 0) if at.len() > line.own.len() => Some(print::name(at.first()?)),
            _ => None,
        };
        if let Some(letter) = missing {
            return wrong(
                Class::Sum,
                format!(
                    "the bias is added at every position: where δ is 1 at two of them its gradient is 2, so a sum over {letter} is missing"
                ),
                format!("偏置加在每个位置上：若两个位置的 δ 都是 1，则梯度为 2，故缺少对 {letter} 的求和"),
            );
        }
        if let Some(finding) = short(line, &names, &summed) {
            return Some(finding);
        }
    }
    // The layer of the answer slides a kernel.
    let slides = line.is_some_and(|line| line.at.is_none() && line.joined)
        || (model.shown_layer().is_some() || model.has_layer_sign()) && model.dense.is_empty();
    if slides && target.at.is_empty() && indices.is_empty() && summed.is_empty() {
        return Some(Finding::undecided(Text::new(
            "right if the bias has an entry for each position; one number for all has the sum of δ as its gradient",
            "若偏置在每个位置上各不相同则成立；若偏置是一个数，其梯度应为 δ 各元素之和",
        )));
    }
    // A first position that is no first index.
    let base = model.base.unwrap_or(1);
    let late = summed.iter().find(|(_, low, _)| {
        low.and_then(|low| Poly::of(low)?.constant())
            .is_some_and(|low| low > num_rational::BigRational::from_integer(base.into()))
    });
    if let Some((letter, Some(low), _)) = late {
        let (letter, low) = (print::name(letter), print::expr(low));
        return wrong(
            Class::Bounds,
            format!(
                "the sum over {letter} starts at {low} and leaves the first position out, where the bias is added as well"
            ),
            format!("对 {letter} 的求和从 {low} 开始，漏掉了第一个位置，而偏置也加在那里"),
        );
    }
    let kept: Vec<&&Name> = names.iter().filter(|name| !runs(name)).collect();
    // A sum over the examples of a batch, `Σ_i δ^{(i)}`.
    let example = |letter: &Name| delta.layer.split(',').any(|part| part == print::name(letter));
    let used = summed.iter().all(|(letter, _, _)| names.contains(letter) || example(letter));
    let same = kept.len() == wanted.len() && kept.iter().all(|name| wanted.contains(&Some(**name)));
    // A dense layer, whole or entry by entry: ∂L/∂b = δ, ∂L/∂b[j] = δ[j].
    if used && same { right() } else { None }
}

/// Whether δ is the gradient by the output of a line.
fn output_of(delta: &Name, line: &BiasLine, model: &Model) -> bool {
    model.role(delta) == Some(Role::Delta) || family(delta) == family(&line.output)
}

/// A sum that ends before, or after, the positions that the line gives to the output.
fn short(line: &BiasLine, names: &[&Name], summed: &[(&Name, Option<&Expr>, Option<&Expr>)]) -> Option<Finding> {
    let at = line.at.as_ref()?;
    for (own, here) in at.iter().zip(names) {
        let Some((_, low, high)) = line.ranges.iter().find(|(name, _, _)| name == own) else { continue };
        let Some((_, Some(from), Some(to))) = summed.iter().find(|(letter, _, _)| letter == here) else { continue };
        // A sum that goes beyond the positions adds zeros.
        for (end, written, inner) in [(low, from, -1), (high, to, 1)] {
            let difference = Poly::of(end)?.minus(&Poly::of(written)?);
            let inner = num_rational::BigRational::from_integer(inner.into());
            if difference.constant().is_some_and(|value| num_traits::Signed::is_positive(&(value * inner))) {
                let (letter, written, end) = (print::name(here), print::expr(written), print::expr(end));
                let argument = Text::new(
                    format!(
                        "{letter} runs to {end} in the layer, and the sum has {written} there: one position with δ = 1 makes the difference"
                    ),
                    format!("层中 {letter} 的界是 {end}，求和却写 {written}：只要该位置 δ = 1，两边就不同"),
                );
                return Some(Finding::argued(Verdict::Wrong, Class::Bounds, argument));
            }
        }
    }
    None
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

/// Derivatives of sums without the bias among their terms, which is sometimes an entry and sometimes a number: it does not depend on
/// what is derived by.
pub(super) fn left_out(side: &Expr, model: &Model) -> Expr {
    letters::map(side, &mut |part| {
        let Kind::Derivative(Some(of), by) = &part.kind else { return None };
        let mut inner = of.as_ref();
        while let Kind::Parens(_, parts) = &inner.kind
            && let [only] = parts.as_slice()
        {
            inner = only;
        }
        let Kind::Add(terms) = &inner.kind else { return None };
        let bias = |side: &Expr| side.root().is_some_and(|name| model.role(name) == Some(Role::Bias));
        let mut kept: Vec<(bool, Expr)> = terms.iter().filter(|(_, term)| !bias(term)).cloned().collect();
        if bias(by) || kept.len() == terms.len() || kept.is_empty() {
            return None;
        }
        let sum = match kept.as_slice() {
            [(false, _)] => kept.remove(0).1,
            _ => Expr::new(Kind::Add(kept), inner.span),
        };
        Some(Expr::new(Kind::Derivative(Some(Box::new(sum)), by.clone()), part.span))
    })
}
