//! Which layer each tensor of a formula belongs to, and where the slope of the activation must stand.
//!
//! A formula between whole tensors may be right as far as the prover sees, which knows one layer without names, and still take a tensor
//! of the wrong layer. Books number layers in several ways; a formula is wrong only where no way of numbering that the answer leaves
//! open makes it right.

use std::collections::BTreeSet;

use super::channels::Channels;
use super::layers::{Target, TargetKind, is_loss, names_delta, passed_back};
use super::model::{Model, Role};
use super::slopes::is_slope;
use super::verdict::{Class, Evidence, Finding, Text, Verdict};
use super::{letters, model};
use crate::homework::formula::*;
use crate::homework::{Reading, print};

/// A way to number layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Numbering {
    /// `W^(l)` makes `z^(l)`, or with 1 `z^(l+1)`.
    weight: i64,
    /// `a^(l)` is read by the layer with the output `z^(l+1)`, or with 1 by that with `z^(l)`.
    input: i64,
}

const NUMBERINGS: [Numbering; 3] =
    [Numbering { weight: 0, input: 0 }, Numbering { weight: 0, input: 1 }, Numbering { weight: 1, input: 0 }];

/// What an answer shows of its layers.
#[derive(Clone, Debug, Default)]
pub(super) struct Layers {
    weight: Option<i64>,
    input: Option<i64>,
    /// `a = σ(z)`: the function and the output.
    activation: Option<(Name, Name)>,
    /// Whether the activation is known from a slope `σ'(z)` alone.
    guessed: bool,
    /// Whether `δ = ∂L/∂z` is written.
    defined: bool,
    /// Whether a pooling layer is spoken of, which may have no activation.
    pools: bool,
    /// Whether the answer says that it leaves activations out.
    ignores_activations: bool,
    /// How the channels of a kernel are ordered.
    channels: Channels,
}

/// The layer of a name by its letter and distance, and its other superscripts.
pub(super) struct Index {
    layer: Option<(String, i64)>,
    pub channels: Vec<String>,
}

/// The superscripts of a name.
pub(super) fn parts(name: &Name) -> Vec<String> {
    let compact = |part: &str| part.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
    name.layer.split(',').map(compact).filter(|part| !part.is_empty()).collect()
}

/// `l+1` as `l` and 1.
fn shifted(part: &str) -> Option<(String, i64)> {
    let place = part.find(['+', '-'])?;
    let (letter, rest) = part.split_at_checked(place)?;
    Some((letter.to_string(), rest.parse().ok()?))
}

/// The letters that number layers in some names.
pub(super) fn layer_letters<'a>(names: impl Iterator<Item = &'a Name>) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = ["l", "ℓ", "L"].into_iter().map(str::to_string).collect();
    // `W^{(2)}` is of the second layer; beside `W^{(2,1)}` numerals are channels.
    let mut several = false;
    for parts in names.map(parts) {
        several |= parts.len() > 1 && parts.iter().any(|part| part.parse::<i64>().is_ok());
        found.extend(parts.iter().filter_map(|part| shifted(part)).map(|(letter, _)| letter));
    }
    if !several {
        found.insert(NUMERALS.to_string());
    }
    found
}

/// Stands among the letters that number layers where numerals do so too.
const NUMERALS: &str = "#";

/// What the superscripts of a name say, where these letters number layers.
pub(super) fn index(name: &Name, letters: &BTreeSet<String>) -> Index {
    let mut index = Index { layer: None, channels: Vec::new() };
    for part in parts(name) {
        match shifted(&part) {
            Some(layer) => index.layer = Some(layer),
            None if letters.contains(&part) => index.layer = Some((part, 0)),
            // `W^{(2)}`
            None if letters.contains(NUMERALS) && part.parse::<i64>().is_ok() => {
                index.layer = Some((String::new(), part.parse().unwrap_or_default()))
            }
            None if part.chars().all(char::is_alphabetic) => index.channels.push(part),
            None => {}
        }
    }
    index
}

/// The distance between two layers that are counted by one letter.
fn distance(from: &Index, to: &Index) -> Option<i64> {
    let ((a, from), (b, to)) = (from.layer.as_ref()?, to.layer.as_ref()?);
    (a == b).then(|| to.saturating_sub(*from))
}

/// The same name some layers further.
fn moved(name: &Name, by: i64) -> Name {
    let mut parts: Vec<String> = parts(name);
    for part in &mut parts {
        if let Ok(number) = part.parse::<i64>() {
            *part = number.saturating_add(by).to_string();
            continue;
        }
        let (letter, offset) = shifted(part).unwrap_or_else(|| (part.clone(), 0));
        let is_layer = shifted(part).is_some() || matches!(part.as_str(), "l" | "ℓ" | "L") || name.layer == *part;
        if is_layer {
            *part = match offset.saturating_add(by) {
                0 => letter,
                sum @ 1.. => format!("{letter}+{sum}"),
                sum => format!("{letter}{sum}"),
            };
        }
    }
    Name { layer: parts.join(","), ..name.clone() }
}

/// What a tensor of a formula is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Delta,
    Weight,
    Input,
    /// The slope of the activation, as a factor of the whole.
    Slope,
    /// The slope beside the gradient that comes from above.
    Inner,
}

/// The argument of a slope: `z` in `σ'(z)` and in `∂a/∂z`.
fn slope_of<'a>(side: &'a Expr, model: &Model) -> Option<&'a Expr> {
    let name = |side: &'a Expr| match &side.kind {
        Kind::Name(_) => Some(side),
        Kind::Entry(base, _) if base.as_name().is_some() => Some(side),
        _ => None,
    };
    match &side.kind {
        Kind::Call(function, arguments) if function.as_name().is_some_and(|name| name.primes > 0) => {
            arguments.first().and_then(name)
        }
        Kind::Derivative(Some(of), by) if !is_loss(of) => {
            let role = |side: &Expr| {
                let base = match &side.kind {
                    Kind::Entry(base, _) => base,
                    _ => side,
                };
                base.as_name().and_then(|name| model.role(name))
            };
            (role(of) == Some(Role::Activation) && role(by) == Some(Role::Output)).then(|| name(by)).flatten()
        }
        _ => None,
    }
}

/// A tensor of a formula: what it is, the name, and its subscripts.
#[derive(Clone, Copy)]
pub(super) struct Tensor<'a> {
    pub part: Part,
    /// The name as it stands in the formula.
    pub place: &'a Expr,
    pub name: &'a Name,
    pub at: &'a [Expr],
}

/// The tensors of a side.
pub(super) fn tensors<'a>(side: &'a Expr, model: &Model) -> Vec<Tensor<'a>> {
    let mut found = Vec::new();
    collect((side, &[]), model, false, &mut found);
    found
}

/// The same for a part of a side, with the subscripts around it; beside the gradient from above a slope is an inner one.
fn collect<'a>((side, at): (&'a Expr, &'a [Expr]), model: &Model, inner: bool, found: &mut Vec<Tensor<'a>>) {
    let mut add = |part: Part, tensor: &'a Expr| {
        let (place, at) = match &tensor.kind {
            Kind::Entry(base, at) => (&**base, at.as_slice()),
            _ => (tensor, at),
        };
        found.extend(place.as_name().map(|name| Tensor { part, place, name, at }));
    };
    let is_output = |tensor: &Expr| tensor.root().is_some_and(|name| model.role(name) == Some(Role::Output));
    if let Some(output) = passed_back(side, model) {
        letters::all(side).into_iter().filter(|part| part.as_name() == Some(output)).take(1).for_each(|part| {
            add(Part::Delta, part);
        });
        return;
    }
    if let Some(of) = slope_of(side, model) {
        if is_output(of) {
            add(if inner { Part::Inner } else { Part::Slope }, of);
        }
        return;
    }
    if is_slope(side) {
        return;
    }
    match &side.kind {
        Kind::Name(name) => match model.role(name) {
            Some(Role::Delta) => add(Part::Delta, side),
            Some(Role::Weight) => add(Part::Weight, side),
            Some(Role::Activation) => add(Part::Input, side),
            _ => {}
        },
        Kind::Entry(base, at) => collect((base, at), model, inner, found),
        Kind::Derivative(Some(of), by) | Kind::Gradient(Some(by), Some(of)) if is_loss(of) => {
            if is_output(by) {
                add(Part::Delta, by);
            }
        }
        Kind::Parens(_, parts) if parts.len() == 1 => {
            parts.iter().for_each(|part| collect((part, at), model, false, found));
        }
        // `σ(z^{l-1})` is the input of the next layer.
        Kind::Call(function, arguments)
            if function.as_name().is_some_and(|name| name.primes == 0 && name.base.chars().count() == 1)
                && matches!(arguments.as_slice(), [only] if is_output(only)) =>
        {
            arguments.iter().for_each(|argument| add(Part::Input, argument));
        }
        // `rot180(w)[i, j]`
        Kind::Call(_, arguments) => arguments.iter().for_each(|part| collect((part, at), model, false, found)),
        Kind::Product(factors) => {
            let beside = factors.iter().all(|(sign, factor)| {
                !model::convolves(sign) && (names_delta(factor, model).is_some() || is_slope(factor))
            });
            factors.iter().for_each(|(_, factor)| collect((factor, &[]), model, beside && factors.len() > 1, found));
        }
        _ => side.parts().into_iter().for_each(|part| collect((part, &[]), model, false, found)),
    }
}

/// A gradient that is made of itself, as in `∂L/∂z = W^T ∂L/∂z`.
fn itself(target: &Target, found: &[Tensor], model: &Model) -> Option<Finding> {
    let same = |tensor: &&Tensor| tensor.part == Part::Delta && *tensor.name == target.by;
    // δ without a layer may be that of any.
    let tensor = found.iter().find(same).filter(|_| model.role(&target.by) == Some(Role::Output))?;
    let name = print::name(tensor.name);
    let argument = Text::new(
        format!(
            "the gradient by {name} is made of itself: what comes from above is the gradient by the output of the next layer"
        ),
        format!("对 {name} 的梯度由它自身得出：从上面传来的应是后一层输出的梯度"),
    );
    Some(Finding::argued(Verdict::Wrong, Class::Operand, argument))
}

impl Layers {
    /// What an answer shows.
    pub(super) fn of(reading: &Reading, text: &str, model: &Model) -> Self {
        let mut layers = Layers { ignores_activations: super::words::ignores_activations(text), ..Layers::default() };
        let (mut weights, mut inputs) = (BTreeSet::new(), BTreeSet::new());
        for step in &reading.steps {
            for chain in step.chains() {
                let sides: Vec<&Expr> = chain.sides().collect();
                layers.pools |= sides.iter().any(|side| {
                    side.any(&mut |part| {
                        part.as_name().is_some_and(|name| {
                            let word = name.base.to_lowercase();
                            word.starts_with("up") && name.base.len() > 1 || word.contains("pool") || word == "down"
                        })
                    })
                });
                for pair in sides.windows(2) {
                    let [left, right] = pair else { continue };
                    layers.learn(left, right, model, &mut weights, &mut inputs);
                }
            }
        }
        if layers.activation.is_none() {
            let sides = reading.steps.iter().flat_map(|step| step.chains().flat_map(Chain::sides));
            layers.activation = sides.flat_map(letters::all).find_map(|part| {
                let Kind::Call(function, _) = &part.kind else { return None };
                let output = slope_of(part, model)?.root()?.clone();
                let function = Name { primes: 0, ..function.as_name()?.clone() };
                (model.role(&output) == Some(Role::Output)).then_some((function, output))
            });
            layers.guessed = true;
        }
        let only = |set: BTreeSet<i64>| set.first().copied().filter(|_| set.len() == 1);
        (layers.weight, layers.input) = (only(weights), only(inputs));
        layers
    }

    fn learn(
        &mut self,
        left: &Expr,
        right: &Expr,
        model: &Model,
        weights: &mut BTreeSet<i64>,
        inputs: &mut BTreeSet<i64>,
    ) {
        let base = |side: &Expr| side.root().cloned();
        if names_delta(left, model).is_some()
            && let Kind::Derivative(Some(of), by) = &right.kind
            && is_loss(of)
            && base(by).is_some_and(|name| model.role(&name) == Some(Role::Output))
        {
            self.defined = true;
        }
        let Some(name) = base(left) else { return };
        self.channels.learn(left, right, model);
        let letters = layer_letters([&name].into_iter());
        if let Kind::Call(function, arguments) = &right.kind
            && let (Some(function), [argument]) = (function.as_name(), arguments.as_slice())
            && let Some(output) = base(argument).filter(|output| model.role(output) == Some(Role::Output))
            && function.primes == 0
            && model.role(&name) != Some(Role::Delta)
        {
            if let Some(by) = distance(&index(&output, &letters), &index(&name, &letters)) {
                inputs.insert(by);
            }
            self.activation.get_or_insert((function.clone(), output));
            return;
        }
        // `z^l_i = Σ_k w_k σ(z^{l-1}_{i-k})`: the activation of the layer below stands within.
        if model.role(&name) == Some(Role::Output) {
            let within = letters::all(right).into_iter().find_map(|part| {
                let Kind::Call(function, arguments) = &part.kind else { return None };
                let function = function.as_name().filter(|name| name.primes == 0 && name.base.chars().count() == 1)?;
                let output = base(arguments.first().filter(|_| arguments.len() == 1)?)?;
                let below = index(&output, &letters).layer != index(&name, &letters).layer;
                (model.role(&output) == Some(Role::Output) && below).then(|| (function.clone(), output))
            });
            if let Some(within) = within {
                self.activation.get_or_insert(within);
            }
        }
        // `a^l = σ(W^l * a^{l-1} + b^l)`, with the output left out: it is of the layer of what it becomes.
        let (right, role) = match &right.kind {
            Kind::Call(function, arguments) if function.as_name().is_some_and(|name| name.primes == 0) => {
                match arguments.as_slice() {
                    [inner] => (inner, Role::Activation),
                    _ => (right, Role::Output),
                }
            }
            _ => (right, Role::Output),
        };
        if model.role(&name) != Some(role) || matches!(left.kind, Kind::Derivative(..)) {
            return;
        }
        let found = tensors(right, model);
        if found.iter().any(|tensor| matches!(tensor.part, Part::Delta | Part::Slope | Part::Inner)) {
            return;
        }
        for tensor in found {
            let letters = layer_letters([&name, tensor.name].into_iter());
            let Some(by) = distance(&index(tensor.name, &letters), &index(&name, &letters)) else { continue };
            match tensor.part {
                Part::Weight => drop(weights.insert(by)),
                Part::Input => drop(inputs.insert(1 - by)),
                _ => {}
            }
        }
    }

    /// Judges the layers, channels and slopes of a formula that is right for one layer; nothing where they fit.
    pub(super) fn check(&self, target: &Target, side: &Expr, model: &Model) -> Option<Finding> {
        if !matches!(target.kind, TargetKind::Delta | TargetKind::Input | TargetKind::Weight) {
            return None;
        }
        let found = tensors(side, model);
        if !found.iter().any(|tensor| tensor.part == Part::Delta) {
            return None;
        }
        itself(target, &found, model)
            .or_else(|| self.numbered(target, side, &found))
            .or_else(|| self.channels.check(target, side, &found))
            .or_else(|| self.slope(target, side, &found, model))
    }

    fn numbered(&self, target: &Target, side: &Expr, found: &[Tensor]) -> Option<Finding> {
        let letters = layer_letters(found.iter().map(|tensor| tensor.name).chain([&target.by]));
        let left = index(&target.by, &letters);
        // Where the left side has no layer, the others are counted from that of the gradient from above.
        let above = found.iter().filter(|tensor| tensor.part == Part::Delta).map(|tensor| index(tensor.name, &letters));
        let above = above.into_iter().find(|above| above.layer.is_some());
        let (anchor, counted) = match (&left.layer, &above) {
            (Some(_), _) => (&left, false),
            (None, above) => (above.as_ref()?, true),
        };
        let open: Vec<Numbering> = NUMBERINGS
            .into_iter()
            .filter(|way| {
                self.weight.is_none_or(|shown| shown == way.weight) && self.input.is_none_or(|shown| shown == way.input)
            })
            .collect();
        // How far from the left side each tensor stands.
        let wanted = |way: &Numbering, part: Part| {
            let delta = match target.kind {
                TargetKind::Weight => way.weight,
                TargetKind::Input => 1 - way.input,
                _ => 1,
            };
            match part {
                Part::Delta | Part::Inner => delta,
                Part::Weight => delta - way.weight,
                Part::Input => delta - 1 + way.input,
                Part::Slope => 0,
            }
        };
        let misplaced = |way: &Numbering| -> Vec<(&Expr, i64)> {
            let far = found.iter().filter_map(|tensor| {
                let is = distance(anchor, &index(tensor.name, &letters))?;
                let from = if counted { wanted(way, Part::Delta) } else { 0 };
                let by = wanted(way, tensor.part) - from - is;
                (by != 0).then_some((tensor.place, by))
            });
            far.collect()
        };
        let best = open.iter().map(&misplaced).min_by_key(Vec::len)?;
        if best.is_empty() {
            return None;
        }
        let repaired = letters::map(side, &mut |part| {
            let name = part.as_name()?;
            let here = |tensor: &Expr| std::ptr::eq(tensor, part) || *tensor == *part && tensor.span == part.span;
            let (_, by) = best.iter().find(|(tensor, _)| here(tensor))?;
            Some(Expr::new(Kind::Name(moved(name, *by)), part.span))
        });
        let list: Vec<String> = best
            .iter()
            .filter_map(|(tensor, by)| {
                let name = tensor.as_name()?;
                Some(format!("{} → {}", print::name(name), print::name(&moved(name, *by))))
            })
            .collect();
        let (list, left) = (list.join(", "), print::name(&target.by));
        let argument = Text::new(
            format!("the layers do not fit together: for {left} on the left side the right side needs {list}"),
            format!("层号不一致：左边是 {left}，右边应为 {list}"),
        );
        Some(Finding::argued(Verdict::Wrong, Class::Layer, argument).with_repair(print::expr(&repaired)))
    }

    fn slope(&self, target: &Target, side: &Expr, found: &[Tensor], model: &Model) -> Option<Finding> {
        if self.ignores_activations {
            return None;
        }
        if target.kind != TargetKind::Delta
            || found.iter().any(|tensor| matches!(tensor.part, Part::Slope | Part::Inner))
        {
            return None;
        }
        // A slope of another kind, such as ∂a/∂z, or none at all.
        if side.any(&mut |part| is_slope(part) || matches!(&part.kind, Kind::Derivative(Some(of), _) if !is_loss(of))) {
            return None;
        }
        let (function, output) = self.activation.as_ref()?;
        let explicit = model.role(&target.by) == Some(Role::Output);
        let span = side.span;
        let name = Name { layer: target.by.layer.clone(), ..output.clone() };
        let plain = Expr::new(Kind::Name(name), span);
        let of =
            if target.at.is_empty() { plain } else { Expr::new(Kind::Entry(Box::new(plain), target.at.clone()), span) };
        let function = Expr::new(Kind::Name(Name { primes: 1, ..function.clone() }), span);
        let slope = Expr::new(Kind::Call(Box::new(function), vec![of]), span);
        let sign = if target.at.is_empty() { Sign::Odot } else { Sign::Beside };
        let whole = Expr::new(Kind::Parens(Bracket::Round, vec![side.clone()]), span);
        let operator = Operator { sign, ..Operator::beside() };
        let slope_text = print::expr(&slope);
        let repaired = Expr::new(Kind::Product(vec![(Operator::beside(), whole), (operator, slope)]), span);
        let left = print::name(&target.by);
        if (explicit || self.defined) && !self.pools && !self.guessed {
            let argument = Text::new(
                format!(
                    "the gradient passes through the activation, and its slope {slope_text} is missing: with an activation that is constant the left side is 0, the right side is not"
                ),
                format!("梯度要经过激活函数，缺少因子 {slope_text}：若激活函数为常数，则左边为 0，而右边不为 0"),
            );
            return Some(Finding::argued(Verdict::Wrong, Class::Factor, argument).with_repair(print::expr(&repaired)));
        }
        let message = Text::new(
            format!(
                "right if {left} is the gradient after the activation or there is none; before it the factor {slope_text} is missing"
            ),
            format!("若 {left} 是激活之后的梯度或没有激活函数则成立；否则缺少因子 {slope_text}"),
        );
        Some(Finding::new(Verdict::Ambiguous, &[Class::Hypothesis], message, Evidence::None))
    }
}
