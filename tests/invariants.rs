//! What the architecture promises, as tests.

use std::collections::BTreeSet;

use convprove::{export, search};

/// The laws have the same names in the kernel, in egg, in `convprove laws` and in the documentation.
#[test]
fn the_laws_are_the_same_everywhere() {
    let source = std::fs::read_to_string("src/kernel/laws.rs").unwrap();
    let names = source.split("pub fn name(").nth(1).unwrap().split("    }\n").next().unwrap();
    let kernel: BTreeSet<&str> = names.split('"').skip(1).step_by(2).collect();
    let egg: BTreeSet<&str> = search::saturate::LAWS.into_iter().collect();
    let table: BTreeSet<&str> = export::laws::LAWS.iter().map(|law| law.name).collect();
    let page = std::fs::read_to_string("docs/laws.md").unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let documented: BTreeSet<&str> = rows.filter_map(|row| row.split('`').nth(1)).collect();
    assert!(kernel.len() >= 10, "{kernel:?}");
    assert_eq!(kernel, egg);
    assert_eq!(kernel, table);
    assert_eq!(kernel, documented);
}

/// The kernel knows itself, the number crates and serde's derives: no search, syntax, numbers, files or floats.
#[test]
fn the_kernel_imports_nothing_but_numbers() {
    let mut lines = 0;
    for entry in std::fs::read_dir("src/kernel").unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for line in text.lines().map(str::trim) {
            lines += 1;
            let code = line.split("//").next().unwrap_or_default();
            if let Some(import) = code.strip_prefix("use ").or_else(|| code.strip_prefix("pub use ")) {
                let root = import.split([':', ';', '{', ' ']).next().unwrap_or_default();
                let inner = [
                    "super",
                    "std",
                    "num_bigint",
                    "num_integer",
                    "num_rational",
                    "num_traits",
                    "serde",
                    "self",
                    "arithmetic",
                    "calculus",
                    "expr",
                    "guard",
                    "index",
                    "laws",
                    "maximum",
                    "premise",
                    "refusal",
                    "ring",
                    "signature",
                    "substitute",
                    "theorem",
                    "wellformed",
                ];
                assert!(inner.contains(&root), "{}: {line}", path.display());
            }
            for word in [
                "crate::",
                "std::fs",
                "std::io",
                "std::process",
                "f32",
                "f64",
                "egg::",
                "pest::",
                "serde_json",
                "unsafe ",
            ] {
                assert!(!code.contains(word), "{}: {line}", path.display());
            }
        }
    }
    assert!(lines > 1000);
}

/// The number of a theorem cannot be conjured: no derive and no constructor outside `check`.
#[test]
fn a_theorem_has_no_constructor_but_check() {
    let source = std::fs::read_to_string("src/kernel/theorem.rs").unwrap();
    let before = source.split("pub struct Theorem").next().unwrap();
    let derives = before.rsplit("#[derive(").next().unwrap();
    assert!(!derives.contains("Deserialize") && !derives.contains("Default"), "{derives}");
    assert_eq!(source.matches("Ok(Theorem {").count(), 1);
    assert_eq!(source.matches("Theorem { statement").count(), 1);
}

/// The README shows what the program prints.
#[test]
fn the_readme_shows_real_output() {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_convprove")).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let explained = run(&["explain", "proofs/exercise-5-2.cvp:wide_commutes"]);
    assert!(readme.contains(explained.trim_end()), "{explained}");
    assert!(explained.lines().filter(|line| line.trim_start().starts_with('=')).count() < 10);
    let formulas = run(&["derive", "proofs/backprop.cvp", "--formulas"]);
    for name in ["dU", "dX1", "dK1[i, j, :]"] {
        let line = formulas.lines().find(|line| line.starts_with(&format!("{name} = "))).unwrap();
        assert!(readme.contains(line), "{line}");
    }
    let emitted = run(&["derive", "proofs/backprop.cvp:da", "--emit", "numpy"]);
    let tail = emitted.lines().rev().take(6).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n");
    assert!(readme.contains(&tail), "{tail}");
    let program = readme.split("theorem homework").nth(1).unwrap().split("```").next().unwrap();
    let file = std::env::temp_dir().join(format!("convprove-readme-{}.cvp", std::process::id()));
    let declarations = "size m, n, M, N\ntensor W[1..m, 1..n], X[1..M, 1..N]\ntheorem homework";
    std::fs::write(&file, format!("{declarations}{program}")).unwrap();
    let checked = run(&["check", &file.display().to_string()]);
    std::fs::remove_file(&file).unwrap();
    let tail = checked.split(": = sum").nth(1).unwrap().split("\n\n").next().unwrap();
    assert!(readme.contains(tail), "{checked}");
}
