//! Whether an answer reaches what the exercise asks for.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Signed;

use super::exercise::{Exercise, SHIPPED, Wanted};
use super::linear::Poly;
use super::model::Meaning;
use super::verdict::{Class, Evidence, Finding, Text, Verdict};
use super::{Goal, Judged, Missing, numbers};
use crate::homework::formula::*;
use crate::homework::{Reading, Step, StepKind, Symbols, print};

/// A part of an answer that belongs to one exercise.
struct Section {
    exercise: Exercise,
    start: usize,
    end: usize,
}

/// The exercises that an answer names in its own words, with the part of the text that belongs to each.
fn sections(text: &str) -> Vec<Section> {
    let mut found: Vec<(usize, &str)> = Vec::new();
    for word in ["习题", "练习", "Exercise", "exercise"] {
        for (at, _) in text.match_indices(word) {
            let after = text.get(at + word.len()..).unwrap_or_default().trim_start_matches([' ', '\u{3000}']);
            let shipped = SHIPPED.iter().map(|(name, _)| *name).filter(|name| name.starts_with("5-"));
            found.extend(shipped.filter(|name| after.starts_with(name)).map(|name| (at, name)));
        }
    }
    found.sort_unstable();
    let ends: Vec<usize> = found.iter().skip(1).map(|(at, _)| *at).chain([text.len()]).collect();
    found
        .into_iter()
        .zip(ends)
        .filter_map(|((start, name), end)| Some(Section { exercise: Exercise::shipped(name)?, start, end }))
        .collect()
}

/// What signs mean in the exercises that an answer names itself; nothing where they differ.
pub(super) fn named_meanings(text: &str) -> BTreeMap<String, Meaning> {
    let mut found: BTreeMap<String, Option<Meaning>> = BTreeMap::new();
    for (sign, meaning) in sections(text).into_iter().flat_map(|part| part.exercise.meanings) {
        found.entry(sign).and_modify(|known| *known = known.filter(|known| *known == meaning)).or_insert(Some(meaning));
    }
    found.into_iter().filter_map(|(sign, meaning)| Some((sign, meaning?))).collect()
}

/// The exercises that bind an answer: the one that was given, and those that the answer names.
pub(super) fn binding(text: &str, given: Option<&Exercise>) -> Vec<Exercise> {
    given.cloned().into_iter().chain(sections(text).into_iter().map(|part| part.exercise)).collect()
}

/// Checks an answer against the exercise that was given, or against those that it names itself.
pub(super) fn check(reading: &Reading, text: &str, given: Option<&Exercise>, steps: &mut [Judged]) -> Vec<Goal> {
    let named = sections(text);
    let parts: Vec<Section> = match given {
        // The parts of a chapter that the answer names.
        Some(chapter) if !chapter.parts.is_empty() && !named.is_empty() => {
            named.into_iter().filter(|part| chapter.parts.contains(&part.exercise.name)).collect()
        }
        // Of an answer that does not name the exercise, all is meant for it.
        Some(exercise) if !named.iter().any(|part| part.exercise.name == exercise.name) => {
            vec![Section { exercise: exercise.clone(), start: 0, end: text.len() }]
        }
        _ => named,
    };
    let mut goals: Vec<Goal> = parts.iter().filter_map(|part| part.check(reading, text, given, steps)).collect();
    for part in given.map(|chapter| chapter.parts.as_slice()).unwrap_or_default() {
        if !parts.is_empty()
            && !parts.iter().any(|section| section.exercise.parts.contains(part) || section.exercise.name == *part)
        {
            let worth = Exercise::shipped(part).map_or(0, |exercise| exercise.scheme.goal);
            let message = Text::new(format!("exercise {part} is not answered"), format!("没有回答习题 {part}"));
            let missing = vec![Missing { message, wanted: None }];
            goals.push(Goal { exercise: part.clone(), reached: false, worth, missing });
        }
    }
    goals
}

/// Smaller numbers are sizes, and no counts of operations.
const COUNT: i64 = 1000;

impl Section {
    fn check(&self, reading: &Reading, text: &str, given: Option<&Exercise>, steps: &mut [Judged]) -> Option<Goal> {
        let inside: Vec<&Step> =
            reading.steps.iter().filter(|step| (self.start..self.end).contains(&step.span.start)).collect();
        let mut goal = Goal {
            exercise: self.exercise.name.clone(),
            reached: true,
            worth: self.exercise.scheme.goal,
            missing: Vec::new(),
        };
        known_numbers(self, &inside, steps);
        if !self.exercise.musts.is_empty() {
            domains(&inside, &reading.symbols, steps);
        }
        // Gradients at the end of an answer are not about a form that has none.
        let derives =
            |side: &Expr| side.any(&mut |part| matches!(part.kind, Kind::Derivative(..) | Kind::Gradient(..)));
        let gradients = self.exercise.forms.iter().any(|(left, right)| derives(left) || derives(right));
        let start = |step: &Step| {
            let number = reading.steps.iter().position(|other| other.id == step.id);
            number.and_then(|number| reading.chain_start(number))
        };
        let about = |step: &&&Step| {
            matches!(step.kind, StepKind::Chain | StepKind::Definition)
                && (gradients || start(step).is_none_or(|first| !derives(first)))
        };
        let last = inside.iter().rev().find(about);
        if let Some(message) = unused(self, &inside).or_else(|| unreached(self, reading, &inside, steps)) {
            goal.reached = false;
            // A line that is wrong or open keeps its own verdict; that it does not reach the goal follows from it.
            let settled = |step: &&&Step| {
                steps.iter().any(|judged| {
                    judged.id == step.id && matches!(judged.verdict, Verdict::Ok | Verdict::Typo | Verdict::Incomplete)
                })
            };
            match last.filter(settled) {
                Some(last) => {
                    let finding = Finding::argued(Verdict::Incomplete, Class::Goal, message);
                    with(steps, &last.id, Finding { at: Some(last.span.clone()), ..finding });
                }
                None => goal.missing.push(Missing { message, wanted: None }),
            }
        }
        let results: Vec<(Expr, BigRational)> = inside
            .iter()
            .flat_map(|step| {
                // A unit may stand behind the formula: `$16.4$ 亿`.
                let power = text.get(step.span.end..).and_then(super::words::scale).flatten();
                let scaled = move |side: &Expr| match power {
                    Some(power) => side.clone().times_ten_to(i64::from(power), side.span),
                    None => side.clone(),
                };
                step.chains().filter_map(|chain| chain.sides().last()).map(scaled)
            })
            .filter_map(|side| numbers::value(&side).map(|value| (side, value)))
            .collect();
        // Within a twentieth, 16.4亿 for 1638400000, but not 2·10^9.
        let reaches = |wanted: &BigRational| {
            let near =
                |value: &BigRational| (value - wanted).abs() * BigRational::from(BigInt::from(20)) < wanted.abs();
            results.iter().any(|(side, value)| value == wanted || near(value) && numbers::rounds_to(wanted, side))
        };
        let name = &self.exercise.name;
        // An answer in words to an exercise that it names itself owes no numbers: other editions ask for other ones.
        let owed = given.is_some() || results.iter().any(|(_, value)| *value >= BigRational::from(BigInt::from(COUNT)));
        let has = |number: &BigInt| {
            let same = |part: &Expr| matches!(&part.kind, Kind::Number(here) if *here == number.clone().into());
            inside
                .iter()
                .flat_map(|step| step.chains().flat_map(Chain::sides))
                .any(|side| side.any(&mut |part| same(part)))
        };
        let asked = |wanted: &&Wanted| owed && wanted.when.iter().all(has);
        let numbers: Vec<&Wanted> = self.exercise.numbers.iter().filter(asked).collect();
        for number in numbers.iter().filter(|number| !reaches(&number.value.clone().into())) {
            let message = Text::new(
                format!("exercise {name}: a number that is asked for is not reached"),
                format!("习题 {name}：有一个要求的数没有得到"),
            );
            goal.reached = false;
            goal.missing.push(Missing { message, wanted: Some(number.value.to_string()) });
        }
        // What the steps are worth; a file that was given overrules the exercises that it has not as parts.
        let scheme = match given {
            Some(given) if given.parts.is_empty() => &given.scheme,
            _ => &self.exercise.scheme,
        };
        for step in &inside {
            if let Some(judged) = steps.iter_mut().find(|judged| judged.id == step.id && judged.worth > 0) {
                judged.worth = scheme.of(step.kind);
            }
        }
        // Of an exercise that names no form, word or number nothing was checked.
        let exercise = &self.exercise;
        let checked = !(exercise.forms.is_empty() && exercise.musts.is_empty() && numbers.is_empty());
        checked.then_some(goal)
    }
}

fn with(steps: &mut [Judged], id: &str, finding: Finding) {
    if let Some(step) = steps.iter_mut().find(|step| step.id == id) {
        if finding.verdict > step.verdict {
            step.verdict = finding.verdict;
        }
        step.worth = step.worth.max(1);
        step.findings.push(finding);
        step.findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
    }
}

/// An operation that the goal is about and that no chain uses.
fn unused(part: &Section, inside: &[&Step]) -> Option<Text> {
    let chains = inside.iter().filter(|step| matches!(step.kind, StepKind::Chain | StepKind::Definition));
    let sides: Vec<&Expr> = chains.flat_map(|step| step.chains().flat_map(Chain::sides)).collect();
    let uses = |word: &String| {
        sides
            .iter()
            .any(|side| side.any(&mut |part| part.as_name().is_some_and(|name| name.base.eq_ignore_ascii_case(word))))
    };
    let word = part.exercise.musts.iter().find(|word| !uses(word))?;
    Some(match form_text(part) {
        Some(form) => Text::new(
            format!("the goal is not reached: no line uses {word} (asked for is {form})"),
            format!("没有得到要证的结论：各行中都没有出现 {word}（要证 {form}）"),
        ),
        None => Text::new(
            format!("the goal is not reached: no line uses {word}"),
            format!("没有得到要证的结论：各行中都没有出现 {word}"),
        ),
    })
}

fn form_text(part: &Section) -> Option<String> {
    let (left, right) = part.exercise.forms.first()?;
    Some(format!("{} = {}", print::expr(left), print::expr(right)))
}

/// Whether equations of the answer lead from one side of a final form to the other. The form itself is what is to be shown: written down before
/// any line shows something, it shows nothing.
fn unreached(part: &Section, reading: &Reading, inside: &[&Step], steps: &[Judged]) -> Option<Text> {
    let text = form_text(part)?;
    let mut groups: Vec<Vec<Expr>> = Vec::new();
    let mut shown = false;
    for step in inside {
        let Some(judged) = steps.iter().find(|judged| judged.id == step.id) else { continue };
        let wrong = judged.verdict == Verdict::Wrong && !judged.is_inherited();
        let sides: Vec<&Expr> = step.chains().flat_map(Chain::sides).collect();
        let states = step.continues.is_none() && part.exercise.forms.iter().any(|form| is_form(form, &sides));
        if states && !shown || wrong && sides.len() <= 2 {
            continue;
        }
        let equation = matches!(step.kind, StepKind::Chain) && (sides.len() > 1 || step.continues.is_some());
        // The first equation of a chain may define; what follows it does not.
        let defines = sides.len() <= 2 && judged.findings.iter().any(|finding| finding.defines);
        shown |= equation && !states && !defines;
        for chain in step.chains() {
            let equal = |link: &&Link| matches!(link.relation, Relation::Eq | Relation::Define);
            let mut sides: Vec<Expr> = chain.first.iter().cloned().collect();
            sides.extend(chain.links.iter().filter(equal).filter_map(|link| link.side.clone()));
            let number = reading.steps.iter().position(|other| other.id == step.id);
            if chain.first.is_none()
                && let Some(start) = number.and_then(|number| reading.chain_start(number))
            {
                sides.push(start.clone());
            }
            let sides: Vec<Expr> = sides.iter().map(whole).collect();
            let (mut joined, apart): (Vec<_>, Vec<_>) =
                groups.into_iter().partition(|group| group.iter().any(|side| sides.contains(side)));
            groups = apart;
            let mut group: Vec<Expr> = joined.drain(..).flatten().collect();
            group.extend(sides);
            groups.push(group);
        }
    }
    let reached = part.exercise.forms.iter().any(|(left, right)| {
        groups.iter().any(|group| {
            group.iter().any(|a| {
                let mut names = BTreeMap::new();
                matches_form(left, a, &mut names) && group.iter().any(|b| matches_form(right, b, &mut names.clone()))
            })
        })
    });
    (!reached).then(|| {
        Text::new(
            format!("the goal is not reached: no chain of equations leads from one side of {text} to the other"),
            format!("没有得到要证的结论：没有一串等式从 {text} 的一边推到另一边"),
        )
    })
}

/// Whether two sides are those of a final form, in either order, with nothing between them.
fn is_form((left, right): &(Expr, Expr), sides: &[&Expr]) -> bool {
    let [a, b] = sides else { return false };
    [(a, b), (b, a)].into_iter().any(|(a, b)| {
        let mut names = BTreeMap::new();
        matches_form(left, a, &mut names) && matches_form(right, b, &mut names)
    })
}

/// The tensor of which a side is an entry, without brackets around it: `(A ⊗ B)[i, j]` speaks of `A ⊗ B`.
fn whole(side: &Expr) -> Expr {
    match &side.kind {
        Kind::Parens(_, parts) if parts.len() == 1 => parts.first().map_or_else(|| side.clone(), whole),
        Kind::Entry(base, _) if base.as_name().is_none() => whole(base),
        _ => side.clone(),
    }
}

/// Whether a side has a form, with other letters for its tensors; which sign joins tensors is for the conventions to say.
fn matches_form(form: &Expr, side: &Expr, names: &mut BTreeMap<Name, Name>) -> bool {
    let (form, side) = (whole(form), whole(side));
    match (&form.kind, &side.kind) {
        (Kind::Name(a), Kind::Name(b)) => {
            let new = !names.values().any(|taken| taken == b);
            match names.get(a) {
                Some(known) => known == b,
                None => new && names.insert(a.clone(), b.clone()).is_none(),
            }
        }
        (Kind::Call(f, a), Kind::Call(g, b)) => {
            f == g && a.len() == b.len() && a.iter().zip(b).all(|(a, b)| matches_form(a, b, names))
        }
        (Kind::Product(a), Kind::Product(b)) => {
            let joins = super::model::convolves;
            a.len() == b.len()
                && a.iter().zip(b).enumerate().all(|(place, ((p, x), (q, y)))| {
                    (place == 0 || p == q || joins(p) && joins(q)) && matches_form(x, y, names)
                })
        }
        (a, b) => a == b,
    }
}

/// Numbers that are widely repeated and wrong.
fn known_numbers(part: &Section, inside: &[&Step], steps: &mut [Judged]) {
    for step in inside {
        for side in step.chains().flat_map(Chain::sides) {
            let Some(value) = numbers::value(side).filter(num_rational::BigRational::is_integer) else { continue };
            let value: BigInt = value.to_integer();
            if let Some((number, words, right)) =
                part.exercise.wrong_numbers.iter().find(|(number, ..)| *number == value)
            {
                let message = Text::new(
                    format!("{number} is not the count: {}", words.english),
                    format!("{number} 不对：{}", words.chinese),
                );
                let evidence = Evidence::Argument(message.clone());
                let finding = Finding::new(Verdict::Wrong, &[Class::Arithmetic], message, evidence);
                let at = Some(side.span.bytes());
                with(steps, &step.id, Finding { repair: right.clone(), at, ..finding });
            }
        }
    }
}

/// A wide operation has as many outputs as both sizes together, less one.
fn domains(inside: &[&Step], symbols: &Symbols, steps: &mut [Judged]) {
    // Letters of what the chains are about; others, such as those of the input, may have any range.
    let mut outputs = std::collections::BTreeSet::new();
    for first in inside.iter().flat_map(|step| step.chains()).filter_map(|chain| chain.first.as_ref()) {
        outputs.extend(super::letters::free(first, symbols).into_keys());
    }
    for step in inside.iter().filter(|step| step.kind == StepKind::Domain) {
        for chain in step.chains() {
            let [Link { relation: Relation::In, side: Some(set), .. }] = chain.links.as_slice() else { continue };
            let (Some(letter), Kind::Interval(_, lower, upper)) = (&chain.first, &set.kind) else { continue };
            let one = Poly::of(lower).is_some_and(|lower| lower == Poly::one());
            let output = letter.as_name().is_some_and(|letter| outputs.contains(letter));
            if let (true, true, Some(size)) = (one, output, upper.as_name()) {
                let (letter, size) = (print::expr(letter), print::name(size));
                let argument = Text::new(
                    format!(
                        "{letter} up to {size} misses outputs: a kernel of 2 over 1 entry has 2 outputs, and [1, {size}] has 1"
                    ),
                    format!(
                        "{letter} 只到 {size} 漏掉了输出：长为 2 的核与长为 1 的输入有 2 个输出，而 [1, {size}] 只有 1 个"
                    ),
                );
                with(
                    steps,
                    &step.id,
                    Finding { at: Some(set.span.bytes()), ..Finding::argued(Verdict::Wrong, Class::Domain, argument) },
                );
            }
        }
    }
}
