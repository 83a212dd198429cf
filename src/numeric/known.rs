//! The functions of the calculus course, in a model that is exact.
//!
//! Of a function only what is declared is assumed; but where a function is declared with the name and the derivative of exp,
//! log, tanh and their like, a reader means that one function, and a counterexample by another would say nothing. So such
//! a function takes its own values in the cross-check, to the base 2 instead of e: `2^n` is rational at integers, and every law
//! of exp holds of it once its derivative is what was declared. Where a value is not rational, the trial is given up.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Pow, Signed, ToPrimitive, Zero};

use super::scalar::PRIME;
use crate::kernel::{Expr, FunctionDeclaration, ring_equal};

/// A function whose values are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// `exp(n) = 2^n`
    Exponential,
    /// `log(2^n) = n`, and a number for each other prime from which those of all products follow.
    Logarithm,
    /// `tanh(n) = (4^n - 1)/(4^n + 1)`
    HyperbolicTangent,
    /// `sigmoid(n) = 2^n/(2^n + 1)`
    Logistic,
    /// The positive root of a square.
    SquareRoot,
    /// The imaginary part of `((3 + 4i)/5)^n`, which goes with the cosine.
    Sine,
    /// The real part of `((3 + 4i)/5)^n`.
    Cosine,
}

/// Arguments beyond this make numbers of more digits than a reader wants.
const LARGEST: i64 = 40;

impl Known {
    /// The function that a declaration means: by its name, and by its derivative, which must be declared.
    ///
    /// ```
    /// use convprove::numeric::known::Known;
    /// let functions = |text: &str| convprove::syntax::load(text, false).goals.remove(0).statement.signature.functions;
    /// let of = |declared| functions(&format!("scalar c\n{declared}\ntheorem same: exp(c) = exp(c) + 0\n"));
    /// let exp = of("scalar function exp(x) where exp'(x) = exp(x)");
    /// assert_eq!(Known::of(&exp[0]), Some(Known::Exponential));
    /// // Of this one nothing is known, and the next one is another function of that name.
    /// assert_eq!(Known::of(&of("scalar function exp(x)")[0]), None);
    /// assert_eq!(Known::of(&of("scalar function exp(x) where exp'(x) = 2 exp(x)")[0]), None);
    /// ```
    pub fn of(declaration: &FunctionDeclaration) -> Option<Known> {
        let known = match declaration.name.as_str() {
            "exp" => Known::Exponential,
            "log" | "ln" => Known::Logarithm,
            "tanh" => Known::HyperbolicTangent,
            "sigmoid" | "logistic" => Known::Logistic,
            "sqrt" => Known::SquareRoot,
            "sin" => Known::Sine,
            "cos" => Known::Cosine,
            _ => return None,
        };
        let slope = declaration.slope.as_ref().filter(|_| declaration.arity == 1)?;
        let argument = Expr::entry(slope.argument.as_str(), Vec::new());
        let at = |name: &str| Expr::Apply { function: name.into(), orders: vec![0], arguments: vec![argument.clone()] };
        let own = at(declaration.name.as_str());
        let minus = |expr: Expr| Expr::Mul(vec![Expr::from(-1), expr]);
        let expected = match known {
            Known::Exponential => own,
            Known::Logarithm => Expr::Inverse(Box::new(argument)),
            Known::HyperbolicTangent => Expr::Add(vec![Expr::from(1), minus(Expr::Power(Box::new(own), 2))]),
            Known::Logistic => Expr::Mul(vec![own.clone(), Expr::Add(vec![Expr::from(1), minus(own)])]),
            Known::SquareRoot => Expr::Inverse(Box::new(Expr::Mul(vec![Expr::from(2), own]))),
            Known::Sine => at("cos"),
            Known::Cosine => minus(at("sin")),
        };
        ring_equal(&slope.body, &expected).is_ok_and(|equal| equal).then_some(known)
    }

    /// The value at a rational number, where it is rational.
    ///
    /// ```
    /// use convprove::numeric::known::Known;
    /// let number = |above: i64, below: i64| num_rational::BigRational::new(above.into(), below.into());
    /// assert_eq!(Known::Exponential.value(&number(-3, 1)), Some(number(1, 8)));
    /// assert_eq!(Known::SquareRoot.value(&number(9, 4)), Some(number(3, 2)));
    /// assert_eq!(Known::Exponential.value(&number(1, 2)), None);
    /// ```
    pub fn value(self, argument: &BigRational) -> Option<BigRational> {
        let whole = || argument.is_integer().then(|| argument.to_integer().to_i64()).flatten();
        let near = || whole().filter(|whole| whole.abs() <= LARGEST);
        let power = |base: i64, exponent: i64| {
            let power = BigRational::from_integer(BigInt::from(base).pow(exponent.unsigned_abs()));
            if exponent < 0 { power.recip() } else { power }
        };
        let one = BigRational::one;
        match self {
            Known::Exponential => near().map(|exponent| power(2, exponent)),
            Known::Logarithm if argument.is_positive() => {
                Some(logarithm(argument.numer())? - logarithm(argument.denom())?)
            }
            Known::Logarithm => None,
            Known::HyperbolicTangent => near().map(|n| (power(4, n) - one()) / (power(4, n) + one())),
            Known::Logistic => near().map(|n| power(2, n) / (power(2, n) + one())),
            Known::SquareRoot if argument.is_positive() => {
                let root = BigRational::new(argument.numer().sqrt(), argument.denom().sqrt());
                (&root * &root == *argument).then_some(root)
            }
            Known::SquareRoot => None,
            Known::Sine | Known::Cosine => near().map(|n| {
                let (mut real, mut imaginary) = (BigInt::one(), BigInt::zero());
                for _ in 0..n.abs() {
                    (real, imaginary) = (&real * 3 - &imaginary * 4, real * 4 + imaginary * 3);
                }
                let above = match self {
                    Known::Cosine => real,
                    _ => imaginary * n.signum(),
                };
                BigRational::from_integer(above) / power(5, n.abs())
            }),
        }
    }

    /// The model as text: `exp(t) = 2^t`.
    pub fn describe(self, name: &str) -> String {
        match self {
            Known::Exponential => format!("{name}(t) = 2^t"),
            Known::Logarithm => format!("{name}(2^t) = t, {name}(s*t) = {name}(s) + {name}(t)"),
            Known::HyperbolicTangent => format!("{name}(t) = (4^t - 1)/(4^t + 1)"),
            Known::Logistic => format!("{name}(t) = 2^t/(2^t + 1)"),
            Known::SquareRoot => format!("{name}(t^2) = t"),
            Known::Sine => format!("{name}(t) = Im ((3 + 4i)/5)^t"),
            Known::Cosine => format!("{name}(t) = Re ((3 + 4i)/5)^t"),
        }
    }
}

/// The logarithm of a natural number, of which all prime factors must be small.
///
/// Logarithms of odd primes are irrational. A fraction with this denominator stands for each, and no product of few of them is
/// taken for a power of 2: whatever holds of logarithms because they turn products into sums holds of these.
fn logarithm(number: &BigInt) -> Option<BigRational> {
    let mut rest = number.to_u64()?;
    let mut sum = BigRational::zero();
    for prime in 2..=LARGEST_PRIME {
        while rest.is_multiple_of(prime) {
            rest /= prime;
            sum += binary_logarithm(prime);
        }
        if rest == 1 {
            return Some(sum);
        }
        if prime * prime > rest {
            return Some(sum + binary_logarithm(rest));
        }
    }
    None
}

/// Factors beyond this are not looked for.
const LARGEST_PRIME: u64 = 4000;

/// `log₂ n`, rounded down to a multiple of `1/PRIME`; exact for powers of 2.
fn binary_logarithm(number: u64) -> BigRational {
    const BITS: u32 = 96;
    let whole = number.max(1).ilog2();
    let mut mantissa = BigInt::from(number.max(1)) << (BITS - whole);
    let mut fraction = BigInt::zero();
    // Squaring doubles a logarithm: each square shows one more binary digit.
    for _ in 0..80 {
        mantissa = (&mantissa * &mantissa) >> BITS;
        fraction <<= 1;
        if mantissa >= BigInt::one() << (BITS + 1) {
            mantissa >>= 1;
            fraction += 1;
        }
    }
    let denominator = BigInt::from(PRIME);
    let rounded = (fraction * &denominator) >> 80;
    BigRational::from_integer(whole.into()) + BigRational::new(rounded, denominator)
}
