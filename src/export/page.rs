//! A derivation as an HTML page that needs no network and no script.

use super::derivation::Derivation;
use super::face::{BY_ARITHMETIC, Speller, claim, quantifier};
use super::form::{Binder, Condition, Form};
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
        math(&mathml::letters(binder))
    }

    fn equation(&self, left: &Form, right: &Form) -> String {
        math(&format!("{}<mo>=</mo>{}", mathml::row(left), mathml::row(right)))
    }

    fn sides(&self, sides: &[(Form, Form)]) -> String {
        let side = |(lower, upper): &(Form, Form)| {
            format!("<mo>{{</mo>{}<mo>,</mo><mo>…</mo><mo>,</mo>{}<mo>}}</mo>", mathml::row(lower), mathml::row(upper))
        };
        math(&sides.iter().map(side).collect::<Vec<_>>().join("<mo>×</mo>"))
    }

    fn name(&self, name: &str) -> String {
        format!("<b>{}</b>", mathml::escape(name))
    }
}

const HEAD: &str = "<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
<style>\nbody { font: 1rem/1.6 Georgia, serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #222; background: #fff }\n\
.claim { text-align: center; font-size: 1.15rem }\n.scroll { overflow-x: auto }\ntable { border-spacing: .5rem .7rem }\n\
td { vertical-align: middle }\nmath { math-style: normal }\n.reason { color: #555; padding-left: 1.5rem; min-width: 14rem }\n\
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818 } .reason { color: #aaa } }\n</style>\n";

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
    let mut out =
        format!("<!doctype html>\n<html lang=\"en\">\n<head>\n<title>{title}</title>\n{HEAD}</head>\n<body>\n");
    derivations.iter().for_each(|derivation| out.push_str(&article(derivation)));
    for drawing in drawings {
        out.push_str(&format!("<figure class=\"scroll\">\n{drawing}</figure>\n"));
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn article(derivation: &Derivation) -> String {
    let mut out = format!("<h1>{}</h1>\n", mathml::escape(derivation.title.as_str()));
    let quantified = Page.sentence(&quantifier(derivation));
    if !quantified.is_empty() {
        out.push_str(&format!("<p>For all {quantified}:</p>\n"));
    }
    out.push_str(&format!("<p class=\"claim\">{}</p>\n", Page.sentence(&claim(derivation))));
    if derivation.lines.is_empty() {
        out.push_str(&format!("<p>{BY_ARITHMETIC}</p>\n"));
    } else {
        out.push_str("<h2>Proof</h2>\n<div class=\"scroll\"><table>\n");
        for (position, line) in derivation.lines.iter().enumerate() {
            let sign = if position == 0 { "" } else { "<math><mo>=</mo></math>" };
            let expr = mathml::row(&line.expr);
            let reason = Page.sentence(&line.reason);
            out.push_str(&format!(
                "<tr><td>{sign}</td><td><math display=\"inline\" displaystyle=\"true\">{expr}</math></td><td class=\"reason\">{reason}</td></tr>\n"
            ));
        }
        out.push_str("</table></div>\n");
    }
    out
}
