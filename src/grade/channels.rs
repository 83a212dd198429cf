//! Channels: the superscripts and subscripts by which an answer numbers the maps of a layer, `W^(l,p,d)` or `k_{ij}^l`.
//!
//! A kernel joins one channel of the input with one of the output. In a gradient its two letters are those of the tensors beside it: of
//! the gradient from above, which has a channel of the output, and of the input or the left side, which have one of the input.

use std::collections::BTreeSet;

use super::layer_names::{Part, Tensor, index, layer_letters, parts, tensors};
use super::layers::{Target, TargetKind};
use super::letters;
use super::model::{self, Model};
use super::verdict::{Class, Finding, Text, Verdict};
use crate::homework::formula::*;
use crate::homework::print;

/// In which order a kernel has its channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    /// `W^(l,p,d)` with the channel p of the output.
    OutputFirst,
    /// `k_{ij}` with the channel i of the input.
    InputFirst,
}

/// The orders that the lines of an answer's layers show.
#[derive(Clone, Debug, Default)]
pub(super) struct Channels {
    orders: BTreeSet<Order>,
}

/// The letter of a channel of the output and that of a channel of the input.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Joined<'a> {
    output: &'a str,
    input: &'a str,
}

impl Order {
    fn of<'a>(self, channels: &'a [String]) -> Option<Joined<'a>> {
        let [first, second] = channels else { return None };
        Some(match self {
            Order::OutputFirst => Joined { output: first, input: second },
            Order::InputFirst => Joined { output: second, input: first },
        })
    }
}

/// The letters that number a map: superscripts that are no layer, then subscripts.
fn channels(name: &Name, at: &[Expr], layers: &BTreeSet<String>) -> Vec<String> {
    let mut found = index(name, layers).channels;
    found.extend(at.iter().filter_map(Expr::as_name).map(print::name));
    found
}

/// Where a gradient from above belongs to another channel than what is derived by: a bias and a pooled map have one channel alone.
pub(super) fn astray(by: &Name, delta: &Name) -> Option<Finding> {
    let layers = layer_letters([by, delta].into_iter());
    let (own, above) = (index(by, &layers).channels, index(delta, &layers).channels);
    let missing = own.iter().find(|letter| !above.contains(letter)).filter(|_| own.len() <= above.len())?;
    let (by, delta) = (print::name(by), print::name(delta));
    let argument = Text::new(
        format!("{by} has a part in the channel {missing} alone, so that its gradient does not depend on {delta}"),
        format!("{by} 只影响通道 {missing}，其梯度与 {delta} 无关"),
    );
    Some(Finding::argued(Verdict::Wrong, Class::Index, argument))
}

/// Whether a side joins whole maps, so that their subscripts number them. `*` alone may be a product of numbers.
fn joins_maps(side: &Expr) -> bool {
    side.any(&mut |part| match &part.kind {
        Kind::Product(factors) => factors.iter().any(|(sign, _)| {
            model::convolves(sign) && (sign.tilde || !sign.mode.is_empty() || sign.sign != Sign::Star)
        }),
        Kind::Call(function, arguments) => function.as_name().is_some_and(|name| {
            model::is_rotation(name) || name.base.to_lowercase().contains("conv") && arguments.len() > 1
        }),
        _ => false,
    })
}

/// Whether a sum runs over channels: its letters number maps by their subscripts, and nothing else.
pub(super) fn sums_channels(letters: &[Name], body: &Expr) -> bool {
    let alone = |at: &Expr| {
        at.as_name().is_some() || !letters.iter().any(|letter| at.any(&mut |part| part.as_name() == Some(letter)))
    };
    joins_maps(body)
        && letters::all(body).into_iter().all(|part| match &part.kind {
            Kind::Entry(_, at) => at.len() <= 2 && at.iter().all(alone),
            _ => true,
        })
}

impl Channels {
    /// What the line of a layer shows, with its activation or without: the kernel has a letter in common with the output, and another one
    /// with the input.
    pub(super) fn learn(&mut self, left: &Expr, right: &Expr, model: &Model) {
        let right = match &right.kind {
            Kind::Call(function, arguments) if function.as_name().is_some_and(|name| name.primes == 0) => {
                arguments.first().filter(|_| arguments.len() == 1).unwrap_or(right)
            }
            _ => right,
        };
        let found = tensors(right, model);
        let lone = |part: Part| found.iter().filter(|tensor| tensor.part == part).count() == 1;
        let (Some(output), true) = (left.root(), lone(Part::Weight) && lone(Part::Input)) else { return };
        if found.len() != 2 || matches!(left.kind, Kind::Derivative(..)) {
            return;
        }
        let layers = layer_letters(found.iter().map(|tensor| tensor.name).chain([output]));
        let maps = !model::signs(right).is_empty();
        let of = |name: &Name, at: &[Expr]| channels(name, if maps { at } else { &[] }, &layers);
        let at: &[Expr] = if let Kind::Entry(_, at) = &left.kind { at } else { &[] };
        let outputs = of(output, at);
        let (mut kernel, mut inputs) = (Vec::new(), Vec::new());
        for tensor in &found {
            let numbers = of(tensor.name, tensor.at);
            if tensor.part == Part::Weight { kernel = numbers } else { inputs = numbers }
        }
        // A letter that numbers samples: the kernel has none.
        let samples: Vec<String> =
            outputs.iter().filter(|letter| inputs.contains(letter) && !kernel.contains(letter)).cloned().collect();
        let without =
            |list: Vec<String>| list.into_iter().filter(|letter| !samples.contains(letter)).collect::<Vec<_>>();
        let (outputs, inputs) = (without(outputs), without(inputs));
        let ([output], [input]) = (outputs.as_slice(), inputs.as_slice()) else { return };
        let shows = |order: &Order| {
            order.of(&kernel).is_some_and(|joined| joined.output == output && joined.input == input && input != output)
        };
        self.orders.extend([Order::OutputFirst, Order::InputFirst].into_iter().filter(shows));
    }

    /// Whether a side joins whole maps; by `*` where the lines of the answer's layers do.
    fn joins_maps(&self, side: &Expr) -> bool {
        joins_maps(side) || !self.orders.is_empty() && !model::signs(side).is_empty()
    }

    /// Judges the channels of a formula that is right for one layer; nothing where they fit.
    pub(super) fn check(&self, target: &Target, side: &Expr, found: &[Tensor]) -> Option<Finding> {
        let slope = found.iter().filter(|tensor| tensor.part == Part::Slope && target.kind == TargetKind::Delta);
        unsummed(target, side, found, self.joins_maps(side))
            .or_else(|| self.unjoined(target, side, found))
            .or_else(|| slope.into_iter().find_map(|slope| astray(&target.by, slope.name)))
    }

    /// Where a kernel does not join the channels of the tensors beside it, in whatever order it may have them.
    fn unjoined(&self, target: &Target, side: &Expr, found: &[Tensor]) -> Option<Finding> {
        let formula = Formula::of(target, found, self.joins_maps(side))?;
        let both = [Order::OutputFirst, Order::InputFirst];
        let open = both.into_iter().filter(|order| self.orders.len() != 1 || self.orders.contains(order));
        let misfits: Vec<Vec<Misfit>> = open.map(|order| formula.misfits(order)).collect::<Option<_>>()?;
        if misfits.iter().any(Vec::is_empty) {
            return None;
        }
        let misfits = misfits.into_iter().next()?;
        let misfit = misfits.first()?;
        // As the formula has it, and as it should be.
        let entry = |kind: Kind| Expr::new(kind, misfit.tensor.place.span);
        let is = match misfit.tensor.at {
            [] => misfit.tensor.place.clone(),
            at => entry(Kind::Entry(Box::new(misfit.tensor.place.clone()), at.to_vec())),
        };
        let should = misfit.repaired(&is).unwrap_or_else(|| is.clone());
        let named = |side: &Expr| match misfit.tensor.part {
            Part::Delta if !matches!(misfit.tensor.name.base.as_str(), "δ" | "Δ" | "delta") => {
                Text::new(format!("the gradient by {}", print::expr(side)), format!("对 {} 的梯度", print::expr(side)))
            }
            _ => Text::new(print::expr(side), print::expr(side)),
        };
        let (is, should) = (named(&is), named(&should));
        let argument = Text::new(
            format!(
                "the channels do not fit together: a kernel joins one channel of the input with one of the output, so that the left side does not depend on {}, but on {}",
                is.english, should.english
            ),
            format!(
                "通道编号不一致：一个卷积核只连接一个输入通道和一个输出通道，左边与 {} 无关，应为 {}",
                is.chinese, should.chinese
            ),
        );
        let repaired = letters::map(side, &mut |part| misfits.iter().find_map(|misfit| misfit.repaired(part)));
        Some(Finding::argued(Verdict::Wrong, Class::Index, argument).with_repair(print::expr(&repaired)))
    }
}

/// The channels of a gradient.
struct Formula<'a> {
    kind: TargetKind,
    left: Vec<String>,
    /// The gradient from above, and the one other tensor of the layer: the input or the kernel.
    delta: (Tensor<'a>, Vec<String>),
    other: (Tensor<'a>, Vec<String>),
}

/// A tensor with channels that are not those which it needs.
struct Misfit<'a> {
    tensor: Tensor<'a>,
    is: Vec<String>,
    should: Vec<String>,
}

impl<'a> Formula<'a> {
    fn of(target: &Target, found: &[Tensor<'a>], maps: bool) -> Option<Self> {
        let layers = layer_letters(found.iter().map(|tensor| tensor.name).chain([&target.by]));
        let numbers = |name: &Name, at: &[Expr]| channels(name, if maps { at } else { &[] }, &layers);
        let only = |wanted: Part| {
            let mut list = found.iter().filter(|tensor| tensor.part == wanted);
            let tensor = *list.next()?;
            list.next().is_none().then(|| (tensor, numbers(tensor.name, tensor.at)))
        };
        let mut left = numbers(&target.by, &target.at);
        let mut delta = only(Part::Delta)?;
        let mut other = match target.kind {
            TargetKind::Weight => only(Part::Input)?,
            TargetKind::Delta | TargetKind::Input => only(Part::Weight)?,
            TargetKind::Bias | TargetKind::Forward => return None,
        };
        // A letter that numbers samples: all have it but for the kernel.
        let (kernel, map) = match target.kind {
            TargetKind::Weight => (&left, &other.1),
            _ => (&other.1, &left),
        };
        let samples: Vec<String> =
            delta.1.iter().filter(|letter| map.contains(letter) && !kernel.contains(letter)).cloned().collect();
        for list in [&mut left, &mut delta.1, &mut other.1] {
            list.retain(|letter| !samples.contains(letter));
        }
        Some(Formula { kind: target.kind, left, delta, other })
    }

    /// The tensors that do not fit where kernels have this order; `None` where the tensors are numbered in another way.
    fn misfits(&self, order: Order) -> Option<Vec<Misfit<'a>>> {
        let misfit = |(tensor, is): &(Tensor<'a>, Vec<String>), should: &[&str]| {
            let should: Vec<String> = should.iter().map(|letter| letter.to_string()).collect();
            (*is != should).then(|| Misfit { tensor: *tensor, is: is.clone(), should })
        };
        let [above] = self.delta.1.as_slice() else { return None };
        if self.kind == TargetKind::Weight {
            let joined = order.of(&self.left)?;
            let [_] = self.other.1.as_slice() else { return None };
            let misfits = [misfit(&self.delta, &[joined.output]), misfit(&self.other, &[joined.input])];
            return Some(misfits.into_iter().flatten().collect());
        }
        let joined = order.of(&self.other.1)?;
        let [left] = self.left.as_slice() else { return None };
        if joined.input == left {
            return Some(misfit(&self.delta, &[joined.output]).into_iter().collect());
        }
        let above = if left == above { joined.input } else { above };
        let pair = match order {
            Order::OutputFirst => [above, left],
            Order::InputFirst => [left, above],
        };
        Some([misfit(&self.other, &pair), misfit(&self.delta, &[above])].into_iter().flatten().collect())
    }
}

impl Misfit<'_> {
    /// The tensor with the channels that it needs, where a part of the formula is that.
    fn repaired(&self, part: &Expr) -> Option<Expr> {
        let new = |letter: &str| {
            let place = self.is.iter().position(|is| is == letter)?;
            self.should.get(place).cloned()
        };
        let here = |part: &Expr| part.as_name() == Some(self.tensor.name) && part.span == self.tensor.place.span;
        match &part.kind {
            Kind::Name(name) if here(part) => {
                let numbered: Vec<String> = parts(name).into_iter().map(|part| new(&part).unwrap_or(part)).collect();
                Some(Expr::new(Kind::Name(Name { layer: numbered.join(","), ..name.clone() }), part.span))
            }
            Kind::Entry(base, at) if base.any(&mut |inner| here(inner)) => {
                let base = letters::map(base, &mut |part| self.repaired(part));
                let renamed = at.iter().map(|at| {
                    let letter = at.as_name().and_then(|name| new(&print::name(name)));
                    letter.map_or_else(|| at.clone(), |letter| Expr::new(Kind::Name(Name::plain(letter)), at.span))
                });
                Some(Expr::new(Kind::Entry(Box::new(base), renamed.collect()), part.span))
            }
            _ => None,
        }
    }
}

/// What the left side does not number must be summed, and only that.
fn unsummed(target: &Target, side: &Expr, found: &[Tensor], maps: bool) -> Option<Finding> {
    let layers = layer_letters(found.iter().map(|tensor| tensor.name).chain([&target.by]));
    let numbers = |name: &Name, at: &[Expr]| channels(name, if maps { at } else { &[] }, &layers);
    let left: BTreeSet<String> = numbers(&target.by, &target.at).into_iter().collect();
    let summed: BTreeSet<String> = letters::bound(side).iter().map(print::name).collect();
    let of = |wanted: Part| -> BTreeSet<String> {
        let list = found.iter().filter(|tensor| tensor.part == wanted);
        list.flat_map(|tensor| numbers(tensor.name, tensor.at)).collect()
    };
    let (kernel, above) = (of(Part::Weight), of(Part::Delta));
    // The kernel stands on the left, with all of its channels.
    let kernel = if target.kind == TargetKind::Weight { BTreeSet::new() } else { kernel };
    // A channel of the output is numbered at the kernel and at the gradient from above; a sample at the latter alone.
    let outputs: BTreeSet<&String> = kernel.intersection(&above).filter(|letter| !left.contains(*letter)).collect();
    let loose: Vec<&str> =
        outputs.iter().filter(|letter| !summed.contains(**letter)).map(|letter| letter.as_str()).collect();
    let captured: Vec<&str> = summed.intersection(&left).map(String::as_str).collect();
    if loose.is_empty() && captured.is_empty() {
        return None;
    }
    let mut changed = side.clone();
    if let (Some(from), Some(to)) = (captured.first(), loose.first()) {
        changed = letters::map(side, &mut |part| {
            let Kind::Big(Big::Sum, binders, body) = &part.kind else { return None };
            let renamed = binders.iter().map(|binder| match binder {
                Binder::Letter { letter, .. } if letter.as_name().is_some_and(|name| print::name(name) == *from) => {
                    let letter = Expr::new(Kind::Name(Name::plain(*to)), letter.span);
                    Binder::Letter { letter, lower: None, upper: None }
                }
                other => other.clone(),
            });
            Some(Expr::new(Kind::Big(Big::Sum, renamed.collect(), body.clone()), part.span))
        });
    } else if captured.is_empty() {
        // The sum stands before the product of kernel and gradient.
        let mut done = false;
        changed = letters::map(side, &mut |part| {
            let holds = |wanted: Part| {
                let here = |tensor: &&Tensor| part.any(&mut |inner| inner.span == tensor.place.span);
                found.iter().filter(|tensor| tensor.part == wanted).any(|tensor| here(&tensor))
            };
            let Kind::Product(factors) = &part.kind else { return None };
            let joins = factors.iter().any(|(sign, _)| model::convolves(sign));
            if done || !joins || !holds(Part::Weight) || !holds(Part::Delta) {
                return None;
            }
            done = true;
            let binders = loose.iter().map(|letter| Binder::Letter {
                letter: Expr::new(Kind::Name(Name::plain(*letter)), part.span),
                lower: None,
                upper: None,
            });
            Some(Expr::new(Kind::Big(Big::Sum, binders.collect(), Some(Box::new(part.clone()))), part.span))
        });
        if !done {
            changed = side.clone();
        }
    }
    let left_text = print::name(&target.by);
    let (argument, chinese) = match (captured.first(), loose.first()) {
        (Some(captured), Some(loose)) => (
            format!(
                "the sum runs over {captured}, which numbers the left side {left_text}, and nothing sums over {loose}"
            ),
            format!("求和变量 {captured} 是左边 {left_text} 的编号，而 {loose} 没有被求和"),
        ),
        (Some(captured), None) => (
            format!("the sum runs over {captured}, which numbers the left side {left_text}"),
            format!("求和变量 {captured} 是左边 {left_text} 的编号"),
        ),
        (None, loose) => {
            let loose = loose.copied().unwrap_or_default();
            (
                format!(
                    "{left_text} feeds every output channel {loose}, and nothing sums over {loose}: with two channels one of them is left out"
                ),
                format!("{left_text} 影响每个输出通道 {loose}，但没有对 {loose} 求和：有两个通道时会漏掉一个"),
            )
        }
    };
    let finding = Finding::argued(Verdict::Wrong, Class::Sum, Text::new(argument, chinese));
    Some(if changed == *side { finding } else { finding.with_repair(print::expr(&changed)) })
}
