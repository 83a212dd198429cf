//! Whole answers in the manner of published ones. A comment before a formula says what is true of what follows it, up to the next comment:
//! the verdict and, for an error, its class.

use std::collections::BTreeMap;
use std::fmt::Write;

use convprove::grade::{Evidence, Grade, Options, Verdict, grade};

/// The comments of an answer: line, verdict, class.
fn key(text: &str) -> Vec<(usize, &str, Option<&str>)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if let Some(comment) = line.split_once("<!--").and_then(|(_, rest)| rest.split_once("-->")) {
            let mut words = comment.0.split_whitespace();
            found.extend(words.next().map(|verdict| (number + 1, verdict, words.next())));
        }
    }
    found
}

/// The most serious verdict between two lines, with its classes.
fn judged(grade: &Grade, from: usize, to: usize) -> (Verdict, Vec<&'static str>) {
    let steps = || grade.steps.iter().filter(|step| (from..to).contains(&step.line));
    let verdict = steps().map(|step| step.verdict).max().unwrap_or(Verdict::Unreadable);
    let mut classes: Vec<&str> = steps().flat_map(|step| step.classes()).map(|class| class.word()).collect();
    classes.sort_unstable();
    classes.dedup();
    (verdict, classes)
}

fn papers() -> BTreeMap<String, String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/grade/papers");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect()
}

#[test]
fn papers_are_judged_as_their_comments_say() {
    let mut table = String::new();
    let (mut all, mut same, mut open) = (0, 0, 0);
    let mut broken = Vec::new();
    for (name, text) in papers() {
        let grade = grade(&text, &Options::default());
        let key = key(&text);
        for (place, (line, wanted, class)) in key.iter().enumerate() {
            let to = key.get(place + 1).map_or(usize::MAX, |next| next.0);
            let (verdict, classes) = judged(&grade, *line, to);
            let agrees = verdict.word() == *wanted && class.is_none_or(|class| classes.contains(&class));
            all += 1;
            same += usize::from(agrees);
            open += usize::from(matches!(verdict, Verdict::Undecided | Verdict::Unreadable));
            if *wanted == "ok" && verdict.is_fault() || *wanted == "wrong" && verdict == Verdict::Ok {
                broken.push(format!("{name}:{line}: {wanted}, found {}", verdict.word()));
            }
            if !agrees {
                let class = class.map(|class| format!(" {class}")).unwrap_or_default();
                let _ =
                    writeln!(table, "{name}:{line}: {wanted}{class}, found {} {}", verdict.word(), classes.join(","));
            }
        }
        for step in &grade.steps {
            for finding in step.findings.iter().filter(|finding| finding.verdict == Verdict::Wrong) {
                assert_ne!(finding.evidence, Evidence::None, "{name} {}", step.id);
            }
        }
    }
    let _ = writeln!(table, "{all} formulas: {same} agree, {open} open");
    println!("{table}");
    assert!(broken.is_empty(), "right ones called faulty, or wrong ones right: {broken:#?}");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("papers", table));
}

/// Three words of English in a row; what stands between backticks is the answer's own.
fn speaks_english(sentence: &str) -> bool {
    let outside: String = sentence.split('`').step_by(2).collect();
    let words = outside.split(|letter: char| !letter.is_ascii_alphabetic() && letter != ' ');
    words.into_iter().any(|run| run.split(' ').filter(|word| word.len() > 1).count() >= 3)
}

#[test]
fn chinese_reports_are_chinese() {
    let mut english = Vec::new();
    for (name, text) in papers() {
        let grade = grade(&text, &Options::default());
        let missing = grade.goals.iter().flat_map(|goal| &goal.missing).map(|missing| &missing.message);
        let findings = grade.steps.iter().flat_map(|step| &step.findings).map(|finding| &finding.message);
        let sentences = findings.chain(missing).chain(&grade.conventions);
        english.extend(
            sentences
                .filter(|sentence| speaks_english(&sentence.chinese))
                .map(|sentence| format!("{name}: {}", sentence.chinese)),
        );
    }
    assert!(speaks_english("`a b c` what its sign joins"));
    assert!(english.is_empty(), "{english:#?}");
}
