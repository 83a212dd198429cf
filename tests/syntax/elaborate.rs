//! From text to statements.

use convprove::kernel::{Claim, Expr, Tensor};
use convprove::syntax::{Module, load};

/// The page of the design.
const EXAMPLE: &str = "
size M, N, m, n
tensor W[1..m, 1..n],  X[1..M, 1..N],  w[1..m],  x[1..n]

def rot180(A[1..a, 1..b])[u in 1..a, v in 1..b] = A[a-u+1, b-v+1]
def wide(A[1..a, 1..b], B[1..c, 1..d])[i in 1..a+c-1, j in 1..b+d-1]
  = sum(u in 1..a, v in 1..b) A[u,v] * B[i+u-a, j+v-b]

theorem wide_commutes: wide(rot180(W), X) = wide(rot180(X), W)

theorem step_by_step: sum(u in 1..m) w[u] x[i-u] = sum(s in 1..n) x[s] w[i-s]
proof
    sum(u in 1..m) w[u] x[i-u]
  = sum(s in i-m..i-1) w[i-s] x[s]     by s = i-u
  = sum(s in 1..n) x[s] w[i-s]         by zero-outside
qed
";

#[track_caller]
fn accepted(text: &str) -> Module {
    let module = load(text, false);
    assert!(module.diagnostics.is_empty(), "{:#?}", module.diagnostics);
    module
}

#[test]
fn the_example_of_the_design() {
    let module = accepted(EXAMPLE);
    let [commutes, steps] = module.goals.as_slice() else { panic!("two goals") };
    assert!(matches!(commutes.statement.claim, Claim::Tensors(_, _)));
    assert!(commutes.statement.signature.check().is_ok());
    let names: Vec<String> = commutes.statement.signature.definitions.iter().map(|d| d.name.to_string()).collect();
    assert_eq!(names, ["rot180", "wide"]);
    assert_eq!(steps.script.len(), 3);
    assert_eq!(steps.statement.indices.len(), 1);
}

#[test]
fn letters_without_range_take_the_boxes_of_the_factors() {
    let module = accepted("size m, n\ntensor w[1..m], x[1..n]\ntheorem t: sum(u) w[u] x[i-u] = sum(s) x[s] w[i-s]");
    let Claim::Equation(Expr::Sum(_, guard, _), _) = &module.goals[0].statement.claim else { panic!("an equation") };
    assert_eq!(guard.len(), 4);
}

/// Every file of the corpus is well-formed, and every theorem has a signature that the kernel accepts.
#[test]
fn the_corpus_is_well_formed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/proofs");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "cvp")) {
        let module = load(&std::fs::read_to_string(path).unwrap(), false);
        assert!(module.diagnostics.is_empty(), "{}: {:#?}", path.display(), module.diagnostics);
        for goal in &module.goals {
            assert_eq!(goal.statement.signature.check(), Ok(()), "{}", goal.statement.name);
            assert!(goal.remarks.is_empty(), "{}: {:?}", goal.statement.name, goal.remarks);
        }
    }
}

#[test]
fn the_standard_library_is_well_formed() {
    accepted(convprove::syntax::STD);
    accepted("use std\nsize n\ntensor x[0..n-1]\ntheorem t: rev(rev(x)) = x");
}

/// The parameters of the call on the left side of a claim about tensors.
fn parameters(module: &Module, goal: usize) -> String {
    let Claim::Tensors(Tensor::Call { parameters, .. }, _) = &module.goals[goal].statement.claim else {
        panic!("a call")
    };
    parameters.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[test]
fn defaults_and_arguments_by_name() {
    let module = accepted(
        "def shift(x[0..n-1]; s = 1, p = n-s, q = p+1 where s >= 1)[i in 0..n-1] = x[s*i-p+q]
         size m\ntensor y[0..m-1]
         theorem a: shift(y) = y\ntheorem b: shift(y; 2) = y\ntheorem c: shift(y; q = 7) = y
         theorem d: shift(y; 2, q = m, p = 0) = y\ntheorem e: shift(s = 3, x = y) = y",
    );
    let expected = ["m, 1, m - 1, m", "m, 2, m - 2, m - 1", "m, 1, m - 1, 7", "m, 2, 0, m", "m, 3, m - 3, m - 2"];
    for (goal, expected) in expected.iter().enumerate() {
        assert_eq!(parameters(&module, goal), *expected);
    }
}

#[test]
fn one_definition_for_every_rank() {
    let text = "
        def span(b : D, n : D) = b*(n-1)+1
        def thin(x[0..n-1 : D]; s : D = 1 where s >= 1)[i in 0..ceil(n / s)-1] = x[s*i]
        def mixed(x[0..c-1, 0..n-1 : D]; k : D)[i in 0..n-1] = sum(j in 0..c-1) x[j, i+k*span(k, n)]
        rank A, B
        size n, a : A, b : B, c
        tensor x[0..n-1], y[0..a-1], z[0..b-1], u[0..c-1, 0..a-1]
        theorem one: thin(x; 2) = thin(x; s = 2)
        theorem two: thin(thin(y; 2); a) = thin(y; 2*a)
        theorem three: thin(z; b) = thin(z; b)
        theorem four: mixed(u; a) = mixed(u; a)";
    let module = accepted(text);
    let names = |goal: usize| -> Vec<String> {
        let definitions = &module.goals[goal].statement.signature.definitions;
        definitions.iter().map(|definition| definition.name.to_string()).collect()
    };
    assert_eq!(names(0), ["thin"]);
    assert_eq!(names(1), ["thin:A"]);
    assert_eq!(names(2), ["thin:B"]);
    assert_eq!(names(3), ["mixed:A"]);
    let mixed = &module.goals[3].statement.signature.definitions[0];
    let ranks: Vec<String> = mixed.tensors[0].axes.iter().map(|axis| format!("{axis:?}")).collect();
    assert_eq!(ranks, ["i", "j:A"]);
    for goal in &module.goals {
        assert_eq!(goal.statement.signature.check(), Ok(()), "{}", goal.statement.name);
    }
}

#[test]
fn scalars_and_functions_as_parameters() {
    let module = accepted(
        "def steep(scalar c, function g(i); q) = c*(g(q+1) - g(q))
         scalar a\nfunction f(i)\ninteger p\nsize n\ntensor x[1..n]
         theorem t: steep(a*a, f; p) = a*a*(f(p+1) - f(p))
         theorem u: steep(2, x; p) + steep(a, f; p) = steep(a, f; p) + steep(2, x; p)",
    );
    for goal in &module.goals {
        assert_eq!(goal.statement.signature.check(), Ok(()), "{}", goal.statement.name);
    }
}

/// Every fenced example of the language's page is well-formed, read as the one file that it is.
#[test]
fn the_page_of_the_language_is_true() {
    let page = include_str!("../../docs/language.md");
    let module = load(page, true);
    assert!(
        module.diagnostics.iter().all(|fault| fault.severity == convprove::diag::Severity::Warning),
        "{:#?}",
        module.diagnostics
    );
    assert!(module.goals.len() >= 12);
}
