//! One form for what is spelt in several: rotations, padding, remainders, derivatives on one line, stars that multiply.

use num_traits::ToPrimitive;

use super::super::formula::*;
use super::super::note::{Note, NoteKind};
use super::products::Factors;
use super::survey::{is_number, key, pads, parenthesised};
use super::{Resolver, words};

/// A star between two numbers multiplies: between entries whose subscripts are numerals, as in `δ_{11} * w_{12}`, and between entries of
/// which one is read at positions that a sum around them walks along, as in `Σ_m w_m * a_{i+m}`.
pub(super) fn plain_stars(mut factors: Factors, summed: &[Name]) -> Factors {
    fn subscripts(expr: &Expr) -> Option<&[Expr]> {
        match &expr.kind {
            Kind::Entry(_, indices) => Some(indices),
            Kind::Derivative(_, by) | Kind::Gradient(Some(by), None) => subscripts(by),
            _ => None,
        }
    }
    let numerals = |at: &[Expr]| at.len() > 1 && at.iter().all(is_number);
    let letter = |part: &Expr| part.as_name().is_some_and(|name| summed.contains(name));
    let walks =
        |at: &[Expr]| at.iter().any(|index| matches!(index.kind, Kind::Add(_)) && index.any(&mut |part| letter(part)));
    let numbers: Vec<bool> = factors
        .windows(2)
        .map(|pair| {
            let [(_, left), (_, right)] = pair else { return false };
            let (Some(left), Some(right)) = (subscripts(left), subscripts(right)) else { return false };
            numerals(left) && numerals(right) || walks(left) || walks(right)
        })
        .collect();
    for ((operator, _), between) in factors.iter_mut().skip(1).zip(numbers) {
        if between && operator.sign == Sign::Star && !operator.tilde && operator.mode.is_empty() {
            operator.sign = Sign::Dot;
        }
    }
    factors
}

/// `28x28x32`, `28 x 28`: an x between numbers multiplies.
pub(super) fn spelt_times(factors: Factors) -> Factors {
    let times = |operator: &Operator| Operator { sign: Sign::Times, ..operator.clone() };
    let mut result: Factors = Vec::new();
    let mut rest = factors.into_iter().peekable();
    while let Some((operator, factor)) = rest.next() {
        let after_number = operator.sign == Sign::Beside && result.last().is_some_and(|(_, last)| is_number(last));
        let run = factor.as_name().filter(|name| **name == Name::plain(name.base.clone()) && after_number);
        let digits = run.and_then(|name| name.base.strip_prefix(['x', 'X']));
        match digits.map(str::parse::<i64>) {
            Some(Ok(number)) => result.push((times(&operator), Expr::integer(number, factor.span))),
            // The x stands alone.
            Some(Err(_)) if digits == Some("") && rest.peek().is_some_and(|(_, next)| is_number(next)) => {
                if let Some((sign, next)) = rest.next() {
                    result.push((times(&sign), next));
                }
            }
            _ => result.push((operator, factor)),
        }
    }
    result
}

/// `11 \% 4`, `n \% k`: a percent sign between numbers, or after a name, takes the remainder.
pub(super) fn remainders(factors: Factors) -> Factors {
    let mut result: Factors = Vec::new();
    for (mut operator, factor) in factors {
        if operator.sign == Sign::Beside
            && let Some((_, last)) = result.last_mut()
            && let Kind::Percent(inner) = &last.kind
            && (is_number(&factor)
                || inner.as_name().is_some() && (factor.as_name().is_some() || parenthesised(&factor).is_some()))
        {
            *last = (**inner).clone();
            operator.sign = Sign::Mod;
        }
        result.push((operator, factor));
    }
    result
}

/// All spellings of the rotation as one name: `ROT180`, `rot 180`, `rot_{180^\circ}`.
pub(super) fn spelt_rotations(factors: Factors) -> Factors {
    let half_turn = |expr: &Expr| {
        let mut found = false;
        expr.any(&mut |inner| {
            if let Kind::Number(number) = &inner.kind {
                found |= number.to_integer().to_i32() == Some(180);
            }
            found
        });
        found
    };
    let rotation = |span: Span| Expr::new(Kind::Name(Name::plain("rot180")), span);
    let mut result: Factors = Vec::new();
    for (operator, factor) in factors {
        let span = factor.span;
        // The number after `rot`.
        let after_rot = matches!(result.last(), Some((_, last)) if is_rot(last));
        if after_rot && operator.sign == Sign::Beside && half_turn(&factor) && turns(&factor) {
            if let Some((_, last)) = result.last_mut() {
                *last = rotation(last.span.to(span));
            }
            continue;
        }
        let spelt = match &factor.kind {
            Kind::Name(name) => {
                words::rotation(&name.base).map(|base| Kind::Name(Name { base: base.into(), ..name.clone() }))
            }
            Kind::Scripted(base, scripts) if is_rot(base) => match scripts.split_first() {
                Some((Script::Sub(list, _), rest)) if list.iter().any(half_turn) => {
                    let base = rotation(base.span);
                    Some(if rest.is_empty() { base.kind } else { Kind::Scripted(Box::new(base), rest.to_vec()) })
                }
                _ => None,
            },
            _ => None,
        };
        result.push((operator, Expr::new(spelt.unwrap_or(factor.kind), span)));
    }
    result
}

/// `180` or `180^\circ`
pub(super) fn turns(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Scripted(base, _) => is_number(base),
        _ => is_number(expr),
    }
}

pub(super) fn is_rot(expr: &Expr) -> bool {
    expr.as_name().is_some_and(|name| matches!(name.base.as_str(), "rot" | "Rot" | "ROT"))
}

/// `∂L/∂W` and `dL/dW` on one line; `∂/∂w` is the operator alone.
pub(super) fn slashed_derivatives(factors: Factors) -> Factors {
    let partial = |factor: &Expr| factor.as_name().is_some_and(|name| *name == Name::plain("∂"));
    let mut result: Factors = Vec::new();
    let mut rest = factors.into_iter().peekable();
    while let Some((operator, factor)) = rest.next() {
        // What stands before the slash: `∂` alone, `∂` and what is derived, or `dL`.
        let above = match result.last() {
            Some((_, last)) if partial(last) => Some((1, None)),
            Some((beside, last)) if beside.sign == Sign::Beside && result.len() > 1 => {
                let before = result.len().checked_sub(2).and_then(|before| result.get(before));
                before.filter(|(_, sign)| partial(sign)).map(|_| (2, Some(last.clone())))
            }
            _ => None,
        };
        if let Some((count, of)) = above
            && operator.sign == Sign::Slash
            && partial(&factor)
            && rest.peek().is_some_and(|(next, _)| next.sign == Sign::Beside)
            && let Some((_, by)) = rest.next()
        {
            let keep = result.len() - count;
            let first = result.get(keep).map(|(operator, sign)| (operator.clone(), sign.span));
            result.truncate(keep);
            if let Some((operator, start)) = first {
                let span = start.to(by.span);
                result.push((operator, Expr::new(Kind::Derivative(of.map(Box::new), Box::new(by)), span)));
            }
            continue;
        }
        if operator.sign == Sign::Slash
            && let Some(by) = differentiated(&factor)
            && let Some(of) = result.last().and_then(|(_, last)| differentiated(last))
            && let Some((before, above)) = result.pop()
        {
            let span = above.span.to(factor.span);
            result.push((before, Expr::new(Kind::Derivative(Some(Box::new(of)), Box::new(by)), span)));
            continue;
        }
        result.push((operator, factor));
    }
    result
}

/// What stands after the d of `dW` or `dW[i]`.
pub(super) fn differentiated(expr: &Expr) -> Option<Expr> {
    match &expr.kind {
        Kind::Name(name) => Some(Expr::new(Kind::Name(name.differentiated()?), expr.span)),
        Kind::Entry(base, list) => {
            let base = differentiated(base)?;
            Some(Expr::new(Kind::Entry(Box::new(base), list.clone()), expr.span))
        }
        _ => None,
    }
}

impl Resolver<'_> {
    /// `p\delta^l_{i+m}` as `pad(\delta^l)_{i+m}`, where p is nothing by itself.
    pub(super) fn padded(&mut self, factors: Factors) -> Factors {
        let mut result: Factors = Vec::new();
        for (operator, factor) in factors {
            let mark = result.last_mut().map(|(_, last)| last).filter(|last| {
                operator.sign == Sign::Beside && pads(last, &factor) && !self.survey.letters.contains("p")
            });
            let (Some(mark), Kind::Scripted(base, scripts)) = (mark, &factor.kind) else {
                result.push((operator, factor));
                continue;
            };
            let (above, below): (Vec<Script>, Vec<Script>) =
                scripts.iter().cloned().partition(|script| !matches!(script, Script::Sub(..)));
            let scripted = |base: Expr, scripts: Vec<Script>| match scripts.is_empty() {
                true => base,
                false => Expr::new(Kind::Scripted(Box::new(base), scripts), factor.span),
            };
            let tensor = scripted((**base).clone(), above);
            let bracket = scripted(Expr::new(Kind::Parens(Bracket::Round, vec![tensor]), factor.span), below);
            let message = "a `p` before a tensor is read as zeros around it";
            let note = Note::new(NoteKind::Choice, mark.span.bytes(), message);
            *mark = Expr::new(Kind::Name(Name::plain("pad")), mark.span);
            result.push((operator, bracket));
            self.notes.push(note);
        }
        result
    }

    /// `x * h(n)` is `(x * h)(n)`, where x is a sequence as well.
    pub(super) fn joined_sequences(&self, mut factors: Factors) -> Factors {
        // `x(n) * h(n)`, at one place.
        if let [(_, Expr { kind: Kind::Call(x, place), .. }), (operator, Expr { kind: Kind::Call(_, other), .. })] =
            factors.as_slice()
            && place == other
            && operator.sign == Sign::Star
            && matches!(place.as_slice(), [only] if only.as_name().is_some())
        {
            let x = (**x).clone();
            if let Some((_, first)) = factors.first_mut() {
                *first = x;
            }
        }
        let [(_, x), (operator, Expr { kind: Kind::Call(h, at), .. })] = factors.as_mut_slice() else { return factors };
        let sequence = |side: &Expr| side.as_name().is_some_and(|name| self.survey.applied.contains(&key(name)));
        let whole = match &x.kind {
            Kind::Parens(_, parts) => parts.iter().all(|part| part.any(&mut |part| sequence(part))),
            _ => sequence(x),
        };
        if operator.sign != Sign::Star || !whole || !sequence(h) {
            return factors;
        }
        let span = x.span.to(h.span);
        let product = vec![(Operator::beside(), x.clone()), (operator.clone(), (**h).clone())];
        let bracket = Expr::new(Kind::Parens(Bracket::Round, vec![Expr::new(Kind::Product(product), span)]), span);
        let call = Expr::new(Kind::Call(Box::new(bracket), std::mem::take(at)), span);
        vec![(Operator::beside(), call)]
    }
}
