//! Hostile text: nothing panics, everything is accounted for, deep nesting is reported.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use convprove::homework::{read, surface};

use super::key::ANSWERS;
use super::page::everything_is_accounted_for;

/// A fixed seed, so that a failure can be replayed.
fn runner(cases: u32, seed: u8) -> TestRunner {
    println!("seed {seed}");
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    TestRunner::new_with_rng(Config { cases, failure_persistence: None, ..Config::default() }, rng)
}

fn survives(text: &str) {
    let reading = read(text);
    everything_is_accounted_for(text, &reading);
    for step in &reading.steps {
        let _ = step.reading();
    }
    for claim in reading.claims() {
        let _ = surface::claim(&claim, &reading.symbols);
    }
}

#[test]
fn arbitrary_text_is_survived() {
    runner(500, 1)
        .run(&"\\PC{0,80}", |text| {
            survives(&text);
            Ok(())
        })
        .unwrap();
}

/// Texts of pieces that mean something to the reader, in any order.
#[test]
fn arbitrary_rows_of_tokens_are_survived() {
    let tokens = prop::sample::select(vec![
        "\\newcommand{\\a}[1]{",
        "\\def\\a{\\a\\a}",
        "\\a{",
        "#1",
        "\\documentclass{a}",
        "\\begin{document}",
        "\\begin{thm}",
        "\\end{thm}",
        "\\begin{tabular}{l}",
        "\\begin{verbatim}",
        "\\section{",
        "\\item[",
        "\\verb|",
        "▒",
        "〖",
        "〗",
        "sum_{",
        "sum_k ",
        "$",
        "$$",
        "\\[",
        "\\]",
        "\\(",
        "\\)",
        "```",
        "\n",
        "\n\n",
        " ",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "_",
        "^",
        "&",
        "\\\\",
        "\\begin{aligned}",
        "\\end{aligned}",
        "\\begin{cases}",
        "\\end{cases}",
        "\\begin{matrix}",
        "\\end{matrix}",
        "\\left",
        "\\right",
        "\\frac",
        "\\partial",
        "\\sum",
        "\\sum_{i=1}^n",
        "\\text{if}",
        "\\text{a b}",
        "\\tag{1}",
        "\\quad",
        "=",
        "+",
        "-",
        "*",
        "**",
        "/",
        "//",
        "\\otimes",
        "\\tilde",
        "\\mathbf",
        "\\{",
        "\\}",
        "x",
        "y_{ij}",
        "W",
        "rot180",
        "2",
        "10",
        ".",
        ",",
        ":",
        "'",
        "习题",
        "且",
        "≤",
        "⌊",
        "⌋",
        "\\in",
        "\\nabla",
        "\\log",
        "∑",
        "%",
        "\\xlongequal",
        "|",
        "<br>",
        "<m>",
        "</m>",
        "\\_",
    ]);
    let texts = prop::collection::vec(tokens, 0..40).prop_map(|parts| parts.concat());
    runner(2000, 2)
        .run(&texts, |text| {
            survives(&text);
            Ok(())
        })
        .unwrap();
}

/// Answers with a part cut out, doubled, or moved.
#[test]
fn mutated_answers_are_survived() {
    let mutants = (0..ANSWERS.len(), any::<prop::sample::Index>(), 1usize..30, any::<prop::sample::Index>(), 0u8..4);
    runner(400, 3)
        .run(&mutants, |(number, at, length, to, what)| {
            let letters: Vec<char> = ANSWERS[number].1.chars().collect();
            let start = at.index(letters.len());
            let end = (start + length).min(letters.len());
            let mut mutant = letters.clone();
            let part: Vec<char> = letters[start..end].to_vec();
            match what {
                0 => drop(mutant.drain(start..end)),
                1 => drop(mutant.splice(start..start, part)),
                2 => {
                    mutant.drain(start..end);
                    let to = to.index(mutant.len() + 1);
                    mutant.splice(to..to, part);
                }
                _ => mutant[start..end].reverse(),
            }
            survives(&mutant.into_iter().collect::<String>());
            Ok(())
        })
        .unwrap();
}

/// Deep nesting of every kind ends in a clear report.
#[test]
fn deep_nesting_is_reported() {
    let deep = 100_000;
    for part in [
        "(",
        "{",
        "[",
        "\\{",
        "\\left(",
        "\\frac{",
        "x_{",
        "x^{",
        "\\sqrt{",
        "\\mathbf{",
        "\\tilde{",
        "\\begin{matrix}",
    ] {
        // A text of more than a megabyte is read in part.
        let text = format!("$$a = {}$$", part.repeat(deep.min(1_000_000 / part.len())));
        let reading = read(&text);
        assert_eq!(reading.steps.len(), 0, "{part}");
        let [fault] = reading.unreadable.as_slice() else { panic!("{part}: {} faults", reading.unreadable.len()) };
        assert!(fault.message.contains("deep") || fault.message.contains("longer"), "{part}: {}", fault.message);
        everything_is_accounted_for(&text, &reading);
    }
    // Just short of the longest formula the depth itself is named.
    for (part, times) in [("(", 60_000), ("\\sum_i ", 9_000), ("\\frac{1}{", 7_000), ("\\begin{cases}", 4_000)] {
        let reading = read(&format!("$$a = {}$$", part.repeat(times)));
        let [fault] = reading.unreadable.as_slice() else { panic!("{part}: {} faults", reading.unreadable.len()) };
        assert!(fault.message.contains("deep"), "{part}: {}", fault.message);
    }
}

/// What is not nested by brackets may still be nested in the tree.
#[test]
fn long_rows_are_survived() {
    let rows = [
        "\\log ",
        "\\nabla ",
        "x^2",
        "^2",
        "_i",
        "'",
        "**2",
        "\\otimes A",
        "=",
        "- ",
        "\\tilde",
        "x%",
        "%",
        "[i]",
        "(x)",
        "\\mathbf ",
        "\\frac12",
        "a,",
        "\\\\",
        "&",
        "\\text{a}",
        "rot180 ",
        "\\partial ",
        "d ",
        "\\Delta ",
        "// ",
        "$",
        "\\sum",
        "x_",
        "f'",
        "**",
        "> ",
        "`",
    ];
    for row in rows {
        for head in ["$$a = ", "$$x", "x = "] {
            for times in [30, 600] {
                let closing = if head.starts_with('$') { "$$" } else { "" };
                survives(&format!("{head}{}{closing}", row.repeat(times)));
            }
        }
    }
}

#[test]
fn a_text_that_is_too_long_is_read_in_part_and_said_so() {
    let text = format!("x = y + 1\n\n{}\n\nx = z + 1", "words of prose ".repeat(100_000));
    let reading = read(&text);
    assert_eq!(reading.steps.len(), 1);
    assert!(reading.unreadable.last().unwrap().message.contains("longer"));
}
