//! Formulas of the page of backpropagation with inputs, and what they must give.

use std::collections::BTreeMap;

use convprove::derive::{derive, shapes};
use convprove::emit::Formula;
use convprove::kernel::{Claim, Expr, Index, Name, Rank, Statement, TensorDeclaration, Var};
use convprove::numeric::{Assignment, evaluate};
use num_rational::BigRational;
use num_traits::ToPrimitive;

/// One call of a formula's function.
pub struct Case {
    /// The formula's number.
    pub formula: usize,
    /// The values of sizes and other integers, by the names that the emitted function has for them.
    pub integers: BTreeMap<Name, i64>,
    /// The tensors: shape and entries, the last axis running fastest.
    pub arrays: BTreeMap<Name, (Vec<usize>, Vec<i64>)>,
    /// Places counted from 0, and the entries there, worked out from the derivative itself.
    pub expected: Vec<(Vec<usize>, f64)>,
}

/// Small random numbers, the same for the same seed.
pub struct Random(pub u64);

impl Random {
    /// A number from `low` to `high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        low + ((self.0 >> 33) % (high - low + 1) as u64) as i64
    }
}

/// How many coordinates each symbolic rank has here.
pub const WIDTH: usize = 2;

/// The closed forms of a page that apply no functions, as formulas. The left side of a statement is the derivative.
pub fn formulas(page: &str) -> Vec<Formula> {
    let module = convprove::syntax::load(page, false);
    assert!(module.diagnostics.iter().all(|found| found.severity != convprove::diag::Severity::Error));
    let shapes = shapes(&module.library);
    let mut found = Vec::new();
    for request in &module.requests {
        let derived = derive(&shapes, request).expect("a closed form");
        let statement = derived.goal.statement;
        if statement.signature.functions.is_empty() {
            let says = format!("{}, a closed form", statement.name);
            found.push(Formula { statement, says });
        }
    }
    found
}

/// The ranks of some formulas.
pub fn ranks(formulas: &[Formula]) -> BTreeMap<Name, usize> {
    let mut ranks = BTreeMap::new();
    for formula in formulas {
        let signature = &formula.statement.signature;
        let tensors = signature.tensors.iter().flat_map(|tensor| &tensor.axes);
        let definitions =
            signature.definitions.iter().flat_map(|definition| definition.axes.iter().chain(&definition.parameters));
        for var in formula.statement.parameters.iter().chain(tensors).chain(definitions) {
            if let Rank::Symbolic(rank) = &var.rank {
                ranks.insert(rank.clone(), WIDTH);
            }
        }
    }
    ranks
}

fn width(var: &Var) -> usize {
    if var.rank == Rank::Scalar { 1 } else { WIDTH }
}

/// Sizes under which the assumptions hold; all coordinates of a size are equal.
fn sizes(statement: &Statement, random: &mut Random) -> BTreeMap<Var, Index> {
    for _ in 0..100_000 {
        let sizes: BTreeMap<Var, Index> =
            statement.parameters.iter().map(|var| (var.clone(), Index::from(random.between(-1, 3)))).collect();
        let holds = statement.assumptions.literals().all(|literal| literal.substitute(&sizes).truth() == Some(true));
        let entries: i64 = statement.signature.tensors.iter().map(|tensor| volume(tensor, &sizes)).product();
        if holds && entries < 4_000 {
            return sizes;
        }
    }
    panic!("no sizes for {}", statement.name);
}

fn volume(tensor: &TensorDeclaration, sizes: &BTreeMap<Var, Index>) -> i64 {
    tensor.axes.iter().map(|axis| (side(axis, tensor, sizes).1.max(0)).pow(width(axis) as u32)).product()
}

/// The first position along an axis, and how many there are.
fn side(axis: &Var, tensor: &TensorDeclaration, sizes: &BTreeMap<Var, Index>) -> (i64, i64) {
    let inside = |value: i64| {
        let mut map = sizes.clone();
        map.insert(axis.clone(), Index::from(value));
        let own = tensor.support.literals().filter(|literal| literal.index().contains(axis));
        own.map(|literal| literal.substitute(&map).truth()).all(|truth| truth == Some(true))
    };
    let positions: Vec<i64> = (-5..60).filter(|value| inside(*value)).collect();
    (positions.first().copied().unwrap_or(0), positions.len() as i64)
}

/// All places of a shape.
fn places(shape: &[usize]) -> Vec<Vec<usize>> {
    shape.iter().fold(vec![Vec::new()], |rows, size| {
        rows.iter().flat_map(|row| (0..*size).map(move |place| row.iter().copied().chain([place]).collect())).collect()
    })
}

/// Cases for each formula.
pub fn cases(formulas: &[Formula], seed: u64, count: usize) -> Vec<Case> {
    let ranks = ranks(formulas);
    let mut random = Random(seed);
    let mut cases = Vec::new();
    for (number, formula) in formulas.iter().enumerate() {
        let statement = &formula.statement;
        for _ in 0..count {
            cases.push(case(number, statement, &ranks, &mut random));
        }
    }
    cases
}

fn case(formula: usize, statement: &Statement, ranks: &BTreeMap<Name, usize>, random: &mut Random) -> Case {
    let sizes = sizes(statement, random);
    let value = |var: &Var| sizes[var].as_constant().and_then(|value| value.to_i64()).expect("a number");
    let (mut arrays, mut entries) = (BTreeMap::new(), BTreeMap::new());
    for tensor in &statement.signature.tensors {
        let (mut shape, mut first) = (Vec::new(), Vec::new());
        for axis in &tensor.axes {
            let (low, size) = side(axis, tensor, &sizes);
            shape.extend(vec![size as usize; width(axis)]);
            first.extend(vec![low; width(axis)]);
        }
        let mut data = Vec::new();
        for place in places(&shape) {
            let number = random.between(-9, 9);
            let position = place.iter().zip(&first).map(|(place, low)| *place as i64 + low).collect();
            entries.insert((tensor.name.clone(), position), BigRational::from_integer(number.into()));
            data.push(number);
        }
        arrays.insert(tensor.name.clone(), (shape, data));
    }
    // The box of the result, as of a tensor of its own.
    let result = TensorDeclaration {
        name: statement.name.clone(),
        axes: statement.indices.clone(),
        support: statement.ranges.clone(),
    };
    let sides: Vec<(i64, i64)> = result.axes.iter().map(|axis| side(axis, &result, &sizes)).collect();
    let shape: Vec<usize> =
        result.axes.iter().zip(&sides).flat_map(|(axis, (_, size))| vec![*size as usize; width(axis)]).collect();
    let all = places(&shape);
    let step = (all.len() / 6).max(1);
    let mut expected = Vec::new();
    for place in all.into_iter().step_by(step) {
        let mut index: BTreeMap<Name, Vec<i64>> = BTreeMap::new();
        let mut rest = place.iter();
        for (axis, (low, _)) in result.axes.iter().zip(&sides) {
            index.insert(axis.name.clone(), rest.by_ref().take(width(axis)).map(|place| *place as i64 + low).collect());
        }
        let assignment = Assignment {
            ranks: ranks.clone(),
            sizes: statement.parameters.iter().map(|var| (var.name.clone(), vec![value(var); width(var)])).collect(),
            index,
            entries: Some(entries.clone()),
            seed: 1,
            points: 50_000_000,
        };
        let (derivative, closed) = evaluate(statement, &assignment).expect("a value");
        assert_eq!(derivative, closed, "{} at {place:?}", statement.name);
        expected.push((place, derivative.to_f64().expect("a number")));
    }
    let named = |var: &Var| -> Vec<(Name, i64)> {
        let name = |place: usize| {
            if width(var) == 1 { var.name.clone() } else { Name::from(format!("{}_{}", var.name, place + 1)) }
        };
        (0..width(var)).map(|place| (name(place), value(var))).collect()
    };
    let integers = statement.parameters.iter().flat_map(named).collect();
    assert!(matches!(statement.claim, Claim::Equation(Expr::Derivative(_, _, _), _)), "{}", statement.name);
    Case { formula, integers, arrays, expected }
}
