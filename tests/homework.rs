//! The homework reader: published answers, notations, hostile input, terms for the prover.

#[path = "homework/answers.rs"]
mod answers;
#[path = "homework/command.rs"]
mod command;
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
