//! convprove proves, refutes and explains identities between sums of products of tensor entries, for all sizes at once.
//!
//! # The whole house
//!
//! ```text
//!   text ──► syntax ──► goal ──► search ──► certificate ──► kernel ──► theorem
//!                        │         ▲                                      │
//!                        │       entail                                export ──► text, Markdown, LaTeX, HTML, JSON
//!                        └──► numeric ──► counterexample
//! ```
//!
//! | room | what happens there | what it must not know |
//! | --- | --- | --- |
//! | [`syntax`] | text becomes goals: grammar, surface syntax, elaboration, formatter | search, numbers, files |
//! | [`goal`] | what is to be decided, where the stages meet | everything but kernel terms |
//! | [`search`] | egg applies the laws, the finder finds substitutions; a certificate comes out | files, notation; its word is never taken |
//! | [`entail`] | certificates for integer side conditions | tensors, sums, egg |
//! | [`kernel`] | terms, laws, certificates; the only code that makes a [`kernel::Theorem`] | all of the rest: egg, pest, files, floats, LaTeX |
//! | [`numeric`] | the exact evaluator: refutes, never proves | search, certificates |
//! | [`cost`] | what a layer costs: sums of ones read off its definitions | search, numbers, notation |
//! | [`picture`] | the matrix of a linear layer at given sizes | search, certificates |
//! | [`script`] | the author's own chain, line by line, and wrong substitutions | notation |
//! | [`decide`] | one goal through all of it, to a verdict | files, notation |
//! | [`derive`] | the closed form of a derivative: operators recognised in raw sums | how a theorem is made |
//! | [`archive`] | certificates as saved data | search, syntax |
//! | [`export`] | derivations for people | how a theorem is made |
//! | [`emit`] | formulas as programs in NumPy, PyTorch, JAX and Rust | proofs, files |
//! | [`homework`] | answers as they are pasted become steps: Markdown, LaTeX, bare formulas | what is true; what a sign such as ⊗ means |
//! | [`grade`] | homework judged step by step, with evidence | files, terminals |
//! | [`diag`] | messages about places in a text | what they are about |
//!
//! The program `convprove` (`src/main.rs`, `src/cli`) is a thin shell over this library: it alone reads files, prints and exits.
//!
//! # Invariants
//!
//! - A [`kernel::Theorem`] is evidence: its fields are private and [`kernel::check`] is the only way to one. Search proposes, the kernel
//!   disposes.
//! - Index arithmetic and commutativity stay out of the e-graph: index terms are canonical polynomials, sums and products are
//!   sorted.
//! - Budgets are counted, so results are the same on every machine; the clock decides nothing.
//! - Undecided is never shown as refuted, nor the reverse. Should the kernel prove what the numbers refute, both are shown.
//!
//! # In one look
//!
//! ```
//! use convprove::decide::{decide_all, Options, Verdict};
//!
//! let module = convprove::syntax::load(
//!     "size m, n\n\
//!      tensor w[1..m], x[1..n]\n\
//!      theorem commutes: sum(u in 1..m) w[u] x[i-u] = sum(s in 1..n) x[s] w[i-s]\n",
//!     false,
//! );
//! let decisions = decide_all(&module.goals, &Options::default(), |_| {});
//! let Verdict::Proved(proved) = &decisions[0].verdict else { panic!("not proved") };
//! assert!(proved.theorem.laws().contains("reindex"));
//! ```
//!
//! How to add a law: `docs/laws.md`.

// The documentation of the kernel's enum of laws points at the private functions that carry them out, for readers of the source.
#![allow(rustdoc::private_intra_doc_links)]

pub mod archive;
pub mod cost;
pub mod decide;
pub mod derive;
pub mod diag;
pub mod emit;
pub mod entail;
pub mod export;
pub mod goal;
pub mod grade;
pub mod homework;
pub mod kernel;
pub mod numeric;
pub mod picture;
pub mod script;
pub mod search;
pub mod syntax;
