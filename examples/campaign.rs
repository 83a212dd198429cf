//! A long cross-check of the corpus: every theorem of `proofs/` on random tensors, seed after seed, with a larger budget than
//! usual. It looks for what must not be: a theorem that the kernel proves and the numbers refute.
//!
//! ```text
//! cargo run --release --example campaign              20 seeds from 2024 on
//! cargo run --release --example campaign 7 200        200 seeds from 7 on
//! ```
//!
//! Each line says how many choices of sizes and indices were evaluated, and how long the cross-check took with the usual
//! budget. The exit status is 1 where a verdict is not the one that the page expects.

use std::process::ExitCode;
use std::time::Instant;

use convprove::goal::{Expectation, Goal};
use convprove::numeric::{CrossCheck, Options, check};

#[path = "../benches/support/mod.rs"]
mod support;

/// How many times the usual number of points is evaluated for each seed.
const LARGER: u64 = 4;

fn number(position: usize, usual: u64) -> u64 {
    std::env::args().nth(position).map_or(usual, |text| text.parse().unwrap_or(usual))
}

/// What the seeds say of a goal, and whether its page says so too.
fn campaign(goal: &Goal, seeds: std::ops::Range<u64>) -> (String, bool) {
    let mut all = 0;
    let usual = Options::default();
    for seed in seeds {
        let options = Options { seed, points: usual.points * LARGER, ..usual.clone() };
        match check(&goal.statement, &options) {
            CrossCheck::Agrees { trials, .. } => all += trials,
            CrossCheck::Refuted(found) => {
                let sizes: Vec<String> =
                    found.sizes.iter().map(|(name, value)| format!("{name} = {value:?}")).collect();
                let what = format!("refuted with seed {seed} at {}", sizes.join(", "));
                return (what, goal.expectation == Expectation::Refuted);
            }
            CrossCheck::Vacuous(reason) | CrossCheck::Unsupported(reason) => return (reason, false),
        }
    }
    (format!("agrees in {all} trials"), goal.expectation != Expectation::Refuted)
}

fn main() -> ExitCode {
    let (first, count) = (number(1, Options::default().seed), number(2, 20));
    let seeds = first..first.saturating_add(count);
    println!("seeds {} to {}", first, seeds.end.saturating_sub(1));
    let mut unexpected = 0;
    for (page, goals) in support::pages() {
        for goal in &goals {
            let started = Instant::now();
            let _ = check(&goal.statement, &Options::default());
            let time = started.elapsed();
            let (what, expected) = campaign(goal, seeds.clone());
            let mark = if expected { ' ' } else { '!' };
            unexpected += usize::from(!expected);
            println!("{mark} {page}:{}   {what}   ({:.1} ms a check)", goal.statement.name, time.as_secs_f64() * 1e3);
        }
    }
    println!("{unexpected} not as expected");
    ExitCode::from(u8::from(unexpected > 0))
}
