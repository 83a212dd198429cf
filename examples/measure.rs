//! Measures the families of benchmarks and the corpus, and prints the tables of `docs/performance.md`:
//! `cargo run --release --example measure`. The benchmarks in `benches/` sample the same statements with care.

use std::time::{Duration, Instant};

use convprove::decide::{Verdict, decide_all};
use convprove::kernel::{self, Statement};

#[path = "../benches/support/mod.rs"]
mod support;

/// How often a member of a family is measured.
const RUNS: usize = 5;

/// A search that takes longer is measured once.
const TOO_SLOW: Duration = Duration::from_secs(3);

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

fn timed<T>(times: &mut Vec<Duration>, run: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = run();
    times.push(started.elapsed());
    result
}

fn row(label: &str, statement: &Statement) {
    let (mut searches, mut checks) = (Vec::new(), Vec::new());
    let mut last = None;
    while searches.len() < RUNS && searches.last().is_none_or(|time| *time <= TOO_SLOW) {
        let (proved, statistics) = match timed(&mut searches, || support::prove(statement, &[])) {
            Ok(found) => found,
            Err(open) => {
                let time = median(searches);
                return println!("| {label} | {time:.1}, undecided: {} |", open.reason);
            }
        };
        assert!(timed(&mut checks, || kernel::check(&proved.certificate)).is_ok());
        last = Some((proved, statistics));
    }
    let Some((proved, statistics)) = last else { return };
    let bytes = convprove::archive::write(&proved.certificate).map_or(0, |text| text.len());
    println!(
        "| {label} | {:.1} | {:.2} | {} | {} |",
        median(searches),
        median(checks),
        statistics.nodes,
        bytes.div_ceil(1024)
    );
}

fn main() {
    println!("| statement | search, ms | re-check, ms | e-nodes | certificate, KiB |\n| --- | --- | --- | --- | --- |");
    for (family, number, statement) in support::families() {
        row(&format!("{family}: {number}"), &statement);
    }
    let (mut times, mut checks) = (Vec::new(), Vec::new());
    for (_, goals) in support::pages() {
        for decision in decide_all(&goals, &Default::default(), |_| {}) {
            times.push(decision.time);
            if let Verdict::Proved(proved) = &decision.verdict {
                let _ = timed(&mut checks, || kernel::check(&proved.certificate));
            }
        }
    }
    let worst = times.iter().max().map_or(0.0, |time| time.as_secs_f64() * 1e3);
    println!(
        "\n{} theorems of the corpus: median {:.1} ms, worst {worst:.0} ms; re-check median {:.2} ms",
        times.len(),
        median(times.clone()),
        median(checks)
    );
}

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
