//! `check`: every theorem of files and folders.

use std::io::IsTerminal;
use std::path::PathBuf;

use convprove::cost::Closed;
use convprove::decide::{Decision, Options, Verdict, decide_all};
use convprove::diag::{Diagnostic, Severity, render};
use convprove::goal::Goal;
use convprove::syntax::{self, Module};
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use serde_json::Value;

use super::args::Check;
use super::files::{self, Fault, Source};
use super::report::{self, Layout, Page, Tally};
use super::save::Folder;
use super::status::Status;
use super::{Failure, color, complain, say};

/// A file with its meaning.
struct Loaded {
    source: Source,
    module: Module,
}

/// What became of one file.
struct Checked {
    source: Source,
    module: Module,
    /// One for each goal, up to the last one that is asked for.
    decisions: Vec<Decision>,
}

impl Checked {
    fn page(&self) -> Page<'_> {
        Page { name: &self.source.name, text: &self.source.text }
    }

    /// The goals that are asked for, with what was decided.
    fn decided<'a>(&'a self, only: Option<&'a str>) -> impl Iterator<Item = (&'a Goal, &'a Decision)> {
        let pairs = self.module.goals.iter().zip(&self.decisions);
        pairs.filter(move |(_, decision)| only.is_none_or(|only| decision.name == only))
    }

    /// The polynomial that a cost is, where that is proved.
    fn cost(&self, decision: &Decision) -> Option<&Closed> {
        let proved = matches!(decision.verdict, Verdict::Proved(_));
        let found = self.module.costs.iter().find(|(name, _)| *name == decision.name).filter(|_| proved);
        found.map(|(_, closed)| closed)
    }

    /// The parts that cannot be read or have no meaning, theorems by their names, each with its errors.
    fn ill_formed(&self) -> Vec<(Option<&str>, Vec<Diagnostic>)> {
        let errors = self.module.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
        let mut parts: Vec<(Option<&str>, Vec<Diagnostic>)> = Vec::new();
        for error in errors {
            let theorem = self.module.ill_formed.iter().find(|(_, span)| span.contains(&error.span.start));
            let name = theorem.map(|(name, _)| name.as_str());
            match parts.iter_mut().find(|(known, _)| known.is_some() && *known == name) {
                Some((_, known)) => known.push(error.clone()),
                None => parts.push((name, vec![error.clone()])),
            }
        }
        parts
    }
}

/// Decides every theorem of the files.
pub fn check(args: &Check) -> Result<Status, Failure> {
    let loaded: Vec<Result<Loaded, Fault>> =
        files::find(&args.paths, &["cvp", "md"]).into_par_iter().map(|path| load(path?)).collect();
    let only = args.only.as_deref();
    if let Some(only) = only {
        require(only, &loaded)?;
    }
    let mut folder = args.save.as_deref().map(Folder::create).transpose()?;
    let checked = decide(loaded, args);
    let mut status = Status::Fine;
    for file in &checked {
        status = status.max(match file {
            Err(_) => Status::Unreadable,
            Ok(file) if !file.ill_formed().is_empty() => Status::Unreadable,
            Ok(_) => Status::Fine,
        });
        let decisions = file.iter().flat_map(|file| file.decided(only));
        status = decisions.map(|(_, decision)| Status::of(decision)).fold(status, Status::max);
    }
    for file in checked.iter().flatten() {
        for (_, decision) in file.decided(only) {
            if let (Some(folder), Verdict::Proved(proved)) = (&mut folder, &decision.verdict) {
                folder.save(&file.source.name, &proved.certificate)?;
            }
        }
    }
    if args.json {
        print_json(args, &checked)
    } else {
        print_text(args, &checked)
    }
    Ok(status)
}

fn load(path: PathBuf) -> Result<Loaded, Fault> {
    let source = files::read(&path)?;
    let module = syntax::load(&source.text, source.literate);
    Ok(Loaded { source, module })
}

/// A theorem that is asked for by its name must be somewhere.
fn require(only: &str, loaded: &[Result<Loaded, Fault>]) -> Result<(), Failure> {
    let modules = || loaded.iter().flatten().map(|file| &file.module);
    let mut names = modules().flat_map(names_of);
    if names.any(|name| name == only) || loaded.iter().any(Result::is_err) {
        return Ok(());
    }
    Err(Failure::Usage(format!("there is no theorem {only}; {}", known(modules().flat_map(names_of)))))
}

/// The names of a file's theorems.
pub fn names_of(module: &Module) -> impl Iterator<Item = &str> {
    let ill_formed = module.ill_formed.iter().map(|(name, _)| name.as_str());
    module.goals.iter().map(|goal| goal.statement.name.as_str()).chain(ill_formed)
}

/// A list of names for people, not too long.
pub fn known<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.len() {
        0 => "no theorem was found".into(),
        count if count > 12 => format!("those found are {}, and {} more", names[..12].join(", "), count - 12),
        _ => format!("those found are {}", names.join(", ")),
    }
}

/// Decides the files in parallel; the results stand in the order of the files.
fn decide(loaded: Vec<Result<Loaded, Fault>>, args: &Check) -> Vec<Result<Checked, Fault>> {
    let wanted = |module: &Module| match &args.only {
        // A theorem may use those before it.
        Some(only) => {
            module.goals.iter().rposition(|goal| goal.statement.name.as_str() == only).map_or(0, |last| last + 1)
        }
        None => module.goals.len(),
    };
    let total: usize = loaded.iter().flatten().map(|file| wanted(&file.module)).sum();
    let bar = if std::io::stderr().is_terminal() && !args.json {
        ProgressBar::new(total as u64)
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    let options = Options::default();
    let checked = loaded
        .into_par_iter()
        .map(|file| {
            let Loaded { source, module } = file?;
            let goals = module.goals.get(..wanted(&module)).unwrap_or_default();
            let decisions = decide_all(goals, &options, |decision| {
                bar.set_message(decision.name.clone());
                bar.inc(1);
            });
            Ok(Checked { source, module, decisions })
        })
        .collect();
    bar.finish_and_clear();
    checked
}

fn tally(args: &Check, checked: &[Result<Checked, Fault>]) -> Tally {
    let mut tally = Tally::default();
    for file in checked {
        match file {
            Err(_) => tally.ill_formed(),
            Ok(file) => {
                file.ill_formed().iter().for_each(|_| tally.ill_formed());
                file.decided(args.only.as_deref()).for_each(|(_, decision)| tally.add(decision));
            }
        }
    }
    tally
}

fn print_text(args: &Check, checked: &[Result<Checked, Fault>]) {
    for file in checked {
        let file = match file {
            Ok(file) => file,
            Err(fault) => {
                complain(&format!("convprove: {fault}"));
                continue;
            }
        };
        let mut text = String::new();
        for diagnostic in &file.module.diagnostics {
            if !args.quiet || diagnostic.severity == Severity::Error {
                text.push_str(&render(diagnostic, &file.source.name, &file.source.text, color()));
            }
        }
        let only = args.only.as_deref();
        let layout = Layout { stats: args.stats, color: color(), ..Layout::default() }
            .fit(file.decided(only).map(|(_, decision)| decision.name.as_str()));
        for (goal, decision) in file.decided(only) {
            if !args.quiet || Status::of(decision) != Status::Fine {
                text.push_str(&report::lines(&file.page(), goal, decision, &layout));
                if let Some(closed) = file.cost(decision) {
                    text.push_str(&format!("      {} = {closed}\n", decision.name));
                }
            }
        }
        if !text.is_empty() {
            say(&format!("{}\n{}\n", file.source.name, text.trim_end()));
        }
    }
    say(&tally(args, checked).sentence());
}

fn print_json(args: &Check, checked: &[Result<Checked, Fault>]) {
    let mut results: Vec<Value> = Vec::new();
    let mut warnings: Vec<Value> = Vec::new();
    for file in checked {
        let file = match file {
            Ok(file) => file,
            Err(fault) => {
                complain(&format!("convprove: {fault}"));
                results.push(report::unread_json(&fault.name, &fault.message));
                continue;
            }
        };
        for (name, errors) in file.ill_formed() {
            results.push(report::ill_formed_json(&file.source.name, name, &errors, &file.source.text));
        }
        let decided = file.decided(args.only.as_deref());
        results.extend(decided.map(|(goal, decision)| {
            let mut result = report::json(&file.page(), goal, decision);
            if let Some(closed) = file.cost(decision) {
                result["closed"] = Value::from(closed.to_string());
            }
            result
        }));
        for diagnostic in &file.module.diagnostics {
            if diagnostic.severity == Severity::Warning {
                let mut warning = report::diagnostic_json(&file.page(), diagnostic);
                warning["file"] = Value::from(file.source.name.as_str());
                warnings.push(warning);
            }
        }
    }
    let mut object = report::envelope("check", results, &tally(args, checked));
    object["warnings"] = Value::from(warnings);
    say(&object.to_string());
}
