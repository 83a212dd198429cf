//! Where a form that is wider than the page may be broken.
//!
//! A line ends before a factor or a term. Where the parts between such places are still too wide, what encloses them is
//! opened: parentheses, the argument of a function, a fraction, which is written with a slash then. So every form fits, however
//! deep it is, down to the names and the conditions in it.

use super::form::{Form, Tightness};
use super::layout::{BRACKETS, COMMA, SIGN, list, name_width, operators, width, width_at};

/// What stands before a part.
#[derive(Clone, Copy, Debug)]
pub(super) enum Before<'a> {
    /// The plus sign between two terms.
    Plus,
    /// The minus sign between two terms.
    Minus,
    /// The minus sign of a first term.
    Negative,
    /// Multiplication.
    Times,
    /// Multiplication entry by entry.
    Hadamard,
    /// Division.
    Over,
    /// The operators of a sum, of a maximum or of a derivative.
    Operator(&'a Form),
    /// The name of a function with the parenthesis before its arguments.
    Call(&'a Form),
    /// A parenthesis.
    Open,
}

/// What stands behind a part.
#[derive(Clone, Copy, Debug)]
pub(super) enum After<'a> {
    /// The parenthesis that closes.
    Close,
    /// A comma between arguments.
    Comma,
    /// The semicolon between parameters and tensors.
    Semicolon,
    /// An exponent.
    Exponent(u32),
    /// The position of an entry.
    Position(&'a [Form]),
}

/// A part of a form that may begin a line.
#[derive(Clone, Debug)]
pub(super) struct Piece<'a> {
    /// Signs, operators and opening parentheses, as they are written.
    pub before: Vec<Before<'a>>,
    /// The part itself, in parentheses where it is looser than its place allows; nothing where what is before it stands alone.
    pub term: Option<(&'a Form, Tightness)>,
    /// What closes, as it is written.
    pub after: Vec<After<'a>>,
}

/// A form, broken into lines of a given width where it is wider.
pub(super) fn lines(form: &Form, room: usize) -> Vec<Vec<Piece<'_>>> {
    let whole = Piece::new(form, Tightness::Terms);
    if whole.width() <= room {
        return vec![vec![whole]];
    }
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    let mut used = 0;
    for piece in whole.divide().into_iter().flat_map(|piece| piece.fit(room)) {
        let width = piece.width();
        match lines.last_mut() {
            Some(line) if used + width <= room => {
                used += width;
                line.push(piece);
            }
            _ => {
                used = width;
                lines.push(vec![piece]);
            }
        }
    }
    lines
}

impl<'a> Piece<'a> {
    fn new(form: &'a Form, tightness: Tightness) -> Self {
        Piece { before: Vec::new(), term: Some((form, tightness)), after: Vec::new() }
    }

    fn signed(sign: Before<'a>, form: &'a Form, tightness: Tightness) -> Self {
        Piece { before: vec![sign], ..Piece::new(form, tightness) }
    }

    fn width(&self) -> usize {
        let before = |before: &Before| match before {
            Before::Operator(Form::Sum(binder, _) | Form::Largest(binder, _)) => operators(binder),
            Before::Operator(Form::Derivative(_, entry)) => 8 + width(entry),
            Before::Call(Form::Function { name, .. }) => BRACKETS + name_width(name.as_str()),
            Before::Operator(_) | Before::Call(_) | Before::Open | Before::Negative => BRACKETS,
            Before::Plus | Before::Minus | Before::Times | Before::Hadamard | Before::Over => SIGN,
        };
        let after = |after: &After| match after {
            After::Close | After::Comma | After::Semicolon | After::Exponent(_) => COMMA,
            After::Position(position) => BRACKETS + list(position),
        };
        self.before.iter().map(before).sum::<usize>()
            + self.term.map_or(0, |(form, tightness)| width_at(form, tightness))
            + self.after.iter().map(after).sum::<usize>()
    }

    /// The parts of a piece that is too wide, with what encloses them opened, and what stands before them on a line of its own
    /// where that does not help.
    fn fit(self, room: usize) -> Vec<Piece<'a>> {
        if self.width() <= room {
            return vec![self];
        }
        let operators = |before: &Before| matches!(before, Before::Operator(_) | Before::Call(_));
        let alone = self.before.iter().any(operators) && self.term.is_some();
        match self.open() {
            Ok(parts) => parts.into_iter().flat_map(|part| part.fit(room)).collect(),
            Err(piece) if alone => {
                let head = Piece { term: None, after: Vec::new(), ..piece.clone() };
                vec![head, Piece { before: Vec::new(), ..piece }]
            }
            Err(piece) => vec![piece],
        }
    }

    /// The parts of what is enclosed; the piece itself where there is nothing to open.
    fn open(self) -> Result<Vec<Piece<'a>>, Piece<'a>> {
        let Some((form, tightness)) = self.term else { return Err(self) };
        let enclosed = match form {
            Form::Fraction(above, below) => {
                let mut parts = Piece::new(above, Tightness::Power).divide();
                parts.extend(Piece::signed(Before::Over, below, Tightness::Power).divide());
                parts
            }
            _ if form.tightness() < tightness => {
                enclose(Piece::new(form, Tightness::Terms).divide(), Before::Open, &[After::Close])
            }
            Form::Power(base, exponent) => enclose(
                Piece::new(base, Tightness::Terms).divide(),
                Before::Open,
                &[After::Close, After::Exponent(*exponent)],
            ),
            Form::Function { arguments, before, .. } if !arguments.is_empty() => {
                let last = arguments.len() - 1;
                let argument = |(position, argument): (usize, &'a Form)| {
                    let mut parts = Piece::new(argument, Tightness::Terms).divide();
                    if let Some(end) = parts.last_mut().filter(|_| position < last) {
                        end.after.push(if position + 1 == *before { After::Semicolon } else { After::Comma });
                    }
                    parts
                };
                let parts = arguments.iter().enumerate().flat_map(argument).collect();
                enclose(parts, Before::Call(form), &[After::Close])
            }
            Form::Entry(tensor, position) if !matches!(**tensor, Form::Name(_)) => {
                let mut parts = vec![Piece::new(tensor, Tightness::Atom)];
                parts[0].after.push(After::Position(position));
                parts
            }
            Form::Derivative(body, _) if !matches!(**body, Form::Name(_)) => {
                let mut parts = vec![Piece::new(body, Tightness::Power)];
                parts[0].before.push(Before::Operator(form));
                parts
            }
            _ => return Err(self),
        };
        Ok(self.around(enclosed))
    }

    /// The parts of this piece with all that stood around it.
    fn around(self, mut parts: Vec<Piece<'a>>) -> Vec<Piece<'a>> {
        if let Some(first) = parts.first_mut() {
            first.before.splice(0..0, self.before);
        }
        if let Some(last) = parts.last_mut() {
            last.after.extend(self.after);
        }
        parts
    }

    /// The parts between which a line may end.
    fn divide(self) -> Vec<Piece<'a>> {
        let Some((form, tightness)) = self.term else { return vec![self] };
        if form.tightness() < tightness {
            return vec![self];
        }
        let parts = match form {
            Form::Sum(_, body) | Form::Largest(_, body) => {
                let mut parts = Piece::new(body, Tightness::Binder).divide();
                if let Some(first) = parts.first_mut() {
                    first.before.insert(0, Before::Operator(form));
                }
                parts
            }
            Form::Product(factors) | Form::Hadamard(factors) if !factors.is_empty() => {
                let last = factors.len() - 1;
                let times = if matches!(form, Form::Hadamard(_)) { Before::Hadamard } else { Before::Times };
                let part = |(position, factor): (usize, &'a Form)| {
                    let open = position == last && matches!(factor, Form::Sum(_, _) | Form::Largest(_, _));
                    let loosest = if open { Tightness::Binder } else { Tightness::Power };
                    let piece = match position {
                        0 => Piece::new(factor, loosest),
                        _ => Piece::signed(times, factor, loosest),
                    };
                    if open { piece.divide() } else { vec![piece] }
                };
                factors.iter().enumerate().flat_map(part).collect()
            }
            Form::Terms(terms) if !terms.is_empty() => {
                let part = |(position, (negative, term)): (usize, &'a (bool, Form))| {
                    let piece = match (position, negative) {
                        (0, false) => Piece::new(term, Tightness::Binder),
                        (0, true) => Piece::signed(Before::Negative, term, Tightness::Binder),
                        (_, true) => Piece::signed(Before::Minus, term, Tightness::Binder),
                        (_, false) => Piece::signed(Before::Plus, term, Tightness::Binder),
                    };
                    piece.divide()
                };
                terms.iter().enumerate().flat_map(part).collect()
            }
            _ => return vec![self],
        };
        self.around(parts)
    }
}

/// Parts with what opens before the first of them and what closes behind the last.
fn enclose<'a>(mut parts: Vec<Piece<'a>>, open: Before<'a>, close: &[After<'a>]) -> Vec<Piece<'a>> {
    if let Some(first) = parts.first_mut() {
        first.before.insert(0, open);
    }
    if let Some(last) = parts.last_mut() {
        last.after.extend_from_slice(close);
    }
    parts
}
