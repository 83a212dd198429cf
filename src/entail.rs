//! Finding certificates for integer side conditions: the untrusted counterpart of [`crate::kernel::arithmetic`].

use crate::kernel::{Entailments, Facts, Finiteness, Guard, Literal, Refutation, Var};

/// A refutation of `facts ∪ {¬goal}`, where one is found within the counted budget.
pub fn prove(_facts: &Facts, _goal: &Literal) -> Option<Refutation> {
    None
}

/// A refutation of the facts, where one is found.
pub fn contradiction(_facts: &Facts) -> Option<Refutation> {
    None
}

/// Certificates for every goal that needs one, in order.
pub fn prove_all(_facts: &Facts, _goals: impl IntoIterator<Item = Literal>) -> Option<Entailments> {
    None
}

/// Evidence that a guard bounds all the letters, where it is found.
pub fn finite(_facts: &Facts, _vars: &[Var], _guard: &Guard) -> Option<Finiteness> {
    None
}
