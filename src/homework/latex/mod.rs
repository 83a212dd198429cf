//! From the text of one formula to its tree.
//!
//! ```text
//! text ──depth──▶ pest (grammar/latex.pest) ──build──▶ statements, in rows
//! ```

mod big;
mod build;
mod depth;
mod fault;
mod matrices;
mod primaries;
mod rows;
mod signs;

use std::collections::BTreeMap;

use pest::Parser;

use super::formula::Statement;
use super::macros::Macros;
use super::note::{Fault, Note};
use super::relocate;
use crate::syntax::ast::Span;
use build::Builder;

/// The parser that pest makes from the grammar.
mod grammar {
    #![allow(missing_docs)]
    #[derive(pest_derive::Parser)]
    #[grammar = "grammar/latex.pest"]
    pub struct LatexParser;
}

use grammar::{LatexParser, Rule};

/// How a letter is printed in a formula.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Styles {
    /// In bold or another font.
    pub styled: bool,
    /// As plain letters are.
    pub plain: bool,
}

/// A formula that could be read.
#[derive(Clone, Debug, Default)]
pub(super) struct Parsed {
    /// What it says, row by row.
    pub statements: Vec<Statement>,
    /// The chain that a row with a relation at its beginning goes on with.
    pub main: Option<usize>,
    /// The number of the equation.
    pub tag: Option<String>,
    /// Remarks of the author after `//`.
    pub remarks: Vec<String>,
    /// Letters in bold and not in bold.
    pub styles: BTreeMap<String, Styles>,
    /// What is remarkable about it.
    pub notes: Vec<Note>,
}

/// Reads a formula, with the author's own commands written out. `base` is where its text begins in the whole text; `bare` says that it stood
/// there without delimiters.
pub(super) fn parse(text: &str, base: usize, bare: bool, macros: &Macros) -> Result<Parsed, Fault> {
    let Some(expanded) = macros.expanded(text) else { return plain(text, base, bare) };
    let place = |place: std::ops::Range<usize>| {
        let place = expanded.place(place);
        Span { start: base + place.start, end: base + place.end }
    };
    let mut parsed = plain(&expanded.text, 0, bare).map_err(|mut fault| {
        fault.span = place(fault.span).bytes();
        fault
    })?;
    relocate::parsed(&mut parsed, &|span| place(span.bytes()));
    Ok(parsed)
}

fn plain(text: &str, base: usize, bare: bool) -> Result<Parsed, Fault> {
    depth::check(text, base)?;
    let mut pairs = LatexParser::parse(Rule::formula, text).map_err(|error| fault::explain(&error, text, base))?;
    let mut builder = Builder { text, base, bare, notes: Vec::new(), styles: BTreeMap::new() };
    let rows = pairs.next().ok_or_else(|| Fault::new(base..base + text.len(), "there is no formula here"))?;
    let mut parsed = builder.rows(rows)?;
    parsed.notes = builder.notes;
    parsed.styles = builder.styles;
    Ok(parsed)
}

/// The rows of a formula whose outermost environment only aligns, for reading them one by one; byte ranges of `text`.
pub(super) fn row_ranges(text: &str) -> Vec<std::ops::Range<usize>> {
    rows::ranges(text)
}
