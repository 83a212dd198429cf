//! Emitted programs give what the derivative itself gives.

#[path = "emit/cases.rs"]
mod cases;

use std::fmt::Write;
use std::process::Command;

use cases::{cases, formulas, ranks};
use convprove::emit::{Target, program};

const SEED: u64 = 2026;

/// Every closed form of the page of backpropagation as Rust, compiled and run at random sizes.
#[test]
fn rust_programs_agree_with_the_exact_evaluator() {
    let formulas = formulas(include_str!("../proofs/backprop.cvp"));
    assert!(formulas.len() > 20, "only {} formulas", formulas.len());
    let program = program(&formulas, &ranks(&formulas), Target::Rust).expect("a program");
    let cases = cases(&formulas, SEED, 3);
    println!("seed {SEED}: {} formulas, {} cases", formulas.len(), cases.len());
    let mut text = program.text.clone();
    text.push_str("\n\nfn main() {\n");
    for (number, case) in cases.iter().enumerate() {
        let called = &program.functions[case.formula];
        let mut arguments = Vec::new();
        for tensor in &called.tensors {
            let (shape, data) = &case.arrays[tensor];
            let data: Vec<String> = data.iter().map(|value| format!("{value}.0")).collect();
            arguments.push(match shape.is_empty() {
                true => data.concat(),
                false => format!("&Array {{ shape: vec!{shape:?}, data: vec![{}] }}", data.join(", ")),
            });
        }
        arguments.extend(called.integers.iter().map(|name| case.integers[name].to_string()));
        let call = format!("{}({})", called.name, arguments.join(", "));
        let _ = writeln!(text, "    {{\n        let out = {call};");
        for (place, _) in &case.expected {
            let value = if place.is_empty() { "out".to_string() } else { format!("out.at(&{place:?})") };
            let _ = writeln!(text, "        println!(\"{number} {{:?}}\", {value});");
        }
        text.push_str("    }\n");
    }
    text.push_str("}\n");
    let folder = std::env::temp_dir().join(format!("convprove-emit-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (source, binary) = (folder.join("main.rs"), folder.join("main"));
    std::fs::write(&source, &text).expect("a file");
    let compiled =
        Command::new("rustc").args(["--edition", "2021", "-o"]).arg(&binary).arg(&source).output().expect("rustc");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let ran = Command::new(&binary).output().expect("the program runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let printed = String::from_utf8_lossy(&ran.stdout);
    let mut values =
        printed.lines().map(|line| line.split_once(' ').expect("a value").1.parse::<f64>().expect("a number"));
    let mut compared = 0;
    for case in &cases {
        for (place, expected) in &case.expected {
            let value = values.next().expect("a value for each place");
            let name = &program.functions[case.formula].name;
            assert!(
                (value - expected).abs() <= 1e-9 * expected.abs().max(1.0),
                "{name} at {place:?}: {value}, not {expected}"
            );
            compared += 1;
        }
    }
    assert!(values.next().is_none() && compared > 200, "{compared} values compared");
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
