//! Attacks on what terms mean: inverses at 0, kinks under ∂, infinite sums, letters that hide others, theorems used where they do not
//! hold, definitions that go round in circles, and certificates written by hand. See also `kernel_attacks.rs`.

use convprove::kernel::*;
use convprove::numeric::scalar::Random;
use num_rational::BigRational;
use num_traits::{One, Zero};

fn v(name: &str) -> Index {
    Index::scalar(name)
}

fn n(value: i64) -> Index {
    Index::from(value)
}

fn var(name: &str) -> Var {
    Var::scalar(name)
}

fn entry(name: &str, at: &[Index]) -> Expr {
    Expr::entry(name, at.to_vec())
}

fn guard(literals: impl IntoIterator<Item = Literal>) -> Guard {
    literals.into_iter().collect()
}

fn between(low: i64, letter: &str, high: &Index) -> Guard {
    Guard::between(&n(low), &v(letter), high)
}

fn sum(letter: &str, range: Guard, body: Expr) -> Expr {
    Expr::Sum(vec![var(letter)], range, Box::new(body))
}

fn mul(factors: impl IntoIterator<Item = Expr>) -> Expr {
    Expr::Mul(factors.into_iter().collect())
}

fn minus(left: Expr, right: Expr) -> Expr {
    Expr::Add(vec![left, mul([Expr::from(-1), right])])
}

fn inverse(expr: Expr) -> Expr {
    Expr::Inverse(Box::new(expr))
}

fn power(expr: Expr, exponent: u32) -> Expr {
    Expr::Power(Box::new(expr), exponent)
}

fn tensor(name: &str, axes: &[&str], support: Guard) -> TensorDeclaration {
    TensorDeclaration { name: name.into(), axes: axes.iter().map(|axis| var(axis)).collect(), support }
}

/// Tensors x[1..n], a total function y and a scalar c, for all n.
fn statement(claim: Claim) -> Statement {
    let tensors = vec![
        tensor("x", &["k"], between(1, "k", &v("n"))),
        tensor("y", &["k"], Guard::always()),
        tensor("c", &[], Guard::always()),
    ];
    Statement {
        name: "attack".into(),
        signature: Signature { tensors, ..Signature::default() },
        parameters: vec![var("n")],
        assumptions: Guard::always(),
        indices: vec![],
        ranges: Guard::always(),
        claim,
    }
}

fn step(path: &[usize], law: Law, to: Expr) -> Step {
    Step { path: path.to_vec(), law, reversed: false, to }
}

/// An equation in one step.
fn by(left: Expr, law: Law, right: Expr) -> Certificate {
    let steps = vec![step(&[], law, right.clone())];
    Certificate { statement: statement(Claim::Equation(left, right)), lemmas: vec![], proof: Proof::Chain(steps) }
}

fn holds(assumptions: Guard, goal: Literal, proof: Refutation) -> Certificate {
    let mut statement = statement(Claim::Holds(guard([goal])));
    statement.parameters = ["n", "a", "b"].map(var).to_vec();
    statement.assumptions = assumptions;
    Certificate { statement, lemmas: vec![], proof: Proof::Entailed(Entailments(vec![proof])) }
}

fn evident(goals: usize) -> Entailments {
    Entailments(vec![Refutation::Absurd; goals])
}

#[track_caller]
fn refused(certificate: &Certificate) -> Refusal {
    match check(certificate) {
        Ok(theorem) => panic!("accepted: {:?}", theorem.statement().claim),
        Err(refusal) => refusal,
    }
}

// ---- inverses -----------------------------------------------------------------------------------------------------------

/// `a + b·ε`, where `1/e` is 0 if `a` is.
#[derive(Clone, Debug, PartialEq)]
struct Dual(BigRational, BigRational);

impl Dual {
    fn times(&self, other: &Dual) -> Dual {
        Dual(&self.0 * &other.0, &self.0 * &other.1 + &self.1 * &other.0)
    }

    fn inverse(&self) -> Dual {
        if self.0.is_zero() {
            return Dual(BigRational::zero(), BigRational::zero());
        }
        let below = self.0.recip();
        Dual(below.clone(), -(&below * &below * &self.1))
    }
}

/// The value of an expression in c, d and e.
fn value(expr: &Expr, values: &[Dual; 3]) -> Dual {
    let constant = |value: BigRational| Dual(value, BigRational::zero());
    match expr {
        Expr::Number(number) => constant(number.clone()),
        Expr::Entry(Tensor::Named(name), _) => {
            let place = ["c", "d", "e"].iter().position(|other| *other == name.as_str()).unwrap();
            values[place].clone()
        }
        Expr::Add(terms) => terms.iter().fold(constant(BigRational::zero()), |sum, term| {
            let term = value(term, values);
            Dual(sum.0 + term.0, sum.1 + term.1)
        }),
        Expr::Mul(factors) => {
            factors.iter().fold(constant(BigRational::one()), |product, factor| product.times(&value(factor, values)))
        }
        Expr::Power(base, exponent) => {
            let base = value(base, values);
            (0..*exponent).fold(constant(BigRational::one()), |product, _| product.times(&base))
        }
        Expr::Inverse(base) => value(base, values).inverse(),
        other => panic!("{other:?}"),
    }
}

fn draw(random: &mut Random, depth: u64) -> Expr {
    let children = |random: &mut Random| (0..=random.below(2)).map(|_| draw(random, depth - 1)).collect::<Vec<_>>();
    match if depth == 0 { random.below(4) } else { random.below(14) } {
        0 | 1 => entry(["c", "d", "e"][random.below(3) as usize], &[]),
        2 => Expr::from(random.below(3) as i64 - 1),
        3 => tower(random),
        4 | 5 => Expr::Add(children(random)),
        6 | 7 => Expr::Mul(children(random)),
        8 => power(draw(random, depth - 1), random.below(4) as u32),
        9..=11 => Expr::Mul((0..3).map(|_| tower(random)).collect()),
        _ => inverse(draw(random, depth - 1)),
    }
}

/// A power of c, 1/c, 1/(1/c) and so on: factors that cancel each other.
fn tower(random: &mut Random) -> Expr {
    let base = (0..random.below(4)).fold(entry("c", &[]), |base, _| inverse(base));
    power(base, 1 + random.below(3) as u32)
}

#[test]
fn the_normal_form_has_the_same_value_at_zero_and_near_it() {
    let rational = |value: i64| BigRational::from_integer(value.into());
    for seed in 0..3_000 {
        let mut random = Random::new(seed);
        let expr = draw(&mut random, 5);
        let Ok(normal) = ring_normal(&expr) else { continue };
        for _ in 0..4 {
            let values =
                [(); 3].map(|()| Dual(rational(random.below(4) as i64 - 1), rational(random.below(3) as i64 - 1)));
            assert_eq!(
                value(&expr, &values),
                value(&normal, &values),
                "{seed}: {expr:?} became {normal:?} at {values:?}"
            );
        }
    }
}

#[test]
fn an_inverse_of_an_inverse_cancels_once() {
    // At c = 2 the left side is 2·2·¼ = 1, and the right one ¼·2 = ½: the factor 1/c is in two pairs.
    let c = || entry("c", &[]);
    let (e, f) = (inverse(c()), inverse(inverse(c())));
    let left = mul([c(), f.clone(), power(e.clone(), 2)]);
    assert!(matches!(refused(&by(left, Law::Ring, mul([power(e, 2), f]))), Refusal::NotRingEqual { .. }));
}

#[test]
fn that_something_is_zero_can_be_said_but_gives_no_equation() {
    // 1 − c/c ≠ 0 says that c is 0 where ∂ does not look: c = b·ε. Then 1/c = 0, but neither c = 0 nor c = c·(1 − c/c) by the ring laws.
    let c = || entry("c", &[]);
    let apart = minus(Expr::from(1), mul([c(), inverse(c())]));
    refused(&by(c(), Law::Ring, mul([c(), apart.clone()])));
    refused(&by(mul([c(), apart.clone()]), Law::Ring, Expr::from(0)));
    check(&by(mul([inverse(c()), apart]), Law::Ring, Expr::from(0))).unwrap();
}

// ---- kinks --------------------------------------------------------------------------------------------------------------

#[test]
fn an_assumed_derivative_has_no_kink() {
    let t = || entry("t", &[]);
    let first = |letter: &str| Expr::Bracket(guard([Literal::eq(v(letter))]));
    let relu = Expr::Max(vec![var("k")], between(0, "k", &n(1)), Box::new(mul([first("k"), t()])));
    let inside = Tensor::Lambda { axes: vec![], support: Guard::always(), body: Box::new(relu.clone()) };
    let accepted = |body: Expr| {
        let mut certificate = by(Expr::from(1), Law::Ring, Expr::from(1));
        let slope = Some(Slope { argument: "t".into(), body });
        certificate.statement.signature.functions =
            vec![FunctionDeclaration { name: "s".into(), arity: 1, slope, positive: false }];
        check(&certificate).map(|_| ())
    };
    accepted(Expr::Sum(vec![var("k")], between(0, "k", &n(1)), Box::new(mul([first("k"), t()])))).unwrap();
    for body in [relu.clone(), mul([t(), relu]), inverse(Expr::Entry(inside, vec![]))] {
        assert_eq!(accepted(body), Err(Refusal::BadDefinition("s".into())));
    }
}

// ---- infinite sums ------------------------------------------------------------------------------------------------------

#[test]
fn what_needs_a_finite_sum_is_told_why_it_is_one() {
    let (k, j) = (v("k"), v("j"));
    let at = |place: &Index, value: &Index| Expr::Bracket(guard([Literal::eq(place - value)]));
    // Σ_k [k = 0]·y[k] over all k is 0 by convention, and Σ_{k: k = 0} y[k] is y[0].
    let left = sum("k", Guard::always(), mul([at(&k, &n(0)), entry("y", std::slice::from_ref(&k))]));
    let right = sum("k", guard([Literal::eq(k.clone())]), mul([entry("y", std::slice::from_ref(&k))]));
    let bounds = |lower: Index, upper: Index, count: usize| Bounds { letter: 0, lower, upper, proofs: evident(count) };
    for (evidence, expected) in [
        (vec![], "count"),
        (vec![bounds(k.clone(), k.clone(), 2)], "captured"),
        (vec![bounds(n(0), n(0), 2)], "proof"),
        (vec![bounds(v("stray"), v("stray"), 2)], "proof"),
        (vec![bounds(n(0), n(0), 2), bounds(n(0), n(0), 2)], "count"),
    ] {
        let refusal = refused(&by(left.clone(), Law::GuardAbsorb(0, Finiteness(evidence)), right.clone()));
        let found = match refusal {
            Refusal::Count { .. } => "count",
            Refusal::Captured(_) => "captured",
            Refusal::Combination(_) => "proof",
            other => panic!("{other:?}"),
        };
        assert_eq!(found, expected);
    }
    // Σ_j Σ_k [j = k] over all j, and 0 ≤ k ≤ 1: each order gives another value, so neither is the joint sum.
    let inner = sum("k", between(0, "k", &n(1)), at(&k, &j));
    let nested = sum("j", Guard::always(), inner);
    let joint = Expr::Sum(vec![var("j"), var("k")], between(0, "k", &n(1)), Box::new(at(&k, &j)));
    let known = Finiteness(vec![bounds(n(0), n(1), 2)]);
    let law = Law::Fubini(FiniteNest { outer: known.clone(), inner: known });
    assert!(matches!(refused(&by(nested, law, joint)), Refusal::Combination(_)));
}

// ---- letters that hide others -------------------------------------------------------------------------------------------

#[test]
fn a_premise_speaks_of_the_size_and_not_of_a_letter_that_hides_it() {
    // y[k] ≠ 0 for 1 ≤ k ≤ n. Under Σ_{n: 1 ≤ n ≤ 2} the letter n is another one: y[n] may be 0 where the size is 1.
    let y = |at: &Index| entry("y", std::slice::from_ref(at));
    let quotient = |at: &Index| mul([y(at), inverse(y(at))]);
    let premise = Premise { vars: vec![var("k")], guard: between(1, "k", &v("n")), held: Held::NonZero(y(&v("k"))) };
    let attack = |letter: &str, term: &str| {
        let total = |body: Expr| sum(letter, between(1, letter, &n(2)), body);
        let used = Use { premise: 0, terms: vec![v(term)], proofs: evident(2) };
        let law = Law::Inverse(Box::new(Evidence::Premise(used)));
        let mut attack = by(total(quotient(&v(letter))), Law::Ring, total(Expr::from(1)));
        attack.statement.signature.premises = vec![premise.clone()];
        attack.proof = Proof::Chain(vec![step(&[0], law, total(Expr::from(1)))]);
        attack
    };
    for (letter, term) in [("n", "n"), ("n", "n'"), ("k", "k"), ("k", "n")] {
        refused(&attack(letter, term));
    }
    // Where n ≥ 2 it is so.
    let mut good = attack("k", "k");
    good.statement.assumptions = guard([Literal::le(&n(2), &v("n"))]);
    let (two, k) = (&v("n") - &n(2), v("k"));
    let far = Refutation::Combine {
        products: [two, &n(2) - &k, &(&k - &v("n")) - &n(1)].map(|fact| (1.into(), vec![fact])).to_vec(),
        multiples: vec![],
    };
    let Proof::Chain(steps) = &mut good.proof else { panic!() };
    let used = Use { premise: 0, terms: vec![k], proofs: Entailments(vec![far; 2]) };
    steps[0].law = Law::Inverse(Box::new(Evidence::Premise(used)));
    check(&good).unwrap();
}

// ---- theorems used where they do not hold -------------------------------------------------------------------------------

/// `x[i] = [1 ≤ i ≤ n]·x[i]` for 1 ≤ n and 0 ≤ i, and the theorem that uses it for other terms and another tensor.
fn using(size: &Index, index: &Index, target: &str, supports: usize) -> Certificate {
    let inside = |name: &str, at: &Index, size: &Index| {
        let within = Expr::Bracket(Guard::between(&n(1), at, size));
        mul([within, entry(name, std::slice::from_ref(at))])
    };
    let mut lemma = by(entry("x", &[v("i")]), Law::GuardSupport, inside("x", &v("i"), &v("n")));
    lemma.statement.name = "lemma".into();
    lemma.statement.signature.tensors.truncate(1);
    lemma.statement.assumptions = guard([Literal::le(&n(1), &v("n"))]);
    lemma.statement.indices = vec![var("i")];
    lemma.statement.ranges = guard([Literal::ge(v("i"))]);
    let instance = Instance {
        theorem: "lemma".into(),
        indices: vec![(var("n"), size.clone()), (var("i"), index.clone())],
        tensors: vec![("x".into(), Tensor::Named(target.into()))],
        assumptions: evident(2),
        supports: vec![evident(supports)],
    };
    let mut attack =
        by(entry(target, std::slice::from_ref(index)), Law::Theorem(Box::new(instance)), inside(target, index, size));
    attack.statement.assumptions = guard([Literal::le(&n(1), &v("n"))]);
    attack.statement.indices = vec![var("i")];
    attack.statement.ranges = guard([Literal::ge(v("i"))]);
    attack.lemmas = vec![lemma];
    attack
}

#[test]
fn a_theorem_is_used_for_its_sizes_its_indices_and_its_boxes() {
    let i = || v("i");
    check(&using(&v("n"), &i(), "x", 2)).unwrap();
    // For n ↦ −1; for i ↦ i − 1; for a total function; with a box that is too small; for a tensor with another number of axes.
    for (size, index, target, supports) in [
        (n(-1), i(), "x", 2),
        (v("n"), &i() - &n(1), "x", 2),
        (v("n"), i(), "y", 2),
        (v("n"), i(), "y", 0),
        (&v("n") - &n(1), i(), "x", 2),
        (v("n"), i(), "c", 2),
        (v("n"), v("stray"), "x", 2),
    ] {
        refused(&using(&size, &index, target, supports));
    }
    // A tensor whose axis has another rank.
    let mut ranked = using(&v("n"), &v("i"), "z", 2);
    let axis = Var { name: "k".into(), rank: Rank::Symbolic("D".into()) };
    let support = Guard::between(&n(1), &Index::from(&axis), &v("n"));
    ranked.statement.signature.tensors.push(TensorDeclaration { name: "z".into(), axes: vec![axis.clone()], support });
    assert_eq!(refused(&ranked), Refusal::Rank(Index::from(&axis)));
}

#[test]
fn a_theorem_is_no_evidence_for_itself() {
    let law = |name: &str| {
        Law::Theorem(Box::new(Instance {
            theorem: name.into(),
            indices: vec![(var("n"), v("n"))],
            tensors: ["x", "y", "c"].map(|name| (Name::from(name), Tensor::Named(name.into()))).to_vec(),
            assumptions: evident(0),
            supports: vec![evident(2), evident(0), evident(0)],
        }))
    };
    let circular = by(Expr::from(0), law("attack"), Expr::from(1));
    assert_eq!(refused(&circular), Refusal::UnknownTheorem("attack".into()));
    // Neither is a theorem that comes later, nor the lemmas of a lemma.
    let named = |name: &str, certificate: Certificate| {
        let mut certificate = certificate;
        certificate.statement.name = name.into();
        certificate
    };
    let mut forward = by(Expr::from(0), law("one"), Expr::from(1));
    forward.lemmas = vec![
        named("one", by(Expr::from(0), law("two"), Expr::from(1))),
        named("two", by(Expr::from(0), law("one"), Expr::from(1))),
    ];
    assert_eq!(refused(&forward), Refusal::UnknownTheorem("two".into()));
    let mut nested = by(Expr::from(0), law("one"), Expr::from(1));
    let mut one = named("one", by(Expr::from(0), law("two"), Expr::from(1)));
    one.lemmas = vec![named("two", by(Expr::from(0), Law::Ring, Expr::from(1)))];
    nested.lemmas = vec![one];
    assert_eq!(refused(&nested), Refusal::UnknownTheorem("two".into()));
}

// ---- definitions --------------------------------------------------------------------------------------------------------

#[test]
fn definitions_do_not_go_round_in_circles() {
    let call =
        |name: &str| Expr::Entry(Tensor::Call { definition: name.into(), parameters: vec![], tensors: vec![] }, vec![]);
    let define = |name: &str, body: Expr| Definition {
        name: name.into(),
        parameters: vec![],
        tensors: vec![],
        axes: vec![],
        support: Guard::always(),
        body,
    };
    let with = |definitions: Vec<Definition>| {
        let mut certificate = by(Expr::from(1), Law::Ring, Expr::from(1));
        certificate.statement.signature.definitions = definitions;
        check(&certificate).map(|_| ())
    };
    let more = |body: Expr| Expr::Add(vec![body, Expr::from(1)]);
    with(vec![define("f", Expr::from(1)), define("g", more(call("f")))]).unwrap();
    let bad = |name: &str| Err(Refusal::BadDefinition(name.into()));
    assert_eq!(with(vec![define("f", more(call("f")))]), bad("f"));
    assert_eq!(with(vec![define("f", more(call("g"))), define("g", call("f"))]), bad("f"));
    assert_eq!(with(vec![define("f", Expr::from(1)), define("f", Expr::from(2))]), bad("f"));
    // A definition sees no tensors but its parameters, and no letters but its own.
    assert_eq!(with(vec![define("f", entry("c", &[]))]), bad("f"));
    assert_eq!(with(vec![define("f", Expr::Integer(v("n")))]), bad("f"));

    // Two tensors of one name with different boxes, or a tensor and a function.
    for second in ["x", "s"] {
        let mut twice = by(Expr::from(1), Law::Ring, Expr::from(1));
        let signature = &mut twice.statement.signature;
        signature.functions.push(FunctionDeclaration { name: "s".into(), arity: 1, slope: None, positive: false });
        signature.tensors.push(tensor(second, &["k"], Guard::never()));
        assert_eq!(check(&twice).map(|_| ()), bad(second));
    }

    // A lemma about another definition of the same name.
    let unfolded = |value: i64| mul([Expr::Bracket(Guard::always()), Expr::from(value)]);
    let mut lemma = by(call("f"), Law::Unfold, unfolded(1));
    lemma.statement.name = "lemma".into();
    lemma.statement.signature = Signature { definitions: vec![define("f", Expr::from(1))], ..Signature::default() };
    let instance = Instance {
        theorem: "lemma".into(),
        indices: vec![(var("n"), v("n"))],
        tensors: vec![],
        assumptions: evident(0),
        supports: vec![],
    };
    let mut attack = by(call("f"), Law::Theorem(Box::new(instance)), unfolded(1));
    attack.lemmas = vec![lemma];
    attack.statement.signature.definitions = vec![define("f", Expr::from(1))];
    check(&attack).unwrap();
    attack.statement.signature.definitions = vec![define("f", Expr::from(2))];
    assert_eq!(refused(&attack), Refusal::BadDefinition("f".into()));
}

// ---- arithmetic ---------------------------------------------------------------------------------------------------------

#[test]
fn refutations_prove_nothing_false() {
    let (a, b) = (v("a"), v("b"));
    let combine = |products: Vec<(i64, Vec<Index>)>, multiples: Vec<(Index, Index)>| Refutation::Combine {
        products: products.into_iter().map(|(coefficient, factors)| (coefficient.into(), factors)).collect(),
        multiples,
    };
    let none = Guard::always;
    let positive = guard([Literal::ge(&a - &n(1))]);
    // a ≤ 0 from a ≥ 1, with multipliers that are not positive, with a fact about another letter, and with no fact.
    let goal = || Literal::le(&a, &n(0));
    let fact = &a - &n(1);
    for proof in [
        combine(vec![(-1, vec![fact.clone()])], vec![]),
        combine(vec![(0, vec![fact.clone()])], vec![]),
        combine(vec![(-1, vec![])], vec![]),
        combine(vec![(1, vec![fact.clone(), -&a])], vec![]),
        combine(vec![(1, vec![&b - &n(1)]), (1, vec![-&b])], vec![]),
        combine(vec![], vec![(n(1), fact.clone())]),
        combine(vec![], vec![(n(1), n(-1))]),
        combine(vec![], vec![]),
        Refutation::Absurd,
    ] {
        refused(&holds(positive.clone(), goal(), proof));
    }
    // 0 ≤ a mod b needs b ≥ 1; with b ≤ 0 the remainder is anything.
    let remainder = Index::modulo(a.clone(), b.clone());
    let negated = &-&remainder - &n(1);
    let divided = |positive: Refutation| Refutation::Division {
        numerator: a.clone(),
        divisor: b.clone(),
        positive: Box::new(positive),
        rest: Box::new(combine(vec![(1, vec![remainder.clone()]), (1, vec![negated.clone()])], vec![])),
    };
    let goal = Literal::ge(remainder.clone());
    let known = combine(vec![(1, vec![&b - &n(1)]), (1, vec![-&b])], vec![]);
    check(&holds(guard([Literal::ge(&b - &n(1))]), goal.clone(), divided(known.clone()))).unwrap();
    for assumptions in [none(), guard([Literal::ge(b.clone())]), guard([Literal::ne(b.clone())])] {
        refused(&holds(assumptions.clone(), goal.clone(), divided(known.clone())));
        refused(&holds(assumptions, goal.clone(), divided(Refutation::Absurd)));
    }
    // max(a, b) is not always a.
    let maximum = Index::max(a.clone(), b.clone());
    let pinned = Refutation::Maximum {
        first: a.clone(),
        second: b.clone(),
        left: Box::new(Refutation::Absurd),
        right: Box::new(Refutation::Absurd),
    };
    refused(&holds(none(), Literal::eq(&maximum - &a), pinned));
    // A case distinction leaves no case out, and a cut proves its fact.
    let split = Refutation::Split {
        on: a.clone(),
        nonnegative: Box::new(Refutation::Absurd),
        negative: Box::new(Refutation::Absurd),
    };
    refused(&holds(none(), Literal::ge(a.clone()), split));
    let cut = Refutation::Cut {
        fact: Literal::ge(n(-1)),
        proof: Box::new(Refutation::Absurd),
        rest: Box::new(Refutation::Absurd),
    };
    refused(&holds(none(), Literal::ge(a.clone()), cut));
    let apart = Refutation::Apart {
        apart: b.clone(),
        above: Box::new(Refutation::Absurd),
        below: Box::new(Refutation::Absurd),
    };
    assert!(matches!(refused(&holds(none(), Literal::ge(a), apart)), Refusal::UnknownFact(_)));
}

// ---- data from outside --------------------------------------------------------------------------------------------------

#[test]
fn data_from_outside_is_made_canonical_or_refused() {
    use serde_json::{from_value, json};
    let letter = |name: &str| json!({"Var": {"name": name, "rank": "Scalar"}});
    // a·b written twice in both orders, a zero term, a zero exponent, zeros in front of a number.
    let untidy: Index = from_value(json!([
        [[[letter("b"), 1], [letter("a"), 1]], [1, [1, 0]]],
        [[[letter("a"), 1], [letter("b"), 1]], [1, [1]]],
        [[[letter("a"), 1]], [0, []]],
        [[[letter("a"), 0]], [1, [3]]],
    ]))
    .unwrap();
    assert_eq!(untidy, &(&(&v("a") * &v("b")) + &(&v("a") * &v("b"))) + &n(3));
    let zero: Index = from_value(json!([[[], [1, [0, 0]]], [[[letter("a"), 2]], [-1, []]]])).unwrap();
    assert!(zero.is_zero());
    let split: Index = from_value(json!([[[[letter("a"), 1], [letter("a"), 1]], [1, [1]]]])).unwrap();
    assert_eq!(split, &v("a") * &v("a"));
    let swapped = |first: &str, second: &str| {
        let side = |name: &str| json!([[[[letter(name), 1]], [1, [1]]]]);
        from_value::<Index>(json!([[[[{"Max": [side(first), side(second)]}, 1]], [1, [1]]]])).unwrap()
    };
    assert_eq!(swapped("a", "b"), swapped("b", "a"));
    // 2a − 1 ≥ 0 is a ≥ 1, and −a = 0 is a = 0.
    let raw = |kind: &str, coefficient: i64, constant: i64| {
        let number = |value: i64| json!([value.signum(), if value == 0 { vec![] } else { vec![value.abs()] }]);
        from_value::<Literal>(json!({kind: [[[], number(constant)], [[[letter("a"), 1]], number(coefficient)]]}))
            .unwrap()
    };
    assert_eq!(raw("Ge", 2, -1), Literal::ge(&v("a") - &n(1)));
    assert_eq!(raw("Eq", -1, 0), Literal::eq(v("a")));
    // Numbers that are not in lowest terms have other equals.
    for (above, below) in [((1, 2), (1, 4)), ((-1, 1), (-1, 2)), ((0, 0), (1, 2)), ((1, 1), (0, 0))] {
        let part = |(sign, digit): (i64, i64)| json!([sign, if digit == 0 { vec![] } else { vec![digit] }]);
        let Ok(number) = from_value::<Expr>(json!({"Number": [part(above), part(below)]})) else { continue };
        let refusal = refused(&by(number.clone(), Law::Ring, number));
        assert!(matches!(refusal, Refusal::Shape { law: "number", .. }));
    }
}
