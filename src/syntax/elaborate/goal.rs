//! Theorems as goals.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::{bind, conditions};
use super::limits;
use super::premise::{self, Assumed, assumed};
use super::scope::{Elaborated, Environment, Scope, Value, fault, fault_with};
use super::term::{integer, scalar, to_scalar, value};
use crate::goal::{Expectation, Goal, Hint, Line, Made};
use crate::kernel::{
    Claim, Expr, Guard, Index, Literal, Name, Premise, Rank, Signature, Statement, Tensor, TensorDeclaration, Var,
};
use crate::syntax::ast;
use crate::syntax::ast::{BinderItem, Condition, Relation, Relations, Span, Term, TermKind, Theorem};

/// The names of the laws, and what else authors call them.
pub(super) const LAWS: [&str; 20] = [
    "ring",
    "index",
    "congruence",
    "fubini",
    "linear",
    "guard",
    "reindex",
    "unfold",
    "fold",
    "count",
    "telescope",
    "maximum",
    "differentiate",
    "inverse",
    "theorem",
    "zero-outside",
    "definition",
    "substitution",
    "window",
    "sift",
];

/// Elaborates a theorem under the declarations so far.
pub(super) fn theorem(environment: &Environment, theorem: &Theorem, span: Span, source: &str) -> Elaborated<Goal> {
    let name = &theorem.name;
    if environment.theorems.contains(&name.name) {
        return fault_with(name.span, format!("there is a theorem {} already", name.name), "choose another name");
    }
    let held = environment.held(names(theorem));
    let apart = (!held.is_empty()).then(|| environment.apart(&held));
    let (file, environment) = (environment, apart.as_ref().unwrap_or(environment));
    let mut scope = Scope::open(environment);
    let mut indices: Vec<Var> = Vec::new();
    let inferred = infer_letters(&scope, theorem);
    for ident in &inferred {
        indices.push(scope.bind(ident, Rank::Scalar)?);
    }
    let binding = bind(&mut scope, &theorem.indices)?;
    indices.extend(binding.vars.iter().cloned());
    let (mut ranges, mut assumptions, mut premises) = (binding.literals, Vec::new(), Vec::new());
    for one in &theorem.assumptions {
        let literals = match assumed(&scope, one)? {
            Assumed::Integers(literals) => literals,
            Assumed::Scalars(held) => {
                premises.extend(held.into_iter().map(|held| premise::premise(&[], &[], held)));
                continue;
            }
        };
        scope.assume(literals.iter().cloned());
        for literal in literals {
            let free = indices.iter().any(|var| literal.index().contains(var));
            if free { ranges.push(literal) } else { assumptions.push(literal) }
        }
    }
    let mut remarks = Vec::new();
    let claim = claim(&scope, &theorem.claim, &mut remarks)?;
    let compared = match (&claim, theorem.claim.left.as_slice()) {
        (Claim::Holds(_), [Condition { first, rest: Relations::Chain(chain), .. }]) => match chain.as_slice() {
            [(_, second)] => Some((integer(&scope, first)?, integer(&scope, second)?)),
            _ => None,
        },
        _ => None,
    };
    let script = match &theorem.proof {
        None => Vec::new(),
        Some(proof) => script(&scope, proof, &claim, name.span, source)?,
    };
    let mut vars = BTreeSet::new();
    claim_vars(&claim, &mut vars);
    script.iter().for_each(|line| line.expr.collect_free(&mut vars));
    remarks.extend(
        indices
            .iter()
            .filter(|var| !vars.contains(var))
            .map(|var| format!("the free index {} does not occur in the claim", var.name)),
    );
    let assumptions = Guard::from(assumptions);
    let bound = (assumptions, indices, Guard::from(ranges));
    let statement = |claim, lines: &[Line]| {
        statement(environment, &name.name, (bound.clone(), premises.clone()), claim, lines, name.span)
    };
    let made = match held.is_empty() {
        true => None,
        false => made(file, &held, &claim).map(|(tensors, lines)| {
            let statement = statement(claim.clone(), &lines)?;
            Ok(Box::new(Made { tensors, statement }))
        }),
    };
    let (made, statement) = (made.transpose()?, statement(claim, &script)?);
    let expectation = match theorem.expectation.as_ref().map(|word| word.name.as_str()) {
        Some("refuted") => Expectation::Refuted,
        Some("undecided") => Expectation::Undecided,
        _ => Expectation::Proved,
    };
    Ok(Goal { statement, script, expectation, span: span.bytes(), compared, made, remarks })
}

/// The names that a theorem mentions.
fn names(theorem: &Theorem) -> BTreeSet<String> {
    let conditions = theorem.assumptions.iter().flat_map(Condition::terms).chain(theorem.claim.terms());
    let proof = theorem
        .proof
        .iter()
        .flat_map(|proof| std::iter::once(&proof.first).chain(proof.lines.iter().map(|line| &line.term)));
    conditions.chain(proof).flat_map(crate::syntax::infer::names).collect()
}

/// What the tensors are made of that a claim takes as any tensors, and lines that mention all of it.
fn made(file: &Environment, held: &BTreeSet<String>, claim: &Claim) -> Option<(BTreeMap<Name, Tensor>, Vec<Line>)> {
    let mut uses = Uses::new(file);
    uses.claim(claim);
    uses.close();
    let mentioned =
        held.iter().filter(|name| uses.tensors.contains(*name)).filter_map(|name| file.lets.get_key_value(name));
    let tensors: BTreeMap<Name, Tensor> =
        mentioned.clone().map(|(name, made)| (Name::from(name.as_str()), made.whole.clone())).collect();
    let lines = mentioned.map(|(_, made)| {
        let expr = Expr::Entry(made.whole.clone(), vec![Index::from(0); made.axes.len()]);
        Line { expr, hints: Vec::new(), span: 0..0, source: String::new() }
    });
    let lines: Vec<Line> = lines.collect();
    (!lines.is_empty()).then_some((tensors, lines))
}

/// A claim with all that it uses of the file, under assumptions and for free indices in their ranges.
pub(super) fn statement(
    environment: &Environment,
    name: &str,
    ((assumptions, indices, ranges), mut premises): ((Guard, Vec<Var>, Guard), Vec<Premise>),
    claim: Claim,
    script: &[Line],
    span: Span,
) -> Elaborated<Statement> {
    let mut uses = Uses::new(environment);
    uses.claim(&claim);
    script.iter().for_each(|line| uses.expr(&line.expr));
    let spoken = names_of(&claim, script, &uses);
    premises.extend(premise::apt(&environment.premises, spoken));
    premises.iter().filter_map(|premise| premise.held.scalar()).for_each(|expr| uses.expr(expr));
    uses.close();
    let mut vars = BTreeSet::new();
    premises.iter().for_each(|premise| vars.extend(premise.mentions().0));
    claim_vars(&claim, &mut vars);
    script.iter().for_each(|line| line.expr.collect_free(&mut vars));
    assumptions.collect_vars(&mut vars);
    ranges.collect_vars(&mut vars);
    let tensors: Vec<_> = uses.tensors.iter().filter_map(|name| environment.tensors.get(name)).collect();
    for TensorDeclaration { axes, support, .. } in tensors.iter().map(|tensor| &tensor.declaration) {
        let mut own = BTreeSet::new();
        support.collect_vars(&mut own);
        // An axis may have the name of a size.
        vars.extend(own.into_iter().filter(|var| !axes.contains(var)));
    }
    let assumptions = assumptions.and(&relevant(&environment.assumptions, &mut vars));
    let declared = |var: &Var| environment.sizes.get(var.name.as_str()).filter(|(size, _)| size == var);
    // A lower bound of a size may mention another size.
    loop {
        let before = vars.len();
        for var in vars.clone() {
            if let Some((_, guard)) = declared(&var) {
                guard.collect_vars(&mut vars);
            }
        }
        if vars.len() == before {
            break;
        }
    }
    let mut parameters: Vec<Var> = vars.iter().filter(|var| declared(var).is_some()).cloned().collect();
    let place = |var: &Var| environment.size_order.iter().position(|name| name == var.name.as_str());
    parameters.sort_by_key(place);
    let bounds = parameters.iter().filter_map(declared).fold(Guard::always(), |all, (_, guard)| all.and(guard));
    let functions = uses.functions.iter().filter_map(|name| {
        let (arity, slope) = (*environment.functions.get(name)?, environment.slopes.get(name).cloned());
        let (name, positive) = (Name::from(name.as_str()), environment.positive.contains(name));
        Some(crate::kernel::FunctionDeclaration { name, arity, slope, positive })
    });
    let signature = Signature {
        tensors: tensors.iter().map(|tensor| tensor.declaration.clone()).collect(),
        functions: functions.collect(),
        definitions: uses.found().cloned().collect(),
        premises,
    };
    let (name, assumptions) = (Name::from(name), assumptions.and(&bounds));
    let statement = Statement { name, signature, parameters, assumptions, indices, ranges, claim };
    limits::check(&statement, script.iter().map(|line| &line.expr), span)?;
    Ok(statement)
}

/// What a file assumes of some letters, and of those that these assumptions bring in. Assumptions about other letters say nothing here.
fn relevant(all: &Guard, vars: &mut BTreeSet<Var>) -> Guard {
    // What speaks of no letter at all contradicts itself, and says so everywhere.
    let closed = |literal: &Literal| literal.index().as_constant().is_some();
    let (mut found, mut rest): (Vec<_>, Vec<_>) = all.literals().cloned().partition(closed);
    loop {
        let (near, far): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|literal| vars.iter().any(|var| literal.index().contains(var)));
        if near.is_empty() {
            return found.into_iter().collect();
        }
        near.iter().for_each(|literal| literal.index().collect_vars(vars));
        found.extend(near);
        rest = far;
    }
}

/// The definitions that tensors are made of, in the order of the file.
pub(super) fn definitions_of<'t>(
    environment: &Environment,
    tensors: impl IntoIterator<Item = &'t Tensor>,
) -> Vec<crate::kernel::Definition> {
    let mut uses = Uses::new(environment);
    tensors.into_iter().for_each(|tensor| uses.tensor(tensor));
    uses.close();
    uses.found().cloned().collect()
}

fn claim(scope: &Scope<'_>, claim: &ast::Claim, remarks: &mut Vec<String>) -> Elaborated<Claim> {
    if let Some(right) = &claim.right {
        let left = Guard::from(conditions(scope, &claim.left)?);
        let right = Guard::from(conditions(scope, right)?);
        if left == right {
            remarks.push("both sides say the same after reading".to_string());
        }
        return Ok(Claim::Iff(left, right));
    }
    if let [Condition { first, rest: Relations::Chain(chain), .. }] = claim.left.as_slice()
        && chain.iter().all(|(relation, _)| *relation == Relation::Eq)
        && let Some((_, right)) = chain.first()
    {
        // An equation of costs is one of sums, so that it does not rest on their polynomials.
        let mut scope = scope.clone();
        scope.sums = chain.len() == 1;
        let (a, b) = (value(&scope, first)?, value(&scope, right)?);
        let integers = matches!((&a, &b), (Value::Integer(_), Value::Integer(_)));
        if !integers && chain.len() > 1 {
            return fault_with(
                claim.span,
                "a claim about scalars or tensors has one equals sign",
                "state the first and the last side, and write the others as a proof: proof … = … qed",
            );
        }
        let same = match (&a, &b) {
            (Value::Integer(a), Value::Integer(b)) => a == b,
            (Value::Scalar(a), Value::Scalar(b)) => a.same(b),
            (Value::Tensor(a, _), Value::Tensor(b, _)) => a == b,
            _ => false,
        };
        if same {
            remarks.push("the two sides are the same after reading".to_string());
        }
        if !integers {
            return equation((a, first.span), (b, right.span), claim.span);
        }
    }
    if let [one] = claim.left.as_slice()
        && let Relations::Chain(chain) = &one.rest
    {
        for term in std::iter::once(&one.first).chain(chain.iter().map(|(_, term)| term)) {
            if let Value::Tensor(_, _) = value(scope, term)? {
                return fault(term.span, "tensors have no order");
            }
        }
    }
    let guard = Guard::from(conditions(scope, &claim.left)?);
    // What numbers or costs are is worth saying even where it is seen at once.
    let names: BTreeSet<String> = claim.terms().into_iter().flat_map(crate::syntax::infer::names).collect();
    let costs = names.iter().any(|name| scope.environment.costs.contains_key(name));
    if guard.is_empty() && !names.is_empty() && !costs {
        remarks.push("the claim is true on sight".to_string());
    }
    Ok(Claim::Holds(guard))
}

fn equation(left: (Value, Span), right: (Value, Span), span: Span) -> Elaborated<Claim> {
    match (left.0, right.0) {
        (Value::Tensor(a, left_axes), Value::Tensor(b, right_axes)) => {
            if left_axes.len() != right_axes.len() {
                return fault(
                    span,
                    format!("the left side has {} axes and the right side {}", left_axes.len(), right_axes.len()),
                );
            }
            let ranks = left_axes.iter().zip(&right_axes).all(|(a, b)| a.rank == b.rank);
            if !ranks {
                return fault(span, "the two sides have axes of different ranks");
            }
            Ok(Claim::Tensors(a, b))
        }
        (Value::Tensor(_, axes), other) | (other, Value::Tensor(_, axes)) => fault_with(
            span,
            format!("one side is a tensor, the other is {}", other.kind()),
            format!("give the tensor its {} indices, or leave them out on both sides", axes.len()),
        ),
        (a, b) => Ok(Claim::Equation(to_scalar(a, left.1)?, to_scalar(b, right.1)?)),
    }
}

/// Letters of subscripts that nothing declares: they are free integers. Longer names are more likely misspelt.
fn infer_letters(scope: &Scope<'_>, theorem: &Theorem) -> Vec<ast::Ident> {
    let mut walk = Letters { found: Vec::new(), bound: Vec::new() };
    for item in &theorem.indices {
        if let BinderItem::Letters(letters, _) = item {
            walk.bound.extend(letters.iter().map(|letter| letter.ident.name.clone()));
        }
    }
    let sides = theorem.claim.left.iter().chain(theorem.claim.right.iter().flatten());
    sides.for_each(|condition| walk.condition(condition, false));
    let mut result: Vec<ast::Ident> = Vec::new();
    for ident in walk.found {
        let mut letters = ident.name.chars();
        let short = letters.next().is_some_and(char::is_alphabetic)
            && letters.all(|letter| !letter.is_alphabetic() && letter != '_');
        let declared = scope.integer(&ident.name).is_some()
            || scope.tensor(&ident.name).is_some()
            || scope.environment.functions.contains_key(&ident.name)
            || scope.environment.definition(&ident.name).is_some();
        if short && !declared && !result.iter().any(|other| other.name == ident.name) {
            result.push(ident);
        }
    }
    result
}

/// A walk that finds names in subscripts outside the scope of their binders.
struct Letters {
    found: Vec<ast::Ident>,
    bound: Vec<String>,
}

impl Letters {
    fn condition(&mut self, condition: &Condition, inside: bool) {
        self.term(&condition.first, inside);
        match &condition.rest {
            Relations::Chain(chain) => chain.iter().for_each(|(_, term)| self.term(term, inside)),
            Relations::Divides(term) => self.term(term, inside),
            Relations::In(range) => self.range(range, inside),
        }
    }

    fn range(&mut self, range: &ast::Range, inside: bool) {
        for bound in [&range.lower, &range.upper] {
            if let ast::Bound::Term(term) = bound {
                self.term(term, inside);
            }
        }
    }

    fn term(&mut self, term: &Term, inside: bool) {
        match &term.kind {
            TermKind::Name(name) if inside && !self.bound.contains(name) => {
                self.found.push(ast::Ident { name: name.clone(), span: term.span });
            }
            TermKind::Name(_) | TermKind::Number(_) | TermKind::Whole => {}
            TermKind::Add(terms) => terms.iter().for_each(|(_, term)| self.term(term, inside)),
            TermKind::Mul(terms) => terms.iter().for_each(|(_, term)| self.term(term, inside)),
            TermKind::Neg(inner) | TermKind::Floor(inner) | TermKind::Ceil(inner) => self.term(inner, inside),
            TermKind::Power(base, exponent) => {
                self.term(base, inside);
                self.term(exponent, inside);
            }
            TermKind::Call(_, arguments, _) => arguments.iter().for_each(|argument| self.term(&argument.term, inside)),
            TermKind::Max(terms) | TermKind::Min(terms) => terms.iter().for_each(|term| self.term(term, inside)),
            TermKind::Subscript(base, position) => {
                self.term(base, inside);
                position.iter().for_each(|term| self.term(term, true));
            }
            TermKind::Bracket(list) => list.iter().for_each(|condition| self.condition(condition, inside)),
            TermKind::Derivative(_, position, body) => {
                position.iter().for_each(|term| self.term(term, true));
                self.term(body, inside);
            }
            TermKind::Sum(items, body) | TermKind::MaxOver(items, body) => {
                let depth = self.bound.len();
                for item in items {
                    match item {
                        BinderItem::Letters(letters, range) => {
                            if let Some(range) = range {
                                self.range(range, inside);
                            }
                            self.bound.extend(letters.iter().map(|letter| letter.ident.name.clone()));
                        }
                        BinderItem::Condition(condition) => self.condition(condition, inside),
                    }
                }
                self.term(body, inside);
                self.bound.truncate(depth);
            }
        }
    }
}

fn script(scope: &Scope<'_>, proof: &ast::Proof, claim: &Claim, at: Span, source: &str) -> Elaborated<Vec<Line>> {
    if !matches!(claim, Claim::Equation(_, _)) {
        return fault_with(
            at,
            "a chain of equalities needs a claim about scalars",
            "give both sides their indices, as in wide(A, B)[i, j] = …",
        );
    }
    let line = |term: &Term, hints: Vec<Hint>| -> Elaborated<Line> {
        let text = source.get(term.span.bytes()).unwrap_or_default();
        let source = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(Line { expr: scalar(scope, term)?, hints, span: term.span.bytes(), source })
    };
    let mut lines = vec![line(&proof.first, Vec::new())?];
    for step in &proof.lines {
        let new = line(&step.term, Vec::new())?;
        let mut letters = scope.clone();
        for expr in lines.last().into_iter().map(|line| &line.expr).chain([&new.expr]) {
            bound_letters(expr, &mut letters);
        }
        lines.push(Line { hints: hints(&letters, &step.hints)?, ..new });
    }
    Ok(lines)
}

/// Brings the bound letters of an expression into scope, for hints that speak of them.
fn bound_letters(expr: &Expr, scope: &mut Scope<'_>) {
    if let Expr::Sum(vars, _, _) | Expr::Max(vars, _, _) = expr {
        for var in vars {
            scope.letters.entry(var.name.to_string()).or_insert_with(|| var.clone());
        }
    }
    expr.children().iter().for_each(|child| bound_letters(child, scope));
}

fn hints(scope: &Scope<'_>, hints: &[ast::Hint]) -> Elaborated<Vec<Hint>> {
    let mut result: Vec<Hint> = Vec::new();
    for hint in hints {
        match hint {
            ast::Hint::Equation(left, right) => {
                let mut inner = scope.clone();
                // The new letter of a substitution may occur only in the hint.
                if let TermKind::Name(name) = &left.kind
                    && inner.integer(name).is_none()
                {
                    inner.bind(&ast::Ident { name: name.clone(), span: left.span }, Rank::Scalar)?;
                }
                let pair = (integer(&inner, left)?, integer(&inner, right)?);
                match result.last_mut() {
                    Some(Hint::Substitution(pairs)) => pairs.push(pair),
                    _ => result.push(Hint::Substitution(vec![pair])),
                }
            }
            ast::Hint::Name(ident) => {
                let environment = scope.environment;
                let name = Name::from(ident.name.as_str());
                let known = environment.theorems.contains(&ident.name) || environment.definition(&ident.name).is_some();
                if known {
                    result.push(Hint::Named(name));
                } else if LAWS.contains(&ident.name.as_str()) {
                    result.push(Hint::Law(name));
                } else {
                    let message = format!("{} is no law, no definition and no theorem before this one", ident.name);
                    let candidates = LAWS.iter().copied().chain(environment.theorems.iter().map(String::as_str));
                    let definitions = environment.definition_names();
                    return match crate::syntax::similar(&ident.name, candidates.chain(definitions)) {
                        Some(other) => fault_with(ident.span, message, format!("did you mean {other}?")),
                        None => fault_with(ident.span, message, "`convprove laws` lists the laws"),
                    };
                }
            }
        }
    }
    Ok(result)
}

fn claim_vars(claim: &Claim, vars: &mut BTreeSet<Var>) {
    match claim {
        Claim::Equation(a, b) => {
            a.collect_free(vars);
            b.collect_free(vars);
        }
        Claim::Tensors(a, b) => {
            a.collect_free(vars);
            b.collect_free(vars);
        }
        Claim::Holds(guard) => guard.collect_vars(vars),
        Claim::Iff(a, b) => {
            a.collect_vars(vars);
            b.collect_vars(vars);
        }
    }
}

/// The names that a statement declares, for the remark on names that no statement uses.
pub(super) fn collect_names(statement: &Statement, names: &mut BTreeSet<String>) {
    let vars = statement.parameters.iter().map(|var| &var.name);
    let tensors = statement.signature.tensors.iter().map(|tensor| &tensor.name);
    let functions = statement.signature.functions.iter().map(|function| &function.name);
    names.extend(vars.chain(tensors).chain(functions).map(Name::to_string));
    statement.claim.visit_indices(&mut |index| collect_applied(index, names));
    let premises = &statement.signature.premises;
    premises.iter().for_each(|premise| premise.visit_indices(&mut |index| collect_applied(index, names)));
}

/// The tensors and functions that a claim and its proof speak of by name.
fn names_of(claim: &Claim, script: &[Line], uses: &Uses<'_>) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = uses.tensors.union(&uses.functions).cloned().collect();
    claim.visit_indices(&mut |index| collect_applied(index, &mut names));
    script.iter().for_each(|line| line.expr.visit_indices(&mut |index| collect_applied(index, &mut names)));
    names
}

/// The functions with integer values in a term.
pub(super) fn collect_applied(index: &Index, names: &mut BTreeSet<String>) {
    index.visit_functions(&mut |name, _| {
        names.insert(name.to_string());
    });
}

/// What a statement uses, definitions with all that they use.
struct Uses<'a> {
    environment: &'a Environment,
    tensors: BTreeSet<String>,
    functions: BTreeSet<String>,
    definitions: BTreeSet<usize>,
    /// Definitions whose bodies are still to be read.
    unread: Vec<usize>,
}

impl<'a> Uses<'a> {
    fn new(environment: &'a Environment) -> Self {
        let (tensors, functions, definitions) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Uses { environment, tensors, functions, definitions, unread: Vec::new() }
    }

    /// Reads the definitions, each once.
    fn close(&mut self) {
        // The tensors of a definition are its parameters, not the file's.
        let tensors = self.tensors.clone();
        while let Some(number) = self.unread.pop() {
            if let Some(known) = self.environment.definitions.get(number) {
                self.expr(&known.definition.body);
            }
        }
        self.tensors = tensors;
    }

    fn claim(&mut self, claim: &Claim) {
        match claim {
            Claim::Equation(a, b) => {
                self.expr(a);
                self.expr(b);
            }
            Claim::Tensors(a, b) => {
                self.tensor(a);
                self.tensor(b);
            }
            Claim::Holds(_) | Claim::Iff(_, _) => {}
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Entry(tensor, _) => self.tensor(tensor),
            Expr::Apply { function, .. } => self.function(function.as_str()),
            Expr::Derivative(_, tensor, _) => {
                self.tensors.insert(tensor.to_string());
            }
            _ => {}
        }
        expr.children().iter().for_each(|child| self.expr(child));
    }

    /// A function, with those that are said to be its derivative.
    fn function(&mut self, name: &str) {
        if !self.functions.insert(name.to_string()) {
            return;
        }
        let environment = self.environment;
        let mut parts: Vec<&Expr> = environment.slopes.get(name).map(|slope| &slope.body).into_iter().collect();
        while let Some(part) = parts.pop() {
            if let Expr::Apply { function, .. } = part {
                self.function(function.as_str());
            }
            parts.extend(part.children());
        }
    }

    fn tensor(&mut self, tensor: &Tensor) {
        match tensor {
            Tensor::Named(name) => {
                self.tensors.insert(name.to_string());
            }
            Tensor::Call { definition, tensors, .. } => {
                self.definition(definition.as_str());
                tensors.iter().for_each(|tensor| self.tensor(tensor));
            }
            Tensor::Lambda { body, .. } => self.expr(body),
        }
    }

    /// The definitions that are used, in the order of the file.
    fn found(&self) -> impl Iterator<Item = &'a crate::kernel::Definition> {
        let environment = self.environment;
        self.definitions.iter().filter_map(|number| environment.definitions.get(*number)).map(|known| &known.definition)
    }

    fn definition(&mut self, name: &str) {
        if let Some(number) = self.environment.definition_numbers.get(name)
            && self.definitions.insert(*number)
        {
            self.unread.push(*number);
        }
    }
}
