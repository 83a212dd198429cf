//! A grade as one page that needs no network and no script: the formulas of the answer as MathML, the verdicts beside them.

use std::fmt::Write;

use super::report::{Feedback, class_word, details, mark, verdict_word};
use super::verdict::{Language, Verdict};
use super::{Grade, Judged};
use crate::export::mathml::escape;
use crate::homework::formula::*;
use crate::homework::print;

const HEAD: &str = "<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<style>\n\
body { font: 1rem/1.5 Georgia, serif; margin: 2rem auto; max-width: 64rem; padding: 0 1rem; color: #222; background: #fff }\n\
section { display: grid; grid-template-columns: 9rem 1fr; gap: 0 1rem; border-top: 1px solid #ccc; padding: .7rem 0 }\n\
.mark { font-weight: bold } .ok { color: #176b2c } .wrong { color: #b00020 } .typo, .incomplete, .unreadable { color: #a34d00 }\n\
.ambiguous { color: #7a5c00 } .undecided { color: #555 }\n.formula { overflow-x: auto; padding: .2rem 0 }\npre { white-space: pre-wrap; font-size: .85rem; margin: .3rem 0 }\n\
.source { color: #777; font-size: .75rem }\n@media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818 } .ok { color: #7fd694 } .wrong { color: #ff8a97 } }\n</style>\n";

/// The page of one answer.
pub fn page(grade: &Grade, file: &str, language: Language, feedback: Feedback) -> String {
    let code = if language == Language::Chinese { "zh" } else { "en" };
    let title = escape(file);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{code}\">\n<head>\n<title>{title}</title>\n{HEAD}</head>\n<body>\n<h1>{title}</h1>\n"
    );
    if feedback >= Feedback::Class {
        out.push_str("<ul>\n");
        for convention in &grade.conventions {
            let _ = writeln!(out, "<li>{}</li>", escape(convention.of(language)));
        }
        out.push_str("</ul>\n");
    }
    for step in &grade.steps {
        out.push_str(&section(grade, step, language, feedback));
    }
    for missing in grade.missing.iter().filter(|_| feedback >= Feedback::Class) {
        let _ = writeln!(out, "<p>{}</p>", escape(missing.of(language)));
    }
    if feedback != Feedback::None {
        let _ = writeln!(out, "<p>{}</p>", escape(&grade.summary(language)));
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn section(grade: &Grade, step: &Judged, language: Language, feedback: Feedback) -> String {
    let shown = feedback != Feedback::None;
    let verdict = if shown { step.verdict.word() } else { "" };
    let words =
        if shown { format!("{} {}", mark(step.verdict), verdict_word(step.verdict, language)) } else { String::new() };
    let classes: Vec<&str> = step.classes().into_iter().map(|class| class_word(class, language)).collect();
    let classes = if feedback >= Feedback::Class { classes.join(", ") } else { String::new() };
    let line =
        if language == Language::Chinese { format!("第 {} 行", step.line) } else { format!("line {}", step.line) };
    let formula = grade
        .reading
        .steps
        .iter()
        .find(|read| read.id == step.id)
        .filter(|_| step.verdict != Verdict::Unreadable)
        .map(|read| {
            let parts: Vec<String> = read.statements.iter().map(statement).collect();
            format!("<math display=\"block\">{}</math>", parts.join("<mo>,</mo><mspace width=\"1em\"/>"))
        })
        .unwrap_or_default();
    let details = details(step, language, feedback);
    let details =
        if details.is_empty() { String::new() } else { format!("<pre>{}</pre>", escape(&details.join("\n"))) };
    format!(
        "<section id=\"{id}\"><div><span class=\"mark {verdict}\">{}</span><br>{}<br><small>{id} · {}</small></div>\n<div><div class=\"formula\">{formula}</div>{details}<details class=\"source\"><summary>TeX</summary><pre>{}</pre></details></div></section>\n",
        escape(&words),
        escape(&classes),
        escape(&line),
        escape(&step.source),
        id = escape(&step.id),
    )
}

fn statement(statement: &Statement) -> String {
    match statement {
        Statement::Words(words, _) => format!("<mtext>{}</mtext>", escape(words)),
        Statement::Chain(chain) => {
            let mut row = chain.first.as_ref().map(expr).unwrap_or_default();
            for link in &chain.links {
                row.push_str(&format!("<mo>{}</mo>", escape(print::relation(link.relation))));
                row.push_str(&link.side.as_ref().map(expr).unwrap_or_default());
            }
            row
        }
    }
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
        Kind::Parens(_, parts) => format!("<mrow><mo>(</mo>{}<mo>)</mo></mrow>", list(parts)),
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
        Kind::Big(Big::Sum, binders, Some(body)) => {
            let mut row = String::new();
            for binder in binders {
                match binder {
                    Binder::Letter { letter, lower, upper } => {
                        let below =
                            lower.as_ref().map(|lower| format!("<mo>=</mo>{}", expr(lower))).unwrap_or_default();
                        let above = upper.as_ref().map(expr).unwrap_or_default();
                        row.push_str(&format!(
                            "<munderover><mo>∑</mo><mrow>{}{below}</mrow><mrow>{above}</mrow></munderover>",
                            expr(letter)
                        ));
                    }
                    Binder::Among(letters, set) => row.push_str(&format!(
                        "<munder><mo>∑</mo><mrow>{}<mo>∈</mo>{}</mrow></munder>",
                        list(letters),
                        expr(set)
                    )),
                    Binder::Condition(_) => {}
                }
            }
            format!("{row}{}", expr(body))
        }
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
