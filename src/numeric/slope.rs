//! Functions of whose derivative something is assumed.
//!
//! Where `f′(x) = e` is all that is known of f, its values are free: each argument gets one. What happens near an argument is
//! then settled: `f(a + cε) = f(a) + c·e(a)·ε`, one infinitesimal after the other.

use std::rc::Rc;

use super::eval::{Evaluator, GIVEN, Handle};
use super::fault::Fault;
use super::scalar::Scalar;

impl<F: Scalar> Evaluator<'_, F> {
    /// The value of such a function, differentiated `order` times.
    pub(super) fn solution(&mut self, function: usize, order: u32, argument: &F) -> Result<F, Fault> {
        self.budget.spend(1)?;
        match (order, argument.top()) {
            (0, None) => {
                if let Some(Some(known)) = self.program.known.get(function) {
                    let value = argument.exact().and_then(|argument| known.value(&argument));
                    return value.and_then(|value| F::rational(&value)).ok_or(Fault::Irrational);
                }
                let positive = self.program.positive.get(function).copied().unwrap_or(false);
                Ok(self.model.solutions.value(function, positive, argument))
            }
            (0, Some((level, lower, coefficient))) => {
                let value = self.solution(function, 0, &lower)?;
                let change = self.slope(function, &lower)?.times(&coefficient);
                Ok(value.plus(&change.times(&F::infinitesimal(level).ok_or(Fault::TooDeep)?)))
            }
            (1, _) => self.slope(function, argument),
            _ => {
                let level = self.active.len() + self.extra;
                let near = argument.plus(&F::infinitesimal(level).ok_or(Fault::TooDeep)?);
                self.extra += 1;
                let value = self.solution(function, order - 1, &near);
                self.extra -= 1;
                Ok(value?.coefficient(level))
            }
        }
    }

    /// What is assumed of the derivative, at an argument.
    fn slope(&mut self, function: usize, argument: &F) -> Result<F, Fault> {
        let program = self.program;
        let Some(Some((code, slots))) = program.slopes.get(function) else {
            return Err(Fault::Malformed("nothing is assumed of a derivative".into()));
        };
        let tensors: Rc<[Handle]> = Rc::from([GIVEN + self.given.len()]);
        self.given.push(argument.clone());
        self.value(code, &mut vec![0; *slots], &tensors)
    }
}
