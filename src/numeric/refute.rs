//! The cross-check: looking for sizes, indices and entries at which a claim fails.

use num_rational::BigRational;

use crate::kernel::{Name, Statement};

use super::code::Program;
use super::counterexample::Counterexample;
use super::eval::Evaluator;
use super::fault::Fault;
use super::model::{Integers, Model};
use super::points::Budget;
use super::sample::{admissible, indices, ranks, small, special};
use super::scalar::{Jet, Prime, Random, Scalar, scatter};
use super::shrink::shrink;

/// How often other entries are tried where the order of entries matters.
const ROUNDS: u64 = 8;

/// At so many sizes, the smallest first.
const SIZES: usize = 6;

/// How long and from which seed to look.
#[derive(Clone, Debug)]
pub struct Options {
    /// The seed of all random choices.
    pub seed: u64,
    /// How many points may be evaluated in all.
    pub points: u64,
    /// How many random shapes are tried after the small sizes.
    pub shapes: usize,
    /// Sizes that are tried first after the small ones, such as those of a statement that resembles this one.
    pub hints: Vec<Vec<(Name, Vec<i64>)>>,
}

impl Default for Options {
    fn default() -> Self {
        Options { seed: 2024, points: 120_000, shapes: 24, hints: Vec::new() }
    }
}

/// What the cross-check found. It can refute, never prove.
#[derive(Clone, Debug, PartialEq)]
pub enum CrossCheck {
    /// No counterexample among so many choices of sizes and indices.
    Agrees {
        /// How many choices were evaluated.
        trials: usize,
        /// The seed of the entries and shapes.
        seed: u64,
    },
    /// The claim is false.
    Refuted(Box<Counterexample>),
    /// The claim says nothing for any sizes that were tried.
    Vacuous(String),
    /// The claim could not be evaluated.
    Unsupported(String),
}

/// A choice at which a claim fails.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub parameters: Vec<i64>,
    pub index: Vec<i64>,
    pub seed: u64,
}

/// What has been tried so far.
#[derive(Default)]
pub(super) struct Tally {
    pub trials: usize,
    pub sizes: usize,
    pub fault: Option<Fault>,
}

/// Looks for a counterexample.
///
/// ```
/// use convprove::kernel::*;
/// use convprove::numeric::{check, CrossCheck, Options};
/// // a·a = a is false, and a = 2 is the smallest integer that shows it.
/// let scalar = TensorDeclaration { name: "a".into(), axes: vec![], support: Guard::always() };
/// let a = Expr::entry("a", vec![]);
/// let statement = Statement {
///     name: "idempotent".into(),
///     signature: Signature { tensors: vec![scalar], ..Signature::default() },
///     parameters: vec![], assumptions: Guard::always(), indices: vec![], ranges: Guard::always(),
///     claim: Claim::Equation(Expr::Power(Box::new(a.clone()), 2), a),
/// };
/// let CrossCheck::Refuted(found) = check(&statement, &Options::default()) else { panic!() };
/// assert_eq!((found.lhs.to_string(), found.rhs.to_string()), ("4".into(), "2".into()));
/// ```
pub fn check(statement: &Statement, options: &Options) -> CrossCheck {
    let mut tally = Tally::default();
    let ranks = ranks(statement);
    let share = options.points / ranks.len().max(1) as u64;
    for ranks in &ranks {
        let program = match Program::new(statement, ranks) {
            Ok(program) => program,
            Err(fault) => return CrossCheck::Unsupported(fault.to_string()),
        };
        match at_ranks(&program, options, share, &mut tally) {
            Ok(Some(counterexample)) => return CrossCheck::Refuted(Box::new(counterexample)),
            Ok(None) => {}
            Err(fault) => tally.fault = Some(fault),
        }
    }
    match (tally.trials, tally.sizes, tally.fault) {
        (0, _, Some(fault)) => CrossCheck::Unsupported(fault.to_string()),
        (0, 0, None) => CrossCheck::Vacuous("no sizes among those tried satisfy the assumptions".into()),
        (0, _, None) => CrossCheck::Vacuous("the index ranges are empty for all sizes that were tried".into()),
        (trials, _, _) => CrossCheck::Agrees { trials, seed: options.seed },
    }
}

/// Looks for a counterexample in one choice of dimensions.
fn at_ranks(
    program: &Program,
    options: &Options,
    points: u64,
    tally: &mut Tally,
) -> Result<Option<Counterexample>, Fault> {
    // A maximum needs an order, which the prime field does not have; a known function has its values at rational numbers.
    match (program.has_max || program.has_known(), program.has_derivative) {
        (false, false) => search::<Prime>(program, options, points, tally),
        (false, true) => search::<Jet<Prime>>(program, options, points, tally),
        (true, false) => search::<BigRational>(program, options, points, tally),
        (true, true) => search::<Jet<BigRational>>(program, options, points, tally),
    }
}

fn search<F: Scalar>(
    program: &Program,
    options: &Options,
    points: u64,
    tally: &mut Tally,
) -> Result<Option<Counterexample>, Fault> {
    let sizes = small(program, &Budget::new(points / 4))?;
    let mut budget = Budget::new(points / 2);
    let attempt = |parameters: &[i64], most: usize, budget: &mut Budget, tally: &mut Tally| {
        let seed = scatter(options.seed, parameters.iter().copied());
        Trial { program, parameters, seed, most }.run::<F>(budget, tally)
    };
    // Which entry is the largest, whether assumptions hold and whether a value is rational depends on the entries: some sizes are
    // tried with others. Where most entries give no value at all, that comes before larger sizes.
    let again = match (program.has_known(), program.has_max || !program.premises.is_empty()) {
        (true, _) => 4 * ROUNDS,
        (false, true) => ROUNDS,
        (false, false) => 0,
    };
    let more = sizes.iter().take(SIZES).flat_map(|parameters| (1..=again).map(move |round| (round, parameters)));
    let once = sizes.iter().map(|parameters| (0, parameters));
    let rounds: Vec<(u64, &Vec<i64>)> =
        if program.has_known() { more.chain(once).collect() } else { once.chain(more).collect() };
    for (round, parameters) in rounds {
        if budget.left() == 0 {
            break;
        }
        let seed = scatter(options.seed.wrapping_add(round), parameters.iter().copied());
        let trial = Trial { program, parameters, seed, most: usize::MAX };
        if let Some(failure) = trial.run::<F>(&mut budget, tally)
            && let Some(counterexample) = shrink::<F>(program, failure, true)
        {
            return Ok(Some(counterexample));
        }
    }
    if tally.trials == 0 && matches!(tally.fault, Some(Fault::TooLarge)) {
        // Even the smallest instance is larger than the usual budget: one trial with a much larger one.
        let mut budget = Budget::new(points.saturating_mul(40));
        if let Some(parameters) = sizes.first()
            && let Some(failure) = attempt(parameters, 4, &mut budget, tally)
        {
            return Ok(shrink::<F>(program, failure, true));
        }
    }
    let mut random = Random::new(options.seed);
    let hints = options.hints.iter().filter_map(|hint| hinted(program, hint));
    let shapes: Vec<Vec<i64>> = hints.chain(special(program, options.shapes, &mut random)).collect();
    let mut budget = Budget::new(points / 2);
    let each = points / 2 / (shapes.len() as u64 + 1) * 2;
    for parameters in shapes.iter().filter(|parameters| !sizes.contains(parameters)) {
        if budget.left() == 0 {
            break;
        }
        let mut own = Budget::new(each.min(budget.left()));
        let given = own.left();
        let found = attempt(parameters, 8, &mut own, tally);
        budget.spend(given - own.left()).unwrap_or(());
        if let Some(failure) = found
            && let Some(counterexample) = shrink::<F>(program, failure, false)
        {
            return Ok(Some(counterexample));
        }
    }
    Ok(None)
}

/// The parameters that a hint gives, where they are all there and admissible.
fn hinted(program: &Program, hint: &[(Name, Vec<i64>)]) -> Option<Vec<i64>> {
    let mut flat = Vec::new();
    for (name, width) in &program.parameters {
        let (_, values) = hint.iter().find(|(other, values)| other == name && values.len() == *width)?;
        flat.extend_from_slice(values);
    }
    admissible(program, &flat).then_some(flat)
}

/// One choice of parameters and of the entries that go with it.
#[derive(Clone, Copy)]
pub(super) struct Trial<'a> {
    pub program: &'a Program,
    pub parameters: &'a [i64],
    pub seed: u64,
    /// How many free indices are tried.
    pub most: usize,
}

impl Trial<'_> {
    /// Evaluates the claim with random entries; a fault is noted.
    pub(super) fn run<F: Scalar>(self, budget: &mut Budget, tally: &mut Tally) -> Option<Failure> {
        tally.sizes += 1;
        let outcome = self.failure::<F>(budget, tally);
        outcome.unwrap_or_else(|fault| {
            tally.fault = Some(fault);
            None
        })
    }

    fn failure<F: Scalar>(self, budget: &mut Budget, tally: &mut Tally) -> Result<Option<Failure>, Fault> {
        let Trial { program, parameters, seed, most } = self;
        let chosen = some_of(indices(program, parameters, &Integers::new(seed), budget)?, most, seed);
        let model: Model<F> = Model::draw(program, parameters, seed, budget)?;
        let mut evaluator = Evaluator::new(program, &model, *budget);
        for index in chosen {
            let sides = evaluator.sides(&index);
            *budget = evaluator.budget;
            match sides {
                Ok(sides) => {
                    tally.trials += 1;
                    if sides.fails {
                        return Ok(Some(Failure { parameters: parameters.to_vec(), index, seed }));
                    }
                }
                // The claim has no value here, or none that this trial can find: another choice may do.
                Err(fault @ (Fault::TooLarge | Fault::TooDeep | Fault::Malformed(_) | Fault::Undeclared(_))) => {
                    return Err(fault);
                }
                Err(fault) => tally.fault = Some(fault),
            }
        }
        Ok(None)
    }
}

/// The first, the last and some between, in order.
fn some_of(all: Vec<Vec<i64>>, most: usize, seed: u64) -> Vec<Vec<i64>> {
    if all.len() <= most || most < 2 {
        return all;
    }
    let mut random = Random::new(seed);
    let last = all.len() - 1;
    let mut chosen: std::collections::BTreeSet<usize> = [0, last].into();
    while chosen.len() < most {
        chosen.insert(random.below(all.len() as u64) as usize);
    }
    all.into_iter().enumerate().filter(|(position, _)| chosen.contains(position)).map(|(_, index)| index).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Every theorem about letters with D coordinates is evaluated, and holds, along a line, in the plane and in space.
    #[test]
    fn every_dimension_is_tried() {
        let page = include_str!("../../proofs/any_dimension.cvp");
        let goals = crate::syntax::load(page, false).goals;
        assert!(goals.len() > 20);
        let options = Options::default();
        for goal in goals {
            let choices = ranks(&goal.statement);
            assert_eq!(choices.len(), 3, "{}", goal.statement.name);
            for choice in choices {
                let program = Program::new(&goal.statement, &choice).unwrap();
                let mut tally = Tally::default();
                let found = at_ranks(&program, &options, options.points / 3, &mut tally).unwrap();
                assert!(found.is_none(), "{} {choice:?}: {}", goal.statement.name, found.unwrap());
                println!("{} {choice:?}: {} trials at {} sizes", goal.statement.name, tally.trials, tally.sizes);
                assert!(tally.trials > 0, "{} {choice:?}: {:?}", goal.statement.name, tally.fault);
            }
        }
    }
}
