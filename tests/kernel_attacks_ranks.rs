//! Attacks with ranks: letters and bounds with one coordinate, and with D of them. See also `laws_in_context.rs`.

use std::collections::BTreeMap;

use convprove::decide::{Options, Verdict, decide};
use convprove::entail;
use convprove::kernel::*;
use convprove::numeric::{Assignment, evaluate};
use num_rational::BigRational;

fn ranked(name: &str) -> Var {
    Var { name: name.into(), rank: Rank::Symbolic("D".into()) }
}

fn n(value: i64) -> Index {
    Index::from(value)
}

fn ones(vars: &[Var], guard: &Guard) -> Expr {
    Expr::Sum(vars.to_vec(), guard.clone(), Box::new(Expr::from(1)))
}

fn times_one(value: i64) -> Expr {
    Expr::Mul(vec![Expr::Integer(n(value)), Expr::from(1)])
}

fn statement(indices: Vec<Var>, left: Expr, right: Expr) -> Statement {
    Statement {
        name: "attack".into(),
        signature: Signature::default(),
        parameters: Vec::new(),
        assumptions: Guard::always(),
        indices,
        ranges: Guard::always(),
        claim: Claim::Equation(left, right),
    }
}

/// Both sides with two coordinates.
fn values(statement: &Statement, index: &[(&str, Vec<i64>)]) -> (BigRational, BigRational) {
    let assignment = Assignment {
        ranks: BTreeMap::from([("D".into(), 2)]),
        index: index.iter().map(|(name, values)| ((*name).into(), values.clone())).collect(),
        points: 1000,
        ..Assignment::default()
    };
    evaluate(statement, &assignment).unwrap()
}

fn step(path: &[usize], law: Law, reversed: bool, to: Expr) -> Step {
    Step { path: path.to_vec(), law, reversed, to }
}

fn count(lower: &Index, upper: &Index) -> Law {
    Law::Count(Range { lower: lower.clone(), upper: upper.clone(), proofs: Entailments(vec![Refutation::Absurd]) })
}

#[track_caller]
fn refused_for_its_rank(statement: Statement, steps: Vec<Step>) {
    match check(&Certificate { statement, lemmas: Vec::new(), proof: Proof::Chain(steps) }) {
        Ok(theorem) => panic!("accepted: {:?}", theorem.statement().claim),
        Err(refusal) => assert!(matches!(refusal, Refusal::Rank(_)), "{refusal:?}"),
    }
}

/// A scalar between p and p + 3, where p has coordinates, lies between all of them: there need not be four.
#[test]
fn a_scalar_between_ends_with_coordinates_is_not_counted() {
    let (p, k) = (ranked("p"), Var::scalar("k"));
    let (lower, upper) = (Index::from(&p), &Index::from(&p) + &n(3));
    let guard = Guard::between(&lower, &Index::from(&k), &upper);
    let claim = statement(vec![p], ones(&[k], &guard), times_one(4));
    let (left, right) = values(&claim, &[("p", vec![0, 10])]);
    assert_eq!((left, right), (BigRational::from_integer(0.into()), BigRational::from_integer(4.into())));
    refused_for_its_rank(claim, vec![step(&[], count(&lower, &upper), false, times_one(4))]);
}

/// `Σ_{q ≤ k ≤ q} 1 = 1` would bring the points of a cube to those of its diagonal.
#[test]
fn a_cube_of_side_two_has_not_two_points() {
    let (q, k) = (ranked("q"), Var::scalar("k"));
    let (at, on) = (Index::from(&q), Index::from(&k));
    let (cube, diagonal) = (Guard::between(&n(0), &at, &n(1)), Guard::between(&n(0), &on, &n(1)));
    let line = Guard::between(&at, &on, &at);
    let both = cube.and(&line);
    let facts = |guard: &Guard| guard.literals().cloned().collect::<Facts>();
    let prove = |facts: &Facts, goals: Vec<Literal>| entail::prove_all(facts, goals).unwrap();
    let all = |guard: Guard| guard.literals().cloned().collect::<Vec<_>>();
    let bounds = |facts: &Facts, lower: &Index, letter: &Index, upper: &Index| {
        let proofs = prove(facts, vec![Literal::le(lower, letter), Literal::le(letter, upper)]);
        Finiteness(vec![Bounds { letter: 0, lower: lower.clone(), upper: upper.clone(), proofs }])
    };
    let nest =
        FiniteNest { outer: bounds(&facts(&cube), &n(0), &at, &n(1)), inner: bounds(&facts(&both), &at, &on, &at) };
    let phi = BTreeMap::from([(q.clone(), on.clone()), (k.clone(), on.clone())]);
    let maps = Reindexing {
        vars: vec![k.clone()],
        guard: diagonal.clone(),
        phi: vec![on.clone(), on.clone()],
        psi: vec![on.clone()],
        phi_into: prove(&facts(&diagonal), all(both.substitute(&phi))),
        psi_into: prove(&facts(&both), all(diagonal.clone())),
        psi_phi: prove(&facts(&diagonal), vec![Literal::eq(&on - &on)]),
        phi_psi: prove(&facts(&both), vec![Literal::eq(&on - &at), Literal::eq(&on - &on)]),
    };
    let over_cube = |body: Expr| Expr::Sum(vec![q.clone()], cube.clone(), Box::new(body));
    let inner = ones(std::slice::from_ref(&k), &line);
    let steps = vec![
        step(&[0], Law::Ring, false, over_cube(times_one(1))),
        step(&[0], count(&at, &at), true, over_cube(inner)),
        step(&[], Law::Fubini(nest), false, ones(&[q.clone(), k.clone()], &both)),
        step(&[], Law::Reindex(Box::new(maps)), false, ones(std::slice::from_ref(&k), &diagonal)),
        step(&[], count(&n(0), &n(1)), false, times_one(2)),
        step(&[], Law::Ring, false, Expr::from(2)),
    ];
    let claim = statement(Vec::new(), ones(std::slice::from_ref(&q), &cube), Expr::from(2));
    let (left, right) = values(&claim, &[]);
    assert_eq!((left, right), (BigRational::from_integer(4.into()), BigRational::from_integer(2.into())));
    refused_for_its_rank(claim, steps);
}

/// The search does not propose what the kernel refuses.
#[test]
fn ranked_ends_of_a_scalar_stay_open() {
    let page = "rank D\ninteger p : D\n\
        theorem four where p >= 0, p <= 6: sum(k in 0..9, p <= k, k <= p+3) 1 = 4\n\
        theorem one where p >= 0, p <= 6: sum(k in 0..9, k = p) 1 = 1\n";
    let module = convprove::syntax::load(page, false);
    assert!(module.diagnostics.is_empty(), "{:?}", module.diagnostics);
    for goal in &module.goals {
        let decision = decide(goal, &[], &Options::default());
        assert!(matches!(decision.verdict, Verdict::Refuted(_)), "{}", goal.statement.name);
    }
}

/// What a reader may take for another statement is refused, with what to write.
#[test]
fn what_ranks_leave_unclear_is_refused() {
    let head = "rank D\nsize n : D\ninteger p : D\ntensor x[0..n-1]\ndef gap(a : D, b : D) = b - a\n";
    for (statement, told) in [
        ("x[i] [0 <= i <= 1] = x[i] ([i = 0] + [i = 1])", "write i : D"),
        ("sum(i) x[i] = x[0]", "write i : D"),
        ("sum(i in 0..1) x[i+p] = x[p] + x[1+p]", "write i : D"),
        ("vol(n-n+2) = 2", "the coordinates of this term cancel"),
        ("vol(max(p, p+2)-p) = 2", "the coordinates of this term cancel"),
        ("sum(i in 0..gap(p, p+1)) 1 = 2", "the coordinates of this term cancel"),
        ("[p = 0] + [p != 0] = 1", "write 1 - [p = q]"),
    ] {
        let module = convprove::syntax::load(&format!("{head}theorem t: {statement}\n"), false);
        let said = format!("{:?}", module.diagnostics);
        assert!(said.contains(told), "{statement}: {said}");
    }
}

/// `vol` of a scalar that stands for D equal coordinates is a power of it, also where D occurs nowhere else.
#[test]
fn the_volume_of_a_scalar_is_evaluated() {
    let page = "rank D\ninteger p : D\ndef cells(a : D, b : D) = vol(b - a + 1)\n\
        theorem two: cells(p, p+1) = 2\ntheorem one: cells(p, p) = 1\ntheorem none: cells(p+1, p) = 0\n";
    let module = convprove::syntax::load(page, false);
    assert_eq!(module.goals.len(), 3, "{:?}", module.diagnostics);
    let refuted =
        module.goals.iter().map(|goal| matches!(decide(goal, &[], &Options::default()).verdict, Verdict::Refuted(_)));
    assert_eq!(refuted.collect::<Vec<_>>(), [true, false, false]);
}
