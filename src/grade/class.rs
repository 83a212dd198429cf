//! A class at once: what many answers came to, by student and by class of error.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Grade;
use super::report::{class_word, verdict_word};
use super::verdict::{Class, Language, Verdict};
use crate::export::mathml::escape;

/// The verdicts in the order of the columns.
const VERDICTS: [Verdict; 7] = [
    Verdict::Ok,
    Verdict::Undecided,
    Verdict::Ambiguous,
    Verdict::Incomplete,
    Verdict::Typo,
    Verdict::Wrong,
    Verdict::Unreadable,
];

/// One row of the summary.
#[derive(Clone, Debug)]
pub struct Row {
    /// The file, without its folder.
    pub student: String,
    /// How many steps have each verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// How many steps have an error of each class.
    pub classes: BTreeMap<Class, usize>,
    /// Marks reached and marks to be had.
    pub marks: (f64, u32),
    /// The line of the first wrong step.
    pub first_wrong: Option<usize>,
    /// Why the file could not be graded.
    pub fault: Option<String>,
}

impl Row {
    /// The row of an answer.
    pub fn of(student: impl Into<String>, grade: &Grade, each: u32) -> Self {
        let mut row = Row {
            student: student.into(),
            verdicts: BTreeMap::new(),
            classes: BTreeMap::new(),
            marks: grade.marks(each),
            first_wrong: grade.first_wrong().map(|step| step.line),
            fault: None,
        };
        for step in &grade.steps {
            *row.verdicts.entry(step.verdict).or_default() += 1;
            for class in step.classes() {
                *row.classes.entry(class).or_default() += 1;
            }
        }
        row
    }

    /// The row of a file that could not be graded.
    pub fn failed(student: impl Into<String>, fault: impl Into<String>) -> Self {
        Row {
            student: student.into(),
            verdicts: BTreeMap::new(),
            classes: BTreeMap::new(),
            marks: (0.0, 0),
            first_wrong: None,
            fault: Some(fault.into()),
        }
    }
}

/// The classes that occur, the most frequent first.
fn classes(rows: &[Row]) -> Vec<(Class, usize)> {
    let mut all: BTreeMap<Class, usize> = BTreeMap::new();
    for (class, count) in rows.iter().flat_map(|row| &row.classes) {
        *all.entry(*class).or_default() += count;
    }
    let mut list: Vec<(Class, usize)> = all.into_iter().collect();
    list.sort_by_key(|(class, count)| (std::cmp::Reverse(*count), *class));
    list
}

/// A cell of CSV. A cell that a spreadsheet would take for a formula begins with an apostrophe.
fn cell(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_string() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// The summary as CSV, one student a line.
///
/// ```
/// use convprove::grade::{Options, class, grade};
/// let row = class::Row::of("=ann.md", &grade("$$2+2=5$$", &Options::default()), 1);
/// let csv = class::csv(&[row]);
/// assert!(csv.lines().nth(1).unwrap().starts_with("'=ann.md,0,1,0,0,0,0,0,1,0,1,"));
/// ```
pub fn csv(rows: &[Row]) -> String {
    let classes: Vec<Class> = classes(rows).into_iter().map(|(class, _)| class).collect();
    let mut out = String::from("student,marks,of");
    VERDICTS.iter().for_each(|verdict| out.push_str(&format!(",{}", verdict.word())));
    out.push_str(",first_wrong_line,fault");
    classes.iter().for_each(|class| out.push_str(&format!(",class_{}", class.word())));
    out.push('\n');
    for row in rows {
        let _ = write!(out, "{},{},{}", cell(&row.student), row.marks.0, row.marks.1);
        for verdict in VERDICTS {
            let _ = write!(out, ",{}", row.verdicts.get(&verdict).copied().unwrap_or(0));
        }
        let line = row.first_wrong.map(|line| line.to_string()).unwrap_or_default();
        let _ = write!(out, ",{line},{}", cell(row.fault.as_deref().unwrap_or_default()));
        for class in &classes {
            let _ = write!(out, ",{}", row.classes.get(class).copied().unwrap_or(0));
        }
        out.push('\n');
    }
    out
}

/// The summary as a page that needs no network.
pub fn html(rows: &[Row], language: Language) -> String {
    let word = |english: &'static str, chinese: &'static str| match language {
        Language::English => english,
        Language::Chinese => chinese,
    };
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head><meta charset=\"utf-8\"><title>{title}</title>\n<style>body {{ font: 1rem/1.5 Georgia, serif; margin: 2rem }} td, th {{ padding: .2rem .7rem; text-align: right }} td:first-child, th:first-child {{ text-align: left }} tr:nth-child(even) {{ background: #8881 }}</style></head>\n<body>\n<h1>{title}</h1>\n<table>\n<tr><th>{}</th><th>{}</th>",
        word("en", "zh"),
        word("student", "学生"),
        word("marks", "得分"),
        title = word("Summary", "汇总"),
    );
    VERDICTS.iter().for_each(|verdict| out.push_str(&format!("<th>{}</th>", verdict_word(*verdict, language))));
    let _ = writeln!(out, "<th>{}</th></tr>", word("first wrong line", "首个错误行"));
    for row in rows {
        let _ = write!(out, "<tr><td>{}</td><td>{}/{}</td>", escape(&row.student), row.marks.0, row.marks.1);
        for verdict in VERDICTS {
            let _ = write!(out, "<td>{}</td>", row.verdicts.get(&verdict).copied().unwrap_or(0));
        }
        let line = row.first_wrong.map(|line| line.to_string()).unwrap_or_default();
        let _ = writeln!(out, "<td>{}</td></tr>", escape(row.fault.as_deref().unwrap_or(&line)));
    }
    let _ = writeln!(out, "</table>\n<h2>{}</h2>\n<table>", word("Errors by class", "错误类型"));
    for (class, count) in classes(rows) {
        let _ = writeln!(out, "<tr><td>{}</td><td>{count}</td></tr>", class_word(class, language));
    }
    out.push_str("</table>\n</body>\n</html>\n");
    out
}
