//! The order in which the means of proof are tried on a question that one linear combination does not settle.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::{One, ToPrimitive};

use super::floors;
use super::model;
use super::poly::{MonomialId, Table};
use super::products;
use super::state::{Answer, Budget, Relation, State, Wrap, uses};
use crate::kernel::{Atom, Facts, Index, Literal, Refutation, Var};

/// How much may go into one question, in counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effort {
    /// For conditions that a proof needs.
    Full,
    /// For conditions that would only be convenient: no case distinctions.
    Light,
}

impl Effort {
    /// Linear problems, and splits above one another.
    fn limits(self) -> (usize, usize) {
        match self {
            Effort::Full => (120, 5),
            Effort::Light => (24, 0),
        }
    }
}
/// Sums of two bounds that are looked at.
const CHAINS: usize = 12;

/// Rounds of deriving facts before products are tried.
const ROUNDS: usize = 4;

/// Looks for a refutation of the facts together with the seed, which the refutation is expected to use.
pub(super) fn refute(facts: &Facts, seed: Option<&Literal>, effort: Effort) -> Option<Refutation> {
    let (mut table, mut state) = (Table::new(), State::default());
    let (problems, depth) = effort.limits();
    let mut budget = Budget { problems };
    let focus = seed.and_then(|seed| state.push(&mut table, seed.clone()));
    for fact in connected(facts, seed) {
        state.push(&mut table, fact.clone());
    }
    state.focus.extend(focus);
    Search { table, budget: &mut budget, depth }.refute(state)
}

/// The facts that share a variable with the seed, or with a fact that does, and so on.
fn connected<'a>(facts: &'a Facts, seed: Option<&Literal>) -> Vec<&'a Literal> {
    let mut reached = BTreeSet::new();
    if let Some(seed) = seed {
        seed.index().collect_vars(&mut reached);
    }
    if reached.is_empty() {
        return facts.iter().collect();
    }
    let mut open: Vec<(&Literal, BTreeSet<Var>)> = facts
        .iter()
        .map(|fact| {
            let mut vars = BTreeSet::new();
            fact.index().collect_vars(&mut vars);
            (fact, vars)
        })
        .collect();
    let mut found = Vec::new();
    loop {
        let (near, far): (Vec<_>, Vec<_>) = open.into_iter().partition(|(_, vars)| !vars.is_disjoint(&reached));
        if near.is_empty() {
            return found;
        }
        for (fact, vars) in near {
            found.push(fact);
            reached.extend(vars);
        }
        open = far;
    }
}

/// Rational values of monomials that satisfy every fact, taken for unknowns of their own.
type Model = BTreeMap<MonomialId, BigRational>;

struct Search<'a> {
    table: Table,
    budget: &'a mut Budget,
    /// Splits that may stand above one another.
    depth: usize,
}

impl Search<'_> {
    fn refute(&mut self, mut state: State) -> Option<Refutation> {
        let proof = self.attempt(&mut state)?;
        Some(state.wrap(proof))
    }

    fn attempt(&mut self, state: &mut State) -> Option<Refutation> {
        state.eliminate(&mut self.table)?;
        for _ in 0..ROUNDS {
            let before = (state.facts.len(), state.divided.len());
            floors::divide(state, &mut self.table, self.budget);
            if let Some(proof) = self.tighten(state) {
                return Some(proof);
            }
            state.eliminate(&mut self.table)?;
            floors::normalize(state, &mut self.table, self.budget);
            state.eliminate(&mut self.table)?;
            self.chain(state);
            if (state.facts.len(), state.divided.len()) == before {
                break;
            }
        }
        let focus = state.focus.clone();
        let singles = state.singles();
        let model = match state.solve(&mut self.table, self.budget, &singles, &focus) {
            Answer::Refuted(proof) => return Some(proof),
            Answer::Model(model) => model,
            Answer::Nothing => Model::new(),
        };
        if products::nonlinear(state, &self.table)
            && let Some(proof) = self.multiply(state, &focus, &model)
        {
            return Some(proof);
        }
        if let Some((first, second)) = maximum(state) {
            return self.split_maximum(state, first, second);
        }
        if state.depth >= self.depth {
            return None;
        }
        let apart = state.facts.iter().find_map(|fact| match &fact.literal {
            Literal::Ne(apart)
                if !decided(state, apart) && fact.reduced.as_constant().is_none_or(|value| value == 0) =>
            {
                Some(apart.clone())
            }
            _ => None,
        });
        if let Some(apart) = apart {
            if self.satisfiable(state, &model) {
                return None;
            }
            return self.split_apart(state, apart);
        }
        if let Some((dividend, divisor)) = self.residues(state)
            && floors::division(state, &mut self.table, self.budget, &dividend, &divisor)
        {
            if self.satisfiable(state, &model) {
                return None;
            }
            let remainder = Index::modulo(dividend, divisor);
            return self.split(state, &remainder - &Index::from(1));
        }
        for (monomial, value) in &model {
            let [atom] = self.table.factors(*monomial) else { continue };
            if value.is_integer() {
                continue;
            }
            let (Some(atom), Some(below)) = (self.table.known(*atom).cloned(), value.floor().to_integer().to_i64())
            else {
                continue;
            };
            if self.satisfiable(state, &model) {
                return None;
            }
            let on = &Index::atom(atom) - &Index::from(below.checked_add(1)?);
            return self.split(state, on);
        }
        let unsigned = self.unsigned(state)?;
        self.split(state, unsigned)
    }

    /// Whether integers are found at which all facts hold; then the budget ends, since no branch can be refuted.
    fn satisfiable(&mut self, state: &State, model: &Model) -> bool {
        if self.budget.problems == 0 {
            return false;
        }
        let mut start = BTreeMap::new();
        for (monomial, value) in model {
            if let [atom] = self.table.factors(*monomial)
                && let Some(Atom::Var(var)) = self.table.known(*atom)
                && let Some(value) = value.floor().to_integer().to_i128()
            {
                start.insert(var.clone(), value);
            }
        }
        // What was derived follows from the rest; only facts that were given, or assumed for a branch, are looked at.
        let derived = |fact: &Literal| {
            state.wraps.iter().any(|wrap| match wrap {
                Wrap::Cut(cut, _) => cut == fact,
                Wrap::Division { bounds, .. } => bounds.contains(fact),
            })
        };
        let literals: Vec<&Literal> =
            state.facts.iter().map(|fact| &fact.literal).filter(|fact| !derived(fact)).collect();
        let found = model::exists(&literals, &start, 1) || model::exists(&literals, &BTreeMap::new(), 2);
        if found {
            self.budget.problems = 0;
        }
        found
    }

    /// Products of facts, from likely to less likely ones.
    fn multiply(&mut self, state: &mut State, focus: &[usize], model: &Model) -> Option<Refutation> {
        if self.satisfiable(state, model) {
            return None;
        }
        products::signs(state, &mut self.table, self.budget);
        let mut tried = 0;
        for rounds in 1..=2 {
            let sources = products::by_cofactors(state, &mut self.table, rounds);
            if sources.len() > tried
                && let Answer::Refuted(proof) = state.solve(&mut self.table, self.budget, &sources, focus)
            {
                return Some(proof);
            }
            tried = sources.len();
            if rounds == 1 {
                let pairs = products::with_pairs(state, sources);
                if let Answer::Refuted(proof) = state.solve(&mut self.table, self.budget, &pairs, focus) {
                    return Some(proof);
                }
            }
        }
        None
    }

    /// Sharper forms of facts over the integers; a refutation, where an equation has no integer solution.
    fn tighten(&mut self, state: &mut State) -> Option<Refutation> {
        for number in 0..state.facts.len() {
            let fact = state.facts.get(number)?;
            let (reduced, relation) = (fact.reduced.clone(), fact.relation);
            let content = reduced.content();
            let whole = content <= 1 || reduced.offset().checked_rem(content) == Some(0);
            match relation {
                Relation::Ge if !whole => {
                    let tight = Literal::ge(self.table.index(&reduced));
                    state.cut(&mut self.table, self.budget, tight, &[]);
                }
                Relation::Eq if !whole => {
                    if let Some(proof) = self.indivisible(state, &reduced) {
                        return Some(proof);
                    }
                }
                Relation::Eq if content > 1 => {
                    let reduced = Literal::eq(self.table.index(&reduced));
                    state.cut(&mut self.table, self.budget, reduced, &[]);
                }
                Relation::Ge | Relation::Eq => {
                    self.cancel(state, number);
                }
                Relation::Ne => {}
            }
            if relation == Relation::Ge && !reduced.variable().is_empty() {
                let negative = reduced.scale(-1)?;
                let opposite =
                    state.facts.iter().any(|other| other.relation == Relation::Ge && other.reduced == negative);
                if opposite {
                    let equation = Literal::eq(self.table.index(&reduced));
                    state.cut(&mut self.table, self.budget, equation, &[]);
                }
            }
        }
        None
    }

    /// An equation whose content does not divide its constant.
    fn indivisible(&mut self, state: &State, reduced: &super::poly::Poly) -> Option<Refutation> {
        let on = self.table.index(reduced);
        let upper = Literal::ge(on.clone());
        let negative = state.derive(&mut self.table, self.budget, &upper, (&[], &[]))?;
        let nonnegative = state.derive(&mut self.table, self.budget, &upper.negated(), (&[], &[]))?;
        Some(Refutation::Split { on, nonnegative: Box::new(nonnegative), negative: Box::new(negative) })
    }

    /// Two bounds of which the sum can be divided: `C·q ≤ c` and `c ≤ G·C - 1` leave `q ≤ G - 1`.
    fn chain(&mut self, state: &mut State) {
        let bounds: Vec<super::poly::Poly> =
            state.facts.iter().filter(|fact| fact.relation == Relation::Ge).map(|fact| fact.reduced.clone()).collect();
        let nonlinear = |table: &Table, bound: &super::poly::Poly| {
            bound.variable().iter().any(|(monomial, _)| table.factors(*monomial).len() > 1)
        };
        let mut sums = Vec::new();
        for one in bounds.iter().filter(|one| nonlinear(&self.table, one)) {
            for other in &bounds {
                let meets = one.variable().iter().any(|(monomial, value)| {
                    self.table.factors(*monomial).len() == 1 && other.variable().contains(&(*monomial, -value))
                });
                let Some(sum) = one.plus(1, other).filter(|_| meets) else { continue };
                if sum.offset() < 0 && nonlinear(&self.table, &sum) && sums.len() < CHAINS {
                    sums.push(sum);
                }
            }
        }
        for sum in sums {
            self.divided(state, &sum, Relation::Ge);
        }
        self.differences(state, &bounds);
    }

    /// Two bounds between which a letter falls out and leaves multiples of a number: `3·p + 1 ≤ k ≤ 3·q + 2` leaves `p ≤ q`. So quotients of
    /// neighbours are compared, `⌊k/3⌋` and `⌊(k-1)/3⌋`.
    fn differences(&mut self, state: &mut State, bounds: &[super::poly::Poly]) {
        let stepped: Vec<&super::poly::Poly> =
            bounds.iter().filter(|bound| bound.variable().iter().any(|(_, value)| value.abs() > 1)).collect();
        let mut sums: Vec<super::poly::Poly> = Vec::new();
        for (place, one) in stepped.iter().enumerate() {
            for other in stepped.iter().skip(place + 1) {
                let meets = one
                    .variable()
                    .iter()
                    .any(|(monomial, value)| value.abs().is_one() && other.variable().contains(&(*monomial, -value)));
                let Some(sum) = one.plus(1, other).filter(|_| meets) else { continue };
                let content = sum.content();
                let sharper = content > 1 && sum.offset().checked_rem(content) != Some(0);
                if sharper && !sum.variable().is_empty() && sums.len() < CHAINS && !sums.contains(&sum) {
                    sums.push(sum);
                }
            }
        }
        for sum in sums {
            let tight = Literal::ge(self.table.index(&sum));
            state.cut(&mut self.table, self.budget, tight, &[]);
        }
    }

    /// A positive atom that divides all terms but the constant is cancelled, which sharpens the constant.
    fn cancel(&mut self, state: &mut State, number: usize) -> Option<()> {
        let fact = state.facts.get(number)?;
        let (reduced, relation) = (fact.reduced.clone(), fact.relation);
        self.divided(state, &reduced, relation)
    }

    /// What follows of a fact, or of a sum of facts, when a positive atom is cancelled.
    fn divided(&mut self, state: &mut State, reduced: &super::poly::Poly, relation: Relation) -> Option<()> {
        let offset = reduced.offset();
        if offset > 0 || (relation == Relation::Eq && offset != 0) {
            return None;
        }
        let (first, _) = reduced.variable().first()?;
        let mut common = self.table.factors(*first).to_vec();
        if common.is_empty() || (common.len() == 1 && reduced.variable().len() == 1) {
            return None;
        }
        common.retain(|atom| reduced.variable().iter().all(|(other, _)| self.table.factors(*other).contains(atom)));
        for atom in common {
            let positive = state.facts.iter().position(|fact| {
                let single = matches!(fact.reduced.variable(), [(m, 1)] if self.table.factors(*m) == [atom]);
                fact.relation == Relation::Ge && single && fact.reduced.offset() < 0
            });
            let Some(positive) = positive else { continue };
            let monomial = self.table.monomial(vec![atom]);
            let variable = super::poly::Poly(reduced.variable().to_vec());
            let (quotient, _) = self.table.divide(&variable, 1, monomial)?;
            let quotient = self.table.index(&quotient);
            let literal = match relation {
                Relation::Eq => Literal::eq(quotient),
                _ if offset < 0 => Literal::ge(&quotient - &Index::from(1)),
                _ => Literal::ge(quotient),
            };
            state.cut(&mut self.table, self.budget, literal, &[positive]);
        }
        Some(())
    }

    /// A branch with one more fact.
    fn branch(&mut self, state: &State, facts: &[Literal]) -> Option<Refutation> {
        let mut branch = state.clone();
        branch.wraps.clear();
        branch.depth += 1;
        for fact in facts {
            let number = branch.push(&mut self.table, fact.clone())?;
            if !branch.focus.is_empty() {
                branch.focus.push(number);
            }
        }
        self.refute(branch)
    }

    fn split(&mut self, state: &State, on: Index) -> Option<Refutation> {
        let positive = Literal::ge(on.clone());
        if state.depth >= self.depth || state.contains(&positive) || state.contains(&positive.negated()) {
            return None;
        }
        let nonnegative = self.branch(state, std::slice::from_ref(&positive))?;
        if !uses(&nonnegative, &positive) {
            return Some(nonnegative);
        }
        let negated = positive.negated();
        let negative = self.branch(state, std::slice::from_ref(&negated))?;
        if !uses(&negative, &negated) {
            return Some(negative);
        }
        Some(Refutation::Split { on, nonnegative: Box::new(nonnegative), negative: Box::new(negative) })
    }

    fn split_apart(&mut self, state: &State, apart: Index) -> Option<Refutation> {
        let [up, down] = sides(&apart);
        let above = self.branch(state, std::slice::from_ref(&up))?;
        if !uses(&above, &up) {
            return Some(above);
        }
        let below = self.branch(state, std::slice::from_ref(&down))?;
        if !uses(&below, &down) {
            return Some(below);
        }
        Some(Refutation::Apart { apart, above: Box::new(above), below: Box::new(below) })
    }

    fn split_maximum(&mut self, state: &State, first: Index, second: Index) -> Option<Refutation> {
        if state.depth >= self.depth {
            return None;
        }
        let value = Index::max(first.clone(), second.clone());
        let order = Literal::ge(&first - &second);
        let left_facts = [order.clone(), Literal::eq(&value - &first)];
        let left = self.branch(state, &left_facts)?;
        if !left_facts.iter().any(|fact| uses(&left, fact)) {
            return Some(left);
        }
        let right_facts = [order.negated(), Literal::eq(&value - &second)];
        let right = self.branch(state, &right_facts)?;
        if !right_facts.iter().any(|fact| uses(&right, fact)) {
            return Some(right);
        }
        Some(Refutation::Maximum { first, second, left: Box::new(left), right: Box::new(right) })
    }

    /// An atom whose remainder matters: it occurs in a product inside a quotient by 2 or 3, or in an equation whose least coefficient is
    /// small and does not divide the atom's.
    fn residues(&mut self, state: &State) -> Option<(Index, Index)> {
        for fact in state.facts.iter().filter(|fact| fact.relation == Relation::Eq) {
            let terms = fact.reduced.variable();
            let Some(least) = terms.iter().map(|(_, value)| value.abs()).min().filter(|least| (2..=4).contains(least))
            else {
                continue;
            };
            for (monomial, value) in terms {
                let [atom] = self.table.factors(*monomial) else { break };
                let Some(index) = self.table.known(*atom).cloned().map(Index::atom) else { break };
                let divisor = Index::from(i64::try_from(least).ok()?);
                let quotient = Atom::Floor(Box::new(index.clone()), Box::new(divisor.clone()));
                if value % least != 0 && !state.divided.contains(&self.table.atom(&quotient)) {
                    return Some((index, divisor));
                }
            }
        }
        for fact in &state.facts {
            for atom in fact.literal.index().atoms() {
                let Atom::Floor(numerator, divisor) = atom else { continue };
                let small = divisor.as_constant().and_then(|value| value.to_i64()).is_some_and(|value| value <= 3);
                let products = numerator.terms().filter(|(monomial, _)| monomial.degree() > 1);
                let inner =
                    products.flat_map(|(monomial, _)| monomial.factors()).map(|(atom, _)| Index::atom(atom.clone()));
                for index in inner.filter(|_| small) {
                    let quotient = Atom::Floor(Box::new(index.clone()), divisor.clone());
                    if !state.divided.contains(&self.table.atom(&quotient)) {
                        return Some((index, (**divisor).clone()));
                    }
                }
            }
        }
        None
    }

    /// An atom of unknown sign that occurs beside another one, or twice, in a monomial.
    fn unsigned(&mut self, state: &State) -> Option<Index> {
        let focus: Vec<usize> = state.focus.clone();
        for number in focus {
            let fact = state.facts.get(number)?;
            for (monomial, _) in &fact.reduced.0 {
                let factors = self.table.factors(*monomial);
                if factors.len() < 2 {
                    continue;
                }
                for atom in factors {
                    let Some(index) = self.table.known(*atom).cloned().map(Index::atom) else { continue };
                    let positive = Literal::ge(index.clone());
                    let signed = |fact: &super::state::Fact| {
                        let single = matches!(fact.reduced.variable(), [(m, v)] if self.table.factors(*m) == [*atom] && v.abs().is_one());
                        fact.relation == Relation::Ge && single
                    };
                    if !state.facts.iter().any(signed) && !state.contains(&positive) {
                        return Some(index);
                    }
                }
            }
        }
        None
    }
}

/// The two ways in which a term differs from zero.
fn sides(apart: &Index) -> [Literal; 2] {
    [Literal::ge(apart - &Index::from(1)), Literal::ge(&-apart - &Index::from(1))]
}

fn decided(state: &State, apart: &Index) -> bool {
    sides(apart).iter().any(|side| state.contains(side))
}

/// A maximum whose value is not known yet, from the focus first, innermost first.
fn maximum(state: &State) -> Option<(Index, Index)> {
    let focused = state.focus.iter().filter_map(|number| state.facts.get(*number));
    focused.chain(&state.facts).find_map(|fact| open_maximum(state, fact.literal.index()))
}

fn open_maximum(state: &State, index: &Index) -> Option<(Index, Index)> {
    index.atoms().find_map(|atom| match atom {
        Atom::Max(a, b) => open_maximum(state, a).or_else(|| open_maximum(state, b)).or_else(|| {
            let value = Index::atom(atom.clone());
            let known = [a, b].into_iter().any(|side| state.contains(&Literal::eq(&value - side)));
            (!known).then(|| ((**a).clone(), (**b).clone()))
        }),
        Atom::Floor(a, b) => open_maximum(state, a).or_else(|| open_maximum(state, b)),
        Atom::Var(_) | Atom::Apply(..) | Atom::Volume(_) => None,
    })
}
