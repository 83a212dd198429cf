//! Statements from strangers: large, deep, or long in coming to nothing. Each ends in a verdict; times are measured elsewhere
//! (`docs/performance.md`), as they say more about the machine than about the program.

use convprove::decide::{Options, decide_all};
use convprove::diag::Severity;
use convprove::syntax;

/// The verdict of the last theorem of a text; the text alone decides, so that a stop is a counted one.
fn verdict(text: &str) -> &'static str {
    let module = syntax::load(text, false);
    if module.diagnostics.iter().any(|found| found.severity == Severity::Error) {
        return "ill-formed";
    }
    let decisions = decide_all(&module.goals, &Options::default(), |_| {});
    decisions.last().expect("a text without errors has a theorem").verdict.name()
}

#[track_caller]
fn ends(text: &str, allowed: &[&str]) {
    let verdict = verdict(text);
    let shown: String = text.chars().take(400).collect();
    assert!(allowed.contains(&verdict), "{verdict}, where one of {allowed:?} is right: {shown}");
}

/// `each(1), …, each(count)` between separators.
fn row(count: usize, between: &str, each: impl Fn(usize) -> String) -> String {
    (1..=count).map(each).collect::<Vec<_>>().join(between)
}

const PROVED: &[&str] = &["proved"];
/// What is true may stay open where it is too large.
const TRUE: &[&str] = &["proved", "undecided", "ill-formed"];
const FALSE: &[&str] = &["refuted", "undecided", "ill-formed"];
const REFUTED: &[&str] = &["refuted"];
const ILL_FORMED: &[&str] = &["ill-formed"];

#[test]
fn nested_sums_of_products() {
    for (count, allowed) in [(3, PROVED), (7, PROVED), (200, ILL_FORMED)] {
        let tensors = row(count, ", ", |k| format!("x{k}[0..n-1]"));
        let sums = |last: usize| row(count, " ", |k| format!("sum(i{} in 0..n-1)", last.abs_diff(k)));
        let product = row(count, "*", |k| format!("x{k}[i{k}]"));
        let text = |right: &str| {
            let left = sums(0);
            let right = format!("{right}{} {product}", sums(count + 1));
            format!("size n\ntensor {tensors}\ntheorem t: {left} {product} = {right}\n")
        };
        ends(&text(""), allowed);
        ends(&text("2*"), if allowed == PROVED { REFUTED } else { allowed });
    }
}

#[test]
fn maxima_within_maxima() {
    for depth in [3, 8, 12, 30, 60] {
        let tower = format!("{}c{}", "max(c, ".repeat(depth), ")".repeat(depth));
        ends(&format!("scalar c\ntheorem t: {tower} = c\n"), if depth <= 8 { PROVED } else { TRUE });
        ends(&format!("scalar c\ntheorem t: {tower} = c + 1\n"), if depth <= 12 { REFUTED } else { FALSE });
    }
    for count in [3, 8, 30] {
        let scalars = row(count, ", ", |k| format!("c{k}"));
        ends(&format!("scalar {scalars}\ntheorem t: max({scalars}) = max({scalars})\n"), PROVED);
        ends(
            &format!("scalar {scalars}\ntheorem t: max({scalars}) = 1 + max({scalars})\n"),
            if count <= 8 { REFUTED } else { FALSE },
        );
    }
}

#[test]
fn many_axes_indices_and_sizes() {
    for (count, allowed) in [(8, PROVED), (150, ILL_FORMED), (1500, ILL_FORMED)] {
        let axes = row(count, ", ", |_| "0..n-1".into());
        let letters = row(count, ", ", |k| format!("i{k}"));
        let turned = row(count, ", ", |k| format!("i{}", count + 1 - k));
        ends(
            &format!(
                "size n\ntensor W[{axes}]\n\
                 theorem t: sum({letters} in 0..n-1) W[{letters}] = sum({turned} in 0..n-1) W[{letters}]\n"
            ),
            allowed,
        );
        let ranged = row(count, ", ", |k| format!("i{k} in 0..n-1"));
        let sum = row(count, "+", |k| format!("i{k}"));
        ends(&format!("size n\ntheorem t for {ranged}: {sum} <= {count}*n-{count}\n"), allowed);
    }
    for (count, allowed) in [(15, TRUE), (300, ILL_FORMED), (6_000, ILL_FORMED)] {
        let sizes = row(count, ", ", |k| format!("n{k}"));
        ends(&format!("size {sizes}\ntheorem t: {} >= {count}\n", sizes.replace(", ", "+")), allowed);
        ends(&format!("size {sizes}\ntheorem t: {} >= 1\n", sizes.replace(", ", "*")), allowed);
    }
}

#[test]
fn deep_nesting() {
    for (depth, allowed) in [(30, PROVED), (60, TRUE), (500, ILL_FORMED), (20_000, ILL_FORMED)] {
        let (open, close) = ("(".repeat(depth), ")".repeat(depth));
        ends(&format!("scalar a\ntheorem t: {open}a{close} = a\n"), allowed);
        let nested = |inner: &str| format!("{}{inner}{close}", "s(".repeat(depth));
        ends(
            &format!("scalar a, b\nscalar function s(x)\ntheorem t: {} = {}\n", nested("a+b"), nested("b+a")),
            allowed,
        );
    }
    let floors = format!("{}n{}", "floor(".repeat(20), "/2)".repeat(20));
    ends(&format!("size n\ntheorem t: {floors} >= 0\n"), TRUE);
    let minus = "-".repeat(5_000);
    ends(&format!("scalar a\ntheorem t: {minus}a = a\n"), ILL_FORMED);
}

#[test]
fn huge_exponents_and_constants() {
    ends("scalar a, b\ntheorem t: (a+b)^30 = (b+a)^30\n", TRUE);
    ends("scalar a, b\ntheorem t: (a+b)^30 = (b+a)^29\n", FALSE);
    ends("scalar a, b, c, d\ntheorem t: (a+b+c+d)^60 = (a-(b+c+d))^60\n", FALSE);
    ends("scalar a, b\ntheorem t: ((a+b)^60)^60 = a\n", FALSE);
    ends("scalar a\ntheorem t: 3**256**256 = a\n", ILL_FORMED);
    ends("scalar a\ntheorem t: 3^256^256 = a\n", ILL_FORMED);
    ends("scalar a\ntheorem t: ((3^64)^64)^64 = a\n", &["refuted", "undecided", "ill-formed"]);
    ends("size n, m\ntheorem t: (n+m)^64 = (m+n)^64\n", TRUE);
    ends("size n\ntensor x[0..n-1]\ntheorem t for i: x[(i+n)^60] = x[(n+i)^60]\n", TRUE);
    let big = "9".repeat(399);
    ends(&format!("scalar a\ntheorem t: {big}*a = a*{big}\n"), PROVED);
    ends(&format!("function f(i)\ntheorem t: sum(i in 0..{big}) f(i) = sum(i in 0..{big}) f({big}-i)\n"), TRUE);
    ends(&format!("theorem t: sum(i in 1..{big}) 1 = {big}\n"), TRUE);
    ends(&format!("size n\ntensor x[0..n-1]\ntheorem t: sum(i in 0..n-1) x[{big}*i] = x[0]\n"), TRUE);
    ends("function f(i)\ntheorem t: sum(i in 0..1000000000) f(i) = 0\n", FALSE);
    ends(&format!("scalar a\ntheorem t: {} = a\n", "9".repeat(100_000)), ILL_FORMED);
}

#[test]
fn thousands_of_terms_and_factors() {
    for count in [50, 300] {
        let scalars = row(count, ", ", |k| format!("a{k}"));
        let turned = row(count, ", ", |k| format!("a{}", count + 1 - k));
        for sign in [" + ", "*"] {
            let (left, right) = (scalars.replace(", ", sign), turned.replace(", ", sign));
            ends(&format!("scalar {scalars}\ntheorem t: {left} = {right}\n"), TRUE);
            ends(&format!("scalar {scalars}\ntheorem t: {left} = 2*{right}\n"), FALSE);
        }
    }
    let sums = |shift: usize| row(30, " + ", |k| format!("sum(i in 0..n-1) x[i+{}]", k.abs_diff(shift)));
    ends(&format!("size n\ntensor x[0..n-1]\ntheorem t: {} = {}\n", sums(0), sums(31)), TRUE);
    let factors = row(9, "*", |k| format!("(a{k}+1)"));
    let scalars = row(9, ", ", |k| format!("a{k}"));
    ends(&format!("scalar {scalars}\ntheorem t: {factors} = {}\n", factors.replace("a1+1", "a1+2")), FALSE);
    ends(&format!("size n\ntensor x[0..n-1]\ntheorem t: {} = 0\n", "x[0] + ".repeat(20_000) + "x[0]"), ILL_FORMED);
}

#[test]
fn many_conditions() {
    let count = 40;
    let cases = [
        ("!=", row(count, ", ", |k| format!("i != {k}"))),
        (">=", row(count, ", ", |k| format!("i >= {k}-{count}"))),
        ("|", row(count, ", ", |k| format!("{} | i", k + 1))),
    ];
    for (_, conditions) in &cases {
        ends(
            &format!(
                "size n\nfunction f(i)\n\
                 theorem t: sum(i in 0..n-1, {conditions}) f(i) = sum(i in 0..n-1, {conditions}) f(i)\n"
            ),
            TRUE,
        );
    }
    let (low, high) = (row(30, ", ", |k| format!("i-{k}")), row(30, ", ", |k| format!("n-{k}")));
    let text = format!(
        "size n\nfunction f(i)\ntheorem t for i: sum(k in max({low})..min({high})) f(k) = sum(k in i-1..n-30) f(k)\n"
    );
    ends(&text, TRUE);
    let many = row(40, ", ", |k| format!("n{k}"));
    ends(&format!("size {many}\ntheorem t: max({many}) >= 1\n"), ILL_FORMED);
    let some = row(8, ", ", |k| format!("n{k}"));
    ends(&format!("size {some}\ntheorem t: max({some}) >= 1\n"), TRUE);
}

/// Definitions that use the one before them twice: read once each, though they stand for 2⁴⁰ entries.
#[test]
fn definitions_that_double() {
    let definitions = |count: usize| {
        let each = |k: usize| format!("def d{k}(A[0..a-1])[i in 0..a-1] = d{}(A)[i] + d{}(A)[i]\n", k - 1, k - 1);
        format!("size n\ntensor x[0..n-1]\ndef d0(A[0..a-1])[i in 0..a-1] = A[i]\n{}", row(count, "", each))
    };
    let module = syntax::load(&format!("{}theorem t: d40(x) = d39(x)\n", definitions(40)), false);
    assert_eq!(module.goals.len(), 1, "{:?}", module.diagnostics);
    assert_eq!(module.goals[0].statement.signature.definitions.len(), 41);
    ends(&format!("{}theorem t: d4(x) = d3(x)\n", definitions(4)), REFUTED);
}

/// A long chain of definitions is no deep recursion.
#[test]
fn thousands_of_definitions() {
    let each = |k: usize| format!("def d{k}(A[0..a-1])[i in 0..a-1] = d{}(A)[i]\n", k - 1);
    let definitions = row(1_500, "", each);
    let text = format!(
        "size n\ntensor x[0..n-1]\ndef d0(A[0..a-1])[i in 0..a-1] = A[i]\n{definitions}theorem t: d1500(x) = d1500(x)\n"
    );
    let module = syntax::load(&text, false);
    assert_eq!(module.goals.len(), 1, "{:?}", module.diagnostics.first());
    assert_eq!(module.goals[0].statement.signature.definitions.len(), 1_501);
}

#[test]
fn one_tensor_many_times() {
    for count in [4, 7] {
        let letters = row(count, ", ", |k| format!("i{k}"));
        let next = |k: usize| k % count + 1;
        let cycle = row(count, "*", |k| format!("A[i{k}, i{}]", next(k)));
        let turned = row(count, "*", |k| format!("A[i{}, i{k}]", next(k)));
        let wrong = row(count, "*", |k| format!("A[i{k}, i{}]", next(next(k))));
        let text = |right: &str| {
            format!(
                "size n\ntensor A[0..n-1, 0..n-1]\n\
                 theorem t: sum({letters} in 0..n-1) {cycle} = sum({letters} in 0..n-1) {right}\n"
            )
        };
        ends(&text(&turned), TRUE);
        ends(&text(&wrong), FALSE);
    }
    let powers = row(12, "*", |_| "(sum(i in 0..n-1) x[n-1-i])".into());
    ends(&format!("size n\ntensor x[0..n-1]\ntheorem t: (sum(i in 0..n-1) x[i])^12 = {powers}\n"), TRUE);
}

#[test]
fn derivatives_and_maxima_within_each_other() {
    let derivatives = row(6, " ", |k| format!("d/dx[{k}]"));
    let text = format!(
        "size n\ntensor x[0..n-1]\nscalar function s(t)\ntheorem t: {derivatives} sum(i in 0..n-1) s(x[i]*x[i]) = 0\n"
    );
    ends(&text, &["proved", "refuted", "undecided"]);
    let maxima = row(5, " ", |k| format!("max(i{k} in 0..n-1)"));
    let entries = |first: usize| row(5, " * ", |k| format!("x[i{}]", first.abs_diff(k)));
    ends(&format!("size n\ntensor x[0..n-1]\ntheorem t: {maxima} {} = {maxima} {}\n", entries(0), entries(6)), TRUE);
}
