//! Twelve published answers against the key: verdicts and classes, as a table that is kept.

use std::fmt::Write;

use convprove::grade::{Grade, Judged, Options, Verdict, grade};
use serde_json::Value;

use crate::key::{ANSWERS, key, squeezed};

/// The step of a grade that a line of the key speaks of.
fn step<'a>(grade: &'a Grade, line: &Value) -> Option<&'a Judged> {
    let wanted = squeezed(line["latex"].as_str().unwrap());
    grade.steps.iter().find(|step| {
        let source = squeezed(&step.source);
        step.line == line["line"].as_u64().unwrap() as usize
            && (source == wanted || source.trim_start_matches('=') == wanted)
    })
}

#[test]
fn agreement_with_the_key() {
    let mut table = String::new();
    let (mut same, mut same_class, mut undecided, mut all) = (0, 0, 0, 0);
    let mut broken = Vec::new();
    let key = key();
    for (name, text) in ANSWERS {
        let only = std::env::var("ONLY").unwrap_or_default();
        if !only.is_empty() && only != name {
            continue;
        }
        let grade = grade(text, &Options::default());
        for line in key.iter().filter(|line| line["answer"] == name) {
            let step = step(&grade, line).unwrap_or_else(|| panic!("{name}: {line} is not read"));
            let wanted = line["verdict"].as_str().unwrap();
            let classes: Vec<&str> = step.classes().into_iter().map(|class| class.word()).collect();
            let mut wanted_classes: Vec<&str> =
                line["class"].as_array().unwrap().iter().map(|class| class.as_str().unwrap()).collect();
            wanted_classes.sort_unstable();
            let found = step.verdict.word();
            all += 1;
            same += usize::from(found == wanted);
            let classes_meet = wanted_classes.is_empty() && classes.is_empty()
                || wanted_classes.iter().any(|class| classes.contains(class));
            same_class += usize::from(found == wanted && classes_meet);
            undecided += usize::from(step.verdict == Verdict::Undecided);
            let _ = writeln!(
                table,
                "{name} {:<4} {wanted:<11} {:<24} {} {found:<11} {}",
                line["step"].as_str().unwrap().split(' ').next().unwrap(),
                wanted_classes.join(","),
                if found == wanted && classes_meet {
                    "="
                } else if found == wanted {
                    "~"
                } else {
                    "≠"
                },
                classes.join(","),
            );
            if std::env::var_os("WHY").is_some() && (found != wanted || !classes_meet) {
                for finding in &step.findings {
                    let _ = writeln!(table, "        {:?} {}", finding.verdict, finding.message.english);
                }
            }
            if wanted == "ok" && step.verdict.is_fault() {
                broken.push(format!("{name} {}", line["step"]));
            }
        }
    }
    let _ = writeln!(table, "{all} steps: {same} verdicts agree, {same_class} with their class; {undecided} undecided");
    println!("{table}");
    assert!(broken.is_empty(), "right steps are called faulty: {broken:?}");
    if std::env::var_os("ONLY").is_none() && std::env::var_os("WHY").is_none() {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!("agreement", table));
    }
}
