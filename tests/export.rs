//! The printers and the faces of derivations.

use std::collections::BTreeSet;

use convprove::export::notation::Notation;
use convprove::export::source;
use convprove::export::text::{self, Charset};
use convprove::export::{
    Detail, Extent, Style, derivation, latex, laws, render_html, render_json, render_latex, render_markdown,
    render_text,
};
use convprove::kernel::*;
use convprove::search;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

#[path = "support/terms.rs"]
mod terms;
use terms::{at, n, sum, tensor, v, vars, wide_commutes};

fn proved(statement: &Statement) -> Certificate {
    let found = search::prove(statement, &[], &search::Budget::default(), &mut search::Statistics::default());
    found.unwrap_or_else(|open| panic!("{}", open.reason)).certificate
}

#[test]
fn exercise_5_2_reads_like_a_book() {
    let certificate = proved(&wide_commutes(true));
    let summary = derivation(&certificate, Detail::Summary);
    assert!(summary.lines.len() <= 10, "{} lines", summary.lines.len());
    let full = derivation(&certificate, Detail::Full);
    assert!(full.lines.len() > summary.lines.len());
    insta::assert_snapshot!("wide_unicode", render_text(&summary, Style::default()));
    let narrow = render_text(&summary, Style { unicode: false, width: 72, color: false });
    assert!(narrow.lines().all(|line| line.chars().count() <= 72), "{narrow}");
    insta::assert_snapshot!("wide_ascii", narrow);
    insta::assert_snapshot!("wide_markdown", render_markdown(&summary));
    insta::assert_snapshot!("wide_latex", render_latex(&summary, Extent::Document));
    let data = render_json(&summary);
    assert_eq!(data["schema"], "convprove/explain/1");
    insta::assert_snapshot!("wide_json", serde_json::to_string_pretty(&data).unwrap());
    let page = render_html(&summary);
    insta::assert_snapshot!("wide_html", page);
    let conditions = render_text(&summary.with_conditions(), Style::default());
    insta::assert_snapshot!("wide_conditions", conditions);
    assert!(!page.contains("http") && !page.contains("<script"));
}

#[test]
fn hostile_names_stay_text() {
    let evil = "x</td><script>alert('1')</script>\\input{secret}$&#\u{1b}[2J\u{202e}";
    let mut statement = wide_commutes(true);
    statement.name = evil.into();
    statement.parameters.push(Var::scalar(evil));
    statement.claim = Claim::Equation(at(evil, &[v(evil)]), at(evil, &[v(evil)]));
    let summary = derivation(&Certificate { statement, lemmas: vec![], proof: Proof::Chain(vec![]) }, Detail::Summary);
    let page = render_html(&summary);
    assert!(!page.contains("<script") && !page.contains("x</td>"));
    let latex = render_latex(&summary, Extent::Fragment);
    assert!(!latex.contains("\\input"), "{latex}");
    assert!(!render_markdown(&summary).contains("<script"));
    let text = render_text(&summary, Style::default());
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
}

#[test]
fn every_law_is_in_the_table() {
    let range = || Range { lower: n(0), upper: n(1), proofs: Entailments::default() };
    let always = || Equivalence { guard: Guard::always(), forward: Default::default(), backward: Default::default() };
    let maps = || Reindexing {
        vars: vec![],
        guard: Guard::always(),
        phi: vec![],
        psi: vec![],
        phi_into: Default::default(),
        psi_into: Default::default(),
        psi_phi: Default::default(),
        phi_psi: Default::default(),
    };
    let instance = || Instance {
        theorem: "t".into(),
        indices: vec![],
        tensors: vec![],
        assumptions: Default::default(),
        supports: vec![],
    };
    let variants = [
        Law::Ring,
        Law::Index(Default::default()),
        Law::Fubini(FiniteNest { outer: Default::default(), inner: Default::default() }),
        Law::LinearSum,
        Law::LinearFactor(0),
        Law::GuardAbsorb(0, Default::default()),
        Law::GuardSupport,
        Law::GuardEquivalent(always()),
        Law::GuardSplit(Literal::ge(v("a"))),
        Law::GuardAssumed(Box::new(Use { premise: 0, terms: vec![], proofs: Default::default() })),
        Law::Inverse(Box::new(Evidence::Number)),
        Law::Reindex(Box::new(maps())),
        Law::Unfold,
        Law::Count(range()),
        Law::Telescope(Box::new(Expr::from(0)), range()),
        Law::Differentiate,
        Law::Maximum(Box::new(Maximum::Scale(0, Evidence::Number))),
        Law::Slope,
        Law::Theorem(Box::new(instance())),
    ];
    // A new variant does not compile here until it is listed above.
    for law in &variants {
        match law {
            Law::Ring | Law::Index(_) | Law::Fubini(_) | Law::LinearSum | Law::LinearFactor(_) => {}
            Law::GuardAbsorb(_, _) | Law::GuardSupport | Law::GuardEquivalent(_) | Law::GuardSplit(_) => {}
            Law::Reindex(_) | Law::Unfold | Law::Count(_) | Law::Telescope(_, _) | Law::Differentiate => {}
            Law::GuardAssumed(_) | Law::Inverse(_) | Law::Slope | Law::Maximum(_) | Law::Theorem(_) => {}
        }
    }
    let names: BTreeSet<&str> = variants.iter().map(Law::name).collect();
    let table: BTreeSet<&str> = laws::LAWS.iter().map(|law| law.name).collect();
    assert_eq!(names, table);
}

fn ascii(index: &Index) -> String {
    text::index(index, &Notation::default(), Charset::Ascii)
}

#[test]
fn integer_terms_are_written_as_people_write_them() {
    let (i, k, m, s) = (v("i"), v("k"), v("m"), v("s"));
    let cases = [
        (&(&m - &k) + &n(1), "m-k+1"),
        (Index::modulo(&i + &k, s.clone()), "(i+k) mod s"),
        (Index::min(&k - &n(1), i.clone()), "min(k-1, i)"),
        (-&Index::floor(-&i, s.clone()), "ceil(i/s)"),
        (Index::floor(&i - &n(1), n(2)), "floor((i-1)/2)"),
        (&n(1) - &k, "1-k"),
        (-&k, "-k"),
        (n(0), "0"),
        (&(&i * &i) - &n(3), "i^2-3"),
        (Index::max(&i - &k, n(0)), "max(0, i-k)"),
    ];
    for (index, expected) in cases {
        // The kernel orders the two sides of a maximum by itself.
        let written = ascii(&index);
        let turned = written.strip_prefix("max(").map(|_| "max(i-k, 0)".to_string());
        let turned = turned.or_else(|| written.strip_prefix("min(").map(|_| "min(i, k-1)".to_string()));
        assert!(
            written == expected || (turned.is_some() && turned == Some(written.clone())),
            "{written} for {expected}"
        );
    }
}

#[test]
fn conditions_are_chains_and_divisibilities() {
    let notation = Notation::of_statement(&wide_commutes(true));
    let write = |guard: &Guard| text::guard(guard, &notation, Charset::Ascii);
    let middle = &(&v("i") + &v("u")) - &v("m");
    assert_eq!(write(&Guard::between(&n(1), &middle, &v("M"))), "1 <= i+u-m <= M");
    let divides: Guard = [Literal::divides(v("m"), &v("i") - &v("u"))].into_iter().collect();
    assert_eq!(write(&divides), "m | i-u");
    assert_eq!(write(&[Literal::le(&v("m"), &v("M"))].into_iter().collect()), "m <= M");
    assert_eq!(write(&[Literal::lt(&v("i"), &v("u"))].into_iter().collect()), "i < u");
}

#[test]
fn a_statement_is_a_proof_file() {
    let mut statement = wide_commutes(true);
    statement.assumptions = statement.assumptions.and(&[Literal::le(&v("m"), &v("M"))].into_iter().collect());
    let expected = "\
size m, n, M, N
assume m <= M
tensor W[1..m, 1..n]
tensor X[1..M, 1..N]
def rot180(A[1..a, 1..b])[u in 1..a, v in 1..b] = A[a-u+1, b-v+1]
def wide(A[1..a, 1..b], B[1..c, 1..d])[i in 1..a+c-1, j in 1..b+d-1] = sum(u in 1..a, v in 1..b) A[u, v]*B[i+u-a, j+v-b]
theorem wide_commutes: wide(rot180(W), X) = wide(rot180(X), W)
";
    assert_eq!(source::statement(&statement), expected);
}

fn arbitrary_index() -> impl Strategy<Value = Index> {
    let leaf = prop_oneof![
        (-5i64..6).prop_map(Index::from),
        prop_oneof![Just("i"), Just("u"), Just("m"), Just("$0"), Just("sigma"), Just("x_1'")].prop_map(Index::scalar),
    ];
    leaf.prop_recursive(3, 16, 2, |inner| {
        (inner.clone(), inner, 0..6).prop_map(|(a, b, kind)| match kind {
            0 => &a + &b,
            1 => &a - &b,
            2 => &a * &b,
            3 => Index::floor(a, b),
            4 => Index::max(a, b),
            _ => Index::modulo(a, b),
        })
    })
}

fn arbitrary_guard() -> impl Strategy<Value = Guard> {
    let literal = (arbitrary_index(), 0..3).prop_map(|(index, kind)| match kind {
        0 => Literal::ge(index),
        1 => Literal::eq(index),
        _ => Literal::ne(index),
    });
    proptest::collection::vec(literal, 0..4).prop_map(Guard::from)
}

fn arbitrary_expr() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        (-3i64..4).prop_map(Expr::from),
        arbitrary_index().prop_map(Expr::Integer),
        arbitrary_guard().prop_map(Expr::Bracket),
        arbitrary_index().prop_map(|index| at("w", &[index])),
    ];
    leaf.prop_recursive(3, 24, 3, |inner| {
        let many = proptest::collection::vec(inner.clone(), 0..3);
        (inner, many, arbitrary_guard(), 0..7).prop_map(|(one, many, guard, kind)| match kind {
            0 => Expr::Add(many),
            1 => Expr::Mul(many),
            2 => Expr::Power(Box::new(one), 2),
            3 => Expr::Inverse(Box::new(one)),
            4 => Expr::Sum(vec![Var::scalar("u"), Var::scalar("$0")], guard, Box::new(one)),
            5 => Expr::Max(vec![Var::scalar("k")], guard, Box::new(one)),
            _ => Expr::Derivative(Box::new(one), "w".into(), vec![n(1)]),
        })
    })
}

fn balanced(text: &str) -> bool {
    let mut open = Vec::new();
    for character in text.chars() {
        match character {
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' if open.pop() != Some(character) => return false,
            _ => {}
        }
    }
    open.is_empty()
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(52), cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn printing_never_fails_and_balances(expr in arbitrary_expr()) {
        let notation = Notation::default();
        for written in [
            text::expr(&expr, &notation, Charset::Ascii),
            text::expr(&expr, &notation, Charset::Unicode),
            latex::expr(&expr, &notation),
        ] {
            prop_assert!(balanced(&written), "{}", written);
            prop_assert!(!written.is_empty());
        }
    }
}

/// `Σ_{u in 1..m} w[u] x[i-u]` against the same sum over `s = i-u`, by one reindexing read in either direction.
fn shifted(reversed: bool) -> Certificate {
    let product = |u: &Index, letter: &str| {
        Expr::Mul(vec![at("w", std::slice::from_ref(u)), at("x", &[&v("i") - u])])
            .substitute(&Substitution::of_indices([(Var::scalar("$0"), v(letter))].into_iter().collect()))
    };
    let direct = sum(&[("u", n(1), v("m"))], product(&v("u"), "u"));
    let letter = v("$0");
    // Each condition is a fact or true on sight.
    let evident = |goals: usize| Entailments(vec![Refutation::Absurd; goals]);
    let moved = Expr::Sum(
        vec![Var::scalar("$0")],
        Guard::between(&(&v("i") - &v("m")), &letter, &(&v("i") - &n(1))),
        Box::new(Expr::Mul(vec![at("w", &[&v("i") - &letter]), at("x", &[&v("i") - &(&v("i") - &letter)])])),
    );
    let maps = Reindexing {
        vars: vec![Var::scalar("$0")],
        guard: Guard::between(&(&v("i") - &v("m")), &letter, &(&v("i") - &n(1))),
        phi: vec![&v("i") - &letter],
        psi: vec![&v("i") - &v("u")],
        phi_into: evident(2),
        psi_into: evident(2),
        psi_phi: evident(1),
        phi_psi: evident(1),
    };
    let (left, right) = if reversed { (moved, direct) } else { (direct, moved) };
    let mut statement = wide_commutes(true);
    statement.name = "shifted".into();
    statement.signature = Signature {
        tensors: vec![tensor("w", &[("p", n(1), v("m"))]), tensor("x", &[("p", n(1), v("M"))])],
        ..Signature::default()
    };
    statement.indices = vars(&["i"]);
    statement.claim = Claim::Equation(left, right.clone());
    let step = Step { path: vec![], law: Law::Reindex(Box::new(maps)), reversed, to: right };
    Certificate { statement, lemmas: vec![], proof: Proof::Chain(vec![step]) }
}

#[test]
fn a_substitution_is_told_in_the_direction_of_reading() {
    let told = |reversed: bool| {
        let certificate = shifted(reversed);
        check(&certificate).unwrap();
        render_text(&derivation(&certificate, Detail::Summary), Style { unicode: false, width: 160, color: false })
    };
    let expected = "substitute s = i-u (so u = i-s); u in 1..m becomes s in i-m..i-1";
    assert!(told(false).contains(expected), "{}", told(false));
    // Backwards the canonical letter comes first and the author's letter u replaces it.
    let expected = "substitute u = i-v (so v = i-u); v in i-m..i-1 becomes u in 1..m";
    assert!(told(true).contains(expected), "{}", told(true));
}
