//! How answers are judged: limits, what overrules an answer, and what it may use up.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::model::Meaning;
use crate::decide;

/// How an answer is judged.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Limits of the prover for each claim.
    pub decide: decide::Options,
    /// Meanings of signs, `*` ↦ correlation, that overrule what the answer shows.
    pub meanings: BTreeMap<String, Meaning>,
    /// The first index, where it is not to be inferred.
    pub base: Option<i64>,
    /// The exercise that is answered.
    pub exercise: Option<super::Exercise>,
    /// What has been used up of the answer's budget; each answer begins anew.
    pub budget: Budget,
}

/// How many claims of an answer the prover has been asked about, and how many edits that might repair one.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    claims: Arc<AtomicUsize>,
    repairs: Arc<AtomicUsize>,
}

impl Budget {
    /// Takes one claim of so many; false where there are no more.
    pub(super) fn take(&self, of: usize) -> bool {
        self.claims.fetch_add(1, Ordering::Relaxed) < of
    }
}

impl Options {
    /// The same for edits that might repair a claim: they leave the claims their own budget.
    pub(super) fn for_repairs(&self) -> Options {
        let repairs = Arc::clone(&self.budget.repairs);
        Options { budget: Budget { claims: Arc::clone(&repairs), repairs }, ..self.clone() }
    }
}
