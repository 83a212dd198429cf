//! What names mean: declarations of the file, letters in scope, and what is known about integers.

use std::collections::{BTreeMap, BTreeSet};

use super::lets::Let;
use crate::diag::Diagnostic;
use crate::kernel::{
    Definition, Expr, Facts, Guard, Index, Literal, Name, Premise, Rank, Slope, Tensor, TensorDeclaration, Var,
};
use crate::syntax::ast::{Def, Ident, Span};

/// One axis of a box; an end that is not there is infinite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    pub lower: Option<Index>,
    pub upper: Option<Index>,
    pub rank: Rank,
}

impl Axis {
    pub(super) fn substitute(&self, map: &BTreeMap<Var, Index>) -> Axis {
        let end = |end: &Option<Index>| end.as_ref().map(|index| index.substitute(map));
        Axis { lower: end(&self.lower), upper: end(&self.upper), rank: self.rank.clone() }
    }

    /// The condition that a position lies between the ends.
    pub(super) fn contains(&self, position: &Index) -> Vec<Literal> {
        let lower = self.lower.iter().map(|lower| Literal::le(lower, position));
        lower.chain(self.upper.iter().map(|upper| Literal::le(position, upper))).collect()
    }

    pub(super) fn text(&self) -> String {
        let end = |end: &Option<Index>, infinite: &str| end.as_ref().map_or(infinite.to_string(), Index::to_string);
        match (&self.lower, &self.upper) {
            (None, None) => "all integers".to_string(),
            (lower, upper) => format!("{}..{}", end(lower, "-inf"), end(upper, "inf")),
        }
    }
}

/// A tensor that can be named.
#[derive(Clone, Debug)]
pub(super) struct NamedTensor {
    pub declaration: TensorDeclaration,
    pub axes: Vec<Axis>,
    /// Declared with `function`.
    pub function: bool,
}

/// How the size of a box is read off an argument: `var` is the given end of the axis minus `rest`.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub var: Var,
    pub tensor: usize,
    pub axis: usize,
    pub upper: bool,
    pub rest: Index,
}

/// A parameter in the order of a call.
#[derive(Clone, Debug)]
pub(super) enum Slot {
    /// The tensor parameter with this number.
    Tensor(usize),
    /// An explicit integer, and its value where a call gives none, in terms of sizes and of the parameters before it.
    Integer(Var, Option<Index>),
}

/// A definition with what a call needs to know.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub definition: Definition,
    pub slots: Vec<Slot>,
    pub boxes: Vec<Vec<Axis>>,
    pub axes: Vec<Axis>,
    pub readings: Vec<Reading>,
    /// What calls must satisfy.
    pub assumptions: Guard,
    /// The value of an integer definition, which is replaced where it is called.
    pub integer: Option<Index>,
}

impl Known {
    /// The name that an author writes.
    pub(super) fn surface(&self) -> &str {
        self.definition.name.surface()
    }

    /// What a parameter is called.
    pub(super) fn parameter<'s>(&'s self, slot: &'s Slot) -> &'s str {
        match slot {
            Slot::Integer(var, _) => var.name.as_str(),
            Slot::Tensor(number) => self.definition.tensors.get(*number).map_or("", |tensor| tensor.name.as_str()),
        }
    }
}

/// The name of a definition for one value of its rank: `conv`, and `conv:D` where letters have D coordinates.
pub(super) fn instance_name(name: &str, rank: &Rank) -> String {
    match rank {
        Rank::Scalar => name.to_string(),
        Rank::Symbolic(rank) => format!("{name}:{rank}"),
    }
}

/// Everything that is declared so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Environment {
    pub sizes: BTreeMap<String, (Var, Guard)>,
    /// The names of the sizes in the order of the file, which is the order in which counterexamples are compared.
    pub size_order: Vec<String>,
    pub ranks: BTreeSet<String>,
    pub tensors: BTreeMap<String, NamedTensor>,
    /// What `let` names; each is among the tensors as well, with its box.
    pub lets: BTreeMap<String, Let>,
    /// Those that stand for any tensors.
    pub held: BTreeMap<String, Let>,
    /// Their names in the order of the file.
    pub let_order: Vec<String>,
    pub functions: BTreeMap<String, usize>,
    /// What is assumed of their derivatives.
    pub slopes: BTreeMap<String, Slope>,
    pub integer_functions: BTreeMap<String, usize>,
    /// In the order of the file.
    pub definitions: Vec<Known>,
    pub definition_numbers: BTreeMap<String, usize>,
    /// The words of the file: what it mentions of the standard library is among them.
    pub words: BTreeSet<String>,
    /// The definitions of the file itself, wherever they stand: they take the place of those of the library.
    pub own: BTreeSet<String>,
    /// The definitions of the standard library, where the file uses it.
    pub library: Vec<String>,
    /// Definitions with a rank, as they are written.
    pub ranked: Vec<Def>,
    /// The ranks for which those definitions have been read.
    pub instances: BTreeSet<String>,
    /// The name that such a definition has for its rank.
    pub own_ranks: BTreeMap<String, Rank>,
    /// Definitions that have errors.
    pub broken: BTreeMap<String, String>,
    /// The definitions among them that stand for numbers of operations, and speak of the sizes of the file.
    pub costs: BTreeMap<String, Expr>,
    pub theorems: BTreeSet<String>,
    pub assumptions: Guard,
    /// What is assumed of entries and of functions of integers.
    pub premises: Vec<Premise>,
    /// The functions of scalars that are assumed to be positive.
    pub positive: BTreeSet<String>,
}

impl Environment {
    pub(super) fn definition(&self, name: &str) -> Option<&Known> {
        self.definitions.get(*self.definition_numbers.get(name)?)
    }

    /// The definitions as an author writes them.
    pub(super) fn definition_names(&self) -> impl Iterator<Item = &str> {
        let own = self.definition_numbers.keys().filter(|name| !name.contains(':'));
        own.chain(&self.library).map(String::as_str)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let sizes = self.sizes.keys().chain(self.tensors.keys()).chain(self.functions.keys());
        sizes.chain(self.integer_functions.keys()).map(String::as_str).chain(self.definition_names())
    }
}

/// What a term stands for.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// An integer, which may also stand as a scalar.
    Integer(Index),
    /// A scalar.
    Scalar(Expr),
    /// A tensor with at least one axis.
    Tensor(Tensor, Vec<Axis>),
}

impl Value {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Value::Integer(_) => "an integer",
            Value::Scalar(_) => "a scalar",
            Value::Tensor(_, _) => "a tensor",
        }
    }
}

pub(super) type Elaborated<T> = Result<T, Diagnostic>;

pub(super) fn fault<T>(span: Span, message: impl Into<String>) -> Elaborated<T> {
    Err(Diagnostic::error(span.bytes(), message))
}

pub(super) fn fault_with<T>(span: Span, message: impl Into<String>, hint: impl Into<String>) -> Elaborated<T> {
    Err(Diagnostic::error(span.bytes(), message).with_hint(hint))
}

/// The names and facts at one place of a statement or definition.
#[derive(Clone, Debug)]
pub(super) struct Scope<'a> {
    pub environment: &'a Environment,
    /// Inside a definition: its own sizes and tensors, and none of the file's.
    pub closed: bool,
    /// What the rank of a definition stands for.
    pub ranks: BTreeMap<String, Rank>,
    pub sizes: BTreeMap<String, Var>,
    pub tensors: BTreeMap<String, NamedTensor>,
    /// Free and bound letters.
    pub letters: BTreeMap<String, Var>,
    pub facts: Facts,
    /// Whether the name of a cost is the sum that it stands for, and not the integer which that is.
    pub sums: bool,
    /// Whether what `let` names stands for itself, and not for what it is made of.
    pub local: bool,
}

impl<'a> Scope<'a> {
    /// The scope of a statement of the file.
    pub(super) fn open(environment: &'a Environment) -> Self {
        let mut facts: Facts = environment.assumptions.literals().cloned().collect();
        for (_, guard) in environment.sizes.values() {
            facts.extend(guard.literals().cloned());
        }
        Scope {
            environment,
            closed: false,
            ranks: BTreeMap::new(),
            sizes: BTreeMap::new(),
            tensors: BTreeMap::new(),
            letters: BTreeMap::new(),
            facts,
            sums: false,
            local: false,
        }
    }

    /// The scope of a definition, for one value of its rank.
    pub(super) fn closed(environment: &'a Environment, ranks: BTreeMap<String, Rank>) -> Self {
        Scope {
            environment,
            closed: true,
            ranks,
            sizes: BTreeMap::new(),
            tensors: BTreeMap::new(),
            letters: BTreeMap::new(),
            facts: Facts::new(),
            sums: false,
            local: false,
        }
    }

    pub(super) fn assume(&mut self, literals: impl IntoIterator<Item = Literal>) {
        self.facts.extend(literals);
    }

    /// A size, parameter or letter.
    pub(super) fn integer(&self, name: &str) -> Option<&Var> {
        let file = || self.environment.sizes.get(name).filter(|_| !self.closed).map(|(var, _)| var);
        self.letters.get(name).or_else(|| self.sizes.get(name)).or_else(file)
    }

    pub(super) fn tensor(&self, name: &str) -> Option<&NamedTensor> {
        let file = || self.environment.tensors.get(name).filter(|_| !self.closed);
        self.tensors.get(name).or_else(file)
    }

    /// What `let` names.
    pub(super) fn abbreviation(&self, name: &str) -> Option<Value> {
        let hidden = self.closed || self.local || self.integer(name).is_some() || self.tensors.contains_key(name);
        self.environment.lets.get(name).filter(|_| !hidden).map(Let::value)
    }

    /// Whether nothing of this name is declared here, so that it may be a word of the language.
    pub(super) fn names_nothing(&self, name: &str) -> bool {
        let environment = self.environment;
        self.integer(name).is_none()
            && self.tensor(name).is_none()
            && environment.definition(name).is_none()
            && !environment.functions.contains_key(name)
            && !environment.integer_functions.contains_key(name)
    }

    pub(super) fn rank(&self, rank: Option<&Ident>) -> Elaborated<Option<Rank>> {
        let Some(ident) = rank else { return Ok(None) };
        if let Some(rank) = self.ranks.get(&ident.name) {
            return Ok(Some(rank.clone()));
        }
        if self.closed {
            return fault_with(
                ident.span,
                format!("the parameters of this definition do not have the rank {}", ident.name),
                format!("give it to a parameter, as in x[0..n-1 : {}]", ident.name),
            );
        }
        if self.environment.ranks.contains(&ident.name) {
            return Ok(Some(Rank::Symbolic(Name::from(ident.name.as_str()))));
        }
        fault_with(
            ident.span,
            format!("{} is no declared rank", ident.name),
            format!("declare it: rank {}", ident.name),
        )
    }

    /// Brings a letter into scope. Using a name twice at one place is refused: it would hide what the reader takes for granted.
    pub(super) fn bind(&mut self, ident: &Ident, rank: Rank) -> Elaborated<Var> {
        let name = ident.name.as_str();
        if self.letters.contains_key(name) {
            return fault_with(
                ident.span,
                format!("the letter {name} is already in use here"),
                "use another letter for this index",
            );
        }
        if self.integer(name).is_some() {
            return fault_with(
                ident.span,
                format!("{name} is a size or an integer parameter and cannot be an index as well"),
                "use another letter for this index",
            );
        }
        let var = Var { name: Name::from(name), rank };
        self.letters.insert(name.to_string(), var.clone());
        Ok(var)
    }

    /// A message about a name that means nothing here.
    pub(super) fn unknown<T>(&self, name: &str, span: Span) -> Elaborated<T> {
        if let Some(why) = self.environment.broken.get(name) {
            return fault(span, format!("{name} cannot be used, since {why}"));
        }
        if self.closed && self.environment.names().any(|other| other == name) {
            return fault_with(
                span,
                format!("a definition is closed and cannot use {name} of the file"),
                format!("make {name} a parameter of the definition"),
            );
        }
        let local = self.letters.keys().chain(self.sizes.keys()).chain(self.tensors.keys()).map(String::as_str);
        let file = self.environment.names().filter(|_| !self.closed);
        let definitions = self.environment.definition_names();
        let message = format!("{name} is not declared");
        match crate::syntax::similar(name, local.chain(file).chain(definitions)) {
            Some(other) => fault_with(span, message, format!("did you mean {other}?")),
            None => fault_with(
                span,
                message,
                format!(
                    "declare it, for example: size {name}, tensor {name}[1..n], function {name}(i) or scalar {name}; definitions of the field come with `use std`"
                ),
            ),
        }
    }
}
