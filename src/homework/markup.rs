//! What a page says about its own layout, masked byte for byte so that every place keeps its number: quotation marks of Markdown
//! within displays, numbers of equations, and the commands, comments and preamble of a LaTeX document.

/// The page as its formulas are read.
pub(super) fn undressed(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    unquoted(text, &mut bytes);
    unnumbered(&mut bytes);
    untypeset(text, &mut bytes);
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_string())
}

/// Blanks out a part of the page, but for its ends of lines.
fn mask(bytes: &mut [u8], from: usize, to: usize) {
    let masked = bytes.iter_mut().take(to).skip(from).filter(|byte| **byte != b'\n');
    masked.for_each(|byte| *byte = b' ');
}

/// Masks the marks of quotation within displayed formulas, as Markdown begins each line of a quotation with `>`.
fn unquoted(text: &str, bytes: &mut [u8]) {
    // Whether a display is open, and began in a quotation.
    let (mut open, mut quoted, mut start) = (false, false, 0);
    for line in text.split_inclusive('\n') {
        let quotes = line.trim_start().starts_with('>');
        if open && quoted && quotes {
            let marks = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t' | b'>')).count();
            bytes.iter_mut().skip(start).take(marks).filter(|byte| **byte == b'>').for_each(|byte| *byte = b' ');
        }
        let opens = line.matches("$$").count() % 2 == 1;
        let (begins, ends) = (line.rfind("\\["), line.rfind("\\]"));
        let was = open;
        if opens {
            open = !open;
        } else if begins.is_some() || ends.is_some() {
            open = begins > ends;
        }
        if open && !was {
            quoted = quotes;
        }
        start += line.len();
    }
}

/// Masks numbers of equations after control spaces: `…   \\ \\ \\ (7)` at the end of a row.
fn unnumbered(bytes: &mut [u8]) {
    let space = |rest: &[u8]| match rest {
        [b'\\', b' ', ..] => 2,
        [b' ' | b'\t', ..] => 1,
        _ => 0,
    };
    let skip = |bytes: &[u8], mut at: usize| {
        let (start, mut commands) = (at, 0);
        while let Some(length) = bytes.get(at..).map(space).filter(|length| *length > 0) {
            commands += usize::from(length == 2);
            at += length;
        }
        (at, commands, at > start)
    };
    let mut at = 0;
    while at < bytes.len() {
        let (open, commands, moved) = skip(bytes, at);
        if commands < 2 || bytes.get(open) != Some(&b'(') {
            at = if moved { open } else { at + 1 };
            continue;
        }
        let digits =
            bytes.iter().skip(open + 1).take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-')).count();
        let close = open + 1 + digits;
        let (after, ..) = skip(bytes, close + 1);
        let rest = bytes.get(after..).unwrap_or_default();
        let ends = rest.is_empty()
            || [&b"\\\\"[..], b"\n", b"\r", b"$", b"\\]", b"\\end"].iter().any(|end| rest.starts_with(end));
        if digits > 0 && bytes.get(close) == Some(&b')') && ends {
            mask(bytes, at, close + 1);
        }
        at = open + 1;
    }
}

// ---------------------------------------------------------------------------------------------------------------- LaTeX

const BEGIN: &str = "\\begin{document}";
const END: &str = "\\end{document}";

/// Commands whose arguments are for the typesetter: nothing of them is text.
const SILENT: &str = "label ref eqref autoref cref Cref pageref cite citep citet documentclass usepackage includegraphics bibliography \
    bibliographystyle input include pagestyle thispagestyle geometry setlength addtolength setcounter addtocounter \
    hypersetup vspace hspace theoremstyle newtheorem numberwithin graphicspath \
    captionsetup linespread hypertarget url verb index";

/// Commands that define others.
const DEFINING: &str = "newcommand renewcommand providecommand DeclareMathOperator def";

/// Commands whose argument is text of the page.
const TITLES: &str = "title author date part chapter section subsection subsubsection paragraph subparagraph caption footnote thanks emph \
    href";

/// Commands that only arrange.
const ARRANGING: &str = "item maketitle noindent indent newpage clearpage pagebreak tableofcontents par bigskip medskip smallskip qed qedhere \
    hfill vfill centering appendix linebreak raggedright maketag leavevmode hrule hline toprule midrule bottomrule";

/// Styles of letters that go on to the end of their group; in formulas they are the reader's.
const STYLES: &str =
    "em it bf sl tt sc sf rm tiny small large Large LARGE huge Huge bfseries itshape ttfamily normalsize";

/// Environments of formulas; outside formulas all others hold text, with formulas among its words.
const FORMULAS: &str = "equation align alignat gather multline eqnarray flalign displaymath math aligned split gathered alignedat cases dcases rcases \
    array matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix subarray numcases empheq dmath IEEEeqnarray CD";

/// Environments of tables, whose cells are text.
const TABLES: &str = "tabular tabularx longtable tabulary";

/// Environments that show their contents as they are typed.
const VERBATIM: &str =
    "verbatim lstlisting minted comment tikzpicture pspicture filecontents thebibliography algorithmic";

/// Masks what a LaTeX document says to the typesetter: the preamble, comments, titles' commands, references, environments of text.
fn untypeset(text: &str, bytes: &mut [u8]) {
    let document = text.contains("\\documentclass") || text.contains(BEGIN);
    if let Some(begin) = text.find(BEGIN).filter(|_| document) {
        mask(bytes, 0, begin + BEGIN.len());
        if let Some(end) = text.get(begin..).and_then(|rest| rest.rfind(END)) {
            mask(bytes, begin + end, bytes.len());
        }
    }
    let mut scan = Scan::default();
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        at += match rest {
            [b'%', ..] if document || begins_line(bytes, at) => {
                let length = rest.iter().take_while(|byte| **byte != b'\n').count();
                mask(bytes, at, at + length);
                length
            }
            [b'\\', ..] => scan.command(bytes, at).max(2),
            [b'$', b'$', ..] => {
                scan.display = !scan.display;
                2
            }
            [b'$', ..] => {
                scan.inline = !scan.inline;
                1
            }
            // A paragraph ends what was no formula.
            [b'\n', b'\n', ..] => {
                scan.inline = false;
                1
            }
            [b'&', ..] if scan.tables > 0 && !scan.in_formula() => {
                mask(bytes, at, at + 1);
                1
            }
            [b'-' | b'*', b' ', b'[', b' ' | b'x' | b'X', b']', b' ', ..] if begins_line(bytes, at) => {
                mask(bytes, at + 2, at + 5);
                5
            }
            _ => 1,
        };
    }
}

/// Whether a name stands in a list of words.
fn listed(list: &str, name: &str) -> bool {
    list.split_whitespace().any(|listed| listed == name)
}

/// Whether nothing but blanks stands before a place in its line.
fn begins_line(bytes: &[u8], at: usize) -> bool {
    let before = bytes.iter().take(at).rev().take_while(|byte| **byte != b'\n');
    before.into_iter().all(|byte| matches!(byte, b' ' | b'\t'))
}

/// What is open at a place of the page.
#[derive(Default)]
struct Scan {
    display: bool,
    inline: bool,
    /// Environments of formulas, and of tables.
    formulas: usize,
    tables: usize,
    /// Whether an environment of code was found that nothing ends; no end is looked for again.
    unended: bool,
}

impl Scan {
    fn in_formula(&self) -> bool {
        self.display || self.inline || self.formulas > 0
    }

    /// Masks the command at a place where it is one of layout; how far that reaches.
    fn command(&mut self, bytes: &mut [u8], at: usize) -> usize {
        let letters = bytes.iter().skip(at + 1).take_while(|byte| byte.is_ascii_alphabetic()).count();
        let end = at + 1 + letters;
        let name = String::from_utf8_lossy(bytes.get(at + 1..end).unwrap_or_default()).into_owned();
        let name = name.as_str();
        let starred = end + usize::from(bytes.get(end) == Some(&b'*'));
        let to = if name.is_empty() {
            match bytes.get(at + 1) {
                Some(b'[') => self.display = true,
                Some(b']') => self.display = false,
                // A new line of text, `\\[4pt]`.
                Some(b'\\') if !self.in_formula() && bytes.get(at + 2) == Some(&b'[') => {
                    let to = group(bytes, at + 2).filter(|to| is_length(bytes.get(at + 3..to - 1)));
                    to.into_iter().for_each(|to| mask(bytes, at, to));
                }
                _ => {}
            }
            return 2;
        } else if name == "iffalse" && !self.unended {
            let length = bytes.get(end..).unwrap_or_default().windows(3).position(|part| part == b"\\fi");
            self.unended = length.is_none();
            end + length.map_or(0, |length| length + 3)
        } else if name == "verb" {
            let mark = bytes.get(starred).copied();
            let length = bytes.iter().skip(starred + 1).take(MAX_ARGUMENT).position(|byte| Some(*byte) == mark);
            starred + length.map_or(0, |length| length + 2)
        } else if listed(DEFINING, name) {
            // `\def\conv#1{…}`: the name, marks of arguments, the body.
            let names = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'\\' | b'#' | b' ');
            arguments(bytes, starred + bytes.iter().skip(starred).take_while(|byte| names(byte)).count(), b"[{")
        } else if listed(SILENT, name) {
            arguments(bytes, starred, b"[{")
        } else if listed(TITLES, name) {
            let open = arguments(bytes, starred, b"[");
            // `\href{address}{text}`
            let open = if name == "href" { group(bytes, open).unwrap_or(open) } else { open };
            let Some(close) = group(bytes, open) else { return 0 };
            mask(bytes, close - 1, close);
            open + 1
        } else if listed(ARRANGING, name) {
            arguments(bytes, starred, b"[")
        } else if listed(STYLES, name) && !self.in_formula() {
            end
        } else if matches!(name, "begin" | "end") {
            let Some(close) = group(bytes, end) else { return 0 };
            match self.environment(bytes, name == "begin", (end, close)) {
                Some(to) => to,
                None => return 0,
            }
        } else {
            return 0;
        };
        mask(bytes, at, to);
        to - at
    }

    /// How far the mark of an environment of text reaches; its name stands between the two places.
    fn environment(&mut self, bytes: &[u8], begins: bool, (open, close): (usize, usize)) -> Option<usize> {
        let name = String::from_utf8_lossy(bytes.get(open + 1..close - 1).unwrap_or_default()).into_owned();
        let name = name.trim_end_matches(['*', '\\']);
        if listed(FORMULAS, name) {
            self.formulas = if begins { self.formulas + 1 } else { self.formulas.saturating_sub(1) };
            return None;
        }
        if self.in_formula() {
            return None;
        }
        if listed(VERBATIM, name) && begins && !self.unended {
            let finish = format!("\\end{{{name}}}");
            let body = bytes.get(close..).unwrap_or_default();
            let length = body.windows(finish.len()).position(|part| part == finish.as_bytes());
            self.unended = length.is_none();
            return Some(close + length.map_or(0, |length| length + finish.len()));
        }
        if listed(TABLES, name) {
            self.tables = if begins { self.tables + 1 } else { self.tables.saturating_sub(1) };
        }
        Some(if begins { arguments(bytes, close, b"[{") } else { close })
    }
}

/// Whether a bracket holds a length of TeX: `4pt`, `-.5em`.
fn is_length(inside: Option<&[u8]>) -> bool {
    let text = String::from_utf8_lossy(inside.unwrap_or_default()).into_owned();
    let number =
        text.trim().trim_start_matches('-').trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    number.len() < text.trim().len()
        && matches!(number.trim(), "pt" | "em" | "ex" | "mm" | "cm" | "px" | "in" | "baselineskip")
}

/// The end of the arguments in the given brackets that follow a place directly.
fn arguments(bytes: &[u8], at: usize, open: &[u8]) -> usize {
    let mut end = at;
    while bytes.get(end).is_some_and(|byte| open.contains(byte))
        && let Some(close) = group(bytes, end)
    {
        end = close;
    }
    end
}

/// An argument may be this long, in bytes.
const MAX_ARGUMENT: usize = 2000;

/// The end of the bracket that opens at a place.
fn group(bytes: &[u8], at: usize) -> Option<usize> {
    let (open, close) = match bytes.get(at)? {
        b'{' => (b'{', b'}'),
        b'[' => (b'[', b']'),
        _ => return None,
    };
    let mut depth = 0;
    for (place, byte) in bytes.iter().enumerate().skip(at).take(MAX_ARGUMENT) {
        if *byte == open {
            depth += 1;
        } else if *byte == close {
            depth -= 1;
            if depth == 0 {
                return Some(place + 1);
            }
        }
    }
    None
}
