//! x
pub mod formula;
pub mod note;
mod latex;
