//! How wide a form is on a typeset page.
//!
//! Widths are estimates, in points of a page set in 10 point: enough to choose between two columns and one, and to
//! [break](super::breaks) what would run off the page.

use super::form::{Binder, Condition, Form, Tightness};
use super::symbol::Symbol;

/// A sign between two terms with the space around it.
pub(super) const SIGN: usize = 12;
/// A comma and the space after it.
pub(super) const COMMA: usize = 5;
/// A pair of brackets.
pub(super) const BRACKETS: usize = 7;
/// The operator Σ.
const SIGMA: usize = 15;

/// Whether a form is higher than a line, so that brackets around it grow.
pub(super) fn is_tall(form: &Form) -> bool {
    match form {
        Form::Fraction(_, _) | Form::Sum(_, _) | Form::Largest(_, _) | Form::Derivative(_, _) => true,
        Form::Floor(_, below) | Form::Ceiling(_, below) => !below.is_natural(1),
        Form::Terms(terms) => terms.iter().any(|(_, term)| is_tall(term)),
        Form::Product(forms) | Form::Hadamard(forms) | Form::Minimum(forms) | Form::Maximum(forms) => {
            forms.iter().any(is_tall)
        }
        Form::Function { arguments, .. } => arguments.iter().any(is_tall),
        Form::Modulo(left, right) => is_tall(left) || is_tall(right),
        Form::Power(form, _) | Form::Volume(form) => is_tall(form),
        Form::Entry(tensor, position) => is_tall(tensor) || position.iter().any(is_tall),
        Form::Lambda(_, body) => is_tall(body),
        Form::Number(_) | Form::Name(_) | Form::Whole | Form::Bracket(_) => false,
    }
}

/// About how wide a form is.
pub(super) fn width(form: &Form) -> usize {
    match form {
        Form::Number(number) => 5 * number.to_string().len(),
        Form::Name(name) => name_width(name.as_str()),
        Form::Whole => 5,
        Form::Terms(terms) => {
            let signs = SIGN * terms.len().saturating_sub(1);
            signs + terms.iter().map(|(_, term)| width_at(term, Tightness::Binder)).sum::<usize>()
        }
        Form::Product(factors) | Form::Hadamard(factors) => {
            factors.iter().map(|factor| 3 + width_at(factor, Tightness::Power)).sum()
        }
        Form::Fraction(above, below) => 3 + width(above).max(width(below)),
        Form::Floor(above, below) | Form::Ceiling(above, below) => BRACKETS + 5 + width(above).max(width(below)),
        Form::Power(base, exponent) => width_at(base, Tightness::Atom) + 4 * exponent.to_string().len(),
        Form::Modulo(left, right) => 30 + width(left) + width(right),
        Form::Minimum(forms) | Form::Maximum(forms) => 18 + BRACKETS + list(forms),
        Form::Volume(size) => 15 + BRACKETS + width(size),
        Form::Function { name, arguments, .. } => name_width(name.as_str()) + BRACKETS + list(arguments),
        Form::Entry(tensor, position) => width_at(tensor, Tightness::Atom) + BRACKETS + list(position),
        Form::Lambda(binder, body) => {
            let letters = binder.letters.iter().map(|letter| COMMA + name_width(letter.name.as_str()));
            BRACKETS + SIGN + letters.sum::<usize>() + width(body)
        }
        Form::Sum(binder, body) | Form::Largest(binder, body) => operators(binder) + width_at(body, Tightness::Binder),
        Form::Derivative(body, entry) => 8 + width(entry) + width_at(body, Tightness::Power),
        Form::Bracket(conditions) => {
            BRACKETS + conditions.iter().map(|condition| COMMA + condition_width(condition)).sum::<usize>()
        }
    }
}

/// About how wide a form is where it stands in parentheses if it is looser than its place allows.
pub(super) fn width_at(form: &Form, tightness: Tightness) -> usize {
    width(form) + if form.tightness() < tightness { BRACKETS + 2 } else { 0 }
}

/// About how wide forms with commas between them are.
pub(super) fn list(forms: &[Form]) -> usize {
    forms.iter().map(|form| COMMA + width(form)).sum()
}

/// About how wide a name is.
pub(super) fn name_width(name: &str) -> usize {
    let symbol = Symbol::of(name);
    let stem = if symbol.is_letter() { 6 } else { 5 * symbol.stem.chars().count() };
    stem + 4 * symbol.digits.len() + 3 * symbol.primes
}

fn condition_width(condition: &Condition) -> usize {
    match condition {
        Condition::Chain(first, links) => {
            width(first) + links.iter().map(|(_, form)| SIGN + 1 + width(form)).sum::<usize>()
        }
        Condition::Divides(divisor, dividend) => width(divisor) + SIGN + width(dividend),
    }
}

/// The operators of a binder: what stands below and above them is smaller, and closer together.
pub(super) fn operators(binder: &Binder) -> usize {
    let small = |width: usize| width * 6 / 10;
    let mut heads: Vec<usize> = binder
        .letters
        .iter()
        .map(|letter| {
            let sides = letter.range.as_ref().map_or((0, 0), |(lower, upper)| (SIGN + width(lower), width(upper)));
            SIGMA.max(small(name_width(letter.name.as_str()) + sides.0)).max(small(sides.1))
        })
        .collect();
    let conditions = binder.conditions.iter().map(|condition| small(condition_width(condition))).max().unwrap_or(0);
    match heads.last_mut() {
        Some(last) => *last = conditions.max(*last),
        None => heads.push(conditions.max(SIGMA)),
    }
    heads.iter().map(|head| head + 2).sum()
}
