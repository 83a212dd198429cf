//! The proof language: reading, meaning, printing.

#[path = "syntax/elaborate.rs"]
mod elaborate;
#[path = "syntax/faults.rs"]
mod faults;
#[path = "syntax/infer.rs"]
mod infer;
#[path = "syntax/round_trip.rs"]
mod round_trip;
