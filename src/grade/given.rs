//! Values that an answer gives to sizes, `M = 100, K = 3`, put into its equations.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;

use super::letters;
use super::numbers;
use crate::homework::formula::*;
use crate::homework::{Reading, StepKind};

/// The sizes that have one value in the whole answer.
#[derive(Debug, Default)]
pub(super) struct Given(BTreeMap<Name, BigRational>);

impl Given {
    /// What an answer gives. A size that has several values, one for each layer, has none here.
    pub(super) fn of(reading: &Reading) -> Self {
        let mut found: BTreeMap<Name, BTreeSet<BigRational>> = BTreeMap::new();
        for step in &reading.steps {
            for (statement, kind) in step.statements.iter().zip(&step.kinds) {
                let (Statement::Chain(chain), StepKind::Values) = (statement, kind) else { continue };
                let value = chain.sides().filter_map(numbers::value).next();
                for name in chain.sides().filter_map(Expr::as_name) {
                    found.entry(name.clone()).or_default().extend(value.clone());
                }
            }
        }
        let single = found.into_iter().filter(|(_, values)| values.len() == 1);
        Given(single.filter_map(|(name, values)| Some((name, values.into_iter().next()?))).collect())
    }

    /// A side with the values in it, which may be negative.
    pub(super) fn put(&self, side: &Expr) -> Expr {
        letters::map(side, &mut |part| {
            let value = self.0.get(part.as_name()?)?;
            let number = Expr::new(Kind::Number(value.clone()), part.span);
            Some(Expr::new(Kind::Parens(Bracket::Round, vec![number]), part.span))
        })
    }

    /// The number that a side is for these values.
    pub(super) fn value(&self, side: &Expr) -> Option<BigRational> {
        if self.0.is_empty() { None } else { numbers::value(&self.put(side)) }
    }

    /// Whether a side of numbers may be another one for these values: it is a single number, or those that are given occur in it. With
    /// other numbers it is another example.
    pub(super) fn fits(&self, side: &Expr, numbers: &Expr) -> bool {
        let written: BTreeSet<&BigRational> = letters::all(numbers)
            .into_iter()
            .filter_map(|part| if let Kind::Number(number) = &part.kind { Some(number) } else { None })
            .collect();
        let values = letters::all(side).into_iter().filter_map(|part| self.0.get(part.as_name()?));
        // 0 and 1 are left out where they change nothing.
        let small = |value: &BigRational| *value <= num_traits::One::one();
        written.len() == 1 || values.into_iter().all(|value| small(value) || written.contains(value))
    }
}
