//! Letters that count tiles and places within them: `u = b·q + r` with `0 ≤ r < b`.

use std::collections::{BTreeMap, BTreeSet};

use super::chain::Chain;
use super::monomial::{map_indices, quotient, rewrite};
use super::simplify::reindexing;
use crate::entail;
use crate::kernel::{Atom, Expr, Guard, Index, Literal, Name, Rank, Substitution, Var};

/// Two letters that count tiles and places within them, and occur as `b·q + r` alone, are one letter.
pub(super) fn untile(chain: &mut Chain) -> Option<()> {
    let source = chain.clone();
    let (Expr::Sum(vars, guard, body) | Expr::Max(vars, guard, body)) = source.current() else { return None };
    let tiles = vars.iter().filter(|rest| guard.contains(&Literal::ge(Index::from(*rest))));
    let sized = tiles.flat_map(|rest| {
        guard.literals().filter_map(move |literal| {
            let Literal::Ge(bound) = literal else { return None };
            let size = &(bound + &Index::from(rest)) + &Index::from(1);
            (!vars.iter().any(|var| size.contains(var))).then_some((rest, literal, size))
        })
    });
    let facts = source.facts_at(&[]);
    let found = sized.flat_map(|tile| vars.iter().map(move |tiles| (tile.clone(), tiles))).find_map(
        |((rest, last, size), tiles)| {
            if tiles == rest || tiles.rank != rest.rank {
                return None;
            }
            let whole = Var { name: Name::from("%whole"), rank: rest.rank.clone() };
            let value = &Index::from(&whole) - &(&size * &Index::from(tiles));
            let map: BTreeMap<Var, Index> = [(rest.clone(), value)].into_iter().collect();
            let first = Literal::ge(Index::from(rest));
            let others: Guard =
                guard.literals().filter(|literal| *literal != last && **literal != first).cloned().collect();
            let new_guard = others.substitute(&map);
            let new_body = body.substitute(&Substitution::of_indices(map));
            if new_guard.mentions(tiles) || new_body.free_vars().contains(tiles) {
                return None;
            }
            let quotient = Index::floor(Index::from(&whole), size.clone());
            let place = &Index::from(&whole) - &(&size * &quotient);
            let phi = vars.iter().map(|var| match var {
                var if var == tiles => quotient.clone(),
                var if var == rest => place.clone(),
                var => Index::from(var),
            });
            let kept: Vec<Var> = vars
                .iter()
                .filter(|var| *var != rest)
                .map(|var| if var == tiles { &whole } else { var })
                .cloned()
                .collect();
            let back = &(&size * &Index::from(tiles)) + &Index::from(rest);
            let psi = kept.iter().map(|var| if *var == whole { back.clone() } else { Index::from(var) });
            let law = reindexing(&facts, (vars, guard), (&kept, &new_guard), phi.collect(), psi.collect())?;
            let mut attempt = source.clone();
            attempt.apply(&[], law)?;
            Some(attempt)
        },
    )?;
    *chain = found;
    Some(())
}

/// A letter of which the body reads the tile alone, or the place in the tile alone, is divided into the two: the other one
/// is counted then. `Σ_{u: 0 ≤ u < b·n} f(⌊u/b⌋)` is `Σ_{q: 0 ≤ q < n} Σ_{r: 0 ≤ r < b} f(q)`.
pub(super) fn tile(chain: &mut Chain) -> Option<()> {
    let source = chain.clone();
    let Expr::Sum(vars, guard, body) = source.current() else { return None };
    let mut sizes: BTreeSet<(Var, Index)> = BTreeSet::new();
    body.visit_indices(&mut |index| divisors(index, vars, &mut sizes));
    let found = sizes.into_iter().find_map(|(letter, size)| {
        let name = |name: &str| Var { name: Name::from(name), rank: Rank::Scalar };
        let (tiles, rest) = (name("%tiles"), name("%rest"));
        let back = &(&size * &Index::from(&tiles)) + &Index::from(&rest);
        let map: BTreeMap<Var, Index> = [(letter.clone(), back.clone())].into();
        // What the body reads, once the quotients are taken.
        let mut known = |above: &Index, below: &Index| {
            let whole = quotient(above, below);
            let within = *below == size && above - &(&size * &Index::from(&tiles)) == Index::from(&rest);
            Some(if within { Index::from(&tiles) } else { whole })
        };
        let inside = body.substitute(&Substitution::of_indices(map.clone()));
        let read = map_indices(&inside, &mut |index| rewrite(index, &mut known)).free_vars();
        if read.contains(&tiles) == read.contains(&rest) {
            return None;
        }
        let facts = source.facts_at(&[]);
        if !entail::positive(&facts, &size) {
            return None;
        }
        let tiled = guard.literals().map(|literal| whole_tiles(literal, (&letter, &size), &tiles, &map));
        let place = Guard::between(&Index::from(0), &Index::from(&rest), &(&size - &Index::from(1)));
        let new_guard = tiled.collect::<Guard>().and(&place);
        let quotient = Index::floor(Index::from(&letter), size.clone());
        let remainder = &Index::from(&letter) - &(&size * &quotient);
        let phi = vars.iter().map(|var| if *var == letter { back.clone() } else { Index::from(var) });
        let kept = vars.iter().map(|var| if *var == letter { &tiles } else { var });
        let new_vars: Vec<Var> = kept.chain([&rest]).cloned().collect();
        let psi = new_vars.iter().map(|var| match var {
            var if *var == tiles => quotient.clone(),
            var if *var == rest => remainder.clone(),
            var => Index::from(var),
        });
        let law = reindexing(&facts, (vars, guard), (&new_vars, &new_guard), phi.collect(), psi.collect())?;
        let mut attempt = source.clone();
        attempt.apply(&[], law)?;
        Some(attempt)
    })?;
    *chain = found;
    Some(())
}

/// The letters that are divided alone, `⌊u/b⌋`, by what does not depend on letters.
fn divisors(index: &Index, vars: &[Var], found: &mut BTreeSet<(Var, Index)>) {
    for atom in index.atoms() {
        match atom {
            Atom::Floor(above, below) => {
                let bare = !vars.iter().any(|var| below.contains(var)) && below.rank() == Some(Rank::Scalar);
                let letter = above.as_var().filter(|var| vars.contains(var) && var.rank == Rank::Scalar);
                found.extend(letter.filter(|_| bare).map(|letter| (letter.clone(), below.as_ref().clone())));
                divisors(above, vars, found);
            }
            Atom::Max(a, b) => [a, b].into_iter().for_each(|side| divisors(side, vars, found)),
            Atom::Apply(_, arguments) => arguments.iter().for_each(|argument| divisors(argument, vars, found)),
            Atom::Var(_) | Atom::Volume(_) => {}
        }
    }
}

/// A condition on a letter as one on its tiles, where it divides no tile: `u ≥ 0` is `q ≥ 0`, and `u < b·n` is `q < n`.
fn whole_tiles(literal: &Literal, (letter, size): (&Var, &Index), tiles: &Var, map: &BTreeMap<Var, Index>) -> Literal {
    let tile = Index::from(tiles);
    if let Literal::Ge(term) = literal {
        let own = Index::from(letter);
        let (least, most) = (&own - term, &(term + &own) + &Index::from(1));
        let exactly = |bound: &Index| {
            let whole = quotient(bound, size);
            (!bound.contains(letter) && &whole * size == *bound).then_some(whole)
        };
        if let Some(least) = exactly(&least) {
            return Literal::ge(&tile - &least);
        }
        if let Some(most) = exactly(&most) {
            return Literal::ge(&(&most - &Index::from(1)) - &tile);
        }
    }
    literal.substitute(map)
}
