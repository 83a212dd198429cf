//! Laws where they are used: at random places below binders and beside brackets, with letters of a rank and letters that hide others.
//! Most of what is proposed is wrong and refused; what the kernel accepts must have equal sides for D = 1, 2, 3.
//!
//! `tests/laws.rs` samples each law by itself; this found that `count` took a scalar between ends with coordinates for an interval.

use std::collections::BTreeMap;

use convprove::entail;
use convprove::kernel::*;
use convprove::numeric::scalar::Random;
use convprove::numeric::{Assignment, evaluate};

/// How many uses of laws are tried; the seed of each is its number. `CONVPROVE_LONG=1` tries a hundred times as many.
const ROUNDS: u64 = 5_000;

/// How many values of sizes, with their tensors, each accepted step is evaluated for.
const TRIALS: u64 = 9;

fn rank() -> Rank {
    Rank::Symbolic("D".into())
}

fn ranked(name: &str) -> Var {
    Var { name: name.into(), rank: rank() }
}

fn n(value: i64) -> Index {
    Index::from(value)
}

/// The sizes of the statement.
fn sizes() -> Vec<Var> {
    vec![Var::scalar("n"), Var::scalar("i"), ranked("p"), ranked("q")]
}

/// A range with its letters.
struct Binder {
    vars: Vec<Var>,
    guard: Guard,
    /// The letters in scope inside it.
    inner: Vec<Var>,
    /// The ends of the first letter's interval.
    ends: (Index, Index),
}

/// What stands around the place where a law is used.
enum Around {
    Range { largest: bool, vars: Vec<Var>, guard: Guard },
    Beside(Guard),
    Plus(Expr),
}

/// A law for an expression, and what the expression becomes where the law compares two.
struct Proposal {
    target: Expr,
    law: Law,
    to: Option<Expr>,
}

impl Proposal {
    fn of(target: Expr, law: Law) -> Proposal {
        Proposal { target, law, to: None }
    }
}

/// Random terms over the letters in scope.
struct Draw {
    random: Random,
}

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.random.below(bound)
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize].clone()
    }

    fn rank(&mut self) -> Rank {
        if self.coin() { Rank::Scalar } else { rank() }
    }

    fn index(&mut self, depth: u64, scope: &[Var], rank: &Rank) -> Index {
        let fitting: Vec<Var> =
            scope.iter().filter(|var| var.rank == Rank::Scalar || var.rank == *rank).cloned().collect();
        match if depth == 0 { self.below(3) } else { self.below(9) } {
            0 => n(self.below(4) as i64 - 1),
            1 | 2 if !fitting.is_empty() => Index::from(&self.pick(&fitting)),
            3 | 4 => &self.index(depth - 1, scope, rank) + &self.index(depth - 1, scope, rank),
            5 | 6 => &self.index(depth - 1, scope, rank) - &self.index(depth - 1, scope, rank),
            7 => Index::floor(self.index(depth - 1, scope, rank), n(2)),
            8 => Index::max(self.index(depth - 1, scope, rank), self.index(depth - 1, scope, rank)),
            _ => n(1),
        }
    }

    fn literal(&mut self, scope: &[Var]) -> Literal {
        let rank = self.rank();
        let index = self.index(1, scope, &rank);
        match self.below(5) {
            0 => Literal::eq(index),
            1 => Literal::ne(index),
            _ => Literal::ge(index),
        }
    }

    /// One letter or two, whose names may hide others, between ends that need not have their rank.
    fn range(&mut self, scope: &[Var], most: u64) -> Binder {
        let mut vars: Vec<Var> = Vec::new();
        for _ in 0..=self.below(most) {
            let var = Var { name: self.pick(&["k", "l", "n", "i", "p", "k'", "q"]).into(), rank: self.rank() };
            if vars.iter().all(|other| other.name != var.name) {
                vars.push(var);
            }
        }
        let outer = without(scope, &vars);
        let inner: Vec<Var> = outer.iter().chain(&vars).cloned().collect();
        let (mut literals, mut ends) = (Vec::new(), Vec::new());
        for var in &vars {
            let rank = if self.coin() { rank() } else { var.rank.clone() };
            let low = self.index(1, &outer, &rank);
            let high = match self.below(3) {
                0 => &low + &n(self.below(3) as i64),
                1 => low.clone(),
                _ => self.index(1, &outer, &rank),
            };
            literals.extend(all(&Guard::between(&low, &Index::from(var), &high)));
            ends.push((low, high));
        }
        if self.below(3) == 0 {
            literals.push(self.literal(&inner));
        }
        Binder { vars, guard: Guard::from(literals), inner, ends: ends.swap_remove(0) }
    }

    fn expr(&mut self, depth: u64, scope: &[Var]) -> Expr {
        match if depth == 0 { self.below(4) } else { self.below(9) } {
            0 => Expr::entry("x", vec![self.index(1, scope, &Rank::Scalar)]),
            1 => Expr::entry("z", vec![self.index(1, scope, &rank())]),
            2 => Expr::Integer(self.index(1, scope, &Rank::Scalar)),
            3 => Expr::Bracket(Guard::from(vec![self.literal(scope)])),
            4 | 5 => Expr::Add((0..=self.below(3)).map(|_| self.expr(depth - 1, scope)).collect()),
            6 | 7 => Expr::Mul((0..=self.below(3)).map(|_| self.expr(depth - 1, scope)).collect()),
            _ => {
                let range = self.range(scope, 1);
                let body = self.expr(depth - 1, &range.inner);
                bind(self.coin(), &range.vars, &range.guard, body)
            }
        }
    }

    /// A change of letters: a shift or a reflection of each, or anything.
    fn maps(&mut self, facts: &Facts, scope: &[Var], old: &Binder) -> Reindexing {
        let outer = without(scope, &old.vars);
        let (mut vars, mut guard, mut phi, mut psi);
        if self.coin() {
            let renamed = |draw: &mut Draw, (place, var): (usize, &Var)| Var {
                name: format!("{}{place}", draw.pick(&["s", "t", "k", "n"])).as_str().into(),
                rank: if draw.below(4) == 0 { draw.rank() } else { var.rank.clone() },
            };
            vars = old.vars.iter().enumerate().map(|one| renamed(self, one)).collect::<Vec<Var>>();
            let moved: Vec<(i64, Index)> =
                old.vars.iter().map(|var| (self.pick(&[1, -1]), self.index(1, &outer, &var.rank))).collect();
            let there = |(var, (sign, by)): (&Var, &(i64, Index))| &Index::from(var).scale(&(*sign).into()) + by;
            let back = |(var, (sign, by)): (&Var, &(i64, Index))| (&Index::from(var) - by).scale(&(*sign).into());
            phi = vars.iter().zip(&moved).map(there).collect::<Vec<Index>>();
            psi = old.vars.iter().zip(&moved).map(back).collect::<Vec<Index>>();
            guard = old.guard.substitute(&assign(&old.vars, &phi));
        } else {
            let new = self.range(scope, 2);
            phi = old.vars.iter().map(|var| self.index(1, &new.inner, &var.rank)).collect();
            psi = new.vars.iter().map(|var| self.index(1, &old.inner, &var.rank)).collect();
            (vars, guard) = (new.vars, new.guard);
            if self.coin() {
                guard = old.guard.substitute(&assign(&old.vars, &phi));
            }
        }
        if self.below(6) == 0 {
            vars.reverse();
            phi.reverse();
            psi.reverse();
        }
        let (there, back) = (assign(&old.vars, &phi), assign(&vars, &psi));
        let (before, after) = (with(facts, &old.guard), with(facts, &guard));
        Reindexing {
            phi_into: prove(&after, &all(&old.guard.substitute(&there))),
            psi_into: prove(&before, &all(&guard.substitute(&back))),
            psi_phi: prove(&after, &inverse(&vars, &psi, &there)),
            phi_psi: prove(&before, &inverse(&old.vars, &phi, &back)),
            vars,
            guard,
            phi,
            psi,
        }
    }

    /// A use of some law, right or wrong, for an expression with these letters in scope.
    fn proposal(&mut self, facts: &Facts, scope: &[Var]) -> Proposal {
        let range = self.range(scope, 2);
        let depth = 1 + self.below(2);
        let body = self.expr(depth, &range.inner);
        let largest = self.coin();
        let finite = finiteness(facts, &range);
        let (first, (low, high)) = (std::slice::from_ref(&range.vars[0]), range.ends.clone());
        let interval = |high: &Index| Guard::between(&low, &Index::from(&range.vars[0]), high);
        match self.below(13) {
            0 | 1 => {
                let body = if self.below(3) == 0 { body } else { self.expr(1, scope) };
                let proofs = prove(facts, &[Literal::ge(&(&high - &low) + &n(1))]);
                let target = bind(false, first, &interval(&high), body);
                Proposal::of(target, Law::Count(Range { lower: low, upper: high, proofs }))
            }
            2 => {
                let next = &Index::from(&range.vars[0]) + &n(1);
                let next = body.substitute(&Substitution::of_indices(assign(first, &[next])));
                let difference = Expr::Add(vec![next, Expr::Mul(vec![Expr::from(-1), body.clone()])]);
                let target = bind(false, first, &interval(&(&high - &n(1))), difference);
                let proofs = prove(facts, &[Literal::le(&low, &high)]);
                Proposal::of(target, Law::Telescope(Box::new(body), Range { lower: low, upper: high, proofs }))
            }
            3..=5 => {
                let maps = self.maps(facts, scope, &range);
                let covers = largest && self.coin();
                let onto = entail::finite(facts, &maps.vars, &maps.guard).unwrap_or_default();
                let law = if covers {
                    Law::Maximum(Box::new(Maximum::Cover(Box::new(maps), onto)))
                } else {
                    Law::Reindex(Box::new(maps))
                };
                Proposal::of(bind(largest, &range.vars, &range.guard, body), law)
            }
            6 => {
                // A constant is its largest value over a range.
                let point = point(facts, &range);
                let back = assign(&range.vars, &point.terms);
                let maps = Reindexing {
                    psi_into: prove(facts, &all(&range.guard.substitute(&back))),
                    phi_into: Entailments::default(),
                    psi_phi: Entailments::default(),
                    phi_psi: Entailments::default(),
                    phi: Vec::new(),
                    psi: point.terms,
                    vars: range.vars.clone(),
                    guard: range.guard.clone(),
                };
                let law = Law::Maximum(Box::new(Maximum::Cover(Box::new(maps), finite)));
                Proposal::of(self.expr(1, scope), law)
            }
            7 => {
                let mut literals = all(&range.guard);
                if self.coin() {
                    let place = self.below(literals.len() as u64) as usize;
                    literals.remove(place);
                }
                if self.coin() {
                    literals.push(self.literal(&range.inner));
                }
                literals.extend(facts.iter().next().filter(|_| self.below(3) == 0).cloned());
                let guard = Guard::from(literals);
                let law = Law::GuardEquivalent(Equivalence {
                    forward: prove(&with(facts, &range.guard), &all(&guard)),
                    backward: prove(&with(facts, &guard), &all(&range.guard)),
                    guard,
                });
                let bracket = self.below(3) == 0;
                let target =
                    if bracket { Expr::Bracket(range.guard) } else { bind(largest, &range.vars, &range.guard, body) };
                Proposal::of(target, law)
            }
            8 => {
                let law = Law::GuardSplit(self.literal(scope));
                Proposal::of(self.expr(1, scope), law)
            }
            9 => {
                let condition = Expr::Bracket(Guard::from(vec![self.literal(&range.inner)]));
                let product = Expr::Mul(vec![body, condition]);
                Proposal::of(bind(largest, &range.vars, &range.guard, product), Law::GuardAbsorb(1, finite))
            }
            10 => {
                let second = self.range(&range.inner, 1);
                let within = with(facts, &range.guard);
                let nest = FiniteNest { outer: finite, inner: finiteness(&within, &second) };
                let law = if largest {
                    Law::Maximum(Box::new(Maximum::Nested(nest, point(&within, &second))))
                } else {
                    Law::Fubini(nest)
                };
                let inner = bind(largest, &second.vars, &second.guard, self.expr(1, &second.inner));
                Proposal::of(bind(largest, &range.vars, &range.guard, inner), law)
            }
            11 => {
                // The factor or the addend may mention the letter.
                let visible = if self.below(4) == 0 { range.inner.clone() } else { scope.to_vec() };
                let other = self.expr(1, &visible);
                match self.below(3) {
                    0 => {
                        let target = Expr::Mul(vec![other, bind(false, &range.vars, &range.guard, body)]);
                        Proposal::of(target, Law::LinearFactor(1))
                    }
                    1 => {
                        let target = bind(true, &range.vars, &range.guard, Expr::Add(vec![body, other]));
                        Proposal::of(target, Law::Maximum(Box::new(Maximum::Shift(1, finite, point(facts, &range)))))
                    }
                    _ => {
                        let factor = self.index(1, &visible, &Rank::Scalar);
                        let sign = Evidence::Integer(prove(facts, &[Literal::ge(factor.clone())]));
                        let product = Expr::Mul(vec![body, Expr::Integer(factor)]);
                        let target = bind(true, &range.vars, &range.guard, product);
                        Proposal::of(target, Law::Maximum(Box::new(Maximum::Scale(1, sign))))
                    }
                }
            }
            _ => {
                let rank = self.rank();
                let (from, any) = (self.index(2, scope, &rank), self.index(2, scope, &rank));
                let equation = |fact: &Literal| if let Literal::Eq(zero) = fact { Some(&from + zero) } else { None };
                let to = if self.coin() { facts.iter().find_map(equation).unwrap_or(any) } else { any };
                let name = if rank == Rank::Scalar { "x" } else { "z" };
                let at = |index: &Index| Expr::entry(name, vec![index.clone()]);
                let law = Law::Index(prove(facts, &[Literal::eq(&from - &to)]));
                Proposal { target: at(&from), law, to: Some(at(&to)) }
            }
        }
    }
}

fn bind(largest: bool, vars: &[Var], guard: &Guard, body: Expr) -> Expr {
    let (vars, guard, body) = (vars.to_vec(), guard.clone(), Box::new(body));
    if largest { Expr::Max(vars, guard, body) } else { Expr::Sum(vars, guard, body) }
}

fn without(scope: &[Var], hidden: &[Var]) -> Vec<Var> {
    scope.iter().filter(|var| hidden.iter().all(|other| other.name != var.name)).cloned().collect()
}

fn assign(vars: &[Var], terms: &[Index]) -> BTreeMap<Var, Index> {
    vars.iter().cloned().zip(terms.iter().cloned()).collect()
}

fn all(guard: &Guard) -> Vec<Literal> {
    guard.literals().cloned().collect()
}

fn with(facts: &Facts, guard: &Guard) -> Facts {
    facts.iter().chain(guard.literals()).cloned().collect()
}

/// Proofs where there are any, and nonsense elsewhere.
fn prove(facts: &Facts, goals: &[Literal]) -> Entailments {
    Entailments(goals.iter().map(|goal| entail::prove(facts, goal).unwrap_or(Refutation::Absurd)).collect())
}

fn finiteness(facts: &Facts, range: &Binder) -> Finiteness {
    entail::finite(facts, &range.vars, &range.guard).unwrap_or_default()
}

fn point(facts: &Facts, range: &Binder) -> Point {
    let guess = || Point {
        terms: range.vars.iter().map(|_| n(0)).collect(),
        proofs: Entailments(vec![Refutation::Absurd; range.guard.len()]),
    };
    entail::point(facts, &range.vars, &range.guard).unwrap_or_else(guess)
}

/// x is a tensor of scalars, z one of positions with D coordinates; both are total.
fn statement(left: Expr, right: Expr, assumptions: &Guard) -> Statement {
    let total =
        |name: &str, axis: Var| TensorDeclaration { name: name.into(), axes: vec![axis], support: Guard::always() };
    Statement {
        name: "step".into(),
        signature: Signature {
            tensors: vec![total("x", Var::scalar("n")), total("z", ranked("k"))],
            ..Signature::default()
        },
        parameters: sizes(),
        assumptions: assumptions.clone(),
        indices: Vec::new(),
        ranges: Guard::always(),
        claim: Claim::Equation(left, right),
    }
}

/// One random use of a law; the certificate, if the kernel accepts it.
fn accepted(draw: &mut Draw) -> Option<Certificate> {
    let mut assumed: Vec<Literal> = (0..draw.below(3)).map(|_| draw.literal(&sizes())).collect();
    if draw.coin() {
        assumed.push(Literal::ge(Index::scalar("n")));
    }
    let assumptions = Guard::from(assumed);
    let (mut facts, mut scope, mut around) = (with(&Facts::default(), &assumptions), sizes(), Vec::new());
    for _ in 0..draw.below(3) {
        match draw.below(3) {
            0 => {
                let range = draw.range(&scope, 1);
                facts = with(&facts, &range.guard);
                scope = range.inner;
                around.push(Around::Range { largest: draw.coin(), vars: range.vars, guard: range.guard });
            }
            1 => {
                let guard = Guard::from(vec![draw.literal(&scope)]);
                facts = with(&facts, &guard);
                around.push(Around::Beside(guard));
            }
            _ => {
                // A bracket that is added says nothing of the place, but its condition is used as if it did.
                let addend = draw.expr(0, &scope);
                if let Expr::Bracket(guard) = &addend {
                    facts = with(&facts, guard);
                }
                around.push(Around::Plus(addend));
            }
        }
    }
    let Proposal { target, law, to } = draw.proposal(&facts, &scope);
    let path: Vec<usize> = around.iter().map(|one| usize::from(!matches!(one, Around::Range { .. }))).collect();
    let wrap = |inner: Expr| {
        around.iter().rev().fold(inner, |inner, one| match one {
            Around::Range { largest, vars, guard } => bind(*largest, vars, guard, inner),
            Around::Beside(guard) => Expr::Mul(vec![Expr::Bracket(guard.clone()), inner]),
            Around::Plus(addend) => Expr::Add(vec![addend.clone(), inner]),
        })
    };
    let (left, whole) = (wrap(target.clone()), wrap(to.unwrap_or(target)));
    let base = statement(left.clone(), left.clone(), &assumptions);
    let situation = Situation {
        signature: &base.signature,
        theorems: &[],
        facts: with(&Facts::default(), &assumptions),
        scope: sizes().into_iter().collect(),
    };
    let right = apply_law(&situation, &left, &whole, &path, &law).ok()?;
    let step = Step { path, law, reversed: false, to: right.clone() };
    let statement = statement(left, right, &assumptions);
    let certificate = Certificate { statement, lemmas: Vec::new(), proof: Proof::Chain(vec![step]) };
    check(&certificate).is_ok().then_some(certificate)
}

/// How often the sides of a statement were compared; panics where they differ.
fn compare(certificate: &Certificate, seed: u64, draw: &mut Draw) -> usize {
    let statement = &certificate.statement;
    let mut premise = statement.clone();
    premise.assumptions = Guard::always();
    premise.claim = Claim::Equation(Expr::Bracket(statement.assumptions.clone()), Expr::from(1));
    let mut compared = 0;
    for trial in 0..TRIALS {
        let width = 1 + (trial % 3) as usize;
        let value = |draw: &mut Draw, var: &Var| {
            let coordinates = if var.rank == Rank::Scalar { 1 } else { width };
            (var.name.clone(), (0..coordinates).map(|_| draw.below(5) as i64 - 1).collect::<Vec<_>>())
        };
        let assignment = Assignment {
            ranks: BTreeMap::from([("D".into(), width)]),
            sizes: sizes().iter().map(|var| value(draw, var)).collect(),
            seed,
            points: 20_000,
            ..Assignment::default()
        };
        if !evaluate(&premise, &assignment).is_ok_and(|(held, one)| held == one) {
            continue;
        }
        if let Ok((left, right)) = evaluate(statement, &assignment) {
            assert_eq!(left, right, "seed {seed}, {:?}: {:?}\n{certificate:?}", assignment.ranks, assignment.sizes);
            compared += 1;
        }
    }
    compared
}

#[test]
fn what_is_accepted_anywhere_is_true_for_every_rank() {
    let rounds = if std::env::var_os("CONVPROVE_LONG").is_some() { 100 * ROUNDS } else { ROUNDS };
    let mut laws: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for seed in 0..rounds {
        let mut draw = Draw { random: Random::new(seed) };
        let Some(certificate) = accepted(&mut draw) else { continue };
        let Proof::Chain(steps) = &certificate.proof else { continue };
        let compared = compare(&certificate, seed, &mut draw);
        let entry = laws.entry(steps[0].law.name()).or_default();
        *entry = (entry.0 + 1, entry.1 + compared);
    }
    println!("law: accepted, values compared: {laws:?}");
    for law in ["count", "fubini", "linear", "telescope", "reindex", "index", "guard", "maximum"] {
        assert!(
            laws.get(law).is_some_and(|(accepted, compared)| *accepted >= 5 && compared > accepted),
            "{law}: {laws:?}"
        );
    }
}
