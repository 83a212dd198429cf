//! Homework judged step by step: each step gets a verdict, and each fault comes with evidence that a person can check.
//!
//! ```text
//! text ──homework::read──▶ steps ──model──▶ what the signs and names mean ──judge──▶ findings ──▶ Grade
//! ```
//!
//! | file | subject |
//! | --- | --- |
//! | [`verdict`] | verdicts, classes of errors, findings with their evidence |
//! | [`model`] | what signs and names mean: inferred from the answer, or given |
//! | `judge` | the order in which a step is examined, and what is carried from step to step |
//! | `letters` | letters that no sum binds, or that a sum binds in vain |
//! | `numbers` | arithmetic of numbers, exactly |
//! | `sizes` | equations between sizes, as rational functions |
//! | `places` | substitutions |
//! | [`options`], `context` | how answers are judged; what each judgement rests on |
//! | `prover`, `claims`, `boxes` | questions to the prover; sums of entries; the boxes of arrays as an answer shows them |
//! | `gradients`, `geometry`, `matrices` | gradients entry by entry; the sizes of the layer; matrices that are written out |
//! | `layers`, `dense`, `other_layers` | formulas between whole tensors, as backpropagation has them |
//! | `layer_names`, `channels` | the layers and slopes that a formula of a layer takes; the channels that its maps join |
//! | `own_layer`, `implied` | gradients of a layer that the answer writes as a sum itself, or that their own subscripts show: strides, paddings, channels |
//! | `chain_rule`, `identities` | products of derivatives; products of tensors by signs |
//! | [`report`] | a grade as text, Markdown and data |
//! | `repair` | sides that are one edit away |
//! | [`exercise`] | what is asked for, and how many marks it is worth |
//! | [`html`], [`class`] | a grade as a page; a class at once |
//! | `goal` | whether the exercise is done |
//! | [`marks`] | what steps and goals are worth |
//! | `words`, `chinese` | what an answer says in words; the reader's and the prover's sentences in Chinese |
//! | `linear` | linear forms and fractions of polynomials |
//!
//! The iron rule: nothing is called wrong without evidence. A step that cannot be judged is undecided, with a reason.

mod bias;
mod boxes;
mod chain_rule;
mod channels;
mod chinese;
mod claims;
pub mod class;
mod context;
mod dense;
pub mod exercise;
mod geometry;
mod given;
mod goal;
mod gradients;
pub mod html;
mod identities;
mod implied;
mod judge;
mod layer_names;
mod layers;
mod letters;
mod linear;
pub mod marks;
mod matrices;
pub mod model;
mod numbers;
pub mod options;
mod other_layers;
mod own_layer;
mod places;
mod prover;
mod ranges;
mod repair;
pub mod report;
mod sizes;
mod slopes;
pub mod verdict;
mod words;

use std::ops::Range;

use crate::homework::{self, Reading, Step};
pub use exercise::Exercise;
pub use marks::Marks;
pub use options::Options;
pub use verdict::{Class, Evidence, Finding, Text, Verdict};

/// An answer with a verdict for each of its steps.
#[derive(Clone, Debug)]
pub struct Grade {
    /// How the answer was read.
    pub reading: Reading,
    /// What its signs and names were taken to mean.
    pub conventions: Vec<Text>,
    /// The steps in order; formulas that could not be read stand among them.
    pub steps: Vec<Judged>,
    /// What the exercises ask for, and whether the answer reaches it.
    pub goals: Vec<Goal>,
    /// What the whole answer is worth, where the exercise says so.
    pub total: Option<u32>,
}

/// What one exercise asks of an answer as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// The exercise.
    pub exercise: String,
    /// Whether the answer reaches it.
    pub reached: bool,
    /// The marks for reaching it.
    pub worth: u32,
    /// What the answer does not have.
    pub missing: Vec<Missing>,
}

/// Something that an answer does not have.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing {
    /// What is missing.
    pub message: Text,
    /// What it would have been: for reports that may tell what is right.
    pub wanted: Option<String>,
}

/// A step with its verdict.
#[derive(Clone, Debug)]
pub struct Judged {
    /// `s1`, `s2`, … as in the reading; `u1`, … for what could not be read.
    pub id: String,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The column in which it begins, from 1, in letters.
    pub column: usize,
    /// Where it stands: bytes of the whole text, without the delimiters of the formula.
    pub span: Range<usize>,
    /// Its text as it was written.
    pub source: String,
    /// How it was understood.
    pub reading: String,
    /// The verdict.
    pub verdict: Verdict,
    /// What was found, the most serious first.
    pub findings: Vec<Finding>,
    /// The wrong step that this one follows from.
    pub follows: Option<String>,
    /// What it is worth; nothing where it claims nothing.
    pub worth: u32,
    /// Its marks, where what they rest on may not be told.
    told: Option<Marks>,
}

impl Judged {
    /// A step with what was found of it; the most serious finding is the verdict, and none is ok.
    fn of(step: &Step, findings: Vec<Finding>, follows: Option<String>) -> Self {
        let (id, source) = (step.id.clone(), step.source.clone());
        let verdict = findings.first().map_or(Verdict::Ok, |finding| finding.verdict);
        let (line, column, span, reading) = (step.line, step.column, step.span.clone(), step.reading());
        let worth = u32::from(!findings.is_empty());
        Judged { id, line, column, span, source, reading, verdict, findings, follows, worth, told: None }
    }

    /// A step that is not judged, and why.
    fn undecided(step: &Step, reason: Text) -> Self {
        Judged::of(step, vec![Finding::undecided(reason)], None)
    }
}

impl Judged {
    /// The classes of its errors, each once.
    pub fn classes(&self) -> Vec<Class> {
        let mut classes = Vec::new();
        for finding in self.findings.iter().filter(|finding| finding.verdict.is_fault()) {
            for class in &finding.classes {
                if !classes.contains(class) {
                    classes.push(*class);
                }
            }
        }
        classes
    }

    /// The least repair that was proved to be right.
    pub fn repair(&self) -> Option<&str> {
        self.findings.iter().filter(|finding| finding.verdict.is_fault()).find_map(|finding| finding.repair.as_deref())
    }

    /// The counterexample of its first fault that has one.
    pub fn counterexample(&self) -> Option<&crate::numeric::Counterexample> {
        self.findings.iter().find_map(|finding| match &finding.evidence {
            Evidence::Counterexample(example) => Some(example.as_ref()),
            _ => None,
        })
    }
}

/// Judges an answer.
///
/// ```
/// use convprove::grade::{Class, Exercise, Options, Verdict, grade};
///
/// // A statement, with what signs mean and which final form is asked for, …
/// let exercise = Exercise::read("commutes.cvp", &[
///     "# exercise: sign ⊗ = correlation",
///     "# exercise: marks 2",
///     r"# exercise: form rot180(W) \tilde{\otimes} X = rot180(X) \tilde{\otimes} W",
///     "use std",
///     "size m, n, M, N",
///     "tensor W[1..m, 1..n], X[1..M, 1..N]",
///     "theorem commutes: wide(rot180(W), X) = wide(rot180(X), W)",
/// ].join("\n"))
/// .unwrap();
/// // … an answer, …
/// let answer = "Wide convolution commutes:\n\n$$W \\tilde{\\otimes} X = X \\tilde{\\otimes} W$$";
/// let options = Options { exercise: Some(exercise), ..Options::default() };
/// let grade = grade(answer, &options);
/// // … and a verdict per step, with its place.
/// let step = &grade.steps[0];
/// assert_eq!((step.verdict, step.classes()), (Verdict::Wrong, vec![Class::Flip]));
/// assert_eq!((step.line, step.column), (3, 3));
/// assert!(answer[step.span.clone()].starts_with("W "));
/// let fault = &step.findings[0];
/// assert_eq!(answer[fault.at.clone().unwrap()].trim(), "X \\tilde{\\otimes} W");
/// assert_eq!(step.repair(), Some("rot180(W) ⊗~ X = rot180(X) ⊗~ W"));
/// assert!(!grade.goals[0].reached);
/// assert_eq!(grade.marks().of, 2.0);
/// ```
pub fn grade(text: &str, options: &Options) -> Grade {
    let reading = homework::read(text);
    // Formulas may be as deep as the reader allows; and should the grader fail, nobody is blamed.
    homework::with_room(|| judge::answer(reading.clone(), text, options)).unwrap_or_else(|| unjudged(reading))
}

/// What is said of an answer for which the grader found no room, or in which it failed.
fn unjudged(reading: Reading) -> Grade {
    let reason = Text::new("the grader could not work on this answer", "评分程序无法处理此答案");
    let steps = reading.steps.iter().map(|step| Judged::undecided(step, reason.clone()));
    Grade { conventions: Vec::new(), steps: steps.collect(), goals: Vec::new(), total: None, reading }
}
