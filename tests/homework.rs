//! The homework reader: published answers, notations, the dialect of the larger collection, hostile input, terms for the prover.

#[path = "homework/answers.rs"]
mod answers;
#[path = "homework/command.rs"]
mod command;
#[path = "homework/dialect.rs"]
mod dialect;
#[path = "homework/hostile.rs"]
mod hostile;
#[path = "homework/key.rs"]
mod key;
#[path = "homework/notation.rs"]
mod notation;
#[path = "homework/page.rs"]
mod page;
#[path = "homework/terms.rs"]
mod terms;
