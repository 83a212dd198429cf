//! What a step says to a reader: its idea, and the words for it.

use std::collections::BTreeMap;

use super::carry::{descend, pairs};
use super::form::{Binder, Condition, Form};
use super::notation::Notation;
use crate::kernel::{Expr, Guard, Index, Law, Literal, Name, Step, Substitution, Tensor, Var};

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Words.
    Words(String),
    /// A term.
    Math(Form),
    /// An equation between two terms.
    Equation(Form, Form),
    /// The equation that a theorem claims.
    Claim(Form, Form),
    /// A condition.
    Condition(Condition),
    /// Letters with their ranges.
    Letters(Binder),
    /// The sides of a box: `1..M × 1..N`.
    Box(Vec<(Form, Form)>),
    /// The name of a theorem or definition.
    Name(Name),
}

/// What a step does, for a reader.
#[derive(Clone, Debug, PartialEq)]
pub enum Idea {
    /// Nothing that needs a line.
    Routine,
    /// Definitions are used.
    Unfold(Vec<Name>),
    /// Definitions are recognised.
    Fold(Vec<Name>),
    /// Tensors are zero outside their boxes.
    Support(Vec<(Tensor, Vec<Part>)>),
    /// Letters are substituted.
    Reindex,
    /// A case distinction.
    Split(Box<(Condition, Condition)>),
    /// Equal terms are counted.
    Count(Form),
    /// Differences cancel.
    Telescope,
    /// Derivatives are taken.
    Differentiate,
    /// What is assumed of the derivative of a function is used.
    Slope(Name),
    /// An earlier theorem is used.
    Theorem(Name),
    /// Bound letters are renamed.
    Renaming,
}

/// A substitution from the reader's point of view.
#[derive(Clone, Debug, PartialEq)]
pub struct Substituted {
    /// The new letters in terms of the old ones.
    pub new: Vec<(Name, Form)>,
    /// The old letters in terms of the new ones.
    pub old: Vec<(Name, Form)>,
    /// The ranges of the old letters.
    pub old_range: Binder,
    /// The ranges of the new letters.
    pub new_range: Binder,
}

impl Substituted {
    /// Whether no letter changes.
    pub fn is_trivial(&self) -> bool {
        self.new.is_empty() && self.old.is_empty()
    }

    /// Whether a later substitution leaves the new letters of this one alone.
    pub fn independent(&self, next: &Substituted) -> bool {
        let new = self.new.iter().map(|(name, _)| name);
        !self.new.is_empty()
            && !next.new.is_empty()
            && !new.into_iter().any(|name| next.old.iter().any(|(old, _)| old == name))
    }
}

/// The two maps of a reindexing, seen in the direction of reading.
pub(super) struct View<'a> {
    /// Each old letter in terms of the new ones.
    pub old_terms: &'a [Index],
    /// Each new letter in terms of the old ones.
    pub new_terms: &'a [Index],
    /// The readable names that new letters keep, as they are old ones unchanged.
    pub kept: Vec<Option<Name>>,
    /// The law's names for the letters of the side that it leads to.
    letters: &'a [Var],
}

fn binder_at<'a>(expr: &'a Expr, path: &[usize]) -> Option<&'a [Var]> {
    let found = path.iter().try_fold(expr, |expr, position| expr.children().get(*position))?;
    match found {
        Expr::Sum(vars, _, _) | Expr::Max(vars, _, _) => Some(vars),
        _ => None,
    }
}

/// The view of a reindexing step, `None` for every other step.
pub(super) fn reindex_view<'a>(raw: &Expr, readable: &Expr, step: &'a Step) -> Option<View<'a>> {
    let Law::Reindex(maps) = &step.law else { return None };
    let old = binder_at(raw, &step.path)?.to_vec();
    binder_at(&step.to, &step.path)?;
    let (old_terms, new_terms) = if step.reversed { (&maps.psi, &maps.phi) } else { (&maps.phi, &maps.psi) };
    let names = binder_at(readable, &step.path)?;
    let kept = new_terms.iter().map(|term| {
        let var = term.as_var()?;
        let position = old.iter().position(|other| other == var)?;
        names.get(position).map(|var| var.name.clone())
    });
    Some(View { kept: kept.collect(), old_terms, new_terms, letters: &maps.vars })
}

/// The substitution of a reindexing step with readable letters, those letters left out that do not change.
pub(super) fn substituted(
    notation: &Notation,
    raw: &Expr,
    readable: &Expr,
    next_raw: &Expr,
    next: &Expr,
    step: &Step,
    view: &View,
) -> Option<Substituted> {
    let (from_raw, from, mut old_map) = descend(raw, readable, &step.path)?;
    let (to_raw, to, mut new_map) = descend(next_raw, next, &step.path)?;
    old_map.extend(pairs(from_raw, from));
    new_map.extend(pairs(to_raw, to));
    let (Expr::Sum(old_vars, old_guard, old_body) | Expr::Max(old_vars, old_guard, old_body)) = from else {
        return None;
    };
    let (Expr::Sum(new_vars, new_guard, new_body) | Expr::Max(new_vars, new_guard, new_body)) = to else { return None };
    // The maps speak in the law's own names, which the recorded expression may have changed.
    let (map, vars) = if step.reversed { (&mut old_map, old_vars) } else { (&mut new_map, new_vars) };
    map.extend(view.letters.iter().cloned().zip(vars.iter().map(Index::from)));
    let changed = |vars: &[Var], terms: &[Index], map: &BTreeMap<Var, Index>| -> Vec<(Name, Form)> {
        vars.iter()
            .zip(terms)
            .map(|(var, term)| (var, term.substitute(map)))
            .filter(|(var, term)| term.as_var() != Some(var))
            .map(|(var, term)| (var.name.clone(), notation.index(&term)))
            .collect()
    };
    // In the readable names of both lines a letter that does not change has one name.
    let new = changed(new_vars, view.new_terms, &old_map);
    let old = changed(old_vars, view.old_terms, &new_map);
    let only = |binder: Binder, names: &[(Name, Form)]| Binder {
        letters: binder
            .letters
            .into_iter()
            .filter(|letter| names.iter().any(|(name, _)| *name == letter.name))
            .collect(),
        conditions: Vec::new(),
    };
    let old_range = only(notation.binder(old_vars, old_guard, Some(old_body)), &old);
    let new_range = only(notation.binder(new_vars, new_guard, Some(new_body)), &new);
    Some(Substituted { new, old, old_range, new_range })
}

/// The idea of a step that starts at `raw`, which is `readable` with names for its letters.
pub(super) fn idea(notation: &Notation, raw: &Expr, readable: &Expr, step: &Step) -> Idea {
    let names = descend(raw, readable, &step.path).map(|(_, _, names)| names).unwrap_or_default();
    let start = if step.reversed { &step.to } else { raw };
    let at = step.path.iter().try_fold(start, |expr, position| expr.children().get(*position));
    match &step.law {
        Law::Unfold => {
            let names = match at {
                Some(Expr::Entry(Tensor::Call { definition, .. }, _)) => vec![notation.called(definition)],
                _ => Vec::new(),
            };
            match (names.is_empty(), step.reversed) {
                (true, _) => Idea::Routine,
                (false, false) => Idea::Unfold(names),
                (false, true) => Idea::Fold(names),
            }
        }
        Law::GuardSupport => match at {
            Some(Expr::Entry(tensor, _)) => {
                let tensor = tensor.substitute(&Substitution::of_indices(names));
                let parts = support(notation, &tensor);
                Idea::Support(vec![(tensor, parts)])
            }
            _ => Idea::Routine,
        },
        Law::GuardSplit(literal) => {
            let literal = &literal.substitute(&names);
            Idea::Split(Box::new((notation.condition(literal), notation.condition(&literal.negated()))))
        }
        Law::Reindex(_) => Idea::Reindex,
        Law::Count(range) => {
            let length = &(&range.upper - &range.lower) + &Index::from(1);
            Idea::Count(notation.index(&length.substitute(&names)))
        }
        Law::Telescope(_, _) => Idea::Telescope,
        Law::Differentiate => Idea::Differentiate,
        Law::Slope => match at {
            Some(Expr::Apply { function, .. }) => Idea::Slope(function.clone()),
            _ => Idea::Routine,
        },
        Law::Theorem(instance) => Idea::Theorem(instance.theorem.clone()),
        _ => Idea::Routine,
    }
}

/// `X is zero outside 1..M × 1..N`
fn support(notation: &Notation, tensor: &Tensor) -> Vec<Part> {
    let mut parts = vec![Part::Math(notation.tensor(tensor)), Part::Words(" is zero outside ".into())];
    let declared = match tensor {
        Tensor::Named(name) => notation.signature.tensor(name).ok(),
        _ => None,
    };
    let sides = declared.and_then(|declared| {
        let binder = notation.binder(&declared.axes, &declared.support, None);
        let sides: Option<Vec<(Form, Form)>> = binder.letters.into_iter().map(|letter| letter.range).collect();
        sides.filter(|sides| binder.conditions.is_empty() && !sides.is_empty())
    });
    match sides {
        Some(sides) => parts.push(Part::Box(sides)),
        None => parts.push(Part::Words("its box".into())),
    }
    parts
}

/// What the law of a step needs to know about integers, as far as it is not evident: that letters lie in their ranges, that
/// conditions follow from others, that positions are equal.
pub(super) fn side_conditions(
    notation: &Notation,
    raw: &Expr,
    readable: &Expr,
    next: &Expr,
    step: &Step,
) -> Vec<Condition> {
    let Some((from_raw, from, mut old_map)) = descend(raw, readable, &step.path) else { return Vec::new() };
    let Some((to_raw, to, mut new_map)) = descend(&step.to, next, &step.path) else { return Vec::new() };
    let outer = old_map.clone();
    old_map.extend(pairs(from_raw, from));
    new_map.extend(pairs(to_raw, to));
    let guard: Guard = match (&step.law, from, to) {
        (
            Law::Reindex(maps),
            Expr::Sum(old, given, _) | Expr::Max(old, given, _),
            Expr::Sum(new, wanted, _) | Expr::Max(new, wanted, _),
        ) => {
            // The maps speak in the law's own names, which the recorded expression may have changed.
            let (names, vars) = if step.reversed { (&mut old_map, old) } else { (&mut new_map, new) };
            names.extend(maps.vars.iter().cloned().zip(vars.iter().map(Index::from)));
            let (old_terms, new_terms) = if step.reversed { (&maps.psi, &maps.phi) } else { (&maps.phi, &maps.psi) };
            // Each new letter lies in its range whenever the old ones lie in theirs, and the other way round.
            let into = |vars: &[Var], terms: &[Index], names: &BTreeMap<Var, Index>, wanted: &Guard, given: &Guard| {
                let terms = terms.iter().map(|term| term.substitute(names));
                let image = wanted.substitute(&vars.iter().cloned().zip(terms).collect());
                image.literals().filter(|literal| !given.contains(literal)).cloned().collect::<Vec<_>>()
            };
            let mut literals = into(new, new_terms, &old_map, wanted, given);
            literals.extend(into(old, old_terms, &new_map, given, wanted));
            literals.into_iter().collect()
        }
        (Law::GuardEquivalent(_), _, _) => match (condition_of(from), condition_of(to)) {
            (Some(old), Some(new)) => {
                let missing = |some: &Guard, other: &Guard| -> Vec<Literal> {
                    some.literals().filter(|literal| !other.contains(literal)).cloned().collect()
                };
                missing(new, old).into_iter().chain(missing(old, new)).collect()
            }
            _ => Guard::always(),
        },
        (Law::Index(_), Expr::Entry(_, old), Expr::Entry(_, new)) => {
            old.iter().zip(new).filter(|(old, new)| old != new).map(|(old, new)| Literal::eq(old - new)).collect()
        }
        (Law::Index(_), Expr::Integer(old), Expr::Integer(new)) => [Literal::eq(old - new)].into_iter().collect(),
        (Law::Count(range), _, _) => {
            let length = &(&range.upper - &range.lower) + &Index::from(1);
            Guard::from(vec![Literal::ge(length)]).substitute(&outer)
        }
        (Law::Telescope(_, range), _, _) => {
            Guard::from(vec![Literal::le(&range.lower, &range.upper)]).substitute(&outer)
        }
        _ => Guard::always(),
    };
    notation.conditions(&guard)
}

/// The condition of a sum, maximum or bracket.
fn condition_of(expr: &Expr) -> Option<&Guard> {
    match expr {
        Expr::Sum(_, guard, _) | Expr::Max(_, guard, _) | Expr::Bracket(guard) => Some(guard),
        _ => None,
    }
}

/// The sentence for an idea.
pub(super) fn words(idea: &Idea, law: &'static str, substitutions: &[Substituted]) -> Vec<Part> {
    let say = |text: &str| vec![Part::Words(text.to_string())];
    match idea {
        Idea::Unfold(names) => by_definitions(names),
        Idea::Fold(names) => {
            let mut parts = by_definitions(names);
            parts.push(Part::Words(", read backwards".into()));
            parts
        }
        Idea::Support(supports) => join(supports.iter().map(|(_, parts)| parts.clone()).collect()),
        Idea::Reindex => substitutions.iter().enumerate().fold(Vec::new(), |mut parts, (position, substituted)| {
            if position > 0 {
                parts.push(Part::Words("; ".into()));
            }
            parts.extend(substitute(substituted));
            parts
        }),
        Idea::Split(cases) => vec![
            Part::Words("either ".into()),
            Part::Condition(cases.0.clone()),
            Part::Words(" or ".into()),
            Part::Condition(cases.1.clone()),
        ],
        Idea::Count(length) => vec![
            Part::Words("the sum has equal terms, ".into()),
            Part::Math(length.clone()),
            Part::Words(" of them".into()),
        ],
        Idea::Telescope => say("the differences cancel in turn"),
        Idea::Differentiate => say("differentiate: every entry is a variable of its own"),
        Idea::Slope(name) => {
            vec![Part::Words("by what is assumed of the derivative of ".into()), Part::Name(name.clone())]
        }
        Idea::Theorem(name) => vec![Part::Words("by theorem ".into()), Part::Name(name.clone())],
        Idea::Renaming => say("the two sides differ in the names of bound letters alone"),
        Idea::Routine => say(match law {
            "ring" => "by rearranging",
            "index" => "by integer arithmetic in the positions",
            "fubini" => "a sum of sums is one sum over all letters",
            "linear" => "by linearity of the sum",
            "guard" => "the conditions say the same",
            "reindex" => "by renaming bound letters",
            "maximum" => "by the rules of maxima",
            _ => "by evaluation",
        }),
    }
}

fn by_definitions(names: &[Name]) -> Vec<Part> {
    let head = if names.len() == 1 { "by the definition of " } else { "by the definitions of " };
    let mut parts = vec![Part::Words(head.into())];
    parts.extend(join(names.iter().map(|name| vec![Part::Name(name.clone())]).collect()));
    parts
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn join(items: Vec<Vec<Part>>) -> Vec<Part> {
    let count = items.len();
    let mut parts = Vec::new();
    for (position, item) in items.into_iter().enumerate() {
        if position > 0 {
            parts.push(Part::Words(if position + 1 == count { " and " } else { ", " }.into()));
        }
        parts.extend(item);
    }
    parts
}

fn equations(pairs: &[(Name, Form)]) -> Vec<Part> {
    join(pairs.iter().map(|(name, term)| vec![Part::Equation(Form::Name(name.clone()), term.clone())]).collect())
}

fn substitute(substituted: &Substituted) -> Vec<Part> {
    let mut parts = Vec::new();
    match (substituted.new.is_empty(), substituted.old.is_empty()) {
        (true, _) => {
            parts.push(Part::Words("the conditions leave only ".into()));
            parts.extend(equations(&substituted.old));
            return parts;
        }
        (false, true) => {
            parts.push(Part::Words("the conditions of the new sum leave only ".into()));
            parts.extend(equations(&substituted.new));
            return parts;
        }
        (false, false) => {}
    }
    parts.push(Part::Words("substitute ".into()));
    parts.extend(equations(&substituted.new));
    parts.push(Part::Words(" (so ".into()));
    parts.extend(equations(&substituted.old));
    parts.push(Part::Words(")".into()));
    if !substituted.old_range.letters.is_empty() && !substituted.new_range.letters.is_empty() {
        let several = substituted.old_range.letters.len() > 1;
        parts.push(Part::Words("; ".into()));
        parts.push(Part::Letters(substituted.old_range.clone()));
        parts.push(Part::Words(if several { " become " } else { " becomes " }.into()));
        parts.push(Part::Letters(substituted.new_range.clone()));
    }
    parts
}
