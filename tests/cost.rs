//! Costs: counted sums against the layers themselves, the numbers of the exercises, and what cannot be counted.

use std::collections::BTreeMap;

use convprove::cost::{Fault, Measure, Question, Work, closed, count};
use convprove::decide::{Decision, Options, Verdict, decide_all};
use convprove::goal::Goal;
use convprove::kernel::{Claim, Expr, Facts, Guard, Index, Name, Signature, Tensor, Var};
use convprove::numeric::{Assignment, evaluate};
use convprove::syntax::{Module, load};
use num_rational::BigRational;

fn read(text: &str) -> Module {
    let module = load(text, false);
    assert!(module.diagnostics.iter().all(|diagnostic| diagnostic.hint.is_none()), "{:?}", module.diagnostics);
    module
}

fn decisions(text: &str) -> Vec<Decision> {
    decide_all(&read(text).goals, &Options::default(), |_| {})
}

/// Every verdict is the expected one.
fn all_as_expected(text: &str) {
    for decision in decisions(text) {
        assert!(decision.as_expected(), "{}: {}", decision.name, decision.verdict.name());
    }
}

/// Both sides of an equation at given sizes, with the given value for every entry of the tensors.
fn sides(goal: &Goal, sizes: &[(&str, i64)], ones: &[(&str, &[i64])]) -> (BigRational, BigRational) {
    let mut entries = BTreeMap::new();
    for (name, shape) in ones {
        let mut positions: Vec<Vec<i64>> = vec![Vec::new()];
        for size in *shape {
            let longer = |position: Vec<i64>| (0..*size).map(move |next| [position.clone(), vec![next]].concat());
            positions = positions.into_iter().flat_map(longer).collect();
        }
        entries.extend(
            positions.into_iter().map(|position| ((Name::from(*name), position), BigRational::from_integer(1.into()))),
        );
    }
    let given = |names: &[Var]| {
        names
            .iter()
            .map(|var| {
                let value = sizes.iter().find(|(name, _)| *name == var.name.as_str()).map_or(0, |(_, value)| *value);
                (var.name.clone(), vec![value])
            })
            .collect()
    };
    let assignment = Assignment {
        sizes: given(&goal.statement.parameters),
        entries: Some(entries),
        points: 1_000_000,
        ..Assignment::default()
    };
    evaluate(&goal.statement, &assignment).unwrap()
}

/// Of a layer that is linear in two tensors, the products that are not with padding are the sum of all outputs where every
/// entry of the two tensors is 1: an independent count.
#[test]
fn products_inside_the_boxes_are_the_outputs_of_ones() {
    let layers = [
        ("full(x, w)", "i", ""),
        ("corr(x, w)", "i", ""),
        ("conv(x, w; s, p, q, 1, d)", "i", "where s >= 1, d >= 1"),
        ("conv(x, w; s, p, q, 2, d)", "i", "where s >= 1, d >= 1"),
        ("conv_same(x, w; s, d)", "i", "where s >= 1, d >= 1"),
        ("convT(x, w; s, p, d, n+3)", "i", "where s >= 1, d >= 1"),
        ("matmul(A, B)", "i, j", ""),
        ("conv2(A, B; s, d, p, q, q, p)", "i, j", "where s >= 1, d >= 1"),
        ("convT2(A, B; s, d)", "i, j", "where s >= 1, d >= 1"),
        ("pointwise(A, B2)", "i, j", ""),
        ("layer(A, T; s, p, q, d)", "i, j", "where s >= 1, d >= 1"),
        ("depthwise(A, B3; s, p, q, d)", "i, j", "where s >= 1, d >= 1"),
    ];
    for (layer, letters, assumed) in layers {
        let text = format!(
            "use std\nsize n, K\ninteger s, p, q, d\ntensor x[0..n-1], w[0..K-1], A[0..n-1, 0..K-1], B[0..K-1, 0..n-1], \
             B2[0..2, 0..n-1], B3[0..n-1, 0..1], T[0..1, 0..n-1, 0..1]\n\
             theorem t {assumed}: multiplications({layer}, padding = skipped) = sum({letters}) {layer}[{letters}]\n"
        );
        let goal = read(&text).goals.remove(0);
        let mut trials = 0;
        for (n, k) in [(1, 1), (2, 3), (4, 2), (3, 4)] {
            for (s, p, q, d) in [(1, 0, 0, 1), (2, 1, 0, 1), (1, 2, 1, 3), (3, -1, 4, 2)] {
                let sizes = [("n", n), ("K", k), ("s", s), ("p", p), ("q", q), ("d", d)];
                let shapes: [(&str, &[i64]); 7] = [
                    ("x", &[n]),
                    ("w", &[k]),
                    ("A", &[n, k]),
                    ("B", &[k, n]),
                    ("B2", &[3, n]),
                    ("B3", &[n, 2]),
                    ("T", &[2, n, 2]),
                ];
                let used: Vec<(&str, &[i64])> = shapes
                    .into_iter()
                    .filter(|(name, _)| {
                        goal.statement.signature.tensors.iter().any(|tensor| tensor.name.as_str() == *name)
                    })
                    .collect();
                let (left, right) = sides(&goal, &sizes, &used);
                assert_eq!(left, right, "{layer} at {sizes:?}");
                trials += 1;
            }
        }
        assert_eq!(trials, 16);
    }
}

const CONV: &str = "def conv(X[1..C, 1..M, 1..N], W[1..F, 1..C, 1..k, 1..k]; p where k >= 1, p >= 0, C >= 1)\n\
    [f in 1..F, i in 1..M+2*p-k+1, j in 1..N+2*p-k+1]\n\
    = sum(c in 1..C, u in 1..k, v in 1..k) W[f, c, u, v] X[c, i+u-p-1, j+v-p-1]\n";

/// A chain of multiplications and additions that a user makes up, not a layer of the library.
#[test]
fn any_definition_is_counted() {
    all_as_expected(
        "size n, m\ntensor a[1..n], b[1..n], c[1..m]\nscalar t\n\
         def odd(a[1..n], b[1..n], c[1..m] where m >= 1)[i in 1..n] = 3*a[i]*b[i]*a[n+1-i] - sum(k in 1..m) a[i] c[k]^3 + 2\n\
         def scaled(a[1..n]; scalar t)[i in 1..n] = t*a[i]\n\
         theorem products: multiplications(odd(a, b, c)) = n*(3 + 3*m)\n\
         theorem sums: additions(odd(a, b, c)) = n*(2 + m - 1)\n\
         theorem added_up: multiply_adds(odd(a, b, c)) = n*m\n\
         theorem minus_is_free: multiplications(-a) = 0\n\
         theorem number: multiplications(2*a) = n\n\
         theorem shared: parameters(odd(a, b, c), odd(b, a, c), input = a) = n + m\n\
         theorem scalar_product: multiplications(scaled(a, t)) = n\n\
         theorem computed_once: multiplications(scaled(scaled(a, t*t), t)) = 2*n + 1\n\
         theorem on_the_way: activations(scaled(scaled(a, t), t)) = 2*n\n\
         theorem one_scalar: multiplications(sum(i in 1..n) a[i] b[i]) = n\n\
         theorem wrong: multiplications(odd(a, b, c)) = n*(3 + 2*m)\nexpect refuted\n",
    );
}

#[test]
fn the_totals_of_the_exercises() {
    let text = format!(
        "{CONV}tensor I[1..256, 1..28, 1..28], A[1..192, 1..256, 1..3, 1..3], T[1..64, 1..256, 1..1, 1..1]\n\
         cost big = multiplications(conv(I, A; 1))\n\
         cost small = multiplications(conv(I, T; 0))\n\
         theorem right: big = 346816512\n\
         theorem right_too: big + small = 359661568\n\
         theorem wrong: big + small = 358000000\nexpect refuted\n\
         theorem compared: 26*small < big and big < 27*small + 1\n\
         theorem compared_wrongly: big < small\nexpect refuted\n"
    );
    let decisions = decisions(&text);
    for decision in &decisions {
        assert!(decision.as_expected(), "{}: {}", decision.name, decision.verdict.name());
    }
    let wrong = decisions.iter().find(|decision| decision.name == "wrong").unwrap();
    let Verdict::Refuted(found) = &wrong.verdict else { panic!("not refuted") };
    assert_eq!((found.lhs.to_string(), found.rhs.to_string()), ("359661568".into(), "358000000".into()));
}

#[test]
fn a_cost_is_a_polynomial_with_exact_values() {
    let module = read(&format!(
        "{CONV}size A, K, C, F\ntensor X[1..C, 1..A+K-1, 1..A+K-1], W[1..F, 1..C, 1..K, 1..K]\n\
         cost time = multiplications(conv(X, W; 0))\ncost adds = additions(conv(X, W; 0))\n"
    ));
    let [(_, time), (_, adds)] = module.costs.as_slice() else { panic!("two costs") };
    assert_eq!(time.to_string(), "A^2*C*F*K^2");
    let mut sizes: BTreeMap<Name, _> =
        [("A", 100), ("K", 3), ("C", 256)].map(|(name, value)| (Name::from(name), value.into())).into();
    assert_eq!(time.at(&sizes), Err(Some(Name::from("F"))));
    sizes.insert("F".into(), 256.into());
    assert_eq!(time.at(&sizes).unwrap(), 5_898_240_000_i64.into());
    assert_eq!(adds.at(&sizes).unwrap(), (5_898_240_000_i64 - 2_560_000).into());
    sizes.insert("C".into(), "1000000000000000000000000".parse().unwrap());
    assert_eq!(time.at(&sizes).unwrap().to_string(), "23040000000000000000000000000000");
}

#[test]
fn what_cannot_be_counted_is_said() {
    let refused = |text: &str| {
        let module = load(&format!("use std\nsize n, K\ntensor x[0..n-1], w[0..K-1]\nfunction f(i)\n{text}\n"), false);
        let error = module.diagnostics.iter().find(|diagnostic| !diagnostic.message.contains("never used"));
        error.unwrap_or_else(|| panic!("accepted: {text}")).message.clone()
    };
    assert!(refused("theorem t: multiplications() = 0").contains("of nothing"));
    assert!(refused("theorem t: parameters(full(x, w)) = n").contains("data"));
    assert!(refused("theorem t: parameters(full(x, w), input = 2*x) = n").contains("a declared tensor"));
    assert!(refused("theorem t: multiplications(full(x, w), padding = some) = n").contains("counted or skipped"));
    assert!(refused("theorem t: multiplications(full(x, w), input = x) = n").contains("no option input"));
    assert!(refused("theorem t: activations(f + f) = n").contains("without a box"));
    assert!(refused("theorem t: additions(conv(x, w; 1, 5, 5), padding = skipped) = n").contains("may have no terms"));
    assert!(refused("theorem t: multiplications(d/dx[0] sum(i in 0..n-1) x[i]^2) = n").contains("derivative"));
    assert!(refused("cost c = multiplications(full(x, w))\ncost c = 3").contains("already"));
    assert!(refused("cost c = sum(i in 0..n-1) x[i]").contains("no polynomial"));
    assert!(refused("cost c = n\ndef g(y[0..m-1])[i in 0..m-1] = c*y[i]").contains("closed"));
}

/// A definition of the file that has the name of a measure is that definition.
#[test]
fn names_of_the_author_come_first() {
    all_as_expected(
        "size n\ntensor x[1..n]\ndef parameters(x[1..n]) = sum(i in 1..n) x[i]\n\
         theorem own: parameters(x) = sum(k in 1..n) x[k]\n",
    );
}

#[test]
fn hostile_work_ends() {
    let x = |index: Index| Expr::entry("x", vec![index]);
    let mut deep = x(Index::from(1));
    for _ in 0..400 {
        deep = Expr::Inverse(Box::new(deep));
    }
    let facts = Facts::new();
    let asked = |work: Work, measure| count(&Signature::default(), &facts, &[work], &Question::from(measure));
    assert_eq!(asked(Work::Scalar(deep), Measure::Multiplications), Err(Fault::TooLarge));
    let unknown = Tensor::Call { definition: "g".into(), parameters: vec![], tensors: vec![] };
    assert_eq!(asked(Work::Tensor(unknown), Measure::Additions), Err(Fault::Unknown("g".into())));
    assert_eq!(asked(Work::Scalar(Expr::from(3)), Measure::Additions).unwrap().expr(), Expr::from(0));
    // A set that is no box has no polynomial here: i ≤ n, j ≤ i.
    let (i, j) = (Index::scalar("i"), Index::scalar("j"));
    let guard = Guard::between(&Index::from(1), &i, &Index::scalar("n")).and(&Guard::between(&Index::from(1), &j, &i));
    let triangle = Expr::Sum(vec![Var::scalar("i"), Var::scalar("j")], guard, Box::new(Expr::from(1)));
    assert_eq!(closed(&facts, &triangle), None);
}

/// The claim that a cost makes is about the points of the layer, with no definition left in it.
#[test]
fn the_statement_of_a_cost_is_a_sum_of_ones() {
    let goal = read(&format!(
        "{CONV}size N\ntensor X[1..2, 1..N, 1..N], W[1..3, 1..2, 1..1, 1..1]\ncost c = multiplications(conv(X, W; 0))\n"
    ))
    .goals
    .remove(0);
    let Claim::Equation(Expr::Sum(vars, _, body), right) = &goal.statement.claim else { panic!("no sum") };
    assert_eq!((vars.len(), body.as_ref()), (6, &Expr::from(1)));
    assert_eq!(*right, Expr::Mul(vec![Expr::from(6), Expr::Power(Box::new(Expr::Integer(Index::scalar("N"))), 2)]));
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_convprove")).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_command_prints_polynomials_values_and_parts() {
    let (status, shown, _) = run(&["cost", "proofs/exercise-5-3.cvp"]);
    assert_eq!(status, Some(0));
    assert!(shown.starts_with("  ✓ direct = 854196224\n  ✓ small = 25690112\n      3.0 % of direct\n"), "{shown}");
    let file = std::env::temp_dir().join(format!("convprove-cost-{}.cvp", std::process::id()));
    let path = file.display().to_string();
    std::fs::write(
        &file,
        "use std\nsize n, K\ntensor x[0..n-1], w[0..K-1]\nassume K <= n\ncost time = multiplications(corr(x, w))\n",
    )
    .unwrap();
    let (_, symbolic, _) = run(&["cost", &path]);
    let (_, at, _) = run(&["cost", &path, "--at", "n=1000,K=3"]);
    let (_, missing, _) = run(&["cost", &path, "--at", "n=1000"]);
    let (_, json, _) = run(&["cost", &format!("{path}:time"), "--at", "n=1000,K=3", "--json"]);
    let (unknown, _, complaint) = run(&["cost", &format!("{path}:space")]);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(symbolic, "  ✓ time = K*(n-K+1)\n");
    assert_eq!(at, "  ✓ time = K*(n-K+1)\n      at these sizes 2994\n");
    assert!(missing.contains("its value needs K too"), "{missing}");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (json["results"][0]["value"].as_str(), json["schema"].as_str()),
        (Some("2994"), Some("convprove/cost/1"))
    );
    assert_eq!(unknown, Some(2));
    assert!(complaint.contains("there is no cost space"), "{complaint}");
}
