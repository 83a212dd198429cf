//! Every theorem of the corpus with one subscript or one bound moved by one.
//!
//! A mutant that is false must not be proved. One that happens to be true may be proved or left open; it cannot be refuted,
//! since a refutation is an evaluation. Kernel and evaluator share nothing, so a disagreement would show a fault of either.

use convprove::decide::{Options, Verdict, decide};
use convprove::goal::{Expectation, Goal};
use convprove::syntax;

#[path = "support/edit.rs"]
mod edit;
use edit::Mutation;

#[test]
fn no_false_mutant_is_proved() {
    let (mut proved, mut refuted, mut open) = (0, 0, 0);
    // More pages take minutes: CONVPROVE_LONG=1 cargo test --release --test mutants
    let more: &[&str] = match std::env::var_os("CONVPROVE_LONG") {
        Some(_) => &["adjoints", "any_dimension", "images", "layers", "matrices"],
        None => &[],
    };
    for page in ["binder", "chains", "convolution", "exercise-5-2", "pooling"].iter().chain(more).copied() {
        let text = std::fs::read_to_string(format!("proofs/{page}.cvp")).unwrap();
        for goal in syntax::load(&text, false).goals {
            if goal.expectation != Expectation::Proved {
                continue;
            }
            // Long statements have very many places; every third one of them is moved.
            for target in (0..).step_by(if page == "chains" { 3 } else { 1 }) {
                let mut statement = goal.statement.clone();
                let by = if target % 2 == 0 { 1 } else { -1 };
                let mut mutation = Mutation { target, seen: 0, by };
                mutation.statement(&mut statement);
                if mutation.seen <= target {
                    break;
                }
                let mutant = Goal { statement, script: Vec::new(), ..goal.clone() };
                let decision = decide(&mutant, &[], &Options::default());
                match decision.verdict {
                    Verdict::Disagreement(_, counterexample) => {
                        panic!("{page}:{} place {target} by {by}: proved and refuted\n{counterexample}", decision.name)
                    }
                    Verdict::Proved(_) => proved += 1,
                    Verdict::Refuted(_) => refuted += 1,
                    _ => open += 1,
                }
            }
        }
    }
    println!("{} mutants: {refuted} refuted, {proved} proved, {open} open", refuted + proved + open);
    assert!(refuted > 100, "only {refuted} mutants were refuted");
}
