//! Activations of which the slope is known in terms of their value.

use super::unfold::{enclosed, is_known, plain};
use super::*;

/// An activation of which the slope is known in terms of its value.
#[derive(Clone, Copy)]
pub(super) enum Activation {
    Logistic,
    Tanh,
}

impl Activation {
    pub(super) const ALL: [Activation; 2] = [Activation::Logistic, Activation::Tanh];

    pub(super) fn words(self) -> &'static str {
        match self {
            Activation::Logistic => "σ(x) = 1/(1 + e^(-x))",
            Activation::Tanh => "tanh",
        }
    }

    /// Whether a function may be it, of those whose slopes are spoken of. σ is the logistic function, if any.
    fn may_be(self, name: &Name, sloped: &BTreeSet<Name>) -> bool {
        let letter = || sloped.contains(&plain(name)) && !matches!(name.base.as_str(), "σ" | "sigmoid");
        match self {
            Activation::Logistic => matches!(name.base.as_str(), "σ" | "sigmoid") || letter(),
            Activation::Tanh => letter(),
        }
    }

    /// A side with it, and its slope, for the functions that it may be.
    pub(super) fn put_into(self, side: &Expr, sloped: &BTreeSet<Name>) -> Expr {
        letters::map(side, &mut |part| {
            let Kind::Call(function, arguments) = &part.kind else { return None };
            let (name, [argument]) = (function.as_name()?, arguments.as_slice()) else { return None };
            if !self.may_be(name, sloped) || is_known(name) || name.primes > 1 {
                return None;
            }
            let made = |kind: Kind| enclosed(Expr::new(kind, part.span));
            let one = || Expr::integer(1, part.span);
            let apply = |name: &str, argument: Expr| {
                let function = Expr::new(Kind::Name(Name::plain(name)), part.span);
                made(Kind::Call(Box::new(function), vec![argument]))
            };
            let inner = enclosed(self.put_into(argument, sloped));
            let value = match self {
                Activation::Logistic => {
                    let power = apply("exp", made(Kind::Neg(Box::new(inner))));
                    let below = made(Kind::Add(vec![(false, one()), (false, power)]));
                    made(Kind::Fraction(Box::new(one()), Box::new(below)))
                }
                Activation::Tanh => apply("tanh", inner),
            };
            let times = |a: Expr, b: Expr| made(Kind::Product(vec![(Operator::beside(), a), (Operator::beside(), b)]));
            let less = |b: Expr| made(Kind::Add(vec![(false, one()), (true, b)]));
            Some(match (name.primes, self) {
                (0, _) => value,
                (_, Activation::Logistic) => times(value.clone(), less(value)),
                (_, Activation::Tanh) => less(times(value.clone(), value)),
            })
        })
    }
}
