//! Values of expressions, exactly.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use num_rational::BigRational;
use rustc_hash::FxHashMap;

use crate::kernel::{Name, Statement};

use super::code::{ClaimCode, Code, Program, TensorCode};
use super::fault::Fault;
use super::model::{Model, Place};
use super::points::{Budget, number, points, test};
use super::poly::{Factor, Poly, System};
use super::scalar::{Jet, Scalar};

/// Nesting of evaluations, definitions included.
const DEPTH_LIMIT: usize = 200;

/// A tensor at hand: a number below that of the declared tensors is one of those, the others are closures.
pub(super) type Handle = usize;

/// Handles from here on are values at hand.
pub(super) const GIVEN: Handle = usize::MAX / 2;

/// A definition or formula with its integers and tensors.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Closure {
    body: usize,
    parameters: Vec<i64>,
    tensors: Rc<[Handle]>,
}

/// What is evaluated against what, at one choice of free indices.
#[derive(Clone, Debug)]
pub(super) struct Sides<F> {
    pub left: F,
    pub right: F,
    pub fails: bool,
    pub note: Option<String>,
}

/// Evaluates the expressions of a program in one model; entries of definitions are remembered.
pub(super) struct Evaluator<'a, F> {
    pub(super) program: &'a Program,
    pub(super) model: &'a Model<F>,
    closures: Vec<Closure>,
    handles: FxHashMap<Closure, Handle>,
    /// For each closure: values by the derivatives under way and the position.
    pub(super) memo: Vec<FxHashMap<Box<[i64]>, F>>,
    /// The entries that are being differentiated by, outermost first.
    pub(super) active: Vec<Place>,
    /// Numbers for the lists of active entries.
    actives: BTreeMap<Vec<Place>, i64>,
    pub(super) touched: BTreeSet<Place>,
    pub(super) record: bool,
    /// Arguments of functions, while what is assumed of their derivatives is evaluated.
    pub(super) given: Vec<F>,
    /// Infinitesimals in use beyond those of the active entries.
    pub(super) extra: usize,
    depth: usize,
    pub(super) budget: Budget,
}

impl<'a, F: Scalar> Evaluator<'a, F> {
    pub(super) fn new(program: &'a Program, model: &'a Model<F>, budget: Budget) -> Self {
        Evaluator {
            program,
            model,
            closures: Vec::new(),
            handles: FxHashMap::default(),
            memo: Vec::new(),
            active: Vec::new(),
            actives: BTreeMap::new(),
            touched: BTreeSet::new(),
            record: false,
            given: Vec::new(),
            extra: 0,
            depth: 0,
            budget,
        }
    }

    /// A frame for the statement's own expressions.
    pub(super) fn frame(&self, index: &[i64]) -> Vec<i64> {
        let mut frame: Vec<i64> = self.model.parameters.iter().chain(index).copied().collect();
        frame.resize(self.program.slots.max(frame.len()), 0);
        frame
    }

    /// Both sides of the claim at a choice of free indices (for an equation of tensors, the position included).
    pub(super) fn sides(&mut self, index: &[i64]) -> Result<Sides<F>, Fault> {
        let program = self.program;
        self.settle(index)?;
        let mut frame = self.frame(index);
        let tensors: Rc<[Handle]> = Rc::from([]);
        let truth = |holds: bool| if holds { F::one() } else { F::zero() };
        match &program.claim {
            ClaimCode::Equation(left, right) => {
                let left = self.value(left, &mut frame, &tensors)?;
                let right = self.value(right, &mut frame, &tensors)?;
                Ok(Sides { fails: left != right, left, right, note: None })
            }
            ClaimCode::Tensors { left_test, right_test, left_entry, right_entry, .. } => {
                let left = test(left_test, &frame, &self.model.integers)?;
                let right = test(right_test, &frame, &self.model.integers)?;
                if left != right {
                    let side = if left { "left" } else { "right" };
                    let note = format!("the position lies in the box of the {side} side only");
                    return Ok(Sides { left: truth(left), right: truth(right), fails: true, note: Some(note) });
                }
                let left = self.value(left_entry, &mut frame, &tensors)?;
                let right = self.value(right_entry, &mut frame, &tensors)?;
                Ok(Sides { fails: left != right, left, right, note: None })
            }
            ClaimCode::Holds(literals) => {
                for (literal, code) in literals {
                    for (kind, poly) in code {
                        if !poly.holds(*kind, &frame, &self.model.integers)? {
                            // What counts for the condition against what counts against it.
                            let left = F::integer(&poly.part(true).exact(&frame, &self.model.integers)?);
                            let right = F::integer(&poly.part(false).exact(&frame, &self.model.integers)?);
                            let note = Some(format!("{literal} does not hold"));
                            return Ok(Sides { left, right, fails: true, note });
                        }
                    }
                }
                Ok(Sides { left: F::zero(), right: F::zero(), fails: false, note: None })
            }
            ClaimCode::Iff(left, right) => {
                let left = test(left, &frame, &self.model.integers)?;
                let right = test(right, &frame, &self.model.integers)?;
                let side = if left { "left" } else { "right" };
                let note = (left != right).then(|| format!("only the {side} condition holds"));
                Ok(Sides { left: truth(left), right: truth(right), fails: left != right, note })
            }
        }
    }

    pub(super) fn value(&mut self, code: &'a Code, frame: &mut [i64], tensors: &Rc<[Handle]>) -> Result<F, Fault> {
        self.budget.spend(1)?;
        if self.depth >= DEPTH_LIMIT {
            return Err(Fault::TooDeep);
        }
        self.depth += 1;
        let value = self.value_here(code, frame, tensors);
        self.depth -= 1;
        value
    }

    fn value_here(&mut self, code: &'a Code, frame: &mut [i64], tensors: &Rc<[Handle]>) -> Result<F, Fault> {
        let model = self.model;
        match code {
            Code::Number(value) => F::rational(value).ok_or(Fault::Singular),
            Code::Integer(terms) => {
                let mut sum = F::zero();
                for (coefficient, factors) in terms {
                    sum = sum.plus(&self.integer_term(&F::integer(coefficient), factors, frame)?);
                }
                Ok(sum)
            }
            Code::Entry(tensor, position) => self.entry_at(tensor, position, frame, tensors),
            Code::Bracket(condition) => Ok(if test(condition, frame, &model.integers)? { F::one() } else { F::zero() }),
            Code::Add(terms) => {
                let mut sum = F::zero();
                for term in terms {
                    sum = sum.plus(&self.value(term, frame, tensors)?);
                }
                Ok(sum)
            }
            Code::Mul(factors) => {
                let mut product = F::one();
                for factor in factors {
                    product = product.times(&self.value(factor, frame, tensors)?);
                    if product.is_zero() {
                        break;
                    }
                }
                Ok(product)
            }
            Code::Power(base, exponent) => {
                let base = self.value(base, frame, tensors)?;
                if *exponent > 10_000 {
                    return Err(Fault::TooLarge);
                }
                Ok(base.power(*exponent))
            }
            Code::Inverse(base) => self.value(base, frame, tensors)?.inverse().ok_or(Fault::Singular),
            Code::Apply { function, orders, arguments } => self.apply(*function, orders, arguments, frame, tensors),
            Code::Sum(system, body) => self.sum(system, body, frame, tensors),
            Code::Max(system, body) => self.max(system, body, frame, tensors),
            Code::Derivative(body, tensor, position) => self.derivative(body, tensor, position, frame, tensors),
        }
    }

    // The arms with many local values are functions of their own, so that each level of nesting needs little stack.

    fn entry_at(
        &mut self,
        tensor: &'a TensorCode,
        position: &[Poly],
        frame: &mut [i64],
        tensors: &Rc<[Handle]>,
    ) -> Result<F, Fault> {
        // The first place tells the derivatives under way apart; see `memo`.
        let mut key: Vec<i64> = Vec::with_capacity(position.len() + 1);
        key.push(0);
        self.integers(position, frame, &mut key)?;
        let handle = self.handle(tensor, frame, tensors)?;
        self.entry(handle, key)
    }

    fn apply(
        &mut self,
        function: usize,
        orders: &[u32],
        arguments: &'a [Code],
        frame: &mut [i64],
        tensors: &Rc<[Handle]>,
    ) -> Result<F, Fault> {
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.value(argument, frame, tensors)?);
        }
        if let ([order], [argument], Some(Some(_))) = (orders, values.as_slice(), self.program.slopes.get(function)) {
            return self.solution(function, *order, argument);
        }
        let known = self.program.functions.get(function).zip(self.model.functions.get(function));
        match known {
            Some(((_, arity), polynomial)) if *arity == values.len() => Ok(polynomial.value(orders, &values)),
            _ => Err(Fault::Malformed("a function is applied to another number of arguments".into())),
        }
    }

    fn sum(
        &mut self,
        system: &'a System,
        body: &'a Code,
        frame: &mut [i64],
        tensors: &Rc<[Handle]>,
    ) -> Result<F, Fault> {
        if let Code::Number(value) = body
            && let Some(points) = number(system, frame, &self.model.integers)?
        {
            return Ok(F::rational(value).ok_or(Fault::Singular)?.times(&F::integer(&points)));
        }
        let mut sum = F::zero();
        self.at_each(system, body, frame, tensors, |value| {
            sum = sum.plus(&value);
            Ok(())
        })?;
        Ok(sum)
    }

    fn max(
        &mut self,
        system: &'a System,
        body: &'a Code,
        frame: &mut [i64],
        tensors: &Rc<[Handle]>,
    ) -> Result<F, Fault> {
        let mut largest: Option<F> = None;
        self.at_each(system, body, frame, tensors, |value| {
            let larger = match &largest {
                None => true,
                Some(old) => value.compare(old).ok_or(Fault::NoOrder)?.is_gt(),
            };
            if larger {
                largest = Some(value);
            }
            Ok(())
        })?;
        // As in the kernel, a maximum over nothing is 0; no statement that an author can write has one.
        Ok(largest.unwrap_or_else(F::zero))
    }

    fn derivative(
        &mut self,
        body: &'a Code,
        tensor: &'a TensorCode,
        position: &[Poly],
        frame: &mut [i64],
        tensors: &Rc<[Handle]>,
    ) -> Result<F, Fault> {
        let mut place = Vec::new();
        self.integers(position, frame, &mut place)?;
        let handle = self.handle(tensor, frame, tensors)?;
        if handle >= self.program.inputs.len() {
            let what = "a derivative by an entry of something that is not a tensor variable";
            return Err(Fault::Malformed(what.into()));
        }
        let level = self.active.len();
        self.active.push((handle, place));
        let value = self.value(body, frame, tensors);
        self.active.pop();
        Ok(value?.coefficient(level))
    }

    /// Finds the points of a binder, evaluates its body at each, and hands the values on.
    fn at_each(
        &mut self,
        system: &'a System,
        body: &'a Code,
        frame: &mut [i64],
        tensors: &Rc<[Handle]>,
        mut take: impl FnMut(F) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let points = points(system, frame, &self.model.integers, None, &mut self.budget)?;
        let width = system.letters.len();
        if width == 0 {
            // No letters: one point where the guard holds, which `points` marks by a single number.
            return if points.is_empty() { Ok(()) } else { take(self.value(body, frame, tensors)?) };
        }
        for point in points.chunks(width) {
            for (place, value) in frame.iter_mut().skip(system.first).zip(point) {
                *place = *value;
            }
            take(self.value(body, frame, tensors)?)?;
        }
        Ok(())
    }

    /// The values of integer terms, appended to `values`.
    fn integers(&self, polys: &[Poly], frame: &[i64], values: &mut Vec<i64>) -> Result<(), Fault> {
        values.reserve(polys.len());
        for poly in polys {
            values.push(poly.value(frame, &self.model.integers)?);
        }
        Ok(())
    }

    fn integer_term(&mut self, coefficient: &F, factors: &[(Factor, u32)], frame: &[i64]) -> Result<F, Fault> {
        let mut product = coefficient.clone();
        for (factor, exponent) in factors {
            if *exponent > 10_000 {
                return Err(Fault::TooLarge);
            }
            product = product.times(&F::small(factor.value(frame, &self.model.integers)?).power(*exponent));
        }
        Ok(product)
    }

    fn handle(&mut self, tensor: &'a TensorCode, frame: &[i64], tensors: &Rc<[Handle]>) -> Result<Handle, Fault> {
        match tensor {
            TensorCode::Input(number) => Ok(*number),
            TensorCode::Parameter(position) => {
                tensors.get(*position).copied().ok_or_else(|| Fault::Malformed("a tensor parameter is missing".into()))
            }
            TensorCode::Closure { body, parameters, tensors: given } => {
                let mut values = Vec::new();
                self.integers(parameters, frame, &mut values)?;
                let handed = match given {
                    None => tensors.clone(),
                    Some(given) => {
                        let mut handles = Vec::with_capacity(given.len());
                        for tensor in given {
                            handles.push(self.handle(tensor, frame, tensors)?);
                        }
                        Rc::from(handles)
                    }
                };
                let closure = Closure { body: *body, parameters: values, tensors: handed };
                if let Some(handle) = self.handles.get(&closure) {
                    return Ok(*handle);
                }
                let handle = self.program.inputs.len() + self.closures.len();
                self.closures.push(closure.clone());
                self.memo.push(FxHashMap::default());
                self.handles.insert(closure, handle);
                Ok(handle)
            }
        }
    }

    /// The entry of a tensor; `key` is one unused place and the position.
    fn entry(&mut self, handle: Handle, mut key: Vec<i64>) -> Result<F, Fault> {
        if let Some(value) = handle.checked_sub(GIVEN).and_then(|number| self.given.get(number)) {
            return Ok(value.clone());
        }
        let position = key.get(1..).unwrap_or_default();
        let Some(number) = handle.checked_sub(self.program.inputs.len()) else {
            return self.input(handle, position);
        };
        let active = match self.active.is_empty() {
            true => 0,
            false => {
                let next = self.actives.len() as i64 + 1;
                *self.actives.entry(self.active.clone()).or_insert(next)
            }
        };
        if let Some(first) = key.first_mut() {
            *first = active;
        }
        if let Some(value) = self.memo.get(number).and_then(|memo| memo.get(key.as_slice())) {
            return Ok(value.clone());
        }
        let missing = || Fault::Malformed("a definition is missing".into());
        let closure = self.closures.get(number).ok_or_else(missing)?;
        let body = self.program.bodies.get(closure.body).ok_or_else(missing)?;
        let position = key.get(1..).unwrap_or_default();
        if closure.parameters.len() != body.parameters || position.len() != body.axes {
            return Err(Fault::Malformed("a definition is given another number of indices than it has".into()));
        }
        let mut frame: Vec<i64> = closure.parameters.iter().chain(position).copied().collect();
        frame.resize(body.slots.max(frame.len()), 0);
        let value = if test(&body.support, &frame, &self.model.integers)? {
            let tensors = closure.tensors.clone();
            self.value(&body.code, &mut frame, &tensors)?
        } else {
            F::zero()
        };
        if let Some(memo) = self.memo.get_mut(number) {
            memo.insert(key.into_boxed_slice(), value.clone());
        }
        Ok(value)
    }

    fn input(&mut self, tensor: usize, position: &[i64]) -> Result<F, Fault> {
        let axes = self.program.inputs.get(tensor).map_or(0, |input| input.support.letters.len());
        if axes != position.len() {
            return Err(Fault::Malformed("a tensor has another number of axes than its position has terms".into()));
        }
        let (mut value, inside) = self.model.entry(self.program, tensor, position)?;
        if !inside {
            return Ok(value);
        }
        if self.record {
            self.touched.insert((tensor, position.to_vec()));
        }
        for level in 0..self.active.len() {
            let hit = self.active.get(level).is_some_and(|(other, place)| *other == tensor && place == position);
            if hit && self.model.inside(self.program, tensor, position)? {
                value = value.plus(&F::infinitesimal(level).ok_or(Fault::TooDeep)?);
            }
        }
        Ok(value)
    }
}

/// Values for the letters of a statement; what is not given is drawn from the seed.
#[derive(Clone, Debug, Default)]
pub struct Assignment {
    /// How many coordinates each symbolic rank has.
    pub ranks: BTreeMap<Name, usize>,
    /// Sizes and other parameters, each with its coordinates.
    pub sizes: BTreeMap<Name, Vec<i64>>,
    /// Free indices, and for an equation of tensors the position's letters.
    pub index: BTreeMap<Name, Vec<i64>>,
    /// Entries by tensor and position; where this is `None`, small random integers.
    pub entries: Option<BTreeMap<(Name, Vec<i64>), BigRational>>,
    /// For random entries and the polynomials that stand for functions.
    pub seed: u64,
    /// How many points may be evaluated.
    pub points: u64,
}

/// The values of both sides of a claim, exactly. For a condition they are as in [`super::Counterexample`].
///
/// # Errors
/// A [`Fault`] where a value is missing or there is none.
pub fn evaluate(statement: &Statement, assignment: &Assignment) -> Result<(BigRational, BigRational), Fault> {
    let program = Program::new(statement, &assignment.ranks)?;
    let lookup = |named: &[(Name, usize)], values: &BTreeMap<Name, Vec<i64>>| {
        let mut flat = Vec::new();
        for (name, width) in named {
            match values.get(name) {
                Some(values) if values.len() == *width => flat.extend_from_slice(values),
                _ => return Err(Fault::Undeclared(name.clone())),
            }
        }
        Ok(flat)
    };
    let parameters = lookup(&program.parameters, &assignment.sizes)?;
    let index = lookup(&program.indices, &assignment.index)?;
    let mut budget = Budget::new(assignment.points);
    let drawn: Model<Jet<BigRational>> = Model::draw(&program, &parameters, assignment.seed, &mut budget)?;
    let model = match &assignment.entries {
        None => drawn,
        Some(entries) => {
            let mut values = BTreeMap::new();
            for ((name, position), value) in entries {
                let number = program.inputs.iter().position(|input| input.name == *name);
                let number = number.ok_or_else(|| Fault::Undeclared(name.clone()))?;
                values.insert((number, position.clone()), Scalar::rational(value).ok_or(Fault::Singular)?);
            }
            Model::given(&program, &parameters, assignment.seed, &values, drawn.functions, &mut budget)?
        }
    };
    let sides = Evaluator::new(&program, &model, budget).sides(&index)?;
    Ok((sides.left.standard(), sides.right.standard()))
}
