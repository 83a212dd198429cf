//! What the faces of a derivation share: sentences for its header.

use std::collections::BTreeSet;

use super::derivation::{ClaimForm, DefinitionForm, Derivation};
use super::form::{Binder, Condition, Form, Relation};
use super::reason::{Part, join};
use crate::kernel::Name;

/// A place for mathematics inside a sentence: how a face spells the parts.
pub(super) trait Speller {
    /// Words.
    fn words(&self, words: &str) -> String;
    /// A term.
    fn math(&self, form: &Form) -> String;
    /// A condition.
    fn condition(&self, condition: &Condition) -> String;
    /// Letters with their ranges.
    fn letters(&self, binder: &Binder) -> String;
    /// An equation.
    fn equation(&self, left: &Form, right: &Form) -> String;
    /// The equation that a theorem claims.
    fn claim(&self, left: &Form, right: &Form) -> String {
        self.equation(left, right)
    }
    /// The sides of a box.
    fn sides(&self, sides: &[(Form, Form)]) -> String;
    /// The name of a definition or theorem.
    fn name(&self, name: &str) -> String;

    /// A sentence.
    fn sentence(&self, parts: &[Part]) -> String {
        let spell = |part: &Part| match part {
            Part::Words(words) => self.words(words),
            Part::Math(form) => self.math(form),
            Part::Equation(left, right) => self.equation(left, right),
            Part::Claim(left, right) => self.claim(left, right),
            Part::Condition(condition) => self.condition(condition),
            Part::Letters(binder) => self.letters(binder),
            Part::Box(sides) => self.sides(sides),
            Part::Name(name) => self.name(name.as_str()),
        };
        parts.iter().map(spell).collect()
    }
}

/// `all M, N, m, n >= 1 with m <= M and all i in 1..M`, as parts; empty where the theorem has no quantifier.
pub(super) fn quantifier(derivation: &Derivation) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest: Vec<&Condition> = derivation.assumptions.iter().collect();
    // Sizes that are at least 1, or at least 0, are named together.
    let mut named: Vec<(Option<&Form>, Vec<Form>)> = Vec::new();
    for name in &derivation.parameters {
        let letter = Form::Name(name.clone());
        let least = rest.iter().position(|condition| match condition {
            Condition::Chain(first, links) => {
                *first == letter && matches!(links.as_slice(), [(Relation::AtLeast, bound)] if bound.is_numeric())
            }
            Condition::Divides(_, _) => false,
        });
        let bound = match least.map(|position| rest.remove(position)) {
            Some(Condition::Chain(_, links)) => links.first().map(|(_, bound)| bound),
            _ => None,
        };
        match named.iter_mut().find(|(other, _)| *other == bound) {
            Some((_, letters)) => letters.push(letter),
            None => named.push((bound, vec![letter])),
        }
    }
    let comma = |parts: &mut Vec<Part>, text: &str| {
        if !parts.is_empty() {
            parts.push(Part::Words(text.to_string()));
        }
    };
    for (bound, mut letters) in named {
        let last = letters.pop();
        for letter in letters {
            comma(&mut parts, ", ");
            parts.push(Part::Math(letter));
        }
        if let Some(last) = last {
            comma(&mut parts, ", ");
            parts.push(match bound {
                Some(bound) => Part::Condition(Condition::Chain(last, vec![(Relation::AtLeast, bound.clone())])),
                None => Part::Math(last),
            });
        }
    }
    if !derivation.indices.letters.is_empty() {
        comma(&mut parts, " and ");
        let letters = derivation.indices.letters.clone();
        parts.push(Part::Letters(Binder { letters, conditions: Vec::new() }));
    }
    for (position, (slope, body)) in derivation.slopes.iter().enumerate() {
        comma(&mut parts, if position == 0 { " and " } else { ", " });
        if position == 0 {
            parts.push(Part::Words("functions with ".into()));
        }
        parts.push(Part::Equation(slope.clone(), body.clone()));
    }
    for (position, (condition, letters)) in derivation.premises.iter().enumerate() {
        comma(&mut parts, if position == 0 { " and " } else { ", " });
        if position == 0 {
            parts.push(Part::Words("assuming ".into()));
        }
        parts.push(Part::Condition(condition.clone()));
        if !letters.letters.is_empty() {
            parts.push(Part::Words(" for ".into()));
            parts.push(Part::Letters(letters.clone()));
        }
    }
    let conditions = rest.into_iter().chain(&derivation.indices.conditions);
    for (position, condition) in conditions.enumerate() {
        parts.push(Part::Words(if position == 0 { " where " } else { ", " }.to_string()));
        parts.push(Part::Condition(condition.clone()));
    }
    for (position, (letter, meaning)) in derivation.abbreviations.iter().enumerate() {
        comma(&mut parts, if position == 0 { ", with " } else { ", " });
        parts.push(Part::Equation(letter.clone(), meaning.clone()));
    }
    parts
}

/// The claim as parts of a sentence.
pub(super) fn claim(derivation: &Derivation) -> Vec<Part> {
    let conditions = |conditions: &[Condition]| {
        let mut parts = Vec::new();
        for (position, condition) in conditions.iter().enumerate() {
            if position > 0 {
                parts.push(Part::Words(" and ".into()));
            }
            parts.push(Part::Condition(condition.clone()));
        }
        if parts.is_empty() {
            parts.push(Part::Words("true".into()));
        }
        parts
    };
    match &derivation.claim {
        ClaimForm::Equal(left, right) => vec![Part::Claim(left.clone(), right.clone())],
        ClaimForm::Holds(parts) => conditions(parts),
        ClaimForm::Iff(left, right) => {
            let mut parts = conditions(left);
            parts.push(Part::Words(" if and only if ".into()));
            parts.extend(conditions(right));
            parts
        }
    }
}

/// What the theorem's tensors are, and its definitions, a sentence each.
pub(super) struct Setting {
    /// Where the tensors live; empty where none has a box.
    pub tensors: Vec<Part>,
    /// The definitions.
    pub definitions: Vec<Vec<Part>>,
}

/// The tensors and definitions that a theorem speaks of.
pub(super) fn setting(derivation: &Derivation) -> Setting {
    let boxes = boxes(&derivation.tensors, " is zero outside ");
    let mut tensors = Vec::new();
    if !boxes.is_empty() {
        tensors.push(Part::Words("Here ".into()));
        tensors.extend(join(boxes));
        tensors.push(Part::Words(".".into()));
    }
    Setting { tensors, definitions: derivation.definitions.iter().map(definition).collect() }
}

/// `x is zero outside {0, …, n-1}`, for every tensor that has a box.
fn boxes(tensors: &[(Name, Binder)], verb: &str) -> Vec<Vec<Part>> {
    let boxed = |(name, binder): &(Name, Binder)| {
        let sides: Option<Vec<(Form, Form)>> = binder.letters.iter().map(|letter| letter.range.clone()).collect();
        let sides = sides.filter(|sides| !sides.is_empty())?;
        Some(vec![Part::Math(Form::Name(name.clone())), Part::Words(verb.into()), Part::Box(sides)])
    };
    tensors.iter().filter_map(boxed).collect()
}

/// `rot180(A)[u, v] = A[a-u+1, b-v+1] for A on {1, …, a} × {1, …, b} and u = 1, …, a, v = 1, …, b`.
fn definition(definition: &DefinitionForm) -> Vec<Part> {
    let axes: Vec<Form> = definition.axes.letters.iter().map(|letter| Form::Name(letter.name.clone())).collect();
    let head = definition.head.clone();
    let head = if axes.is_empty() { head } else { Form::Entry(Box::new(head), axes) };
    let mut parts = vec![Part::Claim(head, definition.body.clone())];
    let mut places = boxes(&definition.tensors, " on ");
    if !definition.axes.letters.is_empty() {
        places.push(vec![Part::Letters(definition.axes.clone())]);
    }
    places.extend(definition.axes.conditions.iter().map(|condition| vec![Part::Condition(condition.clone())]));
    if !places.is_empty() {
        parts.push(Part::Words(" for ".into()));
        parts.extend(join(places));
    }
    parts
}

/// The definitions that a document has already shown, so that each is shown once.
#[derive(Default)]
pub(super) struct Known(BTreeSet<String>);

impl Known {
    /// The sentences that come with a theorem, those left out that stand further up.
    pub(super) fn setting(&mut self, derivation: &Derivation, speller: &impl Speller) -> Vec<String> {
        let Setting { tensors, definitions } = setting(derivation);
        let mut sentences = Vec::new();
        if !tensors.is_empty() {
            sentences.push(speller.sentence(&tensors));
        }
        let definitions = definitions.iter().map(|definition| speller.sentence(definition));
        sentences.extend(definitions.filter(|definition| self.0.insert(definition.clone())));
        sentences
    }
}

/// What a document without derivations says.
pub(super) const NOTHING: &str = "There is no proof to show.";

/// What is said where there is no chain.
pub(super) const BY_ARITHMETIC: &str = "It follows from the assumptions by integer arithmetic.";
