//! The exact cross-check: it can refute, never prove.
//!
//! A statement is compiled once for each choice of ranks ([`compile`]), then evaluated at sampled sizes and entries: in bulk in a
//! prime field of 61 bits, and in rationals wherever a value is reported. All budgets are counted, so that results are the same
//! on every machine.
//!
//! | file | subject |
//! | --- | --- |
//! | [`scalar`] | the prime field, rationals, and jets for derivatives |
//! | [`poly`] | integer terms and conditions over slots |
//! | [`code`] | statements over slots |
//! | [`compile`] | from statements to slots |
//! | [`points`] | the integer points of a condition |
//! | `premise` | what is assumed of entries |
//! | `slope` | functions of whose derivative something is assumed |
//! | [`known`] | the functions of the calculus course |
//! | [`model`] | entries of tensors, models of functions |
//! | [`eval`] | values of expressions |
//! | [`sample`] | which sizes and indices are tried |
//! | [`refute`] | the search for a counterexample |
//! | [`shrink`] | making it small |
//! | [`counterexample`] | showing it |
//! | [`symbolic`] | values as polynomials in the entries, at given sizes |
//! | [`fault`] | why an evaluation ends without a value |
//! | [`lint`](mod@lint) | statements that say less than they seem to |

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::float_arithmetic)]

pub mod code;
pub mod compile;
pub mod counterexample;
pub mod eval;
pub mod fault;
pub mod known;
pub mod lint;
pub mod model;
pub mod points;
pub mod poly;
mod premise;
pub mod refute;
pub mod sample;
pub mod scalar;
pub mod shrink;
pub mod slope;
pub mod symbolic;

pub use counterexample::{Counterexample, TensorValue};
pub use eval::{Assignment, evaluate};
pub use fault::Fault;
pub use lint::lint;
pub use refute::{CrossCheck, Options, check};
