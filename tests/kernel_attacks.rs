//! Certificates of false or meaningless statements, each of which the kernel must refuse, and mutants of good ones.

mod support;

use std::collections::BTreeMap;

use convprove::entail;
use convprove::kernel::*;

fn ranked(name: &str, rank: &str) -> Var {
    Var { name: name.into(), rank: Rank::Symbolic(rank.into()) }
}

fn var(var: &Var) -> Index {
    Index::from(var)
}

fn scalar(name: &str) -> Index {
    Index::scalar(name)
}

fn number(value: i64) -> Index {
    Index::from(value)
}

fn guard(literals: impl IntoIterator<Item = Literal>) -> Guard {
    literals.into_iter().collect()
}

fn bracket(literal: Literal) -> Expr {
    Expr::Bracket(guard([literal]))
}

fn tensor(name: &str, axes: &[&str], support: Guard) -> TensorDeclaration {
    TensorDeclaration { name: name.into(), axes: axes.iter().map(|axis| Var::scalar(*axis)).collect(), support }
}

fn definition(name: &str, parameters: Vec<Var>, tensors: Vec<TensorDeclaration>, body: Expr) -> Definition {
    Definition { name: name.into(), parameters, tensors, axes: vec![], support: Guard::always(), body }
}

fn call(name: &str, parameters: Vec<Index>, tensors: Vec<&str>) -> Expr {
    let tensors = tensors.into_iter().map(|name| Tensor::Named(name.into())).collect();
    Expr::Entry(Tensor::Call { definition: name.into(), parameters, tensors }, vec![])
}

fn statement(parameters: Vec<Var>, claim: Claim) -> Statement {
    Statement {
        name: "attack".into(),
        signature: Signature::default(),
        parameters,
        assumptions: Guard::always(),
        indices: vec![],
        ranges: Guard::always(),
        claim,
    }
}

fn certificate(statement: Statement, proof: Proof) -> Certificate {
    Certificate { statement, lemmas: vec![], proof }
}

/// Evidence for goals that are facts, or true on sight.
fn evident(goals: usize) -> Entailments {
    Entailments(vec![Refutation::Absurd; goals])
}

fn step(path: &[usize], law: Law, to: Expr) -> Step {
    Step { path: path.to_vec(), law, reversed: false, to }
}

fn back(path: &[usize], law: Law, to: Expr) -> Step {
    Step { reversed: true, ..step(path, law, to) }
}

fn refused(certificate: &Certificate) -> Refusal {
    match check(certificate) {
        Ok(theorem) => panic!("accepted: {:?}", theorem.statement().claim),
        Err(refusal) => refusal,
    }
}

/// `[k ≥ 0] + [k < 0]`: 1 for one coordinate, but not for a point with coordinates of both signs.
fn either(k: &Index) -> Expr {
    Expr::Add(vec![bracket(Literal::ge(k.clone())), bracket(Literal::ge(k.clone()).negated())])
}

fn lambda(axis: Var, body: Expr) -> Tensor {
    Tensor::Lambda { axes: vec![axis], support: Guard::always(), body: Box::new(body) }
}

/// The chain from `(k ↦ either)[at]` to `(k ↦ 1)[at]`, good where `at` is one coordinate.
fn either_is_one(axis: &Var, at: &Index) -> Vec<Step> {
    let unfolded = |body: Expr| Expr::Mul(vec![Expr::Bracket(Guard::always()), body]);
    let literal = Literal::ge(at.clone());
    let case = |literal: Literal| Expr::Mul(vec![bracket(literal), Expr::from(1)]);
    vec![
        step(&[], Law::Unfold, unfolded(either(at))),
        step(&[], Law::Ring, Expr::Add(vec![case(literal.clone()), case(literal.negated())])),
        back(&[], Law::GuardSplit(literal), Expr::from(1)),
        step(&[], Law::Ring, unfolded(Expr::from(1))),
        back(&[], Law::Unfold, Expr::Entry(lambda(axis.clone(), Expr::from(1)), vec![at.clone()])),
    ]
}

fn either_tensors(axis: &Var, letter: &Var) -> Certificate {
    let sides = Claim::Tensors(lambda(axis.clone(), either(&var(axis))), lambda(axis.clone(), Expr::from(1)));
    let proof = Proof::Tensors {
        forward: Entailments::default(),
        backward: Entailments::default(),
        axes: vec![letter.clone()],
        steps: either_is_one(axis, &var(letter)),
    };
    certificate(statement(vec![], sides), proof)
}

#[test]
fn a_tensor_equation_is_proved_at_every_position_not_on_the_diagonal() {
    // The same chain is good for a scalar axis.
    check(&either_tensors(&Var::scalar("k"), &Var::scalar("t"))).unwrap();
    refused(&either_tensors(&ranked("k", "D"), &Var::scalar("t")));
    refused(&either_tensors(&ranked("k", "D"), &ranked("t", "D")));
}

#[test]
fn a_tensor_theorem_is_used_at_positions_of_its_ranks() {
    let k = Var::scalar("k");
    let mut lemma = either_tensors(&k, &Var::scalar("t"));
    lemma.statement.name = "lemma".into();
    let n = ranked("n", "D");
    let at = |body: Expr| Expr::Entry(lambda(k.clone(), body), vec![var(&n)]);
    let unfolded = |body: Expr| Expr::Mul(vec![Expr::Bracket(Guard::always()), body]);
    let instance = Instance {
        theorem: "lemma".into(),
        indices: vec![],
        tensors: vec![],
        assumptions: Entailments::default(),
        supports: vec![],
    };
    let steps = vec![
        step(&[], Law::Ring, unfolded(either(&var(&n)))),
        back(&[], Law::Unfold, at(either(&var(&k)))),
        step(&[], Law::Theorem(Box::new(instance)), at(Expr::from(1))),
        step(&[], Law::Unfold, unfolded(Expr::from(1))),
        step(&[], Law::Ring, Expr::from(1)),
    ];
    let claim = Claim::Equation(either(&var(&n)), Expr::from(1));
    let attack =
        Certificate { statement: statement(vec![n.clone()], claim), lemmas: vec![lemma], proof: Proof::Chain(steps) };
    refused(&attack);
}

#[test]
fn a_letter_of_a_box_is_not_captured_by_a_sum() {
    // x is non-zero at k + 1 alone, for an undeclared k; under Σ_k its box would become k = k + 1.
    let (i, k) = (scalar("i"), scalar("k"));
    let x = tensor("x", &["i"], guard([Literal::eq(&(&i - &k) - &number(1))]));
    let entry = Expr::entry("x", vec![k.clone()]);
    let sum = |body| Expr::Sum(vec![Var::scalar("k")], Guard::between(&number(1), &k, &number(2)), Box::new(body));
    let mut attack = statement(vec![], Claim::Equation(sum(entry.clone()), Expr::from(0)));
    attack.signature.tensors.push(x);
    let steps = vec![
        step(&[0], Law::GuardSupport, sum(Expr::Mul(vec![Expr::Bracket(Guard::never()), entry.clone()]))),
        step(&[], Law::Ring, Expr::from(0)),
    ];
    let never = Expr::Bracket(guard([Literal::eq(number(-1))]));
    let mut second = steps.clone();
    second[0].to = sum(Expr::Mul(vec![never, entry]));
    refused(&certificate(attack.clone(), Proof::Chain(steps)));
    refused(&certificate(attack, Proof::Chain(second)));
}

fn power_of(name: &str, exponent: u32) -> Index {
    let letter = serde_json::to_value(Atom::Var(Var::scalar(name))).unwrap();
    serde_json::from_value(serde_json::json!([[[[letter, exponent]], [1, [1]]]])).unwrap()
}

#[test]
fn exponents_do_not_saturate() {
    // From i ≥ 2 and i^e = k, the saturated i·i^e = i^e gave k = i·k, so k ≤ 0.
    let (i, k) = (scalar("i"), scalar("k"));
    let huge = power_of("i", u32::MAX);
    assert_ne!(&huge * &i, huge);
    let equation = Literal::eq(&huge - &k);
    let e = equation.index().clone();
    let (low, one) = (&i - &number(2), &k - &number(1));
    let sign = if e == &huge - &k { number(1) } else { number(-1) };
    let multiplier = &sign * &(&i - &number(1));
    let products =
        vec![(1.into(), vec![low.clone(), one.clone()]), (1.into(), vec![low.clone()]), (1.into(), vec![one])];
    let proof = Refutation::Combine { products, multiples: vec![(multiplier, e)] };
    let mut attack =
        statement(vec![Var::scalar("i"), Var::scalar("k")], Claim::Holds(guard([Literal::le(&k, &number(0))])));
    attack.assumptions = guard([Literal::ge(low), equation]);
    refused(&certificate(attack, Proof::Entailed(Entailments(vec![proof]))));
}

#[test]
fn volumes_of_different_ranks_differ() {
    // 3^D is not 3^E.
    let (n, m) = (ranked("n", "D"), ranked("m", "E"));
    let volume = |index: Index| Expr::Integer(Index::atom(Atom::Volume(Box::new(index))));
    let mut attack =
        statement(vec![], Claim::Equation(call("f", vec![number(3)], vec![]), call("g", vec![number(3)], vec![])));
    attack.signature.definitions = vec![
        definition("f", vec![n.clone()], vec![], volume(var(&n))),
        definition("g", vec![m.clone()], vec![], volume(var(&m))),
    ];
    let middle = Expr::Mul(vec![Expr::Bracket(Guard::always()), volume(number(3))]);
    let steps = vec![step(&[], Law::Unfold, middle), back(&[], Law::Unfold, call("g", vec![number(3)], vec![]))];
    refused(&certificate(attack, Proof::Chain(steps)));

    // The same through the assumption of a theorem: vol(n) = vol(m) is not true on sight for n, m ↦ 3.
    let equal =
        Literal::eq(&Index::atom(Atom::Volume(Box::new(var(&n)))) - &Index::atom(Atom::Volume(Box::new(var(&m)))));
    let map = std::collections::BTreeMap::from([(n, number(3)), (m, number(3))]);
    assert_ne!(equal.substitute(&map).truth(), Some(true));
}

#[test]
fn a_derivative_follows_the_tensor_of_a_definition() {
    // g(A) = ∂A²/∂A; so g(X) is not ∂X²/∂A.
    let entry = |name: &str| Expr::entry(name, vec![]);
    let square = |name: &str| Expr::Mul(vec![entry(name), entry(name)]);
    let slope = |name: &str| Expr::Derivative(Box::new(square(name)), "A".into(), vec![]);
    let zero_d = |name: &str| tensor(name, &[], Guard::always());
    let mut attack = statement(vec![], Claim::Equation(call("g", vec![], vec!["X"]), slope("X")));
    attack.signature.tensors = vec![zero_d("A"), zero_d("X")];
    attack.signature.definitions = vec![definition("g", vec![], vec![zero_d("A")], slope("A"))];
    let steps = vec![
        step(&[], Law::Unfold, Expr::Mul(vec![Expr::Bracket(Guard::always()), slope("X")])),
        step(&[], Law::Ring, slope("X")),
    ];
    refused(&certificate(attack, Proof::Chain(steps)));
}

#[test]
fn a_theorem_about_a_derivative_speaks_of_its_own_tensors() {
    // ∂A/∂B is the same for all A other than B; for A ↦ B it is not.
    let zero_d = |name: &str| tensor(name, &[], Guard::always());
    let slope = |name: &str| Expr::Derivative(Box::new(Expr::entry(name, vec![])), "B".into(), vec![]);
    let mut lemma = statement(vec![], Claim::Equation(slope("A"), Expr::Mul(vec![slope("A")])));
    lemma.name = "lemma".into();
    lemma.signature.tensors = vec![zero_d("A"), zero_d("B")];
    let lemma = certificate(lemma, Proof::Chain(vec![step(&[], Law::Ring, Expr::Mul(vec![slope("A")]))]));
    let named = |from: &str, to: &str| (Name::from(from), Tensor::Named(to.into()));
    let instance = |to: &str| Instance {
        theorem: "lemma".into(),
        indices: vec![],
        tensors: vec![named("A", to), named("B", "B")],
        assumptions: Entailments::default(),
        supports: vec![Entailments::default(), Entailments::default()],
    };
    let attack = |to: &str| {
        let mut main = statement(vec![], Claim::Equation(slope(to), Expr::Mul(vec![slope(to)])));
        main.signature.tensors = vec![zero_d("A"), zero_d("B")];
        let steps = vec![step(&[], Law::Theorem(Box::new(instance(to))), Expr::Mul(vec![slope(to)]))];
        Certificate { statement: main, lemmas: vec![lemma.clone()], proof: Proof::Chain(steps) }
    };
    check(&attack("A")).unwrap();
    refused(&attack("B"));
}

/// A statement about the tensors x[1..n], w[1..n], a total function y and a scalar c, a function s of one argument, a definition
/// f(A) = A[1], for all n and free i, j.
fn calculus(left: Expr, right: Expr) -> Statement {
    let mut statement = statement(vec![Var::scalar("n")], Claim::Equation(left, right));
    let boxed = |name: &str| tensor(name, &["k"], Guard::between(&number(1), &scalar("k"), &scalar("n")));
    let total = |name: &str| tensor(name, &["k"], Guard::always());
    statement.signature.tensors = vec![boxed("x"), boxed("w"), total("y"), tensor("c", &[], Guard::always())];
    statement.signature.functions =
        vec![FunctionDeclaration { name: "s".into(), arity: 1, slope: None, positive: false }];
    let body = Expr::entry("A", vec![number(1)]);
    statement.signature.definitions = vec![definition("f", vec![], vec![total("A")], body)];
    statement.indices = vec![Var::scalar("i"), Var::scalar("j")];
    statement
}

/// Whether the kernel takes `left = right` in one step of differentiation.
fn differentiates_to(left: &Expr, right: &Expr) -> bool {
    let steps = vec![step(&[], Law::Differentiate, right.clone())];
    check(&certificate(calculus(left.clone(), right.clone()), Proof::Chain(steps))).is_ok()
}

fn by(body: Expr, tensor: &str, position: &[Index]) -> Expr {
    Expr::Derivative(Box::new(body), tensor.into(), position.to_vec())
}

/// `[a = b]·[1 ≤ b ≤ n]` for one tensor's entries at a and b.
fn same_entry(a: &Index, b: &Index) -> Expr {
    let inside = Guard::between(&number(1), b, &scalar("n"));
    Expr::Bracket(inside.and(&guard([Literal::eq(a - b)])))
}

#[test]
fn an_entry_is_a_variable_inside_its_box_alone() {
    let (i, j) = (scalar("i"), scalar("j"));
    let x = |at: &Index| Expr::entry("x", vec![at.clone()]);
    let left = by(x(&i), "x", std::slice::from_ref(&j));
    assert!(differentiates_to(&left, &same_entry(&i, &j)));
    assert!(!differentiates_to(&left, &bracket(Literal::eq(&i - &j))));
    assert!(!differentiates_to(&left, &Expr::from(0)));
    assert!(!differentiates_to(&by(x(&i), "x", std::slice::from_ref(&i)), &Expr::from(1)));
    assert!(!differentiates_to(&by(x(&i), "w", std::slice::from_ref(&i)), &same_entry(&i, &i)));
    assert!(differentiates_to(&by(x(&i), "w", std::slice::from_ref(&i)), &Expr::from(0)));
    assert!(differentiates_to(&by(Expr::Integer(i.clone()), "w", std::slice::from_ref(&i)), &Expr::from(0)));
    assert!(differentiates_to(&by(Expr::entry("c", vec![]), "c", &[]), &Expr::Bracket(Guard::always())));
    // Not the derivative of something, and by an entry that is not there.
    assert!(!differentiates_to(&x(&i), &Expr::from(0)));
    assert!(!differentiates_to(&by(x(&i), "z", std::slice::from_ref(&j)), &Expr::from(0)));
    assert!(!differentiates_to(&by(x(&i), "x", &[]), &Expr::from(0)));
    assert!(!differentiates_to(&by(x(&i), "x", &[i.clone(), j]), &Expr::from(0)));
}

#[test]
fn a_sum_does_not_capture_the_entry_that_is_differentiated_by() {
    let (i, j, n) = (scalar("i"), scalar("j"), scalar("n"));
    let range = |letter: &Index| Guard::between(&number(1), letter, &number(2));
    let sum = |letter: &str, body: Expr| Expr::Sum(vec![Var::scalar(letter)], range(&scalar(letter)), Box::new(body));
    let x = |at: &Index| Expr::entry("x", vec![at.clone()]);
    // The position: ∂(Σ_i x[i])/∂x[i] is Σ_t [t = i]·[1 ≤ i ≤ n] and not Σ_i [1 ≤ i ≤ n].
    let left = by(sum("i", x(&i)), "x", std::slice::from_ref(&i));
    assert!(differentiates_to(&left, &sum("t", same_entry(&scalar("t"), &i))));
    assert!(!differentiates_to(&left, &sum("i", same_entry(&i, &i))));
    // The box: in ∂(Σ_n x[n])/∂x[j] the n of 1 ≤ j ≤ n is the size.
    let left = by(sum("n", x(&n)), "x", std::slice::from_ref(&j));
    assert!(differentiates_to(&left, &sum("t", same_entry(&scalar("t"), &j))));
    assert!(!differentiates_to(&left, &sum("n", same_entry(&n, &j))));
    // Two sums deep, the inner letter hiding the outer one.
    let left = by(sum("i", sum("i", x(&i))), "x", std::slice::from_ref(&i));
    assert!(differentiates_to(&left, &sum("s", sum("t", same_entry(&scalar("t"), &i)))));
    assert!(!differentiates_to(&left, &sum("s", sum("t", same_entry(&scalar("s"), &i)))));
    // Here the position does follow the letter.
    let left = sum("i", by(x(&i), "x", std::slice::from_ref(&i)));
    let proves = |right: Expr| {
        let steps = vec![step(&[0], Law::Differentiate, right.clone())];
        check(&certificate(calculus(left.clone(), right), Proof::Chain(steps))).is_ok()
    };
    assert!(proves(sum("i", same_entry(&i, &i))));
    assert!(!proves(sum("t", same_entry(&scalar("t"), &i))));
    assert!(!proves(sum("i", Expr::from(0))));
}

#[test]
fn what_hides_the_tensor_is_not_constant() {
    let one = || vec![number(1)];
    let hidden = call("f", vec![], vec!["x"]);
    let lambda = Expr::Entry(lambda(Var::scalar("k"), Expr::entry("x", vec![scalar("k")])), one());
    let maximum = Expr::Max(vec![Var::scalar("t")], Guard::between(&number(1), &scalar("t"), &number(2)), {
        Box::new(Expr::entry("x", vec![scalar("t")]))
    });
    let square = Expr::Power(Box::new(Expr::entry("x", one())), 2);
    let nested = by(square, "x", &one());
    for body in [hidden, lambda, maximum, nested] {
        let left = by(body.clone(), "x", &one());
        assert!(!differentiates_to(&left, &Expr::from(0)));
        assert!(!differentiates_to(&left, &same_entry(&number(1), &number(1))));
        // It waits, also as a factor, until the definition is unfolded and the inner derivative taken.
        assert!(differentiates_to(&left, &left));
        let product = by(Expr::Mul(vec![Expr::entry("c", vec![]), body.clone()]), "x", &one());
        assert!(differentiates_to(&product, &Expr::Add(vec![Expr::Mul(vec![Expr::entry("c", vec![]), left])])));
        assert!(!differentiates_to(&product, &Expr::from(0)));
    }
}

#[test]
fn the_chain_rule_forgets_no_factor() {
    let x = Expr::entry("c", vec![]);
    let (one, two) = (Expr::Bracket(Guard::always()), Expr::from(2));
    let power = |base: &Expr, exponent: u32| Expr::Power(Box::new(base.clone()), exponent);
    let slope = |body: Expr| by(body, "c", &[]);
    let mul = |factors: &[&Expr]| Expr::Mul(factors.iter().map(|factor| (*factor).clone()).collect());
    let square = slope(power(&x, 2));
    assert!(differentiates_to(&square, &mul(&[&mul(&[&two, &power(&x, 1)]), &one])));
    assert!(!differentiates_to(&square, &mul(&[&mul(&[&two, &power(&x, 2)]), &one])));
    assert!(differentiates_to(&slope(power(&x, 0)), &Expr::from(0)));
    let inverse = Expr::Inverse(Box::new(x.clone()));
    let minus = Expr::from(-1);
    assert!(differentiates_to(&slope(inverse.clone()), &mul(&[&mul(&[&minus, &power(&inverse, 2)]), &one])));
    assert!(!differentiates_to(&slope(inverse.clone()), &mul(&[&power(&inverse, 2), &one])));
    let function = |order: u32, argument: &Expr| Expr::Apply {
        function: "s".into(),
        orders: vec![order],
        arguments: vec![argument.clone()],
    };
    let inner = power(&x, 2);
    let outer = slope(function(1, &inner));
    let inner_slope = mul(&[&mul(&[&two, &power(&x, 1)]), &one]);
    assert!(differentiates_to(&outer, &Expr::Add(vec![mul(&[&function(2, &inner), &inner_slope])])));
    assert!(!differentiates_to(&outer, &Expr::Add(vec![function(2, &inner)])));
    assert!(!differentiates_to(&outer, &Expr::Add(vec![mul(&[&function(1, &inner), &inner_slope])])));
    // The product rule has both terms.
    let product = slope(mul(&[&x, &x]));
    assert!(differentiates_to(&product, &Expr::Add(vec![mul(&[&one, &x]), mul(&[&x, &one])])));
    assert!(!differentiates_to(&product, &Expr::Add(vec![mul(&[&one, &x])])));
    // An order that does not fit is refused, not wrapped.
    assert!(!differentiates_to(&slope(function(u32::MAX, &x)), &Expr::Add(vec![mul(&[&function(0, &x), &one])])));
}

#[test]
fn an_infinite_sum_stays_zero_under_a_derivative() {
    // Σ_k y[k] over all integers is 0 by convention, and so is Σ_k [k = j]; it is not the 1 that sifting would make of it.
    let j = scalar("j");
    let all = |body: Expr| Expr::Sum(vec![Var::scalar("k")], Guard::always(), Box::new(body));
    let left = by(all(Expr::entry("y", vec![scalar("k")])), "y", std::slice::from_ref(&j));
    let equal = bracket(Literal::eq(&scalar("k") - &j));
    assert!(differentiates_to(&left, &all(equal.clone())));
    assert!(!differentiates_to(&left, &Expr::from(1)));
    let point = Expr::Sum(vec![Var::scalar("k")], guard([Literal::eq(&scalar("k") - &j)]), Box::new(Expr::Mul(vec![])));
    for evidence in [
        Finiteness::default(),
        Finiteness(vec![Bounds { letter: 0, lower: j.clone(), upper: j.clone(), proofs: Entailments::default() }]),
    ] {
        let steps = vec![
            step(&[], Law::Differentiate, all(equal.clone())),
            step(&[], Law::GuardAbsorb(0, evidence), point.clone()),
        ];
        refused(&certificate(calculus(left.clone(), point.clone()), Proof::Chain(steps)));
    }
}

#[test]
fn conditions_on_indices_hold_under_a_derivative_but_the_variable_stays() {
    // Beside [i = j] the entry x[i] is x[j]; what is differentiated by does not change with it.
    let (i, j) = (scalar("i"), scalar("j"));
    let x = |at: &Index| Expr::entry("x", vec![at.clone()]);
    let beside = |body: Expr| Expr::Mul(vec![bracket(Literal::eq(&i - &j)), body]);
    let left = beside(by(x(&i), "x", std::slice::from_ref(&i)));
    let inside = beside(by(x(&j), "x", std::slice::from_ref(&i)));
    let steps = |to: &Expr| vec![step(&[1, 0], Law::Index(evident(1)), to.clone())];
    check(&certificate(calculus(left.clone(), inside.clone()), Proof::Chain(steps(&inside)))).unwrap();
    let elsewhere = beside(by(x(&j), "x", std::slice::from_ref(&j)));
    refused(&certificate(calculus(left.clone(), elsewhere.clone()), Proof::Chain(steps(&elsewhere))));
    // Without the bracket nothing says that they are equal.
    let (bare, other) = (by(x(&i), "x", std::slice::from_ref(&i)), by(x(&j), "x", std::slice::from_ref(&i)));
    let steps = vec![step(&[0], Law::Index(evident(1)), other.clone())];
    refused(&certificate(calculus(bare, other), Proof::Chain(steps)));
}

#[test]
fn a_ranked_entry_is_the_same_where_all_coordinates_are() {
    let (a, b) = (ranked("a", "D"), ranked("b", "D"));
    let axis = ranked("k", "D");
    let left = by(Expr::entry("v", vec![var(&a)]), "v", &[var(&b)]);
    let prove = |right: Expr| {
        let mut statement = statement(vec![a.clone(), b.clone()], Claim::Equation(left.clone(), right.clone()));
        let support = guard([Literal::ge(var(&axis))]);
        statement.signature.tensors = vec![TensorDeclaration { name: "v".into(), axes: vec![axis.clone()], support }];
        check(&certificate(statement, Proof::Chain(vec![step(&[], Law::Differentiate, right)]))).is_ok()
    };
    let equal = Literal::eq(&var(&a) - &var(&b));
    assert!(prove(Expr::Bracket(guard([equal.clone(), Literal::ge(var(&b))]))));
    assert!(!prove(bracket(equal)));
}

#[test]
fn an_assumed_derivative_speaks_of_its_argument_alone() {
    let argument = || Expr::entry("t", vec![]);
    let apply = |order: u32, argument: Expr| Expr::Apply {
        function: "s".into(),
        orders: vec![order],
        arguments: vec![argument],
    };
    let with = |arity: usize, body: Expr| {
        let mut certificate = certificate(calculus(Expr::from(1), Expr::from(1)), Proof::Chain(vec![]));
        let slope = Some(Slope { argument: "t".into(), body });
        certificate.statement.signature.functions =
            vec![FunctionDeclaration { name: "s".into(), arity, slope, positive: false }];
        certificate
    };
    let square = || Expr::Power(Box::new(apply(0, argument())), 2);
    check(&with(1, square())).unwrap();
    // A function of two arguments; another tensor, a size, an entry of the argument; a definition; a function that is not there.
    refused(&with(2, Expr::from(1)));
    refused(&with(1, Expr::entry("c", vec![])));
    refused(&with(1, Expr::Integer(scalar("n"))));
    refused(&with(1, Expr::entry("t", vec![number(1)])));
    refused(&with(1, call("f", vec![], vec!["t"])));
    refused(&with(1, Expr::Apply { function: "r".into(), orders: vec![0], arguments: vec![argument()] }));
    // s′ = s′ + 1 would prove everything, and so would a derivative inside.
    refused(&with(1, Expr::Add(vec![apply(1, argument()), Expr::from(1)])));
    refused(&with(1, by(apply(0, argument()), "t", &[])));
    refused(&with(1, Expr::Entry(lambda(Var::scalar("k"), apply(1, argument())), vec![number(1)])));
    // The argument's name is the assumption's own: here t is a letter, and a tensor.
    let mut capture = with(1, Expr::Mul(vec![argument(), argument()]));
    let (x, t) = (Expr::entry("x", vec![scalar("t")]), scalar("t"));
    let range = Guard::between(&number(1), &t, &number(2));
    let value = Expr::Sum(vec![Var::scalar("t")], range, Box::new(Expr::Mul(vec![x, argument()])));
    let put = || {
        Expr::Entry(Tensor::Lambda { axes: vec![], support: Guard::always(), body: Box::new(value.clone()) }, vec![])
    };
    let right = Expr::Mul(vec![put(), put()]);
    capture.statement.signature.tensors.push(tensor("t", &[], Guard::always()));
    capture.statement.claim = Claim::Equation(apply(1, value.clone()), right.clone());
    capture.proof = Proof::Chain(vec![step(&[], Law::Slope, right)]);
    check(&capture).unwrap();
    let wrong = Expr::Mul(vec![argument(), argument()]);
    capture.statement.claim = Claim::Equation(apply(1, value), wrong.clone());
    capture.proof = Proof::Chain(vec![step(&[], Law::Slope, wrong)]);
    refused(&capture);
}

#[test]
fn a_theorem_is_used_under_its_own_assumptions_about_functions() {
    // s′ = 0 is assumed of s in the lemma, and not in the theorem.
    let constant = Some(Slope { argument: "t".into(), body: Expr::from(0) });
    let derivative = Expr::Apply { function: "s".into(), orders: vec![1], arguments: vec![Expr::entry("c", vec![])] };
    let statement = |slope: Option<Slope>| {
        let mut statement = calculus(derivative.clone(), Expr::from(0));
        statement.signature.tensors = vec![tensor("c", &[], Guard::always())];
        statement.signature.functions =
            vec![FunctionDeclaration { name: "s".into(), arity: 1, slope, positive: false }];
        (statement.parameters, statement.indices) = (vec![], vec![]);
        statement.signature.definitions = vec![];
        statement
    };
    let mut lemma = certificate(statement(constant.clone()), Proof::Chain(vec![step(&[], Law::Slope, Expr::from(0))]));
    lemma.statement.name = "lemma".into();
    let instance = Instance {
        theorem: "lemma".into(),
        indices: vec![],
        tensors: vec![(Name::from("c"), Tensor::Named("c".into()))],
        assumptions: Entailments::default(),
        supports: vec![Entailments::default()],
    };
    let main = |slope: Option<Slope>| Certificate {
        statement: statement(slope),
        lemmas: vec![lemma.clone()],
        proof: Proof::Chain(vec![step(&[], Law::Theorem(Box::new(instance.clone())), Expr::from(0))]),
    };
    check(&main(constant)).unwrap();
    refused(&main(None));
}

#[test]
fn hostile_derivatives_end() {
    // The product rule copies every factor once for each.
    let factors = Expr::Mul(vec![Expr::entry("c", vec![]); 2000]);
    let left = by(factors, "c", &[]);
    let steps = vec![step(&[], Law::Differentiate, Expr::from(0))];
    assert_eq!(refused(&certificate(calculus(left, Expr::from(0)), Proof::Chain(steps))), Refusal::TooLarge);
    // So does an assumed derivative with its argument.
    let sum = |part: &Expr| Expr::Add(vec![part.clone(); 1000]);
    let left = Expr::Apply { function: "s".into(), orders: vec![1], arguments: vec![sum(&Expr::entry("c", vec![]))] };
    let mut attack =
        certificate(calculus(left, Expr::from(0)), Proof::Chain(vec![step(&[], Law::Slope, Expr::from(0))]));
    let slope = Some(Slope { argument: "t".into(), body: sum(&Expr::entry("t", vec![])) });
    attack.statement.signature.functions =
        vec![FunctionDeclaration { name: "s".into(), arity: 1, slope, positive: false }];
    assert_eq!(refused(&attack), Refusal::TooLarge);
}

#[test]
fn the_parameters_of_a_definition_have_different_names() {
    let zero_d = |name: &str| tensor(name, &[], Guard::always());
    let entry = |name: &str| Expr::entry(name, vec![]);
    let mut attack = statement(vec![], Claim::Equation(call("f", vec![], vec!["X", "Y"]), entry("Y")));
    attack.signature.tensors = vec![zero_d("X"), zero_d("Y")];
    attack.signature.definitions = vec![definition("f", vec![], vec![zero_d("A"), zero_d("A")], entry("A"))];
    let steps = vec![
        step(&[], Law::Unfold, Expr::Mul(vec![Expr::Bracket(Guard::always()), entry("Y")])),
        step(&[], Law::Ring, entry("Y")),
    ];
    refused(&certificate(attack, Proof::Chain(steps)));
}

/// `e = e`, proved by ring.
fn reflexive(parameters: Vec<Var>, expr: Expr) -> Certificate {
    let statement = statement(parameters, Claim::Equation(expr.clone(), expr.clone()));
    certificate(statement, Proof::Chain(vec![step(&[], Law::Ring, expr)]))
}

fn with_x(mut certificate: Certificate) -> Certificate {
    certificate.statement.signature.tensors.push(tensor("x", &["i"], Guard::always()));
    certificate
}

#[test]
fn terms_without_a_meaning_are_refused() {
    let n = Var::scalar("n");
    let (d, e) = (ranked("d", "D"), ranked("e", "E"));
    let x = |position: Vec<Index>| Expr::entry("x", position);
    check(&with_x(reflexive(vec![n.clone()], x(vec![var(&n)])))).unwrap();
    // Not declared; a free letter that is not quantified; two indices for one axis; a ranked index for a scalar axis.
    refused(&reflexive(vec![], x(vec![number(1)])));
    refused(&with_x(reflexive(vec![], x(vec![var(&n)]))));
    refused(&with_x(reflexive(vec![], x(vec![number(1), number(2)]))));
    refused(&with_x(reflexive(vec![d.clone()], x(vec![var(&d)]))));
    // Two letters of one name.
    refused(&reflexive(vec![n.clone(), ranked("n", "D")], Expr::Integer(var(&n))));
    refused(&reflexive(vec![ranked("n", "D")], Expr::Integer(var(&n))));
    refused(&reflexive(vec![], Expr::Sum(vec![n.clone(), n.clone()], Guard::always(), Box::new(Expr::from(1)))));
    // A condition that compares two ranks; a volume of one coordinate.
    refused(&reflexive(vec![d.clone(), e.clone()], bracket(Literal::le(&var(&d), &var(&e)))));
    refused(&reflexive(vec![n.clone()], Expr::Integer(Index::atom(Atom::Volume(Box::new(var(&n)))))));
    // Functions: not declared, and with one argument too many.
    let apply = |orders: Vec<u32>| Expr::Apply { function: "f".into(), orders, arguments: vec![Expr::from(1)] };
    refused(&reflexive(vec![], apply(vec![0])));
    for (arity, orders, good) in [(1, vec![0], true), (2, vec![0], false), (1, vec![0, 0], false), (1, vec![], false)] {
        let mut certificate = reflexive(vec![], apply(orders));
        certificate.statement.signature.functions.push(FunctionDeclaration {
            name: "f".into(),
            arity,
            slope: None,
            positive: false,
        });
        assert_eq!(check(&certificate).is_ok(), good);
    }
    // A definition with too few parameters, or tensors of another number of axes.
    for (parameters, tensors, good) in
        [(vec![number(1)], vec!["x"], true), (vec![], vec!["x"], false), (vec![number(1)], vec!["y"], false)]
    {
        let mut certificate = with_x(reflexive(vec![], call("f", parameters, tensors)));
        certificate.statement.signature.tensors.push(tensor("y", &[], Guard::always()));
        let first = tensor("A", &["i"], Guard::always());
        certificate.statement.signature.definitions =
            vec![definition("f", vec![n.clone()], vec![first], Expr::from(1))];
        assert_eq!(check(&certificate).is_ok(), good);
    }
    // Claims about conditions are checked too.
    let strange = guard([Literal::le(&var(&d), &var(&e))]);
    let proof = Proof::Equivalent { forward: Entailments::default(), backward: Entailments::default() };
    refused(&certificate(statement(vec![d, e], Claim::Iff(strange.clone(), strange)), proof));
}

#[test]
fn hostile_letters_do_not_overflow_the_levels() {
    for letter in ["$18446744073709551615", "$4294967295", "$99999999999999999999999"] {
        let u = scalar("u");
        let sum = |name: &str| {
            let body = Expr::entry("x", vec![scalar(name)]);
            Expr::Sum(vec![Var::scalar("u")], Guard::between(&number(1), &u, &number(2)), Box::new(body))
        };
        let mut attack = statement(vec![Var::scalar(letter)], Claim::Equation(sum("u"), sum(letter)));
        attack.signature.tensors.push(tensor("x", &["i"], Guard::always()));
        refused(&certificate(attack, Proof::Chain(vec![])));
    }
}

#[test]
fn hostile_powers_end() {
    let power = |base: Expr, exponent: u32| Expr::Power(Box::new(base), exponent);
    let three = power(power(power(Expr::from(3), 4096), 4096), 4096);
    let sum = |name: &str| Expr::Add(vec![Expr::from(1), Expr::Integer(scalar(name))]);
    let pair = power(Expr::Add(vec![sum("n"), Expr::Integer(scalar("m"))]), 4096);
    let letters = || vec![Var::scalar("n"), Var::scalar("m")];
    for hostile in [three, pair, power(sum("n"), u32::MAX)] {
        assert_eq!(refused(&reflexive(letters(), hostile)), Refusal::TooLarge);
    }
    // A power of a letter is small until a sum is put for the letter: by unfolding, by reindexing, by a theorem.
    let high = power_of("n", 64);
    let mut attack = reflexive(vec![Var::scalar("a"), Var::scalar("b"), Var::scalar("c")], Expr::from(1));
    let wide = &(&(&scalar("a") + &scalar("b")) + &scalar("c")) + &number(1);
    attack.statement.signature.definitions = vec![definition("f", vec![Var::scalar("n")], vec![], Expr::Integer(high))];
    let call = call("f", vec![wide], vec![]);
    attack.statement.claim = Claim::Equation(call.clone(), call.clone());
    attack.proof = Proof::Chain(vec![step(&[], Law::Unfold, call)]);
    assert_eq!(refused(&attack), Refusal::TooLarge);
}

#[test]
fn deep_terms_end() {
    let deep = (0..600).fold(Expr::from(1), |expr, _| Expr::Inverse(Box::new(expr)));
    assert_eq!(refused(&reflexive(vec![], deep)), Refusal::TooLarge);
    let index = (0..600).fold(scalar("n"), |index, _| Index::floor(index, number(2)));
    assert_eq!(refused(&reflexive(vec![Var::scalar("n")], Expr::Integer(index))), Refusal::TooLarge);
    let split = |rest: Refutation| Refutation::Split {
        on: scalar("n"),
        nonnegative: Box::new(rest),
        negative: Box::new(Refutation::Absurd),
    };
    let proof = (0..600).fold(Refutation::Absurd, |rest, _| split(rest));
    let claim = Claim::Holds(guard([Literal::ge(scalar("n"))]));
    let attack = certificate(statement(vec![Var::scalar("n")], claim), Proof::Entailed(Entailments(vec![proof])));
    assert_eq!(refused(&attack), Refusal::TooLarge);
}

#[test]
fn mutants_of_a_shift_are_refused() {
    let outcome = support::mutate::survey(&shift());
    println!("{outcome:#?}");
    assert!(outcome.survivors.is_empty(), "{:#?}", outcome.survivors);
}

/// `Σ_{1 ≤ u ≤ m} w[u]·x[i−u] = Σ_{i−m ≤ s ≤ i−1} w[i−s]·x[s]`.
fn shift() -> Certificate {
    let (i, m, u, s) = (scalar("i"), scalar("m"), scalar("u"), scalar("s"));
    let body = |a: &Index, b: &Index| {
        Box::new(Expr::Mul(vec![Expr::entry("w", vec![a.clone()]), Expr::entry("x", vec![b.clone()])]))
    };
    let left = Expr::Sum(vec![Var::scalar("u")], Guard::between(&number(1), &u, &m), body(&u, &(&i - &u)));
    let range = Guard::between(&(&i - &m), &s, &(&i - &number(1)));
    let right = Expr::Sum(vec![Var::scalar("s")], range.clone(), body(&(&i - &s), &s));
    let maps = Reindexing {
        vars: vec![Var::scalar("s")],
        guard: range,
        phi: vec![&i - &s],
        psi: vec![&i - &u],
        phi_into: evident(2),
        psi_into: evident(2),
        psi_phi: evident(1),
        phi_psi: evident(1),
    };
    let mut statement = statement(vec![Var::scalar("m")], Claim::Equation(left, right.clone()));
    statement.name = "shift".into();
    statement.assumptions = guard([Literal::ge(&m - &number(1))]);
    statement.indices = vec![Var::scalar("i")];
    statement.signature.tensors =
        vec![tensor("w", &["k"], Guard::between(&number(1), &scalar("k"), &m)), tensor("x", &["k"], Guard::always())];
    certificate(statement, Proof::Chain(vec![step(&[], Law::Reindex(Box::new(maps)), right)]))
}

#[test]
fn the_shift_itself_is_accepted() {
    check(&shift()).unwrap();
}

/// `max_{k: lower ≤ k ≤ upper} body`
fn max(lower: &Index, upper: &Index, body: Expr) -> Expr {
    Expr::Max(vec![Var::scalar("k")], Guard::between(lower, &scalar("k"), upper), Box::new(body))
}

/// An equation for all n, all functions x and all scalars c.
fn about_maxima(left: Expr, right: Expr, law: Law) -> Certificate {
    let mut statement = statement(vec![Var::scalar("n")], Claim::Equation(left, right.clone()));
    statement.signature.tensors = vec![tensor("x", &["p"], Guard::always()), tensor("c", &[], Guard::always())];
    certificate(statement, Proof::Chain(vec![step(&[], law, right)]))
}

fn maximum(law: Maximum) -> Law {
    Law::Maximum(Box::new(law))
}

/// A letter between the two ends that its range states.
fn between_ends(lower: Index, upper: Index) -> Finiteness {
    Finiteness(vec![Bounds { letter: 0, lower, upper, proofs: evident(2) }])
}

/// `0 ≤ k ≤ n − 1`
fn interval_of_n() -> Finiteness {
    between_ends(number(0), &scalar("n") - &number(1))
}

/// That a constant is its maximum over `0 ≤ k ≤ n − 1`, of which a point is claimed.
fn constant(terms: Vec<Index>, proofs: usize) -> Law {
    let maps = Reindexing {
        vars: vec![Var::scalar("k")],
        guard: Guard::between(&number(0), &scalar("k"), &(&scalar("n") - &number(1))),
        phi: vec![],
        psi: terms,
        phi_into: evident(0),
        psi_into: evident(proofs),
        psi_phi: evident(0),
        phi_psi: evident(0),
    };
    maximum(Maximum::Cover(Box::new(maps), interval_of_n()))
}

#[test]
fn a_maximum_over_a_range_that_may_be_empty_says_nothing() {
    let (zero, n, k) = (number(0), scalar("n"), scalar("k"));
    let upper = &n - &number(1);
    let x = |index: &Index| Expr::entry("x", vec![index.clone()]);
    let c = || Expr::entry("c", vec![]);
    let left = max(&zero, &upper, c());
    for count in 0..4 {
        let point = || Point { terms: vec![zero.clone()], proofs: evident(count) };
        let constant = constant(vec![zero.clone()], count);
        refused(&about_maxima(c(), left.clone(), constant.clone()));
        // Where n ≥ 1 is assumed, 0 is a point.
        let mut assumed = about_maxima(c(), left.clone(), constant);
        assumed.statement.assumptions = guard([Literal::le(&number(1), &n)]);
        assert_eq!(check(&assumed).is_ok(), count == 1);
        let shifted = Expr::Add(vec![c(), max(&zero, &upper, Expr::Add(vec![x(&k)]))]);
        let body = Expr::Add(vec![c(), x(&k)]);
        let shift = maximum(Maximum::Shift(0, interval_of_n(), point()));
        let mut assumed = about_maxima(max(&zero, &upper, body), shifted, shift);
        refused(&assumed);
        assumed.statement.assumptions = guard([Literal::le(&number(1), &n)]);
        assert_eq!(check(&assumed).is_ok(), count == 1);
        // The inner range is empty for k = 0, or reaches from 0 to k.
        for (below, good) in [(&k - &number(1), false), (k.clone(), true)] {
            let inner_range = Guard::between(&zero, &scalar("l"), &below);
            let inner = Expr::Max(vec![Var::scalar("l")], inner_range.clone(), Box::new(x(&k)));
            let joint = Expr::Max(
                vec![Var::scalar("k"), Var::scalar("l")],
                Guard::between(&zero, &k, &upper).and(&inner_range),
                Box::new(x(&k)),
            );
            let finite = FiniteNest { outer: interval_of_n(), inner: between_ends(zero.clone(), below) };
            let nested = about_maxima(max(&zero, &upper, inner), joint, maximum(Maximum::Nested(finite, point())));
            assert_eq!(check(&nested).is_ok(), good && count == 1);
        }
    }
}

#[test]
fn a_point_lies_in_its_range_and_speaks_of_letters_in_scope() {
    let (zero, n) = (number(0), scalar("n"));
    let c = || Expr::entry("c", vec![]);
    let left = max(&zero, &(&n - &number(1)), c());
    let with = |terms: Vec<Index>, count: usize| {
        let mut attack = about_maxima(c(), left.clone(), constant(terms, count));
        attack.statement.assumptions = guard([Literal::le(&number(1), &n)]);
        attack
    };
    check(&with(vec![zero.clone()], 1)).unwrap();
    for count in 0..4 {
        for term in [n.clone(), number(-1), scalar("k"), scalar("z")] {
            refused(&with(vec![term], count));
        }
        // No term for the letter, or two.
        refused(&with(vec![], count));
        refused(&with(vec![zero.clone(), zero.clone()], count));
    }
}

/// `max_{0 ≤ k ≤ upper} x[k] = max_{s, t in range} x[φ]` for n ≥ 0, with the maps that are claimed; `letters` of s and t are shown to be
/// bounded.
fn covering(upper: &Index, range: &Guard, phi: &Index, psi: [Index; 2], letters: usize) -> Certificate {
    let (zero, n, k) = (number(0), scalar("n"), scalar("k"));
    let vars = vec![Var::scalar("s"), Var::scalar("t")];
    let x = |index: &Index| Expr::entry("x", vec![index.clone()]);
    let right = Expr::Max(vars.clone(), range.clone(), Box::new(x(phi)));
    let with = |guard: &Guard| guard.literals().cloned().chain([Literal::ge(n.clone())]).collect::<Facts>();
    // What does not follow gets evidence as if it held on sight.
    let prove = |facts: Facts, goals: Vec<Literal>| {
        entail::prove_all(&facts, goals.iter().cloned()).unwrap_or_else(|| evident(goals.len()))
    };
    let all = |guard: Guard| guard.literals().cloned().collect::<Vec<_>>();
    let old = Guard::between(&zero, &k, upper);
    let forth = BTreeMap::from([(Var::scalar("k"), phi.clone())]);
    let back: BTreeMap<Var, Index> = vars.iter().cloned().zip(psi.iter().cloned()).collect();
    let identity = vec![Literal::eq(&phi.substitute(&back) - &k)];
    let maps = Reindexing {
        phi_into: prove(with(range), all(old.substitute(&forth))),
        psi_into: prove(with(&old), all(range.substitute(&back))),
        psi_phi: evident(0),
        phi_psi: prove(with(&old), identity),
        vars,
        guard: range.clone(),
        phi: vec![phi.clone()],
        psi: psi.to_vec(),
    };
    let side = |letter| Bounds { letter, lower: zero.clone(), upper: n.clone(), proofs: evident(2) };
    let law = maximum(Maximum::Cover(Box::new(maps), Finiteness((0..letters).map(side).collect())));
    let mut attack = about_maxima(max(&zero, upper, x(&k)), right, law);
    attack.statement.assumptions = guard([Literal::ge(n)]);
    attack
}

#[test]
fn a_range_covers_another_where_every_point_is_reached_and_no_other() {
    let (zero, n, k, s) = (number(0), scalar("n"), scalar("k"), scalar("s"));
    let (sum, twice) = (&s + &scalar("t"), n.scale(&2.into()));
    let row = Guard::between(&zero, &s, &n);
    let square = row.and(&Guard::between(&zero, &scalar("t"), &n));
    let first = Index::min(k.clone(), n.clone());
    let honest = [first.clone(), &k - &first];
    check(&covering(&twice, &square, &sum, honest.clone(), 2)).unwrap();
    check(&covering(&n, &square, &s, [k.clone(), zero.clone()], 2)).unwrap();
    let attacks = [
        // A place that φ does not reach, and one that it should not reach.
        (&twice + &number(1), &sum, honest.clone()),
        (&twice - &number(1), &sum, honest),
        // ψ outside of the range, or a point that φ sends elsewhere.
        (twice.clone(), &sum, [k.clone(), zero.clone()]),
        (twice, &sum, [zero.clone(), zero.clone()]),
        (n.clone(), &s, [zero.clone(), k.clone()]),
        // ψ speaks of letters that it gives values to.
        (n.clone(), &s, [k.clone(), scalar("t")]),
    ];
    for (upper, phi, psi) in attacks {
        refused(&covering(&upper, &square, phi, psi, 2));
    }
    // Over an endless range a maximum is 0 by convention, whatever φ reaches.
    for letters in 0..3 {
        refused(&covering(&n, &row, &s, [k.clone(), zero.clone()], letters));
    }
}

#[test]
fn a_factor_that_may_be_negative_stays_inside_a_maximum() {
    let (one, n, k) = (number(1), scalar("n"), scalar("k"));
    let x = || Expr::entry("x", vec![scalar("k")]);
    let attack = |factor: &Expr, sign: Evidence| {
        let left = max(&one, &n, Expr::Mul(vec![factor.clone(), x()]));
        let right = Expr::Mul(vec![factor.clone(), max(&one, &n, Expr::Mul(vec![x()]))]);
        about_maxima(left, right, maximum(Maximum::Scale(0, sign)))
    };
    let below = |sign| Evidence::Below(Box::new(sign));
    let power = |base: Expr, exponent| Expr::Power(Box::new(base), exponent);
    let inverse = |index: &Index| Expr::Inverse(Box::new(Expr::Integer(index.clone())));
    let (integer, entry) = (Expr::Integer(n.clone()), Expr::entry("c", vec![]));
    check(&attack(&Expr::from(2), Evidence::Number)).unwrap();
    check(&attack(&bracket(Literal::ge(n.clone())), Evidence::Number)).unwrap();
    check(&attack(&power(entry.clone(), 2), Evidence::Square)).unwrap();
    for count in 0..3 {
        let signs = || {
            let signs = [Evidence::Number, Evidence::Square, Evidence::Function, Evidence::Integer(evident(count))];
            let more = [Evidence::Terms(0, vec![]), Evidence::Factors(vec![]), Evidence::Volume(evident(count))];
            signs
                .into_iter()
                .chain(more)
                .flat_map(|sign| [sign.clone(), below(sign.clone()), Evidence::Each(Box::new(sign))])
        };
        for sign in signs() {
            for factor in [
                Expr::from(-1),
                integer.clone(),
                inverse(&n),
                entry.clone(),
                power(entry.clone(), 3),
                power(integer.clone(), 3),
                Expr::Add(vec![power(entry.clone(), 2), Expr::from(-1)]),
                Expr::Integer(k.clone()),
            ] {
                refused(&attack(&factor, sign.clone()));
            }
            // The letter of the maximum is no constant, even where it is not negative.
            refused(&attack(&bracket(Literal::ge(k.clone())), sign));
        }
        // Under n ≥ 0 neither n nor 1/n is negative, for 1/0 is 0.
        for (factor, sign) in [
            (integer.clone(), Evidence::Integer(evident(count))),
            (inverse(&n), below(Evidence::Integer(evident(count)))),
        ] {
            let mut attack = attack(&factor, sign);
            attack.statement.assumptions = guard([Literal::ge(n.clone())]);
            assert_eq!(check(&attack).is_ok(), count == 1);
        }
    }
}

#[test]
fn a_sum_is_positive_where_one_term_is_and_no_other_is_negative() {
    let (c, one) = (|| Expr::entry("c", vec![]), Expr::from(1));
    let square = || Expr::Power(Box::new(c()), 2);
    let quotient = |base: &Expr| Expr::Mul(vec![base.clone(), Expr::Inverse(Box::new(base.clone()))]);
    let judged = |base: Expr, sign: Evidence| {
        let left = quotient(&base);
        check(&assuming(vec![], left, one.clone(), vec![step(&[], Law::Inverse(Box::new(sign)), one.clone())])).is_ok()
    };
    let (number, squared) = (|| Evidence::Number, || Evidence::Square);
    assert!(judged(Expr::Add(vec![one.clone(), square()]), Evidence::Terms(0, vec![number(), squared()])));
    assert!(judged(Expr::Add(vec![square(), one.clone()]), Evidence::Terms(1, vec![squared(), number()])));
    // No term, another term, or none of them above 0; a term that may be negative; a square that may be 0.
    for (base, sign) in [
        (vec![one.clone(), square()], Evidence::Terms(1, vec![number(), squared()])),
        (vec![one.clone(), square()], Evidence::Terms(2, vec![number(), squared()])),
        (vec![one.clone(), square()], Evidence::Terms(0, vec![number()])),
        (vec![square(), square()], Evidence::Terms(0, vec![squared(), squared()])),
        (vec![Expr::from(0), square()], Evidence::Terms(0, vec![number(), squared()])),
        (vec![one.clone(), c()], Evidence::Terms(0, vec![number(), squared()])),
        (vec![one.clone(), Expr::from(-1)], Evidence::Terms(0, vec![number(), number()])),
        (vec![one.clone(), Expr::Power(Box::new(c()), 3)], Evidence::Terms(0, vec![number(), squared()])),
    ] {
        assert!(!judged(Expr::Add(base), sign));
    }
    assert!(!judged(square(), Evidence::Square));
    assert!(!judged(square(), Evidence::Below(Box::new(Evidence::Square))));
    // c² is positive where c is not 0, and c³ is not.
    let under = |exponent| {
        let base = Expr::Add(vec![Expr::Power(Box::new(c()), exponent), one.clone()]);
        let sign = Evidence::Below(Box::new(Evidence::Premise(use_of(0, vec![], 0))));
        let steps = vec![step(&[], Law::Inverse(Box::new(Evidence::Terms(0, vec![sign, number()]))), one.clone())];
        check(&assuming(vec![premise(Held::NonZero(c()))], quotient(&base), one.clone(), steps)).is_ok()
    };
    assert!(under(2) && !under(3));
}

#[test]
fn what_holds_of_sums_does_not_hold_of_maxima() {
    let (one, n) = (number(1), scalar("n"));
    let x = |shift: i64| Expr::entry("x", vec![&scalar("k") + &number(shift)]);
    let both = |a: Expr, b: Expr| Expr::Add(vec![a, b]);
    // max (a + b) is not max a + max b.
    let left = max(&one, &n, both(x(0), x(1)));
    let right = both(max(&one, &n, x(0)), max(&one, &n, x(1)));
    refused(&about_maxima(left, right, Law::LinearSum));
    // A bracket in the body is a zero there, not a shorter range.
    let condition = Literal::ge(&scalar("k") - &number(2));
    let left = max(&one, &n, Expr::Mul(vec![bracket(condition.clone()), x(0)]));
    let range = Guard::between(&one, &scalar("k"), &n).and(&guard([condition]));
    let right = Expr::Max(vec![Var::scalar("k")], range, Box::new(Expr::Mul(vec![x(0)])));
    refused(&about_maxima(left, right, Law::GuardAbsorb(0, between_ends(one.clone(), n.clone()))));
    // n equal values have the value for their maximum, not n times it.
    let c = || Expr::entry("c", vec![]);
    let count = Law::Count(Range { lower: one.clone(), upper: n.clone(), proofs: evident(1) });
    let mut counted = about_maxima(max(&one, &n, c()), Expr::Mul(vec![Expr::Integer(n.clone()), c()]), count);
    counted.statement.assumptions = guard([Literal::ge(n)]);
    refused(&counted);
}

fn inverse(expr: Expr) -> Expr {
    Expr::Inverse(Box::new(expr))
}

/// A chain for a statement about `calculus`'s tensors under premises.
fn assuming(premises: Vec<Premise>, left: Expr, right: Expr, steps: Vec<Step>) -> Certificate {
    let mut statement = calculus(left, right);
    statement.signature.premises = premises;
    certificate(statement, Proof::Chain(steps))
}

fn premise(held: Held) -> Premise {
    Premise { vars: vec![], guard: Guard::always(), held }
}

fn use_of(premise: usize, terms: Vec<Index>, proofs: usize) -> Use {
    Use { premise, terms, proofs: evident(proofs) }
}

#[test]
fn nothing_cancels_at_zero() {
    let c = || Expr::entry("c", vec![]);
    let one = Expr::from(1);
    let quotient = Expr::Mul(vec![c(), inverse(c())]);
    let by_law = |evidence: Evidence| vec![step(&[], Law::Inverse(Box::new(evidence)), one.clone())];
    let assumed = || Evidence::Premise(use_of(0, vec![], 0));
    let accepted = |premises: Vec<Premise>, evidence: Evidence| {
        check(&assuming(premises, quotient.clone(), one.clone(), by_law(evidence))).is_ok()
    };
    assert!(accepted(vec![premise(Held::NonZero(c()))], assumed()));
    assert!(accepted(vec![premise(Held::Positive(c()))], assumed()));
    // Nothing assumed, of another scalar, a condition, and evidence for other shapes.
    assert!(!accepted(vec![], assumed()));
    assert!(!accepted(vec![premise(Held::NonZero(Expr::entry("y", vec![scalar("i")])))], assumed()));
    assert!(!accepted(vec![premise(Held::Condition(Guard::always()))], assumed()));
    for evidence in [
        Evidence::Number,
        Evidence::Function,
        Evidence::Integer(evident(1)),
        Evidence::Volume(evident(1)),
        Evidence::Factors(vec![]),
        Evidence::Terms(0, vec![]),
        Evidence::Square,
        Evidence::Each(Box::new(Evidence::Number)),
        Evidence::Below(Box::new(Evidence::Number)),
        Evidence::Equal(Box::new(one.clone()), Box::new(Evidence::Number)),
    ] {
        assert!(!accepted(vec![], evidence.clone()), "{evidence:?}");
    }
    // By the ring laws alone neither c/c = 1 nor c²/c = c: under ∂ the two sides would have different derivatives at 0.
    for (left, right) in [
        (quotient.clone(), one.clone()),
        (Expr::Mul(vec![Expr::Power(Box::new(c()), 2), inverse(c())]), c()),
        (inverse(inverse(c())), c()),
        (inverse(Expr::from(0)), Expr::from(1)),
    ] {
        let ring = vec![step(&[], Law::Ring, right.clone())];
        refused(&assuming(vec![], left.clone(), right.clone(), ring));
        let by_c = |expr: Expr| by(expr, "c", &[]);
        let ring = vec![step(&[0], Law::Ring, by_c(right.clone()))];
        refused(&assuming(vec![], by_c(left), by_c(right), ring));
    }
    // A sum of positive and of unknown terms may be 0, and so may an empty sum.
    let sum = Expr::Add(vec![one.clone(), c()]);
    let evidence = Evidence::Terms(0, vec![Evidence::Number, Evidence::Premise(use_of(0, vec![], 0))]);
    let divided = |base: &Expr| Expr::Mul(vec![base.clone(), inverse(base.clone())]);
    let law = || vec![step(&[], Law::Inverse(Box::new(evidence.clone())), Expr::from(1))];
    check(&assuming(vec![premise(Held::Positive(c()))], divided(&sum), one.clone(), law())).unwrap();
    refused(&assuming(vec![premise(Held::NonZero(c()))], divided(&sum), one.clone(), law()));
    let ones = Expr::Sum(
        vec![Var::scalar("k")],
        Guard::between(&number(1), &scalar("k"), &scalar("n")),
        Box::new(Expr::from(1)),
    );
    let finite = || between_ends(number(1), scalar("n"));
    for (terms, proofs) in [(vec![number(1)], 2), (vec![number(1)], 0), (vec![scalar("n")], 1), (vec![], 0)] {
        let point = Point { terms, proofs: evident(proofs) };
        let evidence = Evidence::Sum(finite(), point, Box::new(Evidence::Number));
        let law = vec![step(&[], Law::Inverse(Box::new(evidence)), Expr::from(1))];
        refused(&assuming(vec![], divided(&ones), one.clone(), law));
    }
    // A size that may be 0.
    let n = Expr::Integer(scalar("n"));
    let law = vec![step(&[], Law::Inverse(Box::new(Evidence::Integer(evident(1)))), Expr::from(1))];
    refused(&assuming(vec![], divided(&n), one, law));
}

#[test]
fn premises_hold_in_their_ranges_and_for_their_own_letters() {
    // y[k] ≠ 0 for 1 ≤ k ≤ n says nothing of y[0], nor of x[1].
    let (k, n) = (Var::scalar("k"), scalar("n"));
    let y = |at: Index| Expr::entry("y", vec![at]);
    let range = Guard::between(&number(1), &var(&k), &n);
    let assumed = Premise { vars: vec![k.clone()], guard: range, held: Held::NonZero(y(var(&k))) };
    let accepted = |at: Expr, terms: Vec<Index>, low: i64| {
        let evidence = Evidence::Premise(use_of(0, terms, 1));
        let left = Expr::Mul(vec![at.clone(), inverse(at)]);
        let law = vec![step(&[], Law::Inverse(Box::new(evidence)), Expr::from(1))];
        let mut attack = assuming(vec![assumed.clone()], left, Expr::from(1), law);
        attack.statement.assumptions = guard([Literal::le(&number(low), &n)]);
        check(&attack).is_ok()
    };
    assert!(accepted(y(number(1)), vec![number(1)], 1));
    assert!(!accepted(y(number(1)), vec![number(1)], 0));
    assert!(!accepted(y(number(0)), vec![number(0)], 1));
    assert!(!accepted(y(number(2)), vec![number(1)], 2));
    assert!(!accepted(Expr::entry("x", vec![number(1)]), vec![number(1)], 1));
    assert!(!accepted(y(number(1)), vec![], 1));
    assert!(!accepted(y(number(1)), vec![scalar("unknown")], 1));
    // A premise that speaks of a letter that is not there, or differentiates, is no premise.
    let reflexive = |held: Held| {
        let mut certificate = reflexive(vec![Var::scalar("n")], Expr::from(1));
        certificate.statement.signature = calculus(Expr::from(1), Expr::from(1)).signature;
        certificate.statement.signature.premises = vec![premise(held)];
        check(&certificate).is_ok()
    };
    assert!(reflexive(Held::NonZero(y(n.clone()))));
    assert!(!reflexive(Held::NonZero(y(scalar("stray")))));
    assert!(!reflexive(Held::NonZero(by(y(n.clone()), "y", std::slice::from_ref(&n)))));
    assert!(!reflexive(Held::Condition(guard([Literal::ge(scalar("stray"))]))));
}

#[test]
fn a_theorem_is_used_under_its_own_premises() {
    // c/c = 1 where c ≠ 0 says nothing of y[i]/y[i], and nothing where it is not assumed.
    let c = || Expr::entry("c", vec![]);
    let quotient = |expr: Expr| Expr::Mul(vec![expr.clone(), inverse(expr)]);
    let evidence = Evidence::Premise(use_of(0, vec![], 0));
    let proof = vec![step(&[], Law::Inverse(Box::new(evidence)), Expr::from(1))];
    let mut lemma = assuming(vec![premise(Held::NonZero(c()))], quotient(c()), Expr::from(1), proof);
    lemma.statement.name = "lemma".into();
    lemma.statement.indices = vec![];
    check(&lemma).unwrap();
    let attack = |premises: Vec<Premise>, target: Tensor, at: Expr| {
        let kept = ["x", "w", "y"].map(|name| (Name::from(name), Tensor::Named(name.into())));
        let instance = Instance {
            theorem: "lemma".into(),
            indices: vec![(Var::scalar("n"), scalar("n"))],
            tensors: kept.into_iter().chain([("c".into(), target)]).collect(),
            assumptions: Entailments::default(),
            supports: vec![evident(2), evident(2), Entailments::default(), Entailments::default()],
        };
        let steps = vec![step(&[], Law::Theorem(Box::new(instance)), Expr::from(1))];
        let mut attack = assuming(premises, quotient(at), Expr::from(1), steps);
        attack.lemmas = vec![lemma.clone()];
        check(&attack).is_ok()
    };
    let entry = Expr::entry("y", vec![scalar("i")]);
    let other = Tensor::Lambda { axes: vec![], support: Guard::always(), body: Box::new(entry.clone()) };
    let known = || vec![premise(Held::NonZero(c()))];
    assert!(attack(known(), Tensor::Named("c".into()), c()));
    assert!(!attack(vec![], Tensor::Named("c".into()), c()));
    assert!(!attack(known(), other.clone(), Expr::Entry(other, vec![])));
    assert!(!attack(vec![premise(Held::NonZero(entry))], Tensor::Named("c".into()), c()));
}

#[test]
fn a_maximum_is_its_largest_entry_only_where_that_one_is_larger() {
    // y[k] < y[0] for 1 ≤ k ≤ n: the maximum over 0 ≤ k ≤ n is y[0], where n ≥ 0.
    let (n, k) = (scalar("n"), scalar("k"));
    let y = |at: &Index| Expr::entry("y", vec![at.clone()]);
    let less =
        |small: Expr, large: Expr| Held::Positive(Expr::Add(vec![large, Expr::Mul(vec![Expr::from(-1), small])]));
    let assumed = |low: i64, held: Held| Premise {
        vars: vec![Var::scalar("k")],
        guard: Guard::between(&number(low), &k, &n),
        held,
    };
    let accepted = |premise: Premise, place: Index, low: i64, count: usize| {
        let bound = Var::scalar("k");
        let used = Use { premise: 0, terms: vec![var(&bound)], proofs: Entailments(vec![Refutation::Absurd; 2]) };
        let peak = Peak {
            finite: between_ends(number(0), n.clone()),
            uses: vec![],
            point: Point { terms: vec![place.clone()], proofs: evident(1) },
            larger: vec![Evidence::Premise(used); count],
        };
        let left = max(&number(0), &n, y(&k));
        let law = maximum(Maximum::Peak(Box::new(peak)));
        let mut attack = assuming(vec![premise], left, y(&place), vec![step(&[], law, y(&place))]);
        attack.statement.assumptions = guard([Literal::le(&number(low), &n)]);
        check(&attack).is_ok()
    };
    // The premise for every k, so that no arithmetic is needed; it cannot be met, but that is not the kernel's concern.
    let everywhere = || Premise { guard: Guard::between(&number(0), &k, &n), ..assumed(0, less(y(&k), y(&number(0)))) };
    assert!(accepted(everywhere(), number(0), 0, 1));
    assert!(!accepted(everywhere(), number(0), -1, 1), "the place must lie in the range");
    assert!(!accepted(everywhere(), number(0), 0, 0), "one proof for each letter");
    assert!(!accepted(everywhere(), number(1), 1, 1), "another place");
    assert!(!accepted(assumed(1, less(y(&k), y(&number(0)))), number(0), 0, 1), "k ≥ 1 needs a proof");
    assert!(!accepted(assumed(0, less(y(&number(0)), y(&k))), number(0), 0, 1), "the smallest entry");
    assert!(!accepted(assumed(0, Held::NonZero(y(&k))), number(0), 0, 1), "not 0 is not positive");
    assert!(!accepted(everywhere(), scalar("stray"), 0, 1));
}

#[test]
fn a_box_is_counted_by_its_volume() {
    let k = ranked("k", "D");
    let n = Index::from(&ranked("n", "D"));
    let sum = |upper: &Index| {
        let range = Guard::between(&number(1), &var(&k), upper);
        Expr::Sum(vec![k.clone()], range, Box::new(Expr::from(1)))
    };
    let count = |upper: &Index| Law::Count(Range { lower: number(1), upper: upper.clone(), proofs: evident(1) });
    let accepted = |upper: Index, number: Index| {
        let right = Expr::Mul(vec![Expr::Integer(number), Expr::from(1)]);
        let claim = Claim::Equation(sum(&upper), right.clone());
        let mut statement = statement(vec![ranked("n", "D"), Var::scalar("m")], claim);
        statement.assumptions = guard([Literal::ge(n.clone()), Literal::ge(scalar("m"))]);
        check(&certificate(statement, Proof::Chain(vec![step(&[], count(&upper), right)]))).is_ok()
    };
    assert!(accepted(n.clone(), Index::atom(Atom::Volume(Box::new(n.clone())))));
    assert!(!accepted(n.clone(), n.clone()));
    assert!(!accepted(n.clone(), Index::atom(Atom::Volume(Box::new(&n + &number(1))))));
    // A cube of side m has m to the power D points, which is not m.
    assert!(!accepted(scalar("m"), scalar("m")));
    assert!(!accepted(scalar("m"), Index::atom(Atom::Volume(Box::new(scalar("m"))))));
}
