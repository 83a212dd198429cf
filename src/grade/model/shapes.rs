//! What the form of a line shows: a sum over a product of two entries, a sign between two tensors, a line of numerals.

use super::*;

/// What a side is a value of, without subscripts: `x^(l)`, `∂f(Y)/∂w`.
pub(super) fn key(side: &Expr) -> Option<String> {
    let small = |name: &Name| print::name(name).to_lowercase();
    match &side.kind {
        Kind::Name(name) => Some(small(name)),
        Kind::Entry(base, _) => base.as_name().map(small),
        Kind::Derivative(Some(of), by) => Some(format!("{}/{}", print::expr(of), key(by)?)),
        Kind::Gradient(Some(by), None) | Kind::Gradient(None, Some(by)) => Some(format!("∇{}", key(by)?)),
        _ => None,
    }
}

/// The sign of `A * B`, `(A * B)[i]` and `A[n] * B[n]`, two plain operands.
pub(super) fn joined(side: &Expr) -> Option<Sign> {
    joined_by(side, &|operator| !operator.tilde && operator.mode.is_empty())
}

/// The sign of `(A ⊗~ B)[i]`, two plain operands in a wide product.
pub(super) fn widely_joined(side: &Expr) -> Option<Sign> {
    joined_by(side, &|operator| operator.tilde || operator.mode == "full")
        .filter(|_| matches!(side.kind, Kind::Entry(..)))
}

fn joined_by(side: &Expr, fits: &dyn Fn(&Operator) -> bool) -> Option<Sign> {
    match &side.kind {
        Kind::Entry(base, _) | Kind::Call(base, _) => joined_by(base, fits),
        Kind::Parens(_, parts) => parts.first().filter(|_| parts.len() == 1).and_then(|only| joined_by(only, fits)),
        Kind::Product(factors) => match factors.as_slice() {
            [(_, left), (operator, right)] if convolves(operator) && fits(operator) => {
                let plain = |side: &Expr| match &side.kind {
                    Kind::Name(_) => true,
                    Kind::Entry(base, _) => base.as_name().is_some(),
                    _ => false,
                };
                (plain(left) && plain(right)).then_some(operator.sign)
            }
            _ => None,
        },
        _ => None,
    }
}

/// The name before the sign of `(A ⊗ B)[i]`.
pub(super) fn first_operand(side: &Expr) -> Option<&Name> {
    match &side.kind {
        Kind::Entry(base, _) | Kind::Call(base, _) => first_operand(base),
        Kind::Parens(_, parts) => parts.first().filter(|_| parts.len() == 1).and_then(first_operand),
        Kind::Product(factors) => factors.first()?.1.as_name(),
        _ => None,
    }
}

/// The sign of `(rot180(A) ⊗~ B)[i]`, one operand of which is rotated.
pub(super) fn turned_and_joined(side: &Expr) -> Option<Sign> {
    let Kind::Entry(base, _) = &side.kind else { return None };
    let mut inner = &**base;
    while let Kind::Parens(_, parts) = &inner.kind {
        inner = parts.first().filter(|_| parts.len() == 1)?;
    }
    let Kind::Product(factors) = &inner.kind else { return None };
    let [(_, left), (operator, right)] = factors.as_slice() else { return None };
    (convolves(operator) && rotated(left) != rotated(right)).then_some(operator.sign)
}

/// The one sign of a side between two tensors, and whether exactly one of them is rotated.
pub(super) fn single_sign(side: &Expr) -> Option<(Sign, bool)> {
    let mut found = None;
    let mut count = 0;
    // A rotation of the product turns what it makes, which is something else.
    let whole = |part: &Expr| matches!(&part.kind, Kind::Call(function, inside) if function.as_name().is_some_and(is_rotation) && inside.iter().any(|side| !signs(side).is_empty()));
    if side.any(&mut |part| whole(part)) {
        return None;
    }
    side.any(&mut |part| {
        if let Kind::Product(factors) = &part.kind {
            for (position, (operator, factor)) in factors.iter().enumerate() {
                if convolves(operator) && !operator.tilde && operator.mode.is_empty() {
                    count += 1;
                    let before = position.checked_sub(1).and_then(|before| factors.get(before));
                    let turned = before.is_some_and(|(_, before)| rotated(before)) != rotated(factor);
                    found = Some((operator.sign, turned));
                }
            }
        }
        false
    });
    found.filter(|_| count == 1)
}

/// The two signs of `W ⊗ X = rot180(W) * X`: the same operands, of which one is rotated on one side.
pub(super) fn opposites(left: &Expr, right: &Expr) -> Option<(Sign, Sign)> {
    let operands = |side: &Expr| {
        let Kind::Product(factors) = &side.kind else { return None };
        let [(_, a), (sign, b)] = factors.as_slice() else { return None };
        convolves(sign).then(|| (sign.sign, [a, b].map(rotated), [a, b].map(|side| unrotated(side).as_name().cloned())))
    };
    let ((first, turned, a), (second, other, b)) = operands(left).zip(operands(right))?;
    let turns = turned.into_iter().zip(other).filter(|(a, b)| a != b).count();
    (first != second && turns == 1 && a == b && a.iter().all(Option::is_some)).then_some((first, second))
}

/// W of `rot180(W)`.
pub(super) fn unrotated(side: &Expr) -> &Expr {
    match &side.kind {
        Kind::Call(function, inside) if function.as_name().is_some_and(is_rotation) && inside.len() == 1 => {
            inside.first().unwrap_or(side)
        }
        _ => side,
    }
}

/// `rot180(w)` or `rot180(w)[m, n]`.
pub(in crate::grade) fn rotated(side: &Expr) -> bool {
    match &side.kind {
        Kind::Entry(base, _) => rotated(base),
        Kind::Call(function, _) => function.as_name().is_some_and(is_rotation),
        _ => false,
    }
}

/// Whether a function turns a tensor round.
pub(in crate::grade) fn is_rotation(name: &Name) -> bool {
    matches!(name.base.to_lowercase().as_str(), "rot180" | "rot" | "flip" | "rotate180" | "rev")
}

/// Whether a function puts zeros around a tensor.
pub(in crate::grade) fn is_padding(name: &Name) -> bool {
    matches!(name.base.to_lowercase().as_str(), "pad" | "padpad" | "zeropad" | "zero_pad" | "padding")
}

/// A sum over a product of two entries: `Σ w[u] x[i+u]`, and which of the two has the letters alone.
pub(in crate::grade) fn shape_of_sum(side: &Expr) -> Option<(Meaning, Name, Name)> {
    let bound = letters::bound(side);
    if bound.is_empty() {
        return None;
    }
    let mut list: Vec<(&Name, &[Expr])> = Vec::new();
    for part in letters::all(side) {
        if let Kind::Entry(base, indices) | Kind::Call(base, indices) = &part.kind
            && let Some(name) = base.as_name()
            && indices
                .iter()
                .any(|index| index.any(&mut |part| part.as_name().is_some_and(|name| bound.contains(name))))
        {
            list.push((name, indices));
        }
    }
    let [first, second] = list.as_slice() else { return None };
    for ((kernel, own), (input, others)) in [(first, second), (second, first)] {
        let mut meanings = BTreeSet::new();
        for index in own.iter() {
            // `w[u]`, or `w[m-u]` as for a rotated kernel.
            let Some(position) = Poly::of(index) else { continue };
            let Some(letter) =
                position.names().into_iter().find(|name| bound.iter().any(|other| print::name(other) == *name))
            else {
                continue;
            };
            let Some(own) = position.solved(&letter).and_then(|(slope, _)| slope.constant()) else { continue };
            for other in others.iter() {
                let slope = Poly::of(other)
                    .and_then(|index| index.solved(&letter))
                    .map(|(slope, rest)| (slope.constant(), rest));
                if let Some((Some(slope), rest)) = slope
                    && rest.names().iter().any(|name| !position.names().contains(name))
                {
                    let slope = slope * &own;
                    if slope == BigRational::one() {
                        meanings.insert(Meaning::Correlation);
                    } else if slope == -BigRational::one() {
                        meanings.insert(Meaning::Convolution);
                    }
                }
            }
        }
        if meanings.len() == 1 {
            let meaning = meanings.pop_first()?;
            return Some((meaning, (*kernel).clone(), (*input).clone()));
        }
    }
    None
}

/// The constant `c` where the input of a sum is read at output ± kernel + c along each axis; none where it is read in another way.
pub(super) fn position(side: &Expr, input: &Name, kernel: &Name) -> Option<i64> {
    let bound: BTreeSet<String> = letters::bound(side).iter().map(print::name).collect();
    let mut shift = None;
    for part in letters::all(side) {
        let Kind::Entry(array, positions) = &part.kind else { continue };
        if array.as_name() != Some(input) || input == kernel {
            continue;
        }
        for position in positions {
            let mut rest = Poly::of(position)?;
            let names = rest.names();
            if names.len() < 2 {
                continue;
            }
            let (mut inner, mut outer) = (0, 0);
            for name in &names {
                let (slope, left) = rest.solved(name)?;
                let slope = slope.constant()?;
                let running = bound.contains(name);
                let unit = slope == BigRational::one() || running && slope == -BigRational::one();
                if !unit {
                    return None;
                }
                *(if running { &mut inner } else { &mut outer }) += 1;
                rest = left;
            }
            let constant = rest.constant()?.to_integer().to_i64()?;
            if (inner, outer) != (1, 1) || shift.is_some_and(|shift| shift != constant) {
                return None;
            }
            shift = Some(constant);
        }
    }
    shift
}

/// Larger subscripts name no entry of a written example.
const MAX_NUMERAL: i64 = 10_000;

/// An entry with numbers as subscripts.
pub(in crate::grade) fn numeric_entry(side: &Expr) -> Option<(Name, Vec<i64>)> {
    let Kind::Entry(base, indices) = &side.kind else { return None };
    let numbers = indices.iter().map(|index| index.as_integer().filter(|value| value.abs() <= MAX_NUMERAL));
    Some((base.as_name()?.clone(), numbers.collect::<Option<_>>()?))
}
