//! The boxes of arrays: the first and the last position along each axis, as far as an answer shows them.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::One;

use super::exercise::Axis;
use super::letters;
use super::linear::Poly;
use super::model::Model;
use super::ranges;
use crate::homework::formula::*;
use crate::homework::{Reading, Step, StepKind, Symbols, print};

/// An array and one of its axes.
pub(super) type Place = (String, usize);

/// The boxes of arrays that the sums of an answer show: for each array and axis the range of a letter that stands there alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Boxes {
    sides: BTreeMap<Place, (Poly, Poly)>,
    /// Names in the ranges of sums that are no letters.
    sizes: BTreeSet<String>,
}

impl Boxes {
    /// What the sums of an answer show; of several ranges one that begins with the first index.
    pub(super) fn of(reading: &Reading, model: &Model) -> Self {
        let base = Poly::number(num_rational::BigRational::from_integer(model.base.unwrap_or(1).into()));
        let (mut letters_of_sums, mut bare, mut in_ranges) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for side in reading.steps.iter().flat_map(|step| step.chains().flat_map(Chain::sides)) {
            letters_of_sums.extend(letters::bound(side).iter().map(print::name));
            for part in letters::all(&letters::with_entries(side)) {
                match &part.kind {
                    Kind::Entry(_, positions) => {
                        bare.extend(positions.iter().filter_map(Expr::as_name).map(print::name));
                    }
                    Kind::Big(_, binders, _) => {
                        for binder in binders {
                            if let Binder::Letter { lower, upper, .. } = binder {
                                let bounds = lower.iter().chain(upper).flat_map(letters::all);
                                in_ranges.extend(bounds.filter_map(Expr::as_name).map(print::name));
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        let sizes: BTreeSet<String> =
            in_ranges.into_iter().filter(|name| !letters_of_sums.contains(name) && !bare.contains(name)).collect();
        let mut boxes = Boxes { sizes, ..Boxes::default() };
        boxes.declared(reading, &base);
        boxes.of_domains(reading);
        for side in
            reading.steps.iter().filter(|step| !step.is_damaged()).flat_map(|step| step.chains().flat_map(Chain::sides))
        {
            let side = &letters::with_entries(side);
            let parts = letters::all(side);
            let mut ranges: BTreeMap<Name, (Poly, Poly)> = BTreeMap::new();
            for part in &parts {
                let Kind::Big(Big::Sum, binders, _) = &part.kind else { continue };
                for binder in binders {
                    if let Binder::Letter { letter, lower: Some(lower), upper: Some(upper) } = binder
                        && let (Some(name), Some(low), Some(high)) =
                            (letter.as_name(), Poly::of(lower), Poly::of(upper))
                        && low.names().union(&high.names()).all(|name| boxes.sizes.contains(name))
                    {
                        ranges.insert(name.clone(), (low, high));
                    }
                }
            }
            for part in &parts {
                let Kind::Entry(array, positions) = &part.kind else { continue };
                let Some(array) = array.as_name() else { continue };
                for (axis, position) in positions.iter().enumerate() {
                    let Some((low, high)) = boxes.image(position, &ranges) else { continue };
                    if low == base {
                        let key = (reading.symbols.ident(array), axis);
                        boxes.sides.entry(key).or_insert((low, high));
                    }
                }
            }
        }
        boxes
    }

    /// The boxes that an answer gives by the range of a letter: `w[k]`, `k = 0, …, m-1`.
    fn of_domains(&mut self, reading: &Reading) {
        for pair in reading.steps.windows(2) {
            let [mention, domain] = pair else { continue };
            let entry = |step: &Step| match step.statements.as_slice() {
                [Statement::Chain(Chain { first: Some(Expr { kind: Kind::Entry(base, at), .. }), links, .. })]
                    if links.is_empty() =>
                {
                    Some((base.as_name()?.clone(), at.clone()))
                }
                _ => None,
            };
            let (Some((name, at)), StepKind::Domain) = (entry(mention), domain.kind) else { continue };
            for (letter, low, high) in ranges::of_step(domain) {
                let axis = at.iter().position(|at| at.as_name() == Some(&letter));
                if let (Some(axis), Some(low), Some(high)) = (axis, Poly::of(&low), Poly::of(&high))
                    && low.names().union(&high.names()).all(|name| self.sizes.contains(name))
                {
                    self.sides.entry((reading.symbols.ident(&name), axis)).or_insert((low, high));
                }
            }
        }
    }

    /// The places that a subscript takes while the letter in it runs through its range: `1, …, m` for `m-u+1` with u in `1..m`.
    fn image(&self, position: &Expr, ranges: &BTreeMap<Name, (Poly, Poly)>) -> Option<(Poly, Poly)> {
        let poly = Poly::of(position)?;
        let moves = letters::names(position).filter(|name| ranges.contains_key(name));
        let moves: BTreeSet<&Name> = moves.collect();
        let letter = moves.first().filter(|_| moves.len() == 1)?;
        let others = poly.names().into_iter().filter(|name| *name != print::name(letter));
        if others.into_iter().any(|name| !self.sizes.contains(&name)) {
            return None;
        }
        let (first, last) = ranges.get(*letter)?;
        let at = |value: &Poly| poly.substitute(&print::name(letter), value);
        let (slope, _) = poly.solved(&print::name(letter))?;
        let one = num_rational::BigRational::one();
        match slope.constant()? {
            value if value == one => Some((at(first)?, at(last)?)),
            value if value == -one => Some((at(last)?, at(first)?)),
            _ => None,
        }
    }

    /// The boxes that the answer declares: `X ∈ R^{M×N}`, where its sums do not show them. Entries may be written with small letters.
    fn declared(&mut self, reading: &Reading, base: &Poly) {
        for chain in reading.steps.iter().filter(|step| !step.is_damaged()).flat_map(|step| step.chains()) {
            let Some(name) = chain.first.as_ref().and_then(Expr::as_name) else { continue };
            let [Link { relation: Relation::In, side: Some(set), .. }] = chain.links.as_slice() else { continue };
            let Kind::Power(reals, exponent) = &set.kind else { continue };
            if !reals.as_name().is_some_and(|name| matches!(name.base.as_str(), "R" | "ℝ")) {
                continue;
            }
            let sizes: Vec<&Expr> = match &exponent.kind {
                Kind::Product(factors) => factors.iter().map(|(_, factor)| factor).collect(),
                Kind::Parens(_, list) if list.len() == 1 => match &list.first().map(|only| &only.kind) {
                    Some(Kind::Product(factors)) => factors.iter().map(|(_, factor)| factor).collect(),
                    _ => list.iter().collect(),
                },
                _ => vec![exponent],
            };
            let counts: Option<Vec<Poly>> = sizes.iter().map(|size| Poly::of(size)).collect();
            for (axis, count) in counts.into_iter().flatten().enumerate() {
                let high = count.plus(&base.minus(&Poly::one()), &num_rational::BigRational::one());
                for name in [name.clone(), Name { base: name.base.to_lowercase(), ..name.clone() }] {
                    let key = (reading.symbols.ident(&name), axis);
                    if reading.symbols.tensors.contains_key(&name) {
                        self.sizes.extend(count.names());
                        self.sides.entry(key).or_insert_with(|| (base.clone(), high.clone()));
                    }
                }
            }
        }
    }

    /// The boxes of an exercise for arrays whose own boxes do not show, where the answer uses the same letters for the sizes, and nowhere
    /// contradicts them. Entries may be written with small letters.
    pub(super) fn add(&mut self, boxes: &[(String, Vec<Axis>)], reading: &Reading) {
        let number = |value: i64| Poly::number(num_rational::BigRational::from_integer(value.into()));
        let mut new = BTreeMap::new();
        for name in reading.symbols.tensors.keys() {
            let ident = reading.symbols.ident(name);
            let Some((_, axes)) = boxes
                .iter()
                .find(|(tensor, _)| *tensor == ident)
                .or_else(|| boxes.iter().find(|(tensor, _)| tensor.to_lowercase() == ident))
            else {
                continue;
            };
            for (axis, side) in axes.iter().enumerate() {
                new.insert(
                    (ident.clone(), axis),
                    (number(side.first), Poly::name(&side.size).minus(&number(side.less))),
                );
            }
        }
        let known = |(_, high): &(Poly, Poly)| high.names().iter().all(|name| self.sizes.contains(name));
        new.retain(|_, side| known(side));
        if new.iter().all(|(place, side)| self.sides.get(place).is_none_or(|shown| shown == side)) {
            self.sides.extend(new);
        }
    }

    /// The size of an array along an axis, where it is a name.
    pub(super) fn size(&self, array: &str, axis: usize) -> Option<String> {
        let (low, high) = self.sides.get(&(array.to_string(), axis))?;
        let count = high.minus(low).plus(&Poly::one(), &num_rational::BigRational::one());
        let name = count.names().into_iter().next()?;
        (count == Poly::name(&name)).then_some(name)
    }

    /// The names in the boxes of some arrays.
    pub(super) fn names(&self, arrays: &BTreeMap<String, usize>) -> BTreeSet<String> {
        let shown = self.sides.iter().filter(|((array, _), _)| arrays.contains_key(array));
        shown.flat_map(|(_, (low, high))| low.names().into_iter().chain(high.names())).collect()
    }

    /// Whether a name is part of the size of an array.
    pub(super) fn is_size(&self, name: &Name) -> bool {
        self.sides.values().any(|(_, last)| last.names().contains(&print::name(name)))
    }

    /// The first and the last position along an axis, where they show.
    pub(super) fn side(&self, place: &Place) -> Option<&(Poly, Poly)> {
        self.sides.get(place)
    }

    /// The last position along an axis, where it shows.
    pub(super) fn last(&self, place: &Place) -> Option<&Poly> {
        self.sides.get(place).map(|(_, last)| last)
    }

    /// Whether the ends of all sums of a side are made of sizes and numbers alone.
    pub(super) fn end(&self, side: &Expr) -> bool {
        letters::all(side).iter().all(|part| match &part.kind {
            Kind::Big(_, binders, _) => binders.iter().all(|binder| match binder {
                Binder::Letter { lower, upper, .. } => {
                    let mut names = lower.iter().chain(upper).flat_map(letters::all).filter_map(Expr::as_name);
                    names.all(|name| self.sizes.contains(&print::name(name)))
                }
                _ => true,
            }),
            _ => true,
        })
    }

    /// The sizes of the answer that occur in a side.
    pub(super) fn sizes_in(&self, side: &Expr) -> BTreeSet<String> {
        let names = letters::names(side).map(print::name);
        names.filter(|name| self.sizes.contains(name)).collect()
    }

    /// For axes on which the same letter stands alone, one of them, whose box shows if any does.
    pub(super) fn shared_axes(&self, sides: &[Expr], symbols: &Symbols) -> BTreeMap<Place, Place> {
        let mut classes: Vec<(BTreeSet<Name>, BTreeSet<Place>)> = Vec::new();
        for part in sides.iter().flat_map(letters::all) {
            let Kind::Entry(array, positions) = &part.kind else { continue };
            let Some(array) = array.as_name() else { continue };
            for (axis, at) in positions.iter().enumerate() {
                let Some(letter) = at.as_name() else { continue };
                let mut merged = (BTreeSet::from([letter.clone()]), BTreeSet::from([(symbols.ident(array), axis)]));
                classes.retain(|(letters, axes)| {
                    let apart = letters.is_disjoint(&merged.0) && axes.is_disjoint(&merged.1);
                    if !apart {
                        merged.0.extend(letters.iter().cloned());
                        merged.1.extend(axes.iter().cloned());
                    }
                    apart
                });
                classes.push(merged);
            }
        }
        let mut shared = BTreeMap::new();
        for (_, axes) in classes {
            let one = axes.iter().find(|axis| self.sides.contains_key(*axis)).or(axes.first()).cloned();
            for axis in axes.iter().filter(|axis| !self.sides.contains_key(*axis)) {
                shared.extend(one.clone().map(|one| (axis.clone(), one)));
            }
        }
        shared
    }
}
