//! LaTeX that compiles with `amsmath` alone.

use super::breaks::{self, After, Before, Piece};
use super::form::{Binder, Condition, Form, Letter, Relation, Tightness};
use super::layout;
use super::notation::Notation;
use super::symbol::{Symbol, greek_name};
use crate::kernel::{Expr, Guard, Index, Tensor};

/// The LaTeX of an integer term, for math mode.
pub fn index(index: &Index, notation: &Notation) -> String {
    form(&notation.index(index))
}

/// The LaTeX of a condition, for math mode.
pub fn guard(guard: &Guard, notation: &Notation) -> String {
    conditions(&notation.conditions(guard))
}

/// The LaTeX of an expression, for math mode.
///
/// ```
/// use convprove::export::{latex, notation::Notation};
/// use convprove::kernel::{Expr, Guard, Index, Var};
/// let (m, u) = (Index::scalar("m"), Index::scalar("u"));
/// let sum = Expr::Sum(
///     vec![Var::scalar("u")],
///     Guard::between(&Index::from(1), &u, &m),
///     Box::new(Expr::entry("w", vec![u])),
/// );
/// assert_eq!(latex::expr(&sum, &Notation::default()), r"\sum_{u=1}^{m} w[u]");
/// ```
pub fn expr(expr: &Expr, notation: &Notation) -> String {
    form(&notation.expr(expr))
}

/// The LaTeX of a tensor, for math mode.
pub fn tensor(tensor: &Tensor, notation: &Notation) -> String {
    form(&notation.tensor(tensor))
}

/// The LaTeX of conditions, for math mode.
pub fn conditions(conditions: &[Condition]) -> String {
    conditions.iter().map(condition).collect::<Vec<_>>().join(r",\; ")
}

/// The LaTeX of one condition, for math mode.
pub fn condition(condition: &Condition) -> String {
    match condition {
        Condition::Chain(first, links) => links.iter().fold(form(first), |text, (relation, side)| {
            let relation = match relation {
                Relation::AtMost => r"\le",
                Relation::AtLeast => r"\ge",
                Relation::Less => "<",
                Relation::Greater => ">",
                Relation::Equal => "=",
                Relation::Unequal => r"\ne",
            };
            format!("{text} {relation} {}", form(side))
        }),
        Condition::Divides(divisor, dividend) => format!(r"{} \mid {}", form(divisor), form(dividend)),
    }
}

/// `u = 1, \dots, m`, for math mode.
pub fn letter(letter: &Letter) -> String {
    let symbol = variable(letter.name.as_str());
    match &letter.range {
        Some((lower, upper)) => format!(r"{symbol} = {}, \dots, {}", form(lower), form(upper)),
        None => symbol,
    }
}

/// The LaTeX of a form, for math mode.
pub fn form(written: &Form) -> String {
    match written {
        Form::Number(number) => number.to_string(),
        Form::Name(name) => variable(name.as_str()),
        Form::Terms(terms) if terms.is_empty() => "0".to_string(),
        Form::Terms(terms) => {
            let mut text = String::new();
            for (position, (negative, term)) in terms.iter().enumerate() {
                text.push_str(match (position, negative) {
                    (0, true) => "-",
                    (0, false) => "",
                    (_, true) => " - ",
                    (_, false) => " + ",
                });
                text.push_str(&at(term, Tightness::Binder));
            }
            text
        }
        Form::Product(factors) if factors.is_empty() => "1".to_string(),
        Form::Product(factors) => product(factors),
        Form::Hadamard(factors) => {
            let factors: Vec<String> = factors.iter().map(|factor| at(factor, Tightness::Power)).collect();
            factors.join(r" \odot ")
        }
        Form::Fraction(above, below) => format!(r"\frac{{{}}}{{{}}}", form(above), form(below)),
        Form::Power(base, exponent) => format!("{{{}}}^{{{exponent}}}", at(base, Tightness::Atom)),
        Form::Floor(above, below) => format!(r"\left\lfloor {} \right\rfloor", quotient(above, below)),
        Form::Ceiling(above, below) => format!(r"\left\lceil {} \right\rceil", quotient(above, below)),
        Form::Modulo(left, right) => {
            format!(r"{} \bmod {}", at(left, Tightness::Power), at(right, Tightness::Power))
        }
        Form::Minimum(forms) => format!(r"\min({})", list(forms)),
        Form::Maximum(forms) => format!(r"\max({})", list(forms)),
        Form::Volume(size) => format!(r"\operatorname{{vol}}({})", form(size)),
        Form::Function { name, orders, arguments, before } => {
            let (first, second) = arguments.split_at((*before).min(arguments.len()));
            let separator = if first.is_empty() || second.is_empty() { "" } else { ";\\; " };
            let symbol = differentiated(&operator(name.as_str()), orders);
            let inner = format!("{}{separator}{}", list(first), list(second));
            let (open, close) = brackets(arguments, "(", ")");
            format!("{symbol}{open}{inner}{close}")
        }
        Form::Entry(tensor, position) => at(tensor, Tightness::Atom) + &position_of(position),
        Form::Whole => ":".to_owned(),
        Form::Lambda(binder, body) => {
            let letters: Vec<String> = binder.letters.iter().map(|letter| variable(letter.name.as_str())).collect();
            format!(r"({}) \mapsto {}", letters.join(", "), at(body, Tightness::Binder))
        }
        Form::Sum(_, body) | Form::Largest(_, body) => {
            format!("{} {}", head(written), at(body, Tightness::Binder))
        }
        Form::Derivative(body, entry) if matches!(**body, Form::Name(_)) => {
            format!(r"\frac{{\partial {}}}{{\partial {}}}", form(body), form(entry))
        }
        Form::Derivative(body, _) => {
            format!("{} {}", head(written), at(body, Tightness::Power))
        }
        Form::Bracket(parts) => format!(r"[\,{}\,]", conditions(parts)),
    }
}

/// A form, in parentheses where it is looser than its place allows. A fraction bar holds its parts together by itself.
fn at(written: &Form, tightness: Tightness) -> String {
    let text = form(written);
    let holds = matches!(written, Form::Fraction(_, _)) && tightness <= Tightness::Power;
    if written.tightness() < tightness && !holds { format!(r"\left({text}\right)") } else { text }
}

/// Brackets that grow where what they enclose is higher than a line.
fn brackets(inside: &[Form], open: &str, close: &str) -> (String, String) {
    match inside.iter().any(layout::is_tall) {
        true => (format!(r"\left{open} "), format!(r" \right{close}")),
        false => (open.to_string(), close.to_string()),
    }
}

/// The position of an entry in its brackets.
fn position_of(position: &[Form]) -> String {
    let (open, close) = brackets(position, "[", "]");
    format!("{open}{}{close}", list(position))
}

fn list(forms: &[Form]) -> String {
    forms.iter().map(form).collect::<Vec<_>>().join(", ")
}

fn quotient(above: &Form, below: &Form) -> String {
    if below.is_natural(1) { form(above) } else { format!(r"\frac{{{}}}{{{}}}", form(above), form(below)) }
}

fn product(factors: &[Form]) -> String {
    let last = factors.len().saturating_sub(1);
    let mut text = String::new();
    let mut before: Option<&Form> = None;
    for (position, factor) in factors.iter().enumerate() {
        if let Some(before) = before {
            text.push_str(times(before, factor));
        }
        let loosest = match factor {
            Form::Sum(_, _) | Form::Largest(_, _) if position == last => Tightness::Binder,
            _ => Tightness::Power,
        };
        text.push_str(&at(factor, loosest));
        before = Some(factor);
    }
    text
}

/// What stands between two factors: single letters and entries stand side by side, between numbers, brackets and words there
/// is a dot.
fn times(before: &Form, after: &Form) -> &'static str {
    let quiet = matches!(before, Form::Number(_) | Form::Name(_) | Form::Entry(_, _) | Form::Fraction(_, _))
        && matches!(after, Form::Name(_) | Form::Entry(_, _) | Form::Sum(_, _) | Form::Floor(_, _));
    if quiet { r" \, " } else { r" \cdot " }
}

/// The LaTeX of a form on as many lines as it needs, for math mode.
pub(super) fn lines(written: &Form, room: usize) -> Vec<String> {
    breaks::lines(written, room).iter().map(|pieces| line(pieces)).collect()
}

fn line(pieces: &[Piece]) -> String {
    let mut text = String::new();
    let mut last: Option<&Form> = None;
    for piece in pieces {
        for (position, part) in piece.before.iter().enumerate() {
            let sign = match part {
                Before::Plus => " + ",
                Before::Minus => " - ",
                Before::Over => r" \,\big/\, ",
                Before::Hadamard => r" \odot ",
                Before::Times => {
                    let next = match piece.before.get(position + 1) {
                        Some(Before::Operator(form) | Before::Call(form)) => Some(*form),
                        Some(_) => None,
                        None => piece.term.map(|(form, _)| form),
                    };
                    last.zip(next).map_or(r" \cdot ", |(last, next)| times(last, next))
                }
                Before::Negative => {
                    text.push('-');
                    continue;
                }
                Before::Operator(operator) => {
                    text.push_str(&head(operator));
                    text.push(' ');
                    continue;
                }
                Before::Call(form) => {
                    if let Form::Function { name, orders, .. } = form {
                        text.push_str(&differentiated(&operator(name.as_str()), orders));
                    }
                    text.push_str(r"\bigl(");
                    continue;
                }
                Before::Open => {
                    text.push_str(r"\bigl(");
                    continue;
                }
            };
            // A sign at the beginning of a line has an empty group before it, so that TeX takes it for one between terms.
            if text.is_empty() {
                text.push_str("{}");
            }
            text.push_str(sign);
        }
        if let Some((form, tightness)) = piece.term {
            text.push_str(&at(form, tightness));
        }
        last = piece.term.map(|(form, _)| form).filter(|_| piece.after.is_empty());
        for part in &piece.after {
            text.push_str(&match part {
                After::Close => r"\bigr)".to_owned(),
                After::Comma => ", ".to_owned(),
                After::Semicolon => r";\; ".to_owned(),
                After::Exponent(exponent) => format!("^{{{exponent}}}"),
                After::Position(position) => position_of(position),
            });
        }
    }
    text
}

/// The operator of a sum or maximum with its letters and conditions, or of a derivative.
fn head(written: &Form) -> String {
    match written {
        Form::Derivative(_, entry) => format!(r"\frac{{\partial}}{{\partial {}}}", form(entry)),
        Form::Sum(binder, _) => stacked(r"\sum", binder),
        Form::Largest(binder, _) => stacked(r"\max", binder),
        _ => String::new(),
    }
}

/// One operator for each letter: `\sum_{u=1}^{m} \sum_{v=1}^{n}`; the conditions stand under the last one.
fn stacked(operator: &str, binder: &Binder) -> String {
    let maximum = operator == r"\max";
    let mut heads: Vec<(Vec<String>, Option<String>)> = Vec::new();
    for letter in &binder.letters {
        let symbol = variable(letter.name.as_str());
        heads.push(match &letter.range {
            Some((lower, upper)) if maximum => {
                (vec![format!(r"{} \le {symbol} \le {}", form(lower), form(upper))], None)
            }
            Some((lower, upper)) => (vec![format!("{symbol}={}", form(lower))], Some(form(upper))),
            None => (vec![symbol], None),
        });
    }
    if heads.is_empty() {
        heads.push((Vec::new(), None));
    }
    // Letters without a range of their own share one operator.
    heads.dedup_by(|next, previous| {
        let joined = next.1.is_none() && previous.1.is_none() && !maximum;
        match (previous.0.last_mut(), next.0.first()) {
            (Some(mine), Some(other)) if joined => {
                mine.push_str(", ");
                mine.push_str(other);
                true
            }
            _ => false,
        }
    });
    if let Some((under, _)) = heads.last_mut() {
        under.extend(binder.conditions.iter().map(condition));
    }
    let head = |(under, over): &(Vec<String>, Option<String>)| {
        let under = match under.as_slice() {
            [one] => one.clone(),
            several => format!(r"\substack{{{}}}", several.join(r" \\ ")),
        };
        match over {
            Some(over) => format!("{operator}_{{{under}}}^{{{over}}}"),
            None => format!("{operator}_{{{under}}}"),
        }
    };
    heads.iter().map(head).collect::<Vec<_>>().join(" ")
}

fn differentiated(symbol: &str, orders: &[u32]) -> String {
    match orders {
        [order] if *order <= 3 => format!("{symbol}{}", "'".repeat(*order as usize)),
        orders if orders.iter().all(|order| *order == 0) => symbol.to_string(),
        orders => {
            let orders: Vec<String> = orders.iter().map(u32::to_string).collect();
            format!("{symbol}^{{({})}}", orders.join(","))
        }
    }
}

fn symbol(name: &str, digits_below: bool, word: &str) -> String {
    let symbol = Symbol::of(name);
    let mut text = match symbol.greek() {
        Some((greek, _)) => format!(r"\{greek}"),
        None if symbol.is_letter() && symbol.stem.chars().all(|letter| letter.is_ascii_alphabetic()) => {
            symbol.stem.to_string()
        }
        None if symbol.is_letter() => escape(symbol.stem, true),
        None if digits_below => format!(r"{word}{{{}}}", escape(symbol.stem, false)),
        None => {
            let base = name.trim_end_matches('\'');
            return format!(r"{word}{{{}}}{}", escape(base, false), "'".repeat(symbol.primes));
        }
    };
    if !symbol.digits.is_empty() {
        text.push_str(&format!("_{{{}}}", symbol.digits));
    }
    text.push_str(&"'".repeat(symbol.primes));
    text
}

/// The LaTeX of a variable's or tensor's name, for math mode: `x1` is x₁, `sigma` is σ, `out` is one word.
pub fn variable(name: &str) -> String {
    symbol(name, true, r"\mathit")
}

/// The LaTeX of a function's or definition's name, for math mode.
pub fn operator(name: &str) -> String {
    symbol(name, false, r"\operatorname")
}

/// Text with every character that TeX would obey made harmless; `math` says which mode it stands in.
pub fn escape(text: &str, math: bool) -> String {
    let mut safe = String::new();
    for character in text.chars() {
        match character {
            '\\' if math => safe.push_str(r"\backslash "),
            '\\' => safe.push_str(r"\text{\textbackslash}"),
            '{' | '}' | '$' | '&' | '#' | '%' | '_' => {
                safe.push('\\');
                safe.push(character);
            }
            // In braces they begin no tag where the LaTeX stands in Markdown.
            '<' | '>' => safe.push_str(&format!("{{{character}}}")),
            '^' => safe.push_str(r"\text{\textasciicircum}"),
            '~' => safe.push_str(r"\text{\textasciitilde}"),
            ' ' => safe.push_str(r"\ "),
            character if character.is_ascii_graphic() => safe.push(character),
            character => match greek_name(character) {
                Some(greek) if math => safe.push_str(&format!(r"\{greek} ")),
                // Other scripts need packages that a reader may not have: the code point always prints.
                Some(greek) => safe.push_str(&format!(r"\text{{$\{greek} $}}")),
                None => safe.push_str(&format!(r"\text{{U+{:04X}}}", character as u32)),
            },
        }
    }
    safe
}
