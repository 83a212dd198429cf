//! Closed forms: the page of backpropagation, operators of one's own, and what cannot be derived.

use std::process::Command;

use convprove::decide::{Options, Verdict, decide};
use convprove::derive::{Derived, derive, shapes};
use convprove::diag::Severity;
use convprove::export::gradient::formula;
use convprove::export::notation::Notation;
use convprove::export::text::{self, Charset};
use convprove::syntax::{Module, load};

fn module(text: &str) -> Module {
    let module = load(text, false);
    let errors: Vec<_> = module.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}");
    module
}

/// Every closed form of a file, proved, as `name = form`.
fn proved(text: &str) -> Vec<String> {
    let module = module(text);
    let shapes = shapes(&module.library);
    let one = |request| {
        let derived = derive(&shapes, request).expect("a closed form");
        let decision = decide(&derived.goal, &[], &Options::default());
        let name = &derived.goal.statement.name;
        assert!(matches!(decision.verdict, Verdict::Proved(_)), "{name}: {:?}", decision.verdict);
        spelled(&derived)
    };
    module.requests.iter().map(one).collect()
}

fn spelled(derived: &Derived) -> String {
    let statement = &derived.goal.statement;
    let notation = Notation::of_statement(statement);
    let (left, right) = formula(&notation, &statement.name, &statement.indices, &derived.form);
    text::equation(&left, &right, Charset::Unicode)
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_convprove")).args(arguments).output().expect("convprove runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_page_of_backpropagation_is_derived_and_proved() {
    let forms = proved(include_str!("../proofs/backprop.cvp"));
    insta::assert_snapshot!("backprop_formulas", forms.join("\n"));
}

#[test]
fn derivations_read_like_a_textbook() {
    for (format, name) in [("text", "backprop_text"), ("latex", "backprop_latex")] {
        let (status, shown, complaint) = run(&["derive", "proofs/backprop.cvp", "--format", format]);
        assert_eq!((status, complaint.as_str()), (0, ""));
        insta::assert_snapshot!(name, shown);
    }
}

/// The page that students read is what the command prints.
#[test]
fn the_page_in_the_documentation_is_up_to_date() {
    let (status, shown, _) = run(&["derive", "proofs/backprop.cvp", "--format", "markdown"]);
    assert_eq!(status, 0);
    let page = include_str!("../docs/backprop.md");
    let (head, body) = page.split_once("\n\n").expect("a first line that says how the page is made");
    assert!(head.contains("convprove derive proofs/backprop.cvp --format markdown"), "{head}");
    assert!(body == shown, "docs/backprop.md is old: print it again with the command in its first line");
}

/// An operator of the file is found like one that ships, whatever it is called.
#[test]
fn operators_of_the_file_are_recognised() {
    let forms = proved(
        "size n, k\nassume k <= n\ntensor a[5..n+4], b[5..k+4]\n\
         def slide(p[5..m+4], q[5..l+4] where l >= 1)[t in 5..m-l+5] = sum(u in 5..l+4) q[u] p[t+u-5]\n\
         def smear(p[5..m+4], q[5..l+4] where l >= 1, m >= 1)[t in 5..m+l+3] = sum(u in 5..l+4) q[u] p[t-u+5]\n\
         let y = slide(a, b)\nderive da = dL/da, db = dL/db given dy = dL/dy\n",
    );
    assert_eq!(forms, ["da = smear(dy, b)", "db = slide(a, dy)"]);
}

/// Parameters of an operator are solved for: here a factor between the positions and an offset.
#[test]
fn parameters_are_solved_for() {
    let forms = proved(
        "size n, m, c\ninteger e\ntensor x[0..n-1], g[0..m-1]\n\
         def spread(v[0..l-1]; step, from, n where step >= 1)[i in 0..n-1] = sum(o in 0..l-1, i = step*o+from) v[o]\n\
         let y[o in 0..m-1] = x[c*o+e]\nderive dx = dL/dx given g1 = dL/dy\n",
    );
    assert_eq!(forms, ["dx = spread(g1; c, e, n)"]);
}

/// Through several tensors, in the order of backpropagation, with both branches of a join.
#[test]
fn gradients_follow_the_network_backwards() {
    let forms = proved(
        "size n\ntensor x[0..n-1], w[0..n-1]\nscalar function f(x), h(x)\n\
         let a[i in 0..n-1] = f(x[i])\nlet b[i in 0..n-1] = w[i]*a[i]\nlet c[i in 0..n-1] = a[i] + h(b[i])\n\
         derive dx = dL/dx, dw = dL/dw given dc = dL/dc\n",
    );
    assert_eq!(forms, ["db = dc ⊙ h'(b)", "da = db ⊙ w + dc", "dx = da ⊙ f'(x)", "dw = a ⊙ db"]);
}

/// A loss that is given, and a gradient of a gradient.
#[test]
fn losses_and_second_gradients() {
    let forms = proved(
        "size n\ntensor x[0..n-1], t[0..n-1], v[0..n-1], A[0..n-1, 0..n-1]\n\
         let L = sum(i in 0..n-1) (x[i]-t[i])^2 / n\nderive dx = dL/dx\n\
         let Q = sum(i in 0..n-1, j in 0..n-1) A[i, j] x[i] x[j]\nderive q = dQ/dx\n\
         derive r = dE/dx given v1 = dE/d q\n",
    );
    assert_eq!(forms[0], "dx = 2·(x - t)/n");
    assert_eq!(forms.len(), 3);
}

#[test]
fn without_operators_sums_stay_as_they_are() {
    let module = module(
        "use std\nsize n, k\nassume k <= n\ntensor x[0..n-1], w[0..k-1]\nlet y = corr(x, w)\nderive dw = dL/dw given dy = dL/dy\n",
    );
    let raw = derive(&[], &module.requests[0]).expect("a closed form");
    assert_eq!(spelled(&raw), "dw[i] = Σ_{u=0..n-k} dy[u]·x[i+u]");
    let named = derive(&shapes(&module.library), &module.requests[0]).expect("a closed form");
    assert_eq!(spelled(&named), "dw = corr(x, dy)");
}

/// Sizes of 0 and 1, and a kernel larger than the input where nothing forbids it: the closed form is proved all the same.
#[test]
fn edges_are_part_of_the_proof() {
    let forms = proved(
        "size n >= 0\nsize k >= 0\ntensor x[0..n-1], w[0..k-1]\n\
         let y[o in 0..n-k] = sum(u in 0..k-1) w[u] x[o+u]\nderive dw = dL/dw, dx = dL/dx given dy = dL/dy\n",
    );
    assert_eq!(forms.len(), 2);
}

#[test]
fn what_cannot_be_derived_is_said() {
    let message = |text: &str| {
        let module = load(text, false);
        let found = module.diagnostics.iter().find(|found| found.severity == Severity::Error);
        found.map(|found| found.message.clone()).unwrap_or_default()
    };
    let head = "size n\ntensor x[0..n-1], z[0..n-1]\nlet y[i in 0..n-1] = x[i]^2\n";
    let say = |tail: &str| message(&format!("{head}{tail}\n"));
    assert_eq!(say("derive dz = dL/dz given dy = dL/dy"), "L does not depend on z, as far as is said");
    assert_eq!(say("derive dx = dL/dx"), "nothing says how the loss L depends on anything");
    assert_eq!(say("derive dx = dL/dx given dz = dL/dz"), "z is no tensor that `let` names");
    assert_eq!(say("derive dx = dL/dx given dy = dM/dy"), "one `derive` is about one loss, L or M");
    assert_eq!(say("derive dq = dL/dq given dy = dL/dy"), "q is not declared");
    assert_eq!(say("let s = sum(i in 0..n-1) y[i]\nderive dx = ds/dx"), "");
    assert_eq!(say("let y2[i] = x[i]"), "an index of this tensor has no range (all integers)");
}

#[test]
fn the_command_reports_like_the_others() {
    let (status, json, _) = run(&["derive", "proofs/backprop.cvp:dU", "--format", "json"]);
    assert_eq!(status, 0);
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(value["schema"], "convprove/derive/1");
    assert_eq!(value["results"][0]["verdict"], "proved");
    assert_eq!(value["results"][0]["formula"]["text"], "dU = wide(rot180(V), dR) .* sigma'(U)");
    assert_eq!(value["results"][0]["gradient"]["by"], "U");
    let (status, _, complaint) = run(&["derive", "proofs/backprop.cvp:nothing"]);
    assert_eq!(status, 2);
    assert!(complaint.contains("nothing called nothing is to be derived"), "{complaint}");
}

/// A network like LeNet, with mean and max pooling: one derivation for each layer, in the order of backpropagation.
#[test]
fn a_network_is_derived_layer_by_layer() {
    let forms = proved(include_str!("../proofs/lenet.cvp"));
    insta::assert_snapshot!("lenet_formulas", forms.join("\n"));
}

/// Statistics of a batch: its scale and its shift have gradients of their own.
#[test]
fn the_parameters_of_batch_normalisation_have_gradients() {
    let forms = proved(
        "use std\nsize R, C\ntensor X[0..R-1, 0..C-1], gamma[0..C-1], beta[0..C-1], dY[0..R-1, 0..C-1]\nscalar e
         scalar function sqrt(x) where sqrt'(x) = 1/2/sqrt(x), sqrt(x) > 0
         let mean[c in 0..C-1] = (sum(r in 0..R-1) X[r, c])/R
         let var[c in 0..C-1] = (sum(r in 0..R-1) (X[r, c] - mean[c])^2)/R
         let Z[r in 0..R-1, c in 0..C-1] = (X[r, c] - mean[c])/sqrt(var[c]+e)
         let Y[r in 0..R-1, c in 0..C-1] = gamma[c]*Z[r, c] + beta[c]
         derive dbeta = dL/dbeta, dgamma = dL/dgamma given dY = dL/dY",
    );
    assert_eq!(forms, ["dbeta = Σ_{u=0..R-1} dY[u, :]", "dgamma[i] = dot(Z[:, i], dY[:, i])"]);
}

/// What a formula rests on stands with the program, which cannot test it.
#[test]
fn programs_say_what_is_assumed_of_entries() {
    let (status, shown, _) = run(&["derive", "proofs/lenet.cvp:dx", "--emit", "numpy"]);
    assert_eq!(status, 0);
    assert!(shown.contains("def dx(dy, N, K, st, a):"), "{shown}");
    assert!(shown.contains("where x[st·o+a(o)] > x[k+st·o] for o ∈ 0..⌊(N-K)/st⌋, k ∈ 0..K-1, a(o) ≠ k"), "{shown}");
    assert!(shown.contains("where 0 ≤ a(o) ≤ K-1 for o ∈ 0..⌊(N-K)/st⌋"), "{shown}");
}

/// Formulas as a textbook has them, for layers that no page of `proofs/` contains.
#[test]
fn a_textbook_would_write_them_so() {
    let forms = |text: &str, expected: &[&str]| assert_eq!(proved(&format!("use std\n{text}")), expected, "{text}");
    // Conditions that the entries imply go.
    forms(
        "size n, a, b\nassume a+b < n\ntensor x[0..n-1]\nlet y = slice(x; a, n-b)\nderive dx = dL/dx given dy = dL/dy\n",
        &["dx[i] = dy[i-a]"],
    );
    // No vector is made of which one entry is taken.
    forms(
        "size C, n\ntensor X[0..C-1, 0..n-1], g[0..C-1]\nlet Y[c in 0..C-1, i in 0..n-1] = g[c] X[c, i]\n\
         derive dg = dL/dg given dY = dL/dY\n",
        &["dg[i] = dot(X[i, :], dY[i, :])"],
    );
    // The plainer of two operators, one within another, and sums of them.
    forms(
        "size m, n, p, q\ntensor A[0..m-1, 0..n-1], B[0..n-1, 0..p-1], C[0..p-1, 0..q-1]\n\
         let Y = matmul(matmul(A, B), C)\nderive dA = dL/dA, dB = dL/dB, dC = dL/dC given dY = dL/dY\n",
        &[
            "dA = matmul(dY, transpose(matmul(B, C)))",
            "dB = matmul(matmul(transpose(A), dY), transpose(C))",
            "dC = matmul(transpose(matmul(A, B)), dY)",
        ],
    );
    forms(
        "size I, J\ntensor W[0..I-1, 0..J-1], u[0..J-1], z[0..J-1]\nlet p = matvec(W, u)\nlet v = matvec(W, z)\n\
         derive dW = dE/dW given dp = dE/dp, dv = dE/dv\n",
        &["dW = outer(dp, u) + outer(dv, z)"],
    );
    // A network of two dense layers.
    forms(
        "size B, I, H, O\ntensor X[0..B-1, 0..I-1], W[0..I-1, 0..H-1], V[0..H-1, 0..O-1], T[0..B-1, 0..O-1]\n\
         scalar function phi(x)\nlet A[r in 0..B-1, j in 0..H-1] = phi(matmul(X, W)[r, j])\nlet Y = matmul(A, V)\n\
         let L = sum(r in 0..B-1, o in 0..O-1) (Y[r, o] - T[r, o])^2 / 2\nderive dV = dL/dV, dW = dL/dW\n",
        &[
            "dY = Y - T",
            "dV = matmul(transpose(A), dY)",
            "dA = matmul(dY, transpose(V))",
            "dW[i, :] = Σ_{u=0..B-1} X[u, i]·(dA[u, :] ⊙ phi'(matmul(X, W)[u, :]))",
        ],
    );
    // A batch of layers.
    forms(
        "size B, F, C, k, n\nassume k <= n\ntensor x[0..B-1, 0..C-1, 0..n-1], w[0..F-1, 0..C-1, 0..k-1]\n\
         let z[b in 0..B-1, f in 0..F-1, o in 0..n-k] = layer(x[b, :, :], w)[f, o]\nderive dw = dL/dw given dz = dL/dz\n",
        &["dw[i, j, :] = Σ_{u=0..B-1} corr(x[u, j, :], dz[u, i, :])"],
    );
    // Letters that have one value.
    forms(
        "size m, n, M, N, r, s\ntensor X[0..m*M-1, 0..n*N-1], P[0..m*r-1, 0..n-1], Q[0..n-1], w[0..n-1]\n\
         let Y = avgpool2(X; m, n)\nlet Z[c in 0..m-1, i in 0..r*n-1] = P[c*r + (i mod r), floor(i / r)]\n\
         let R[i in 0..n-1] = Q[(i+s) mod n]\nlet c[i in 0..n-1] = sum(k in 0..n-1) w[k] Q[(i-k) mod n]\n\
         derive dX = dL/dX given dY = dL/dY\nderive dP = dL/dP given dZ = dL/dZ\nderive dQ = dE/dQ given dR = dE/dR\n\
         derive dq = dF/dQ given dc = dF/dc\n",
        &[
            "dX[i, j] = dY[⌊i/m⌋, ⌊j/n⌋]/(m·n)",
            "dP[i, j] = dZ[⌊i/r⌋, i mod r+r·j]",
            "dQ[i] = dR[(i-s) mod n]",
            "dq[i] = Σ_{u=0..n-1} dc[(i+u) mod n]·w[u]",
        ],
    );
}

/// The derivative of a maximum whose largest place is not known is no closed form.
#[test]
fn a_derivative_that_stays_is_no_answer() {
    let file = std::env::temp_dir().join("convprove_relu.cvp");
    let text =
        "use std\nsize n\ntensor x[0..n-1]\nlet y[i in 0..n-1] = relu(x[i])\nderive dx = dL/dx given dy = dL/dy\n";
    std::fs::write(&file, text).expect("a file");
    let (status, shown, _) = run(&["derive", &file.to_string_lossy()]);
    assert_eq!(status, 3, "{shown}");
    assert!(shown.contains("undecided") && shown.contains("no closed form"), "{shown}");
}
