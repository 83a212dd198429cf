//! MathML Core, which browsers draw without any script.

use super::breaks::{self, After, Before, Piece};
use super::form::{Binder, Condition, Form, Letter, Relation, Tightness};
use super::layout;
use super::symbol::Symbol;
use super::text;

/// Text in which HTML sees nothing special.
pub fn escape(raw: &str) -> String {
    let mut safe = String::new();
    for character in text::name(raw).chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            character => safe.push(character),
        }
    }
    safe
}

/// A whole formula.
pub fn inline(form: &Form) -> String {
    format!("<math>{}</math>", row(form))
}

fn operator(symbol: &str) -> String {
    format!("<mo>{}</mo>", escape(symbol))
}

/// The symbol of a variable or tensor: `x1` is x with the index 1, `sigma` is σ.
fn identifier(name: &str) -> String {
    named(name, true)
}

/// The digits of a word, as in `rot180`, belong to it where it names a definition.
fn named(name: &str, digits_below: bool) -> String {
    let symbol = Symbol::of(name);
    let below = digits_below || symbol.is_letter();
    let stem = match symbol.greek() {
        Some((_, letter)) => letter.to_string(),
        None if below => symbol.stem.to_string(),
        None => format!("{}{}", symbol.stem, symbol.digits),
    };
    let primes = match symbol.primes {
        0 => String::new(),
        count => format!("<mo>{}</mo>", "′".repeat(count)),
    };
    let digits = if below { symbol.digits } else { "" };
    let stem = format!("<mi>{}</mi>", escape(&stem));
    match (digits.is_empty(), primes.is_empty()) {
        (true, true) => stem,
        (false, true) => format!("<msub>{stem}<mn>{digits}</mn></msub>"),
        (true, false) => format!("<msup>{stem}{primes}</msup>"),
        (false, false) => format!("<msubsup>{stem}<mn>{digits}</mn>{primes}</msubsup>"),
    }
}

/// The symbol of a function that is differentiated so often in each argument.
fn function(name: &str, orders: &[u32]) -> String {
    match orders {
        [order] if *order <= 3 => named(&format!("{name}{}", "'".repeat(*order as usize)), false),
        orders if orders.iter().all(|order| *order == 0) => named(name, false),
        orders => {
            let orders: Vec<String> = orders.iter().map(|order| format!("<mn>{order}</mn>")).collect();
            let orders = bracketed("(", &orders.join(COMMA), ")", false);
            format!("<msup>{}{orders}</msup>", named(name, false))
        }
    }
}

/// What stands in brackets, which grow only where it is higher than a line.
fn bracketed(open: &str, inside: &str, close: &str, tall: bool) -> String {
    let stretchy = if tall { "" } else { " stretchy=\"false\"" };
    format!("<mrow><mo{stretchy}>{open}</mo>{inside}<mo{stretchy}>{close}</mo></mrow>")
}

const COMMA: &str = "<mo separator=\"true\">,</mo>";
const SEMICOLON: &str = "<mo separator=\"true\">;</mo>";

fn group(content: &str) -> String {
    format!("<mrow>{content}</mrow>")
}

fn list(forms: &[Form]) -> String {
    forms.iter().map(row).collect::<Vec<_>>().join(COMMA)
}

fn at(form: &Form, tightness: Tightness) -> String {
    let holds = matches!(form, Form::Fraction(_, _)) && tightness <= Tightness::Power;
    if form.tightness() < tightness && !holds {
        format!("<mrow><mo>(</mo>{}<mo>)</mo></mrow>", row(form))
    } else {
        group(&row(form))
    }
}

fn tall(forms: &[Form]) -> bool {
    forms.iter().any(layout::is_tall)
}

/// The position of an entry in its brackets.
fn position_of(position: &[Form]) -> String {
    bracketed("[", &list(position), "]", tall(position))
}

fn fraction(above: &Form, below: &Form) -> String {
    if below.is_natural(1) {
        return row(above);
    }
    format!("<mfrac><mrow>{}</mrow><mrow>{}</mrow></mfrac>", row(above), row(below))
}

fn applied(symbol: &str, arguments: &str, tall: bool) -> String {
    format!("{symbol}<mo>&#x2061;</mo>{}", bracketed("(", arguments, ")", tall))
}

/// The parts of a formula in a row.
pub fn row(form: &Form) -> String {
    match form {
        Form::Number(number) => format!("<mn>{number}</mn>"),
        Form::Name(name) => identifier(name.as_str()),
        Form::Terms(terms) if terms.is_empty() => "<mn>0</mn>".to_string(),
        Form::Terms(terms) => terms.iter().enumerate().fold(String::new(), |text, (position, (negative, term))| {
            let sign = match (position, negative) {
                (_, true) => "<mo>−</mo>",
                (0, false) => "",
                (_, false) => "<mo>+</mo>",
            };
            text + sign + &at(term, Tightness::Binder)
        }),
        Form::Product(factors) if factors.is_empty() => "<mn>1</mn>".to_string(),
        Form::Product(factors) => {
            let last = factors.len().saturating_sub(1);
            let factor = |(position, factor): (usize, &Form)| match factor {
                Form::Sum(_, _) | Form::Largest(_, _) if position == last => at(factor, Tightness::Binder),
                _ => at(factor, Tightness::Power),
            };
            factors.iter().enumerate().map(factor).collect::<Vec<_>>().join("<mo>·</mo>")
        }
        Form::Hadamard(factors) => {
            let factors: Vec<String> = factors.iter().map(|factor| at(factor, Tightness::Power)).collect();
            factors.join("<mo>⊙</mo>")
        }
        Form::Fraction(above, below) => fraction(above, below),
        Form::Power(base, exponent) => format!("<msup>{}<mn>{exponent}</mn></msup>", at(base, Tightness::Atom)),
        Form::Floor(above, below) => format!("<mrow><mo>⌊</mo>{}<mo>⌋</mo></mrow>", fraction(above, below)),
        Form::Ceiling(above, below) => format!("<mrow><mo>⌈</mo>{}<mo>⌉</mo></mrow>", fraction(above, below)),
        Form::Modulo(left, right) => {
            format!(
                "{}<mo lspace=\"0.3em\" rspace=\"0.3em\">mod</mo>{}",
                at(left, Tightness::Power),
                at(right, Tightness::Power)
            )
        }
        Form::Minimum(forms) => applied("<mi>min</mi>", &list(forms), tall(forms)),
        Form::Maximum(forms) => applied("<mi>max</mi>", &list(forms), tall(forms)),
        Form::Volume(size) => applied("<mi>vol</mi>", &row(size), layout::is_tall(size)),
        Form::Function { name, orders, arguments, before } => {
            let (first, second) = arguments.split_at((*before).min(arguments.len()));
            let separator = if first.is_empty() || second.is_empty() { "" } else { SEMICOLON };
            applied(
                &function(name.as_str(), orders),
                &format!("{}{separator}{}", list(first), list(second)),
                tall(arguments),
            )
        }
        Form::Entry(tensor, position) => at(tensor, Tightness::Atom) + &position_of(position),
        Form::Whole => "<mo>:</mo>".to_owned(),
        Form::Lambda(binder, body) => {
            let letters: Vec<String> = binder.letters.iter().map(|letter| identifier(letter.name.as_str())).collect();
            bracketed("(", &letters.join(COMMA), ")", false) + "<mo>↦</mo>" + &at(body, Tightness::Binder)
        }
        Form::Sum(_, body) | Form::Largest(_, body) => head(form) + &at(body, Tightness::Binder),
        Form::Derivative(body, entry) if matches!(**body, Form::Name(_)) => {
            format!("<mfrac><mrow><mo>∂</mo>{}</mrow><mrow><mo>∂</mo>{}</mrow></mfrac>", row(body), row(entry))
        }
        Form::Derivative(body, _) => head(form) + &at(body, Tightness::Power),
        Form::Bracket(conditions) => bracketed("[", &conditions_row(conditions), "]", false),
    }
}

/// Conditions in a row.
pub fn conditions_row(conditions: &[Condition]) -> String {
    conditions.iter().map(condition).collect::<Vec<_>>().join(COMMA)
}

/// One condition.
pub fn condition(condition: &Condition) -> String {
    match condition {
        Condition::Chain(first, links) => links.iter().fold(row(first), |text, (relation, side)| {
            let relation = match relation {
                Relation::AtMost => "≤",
                Relation::AtLeast => "≥",
                Relation::Less => "<",
                Relation::Greater => ">",
                Relation::Equal => "=",
                Relation::Unequal => "≠",
            };
            text + &operator(relation) + &row(side)
        }),
        Condition::Divides(divisor, dividend) => row(divisor) + "<mo>∣</mo>" + &row(dividend),
    }
}

/// `u = 1, …, m`
pub fn letter(letter: &Letter) -> String {
    let name = identifier(letter.name.as_str());
    match &letter.range {
        Some((lower, upper)) => format!("{name}<mo>=</mo>{}{COMMA}<mi>…</mi>{COMMA}{}", row(lower), row(upper)),
        None => name,
    }
}

/// A form on as many lines as it needs, each a row.
pub(super) fn lines(form: &Form, room: usize) -> Vec<String> {
    breaks::lines(form, room).iter().map(|pieces| line(pieces)).collect()
}

fn line(pieces: &[Piece]) -> String {
    // Parentheses that close on another line.
    const OPEN: &str = "<mo fence=\"false\" form=\"prefix\" stretchy=\"false\">(</mo>";
    const CLOSE: &str = "<mo fence=\"false\" form=\"postfix\" stretchy=\"false\">)</mo>";
    let mut text = String::new();
    for piece in pieces {
        for part in &piece.before {
            // A sign at the beginning of a line stands between two terms all the same.
            text.push_str(&match part {
                Before::Plus => "<mo form=\"infix\">+</mo>".to_owned(),
                Before::Minus => "<mo form=\"infix\">−</mo>".to_owned(),
                Before::Negative => "<mo>−</mo>".to_owned(),
                Before::Times => "<mo form=\"infix\">·</mo>".to_owned(),
                Before::Hadamard => "<mo form=\"infix\">⊙</mo>".to_owned(),
                Before::Over => "<mo form=\"infix\" lspace=\"0.3em\" rspace=\"0.3em\">/</mo>".to_owned(),
                Before::Operator(operator) => head(operator),
                Before::Call(Form::Function { name, orders, .. }) => {
                    format!("{}<mo>&#x2061;</mo>{OPEN}", function(name.as_str(), orders))
                }
                Before::Call(_) | Before::Open => OPEN.to_owned(),
            });
        }
        if let Some((form, tightness)) = piece.term {
            text.push_str(&at(form, tightness));
        }
        for part in &piece.after {
            text.push_str(&match part {
                After::Close => CLOSE.to_owned(),
                After::Comma => COMMA.to_owned(),
                After::Semicolon => SEMICOLON.to_owned(),
                After::Exponent(exponent) => format!("<msup><mrow></mrow><mn>{exponent}</mn></msup>"),
                After::Position(position) => position_of(position),
            });
        }
    }
    text
}

/// The operator of a sum, of a maximum or of a derivative.
fn head(form: &Form) -> String {
    match form {
        Form::Derivative(_, entry) => format!("<mfrac><mo>∂</mo><mrow><mo>∂</mo>{}</mrow></mfrac>", row(entry)),
        Form::Sum(binder, _) => stacked("∑", binder),
        Form::Largest(binder, _) => stacked("max", binder),
        _ => String::new(),
    }
}

/// One operator for each letter, the conditions under the last.
fn stacked(symbol: &str, binder: &Binder) -> String {
    let count = binder.letters.len();
    let mut text = String::new();
    for (position, letter) in binder.letters.iter().enumerate() {
        let name = identifier(letter.name.as_str());
        let mut under = vec![match &letter.range {
            Some((lower, _)) => format!("{name}<mo>=</mo>{}", row(lower)),
            None => name,
        }];
        if position + 1 == count {
            under.extend(binder.conditions.iter().map(condition));
        }
        text.push_str(&operator_over(symbol, &under, letter.range.as_ref().map(|(_, upper)| row(upper))));
    }
    if count == 0 {
        let under: Vec<String> = binder.conditions.iter().map(condition).collect();
        text.push_str(&operator_over(symbol, &under, None));
    }
    text
}

fn operator_over(symbol: &str, under: &[String], over: Option<String>) -> String {
    let rows: Vec<String> = under.iter().map(|line| format!("<mtr><mtd>{line}</mtd></mtr>")).collect();
    let under = match under {
        [one] => group(one),
        _ => format!("<mtable>{}</mtable>", rows.concat()),
    };
    let symbol = format!("<mo movablelimits=\"false\">{symbol}</mo>");
    match over {
        Some(over) => format!("<munderover>{symbol}{under}<mrow>{over}</mrow></munderover>"),
        None => format!("<munder>{symbol}{under}</munder>"),
    }
}
