//! Index terms: integers built from sizes and index letters, kept as canonical polynomials.
//!
//! An [`Index`] is a polynomial with integer coefficients over [`Atom`]s. Two index terms that are equal as
//! polynomials are equal as values of this type, so commutativity, associativity and distributivity of index
//! arithmetic never need a proof step. What polynomials cannot decide (floor, order) is left to
//! [`arithmetic`](super::arithmetic).
//!
//! `a mod b` is written `a − b·⌊a/b⌋`, `⌈a/b⌉` is `−⌊−a/b⌋` and `min(a, b)` is `−max(−a, −b)`; there are no atoms for them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use serde::{Deserialize, Serialize};

/// A name of a variable, tensor, function, definition or theorem.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(Arc<str>);

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as people write it: without the rank that the definition `conv:D` is for.
    pub fn surface(&self) -> &str {
        self.0.split_once(':').map_or(&self.0, |(name, _)| name)
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Name(Arc::from(text))
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Name(Arc::from(text))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// How many integer coordinates an index letter stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Rank {
    /// One coordinate.
    Scalar,
    /// `D ≥ 1` coordinates, for a named `D`; terms and conditions act on every coordinate alike.
    Symbolic(Name),
}

/// An integer variable: a size, a summation letter or a free index.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Var {
    /// What it is called.
    pub name: Name,
    /// Its number of coordinates.
    pub rank: Rank,
}

impl Var {
    /// A variable with one coordinate.
    ///
    /// ```
    /// use convprove::kernel::{Rank, Var};
    /// assert_eq!(Var::scalar("i").rank, Rank::Scalar);
    /// ```
    pub fn scalar(name: impl Into<Name>) -> Self {
        Var { name: name.into(), rank: Rank::Scalar }
    }

    /// A variable of the same rank whose name is not in `taken`: this one with primes added as needed.
    pub fn fresh(&self, taken: &BTreeSet<Var>) -> Var {
        let mut candidate = self.clone();
        while taken.iter().any(|other| other.name == candidate.name) {
            candidate.name = Name::from(format!("{}'", candidate.name));
        }
        candidate
    }
}

impl fmt::Debug for Var {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rank {
            Rank::Scalar => write!(formatter, "{}", self.name),
            Rank::Symbolic(rank) => write!(formatter, "{}:{rank}", self.name),
        }
    }
}

/// What an index polynomial is built from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Atom {
    /// A variable.
    Var(Var),
    /// `⌊numerator / divisor⌋`. Facts about it need a proof that the divisor is at least 1.
    Floor(Box<Index>, Box<Index>),
    /// The larger of two terms; made by [`Index::max`], which orders them.
    Max(Box<Index>, Box<Index>),
    /// An integer-valued function of integers of which nothing is known but its name.
    Apply(Name, Vec<Index>),
    /// `vol(n)`: the product of all coordinates of `n`, a scalar. Where a scalar `c` is put for `n` of rank `D` this becomes
    /// the function `vol:D` of `c`.
    Volume(Box<Index>),
}

/// A product of powers of atoms, sorted; empty is 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Monomial(Vec<(Atom, u32)>);

impl Monomial {
    /// The factors with their exponents, each at least 1.
    pub fn factors(&self) -> &[(Atom, u32)] {
        &self.0
    }

    /// Whether this is the empty product.
    pub fn is_one(&self) -> bool {
        self.0.is_empty()
    }

    /// The sum of the exponents.
    pub fn degree(&self) -> u32 {
        self.0.iter().fold(0, |sum, (_, exponent)| sum.saturating_add(*exponent))
    }

    /// The product of two monomials. An exponent that does not fit is written as several, and never rounded.
    pub fn times(&self, other: &Monomial) -> Monomial {
        let mut powers: BTreeMap<&Atom, u64> = BTreeMap::new();
        for (atom, exponent) in self.0.iter().chain(&other.0) {
            *powers.entry(atom).or_insert(0) += u64::from(*exponent);
        }
        let mut factors = Vec::with_capacity(powers.len());
        for (atom, mut exponent) in powers {
            while exponent > 0 {
                let chunk = u32::try_from(exponent).unwrap_or(u32::MAX);
                factors.push((atom.clone(), chunk));
                exponent -= u64::from(chunk);
            }
        }
        Monomial(factors)
    }
}

/// An integer term in canonical form.
///
/// ```
/// use convprove::kernel::Index;
/// let (i, u) = (Index::scalar("i"), Index::scalar("u"));
/// assert_eq!(&(&i + &u) - &u, i);
/// assert_eq!((&i - &u).to_string(), "i - u");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(from = "Vec<(Monomial, BigInt)>", into = "Vec<(Monomial, BigInt)>")]
pub struct Index {
    /// Coefficients by monomial; none is zero. Shared, since the same terms stand in many expressions and sets of facts.
    terms: Arc<BTreeMap<Monomial, BigInt>>,
}

/// Data from outside is made canonical again, whatever order or zeros it came with.
impl From<Vec<(Monomial, BigInt)>> for Index {
    fn from(raw: Vec<(Monomial, BigInt)>) -> Self {
        let mut sum = Index::default();
        for (monomial, coefficient) in raw {
            let canonical = monomial.0.iter().filter(|(_, exponent)| *exponent > 0).fold(
                Monomial::default(),
                |product, (atom, exponent)| {
                    let atom = match atom {
                        Atom::Max(a, b) if a > b => Atom::Max(b.clone(), a.clone()),
                        other => other.clone(),
                    };
                    product.times(&Monomial(vec![(atom, *exponent)]))
                },
            );
            sum.add_term(canonical, &coefficient);
        }
        sum
    }
}

impl From<Index> for Vec<(Monomial, BigInt)> {
    fn from(index: Index) -> Self {
        Arc::unwrap_or_clone(index.terms).into_iter().collect()
    }
}

impl From<i64> for Index {
    fn from(value: i64) -> Self {
        Index::constant(BigInt::from(value))
    }
}

impl From<&Var> for Index {
    fn from(var: &Var) -> Self {
        Index::atom(Atom::Var(var.clone()))
    }
}

impl Index {
    /// The size of which this is the volume.
    pub fn as_volume(&self) -> Option<&Index> {
        let mut terms = self.terms();
        match (terms.next(), terms.next()) {
            (Some((monomial, coefficient)), None) if coefficient.is_one() => match monomial.factors() {
                [(Atom::Volume(size), 1)] => Some(size.as_ref()),
                _ => None,
            },
            _ => None,
        }
    }

    /// A constant.
    pub fn constant(value: BigInt) -> Self {
        let mut index = Index::default();
        index.add_term(Monomial::default(), &value);
        index
    }

    /// A single atom.
    pub fn atom(atom: Atom) -> Self {
        Index { terms: Arc::new(BTreeMap::from([(Monomial(vec![(atom, 1)]), BigInt::one())])) }
    }

    /// A variable with one coordinate.
    pub fn scalar(name: &str) -> Self {
        Index::from(&Var::scalar(name))
    }

    /// `coefficient · monomial`.
    pub fn term(coefficient: BigInt, monomial: Monomial) -> Self {
        let mut index = Index::default();
        index.add_term(monomial, &coefficient);
        index
    }

    /// `⌊numerator / divisor⌋`, evaluated where both are constants and the divisor is positive.
    ///
    /// ```
    /// use convprove::kernel::Index;
    /// assert_eq!(Index::floor(Index::from(-7), Index::from(2)), Index::from(-4));
    /// ```
    pub fn floor(numerator: Index, divisor: Index) -> Self {
        match (numerator.as_constant(), divisor.as_constant()) {
            (Some(a), Some(b)) if b.is_positive() => Index::constant(num_integer::Integer::div_floor(&a, &b)),
            (_, Some(b)) if b.is_one() => numerator,
            _ => Index::atom(Atom::Floor(Box::new(numerator), Box::new(divisor))),
        }
    }

    /// `a mod b`, as `a − b·⌊a/b⌋`.
    pub fn modulo(a: Index, b: Index) -> Self {
        let quotient = Index::floor(a.clone(), b.clone());
        &a - &(&b * &quotient)
    }

    /// The larger of two terms, evaluated where they differ by a constant, or where one is a maximum with the other already.
    pub fn max(a: Index, b: Index) -> Self {
        let includes = |whole: &Index, part: &Index| {
            let mut terms = whole.terms.iter();
            let (Some((Monomial(factors), value)), None) = (terms.next(), terms.next()) else { return false };
            matches!(factors.as_slice(), [(Atom::Max(p, q), 1)] if **p == *part || **q == *part) && value.is_one()
        };
        match (&a - &b).as_constant() {
            Some(difference) if difference.is_negative() => b,
            Some(_) => a,
            None if includes(&a, &b) => a,
            None if includes(&b, &a) => b,
            None if a <= b => Index::atom(Atom::Max(Box::new(a), Box::new(b))),
            None => Index::atom(Atom::Max(Box::new(b), Box::new(a))),
        }
    }

    /// The smaller of two terms, as `−max(−a, −b)`.
    pub fn min(a: Index, b: Index) -> Self {
        -&Index::max(-&a, -&b)
    }

    /// The terms in canonical order, none with a zero coefficient.
    pub fn terms(&self) -> impl DoubleEndedIterator<Item = (&Monomial, &BigInt)> + Clone {
        self.terms.iter()
    }

    /// How many terms there are.
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether this is the zero polynomial.
    pub fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    /// The same as [`Index::is_zero`]; the pair that Rust expects beside [`Index::len`].
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The value, where there is nothing but a constant.
    pub fn as_constant(&self) -> Option<BigInt> {
        match self.terms.len() {
            0 => Some(BigInt::zero()),
            1 => self.terms.get(&Monomial::default()).cloned(),
            _ => None,
        }
    }

    /// The variable, where the term is nothing else.
    pub fn as_var(&self) -> Option<&Var> {
        let (monomial, coefficient) = self.terms.first_key_value()?;
        match monomial.factors() {
            [(Atom::Var(var), 1)] if self.terms.len() == 1 && coefficient.is_one() => Some(var),
            _ => None,
        }
    }

    /// The coefficient of a monomial, zero where it does not occur.
    pub fn coefficient(&self, monomial: &Monomial) -> BigInt {
        self.terms.get(monomial).cloned().unwrap_or_default()
    }

    /// The constant term.
    pub fn constant_term(&self) -> BigInt {
        self.coefficient(&Monomial::default())
    }

    /// Adds `coefficient · monomial` in place.
    pub fn add_term(&mut self, monomial: Monomial, coefficient: &BigInt) {
        let entry = Arc::make_mut(&mut self.terms).entry(monomial);
        match entry {
            std::collections::btree_map::Entry::Vacant(slot) => {
                if !coefficient.is_zero() {
                    slot.insert(coefficient.clone());
                }
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => {
                *slot.get_mut() += coefficient;
                if slot.get().is_zero() {
                    slot.remove();
                }
            }
        }
    }

    /// Every coefficient multiplied by `factor`.
    pub fn scale(&self, factor: &BigInt) -> Index {
        let mut result = Index::default();
        for (monomial, coefficient) in self.terms.iter() {
            result.add_term(monomial.clone(), &(coefficient * factor));
        }
        result
    }

    /// The rank of the term: that of its ranked variables, or scalar where there are none.
    /// `None` where two different symbolic ranks meet.
    pub fn rank(&self) -> Option<Rank> {
        self.atoms().try_fold(Rank::Scalar, |rank, atom| join(rank, atom.rank()?))
    }

    /// The atoms that occur at the top level, with repetitions.
    pub fn atoms(&self) -> impl Iterator<Item = &Atom> {
        self.terms.keys().flat_map(|monomial| monomial.0.iter().map(|(atom, _)| atom))
    }

    /// Visits the functions with integer values that occur, with the numbers of their arguments.
    pub fn visit_functions(&self, visit: &mut dyn FnMut(&Name, usize)) {
        for atom in self.atoms() {
            match atom {
                Atom::Var(_) => {}
                Atom::Floor(a, b) | Atom::Max(a, b) => [a, b].iter().for_each(|part| part.visit_functions(visit)),
                Atom::Volume(size) => size.visit_functions(visit),
                Atom::Apply(name, arguments) => {
                    visit(name, arguments.len());
                    arguments.iter().for_each(|argument| argument.visit_functions(visit));
                }
            }
        }
    }

    /// Adds every variable that occurs, also inside floors, to `found`.
    pub fn collect_vars(&self, found: &mut BTreeSet<Var>) {
        for atom in self.atoms() {
            atom.collect_vars(found);
        }
    }

    /// Whether a variable occurs, also inside floors.
    pub fn contains(&self, var: &Var) -> bool {
        self.atoms().any(|atom| atom.contains(var))
    }

    /// A bound on the work of a substitution and on the number of terms that it makes.
    pub fn growth(&self, map: &BTreeMap<Var, Index>) -> u64 {
        let monomial = |monomial: &Monomial| {
            let (mut size, mut work): (u64, u64) = (1, 1);
            for (atom, exponent) in &monomial.0 {
                let (terms, inner) = match atom {
                    Atom::Var(var) => (map.get(var).map_or(1, |index| index.len() as u64), 0),
                    Atom::Floor(a, b) | Atom::Max(a, b) => {
                        // A floor by 1 or a max that is decided leaves one of the terms.
                        let (a, b) = (a.growth(map), b.growth(map));
                        (a.max(b), a.saturating_add(b))
                    }
                    Atom::Apply(_, arguments) => {
                        (1, arguments.iter().fold(0, |sum: u64, index| sum.saturating_add(index.growth(map))))
                    }
                    Atom::Volume(size) => (1, size.growth(map)),
                };
                size = size.saturating_mul(terms.saturating_pow(*exponent));
                work = work.saturating_add(inner).saturating_add(u64::from(*exponent));
            }
            size.saturating_add(work)
        };
        self.terms.keys().fold(0, |sum, key| sum.saturating_add(monomial(key)))
    }

    /// Replaces variables by terms, all at once.
    pub fn substitute(&self, map: &BTreeMap<Var, Index>) -> Index {
        if map.is_empty() || !map.keys().any(|var| self.contains(var)) {
            return self.clone();
        }
        let mut sum = Index::default();
        for (monomial, coefficient) in self.terms.iter() {
            let mut product = Index::constant(coefficient.clone());
            for (atom, exponent) in &monomial.0 {
                let value = atom.substitute(map);
                for _ in 0..*exponent {
                    product = &product * &value;
                }
            }
            sum = &sum + &product;
        }
        sum
    }
}

/// The rank of a term that has parts of two ranks; a scalar acts on every coordinate.
fn join(left: Rank, right: Rank) -> Option<Rank> {
    match (left, right) {
        (Rank::Scalar, rank) | (rank, Rank::Scalar) => Some(rank),
        (left, right) if left == right => Some(left),
        _ => None,
    }
}

impl Atom {
    fn rank(&self) -> Option<Rank> {
        match self {
            Atom::Var(var) => Some(var.rank.clone()),
            Atom::Floor(a, b) | Atom::Max(a, b) => join(a.rank()?, b.rank()?),
            Atom::Apply(_, _) | Atom::Volume(_) => Some(Rank::Scalar),
        }
    }

    fn collect_vars(&self, found: &mut BTreeSet<Var>) {
        match self {
            Atom::Var(var) => {
                found.insert(var.clone());
            }
            Atom::Floor(a, b) | Atom::Max(a, b) => {
                a.collect_vars(found);
                b.collect_vars(found);
            }
            Atom::Apply(_, arguments) => arguments.iter().for_each(|index| index.collect_vars(found)),
            Atom::Volume(size) => size.collect_vars(found),
        }
    }

    fn contains(&self, var: &Var) -> bool {
        match self {
            Atom::Var(other) => other == var,
            Atom::Floor(a, b) | Atom::Max(a, b) => a.contains(var) || b.contains(var),
            Atom::Apply(_, arguments) => arguments.iter().any(|index| index.contains(var)),
            Atom::Volume(size) => size.contains(var),
        }
    }

    fn substitute(&self, map: &BTreeMap<Var, Index>) -> Index {
        match self {
            Atom::Var(var) => map.get(var).cloned().unwrap_or_else(|| Index::from(var)),
            Atom::Floor(a, b) => Index::floor(a.substitute(map), b.substitute(map)),
            Atom::Max(a, b) => Index::max(a.substitute(map), b.substitute(map)),
            Atom::Apply(name, arguments) => {
                let arguments = arguments.iter().map(|index| index.substitute(map)).collect();
                Index::atom(Atom::Apply(name.clone(), arguments))
            }
            Atom::Volume(size) => {
                let value = size.substitute(map);
                Index::atom(match (size.rank(), value.rank()) {
                    // A scalar to the power D; another rank would give another power, so D stays visible.
                    (Some(Rank::Symbolic(rank)), Some(Rank::Scalar)) => {
                        Atom::Apply(Name::from(format!("vol:{rank}")), vec![value])
                    }
                    _ => Atom::Volume(Box::new(value)),
                })
            }
        }
    }
}

impl std::ops::Add for &Index {
    type Output = Index;
    fn add(self, other: &Index) -> Index {
        let mut sum = self.clone();
        for (monomial, coefficient) in other.terms.iter() {
            sum.add_term(monomial.clone(), coefficient);
        }
        sum
    }
}

impl std::ops::Neg for &Index {
    type Output = Index;
    fn neg(self) -> Index {
        Index {
            terms: Arc::new(
                self.terms.iter().map(|(monomial, coefficient)| (monomial.clone(), -coefficient)).collect(),
            ),
        }
    }
}

impl std::ops::Sub for &Index {
    type Output = Index;
    fn sub(self, other: &Index) -> Index {
        self + &-other
    }
}

impl std::ops::Mul for &Index {
    type Output = Index;
    fn mul(self, other: &Index) -> Index {
        let mut product = Index::default();
        for (left, a) in self.terms.iter() {
            for (right, b) in other.terms.iter() {
                product.add_term(left.times(right), &(a * b));
            }
        }
        product
    }
}

/// A plain rendering for messages and tests: `s*o + d*k - p`. Printers for people live in the export modules.
impl fmt::Display for Index {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return formatter.write_str("0");
        }
        // The constant sorts first; people write it last.
        let (constants, others): (Vec<_>, Vec<_>) = self.terms.iter().partition(|(monomial, _)| monomial.is_one());
        for (position, (monomial, coefficient)) in others.into_iter().chain(constants).enumerate() {
            let sign = match (position, coefficient.is_negative()) {
                (0, true) => "-",
                (0, false) => "",
                (_, true) => " - ",
                (_, false) => " + ",
            };
            formatter.write_str(sign)?;
            let magnitude = coefficient.abs();
            if monomial.is_one() {
                write!(formatter, "{magnitude}")?;
                continue;
            }
            if !magnitude.is_one() {
                write!(formatter, "{magnitude}*")?;
            }
            for (position, (atom, exponent)) in monomial.0.iter().enumerate() {
                if position > 0 {
                    formatter.write_str("*")?;
                }
                write!(formatter, "{atom}")?;
                if *exponent > 1 {
                    write!(formatter, "^{exponent}")?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Atom::Var(var) => write!(formatter, "{}", var.name),
            Atom::Floor(a, b) => write!(formatter, "floor(({a})/({b}))"),
            Atom::Max(a, b) => write!(formatter, "max({a}, {b})"),
            Atom::Volume(size) => write!(formatter, "vol({size})"),
            Atom::Apply(name, arguments) => {
                write!(formatter, "{name}(")?;
                for (position, argument) in arguments.iter().enumerate() {
                    let comma = if position > 0 { ", " } else { "" };
                    write!(formatter, "{comma}{argument}")?;
                }
                formatter.write_str(")")
            }
        }
    }
}

impl fmt::Debug for Index {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}
