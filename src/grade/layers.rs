//! Formulas between whole tensors, as backpropagation has them: `δ^l = δ^{l+1} * rot180(W^{l+1}) ⊙ σ'(z^l)`.
//!
//! The first side of a chain says which gradient is meant; each further side is turned into a term over the tensors of one layer and
//! compared with the gradient by the prover, under every meaning that the signs may have.

mod repairs;
mod terms;

use std::collections::BTreeMap;

use repairs::repaired;
use terms::{INPUT, KERNEL, Maker, PRELUDE};

use super::context::Context;
use super::model::{Meaning, Model, Role, convolves, is_padding, is_rotation, layer, signs};
use super::options::Options;
use super::prover::{self, Outcome};
use super::verdict::{Class, Evidence, Finding, Text, Verdict};
use super::{channels, dense, letters, other_layers};
use crate::homework::formula::*;
use crate::homework::print;

/// A gradient that the first side of a chain names.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub kind: TargetKind,
    /// The layer of what is derived by, relative.
    pub layer: Option<i64>,
    /// The layer as it is written, for the chain rule.
    pub by: Name,
    /// The subscripts, where the gradient of an entry is meant.
    pub at: Vec<Expr>,
}

/// The kinds of gradients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TargetKind {
    /// By the output before the activation of the layer below.
    Delta,
    /// By the input of a layer.
    Input,
    /// By the weights.
    Weight,
    /// By the bias.
    Bias,
    /// No gradient: the output of the layer itself.
    Forward,
}

/// What the first side of a chain names.
pub(super) fn target(side: &Expr, model: &Model) -> Option<Target> {
    let made =
        |kind, name: &Name, at: &[Expr]| Some(Target { kind, layer: layer(name), by: name.clone(), at: at.to_vec() });
    let by_role = |name: &Name, at: &[Expr]| match model.role(name)? {
        Role::Weight => made(TargetKind::Weight, name, at),
        Role::Bias => made(TargetKind::Bias, name, at),
        Role::Activation => made(TargetKind::Input, name, at),
        Role::Output => made(TargetKind::Delta, name, at),
        Role::Delta => None,
    };
    match &side.kind {
        Kind::Name(name) => match model.role(name) {
            Some(Role::Delta) => made(TargetKind::Delta, name, &[]),
            _ => {
                // `dW`, `db`, `dA`
                let inner = name.base.strip_prefix('d').or_else(|| name.base.strip_prefix('∇'))?;
                let inner = Name { base: inner.to_string(), ..name.clone() };
                (!inner.base.is_empty()).then(|| by_role(&inner, &[])).flatten()
            }
        },
        // `(δ^l)_{u,v}`
        Kind::Entry(base, at) => match &unwrapped(base).kind {
            Kind::Name(name) if model.role(name) == Some(Role::Delta) => made(TargetKind::Delta, name, at),
            Kind::Name(name) => {
                let inner = name.base.strip_prefix('d').filter(|inner| !inner.is_empty())?;
                by_role(&Name { base: inner.to_string(), ..name.clone() }, at)
            }
            _ => None,
        },
        Kind::Derivative(Some(of), by) if is_loss(of) => match &by.kind {
            Kind::Name(name) => by_role(name, &[]),
            Kind::Entry(base, at) => by_role(base.as_name()?, at),
            _ => None,
        },
        Kind::Gradient(Some(by), _) | Kind::Gradient(None, Some(by)) => match &by.kind {
            Kind::Name(name) => by_role(name, &[]),
            Kind::Entry(base, at) => by_role(base.as_name()?, at),
            _ => None,
        },
        _ => None,
    }
}

/// What stands in a bracket, or in brackets in brackets.
fn unwrapped(side: &Expr) -> &Expr {
    match &side.kind {
        Kind::Parens(_, parts) if parts.len() == 1 => parts.first().map_or(side, unwrapped),
        _ => side,
    }
}

/// Whether something is called as losses are.
pub(super) fn is_loss(of: &Expr) -> bool {
    of.is_loss()
}

/// `∂L/∂a ⊙ σ'(z)` with the output z whose activation is a: the gradient by z. The name of z.
pub(super) fn passed_back<'a>(expr: &'a Expr, model: &Model) -> Option<&'a Name> {
    let mut expr = expr;
    while let Kind::Parens(_, parts) = &expr.kind {
        expr = parts.first().filter(|_| parts.len() == 1)?;
    }
    let Kind::Product(factors) = &expr.kind else { return None };
    let [(_, first), (sign, second)] = factors.as_slice() else { return None };
    if convolves(sign) && (sign.sign != Sign::Star || !sign.mode.is_empty()) {
        return None;
    }
    let loss = |side: &Expr| match &side.kind {
        Kind::Derivative(Some(of), by) if is_loss(of) => {
            by.as_name().filter(|name| model.role(name) == Some(Role::Activation)).cloned()
        }
        // `∇_a C` by the activations of the layer that the slope speaks of.
        Kind::Gradient(Some(by), Some(of)) if is_loss(of) => {
            by.as_name().filter(|name| model.role(name) == Some(Role::Activation) || name.base == "a").cloned()
        }
        _ => None,
    };
    let slope = |side: &'a Expr| match &side.kind {
        Kind::Call(function, arguments) if function.as_name().is_some_and(|name| name.primes > 0) => {
            let [argument] = arguments.as_slice() else { return None };
            argument.as_name().filter(|name| model.role(name) == Some(Role::Output))
        }
        _ => None,
    };
    let (by, output) = loss(first).zip(slope(second)).or_else(|| loss(second).zip(slope(first)))?;
    (by.layer.is_empty() || layer(&by) == layer(output)).then_some(output)
}

/// A gradient that a part names: its role is that of [`Role::Delta`].
pub(super) fn names_delta(expr: &Expr, model: &Model) -> Option<Name> {
    match &expr.kind {
        Kind::Name(name) if model.role(name) == Some(Role::Delta) => Some(name.clone()),
        Kind::Entry(base, _) => names_delta(base, model),
        Kind::Parens(_, parts) => parts.first().filter(|_| parts.len() == 1).and_then(|only| names_delta(only, model)),
        Kind::Derivative(Some(of), by) | Kind::Gradient(Some(by), Some(of)) if is_loss(of) => {
            let name = by.root()?;
            (model.role(name) == Some(Role::Output)).then(|| name.clone())
        }
        _ => None,
    }
}

/// A gradient to whose right side no gradient contributes, where every name there is known.
pub(super) fn without_gradient(target: &Target, side: &Expr, model: &Model) -> Option<Finding> {
    if !matches!(target.kind, TargetKind::Delta | TargetKind::Input | TargetKind::Weight) {
        return None;
    }
    let mut tensors = 0;
    let mut open = false;
    fn walk(side: &Expr, model: &Model, tensors: &mut usize, open: &mut bool) {
        match &side.kind {
            Kind::Name(name) => match model.role(name) {
                Some(Role::Weight | Role::Activation | Role::Output) => *tensors += 1,
                _ => *open = true,
            },
            Kind::Call(function, arguments) => {
                let known = function.as_name().is_some_and(|name| {
                    let word = name.base.to_lowercase();
                    is_rotation(name) || name.primes > 0 || word.starts_with("up") && word.len() > 1
                });
                *open |= !known;
                arguments.iter().for_each(|part| walk(part, model, tensors, open));
            }
            Kind::Entry(base, _) => walk(base, model, tensors, open),
            Kind::Product(factors) => factors.iter().for_each(|(_, factor)| walk(factor, model, tensors, open)),
            Kind::Parens(_, parts) if parts.len() == 1 => {
                parts.iter().for_each(|part| walk(part, model, tensors, open))
            }
            Kind::Transpose(inner) => walk(inner, model, tensors, open),
            Kind::Big(Big::Sum, _, Some(body)) => walk(body, model, tensors, open),
            _ => *open = true,
        }
    }
    walk(side, model, &mut tensors, &mut open);
    (!open && tensors > 0).then(no_gradient)
}

fn no_gradient() -> Finding {
    let argument = Text::new(
        "the left side doubles when the loss is doubled, and nothing on the right does: the gradient that comes from above is missing",
        "损失加倍时左边加倍，而右边不变：缺少上一层传来的梯度 δ",
    );
    Finding::argued(Verdict::Wrong, Class::Operand, argument)
}

/// What a formula of a layer came to under one meaning of its signs.
enum Fits {
    Right,
    Wrong(Finding),
    Open(Text),
}

/// Judges a side of a chain whose first side is a gradient; `None` where it is not of that kind.
pub(super) fn formula(target: &Target, side: &Expr, context: Context) -> Option<Finding> {
    let Context { model, symbols, options, .. } = context;
    if let Some(finding) = dense::whole(target, side, model).or_else(|| dense::entries(target, side, model, symbols)) {
        return Some(finding);
    }
    if let Some(finding) = other_layers::pooling(target, side, model) {
        return Some(finding);
    }
    let (side, given) = &spelt(side);
    let signs = signs(side);
    if signs.is_empty() || target.kind == TargetKind::Bias {
        return None;
    }
    // `∂L/∂w_{ij} = δ_{ij} * x_{ij}`: entries at one place are multiplied.
    let entries = |side: &Expr| {
        side.any(&mut |part| matches!(&part.kind, Kind::Product(factors) if factors.len() > 1 && factors.iter().all(|(operator, factor)| {
            operator.mode.is_empty() && !operator.tilde && matches!(&factor.kind, Kind::Entry(base, at) if base.as_name().is_some() && *at == target.at)
        })))
    };
    if !target.at.is_empty() && entries(side) {
        return None;
    }
    let sign = *signs.first()?;
    let shown = model.meanings(sign);
    // A function of MATLAB convolves; notes call the operation of their layer by its name all the same. It is right where one reading
    // is, and no more is said.
    if let Some(given) = given {
        let map: BTreeMap<Sign, Meaning> = signs.iter().map(|sign| (*sign, *given)).collect();
        let fits = [*given, other(*given)]
            .into_iter()
            .any(|layer| matches!(under(target, side, model, &map, layer, options), Fits::Right));
        return Some(if fits {
            Finding::remark(Text::new(
                "the gradient of the layer, as its function computes it",
                "按该函数的含义与该层的梯度一致",
            ))
        } else {
            Finding::undecided(Text::new("what the function computes is not said", "没有说明该函数的含义"))
        });
    }
    let meanings: Vec<Meaning> = if shown.is_empty() {
        vec![model.layer_meaning(), other(model.layer_meaning())]
    } else {
        shown.iter().copied().collect()
    };
    let mut judged: Vec<(Meaning, Fits)> = Vec::new();
    for meaning in &meanings {
        let map: BTreeMap<Sign, Meaning> = signs.iter().map(|sign| (*sign, *meaning)).collect();
        // Where the layer is written with the same sign, it computes what that means.
        let linked = model.layer_by_sign(&signs, *meaning).filter(|_| model.shown_layer().is_none());
        let fits = under(target, side, model, &map, linked.unwrap_or(model.layer_meaning()), options);
        // Where nothing shows what the layer computes, it may compute what its sign means.
        let free = linked.is_none()
            && model.shown_layer().is_none()
            && *meaning != model.layer_meaning()
            && !matches!(fits, Fits::Right);
        let fits = if free { under(target, side, model, &map, *meaning, options) } else { fits };
        judged.push((*meaning, fits));
    }
    let right: Vec<Meaning> =
        judged.iter().filter(|(_, fits)| matches!(fits, Fits::Right)).map(|(meaning, _)| *meaning).collect();
    let text = super::model::sign_text(sign);
    if let Some(meaning) = right.first() {
        let all = right.len() == judged.len();
        let usual = shown.is_empty() && *meaning == model.layer_meaning();
        if all || usual {
            return Some(Finding::remark(Text::new(
                format!("the gradient of the layer ({text} means {})", meaning.word()),
                format!("与该层的梯度一致（{text} 表示{}）", super::model::chinese(*meaning)),
            )));
        }
        let against = judged.into_iter().find_map(|(_, fits)| match fits {
            Fits::Wrong(finding) => Some(finding.evidence),
            _ => None,
        });
        let (word, zh) = (meaning.word(), super::model::chinese(*meaning));
        let message = if shown.is_empty() {
            Text::new(
                format!("right if {text} means {word}, wrong otherwise, and the answer does not say which"),
                format!("若 {text} 表示{zh}则成立，否则不成立；答案没有说明符号的含义"),
            )
        } else {
            Text::new(
                format!("right if {text} means {word}, wrong otherwise, and the answer does not keep to one meaning"),
                format!("若 {text} 表示{zh}则成立，否则不成立；答案没有统一符号的含义"),
            )
        };
        return Some(Finding::new(
            Verdict::Ambiguous,
            &[Class::Convention],
            message,
            against.unwrap_or(Evidence::None),
        ));
    }
    if model.wide {
        return Some(Finding::undecided(Text::new(
            "the layer is a wide product, and its gradients are not those of a narrow one",
            "该层是宽卷积，其梯度与窄卷积层不同",
        )));
    }
    if model.numbers && options.exercise.is_none() {
        return Some(Finding::undecided(Text::new(
            "not for arrays; nothing says that these are any, and of numbers it may be right",
            "对数组不成立；但没有说明这些是数组，对数可能成立",
        )));
    }
    let first = judged.into_iter().next()?.1;
    let finding = match first {
        Fits::Wrong(finding) => finding,
        Fits::Open(reason) => return Some(Finding::undecided(reason)),
        Fits::Right => return None,
    };
    let meaning = *meanings.first()?;
    let map: BTreeMap<Sign, Meaning> = signs.iter().map(|sign| (*sign, meaning)).collect();
    Some(repaired(finding, target, side, model, &map, options))
}

/// `conv2(a, b, 'full')` as a sign with its mode, and what the function is known to compute.
fn spelt(side: &Expr) -> (Expr, Option<Meaning>) {
    let mut given = None;
    let side = letters::map(side, &mut |part| {
        let Kind::Call(function, arguments) = &part.kind else { return None };
        let word = function.as_name()?.base.to_lowercase();
        let [a, b, more @ ..] = arguments.as_slice() else { return None };
        let full = word.starts_with("full") || word.ends_with("full");
        let known = matches!(
            word.trim_start_matches("full").trim_end_matches("full").trim_matches(['_', '-']),
            "conv"
                | "conv1"
                | "conv2"
                | "conv3"
                | "convn"
                | "conv1d"
                | "conv2d"
                | "convolution"
                | "convolve"
                | "correlate"
                | "corr"
        );
        let mode = match more {
            [] if full => "full".to_string(),
            [] => String::new(),
            [Expr { kind: Kind::Text(mode), .. }] => mode.clone(),
            [mode] => mode.as_name()?.base.clone(),
            _ => return None,
        };
        if !known {
            return None;
        }
        // What these functions of MATLAB compute is known.
        if matches!(word.as_str(), "conv2" | "convn") {
            given = Some(Meaning::Convolution);
        }
        // A function has a meaning of its own, whatever the signs of the answer mean.
        let sign = Operator { sign: Sign::CircledStar, mode, span: part.span, ..Operator::beside() };
        let (a, inner) = spelt(a);
        let (b, other) = spelt(b);
        given = given.or(inner).or(other);
        Some(Expr::new(Kind::Product(vec![(Operator::beside(), a), (sign, b)]), part.span))
    });
    (side, given)
}

fn other(meaning: Meaning) -> Meaning {
    match meaning {
        Meaning::Correlation => Meaning::Convolution,
        Meaning::Convolution => Meaning::Correlation,
    }
}

/// Judges a side with meanings of its signs and of the layer.
fn under(
    target: &Target,
    side: &Expr,
    model: &Model,
    meaning: &BTreeMap<Sign, Meaning>,
    layer: Meaning,
    options: &Options,
) -> Fits {
    let correlates = layer == Meaning::Correlation;
    let (wanted, truth) = match target.kind {
        TargetKind::Weight => (KERNEL, if correlates { "corr2(A, D)" } else { "rev2(corr2(A, D))" }),
        TargetKind::Input | TargetKind::Delta => (INPUT, if correlates { "full2(D, W)" } else { "full2(D, rev2(W))" }),
        TargetKind::Bias | TargetKind::Forward => return Fits::Open(Text::default()),
    };
    let maker = Maker { model, meaning, wanted };
    let values = match maker.values(side) {
        Ok(values) => values,
        Err(reason) => return Fits::Open(reason),
    };
    let Some(first) = values.first() else { return Fits::Open(Text::new("nothing to compare", "无可比较")) };
    if values.iter().all(|value| !value.delta) {
        return Fits::Wrong(no_gradient());
    }
    if values.iter().all(|value| value.size != wanted) {
        let (n, k) = (5, 2);
        let argument = Text::new(
            format!(
                "the sizes do not fit: {} rows on the right, {} on the left; for N = {n}, K = {k} that is {} against {}",
                first.size.words(),
                wanted.words(),
                first.size.at(n, k),
                wanted.at(n, k)
            ),
            format!(
                "尺寸不符：右边 {} 行，左边 {} 行；取 N = {n}, K = {k} 时为 {} 与 {}",
                first.size.words(),
                wanted.words(),
                first.size.at(n, k),
                wanted.at(n, k)
            ),
        );
        return Fits::Wrong(Finding::argued(Verdict::Wrong, Class::Operand, argument));
    }
    let (rows, columns) = if wanted == INPUT { ("N1", "N2") } else { ("K1", "K2") };
    let mut wrong = None;
    let mut open = None;
    for value in values.iter().filter(|value| value.size == wanted) {
        let truth = if value.slope { format!("entrywise({truth}, S)") } else { truth.to_string() };
        let statement = format!("for i in 0..{rows}-1, j in 0..{columns}-1: ({})[i, j] = ({truth})[i, j]", value.text);
        match prover::statement(&statement, PRELUDE, options) {
            Outcome::Proved => return Fits::Right,
            Outcome::Refuted(example) => {
                let message = Text::new(
                    "it is not the gradient of the layer; in the example A is the input, W the kernel, D the gradient of the output, and the left side is what is written",
                    "与该层的梯度不符；例中 A 是输入，W 是卷积核，D 是输出的梯度，左边是所写的式子",
                );
                wrong.get_or_insert(Finding::new(
                    Verdict::Wrong,
                    &[Class::Operand],
                    message,
                    Evidence::Counterexample(example),
                ));
            }
            Outcome::Open(reason) => open = Some(reason),
        }
    }
    match (wrong, open) {
        (_, Some(reason)) => Fits::Open(Text::reason(reason)),
        (Some(finding), None) => Fits::Wrong(finding),
        (None, None) => Fits::Open(Text::new("nothing to compare", "无可比较")),
    }
}
