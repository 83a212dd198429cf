//! MathML Core, which browsers draw without any script.

use super::form::{Binder, Condition, Form, Relation, Tightness};
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

fn identifier(name: &str) -> String {
    format!("<mi>{}</mi>", escape(name))
}

fn group(content: &str) -> String {
    format!("<mrow>{content}</mrow>")
}

fn list(forms: &[Form]) -> String {
    forms.iter().map(row).collect::<Vec<_>>().join("<mo separator=\"true\">,</mo>")
}

fn at(form: &Form, tightness: Tightness) -> String {
    let holds = matches!(form, Form::Fraction(_, _)) && tightness <= Tightness::Power;
    if form.tightness() < tightness && !holds {
        format!("<mrow><mo>(</mo>{}<mo>)</mo></mrow>", row(form))
    } else {
        group(&row(form))
    }
}

fn fraction(above: &Form, below: &Form) -> String {
    if below.is_natural(1) {
        return row(above);
    }
    format!("<mfrac><mrow>{}</mrow><mrow>{}</mrow></mfrac>", row(above), row(below))
}

fn applied(function: &str, arguments: &str) -> String {
    format!("<mi>{}</mi><mo>&#x2061;</mo><mrow><mo>(</mo>{arguments}<mo>)</mo></mrow>", escape(function))
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
        Form::Minimum(forms) => applied("min", &list(forms)),
        Form::Maximum(forms) => applied("max", &list(forms)),
        Form::Volume(size) => applied("vol", &row(size)),
        Form::Function { name, orders, arguments, before } => {
            let (first, second) = arguments.split_at((*before).min(arguments.len()));
            let separator = if first.is_empty() || second.is_empty() { "" } else { "<mo separator=\"true\">;</mo>" };
            applied(
                &text::differentiated(name.as_str(), orders),
                &format!("{}{separator}{}", list(first), list(second)),
            )
        }
        Form::Entry(tensor, position) => {
            format!("{}<mrow><mo>[</mo>{}<mo>]</mo></mrow>", at(tensor, Tightness::Atom), list(position))
        }
        Form::Lambda(binder, body) => {
            let letters: Vec<String> = binder.letters.iter().map(|letter| identifier(letter.name.as_str())).collect();
            format!("<mo>(</mo>{}<mo>)</mo><mo>↦</mo>{}", letters.join("<mo>,</mo>"), at(body, Tightness::Binder))
        }
        Form::Sum(binder, body) => stacked("∑", binder) + &at(body, Tightness::Binder),
        Form::Largest(binder, body) => stacked("max", binder) + &at(body, Tightness::Binder),
        Form::Derivative(body, entry) => {
            let head = format!("<mfrac><mo>∂</mo><mrow><mo>∂</mo>{}</mrow></mfrac>", row(entry));
            head + &at(body, Tightness::Power)
        }
        Form::Bracket(conditions) => format!("<mrow><mo>[</mo>{}<mo>]</mo></mrow>", conditions_row(conditions)),
    }
}

/// Conditions in a row.
pub fn conditions_row(conditions: &[Condition]) -> String {
    conditions.iter().map(condition).collect::<Vec<_>>().join("<mo separator=\"true\">,</mo>")
}

/// One condition.
pub fn condition(condition: &Condition) -> String {
    match condition {
        Condition::Chain(first, links) => links.iter().fold(row(first), |text, (relation, side)| {
            let relation = match relation {
                Relation::AtMost => "≤",
                Relation::AtLeast => "≥",
                Relation::Less => "<",
                Relation::Equal => "=",
                Relation::Unequal => "≠",
            };
            text + &operator(relation) + &row(side)
        }),
        Condition::Divides(divisor, dividend) => row(divisor) + "<mo>∣</mo>" + &row(dividend),
    }
}

/// `u = 1, …, m` for every letter.
pub fn letters(binder: &Binder) -> String {
    let letter = |letter: &super::form::Letter| {
        let name = identifier(letter.name.as_str());
        match &letter.range {
            Some((lower, upper)) => {
                format!("{name}<mo>=</mo>{}<mo>,</mo><mo>…</mo><mo>,</mo>{}", row(lower), row(upper))
            }
            None => name,
        }
    };
    binder.letters.iter().map(letter).collect::<Vec<_>>().join("<mo separator=\"true\">;</mo>")
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
        _ => format!("<mtable rowspacing=\"0\">{}</mtable>", rows.concat()),
    };
    let symbol = format!("<mo movablelimits=\"false\">{symbol}</mo>");
    match over {
        Some(over) => format!("<munderover>{symbol}{under}<mrow>{over}</mrow></munderover>"),
        None => format!("<munder>{symbol}{under}</munder>"),
    }
}
