//! From text to statements.

use convprove::kernel::{Claim, Expr};
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
