//! A grade as one page that needs no network and no script: the formulas of the answer as MathML, the verdicts beside them.

use std::fmt::Write;

use super::report::{
    Feedback, badge, class_word, counted, counterexample, follows, mark, places, verdict_word, words, worth,
};
use super::verdict::{Evidence, Language, Verdict};
use super::{Grade, Judged};
use crate::export::mathml::escape;
use crate::homework::formula::*;
use crate::homework::print;

/// The style of all pages of a grade: quiet colours, a bar and a badge for each verdict, dark mode, paper.
pub(super) const STYLE: &str = "<style>\n\
:root { --ink: #1f2328; --soft: #6a737d; --line: #d8dee4; --card: #fff; --paper: #f6f8fa; --ok: #1a7f37; --wrong: #c62828; --half: #b35900; --open: #57606a }\n\
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4ae; --line: #30363d; --card: #161b22; --paper: #0d1117; --ok: #56d364; --wrong: #ff7b72; --half: #e3a04a; --open: #9aa4ae } }\n\
* { box-sizing: border-box }\n\
body { font: 1rem/1.55 system-ui, 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto; max-width: 60rem; padding: 2rem 1rem }\n\
h1 { font-size: 1.4rem; margin: 0 0 .3rem; overflow-wrap: anywhere } h2 { font-size: 1.1rem; margin: 2rem 0 .6rem }\n\
header p { margin: .3rem 0 } .marks { font-size: 1.2rem; font-weight: 600 } .soft, ul.conventions { color: var(--soft); font-size: .9rem }\n\
ul { margin: .4rem 0; padding-left: 1.2rem }\n\
section { --tone: var(--open); display: grid; grid-template-columns: 8.5rem minmax(0, 1fr); gap: 0 1rem; background: var(--card); border: 1px solid var(--line); border-left: .3rem solid var(--tone); border-radius: .4rem; padding: .7rem 1rem; margin: .6rem 0; break-inside: avoid }\n\
.ok { --tone: var(--ok) } .wrong, .unreadable { --tone: var(--wrong) } .typo, .incomplete, .ambiguous { --tone: var(--half) } .undecided { --tone: var(--open) }\n\
.badge { color: var(--tone); font-weight: 600; white-space: nowrap } .chip { display: inline-block; color: var(--tone); border: 1px solid var(--tone); border-radius: 1rem; padding: 0 .6rem; margin: 0 .3rem .3rem 0; font-size: .85rem }\n\
.class { font-size: .85rem; color: var(--tone) } .step { font-size: .8rem; color: var(--soft) }\n\
.formula { overflow-x: auto; overflow-y: hidden; padding: .3rem 0; font-size: 1.1rem } math { text-align: left }\n\
.findings p { margin: .35rem 0 } .example { margin: .35rem 0; padding: .4rem .7rem; border-left: .2rem solid var(--line); overflow-x: auto; font: .85rem/1.45 ui-monospace, monospace }\n\
.repair { color: var(--ok) } .repair code, .place code { font: .9rem ui-monospace, monospace; overflow-wrap: anywhere }\n\
details { color: var(--soft); font-size: .8rem; margin-top: .3rem } details pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .2rem 0 }\n\
table { border-collapse: collapse; background: var(--card); font-size: .9rem } td, th { border: 1px solid var(--line); padding: .25rem .5rem; text-align: right } th { font-weight: 600 } td { white-space: nowrap }\n\
td:first-child, th:first-child, td.fault { text-align: left; white-space: normal } td:first-child { overflow-wrap: anywhere } table.class td:first-child { min-width: 9rem } td.fault { color: var(--soft) }\n\
.scroll { overflow-x: auto } td.bars { text-align: left; width: 12rem; min-width: 4rem } .bar { display: inline-block; height: .7rem; background: var(--half); border-radius: .2rem }\n\
@media (max-width: 40rem) { section { grid-template-columns: 1fr } }\n\
@media print { body { background: none; padding: 0 } details { display: none } }\n\
</style>\n";

/// The beginning of a page, to its `<body>`.
pub(super) fn head(title: &str, language: Language) -> String {
    let code = if language == Language::Chinese { "zh" } else { "en" };
    format!(
        "<!doctype html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n{STYLE}</head>\n<body>\n",
        escape(title)
    )
}

/// The page of one answer.
pub fn page(grade: &Grade, file: &str, language: Language, feedback: Feedback) -> String {
    let grade = &grade.told(feedback);
    let mut out = head(file, language);
    let _ = writeln!(out, "<header>\n<h1>{}</h1>", escape(file));
    if feedback != Feedback::None {
        let _ = writeln!(out, "<p class=\"marks\">{}</p>", escape(&grade.marks_text(language)));
        let chip = |(verdict, count): (Option<Verdict>, usize)| match verdict {
            Some(verdict) => {
                let (class, mark, word) = (verdict.word(), mark(verdict), verdict_word(verdict, language));
                format!("<span class=\"chip {class}\">{mark} {word} {count}</span>")
            }
            None => format!("<span class=\"chip\">· {} {count}</span>", words(language, "no claim", "无断言")),
        };
        let chips: Vec<String> = counted(&grade.steps).into_iter().map(chip).collect();
        let _ = writeln!(out, "<p>{}</p>", chips.join(""));
        if let Some(first) = grade.first_wrong() {
            let id = escape(&first.id);
            let _ = match language {
                Language::English => {
                    writeln!(out, "<p>First wrong step: <a href=\"#{id}\">{id}</a>, line {}</p>", first.line)
                }
                Language::Chinese => {
                    writeln!(out, "<p>第一处错误：<a href=\"#{id}\">{id}</a>（第 {} 行）</p>", first.line)
                }
            };
        }
        for line in grade.goal_lines(language) {
            let _ = writeln!(out, "<p>{}</p>", escape(line.trim_start()));
        }
    }
    if !grade.conventions.is_empty() {
        out.push_str("<ul class=\"conventions\">\n");
        for convention in &grade.conventions {
            let _ = writeln!(out, "<li>{}</li>", escape(convention.of(language)));
        }
        out.push_str("</ul>\n");
    }
    out.push_str("</header>\n");
    for step in &grade.steps {
        out.push_str(&section(grade, step, language, feedback));
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn section(grade: &Grade, step: &Judged, language: Language, feedback: Feedback) -> String {
    let shown = feedback != Feedback::None;
    let verdict = if shown && step.claims() { step.verdict.word() } else { "" };
    let (sign, word) = badge(step, language, feedback);
    let badge = if shown { format!("{sign} {word}") } else { String::new() };
    let classes: Vec<&str> = step.classes().into_iter().map(|class| class_word(class, language)).collect();
    let line =
        if language == Language::Chinese { format!("第 {} 行", step.line) } else { format!("line {}", step.line) };
    let formula = grade
        .reading
        .steps
        .iter()
        .find(|read| read.id == step.id)
        .map(|read| {
            let parts: Vec<String> = read.statements.iter().map(statement).collect();
            format!("<math display=\"block\">{}</math>", parts.join("<mo>,</mo><mspace width=\"1em\"/>"))
        })
        .unwrap_or_else(|| format!("<code>{}</code>", escape(step.source.trim())));
    format!(
        "<section id=\"{id}\" class=\"{verdict}\"><div><div class=\"badge\">{}</div><div class=\"class\">{}</div><div class=\"step\">{id} · {}{}</div></div>\n<div><div class=\"formula\">{formula}</div><div class=\"findings\">{}</div><details><summary>TeX</summary><pre>{}</pre></details></div></section>\n",
        escape(&badge),
        escape(&classes.join(", ")),
        escape(&line),
        escape(&worth(step, feedback).replacen(' ', " · ", 1)),
        findings(grade, step, language, feedback),
        lines(step.source.trim()),
        id = escape(&step.id),
    )
}

/// Text of several lines; within a line control characters show as such.
fn lines(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("\n")
}

/// What was found of a step: sentences, counterexamples, what would be right.
fn findings(grade: &Grade, step: &Judged, language: Language, feedback: Feedback) -> String {
    let mut out = String::new();
    if let Some(line) = follows(step, language) {
        let _ = write!(out, "<p class=\"soft\">{}</p>", escape(&line));
    }
    // Where nothing else may be said, the place.
    for place in places(grade, step).iter().filter(|_| feedback == Feedback::Place) {
        let _ =
            write!(out, "<p class=\"place\">{} <code>{}</code></p>", words(language, "here:", "此处："), escape(place));
    }
    let (mut said, mut repaired): (Vec<&str>, Vec<&String>) = (Vec::new(), Vec::new());
    for finding in &step.findings {
        let message = finding.message.of(language);
        if !message.is_empty() && !said.contains(&message) {
            said.push(message);
            let class = if finding.verdict.is_fault() { "" } else { " class=\"soft\"" };
            let _ = write!(out, "<p{class}>{}</p>", escape(message));
        }
        if !finding.verdict.is_fault() {
            continue;
        }
        if let Evidence::Counterexample(example) = &finding.evidence {
            let lines = counterexample(example, language).join("\n");
            let _ = write!(
                out,
                "<p>{}</p><pre class=\"example\">{}</pre>",
                words(language, "Counterexample", "反例"),
                self::lines(&lines)
            );
        }
        if let Some(repair) = finding.repair.as_ref().filter(|repair| !repaired.contains(repair)) {
            repaired.push(repair);
            let _ = write!(
                out,
                "<p class=\"repair\">{} <code>{}</code></p>",
                words(language, "Right would be", "应为"),
                escape(repair)
            );
        }
    }
    out
}

fn statement(statement: &Statement) -> String {
    match statement {
        Statement::Words(words, _) => format!("<mtext>{}</mtext>", escape(words)),
        Statement::Chain(chain) => sides(chain),
    }
}

fn sides(chain: &Chain) -> String {
    let mut row = chain.first.as_ref().map(expr).unwrap_or_default();
    for link in &chain.links {
        row.push_str(&format!("<mo>{}</mo>", escape(print::relation(link.relation))));
        row.push_str(&link.side.as_ref().map(expr).unwrap_or_default());
    }
    row
}

/// A big sign with what stands below and above it.
fn big(sign: &str, binder: &Binder) -> String {
    match binder {
        Binder::Letter { letter, lower, upper } => {
            let below = lower.as_ref().map(|lower| format!("<mo>=</mo>{}", expr(lower))).unwrap_or_default();
            let above = upper.as_ref().map(expr).unwrap_or_default();
            format!("<munderover>{sign}<mrow>{}{below}</mrow><mrow>{above}</mrow></munderover>", expr(letter))
        }
        Binder::Among(letters, set) => {
            format!("<munder>{sign}<mrow>{}<mo>∈</mo>{}</mrow></munder>", list(letters), expr(set))
        }
        Binder::Condition(condition) => format!("<munder>{sign}<mrow>{}</mrow></munder>", sides(condition)),
    }
}

/// The sign of a sum and the like; none for those without a sign of their own.
fn big_sign(of: Big) -> Option<&'static str> {
    Some(match of {
        Big::Sum => "<mo>∑</mo>",
        Big::Product => "<mo>∏</mo>",
        Big::Integral => "<mo>∫</mo>",
        Big::Max => "<mo>max</mo>",
        Big::Min => "<mo>min</mo>",
        Big::ArgMax => "<mo>arg max</mo>",
        Big::ArgMin => "<mo>arg min</mo>",
        Big::Other => return None,
    })
}

fn list(parts: &[Expr]) -> String {
    parts.iter().map(expr).collect::<Vec<_>>().join("<mo>,</mo>")
}

fn name(name: &Name) -> String {
    let accent = if name.accent.is_empty() {
        format!("<mi>{}</mi>", escape(&name.base))
    } else {
        format!("<mover><mi>{}</mi><mo>{}</mo></mover>", escape(&name.base), escape(&name.accent))
    };
    let mut above = "′".repeat(name.primes.min(8));
    if !name.layer.is_empty() {
        above.push_str(&name.layer);
    }
    match (name.label.is_empty(), above.is_empty()) {
        (true, true) => accent,
        (false, true) => format!("<msub>{accent}<mtext>{}</mtext></msub>", escape(&name.label)),
        (true, false) => format!("<msup>{accent}<mtext>{}</mtext></msup>", escape(&above)),
        (false, false) => format!(
            "<msubsup>{accent}<mtext>{}</mtext><mtext>{}</mtext></msubsup>",
            escape(&name.label),
            escape(&above)
        ),
    }
}

/// A part as a row of MathML; what has no form of its own is shown as the reader prints it.
fn expr(part: &Expr) -> String {
    match &part.kind {
        Kind::Number(_) => format!("<mn>{}</mn>", escape(&print::expr(part))),
        Kind::Name(of) => name(of),
        Kind::Entry(array, positions) => {
            format!("<msub><mrow>{}</mrow><mrow>{}</mrow></msub>", expr(array), list(positions))
        }
        Kind::Call(function, arguments) => format!("{}<mo>(</mo>{}<mo>)</mo>", expr(function), list(arguments)),
        Kind::Parens(_, parts) => {
            format!("<mrow><mo stretchy=\"false\">(</mo>{}<mo stretchy=\"false\">)</mo></mrow>", list(parts))
        }
        Kind::Add(terms) => {
            let mut row = String::new();
            for (number, (minus, term)) in terms.iter().enumerate() {
                match (number, minus) {
                    (_, true) => row.push_str("<mo>−</mo>"),
                    (0, false) => {}
                    (_, false) => row.push_str("<mo>+</mo>"),
                }
                row.push_str(&expr(term));
            }
            row
        }
        Kind::Neg(inner) => format!("<mo>−</mo>{}", expr(inner)),
        Kind::Product(factors) => {
            let mut row = String::new();
            for (number, (operator, factor)) in factors.iter().enumerate() {
                let sign = super::model::sign_text(operator.sign);
                if number > 0 {
                    let plain = operator.is_plain() && operator.sign == Sign::Beside;
                    let sign = if plain { "\u{2062}" } else { sign };
                    if operator.tilde {
                        row.push_str(&format!("<mover><mo>{}</mo><mo>~</mo></mover>", escape(sign)));
                    } else {
                        row.push_str(&format!("<mo>{}</mo>", escape(sign)));
                    }
                }
                row.push_str(&expr(factor));
            }
            row
        }
        Kind::Power(base, exponent) => {
            format!("<msup><mrow>{}</mrow><mrow>{}</mrow></msup>", expr(base), expr(exponent))
        }
        Kind::Transpose(inner) => format!("<msup><mrow>{}</mrow><mi>T</mi></msup>", expr(inner)),
        Kind::Fraction(above, below) => {
            format!("<mfrac><mrow>{}</mrow><mrow>{}</mrow></mfrac>", expr(above), expr(below))
        }
        Kind::Derivative(of, by) => format!(
            "<mfrac><mrow><mo>∂</mo>{}</mrow><mrow><mo>∂</mo>{}</mrow></mfrac>",
            of.as_ref().map(|of| expr(of)).unwrap_or_default(),
            expr(by)
        ),
        Kind::Floor(inner) => format!("<mo>⌊</mo>{}<mo>⌋</mo>", expr(inner)),
        Kind::Ceil(inner) => format!("<mo>⌈</mo>{}<mo>⌉</mo>", expr(inner)),
        Kind::Big(of, binders, Some(body)) if let Some(sign) = big_sign(*of) => {
            let signs: String = binders.iter().map(|binder| big(sign, binder)).collect();
            format!("{}{}", if signs.is_empty() { sign } else { &signs }, expr(body))
        }
        Kind::Gradient(by, of) => {
            let sign = match by {
                Some(by) => format!("<msub><mo>∇</mo><mrow>{}</mrow></msub>", expr(by)),
                None => "<mo>∇</mo>".to_string(),
            };
            format!("{sign}{}", of.as_ref().map(|of| expr(of)).unwrap_or_default())
        }
        Kind::Root(inner) => format!("<msqrt>{}</msqrt>", expr(inner)),
        Kind::Percent(inner) => format!("{}<mo>%</mo>", expr(inner)),
        Kind::Chain(chain) => sides(chain),
        Kind::Matrix(rows) => {
            let rows: Vec<String> = rows
                .iter()
                .map(|row| {
                    let cells: Vec<String> = row.iter().map(|cell| format!("<mtd>{}</mtd>", expr(cell))).collect();
                    format!("<mtr>{}</mtr>", cells.join(""))
                })
                .collect();
            format!("<mo>(</mo><mtable>{}</mtable><mo>)</mo>", rows.join(""))
        }
        _ => format!("<mtext>{}</mtext>", escape(&print::expr(part))),
    }
}
