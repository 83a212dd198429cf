//! One derivation, several faces: text, Markdown, LaTeX, HTML, JSON.
//!
//! | file | subject |
//! | --- | --- |
//! | [`form`] | what is written, before it is spelled |
//! | [`notation`], `ranges`, `letters`, `parameters`, `abbreviate` | from kernel terms to written forms |
//! | `symbol`, `layout`, `breaks` | names as symbols, widths and where lines end |
//! | [`text`], [`latex`], [`mathml`], [`source`] | the spellings |
//! | [`derivation`](mod@derivation), [`reason`], `carry` | from a certificate to lines with reasons |
//! | [`gradient`] | a closed form as a textbook writes it |
//! | [`terminal`], [`document`], [`page`], [`json`] | the faces |
//! | [`laws`] | the table of laws |
//!
//! Nothing here proves anything, and nothing here can make a theorem.

mod abbreviate;
mod breaks;
mod carry;
pub mod derivation;
pub mod document;
mod face;
pub mod form;
pub mod gradient;
pub mod json;
pub mod latex;
pub mod laws;
mod layout;
mod letters;
pub mod mathml;
pub mod notation;
pub mod page;
mod parameters;
mod ranges;
pub mod reason;
pub mod source;
mod symbol;
pub mod terminal;
pub mod text;

pub use derivation::{Derivation, DerivationLine, Detail, derivation, textbook};
pub use document::{Extent, latex_document, markdown_document, render_latex, render_markdown};
pub use json::render_json;
pub use page::{html_page, html_page_with, render_html};
pub use terminal::{Style, render_text};
