//! Sums of entries, through the prover.
//!
//! A claim of an answer does not say how large its arrays are. It is tried with arrays that have entries everywhere, with the boxes that
//! its sums show, and with boxes of any size; it is refuted only where it fails in every one of these readings.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::One;

use super::exercise::Axis;
use super::judge::Options;
use super::letters;
use super::linear::Poly;
use super::model::Model;
use super::ranges;
use super::verdict::Text;
use crate::decide::{self, decide};
use crate::homework::formula::*;
use crate::homework::{Reading, Step, StepKind, Symbols, print, surface};
use crate::numeric::{self, Counterexample, CrossCheck};
use crate::syntax::{self, ast};

/// What the prover says of a claim.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    Proved,
    Refuted(Box<Counterexample>),
    Open(String),
}

/// Decides a statement that is text.
pub(super) fn statement(text: &str, declarations: &str, options: &Options) -> Outcome {
    match syntax::parse_statement(text, declarations) {
        Ok(parsed) => decided(&parsed.goal, options),
        Err(error) => Outcome::Open(first_message(&error.diagnostics)),
    }
}

/// The prover is asked about so many claims of one answer, and about so many edits that might repair them.
const MAX_ASKED: usize = 500;

fn decided(goal: &crate::goal::Goal, options: &Options) -> Outcome {
    if !options.budget.take(MAX_ASKED) {
        return Outcome::Open("the answer holds more claims than are decided in one".into());
    }
    // Most claims that are false fail at small sizes: no proof is looked for then.
    let few =
        numeric::Options { points: options.decide.numeric.points / 8, shapes: 4, ..options.decide.numeric.clone() };
    if let CrossCheck::Refuted(example) = numeric::check(&goal.statement, &few) {
        return Outcome::Refuted(example);
    }
    match decide(goal, &[], &options.decide).verdict {
        decide::Verdict::Proved(_) => Outcome::Proved,
        decide::Verdict::Refuted(example) => Outcome::Refuted(example),
        decide::Verdict::Undecided(open) => Outcome::Open(open.reason),
        decide::Verdict::IllFormed(diagnostics) => Outcome::Open(first_message(&diagnostics)),
        decide::Verdict::Disagreement(..) => Outcome::Open("prover and cross-check disagree".into()),
    }
}

fn first_message(diagnostics: &[crate::diag::Diagnostic]) -> String {
    diagnostics.first().map_or_else(|| "the claim has no meaning".to_string(), |first| first.message.clone())
}

/// Decides an equation of two terms, perhaps with ranges of free letters.
pub(super) fn equation(
    left: ast::Term,
    right: ast::Term,
    indices: Vec<ast::BinderItem>,
    declarations: &str,
    options: &Options,
) -> Outcome {
    equation_where(left, right, (indices, Vec::new()), declarations, options)
}

/// The same under conditions.
fn equation_where(
    left: ast::Term,
    right: ast::Term,
    (indices, assumptions): (Vec<ast::BinderItem>, Vec<ast::Condition>),
    declarations: &str,
    options: &Options,
) -> Outcome {
    let span = ast::Span::default();
    let claim = ast::Condition { first: left, rest: ast::Relations::Chain(vec![(ast::Relation::Eq, right)]), span };
    let theorem = ast::Theorem {
        name: ast::Ident { name: "step".into(), span },
        indices,
        assumptions,
        claim: ast::Claim { left: vec![claim], right: None, span },
        expectation: None,
        proof: None,
    };
    match syntax::read_statement(theorem, declarations) {
        Ok(parsed) => decided(&parsed.goal, options),
        Err(error) => Outcome::Open(first_message(&error.diagnostics)),
    }
}

/// The binders and the first term of `for …: term = 0`.
pub(super) fn parsed(text: &str) -> Option<(Vec<ast::BinderItem>, ast::Term)> {
    let (file, diagnostics) = syntax::parse(text);
    if !diagnostics.is_empty() {
        return None;
    }
    match file.items.into_iter().next()?.kind {
        ast::ItemKind::Theorem(theorem) => Some((theorem.indices, theorem.claim.left.into_iter().next()?.first)),
        _ => None,
    }
}

/// Arrays of a claim with their numbers of axes.
fn arrays(sides: &[&Expr], symbols: &Symbols) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for side in sides {
        side.any(&mut |part| {
            if let Kind::Entry(base, indices) = &part.kind
                && let Some(name) = base.as_name()
            {
                found.insert(symbols.ident(name), indices.len());
            }
            false
        });
    }
    found
}

/// For axes on which the same letter stands alone, one of them, whose box shows if any does.
fn shared_axes(sides: &[&Expr], boxes: &Boxes, symbols: &Symbols) -> BTreeMap<(String, usize), (String, usize)> {
    type Axes = BTreeSet<(String, usize)>;
    let mut classes: Vec<(BTreeSet<Name>, Axes)> = Vec::new();
    for part in sides.iter().flat_map(|side| letters::all(side)) {
        let Kind::Entry(array, positions) = &part.kind else { continue };
        let Some(array) = array.as_name() else { continue };
        for (axis, at) in positions.iter().enumerate() {
            let Some(letter) = at.as_name() else { continue };
            let mut merged: (BTreeSet<Name>, Axes) = ([letter.clone()].into(), [(symbols.ident(array), axis)].into());
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
        let one = axes.iter().find(|axis| boxes.sides.contains_key(*axis)).or(axes.first()).cloned();
        for axis in axes.iter().filter(|axis| !boxes.sides.contains_key(*axis)) {
            shared.extend(one.clone().map(|one| (axis.clone(), one)));
        }
    }
    shared
}

/// Positions in round brackets as subscripts: `f(k)` is an entry of `f`.
pub(super) fn with_entries(side: &Expr) -> Expr {
    letters::map(side, &mut |part| match &part.kind {
        Kind::Call(function, arguments)
            if function
                .as_name()
                .is_some_and(|name| name.primes == 0 && name.base.chars().count() == 1 && name.base != "σ")
                && arguments.iter().all(|argument| Poly::of(argument).is_some()) =>
        {
            Some(Expr::new(Kind::Entry(function.clone(), arguments.clone()), part.span))
        }
        _ => None,
    })
}

/// A name that is differentiated by something else: what it is made of is not written out, so nothing can be said of its derivative.
fn unsaid(side: &Expr) -> Option<String> {
    letters::all(side).into_iter().find_map(|part| {
        let Kind::Derivative(Some(of), by) = &part.kind else { return None };
        let (of, by) = (of.root()?, by.root()?);
        (of != by).then(|| print::name(of))
    })
}

/// Whether a function, as a counterexample shows it, stands for a sign of the answer: `star(a, b) = …`, `otimes_wide(a, b) = …`.
fn is_sign(function: &str) -> bool {
    let root = function.split(['(', '_']).next().unwrap_or_default();
    matches!(root, "star" | "five" | "otimes" | "circled" | "bullet" | "boxdot" | "circle")
}

/// Whether positions stand in round brackets anywhere.
fn has_calls(sides: &[&Expr]) -> bool {
    sides.iter().any(|side| with_entries(side) != **side)
}

/// The boxes of arrays that the sums of an answer show: for each array and axis the range of a letter that stands there alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Boxes {
    sides: BTreeMap<(String, usize), (Poly, Poly)>,
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
            for part in letters::all(&with_entries(side)) {
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
            let side = &with_entries(side);
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
        let moves =
            letters::all(position).into_iter().filter_map(Expr::as_name).filter(|name| ranges.contains_key(name));
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
            let names: Option<Vec<&Name>> = sizes.iter().map(|size| size.as_name()).collect();
            let Some(names) = names else { continue };
            for (axis, size) in names.into_iter().enumerate() {
                let size = print::name(size);
                let high = Poly::name(&size).plus(&base.minus(&Poly::one()), &num_rational::BigRational::one());
                for name in [name.clone(), Name { base: name.base.to_lowercase(), ..name.clone() }] {
                    let key = (reading.symbols.ident(&name), axis);
                    if reading.symbols.tensors.contains_key(&name) && self.sizes.contains(&size) {
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
    fn names(&self, arrays: &BTreeMap<String, usize>) -> BTreeSet<String> {
        let shown = self.sides.iter().filter(|((array, _), _)| arrays.contains_key(array));
        shown.flat_map(|(_, (low, high))| low.names().into_iter().chain(high.names())).collect()
    }
}

/// Whether the ends of all sums are made of sizes and numbers alone.
fn ends_stand(side: &Expr, boxes: &Boxes) -> bool {
    letters::all(side).iter().all(|part| match &part.kind {
        Kind::Big(_, binders, _) => binders.iter().all(|binder| match binder {
            Binder::Letter { lower, upper, .. } => {
                let mut names = lower.iter().chain(upper).flat_map(letters::all).filter_map(Expr::as_name);
                names.all(|name| boxes.sizes.contains(&print::name(name)))
            }
            _ => true,
        }),
        _ => true,
    })
}

/// Sizes that occur on one side of a claim alone.
fn one_sided(left: &Expr, right: &Expr, boxes: &Boxes) -> BTreeSet<String> {
    sizes_in(left, boxes).symmetric_difference(&sizes_in(right, boxes)).cloned().collect()
}

/// The sizes of the answer that occur in a side.
fn sizes_in(side: &Expr, boxes: &Boxes) -> BTreeSet<String> {
    let names = letters::all(side).into_iter().filter_map(Expr::as_name).map(print::name);
    names.filter(|name| boxes.sizes.contains(name)).collect()
}

/// How a claim was read when it was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrays {
    /// Entries everywhere.
    Total,
    /// Zero outside the ranges that the sums show, or outside a box of any size.
    Boxed,
}

/// Decides whether two sides are equal.
///
/// # Errors
/// What has no counterpart in the prover.
pub(super) fn equal(
    left: &Expr,
    right: &Expr,
    model: &Model,
    boxes: &Boxes,
    symbols: &Symbols,
    options: &Options,
) -> Result<(Arrays, Outcome), Text> {
    equal_within(left, right, &Around::default(), model, boxes, symbols, options)
}

/// What is said around a claim.
#[derive(Clone, Debug, Default)]
pub(super) struct Around {
    /// Letters that number the entries of an array with one axis.
    pub within: Vec<(Name, Name)>,
    /// What is assumed of letters.
    pub conditions: Vec<ast::Condition>,
}

/// The same, with what is said around the claim. Where it fails, it may fail at a denominator that is 0, which is not meant.
///
/// # Errors
/// What has no counterpart in the prover.
pub(super) fn equal_within(
    left: &Expr,
    right: &Expr,
    around: &Around,
    model: &Model,
    boxes: &Boxes,
    symbols: &Symbols,
    options: &Options,
) -> Result<(Arrays, Outcome), Text> {
    let judged = equal_anywhere(left, right, around, model, boxes, symbols, options)?;
    if !matches!(judged, (_, Outcome::Refuted(_))) {
        return Ok(judged);
    }
    let nonzero = denominators(&[left, right], symbols);
    if nonzero.is_empty() {
        return Ok(judged);
    }
    let conditions = around.conditions.iter().cloned().chain(nonzero).collect();
    let around = Around { conditions, ..around.clone() };
    equal_anywhere(left, right, &around, model, boxes, symbols, options)
}

/// That the denominators are not 0, as far as no letter of a sum stands in them and they are no numbers.
fn denominators(sides: &[&Expr], symbols: &Symbols) -> Vec<ast::Condition> {
    fn factors<'a>(side: &'a Expr, found: &mut Vec<&'a Expr>) {
        match &side.kind {
            Kind::Parens(_, parts) if parts.len() == 1 => parts.iter().for_each(|part| factors(part, found)),
            Kind::Product(parts) => parts.iter().for_each(|(_, part)| factors(part, found)),
            Kind::Power(base, _) => factors(base, found),
            Kind::Number(_) => {}
            _ => found.push(side),
        }
    }
    let mut found: Vec<&Expr> = Vec::new();
    for side in sides {
        let bound = letters::bound(side);
        for part in letters::all(side) {
            let Kind::Fraction(_, below) = &part.kind else { continue };
            let mut below_all = Vec::new();
            factors(below, &mut below_all);
            let free = |part: &&Expr| {
                !letters::all(part).iter().filter_map(|part| part.as_name()).any(|name| bound.contains(name))
            };
            found.extend(below_all.into_iter().filter(free));
        }
    }
    found.sort_by_key(|part| print::expr(part));
    found.dedup_by_key(|part| print::expr(part));
    let condition = |below: &&Expr| {
        let zero = Expr::new(Kind::Number(num_traits::Zero::zero()), below.span);
        let link = Link { relation: Relation::Ne, side: Some(zero), reason: Vec::new(), span: below.span };
        surface::condition(&Chain { first: Some((*below).clone()), links: vec![link], span: below.span }, symbols).ok()
    };
    found.iter().filter_map(condition).collect()
}

fn equal_anywhere(
    left: &Expr,
    right: &Expr,
    around: &Around,
    model: &Model,
    boxes: &Boxes,
    symbols: &Symbols,
    options: &Options,
) -> Result<(Arrays, Outcome), Text> {
    let (left, right) = (with_entries(left), with_entries(right));
    if let Some(name) = unsaid(&left).or_else(|| unsaid(&right)) {
        let reason = format!("what {name} is made of is not said");
        return Ok((Arrays::Total, Outcome::Open(reason)));
    }
    let term = |side: &Expr| {
        surface::term(side, symbols).map_err(|unsupported| {
            Text::new(
                format!("{} has no counterpart in the prover", unsupported.what),
                format!("证明器不支持：{}", unsupported.what),
            )
        })
    };
    let (a, b) = (term(&left)?, term(&right)?);
    let arrays = arrays(&[&left, &right], symbols);
    let total: String = arrays
        .iter()
        .map(|(name, axes)| {
            let letters: Vec<String> = (0..*axes).map(|axis| format!("i{axis}")).collect();
            format!("function {name}({})\n", letters.join(", "))
        })
        .collect();
    let derives = left.any(&mut |part| matches!(part.kind, Kind::Derivative(..)))
        || right.any(&mut |part| matches!(part.kind, Kind::Derivative(..)));
    let first = if derives {
        Outcome::Open(String::new())
    } else {
        equation_where(a.clone(), b.clone(), (Vec::new(), around.conditions.clone()), &total, options)
    };
    if matches!(first, Outcome::Proved) {
        return Ok((Arrays::Total, first));
    }
    // A sum without end has a value where the arrays do.
    let endless = |side: &Expr| side.any(&mut |part| part.kind == Kind::Infinity);
    let endless = endless(&left) || endless(&right);
    let base = model.base.unwrap_or(1);
    // Entries that are added and derived side by side have positions in common.
    let shared = if derives { shared_axes(&[&left, &right], boxes, symbols) } else { BTreeMap::new() };
    let size_name = |name: &str, axis: usize| {
        let place = (name.to_string(), axis);
        let (name, axis) = shared.get(&place).unwrap_or(&place);
        format!("size_{}_{axis}", plain_letters(name))
    };
    let shown = |name: &str, axis: usize| {
        let place = (name.to_string(), axis);
        boxes.sides.get(shared.get(&place).unwrap_or(&place)).map(|(_, high)| high.text().replace('·', "*"))
    };
    let end =
        |name: &str, axis: usize| shown(name, axis).unwrap_or_else(|| format!("{}-1+{base}", size_name(name, axis)));
    let mut sizes = boxes.names(&arrays);
    let mut tensors = String::new();
    for (name, axes) in &arrays {
        for axis in (0..*axes).filter(|axis| shown(name, *axis).is_none()) {
            sizes.insert(size_name(name, axis));
        }
        let sides: Vec<String> = (0..*axes).map(|axis| format!("{base}..{}", end(name, axis))).collect();
        tensors.push_str(&format!("tensor {name}[{}]\n", sides.join(", ")));
    }
    let sizes: Vec<String> = sizes.into_iter().collect();
    // What the exercise assumes of sizes that the claim speaks of.
    let assumed: String = options
        .exercise
        .iter()
        .flat_map(|exercise| &exercise.hypotheses)
        .filter(|assumption| assumption.names.iter().all(|name| sizes.contains(name)))
        .map(|assumption| format!("assume {}\n", assumption.text))
        .collect();
    let declared = if sizes.is_empty() { String::new() } else { format!("size {}\n{assumed}", sizes.join(", ")) };
    let boxed = if arrays.values().any(|axes| *axes == 0) { String::new() } else { declared + &tensors };
    // A derivative by an entry is asked for at positions of the array, and so is all that stands beside it.
    let mut indices: BTreeMap<String, String> = BTreeMap::new();
    let numbers = |letter: &Name, array: &str, axis: usize| {
        let letter = symbols.ident(letter);
        (letter.clone(), format!("{letter} in {base}..{}", end(array, axis)))
    };
    indices.extend(around.within.iter().map(|(letter, array)| numbers(letter, &symbols.ident(array), 0)));
    if derives {
        for side in [&left, &right] {
            let free = letters::free(side, symbols);
            for part in letters::all(side) {
                let Kind::Entry(array, positions) = &part.kind else { continue };
                let Some(name) = array.as_name() else { continue };
                let alone = |at: &Expr| at.as_name().filter(|letter| free.contains_key(*letter)).cloned();
                let placed = positions.iter().enumerate().filter_map(|(axis, at)| Some((axis, alone(at)?)));
                indices.extend(placed.map(|(axis, letter)| numbers(&letter, &symbols.ident(name), axis)));
            }
        }
    }
    let ranged: BTreeSet<String> = indices.keys().cloned().collect();
    let indices: Vec<String> = indices.into_values().collect();
    let binders = if indices.is_empty() {
        Vec::new()
    } else {
        parsed(&format!("theorem t for {}: 0 = 0", indices.join(", "))).map(|(binders, _)| binders).unwrap_or_default()
    };
    // A letter of a sum without ends runs over the positions of an array.
    let range = |array: &str, axis: usize| {
        arrays.contains_key(array).then_some(())?;
        let (binders, _) = parsed(&format!("theorem t for k in {base}..{}: 0 = 0", end(array, axis)))?;
        match binders.into_iter().next()? {
            ast::BinderItem::Letters(_, range) => range,
            ast::BinderItem::Condition(_) => None,
        }
    };
    let (mut a_boxed, mut b_boxed) = (a.clone(), b.clone());
    [&mut a_boxed, &mut b_boxed].into_iter().for_each(|side| ranges::fill(side, &range));
    let mut refuted = None;
    let mut open = None;
    // A reading with entries everywhere fails, so that one with boxes must decide. Where the answer shows all boxes, these decide; a sum
    // whose ends move with a letter shows none.
    let all_shown = arrays.iter().all(|(name, axes)| (0..*axes).all(|axis| shown(name, axis).is_some()));
    let guesses = !derives && !endless && !all_shown && [&left, &right].iter().all(|side| ends_stand(side, boxes));
    let inferred = guesses.then_some((Vec::new(), String::new(), (a, b)));
    for (binders, declarations, (a, b)) in inferred.into_iter().chain([(binders, boxed, (a_boxed, b_boxed))]) {
        match equation_where(a, b, (binders, around.conditions.clone()), &declarations, options) {
            Outcome::Proved => {
                return Ok((
                    Arrays::Boxed,
                    match first {
                        Outcome::Refuted(example) => Outcome::Refuted(example),
                        _ => Outcome::Proved,
                    },
                ));
            }
            Outcome::Refuted(example) => refuted = Some(example),
            Outcome::Open(reason) => open = Some(reason),
        }
    }
    // A size of which one side alone speaks may belong to an array of the other.
    let unknown: Vec<String> = one_sided(&left, &right, boxes).difference(&boxes.names(&arrays)).cloned().collect();
    if refuted.is_some() && !unknown.is_empty() && !matches!(first, Outcome::Proved) {
        let reason = format!("one side speaks of {}, and it is not said what it is the size of", unknown.join(", "));
        return Ok((Arrays::Total, Outcome::Open(reason)));
    }
    // A letter of a position may be a size elsewhere in the answer: then nothing says where it runs.
    let stray = |side: &Expr| {
        let bound = letters::bound(side);
        letters::all(side).into_iter().find_map(|part| match &part.kind {
            Kind::Entry(_, at) => at
                .iter()
                .filter_map(Expr::as_name)
                .find(|name| !bound.contains(*name) && !ranged.contains(&symbols.ident(name)))
                .cloned(),
            _ => None,
        })
    };
    if refuted.is_some()
        && derives
        && let Some(letter) = stray(&left).or_else(|| stray(&right))
    {
        let reason = format!("where {} runs is not said", print::name(&letter));
        return Ok((Arrays::Total, Outcome::Open(reason)));
    }
    // A sign that joins arrays is no operation on numbers.
    if refuted.as_ref().is_some_and(|example| example.functions.iter().any(|function| is_sign(function))) {
        let reason = "what its sign joins is not written out".to_string();
        return Ok((Arrays::Total, Outcome::Open(reason)));
    }
    // How far a derivative reaches depends on the array that it is taken by.
    let hidden = |part: &&Expr| match &part.kind {
        Kind::Derivative(_, by) => match &by.kind {
            Kind::Entry(base, at) => {
                base.as_name().is_some_and(|name| (0..at.len()).any(|axis| shown(&symbols.ident(name), axis).is_none()))
            }
            _ => false,
        },
        _ => false,
    };
    let sized =
        !boxes.names(&arrays).is_empty() || [&left, &right].iter().any(|side| !sizes_in(side, boxes).is_empty());
    if refuted.is_some()
        && sized
        && let Some(derivative) = [&left, &right].into_iter().flat_map(letters::all).find(hidden)
    {
        let reason = format!("how many entries there are to take {} by is not said", print::expr(derivative));
        return Ok((Arrays::Total, Outcome::Open(reason)));
    }
    match (refuted, open, first) {
        (Some(example), None, Outcome::Open(_)) if endless => Ok((Arrays::Total, Outcome::Refuted(example))),
        (Some(example), None, _) => Ok((Arrays::Total, Outcome::Refuted(example))),
        (_, Some(reason), _) | (None, None, Outcome::Open(reason)) => Ok((Arrays::Total, Outcome::Open(reason))),
        (None, None, other) => Ok((Arrays::Total, other)),
    }
}

/// A name of the proof language without primes, as a part of a longer name.
fn plain_letters(name: &str) -> String {
    name.replace('\'', "_prime")
}

/// Whether an answer writes positions in round brackets: such functions have values everywhere.
pub(super) fn applies_functions(left: &Expr, right: &Expr) -> bool {
    has_calls(&[left, right])
}
