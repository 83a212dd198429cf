//! What each judgement of a formula rests on.

use super::boxes::Boxes;
use super::model::Model;
use super::options::Options;
use crate::homework::Symbols;

/// What an answer means, and how it is judged: the same for all of its formulas.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// What its signs and names mean.
    pub model: &'a Model,
    /// What its names are in the proof language.
    pub symbols: &'a Symbols,
    /// The boxes that its sums show.
    pub boxes: &'a Boxes,
    /// Limits, the exercise, and the budget.
    pub options: &'a Options,
}

impl<'a> Context<'a> {
    /// The same with other options, as those for repairs.
    pub(super) fn with(self, options: &'a Options) -> Context<'a> {
        Context { options, ..self }
    }
}
