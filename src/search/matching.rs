//! Pairing the factors of two monomials: which letters of one side are which of the other.

use std::collections::BTreeMap;

use super::monomial::{Monomial, Quotient, head, quotient};
use super::simplify::solve;
use crate::entail;
use crate::kernel::{Atom, Expr, Facts, Guard, Index, Literal, Name, Substitution, Var};

/// What the names of letters that a sum inside a factor binds begin with.
const HIDDEN: &str = "%b";

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

/// The ways to pair the factors of two monomials, which have no letter in common, with maps between their letters.
pub fn matchings(facts: &Facts, from: &Monomial, to: &Monomial) -> Vec<Maps> {
    let mut found = Vec::new();
    for equations in pairings(from, to) {
        for maps in determine(facts, from, to, &equations) {
            if !found.contains(&maps) {
                found.push(maps);
            }
        }
    }
    found
}

/// An equation between index terms of two sides.
#[derive(Clone, Debug)]
pub(super) struct Equation {
    difference: Index,
    /// Whether the sides differ without it. Arguments of functions are compared on their own once the letters are paired, so
    /// that what is read there only hints at the pairing: `σ(y[-1])` and `σ(y[-2])` are both σ(0).
    required: bool,
}

impl Equation {
    fn between((left, right): (&Index, &Index)) -> Equation {
        Equation { difference: left - right, required: true }
    }
}

/// What the paired factors of two sides ask for.
type Equations = Vec<Equation>;

/// The terms that are zero where the equations hold.
pub(super) fn system(equations: &[Equation]) -> Vec<Index> {
    equations.iter().map(|equation| equation.difference.clone()).collect()
}

/// The ways to pair the factors of two monomials: what must be equal for paired factors to be the same.
pub(super) fn pairings(from: &Monomial, to: &Monomial) -> Vec<Equations> {
    let mut found = Vec::new();
    pair((from, to), 0, &mut vec![false; to.factors.len()], &mut Vec::new(), &mut found);
    found
}

fn pair(
    (from, to): (&Monomial, &Monomial),
    position: usize,
    used: &mut [bool],
    equations: &mut Equations,
    found: &mut Vec<Equations>,
) {
    if found.len() == MATCHING_LIMIT {
        return;
    }
    let Some(factor) = from.factors.get(position) else {
        return found.push(equations.clone());
    };
    let own = head(factor);
    for other in 0..to.factors.len() {
        // Of equal factors one is as good as another: the fifth power of a factor has one pairing, not 120.
        let repeated = (0..other).any(|earlier| !used[earlier] && to.factors[earlier] == to.factors[other]);
        if used[other] || repeated || own != head(&to.factors[other]) {
            continue;
        }
        let before = equations.len();
        if unify(factor, &to.factors[other], equations) {
            used[other] = true;
            pair((from, to), position + 1, used, equations, found);
            used[other] = false;
        }
        equations.truncate(before);
    }
}

/// Collects the equations between index terms under which two expressions are the same.
pub(super) fn unify(left: &Expr, right: &Expr, equations: &mut Equations) -> bool {
    let mut zip = |a: &[Index], b: &[Index]| {
        equations.extend(a.iter().zip(b).map(Equation::between));
        a.len() == b.len()
    };
    let shape = match (left, right) {
        (Expr::Entry(s, a), Expr::Entry(t, b)) => s == t && zip(a, b),
        (Expr::Integer(a), Expr::Integer(b)) => zip(std::slice::from_ref(a), std::slice::from_ref(b)),
        (Expr::Number(a), Expr::Number(b)) => a == b,
        (Expr::Bracket(a), Expr::Bracket(b)) => same_guards(a, b, equations),
        (Expr::Power(_, a), Expr::Power(_, b)) => a == b,
        (Expr::Apply { function: f, orders: p, .. }, Expr::Apply { function: g, orders: q, .. }) => f == g && p == q,
        (Expr::Sum(v, a, x), Expr::Sum(w, b, y)) => {
            if v.len() != w.len() || v.iter().zip(w).any(|(left, right)| left.rank != right.rank) {
                return false;
            }
            // Letters of the sums' own; a map that mentions one is no map.
            let own: Vec<Var> =
                v.iter().map(|var| Var { name: Name::from(format!("{HIDDEN}{}", var.name)), ..var.clone() }).collect();
            let renamed = |vars: &[Var], guard: &Guard, body: &Expr| {
                let map = Substitution::of_indices(vars.iter().cloned().zip(own.iter().map(Index::from)).collect());
                (guard.substitute(map.indices()), body.substitute(&map))
            };
            let ((a, x), (b, y)) = (renamed(v, a, x), renamed(w, b, y));
            return same_guards(&a, &b, equations) && unify(&x, &y, equations);
        }
        // Two maxima may differ in their letters; whether they are equal is a question of its own.
        (Expr::Max(_, _, _), Expr::Max(_, _, _)) => return true,
        (Expr::Derivative(_, s, a), Expr::Derivative(_, t, b)) => s == t && zip(a, b),
        (Expr::Add(_), Expr::Add(_)) | (Expr::Mul(_), Expr::Mul(_)) | (Expr::Inverse(_), Expr::Inverse(_)) => true,
        _ => false,
    };
    let (a, b) = (left.children(), right.children());
    let before = equations.len();
    let same = shape && a.len() == b.len() && a.iter().zip(b).all(|(a, b)| unify(a, b, equations));
    if matches!(left, Expr::Apply { .. } | Expr::Inverse(_)) {
        equations[before..].iter_mut().for_each(|equation| equation.required = false);
    }
    same
}

fn same_guards(left: &Guard, right: &Guard, equations: &mut Equations) -> bool {
    for (a, b) in left.literals().zip(right.literals()) {
        match (a, b) {
            (Literal::Ge(a), Literal::Ge(b)) | (Literal::Eq(a), Literal::Eq(b)) | (Literal::Ne(a), Literal::Ne(b)) => {
                equations.push(Equation::between((a, b)));
            }
            _ => return false,
        }
    }
    left.len() == right.len()
}

/// With more letters on a side, those that no entry reads are paired in one order only.
const ORDERED: usize = 4;

/// The maps that the equations determine. Letters that no entry reads are paired in every order, for their ranges tell which is which.
fn determine(facts: &Facts, from: &Monomial, to: &Monomial, equations: &Equations) -> Vec<Maps> {
    let paired = system(equations);
    let (letters_from, letters_to) = (from.letters(), to.letters());
    let solved = |side: &Monomial, letters: &[Var], paired: &[Index]| {
        eliminate(facts, letters, (&side.guard, &side.quotients), paired)
    };
    let unread = |vars: &[Var], map: &BTreeMap<Var, Index>| -> Vec<Var> {
        vars.iter().filter(|var| !map.contains_key(var)).cloned().collect()
    };
    let read = |letters: &[Var], map: &BTreeMap<Var, Index>| {
        letters.iter().map(|var| map.get(var).cloned()).collect::<Option<Vec<_>>>()
    };
    // Each map is written in the letters of the other side alone.
    let stray = |terms: &[Index], vars: &[Var]| {
        terms.iter().any(|term| vars.iter().any(|var| term.contains(var)) || mentions_hidden(term))
    };
    // What no letter is left to satisfy may still hold in a part of the range, as n - 1 = 0 does; u = u + 1 holds nowhere, so
    // that f(u) g(u) and f(u) g(u + 1) are two bodies. The ranges have no say here: those of one body may lie apart.
    let required: Vec<&Index> = equations.iter().filter(|one| one.required).map(|one| &one.difference).collect();
    let possible = |phi: &BTreeMap<Var, Index>| {
        let left: Vec<Literal> = required.iter().map(|term| Literal::eq(term.substitute(phi))).collect();
        let known = || facts.iter().chain(&left).cloned().collect();
        left.iter().all(|equation| equation.index().is_zero()) || entail::contradiction(&known()).is_none()
    };
    let maps = |phi: &BTreeMap<Var, Index>, psi: &BTreeMap<Var, Index>| {
        let maps = Maps { phi: read(&letters_from, phi)?, psi: read(&letters_to, psi)? };
        let written = !stray(&maps.phi, &letters_from) && !stray(&maps.psi, &letters_to);
        (written && possible(phi)).then_some(maps)
    };
    let phi = solved(from, &letters_from, &paired);
    let open = unread(&from.vars, &phi);
    if open.is_empty() {
        let psi = solved(to, &letters_to, &paired);
        return maps(&phi, &psi).into_iter().collect();
    }
    let mut found: Vec<Maps> = Vec::new();
    for order in orders(&to.vars) {
        let letters: Vec<Var> = order.iter().chain(&letters_to[to.vars.len()..]).cloned().collect();
        let partners = unread(&order, &solved(to, &letters, &paired));
        if partners.len() != open.len() || partners.iter().zip(&open).any(|(new, old)| new.rank != old.rank) {
            continue;
        }
        let mut all = paired.clone();
        all.extend(partners.iter().zip(&open).map(|(new, old)| &Index::from(new) - &Index::from(old)));
        let maps = maps(&solved(from, &letters_from, &all), &solved(to, &letters, &all));
        found.extend(maps.filter(|maps| !found.contains(maps)));
    }
    found
}

/// Whether a letter occurs that a sum inside a factor binds.
pub(super) fn mentions_hidden(term: &Index) -> bool {
    let mut vars = std::collections::BTreeSet::new();
    term.collect_vars(&mut vars);
    vars.iter().any(|var| var.name.as_str().starts_with(HIDDEN))
}

/// All orders of a few letters, the given one first.
fn orders(vars: &[Var]) -> Vec<Vec<Var>> {
    if vars.is_empty() || vars.len() > ORDERED {
        return vec![vars.to_vec()];
    }
    let first = |place: usize| {
        let mut rest = vars.to_vec();
        let head = rest.remove(place);
        orders(&rest).into_iter().map(move |tail| std::iter::once(head.clone()).chain(tail).collect())
    };
    (0..vars.len()).flat_map(first).collect()
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
    system.shorten();
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
        self.is_known(index) && entail::positive(self.facts, index)
    }

    fn assign(&mut self, var: &Var, value: &Index) {
        let map = [(var.clone(), value.clone())].into_iter().collect();
        let apply = |index: &mut Index| *index = index.substitute(&map);
        self.equations.iter_mut().chain(&mut self.bounds).chain(self.solved.values_mut()).for_each(apply);
        self.quotients.iter_mut().for_each(|quotient| quotient.numerator = quotient.numerator.substitute(&map));
        self.solved.insert(var.clone(), value.clone());
        self.shorten();
    }

    /// Divides each equation by what all its terms have in common, where that is not 0.
    fn shorten(&mut self) {
        let positive = |atom: &Atom| entail::positive(self.facts, &Index::atom(atom.clone()));
        for equation in &mut self.equations {
            let mut terms = equation.terms();
            let Some((first, _)) = terms.next() else { continue };
            let mut common: Vec<Atom> = first.factors().iter().map(|(atom, _)| atom.clone()).collect();
            for (monomial, _) in terms {
                common.retain(|atom| monomial.factors().iter().any(|(other, _)| other == atom));
            }
            common.retain(positive);
            let by = common.into_iter().fold(Index::from(1), |product, atom| &product * &Index::atom(atom));
            *equation = Literal::eq(quotient(equation, &by)).index().clone();
        }
        self.equations.retain(|equation| !equation.is_zero());
    }
}
