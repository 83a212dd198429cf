//! Recognition: which operators of the library, applied to which tensors, a raw sum of products may be.
//!
//! Nothing is looked up in a table of answers. A sum and an operator are both relations between the positions that their factors read
//! ([`super::relation`]); for every pairing of factors with arguments, arguments turned round or sliced where that helps, the parameters
//! of the operator are solved for. What comes out is a guess: the e-graph has to bring the guess and the sum together.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use num_traits::One;

use super::extract::{self, Prices};
use super::fold::{Known, Pointwise};
use super::relation::{Relation, Solved, Unknowns, agreements, fit};
use super::shape::Shape;
use crate::entail::{self, linear_in};
use crate::kernel::{Atom, Expr, Facts, Guard, Index, Literal, Name, Substitution, Tensor, Var};
use crate::search::monomial::{Monomial, mentions, monomials, product};
use crate::search::simplify::solve;
use crate::syntax::{Library, Operand};

/// How many guesses are returned.
const GUESSES: usize = 24;

/// Guesses with an operator under a sum in which an operator of that is looked for.
const NESTED: usize = 6;

/// A form that a sum may have.
#[derive(Clone, Debug)]
pub struct Guess {
    /// The form.
    pub expr: Expr,
    price: u64,
}

/// Where sums stand and what they may be made of.
pub struct Place<'a> {
    /// The file.
    pub library: &'a Library,
    /// Its operators.
    pub shapes: &'a [Shape<'a>],
    /// Tensors that are products, to be looked for in products.
    pub known: Vec<Known>,
    /// Operators that apply a function to each entry.
    pub pointwise: Vec<Pointwise<'a>>,
    /// What forms cost.
    pub prices: &'a Prices,
    /// The parameters that tensors stand for in the expression as it is given.
    pub roles: BTreeSet<(Name, Name)>,
    /// What is known.
    pub facts: &'a Facts,
    /// The free letters with the ends of their ranges.
    pub free: Vec<Ranged>,
    /// What operators have been applied to, as arguments of other operators.
    pub made: RefCell<BTreeMap<Tensor, Operand>>,
}

/// A free letter with the ends of its range.
pub type Ranged = (Var, Option<Index>, Option<Index>);

/// Whether two letters stand alone in the same entries: `Σ_u Σ_v a[u, v]·b[u, v]`.
fn alike(factors: &[Expr], a: &Var, b: &Var) -> bool {
    factors.iter().all(|factor| match factor {
        Expr::Entry(_, position) => {
            let alone = |letter: &Var| {
                let read = position.iter().filter(|index| index.contains(letter));
                let own = read.clone().filter(|index| index.as_var() == Some(letter));
                (own.count() == read.clone().count()).then(|| read.count())
            };
            alone(a).zip(alone(b)).is_some_and(|(a, b)| a == b)
        }
        other => !mentions(other, &[a.clone(), b.clone()]),
    })
}

/// The one value that a guard leaves a letter, and the conditions that do so: the two ends of a window, `0 ≤ e - m·u` and
/// `e - m·u ≤ m - 1`, or a remainder, `u = t + n·⌊…⌋` with `0 ≤ u < n`.
fn one_value(letter: &Var, guard: &Guard) -> Option<(Index, Vec<Literal>)> {
    let own = Index::from(letter);
    let in_window = guard.literals().find_map(|low| {
        let Literal::Ge(rest) = low else { return None };
        let (slope, above) = linear_in(rest, letter)?;
        let step = -&slope;
        let high = Literal::ge(&(&step - &Index::from(1)) - rest);
        let found = step.as_constant().is_none_or(|step| step > 1.into()) && guard.contains(&high);
        found.then(|| (Index::floor(above, step), vec![low.clone(), high]))
    });
    let equal = || {
        guard.literals().find_map(|equation| match equation {
            Literal::Eq(zero) => Some((solve(zero, letter)?, vec![equation.clone()])),
            _ => None,
        })
    };
    in_window.or_else(equal).or_else(|| {
        guard.literals().find_map(|equation| {
            let Literal::Eq(zero) = equation else { return None };
            let divisor = zero.atoms().find_map(|atom| match atom {
                Atom::Floor(above, below) if above.contains(letter) && !below.contains(letter) => Some((atom, below)),
                _ => None,
            });
            let (floor, size) = divisor?;
            let multiple = size.as_ref() * &Index::atom(floor.clone());
            let ends = [Literal::ge(own.clone()), Literal::ge(&(size.as_ref() - &Index::from(1)) - &own)];
            let minus = -&multiple;
            let rest = [zero + &multiple, zero + &minus, &multiple - zero, &minus - zero].map(|rest| &rest - &own);
            let value = -rest.iter().find(|rest| !rest.contains(letter))?;
            let inside = ends.iter().all(|end| guard.contains(end));
            let quotient = Index::floor(value.clone(), size.as_ref().clone());
            inside.then(|| (&value - &(size.as_ref() * &quotient), ends.iter().chain([equation]).cloned().collect()))
        })
    })
}

/// Arguments that may stand for one factor.
type Arguments = Rc<[Rc<Argument>]>;

/// A factor that reads a summation letter.
struct Factor {
    operand: Operand,
    position: Vec<Index>,
}

/// An argument that stands for a factor: the tensor, or a slice of it, or that turned round.
struct Argument {
    operand: Operand,
    /// The axes of the factor that the argument keeps.
    kept: Vec<usize>,
    /// The position in the kept axes for a position in the argument, as terms in letters for the latter.
    turned: Option<(Vec<Var>, Vec<Index>)>,
}

impl Place<'_> {
    /// The forms that a sum may have, the nicest first.
    pub fn guesses(&self, sum: &Expr) -> Vec<Guess> {
        let mut terms = monomials(sum);
        if terms.len() != 1 {
            return Vec::new();
        }
        let raw = terms.remove(0);
        let term = raw.clone().purified(self.facts);
        let mut found = self.split(&term, &[]);
        // The same with letters for floors of free letters, as operators have them: `g[⌊i/K⌋]`.
        let mut with_free = raw;
        let own = with_free.vars.len();
        with_free.vars.extend(self.free.iter().map(|(letter, _, _)| letter.clone()));
        let mut with_free = with_free.purified(self.facts);
        with_free.vars.truncate(own);
        if with_free.quotients.len() > term.quotients.len() {
            found.extend(self.split(&with_free, &[]));
        }
        if found.is_empty() && term.quotients.is_empty() {
            // One or two letters may stay outside: a sum over channels of operators.
            let mut split = |outside: &[Var]| {
                // Of letters that do the same all are summed over at once, or none.
                let inside = || term.vars.iter().filter(|letter| !outside.contains(letter));
                if !outside.iter().any(|outer| inside().any(|letter| alike(&term.factors, outer, letter))) {
                    found.extend(self.split(&term, outside));
                }
            };
            for (place, outer) in term.vars.iter().enumerate() {
                split(std::slice::from_ref(outer));
                for second in &term.vars[place + 1..] {
                    split(&[outer.clone(), second.clone()]);
                }
            }
        }
        // An operator under a sum may be an argument of another one: `Σ_v A[v, i]·matvec(B, g)[v]`.
        found.sort_by_key(|guess| guess.price);
        let outer: Vec<Expr> = found.iter().take(NESTED).map(|guess| guess.expr.clone()).collect();
        for sum in outer.iter().filter(|sum| matches!(sum, Expr::Sum(_, _, _))) {
            if let [term] = monomials(sum).as_slice() {
                found.extend(self.split(&term.clone().purified(self.facts), &[]));
            }
        }
        found.sort_by_key(|guess| guess.price);
        found.dedup_by(|a, b| a.expr == b.expr);
        found.truncate(GUESSES);
        found
    }

    /// A product without the conditions that hold wherever its entries are not 0 anyway.
    pub fn within_boxes(&self, term: &Expr) -> Option<Expr> {
        let Expr::Mul(factors) = term else { return None };
        let mut known = self.facts.clone();
        for factor in factors {
            if let Expr::Entry(tensor, position) = factor {
                known.extend(self.operand(tensor)?.contains(position).literals().cloned());
            }
        }
        let (mut kept, mut fewer) = (Vec::new(), false);
        for factor in factors {
            let Expr::Bracket(guard) = factor else {
                kept.push(factor.clone());
                continue;
            };
            let left: Guard = guard.literals().filter(|literal| !entail::holds(&known, literal)).cloned().collect();
            fewer |= left.len() < guard.len();
            if !left.is_empty() {
                kept.push(Expr::Bracket(left));
            }
        }
        fewer.then(|| product(kept))
    }

    /// A sum whose letters have one value each within a window as wide as their step: `0 ≤ i - m·u < m` leaves `u = ⌊i/m⌋`.
    pub fn floored(&self, sum: &Expr) -> Option<Expr> {
        let Expr::Sum(vars, guard, body) = sum else { return None };
        let (mut left, mut guard, mut body) = (vars.clone(), guard.clone(), body.as_ref().clone());
        while let Some((letter, value, window)) = left.iter().find_map(|letter| {
            let (value, window) = one_value(letter, &guard)?;
            (!value.contains(letter)).then(|| (letter.clone(), value, window))
        }) {
            let map: BTreeMap<Var, Index> = [(letter.clone(), value)].into();
            guard = guard
                .literals()
                .filter(|literal| !window.contains(literal))
                .cloned()
                .collect::<Guard>()
                .substitute(&map);
            body = body.substitute(&Substitution::of_indices(map));
            left.retain(|other| *other != letter);
        }
        if left.len() == vars.len() {
            return None;
        }
        if !left.is_empty() {
            return Some(Expr::Sum(left, guard, Box::new(body)));
        }
        let whole = product(vec![Expr::Bracket(guard), body]);
        Some(self.within_boxes(&whole).unwrap_or(whole))
    }

    /// A form in which no sum has a letter with one value.
    pub fn solved(&self, form: &Expr) -> Expr {
        let form = self.floored(form).unwrap_or_else(|| form.clone());
        if matches!(form, Expr::Derivative(_, _, _)) {
            return form;
        }
        let mut inside = form.clone();
        inside.children_mut().iter_mut().for_each(|child| *child = self.solved(child));
        inside
    }

    /// The forms in which some letters stay summation letters outside of the operator.
    fn split(&self, term: &Monomial, outside: &[Var]) -> Vec<Guess> {
        let letters: Vec<Var> = term.letters().into_iter().filter(|letter| !outside.contains(letter)).collect();
        let inside = |index: &Index| letters.iter().any(|letter| index.contains(letter));
        if inside(&term.weight) {
            return Vec::new();
        }
        // A product without summation letters reads the free ones.
        let read = |index: &Index| match letters.is_empty() {
            true => self.free.iter().any(|(letter, _, _)| index.contains(letter)),
            false => inside(index),
        };
        let (mut factors, mut outer) = (Vec::new(), Vec::new());
        for factor in &term.factors {
            match factor {
                Expr::Entry(tensor, position) if position.iter().any(read) => {
                    let Some(operand) = self.operand(tensor) else { return Vec::new() };
                    factors.push(Factor { operand, position: position.clone() });
                }
                other if letters.iter().any(|letter| other.free_vars().contains(letter)) => {
                    let read = |pointwise: &Pointwise<'_>| pointwise.read(self.library, self.facts, other);
                    let Some((operand, position)) = self.pointwise.iter().find_map(read) else { return Vec::new() };
                    factors.push(Factor { operand, position });
                }
                other => outer.push(other.clone()),
            }
        }
        if factors.is_empty() || (letters.is_empty() && factors.len() < 2) {
            return Vec::new();
        }
        outer.insert(0, Expr::Integer(term.weight.clone()));
        outer.insert(0, Expr::Number(term.coefficient.clone()));
        let (own, around): (Vec<Literal>, Vec<Literal>) =
            term.guard.literals().cloned().partition(|literal| inside(literal.index()));
        let positions: Vec<Vec<Var>> =
            factors.iter().enumerate().map(|(number, factor)| coordinates(number, factor)).collect();
        let mut equations: Vec<Index> = Vec::new();
        let mut bounds: Vec<Index> = Vec::new();
        for (letters, factor) in positions.iter().zip(&factors) {
            equations.extend(letters.iter().zip(&factor.position).map(|(letter, index)| index - &Index::from(letter)));
        }
        for literal in &own {
            match literal {
                Literal::Eq(index) => equations.push(index.clone()),
                Literal::Ge(index) => bounds.push(index.clone()),
                Literal::Ne(_) => return Vec::new(),
            }
        }
        let all: Vec<Var> = positions.iter().flatten().cloned().collect();
        let solved = Relation::between(&letters, equations, bounds).solved(&all);
        let mut free = self.free.clone();
        free.extend(outside.iter().map(|var| (var.clone(), None, None)));
        let goal = Goal {
            factors: &factors,
            positions: &positions,
            solved,
            free,
            outer: &outer,
            inside: &letters,
            arguments: RefCell::default(),
        };
        let mut found = Vec::new();
        for shape in self.shapes.iter().filter(|shape| shape.entries.len() == factors.len()) {
            for order in orders(factors.len()) {
                self.fill(shape, &goal, &order, &mut Vec::new(), &mut found);
            }
        }
        let around = Guard::from(around);
        let wrap = |body: Expr| {
            let factors = if let Expr::Mul(factors) = body { factors } else { vec![body] };
            summed(outside, &around, factors)
        };
        let letters: Vec<Var> = self.free.iter().map(|(letter, _, _)| letter.clone()).collect();
        let wrapped = |guess: Guess| {
            let expr = wrap(guess.expr);
            // A formula between whole tensors is nicer than any other.
            let parts = if extract::leaves_out(&expr, &letters) { 0 } else { 200 };
            Guess { price: 8 * self.prices.expr(&expr) + guess.price + parts, expr }
        };
        found.into_iter().map(wrapped).collect()
    }

    fn operand(&self, tensor: &Tensor) -> Option<Operand> {
        match tensor {
            Tensor::Named(name) => self.library.operand(name),
            other => self.made.borrow().get(other).cloned(),
        }
    }

    /// Chooses an argument for each factor, then solves for the parameters.
    fn fill(
        &self,
        shape: &Shape<'_>,
        goal: &Goal<'_>,
        order: &[usize],
        chosen: &mut Vec<Rc<Argument>>,
        found: &mut Vec<Guess>,
    ) {
        let next = chosen.len();
        let Some(number) = order.get(next) else {
            self.finish(shape, goal, order, chosen, found);
            return;
        };
        let Some((_, position)) = shape.entries.get(next) else { return };
        for argument in self.arguments(goal, *number, position.len()).iter() {
            chosen.push(Rc::clone(argument));
            self.fill(shape, goal, order, chosen, found);
            chosen.pop();
        }
    }

    /// The tensors with a number of axes that may stand for a factor.
    fn arguments(&self, goal: &Goal<'_>, number: usize, axes: usize) -> Arguments {
        if let Some(known) = goal.arguments.borrow().get(&(number, axes)) {
            return Rc::clone(known);
        }
        let found: Arguments = self.find_arguments(goal, number, axes).into_iter().map(Rc::new).collect();
        goal.arguments.borrow_mut().insert((number, axes), Rc::clone(&found));
        found
    }

    fn find_arguments(&self, goal: &Goal<'_>, number: usize, axes: usize) -> Vec<Argument> {
        let Some(factor) = goal.factors.get(number) else { return Vec::new() };
        let inside = |index: &Index| goal.inside.iter().any(|letter| index.contains(letter));
        let constant: Vec<usize> =
            (0..factor.position.len()).filter(|axis| !factor.position.get(*axis).is_some_and(inside)).collect();
        let surplus = factor.position.len().checked_sub(axes);
        let mut result = Vec::new();
        for held in surplus.map(|surplus| subsets(&constant, surplus)).unwrap_or_default() {
            let kept: Vec<usize> = (0..factor.position.len()).filter(|axis| !held.contains(axis)).collect();
            let operand = match held.is_empty() {
                true => factor.operand.clone(),
                false => {
                    let at = |axis: usize| held.contains(&axis).then(|| factor.position.get(axis).cloned()).flatten();
                    factor.operand.slice(&(0..factor.position.len()).map(at).collect::<Vec<_>>())
                }
            };
            for turn in self.shapes.iter().filter(|shape| shape.is_rearrangement()) {
                let Some(turned) = turn.call(self.facts, std::slice::from_ref(&operand), &BTreeMap::new()) else {
                    continue;
                };
                let Some(sizes) = turn.sizes(self.facts, std::slice::from_ref(&operand)) else { continue };
                let Some((_, position)) = turn.entries.first() else { continue };
                let position = position.iter().map(|index| index.substitute(&sizes)).collect();
                result.push(Argument {
                    operand: turned,
                    kept: kept.clone(),
                    turned: Some((turn.axes.clone(), position)),
                });
            }
            result.insert(0, Argument { operand, kept, turned: None });
        }
        result
    }

    fn finish(
        &self,
        shape: &Shape<'_>,
        goal: &Goal<'_>,
        order: &[usize],
        chosen: &[Rc<Argument>],
        found: &mut Vec<Guess>,
    ) {
        let mut operands: Vec<Option<Operand>> = vec![None; chosen.len()];
        for ((number, _), argument) in shape.entries.iter().zip(chosen) {
            if let Some(place) = operands.get_mut(*number) {
                *place = Some(argument.operand.clone());
            }
        }
        let Some(operands) = operands.into_iter().collect::<Option<Vec<Operand>>>() else { return };
        let Some(sizes) = shape.sizes(self.facts, &operands) else { return };
        // The operator's relation between the positions of the factors.
        let mut equations: Vec<Index> = shape.equations.iter().map(|index| index.substitute(&sizes)).collect();
        let bounds = shape.bounds.iter().map(|index| index.substitute(&sizes)).collect();
        for (((_, position), argument), number) in shape.entries.iter().zip(chosen).zip(order) {
            let position: Vec<Index> = position.iter().map(|index| index.substitute(&sizes)).collect();
            let position = match &argument.turned {
                None => position,
                Some((letters, turned)) => {
                    let map = letters.iter().cloned().zip(position).collect();
                    turned.iter().map(|index| index.substitute(&map)).collect()
                }
            };
            let Some(coordinates) = goal.positions.get(*number) else { return };
            for (axis, index) in argument.kept.iter().zip(position) {
                let Some(letter) = coordinates.get(*axis) else { return };
                equations.push(&index - &Index::from(letter));
            }
        }
        let relation = Relation::between(&shape.letters, equations, bounds);
        if relation.open.len() != goal.solved.open.len() {
            return;
        }
        let (letters, defaults) = shape.explicit();
        let unknowns =
            Unknowns { letters: letters.into_iter().filter(|letter| !sizes.contains_key(letter)).collect(), defaults };
        for places in self.places(shape, goal) {
            let mut map: BTreeMap<Var, Index> =
                shape.axes.iter().cloned().zip(places.iter().map(|(letter, _, _)| Index::from(letter))).collect();
            map.extend(relation.open.iter().cloned().zip(goal.solved.open.iter().map(Index::from)));
            let relation = Relation {
                equations: relation.equations.iter().map(|index| index.substitute(&map)).collect(),
                bounds: relation.bounds.iter().map(|index| index.substitute(&map)).collect(),
                open: Vec::new(),
            };
            let mut coordinates: BTreeSet<Var> = goal.positions.iter().flatten().cloned().collect();
            coordinates.extend(goal.free.iter().map(|(letter, _, _)| letter.clone()));
            coordinates.extend(goal.solved.open.iter().cloned());
            for values in agreements(&goal.solved, &coordinates, &relation, &unknowns) {
                let values = self.boxes(shape, &places, &sizes, &unknowns, values);
                found.extend(self.guess(shape, goal, &operands, &places, &sizes, values));
            }
        }
    }

    /// Letters for the axes of the result.
    fn places<'g>(&self, shape: &Shape<'_>, goal: &'g Goal<'_>) -> Vec<Vec<&'g Ranged>> {
        let mut rows: Vec<Vec<&Ranged>> = vec![Vec::new()];
        for axis in &shape.axes {
            let mut longer = Vec::new();
            for row in &rows {
                let fits = |place: &&Ranged| place.0.rank == axis.rank && !row.iter().any(|other| other.0 == place.0);
                for place in goal.free.iter().filter(fits) {
                    let mut row = row.clone();
                    row.push(place);
                    longer.push(row);
                }
            }
            rows = longer;
        }
        rows
    }

    /// Parameters that the relation leaves open are chosen so that the box of the result is that of the letters.
    fn boxes(
        &self,
        shape: &Shape<'_>,
        places: &[&Ranged],
        sizes: &BTreeMap<Var, Index>,
        unknowns: &Unknowns,
        mut values: BTreeMap<Var, Index>,
    ) -> BTreeMap<Var, Index> {
        for (axis, (_, lower, upper)) in places.iter().enumerate() {
            let side = shape.side(axis);
            for (end, wanted) in [(side.1, upper), (side.0, lower)] {
                let (Some(end), Some(wanted)) = (end, wanted) else { continue };
                let end = end.substitute(sizes).substitute(&values);
                let open: Vec<&Var> = unknowns
                    .letters
                    .iter()
                    .filter(|letter| !values.contains_key(letter) && end.contains(letter))
                    .collect();
                // One of them makes the end fit, while the others have their defaults.
                let fitting = open.iter().find_map(|letter| {
                    let others = unknowns.defaults.iter().filter(|(other, _)| other != letter && open.contains(other));
                    let others: BTreeMap<Var, Index> = others.map(|(a, b)| (a.clone(), b.clone())).collect();
                    let value = fit(&end.substitute(&others), wanted, letter, unknowns)?;
                    Some(others.into_iter().chain([((*letter).clone(), value)]).collect::<BTreeMap<Var, Index>>())
                });
                if let Some(map) = fitting {
                    values.values_mut().for_each(|other| *other = other.substitute(&map));
                    values.extend(map);
                }
            }
        }
        // A value may be given in terms of what has only a default.
        let defaults: BTreeMap<Var, Index> = unknowns
            .defaults
            .iter()
            .filter(|(letter, _)| !values.contains_key(letter))
            .map(|(a, b)| (a.clone(), b.clone()))
            .collect();
        values.values_mut().for_each(|value| *value = value.substitute(&defaults));
        values
    }

    fn guess(
        &self,
        shape: &Shape<'_>,
        goal: &Goal<'_>,
        operands: &[Operand],
        places: &[&Ranged],
        sizes: &BTreeMap<Var, Index>,
        values: BTreeMap<Var, Index>,
    ) -> Option<Guess> {
        let result = shape.call(self.facts, operands, &values)?;
        let mut map = sizes.clone();
        map.extend(values);
        let mut outer = goal.outer.to_vec();
        for factor in &shape.outer {
            let factor = factor.substitute(&crate::kernel::Substitution::of_indices(map.clone()));
            let place = outer.iter().position(|other| *other == factor)?;
            outer.remove(place);
        }
        // Of two forms that cost the same, the one in which tensors keep the roles that they had.
        let parameters = &shape.operator.definition().tensors;
        let strangers = parameters.iter().zip(operands).filter(|(parameter, operand)| {
            root(&operand.tensor).is_none_or(|name| !self.roles.contains(&(name.clone(), parameter.name.clone())))
        });
        let strange = strangers.count() as u64;
        // Letters in the order in which they are asked for; none that is summed outside.
        let place = |letter: &Var| self.free.iter().position(|(other, _, _)| other == letter);
        let order: Vec<Option<usize>> = places.iter().map(|(letter, _, _)| place(letter)).collect();
        let strange =
            strange + u64::from(!order.is_sorted()) + 40 * order.iter().filter(|place| place.is_none()).count() as u64;
        let position: Vec<Index> = places.iter().map(|(letter, _, _)| Index::from(letter)).collect();
        let price = 4 * shape.operator.explicit().count() as u64 + strange;
        outer.push(Expr::Entry(result.tensor.clone(), position));
        self.made.borrow_mut().insert(result.tensor.clone(), result);
        let one = |factor: &Expr| match factor {
            Expr::Number(value) => value.is_one(),
            Expr::Integer(index) => *index == Index::from(1),
            _ => false,
        };
        outer.retain(|factor| !one(factor));
        Some(Guess { expr: product(outer), price })
    }
}

/// A Σ over a product. What does not read its letters stands before it.
pub(super) fn summed(vars: &[Var], guard: &Guard, factors: Vec<Expr>) -> Expr {
    let (inner, mut outer): (Vec<Expr>, Vec<Expr>) = factors.into_iter().partition(|factor| mentions(factor, vars));
    if !vars.is_empty() {
        outer.push(Expr::Sum(vars.to_vec(), guard.clone(), Box::new(product(inner))));
    }
    product(outer)
}

/// The tensor that a part, or a rearrangement, is made of.
fn root(tensor: &Tensor) -> Option<&Name> {
    match tensor {
        Tensor::Named(name) => Some(name),
        Tensor::Call { tensors, .. } => match tensors.as_slice() {
            [only] => root(only),
            _ => None,
        },
        Tensor::Lambda { body, .. } => match body.as_ref() {
            Expr::Entry(tensor, _) => root(tensor),
            _ => None,
        },
    }
}

/// The parameters of operators that tensors stand for in an expression: `(W, w)` where it calls `conv(X, W)` and conv's second
/// parameter is w.
pub fn roles(library: &Library, expr: &Expr) -> BTreeSet<(Name, Name)> {
    let mut found = BTreeSet::new();
    let mut add = |tensor: &Tensor| {
        let Tensor::Call { definition, tensors, .. } = tensor else { return };
        let Some(operator) = library.operators().find(|operator| operator.definition().name == *definition) else {
            return;
        };
        for (parameter, tensor) in operator.definition().tensors.iter().zip(tensors) {
            found.extend(root(tensor).map(|name| (name.clone(), parameter.name.clone())));
        }
    };
    let mut parts = vec![expr];
    while let Some(part) = parts.pop() {
        if let Expr::Entry(tensor, _) = part {
            add(tensor);
        }
        parts.extend(part.children());
    }
    found
}

/// A sum whose summation letters are eliminated.
struct Goal<'a> {
    factors: &'a [Factor],
    positions: &'a [Vec<Var>],
    solved: Solved,
    free: Vec<Ranged>,
    outer: &'a [Expr],
    inside: &'a [Var],
    /// The arguments that were found for a factor, by the number of their axes.
    arguments: RefCell<BTreeMap<(usize, usize), Arguments>>,
}

fn coordinates(number: usize, factor: &Factor) -> Vec<Var> {
    let ranks = factor.operand.ranks();
    let letter = |(axis, rank)| Var { name: Name::from(format!("%y{number}.{axis}")), rank };
    ranks.into_iter().enumerate().map(letter).collect()
}

/// All orders of the numbers below `count`; of many factors one order only.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count > 3 {
        return vec![(0..count).collect()];
    }
    let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..count {
        let longer = |row: Vec<usize>| {
            let free: Vec<usize> = (0..count).filter(|number| !row.contains(number)).collect();
            free.into_iter().map(move |number| row.iter().copied().chain([number]).collect())
        };
        rows = rows.into_iter().flat_map(longer).collect();
    }
    rows
}

/// The subsets of a size.
fn subsets(list: &[usize], size: usize) -> Vec<Vec<usize>> {
    if size == 0 {
        return vec![Vec::new()];
    }
    let Some((first, rest)) = list.split_first() else { return Vec::new() };
    let with = subsets(rest, size - 1).into_iter().map(|mut set| {
        set.insert(0, *first);
        set
    });
    with.chain(subsets(rest, size)).collect()
}
