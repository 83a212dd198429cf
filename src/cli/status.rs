//! Exit statuses.

use convprove::decide::{Decision, Verdict};
use convprove::goal::Expectation;

/// What a run came to; the exit status of several is the most serious.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// All as expected.
    Fine,
    /// Something is neither proved nor refuted.
    Undecided,
    /// Something cannot be read or has no meaning.
    Unreadable,
    /// Something is refuted, or not as expected.
    Refuted,
    /// The command line asks for what is not there.
    Usage,
    /// The kernel and the cross-check disagree.
    Disagreement,
}

impl Status {
    /// The number that a script sees.
    pub fn code(self) -> u8 {
        match self {
            Status::Fine => 0,
            Status::Refuted => 1,
            Status::Usage => 2,
            Status::Undecided => 3,
            Status::Unreadable => 4,
            Status::Disagreement => 70,
        }
    }

    /// The status of one decision.
    pub fn of(decision: &Decision) -> Self {
        match &decision.verdict {
            Verdict::Disagreement(_, _) => Status::Disagreement,
            _ if decision.as_expected() => Status::Fine,
            Verdict::IllFormed(_) => Status::Unreadable,
            _ if decision.expectation != Expectation::Proved => Status::Refuted,
            Verdict::Proved(_) => Status::Fine,
            Verdict::Refuted(_) => Status::Refuted,
            Verdict::Undecided(_) => Status::Undecided,
        }
    }
}
