//! The written form of terms: what a reader sees, before it is spelled in text, LaTeX or MathML.
//!
//! A [`Form`] has no meaning of its own. It is made from kernel terms by [`notation`](super::notation) and spelled by the
//! printers; each printer is a walk over this one small tree, so that all of them show the same mathematics.

use num_bigint::BigUint;

use crate::kernel::Name;

/// A term as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// A natural number.
    Number(BigUint),
    /// A variable or a tensor.
    Name(Name),
    /// A sum of signed terms; the flag says that the term is subtracted. Empty is 0.
    Terms(Vec<(bool, Form)>),
    /// A product; empty is 1.
    Product(Vec<Form>),
    /// A product of tensors, entry by entry: `δ ⊙ σ′(z)`.
    Hadamard(Vec<Form>),
    /// A quotient.
    Fraction(Box<Form>, Box<Form>),
    /// A power with a natural exponent.
    Power(Box<Form>, u32),
    /// `⌊a / b⌋`
    Floor(Box<Form>, Box<Form>),
    /// `⌈a / b⌉`
    Ceiling(Box<Form>, Box<Form>),
    /// `a mod b`
    Modulo(Box<Form>, Box<Form>),
    /// The smallest of some terms.
    Minimum(Vec<Form>),
    /// The largest of some terms.
    Maximum(Vec<Form>),
    /// `vol(n)`
    Volume(Box<Form>),
    /// A function, differentiated `orders[k]` times in argument `k`, or a definition applied to its parameters.
    Function {
        /// Its name.
        name: Name,
        /// Orders of differentiation; empty where there is none.
        orders: Vec<u32>,
        /// Its arguments.
        arguments: Vec<Form>,
        /// How many of the arguments stand before the semicolon; all of them where there is no semicolon.
        before: usize,
    },
    /// The entry of a tensor at a position.
    Entry(Box<Form>, Vec<Form>),
    /// `:`, a whole axis among the positions of an entry, which is a tensor then.
    Whole,
    /// A tensor given by its entries.
    Lambda(Binder, Box<Form>),
    /// `Σ` over a binder.
    Sum(Binder, Box<Form>),
    /// `max` over a binder.
    Largest(Binder, Box<Form>),
    /// A derivative with respect to an entry.
    Derivative(Box<Form>, Box<Form>),
    /// `[P]`, 1 where the conditions hold and else 0.
    Bracket(Vec<Condition>),
}

/// The letters of a Σ or max with their ranges, and what else is asked of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binder {
    /// The letters, so ordered that a range mentions only earlier letters.
    pub letters: Vec<Letter>,
    /// The other conditions.
    pub conditions: Vec<Condition>,
}

/// A bound letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its name.
    pub name: Name,
    /// Its symbolic rank, where it has one.
    pub rank: Option<Name>,
    /// Its first and last value; `None` where only the conditions bound it.
    pub range: Option<(Form, Form)>,
}

/// A condition on integers as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `a ≤ e ≤ b`, `a = b`, …: a first term, then relations with terms.
    Chain(Form, Vec<(Relation, Form)>),
    /// `divisor | term`
    Divides(Form, Form),
}

/// A relation between integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `≤`
    AtMost,
    /// `≥`
    AtLeast,
    /// `<`
    Less,
    /// `>`
    Greater,
    /// `=`
    Equal,
    /// `≠`
    Unequal,
}

/// How tightly a form holds together, from loosest to tightest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tightness {
    /// A sum or difference.
    Terms,
    /// An operator that takes everything to its right as its body.
    Binder,
    /// A product, quotient or remainder.
    Product,
    /// A power.
    Power,
    /// Something that needs no parentheses.
    Atom,
}

impl Form {
    /// A natural number.
    pub fn natural(value: u32) -> Self {
        Form::Number(BigUint::from(value))
    }

    /// The number 0.
    pub fn zero() -> Self {
        Form::natural(0)
    }

    /// Whether this is the given natural number.
    pub fn is_natural(&self, value: u32) -> bool {
        matches!(self, Form::Number(number) if *number == BigUint::from(value))
    }

    /// Whether this is a number, perhaps with a sign.
    pub fn is_numeric(&self) -> bool {
        match self {
            Form::Number(_) => true,
            Form::Terms(terms) => matches!(terms.as_slice(), [(_, Form::Number(_))]),
            _ => false,
        }
    }

    /// Whether it ends in an operator that takes in all that is multiplied behind it.
    pub fn ends_in_binder(&self) -> bool {
        match self {
            Form::Product(factors) => factors.last().is_some_and(Form::ends_in_binder),
            form => form.tightness() == Tightness::Binder,
        }
    }

    /// How tightly the form holds together.
    pub fn tightness(&self) -> Tightness {
        match self {
            Form::Terms(terms) if terms.is_empty() => Tightness::Atom,
            Form::Terms(_) => Tightness::Terms,
            Form::Product(factors) if factors.is_empty() => Tightness::Atom,
            Form::Product(_) | Form::Hadamard(_) | Form::Fraction(_, _) | Form::Modulo(_, _) => Tightness::Product,
            Form::Sum(_, _) | Form::Largest(_, _) | Form::Derivative(_, _) | Form::Lambda(_, _) => Tightness::Binder,
            Form::Power(_, _) => Tightness::Power,
            _ => Tightness::Atom,
        }
    }
}
