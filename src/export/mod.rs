//! One derivation, several faces: text, Markdown, LaTeX, HTML, JSON.
//!
//! | file | subject |
//! | --- | --- |
//! | [`form`] | what is written, before it is spelled |
//! | [`notation`], `ranges`, `letters` | from kernel terms to written forms |
//! | [`text`], [`latex`] | the spellings |
//!
//! Nothing here proves anything, and nothing here can make a theorem.

mod carry;
pub mod derivation;
pub mod form;
pub mod latex;
mod letters;
pub mod notation;
mod ranges;
pub mod reason;
pub mod text;
