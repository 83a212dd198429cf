//! Sums of entries, through the prover.
//!
//! A claim of an answer does not say how large its arrays are. It is tried with arrays that have entries everywhere, with the boxes that
//! its sums show, and with boxes of any size; it is refuted only where it fails in every one of these readings.

use std::collections::BTreeMap;

use super::boxes::Place;
use super::chinese;
use super::context::Context;
use super::letters;
use super::prover::{Outcome, equation_where, parsed};
use super::ranges;
use super::verdict::Text;
use crate::homework::formula::*;
use crate::homework::{Symbols, print, surface};
use crate::numeric::Counterexample;
use crate::syntax::ast;

/// How a claim was read when it was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrays {
    /// Entries everywhere.
    Total,
    /// Zero outside the ranges that the sums show, or outside a box of any size.
    Boxed,
}

/// What is said around a claim.
#[derive(Clone, Debug, Default)]
pub(super) struct Around {
    /// Letters that number the entries of an array with one axis.
    pub within: Vec<(Name, Name)>,
    /// What is assumed of letters.
    pub conditions: Vec<ast::Condition>,
}

/// Decides whether two sides are equal.
///
/// # Errors
/// What has no counterpart in the prover.
pub(super) fn equal(left: &Expr, right: &Expr, context: Context) -> Result<(Arrays, Outcome), Text> {
    equal_within(left, right, &Around::default(), context)
}

/// Whether two sides are equal, where the arrays may be 0 outside their boxes.
pub(super) fn are_equal(left: &Expr, right: &Expr, context: Context) -> bool {
    matches!(equal(left, right, context), Ok((_, Outcome::Proved) | (Arrays::Boxed, _)))
}

/// The same, with what is said around the claim. Where it fails, it may fail at a denominator that is 0, which is not meant.
///
/// # Errors
/// What has no counterpart in the prover.
pub(super) fn equal_within(
    left: &Expr,
    right: &Expr,
    around: &Around,
    context: Context,
) -> Result<(Arrays, Outcome), Text> {
    let claim = Claim::of(left, right, context);
    let judged = claim.decided(around)?;
    if !matches!(judged, (_, Outcome::Refuted(_))) {
        return Ok(judged);
    }
    let nonzero = denominators(&[left, right], context.symbols);
    if nonzero.is_empty() {
        return Ok(judged);
    }
    let conditions = around.conditions.iter().cloned().chain(nonzero).collect();
    claim.decided(&Around { conditions, ..around.clone() })
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
        let zero = Expr::integer(0, below.span);
        let link = Link { relation: Relation::Ne, side: Some(zero), reason: Vec::new(), span: below.span };
        surface::condition(&Chain { first: Some((*below).clone()), links: vec![link], span: below.span }, symbols).ok()
    };
    found.iter().filter_map(condition).collect()
}

/// Whether a sum or the like has a letter of which no end is written.
fn is_unended(part: &Expr) -> bool {
    let Kind::Big(_, binders, _) = &part.kind else { return false };
    binders.iter().any(|binder| matches!(binder, Binder::Letter { lower: None, upper: None, .. }))
}

/// The name under which a claim speaks of a size that the answer does not show.
pub(super) fn hidden_size(array: &str, axis: usize) -> String {
    format!("size_{}_{axis}", array.replace('\'', "_prime"))
}

/// Two sides that are said to be equal.
struct Claim<'a> {
    /// With positions in round brackets as subscripts.
    sides: [Expr; 2],
    /// The arrays with their numbers of axes.
    arrays: BTreeMap<String, usize>,
    /// Whether a derivative stands in it.
    derives: bool,
    /// Whether a sum has no end: it has a value where the arrays do.
    endless: bool,
    /// Axes with positions in common, each with the one that stands for it.
    shared: BTreeMap<Place, Place>,
    base: i64,
    context: Context<'a>,
}

impl<'a> Claim<'a> {
    fn of(left: &Expr, right: &Expr, context: Context<'a>) -> Self {
        let sides = [letters::with_entries(left), letters::with_entries(right)];
        let has = |wanted: &dyn Fn(&Kind) -> bool| sides.iter().any(|side| side.any(&mut |part| wanted(&part.kind)));
        let (derives, endless) =
            (has(&|kind| matches!(kind, Kind::Derivative(..))), has(&|kind| *kind == Kind::Infinity));
        let mut arrays = BTreeMap::new();
        for part in sides.iter().flat_map(letters::all) {
            if let Kind::Entry(base, indices) = &part.kind
                && let Some(name) = base.as_name()
            {
                arrays.insert(context.symbols.ident(name), indices.len());
            }
        }
        // Entries that are added and derived side by side have positions in common.
        let shared = if derives { context.boxes.shared_axes(&sides, context.symbols) } else { BTreeMap::new() };
        Claim { arrays, derives, endless, shared, base: context.model.base.unwrap_or(1), sides, context }
    }

    fn parts(&self) -> impl Iterator<Item = &Expr> {
        self.sides.iter().flat_map(letters::all)
    }

    /// The axis whose size is that of another one.
    fn place(&self, array: &str, axis: usize) -> Place {
        let place = (array.to_string(), axis);
        self.shared.get(&place).cloned().unwrap_or(place)
    }

    /// The last position along an axis as the answer shows it.
    fn shown(&self, array: &str, axis: usize) -> Option<String> {
        self.context.boxes.last(&self.place(array, axis)).map(|last| last.text().replace('·', "*"))
    }

    /// A name for the size of an axis that does not show.
    fn size(&self, array: &str, axis: usize) -> String {
        let (array, axis) = self.place(array, axis);
        hidden_size(&array, axis)
    }

    /// The positions along an axis.
    fn positions(&self, array: &str, axis: usize) -> String {
        let base = self.base;
        match self.shown(array, axis) {
            Some(last) => format!("{base}..{last}"),
            None => format!("{base}..{}-1+{base}", self.size(array, axis)),
        }
    }

    /// The arrays with entries everywhere.
    fn everywhere(&self) -> String {
        let function = |(name, axes): (&String, &usize)| {
            let letters: Vec<String> = (0..*axes).map(|axis| format!("i{axis}")).collect();
            format!("function {name}({})\n", letters.join(", "))
        };
        self.arrays.iter().map(function).collect()
    }

    /// The arrays with their boxes, and the sizes of these.
    fn boxed(&self) -> String {
        if self.arrays.values().any(|axes| *axes == 0) {
            return String::new();
        }
        let mut sizes = self.context.boxes.names(&self.arrays);
        let mut tensors = String::new();
        for (name, axes) in &self.arrays {
            let hidden = (0..*axes).filter(|axis| self.shown(name, *axis).is_none());
            sizes.extend(hidden.map(|axis| self.size(name, axis)));
            let sides: Vec<String> = (0..*axes).map(|axis| self.positions(name, axis)).collect();
            tensors.push_str(&format!("tensor {name}[{}]\n", sides.join(", ")));
        }
        if sizes.is_empty() {
            return tensors;
        }
        // What the exercise assumes of sizes that the claim speaks of.
        let exercise = self.context.options.exercise.iter();
        let assumed: String = exercise
            .flat_map(|exercise| &exercise.hypotheses)
            .filter(|assumption| assumption.names.iter().all(|name| sizes.contains(name)))
            .map(|assumption| format!("assume {}\n", assumption.text))
            .collect();
        // What is written of an array is in its box.
        let mut reached: BTreeMap<String, i64> = BTreeMap::new();
        for part in self.parts() {
            let Kind::Entry(base, at) = &part.kind else { continue };
            let Some(array) = base.as_name().map(|name| self.context.symbols.ident(name)) else { continue };
            for (axis, at) in at.iter().enumerate() {
                if let Some(number) = at.as_integer().filter(|_| self.shown(&array, axis).is_none()) {
                    let most = reached.entry(self.size(&array, axis)).or_insert(number);
                    *most = number.max(*most);
                }
            }
        }
        let reached: String =
            reached.into_iter().map(|(size, last)| format!("assume {size} >= {}\n", last - self.base + 1)).collect();
        let sizes: Vec<String> = sizes.into_iter().collect();
        format!("size {}\n{assumed}{reached}{tensors}", sizes.join(", "))
    }

    /// The ranges of free letters: a derivative by an entry is asked for at positions of the array, and so is all that stands beside it.
    fn ranged(&self, around: &Around) -> BTreeMap<String, String> {
        let symbols = self.context.symbols;
        let numbers = |letter: &Name, array: &Name, axis: usize| {
            let letter = symbols.ident(letter);
            (letter.clone(), format!("{letter} in {}", self.positions(&symbols.ident(array), axis)))
        };
        let mut ranged: BTreeMap<String, String> =
            around.within.iter().map(|(letter, array)| numbers(letter, array, 0)).collect();
        for side in self.sides.iter().filter(|_| self.derives) {
            let free = letters::free(side, symbols);
            for part in letters::all(side) {
                let Kind::Entry(array, positions) = &part.kind else { continue };
                let Some(array) = array.as_name() else { continue };
                for (axis, at) in positions.iter().enumerate() {
                    ranged.extend(at.as_name().filter(|at| free.contains_key(*at)).map(|at| numbers(at, array, axis)));
                }
            }
        }
        ranged
    }

    /// That what is derived by is an entry of its array, where its position is no letter alone: `∂y_i/∂x_{2i+1}`. Nothing depends on places
    /// outside an array.
    fn within(&self) -> Vec<ast::Condition> {
        let symbols = self.context.symbols;
        let mut found: BTreeMap<String, ast::Condition> = BTreeMap::new();
        for side in self.sides.iter().filter(|_| self.derives) {
            let bound = letters::bound(side);
            for part in letters::all(side) {
                let Kind::Derivative(_, by) = &part.kind else { continue };
                let Kind::Entry(array, at) = &by.kind else { continue };
                let Some(array) = array.as_name().map(|name| symbols.ident(name)) else { continue };
                for (axis, at) in
                    at.iter().enumerate().filter(|(_, at)| matches!(at.kind, Kind::Add(_) | Kind::Product(_)))
                {
                    let free = letters::names(at).all(|name| !bound.contains(name));
                    let Some(ast::Range { lower: ast::Bound::Term(low), upper: ast::Bound::Term(high), .. }) =
                        self.range(&array, axis).filter(|_| free)
                    else {
                        continue;
                    };
                    let rest = surface::term(at, symbols).ok().map(|position| {
                        let within = vec![(ast::Relation::Le, position), (ast::Relation::Le, high)];
                        let rest = ast::Relations::Chain(within);
                        (
                            format!("{axis} {}", print::expr(by)),
                            ast::Condition { first: low, rest, span: ast::Span::default() },
                        )
                    });
                    found.extend(rest);
                }
            }
        }
        found.into_values().collect()
    }

    /// The range of a letter that runs over the positions of an array.
    fn range(&self, array: &str, axis: usize) -> Option<ast::Range> {
        self.arrays.contains_key(array).then_some(())?;
        let (binders, _) = parsed(&format!("theorem t for k in {}: 0 = 0", self.positions(array, axis)))?;
        match binders.into_iter().next()? {
            ast::BinderItem::Letters(_, range) => range,
            ast::BinderItem::Condition(_) => None,
        }
    }

    /// Whether the boxes that the prover infers from a claim are a reading of their own: not where the answer shows all boxes, nor where
    /// the ends of a sum move with a letter or are left out.
    fn infers_boxes(&self) -> bool {
        if self.parts().any(is_unended) {
            return false;
        }
        let all_shown = self.arrays.iter().all(|(name, axes)| (0..*axes).all(|axis| self.shown(name, axis).is_some()));
        !self.derives && !self.endless && !all_shown && self.sides.iter().all(|side| self.context.boxes.end(side))
    }

    fn decided(&self, around: &Around) -> Result<(Arrays, Outcome), Text> {
        let Context { symbols, options, .. } = self.context;
        let [left, right] = &self.sides;
        let open = |reason: String| Ok((Arrays::Total, Outcome::Open(reason)));
        if let Some(name) = self.parts().find_map(unsaid) {
            return open(format!("what {name} is made of is not said"));
        }
        let term = |side: &Expr| {
            surface::term(side, symbols).map_err(|unsupported| {
                Text::new(
                    format!("{} has no counterpart in the prover", unsupported.what),
                    format!("证明器不支持：{}", chinese::translated(unsupported.what)),
                )
            })
        };
        let (a, b) = (term(left)?, term(right)?);
        let conditions: Vec<ast::Condition> = around.conditions.iter().cloned().chain(self.within()).collect();
        let ask = |a: &ast::Term, b: &ast::Term, indices: Vec<ast::BinderItem>, declarations: &str| {
            equation_where(a.clone(), b.clone(), (indices, conditions.clone()), declarations, options)
        };
        let everywhere = match self.derives {
            true => Outcome::Open(String::new()),
            false => ask(&a, &b, Vec::new(), &self.everywhere()),
        };
        if matches!(everywhere, Outcome::Proved) {
            return Ok((Arrays::Total, everywhere));
        }
        // Where a reading with entries everywhere fails, those with boxes must decide.
        let ranged = self.ranged(around);
        let ranges: Vec<String> = ranged.values().cloned().collect();
        let binders = match ranges.as_slice() {
            [] => Vec::new(),
            _ => {
                parsed(&format!("theorem t for {}: 0 = 0", ranges.join(", "))).map_or_else(Vec::new, |(found, _)| found)
            }
        };
        // A letter of a sum without ends runs over the positions of an array.
        let filled = |side: &ast::Term| {
            let mut side = side.clone();
            ranges::fill(&mut side, &|array: &str, axis| self.range(array, axis));
            side
        };
        let inferred = self.infers_boxes().then(|| (a.clone(), b.clone(), Vec::new(), String::new()));
        let boxed = (filled(&a), filled(&b), binders, self.boxed());
        let (mut refuted, mut reason) = (None, None);
        for (a, b, binders, declarations) in inferred.into_iter().chain([boxed]) {
            match ask(&a, &b, binders, &declarations) {
                Outcome::Proved => {
                    let refuted = matches!(everywhere, Outcome::Refuted(_));
                    return Ok((Arrays::Boxed, if refuted { everywhere } else { Outcome::Proved }));
                }
                Outcome::Refuted(example) => refuted = Some(example),
                Outcome::Open(why) => reason = Some(why),
            }
        }
        if let Some(example) = &refuted
            && let Some(reason) = self.excused(example, &ranged)
        {
            return open(reason);
        }
        Ok((
            Arrays::Total,
            match (refuted, reason) {
                (_, Some(reason)) => Outcome::Open(reason),
                (Some(example), None) => Outcome::Refuted(example),
                (None, None) => everywhere,
            },
        ))
    }

    /// The letter by which a sum without ends is divided, where nothing says what it is: `1/N Σ_i x_i` is a mean.
    fn count_of_terms(&self) -> Option<String> {
        let sum = |part: &Expr| matches!(part.kind, Kind::Big(Big::Sum, ..)) && is_unended(part);
        let endless = |side: &Expr| side.any(&mut |part| sum(part));
        let below = |side: &Expr| match &side.kind {
            Kind::Fraction(_, below) => below.as_name().cloned(),
            _ => None,
        };
        self.parts().find_map(|part| {
            let count = match &part.kind {
                Kind::Product(factors) => {
                    let sum = factors.iter().any(|(_, factor)| endless(factor));
                    factors.iter().filter(|_| sum).find_map(|(_, factor)| below(factor))
                }
                Kind::Fraction(above, _) if endless(above) => below(part),
                _ => None,
            };
            count.filter(|count| !self.context.boxes.is_size(count)).map(|count| print::name(&count))
        })
    }

    /// Why numbers at which the claim fails do not refute it: what the answer does not say may make it true.
    fn excused(&self, example: &Counterexample, ranged: &BTreeMap<String, String>) -> Option<String> {
        let Context { symbols, boxes, .. } = self.context;
        // A size of which one side alone speaks may belong to an array of the other.
        let [left, right] = self.sides.each_ref().map(|side| boxes.sizes_in(side));
        let of_arrays = boxes.names(&self.arrays);
        let unknown: Vec<String> =
            left.symmetric_difference(&right).filter(|size| !of_arrays.contains(*size)).cloned().collect();
        if !unknown.is_empty() {
            let unknown = unknown.join(", ");
            return Some(format!("one side speaks of {unknown}, and it is not said what it is the size of"));
        }
        if let Some(count) = self.count_of_terms() {
            return Some(format!("{count} may be the number of the terms of a sum, which is not said"));
        }
        // A letter of a position may be a size elsewhere in the answer: then nothing says where it runs.
        let stray = |side: &Expr| {
            let bound = letters::bound(side);
            letters::all(side).into_iter().find_map(|part| match &part.kind {
                Kind::Entry(_, at) => at
                    .iter()
                    .filter_map(Expr::as_name)
                    .find(|name| !bound.contains(*name) && !ranged.contains_key(&symbols.ident(name)))
                    .cloned(),
                _ => None,
            })
        };
        if self.derives
            && let Some(letter) = self.sides.iter().find_map(stray)
        {
            return Some(format!("where {} runs is not said", print::name(&letter)));
        }
        // A sign that joins arrays is no operation on numbers.
        if example.functions.iter().any(|function| is_sign(function)) {
            return Some("what its sign joins is not written out".to_string());
        }
        // How far a derivative reaches depends on the array that it is taken by.
        let hidden = |part: &&Expr| match &part.kind {
            Kind::Derivative(_, by) => match &by.kind {
                Kind::Entry(base, at) => base
                    .as_name()
                    .is_some_and(|name| (0..at.len()).any(|axis| self.shown(&symbols.ident(name), axis).is_none())),
                _ => false,
            },
            _ => false,
        };
        let sized = !of_arrays.is_empty() || !left.is_empty() || !right.is_empty();
        let derivative = self.parts().find(hidden).filter(|_| sized)?;
        Some(format!("how many entries there are to take {} by is not said", print::expr(derivative)))
    }
}

/// A name that is differentiated by something else: what it is made of is not written out, so nothing can be said of its derivative.
fn unsaid(part: &Expr) -> Option<String> {
    let Kind::Derivative(Some(of), by) = &part.kind else { return None };
    let (of, by) = (of.root()?, by.root()?);
    (of != by).then(|| print::name(of))
}

/// Whether a function, as a counterexample shows it, stands for a sign of the answer: `star(a, b) = …`, `otimes_wide(a, b) = …`.
fn is_sign(function: &str) -> bool {
    let root = function.split(['(', '_']).next().unwrap_or_default();
    matches!(root, "star" | "five" | "otimes" | "circled" | "bullet" | "boxdot" | "circle")
}
