//! Answers that were found before. The search asks the same question many times: in every round of the finder, and again when an explanation
//! is replayed. An answer depends on the question alone, so remembering it changes nothing but time.

use rustc_hash::FxHashMap;
use std::cell::RefCell;

use super::search::Effort;
use crate::kernel::{Facts, Literal, Refutation};

/// With this many answers a thread starts anew.
const ANSWERS: usize = 4096;

type Question = (Facts, Option<Literal>, Effort);

thread_local! {
    static KNOWN: RefCell<FxHashMap<Question, Option<Refutation>>> = RefCell::new(FxHashMap::default());
}

/// The answer to a question, found by `search` where it is not remembered.
pub(super) fn recall(
    facts: &Facts,
    goal: Option<&Literal>,
    effort: Effort,
    search: impl FnOnce() -> Option<Refutation>,
) -> Option<Refutation> {
    let question = (facts.clone(), goal.cloned(), effort);
    if let Some(answer) = KNOWN.with_borrow(|known| known.get(&question).cloned()) {
        return answer;
    }
    let answer = search();
    KNOWN.with_borrow_mut(|known| {
        if known.len() >= ANSWERS {
            known.clear();
        }
        known.insert(question, answer.clone());
    });
    answer
}
