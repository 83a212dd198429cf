//! x
pub mod formula;
pub mod note;
mod latex;
mod page;
mod bare;
pub mod print;
mod resolve;
