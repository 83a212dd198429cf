//! Kernel terms in few words, and exercise 5-2 built from them.

#![allow(dead_code, reason = "each test uses a part of this")]

use convprove::kernel::*;

pub fn v(name: &str) -> Index {
    Index::scalar(name)
}

pub fn n(value: i64) -> Index {
    Index::from(value)
}

pub fn between(low: Index, letter: &str, high: Index) -> Guard {
    Guard::between(&low, &v(letter), &high)
}

pub fn vars(names: &[&str]) -> Vec<Var> {
    names.iter().map(|name| Var::scalar(*name)).collect()
}

pub fn positive(names: &[&str]) -> Guard {
    names.iter().map(|name| Literal::le(&n(1), &v(name))).collect()
}

pub fn boxed(letters: &[(&str, Index, Index)]) -> Guard {
    letters.iter().fold(Guard::always(), |all, (axis, low, high)| all.and(&between(low.clone(), axis, high.clone())))
}

fn names(letters: &[(&str, Index, Index)]) -> Vec<Var> {
    letters.iter().map(|letter| Var::scalar(letter.0)).collect()
}

pub fn tensor(name: &str, axes: &[(&str, Index, Index)]) -> TensorDeclaration {
    TensorDeclaration { name: name.into(), axes: names(axes), support: boxed(axes) }
}

pub fn sum(letters: &[(&str, Index, Index)], body: Expr) -> Expr {
    Expr::Sum(names(letters), boxed(letters), Box::new(body))
}

pub fn at(name: &str, position: &[Index]) -> Expr {
    Expr::entry(name, position.to_vec())
}

pub fn named(name: &str) -> Tensor {
    Tensor::Named(name.into())
}

fn matrix(name: &str, rows: &str, columns: &str) -> TensorDeclaration {
    tensor(name, &[("p", n(1), v(rows)), ("q", n(1), v(columns))])
}

/// `rot180(A)[u, v] = A[a-u+1, b-v+1]` and `wide(A, B)[i, j] = Σ A[u, v] B[i+u-a, j+v-b]`.
pub fn definitions() -> Vec<Definition> {
    let (a, b, c, d) = (v("a"), v("b"), v("c"), v("d"));
    let rot180 = Definition {
        name: "rot180".into(),
        parameters: vars(&["a", "b"]),
        tensors: vec![matrix("A", "a", "b")],
        axes: vars(&["u", "v"]),
        support: boxed(&[("u", n(1), a.clone()), ("v", n(1), b.clone())]),
        body: at("A", &[&(&a - &v("u")) + &n(1), &(&b - &v("v")) + &n(1)]),
    };
    let factors = vec![at("A", &[v("u"), v("v")]), at("B", &[&(&v("i") + &v("u")) - &a, &(&v("j") + &v("v")) - &b])];
    let wide = Definition {
        name: "wide".into(),
        parameters: vars(&["a", "b", "c", "d"]),
        tensors: vec![matrix("A", "a", "b"), matrix("B", "c", "d")],
        axes: vars(&["i", "j"]),
        support: boxed(&[("i", n(1), &(&a + &c) - &n(1)), ("j", n(1), &(&b + &d) - &n(1))]),
        body: sum(&[("u", n(1), a), ("v", n(1), b)], Expr::Mul(factors)),
    };
    vec![rot180, wide]
}

/// Exercise 5-2 in the form of the book: wide convolution commutes where the kernels are rotated. Without the rotation it is
/// the false claim of the first edition.
pub fn wide_commutes(rotated: bool) -> Statement {
    let call = |definition: &str, parameters: &[&str], tensors: Vec<Tensor>| Tensor::Call {
        definition: definition.into(),
        parameters: parameters.iter().map(|name| v(name)).collect(),
        tensors,
    };
    let kernel = |name: &str, sizes: [&str; 2]| match rotated {
        true => call("rot180", &sizes, vec![named(name)]),
        false => named(name),
    };
    let left = call("wide", &["m", "n", "M", "N"], vec![kernel("W", ["m", "n"]), named("X")]);
    let right = call("wide", &["M", "N", "m", "n"], vec![kernel("X", ["M", "N"]), named("W")]);
    let sizes = ["m", "n", "M", "N"];
    Statement {
        name: "wide_commutes".into(),
        signature: Signature {
            tensors: vec![matrix("W", "m", "n"), matrix("X", "M", "N")],
            definitions: definitions(),
            ..Signature::default()
        },
        parameters: vars(&sizes),
        assumptions: positive(&sizes),
        indices: vec![],
        ranges: Guard::always(),
        claim: Claim::Tensors(left, right),
    }
}
