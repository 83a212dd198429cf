//! Making a counterexample small: sizes, then indices, then entries. What is reported was evaluated in rationals.

use std::collections::BTreeMap;

use num_rational::BigRational;

use super::code::Program;
use super::counterexample::{Counterexample, TensorValue};
use super::eval::{Evaluator, Sides};
use super::fault::Fault;
use super::model::{Model, Place, Polynomial};
use super::points::Budget;
use super::refute::{Failure, Tally, Trial};
use super::sample::admissible;
use super::scalar::{Jet, Scalar};

/// Points for one evaluation while shrinking.
const EACH: u64 = 200_000;
/// Points for the shrinking of one counterexample.
const ALL: u64 = 400_000;

/// The smallest counterexample near a failure; `None` where it does not stand in rationals.
pub(super) fn shrink<F: Scalar>(program: &Program, failure: Failure, smallest: bool) -> Option<Counterexample> {
    let mut budget = Budget::new(ALL);
    let failure = if smallest { failure } else { smaller_sizes::<F>(program, failure, &mut budget) };
    let mut budget = Budget::new(ALL);
    let drawn: Model<F> = Model::draw(program, &failure.parameters, failure.seed, &mut budget).ok()?;
    let mut evaluator = Evaluator::new(program, &drawn, Budget::new(EACH));
    evaluator.record = true;
    evaluator.sides(&failure.index).ok()?;
    let places: Vec<Place> = std::mem::take(&mut evaluator.touched).into_iter().collect();
    let mut attempt = Attempt { program, failure: &failure, places: &places, budget };
    let functions = attempt.plain_functions::<F>(&drawn.functions);
    let values = attempt.entries::<F>(&functions);
    // Where no small integers show the failure in the field, random rationals may; the last word is always theirs.
    let found = values.and_then(|values| attempt.exactly(&values, &functions));
    found.or_else(|| attempt.random_rationals(&drawn.functions))
}

/// Takes parameters down one at a time, as long as the claim fails.
fn smaller_sizes<F: Scalar>(program: &Program, failure: Failure, budget: &mut Budget) -> Failure {
    let fails = |parameters: &[i64], seed: u64, budget: &mut Budget| {
        Trial { program, parameters, seed, most: usize::MAX }.run::<F>(budget, &mut Tally::default())
    };
    let mut best = failure;
    loop {
        let mut improved = false;
        for position in 0..best.parameters.len() {
            let Some(value) = best.parameters.get(position).copied() else { continue };
            // Straight to small values first, then one step down.
            let down = [0, 1, value.signum() * (value.abs() / 2), value - value.signum()];
            for smaller in down.into_iter().filter(|smaller| smaller.abs() < value.abs()) {
                let mut parameters = best.parameters.clone();
                if let Some(place) = parameters.get_mut(position) {
                    *place = smaller;
                }
                if !admissible(program, &parameters) || budget.left() == 0 {
                    continue;
                }
                if let Some(found) = fails(&parameters, best.seed, budget) {
                    best = found;
                    improved = true;
                    break;
                }
            }
        }
        if !improved {
            break;
        }
    }
    // The first index that fails, which the trial of a random shape may have jumped over.
    fails(&best.parameters, best.seed, budget).unwrap_or(best)
}

struct Attempt<'a> {
    program: &'a Program,
    failure: &'a Failure,
    places: &'a [Place],
    budget: Budget,
}

impl Attempt<'_> {
    fn sides<F: Scalar>(&mut self, values: &BTreeMap<Place, F>, functions: &[Polynomial]) -> Result<Sides<F>, Fault> {
        let parameters = &self.failure.parameters;
        let functions = functions.to_vec();
        let model = Model::given(self.program, parameters, self.failure.seed, values, functions, &mut self.budget)?;
        let given = Budget::new(EACH.min(self.budget.left()));
        let mut evaluator = Evaluator::new(self.program, &model, given);
        let sides = evaluator.sides(&self.failure.index);
        self.budget.spend(given.left() - evaluator.budget.left())?;
        sides
    }

    fn fails<F: Scalar>(&mut self, values: &[i64], functions: &[Polynomial]) -> bool {
        let values: BTreeMap<Place, F> =
            self.places.iter().cloned().zip(values.iter().map(|value| F::small(*value))).collect();
        self.sides(&values, functions).is_ok_and(|sides| sides.fails)
    }

    /// Whether random values at the chosen places, and 0 at the others, make the claim fail.
    fn fails_somewhere<F: Scalar>(&mut self, chosen: &[usize], functions: &[Polynomial]) -> bool {
        let place = |position: &usize| {
            let place = self.places.get(*position)?.clone();
            Some((place, F::draw(super::scalar::scatter(self.failure.seed, [*position as i64]))))
        };
        let values: BTreeMap<Place, F> = chosen.iter().filter_map(place).collect();
        self.sides(&values, functions).is_ok_and(|sides| sides.fails)
    }

    /// Functions as plain as the failure allows, judged with entries that are all different.
    fn plain_functions<F: Scalar>(&mut self, drawn: &[Polynomial]) -> Vec<Polynomial> {
        let spread: Vec<i64> = (0..self.places.len() as i64).map(|place| 2 + 3 * place).collect();
        let mut best = drawn.to_vec();
        let signed = self.program.positive.iter().enumerate().filter(|(_, positive)| !**positive);
        for (position, _) in signed {
            let arity = self.program.functions.get(position).map_or(1, |(_, arity)| *arity);
            for exponent in 0..=3_u32 {
                let mut plain = best.clone();
                if let Some(place) = plain.get_mut(position) {
                    *place = Polynomial(vec![(1, vec![exponent; arity])]);
                }
                if self.fails::<F>(&spread, &plain) {
                    best = plain;
                    break;
                }
            }
        }
        best
    }

    /// Small integers at which the claim fails: as few non-zero ones as possible, then the first in lexicographic order.
    fn entries<F: Scalar>(&mut self, functions: &[Polynomial]) -> Option<Vec<i64>> {
        let count = self.places.len();
        let random = !self.program.has_max && !self.program.has_known();
        for nonzero in 0..=count.min(4) {
            for chosen in combinations(count, nonzero, 400) {
                // Where random values of these entries do not show it, small ones hardly will; an order may need the right ones.
                if random && nonzero > 0 && !self.fails_somewhere::<F>(&chosen, functions) {
                    if self.budget.left() < ALL / 4 {
                        return self.greedy::<F>(functions);
                    }
                    continue;
                }
                for values in small_values(nonzero) {
                    let mut entries = vec![0; count];
                    for (place, value) in chosen.iter().zip(values) {
                        if let Some(entry) = entries.get_mut(*place) {
                            *entry = value;
                        }
                    }
                    if self.fails::<F>(&entries, functions) {
                        return Some(entries);
                    }
                    if self.budget.left() < ALL / 4 {
                        return self.greedy::<F>(functions);
                    }
                }
            }
        }
        self.greedy::<F>(functions)
    }

    /// From entries that are all different: each is made 0, then small, where the claim still fails.
    fn greedy<F: Scalar>(&mut self, functions: &[Polynomial]) -> Option<Vec<i64>> {
        let mut entries: Vec<i64> = (0..self.places.len() as i64).map(|place| 2 + 3 * place).collect();
        if !self.fails::<F>(&entries, functions) {
            entries = (0..self.places.len() as i64)
                .map(|place| if place % 2 == 0 { 5 + place } else { -3 - place })
                .collect();
            if !self.fails::<F>(&entries, functions) {
                return None;
            }
        }
        for position in 0..entries.len() {
            for value in [0, 1, 2, -1, 3] {
                let mut simpler = entries.clone();
                if let Some(place) = simpler.get_mut(position) {
                    *place = value;
                }
                if self.budget.left() > 0 && self.fails::<F>(&simpler, functions) {
                    entries = simpler;
                    break;
                }
            }
        }
        Some(entries)
    }

    fn exactly(&mut self, values: &[i64], functions: &[Polynomial]) -> Option<Counterexample> {
        let value = |value: &i64| <Jet<BigRational>>::small(*value);
        let values = self.places.iter().cloned().zip(values.iter().map(value)).collect();
        self.budget = Budget::new(ALL);
        let sides = self.sides(&values, functions).ok().filter(|sides| sides.fails)?;
        Some(self.report(&values, functions, sides))
    }

    fn random_rationals(&mut self, functions: &[Polynomial]) -> Option<Counterexample> {
        for round in 0..8 {
            let draw = |place: &Place| {
                let key = [place.0 as i64, round].into_iter().chain(place.1.iter().copied());
                <Jet<BigRational>>::draw(super::scalar::scatter(self.failure.seed, key))
            };
            let values = self.places.iter().map(|place| (place.clone(), draw(place))).collect();
            self.budget = Budget::new(ALL);
            if let Ok(sides) = self.sides(&values, functions)
                && sides.fails
            {
                return Some(self.report(&values, functions, sides));
            }
        }
        None
    }

    fn report(
        &self,
        values: &BTreeMap<Place, Jet<BigRational>>,
        functions: &[Polynomial],
        sides: Sides<Jet<BigRational>>,
    ) -> Counterexample {
        let program = self.program;
        let named = |named: &[(crate::kernel::Name, usize)], flat: &[i64]| {
            let mut rest = flat.iter().copied();
            named.iter().map(|(name, width)| (name.clone(), rest.by_ref().take(*width).collect())).collect()
        };
        let parameters = &self.failure.parameters;
        let mut budget = Budget::new(ALL);
        let model = Model::given(program, parameters, self.failure.seed, values, functions.to_vec(), &mut budget).ok();
        let mut tensors = Vec::new();
        for (number, input) in program.inputs.iter().enumerate() {
            let own = values.iter().filter(|((tensor, _), _)| *tensor == number);
            let own: BTreeMap<&[i64], BigRational> =
                own.map(|((_, position), value)| (position.as_slice(), value.standard())).collect();
            let stored = model.as_ref().and_then(|model| model.stored_box(number));
            tensors.push(TensorValue::new(input.name.clone(), stored, &own));
        }
        let mut texts: Vec<String> = program
            .functions
            .iter()
            .zip(functions)
            .zip(&program.slopes)
            .filter(|(_, slope)| slope.is_none())
            .map(|(((name, arity), polynomial), _)| polynomial.describe(name, *arity))
            .collect();
        let known = program.functions.iter().zip(&program.known);
        texts.extend(known.filter_map(|((name, _), known)| Some((*known)?.describe(name.as_str()))));
        if !program.integers.is_empty() || program.slopes.iter().any(Option::is_some) {
            // The values that this evaluation asks for, by the same seed.
            let mut budget = Budget::new(EACH);
            if let Ok(model) =
                Model::given(program, parameters, self.failure.seed, values, functions.to_vec(), &mut budget)
            {
                let mut evaluator = Evaluator::new(program, &model, budget);
                let _ = evaluator.sides(&self.failure.index);
                texts.extend(model.integers.describe(&program.integers));
                texts.extend(model.solutions.describe(&program.functions));
            }
        }
        Counterexample {
            ranks: program.ranks.iter().map(|(name, width)| (name.clone(), *width)).collect(),
            sizes: named(&program.parameters, parameters),
            index: named(&program.indices, &self.failure.index),
            tensors,
            functions: texts,
            lhs: sides.left.standard(),
            rhs: sides.right.standard(),
            note: sides.note,
        }
    }
}

/// Choices of `size` places out of `count`, the later places first, so that the vectors of entries come in lexicographic order.
fn combinations(count: usize, size: usize, most: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..size {
        let mut longer = Vec::new();
        for chosen in &all {
            let next = chosen.first().copied().unwrap_or(count);
            for place in (0..next).rev() {
                let mut extended = vec![place];
                extended.extend(chosen);
                longer.push(extended);
                if longer.len() > 20_000 {
                    break;
                }
            }
        }
        all = longer;
    }
    // Vectors of zeros and ones in lexicographic order: the first place that differs decides, 0 before 1.
    all.sort_by(|left, right| right.cmp(left));
    all.truncate(most);
    all
}

/// Values for the non-zero entries: all 1 first.
fn small_values(count: usize) -> Vec<Vec<i64>> {
    let choices: &[i64] = if count <= 2 { &[1, 2, -1, 3] } else { &[1, 2, -1] };
    let mut all: Vec<Vec<i64>> = vec![Vec::new()];
    for _ in 0..count {
        all = all
            .into_iter()
            .flat_map(|prefix| {
                choices.iter().map(move |value| {
                    let mut next = prefix.clone();
                    next.push(*value);
                    next
                })
            })
            .collect();
    }
    all
}
