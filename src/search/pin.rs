//! Floors to which a range leaves one value: `Σ_{u: 0 ≤ c - C·⌊u/F⌋ < C}` runs over the u with `⌊u/F⌋ = ⌊c/C⌋`, which are F in a row, and
//! for `0 ≤ u < K` the entry `x[⌊(K·o + u)/K⌋]` is `x[o]`.

use std::collections::BTreeSet;

use super::chain::Chain;
use super::matching::eliminate;
use super::monomial::{map_indices, map_literal, quotient, rewrite};
use crate::entail;
use crate::kernel::{Atom, Expr, Facts, Guard, Index, Literal, Name, Rank, Var};

/// Replaces a floor that depends on a summation letter by the one value that the range leaves it.
pub(super) fn pin(chain: &mut Chain) -> Option<()> {
    let (Expr::Sum(vars, guard, body) | Expr::Max(vars, guard, body)) = chain.current().clone() else { return None };
    let mut floors: BTreeSet<(Index, Index)> = BTreeSet::new();
    guard.indices().for_each(|index| collect(index, &vars, &mut floors));
    for path in leaves(&body, &mut Vec::new()) {
        path.iter().try_fold(&*body, |part, place| part.children().get(*place)).into_iter().for_each(|leaf| {
            leaf.visit_indices(&mut |index| collect(index, &vars, &mut floors));
        });
    }
    let source = chain.clone();
    let within: Facts = source.facts_at(&[]).iter().chain(guard.literals()).cloned().collect();
    let found = floors.iter().find_map(|(numerator, divisor)| {
        let value =
            value(&source, (&vars, &guard), (numerator, divisor)).or_else(|| whole(&within, (numerator, divisor)))?;
        let mut attempt = source.clone();
        replace(&mut attempt, (&guard, &body), (numerator, divisor), &value)?;
        Some(attempt)
    })?;
    *chain = found;
    Some(())
}

/// The floors of scalar terms that depend on the letters, with a divisor that does not.
fn collect(index: &Index, vars: &[Var], found: &mut BTreeSet<(Index, Index)>) {
    let depends = |index: &Index| vars.iter().any(|var| index.contains(var));
    for atom in index.atoms() {
        match atom {
            Atom::Floor(numerator, divisor) => {
                if depends(numerator)
                    && !depends(divisor)
                    && (numerator.as_ref() + divisor).rank() == Some(Rank::Scalar)
                {
                    found.insert((numerator.as_ref().clone(), divisor.as_ref().clone()));
                }
                collect(numerator, vars, found);
            }
            Atom::Max(a, b) => {
                collect(a, vars, found);
                collect(b, vars, found);
            }
            Atom::Var(_) | Atom::Apply(_, _) | Atom::Volume(_) => {}
        }
    }
}

/// The one value of a floor, free of the summation letters.
fn value(chain: &Chain, (vars, guard): (&[Var], &Guard), (numerator, divisor): (&Index, &Index)) -> Option<Index> {
    let letter = Var { name: Name::from("%floor"), rank: Rank::Scalar };
    let mut put = |above: &Index, below: &Index| (above == numerator && below == divisor).then(|| Index::from(&letter));
    // The floor's own definition says nothing that is new.
    let seen: Guard =
        guard.literals().map(|literal| map_literal(literal, &mut |index| rewrite(index, &mut put))).collect();
    let facts = chain.facts_at(&[]);
    let value = eliminate(&facts, std::slice::from_ref(&letter), (&seen, &[]), &[]).remove(&letter)?;
    let bare = !value.contains(&letter) && !vars.iter().any(|var| value.contains(var));
    (bare && entail::positive(&facts, divisor)).then_some(value)
}

/// The multiples of the divisor in the numerator, where what is known keeps the rest below the divisor.
pub(super) fn whole(facts: &Facts, (numerator, divisor): (&Index, &Index)) -> Option<Index> {
    let rest = |whole: &Index| numerator - &(divisor * whole);
    let tidy = quotient(numerator, divisor);
    let of_rest = |atom: &&Atom| matches!(atom, Atom::Floor(_, below) if **below == *divisor);
    let floor = tidy.atoms().find(of_rest).map_or_else(Index::default, |floor| Index::atom(floor.clone()));
    let whole = &tidy - &floor;
    let (low, high) = (rest(&whole), &(divisor - &Index::from(1)) - &rest(&whole));
    let below = entail::positive(facts, divisor)
        && entail::holds(facts, &Literal::ge(low))
        && entail::holds(facts, &Literal::ge(high));
    below.then_some(whole)
}

/// First the range says what the floor is, then the body takes the value, then the range speaks of the floor's numerator instead.
fn replace(
    chain: &mut Chain,
    (guard, body): (&Guard, &Expr),
    (numerator, divisor): (&Index, &Index),
    value: &Index,
) -> Option<()> {
    let floor = Index::floor(numerator.clone(), divisor.clone());
    let fixed: Guard = [Literal::eq(&floor - value)].into_iter().collect();
    chain.guard_equivalent(&[], guard.and(&fixed))?;
    let mut put = |above: &Index, below: &Index| (above == numerator && below == divisor).then(|| value.clone());
    for path in leaves(body, &mut vec![0]) {
        let leaf = chain.at(&path)?.clone();
        let other = map_indices(&leaf, &mut |index| rewrite(index, &mut put));
        if other != leaf {
            chain.index(&path, other)?;
        }
    }
    let rest: Guard =
        guard.literals().map(|literal| map_literal(literal, &mut |index| rewrite(index, &mut put))).collect();
    let remainder = numerator - &(divisor * value);
    chain
        .guard_equivalent(&[], rest.and(&Guard::between(&Index::from(0), &remainder, &(divisor - &Index::from(1)))))?;
    Some(())
}

/// The paths to entries and integers of an expression that no binder or bracket stands above.
fn leaves(expr: &Expr, path: &mut Vec<usize>) -> Vec<Vec<usize>> {
    match expr {
        Expr::Entry(_, _) | Expr::Integer(_) => vec![path.clone()],
        Expr::Add(_) | Expr::Mul(_) | Expr::Power(_, _) | Expr::Inverse(_) | Expr::Apply { .. } => {
            let mut found = Vec::new();
            for (place, child) in expr.children().iter().enumerate() {
                path.push(place);
                found.extend(leaves(child, path));
                path.pop();
            }
            found
        }
        _ => Vec::new(),
    }
}
