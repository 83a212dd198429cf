//! What is said of a formula that the grammar does not accept.

use pest::error::{Error, ErrorVariant, InputLocation};

use super::super::note::Fault;
use super::Rule;

/// What a rule is called in a message; `None` for what would only lengthen it.
fn rule_name(rule: &Rule) -> Option<&'static str> {
    let name = match rule {
        Rule::expr
        | Rule::term
        | Rule::postfix
        | Rule::primary
        | Rule::chain
        | Rule::item
        | Rule::list
        | Rule::cell => "a formula",
        Rule::number | Rule::digit => "a number",
        Rule::name | Rule::symbol | Rule::other | Rule::letter | Rule::word => "a name",
        Rule::relation | Rule::relation_sign => "`=` or another relation",
        Rule::add_sign | Rule::mul_sign | Rule::times_sign => "a sign between terms",
        Rule::close => "a closing bracket",
        Rule::finish => "`\\end{…}`",
        Rule::group | Rule::letters => "`{…}`",
        Rule::environment_name => "the name of an environment",
        Rule::row_break => "`\\\\`",
        Rule::tag_text | Rule::tag_token => "the number of the equation",
        Rule::EOI => "the end of the formula",
        _ => return None,
    };
    Some(name)
}

/// A message about text that the grammar does not accept.
pub(super) fn explain(error: &Error<Rule>, text: &str, base: usize) -> Fault {
    let mut at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at.min(text.len()),
    };
    at += text.get(at..).map_or(0, |rest| rest.len() - rest.trim_start().len());
    let rest = text.get(at..).unwrap_or_default();
    let found = token(rest);
    let span = base + at..base + at + found.len();
    let word = found.strip_prefix('\\').filter(|word| word.starts_with(|first: char| first.is_ascii_alphabetic()));
    let known = ["left", "right", "begin", "end", "frac", "sum", "sqrt", "text", "mathbf", "operatorname", "tag"];
    if let Some(word) = word
        && !known.contains(&word)
        && !is_known(found)
    {
        let mut fault = Fault::new(span, format!("the command `{found}` is not known"));
        fault.hint = Some("a command of the author's own is to be defined in the text, by \\newcommand".to_string());
        return fault;
    }
    let mut names: Vec<&str> = Vec::new();
    if let ErrorVariant::ParsingError { positives, .. } = &error.variant {
        for name in positives.iter().filter_map(rule_name) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let what = if found.is_empty() { "the formula ends here".into() } else { format!("`{found}` cannot stand here") };
    let message = match names.split_last() {
        None => what,
        Some((last, [])) => format!("{what}: {last} is expected"),
        Some((last, others)) => format!("{what}: {} or {last} is expected", others.join(", ")),
    };
    let mut fault = Fault::new(span, message);
    fault.hint = match found {
        "}" | ")" | "]" | "\\}" => Some("no bracket that it could close is open".to_string()),
        "" => Some("a bracket, a group or an environment may still be open".to_string()),
        _ => None,
    };
    fault
}

/// Whether a command can stand somewhere in a formula.
fn is_known(command: &str) -> bool {
    use pest::Parser;
    let parses = |rule| {
        super::LatexParser::parse(rule, command).is_ok_and(|mut pairs| {
            pairs.as_str().len() == command.len() || pairs.next().is_some_and(|pair| pair.as_str() == command)
        })
    };
    parses(Rule::symbol)
        || parses(Rule::relation_sign)
        || parses(Rule::times_sign)
        || parses(Rule::ellipsis)
        || parses(Rule::open)
        || parses(Rule::close)
        || parses(Rule::font)
        || parses(Rule::accent)
}

/// The word, command or sign at the start of a text.
fn token(text: &str) -> &str {
    let mut letters = text.chars();
    let length = match letters.next() {
        None => 0,
        Some('\\') => match letters.next() {
            Some(second) if second.is_ascii_alphabetic() => {
                1 + text.bytes().skip(1).take_while(u8::is_ascii_alphabetic).take(40).count()
            }
            second => 1 + second.map_or(0, char::len_utf8),
        },
        Some(first) if first.is_ascii_alphanumeric() => {
            text.bytes().take_while(u8::is_ascii_alphanumeric).take(40).count()
        }
        Some(first) => first.len_utf8(),
    };
    text.get(..length).unwrap_or_default()
}
