//! How deep a formula is, before the parser descends into it.

use super::super::note::Fault;

/// Brackets, groups and sums may be nested this deep.
const MAX_DEPTH: usize = 40;

/// Environments may be nested this deep.
const MAX_ENVIRONMENTS: usize = 5;

/// One formula may be this long, in bytes.
pub(in super::super) const MAX_FORMULA: usize = 1 << 16;

/// A chain of `**` may be this long.
const MAX_POWERS: usize = 30;

/// Refuses a formula that is too deep or too long.
pub(super) fn check(text: &str, base: usize) -> Result<(), Fault> {
    if text.len() > MAX_FORMULA {
        let span = base..base + text.len();
        return Err(Fault::new(span, format!("this formula is longer than {MAX_FORMULA} bytes")));
    }
    // Per open bracket: the sums that are open in it. Each holds what follows it, up to a sign that ends its product.
    let mut levels = vec![0usize];
    let (mut depth, mut environments, mut powers) = (0usize, 0usize, 0usize);
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let at = base + text.len() - rest.len();
        let token = if letter == '\\' { command(rest) } else { rest.get(..letter.len_utf8()).unwrap_or_default() };
        match token {
            "{" | "(" | "[" | "（" | "〖" | "⌊" | "⌈" | "⟨" | "\\{" | "\\lfloor" | "\\lceil" | "\\langle"
            | "\\lbrace" | "\\lbrack" | "\\begin" => {
                levels.push(0);
                depth += 1;
                environments += usize::from(token == "\\begin");
            }
            "}" | ")" | "]" | "）" | "〗" | "⌋" | "⌉" | "⟩" | "\\}" | "\\rfloor" | "\\rceil" | "\\rangle"
            | "\\rbrace" | "\\rbrack" | "\\end" => {
                if levels.len() > 1 {
                    depth -= 1 + levels.pop().unwrap_or(0);
                }
                environments -= usize::from(token == "\\end").min(environments);
            }
            "+" | "=" | "&" | "," | "\\\\" | "-" | "−" => {
                if let Some(open) = levels.last_mut() {
                    depth -= std::mem::take(open);
                }
                powers = 0;
            }
            "*" if rest.starts_with("**") => powers += 1,
            "∑" | "∏" | "∫" | "Σ" | "\\sum" | "\\prod" | "\\int" | "\\iint" | "\\bigoplus" | "\\max" | "\\min"
            | "\\argmax" | "\\argmin" | "\\lim" | "\\sup" | "\\inf" | "\\Sigma" | "s" | "S" | "p"
                if !matches!(token, "s" | "S" | "p")
                    || ["sum_", "Sum_", "prod_"].iter().any(|word| rest.starts_with(word)) =>
            {
                if let Some(open) = levels.last_mut() {
                    *open += 1;
                    depth += 1;
                }
            }
            _ => {}
        }
        let here = at..at + token.len();
        if depth > MAX_DEPTH {
            return Err(Fault::new(here, format!("brackets and sums are nested more than {MAX_DEPTH} deep")));
        }
        if environments > MAX_ENVIRONMENTS {
            return Err(Fault::new(here, format!("environments are nested more than {MAX_ENVIRONMENTS} deep")));
        }
        if powers > MAX_POWERS {
            return Err(Fault::new(here, format!("more than {MAX_POWERS} powers stand in a row")));
        }
        rest = rest.get(token.len()..).unwrap_or_default();
    }
    Ok(())
}

/// The command at the start of a text: `\sum`, `\{`, `\\`.
fn command(text: &str) -> &str {
    let letters = text.bytes().skip(1).take_while(u8::is_ascii_alphabetic).count();
    let length = match letters {
        0 => 1 + text.chars().nth(1).map_or(0, char::len_utf8),
        _ => 1 + letters,
    };
    text.get(..length).unwrap_or(text)
}
