//! Where expressions take their values: a prime field for bulk trials, the rationals for reports, and jets over either for
//! derivatives.

use std::cmp::Ordering;
use std::fmt::Debug;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

/// A commutative ring that contains the rationals, as far as the evaluator needs it.
pub trait Scalar: Clone + PartialEq + Debug {
    /// 0.
    fn zero() -> Self;
    /// 1.
    fn one() -> Self;
    /// An integer.
    fn integer(value: &BigInt) -> Self;
    /// A small integer.
    fn small(value: i64) -> Self;
    /// A rational number; `None` where its denominator has no inverse.
    fn rational(value: &BigRational) -> Option<Self>;
    /// Whether this is 0.
    fn is_zero(&self) -> bool;
    /// The sum.
    fn plus(&self, other: &Self) -> Self;
    /// The product.
    fn times(&self, other: &Self) -> Self;
    /// `1/self`, where there is one.
    fn inverse(&self) -> Option<Self>;
    /// Which is larger; `None` where the ring has no order, or where the order decides nothing.
    fn compare(&self, other: &Self) -> Option<Ordering>;
    /// A value drawn by 64 random bits.
    fn draw(bits: u64) -> Self;
    /// The value as a rational number, without infinitesimals; `None` where the ring has others as well.
    fn exact(&self) -> Option<BigRational> {
        None
    }
    /// The value as text, without infinitesimals.
    fn show(&self) -> String;
    /// The highest level whose infinitesimal occurs, what stands without it, and its coefficient.
    fn top(&self) -> Option<(usize, Self, Self)> {
        None
    }
    /// The infinitesimal of a level, for rings that have them.
    fn infinitesimal(_level: usize) -> Option<Self> {
        None
    }
    /// The coefficient of the infinitesimal of a level, which must be the highest one in use.
    fn coefficient(&self, _level: usize) -> Self {
        Self::zero()
    }
    /// `self` to a natural power.
    fn power(&self, exponent: u32) -> Self {
        let (mut result, mut base, mut exponent) = (Self::one(), self.clone(), exponent);
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = result.times(&base);
            }
            exponent >>= 1;
            if exponent > 0 {
                base = base.times(&base);
            }
        }
        result
    }
}

/// The prime 2^61 − 1.
pub const PRIME: u64 = (1 << 61) - 1;

/// A residue modulo [`PRIME`].
///
/// ```
/// use convprove::numeric::scalar::{Prime, Scalar};
/// let third = Prime::small(3).inverse().unwrap();
/// assert_eq!(third.times(&Prime::small(-6)), Prime::small(-2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prime(u64);

impl Prime {
    fn reduce(value: u128) -> Prime {
        let folded = (value & u128::from(PRIME)) + (value >> 61);
        let folded = (folded & u128::from(PRIME)) + (folded >> 61);
        let value = folded as u64;
        Prime(if value >= PRIME { value - PRIME } else { value })
    }
}

impl Scalar for Prime {
    fn zero() -> Self {
        Prime(0)
    }
    fn one() -> Self {
        Prime(1)
    }
    fn integer(value: &BigInt) -> Self {
        match value.to_i64() {
            Some(value) => Self::small(value),
            None => {
                let residue = num_integer::Integer::mod_floor(value, &BigInt::from(PRIME));
                Prime(residue.to_u64().unwrap_or_default())
            }
        }
    }
    fn small(value: i64) -> Self {
        Prime(i128::from(value).rem_euclid(i128::from(PRIME)) as u64)
    }
    fn rational(value: &BigRational) -> Option<Self> {
        let numerator = Self::integer(value.numer());
        if value.denom().is_one() {
            return Some(numerator);
        }
        Some(numerator.times(&Self::integer(value.denom()).inverse()?))
    }
    fn is_zero(&self) -> bool {
        self.0 == 0
    }
    fn plus(&self, other: &Self) -> Self {
        let sum = self.0 + other.0;
        Prime(if sum >= PRIME { sum - PRIME } else { sum })
    }
    fn times(&self, other: &Self) -> Self {
        Self::reduce(u128::from(self.0) * u128::from(other.0))
    }
    fn inverse(&self) -> Option<Self> {
        if self.0 == 0 {
            return None;
        }
        // By Fermat: a^(p−2).
        let (mut result, mut base, mut exponent) = (Prime(1), *self, PRIME - 2);
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = result.times(&base);
            }
            base = base.times(&base);
            exponent >>= 1;
        }
        Some(result)
    }
    fn compare(&self, other: &Self) -> Option<Ordering> {
        (self == other).then_some(Ordering::Equal)
    }
    fn draw(bits: u64) -> Self {
        Self::reduce(u128::from(bits))
    }
    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl Scalar for BigRational {
    fn zero() -> Self {
        Zero::zero()
    }
    fn one() -> Self {
        One::one()
    }
    fn integer(value: &BigInt) -> Self {
        BigRational::from_integer(value.clone())
    }
    fn small(value: i64) -> Self {
        BigRational::from_integer(BigInt::from(value))
    }
    fn rational(value: &BigRational) -> Option<Self> {
        Some(value.clone())
    }
    fn is_zero(&self) -> bool {
        Zero::is_zero(self)
    }
    fn plus(&self, other: &Self) -> Self {
        if self.denom().is_one() && other.denom().is_one() {
            return BigRational::from_integer(self.numer() + other.numer());
        }
        self + other
    }
    fn times(&self, other: &Self) -> Self {
        if self.denom().is_one() && other.denom().is_one() {
            return BigRational::from_integer(self.numer() * other.numer());
        }
        self * other
    }
    fn inverse(&self) -> Option<Self> {
        (!Zero::is_zero(self)).then(|| self.recip())
    }
    fn compare(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
    /// Mostly non-zero integers of both signs.
    fn draw(bits: u64) -> Self {
        let value = (bits % 41) as i64 - 20;
        Self::small(if value == 0 { 21 } else { value })
    }
    fn exact(&self) -> Option<BigRational> {
        Some(self.clone())
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

/// A value with infinitesimals `ε₀, ε₁, …` whose squares are 0: the coefficient of `Π εₖ` over the bits `k` of a number stands
/// at that number; what is not stored is 0.
#[derive(Clone, Debug)]
pub struct Jet<F>(Vec<F>);

impl<F: Scalar> Jet<F> {
    fn part(&self, position: usize) -> F {
        self.0.get(position).cloned().unwrap_or_else(F::zero)
    }

    /// The value without infinitesimals.
    pub fn standard(&self) -> F {
        self.part(0)
    }
}

impl<F: Scalar> PartialEq for Jet<F> {
    fn eq(&self, other: &Self) -> bool {
        (0..self.0.len().max(other.0.len())).all(|position| self.part(position) == other.part(position))
    }
}

impl<F: Scalar> Scalar for Jet<F> {
    fn zero() -> Self {
        Jet(Vec::new())
    }
    fn one() -> Self {
        Jet(vec![F::one()])
    }
    fn integer(value: &BigInt) -> Self {
        Jet(vec![F::integer(value)])
    }
    fn small(value: i64) -> Self {
        Jet(vec![F::small(value)])
    }
    fn rational(value: &BigRational) -> Option<Self> {
        Some(Jet(vec![F::rational(value)?]))
    }
    fn is_zero(&self) -> bool {
        self.0.iter().all(Scalar::is_zero)
    }
    fn plus(&self, other: &Self) -> Self {
        let length = self.0.len().max(other.0.len());
        Jet((0..length).map(|position| self.part(position).plus(&other.part(position))).collect())
    }
    fn times(&self, other: &Self) -> Self {
        if self.0.is_empty() || other.0.is_empty() {
            return Self::zero();
        }
        // Lengths are 1 or powers of 2, so that the union of two sets of bits stays below the larger one.
        let mut parts = vec![F::zero(); self.0.len().max(other.0.len())];
        for (left, a) in self.0.iter().enumerate().filter(|(_, a)| !a.is_zero()) {
            for (right, b) in other.0.iter().enumerate().filter(|(right, b)| left & right == 0 && !b.is_zero()) {
                if let Some(part) = parts.get_mut(left | right) {
                    *part = part.plus(&a.times(b));
                }
            }
        }
        Jet(parts)
    }
    fn inverse(&self) -> Option<Self> {
        // 1/(a + n) = 1/a · Σ (−n/a)^k, which ends since n is nilpotent.
        let reciprocal = Jet(vec![self.standard().inverse()?]);
        let mut ratio = self.times(&reciprocal).times(&Jet::small(-1));
        if let Some(first) = ratio.0.first_mut() {
            *first = F::zero();
        }
        let (mut sum, mut power) = (Self::one(), Self::one());
        while power.0.len() <= self.0.len() {
            power = power.times(&ratio);
            if power.is_zero() {
                break;
            }
            sum = sum.plus(&power);
        }
        Some(sum.times(&reciprocal))
    }
    /// By the standard parts; equal ones with different infinitesimals have no order, since a maximum has a kink there.
    fn compare(&self, other: &Self) -> Option<Ordering> {
        match self.standard().compare(&other.standard())? {
            Ordering::Equal => (self == other).then_some(Ordering::Equal),
            order => Some(order),
        }
    }
    fn draw(bits: u64) -> Self {
        Jet(vec![F::draw(bits)])
    }
    fn exact(&self) -> Option<BigRational> {
        self.standard().exact()
    }
    fn show(&self) -> String {
        self.standard().show()
    }
    fn top(&self) -> Option<(usize, Self, Self)> {
        let last = self.0.iter().rposition(|part| !part.is_zero()).filter(|last| *last > 0)?;
        let level = last.ilog2() as usize;
        Some((level, Jet(self.0.iter().take(1 << level).cloned().collect()), self.coefficient(level)))
    }
    fn infinitesimal(level: usize) -> Option<Self> {
        if level > 8 {
            return None;
        }
        let mut parts = vec![F::zero(); 1 << (level + 1)];
        *parts.get_mut(1 << level)? = F::one();
        Some(Jet(parts))
    }
    fn coefficient(&self, level: usize) -> Self {
        let bit = 1_usize << level.min(16);
        Jet((0..bit.min(self.0.len())).map(|position| self.part(position | bit)).collect())
    }
}

/// A small deterministic generator (splitmix64): the same numbers on every machine.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator with a seed.
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `bound`; 0 where that is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.bits() % bound }
    }
}

fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// 64 bits that depend on a seed and a list of numbers and look random.
pub fn scatter(seed: u64, numbers: impl IntoIterator<Item = i64>) -> u64 {
    numbers.into_iter().fold(mix(seed.wrapping_add(0x9e37_79b9_7f4a_7c15)), |state, number| {
        mix(state ^ (number as u64).wrapping_mul(0xd6e8_feb8_6659_fd93).wrapping_add(0x9e37_79b9_7f4a_7c15))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The field, the rationals and jets over both agree on random polynomials and fractions; seed 11.
    #[test]
    fn rings_agree() {
        let mut random = Random::new(11);
        for _ in 0..200 {
            let [a, b, c] = [(); 3].map(|()| random.below(2001) as i64 - 1000);
            let exponent = random.below(5) as u32;
            let exact = formula::<BigRational>(a, b, c, exponent);
            let field = formula::<Prime>(a, b, c, exponent);
            assert_eq!(exact.as_ref().and_then(Prime::rational), field, "{a} {b} {c} {exponent}");
            let jet = formula::<Jet<BigRational>>(a, b, c, exponent);
            assert_eq!(exact, jet.map(|jet| jet.standard()), "{a} {b} {c} {exponent}");
        }
    }

    /// (a + b)^exponent / (c² + 1) + c
    fn formula<F: Scalar>(a: i64, b: i64, c: i64, exponent: u32) -> Option<F> {
        let c = F::small(c);
        let sum = F::small(a).plus(&F::small(b)).power(exponent);
        Some(sum.times(&c.times(&c).plus(&F::one()).inverse()?).plus(&c))
    }

    /// Two levels: the coefficient of ε₀ε₁ in (t + ε₀ + ε₁)³ is 6t, in 1/(t + ε₀ + ε₁) it is 2/t³.
    #[test]
    fn second_derivatives() {
        let (first, second) = (Jet::<BigRational>::infinitesimal(0), Jet::infinitesimal(1));
        let base = [first, second].into_iter().flatten().fold(Jet::small(5), |sum, part| sum.plus(&part));
        assert_eq!(base.power(3).coefficient(1).coefficient(0), Jet::small(30));
        let fraction = base.inverse().map(|inverse| inverse.coefficient(1).coefficient(0).times(&Jet::small(125)));
        assert_eq!(fraction, Some(Jet::small(2)));
    }
}
