//! The tree of a formula: what was written, with places.
//!
//! The parser makes it with [`Kind::Scripted`] and [`Kind::Parens`] wherever a subscript, a superscript or a bracket may mean
//! several things; [`super::resolve`] replaces those by entries, calls, powers and layers once the whole answer is known.

use num_rational::BigRational;

pub use crate::syntax::ast::Span;

/// A part of a formula where it stands. Places do not count when trees are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// What it is.
    pub kind: Kind,
    /// Where: bytes of the whole text.
    pub span: Span,
}

/// A name with what belongs to it: `δ^(l+1)`, `X~`, `n_H`, `K'`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// The letters: `w`, `δ`, `rot180`.
    pub base: String,
    /// An accent as one sign: `~`, `^`, `-`, `→`, `.`; empty without.
    pub accent: String,
    /// How many primes.
    pub primes: usize,
    /// A subscript that is no index: `H` in `n_H`.
    pub label: String,
    /// A superscript that is no power: `l+1` in `δ^(l+1)`.
    pub layer: String,
}

impl Name {
    /// A name without anything.
    pub fn plain(base: impl Into<String>) -> Self {
        Name { base: base.into(), ..Name::default() }
    }

    /// The same without its layer: layers of one tensor have the same axes.
    pub fn family(&self) -> Name {
        Name { layer: String::new(), primes: 0, ..self.clone() }
    }

    /// X of `dX`, where X is one letter.
    pub fn differentiated(&self) -> Option<Name> {
        let base = self.base.strip_prefix('d').filter(|rest| rest.chars().count() == 1)?;
        Some(Name { base: base.to_string(), ..self.clone() })
    }
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `2`, `0.5`; never negative.
    Number(BigRational),
    /// `∞`
    Infinity,
    /// `…`
    Ellipsis,
    /// `:` in a subscript, all positions of an axis.
    Slice,
    /// Words within a formula, or an option such as `'valid'`.
    Text(String),
    /// A name.
    Name(Name),
    /// `x[i, j]`, however it was written: a subscript, square brackets or a call with positions.
    Entry(Box<Expr>, Vec<Expr>),
    /// `f(a, b)`
    Call(Box<Expr>, Vec<Expr>),
    /// A bracket with one part or several.
    Parens(Bracket, Vec<Expr>),
    /// `a + b - c`: each part with its sign; true is minus.
    Add(Vec<(bool, Expr)>),
    /// `-a`
    Neg(Box<Expr>),
    /// Factors, each with the sign before it; the first has [`Sign::Beside`]. They are read from left to right.
    Product(Vec<(Operator, Expr)>),
    /// `a^b`
    Power(Box<Expr>, Box<Expr>),
    /// `A^T`
    Transpose(Box<Expr>),
    /// `72%`
    Percent(Box<Expr>),
    /// A sum, product, integral or maximum with its letters; no body where the text has none.
    Big(Big, Vec<Binder>, Option<Box<Expr>>),
    /// `\frac{a}{b}`
    Fraction(Box<Expr>, Box<Expr>),
    /// `\sqrt{a}`
    Root(Box<Expr>),
    /// `∂a/∂b`; without `a` the operator alone.
    Derivative(Option<Box<Expr>>, Box<Expr>),
    /// `∇a`, or with a first part `∇_W J`.
    Gradient(Option<Box<Expr>>, Option<Box<Expr>>),
    /// `⌊a⌋`
    Floor(Box<Expr>),
    /// `⌈a⌉`
    Ceil(Box<Expr>),
    /// `[1, M]` as a set, with its ends as written.
    Interval(Bracket, Box<Expr>, Box<Expr>),
    /// Entries row by row.
    Matrix(Vec<Vec<Expr>>),
    /// Values with their conditions.
    Cases(Vec<(Expr, Vec<Statement>)>),
    /// The rows of an environment that only aligns; the builder takes them apart where it can.
    Rows(Vec<Statement>),
    /// A comparison within a formula: `axis = 0`.
    Chain(Box<Chain>),
    /// Only before [`super::resolve`]: scripts in the order in which they stand.
    Scripted(Box<Expr>, Vec<Script>),
}

/// A script before its meaning is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Script {
    /// A subscript with its parts; whether it was in braces or brackets.
    Sub(Vec<Expr>, bool),
    /// A superscript with its parts; whether it was in braces.
    Sup(Vec<Expr>, bool),
    /// Primes.
    Primes(usize),
}

/// The kinds of brackets, by their first and last sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bracket {
    /// `(a)`
    Round,
    /// `[a]`
    Square,
    /// `{a}`
    Curly,
    /// `⟨a⟩`
    Angle,
    /// `|a|`
    Bar,
    /// `[a)`, a range without its end.
    HalfOpen,
    /// `(a]`, a range without its start.
    OpenHalf,
    /// TeX braces, which do not print.
    Group,
}

/// A sign between factors with what is attached to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The sign.
    pub sign: Sign,
    /// Whether a tilde stands over it.
    pub tilde: bool,
    /// A mode such as `full` written at the sign.
    pub mode: String,
    /// Where it stands; empty between factors side by side.
    pub span: Span,
}

impl Operator {
    /// Factors side by side.
    pub fn beside() -> Self {
        Operator { sign: Sign::Beside, tilde: false, mode: String::new(), span: Span::default() }
    }

    /// Whether it can only be a multiplication of numbers.
    pub fn is_plain(&self) -> bool {
        self.mode.is_empty() && !self.tilde && matches!(self.sign, Sign::Beside | Sign::Dot)
    }
}

/// The signs between factors. Which operation a sign means is the answer's convention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// Nothing between them.
    Beside,
    /// `\cdot`
    Dot,
    /// `\times`
    Times,
    /// `*` and `\ast`
    Star,
    /// `\star`
    FiveStar,
    /// `\otimes`
    Otimes,
    /// `\odot` and `\bigodot`
    Odot,
    /// `\circledast`
    CircledStar,
    /// `\bullet`
    Bullet,
    /// `\boxdot`
    BoxDot,
    /// `\circ`
    Circle,
    /// `/`
    Slash,
    /// `\bmod`
    Mod,
    /// `**`
    DoubleStar,
}

/// The big signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Big {
    /// `∑`
    Sum,
    /// `∏`
    Product,
    /// `∫`
    Integral,
    /// `max`
    Max,
    /// `min`
    Min,
    /// `argmax`
    ArgMax,
    /// `argmin`
    ArgMin,
    /// Others, which no step of the prover uses: `lim`, `⊕`.
    Other,
}

/// What stands below and above a big sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binder {
    /// A letter with its bounds, as far as they are written.
    Letter {
        /// The letter.
        letter: Expr,
        /// The first value.
        lower: Option<Expr>,
        /// The last value.
        upper: Option<Expr>,
    },
    /// Letters in a set: `i, j ∈ Q`.
    Among(Vec<Expr>, Expr),
    /// A further condition.
    Condition(Chain),
}

impl Binder {
    /// The letters that it binds.
    pub fn letters(&self) -> Vec<&Expr> {
        match self {
            Binder::Letter { letter, .. } => vec![letter],
            Binder::Among(letters, _) => letters.iter().collect(),
            Binder::Condition(_) => Vec::new(),
        }
    }
}

/// `a = b ≤ c`; the first side is missing where the chain goes on with an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The first side.
    pub first: Option<Expr>,
    /// The other sides with their relations.
    pub links: Vec<Link>,
    /// Where.
    pub span: Span,
}

/// A relation with the side after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The relation.
    pub relation: Relation,
    /// The side; missing where the text breaks off.
    pub side: Option<Expr>,
    /// What is written at the relation: `\xlongequal[m+a=i]{}`.
    pub reason: Vec<Expr>,
    /// Where the relation stands.
    pub span: Span,
}

/// The relations between sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// `=`
    Eq,
    /// `≜`, `:=`, `≡`
    Define,
    /// `≈`, `∼`
    Approx,
    /// `≠`
    Ne,
    /// `<`
    Lt,
    /// `≤`
    Le,
    /// `>`
    Gt,
    /// `≥`
    Ge,
    /// `∈`
    In,
    /// `∉`
    NotIn,
    /// `⊂`
    Subset,
    /// `⇒`
    Implies,
    /// `⇔`
    Iff,
    /// `→`
    To,
    /// `←`
    Assign,
    /// `+=`
    Increase,
    /// `-=`
    Decrease,
    /// `∝`
    Proportional,
}

/// One thing that a formula says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// A chain of sides, or one expression alone.
    Chain(Chain),
    /// Words between formulas.
    Words(String, Span),
}

/// The accents that names have.
pub(super) fn accent_sign(command: &str) -> &'static str {
    match command {
        "\\tilde" | "\\widetilde" => "~",
        "\\hat" | "\\widehat" => "^",
        "\\vec" => "→",
        "\\dot" => ".",
        "\\check" => "v",
        "\\underline" => "_",
        _ => "-",
    }
}

impl Expr {
    /// An expression at a place.
    pub fn new(kind: Kind, span: Span) -> Self {
        Expr { kind, span }
    }

    /// An integer at a place.
    pub fn integer(value: i64, span: Span) -> Self {
        Expr::new(Kind::Number(BigRational::from_integer(value.into())), span)
    }

    /// The same times a power of ten that is written at a place: `1.6亿` is 1.6 × 10^8.
    pub fn times_ten_to(self, exponent: i64, place: Span) -> Self {
        let span = self.span;
        let power = Kind::Power(Box::new(Expr::integer(10, place)), Box::new(Expr::integer(exponent, place)));
        let times = Operator { sign: Sign::Times, span: place, ..Operator::beside() };
        Expr::new(Kind::Product(vec![(Operator::beside(), self), (times, Expr::new(power, place))]), span)
    }

    /// The integer, where it is one and nothing else.
    pub fn as_integer(&self) -> Option<i64> {
        match &self.kind {
            Kind::Number(number) if number.is_integer() => i64::try_from(number.to_integer()).ok(),
            _ => None,
        }
    }

    /// The terms of a sum, true where one is subtracted; of anything else it alone.
    pub fn terms(&self) -> Vec<(bool, &Expr)> {
        match &self.kind {
            Kind::Add(terms) => terms.iter().map(|(minus, term)| (*minus, term)).collect(),
            _ => vec![(false, self)],
        }
    }

    /// Whether it is called as losses are, `ℒ`, `E`, `J(W, b)`: a number that depends on everything. `f(Y)` is one, `f` alone may be any
    /// function.
    pub fn is_loss(&self) -> bool {
        let loss = |name: &Name| {
            let known = ["ℒ", "L", "E", "C", "J", "Loss", "loss", "f", "F", "Cost", "cost", "l", "ℓ"];
            known.contains(&name.base.as_str()) && name.layer.is_empty()
        };
        let alone = |name: &Name| loss(name) && !matches!(name.base.as_str(), "f" | "F");
        match &self.kind {
            Kind::Name(name) => alone(name),
            // `E_d`, of one example.
            Kind::Entry(base, at) => match at.as_slice() {
                [only] => {
                    only.as_name().is_some() && base.as_name().is_some_and(|name| alone(name) && name.base != "l")
                }
                _ => false,
            },
            Kind::Call(function, _) => function.as_name().is_some_and(loss),
            _ => false,
        }
    }

    /// The name, where it is a name and nothing else.
    pub fn as_name(&self) -> Option<&Name> {
        if let Kind::Name(name) = &self.kind { Some(name) } else { None }
    }

    /// The name of a tensor, where it is that or an entry of it.
    pub fn root(&self) -> Option<&Name> {
        if let Kind::Entry(base, _) = &self.kind { base.as_name() } else { self.as_name() }
    }

    /// The parts directly below, in the order in which they stand.
    pub fn parts(&self) -> Vec<&Expr> {
        let mut parts = Vec::new();
        match &self.kind {
            Kind::Number(_) | Kind::Infinity | Kind::Ellipsis | Kind::Slice | Kind::Text(_) | Kind::Name(_) => {}
            Kind::Entry(base, list) | Kind::Call(base, list) => {
                parts.push(&**base);
                parts.extend(list);
            }
            Kind::Parens(_, list) => parts.extend(list),
            Kind::Add(terms) => parts.extend(terms.iter().map(|(_, term)| term)),
            Kind::Product(factors) => parts.extend(factors.iter().map(|(_, factor)| factor)),
            Kind::Neg(inner)
            | Kind::Transpose(inner)
            | Kind::Percent(inner)
            | Kind::Root(inner)
            | Kind::Floor(inner)
            | Kind::Ceil(inner) => parts.push(&**inner),
            Kind::Power(left, right) | Kind::Fraction(left, right) | Kind::Interval(_, left, right) => {
                parts.push(&**left);
                parts.push(&**right);
            }
            Kind::Big(_, binders, body) => {
                binders.iter().for_each(|binder| binder.parts(&mut parts));
                parts.extend(body.as_deref());
            }
            Kind::Derivative(of, by) => {
                parts.extend(of.as_deref());
                parts.push(&**by);
            }
            Kind::Gradient(by, of) => {
                parts.extend(by.as_deref());
                parts.extend(of.as_deref());
            }
            Kind::Matrix(rows) => parts.extend(rows.iter().flatten()),
            Kind::Cases(rows) => {
                for (value, conditions) in rows {
                    parts.push(value);
                    conditions.iter().for_each(|statement| statement.parts(&mut parts));
                }
            }
            Kind::Rows(statements) => statements.iter().for_each(|statement| statement.parts(&mut parts)),
            Kind::Chain(chain) => chain.parts(&mut parts),
            Kind::Scripted(base, scripts) => {
                parts.push(&**base);
                for script in scripts {
                    if let Script::Sub(list, _) | Script::Sup(list, _) = script {
                        parts.extend(list);
                    }
                }
            }
        }
        parts
    }

    /// Whether some part of it, or it itself, is as asked.
    pub fn any(&self, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
        test(self) || self.parts().into_iter().any(|part| part.any(test))
    }
}

impl Binder {
    fn parts<'a>(&'a self, parts: &mut Vec<&'a Expr>) {
        match self {
            Binder::Letter { letter, lower, upper } => {
                parts.push(letter);
                parts.extend(lower);
                parts.extend(upper);
            }
            Binder::Among(letters, set) => {
                parts.extend(letters);
                parts.push(set);
            }
            Binder::Condition(chain) => chain.parts(parts),
        }
    }
}

impl Chain {
    /// All sides that are there, in order.
    pub fn sides(&self) -> impl Iterator<Item = &Expr> {
        self.first.iter().chain(self.links.iter().filter_map(|link| link.side.as_ref()))
    }

    fn parts<'a>(&'a self, parts: &mut Vec<&'a Expr>) {
        parts.extend(&self.first);
        for link in &self.links {
            parts.extend(&link.reason);
            parts.extend(&link.side);
        }
    }
}

impl Statement {
    fn parts<'a>(&'a self, parts: &mut Vec<&'a Expr>) {
        if let Statement::Chain(chain) = self {
            chain.parts(parts);
        }
    }

    /// The expressions directly in it.
    pub fn expressions(&self) -> Vec<&Expr> {
        let mut parts = Vec::new();
        self.parts(&mut parts);
        parts
    }
}
