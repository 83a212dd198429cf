//! An exact simplex method that looks for a non-negative combination of rows which is a negative constant.
//!
//! Rows are linear forms over columns; a column stands for a monomial and may take any rational value. The method keeps
//! every row as a slack variable with a lower bound (and an upper one for an equation), and repairs violated bounds by
//! pivots under Bland's rule, so it ends. A violated row that cannot be repaired is the combination that is sought.
//!
//! Numbers are fractions of machine integers; where those overflow, the same run is repeated with big ones.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// `Σ terms + constant ≥ 0`, or `= 0`.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Columns in ascending order with coefficients other than zero.
    pub terms: Vec<(usize, i128)>,
    /// The constant.
    pub constant: i128,
    /// Whether the row is an equation.
    pub equation: bool,
}

/// What a run found.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Rows with integer coefficients (positive for inequalities) whose combination is a negative constant.
    Refuted(Vec<(usize, BigInt)>),
    /// Values of the columns that satisfy every row.
    Model(Vec<BigRational>),
    /// The budget of pivots was used up.
    Exhausted,
}

/// Looks for a refutation of the rows over `columns` columns, with at most `pivots` pivots.
pub(super) fn solve(columns: usize, rows: &[Row], pivots: usize) -> Outcome {
    if let Some(outcome) = run::<Small>(columns, rows, pivots) {
        return outcome;
    }
    run::<BigRational>(columns, rows, pivots).unwrap_or(Outcome::Exhausted)
}

/// Exact numbers whose operations may overflow.
trait Exact: Clone {
    fn of(value: i128) -> Option<Self>;
    fn plus(&self, other: &Self) -> Option<Self>;
    fn times(&self, other: &Self) -> Option<Self>;
    fn reciprocal(&self) -> Option<Self>;
    fn negative(&self) -> Option<Self>;
    fn sign(&self) -> Ordering;
    fn compare(&self, other: &Self) -> Option<Ordering>;
    fn exact(&self) -> BigRational;
}

/// A reduced fraction with a positive denominator.
#[derive(Clone, Copy, Debug)]
struct Small {
    numerator: i64,
    denominator: i64,
}

impl Small {
    fn reduced(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 1 {
            return Some(Small { numerator: i64::try_from(numerator).ok()?, denominator: 1 });
        }
        let gcd = numerator.gcd(&denominator);
        let gcd = if denominator < 0 { -gcd } else { gcd };
        Some(Small {
            numerator: i64::try_from(numerator.checked_div(gcd)?).ok()?,
            denominator: i64::try_from(denominator.checked_div(gcd)?).ok()?,
        })
    }
}

impl Exact for Small {
    fn of(value: i128) -> Option<Self> {
        Small::reduced(value, 1)
    }

    fn plus(&self, other: &Self) -> Option<Self> {
        if self.denominator == 1 && other.denominator == 1 {
            return Some(Small { numerator: self.numerator.checked_add(other.numerator)?, denominator: 1 });
        }
        let [a, b, c, d] = [self.numerator, self.denominator, other.numerator, other.denominator].map(i128::from);
        Small::reduced((a * d).checked_add(c * b)?, b * d)
    }

    fn times(&self, other: &Self) -> Option<Self> {
        let [a, b, c, d] = [self.numerator, self.denominator, other.numerator, other.denominator].map(i128::from);
        Small::reduced(a * c, b * d)
    }

    fn reciprocal(&self) -> Option<Self> {
        Small::reduced(self.denominator.into(), self.numerator.into())
    }

    fn negative(&self) -> Option<Self> {
        Some(Small { numerator: self.numerator.checked_neg()?, denominator: self.denominator })
    }

    fn sign(&self) -> Ordering {
        self.numerator.cmp(&0)
    }

    fn compare(&self, other: &Self) -> Option<Ordering> {
        let [a, b, c, d] = [self.numerator, self.denominator, other.numerator, other.denominator].map(i128::from);
        Some((a * d).cmp(&(c * b)))
    }

    fn exact(&self) -> BigRational {
        BigRational::new_raw(self.numerator.into(), self.denominator.into())
    }
}

impl Exact for BigRational {
    fn of(value: i128) -> Option<Self> {
        Some(BigRational::from_integer(value.into()))
    }

    fn plus(&self, other: &Self) -> Option<Self> {
        Some(self + other)
    }

    fn times(&self, other: &Self) -> Option<Self> {
        Some(self * other)
    }

    fn reciprocal(&self) -> Option<Self> {
        (!self.is_zero()).then(|| self.recip())
    }

    fn negative(&self) -> Option<Self> {
        Some(-self)
    }

    fn sign(&self) -> Ordering {
        self.numer().cmp(&BigInt::zero())
    }

    fn compare(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    fn exact(&self) -> BigRational {
        self.clone()
    }
}

/// A linear form over variables that are not basic, sorted by variable.
type Form<T> = Vec<(usize, T)>;

fn coefficient<T>(form: &Form<T>, variable: usize) -> Option<&T> {
    let position = form.binary_search_by_key(&variable, |(other, _)| *other).ok()?;
    form.get(position).map(|(_, value)| value)
}

/// `form + factor · other`, with `dropped` left out.
fn combine<T: Exact>(form: &Form<T>, factor: &T, other: &Form<T>, dropped: usize) -> Option<Form<T>> {
    let mut sum = Vec::with_capacity(form.len() + other.len());
    let (mut left, mut right) = (form.iter().filter(|term| term.0 != dropped).peekable(), other.iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => return Some(sum),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => a.0.cmp(&b.0),
        };
        let mut total: Option<(usize, T)> = None;
        if order != Ordering::Greater {
            total = left.next().cloned();
        }
        if order != Ordering::Less
            && let Some((variable, value)) = right.next()
        {
            let product = factor.times(value)?;
            let value = match total {
                Some((_, before)) => before.plus(&product)?,
                None => product,
            };
            total = Some((*variable, value));
        }
        if let Some(term) = total.filter(|(_, value)| value.sign() != Ordering::Equal) {
            sum.push(term);
        }
    }
}

/// Variables below `columns` are free; variable `columns + j` is the linear part of row `j`.
struct Tableau<T> {
    columns: usize,
    values: Vec<T>,
    /// The bound of each row's slack, with whether it is an upper bound too.
    bounds: Vec<(T, bool)>,
    /// The basic variable of each form with the form it equals.
    basis: Vec<(usize, Form<T>)>,
}

fn run<T: Exact>(columns: usize, rows: &[Row], pivots: usize) -> Option<Outcome> {
    let zero = T::of(0)?;
    let mut tableau = Tableau {
        columns,
        values: vec![zero; columns + rows.len()],
        bounds: rows
            .iter()
            .map(|row| Some((T::of(row.constant.checked_neg()?)?, row.equation)))
            .collect::<Option<_>>()?,
        basis: rows
            .iter()
            .enumerate()
            .map(|(number, row)| {
                let form = row.terms.iter().map(|(column, value)| Some((*column, T::of(*value)?)));
                Some((columns + number, form.collect::<Option<_>>()?))
            })
            .collect::<Option<_>>()?,
    };
    for _ in 0..=pivots {
        let Some((position, rise)) = tableau.violated()? else {
            return Some(Outcome::Model(tableau.values.iter().take(columns).map(T::exact).collect()));
        };
        match tableau.entering(position, rise)? {
            Some(entering) => tableau.pivot(position, entering)?,
            None => return tableau.conflict(position, rise).map(Outcome::Refuted),
        }
    }
    Some(Outcome::Exhausted)
}

impl<T: Exact> Tableau<T> {
    /// How a variable lies against its bound: below it, at it, or above; and whether it may not exceed it.
    fn position(&self, variable: usize) -> Option<Option<(Ordering, bool)>> {
        let Some(number) = variable.checked_sub(self.columns) else { return Some(None) };
        let (bound, equation) = self.bounds.get(number)?;
        Some(Some((self.values.get(variable)?.compare(bound)?, *equation)))
    }

    /// The first basic variable outside its bounds, and whether it must rise.
    fn violated(&self) -> Option<Option<(usize, bool)>> {
        let mut first: Option<(usize, usize, bool)> = None;
        for (position, (variable, _)) in self.basis.iter().enumerate() {
            if first.is_some_and(|(least, _, _)| least < *variable) {
                continue;
            }
            match self.position(*variable)? {
                Some((Ordering::Less, _)) => first = Some((*variable, position, true)),
                Some((Ordering::Greater, true)) => first = Some((*variable, position, false)),
                _ => {}
            }
        }
        Some(first.map(|(_, position, rise)| (position, rise)))
    }

    /// The first variable of a form whose change moves the form the right way within its own bound.
    fn entering(&self, position: usize, rise: bool) -> Option<Option<usize>> {
        for (variable, value) in &self.basis.get(position)?.1 {
            let up = (value.sign() == Ordering::Greater) == rise;
            let free = match self.position(*variable)? {
                None => true,
                Some((_, true)) => false,
                Some((order, false)) => up || order == Ordering::Greater,
            };
            if free {
                return Some(Some(*variable));
            }
        }
        Some(None)
    }

    /// Brings a basic variable to its bound and exchanges it with `entering`.
    fn pivot(&mut self, position: usize, entering: usize) -> Option<()> {
        let (leaving, form) = self.basis.get(position)?.clone();
        let reciprocal = coefficient(&form, entering)?.reciprocal()?;
        let bound = self.bounds.get(leaving.checked_sub(self.columns)?)?.0.clone();
        let step = bound.plus(&self.values.get(leaving)?.negative()?)?.times(&reciprocal)?;
        let negative = reciprocal.negative()?;
        let mut solved: Form<T> = Vec::with_capacity(form.len());
        for (variable, value) in form.iter().filter(|term| term.0 != entering) {
            solved.push((*variable, value.times(&negative)?));
        }
        let place = solved.partition_point(|(variable, _)| *variable < leaving);
        solved.insert(place, (leaving, reciprocal));
        for (number, (basic, other)) in self.basis.iter_mut().enumerate() {
            if number == position {
                continue;
            }
            let Some(factor) = coefficient(other, entering).cloned() else { continue };
            let value = self.values.get(*basic)?.plus(&factor.times(&step)?)?;
            *self.values.get_mut(*basic)? = value;
            *other = combine(other, &factor, &solved, entering)?;
        }
        *self.values.get_mut(leaving)? = bound;
        let moved = self.values.get(entering)?.plus(&step)?;
        *self.values.get_mut(entering)? = moved;
        *self.basis.get_mut(position)? = (entering, solved);
        Some(())
    }

    /// A form that cannot be repaired: the row minus the form's rows is identically zero, and the constants clash.
    fn conflict(&self, position: usize, rise: bool) -> Option<Vec<(usize, BigInt)>> {
        let (basic, form) = self.basis.get(position)?;
        let sign = if rise { BigRational::one() } else { -BigRational::one() };
        let mut parts = vec![(basic.checked_sub(self.columns)?, sign.clone())];
        for (variable, value) in form {
            parts.push((variable.checked_sub(self.columns)?, -(value.exact() * &sign)));
        }
        Some(whole(parts))
    }
}

/// Clears denominators and common factors.
fn whole(parts: Vec<(usize, BigRational)>) -> Vec<(usize, BigInt)> {
    let multiple = parts.iter().fold(BigInt::one(), |lcm, (_, value)| lcm.lcm(value.denom()));
    let mut scaled: Vec<(usize, BigInt)> =
        parts.into_iter().map(|(number, value)| (number, (value * &multiple).to_integer())).collect();
    let gcd = scaled.iter().fold(BigInt::zero(), |gcd, (_, value)| gcd.gcd(value));
    if gcd > BigInt::one() {
        scaled.iter_mut().for_each(|(_, value)| *value /= &gcd);
    }
    scaled.retain(|(_, value)| !value.is_zero());
    scaled.sort_by_key(|(number, _)| *number);
    scaled
}

/// A machine integer, where it fits.
pub(super) fn machine(value: &BigInt) -> Option<i128> {
    value.to_i128()
}

/// Whether all coefficients have the sign that their rows need.
pub(super) fn admissible(rows: &[Row], combination: &[(usize, BigInt)]) -> bool {
    combination.iter().all(|(number, value)| rows.get(*number).is_some_and(|row| row.equation || value.is_positive()))
}
