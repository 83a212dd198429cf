//! Sides that are one edit away, the least first, with the class of the error that the edit repairs.

use std::collections::BTreeSet;

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::letters;
use super::linear::Poly;
use super::verdict::Class;
use crate::homework::formula::*;

/// So many edits are tried.
const MAX_TRIED: usize = 80;

/// The first edit after which the side passes a test, which asks the prover.
pub(super) fn search(side: &Expr, mut passes: impl FnMut(&Expr) -> bool) -> Option<(Class, Expr)> {
    let mut candidates = edits(side);
    candidates.sort_by_key(|(weight, _, _)| *weight);
    candidates
        .into_iter()
        .take(MAX_TRIED)
        .find(|(_, _, edited)| (!empties(edited) || empties(side)) && passes(edited))
        .map(|(_, class, edited)| (class, edited))
}

/// Whether a sum has an empty range where all sizes are 7: nobody means that, though much is true of it.
fn empties(side: &Expr) -> bool {
    let value = |bound: &Expr| {
        let mut poly = Poly::of(bound)?;
        for name in poly.names() {
            poly = poly.substitute(&name, &Poly::number(BigRational::from_integer(7.into())))?;
        }
        poly.constant()
    };
    side.any(&mut |part| match &part.kind {
        Kind::Big(Big::Sum, binders, _) => binders.iter().any(|binder| match binder {
            Binder::Letter { lower: Some(lower), upper: Some(upper), .. } => {
                value(lower).zip(value(upper)).is_some_and(|(lower, upper)| upper < lower)
            }
            _ => false,
        }),
        _ => false,
    })
}

/// The same, where a letter that neither the side nor the left side binds may also be summed over.
pub(super) fn search_free(
    side: &Expr,
    left: &BTreeSet<Name>,
    mut passes: impl FnMut(&Expr) -> bool,
) -> Option<(Class, Expr)> {
    let bound = letters::bound(side);
    let free: Vec<Name> =
        running(side).into_iter().filter(|name| !bound.contains(name) && !left.contains(name)).collect();
    if !free.is_empty() {
        let binder = |name: &Name| Binder::Letter {
            letter: Expr::new(Kind::Name(name.clone()), side.span),
            lower: None,
            upper: None,
        };
        let body = match &side.kind {
            Kind::Add(_) => Expr::new(Kind::Parens(Bracket::Round, vec![side.clone()]), side.span),
            _ => side.clone(),
        };
        let summed = Expr::new(Kind::Big(Big::Sum, free.iter().map(binder).collect(), Some(Box::new(body))), side.span);
        if passes(&summed) {
            return Some((Class::Sum, summed));
        }
    }
    search(side, passes)
}

/// All sides that are one edit away.
fn edits(side: &Expr) -> Vec<(usize, Class, Expr)> {
    let letters: Vec<Name> = running(side).into_iter().collect();
    let mut nodes = 0;
    letters::map(side, &mut |_| {
        nodes += 1;
        None
    });
    let mut found = Vec::new();
    // A minus sign lost in front of all.
    if !matches!(side.kind, Kind::Neg(_)) {
        let inner = match &side.kind {
            Kind::Add(_) => Expr::new(Kind::Parens(Bracket::Round, vec![side.clone()]), side.span),
            _ => side.clone(),
        };
        found.push((2, Class::Sign, Expr::new(Kind::Neg(Box::new(inner)), side.span)));
    }
    for node in 0..nodes.min(200) {
        for variant in 0.. {
            let mut number = 0;
            let mut made = None;
            let mut more = false;
            let edited = letters::map(side, &mut |part| {
                let here = number == node;
                number += 1;
                if !here {
                    return None;
                }
                let (weight, class, edited) = edit(part, variant, &letters)?;
                more = true;
                if edited == *part {
                    return None;
                }
                made = Some((weight, class));
                Some(edited)
            });
            if let Some((weight, class)) = made {
                found.push((weight, class, edited));
            }
            if !more {
                break;
            }
        }
    }
    found
}

/// Letters that run or number entries.
fn running(side: &Expr) -> BTreeSet<Name> {
    let mut found = letters::bound(side);
    for part in letters::all(side) {
        if let Kind::Entry(_, positions) = &part.kind {
            for name in positions.iter().flat_map(letters::all).filter_map(Expr::as_name) {
                if name.base.chars().count() == 1 && name.base.chars().all(char::is_lowercase) {
                    found.insert(name.clone());
                }
            }
        }
    }
    found
}

/// A term with a number added.
fn moved(term: &Expr, by: i64) -> Expr {
    let number = BigRational::from_integer(by.into());
    if let Kind::Number(value) = &term.kind {
        let sum = value + &number;
        let size = Expr::new(Kind::Number(sum.abs()), term.span);
        return if sum.is_negative() { Expr::new(Kind::Neg(Box::new(size)), term.span) } else { size };
    }
    let mut terms = match &term.kind {
        Kind::Add(terms) => terms.clone(),
        _ => vec![(false, term.clone())],
    };
    // `i-1` and one more is `i`.
    let constant = terms.iter().position(|(_, part)| matches!(part.kind, Kind::Number(_)));
    let mut sum = number;
    if let Some(position) = constant {
        let (minus, part) = terms.remove(position);
        if let Kind::Number(value) = part.kind {
            sum += if minus { -value } else { value };
        }
    }
    if !sum.is_zero() {
        terms.push((sum.is_negative(), Expr::new(Kind::Number(sum.abs()), term.span)));
    }
    match terms.as_slice() {
        [(false, only)] => only.clone(),
        _ => Expr::new(Kind::Add(terms), term.span),
    }
}

/// The edits of one part by number; `None` after the last.
fn edit(part: &Expr, variant: usize, letters: &[Name]) -> Option<(usize, Class, Expr)> {
    let made = |kind: Kind| Expr::new(kind, part.span);
    match &part.kind {
        Kind::Entry(array, positions) => {
            let count = positions.len();
            let changed = |position: usize, new: Expr| {
                let mut positions = positions.clone();
                if let Some(place) = positions.get_mut(position) {
                    *place = new;
                }
                made(Kind::Entry(array.clone(), positions))
            };
            // One more, one less.
            if variant < 2 * count {
                let position = variant / 2;
                let by = if variant.is_multiple_of(2) { 1 } else { -1 };
                return Some((1, Class::Index, changed(position, moved(positions.get(position)?, by))));
            }
            let variant = variant - 2 * count;
            // Two subscripts exchanged.
            if variant < count.saturating_sub(1) {
                let mut positions = positions.clone();
                positions.swap(variant, variant + 1);
                return Some((2, Class::Index, made(Kind::Entry(array.clone(), positions))));
            }
            let variant = variant - count.saturating_sub(1);
            // Another letter alone.
            let (position, letter) = (variant / letters.len().max(1), variant % letters.len().max(1));
            let old = positions.get(position)?;
            let letter = letters.get(letter)?;
            let new = match old.as_name() {
                Some(_) => Expr::new(Kind::Name(letter.clone()), old.span),
                None => old.clone(),
            };
            Some((3, Class::Index, changed(position, new)))
        }
        Kind::Add(terms) if variant < terms.len() => {
            let mut terms = terms.clone();
            let (minus, _) = terms.get_mut(variant)?;
            *minus = !*minus;
            let values = terms.iter().any(|(_, term)| {
                term.any(&mut |part| matches!(part.kind, Kind::Entry(..) | Kind::Big(..) | Kind::Call(..)))
            });
            let first_minus = terms.first().is_some_and(|(minus, _)| *minus);
            let class = if values { Class::Sign } else { Class::Index };
            Some((if first_minus { 3 } else { 2 }, class, made(Kind::Add(terms))))
        }
        Kind::Big(sign, binders, body) => {
            let place = variant / 4;
            let binder = binders.get(place)?;
            let Binder::Letter { letter, lower, upper } = binder else {
                return Some((9, Class::Bounds, part.clone()));
            };
            let by = if variant.is_multiple_of(2) { 1 } else { -1 };
            let change = |end: &Option<Expr>| end.as_ref().map(|end| moved(end, by));
            let new = if variant % 4 < 2 {
                Binder::Letter { letter: letter.clone(), lower: change(lower), upper: upper.clone() }
            } else {
                Binder::Letter { letter: letter.clone(), lower: lower.clone(), upper: change(upper) }
            };
            let mut binders = binders.clone();
            *binders.get_mut(place)? = new;
            Some((1, Class::Bounds, made(Kind::Big(*sign, binders, body.clone()))))
        }
        Kind::Product(factors) if factors.len() > 1 => {
            // A factor too many.
            let mut kept = factors.clone();
            if variant >= kept.len() {
                return None;
            }
            kept.remove(variant);
            let edited = match kept.as_mut_slice() {
                [(_, only)] => only.clone(),
                [(first, _), ..] => {
                    *first = Operator::beside();
                    made(Kind::Product(kept))
                }
                [] => return None,
            };
            Some((4, Class::Factor, edited))
        }
        Kind::Neg(inner) if variant == 0 => Some((1, Class::Sign, (**inner).clone())),
        Kind::Number(number) if number.is_one() && variant < 1 => Some((9, Class::Index, part.clone())),
        _ => None,
    }
}
