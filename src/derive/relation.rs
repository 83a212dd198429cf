//! Relations between the positions that a product of entries reads, and the parameters under which two of them agree.
//!
//! `Σ_u X[d·k + s·u - p] E[u]` reads `X` at `x` and `E` at `e` where `x = d·k + s·e - p`: the summation letters are gone, and what is
//! left is a relation between positions. An operator `conv(x, w; s', p', …)` is such a relation too, with parameters that are not known
//! yet. Comparing the coefficients of each position gives equations for them.

use std::collections::{BTreeMap, BTreeSet};

use crate::entail::linear_in;
use crate::kernel::{Atom, Index, Literal, Monomial, Var};
use crate::search::monomial::quotient;
use crate::search::simplify::solve;

/// How many ways of pairing equations and bounds are tried.
const PAIRINGS: usize = 2_000;

/// Equations `e = 0` and bounds `e ≥ 0` between positions.
#[derive(Clone, Debug, Default)]
pub struct Relation {
    /// The equations.
    pub equations: Vec<Index>,
    /// The bounds.
    pub bounds: Vec<Index>,
    /// Summation letters that could not be eliminated.
    pub open: Vec<Var>,
}

impl Relation {
    /// The relation that is left when letters are eliminated by the equations in which they stand alone.
    pub fn between(letters: &[Var], mut equations: Vec<Index>, mut bounds: Vec<Index>) -> Relation {
        let mut open: Vec<Var> = letters.to_vec();
        loop {
            let found = open.iter().find_map(|letter| {
                let mut places = equations.iter().enumerate();
                places.find_map(|(place, equation)| Some((letter.clone(), place, solve(equation, letter)?)))
            });
            let Some((letter, place, value)) = found else { break };
            equations.remove(place);
            open.retain(|other| *other != letter);
            apply(&mut equations, &mut bounds, &[(letter, value)].into_iter().collect());
        }
        equations.retain(|equation| !equation.is_zero());
        Relation { equations, bounds, open }
    }

    /// Divides the equations into those that give a position and the others, in which such positions are replaced.
    pub fn solved(mut self, positions: &[Var]) -> Solved {
        let mut values: BTreeMap<Var, Index> = BTreeMap::new();
        for position in positions.iter().rev() {
            let mut places = self.equations.iter().enumerate();
            let found = places.find_map(|(place, equation)| Some((place, solve(equation, position)?)));
            let Some((place, value)) = found else { continue };
            self.equations.remove(place);
            let map = [(position.clone(), value)].into_iter().collect();
            apply(&mut self.equations, &mut self.bounds, &map);
            values.values_mut().for_each(|other| *other = other.substitute(&map));
            values.extend(map);
        }
        self.equations.retain(|equation| !equation.is_zero());
        Solved { values, equations: self.equations, bounds: self.bounds, open: self.open }
    }
}

fn apply(equations: &mut [Index], bounds: &mut [Index], map: &BTreeMap<Var, Index>) {
    equations.iter_mut().chain(bounds).for_each(|index| *index = index.substitute(map));
}

/// A relation, solved for the positions for which it can be.
#[derive(Clone, Debug)]
pub struct Solved {
    /// Positions in terms of others.
    pub values: BTreeMap<Var, Index>,
    /// Equations between the others.
    pub equations: Vec<Index>,
    /// Bounds of the others.
    pub bounds: Vec<Index>,
    /// Summation letters that could not be eliminated.
    pub open: Vec<Var>,
}

/// What is to be found: values of `letters`, some of which have one where nothing else is said.
#[derive(Clone, Debug, Default)]
pub struct Unknowns {
    /// The letters.
    pub letters: Vec<Var>,
    /// Their values where nothing else is said.
    pub defaults: BTreeMap<Var, Index>,
}

impl Unknowns {
    fn is_in(&self, index: &Index) -> bool {
        self.letters.iter().any(|letter| index.contains(letter))
    }

    /// Values for which all equations hold; letters that the equations leave open have none. `None` where there are no values.
    pub fn solve(&self, mut equations: Vec<Index>, mut values: BTreeMap<Var, Index>) -> Option<BTreeMap<Var, Index>> {
        loop {
            equations.iter_mut().for_each(|equation| *equation = equation.substitute(&values));
            equations.retain(|equation| !equation.is_zero());
            if equations.iter().any(|equation| !self.is_in(equation)) {
                return None;
            }
            if equations.is_empty() {
                return Some(values);
            }
            let (letter, value) = self.step(&equations)?;
            let map: BTreeMap<Var, Index> = [(letter, value)].into_iter().collect();
            values.values_mut().for_each(|other| *other = other.substitute(&map));
            values.extend(map);
        }
    }

    /// A letter that stands alone in an equation, one whose factor divides the rest, or one that has a default.
    fn step(&self, equations: &[Index]) -> Option<(Var, Index)> {
        let pairs = || equations.iter().flat_map(|equation| self.letters.iter().map(move |letter| (equation, letter)));
        let known = |(equation, letter): (&Index, &Var)| {
            let value = solve(equation, letter)?;
            (!self.is_in(&value)).then(|| (letter.clone(), value))
        };
        let divided = |(equation, letter): (&Index, &Var)| {
            let value = divided(equation, letter)?;
            (!self.is_in(&value)).then(|| (letter.clone(), value))
        };
        let default = |(equation, letter): (&Index, &Var)| {
            equation.contains(letter).then_some(())?;
            Some((letter.clone(), self.defaults.get(letter)?.clone()))
        };
        let alone = |(equation, letter): (&Index, &Var)| Some((letter.clone(), solve(equation, letter)?));
        pairs()
            .find_map(known)
            .or_else(|| pairs().find_map(divided))
            .or_else(|| pairs().find_map(alone))
            .or_else(|| pairs().find_map(default))
    }
}

/// The value of a letter from an equation in which its factor divides the rest.
fn divided(equation: &Index, letter: &Var) -> Option<Index> {
    let (factor, rest) = linear_in(equation, letter)?;
    if factor.is_zero() {
        return None;
    }
    let values = [quotient(&-&rest, &factor), -&quotient(&rest, &factor)];
    values.into_iter().find(|value| (&(&factor * value) + &rest).is_zero())
}

/// The values of an operator's parameters for which its relation is that of a term: each of its equations vanishes where the term's
/// hold, or is one of them; a bound with an unknown is one of the term's.
pub fn agreements(
    term: &Solved,
    coordinates: &BTreeSet<Var>,
    operator: &Relation,
    unknowns: &Unknowns,
) -> Vec<BTreeMap<Var, Index>> {
    let equations: Vec<Index> = operator.equations.iter().map(|equation| equation.substitute(&term.values)).collect();
    let zero = Index::default();
    let mut options: Vec<(Index, Vec<Index>)> = Vec::new();
    for equation in equations {
        let negative = term.equations.iter().map(|other| -other);
        let mut targets: Vec<Index> = term.equations.iter().cloned().chain(negative).collect();
        targets.insert(0, zero.clone());
        options.push((equation, targets));
    }
    for bound in operator.bounds.iter().map(|bound| bound.substitute(&term.values)) {
        if unknowns.is_in(&bound) {
            options.push((bound, term.bounds.clone()));
        }
    }
    let mut found = Vec::new();
    let mut budget = PAIRINGS;
    choose(&options, coordinates, unknowns, &mut Vec::new(), &mut budget, &mut found);
    found
}

fn choose(
    options: &[(Index, Vec<Index>)],
    coordinates: &BTreeSet<Var>,
    unknowns: &Unknowns,
    equations: &mut Vec<Index>,
    budget: &mut usize,
    found: &mut Vec<BTreeMap<Var, Index>>,
) {
    let Some(((equation, targets), rest)) = options.split_first() else {
        let solution = unknowns.solve(equations.clone(), BTreeMap::new());
        found.extend(solution.filter(|solution| !found.contains(solution)));
        return;
    };
    for target in targets {
        if *budget == 0 {
            return;
        }
        *budget -= 1;
        let before = equations.len();
        equations.extend(coefficients(&(equation - target), coordinates));
        let impossible = equations[before..].iter().any(|equation| !unknowns.is_in(equation));
        if !impossible {
            choose(rest, coordinates, unknowns, equations, budget, found);
        }
        equations.truncate(before);
    }
}

/// The coefficients of a polynomial in some letters, those that are 0 left out.
pub fn coefficients(index: &Index, coordinates: &BTreeSet<Var>) -> Vec<Index> {
    let mut found: BTreeMap<Monomial, Index> = BTreeMap::new();
    for (monomial, coefficient) in index.terms() {
        let (mut place, mut value) = (Index::from(1), Index::constant(coefficient.clone()));
        for (atom, exponent) in monomial.factors() {
            let single = Index::atom(atom.clone());
            let inside = match atom {
                Atom::Var(var) => coordinates.contains(var),
                _ => coordinates.iter().any(|letter| single.contains(letter)),
            };
            for _ in 0..*exponent {
                if inside { place = &place * &single } else { value = &value * &single }
            }
        }
        let Some((place, _)) = place.terms().next().map(|(place, value)| (place.clone(), value.clone())) else {
            continue;
        };
        let sum = found.entry(place).or_default();
        *sum = &*sum + &value;
    }
    found.into_values().filter(|value| !value.is_zero()).collect()
}

/// The value of an unknown for which the end of a box is what it should be: `⌊(n + p)/s⌋ = m` where `n + p = s·m`.
pub fn fit(end: &Index, wanted: &Index, letter: &Var, unknowns: &Unknowns) -> Option<Index> {
    let difference = end - wanted;
    let alone = |equation: &Index| {
        let value = solve(equation, letter).or_else(|| divided(equation, letter))?;
        (!unknowns.is_in(&value)).then_some(value)
    };
    if let Some(found) = alone(&difference) {
        return Some(found);
    }
    difference.terms().find_map(|(monomial, coefficient)| {
        let [(Atom::Floor(numerator, divisor), 1)] = monomial.factors() else { return None };
        if *coefficient != 1.into() {
            return None;
        }
        let rest = &difference - &Index::term(1.into(), monomial.clone());
        alone(Literal::eq(numerator.as_ref() + &(divisor.as_ref() * &rest)).index())
    })
}
