//! What the signs are called.

use super::super::formula::{Big, Bracket, Relation, Sign};

/// The relation of a token.
pub(super) fn relation(token: &str) -> Relation {
    match unbraced(token) {
        "≜" | "≝" | "≔" | ":=" | "≡" | "\\triangleq" | "\\coloneqq" | "\\coloneq" | "\\doteq" | "\\equiv" => {
            Relation::Define
        }
        "≈" | "∼" | "\\approx" | "\\simeq" | "\\sim" => Relation::Approx,
        "!=" | "≠" | "\\ne" | "\\neq" => Relation::Ne,
        "<" | "&lt;" | "\\lt" | "\\ll" | "≪" => Relation::Lt,
        "<=" | "≤" | "⩽" | "\\le" | "\\leq" | "\\leqslant" => Relation::Le,
        ">" | "&gt;" | "\\gt" | "\\gg" | "≫" => Relation::Gt,
        ">=" | "≥" | "⩾" | "\\ge" | "\\geq" | "\\geqslant" => Relation::Ge,
        "∈" | "\\in" | "\\isin" => Relation::In,
        "∉" | "\\notin" => Relation::NotIn,
        "⊂" | "⊆" | "\\subset" | "\\subseteq" => Relation::Subset,
        "=>" | "⇒" | "⟹" | "\\Rightarrow" | "\\implies" | "\\Longrightarrow" => Relation::Implies,
        "<=>" | "⇔" | "⟺" | "\\Leftrightarrow" | "\\iff" | "\\Longleftrightarrow" => Relation::Iff,
        "->" | "→" | "\\to" | "\\rightarrow" | "\\longrightarrow" | "\\mapsto" => Relation::To,
        "<-" | "←" | "\\leftarrow" | "\\gets" | "\\longleftarrow" => Relation::Assign,
        "∝" | "\\propto" => Relation::Proportional,
        _ if token.starts_with("+=") || token.starts_with("\\mathrel") && token.contains('+') => Relation::Increase,
        _ if token.starts_with("-=") || token.starts_with("\\mathrel") && token.contains('-') => Relation::Decrease,
        _ if token.starts_with("\\mathrel") => Relation::Define,
        _ => Relation::Eq,
    }
}

/// A sign without the braces round it, which do not print.
pub(super) fn unbraced(token: &str) -> &str {
    token.strip_prefix('{').and_then(|token| token.strip_suffix('}')).map_or(token, str::trim)
}

/// Whether a sign between terms is a minus.
pub(super) fn is_minus(token: &str) -> bool {
    matches!(unbraced(token), "-" | "−" | "–" | "－")
}

/// The sign between factors of a token.
pub(super) fn sign(token: &str) -> Sign {
    match unbraced(token) {
        "·" | "⋅" | "∙" | "@" | "\\cdot" => Sign::Dot,
        "×" | "\\times" => Sign::Times,
        "⋆" | "★" | "\\star" => Sign::FiveStar,
        "⊗" | "⊗~" | "⊗̃" | "\\otimes" | "\\bigotimes" => Sign::Otimes,
        "." => Sign::Dot,
        "⊙" | ".*" | "\\odot" | "\\bigodot" | "\\circledcirc" => Sign::Odot,
        "⊛" | "\\circledast" => Sign::CircledStar,
        "•" | "\\bullet" => Sign::Bullet,
        "⊡" | "\\boxdot" => Sign::BoxDot,
        "∘" | "\\circ" => Sign::Circle,
        "/" | "÷" | "\\div" => Sign::Slash,
        "mod" | "\\bmod" | "\\mod" => Sign::Mod,
        "**" => Sign::DoubleStar,
        _ => Sign::Star,
    }
}

/// The power of ten that a unit of Chinese numbers stands for.
pub(super) fn unit(token: &str) -> u32 {
    token
        .chars()
        .map(|letter| match letter {
            '百' => 2,
            '千' => 3,
            '万' => 4,
            '亿' => 8,
            _ => 0,
        })
        .sum()
}

/// The big sign of a token.
pub(super) fn big(token: &str) -> Big {
    match token {
        "\\sum" | "∑" | "Σ" | "\\Sigma" | "sum" | "Sum" => Big::Sum,
        "\\prod" | "∏" | "prod" => Big::Product,
        "\\int" | "\\iint" | "∫" => Big::Integral,
        "\\max" | "\\sup" => Big::Max,
        "\\min" | "\\inf" => Big::Min,
        "\\argmax" => Big::ArgMax,
        "\\argmin" => Big::ArgMin,
        _ => Big::Other,
    }
}

/// What a pair of brackets is.
pub(super) enum Pair {
    Bracket(Bracket),
    Floor,
    Ceil,
}

/// What an opening and a closing sign make together.
pub(super) fn pair(open: &str, close: &str) -> Option<Pair> {
    let kind = |token: &str| match unbraced(token) {
        "(" | "（" | ")" | "）" => '(',
        "〖" | "〗" => '〖',
        "[" | "]" | "\\lbrack" | "\\rbrack" => '[',
        "\\{" | "\\}" | "\\lbrace" | "\\rbrace" => '{',
        "⌊" | "⌋" | "\\lfloor" | "\\rfloor" => 'f',
        "⌈" | "⌉" | "\\lceil" | "\\rceil" => 'c',
        "⟨" | "⟩" | "\\langle" | "\\rangle" => '<',
        _ => '|',
    };
    let found = match (kind(open), kind(close)) {
        ('(', '(') | ('〖', '〖') => Bracket::Round,
        ('[', '[') => Bracket::Square,
        ('{', '{') => Bracket::Curly,
        ('<', '<') => Bracket::Angle,
        ('|', '|') => Bracket::Bar,
        ('[', '(') => Bracket::HalfOpen,
        ('(', '[') => Bracket::OpenHalf,
        ('f', 'f') => return Some(Pair::Floor),
        ('c', 'c') => return Some(Pair::Ceil),
        _ => return None,
    };
    Some(Pair::Bracket(found))
}

/// The letter of a command such as `\delta`; operators such as `\max` keep their word.
pub(super) fn symbol(command: &str) -> &str {
    let word = command.trim_start_matches('\\');
    match word {
        "alpha" => "α",
        "beta" => "β",
        "gamma" => "γ",
        "delta" => "δ",
        "epsilon" | "varepsilon" => "ε",
        "zeta" => "ζ",
        "eta" => "η",
        "theta" | "vartheta" => "θ",
        "iota" => "ι",
        "kappa" => "κ",
        "lambda" => "λ",
        "mu" => "μ",
        "nu" => "ν",
        "xi" => "ξ",
        "pi" | "varpi" => "π",
        "rho" | "varrho" => "ρ",
        "sigma" | "varsigma" => "σ",
        "tau" => "τ",
        "upsilon" => "υ",
        "phi" | "varphi" => "φ",
        "chi" => "χ",
        "psi" => "ψ",
        "omega" => "ω",
        "Gamma" => "Γ",
        "Delta" | "triangle" | "bigtriangleup" => "Δ",
        "Theta" => "Θ",
        "Lambda" => "Λ",
        "Xi" => "Ξ",
        "Pi" => "Π",
        "Sigma" => "Σ",
        "Upsilon" => "Υ",
        "Phi" => "Φ",
        "Psi" => "Ψ",
        "Omega" => "Ω",
        "ell" => "ℓ",
        "partial" => "∂",
        "nabla" | "bigtriangledown" | "triangledown" => "∇",
        "infty" | "infin" => "∞",
        "prime" => "′",
        "top" | "intercal" => "⊤",
        "dagger" => "†",
        "degree" => "°",
        "emptyset" => "∅",
        "hbar" => "ħ",
        "R" => "ℝ",
        "imath" => "i",
        "jmath" => "j",
        "square" => "□",
        other => other,
    }
}

/// Letters of the mathematical alphabets and their like as plain ones: `𝐾` is `K`.
pub(super) fn plain_letter(letter: char) -> char {
    let code = u32::from(letter);
    let offset = |start: u32, first: u8| {
        let distance = u8::try_from((code - start) % 26).unwrap_or(0);
        char::from(first + distance)
    };
    match code {
        // Runs of 26 capitals and 26 small letters follow each other, alphabet after alphabet.
        0x1D400..=0x1D6A3 if (code - 0x1D400) % 52 < 26 => offset(0x1D400, b'A'),
        0x1D400..=0x1D6A3 => offset(0x1D400, b'a'),
        0x1D6A8..=0x1D7CB => greek((code - 0x1D6A8) % 58).unwrap_or(letter),
        0x210E => 'h',
        0x2112 => 'ℒ',
        0xFF21..=0xFF3A => offset(0xFF21, b'A'),
        0xFF41..=0xFF5A => offset(0xFF41, b'a'),
        0x2206 => 'Δ',
        0x3BC | 0xB5 => 'μ',
        _ => letter,
    }
}

/// The letter at a place of a mathematical Greek alphabet.
fn greek(place: u32) -> Option<char> {
    match place {
        0..=24 if place == 17 => Some('Θ'),
        0..=24 => char::from_u32(0x391 + place),
        25 => Some('∇'),
        26..=50 => char::from_u32(0x3B1 + place - 26),
        51 => Some('∂'),
        52 => Some('ε'),
        53 => Some('θ'),
        54 => Some('κ'),
        55 => Some('φ'),
        56 => Some('ρ'),
        57 => Some('π'),
        _ => None,
    }
}

/// A raised or lowered sign of Unicode as it would stand on the line.
pub(super) fn on_line(letter: char) -> char {
    let table = [
        ("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ˡⁿᵀⁱ⁽⁾", "0123456789+-lnTi()"),
        ("₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₗₘₙₒₚₛₜᵤᵥₓₐₑₕ", "0123456789+-ijklmnopstuvxaeh"),
    ];
    let found = table.iter().find_map(|(from, to)| {
        let place = from.chars().position(|other| other == letter)?;
        to.chars().nth(place)
    });
    found.unwrap_or(letter)
}
