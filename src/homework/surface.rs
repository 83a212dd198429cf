//! Expressions of an answer as terms of the proof language, so that the prover can judge them.
//!
//! What has no counterpart there (matrices, slices, words) is refused with its place. A sign such as `⊗` becomes a call of a function
//! with a name of its own, see [`sign_name`]: what it means is the answer's convention, and whoever knows it supplies the
//! definition. A derivative of a loss by a tensor becomes the gradient, a tensor by itself: `∂L/∂w[u]` is `grad_w[u]`.

use num_rational::BigRational;

use super::Claim;
use super::formula::*;
use super::symbols::Symbols;
use crate::syntax::ast;

/// Why an expression is no term of the proof language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// Where: bytes of the whole text.
    pub span: std::ops::Range<usize>,
    /// What has no counterpart.
    pub what: &'static str,
}

type Made<T> = Result<T, Unsupported>;

/// An expression as a term.
///
/// ```
/// use convprove::homework::{read, surface};
/// use convprove::syntax::ast::TermKind;
///
/// let reading = read("$$y_{ij} = \\sum_{u=1}^m w_{u} x_{i+u-1,j}$$");
/// let claims = reading.claims();
/// let right = surface::term(claims[0].right, &reading.symbols).unwrap();
/// assert!(matches!(right.kind, TermKind::Sum(..)));
/// ```
///
/// # Errors
/// The first part that has no counterpart in the proof language.
pub fn term(expr: &Expr, symbols: &Symbols) -> Result<ast::Term, Unsupported> {
    Maker { symbols }.term(expr)
}

/// A chain of comparisons as conditions: a domain, or a condition of a case.
///
/// # Errors
/// The first part that has no counterpart in the proof language.
pub fn condition(chain: &Chain, symbols: &Symbols) -> Result<ast::Condition, Unsupported> {
    Maker { symbols }.condition(chain)
}

/// What one relation of a chain claims, as a condition that a theorem can state.
///
/// # Errors
/// The first part that has no counterpart in the proof language, or a relation that compares nothing.
pub fn claim(claim: &Claim<'_>, symbols: &Symbols) -> Result<ast::Condition, Unsupported> {
    let maker = Maker { symbols };
    let first = maker.term(claim.left)?;
    let last = maker.term(claim.right)?;
    let relation = comparison(claim.relation)
        .ok_or(Unsupported { span: claim.right.span.bytes(), what: "this relation compares no values" })?;
    let span = first.span.to(last.span);
    Ok(ast::Condition { first, rest: ast::Relations::Chain(vec![(relation, last)]), span })
}

/// The function that a sign stands for: `otimes`, `otimes_wide` with a tilde, `star_full` with a mode.
pub fn sign_name(operator: &Operator) -> String {
    let mut name = match operator.sign {
        Sign::Star => "star",
        Sign::FiveStar => "five_star",
        Sign::Otimes => "otimes",
        Sign::Odot => "odot",
        Sign::CircledStar => "circled_star",
        Sign::Bullet => "bullet",
        Sign::BoxDot => "boxdot",
        Sign::Circle => "circle",
        Sign::Times => "times",
        Sign::Beside | Sign::Dot | Sign::Slash | Sign::Mod | Sign::DoubleStar => "product",
    }
    .to_string();
    if operator.tilde {
        name.push_str("_wide");
    }
    if !operator.mode.is_empty() {
        name.push('_');
        name.extend(operator.mode.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }));
    }
    name
}

/// The gradient of the loss by a tensor, as a name.
pub fn gradient_name(tensor: &Name, symbols: &Symbols) -> String {
    format!("grad_{}", symbols.ident(tensor))
}

fn comparison(relation: Relation) -> Option<ast::Relation> {
    Some(match relation {
        Relation::Eq | Relation::Define => ast::Relation::Eq,
        Relation::Ne => ast::Relation::Ne,
        Relation::Lt => ast::Relation::Lt,
        Relation::Le => ast::Relation::Le,
        Relation::Gt => ast::Relation::Gt,
        Relation::Ge => ast::Relation::Ge,
        _ => return None,
    })
}

/// This many signs that may be convolutions may stand in one product; each is a call within the next.
const MAX_CALLS: usize = 40;

struct Maker<'a> {
    symbols: &'a Symbols,
}

impl Maker<'_> {
    fn ident(&self, name: &Name, span: Span) -> ast::Ident {
        ast::Ident { name: self.symbols.ident(name), span }
    }

    fn list(&self, parts: &[Expr]) -> Made<Vec<ast::Term>> {
        parts.iter().map(|part| self.term(part)).collect()
    }

    fn boxed(&self, expr: &Expr) -> Made<Box<ast::Term>> {
        self.term(expr).map(Box::new)
    }

    fn term(&self, expr: &Expr) -> Made<ast::Term> {
        let span = expr.span;
        let refuse = |what: &'static str| Err(Unsupported { span: span.bytes(), what });
        let kind = match &expr.kind {
            Kind::Number(number) => ast::TermKind::Number(number.clone()),
            Kind::Name(name) => ast::TermKind::Name(self.symbols.ident(name)),
            Kind::Entry(base, indices) => ast::TermKind::Subscript(self.boxed(base)?, self.list(indices)?),
            Kind::Call(function, arguments) => return self.call(function, arguments, span),
            Kind::Parens(Bracket::Round | Bracket::Square | Bracket::Curly, parts) => match parts.as_slice() {
                [only] => return self.term(only),
                _ => return refuse("a list of values"),
            },
            Kind::Add(terms) => {
                let mut made = Vec::new();
                for (number, (minus, part)) in terms.iter().enumerate() {
                    let part = self.term(part)?;
                    made.push(match (number, minus) {
                        (0, true) => (false, negated(part)),
                        _ => (*minus, part),
                    });
                }
                ast::TermKind::Add(made)
            }
            Kind::Neg(inner) => ast::TermKind::Neg(self.boxed(inner)?),
            Kind::Product(factors) => return self.product(factors, span),
            Kind::Power(base, exponent) if self.is_exponential(base, exponent) => {
                let name = ast::Ident { name: "exp".to_string(), span: base.span };
                ast::TermKind::Call(name, positional([self.term(exponent)?]), None)
            }
            Kind::Power(base, exponent) => ast::TermKind::Power(self.boxed(base)?, self.boxed(exponent)?),
            Kind::Root(inner) => {
                let name = ast::Ident { name: "sqrt".to_string(), span };
                ast::TermKind::Call(name, positional([self.term(inner)?]), None)
            }
            Kind::Transpose(inner) => {
                let name = ast::Ident { name: "transpose".to_string(), span };
                ast::TermKind::Call(name, positional([self.term(inner)?]), None)
            }
            Kind::Percent(inner) => {
                let hundred = ast::TermKind::Number(BigRational::from_integer(100.into()));
                let hundred = ast::Term { kind: hundred, span };
                ast::TermKind::Mul(vec![(ast::Operator::Times, self.term(inner)?), (ast::Operator::Over, hundred)])
            }
            Kind::Fraction(above, below) => ast::TermKind::Mul(vec![
                (ast::Operator::Times, self.term(above)?),
                (ast::Operator::Over, self.term(below)?),
            ]),
            Kind::Floor(inner) => ast::TermKind::Floor(self.boxed(inner)?),
            Kind::Ceil(inner) => ast::TermKind::Ceil(self.boxed(inner)?),
            Kind::Big(sign, binders, Some(body)) if !binders.is_empty() => {
                let items = self.binders(binders)?;
                match sign {
                    Big::Sum => ast::TermKind::Sum(items, self.boxed(body)?),
                    Big::Max => ast::TermKind::MaxOver(items, self.boxed(body)?),
                    _ => return refuse("a product, an integral or a minimum over letters"),
                }
            }
            Kind::Big(..) => return refuse("a sum without letters or without a body"),
            Kind::Derivative(of, by) => return self.derivative(of.as_deref(), by, span),
            Kind::Gradient(by, of) => {
                let target = by.as_deref().or(of.as_deref());
                return target.map_or_else(|| refuse("a gradient of nothing"), |target| self.gradient(target));
            }
            Kind::Infinity => return refuse("infinity as a value"),
            Kind::Ellipsis => return refuse("an ellipsis"),
            Kind::Slice => return refuse("a slice"),
            Kind::Text(_) => return refuse("words"),
            Kind::Matrix(_) => return refuse("a matrix"),
            Kind::Cases(_) => return refuse("a distinction of cases"),
            Kind::Interval(..) | Kind::Chain(_) | Kind::Rows(_) | Kind::Parens(..) | Kind::Scripted(..) => {
                return refuse("a comparison or a bracket without a value");
            }
        };
        Ok(ast::Term { kind, span })
    }

    fn call(&self, function: &Expr, arguments: &[Expr], span: Span) -> Made<ast::Term> {
        let made = self.list(arguments)?;
        let kind = match function.as_name() {
            // `(f*g)(x)` is an entry of what stands in the bracket.
            None => ast::TermKind::Subscript(self.boxed(function)?, made),
            Some(name) => match (name.base.as_str(), made.len()) {
                ("max", 2..) => ast::TermKind::Max(made),
                ("min", 2..) => ast::TermKind::Min(made),
                (KRONECKER, 2) => {
                    let mut sides = made.into_iter();
                    let (Some(first), Some(last)) = (sides.next(), sides.next()) else { return self.term(function) };
                    let rest = ast::Relations::Chain(vec![(ast::Relation::Eq, last)]);
                    ast::TermKind::Bracket(vec![ast::Condition { first, rest, span }])
                }
                ("floor", 1) => return Ok(unary(ast::TermKind::Floor, made, span)),
                ("ceil", 1) => return Ok(unary(ast::TermKind::Ceil, made, span)),
                _ => ast::TermKind::Call(self.ident(name, function.span), positional(made), None),
            },
        };
        Ok(ast::Term { kind, span })
    }

    /// Whether a power is `e^x`: the letter e, with an exponent that is not a number alone, as in the square of an error.
    fn is_exponential(&self, base: &Expr, exponent: &Expr) -> bool {
        base.as_name().is_some_and(|name| is_euler(name) && !self.symbols.tensors.contains_key(name))
            && !matches!(exponent.kind, Kind::Number(_))
    }

    /// Factors from left to right. A sign that may be a convolution takes everything before it as its left side.
    fn product(&self, factors: &[(Operator, Expr)], span: Span) -> Made<ast::Term> {
        let mut made: Vec<(ast::Operator, ast::Term)> = Vec::new();
        let mut plain = true;
        let mut calls = 0usize;
        for (operator, factor) in factors {
            let right = self.term(factor)?;
            let numbers = plain && self.counts(factor);
            let joins = match operator.sign {
                _ if operator.tilde || !operator.mode.is_empty() => None,
                Sign::Beside | Sign::Dot | Sign::Times => Some(ast::Operator::Times),
                Sign::Slash => Some(ast::Operator::Over),
                Sign::Mod => Some(ast::Operator::Mod),
                Sign::Star if numbers => Some(ast::Operator::Times),
                _ => None,
            };
            plain = numbers;
            match joins {
                Some(joins) => made.push((joins, right)),
                None => {
                    calls += 1;
                    if calls > MAX_CALLS {
                        return Err(Unsupported {
                            span: operator.span.bytes(),
                            what: "a product of so many operations",
                        });
                    }
                    let left = multiplied(std::mem::take(&mut made), span)
                        .ok_or(Unsupported { span: operator.span.bytes(), what: "a sign without a left side" })?;
                    let whole = left.span.to(right.span);
                    let name = ast::Ident { name: sign_name(operator), span: operator.span };
                    let call = ast::TermKind::Call(name, positional([left, right]), None);
                    made.push((ast::Operator::Times, ast::Term { kind: call, span: whole }));
                }
            }
        }
        multiplied(made, span).ok_or(Unsupported { span: span.bytes(), what: "an empty product" })
    }

    /// Whether a factor is a number or counts something, so that a star beside it multiplies.
    fn counts(&self, factor: &Expr) -> bool {
        let tensor = |name: &Name| {
            self.symbols.tensors.contains_key(name)
                || self.symbols.others.contains(name) && name.base.chars().count() == 1 && name.label.is_empty()
        };
        !factor.any(&mut |part| match &part.kind {
            Kind::Name(name) => tensor(name),
            Kind::Number(_) | Kind::Add(_) | Kind::Neg(_) | Kind::Parens(..) | Kind::Product(_) | Kind::Power(..) => {
                false
            }
            Kind::Floor(_) | Kind::Ceil(_) | Kind::Fraction(..) => false,
            _ => true,
        })
    }

    fn derivative(&self, of: Option<&Expr>, by: &Expr, span: Span) -> Made<ast::Term> {
        let of = of.ok_or(Unsupported { span: span.bytes(), what: "a derivative of nothing" })?;
        if self.is_loss(of) {
            return self.gradient(by);
        }
        let (name, position): (&Name, &[Expr]) = match &by.kind {
            Kind::Name(name) if !self.symbols.tensors.contains_key(name) => (name, &[]),
            Kind::Entry(base, indices) => match base.as_name() {
                Some(name) => (name, indices),
                None => return Err(Unsupported { span: by.span.bytes(), what: "a derivative by what is no entry" }),
            },
            _ => return Err(Unsupported { span: by.span.bytes(), what: "a derivative by a whole tensor" }),
        };
        let kind = ast::TermKind::Derivative(self.ident(name, by.span), self.list(position)?, self.boxed(of)?);
        Ok(ast::Term { kind, span })
    }

    /// A number that depends on everything: a name without entries, or a function of whole tensors.
    fn is_loss(&self, of: &Expr) -> bool {
        let loss = |name: &Name| {
            let family = name.family();
            !self.symbols.tensors.keys().any(|tensor| tensor.family() == family)
                && matches!(
                    family.base.as_str(),
                    "ℒ" | "L" | "E" | "C" | "J" | "Loss" | "loss" | "f" | "F" | "Cost" | "cost"
                )
        };
        match &of.kind {
            Kind::Name(name) => loss(name),
            Kind::Call(function, _) => function.as_name().is_some_and(loss),
            _ => false,
        }
    }

    fn gradient(&self, by: &Expr) -> Made<ast::Term> {
        let (kind, span) = match &by.kind {
            Kind::Name(name) => (ast::TermKind::Name(gradient_name(name, self.symbols)), by.span),
            Kind::Entry(base, indices) => {
                let Some(name) = base.as_name() else {
                    return Err(Unsupported { span: by.span.bytes(), what: "a gradient by what is no entry" });
                };
                let tensor = ast::TermKind::Name(gradient_name(name, self.symbols));
                let tensor = ast::Term { kind: tensor, span: base.span };
                (ast::TermKind::Subscript(Box::new(tensor), self.list(indices)?), by.span)
            }
            _ => return Err(Unsupported { span: by.span.bytes(), what: "a gradient by what is no tensor" }),
        };
        Ok(ast::Term { kind, span })
    }

    // ------------------------------------------------------------------------------------------------------------ ranges

    fn binders(&self, binders: &[Binder]) -> Made<Vec<ast::BinderItem>> {
        let mut items = Vec::new();
        for binder in binders {
            match binder {
                Binder::Letter { letter, lower, upper } => {
                    let range = match (lower, upper) {
                        (None, None) => None,
                        (Some(lower), Some(upper)) => Some(ast::Range {
                            lower: self.bound(lower)?,
                            upper: self.bound(upper)?,
                            half_open: false,
                            span: lower.span.to(upper.span),
                        }),
                        _ => return Err(Unsupported { span: letter.span.bytes(), what: "a range with one end" }),
                    };
                    items.push(ast::BinderItem::Letters(vec![self.letter(letter)?], range));
                }
                Binder::Among(letters, set) => {
                    let letters = letters.iter().map(|letter| self.letter(letter)).collect::<Made<Vec<_>>>()?;
                    items.push(ast::BinderItem::Letters(letters, Some(self.range(set)?)));
                }
                Binder::Condition(chain) => items.push(ast::BinderItem::Condition(self.condition(chain)?)),
            }
        }
        Ok(items)
    }

    fn letter(&self, letter: &Expr) -> Made<ast::Letter> {
        match letter.as_name() {
            Some(name) => Ok(ast::Letter { ident: self.ident(name, letter.span), rank: None }),
            None => Err(Unsupported { span: letter.span.bytes(), what: "a sum over what is no letter" }),
        }
    }

    fn bound(&self, bound: &Expr) -> Made<ast::Bound> {
        match &bound.kind {
            Kind::Infinity => Ok(ast::Bound::Infinity),
            Kind::Neg(inner) if inner.kind == Kind::Infinity => Ok(ast::Bound::MinusInfinity),
            _ => self.term(bound).map(ast::Bound::Term),
        }
    }

    fn range(&self, set: &Expr) -> Made<ast::Range> {
        match &set.kind {
            Kind::Interval(bracket @ (Bracket::Square | Bracket::HalfOpen), left, right) => Ok(ast::Range {
                lower: self.bound(left)?,
                upper: self.bound(right)?,
                half_open: *bracket == Bracket::HalfOpen,
                span: set.span,
            }),
            _ => Err(Unsupported { span: set.span.bytes(), what: "a set that is no interval" }),
        }
    }

    fn condition(&self, chain: &Chain) -> Made<ast::Condition> {
        let refuse = |what: &'static str| Unsupported { span: chain.span.bytes(), what };
        let first = chain.first.as_ref().ok_or_else(|| refuse("a comparison without a left side"))?;
        let first = self.term(first)?;
        if let [Link { relation: Relation::In, side: Some(set), .. }] = chain.links.as_slice() {
            let rest = ast::Relations::In(self.range(set)?);
            return Ok(ast::Condition { first, rest, span: chain.span });
        }
        let mut rest = Vec::new();
        for link in &chain.links {
            let relation = comparison(link.relation).ok_or_else(|| refuse("this relation compares no values"))?;
            let side = link.side.as_ref().ok_or_else(|| refuse("a comparison without a right side"))?;
            rest.push((relation, self.term(side)?));
        }
        if rest.is_empty() {
            return Err(refuse("a value of which nothing is said"));
        }
        Ok(ast::Condition { first, rest: ast::Relations::Chain(rest), span: chain.span })
    }
}

/// The name of the Kronecker symbol, 1 where its two arguments are equal and else 0, in expressions of which it is known.
pub const KRONECKER: &str = "kronecker";

/// Whether a name is the letter e alone, the base of the natural logarithm where it has an exponent.
pub fn is_euler(name: &Name) -> bool {
    name.base == "e" && name.label.is_empty() && name.layer.is_empty() && name.primes == 0
}

fn negated(term: ast::Term) -> ast::Term {
    let span = term.span;
    ast::Term { kind: ast::TermKind::Neg(Box::new(term)), span }
}

fn unary(kind: fn(Box<ast::Term>) -> ast::TermKind, mut made: Vec<ast::Term>, span: Span) -> ast::Term {
    let inner =
        made.pop().unwrap_or(ast::Term { kind: ast::TermKind::Number(BigRational::from_integer(0.into())), span });
    ast::Term { kind: kind(Box::new(inner)), span }
}

/// One factor is itself.
fn multiplied(mut factors: Vec<(ast::Operator, ast::Term)>, span: Span) -> Option<ast::Term> {
    match factors.len() {
        0 => None,
        1 => factors.pop().map(|(_, term)| term),
        _ => Some(ast::Term { kind: ast::TermKind::Mul(factors), span }),
    }
}

/// Arguments by position.
fn positional(terms: impl IntoIterator<Item = ast::Term>) -> Vec<ast::Argument> {
    terms.into_iter().map(|term| ast::Argument { name: None, term }).collect()
}
