//! Commands that an author defines, `\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}`, written out in formulas.

use std::collections::BTreeMap;
use std::ops::Range;

/// Commands may stand within commands so deep.
const DEPTH: usize = 10;

/// A formula in which commands are written out may become this long, in bytes.
const MAX_LENGTH: usize = 1 << 14;

/// So many definitions of one text are read.
const MAX_MACROS: usize = 500;

/// What is written out in all formulas of a text, in bytes.
const MAX_WRITTEN: usize = 1 << 20;

/// So many commands of one formula are written out at a time.
const MAX_CALLS: usize = 200;

/// The commands that a text defines.
#[derive(Debug, Default)]
pub(super) struct Macros {
    known: BTreeMap<String, Macro>,
    /// How many more bytes may be written out in the formulas of the text.
    left: std::cell::Cell<usize>,
}

#[derive(Debug)]
struct Macro {
    arguments: usize,
    /// What stands for the first argument where it is left out.
    default: Option<String>,
    body: String,
}

/// A formula with its commands written out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expanded {
    /// The formula.
    pub text: String,
    /// For each byte of it the bytes of the formula as it was written.
    from: Vec<Range<usize>>,
}

impl Expanded {
    /// Where a place of the formula stands in what was written.
    pub(super) fn place(&self, place: Range<usize>) -> Range<usize> {
        let last = self.from.last().map_or(0, |last| last.end);
        let start = self.from.get(place.start).map_or(last, |from| from.start);
        let end = place.end.checked_sub(1).and_then(|end| self.from.get(end)).map_or(start, |from| from.end);
        start..end.max(start)
    }
}

impl Macros {
    /// The commands that a text defines, the last definition of each.
    pub(super) fn of(text: &str) -> Self {
        let commands = text.match_indices('\\').map(|(at, _)| text.get(at + 1..).unwrap_or_default());
        let defining = commands.filter(|command| DEFINING.contains(&word(command))).take(MAX_MACROS);
        Macros { known: defining.filter_map(definition).collect(), left: std::cell::Cell::new(MAX_WRITTEN) }
    }

    /// A formula with these commands written out; none where it has none of them, or grows without end.
    pub(super) fn expanded(&self, text: &str) -> Option<Expanded> {
        let mentions = |text: &str| {
            let mut commands = text.match_indices('\\');
            commands.any(|(at, _)| self.known.contains_key(word(text.get(at + 1..).unwrap_or_default())))
        };
        let mut now = Expanded { text: text.to_string(), from: (0..text.len()).map(|at| at..at + 1).collect() };
        if self.known.is_empty() || self.left.get() == 0 || text.len() > MAX_LENGTH || !mentions(text) {
            return None;
        }
        for _ in 0..DEPTH {
            now = self.once(&now)?;
            if !mentions(&now.text) {
                return Some(now);
            }
        }
        None
    }

    fn once(&self, before: &Expanded) -> Option<Expanded> {
        let mut after = Expanded { text: String::new(), from: Vec::new() };
        let text = before.text.as_str();
        let (mut at, mut calls) = (0, 0);
        while at < text.len() {
            let rest = text.get(at..)?;
            let name = rest.strip_prefix('\\').map(word).unwrap_or_default();
            let called =
                self.known.get(name).and_then(|called| Some((called, called.arguments(text, at + 1 + name.len())?)));
            let end = match called {
                Some((called, (arguments, end))) => {
                    calls += 1;
                    after.body(called, &arguments, before, &before.place(at..end));
                    end
                }
                None => {
                    // A sign after a backslash is one with it.
                    let mut letters = rest.chars();
                    let first = letters.next().map_or(1, char::len_utf8);
                    let second = letters.next().filter(|_| rest.starts_with('\\')).map_or(0, char::len_utf8);
                    after.copy(before, at..at + first + second);
                    at + first + second
                }
            };
            at = end;
            if after.text.len() > MAX_LENGTH || calls > MAX_CALLS {
                break;
            }
        }
        self.left.set(self.left.get().saturating_sub(after.text.len()));
        (at >= text.len() && self.left.get() > 0).then_some(after)
    }
}

impl Macro {
    /// The arguments at a place, and where they end.
    fn arguments(&self, text: &str, from: usize) -> Option<(Vec<Argument>, usize)> {
        let (mut found, mut at) = (Vec::new(), from);
        for number in 0..self.arguments {
            let start = at + blanks(text.get(at..)?);
            let rest = text.get(start..)?;
            if let Some(default) = self.default.as_ref().filter(|_| number == 0) {
                match inside(rest, '[', ']') {
                    Some(length) => {
                        found.push(Argument::Written(start + 1..start + length - 1));
                        at = start + length;
                    }
                    None => found.push(Argument::Default(default.clone())),
                }
                continue;
            }
            let (part, end) = match inside(rest, '{', '}') {
                Some(length) => (start + 1..start + length - 1, start + length),
                None => {
                    let length = match rest.strip_prefix('\\') {
                        Some(rest) if !word(rest).is_empty() => 1 + word(rest).len(),
                        Some(rest) => 1 + rest.chars().next()?.len_utf8(),
                        None => rest.chars().next().filter(|first| *first != '}')?.len_utf8(),
                    };
                    (start..start + length, start + length)
                }
            };
            found.push(Argument::Written(part));
            at = end;
        }
        Some((found, at))
    }
}

enum Argument {
    /// Where it stands.
    Written(Range<usize>),
    Default(String),
}

impl Expanded {
    fn push(&mut self, text: &str, from: impl Fn(usize) -> Range<usize>) {
        // `\ast` and `x` are two words.
        let letters = self.text.bytes().rev().take_while(u8::is_ascii_alphabetic).count();
        let before = self.text.len() - letters;
        let command = letters > 0 && self.text.get(..before).is_some_and(|before| before.ends_with('\\'));
        if command && text.starts_with(|first: char| first.is_ascii_alphabetic()) {
            self.text.push(' ');
            self.from.push(from(0));
        }
        self.text.push_str(text);
        self.from.extend((0..text.len()).map(from));
    }

    fn copy(&mut self, before: &Expanded, part: Range<usize>) {
        let text = before.text.get(part.clone()).unwrap_or_default();
        // What was written side by side stays so.
        self.text.push_str(text);
        self.from.extend(before.from.get(part).unwrap_or_default().iter().cloned());
    }

    fn body(&mut self, called: &Macro, arguments: &[Argument], before: &Expanded, place: &Range<usize>) {
        let mut pieces = called.body.split('#');
        self.push(pieces.next().unwrap_or_default(), |_| place.clone());
        for piece in pieces {
            let digit =
                piece.chars().next().and_then(|digit| digit.to_digit(10)).and_then(|digit| usize::try_from(digit).ok());
            let argument = digit.and_then(|digit| digit.checked_sub(1)).and_then(|number| arguments.get(number));
            match argument {
                Some(Argument::Written(part)) => {
                    let text = before.text.get(part.clone()).unwrap_or_default();
                    let from = |at: usize| before.from.get(part.start + at).cloned().unwrap_or_else(|| place.clone());
                    self.push(text, from);
                }
                Some(Argument::Default(text)) => self.push(text, |_| place.clone()),
                None => {}
            }
            self.push(piece.get(usize::from(digit.is_some())..).unwrap_or_default(), |_| place.clone());
        }
        // What follows is no part of the command at the end.
        if self.text.ends_with(|last: char| last.is_ascii_alphabetic()) {
            self.text.push(' ');
            self.from.push(place.clone());
        }
    }
}

/// The name of the command that a text begins with, after its backslash.
fn word(text: &str) -> &str {
    let end = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    text.get(..end).unwrap_or_default()
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// The length of a bracket at the start of a text, with its marks.
fn inside(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0usize;
    for (at, letter) in text.char_indices().take(MAX_LENGTH) {
        if letter == open {
            depth += 1;
        } else if letter == close {
            depth = depth.checked_sub(1)?;
        }
        if depth == 0 {
            return (at > 0).then(|| at + letter.len_utf8());
        }
    }
    None
}

/// The commands that define others.
const DEFINING: [&str; 5] = ["newcommand", "renewcommand", "providecommand", "def", "DeclareMathOperator"];

/// The definition that a text begins with, after its backslash.
fn definition(text: &str) -> Option<(String, Macro)> {
    let kind = word(text);
    let mut rest = text.get(kind.len()..)?.trim_start_matches('*').trim_start();
    let name = match inside(rest, '{', '}') {
        Some(length) => {
            let name = rest.get(1..length - 1)?.trim();
            rest = rest.get(length..)?;
            name.strip_prefix('\\')?
        }
        None => {
            let name = word(rest.strip_prefix('\\')?);
            rest = rest.get(1 + name.len()..)?;
            name
        }
    };
    if name.is_empty() || word(name) != name {
        return None;
    }
    let (mut arguments, mut default) = (0, None);
    if kind == "def" {
        while let Some(after) = rest.strip_prefix('#') {
            arguments += 1;
            rest = after.get(1..)?;
        }
    } else {
        rest = rest.trim_start();
        if let Some(length) = inside(rest, '[', ']') {
            arguments = rest.get(1..length - 1)?.trim().parse().ok().filter(|count| *count <= 9)?;
            rest = rest.get(length..)?.trim_start();
            if let Some(length) = inside(rest, '[', ']') {
                default = rest.get(1..length - 1).map(str::to_string);
                rest = rest.get(length..)?.trim_start();
            }
        }
    }
    let length = inside(rest.trim_start(), '{', '}')?;
    let body = rest.trim_start().get(1..length - 1)?;
    let body = if kind == "DeclareMathOperator" { format!("\\operatorname{{{body}}}") } else { body.to_string() };
    Some((name.to_string(), Macro { arguments, default, body }))
}

#[cfg(test)]
mod tests {
    use super::Macros;

    fn expanded(definitions: &str, formula: &str) -> Option<String> {
        Macros::of(definitions).expanded(formula).map(|expanded| expanded.text.replace("  ", " ").trim().to_string())
    }

    #[test]
    fn commands_are_written_out_with_their_arguments() {
        let pd = r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}";
        assert_eq!(expanded(pd, r"\pd{L}{w_{uv}} = 1").as_deref(), Some(r"\frac{\partial L}{\partial w_{uv}} = 1"));
        assert_eq!(expanded(pd, r"\pd L w").as_deref(), Some(r"\frac{\partial L}{\partial w}"));
        assert_eq!(expanded(r"\def\conv{\ast}", r"w\conv x").as_deref(), Some(r"w\ast x"));
        assert_eq!(
            expanded(r"\DeclareMathOperator{\rot}{rot180}", r"\rot(W)").as_deref(),
            Some(r"\operatorname{rot180}(W)")
        );
        let optional = r"\newcommand{\dd}[2][L]{\frac{\partial #1}{\partial #2}}";
        assert_eq!(expanded(optional, r"\dd{w}").as_deref(), Some(r"\frac{\partial L}{\partial w}"));
        assert_eq!(expanded(optional, r"\dd[E]{w}").as_deref(), Some(r"\frac{\partial E}{\partial w}"));
        let nested = r"\newcommand\dL[1]{\pd{L}{#1}} \newcommand\pd[2]{\frac{\partial #1}{\partial #2}}";
        assert_eq!(expanded(nested, r"\dL{w}").as_deref(), Some(r"\frac{\partial L}{\partial w}"));
        assert_eq!(expanded(pd, r"\frac12"), None);
    }

    #[test]
    fn what_grows_without_end_is_left_as_it_is() {
        assert_eq!(expanded(r"\def\a{\a\a}", r"\a"), None);
        assert_eq!(expanded(r"\def\a#1{\a{#1 #1}}", r"\a{x}"), None);
        let bomb: String =
            (0..9).map(|n| format!("\\def\\{}{{{}}}", letter(n), format!("\\{}", letter(n + 1)).repeat(20))).collect();
        assert_eq!(expanded(&bomb, r"\a"), None);
    }

    fn letter(number: u8) -> char {
        char::from(b'a' + number)
    }

    #[test]
    fn places_are_those_of_the_text() {
        let macros = Macros::of(r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}");
        let formula = r"1 + \pd{L}{w} = 2";
        let expanded = macros.expanded(formula).unwrap();
        let w = expanded.text.rfind('w').unwrap();
        assert_eq!(formula.get(expanded.place(w..w + 1)), Some("w"));
        let two = expanded.text.rfind('2').unwrap();
        assert_eq!(formula.get(expanded.place(two..two + 1)), Some("2"));
        let fraction = expanded.text.find(r"\frac").unwrap();
        assert_eq!(formula.get(expanded.place(fraction..fraction + 5)), Some(r"\pd{L}{w}"));
    }
}
