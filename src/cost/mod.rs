//! What a layer or a network costs, read off its definitions: how many multiplications, additions, parameters, activations.
//!
//! A cost is a sum of numbers of points. The definition of a layer says which products are formed and which terms are added
//! up, so the points of its index set are counted and nothing about the layer has to be known:
//!
//! ```text
//! Y[f, i] = Σ_{c, k} W[f, c, k]·X[c, i+k]      multiplications:  Σ_{f, i, c, k} 1
//!                                              additions:        Σ_{f, i, c, k} 1 − Σ_{f, i} 1
//! ```
//!
//! The sums `Σ 1` are terms of the kernel, so that a statement about a cost is an ordinary statement: it is proved, refuted or
//! left open like any other. [`Count::closed`] proposes a polynomial; that it is right is for the prover to show.
//!
//! # What is counted
//!
//! - A product of r factors costs r−1 multiplications; a power likewise; a division is a multiplication by an inverse. A
//!   sign costs nothing, nor does a bracket `[P]`: where P does not hold nothing is computed. Factors that read no entry are one
//!   number, known beforehand; a product of such factors costs nothing.
//! - A sum of n terms costs n−1 additions, a sum over a range one less than the range has points.
//! - A tensor that is computed on the way, such as the inner layer of `layer(layer(X, V), W)`, is computed once and in full. One
//!   that depends on a summation letter is computed where it is read.
//! - A scalar function, a maximum and integer arithmetic in subscripts cost nothing but what their arguments cost.
//! - Products with entries outside a box, which are zero, count like all others, unless [`Question::skip_padding`] is set.
//!
//! | file | subject |
//! | --- | --- |
//! | `walk` | from definitions to sets of points |
//! | `closed` | from sets of points to polynomials |

mod closed;
mod walk;

pub use closed::Closed;

use std::fmt;

use num_bigint::BigInt;

use crate::kernel::{Expr, Facts, Guard, Index, Name, Signature, Tensor, Var};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Products of two scalars.
    Multiplications,
    /// Sums of two scalars.
    Additions,
    /// Products that are added up in a `Σ`: each is one multiplication together with one addition.
    MultiplyAdds,
    /// Entries of the results, those on the way included.
    Activations,
    /// Entries of the declared tensors that are no inputs. Each tensor counts once, however often it is used.
    Parameters,
}

impl Measure {
    /// All of them.
    pub const ALL: [Measure; 5] = [
        Measure::Multiplications,
        Measure::Additions,
        Measure::MultiplyAdds,
        Measure::Activations,
        Measure::Parameters,
    ];

    /// Its name in the proof language.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Multiplications => "multiplications",
            Measure::Additions => "additions",
            Measure::MultiplyAdds => "multiply_adds",
            Measure::Activations => "activations",
            Measure::Parameters => "parameters",
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Question {
    /// What is counted.
    pub measure: Measure,
    /// Whether products with entries outside a box are left out.
    pub skip_padding: bool,
    /// Tensors that are data and no parameters.
    pub inputs: Vec<Name>,
}

impl From<Measure> for Question {
    fn from(measure: Measure) -> Self {
        Question { measure, skip_padding: false, inputs: Vec::new() }
    }
}

/// What a cost is asked of.
#[derive(Clone, Debug)]
pub enum Work {
    /// All entries of a tensor.
    Tensor(Tensor),
    /// One scalar.
    Scalar(Expr),
}

/// `times` for each point of `{vars : guard}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Points {
    /// The letters.
    pub vars: Vec<Var>,
    /// Their range.
    pub guard: Guard,
    /// How often each point counts.
    pub times: BigInt,
}

/// A cost: a sum of numbers of points.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Sets of points with their weights.
    pub parts: Vec<Points>,
}

/// Why a cost cannot be read off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A definition or tensor is not declared.
    Unknown(Name),
    /// A derivative is not computed as it is written.
    Derivative,
    /// A sum over these letters may have no terms, and then it does not cost one addition less than it has terms.
    MaybeEmpty(Vec<Name>),
    /// A tensor without a box has no number of entries.
    Infinite,
    /// The definitions are nested too deeply or the term is too large.
    TooLarge,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Unknown(name) => write!(formatter, "{} is not declared", name.surface()),
            Fault::Derivative => formatter.write_str("a derivative has no cost before it is worked out"),
            Fault::MaybeEmpty(letters) => {
                let letters: Vec<&str> = letters.iter().map(Name::as_str).collect();
                let letters = letters.join(", ");
                write!(formatter, "the sum over {letters} may have no terms, so its additions cannot be counted")
            }
            Fault::Infinite => formatter.write_str("a tensor without a box has no number of entries"),
            Fault::TooLarge => formatter.write_str("this term is too large to be counted"),
        }
    }
}

/// What some work costs together.
///
/// `facts` are what is known of the sizes.
///
/// ```
/// use convprove::cost::{Measure, Question, Work, count};
/// use convprove::kernel::{Expr, Facts, Guard, Index, Signature, Var};
/// // Σ_{k in 1..n} w[k]·x[k]: n multiplications and n−1 additions.
/// let (k, n) = (Index::scalar("k"), Index::scalar("n"));
/// let body = Expr::Mul(vec![Expr::entry("w", vec![k.clone()]), Expr::entry("x", vec![k.clone()])]);
/// let dot = Expr::Sum(vec![Var::scalar("k")], Guard::between(&Index::from(1), &k, &n), Box::new(body));
/// let facts: Facts = Guard::between(&Index::from(1), &n, &n).literals().cloned().collect();
/// let cost = |measure: Measure| {
///     let work = [Work::Scalar(dot.clone())];
///     count(&Signature::default(), &facts, &work, &Question::from(measure)).unwrap().closed(&facts)
/// };
/// assert_eq!(cost(Measure::Multiplications).unwrap().to_string(), "n");
/// assert_eq!(cost(Measure::Additions).unwrap().to_string(), "n - 1");
/// let sizes = [("n".into(), 1000.into())].into_iter().collect();
/// assert_eq!(cost(Measure::Additions).unwrap().at(&sizes), Ok(999.into()));
/// ```
///
/// # Errors
/// A [`Fault`] that says what cannot be counted.
pub fn count(signature: &Signature, facts: &Facts, work: &[Work], question: &Question) -> Result<Count, Fault> {
    match question.measure {
        Measure::Parameters => walk::parameters(signature, facts, work, question),
        _ => walk::operations(signature, facts, work, question),
    }
}

impl Count {
    /// The cost as a scalar term, a sum of `Σ 1`.
    pub fn expr(&self) -> Expr {
        let part = |points: &Points| {
            let times = Expr::Number(points.times.clone().into());
            // Letters with plain ranges come first, so that a proof which counts them in this order has short lines.
            let length = |var: &Var| {
                let own = points.guard.indices().filter(|index| index.contains(var));
                own.map(Index::len).max()
            };
            let mut vars = points.vars.clone();
            vars.sort_by_key(length);
            match vars.is_empty() && points.guard.is_empty() {
                true => times,
                false => Expr::Sum(vars, points.guard.clone(), Box::new(times)),
            }
        };
        match self.parts.as_slice() {
            [] => Expr::from(0),
            [one] => part(one),
            several => Expr::Add(several.iter().map(part).collect()),
        }
    }

    /// The cost as a polynomial in the sizes, where the points form boxes: a proposal, for the prover to show.
    pub fn closed(&self, facts: &Facts) -> Option<Closed> {
        closed(facts, &self.expr())
    }
}

/// A sum of costs as a polynomial in the sizes; `None` where none is found.
pub fn closed(facts: &Facts, expr: &Expr) -> Option<Closed> {
    closed::closed(facts, expr)
}
