//! Certificates of false or meaningless statements, each of which the kernel must refuse, and mutants of good ones.

mod support;

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
        certificate.statement.signature.functions.push(FunctionDeclaration { name: "f".into(), arity });
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
        phi_into: Entailments::default(),
        psi_into: Entailments::default(),
        psi_phi: Entailments::default(),
        phi_psi: Entailments::default(),
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

/// `0 ≤ k ≤ n − 1`, with its own ends for bounds.
fn interval_of_n() -> Finiteness {
    let bounds = Bounds {
        letter: 0,
        lower: number(0),
        upper: &scalar("n") - &number(1),
        proofs: Entailments::default(),
    };
    Finiteness(vec![bounds])
}

#[test]
fn a_maximum_over_a_range_that_may_be_empty_says_nothing() {
    let (zero, n, k) = (number(0), scalar("n"), scalar("k"));
    let upper = &n - &number(1);
    let x = |index: &Index| Expr::entry("x", vec![index.clone()]);
    let c = || Expr::entry("c", vec![]);
    let point = |proofs: Vec<Refutation>| Point { terms: vec![zero.clone()], proofs: Entailments(proofs) };
    let left = max(&zero, &upper, c());
    for proofs in [vec![], vec![Refutation::Absurd]] {
        let constant = maximum(Maximum::Constant(interval_of_n(), point(proofs.clone())));
        refused(&about_maxima(left.clone(), c(), constant.clone()));
        // Where n ≥ 1 is assumed, 0 is a point, and no certificate is needed but that of 0 ≤ n−1, which is a fact.
        let mut assumed = about_maxima(left.clone(), c(), constant);
        assumed.statement.assumptions = guard([Literal::le(&number(1), &n)]);
        assert_eq!(check(&assumed).is_ok(), proofs.is_empty());
        let shifted = Expr::Add(vec![c(), max(&zero, &upper, Expr::Add(vec![x(&k)]))]);
        let body = Expr::Add(vec![c(), x(&k)]);
        let shift = maximum(Maximum::Shift(0, interval_of_n(), point(proofs.clone())));
        refused(&about_maxima(max(&zero, &upper, body), shifted, shift));
        // The inner range is empty for k = 0.
        let below = &k - &number(1);
        let inner = Expr::Max(vec![Var::scalar("l")], Guard::between(&zero, &scalar("l"), &below), Box::new(x(&k)));
        let joint = Expr::Max(
            vec![Var::scalar("k"), Var::scalar("l")],
            Guard::between(&zero, &k, &upper).and(&Guard::between(&zero, &scalar("l"), &below)),
            Box::new(x(&k)),
        );
        let bounds = Bounds { letter: 0, lower: zero.clone(), upper: below, proofs: Entailments::default() };
        let finite = FiniteNest { outer: interval_of_n(), inner: Finiteness(vec![bounds]) };
        let nested = maximum(Maximum::Nested(finite, point(proofs)));
        refused(&about_maxima(max(&zero, &upper, inner), joint, nested));
    }
}

#[test]
fn a_point_lies_in_its_range_and_speaks_of_letters_in_scope() {
    let (zero, n) = (number(0), scalar("n"));
    let c = || Expr::entry("c", vec![]);
    let left = max(&zero, &(&n - &number(1)), c());
    let with = |term: Index, proofs: Entailments| {
        let law = maximum(Maximum::Constant(interval_of_n(), Point { terms: vec![term], proofs }));
        let mut attack = about_maxima(left.clone(), c(), law);
        attack.statement.assumptions = guard([Literal::le(&number(1), &n)]);
        attack
    };
    check(&with(zero.clone(), Entailments::default())).unwrap();
    for term in [n.clone(), number(-1), scalar("k"), scalar("z")] {
        refused(&with(term.clone(), Entailments::default()));
        refused(&with(term, Entailments(vec![Refutation::Absurd, Refutation::Absurd])));
    }
    // No term for the letter, or two.
    for terms in [vec![], vec![zero.clone(), zero.clone()]] {
        let law = maximum(Maximum::Constant(interval_of_n(), Point { terms, proofs: Entailments::default() }));
        let mut attack = about_maxima(left.clone(), c(), law);
        attack.statement.assumptions = guard([Literal::le(&number(1), &n)]);
        refused(&attack);
    }
}

#[test]
fn a_factor_that_may_be_negative_stays_inside_a_maximum() {
    let (one, n, k) = (number(1), scalar("n"), scalar("k"));
    let x = || Expr::entry("x", vec![scalar("k")]);
    let attack = |factor: Expr, proofs: Entailments| {
        let left = max(&one, &n, Expr::Mul(vec![factor.clone(), x()]));
        let right = Expr::Mul(vec![factor, max(&one, &n, Expr::Mul(vec![x()]))]);
        about_maxima(left, right, maximum(Maximum::Scale(0, proofs)))
    };
    check(&attack(Expr::from(2), Entailments::default())).unwrap();
    check(&attack(bracket(Literal::ge(n.clone())), Entailments::default())).unwrap();
    let inverse = |index: &Index| Expr::Inverse(Box::new(Expr::Integer(index.clone())));
    for factor in [Expr::from(-1), Expr::Integer(n.clone()), inverse(&n), Expr::entry("c", vec![]), Expr::Integer(k.clone())] {
        refused(&attack(factor.clone(), Entailments::default()));
        refused(&attack(factor, Entailments(vec![Refutation::Absurd])));
    }
    // Under n ≥ 0 an integer n is no negative factor, but 1/n may be anything where n = 0.
    for (factor, good) in [(Expr::Integer(n.clone()), true), (inverse(&n), false)] {
        let mut attack = attack(factor, Entailments::default());
        attack.statement.assumptions = guard([Literal::ge(n.clone())]);
        assert_eq!(check(&attack).is_ok(), good);
    }
    // The letter of the maximum is no constant, even where it is not negative.
    let left = max(&one, &n, Expr::Mul(vec![Expr::Integer(k.clone()), x()]));
    let right = Expr::Mul(vec![Expr::Integer(k), max(&one, &n, Expr::Mul(vec![x()]))]);
    refused(&about_maxima(left, right, maximum(Maximum::Scale(0, Entailments::default()))));
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
    let range = Guard::between(&one, &scalar("k"), &n);
    let right =
        Expr::Max(vec![Var::scalar("k")], range.and(&guard([condition])), Box::new(Expr::Mul(vec![x(0)])));
    let bounds = Bounds { letter: 0, lower: one.clone(), upper: n.clone(), proofs: Entailments::default() };
    refused(&about_maxima(left, right, Law::GuardAbsorb(0, Finiteness(vec![bounds]))));
    // n equal values have the value for their maximum, not n times it.
    let c = || Expr::entry("c", vec![]);
    let count = Law::Count(Range { lower: one.clone(), upper: n.clone(), proofs: Entailments::default() });
    let mut counted = about_maxima(max(&one, &n, c()), Expr::Mul(vec![Expr::Integer(n.clone()), c()]), count);
    counted.statement.assumptions = guard([Literal::ge(n)]);
    refused(&counted);
}
