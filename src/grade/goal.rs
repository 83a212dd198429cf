//! Whether an answer reaches what the exercise asks for.

use super::model::rotated;
use super::verdict::{Class, Evidence, Finding, Text, Verdict};
use super::{Judged, judge};
use crate::homework::formula::*;
use crate::homework::{Reading, StepKind};

/// A part of an answer that belongs to one exercise.
struct Section {
    exercise: &'static str,
    start: usize,
    end: usize,
}

/// The exercises that an answer names in its own words, with the part of the text that belongs to each.
fn sections(text: &str) -> Vec<Section> {
    let mut found: Vec<Section> = Vec::new();
    for word in ["习题", "练习", "Exercise", "exercise"] {
        for (at, _) in text.match_indices(word) {
            let after: String = text.get(at + word.len()..).unwrap_or_default().chars().take(8).collect();
            let number: String = after.trim_start().chars().take(3).collect();
            let exercise = ["5-2", "5-3", "5-4", "5-7"].into_iter().find(|name| *name == number);
            if let Some(exercise) = exercise {
                found.push(Section { exercise, start: at, end: text.len() });
            }
        }
    }
    found.sort_by_key(|section| section.start);
    let starts: Vec<usize> = found.iter().map(|section| section.start).collect();
    for (section, end) in found.iter_mut().zip(starts.into_iter().skip(1)) {
        section.end = end;
    }
    found
}

/// Exercise 5-2 asks for `rot180(W) ⊗~ X = rot180(X) ⊗~ W`: a chain that never rotates does not get there.
pub(super) fn check(reading: &Reading, text: &str, steps: &mut [Judged]) {
    for section in sections(text).iter().filter(|section| section.exercise == "5-2") {
        let inside = |step: &&crate::homework::Step| (section.start..section.end).contains(&step.span.start);
        let chains: Vec<&crate::homework::Step> = reading
            .steps
            .iter()
            .filter(inside)
            .filter(|step| matches!(step.kind, StepKind::Chain | StepKind::Definition))
            .collect();
        let rotates = chains.iter().any(|step| {
            step.chains().flat_map(Chain::sides).any(|side| side.any(&mut |part| rotated(part)))
        });
        let Some(last) = chains.last().filter(|_| !rotates) else { continue };
        if let Some(step) = steps.iter_mut().find(|step| step.id == last.id)
            && step.verdict < Verdict::Incomplete
        {
            let argument = Text::new(
                "the goal rot180(W) ⊗~ X = rot180(X) ⊗~ W is not reached: no line rotates anything",
                "没有得到要证的 rot180(W) ⊗~ X = rot180(X) ⊗~ W：各行中都没有出现 rot180",
            );
            step.findings.insert(0, Finding::new(Verdict::Incomplete, &[Class::Goal], argument.clone(), Evidence::Argument(argument)));
            step.verdict = Verdict::Incomplete;
        }
    }
    let _ = judge::Options::default;
}
