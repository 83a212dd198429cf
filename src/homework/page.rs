//! The page: formulas between delimiters, and the text round them.

use std::collections::BTreeSet;
use std::ops::Range;

use pest::Parser;
use pest::iterators::Pair;

/// The parser that pest makes from the grammar.
mod grammar {
    #![allow(missing_docs)]
    #[derive(pest_derive::Parser)]
    #[grammar = "grammar/page.pest"]
    pub struct PageParser;
}

use grammar::{PageParser, Rule};

/// A cut of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// What it is.
    pub kind: CutKind,
    /// Where, delimiters included.
    pub span: Range<usize>,
}

/// The kinds of cuts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CutKind {
    /// Text, in which formulas may stand without delimiters.
    Text,
    /// A formula between delimiters: its inside, and whether it is displayed.
    Formula(Range<usize>, bool),
    /// Code, markup and addresses.
    Hidden,
    /// A delimiter that nothing closes.
    Open,
}

/// Cuts a page; the cuts follow each other without gaps, but for ends of lines.
pub(super) fn cut(text: &str) -> Vec<Cut> {
    within(text, 0, true)
}

fn within(text: &str, base: usize, fences: bool) -> Vec<Cut> {
    let closed = without_open_marks(text);
    let Ok(pairs) = PageParser::parse(Rule::page, &closed) else {
        // The grammar takes any text; should it not, everything is looked through as text.
        return vec![Cut { kind: CutKind::Text, span: base..base + text.len() }];
    };
    let mut cuts: Vec<Cut> = Vec::new();
    for pair in pairs {
        let span = pair.as_span().start() + base..pair.as_span().end() + base;
        let kind = match pair.as_rule() {
            Rule::display | Rule::brackets | Rule::escaped_brackets | Rule::environment => formula(pair, base, true),
            Rule::inline | Rule::parens | Rule::escaped_parens | Rule::ticked | Rule::tagged => {
                formula(pair, base, false)
            }
            Rule::fence if fences => {
                cuts.extend(fence(pair, base));
                continue;
            }
            Rule::fence | Rule::comment | Rule::html | Rule::link | Rule::url => CutKind::Hidden,
            Rule::open_mark => CutKind::Open,
            Rule::plain | Rule::rest => CutKind::Text,
            _ => continue,
        };
        match cuts.last_mut() {
            Some(last) if kind == CutKind::Text && last.kind == kind && gap(text, base, last.span.end, span.start) => {
                last.span.end = span.end;
            }
            _ => cuts.push(Cut { kind, span }),
        }
    }
    cuts
}

/// The text with the marks that nothing closes masked, byte for byte, so that the grammar never looks for an end in vain; it
/// would look through the rest of the text for each of them.
fn without_open_marks(text: &str) -> String {
    const PAIRS: [(&str, &str, Until); 8] = [
        ("\\\\[", "\\\\]", Until::End),
        ("\\\\(", "\\\\)", Until::Paragraph),
        ("\\[", "\\]", Until::End),
        ("\\(", "\\)", Until::Paragraph),
        ("<m>", "</m>", Until::End),
        ("<!--", "-->", Until::End),
        ("](", ")", Until::Word),
        ("$`", "`$", Until::Line),
    ];
    const BEGIN: &str = "\\begin{";
    let mut masks: Vec<(usize, usize, bool)> = Vec::new();
    let mut closed = [false; PAIRS.len()];
    let mut ends: BTreeSet<&str> = BTreeSet::new();
    let mut blank_line = true;
    for (at, letter) in text.char_indices().rev() {
        let rest = text.get(at..).unwrap_or_default();
        if letter == '\n' {
            for (closed, (_, _, until)) in closed.iter_mut().zip(PAIRS) {
                *closed &= until == Until::End || until == Until::Paragraph && !blank_line;
            }
            blank_line = true;
        } else {
            blank_line &= letter.is_whitespace();
        }
        for (closed, (open, close, until)) in closed.iter_mut().zip(PAIRS) {
            if rest.starts_with(close) {
                *closed = true;
            } else if letter.is_whitespace() && until == Until::Word {
                *closed = false;
            } else if rest.starts_with(open) && !*closed {
                masks.push((at, open.len(), open.starts_with('\\')));
            }
        }
        let name = |prefix: &str| {
            let inside = rest.strip_prefix(prefix)?;
            inside
                .get(..MAX_NAME.min(inside.len()))
                .or(Some(inside))
                .and_then(|inside| inside.split_once('}'))
                .map(|(name, _)| name)
        };
        if letter == '\\' {
            ends.extend(name("\\end{"));
            if name(BEGIN).is_some_and(|name| !ends.contains(name)) {
                masks.push((at, BEGIN.len(), false));
            }
        }
    }
    let mut bytes = text.as_bytes().to_vec();
    for (at, length, said) in masks {
        let mark = if said { 1 } else { b' ' };
        bytes.iter_mut().skip(at).take(length).for_each(|byte| *byte = mark);
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_string())
}

/// The name of an environment is not longer than this, in bytes.
const MAX_NAME: usize = 20;

/// How far a mark's end may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    End,
    Paragraph,
    Line,
    Word,
}

/// Whether nothing but ends of lines stands between two places.
fn gap(text: &str, base: usize, from: usize, to: usize) -> bool {
    text.get(from - base..to - base).is_some_and(|between| between.trim().is_empty())
}

fn formula(pair: Pair<'_, Rule>, base: usize, display: bool) -> CutKind {
    let whole = pair.as_span();
    let inside = pair.into_inner().next().map_or(whole.start()..whole.end(), |body| {
        let span = body.as_span();
        span.start()..span.end()
    });
    CutKind::Formula(inside.start + base..inside.end + base, display)
}

/// A fenced block: a formula where it says so, perhaps with delimiters of its own, else code.
fn fence(pair: Pair<'_, Rule>, base: usize) -> Vec<Cut> {
    let span = pair.as_span().start() + base..pair.as_span().end() + base;
    let (mut info, mut body, mut start) = ("", "", span.start);
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::info => info = part.as_str().trim(),
            Rule::fence_body => {
                body = part.as_str();
                start = base + part.as_span().start();
            }
            _ => {}
        }
    }
    let word = info.trim_matches(['{', '}', '.']).split([' ', ',']).next().unwrap_or_default();
    if !matches!(word, "math" | "latex" | "tex" | "katex") || body.trim().is_empty() {
        return vec![Cut { kind: CutKind::Hidden, span }];
    }
    let inner = within(body, start, false);
    if inner.iter().any(|cut| matches!(cut.kind, CutKind::Formula(..))) {
        let edge = |span: Range<usize>| Cut { kind: CutKind::Hidden, span };
        let mut cuts = vec![edge(span.start..start)];
        cuts.extend(inner);
        cuts.push(edge(start + body.len()..span.end));
        return cuts;
    }
    vec![Cut { kind: CutKind::Formula(start..start + body.len(), true), span }]
}
