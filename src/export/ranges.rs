//! Reading ranges and chains of inequalities off a guard.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_traits::{One, Signed};

use super::form::{Binder, Condition, Form, Letter, Relation};
use super::notation::{Notation, as_divisibility, rank};
use crate::kernel::{Guard, Index, Literal, Var};

/// A bound of a letter, and the literal that says so.
struct Bound {
    term: Index,
    literal: usize,
}

impl Notation {
    /// The letters with their ranges, and the conditions that are left.
    pub(super) fn ranges(&self, vars: &[Var], guard: &Guard, anchors: &[Index]) -> Binder {
        let mut literals: Vec<Option<Literal>> = guard.literals().cloned().map(Some).collect();
        let mut waiting: Vec<&Var> = vars.iter().collect();
        let mut letters = Vec::new();
        let mut unbounded = Vec::new();
        while !waiting.is_empty() {
            let choice = waiting.iter().enumerate().find_map(|(place, var)| {
                let (lower, upper) = self.range_of(var, &literals, &waiting)?;
                Some((place, lower, upper))
            });
            let Some((place, lower, upper)) = choice else {
                // Nothing bounds these letters by earlier ones: the conditions do.
                unbounded.extend(waiting.drain(..).map(|var| letter(var, None)));
                break;
            };
            let var = waiting.remove(place);
            letters.push(letter(var, Some((self.index(&lower.term), self.index(&upper.term)))));
            for used in [lower.literal, upper.literal] {
                if let Some(slot) = literals.get_mut(used) {
                    *slot = None;
                }
            }
        }
        letters.extend(unbounded);
        let rest = literals.into_iter().flatten().collect();
        Binder { letters, conditions: self.conditions_near(rest, anchors) }
    }

    /// The bounds of a letter that mention fewest other letters, and none that is not yet placed.
    fn range_of(&self, var: &Var, literals: &[Option<Literal>], waiting: &[&Var]) -> Option<(Bound, Bound)> {
        let (mut lowers, mut uppers) = (Vec::new(), Vec::new());
        for (position, literal) in literals.iter().enumerate() {
            let Some(Literal::Ge(term)) = literal else { continue };
            let letter = Index::from(var);
            let below = term - &letter;
            let above = term + &letter;
            let fits = |bound: &Index| !waiting.iter().any(|other| bound.contains(other));
            if fits(&below) {
                lowers.push(Bound { term: -&below, literal: position });
            } else if fits(&above) {
                uppers.push(Bound { term: above, literal: position });
            }
        }
        let weight = |bound: &Bound| self.weight(&bound.term);
        let lower = lowers.into_iter().min_by_key(weight)?;
        let upper = uppers.into_iter().min_by_key(weight)?;
        Some((lower, upper))
    }

    /// How much a reader must know to read a bound: letters first, then the number of terms.
    fn weight(&self, bound: &Index) -> (usize, usize) {
        let mut vars = BTreeSet::new();
        bound.collect_vars(&mut vars);
        (vars.iter().filter(|var| !self.sizes.contains(var)).count(), bound.len())
    }

    /// Conditions, two inequalities about one term joined to a chain; where a term of `anchors` differs from it by what
    /// is constant, the chain is about that one.
    pub(super) fn conditions_near(&self, literals: Vec<Literal>, anchors: &[Index]) -> Vec<Condition> {
        let mut waiting: Vec<Literal> = literals;
        let mut conditions = Vec::new();
        while !waiting.is_empty() {
            let literal = waiting.remove(0);
            let partner = match &literal {
                Literal::Ge(term) => self.partner(term, &waiting),
                _ => None,
            };
            conditions.push(match (&literal, partner) {
                (Literal::Ge(term), Some(position)) => {
                    let other = waiting.remove(position);
                    self.chain(term, other.index(), anchors)
                }
                _ => self.condition(&literal),
            });
        }
        // Chains first, as they are about positions; the order is otherwise that of the guard.
        conditions.sort_by_key(|condition| match condition {
            Condition::Chain(_, links) if links.len() > 1 => 0,
            Condition::Chain(_, _) => 1,
            Condition::Divides(_, _) => 2,
        });
        conditions
    }

    /// The literal that bounds the same term from the other side, the one that shares most with it.
    fn partner(&self, term: &Index, others: &[Literal]) -> Option<usize> {
        let mut best: Option<(usize, usize)> = None;
        for (position, other) in others.iter().enumerate() {
            let Literal::Ge(other) = other else { continue };
            let shared = common(term, other);
            let mut vars = BTreeSet::new();
            shared.collect_vars(&mut vars);
            // Two inequalities between sizes alone are read one by one.
            if vars.iter().all(|var| self.sizes.contains(var)) {
                continue;
            }
            if best.is_none_or(|(_, length)| shared.len() > length) {
                best = Some((position, shared.len()));
            }
        }
        best.map(|(position, _)| position)
    }

    /// `lower ≤ p ≤ upper` from `p + r ≥ 0` and `−p + q ≥ 0`.
    fn chain(&self, first: &Index, second: &Index, anchors: &[Index]) -> Condition {
        let shared = common(first, second);
        let (low, high) = (-&(first - &shared), second + &shared);
        let turned = (-&shared, -&high, -&low);
        let straight = (shared, low, high);
        let near = |(middle, low, high): &(Index, Index, Index)| {
            anchors.iter().find_map(|anchor| {
                let shift = anchor - middle;
                let mut vars = BTreeSet::new();
                shift.collect_vars(&mut vars);
                let constant = vars.iter().all(|var| self.sizes.contains(var));
                constant.then(|| (anchor.clone(), low + &shift, high + &shift))
            })
        };
        let leads = |index: &Index| {
            let form = self.index(index);
            !matches!(form, Form::Terms(terms) if terms.iter().all(|(negative, _)| *negative))
        };
        let (middle, low, high) = near(&straight).or_else(|| near(&turned)).unwrap_or_else(|| {
            let prefers_turned = match (straight.1.as_constant(), turned.1.as_constant()) {
                (Some(_), None) => false,
                (None, Some(_)) => true,
                _ => !leads(&straight.0),
            };
            if prefers_turned { turned } else { straight }
        });
        let link = |index: &Index| (Relation::AtMost, self.index(index));
        Condition::Chain(self.index(&low), vec![link(&middle), link(&high)])
    }

    /// One condition, with positive terms on both sides.
    pub(super) fn condition(&self, literal: &Literal) -> Condition {
        let relation = match literal {
            Literal::Ge(_) => Relation::AtLeast,
            Literal::Eq(_) => Relation::Equal,
            Literal::Ne(_) => Relation::Unequal,
        };
        let divisibility = match literal {
            Literal::Eq(term) => as_divisibility(term),
            _ => None,
        };
        if let Some((divisor, dividend)) = divisibility {
            return Condition::Divides(self.index(&divisor), self.index(&dividend));
        }
        let term = literal.index();
        let one = Index::constant(BigInt::one());
        let (mut positive, mut negative, mut constant) = (Index::default(), Index::default(), Index::default());
        for (monomial, coefficient) in term.terms() {
            match () {
                () if monomial.is_one() => constant.add_term(monomial.clone(), coefficient),
                () if coefficient.is_negative() => negative.add_term(monomial.clone(), &-coefficient),
                () => positive.add_term(monomial.clone(), coefficient),
            }
        }
        let below_zero = constant.as_constant().is_some_and(|value| value.is_negative());
        let write = |left: &Index, relation: Relation, right: &Index| {
            Condition::Chain(self.index(left), vec![(relation, self.index(right))])
        };
        match (relation, positive.is_zero(), negative.is_zero()) {
            // M − 1 ≥ 0 is M ≥ 1, and 3 − i ≥ 0 is i ≤ 3.
            (Relation::AtLeast, false, true) => write(&positive, relation, &-&constant),
            (Relation::AtLeast, true, false) => write(&negative, Relation::AtMost, &constant),
            (Relation::AtLeast, true, true) => write(&constant, relation, &Index::default()),
            (Relation::AtLeast, false, false) if -&constant == one => write(&negative, Relation::Less, &positive),
            (Relation::AtLeast, false, false) if below_zero => {
                write(&(&negative - &constant), Relation::AtMost, &positive)
            }
            (Relation::AtLeast, false, false) => write(&negative, Relation::AtMost, &(&positive + &constant)),
            // An equation is written with its first term on the left.
            (_, true, _) if !negative.is_zero() => write(&negative, relation, &constant),
            (_, _, _) if below_zero => write(&positive, relation, &(&negative - &constant)),
            (_, _, true) => write(&positive, relation, &-&constant),
            (_, _, _) => write(&(&positive + &constant), relation, &negative),
        }
    }
}

fn letter(var: &Var, range: Option<(Form, Form)>) -> Letter {
    Letter { name: var.name.clone(), rank: rank(var), range }
}

/// The terms of `first` whose negative is in `second`, the constant left out.
fn common(first: &Index, second: &Index) -> Index {
    let mut shared = Index::default();
    for (monomial, coefficient) in first.terms() {
        if !monomial.is_one() && second.coefficient(monomial) == -coefficient {
            shared.add_term(monomial.clone(), coefficient);
        }
    }
    shared
}
