//! Pairing the factors of two monomials: which letters of one side are which of the other.

use std::collections::BTreeMap;

use super::monomial::{Monomial, Quotient, head, quotient};
use super::simplify::solve;
use crate::entail;
use crate::kernel::{Expr, Facts, Guard, Index, Literal, Var};

/// How many ways of pairing equal factors are tried.
const MATCHING_LIMIT: usize = 120;

/// A pair of maps between the letters of two monomials, those for quotients included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maps {
    /// Each letter of the first in terms of the second's.
    pub phi: Vec<Index>,
    /// Each letter of the second in terms of the first's.
    pub psi: Vec<Index>,
}

/// The ways to pair the factors of two monomials with maps between their letters.
///
/// The letters of `to` are called `letters` in the result.
pub fn matchings(facts: &Facts, from: &Monomial, to: &Monomial, letters: &[Var]) -> Vec<Maps> {
    let to = to.renamed(letters);
    let mut found = Vec::new();
    let mut budget = MATCHING_LIMIT;
    let mut used = vec![false; to.factors.len()];
    pair(facts, (from, &to), 0, &mut used, &mut Vec::new(), &mut budget, &mut found);
    found
}

fn pair(
    facts: &Facts,
    (from, to): (&Monomial, &Monomial),
    position: usize,
    used: &mut [bool],
    equations: &mut Vec<(Index, Index)>,
    budget: &mut usize,
    found: &mut Vec<Maps>,
) {
    if *budget == 0 {
        return;
    }
    let Some(factor) = from.factors.get(position) else {
        *budget -= 1;
        let maps = determine(facts, from, to, equations).filter(|maps| !found.contains(maps));
        found.extend(maps);
        return;
    };
    for other in 0..to.factors.len() {
        if used[other] || head(factor) != head(&to.factors[other]) {
            continue;
        }
        let before = equations.len();
        if unify(factor, &to.factors[other], equations) {
            used[other] = true;
            pair(facts, (from, to), position + 1, used, equations, budget, found);
            used[other] = false;
        }
        equations.truncate(before);
    }
}

/// Collects the equations between index terms under which two expressions are the same.
fn unify(left: &Expr, right: &Expr, equations: &mut Vec<(Index, Index)>) -> bool {
    let mut zip = |a: &[Index], b: &[Index]| {
        equations.extend(a.iter().cloned().zip(b.iter().cloned()));
        a.len() == b.len()
    };
    let shape = match (left, right) {
        (Expr::Entry(s, a), Expr::Entry(t, b)) => s == t && zip(a, b),
        (Expr::Integer(a), Expr::Integer(b)) => zip(std::slice::from_ref(a), std::slice::from_ref(b)),
        (Expr::Number(a), Expr::Number(b)) => a == b,
        (Expr::Bracket(a), Expr::Bracket(b)) => same_guards(a, b, equations),
        (Expr::Power(_, a), Expr::Power(_, b)) => a == b,
        (Expr::Apply { function: f, orders: p, .. }, Expr::Apply { function: g, orders: q, .. }) => f == g && p == q,
        (Expr::Sum(v, a, _), Expr::Sum(w, b, _)) => v == w && same_guards(a, b, equations),
        // Two maxima may differ in their letters; whether they are equal is a question of its own.
        (Expr::Max(_, _, _), Expr::Max(_, _, _)) => return true,
        (Expr::Derivative(_, s, a), Expr::Derivative(_, t, b)) => s == t && zip(a, b),
        (Expr::Add(_), Expr::Add(_)) | (Expr::Mul(_), Expr::Mul(_)) | (Expr::Inverse(_), Expr::Inverse(_)) => true,
        _ => false,
    };
    let (a, b) = (left.children(), right.children());
    shape && a.len() == b.len() && a.iter().zip(b).all(|(a, b)| unify(a, b, equations))
}

fn same_guards(left: &Guard, right: &Guard, equations: &mut Vec<(Index, Index)>) -> bool {
    for (a, b) in left.literals().zip(right.literals()) {
        match (a, b) {
            (Literal::Ge(a), Literal::Ge(b)) | (Literal::Eq(a), Literal::Eq(b)) | (Literal::Ne(a), Literal::Ne(b)) => {
                equations.push((a.clone(), b.clone()));
            }
            _ => return false,
        }
    }
    left.len() == right.len()
}

/// The maps that the equations determine; letters that no entry reads are paired in order.
fn determine(facts: &Facts, from: &Monomial, to: &Monomial, equations: &[(Index, Index)]) -> Option<Maps> {
    let mut paired: Vec<Index> = equations.iter().map(|(a, b)| a - b).collect();
    let solved =
        |side: &Monomial, paired: &[Index]| eliminate(facts, &side.letters(), (&side.guard, &side.quotients), paired);
    let unread = |side: &Monomial, map: &BTreeMap<Var, Index>| -> Vec<Var> {
        side.vars.iter().filter(|var| !map.contains_key(var)).cloned().collect()
    };
    let (mut phi, mut psi) = (solved(from, &paired), solved(to, &paired));
    let (unread_from, unread_to) = (unread(from, &phi), unread(to, &psi));
    if unread_to.len() != unread_from.len() {
        return None;
    }
    if !unread_to.is_empty() {
        for (new, old) in unread_to.iter().zip(&unread_from) {
            if new.rank != old.rank {
                return None;
            }
            paired.push(&Index::from(new) - &Index::from(old));
        }
        (phi, psi) = (solved(from, &paired), solved(to, &paired));
    }
    let read = |letters: &[Var], map: &BTreeMap<Var, Index>| {
        letters.iter().map(|var| map.get(var).cloned()).collect::<Option<Vec<_>>>()
    };
    let (letters_from, letters_to) = (from.letters(), to.letters());
    let maps = Maps { phi: read(&letters_from, &phi)?, psi: read(&letters_to, &psi)? };
    // Each map is written in the letters of the other side alone.
    let stray = |terms: &[Index], vars: &[Var]| terms.iter().any(|term| vars.iter().any(|var| term.contains(var)));
    (!stray(&maps.phi, &letters_from) && !stray(&maps.psi, &letters_to)).then_some(maps)
}

/// Solves a system for some letters, whose own range helps; the quotients among them are known by their definitions.
pub fn eliminate(
    facts: &Facts,
    letters: &[Var],
    (guard, quotients): (&Guard, &[Quotient]),
    system: &[Index],
) -> BTreeMap<Var, Index> {
    let (mut equations, mut bounds) = (system.to_vec(), Vec::new());
    for literal in guard.literals() {
        match literal {
            Literal::Eq(equation) => equations.push(equation.clone()),
            Literal::Ge(bound) => bounds.push(bound.clone()),
            Literal::Ne(_) => {}
        }
    }
    let (letters, quotients) = (letters.to_vec(), quotients.to_vec());
    let mut system = System { facts, letters, equations, bounds, quotients, solved: BTreeMap::new() };
    while let Some((var, value)) = system.step() {
        system.assign(&var, &value);
    }
    system.solved
}

/// Equations and bounds between index terms, with some letters to be solved for.
struct System<'a> {
    facts: &'a Facts,
    letters: Vec<Var>,
    equations: Vec<Index>,
    bounds: Vec<Index>,
    quotients: Vec<Quotient>,
    solved: BTreeMap<Var, Index>,
}

impl System<'_> {
    fn open(&self) -> impl Iterator<Item = &Var> + Clone {
        self.letters.iter().filter(|var| !self.solved.contains_key(var))
    }

    fn is_known(&self, index: &Index) -> bool {
        !self.open().any(|var| index.contains(var))
    }

    /// The next letter that can be solved for, with its value: by an equation in which it stands alone; as the quotient that it is; by an
    /// equation in which it has a factor; by a range as long as its factor.
    fn step(&self) -> Option<(Var, Index)> {
        self.alone().or_else(|| self.defined()).or_else(|| self.multiple()).or_else(|| self.ranged())
    }

    fn alone(&self) -> Option<(Var, Index)> {
        self.open()
            .find_map(|var| self.equations.iter().find_map(|equation| Some((var.clone(), solve(equation, var)?))))
    }

    fn defined(&self) -> Option<(Var, Index)> {
        let open = self.quotients.iter().filter(|quotient| !self.solved.contains_key(&quotient.letter));
        let mut ready = open.filter(|quotient| self.is_known(&quotient.numerator));
        ready.next().map(|ready| (ready.letter.clone(), quotient(&ready.numerator, &ready.divisor)))
    }

    fn multiple(&self) -> Option<(Var, Index)> {
        self.open().find_map(|var| {
            self.equations.iter().find_map(|equation| {
                let (factor, rest) = entail::linear_in(equation, var)?;
                let (factor, rest) = if self.positive(&factor) { (factor, -&rest) } else { (-&factor, rest) };
                (self.is_known(&rest) && self.positive(&factor)).then(|| (var.clone(), quotient(&rest, &factor)))
            })
        })
    }

    fn ranged(&self) -> Option<(Var, Index)> {
        self.open().find_map(|var| {
            self.bounds.iter().find_map(|bound| {
                let (factor, rest) = entail::linear_in(bound, var)?;
                let factor = -&factor;
                let opposite = &(&factor - &Index::from(1)) - bound;
                let tight = self.bounds.contains(&opposite) && self.positive(&factor);
                tight.then(|| (var.clone(), quotient(&rest, &factor)))
            })
        })
    }

    /// Whether a term without open letters is at least 1.
    fn positive(&self, index: &Index) -> bool {
        self.is_known(index) && entail::holds(self.facts, &Literal::le(&Index::from(1), index))
    }

    fn assign(&mut self, var: &Var, value: &Index) {
        let map = [(var.clone(), value.clone())].into_iter().collect();
        let apply = |index: &mut Index| *index = index.substitute(&map);
        self.equations.iter_mut().chain(&mut self.bounds).chain(self.solved.values_mut()).for_each(apply);
        self.quotients.iter_mut().for_each(|quotient| quotient.numerator = quotient.numerator.substitute(&map));
        self.equations.retain(|equation| !equation.is_zero());
        self.solved.insert(var.clone(), value.clone());
    }
}
