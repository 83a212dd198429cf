//! A gradient as a textbook writes it: whole tensors where the letters can be left out.

use std::collections::BTreeSet;

use super::derivation::Derivation;
use super::form::Form;
use super::notation::Notation;
use super::reason::Part;
use crate::kernel::{Expr, Index, Name, Tensor, Var};
use crate::syntax::{Library, Request};

/// The author's own words before a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prose {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
}

/// The comments in a part of a proof file as prose: a line of dashes with words is a heading, an empty comment ends a paragraph.
///
/// ```
/// use convprove::export::gradient::{Prose, prose};
/// let found = prose("# -------- the dense layer\n#\n# z = W a\n# + b.\n\nsize n\n");
/// assert_eq!(found, [Prose::Heading("the dense layer".into()), Prose::Paragraph("z = W a + b.".into())]);
/// ```
pub fn prose(source: &str) -> Vec<Prose> {
    let (mut found, mut words): (Vec<Prose>, Vec<&str>) = (Vec::new(), Vec::new());
    for line in source.lines().chain([""]) {
        let comment = line.trim().strip_prefix('#').map(str::trim);
        let heading = comment.filter(|words| words.starts_with("---")).map(|words| words.trim_matches(['-', ' ']));
        match (comment, heading) {
            (Some(text), None) if !text.is_empty() => words.push(text),
            _ => {
                if !words.is_empty() {
                    found.push(Prose::Paragraph(std::mem::take(&mut words).join(" ")));
                }
                found.extend(heading.filter(|words| !words.is_empty()).map(|words| Prose::Heading(words.to_string())));
            }
        }
    }
    found
}

/// What is said before a derivation that answers a request.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// The author's words.
    pub prose: Vec<Prose>,
    /// What the gradient is, and what the tensors between are made of.
    pub sentence: Vec<Part>,
    /// The closed form as an equation between tensors, or between entries where the letters cannot be left out.
    pub formula: Option<(Form, Form)>,
}

impl Derivation {
    /// The same, with what a request asked for in front.
    #[must_use]
    pub fn with_opening(mut self, opening: Opening) -> Self {
        self.opening = Some(opening);
        self
    }
}

/// The opening for a request and the closed form that was found.
pub fn opening(request: &Request, notation: &Notation, form: &Expr) -> Opening {
    let name = |name: &Name| Form::Name(name.clone());
    let mut sentence = Vec::new();
    if let Some((loss, by)) = &request.of {
        let gradient = |by: &Name| Form::Derivative(Box::new(name(loss)), Box::new(name(by)));
        sentence.push(Part::Equation(name(&request.statement.name), gradient(by)));
        let mut word = " where ";
        for (made, upstream) in &request.through {
            if let Some((left, right)) = making(&request.library, notation, made) {
                sentence.extend([Part::Words(word.into()), Part::Equation(left, right)]);
                word = ", ";
            }
            if let Some(upstream) = upstream {
                sentence.extend([Part::Words(word.into()), Part::Equation(name(upstream), gradient(made))]);
                word = ", ";
            }
        }
    }
    Opening {
        prose: Vec::new(),
        sentence,
        formula: Some(formula(notation, &request.statement.name, &request.statement.indices, form)),
    }
}

/// What `let` says of a name: `Y = conv(X, W)`, `A[i] = sigma(Z[i])`.
fn making(library: &Library, notation: &Notation, name: &Name) -> Option<(Form, Form)> {
    let left = Form::Name(name.clone());
    Some(match library.named(name.as_str())? {
        Tensor::Lambda { axes, body, .. } => {
            let position = axes.iter().map(|axis| Form::Name(axis.name.clone())).collect();
            let left = if axes.is_empty() { left } else { Form::Entry(Box::new(left), position) };
            (left, notation.clone().with_free(axes.iter().cloned()).expr(body))
        }
        tensor => (left, notation.tensor(tensor)),
    })
}

/// `dX = conv(dY, W)`; `dX[f, :] = …` where only the last letters can be left out; `dX[i] = …` where none can.
///
/// ```
/// use convprove::export::{gradient::formula, notation::Notation, text::{equation, Charset}};
/// use convprove::kernel::{Expr, Index, Var};
/// let i = Var::scalar("i");
/// let at = |name: &str| Expr::entry(name, vec![Index::from(&i)]);
/// let (left, right) = formula(&Notation::default(), &"dX".into(), &[i.clone()], &Expr::Mul(vec![at("a"), at("b")]));
/// assert_eq!(equation(&left, &right, Charset::Unicode), "dX = a ⊙ b");
/// ```
pub fn formula(notation: &Notation, name: &Name, letters: &[Var], form: &Expr) -> (Form, Form) {
    let readable = notation.readable(form);
    let named = Form::Name(name.clone());
    for first in 0..letters.len() {
        let (held, left_out) = letters.split_at(first);
        let Some(Reading::Tensor(right)) = whole(notation, &readable, left_out) else { continue };
        let mut position: Vec<Form> = held.iter().map(|letter| Form::Name(letter.name.clone())).collect();
        position.extend(left_out.iter().map(|_| Form::Whole));
        return (if held.is_empty() { named } else { Form::Entry(Box::new(named), position) }, right);
    }
    let position: Vec<Form> = letters.iter().map(|letter| Form::Name(letter.name.clone())).collect();
    let left = if letters.is_empty() { named } else { Form::Entry(Box::new(named), position) };
    (left, notation.readable_expr(&readable))
}

/// A part of a formula without letters.
enum Reading {
    Scalar,
    Tensor(Form),
}

/// The form of an expression with some letters left out; nothing where they stand elsewhere than as positions.
fn whole(notation: &Notation, expr: &Expr, letters: &[Var]) -> Option<Reading> {
    let free = expr.free_vars();
    if !letters.iter().any(|letter| free.contains(letter)) {
        return Some(Reading::Scalar);
    }
    let tensor = |expr: &Expr| match whole(notation, expr, letters)? {
        Reading::Tensor(form) => Some(form),
        Reading::Scalar => None,
    };
    let form = match expr {
        Expr::Entry(tensor, position) => {
            let held = position.len().checked_sub(letters.len())?;
            let (before, last) = position.split_at(held);
            let mut bound = BTreeSet::new();
            tensor.collect_free(&mut bound);
            before.iter().for_each(|index| index.collect_vars(&mut bound));
            let bare = last.iter().zip(letters).all(|(index, letter)| *index == Index::from(letter));
            if !bare || letters.iter().any(|letter| bound.contains(letter)) {
                return None;
            }
            let mut places: Vec<Form> = before.iter().map(|index| notation.index(index)).collect();
            places.extend(last.iter().map(|_| Form::Whole));
            let named = notation.tensor(tensor);
            if held == 0 { named } else { Form::Entry(Box::new(named), places) }
        }
        Expr::Add(terms) => {
            let mut signed = Vec::new();
            for term in terms {
                signed.push(match tensor(term)? {
                    Form::Terms(inner) if inner.len() == 1 => inner.into_iter().next()?,
                    other => (false, other),
                });
            }
            Form::Terms(signed)
        }
        Expr::Mul(factors) => {
            let (mut scalars, mut tensors) = (Vec::new(), Vec::new());
            for factor in factors {
                match whole(notation, factor, letters)? {
                    Reading::Scalar => scalars.push(factor.clone()),
                    Reading::Tensor(form) => tensors.push(form),
                }
            }
            // Functions of entries come last: δ ⊙ σ′(z).
            tensors.sort_by_key(|form| matches!(form, Form::Function { orders, .. } if !orders.is_empty()));
            let product = if tensors.len() == 1 { tensors.pop()? } else { Form::Hadamard(tensors) };
            scaled(notation, &scalars, product)
        }
        Expr::Apply { function, orders, arguments } => {
            let arguments = arguments.iter().map(tensor).collect::<Option<Vec<_>>>()?;
            let before = arguments.len();
            let orders = if orders.iter().all(|order| *order == 0) { Vec::new() } else { orders.clone() };
            Form::Function { name: function.clone(), orders, arguments, before }
        }
        Expr::Sum(vars, guard, body) => {
            if letters.iter().any(|letter| guard.mentions(letter)) {
                return None;
            }
            Form::Sum(notation.binder(vars, guard, Some(body)), Box::new(tensor(body)?))
        }
        _ => return None,
    };
    Some(Reading::Tensor(form))
}

/// A tensor with scalar factors: before it, or below it.
fn scaled(notation: &Notation, scalars: &[Expr], tensor: Form) -> Form {
    let (below, beside): (Vec<&Expr>, Vec<&Expr>) =
        scalars.iter().partition(|scalar| matches!(scalar, Expr::Inverse(_)));
    let product = |factors: Vec<Expr>| notation.readable_expr(&Expr::Mul(factors));
    let mut form = tensor;
    let mut negative = false;
    if !beside.is_empty() {
        let mut factor = product(beside.into_iter().cloned().collect());
        if let Form::Terms(terms) = &factor
            && let [(true, inner)] = terms.as_slice()
        {
            negative = true;
            factor = inner.clone();
        }
        if !factor.is_natural(1) {
            form = Form::Product(vec![factor, form]);
        }
    }
    if !below.is_empty() {
        let of = |expr: &Expr| match expr {
            Expr::Inverse(inner) => inner.as_ref().clone(),
            other => other.clone(),
        };
        form = Form::Fraction(Box::new(form), Box::new(product(below.into_iter().map(of).collect())));
    }
    if negative { Form::Terms(vec![(true, form)]) } else { form }
}
