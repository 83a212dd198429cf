//! A class at once: what many answers came to, by student and by class of error.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::chinese;
use super::html::head;
use super::report::{Feedback, class_word, verdict_word, words};
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
    /// Whether what the exercises ask for is reached, where they ask for something.
    pub goal: Option<bool>,
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
            goal: (!grade.goals.is_empty()).then(|| grade.goals.iter().all(|goal| goal.reached)),
            page: None,
            fault: None,
        };
        for step in grade.steps.iter().filter(|step| step.claims()) {
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
            goal: None,
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
/// assert_eq!(csv.lines().next(), Some("student,reached,open,of,ok,undecided,ambiguous,incomplete,typo,wrong,unreadable,first_wrong_line,goal,fault,class_arithmetic"));
/// assert!(csv.lines().nth(1).unwrap().starts_with("'=ann.md,0,0,1,0,0,0,0,0,1,0,1,,"));
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
        out.push_str(",first_wrong_line,goal");
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
            let goal = row.goal.map_or("", |reached| if reached { "reached" } else { "missed" });
            let _ = write!(out, ",{},{goal}", row.first_wrong.map(|line| line.to_string()).unwrap_or_default());
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

/// The summary as a page that needs no network: students, then errors by class, with no more than may be told. Verdicts that no step has
/// get no column.
pub fn html(rows: &[Row], language: Language, feedback: Feedback) -> String {
    let told = feedback >= Feedback::Verdict;
    let occurs = |verdict: &Verdict| told && rows.iter().any(|row| row.verdicts.contains_key(verdict));
    let verdicts: Vec<Verdict> = VERDICTS.into_iter().filter(occurs).collect();
    let goals = told && rows.iter().any(|row| row.goal.is_some());
    let title = words(language, "Summary", "汇总");
    let mut out = head(title, language);
    let failed = rows.iter().filter(|row| row.fault.is_some()).count();
    let _ = writeln!(out, "<header>\n<h1>{title}</h1>");
    let _ = match language {
        Language::English => {
            let answers = if rows.len() == 1 { "answer" } else { "answers" };
            writeln!(out, "<p>{} {answers}, {failed} of which could not be read</p>", rows.len())
        }
        Language::Chinese => writeln!(out, "<p>共 {} 份答案，其中 {failed} 份无法读取</p>", rows.len()),
    };
    if let Some(marks) = average(rows).filter(|_| told) {
        let marks = marks.text(words(language, "open", "待定"));
        let _ = writeln!(out, "<p class=\"marks\">{} {marks}</p>", words(language, "average", "平均分"));
    }
    let mut heads = vec![words(language, "student", "学生")];
    if told {
        heads.push(words(language, "marks", "得分"));
        heads.extend(goals.then(|| words(language, "goal", "目标")));
        heads.extend(verdicts.iter().map(|verdict| verdict_word(*verdict, language)));
        heads.push(words(language, "first wrong line", "首个错误行"));
    }
    let _ = writeln!(out, "</header>\n<div class=\"scroll\"><table class=\"class\">\n<tr>{}</tr>", cells("th", &heads));
    for row in rows {
        let student = escape(&row.student);
        let student = match &row.page {
            Some(page) => format!("<a href=\"{}\">{student}</a>", address(page)),
            None => student,
        };
        if let Some(fault) = &row.fault {
            let fault = match language {
                Language::English => fault.clone(),
                Language::Chinese => chinese::translated(fault),
            };
            let columns = heads.len().max(2) - 1;
            let fault = escape(&fault);
            let _ = writeln!(out, "<tr><td>{student}</td><td class=\"fault\" colspan=\"{columns}\">{fault}</td></tr>");
            continue;
        }
        let mut values = vec![student];
        if told {
            let count = |count: usize| if count == 0 { String::new() } else { count.to_string() };
            values.push(row.marks.text(words(language, "open", "待定")));
            let goal = row.goal.map_or("", |reached| if reached { "✓" } else { "✗" });
            values.extend(goals.then(|| goal.to_string()));
            values.extend(verdicts.iter().map(|verdict| count(row.verdicts.get(verdict).copied().unwrap_or(0))));
            values.push(count(row.first_wrong.unwrap_or(0)));
        }
        let _ = writeln!(out, "<tr>{}</tr>", cells("td", &values));
    }
    out.push_str("</table></div>\n");
    if feedback >= Feedback::Class {
        let list = classes(rows);
        let most = list.first().map_or(1, |(_, count)| *count).max(1);
        let heads = [
            words(language, "class", "类型"),
            words(language, "steps", "步数"),
            words(language, "answers", "份数"),
            "",
        ];
        let title = words(language, "Errors by class", "错误类型");
        let _ = writeln!(out, "<h2>{title}</h2>\n<div class=\"scroll\"><table>\n<tr>{}</tr>", cells("th", &heads));
        for (class, count) in list {
            let answers = rows.iter().filter(|row| row.classes.contains_key(&class)).count();
            let bar = format!("<span class=\"bar\" style=\"width: {}%\"></span>", (count * 100).div_ceil(most));
            let values = [class_word(class, language).to_string(), count.to_string(), answers.to_string()];
            let _ = writeln!(out, "<tr>{}<td class=\"bars\">{bar}</td></tr>", cells("td", &values));
        }
        out.push_str("</table></div>\n");
    }
    out.push_str("</body>\n</html>\n");
    out
}

/// Cells of a row.
fn cells(tag: &str, values: &[impl std::fmt::Display]) -> String {
    values.iter().map(|value| format!("<{tag}>{value}</{tag}>")).collect()
}
