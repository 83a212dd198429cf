//! Letters: those that a sum binds in vain, that nothing binds, or that stand outside their sum.

use std::collections::{BTreeMap, BTreeSet};

use super::linear::Poly;
use super::verdict::{Class, Evidence, Finding, Text, Verdict};
use crate::homework::Symbols;
use crate::homework::formula::*;
use crate::homework::print;

/// Letters that stand free in the subscripts of a side, with a place each.
pub(super) fn free(side: &Expr, symbols: &Symbols) -> BTreeMap<Name, Span> {
    let mut walk = Walk { symbols, bound: Vec::new(), found: BTreeMap::new() };
    walk.expr(side, false);
    walk.found
}

/// A side with all its parts, outer ones first.
pub(super) fn all(side: &Expr) -> Vec<&Expr> {
    let mut found = vec![side];
    let mut next = 0;
    while let Some(part) = found.get(next) {
        let parts = part.parts();
        found.extend(parts);
        next += 1;
    }
    found
}

/// The names in a side.
pub(super) fn names(side: &Expr) -> impl Iterator<Item = &Name> {
    all(side).into_iter().filter_map(Expr::as_name)
}

/// Letters that sums of a side bind.
pub(super) fn bound(side: &Expr) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    side.any(&mut |part| {
        if let Kind::Big(_, binders, _) = &part.kind {
            found.extend(binders.iter().flat_map(Binder::letters).filter_map(|letter| letter.as_name().cloned()));
        }
        false
    });
    found
}

struct Walk<'a> {
    symbols: &'a Symbols,
    bound: Vec<Name>,
    found: BTreeMap<Name, Span>,
}

impl Walk<'_> {
    fn expr(&mut self, expr: &Expr, position: bool) {
        match &expr.kind {
            Kind::Name(name) if position && self.symbols.indices.contains(name) && !self.bound.contains(name) => {
                self.found.entry(name.clone()).or_insert(expr.span);
            }
            Kind::Entry(base, indices) => {
                self.expr(base, false);
                indices.iter().for_each(|index| self.expr(index, true));
            }
            Kind::Big(_, binders, body) => {
                let depth = self.bound.len();
                self.bound
                    .extend(binders.iter().flat_map(Binder::letters).filter_map(|letter| letter.as_name().cloned()));
                body.iter().for_each(|body| self.expr(body, position));
                self.bound.truncate(depth);
            }
            _ => expr.parts().into_iter().for_each(|part| self.expr(part, position)),
        }
    }
}

/// Whether a letter occurs anywhere but in the ranges of inner sums, also in a layer or a label.
fn occurs(body: &Expr, letter: &Name) -> bool {
    if let Kind::Big(_, binders, Some(inner)) = &body.kind
        && !binders.iter().flat_map(Binder::letters).any(|other| other.as_name() == Some(letter))
    {
        return occurs(inner, letter);
    }
    body.any(&mut |part| match &part.kind {
        Kind::Name(name) => {
            let within = |text: &str| text.split(|sign: char| !sign.is_alphanumeric()).any(|word| word == letter.base);
            name == letter || within(&name.layer) || within(&name.label)
        }
        _ => false,
    })
}

/// A sum whose letter does not occur in it, while another letter there is bound by nothing.
///
/// The second part is the side with the letter renamed, which is what was meant.
pub(super) fn vain(side: &Expr, elsewhere: &BTreeSet<Name>, symbols: &Symbols) -> Option<(Finding, Expr)> {
    let free = free(side, symbols);
    let mut found: Option<(Name, Span)> = None;
    side.any(&mut |part| {
        if let Kind::Big(Big::Sum, binders, Some(body)) = &part.kind {
            for letter in binders.iter().flat_map(Binder::letters) {
                if let Some(name) = letter.as_name()
                    && !occurs(body, name)
                {
                    found = Some((name.clone(), letter.span));
                    return true;
                }
            }
        }
        false
    });
    let (vain, place) = found?;
    let mut loose = free.keys().filter(|name| !elsewhere.contains(*name));
    let meant = loose.next()?.clone();
    let (a, b) = (print::name(&vain), print::name(&meant));
    let repaired = renamed_binder(side, &vain, &meant);
    let finding = Finding::new(
        Verdict::Wrong,
        &[Class::Index],
        Text::new(
            format!("the sum runs over {a}, which does not occur under it, and nothing binds {b}"),
            format!("求和变量是 {a}，但求和式中没有 {a}，而 {b} 没有被任何求和约束"),
        ),
        Evidence::Place(place.bytes()),
    )
    .with_repair(print::expr(&repaired));
    Some((finding, repaired))
}

/// A side in which no sum runs over a letter that also stands outside it: within such sums it is called otherwise.
pub(super) fn apart(side: &Expr, letter: &Name) -> Expr {
    let other = Name { primes: letter.primes + 1, ..letter.clone() };
    map(side, &mut |part| {
        let Kind::Big(_, binders, _) = &part.kind else { return None };
        let binds = binders.iter().flat_map(Binder::letters).any(|bound| bound.as_name() == Some(letter));
        binds.then(|| {
            map(&renamed_binder(part, letter, &other), &mut |inner| {
                (inner.as_name() == Some(letter)).then(|| Expr::new(Kind::Name(other.clone()), inner.span))
            })
        })
    })
}

/// The side with the binder of one letter called by another.
pub(super) fn renamed_binder(side: &Expr, from: &Name, to: &Name) -> Expr {
    map(side, &mut |part| {
        let Kind::Big(sign, binders, body) = &part.kind else { return None };
        let binders = binders
            .iter()
            .map(|binder| match binder {
                Binder::Letter { letter, lower, upper } if letter.as_name() == Some(from) => Binder::Letter {
                    letter: Expr::new(Kind::Name(to.clone()), letter.span),
                    lower: lower.clone(),
                    upper: upper.clone(),
                },
                other => other.clone(),
            })
            .collect();
        let body = body.as_ref().map(|body| Box::new(renamed_binder(body, from, to)));
        Some(Expr::new(Kind::Big(*sign, binders, body), part.span))
    })
}

/// A tree with some parts replaced; a part that is replaced is not looked into again.
pub(super) fn map(expr: &Expr, change: &mut dyn FnMut(&Expr) -> Option<Expr>) -> Expr {
    if let Some(changed) = change(expr) {
        return changed;
    }
    let mut one = |part: &Expr| map(part, change);
    let kind = match &expr.kind {
        Kind::Entry(base, list) => Kind::Entry(Box::new(one(base)), list.iter().map(one).collect()),
        Kind::Call(base, list) => Kind::Call(Box::new(one(base)), list.iter().map(one).collect()),
        Kind::Parens(bracket, list) => Kind::Parens(*bracket, list.iter().map(one).collect()),
        Kind::Add(terms) => Kind::Add(terms.iter().map(|(minus, term)| (*minus, one(term))).collect()),
        Kind::Product(factors) => {
            Kind::Product(factors.iter().map(|(sign, factor)| (sign.clone(), one(factor))).collect())
        }
        Kind::Neg(inner) => Kind::Neg(Box::new(one(inner))),
        Kind::Transpose(inner) => Kind::Transpose(Box::new(one(inner))),
        Kind::Root(inner) => Kind::Root(Box::new(one(inner))),
        Kind::Floor(inner) => Kind::Floor(Box::new(one(inner))),
        Kind::Ceil(inner) => Kind::Ceil(Box::new(one(inner))),
        Kind::Power(left, right) => Kind::Power(Box::new(one(left)), Box::new(one(right))),
        Kind::Fraction(left, right) => Kind::Fraction(Box::new(one(left)), Box::new(one(right))),
        Kind::Big(sign, binders, body) => {
            let binders = binders
                .iter()
                .map(|binder| match binder {
                    Binder::Letter { letter, lower, upper } => Binder::Letter {
                        letter: letter.clone(),
                        lower: lower.as_ref().map(&mut one),
                        upper: upper.as_ref().map(&mut one),
                    },
                    other => other.clone(),
                })
                .collect();
            Kind::Big(*sign, binders, body.as_ref().map(|body| Box::new(one(body))))
        }
        Kind::Derivative(of, by) => Kind::Derivative(of.as_ref().map(|of| Box::new(one(of))), Box::new(one(by))),
        Kind::Gradient(by, of) => {
            Kind::Gradient(by.as_ref().map(|by| Box::new(one(by))), of.as_ref().map(|of| Box::new(one(of))))
        }
        Kind::Matrix(rows) => Kind::Matrix(rows.iter().map(|row| row.iter().map(&mut one).collect()).collect()),
        _ => return expr.clone(),
    };
    Expr::new(kind, expr.span)
}

/// A set that also stands as an index: `Σ_{i,j ∈ Q} δ_Q`.
pub(super) fn set_as_index(side: &Expr) -> Option<Finding> {
    let mut sets: BTreeSet<Name> = BTreeSet::new();
    side.any(&mut |part| {
        if let Kind::Big(_, binders, _) = &part.kind {
            for binder in binders {
                if let Binder::Among(_, set) = binder {
                    sets.extend(set.as_name().cloned());
                }
            }
        }
        false
    });
    let mut place = None;
    side.any(&mut |part| {
        if let Kind::Entry(_, indices) = &part.kind {
            let index = indices.iter().find(|index| index.as_name().is_some_and(|name| sets.contains(name)));
            place = place.take().or(index.map(|index| (print::expr(index), index.span.bytes())));
        }
        false
    });
    let (name, span) = place?;
    Some(Finding::new(
        Verdict::Typo,
        &[Class::Index],
        Text::new(
            format!("{name} is the set over which the sum runs, and stands as an index as well"),
            format!("{name} 既是求和的集合，又被当作下标"),
        ),
        Evidence::Place(span),
    ))
}

/// A letter that is bound by a sum of another side of the chain and stands free here, while the first side does without it.
pub(super) fn outside(side: &Expr, first: &Expr, bound_before: &BTreeSet<Name>, symbols: &Symbols) -> Option<Finding> {
    let here = free(side, symbols);
    let there = free(first, symbols);
    let (letter, span) =
        here.iter().find(|(letter, _)| bound_before.contains(*letter) && !there.contains_key(*letter))?;
    // Operands that are named by an entry, `δ_{i,j} * o_{m,n}`, have letters of their own.
    let lost = there.keys().any(|name| !here.contains_key(name));
    let single = there.len() == 1;
    if !(lost || single) || there.is_empty() {
        return None;
    }
    let name = print::name(letter);
    let only = there.keys().next().filter(|_| single)?;
    let repaired =
        map(side, &mut |part| (part.as_name() == Some(letter)).then(|| Expr::new(Kind::Name(only.clone()), part.span)));
    Some(
        Finding::new(
            Verdict::Wrong,
            &[Class::Index],
            Text::new(
                format!("{name} is the letter of a sum and has no meaning outside it"),
                format!("{name} 是求和变量，在求和之外没有意义"),
            ),
            Evidence::Place(span.bytes()),
        )
        .with_repair(print::expr(&repaired)),
    )
}

/// Letters of the left side that the right side does not read, while it reads letters that nothing binds.
pub(super) fn unmatched(left: &Expr, right: &Expr, symbols: &Symbols) -> Option<Finding> {
    let Kind::Entry(_, indices) = &left.kind else { return None };
    let generic = indices.iter().all(|index| index.as_name().is_some());
    let (there, here) = (free(left, symbols), free(right, symbols));
    let signs = right.any(&mut |part| {
        matches!(&part.kind, Kind::Product(factors) if factors.iter().any(|(sign, _)| !sign.is_plain() && sign.sign != Sign::Times))
    });
    let sums = right.any(&mut |part| matches!(part.kind, Kind::Big(..)));
    let extra: Vec<(&Name, &Span)> = here.iter().filter(|(name, _)| !there.contains_key(*name)).collect();
    let lost: Vec<&Name> = there.keys().filter(|name| !here.contains_key(*name) && !occurs_free(right, name)).collect();
    let (first, span) = extra.first()?;
    if !generic || signs || !sums || lost.is_empty() {
        return None;
    }
    let names = |list: Vec<&Name>| list.into_iter().map(print::name).collect::<Vec<_>>().join(", ");
    let (a, b) = (names(extra.iter().map(|(name, _)| *name).collect()), names(lost));
    let _ = first;
    Some(Finding::new(
        Verdict::Wrong,
        &[Class::Index],
        Text::new(
            format!("nothing binds {a} on the right, and {b} of the left side is not read there"),
            format!("右边的 {a} 没有定义，而左边的 {b} 在右边没有出现"),
        ),
        Evidence::Place(span.bytes()),
    ))
}

/// Sizes `n` that sums of a side use as in `0, …, n-1`.
pub(super) fn counted(side: &Expr) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    for part in all(side) {
        let Kind::Big(Big::Sum, binders, _) = &part.kind else { continue };
        for binder in binders {
            if let Binder::Letter { upper: Some(upper), .. } = binder
                && let Kind::Add(terms) = &upper.kind
                && let [(false, size), (true, one)] = terms.as_slice()
                && matches!(&one.kind, Kind::Number(number) if number.to_integer() == 1.into())
            {
                found.extend(size.as_name().cloned());
            }
        }
    }
    found
}

fn occurs_free(side: &Expr, letter: &Name) -> bool {
    side.any(&mut |part| part.as_name() == Some(letter)) && !bound(side).contains(letter)
}

/// A sum from 0 to a size itself, which has one term more than the size says.
///
/// `counted` holds the sizes of which the answer elsewhere writes that positions end at one less.
pub(super) fn one_too_far(side: &Expr, symbols: &Symbols, counted: &BTreeSet<Name>) -> Option<Finding> {
    let mut found = None;
    side.any(&mut |part| {
        if let Kind::Big(Big::Sum, binders, _) = &part.kind {
            for binder in binders {
                if let Binder::Letter { letter, lower: Some(lower), upper: Some(upper) } = binder
                    && matches!(&lower.kind, Kind::Number(number) if number.to_integer() == 0.into())
                    && let Some(name) = upper.as_name()
                    && symbols.sizes.contains(name)
                    && (!name.label.is_empty() && name.base == "n" || counted.contains(name))
                {
                    found = Some((print::expr(letter), print::name(name), upper.span.bytes()));
                    return true;
                }
            }
        }
        false
    });
    let (letter, size, span) = found?;
    Some(Finding::new(
        Verdict::Ambiguous,
        &[Class::Bounds],
        Text::new(
            format!(
                "{letter} runs over 0, …, {size}: these are {size}+1 values; the last is {size}-1 if {size} counts them, and the value is kept only if the entries outside are 0"
            ),
            format!(
                "{letter} 取 0, …, {size} 共 {size}+1 个值；若 {size} 是个数，应到 {size}-1 为止，只有在界外为零时才不影响结果"
            ),
        ),
        Evidence::Place(span),
    ))
}

/// Positions in round brackets as subscripts: `f(k)` is an entry of `f`.
pub(super) fn with_entries(side: &Expr) -> Expr {
    map(side, &mut |part| match &part.kind {
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

/// Whether positions stand in round brackets anywhere: such functions have values everywhere.
pub(super) fn applies_functions(side: &Expr) -> bool {
    with_entries(side) != *side
}
