//! From the surface tree to statements: names are resolved, sizes inferred, sums bounded.
//!
//! | file | subject |
//! | --- | --- |
//! | [`scope`] | what names mean |
//! | [`declare`] | declarations |
//! | [`definition`] | definitions, one for each rank |
//! | [`term`] | integers, scalars, tensors |
//! | [`call`] | names, subscripts, calls of definitions |
//! | [`condition`] | conditions, ranges, binder lists |
//! | [`cost`] | numbers of operations |
//! | [`derive`] | names for tensors, and the gradients that are asked for |
//! | [`lets`] | what those names stand for in a theorem |
//! | [`library`] | definitions as operators that other code may apply |
//! | [`bounds`] | divisors, finite sums, boxes |
//! | [`goal`] | theorems |
//! | [`limits`] | how large a statement may be |

mod bounds;
mod call;
mod condition;
mod cost;
mod declare;
mod definition;
mod derive;
mod goal;
mod lets;
mod library;
mod limits;
mod premise;
mod scope;
mod term;

use std::collections::BTreeSet;

use super::ast::{File, Item, ItemKind};
use crate::cost::Closed;
use crate::diag::Diagnostic;
use crate::goal::Goal;
use crate::kernel::{Definition, Guard, Var};
pub use library::{Library, Operand, Operator, Request};
use scope::{Environment, Known, Slot};

/// A file with a meaning: its goals, and what is wrong with the rest.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// The theorems that are well-formed, in the order of the file.
    pub goals: Vec<Goal>,
    /// The costs with their names, in the order of the file. That they are what they are named for is a goal of the same name.
    pub costs: Vec<(String, Closed)>,
    /// What is to be derived, in the order of the file and of backpropagation.
    pub requests: Vec<Request>,
    /// Everything that is declared and defined at the end of the file.
    pub library: Library,
    /// The definitions for one coordinate, those of the library that the file mentions included, in the order of the file.
    pub definitions: Vec<Definable>,
    /// Theorems that have a name but no meaning, with the places where they stand.
    pub ill_formed: Vec<(String, std::ops::Range<usize>)>,
    /// Errors and warnings, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

/// A definition with what a call of it needs to know.
#[derive(Clone, Debug)]
pub struct Definable {
    /// The definition.
    pub definition: Definition,
    /// The values of parameters that a call need not give, in terms of the other parameters.
    pub defaults: Vec<(Var, crate::kernel::Index)>,
    /// What every call satisfies.
    pub assumptions: Guard,
}

/// What the standard library defines.
pub(super) fn library_names() -> impl Iterator<Item = &'static str> {
    declare::library().iter().map(|shipped| shipped.def.name.name.as_str())
}

/// Gives every item its meaning.
pub(super) fn file(file: &File, source: &str) -> Module {
    let defined = file.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Def(def) => Some(def.name.name.clone()),
        _ => None,
    });
    let (words, own) = (declare::words(source), defined.collect());
    let mut environment = Environment { words, own, ..Environment::default() };
    if file.items.iter().any(|item| matches!(item.kind, ItemKind::Derive(_))) {
        // What is derived may be any operator of the library.
        environment.words.extend(library_names().map(str::to_string));
    }
    let mut module = Module::default();
    let mut used = BTreeSet::new();
    for item in &file.items {
        one(&mut environment, item, source, &mut module, &mut used);
    }
    module.definitions = environment.definitions.iter().filter_map(definable).collect();
    lint(file, &used, &mut module);
    module.library = Library(environment);
    module.diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
    module
}

/// What is no abbreviation and has no letters of symbolic rank.
fn definable(known: &Known) -> Option<Definable> {
    let definition = known.definition.clone();
    let default = |slot: &Slot| match slot {
        Slot::Integer(var, Some(default)) => Some((var.clone(), default.clone())),
        _ => None,
    };
    let plain = known.integer.is_none() && !definition.name.as_str().contains(':');
    let defaults = known.slots.iter().filter_map(default).collect();
    plain.then(|| Definable { definition, defaults, assumptions: known.assumptions.clone() })
}

fn one(environment: &mut Environment, item: &Item, source: &str, module: &mut Module, used: &mut BTreeSet<String>) {
    let outcome = match &item.kind {
        ItemKind::Theorem(theorem) => match goal::theorem(environment, theorem, item.span, source) {
            Ok(goal) => {
                goal::collect_names(&goal.statement, used);
                module.goals.push(goal);
                environment.theorems.insert(theorem.name.name.clone());
                Ok(())
            }
            Err(diagnostic) => {
                module.ill_formed.push((theorem.name.name.clone(), item.span.bytes()));
                Err(diagnostic)
            }
        },
        ItemKind::Cost(name, term) => match cost::declare(environment, name, term, item.span) {
            Ok((goal, cost)) => {
                goal::collect_names(&goal.statement, used);
                module.goals.push(goal);
                module.costs.push((name.name.clone(), cost));
                Ok(())
            }
            Err(diagnostic) => {
                module.ill_formed.push((name.name.clone(), item.span.bytes()));
                Err(diagnostic)
            }
        },
        ItemKind::Derive(wanted) => match derive::requests(environment, wanted, item.span) {
            Ok(requests) => {
                requests.iter().for_each(|request| goal::collect_names(&request.statement, used));
                module.requests.extend(requests);
                Ok(())
            }
            Err(diagnostic) => {
                module.ill_formed.extend(wanted.names().map(|name| (name.name.clone(), item.span.bytes())));
                Err(diagnostic)
            }
        },
        kind => declare::declare(environment, kind),
    };
    if let Err(diagnostic) = outcome {
        let mut names = BTreeSet::new();
        super::infer::declare(&item.kind, &mut names, &mut false);
        environment.broken.extend(names.into_iter().map(|name| (name, "its declaration has errors".to_string())));
        module.diagnostics.push(diagnostic);
    }
}

/// Remarks on names that are declared and never used; only where everything else could be read.
fn lint(file: &File, used: &BTreeSet<String>, module: &mut Module) {
    if !module.diagnostics.is_empty() || (module.goals.is_empty() && module.requests.is_empty()) {
        return;
    }
    // A cost speaks of tensors that its sums of ones do not mention.
    let terms = file.items.iter().flat_map(|item| match &item.kind {
        ItemKind::Cost(_, term) => vec![term],
        ItemKind::Theorem(theorem) => theorem.claim.terms(),
        _ => Vec::new(),
    });
    let counted = terms.map(super::infer::names).filter(|names| names.iter().any(|name| cost::measure(name).is_some()));
    let used: BTreeSet<String> = counted.flatten().chain(used.iter().cloned()).collect();
    let mut warn = |name: &super::ast::Ident| {
        if !used.contains(&name.name) {
            module
                .diagnostics
                .push(Diagnostic::warning(name.span.bytes(), format!("{} is declared and never used", name.name)));
        }
    };
    for item in &file.items {
        match &item.kind {
            ItemKind::Size(groups) | ItemKind::Integer(groups) => {
                groups.iter().flat_map(|group| &group.letters).for_each(|letter| warn(&letter.ident));
            }
            ItemKind::Tensor(tensors) => tensors.iter().for_each(|tensor| warn(&tensor.name)),
            ItemKind::Scalar(names) => names.iter().for_each(&mut warn),
            ItemKind::Function(arrows) | ItemKind::ScalarFunction(arrows, _) | ItemKind::IntegerFunction(arrows) => {
                arrows.iter().for_each(|arrow| warn(&arrow.name));
            }
            _ => {}
        }
    }
}
