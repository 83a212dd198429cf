//! A decision as lines of text and as JSON.

use std::fmt::Write;

use convprove::decide::{Decision, Verdict};
use convprove::export::notation::Notation;
use convprove::export::text::{self, Charset};
use convprove::goal::{Expectation, Goal};
use convprove::kernel::{Certificate, Expr, Index, Proof, Var};
use convprove::script::Rejected;
use serde_json::{Value, json};

/// How many steps a certificate has.
pub fn steps(certificate: &Certificate) -> usize {
    match &certificate.proof {
        Proof::Chain(steps) | Proof::Tensors { steps, .. } => steps.len(),
        Proof::Entailed(_) | Proof::Equivalent { .. } => 0,
    }
}

fn milliseconds(time: std::time::Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// The lines that `check` prints about a decision.
pub fn lines(goal: &Goal, decision: &Decision, stats: bool) -> String {
    let mut out = String::new();
    let verdict = match (&decision.verdict, decision.expectation) {
        (verdict, Expectation::Refuted | Expectation::Undecided) if decision.as_expected() => {
            format!("{}, as expected", verdict.name())
        }
        (verdict, Expectation::Refuted) => format!("{}, but expected refuted", verdict.name()),
        (verdict, Expectation::Undecided) => format!("{}, but expected undecided", verdict.name()),
        (verdict, Expectation::Proved) => verdict.name().to_owned(),
    };
    let time = milliseconds(decision.time);
    let _ = write!(out, "  {:<34} {verdict:<24} {time:>8.1} ms", decision.name);
    let notation = Notation::of_statement(&goal.statement);
    match &decision.verdict {
        Verdict::Proved(proved) => {
            let laws: Vec<&str> = proved.theorem.laws().iter().copied().collect();
            let _ = writeln!(out, "  {:>3} steps: {}", steps(&proved.certificate), laws.join(", "));
        }
        Verdict::Refuted(counterexample) => {
            let _ = writeln!(out);
            indent(&mut out, &counterexample.to_string());
        }
        Verdict::Undecided(open) => {
            let _ = writeln!(out, "\n      {}", open.reason);
            for (side, terms) in [("left", &open.left), ("right", &open.right)] {
                for term in terms {
                    let _ = writeln!(out, "      remains on the {side}: {}", spell(term, &notation));
                }
            }
        }
        Verdict::IllFormed(_) => {
            let _ = writeln!(out);
        }
        Verdict::Disagreement(_, counterexample) => {
            let _ = writeln!(out, "\n      the kernel proves this, and the cross-check refutes it: please report it");
            indent(&mut out, &counterexample.to_string());
        }
    }
    for line in decision.lines.iter().filter(|line| !line.holds) {
        let reason = line.reason.as_deref().unwrap_or("it does not follow");
        let _ = writeln!(out, "      = {}\n        {reason}", line.source.trim());
        if let Some(rejected) = &line.rejected {
            rejection(&mut out, rejected, &notation);
        }
    }
    for remark in &decision.remarks {
        let _ = writeln!(out, "      note: {remark}");
    }
    if stats {
        let statistics = &decision.statistics;
        let _ = writeln!(
            out,
            "      {} e-nodes, {} classes, {} iterations; {}; e-graph {:.2} ms, replay {:.2} ms, kernel {:.2} ms, cross-check {:.2} ms",
            statistics.nodes,
            statistics.classes,
            statistics.iterations,
            statistics.stop,
            milliseconds(statistics.saturation),
            milliseconds(statistics.replay),
            milliseconds(statistics.kernel),
            milliseconds(decision.check_time),
        );
    }
    out
}

fn spell(expr: &Expr, notation: &Notation) -> String {
    text::expr(expr, notation, Charset::Unicode)
}

fn indent(out: &mut String, text: &str) {
    for line in text.lines() {
        let _ = writeln!(out, "      {line}");
    }
}

/// What is wrong with a substitution, and what would be right.
fn rejection(out: &mut String, rejected: &Rejected, notation: &Notation) {
    let index = |term: &Index| text::index(term, notation, Charset::Unicode);
    let pairs = |pairs: &[(Var, Index)]| {
        pairs.iter().map(|(var, term)| format!("{} = {}", var.name, index(term))).collect::<Vec<_>>().join(", ")
    };
    let hint: Vec<String> =
        rejected.hint.iter().map(|(left, right)| format!("{} = {}", index(left), index(right))).collect();
    if rejected.inverse.is_empty() {
        let _ = writeln!(out, "        {} does not say what the old letters are", hint.join(", "));
    } else {
        let _ = writeln!(out, "        the inverse of {} is {}", hint.join(", "), pairs(&rejected.inverse));
    }
    if let Some(becomes) = &rejected.becomes {
        let _ = writeln!(out, "        with it the line before becomes {}", spell(becomes, notation));
    }
    if !rejected.works.is_empty() {
        let _ = writeln!(out, "        what works is {}", pairs(&rejected.works));
    }
}

/// The JSON of a decision, as other programs rely on it.
pub fn json(file: &str, goal: &Goal, decision: &Decision) -> Value {
    let notation = Notation::of_statement(&goal.statement);
    let assumptions: Vec<String> = notation
        .conditions(&goal.statement.assumptions)
        .iter()
        .map(|condition| text::condition(condition, Charset::Ascii))
        .collect();
    let mut value = json!({
        "file": file,
        "name": decision.name,
        "verdict": decision.verdict.name(),
        "expected": decision.as_expected(),
        "time_ms": milliseconds(decision.time),
        "check_ms": milliseconds(decision.check_time),
        "steps": 0,
        "laws": [],
        "assumptions": assumptions,
        "statistics": {
            "nodes": decision.statistics.nodes,
            "classes": decision.statistics.classes,
            "iterations": decision.statistics.iterations,
            "stop": decision.statistics.stop,
        },
        "remarks": decision.remarks,
    });
    match &decision.verdict {
        Verdict::Proved(proved) => {
            value["steps"] = json!(steps(&proved.certificate));
            value["laws"] = json!(proved.theorem.laws());
        }
        Verdict::Refuted(counterexample) | Verdict::Disagreement(_, counterexample) => {
            value["counterexample"] = counterexample.to_json();
        }
        Verdict::Undecided(open) => {
            let spelled = |terms: &[Expr]| {
                terms.iter().map(|term| text::expr(term, &notation, Charset::Ascii)).collect::<Vec<_>>()
            };
            value["reason"] = json!(open.reason);
            value["left"] = json!(spelled(&open.left));
            value["right"] = json!(spelled(&open.right));
        }
        Verdict::IllFormed(_) => {}
    }
    let failed: Vec<Value> = decision
        .lines
        .iter()
        .filter(|line| !line.holds)
        .map(|line| json!({ "source": line.source, "reason": line.reason, "counterexample": line.counterexample.as_ref().map(|found| found.to_json()) }))
        .collect();
    if !failed.is_empty() {
        value["lines"] = json!(failed);
    }
    value
}
