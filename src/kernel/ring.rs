//! The law `ring`: equality in every commutative ring that contains the rationals.
//!
//! An expression is expanded into a polynomial with rational coefficients whose indeterminates are the parts that are
//! not sums, products or powers: entries, brackets, Σ, max, functions, inverses, the atoms of integer terms. Those parts are
//! normalised inside, and bound letters get canonical names, so equal polynomials mean equal expressions.
//! Inverses obey `1/(e·f) = 1/e · 1/f`, `1/[P] = [P]` and `e·(1/e)² = 1/e`, which hold for `e = 0` as well if 1/0 is 0, and for `e = 0 + b·ε` if the
//! inverse of what has none is 0; `e·(1/e)` is not 1.
//! Conditions multiply as `[P]·[Q] = [P ∧ Q]`; a sum without letters is its bracket times its body; an empty Σ is 0.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

use super::expr::{Expr, Tensor};
use super::guard::Guard;
use super::index::{Index, Var};
use super::refusal::Refusal;
use super::substitute::{Substitution, canonical_var, first_level};

/// More products of two terms than this are refused for one use of the law, so that hostile powers cannot exhaust time or
/// memory.
const WORK_LIMIT: usize = 50_000;

/// Longer numerators and denominators of a power are refused.
const BITS_LIMIT: u64 = 1 << 16;

/// What is left of the work limit.
struct Budget(usize);

impl Budget {
    fn spend(&mut self, work: usize) -> Result<(), Refusal> {
        self.0 = self.0.checked_sub(work).ok_or(Refusal::TooLarge)?;
        Ok(())
    }
}

/// A product of powers of parts and at most one bracket.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Term {
    guard: Guard,
    factors: BTreeMap<Expr, u32>,
}

type Polynomial = BTreeMap<Term, BigRational>;

/// The canonical form of an expression modulo the ring laws.
///
/// # Errors
/// [`Refusal::TooLarge`] where the expansion would exceed the work limit.
///
/// ```
/// use convprove::kernel::{ring_normal, Expr, Index};
/// let (a, b) = (Expr::entry("a", vec![]), Expr::entry("b", vec![]));
/// let left = Expr::Mul(vec![Expr::Add(vec![a.clone(), b.clone()]), a.clone()]);
/// let right = Expr::Add(vec![Expr::Mul(vec![a.clone(), b]), Expr::Power(Box::new(a), 2)]);
/// assert_eq!(ring_normal(&left).unwrap(), ring_normal(&right).unwrap());
/// ```
pub fn ring_normal(expr: &Expr) -> Result<Expr, Refusal> {
    ring_normal_at(expr, first_level(&expr.free_vars()))
}

/// The same with bound letters named from `$depth` on; no letter `$depth` or above may occur free.
pub fn ring_normal_at(expr: &Expr, depth: usize) -> Result<Expr, Refusal> {
    normal(expr, depth, &mut Budget(WORK_LIMIT))
}

/// Whether two expressions are equal by the ring laws.
pub fn ring_equal(left: &Expr, right: &Expr) -> Result<bool, Refusal> {
    let mut free = left.free_vars();
    right.collect_free(&mut free);
    let depth = first_level(&free);
    let mut budget = Budget(WORK_LIMIT);
    Ok(polynomial(left, depth, &mut budget)? == polynomial(right, depth, &mut budget)?)
}

fn normal(expr: &Expr, depth: usize, budget: &mut Budget) -> Result<Expr, Refusal> {
    Ok(expression(&polynomial(expr, depth, budget)?))
}

fn constant(value: BigRational) -> Polynomial {
    if value.is_zero() { Polynomial::new() } else { Polynomial::from([(Term::default(), value)]) }
}

fn part(expr: Expr) -> Polynomial {
    let term = Term { guard: Guard::always(), factors: BTreeMap::from([(expr, 1)]) };
    Polynomial::from([(term, BigRational::one())])
}

fn bracket(guard: Guard) -> Polynomial {
    if guard.is_never() {
        return Polynomial::new();
    }
    Polynomial::from([(Term { guard, factors: BTreeMap::new() }, BigRational::one())])
}

fn add(mut left: Polynomial, right: Polynomial) -> Polynomial {
    for (term, coefficient) in right {
        let sum = left.remove(&term).unwrap_or_else(BigRational::zero) + coefficient;
        if !sum.is_zero() {
            left.insert(term, sum);
        }
    }
    left
}

fn multiply(left: &Polynomial, right: &Polynomial, budget: &mut Budget) -> Result<Polynomial, Refusal> {
    budget.spend(left.len().saturating_mul(right.len()))?;
    let mut product = Polynomial::new();
    for (a, x) in left {
        for (b, y) in right {
            let guard = a.guard.and(&b.guard);
            if guard.is_never() {
                continue;
            }
            let mut factors = a.factors.clone();
            for (factor, exponent) in &b.factors {
                let total = factors.entry(factor.clone()).or_insert(0);
                *total = total.checked_add(*exponent).ok_or(Refusal::TooLarge)?;
            }
            cancel(&mut factors);
            product = add(product, Polynomial::from([(Term { guard, factors }, x * y)]));
        }
    }
    Ok(product)
}

/// `e·(1/e)² = 1/e`; one inverse is left, so that nothing is said of 1/0 but that it is 0. That `e²·(1/e) = e` is left to the law
/// `inverse`: under ∂ it would say that the derivative of the left side at e = 0 is ∂e, where the product rule gives 0.
fn cancel(factors: &mut BTreeMap<Expr, u32>) {
    let inverses: Vec<Expr> = factors.keys().filter(|factor| matches!(factor, Expr::Inverse(_))).cloned().collect();
    // One after the other, each with the exponents that are left: in `e·(1/e)²·(1/(1/e))²` the middle factor is in two pairs.
    for inverse in inverses {
        let Expr::Inverse(base) = &inverse else { continue };
        let (Some(above), Some(below)) = (factors.get(base.as_ref()), factors.get(&inverse)) else { continue };
        let (above, below) = (*above, *below);
        let common = above.min(below.saturating_sub(1));
        factors.insert(base.as_ref().clone(), above - common);
        factors.insert(inverse, below - common);
    }
    factors.retain(|_, exponent| *exponent > 0);
}

fn power(base: &Polynomial, exponent: u32, budget: &mut Budget) -> Result<Polynomial, Refusal> {
    // A single term is raised by its exponents; a sum is multiplied out, which the term limit stops soon.
    let mut result = constant(BigRational::one());
    if base.is_empty() {
        return Ok(if exponent == 0 { result } else { Polynomial::new() });
    }
    if let [(term, coefficient)] = base.iter().collect::<Vec<_>>().as_slice()
        && exponent > 0
    {
        let bits = coefficient.numer().bits().max(coefficient.denom().bits());
        if !coefficient.is_one() && bits.saturating_mul(u64::from(exponent)) > BITS_LIMIT {
            return Err(Refusal::TooLarge);
        }
        let mut factors = BTreeMap::new();
        for (factor, count) in &term.factors {
            factors.insert(factor.clone(), count.checked_mul(exponent).ok_or(Refusal::TooLarge)?);
        }
        cancel(&mut factors);
        let value = if coefficient.is_one() {
            BigRational::one()
        } else {
            num_traits::pow(BigRational::clone(coefficient), exponent as usize)
        };
        return Ok(Polynomial::from([(Term { guard: term.guard.clone(), factors }, value)]));
    }
    for _ in 0..exponent {
        result = multiply(&result, base, budget)?;
    }
    Ok(result)
}

/// The inverse of a product is the product of the inverses, `1/([P]·e) = [P]·(1/e)` included; any other inverse is a part of its own.
fn inverse(base: &Polynomial) -> Polynomial {
    match base.iter().collect::<Vec<_>>().as_slice() {
        [(Term { guard, factors }, coefficient)] => {
            let inverted = |(factor, exponent): (&Expr, &u32)| (Expr::Inverse(Box::new(factor.clone())), *exponent);
            let term = Term { guard: guard.clone(), factors: factors.iter().map(inverted).collect() };
            Polynomial::from([(term, coefficient.recip())])
        }
        _ => part(Expr::Inverse(Box::new(expression(base)))),
    }
}

fn integer(index: &Index) -> Result<Polynomial, Refusal> {
    let mut sum = Polynomial::new();
    for (monomial, coefficient) in index.terms() {
        let factors = monomial
            .factors()
            .iter()
            .map(|(atom, exponent)| (Expr::Integer(Index::atom(atom.clone())), *exponent))
            .collect();
        let term = Term { guard: Guard::always(), factors };
        sum = add(sum, Polynomial::from([(term, BigRational::from_integer(BigInt::clone(coefficient)))]));
    }
    Ok(sum)
}

fn polynomial(expr: &Expr, depth: usize, budget: &mut Budget) -> Result<Polynomial, Refusal> {
    match expr {
        Expr::Number(value) => Ok(constant(value.clone())),
        Expr::Integer(index) => integer(index),
        Expr::Entry(tensor, position) => Ok(part(Expr::Entry(normal_tensor(tensor, depth, budget)?, position.clone()))),
        Expr::Bracket(guard) => Ok(bracket(guard.clone())),
        Expr::Add(terms) => {
            terms.iter().try_fold(Polynomial::new(), |sum, term| Ok(add(sum, polynomial(term, depth, budget)?)))
        }
        Expr::Mul(factors) => factors.iter().try_fold(constant(BigRational::one()), |product, factor| {
            let factor = polynomial(factor, depth, budget)?;
            multiply(&product, &factor, budget)
        }),
        Expr::Power(base, exponent) => power(&polynomial(base, depth, budget)?, *exponent, budget),
        Expr::Inverse(base) => match base.as_ref() {
            // Factors stay apart, which multiplying out would hide.
            Expr::Mul(factors) => factors.iter().try_fold(constant(BigRational::one()), |product, factor| {
                let factor = polynomial(&Expr::Inverse(Box::new(factor.clone())), depth, budget)?;
                multiply(&product, &factor, budget)
            }),
            Expr::Power(base, exponent) => {
                power(&polynomial(&Expr::Inverse(base.clone()), depth, budget)?, *exponent, budget)
            }
            _ => Ok(inverse(&polynomial(base, depth, budget)?)),
        },
        Expr::Apply { function, orders, arguments } => {
            let arguments =
                arguments.iter().map(|argument| normal(argument, depth, budget)).collect::<Result<_, _>>()?;
            Ok(part(Expr::Apply { function: function.clone(), orders: orders.clone(), arguments }))
        }
        Expr::Sum(vars, guard, body) => {
            let (vars, guard, body) = normal_binder(vars, guard, body, depth, budget)?;
            if guard.is_never() || body == Expr::from(0) {
                return Ok(Polynomial::new());
            }
            if vars.is_empty() {
                return {
                    let body = polynomial(&body, depth, budget)?;
                    multiply(&bracket(guard), &body, budget)
                };
            }
            Ok(part(Expr::Sum(vars, guard, Box::new(body))))
        }
        Expr::Max(vars, guard, body) => {
            let (vars, guard, body) = normal_binder(vars, guard, body, depth, budget)?;
            Ok(part(Expr::Max(vars, guard, Box::new(body))))
        }
        Expr::Derivative(body, tensor, position) => {
            Ok(part(Expr::Derivative(Box::new(normal(body, depth, budget)?), tensor.clone(), position.clone())))
        }
    }
}

fn normal_binder(
    vars: &[Var],
    guard: &Guard,
    body: &Expr,
    depth: usize,
    budget: &mut Budget,
) -> Result<(Vec<Var>, Guard, Expr), Refusal> {
    let renamed: Vec<Var> = vars.iter().enumerate().map(|(offset, var)| canonical_var(var, depth + offset)).collect();
    let inner_depth = depth + vars.len();
    if renamed == vars {
        return Ok((renamed, guard.clone(), normal(body, inner_depth, budget)?));
    }
    let map = Substitution::of_indices(vars.iter().cloned().zip(renamed.iter().map(Index::from)).collect());
    Ok((renamed, guard.substitute(map.indices()), normal(&body.substitute(&map), inner_depth, budget)?))
}

fn normal_tensor(tensor: &Tensor, depth: usize, budget: &mut Budget) -> Result<Tensor, Refusal> {
    Ok(match tensor {
        Tensor::Named(_) => tensor.clone(),
        Tensor::Call { definition, parameters, tensors } => Tensor::Call {
            definition: definition.clone(),
            parameters: parameters.clone(),
            tensors: tensors.iter().map(|tensor| normal_tensor(tensor, depth, budget)).collect::<Result<_, _>>()?,
        },
        Tensor::Lambda { axes, support, body } => {
            let (axes, support, body) = normal_binder(axes, support, body, depth, budget)?;
            Tensor::Lambda { axes, support, body: Box::new(body) }
        }
    })
}

/// The polynomial as an expression: terms and factors in canonical order, numbers first.
fn expression(polynomial: &Polynomial) -> Expr {
    let mut terms: Vec<Expr> = Vec::new();
    for (term, coefficient) in polynomial {
        let mut factors: Vec<Expr> = Vec::new();
        if !coefficient.is_one() {
            factors.push(Expr::Number(coefficient.clone()));
        }
        if !term.guard.is_empty() {
            factors.push(Expr::Bracket(term.guard.clone()));
        }
        for (factor, exponent) in &term.factors {
            factors.push(match exponent {
                1 => factor.clone(),
                exponent => Expr::Power(Box::new(factor.clone()), *exponent),
            });
        }
        terms.push(match factors.len() {
            0 => Expr::from(1),
            1 => factors.swap_remove(0),
            _ => Expr::Mul(factors),
        });
    }
    match terms.len() {
        0 => Expr::from(0),
        1 => terms.swap_remove(0),
        _ => Expr::Add(terms),
    }
}
