//! The grader: agreement with a key made by hand, answers made for these tests, whole papers, hostile input, the command.

#[path = "grade/agreement.rs"]
mod agreement;
#[path = "grade/command.rs"]
mod command;
#[path = "grade/hostile.rs"]
mod hostile;
#[path = "homework/key.rs"]
mod key;
#[path = "grade/own.rs"]
mod own;
#[path = "grade/papers.rs"]
mod papers;
