//! What is assumed of entries and of functions of integers: a trial counts only where it holds.
//!
//! Entries are drawn, and the values of functions with integer values are drawn again until the assumptions about them hold: the place
//! of a maximum is found in this way.

use std::cmp::Ordering;
use std::rc::Rc;

use super::code::HeldCode;
use super::eval::{Evaluator, Handle};
use super::fault::Fault;
use super::model::Applied;
use super::points::{points, test};
use super::scalar::Scalar;

/// How many values are drawn again.
const ROUNDS: u64 = 400;

impl<F: Scalar> Evaluator<'_, F> {
    /// Looks for values of the integer functions for which the assumptions hold.
    ///
    /// # Errors
    /// [`Fault::Assumption`] where none are found, or where the entries are at fault.
    pub(super) fn settle(&mut self, index: &[i64]) -> Result<(), Fault> {
        if self.program.premises.is_empty() {
            return Ok(());
        }
        for round in 0..ROUNDS {
            let Some(at_fault) = self.failing(index)? else { return Ok(()) };
            let choice = (round as usize).checked_rem(at_fault.len()).ok_or(Fault::Assumption)?;
            let chosen = at_fault.into_iter().nth(choice).ok_or(Fault::Assumption)?;
            self.model.integers.redraw(chosen, round);
            self.memo.iter_mut().for_each(rustc_hash::FxHashMap::clear);
        }
        Err(Fault::Assumption)
    }

    /// The values that the first assumption that fails depends on.
    fn failing(&mut self, index: &[i64]) -> Result<Option<Vec<Applied>>, Fault> {
        let (program, model) = (self.program, self.model);
        let tensors: Rc<[Handle]> = Rc::from([]);
        for premise in &program.premises {
            let mut frame = self.frame(index);
            let system = &premise.system;
            let found = points(system, &mut frame, &model.integers, None, &mut self.budget)?;
            // A premise without letters has one point where its range holds.
            let width = system.letters.len();
            for point in found.chunks(width.max(1)) {
                for (place, value) in frame.iter_mut().skip(system.first).zip(point).take(width) {
                    *place = *value;
                }
                model.integers.take_asked();
                let holds = match &premise.held {
                    HeldCode::Condition(condition) => test(condition, &frame, &model.integers)?,
                    HeldCode::NonZero(code) => !self.value(code, &mut frame, &tensors)?.is_zero(),
                    HeldCode::Positive(code) => {
                        self.value(code, &mut frame, &tensors)?.compare(&F::zero()) == Some(Ordering::Greater)
                    }
                };
                if !holds {
                    return Ok(Some(model.integers.take_asked()));
                }
            }
        }
        Ok(None)
    }
}
