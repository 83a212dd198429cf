//! From text to the surface tree.
//!
//! | file | subject |
//! | --- | --- |
//! | `build` | from the parser's pairs to the tree |
//! | `message` | what is said of text that the grammar does not accept |

mod build;
mod message;

use pest::Parser;

use self::build::Builder;
use self::grammar::{ProofParser, Rule};
use self::message::explain;
use super::ast::{File, Ident, Item, Span, Theorem};
use super::source;
use crate::diag::Diagnostic;

/// The parser that pest makes from the grammar.
mod grammar {
    #![allow(missing_docs)]
    #[derive(pest_derive::Parser)]
    #[grammar = "grammar/proof.pest"]
    pub struct ProofParser;
}

/// After this many errors a text is not read further.
const MAX_ERRORS: usize = 50;

/// Reads a file without comments, item by item; a faulty item is reported and left out.
pub(super) fn file(text: &str) -> (File, Vec<Diagnostic>) {
    let mut file = File::default();
    let mut diagnostics = Vec::new();
    for range in source::items(text) {
        let mut rest = Some(range);
        while let Some(range) = rest.take() {
            if diagnostics.len() >= MAX_ERRORS {
                diagnostics.push(Diagnostic::error(range, "too many errors: the rest is not read"));
                return (file, diagnostics);
            }
            let depth = match source::check_depth(text, &range) {
                Ok(depth) => depth,
                Err(diagnostic) => {
                    diagnostics.push(diagnostic);
                    continue;
                }
            };
            match with_stack(depth, range.start, || item(text, range.clone())) {
                Ok(item) => file.items.push(item),
                Err(diagnostic) => {
                    // What stands at the start of a line and is no continuation was meant to begin an item of its own.
                    let at = diagnostic.span.start;
                    let before = source::trimmed(text, range.start..at);
                    let line_start = text.get(..at).is_some_and(|before| before.ends_with('\n'));
                    if let (true, Some(before)) = (line_start, before)
                        && let Ok(item) = with_stack(depth, range.start, || item(text, before))
                    {
                        file.items.push(item);
                    }
                    diagnostics.push(diagnostic);
                }
            }
        }
    }
    (file, diagnostics)
}

/// Items that are not deeper than this are read on the caller's stack.
const SHALLOW: usize = 5;

/// Room for an item of the greatest depth; the parser takes some 150 KB a level where it is not optimised.
const STACK: usize = 64 << 20;

/// Runs the parser where it has room for an item of some depth.
fn with_stack<T: Send>(
    depth: usize,
    at: usize,
    parse: impl FnOnce() -> Result<T, Diagnostic> + Send,
) -> Result<T, Diagnostic> {
    if depth <= SHALLOW {
        return parse();
    }
    let failed = |_| Diagnostic::error(at..at, "the parser found no room to read this item");
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, parse);
        thread.map_err(|_| failed(())).and_then(|thread| thread.join().map_err(|_| failed(()))?)
    })
}

fn item(text: &str, range: std::ops::Range<usize>) -> Result<Item, Diagnostic> {
    let chunk = text.get(range.clone()).unwrap_or_default();
    let mut pairs = ProofParser::parse(Rule::item, chunk).map_err(|error| explain(&error, chunk, range.start))?;
    let builder = Builder { base: range.start };
    let pair = builder.next(&mut pairs)?;
    builder.item(pair)
}

/// Reads a statement alone: clauses, claim and expectation.
pub(super) fn statement(text: &str) -> Result<Theorem, Diagnostic> {
    let whole = 0..text.len();
    let depth = source::check_depth(text, &whole)?;
    with_stack(depth, 0, || bare_statement(text))
}

fn bare_statement(text: &str) -> Result<Theorem, Diagnostic> {
    let mut pairs = ProofParser::parse(Rule::statement, text).map_err(|error| explain(&error, text, 0))?;
    let builder = Builder { base: 0 };
    let body = builder.next(&mut pairs)?;
    let name = Ident { name: "statement".to_string(), span: Span { start: 0, end: text.len() } };
    builder.theorem(name, body.into_inner())
}
