//! Marks: what each step is worth, and what an answer comes to.

use std::collections::BTreeMap;

use super::verdict::{Class, Verdict};
use super::{Grade, Judged};
use crate::homework::StepKind;

/// What an exercise gives for steps and for reaching its goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// For a step of which nothing else is said.
    pub each: u32,
    /// For steps of one kind.
    pub kinds: BTreeMap<StepKind, u32>,
    /// For reaching the goal.
    pub goal: u32,
    /// What a whole answer is worth, however many steps it has: marks are scaled to it.
    pub total: Option<u32>,
}

impl Default for Scheme {
    /// One mark a step, none for the goal.
    fn default() -> Self {
        Scheme { each: 1, kinds: BTreeMap::new(), goal: 0, total: None }
    }
}

impl Scheme {
    /// What a step of this kind is worth.
    pub fn of(&self, kind: StepKind) -> u32 {
        self.kinds.get(&kind).copied().unwrap_or(self.each)
    }
}

/// Marks of a step, or of a whole answer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Marks {
    /// What was reached.
    pub reached: f64,
    /// What a person must decide: steps that are undecided or could not be read.
    pub open: f64,
    /// What there was to be had.
    pub of: f64,
}

impl Marks {
    /// Both together.
    pub fn plus(self, other: Marks) -> Marks {
        Marks { reached: self.reached + other.reached, open: self.open + other.open, of: self.of + other.of }
    }

    /// The same shares of another total, to a tenth of a mark; an answer without steps reaches nothing.
    pub fn scaled(self, total: f64) -> Marks {
        let share = |value: f64| if self.of > 0.0 { (value / self.of * total * 10.0).round() / 10.0 } else { 0.0 };
        Marks { reached: share(self.reached), open: share(self.open), of: total }
    }

    /// `7/10`, with what is open where there is any: `7/10 + 2 open`.
    pub fn text(self, open: &str) -> String {
        let rest = if self.open > 0.0 { format!(" + {} {open}", self.open) } else { String::new() };
        format!("{}/{}{rest}", self.reached, self.of)
    }
}

impl Judged {
    /// Whether its only fault is that of an earlier line, from which it follows rightly.
    pub fn is_inherited(&self) -> bool {
        self.verdict.is_fault() && self.classes() == [Class::Inherited]
    }

    /// Whether it claims anything: a mention or a range does not, and is worth nothing.
    pub fn claims(&self) -> bool {
        self.worth > 0 || self.verdict != Verdict::Ok
    }

    /// The marks of this step. What is right counts in full, and so does what follows rightly from a wrong line: nobody pays twice for one
    /// error. Damaged notation, an unsaid convention and a missing hypothesis cost half. What is undecided stays open.
    pub fn marks(&self) -> Marks {
        if let Some(told) = self.told {
            return told;
        }
        let of = f64::from(self.worth);
        let reached = match self.verdict {
            // The goal has marks of its own.
            _ if self.is_inherited() || self.classes() == [Class::Goal] => of,
            Verdict::Ok => of,
            Verdict::Typo | Verdict::Ambiguous | Verdict::Incomplete => of / 2.0,
            Verdict::Undecided | Verdict::Wrong | Verdict::Unreadable => 0.0,
        };
        let open = if matches!(self.verdict, Verdict::Undecided | Verdict::Unreadable) { of } else { 0.0 };
        Marks { reached, open, of }
    }
}

impl Grade {
    /// The marks of the whole answer: its steps and the goals of its exercises.
    ///
    /// ```
    /// use convprove::grade::{Options, grade};
    /// let marks = grade("$$2 + 2 = 4$$\n\n$$3 \\times 3 = 6$$", &Options::default()).marks();
    /// assert_eq!((marks.reached, marks.of), (1.0, 2.0));
    /// ```
    pub fn marks(&self) -> Marks {
        let goals = self.goals.iter().map(|goal| {
            let of = f64::from(goal.worth);
            Marks { reached: if goal.reached { of } else { 0.0 }, open: 0.0, of }
        });
        let all = self.steps.iter().map(Judged::marks).chain(goals).fold(Marks::default(), Marks::plus);
        match self.total {
            Some(total) => all.scaled(f64::from(total)),
            None => all,
        }
    }
}
