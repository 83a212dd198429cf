//! A derivation as an HTML page that needs no network and no script.

use super::derivation::{Derivation, DerivationLine};
use super::document::capital;
use super::face::{BY_ARITHMETIC, Known, NOTHING, Speller, claim, quantifier};
use super::form::{Binder, Condition, Form};
use super::gradient::Prose;
use super::layout;
use super::mathml;

struct Page;

fn math(row: &str) -> String {
    format!("<math>{row}</math>")
}

impl Speller for Page {
    fn words(&self, words: &str) -> String {
        mathml::escape(words)
    }

    fn math(&self, form: &Form) -> String {
        mathml::inline(form)
    }

    fn condition(&self, condition: &Condition) -> String {
        math(&mathml::condition(condition))
    }

    fn letters(&self, binder: &Binder) -> String {
        binder.letters.iter().map(|letter| math(&mathml::letter(letter))).collect::<Vec<_>>().join(", ")
    }

    fn equation(&self, left: &Form, right: &Form) -> String {
        math(&format!("{}<mo>=</mo>{}", mathml::row(left), mathml::row(right)))
    }

    fn claim(&self, left: &Form, right: &Form) -> String {
        format!("<math displaystyle=\"true\">{}<mo>=</mo>{}</math>", mathml::row(left), mathml::row(right))
    }

    fn sides(&self, sides: &[(Form, Form)]) -> String {
        let side = |(lower, upper): &(Form, Form)| {
            let (lower, upper) = (mathml::row(lower), mathml::row(upper));
            let comma = "<mo separator=\"true\">,</mo>";
            format!(
                "<mo stretchy=\"false\">{{</mo>{lower}{comma}<mi>…</mi>{comma}{upper}<mo stretchy=\"false\">}}</mo>"
            )
        };
        math(&sides.iter().map(side).collect::<Vec<_>>().join("<mo>×</mo>"))
    }

    fn name(&self, name: &str) -> String {
        format!("<i>{}</i>", mathml::escape(name))
    }
}

/// A page in the manner of a printed one, in light and in dark, and on paper.
const STYLE: &str = "\
:root { color-scheme: light dark; --ink: #1a1a1a; --soft: #5c5a55; --paper: #fffefa; --line: #dcd8cb }
@media (prefers-color-scheme: dark) { :root { --ink: #dedbd2; --soft: #a5a198; --paper: #191918; --line: #3d3b36 } }
@media print { :root { --ink: #000; --soft: #333; --paper: #fff } }
body { font: 1.0625rem/1.55 'Latin Modern Roman', 'STIX Two Text', Georgia, 'Times New Roman', serif;
  max-width: 64rem; margin: 3rem auto; padding: 0 1.5rem; color: var(--ink); background: var(--paper) }
h1 { font-size: 1.5rem; font-weight: normal; border-bottom: 1px solid var(--line); padding-bottom: .4rem }
article { margin: 2.5rem 0 3.5rem }
h2 { font-size: 1.125rem; margin: 0 0 .6rem }
h2 span { font-weight: normal; font-style: italic; overflow-wrap: anywhere }
p { margin: .5rem 0 }
.formula { text-align: center; font-size: 1.25em; margin: 1em 0 }
.prose { margin: 1em 0 }
.claim { text-align: center; margin: 1rem 0; font-size: 1.0625em; overflow-x: auto; overflow-y: hidden; padding-bottom: .3rem }
.where { margin: .8rem 0 1rem; padding-left: 1.2rem; border-left: 2px solid var(--line); font-size: .95rem }
.proof { font-style: italic; margin-top: 1rem }
.scroll { overflow-x: auto; overflow-y: hidden; padding-bottom: .3rem }
table { border-spacing: 0 }
td { vertical-align: baseline; padding: .4rem 0 }
.expr { padding-left: .3rem }
.more td { padding-top: 0 }
.more .expr { padding-left: 2.3rem }
.reason { color: var(--soft); font-size: .95rem; padding-left: 2.5rem; min-width: 15rem }
.below .reason { padding: 0 0 .5rem 2.3rem; max-width: 52rem }
.qed { text-align: right; margin: -1rem 0 0; color: var(--soft) }
math { math-style: normal }
mtd { padding: 0 .1em }
";

/// Lines wider than this, in the points of [`layout`], are broken.
const ROOM: usize = 560;

/// Where a line is wider than this, reasons stand below their lines.
const ROOM_BESIDE: usize = 330;

/// The derivation as one self-contained page.
pub fn render_html(derivation: &Derivation) -> String {
    html_page(std::slice::from_ref(derivation), derivation.title.as_str())
}

/// Several derivations as one self-contained page with a title.
pub fn html_page(derivations: &[Derivation], title: &str) -> String {
    html_page_with(derivations, title, &[])
}

/// The same with drawings below: each is the text of an SVG, which stands in the page as it is.
pub fn html_page_with(derivations: &[Derivation], title: &str, drawings: &[String]) -> String {
    let title = mathml::escape(title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
    );
    if derivations.len() != 1 {
        out.push_str(&format!("<h1>{title}</h1>\n"));
    }
    if derivations.is_empty() {
        out.push_str(&format!("<p>{NOTHING}</p>\n"));
    }
    let mut known = Known::default();
    derivations.iter().for_each(|derivation| out.push_str(&article(derivation, &mut known)));
    for drawing in drawings {
        out.push_str(&format!("<figure class=\"scroll\">\n{drawing}</figure>\n"));
    }
    out.push_str("</body>\n</html>\n");
    out
}

/// An author's words in HTML.
fn html_prose(words: &str) -> String {
    super::document::prose(words, mathml::escape, |code| format!("<code>{}</code>", mathml::escape(code)))
}

fn article(derivation: &Derivation, known: &mut Known) -> String {
    let mut out = String::new();
    for prose in derivation.opening.iter().flat_map(|opening| &opening.prose) {
        out.push_str(&match prose {
            Prose::Heading(words) => format!("<h1>{}</h1>\n", html_prose(&capital(words))),
            Prose::Paragraph(words) => format!("<p class=\"prose\">{}</p>\n", html_prose(words)),
        });
    }
    out += &format!("<article>\n<h2>Theorem <span>{}</span></h2>\n", mathml::escape(derivation.title.as_str()));
    let quantified = Page.sentence(&quantifier(derivation));
    if !quantified.is_empty() {
        out.push_str(&format!("<p>For all {quantified}:</p>\n"));
    }
    if let Some(opening) = &derivation.opening {
        if !opening.sentence.is_empty() {
            out.push_str(&format!("<p>{}</p>\n", Page.sentence(&opening.sentence)));
        }
        if let Some((left, right)) = &opening.formula {
            let formula = format!("{}<mo>=</mo>{}", mathml::row(left), mathml::row(right));
            out.push_str(&format!("<p class=\"formula\"><math displaystyle=\"true\">{formula}</math></p>\n"));
        }
    }
    out.push_str(&format!("<p class=\"claim\">{}</p>\n", Page.sentence(&claim(derivation))));
    let sentences = known.setting(derivation, &Page);
    if !sentences.is_empty() {
        let sentences: String = sentences.iter().map(|sentence| format!("<p>{sentence}</p>\n")).collect();
        out.push_str(&format!("<div class=\"where\">\n{sentences}</div>\n"));
    }
    if derivation.lines.is_empty() {
        out.push_str(&format!("<p>{BY_ARITHMETIC}</p>\n"));
    } else {
        out.push_str("<p class=\"proof\">Proof.</p>\n");
        out.push_str(&chain(&derivation.lines));
    }
    out.push_str("<p class=\"qed\">∎</p>\n</article>\n");
    out
}

/// The lines of a chain as a table: sign, expression, and the reason beside it or below.
fn chain(lines: &[DerivationLine]) -> String {
    let beside = lines.iter().all(|line| layout::width(&line.expr) <= ROOM_BESIDE);
    let mut out = String::from("<div class=\"scroll\"><table>\n");
    for (position, line) in lines.iter().enumerate() {
        let sign = if position == 0 { "" } else { "<math><mo>=</mo></math>" };
        let reason = Page.sentence(&line.reason);
        let reason = if beside { format!("<td class=\"reason\">{reason}</td>") } else { String::new() };
        for (part, row) in mathml::lines(&line.expr, ROOM).iter().enumerate() {
            let (class, sign, reason) =
                if part == 0 { ("", sign, reason.as_str()) } else { (" class=\"more\"", "", "") };
            out.push_str(&format!(
                "<tr{class}><td>{sign}</td><td class=\"expr\"><math displaystyle=\"true\">{row}</math></td>{reason}</tr>\n"
            ));
        }
        if !beside && !line.reason.is_empty() {
            let reason = Page.sentence(&line.reason);
            out.push_str(&format!("<tr class=\"below\"><td></td><td class=\"reason\">{reason}</td></tr>\n"));
        }
    }
    out + "</table></div>\n"
}
