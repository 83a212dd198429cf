//! The grader: agreement with a key made by hand, step by step.

#[path = "grade/agreement.rs"]
mod agreement;
