//! The law `differentiate`: ∂ goes down to the entries.
//!
//! An entry `T[a]` is a variable of its own for every position `a` in the box of `T`, and 0 elsewhere; so
//! `∂T[a]/∂T[b] = [a = b]·[b ∈ box]`. Everything else is the sum rule, the product rule and the chain rule. No fact is used:
//! whatever Γ says of integers holds on both sides, and it says nothing of entries.
//!
//! What has no rule keeps its ∂: an entry of a definition (to be unfolded first), a maximum, a derivative (the inner one goes
//! first).

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use num_rational::BigRational;

use super::expr::{Expr, Tensor};
use super::guard::{Guard, Literal};
use super::index::{Index, Name, Var};
use super::laws::Context;
use super::refusal::Refusal;
use super::substitute::Substitution;

/// Results with more nodes are refused, since the product rule copies every factor once for each.
const SIZE_LIMIT: usize = 100_000;

/// **differentiate.** With `e ↦ ∂e` for `∂e/∂T[b]`:
///
/// ```text
/// ∂c = 0   for numbers, integers, brackets, and entries of tensors other than T
/// ∂T[a] = [a = b]·[b ∈ box]
/// ∂(e + f) = ∂e + ∂f          ∂(e·f) = ∂e·f + e·∂f        ∂eⁿ = n·eⁿ⁻¹·∂e
/// ∂(1/e) = −(1/e)²·∂e         ∂f(e, …) = f′(e, …)·∂e + …
/// ∂ Σ_{v: G} e = Σ_{v: G} ∂e  where no v occurs in b or in the box
/// ```
///
/// The range of a Σ depends on no entry; an infinite one makes both sides 0 by convention.
pub(super) fn differentiate(context: &Context, expr: &Expr) -> Result<Expr, Refusal> {
    let Expr::Derivative(body, tensor, position) = expr else {
        return Err(Refusal::Shape { law: "differentiate", needs: "a derivative" });
    };
    let support = context.signature.support(&Tensor::Named(tensor.clone()), position)?;
    let mut outside = BTreeSet::new();
    position.iter().for_each(|index| index.collect_vars(&mut outside));
    support.collect_vars(&mut outside);
    let mut variable = Variable { context, tensor, position, support, outside, room: SIZE_LIMIT };
    Ok(variable.slope(body)?.unwrap_or_else(|| Expr::from(0)))
}

/// **differentiate**, what is assumed of a function.
///
/// ```text
/// f′(x) = e assumed
/// ─────────────────────
/// Γ ⊢ f′(a) = e{x ↦ a}
/// ```
pub(super) fn slope(context: &Context, expr: &Expr) -> Result<Expr, Refusal> {
    let needs = "a function of one argument, differentiated once, of whose derivative something is assumed";
    let refused = || Refusal::Shape { law: "differentiate", needs };
    let Expr::Apply { function, orders, arguments } = expr else { return Err(refused()) };
    let ([1], [value]) = (orders.as_slice(), arguments.as_slice()) else { return Err(refused()) };
    let declared = context.signature.functions.iter().find(|declared| declared.name == *function);
    let slope = declared.and_then(|declared| declared.slope.as_ref()).ok_or_else(refused)?;
    if slope.body.size().saturating_mul(value.size()) > SIZE_LIMIT {
        return Err(Refusal::TooLarge);
    }
    let value = Tensor::Lambda { axes: Vec::new(), support: Guard::always(), body: Box::new(value.clone()) };
    let map = Substitution::new(BTreeMap::new(), BTreeMap::from([(slope.argument.clone(), value)]));
    Ok(slope.body.substitute(&map))
}

/// The entry that is differentiated by.
struct Variable<'a> {
    context: &'a Context<'a>,
    tensor: &'a Name,
    position: &'a [Index],
    /// The position lies in the tensor's box.
    support: Guard,
    /// The letters of the position and of its box: no Σ may bind them.
    outside: BTreeSet<Var>,
    room: usize,
}

impl Variable<'_> {
    /// The derivative of an expression; `None` is 0.
    fn slope(&mut self, expr: &Expr) -> Result<Option<Expr>, Refusal> {
        Ok(match expr {
            Expr::Number(_) | Expr::Integer(_) | Expr::Bracket(_) => None,
            Expr::Entry(Tensor::Named(name), position) => (name == self.tensor).then(|| self.same(position)),
            Expr::Add(terms) => {
                let mut slopes = Vec::new();
                for term in terms {
                    slopes.extend(self.slope(term)?);
                }
                (!slopes.is_empty()).then_some(Expr::Add(slopes))
            }
            Expr::Mul(factors) => {
                let mut terms = Vec::new();
                for (position, factor) in factors.iter().enumerate() {
                    if let Some(slope) = self.slope(factor)? {
                        self.spend(expr)?;
                        let mut product = factors.clone();
                        if let Some(place) = product.get_mut(position) {
                            *place = slope;
                        }
                        terms.push(Expr::Mul(product));
                    }
                }
                (!terms.is_empty()).then_some(Expr::Add(terms))
            }
            Expr::Power(_, 0) => None,
            Expr::Power(base, exponent) => {
                let number = Expr::Number(BigRational::from_integer(BigInt::from(*exponent)));
                self.chain(expr, base, Expr::Mul(vec![number, Expr::Power(base.clone(), exponent - 1)]))?
            }
            Expr::Inverse(base) => {
                let squared = Expr::Power(Box::new(expr.clone()), 2);
                self.chain(expr, base, Expr::Mul(vec![Expr::from(-1), squared]))?
            }
            Expr::Apply { function, orders, arguments } => {
                let mut terms = Vec::new();
                for (position, argument) in arguments.iter().enumerate() {
                    let mut orders = orders.clone();
                    if let Some(order) = orders.get_mut(position) {
                        *order = order.checked_add(1).ok_or(Refusal::TooLarge)?;
                    }
                    let outer = Expr::Apply { function: function.clone(), orders, arguments: arguments.clone() };
                    terms.extend(self.chain(expr, argument, outer)?);
                }
                (!terms.is_empty()).then_some(Expr::Add(terms))
            }
            Expr::Sum(vars, guard, body) => {
                let (vars, guard, body) = self.context.open(&self.outside, vars, guard, body);
                self.slope(&body)?.map(|slope| Expr::Sum(vars, guard, Box::new(slope)))
            }
            Expr::Entry(_, _) | Expr::Max(_, _, _) | Expr::Derivative(_, _, _) => {
                self.spend(expr)?;
                Some(Expr::Derivative(Box::new(expr.clone()), self.tensor.clone(), self.position.to_vec()))
            }
        })
    }

    /// An entry of the same tensor: `[a = b]·[b ∈ box]`.
    fn same(&self, position: &[Index]) -> Expr {
        let equal = position.iter().zip(self.position).map(|(a, b)| Literal::eq(a - b));
        Expr::Bracket(equal.chain(self.support.literals().cloned()).collect())
    }

    /// `outer · ∂inner`, a part of the derivative of `whole`.
    fn chain(&mut self, whole: &Expr, inner: &Expr, outer: Expr) -> Result<Option<Expr>, Refusal> {
        let Some(slope) = self.slope(inner)? else { return Ok(None) };
        self.spend(whole)?;
        Ok(Some(Expr::Mul(vec![outer, slope])))
    }

    fn spend(&mut self, copied: &Expr) -> Result<(), Refusal> {
        self.room = self.room.checked_sub(copied.size()).ok_or(Refusal::TooLarge)?;
        Ok(())
    }
}
