//! The proof language: from text to goals.
//!
//! ```text
//! text ──parse──▶ ast::File ──elaborate──▶ Module { goals, diagnostics }
//! ```
//!
//! It reads no file and prints nothing. The grammar is `grammar/proof.pest`; `docs/language.md` describes the language.

pub mod ast;
mod elaborate;
mod infer;
mod parse;
mod print;
mod source;

use crate::diag::Diagnostic;

pub use elaborate::{Definable, Library, Module, Operand, Operator, Request};
pub use infer::{ParsedStatement, StatementError, parse_statement, read_statement};

/// The text of the standard library, `use std`.
pub const STD: &str = include_str!("std.cvp");

/// The declarations of the functions of the calculus course that statements alone may use.
const FUNCTIONS: &str = include_str!("functions.cvp");

/// Reads a text; items that cannot be read are reported and left out.
pub fn parse(text: &str) -> (ast::File, Vec<Diagnostic>) {
    let (masked, _) = source::without_comments(text);
    parse::file(&masked)
}

/// Gives a file its meaning. `text` is what it was parsed from.
pub fn elaborate(file: &ast::File, text: &str) -> Module {
    elaborate::file(file, text)
}

/// Reads a text and gives it its meaning; of a literate text only the fenced `convprove` and `cvp` blocks are read.
///
/// ```
/// let module = convprove::syntax::load("size n; tensor x[1..n]; theorem t: sum(i in 1..n) x[i] = sum(i) x[i]", false);
/// assert!(module.diagnostics.is_empty());
/// assert_eq!(module.goals.len(), 1);
/// ```
pub fn load(text: &str, literate: bool) -> Module {
    let fenced = literate.then(|| source::fenced(text));
    let text = fenced.as_deref().unwrap_or(text);
    let (file, mut diagnostics) = parse(text);
    let mut module = elaborate(&file, text);
    module.diagnostics.append(&mut diagnostics);
    module.diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
    module
}

/// The definition of a name in the standard library, with those that it uses; nothing where there is no such definition.
///
/// ```
/// let module = convprove::syntax::library("avgpool2");
/// assert!(module.definitions.iter().any(|known| known.definition.name.as_str() == "avgpool2"));
/// ```
pub fn library(name: &str) -> Module {
    // Of the library that is read which the text mentions.
    let word: String = name.chars().filter(|letter| letter.is_alphanumeric() || *letter == '_').collect();
    load(&format!("use std  # {word}\n"), false)
}

/// The text in its canonical form, comments kept.
///
/// ```
/// use convprove::syntax::fmt;
/// let text = "size n # how many\ntensor x[ 1 .. n ]\ntheorem t: Σ(i ∈ 1..n) x[i]·2 = 2*sum(k in 1..n)x[k]";
/// assert_eq!(
///     fmt(text).unwrap(),
///     "size n  # how many\ntensor x[1..n]\ntheorem t: sum(i in 1..n) x[i]*2 = 2 sum(k in 1..n) x[k]\n"
/// );
/// ```
///
/// # Errors
/// The diagnostics, where an item cannot be read; then nothing is formatted.
pub fn fmt(text: &str) -> Result<String, Vec<Diagnostic>> {
    let (masked, comments) = source::without_comments(text);
    let (file, diagnostics) = parse::file(&masked);
    if diagnostics.is_empty() { Ok(print::file(&file, text, &comments)) } else { Err(diagnostics) }
}

/// The canonical form of literate Markdown: its fenced `convprove` and `cvp` blocks are formatted, everything else stays.
///
/// # Errors
/// The diagnostics of all blocks, with places in the whole text.
pub fn fmt_literate(text: &str) -> Result<String, Vec<Diagnostic>> {
    let (mut result, mut diagnostics, mut last) = (String::new(), Vec::new(), 0);
    for block in source::blocks(text) {
        result.push_str(text.get(last..block.start).unwrap_or_default());
        match fmt(text.get(block.clone()).unwrap_or_default()) {
            Ok(formatted) => result.push_str(&formatted),
            Err(found) => diagnostics.extend(found.into_iter().map(|diagnostic| Diagnostic {
                span: diagnostic.span.start + block.start..diagnostic.span.end + block.start,
                ..diagnostic
            })),
        }
        last = block.end;
    }
    result.push_str(text.get(last..).unwrap_or_default());
    if diagnostics.is_empty() { Ok(result) } else { Err(diagnostics) }
}

/// A surface tree as text: the canonical form without comments. Reading it back gives an equal tree.
pub fn print(file: &ast::File) -> String {
    print::file(file, "", &[])
}

/// The candidate that differs least from a misspelt name, where one is near.
pub(crate) fn similar<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    if !(2..=40).contains(&length) {
        return None;
    }
    let allowed = (length / 3).max(1);
    let near = candidates.into_iter().filter(|other| *other != name).map(|other| (distance(name, other), other));
    near.filter(|(distance, _)| *distance <= allowed).min().map(|(_, other)| other)
}

/// How many letters must be inserted, deleted, replaced or exchanged with their neighbour.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(60).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    let mut last = None;
    for (line, letter) in left.chars().enumerate() {
        let mut next = vec![line + 1];
        for (column, other) in right.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX / 2);
            let replaced = at(&row, column) + usize::from(letter != *other);
            let mut best = replaced.min(at(&row, column + 1) + 1).min(at(&next, column) + 1);
            if column > 0 && last == Some(*other) && right.get(column - 1) == Some(&letter) {
                best = best.min(at(&before, column - 1) + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
        last = Some(letter);
    }
    row.last().copied().unwrap_or(usize::MAX)
}
