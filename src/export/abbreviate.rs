//! Letters for quotients that come again and again: the size `O = ⌊(n + 2p − k)/s⌋ + 1` of a strided layer's output.
//!
//! A textbook gives such a size a name once and counts `o = 0, …, O − 1`. Letters are given to quotients of sizes alone, so
//! that they mean the same in every line.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use num_traits::One;

use super::form::Form;
use super::letters;
use super::notation::{Notation, leads_negative};
use crate::kernel::{
    Atom, Certificate, Claim, Expr, Guard, Index, Literal, Monomial, Name, Proof, Rank, Statement, Tensor, Var,
};

/// What is written for a quotient.
#[derive(Clone, Debug)]
pub(super) struct Abbreviation {
    atom: Atom,
    /// A letter, one less than a letter, or the quotient where nothing remains: `k − 1` for `⌊(d k − d)/d⌋`.
    instead: Index,
    /// The letter, and what it stands for.
    letter: Option<(Var, Index)>,
}

/// A quotient that a reader meets less often is written out.
const OFTEN: usize = 3;

/// As is one of fewer sizes and numbers.
const LONG: usize = 3;

impl Notation {
    /// The same with letters for the long quotients that a proof has many of.
    #[must_use]
    pub fn abbreviating(mut self, certificate: &Certificate) -> Self {
        let statement = &certificate.statement;
        // The same letters wherever the proof is spoken of: they depend on its own statement alone.
        let mut taken: BTreeSet<Name> = Notation::of_statement(statement).names().taken();
        let mut found: BTreeMap<Atom, usize> = BTreeMap::new();
        let sizes: BTreeSet<&Var> = statement.parameters.iter().collect();
        for_each_expr(certificate, &mut |expr| {
            letters::names(expr, &mut taken);
            expr.visit_indices(&mut |index| count(index, &sizes, &mut found));
        });
        // What stands within another one has its letter first.
        let mut atoms: Vec<Atom> =
            found.into_iter().filter(|(_, times)| *times >= OFTEN).map(|(atom, _)| atom).collect();
        atoms.sort_by_key(|atom| depth(&Index::atom(atom.clone())));
        for atom in atoms {
            if let Some(instead) = without_remainder(&atom) {
                self.abbreviations.push(Abbreviation { atom, instead, letter: None });
                continue;
            }
            let index = Index::atom(atom.clone());
            let name = letters::fresh_size(&taken);
            taken.insert(name.clone());
            let letter = Var { name, rank: index.rank().unwrap_or(Rank::Scalar) };
            self.sizes.insert(letter.clone());
            let own = Index::from(&letter);
            let counts = |first: i64| counts_up_to(certificate, &index, first);
            let one = Index::from(1);
            let (instead, meaning) = match &atom {
                _ if counts(1) => (own, index),
                _ if counts(0) => (&own - &one, &index + &one),
                // −⌊−a/b⌋ is ⌈a/b⌉.
                Atom::Floor(above, _) if leads_negative(above) => (-&own, -&index),
                _ => (own, index),
            };
            self.abbreviations.push(Abbreviation { atom, instead, letter: Some((letter, meaning)) });
        }
        self
    }

    /// What the letters are: `O = ⌊(n + 2p − k)/s⌋ + 1`.
    pub fn abbreviated(&self) -> Vec<(Form, Form)> {
        let meaning = |(position, abbreviation): (usize, &Abbreviation)| {
            let (letter, meaning) = abbreviation.letter.as_ref()?;
            let mut before = self.clone();
            before.abbreviations.truncate(position);
            Some((Form::Name(letter.name.clone()), before.index(meaning)))
        };
        self.abbreviations.iter().enumerate().filter_map(meaning).collect()
    }

    /// The term with letters for the quotients that have one.
    pub(super) fn abbreviate(&self, index: &Index) -> Index {
        let mut whole = Index::from(0);
        for (monomial, coefficient) in index.terms() {
            let mut product = Index::constant(coefficient.clone());
            for (atom, exponent) in monomial.factors() {
                let factor = self.abbreviate_atom(atom);
                for _ in 0..*exponent {
                    product = &product * &factor;
                }
            }
            whole = &whole + &product;
        }
        whole
    }

    fn abbreviate_atom(&self, atom: &Atom) -> Index {
        if let Some(known) = self.abbreviations.iter().find(|known| known.atom == *atom) {
            // A letter has none of the quotients in it.
            return if known.letter.is_some() { known.instead.clone() } else { self.abbreviate(&known.instead) };
        }
        match atom {
            Atom::Floor(a, b) => Index::floor(self.abbreviate(a), self.abbreviate(b)),
            Atom::Max(a, b) => Index::max(self.abbreviate(a), self.abbreviate(b)),
            Atom::Volume(size) => Index::atom(Atom::Volume(Box::new(self.abbreviate(size)))),
            Atom::Apply(name, arguments) => {
                let arguments = arguments.iter().map(|argument| self.abbreviate(argument)).collect();
                Index::atom(Atom::Apply(name.clone(), arguments))
            }
            Atom::Var(_) => Index::atom(atom.clone()),
        }
    }
}

/// Every line of a proof.
fn for_each_expr(certificate: &Certificate, visit: &mut dyn FnMut(&Expr)) {
    let Statement { claim, .. } = &certificate.statement;
    match claim {
        Claim::Equation(left, right) => [left, right].into_iter().for_each(&mut *visit),
        Claim::Tensors(left, right) => {
            let entry = |tensor: &Tensor| Expr::Entry(tensor.clone(), Vec::new());
            [left, right].into_iter().for_each(|side| visit(&entry(side)));
        }
        Claim::Holds(_) | Claim::Iff(_, _) => {}
    }
    if let Proof::Chain(steps) | Proof::Tensors { steps, .. } = &certificate.proof {
        steps.iter().for_each(|step| visit(&step.to));
    }
}

/// Counts the quotients of sizes that are long enough for a letter.
fn count(index: &Index, sizes: &BTreeSet<&Var>, found: &mut BTreeMap<Atom, usize>) {
    for atom in index.atoms() {
        let parts: Vec<&Index> = match atom {
            Atom::Floor(a, b) => {
                let mut vars = BTreeSet::new();
                Index::atom(atom.clone()).collect_vars(&mut vars);
                if leaves(a) + leaves(b) >= LONG && vars.iter().all(|var| sizes.contains(var)) {
                    *found.entry(atom.clone()).or_default() += 1;
                }
                vec![a, b]
            }
            Atom::Max(a, b) => vec![a, b],
            Atom::Volume(size) => vec![size],
            Atom::Apply(_, arguments) => arguments.iter().collect(),
            Atom::Var(_) => Vec::new(),
        };
        parts.into_iter().for_each(|part| count(part, sizes, found));
    }
}

/// The quotient where the divisor is one product that every term of the dividend has.
fn without_remainder(atom: &Atom) -> Option<Index> {
    let Atom::Floor(a, b) = atom else { return None };
    let mut terms = b.terms();
    let (divisor, _) = terms.next().filter(|(_, coefficient)| coefficient.is_one())?;
    if terms.next().is_some() {
        return None;
    }
    let mut quotient = Index::from(0);
    for (monomial, coefficient) in a.terms() {
        let mut left = Index::constant(coefficient.clone());
        let mut met = 0;
        for (atom, exponent) in monomial.factors() {
            let less = divisor.factors().iter().find(|(other, _)| other == atom).map_or(0, |(_, less)| *less);
            met += usize::from(less > 0);
            for _ in 0..exponent.checked_sub(less)? {
                left = &left * &Index::atom(atom.clone());
            }
        }
        if met < divisor.factors().len() {
            return None;
        }
        quotient = &quotient + &left;
    }
    Some(quotient)
}

/// How deep quotients stand within one another.
fn depth(index: &Index) -> usize {
    let of = |atom: &Atom| match atom {
        Atom::Floor(a, b) | Atom::Max(a, b) => 1 + depth(a).max(depth(b)),
        Atom::Volume(size) => 1 + depth(size),
        Atom::Apply(_, arguments) => 1 + arguments.iter().map(depth).max().unwrap_or(0),
        Atom::Var(_) => 0,
    };
    index.atoms().map(of).max().unwrap_or(0)
}

/// How many sizes and numbers there are in a term.
fn leaves(index: &Index) -> usize {
    let of = |atom: &Atom| match atom {
        Atom::Floor(a, b) | Atom::Max(a, b) => leaves(a) + leaves(b),
        Atom::Volume(size) => leaves(size),
        Atom::Apply(_, arguments) => 1 + arguments.iter().map(leaves).sum::<usize>(),
        Atom::Var(_) => 1,
    };
    let term = |monomial: &Monomial| monomial.factors().iter().map(|(atom, _)| of(atom)).sum::<usize>().max(1);
    index.terms().map(|(monomial, _)| term(monomial)).sum()
}

/// Whether some letter runs from a number up to the quotient.
fn counts_up_to(certificate: &Certificate, quotient: &Index, first: i64) -> bool {
    let in_guard = |guard: &Guard| {
        let literals =
            || guard.literals().filter_map(|literal| if let Literal::Ge(term) = literal { Some(term) } else { None });
        literals().any(|upper| {
            let letter = quotient - upper;
            letter.as_var().is_some() && literals().any(|lower| *lower == &letter - &Index::from(first))
        })
    };
    let signature = &certificate.statement.signature;
    let found = Cell::new(
        in_guard(&certificate.statement.ranges) || signature.tensors.iter().any(|tensor| in_guard(&tensor.support)),
    );
    for_each_expr(certificate, &mut |expr| {
        let one = |part: &Expr| match part {
            Expr::Sum(_, guard, _) | Expr::Max(_, guard, _) | Expr::Bracket(guard) => in_guard(guard),
            Expr::Entry(Tensor::Lambda { support, .. }, _) => in_guard(support),
            _ => false,
        };
        found.set(found.get() || expr.any(&one));
    });
    found.get()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::decide::{Options, Verdict, decide_all};

    /// With the letters replaced by what they are, every term of every line is what it was.
    #[test]
    fn letters_mean_what_is_said() {
        let (mut letters, mut terms) = (0, 0);
        for page in [include_str!("../../proofs/exercise-5-7.cvp"), include_str!("../../proofs/pooling.cvp")] {
            for decision in decide_all(&crate::syntax::load(page, false).goals, &Options::default(), |_| {}) {
                let Verdict::Proved(proved) = decision.verdict else { continue };
                let notation = Notation::of_statement(&proved.certificate.statement).abbreviating(&proved.certificate);
                letters += notation.abbreviations.len();
                for_each_expr(&proved.certificate, &mut |expr| {
                    expr.visit_indices(&mut |index| {
                        let mut restored = notation.abbreviate(index);
                        for known in notation.abbreviations.iter().rev() {
                            let Some((letter, meaning)) = &known.letter else { continue };
                            restored = restored.substitute(&[(letter.clone(), meaning.clone())].into());
                        }
                        assert_eq!(restored, *index, "{}", decision.name);
                        terms += 1;
                    });
                });
            }
        }
        assert!(letters > 2 && terms > 200, "{letters} letters, {terms} terms");
    }
}
