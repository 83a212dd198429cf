//! Statements compiled to slots: every variable is a place in a frame of integers, and a letter of symbolic rank is one place
//! for each of its coordinates. What is evaluated is scalar throughout.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;

use super::known::Known;
use super::poly::{Factor, Poly, System, Test};
use crate::kernel::{Literal, Name};

/// A scalar expression over slots.
#[derive(Clone, Debug)]
pub(super) enum Code {
    Number(BigRational),
    /// An integer as a scalar: it may leave 64 bits.
    Integer(Vec<(BigInt, Vec<(Factor, u32)>)>),
    Entry(TensorCode, Vec<Poly>),
    Bracket(Test),
    Add(Vec<Code>),
    Mul(Vec<Code>),
    Power(Box<Code>, u32),
    Inverse(Box<Code>),
    Apply {
        function: usize,
        orders: Vec<u32>,
        arguments: Vec<Code>,
    },
    Sum(System, Box<Code>),
    Max(System, Box<Code>),
    Derivative(Box<Code>, TensorCode, Vec<Poly>),
}

#[derive(Clone, Debug)]
pub(super) enum TensorCode {
    /// A declared tensor.
    Input(usize),
    /// A tensor parameter of the definition that is being evaluated.
    Parameter(usize),
    /// A body with integers for its parameters; `None` hands on the tensors at hand.
    Closure { body: usize, parameters: Vec<Poly>, tensors: Option<Vec<TensorCode>> },
}

/// A definition or a tensor given by a formula: slots for parameters, then axes, then bound letters.
#[derive(Clone, Debug)]
pub(super) struct Body {
    pub parameters: usize,
    pub axes: usize,
    pub slots: usize,
    pub support: Test,
    pub code: Code,
}

/// A declared tensor: its support is solved for its axes.
#[derive(Clone, Debug)]
pub(super) struct Input {
    pub name: Name,
    /// The axes are the letters; the statement's parameters stand before them.
    pub support: System,
    pub test: Test,
    pub slots: usize,
}

#[derive(Clone, Debug)]
pub(super) enum ClaimCode {
    Equation(Code, Code),
    /// Both supports, solved for the position, and both entries there.
    Tensors {
        left: System,
        right: System,
        left_test: Test,
        right_test: Test,
        left_entry: Code,
        right_entry: Code,
    },
    Holds(Vec<(Literal, Test)>),
    Iff(Test, Test),
}

/// A premise: its letters have slots after those of the free indices.
#[derive(Clone, Debug)]
pub(super) struct PremiseCode {
    pub system: System,
    pub held: HeldCode,
}

#[derive(Clone, Debug)]
pub(super) enum HeldCode {
    Condition(Test),
    NonZero(Code),
    Positive(Code),
}

/// A statement for one choice of ranks.
#[derive(Clone, Debug)]
pub struct Program {
    pub(super) ranks: BTreeMap<Name, usize>,
    pub(super) inputs: Vec<Input>,
    pub(super) functions: Vec<(Name, usize)>,
    /// For each of them what is assumed of its derivative, with the size of the frame.
    pub(super) slopes: Vec<Option<(Code, usize)>>,
    /// Which of them are known by name and derivative.
    pub(super) known: Vec<Option<Known>>,
    /// Which of them are assumed to be positive.
    pub(super) positive: Vec<bool>,
    /// What is assumed of entries and of functions of integers.
    pub(super) premises: Vec<PremiseCode>,
    /// Integer-valued functions, by first use.
    pub(super) integers: Vec<Name>,
    pub(super) bodies: Vec<Body>,
    /// Parameters, each with its coordinates, in slots from 0 on.
    pub(super) parameters: Vec<(Name, usize)>,
    pub(super) assumptions: System,
    /// Free indices (or the letters of the position), in the slots after the parameters.
    pub(super) indices: Vec<(Name, usize)>,
    pub(super) ranges: System,
    pub(super) claim: ClaimCode,
    /// Frame size of the statement's own expressions.
    pub(super) slots: usize,
    pub(super) has_max: bool,
    pub(super) has_derivative: bool,
}

impl Program {
    /// Whether some function is known, whose values are rational at few arguments only.
    pub(super) fn has_known(&self) -> bool {
        self.known.iter().any(Option::is_some)
    }

    /// The number of parameter slots.
    pub(super) fn parameter_slots(&self) -> usize {
        self.parameters.iter().map(|(_, width)| width).sum()
    }
}
