//! Every notation of the dialect by itself, in `notation.txt`: an answer of one formula, then what is understood.

use convprove::homework::read;

/// What is understood, one line a step, a remark or a fault.
pub(crate) fn shown(source: &str) -> Vec<String> {
    let reading = read(source);
    let mut lines = Vec::new();
    for step in &reading.steps {
        let label = step.label.as_ref().map(|label| format!("«{label}» ")).unwrap_or_default();
        let tag = step.tag.as_ref().map(|tag| format!(" ({tag})")).unwrap_or_default();
        let remarks: String = step.remarks.iter().map(|remark| format!(" // {remark}")).collect();
        lines.push(format!("{} | {label}{}{tag}{remarks}", step.kind.word(), step.reading()));
        let mut notes: Vec<&str> = step.notes.iter().map(|note| note.kind.word()).collect();
        notes.dedup();
        if !notes.is_empty() {
            lines.push(format!("! {}", notes.join(", ")));
        }
    }
    lines.extend(reading.unreadable.iter().map(|fault| format!("? {}:{} {}", fault.line, fault.column, fault.message)));
    lines
}

#[test]
fn every_notation_is_read_as_it_should_be() {
    let table = include_str!("notation.txt");
    let mut cases: Vec<(String, Vec<&str>)> = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with("# ") && !line.is_empty()) {
        match (line.strip_prefix("    "), cases.last_mut()) {
            (Some(expected), Some(case)) => case.1.push(expected),
            _ => cases.push((line.replace('␤', "\n"), Vec::new())),
        }
    }
    assert!(cases.len() > 150, "{}", cases.len());
    let mut wrong = Vec::new();
    for (source, expected) in &cases {
        let found = shown(source);
        if found != *expected {
            wrong.push(format!("{source}\n  expected {expected:#?}\n  found {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
