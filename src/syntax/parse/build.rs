//! From the parser's pairs to the surface tree.

use num_bigint::BigInt;
use num_rational::BigRational;
use pest::iterators::{Pair, Pairs};

use super::grammar::Rule;
use crate::diag::Diagnostic;
use crate::syntax::ast::*;

/// Numerals may have this many digits.
const MAX_DIGITS: usize = 400;

/// Turns pairs into the tree; `base` is where the parsed text begins in the whole text.
pub(super) struct Builder {
    pub(super) base: usize,
}

pub(super) type Built<T> = Result<T, Diagnostic>;

impl Builder {
    fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        let text = pair.as_str();
        let start = self.base + span.start();
        Span { start, end: start + text.trim_end().len() }
    }

    pub(super) fn next<'a>(&self, pairs: &mut Pairs<'a, Rule>) -> Built<Pair<'a, Rule>> {
        pairs.next().ok_or_else(|| Diagnostic::error(self.base..self.base, "the text ends too early"))
    }

    fn unexpected<T>(&self, pair: &Pair<'_, Rule>) -> Built<T> {
        Err(Diagnostic::error(self.span(pair).bytes(), format!("`{}` cannot stand here", pair.as_str())))
    }

    fn ident(&self, pair: &Pair<'_, Rule>) -> Ident {
        Ident { name: pair.as_str().to_string(), span: self.span(pair) }
    }

    fn idents(&self, pairs: Pairs<'_, Rule>) -> Vec<Ident> {
        pairs.map(|pair| self.ident(&pair)).collect()
    }

    pub(super) fn item(&self, pair: Pair<'_, Rule>) -> Built<Item> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let mut inner = pair.clone().into_inner();
        let kind = match rule {
            Rule::use_item => ItemKind::Use(self.ident(&self.next(&mut inner)?)),
            Rule::size_item | Rule::integer_item => {
                let mut groups = Vec::new();
                let mut letters = Vec::new();
                for part in inner {
                    match part.as_rule() {
                        Rule::least => groups
                            .push(Letters { letters: std::mem::take(&mut letters), least: Some(self.least(part)?) }),
                        _ => letters.push(self.letter(part)?),
                    }
                }
                if !letters.is_empty() {
                    groups.push(Letters { letters, least: None });
                }
                if rule == Rule::size_item { ItemKind::Size(groups) } else { ItemKind::Integer(groups) }
            }
            Rule::rank_item => ItemKind::Rank(self.idents(inner)),
            Rule::integer_function_item => {
                ItemKind::IntegerFunction(inner.map(|part| self.arrow(part)).collect::<Built<_>>()?)
            }
            Rule::assume_item => {
                let list = self.conditions(self.next(&mut inner)?)?;
                let letters = match inner.next() {
                    Some(part) => self.binders(self.next(&mut part.into_inner())?)?,
                    None => Vec::new(),
                };
                ItemKind::Assume(list, letters)
            }
            Rule::tensor_item => ItemKind::Tensor(inner.map(|part| self.boxed(part)).collect::<Built<_>>()?),
            Rule::scalar_item => ItemKind::Scalar(self.idents(inner)),
            Rule::function_item => ItemKind::Function(inner.map(|part| self.arrow(part)).collect::<Built<_>>()?),
            Rule::scalar_function_item => {
                let (mut arrows, mut slopes) = (Vec::new(), Vec::new());
                for part in inner {
                    match part.as_rule() {
                        Rule::where_clause => slopes = self.conditions(self.next(&mut part.into_inner())?)?,
                        _ => arrows.push(self.arrow(part)?),
                    }
                }
                ItemKind::ScalarFunction(arrows, slopes)
            }
            Rule::def_item => ItemKind::Def(Box::new(self.def(inner)?)),
            Rule::let_item => {
                let (name, result, term) = self.named(inner)?;
                ItemKind::Let(name, result, term)
            }
            Rule::derive_item => ItemKind::Derive(self.derive(inner)?),
            Rule::cost_item => {
                let name = self.ident(&self.next(&mut inner)?);
                let (_equals, term) = (self.next(&mut inner)?, self.next(&mut inner)?);
                ItemKind::Cost(name, self.term(term)?)
            }
            Rule::theorem_item => {
                let name = self.ident(&self.next(&mut inner)?);
                ItemKind::Theorem(Box::new(self.theorem(name, inner)?))
            }
            _ => return self.unexpected(&pair),
        };
        Ok(Item { kind, span })
    }

    /// `name = term`, or `name[i in 0..n-1] = term`
    fn named(&self, mut inner: Pairs<'_, Rule>) -> Built<(Ident, Option<Vec<BinderItem>>, Term)> {
        let name = self.ident(&self.next(&mut inner)?);
        let mut part = self.next(&mut inner)?;
        let mut result = None;
        if part.as_rule() == Rule::result {
            result = Some(self.binders(self.next(&mut part.into_inner())?)?);
            part = self.next(&mut inner)?;
        }
        let _equals = part;
        Ok((name, result, self.term(self.next(&mut inner)?)?))
    }

    fn derive(&self, inner: Pairs<'_, Rule>) -> Built<Derive> {
        if inner.peek().is_some_and(|first| first.as_rule() == Rule::ident) {
            let (name, result, term) = self.named(inner)?;
            return Ok(Derive::Closed(name, result, term));
        }
        let (mut wanted, mut given) = (Vec::new(), Vec::new());
        for part in inner {
            match part.as_rule() {
                Rule::given => {
                    given = part.into_inner().map(|gradient| self.gradient(gradient)).collect::<Built<_>>()?;
                }
                _ => wanted.push(self.gradient(part)?),
            }
        }
        Ok(Derive::Gradients(wanted, given))
    }

    fn gradient(&self, pair: Pair<'_, Rule>) -> Built<Gradient> {
        let mut inner = pair.into_inner();
        let name = self.ident(&self.next(&mut inner)?);
        let (_equals, partial) = (self.next(&mut inner)?, self.next(&mut inner)?);
        let mut names = partial.into_inner();
        let (loss, by) = (self.next(&mut names)?, self.next(&mut names)?);
        Ok(Gradient { name, loss: self.ident(&loss), by: self.ident(&by) })
    }

    fn letter(&self, pair: Pair<'_, Rule>) -> Built<Letter> {
        let mut inner = pair.into_inner();
        let ident = self.ident(&self.next(&mut inner)?);
        Ok(Letter { ident, rank: inner.next().map(|rank| self.ident(&rank)) })
    }

    fn least(&self, pair: Pair<'_, Rule>) -> Built<Least> {
        let mut inner = pair.into_inner();
        let strict = self.next(&mut inner)?.as_rule() == Rule::gt;
        Ok(Least { strict, bound: self.term(self.next(&mut inner)?)? })
    }

    fn boxed(&self, pair: Pair<'_, Rule>) -> Built<Boxed> {
        let mut inner = pair.into_inner();
        let name = self.ident(&self.next(&mut inner)?);
        Ok(Boxed { name, sides: inner.map(|side| self.side(side)).collect::<Built<_>>()? })
    }

    fn side(&self, pair: Pair<'_, Rule>) -> Built<Side> {
        let mut inner = pair.into_inner();
        let range = self.range(self.next(&mut inner)?)?;
        Ok(Side { range, rank: inner.next().map(|rank| self.ident(&rank)) })
    }

    fn arrow(&self, pair: Pair<'_, Rule>) -> Built<Arrow> {
        let mut inner = pair.into_inner();
        let name = self.ident(&self.next(&mut inner)?);
        Ok(Arrow { name, letters: inner.map(|letter| self.letter(letter)).collect::<Built<_>>()? })
    }

    fn def(&self, mut inner: Pairs<'_, Rule>) -> Built<Def> {
        let name = self.ident(&self.next(&mut inner)?);
        let (mut parameters, mut semicolon, mut assumptions, mut result, mut body) = (vec![], None, vec![], None, None);
        for part in inner {
            match part.as_rule() {
                Rule::parameters => {
                    for part in part.into_inner() {
                        if part.as_rule() == Rule::semicolon {
                            if semicolon.is_some() {
                                return Err(Diagnostic::error(self.span(&part).bytes(), "a second `;`")
                                    .with_hint("one `;` parts the tensors from the integers"));
                            }
                            semicolon = Some(parameters.len());
                        } else {
                            parameters.push(self.parameter(part)?);
                        }
                    }
                }
                Rule::where_clause => assumptions = self.conditions(self.next(&mut part.into_inner())?)?,
                Rule::result => result = Some(self.binders(self.next(&mut part.into_inner())?)?),
                Rule::term => body = Some(self.term(part)?),
                _ => {}
            }
        }
        let body =
            body.ok_or_else(|| Diagnostic::error(name.span.bytes(), "this definition says nothing after `=`"))?;
        Ok(Def { name, parameters, semicolon, assumptions, result, body })
    }

    fn parameter(&self, pair: Pair<'_, Rule>) -> Built<Parameter> {
        let part = self.next(&mut pair.into_inner())?;
        match part.as_rule() {
            Rule::boxed => return Ok(Parameter::Tensor(self.boxed(part)?)),
            Rule::scalar_parameter => return Ok(Parameter::Scalar(self.ident(&self.next(&mut part.into_inner())?))),
            Rule::function_parameter => {
                return Ok(Parameter::Function(self.arrow(self.next(&mut part.into_inner())?)?));
            }
            _ => {}
        }
        let (mut names, mut least, mut default) = (Vec::new(), None, None);
        for part in part.into_inner() {
            match part.as_rule() {
                Rule::least => least = Some(Box::new(self.least(part)?)),
                Rule::default => default = Some(Box::new(self.term(self.last(&mut part.into_inner())?)?)),
                _ => names.push(self.ident(&part)),
            }
        }
        let mut names = names.into_iter();
        let ident = names.next().ok_or_else(|| Diagnostic::error(self.base..self.base, "a parameter has no name"))?;
        Ok(Parameter::Integer(Letter { ident, rank: names.next() }, least, default))
    }

    fn argument(&self, pair: Pair<'_, Rule>) -> Built<Argument> {
        let mut name = None;
        let span = self.span(&pair);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::ident => name = Some(self.ident(&part)),
                Rule::equals => {}
                _ => return Ok(Argument { name, term: self.term(part)? }),
            }
        }
        Err(Diagnostic::error(span.bytes(), "an argument is expected here"))
    }

    pub(super) fn theorem(&self, name: Ident, inner: Pairs<'_, Rule>) -> Built<Theorem> {
        let (mut indices, mut assumptions, mut claim, mut expectation, mut proof) = (vec![], vec![], None, None, None);
        for part in inner {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::for_clause => indices.extend(self.binders(self.next(&mut part.into_inner())?)?),
                Rule::where_clause => assumptions.extend(self.conditions(self.next(&mut part.into_inner())?)?),
                Rule::claim => {
                    let mut sides = part.into_inner();
                    let left = self.conditions(self.next(&mut sides)?)?;
                    let right = sides.next_back().map(|side| self.conditions(side)).transpose()?;
                    claim = Some(Claim { left, right, span });
                }
                Rule::expectation => expectation = part.into_inner().next().map(|word| self.ident(&word)),
                Rule::proof => proof = Some(self.proof(part)?),
                _ => {}
            }
        }
        let claim = claim.ok_or_else(|| Diagnostic::error(name.span.bytes(), "this theorem claims nothing"))?;
        Ok(Theorem { name, indices: joined(indices), assumptions, claim, expectation, proof })
    }

    fn proof(&self, pair: Pair<'_, Rule>) -> Built<Proof> {
        let mut inner = pair.into_inner();
        let first = self.term(self.next(&mut inner)?)?;
        let mut lines = Vec::new();
        for line in inner {
            let (mut term, mut hints) = (None, Vec::new());
            let span = self.span(&line);
            for part in line.into_inner() {
                match part.as_rule() {
                    Rule::term => term = Some(self.term(part)?),
                    Rule::hints => hints = part.into_inner().map(|hint| self.hint(hint)).collect::<Built<_>>()?,
                    _ => {}
                }
            }
            let term = term.ok_or_else(|| Diagnostic::error(span.bytes(), "this line has no expression"))?;
            lines.push(Line { term, hints });
        }
        Ok(Proof { first, lines })
    }

    fn hint(&self, pair: Pair<'_, Rule>) -> Built<Hint> {
        let part = self.next(&mut pair.into_inner())?;
        let mut inner = part.clone().into_inner();
        if part.as_rule() == Rule::hint_name {
            return Ok(Hint::Name(self.ident(&self.next(&mut inner)?)));
        }
        let left = self.term(self.next(&mut inner)?)?;
        self.next(&mut inner)?;
        Ok(Hint::Equation(left, self.term(self.next(&mut inner)?)?))
    }

    fn conditions(&self, pair: Pair<'_, Rule>) -> Built<Vec<Condition>> {
        pair.into_inner().map(|condition| self.condition(condition)).collect()
    }

    fn condition(&self, pair: Pair<'_, Rule>) -> Built<Condition> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let first = self.term(self.next(&mut inner)?)?;
        Ok(Condition { first, rest: self.relations(inner)?, span })
    }

    fn relations(&self, mut inner: Pairs<'_, Rule>) -> Built<Relations> {
        let mut chain = Vec::new();
        while let Some(part) = inner.next() {
            match part.as_rule() {
                Rule::divides => return Ok(Relations::Divides(self.term(self.next(&mut inner)?)?)),
                Rule::range => return Ok(Relations::In(self.range(part)?)),
                _ => {
                    let sign = self.next(&mut part.into_inner())?;
                    let relation = match sign.as_rule() {
                        Rule::le => Relation::Le,
                        Rule::ge => Relation::Ge,
                        Rule::ne => Relation::Ne,
                        Rule::lt => Relation::Lt,
                        Rule::gt => Relation::Gt,
                        _ => Relation::Eq,
                    };
                    chain.push((relation, self.term(self.next(&mut inner)?)?));
                }
            }
        }
        Ok(Relations::Chain(chain))
    }

    fn range(&self, pair: Pair<'_, Rule>) -> Built<Range> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let lower = self.bound(self.next(&mut inner)?)?;
        let half_open = self.next(&mut inner)?.as_rule() == Rule::half_open;
        let upper = self.bound(self.next(&mut inner)?)?;
        Ok(Range { lower, upper, half_open, span })
    }

    fn bound(&self, pair: Pair<'_, Rule>) -> Built<Bound> {
        let part = self.next(&mut pair.into_inner())?;
        if part.as_rule() == Rule::infinity {
            return Ok(if part.into_inner().next().is_some() { Bound::MinusInfinity } else { Bound::Infinity });
        }
        Ok(Bound::Term(self.term(part)?))
    }

    fn binders(&self, pair: Pair<'_, Rule>) -> Built<Vec<BinderItem>> {
        let mut items = Vec::new();
        for item in pair.into_inner() {
            let part = self.next(&mut item.into_inner())?;
            let span = self.span(&part);
            let ranked = part.as_rule() == Rule::ranked_letter;
            let mut inner = part.into_inner();
            let first = self.next(&mut inner)?;
            if ranked {
                let rank = Some(self.ident(&self.next(&mut inner)?));
                let range = inner.next().map(|range| self.range(range)).transpose()?;
                items.push(BinderItem::Letters(vec![Letter { ident: self.ident(&first), rank }], range));
                continue;
            }
            let first = self.term(first)?;
            let rest = self.relations(inner)?;
            let letter = match &first.kind {
                TermKind::Name(name) => {
                    Some(Letter { ident: Ident { name: name.clone(), span: first.span }, rank: None })
                }
                _ => None,
            };
            items.push(match (letter, rest) {
                (Some(letter), Relations::In(range)) => BinderItem::Letters(vec![letter], Some(range)),
                (Some(letter), Relations::Chain(chain)) if chain.is_empty() => BinderItem::Letters(vec![letter], None),
                (None, Relations::Chain(chain)) if chain.is_empty() => {
                    return Err(Diagnostic::error(span.bytes(), "a letter or a condition is expected here").with_hint(
                        "write a letter, a letter with its range such as u in 1..m, or a condition such as i < j",
                    ));
                }
                (_, rest) => BinderItem::Condition(Condition { first, rest, span }),
            });
        }
        Ok(joined(items))
    }

    fn terms(&self, pairs: Pairs<'_, Rule>) -> Built<Vec<Term>> {
        pairs.map(|pair| self.term(pair)).collect()
    }

    /// Any rule that stands for a term.
    fn term(&self, pair: Pair<'_, Rule>) -> Built<Term> {
        let span = self.span(&pair);
        let mut inner = pair.clone().into_inner();
        let kind = match pair.as_rule() {
            Rule::term => {
                let first = self.term(self.next(&mut inner)?)?;
                let mut terms = vec![(false, first)];
                while let Some(sign) = inner.next() {
                    terms.push((sign.as_rule() == Rule::minus, self.term(self.next(&mut inner)?)?));
                }
                return Ok(single(terms, TermKind::Add, span));
            }
            Rule::product => {
                let first = self.term(self.next(&mut inner)?)?;
                let mut factors = vec![(Operator::Times, first)];
                while let Some(part) = inner.next() {
                    if part.as_rule() != Rule::operator {
                        factors.push((Operator::Times, self.term(part)?));
                        continue;
                    }
                    let operator = match self.next(&mut part.into_inner())?.as_rule() {
                        Rule::over => Operator::Over,
                        Rule::modulo => Operator::Mod,
                        _ => Operator::Times,
                    };
                    factors.push((operator, self.term(self.next(&mut inner)?)?));
                }
                return Ok(single(factors, TermKind::Mul, span));
            }
            Rule::unary => {
                let mut signs = 0usize;
                let mut term = None;
                for part in inner {
                    match part.as_rule() {
                        Rule::minus => signs += 1,
                        _ => term = Some(self.term(part)?),
                    }
                }
                let Some(mut term) = term else { return self.unexpected(&pair) };
                for _ in 0..signs {
                    term = Term { kind: TermKind::Neg(Box::new(term)), span };
                }
                return Ok(term);
            }
            Rule::binder => {
                let head = self.next(&mut inner)?;
                let body = Box::new(self.term(self.next(&mut inner)?)?);
                let rule = head.as_rule();
                let mut parts = head.into_inner();
                match rule {
                    Rule::sum_head => TermKind::Sum(self.binders(self.next(&mut parts)?)?, body),
                    Rule::max_head => TermKind::MaxOver(self.binders(self.last(&mut parts)?)?, body),
                    _ => {
                        let tensor = self.ident(&self.next(&mut parts)?);
                        let position = parts.next().map(|part| self.terms(part.into_inner())).transpose()?;
                        TermKind::Derivative(tensor, position.unwrap_or_default(), body)
                    }
                }
            }
            Rule::power => {
                let base = self.term(self.next(&mut inner)?)?;
                let Some(exponent) = inner.next() else { return Ok(base) };
                let exponent = if exponent.as_rule() == Rule::superscript {
                    let value = if exponent.as_str() == "²" { 2 } else { 3 };
                    let kind = TermKind::Number(BigRational::from_integer(BigInt::from(value)));
                    Term { kind, span: self.span(&exponent) }
                } else {
                    self.term(self.next(&mut exponent.into_inner())?)?
                };
                TermKind::Power(Box::new(base), Box::new(exponent))
            }
            Rule::postfix => {
                let mut term = self.term(self.next(&mut inner)?)?;
                for subscript in inner {
                    let whole = term.span.to(self.span(&subscript));
                    let kind = TermKind::Subscript(Box::new(term), self.terms(subscript.into_inner())?);
                    term = Term { kind, span: whole };
                }
                return Ok(term);
            }
            Rule::number => TermKind::Number(self.number(&pair)?),
            Rule::ident => TermKind::Name(pair.as_str().to_string()),
            Rule::whole => TermKind::Whole,
            Rule::paren => return self.term(self.next(&mut inner)?),
            Rule::bracket => TermKind::Bracket(self.conditions(self.next(&mut inner)?)?),
            Rule::floor => TermKind::Floor(Box::new(self.term(self.next(&mut inner)?)?)),
            Rule::ceil => TermKind::Ceil(Box::new(self.term(self.next(&mut inner)?)?)),
            Rule::maximum => TermKind::Max(self.terms(inner)?),
            Rule::minimum => TermKind::Min(self.terms(inner)?),
            Rule::call => {
                let name = self.ident(&self.next(&mut inner)?);
                let (mut arguments, mut semicolon) = (Vec::new(), None);
                for part in self.next(&mut inner)?.into_inner() {
                    if part.as_rule() != Rule::semicolon {
                        arguments.push(self.argument(part)?);
                    } else if semicolon.replace(arguments.len()).is_some() {
                        return Err(Diagnostic::error(self.span(&part).bytes(), "a second `;`")
                            .with_hint("one `;` parts the tensors from the integers"));
                    }
                }
                TermKind::Call(name, arguments, semicolon)
            }
            _ => return self.unexpected(&pair),
        };
        Ok(Term { kind, span })
    }

    fn last<'a>(&self, pairs: &mut Pairs<'a, Rule>) -> Built<Pair<'a, Rule>> {
        pairs.next_back().ok_or_else(|| Diagnostic::error(self.base..self.base, "the text ends too early"))
    }

    fn number(&self, pair: &Pair<'_, Rule>) -> Built<BigRational> {
        let text = pair.as_str();
        let fault = |message: String| Diagnostic::error(self.span(pair).bytes(), message);
        if text.len() > MAX_DIGITS {
            return Err(fault(format!("this number has more than {MAX_DIGITS} digits")));
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits: BigInt =
            format!("{whole}{fraction}").parse().map_err(|_| fault("this is no number".to_string()))?;
        let places = u32::try_from(fraction.len()).unwrap_or(u32::MAX);
        Ok(BigRational::new(digits, BigInt::from(10).pow(places)))
    }
}

/// A list with one element is that element.
fn single<T>(mut parts: Vec<(T, Term)>, kind: fn(Vec<(T, Term)>) -> TermKind, span: Span) -> Term {
    match (parts.pop(), parts.is_empty()) {
        (Some((_, only)), true) => only,
        (Some(last), false) => {
            parts.push(last);
            Term { kind: kind(parts), span }
        }
        (None, _) => Term { kind: kind(parts), span },
    }
}

/// Letters without a range share the range of the letter after them: `i, j in 1..n`.
fn joined(items: Vec<BinderItem>) -> Vec<BinderItem> {
    let mut result: Vec<BinderItem> = Vec::new();
    for item in items {
        match (result.last_mut(), item) {
            (Some(BinderItem::Letters(before, range @ None)), BinderItem::Letters(letters, new)) => {
                before.extend(letters);
                *range = new;
            }
            (_, item) => result.push(item),
        }
    }
    result
}
