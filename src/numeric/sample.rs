//! Which sizes and which free indices are tried: small ones first and all of them, then random ones of every shape.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::{Claim, Expr, Index, Name, Rank, Statement, Tensor, Var};

use super::code::{ClaimCode, Program};
use super::fault::Fault;
use super::model::Integers;
use super::points::{Budget, bounds, point_list, random_point};
use super::poly::{Kind, Poly, Row, System};
use super::scalar::Random;

/// The names of the symbolic ranks that a statement speaks of.
pub(super) fn rank_names(statement: &Statement) -> BTreeSet<Name> {
    let signature = &statement.signature;
    let definitions = signature.definitions.iter();
    let axes = signature.tensors.iter().chain(definitions.clone().flat_map(|definition| &definition.tensors));
    let vars = statement.parameters.iter().chain(&statement.indices).chain(axes.flat_map(|tensor| &tensor.axes));
    let vars = vars.chain(definitions.flat_map(|definition| definition.parameters.iter().chain(&definition.axes)));
    let mut found: BTreeSet<Name> = vars.filter_map(rank_of).collect();
    let bodies = signature.definitions.iter().map(|definition| &definition.body);
    let sides = if let Claim::Equation(left, right) = &statement.claim { vec![left, right] } else { Vec::new() };
    sides.into_iter().chain(bodies.clone()).for_each(|expr| bound_ranks(expr, &mut found));
    // `vol:D(c)`, the volume of a scalar with D coordinates.
    let mut volumes = |index: &Index| {
        index.visit_functions(&mut |name, _| found.extend(name.as_str().strip_prefix("vol:").map(Name::from)));
    };
    bodies.for_each(|body| body.visit_indices(&mut volumes));
    statement.claim.visit_indices(&mut volumes);
    statement.assumptions.indices().for_each(volumes);
    found
}

fn rank_of(var: &Var) -> Option<Name> {
    match &var.rank {
        Rank::Scalar => None,
        Rank::Symbolic(name) => Some(name.clone()),
    }
}

/// The ranks of the letters that an expression binds.
fn bound_ranks(expr: &Expr, found: &mut BTreeSet<Name>) {
    match expr {
        Expr::Sum(vars, _, _) | Expr::Max(vars, _, _) => found.extend(vars.iter().filter_map(rank_of)),
        Expr::Entry(Tensor::Lambda { axes, body, .. }, _) => {
            found.extend(axes.iter().filter_map(rank_of));
            bound_ranks(body, found);
        }
        _ => {}
    }
    expr.children().iter().for_each(|child| bound_ranks(child, found));
}

/// The choices of ranks that are tried, smallest first.
pub(super) fn ranks(statement: &Statement) -> Vec<BTreeMap<Name, usize>> {
    let names = rank_names(statement);
    if names.is_empty() {
        return vec![BTreeMap::new()];
    }
    let equal = (1..=3).map(|width| names.iter().map(|name| (name.clone(), width)).collect());
    // Of several ranks each is 2 where the others are 1, too.
    let apart = names
        .iter()
        .filter(|_| names.len() > 1)
        .map(|wider| names.iter().map(|name| (name.clone(), if name == wider { 2 } else { 1 })).collect());
    equal.chain(apart).collect()
}

/// The order in which points are tried: by the sum of absolute values, then lexicographically.
pub(super) fn weight(point: &[i64]) -> u64 {
    point.iter().fold(0, |sum, value| sum.saturating_add(value.unsigned_abs()))
}

fn by_weight(points: &mut [Vec<i64>]) {
    points.sort_by(|left, right| weight(left).cmp(&weight(right)).then_with(|| left.cmp(right)));
}

/// All small parameters that satisfy the assumptions, in order. Complete up to some sum, which grows until enough are found.
pub(super) fn small(program: &Program, budget: &Budget) -> Result<Vec<Vec<i64>>, Fault> {
    let integers = Integers::default();
    let mut slots = vec![0; program.parameter_slots()];
    let system = &program.assumptions;
    let lower: Vec<Option<i64>> = bounds(system, &mut slots, &integers)?.iter().map(|interval| interval.low).collect();
    if lower.is_empty() {
        return point_list(system, &mut slots, &integers, None, &mut Budget::new(budget.left()));
    }
    let base: i64 = lower.iter().flatten().fold(0, |sum, low| sum.saturating_add(*low));
    let mut found = Vec::new();
    let mut extra = match lower.len() {
        1 => 24,
        2 => 12,
        3 => 8,
        4 => 6,
        5 => 5,
        6 | 7 => 4,
        8..=10 => 3,
        _ => 2,
    };
    let mut list = |extra: i64, reach: i64| {
        let limited = with_sum(system, &lower, base.saturating_add(extra));
        let mut own = Budget::new(budget.left());
        point_list(&limited, &mut slots, &integers, Some((-reach, reach)), &mut own)
    };
    // Many coordinates leave too many points: then look less far.
    let mut reach = 3;
    for (less, nearer) in [(extra, 3), (2, 1), (1, 1), (1, 0), (0, 0)] {
        match list(less, nearer) {
            Ok(points) => {
                (found, extra, reach) = (points, less * 2, nearer);
                break;
            }
            Err(Fault::TooLarge) => extra = 0,
            Err(fault) => return Err(fault),
        }
    }
    // Equations and divisibilities among the assumptions leave few points: then look further.
    while found.len() < 24 && (1..=48).contains(&extra) {
        match list(extra, reach) {
            Ok(points) => found = points,
            Err(Fault::TooLarge) => break,
            Err(fault) => return Err(fault),
        }
        extra *= 2;
    }
    by_weight(&mut found);
    Ok(found)
}

/// The system with one more condition: the letters that are bounded below add up to at most `limit`.
fn with_sum(system: &System, lower: &[Option<i64>], limit: i64) -> System {
    let letters = || (0..lower.len()).filter(|letter| lower.get(*letter).is_some_and(Option::is_some));
    let minus_one = || Poly { constant: -1, ..Poly::default() };
    let whole = Poly {
        constant: limit,
        linear: letters().map(|letter| (system.first + letter, -1)).collect(),
        ..Poly::default()
    };
    let row = Row {
        kind: Kind::Ge,
        constant: Poly { constant: limit, ..Poly::default() },
        linear: letters().map(|letter| (letter, minus_one())).collect(),
        rest: Vec::new(),
        whole,
    };
    let mut limited = system.clone();
    limited.rows.push(row);
    limited
}

/// Random parameters that satisfy the assumptions: each is near its lower bound or some steps above, independently of the
/// others, so that every order of kernel, input, stride and pad occurs.
pub(super) fn special(program: &Program, count: usize, random: &mut Random) -> Vec<Vec<i64>> {
    let integers = Integers::default();
    let mut slots = vec![0; program.parameter_slots()];
    let mut found = Vec::new();
    if slots.is_empty() {
        return found;
    }
    let widest = match slots.len() {
        0..=2 => 9,
        3..=5 => 6,
        6..=8 => 4,
        _ => 2,
    };
    for _ in 0..count {
        let spread = 1 + random.below(widest);
        if let Ok(Some(point)) = random_point(&program.assumptions, &mut slots, &integers, spread, random)
            && !found.contains(&point)
        {
            found.push(point);
        }
    }
    found
}

/// Whether parameters satisfy the assumptions.
pub(super) fn admissible(program: &Program, parameters: &[i64]) -> bool {
    let holds = |row: &Row| row.whole.holds(row.kind, parameters, &Integers::default()) == Ok(true);
    parameters.len() == program.parameter_slots() && program.assumptions.rows.iter().all(holds)
}

/// The free indices for given parameters, in the order in which they are tried: lexicographic where all are bounded, nearest to
/// 0 first where some are not. For an equation of tensors each is followed by the positions in either box.
pub(super) fn indices(
    program: &Program,
    parameters: &[i64],
    integers: &Integers,
    budget: &mut Budget,
) -> Result<Vec<Vec<i64>>, Fault> {
    let mut frame: Vec<i64> = parameters.to_vec();
    frame.resize(program.slots.max(parameters.len()), 0);
    let mut found = window_list(&program.ranges, &mut frame, parameters, integers, budget)?;
    if let ClaimCode::Tensors { left, right, .. } = &program.claim {
        let mut extended = Vec::new();
        for index in found {
            frame.iter_mut().skip(parameters.len()).zip(&index).for_each(|(slot, value)| *slot = *value);
            let mut positions: BTreeSet<Vec<i64>> = BTreeSet::new();
            for system in [left, right] {
                positions.extend(window_list(system, &mut frame, parameters, integers, budget)?);
            }
            let mut positions: Vec<Vec<i64>> = positions.into_iter().collect();
            if positions.iter().flatten().any(|value| *value < 0) {
                by_weight(&mut positions);
            }
            extended.extend(positions.into_iter().map(|position| index.iter().copied().chain(position).collect()));
        }
        found = extended;
    }
    Ok(found)
}

fn window_list(
    system: &System,
    frame: &mut [i64],
    parameters: &[i64],
    integers: &Integers,
    budget: &mut Budget,
) -> Result<Vec<Vec<i64>>, Fault> {
    let open = bounds(system, frame, integers)?
        .iter()
        .filter(|interval| interval.low.is_none() || interval.high.is_none())
        .count();
    if open == 0 {
        let mut found = point_list(system, frame, integers, None, budget)?;
        found.sort();
        return Ok(found);
    }
    let reach = i64::try_from(weight(parameters)).unwrap_or(6).min(6);
    let window = match open {
        1 => (-3, reach + 3),
        2 => (-2, reach + 1),
        3 => (-1, reach.min(4)),
        _ => (0, 2),
    };
    let mut found = point_list(system, frame, integers, Some(window), budget)?;
    by_weight(&mut found);
    Ok(found)
}
