//! What was understood, as plain text in one notation, so that a misreading shows.

use super::formula::*;

/// How tightly an expression holds together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Chain,
    Sum,
    Product,
    Factor,
    Atom,
}

/// A statement on one line.
pub fn statement(statement: &Statement) -> String {
    match statement {
        Statement::Chain(chain) => self::chain(chain),
        Statement::Words(words, _) => format!("“{words}”"),
    }
}

/// A chain on one line; a chain that goes on with an earlier one begins with its relation.
pub fn chain(chain: &Chain) -> String {
    let mut text = chain.first.as_ref().map(expr).unwrap_or_default();
    for link in &chain.links {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(relation(link.relation));
        if !link.reason.is_empty() {
            let reasons: Vec<String> = link.reason.iter().map(expr).collect();
            text.push_str(&format!("[by {}]", reasons.join(", ")));
        }
        if let Some(side) = &link.side {
            text.push(' ');
            text.push_str(&expr(side));
        }
    }
    text
}

/// The sign of a relation.
pub fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Eq => "=",
        Relation::Define => "≜",
        Relation::Approx => "≈",
        Relation::Ne => "≠",
        Relation::Lt => "<",
        Relation::Le => "≤",
        Relation::Gt => ">",
        Relation::Ge => "≥",
        Relation::In => "∈",
        Relation::NotIn => "∉",
        Relation::Subset => "⊂",
        Relation::Implies => "⇒",
        Relation::Iff => "⇔",
        Relation::To => "→",
        Relation::Assign => "←",
        Relation::Increase => "+=",
        Relation::Decrease => "-=",
        Relation::Proportional => "∝",
    }
}

/// A sign between factors; nothing where they stand beside each other.
pub fn sign(sign: Sign) -> &'static str {
    match sign {
        Sign::Beside => "",
        Sign::Dot => "·",
        Sign::Times => "×",
        Sign::Star => "*",
        Sign::FiveStar => "⋆",
        Sign::Otimes => "⊗",
        Sign::Odot => "⊙",
        Sign::CircledStar => "⊛",
        Sign::Bullet => "•",
        Sign::BoxDot => "⊡",
        Sign::Circle => "∘",
        Sign::Slash => "/",
        Sign::Mod => "mod",
        Sign::DoubleStar => "**",
    }
}

/// A sign between factors with its tilde and mode.
pub fn operator(operator: &Operator) -> String {
    let sign = sign(operator.sign);
    let tilde = if operator.tilde { "~" } else { "" };
    let mode = if operator.mode.is_empty() { String::new() } else { format!("_{}", operator.mode) };
    format!("{sign}{tilde}{mode}")
}

/// A name with its accent, label, layer and primes.
pub fn name(name: &Name) -> String {
    // A hat stands over its letter, lest it look like a power.
    let mut text = format!("{}{}", name.base, name.accent.replace('^', "\u{302}"));
    if !name.label.is_empty() {
        text.push('_');
        text.push_str(&name.label);
    }
    text.push_str(&"'".repeat(name.primes));
    if !name.layer.is_empty() {
        text.push_str(&format!("^({})", name.layer));
    }
    text
}

/// An expression on one line.
pub fn expr(expr: &Expr) -> String {
    at(expr, Level::Chain)
}

fn list(parts: &[Expr]) -> String {
    parts.iter().map(expr).collect::<Vec<_>>().join(", ")
}

/// A position or a bound, without space round its signs.
pub(super) fn tight(part: &Expr) -> String {
    expr(part).replace(" + ", "+").replace(" - ", "-")
}

fn tight_list(parts: &[Expr]) -> String {
    parts.iter().map(tight).collect::<Vec<_>>().join(", ")
}

/// An expression where something at least as tight as a level is needed.
fn at(expr: &Expr, needed: Level) -> String {
    let (text, level) = bare(expr);
    if level < needed { format!("({text})") } else { text }
}

fn bare(term: &Expr) -> (String, Level) {
    match &term.kind {
        Kind::Number(number) => match number.is_integer() {
            true => (number.to_integer().to_string(), Level::Atom),
            false => (decimal(number), Level::Atom),
        },
        Kind::Infinity => ("∞".to_string(), Level::Atom),
        Kind::Ellipsis => ("…".to_string(), Level::Atom),
        Kind::Slice => (":".to_string(), Level::Atom),
        Kind::Text(text) => (format!("“{text}”"), Level::Atom),
        Kind::Name(inner) => (name(inner), Level::Atom),
        Kind::Entry(base, indices) => (format!("{}[{}]", at(base, Level::Atom), tight_list(indices)), Level::Atom),
        Kind::Call(function, arguments) => (format!("{}({})", at(function, Level::Atom), list(arguments)), Level::Atom),
        Kind::Parens(bracket, parts) => {
            let (open, close) = brackets(*bracket);
            (format!("{open}{}{close}", list(parts)), Level::Atom)
        }
        Kind::Add(terms) => {
            let mut text = String::new();
            for (number, (minus, part)) in terms.iter().enumerate() {
                let sign = match (number, minus) {
                    (0, false) => "",
                    (0, true) => "-",
                    (_, false) => " + ",
                    (_, true) => " - ",
                };
                text.push_str(sign);
                text.push_str(&at(part, Level::Product));
            }
            (text, Level::Sum)
        }
        Kind::Neg(inner) => (format!("-{}", at(inner, Level::Product)), Level::Sum),
        Kind::Product(factors) => (product(factors), Level::Product),
        Kind::Power(base, exponent) => {
            (format!("{}^{}", at(base, Level::Atom), at(exponent, Level::Atom)), Level::Factor)
        }
        Kind::Transpose(inner) => (format!("{}^T", at(inner, Level::Atom)), Level::Factor),
        Kind::Percent(inner) => (format!("{}%", at(inner, Level::Atom)), Level::Factor),
        Kind::Fraction(above, below) => {
            (format!("{}/{}", at(above, Level::Atom), at(below, Level::Atom)), Level::Product)
        }
        Kind::Root(inner) => (format!("sqrt({})", expr(inner)), Level::Atom),
        Kind::Derivative(of, by) => {
            let of = of.as_ref().map(|of| at(of, Level::Atom)).unwrap_or_default();
            (format!("∂{of}/∂{}", at(by, Level::Atom)), Level::Product)
        }
        Kind::Gradient(by, of) => {
            let by = by.as_ref().map(|by| format!("[{}]", expr(by))).unwrap_or_default();
            let of = of.as_ref().map(|of| at(of, Level::Atom)).unwrap_or_default();
            (format!("∇{by}{of}"), Level::Factor)
        }
        Kind::Floor(inner) => (format!("⌊{}⌋", expr(inner)), Level::Atom),
        Kind::Ceil(inner) => (format!("⌈{}⌉", expr(inner)), Level::Atom),
        Kind::Interval(bracket, left, right) => {
            let (open, close) = brackets(*bracket);
            (format!("{open}{}..{}{close}", tight(left), tight(right)), Level::Atom)
        }
        Kind::Matrix(rows) => {
            let rows: Vec<String> = rows.iter().map(|row| list(row)).collect();
            (format!("[{}]", rows.join("; ")), Level::Atom)
        }
        Kind::Cases(rows) => {
            let rows: Vec<String> = rows
                .iter()
                .map(|(value, conditions)| {
                    let conditions: Vec<String> = conditions.iter().map(statement).collect();
                    match conditions.is_empty() {
                        true => expr(value),
                        false => format!("{} {}", expr(value), conditions.join(" ")),
                    }
                })
                .collect();
            (format!("{{{}}}", rows.join("; ")), Level::Atom)
        }
        Kind::Rows(rows) => (rows.iter().map(statement).collect::<Vec<_>>().join("; "), Level::Chain),
        Kind::Chain(inner) => (chain(inner), Level::Chain),
        Kind::Big(sign, binders, body) => {
            let sign = match sign {
                Big::Sum => "Σ",
                Big::Product => "Π",
                Big::Integral => "∫",
                Big::Max => "max",
                Big::Min => "min",
                Big::ArgMax => "argmax",
                Big::ArgMin => "argmin",
                Big::Other => "lim",
            };
            let binders: Vec<String> = binders.iter().map(binder).collect();
            let body = body.as_ref().map(|body| format!(" {}", at(body, Level::Product))).unwrap_or_default();
            (format!("{sign}({}){body}", binders.join(", ")), Level::Product)
        }
        Kind::Scripted(base, scripts) => {
            let mut text = at(base, Level::Atom);
            for script in scripts {
                match script {
                    Script::Sub(parts, _) => text.push_str(&format!("_{{{}}}", list(parts))),
                    Script::Sup(parts, _) => text.push_str(&format!("^{{{}}}", list(parts))),
                    Script::Primes(count) => text.push_str(&"'".repeat(*count)),
                }
            }
            (text, Level::Atom)
        }
    }
}

fn product(factors: &[(Operator, Expr)]) -> String {
    let mut text = String::new();
    let last = factors.len().saturating_sub(1);
    for (number, (sign, factor)) in factors.iter().enumerate() {
        if number > 0 {
            text.push_str(&match sign.sign {
                Sign::Beside => " ".to_string(),
                Sign::Dot | Sign::Slash if !sign.tilde && sign.mode.is_empty() => operator(sign),
                _ => format!(" {} ", operator(sign)),
            });
        }
        // A sum takes in what follows it, so only the last factor may be one without a bracket.
        let open = matches!(factor.kind, Kind::Big(..) | Kind::Product(_))
            || number > 0 && matches!(factor.kind, Kind::Fraction(..));
        let level = if number == last && matches!(factor.kind, Kind::Big(..)) {
            Level::Product
        } else if open {
            Level::Factor
        } else {
            Level::Product
        };
        text.push_str(&at(factor, level));
    }
    text
}

fn binder(binder: &Binder) -> String {
    match binder {
        Binder::Letter { letter, lower: None, upper: None } => expr(letter),
        Binder::Letter { letter, lower, upper } => {
            let bound = |bound: &Option<Expr>| bound.as_ref().map_or_else(|| "?".to_string(), tight);
            format!("{} in {}..{}", expr(letter), bound(lower), bound(upper))
        }
        Binder::Among(letters, set) => format!("{} in {}", list(letters), expr(set)),
        Binder::Condition(condition) => chain(condition),
    }
}

/// The two signs of a bracket.
fn brackets(bracket: Bracket) -> (&'static str, &'static str) {
    match bracket {
        Bracket::Round => ("(", ")"),
        Bracket::Square => ("[", "]"),
        Bracket::Curly | Bracket::Group => ("{", "}"),
        Bracket::Angle => ("⟨", "⟩"),
        Bracket::Bar => ("|", "|"),
        Bracket::HalfOpen => ("[", ")"),
        Bracket::OpenHalf => ("(", "]"),
    }
}

/// A decimal fraction; the reader makes no others.
fn decimal(number: &num_rational::BigRational) -> String {
    let (mut scale, mut scaled, mut digits) = (num_bigint::BigInt::from(1), number.clone(), 0usize);
    while !scaled.is_integer() && digits < 400 {
        scale *= 10;
        scaled = number * &scale;
        digits += 1;
    }
    let text = format!("{:0>width$}", scaled.to_integer().to_string(), width = digits + 1);
    let (whole, fraction) = text.split_at(text.len().saturating_sub(digits));
    format!("{whole}.{fraction}")
}
