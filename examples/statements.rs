//! Many random statements, true by construction, and each one edit away: how many are proved, and whether any verdict is wrong.
//!
//! ```text
//! cargo run --release --example statements                 100,000 statements from seed 1
//! cargo run --release --example statements 7 5000          5,000 statements from seed 7
//! cargo run --release --example statements 7 5000 open     the same, with those that stay open
//! ```
//!
//! The exit status is 1 where a true statement is refuted, or one is both proved and refuted.

use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};

#[path = "../tests/support/edit.rs"]
mod edit;
#[path = "../tests/support/statements.rs"]
mod statements;
#[path = "../tests/support/survey.rs"]
mod survey;

fn number(position: usize, usual: u64) -> u64 {
    let Some(text) = std::env::args().nth(position) else { return usual };
    text.parse().unwrap_or_else(|_| {
        eprintln!("{text} is no number; usage: statements [SEED [COUNT [open]]]");
        std::process::exit(2)
    })
}

fn main() -> ExitCode {
    let (seed, count) = (number(1, 1), number(2, 100_000));
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len} {eta}").unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(count).with_style(style);
    let found = survey::survey(seed, 0..count, || bar.inc(1));
    bar.finish_and_clear();
    println!("seed {seed}, {count} statements\n");
    println!("| statements | proved | open | refuted |");
    println!("| --- | ---: | ---: | ---: |");
    let row = |label: &str, tally: survey::Tally| {
        println!("| {label} | {} | {} | {} |", tally.proved, tally.open, tally.refuted);
    };
    for (rewrites, tally) in (1..).zip(found.by_rewrites) {
        row(&format!("{rewrites} rewrites"), tally);
    }
    row("one edit away", found.edited);
    if std::env::args().nth(3).is_some() {
        found.open.iter().for_each(|open| println!("\n{open}"));
    }
    for fault in &found.faults {
        println!("\n{fault}");
    }
    if found.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
