//! What is to be decided: a statement, perhaps with the author's own proof, and what the author expects.
//!
//! This is the meeting point of the stages: the elaborator makes goals, search, cross-check and reports read them.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::kernel::{Expr, Index, Name, Statement, Tensor};

/// A statement to decide, as it stands in a file or on the command line.
#[derive(Clone, Debug)]
pub struct Goal {
    /// What is claimed.
    pub statement: Statement,
    /// The author's chain of equalities, first line first; empty where there is none.
    pub script: Vec<Line>,
    /// What the author expects.
    pub expectation: Expectation,
    /// Where the statement stands: byte offsets into the source.
    pub span: Range<usize>,
    /// The two sides of a comparison of integers, which the claim itself has as one term that is 0 or not negative.
    pub compared: Option<(Index, Index)>,
    /// What stands for any tensor in the statement, although the file says what it is made of.
    pub made: Option<Box<Made>>,
    /// Names that the file declares, but this statement and its definitions do not use, and other remarks of the lint.
    pub remarks: Vec<String>,
}

impl Goal {
    /// A statement that is expected to be true, without a proof of its author.
    pub fn new(statement: Statement, span: Range<usize>) -> Self {
        let (script, remarks, expectation) = (Vec::new(), Vec::new(), Expectation::Proved);
        Goal { statement, script, expectation, span, compared: None, made: None, remarks }
    }
}

/// Tensors on the way of a gradient. A gradient by a tensor `y` takes `y` as any tensor, so a statement about it does, too: what is
/// proved of any `y` holds for the one that the file makes, while a counterexample must be one for that.
#[derive(Clone, Debug)]
pub struct Made {
    /// What the names are made of, in terms of what is declared.
    pub tensors: BTreeMap<Name, Tensor>,
    /// The same statement, which declares all that those are made of as well.
    pub statement: Statement,
}

impl Made {
    /// The names, for messages.
    pub fn names(&self) -> String {
        self.tensors.keys().map(Name::as_str).collect::<Vec<_>>().join(", ")
    }
}

/// One line of a chain: `= expr by hint`.
#[derive(Clone, Debug)]
pub struct Line {
    /// The expression; bound letters keep the author's names.
    pub expr: Expr,
    /// How it is said to follow from the line before; empty for the first line and where nothing is said.
    pub hints: Vec<Hint>,
    /// Byte offsets of the line's expression.
    pub span: Range<usize>,
    /// The author's text of the expression.
    pub source: String,
}

/// What an author may say after `by`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// `s = i-u+1`: pairs of a left and a right term, over the letters of the lines before and after.
    Substitution(Vec<(Index, Index)>),
    /// A law by its name in `convprove laws`, or one of its everyday names (`zero-outside`).
    Law(Name),
    /// An earlier theorem or a definition to unfold.
    Named(Name),
}

/// What the author expects of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Expectation {
    /// That it is proved.
    #[default]
    Proved,
    /// That it is refuted (`expect refuted`).
    Refuted,
    /// That it stays open (`expect undecided`).
    Undecided,
}
