//! The pages of `proofs/`: every verdict, every certificate saved, read back and checked by the kernel alone, and mutated.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use convprove::archive;
use convprove::decide::{Decision, Options, Verdict, decide_all};
use convprove::kernel::{self, Certificate, Claim, Law, Proof};
use convprove::syntax;
use rayon::prelude::*;

#[path = "support/mutate.rs"]
mod mutate;

/// The decisions of all pages, made once.
fn pages() -> &'static [(PathBuf, Vec<Decision>)] {
    static PAGES: OnceLock<Vec<(PathBuf, Vec<Decision>)>> = OnceLock::new();
    PAGES.get_or_init(decided)
}

fn decided() -> Vec<(PathBuf, Vec<Decision>)> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir("proofs").unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let module = syntax::load(&std::fs::read_to_string(&path).unwrap(), false);
            assert!(module.diagnostics.is_empty(), "{}: {:#?}", path.display(), module.diagnostics);
            let decisions = decide_all(&module.goals, &Options::default(), |_| {});
            (path, decisions)
        })
        .collect()
}

fn certificates() -> Vec<Certificate> {
    let proved = pages().iter().flat_map(|(_, decisions)| decisions).filter_map(|decision| match &decision.verdict {
        Verdict::Proved(proved) => Some(proved.certificate.clone()),
        _ => None,
    });
    proved.collect()
}

#[test]
fn every_theorem_is_decided_as_its_page_expects() {
    let mut count = 0;
    for (path, decisions) in pages() {
        for decision in decisions {
            let place = format!("{}:{}", path.display(), decision.name);
            assert!(decision.as_expected(), "{place} is {}", decision.verdict.name());
            count += 1;
        }
    }
    assert!(count >= 40, "only {count} theorems were found");
}

#[test]
fn saved_certificates_are_checked_by_the_kernel_alone() {
    for certificate in certificates() {
        let read = archive::read(&archive::write(&certificate).unwrap()).unwrap();
        assert_eq!(read, certificate);
        let theorem = kernel::check(&read).unwrap_or_else(|refusal| panic!("{}: {refusal}", read.statement.name));
        assert_eq!(*theorem.statement(), certificate.statement);
    }
}

#[test]
fn swapped_maps_dropped_conditions_and_other_sides_are_refused() {
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    let mut expect_refusal = |what: &str, mutant: &Certificate| match kernel::check(mutant) {
        Ok(_) => panic!("{}: accepted after {what}", mutant.statement.name),
        Err(refusal) => {
            let kind = format!("{refusal:?}").split(['(', ' ', '{']).next().unwrap_or_default().to_owned();
            *refused.entry(format!("{what}: {kind}")).or_default() += 1;
        }
    };
    let mut reindexings = 0;
    for certificate in certificates() {
        let (Proof::Chain(steps) | Proof::Tensors { steps, .. }) = &certificate.proof else { continue };
        for (position, step) in steps.iter().enumerate() {
            let change = |law: Law| {
                let mut mutant = certificate.clone();
                let (Proof::Chain(steps) | Proof::Tensors { steps, .. }) = &mut mutant.proof else { unreachable!() };
                steps[position].law = law;
                mutant
            };
            match &step.law {
                Law::Reindex(maps) => {
                    reindexings += 1;
                    // Letters that nothing reads may be exchanged in either direction where their ranges are equal.
                    let renaming = maps.phi.iter().all(|index| index.as_var().is_some());
                    if maps.phi != maps.psi && !renaming {
                        let mut swapped = maps.clone();
                        std::mem::swap(&mut swapped.phi, &mut swapped.psi);
                        expect_refusal("φ and ψ swapped", &change(Law::Reindex(swapped)));
                    }
                    for dropped in 0..4 {
                        let mut fewer = maps.clone();
                        let list = match dropped {
                            0 => &mut fewer.phi_into,
                            1 => &mut fewer.psi_into,
                            2 => &mut fewer.psi_phi,
                            _ => &mut fewer.phi_psi,
                        };
                        if list.0.pop().is_some() {
                            expect_refusal("a side condition dropped", &change(Law::Reindex(fewer)));
                        }
                    }
                }
                Law::GuardEquivalent(equivalence) if !equivalence.forward.0.is_empty() => {
                    let mut fewer = equivalence.clone();
                    fewer.forward.0.pop();
                    expect_refusal("a side condition dropped", &change(Law::GuardEquivalent(fewer)));
                }
                _ => {}
            }
        }
        let mut other = certificate.clone();
        if let Claim::Equation(left, right) = &mut other.statement.claim {
            *right = kernel::Expr::Add(vec![left.clone(), kernel::Expr::from(1)]);
            expect_refusal("another right side", &other);
        }
    }
    assert!(reindexings > 15, "only {reindexings} substitutions were found");
    println!("{refused:#?}");
}

/// Every small change to the data of a certificate, as a faulty search or a forger would make it.
#[test]
fn no_mutant_of_a_certificate_proves_another_claim() {
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    let (mut harmless, mut other_theorems) = (0, 0);
    // The whole corpus takes minutes: CONVPROVE_LONG=1 cargo test --release --test corpus
    let pages: &[&str] = match std::env::var_os("CONVPROVE_LONG") {
        Some(_) => &["binder", "chains", "convolution", "dimensions", "exercise-5-2", "maxima"],
        None => &["binder"],
    };
    for page in pages {
        let text = std::fs::read_to_string(format!("proofs/{page}.cvp")).unwrap();
        let decisions = decide_all(&syntax::load(&text, false).goals, &Options::default(), |_| {});
        let outcomes: Vec<_> = decisions
            .par_iter()
            .filter_map(|decision| match &decision.verdict {
                Verdict::Proved(proved) => Some((decision, mutate::survey(&proved.certificate))),
                _ => None,
            })
            .collect();
        for (decision, outcome) in outcomes {
            for (kind, count) in outcome.refused {
                *refused.entry(kind).or_default() += count;
            }
            harmless += outcome.harmless;
            other_theorems += outcome.other_theorems;
            assert!(outcome.survivors.is_empty(), "{}: {:#?}", decision.name, outcome.survivors);
        }
    }
    let total: usize = refused.values().sum();
    println!("{total} refused: {refused:#?}\n{harmless} other proofs, {other_theorems} under other hypotheses");
    assert!(total > 3000, "only {total} mutants");
    assert!(refused.len() >= 8, "{refused:?}");
}
