//! Combining facts with constant multipliers: every monomial is taken for an unknown of its own.

use std::collections::BTreeMap;

use num_bigint::BigInt;

use super::simplex::{self, Outcome, Row};
use crate::kernel::{Index, Literal, Monomial, Refutation};

/// Pivots that one linear question may use.
const PIVOTS: usize = 400;

/// A refutation of the literals (those that say `≠` are left aside) by one linear combination.
/// Only what is connected with `focus` through shared monomials is looked at.
pub(super) fn combine(literals: &[&Literal], focus: Option<&Literal>) -> Option<Refutation> {
    let mut columns: BTreeMap<&Monomial, usize> = BTreeMap::new();
    let mut rows: Vec<Row> = Vec::new();
    let mut sources: Vec<&Index> = Vec::new();
    let mut seed = None;
    for literal in literals {
        let (index, equation) = match literal {
            Literal::Ge(index) => (index, false),
            Literal::Eq(index) => (index, true),
            Literal::Ne(_) => continue,
        };
        let Some(row) = row(index, equation, &mut columns) else { continue };
        if focus == Some(*literal) {
            seed = Some(rows.len());
        }
        rows.push(row);
        sources.push(index);
    }
    let kept = relevant(columns.len(), &rows, seed.as_ref().map(std::slice::from_ref));
    let chosen: Vec<Row> = kept.iter().filter_map(|number| rows.get(*number).cloned()).collect();
    let Outcome::Refuted(combination) = simplex::solve(columns.len(), &chosen, PIVOTS) else { return None };
    if !simplex::admissible(&chosen, &combination) {
        return None;
    }
    let mut products: Vec<(BigInt, Vec<Index>)> = Vec::new();
    let mut multiples: Vec<(Index, Index)> = Vec::new();
    for (number, value) in combination {
        let number = *kept.get(number)?;
        let source = (*sources.get(number)?).clone();
        if rows.get(number)?.equation {
            multiples.push((Index::constant(value), source));
        } else {
            products.push((value, vec![source]));
        }
    }
    Some(Refutation::Combine { products, multiples })
}

fn row<'a>(index: &'a Index, equation: bool, columns: &mut BTreeMap<&'a Monomial, usize>) -> Option<Row> {
    let mut row = Row { terms: Vec::with_capacity(index.len()), constant: 0, equation };
    for (monomial, value) in index.terms() {
        let value = simplex::machine(value)?;
        if monomial.is_one() {
            row.constant = value;
        } else {
            let fresh = columns.len();
            row.terms.push((*columns.entry(monomial).or_insert(fresh), value));
        }
    }
    row.terms.sort_unstable_by_key(|(column, _)| *column);
    Some(row)
}

/// The rows that can take part in a combination which is a constant: those connected with the seeds, without the rows
/// that hold a monomial which no other row can cancel.
pub(super) fn relevant(columns: usize, rows: &[Row], seeds: Option<&[usize]>) -> Vec<usize> {
    // How often a column occurs with each sign; an equation may be used with either.
    let mut signs = vec![[0usize; 2]; columns];
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); columns];
    let ways = |row: &Row, value: i128| [row.equation || value > 0, row.equation || value < 0];
    for (number, row) in rows.iter().enumerate() {
        for (column, value) in &row.terms {
            if let (Some(counts), Some(list)) = (signs.get_mut(*column), users.get_mut(*column)) {
                let ways = ways(row, *value);
                counts.iter_mut().zip(ways).for_each(|(count, way)| *count += usize::from(way));
                list.push(number);
            }
        }
    }
    let mut live = vec![true; rows.len()];
    let mut queue: Vec<usize> = (0..columns).collect();
    while let Some(column) = queue.pop() {
        let Some(list) = users.get(column) else { continue };
        for number in list {
            let Some(row) = rows.get(*number) else { continue };
            let counts = signs.get(column).copied().unwrap_or_default();
            // An equation alone with its column cannot be cancelled either.
            let alone = list.iter().filter(|other| live.get(**other) == Some(&true)).count() <= 1;
            let hopeless = alone || counts.contains(&0);
            if hopeless && live.get(*number) == Some(&true) {
                if let Some(flag) = live.get_mut(*number) {
                    *flag = false;
                }
                for (other, value) in &row.terms {
                    if let Some(counts) = signs.get_mut(*other) {
                        let ways = ways(row, *value);
                        counts.iter_mut().zip(ways).for_each(|(count, way)| *count -= usize::from(way));
                    }
                    queue.push(*other);
                }
            }
        }
    }
    let Some(seeds) = seeds else { return (0..rows.len()).filter(|number| live.get(*number) == Some(&true)).collect() };
    let mut reached = vec![false; rows.len()];
    let mut queue = seeds.to_vec();
    while let Some(number) = queue.pop() {
        if reached.get(number) != Some(&false) || live.get(number) != Some(&true) {
            continue;
        }
        if let Some(flag) = reached.get_mut(number) {
            *flag = true;
        }
        if let Some(row) = rows.get(number) {
            queue.extend(row.terms.iter().flat_map(|(column, _)| users.get(*column).into_iter().flatten().copied()));
        }
    }
    (0..rows.len()).filter(|number| reached.get(*number) == Some(&true)).collect()
}
