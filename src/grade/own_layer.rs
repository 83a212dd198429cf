//! Gradients of a layer that the answer itself writes as a sum over products of entries, whatever its stride, padding and channels.
//!
//! From `Y[f,i,j] = Σ W[f,c,u,v] X[c,s i+u-p,s j+v-p] + b[f]` the gradient by an entry follows by the chain rule: the equations between
//! the subscripts in the sum and those of the entry are solved for letters, which leaves a sum over the letters that remain.

mod declared;
mod derived;
mod found;

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::boxes::Boxes;
use super::context::Context;
use super::layers::{Target, TargetKind, is_loss};
use super::linear::Poly;
use super::model::{Model, Role, convolves, family, layer as layer_of};
use super::options::Options;
use super::prover::{Outcome, equation, parsed};
use super::slopes;
use super::verdict::{Class, Evidence, Finding, Text, Verdict};
use super::{letters, ranges, repair};
use crate::homework::formula::*;
use crate::homework::{Reading, Symbols, print, surface};
pub(super) use found::{layers, unlike};

/// A letter of a sum with its range.
type Bound = (Name, Option<(Expr, Expr)>);

/// A tensor with its subscripts.
#[derive(Clone, Debug)]
struct Factor {
    name: Name,
    at: Vec<Expr>,
}

/// A layer as a line of the answer writes it.
#[derive(Clone, Debug)]
pub(super) struct OwnLayer {
    line: usize,
    output: Name,
    /// The letters of the output's entry.
    at: Vec<Name>,
    bound: Vec<Bound>,
    /// Where the letters of the output run, as far as the line says.
    ranges: Vec<(Name, Expr, Expr)>,
    weight: Factor,
    input: Factor,
    /// Whether a channel of the weights stands above them, `K^{[k]}_{u,v}`; it is their first subscript here.
    raised: bool,
}

fn entry(side: &Expr) -> Option<Factor> {
    let mut side = side;
    while let Kind::Parens(_, parts) = &side.kind {
        side = parts.first().filter(|_| parts.len() == 1)?;
    }
    let Kind::Entry(base, at) = &side.kind else { return None };
    Some(Factor { name: base.as_name()?.clone(), at: at.clone() })
}

/// The subscripts of a tensor of which the superscript is a channel.
fn with_channel(name: &Name, at: &[Expr], span: Span) -> Vec<Expr> {
    let channel = Expr::new(Kind::Name(Name::plain(name.layer.trim_matches(['(', ')', '[', ']']))), span);
    std::iter::once(channel).chain(at.iter().cloned()).collect()
}

fn named(name: &str, at: Vec<Expr>, span: Span) -> Expr {
    Expr::new(Kind::Entry(Box::new(Expr::new(Kind::Name(Name::plain(name)), span)), at), span)
}

fn bracketed(side: &Expr) -> Expr {
    match side.kind {
        Kind::Name(_) | Kind::Number(_) => side.clone(),
        _ => Expr::new(Kind::Parens(Bracket::Round, vec![side.clone()]), side.span),
    }
}

fn replaced(side: &Expr, name: &Name, by: &Expr) -> Expr {
    letters::map(side, &mut |part| (part.as_name() == Some(name)).then(|| bracketed(by)))
}

impl OwnLayer {
    /// How far its windows move along the axes of the input.
    pub(super) fn strides(&self) -> Vec<String> {
        let moves = self.input.at.iter().filter(|at| at.as_name().is_none()).filter_map(|at| {
            let poly = Poly::of(at)?;
            let letter = self.at.iter().find(|letter| poly.names().contains(&print::name(letter)))?;
            Some(poly.solved(&print::name(letter))?.0.text())
        });
        moves.collect()
    }

    /// The line, where its kernel reads entries that are not side by side: `x[i+2k]`. The layer without dilation has other gradients.
    pub(super) fn dilated(&self) -> Option<usize> {
        let one = BigRational::one();
        let apart = |at: &Expr| {
            let Some(poly) = Poly::of(at) else { return false };
            let slopes = self.bound.iter().filter_map(|(letter, _)| Some(poly.solved(&print::name(letter))?.0));
            let steps = |slope: Poly| slope.constant().is_none_or(|slope| !slope.is_zero() && slope.abs() != one);
            slopes.into_iter().any(steps)
        };
        self.input.at.iter().any(apart).then_some(self.line)
    }

    /// Whether its kernel or its input has so many axes.
    pub(super) fn has_axes(&self, count: usize) -> bool {
        self.weight.at.len() == count || self.input.at.len() == count
    }

    /// A side over `delta`, `kernel` and `input`; none where something else occurs. The slope of an activation is left out.
    fn translated(&self, side: &Expr, model: &Model) -> Option<Expr> {
        let side = slopes::applied(&slopes::left_out(side), model);
        let mut strange = false;
        let translated = letters::map(&side, &mut |part| {
            let (name, at) = match &part.kind {
                Kind::Derivative(Some(of), by) if is_loss(of) => {
                    let by = entry(by)?;
                    strange |= family(&by.name) != family(&self.output);
                    ("delta", by.at)
                }
                Kind::Entry(..) => {
                    let factor = entry(part);
                    strange |= factor.is_none();
                    let factor = factor?;
                    let known = [&self.weight, &self.input].map(|other| family(&other.name) == family(&factor.name));
                    match (known, model.role(&factor.name)) {
                        ([true, _], _) if self.raised => ("kernel", with_channel(&factor.name, &factor.at, part.span)),
                        ([true, _], _) => ("kernel", factor.at),
                        ([_, true], _) => ("input", factor.at),
                        (_, Some(Role::Delta)) => ("delta", factor.at),
                        _ => {
                            strange = true;
                            return None;
                        }
                    }
                }
                Kind::Call(..) | Kind::Derivative(..) | Kind::Gradient(..) | Kind::Matrix(_) | Kind::Cases(_) => {
                    strange = true;
                    return None;
                }
                Kind::Product(factors) => {
                    strange |=
                        factors.iter().any(|(sign, _)| convolves(sign) && (sign.sign != Sign::Star || sign.tilde));
                    return None;
                }
                _ => return None,
            };
            let axes = match name {
                "delta" => self.at.len(),
                "kernel" => self.weight.at.len(),
                _ => self.input.at.len(),
            };
            strange |= at.len() != axes;
            Some(named(name, at, part.span))
        });
        (!strange).then_some(translated)
    }

    /// Names in the subscripts that are no letters: strides and paddings, with the value of the plainest layer.
    fn plainest(&self) -> Vec<(Name, i64)> {
        let bound: BTreeSet<&Name> = self.at.iter().chain(self.bound.iter().map(|(name, _)| name)).collect();
        let mut found: Vec<(Name, i64)> = Vec::new();
        for index in self.weight.at.iter().chain(&self.input.at) {
            for part in letters::all(index) {
                let factors = match &part.kind {
                    Kind::Product(factors) => factors.iter().filter_map(|(_, factor)| factor.as_name()).collect(),
                    _ => Vec::new(),
                };
                for name in factors.into_iter().filter(|name| !bound.contains(name)) {
                    found.push((name.clone(), 1));
                }
            }
            for name in letters::names(index) {
                if !bound.contains(name) && !found.iter().any(|(other, _)| other == name) {
                    found.push((name.clone(), 0));
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }

    /// Names of a side that neither the layer nor the target knows.
    fn strange(&self, target: &Target, side: &Expr) -> bool {
        let mut known: BTreeSet<Name> = letters::bound(side);
        known.extend(target.at.iter().flat_map(letters::all).filter_map(Expr::as_name).cloned());
        known.extend(self.plainest().into_iter().map(|(name, _)| name));
        for (_, range) in &self.bound {
            if let Some((low, high)) = range {
                known
                    .extend(letters::all(low).into_iter().chain(letters::all(high)).filter_map(Expr::as_name).cloned());
            }
        }
        // Letters of the layer may stand free; a sum over them has been lost then.
        known.extend(self.at.iter().cloned());
        letters::all(side).into_iter().any(|part| match &part.kind {
            Kind::Entry(_, at) => {
                at.iter().flat_map(letters::all).filter_map(Expr::as_name).any(|name| !known.contains(name))
            }
            _ => false,
        })
    }

    /// Whether a gradient by these weights, or by this input, may be one of this layer.
    pub(super) fn has(&self, target: &Target) -> bool {
        match target.kind {
            TargetKind::Weight => family(&target.by) == family(&self.weight.name),
            TargetKind::Input => family(&target.by) == family(&self.input.name),
            _ => true,
        }
    }

    /// Judges a gradient by an entry; none where it is not one of this layer, or nothing could be said.
    pub(super) fn judge(&self, target: &Target, side: &Expr, context: Context) -> Option<Finding> {
        let Context { model, symbols, options, .. } = context;
        let raised;
        let target = if self.raised && target.kind == TargetKind::Weight && !target.by.layer.is_empty() {
            raised = Target { at: with_channel(&target.by, &target.at, side.span), ..target.clone() };
            &raised
        } else {
            target
        };
        if !matches!(target.kind, TargetKind::Weight | TargetKind::Input | TargetKind::Delta)
            || target.at.iter().any(|at| at.as_name().is_none())
            || !self.has(target)
        {
            return None;
        }
        let truth = self.gradient(target.kind, &target.at, side.span)?;
        let translated = self.translated(side, model)?;
        // A layer multiplies with its kernel; without it this is a layer of another kind, such as one that pools.
        let has = |wanted: &str| translated.any(&mut |part| part.as_name().is_some_and(|name| name.base == wanted));
        if !(if target.kind == TargetKind::Weight { has("input") || has("delta") } else { has("kernel") }) {
            return None;
        }
        let (declared, binders) =
            self.declarations(target.kind, &target.at, &translated, model.base.unwrap_or(1), context)?;
        let (binders, _) = parsed(&format!("theorem t for {}: 0 = 0", binders.join(", ")))?;
        let wanted = surface::term(&truth, symbols).ok()?;
        let decided_by = |side: &Expr, wanted: &crate::syntax::ast::Term, options: &Options| {
            // A sum may run over a letter of the left side again.
            let apart = |side: Expr, letter: &Name| letters::apart(&side, letter);
            let side = target.at.iter().filter_map(Expr::as_name).fold(side.clone(), apart);
            let term = surface::term(&side, symbols).ok()?;
            Some(equation(term, wanted.clone(), binders.clone(), &declared, options))
        };
        let decided = |side: &Expr, wanted: &crate::syntax::ast::Term| decided_by(side, wanted, options);
        let line = self.line;
        match decided(&translated, &wanted)? {
            Outcome::Proved => Some(Finding::remark(Text::new(
                format!("the gradient of the layer in line {line}, by the prover"),
                format!("与第 {line} 行的层的梯度一致（已证明）"),
            ))),
            Outcome::Open(_) => None,
            Outcome::Refuted(_) if self.strange(target, &translated) => None,
            Outcome::Refuted(example) => {
                // What the side itself speaks of is not left out.
                let spoken = |name: &Name| translated.any(&mut |part| part.as_name() == Some(name));
                let plainest: Vec<(Name, i64)> =
                    self.plainest().into_iter().filter(|(name, _)| !spoken(name)).collect();
                if !plainest.is_empty() {
                    let plain = |side: &Expr| {
                        plainest.iter().fold(side.clone(), |side, (name, value)| {
                            let value = Expr::integer(*value, side.span);
                            replaced(&side, name, &value)
                        })
                    };
                    let special = surface::term(&plain(&truth), symbols).ok();
                    if let Some(Outcome::Proved) = special.and_then(|special| decided(&plain(&translated), &special)) {
                        let list: Vec<String> =
                            plainest.iter().map(|(name, value)| format!("{} = {value}", print::name(name))).collect();
                        let list = list.join(", ");
                        return Some(Finding::new(
                            Verdict::Incomplete,
                            &[Class::Hypothesis],
                            Text::new(
                                format!(
                                    "it is the gradient of the layer in line {line} for {list} only, which is not said"
                                ),
                                format!("只有当 {list} 时才是第 {line} 行的层的梯度，答案没有说明"),
                            ),
                            Evidence::Counterexample(example),
                        ));
                    }
                }
                let above = translated.any(&mut |part| part.as_name().is_some_and(|name| name.base == "delta"));
                // A sum over a letter of the left side, or none over one of the layer's.
                let at: BTreeSet<&Name> = target.at.iter().filter_map(Expr::as_name).collect();
                let loose = letters::free(&translated, symbols).into_keys();
                let summed = letters::bound(&translated).iter().any(|letter| at.contains(letter))
                    || loose.into_iter().any(|letter| !at.contains(&letter) && self.at.contains(&letter));
                let class = match (summed, above) {
                    (true, _) => Class::Sum,
                    (false, true) => Class::Index,
                    (false, false) => Class::Factor,
                };
                let finding = Finding::new(
                    Verdict::Wrong,
                    &[class],
                    Text::new(
                        format!("it is not the gradient of the layer in line {line}"),
                        format!("与第 {line} 行的层的梯度不符"),
                    ),
                    Evidence::Counterexample(example),
                );
                let repairs = options.for_repairs();
                let right_one = |edited: &Expr| matches!(decided_by(edited, &wanted, &repairs), Some(Outcome::Proved));
                let left: BTreeSet<Name> = target.at.iter().filter_map(|at| at.as_name().cloned()).collect();
                let Some((class, edited)) = repair::search_free(&translated, &left, right_one) else {
                    return Some(finding);
                };
                let mut calls: BTreeMap<&str, Expr> = BTreeMap::new();
                calls.insert("kernel", Expr::new(Kind::Name(self.weight.name.clone()), side.span));
                calls.insert("input", Expr::new(Kind::Name(self.input.name.clone()), side.span));
                calls.insert("delta", Expr::new(Kind::Name(Name::plain("δ")), side.span));
                let spoken = letters::map(&edited, &mut |part| calls.get(part.as_name()?.base.as_str()).cloned());
                let class = if summed { Class::Sum } else { class };
                Some(Finding { classes: vec![class], ..finding.with_repair(print::expr(&spoken)) })
            }
        }
    }
}
