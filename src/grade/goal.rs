//! Whether an answer reaches what the exercise asks for.

use num_bigint::BigInt;

use super::exercise::{Exercise, SHIPPED};
use super::linear::Poly;
use super::verdict::{Class, Evidence, Finding, Text, Verdict};
use super::{Judged, numbers};
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

/// Checks an answer against the exercise that was given, or against those that it names itself.
///
/// It returns what is missing in the answer as a whole.
pub(super) fn check(reading: &Reading, text: &str, given: Option<&Exercise>, steps: &mut [Judged]) -> Vec<Text> {
    let mut missing = Vec::new();
    let mut parts = sections(text);
    if let Some(exercise) = given
        && !parts.iter().any(|part| part.exercise.name == exercise.name)
    {
        // Of an answer without headings all is meant for the exercise.
        parts = vec![Section { exercise: exercise.clone(), start: 0, end: text.len() }];
    }
    for part in &parts {
        let inside: Vec<&Step> =
            reading.steps.iter().filter(|step| (part.start..part.end).contains(&step.span.start)).collect();
        operations(part, &inside, steps);
        known_numbers(part, &inside, steps);
        if !part.exercise.musts.is_empty() {
            domains(&inside, &reading.symbols, steps);
        }
        let values: Vec<BigInt> = inside
            .iter()
            .flat_map(|step| step.chains().flat_map(Chain::sides))
            .filter_map(numbers::value)
            .map(|value| value.to_integer())
            .collect();
        let name = &part.exercise.name;
        for number in part.exercise.numbers.iter().filter(|number| !values.contains(number)) {
            missing.push(Text::new(
                format!("exercise {name}: the answer does not reach {number}"),
                format!("习题 {name}：答案没有得到 {number}"),
            ));
        }
    }
    missing
}

fn with(steps: &mut [Judged], id: &str, finding: Finding) {
    if let Some(step) = steps.iter_mut().find(|step| step.id == id) {
        if finding.verdict > step.verdict {
            step.verdict = finding.verdict;
        }
        step.findings.push(finding);
        step.findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
    }
}

/// An operation that the goal is about must occur in a chain.
fn operations(part: &Section, inside: &[&Step], steps: &mut [Judged]) {
    let chains: Vec<&&Step> =
        inside.iter().filter(|step| matches!(step.kind, StepKind::Chain | StepKind::Definition)).collect();
    let Some(last) = chains.last() else { return };
    for word in &part.exercise.musts {
        let uses = chains
            .iter()
            .flat_map(|step| step.chains().flat_map(Chain::sides))
            .any(|side| side.any(&mut |part| part.as_name().is_some_and(|name| name.base.eq_ignore_ascii_case(word))));
        if uses {
            continue;
        }
        let goal = part.exercise.goals.first().cloned().unwrap_or_default();
        let argument = Text::new(
            format!("the goal is not reached: no line uses {word} ({goal})"),
            format!("没有得到要证的结论：各行中都没有出现 {word}（{goal}）"),
        );
        with(steps, &last.id, Finding::argued(Verdict::Incomplete, Class::Goal, argument));
    }
}

/// Numbers that are widely repeated and wrong.
fn known_numbers(part: &Section, inside: &[&Step], steps: &mut [Judged]) {
    for step in inside {
        for side in step.chains().flat_map(Chain::sides) {
            let Some(value) = numbers::value(side).filter(num_rational::BigRational::is_integer) else { continue };
            let value: BigInt = value.to_integer();
            if let Some((number, words)) = part.exercise.wrong_numbers.iter().find(|(number, _)| *number == value) {
                let message =
                    Text::new(format!("{number} is not the count: {words}"), format!("{number} 不对：{words}"));
                with(
                    steps,
                    &step.id,
                    Finding::new(
                        Verdict::Wrong,
                        &[Class::Arithmetic],
                        message,
                        Evidence::Values(number.to_string(), words.clone()),
                    ),
                );
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
                with(steps, &step.id, Finding::argued(Verdict::Wrong, Class::Domain, argument));
            }
        }
    }
}
