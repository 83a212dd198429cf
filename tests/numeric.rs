//! The cross-check against direct loops, and on statements whose truth is known.

use convprove::kernel::*;
use convprove::numeric::{Counterexample, CrossCheck, Options, check};

fn v(name: &str) -> Index {
    Index::scalar(name)
}
fn n(value: i64) -> Index {
    Index::from(value)
}
fn between(low: Index, letter: &str, high: Index) -> Guard {
    Guard::between(&low, &v(letter), &high)
}
fn vars(names: &[&str]) -> Vec<Var> {
    names.iter().map(|name| Var::scalar(*name)).collect()
}
fn tensor(name: &str, axes: &[(&str, Index, Index)]) -> TensorDeclaration {
    let support =
        axes.iter().fold(Guard::always(), |all, (axis, low, high)| all.and(&between(low.clone(), axis, high.clone())));
    TensorDeclaration { name: name.into(), axes: vars(&axes.iter().map(|axis| axis.0).collect::<Vec<_>>()), support }
}
fn sum(letters: &[(&str, Index, Index)], body: Expr) -> Expr {
    let guard = letters
        .iter()
        .fold(Guard::always(), |all, (axis, low, high)| all.and(&between(low.clone(), axis, high.clone())));
    Expr::Sum(vars(&letters.iter().map(|letter| letter.0).collect::<Vec<_>>()), guard, Box::new(body))
}
fn at(name: &str, position: &[Index]) -> Expr {
    Expr::entry(name, position.to_vec())
}
fn positive(names: &[&str]) -> Guard {
    names.iter().map(|name| Literal::le(&n(1), &v(name))).collect()
}
fn statement(
    tensors: Vec<TensorDeclaration>,
    sizes: &[&str],
    indices: &[(&str, Index, Index)],
    claim: Claim,
) -> Statement {
    let ranges = indices
        .iter()
        .fold(Guard::always(), |all, (axis, low, high)| all.and(&between(low.clone(), axis, high.clone())));
    Statement {
        name: "test".into(),
        signature: Signature { tensors, ..Signature::default() },
        parameters: vars(sizes),
        assumptions: positive(sizes),
        indices: vars(&indices.iter().map(|index| index.0).collect::<Vec<_>>()),
        ranges,
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

/// `wide(A, B)[i, j] = Σ A[u, v] B[i + u − a, j + v − b]` and `rot180`.
fn definitions() -> Vec<Definition> {
    let (a, b, c, d) = (|| v("a"), || v("b"), || v("c"), || v("d"));
    let axis = |letter: &str, high: Index| between(n(1), letter, high);
    let rot180 = Definition {
        name: "rot180".into(),
        parameters: vars(&["a", "b"]),
        tensors: vec![tensor("A", &[("p", n(1), a()), ("q", n(1), b())])],
        axes: vars(&["u", "v"]),
        support: axis("u", a()).and(&axis("v", b())),
        body: at("A", &[&(&a() - &v("u")) + &n(1), &(&b() - &v("v")) + &n(1)]),
    };
    let wide = Definition {
        name: "wide".into(),
        parameters: vars(&["a", "b", "c", "d"]),
        tensors: vec![
            tensor("A", &[("p", n(1), a()), ("q", n(1), b())]),
            tensor("B", &[("p", n(1), c()), ("q", n(1), d())]),
        ],
        axes: vars(&["i", "j"]),
        support: axis("i", &(&a() + &c()) - &n(1)).and(&axis("j", &(&b() + &d()) - &n(1))),
        body: sum(
            &[("u", n(1), a()), ("v", n(1), b())],
            Expr::Mul(vec![
                at("A", &[v("u"), v("v")]),
                at("B", &[&(&v("i") + &v("u")) - &a(), &(&v("j") + &v("v")) - &b()]),
            ]),
        ),
    };
    vec![rot180, wide]
}

fn call(definition: &str, parameters: &[&str], tensors: Vec<Tensor>) -> Tensor {
    Tensor::Call { definition: definition.into(), parameters: parameters.iter().map(|name| v(name)).collect(), tensors }
}
fn named(name: &str) -> Tensor {
    Tensor::Named(name.into())
}

fn wide_statement(rotated: bool) -> Statement {
    let tensors = vec![
        tensor("W", &[("p", n(1), v("m")), ("q", n(1), v("n"))]),
        tensor("X", &[("p", n(1), v("M")), ("q", n(1), v("N"))]),
    ];
    let rot = |name: &str, sizes: [&str; 2]| match rotated {
        true => call("rot180", &sizes, vec![named(name)]),
        false => named(name),
    };
    let left = call("wide", &["m", "n", "M", "N"], vec![rot("W", ["m", "n"]), named("X")]);
    let right = call("wide", &["M", "N", "m", "n"], vec![rot("X", ["M", "N"]), named("W")]);
    let mut result = statement(tensors, &["m", "n", "M", "N"], &[], Claim::Tensors(left, right));
    result.signature.definitions = definitions();
    result
}

#[test]
fn wide_convolution_of_the_rotated_kernel_commutes() {
    assert!(trials(&wide_statement(true)) > 300);
}

#[test]
fn the_first_edition_claim_has_its_smallest_counterexample() {
    let found = refuted(&wide_statement(false));
    println!("{found}\n{}", found.to_json());
    let sizes: Vec<i64> = found.sizes.iter().flat_map(|(_, value)| value.clone()).collect();
    let index: Vec<i64> = found.index.iter().flat_map(|(_, value)| value.clone()).collect();
    assert_eq!((sizes, index), (vec![1, 1, 1, 2], vec![1, 1]));
    assert_eq!((found.lhs.to_string(), found.rhs.to_string()), ("0".into(), "1".into()));
    let entries: Vec<String> = found.tensors[1].entries.iter().map(ToString::to_string).collect();
    assert_eq!(entries, ["0", "1"]);
}
