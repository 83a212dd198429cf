//! Decisions and diagnostics as lines of text and as JSON.

use std::fmt::Write;
use std::time::Duration;

use convprove::decide::{Decision, Verdict};
use convprove::diag::{Diagnostic, Severity, render};
use convprove::export::notation::Notation;
use convprove::export::text::{self, Charset};
use convprove::export::{self, Detail, Style};
use convprove::goal::{Expectation, Goal};
use convprove::kernel::{Expr, Index, Statement, Var};
use convprove::script::{Followed, Past, Rejected};
use convprove::search::Proved;
use serde_json::{Map, Value, json};

use super::{color, complain, error_color};

/// Where a statement stands.
pub struct Page<'a> {
    /// The name of the file, as it is shown.
    pub name: &'a str,
    /// What the places in diagnostics and chains refer to.
    pub text: &'a str,
}

impl Page<'_> {
    /// The line and the column of a byte, both counted from 1.
    fn place(&self, byte: usize) -> (usize, usize) {
        let mut end = byte.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = self.text.get(..end).unwrap_or_default();
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        (before.matches('\n').count() + 1, column)
    }
}

/// How decisions are laid out as lines.
#[derive(Clone, Copy)]
pub struct Layout {
    /// Whether the cost of the search is shown.
    pub stats: bool,
    /// Whether colours may be used.
    pub color: bool,
    /// Columns for the name.
    pub name: usize,
}

impl Default for Layout {
    fn default() -> Self {
        Layout { stats: false, color: false, name: 1 }
    }
}

impl Layout {
    /// Room for the names of all of these, up to a limit beyond which a name may stick out.
    pub fn fit<'a>(self, names: impl Iterator<Item = &'a str>) -> Self {
        Layout { name: names.map(|name| name.chars().count()).max().unwrap_or(1).min(40), ..self }
    }

    fn paint(&self, text: &str, code: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// How derivations look on the standard output.
pub fn style(unicode: bool) -> Style {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    Style { unicode, color: color(), width: columns.unwrap_or(Style::default().width) }
}

/// Milliseconds with three decimals.
pub fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// What is assumed of sizes and functions, as a list of conditions.
pub fn assumptions(notation: &Notation, statement: &Statement) -> Value {
    let conditions = notation.conditions(&statement.assumptions);
    let conditions = conditions.iter().map(|condition| text::condition(condition, Charset::Ascii));
    let slopes = notation.slopes();
    let slopes = slopes.iter().map(|(derivative, body)| text::equation(derivative, body, Charset::Ascii));
    let premises = notation.signs().into_iter().chain(notation.premises()).collect::<Vec<_>>();
    let premises = premises.iter().map(|premise| text::premise(premise, Charset::Ascii));
    conditions.chain(slopes).chain(premises).map(|text| json!(text)).collect()
}

/// Prints diagnostics on the standard error stream.
pub fn complain_all(diagnostics: &[Diagnostic], name: &str, source: &str) {
    for diagnostic in diagnostics {
        complain(render(diagnostic, name, source, error_color()).trim_end());
    }
}

/// How many statements have which verdict.
#[derive(Default)]
pub struct Tally {
    proved: usize,
    refuted: usize,
    refuted_as_expected: usize,
    undecided: usize,
    undecided_as_expected: usize,
    ill_formed: usize,
    disagreements: usize,
    unexpected: usize,
}

impl Tally {
    /// Counts a decision.
    pub fn add(&mut self, decision: &Decision) {
        let expected = decision.as_expected();
        self.unexpected += usize::from(!expected);
        let count = match &decision.verdict {
            Verdict::Proved(_) => &mut self.proved,
            Verdict::Refuted(_) if expected => &mut self.refuted_as_expected,
            Verdict::Refuted(_) => &mut self.refuted,
            Verdict::Undecided(_) if expected => &mut self.undecided_as_expected,
            Verdict::Undecided(_) => &mut self.undecided,
            Verdict::IllFormed(_) => &mut self.ill_formed,
            Verdict::Disagreement(_, _) => &mut self.disagreements,
        };
        *count += 1;
    }

    /// Counts a part of a file that cannot be read or has no meaning.
    pub fn ill_formed(&mut self) {
        self.ill_formed += 1;
        self.unexpected += 1;
    }

    /// `37 proved, 9 refuted as expected, 1 undecided`
    pub fn sentence(&self) -> String {
        let counts = [
            (self.proved, "proved"),
            (self.refuted_as_expected, "refuted as expected"),
            (self.undecided_as_expected, "undecided as expected"),
            (self.refuted, "refuted"),
            (self.undecided, "undecided"),
            (self.ill_formed, "ill-formed"),
            (self.disagreements, "disagreements: please report them"),
        ];
        let words: Vec<String> =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        if words.is_empty() { "no theorem found".into() } else { words.join(", ") }
    }

    fn json(&self) -> Value {
        json!({
            "proved": self.proved,
            "refuted": self.refuted + self.refuted_as_expected,
            "undecided": self.undecided + self.undecided_as_expected,
            "ill-formed": self.ill_formed,
            "disagreement": self.disagreements,
            "unexpected": self.unexpected,
        })
    }
}

/// The object that a command prints with `--json`.
pub fn envelope(command: &str, results: Vec<Value>, tally: &Tally) -> Value {
    json!({"schema": format!("convprove/{command}/1"), "results": results, "summary": tally.json()})
}

/// The lines about a decision: the verdict, then what explains it, indented.
pub fn lines(page: &Page, goal: &Goal, decision: &Decision, layout: &Layout) -> String {
    let mut out = head(decision, layout);
    let notation = Notation::of_statement(&goal.statement);
    match &decision.verdict {
        Verdict::Proved(_) => {}
        Verdict::Refuted(counterexample) => indent(&mut out, &counterexample.to_string()),
        Verdict::Undecided(open) => {
            let reason = if open.reason.is_empty() { "no proof was found" } else { &open.reason };
            indent(&mut out, reason);
            for (side, terms) in [("left", &open.left), ("right", &open.right)] {
                for term in terms {
                    indent(&mut out, &format!("remains on the {side}: {}", spell(term, &notation)));
                }
            }
            if let Some(divisor) = open.uncancelled() {
                let divisor = spell(divisor, &notation);
                indent(
                    &mut out,
                    &format!("{divisor} would cancel where it is not 0, which is not assumed: add `where … != 0`"),
                );
            }
        }
        Verdict::IllFormed(diagnostics) => {
            diagnostics.iter().for_each(|diagnostic| indent(&mut out, &text::name(&diagnostic.message)));
        }
        Verdict::Disagreement(proved, counterexample) => {
            indent(&mut out, "The kernel has checked a proof, and the exact evaluation refutes the statement.");
            indent(&mut out, "One of the two is wrong. Please report it with this file.");
            indent(&mut out, "The proof:");
            indent(&mut out, &derived(proved));
            indent(&mut out, "The counterexample:");
            indent(&mut out, &counterexample.to_string());
        }
    }
    let shown = if let Verdict::Refuted(counterexample) = &decision.verdict { Some(counterexample) } else { None };
    for line in decision.lines.iter().filter(|line| !line.holds || line.past.is_some()) {
        let place =
            if page.text.is_empty() { String::new() } else { format!("line {}: ", page.place(line.span.start).0) };
        indent(&mut out, &format!("{place}= {}", one_line(&line.source)));
        let reason = match (&line.past, &line.reason) {
            (Some(past), _) => past_words(page, past),
            (None, Some(reason)) => text::name(reason),
            (None, None) => "it does not follow from the line before".to_owned(),
        };
        let _ = writeln!(out, "        {reason}");
        if let Some(counterexample) = line.counterexample.as_ref().filter(|found| Some(*found) != shown) {
            counterexample.to_string().lines().for_each(|line| {
                let _ = writeln!(out, "        {line}");
            });
        }
        if let Some(rejected) = &line.rejected {
            rejection(&mut out, rejected, &notation);
        }
    }
    for remark in &decision.remarks {
        indent(&mut out, &format!("note: {}", text::name(remark)));
    }
    if layout.stats {
        cost(&mut out, decision);
    }
    out
}

/// What a line has to do with the false one before it.
fn past_words(page: &Page, past: &Past) -> String {
    match past {
        Past::Follows => "it follows from the line before, which is false".to_owned(),
        Past::Returns(_) if page.text.is_empty() => {
            "it does not follow from the false line before, but from the one before that".to_owned()
        }
        Past::Returns(last) => {
            format!("it does not follow from the false line before, but from line {}", page.place(last.start).0)
        }
    }
}

/// `✓ commutes   proved   12.4 ms   4 steps: fubini, reindex, ring`
fn head(decision: &Decision, layout: &Layout) -> String {
    let mark = match &decision.verdict {
        Verdict::Proved(_) => "✓",
        Verdict::Refuted(_) => "✗",
        Verdict::Undecided(_) => "?",
        Verdict::IllFormed(_) | Verdict::Disagreement(_, _) => "!",
    };
    let verdict = decision.verdict.name();
    let verdict = match decision.expectation {
        Expectation::Proved => verdict.to_owned(),
        Expectation::Refuted | Expectation::Undecided if decision.as_expected() => format!("{verdict} as expected"),
        Expectation::Refuted => format!("{verdict}, expected refuted"),
        Expectation::Undecided => format!("{verdict}, expected undecided"),
    };
    let colour = match (&decision.verdict, decision.as_expected()) {
        (_, true) => "32",
        (Verdict::Undecided(_), false) => "33",
        (_, false) => "31",
    };
    let mark = layout.paint(mark, colour);
    let name = text::name(&decision.name);
    let time = format!("{:.1} ms", milliseconds(decision.time));
    let mut line = format!("  {mark} {name:<width$}  {verdict:<19}  {time:>10}", width = layout.name);
    if let Verdict::Proved(proved) | Verdict::Disagreement(proved, _) = &decision.verdict {
        let laws: Vec<&str> = proved.theorem.laws().iter().copied().collect();
        let count = proved.certificate.proof.steps().len();
        let plural = if count == 1 { "step " } else { "steps" };
        let _ = write!(line, "  {count:>3} {plural}  {}", laws.join(", "));
    }
    format!("{}\n", line.trim_end())
}

fn cost(out: &mut String, decision: &Decision) {
    let statistics = &decision.statistics;
    let stop = if statistics.stop.is_empty() { "no search was needed" } else { &statistics.stop };
    let size =
        format!("{} e-nodes, {} classes, {} iterations", statistics.nodes, statistics.classes, statistics.iterations);
    let time = |time: Duration| format!("{:.2} ms", milliseconds(time));
    indent(out, &format!("{size}; stop: {stop}"));
    let (saturation, replay) = (time(statistics.saturation), time(statistics.replay));
    let (kernel, check) = (time(statistics.kernel), time(decision.check_time));
    indent(out, &format!("e-graph {saturation}, replay {replay}, kernel {kernel}; cross-check {check}"));
}

fn derived(proved: &Proved) -> String {
    let style = Style { unicode: true, color: false, ..Style::default() };
    export::render_text(&export::derivation(&proved.certificate, Detail::Summary), style)
}

fn spell(expr: &Expr, notation: &Notation) -> String {
    text::expr(expr, notation, Charset::Unicode)
}

fn one_line(source: &str) -> String {
    text::name(&source.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn indent(out: &mut String, text: &str) {
    for line in text.lines() {
        let _ = writeln!(out, "{}", format!("      {line}").trim_end());
    }
}

/// What is wrong with a substitution, and what would be right.
fn rejection(out: &mut String, rejected: &Rejected, notation: &Notation) {
    let index = |term: &Index| text::index(term, notation, Charset::Unicode);
    let pairs = |pairs: &[(Var, Index)]| {
        pairs
            .iter()
            .map(|(var, term)| format!("{} = {}", text::name(var.name.as_str()), index(term)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let hint: Vec<String> =
        rejected.hint.iter().map(|(left, right)| format!("{} = {}", index(left), index(right))).collect();
    let hint = hint.join(", ");
    if rejected.inverse.is_empty() {
        let _ = writeln!(out, "        {hint} does not say what the old letters are");
    } else {
        let _ = writeln!(out, "        the inverse of {hint} is {}", pairs(&rejected.inverse));
    }
    if let Some(becomes) = &rejected.becomes {
        let _ = writeln!(out, "        with it the line before becomes {}", spell(becomes, notation));
    }
    if !rejected.works.is_empty() {
        let _ = writeln!(out, "        what works is {}", pairs(&rejected.works));
    }
}

/// A part of a file that cannot be read or has no meaning, as a result.
pub fn ill_formed_json(file: &str, name: Option<&str>, diagnostics: &[Diagnostic], source: &str) -> Value {
    let page = Page { name: file, text: source };
    let first = diagnostics.first().map_or("it cannot be read", |diagnostic| &diagnostic.message);
    let diagnostics: Vec<Value> = diagnostics.iter().map(|diagnostic| diagnostic_json(&page, diagnostic)).collect();
    let mut value = unread_json(file, first);
    value["name"] = json!(name);
    value["diagnostics"] = json!(diagnostics);
    value
}

/// A file that cannot be read, as a result.
pub fn unread_json(file: &str, reason: &str) -> Value {
    json!({
        "file": file, "name": null, "verdict": "ill-formed", "expected": false, "time_ms": 0.0, "check_ms": 0.0, "steps": 0,
        "laws": [], "assumptions": [], "reason": reason, "diagnostics": [],
    })
}

/// A diagnostic with its place.
pub fn diagnostic_json(page: &Page, diagnostic: &Diagnostic) -> Value {
    let (line, column) = page.place(diagnostic.span.start);
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut value = json!({"line": line, "column": column, "severity": severity, "message": diagnostic.message});
    if let Some(hint) = &diagnostic.hint {
        value["hint"] = json!(hint);
    }
    value
}

/// The JSON of a decision, as other programs rely on it.
pub fn json(page: &Page, goal: &Goal, decision: &Decision) -> Value {
    let notation = Notation::of_statement(&goal.statement);
    let statistics = &decision.statistics;
    let mut value = json!({
        "file": page.name,
        "name": decision.name,
        "verdict": decision.verdict.name(),
        "expected": decision.as_expected(),
        "time_ms": milliseconds(decision.time),
        "check_ms": milliseconds(decision.check_time),
        "steps": 0,
        "laws": [],
        "assumptions": assumptions(&notation, &goal.statement),
        "remarks": decision.remarks,
        "statistics": {
            "nodes": statistics.nodes,
            "classes": statistics.classes,
            "iterations": statistics.iterations,
            "stop": statistics.stop,
            "saturation_ms": milliseconds(statistics.saturation),
            "replay_ms": milliseconds(statistics.replay),
            "kernel_ms": milliseconds(statistics.kernel),
        },
    });
    if !page.text.is_empty() {
        value["line"] = json!(page.place(goal.span.start).0);
    }
    if let Verdict::Proved(proved) | Verdict::Disagreement(proved, _) = &decision.verdict {
        value["steps"] = json!(proved.certificate.proof.steps().len());
        value["laws"] = json!(proved.theorem.laws());
    }
    match &decision.verdict {
        Verdict::Proved(_) => {}
        Verdict::Refuted(counterexample) => value["counterexample"] = counterexample.to_json(),
        Verdict::Disagreement(_, counterexample) => {
            value["counterexample"] = counterexample.to_json();
            value["reason"] = json!("the kernel has checked a proof, and the exact evaluation refutes the statement");
        }
        Verdict::Undecided(open) => {
            let spelled = |terms: &[Expr]| {
                terms.iter().map(|term| text::expr(term, &notation, Charset::Ascii)).collect::<Vec<_>>()
            };
            value["reason"] = json!(open.reason);
            value["left"] = json!(spelled(&open.left));
            value["right"] = json!(spelled(&open.right));
        }
        Verdict::IllFormed(diagnostics) => {
            value["diagnostics"] = diagnostics.iter().map(|diagnostic| diagnostic_json(page, diagnostic)).collect();
        }
    }
    if !decision.lines.is_empty() {
        value["lines"] = decision.lines.iter().map(|line| line_json(page, line, &notation)).collect();
    }
    value
}

/// A line of the author's chain.
fn line_json(page: &Page, line: &Followed, notation: &Notation) -> Value {
    let mut value = json!({
        "line": page.place(line.span.start).0, "source": one_line(&line.source), "holds": line.holds,
    });
    if let Some(reason) = &line.reason {
        value["reason"] = json!(reason);
    }
    match &line.past {
        None => {}
        Some(Past::Follows) => value["past"] = json!("follows"),
        Some(Past::Returns(last)) => {
            value["past"] = json!("returns");
            value["follows_from"] = json!(page.place(last.start).0);
        }
    }
    if let Some(counterexample) = &line.counterexample {
        value["counterexample"] = counterexample.to_json();
    }
    if let Some(rejected) = &line.rejected {
        let index = |term: &Index| text::index(term, notation, Charset::Ascii);
        let map = |pairs: &[(Var, Index)]| {
            let pair = |(var, term): &(Var, Index)| (var.name.to_string(), json!(index(term)));
            Value::Object(pairs.iter().map(pair).collect::<Map<_, _>>())
        };
        let hint: Vec<String> =
            rejected.hint.iter().map(|(left, right)| format!("{} = {}", index(left), index(right))).collect();
        value["rejected"] = json!({
            "hint": hint,
            "inverse": map(&rejected.inverse),
            "becomes": rejected.becomes.as_ref().map(|becomes| text::expr(becomes, notation, Charset::Ascii)),
            "works": map(&rejected.works),
        });
    }
    value
}
