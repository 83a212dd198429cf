//! What is wrong is said, where it is, and what to write instead; nothing panics.

use convprove::diag::render;
use convprove::syntax::{fmt, load, parse_statement};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// The only fault of a text: where it is, and its message with the hint.
#[track_caller]
fn fault(text: &str) -> (String, String) {
    let module = load(text, false);
    let [fault] = module.diagnostics.as_slice() else { panic!("one fault expected: {:#?}", module.diagnostics) };
    assert!(render(fault, "t.cvp", text, false).contains("t.cvp:"));
    let hint = fault.hint.as_deref().unwrap_or_default();
    (text[fault.span.clone()].to_string(), format!("{}; {hint}", fault.message))
}

#[track_caller]
fn check(text: &str, place: &str, says: &str) {
    let (found, message) = fault(text);
    assert_eq!(found, place, "{message}");
    assert!(message.contains(says), "{message}");
}

#[test]
fn names() {
    check("size width\ntheorem t: widht >= 1", "widht", "did you mean width");
    check("theorem t: f(1) = 0", "f", "f is not declared");
    check("size n\ntensor x[1..n]\ntheorem t: x = 0", "x = 0", "one side is a tensor");
    check("size n\ntensor x[1..n]\ntheorem t: x[1, 2] = 0", "x[1, 2]", "x has 1 index, and 2 are given");
    check("size n\ntensor x[1..n]\ntheorem t: x(1) = 0", "x", "write x[…]");
    check("size n\ntheorem t: n(2) = 0", "n", "write n * (…)");
    check("size n\ntensor x[1..n]\ntheorem t: sum(n in 1..3) x[n] = 0", "n", "use another letter");
    check("size n\ndef f(x[1..a])[i in 1..n] = x[i]", "n", "a definition is closed");
    check("size n\ntheorem t: n = n\ntheorem t: n = n", "t", "there is a theorem t already");
}

#[test]
fn sums_without_bounds() {
    check("size n\ntensor x[1..n]\ntheorem t: sum(u, v) x[u] = 0", "sum(u, v) x[u]", "nothing bounds v");
    check("function f(i)\ntheorem t: sum(u) f(u) = 0", "sum(u) f(u)", "nothing bounds u");
    // A box counts only where the product vanishes with it.
    check(
        "size n\ntensor x[1..n]\nfunction f(i)\ntheorem t: sum(u) (x[u] + f(u)) = 0",
        "sum(u) (x[u] + f(u))",
        "nothing bounds u",
    );
}

#[test]
fn divisors() {
    check("integer p\nfunction f(i)\ntheorem t: f(floor(1 / p)) = 0", "p", "not known to be at least 1");
    check("integer p\nsize n\ntheorem t: n mod p >= 0", "p", "not known to be at least 1");
    check("scalar c\ntheorem t: c / 0 = c", "0", "division by zero");
}

#[test]
fn assumed_derivatives() {
    let place = "s'(x) = s'(x) + 1";
    check(&format!("scalar function s(x) where {place}\n"), place, "functions that are not differentiated");
    // max(x, 0) has a kink at 0, where its own derivative would be asked for.
    let place = "s'(x) = max(k in 0..1) [k=0]*x";
    check(&format!("scalar function s(x) where {place}\n"), place, "without a maximum");
}

#[test]
fn calls() {
    let flip = "def flip(w[1..a])[u in 1..a] = w[a-u+1]\nsize n\n";
    check(
        &format!("{flip}tensor x[0..n-1]\ntheorem t: flip(x)[1] = 0"),
        "x",
        "starts at 0, and flip needs one that starts at 1",
    );
    check(&format!("{flip}function f(i)\ntheorem t: flip(f)[1] = 0"), "f", "needs a tensor with a box");
    check(
        &format!("{flip}tensor x[1..n]\ntheorem t: flip(x, x)[1] = 0"),
        "flip(x, x)",
        "flip takes 1 arguments, and 2 are given",
    );
    let step = "def step(x[0..n-1]; s >= 1)[i in 0..n-1] = x[floor(i / s)]\nsize n\ninteger p\ntensor x[0..n-1]\n";
    check(&format!("{step}theorem t: step(x; p) = x"), "step(x; p)", "step needs s - 1 >= 0, here p - 1 >= 0");
    check("def f(x[1..2*a])[i in 1..a] = x[i]", "f", "cannot be read off");
}

#[test]
fn arguments_by_name() {
    let pick = "def pick(x[0..n-1]; s = 1, p = 0)[i in 0..n-1] = x[i-s*p]\nsize n\ntensor x[0..n-1]\n";
    check(&format!("{pick}theorem t: pick(x; q = 1) = x"), "q", "pick has no parameter q");
    check(&format!("{pick}theorem t: pick(x; s = 1, 2) = x"), "2", "stands after one with a name");
    check(&format!("{pick}theorem t: pick(x; 1, s = 2) = x"), "2", "has a value already");
    check(
        &format!("{pick}theorem t: pick(s = 2)[0] = 0"),
        "pick(s = 2)",
        "pick takes 1 to 3 arguments, and 1 are given",
    );
    check(
        &format!("{pick}theorem t: pick(x; 1, 2, 3) = x"),
        "pick(x; 1, 2, 3)",
        "takes 1 to 3 arguments, and 4 are given",
    );
    check("function f(i)\ntheorem t: f(i = 1) = 0", "i", "f has no parameters with names");
    check("def f(x[0..n-1]; s = q)[i in 0..n-1] = x[s]", "q", "q is not declared");
}

#[test]
fn ranks() {
    let turned = "def turned(x[0..n-1 : D])[i in 0..n-1] = x[n-1-i]\nrank D, E\nsize m : D, e : E, k\n";
    check(
        &format!("{turned}tensor y[0..m-1, 0..k-1]\ntheorem t: turned(y)[0] = 0"),
        "y",
        "needs a tensor with 1 axes here",
    );
    check("def f(x[0..n-1 : D], y[0..m-1 : E]) = 0", "E", "two ranks, D and E");
    check("def f(x[0..n-1]) = sum(i : D in 0..n-1) x[i]", "D", "do not have the rank D");
    check("def f(x[0..n-1 : D]) = n*1/2", "n*1/2", "several coordinates");
    let pair = "def pair(x[0..n-1 : D], y[0..m-1 : D])[i in 0..n-1] = x[i] y[i]\nrank D, E\nsize m : D, e : E\n";
    check(
        &format!("{pair}tensor x[0..m-1], y[0..e-1]\ntheorem t: pair(x, y) = x"),
        "y",
        "another rank than pair needs",
    );
    check("rank D\nsize n : D\ntensor x[0..n-1 : E]", "E", "E is no declared rank");
    check("integer function h(i : D)", "D", "one coordinate");
}

#[test]
fn maxima_need_a_point() {
    let f = "size n\nsize m >= 0\nfunction f(i)\n";
    check(&format!("{f}theorem t: max(i in 1..m) f(i) = 0"), "max(i in 1..m) f(i)", "may be empty");
    check(&format!("{f}theorem t: max(i in 1..n, 2 | i) f(i) = 0"), "max(i in 1..n, 2 | i) f(i)", "may be empty");
    check(
        &format!("{f}theorem t: max(i in 1..n, j in 1..i-1) f(j) = 0"),
        "max(i in 1..n, j in 1..i-1) f(j)",
        "i, j may be empty",
    );
    let good = format!("{f}theorem t: max(i in 1..n, j in i..n, i = j) f(j) = max(i in 1..n) f(i)");
    let module = load(&good, false);
    assert!(module.goals.len() == 1 && module.ill_formed.is_empty(), "{:?}", module.diagnostics);
}

#[test]
fn grammar() {
    check("size n\ntheorem t: n == n", "=", "one `=`");
    check("size n\ntheorem t: n**2 = n", "*", "`^`");
    check("size n\ntheorem t: (n = n", "=", "is expected");
    check("tensor x[1..n", "", "a `]` is missing");
    check("size n\ntheorem t: \\sum n = n", "\\", "LaTeX");
    check("sise n", "sise", "did you mean `size`");
    check("size n\ntheorem t: n^999 >= 1", "999", "an exponent must be a numeral");
    check(&format!("theorem t: {} >= 1", "9".repeat(5000)), &"9".repeat(5000), "more than 400 digits");
}

#[test]
fn several_faults_and_the_rest_is_read() {
    let module =
        load("size n\nsize 3\ntheorem a: n >= 1\ntheorem b: >= 1\ntheorem c: n >= k\ntheorem d: n >= 0", false);
    assert_eq!(module.diagnostics.len(), 3, "{:#?}", module.diagnostics);
    assert_eq!(module.goals.len(), 2);
    assert_eq!(module.ill_formed.len(), 1);
}

#[test]
fn depth_and_size_are_limited() {
    for (open, close) in [
        ("(", ")"),
        ("x[", "]"),
        ("floor(", ")"),
        ("sum(i in 1..2) ", ""),
        ("-", ""),
        ("max(1, ", ")"),
        ("⌊", "⌋"),
        ("d/dx[1] ", ""),
    ] {
        for depth in [3, 30, 60, 64, 100_000] {
            let text = format!("size n\ntensor x[1..n]\ntheorem t: {}1{} = 1", open.repeat(depth), close.repeat(depth));
            let module = load(&text, false);
            let _ = fmt(&text);
            assert!(depth < 1000 || !module.diagnostics.is_empty(), "{open}");
        }
    }
    for text in ["n^64^2", "(n+m+k+p)^64", "((((n^60)^60)^60)^60)^60", "2^60^60", "((2^60)^60)^60"] {
        load(&format!("size n, m, k, p\ntheorem t: {text} >= 1"), false);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, rng_seed: RngSeed::Fixed(5203), ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in "\\PC{0,80}") {
        let _ = load(&text, false);
        let _ = load(&text, true);
        let _ = fmt(&text);
        let _ = parse_statement(&text, "");
    }

    #[test]
    fn words_of_the_language_in_any_order_are_answered(words in prop::collection::vec(prop::sample::select(vec![
        "size", "tensor", "theorem", "def", "t", "x", "n", "i", ":", "=", "[", "]", "(", ")", "1", "..", "sum", "in", ",", "+", "-", "*",
        "/", "|", "<=", "max", "floor", "mod", "for", "where", "proof", "qed", "by", "\n", ";", "#", "^", "2", "integer", "function",
        "use std", "full(", "d/dx[i]", "-inf", "iff", "expect refuted", "scalar",
    ]), 0..40)) {
        let text = words.join(" ");
        let module = load(&text, false);
        for fault in &module.diagnostics {
            render(fault, "t.cvp", &text, false);
        }
        if let Ok(formatted) = fmt(&text) {
            prop_assert_eq!(fmt(&formatted).unwrap(), formatted.clone(), "{}", text);
        }
        for goal in &module.goals {
            prop_assert!(goal.statement.signature.check().is_ok());
        }
    }

    #[test]
    fn damaged_pages_are_answered(at in 0usize..2000, length in 0usize..12, letter in prop::sample::select(vec!["", "(", "]", "=", "é", " ", "1"])) {
        let text = include_str!("../../proofs/convolution.cvp");
        let start = text.floor_char_boundary(at.min(text.len()));
        let end = text.ceil_char_boundary((start + length).min(text.len()));
        let damaged = format!("{}{letter}{}", &text[..start], &text[end..]);
        for fault in load(&damaged, false).diagnostics {
            render(&fault, "t.cvp", &damaged, false);
        }
    }
}
