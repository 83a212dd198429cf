//! Measures the two families of benchmarks and prints them as Markdown rows for `docs/performance.md`:
//! `cargo run --release --example measure`.

use std::time::{Duration, Instant};

use convprove::kernel;
use convprove::search::{Budget, Proved, Statistics, prove};
use convprove::syntax;

/// Wide-convolution commutativity in `rank` separate dimensions.
fn dimensions(rank: usize) -> String {
    let list = |each: &dyn Fn(usize) -> String| (1..=rank).map(each).collect::<Vec<_>>().join(", ");
    format!(
        "size {}\ntensor W[{}], X[{}]\n\
         def rot(A[{}])[{}] = A[{}]\n\
         def wide(A[{}], B[{}])[{}] = sum({}) A[{}] * B[{}]\n\
         theorem commutes: wide(rot(W), X) = wide(rot(X), W)\n",
        list(&|d| format!("m{d}, n{d}")),
        list(&|d| format!("1..m{d}")),
        list(&|d| format!("1..n{d}")),
        list(&|d| format!("1..a{d}")),
        list(&|d| format!("u{d} in 1..a{d}")),
        list(&|d| format!("a{d}-u{d}+1")),
        list(&|d| format!("1..a{d}")),
        list(&|d| format!("1..b{d}")),
        list(&|d| format!("i{d} in 1..a{d}+b{d}-1")),
        list(&|d| format!("u{d} in 1..a{d}")),
        list(&|d| format!("u{d}")),
        list(&|d| format!("i{d}+u{d}-a{d}")),
    )
}

/// A chain of `length` wide convolutions, read from either end.
fn chain(length: usize) -> String {
    let names: Vec<String> = (1..=length).map(|k| format!("w{k}")).collect();
    let fold = |names: &mut dyn Iterator<Item = &String>| {
        names.map(String::clone).reduce(|left, right| format!("full({left}, {right})")).unwrap_or_default()
    };
    let sizes: Vec<String> = (1..=length).map(|k| format!("n{k}")).collect();
    let tensors: Vec<String> = (1..=length).map(|k| format!("w{k}[0..n{k}-1]")).collect();
    format!(
        "size {}\ntensor {}\n\
         def full(x[0..n-1], w[0..K-1])[i in 0..n+K-2] = sum(k in 0..K-1) w[k] * x[i-k]\n\
         theorem reversed: {} = {}\n",
        sizes.join(", "),
        tensors.join(", "),
        fold(&mut names.iter()),
        fold(&mut names.iter().rev()),
    )
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

fn row(label: &str, text: &str) {
    let module = syntax::load(text, false);
    let Some(goal) = module.goals.first() else { return println!("| {label} | not read |") };
    let (mut searches, mut checks, mut last): (Vec<Duration>, Vec<Duration>, Option<(Proved, Statistics)>) =
        Default::default();
    for _ in 0..5 {
        let mut statistics = Statistics::default();
        let started = Instant::now();
        let proved = prove(&goal.statement, &[], &Budget::default(), &mut statistics);
        searches.push(started.elapsed());
        let Ok(proved) = proved else { return println!("| {label} | undecided |") };
        let started = Instant::now();
        let checked = kernel::check(&proved.certificate);
        checks.push(started.elapsed());
        assert!(checked.is_ok());
        last = Some((proved, statistics));
    }
    if let Some((proved, statistics)) = last {
        let bytes = convprove::archive::write(&proved.certificate).map_or(0, |text| text.len());
        println!(
            "| {label} | {:.1} | {:.2} | {} | {} |",
            median(searches),
            median(checks),
            statistics.nodes,
            bytes.div_ceil(1024)
        );
    }
}

fn main() {
    println!("| statement | search, ms | re-check, ms | e-nodes | certificate, KiB |\n| --- | --- | --- | --- | --- |");
    for rank in 1..=8 {
        row(&format!("wide commutes, D = {rank}"), &dimensions(rank));
    }
    for length in 2..=10 {
        row(&format!("chain reversed, k = {length}"), &chain(length));
    }
    let mut paths: Vec<_> =
        std::fs::read_dir("proofs").into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let (mut times, mut checks) = (Vec::new(), Vec::new());
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for decision in convprove::decide::decide_all(&syntax::load(&text, false).goals, &Default::default(), |_| {}) {
            times.push(decision.time);
            if let convprove::decide::Verdict::Proved(proved) = &decision.verdict {
                let started = Instant::now();
                let _ = kernel::check(&proved.certificate);
                checks.push(started.elapsed());
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
