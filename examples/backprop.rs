//! What it costs to derive each backward formula of `proofs/backprop.cvp`, as a Markdown table.
//!
//! `cargo run --release --example backprop`

use std::time::Instant;

use convprove::decide::{Options, Verdict, decide};
use convprove::derive::{derive, shapes};
use convprove::export::gradient::formula;
use convprove::export::notation::Notation;
use convprove::export::text::{self, Charset};

fn main() {
    let module = convprove::syntax::load(include_str!("../proofs/backprop.cvp"), false);
    let started = Instant::now();
    let shapes = shapes(&module.library);
    let reading = started.elapsed();
    println!(
        "{} operators of the library are sums of products; reading them took {:.0} ms.\n",
        shapes.len(),
        reading.as_secs_f64() * 1e3
    );
    println!("| formula | found in | e-nodes | classes | proved in | steps |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let mut times = Vec::new();
    for request in &module.requests {
        let Ok(derived) = derive(&shapes, request) else { continue };
        let decision = decide(&derived.goal, &[], &Options::default());
        let statement = &derived.goal.statement;
        let notation = Notation::of_statement(statement);
        let (left, right) = formula(&notation, &statement.name, &statement.indices, &derived.form);
        let steps = match &decision.verdict {
            Verdict::Proved(proved) => proved.certificate.proof.steps().len().to_string(),
            other => other.name().to_owned(),
        };
        let milliseconds = |time: std::time::Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
        times.push(derived.time);
        println!(
            "| `{}` | {} | {} | {} | {} | {steps} |",
            text::equation(&left, &right, Charset::Unicode),
            milliseconds(derived.time),
            derived.statistics.nodes,
            derived.statistics.classes,
            milliseconds(decision.time),
        );
    }
    times.sort();
    if let (Some(median), Some(longest)) = (times.get(times.len() / 2), times.last()) {
        println!("\nMedian {:.1} ms, longest {:.1} ms.", median.as_secs_f64() * 1e3, longest.as_secs_f64() * 1e3);
    }
}

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
