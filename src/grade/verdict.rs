//! Verdicts, classes of errors, findings with their evidence.

use std::ops::Range;

use super::chinese;
use crate::homework::formula::Expr;
use crate::homework::print;
use crate::numeric::Counterexample;

/// What is said of a step. Later ones are more serious.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Right.
    Ok,
    /// Neither shown nor refuted.
    Undecided,
    /// Right under one convention or counting rule, wrong under another, and the answer does not say which.
    Ambiguous,
    /// Not false, but the goal, a factor or a hypothesis is missing.
    Incomplete,
    /// Damaged notation: what was meant can be seen, what is written is false or has no meaning.
    Typo,
    /// False as written.
    Wrong,
    /// It could not be read.
    Unreadable,
}

impl Verdict {
    /// The verdict as a word.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Undecided => "undecided",
            Verdict::Ambiguous => "ambiguous",
            Verdict::Incomplete => "incomplete",
            Verdict::Typo => "typo",
            Verdict::Wrong => "wrong",
            Verdict::Unreadable => "unreadable",
        }
    }

    /// Whether the step must be changed.
    pub fn is_fault(self) -> bool {
        matches!(self, Verdict::Ambiguous | Verdict::Incomplete | Verdict::Typo | Verdict::Wrong)
    }
}

/// The classes of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A wrong, swapped or unbound letter, or ±1 in a subscript.
    Index,
    /// The ends of a sum.
    Bounds,
    /// A substitution that is not the one that is carried out, or a wrong inverse.
    Substitution,
    /// A rotation too many or too few.
    Flip,
    /// The wrong tensor.
    Operand,
    /// A factor that is lost or too many.
    Factor,
    /// A sum that is lost or over the wrong letter.
    Sum,
    /// A sign.
    Sign,
    /// The wrong layer.
    Layer,
    /// The range of the free letters.
    Domain,
    /// Something must be assumed that is not said.
    Hypothesis,
    /// A sign with more than one meaning.
    Convention,
    /// A chain of derivatives.
    Derivative,
    /// How it is written.
    Notation,
    /// Numbers.
    Arithmetic,
    /// What was to be shown is not shown.
    Goal,
    /// It follows from a wrong line.
    Inherited,
}

impl Class {
    /// The class as a word.
    pub fn word(self) -> &'static str {
        match self {
            Class::Index => "index",
            Class::Bounds => "bounds",
            Class::Substitution => "substitution",
            Class::Flip => "flip",
            Class::Operand => "operand",
            Class::Factor => "factor",
            Class::Sum => "sum",
            Class::Sign => "sign",
            Class::Layer => "layer",
            Class::Domain => "domain",
            Class::Hypothesis => "hypothesis",
            Class::Convention => "convention",
            Class::Derivative => "derivative",
            Class::Notation => "notation",
            Class::Arithmetic => "arithmetic",
            Class::Goal => "goal",
            Class::Inherited => "inherited",
        }
    }
}

/// The languages of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Chinese.
    Chinese,
}

impl Language {
    /// The language in which an answer is written: Chinese where it has Chinese words.
    ///
    /// ```
    /// use convprove::grade::verdict::Language;
    /// assert_eq!(Language::of("宽卷积的定义"), Language::Chinese);
    /// assert_eq!(Language::of("the definition"), Language::English);
    /// ```
    pub fn of(text: &str) -> Self {
        let chinese = text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter));
        if chinese { Language::Chinese } else { Language::English }
    }
}

/// One sentence in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// In English.
    pub english: String,
    /// In Chinese.
    pub chinese: String,
}

impl Text {
    /// A sentence in both languages.
    pub fn new(english: impl Into<String>, chinese: impl Into<String>) -> Self {
        Text { english: english.into(), chinese: chinese.into() }
    }

    /// Why the prover leaves something open; the prover speaks English.
    pub fn reason(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        let chinese = format!("证明器未能判定：{}", chinese::translated(&reason));
        Text::new(reason, chinese)
    }

    /// The sentence in one language.
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::Chinese => &self.chinese,
        }
    }
}

/// What a person can check.
#[derive(Clone, Debug, PartialEq)]
pub enum Evidence {
    /// Nothing is needed: a remark, or a verdict that blames nobody.
    None,
    /// The place where the fault stands.
    Place(Range<usize>),
    /// Values for which both sides differ.
    Counterexample(Box<Counterexample>),
    /// The two sides are these numbers.
    Values(String, String),
    /// What a substitution says of the old letters, and what the term becomes.
    Substitution {
        /// The inverse of what is written.
        inverse: String,
        /// What the term before it becomes.
        becomes: String,
    },
    /// A sentence that can be checked by hand: sizes that do not fit, a chain that does not cancel.
    Argument(Text),
}

/// One thing that was found about a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What it makes of the step.
    pub verdict: Verdict,
    /// Its classes; none where nothing is wrong.
    pub classes: Vec<Class>,
    /// What is the matter.
    pub message: Text,
    /// Why that is so.
    pub evidence: Evidence,
    /// What would be right, in the reader's notation; it has been proved.
    pub repair: Option<String>,
    /// Where it stands, in bytes of the whole text; the whole step where nothing closer is known.
    pub at: Option<Range<usize>>,
    /// Whether the line says what something is, and no more.
    pub(super) defines: bool,
}

impl Finding {
    /// A finding without a repair.
    pub fn new(verdict: Verdict, classes: &[Class], message: Text, evidence: Evidence) -> Self {
        let at = if let Evidence::Place(span) = &evidence { Some(span.clone()) } else { None };
        Finding { verdict, classes: classes.to_vec(), message, evidence, repair: None, at, defines: false }
    }

    /// A finding that is its own evidence: an argument that the reader can follow.
    pub fn argued(verdict: Verdict, class: Class, argument: Text) -> Self {
        Finding::new(verdict, &[class], argument.clone(), Evidence::Argument(argument))
    }

    /// A remark that changes no verdict.
    pub fn remark(message: Text) -> Self {
        Finding::new(Verdict::Ok, &[], message, Evidence::None)
    }

    /// A line that says what something is, in these words.
    pub(super) fn definition(words: Text) -> Self {
        Finding { defines: true, ..Finding::remark(words) }
    }

    /// A line that says what something is.
    pub(super) fn defines(what: &Expr) -> Self {
        let name = print::expr(what);
        Finding::definition(Text::new(format!("it defines {name}"), format!("定义了 {name}")))
    }

    /// A line that says of something that it is another thing than a line before it said.
    pub(super) fn defined_before(what: &Expr) -> Self {
        let name = print::expr(what);
        Finding::undecided(Text::new(
            format!("{name} has been something else before: another definition, or a mistake"),
            format!("{name} 前面另有定义：是重新定义，还是有误，无法判断"),
        ))
    }

    /// What could not be judged, and why.
    pub fn undecided(message: Text) -> Self {
        Finding::new(Verdict::Undecided, &[], message, Evidence::None)
    }

    /// The same with what would be right.
    pub fn with_repair(mut self, repair: impl Into<String>) -> Self {
        self.repair = Some(repair.into());
        self
    }
}
