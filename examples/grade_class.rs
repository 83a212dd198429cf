//! How many answers are graded in a second: `cargo run --release --example grade_class`.
//!
//! A class is made of the answers of `tests/homework/answers` and `tests/grade/answers`, each many times, and graded in parallel as
//! `convprove grade FOLDER` does.

use std::time::Instant;

use convprove::grade::{Options, grade};
use rayon::prelude::*;

/// Each answer stands so many times in the class.
const COPIES: usize = 10;

fn main() -> std::io::Result<()> {
    let mut answers = Vec::new();
    for folder in ["tests/homework/answers", "tests/grade/answers"] {
        for entry in std::fs::read_dir(folder)? {
            answers.push(std::fs::read_to_string(entry?.path())?);
        }
    }
    let class: Vec<&String> = (0..COPIES).flat_map(|_| &answers).collect();
    let started = Instant::now();
    let steps: usize = class.par_iter().map(|text| grade(text, &Options::default()).steps.len()).sum();
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{} answers with {steps} steps in {seconds:.1} s on {} threads: {:.0} answers and {:.0} steps a second",
        class.len(),
        rayon::current_num_threads(),
        class.len() as f64 / seconds,
        steps as f64 / seconds
    );
    Ok(())
}

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
