//! Equations between products of tensors by signs, such as commutativity.

use std::collections::{BTreeMap, BTreeSet};

use super::context::Context;
use super::letters;
use super::model::{Meaning, convolves, is_rotation, signs};
use super::prover::{self, Outcome};
use super::verdict::{Class, Evidence, Finding, Text, Verdict};
use crate::homework::formula::*;
use crate::homework::print;

/// `W ⊗~ X = X ⊗~ W`: tensors of their own, joined by signs.
pub(super) fn identity(left: &Expr, right: &Expr, context: Context) -> Option<Finding> {
    let Context { model, options, .. } = context;
    let signs: BTreeSet<Sign> = signs(left).union(&signs(right)).copied().collect();
    if signs.is_empty() {
        return None;
    }
    // `z = a * W` says what z is.
    let alone = |side: &Expr, other: &Expr| {
        side.as_name().is_some_and(|name| !other.any(&mut |part| part.as_name() == Some(name)))
    };
    if let Some(name) = [(left, right), (right, left)].into_iter().find(|(side, other)| alone(side, other)) {
        return Some(Finding::defines(name.0));
    }
    // A narrow product has the sizes of its operands in their order; in the same order they are as good as wide.
    let narrow = |side: &Expr| {
        side.any(&mut |part| matches!(&part.kind, Kind::Product(factors) if factors.iter().any(|(sign, _)| convolves(sign) && !as_wide(sign))))
    };
    if (narrow(left) || narrow(right)) && operands(left).zip(operands(right)).is_none_or(|(a, b)| a != b) {
        return None;
    }
    // Each sign has one meaning throughout; where that does not show, each is tried.
    let mut readings: Vec<Meanings> = vec![Meanings::new()];
    for sign in &signs {
        let shown = model.meanings(*sign);
        // What the layer does is not what a sign means that the layer does not show.
        let own: Vec<Meaning> = match shown.is_empty() {
            true => vec![Meaning::Correlation, Meaning::Convolution],
            false => shown.into_iter().collect(),
        };
        let with = |reading: Meanings| {
            own.iter().map(move |meaning| {
                let mut reading = reading.clone();
                reading.insert(*sign, *meaning);
                reading
            })
        };
        readings = readings.into_iter().flat_map(with).collect();
    }
    let kernels_last = &model.kernels_last;
    let mut names: Vec<String> = Vec::new();
    let mut outcomes = Vec::new();
    for reading in &readings {
        let a = plain(left, reading, kernels_last, &mut names)?;
        let b = plain(right, reading, kernels_last, &mut names)?;
        let mut prelude = String::from("use std\n");
        for number in 0..names.len() {
            prelude.push_str(&format!("size a{number}, b{number}\ntensor T{number}[1..a{number}, 1..b{number}]\n"));
        }
        prelude.push_str(
            "def convolved(A[1..a, 1..b], B[1..c, 1..d])[i in 1..a+c-1, j in 1..b+d-1] = sum(u in 1..a, v in 1..b) A[u, v] B[i+1-u, j+1-v]\n",
        );
        outcomes.push((reading.clone(), prover::statement(&format!("{a} = {b}"), &prelude, options)));
    }
    let right_ones: Vec<&Meanings> =
        outcomes.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Proved)).map(|(reading, _)| reading).collect();
    // A sign whose meaning does not show is likely to be what the layer does.
    let as_the_layer = |reading: &&Meanings| reading.values().all(|meaning| Some(*meaning) == model.shown_layer());
    // `W ⊗ X = rot180(W) * X` says what a sign is of which nothing else is said.
    let apart = super::model::signs(left).is_disjoint(&super::model::signs(right));
    let relates = apart && signs.iter().any(|sign| model.meanings(*sign).is_empty()) && !right_ones.is_empty();
    if right_ones.len() == outcomes.len() || right_ones.iter().any(as_the_layer) || relates {
        return Some(Finding::remark(Text::new("proved for all sizes", "对所有尺寸已证明")));
    }
    let (usual, example) = outcomes.iter().find_map(|(reading, outcome)| match outcome {
        Outcome::Refuted(example) => Some((reading, example.clone())),
        _ => None,
    })?;
    let letters = |verb: &str, comma: &str| -> String {
        let letters = names.iter().enumerate().map(|(number, name)| format!("T{number}{verb}{name}"));
        letters.collect::<Vec<String>>().join(comma)
    };
    let (letters, letters_zh) = (letters(" is ", ", "), letters(" 即 ", "，"));
    let ((wrong, wrong_zh), shown) = (words(usual), right_ones.first().map(|reading| words(reading)));
    if let Some((right, right_zh)) = shown {
        return Some(Finding::new(
            Verdict::Ambiguous,
            &[Class::Convention],
            Text::new(
                format!("right if {right}, wrong if {wrong}; in the example {letters}"),
                format!("若{right_zh}则成立，若{wrong_zh}则不成立；例中 {letters_zh}"),
            ),
            Evidence::Counterexample(example),
        ));
    }
    let flipped = |side: &Expr| -> Expr {
        letters::map(side, &mut |part| {
            let Kind::Product(factors) = &part.kind else { return None };
            let factors = factors
                .iter()
                .enumerate()
                .map(|(number, (sign, factor))| {
                    let rotation = Expr::new(Kind::Name(Name::plain("rot180")), factor.span);
                    let turned = Expr::new(Kind::Call(Box::new(rotation), vec![factor.clone()]), factor.span);
                    (sign.clone(), if number == 0 { turned } else { factor.clone() })
                })
                .collect();
            Some(Expr::new(Kind::Product(factors), part.span))
        })
    };
    let mut finding = Finding::new(
        Verdict::Wrong,
        &[Class::Flip],
        Text::new(
            format!("false where {wrong}; in the example {letters}"),
            format!("{wrong_zh}时不成立；例中 {letters_zh}"),
        ),
        Evidence::Counterexample(example),
    );
    let (a, b) = (flipped(left), flipped(right));
    let mut again = Vec::new();
    if let Some(x) = plain(&a, usual, kernels_last, &mut again) {
        let y = plain(&b, usual, kernels_last, &mut again)?;
        let mut prelude = String::from("use std\n");
        for number in 0..again.len() {
            prelude.push_str(&format!("size a{number}, b{number}\ntensor T{number}[1..a{number}, 1..b{number}]\n"));
        }
        if matches!(prover::statement(&format!("{x} = {y}"), &prelude, options), Outcome::Proved) {
            finding = finding.with_repair(format!("{} = {}", print::expr(&a), print::expr(&b)));
        }
    }
    Some(finding)
}

/// `W ⊗ X + b = Σ_d W^d ⊗ X^d + b`: the same formula, with a sum over a channel that some of its tensors are numbered by.
pub(super) fn by_channels(left: &Expr, right: &Expr) -> bool {
    let mut letters: Vec<String> = Vec::new();
    let mut products = 0;
    let merged = letters::map(right, &mut |part| {
        let Kind::Big(Big::Sum, binders, Some(body)) = &part.kind else { return None };
        let [Binder::Letter { letter, .. }] = binders.as_slice() else { return None };
        let letter = print::expr(letter);
        let mut numbered = 0;
        let body = letters::map(body, &mut |part| {
            let name = part.as_name()?;
            let parts: Vec<&str> = name.layer.split(',').collect();
            let kept: Vec<&str> = parts.iter().copied().filter(|part| *part != letter).collect();
            numbered += parts.len() - kept.len();
            Some(Expr::new(Kind::Name(Name { layer: kept.join(","), ..name.clone() }), part.span))
        });
        products += usize::from(numbered == 2 && !signs(&body).is_empty());
        letters.push(letter);
        Some(body)
    });
    let plain = |side: &Expr| print::expr(side).replace(['(', ')'], "");
    letters.len() == 1 && products == 1 && plain(left) == plain(&merged)
}

/// What each sign means.
type Meanings = BTreeMap<Sign, Meaning>;

/// The meanings of signs in words, in both languages.
fn words(reading: &Meanings) -> (String, String) {
    let say = |(sign, meaning): (&Sign, &Meaning)| {
        let sign = super::model::sign_text(*sign);
        let (word, zh) = match meaning {
            Meaning::Correlation => ("correlation", "互相关"),
            Meaning::Convolution => ("true convolution", "真卷积"),
        };
        (format!("{sign} is a {word}"), format!(" {sign} 是{zh}"))
    };
    let (english, chinese): (Vec<String>, Vec<String>) = reading.iter().map(say).unzip();
    (english.join(" and "), chinese.join("且"))
}

/// Whether a sign is read as a wide product in an identity.
fn as_wide(operator: &Operator) -> bool {
    operator.tilde || operator.mode == "full" || operator.sign == Sign::Star
}

/// The names of the two operands, turned or not.
fn operands(side: &Expr) -> Option<(String, String)> {
    let name = |side: &Expr| match &side.kind {
        Kind::Call(function, inside) if function.as_name().is_some_and(is_rotation) => {
            inside.first()?.as_name().map(print::name)
        }
        _ => side.as_name().map(print::name),
    };
    let Kind::Product(factors) = &side.kind else { return None };
    let [(_, a), (_, b)] = factors.as_slice() else { return None };
    Some((name(a)?, name(b)?))
}

/// A side made of wide products and rotations of named tensors.
fn plain(side: &Expr, meanings: &Meanings, kernels_last: &BTreeSet<Sign>, names: &mut Vec<String>) -> Option<String> {
    match &side.kind {
        Kind::Name(name) => {
            let text = print::name(name);
            let number = names.iter().position(|other| *other == text).unwrap_or_else(|| {
                names.push(text);
                names.len() - 1
            });
            Some(format!("T{number}"))
        }
        Kind::Parens(_, parts) => {
            parts.first().filter(|_| parts.len() == 1).and_then(|only| plain(only, meanings, kernels_last, names))
        }
        Kind::Call(function, arguments) if function.as_name().is_some_and(is_rotation) => {
            let [argument] = arguments.as_slice() else { return None };
            Some(format!("rot180({})", plain(argument, meanings, kernels_last, names)?))
        }
        Kind::Product(factors) => {
            let [(_, a), (operator, b)] = factors.as_slice() else { return None };
            if !convolves(operator) {
                return None;
            }
            let second = kernels_last.contains(&operator.sign);
            let (a, b) = (plain(a, meanings, kernels_last, names)?, plain(b, meanings, kernels_last, names)?);
            Some(match meanings.get(&operator.sign)? {
                // The kernel slides over the other one.
                Meaning::Correlation if second => format!("wide({b}, {a})"),
                Meaning::Correlation => format!("wide({a}, {b})"),
                Meaning::Convolution => format!("convolved({a}, {b})"),
            })
        }
        _ => None,
    }
}
