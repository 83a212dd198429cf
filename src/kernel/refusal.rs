//! Why the kernel refuses: one variant per fault, carrying what was expected and what was found.

use std::fmt;

use super::expr::Expr;
use super::guard::Literal;
use super::index::{Index, Name, Var};

/// A reason why the kernel does not make a theorem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A normal form would be larger than the kernel's limit.
    TooLarge,
    /// A law was applied to a term of another shape.
    Shape {
        /// The law.
        law: &'static str,
        /// What it needs.
        needs: &'static str,
    },
    /// A path leads to no subterm.
    Path,
    /// A step's recorded expression is not what its law gives.
    Mismatch {
        /// What the law gives.
        computed: Box<Expr>,
        /// What the certificate says.
        recorded: Box<Expr>,
    },
    /// Two expressions are not equal by the ring laws.
    NotRingEqual {
        /// One side.
        left: Box<Expr>,
        /// The other.
        right: Box<Expr>,
    },
    /// A refutation uses a fact that is not among the hypotheses.
    UnknownFact(Literal),
    /// A combination of facts does not add up to a negative constant.
    Combination(Index),
    /// A multiplier that must be positive is not.
    Multiplier,
    /// The evidence does not show the sign that is claimed.
    Sign,
    /// A premise that is not there, or says something else.
    Premise(usize),
    /// The number of terms, letters or certificates is not what it must be.
    Count {
        /// What is counted.
        what: &'static str,
        /// How many there must be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A letter occurs where it must not.
    Captured(Var),
    /// A letter is bound twice by one binder.
    Repeated(Var),
    /// A term of one rank stands where another is needed.
    Rank(Index),
    /// A ranked condition cannot be negated.
    RankedNegation(Literal),
    /// A name that is not declared.
    Undeclared(Name),
    /// A definition that is declared twice, is not closed, or calls what is not defined before it.
    BadDefinition(Name),
    /// The chain ends at another expression than the claim's right side.
    WrongEnd {
        /// What the claim says.
        expected: Box<Expr>,
        /// Where the chain ends.
        found: Box<Expr>,
    },
    /// The proof is of another kind than the claim.
    WrongProof,
    /// A theorem that is used is not among the given ones.
    UnknownTheorem(Name),
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::TooLarge => formatter.write_str("a normal form exceeds the kernel's size limit"),
            Refusal::Shape { law, needs } => write!(formatter, "{law} needs {needs}"),
            Refusal::Path => formatter.write_str("the path leads to no subterm"),
            Refusal::Mismatch { .. } => formatter.write_str("the recorded expression is not what the law gives"),
            Refusal::NotRingEqual { .. } => formatter.write_str("the two expressions are not equal by the ring laws"),
            Refusal::UnknownFact(literal) => write!(formatter, "{literal} is not among the hypotheses"),
            Refusal::Combination(rest) => {
                write!(formatter, "the facts combine to {rest}, which is not a negative constant")
            }
            Refusal::Multiplier => formatter.write_str("a multiplier must be positive"),
            Refusal::Sign => formatter.write_str("the evidence does not show the sign that is claimed"),
            Refusal::Premise(number) => write!(formatter, "assumption {number} is not there, or says something else"),
            Refusal::Count { what, expected, found } => write!(formatter, "{expected} {what} expected, {found} found"),
            Refusal::Captured(var) => write!(formatter, "the letter {} occurs where it must not", var.name),
            Refusal::Repeated(var) => write!(formatter, "the letter {} is bound twice", var.name),
            Refusal::Rank(index) => write!(formatter, "{index} has the wrong rank"),
            Refusal::RankedNegation(literal) => write!(formatter, "{literal} is ranked and cannot be negated"),
            Refusal::Undeclared(name) => write!(formatter, "{name} is not declared"),
            Refusal::BadDefinition(name) => write!(formatter, "the definition of {name} is not well-formed"),
            Refusal::WrongEnd { .. } => formatter.write_str("the chain does not end at the right side of the claim"),
            Refusal::WrongProof => formatter.write_str("the proof is of another kind than the claim"),
            Refusal::UnknownTheorem(name) => write!(formatter, "the theorem {name} is not available"),
        }
    }
}

impl std::error::Error for Refusal {}
