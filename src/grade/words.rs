//! What the reader says of an answer, in both languages.

use std::collections::BTreeMap;

use super::chinese;
use super::model::Meaning;
use super::verdict::Text;
use crate::homework::{Note, NoteKind, Unreadable};

/// A remark of the reader.
pub(super) fn note(note: &Note) -> Text {
    let chinese = match note.kind {
        NoteKind::MergedSums => "一处写了两个上下限：两个求和号似乎并成了一个",
        NoteKind::LostCaret => "求和没有上限：花括号前似乎漏了 `^`",
        NoteKind::NoLowerBound => "求和没有下限",
        NoteKind::NoUpperBound => "求和没有上限",
        NoteKind::NoLetter => "求和没有写明求和变量",
        NoteKind::LostPartial => "分数线只有一侧有 ∂：另一侧漏写了",
        NoteKind::Doubled => "公式在此重复出现，像是从网页复制而来；这样的复制会丢失分数线",
        NoteKind::RotatedEntry => "翻转作用于整个张量，而不是一个元素",
        NoteKind::RotatedScalar => "数的翻转没有意义",
        NoteKind::HiddenBraces => "花括号不会显示：求和到其中第一个加号或减号为止",
        NoteKind::DoubleStar => "`**` 读作乘方",
        NoteKind::DoubledRelation => "两个关系符号连写",
        NoteKind::MissingSide => "关系符号右边没有内容",
        NoteKind::LostRelation => "字母直接写在区间前：似乎漏了 ∈",
        NoteKind::StrayLetter => "区间后有多余的字母",
        NoteKind::LooseScript => "上标在运算符前就结束了：按显示的样子理解",
        NoteKind::RaggedMatrix => "矩阵各行长度不同",
        NoteKind::OneName => "粗体与普通字母看作同一个名称",
        NoteKind::Choice => "有几种读法，取了其中一种",
    };
    Text::new(note.message.clone(), chinese)
}

/// Why a formula could not be read, and what would help.
pub(super) fn fault(fault: &Unreadable) -> Text {
    let chinese = format!("无法读取：{}", chinese::translated(&fault.message));
    match fault.hint.as_deref() {
        Some(hint) if hint.starts_with("a command") => Text::new(
            format!("{}; {hint}", fault.message),
            format!("{chinese}；自定义的命令须在文中用 \\newcommand 定义"),
        ),
        _ => Text::new(fault.message.clone(), chinese),
    }
}

/// What an answer says in words, outside its formulas.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// What its signs mean.
    pub signs: BTreeMap<String, Meaning>,
    /// The stride, where it speaks of one alone.
    pub stride: Option<i64>,
    /// Whether it speaks of convolutions at all.
    pub convolves: bool,
}

impl Said {
    /// What the text says.
    pub(super) fn of(text: &str) -> Self {
        let lower = text.to_lowercase();
        let words = [
            "conv",
            "correl",
            "kernel",
            "filter",
            "cnn",
            "feature map",
            "padding",
            "卷积",
            "相关",
            "核",
            "特征图",
            "畳み込み",
            "faltung",
            "합성곱",
        ];
        let convolves = words.iter().any(|word| lower.contains(word));
        Said { signs: said_signs(text), stride: said_stride(&lower), convolves }
    }
}

/// In small letters: `stride 2`, `a stride of 2`, `步长为 2`: the number, where all such words have the same one.
fn said_stride(text: &str) -> Option<i64> {
    let words = ["stride", "步长", "步幅", "ストライド", "schrittweite"];
    let mut found: Vec<i64> = Vec::new();
    // Of another layer, or of none.
    let others = [
        "pool", "池化", "汇聚", "if ", "next", "unlike", " not", "without", "若", "如果", "下一", "不同", "假如",
        "would", "another",
    ];
    for clause in text.split(['.', ';', '\n', '。', '；']) {
        if others.iter().any(|other| clause.contains(other)) && words.iter().any(|word| clause.contains(word)) {
            return None;
        }
    }
    for word in words {
        for after in text.split(word).skip(1) {
            let after = after.trim_start_matches(|letter: char| " s$=:：是为取のofis".contains(letter));
            let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
            found.extend(digits.parse::<i64>().ok().filter(|stride| (1..=8).contains(stride)));
        }
    }
    found.sort_unstable();
    found.dedup();
    if let [stride] = found.as_slice() { Some(*stride) } else { None }
}

/// What an answer says of its signs in words: `$*$ denotes true convolution, $\star$ the correlation`. Of convolution alone, which many
/// books say of either, nothing is taken.
fn said_signs(text: &str) -> BTreeMap<String, Meaning> {
    let mut found = BTreeMap::new();
    // Signs that are called a convolution and no more; beside one for the correlation that is the true one.
    let mut called: Vec<String> = Vec::new();
    let pieces: Vec<&str> = text.split(['$', '`']).collect();
    for (formula, after) in pieces.iter().zip(pieces.iter().skip(1)) {
        // `$*$ is the true convolution`, `$z = w * x$ (true convolution)`
        let alone = is_sign(formula);
        let explained = !alone && after.trim_start().starts_with(['(', '（']);
        let sign = if alone { Some(*formula) } else { only_sign(formula).filter(|_| explained) };
        let Some(sign) = sign else { continue };
        // As far as the clause goes, the next sign excluded.
        let clause =
            after.split([',', '.', ';', '\n', '，', '。', '；', '、']).next().unwrap_or_default().to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| clause.contains(word));
        let verb = says(&["denote", "mean", "is ", "stand", "the ", "for ", "表示", "代表", "为", "是", "は"]);
        let correlation = says(&["correlation", "互相关", "相互相関", "kreuzkorrelation", "corrélation", "상호상관"]);
        let convolution = says(&[
            "true convolution",
            "mathematical convolution",
            "(mathematical) convolution",
            "strict convolution",
            "flipped convolution",
            "convolution with the flip",
            "reflects the kernel",
            "flips the kernel",
            "真正的卷积",
            "数学上的卷积",
            "数学意义上的卷积",
            "严格的卷积",
            "翻转卷积",
            "echte faltung",
        ]);
        let bare: String = sign.chars().filter(|letter| !"{} ".contains(*letter)).collect();
        let meaning = match (correlation, convolution) {
            (true, false) => Meaning::Correlation,
            (false, true) => Meaning::Convolution,
            _ => {
                called.extend((alone && verb && !correlation && says(&["convolution", "卷积"])).then_some(bare));
                continue;
            }
        };
        if let Some((sign, meaning)) = Meaning::of_sign(&format!("{bare}={}", meaning.word()))
            .filter(|_| if alone { verb } else { !says(&["not", "不", "非"]) })
        {
            found.entry(sign.to_string()).or_insert(meaning);
        }
    }
    if found.values().any(|meaning| *meaning == Meaning::Correlation) {
        for (sign, meaning) in called.iter().filter_map(|sign| Meaning::of_sign(&format!("{sign}=convolution"))) {
            found.entry(sign.to_string()).or_insert(meaning);
        }
    }
    found
}

/// Whether an answer says in words that it leaves activations out.
pub(super) fn ignores_activations(text: &str) -> bool {
    let text = text.to_lowercase();
    let says = [
        "忽略激活函数",
        "不考虑激活函数",
        "没有激活函数",
        "ignoring the activation",
        "ignore the activation",
        "no activation function",
        "without activation",
    ];
    says.iter().any(|words| text.contains(words))
}

/// Where an answer says in words that its indices start.
pub(super) fn said_base(text: &str) -> Option<i64> {
    let text = text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let zero = says(&[
        "0-based",
        "zero-based",
        "indices start at 0",
        "indices from 0",
        "下标从 0",
        "下标从0",
        "0 始まり",
        "0始まり",
    ]);
    let one = says(&[
        "1-based",
        "one-based",
        "indices start at 1",
        "indices from 1",
        "下标从 1",
        "下标从1",
        "1 始まり",
        "1始まり",
    ]);
    match (zero, one) {
        (true, false) => Some(0),
        (false, true) => Some(1),
        _ => None,
    }
}

/// The power of ten that a unit of numbers stands for.
pub(super) fn power_of_ten(unit: &str) -> Option<u32> {
    Some(match unit {
        "K" | "k" | "thousand" => 3,
        "万" => 4,
        "M" | "million" => 6,
        "億" | "亿" => 8,
        "G" | "B" | "billion" => 9,
        "T" => 12,
        _ => return None,
    })
}

/// The unit with which the text after a formula goes on, `≈ 231 $M`, and the power of ten that it stands for where it is no unit of memory.
pub(super) fn scale(after: &str) -> Option<Option<u32>> {
    const OF_MEMORY: [&str; 7] = ["KB", "kB", "MB", "GB", "KiB", "MiB", "GiB"];
    let word = after.trim_start_matches(['$', ' ']);
    let word: String = word.chars().take_while(|letter| letter.is_alphabetic()).collect();
    // Words are not parted in Chinese and Japanese.
    let first = word.chars().next().filter(|first| !first.is_ascii()).map(String::from);
    let power = power_of_ten(&word).or_else(|| power_of_ten(&first?));
    (power.is_some() || OF_MEMORY.contains(&word.as_str())).then_some(power)
}

/// The sign of a convolution or correlation in a formula that has one of them.
fn only_sign(formula: &str) -> Option<&'static str> {
    let signs = ["\\otimes", "\\ast", "\\star", "\\circledast", "*", "∗", "⋆", "⊗", "⊛"];
    let mut found = signs.into_iter().filter(|sign| formula.contains(*sign));
    // Prose has stars round words.
    found.next().filter(|_| found.next().is_none() && !formula.contains("**") && !formula.contains('\n'))
}

/// Whether a formula is nothing but a sign between terms.
pub(super) fn is_sign(formula: &str) -> bool {
    let inside =
        formula.trim_matches(['$', ' ', '\n', '{', '}']).trim_start_matches("\\(").trim_end_matches("\\)").trim();
    let bare: String = inside.replace("\\tilde", "").chars().filter(|letter| !"{} ~".contains(*letter)).collect();
    let signs = ["\\otimes", "\\ast", "\\star", "\\odot", "\\circledast", "\\times", "\\cdot", "\\bigodot"];
    signs.contains(&bare.as_str()) || ["*", "∗", "⋆", "★", "⊗", "⊙", "⊛", "×", "·"].contains(&bare.as_str())
}
