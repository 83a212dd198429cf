//! Floors beside a condition that speaks of floors: `[s ∣ i]·⌊-i/s⌋` is `-[s ∣ i]·⌊i/s⌋`.

use std::collections::BTreeSet;

use super::chain::Chain;
use super::monomial::{map_indices, rewrite};
use super::pin::whole;
use crate::entail;
use crate::kernel::{Atom, Expr, Guard, Index, Literal};

/// How far two floors with one divisor are looked for from each other.
const APART: [i64; 3] = [0, -1, 1];

/// Writes the floors of an entry, an integer or a product of such by what is known of them: as the multiples of the divisor where the rest
/// is below it, and in terms of the floors that the brackets beside have.
pub(super) fn simplify(chain: &mut Chain) -> Option<()> {
    let leaf = |expr: &Expr| matches!(expr, Expr::Entry(_, _) | Expr::Integer(_));
    let current = chain.current().clone();
    let factors = match &current {
        Expr::Mul(factors) => factors.as_slice(),
        only if leaf(only) => std::slice::from_ref(only),
        _ => return None,
    };
    let brackets =
        factors.iter().filter_map(|factor| if let Expr::Bracket(guard) = factor { Some(guard) } else { None });
    let known: BTreeSet<(Index, Index)> = brackets.flat_map(Guard::indices).flat_map(floors).collect();
    let mut changed = false;
    for (place, factor) in factors.iter().enumerate().filter(|(_, factor)| leaf(factor)) {
        let path = if leaf(&current) { Vec::new() } else { vec![place] };
        let facts = chain.facts_at(&path);
        let mut put = |above: &Index, below: &Index| {
            if known.contains(&(above.clone(), below.clone())) {
                return None;
            }
            let own = Index::floor(above.clone(), below.clone());
            let others = known.iter().filter(|(_, divisor)| divisor == below);
            let mut values = others.flat_map(|(other, divisor)| {
                let floor = Index::floor(other.clone(), divisor.clone());
                [floor.clone(), -&floor].into_iter().flat_map(|floor| APART.map(|apart| &floor + &Index::from(apart)))
            });
            let whole = if path.is_empty() || !known.is_empty() { whole(&facts, (above, below)) } else { None };
            whole.or_else(|| values.find(|value| entail::holds(&facts, &Literal::eq(&own - value))))
        };
        let other = map_indices(factor, &mut |index| rewrite(index, &mut put));
        if other != *factor {
            chain.index(&path, other)?;
            changed = true;
        }
    }
    changed.then_some(())
}

/// The floors of a term.
fn floors(index: &Index) -> Vec<(Index, Index)> {
    let floor = |atom: &Atom| match atom {
        Atom::Floor(above, below) => Some((above.as_ref().clone(), below.as_ref().clone())),
        _ => None,
    };
    index.atoms().filter_map(floor).collect()
}
