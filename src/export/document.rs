//! A derivation as LaTeX and as Markdown.

use super::derivation::Derivation;
use super::face::{BY_ARITHMETIC, Speller, claim, quantifier};
use super::form::{Binder, Condition, Form};
use super::latex;

/// Whether LaTeX stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// To be put into a document that uses `amsmath`.
    Fragment,
    /// A document that compiles.
    Document,
}

/// Sentences in text mode with mathematics between dollar signs.
struct Inline;

impl Speller for Inline {
    fn words(&self, words: &str) -> String {
        plain(words)
    }

    fn math(&self, form: &Form) -> String {
        format!("${}$", latex::form(form))
    }

    fn condition(&self, condition: &Condition) -> String {
        format!("${}$", latex::condition(condition))
    }

    fn letters(&self, binder: &Binder) -> String {
        let letters = binder.letters.iter().map(|letter| format!("${}$", latex::letter(letter)));
        letters.collect::<Vec<_>>().join(", ")
    }

    fn equation(&self, left: &Form, right: &Form) -> String {
        format!("${} = {}$", latex::form(left), latex::form(right))
    }

    fn sides(&self, sides: &[(Form, Form)]) -> String {
        let side =
            |(lower, upper): &(Form, Form)| format!(r"\{{{}, \dots, {}\}}", latex::form(lower), latex::form(upper));
        format!("${}$", sides.iter().map(side).collect::<Vec<_>>().join(r" \times "))
    }

    fn name(&self, name: &str) -> String {
        plain(name)
    }
}

/// Sentences inside a formula, for MathJax: words in `\text`, mathematics between them.
struct Displayed;

impl Speller for Displayed {
    fn words(&self, words: &str) -> String {
        format!(r"\text{{{}}}", plain(words))
    }

    fn math(&self, form: &Form) -> String {
        latex::form(form)
    }

    fn condition(&self, condition: &Condition) -> String {
        latex::condition(condition)
    }

    fn letters(&self, binder: &Binder) -> String {
        binder.letters.iter().map(latex::letter).collect::<Vec<_>>().join(r",\; ")
    }

    fn equation(&self, left: &Form, right: &Form) -> String {
        format!("{} = {}", latex::form(left), latex::form(right))
    }

    fn sides(&self, sides: &[(Form, Form)]) -> String {
        let side = |(lower, upper): &(Form, Form)| {
            format!(r"\lbrace {}, \dots, {}\rbrace", latex::form(lower), latex::form(upper))
        };
        sides.iter().map(side).collect::<Vec<_>>().join(r" \times ")
    }

    fn name(&self, name: &str) -> String {
        format!(r"\text{{{}}}", plain(name))
    }
}

/// Words for text mode.
fn plain(text: &str) -> String {
    text.split(' ').map(|word| latex::escape(word, false)).collect::<Vec<_>>().join(" ")
}

/// The LaTeX of a derivation; a whole document compiles with `amsmath` alone.
pub fn render_latex(derivation: &Derivation, extent: Extent) -> String {
    if extent == Extent::Document {
        return latex_document(std::slice::from_ref(derivation));
    }
    let mut out = String::new();
    let quantified = Inline.sentence(&quantifier(derivation));
    let scope = if quantified.is_empty() { String::new() } else { format!(" For all {quantified}:") };
    out.push_str(&format!("\\noindent\\textbf{{Theorem}} ({}).{scope}\n", plain(derivation.title.as_str())));
    out.push_str(&format!("\\[\n{}\n\\]\n", Displayed.sentence(&claim(derivation))));
    if derivation.lines.is_empty() {
        out.push_str(&format!("\\noindent {BY_ARITHMETIC}\n"));
    } else {
        out.push_str("\\noindent\\textit{Proof.}\n\\begin{align*}\n");
        let lines = derivation.lines.iter().enumerate().map(|(position, line)| {
            let expr = latex::form(&line.expr);
            if position == 0 {
                return format!("& {expr}");
            }
            let reason = Inline.sentence(&line.reason);
            format!("&= {expr} && \\parbox[t]{{0.36\\textwidth}}{{\\raggedright\\small {reason}}}")
        });
        out.push_str(&lines.collect::<Vec<_>>().join(" \\\\\n"));
        out.push_str("\n\\end{align*}\n");
    }
    out
}

/// Several derivations in one document that compiles with `amsmath` alone.
pub fn latex_document(derivations: &[Derivation]) -> String {
    let mut out = String::from("\\documentclass{article}\n\\usepackage[margin=2cm]{geometry}\n\\usepackage{amsmath}\n");
    out.push_str("\\allowdisplaybreaks\n\\begin{document}\n");
    let fragments: Vec<String> =
        derivations.iter().map(|derivation| render_latex(derivation, Extent::Fragment)).collect();
    out.push_str(&fragments.join("\n\\bigskip\n"));
    // A document without any text does not compile to a page.
    out.push_str(if derivations.is_empty() {
        "There is no proof to show.\n\\end{document}\n"
    } else {
        "\\end{document}\n"
    });
    out
}

/// The derivation in Markdown as GitHub shows it, formulas between double dollar signs.
pub fn render_markdown(derivation: &Derivation) -> String {
    let mut out = format!("### {}\n\n", markdown_escape(derivation.title.as_str()));
    let quantified = Displayed.sentence(&quantifier(derivation));
    if !quantified.is_empty() {
        out.push_str(&format!("For all\n\n$$\n{quantified}\n$$\n\n"));
    }
    out.push_str(&format!("$$\n{}\n$$\n\n", Displayed.sentence(&claim(derivation))));
    if derivation.lines.is_empty() {
        out.push_str(&format!("{BY_ARITHMETIC}\n"));
        return out;
    }
    out.push_str("**Proof.**\n\n$$\n\\begin{aligned}\n");
    let lines = derivation.lines.iter().enumerate().map(|(position, line)| {
        let expr = latex::form(&line.expr);
        match position {
            0 => format!("& {expr}"),
            _ => format!("&= {expr} && {}", Displayed.sentence(&line.reason)),
        }
    });
    out.push_str(&lines.collect::<Vec<_>>().join(" \\\\\n"));
    out.push_str("\n\\end{aligned}\n$$\n");
    out
}

/// Text in which Markdown and HTML see nothing special.
fn markdown_escape(text: &str) -> String {
    let mut safe = String::new();
    for character in super::text::name(text).chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            character if character.is_ascii_punctuation() => {
                safe.push('\\');
                safe.push(character);
            }
            character => safe.push(character),
        }
    }
    safe
}
