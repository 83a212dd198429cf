//! What the reader and the prover say, in Chinese: a phrase book. Both of them speak English, and an answer is marked in its own language.

/// Phrases with `{}` where something of the answer stands, in the same order in both languages. The first that fits is taken.
const PHRASES: &[(&str, &str)] = &[
    // The reader: why a formula cannot be read.
    ("the command `{}` is not known", "不认识命令 `{}`"),
    ("the environment `{}` is not known", "不认识环境 `{}`"),
    ("`\\begin{{}}` is closed by `\\end{{}}`", "`\\begin{{}}` 却以 `\\end{{}}` 结束"),
    ("`{}` is not closed", "`{}` 没有闭合"),
    ("`{}` and `{}` do not belong together", "`{}` 与 `{}` 不配对"),
    ("`{}` cannot be read here", "`{}` 在此无法读取"),
    ("`{}` cannot stand here{}", "`{}` 不能出现在这里"),
    ("a factor is missing before `{}`", "`{}` 前缺少因子"),
    ("a factor is missing before this sign", "此运算符前缺少因子"),
    ("a power has no base", "乘方没有底数"),
    ("a sign ± has no single meaning", "± 没有唯一的含义"),
    ("something is missing here", "此处缺少内容"),
    ("there is no formula here", "此处没有公式"),
    ("this environment is empty", "此环境为空"),
    ("this group is empty", "此花括号为空"),
    ("an index with a condition in words is not read; give its bounds", "不读取用文字描述的下标条件；请写出上下限"),
    ("a sum runs over letters; this is none", "求和变量应是字母，此处不是"),
    ("a sum has two lower or two upper parts", "求和有两个下限或两个上限"),
    ("the ends of this sum stand the other way round", "求和的上下限写反了"),
    ("a range has one first value and one last", "范围只有一个起点和一个终点"),
    ("a range follows a letter and `=`", "范围应写在字母和 `=` 之后"),
    ("a last value stands without a letter", "有上限却没有求和变量"),
    ("nothing says by which letter this is integrated", "没有写明积分变量"),
    ("an accent over more than one name has no meaning here", "一个记号罩在几个名称上，在此没有含义"),
    ("this superscript stands at what is no name", "此上标不在名称上"),
    ("a superscript with several parts stands at what is no name", "含几部分的上标不在名称上"),
    ("a prime stands after what is no name", "撇号前不是名称"),
    ("a number has no subscript", "数没有下标"),
    ("a percent sign stands after another", "百分号连写"),
    ("a rotation has no argument", "翻转没有写明作用于什么"),
    ("a case begins with its value", "分段情形应先写值"),
    ("an entry of a matrix is one formula", "矩阵的一个元素应是一个公式"),
    ("one value must stand on each side of `\\over`", "`\\over` 两侧各应有一个值"),
    ("rows that only align stand within a formula", "公式之中出现了只用于对齐的环境"),
    ("{} holds one formula", "{} 中应只有一个公式"),
    ("the formula ends here{}", "公式在此中断"),
    ("this formula is longer than {} bytes", "公式过长（超过 {} 字节）"),
    ("this number has more than {} digits", "数过长（超过 {} 位）"),
    ("the text is longer than {} bytes; the rest is not read", "文本超过 {} 字节，其余部分未读取"),
    ("brackets and sums are nested more than {} deep", "括号与求和嵌套超过 {} 层"),
    ("environments are nested more than {} deep", "环境嵌套超过 {} 层"),
    ("more than {} powers stand in a row", "连写的乘方超过 {} 个"),
    ("more than {} superscripts stand at one name", "一个名称上的上标超过 {} 个"),
    ("more than {} prefixes stand in a row", "连写的前缀超过 {} 个"),
    ("the reader could not work on this text", "阅读程序无法处理这段文本"),
    // Files.
    ("line {} is not UTF-8 text", "第 {} 行不是 UTF-8 文本"),
    ("the file is larger than {} MB", "文件超过 {} MB"),
    ("there is no such file or folder", "没有这个文件或文件夹"),
    ("the folder is too deep", "文件夹嵌套过深"),
    ("files of this kind are not read: save it as text ({})", "不读取此类文件，请另存为文本（{}）"),
    // The reader: what is no term of the prover.
    ("a comparison or a bracket without a value", "没有值的比较或括号"),
    ("a comparison without a left side", "没有左边的比较"),
    ("a comparison without a right side", "没有右边的比较"),
    ("a derivative by a whole tensor", "对整个张量求导"),
    ("a derivative by what is no entry", "对并非元素的对象求导"),
    ("a derivative of nothing", "没有写明对什么求导"),
    ("a distinction of cases", "分段情形"),
    ("a gradient by what is no entry", "对并非元素的对象求梯度"),
    ("a gradient by what is no tensor", "对并非张量的对象求梯度"),
    ("a gradient of nothing", "没有写明求什么的梯度"),
    ("a list of values", "一列值"),
    ("a product of so many operations", "运算过多的乘积"),
    ("a product, an integral or a minimum over letters", "对字母的连乘、积分或最小值"),
    ("a range with one end", "只有一端的范围"),
    ("a set that is no interval", "并非区间的集合"),
    ("a sign without a left side", "没有左边的运算符"),
    ("a sum over what is no letter", "求和变量不是字母"),
    ("a sum without letters or without a body", "没有求和变量或没有内容的求和"),
    ("a value of which nothing is said", "没有说明的值"),
    ("an empty product", "空的乘积"),
    ("infinity as a value", "以无穷为值"),
    ("this relation compares no values", "此关系并不比较值"),
    // The grader, on behalf of the prover.
    ("what its sign joins is not written out", "运算符所连接的内容没有展开写出"),
    ("what {} is made of is not said", "没有说明 {} 由什么构成"),
    ("one side speaks of {}, and it is not said what it is the size of", "一边出现了 {}，但没有说明它是什么的尺寸"),
    ("where {} runs is not said", "没有说明 {} 的范围"),
    ("{} may be the number of the terms of a sum, which is not said", "{} 可能是求和的项数，但没有说明"),
    ("the answer holds more claims than are decided in one", "答案中的等式过多，超过一份答案判定的数目"),
    ("prover and cross-check disagree", "证明与数值核对的结果不一致"),
    ("the claim has no meaning", "此式没有含义"),
    // The prover: statements without a meaning.
    ("the function {} stands without an argument", "函数 {} 没有写自变量"),
    ("the letter {} is already in use here", "字母 {} 在此处已有他用"),
    ("{} is not declared", "没有说明 {} 是什么"),
    ("{} is a size or an integer parameter and cannot be an index as well", "{} 是尺寸或整数，不能同时作下标"),
    ("{} is a tensor, not a function", "{} 是张量，不是函数"),
    ("{} is an integer, not a function", "{} 是整数，不是函数"),
    ("{} is a tensor and cannot be a size", "{} 是张量，不能作尺寸"),
    ("an integer is needed here, and this is a tensor", "此处应为整数，写的却是张量"),
    ("an integer is needed here, and this is a scalar", "此处应为整数，写的却是标量"),
    ("an integer is needed here, and this is {}", "此处应为整数，写的却是 {}"),
    ("a scalar is needed here, and this is a tensor", "此处应为标量，写的却是张量"),
    ("{} needs a tensor with {} axes here, and this one has {}", "{} 需要 {} 个轴的张量，此处的有 {} 个"),
    ("{} needs a tensor with a box here, and this one has none", "{} 需要尺寸已知的张量，此处的尺寸未知"),
    ("{} needs a tensor here, and this is {}", "{} 需要张量，此处不是（{}）"),
    ("{} needs {}, here {}, which is not known", "{} 要求 {}，此处即 {}，但无从得知"),
    ("{} takes {}, and {} are given", "{} 的自变量数目不对（应为 {}，写了 {}）"),
    ("{} stands without its arguments", "{} 没有写自变量"),
    ("{} of nothing", "{} 没有写作用于什么"),
    ("{} depends on itself", "{} 依赖于自身"),
    ("a scalar has no subscripts", "标量没有下标"),
    ("an integer has no subscripts", "整数没有下标"),
    ("{} has no subscripts", "{} 没有下标"),
    ("{} has {} subscripts, and {} are given", "{} 有 {} 个下标，写了 {} 个"),
    ("{} has {} indices, and {} are given", "{} 有 {} 个下标，写了 {} 个"),
    ("{} has {} index, and {} are given", "{} 有 {} 个下标，写了 {} 个"),
    ("{} has {} subscript, and {} are given", "{} 有 {} 个下标，写了 {} 个"),
    ("two tensors stand side by side without indices", "两个张量并排书写而没有下标"),
    ("tensors with different boxes are added: [{}] and [{}]", "相加的张量尺寸不同：[{}] 与 [{}]"),
    ("only tensors with the same box can be added without indices", "只有尺寸相同的张量才能不写下标地相加"),
    ("one side is a tensor, the other is a scalar", "一边是张量，另一边是标量"),
    ("one side is a tensor, the other is an integer", "一边是张量，另一边是整数"),
    ("one side is a tensor, the other is {}", "一边是张量，另一边不是（{}）"),
    ("an integer is added to a tensor", "整数与张量相加"),
    ("a scalar is added to a tensor", "标量与张量相加"),
    ("{} is added to a tensor", "{} 与张量相加"),
    ("the left side has {} axes and the right side {}", "左边有 {} 个轴，右边有 {} 个"),
    ("a tensor cannot be a divisor", "张量不能作除数"),
    ("a tensor has no powers", "张量没有乘方"),
    ("tensors have no order", "张量不能比较大小"),
    ("division by zero", "除以零"),
    ("an exponent must be a numeral from 0 to {}", "指数应为 0 到 {} 的整数"),
    ("a remainder of a quotient has no meaning here", "此处商的余数没有含义"),
    ("mod takes integers on both sides", "取模的两边都应为整数"),
    ("a quotient of integers is written floor(a / b) or ceil(a / b)", "整数相除应写明向下或向上取整"),
    ("nothing bounds the summation letter {}", "求和变量 {} 没有范围"),
    (
        "nothing bounds {}: neither a range nor the box of a factor",
        "{} 没有范围：既没有写上下限，也没有因子的尺寸来限定",
    ),
    ("an index of this tensor has no range ({})", "张量的下标没有范围（{}）"),
    ("the range of {} may be empty, and then there is no maximum", "{} 的范围可能为空，那时没有最大值"),
    ("a maximum needs a range for {}", "最大值需要写明 {} 的范围"),
    ("a maximum or minimum of more than {} terms is not read", "不读取超过 {} 项的最大值或最小值"),
    ("this range has its infinite end on the wrong side", "范围的无穷一端写反了"),
    ("the divisor {} is not known to be at least 1", "无从得知除数 {} 至少为 1"),
    ("the size {} cannot be read off the boxes of {}", "尺寸 {} 无法由 {} 的尺寸得出"),
    ("the free index {} does not occur in the claim", "自由下标 {} 没有出现在式中"),
    ("this integer term is too large when multiplied out", "此整数式展开后过大"),
    ("this product has no factors", "此乘积没有因子"),
    ("this derivative is given twice", "此导数给出了两次"),
    ("of entries and other scalars only !=, < and > can be assumed", "对元素等标量只能假设 ≠、< 或 >"),
    ("{} is an integer; a gradient is by a tensor or a scalar", "{} 是整数；梯度应对张量或标量来求"),
    (
        "{} stands for what it is made of here, and a derivative by it needs a variable",
        "{} 在此由其他量构成，对它求导需要把它看作变量",
    ),
    ("{} letters are in use at one place, and at most {} are read", "一处用了 {} 个字母，至多读取 {} 个"),
    // The prover: why a claim stays open.
    ("no pairing of the remaining terms was found", "剩余各项没有找到对应关系"),
    ("the terms agree one by one, but the two sums could not be brought together", "各项逐一相符，但两个求和未能统一"),
    ("the condition does not follow by the arithmetic that is tried", "条件无法由所尝试的算术推出"),
    ("the two boxes could not be shown equal", "未能证明两边的尺寸相同"),
    ("the two sides have axes of different ranks", "两边各轴的维数不同"),
    ("the kernel refused the proof that was found: {}", "找到的证明没有通过核心的检验：{}"),
    ("step {} of the explanation could not be carried out by the kernel's laws", "推导的第 {} 步未能用核心的定律完成"),
    ("the search brings both sides together, but by more than {} steps", "两边可以统一，但步数超过 {}"),
    ("the search did not start", "证明没有开始"),
    ("the search stopped: its rounds are used up", "搜索的轮数已用尽"),
    ("the search stopped: {}", "搜索停止：{}"),
    ("the finder's moves could not be carried out", "找到的变换未能完成"),
    ("the time limit, a safety net, was reached", "达到了时间上限"),
    ("its terms grow too large", "其中的项过大"),
    ("{} e-nodes are used up", "{} 个节点已用尽"),
    ("{} iterations are used up", "{} 轮已用尽"),
    ("nothing new to add", "没有新的等式可加"),
    (
        "a derivative hides whether the claim fails for what let makes {} of",
        "求导使得无从判断此式对 {} 的构成是否不成立",
    ),
    ("any tensor is meant by {}, as a gradient by it asks for", "对 {} 求梯度时，它代表任意张量"),
    ("a maximum is not differentiable where two values are equal", "两个值相等时最大值不可导"),
];

/// A sentence of the reader or the prover in Chinese; where the phrase book has none, the sentence itself, quoted.
pub(super) fn translated(english: &str) -> String {
    let parts: Vec<String> = english
        .split("; any tensor")
        .enumerate()
        .map(|(number, part)| {
            let part = if number == 0 { part.to_string() } else { format!("any tensor{part}") };
            phrase(&part)
        })
        .collect();
    parts.join("；")
}

fn phrase(english: &str) -> String {
    let found = PHRASES.iter().find_map(|(pattern, chinese)| Some((chinese, holes(pattern, english)?)));
    let Some((chinese, fillings)) = found else { return format!("“{english}”（英文）") };
    let mut fillings = fillings.into_iter();
    let mut text = String::new();
    let mut parts = chinese.split("{}");
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let filling = fillings.next().unwrap_or_default();
        // A phrase may hold another, as `the search stopped: …` does.
        match PHRASES.iter().any(|(pattern, _)| holes(pattern, filling).is_some()) {
            true => text.push_str(&phrase(filling)),
            false => text.push_str(filling),
        }
        text.push_str(part);
    }
    text
}

/// What stands for each `{}` of a pattern in a text that fits it.
fn holes<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut parts = pattern.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let parts: Vec<&str> = parts.collect();
    let mut found = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let last = number + 1 == parts.len();
        let end = match part.is_empty() {
            true if last => rest.len(),
            // Two holes with nothing between them cannot be told apart.
            true => return None,
            false if last => rest.len().checked_sub(part.len()).filter(|_| rest.ends_with(part))?,
            false => rest.find(part)?,
        };
        found.push(rest.get(..end)?);
        rest = rest.get(end + part.len()..)?;
    }
    rest.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::{PHRASES, holes, translated};

    #[test]
    fn phrases_have_the_same_holes_in_both_languages() {
        for (english, chinese) in PHRASES {
            // A hole at the end may stand for what is left out.
            let (said, meant) = (english.matches("{}").count(), chinese.matches("{}").count());
            assert!(said == meant || english.ends_with("{}") && said == meant + 1, "{english}: {chinese}");
            assert!(english.is_ascii() || english.contains(['±']), "{english}");
        }
    }

    #[test]
    fn an_earlier_phrase_hides_no_later_one() {
        for (number, (english, _)) in PHRASES.iter().enumerate() {
            let sample = english.replace("{}", "A");
            let first = PHRASES.iter().position(|(pattern, _)| holes(pattern, &sample).is_some());
            assert_eq!(first, Some(number), "{english}");
        }
    }

    #[test]
    fn names_are_kept_and_unknown_sentences_are_quoted() {
        assert_eq!(translated("what z^(l+1) is made of is not said"), "没有说明 z^(l+1) 由什么构成");
        assert_eq!(translated("the search stopped: 500 iterations are used up"), "搜索停止：500 轮已用尽");
        assert_eq!(translated("a sentence of tomorrow"), "“a sentence of tomorrow”（英文）");
    }
}
