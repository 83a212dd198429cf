//! A derivation as LaTeX and as Markdown.

use super::derivation::{ClaimForm, Derivation, DerivationLine};
use super::face::{BY_ARITHMETIC, Known, NOTHING, Speller, claim, quantifier};
use super::form::{Binder, Condition, Form};
use super::gradient::Prose;
use super::latex;
use super::layout;

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

    fn claim(&self, left: &Form, right: &Form) -> String {
        format!(r"$\displaystyle {} = {}$", latex::form(left), latex::form(right))
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

/// Sentences in Markdown with mathematics between dollar signs.
struct Marked;

impl Speller for Marked {
    fn words(&self, words: &str) -> String {
        words.to_owned()
    }

    fn math(&self, form: &Form) -> String {
        format!("${}$", latex::form(form))
    }

    fn condition(&self, condition: &Condition) -> String {
        format!("${}$", latex::condition(condition))
    }

    fn letters(&self, binder: &Binder) -> String {
        Inline.letters(binder)
    }

    fn equation(&self, left: &Form, right: &Form) -> String {
        format!("${} = {}$", latex::form(left), latex::form(right))
    }

    fn sides(&self, sides: &[(Form, Form)]) -> String {
        Inline.sides(sides)
    }

    fn name(&self, name: &str) -> String {
        markdown_escape(name)
    }
}

/// Words for text mode.
fn plain(text: &str) -> String {
    text.split(' ').map(|word| latex::escape(word, false)).collect::<Vec<_>>().join(" ")
}

/// How wide a line may be, in the points of [`layout`]: the text is 17 cm wide.
const ROOM: usize = 440;

/// Where a line is wider than this, reasons stand below their lines.
const ROOM_BESIDE: usize = 285;

/// The LaTeX of a derivation; a whole document compiles with `amsmath` alone.
pub fn render_latex(derivation: &Derivation, extent: Extent) -> String {
    match extent {
        Extent::Document => latex_document(std::slice::from_ref(derivation)),
        Extent::Fragment => latex_fragment(derivation, &mut Known::default()),
    }
}

fn latex_fragment(derivation: &Derivation, known: &mut Known) -> String {
    let mut out = String::new();
    for prose in derivation.opening.iter().flat_map(|opening| &opening.prose) {
        out.push_str(&match prose {
            Prose::Heading(words) => format!("\\section*{{{}}}\n", latex_prose(&capital(words))),
            Prose::Paragraph(words) => format!("\\noindent {}\n\n\\medskip\n", latex_prose(words)),
        });
    }
    let quantified = Inline.sentence(&quantifier(derivation));
    let scope = if quantified.is_empty() { String::new() } else { format!(" For all {quantified}:") };
    out.push_str(&format!("\\noindent\\textbf{{Theorem}} ({}).{scope}\n", plain(derivation.title.as_str())));
    if let Some(opening) = &derivation.opening {
        out.push_str(&format!("{}\n", Inline.sentence(&opening.sentence)));
        if let Some((left, right)) = &opening.formula {
            out.push_str(&format!("\\[\n\\boxed{{{} = {}}}\n\\]\n", latex::form(left), latex::form(right)));
        }
    }
    out.push_str(&match &derivation.claim {
        ClaimForm::Equal(left, right) if layout::width(left) + layout::width(right) > ROOM => {
            let side = |form: &Form| latex::lines(form, ROOM).join(BROKEN);
            format!("\\begin{{align*}}\n& {} \\\\\n&= {}\n\\end{{align*}}\n", side(left), side(right))
        }
        _ => format!("\\[\n{}\n\\]\n", Displayed.sentence(&claim(derivation))),
    });
    let sentences = known.setting(derivation, &Inline);
    if !sentences.is_empty() {
        out.push_str(&format!("\\begin{{quote}}\\small\n{}\n\\end{{quote}}\n", sentences.join("\n\n")));
    }
    if derivation.lines.is_empty() {
        out.push_str(&format!("\\noindent {BY_ARITHMETIC}\n"));
    } else {
        out.push_str("\\noindent\\textit{Proof.}\n");
        let reason = |line: &DerivationLine, width: &str| {
            format!("\\parbox[t]{{{width}\\textwidth}}{{\\raggedright\\small {}}}", Inline.sentence(&line.reason))
        };
        let beside = |line: &DerivationLine| format!(" && {}", reason(line, "0.36"));
        let below = |line: &DerivationLine| format!(" \\\\\n&\\qquad {}", reason(line, "0.85"));
        for rows in displays(chain(&derivation.lines, beside, below)) {
            out.push_str(&format!("\\begin{{align*}}\n{}\n\\end{{align*}}\n", rows.join(END)));
        }
    }
    out
}

/// Between the lines of a term that is broken.
const BROKEN: &str = " \\\\\n&\\qquad ";

/// Between two rows of a display.
const END: &str = " \\\\\n";

/// Rows in displays of a size that TeX has memory for.
fn displays(rows: Vec<String>) -> Vec<Vec<String>> {
    const LARGEST: usize = 50_000;
    let mut all: Vec<Vec<String>> = Vec::new();
    let mut size = 0;
    for row in rows {
        match all.last_mut() {
            Some(display) if size + row.len() <= LARGEST => {
                size += row.len();
                display.push(row);
            }
            _ => {
                size = row.len();
                all.push(vec![row]);
            }
        }
    }
    all
}

/// The rows of a chain of equalities; reasons stand beside them where all of them leave room for that.
fn chain(
    lines: &[DerivationLine],
    beside: impl Fn(&DerivationLine) -> String,
    below: impl Fn(&DerivationLine) -> String,
) -> Vec<String> {
    let narrow = lines.iter().all(|line| layout::width(&line.expr) <= ROOM_BESIDE);
    let row = |(position, line): (usize, &DerivationLine)| {
        let sign = if position == 0 { "&" } else { "&=" };
        let reason = match (line.reason.is_empty(), narrow) {
            (true, _) => String::new(),
            (false, true) => beside(line),
            (false, false) => below(line),
        };
        format!("{sign} {}{reason}", latex::lines(&line.expr, ROOM).join(BROKEN))
    };
    lines.iter().enumerate().map(row).collect()
}

/// Several derivations in one document that compiles with `amsmath` alone.
pub fn latex_document(derivations: &[Derivation]) -> String {
    let mut out = String::from("\\documentclass{article}\n\\usepackage[margin=2cm]{geometry}\n\\usepackage{amsmath}\n");
    // Formulas among words do not break as words do, so that lines are not stretched to one width.
    out.push_str("\\allowdisplaybreaks\n\\raggedright\n\\begin{document}\n");
    let mut known = Known::default();
    let fragments: Vec<String> = derivations.iter().map(|derivation| latex_fragment(derivation, &mut known)).collect();
    out.push_str(&fragments.join("\n\\bigskip\n"));
    if derivations.is_empty() {
        // A document without any text does not compile to a page.
        out.push_str(&format!("{NOTHING}\n"));
    }
    out + "\\end{document}\n"
}

/// The derivation in Markdown as GitHub shows it, formulas between double dollar signs.
pub fn render_markdown(derivation: &Derivation) -> String {
    markdown_document(std::slice::from_ref(derivation))
}

/// Several derivations in Markdown.
pub fn markdown_document(derivations: &[Derivation]) -> String {
    if derivations.is_empty() {
        return format!("{NOTHING}\n");
    }
    let mut known = Known::default();
    derivations.iter().map(|derivation| markdown_section(derivation, &mut known)).collect::<Vec<_>>().join("\n")
}

fn markdown_section(derivation: &Derivation, known: &mut Known) -> String {
    let mut out = String::new();
    for prose in derivation.opening.iter().flat_map(|opening| &opening.prose) {
        out.push_str(&match prose {
            Prose::Heading(words) => format!("## {}\n\n", markdown_prose(&capital(words))),
            Prose::Paragraph(words) => format!("{}\n\n", markdown_prose(words)),
        });
    }
    out.push_str(&format!("### {}\n\n", markdown_escape(derivation.title.as_str())));
    if let Some(opening) = &derivation.opening {
        if !opening.sentence.is_empty() {
            out.push_str(&format!("{}\n\n", Marked.sentence(&opening.sentence)));
        }
        if let Some((left, right)) = &opening.formula {
            out.push_str(&format!("$$\n\\boxed{{{} = {}}}\n$$\n\n", latex::form(left), latex::form(right)));
        }
    }
    let quantified = Displayed.sentence(&quantifier(derivation));
    if !quantified.is_empty() {
        out.push_str(&format!("For all\n\n$$\n{quantified}\n$$\n\n"));
    }
    out.push_str(&format!("$$\n{}\n$$\n\n", Displayed.sentence(&claim(derivation))));
    let sentences = known.setting(derivation, &Displayed);
    if !sentences.is_empty() {
        let rows: Vec<String> = sentences.iter().map(|sentence| format!("& {sentence}")).collect();
        let rows = rows.join(" \\\\\n");
        out.push_str(&format!("$$\n\\begin{{aligned}}\n{rows}\n\\end{{aligned}}\n$$\n\n"));
    }
    if derivation.lines.is_empty() {
        out.push_str(&format!("{BY_ARITHMETIC}\n"));
        return out;
    }
    let beside = |line: &DerivationLine| format!(" && {}", Displayed.sentence(&line.reason));
    let below = |line: &DerivationLine| format!("{BROKEN}{}", Displayed.sentence(&line.reason));
    let rows = chain(&derivation.lines, beside, below).join(END);
    out.push_str(&format!("**Proof.**\n\n$$\n\\begin{{aligned}}\n{rows}\n\\end{{aligned}}\n$$\n"));
    out
}

/// An author's words, in which what stands between backticks is code.
pub(super) fn prose(words: &str, plain: impl Fn(&str) -> String, code: impl Fn(&str) -> String) -> String {
    let parts = words.split('`').enumerate();
    parts.map(|(place, part)| if place % 2 == 1 { code(part) } else { plain(part) }).collect()
}

/// An author's words in LaTeX.
fn latex_prose(words: &str) -> String {
    prose(words, plain, |code| format!("\\texttt{{{}}}", plain(code)))
}

/// An author's words in Markdown: signs that it would take for its own are escaped.
fn markdown_prose(words: &str) -> String {
    let escaped = |part: &str| {
        let mut safe = String::new();
        for letter in part.chars() {
            match letter {
                '<' => safe.push_str("&lt;"),
                '&' => safe.push_str("&amp;"),
                '\\' | '*' | '_' | '[' | ']' | '$' | '#' | '|' => safe.extend(['\\', letter]),
                letter => safe.push(letter),
            }
        }
        safe
    };
    prose(words, escaped, |code| format!("`{code}`"))
}

/// Words with a capital letter in front.
pub(super) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
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
