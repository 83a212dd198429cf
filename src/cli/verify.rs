//! `verify` and `fmt`.

use std::collections::BTreeMap;

use convprove::diag::render;
use convprove::export::source;
use convprove::kernel::{Statement, check};
use convprove::{archive, syntax};
use serde_json::{Value, json};

use super::args::{Fmt, Verify};
use super::files;
use super::status::Status;
use super::{color, say};

/// Checks certificates with the kernel alone: no search, no parser, no numbers.
pub fn verify(args: &Verify) -> Result<Status, String> {
    let against: Option<BTreeMap<String, Statement>> = match &args.against {
        Some(path) => {
            let source = files::read(path)?;
            let module = syntax::load(&source.text, source.literate);
            Some(module.goals.into_iter().map(|goal| (goal.statement.name.to_string(), goal.statement)).collect())
        }
        None => None,
    };
    let mut status = Status::Fine;
    let mut results: Vec<Value> = Vec::new();
    for path in files::find(&args.certificates, &["json"])? {
        let shown = path.display().to_string();
        let certificate = match files::read(&path).and_then(|source| archive::read(&source.text)) {
            Ok(certificate) => certificate,
            Err(fault) => {
                status = status.max(Status::Unreadable);
                results.push(json!({ "file": shown, "verdict": "ill-formed", "reason": fault }));
                continue;
            }
        };
        let name = certificate.statement.name.to_string();
        let differs = against.as_ref().is_some_and(|known| known.get(&name) != Some(&certificate.statement));
        let reason = match check(&certificate) {
            Err(refusal) => Some(refusal.to_string()),
            Ok(_) if differs => Some("the statement is not that of the file".to_owned()),
            Ok(_) => None,
        };
        let verdict = if reason.is_none() { "proved" } else { "refused" };
        if reason.is_some() {
            status = status.max(Status::Refuted);
        }
        results.push(json!({
            "file": shown, "name": name, "verdict": verdict, "reason": reason, "statement": source::statement(&certificate.statement),
        }));
    }
    if args.json {
        let mut summary: BTreeMap<&str, usize> = BTreeMap::new();
        for result in &results {
            *summary.entry(result["verdict"].as_str().unwrap_or_default()).or_default() += 1;
        }
        say(&json!({ "schema": "convprove/verify/1", "results": results, "summary": summary }).to_string());
        return Ok(status);
    }
    for result in &results {
        let text = |field: &str| result[field].as_str().unwrap_or_default().to_owned();
        say(&format!("{}: {} {}", text("file"), text("verdict"), text("reason")));
        text("statement").lines().for_each(|line| say(&format!("    {line}")));
    }
    Ok(status)
}

/// Rewrites files in the canonical form.
pub fn fmt(args: &Fmt) -> Result<Status, String> {
    let mut status = Status::Fine;
    for path in files::find(&args.paths, &["cvp", "md"])? {
        let source = files::read(&path)?;
        let formatted = if source.literate { syntax::fmt_literate(&source.text) } else { syntax::fmt(&source.text) };
        match formatted {
            Err(diagnostics) => {
                for diagnostic in &diagnostics {
                    eprint!("{}", render(diagnostic, &source.name, &source.text, color()));
                }
                status = status.max(Status::Unreadable);
            }
            Ok(formatted) if formatted == source.text => {}
            Ok(_) if args.check => {
                say(&format!("{}: not in the canonical form", source.name));
                status = status.max(Status::Refuted);
            }
            Ok(formatted) => std::fs::write(&path, formatted).map_err(|error| format!("{}: {error}", source.name))?,
        }
    }
    Ok(status)
}
