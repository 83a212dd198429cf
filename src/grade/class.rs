//! A class at once: what many answers came to, by student and by class of error.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::html::head;
use super::report::{Feedback, class_word, verdict_word};
use super::verdict::{Class, Language, Verdict};
use super::{Grade, Marks};
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
    /// The marks.
    pub marks: Marks,
    /// The line of the first wrong step.
    pub first_wrong: Option<usize>,
    /// The file of the answer's own page beside the summary, where it has one.
    pub page: Option<String>,
    /// Why the file could not be graded.
    pub fault: Option<String>,
}

impl Row {
    /// The row of an answer.
    pub fn of(student: impl Into<String>, grade: &Grade) -> Self {
        let mut row = Row {
            student: student.into(),
            verdicts: BTreeMap::new(),
            classes: BTreeMap::new(),
            marks: grade.marks(),
            first_wrong: grade.first_wrong().map(|step| step.line),
            page: None,
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
            marks: Marks::default(),
            first_wrong: None,
            page: None,
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

/// Marks per answer that could be graded, on average.
fn average(rows: &[Row]) -> Option<Marks> {
    let graded: Vec<&Row> = rows.iter().filter(|row| row.fault.is_none()).collect();
    let all = graded.iter().map(|row| row.marks).fold(Marks::default(), Marks::plus);
    let share = |value: f64| (value / graded.len() as f64 * 100.0).round() / 100.0;
    (!graded.is_empty()).then(|| Marks { reached: share(all.reached), open: share(all.open), of: share(all.of) })
}

/// The summary as CSV, one student a line, with no more columns than may be told.
///
/// ```
/// use convprove::grade::{Options, class, grade, report::Feedback};
/// let row = class::Row::of("=ann.md", &grade("$$2+2=5$$", &Options::default()));
/// let csv = class::csv(&[row.clone()], Feedback::Repair);
/// assert_eq!(csv.lines().next(), Some("student,reached,open,of,ok,undecided,ambiguous,incomplete,typo,wrong,unreadable,first_wrong_line,fault,class_arithmetic"));
/// assert!(csv.lines().nth(1).unwrap().starts_with("'=ann.md,0,0,1,0,0,0,0,0,1,0,1,"));
/// assert_eq!(class::csv(&[row], Feedback::None), "student,fault\n'=ann.md,\n");
/// ```
pub fn csv(rows: &[Row], feedback: Feedback) -> String {
    let verdicts = feedback >= Feedback::Verdict;
    let classes: Vec<Class> = if feedback >= Feedback::Class {
        classes(rows).into_iter().map(|(class, _)| class).collect()
    } else {
        Vec::new()
    };
    let mut out = String::from("student");
    if verdicts {
        out.push_str(",reached,open,of");
        VERDICTS.iter().for_each(|verdict| out.push_str(&format!(",{}", verdict.word())));
        out.push_str(",first_wrong_line");
    }
    out.push_str(",fault");
    classes.iter().for_each(|class| out.push_str(&format!(",class_{}", class.word())));
    out.push('\n');
    for row in rows {
        out.push_str(&cell(&row.student));
        if verdicts {
            let _ = write!(out, ",{},{},{}", row.marks.reached, row.marks.open, row.marks.of);
            for verdict in VERDICTS {
                let _ = write!(out, ",{}", row.verdicts.get(&verdict).copied().unwrap_or(0));
            }
            let _ = write!(out, ",{}", row.first_wrong.map(|line| line.to_string()).unwrap_or_default());
        }
        let _ = write!(out, ",{}", cell(row.fault.as_deref().unwrap_or_default()));
        for class in &classes {
            let _ = write!(out, ",{}", row.classes.get(class).copied().unwrap_or(0));
        }
        out.push('\n');
    }
    out
}

/// The name of a file as an address relative to its folder.
fn address(file: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let encode = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    file.bytes().map(encode).collect()
}

/// The summary as a page that needs no network: students, then errors by class, with no more than may be told.
pub fn html(rows: &[Row], language: Language, feedback: Feedback) -> String {
    let word = |english: &'static str, chinese: &'static str| match language {
        Language::English => english,
        Language::Chinese => chinese,
    };
    let verdicts = feedback >= Feedback::Verdict;
    let title = word("Summary", "汇总");
    let mut out = head(title, language);
    let failed = rows.iter().filter(|row| row.fault.is_some()).count();
    let _ = writeln!(out, "<header>\n<h1>{title}</h1>");
    let _ = match language {
        Language::English => writeln!(out, "<p>{} answers, {failed} of which could not be read</p>", rows.len()),
        Language::Chinese => writeln!(out, "<p>共 {} 份答案，其中 {failed} 份无法读取</p>", rows.len()),
    };
    if let Some(marks) = average(rows).filter(|_| verdicts) {
        let marks = marks.text(word("open", "待定"));
        let _ = writeln!(out, "<p class=\"marks\">{} {marks}</p>", word("average", "平均分"));
    }
    let _ = write!(out, "</header>\n<div class=\"scroll\"><table>\n<tr><th>{}</th>", word("student", "学生"));
    if verdicts {
        let _ = write!(out, "<th>{}</th>", word("marks", "得分"));
        VERDICTS.iter().for_each(|verdict| out.push_str(&format!("<th>{}</th>", verdict_word(*verdict, language))));
        let _ = write!(out, "<th>{}</th>", word("first wrong line", "首个错误行"));
    }
    out.push_str("</tr>\n");
    for row in rows {
        let student = escape(&row.student);
        let _ = match &row.page {
            Some(page) => write!(out, "<tr><td><a href=\"{}\">{student}</a></td>", address(page)),
            None => write!(out, "<tr><td>{student}</td>"),
        };
        match &row.fault {
            Some(fault) => {
                let columns = if verdicts { VERDICTS.len() + 2 } else { 1 };
                let _ = write!(out, "<td colspan=\"{columns}\">{}</td>", escape(fault));
            }
            None if verdicts => {
                let _ = write!(out, "<td>{}</td>", row.marks.text(word("open", "待定")));
                for verdict in VERDICTS {
                    let count = row.verdicts.get(&verdict).copied().unwrap_or(0);
                    let _ = write!(out, "<td>{}</td>", if count == 0 { String::new() } else { count.to_string() });
                }
                let _ = write!(out, "<td>{}</td>", row.first_wrong.map(|line| line.to_string()).unwrap_or_default());
            }
            None => {}
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table></div>\n");
    if feedback >= Feedback::Class {
        let list = classes(rows);
        let most = list.first().map_or(1, |(_, count)| *count).max(1);
        let (class, steps, answers) = (word("class", "类型"), word("steps", "步数"), word("answers", "份数"));
        let _ = writeln!(
            out,
            "<h2>{}</h2>\n<table>\n<tr><th>{class}</th><th>{steps}</th><th>{answers}</th><th></th></tr>",
            word("Errors by class", "错误类型")
        );
        for (class, count) in list {
            let answers = rows.iter().filter(|row| row.classes.contains_key(&class)).count();
            let _ = writeln!(
                out,
                "<tr><td>{}</td><td>{count}</td><td>{answers}</td><td style=\"text-align: left\"><span class=\"bar\" style=\"width: {}rem\"></span></td></tr>",
                class_word(class, language),
                (count * 12).div_ceil(most)
            );
        }
        out.push_str("</table>\n");
    }
    out.push_str("</body>\n</html>\n");
    out
}
