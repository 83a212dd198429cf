//! Statements on the command line: what is not declared is inferred, and said.

use std::collections::{BTreeMap, BTreeSet};

use super::ast::*;
use super::print;
use crate::diag::Diagnostic;
use crate::goal::Goal;

/// A statement alone, with the declarations under which it was read.
#[derive(Clone, Debug)]
pub struct ParsedStatement {
    /// What is to be decided.
    pub goal: Goal,
    /// The declarations that were inferred, one a line; empty where everything was given.
    pub inferred: String,
    /// Remarks that change no verdict.
    pub warnings: Vec<Diagnostic>,
}

/// Why a statement alone cannot be read.
#[derive(Clone, Debug)]
pub struct StatementError {
    /// The text that the places in the diagnostics refer to: the declarations, then the statement.
    pub source: String,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads `LHS = RHS`, perhaps after `for i in 1..m:`, under declarations such as `size n; tensor x[0..n-1]`.
///
/// What is not declared is inferred. A name at an end of a range is a size. A subscripted name is a tensor; where all its
/// bare subscripts on an axis have one range, that is its box, else it is a total function. A name in a subscript is a free
/// integer, an applied name is a definition of the standard library, a function of integers or a scalar function, and any
/// other name is a scalar. The functions exp, log, ln, sqrt, tanh, sigmoid, sin and cos come with their derivatives.
///
/// ```
/// use convprove::syntax::parse_statement;
/// let read = parse_statement("sum(u in 1..m) w[u] x[i-u] = sum(s in 1..n) x[s] w[i-s]", "").unwrap();
/// assert_eq!(read.inferred, "size m, n\ntensor w[1..m], x[1..n]\n");
/// ```
///
/// # Errors
/// The diagnostics, where the statement or a declaration cannot be read.
pub fn parse_statement(text: &str, declarations: &str) -> Result<ParsedStatement, Box<StatementError>> {
    let (file, prefix) = given(declarations, text)?;
    let source = format!("{prefix}{text}");
    // The statement is read at its place in the whole text.
    let masked = format!("{}{}", " ".repeat(prefix.len()), super::source::without_comments(text).0);
    let theorem = super::parse::statement(&masked)
        .map_err(|diagnostic| Box::new(StatementError { source: source.clone(), diagnostics: vec![diagnostic] }))?;
    finish(file, theorem, Span { start: prefix.len(), end: source.len() }, source)
}

/// Gives a statement its meaning that is a tree already, under declarations such as `size n; tensor x[0..n-1]`. What is not declared is
/// inferred, as in [`parse_statement`].
///
/// # Errors
/// The diagnostics, where the declarations cannot be read or the statement has no meaning; places in the statement are its own.
pub fn read_statement(theorem: Theorem, declarations: &str) -> Result<ParsedStatement, Box<StatementError>> {
    let (file, prefix) = given(declarations, "")?;
    finish(file, theorem, Span::default(), prefix)
}

/// The items of some declarations, and their text with a line end.
fn given(declarations: &str, statement: &str) -> Result<(File, String), Box<StatementError>> {
    let mut prefix = declarations.to_string();
    if !prefix.is_empty() && !prefix.ends_with('\n') {
        prefix.push('\n');
    }
    let (file, diagnostics) = super::parse(&prefix);
    if diagnostics.is_empty() {
        Ok((file, prefix))
    } else {
        Err(Box::new(StatementError { source: format!("{prefix}{statement}"), diagnostics }))
    }
}

fn finish(
    mut file: File,
    theorem: Theorem,
    span: Span,
    source: String,
) -> Result<ParsedStatement, Box<StatementError>> {
    let inferred = infer(&file, &theorem);
    let printed: String = inferred.iter().map(|kind| format!("{}\n", print::item(kind))).collect();
    // Inferred declarations stand last, so that a box may use sizes that were given.
    file.items.extend(inferred.into_iter().map(|kind| Item { kind, span }));
    file.items.push(Item { kind: ItemKind::Theorem(Box::new(theorem)), span });
    let mut module = super::elaborate(&file, &source);
    let fatal = |diagnostic: &Diagnostic| diagnostic.severity == crate::diag::Severity::Error;
    match module.goals.pop() {
        Some(goal) if !module.diagnostics.iter().any(fatal) => {
            Ok(ParsedStatement { goal, inferred: printed, warnings: module.diagnostics })
        }
        _ => Err(Box::new(StatementError { source, diagnostics: module.diagnostics })),
    }
}

/// What a statement does with the names that nothing declares.
#[derive(Default)]
struct Survey {
    /// Letters in scope with the text of their range.
    bound: Vec<(String, Option<Range>)>,
    /// Names at the ends of ranges and in divisors.
    sizes: BTreeSet<String>,
    /// Names in subscripts.
    positions: BTreeSet<String>,
    /// Names that stand as factors.
    scalars: BTreeSet<String>,
    /// Per tensor and axis: the ranges of bare letters.
    tensors: BTreeMap<String, Vec<BTreeMap<String, Range>>>,
    /// Applied names: how many arguments, and whether all of them are integers.
    calls: BTreeMap<String, (usize, bool)>,
    /// Tensors that stand without subscripts.
    order: Vec<String>,
}

fn infer(file: &File, theorem: &Theorem) -> Vec<ItemKind> {
    let mut declared: BTreeSet<String> = BTreeSet::new();
    let mut std = false;
    for item in &file.items {
        declare(&item.kind, &mut declared, &mut std);
    }
    let library: BTreeSet<String> = super::elaborate::library_names().map(str::to_string).collect();
    let mut survey = Survey::default();
    survey.binders(&theorem.indices);
    let sides = || theorem.claim.left.iter().chain(theorem.claim.right.iter().flatten());
    // What is a scalar in the claim is one in an assumption, as in `where 1 + exp(x) != 0`.
    let mut claimed = Survey::default();
    sides().for_each(|one| claimed.condition(one, Place::Scalar));
    let is_scalar = |name: &String| {
        claimed.scalars.contains(name) && !claimed.sizes.contains(name) && !claimed.positions.contains(name)
    };
    for one in &theorem.assumptions {
        let mut assumed = Survey::default();
        assumed.condition(one, Place::Size);
        let names = || assumed.sizes.iter().chain(&assumed.positions);
        let scalar = names().any(is_scalar) && names().all(|name| !claimed.sizes.contains(name));
        survey.condition(one, if scalar { Place::Scalar } else { Place::Size });
    }
    sides().for_each(|one| survey.condition(one, Place::Scalar));
    let mut items = Vec::new();
    let uses_library = survey.calls.keys().any(|name| library.contains(name) && !declared.contains(name));
    if uses_library && !std {
        items.push(ItemKind::Use(ident("std")));
    }
    if uses_library || std {
        declared.extend(library);
    }
    // Words of the language, and those that its options take.
    let costs = || crate::cost::Measure::ALL.map(|measure| measure.name().to_string());
    if survey.calls.keys().any(|name| costs().contains(name)) {
        declared.extend(costs().into_iter().chain(["skipped", "counted"].map(str::to_string)));
    }
    let open = |name: &&String| !declared.contains(*name);
    // A letter such as i in a subscript and in a range is an index all the same.
    let index = |name: &str| matches!(name.trim_end_matches('\''), "i" | "j" | "k" | "l" | "o" | "t" | "u" | "v");
    let sizes: Vec<Letter> = survey
        .sizes
        .iter()
        .filter(open)
        .filter(|name| !(survey.positions.contains(*name) && index(name)))
        .map(|name| Letter { ident: ident(name), rank: None })
        .collect();
    let is_size = |name: &String| sizes.iter().any(|letter| letter.ident.name == *name);
    let integers: Vec<Letter> = survey
        .positions
        .iter()
        .filter(open)
        .filter(|name| !is_size(name) && name.chars().filter(|letter| letter.is_alphabetic()).count() > 1)
        .map(|name| Letter { ident: ident(name), rank: None })
        .collect();
    let taken = |name: &String| {
        is_size(name)
            || survey.positions.contains(name)
            || survey.tensors.contains_key(name)
            || survey.calls.contains_key(name)
    };
    let scalars: Vec<Ident> =
        survey.scalars.iter().filter(open).filter(|name| !taken(name)).map(|name| ident(name)).collect();
    let (mut tensors, mut functions, mut scalar_functions) = (Vec::new(), Vec::new(), Vec::new());
    for name in survey.order.iter().filter(open) {
        let Some(axes) = survey.tensors.get(name) else { continue };
        let ranges: Option<Vec<Range>> = axes
            .iter()
            .map(|ranges| {
                let mut all = ranges.values();
                all.next().filter(|_| ranges.len() == 1).cloned()
            })
            .collect();
        match ranges {
            Some(ranges) => {
                let sides = ranges.into_iter().map(|range| Side { range, rank: None }).collect();
                tensors.push(Boxed { name: ident(name), sides });
            }
            None => functions.push(arrow(name, axes.len())),
        }
    }
    let base = |name: &String| name.trim_end_matches('\'').to_string();
    let applied: BTreeSet<String> = survey.calls.keys().filter(open).map(base).collect();
    let known: Vec<ItemKind> = known_functions(&applied, &declared);
    known.iter().for_each(|kind| declare(kind, &mut declared, &mut std));
    let open = |name: &&String| !declared.contains(*name);
    for (name, (count, integral)) in survey.calls.iter().filter(|(name, _)| open(name)) {
        let base = name.trim_end_matches('\'');
        let list = if *integral && base == name { &mut functions } else { &mut scalar_functions };
        if !declared.contains(base) && !list.iter().any(|arrow: &Arrow| arrow.name.name == base) {
            list.push(arrow(base, *count));
        }
    }
    if !sizes.is_empty() {
        items.push(ItemKind::Size(vec![Letters { letters: sizes, least: None }]));
    }
    if !integers.is_empty() {
        items.push(ItemKind::Integer(vec![Letters { letters: integers, least: None }]));
    }
    if !tensors.is_empty() {
        items.push(ItemKind::Tensor(tensors));
    }
    if !scalars.is_empty() {
        items.push(ItemKind::Scalar(scalars));
    }
    if !functions.is_empty() {
        items.push(ItemKind::Function(functions));
    }
    if !scalar_functions.is_empty() {
        items.push(ItemKind::ScalarFunction(scalar_functions, Vec::new()));
    }
    items.extend(known);
    items
}

/// The declarations of known functions of which one is applied and none is declared.
fn known_functions(applied: &BTreeSet<String>, declared: &BTreeSet<String>) -> Vec<ItemKind> {
    let wanted = |kind: &ItemKind| {
        let mut names = BTreeSet::new();
        declare(kind, &mut names, &mut false);
        !names.is_disjoint(applied) && names.is_disjoint(declared)
    };
    super::parse(super::FUNCTIONS).0.items.into_iter().map(|item| item.kind).filter(wanted).collect()
}

fn ident(name: &str) -> Ident {
    Ident { name: name.to_string(), span: Span::default() }
}

fn arrow(name: &str, count: usize) -> Arrow {
    let letter = |number: usize| {
        ["i", "j", "k", "l"].get(number).map_or_else(|| format!("i{number}"), |name| (*name).to_string())
    };
    let letters = (0..count).map(|number| Letter { ident: ident(&letter(number)), rank: None }).collect();
    Arrow { name: ident(name), letters }
}

pub(super) fn declare(kind: &ItemKind, names: &mut BTreeSet<String>, std: &mut bool) {
    match kind {
        ItemKind::Use(_) => *std = true,
        ItemKind::Size(groups) | ItemKind::Integer(groups) => {
            names.extend(groups.iter().flat_map(|group| &group.letters).map(|letter| letter.ident.name.clone()));
        }
        ItemKind::Rank(idents) | ItemKind::Scalar(idents) => names.extend(idents.iter().map(|name| name.name.clone())),
        ItemKind::Tensor(tensors) => names.extend(tensors.iter().map(|tensor| tensor.name.name.clone())),
        ItemKind::Function(arrows) | ItemKind::ScalarFunction(arrows, _) | ItemKind::IntegerFunction(arrows) => {
            names.extend(arrows.iter().map(|arrow| arrow.name.name.clone()));
        }
        ItemKind::Def(def) => drop(names.insert(def.name.name.clone())),
        ItemKind::Let(name, _, _) | ItemKind::Cost(name, _) => drop(names.insert(name.name.clone())),
        ItemKind::Derive(wanted) => names.extend(wanted.names().map(|name| name.name.clone())),
        ItemKind::Assume(_, _) | ItemKind::Theorem(_) => {}
    }
}

/// The names in a term, those of its letters left out.
pub(super) fn names(term: &Term) -> BTreeSet<String> {
    let mut survey = Survey::default();
    survey.term(term, Place::Scalar);
    let mut names: BTreeSet<String> = survey.sizes.into_iter().chain(survey.positions).chain(survey.scalars).collect();
    names.extend(survey.tensors.into_keys().chain(survey.calls.into_keys()));
    names
}

/// What a name means where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Size,
    Position,
    Scalar,
}

impl Survey {
    fn binders(&mut self, items: &[BinderItem]) {
        for item in items {
            match item {
                BinderItem::Letters(letters, range) => {
                    if let Some(range) = range {
                        self.range(range);
                    }
                    self.bound.extend(letters.iter().map(|letter| (letter.ident.name.clone(), range.clone())));
                }
                BinderItem::Condition(one) => self.condition(one, Place::Size),
            }
        }
    }

    fn range(&mut self, range: &Range) {
        for bound in [&range.lower, &range.upper] {
            if let Bound::Term(term) = bound {
                self.term(term, Place::Size);
            }
        }
    }

    fn condition(&mut self, condition: &Condition, place: Place) {
        self.term(&condition.first, place);
        match &condition.rest {
            Relations::Chain(chain) => chain.iter().for_each(|(_, term)| self.term(term, place)),
            Relations::Divides(term) => self.term(term, place),
            Relations::In(range) => self.range(range),
        }
    }

    fn term(&mut self, term: &Term, place: Place) {
        match &term.kind {
            TermKind::Number(_) | TermKind::Whole => {}
            TermKind::Name(name) => {
                if !self.bound.iter().any(|(letter, _)| letter == name) {
                    let set = match place {
                        Place::Size => &mut self.sizes,
                        Place::Position => &mut self.positions,
                        Place::Scalar => &mut self.scalars,
                    };
                    set.insert(name.clone());
                }
            }
            TermKind::Add(terms) => terms.iter().for_each(|(_, term)| self.term(term, place)),
            TermKind::Mul(terms) => terms.iter().for_each(|(_, term)| self.term(term, place)),
            TermKind::Neg(inner) => self.term(inner, place),
            TermKind::Floor(inner) | TermKind::Ceil(inner) => {
                self.term(inner, if place == Place::Scalar { Place::Size } else { place });
            }
            TermKind::Max(terms) | TermKind::Min(terms) => {
                let integers = place == Place::Scalar && !terms.iter().any(reads);
                let place = if integers { Place::Size } else { place };
                terms.iter().for_each(|term| self.term(term, place));
            }
            TermKind::Power(base, _) => self.term(base, place),
            TermKind::Call(name, arguments, _) => {
                let integral = place != Place::Scalar || arguments.iter().all(|argument| self.integral(&argument.term));
                let entry = self.calls.entry(name.name.clone()).or_insert((arguments.len(), true));
                entry.1 &= integral;
                let place = if integral { Place::Position } else { Place::Scalar };
                arguments.iter().for_each(|argument| self.term(&argument.term, place));
            }
            TermKind::Subscript(base, position) => {
                if let TermKind::Name(name) = &base.kind {
                    if !self.order.contains(name) {
                        self.order.push(name.clone());
                    }
                    let found: Vec<Option<(String, Range)>> = position.iter().map(|term| self.bare(term)).collect();
                    let axes =
                        self.tensors.entry(name.clone()).or_insert_with(|| vec![BTreeMap::new(); position.len()]);
                    for (axis, found) in axes.iter_mut().zip(found) {
                        axis.extend(found);
                    }
                } else {
                    self.term(base, place);
                }
                position.iter().for_each(|term| self.term(term, Place::Position));
            }
            TermKind::Bracket(list) => list.iter().for_each(|one| self.condition(one, Place::Size)),
            TermKind::Sum(items, body) | TermKind::MaxOver(items, body) => {
                let depth = self.bound.len();
                self.binders(items);
                self.term(body, Place::Scalar);
                self.bound.truncate(depth);
            }
            TermKind::Derivative(_, position, body) => {
                position.iter().for_each(|term| self.term(term, Place::Position));
                self.term(body, Place::Scalar);
            }
        }
    }

    /// The range of a subscript that is a letter alone.
    fn bare(&self, term: &Term) -> Option<(String, Range)> {
        let TermKind::Name(name) = &term.kind else { return None };
        let (_, range) = self.bound.iter().rev().find(|(letter, _)| letter == name)?;
        let range = range.clone()?;
        let bounds = BinderItem::Letters(Vec::new(), Some(range.clone()));
        let closed = !self.mentions_letter(&bounds);
        closed.then(|| (print::range(&range), range))
    }

    /// Whether a range depends on letters, so that it is no box.
    fn mentions_letter(&self, item: &BinderItem) -> bool {
        let mut inner = Survey::default();
        inner.binders(std::slice::from_ref(item));
        let letter = |name: &String| self.bound.iter().any(|(letter, _)| letter == name);
        inner.sizes.iter().any(letter) || !inner.tensors.is_empty() || !inner.calls.is_empty()
    }

    /// Whether a term has no entry of a tensor and no sum in it, and some letter that is bound or an index.
    fn integral(&self, term: &Term) -> bool {
        match &term.kind {
            TermKind::Number(number) => number.is_integer(),
            TermKind::Name(name) => {
                self.bound.iter().any(|(letter, _)| letter == name)
                    || self.sizes.contains(name)
                    || self.positions.contains(name)
            }
            TermKind::Add(terms) => terms.iter().all(|(_, term)| self.integral(term)),
            TermKind::Mul(terms) => terms.iter().all(|(_, term)| self.integral(term)),
            TermKind::Neg(inner) | TermKind::Floor(inner) | TermKind::Ceil(inner) => self.integral(inner),
            TermKind::Power(base, _) => self.integral(base),
            TermKind::Max(_) | TermKind::Min(_) => true,
            _ => false,
        }
    }
}

/// Whether a term reads an entry or calls a function, so that it is a scalar.
fn reads(term: &Term) -> bool {
    let mut inner = Survey::default();
    inner.term(term, Place::Position);
    !inner.tensors.is_empty() || !inner.calls.is_empty()
}
