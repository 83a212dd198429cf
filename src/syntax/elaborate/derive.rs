//! Names for tensors, and what is to be derived: `let Y = conv(X, W)`, `derive dX = dL/dX given dY = dL/dY`.
//!
//! A loss L depends on the tensors of a network through those that `let` names. The gradient by a tensor T is, by the chain rule,
//! `dT[i] = d/dT[i] Σ_C Σ_o dC[o]·C[o]`, where C runs through what is made from T directly and `dC` stands for its gradient. So the
//! gradients follow each other in the order of backpropagation, one for each tensor between the given ones and T, and each is a
//! statement of its own in which the tensors of other layers are any tensors.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::condition::bind;
use super::declare::{add_tensor, tensor_declaration};
use super::goal;
use super::lets::{Chain, Let, mentions, mentions_tensor};
use super::library::{Library, Request};
use super::scope::{Axis, Elaborated, Environment, Scope, Value, fault, fault_with};
use super::term::{scalar, value};
use crate::kernel::{Claim, Expr, Guard, Index, Name, Statement, Substitution, Tensor, Var};
use crate::syntax::ast::{BinderItem, Derive, Gradient, Ident, Span, Term};

/// `let name = term`
pub(super) fn name(
    environment: &mut Environment,
    name: &Ident,
    result: Option<&[BinderItem]>,
    term: &Term,
) -> Elaborated<()> {
    let read = |local: bool| {
        let mut scope = Scope::open(environment);
        scope.local = local;
        abbreviated(&mut scope, result, term)
    };
    let (whole, local) = (read(false)?, read(true)?);
    declare(environment, name, whole, local.0, None)
}

fn abbreviated(scope: &mut Scope<'_>, result: Option<&[BinderItem]>, term: &Term) -> Elaborated<(Tensor, Vec<Axis>)> {
    let Some(items) = result else {
        return match value(scope, term)? {
            Value::Tensor(tensor, axes) => Ok((tensor, axes)),
            other => {
                let body = Box::new(super::term::to_scalar(other, term.span)?);
                Ok((Tensor::Lambda { axes: Vec::new(), support: Guard::always(), body }, Vec::new()))
            }
        };
    };
    let binding = bind(scope, items)?;
    let body = Box::new(scalar(scope, term)?);
    if let Some(axis) = binding.axes.iter().find(|axis| axis.lower.is_none() || axis.upper.is_none()) {
        return fault_with(
            term.span,
            format!("an index of this tensor has no range ({})", axis.text()),
            "give every index a range: let Y[i in 0..n-1] = …",
        );
    }
    Ok((Tensor::Lambda { axes: binding.vars, support: Guard::from(binding.literals), body }, binding.axes))
}

/// The name stands for the tensor from here on.
fn declare(
    environment: &mut Environment,
    name: &Ident,
    (whole, axes): (Tensor, Vec<Axis>),
    local: Tensor,
    chain: Option<Chain>,
) -> Elaborated<()> {
    add_tensor(environment, name, axes.clone(), false)?;
    environment.let_order.push(name.name.clone());
    environment.lets.insert(name.name.clone(), Let { whole, local, axes, chain });
    Ok(())
}

/// What a `derive` asks for, in the order of backpropagation.
pub(super) fn requests(environment: &mut Environment, derive: &Derive, span: Span) -> Elaborated<Vec<Request>> {
    let mut requests = match derive {
        Derive::Closed(ident, result, term) => {
            let mut scope = Scope::open(environment);
            let (tensor, axes) = abbreviated(&mut scope, Some(result.as_deref().unwrap_or_default()), term)?;
            let Tensor::Lambda { axes: letters, support, body } = tensor.clone() else { return Ok(Vec::new()) };
            let request = request(environment, ident, (letters, support), *body, (None, Vec::new()), span)?;
            declare(environment, ident, (tensor.clone(), axes), tensor, None)?;
            vec![request]
        }
        Derive::Gradients(wanted, given) => {
            let mut backward = Backward::new(environment, wanted, given)?;
            for gradient in wanted {
                if let Some(same) = given.iter().find(|given| given.by.name == gradient.by.name) {
                    return fault_with(
                        gradient.name.span,
                        format!("the gradient by {} is given, as {}", gradient.by.name, same.name.name),
                        "ask for the gradient by what it is made of, or leave `given` out",
                    );
                }
                backward.gradient(&gradient.by, &gradient.name, span)?;
            }
            backward.requests
        }
    };
    let library = Arc::new(Library(environment.clone()));
    requests.iter_mut().for_each(|request| request.library = Arc::clone(&library));
    Ok(requests)
}

/// The loss and the tensor of a gradient, and what is made of that tensor, with the names of the gradients by it.
type Origin = (Option<(Name, Name)>, Vec<(Name, Option<Name>)>);

fn request(
    environment: &Environment,
    ident: &Ident,
    (letters, ranges): (Vec<Var>, Guard),
    start: Expr,
    (of, through): Origin,
    span: Span,
) -> Elaborated<Request> {
    let claim = Claim::Equation(start.clone(), start);
    let statement =
        goal::statement(environment, &ident.name, ((Guard::always(), letters, ranges), Vec::new()), claim, &[], span)?;
    Ok(Request { statement, of, through, span: span.bytes(), library: Arc::default() })
}

/// Backpropagation through the tensors that `let` names.
struct Backward<'a> {
    environment: &'a mut Environment,
    loss: String,
    /// The tensors whose gradients are given, with their names.
    given: Vec<(String, Name)>,
    /// The tensors whose gradients have names: what was given, and what is derived by now.
    known: Vec<(String, Name)>,
    /// The tensors on the way, against endless recursion.
    open: BTreeSet<String>,
    requests: Vec<Request>,
}

impl<'a> Backward<'a> {
    fn new(environment: &'a mut Environment, wanted: &[Gradient], given: &[Gradient]) -> Elaborated<Self> {
        let all = || wanted.iter().chain(given);
        let Some(first) = all().next() else { return fault(Span::default(), "nothing is to be derived") };
        let loss = first.loss.name.clone();
        if let Some(other) = all().find(|gradient| gradient.loss.name != loss) {
            return fault(other.loss.span, format!("one `derive` is about one loss, {loss} or {}", other.loss.name));
        }
        let mut known = Vec::new();
        for gradient in given {
            let Some(known_as) = environment.lets.get(&gradient.by.name) else {
                return fault_with(
                    gradient.by.span,
                    format!("{} is no tensor that `let` names", gradient.by.name),
                    format!("say what it is made of: let {} = conv(X, W)", gradient.by.name),
                );
            };
            let axes = known_as.axes.clone();
            add_tensor(environment, &gradient.name, axes, false)?;
            known.push((gradient.by.name.clone(), Name::from(gradient.name.name.as_str())));
        }
        match environment.lets.get(&loss) {
            Some(scalar) if scalar.axes.is_empty() => {}
            Some(_) => return fault(first.loss.span, format!("the loss {loss} is no scalar")),
            None if given.is_empty() => {
                return fault_with(
                    first.loss.span,
                    format!("nothing says how the loss {loss} depends on anything"),
                    "name the loss, let L = …, or give a gradient: derive dX = dL/dX given dY = dL/dY",
                );
            }
            None => {}
        }
        Ok(Backward { environment, loss, given: known.clone(), known, open: BTreeSet::new(), requests: Vec::new() })
    }

    /// The name of the gradient by a tensor; it is derived first, where that is still to be done.
    fn gradient(&mut self, by: &Ident, called: &Ident, span: Span) -> Elaborated<Name> {
        if let Some((_, name)) = self.known.iter().find(|(tensor, _)| *tensor == by.name) {
            return Ok(name.clone());
        }
        if self.environment.sizes.contains_key(&by.name) {
            return fault(by.span, format!("{} is an integer; a gradient is by a tensor or a scalar", by.name));
        }
        let Some(declared) = self.environment.tensors.get(&by.name).filter(|declared| !declared.function) else {
            return Scope::open(self.environment).unknown(&by.name, by.span);
        };
        let axes = declared.axes.clone();
        if !self.open.insert(by.name.clone()) {
            return fault(by.span, format!("{} depends on itself", by.name));
        }
        let (mut terms, mut chain, mut through) = (Vec::new(), Vec::new(), Vec::new());
        let indices = letters(self.environment, &by.name, &axes, &BTreeSet::new());
        let (by_name, position) = (Name::from(by.name.as_str()), indices.iter().map(Index::from).collect::<Vec<_>>());
        let taken: BTreeSet<Var> = indices.iter().cloned().collect();
        for consumer in self.consumers(&by.name) {
            let Some(made) = self.environment.lets.get(&consumer).cloned() else { continue };
            let slope = |body: Expr| Expr::Derivative(Box::new(body), by_name.clone(), position.clone());
            if consumer == self.loss {
                terms.push(at(&made.local, &[]));
                chain.push(slope(at(&made.local, &[])));
                through.push((Name::from(consumer), None));
                continue;
            }
            let ident = |name: String| Ident { name, span: by.span };
            let upstream = self.gradient(&ident(consumer.clone()), &ident(format!("d{consumer}")), span)?;
            through.push((Name::from(consumer.as_str()), Some(upstream.clone())));
            let own = letters(self.environment, &consumer, &made.axes, &taken);
            let after = |here: &[Index]| Expr::Entry(Tensor::Named(upstream.clone()), here.to_vec());
            chain.push(along(&made.axes, &own, |here| [after(here), slope(at(&made.local, here))]));
            terms.push(along(&made.axes, &own, |here| [after(here), at(&made.local, here)]));
        }
        self.open.remove(&by.name);
        if terms.is_empty() {
            return fault_with(
                by.span,
                format!("{} does not depend on {}, as far as is said", self.loss, by.name),
                "let names the tensors between the two, as in let Y = conv(X, W)",
            );
        }
        let start = Expr::Derivative(Box::new(sum(terms)), by_name.clone(), position.clone());
        let ranges = ranges(&axes, &indices);
        let tensor = |body| Tensor::Lambda { axes: indices.clone(), support: ranges.clone(), body: Box::new(body) };
        let total = Expr::Derivative(Box::new(self.total(&by.name)), by_name, position);
        let closed = !self.environment.lets.keys().any(|name| *name == by.name || mentions(&total, name));
        let chain = Chain { sum: tensor(sum(chain)), closed };
        let of = Some((Name::from(self.loss.as_str()), Name::from(by.name.as_str())));
        let bound = (indices.clone(), ranges.clone());
        let request = request(self.environment, called, bound, start.clone(), (of, through), span)?;
        self.requests.push(request);
        let (whole, local) = (tensor(total), tensor(start));
        declare(self.environment, called, (whole, axes), local, Some(chain))?;
        let name = Name::from(called.name.as_str());
        self.known.push((by.name.clone(), name.clone()));
        Ok(name)
    }

    /// What the gradient by a tensor differentiates: the loss and the tensors whose gradients are given, each with its gradient. All are
    /// written out as far as those tensors.
    fn total(&self, by: &str) -> Expr {
        let given: BTreeSet<String> = self.given.iter().map(|(tensor, _)| tensor.clone()).collect();
        let mut terms = Vec::new();
        for (tensor, gradient) in &self.given {
            let Some(made) = self.environment.lets.get(tensor) else { continue };
            let whole = self.environment.up_to(&given, tensor);
            if mentions_tensor(&whole, by) {
                let own = letters(self.environment, tensor, &made.axes, &BTreeSet::new());
                terms.push(along(&made.axes, &own, |here| {
                    [Expr::Entry(Tensor::Named(gradient.clone()), here.to_vec()), at(&whole, here)]
                }));
            }
        }
        if self.environment.lets.contains_key(&self.loss) {
            terms.push(at(&self.environment.up_to(&given, &self.loss), &[]));
        }
        sum(terms)
    }

    /// What is made from a tensor directly and leads on to the loss or to a gradient that is known, in the order of the file.
    fn consumers(&self, tensor: &str) -> Vec<String> {
        let leads = |name: &String| self.leads(name, &mut BTreeSet::new());
        let made = self.environment.let_order.iter().filter(|name| self.mentions(name, tensor));
        made.filter(|name| leads(name)).cloned().collect()
    }

    fn mentions(&self, made: &str, tensor: &str) -> bool {
        let Some(made) = self.environment.lets.get(made) else { return false };
        mentions_tensor(&made.local, tensor)
    }

    fn leads(&self, name: &str, seen: &mut BTreeSet<String>) -> bool {
        if name == self.loss || self.known.iter().any(|(known, _)| known == name) {
            return true;
        }
        if !seen.insert(name.to_string()) {
            return false;
        }
        let order = &self.environment.let_order;
        order.iter().filter(|made| self.mentions(made, name)).any(|made| self.leads(made, seen))
    }
}

/// Letters for the axes of a tensor: those that its definition has, if they mean nothing else.
fn letters(environment: &Environment, name: &str, axes: &[Axis], taken: &BTreeSet<Var>) -> Vec<Var> {
    let own = match environment.lets.get(name).map(|made| &made.local) {
        Some(Tensor::Lambda { axes, .. }) => axes.clone(),
        Some(Tensor::Call { definition, .. }) => {
            environment.definition(definition.as_str()).map(|known| known.definition.axes.clone()).unwrap_or_default()
        }
        _ => tensor_declaration(name, axes).axes,
    };
    let mut used: BTreeSet<Var> = taken.clone();
    let names: BTreeSet<&str> = environment.names().chain(environment.ranks.iter().map(String::as_str)).collect();
    let mut letters = Vec::new();
    for (axis, letter) in axes.iter().zip(own) {
        let wanted = Var { name: letter.name, rank: axis.rank.clone() };
        let free = |var: &Var| !names.contains(var.name.as_str()) && used.iter().all(|other| other.name != var.name);
        let spare = SPARE.chars().map(|name| Var { name: Name::from(name.to_string()), ..wanted.clone() });
        let letter = std::iter::once(wanted.clone()).chain(spare).find(free);
        let letter = letter.unwrap_or_else(|| wanted.fresh(&used));
        used.insert(letter.clone());
        letters.push(letter);
    }
    letters
}

/// Letters for axes whose own letters mean something else.
const SPARE: &str = "ijklopqrtuvabce";

/// What `let` says of a name as a formula: free indices in the tensor's box, the entry on both sides of the claim.
pub(super) fn forward(environment: &Environment, name: &str) -> Option<Statement> {
    let made = environment.lets.get(name)?;
    let letters = letters(environment, name, &made.axes, &BTreeSet::new());
    let position: Vec<Index> = letters.iter().map(Index::from).collect();
    let entry = at(&made.local, &position);
    let bound = (Guard::always(), letters.clone(), ranges(&made.axes, &letters));
    goal::statement(environment, name, (bound, Vec::new()), Claim::Equation(entry.clone(), entry), &[], Span::default())
        .ok()
}

fn ranges(axes: &[Axis], letters: &[Var]) -> Guard {
    let inside = axes.iter().zip(letters).flat_map(|(axis, letter)| axis.contains(&Index::from(letter)));
    inside.collect()
}

/// `Σ_o a[o]·b[o]` over the box of a tensor; without a Σ where it is a scalar.
fn along(axes: &[Axis], letters: &[Var], factors: impl Fn(&[Index]) -> [Expr; 2]) -> Expr {
    let here: Vec<Index> = letters.iter().map(Index::from).collect();
    let product = Expr::Mul(factors(&here).to_vec());
    match letters.is_empty() {
        true => product,
        false => Expr::Sum(letters.to_vec(), ranges(axes, letters), Box::new(product)),
    }
}

fn sum(mut terms: Vec<Expr>) -> Expr {
    match terms.len() {
        1 => terms.remove(0),
        _ => Expr::Add(terms),
    }
}

/// The entry of a tensor at a position in its box.
fn at(tensor: &Tensor, position: &[Index]) -> Expr {
    match tensor {
        Tensor::Lambda { axes, body, .. } => {
            let map = axes.iter().cloned().zip(position.iter().cloned()).collect();
            body.substitute(&Substitution::of_indices(map))
        }
        other => Expr::Entry(other.clone(), position.to_vec()),
    }
}
