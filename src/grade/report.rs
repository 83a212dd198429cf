//! Reports of a grade: for the terminal, as Markdown, and as data.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

use serde_json::{Value, json};

use super::verdict::{Class, Evidence, Finding, Language, Text, Verdict};
use super::{Goal, Grade, Judged, Marks};
use crate::homework::Places;
use crate::numeric::Counterexample;

/// How much a report tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Feedback {
    /// Which steps there are.
    None,
    /// The verdict of each step.
    Verdict,
    /// Where the fault stands as well.
    Place,
    /// Its class, what is the matter and the evidence as well.
    Class,
    /// What would be right as well.
    #[default]
    Repair,
}

/// A verdict in one language.
pub fn verdict_word(verdict: Verdict, language: Language) -> &'static str {
    match (language, verdict) {
        (Language::English, verdict) => verdict.word(),
        (Language::Chinese, Verdict::Ok) => "正确",
        (Language::Chinese, Verdict::Undecided) => "未定",
        (Language::Chinese, Verdict::Ambiguous) => "有歧义",
        (Language::Chinese, Verdict::Incomplete) => "不完整",
        (Language::Chinese, Verdict::Typo) => "笔误",
        (Language::Chinese, Verdict::Wrong) => "错误",
        (Language::Chinese, Verdict::Unreadable) => "无法读取",
    }
}

/// A class in one language.
pub fn class_word(class: Class, language: Language) -> &'static str {
    if language == Language::English {
        return class.word();
    }
    match class {
        Class::Index => "下标",
        Class::Bounds => "上下限",
        Class::Substitution => "换元",
        Class::Flip => "翻转",
        Class::Operand => "运算对象",
        Class::Factor => "因子",
        Class::Sum => "求和",
        Class::Sign => "正负号",
        Class::Layer => "层号",
        Class::Domain => "定义域",
        Class::Hypothesis => "条件",
        Class::Convention => "约定",
        Class::Derivative => "求导",
        Class::Notation => "记号",
        Class::Arithmetic => "算术",
        Class::Goal => "目标",
        Class::Inherited => "沿袭前错",
    }
}

/// A sign for a verdict.
pub fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "✓",
        Verdict::Wrong => "✗",
        Verdict::Typo => "≁",
        Verdict::Ambiguous => "±",
        Verdict::Incomplete => "…",
        Verdict::Undecided => "?",
        Verdict::Unreadable => "#",
    }
}

/// The sign and the word beside a step: its verdict, or that it claims nothing; nothing at [`Feedback::None`].
pub(super) fn badge(step: &Judged, language: Language, feedback: Feedback) -> (&'static str, &'static str) {
    match step.claims() {
        _ if feedback == Feedback::None => ("·", ""),
        true => (mark(step.verdict), verdict_word(step.verdict, language)),
        false => ("·", words(language, "no claim", "无断言")),
    }
}

/// How many steps have each verdict, in the order of verdicts; `None` counts those that claim nothing, last.
pub(super) fn counted(steps: &[Judged]) -> Vec<(Option<Verdict>, usize)> {
    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
    steps.iter().filter(|step| step.claims()).for_each(|step| *counts.entry(step.verdict).or_default() += 1);
    let silent = steps.len() - counts.values().sum::<usize>();
    let counts = counts.into_iter().map(|(verdict, count)| (Some(verdict), count));
    counts.chain((silent > 0).then_some((None, silent))).collect()
}

/// The words of reports that are not findings.
pub(super) fn words(language: Language, english: &'static str, chinese: &'static str) -> &'static str {
    match language {
        Language::English => english,
        Language::Chinese => chinese,
    }
}

impl Grade {
    /// What may be told: a grade without all that is beyond the feedback, so that no face can show it. At [`Feedback::None`] verdicts and
    /// marks are still there for the one who grades; the faces leave them out.
    ///
    /// ```
    /// use convprove::grade::{Options, grade, report::Feedback};
    /// let told = grade("$$2 + 2 = 5$$", &Options::default()).told(Feedback::Verdict);
    /// assert_eq!(told.steps[0].verdict.word(), "wrong");
    /// assert_eq!(told.marks(), grade("$$2 + 2 = 5$$", &Options::default()).marks());
    /// assert!(told.steps[0].classes().is_empty() && told.steps[0].findings[0].message.english.is_empty());
    /// ```
    pub fn told(&self, feedback: Feedback) -> Grade {
        let mut grade = self.clone();
        for step in &mut grade.steps {
            // The marks stay what they are, although the classes that they rest on go.
            step.told = Some(step.marks());
            if feedback < Feedback::Place {
                step.follows = None;
            }
            if feedback < Feedback::Class {
                step.findings.retain(|finding| finding.verdict.is_fault());
                for finding in &mut step.findings {
                    let at = finding.at.take().filter(|_| feedback >= Feedback::Place);
                    *finding = Finding { at, ..Finding::new(finding.verdict, &[], Text::default(), Evidence::None) };
                }
            }
            if feedback < Feedback::Repair {
                step.findings.iter_mut().for_each(|finding| finding.repair = None);
            }
        }
        if feedback < Feedback::Class {
            grade.conventions.clear();
            grade.goals.iter_mut().for_each(|goal| goal.missing.clear());
        }
        if feedback < Feedback::Repair {
            grade.goals.iter_mut().flat_map(|goal| &mut goal.missing).for_each(|missing| missing.wanted = None);
        }
        grade
    }

    /// What was reached of the goals, one line each, and what is missing.
    pub(super) fn goal_lines(&self, language: Language) -> Vec<String> {
        let mut lines = Vec::new();
        for goal in &self.goals {
            let (name, reached) = (&goal.exercise, goal.reached);
            lines.push(match (language, reached) {
                (Language::English, true) => format!("exercise {name}: what is asked for is reached"),
                (Language::English, false) => format!("exercise {name}: what is asked for is not reached"),
                (Language::Chinese, true) => format!("习题 {name}：已得到所要求的结论"),
                (Language::Chinese, false) => format!("习题 {name}：没有得到所要求的结论"),
            });
            let mut said: Vec<(String, usize)> = Vec::new();
            for missing in &goal.missing {
                let wanted = missing.wanted.as_ref().map(|wanted| format!(" ({wanted})")).unwrap_or_default();
                let line = format!("  {}{wanted}", missing.message.of(language));
                match said.iter_mut().find(|(before, _)| *before == line) {
                    Some((_, times)) => *times += 1,
                    None => said.push((line, 1)),
                }
            }
            let times = |times: usize| if times > 1 { format!(" (×{times})") } else { String::new() };
            lines.extend(said.into_iter().map(|(line, count)| format!("{line}{}", times(count))));
        }
        lines
    }

    /// The marks as text.
    pub fn marks_text(&self, language: Language) -> String {
        let text = self.marks().text(words(language, "open", "待定"));
        format!("{}{text}", words(language, "marks ", "得分 "))
    }

    /// How many steps have each verdict, and what may be asked for first: the first wrong step.
    pub fn summary(&self, language: Language) -> String {
        let list: Vec<String> = counted(&self.steps)
            .iter()
            .map(|(verdict, count)| match (language, verdict) {
                (Language::English, Some(verdict)) => format!("{count} {}", verdict.word()),
                (Language::English, None) => format!("{count} without a claim"),
                (Language::Chinese, Some(verdict)) => format!("{count} 步{}", verdict_word(*verdict, language)),
                (Language::Chinese, None) => format!("{count} 步无断言"),
            })
            .collect();
        let mut text = match language {
            Language::English if list.is_empty() => "no steps".to_string(),
            Language::Chinese if list.is_empty() => "没有步骤".to_string(),
            Language::English => {
                let steps = if self.steps.len() == 1 { "step" } else { "steps" };
                format!("{} {steps}: {}", self.steps.len(), list.join(", "))
            }
            Language::Chinese => format!("共 {} 步：{}", self.steps.len(), list.join("，")),
        };
        if let Some(first) = self.first_wrong() {
            let _ = match language {
                Language::English => write!(text, "; the first wrong step is {} in line {}", first.id, first.line),
                Language::Chinese => write!(text, "；第一处错误：{}（第 {} 行）", first.id, first.line),
            };
        }
        let marks = self.marks_text(language);
        text.push_str(&match language {
            Language::English => format!("; {marks}"),
            Language::Chinese => format!("；{marks}"),
        });
        text
    }

    /// The first step that is wrong.
    pub fn first_wrong(&self) -> Option<&Judged> {
        self.steps.iter().find(|step| step.verdict == Verdict::Wrong)
    }

    /// The language in which the answer is written.
    pub fn language(&self, text: &str) -> Language {
        Language::of(text)
    }
}

/// A report for the terminal: one block a step.
pub fn text(grade: &Grade, file: &str, language: Language, feedback: Feedback) -> String {
    let grade = &grade.told(feedback);
    let mut page = String::new();
    if feedback >= Feedback::Class {
        for convention in &grade.conventions {
            let _ = writeln!(page, "{file}: {}", convention.of(language));
        }
    }
    for step in &grade.steps {
        let (shown, word) = badge(step, language, feedback);
        let classes = classes(step, language, feedback);
        let marks = worth(step, feedback);
        let line = format!("{file}:{}:{}: {shown} {} {word}{classes}{marks}", step.line, step.column, step.id);
        let _ = writeln!(page, "{}", line.trim_end());
        let reading = if step.reading.is_empty() { &step.source } else { &step.reading };
        let _ = writeln!(page, "    {}", reading.replace('\n', " "));
        if feedback == Feedback::Place {
            for place in places(grade, step) {
                let _ = writeln!(page, "    {} {place}", words(language, "here:", "此处："));
            }
        }
        for line in details(step, language, feedback) {
            let _ = writeln!(page, "    {line}");
        }
    }
    if feedback != Feedback::None {
        for line in grade.goal_lines(language) {
            let _ = writeln!(page, "{line}");
        }
        let _ = writeln!(page, "{}", grade.summary(language));
    }
    page
}

fn classes(step: &Judged, language: Language, feedback: Feedback) -> String {
    let list: Vec<&str> = step.classes().into_iter().map(|class| class_word(class, language)).collect();
    if feedback < Feedback::Class || list.is_empty() { String::new() } else { format!(" [{}]", list.join(", ")) }
}

/// The marks of a step, where it has any.
pub(super) fn worth(step: &Judged, feedback: Feedback) -> String {
    let marks = step.marks();
    if feedback == Feedback::None || step.worth == 0 {
        return String::new();
    }
    format!(" {}", if marks.open > 0.0 { format!("?/{}", marks.of) } else { format!("{}/{}", marks.reached, marks.of) })
}

/// The parts of a step in which its faults stand, as they were written.
pub(super) fn places(grade: &Grade, step: &Judged) -> Vec<String> {
    let mut found = Vec::new();
    for at in
        step.findings.iter().filter(|finding| finding.verdict.is_fault()).filter_map(|finding| finding.at.as_ref())
    {
        let text =
            at.start.checked_sub(step.span.start).zip(at.end.checked_sub(step.span.start)).and_then(|(start, end)| {
                grade.reading.steps.iter().find(|read| read.id == step.id)?.source.get(start..end)
            });
        if let Some(text) = text.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
            && !text.is_empty()
            && !found.contains(&text)
        {
            found.push(text);
        }
    }
    found
}

/// From which wrong step this one goes on, unless a finding says so.
pub(super) fn follows(step: &Judged, language: Language) -> Option<String> {
    let before = step.follows.as_ref().filter(|_| !step.classes().contains(&Class::Inherited))?;
    Some(match language {
        Language::English => format!("it goes on from {before}, which is wrong, and is judged by itself"),
        Language::Chinese => format!("由有误的 {before} 接着写，本步单独评判"),
    })
}

/// The lines below a step.
pub(super) fn details(step: &Judged, language: Language, feedback: Feedback) -> Vec<String> {
    let mut lines = Vec::new();
    if feedback < Feedback::Place {
        return lines;
    }
    lines.extend(follows(step, language));
    for finding in &step.findings {
        if feedback < Feedback::Class {
            continue;
        }
        let message = finding.message.of(language);
        if !message.is_empty() && !lines.iter().any(|line| line == message) {
            lines.push(message.to_string());
        }
        if finding.verdict.is_fault() {
            lines.extend(evidence(finding, language));
            if let Some(repair) = finding.repair.as_ref().filter(|_| feedback >= Feedback::Repair) {
                let line = format!("{} {repair}", words(language, "right would be:", "应为："));
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
    }
    lines
}

fn evidence(finding: &Finding, language: Language) -> Vec<String> {
    match &finding.evidence {
        Evidence::Counterexample(example) => {
            let head = words(language, "counterexample:", "反例：");
            std::iter::once(head.to_string())
                .chain(counterexample(example, language).iter().map(|line| format!("  {line}")))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The lines of a counterexample.
pub(super) fn counterexample(example: &Counterexample, language: Language) -> Vec<String> {
    let text = example.to_string();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.len().saturating_sub(1);
    let translated = |(number, line): (usize, &&str)| match (line.strip_prefix("for "), line.strip_prefix("at ")) {
        _ if language == Language::English => line.to_string(),
        (Some(sizes), _) if number == 0 => format!("取 {sizes}"),
        (_, Some(place)) => format!("在 {place} 处"),
        _ if number == last => format!("左边 = {}，右边 = {}", example.lhs, example.rhs),
        _ => line.to_string(),
    };
    lines.iter().enumerate().map(translated).collect()
}

/// A report as Markdown: a table of the steps, then what was found.
pub fn markdown(grade: &Grade, file: &str, language: Language, feedback: Feedback) -> String {
    let escape = |text: &str| {
        let mut out = String::new();
        for letter in text.chars() {
            if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' | '$') {
                out.push('\\');
            }
            out.push(if letter == '\n' { ' ' } else { letter });
        }
        out
    };
    let grade = &grade.told(feedback);
    let mut page = format!("# {}\n\n", escape(file));
    if feedback != Feedback::None {
        let _ = writeln!(page, "**{}**\n", escape(&grade.summary(language)));
    }
    if feedback >= Feedback::Class {
        for convention in &grade.conventions {
            let _ = writeln!(page, "- {}", escape(convention.of(language)));
        }
        page.push('\n');
    }
    for step in &grade.steps {
        let word = if feedback == Feedback::None {
            String::new()
        } else {
            let (mark, word) = badge(step, language, feedback);
            format!(" {mark} {word}{}{}", classes(step, language, feedback), worth(step, feedback))
        };
        let line = match language {
            Language::English => format!("line {}", step.line),
            Language::Chinese => format!("第 {} 行", step.line),
        };
        let _ = writeln!(page, "## {} · {line}{}\n", step.id, escape(&word));
        let fence = "`".repeat(longest_ticks(&step.source) + 3);
        let _ = writeln!(page, "{fence}latex\n{}\n{fence}\n", step.source.trim());
        let mut details = details(step, language, feedback);
        if feedback == Feedback::Place {
            details.splice(0..0, places(grade, step));
        }
        if !details.is_empty() {
            let ticks = "`".repeat(details.iter().map(|line| longest_ticks(line)).max().unwrap_or(0) + 3);
            let _ = writeln!(page, "{ticks}text\n{}\n{ticks}\n", details.join("\n"));
        }
    }
    if feedback != Feedback::None {
        for line in grade.goal_lines(language) {
            let _ = writeln!(page, "- {}", escape(line.trim_start()));
        }
    }
    page
}

fn longest_ticks(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

/// A grade as data, as the schema `convprove/grade/1` has it, with no more than may be told.
///
/// ```
/// use convprove::grade::{Options, grade, report::{Feedback, json}};
/// let text = "$$2 + 2 = 5$$";
/// let page = json(&grade(text, &Options::default()), "a.md", text, Feedback::Place);
/// let step = &page["steps"][0];
/// assert_eq!((&step["verdict"], &step["findings"][0]["at"]["column"]), (&"wrong".into(), &11.into()));
/// assert!(step.get("class").is_none() && step["findings"][0].get("message").is_none());
/// ```
pub fn json(grade: &Grade, file: &str, text: &str, feedback: Feedback) -> Value {
    let grade = &grade.told(feedback);
    let places = Places::new(text);
    let mut page = json!({ "file": file });
    if feedback >= Feedback::Class {
        page["conventions"] = grade.conventions.iter().map(text_json).collect();
    }
    if feedback > Feedback::None {
        page["first_wrong"] = json!(grade.first_wrong().map(|step| step.id.clone()));
        let goal = |goal: &Goal| {
            let mut page = json!({ "exercise": goal.exercise, "reached": goal.reached, "marks": goal.worth });
            if feedback >= Feedback::Class {
                let missing = goal.missing.iter().map(|missing| {
                    let mut page = text_json(&missing.message);
                    if let Some(wanted) = &missing.wanted {
                        page["wanted"] = json!(wanted);
                    }
                    page
                });
                page["missing"] = missing.collect();
            }
            page
        };
        page["goals"] = grade.goals.iter().map(goal).collect();
        page["marks"] = marks_json(grade.marks());
    }
    page["steps"] = grade.steps.iter().map(|step| step_json(step, &places, feedback)).collect();
    page
}

fn marks_json(marks: Marks) -> Value {
    json!({ "reached": marks.reached, "open": marks.open, "of": marks.of })
}

fn place_json(span: &Range<usize>, places: &Places) -> Value {
    let (line, column) = places.of(span.start);
    json!({ "start": span.start, "end": span.end, "line": line, "column": column })
}

/// A step as data.
fn step_json(step: &Judged, places: &Places, feedback: Feedback) -> Value {
    let mut page = json!({
        "id": step.id,
        "line": step.line,
        "column": step.column,
        "start": step.span.start,
        "end": step.span.end,
        "source": step.source,
        "reading": step.reading,
    });
    if feedback == Feedback::None {
        return page;
    }
    page["verdict"] = json!(step.verdict.word());
    page["marks"] = marks_json(step.marks());
    if feedback >= Feedback::Class {
        page["class"] = step.classes().into_iter().map(Class::word).collect();
        page["counterexample"] = step.counterexample().map_or(Value::Null, Counterexample::to_json);
    }
    if feedback >= Feedback::Repair {
        page["repair"] = json!(step.repair());
    }
    if feedback >= Feedback::Place {
        page["follows"] = json!(step.follows);
        page["findings"] = step.findings.iter().map(|finding| finding_json(finding, places, feedback)).collect();
    }
    page
}

fn finding_json(finding: &Finding, places: &Places, feedback: Feedback) -> Value {
    let mut page = json!({ "verdict": finding.verdict.word() });
    page["at"] = finding.at.as_ref().map_or(Value::Null, |at| place_json(at, places));
    if feedback < Feedback::Class {
        return page;
    }
    page["class"] = finding.classes.iter().map(|class| class.word()).collect();
    page["message"] = text_json(&finding.message);
    page["evidence"] = match &finding.evidence {
        Evidence::None => Value::Null,
        Evidence::Place(span) => json!({ "kind": "place", "start": span.start, "end": span.end }),
        Evidence::Counterexample(example) => json!({ "kind": "counterexample", "values": example.to_json() }),
        Evidence::Values(left, right) => json!({ "kind": "values", "lhs": left, "rhs": right }),
        Evidence::Substitution { inverse, becomes } => {
            json!({ "kind": "substitution", "inverse": inverse, "becomes": becomes })
        }
        Evidence::Argument(text) => json!({ "kind": "argument", "text": text_json(text) }),
    };
    if feedback >= Feedback::Repair {
        page["repair"] = json!(finding.repair);
    }
    page
}

fn text_json(text: &Text) -> Value {
    json!({ "en": text.english, "zh": text.chinese })
}
