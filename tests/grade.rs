//! The grader: agreement with a key made by hand, answers made for these tests, the command.

#[path = "grade/agreement.rs"]
mod agreement;
#[path = "grade/own.rs"]
mod own;
