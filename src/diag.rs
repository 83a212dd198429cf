//! Diagnostics: data first, text last.

use std::ops::Range;

/// How serious a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A remark that changes no verdict.
    Warning,
    /// The input cannot be read or has no meaning.
    Error,
}

/// A message about a place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How serious it is.
    pub severity: Severity,
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where: byte offsets.
    pub span: Range<usize>,
    /// What to write instead, or what would help.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(span: Range<usize>, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Error, message: message.into(), span, hint: None }
    }

    /// A warning at a place.
    pub fn warning(span: Range<usize>, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, message: message.into(), span, hint: None }
    }

    /// The same with a hint.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A diagnostic with the lines that it speaks of, for people: plain ASCII, with colours where `color` says so.
///
/// ```
/// use convprove::diag::{Diagnostic, render};
/// let fault = Diagnostic::error(5..6, "y is not declared").with_hint("did you mean x?");
/// let text = render(&fault, "a.cvp", "x = y\n", false);
/// assert!(text.contains("a.cvp:1:6") && text.contains("did you mean x?"));
/// ```
pub fn render(diagnostic: &Diagnostic, source_name: &str, source: &str, color: bool) -> String {
    use ariadne::{CharSet, Config, IndexType, Label, Report, ReportKind, Source};
    let kind = match diagnostic.severity {
        Severity::Error => ReportKind::Error,
        Severity::Warning => ReportKind::Warning,
    };
    // A place never lies outside the text or inside a letter, whoever made it.
    let mut start = diagnostic.span.start.min(source.len());
    while !source.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = diagnostic.span.end.clamp(start, source.len());
    while !source.is_char_boundary(end) {
        end += 1;
    }
    let span = (source_name, start..end);
    let config = Config::default().with_color(color).with_char_set(CharSet::Ascii).with_index_type(IndexType::Byte);
    let mut report = Report::build(kind, span.clone())
        .with_config(config)
        .with_message(printable(&diagnostic.message))
        .with_label(Label::new(span).with_message("here"));
    if let Some(hint) = &diagnostic.hint {
        report = report.with_help(printable(hint));
    }
    let mut bytes = Vec::new();
    let written = report.finish().write((source_name, Source::from(printable_source(source))), &mut bytes);
    match written {
        Ok(()) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(_) => format!("{source_name}: {}\n", diagnostic.message),
    }
}

/// Text without control characters, which could command a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() && letter != '\n' { '?' } else { letter }).collect()
}

/// The same for a source: every byte stays at its place.
fn printable_source(text: &str) -> String {
    let replace = |letter: char| match letter {
        '\n' | '\r' | '\t' => letter,
        _ if letter.is_ascii_control() => '?',
        _ => letter,
    };
    text.chars().map(replace).collect()
}
