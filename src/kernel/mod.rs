//! The trusted part: terms, conditions, the laws, and the only code that makes a [`Theorem`].
//!
//! It knows integers, names and trees. It does not know how terms are written, searched for or printed, and it reads no file.
//! Everything here is checked from data: a [`Certificate`] goes in, a [`Theorem`] or a [`Refusal`] comes out.
//!
//! | file | subject |
//! | --- | --- |
//! | [`index`] | integer terms as canonical polynomials |
//! | [`guard`] | conditions on integers |
//! | [`expr`] | scalar expressions, tensors, definitions |
//! | [`substitute`] | substitution without capture, names of bound letters |
//! | [`signature`] | declarations, the box of a tensor |
//! | `wellformed` | what a recorded term must satisfy before a law looks at it |
//! | [`ring`] | the normal form behind the law `ring` |
//! | [`arithmetic`] | checking that conditions follow from others |
//! | [`laws`] | the laws, one function each |
//! | [`maximum`] | the law of maxima |
//! | [`premise`] | what is assumed of scalars; the law `inverse` |
//! | `calculus` | the law `differentiate` |
//! | [`theorem`] | statements, certificates, congruence, [`check`] |
//! | [`refusal`] | why a certificate is refused |

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::float_arithmetic)]

pub mod arithmetic;
mod calculus;
pub mod expr;
pub mod guard;
pub mod index;
pub mod laws;
pub mod maximum;
pub mod premise;
pub mod refusal;
pub mod ring;
pub mod signature;
pub mod substitute;
pub mod theorem;
mod wellformed;

pub use arithmetic::{
    Bounds, Entailments, Facts, Finiteness, Refutation, check_all, check_entails, check_finite, check_guard,
    check_refutation, needs_proof,
};
pub use expr::{Definition, Expr, FunctionDeclaration, Slope, Tensor, TensorDeclaration};
pub use guard::{Guard, Literal};
pub use index::{Atom, Index, Monomial, Name, Rank, Var};
pub use laws::{Equivalence, FiniteNest, Instance, Law, Range, Reindexing, inverse};
pub use maximum::{Maximum, Peak, Point};
pub use premise::{Evidence, Held, Premise, Sign, Use};
pub use refusal::Refusal;
pub use ring::{ring_equal, ring_normal, ring_normal_at};
pub use signature::{Signature, assign};
pub use substitute::{Substitution, canonical_var, first_level};
pub use theorem::{Certificate, Claim, Path, Proof, Situation, Statement, Step, Theorem, apply_law, check, check_with};
