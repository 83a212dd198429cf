//! Remarks about what was read: damage that was found, and readings that a reader should know of.

use std::ops::Range;

/// What a remark is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteKind {
    /// Two sums have run into one: `\sum_{i=1}^{M-m+1 N-n+1}`.
    MergedSums,
    /// A sum has a first value and no last one, and braces follow: `\sum_{v=1}{V}`.
    LostCaret,
    /// A sum has a last value and no first one.
    NoLowerBound,
    /// A sum has a first value and no last one.
    NoUpperBound,
    /// A sum or integral names no letter.
    NoLetter,
    /// A fraction has ∂ on one side only.
    LostPartial,
    /// A formula stands twice in a row, as in text copied from a rendered page.
    Doubled,
    /// A rotation is applied to an entry; the tensor is meant.
    RotatedEntry,
    /// A rotation is applied to a number.
    RotatedScalar,
    /// Braces hide a sum's end: `\sum_m{a + b}` prints without them.
    HiddenBraces,
    /// `a**b` is a power.
    DoubleStar,
    /// Two relations follow each other.
    DoubledRelation,
    /// A relation has no right side.
    MissingSide,
    /// A letter stands before an interval without ∈: `i, j [0, m-1]`.
    LostRelation,
    /// A letter stands where it says nothing: `i ∈ [1,M]J`.
    StrayLetter,
    /// `x_ij` was read as `x_{ij}`, or `\delta^l+1` as it stands.
    LooseScript,
    /// The rows of a matrix differ in length.
    RaggedMatrix,
    /// Bold and plain letters, or the like, are read as one name.
    OneName,
    /// A reading was chosen among several.
    Choice,
}

impl NoteKind {
    /// Whether the notation is damaged, so that the literal reading may not be what was meant.
    pub fn is_damage(self) -> bool {
        matches!(
            self,
            NoteKind::MergedSums
                | NoteKind::LostCaret
                | NoteKind::NoLowerBound
                | NoteKind::NoUpperBound
                | NoteKind::NoLetter
                | NoteKind::LostPartial
                | NoteKind::Doubled
                | NoteKind::RotatedScalar
                | NoteKind::DoubleStar
                | NoteKind::DoubledRelation
                | NoteKind::MissingSide
                | NoteKind::LostRelation
                | NoteKind::StrayLetter
        )
    }

    /// The kind as a kebab-case word.
    pub fn word(self) -> &'static str {
        match self {
            NoteKind::MergedSums => "merged-sums",
            NoteKind::LostCaret => "lost-caret",
            NoteKind::NoLowerBound => "no-lower-bound",
            NoteKind::NoUpperBound => "no-upper-bound",
            NoteKind::NoLetter => "no-letter",
            NoteKind::LostPartial => "lost-partial",
            NoteKind::Doubled => "doubled",
            NoteKind::RotatedEntry => "rotated-entry",
            NoteKind::RotatedScalar => "rotated-scalar",
            NoteKind::HiddenBraces => "hidden-braces",
            NoteKind::DoubleStar => "double-star",
            NoteKind::DoubledRelation => "doubled-relation",
            NoteKind::MissingSide => "missing-side",
            NoteKind::LostRelation => "lost-relation",
            NoteKind::StrayLetter => "stray-letter",
            NoteKind::LooseScript => "loose-script",
            NoteKind::RaggedMatrix => "ragged-matrix",
            NoteKind::OneName => "one-name",
            NoteKind::Choice => "choice",
        }
    }
}

/// A remark about a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// Where: bytes of the whole text.
    pub span: Range<usize>,
    /// What is remarkable, in one sentence.
    pub message: String,
    /// What may have been meant, as source text.
    pub repair: Option<String>,
}

impl Note {
    /// A remark at a place.
    pub fn new(kind: NoteKind, span: Range<usize>, message: impl Into<String>) -> Self {
        Note { kind, span, message: message.into(), repair: None }
    }

    /// The same with what may have been meant.
    pub fn with_repair(mut self, repair: impl Into<String>) -> Self {
        self.repair = Some(repair.into());
        self
    }
}

/// Why a formula cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where reading stopped.
    pub span: Range<usize>,
    /// What was found and what was expected.
    pub message: String,
    /// What would help.
    pub hint: Option<String>,
}

impl Fault {
    /// A fault at a place.
    pub fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Fault { span, message: message.into(), hint: None }
    }
}
