//! `check`, `prove`, `explain`: deciding statements.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;

use convprove::archive;
use convprove::decide::{Decision, Options, Verdict, decide, decide_all};
use convprove::diag::{Diagnostic, Severity, render};
use convprove::export::{
    Detail, Extent, Style, derivation, render_html, render_json, render_latex, render_markdown, render_text,
};
use convprove::goal::Goal;
use convprove::kernel::Certificate;
use convprove::syntax;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::args::{Check, Explain, Format, Prove};
use super::files::{self, Source};
use super::report;
use super::status::Status;
use super::{color, say};

/// What became of one file.
struct Checked {
    source: Source,
    goals: Vec<Goal>,
    decisions: Vec<Decision>,
    diagnostics: Vec<Diagnostic>,
}

impl Checked {
    fn status(&self) -> Status {
        let ill_formed = self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        let own = if ill_formed { Status::Unreadable } else { Status::Fine };
        self.decisions.iter().map(Status::of).fold(own, Status::max)
    }
}

/// Decides every theorem of the files.
pub fn check(args: &Check) -> Result<Status, String> {
    let paths = files::find(&args.paths, &["cvp", "md"])?;
    let loaded: Vec<(Source, syntax::Module)> = paths
        .par_iter()
        .map(|path| {
            let source = files::read(path)?;
            let module = syntax::load(&source.text, source.literate);
            Ok((source, module))
        })
        .collect::<Result<_, String>>()?;
    let total: usize = loaded.iter().map(|(_, module)| module.goals.len()).sum();
    let bar = if std::io::stderr().is_terminal() && !args.json {
        ProgressBar::new(total as u64)
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    let options = Options::default();
    let checked: Vec<Checked> = loaded
        .into_par_iter()
        .map(|(source, module)| {
            let decisions = decide_all(&module.goals, &options, |decision| {
                bar.set_message(decision.name.clone());
                bar.inc(1);
            });
            Checked { source, goals: module.goals, decisions, diagnostics: module.diagnostics }
        })
        .collect();
    bar.finish_and_clear();
    if let Some(folder) = &args.save {
        save(folder, &checked)?;
    }
    let status = checked.iter().map(Checked::status).fold(Status::Fine, Status::max);
    if args.json {
        say(&as_json(&checked).to_string());
    } else {
        print(args, &checked);
    }
    Ok(status)
}

fn print(args: &Check, checked: &[Checked]) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut expected_refuted = 0;
    for file in checked {
        let mut text = String::new();
        for diagnostic in &file.diagnostics {
            text.push_str(&render(diagnostic, &file.source.name, &file.source.text, color()));
        }
        for (goal, decision) in file.goals.iter().zip(&file.decisions) {
            *counts.entry(decision.verdict.name()).or_default() += 1;
            expected_refuted += usize::from(matches!(decision.verdict, Verdict::Refuted(_)) && decision.as_expected());
            if !args.quiet || Status::of(decision) != Status::Fine {
                text.push_str(&report::lines(goal, decision, args.stats));
            }
        }
        if !text.is_empty() {
            say(&format!("{}\n{}", file.source.name, text.trim_end()));
            say("");
        }
    }
    let mut words: Vec<String> = counts.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
    if words.is_empty() {
        words.push("no theorem found".into());
    }
    if expected_refuted > 0 {
        words.push(format!("{expected_refuted} refutations expected"));
    }
    say(&words.join(", "));
}

fn as_json(checked: &[Checked]) -> Value {
    let mut results: Vec<Value> = Vec::new();
    let mut summary: BTreeMap<&str, usize> = BTreeMap::new();
    for file in checked {
        let errors: Vec<Value> = file
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .map(|diagnostic| {
                let before = file.source.text.get(..diagnostic.span.start).unwrap_or(&file.source.text);
                let line = before.matches('\n').count() + 1;
                let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
                json!({ "line": line, "column": column, "message": diagnostic.message, "hint": diagnostic.hint })
            })
            .collect();
        if !errors.is_empty() {
            *summary.entry("ill-formed").or_default() += 1;
            results.push(json!({
                "file": file.source.name, "name": Value::Null, "verdict": "ill-formed", "expected": false, "time_ms": 0.0,
                "steps": 0, "laws": [], "assumptions": [], "reason": "parts of the file cannot be read", "diagnostics": errors,
            }));
        }
        for (goal, decision) in file.goals.iter().zip(&file.decisions) {
            *summary.entry(decision.verdict.name()).or_default() += 1;
            results.push(report::json(&file.source.name, goal, decision));
        }
    }
    json!({ "schema": "convprove/check/1", "results": results, "summary": summary })
}

fn save(folder: &Path, checked: &[Checked]) -> Result<(), String> {
    let fault = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(fault)?;
    for file in checked {
        let stem = Path::new(&file.source.name)
            .file_stem()
            .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        for decision in &file.decisions {
            if let Verdict::Proved(proved) = &decision.verdict {
                let path = folder.join(format!("{stem}.{}.json", decision.name));
                std::fs::write(path, archive::write(&proved.certificate)?).map_err(fault)?;
            }
        }
    }
    Ok(())
}

/// Decides one statement.
pub fn prove(args: &Prove) -> Status {
    let parsed = match syntax::parse_statement(&args.statement, &args.declarations) {
        Ok(parsed) => parsed,
        Err(fault) => {
            for diagnostic in &fault.diagnostics {
                eprint!("{}", render(diagnostic, "statement", &fault.source, color()));
            }
            return Status::Unreadable;
        }
    };
    let decision = decide(&parsed.goal, &[], &Options::default());
    if args.json {
        let result = report::json("", &parsed.goal, &decision);
        let summary = BTreeMap::from([(decision.verdict.name(), 1)]);
        say(&json!({ "schema": "convprove/prove/1", "inferred": parsed.inferred, "results": [result], "summary": summary }).to_string());
        return Status::of(&decision);
    }
    if !parsed.inferred.is_empty() {
        say("inferred:");
        parsed.inferred.lines().for_each(|line| say(&format!("  {line}")));
    }
    say(report::lines(&parsed.goal, &decision, false).trim_end());
    if let (Verdict::Proved(proved), true) = (&decision.verdict, args.explain) {
        say(&face(&proved.certificate, Format::Text, false, false));
    }
    Status::of(&decision)
}

/// Prints derivations.
pub fn explain(args: &Explain) -> Result<Status, String> {
    let (path, name) = match args.target.rsplit_once(':') {
        Some((path, name)) if !Path::new(&args.target).exists() => (path, Some(name)),
        _ => (args.target.as_str(), None),
    };
    let source = files::read(Path::new(path))?;
    let module = syntax::load(&source.text, source.literate);
    for diagnostic in &module.diagnostics {
        eprint!("{}", render(diagnostic, &source.name, &source.text, color()));
    }
    let decisions = decide_all(&module.goals, &Options::default(), |_| {});
    let mut status = Status::Fine;
    let mut found = false;
    for (goal, decision) in
        module.goals.iter().zip(&decisions).filter(|(_, decision)| name.is_none_or(|name| decision.name == name))
    {
        found = true;
        status = status.max(Status::of(decision));
        match &decision.verdict {
            Verdict::Proved(proved) => say(face(&proved.certificate, args.format, args.full, args.ascii).trim_end()),
            _ => eprint!("{}", report::lines(goal, decision, false)),
        }
    }
    match name {
        Some(name) if !found => Err(format!("{path}: there is no theorem {name}")),
        _ => Ok(status),
    }
}

fn face(certificate: &Certificate, format: Format, full: bool, ascii: bool) -> String {
    let derivation = derivation(certificate, if full { Detail::Full } else { Detail::Summary });
    match format {
        Format::Text => render_text(&derivation, Style { unicode: !ascii, color: color(), ..Style::default() }),
        Format::Markdown => render_markdown(&derivation),
        Format::Latex => render_latex(&derivation, Extent::Document),
        Format::Html => render_html(&derivation),
        Format::Json => render_json(&derivation).to_string(),
    }
}
