//! LaTeX that compiles with `amsmath` alone.

use super::form::{Binder, Condition, Form, Letter, Relation, Tightness};
use super::notation::Notation;
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
            format!("{symbol}({}{separator}{})", list(first), list(second))
        }
        Form::Entry(tensor, position) => format!("{}[{}]", at(tensor, Tightness::Atom), list(position)),
        Form::Lambda(binder, body) => {
            let letters: Vec<String> = binder.letters.iter().map(|letter| variable(letter.name.as_str())).collect();
            format!(r"({}) \mapsto {}", letters.join(", "), at(body, Tightness::Binder))
        }
        Form::Sum(binder, body) => format!("{} {}", stacked(r"\sum", binder), at(body, Tightness::Binder)),
        Form::Largest(binder, body) => {
            format!("{} {}", stacked(r"\max", binder), at(body, Tightness::Binder))
        }
        Form::Derivative(body, entry) => {
            format!(r"\frac{{\partial}}{{\partial {}}} {}", form(entry), at(body, Tightness::Power))
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
        // Single letters and entries stand side by side; between numbers, brackets and words there is a dot.
        if let Some(before) = before {
            let quiet = matches!(before, Form::Number(_) | Form::Name(_) | Form::Entry(_, _) | Form::Fraction(_, _))
                && matches!(factor, Form::Name(_) | Form::Entry(_, _) | Form::Sum(_, _) | Form::Floor(_, _));
            text.push_str(if quiet { r" \, " } else { r" \cdot " });
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

/// Names that TeX has a Greek letter for; the capitals that look like Latin ones have none.
const GREEK: [&str; 34] = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi",
    "Pi", "Sigma", "Phi", "Psi", "Omega", "ell",
];

/// The same letters as characters.
const GREEK_CHARACTERS: &str = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩℓ";

/// The parts of a name: letters, digits at its end, primes.
fn parts(name: &str) -> (&str, &str, usize) {
    let base = name.trim_end_matches('\'');
    let primes = name.len() - base.len();
    let stem = base.trim_end_matches(|character: char| character.is_ascii_digit());
    let digits = base.get(stem.len()..).unwrap_or_default();
    match stem.strip_suffix('_') {
        Some(shorter) if !shorter.is_empty() => (shorter, digits, primes),
        _ if stem.is_empty() => (base, "", primes),
        _ => (stem, digits, primes),
    }
}

fn symbol(name: &str, digits_below: bool, word: &str) -> String {
    let (stem, digits, primes) = parts(name);
    let greek = GREEK.iter().find(|greek| **greek == stem);
    let single = stem.chars().count() == 1;
    let mut text = match greek {
        Some(greek) => format!(r"\{greek}"),
        None if single && stem.chars().all(|character| character.is_ascii_alphabetic()) => stem.to_string(),
        None if single => escape(stem, true),
        None if digits_below => format!(r"{word}{{{}}}", escape(stem, false)),
        None => return format!(r"{word}{{{}}}{}", escape(name.trim_end_matches('\''), false), "'".repeat(primes)),
    };
    if !digits.is_empty() {
        text.push_str(&format!("_{{{digits}}}"));
    }
    text.push_str(&"'".repeat(primes));
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
            character => match greek_character(character) {
                Some(greek) if math => safe.push_str(greek),
                // Other scripts need packages that a reader may not have: the code point always prints.
                Some(greek) => safe.push_str(&format!(r"\text{{${greek}$}}")),
                None => safe.push_str(&format!(r"\text{{U+{:04X}}}", character as u32)),
            },
        }
    }
    safe
}

fn greek_character(character: char) -> Option<&'static str> {
    const COMMANDS: [&str; 34] = [
        r"\alpha ",
        r"\beta ",
        r"\gamma ",
        r"\delta ",
        r"\epsilon ",
        r"\zeta ",
        r"\eta ",
        r"\theta ",
        r"\iota ",
        r"\kappa ",
        r"\lambda ",
        r"\mu ",
        r"\nu ",
        r"\xi ",
        r"\pi ",
        r"\rho ",
        r"\sigma ",
        r"\tau ",
        r"\upsilon ",
        r"\phi ",
        r"\chi ",
        r"\psi ",
        r"\omega ",
        r"\Gamma ",
        r"\Delta ",
        r"\Theta ",
        r"\Lambda ",
        r"\Xi ",
        r"\Pi ",
        r"\Sigma ",
        r"\Phi ",
        r"\Psi ",
        r"\Omega ",
        r"\ell ",
    ];
    let position = GREEK_CHARACTERS.chars().position(|greek| greek == character)?;
    COMMANDS.get(position).copied()
}
