//! The cross-check against direct loops, and on statements whose truth is known.

use std::collections::BTreeMap;

use convprove::kernel::*;
use convprove::numeric::{Assignment, Counterexample, CrossCheck, Options, check, evaluate, lint};
use num_rational::BigRational;
use num_traits::Zero;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

#[path = "support/terms.rs"]
mod terms;
use terms::{at, between, boxed, n, named, positive, sum, tensor, v, vars, wide_commutes};

fn statement(
    tensors: Vec<TensorDeclaration>,
    sizes: &[&str],
    indices: &[(&str, Index, Index)],
    claim: Claim,
) -> Statement {
    Statement {
        name: "test".into(),
        signature: Signature { tensors, ..Signature::default() },
        parameters: vars(sizes),
        assumptions: positive(sizes),
        indices: vars(&indices.iter().map(|index| index.0).collect::<Vec<_>>()),
        ranges: boxed(indices),
        claim,
    }
}
fn refuted(statement: &Statement) -> Counterexample {
    match check(statement, &Options::default()) {
        CrossCheck::Refuted(found) => *found,
        other => panic!("{other:?}"),
    }
}
fn trials(statement: &Statement) -> usize {
    match check(statement, &Options::default()) {
        CrossCheck::Agrees { trials, .. } => trials,
        CrossCheck::Refuted(found) => panic!("{found}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn wide_convolution_of_the_rotated_kernel_commutes() {
    assert!(trials(&wide_commutes(true)) > 300);
}

#[test]
fn the_first_edition_claim_has_its_smallest_counterexample() {
    let found = refuted(&wide_commutes(false));
    println!("{found}\n{}", found.to_json());
    let sizes: Vec<i64> = found.sizes.iter().flat_map(|(_, value)| value.clone()).collect();
    let index: Vec<i64> = found.index.iter().flat_map(|(_, value)| value.clone()).collect();
    assert_eq!((sizes, index), (vec![1, 1, 1, 2], vec![1, 1]));
    assert_eq!((found.lhs.to_string(), found.rhs.to_string()), ("0".into(), "1".into()));
    let entries: Vec<String> = found.tensors[1].entries.iter().map(ToString::to_string).collect();
    assert_eq!(entries, ["0", "1"]);
}

// ---- known statements -------------------------------------------------------------------------------------------------

fn mul(factors: &[Expr]) -> Expr {
    Expr::Mul(factors.to_vec())
}
fn add(terms: &[Expr]) -> Expr {
    Expr::Add(terms.to_vec())
}
fn bracket(literals: &[Literal]) -> Expr {
    Expr::Bracket(literals.iter().cloned().collect())
}
fn vector(name: &str, length: Index) -> TensorDeclaration {
    tensor(name, &[("p", n(0), &length - &n(1))])
}
fn at_least(name: &str, low: i64) -> Literal {
    Literal::le(&n(low), &v(name))
}
fn with(mut statement: Statement, assumptions: &[Literal]) -> Statement {
    statement.assumptions = assumptions.iter().cloned().collect();
    statement
}

#[test]
fn a_sum_over_a_product_splits_into_quotient_and_remainder() {
    // I6: Σ_{k<ab} f(k) = Σ_{q<a} Σ_{r<b} f(bq + r), with a total function f and a ≥ 0.
    let f = TensorDeclaration { name: "f".into(), axes: vars(&["p"]), support: Guard::always() };
    let (a, b) = (v("a"), v("b"));
    let left = sum(&[("k", n(0), &(&a * &b) - &n(1))], at("f", &[v("k")]));
    let inner = sum(&[("r", n(0), &b - &n(1))], at("f", &[&(&b * &v("q")) + &v("r")]));
    let right = sum(&[("q", n(0), &a - &n(1))], inner);
    let claim = statement(vec![f.clone()], &["a", "b"], &[], Claim::Equation(left.clone(), right));
    assert!(trials(&with(claim, &[at_least("a", 0), at_least("b", 1)])) > 20);
    let inner = sum(&[("r", n(0), &b - &n(1))], at("f", &[&(&a * &v("q")) + &v("r")]));
    let wrong = sum(&[("q", n(0), &a - &n(1))], inner);
    let found = refuted(&with(
        statement(vec![f], &["a", "b"], &[], Claim::Equation(left, wrong)),
        &[at_least("a", 0), at_least("b", 1)],
    ));
    assert_eq!(found.sizes, [("a".into(), vec![2]), ("b".into(), vec![1])]);
    println!("{found}");
}

#[test]
fn a_strided_condition_is_a_divisibility() {
    // I11: Σ_{m<M} [i = s·m + a] f(m) = [s | i−a][0 ≤ (i−a)/s < M] f((i−a)/s), for every i; floor in place of divisibility is false.
    let f = vector("f", v("M"));
    let offset = &v("i") - &v("a");
    let quotient = Index::floor(offset.clone(), v("s"));
    let equation = Literal::eq(&v("i") - &(&(&v("s") * &v("m")) + &v("a")));
    let left = sum(&[("m", n(0), &v("M") - &n(1))], mul(&[bracket(&[equation]), at("f", &[v("m")])]));
    let range = [Literal::le(&n(0), &quotient), Literal::lt(&quotient, &v("M"))];
    let entry = at("f", &[quotient]);
    let divides = bracket(&[Literal::divides(v("s"), offset)]);
    let right = mul(&[divides, bracket(&range), entry.clone()]);
    let build = |right: Expr| {
        let mut result = statement(vec![f.clone()], &["M", "s", "a"], &[], Claim::Equation(left.clone(), right));
        result.indices = vars(&["i"]);
        result.assumptions = [at_least("M", 0), at_least("s", 1)].into_iter().collect();
        result
    };
    assert!(trials(&build(right)) > 100);
    let found = refuted(&build(mul(&[bracket(&range), entry])));
    println!("{found}");
    assert_eq!(found.sizes, [("M".into(), vec![1]), ("s".into(), vec![2]), ("a".into(), vec![0])]);
    assert_eq!((found.index.clone(), found.lhs.to_string()), (vec![("i".into(), vec![1])], "0".into()));
}

#[test]
fn output_sizes_are_decided_as_conditions() {
    // I60: for n = (O−1)s − 2p + d(K−1) + 1 + r ≥ 1: ⌊(n + 2p − d(K−1) − 1)/s⌋ + 1 = O iff 0 ≤ r < s.
    let span = &v("d") * &(&v("K") - &n(1));
    let size = &(&(&(&(&(&v("O") - &n(1)) * &v("s")) - &(&n(2) * &v("p"))) + &span) + &n(1)) + &v("r");
    let output = &Index::floor(&(&(&v("n") + &(&n(2) * &v("p"))) - &span) - &n(1), v("s")) + &n(1);
    let equal = Guard::from(vec![Literal::eq(&output - &v("O"))]);
    let build = |right: Guard| {
        let mut result = statement(vec![], &["n", "O", "s", "p", "d", "K", "r"], &[], Claim::Iff(equal.clone(), right));
        result.assumptions = ["n", "O", "s", "d", "K"].iter().map(|name| at_least(name, 1)).collect();
        let more = [at_least("p", 0), Literal::eq(&v("n") - &size)];
        result.assumptions = result.assumptions.and(&more.into_iter().collect());
        result
    };
    assert!(trials(&build([at_least("r", 0), Literal::lt(&v("r"), &v("s"))].into_iter().collect())) > 50);
    let found = refuted(&build([at_least("r", 0), Literal::le(&v("r"), &v("s"))].into_iter().collect()));
    println!("{found}");
    // F21: ceil for floor.
    let upper = -&Index::floor(-&(&v("n") - &v("K")), v("s"));
    let claim = Claim::Holds([Literal::eq(&upper - &Index::floor(&v("n") - &v("K"), v("s")))].into_iter().collect());
    let found = refuted(&statement(vec![], &["n", "K", "s"], &[], claim));
    println!("{found}");
    assert_eq!(found.sizes.iter().map(|size| size.1[0]).sum::<i64>(), 5);
}

#[test]
fn ranked_convolution_commutes_in_one_two_and_three_dimensions() {
    let ranked = |name: &str| Var { name: name.into(), rank: Rank::Symbolic("D".into()) };
    let r = |name: &str| Index::from(&ranked(name));
    let boxed = |name: &str, size: &str| TensorDeclaration {
        name: name.into(),
        axes: vec![ranked("p")],
        support: Guard::between(&n(0), &r("p"), &(&r(size) - &n(1))),
    };
    let side = |letter: &str, size: &str, first: &str, second: &str| {
        let guard = Guard::between(&n(0), &r(letter), &(&r(size) - &n(1)));
        let body = mul(&[Expr::entry(first, vec![r(letter)]), Expr::entry(second, vec![&r("i") - &r(letter)])]);
        Expr::Sum(vec![ranked(letter)], guard, Box::new(body))
    };
    let build = |right: Expr| Statement {
        name: "ranked".into(),
        signature: Signature { tensors: vec![boxed("w", "m"), boxed("x", "n")], ..Signature::default() },
        parameters: vec![ranked("m"), ranked("n")],
        assumptions: [Literal::le(&n(1), &r("m")), Literal::le(&n(1), &r("n"))].into_iter().collect(),
        indices: vec![ranked("i")],
        ranges: Guard::always(),
        claim: Claim::Equation(side("u", "m", "w", "x"), right),
    };
    assert!(trials(&build(side("u", "n", "x", "w"))) > 100);
    let found = refuted(&build(side("u", "m", "x", "w")));
    println!("{found}");
    assert_eq!(found.ranks, [("D".into(), 1)]);
    // Σ 1 = vol(m)
    let one = Expr::Sum(vec![ranked("u")], Guard::between(&n(1), &r("u"), &r("m")), Box::new(Expr::from(1)));
    let volume = Expr::Integer(Index::atom(Atom::Volume(Box::new(r("m")))));
    let mut count = build(Expr::from(0));
    count.indices = vec![];
    count.claim = Claim::Equation(one, volume);
    assert!(trials(&count) > 20);
}

#[test]
fn derivatives_are_exact() {
    // I82: ∂/∂x[j] Σ_{i=a..b} h(x[i]) = [a ≤ j ≤ b] h′(x[j]); F23 forgets the bracket.
    let x = TensorDeclaration { name: "x".into(), axes: vars(&["p"]), support: Guard::always() };
    let apply = |orders: u32, at: Expr| Expr::Apply { function: "h".into(), orders: vec![orders], arguments: vec![at] };
    let total = sum(&[("i", v("a"), v("b"))], apply(0, at("x", &[v("i")])));
    let left = Expr::Derivative(Box::new(total), "x".into(), vec![v("j")]);
    let inside = bracket(&[Literal::le(&v("a"), &v("j")), Literal::le(&v("j"), &v("b"))]);
    let slope = apply(1, at("x", &[v("j")]));
    let build = |left: &Expr, right: Expr| {
        let mut result = statement(vec![x.clone()], &["a", "b"], &[], Claim::Equation(left.clone(), right));
        result.signature.functions =
            vec![FunctionDeclaration { name: "h".into(), arity: 1, slope: None, positive: false }];
        result.indices = vars(&["j"]);
        result
    };
    assert!(trials(&build(&left, mul(&[inside.clone(), slope.clone()]))) > 100);
    println!("{}", refuted(&build(&left, slope)));
    // The second derivative, by two different letters.
    let twice = Expr::Derivative(Box::new(left.clone()), "x".into(), vec![v("k")]);
    let same = bracket(&[Literal::eq(&v("j") - &v("k"))]);
    let mut second = build(&twice, mul(&[inside.clone(), same, apply(2, at("x", &[v("j")]))]));
    second.indices = vars(&["j", "k"]);
    assert!(trials(&second) > 100);
    // An inverse: ∂(1/(1 + x²)) = −2x/(1 + x²)².
    let base = add(&[Expr::from(1), Expr::Power(Box::new(at("x", &[n(0)])), 2)]);
    let inverse = Expr::Inverse(Box::new(base));
    let slope = mul(&[Expr::from(-2), at("x", &[n(0)]), Expr::Power(Box::new(inverse.clone()), 2)]);
    let mut quotient = build(&Expr::Derivative(Box::new(inverse), "x".into(), vec![n(0)]), slope);
    quotient.indices = vec![];
    assert!(trials(&quotient) > 5);
}

#[test]
fn functions_are_arbitrary() {
    // F15: σ(a + b) = σ(a) + σ(b) is false, σ(a + b) = σ(b + a) is not.
    let scalar = |name: &str| TensorDeclaration { name: name.into(), axes: vec![], support: Guard::always() };
    let apply = |at: Expr| Expr::Apply { function: "σ".into(), orders: vec![0], arguments: vec![at] };
    let (a, b) = (at("a", &[]), at("b", &[]));
    let build = |right: Expr| {
        let left = apply(add(&[a.clone(), b.clone()]));
        let mut result = statement(vec![scalar("a"), scalar("b")], &[], &[], Claim::Equation(left, right));
        result.signature.functions =
            vec![FunctionDeclaration { name: "σ".into(), arity: 1, slope: None, positive: false }];
        result
    };
    assert!(trials(&build(apply(add(&[b.clone(), a.clone()])))) > 0);
    let found = refuted(&build(add(&[apply(a.clone()), apply(b.clone())])));
    println!("{found}");
    assert_eq!(found.functions, ["σ(t) = 1"]);
}

#[test]
fn maxima_have_an_order() {
    // I87: max_{k<ab} x = max_{q<a} max_{r<b} x[bq + r]; F19: padding with 0 is not padding with −∞.
    let (a, b) = (v("a"), v("b"));
    let max = |letter: &str, high: Index, body: Expr| {
        Expr::Max(vars(&[letter]), between(n(0), letter, &high - &n(1)), Box::new(body))
    };
    let x = vector("x", &a * &b);
    let left = max("k", &a * &b, at("x", &[v("k")]));
    let right = max("q", a.clone(), max("r", b.clone(), at("x", &[&(&b * &v("q")) + &v("r")])));
    assert!(trials(&statement(vec![x.clone()], &["a", "b"], &[], Claim::Equation(left.clone(), right))) > 20);
    let padded = max("k", &(&a * &b) + &n(1), at("x", &[v("k")]));
    let found = refuted(&statement(vec![x], &["a", "b"], &[], Claim::Equation(left, padded)));
    println!("{found}");
    assert_eq!((found.lhs.to_string(), found.rhs.to_string()), ("-1".into(), "0".into()));
}

#[test]
fn numbers_of_any_size_are_compared() {
    // The published 100·100·3·3^256·256 = 5898240000.
    let power = Expr::Power(Box::new(Expr::from(3)), 256);
    let left = mul(&[Expr::from(100), Expr::from(100), Expr::from(3), power.clone(), Expr::from(256)]);
    let found = refuted(&statement(vec![], &[], &[], Claim::Equation(left, Expr::from(5_898_240_000))));
    assert_eq!(found.rhs.to_string(), "5898240000");
    let big = Index::constant(num_bigint::BigInt::from(3).pow(256));
    let same = Claim::Equation(power, Expr::Integer(big.clone()));
    assert_eq!(trials(&statement(vec![], &[], &[], same)), 1);
    let claim = Claim::Holds([Literal::lt(&v("k"), &big)].into_iter().collect());
    assert!(trials(&statement(vec![], &["k"], &[], claim)) > 5);
}

#[test]
fn tensors_must_have_the_same_box() {
    // F33: unequal pads replaced by their maximum: here simply one more column.
    let lambda = |high: Index| Tensor::Lambda {
        axes: vars(&["i"]),
        support: between(n(0), "i", high),
        body: Box::new(at("x", &[v("i")])),
    };
    let claim = Claim::Tensors(lambda(&v("n") - &n(1)), lambda(v("n")));
    let found = refuted(&statement(vec![vector("x", v("n"))], &["n"], &[], claim));
    println!("{found}");
    assert_eq!(
        (found.index[0].1.clone(), found.lhs.to_string(), found.rhs.to_string()),
        (vec![1], "0".into(), "1".into())
    );
    let claim = Claim::Tensors(lambda(&v("n") - &n(1)), named("x"));
    assert!(trials(&statement(vec![vector("x", v("n"))], &["n"], &[], claim)) > 20);
}

#[test]
fn a_statement_that_says_nothing_is_told_apart() {
    let contradictory = with(
        statement(vec![], &["n"], &[], Claim::Equation(Expr::from(0), Expr::from(1))),
        &[at_least("n", 3), Literal::le(&v("n"), &n(2))],
    );
    assert!(matches!(check(&contradictory, &Options::default()), CrossCheck::Vacuous(_)));
    let mut empty = statement(vec![], &["n"], &[("i", n(1), n(0))], Claim::Equation(Expr::from(0), Expr::from(1)));
    empty.name = "empty".into();
    assert!(matches!(check(&empty, &Options::default()), CrossCheck::Vacuous(_)));
    let unbounded = Expr::Sum(vars(&["k"]), [at_least("k", 0)].into_iter().collect(), Box::new(Expr::from(1)));
    let open = statement(vec![], &["n"], &[], Claim::Equation(unbounded, Expr::from(1)));
    let CrossCheck::Unsupported(reason) = check(&open, &Options::default()) else { panic!() };
    assert!(reason.contains('k'), "{reason}");
}

#[test]
fn the_lint_names_what_is_not_used() {
    let unused = statement(vec![vector("x", v("n")), vector("y", v("m"))], &["n", "m"], &[], {
        let side = sum(&[("k", n(1), v("n"))], at("x", &[v("k")]));
        Claim::Equation(side.clone(), side)
    });
    let remarks = lint(&unused);
    println!("{remarks:?}");
    assert!(remarks.iter().any(|remark| remark.contains("same")));
    assert!(remarks.iter().any(|remark| remark.contains("tensor y")));
    assert!(remarks.iter().any(|remark| remark.starts_with("m ")));
    let never = sum(&[("k", n(1), n(0))], Expr::from(1));
    let empty = statement(vec![], &["n"], &[], Claim::Equation(never, Expr::Integer(&v("n") - &v("n"))));
    assert!(lint(&empty).iter().any(|remark| remark.contains("empty")));
}

// ---- the evaluator against direct loops ---------------------------------------------------------------------------------

/// Entries by name and position, 0 where nothing is said.
type Entries = BTreeMap<(Name, Vec<i64>), BigRational>;

fn entry(entries: &Entries, name: &str, position: &[i64]) -> BigRational {
    entries.get(&(name.into(), position.to_vec())).cloned().unwrap_or_else(BigRational::zero)
}

fn draw(entries: &mut Entries, name: &str, length: i64, values: &mut impl Iterator<Item = i64>) {
    for position in 0..length {
        let value = BigRational::from_integer(values.next().unwrap().into());
        entries.insert((name.into(), vec![position]), value);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::default() })]

    /// Strided, dilated, padded correlation and true wide convolution, sizes 0 included.
    #[test]
    fn convolutions_agree_with_loops(
        (size, kernel, stride, dilation, pad) in (0..6_i64, 0..5_i64, 1..4_i64, 1..3_i64, -2..4_i64),
        position in -3..9_i64,
        values in proptest::collection::vec(-9..10_i64, 16),
    ) {
        let mut values = values.into_iter().cycle();
        let mut entries = Entries::new();
        draw(&mut entries, "x", size, &mut values);
        draw(&mut entries, "w", kernel, &mut values);
        let place = &(&(&v("o") * &v("s")) + &(&v("k") * &v("d"))) - &v("p");
        let valid = sum(&[("k", n(0), &v("K") - &n(1))], mul(&[at("w", &[v("k")]), at("x", &[place])]));
        let full = sum(&[("k", n(0), &v("K") - &n(1))], mul(&[at("w", &[v("k")]), at("x", &[&v("o") - &v("k")])]));
        let mut claim = statement(
            vec![vector("x", v("n")), vector("w", v("K"))],
            &["n", "K", "s", "d", "p"],
            &[],
            Claim::Equation(valid, full),
        );
        claim.indices = vars(&["o"]);
        let (mut left, mut right) = (BigRational::zero(), BigRational::zero());
        for k in 0..kernel {
            left += entry(&entries, "w", &[k]) * entry(&entries, "x", &[position * stride + k * dilation - pad]);
            right += entry(&entries, "w", &[k]) * entry(&entries, "x", &[position - k]);
        }
        let sizes = [("n", size), ("K", kernel), ("s", stride), ("d", dilation), ("p", pad)];
        let assignment = Assignment {
            sizes: sizes.iter().map(|(name, value)| (Name::from(*name), vec![*value])).collect(),
            index: [("o".into(), vec![position])].into(),
            entries: Some(entries),
            points: 10_000,
            ..Assignment::default()
        };
        prop_assert_eq!(evaluate(&claim, &assignment), Ok((left, right)));
    }

    /// The points of random linear guards, found letter by letter, are those of a direct search in a cube.
    #[test]
    fn points_agree_with_a_search(
        rows in proptest::collection::vec((0..3_u8, -3..4_i64, -3..4_i64, -3..4_i64, -4..5_i64), 0..5),
    ) {
        let mut guard = between(n(-3), "x", n(3)).and(&between(n(-3), "y", n(3))).and(&between(n(-3), "z", n(3)));
        let mut expected = 0;
        let term = |row: &(u8, i64, i64, i64, i64), x: i64, y: i64, z: i64| row.1 * x + row.2 * y + row.3 * x * z + row.4;
        for row in &rows {
            let index = &(&(&n(row.1) * &v("x")) + &(&n(row.2) * &v("y"))) + &(&(&n(row.3) * &(&v("x") * &v("z"))) + &n(row.4));
            let literal = match row.0 { 0 => Literal::ge(index), 1 => Literal::eq(index), _ => Literal::ne(index) };
            guard = guard.and(&[literal].into_iter().collect());
        }
        for x in -3..=3 { for y in -3..=3 { for z in -3..=3 {
            let holds = |row: &(u8, i64, i64, i64, i64)| match row.0 {
                0 => term(row, x, y, z) >= 0,
                1 => term(row, x, y, z) == 0,
                _ => term(row, x, y, z) != 0,
            };
            if rows.iter().all(holds) {
                expected += 10_000 + 100 * x + 10 * y + z;
            }
        } } }
        let weight = &(&n(10_000) + &(&n(100) * &v("x"))) + &(&(&n(10) * &v("y")) + &v("z"));
        let left = Expr::Sum(vars(&["z", "x", "y"]), guard, Box::new(Expr::Integer(weight)));
        let claim = statement(vec![], &[], &[], Claim::Equation(left, Expr::from(expected)));
        let (left, right) = evaluate(&claim, &Assignment { points: 100_000, ..Assignment::default() }).unwrap();
        prop_assert_eq!(left, right);
    }
}

/// Nesting from strangers ends in a reason, not in an overflow of the stack; also with definitions that call definitions.
#[test]
fn deep_nesting_is_refused_or_evaluated() {
    for depth in [50, 99, 200] {
        let deep = (0..depth).fold(at("c", &[]), |inner, _| add(&[inner, Expr::from(1)]));
        let c = TensorDeclaration { name: "c".into(), axes: vec![], support: Guard::always() };
        let right = add(&[at("c", &[]), Expr::from(depth)]);
        let verdict = check(&statement(vec![c], &[], &[], Claim::Equation(deep, right)), &Options::default());
        match depth {
            200 => assert!(matches!(verdict, CrossCheck::Unsupported(_))),
            _ => assert!(matches!(verdict, CrossCheck::Agrees { .. }), "{verdict:?}"),
        }
    }
    // d0[i] = x[i], d(k+1)[i] = Σ_{t=0..1} d(k)[i − t]: remembered entries keep 200 levels of doubling small.
    let x = TensorDeclaration { name: "x".into(), axes: vars(&["p"]), support: Guard::always() };
    let mut definitions: Vec<Definition> = Vec::new();
    for level in 0..200 {
        let inner = match level {
            0 => named("A"),
            _ => Tensor::Call {
                definition: format!("d{}", level - 1).into(),
                parameters: vec![],
                tensors: vec![named("A")],
            },
        };
        definitions.push(Definition {
            name: format!("d{level}").into(),
            parameters: vec![],
            tensors: vec![TensorDeclaration { name: "A".into(), ..x.clone() }],
            axes: vars(&["i"]),
            support: Guard::always(),
            body: sum(&[("t", n(0), n(1))], Expr::Entry(inner, vec![&v("i") - &v("t")])),
        });
    }
    for (level, agrees) in [(20, true), (199, false)] {
        let call =
            Tensor::Call { definition: format!("d{level}").into(), parameters: vec![], tensors: vec![named("x")] };
        let entry = Expr::Entry(call, vec![n(0)]);
        let mut claim = statement(vec![x.clone()], &[], &[], Claim::Equation(entry.clone(), add(&[entry])));
        claim.signature.definitions = definitions.clone();
        let verdict = check(&claim, &Options::default());
        assert_eq!(matches!(verdict, CrossCheck::Agrees { .. }), agrees, "{verdict:?}");
    }
}
