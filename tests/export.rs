//! The printers and the faces of derivations.

use convprove::export::{Detail, Extent, Style, derivation, render_latex, render_markdown, render_text};
use convprove::kernel::*;
use convprove::search;

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
fn boxed(letters: &[(&str, Index, Index)]) -> Guard {
    letters.iter().fold(Guard::always(), |all, (axis, low, high)| all.and(&between(low.clone(), axis, high.clone())))
}
fn tensor(name: &str, axes: &[(&str, Index, Index)]) -> TensorDeclaration {
    let letters: Vec<&str> = axes.iter().map(|axis| axis.0).collect();
    TensorDeclaration { name: name.into(), axes: vars(&letters), support: boxed(axes) }
}
fn sum(letters: &[(&str, Index, Index)], body: Expr) -> Expr {
    let names: Vec<&str> = letters.iter().map(|letter| letter.0).collect();
    Expr::Sum(vars(&names), boxed(letters), Box::new(body))
}
fn at(name: &str, position: &[Index]) -> Expr {
    Expr::entry(name, position.to_vec())
}

/// `rot180(A)[u, v] = A[a-u+1, b-v+1]` and `wide(A, B)[i, j] = Σ A[u, v] B[i+u-a, j+v-b]`.
fn definitions() -> Vec<Definition> {
    let (a, b, c, d) = (v("a"), v("b"), v("c"), v("d"));
    let axis = |letter: &str, high: Index| between(n(1), letter, high);
    let rot180 = Definition {
        name: "rot180".into(),
        parameters: vars(&["a", "b"]),
        tensors: vec![tensor("A", &[("p", n(1), a.clone()), ("q", n(1), b.clone())])],
        axes: vars(&["u", "v"]),
        support: axis("u", a.clone()).and(&axis("v", b.clone())),
        body: at("A", &[&(&a - &v("u")) + &n(1), &(&b - &v("v")) + &n(1)]),
    };
    let factors = vec![at("A", &[v("u"), v("v")]), at("B", &[&(&v("i") + &v("u")) - &a, &(&v("j") + &v("v")) - &b])];
    let wide = Definition {
        name: "wide".into(),
        parameters: vars(&["a", "b", "c", "d"]),
        tensors: vec![
            tensor("A", &[("p", n(1), a.clone()), ("q", n(1), b.clone())]),
            tensor("B", &[("p", n(1), c.clone()), ("q", n(1), d.clone())]),
        ],
        axes: vars(&["i", "j"]),
        support: axis("i", &(&a + &c) - &n(1)).and(&axis("j", &(&b + &d) - &n(1))),
        body: sum(&[("u", n(1), a), ("v", n(1), b)], Expr::Mul(factors)),
    };
    vec![rot180, wide]
}

/// Exercise 5-2 in the form of the book.
fn wide_commutes() -> Statement {
    let call = |definition: &str, parameters: &[&str], tensors: Vec<Tensor>| Tensor::Call {
        definition: definition.into(),
        parameters: parameters.iter().map(|name| v(name)).collect(),
        tensors,
    };
    let named = |name: &str| Tensor::Named(name.into());
    let left = call("wide", &["m", "n", "M", "N"], vec![call("rot180", &["m", "n"], vec![named("W")]), named("X")]);
    let right = call("wide", &["M", "N", "m", "n"], vec![call("rot180", &["M", "N"], vec![named("X")]), named("W")]);
    let sizes = ["M", "N", "m", "n"];
    Statement {
        name: "wide_commutes".into(),
        signature: Signature {
            tensors: vec![
                tensor("W", &[("p", n(1), v("m")), ("q", n(1), v("n"))]),
                tensor("X", &[("p", n(1), v("M")), ("q", n(1), v("N"))]),
            ],
            functions: vec![],
            definitions: definitions(),
        },
        parameters: vars(&sizes),
        assumptions: sizes.iter().map(|name| Literal::le(&n(1), &v(name))).collect(),
        indices: vec![],
        ranges: Guard::always(),
        claim: Claim::Tensors(left, right),
    }
}

fn proved(statement: &Statement) -> Certificate {
    let found = search::prove(statement, &[], &search::Budget::default(), &mut search::Statistics::default());
    found.unwrap_or_else(|open| panic!("{}", open.reason)).certificate
}

#[test]
fn show() {
    let certificate = proved(&wide_commutes());
    let summary = derivation(&certificate, Detail::Summary);
    println!("{}", render_text(&summary, Style::default()));
    println!("{}", render_text(&summary, Style { unicode: false, width: 72, color: false }));
    println!("{}", render_text(&derivation(&certificate, Detail::Full), Style::default()));
    println!("{}", render_markdown(&summary));
    println!("{}", render_latex(&summary, Extent::Document));
    println!("{:#}", convprove::export::render_json(&summary));
}
