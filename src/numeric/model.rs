//! What the letters of a statement stand for in one trial: entries of tensors, polynomials for scalar functions, values of
//! integer functions.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::kernel::Name;

use super::code::{Input, Program};
use super::fault::Fault;
use super::points::{Budget, bounds, point_list, test};
use super::scalar::{Random, Scalar, scatter};

/// Values of integer-valued functions: any function will do, so each value is drawn by the arguments.
#[derive(Clone, Debug, Default)]
pub struct Integers {
    seed: u64,
    asked: RefCell<BTreeMap<Applied, i64>>,
    /// Values that an assumption asks for.
    settled: RefCell<BTreeMap<Applied, i64>>,
}

/// A function with integer values by its number, at integers.
pub(super) type Applied = (usize, Vec<i64>);

impl Integers {
    pub(super) fn new(seed: u64) -> Self {
        Integers { seed, ..Integers::default() }
    }

    pub(super) fn value(&self, function: usize, arguments: Vec<i64>) -> i64 {
        let key = [function as i64].into_iter().chain(arguments.iter().copied());
        let drawn = (scatter(self.seed ^ 0x1234_5678, key) % 6) as i64 - 1;
        let key = (function, arguments);
        let value = self.settled.borrow().get(&key).copied().unwrap_or(drawn);
        let mut asked = self.asked.borrow_mut();
        if asked.len() < 64 {
            asked.insert(key, value);
        }
        value
    }

    /// The values that were asked for since the last time, which are then forgotten.
    pub(super) fn take_asked(&self) -> Vec<Applied> {
        std::mem::take(&mut *self.asked.borrow_mut()).into_keys().collect()
    }

    /// Draws another value.
    pub(super) fn redraw(&self, (function, arguments): Applied, round: u64) {
        let key = [function as i64].into_iter().chain(arguments.iter().copied());
        let value = (scatter(self.seed.wrapping_add(round), key) % 10) as i64 - 1;
        self.settled.borrow_mut().insert((function, arguments), value);
    }

    /// The values that were asked for, as text.
    pub(super) fn describe(&self, names: &[Name]) -> Vec<String> {
        let asked = self.asked.borrow();
        let line = |((function, arguments), value): (&(usize, Vec<i64>), &i64)| {
            let arguments: Vec<String> = arguments.iter().map(i64::to_string).collect();
            names.get(*function).map(|name| format!("{name}({}) = {value}", arguments.join(", ")))
        };
        asked.iter().filter_map(line).collect()
    }
}

/// Values of functions of which nothing but the derivative is known: each is drawn by its argument.
#[derive(Clone, Debug, Default)]
pub struct Solutions {
    seed: u64,
    asked: RefCell<BTreeMap<(usize, String), String>>,
}

impl Solutions {
    fn new(seed: u64) -> Self {
        Solutions { seed: seed ^ 0x7a11, asked: RefCell::default() }
    }

    pub(super) fn value<F: Scalar>(&self, function: usize, positive: bool, argument: &F) -> F {
        let text = argument.show();
        let mut value = F::draw(scatter(self.seed, [function as i64].into_iter().chain(text.bytes().map(i64::from))));
        if positive && value.compare(&F::zero()) == Some(std::cmp::Ordering::Less) {
            value = value.times(&F::small(-1));
        }
        let mut asked = self.asked.borrow_mut();
        if asked.len() < 64 {
            asked.insert((function, text), value.show());
        }
        value
    }

    /// The values that were asked for, as text.
    pub(super) fn describe(&self, functions: &[(Name, usize)]) -> Vec<String> {
        let asked = self.asked.borrow();
        let line = |((function, argument), value): (&(usize, String), &String)| {
            functions.get(*function).map(|(name, _)| format!("{name}({argument}) = {value}"))
        };
        asked.iter().filter_map(line).collect()
    }
}

/// The entries of one tensor.
#[derive(Clone, Debug)]
enum Entries<F> {
    /// In a box, row by row; 0 outside.
    Dense { lower: Vec<i64>, shape: Vec<usize>, cells: Vec<F> },
    /// Where the support has no box that can be stored: drawn by the position, or 0 where nothing else is said.
    Sparse { values: BTreeMap<Vec<i64>, F>, seed: Option<u64> },
}

/// A polynomial that stands for a scalar function: integer coefficients and exponents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Polynomial(pub Vec<(i64, Vec<u32>)>);

impl Polynomial {
    /// A random one of low degree.
    fn draw(arity: usize, random: &mut Random) -> Self {
        let highest: u32 = match arity {
            0 | 1 => 3,
            2 => 2,
            _ => 1,
        };
        let mut exponents: Vec<Vec<u32>> = vec![Vec::new()];
        for _ in 0..arity.min(6) {
            exponents = exponents
                .into_iter()
                .flat_map(|prefix| {
                    (0..=highest).map(move |exponent| {
                        let mut next = prefix.clone();
                        next.push(exponent);
                        next
                    })
                })
                .collect();
        }
        let last = exponents.len() - 1;
        let coefficient = |position: usize, bits: u64| {
            let value = (bits % 7) as i64 - 3;
            if value == 0 && position == last { 2 } else { value }
        };
        let terms = exponents.into_iter().enumerate();
        Polynomial(terms.map(|(position, exponents)| (coefficient(position, random.bits()), exponents)).collect())
    }

    /// A positive one: 1 and the square of a linear term for each argument.
    fn positive(arity: usize, random: &mut Random) -> Self {
        let mut terms = vec![(1, vec![0; arity])];
        for position in 0..arity {
            let (a, b) = ((random.below(3) as i64) + 1, random.below(5) as i64 - 2);
            let power = |exponent: u32| {
                let mut exponents = vec![0; arity];
                exponents.iter_mut().skip(position).take(1).for_each(|place| *place = exponent);
                exponents
            };
            terms.extend([(a * a, power(2)), (2 * a * b, power(1)), (b * b, power(0))]);
        }
        Polynomial(terms)
    }

    /// The value of the polynomial, differentiated `orders[k]` times in argument `k`.
    pub(super) fn value<F: Scalar>(&self, orders: &[u32], arguments: &[F]) -> F {
        let mut sum = F::zero();
        'terms: for (coefficient, exponents) in &self.0 {
            let mut product = F::small(*coefficient);
            for (position, argument) in arguments.iter().enumerate() {
                let exponent = exponents.get(position).copied().unwrap_or(0);
                let order = orders.get(position).copied().unwrap_or(0);
                if order > exponent {
                    continue 'terms;
                }
                for step in 0..order {
                    product = product.times(&F::small(i64::from(exponent - step)));
                }
                product = product.times(&argument.power(exponent - order));
            }
            sum = sum.plus(&product);
        }
        sum
    }

    /// As text: `f(t) = 1 - 2*t^3`.
    pub(super) fn describe(&self, name: &Name, arity: usize) -> String {
        let letters: Vec<String> = match arity {
            1 => vec!["t".into()],
            arity => (1..=arity).map(|position| format!("t{position}")).collect(),
        };
        let mut text = String::new();
        for (coefficient, exponents) in self.0.iter().filter(|(coefficient, _)| *coefficient != 0) {
            let sign = match (text.is_empty(), *coefficient < 0) {
                (true, true) => "-",
                (true, false) => "",
                (false, true) => " - ",
                (false, false) => " + ",
            };
            let mut factors: Vec<String> = Vec::new();
            for (letter, exponent) in letters.iter().zip(exponents) {
                match exponent {
                    0 => {}
                    1 => factors.push(letter.clone()),
                    exponent => factors.push(format!("{letter}^{exponent}")),
                }
            }
            if coefficient.unsigned_abs() != 1 || factors.is_empty() {
                factors.insert(0, coefficient.unsigned_abs().to_string());
            }
            text += sign;
            text += &factors.join("*");
        }
        if text.is_empty() {
            text.push('0');
        }
        format!("{name}({}) = {text}", letters.join(", "))
    }
}

/// A position in a tensor: its number among the declared ones, and its coordinates.
pub(super) type Place = (usize, Vec<i64>);

/// Everything that a trial fixes but the free indices.
#[derive(Clone, Debug)]
pub struct Model<F> {
    pub(super) parameters: Vec<i64>,
    entries: Vec<Entries<F>>,
    pub(super) functions: Vec<Polynomial>,
    pub(super) integers: Integers,
    pub(super) solutions: Solutions,
}

/// More cells than this are not stored.
const CELL_LIMIT: u64 = 4096;

impl<F: Scalar> Model<F> {
    /// Random entries and functions for the given parameters.
    pub(super) fn draw(program: &Program, parameters: &[i64], seed: u64, budget: &mut Budget) -> Result<Self, Fault> {
        let integers = Integers::new(seed);
        let mut entries = Vec::new();
        for (number, input) in program.inputs.iter().enumerate() {
            let value = |position: &[i64]| drawn(program, place_bits(seed, number, position));
            entries.push(match stored(input, parameters, &integers, budget)? {
                Some((lower, shape, points)) => fill(lower, shape, points, value),
                None => Entries::Sparse { values: BTreeMap::new(), seed: Some(seed) },
            });
        }
        let mut random = Random::new(seed ^ 0xf0f0);
        let functions = program.functions.iter().zip(&program.positive).map(|((_, arity), positive)| {
            let draw = if *positive { Polynomial::positive } else { Polynomial::draw };
            draw(*arity, &mut random)
        });
        Ok(Model {
            parameters: parameters.to_vec(),
            entries,
            functions: functions.collect(),
            integers,
            solutions: Solutions::new(seed),
        })
    }

    /// The given entries, all others 0.
    pub(super) fn given(
        program: &Program,
        parameters: &[i64],
        seed: u64,
        values: &BTreeMap<Place, F>,
        functions: Vec<Polynomial>,
        budget: &mut Budget,
    ) -> Result<Self, Fault> {
        let integers = Integers::new(seed);
        let mut entries = Vec::new();
        for (number, input) in program.inputs.iter().enumerate() {
            let key = |position: &[i64]| values.get(&(number, position.to_vec())).cloned().unwrap_or_else(F::zero);
            entries.push(match stored(input, parameters, &integers, budget)? {
                Some((lower, shape, points)) => fill(lower, shape, points, key),
                None => {
                    let own = values.iter().filter(|((tensor, _), _)| *tensor == number);
                    let values = own.map(|((_, position), value)| (position.clone(), value.clone())).collect();
                    Entries::Sparse { values, seed: None }
                }
            });
        }
        Ok(Model { parameters: parameters.to_vec(), entries, functions, integers, solutions: Solutions::new(seed) })
    }

    /// The box that is stored for a tensor.
    pub(super) fn stored_box(&self, tensor: usize) -> Option<(&[i64], &[usize])> {
        match self.entries.get(tensor)? {
            Entries::Dense { lower, shape, .. } => Some((lower, shape)),
            Entries::Sparse { .. } => None,
        }
    }

    /// The entry, and whether the position is in the support.
    pub(super) fn entry(&self, program: &Program, tensor: usize, position: &[i64]) -> Result<(F, bool), Fault> {
        let outside = Ok((F::zero(), false));
        match self.entries.get(tensor) {
            Some(Entries::Dense { lower, shape, cells }) => {
                let mut offset = 0_usize;
                for ((coordinate, low), length) in position.iter().zip(lower).zip(shape) {
                    let distance = coordinate.checked_sub(*low).and_then(|distance| usize::try_from(distance).ok());
                    match distance.filter(|distance| distance < length) {
                        Some(distance) => offset = offset * length + distance,
                        None => return outside,
                    }
                }
                // A cell of the box that is not in the support was filled with 0, but no draw gives 0 often enough to matter:
                // whether it is inside is asked only by derivatives and reports.
                Ok((cells.get(offset).cloned().unwrap_or_else(F::zero), true))
            }
            Some(Entries::Sparse { values, seed }) => {
                if !self.inside(program, tensor, position)? {
                    return outside;
                }
                if let Some(value) = values.get(position) {
                    return Ok((value.clone(), true));
                }
                Ok((seed.map_or_else(F::zero, |seed| drawn(program, place_bits(seed, tensor, position))), true))
            }
            None => Err(Fault::Malformed("a tensor without entries".into())),
        }
    }

    /// Whether a position is in a tensor's support.
    pub(super) fn inside(&self, program: &Program, tensor: usize, position: &[i64]) -> Result<bool, Fault> {
        let Some(input) = program.inputs.get(tensor) else { return Ok(false) };
        let slots: Vec<i64> = self.parameters.iter().chain(position).copied().collect();
        test(&input.test, &slots, &self.integers)
    }
}

/// The value of an entry: a small one where functions are known, so that they may have rational values.
fn drawn<F: Scalar>(program: &Program, bits: u64) -> F {
    const SMALL: [i64; 8] = [1, 2, 0, -1, 4, 2, 1, 3];
    match SMALL.get((bits % 8) as usize) {
        Some(value) if program.has_known() => F::small(*value),
        _ => F::draw(bits),
    }
}

fn place_bits(seed: u64, tensor: usize, position: &[i64]) -> u64 {
    scatter(seed, [tensor as i64].into_iter().chain(position.iter().copied()))
}

fn fill<F: Scalar>(
    lower: Vec<i64>,
    shape: Vec<usize>,
    points: Vec<Vec<i64>>,
    value: impl Fn(&[i64]) -> F,
) -> Entries<F> {
    let mut cells = vec![F::zero(); shape.iter().product()];
    for point in points {
        let offset = point.iter().zip(&lower).zip(&shape).fold(0, |offset, ((coordinate, low), length)| {
            offset * length + usize::try_from(coordinate - low).unwrap_or(0)
        });
        if let Some(cell) = cells.get_mut(offset) {
            *cell = value(&point);
        }
    }
    Entries::Dense { lower, shape, cells }
}

type Stored = (Vec<i64>, Vec<usize>, Vec<Vec<i64>>);

/// The box of a tensor and the points of its support, where that is small enough.
fn stored(
    input: &Input,
    parameters: &[i64],
    integers: &Integers,
    budget: &mut Budget,
) -> Result<Option<Stored>, Fault> {
    let mut slots = vec![0; input.slots];
    slots.iter_mut().zip(parameters).for_each(|(slot, value)| *slot = *value);
    let (mut lower, mut shape, mut total) = (Vec::new(), Vec::new(), 1_u64);
    for interval in bounds(&input.support, &mut slots, integers)? {
        let (Some(low), Some(high)) = (interval.low, interval.high) else { return Ok(None) };
        let length = if low > high { 0 } else { high.abs_diff(low).saturating_add(1) };
        total = total.saturating_mul(length);
        lower.push(low);
        shape.push(length);
    }
    if total > CELL_LIMIT || shape.iter().any(|length| *length > CELL_LIMIT) {
        return Ok(None);
    }
    let points = point_list(&input.support, &mut slots, integers, None, budget)?;
    Ok(Some((lower, shape.into_iter().map(|length| length as usize).collect(), points)))
}
