//! From a goal to a verdict: cross-check, search, kernel, and the author's own proof.
//!
//! ```text
//! goal ──► numeric::check ──► refuted?        a counterexample, evaluated exactly
//!      └─► search::prove  ──► proved?         a theorem of the kernel
//!      └─► script::follow ──► line by line?   each `=` of the author's chain
//! ```
//!
//! Both sides always run: that the kernel proves what the cross-check refutes would be a fault of this program, and is
//! reported as [`Verdict::Disagreement`], never hidden.

use std::time::{Duration, Instant};

use crate::diag::Diagnostic;
use crate::goal::{Expectation, Goal, Made};
use crate::numeric::{self, Counterexample, CrossCheck};
use crate::script::{self, Followed};
use crate::search::{self, Budget, Open, Proved, Statistics};

/// What is found out about a statement.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The kernel has checked a proof.
    Proved(Box<Proved>),
    /// There is a counterexample, or a line of the author's chain has one.
    Refuted(Box<Counterexample>),
    /// Neither: why, and what is left.
    Undecided(Open),
    /// The input has no meaning: why.
    IllFormed(Vec<Diagnostic>),
    /// The kernel proves what the cross-check refutes: a fault of this program, with both sides of it.
    Disagreement(Box<Proved>, Box<Counterexample>),
}

impl Verdict {
    /// The verdict's name in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Verdict::Proved(_) => "proved",
            Verdict::Refuted(_) => "refuted",
            Verdict::Undecided(_) => "undecided",
            Verdict::IllFormed(_) => "ill-formed",
            Verdict::Disagreement(_, _) => "disagreement",
        }
    }
}

/// A verdict with its circumstances.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The statement's name.
    pub name: String,
    /// The verdict.
    pub verdict: Verdict,
    /// What the author expects.
    pub expectation: Expectation,
    /// What was found about each line of the author's proof, the first line left out.
    pub lines: Vec<Followed>,
    /// Remarks that change no verdict.
    pub remarks: Vec<String>,
    /// What the cross-check says.
    pub cross_check: CrossCheck,
    /// What the search cost.
    pub statistics: Statistics,
    /// Time of search and kernel.
    pub time: Duration,
    /// Time of the cross-check.
    pub check_time: Duration,
}

impl Decision {
    /// Whether the verdict is what the author expects.
    pub fn as_expected(&self) -> bool {
        matches!(
            (&self.verdict, self.expectation),
            (Verdict::Proved(_), Expectation::Proved)
                | (Verdict::Refuted(_), Expectation::Refuted)
                | (Verdict::Undecided(_), Expectation::Undecided)
        )
    }
}

/// Limits of a decision.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Of the search.
    pub budget: Budget,
    /// Of the cross-check.
    pub numeric: numeric::Options,
}

/// Decides one goal, given earlier results that its proof may use.
///
/// ```
/// use convprove::decide::{decide, Options, Verdict};
/// let module = convprove::syntax::load(
///     "size m, n\ntensor w[1..m], x[1..n]\n\
///      theorem commutes: sum(u in 1..m) w[u] x[i-u] = sum(s in 1..n) x[s] w[i-s]\n",
///     false,
/// );
/// let decision = decide(&module.goals[0], &[], &Options::default());
/// assert!(matches!(decision.verdict, Verdict::Proved(_)));
/// ```
pub fn decide(goal: &Goal, earlier: &[Proved], options: &Options) -> Decision {
    let started = Instant::now();
    let mut cross_check = numeric::check(&goal.statement, &options.numeric);
    let mut check_time = started.elapsed();
    let mut remarks = goal.remarks.clone();
    for remark in numeric::lint(&goal.statement) {
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
    let started = Instant::now();
    let mut statistics = Statistics::default();
    let mut lines = Vec::new();
    let result = if goal.script.is_empty() {
        search::prove(&goal.statement, earlier, &options.budget, &mut statistics)
    } else {
        let outcome = script::follow(goal, earlier, options, &mut statistics, &mut check_time);
        lines = outcome.lines;
        outcome.result
    };
    let time = started.elapsed();
    if let Some(made) = &goal.made {
        // What fails for some tensors need not fail for those that the file makes.
        lines.iter_mut().for_each(|line| line.counterexample = None);
        if matches!(cross_check, CrossCheck::Refuted(_)) && result.is_err() {
            cross_check = written_out(made, options);
        }
    }
    if let (CrossCheck::Refuted(counterexample), Some(sides)) = (&mut cross_check, &goal.compared) {
        counterexample.compare(&goal.statement, sides);
    }
    let false_line = lines.iter().find_map(|line| line.counterexample.clone());
    let verdict = match (result, &cross_check) {
        (Ok(proved), CrossCheck::Refuted(counterexample)) => {
            Verdict::Disagreement(Box::new(proved), counterexample.clone())
        }
        (Ok(proved), _) => Verdict::Proved(Box::new(proved)),
        (Err(_), CrossCheck::Refuted(counterexample)) => Verdict::Refuted(counterexample.clone()),
        (Err(mut open), _) => match false_line {
            Some(counterexample) => Verdict::Refuted(counterexample),
            None => {
                if let Some(made) = &goal.made {
                    open.reason += &format!("; any tensor is meant by {}, as a gradient by it asks for", made.names());
                }
                Verdict::Undecided(open)
            }
        },
    };
    Decision {
        name: goal.statement.name.to_string(),
        verdict,
        expectation: goal.expectation,
        lines,
        remarks,
        cross_check,
        statistics,
        time,
        check_time,
    }
}

/// The cross-check of a statement in which the tensors on the way of a gradient are what the file makes them of.
fn written_out(made: &Made, options: &Options) -> CrossCheck {
    let Some(statement) = search::derivatives::written_out(made, &options.budget) else {
        let names = made.names();
        return CrossCheck::Unsupported(format!(
            "a derivative hides whether the claim fails for what let makes {names} of"
        ));
    };
    numeric::check(&statement, &options.numeric)
}

/// Decides the goals of a file in order; each may use those proved before it.
///
/// `progress` is told of each decision as it is made.
pub fn decide_all(goals: &[Goal], options: &Options, mut progress: impl FnMut(&Decision)) -> Vec<Decision> {
    let mut earlier: Vec<Proved> = Vec::new();
    let mut decisions = Vec::with_capacity(goals.len());
    for goal in goals {
        let decision = decide(goal, &earlier, options);
        if let Verdict::Proved(proved) = &decision.verdict {
            earlier.push(Proved::clone(proved));
        }
        progress(&decision);
        decisions.push(decision);
    }
    decisions
}
