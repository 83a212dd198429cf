//! `picture`: the matrix of a linear layer.

use std::collections::BTreeMap;
use std::path::Path;

use convprove::diag::Severity;
use convprove::kernel::{Definition, Name};
use convprove::picture::{Layer, Matrix, latex, markdown, matrix, svg, text};
use convprove::syntax::{self, Module};
use num_bigint::BigInt;

use super::args::{Drawing, Picture};
use super::check::known;
use super::files;
use super::report;
use super::status::Status;
use super::{Failure, say};

/// Prints the matrix of a layer.
pub fn picture(args: &Picture) -> Result<Status, Failure> {
    let (path, name) = files::target(&args.target);
    let Some(name) = name else {
        return Err(Failure::Usage(format!("{path} is a file: say which layer, as in {path}:conv, or std:conv2")));
    };
    let module = match path {
        "std" => syntax::library(name),
        path => {
            let source = files::read(Path::new(path))?;
            let module = syntax::load(&source.text, source.literate);
            if module.definitions.iter().all(|known| known.definition.name.as_str() != name) {
                let errors: Vec<_> =
                    module.diagnostics.iter().filter(|one| one.severity == Severity::Error).cloned().collect();
                report::complain_all(&errors, &source.name, &source.text);
            }
            module
        }
    };
    let drawn = draw(&module, name, args.input.as_deref(), &args.at)?;
    let drawn = if args.transpose { drawn.transposed() } else { drawn };
    let shown = match args.format {
        Drawing::Text => text(&drawn),
        Drawing::Markdown => markdown(&drawn),
        Drawing::Latex => latex(&drawn),
        Drawing::Svg => svg(&drawn),
    };
    say(shown.trim_end());
    Ok(Status::Fine)
}

/// The matrix of a layer of a file.
pub fn draw(module: &Module, name: &str, input: Option<&str>, at: &[(String, BigInt)]) -> Result<Matrix, Failure> {
    let names = || module.definitions.iter().map(|known| known.definition.name.as_str());
    let find = |module: &Module| module.definitions.iter().position(|known| known.definition.name.as_str() == name);
    let library = syntax::library(name);
    let module = if find(module).is_some() { module } else { &library };
    let Some(layer) = find(module).and_then(|place| module.definitions.get(place)) else {
        return Err(Failure::Usage(format!("there is no definition {name}; {}", known(names()))));
    };
    let mut sizes: BTreeMap<Name, i64> = BTreeMap::new();
    for (size, value) in at {
        let value = i64::try_from(value).map_err(|_| Failure::Usage(format!("{size} is too large")))?;
        sizes.insert(Name::from(size.as_str()), value);
    }
    let definitions: Vec<Definition> = module.definitions.iter().map(|known| known.definition.clone()).collect();
    let layer = Layer {
        definition: &layer.definition,
        definitions: &definitions,
        defaults: &layer.defaults,
        assumptions: &layer.assumptions,
    };
    matrix(&layer, input, &sizes).map_err(|fault| Failure::Usage(format!("{name} has no matrix here: {fault}")))
}
