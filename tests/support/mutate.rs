//! Mutants of certificates: small changes that a faulty search, a careless hand or an attacker would make.
//!
//! A mutant is made on the JSON form and read back, so it is what `verify` could be given.

use std::collections::BTreeMap;

use convprove::kernel::{Certificate, Refusal, check};
use serde_json::{Value, json};

/// Visits every mutant that can be read, with a description of the change; those that read as the original are left out. One at a
/// time, since all mutants of a long certificate do not fit into memory together.
pub fn mutants(certificate: &Certificate, visit: &mut dyn FnMut(String, Certificate)) {
    let original = serde_json::to_value(certificate).expect("a certificate is plain data");
    let mut letters = Vec::new();
    collect_letters(&original, &mut letters);
    propose(&original, &letters, "", "", &mut |pointer, what, value| {
        let mut mutated = original.clone();
        let Some(slot) = mutated.pointer_mut(pointer) else { return };
        *slot = value;
        match serde_json::from_value::<Certificate>(mutated) {
            Ok(mutant) if mutant != *certificate => visit(format!("{what} at {pointer}"), mutant),
            _ => {}
        }
    });
}

/// What became of the mutants of a certificate.
#[derive(Default, Debug)]
pub struct Outcome {
    /// How many were refused, by the kind of refusal.
    pub refused: BTreeMap<String, usize>,
    /// How many were accepted for the unchanged statement: another proof of the same thing.
    pub harmless: usize,
    /// How many were accepted for the same claim under other hypotheses or declarations, which the proof does not need as
    /// they are: another theorem, proved as well.
    pub other_theorems: usize,
    /// What was accepted for a changed claim.
    pub survivors: Vec<String>,
}

/// Checks every mutant.
pub fn survey(certificate: &Certificate) -> Outcome {
    let mut outcome = Outcome::default();
    mutants(certificate, &mut |what, mutant| match check(&mutant) {
        Err(refusal) => *outcome.refused.entry(kind(&refusal)).or_default() += 1,
        Ok(_) if mutant.statement == certificate.statement => outcome.harmless += 1,
        Ok(_) if mutant.statement.claim == certificate.statement.claim => outcome.other_theorems += 1,
        Ok(_) => outcome.survivors.push(what),
    });
    outcome
}

fn kind(refusal: &Refusal) -> String {
    let text = format!("{refusal:?}");
    text.split(['(', ' ', '{']).next().unwrap_or_default().to_owned()
}

/// Keys of lists whose elements are dropped and swapped.
const LISTS: [&str; 17] = [
    "phi",
    "psi",
    "phi_into",
    "psi_into",
    "psi_phi",
    "phi_psi",
    "forward",
    "backward",
    "proofs",
    "assumptions",
    "supports",
    "outer",
    "inner",
    "products",
    "multiples",
    "Chain",
    "steps",
];

/// What is done with a change: where it is made, what it is, and the new value.
type Visit<'a> = dyn FnMut(&str, &str, Value) + 'a;

fn propose(value: &Value, letters: &[Value], key: &str, pointer: &str, visit: &mut Visit<'_>) {
    let mut change = |what: &str, value: Value| visit(pointer, what, value);
    if let Some((sign, digits)) = integer(value) {
        change(
            "flip a sign",
            json!([if sign == 0 { 1 } else { -sign }, if sign == 0 { json!([1]) } else { json!(digits) }]),
        );
        let mut larger = digits.clone();
        match larger.first_mut() {
            Some(first) => *first = first.wrapping_add(1),
            None => larger.push(1),
        }
        change("add one", json!([if sign == 0 { 1 } else { sign }, larger]));
        return;
    }
    match value {
        Value::Array(items) => {
            if LISTS.contains(&key) {
                for position in 0..items.len() {
                    let mut fewer = items.clone();
                    fewer.remove(position);
                    change("drop an element", Value::Array(fewer));
                    let mut more = items.clone();
                    more.insert(position, items[position].clone());
                    change("repeat an element", Value::Array(more));
                    if position + 1 < items.len() {
                        let mut swapped = items.clone();
                        swapped.swap(position, position + 1);
                        change("swap elements", Value::Array(swapped));
                    }
                }
            }
            if matches!(key, "Equation" | "Tensors" | "Iff") && items.len() == 2 {
                change("swap the sides of the claim", json!([items[1], items[0]]));
            }
            for (position, item) in items.iter().enumerate() {
                propose(item, letters, "", &format!("{pointer}/{position}"), visit);
            }
        }
        Value::Object(fields) => {
            if fields.contains_key("name") && fields.contains_key("rank") {
                letters
                    .iter()
                    .filter(|letter| *letter != value)
                    .for_each(|letter| change("rename a letter", letter.clone()));
                return;
            }
            for (from, to) in [("Ge", "Eq"), ("Eq", "Ge"), ("Eq", "Ne"), ("Ne", "Eq"), ("Ge", "Ne")] {
                if let (1, Some(term)) = (fields.len(), fields.get(from)) {
                    change("replace a literal", json!({ to: term }));
                }
            }
            if let (Some(phi), Some(psi)) = (fields.get("phi"), fields.get("psi")) {
                let mut swapped = fields.clone();
                swapped.insert("phi".into(), psi.clone());
                swapped.insert("psi".into(), phi.clone());
                change("swap the maps", Value::Object(swapped));
            }
            if let Some(reversed) = fields.get("reversed").and_then(Value::as_bool) {
                let mut turned = fields.clone();
                turned.insert("reversed".into(), json!(!reversed));
                change("turn a step", Value::Object(turned));
            }
            if let Some(to) = fields.get("to") {
                let mut doubled = fields.clone();
                doubled.insert("to".into(), json!({ "Add": [to, to] }));
                change("double an intermediate", Value::Object(doubled));
            }
            for (name, field) in fields {
                propose(
                    field,
                    letters,
                    name,
                    &format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")),
                    visit,
                );
            }
        }
        _ => {}
    }
}

/// A big integer as it is written: its sign and its digits.
fn integer(value: &Value) -> Option<(i64, Vec<u32>)> {
    let [sign, digits] = value.as_array()?.as_slice() else { return None };
    let sign = sign.as_i64().filter(|sign| (-1..=1).contains(sign))?;
    let digits = digits.as_array()?.iter().map(|digit| digit.as_u64().and_then(|digit| u32::try_from(digit).ok()));
    Some((sign, digits.collect::<Option<Vec<u32>>>()?))
}

fn collect_letters(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_letters(item, found)),
        Value::Object(fields) => {
            if fields.len() == 2 && fields.contains_key("name") && fields.contains_key("rank") {
                if !found.contains(value) {
                    found.push(value.clone());
                }
                return;
            }
            fields.values().for_each(|field| collect_letters(field, found));
        }
        _ => {}
    }
}
