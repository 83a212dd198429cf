//! Exercises: what is asked for, what signs mean, what may be assumed, and how many marks there are.
//!
//! An exercise file is a proof file (`*.cvp`) whose comments `# exercise: …` carry what the proof language has no words for:
//!
//! ```text
//! # exercise: sign ⊗ = correlation      what a sign means; with a tilde over it, it means the same on a padded input
//! # exercise: base 1                    the first index where the answer does not show another
//! # exercise: outside zero              entries outside an array are 0; or `outside unknown`: nothing is known of them
//! # exercise: form A = B                the final form, in LaTeX as an answer has it; the letters may be others
//! # exercise: must rot180               a word that the answer must use
//! # exercise: number 5898240000         a number that the answer must reach; rounded it may be as well
//! # exercise: number 36 when 28, 5       the same of an answer whose formulas have these numbers: of its own example it owes no other
//! # exercise: not 358000000 = why; what is right
//! # exercise: marks 2                   marks for each step
//! # exercise: marks substitution 3      marks for each step of a kind, as `convprove read` names kinds
//! # exercise: marks goal 4              marks for reaching what is asked for
//! # exercise: marks total 20            what a whole answer is worth, however many steps it has
//! # exercise: part 5-2                  a shipped exercise that belongs to this one, as to a chapter
//! ```
//!
//! Its theorems are the goals; each `assume` holds for the sizes of that name in the answer. The file is checked when it is read.

use std::collections::BTreeMap;

use num_bigint::BigInt;

use super::marks::Scheme;
use super::model::Meaning;
use super::verdict::Text;
use crate::diag::Diagnostic;
use crate::homework::formula::{Expr, Statement};
use crate::homework::{self, StepKind};
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
    /// Whether entries outside an array are 0; `None` where that is for the answer to say.
    pub zero_outside: Option<bool>,
    /// The final forms, two sides each, one of which is asked for.
    pub forms: Vec<(Expr, Expr)>,
    /// The boxes of its tensors, where each axis runs from a number to a size or to one less: the tensor and its axes.
    pub boxes: Vec<(String, Vec<Axis>)>,
    /// What is assumed of sizes.
    pub hypotheses: Vec<Hypothesis>,
    /// What there are marks for.
    pub scheme: Scheme,
    /// Shipped exercises that belong to this one.
    pub parts: Vec<String>,
    /// Operations that the answer must use, such as `rot180`.
    pub musts: Vec<String>,
    /// Numbers that the answer must reach.
    pub numbers: Vec<Wanted>,
    /// Numbers that are widely repeated and wrong: why, and what is right instead.
    pub wrong_numbers: Vec<(BigInt, Text, Option<String>)>,
    /// The theorems of the file, as text: the goals.
    pub goals: Vec<String>,
}

/// A number that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The number.
    pub value: BigInt,
    /// It is asked only of an answer whose formulas have all of these numbers.
    pub when: Vec<BigInt>,
}

impl Wanted {
    fn of(text: &str) -> Option<Self> {
        let (value, data) = text.split_once("when").unwrap_or((text, ""));
        let data = data.split(',').map(str::trim).filter(|number| !number.is_empty());
        let when = data.map(|number| number.parse().ok()).collect::<Option<Vec<BigInt>>>()?;
        Some(Wanted { value: value.trim().parse().ok()?, when })
    }
}

/// An axis of a box: `1..n`, or `0..n-1` with `less` 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The first position.
    pub first: i64,
    /// The size.
    pub size: String,
    /// What is taken off it for the last position.
    pub less: i64,
}

impl Axis {
    fn of(text: &str) -> Option<Self> {
        let (first, last) = text.split_once("..")?;
        let (size, less) = last.split_once('-').unwrap_or((last, "0"));
        let size = size.trim();
        let name = !size.is_empty() && size.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
        let (first, less) = (first.trim().parse().ok()?, less.trim().parse().ok()?);
        (name && !size.starts_with(|letter: char| letter.is_ascii_digit())).then(|| Axis {
            first,
            size: size.to_string(),
            less,
        })
    }
}

/// Something that is assumed of sizes, in the proof language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hypothesis {
    /// As it is written after `assume`.
    pub text: String,
    /// The names in it.
    pub names: Vec<String>,
}

impl Hypothesis {
    fn of(text: &str) -> Self {
        let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        let names = words.filter(|word| word.starts_with(|letter: char| letter.is_alphabetic() || letter == '_'));
        Hypothesis { text: text.to_string(), names: names.map(str::to_string).collect() }
    }
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

/// How a remark for the grader begins.
const REMARK: &str = "exercise:";

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
            if let Some(assumption) = line.trim().strip_prefix("assume ") {
                exercise.hypotheses.push(Hypothesis::of(assumption.split('#').next().unwrap_or_default().trim()));
            }
            let Some(remark) = line.trim().strip_prefix('#').map(str::trim).and_then(|line| {
                line.get(..REMARK.len()).filter(|start| start.eq_ignore_ascii_case(REMARK))?;
                line.get(REMARK.len()..)
            }) else {
                continue;
            };
            if !exercise.remark(remark.trim()) {
                faults.push(
                    Diagnostic::error(span, "this remark is not understood")
                        .with_hint("sign S = correlation, base 1, outside zero, form A = B, must rot180, number 12, number 12 when 3, 4, not 13 = why, marks 2, marks goal 4, marks total 20, part 5-2"),
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
        for item in syntax::parse(text).0.items {
            let syntax::ast::ItemKind::Tensor(tensors) = item.kind else { continue };
            for tensor in tensors {
                let axes = tensor.sides.iter().map(|side| Axis::of(text.get(side.range.span.bytes())?));
                exercise.boxes.extend(axes.collect::<Option<Vec<Axis>>>().map(|axes| (tensor.name.name.clone(), axes)));
            }
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
                let Some((sign, meaning)) = Meaning::of_sign(rest) else { return false };
                self.meanings.insert(sign.to_string(), meaning);
            }
            "outside" => match rest {
                "zero" => self.zero_outside = Some(true),
                "unknown" => self.zero_outside = Some(false),
                _ => return false,
            },
            "form" => match form(rest) {
                Some(form) => self.forms.push(form),
                None => return false,
            },
            "part" => match SHIPPED.iter().any(|(name, _)| *name == rest) {
                true => self.parts.push(rest.to_string()),
                false => return false,
            },
            "base" => match rest.parse::<i64>() {
                Ok(base @ 0..=1) => self.base = Some(base),
                _ => return false,
            },
            "marks" => return self.marks(rest).is_some(),
            "must" => self.musts.push(rest.to_string()),
            "number" => match Wanted::of(rest) {
                Some(number) => self.numbers.push(number),
                None => return false,
            },
            "not" => {
                let (number, words) = rest.split_once('=').unwrap_or((rest, ""));
                let (why, right) = words.split_once(';').map_or((words, None), |(why, right)| (why, Some(right)));
                let right = right.map(|right| right.trim().to_string());
                let (english, chinese) = why.split_once('|').unwrap_or((why, why));
                let why = Text::new(english.trim(), chinese.trim());
                match number.trim().parse::<BigInt>() {
                    Ok(number) => self.wrong_numbers.push((number, why, right)),
                    Err(_) => return false,
                }
            }
            _ => return false,
        }
        true
    }

    /// `marks 2`, `marks goal 4`, `marks chain 3`
    fn marks(&mut self, text: &str) -> Option<()> {
        let (what, number) = text.rsplit_once(char::is_whitespace).unwrap_or(("", text));
        let number: u32 = number.parse().ok()?;
        match what.trim() {
            "" => self.scheme.each = number,
            "goal" => self.scheme.goal = number,
            "total" => self.scheme.total = Some(number),
            kind => {
                let kind = KINDS.into_iter().find(|known| known.word() == kind)?;
                self.scheme.kinds.insert(kind, number);
            }
        }
        Some(())
    }
}

/// The kinds of steps that claim something.
const KINDS: [StepKind; 7] = [
    StepKind::Chain,
    StepKind::Definition,
    StepKind::Substitution,
    StepKind::Domain,
    StepKind::Arithmetic,
    StepKind::Sizes,
    StepKind::Update,
];

/// The two sides of a final form.
fn form(text: &str) -> Option<(Expr, Expr)> {
    let reading = homework::read(&format!("$${text}$$"));
    let [step] = reading.steps.as_slice() else { return None };
    let [Statement::Chain(chain)] = step.statements.as_slice() else { return None };
    let [link] = chain.links.as_slice() else { return None };
    Some((chain.first.clone()?, link.side.clone()?))
}
