//! A point of a range: what a maximum needs.

use num_traits::Signed;

use super::{linear_in, prove_all};
use crate::kernel::{Facts, Guard, Index, Literal, Point, Substitution, Var};

/// So many choices of ends are tried.
const CHOICES: u32 = 64;

/// A term for each letter, shown to lie in the range, where one is found: each letter at its first or at its last value.
///
/// ```
/// use convprove::entail::point;
/// use convprove::kernel::{Facts, Guard, Index, Literal, Var};
/// let (k, n) = (Index::scalar("k"), Index::scalar("n"));
/// let range = Guard::between(&Index::from(0), &k, &(&n - &Index::from(1)));
/// assert!(point(&Facts::new(), &[Var::scalar("k")], &range).is_none());
/// let positive = Facts::from([Literal::le(&Index::from(1), &n)]);
/// assert_eq!(point(&positive, &[Var::scalar("k")], &range).unwrap().terms, [Index::from(0)]);
/// ```
pub fn point(facts: &Facts, vars: &[Var], guard: &Guard) -> Option<Point> {
    let width = u32::try_from(vars.len()).ok()?.min(CHOICES.ilog2());
    (0..1_u32 << width).find_map(|choice| {
        let terms = corner(vars, guard, choice)?;
        let map = Substitution::of_indices(vars.iter().cloned().zip(terms.iter().cloned()).collect());
        let proofs = prove_all(facts, guard.substitute(map.indices()).literals().cloned())?;
        Some(Point { terms, proofs })
    })
}

/// Values for the letters, one after the other as their bounds become known; bit k of the choice takes the last value for
/// letter k.
fn corner(vars: &[Var], guard: &Guard, choice: u32) -> Option<Vec<Index>> {
    let mut values: Vec<Option<Index>> = vec![None; vars.len()];
    for _ in vars {
        let known = vars.iter().zip(&values).filter_map(|(var, value)| Some((var.clone(), value.clone()?))).collect();
        let guard = guard.substitute(&known);
        let open: Vec<&Var> =
            vars.iter().zip(&values).filter(|(_, value)| value.is_none()).map(|(var, _)| var).collect();
        let (place, value) = vars.iter().enumerate().filter(|(place, _)| values.get(*place) == Some(&None)).find_map(
            |(place, var)| {
                let last = choice.checked_shr(u32::try_from(place).ok()?).is_some_and(|bits| bits & 1 == 1);
                Some((place, end(var, &guard, &open, last)?))
            },
        )?;
        if let Some(slot) = values.get_mut(place) {
            *slot = Some(value);
        }
    }
    values.into_iter().collect()
}

/// The first or last value of a letter by the conditions that mention no other open letter.
fn end(var: &Var, guard: &Guard, open: &[&Var], last: bool) -> Option<Index> {
    let mut bound: Option<Index> = None;
    for literal in guard.literals() {
        let Some((factor, rest)) = linear_in(literal.index(), var) else { continue };
        let Some(factor) = factor.as_constant().filter(|factor| factor.magnitude() == &1_u8.into()) else { continue };
        if open.iter().any(|other| *other != var && rest.contains(other)) {
            continue;
        }
        let value = if factor.is_positive() { -&rest } else { rest };
        match literal {
            Literal::Eq(_) => return Some(value),
            // v + rest >= 0 bounds from below.
            Literal::Ge(_) if factor.is_negative() == last => {
                bound = Some(match bound {
                    None => value,
                    Some(bound) if last => Index::min(bound, value),
                    Some(bound) => Index::max(bound, value),
                });
            }
            _ => {}
        }
    }
    bound
}
