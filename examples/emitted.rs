//! Writes the formulas of a page as a program, with inputs and what must come out, for `tests/emitted/compare.py`.
//!
//! `cargo run --release --example emitted -- numpy proofs/backprop.cvp FOLDER`

#[path = "../tests/emit/cases.rs"]
mod cases;

use std::path::Path;
use std::process::ExitCode;

use cases::{cases, gradients, ranks};
use convprove::emit::{Called, Formula, Target, program};
use serde_json::{Value, json};

const SEED: u64 = 2026;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [target, page, folder] = arguments.as_slice() else {
        eprintln!("usage: emitted numpy|torch|jax PAGE FOLDER");
        return ExitCode::from(2);
    };
    let target = match target.as_str() {
        "numpy" => Target::Numpy,
        "torch" => Target::Torch,
        "jax" => Target::Jax,
        other => {
            eprintln!("emitted: {other} is none of numpy, torch, jax");
            return ExitCode::from(2);
        }
    };
    let page = match std::fs::read_to_string(page) {
        Ok(text) => text,
        Err(fault) => {
            eprintln!("emitted: {page}: {fault}");
            return ExitCode::FAILURE;
        }
    };
    let gradients = gradients(&page);
    let mut formulas: Vec<Formula> = gradients.iter().map(|gradient| gradient.formula.clone()).collect();
    for gradient in &gradients {
        if let Some((forward, _)) = &gradient.forward
            && !formulas.iter().any(|formula| formula.statement.name == forward.statement.name)
        {
            formulas.push(forward.clone());
        }
    }
    let ranks = ranks(&formulas);
    let program = match program(&formulas, &ranks, target) {
        Ok(program) => program,
        Err(reason) => {
            eprintln!("emitted: {reason}");
            return ExitCode::FAILURE;
        }
    };
    let called = |name: &str| formulas.iter().position(|formula| formula.statement.name.as_str() == name);
    let cases = cases(&formulas[..gradients.len()], SEED, 2);
    let listed: Vec<Value> = cases
        .iter()
        .map(|case| {
            let gradient = &gradients[case.formula];
            let forward = gradient.forward.as_ref().and_then(|(forward, upstream)| {
                let function = &program.functions[called(forward.statement.name.as_str())?];
                Some(json!({"call": call(function), "upstream": upstream.as_str(), "by": gradient.by.as_str()}))
            });
            let arrays = case
                .arrays
                .iter()
                .map(|(name, (shape, data))| (name.to_string(), json!({"shape": shape, "data": data})));
            let integers = case.integers.iter().map(|(name, value)| (name.to_string(), json!(value)));
            json!({
                "call": call(&program.functions[case.formula]),
                "arrays": arrays.collect::<serde_json::Map<_, _>>(),
                "integers": integers.collect::<serde_json::Map<_, _>>(),
                "expected": case.expected,
                "forward": forward,
            })
        })
        .collect();
    let folder = Path::new(folder);
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(folder.join("program.py"), &program.text))
        .and_then(|()| std::fs::write(folder.join("cases.json"), json!(listed).to_string()));
    match written {
        Ok(()) => {
            println!("{} formulas, {} cases, seed {SEED}", formulas.len(), listed.len());
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("emitted: {}: {fault}", folder.display());
            ExitCode::FAILURE
        }
    }
}

fn call(function: &Called) -> Value {
    let names = |names: &[convprove::kernel::Name]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
    json!({
        "name": function.name,
        "tensors": names(&function.tensors),
        "integers": names(&function.integers),
        "functions": function.functions,
    })
}
