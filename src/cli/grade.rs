//! `grade`: homework, step by step, one answer or a class.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;

use convprove::diag::render;
use convprove::export::text;
use convprove::grade::exercise::SHIPPED;
use convprove::grade::model::Meaning;
use convprove::grade::report::{self, Feedback};
use convprove::grade::verdict::{Language, Verdict};
use convprove::grade::{self, Exercise, Grade, Options, class, html};
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::args;
use super::files::{self, Fault, Source};
use super::status::Status;
use super::{Failure, complain, error_color, say};

/// The kinds of files that are read as answers.
const ANSWERS: [&str; 4] = ["md", "txt", "tex", "markdown"];

/// Documents that may hold an answer and are not read.
const DOCUMENTS: [&str; 7] = ["doc", "docx", "odt", "rtf", "pdf", "pages", "ipynb"];

/// Judges answers, in parallel over files; a file that cannot be read stops none of the others.
pub fn grade(args: &args::Grade) -> Result<Status, Failure> {
    let options = options(args)?;
    let paths = files::find_beside(&args.answers, &ANSWERS, &DOCUMENTS);
    if paths.is_empty() {
        return Err(Failure::File(Fault {
            name: args
                .answers
                .iter()
                .map(|path| text::name(&path.display().to_string()))
                .collect::<Vec<_>>()
                .join(", "),
            message: format!("there is no answer ({})", ANSWERS.map(|kind| format!(".{kind}")).join(", ")),
        }));
    }
    if args.format == Some(args::Report::Html) && args.save.is_none() && !args.json && paths.len() > 1 {
        return Err(Failure::Usage(format!(
            "--format html: {} answers make as many pages; name a folder for them, --save DIR",
            paths.len()
        )));
    }
    let bar = progress(paths.len());
    let graded: Vec<Result<(Source, Grade), Fault>> = paths
        .into_par_iter()
        .map(|path| {
            let one = path.and_then(|path| files::read(&path)).map(|source| {
                let grade = grade::grade(&source.text, &options);
                (source, grade)
            });
            bar.inc(1);
            one
        })
        .collect();
    bar.finish_and_clear();
    let feedback = Feedback::from(args.feedback);
    let mut status = Status::Fine;
    let (mut results, mut rows) = (Vec::new(), Vec::new());
    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
    let names = |one: &Result<(Source, Grade), Fault>| match one {
        Ok((source, _)) => source.name.clone(),
        Err(fault) => fault.name.clone(),
    };
    let names: Vec<String> = graded.iter().map(names).collect();
    let mut files: BTreeMap<String, usize> = BTreeMap::new();
    names.iter().for_each(|name| *files.entry(file_name(name)).or_default() += 1);
    for (one, name) in graded.iter().zip(&names) {
        // Files of one name in two folders are told apart by their folders.
        let file = file_name(name);
        let student = if files.get(&file).is_some_and(|count| *count > 1) { name.clone() } else { file };
        let (source, grade) = match one {
            Ok(pair) => pair,
            Err(fault) => {
                complain(&format!("convprove: {fault}"));
                status = status.max(Status::Unreadable);
                rows.push(class::Row::failed(student, &fault.message));
                continue;
            }
        };
        // What may not be told, the exit status does not tell either.
        if feedback > Feedback::None {
            status = status.max(status_of(grade));
        }
        grade.steps.iter().for_each(|step| *counts.entry(step.verdict).or_default() += 1);
        rows.push(class::Row::of(student, grade));
        if args.json {
            results.push(report::json(grade, &source.name, &source.text, feedback));
        } else if args.save.is_none() {
            let language = language(args, &source.text);
            let page = page(args.format.unwrap_or(args::Report::Text), grade, source, language, feedback);
            page.trim_end().lines().for_each(|line| say(&text::name(line)));
        }
    }
    if let Some(folder) = &args.save {
        save(folder, args, &graded, &mut rows)?;
        if !args.json {
            let failed = rows.iter().filter(|row| row.fault.is_some()).count();
            let failed = if failed > 0 { format!(", {failed} could not be") } else { String::new() };
            let (done, folder) = (graded.iter().flatten().count(), text::name(&folder.display().to_string()));
            let answers = if done == 1 { "answer" } else { "answers" };
            say(&format!("{done} {answers} graded{failed}; see {folder}"));
        }
    }
    if args.json {
        let summary: serde_json::Map<String, Value> =
            counts.iter().map(|(verdict, count)| (verdict.word().to_string(), json!(count))).collect();
        let mut page = json!({ "schema": "convprove/grade/1", "results": results });
        if feedback > Feedback::None {
            page["summary"] = summary.into();
        }
        say(&page.to_string());
    }
    Ok(status)
}

/// A report of one answer.
fn page(format: args::Report, grade: &Grade, source: &Source, language: Language, feedback: Feedback) -> String {
    match format {
        args::Report::Text => report::text(grade, &source.name, language, feedback),
        args::Report::Markdown => report::markdown(grade, &source.name, language, feedback),
        args::Report::Html => html::page(grade, &source.name, language, feedback),
    }
}

fn progress(files: usize) -> ProgressBar {
    if files < 2 || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(files as u64).with_style(style)
}

fn language(args: &args::Grade, text: &str) -> Language {
    match args.lang {
        Some(args::Lang::En) => Language::English,
        Some(args::Lang::Zh) => Language::Chinese,
        None => Language::of(text),
    }
}

/// The name of a file without its folder.
fn file_name(name: &str) -> String {
    Path::new(name).file_name().map_or_else(|| name.to_string(), |name| name.to_string_lossy().into_owned())
}

/// Writes a report per answer and the summary.
fn save(
    folder: &Path,
    args: &args::Grade,
    graded: &[Result<(Source, Grade), Fault>],
    rows: &mut [class::Row],
) -> Result<(), Failure> {
    let fail = |path: &Path, error: std::io::Error| Failure::File(Fault::new(path, error));
    std::fs::create_dir_all(folder).map_err(|error| fail(folder, error))?;
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| fail(&path, error))
    };
    let feedback = Feedback::from(args.feedback);
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for (one, row) in graded.iter().zip(rows.iter_mut()) {
        let Ok((source, grade)) = one else { continue };
        // Two files of one name, in two folders, get two pages.
        let name = file_name(&source.name);
        let number = taken.entry(name.clone()).or_default();
        *number += 1;
        let format = args.format.unwrap_or(args::Report::Html);
        let end = match format {
            args::Report::Text => "txt",
            args::Report::Markdown => "md",
            args::Report::Html => "html",
        };
        let file = if *number == 1 { format!("{name}.{end}") } else { format!("{name}.{number}.{end}") };
        write(&file, &page(format, grade, source, language(args, &source.text), feedback))?;
        row.page = Some(file);
    }
    let first = graded.iter().flatten().next();
    let language = first.map_or(Language::English, |(source, _)| language(args, &source.text));
    write("summary.csv", &class::csv(rows, feedback))?;
    write("summary.html", &class::html(rows, language, feedback))
}

fn options(args: &args::Grade) -> Result<Options, Failure> {
    let mut options = Options { base: args.base, ..Options::default() };
    if let Some(name) = &args.exercise {
        options.exercise = Some(match Exercise::shipped(name) {
            Some(exercise) => exercise,
            None if !Path::new(name).exists() => {
                let shipped = SHIPPED.map(|(name, _)| name).join(" ");
                return Err(Failure::Usage(format!(
                    "--exercise {}: no file of this name, and none of the shipped ones ({shipped})",
                    text::name(name)
                )));
            }
            None => {
                let source = files::read(Path::new(name))?;
                let stem = Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned());
                Exercise::read(&stem.unwrap_or_default(), &source.text).map_err(|faults| {
                    let texts: Vec<String> =
                        faults.iter().map(|fault| render(fault, &source.name, &source.text, error_color())).collect();
                    Failure::Usage(format!("the exercise cannot be used\n{}", texts.join("\n")))
                })?
            }
        });
    }
    for meaning in &args.meanings {
        let Some((sign, meaning)) = Meaning::of_sign(meaning) else {
            return Err(Failure::Usage(format!(
                "--meaning {}: expected SIGN=correlation or SIGN=convolution with one of the signs * ⋆ ⊗ ⊛, such as '*=correlation'",
                text::name(meaning)
            )));
        };
        if options.meanings.insert(sign.to_string(), meaning).is_some_and(|other| other != meaning) {
            return Err(Failure::Usage(format!("--meaning: {sign} is given two meanings")));
        }
    }
    Ok(options)
}

/// A fault is 1, what stays open 3; a formula that cannot be read is a verdict of its step. A goal that is not reached is a fault, unless a
/// step that is open may reach it.
fn status_of(grade: &Grade) -> Status {
    let any = |test: fn(Verdict) -> bool| grade.steps.iter().any(|step| test(step.verdict));
    if any(|verdict| matches!(verdict, Verdict::Wrong | Verdict::Typo | Verdict::Incomplete)) {
        Status::Refuted
    } else if any(|verdict| matches!(verdict, Verdict::Undecided | Verdict::Unreadable | Verdict::Ambiguous)) {
        Status::Undecided
    } else if grade.goals.iter().any(|goal| !goal.reached) {
        Status::Refuted
    } else {
        Status::Fine
    }
}
