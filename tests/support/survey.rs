//! What becomes of random statements: true ones, and each with one subscript or bound moved.

use convprove::decide::{Options, Verdict, decide};
use convprove::goal::Goal;
use rayon::prelude::*;

use super::edit::Mutation;
use super::statements::{Dice, statement};

/// How many verdicts of each kind there were.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Proved.
    pub proved: usize,
    /// Refuted.
    pub refuted: usize,
    /// Neither.
    pub open: usize,
}

impl Tally {
    fn plus(self, other: Tally) -> Tally {
        Tally {
            proved: self.proved + other.proved,
            refuted: self.refuted + other.refuted,
            open: self.open + other.open,
        }
    }
}

/// True statements by the number of their rewrites, and edited ones.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// `by_rewrites[k]`: statements with `k + 1` rewrites.
    pub by_rewrites: [Tally; 4],
    /// Statements with one place moved.
    pub edited: Tally,
    /// What must not be: a true statement refuted, a statement both proved and refuted.
    pub faults: Vec<String>,
    /// True statements that stay open, and why.
    pub open: Vec<String>,
}

impl Survey {
    fn plus(mut self, other: Survey) -> Survey {
        for (mine, theirs) in self.by_rewrites.iter_mut().zip(other.by_rewrites) {
            *mine = mine.plus(theirs);
        }
        self.edited = self.edited.plus(other.edited);
        self.faults.extend(other.faults);
        self.open.extend(other.open);
        self
    }
}

/// Decides the statements with the given numbers, in parallel; `done` is told of each.
pub fn survey(seed: u64, numbers: std::ops::Range<u64>, done: impl Fn() + Sync) -> Survey {
    numbers
        .into_par_iter()
        .map(|number| {
            let found = one(seed, number);
            done();
            found
        })
        .reduce(Survey::default, Survey::plus)
}

fn one(seed: u64, number: u64) -> Survey {
    let mut dice = Dice::new(seed, number);
    let rewrites = dice.below(4);
    let goal = statement(&mut dice, rewrites + 1);
    let mut result = Survey::default();
    let (tally, fault) = verdict(&goal, true);
    result.by_rewrites[rewrites] = tally;
    let fault = fault.map(|what| format!("seed {seed}, number {number}: {what}"));
    if tally.open > 0 {
        result.open.extend(fault)
    } else {
        result.faults.extend(fault)
    }
    // One edit away.
    let mut count = Mutation { target: usize::MAX - 1, seen: 0, by: 1 };
    count.statement(&mut goal.statement.clone());
    let by = if dice.below(2) == 0 { 1 } else { -1 };
    let mut edit = Mutation { target: dice.below(count.seen), seen: 0, by };
    let mut edited = goal.clone();
    edit.statement(&mut edited.statement);
    let (tally, fault) = verdict(&edited, false);
    result.edited = tally;
    result.faults.extend(fault.map(|what| format!("seed {seed}, number {number}, edited: {what}")));
    result
}

fn verdict(goal: &Goal, is_true: bool) -> (Tally, Option<String>) {
    let claim = || format!("{:?}", goal.statement.claim);
    match decide(goal, &[], &Options::default()).verdict {
        Verdict::Proved(_) => (Tally { proved: 1, ..Tally::default() }, None),
        Verdict::Disagreement(_, counterexample) => (
            Tally { proved: 1, ..Tally::default() },
            Some(format!("proved and refuted\n{counterexample}\n{}", claim())),
        ),
        Verdict::Refuted(counterexample) => (
            Tally { refuted: 1, ..Tally::default() },
            is_true.then(|| format!("true by construction, but refuted\n{counterexample}\n{}", claim())),
        ),
        Verdict::Undecided(open) if is_true => {
            (Tally { open: 1, ..Tally::default() }, Some(format!("open: {}\n{}", open.reason, claim())))
        }
        _ => (Tally { open: 1, ..Tally::default() }, None),
    }
}
