//! Reports of a grade: for the terminal, as Markdown, and as data.

use std::fmt::Write;

use serde_json::{Value, json};

use super::verdict::{Class, Evidence, Finding, Language, Text, Verdict};
use super::{Grade, Judged};

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

/// The words of reports that are not findings.
fn words(language: Language, english: &'static str, chinese: &'static str) -> &'static str {
    match language {
        Language::English => english,
        Language::Chinese => chinese,
    }
}

impl Grade {
    /// How many steps have each verdict, and what may be asked for first: the first wrong step.
    pub fn summary(&self, language: Language) -> String {
        let mut counts: Vec<(Verdict, usize)> = Vec::new();
        for step in &self.steps {
            match counts.iter_mut().find(|(verdict, _)| *verdict == step.verdict) {
                Some((_, count)) => *count += 1,
                None => counts.push((step.verdict, 1)),
            }
        }
        counts.sort_by_key(|(verdict, _)| *verdict);
        let list: Vec<String> =
            counts.iter().map(|(verdict, count)| format!("{count} {}", verdict_word(*verdict, language))).collect();
        let mut text = format!("{} {}: {}", self.steps.len(), words(language, "steps", "步"), list.join(", "));
        if let Some(first) = self.first_wrong() {
            let _ = match language {
                Language::English => write!(text, "; the first wrong step is {} in line {}", first.id, first.line),
                Language::Chinese => write!(text, "；第一处错误：{}（第 {} 行）", first.id, first.line),
            };
        }
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
    let mut page = String::new();
    if feedback >= Feedback::Class {
        for convention in &grade.conventions {
            let _ = writeln!(page, "{file}: {}", convention.of(language));
        }
    }
    for step in &grade.steps {
        let shown = if feedback == Feedback::None { "·" } else { mark(step.verdict) };
        let word = if feedback == Feedback::None { "" } else { verdict_word(step.verdict, language) };
        let classes = classes(step, language, feedback);
        let _ = writeln!(page, "{file}:{}: {shown} {} {word}{classes}", step.line, step.id);
        let reading = if step.reading.is_empty() { &step.source } else { &step.reading };
        let _ = writeln!(page, "    {}", reading.replace('\n', " "));
        for line in details(step, language, feedback) {
            let _ = writeln!(page, "    {line}");
        }
    }
    if feedback >= Feedback::Class {
        for missing in &grade.missing {
            let _ = writeln!(page, "{}", missing.of(language));
        }
    }
    if feedback != Feedback::None {
        let _ = writeln!(page, "{}", grade.summary(language));
    }
    page
}

fn classes(step: &Judged, language: Language, feedback: Feedback) -> String {
    let list: Vec<&str> = step.classes().into_iter().map(|class| class_word(class, language)).collect();
    if feedback < Feedback::Class || list.is_empty() { String::new() } else { format!(" [{}]", list.join(", ")) }
}

/// The lines below a step.
pub(super) fn details(step: &Judged, language: Language, feedback: Feedback) -> Vec<String> {
    let mut lines = Vec::new();
    if feedback < Feedback::Place {
        return lines;
    }
    if let Some(before) = &step.follows {
        lines.push(match language {
            Language::English => format!("judged from the side before it, which is wrong ({before})"),
            Language::Chinese => format!("从前一式（{before}，有误）出发判断"),
        });
    }
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
                lines.push(format!("{} {repair}", words(language, "right would be:", "应为：")));
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
                .chain(example.to_string().lines().map(|line| format!("  {line}")))
                .collect()
        }
        _ => Vec::new(),
    }
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
    let mut page = format!("# {}\n\n", escape(file));
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
            format!(
                "{} {}{}",
                mark(step.verdict),
                verdict_word(step.verdict, language),
                classes(step, language, feedback)
            )
        };
        let _ = writeln!(page, "## {} · {} {} {}\n", step.id, words(language, "line", "行"), step.line, escape(&word));
        let fence = "`".repeat(longest_ticks(&step.source) + 3);
        let _ = writeln!(page, "{fence}latex\n{}\n{fence}\n", step.source.trim());
        let details = details(step, language, feedback);
        if !details.is_empty() {
            let ticks = "`".repeat(details.iter().map(|line| longest_ticks(line)).max().unwrap_or(0) + 3);
            let _ = writeln!(page, "{ticks}text\n{}\n{ticks}\n", details.join("\n"));
        }
    }
    if feedback >= Feedback::Class {
        for missing in &grade.missing {
            let _ = writeln!(page, "- {}", escape(missing.of(language)));
        }
    }
    if feedback != Feedback::None {
        let _ = writeln!(page, "{}", escape(&grade.summary(language)));
    }
    page
}

fn longest_ticks(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

/// A step as data, as the schema `convprove/grade/1` has it.
pub fn step_json(step: &Judged) -> Value {
    let findings: Vec<Value> = step
        .findings
        .iter()
        .map(|finding| {
            let evidence = match &finding.evidence {
                Evidence::None => Value::Null,
                Evidence::Place(span) => json!({ "kind": "place", "start": span.start, "end": span.end }),
                Evidence::Counterexample(example) => json!({ "kind": "counterexample", "values": example.to_json() }),
                Evidence::Values(left, right) => json!({ "kind": "values", "lhs": left, "rhs": right }),
                Evidence::Substitution { inverse, becomes } => {
                    json!({ "kind": "substitution", "inverse": inverse, "becomes": becomes })
                }
                Evidence::Argument(text) => json!({ "kind": "argument", "text": text_json(text) }),
            };
            json!({
                "verdict": finding.verdict.word(),
                "class": finding.classes.iter().map(|class| class.word()).collect::<Vec<_>>(),
                "message": text_json(&finding.message),
                "evidence": evidence,
                "repair": finding.repair,
            })
        })
        .collect();
    json!({
        "id": step.id,
        "line": step.line,
        "source": step.source,
        "reading": step.reading,
        "verdict": step.verdict.word(),
        "class": step.classes().into_iter().map(Class::word).collect::<Vec<_>>(),
        "repair": step.repair(),
        "counterexample": step.counterexample().map(crate::numeric::Counterexample::to_json),
        "follows": step.follows,
        "findings": findings,
    })
}

fn text_json(text: &Text) -> Value {
    json!({ "en": text.english, "zh": text.chinese })
}
