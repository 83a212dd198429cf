//! Arithmetic of numbers, exactly. Huge powers are not computed: a value that is too large to write has none.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::homework::formula::*;

/// Numbers longer than this many bits are not computed.
const MAX_BITS: u64 = 4096;

/// The value of a side that has numbers alone; none where a name occurs or the number is too large.
pub(super) fn value(expr: &Expr) -> Option<BigRational> {
    let bounded = |number: BigRational| {
        (number.numer().bits() <= MAX_BITS && number.denom().bits() <= MAX_BITS).then_some(number)
    };
    bounded(match &expr.kind {
        Kind::Number(number) => number.clone(),
        Kind::Parens(Bracket::Round | Bracket::Square | Bracket::Curly | Bracket::Group, parts) => {
            match parts.as_slice() {
                [only] => value(only)?,
                _ => return None,
            }
        }
        Kind::Add(terms) => {
            let mut sum = BigRational::zero();
            for (minus, term) in terms {
                let term = value(term)?;
                sum = bounded(if *minus { sum - term } else { sum + term })?;
            }
            sum
        }
        Kind::Neg(inner) => -value(inner)?,
        Kind::Percent(inner) => value(inner)? / BigRational::from_integer(100.into()),
        Kind::Fraction(above, below) => divided(&value(above)?, &value(below)?)?,
        Kind::Floor(inner) => value(inner)?.floor(),
        Kind::Ceil(inner) => value(inner)?.ceil(),
        Kind::Power(base, exponent) => power(&value(base)?, &value(exponent)?)?,
        Kind::Root(inner) => root(&value(inner)?, 2)?,
        Kind::Product(factors) => {
            let mut product = BigRational::one();
            for (operator, factor) in factors {
                let factor = value(factor)?;
                if operator.tilde || !operator.mode.is_empty() {
                    return None;
                }
                product = bounded(match operator.sign {
                    Sign::Beside | Sign::Dot | Sign::Times | Sign::Star => product * factor,
                    Sign::Slash => divided(&product, &factor)?,
                    Sign::Mod => {
                        let quotient = divided(&product, &factor)?.floor();
                        product - quotient * factor
                    }
                    Sign::DoubleStar => power(&product, &factor)?,
                    _ => return None,
                })?;
            }
            product
        }
        _ => return None,
    })
}

fn divided(above: &BigRational, below: &BigRational) -> Option<BigRational> {
    (!below.is_zero()).then(|| above / below)
}

fn power(base: &BigRational, exponent: &BigRational) -> Option<BigRational> {
    let base = root(base, exponent.denom().to_u32()?)?;
    let exponent = exponent.numer().to_i32()?;
    let bits = base.numer().bits().max(base.denom().bits());
    if bits.saturating_mul(u64::from(exponent.unsigned_abs())) > MAX_BITS || (base.is_zero() && exponent < 0) {
        return None;
    }
    Some(base.pow(exponent))
}

/// A root that is exact, of a number that is not negative; an irrational one has no value here.
fn root(value: &BigRational, degree: u32) -> Option<BigRational> {
    if degree == 1 {
        return Some(value.clone());
    }
    let root = (!value.is_negative())
        .then(|| BigRational::new_raw(value.numer().nth_root(degree), value.denom().nth_root(degree)))?;
    (root.pow(degree.to_i32()?) == *value).then_some(root)
}

/// Whether a side has numbers and operations alone, computable or not.
pub(super) fn is_numeric(expr: &Expr) -> bool {
    !expr.any(&mut |part| {
        !matches!(
            part.kind,
            Kind::Number(_)
                | Kind::Parens(..)
                | Kind::Add(_)
                | Kind::Neg(_)
                | Kind::Percent(_)
                | Kind::Fraction(..)
                | Kind::Floor(_)
                | Kind::Ceil(_)
                | Kind::Power(..)
                | Kind::Root(_)
                | Kind::Product(_)
        )
    })
}

/// The same side with every power `a**b` or `a^b` of numbers read as a product, where it has one.
pub(super) fn without_powers(expr: &Expr) -> Option<Expr> {
    let mut changed = false;
    let result = replaced(expr, &mut changed);
    changed.then_some(result)
}

/// Whether an exponent may be a factor of a count: it is no fraction and not negative, or too large to be computed.
fn counts(exponent: &Expr) -> bool {
    is_numeric(exponent) && value(exponent).is_none_or(|value| value.is_integer() && value.is_positive())
}

fn replaced(expr: &Expr, changed: &mut bool) -> Expr {
    let kind = match &expr.kind {
        Kind::Power(base, exponent) if is_numeric(base) && counts(exponent) => {
            *changed = true;
            let star = Operator { sign: Sign::Star, ..Operator::beside() };
            Kind::Product(vec![(Operator::beside(), replaced(base, changed)), (star, replaced(exponent, changed))])
        }
        Kind::Product(factors) => {
            Kind::Product(factors.iter().map(|(sign, factor)| (sign.clone(), replaced(factor, changed))).collect())
        }
        Kind::Add(terms) => Kind::Add(terms.iter().map(|(minus, term)| (*minus, replaced(term, changed))).collect()),
        Kind::Parens(bracket, parts) => {
            Kind::Parens(*bracket, parts.iter().map(|part| replaced(part, changed)).collect())
        }
        _ => return expr.clone(),
    };
    Expr::new(kind, expr.span)
}

/// A number for people, in any language: in full where it is short, else its first digits and the power of ten they count.
pub(super) fn shown(value: &BigRational) -> String {
    let text = value.to_string();
    if text.len() <= 30 {
        return text;
    }
    if !value.is_integer() {
        return [value.numer(), value.denom()].map(|part| shown(&part.clone().into())).join("/");
    }
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (first, rest) = digits.split_at(1);
    format!("{sign}{first}.{}…·10^{}", &rest[..11], rest.len())
}

/// Whether a number is what people write for an exact one after rounding, 0.32 for 0.317, 5.9·10^9 for 5898240000, or after leaving digits out,
/// 0.31 for 0.317.
pub(super) fn rounds_to(exact: &BigRational, written: &Expr) -> bool {
    let (Some(unit), Some(value)) = (last_place(written), value(written)) else { return false };
    let apart = (exact - &value).abs();
    let shorter = exact.is_negative() == value.is_negative() && value.abs() < exact.abs();
    apart < unit && shorter || &apart + &apart <= unit
}

/// What one in the last written place is worth; none for an integer, which is exact.
fn last_place(written: &Expr) -> Option<BigRational> {
    let ten = BigRational::from_integer(BigInt::from(10));
    match &written.kind {
        Kind::Number(number) if !number.is_integer() => {
            let mut unit = BigRational::one();
            for _ in 0..12 {
                if (number / &unit).is_integer() {
                    break;
                }
                unit /= &ten;
            }
            Some(unit)
        }
        Kind::Percent(inner) => Some(last_place(inner).unwrap_or_else(BigRational::one) / &ten / &ten),
        Kind::Product(factors) => {
            let [(_, mantissa), (_, scale)] = factors.as_slice() else { return None };
            let Kind::Power(base, _) = &scale.kind else { return None };
            let Kind::Number(_) = &mantissa.kind else { return None };
            (value(base)? == ten)
                .then(|| value(scale))
                .flatten()
                .map(|scale| last_place(mantissa).unwrap_or_else(BigRational::one) * scale)
        }
        _ => None,
    }
}
