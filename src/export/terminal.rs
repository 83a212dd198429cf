//! A derivation as text for terminals: aligned, and wrapped to the width.

use super::derivation::Derivation;
use super::face::{BY_ARITHMETIC, Speller, claim, quantifier};
use super::form::{Binder, Condition, Form};
use super::text::{self, Charset};

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether Σ, ≤ and their like may be used.
    pub unicode: bool,
    /// Whether colours may be used; for terminals alone.
    pub color: bool,
    /// The number of columns.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Style { unicode: true, color: false, width: 100 }
    }
}

impl Style {
    /// The characters that may be used.
    pub fn charset(self) -> Charset {
        if self.unicode { Charset::Unicode } else { Charset::Ascii }
    }

    fn paint(self, text: &str, code: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}

impl Speller for Charset {
    fn words(&self, words: &str) -> String {
        words.to_string()
    }

    fn math(&self, form: &Form) -> String {
        text::compact(form, *self)
    }

    fn condition(&self, condition: &Condition) -> String {
        text::condition(condition, *self)
    }

    fn letters(&self, binder: &Binder) -> String {
        text::binder(binder, *self)
    }

    fn equation(&self, left: &Form, right: &Form) -> String {
        format!("{} = {}", text::compact(left, *self), text::compact(right, *self))
    }

    fn claim(&self, left: &Form, right: &Form) -> String {
        format!("{} = {}", text::form(left, *self), text::form(right, *self))
    }

    fn sides(&self, sides: &[(Form, Form)]) -> String {
        let times = match self {
            Charset::Ascii => " x ",
            Charset::Unicode => " × ",
        };
        let side = |(lower, upper): &(Form, Form)| format!("{}..{}", self.math(lower), self.math(upper));
        sides.iter().map(side).collect::<Vec<_>>().join(times)
    }

    fn name(&self, name: &str) -> String {
        text::name(name)
    }
}

/// The text of a derivation.
pub fn render_text(derivation: &Derivation, style: Style) -> String {
    let charset = style.charset();
    let width = style.width.clamp(40, 400);
    let mut out = Vec::new();
    let title = format!("theorem {}", text::name(derivation.title.as_str()));
    let painted = style.paint(&title, "1");
    match charset.sentence(&quantifier(derivation)) {
        quantified if quantified.is_empty() => out.push(painted),
        quantified => {
            let quantified = format!("for all {quantified}");
            if title.chars().count() + 3 + quantified.chars().count() <= width {
                out.push(format!("{painted}   {quantified}"));
            } else {
                out.push(painted);
                out.extend(wrap(&quantified, width, 2, 4));
            }
        }
    }
    if let Some(opening) = &derivation.opening {
        out.extend(
            wrap(&charset.sentence(&opening.sentence), width, 2, 4).into_iter().filter(|line| !line.trim().is_empty()),
        );
        if let Some((left, right)) = &opening.formula {
            out.push(String::new());
            out.extend(
                wrap(&text::equation(left, right, charset), width, 4, 8).iter().map(|line| style.paint(line, "1")),
            );
            out.push(String::new());
        }
    }
    out.extend(wrap(&charset.sentence(&claim(derivation)), width, 2, 4));
    if derivation.lines.is_empty() {
        out.push(style.paint(&format!("  {BY_ARITHMETIC}"), "2"));
        return out.join("\n") + "\n";
    }
    out.push(String::new());
    let lines: Vec<(String, String)> =
        derivation.lines.iter().map(|line| (text::form(&line.expr, charset), charset.sentence(&line.reason))).collect();
    // Reasons stand in a column of their own where the lines leave room for one.
    let fitting = lines.iter().map(|(expr, _)| expr.chars().count() + 4).filter(|length| *length * 20 <= width * 11);
    let column = fitting.max().unwrap_or(0) + 3;
    for (position, (expr, reason)) in lines.iter().enumerate() {
        let lead = if position == 0 { "    " } else { "  = " };
        let mut block = wrap(expr, width, 4, 6);
        if let Some(first) = block.first_mut() {
            *first = format!("{lead}{}", first.trim_start());
        }
        let last_length = block.last().map_or(0, |last| last.chars().count());
        let room = width.saturating_sub(column);
        if reason.is_empty() {
            out.append(&mut block);
            continue;
        }
        if block.len() == 1 && last_length < column && room >= 24 {
            let mut reasons = wrap(reason, room, 0, 2).into_iter();
            if let (Some(last), Some(first)) = (block.last_mut(), reasons.next()) {
                last.push_str(&" ".repeat(column - last_length));
                last.push_str(&style.paint(&first, "2"));
            }
            block.extend(reasons.map(|reason| format!("{}{}", " ".repeat(column), style.paint(&reason, "2"))));
            out.append(&mut block);
        } else {
            // A long line has its reason below, at the right of the equals sign.
            out.append(&mut block);
            out.extend(wrap(reason, width, 10, 12).iter().map(|reason| style.paint(reason, "2")));
        }
    }
    out.join("\n") + "\n"
}

/// Breaks a text at spaces and after `*` and `·`; the first line is indented by `first`, the others by `rest`.
/// A position stays in one piece where it fits on a line.
fn wrap(text: &str, width: usize, first: usize, rest: usize) -> Vec<String> {
    let room = width.saturating_sub(first.max(rest));
    let pieces = pieces(text, false).into_iter().flat_map(|piece| match piece.chars().count() > room {
        true => self::pieces(piece, true),
        false => vec![piece],
    });
    let mut lines = Vec::new();
    let mut line = " ".repeat(first);
    let mut empty = true;
    for piece in pieces {
        let length = line.chars().count() + piece.trim_end().chars().count();
        if length > width && !empty {
            lines.push(line.trim_end().to_string());
            line = " ".repeat(rest);
        }
        line.push_str(piece);
        empty = false;
    }
    // A line of nothing but its indentation keeps it, so that a marker can be put there.
    lines.push(if empty { line } else { line.trim_end().to_string() });
    lines
}

/// The parts of a text between which a line may end; inside square brackets only where `inside` says so.
fn pieces(text: &str, inside: bool) -> Vec<&str> {
    let mut depth = 0usize;
    let breaks = |character: char| {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        matches!(character, ' ' | '*' | '·') && (inside || depth == 0)
    };
    text.split_inclusive(breaks).collect()
}
