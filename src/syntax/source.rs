//! Before the grammar: fenced blocks, comments, depth, and the cut into items.

use std::ops::Range;

use crate::diag::Diagnostic;

/// Brackets, sums and signs may be nested this deep.
pub const MAX_DEPTH: usize = 64;

/// One item may be this long, in bytes.
const MAX_ITEM: usize = 1 << 16;

/// The words that begin an item at the start of a line.
pub const ITEM_WORDS: [&str; 13] = [
    "use", "size", "integer", "rank", "assume", "tensor", "scalar", "function", "def", "let", "derive", "cost",
    "theorem",
];

/// A comment: the text from `#` to the end of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Where it stands.
    pub span: Range<usize>,
    /// Whether something stands before it on its line.
    pub trailing: bool,
}

/// The text with everything outside fenced `convprove` and `cvp` blocks replaced by spaces, byte for byte, so that every
/// place stays where it is.
pub fn fenced(markdown: &str) -> String {
    let mut masked = String::with_capacity(markdown.len());
    let mut last = 0;
    let mask = |range: Range<usize>, masked: &mut String| {
        let text = markdown.get(range).unwrap_or_default();
        masked.extend(text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
    };
    for block in blocks(markdown) {
        mask(last..block.start, &mut masked);
        masked.push_str(markdown.get(block.clone()).unwrap_or_default());
        last = block.end;
    }
    mask(last..markdown.len(), &mut masked);
    masked
}

/// The insides of the fenced `convprove` and `cvp` blocks.
pub fn blocks(markdown: &str) -> Vec<Range<usize>> {
    let mut blocks = Vec::new();
    // The mark of the open fence, its length, and where the inside begins if the block is ours.
    let mut fence: Option<(char, usize, Option<usize>)> = None;
    let mut start = 0;
    for line in markdown.split_inclusive('\n') {
        let end = start + line.len();
        let trimmed = line.trim_start_matches(' ');
        let mark = trimmed.chars().next().filter(|mark| matches!(mark, '`' | '~'));
        let length = mark.map_or(0, |mark| trimmed.chars().take_while(|other| *other == mark).count());
        let rest = trimmed.get(length..).unwrap_or_default().trim();
        match (fence, mark) {
            (None, Some(mark)) if length >= 3 => {
                let language = rest.split([' ', ',', '{', '}']).find(|word| !word.is_empty()).unwrap_or_default();
                let ours = matches!(language, "convprove" | "cvp" | ".convprove" | ".cvp");
                fence = Some((mark, length, ours.then_some(end)));
            }
            (Some((open, least, inside)), Some(mark)) if mark == open && length >= least && rest.is_empty() => {
                blocks.extend(inside.map(|inside| inside..start));
                fence = None;
            }
            _ => {}
        }
        start = end;
    }
    if let Some((_, _, Some(inside))) = fence {
        blocks.push(inside..markdown.len());
    }
    blocks
}

/// The text with comments replaced by spaces, and where they were.
pub fn without_comments(source: &str) -> (String, Vec<Comment>) {
    let mut masked = String::with_capacity(source.len());
    let mut comments = Vec::new();
    let mut start = 0;
    for line in source.split_inclusive('\n') {
        match line.find('#') {
            None => masked.push_str(line),
            Some(position) => {
                let (before, comment) = line.split_at(position);
                let text = comment.trim_end();
                masked.push_str(before);
                masked.extend(comment.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
                let from = start + position;
                comments.push(Comment { span: from..from + text.len(), trailing: !before.trim().is_empty() });
            }
        }
        start += line.len();
    }
    (masked, comments)
}

/// The items of a text without comments: where each begins and ends.
pub fn items(source: &str) -> Vec<Range<usize>> {
    let mut cuts = vec![0];
    let mut depth = 0usize;
    let mut line_start = true;
    for (position, letter) in source.char_indices() {
        match letter {
            '\n' => line_start = true,
            _ if letter.is_whitespace() => {}
            _ => {
                if line_start && begins_item(source.get(position..).unwrap_or_default()) {
                    cuts.push(position);
                    depth = 0;
                }
                line_start = false;
                match letter {
                    '(' | '[' => depth += 1,
                    ')' | ']' => depth = depth.saturating_sub(1),
                    ';' if depth == 0 => {
                        cuts.push(position + 1);
                        line_start = true;
                    }
                    _ => {}
                }
            }
        }
    }
    cuts.push(source.len());
    let pairs = cuts.windows(2).filter_map(|pair| match pair {
        [start, end] => trimmed(source, *start..*end),
        _ => None,
    });
    pairs.collect()
}

/// A range of the text without the white space at its ends, and without the `;` that ends an item.
pub fn trimmed(source: &str, range: Range<usize>) -> Option<Range<usize>> {
    let text = source.get(range.clone())?;
    let text_end = text.trim_end_matches(|letter: char| letter.is_whitespace() || letter == ';');
    let inner =
        text_end.trim_start_matches(|letter: char| letter.is_whitespace() || letter == ';' || letter == '\u{FEFF}');
    let start = range.start + (text_end.len() - inner.len());
    (!inner.is_empty()).then(|| start..start + inner.len())
}

fn begins_item(text: &str) -> bool {
    let word: &str = text
        .split(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | '\'')))
        .next()
        .unwrap_or_default();
    ITEM_WORDS.contains(&word)
}

/// How deeply the grammar will descend into an item; an item that is too deep or too long is refused.
pub fn check_depth(source: &str, item: &Range<usize>) -> Result<usize, Diagnostic> {
    let text = source.get(item.clone()).unwrap_or_default();
    if text.len() > MAX_ITEM {
        return Err(Diagnostic::error(item.clone(), format!("this item is longer than {MAX_ITEM} bytes"))
            .with_hint("split it with definitions"));
    }
    // Per open bracket: how many sums, maxima, derivatives and repeated signs are open inside it. Each holds what follows it,
    // up to a sign that ends its product, so all of them together are the depth.
    let mut levels = vec![0usize];
    let (mut depth, mut deepest) = (0usize, 0usize);
    let mut word_start = true;
    for (position, letter) in text.char_indices() {
        let rest = text.get(position..).unwrap_or_default();
        let at = item.start + position;
        let prefix = match letter {
            'Σ' | '∑' | '∂' => true,
            '-' | '−' | '–' => minus_run(rest),
            's' | 'm' | 'd' if word_start => {
                rest.starts_with("sum") || rest.starts_with("max") || rest.starts_with("d/d")
            }
            _ => false,
        };
        match letter {
            '(' | '[' | '⌊' | '⌈' => {
                levels.push(0);
                depth += 1;
            }
            ')' | ']' | '⌋' | '⌉' if levels.len() > 1 => depth -= 1 + levels.pop().unwrap_or(0),
            '+' | '=' | '<' | '>' | '≤' | '≥' | ',' | ';' | '|' => {
                if let Some(open) = levels.last_mut() {
                    depth -= std::mem::take(open);
                }
            }
            _ if prefix => {
                if let Some(open) = levels.last_mut() {
                    *open += 1;
                    depth += 1;
                }
            }
            _ => {}
        }
        word_start = !(letter.is_alphanumeric() || letter == '_');
        deepest = deepest.max(depth);
        if depth > MAX_DEPTH {
            let here = at..at + letter.len_utf8();
            return Err(Diagnostic::error(
                here,
                format!("brackets, sums and signs are nested more than {MAX_DEPTH} deep"),
            )
            .with_hint("join sums, as in sum(i in 1..m, j in 1..n), or name the inner parts with definitions"));
        }
    }
    Ok(deepest)
}

/// Whether a minus sign is followed by another one.
fn minus_run(text: &str) -> bool {
    let mut letters = text.chars().skip(1).skip_while(|letter| letter.is_whitespace());
    letters.next().is_some_and(|letter| matches!(letter, '-' | '−' | '–'))
}
