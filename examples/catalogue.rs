//! Writes `docs/catalogue.md`: every statement of `proofs/` with its verdict, the laws that its proof uses, and the time.
//!
//! ```text
//! cargo run --release --example catalogue > docs/catalogue.md
//! ```

use convprove::decide::{Verdict, decide_all};

#[path = "../benches/support/mod.rs"]
mod support;

fn main() {
    println!("# The catalogue\n");
    println!("What `convprove check` says of the pages in `proofs/`, written by");
    println!(
        "`cargo run --release --example catalogue > docs/catalogue.md`. Times are those of one run, search and kernel"
    );
    println!("together, on a shared machine with two cores.\n");
    let (mut all, mut times) = ([0usize; 3], Vec::new());
    for (page, goals) in support::pages() {
        println!("## [{page}](../proofs/{page}.cvp)\n");
        println!("| statement | verdict | laws | steps | ms |");
        println!("| --- | --- | --- | ---: | ---: |");
        decide_all(&goals, &Default::default(), |decision| {
            let ms = decision.time.as_secs_f64() * 1e3;
            let (laws, steps) = match &decision.verdict {
                Verdict::Proved(proved) => {
                    all[0] += 1;
                    times.push(ms);
                    let laws: Vec<&str> = proved.theorem.laws().iter().copied().collect();
                    (laws.join(", "), proved.certificate.proof.steps().len().to_string())
                }
                Verdict::Refuted(_) => {
                    all[1] += 1;
                    (String::new(), String::new())
                }
                _ => {
                    all[2] += 1;
                    (String::new(), String::new())
                }
            };
            println!("| {} | {} | {laws} | {steps} | {ms:.1} |", decision.name, decision.verdict.name());
        });
        println!();
    }
    times.sort_by(f64::total_cmp);
    let [proved, refuted, open] = all;
    let (median, worst) = (times.get(times.len() / 2).copied().unwrap_or(0.0), times.last().copied().unwrap_or(0.0));
    println!(
        "{proved} proved, {refuted} refuted, {open} undecided; of the proofs the median takes {median:.1} ms, the longest {worst:.0} ms."
    );
}

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
