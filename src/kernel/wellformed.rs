//! What a recorded term must satisfy before any law looks at it: declared names, letters in scope, one rank per letter,
//! the right number of axes and arguments, and limits on nesting and degree.
//!
//! The laws rely on this check, which is made of the statement, its declarations and every expression of a certificate:
//! a law's own result is compared with a recorded expression, so nothing escapes.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed};

use super::expr::{Definition, Expr, FunctionDeclaration, Tensor, TensorDeclaration};
use super::guard::Guard;
use super::index::{Atom, Index, Name, Rank, Var};
use super::premise::{Held, Premise};
use super::refusal::Refusal;
use super::signature::Signature;
use super::theorem::{Claim, Statement};

/// Deeper nesting is refused, so that no recursion over a term can exhaust the stack.
const DEPTH_LIMIT: usize = 128;

/// Higher degrees of an index term are refused, so that no substitution of a letter runs away.
const DEGREE_LIMIT: u32 = 64;

/// Checks that the declarations and the claim of a statement mean something; gives the checker for its proof.
pub(super) fn check_statement(statement: &Statement) -> Result<Checker<'_>, Refusal> {
    statement.signature.check()?;
    let letters = || statement.parameters.iter().chain(&statement.indices);
    distinct(letters())?;
    let mut checker = Checker::new(&statement.signature, letters().cloned().collect());
    checker.guard(&statement.assumptions)?;
    checker.guard(&statement.ranges)?;
    for tensor in &statement.signature.tensors {
        checker.under(&tensor.axes, |inner| inner.guard(&tensor.support))?;
    }
    for premise in &statement.signature.premises {
        checker.premise(premise)?;
    }
    match &statement.claim {
        Claim::Equation(left, right) => {
            checker.expr(left)?;
            checker.expr(right)?;
        }
        Claim::Tensors(left, right) => {
            let (left, right) = (checker.tensor(left)?, checker.tensor(right)?);
            same_axes(&left, &right)?;
        }
        Claim::Holds(guard) => checker.guard(guard)?,
        Claim::Iff(left, right) => {
            checker.guard(left)?;
            checker.guard(right)?;
        }
    }
    Ok(checker)
}

/// Checks that a definition is closed, and calls only definitions that stand before it.
pub(super) fn check_definition(signature: &Signature, position: usize) -> Result<(), Refusal> {
    let (earlier, rest) = signature.definitions.split_at(position.min(signature.definitions.len()));
    let Some(definition) = rest.first() else { return Ok(()) };
    if earlier.iter().any(|other| other.name == definition.name) {
        return Err(Refusal::BadDefinition(definition.name.clone()));
    }
    let mut names = BTreeSet::new();
    if definition.tensors.iter().any(|tensor| !names.insert(&tensor.name)) {
        return Err(Refusal::BadDefinition(definition.name.clone()));
    }
    let mut checker = Checker {
        tensors: &definition.tensors,
        functions: &signature.functions,
        definitions: earlier,
        derivatives: false,
        scope: Vec::new(),
        depth: 0,
    };
    distinct(definition.parameters.iter().chain(&definition.axes))?;
    checker.under(&definition.parameters, |inner| {
        for tensor in &definition.tensors {
            inner.under(&tensor.axes, |inner| inner.guard(&tensor.support))?;
        }
        inner.under(&definition.axes, |inner| {
            inner.guard(&definition.support)?;
            inner.expr(&definition.body)
        })
    })
}

/// Checks that what is assumed of a function's derivative speaks of its one argument and of functions as they are, and has no
/// maximum: then there is a function for which it is true near every point. A maximum has a kink, where the chain rule for the
/// function's second derivative fails: `s′(x) = max(x, 0)` would give `s″(x) + s″(−x) = 1` and `s″(s′(x))·s″(x) = s″(x)`, which no
/// number s″(0) obeys.
pub(super) fn check_slope(signature: &Signature, function: &FunctionDeclaration) -> Result<(), Refusal> {
    let Some(slope) = &function.slope else { return Ok(()) };
    same_count("arguments", 1, function.arity)?;
    let argument = TensorDeclaration { name: slope.argument.clone(), axes: Vec::new(), support: Guard::always() };
    let mut checker = Checker {
        tensors: std::slice::from_ref(&argument),
        functions: &signature.functions,
        definitions: &[],
        derivatives: false,
        scope: Vec::new(),
        depth: 0,
    };
    checker.expr(&slope.body)?;
    let unfit = |part: &Expr| match part {
        Expr::Apply { orders, .. } => orders.iter().any(|order| *order > 0),
        Expr::Max(_, _, _) => true,
        _ => false,
    };
    if slope.body.any(&unfit) {
        return Err(Refusal::BadDefinition(function.name.clone()));
    }
    Ok(())
}

fn distinct<'a>(mut vars: impl Iterator<Item = &'a Var>) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    match vars.find(|var| !seen.insert(&var.name)) {
        Some(var) => Err(Refusal::Repeated(var.clone())),
        None => Ok(()),
    }
}

pub(super) fn same_axes(expected: &[Var], found: &[Var]) -> Result<(), Refusal> {
    same_count("axes", expected.len(), found.len())?;
    match expected.iter().zip(found).find(|(a, b)| a.rank != b.rank) {
        Some((_, axis)) => Err(Refusal::Rank(Index::from(axis))),
        None => Ok(()),
    }
}

fn same_count(what: &'static str, expected: usize, found: usize) -> Result<(), Refusal> {
    if expected == found { Ok(()) } else { Err(Refusal::Count { what, expected, found }) }
}

fn undeclared<'a, T>(found: Option<&'a T>, name: &Name) -> Result<&'a T, Refusal> {
    found.ok_or_else(|| Refusal::Undeclared(name.clone()))
}

/// Checks terms against declarations and the letters in scope.
pub(super) struct Checker<'a> {
    tensors: &'a [TensorDeclaration],
    functions: &'a [FunctionDeclaration],
    definitions: &'a [Definition],
    /// Whether ∂ may occur. In a definition it may not: it names a tensor, and a parameter can stand for any expression.
    derivatives: bool,
    /// Innermost last; a letter hides the outer ones of its name.
    scope: Vec<Var>,
    depth: usize,
}

impl<'a> Checker<'a> {
    /// A checker with letters in scope, innermost last.
    pub fn new(signature: &'a Signature, scope: Vec<Var>) -> Self {
        Checker {
            tensors: &signature.tensors,
            functions: &signature.functions,
            definitions: &signature.definitions,
            derivatives: true,
            scope,
            depth: 0,
        }
    }

    /// Checks something one level deeper, with more letters in scope.
    pub fn under<T>(
        &mut self,
        vars: &[Var],
        check: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        distinct(vars.iter())?;
        let outer = self.scope.len();
        self.scope.extend(vars.iter().cloned());
        let result = self.deeper(check);
        self.scope.truncate(outer);
        result
    }

    /// Checks a premise; derivatives have no place in it.
    fn premise(&mut self, premise: &Premise) -> Result<(), Refusal> {
        let derivatives = std::mem::replace(&mut self.derivatives, false);
        let result = self.under(&premise.vars, |inner| {
            inner.guard(&premise.guard)?;
            match &premise.held {
                Held::Condition(guard) => inner.guard(guard),
                Held::NonZero(expr) | Held::Positive(expr) => inner.expr(expr),
            }
        });
        self.derivatives = derivatives;
        result
    }

    fn deeper<T>(&mut self, check: impl FnOnce(&mut Self) -> Result<T, Refusal>) -> Result<T, Refusal> {
        if self.depth >= DEPTH_LIMIT {
            return Err(Refusal::TooLarge);
        }
        self.depth += 1;
        let result = check(self);
        self.depth -= 1;
        result
    }

    /// Checks a scalar expression.
    pub fn expr(&mut self, expr: &Expr) -> Result<(), Refusal> {
        match expr {
            Expr::Number(value) => {
                // Equality of rationals is that of numerator and denominator in lowest terms.
                let reduced = value.denom().is_positive() && value.numer().gcd(value.denom()) == BigInt::one();
                if !reduced {
                    return Err(Refusal::Shape { law: "number", needs: "lowest terms" });
                }
            }
            Expr::Integer(index) => self.ranked(index, &Rank::Scalar)?,
            Expr::Entry(tensor, position) => {
                let axes = self.tensor(tensor)?;
                self.terms("indices", &axes, position)?;
            }
            Expr::Bracket(guard) => self.guard(guard)?,
            Expr::Apply { function, orders, arguments } => {
                let declared = self.functions.iter().find(|declared| declared.name == *function);
                let arity = undeclared(declared, function)?.arity;
                same_count("arguments", arity, arguments.len())?;
                same_count("orders of derivatives", arity, orders.len())?;
            }
            Expr::Sum(vars, guard, body) | Expr::Max(vars, guard, body) => {
                return self.under(vars, |inner| {
                    inner.guard(guard)?;
                    inner.expr(body)
                });
            }
            Expr::Derivative(_, tensor, position) => {
                if !self.derivatives {
                    return Err(Refusal::Shape { law: "definition", needs: "a body without derivatives" });
                }
                let axes = self.tensor(&Tensor::Named(tensor.clone()))?;
                self.terms("indices", &axes, position)?;
            }
            Expr::Add(_) | Expr::Mul(_) | Expr::Power(_, _) | Expr::Inverse(_) => {}
        }
        self.deeper(|inner| expr.children().iter().try_for_each(|child| inner.expr(child)))
    }

    /// Checks a tensor and gives its axes.
    pub fn tensor(&mut self, tensor: &Tensor) -> Result<Vec<Var>, Refusal> {
        match tensor {
            Tensor::Named(name) => {
                let declared = self.tensors.iter().find(|declared| declared.name == *name);
                Ok(undeclared(declared, name)?.axes.clone())
            }
            Tensor::Call { definition, parameters, tensors } => {
                let definitions: &'a [Definition] = self.definitions;
                let declared = definitions.iter().find(|declared| declared.name == *definition);
                let declared = undeclared(declared, definition)?;
                self.terms("parameters", &declared.parameters, parameters)?;
                same_count("tensors", declared.tensors.len(), tensors.len())?;
                for (parameter, argument) in declared.tensors.iter().zip(tensors) {
                    let axes = self.deeper(|inner| inner.tensor(argument))?;
                    same_axes(&parameter.axes, &axes)?;
                }
                Ok(declared.axes.clone())
            }
            Tensor::Lambda { axes, support, body } => {
                self.under(axes, |inner| {
                    inner.guard(support)?;
                    inner.expr(body)
                })?;
                Ok(axes.clone())
            }
        }
    }

    /// Checks terms that stand for letters: each has the letter's rank, or is a scalar that acts on every coordinate.
    fn terms(&mut self, what: &'static str, letters: &[Var], terms: &[Index]) -> Result<(), Refusal> {
        same_count(what, letters.len(), terms.len())?;
        letters.iter().zip(terms).try_for_each(|(letter, term)| self.ranked(term, &letter.rank))
    }

    fn ranked(&mut self, term: &Index, rank: &Rank) -> Result<(), Refusal> {
        self.index(term)?;
        match term.rank() {
            Some(found) if found == *rank || found == Rank::Scalar => Ok(()),
            _ => Err(Refusal::Rank(term.clone())),
        }
    }

    /// Checks a condition.
    pub fn guard(&mut self, guard: &Guard) -> Result<(), Refusal> {
        guard.literals().try_for_each(|literal| self.index(literal.index()))
    }

    /// Checks an index term of any rank.
    pub fn index(&mut self, index: &Index) -> Result<(), Refusal> {
        for (monomial, _) in index.terms() {
            if monomial.degree() > DEGREE_LIMIT {
                return Err(Refusal::TooLarge);
            }
            for (atom, _) in monomial.factors() {
                self.deeper(|inner| inner.atom(atom))?;
            }
        }
        if index.rank().is_none() { Err(Refusal::Rank(index.clone())) } else { Ok(()) }
    }

    fn atom(&mut self, atom: &Atom) -> Result<(), Refusal> {
        match atom {
            Atom::Var(var) => match self.scope.iter().rev().find(|letter| letter.name == var.name) {
                Some(letter) if letter == var => Ok(()),
                Some(_) => Err(Refusal::Rank(Index::from(var))),
                None => Err(Refusal::Undeclared(var.name.clone())),
            },
            Atom::Floor(a, b) | Atom::Max(a, b) => {
                self.index(a)?;
                self.index(b)
            }
            Atom::Apply(_, arguments) => arguments.iter().try_for_each(|argument| self.ranked(argument, &Rank::Scalar)),
            Atom::Volume(size) => {
                self.index(size)?;
                // What a power of a scalar is depends on the rank, which is not there to be seen.
                if size.rank() == Some(Rank::Scalar) { Err(Refusal::Rank(Index::clone(size))) } else { Ok(()) }
            }
        }
    }
}
