//! The search for certificates against brute force over small integers.

use std::collections::BTreeMap;

use convprove::entail::{contradiction, finite, holds, prove, reduce};
use convprove::kernel::{
    Atom, Facts, Guard, Index, Literal, Var, check_entails, check_finite, check_refutation, needs_proof,
};
use num_integer::Integer;
use num_traits::ToPrimitive;

/// A linear congruential generator: the same questions on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % bound
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }
}

type Point = BTreeMap<Var, i64>;

/// The value of a term; `None` where a divisor is not positive.
fn value(index: &Index, point: &Point) -> Option<i64> {
    index.terms().try_fold(0, |sum, (monomial, coefficient)| {
        let product = monomial.factors().iter().try_fold(coefficient.to_i64()?, |product, (atom, exponent)| {
            let factor = match atom {
                Atom::Var(var) => point[var],
                Atom::Floor(a, b) => {
                    Integer::div_floor(&value(a, point)?, &value(b, point).filter(|divisor| *divisor > 0)?)
                }
                Atom::Max(a, b) => value(a, point)?.max(value(b, point)?),
                Atom::Apply(..) | Atom::Volume(_) => return None,
            };
            Some(product * factor.pow(*exponent))
        })?;
        Some(sum + product)
    })
}

fn truth(literal: &Literal, point: &Point) -> Option<bool> {
    let value = value(literal.index(), point)?;
    Some(match literal {
        Literal::Ge(_) => value >= 0,
        Literal::Eq(_) => value == 0,
        Literal::Ne(_) => value != 0,
    })
}

fn points(vars: &[Var], radius: i64) -> Vec<Point> {
    vars.iter().fold(vec![Point::new()], |points, var| {
        points
            .into_iter()
            .flat_map(|point| {
                (-radius..=radius).map(move |value| {
                    let mut point = point.clone();
                    point.insert(var.clone(), value);
                    point
                })
            })
            .collect()
    })
}

/// What random terms are made of, besides letters with small coefficients.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Kind {
    Linear,
    Products,
    Quotients,
    Maxima,
}

fn letter(random: &mut Random, vars: &[Var]) -> Index {
    Index::from(&vars[random.below(vars.len() as u64) as usize])
}

fn linear(random: &mut Random, vars: &[Var]) -> Index {
    let mut sum = Index::from(random.between(-3, 3));
    for _ in 0..=random.below(2) {
        let factor = Index::from(random.between(-2, 2));
        sum = &sum + &(&factor * &letter(random, vars));
    }
    sum
}

fn term(random: &mut Random, vars: &[Var], kind: Kind) -> Index {
    let base = linear(random, vars);
    if random.below(2) == 0 {
        return base;
    }
    let extra = match kind {
        Kind::Linear => letter(random, vars),
        Kind::Products => &letter(random, vars) * &letter(random, vars),
        Kind::Quotients => {
            let divisor = match random.below(3) {
                0 => Index::from(&vars[0]),
                _ => Index::from(random.between(2, 3)),
            };
            Index::floor(linear(random, vars), divisor)
        }
        Kind::Maxima => Index::max(linear(random, vars), linear(random, vars)),
    };
    if random.below(2) == 0 { &base + &extra } else { &base - &extra }
}

fn literal(random: &mut Random, vars: &[Var], kind: Kind) -> Literal {
    let term = term(random, vars, kind);
    match random.below(6) {
        0 => Literal::eq(term),
        1 => Literal::ne(term),
        _ => Literal::ge(term),
    }
}

fn boxed(vars: &[Var], radius: i64) -> Vec<Literal> {
    let ends = |var| {
        [Literal::le(&Index::from(-radius), &Index::from(var)), Literal::le(&Index::from(var), &Index::from(radius))]
    };
    vars.iter().flat_map(ends).collect()
}

/// Asks random questions; gives how many valid goals there were and how many of them were proved.
fn compare(kind: Kind, seed: u64, rounds: usize, radius: i64) -> (usize, usize) {
    println!("{kind:?}: seed {seed}");
    let mut random = Random(seed);
    let (mut valid, mut proved) = (0, 0);
    for _ in 0..rounds {
        let vars: Vec<Var> =
            ["a", "b", "c"].iter().take(2 + random.below(2) as usize).map(|n| Var::scalar(*n)).collect();
        let mut facts: Facts = boxed(&vars, radius).into_iter().collect();
        if kind != Kind::Linear {
            facts.insert(Literal::le(&Index::from(1), &Index::from(&vars[0])));
        }
        for _ in 0..random.below(4) {
            facts.insert(literal(&mut random, &vars, kind));
        }
        let goal = literal(&mut random, &vars, kind);
        let models: Vec<Point> = points(&vars, radius)
            .into_iter()
            .filter(|point| facts.iter().all(|fact| truth(fact, point) == Some(true)))
            .collect();
        if let Some(proof) = contradiction(&facts) {
            assert!(models.is_empty(), "{facts:?} has the model {:?}", models.first());
            assert_eq!(check_refutation(&facts, &proof), Ok(()), "{facts:?}: {proof:?}");
        }
        if !needs_proof(&facts, &goal) {
            continue;
        }
        let counterexample = models.iter().find(|point| truth(&goal, point) != Some(true));
        valid += usize::from(counterexample.is_none());
        if let Some(proof) = prove(&facts, &goal) {
            assert_eq!(counterexample, None, "{goal} was proved from {facts:?}");
            assert_eq!(check_entails(&facts, &goal, &proof), Ok(()), "{goal} from {facts:?}: {proof:?}");
            proved += 1;
        }
    }
    println!("{kind:?}: {proved} of {valid} valid goals proved");
    (valid, proved)
}

#[test]
fn linear_goals_agree_with_brute_force() {
    let (valid, proved) = compare(Kind::Linear, 1, 400, 4);
    assert!(proved * 100 >= valid * 95, "{proved} of {valid}");
}

#[test]
fn goals_with_products_agree_with_brute_force() {
    let (valid, proved) = compare(Kind::Products, 2, 200, 4);
    assert!(proved * 100 >= valid * 60, "{proved} of {valid}");
}

#[test]
fn goals_with_quotients_agree_with_brute_force() {
    let (valid, proved) = compare(Kind::Quotients, 3, 200, 4);
    assert!(proved * 100 >= valid * 60, "{proved} of {valid}");
}

#[test]
fn goals_with_maxima_agree_with_brute_force() {
    let (valid, proved) = compare(Kind::Maxima, 4, 200, 4);
    assert!(proved * 100 >= valid * 80, "{proved} of {valid}");
}

#[test]
fn reduced_guards_hold_at_the_same_points() {
    let mut random = Random(5);
    println!("seed 5");
    for _ in 0..60 {
        let vars = ["a", "b"].map(Var::scalar);
        let facts: Facts = boxed(&vars, 3).into_iter().collect();
        let guard: Guard = (0..3).map(|_| literal(&mut random, &vars, Kind::Linear)).collect();
        let reduced = reduce(&facts, &guard);
        assert_eq!(reduce(&facts, &guard), reduced, "the same question has the same answer");
        for point in points(&vars, 3) {
            let all = |guard: &Guard| guard.literals().all(|literal| truth(literal, &point) == Some(true));
            assert_eq!(all(&guard), all(&reduced), "{guard} became {reduced} at {point:?}");
        }
    }
}

#[test]
fn evidence_of_finiteness_is_accepted() {
    let mut random = Random(6);
    println!("seed 6");
    let mut found = 0;
    for _ in 0..100 {
        let vars = ["a", "b", "n"].map(Var::scalar);
        let facts = Facts::from([Literal::le(&Index::from(1), &Index::from(&vars[2]))]);
        let guard: Guard = (0..5).map(|_| literal(&mut random, &vars, Kind::Quotients)).collect();
        if let Some(evidence) = finite(&facts, &vars[..2], &guard) {
            assert_eq!(check_finite(&facts, &vars[..2], &guard, &evidence), Ok(()), "{guard}");
            found += 1;
        }
    }
    println!("{found} of 100 guards are bounded");
}

/// A quotient is at least what its numerator allows: linear integer arithmetic, so nothing may be missed.
#[test]
fn the_least_value_of_a_quotient_is_found() {
    let n = Index::scalar("n");
    for (divisor, offset, least) in (2..=4).flat_map(|d| (-3..=3).flat_map(move |c| (0..=4).map(move |m| (d, c, m)))) {
        let facts: Facts = [Literal::ge(&n - &Index::from(least))].into_iter().collect();
        let quotient = Index::floor(&n + &Index::from(offset), Index::from(divisor));
        let value = (least + offset).div_euclid(divisor);
        let bound = |value: i64| Literal::ge(&quotient - &Index::from(value));
        assert!(holds(&facts, &bound(value)), "floor((n + {offset})/{divisor}) >= {value} for n >= {least}");
        assert!(!holds(&facts, &bound(value + 1)), "floor((n + {offset})/{divisor}) > {value} for n >= {least}");
    }
}
