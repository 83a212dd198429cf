//! `grade`: homework, step by step.

use convprove::grade::report::{self, Feedback};
use convprove::grade::verdict::{Language, Verdict};
use convprove::diag::render;
use convprove::grade::{self, Exercise, Grade, Options};
use serde_json::{Value, json};

use super::args;
use super::files;
use super::status::Status;
use super::{Failure, complain, error_color, say};

/// Judges answers, one after the other.
pub fn grade(args: &args::Grade) -> Result<Status, Failure> {
    let options = options(args)?;
    let mut status = Status::Fine;
    let mut results = Vec::new();
    let mut counts: Vec<(Verdict, usize)> = Vec::new();
    for path in &args.answers {
        let source = match files::read(path) {
            Ok(source) => source,
            Err(fault) => {
                complain(&format!("convprove: {fault}"));
                status = status.max(Status::Unreadable);
                continue;
            }
        };
        let grade = grade::grade(&source.text, &options);
        status = status.max(status_of(&grade));
        for step in &grade.steps {
            match counts.iter_mut().find(|(verdict, _)| *verdict == step.verdict) {
                Some((_, count)) => *count += 1,
                None => counts.push((step.verdict, 1)),
            }
        }
        let language = match args.lang {
            Some(args::Lang::En) => Language::English,
            Some(args::Lang::Zh) => Language::Chinese,
            None => Language::of(&source.text),
        };
        let feedback = Feedback::from(args.feedback);
        if args.json {
            results.push(as_json(&source.name, &grade));
        } else {
            let page = match args.format {
                args::Report::Text => report::text(&grade, &source.name, language, feedback),
                args::Report::Markdown => report::markdown(&grade, &source.name, language, feedback),
            };
            page.trim_end().lines().for_each(|line| say(&convprove::export::text::name(line)));
        }
    }
    if args.json {
        counts.sort();
        let summary: serde_json::Map<String, Value> =
            counts.iter().map(|(verdict, count)| (verdict.word().to_string(), json!(count))).collect();
        say(&json!({ "schema": "convprove/grade/1", "results": results, "summary": summary }).to_string());
    }
    Ok(status)
}

fn options(args: &args::Grade) -> Result<Options, Failure> {
    let mut options = Options { base: args.base, ..Options::default() };
    if let Some(name) = &args.exercise {
        options.exercise = Some(match Exercise::shipped(name) {
            Some(exercise) => exercise,
            None => {
                let source = files::read(std::path::Path::new(name))?;
                Exercise::read(&source.name, &source.text).map_err(|faults| {
                    let texts: Vec<String> =
                        faults.iter().map(|fault| render(fault, &source.name, &source.text, error_color())).collect();
                    Failure::Usage(format!("the exercise cannot be used\n{}", texts.join("\n")))
                })?
            }
        });
    }
    for meaning in &args.meanings {
        let parsed = meaning.split_once('=').and_then(|(sign, word)| {
            Some((sign.trim().to_string(), grade::model::Meaning::of(word.trim())?))
        });
        let Some((sign, meaning)) = parsed else {
            return Err(Failure::Usage(format!(
                "--meaning {meaning}: expected SIGN=correlation or SIGN=convolution, such as '*=correlation'"
            )));
        };
        options.meanings.insert(sign, meaning);
    }
    Ok(options)
}

/// A fault is 1, what stays open 3; a formula that cannot be read is a verdict of its step.
fn status_of(grade: &Grade) -> Status {
    let any = |test: fn(Verdict) -> bool| grade.steps.iter().any(|step| test(step.verdict));
    if any(|verdict| matches!(verdict, Verdict::Wrong | Verdict::Typo | Verdict::Incomplete)) {
        Status::Refuted
    } else if any(|verdict| matches!(verdict, Verdict::Undecided | Verdict::Unreadable | Verdict::Ambiguous)) {
        Status::Undecided
    } else {
        Status::Fine
    }
}

fn as_json(file: &str, grade: &Grade) -> Value {
    json!({
        "file": file,
        "conventions": grade.conventions.iter().map(|text| json!({ "en": text.english, "zh": text.chinese })).collect::<Vec<_>>(),
        "first_wrong": grade.first_wrong().map(|step| step.id.clone()),
        "steps": grade.steps.iter().map(report::step_json).collect::<Vec<_>>(),
    })
}
