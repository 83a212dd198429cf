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
//! | [`judge`] | the order in which a step is examined, and what is carried from step to step |
//! | `letters` | letters that no sum binds, or that a sum binds in vain |
//! | `numbers` | arithmetic of numbers, exactly |
//! | `sizes` | equations between sizes, as rational functions |
//! | `places` | substitutions |
//! | `claims` | sums of entries, through the prover |
//! | `gradients`, `matrices` | gradients entry by entry; matrices that are written out |
//! | `layers`, `dense`, `other_layers` | formulas between whole tensors, as backpropagation has them |
//! | `layer_names` | the layers, channels and slopes that a formula of a layer takes |
//! | `own_layer` | gradients of a layer that the answer writes as a sum itself: strides, paddings, channels |
//! | `chain_rule`, `identities` | products of derivatives; products of tensors by signs |
//! | [`report`] | a grade as text, Markdown and data |
//! | `repair` | sides that are one edit away |
//! | [`exercise`] | what is asked for, and how many marks it is worth |
//! | [`html`], [`class`] | a grade as a page; a class at once |
//! | `goal` | whether the exercise is done |
//! | `linear` | linear forms and fractions of polynomials |
//!
//! The iron rule: nothing is called wrong without evidence. A step that cannot be judged is undecided, with a reason.

mod chain_rule;
mod claims;
pub mod class;
mod dense;
pub mod exercise;
mod goal;
mod gradients;
pub mod html;
mod identities;
pub mod judge;
mod layer_names;
mod layers;
mod letters;
mod linear;
mod matrices;
pub mod model;
mod numbers;
mod other_layers;
mod own_layer;
mod places;
mod repair;
pub mod report;
mod sizes;
pub mod verdict;

use crate::homework::{self, Reading, Step};
pub use exercise::Exercise;
pub use judge::Options;
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
    /// What the exercise asks for and the answer as a whole does not have.
    pub missing: Vec<Text>,
}

/// A step with its verdict.
#[derive(Clone, Debug)]
pub struct Judged {
    /// `s1`, `s2`, … as in the reading; `u1`, … for what could not be read.
    pub id: String,
    /// The line on which it begins, from 1.
    pub line: usize,
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
}

impl Judged {
    /// A step with what was found of it; the most serious finding is the verdict, and none is ok.
    fn of(step: &Step, findings: Vec<Finding>, follows: Option<String>) -> Self {
        let (id, source) = (step.id.clone(), step.source.clone());
        let verdict = findings.first().map_or(Verdict::Ok, |finding| finding.verdict);
        Judged { id, line: step.line, source, reading: step.reading(), verdict, findings, follows }
    }

    /// A step that is not judged, and why.
    fn undecided(step: &Step, reason: Text) -> Self {
        Judged::of(step, vec![Finding::undecided(reason)], None)
    }
}

impl Grade {
    /// Marks reached and marks to be had, with so many for each step that claims something. A step that is right counts in full, one that
    /// is right up to its notation or under a convention counts half; what follows rightly from a wrong line is not punished again.
    pub fn marks(&self, each: u32) -> (f64, u32) {
        let claims = self.steps.iter().filter(|step| !step.findings.is_empty());
        let mut reached = 0.0;
        let mut all = 0;
        for step in claims {
            all += each;
            let share = match step.verdict {
                Verdict::Ok => 1.0,
                Verdict::Typo | Verdict::Ambiguous | Verdict::Incomplete | Verdict::Undecided => 0.5,
                Verdict::Wrong | Verdict::Unreadable => 0.0,
            };
            reached += share * f64::from(each);
        }
        (reached, all)
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
/// use convprove::grade::{Class, Options, Verdict, grade};
///
/// let grade = grade("$$3 \\times 3 \\times 2 = 18$$\n\n$$28 \\times 64 = 1892$$", &Options::default());
/// assert_eq!(grade.steps[0].verdict, Verdict::Ok);
/// assert_eq!(grade.steps[1].verdict, Verdict::Wrong);
/// assert_eq!(grade.steps[1].classes(), [Class::Arithmetic]);
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
    Grade { conventions: Vec::new(), steps: steps.collect(), missing: Vec::new(), reading }
}
