//! The finder: which sums of products are equal, and along which substitution.
//!
//! Two products match when their factors can be paired so that the equations between the positions of paired entries determine
//! the letters of each side from those of the other. What comes out is a pair of maps; whether they carry one range onto the
//! other is a question of integer arithmetic. The finder proves nothing: a [`Move`] is carried out by laws and checked by the
//! kernel.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::One;

use super::language::level;
use super::matching::{Maps, matchings};
use super::monomial::{Monomial, equals, head, monomials, quotient, rewrite};
use crate::entail;
use crate::kernel::{Expr, Facts, Guard, Index, Literal, Situation, Var, ring_normal_at};

/// A change that brings two expressions nearer to each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Move {
    /// `from` is equal to `to`, along φ (old letters in new ones) and ψ (new letters in old ones).
    Transport {
        /// What stands in the expression.
        from: Expr,
        /// What it is equal to.
        to: Expr,
        /// Each letter of `from` in terms of those of `to`.
        phi: Vec<Index>,
        /// Each letter of `to` in terms of those of `from`.
        psi: Vec<Index>,
        /// Whether `to` is no term of either side but takes the place of `from`.
        replaces: bool,
    },
    /// A term is divided by a condition.
    Split {
        /// The term, or the sum that it is a term of.
        from: Expr,
        /// Which term, where `from` is a sum.
        term: Option<usize>,
        /// The condition.
        literal: Literal,
    },
    /// The integer terms of a sum have another form: together they are `value / scale`.
    Integers {
        /// The whole sum.
        from: Expr,
        /// Their value, multiplied by the scale.
        value: Index,
        /// The common denominator of their coefficients.
        scale: BigInt,
    },
    /// The boxes of the entries leave nothing of the range.
    Vanish {
        /// What stands in the expression.
        from: Expr,
    },
}

impl Move {
    /// The expression that the move changes.
    pub fn from(&self) -> &Expr {
        match self {
            Move::Transport { from, .. }
            | Move::Split { from, .. }
            | Move::Integers { from, .. }
            | Move::Vanish { from } => from,
        }
    }

    /// The law that it is listed under.
    pub fn law(&self) -> &'static str {
        match self {
            Move::Transport { phi, psi, .. } if phi.is_empty() && psi.is_empty() => "guard",
            Move::Transport { .. } => "reindex",
            Move::Integers { .. } => "index",
            Move::Split { .. } | Move::Vanish { .. } => "guard",
        }
    }
}

/// What the finder says of two expressions.
#[derive(Debug)]
pub enum Plan {
    /// Do these, then look again.
    Moves(Vec<Move>),
    /// Nothing more can be done; these terms remain on the left and on the right.
    Stuck(Vec<Expr>, Vec<Expr>),
}

/// Terms with one body. The body's letters have names of the family's own, so that terms can be compared.
struct Family {
    letters: Vec<Var>,
    /// The first member in these letters.
    reference: Monomial,
    members: Vec<Member>,
}

struct Member {
    monomial: Monomial,
    /// The member's letters in the family's and back.
    maps: Maps,
    /// The member's window in the family's letters.
    window: Guard,
    /// Positive on the left, negative on the right.
    coefficient: BigRational,
    /// The member's weight in the family's letters.
    weight: Index,
    on_left: bool,
}

/// Compares two expressions term by term and says what to do next.
///
/// With `reindex` off, letters stay what they are: only ranges are compared.
pub fn plan(situation: &Situation, left: &Expr, right: &Expr, reindex: bool) -> Plan {
    let mut families: Vec<Family> = Vec::new();
    let mut moves = Vec::new();
    let (integers_left, terms_left) = integers(monomials(left));
    let (integers_right, terms_right) = integers(monomials(right));
    let scale = denominator(integers_left.iter().chain(&integers_right).map(|term| &term.coefficient));
    let (value_left, value_right) = (total(&integers_left, &scale), total(&integers_right, &scale));
    let mut sides = [(terms_left, true), (terms_right, false)];
    if value_left != value_right {
        if entail::holds(&situation.facts, &Literal::eq(&value_left - &value_right)) {
            moves.push(Move::Integers { from: left.clone(), value: value_right, scale });
        } else {
            sides[0].0.extend(integers_left);
            sides[1].0.extend(integers_right);
        }
    }
    let mut terms = Vec::new();
    for (monomial, on_left) in
        sides.into_iter().flat_map(|(terms, on_left)| terms.into_iter().map(move |term| (term, on_left)))
    {
        let monomial = monomial.purified(&situation.facts);
        let window = monomial.window(situation.signature);
        if entail::contradiction(&with(&situation.facts, &window)).is_some() {
            moves.push(Move::Vanish { from: monomial.expr.clone() });
            continue;
        }
        terms.push(((monomial, window), on_left));
    }
    // A single entry is a point of a sum's family, but a sum is nothing in that of a point.
    terms.sort_by_key(|((monomial, _), _)| std::cmp::Reverse(monomial.letters().len()));
    for (term, on_left) in terms {
        insert(situation, &mut families, term, on_left, reindex);
    }
    if !moves.is_empty() {
        return Plan::Moves(moves);
    }
    let (mut open_left, mut open_right) = (Vec::new(), Vec::new());
    let mut splits = Vec::new();
    for family in &families {
        let buckets = buckets(situation, family);
        let mut open: Vec<&Vec<&Member>> = Vec::new();
        for bucket in &buckets {
            let target = &bucket[0];
            let scale = denominator(bucket.iter().map(|member| &member.coefficient));
            let weights = bucket.iter().map(|member| scaled(&member.coefficient, &member.weight, &scale));
            if !weights.fold(Index::default(), |sum, weight| &sum + &weight).is_zero() {
                open.push(bucket);
            }
            for member in &bucket[1..] {
                let change = transport(family, member, target);
                if let Move::Transport { from, to, .. } = &change
                    && from != to
                {
                    inside(situation, &member.monomial, &target.monomial, reindex, &mut moves);
                    moves.push(change);
                }
            }
        }
        if !open.is_empty() {
            match cell_split(situation, family, &open, [left, right]) {
                Some(split) => splits.push(split),
                None => {
                    for member in open.iter().flat_map(|bucket| bucket.iter()) {
                        let side = if member.on_left { &mut open_left } else { &mut open_right };
                        side.push(member.monomial.expr.clone());
                    }
                }
            }
        }
    }
    if !open_left.is_empty() || !open_right.is_empty() {
        return Plan::Stuck(open_left, open_right);
    }
    moves.extend(splits);
    if moves.is_empty() { Plan::Stuck(Vec::new(), Vec::new()) } else { Plan::Moves(moves) }
}

/// The terms that are integers, and the others.
pub fn integers(terms: Vec<Monomial>) -> (Vec<Monomial>, Vec<Monomial>) {
    terms.into_iter().partition(|term| term.vars.is_empty() && term.guard.is_empty() && term.factors.is_empty())
}

/// The common denominator of some coefficients.
fn denominator<'a>(coefficients: impl Iterator<Item = &'a BigRational>) -> BigInt {
    coefficients.fold(BigInt::one(), |scale, coefficient| scale.lcm(coefficient.denom()))
}

/// A weight with its coefficient, multiplied by a common denominator.
fn scaled(coefficient: &BigRational, weight: &Index, scale: &BigInt) -> Index {
    weight.scale(&(coefficient * BigRational::from_integer(scale.clone())).to_integer())
}

/// The sum of integer terms, multiplied by a common denominator.
pub fn total(terms: &[Monomial], scale: &BigInt) -> Index {
    let values = terms.iter().map(|term| scaled(&term.coefficient, &term.weight, scale));
    values.fold(Index::default(), |sum, value| &sum + &value)
}

/// Moves within the arguments of functions: what stands inside `sigma(…)` is compared like two sides of its own, and the e-graph
/// carries an equality of arguments to the function by congruence.
fn inside(situation: &Situation, from: &Monomial, to: &Monomial, reindex: bool, moves: &mut Vec<Move>) {
    let same_letters = from.vars == to.vars;
    let maxima = |monomial: &Monomial| -> Vec<Expr> {
        monomial.factors.iter().filter(|factor| matches!(factor, Expr::Max(_, _, _))).cloned().collect()
    };
    for (left, right) in maxima(from).iter().zip(&maxima(to)).filter(|(left, right)| same_letters && left != right) {
        moves.extend(super::maxima::moves(situation, left, right));
    }
    let functions = |monomial: &Monomial| -> Vec<Expr> {
        let is_function = |factor: &&Expr| matches!(factor, Expr::Apply { .. } | Expr::Inverse(_));
        monomial.factors.iter().filter(is_function).cloned().collect()
    };
    for (left, right) in functions(from).iter().zip(&functions(to)) {
        if !same_letters || head(left) != head(right) {
            continue;
        }
        for (left, right) in left.children().iter().zip(right.children()).filter(|(left, right)| left != right) {
            if let Plan::Moves(found) = plan(situation, left, right, reindex) {
                moves.extend(found);
            }
        }
    }
}

fn with(facts: &Facts, guard: &Guard) -> Facts {
    facts.iter().chain(guard.literals()).cloned().collect()
}

/// Puts a term into the family of its body, preferring a pairing that carries the ranges onto each other.
fn insert(
    situation: &Situation,
    families: &mut Vec<Family>,
    (monomial, window): (Monomial, Guard),
    on_left: bool,
    reindex: bool,
) {
    let coefficient = if on_left { monomial.coefficient.clone() } else { -monomial.coefficient.clone() };
    let moved = |letters: &[Var], maps: &Maps| {
        // The image of the range: where φ leads into it and ψ leads back.
        let map = values(&monomial.letters(), &maps.phi);
        let back = letters.iter().zip(&maps.psi).flat_map(|(letter, value)| equals(letter, &value.substitute(&map)));
        window.substitute(&map).and(&back.collect())
    };
    for family in families.iter_mut() {
        if family.reference.signature() != monomial.signature() {
            continue;
        }
        let mut candidates = matchings(&situation.facts, &monomial, &family.reference);
        // No two points of the range may go to one: `Σ_{u,v} x[u]² y[v]²` is not the diagonal of `Σ_{u,v} x[u] x[v] y[u] y[v]`.
        let known = with(&situation.facts, &window);
        candidates.retain(|maps| {
            let back = values(&family.letters, &maps.psi);
            let same = |(letter, value): (&Var, &Index)| {
                equals(letter, &value.substitute(&back)).iter().all(|literal| entail::holds(&known, literal))
            };
            monomial.letters().iter().zip(&maps.phi).all(same)
        });
        if !reindex {
            let letters: Vec<Index> = family.letters.iter().map(Index::from).collect();
            candidates.retain(|maps| maps.phi == letters);
        }
        let fits = |maps: &&Maps| {
            let moved = moved(&family.letters, maps);
            family.members.iter().any(|member| entail::equivalent(&situation.facts, &moved, &member.window).is_some())
        };
        // Where no range fits, the nearest one does: parts of a divided sum keep most of its conditions.
        let shared = |maps: &&Maps| {
            let moved = moved(&family.letters, maps);
            let common = |member: &Member| moved.literals().filter(|literal| member.window.contains(literal)).count();
            std::cmp::Reverse(family.members.iter().map(common).max())
        };
        if let Some(maps) = candidates.iter().find(fits).or_else(|| candidates.iter().min_by_key(shared)) {
            let (window, maps) = (moved(&family.letters, maps), maps.clone());
            let weight = monomial.weight.substitute(&values(&monomial.letters(), &maps.phi));
            family.members.push(Member { window, maps, monomial, coefficient, weight, on_left });
            return;
        }
    }
    let (own, letters) = (monomial.letters(), monomial.common_letters());
    let terms = |vars: &[Var]| vars.iter().map(Index::from).collect::<Vec<_>>();
    let maps = Maps { phi: terms(&letters), psi: terms(&own) };
    let window = moved(&letters, &maps);
    let weight = monomial.weight.substitute(&values(&own, &maps.phi));
    let reference = monomial.renamed(&letters);
    families.push(Family {
        letters,
        reference,
        members: vec![Member { monomial, maps, window, coefficient, weight, on_left }],
    });
}

fn values(vars: &[Var], terms: &[Index]) -> BTreeMap<Var, Index> {
    vars.iter().cloned().zip(terms.iter().cloned()).collect()
}

/// Members with equivalent windows.
fn buckets<'a>(situation: &Situation, family: &'a Family) -> Vec<Vec<&'a Member>> {
    let mut buckets: Vec<Vec<&Member>> = Vec::new();
    for member in &family.members {
        let same = |bucket: &&mut Vec<&Member>| {
            bucket[0].window == member.window
                || entail::equivalent(&situation.facts, &bucket[0].window, &member.window).is_some()
        };
        match buckets.iter_mut().find(same) {
            Some(bucket) => bucket.push(member),
            None => buckets.push(vec![member]),
        }
    }
    // A sum over one point becomes what stands there.
    buckets.iter_mut().for_each(|bucket| bucket.sort_by_key(|member| member.monomial.letters().len()));
    buckets
}

/// The move from one member to another of the same family: through the family's letters.
fn transport(family: &Family, from: &Member, to: &Member) -> Move {
    let through = |one: &Member, other: &Member| -> Vec<Index> {
        let map = values(&family.letters, &other.monomial.restore(&other.maps.psi));
        one.maps.phi.iter().take(one.monomial.vars.len()).map(|term| tidy(&term.substitute(&map))).collect()
    };
    let (number, source) = (from.monomial.number(), &from.monomial.expr);
    let replaces = number != to.monomial.number() || from.weight != to.weight;
    let target = if !replaces {
        to.monomial.expr.clone()
    } else {
        let weight = from.weight.substitute(&values(&family.letters, &to.monomial.restore(&to.maps.psi)));
        let target = to.monomial.reweighted(number, weight);
        ring_normal_at(&target, level(source)).unwrap_or(target)
    };
    let (phi, psi) = (through(from, to), through(to, from));
    Move::Transport { from: source.clone(), to: target, phi, psi, replaces }
}

/// A term with the whole parts of its quotients in front.
pub(super) fn tidy(index: &Index) -> Index {
    rewrite(index, &mut |numerator, divisor| Some(quotient(numerator, divisor)))
}

/// A condition that tells two open buckets apart and divides one of them.
fn cell_split(situation: &Situation, family: &Family, open: &[&Vec<&Member>], sides: [&Expr; 2]) -> Option<Move> {
    for (position, one) in open.iter().enumerate() {
        for (other_position, other) in open.iter().enumerate() {
            if position == other_position {
                continue;
            }
            let (dividing, divided) = (one[0], other[0]);
            let both: Facts = with(&with(&situation.facts, &dividing.window), &divided.window);
            if entail::contradiction(&both).is_some() {
                continue;
            }
            let facts = with(&situation.facts, &divided.window);
            let undecided = |literal: &&Literal| {
                literal.rank() == Some(crate::kernel::Rank::Scalar)
                    && !entail::holds(&facts, literal)
                    && !entail::holds(&facts, &literal.negated())
            };
            // What divides the range into residues says more than where a part of it begins.
            let equation = |literal: &&Literal| matches!(literal, Literal::Eq(_));
            let literals = || dividing.window.literals();
            if let Some(literal) = literals().filter(equation).find(undecided).or_else(|| literals().find(undecided)) {
                let map = values(&family.letters, &divided.monomial.restore(&divided.maps.psi));
                let literal = literal.substitute(&map);
                let [left, right] = sides;
                return Some(split(&divided.monomial.expr, if divided.on_left { left } else { right }, literal));
            }
        }
    }
    None
}

/// Divides a term. A term that is a single part, such as an entry, is divided as a term of its sum: the result would contain
/// the part again.
fn split(term: &Expr, side: &Expr, literal: Literal) -> Move {
    let single = !matches!(term, Expr::Sum(_, _, _) | Expr::Mul(_));
    match side {
        Expr::Add(terms) if single => {
            Move::Split { from: side.clone(), term: terms.iter().position(|other| other == term), literal }
        }
        _ => Move::Split { from: term.clone(), term: None, literal },
    }
}
