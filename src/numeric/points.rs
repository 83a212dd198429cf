//! The integer points of a condition, found letter by letter: bounds are read off the literals and tightened until nothing
//! changes, then the letter with the fewest values is tried value by value.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

use super::fault::Fault;
use super::model::Integers;
use super::poly::{Factor, Kind, Poly, System, Test};
use super::scalar::Random;

/// So many comparisons of a letter with a condition count as one point more.
const WORK: usize = 256;

/// So many coordinates of a point count as one point more.
const WIDTH: usize = 16;

/// What remains of a counted budget of points.
#[derive(Clone, Copy, Debug)]
pub struct Budget(u64);

impl Budget {
    /// A budget of so many points.
    pub fn new(points: u64) -> Self {
        Budget(points)
    }

    /// Takes some points out.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] where there are not so many left.
    pub fn spend(&mut self, points: u64) -> Result<(), Fault> {
        match self.0.checked_sub(points) {
            Some(rest) => {
                self.0 = rest;
                Ok(())
            }
            None => {
                self.0 = 0;
                Err(Fault::TooLarge)
            }
        }
    }

    /// How many points are left.
    pub fn left(&self) -> u64 {
        self.0
    }
}

fn slot(slots: &[i64], position: usize) -> Result<i64, Fault> {
    slots.get(position).copied().ok_or(Fault::Overflow)
}

impl Poly {
    /// The value.
    pub(super) fn value(&self, slots: &[i64], integers: &Integers) -> Result<i64, Fault> {
        if !self.wide.is_empty() {
            return self.exact(slots, integers)?.to_i64().ok_or(Fault::Overflow);
        }
        let mut sum = self.constant;
        for (position, coefficient) in &self.linear {
            let product = coefficient.checked_mul(slot(slots, *position)?).ok_or(Fault::Overflow)?;
            sum = sum.checked_add(product).ok_or(Fault::Overflow)?;
        }
        for (coefficient, factors) in &self.other {
            let mut product = *coefficient;
            for (factor, exponent) in factors {
                let value = factor.value(slots, integers)?.checked_pow(*exponent).ok_or(Fault::Overflow)?;
                product = product.checked_mul(value).ok_or(Fault::Overflow)?;
            }
            sum = sum.checked_add(product).ok_or(Fault::Overflow)?;
        }
        Ok(sum)
    }

    /// The value, however large.
    pub(super) fn exact(&self, slots: &[i64], integers: &Integers) -> Result<BigInt, Fault> {
        let mut sum = BigInt::from(self.constant);
        for (position, coefficient) in &self.linear {
            sum += BigInt::from(*coefficient) * slot(slots, *position)?;
        }
        for (coefficient, factors) in &self.other {
            sum += BigInt::from(*coefficient) * product(factors, slots, integers)?;
        }
        for (coefficient, factors) in &self.wide {
            sum += coefficient * product(factors, slots, integers)?;
        }
        Ok(sum)
    }

    /// Whether the value compares with 0 as `kind` says.
    pub(super) fn holds(&self, kind: Kind, slots: &[i64], integers: &Integers) -> Result<bool, Fault> {
        match self.value(slots, integers) {
            Ok(value) => Ok(compare(kind, i128::from(value))),
            Err(Fault::Overflow) => {
                let value = self.exact(slots, integers)?;
                Ok(match kind {
                    Kind::Ge => !value.is_negative(),
                    Kind::Eq => value.is_zero(),
                    Kind::Ne => !value.is_zero(),
                })
            }
            Err(fault) => Err(fault),
        }
    }
}

/// A product of powers, however large, within reason.
fn product(factors: &[(Factor, u32)], slots: &[i64], integers: &Integers) -> Result<BigInt, Fault> {
    let mut product = BigInt::from(1);
    for (factor, exponent) in factors {
        let value = BigInt::from(factor.value(slots, integers)?);
        if value.bits().saturating_mul(u64::from(*exponent)) > 100_000 {
            return Err(Fault::TooLarge);
        }
        product *= value.pow(*exponent);
    }
    Ok(product)
}

impl Factor {
    pub(super) fn value(&self, slots: &[i64], integers: &Integers) -> Result<i64, Fault> {
        match self {
            Factor::Slot(position) => slot(slots, *position),
            Factor::Floor(a, b) => {
                let (a, b) = (a.value(slots, integers)?, b.value(slots, integers)?);
                if b < 1 {
                    return Err(Fault::Divisor);
                }
                Ok(a.div_euclid(b))
            }
            Factor::Max(a, b) => Ok(a.value(slots, integers)?.max(b.value(slots, integers)?)),
            Factor::Apply(function, arguments) => {
                let arguments = arguments.iter().map(|argument| argument.value(slots, integers));
                Ok(integers.value(*function, arguments.collect::<Result<_, _>>()?))
            }
            Factor::Volume(parts) => parts.iter().try_fold(1_i64, |product, part| {
                product.checked_mul(part.value(slots, integers)?).ok_or(Fault::Overflow)
            }),
        }
    }
}

fn compare(kind: Kind, value: i128) -> bool {
    match kind {
        Kind::Ge => value >= 0,
        Kind::Eq => value == 0,
        Kind::Ne => value != 0,
    }
}

/// Whether every condition holds.
pub(super) fn test(test: &Test, slots: &[i64], integers: &Integers) -> Result<bool, Fault> {
    // A conjunction with a false part is false, also where another part has no value: `s ≥ 1 ∧ s | i` at s = 0.
    let mut fault = None;
    for (kind, poly) in test {
        match poly.holds(*kind, slots, integers) {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(other) => fault = Some(other),
        }
    }
    fault.map_or(Ok(true), Err)
}

/// The least and the largest value that a letter may still have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Interval {
    pub low: Option<i64>,
    pub high: Option<i64>,
}

impl Interval {
    fn point(value: i64) -> Self {
        Interval { low: Some(value), high: Some(value) }
    }

    fn fixed(self) -> Option<i64> {
        self.low.filter(|low| Some(*low) == self.high)
    }

    fn is_empty(self) -> bool {
        matches!((self.low, self.high), (Some(low), Some(high)) if low > high)
    }

    /// How many values there are.
    fn count(self) -> Option<u64> {
        let (low, high) = (self.low?, self.high?);
        Some(if low > high { 0 } else { high.abs_diff(low).saturating_add(1) })
    }

    /// Whether the interval became smaller.
    fn at_least(&mut self, bound: i128) -> bool {
        let bound = bound.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
        let better = self.low.is_none_or(|low| bound > low);
        if better {
            self.low = Some(bound);
        }
        better
    }

    fn at_most(&mut self, bound: i128) -> bool {
        let bound = bound.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
        let better = self.high.is_none_or(|high| bound < high);
        if better {
            self.high = Some(bound);
        }
        better
    }
}

/// A row with every number that is known put in; letters whose term is not known yet block it.
struct Line {
    kind: Kind,
    constant: i128,
    linear: Vec<(usize, i128)>,
}

/// All points of a system, the letters' values one after the other; the slots of the letters are overwritten.
///
/// Letters that `window` bounds besides are those that the system itself leaves open, where the caller wants a part of an
/// infinite set. Without letters there is one number if the condition holds, and none if it does not.
pub(super) fn points(
    system: &System,
    slots: &mut [i64],
    integers: &Integers,
    window: Option<(i64, i64)>,
    budget: &mut Budget,
) -> Result<Vec<i64>, Fault> {
    if system.letters.is_empty() {
        budget.spend(1)?;
        for row in &system.rows {
            if !row.whole.holds(row.kind, slots, integers)? {
                return Ok(Vec::new());
            }
        }
        return Ok(vec![0]);
    }
    let mut found = Vec::new();
    let mut walk = Walk { system, integers, window, budget, found: &mut found };
    walk.visit(slots, vec![Interval::default(); system.letters.len()])?;
    Ok(found)
}

/// The same as a list of points.
pub(super) fn point_list(
    system: &System,
    slots: &mut [i64],
    integers: &Integers,
    window: Option<(i64, i64)>,
    budget: &mut Budget,
) -> Result<Vec<Vec<i64>>, Fault> {
    let flat = points(system, slots, integers, window, budget)?;
    match system.letters.len() {
        0 => Ok(flat.iter().map(|_| Vec::new()).collect()),
        width => Ok(flat.chunks(width).map(<[i64]>::to_vec).collect()),
    }
}

/// One point at random, where a few attempts find one: letters are fixed in random order, each to a value near the lower end
/// of what is left for it.
pub(super) fn random_point(
    system: &System,
    slots: &mut [i64],
    integers: &Integers,
    spread: u64,
    random: &mut Random,
) -> Result<Option<Vec<i64>>, Fault> {
    'attempts: for _ in 0..12 {
        let mut domain = vec![Interval::default(); system.letters.len()];
        for _ in 0..=domain.len() {
            let (lines, _) = lines(system, slots, integers, &domain)?;
            if lines.iter().any(|line| line.linear.is_empty() && !compare(line.kind, line.constant)) {
                continue 'attempts;
            }
            propagate(&lines, &mut domain);
            if domain.iter().any(|interval| interval.is_empty()) {
                continue 'attempts;
            }
            let open: Vec<usize> =
                (0..domain.len()).filter(|letter| domain.get(*letter).is_some_and(|it| it.fixed().is_none())).collect();
            let chosen = open.get(random.below(open.len() as u64) as usize).copied();
            if let Some(interval) = chosen.and_then(|letter| domain.get_mut(letter)) {
                let low = interval.low.or(interval.high.map(|high| high.saturating_sub(4))).unwrap_or(-3);
                let width = interval.high.map_or(spread, |high| high.abs_diff(low).min(spread));
                *interval = Interval::point(low.saturating_add(random.below(width + 1) as i64));
            }
            for (letter, interval) in domain.iter().enumerate() {
                if let (Some(value), Some(place)) = (interval.fixed(), slots.get_mut(system.first + letter)) {
                    *place = value;
                }
            }
            if open.is_empty() {
                break;
            }
        }
        let point: Vec<i64> = domain.iter().filter_map(|interval| interval.fixed()).collect();
        if point.len() != domain.len() {
            continue;
        }
        for row in &system.rows {
            if !row.whole.holds(row.kind, slots, integers)? {
                continue 'attempts;
            }
        }
        return Ok(Some(point));
    }
    Ok(None)
}

/// The bounds that the system gives for each letter on its own, without trying values.
pub(super) fn bounds(system: &System, slots: &mut [i64], integers: &Integers) -> Result<Vec<Interval>, Fault> {
    let mut domain = vec![Interval::default(); system.letters.len()];
    let (lines, _) = lines(system, slots, integers, &domain)?;
    if lines.iter().any(|line| line.linear.is_empty() && !compare(line.kind, line.constant)) {
        return Ok(vec![Interval { low: Some(0), high: Some(-1) }; system.letters.len()]);
    }
    propagate(&lines, &mut domain);
    Ok(domain)
}

struct Walk<'a> {
    system: &'a System,
    integers: &'a Integers,
    window: Option<(i64, i64)>,
    budget: &'a mut Budget,
    found: &'a mut Vec<i64>,
}

impl Walk<'_> {
    fn visit(&mut self, slots: &mut [i64], mut domain: Vec<Interval>) -> Result<(), Fault> {
        // With hundreds of letters and conditions a visit costs as much as many points.
        self.budget.spend(1 + (domain.len() * self.system.rows.len() / WORK) as u64)?;
        let (lines, blocked) = lines(self.system, slots, self.integers, &domain)?;
        if lines.iter().any(|line| line.linear.is_empty() && !compare(line.kind, line.constant)) {
            return Ok(());
        }
        propagate(&lines, &mut domain);
        if domain.iter().any(|interval| interval.is_empty()) {
            return Ok(());
        }
        if let Some((low, high)) = self.window {
            for interval in &mut domain {
                interval.low = interval.low.or(Some(low.min(interval.high.unwrap_or(low))));
                interval.high = interval.high.or(Some(high.max(interval.low.unwrap_or(high))));
            }
        }
        if !blocked && is_box(&lines) {
            return self.product(&domain);
        }
        // Every fixed letter is put in at once.
        let known = |letter: usize, domain: &[Interval]| domain.get(letter).and_then(|interval| interval.fixed());
        let open: Vec<usize> = (0..domain.len()).filter(|letter| known(*letter, &domain).is_none()).collect();
        let mut news = false;
        for letter in 0..domain.len() {
            if let (Some(value), Some(place)) = (known(letter, &domain), slots.get_mut(self.system.first + letter)) {
                *place = value;
                news |= lines.iter().any(|line| line.linear.iter().any(|(other, _)| *other == letter));
            }
        }
        if open.is_empty() {
            for (letter, interval) in domain.iter().enumerate() {
                if let (Some(value), Some(place)) = (interval.fixed(), slots.get_mut(self.system.first + letter)) {
                    *place = value;
                }
            }
            for row in &self.system.rows {
                if !row.whole.holds(row.kind, slots, self.integers)? {
                    return Ok(());
                }
            }
            self.found.extend(domain.iter().filter_map(|interval| interval.fixed()));
            return Ok(());
        }
        if news && blocked {
            // A letter that has become known may unblock a row: bounds may improve before any value is tried.
            return self.visit_known(slots, domain);
        }
        self.branch(slots, domain, &open)
    }

    fn visit_known(&mut self, slots: &mut [i64], domain: Vec<Interval>) -> Result<(), Fault> {
        let (lines, _) = lines(self.system, slots, self.integers, &domain)?;
        let mut tighter = domain;
        propagate(&lines, &mut tighter);
        if tighter.iter().any(|interval| interval.is_empty()) {
            return Ok(());
        }
        let open: Vec<usize> = (0..tighter.len())
            .filter(|letter| tighter.get(*letter).is_some_and(|interval| interval.fixed().is_none()))
            .collect();
        if open.is_empty() { self.visit(slots, tighter) } else { self.branch(slots, tighter, &open) }
    }

    /// Tries the values of the letter that has the fewest.
    fn branch(&mut self, slots: &mut [i64], domain: Vec<Interval>, open: &[usize]) -> Result<(), Fault> {
        let count = |letter: &usize| domain.get(*letter).and_then(|interval| interval.count());
        let smallest = open.iter().filter_map(|letter| Some((count(letter)?, *letter))).min();
        let Some((_, letter)) = smallest else {
            let name = open.first().and_then(|letter| self.system.letters.get(*letter));
            return Err(Fault::Unbounded(name.cloned().unwrap_or_else(|| "?".into())));
        };
        let interval = domain.get(letter).copied().unwrap_or_default();
        let (Some(low), Some(high)) = (interval.low, interval.high) else { return Ok(()) };
        self.budget.spend(interval.count().unwrap_or(0))?;
        for value in low..=high {
            if let Some(place) = slots.get_mut(self.system.first + letter) {
                *place = value;
            }
            let mut inner = domain.clone();
            if let Some(place) = inner.get_mut(letter) {
                *place = Interval::point(value);
            }
            self.visit(slots, inner)?;
        }
        Ok(())
    }

    /// All points of a box, in lexicographic order.
    fn product(&mut self, domain: &[Interval]) -> Result<(), Fault> {
        let mut total = 1_u64;
        for (letter, interval) in domain.iter().enumerate() {
            match interval.count() {
                Some(count) => total = total.saturating_mul(count),
                None => {
                    let name = self.system.letters.get(letter).cloned();
                    return Err(Fault::Unbounded(name.unwrap_or_else(|| "?".into())));
                }
            }
        }
        self.budget.spend(total.saturating_mul(1 + (domain.len() / WIDTH) as u64))?;
        let lows: Vec<i64> = domain.iter().filter_map(|interval| interval.low).collect();
        let highs: Vec<i64> = domain.iter().filter_map(|interval| interval.high).collect();
        let mut current = lows.clone();
        loop {
            self.found.extend_from_slice(&current);
            let mut letter = current.len();
            loop {
                if letter == 0 {
                    return Ok(());
                }
                letter -= 1;
                match (current.get_mut(letter), highs.get(letter), lows.get(letter)) {
                    (Some(value), Some(high), _) if *value < *high => {
                        *value += 1;
                        break;
                    }
                    (Some(value), _, Some(low)) => *value = *low,
                    _ => return Ok(()),
                }
            }
        }
    }
}

/// How many points a system has, where they form a box: then they need not be walked through.
pub(super) fn number(system: &System, slots: &mut [i64], integers: &Integers) -> Result<Option<BigInt>, Fault> {
    let mut domain = vec![Interval::default(); system.letters.len()];
    let (lines, blocked) = lines(system, slots, integers, &domain)?;
    if lines.iter().any(|line| line.linear.is_empty() && !compare(line.kind, line.constant)) {
        return Ok(Some(BigInt::zero()));
    }
    if blocked || !is_box(&lines) {
        return Ok(None);
    }
    propagate(&lines, &mut domain);
    let counts = domain.iter().map(|interval| if interval.is_empty() { Some(0) } else { interval.count() });
    Ok(counts.map(|count| count.map(BigInt::from)).product::<Option<BigInt>>())
}

/// Whether the intervals say all that the lines say, since each condition is on one letter, and none is with ≠.
fn is_box(lines: &[Line]) -> bool {
    let decided = |line: &Line| line.kind != Kind::Ne && line.linear.len() == 1;
    lines.iter().all(|line| line.linear.is_empty() || decided(line)) && exact(lines)
}

/// Whether an interval says all that the lines say: an equation `2a = 1` has bounds but no point.
fn exact(lines: &[Line]) -> bool {
    lines.iter().all(|line| match (line.kind, line.linear.as_slice()) {
        (Kind::Eq, [(_, coefficient)]) => *coefficient != 0 && line.constant % coefficient == 0,
        _ => true,
    })
}

/// The rows with numbers put in, and whether some row is blocked by several open letters.
fn lines(system: &System, slots: &[i64], integers: &Integers, domain: &[Interval]) -> Result<(Vec<Line>, bool), Fault> {
    let mut lines = Vec::with_capacity(system.rows.len());
    let mut blocked = false;
    let fixed = |letter: usize| domain.get(letter).and_then(|interval| interval.fixed());
    'rows: for row in &system.rows {
        let mut constant = match row.constant.value(slots, integers) {
            Ok(value) => i128::from(value),
            // Too large for a bound, but not for the exact test of a point.
            Err(Fault::Overflow) => {
                blocked = true;
                continue;
            }
            Err(fault) => return Err(fault),
        };
        let mut linear: Vec<(usize, i128)> = Vec::with_capacity(row.linear.len());
        let mut add = |letter: usize, coefficient: i64, constant: &mut i128| match fixed(letter) {
            Some(value) => *constant += i128::from(coefficient) * i128::from(value),
            None => match linear.iter_mut().find(|(other, _)| *other == letter) {
                Some((_, sum)) => *sum += i128::from(coefficient),
                None => linear.push((letter, i128::from(coefficient))),
            },
        };
        for (letter, coefficient) in &row.linear {
            add(*letter, coefficient.value(slots, integers)?, &mut constant);
        }
        for term in &row.rest {
            let mut open = term.letters.iter().filter(|letter| fixed(**letter).is_none());
            match (open.next(), open.next()) {
                (None, _) => constant += i128::from(term.whole.value(slots, integers)?),
                (Some(letter), None) => match term.quotients.iter().find(|(other, _)| other == letter) {
                    Some((_, quotient)) => add(*letter, quotient.value(slots, integers)?, &mut constant),
                    None => {
                        blocked = true;
                        continue 'rows;
                    }
                },
                _ => {
                    blocked = true;
                    continue 'rows;
                }
            }
        }
        linear.retain(|(_, coefficient)| *coefficient != 0);
        lines.push(Line { kind: row.kind, constant, linear });
    }
    Ok((lines, blocked))
}

/// Tightens the intervals until nothing changes, or for a limited number of rounds where they shrink slowly.
fn propagate(lines: &[Line], domain: &mut [Interval]) {
    for _ in 0..2 * domain.len() + 4 {
        let mut news = false;
        for line in lines {
            if line.kind == Kind::Ne {
                continue;
            }
            news |= tighten(line.constant, &line.linear, 1, domain);
            if line.kind == Kind::Eq {
                news |= tighten(line.constant, &line.linear, -1, domain);
            }
        }
        if !news || domain.iter().any(|interval| interval.is_empty()) {
            return;
        }
    }
}

/// Bounds from `sign · (constant + Σ cⱼ·vⱼ) ≥ 0`: each letter against the largest value of the others.
fn tighten(constant: i128, linear: &[(usize, i128)], sign: i128, domain: &mut [Interval]) -> bool {
    let largest = |letter: usize, coefficient: i128, domain: &[Interval]| {
        let interval = domain.get(letter).copied().unwrap_or_default();
        let bound = if coefficient > 0 { interval.high } else { interval.low };
        bound.map(|bound| coefficient.saturating_mul(i128::from(bound)))
    };
    let mut sum = sign.saturating_mul(constant);
    let mut open = None;
    let mut opens = 0;
    for (letter, coefficient) in linear {
        match largest(*letter, sign.saturating_mul(*coefficient), domain) {
            Some(value) => sum = sum.saturating_add(value),
            None => {
                opens += 1;
                open = Some(*letter);
            }
        }
    }
    let mut news = false;
    for (letter, coefficient) in linear {
        let coefficient = sign.saturating_mul(*coefficient);
        let others = match (opens, open) {
            (0, _) => sum.saturating_sub(largest(*letter, coefficient, domain).unwrap_or(0)),
            (1, Some(only)) if only == *letter => sum,
            _ => continue,
        };
        // coefficient·v ≥ −others
        let needed = others.saturating_neg();
        let Some(interval) = domain.get_mut(*letter) else { continue };
        if coefficient > 0 {
            news |= interval.at_least(num_integer::Integer::div_ceil(&needed, &coefficient));
        } else {
            news |= interval.at_most(num_integer::Integer::div_floor(&needed, &coefficient));
        }
    }
    news
}
