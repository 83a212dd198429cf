//! The finder: which sums of products are equal, and along which substitution.
//!
//! Two products match when their factors can be paired so that the equations between the positions of paired entries determine
//! the letters of each side from those of the other. What comes out is a pair of maps; whether they carry one range onto the
//! other is a question of integer arithmetic. The finder proves nothing: a [`Move`] is carried out by laws and checked by the
//! kernel.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::simplify::solve;
use crate::entail;
use crate::kernel::{Expr, Facts, Guard, Index, Literal, Name, Signature, Situation, Substitution, Tensor, Var};

/// How many ways of pairing equal factors are tried.
const MATCHING_LIMIT: usize = 120;

/// A single Σ over a product, or a product without Σ.
#[derive(Clone, Debug)]
pub struct Monomial {
    /// The expression as it stands among the terms; the coefficient is left out where it is a factor beside the Σ.
    pub expr: Expr,
    /// Its number.
    pub coefficient: BigRational,
    /// The summation letters, empty without Σ.
    pub vars: Vec<Var>,
    /// The range, or the condition of the bracket.
    pub guard: Guard,
    /// The factors, powers written out.
    pub factors: Vec<Expr>,
}

/// The terms of an expression.
pub fn monomials(expr: &Expr) -> Vec<Monomial> {
    match expr {
        Expr::Add(terms) => terms.iter().map(monomial).collect(),
        Expr::Number(value) if value.is_zero() => Vec::new(),
        other => vec![monomial(other)],
    }
}

fn monomial(expr: &Expr) -> Monomial {
    if let Expr::Mul(factors) = expr
        && let [Expr::Number(value), sum @ Expr::Sum(_, _, _)] = factors.as_slice()
    {
        return Monomial { coefficient: value.clone(), ..monomial(sum) };
    }
    let (vars, guard, body) = match expr {
        Expr::Sum(vars, guard, body) => (vars.clone(), guard.clone(), body.as_ref()),
        other => (Vec::new(), Guard::always(), other),
    };
    let mut result = Monomial { expr: expr.clone(), coefficient: BigRational::one(), vars, guard, factors: Vec::new() };
    let factors = match body {
        Expr::Mul(factors) => factors.as_slice(),
        other => std::slice::from_ref(other),
    };
    for factor in factors {
        match factor {
            Expr::Number(value) => result.coefficient *= value,
            Expr::Bracket(guard) => result.guard = result.guard.and(guard),
            Expr::Power(base, exponent) => {
                result.factors.extend(std::iter::repeat_n(base.as_ref().clone(), (*exponent).min(64) as usize));
            }
            other => result.factors.push(other.clone()),
        }
    }
    result
}

impl Monomial {
    /// The range together with the boxes of the entries that are factors: outside it the product is 0.
    pub fn window(&self, signature: &Signature) -> Guard {
        self.factors.iter().fold(self.guard.clone(), |guard, factor| match factor {
            Expr::Entry(tensor, position) => match signature.support(tensor, position) {
                Ok(support) => guard.and(&support),
                Err(_) => guard,
            },
            _ => guard,
        })
    }

    /// The same monomial with other letters.
    fn renamed(&self, vars: &[Var]) -> Monomial {
        let map: BTreeMap<Var, Index> = self.vars.iter().cloned().zip(vars.iter().map(Index::from)).collect();
        let substitution = Substitution::of_indices(map.clone());
        Monomial {
            vars: vars.to_vec(),
            guard: self.guard.substitute(&map),
            factors: self.factors.iter().map(|factor| factor.substitute(&substitution)).collect(),
            ..self.clone()
        }
    }

    /// What must agree before a pairing is tried: the heads of the factors.
    fn signature(&self) -> Vec<Head> {
        let mut heads: Vec<Head> = self.factors.iter().map(head).collect();
        heads.sort();
        heads
    }
}

/// What a factor is at its root.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Head {
    Entry(Name, usize),
    Call(Tensor),
    Function(Name, Vec<u32>),
    Integer,
    Other(u8),
}

fn head(factor: &Expr) -> Head {
    match factor {
        Expr::Entry(Tensor::Named(name), position) => Head::Entry(name.clone(), position.len()),
        Expr::Entry(tensor, _) => Head::Call(tensor.clone()),
        Expr::Apply { function, orders, .. } => Head::Function(function.clone(), orders.clone()),
        Expr::Integer(_) => Head::Integer,
        Expr::Inverse(_) => Head::Other(0),
        Expr::Sum(_, _, _) => Head::Other(1),
        Expr::Max(_, _, _) => Head::Other(2),
        Expr::Derivative(_, _, _) => Head::Other(3),
        _ => Head::Other(4),
    }
}

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
            Move::Transport { from, .. } | Move::Split { from, .. } | Move::Vanish { from } => from,
        }
    }

    /// The law that it is listed under.
    pub fn law(&self) -> &'static str {
        match self {
            Move::Transport { phi, psi, .. } if phi.is_empty() && psi.is_empty() => "guard",
            Move::Transport { .. } => "reindex",
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

/// A pair of maps between the letters of two monomials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maps {
    /// Each letter of the first in terms of the second's.
    pub phi: Vec<Index>,
    /// Each letter of the second in terms of the first's.
    pub psi: Vec<Index>,
}

/// Terms with one body. The body's letters have names of the family's own, so that terms can be compared.
struct Family {
    letters: Vec<Var>,
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
    on_left: bool,
}

/// Compares two expressions term by term and says what to do next.
///
/// With `reindex` off, letters stay what they are: only ranges are compared.
pub fn plan(situation: &Situation, left: &Expr, right: &Expr, reindex: bool) -> Plan {
    let mut families: Vec<Family> = Vec::new();
    let mut moves = Vec::new();
    let sides = [(monomials(left), true), (monomials(right), false)];
    for (monomial, on_left) in
        sides.into_iter().flat_map(|(terms, on_left)| terms.into_iter().map(move |term| (term, on_left)))
    {
        let window = monomial.window(situation.signature);
        if entail::contradiction(&with(&situation.facts, &window)).is_some() {
            moves.push(Move::Vanish { from: monomial.expr.clone() });
            continue;
        }
        insert(situation, &mut families, (monomial, window), on_left, reindex);
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
            for member in &bucket[1..] {
                if member.monomial.expr != target.monomial.expr {
                    inside(situation, &member.monomial, &target.monomial, reindex, &mut moves);
                    moves.push(transport(family, member, target));
                }
            }
            let total = bucket.iter().fold(BigRational::zero(), |sum, member| sum + &member.coefficient);
            if !total.is_zero() {
                open.push(bucket);
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

/// Moves within the arguments of functions: what stands inside `sigma(…)` is compared like two sides of its own, and the e-graph
/// carries an equality of arguments to the function by congruence.
fn inside(situation: &Situation, from: &Monomial, to: &Monomial, reindex: bool, moves: &mut Vec<Move>) {
    let same_letters = from.vars == to.vars;
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
    let moved = |maps: &Maps| window.substitute(&values(&monomial.vars, &maps.phi));
    for family in families.iter_mut() {
        if family.reference.signature() != monomial.signature() {
            continue;
        }
        let mut candidates = matchings(&monomial, &family.reference, &family.letters);
        if !reindex {
            let letters: Vec<Index> = family.letters.iter().map(Index::from).collect();
            candidates.retain(|maps| maps.phi == letters);
        }
        let fits = |maps: &&Maps| {
            let moved = moved(maps);
            family.members.iter().any(|member| entail::equivalent(&situation.facts, &moved, &member.window).is_some())
        };
        if let Some(maps) = candidates.iter().find(fits).or(candidates.first()) {
            let (window, maps) = (moved(maps), maps.clone());
            family.members.push(Member { window, maps, monomial, coefficient, on_left });
            return;
        }
    }
    let named =
        |(position, var): (usize, &Var)| Var { name: Name::from(format!("%{position}")), rank: var.rank.clone() };
    let letters: Vec<Var> = monomial.vars.iter().enumerate().map(named).collect();
    let terms = |vars: &[Var]| vars.iter().map(Index::from).collect::<Vec<_>>();
    let maps = Maps { phi: terms(&letters), psi: terms(&monomial.vars) };
    let window = moved(&maps);
    let reference = monomial.clone();
    families.push(Family {
        letters,
        reference,
        members: vec![Member { monomial, maps, window, coefficient, on_left }],
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
    buckets
}

/// The move from one member to another of the same family: through the family's letters.
fn transport(family: &Family, from: &Member, to: &Member) -> Move {
    let through = |terms: &[Index], inner: &[Index]| -> Vec<Index> {
        let map = values(&family.letters, inner);
        terms.iter().map(|term| term.substitute(&map)).collect()
    };
    Move::Transport {
        from: from.monomial.expr.clone(),
        to: to.monomial.expr.clone(),
        phi: through(&from.maps.phi, &to.maps.psi),
        psi: through(&to.maps.phi, &from.maps.psi),
    }
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
            if let Some(literal) = dividing.window.literals().find(undecided) {
                let map = values(&family.letters, &divided.maps.psi);
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

/// The ways to pair the factors of two monomials with maps between their letters.
///
/// The letters of `to` are called `letters` in the result.
pub fn matchings(from: &Monomial, to: &Monomial, letters: &[Var]) -> Vec<Maps> {
    let to = to.renamed(letters);
    let mut found = Vec::new();
    let mut budget = MATCHING_LIMIT;
    let mut used = vec![false; to.factors.len()];
    pair(from, &to, 0, &mut used, &mut Vec::new(), &mut budget, &mut found);
    found
}

fn pair(
    from: &Monomial,
    to: &Monomial,
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
        let maps = determine(from, to, equations).filter(|maps| !found.contains(maps));
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
            pair(from, to, position + 1, used, equations, budget, found);
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
        (Expr::Sum(v, a, _), Expr::Sum(w, b, _)) | (Expr::Max(v, a, _), Expr::Max(w, b, _)) => {
            v == w && same_guards(a, b, equations)
        }
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
fn determine(from: &Monomial, to: &Monomial, equations: &[(Index, Index)]) -> Option<Maps> {
    let differences: Vec<Index> = equations.iter().map(|(a, b)| a - b).collect();
    let solved_for = |vars: &[Var], guard: &Guard| {
        let mut system = differences.clone();
        system.extend(guard.literals().filter_map(|literal| match literal {
            Literal::Eq(equation) => Some(equation.clone()),
            _ => None,
        }));
        eliminate(vars, system)
    };
    let mut psi = solved_for(&to.vars, &to.guard);
    let mut phi = solved_for(&from.vars, &from.guard);
    let unread = |vars: &[Var], map: &BTreeMap<Var, Index>| -> Vec<Var> {
        vars.iter().filter(|var| !map.contains_key(var)).cloned().collect()
    };
    let (unread_to, unread_from) = (unread(&to.vars, &psi), unread(&from.vars, &phi));
    if unread_to.len() != unread_from.len() {
        return None;
    }
    for (new, old) in unread_to.iter().zip(&unread_from) {
        if new.rank != old.rank {
            return None;
        }
        let value = [(new.clone(), Index::from(old))].into_iter().collect();
        psi.values_mut().for_each(|index| *index = index.substitute(&value));
        psi.insert(new.clone(), Index::from(old));
        let value = [(old.clone(), Index::from(new))].into_iter().collect();
        phi.values_mut().for_each(|index| *index = index.substitute(&value));
        phi.insert(old.clone(), Index::from(new));
    }
    let read = |vars: &[Var], map: &BTreeMap<Var, Index>| {
        vars.iter().map(|var| map.get(var).cloned()).collect::<Option<Vec<_>>>()
    };
    let maps = Maps { phi: read(&from.vars, &phi)?, psi: read(&to.vars, &psi)? };
    // Each map is written in the letters of the other side alone.
    let stray = |terms: &[Index], vars: &[Var]| terms.iter().any(|term| vars.iter().any(|var| term.contains(var)));
    (!stray(&maps.phi, &from.vars) && !stray(&maps.psi, &to.vars)).then_some(maps)
}

/// Solves a system for some letters as far as unit coefficients reach.
pub fn eliminate(vars: &[Var], mut system: Vec<Index>) -> BTreeMap<Var, Index> {
    let mut solved: BTreeMap<Var, Index> = BTreeMap::new();
    loop {
        let open = vars.iter().filter(|var| !solved.contains_key(var));
        let step = open.clone().find_map(|var| {
            system
                .iter()
                .enumerate()
                .find_map(|(position, equation)| Some((position, var.clone(), solve(equation, var)?)))
        });
        let Some((position, var, value)) = step else { return solved };
        system.swap_remove(position);
        let map = [(var.clone(), value.clone())].into_iter().collect();
        system.iter_mut().for_each(|equation| *equation = equation.substitute(&map));
        solved.values_mut().for_each(|index| *index = index.substitute(&map));
        solved.insert(var, value);
    }
}
