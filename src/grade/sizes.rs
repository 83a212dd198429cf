//! Equations between sizes: definitions, conditions, and what follows from them, as fractions of polynomials.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive};

use super::given::Given;
use super::letters;
use super::linear::{Fraction, Poly};
use super::numbers;
use super::verdict::{Class, Evidence, Finding, Text, Verdict};
use crate::homework::formula::*;
use crate::homework::{Reading, StepKind, print};

/// What is known about sizes so far: each polynomial is 0.
#[derive(Default)]
pub(super) struct Sizes {
    hypotheses: Vec<Poly>,
    /// The values that the answer gives.
    given: Given,
    /// What the answer calls a size, where it is one of others.
    defined: BTreeMap<Name, Expr>,
}

/// Names are tried for one another up to so many at a time.
const MAX_RENAMED: usize = 2;

/// A polynomial longer than this helps nobody.
const MAX_SHOWN: usize = 40;

impl Sizes {
    /// Nothing is known yet but the values that an answer gives.
    pub(super) fn of(reading: &Reading) -> Self {
        Sizes { given: Given::of(reading), ..Sizes::default() }
    }

    /// Judges one equation between sizes and adds it to what is known, where it is right.
    pub(super) fn equation(&mut self, left: &Expr, right: &Expr) -> Finding {
        if numbers::is_numeric(left) && numbers::is_numeric(right) {
            return numeric(left, right);
        }
        if let Some(finding) = lost_fraction(left).or_else(|| lost_fraction(right)) {
            return finding;
        }
        let counted = counted_in(left, right).or_else(|| counted_in(right, left));
        if let Some(finding) = counted.filter(|_| self.hypotheses.is_empty()) {
            return finding;
        }
        if let Some(finding) = of_one_unit(left, right) {
            return finding;
        }
        if let Some(finding) = self.of_values(left, right) {
            return finding;
        }
        if let Some(name) = left.as_name() {
            self.defined.entry(name.clone()).or_insert_with(|| right.clone());
        }
        let (Some(a), Some(b)) = (Fraction::of(left), Fraction::of(right)) else {
            return Finding::definition(Text::new("it defines a size", "定义了一个尺寸"));
        };
        let Some(difference) = a.difference(&b) else {
            return Finding::undecided(Text::new("the sizes are too long to compare", "尺寸式过长，无法比较"));
        };
        if difference.is_zero() {
            return Finding::remark(Text::new("both sides are the same polynomial", "两边是同一个多项式"));
        }
        let known: BTreeSet<String> = self.hypotheses.iter().flat_map(Poly::names).collect();
        let name = left.as_name().map(print::name);
        // `o = 5` is its value for some sizes.
        if let (Some(name), true) = (&name, numbers::value(right).is_some()) {
            return Finding::remark(Text::new(
                format!("the value of {name} for some sizes"),
                format!("{name} 在某些尺寸下的值"),
            ));
        }
        // What no sizes fulfil is no condition: `3(a+b) = 3a+b`.
        if name.is_none()
            && let Some(finding) = never(&difference, left, right)
        {
            return finding;
        }
        // `Params_dsep / Params_std` has been said before.
        let mut said = letters::names(left).peekable();
        let of_defined = said.peek().is_some() && said.all(|name| self.defined.contains_key(name));
        let new = match &name {
            Some(name) => !known.contains(name),
            None => !of_defined,
        };
        // A name of an earlier condition is defined by names that are new: `K' = K + (K-1)(D-1)`.
        let opens = b.above.names().union(&b.below.names()).any(|name| !known.contains(name));
        if !new && opens {
            let consequence = self.consequence(&difference, &known, name.as_deref().unwrap_or_default());
            if consequence.verdict == Verdict::Ok {
                return consequence;
            }
        }
        if new || opens {
            self.hypotheses.push(difference);
            return match name {
                Some(_) => Finding::defines(left),
                None => Finding::remark(Text::new(
                    "a condition between sizes; what follows is judged under it",
                    "尺寸之间的条件；后面的步骤在此条件下判断",
                )),
            };
        }
        self.consequence(&difference, &known, name.as_deref().unwrap_or_default())
    }

    /// Whether an equation follows from what is known in a case, where some sizes have values: `S = 1, P = 0, L = M-K+1`.
    pub(super) fn follows_in(&self, case: &[(Expr, Expr)], (left, right): (&Expr, &Expr)) -> bool {
        let zero = |left: &Expr, right: &Expr| Fraction::of(left)?.difference(&Fraction::of(right)?);
        let known: BTreeSet<String> = self.hypotheses.iter().flat_map(Poly::names).collect();
        let in_case = || -> Option<bool> {
            let (mut hypotheses, mut claim) = (self.hypotheses.clone(), zero(left, right)?);
            for (name, value) in case {
                let equation = zero(name, value)?;
                // The values belong to sizes that the conditions before speak of.
                let name = name.as_name().map(print::name).filter(|name| known.contains(name))?;
                let (slope, rest) = equation.solved(&name)?;
                claim = eliminated(&claim, &name, &slope, &rest)?;
                hypotheses = hypotheses
                    .iter()
                    .map(|hypothesis| eliminated(hypothesis, &name, &slope, &rest))
                    .collect::<Option<_>>()?;
            }
            let rest = Sizes { hypotheses, ..Sizes::default() }.reduce(&claim)?;
            Some(rest.is_zero())
        };
        in_case().unwrap_or(false)
    }

    /// A side with the ends of its sums by what the answer has defined them as.
    pub(super) fn ends_written_out(&self, side: &Expr) -> Expr {
        ends_written_out(side, &self.defined)
    }

    /// An equation without numbers, `L = M - K`, for a size that a line before it has said by the same names.
    pub(super) fn said_again(&mut self, left: &Expr, right: &Expr) -> Option<Finding> {
        self.defined.get(left.as_name()?)?;
        // `o' = i'` belongs to a case of its own.
        if right.as_name().is_some() {
            return None;
        }
        let known: BTreeSet<String> = self.hypotheses.iter().flat_map(Poly::names).collect();
        let written = Poly::of(right)?;
        written.names().is_subset(&known).then(|| self.equation(left, right))
    }

    /// A value of a size that has been defined by others, for the values that the answer gives these.
    pub(super) fn value(&self, left: &Expr, right: &Expr) -> Option<Finding> {
        self.defined.get(left.as_name()?)?;
        self.of_values(left, right)
    }

    /// Both sides with the values that the answer gives, where they are numbers then; a name is what it was defined as.
    fn of_values(&self, left: &Expr, right: &Expr) -> Option<Finding> {
        let written = left.as_name().and_then(|name| self.defined.get(name)).unwrap_or(left);
        let (a, b) = (self.given.value(written)?, self.given.value(right)?);
        if numbers::is_numeric(written) && numbers::is_numeric(right) || !self.given.fits(written, right) {
            return None;
        }
        if a == b || numbers::rounds_to(&a, right) {
            return Some(Finding::remark(Text::new("right for the values that are given", "代入所给数值后成立")));
        }
        let (a, b) = (numbers::shown(&a), numbers::shown(&b));
        let message = Text::new(
            format!("for the values that are given the left side is {a}, the right side {b}"),
            format!("代入所给数值后左边是 {a}，右边是 {b}"),
        );
        Some(Finding::new(Verdict::Wrong, &[Class::Arithmetic], message, Evidence::Values(a, b)))
    }

    /// Whether a polynomial is 0 wherever the hypotheses hold.
    fn consequence(&mut self, claim: &Poly, known: &BTreeSet<String>, name: &str) -> Finding {
        let rest = match self.reduce(claim) {
            Some(rest) if rest.is_zero() => {
                return Finding::remark(Text::new("it follows from the conditions before it", "由前面的条件推出"));
            }
            rest => rest,
        };
        // Other letters for what was called something else before.
        let unknown: Vec<String> = claim.names().into_iter().filter(|other| !known.contains(other)).collect();
        let targets: Vec<String> = known.iter().filter(|other| *other != name).cloned().collect();
        if unknown.len() <= MAX_RENAMED
            && let Some(renamed) = self.renamed(claim, &unknown, &targets)
        {
            let pairs: Vec<String> = renamed.iter().map(|(new, old)| format!("{new} = {old}")).collect();
            let pairs = pairs.join(", ");
            return Finding::remark(Text::new(
                format!("it follows from the conditions before it with {pairs}"),
                format!("由前面的条件推出（其中 {pairs}）"),
            ));
        }
        // A stride of 1 is often not said.
        for size in
            known.iter().filter(|size| matches!(size.to_lowercase().as_str(), "s" | "stride" | "d" | "dilation"))
        {
            let one = Poly::one();
            let special: Option<Vec<Poly>> =
                self.hypotheses.iter().map(|hypothesis| hypothesis.substitute(size, &one)).collect();
            let (Some(hypotheses), Some(claim)) = (special, claim.substitute(size, &one)) else { continue };
            if (Sizes { hypotheses, ..Sizes::default() }).reduce(&claim).is_some_and(|rest| rest.is_zero()) {
                return Finding::remark(Text::new(
                    format!("it follows from the conditions before it for {size} = 1"),
                    format!("当 {size} = 1 时由前面的条件推出"),
                ));
            }
        }
        let Some(rest) = rest else {
            return Finding::undecided(Text::new("the conditions are too long to solve", "条件过长，无法求解"));
        };
        if let Some(apart) = rest.constant() {
            let apart = numbers::shown(&apart.abs());
            return Finding::undecided(Text::new(
                format!("by the conditions before it the two sides differ by {apart}: another case, or a mistake"),
                format!("按前面的条件两边相差 {apart}：是另一种情形，还是有误，无法判断"),
            ));
        }
        let rest = rest.text();
        if rest.chars().count() > MAX_SHOWN {
            return Finding::undecided(Text::new(
                "it does not follow from the conditions before it",
                "不能由前面的条件推出",
            ));
        }
        Finding::undecided(Text::new(
            format!("it does not follow from the conditions before it: {rest} would have to be 0"),
            format!("不能由前面的条件推出：需要 {rest} = 0"),
        ))
    }

    /// What is left of a claim under the hypotheses: 0 where it follows.
    fn reduce(&self, claim: &Poly) -> Option<Poly> {
        match self.solved(claim, true) {
            Some(rest) if rest.is_zero() => Some(rest),
            _ => self.solved(claim, false),
        }
    }

    /// Solves each hypothesis, last first, for a name that is linear in it, and puts that into the claim; what a line defines for that alone
    /// where `definitions` are kept.
    fn solved(&self, claim: &Poly, definitions: bool) -> Option<Poly> {
        let mut claim = claim.clone();
        let mut open: Vec<Poly> = self.hypotheses.clone();
        let defined: BTreeSet<String> = self.defined.keys().map(print::name).collect();
        while let Some(hypothesis) = open.pop() {
            let own = |name: &String, slope: &Poly| defined.contains(name) && slope.constant().is_some();
            let solvable: Vec<(String, Poly, Poly)> = hypothesis
                .names()
                .into_iter()
                .filter_map(|name| {
                    let (slope, rest) = hypothesis.solved(&name)?;
                    Some((name, slope, rest))
                })
                .collect();
            let defines = definitions && solvable.iter().any(|(name, slope, _)| own(name, slope));
            let Some((name, slope, rest)) = solvable
                .into_iter()
                .filter(|(name, slope, _)| claim.names().contains(name) && (!defines || own(name, slope)))
                .min_by_key(|(_, slope, _)| slope.constant().is_none())
            else {
                continue;
            };
            claim = eliminated(&claim, &name, &slope, &rest)?;
            open = open.iter().map(|other| eliminated(other, &name, &slope, &rest)).collect::<Option<_>>()?;
        }
        Some(claim)
    }

    fn renamed(&self, claim: &Poly, unknown: &[String], targets: &[String]) -> Option<Vec<(String, String)>> {
        let [first, rest @ ..] = unknown else { return None };
        for target in targets {
            let changed = claim.substitute(first, &Poly::name(target))?;
            if rest.is_empty() {
                if self.reduce(&changed).is_some_and(|left| left.is_zero()) {
                    return Some(vec![(first.clone(), target.clone())]);
                }
            } else {
                let others: Vec<String> = targets.iter().filter(|other| *other != target).cloned().collect();
                if let Some(mut found) = self.renamed(&changed, rest, &others) {
                    found.insert(0, (first.clone(), target.clone()));
                    return Some(found);
                }
            }
        }
        None
    }
}

/// What an answer calls a size where it is a sum of others, `H_out = H - K + 1`, wherever it says so.
pub(super) fn definitions(reading: &Reading) -> BTreeMap<Name, Expr> {
    let mut found = BTreeMap::new();
    for claim in reading.claims() {
        let sizes = reading.steps.get(claim.step).is_some_and(|step| step.kind == StepKind::Sizes);
        if let (Some(name), true) = (claim.left.as_name(), sizes) {
            found.entry(name.clone()).or_insert_with(|| claim.right.clone());
        }
    }
    found
}

/// A side with the ends of its sums by what they are defined as: `H_out - 1` after `H_out = H - K + 1`.
pub(super) fn ends_written_out(side: &Expr, defined: &BTreeMap<Name, Expr>) -> Expr {
    let end = |end: &Expr| {
        letters::map(end, &mut |part| {
            let integral = |written: &&Expr| Poly::of(written).is_some_and(|written| written.is_integral());
            let written = defined.get(part.as_name()?).filter(integral)?;
            Some(Expr::new(Kind::Parens(Bracket::Round, vec![written.clone()]), part.span))
        })
    };
    letters::map(side, &mut |part| {
        let Kind::Big(sign, binders, body) = &part.kind else { return None };
        let binders = binders.iter().map(|binder| match binder {
            Binder::Letter { letter, lower, upper } => Binder::Letter {
                letter: letter.clone(),
                lower: lower.as_ref().map(end),
                upper: upper.as_ref().map(end),
            },
            other => other.clone(),
        });
        let body = body.as_ref().map(|body| Box::new(ends_written_out(body, defined)));
        Some(Expr::new(Kind::Big(*sign, binders.collect(), body), part.span))
    })
}

/// An equation between positive sizes that none fulfil, as all that is left of it has one sign; with both sides where each size is 1.
fn never(difference: &Poly, left: &Expr, right: &Expr) -> Option<Finding> {
    // Identities speak of the same sizes on both sides; others, as `w + b = 0`, are equations to be solved.
    let names: BTreeSet<&Name> = letters::names(left).collect();
    if names != letters::names(right).collect() || names.len() < 2 || !difference.one_sign() {
        return None;
    }
    // A padding may be 0.
    let padding = |name: &String| matches!(name.to_lowercase().split('_').next(), Some("p" | "pad" | "padding" | "op"));
    let unpadded = difference
        .names()
        .iter()
        .filter(|name| padding(name))
        .try_fold(difference.clone(), |rest, name| rest.substitute(name, &Poly::default()))?;
    let fractions = [Fraction::of(left)?, Fraction::of(right)?];
    if !unpadded.one_sign() || !fractions.iter().all(|fraction| fraction.below.one_sign()) {
        return None;
    }
    let ones = |side: &Expr| Fraction::of(side)?.at_ones();
    let (a, b) = (ones(left)?, ones(right)?);
    let names: BTreeSet<String> = names.into_iter().map(print::name).collect();
    let names = names.into_iter().map(|name| format!("{name} = 1")).collect::<Vec<String>>().join(", ");
    let (a, b) = (numbers::shown(&a), numbers::shown(&b));
    let message = Text::new(
        format!("no sizes make the two sides equal; for {names} the left side is {a}, the right side {b}"),
        format!("任何尺寸都不能使两边相等；取 {names} 时左边是 {a}，右边是 {b}"),
    );
    Some(Finding::new(Verdict::Wrong, &[Class::Arithmetic], message, Evidence::Values(a, b)))
}

/// `claim` with `slope·name + rest = 0` solved for the name, multiplied by as many slopes as are needed.
fn eliminated(claim: &Poly, name: &str, slope: &Poly, rest: &Poly) -> Option<Poly> {
    let Some((a, b)) = claim.solved(name) else { return Some(claim.clone()) };
    // a·name + b, times the slope.
    Some(b.times(slope)?.plus(&a.times(rest)?, &-BigRational::one()))
}

/// `28^2·64·256 = 12.8M`: a number, and one that is counted in thousands, millions or more.
fn counted_in(left: &Expr, right: &Expr) -> Option<Finding> {
    let scaled = in_ones(right).filter(|_| numbers::is_numeric(left))?;
    Some(numeric(left, &scaled))
}

/// A number that is counted in thousands, millions or more, as a number.
fn in_ones(side: &Expr) -> Option<Expr> {
    let Kind::Product(factors) = &side.kind else { return None };
    let [(_, digits), (sign, unit)] = factors.as_slice() else { return None };
    if !matches!(digits.kind, Kind::Number(_)) || sign.sign != Sign::Beside {
        return None;
    }
    let exponent = super::words::power_of_ten(&unit.as_name()?.base)?;
    Some(digits.clone().times_ten_to(exponent.into(), digits.span))
}

/// `12.8M + 25.7M = 38.5M`: numbers that are all counted in one unit.
fn of_one_unit(left: &Expr, right: &Expr) -> Option<Finding> {
    let (a, b) = (Poly::of(left)?, Poly::of(right)?);
    let names = a.names().union(&b.names()).cloned().collect::<Vec<String>>();
    let [unit] = names.as_slice() else { return None };
    if !matches!(unit.as_str(), "K" | "k" | "M" | "million" | "G" | "B" | "billion" | "T") {
        return None;
    }
    // Decimals are not so many times a size.
    let decimal =
        |side: &Expr| side.any(&mut |part| matches!(&part.kind, Kind::Number(number) if !number.is_integer()));
    let ((a, x), (b, y)) = (a.solved(unit)?, b.solved(unit)?);
    let (a, b) = (a.constant()?, b.constant()?);
    if !(x.is_zero() && y.is_zero() && (decimal(left) || decimal(right))) {
        return None;
    }
    let terms = |side: &Expr| if let Kind::Add(terms) = &side.kind { terms.len() } else { 1 };
    // Each number is rounded to a tenth or less.
    let most = BigRational::new((terms(left) + terms(right)).into(), 20.into());
    if a == b {
        return Some(Finding::remark(Text::new("exact", "精确成立")));
    }
    if (&a - &b).abs() <= most {
        return Some(Finding::remark(Text::new("right as rounded", "按四舍五入成立")));
    }
    // A sum of decimals, for people.
    let decimals = |value: &BigRational| format!("{}{unit}", value.to_f64().unwrap_or_default());
    Some(unequal(decimals(&a), decimals(&b)))
}

/// A comparison of numbers: `27 > 49`.
pub(super) fn compared(relation: Relation, left: &Expr, right: &Expr) -> Option<Finding> {
    let (a, b) = (numbers::value(left)?, numbers::value(right)?);
    let holds = match relation {
        Relation::Lt => a < b,
        Relation::Le => a <= b,
        Relation::Gt => a > b,
        Relation::Ge => a >= b,
        Relation::Ne => a != b,
        _ => return None,
    };
    if holds {
        return Some(Finding::remark(Text::new("exact", "精确成立")));
    }
    Some(unequal(numbers::shown(&a), numbers::shown(&b)))
}

/// `⌊i + 2p - k s⌋`: integers are rounded, so a fraction has been lost.
fn lost_fraction(side: &Expr) -> Option<Finding> {
    let mut found = None;
    side.any(&mut |part| {
        if let Kind::Floor(inner) | Kind::Ceil(inner) = &part.kind
            && !inner.any(&mut |inside| matches!(&inside.kind, Kind::Fraction(..) | Kind::Floor(_) | Kind::Ceil(_)))
            && !inner.any(&mut |inside| {
                matches!(&inside.kind, Kind::Product(factors) if factors.iter().any(|(sign, _)| sign.sign == Sign::Slash))
            })
            && inner.any(&mut |inside| matches!(inside.kind, Kind::Name(_)))
            && Poly::of(inner).is_some()
        {
            found = Some((print::expr(part), part.span.bytes()));
            return true;
        }
        false
    });
    let (text, span) = found?;
    Some(Finding::new(
        Verdict::Typo,
        &[Class::Notation],
        Text::new(
            format!("{text} rounds an integer: the line of a fraction has been lost"),
            format!("{text} 对整数取整：分数线丢失了"),
        ),
        Evidence::Place(span),
    ))
}

/// Numbers that are said to be nearly equal: they may differ by a twentieth of the larger one.
pub(super) fn nearly(left: &Expr, right: &Expr) -> Finding {
    let right = &in_ones(right).unwrap_or_else(|| right.clone());
    let (Some(a), Some(b)) = (numbers::value(left), numbers::value(right)) else {
        return Finding::undecided(Text::new("names occur among the numbers", "数字之间有字母"));
    };
    let (apart, most) = ((&a - &b).abs(), a.abs().max(b.abs()));
    if apart * BigRational::from_integer(20.into()) <= most {
        return Finding::remark(Text::new("right as rounded", "按四舍五入成立"));
    }
    unequal(numbers::shown(&a), numbers::shown(&b))
}

/// An equation of numbers, exactly.
pub(super) fn numeric(left: &Expr, right: &Expr) -> Finding {
    let (a, b) = (numbers::value(left), numbers::value(right));
    if let (Some(a), Some(b)) = (&a, &b) {
        if a == b {
            return Finding::remark(Text::new("exact", "精确成立"));
        }
        if numbers::rounds_to(a, right) || numbers::rounds_to(b, left) {
            return Finding::remark(Text::new("right as rounded", "按四舍五入成立"));
        }
    }
    if !numbers::is_numeric(left) || !numbers::is_numeric(right) {
        return Finding::undecided(Text::new("names occur among the numbers", "数字之间有字母"));
    }
    let repaired = |side: &Expr, other: &Option<BigRational>| {
        numbers::without_powers(side).filter(|side| other.is_some() && numbers::value(side) == *other)
    };
    if let Some(repaired) = repaired(left, &b).or_else(|| repaired(right, &a)) {
        let literally = |value: &Option<BigRational>| value.as_ref().map_or_else(|| "…".to_string(), numbers::shown);
        let (x, y) = (literally(&a), literally(&b));
        let message = Text::new(
            format!("read literally it is false ({x} against {y}): `**` or `^` stands for a product"),
            format!("按字面不成立（{x} 与 {y}）：`**` 或 `^` 应为乘号"),
        );
        let values = Evidence::Values(x, y);
        return Finding::new(Verdict::Typo, &[Class::Notation], message, values).with_repair(print::expr(&repaired));
    }
    let (Some(a), Some(b)) = (a, b) else {
        return Finding::undecided(Text::new(
            "numbers are divided by 0, have irrational roots, or have too many digits to be computed",
            "其中有除以零、无理根，或位数太多而无法计算的数",
        ));
    };
    unequal(numbers::shown(&a), numbers::shown(&b))
}

/// An equation of two values that are not the same.
fn unequal(left: String, right: String) -> Finding {
    let message =
        Text::new(format!("the left side is {left}, the right side {right}"), format!("左边是 {left}，右边是 {right}"));
    Finding::new(Verdict::Wrong, &[Class::Arithmetic], message, Evidence::Values(left, right))
}
