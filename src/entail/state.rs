//! The facts of one branch of the search, their forms after the equations were used, and how certificates are built.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use num_rational::BigRational;

use super::linear::relevant;
use super::poly::{AtomId, MonomialId, Poly, Table};
use super::simplex::{self, Outcome, Row, machine};
use crate::kernel::{Index, Literal, Refutation};

/// Pivots that one linear problem may use.
const PIVOTS: usize = 300;
/// A linear problem with more rows is not tried.
const ROWS: usize = 800;

/// What a literal says about its term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Ge,
    Eq,
    Ne,
}

#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub literal: Literal,
    pub relation: Relation,
    pub poly: Poly,
    /// The term after the eliminations.
    pub reduced: Poly,
}

/// `atom − value = sign·(equation − Σ quotient·earlier)`: an equation solved for an atom.
#[derive(Clone, Debug)]
struct Elimination {
    equation: usize,
    atom: AtomId,
    value: Poly,
    sign: i128,
    earlier: Vec<Poly>,
}

/// A step that is put around the certificate of what follows it.
#[derive(Clone, Debug)]
pub(super) enum Wrap {
    Cut(Literal, Refutation),
    Division { numerator: Index, divisor: Index, positive: Refutation, bounds: [Literal; 2] },
}

/// A row of a linear problem.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// The product of some facts that are inequalities, ascending.
    Product(Vec<usize>),
    /// A monomial times an equation.
    Multiple(MonomialId, usize),
}

/// What a fact may be derived with, apart from the facts themselves: facts that are multiplied by its negation, and products of facts.
pub(super) type Means<'a> = (&'a [usize], &'a [Source]);

/// What a linear problem gave.
pub(super) enum Answer {
    Refuted(Refutation),
    /// Rational values of the monomials.
    Model(BTreeMap<MonomialId, BigRational>),
    Nothing,
}

impl Answer {
    pub fn proof(self) -> Option<Refutation> {
        match self {
            Answer::Refuted(proof) => Some(proof),
            _ => None,
        }
    }
}

/// Counted effort, shared by all branches of one question.
#[derive(Debug)]
pub(super) struct Budget {
    /// Linear problems that may still be tried.
    pub problems: usize,
}

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub facts: Vec<Fact>,
    present: BTreeSet<Literal>,
    eliminations: Vec<Elimination>,
    pub wraps: Vec<Wrap>,
    /// Facts that a contradiction should be connected with; none means any.
    pub focus: Vec<usize>,
    /// Quotients whose division facts are there.
    pub divided: BTreeSet<AtomId>,
    /// Splits above this state.
    pub depth: usize,
}

impl State {
    pub fn contains(&self, literal: &Literal) -> bool {
        literal.truth() == Some(true) || self.present.contains(literal)
    }

    /// Adds a fact; its number, where it can be represented.
    pub fn push(&mut self, table: &mut Table, literal: Literal) -> Option<usize> {
        let relation = match literal {
            Literal::Ge(_) => Relation::Ge,
            Literal::Eq(_) => Relation::Eq,
            Literal::Ne(_) => Relation::Ne,
        };
        let poly = table.poly(literal.index())?;
        let reduced = self.reduce(table, &poly)?;
        if !self.present.insert(literal.clone()) {
            return self.facts.iter().position(|fact| fact.literal == literal);
        }
        self.facts.push(Fact { literal, relation, poly, reduced });
        Some(self.facts.len() - 1)
    }

    /// A polynomial after all eliminations.
    pub fn reduce(&self, table: &mut Table, poly: &Poly) -> Option<Poly> {
        let mut reduced = poly.clone();
        for elimination in &self.eliminations {
            if table.contains(&reduced, elimination.atom) {
                reduced = table.substitute(&reduced, elimination.atom, &elimination.value)?.0;
            }
        }
        Some(reduced)
    }

    /// Solves equations for atoms that they hold with coefficient 1, until none is left.
    pub fn eliminate(&mut self, table: &mut Table) -> Option<()> {
        while let Some((equation, atom, sign)) = self.solvable(table) {
            let original = self.facts.get(equation)?.poly.clone();
            let mut remainder = original;
            let mut earlier = Vec::with_capacity(self.eliminations.len());
            for elimination in &self.eliminations {
                let (rest, quotient) = table.substitute(&remainder, elimination.atom, &elimination.value)?;
                remainder = rest;
                earlier.push(quotient);
            }
            let single = table.single(atom);
            let value = single.plus(-sign, &remainder)?;
            let solved = Elimination { equation, atom, value, sign, earlier };
            // What an equation in focus changes comes into focus.
            let focused = self.focus.contains(&equation);
            for (number, fact) in self.facts.iter_mut().enumerate() {
                if table.contains(&fact.reduced, atom) {
                    fact.reduced = table.substitute(&fact.reduced, atom, &solved.value)?.0;
                    if focused && !self.focus.contains(&number) {
                        self.focus.push(number);
                    }
                }
            }
            self.eliminations.push(solved);
        }
        Some(())
    }

    /// The shortest equation that can be solved, with the atom and its coefficient.
    fn solvable(&self, table: &Table) -> Option<(usize, AtomId, i128)> {
        let mut best: Option<((usize, usize, usize), AtomId, i128)> = None;
        for (number, fact) in self.facts.iter().enumerate() {
            if fact.relation != Relation::Eq || fact.reduced.is_zero() {
                continue;
            }
            for (monomial, value) in fact.reduced.variable() {
                let [atom] = table.factors(*monomial) else { continue };
                let elsewhere =
                    fact.reduced.0.iter().any(|(other, _)| other != monomial && table.factors(*other).contains(atom));
                if value.abs() != 1 || elsewhere {
                    continue;
                }
                let nonlinear = |fact: &Fact| {
                    let terms = fact.reduced.0.iter().filter(|(other, _)| table.factors(*other).len() > 1);
                    terms.filter(|(other, _)| table.factors(*other).contains(atom)).count()
                };
                let cost = (fact.reduced.0.len(), self.facts.iter().map(nonlinear).sum::<usize>(), number);
                if best.as_ref().is_none_or(|(least, _, _)| cost < *least) {
                    best = Some((cost, *atom, *value));
                }
            }
        }
        best.map(|((_, _, number), atom, value)| (number, atom, value))
    }

    /// Every inequality and every remaining equation, by itself.
    pub fn singles(&self) -> Vec<Source> {
        let usable = |(number, fact): (usize, &Fact)| match fact.relation {
            Relation::Ge => Some(Source::Product(vec![number])),
            Relation::Eq => (!fact.reduced.is_zero()).then_some(Source::Multiple(0, number)),
            Relation::Ne => None,
        };
        self.facts.iter().enumerate().filter_map(usable).collect()
    }

    /// The reduced polynomial of a row.
    pub fn expand(&self, table: &mut Table, source: &Source) -> Option<Poly> {
        match source {
            Source::Product(factors) => {
                let mut product = Poly::constant(1);
                for factor in factors {
                    product = table.product(&product, &self.facts.get(*factor)?.reduced)?;
                }
                Some(product)
            }
            Source::Multiple(monomial, equation) => {
                table.product(&Poly(vec![(*monomial, 1)]), &self.facts.get(*equation)?.reduced)
            }
        }
    }

    /// Looks for a combination of the rows that is a negative constant. Only rows connected with the focus count.
    pub fn solve(&self, table: &mut Table, budget: &mut Budget, sources: &[Source], focus: &[usize]) -> Answer {
        let Some(left) = budget.problems.checked_sub(1) else { return Answer::Nothing };
        budget.problems = left;
        let mut columns: BTreeMap<MonomialId, usize> = BTreeMap::new();
        let (mut rows, mut used, mut seeds) = (Vec::new(), Vec::new(), Vec::new());
        for source in sources {
            let Some(poly) = self.expand(table, source) else { continue };
            match (poly.as_constant(), source) {
                (None, _) => {}
                (Some(value), Source::Product(_)) if value < 0 => return self.alone(table, source, 1),
                (Some(value), Source::Multiple(..)) if value != 0 => return self.alone(table, source, -value.signum()),
                _ => continue,
            }
            let mut terms: Vec<(usize, i128)> = Vec::with_capacity(poly.0.len());
            for (monomial, value) in poly.variable() {
                let next = columns.len();
                terms.push((*columns.entry(*monomial).or_insert(next), *value));
            }
            terms.sort_unstable();
            let focused = match source {
                Source::Product(factors) => factors.iter().any(|factor| focus.contains(factor)),
                Source::Multiple(_, equation) => focus.contains(equation),
            };
            if focused {
                seeds.push(rows.len());
            }
            rows.push(Row { terms, constant: poly.offset(), equation: matches!(source, Source::Multiple(..)) });
            used.push(source);
        }
        // What is in focus may have been used up by an elimination; then what was derived from it counts as well.
        let kept = relevant(columns.len(), &rows, (!seeds.is_empty()).then_some(&seeds));
        if kept.len() > ROWS {
            return Answer::Nothing;
        }
        let chosen: Vec<Row> = kept.iter().filter_map(|number| rows.get(*number).cloned()).collect();
        match simplex::solve(columns.len(), &chosen, PIVOTS) {
            Outcome::Refuted(combination) if simplex::admissible(&chosen, &combination) => {
                let parts: Option<Vec<(BigInt, &Source)>> = combination
                    .into_iter()
                    .map(|(number, value)| Some((value, *used.get(*kept.get(number)?)?)))
                    .collect();
                parts.and_then(|parts| self.certificate(table, &parts)).map_or(Answer::Nothing, Answer::Refuted)
            }
            Outcome::Model(values) => Answer::Model(
                columns.into_iter().filter_map(|(m, column)| Some((m, values.get(column)?.clone()))).collect(),
            ),
            _ => Answer::Nothing,
        }
    }

    fn alone(&self, table: &mut Table, source: &Source, factor: i128) -> Answer {
        self.certificate(table, &[(factor.into(), source)]).map_or(Answer::Nothing, Answer::Refuted)
    }

    /// Adds the multiples of the eliminated equations that a combination of reduced rows left out.
    fn certificate(&self, table: &mut Table, parts: &[(BigInt, &Source)]) -> Option<Refutation> {
        let mut sum = Poly::default();
        let mut products = Vec::new();
        let mut multipliers: BTreeMap<usize, Poly> = BTreeMap::new();
        let mut add = |equation: usize, multiplier: &Poly| {
            let total = multipliers.entry(equation).or_default();
            *total = total.plus(1, multiplier)?;
            Some(())
        };
        for (value, source) in parts {
            let factor = machine(value)?;
            match source {
                Source::Product(factors) => {
                    let mut product = Poly::constant(1);
                    let mut indices = Vec::with_capacity(factors.len());
                    for number in factors {
                        let fact = self.facts.get(*number)?;
                        product = table.product(&product, &fact.poly)?;
                        indices.push(fact.literal.index().clone());
                    }
                    sum = sum.plus(factor, &product)?;
                    products.push((value.clone(), indices));
                }
                Source::Multiple(monomial, equation) => {
                    let multiplier = Poly(vec![(*monomial, factor)]);
                    let product = table.product(&multiplier, &self.facts.get(*equation)?.poly)?;
                    sum = sum.plus(1, &product)?;
                    add(*equation, &multiplier)?;
                }
            }
        }
        let mut quotients = Vec::with_capacity(self.eliminations.len());
        for elimination in &self.eliminations {
            let (rest, quotient) = table.substitute(&sum, elimination.atom, &elimination.value)?;
            sum = rest;
            quotients.push(quotient);
        }
        if sum.as_constant()? >= 0 {
            return None;
        }
        for (number, elimination) in self.eliminations.iter().enumerate().rev() {
            let quotient = quotients.get(number)?.scale(elimination.sign)?;
            if quotient.is_zero() {
                continue;
            }
            add(elimination.equation, &quotient.scale(-1)?)?;
            for (place, earlier) in elimination.earlier.iter().enumerate() {
                let carried = table.product(&quotient, earlier)?;
                let total = quotients.get_mut(place)?;
                *total = total.plus(-1, &carried)?;
            }
        }
        let mut multiples = Vec::new();
        for (equation, multiplier) in multipliers {
            if !multiplier.is_zero() {
                multiples.push((table.index(&multiplier), self.facts.get(equation)?.literal.index().clone()));
            }
        }
        Some(Refutation::Combine { products, multiples })
    }

    /// Derives a fact from all facts, its negation, and the negation times the facts `with`; whether that succeeds.
    pub fn cut(&mut self, table: &mut Table, budget: &mut Budget, literal: Literal, with: &[usize]) -> bool {
        self.cut_by(table, budget, literal, (with, &[]))
    }

    /// The same with more rows for the linear problem.
    pub fn cut_by(&mut self, table: &mut Table, budget: &mut Budget, literal: Literal, means: Means) -> bool {
        if self.contains(&literal) {
            return true;
        }
        let Some(proof) = self.derive(table, budget, &literal, means) else { return false };
        if self.push(table, literal.clone()).is_none() {
            return false;
        }
        self.wraps.push(Wrap::Cut(literal, proof));
        true
    }

    /// A refutation of the facts with a literal's negation.
    pub fn derive(
        &self,
        table: &mut Table,
        budget: &mut Budget,
        literal: &Literal,
        means: Means,
    ) -> Option<Refutation> {
        match literal.negated() {
            Literal::Ne(apart) => {
                let one = Index::from(1);
                let above = self.derive_from(table, budget, Literal::ge(&apart - &one), means)?;
                let below = self.derive_from(table, budget, Literal::ge(&-&apart - &one), means)?;
                Some(Refutation::Apart { apart, above: Box::new(above), below: Box::new(below) })
            }
            negated => self.derive_from(table, budget, negated, means),
        }
    }

    fn derive_from(
        &self,
        table: &mut Table,
        budget: &mut Budget,
        fact: Literal,
        (with, rows): Means,
    ) -> Option<Refutation> {
        let mut state = self.clone();
        let number = state.push(table, fact)?;
        let mut sources = state.singles();
        sources.extend(rows.iter().cloned());
        if state.facts.get(number)?.relation == Relation::Ge {
            let pair = |other: &usize| Source::Product(vec![number.min(*other), number.max(*other)]);
            sources.extend(with.iter().map(pair));
        }
        state.solve(table, budget, &sources, &[number]).proof()
    }

    /// Puts the derived facts that a certificate uses around it.
    pub fn wrap(&self, mut proof: Refutation) -> Refutation {
        for wrap in self.wraps.iter().rev() {
            proof = match wrap {
                Wrap::Cut(fact, derivation) if uses(&proof, fact) => {
                    Refutation::Cut { fact: fact.clone(), proof: Box::new(derivation.clone()), rest: Box::new(proof) }
                }
                Wrap::Division { numerator, divisor, positive, bounds }
                    if bounds.iter().any(|fact| uses(&proof, fact)) =>
                {
                    Refutation::Division {
                        numerator: numerator.clone(),
                        divisor: divisor.clone(),
                        positive: Box::new(positive.clone()),
                        rest: Box::new(proof),
                    }
                }
                _ => proof,
            };
        }
        proof
    }
}

/// Whether a certificate may use a fact; the search for clashes counts as using all.
pub(super) fn uses(proof: &Refutation, fact: &Literal) -> bool {
    match proof {
        Refutation::Absurd => true,
        Refutation::Combine { products, multiples } => match fact {
            Literal::Ge(index) => products.iter().any(|(_, factors)| factors.contains(index)),
            Literal::Eq(index) => multiples.iter().any(|(_, equation)| equation == index),
            Literal::Ne(_) => false,
        },
        Refutation::Apart { apart, above, below } => {
            matches!(fact, Literal::Ne(index) if index == apart) || uses(above, fact) || uses(below, fact)
        }
        Refutation::Cut { proof: one, rest: other, .. }
        | Refutation::Split { nonnegative: one, negative: other, .. }
        | Refutation::Division { positive: one, rest: other, .. }
        | Refutation::Maximum { left: one, right: other, .. } => uses(one, fact) || uses(other, fact),
    }
}
