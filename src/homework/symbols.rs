//! The names of an answer: what they are, and what they are called in the proof language.

use std::collections::{BTreeMap, BTreeSet};

use super::Step;
use super::formula::*;

/// The names of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Symbols {
    /// Names with entries, and the numbers of axes that were seen; more than one is a contradiction in the answer.
    pub tensors: BTreeMap<Name, BTreeSet<usize>>,
    /// Names that are applied, and the numbers of arguments that were seen.
    pub functions: BTreeMap<Name, BTreeSet<usize>>,
    /// Letters that number entries or run in sums.
    pub indices: BTreeSet<Name>,
    /// Names in bounds, subscripts and roundings that are no indices.
    pub sizes: BTreeSet<Name>,
    /// All other names.
    pub others: BTreeSet<Name>,
    /// The first values of the letters of sums: 0, 1 or both.
    pub first_values: BTreeSet<u8>,
    /// How each name is called in the proof language.
    idents: BTreeMap<Name, String>,
}

/// Words of the proof language that are no names.
const RESERVED: [&str; 25] = [
    "use", "size", "integer", "rank", "assume", "tensor", "scalar", "function", "def", "theorem", "proof", "qed",
    "expect", "for", "where", "by", "and", "iff", "in", "mod", "sum", "max", "min", "floor", "ceil",
];

impl Symbols {
    /// The names of some steps.
    pub(super) fn of(steps: &[Step]) -> Self {
        let mut symbols = Symbols::default();
        let mut seen = BTreeSet::new();
        for step in steps {
            for statement in &step.statements {
                statement.expressions().into_iter().for_each(|expr| symbols.expr(expr, false, &mut seen));
            }
        }
        symbols.sizes = symbols.sizes.difference(&symbols.indices).cloned().collect();
        for name in &seen {
            let known = symbols.tensors.contains_key(name)
                || symbols.functions.contains_key(name)
                || symbols.indices.contains(name)
                || symbols.sizes.contains(name);
            if !known {
                symbols.others.insert(name.clone());
            }
        }
        let mut taken: BTreeSet<String> = RESERVED.iter().map(|word| (*word).to_string()).collect();
        for name in seen {
            let plain = spelt(&name);
            let mut ident = plain.clone();
            let mut number = 2;
            while !taken.insert(ident.clone()) {
                ident = format!("{plain}_{number}");
                number += 1;
            }
            symbols.idents.insert(name, ident);
        }
        symbols
    }

    /// What a name is called in the proof language: different names of one answer are called differently.
    pub fn ident(&self, name: &Name) -> String {
        self.idents.get(name).cloned().unwrap_or_else(|| spelt(name))
    }

    fn expr(&mut self, expr: &Expr, position: bool, seen: &mut BTreeSet<Name>) {
        match &expr.kind {
            Kind::Name(name) => {
                seen.insert(name.clone());
                if position {
                    let letter = name.base.chars().count() == 1 && name.base.chars().all(char::is_lowercase);
                    let set = if letter && name.label.is_empty() { &mut self.indices } else { &mut self.sizes };
                    set.insert(name.clone());
                }
            }
            Kind::Entry(base, indices) => {
                if let Some(name) = base.as_name() {
                    seen.insert(name.clone());
                    self.tensors.entry(name.clone()).or_default().insert(indices.len());
                } else {
                    self.expr(base, false, seen);
                }
                indices.iter().for_each(|index| self.expr(index, true, seen));
            }
            Kind::Call(function, arguments) => {
                if let Some(name) = function.as_name() {
                    seen.insert(name.clone());
                    self.functions.entry(name.clone()).or_default().insert(arguments.len());
                } else {
                    self.expr(function, false, seen);
                }
                arguments.iter().for_each(|argument| self.expr(argument, false, seen));
            }
            Kind::Big(_, binders, body) => {
                for binder in binders {
                    match binder {
                        Binder::Letter { letter, lower, upper } => {
                            self.letter(letter, seen);
                            if let Some(Kind::Number(number)) = lower.as_ref().map(|lower| &lower.kind) {
                                let value = number.to_integer().to_string().parse::<u8>().ok();
                                self.first_values.extend(value.filter(|value| *value < 2));
                            }
                            lower.iter().chain(upper).for_each(|bound| self.bound(bound, seen));
                        }
                        Binder::Among(letters, set) => {
                            letters.iter().for_each(|letter| self.letter(letter, seen));
                            self.bound(set, seen);
                        }
                        Binder::Condition(chain) => chain.sides().for_each(|side| self.expr(side, true, seen)),
                    }
                }
                body.iter().for_each(|body| self.expr(body, position, seen));
            }
            Kind::Floor(inner) | Kind::Ceil(inner) => self.bound(inner, seen),
            Kind::Interval(_, left, right) => {
                self.bound(left, seen);
                self.bound(right, seen);
            }
            _ => expr.parts().into_iter().for_each(|part| self.expr(part, position, seen)),
        }
    }

    fn letter(&mut self, letter: &Expr, seen: &mut BTreeSet<Name>) {
        if let Some(name) = letter.as_name() {
            seen.insert(name.clone());
            self.indices.insert(name.clone());
        }
    }

    /// Names in a bound are sizes, unless they are indices elsewhere.
    fn bound(&mut self, bound: &Expr, seen: &mut BTreeSet<Name>) {
        match &bound.kind {
            Kind::Name(name) => {
                seen.insert(name.clone());
                self.sizes.insert(name.clone());
            }
            Kind::Entry(..) | Kind::Call(..) => self.expr(bound, true, seen),
            _ => bound.parts().into_iter().for_each(|part| self.bound(part, seen)),
        }
    }
}

/// A name in the letters that the proof language allows.
fn spelt(name: &Name) -> String {
    let accent: String = name
        .accent
        .chars()
        .map(|sign| match sign {
            '~' => "_tilde",
            '^' => "_hat",
            '→' => "_vec",
            '.' => "_dot",
            _ => "_bar",
        })
        .collect();
    let mut ident = format!("{}{accent}", plain(&name.base));
    if !name.label.is_empty() {
        ident.push('_');
        ident.push_str(&plain(&name.label));
    }
    if !name.layer.is_empty() {
        ident.push('_');
        ident.push_str(&plain(&name.layer));
    }
    if !ident.starts_with(|letter: char| letter.is_alphabetic()) {
        ident.insert_str(0, "x_");
    }
    ident.push_str(&"'".repeat(name.primes));
    ident
}

fn plain(text: &str) -> String {
    let mut plain = String::new();
    for letter in text.chars() {
        match letter {
            '+' => plain.push('p'),
            '-' => plain.push('m'),
            'Σ' => plain.push_str("Sigma"),
            '∂' => plain.push_str("del"),
            '∇' => plain.push_str("nabla"),
            ' ' => {}
            _ if letter.is_alphabetic() || letter.is_ascii_digit() => plain.push(letter),
            _ => plain.push('_'),
        }
    }
    plain
}
