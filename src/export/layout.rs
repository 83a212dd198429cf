//! How wide a form is on a typeset page, and where it may be broken.
//!
//! Widths are estimates, in points of a page set in 10 point: enough to choose between two columns and one, and to break what
//! would run off the page.

use super::form::{Binder, Condition, Form, Tightness};
use super::symbol::Symbol;

/// A sign between two terms with the space around it.
const SIGN: usize = 12;
/// A comma and the space after it.
const COMMA: usize = 5;
/// A pair of brackets.
const BRACKETS: usize = 7;
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

fn width_at(form: &Form, tightness: Tightness) -> usize {
    width(form) + if form.tightness() < tightness { BRACKETS + 2 } else { 0 }
}

fn list(forms: &[Form]) -> usize {
    forms.iter().map(|form| COMMA + width(form)).sum()
}

fn name_width(name: &str) -> usize {
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
fn operators(binder: &Binder) -> usize {
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

/// What stands between a part of a form and the part before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// Nothing: it is the first part, and is not subtracted.
    Nothing,
    /// A plus sign.
    Plus,
    /// A minus sign; before the first part it belongs to that alone.
    Minus,
    /// Multiplication.
    Times,
}

/// A part of a form that may begin a line.
#[derive(Clone, Debug)]
pub(super) struct Piece<'a> {
    /// What stands before it.
    pub sign: Sign,
    /// The sums and maxima whose operators stand before it, outermost first.
    pub operators: Vec<&'a Form>,
    /// The part itself, in parentheses where it is looser than its place allows; nothing where the operators stand alone.
    pub term: Option<(&'a Form, Tightness)>,
    width: usize,
}

/// A form, broken into lines of a given width where it is wider: before a factor or a term that no parentheses enclose.
pub(super) fn lines(form: &Form, room: usize) -> Vec<Vec<Piece<'_>>> {
    let whole = Piece::new(form, Tightness::Terms);
    if whole.width <= room {
        return vec![vec![whole]];
    }
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    let mut used = 0;
    for piece in whole.divide().into_iter().flat_map(|piece| piece.fit(room)) {
        match lines.last_mut() {
            Some(line) if used + piece.width <= room => {
                used += piece.width;
                line.push(piece);
            }
            _ => {
                used = piece.width;
                lines.push(vec![piece]);
            }
        }
    }
    lines
}

impl<'a> Piece<'a> {
    fn new(form: &'a Form, tightness: Tightness) -> Self {
        let term = Some((form, tightness));
        Piece { sign: Sign::Nothing, operators: Vec::new(), term, width: width_at(form, tightness) }
    }

    /// Parts the operators from what follows them, where both together are too wide.
    fn fit(self, room: usize) -> Vec<Piece<'a>> {
        match self.term {
            Some((form, tightness)) if self.width > room && !self.operators.is_empty() => {
                let rest = Piece::new(form, tightness);
                vec![Piece { term: None, width: self.width - rest.width, ..self }, rest]
            }
            _ => vec![self],
        }
    }

    fn after(self, sign: Sign) -> Self {
        Piece { sign, width: self.width + SIGN, ..self }
    }

    /// The parts between which a line may end.
    fn divide(self) -> Vec<Piece<'a>> {
        let Some((form, tightness)) = self.term else { return vec![self] };
        if form.tightness() < tightness {
            return vec![self];
        }
        let mut pieces = match form {
            Form::Sum(binder, body) | Form::Largest(binder, body) => {
                let mut pieces = Piece::new(body, Tightness::Binder).divide();
                if let Some(first) = pieces.first_mut() {
                    first.operators.insert(0, form);
                    first.width += operators(binder);
                }
                pieces
            }
            Form::Product(factors) if !factors.is_empty() => {
                let last = factors.len() - 1;
                let part = |(position, factor): (usize, &'a Form)| {
                    let sign = if position == 0 { Sign::Nothing } else { Sign::Times };
                    let open = position == last && matches!(factor, Form::Sum(_, _) | Form::Largest(_, _));
                    let loosest = if open { Tightness::Binder } else { Tightness::Power };
                    let piece = Piece::new(factor, loosest).after(sign);
                    if open { piece.divide() } else { vec![piece] }
                };
                factors.iter().enumerate().flat_map(part).collect()
            }
            Form::Terms(terms) if !terms.is_empty() => {
                let part = |(position, (negative, term)): (usize, &'a (bool, Form))| {
                    let sign = match (position, negative) {
                        (_, true) => Sign::Minus,
                        (0, false) => Sign::Nothing,
                        (_, false) => Sign::Plus,
                    };
                    Piece::new(term, Tightness::Binder).after(sign).divide()
                };
                terms.iter().enumerate().flat_map(part).collect()
            }
            _ => return vec![self],
        };
        if let (Some(first), true) = (pieces.first_mut(), self.sign != Sign::Nothing) {
            first.sign = self.sign;
        }
        pieces
    }
}
