//! Exercises: what is asked for, what signs mean, and how many marks a step is worth.
//!
//! An exercise file is a proof file (`*.cvp`) whose comments `# exercise: …` carry what the proof language has no words for:
//!
//! ```text
//! # exercise: sign ⊗ = correlation      what a sign means
//! # exercise: base 1                    the first index
//! # exercise: marks 2                   marks for each step
//! # exercise: must rot180               a word that the answer must use
//! # exercise: number 5898240000         a number that the answer must reach
//! # exercise: not 358000000             a number that is known to be wrong
//! ```
//!
//! Its theorems are the goals and the definitions those that are given; both are checked when the file is read.

use std::collections::BTreeMap;

use num_bigint::BigInt;

use super::model::Meaning;
use crate::diag::Diagnostic;
use crate::syntax;

/// What an exercise asks for.
#[derive(Clone, Debug, Default)]
pub struct Exercise {
    /// Its name.
    pub name: String,
    /// What signs mean.
    pub meanings: BTreeMap<String, Meaning>,
    /// The first index.
    pub base: Option<i64>,
    /// Marks for each step that is right.
    pub marks: Option<u32>,
    /// Operations that the answer must use, such as `rot180`.
    pub musts: Vec<String>,
    /// Numbers that the answer must reach.
    pub numbers: Vec<BigInt>,
    /// Numbers that are widely repeated and wrong, with what is right instead.
    pub wrong_numbers: Vec<(BigInt, String)>,
    /// The theorems of the file, as text: the goals.
    pub goals: Vec<String>,
}

/// The exercises that ship with the program, by their names.
pub const SHIPPED: [(&str, &str); 6] = [
    ("5-2", include_str!("exercises/5-2.cvp")),
    ("5-3", include_str!("exercises/5-3.cvp")),
    ("5-4", include_str!("exercises/5-4.cvp")),
    ("5-7", include_str!("exercises/5-7.cvp")),
    ("backprop", include_str!("exercises/backprop.cvp")),
    ("nndl-5", include_str!("exercises/nndl-5.cvp")),
];

impl Exercise {
    /// An exercise that ships with the program.
    ///
    /// ```
    /// use convprove::grade::exercise::Exercise;
    /// let exercise = Exercise::shipped("5-2").unwrap();
    /// assert_eq!(exercise.base, Some(1));
    /// assert!(exercise.musts.contains(&"rot180".to_string()));
    /// ```
    pub fn shipped(name: &str) -> Option<Exercise> {
        let (name, text) = SHIPPED.into_iter().find(|(shipped, _)| *shipped == name)?;
        Exercise::read(name, text).ok()
    }

    /// Reads an exercise file.
    ///
    /// # Errors
    /// Where the proof language finds fault with it, or a remark `# exercise:` is not understood.
    pub fn read(name: &str, text: &str) -> Result<Exercise, Vec<Diagnostic>> {
        let mut exercise = Exercise { name: name.to_string(), ..Exercise::default() };
        let mut faults = Vec::new();
        let mut offset = 0;
        for line in text.split_inclusive('\n') {
            let span = offset..offset + line.trim_end().len();
            offset += line.len();
            let Some(remark) =
                line.trim().strip_prefix('#').map(str::trim).and_then(|line| line.strip_prefix("exercise:"))
            else {
                continue;
            };
            if !exercise.remark(remark.trim()) {
                faults.push(
                    Diagnostic::error(span, "this remark is not understood")
                        .with_hint("sign S = correlation, base 1, marks 2, must rot180, number 12, not 13 = words"),
                );
            }
        }
        let module = syntax::load(text, false);
        faults.extend(
            module.diagnostics.into_iter().filter(|diagnostic| diagnostic.severity == crate::diag::Severity::Error),
        );
        if !faults.is_empty() {
            return Err(faults);
        }
        exercise.goals = module
            .goals
            .iter()
            .filter_map(|goal| text.get(goal.span.clone()).map(|text| text.trim().to_string()))
            .collect();
        Ok(exercise)
    }

    fn remark(&mut self, remark: &str) -> bool {
        let Some((word, rest)) = remark.split_once(char::is_whitespace) else { return false };
        let rest = rest.trim();
        match word {
            "sign" => {
                let Some((sign, meaning)) = rest.split_once('=') else { return false };
                let Some(meaning) = Meaning::of(meaning.trim()) else { return false };
                self.meanings.insert(sign.trim().to_string(), meaning);
            }
            "base" => match rest.parse::<i64>() {
                Ok(base @ 0..=1) => self.base = Some(base),
                _ => return false,
            },
            "marks" => match rest.parse::<u32>() {
                Ok(marks) => self.marks = Some(marks),
                Err(_) => return false,
            },
            "must" => self.musts.push(rest.to_string()),
            "number" => match rest.parse::<BigInt>() {
                Ok(number) => self.numbers.push(number),
                Err(_) => return false,
            },
            "not" => {
                let (number, words) = rest.split_once('=').unwrap_or((rest, ""));
                match number.trim().parse::<BigInt>() {
                    Ok(number) => self.wrong_numbers.push((number, words.trim().to_string())),
                    Err(_) => return false,
                }
            }
            _ => return false,
        }
        true
    }
}
