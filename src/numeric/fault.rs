//! Why an evaluation ends without a value.

use std::fmt;

use crate::kernel::Name;

/// Why a value cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing bounds a summation letter.
    Unbounded(Name),
    /// The counted budget is used up.
    TooLarge,
    /// An integer leaves 64 bits.
    Overflow,
    /// The expression is nested deeper than the evaluator goes.
    TooDeep,
    /// A floor's divisor is 0 or negative.
    Divisor,
    /// The inverse of 0.
    Singular,
    /// What is assumed of entries does not hold for those that were drawn.
    Assumption,
    /// The value of a known function that is not rational, or not defined.
    Irrational,
    /// A maximum of values that have no order, or that has a kink where it is differentiated.
    NoOrder,
    /// A name that is not declared, or a variable that nothing binds.
    Undeclared(Name),
    /// The term is not well-formed.
    Malformed(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Unbounded(name) => write!(formatter, "nothing bounds the summation letter {name}"),
            Fault::TooLarge => formatter.write_str("the evaluation exceeds its budget of points"),
            Fault::Overflow => formatter.write_str("an index leaves the range of 64-bit integers"),
            Fault::TooDeep => formatter.write_str("the expression is nested too deeply to be evaluated"),
            Fault::Divisor => formatter.write_str("a divisor of floor or mod is not positive"),
            Fault::Singular => formatter.write_str("an inverse of 0 is taken"),
            Fault::Assumption => formatter.write_str("no entries were found for which the assumptions about them hold"),
            Fault::Irrational => formatter.write_str("a function was asked for values that are not rational numbers"),
            Fault::NoOrder => formatter.write_str("a maximum is not differentiable where two values are equal"),
            Fault::Undeclared(name) => write!(formatter, "{name} is not declared"),
            Fault::Malformed(what) => formatter.write_str(what),
        }
    }
}

impl std::error::Error for Fault {}
