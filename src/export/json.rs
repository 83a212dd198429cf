//! A derivation as data.

use serde_json::{Value, json};

use super::derivation::{Derivation, DerivationLine};
use super::face::{Speller, claim, quantifier};
use super::form::{Binder, Form};
use super::latex;
use super::reason::Substituted;
use super::text::{self, Charset};
use crate::kernel::Name;

/// The derivation as one JSON object; terms are given in the proof language and in LaTeX.
pub fn render_json(derivation: &Derivation) -> Value {
    let ascii = Charset::Ascii;
    let slope = |(derivative, body): &(Form, Form)| text::equation(derivative, body, ascii);
    let conditions: Vec<String> = derivation
        .assumptions
        .iter()
        .map(|condition| text::condition(condition, ascii))
        .chain(derivation.slopes.iter().map(slope))
        .collect();
    let definitions: Vec<Value> = derivation
        .definitions
        .iter()
        .map(|definition| {
            json!({
                "head": text::form(&definition.head, ascii),
                "axes": text::binder(&definition.axes, ascii),
                "tensors": boxes(&definition.tensors),
                "body": text::form(&definition.body, ascii),
            })
        })
        .collect();
    let opening = derivation.opening.as_ref().map(|opening| {
        let side = |(left, right): &(Form, Form)| json!({"left": term(left), "right": term(right)});
        json!({"says": ascii.sentence(&opening.sentence), "formula": opening.formula.as_ref().map(side)})
    });
    json!({
        "opening": opening,
        "schema": "convprove/explain/1",
        "theorem": derivation.title.as_str(),
        "for_all": ascii.sentence(&quantifier(derivation)),
        "claim": ascii.sentence(&claim(derivation)),
        "parameters": derivation.parameters.iter().map(Name::as_str).collect::<Vec<_>>(),
        "assumptions": conditions,
        "indices": text::binder(&derivation.indices, ascii),
        "tensors": boxes(&derivation.tensors),
        "definitions": definitions,
        "lines": derivation.lines.iter().map(line).collect::<Vec<_>>(),
        "laws": derivation.laws.iter().collect::<Vec<_>>(),
        "lemmas": derivation.lemmas.iter().map(Name::as_str).collect::<Vec<_>>(),
    })
}

fn boxes(tensors: &[(Name, Binder)]) -> Vec<Value> {
    let boxed =
        |(name, binder): &(Name, Binder)| json!({"name": name.as_str(), "box": text::binder(binder, Charset::Ascii)});
    tensors.iter().map(boxed).collect()
}

fn term(form: &Form) -> Value {
    json!({"text": text::form(form, Charset::Ascii), "latex": latex::form(form)})
}

fn line(line: &DerivationLine) -> Value {
    let conditions: Vec<String> =
        line.side_conditions.iter().map(|condition| text::condition(condition, Charset::Ascii)).collect();
    json!({
        "expr": term(&line.expr),
        "law": line.law,
        "reason": Charset::Ascii.sentence(&line.reason),
        "substitutions": line.substitutions.iter().map(substitution).collect::<Vec<_>>(),
        "side_conditions": conditions,
        "folded": line.folded,
    })
}

fn substitution(substituted: &Substituted) -> Value {
    let pair =
        |(name, form): &(Name, Form)| json!({"letter": name.as_str(), "term": text::compact(form, Charset::Ascii)});
    json!({
        "new": substituted.new.iter().map(pair).collect::<Vec<_>>(),
        "inverse": substituted.old.iter().map(pair).collect::<Vec<_>>(),
        "old_range": text::binder(&substituted.old_range, Charset::Ascii),
        "new_range": text::binder(&substituted.new_range, Charset::Ascii),
    })
}
