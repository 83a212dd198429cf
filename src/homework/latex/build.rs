//! From the parser's pairs to the tree of a formula.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use pest::iterators::{Pair, Pairs};

use super::super::formula::*;
use super::super::note::{Fault, Note, NoteKind};
use super::{Rule, Styles, signs};

pub(super) type Built<T> = Result<T, Fault>;

/// Builds trees with places in the whole text.
pub(super) struct Builder<'a> {
    /// The text of the formula.
    pub text: &'a str,
    /// Where it begins in the whole text.
    pub base: usize,
    /// Whether it stood without delimiters, where `x_ij` has a subscript of two letters.
    pub bare: bool,
    /// What is remarkable.
    pub notes: Vec<Note>,
    /// Letters in bold and not in bold.
    pub styles: BTreeMap<String, Styles>,
}

impl<'a> Builder<'a> {
    pub(super) fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let inner = pair.as_str().trim_end();
        let start = self.base + pair.as_span().start();
        Span { start, end: start + inner.len() }
    }

    /// The text at a place.
    pub(super) fn source(&self, span: Span) -> &'a str {
        self.text.get(span.start.saturating_sub(self.base)..span.end.saturating_sub(self.base)).unwrap_or_default()
    }

    pub(super) fn note(&mut self, kind: NoteKind, span: Span, message: impl Into<String>) {
        self.notes.push(Note::new(kind, span.bytes(), message));
    }

    pub(super) fn missing(&self, span: Span) -> Fault {
        Fault::new(span.bytes(), "something is missing here")
    }

    pub(super) fn next<'i>(&self, pairs: &mut Pairs<'i, Rule>, span: Span) -> Built<Pair<'i, Rule>> {
        pairs.next().ok_or_else(|| self.missing(span))
    }

    // ----------------------------------------------------------------------------------------------------------- chains

    pub(super) fn chain(&mut self, pair: Pair<'_, Rule>) -> Built<Chain> {
        let mut chain = Chain { first: None, links: Vec::new(), span: self.span(&pair) };
        for part in pair.into_inner() {
            let span = self.span(&part);
            if part.as_rule() == Rule::relation {
                let (relation, reason) = self.relation(part)?;
                if let Some(last) = chain.links.last_mut()
                    && last.side.is_none()
                {
                    self.notes.push(Note::new(
                        NoteKind::DoubledRelation,
                        last.span.to(span).bytes(),
                        "two relations follow each other; the second is read",
                    ));
                    last.relation = relation;
                    last.span = span;
                    continue;
                }
                chain.links.push(Link { relation, side: None, reason, span });
            } else {
                let side = self.expr(part)?;
                match chain.links.last_mut() {
                    Some(link) => link.side = Some(side),
                    None => chain.first = Some(side),
                }
            }
        }
        Ok(chain)
    }

    fn relation(&mut self, pair: Pair<'_, Rule>) -> Built<(Relation, Vec<Expr>)> {
        let span = self.span(&pair);
        let inner = self.next(&mut pair.into_inner(), span)?;
        match inner.as_rule() {
            Rule::reasoned => {
                let arrow = inner.as_str().contains("ightarrow");
                let mut reason = Vec::new();
                for part in inner.into_inner().filter(|part| part.as_rule() != Rule::reason_sign) {
                    reason.extend(self.list(part)?);
                }
                Ok((if arrow { Relation::To } else { Relation::Eq }, reason))
            }
            Rule::over_equals => {
                let (mut relation, mut reason) = (Relation::Eq, Vec::new());
                for part in inner.into_inner() {
                    if part.as_rule() == Rule::relation_sign {
                        relation = signs::relation(part.as_str());
                    } else if matches!(part.as_rule(), Rule::w_build | Rule::w_built | Rule::w_over) {
                        continue;
                    } else if part.as_rule() != Rule::group {
                        reason = vec![self.primary(part)?];
                    } else {
                        reason = self.list(part)?;
                    }
                }
                // `def`, or the triangle of `≜`.
                let word =
                    |expr: &Expr| expr.as_name().is_some_and(|name| name.base.starts_with("def") || name.base == "Δ");
                if reason.iter().any(word) {
                    relation = Relation::Define;
                }
                Ok((relation, reason))
            }
            _ => Ok((signs::relation(inner.as_str()), Vec::new())),
        }
    }

    /// The parts of a list or of a group that holds one.
    pub(super) fn list(&mut self, pair: Pair<'_, Rule>) -> Built<Vec<Expr>> {
        let mut list = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::list => list.extend(self.list(part)?),
                Rule::item => match self.listed(&part) {
                    Some(numbers) => list.extend(numbers),
                    None => list.push(self.item(part)?),
                },
                _ => {}
            }
        }
        Ok(list)
    }

    /// In a list `1,256` is two numbers.
    fn listed(&self, pair: &Pair<'_, Rule>) -> Option<Vec<Expr>> {
        let text = pair.as_str().trim_end();
        if !text.contains(',') || !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b',') {
            return None;
        }
        let mut start = self.base + pair.as_span().start();
        let parts = text.split(',').map(|part| {
            let span = Span { start, end: start + part.len() };
            start = span.end + 1;
            Some(Expr::new(Kind::Number(number(part)?), span))
        });
        parts.collect()
    }

    fn item(&mut self, pair: Pair<'_, Rule>) -> Built<Expr> {
        let span = self.span(&pair);
        let (mut parts, mut last) = (Vec::new(), None);
        for part in pair.into_inner() {
            let here = self.span(&part);
            let expr = match part.as_rule() {
                Rule::chain => {
                    let chain = self.chain(part)?;
                    match chain {
                        Chain { first: Some(first), links, .. } if links.is_empty() => first,
                        chain => Expr::new(Kind::Chain(Box::new(chain)), here),
                    }
                }
                Rule::slice => Expr::new(Kind::Slice, here),
                Rule::up_to => {
                    let end = self.next(&mut part.into_inner(), here)?;
                    last = Some(self.expr(end)?);
                    continue;
                }
                Rule::words => {
                    let words = super::rows::plain_words(part.as_str().trim());
                    Expr::new(Kind::Text(words.trim_matches(['\'', '’', '‘', '"', '“', '”']).to_string()), here)
                }
                _ => Expr::new(Kind::Text(part.as_str().trim().to_string()), here),
            };
            parts.push(expr);
        }
        if let Some(last) = last {
            return self.up_to(parts, last, span);
        }
        if parts.len() == 1 {
            return parts.pop().ok_or_else(|| self.missing(span));
        }
        let text = self.source(span).trim().to_string();
        if parts.iter().any(|part| part.kind == Kind::Slice) {
            // `1:n` and the like.
            return Ok(Expr::new(Kind::Text(text), span));
        }
        // `u < 1 或 u > M`: conditions of which one holds.
        let joins = |part: &Expr| match &part.kind {
            Kind::Text(words) => matches!(words.trim(), "或" | "且" | "或者" | "并且" | "or" | "and"),
            kind => matches!(kind, Kind::Chain(_)),
        };
        if parts.iter().all(joins) {
            return Ok(Expr::new(Kind::Text(text), span));
        }
        let words = parts.iter().find(|part| matches!(part.kind, Kind::Text(_))).map_or(span, |part| part.span);
        let mut fault = Fault::new(words.bytes(), format!("`{}` cannot be read here", self.source(words)));
        fault.hint = Some("an index with a condition in words is not read; give its bounds".to_string());
        Err(fault)
    }

    /// `u = 1..m` is a range, `1..m` alone an interval.
    fn up_to(&self, mut parts: Vec<Expr>, last: Expr, span: Span) -> Built<Expr> {
        let interval = |first: Expr, last: Expr| {
            let span = first.span.to(last.span);
            Expr::new(Kind::Interval(Bracket::Square, Box::new(first), Box::new(last)), span)
        };
        let (Some(only), true) = (parts.pop(), parts.is_empty()) else {
            return Err(Fault::new(span.bytes(), "a range has one first value and one last"));
        };
        match only.kind {
            Kind::Chain(mut chain) => match chain.links.as_mut_slice() {
                [Link { relation: relation @ (Relation::Eq | Relation::In), side: Some(first), .. }] => {
                    *relation = Relation::In;
                    let start = first.clone();
                    *first = interval(start, last);
                    Ok(Expr::new(Kind::Chain(chain), span))
                }
                _ => Err(Fault::new(span.bytes(), "a range follows a letter and `=`")),
            },
            _ => Ok(interval(only, last)),
        }
    }

    // ------------------------------------------------------------------------------------------------------------ terms

    pub(super) fn expr(&mut self, pair: Pair<'_, Rule>) -> Built<Expr> {
        let span = self.span(&pair);
        let mut terms: Vec<(bool, Expr)> = Vec::new();
        let (mut minus, mut signed) = (false, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::sign | Rule::add_sign => {
                    if matches!(part.as_str(), "\\pm" | "\\mp" | "±") {
                        let here = self.span(&part).bytes();
                        return Err(Fault::new(here, "a sign ± has no single meaning"));
                    }
                    minus ^= signs::is_minus(part.as_str());
                    signed.get_or_insert(self.span(&part));
                }
                _ => {
                    let term = self.term(part)?;
                    // A sum whose braces hid its end has become several terms.
                    match term.kind {
                        Kind::Add(inner) if self.source(term.span).starts_with(['\\', '∑', 'Σ']) => {
                            terms.extend(inner.into_iter().map(|(inside, term)| (inside ^ minus, term)));
                        }
                        _ => terms.push((minus, term)),
                    }
                    minus = false;
                }
            }
        }
        match terms.as_slice() {
            [] => Err(self.missing(span)),
            // The place keeps a sign before the only term.
            [(false, _)] => Ok(terms.pop().map(|(_, term)| Expr { span, ..term }).ok_or_else(|| self.missing(span))?),
            [(true, _)] => {
                let inner = terms.pop().map(|(_, term)| term).ok_or_else(|| self.missing(span))?;
                Ok(Expr::new(Kind::Neg(Box::new(inner)), span))
            }
            _ => Ok(Expr::new(Kind::Add(terms), span)),
        }
    }

    pub(super) fn term(&mut self, pair: Pair<'_, Rule>) -> Built<Expr> {
        let span = self.span(&pair);
        let mut factors: Vec<(Operator, Expr)> = Vec::new();
        let (mut operator, mut minus) = (Operator::beside(), None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::mul_sign => operator = self.sign(part)?,
                Rule::sign => minus = signs::is_minus(part.as_str()).then(|| self.span(&part)),
                _ => {
                    let mut factor = self.factor(part)?;
                    if let Some(start) = minus.take() {
                        let span = start.to(factor.span);
                        factor = Expr::new(Kind::Neg(Box::new(factor)), span);
                    }
                    let operator = std::mem::replace(&mut operator, Operator::beside());
                    if !(self.bare && operator.sign == Sign::Beside && self.loose_script(&mut factors, &factor)) {
                        factors.push((operator, factor));
                    }
                }
            }
        }
        self.product(factors, span)
    }

    /// One factor is itself, several are a product; powers `a**b` bind first.
    pub(super) fn product(&mut self, factors: Vec<(Operator, Expr)>, span: Span) -> Built<Expr> {
        let mut joined: Vec<(Operator, Expr)> = Vec::new();
        let mut powers: Vec<Expr> = Vec::new();
        for (operator, factor) in factors.into_iter().rev() {
            if operator.sign == Sign::DoubleStar {
                let message = "`**` is read as a power";
                let note = Note::new(NoteKind::DoubleStar, operator.span.bytes(), message).with_repair("*");
                self.notes.push(note);
                powers.push(factor);
                continue;
            }
            // The powers were collected from the right: the last one is the base's exponent.
            let mut exponent: Option<Expr> = None;
            for power in powers.drain(..) {
                exponent = Some(match exponent {
                    None => power,
                    Some(upper) => raise(power, upper),
                });
            }
            let factor = match exponent {
                None => factor,
                Some(exponent) => raise(factor, exponent),
            };
            joined.push((operator, factor));
        }
        joined.reverse();
        if let Some(power) = powers.first() {
            return Err(Fault::new(power.span.bytes(), "a power has no base"));
        }
        match joined.as_slice() {
            [] => Err(self.missing(span)),
            [_] => joined.pop().map(|(_, factor)| factor).ok_or_else(|| self.missing(span)),
            _ => Ok(Expr::new(Kind::Product(joined), span)),
        }
    }

    /// In bare text `x_ij` has the subscript `ij`; a formula between dollars would print it as `x_i j`.
    fn loose_script(&mut self, factors: &mut [(Operator, Expr)], next: &Expr) -> bool {
        let Some((_, Expr { kind: Kind::Scripted(_, scripts), span })) = factors.last_mut() else { return false };
        let Some(Script::Sub(list, false)) = scripts.last_mut() else { return false };
        let [first] = list.as_mut_slice() else { return false };
        if span.end != next.span.start {
            return false;
        }
        let (more, after): (&Expr, &[Script]) = match &next.kind {
            Kind::Scripted(base, scripts) => (base, scripts),
            _ => (next, &[]),
        };
        let joined = match (&first.kind, &more.kind) {
            (Kind::Name(left), Kind::Name(right)) if letters_only(&left.base) && letters_only(&right.base) => {
                Kind::Name(Name::plain(format!("{}{}", left.base, right.base)))
            }
            (Kind::Number(_), Kind::Number(right)) if right.is_integer() => {
                let text = format!("{}{}", self.source(first.span), self.source(more.span));
                match number(&text) {
                    Some(value) => Kind::Number(value),
                    None => return false,
                }
            }
            _ => return false,
        };
        let whole = first.span.to(more.span);
        *first = Expr::new(joined, whole);
        scripts.extend(after.iter().cloned());
        *span = span.to(next.span);
        let text = self.source(whole).to_string();
        self.notes.push(
            Note::new(NoteKind::LooseScript, whole.bytes(), format!("`_{text}` is read as one subscript"))
                .with_repair(format!("_{{{text}}}")),
        );
        true
    }

    pub(super) fn sign(&mut self, pair: Pair<'_, Rule>) -> Built<Operator> {
        let span = self.span(&pair);
        let mut operator = Operator { span, ..Operator::beside() };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::tilde_sign => {
                    operator.tilde = true;
                    operator.sign = part.into_inner().next().map_or(Sign::Star, |sign| signs::sign(sign.as_str()));
                }
                Rule::times_sign => {
                    operator.tilde = matches!(part.as_str(), "⊗~" | "⊗̃");
                    operator.sign = signs::sign(part.as_str());
                }
                _ => {
                    let script = self.script(part)?;
                    if let Script::Sub(list, _) | Script::Sup(list, _) = script {
                        let words: Vec<String> = list.iter().map(|part| self.word(part)).collect();
                        operator.mode = words.join(",");
                    }
                }
            }
        }
        Ok(operator)
    }

    /// A part of a script as a word, such as the mode in `*_{full}`.
    fn word(&self, expr: &Expr) -> String {
        match &expr.kind {
            Kind::Name(name) => name.base.clone(),
            Kind::Text(text) => text.clone(),
            _ => self.source(expr.span).to_string(),
        }
    }

    fn factor(&mut self, pair: Pair<'_, Rule>) -> Built<Expr> {
        if pair.as_rule() == Rule::big {
            return self.big(pair);
        }
        let mut inner = pair.into_inner();
        let first = self.next(&mut inner, Span { start: self.base, end: self.base })?;
        let mut expr = self.primary(first)?;
        let mut scripts = Vec::new();
        let mut whole = expr.span;
        for part in inner {
            whole = whole.to(self.span(&part));
            if part.as_rule() == Rule::percent {
                if matches!(expr.kind, Kind::Percent(_)) {
                    return Err(Fault::new(whole.bytes(), "a percent sign stands after another"));
                }
                expr = scripted(expr, std::mem::take(&mut scripts), whole);
                expr = Expr::new(Kind::Percent(Box::new(expr)), whole);
            } else {
                scripts.push(self.script(part)?);
            }
        }
        Ok(scripted(expr, scripts, whole))
    }

    pub(super) fn script(&mut self, pair: Pair<'_, Rule>) -> Built<Script> {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::prime => {
                let count = pair.as_str().chars().map(|sign| if sign == '″' { 2 } else { 1 }).sum();
                return Ok(Script::Primes(count));
            }
            Rule::raised | Rule::lowered => {
                let text: String = pair.as_str().chars().map(signs::on_line).collect();
                let inside = text.trim_matches(['(', ')']).trim_start_matches('.');
                let raised = pair.as_rule() == Rule::raised;
                if let Some(list) = positions(inside, span).filter(|_| !raised) {
                    return Ok(Script::Sub(list, true));
                }
                let kind = number(inside).map_or_else(|| Kind::Name(Name::plain(inside)), Kind::Number);
                let mut part = Expr::new(kind, span);
                if text.starts_with('(') {
                    part = Expr::new(Kind::Parens(Bracket::Round, vec![part]), span);
                }
                return Ok(if raised { Script::Sup(vec![part], true) } else { Script::Sub(vec![part], true) });
            }
            _ => {}
        }
        let raised = pair.as_rule() == Rule::sup;
        let argument = self.next(&mut pair.into_inner(), span)?;
        let braced = !matches!(argument.as_rule(), Rule::token);
        let list = match argument.as_rule() {
            Rule::group => self.list(argument)?,
            Rule::letters => vec![self.letters(&argument)],
            // `x_(i, j)` has the parts of its bracket; a layer keeps it: `W^(l)`.
            Rule::paren if !raised => match self.primary(argument)? {
                Expr { kind: Kind::Parens(_, list), .. } => list,
                other => vec![other],
            },
            _ => vec![self.primary(argument)?],
        };
        if let [only] = list.as_slice()
            && matches!(only.kind, Kind::Number(_))
            && !raised
            && let Some(list) = positions(self.source(only.span).trim_matches(['{', '}', ' ']), span)
        {
            return Ok(Script::Sub(list, braced));
        }
        if list.iter().all(|part| matches!(&part.kind, Kind::Text(text) if is_primes(text)))
            && !list.is_empty()
            && raised
        {
            let count = list.iter().map(|part| self.source(part.span).chars().count()).sum();
            return Ok(Script::Primes(count));
        }
        if raised && let Some(count) = prime_commands(&list) {
            return Ok(Script::Primes(count));
        }
        Ok(if raised { Script::Sup(list, braced) } else { Script::Sub(list, braced) })
    }

    /// `{ij}` is one run of letters, `{i j}` two letters side by side.
    fn letters(&self, pair: &Pair<'_, Rule>) -> Expr {
        let span = self.span(pair);
        let inside = pair.as_str().trim_matches(['{', '}']);
        let runs: Vec<&str> = inside.split_whitespace().collect();
        let name = |run: &str| Expr::new(Kind::Name(Name::plain(run.replace("\\_", "_"))), span);
        match runs.as_slice() {
            [run] => name(run),
            _ => Expr::new(Kind::Product(runs.iter().map(|run| (Operator::beside(), name(run))).collect()), span),
        }
    }
}

/// A natural number or decimal fraction.
pub(super) fn number(text: &str) -> Option<BigRational> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: BigInt = format!("{whole}{fraction}").parse().ok()?;
    let scale = (0..fraction.len()).fold(BigInt::from(1), |scale, _| scale * 10);
    Some(BigRational::new(digits, scale))
}

fn letters_only(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphabetic())
}

fn is_primes(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|sign| matches!(sign, '\'' | '’' | '′'))
}

/// How many `\prime` a superscript consists of.
fn prime_commands(list: &[Expr]) -> Option<usize> {
    let prime = |expr: &Expr| expr.as_name().is_some_and(|name| name.base == "′");
    match list {
        [only] if prime(only) => Some(1),
        [Expr { kind: Kind::Product(factors), .. }] if factors.iter().all(|(_, factor)| prime(factor)) => {
            Some(factors.len())
        }
        _ => None,
    }
}

/// A base with its scripts; without scripts the base itself.
/// Digits that begin with 0 are no number of their own: `z_{01}` is the entry at 0 and 1.
fn positions(text: &str, span: Span) -> Option<Vec<Expr>> {
    let several = text.starts_with('0') && (2..=4).contains(&text.len());
    let digits: Option<Vec<u32>> = text.chars().map(|letter| letter.to_digit(10)).collect();
    let number = |digit: u32| Expr::integer(digit.into(), span);
    digits.filter(|_| several).map(|digits| digits.into_iter().map(number).collect())
}

fn scripted(base: Expr, scripts: Vec<Script>, span: Span) -> Expr {
    if scripts.is_empty() { base } else { Expr::new(Kind::Scripted(Box::new(base), scripts), span) }
}

fn raise(base: Expr, exponent: Expr) -> Expr {
    let span = base.span.to(exponent.span);
    Expr::new(Kind::Power(Box::new(base), Box::new(exponent)), span)
}
