//! Random statements, true by construction, must not be refuted and are mostly proved; one edit away none is proved that the numbers refute.
//! `cargo run --release --example statements` runs many more.

#[path = "support/edit.rs"]
mod edit;
#[path = "support/statements.rs"]
mod statements;
#[path = "support/survey.rs"]
mod survey;

/// The seed of the first statement.
const SEED: u64 = 20_26;

#[test]
fn true_statements_are_proved_and_false_ones_are_not() {
    let found = survey::survey(SEED, 0..2_000, || {});
    println!("seed {SEED}");
    for (rewrites, tally) in (1..).zip(found.by_rewrites) {
        println!("{rewrites} rewrites: {} proved, {} open", tally.proved, tally.open);
    }
    println!("edited: {:?}", found.edited);
    assert!(found.faults.is_empty(), "{}", found.faults.join("\n\n"));
    let proved: usize = found.by_rewrites.iter().map(|tally| tally.proved).sum();
    let open = found.open.len();
    assert!(proved >= 5 * open, "only {proved} true statements are proved, and {open} stay open");
}
