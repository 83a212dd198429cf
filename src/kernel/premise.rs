//! What a statement assumes of entries, functions of integers and scalars, and how signs follow from it; the law `inverse`.
//!
//! A premise is assumed for all values of its letters in a range. Of scalars a premise is strict: something is not 0, or is positive.
//! Such a condition holds near a point where it holds at the point, so it may be used under ∂ as well: where an expression takes
//! values `a + b·ε`, a premise speaks of `a`. An equation between entries would not be of this kind, and none can be assumed.
//!
//! What is positive is a real number. `1/e` is the inverse of e where e is not 0, and 0 elsewhere.

use std::collections::BTreeSet;

use num_traits::{Signed, Zero};
use serde::{Deserialize, Serialize};

use super::arithmetic::{Entailments, Finiteness, check_all, check_finite, check_guard};
use super::expr::Expr;
use super::guard::{Guard, Literal};
use super::index::{Index, Name, Var};
use super::laws::{Context, check_ranks};
use super::maximum::Point;
use super::refusal::Refusal;
use super::ring::ring_equal;
use super::signature::assign;
use super::substitute::{Substitution, check_growth};

/// An assumption for all values of some letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Premise {
    /// The letters; what else occurs is a size or a free index of the statement.
    pub vars: Vec<Var>,
    /// Their range.
    pub guard: Guard,
    /// What is assumed there.
    pub held: Held,
}

/// What a premise says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Held {
    /// A condition on integers, such as the range of a function with integer values.
    Condition(Guard),
    /// `e ≠ 0`
    NonZero(Expr),
    /// `e > 0`
    Positive(Expr),
}

impl Premise {
    /// The letters that it does not bind, and the tensors that it names.
    pub fn mentions(&self) -> (BTreeSet<Var>, BTreeSet<Name>) {
        let (mut letters, mut names) = (BTreeSet::new(), BTreeSet::new());
        self.guard.collect_vars(&mut letters);
        match &self.held {
            Held::Condition(guard) => guard.collect_vars(&mut letters),
            Held::NonZero(expr) | Held::Positive(expr) => {
                expr.collect_free(&mut letters);
                expr.visit_tensors(&mut |name| {
                    names.insert(name.clone());
                });
            }
        }
        letters.retain(|var| !self.vars.contains(var));
        (letters, names)
    }

    /// Visits every index term.
    pub fn visit_indices(&self, visit: &mut dyn FnMut(&Index)) {
        self.guard.indices().for_each(&mut *visit);
        match &self.held {
            Held::Condition(guard) => guard.indices().for_each(visit),
            Held::NonZero(expr) | Held::Positive(expr) => expr.visit_indices(visit),
        }
    }
}

impl Held {
    /// The scalar that is assumed to have a sign.
    pub fn scalar(&self) -> Option<&Expr> {
        match self {
            Held::Condition(_) => None,
            Held::NonZero(expr) | Held::Positive(expr) => Some(expr),
        }
    }
}

/// A premise for some values of its letters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Use {
    /// Which premise, counted from 0.
    pub premise: usize,
    /// A term for each of its letters.
    pub terms: Vec<Index>,
    /// Proofs that they lie in its range.
    pub proofs: Entailments,
}

/// What is shown of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// `e ≠ 0`
    NonZero,
    /// `e > 0`
    Positive,
    /// `e ≥ 0`
    NotNegative,
}

/// Evidence that a scalar is not 0, is positive, or is not negative.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Evidence {
    /// A number; a bracket is not negative.
    Number,
    /// An integer term `n`: Γ ⊢ n ≠ 0, n ≥ 1, or n ≥ 0.
    Integer(Entailments),
    /// A volume `vol(n)`: Γ ⊢ n ≥ 1, in every coordinate.
    Volume(Entailments),
    /// A premise says so.
    Premise(Use),
    /// The value of a function that is assumed to be positive.
    Function,
    /// A product: each factor has the sign.
    Factors(Vec<Evidence>),
    /// A power or an inverse: what is below has the sign. A power with an even exponent is positive where it is not 0.
    Below(Box<Evidence>),
    /// A power with an even exponent is not negative.
    Square,
    /// A sum of terms: the one with this number is positive, counted from 0, and the others are not negative.
    Terms(usize, Vec<Evidence>),
    /// A Σ whose body is not negative in its range.
    Each(Box<Evidence>),
    /// A Σ over a finite range of which a point is known: the body is positive in it.
    Sum(Finiteness, Point, Box<Evidence>),
    /// It is equal by the ring laws to something that has the sign.
    Equal(Box<Expr>, Box<Evidence>),
}

impl Use {
    /// The premise with its letters replaced by the terms, which are shown to lie in its range.
    fn instance(&self, context: &Context) -> Result<(Substitution, Held), Refusal> {
        let premises = &context.signature.premises;
        let premise = premises.get(self.premise).ok_or(Refusal::Premise(self.premise))?;
        check_ranks(&premise.vars, &self.terms)?;
        let mut checker = context.checker();
        self.terms.iter().try_for_each(|term| checker.index(term))?;
        let map = assign(&premise.vars, &self.terms)?;
        check_growth(&map, premise.guard.indices())?;
        check_guard(&context.facts, &premise.guard.substitute(&map), &self.proofs)?;
        Ok((Substitution::of_indices(map), premise.held.clone()))
    }

    /// The condition on integers that the premise says.
    pub(super) fn condition(&self, context: &Context) -> Result<Guard, Refusal> {
        let (map, held) = self.instance(context)?;
        let Held::Condition(guard) = held else { return Err(Refusal::Premise(self.premise)) };
        check_growth(map.indices(), guard.indices())?;
        Ok(guard.substitute(map.indices()))
    }

    /// The scalar that the premise says has a sign.
    fn scalar(&self, context: &Context, sign: Sign) -> Result<Expr, Refusal> {
        let (map, held) = self.instance(context)?;
        let expr = match (held, sign) {
            (Held::Positive(expr), _) | (Held::NonZero(expr), Sign::NonZero) => expr,
            _ => return Err(Refusal::Premise(self.premise)),
        };
        map.check_growth(&expr)?;
        Ok(expr.substitute(&map))
    }
}

impl Evidence {
    /// Checks that an expression has a sign.
    ///
    /// ```text
    /// c ≠ 0, c > 0, c ≥ 0 for numbers      Γ ⊢ n ≠ 0, n ≥ 1, n ≥ 0 for integers      assumed of e, or of a function f
    ///
    /// a ≠ 0   b ≠ 0      e ≠ 0       e ≠ 0                                  e ≠ 0
    /// ─────────────     ────────     ──────     the same with > 0, ≥ 0     ─────────     e²ⁿ ≥ 0     [P] ≥ 0
    ///   a·b ≠ 0         1/e ≠ 0      eⁿ ≠ 0                                 e²ⁿ > 0
    ///
    /// a > 0   b ≥ 0      a ≥ 0   b ≥ 0      {v : G} finite      Γ ⊢ G{v↦t}      Γ, G ⊢ e > 0        Γ, G ⊢ e ≥ 0
    /// ─────────────      ─────────────      ─────────────────────────────────────────────────      ────────────────
    ///   a + b > 0          a + b ≥ 0                       Γ ⊢ Σ_{v: G} e > 0                       Γ ⊢ Σ_{v: G} e ≥ 0
    /// ```
    pub(super) fn check(&self, context: &Context, expr: &Expr, sign: Sign) -> Result<(), Refusal> {
        match (self, expr) {
            (Evidence::Number, Expr::Number(value)) => match sign {
                Sign::NonZero if !value.is_zero() => Ok(()),
                Sign::Positive if value.is_positive() => Ok(()),
                Sign::NotNegative if !value.is_negative() => Ok(()),
                _ => Err(Refusal::Sign),
            },
            (Evidence::Number, Expr::Bracket(_)) if sign == Sign::NotNegative => Ok(()),
            (Evidence::Integer(proofs), Expr::Integer(index)) => {
                let goal = match sign {
                    Sign::NonZero => Literal::ne(index.clone()),
                    Sign::Positive => Literal::ge(index - &Index::from(1)),
                    Sign::NotNegative => Literal::ge(index.clone()),
                };
                check_all(&context.facts, [goal], proofs)
            }
            (Evidence::Volume(proofs), Expr::Integer(index)) => {
                let size = index.as_volume().ok_or(Refusal::Sign)?;
                check_all(&context.facts, [Literal::ge(size - &Index::from(1))], proofs)
            }
            (Evidence::Premise(used), _) => {
                if ring_equal(&used.scalar(context, sign)?, expr)? {
                    Ok(())
                } else {
                    Err(Refusal::Sign)
                }
            }
            (Evidence::Function, Expr::Apply { function, orders, .. }) => {
                let declared = context.signature.functions.iter().find(|declared| declared.name == *function);
                let positive = declared.is_some_and(|declared| declared.positive);
                if positive && orders.iter().all(Zero::is_zero) { Ok(()) } else { Err(Refusal::Sign) }
            }
            (Evidence::Factors(parts), Expr::Mul(factors)) => each(context, parts, factors, |_| sign),
            (Evidence::Below(part), Expr::Power(base, exponent)) if exponent % 2 == 0 && sign == Sign::Positive => {
                part.check(context, base, Sign::NonZero)
            }
            (Evidence::Below(part), Expr::Power(base, _) | Expr::Inverse(base)) => part.check(context, base, sign),
            (Evidence::Square, Expr::Power(_, exponent)) if exponent % 2 == 0 && sign == Sign::NotNegative => Ok(()),
            (Evidence::Terms(place, parts), Expr::Add(terms)) => {
                let positive = sign != Sign::NotNegative;
                if positive && *place >= terms.len() {
                    return Err(Refusal::Sign);
                }
                let wanted = |at| if positive && at == *place { Sign::Positive } else { Sign::NotNegative };
                each(context, parts, terms, wanted)
            }
            (Evidence::Each(part), Expr::Sum(vars, guard, body)) if sign == Sign::NotNegative => {
                let (vars, guard, body) = context.open(&BTreeSet::new(), vars, guard, body);
                part.check(&context.under(&vars, &guard), &body, sign)
            }
            (Evidence::Sum(finite, point, part), Expr::Sum(vars, guard, body)) => {
                let (vars, guard, body) = context.open(&BTreeSet::new(), vars, guard, body);
                check_finite(&context.facts, &vars, &guard, finite)?;
                point.check(context, &vars, &guard)?;
                part.check(&context.under(&vars, &guard), &body, Sign::Positive)
            }
            (Evidence::Equal(other, part), _) => {
                context.checker().expr(other)?;
                if !ring_equal(other, expr)? {
                    return Err(Refusal::NotRingEqual { left: other.clone(), right: Box::new(expr.clone()) });
                }
                part.check(context, other, sign)
            }
            _ => Err(Refusal::Sign),
        }
    }
}

fn each(context: &Context, parts: &[Evidence], exprs: &[Expr], sign: impl Fn(usize) -> Sign) -> Result<(), Refusal> {
    if parts.len() != exprs.len() {
        return Err(Refusal::Count { what: "signs", expected: exprs.len(), found: parts.len() });
    }
    parts.iter().zip(exprs).enumerate().try_for_each(|(at, (part, expr))| part.check(context, expr, sign(at)))
}

/// **inverse.** What is not 0 has an inverse.
///
/// ```text
///   Γ ⊢ e ≠ 0
/// ───────────────
/// Γ ⊢ e·(1/e) = 1
/// ```
pub(super) fn inverse(context: &Context, expr: &Expr, evidence: &Evidence) -> Result<Expr, Refusal> {
    let needs = "a product of an expression and its inverse";
    let refused = || Refusal::Shape { law: "inverse", needs };
    let Expr::Mul(factors) = expr else { return Err(refused()) };
    let [base, Expr::Inverse(below)] = factors.as_slice() else { return Err(refused()) };
    if !base.same(below) {
        return Err(refused());
    }
    evidence.check(context, base, Sign::NonZero)?;
    Ok(Expr::from(1))
}
