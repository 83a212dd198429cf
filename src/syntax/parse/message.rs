//! What is said of text that the grammar does not accept.

use pest::error::{ErrorVariant, InputLocation};

use super::grammar::Rule;
use crate::diag::Diagnostic;
use crate::syntax::{similar, source};

/// What a rule is called in a message.
fn rule_name(rule: &Rule) -> String {
    let name = match rule {
        Rule::ident | Rule::hint_word | Rule::hint_name => "a name",
        Rule::number => "a number",
        Rule::term | Rule::product | Rule::unary | Rule::power | Rule::postfix => "a term",
        Rule::binder | Rule::sum_head | Rule::max_head | Rule::derivative_head => "a sum",
        Rule::condition | Rule::conditions | Rule::claim => "a condition",
        Rule::binders | Rule::binder_item | Rule::binder_term | Rule::ranked_letter => "a letter with its range",
        Rule::range => "a range such as 1..n",
        Rule::bound | Rule::infinity => "the end of a range",
        Rule::half_open | Rule::closed => "`..`",
        Rule::relation | Rule::le | Rule::ge | Rule::ne | Rule::lt | Rule::gt => "`=`, `<=` or another comparison",
        Rule::divides => "`|`",
        Rule::equals => "`=`",
        Rule::plus | Rule::minus => "`+` or `-`",
        Rule::operator | Rule::times | Rule::over | Rule::modulo => "`*` or `/`",
        Rule::exponent => "a natural exponent",
        Rule::subscript => "a subscript",
        Rule::bracket => "a bracket [P]",
        Rule::paren | Rule::arguments | Rule::call => "`(`",
        Rule::floor | Rule::ceil | Rule::maximum | Rule::minimum => "floor, ceil, max or min",
        Rule::boxed => "a tensor with its box, such as x[1..n]",
        Rule::sized | Rule::letter => "a name",
        Rule::arrow => "a function such as f(i, j)",
        Rule::least => "`>=` and a bound",
        Rule::semicolon => "`;`",
        Rule::parameters | Rule::parameter | Rule::plain => "a parameter",
        Rule::scalar_parameter | Rule::function_parameter => "a parameter",
        Rule::default => "`=` and a value",
        Rule::argument => "an argument",
        Rule::side => "a range such as 1..n",
        Rule::result => "the result's indices",
        Rule::for_clause => "`for`",
        Rule::where_clause => "`where`",
        Rule::expectation => "`expect`",
        Rule::outcome => "`refuted`, `undecided` or `proved`",
        Rule::proof => "`proof`",
        Rule::proof_line => "a line that begins with `=`",
        Rule::hints => "`by`",
        Rule::hint | Rule::hint_equation => "a hint",
        Rule::EOI => "the end of the item",
        other => {
            let debug = format!("{other:?}");
            return match debug.strip_prefix("w_") {
                Some(word) if source::ITEM_WORDS.contains(&word) => ITEM.to_string(),
                Some(word) => format!("`{word}`"),
                None => ITEM.to_string(),
            };
        }
    };
    name.to_string()
}

/// What stands at the top of a file.
const ITEM: &str =
    "an item (size, integer, rank, tensor, scalar, function, assume, def, let, derive, cost, use or theorem)";

/// A message about text that the grammar does not accept.
pub(super) fn explain(error: &pest::error::Error<Rule>, chunk: &str, base: usize) -> Diagnostic {
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at.min(chunk.len()),
    };
    let rest = chunk.get(at..).unwrap_or_default();
    let found: String = match rest.chars().next() {
        None => String::new(),
        Some(first) if first.is_alphanumeric() => {
            rest.chars().take_while(|letter| letter.is_alphanumeric()).take(40).collect()
        }
        Some(first) => first.to_string(),
    };
    let length = found.len().max(rest.chars().next().map_or(0, char::len_utf8));
    let span = base + at..base + at + length;
    let mut names: Vec<String> = Vec::new();
    if let ErrorVariant::ParsingError { positives, .. } = &error.variant {
        for name in positives.iter().map(rule_name) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let what = if found.is_empty() { "the text ends here".to_string() } else { format!("`{found}` cannot stand here") };
    let message = match names.split_last() {
        None => what,
        Some((last, [])) => format!("{what}: {last} is expected"),
        Some((last, others)) => format!("{what}: {} or {last} is expected", others.join(", ")),
    };
    let diagnostic = Diagnostic::error(span, message);
    match hint(chunk, at, &found) {
        Some(hint) => diagnostic.with_hint(hint),
        None => diagnostic,
    }
}

/// Advice for habits from other languages.
fn hint(chunk: &str, at: usize, found: &str) -> Option<String> {
    let rest = chunk.get(at..).unwrap_or_default();
    let before = chunk.get(..at).unwrap_or_default().trim_end();
    let advice = match found {
        "=" if before.ends_with('=') || rest.starts_with("==") => "equality is written with one `=`",
        "*" if before.ends_with('*') || rest.starts_with("**") => "a power is written with `^`",
        "\\" => "LaTeX is read by `convprove grade`; here a sum is `sum(u in 1..m) …`",
        "_" | "{" | "}" => "a subscript is written in brackets: `x[i, j]`",
        "$" => "formulas stand here without `$`",
        "&" => "conditions are joined by `,` or `and`",
        "." if before.ends_with('.') => "a range is written with two dots: `1..n`",
        ";" => "`;` ends an item",
        "" if before.ends_with("proof") => "a proof is a chain of equalities and ends with `qed`",
        "" => return unfinished(chunk),
        _ => {
            let words = source::ITEM_WORDS.iter().copied().chain([
                "proof", "qed", "expect", "for", "where", "by", "and", "iff", "in", "mod", "sum", "max", "min",
                "floor", "ceil",
            ]);
            return similar(found, words).map(|word| format!("did you mean `{word}`?"));
        }
    };
    Some(advice.to_string())
}

/// What an item that ends too early lacks.
fn unfinished(chunk: &str) -> Option<String> {
    let count = |letter: char| chunk.chars().filter(|other| *other == letter).count();
    for (open, close) in [('(', ')'), ('[', ']')] {
        if count(open) > count(close) {
            return Some(format!("a `{close}` is missing"));
        }
    }
    let proof = chunk.split_whitespace().any(|word| word == "proof");
    (proof && !chunk.trim_end().ends_with("qed")).then(|| "a proof ends with `qed`".to_string())
}
