//! The proof language: reading, meaning, printing.

#[path = "syntax/elaborate.rs"]
mod elaborate;
