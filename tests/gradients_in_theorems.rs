//! Gradients that `derive` names, in theorems: by declared tensors and by those that `let` makes.

use convprove::decide::{Options, Verdict, decide_all};

const SQUARED_LOSS: &str = "size n, m\n\
    tensor x[0..n+m-2], w[0..m-1], t[0..n-1]\n\
    let y[o in 0..n-1] = sum(u in 0..m-1) w[u] x[o+u]\n\
    let L = 1/2 sum(o in 0..n-1) (y[o] - t[o])^2\n\
    derive dw = dL/dw\n";

const ACTIVATION: &str = "size n, m\n\
    tensor x[0..n+m-2], w[0..m-1]\n\
    scalar b\n\
    scalar function s(x)\n\
    let z[o in 0..n-1] = sum(u in 0..m-1) w[u] x[o+u] + b\n\
    let y[o in 0..n-1] = s(z[o])\n\
    derive dz = dL/dz, dw = dL/dw, db = dL/db given dy = dL/dy\n";

const RESIDUAL: &str = "size n\n\
    tensor w[0..n-1]\n\
    scalar function s(x)\n\
    let z[i in 0..n-1] = s(w[i])\n\
    let r[i in 0..n-1] = z[i] w[i]\n\
    let loss = sum(i in 0..n-1) (r[i]^2/2 + w[i]^2)\n\
    derive g = dloss/dw\n\
    let next[i in 0..n-1] = w[i] - g[i]\n";

/// The verdicts of theorems after some declarations, and the messages.
fn verdicts(file: &str, theorems: &[&str]) -> (Vec<String>, String) {
    let text: String = theorems
        .iter()
        .enumerate()
        .fold(file.to_string(), |text, (number, one)| text + &format!("theorem t{number} {one}\n"));
    let module = convprove::syntax::load(&text, false);
    let decisions = decide_all(&module.goals, &Options::default(), |_| {});
    let verdict = |verdict: &Verdict| match verdict {
        Verdict::Refuted(counterexample) => format!("refuted {counterexample}"),
        Verdict::Undecided(open) => format!("undecided {}", open.reason),
        other => other.name().to_string(),
    };
    let messages: Vec<String> = module.diagnostics.iter().map(|one| one.message.clone()).collect();
    (decisions.iter().map(|decision| verdict(&decision.verdict)).collect(), messages.join("\n"))
}

/// All theorems have a meaning and the verdict.
fn all(verdict: &str, file: &str, theorems: &[&str]) {
    let (found, messages) = verdicts(file, theorems);
    assert_eq!(found.len(), theorems.len(), "{messages}");
    for (theorem, found) in theorems.iter().zip(found) {
        assert!(found.starts_with(verdict), "{theorem}: {found}");
    }
}

#[test]
fn by_a_declared_tensor_it_is_the_derivative_of_the_whole_loss() {
    all(
        "proved",
        SQUARED_LOSS,
        &[
            "for u in 0..m-1: dw[u] = sum(o in 0..n-1) (y[o] - t[o]) x[o+u]",
            "for u in 0..m-1: dw[u] = sum(o in 0..n-1) (sum(v in 0..m-1) w[v] x[o+v] - t[o]) x[o+u]",
            "for u in 0..m-1: dw[u] = d/dw[u] L",
        ],
    );
    all("refuted", SQUARED_LOSS, &["for u in 0..m-1: dw[u] = sum(o in 0..n-1) (t[o] - y[o]) x[o+u]"]);
}

#[test]
fn by_a_tensor_that_let_makes_it_takes_that_as_a_variable() {
    all(
        "proved",
        SQUARED_LOSS,
        &[
            "for o in 0..n-1: dy[o] = y[o] - t[o]",
            "for o in 0..n-1: dy[o] = d/dy[o] L",
            "for u in 0..m-1: dw[u] = sum(o in 0..n-1) dy[o] x[o+u]",
        ],
    );
    all(
        "proved",
        ACTIVATION,
        &[
            "for o in 0..n-1: dz[o] = dy[o] s'(z[o])",
            "for u in 0..m-1: dw[u] = sum(o in 0..n-1) dy[o] s'(z[o]) x[o+u]",
            "for u in 0..m-1: dw[u] = sum(o in 0..n-1) dz[o] x[o+u]",
            ": db = sum(o in 0..n-1) dz[o]",
        ],
    );
}

#[test]
fn a_false_claim_is_refuted_by_numbers_for_what_is_declared() {
    let theorems = [
        "for o in 0..n-1: dz[o] = dy[o] s(z[o])",
        "for u in 0..m-1: dw[u] = sum(o in 0..n-1) dy[o] x[o+u]",
        "for u in 0..m-1: dw[u] = sum(o in 0..n-1) dz[o] x[o-u]",
    ];
    all("refuted", ACTIVATION, &theorems);
    for found in verdicts(ACTIVATION, &theorems).0 {
        assert!(!found.contains("z[") && !found.contains(" y["), "{found}");
    }
}

#[test]
fn what_is_true_of_the_tensor_that_let_makes_alone_is_not_refuted() {
    let theorem = "for o in 0..n-1: dy[o] = sum(u in 0..m-1) w[u] x[o+u] - t[o]";
    let found = verdicts(SQUARED_LOSS, &[theorem]).0;
    assert!(found[0].starts_with("undecided") && found[0].contains("any tensor is meant by y"), "{found:?}");
}

#[test]
fn paths_beside_each_other_and_gradient_steps() {
    all(
        "proved",
        RESIDUAL,
        &[
            "for i in 0..n-1: g[i] = r[i] (z[i] + s'(w[i]) w[i]) + 2 w[i]",
            "for i in 0..n-1: next[i] = -w[i] - r[i] (z[i] + s'(w[i]) w[i])",
            "for i in 0..n-1: g[i] = dz[i] s'(w[i]) + dr[i] z[i] + 2 w[i]",
            "for i in 0..n-1: dz[i] = dr[i] w[i]",
        ],
    );
    all("refuted", RESIDUAL, &["for i in 0..n-1: g[i] = r[i] (z[i] + s'(w[i]) w[i])"]);
}

#[test]
fn a_derivative_by_what_is_no_variable_is_refused() {
    let refused = |file: &str, theorem: &str, message: &str| {
        let (found, messages) = verdicts(file, &[theorem]);
        assert!(found.is_empty() && messages.contains(message), "{found:?} {messages}");
    };
    refused(SQUARED_LOSS, "for o in 0..n-1: d/dy[o] L = y[o] - t[o]", "stands for what it is made of here");
    refused(SQUARED_LOSS, "for u in 0..m-1: dw[u] = d/dw[u] L + 0*dy[0]", "does not see that y is made of it");
}

#[test]
fn what_is_made_of_a_tensor_that_is_declared_anew_is_forgotten() {
    let file = format!("{SQUARED_LOSS}tensor x[1..2*n]\n");
    let (found, messages) = verdicts(&file, &["for o in 0..n-1: y[o] = y[o]"]);
    assert!(
        found.is_empty() && messages.contains("y cannot be used, since it is made of x, which is declared anew"),
        "{messages}"
    );
}
