//! Which products of facts a combination may need.

use std::collections::{BTreeMap, BTreeSet};

use super::poly::{AtomId, MonomialId, Table};
use super::state::{Budget, Relation, Source, State};
use crate::kernel::Index;

/// Rows of one linear problem with products.
const PRODUCTS: usize = 420;
/// The largest degree of a row.
const DEGREE: usize = 5;

/// For each atom that is known to be at least 0, the fact `atom − c ≥ 0` with the largest `c ≥ 0`.
fn parameters(state: &State, table: &Table) -> BTreeMap<AtomId, usize> {
    let mut best: BTreeMap<AtomId, (i128, usize)> = BTreeMap::new();
    for (number, fact) in state.facts.iter().enumerate() {
        let ([(monomial, 1)], Relation::Ge) = (fact.reduced.variable(), fact.relation) else { continue };
        let ([atom], offset @ ..=0) = (table.factors(*monomial), fact.reduced.offset()) else { continue };
        let entry = best.entry(*atom).or_insert((offset, number));
        if offset < entry.0 {
            *entry = (offset, number);
        }
    }
    best.into_iter().map(|(atom, (_, number))| (atom, number)).collect()
}

/// The products of positive parameters that say how large the products in a term are.
pub(super) fn of_parameters(state: &State, table: &mut Table, index: &Index) -> Vec<Source> {
    let (known, mut products) = (parameters(state, table), BTreeSet::new());
    let Some(poly) = table.poly(index).and_then(|poly| state.reduce(table, &poly)) else { return Vec::new() };
    for (monomial, _) in &poly.0 {
        let factors = table.factors(*monomial);
        let facts: Option<Vec<usize>> = factors.iter().map(|atom| known.get(atom).copied()).collect();
        if let Some(facts) = facts.filter(|facts| facts.len() > 1) {
            subsets(&[], &facts, &mut products);
        }
    }
    products.into_iter().collect()
}

/// Whether any fact has a product of atoms.
pub(super) fn nonlinear(state: &State, table: &Table) -> bool {
    let facts = state.facts.iter().filter(|fact| fact.relation != Relation::Ne);
    facts.flat_map(|fact| &fact.reduced.0).any(|(monomial, _)| table.factors(*monomial).len() > 1)
}

/// Derives that the atoms which occur beside others in a monomial are at least 0, where that is so.
pub(super) fn signs(state: &mut State, table: &mut Table, budget: &mut Budget) {
    let known = parameters(state, table);
    let mut beside: BTreeSet<AtomId> = BTreeSet::new();
    for fact in &state.facts {
        for (monomial, _) in &fact.reduced.0 {
            if let factors @ [_, _, ..] = table.factors(*monomial) {
                beside.extend(factors);
            }
        }
    }
    for atom in beside.into_iter().filter(|atom| !known.contains_key(atom)).take(8) {
        let index = table.known(atom).cloned().map(crate::kernel::Index::atom);
        if let Some(index) = index {
            state.cut(table, budget, crate::kernel::Literal::ge(index), &[]);
        }
    }
}

/// The facts and their products with parameters that make one monomial out of another, `rounds` times over.
pub(super) fn by_cofactors(state: &State, table: &mut Table, rounds: usize) -> Vec<Source> {
    let known = parameters(state, table);
    let singles = state.singles();
    let mut sources: BTreeSet<Source> = singles.iter().cloned().collect();
    let mut monomials: BTreeSet<MonomialId> = BTreeSet::new();
    for source in &singles {
        if let Some(poly) = state.expand(table, source) {
            monomials.extend(poly.0.iter().map(|(monomial, _)| *monomial));
        }
    }
    for _ in 0..rounds {
        let mut added: BTreeSet<Source> = BTreeSet::new();
        for single in &singles {
            let Some(poly) = state.expand(table, single) else { continue };
            let mut cofactors: BTreeSet<Vec<AtomId>> = BTreeSet::new();
            for target in &monomials {
                for (monomial, _) in &poly.0 {
                    cofactors.extend(table.cofactor(*target, *monomial).filter(|cofactor| !cofactor.is_empty()));
                }
            }
            for cofactor in cofactors {
                match single {
                    Source::Product(fact) => {
                        let factors: Option<Vec<usize>> =
                            cofactor.iter().map(|atom| known.get(atom).copied()).collect();
                        if let Some(factors) = factors {
                            subsets(fact, &factors, &mut added);
                        }
                    }
                    Source::Multiple(_, equation) => {
                        added.insert(Source::Multiple(table.monomial(cofactor), *equation));
                    }
                }
            }
        }
        // Small products first, so that the limit cuts off the large ones.
        let mut added: Vec<Source> = added.into_iter().filter(|source| !sources.contains(source)).collect();
        added.sort_by_key(|source| match source {
            Source::Product(factors) => factors.len(),
            Source::Multiple(monomial, _) => 1 + table.factors(*monomial).len(),
        });
        for source in added {
            if sources.len() >= PRODUCTS {
                break;
            }
            let Some(poly) = state.expand(table, &source) else { continue };
            if poly.0.iter().any(|(monomial, _)| table.factors(*monomial).len() > DEGREE) {
                continue;
            }
            monomials.extend(poly.0.iter().map(|(monomial, _)| *monomial));
            sources.insert(source);
        }
    }
    sources.into_iter().collect()
}

/// A fact times every sub-product of some others.
fn subsets(fact: &[usize], factors: &[usize], added: &mut BTreeSet<Source>) {
    if factors.len() > 4 {
        return;
    }
    for choice in 1u32..1 << factors.len() {
        let mut product = fact.to_vec();
        product.extend(
            factors.iter().enumerate().filter(|(place, _)| choice >> place & 1 == 1).map(|(_, factor)| *factor),
        );
        product.sort_unstable();
        added.insert(Source::Product(product));
    }
}

/// All products of two inequalities, on top of the given rows.
pub(super) fn with_pairs(state: &State, mut sources: Vec<Source>) -> Vec<Source> {
    let inequalities: Vec<usize> = state
        .facts
        .iter()
        .enumerate()
        .filter(|(_, fact)| fact.relation == Relation::Ge && fact.reduced.as_constant().is_none())
        .map(|(number, _)| number)
        .collect();
    let mut known: BTreeSet<Source> = sources.iter().cloned().collect();
    for (place, left) in inequalities.iter().enumerate() {
        for right in inequalities.iter().skip(place) {
            let pair = Source::Product(vec![*left, *right]);
            if sources.len() < PRODUCTS && known.insert(pair.clone()) {
                sources.push(pair);
            }
        }
    }
    sources
}
