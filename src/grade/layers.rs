//! Formulas between whole tensors, as backpropagation has them: `δ^l = δ^{l+1} * rot180(W^{l+1}) ⊙ σ'(z^l)`.
//!
//! The first side of a chain says which gradient is meant; each further side is turned into a term over the tensors of one layer and
//! compared with the gradient by the prover, under every meaning that the signs may have.

use std::collections::{BTreeMap, BTreeSet};

use super::claims::{self, Outcome};
use super::judge::Options;
use super::model::{Meaning, Model, Role, convolves, is_rotation, layer};
use super::verdict::{Class, Evidence, Finding, Text, Verdict};
use super::{letters, other_layers};
use crate::homework::formula::*;
use crate::homework::{Symbols, print};

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
        Kind::Entry(base, at) => match &base.kind {
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

/// A number that depends on everything.
pub(super) fn is_loss(of: &Expr) -> bool {
    let loss = |name: &Name| {
        matches!(
            name.base.as_str(),
            "ℒ" | "L" | "E" | "C" | "J" | "Loss" | "loss" | "f" | "F" | "Cost" | "cost" | "l" | "ℓ"
        ) && name.layer.is_empty()
    };
    match &of.kind {
        // `f` alone may be any function; `f(Y)` is what is made of the output.
        Kind::Name(name) => loss(name) && !matches!(name.base.as_str(), "f" | "F" | "l"),
        Kind::Call(function, _) => function.as_name().is_some_and(loss),
        _ => false,
    }
}

/// A gradient that a part names: its role is that of [`Role::Delta`].
pub(super) fn names_delta(expr: &Expr, model: &Model) -> Option<Name> {
    match &expr.kind {
        Kind::Name(name) if model.role(name) == Some(Role::Delta) => Some(name.clone()),
        Kind::Entry(base, _) => names_delta(base, model),
        Kind::Parens(_, parts) => parts.first().filter(|_| parts.len() == 1).and_then(|only| names_delta(only, model)),
        Kind::Derivative(Some(of), by) if is_loss(of) => {
            let name = match &by.kind {
                Kind::Name(name) => name,
                Kind::Entry(base, _) => base.as_name()?,
                _ => return None,
            };
            (model.role(name) == Some(Role::Output)).then(|| name.clone())
        }
        _ => None,
    }
}

// ---------------------------------------------------------------------------------------------------------------- terms

/// A size `n·N + k·K + c` per axis, where N is the size of the input and K that of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size(i64, i64, i64);

const INPUT: Size = Size(1, 0, 0);
const KERNEL: Size = Size(0, 1, 0);
const OUTPUT: Size = Size(1, -1, 1);

impl Size {
    fn minus(self, other: Size) -> Size {
        Size(self.0 - other.0, self.1 - other.1, self.2 - other.2)
    }

    fn plus(self, other: Size, more: i64) -> Size {
        Size(self.0 + other.0, self.1 + other.1, self.2 + other.2 + more)
    }

    fn narrow(self, small: Size) -> Size {
        self.minus(small).plus(Size(0, 0, 0), 1)
    }

    fn words(self) -> String {
        let mut words = String::new();
        for (factor, name) in [(self.0, "N"), (self.1, "K"), (self.2, "")] {
            if factor == 0 {
                continue;
            }
            words.push_str(match (words.is_empty(), factor < 0) {
                (true, true) => "-",
                (_, true) => "-",
                (true, false) => "",
                (false, false) => "+",
            });
            if factor.abs() != 1 || name.is_empty() {
                words.push_str(&factor.abs().to_string());
            }
            words.push_str(name);
        }
        if words.is_empty() { "0".into() } else { words }
    }

    /// For an image and a kernel of these sizes.
    fn at(self, input: i64, kernel: i64) -> i64 {
        self.0 * input + self.1 * kernel + self.2
    }
}

/// A term of the proof language for a tensor of a layer.
#[derive(Clone, Debug)]
struct Value {
    text: String,
    size: Size,
    /// Whether the gradient of the output occurs.
    delta: bool,
    /// Whether the derivative of the activation occurs.
    slope: bool,
}

const PRELUDE: &str = "use std
size N1, N2, K1, K2
assume K1 <= N1, K2 <= N2
tensor A[0..N1-1, 0..N2-1], S[0..N1-1, 0..N2-1], W[0..K1-1, 0..K2-1], D[0..N1-K1, 0..N2-K2]
def entrywise(P[0..a-1, 0..b-1], Q[0..c-1, 0..d-1])[i in 0..a-1, j in 0..b-1] = P[i, j]*Q[i, j]
";

/// Terms that a reading of a side may have.
const MAX_READINGS: usize = 8;

struct Maker<'a> {
    model: &'a Model,
    meaning: &'a BTreeMap<Sign, Meaning>,
    wanted: Size,
}

type Made<T> = Result<T, Text>;

fn refuse<T>(english: &str, chinese: &str) -> Made<T> {
    Err(Text::new(english, chinese))
}

impl Maker<'_> {
    fn leaf(&self, text: &str, size: Size) -> Vec<Value> {
        vec![Value { text: text.into(), size, delta: text == "D", slope: text == "S" }]
    }

    fn values(&self, expr: &Expr) -> Made<Vec<Value>> {
        if names_delta(expr, self.model).is_some() {
            return Ok(self.leaf("D", OUTPUT));
        }
        match &expr.kind {
            Kind::Name(name) => match self.model.role(name) {
                Some(Role::Weight) => Ok(self.leaf("W", KERNEL)),
                Some(Role::Activation) => Ok(self.leaf("A", INPUT)),
                _ => Err(Text::new(
                    format!("what {} is in the layer is not known", print::name(name)),
                    format!("不清楚 {} 在该层中是什么", print::name(name)),
                )),
            },
            // An entry that stands for its tensor: `δ_{i,j} * rot180(w)_{m,n}`.
            Kind::Entry(base, _) => self.values(base),
            Kind::Parens(_, parts) => match parts.as_slice() {
                [only] => self.values(only),
                _ => refuse("a list stands where a tensor is needed", "此处应为张量"),
            },
            Kind::Call(function, arguments) => self.call(function, arguments),
            Kind::Derivative(Some(of), by) => {
                let role = |expr: &Expr| match &expr.kind {
                    Kind::Name(name) => self.model.role(name),
                    Kind::Entry(base, _) => base.as_name().and_then(|name| self.model.role(name)),
                    _ => None,
                };
                match (role(of), role(by)) {
                    (Some(Role::Activation), Some(Role::Output)) => Ok(self.leaf("S", INPUT)),
                    _ => refuse("a derivative of one tensor by another", "张量对张量的导数"),
                }
            }
            Kind::Big(Big::Sum, binders, Some(body)) => {
                // A sum over samples: each term is the same formula.
                let letters: Vec<Name> = binders
                    .iter()
                    .flat_map(letters::binder_letters)
                    .filter_map(|letter| letter.as_name().cloned())
                    .collect();
                let subscript = body.any(&mut |part| {
                    matches!(&part.kind, Kind::Entry(_, indices) if indices.iter().any(|index| {
                        index.any(&mut |inner| inner.as_name().is_some_and(|name| letters.contains(name)))
                    }))
                });
                if subscript { refuse("a sum over positions", "对位置求和") } else { self.values(body) }
            }
            Kind::Product(factors) => self.product(factors),
            _ => refuse("this form is not read as a formula of a layer", "此式无法读作层的公式"),
        }
    }

    fn call(&self, function: &Expr, arguments: &[Expr]) -> Made<Vec<Value>> {
        let Some(name) = function.as_name() else {
            return refuse("what is applied has no name", "所用函数没有名字");
        };
        let [argument] = arguments else { return refuse("a function of several tensors", "多个张量的函数") };
        if is_rotation(name) {
            let inner = self.values(argument)?;
            return Ok(inner
                .into_iter()
                .map(|value| Value { text: format!("rev2({})", value.text), ..value })
                .collect());
        }
        if name.primes > 0 {
            return Ok(self.leaf("S", INPUT));
        }
        Err(Text::new(format!("{} is not known", print::name(name)), format!("不认识 {}", print::name(name))))
    }

    fn product(&self, factors: &[(Operator, Expr)]) -> Made<Vec<Value>> {
        let mut made: Option<Vec<Value>> = None;
        for (operator, factor) in factors {
            let right = self.values(factor)?;
            let Some(left) = made else {
                made = Some(right);
                continue;
            };
            let mut next = Vec::new();
            for a in &left {
                for b in &right {
                    next.extend(self.join(a, operator, b)?);
                }
            }
            next.truncate(MAX_READINGS);
            made = Some(next);
        }
        made.map_or_else(|| refuse("an empty product", "空的乘积"), Ok)
    }

    fn join(&self, a: &Value, operator: &Operator, b: &Value) -> Made<Vec<Value>> {
        let (delta, slope) = (a.delta || b.delta, a.slope || b.slope);
        let value = |text: String, size| Value { text, size, delta, slope };
        if !convolves(operator) {
            let entrywise =
                matches!(operator.sign, Sign::Odot | Sign::Circle | Sign::Bullet | Sign::BoxDot) || a.slope || b.slope;
            if !entrywise {
                return refuse("a product of tensors without a sign", "没有符号的张量乘积");
            }
            return Ok(vec![value(format!("entrywise({}, {})", a.text, b.text), a.size)]);
        }
        let meaning = self.meaning.get(&operator.sign).copied().unwrap_or(self.model.layer_meaning());
        let wide = a.size.plus(b.size, -1);
        let (a_narrow, b_narrow) = (a.size.narrow(b.size), b.size.narrow(a.size));
        let mut made = Vec::new();
        let full_only = operator.tilde || operator.mode == "full";
        let valid_only = operator.mode == "valid";
        let correlate = meaning == Meaning::Correlation;
        if !full_only && (a_narrow == self.wanted || b_narrow == self.wanted) {
            let (big, small) = if a_narrow == self.wanted { (a, b) } else { (b, a) };
            let small_text = if correlate { small.text.clone() } else { format!("rev2({})", small.text) };
            made.push(value(format!("corr2({}, {small_text})", big.text), self.wanted));
        }
        if !valid_only && (wide == self.wanted || made.is_empty()) {
            if correlate {
                // Whichever of the two is the kernel.
                made.push(value(format!("full2({}, rev2({}))", a.text, b.text), wide));
                made.push(value(format!("full2(rev2({}), {})", a.text, b.text), wide));
            } else {
                made.push(value(format!("full2({}, {})", a.text, b.text), wide));
            }
        }
        Ok(made)
    }
}

/// The signs of a side.
pub(super) fn signs(side: &Expr) -> BTreeSet<Sign> {
    let mut found = BTreeSet::new();
    side.any(&mut |part| {
        if let Kind::Product(factors) = &part.kind {
            found.extend(factors.iter().filter(|(sign, _)| convolves(sign)).map(|(sign, _)| sign.sign));
        }
        false
    });
    found
}

/// What a formula of a layer came to under one meaning of its signs.
enum Fits {
    Right,
    Wrong(Finding),
    Open(Text),
}

/// Judges a side of a chain whose first side is a gradient; `None` where it is not of that kind.
pub(super) fn formula(
    target: &Target,
    side: &Expr,
    model: &Model,
    symbols: &Symbols,
    options: &Options,
) -> Option<Finding> {
    if let Some(finding) = other_layers::bias(target, side, model) {
        return Some(finding);
    }
    if let Some(finding) =
        other_layers::dense(target, side, model).or_else(|| other_layers::dense_entries(target, side, model, symbols))
    {
        return Some(finding);
    }
    if let Some(finding) = other_layers::pooling(target, side, model) {
        return Some(finding);
    }
    let signs = signs(side);
    if signs.is_empty() || target.kind == TargetKind::Bias {
        return None;
    }
    let sign = *signs.first()?;
    let shown = model.meanings(sign);
    let meanings: Vec<Meaning> = if shown.is_empty() {
        vec![model.layer_meaning(), other(model.layer_meaning())]
    } else {
        shown.iter().copied().collect()
    };
    let mut judged: Vec<(Meaning, Fits)> = Vec::new();
    for meaning in &meanings {
        let map: BTreeMap<Sign, Meaning> = signs.iter().map(|sign| (*sign, *meaning)).collect();
        let fits = under(target, side, model, &map, model.layer_meaning(), options);
        // Where nothing shows what the layer computes, it may compute what its sign means.
        let free = model.forward.is_none() && *meaning != model.layer_meaning() && !matches!(fits, Fits::Right);
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
        return Some(Finding::new(
            Verdict::Ambiguous,
            &[Class::Convention],
            Text::new(
                format!(
                    "right if {text} means {}, wrong otherwise, and the answer does not keep to one meaning",
                    meaning.word()
                ),
                format!("若 {text} 表示{}则成立，否则不成立；答案没有统一符号的含义", super::model::chinese(*meaning)),
            ),
            against.unwrap_or(Evidence::None),
        ));
    }
    let first = judged.into_iter().next()?.1;
    let finding = match first {
        Fits::Wrong(finding) => finding,
        Fits::Open(reason) => return Some(Finding::undecided(reason)),
        Fits::Right => return None,
    };
    let meaning = *meanings.first()?;
    let map: BTreeMap<Sign, Meaning> = signs.iter().map(|sign| (*sign, meaning)).collect();
    Some(repaired(finding, target, side, model, &map, symbols, options))
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
        let argument = Text::new(
            "the left side doubles when the loss is doubled, and nothing on the right does: the gradient that comes from above is missing",
            "损失加倍时左边加倍，而右边不变：缺少上一层传来的梯度 δ",
        );
        return Fits::Wrong(Finding::argued(Verdict::Wrong, Class::Operand, argument));
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
        match claims::statement(&statement, PRELUDE, options) {
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

// ---------------------------------------------------------------------------------------------------------------- repairs

/// The same finding with the least edit that makes the side right, and the class that goes with the edit.
fn repaired(
    finding: Finding,
    target: &Target,
    side: &Expr,
    model: &Model,
    meaning: &BTreeMap<Sign, Meaning>,
    _symbols: &Symbols,
    options: &Options,
) -> Finding {
    for (class, candidate) in edits(side, target, model) {
        if matches!(under(target, &candidate, model, meaning, model.layer_meaning(), options), Fits::Right) {
            let mut finding = finding.with_repair(print::expr(&candidate));
            finding.classes = vec![class];
            return finding;
        }
    }
    // Two edits at once: a rotation as well as an operand.
    let flips = side
        .any(&mut |part| matches!(&part.kind, Kind::Call(function, _) if function.as_name().is_some_and(is_rotation)));
    let mut finding = finding;
    if flips && finding.classes == [Class::Operand] && matches!(finding.evidence, Evidence::Counterexample(_)) {
        finding.classes = vec![Class::Flip];
    }
    finding
}

/// Sides that are one edit away, with the class of the error that the edit repairs.
fn edits(side: &Expr, target: &Target, model: &Model) -> Vec<(Class, Expr)> {
    let mut found = Vec::new();
    let paths = count(side);
    for place in 0..paths {
        // A rotation less, a rotation more.
        for class in [Class::Flip, Class::Operand] {
            for variant in 0..3 {
                let mut number = 0;
                let mut changed = false;
                let candidate = letters::map(side, &mut |part| {
                    let here = number == place;
                    number += 1;
                    if !here {
                        return None;
                    }
                    let edited = edit(part, class, variant, target, model)?;
                    changed = true;
                    Some(edited)
                });
                if changed {
                    found.push((class, candidate));
                }
            }
        }
    }
    // Rotations first, and of these the rotation of the kernel.
    found.sort_by_key(|(class, side)| {
        let kernel = letters::all(side).into_iter().any(|part| match &part.kind {
            Kind::Call(function, arguments) if function.as_name().is_some_and(is_rotation) => {
                arguments.first().and_then(Expr::as_name).is_some_and(|name| model.role(name) == Some(Role::Weight))
            }
            _ => false,
        });
        (*class != Class::Flip, !kernel)
    });
    found
}

fn count(side: &Expr) -> usize {
    let mut number = 0;
    letters::map(side, &mut |_| {
        number += 1;
        None
    });
    number
}

fn edit(part: &Expr, class: Class, variant: usize, target: &Target, model: &Model) -> Option<Expr> {
    match (class, variant) {
        (Class::Flip, 0) => match &part.kind {
            Kind::Call(function, arguments) if function.as_name().is_some_and(is_rotation) => {
                arguments.first().cloned()
            }
            _ => None,
        },
        (Class::Flip, 1) => {
            let plain = match &part.kind {
                Kind::Name(name) => model.role(name).is_some(),
                Kind::Derivative(..) => names_delta(part, model).is_some(),
                _ => false,
            };
            plain.then(|| {
                let rotation = Expr::new(Kind::Name(Name::plain("rot180")), part.span);
                Expr::new(Kind::Call(Box::new(rotation), vec![part.clone()]), part.span)
            })
        }
        (Class::Operand, 0..=2) => {
            let name = part.as_name().filter(|name| model.role(name).is_some())?;
            let next = |by: i64| target.layer.map(|layer| layer.saturating_add(by));
            let base = ["δ", "w", "a"].get(variant)?;
            let offset = match (target.kind, variant) {
                (TargetKind::Delta | TargetKind::Input, 0 | 1) => next(1),
                (TargetKind::Weight, 2) => next(-1),
                _ => next(0),
            };
            let layer = offset.map(|offset| match offset {
                0 => "l".to_string(),
                1.. => format!("l+{offset}"),
                _ => format!("l{offset}"),
            });
            let changed =
                Name { layer: layer.filter(|_| !name.layer.is_empty()).unwrap_or_default(), ..Name::plain(*base) };
            (model.role(&changed) != model.role(name)).then(|| Expr::new(Kind::Name(changed), part.span))
        }
        _ => None,
    }
}
