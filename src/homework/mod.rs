//! Homework as it is pasted: Markdown or bare text with formulas in LaTeX, Unicode and ASCII habits, read into steps.
//!
//! ```text
//! text ──markup──▶ bare page ──page──▶ cuts ──bare──▶ formulas ──latex──▶ trees ──resolve──▶ meanings ──assemble──▶ Reading { steps, unreadable, … }
//! ```
//!
//! | file | subject |
//! | --- | --- |
//! | `markup` | quotation marks, numbers of equations and LaTeX's words for the typesetter, masked |
//! | `page` | formulas between delimiters, and the text round them (`grammar/page.pest`) |
//! | `bare` | formulas without delimiters |
//! | `latex` | the text of one formula becomes a tree (`grammar/latex.pest`) |
//! | `macros`, `relocate` | the author's own commands, written out; places back to where they stand |
//! | [`formula`] | the tree |
//! | `resolve` | subscripts, layers, calls and runs of letters, settled over the whole answer |
//! | `assemble`, `kinds` | steps and their kinds, chains that go on from step to step |
//! | [`symbols`] | the names of an answer: tensors with their axes, functions, indices, sizes |
//! | [`surface`] | expressions as terms of the proof language |
//! | [`mod@print`] | what was understood, as plain text |
//! | [`note`], `places` | remarks and faults; lines and columns |
//!
//! Nothing is dropped silently: [`Reading::pieces`] covers every byte of the text that is not blank. Nothing is guessed silently
//! either: a reading that was chosen among several carries a [`Note`]. Whether a step is *right* is not decided here, and what a sign such
//! as `⊗` means is the answer's convention, which the reader leaves open.

mod assemble;
mod bare;
pub mod formula;
mod kinds;
mod latex;
mod macros;
mod markup;
pub mod note;
mod page;
mod places;
pub mod print;
mod relocate;
mod resolve;
pub mod surface;
pub mod symbols;

use std::ops::Range;

use formula::{Chain, Expr, Relation, Statement};
pub use note::{Note, NoteKind};
pub use places::Places;
pub use symbols::Symbols;

/// A text may be this long, in bytes; what stands beyond is reported as unread.
const MAX_TEXT: usize = 1 << 20;

/// Room for the parser at its greatest depth.
const STACK: usize = 64 << 20;

/// An answer as it was understood.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The steps in order.
    pub steps: Vec<Step>,
    /// What could not be read.
    pub unreadable: Vec<Unreadable>,
    /// The whole text, cut: every byte that is not blank belongs to exactly one piece.
    pub pieces: Vec<Piece>,
    /// The names of the answer.
    pub symbols: Symbols,
}

/// A formula of the answer: a display, a formula within a line, or a line of bare text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `s1`, `s2`, … in the order of the text.
    pub id: String,
    /// The line on which the formula begins, from 1.
    pub line: usize,
    /// The column in which it begins, from 1, in letters.
    pub column: usize,
    /// Where the formula stands, without its delimiters.
    pub span: Range<usize>,
    /// Its text as it was written.
    pub source: String,
    /// How it stands in the text.
    pub setting: Setting,
    /// What it is.
    pub kind: StepKind,
    /// The words before a formula that begins with a relation: `time = 3*3`.
    pub label: Option<String>,
    /// The number of the equation.
    pub tag: Option<String>,
    /// The author's remarks after `//`.
    pub remarks: Vec<String>,
    /// What it says.
    pub statements: Vec<Statement>,
    /// The kind of each statement by itself: a chain may stand beside its substitution and its domain.
    pub kinds: Vec<StepKind>,
    /// The step whose chain this one goes on with, as a place in [`Reading::steps`].
    pub continues: Option<usize>,
    /// What is remarkable about it.
    pub notes: Vec<Note>,
}

/// How a formula stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Between `$$` and the like, or in an environment.
    Display,
    /// Between `$` and the like.
    Inline,
    /// Without delimiters.
    Bare,
}

/// The kinds of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepKind {
    /// A chain of equations or inequalities.
    Chain,
    /// `A ≜ B`
    Definition,
    /// `s = i-u+1, t = j-v+1`: letters of positions in terms of others.
    Substitution,
    /// `i ∈ [1, M]`, `0 ≤ u < K`: where letters run.
    Domain,
    /// `100*100*3 = 30000`: numbers alone.
    Arithmetic,
    /// `i = 5, k = 3`: names get numbers.
    Values,
    /// `o = ⌊(i+2p-k)/s⌋ + 1`: sizes in terms of sizes.
    Sizes,
    /// `W += …`, `W ← …`
    Update,
    /// An expression of which nothing is said.
    Expression,
    /// A name or expression mentioned within prose.
    Mention,
}

impl StepKind {
    /// The kind as a word.
    pub fn word(self) -> &'static str {
        match self {
            StepKind::Chain => "chain",
            StepKind::Definition => "definition",
            StepKind::Substitution => "substitution",
            StepKind::Domain => "domain",
            StepKind::Arithmetic => "arithmetic",
            StepKind::Values => "values",
            StepKind::Sizes => "sizes",
            StepKind::Update => "update",
            StepKind::Expression => "expression",
            StepKind::Mention => "mention",
        }
    }
}

/// A formula that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The line on which reading stopped, from 1.
    pub line: usize,
    /// The column in which reading stopped, from 1, in letters.
    pub column: usize,
    /// The whole formula.
    pub span: Range<usize>,
    /// Where in it reading stopped.
    pub at: Range<usize>,
    /// What was found and what was expected.
    pub message: String,
    /// What would help.
    pub hint: Option<String>,
}

/// A part of the text and what it was taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where, delimiters included.
    pub span: Range<usize>,
    /// What it is.
    pub kind: PieceKind,
}

/// What a part of the text was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceKind {
    /// Words.
    Prose,
    /// Code, markup, addresses.
    Hidden,
    /// A formula: the step at this place.
    Step(usize),
    /// The second copy of a formula that stands twice in a row; the step at this place is the first.
    Copy(usize),
    /// A formula that could not be read: the entry at this place.
    Unreadable(usize),
}

/// Two neighbouring sides of a chain: what one `=` claims.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The step in which the relation stands, as a place in [`Reading::steps`].
    pub step: usize,
    /// The statement of the step in which it stands.
    pub statement: usize,
    /// The kind of that statement: a substitution or a domain says what letters mean, and is nothing to be proved.
    pub kind: StepKind,
    /// The left side; it may stand in an earlier step.
    pub left: &'a Expr,
    /// The relation.
    pub relation: Relation,
    /// The right side.
    pub right: &'a Expr,
    /// What is written at the relation.
    pub reason: &'a [Expr],
}

/// Reads an answer.
///
/// ```
/// use convprove::homework::{StepKind, read};
///
/// let reading = read("Let\n\ny_{ij}=\\sum^m_{u=1}\\sum^n_{v=1}w_{uv}\\cdot x_{i+u-1,j+v-1}\n\ns=i+u-1, t=j+v-1\n\nso the rest is easy.");
/// assert!(reading.unreadable.is_empty());
/// assert_eq!(reading.steps.len(), 2);
/// assert_eq!(reading.steps[0].reading(), "y[i, j] = Σ(u in 1..m) Σ(v in 1..n) w[u, v]·x[i+u-1, j+v-1]");
/// assert_eq!(reading.steps[1].kind, StepKind::Substitution);
/// ```
pub fn read(text: &str) -> Reading {
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let (text, beyond) = text.split_at(end);
    let mut reading = with_room(|| assemble::read(text)).unwrap_or_else(|| unread(text));
    if !beyond.trim().is_empty() {
        let (line, column) = Places::new(text).of(end);
        let span = end..end + beyond.len();
        reading.pieces.push(Piece { span: span.clone(), kind: PieceKind::Unreadable(reading.unreadable.len()) });
        reading.unreadable.push(Unreadable {
            line,
            column,
            at: span.clone(),
            span,
            message: format!("the text is longer than {MAX_TEXT} bytes; the rest is not read"),
            hint: None,
        });
    }
    reading
}

/// What is said of a text for which the reader found no room, or in which it failed: nothing of it was read.
fn unread(text: &str) -> Reading {
    if text.trim().is_empty() {
        return Reading::default();
    }
    let start = text.len() - text.trim_start().len();
    let span = start..start + text.trim().len();
    let (line, column) = Places::new(text).of(start);
    Reading {
        pieces: vec![Piece { span: span.clone(), kind: PieceKind::Unreadable(0) }],
        unreadable: vec![Unreadable {
            line,
            column,
            at: span.clone(),
            span,
            message: "the reader could not work on this text".to_string(),
            hint: None,
        }],
        ..Reading::default()
    }
}

/// Runs the reader where it has room for the deepest formula it accepts.
pub(crate) fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        thread.ok().and_then(|thread| thread.join().ok())
    })
}

impl Step {
    /// What was understood, on one line.
    pub fn reading(&self) -> String {
        let parts: Vec<String> = self.statements.iter().map(print::statement).collect();
        parts.join(", ")
    }

    /// Whether the notation of the step is damaged: then its claims are to be taken with its notes.
    pub fn is_damaged(&self) -> bool {
        self.notes.iter().any(|note| note.kind.is_damage())
    }

    /// The chains of the step.
    pub fn chains(&self) -> impl Iterator<Item = &Chain> {
        self.statements.iter().filter_map(|statement| match statement {
            Statement::Chain(chain) => Some(chain),
            Statement::Words(..) => None,
        })
    }
}

impl Reading {
    /// What every relation of every chain claims, in order, over the ends of steps: the right side of one claim is the left side
    /// of the next. A side that is missing makes no claim.
    pub fn claims(&self) -> Vec<Claim<'_>> {
        let mut claims = Vec::new();
        for (number, step) in self.steps.iter().enumerate() {
            for (place, statement) in step.statements.iter().enumerate() {
                let Statement::Chain(chain) = statement else { continue };
                let mut left = chain.first.as_ref();
                if left.is_none() {
                    left = step.continues.and_then(|before| self.last_side(before));
                }
                for link in &chain.links {
                    if let (Some(left), Some(right)) = (left, &link.side) {
                        claims.push(Claim {
                            step: number,
                            statement: place,
                            kind: step.kinds.get(place).copied().unwrap_or(step.kind),
                            left,
                            relation: link.relation,
                            right,
                            reason: &link.reason,
                        });
                    }
                    left = link.side.as_ref().or(left);
                }
            }
        }
        claims
    }

    /// The last side of the last chain of a step.
    pub fn last_side(&self, step: usize) -> Option<&Expr> {
        let chain = self.steps.get(step)?.chains().last()?;
        chain.sides().last()
    }

    /// The first side of the chain that a step belongs to.
    pub fn chain_start(&self, step: usize) -> Option<&Expr> {
        let mut at = step;
        // A step goes on with an earlier one, so this ends.
        while let Some(before) = self.steps.get(at)?.continues.filter(|before| *before < at) {
            at = before;
        }
        self.steps.get(at)?.chains().last()?.first.as_ref()
    }
}
