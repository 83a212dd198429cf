//! Statements on the command line.

use convprove::kernel::Claim;
use convprove::syntax::parse_statement;

#[track_caller]
fn inferred(text: &str, given: &str) -> String {
    match parse_statement(text, given) {
        Ok(read) => read.inferred,
        Err(error) => panic!("{:#?}", error.diagnostics),
    }
}

#[test]
fn boxes_come_from_ranges() {
    let text = "sum(u in 1..m) w[u] x[i-u] = sum(s in 1..n) x[s] w[i-s]";
    assert_eq!(inferred(text, ""), "size m, n\ntensor w[1..m], x[1..n]\n");
    assert_eq!(inferred(text, "size m, n; tensor w[1..m], x[1..n]"), "");
    assert_eq!(inferred(text, "size m, n >= 0; tensor x[1..n]"), "tensor w[1..m]\n");
}

#[test]
fn functions_have_no_box() {
    assert_eq!(inferred("sum(k in 0..n-1) f(n-1-k) = sum(k in 0..n-1) f(k)", ""), "size n\nfunction f(i)\n");
    assert_eq!(inferred("sum(k in 0..n-1) x[n-1-k] = sum(k in 0..n-1) x[k+1]", ""), "size n\nfunction x(i)\n");
    assert_eq!(
        inferred("sum(i in 1..n) sigma(c x[i]) = sum(i in 1..n) sigma(x[i] c)", ""),
        "size n\ntensor x[1..n]\nscalar c\nscalar function sigma(i)\n"
    );
}

#[test]
fn the_library_comes_by_itself() {
    assert_eq!(inferred("full(x, w) = full(w, x)", "size n, K; tensor x[0..n-1], w[0..K-1]"), "use std\n");
}

#[test]
fn integers_and_clauses() {
    let read = parse_statement("for i in 1..n where n >= 2: i <= n", "size n").unwrap();
    assert!(matches!(read.goal.statement.claim, Claim::Holds(_)));
    assert_eq!(read.goal.statement.ranges.len(), 2);
}

#[test]
fn places_are_those_of_the_whole_text() {
    let error = parse_statement("x[1, 2] = 0", "size n; tensor x[1..n]").unwrap_err();
    let fault = &error.diagnostics[0];
    assert_eq!(&error.source[fault.span.clone()], "x[1, 2]");
}
