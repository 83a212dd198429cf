//! Plain text: the proof language in ASCII, which can be pasted into a proof file, and Unicode for terminals.

use super::form::{Binder, Condition, Form, Letter, Relation, Tightness};
use super::notation::Notation;
use crate::kernel::{Expr, Guard, Index, Tensor};

/// Which characters a text may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// The spelling of the proof language: `sum(u in 1..m) w[u]*x[i-u]`.
    Ascii,
    /// The look of a page: `Σ_{u=1..m} w[u]·x[i-u]`.
    Unicode,
}

/// The text of an integer term.
pub fn index(index: &Index, notation: &Notation, charset: Charset) -> String {
    compact(&notation.index(index), charset)
}

/// The text of a condition.
pub fn guard(guard: &Guard, notation: &Notation, charset: Charset) -> String {
    conditions(&notation.conditions(guard), charset)
}

/// The text of an expression.
///
/// ```
/// use convprove::export::{notation::Notation, text::{self, Charset}};
/// use convprove::kernel::{Expr, Guard, Index, Var};
/// let (i, m, u) = (Index::scalar("i"), Index::scalar("m"), Index::scalar("u"));
/// let body = Expr::Mul(vec![Expr::entry("w", vec![u.clone()]), Expr::entry("x", vec![&i - &u])]);
/// let sum = Expr::Sum(vec![Var::scalar("u")], Guard::between(&Index::from(1), &u, &m), Box::new(body));
/// assert_eq!(text::expr(&sum, &Notation::default(), Charset::Ascii), "sum(u in 1..m) w[u]*x[i-u]");
/// assert_eq!(text::expr(&sum, &Notation::default(), Charset::Unicode), "Σ_{u=1..m} w[u]·x[i-u]");
/// ```
pub fn expr(expr: &Expr, notation: &Notation, charset: Charset) -> String {
    form(&notation.expr(expr), charset)
}

/// The text of an equation.
pub fn equation(left: &Form, right: &Form, charset: Charset) -> String {
    format!("{} = {}", form(left, charset), form(right, charset))
}

/// The text of a tensor.
pub fn tensor(tensor: &Tensor, notation: &Notation, charset: Charset) -> String {
    form(&notation.tensor(tensor), charset)
}

/// The text of a form; sums and differences are spaced outside of positions and ranges.
pub fn form(form: &Form, charset: Charset) -> String {
    Writer { charset, spaced: true }.form(form)
}

/// The text of a form as it stands in a position or range.
pub fn compact(form: &Form, charset: Charset) -> String {
    Writer { charset, spaced: false }.form(form)
}

/// Conditions, separated by commas.
pub fn conditions(conditions: &[Condition], charset: Charset) -> String {
    let writer = Writer { charset, spaced: false };
    let written: Vec<String> = conditions.iter().map(|condition| writer.condition(condition)).collect();
    written.join(", ")
}

/// One condition.
pub fn condition(condition: &Condition, charset: Charset) -> String {
    Writer { charset, spaced: false }.condition(condition)
}

/// What is assumed for all letters of a range: `0 <= a(o) for o in 1..n`.
pub fn premise((condition, letters): &(Condition, Binder), charset: Charset) -> String {
    let written = Writer { charset, spaced: false }.condition(condition);
    match binder(letters, charset) {
        letters if letters.is_empty() => written,
        letters => format!("{written} for {letters}"),
    }
}

/// What stands between the parentheses of a sum: `u in 1..m, 1 <= i+u-m <= M`.
pub fn binder(binder: &Binder, charset: Charset) -> String {
    Writer { charset, spaced: false }.binder(binder)
}

/// `u in 1..m`
pub fn letter(letter: &Letter, charset: Charset) -> String {
    Writer { charset, spaced: false }.letter(letter)
}

/// A name with everything taken out that a terminal would obey.
pub fn name(name: &str) -> String {
    let hidden = |character: char| {
        character.is_control()
            || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    name.chars().map(|character| if hidden(character) { '\u{FFFD}' } else { character }).collect()
}

#[derive(Clone, Copy)]
struct Writer {
    charset: Charset,
    spaced: bool,
}

impl Writer {
    fn pick(self, ascii: &'static str, unicode: &'static str) -> &'static str {
        match self.charset {
            Charset::Ascii => ascii,
            Charset::Unicode => unicode,
        }
    }

    fn tight(self) -> Writer {
        Writer { spaced: false, ..self }
    }

    /// A form, in parentheses where it is looser than its place allows.
    fn at(self, form: &Form, tightness: Tightness) -> String {
        let text = self.form(form);
        if form.tightness() < tightness { format!("({text})") } else { text }
    }

    fn list(self, forms: &[Form]) -> String {
        forms.iter().map(|form| self.form(form)).collect::<Vec<_>>().join(", ")
    }

    fn form(self, form: &Form) -> String {
        match form {
            Form::Number(number) => number.to_string(),
            Form::Name(text) => name(text.as_str()),
            Form::Terms(terms) => self.terms(terms),
            Form::Product(factors) => self.product(factors),
            Form::Hadamard(factors) => {
                let factors: Vec<String> = factors.iter().map(|factor| self.at(factor, Tightness::Power)).collect();
                factors.join(self.pick(" .* ", " ⊙ "))
            }
            Form::Fraction(above, below) => self.fraction(above, below),
            Form::Power(base, exponent) => format!("{}^{exponent}", self.at(base, Tightness::Atom)),
            Form::Floor(above, below) => {
                let quotient = self.tight().quotient(above, below);
                match self.charset {
                    Charset::Ascii => format!("floor({quotient})"),
                    Charset::Unicode => format!("⌊{quotient}⌋"),
                }
            }
            Form::Ceiling(above, below) => {
                let quotient = self.tight().quotient(above, below);
                match self.charset {
                    Charset::Ascii => format!("ceil({quotient})"),
                    Charset::Unicode => format!("⌈{quotient}⌉"),
                }
            }
            Form::Modulo(left, right) => {
                format!("{} mod {}", self.at(left, Tightness::Power), self.at(right, Tightness::Power))
            }
            Form::Minimum(forms) => format!("min({})", self.tight().list(forms)),
            Form::Maximum(forms) => format!("max({})", self.tight().list(forms)),
            Form::Volume(size) => format!("vol({})", self.tight().form(size)),
            Form::Function { name: function, orders, arguments, before } => {
                let (first, second) = arguments.split_at((*before).min(arguments.len()));
                let separator = match (first.is_empty(), second.is_empty()) {
                    (false, false) => "; ",
                    _ => "",
                };
                let (first, second) = (self.list(first), self.tight().list(second));
                format!("{}({first}{separator}{second})", differentiated(&name(function.as_str()), orders))
            }
            Form::Entry(tensor, position) => {
                format!("{}[{}]", self.at(tensor, Tightness::Atom), self.tight().list(position))
            }
            Form::Whole => ":".to_owned(),
            Form::Lambda(binder, body) => {
                let arrow = self.pick("->", "↦");
                format!("{} {arrow} {}", self.binder(binder), self.at(body, Tightness::Binder))
            }
            Form::Sum(binder, body) => {
                let head = match self.charset {
                    Charset::Ascii => format!("sum({})", self.binder(binder)),
                    Charset::Unicode => self.sigmas("Σ", binder),
                };
                format!("{head} {}", self.at(body, Tightness::Binder))
            }
            Form::Largest(binder, body) => {
                let head = match self.charset {
                    Charset::Ascii => format!("max({})", self.binder(binder)),
                    Charset::Unicode => self.sigmas("max", binder),
                };
                format!("{head} {}", self.at(body, Tightness::Binder))
            }
            Form::Derivative(body, entry) if matches!(**body, Form::Name(_)) && self.charset == Charset::Unicode => {
                format!("∂{}/∂{}", self.form(body), self.form(entry))
            }
            Form::Derivative(body, entry) => {
                let head = self.pick("d/d", "∂/∂");
                format!("{head}{} {}", self.form(entry), self.at(body, Tightness::Power))
            }
            Form::Bracket(conditions) => {
                let written: Vec<String> = conditions.iter().map(|condition| self.condition(condition)).collect();
                format!("[{}]", written.join(", "))
            }
        }
    }

    fn quotient(self, above: &Form, below: &Form) -> String {
        if below.is_natural(1) {
            return self.form(above);
        }
        self.fraction(above, below)
    }

    fn fraction(self, above: &Form, below: &Form) -> String {
        // A Σ takes the division in, so one at the end of a numerator stands in parentheses with it.
        let least = if above.ends_in_binder() { Tightness::Atom } else { Tightness::Product };
        format!("{}/{}", self.at(above, least), self.at(below, Tightness::Power))
    }

    fn terms(self, terms: &[(bool, Form)]) -> String {
        let mut text = String::new();
        for (position, (negative, term)) in terms.iter().enumerate() {
            text.push_str(match (position, negative, self.spaced) {
                (0, true, _) | (_, true, false) => "-",
                (0, false, _) => "",
                (_, true, true) => " - ",
                (_, false, true) => " + ",
                (_, false, false) => "+",
            });
            // A term that is itself a sum stands in parentheses, and so does a second sign.
            text.push_str(&self.at(term, Tightness::Binder));
        }
        if terms.is_empty() { "0".to_string() } else { text }
    }

    fn product(self, factors: &[Form]) -> String {
        let last = factors.len().saturating_sub(1);
        let mut text = String::new();
        for (position, factor) in factors.iter().enumerate() {
            if position > 0 {
                text.push_str(self.pick("*", "·"));
            }
            // A Σ takes all that follows it, so only the last factor may be one without parentheses; a quotient or
            // remainder reads as meant in front only.
            let loosest = match factor {
                Form::Fraction(_, _) | Form::Modulo(_, _) if position == 0 => Tightness::Product,
                Form::Sum(_, _) | Form::Largest(_, _) if position == last => Tightness::Binder,
                _ => Tightness::Power,
            };
            text.push_str(&self.at(factor, loosest));
        }
        if factors.is_empty() { "1".to_string() } else { text }
    }

    fn binder(self, binder: &Binder) -> String {
        let letters = binder.letters.iter().map(|letter| self.letter(letter));
        let conditions = binder.conditions.iter().map(|condition| self.condition(condition));
        letters.chain(conditions).collect::<Vec<_>>().join(", ")
    }

    fn letter(self, letter: &Letter) -> String {
        let rank = match &letter.rank {
            Some(rank) => format!(" : {}", name(rank.as_str())),
            None => String::new(),
        };
        let letter_name = name(letter.name.as_str());
        match &letter.range {
            Some((lower, upper)) => {
                let range = format!("{}..{}", self.tight().form(lower), self.tight().form(upper));
                let member = self.pick("in", "∈");
                format!("{letter_name}{rank} {member} {range}")
            }
            None => format!("{letter_name}{rank}"),
        }
    }

    /// One operator for each letter, the conditions under the last one: `Σ_{u=1..m} Σ_{v=1..n, u ≤ v}`.
    fn sigmas(self, operator: &str, binder: &Binder) -> String {
        let mut heads: Vec<String> = binder.letters.iter().map(|letter| self.under(letter)).collect();
        let conditions = binder.conditions.iter().map(|condition| self.condition(condition));
        match heads.last_mut() {
            Some(last) => conditions.for_each(|condition| {
                last.push_str(", ");
                last.push_str(&condition);
            }),
            None => heads.push(conditions.collect::<Vec<_>>().join(", ")),
        }
        heads.into_iter().map(|head| format!("{operator}_{{{head}}}")).collect::<Vec<_>>().join(" ")
    }

    fn under(self, letter: &Letter) -> String {
        let tight = self.tight();
        match &letter.range {
            Some((lower, upper)) => {
                format!("{}={}..{}", name(letter.name.as_str()), tight.form(lower), tight.form(upper))
            }
            None => name(letter.name.as_str()),
        }
    }

    fn condition(self, condition: &Condition) -> String {
        let tight = self.tight();
        match condition {
            Condition::Chain(first, links) => {
                let mut text = tight.form(first);
                for (relation, form) in links {
                    text.push_str(match relation {
                        Relation::AtMost => self.pick(" <= ", " ≤ "),
                        Relation::AtLeast => self.pick(" >= ", " ≥ "),
                        Relation::Less => " < ",
                        Relation::Greater => " > ",
                        Relation::Equal => " = ",
                        Relation::Unequal => self.pick(" != ", " ≠ "),
                    });
                    text.push_str(&tight.form(form));
                }
                text
            }
            Condition::Divides(divisor, dividend) => {
                format!("{} {} {}", tight.form(divisor), self.pick("|", "∣"), tight.form(dividend))
            }
        }
    }
}

/// A function's name with one prime for each order of a single argument, or the orders as `f^(1,2)`.
pub(super) fn differentiated(function: &str, orders: &[u32]) -> String {
    match orders {
        [order] if *order <= 3 => format!("{function}{}", "'".repeat(*order as usize)),
        orders if orders.iter().all(|order| *order == 0) => function.to_string(),
        orders => {
            let orders: Vec<String> = orders.iter().map(u32::to_string).collect();
            format!("{function}^({})", orders.join(","))
        }
    }
}
