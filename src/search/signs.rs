//! Signs of scalars: what is assumed of them, and what follows for sums, products and inverses.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::finder::total;
use super::language::level;
use super::matching::{eliminate, mentions_hidden, system, unify};
use super::monomial::{Monomial, monomials};
use crate::entail;
use crate::kernel::{
    Atom, Evidence, Expr, Facts, Guard, Held, Index, Literal, Name, Premise, Sign, Situation, Substitution, Use, Var,
    ring_equal, ring_normal_at,
};

/// Deeper terms are not looked into.
const DEPTH: usize = 24;

/// Evidence that an expression has a sign, where it is found.
pub(super) fn evidence(situation: &Situation, facts: &Facts, expr: &Expr, sign: Sign) -> Option<Evidence> {
    Signs { situation, sign }.find(facts, expr, DEPTH)
}

#[derive(Clone, Copy)]
struct Signs<'a> {
    situation: &'a Situation<'a>,
    sign: Sign,
}

impl Signs<'_> {
    fn with(self, sign: Sign) -> Self {
        Signs { sign, ..self }
    }

    fn find(&self, facts: &Facts, expr: &Expr, depth: usize) -> Option<Evidence> {
        let depth = depth.checked_sub(1)?;
        if let Some(used) = self.premise(facts, expr) {
            return Some(Evidence::Premise(used));
        }
        let below = |base: &Expr| Some(Evidence::Below(Box::new(self.find(facts, base, depth)?)));
        match expr {
            Expr::Number(value) => match self.sign {
                Sign::NonZero => !value.is_zero(),
                Sign::Positive => value.is_positive(),
                Sign::NotNegative => !value.is_negative(),
            }
            .then_some(Evidence::Number),
            Expr::Bracket(_) => (self.sign == Sign::NotNegative).then_some(Evidence::Number),
            Expr::Integer(index) => self.integer(facts, index),
            Expr::Mul(factors) => {
                let parts = factors.iter().map(|factor| self.find(facts, factor, depth)).collect::<Option<_>>();
                let negative = |factor: &Expr| matches!(factor, Expr::Number(value) if value.is_negative());
                match parts {
                    Some(parts) => Some(Evidence::Factors(parts)),
                    None if factors.len() > 2 && factors.iter().any(negative) => self.terms(facts, expr, depth),
                    None => None,
                }
            }
            Expr::Power(base, exponent) if exponent % 2 == 0 => match self.sign {
                Sign::NotNegative => Some(Evidence::Square),
                _ => Some(Evidence::Below(Box::new(self.with(Sign::NonZero).find(facts, base, depth)?))),
            },
            Expr::Power(base, _) | Expr::Inverse(base) => below(base),
            Expr::Apply { function, orders, .. } if orders.iter().all(Zero::is_zero) => {
                let declared = self.situation.signature.functions.iter().find(|declared| declared.name == *function)?;
                declared.positive.then_some(Evidence::Function)
            }
            Expr::Add(_) => self.terms(facts, expr, depth),
            Expr::Sum(vars, guard, body) => {
                let within = facts.iter().chain(guard.literals()).cloned().collect();
                if self.sign == Sign::NotNegative {
                    return Some(Evidence::Each(Box::new(self.find(&within, body, depth)?)));
                }
                let (finite, point) = (entail::finite(facts, vars, guard)?, entail::point(facts, vars, guard)?);
                let inner = self.with(Sign::Positive).find(&within, body, depth)?;
                Some(Evidence::Sum(finite, point, Box::new(inner)))
            }
            _ => None,
        }
    }

    fn integer(&self, facts: &Facts, index: &Index) -> Option<Evidence> {
        let goal = match self.sign {
            Sign::NonZero => Literal::ne(index.clone()),
            Sign::Positive => Literal::le(&Index::from(1), index),
            Sign::NotNegative => Literal::ge(index.clone()),
        };
        if let Some(size) = index.as_volume() {
            return Some(Evidence::Volume(entail::prove_all(facts, [Literal::ge(size - &Index::from(1))])?));
        }
        entail::prove_all(facts, [goal]).map(Evidence::Integer).or_else(|| self.monomial(facts, index))
    }

    /// A product of several atoms, one by one.
    fn monomial(&self, facts: &Facts, index: &Index) -> Option<Evidence> {
        let mut terms = index.terms();
        let (Some((monomial, coefficient)), None) = (terms.next(), terms.next()) else { return None };
        let several = monomial.factors().iter().map(|(_, exponent)| *exponent as usize).sum::<usize>() > 1;
        if !several || !coefficient.is_positive() {
            return None;
        }
        let mut factors = vec![Expr::Number(BigRational::from_integer(BigInt::clone(coefficient)))];
        let mut parts = vec![Evidence::Number];
        for (atom, exponent) in monomial.factors() {
            let atom = Index::atom(atom.clone());
            let part = self.integer(facts, &atom)?;
            for _ in 0..*exponent {
                factors.push(Expr::Integer(atom.clone()));
                parts.push(part.clone());
            }
        }
        Some(Evidence::Equal(Box::new(Expr::Mul(factors)), Box::new(Evidence::Factors(parts))))
    }

    /// A sum: terms with the same factors are taken together, with an integer as their coefficient.
    fn terms(&self, facts: &Facts, expr: &Expr, depth: usize) -> Option<Evidence> {
        let mut groups: Vec<(Vec<Expr>, Vec<Monomial>)> = Vec::new();
        for term in monomials(expr) {
            // A Σ is a factor as it stands.
            let (factors, term) = match (term.vars.is_empty(), term.guard.is_empty()) {
                (true, true) => (term.factors.clone(), term),
                (true, false) => return None,
                (false, _) => (vec![sum_of(&term.expr)?], Monomial { weight: Index::from(1), ..term }),
            };
            match groups.iter_mut().find(|(known, _)| *known == factors) {
                Some((_, members)) => members.push(term),
                None => groups.push((factors, vec![term])),
            }
        }
        if let Some(found) = self.weighted(facts, expr, &groups, depth) {
            return Some(found);
        }
        if let [(factors, members)] = groups.as_slice() {
            let (product, found) = self.product(facts, factors, members, depth)?;
            return Some(Evidence::Equal(Box::new(product), Box::new(found)));
        }
        // One term above 0, and none below.
        let mut positive = (self.sign == Sign::NotNegative).then_some(0);
        let (mut sum, mut parts) = (Vec::new(), Vec::new());
        for (place, (factors, members)) in groups.iter().enumerate() {
            let above = match positive {
                Some(_) => None,
                None => self.with(Sign::Positive).product(facts, factors, members, depth),
            };
            positive = positive.or(above.is_some().then_some(place));
            let (product, found) = match above {
                Some(found) => found,
                None => self.with(Sign::NotNegative).product(facts, factors, members, depth)?,
            };
            sum.push(product);
            parts.push(found);
        }
        Some(Evidence::Equal(Box::new(Expr::Add(sum)), Box::new(Evidence::Terms(positive?, parts))))
    }

    /// A sum whose terms have one integer weight, as `u·a - u·b`: the weight, and the sum without it.
    fn weighted(
        &self,
        facts: &Facts,
        expr: &Expr,
        groups: &[(Vec<Expr>, Vec<Monomial>)],
        depth: usize,
    ) -> Option<Evidence> {
        let leading = |weight: &Index| weight.terms().next().map(|(_, coefficient)| coefficient.clone());
        let mut weight: Option<(Index, BigInt)> = None;
        let mut rest = Vec::new();
        for (factors, members) in groups {
            let scale = members.iter().fold(BigInt::one(), |scale, term| scale.lcm(term.coefficient.denom()));
            let own = total(members, &scale);
            let number = leading(&own)?;
            let (first, by) = weight.get_or_insert_with(|| (own.clone(), number.clone()));
            if own.scale(by) != first.scale(&number) {
                return None;
            }
            let number = Expr::Number(BigRational::new(number, &scale * &*by));
            rest.push(Expr::Mul([number].into_iter().chain(factors.clone()).collect()));
        }
        let (weight, _) = weight.filter(|(weight, _)| groups.len() > 1 && weight.as_constant().is_none())?;
        let rest = Expr::Add(rest);
        [false, true].into_iter().find_map(|turned| {
            let (weight, rest) = if turned {
                (-&weight, Expr::Mul(vec![Expr::from(-1), rest.clone()]))
            } else {
                (weight.clone(), rest.clone())
            };
            let rest = ring_normal_at(&rest, level(expr)).ok()?;
            let parts = vec![self.integer(facts, &weight)?, self.find(facts, &rest, depth)?];
            let product = Expr::Mul(vec![Expr::Integer(weight), rest]);
            Some(Evidence::Equal(Box::new(product), Box::new(Evidence::Factors(parts))))
        })
    }

    /// Some terms with the same factors as one product. A negative coefficient is positive with a factor that is negative.
    fn product(&self, facts: &Facts, factors: &[Expr], terms: &[Monomial], depth: usize) -> Option<(Expr, Evidence)> {
        let scale = terms.iter().fold(BigInt::one(), |scale, term| scale.lcm(term.coefficient.denom()));
        let weight = total(terms, &scale);
        let number = Expr::Number(BigRational::new(BigInt::one(), scale));
        [false, true].into_iter().find_map(|turned| {
            let mut product = vec![number.clone(), Expr::Integer(if turned { -&weight } else { weight.clone() })];
            let mut rest = factors;
            if turned {
                let (first, others) = factors.split_first()?;
                product.push(Expr::Mul(vec![Expr::from(-1), first.clone()]));
                rest = others;
            }
            product.extend(powers(rest));
            let product = Expr::Mul(product);
            let found = self.find(facts, &product, depth)?;
            Some((product, found))
        })
    }

    /// A premise that says it.
    fn premise(&self, facts: &Facts, expr: &Expr) -> Option<Use> {
        let premises = &self.situation.signature.premises;
        premises.iter().enumerate().find_map(|(premise, assumed)| {
            let scalar = match &assumed.held {
                Held::Positive(scalar) => scalar,
                Held::NonZero(scalar) if self.sign == Sign::NonZero => scalar,
                _ => return None,
            };
            let terms = instance(facts, assumed, scalar, expr)?;
            let proofs = range_proofs(facts, assumed, &terms)?;
            Some(Use { premise, terms, proofs })
        })
    }
}

/// Equal factors as powers.
fn powers(factors: &[Expr]) -> Vec<Expr> {
    let mut found: Vec<(&Expr, u32)> = Vec::new();
    for factor in factors {
        match found.iter_mut().find(|(known, _)| *known == factor) {
            Some((_, exponent)) => *exponent += 1,
            None => found.push((factor, 1)),
        }
    }
    let power = |(factor, exponent): (&Expr, u32)| match exponent {
        1 => factor.clone(),
        _ => Expr::Power(Box::new(factor.clone()), exponent),
    };
    found.into_iter().map(power).collect()
}

/// The Σ of a term.
fn sum_of(expr: &Expr) -> Option<Expr> {
    match expr {
        Expr::Sum(_, _, _) => Some(expr.clone()),
        Expr::Mul(factors) => factors.iter().find(|factor| matches!(factor, Expr::Sum(_, _, _))).cloned(),
        _ => None,
    }
}

/// Names of a premise's letters that occur nowhere else.
pub(super) fn own_letters(vars: &[Var]) -> (Vec<Var>, Substitution) {
    let own = |(place, var): (usize, &Var)| Var { name: Name::from(format!("%p{place}")), rank: var.rank.clone() };
    let letters: Vec<Var> = vars.iter().enumerate().map(own).collect();
    let map = vars.iter().cloned().zip(letters.iter().map(Index::from)).collect();
    (letters, Substitution::of_indices(map))
}

/// The terms for a premise's letters with which its scalar is the expression.
fn instance(facts: &Facts, premise: &Premise, scalar: &Expr, expr: &Expr) -> Option<Vec<Index>> {
    let (letters, map) = own_letters(&premise.vars);
    let pattern = ring_normal_at(&scalar.substitute(&map), level(expr)).ok()?;
    let terms = solve_for(facts, &letters, &pattern, expr, &[])?;
    let back = letters.iter().cloned().zip(terms.iter().cloned()).collect();
    ring_equal(&pattern.substitute(&Substitution::of_indices(back)), expr).ok()?.then_some(terms)
}

/// The terms for some letters of a pattern with which it may be the expression; more equations may be given.
pub(super) fn solve_for(
    facts: &Facts,
    letters: &[Var],
    pattern: &Expr,
    expr: &Expr,
    more: &[Index],
) -> Option<Vec<Index>> {
    if letters.is_empty() {
        return Some(Vec::new());
    }
    let mut pairs = Vec::new();
    if !unify(pattern, expr, &mut pairs) {
        return None;
    }
    let mut equations = system(&pairs);
    equations.extend_from_slice(more);
    let solved = eliminate(facts, letters, (&Guard::always(), &[]), &equations);
    let terms: Vec<Index> = letters.iter().map(|letter| solved.get(letter).cloned()).collect::<Option<_>>()?;
    let stray = terms.iter().any(|term| letters.iter().any(|letter| term.contains(letter)) || mentions_hidden(term));
    (!stray).then_some(terms)
}

/// Proofs that terms lie in the range of a premise.
pub(super) fn range_proofs(facts: &Facts, premise: &Premise, terms: &[Index]) -> Option<crate::kernel::Entailments> {
    let map: BTreeMap<Var, Index> = premise.vars.iter().cloned().zip(terms.iter().cloned()).collect();
    entail::prove_all(facts, premise.guard.substitute(&map).literals().cloned())
}

/// What premises say of the functions with integer values in some terms: their uses, and the conditions.
pub(super) fn conditions(situation: &Situation, facts: &Facts, terms: &[Index]) -> (Vec<Use>, Vec<Literal>) {
    let mut applied = BTreeSet::new();
    terms.iter().for_each(|term| collect_applied(term, &mut applied));
    let (mut uses, mut found) = (Vec::new(), Vec::new());
    for (premise, assumed) in situation.signature.premises.iter().enumerate() {
        let Held::Condition(condition) = &assumed.held else { continue };
        let (letters, map) = own_letters(&assumed.vars);
        let mut patterns = BTreeSet::new();
        condition.indices().for_each(|index| collect_applied(&index.substitute(map.indices()), &mut patterns));
        for (name, pattern) in &patterns {
            for (_, arguments) in applied.iter().filter(|(other, _)| other == name) {
                let system: Vec<Index> = pattern.iter().zip(arguments).map(|(a, b)| a - b).collect();
                let solved = eliminate(facts, &letters, (&Guard::always(), &[]), &system);
                let Some(terms) = letters.iter().map(|letter| solved.get(letter).cloned()).collect::<Option<Vec<_>>>()
                else {
                    continue;
                };
                let Some(proofs) = range_proofs(facts, assumed, &terms) else { continue };
                let map = assumed.vars.iter().cloned().zip(terms.iter().cloned()).collect();
                found.extend(condition.substitute(&map).literals().cloned());
                uses.push(Use { premise, terms, proofs });
            }
        }
    }
    (uses, found)
}

/// The functions with integer values in a term, with their arguments.
fn collect_applied(index: &Index, found: &mut BTreeSet<(Name, Vec<Index>)>) {
    for atom in index.atoms() {
        match atom {
            Atom::Var(_) => {}
            Atom::Floor(a, b) | Atom::Max(a, b) => {
                collect_applied(a, found);
                collect_applied(b, found);
            }
            Atom::Apply(name, arguments) => {
                found.insert((name.clone(), arguments.clone()));
                arguments.iter().for_each(|argument| collect_applied(argument, found));
            }
            Atom::Volume(size) => collect_applied(size, found),
        }
    }
}
