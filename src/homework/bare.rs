//! Formulas that stand in text without delimiters.
//!
//! A line is a row of tokens. Prose is what consists of words: a run of letters is a word of prose unless a sign of mathematics
//! touches it. What is left are runs; a run is a formula when it compares, or uses the signs of formulas.

use std::collections::BTreeSet;
use std::ops::Range;

/// A formula without delimiters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Where.
    pub span: Range<usize>,
    /// The words before it, where it begins with a relation: `time = 3*3`.
    pub label: Option<String>,
}

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A run of letters, perhaps with digits after it.
    Word,
    Number,
    /// A command of TeX, an environment, or a sign that only formulas have.
    Command,
    /// A box of text, `\text{…}` and the like.
    Boxed,
    /// A letter of formulas that is no word: Greek and the like.
    Letter,
    Relation,
    /// An arrow, which prose uses too.
    Arrow,
    Operator,
    Open,
    Close,
    Comma,
    Script,
    Stop,
    /// Chinese and the like.
    Foreign,
    /// What ends a formula: ends of lines, quotes, bars.
    Break,
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    span: Range<usize>,
    /// Whether space stands before it.
    spaced: bool,
    /// Whether it stands in braces.
    braced: bool,
}

/// The formulas in a part of a text.
pub(super) fn find(text: &str, region: Range<usize>) -> Vec<Found> {
    let tokens = tokens(text, region);
    let mut found = Vec::new();
    let mut start = 0;
    let mut prose = false;
    for place in 0..=tokens.len() {
        // Whether a token is a word of prose may depend on the one before it.
        let mathematics = is_mathematics(text, &tokens, place, prose);
        prose = !mathematics && tokens.get(place).is_some_and(|token| token.kind == Kind::Word);
        if !mathematics {
            if start < place {
                found.extend(formula(text, &tokens, start..place));
            }
            start = place + 1;
        }
    }
    found
}

// --------------------------------------------------------------------------------------------------------------- tokens

fn tokens(text: &str, region: Range<usize>) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = region.start;
    let (mut spaced, mut braces) = (true, 0usize);
    let mut ends = Ends::default();
    while at < region.end {
        let rest = text.get(at..region.end).unwrap_or_default();
        let Some(letter) = rest.chars().next() else { break };
        // Word's signs for an application and a product do not print.
        if matches!(letter, '\u{2061}'..='\u{2064}') {
            at += letter.len_utf8();
            continue;
        }
        if letter != '\n' && (letter.is_whitespace() || letter == '\u{200B}') {
            spaced = true;
            at += letter.len_utf8();
            continue;
        }
        let (kind, length) = token(rest, letter, at, &mut ends);
        if letter == '\n' {
            braces = 0;
        }
        if rest.starts_with('{') {
            braces += 1;
        }
        let braced = braces > 0;
        if rest.starts_with('}') {
            braces = braces.saturating_sub(1);
        }
        tokens.push(Token { kind, span: at..at + length, spaced, braced });
        spaced = false;
        at += length;
    }
    tokens
}

fn token(rest: &str, letter: char, at: usize, ends: &mut Ends) -> (Kind, usize) {
    let one = letter.len_utf8();
    match letter {
        '\n' => (Kind::Break, one),
        '\\' => command(rest, at, ends),
        '0'..='9' => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let after = rest.get(digits..).unwrap_or_default();
            let fraction =
                after.strip_prefix('.').map_or(0, |more| more.bytes().take_while(u8::is_ascii_digit).count());
            let whole = if fraction > 0 { digits + 1 + fraction } else { grouped(rest, digits) };
            (Kind::Number, whole + unit(rest.get(whole..).unwrap_or_default()))
        }
        'a'..='z' | 'A'..='Z' => {
            let count = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
            (Kind::Word, count)
        }
        ':' if rest.starts_with(":=") => (Kind::Relation, 2),
        '.' if rest.starts_with("...") => (Kind::Letter, 3),
        '-' if rest.starts_with("->") => (Kind::Arrow, 2),
        '=' if rest.starts_with("=>") => (Kind::Arrow, 2),
        '/' if rest.starts_with("//") => (Kind::Break, 2),
        '=' | '<' | '>' | '≤' | '≥' | '⩽' | '⩾' | '∈' | '∉' | '≠' | '≜' | '≈' | '≡' | '＝' | '≔' | '≝' | '∼' | '∝'
        | '⊂' | '⊆' => {
            let count = rest.chars().take_while(|next| matches!(next, '=' | '<' | '>')).count();
            (Kind::Relation, count.max(one))
        }
        '!' if rest.starts_with("!=") => (Kind::Relation, 2),
        '→' | '⇒' | '⟹' | '←' | '⇔' | '⟺' => (Kind::Arrow, one),
        '+' | '-' | '−' | '–' | '*' | '/' | '·' | '⋅' | '@' | '×' | '&' | '÷' | '±' | '%' | '＋' | '－' | '＊'
        | '∙' | '•' => (Kind::Operator, one),
        '~' => (Kind::Operator, one),
        '(' | '[' | '{' | '（' => (Kind::Open, one),
        ')' | ']' | '}' | '）' => (Kind::Close, one),
        '⌊' | '⌋' | '⌈' | '⌉' | '∑' | '∏' | '∫' | '⊗' | '⊙' | '⊛' | '⋆' | '∂' | '∇' | '∞' | '√' | '∗' | '∘' => {
            (Kind::Command, one)
        }
        ',' | '，' | '、' | ';' | '；' => (Kind::Comma, one),
        '_' | '^' | '\'' | '′' | '’' => (Kind::Script, one),
        '.' | ':' | '：' | '!' | '?' => (Kind::Stop, one),
        '…' | '⋯' | '°' => (Kind::Letter, one),
        '\u{303}' | '▒' => (Kind::Operator, one),
        '〖' => (Kind::Open, one),
        '〗' => (Kind::Close, one),
        // Signs of mathematics that are read nowhere: the formula says so, and is not cut in pieces there.
        _ if matches!(u32::from(letter), 0x2200..=0x22FF | 0x27C0..=0x27EF | 0x2980..=0x2AFF) => (Kind::Command, one),
        // Arrays of Word's equation editor; elsewhere the signs are bullets.
        '█' | '■' if rest.chars().nth(1) == Some('(') => (Kind::Command, one),
        _ if is_foreign(letter) => (Kind::Foreign, one),
        _ if letter.is_alphanumeric() && !matches!(u32::from(letter), 0xC0..=0x24F) => (Kind::Letter, one),
        // Latin letters with accents belong to words of prose.
        _ if letter.is_alphabetic() => (Kind::Foreign, one),
        _ => (Kind::Break, one),
    }
}

/// The length of a number whose first digits are followed by groups of three: `5,898,240`, `5 898 240`.
fn grouped(rest: &str, digits: usize) -> usize {
    let mut length = digits;
    if digits > 3 || rest.starts_with('0') {
        return length;
    }
    let gap = rest.get(digits..).and_then(|after| after.chars().next());
    let Some(gap) = gap.filter(|gap| matches!(gap, ',' | ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}')) else {
        return length;
    };
    while let Some(group) = rest.get(length..).and_then(|after| after.strip_prefix(gap))
        && group.bytes().take_while(u8::is_ascii_digit).count() == 3
    {
        length += gap.len_utf8() + 3;
    }
    length
}

/// The length of a unit of Chinese numbers at the start of a text, with the space before it, or of an exponent, as in `5.9e9`.
fn unit(after: &str) -> usize {
    if let Some(exponent) = after.strip_prefix(['e', 'E']) {
        let digits = exponent.trim_start_matches(['+', '-']);
        let count = digits.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let number = digits.bytes().take(count).all(|digit| digit.is_ascii_digit());
        return if number && (1..=3).contains(&count) { after.len() - digits.len() + count } else { 0 };
    }
    let trimmed = after.trim_start_matches(' ');
    let spaces = after.len() - trimmed.len();
    let letters = trimmed.chars().take_while(|letter| matches!(letter, '百' | '千' | '万' | '亿'));
    let units: String = letters.collect();
    if units.ends_with(['万', '亿']) && spaces <= 1 { spaces + units.len() } else { 0 }
}

/// Scripts that only prose uses.
fn is_foreign(letter: char) -> bool {
    matches!(u32::from(letter),
        0x400..=0x52F | 0x5D0..=0x6FF | 0x900..=0x109F | 0x3005..=0x3007 | 0x3041..=0x30FF | 0x3400..=0x9FFF | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

fn command(rest: &str, at: usize, ends: &mut Ends) -> (Kind, usize) {
    let letters = rest.bytes().skip(1).take_while(u8::is_ascii_alphabetic).count();
    let name = rest.get(1..1 + letters).unwrap_or_default();
    if name.is_empty() {
        let second = rest.chars().nth(1);
        let length = 1 + second.filter(|letter| *letter != '\n').map_or(0, char::len_utf8);
        let kind = match second {
            Some('{') => Kind::Open,
            Some('}') => Kind::Close,
            Some('_') => Kind::Script,
            Some('*' | '%') => Kind::Operator,
            Some('\\' | ',' | ';' | '!' | ' ' | ':') => Kind::Operator,
            _ => Kind::Break,
        };
        return (kind, length);
    }
    if name == "begin"
        && let Some(length) = environment(rest, at, ends)
    {
        return (Kind::Command, length);
    }
    let boxes = ["text", "mathrm", "operatorname", "mathbf", "boldsymbol", "textbf", "textit", "mbox", "tag", "label"];
    let after = rest.get(1 + letters..).unwrap_or_default();
    if boxes.contains(&name)
        && after.starts_with('{')
        && let Some(close) = after.bytes().take(MAX_BOX).skip(1).position(|byte| matches!(byte, b'{' | b'}' | b'\n'))
        && after.as_bytes().get(close + 1) == Some(&b'}')
    {
        let kind =
            if matches!(name, "tag" | "label") || name.starts_with("math") { Kind::Command } else { Kind::Boxed };
        return (kind, 1 + letters + close + 2);
    }
    let relations = [
        "le",
        "leq",
        "leqslant",
        "ge",
        "geq",
        "geqslant",
        "in",
        "notin",
        "ne",
        "neq",
        "equiv",
        "triangleq",
        "approx",
        "lt",
        "gt",
        "sim",
        "propto",
        "coloneqq",
        "doteq",
    ];
    let kind = if relations.contains(&name) { Kind::Relation } else { Kind::Command };
    (kind, 1 + letters)
}

/// Where the last end of each environment stands; what begins after it is not closed, and is not searched again.
#[derive(Default)]
struct Ends(Vec<(&'static str, Option<usize>)>);

/// A box of text may be this long, in bytes.
const MAX_BOX: usize = 200;

/// The environments that may stand in a formula without delimiters.
const ENVIRONMENTS: [&str; 12] = [
    "aligned",
    "split",
    "gathered",
    "alignedat",
    "cases",
    "array",
    "matrix",
    "pmatrix",
    "bmatrix",
    "Bmatrix",
    "vmatrix",
    "smallmatrix",
];

/// How long the environment at the start of a text is; `at` is where that text begins.
fn environment(rest: &str, at: usize, ends: &mut Ends) -> Option<usize> {
    let inside = rest.strip_prefix("\\begin")?.strip_prefix('{')?;
    let name =
        ENVIRONMENTS.into_iter().find(|name| inside.strip_prefix(name).is_some_and(|rest| rest.starts_with('}')))?;
    let end = format!("\\end{{{name}}}");
    let last = match ends.0.iter().find(|(known, _)| *known == name) {
        Some((_, last)) => *last,
        None => {
            let last = rest.rfind(&end).map(|place| at + place);
            ends.0.push((name, last));
            last
        }
    };
    if last.is_none_or(|last| last < at) {
        return None;
    }
    let place = rest.find(&end)?;
    Some(place + end.len())
}

// ------------------------------------------------------------------------------------------------------------------ runs

/// Words that are names of operations although they are words.
const NAMES: [&str; 18] = [
    "conv", "conv2", "rot", "rot180", "ROT180", "pad", "pool", "upsample", "relu", "ReLU", "softmax", "sigmoid",
    "tanh", "exp", "log", "max", "min", "mod",
];

/// Whether a token can belong to a formula, judged by its neighbours.
fn is_mathematics(text: &str, tokens: &[Token], place: usize, prose_before: bool) -> bool {
    let Some(token) = tokens.get(place) else { return false };
    let next = tokens.get(place + 1);
    let before = place.checked_sub(1).and_then(|before| tokens.get(before));
    let close = next.filter(|next| !next.spaced);
    match token.kind {
        Kind::Foreign | Kind::Break => false,
        // `\textbf{Proof.} By …` is prose, `\text{rot180}(W) = …` is not.
        Kind::Boxed => {
            let says = |kind: Kind| {
                matches!(kind, Kind::Relation | Kind::Arrow | Kind::Operator | Kind::Command | Kind::Script)
                    || matches!(kind, Kind::Number | Kind::Letter)
            };
            token.braced
                || next.is_some_and(|next| says(next.kind))
                || before.is_some_and(|before| says(before.kind) || before.kind == Kind::Close)
                || close.is_some_and(|next| matches!(next.kind, Kind::Open | Kind::Close))
        }
        // A full stop within `1.o=`; one before a space ends the run. A colon is kept in brackets: `a[i, :]`.
        Kind::Stop => {
            let inside = |kind: Kind| matches!(kind, Kind::Comma | Kind::Close | Kind::Open);
            let colon = text.get(token.span.clone()) == Some(":");
            token.braced
                || colon
                    && close.is_some_and(|next| inside(next.kind))
                    && before.is_some_and(|before| inside(before.kind))
                || !colon && close.is_some_and(|next| matches!(next.kind, Kind::Word | Kind::Letter | Kind::Number))
        }
        Kind::Word => {
            let word = text.get(token.span.clone()).unwrap_or_default();
            let letters = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
            if token.braced || NAMES.contains(&word) {
                return true;
            }
            if letters.len() == 1 {
                // The article and the pronoun are words after a word.
                let article = matches!(word, "a" | "A" | "I");
                let followed = next.is_some_and(|next| next.spaced && matches!(next.kind, Kind::Word | Kind::Letter));
                return !(article && prose_before && followed);
            }
            let joins = |other: Option<&Token>| {
                other.is_some_and(|other| matches!(other.kind, Kind::Relation | Kind::Operator | Kind::Command))
            };
            let opens = close.is_some_and(|next| {
                matches!(next.kind, Kind::Script)
                    || next.kind == Kind::Open && text.get(next.span.clone()) != Some("（")
            });
            let touches = !token.spaced
                && before.is_some_and(|before| {
                    matches!(before.kind, Kind::Script | Kind::Number | Kind::Close) && before.kind != Kind::Break
                });
            let enclosed = !token.spaced
                && before.is_some_and(|before| before.kind == Kind::Open)
                && close.is_some_and(|next| matches!(next.kind, Kind::Close | Kind::Operator | Kind::Comma));
            // `44.9% of the parameters`
            let percent = before.is_some_and(|before| text.get(before.span.clone()) == Some("%"));
            joins(next) || joins(before) && !percent || opens || touches || enclosed || word.len() > letters.len()
        }
        _ => true,
    }
}

/// The formula in a run, if there is one.
fn formula(text: &str, tokens: &[Token], run: Range<usize>) -> Option<Found> {
    let mut run = run;
    let kind = |place: usize| tokens.get(place).map(|token| token.kind);
    let source = |place: usize| tokens.get(place).and_then(|token| text.get(token.span.clone())).unwrap_or_default();
    let line_start = |place: usize| place == 0 || kind(place - 1) == Some(Kind::Break) && source(place - 1) == "\n";
    strip_enumerator(text, tokens, &mut run);
    let lonely = unmatched(tokens, &run);
    loop {
        let first = run.start;
        let sign = matches!(source(first), "-" | "+" | "−") && !tokens.get(first + 1).is_some_and(|next| next.spaced);
        let quote = kind(first) == Some(Kind::Relation) && line_start(first) && source(first).starts_with('>');
        let drop = match kind(first)? {
            Kind::Comma | Kind::Stop | Kind::Close => true,
            Kind::Operator => !sign,
            Kind::Open => lonely.contains(&first),
            _ => quote,
        };
        if !drop {
            break;
        }
        run.start += 1;
        if run.is_empty() {
            return None;
        }
    }
    drop_remark(tokens, &mut run, &lonely);
    drop_tail(tokens, &mut run);
    loop {
        let last = run.end.checked_sub(1)?;
        let percent = source(last).ends_with('%');
        let drop = match kind(last)? {
            Kind::Comma | Kind::Stop | Kind::Open | Kind::Arrow | Kind::Relation => true,
            Kind::Operator => !percent,
            Kind::Close => lonely.contains(&last),
            _ => false,
        };
        if !drop {
            break;
        }
        run.end = last;
        if run.is_empty() {
            return None;
        }
    }
    let inside = tokens.get(run.clone())?;
    let has = |wanted: Kind| inside.iter().any(|token| token.kind == wanted);
    let operand =
        |token: &&Token| matches!(token.kind, Kind::Word | Kind::Number | Kind::Letter | Kind::Command | Kind::Boxed);
    let relation = inside.iter().position(|token| token.kind == Kind::Relation);
    let compares = relation.is_some_and(|place| inside.iter().skip(place + 1).any(|next| operand(&next)));
    let scripted = inside.windows(2).any(|pair| match pair {
        [base, script] => {
            let letters = base.span.len() == 1 || base.kind == Kind::Close;
            script.kind == Kind::Script && !script.spaced && letters && inside.len() > 2
        }
        _ => false,
    });
    let quotes = !has(Kind::Relation)
        && !has(Kind::Command)
        && inside
            .iter()
            .filter(|token| token.kind == Kind::Script)
            .all(|token| text.get(token.span.clone()).is_some_and(|sign| sign.contains(['\'', '’'])));
    if !(compares || has(Kind::Command) || scripted && !quotes) || !inside.iter().any(|token| operand(&token)) {
        return None;
    }
    let (first, last) = (inside.first()?, inside.last()?);
    let label = if first.kind == Kind::Relation { label(text, tokens, run.start) } else { None };
    Some(Found { span: first.span.start..last.span.end, label })
}

/// Whether a token says something that prose does not.
fn says(token: &Token) -> bool {
    matches!(token.kind, Kind::Relation | Kind::Arrow | Kind::Command | Kind::Script)
}

/// Drops a bracket at the end that prose goes on in: `y = 3 (a number …)`.
fn drop_remark(tokens: &[Token], run: &mut Range<usize>, lonely: &BTreeSet<usize>) {
    let open =
        lonely.range(run.clone()).rev().find(|place| tokens.get(**place).is_some_and(|token| token.kind == Kind::Open));
    if let Some(open) = open.copied()
        && open > run.start
        && !tokens.get(open..run.end).unwrap_or_default().iter().any(says)
    {
        run.end = open;
    }
}

/// Drops what stands after a comma at the end and compares nothing, where something before it does: `y = 3, a`.
fn drop_tail(tokens: &[Token], run: &mut Range<usize>) {
    let Some(inside) = tokens.get(run.clone()) else { return };
    let Some(last) = inside.iter().rposition(says) else { return };
    let mut depth = 0i32;
    let mut cut = None;
    for (place, token) in inside.iter().enumerate() {
        depth += step(token);
        if token.kind == Kind::Comma && depth == 0 && place > last && cut.is_none() {
            cut = Some(place);
        }
    }
    if let Some(cut) = cut {
        run.end = run.start + cut;
    }
}

/// `(1) y = …`, `2. y = …`, `a) y = …` begin with a number of the author's.
fn strip_enumerator(text: &str, tokens: &[Token], run: &mut Range<usize>) {
    let source = |place: usize| tokens.get(place).and_then(|token| text.get(token.span.clone())).unwrap_or_default();
    let short = |place: usize| {
        let word = source(place);
        word.len() <= 4 && (word.bytes().all(|byte| byte.is_ascii_digit()) || word.len() == 1 || is_roman(word))
    };
    let spaced = |place: usize| tokens.get(place).is_some_and(|token| token.spaced);
    let at_start = run.start == 0 || source(run.start - 1) == "\n";
    if !at_start {
        return;
    }
    let first = run.start;
    let enclosed = matches!(source(first), "(" | "（") && short(first + 1) && matches!(source(first + 2), ")" | "）");
    if enclosed && first + 3 < run.end && (spaced(first + 3) || source(first + 2) == "）") {
        run.start += 3;
    } else if short(first) && matches!(source(first + 1), ")" | "）") && first + 2 < run.end {
        run.start += 2;
    }
}

fn is_roman(word: &str) -> bool {
    word.bytes().all(|byte| matches!(byte, b'i' | b'v' | b'x'))
}

/// The brackets of a run that have no partner in it.
fn unmatched(tokens: &[Token], run: &Range<usize>) -> BTreeSet<usize> {
    let mut open = Vec::new();
    let mut lonely = BTreeSet::new();
    for place in run.clone() {
        match tokens.get(place).map(step) {
            Some(1) => open.push(place),
            Some(-1) if open.pop().is_none() => {
                lonely.insert(place);
            }
            _ => {}
        }
    }
    lonely.extend(open);
    lonely
}

fn step(token: &Token) -> i32 {
    match token.kind {
        Kind::Open => 1,
        Kind::Close => -1,
        _ => 0,
    }
}

/// The words directly before a formula that begins with a relation.
fn label(text: &str, tokens: &[Token], start: usize) -> Option<String> {
    let mut first = start;
    while first > 0 {
        let before = tokens.get(first - 1)?;
        // English words before a Chinese one belong to the sentence.
        let spaced = first < start && tokens.get(first).is_some_and(|token| token.spaced);
        if !matches!(before.kind, Kind::Foreign | Kind::Word) || spaced {
            break;
        }
        first -= 1;
    }
    let from = tokens.get(first)?.span.start;
    let to = tokens.get(start)?.span.start;
    let words = text.get(from..to)?.trim();
    (!words.is_empty()).then(|| words.to_string())
}

// --------------------------------------------------------------------------------------------------------------- doubled

/// How many comparisons of letters the search for doubled formulas may take in one text.
pub(super) const DOUBLE_BUDGET: usize = 4_000_000;

/// Longer runs are not searched for doubled formulas.
const MAX_DOUBLED: usize = 400;

/// The second copies of formulas that stand twice in a row, as in text copied from a rendered page.
pub(super) fn doubled(text: &str, budget: &mut usize) -> Vec<Range<usize>> {
    let mut copies = Vec::new();
    if text.len() > MAX_DOUBLED {
        return copies;
    }
    let bytes = text.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        let starts = text.get(start..).and_then(|rest| rest.chars().next());
        let opens = starts.is_some_and(|letter| letter.is_alphanumeric() || matches!(letter, '(' | '\\' | '⌊' | '['));
        let found = if opens { copy_at(text, start, budget) } else { None };
        match found {
            Some(copy) => {
                start = copy.end;
                copies.push(copy);
            }
            None => start += 1,
        }
    }
    copies
}

/// The copy that follows the longest formula at a place.
fn copy_at(text: &str, start: usize, budget: &mut usize) -> Option<Range<usize>> {
    let longest = (text.len() - start) / 2;
    for length in (3..=longest).rev() {
        let middle = start + length;
        let Some(first) = text.get(start..middle) else { continue };
        // A full stop may stand between the copies.
        let rest = text.get(middle..).unwrap_or_default();
        let copy = rest.trim_start_matches(['.', ',', ';', ' ', '。', '，']);
        let same = first.bytes().zip(copy.bytes()).take_while(|(left, right)| left == right).count();
        *budget = budget.checked_sub(same + 1)?;
        let whole = first.contains(['=', '≤', '∈', '<'])
            && !first.ends_with(['=', '+', '-', '*', '/', '(', ',', '.', ';', ' ', '≤', '∈', '<']);
        if same == length && whole {
            return Some(middle..middle + (rest.len() - copy.len()) + length);
        }
    }
    None
}
