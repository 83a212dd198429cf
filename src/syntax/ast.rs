//! The surface tree: what an author wrote, with places. Nothing here is resolved or checked.
//!
//! Two trees are equal when they were written the same; places do not count.

use std::fmt;
use std::ops::Range as Bytes;

use num_rational::BigRational;

/// A place in a text, in bytes. All spans are equal, so that trees compare by content.
#[derive(Clone, Copy, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// The bytes from the start of this place to the end of another.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start, end: other.end }
    }

    /// As a range of bytes.
    pub fn bytes(self) -> Bytes<usize> {
        self.start..self.end
    }
}

impl PartialEq for Span {
    fn eq(&self, _other: &Span) -> bool {
        true
    }
}

impl Eq for Span {}

impl fmt::Debug for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}..{}", self.start, self.end)
    }
}

/// A name where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ident {
    /// The name.
    pub name: String,
    /// Where.
    pub span: Span,
}

/// A file: its items in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// The items that could be read.
    pub items: Vec<Item>,
}

/// An item where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// Where.
    pub span: Span,
}

/// The kinds of items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// `use std`
    Use(Ident),
    /// `size M, N >= 0, k`
    Size(Vec<Letters>),
    /// `integer p`
    Integer(Vec<Letters>),
    /// `rank D`
    Rank(Vec<Ident>),
    /// `assume m <= M`, perhaps for letters in a range
    Assume(Vec<Condition>, Vec<BinderItem>),
    /// `tensor W[1..m, 1..n]`
    Tensor(Vec<Boxed>),
    /// `scalar c`
    Scalar(Vec<Ident>),
    /// `function f(i, j)`
    Function(Vec<Arrow>),
    /// `scalar function sigma(x)`
    ScalarFunction(Vec<Arrow>, Vec<Condition>),
    /// `integer function h(i)`
    IntegerFunction(Vec<Arrow>),
    /// `def …`
    Def(Box<Def>),
    /// `let Y = term`, `let Y[i in 0..n-1] = term`
    Let(Ident, Option<Vec<BinderItem>>, Term),
    /// `derive …`
    Derive(Derive),
    /// `cost name = term`
    Cost(Ident, Term),
    /// `theorem …`
    Theorem(Box<Theorem>),
}

/// A letter, perhaps with a symbolic rank: `u` or `u : D`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The letter.
    pub ident: Ident,
    /// Its rank.
    pub rank: Option<Ident>,
}

/// Declared letters that share a lower bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letters {
    /// The letters.
    pub letters: Vec<Letter>,
    /// The bound after them, if there is one.
    pub least: Option<Least>,
}

/// `>= 0` or `> 0` after a declared name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Least {
    /// Whether the bound itself is left out.
    pub strict: bool,
    /// The bound.
    pub bound: Term,
}

/// `W[1..m, 1..n]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boxed {
    /// The tensor.
    pub name: Ident,
    /// Its box.
    pub sides: Vec<Side>,
}

/// One side of a box: `0..n-1`, or `0..n-1 : D` where the axis has D coordinates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The range.
    pub range: Range,
    /// The rank, where it is written.
    pub rank: Option<Ident>,
}

/// `f(i, j)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// The function.
    pub name: Ident,
    /// Its arguments.
    pub letters: Vec<Letter>,
}

/// A definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Def {
    /// Its name.
    pub name: Ident,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// How many parameters stand before the semicolon.
    pub semicolon: Option<usize>,
    /// What is assumed of the parameters.
    pub assumptions: Vec<Condition>,
    /// The letters of the result with their ranges; `None` for a scalar.
    pub result: Option<Vec<BinderItem>>,
    /// What it stands for.
    pub body: Term,
}

/// What is to be derived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Derive {
    /// `dX = dL/dX, … given dY = dL/dY, …`
    Gradients(Vec<Gradient>, Vec<Gradient>),
    /// `g[j in 0..n-1] = term`
    Closed(Ident, Option<Vec<BinderItem>>, Term),
}

impl Derive {
    /// What is asked for by name.
    pub fn names(&self) -> impl Iterator<Item = &Ident> {
        let (gradients, closed) = match self {
            Derive::Gradients(wanted, _) => (wanted.as_slice(), None),
            Derive::Closed(name, _, _) => ([].as_slice(), Some(name)),
        };
        gradients.iter().map(|gradient| &gradient.name).chain(closed)
    }
}

/// `dX = dL/dX`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gradient {
    /// The name of the gradient.
    pub name: Ident,
    /// What is differentiated.
    pub loss: Ident,
    /// By what.
    pub by: Ident,
}

/// A parameter of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// A tensor with its box, which names its sizes.
    Tensor(Boxed),
    /// `scalar c`
    Scalar(Ident),
    /// `function f(i)`
    Function(Arrow),
    /// An integer, perhaps with a lower bound and with the value that it has where a call gives none.
    Integer(Letter, Option<Box<Least>>, Option<Box<Term>>),
}

impl Parameter {
    /// The name of the parameter.
    pub fn ident(&self) -> &Ident {
        match self {
            Parameter::Tensor(tensor) => &tensor.name,
            Parameter::Scalar(ident) => ident,
            Parameter::Function(arrow) => &arrow.name,
            Parameter::Integer(letter, _, _) => &letter.ident,
        }
    }
}

/// An argument of a call: `x`, or `s = 2` for the parameter of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// The parameter's name, where it is written.
    pub name: Option<Ident>,
    /// What is given.
    pub term: Term,
}

/// A theorem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theorem {
    /// Its name.
    pub name: Ident,
    /// Free indices with their ranges.
    pub indices: Vec<BinderItem>,
    /// What is assumed.
    pub assumptions: Vec<Condition>,
    /// What is claimed.
    pub claim: Claim,
    /// The word after `expect`.
    pub expectation: Option<Ident>,
    /// The author's proof.
    pub proof: Option<Proof>,
}

/// `P` or `P iff Q`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The claim, or what stands before `iff`.
    pub left: Vec<Condition>,
    /// What stands after `iff`.
    pub right: Option<Vec<Condition>>,
    /// Where.
    pub span: Span,
}

impl Claim {
    /// The terms that the claim compares.
    pub fn terms(&self) -> Vec<&Term> {
        self.left.iter().chain(self.right.iter().flatten()).flat_map(Condition::terms).collect()
    }
}

impl Condition {
    /// The terms that are compared.
    pub fn terms(&self) -> Vec<&Term> {
        let others: Vec<&Term> = match &self.rest {
            Relations::Chain(chain) => chain.iter().map(|(_, term)| term).collect(),
            Relations::Divides(term) => vec![term],
            Relations::In(_) => Vec::new(),
        };
        std::iter::once(&self.first).chain(others).collect()
    }
}

/// A chain of equalities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The first expression.
    pub first: Term,
    /// What it is said to be equal to.
    pub lines: Vec<Line>,
}

/// `= term by hints`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The term.
    pub term: Term,
    /// The reasons.
    pub hints: Vec<Hint>,
}

/// A reason for a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// The name of a law, theorem or definition.
    Name(Ident),
    /// `s = i-u+1`
    Equation(Term, Term),
}

/// One part of a binder list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BinderItem {
    /// Letters with one range: `u in 1..m`, `i, j in 1..n`, `u`.
    Letters(Vec<Letter>, Option<Range>),
    /// A further condition.
    Condition(Condition),
}

/// A condition on integers, or an equation of scalars or tensors in a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The first term.
    pub first: Term,
    /// What is said of it.
    pub rest: Relations,
    /// Where.
    pub span: Span,
}

/// What a condition says of its first term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relations {
    /// `0 <= i < n`
    Chain(Vec<(Relation, Term)>),
    /// `s | i`
    Divides(Term),
    /// `i in a..b`
    In(Range),
}

/// The signs that compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// `a..b`, or `a..<b`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first value.
    pub lower: Bound,
    /// The last value, or with `half_open` the one after it.
    pub upper: Bound,
    /// Whether it is written `a..<b`.
    pub half_open: bool,
    /// Where.
    pub span: Span,
}

/// An end of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// An integer.
    Term(Term),
    /// `inf`
    Infinity,
    /// `-inf`
    MinusInfinity,
}

/// A term where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// What it is.
    pub kind: TermKind,
    /// Where.
    pub span: Span,
}

/// The kinds of terms: integers, scalars and tensors alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TermKind {
    /// `2`, `0.5`; never negative.
    Number(BigRational),
    /// A name.
    Name(String),
    /// Two terms or more, each with its sign; true is minus. The first has no sign.
    Add(Vec<(bool, Term)>),
    /// Two factors or more; the first has the sign `Times`.
    Mul(Vec<(Operator, Term)>),
    /// `-a`
    Neg(Box<Term>),
    /// `a^k`
    Power(Box<Term>, Box<Term>),
    /// `f(a, b; c, s = 2)` with the number of arguments before the semicolon.
    Call(Ident, Vec<Argument>, Option<usize>),
    /// `a[i, j]`
    Subscript(Box<Term>, Vec<Term>),
    /// `:`, a whole axis among subscripts.
    Whole,
    /// `[P]`
    Bracket(Vec<Condition>),
    /// `floor(a)`
    Floor(Box<Term>),
    /// `ceil(a)`
    Ceil(Box<Term>),
    /// `max(a, b)`
    Max(Vec<Term>),
    /// `min(a, b)`
    Min(Vec<Term>),
    /// `sum(…) body`
    Sum(Vec<BinderItem>, Box<Term>),
    /// `max(u in …) body`
    MaxOver(Vec<BinderItem>, Box<Term>),
    /// `d/dx[i] body`
    Derivative(Ident, Vec<Term>, Box<Term>),
}

/// What joins factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `*`, or nothing.
    Times,
    /// `/`
    Over,
    /// `mod`
    Mod,
}
