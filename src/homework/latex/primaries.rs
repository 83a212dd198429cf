//! Primaries: numbers, names and their fonts, fractions, brackets.

use num_rational::BigRational;
use pest::iterators::Pair;

use super::super::formula::*;
use super::super::note::{Fault, Note, NoteKind};
use super::build::{Builder, Built, number};
use super::{Rule, signs};

/// Numerals may have this many digits.
const MAX_DIGITS: usize = 400;

impl Builder<'_> {
    pub(super) fn primary(&mut self, pair: Pair<'_, Rule>) -> Built<Expr> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let text = pair.as_str().trim();
        let kind = match rule {
            Rule::number => self.number(text, span)?,
            Rule::digit => self.number(text, span)?,
            Rule::counted => return self.counted(pair),
            Rule::name | Rule::quoted | Rule::ellipsis | Rule::symbol | Rule::other | Rule::letter | Rule::mark => {
                let kind = leaf(rule, text, self.bare);
                self.styled_letter(&kind, false);
                kind
            }
            Rule::token => {
                return {
                    let inner = self.next(&mut pair.into_inner(), span)?;
                    self.primary(inner)
                };
            }
            Rule::text_letter => {
                let inner = self.next(&mut pair.into_inner(), span)?;
                return Ok(Expr { span, ..self.part(inner)? });
            }
            Rule::text_name | Rule::operator_name => {
                let word = self.next(&mut pair.into_inner(), span)?;
                Kind::Name(Name::plain(word.as_str().replace("\\_", "_")))
            }
            Rule::fraction => return self.fraction(pair),
            Rule::root => {
                let part = self.next(&mut pair.into_inner(), span)?;
                Kind::Root(Box::new(self.part(part)?))
            }
            Rule::styled | Rule::styled_token => return self.styled(pair),
            Rule::accented => return self.accented(pair),
            Rule::boxed | Rule::stacked | Rule::embraced => {
                let mut inner =
                    pair.into_inner().filter(|part| !matches!(part.as_rule(), Rule::box_sign | Rule::brace_sign));
                let group = inner.next().ok_or_else(|| self.missing(span))?;
                if let Some(remark) = inner.next() {
                    let here = self.span(&remark);
                    self.note(NoteKind::Choice, here, "what stands at a brace is read as a remark");
                }
                return self.part(group);
            }
            Rule::paren => return self.paren(pair),
            Rule::norm => {
                let inner = self.next(&mut pair.into_inner(), span)?;
                Kind::Parens(Bracket::Bar, vec![self.expr(inner)?])
            }
            Rule::group => {
                if let Some(below) = pair.clone().into_inner().find(|part| part.as_rule() == Rule::below) {
                    let (here, place) = (self.span(&below), span);
                    let above = self.list(pair)?;
                    let [above, below] = [(above, place), (self.list(below)?, here)].map(|(mut list, span)| {
                        let only = list.pop().filter(|_| list.is_empty());
                        only.ok_or_else(|| Fault::new(span.bytes(), "one value must stand on each side of `\\over`"))
                    });
                    return self.quotient(above?, below?, span);
                }
                let mut list = self.list(pair)?;
                match (list.pop(), list.is_empty()) {
                    (None, _) => return Err(Fault::new(span.bytes(), "this group is empty")),
                    (Some(only), true) if !matches!(only.kind, Kind::Add(_) | Kind::Chain(_) | Kind::Text(_)) => {
                        return Ok(Expr { span, ..only });
                    }
                    (Some(last), _) => {
                        list.push(last);
                        Kind::Parens(Bracket::Group, list)
                    }
                }
            }
            Rule::environment_brace => {
                let inner = self.next(&mut pair.into_inner(), span)?;
                return self.environment(inner, true);
            }
            Rule::environment => return self.environment(pair, false),
            _ => return Err(Fault::new(span.bytes(), format!("`{text}` cannot be read here"))),
        };
        Ok(Expr::new(kind, span))
    }

    /// `1.6亿` is 1.6 × 10^8, as `1.6e8` is, and rounded as that.
    fn counted(&mut self, pair: Pair<'_, Rule>) -> Built<Expr> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let digits = self.next(&mut inner, span)?;
        let unit = self.next(&mut inner, span)?;
        let digits = self.primary(digits)?;
        let place = self.span(&unit);
        let exponent = match unit.as_rule() {
            Rule::exponent => unit.as_str().get(1..).and_then(|exponent| exponent.parse().ok()),
            _ => Some(signs::unit(unit.as_str()).into()),
        };
        let number = digits.times_ten_to(exponent.ok_or_else(|| self.missing(place))?, place);
        Ok(Expr { span, ..number })
    }

    fn number(&self, text: &str, span: Span) -> Built<Kind> {
        let digits: String = text.chars().filter(|letter| letter.is_ascii_digit() || *letter == '.').collect();
        if digits.len() > MAX_DIGITS {
            return Err(Fault::new(span.bytes(), format!("this number has more than {MAX_DIGITS} digits")));
        }
        number(&digits).map(Kind::Number).ok_or_else(|| self.missing(span))
    }

    /// A group or token as one expression: `\frac{a}{b}` has two.
    pub(super) fn part(&mut self, pair: Pair<'_, Rule>) -> Built<Expr> {
        let span = self.span(&pair);
        let expr = self.primary(pair)?;
        match expr.kind {
            Kind::Parens(Bracket::Group, mut list) if list.len() == 1 => list.pop().ok_or_else(|| self.missing(span)),
            _ => Ok(expr),
        }
    }

    fn fraction(&mut self, pair: Pair<'_, Rule>) -> Built<Expr> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let above = self.next(&mut inner, span)?;
        let below = self.next(&mut inner, span)?;
        let (above, below) = (self.part(above)?, self.part(below)?);
        self.quotient(above, below, span)
    }

    /// A fraction, or a derivative in the form of one.
    fn quotient(&mut self, above: Expr, below: Expr, span: Span) -> Built<Expr> {
        // `\frac{dL}{dW}`
        if let (Some(of), Some(Some(by))) = (upright_differential(&above), upright_differential(&below)) {
            return Ok(Expr::new(Kind::Derivative(of.map(Box::new), Box::new(by)), span));
        }
        // `\frac{\partial^2 E}{\partial w^2}`: derivatives of derivatives are read as words.
        if repeated_differential(&above) && differential(&below).is_some() {
            return Ok(Expr::new(Kind::Text(self.source(span).to_string()), span));
        }
        let kind = match (differential(&above), differential(&below)) {
            (Some(of), Some(Some(by))) => Kind::Derivative(of.map(Box::new), Box::new(by)),
            (None, Some(_)) | (Some(_), None) => {
                let missing = if differential(&above).is_none() { above.span } else { below.span };
                let text = self.source(missing).trim_matches(['{', '}']).to_string();
                self.notes.push(
                    Note::new(NoteKind::LostPartial, missing.bytes(), "a derivative has ∂ on one side only")
                        .with_repair(format!("\\partial {text}")),
                );
                Kind::Fraction(Box::new(above), Box::new(below))
            }
            _ => Kind::Fraction(Box::new(above), Box::new(below)),
        };
        Ok(Expr::new(kind, span))
    }

    /// A font says nothing but for words, whose letters it holds together, and for the script L of a loss.
    fn styled(&mut self, pair: Pair<'_, Rule>) -> Built<Expr> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let font = self.next(&mut inner, span)?.as_str().to_string();
        let body = self.next(&mut inner, span)?;
        if body.as_rule() != Rule::upright {
            let before = self.styles.clone();
            let mut expr = self.part(body)?;
            self.styles = before;
            self.styled_letter(&expr.kind, true);
            expr.span = span;
            if let ("\\mathcal" | "\\mathscr", Kind::Name(name)) = (font.as_str(), &mut expr.kind)
                && name.base == "L"
            {
                name.base = "ℒ".to_string();
            }
            // The indicator.
            if font == "\\mathbb" && expr.kind == Kind::Number(BigRational::from_integer(1.into())) {
                expr.kind = Kind::Name(Name::plain("𝟙"));
            }
            return Ok(expr);
        }
        let letters = body.as_str().trim_matches(['{', '}']).trim();
        let spaced = letters.split_whitespace().count() > 1;
        let word: String = letters.split_whitespace().collect::<String>().replace("\\_", "_");
        if spaced && word.chars().any(char::is_uppercase) {
            let names = letters
                .split_whitespace()
                .map(|run| (Operator::beside(), Expr::new(Kind::Name(Name::plain(run.replace("\\_", "_"))), span)));
            return Ok(Expr::new(Kind::Product(names.collect()), span));
        }
        let base = match (font.as_str(), word.as_str()) {
            ("\\mathcal" | "\\mathscr", "L") => "ℒ".to_string(),
            _ => word,
        };
        let kind = Kind::Name(Name::plain(base));
        self.styled_letter(&kind, true);
        Ok(Expr::new(kind, span))
    }

    /// Notes in which style a letter stands.
    fn styled_letter(&mut self, kind: &Kind, styled: bool) {
        if let Kind::Name(name) = kind
            && name.base.chars().count() == 1
        {
            let styles = self.styles.entry(name.base.clone()).or_default();
            styles.styled |= styled;
            styles.plain |= !styled;
        }
    }

    fn accented(&mut self, pair: Pair<'_, Rule>) -> Built<Expr> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let accent = self.next(&mut inner, span)?;
        let sign = accent_sign(accent.as_str());
        let body = self.next(&mut inner, span)?;
        let mut expr = self.part(body)?;
        let target = match &mut expr.kind {
            Kind::Name(name) => Some(name),
            Kind::Scripted(base, _) => match &mut base.kind {
                Kind::Name(name) => Some(name),
                _ => None,
            },
            _ => None,
        };
        match target {
            Some(name) => name.accent.push_str(sign),
            None => {
                return Err(Fault::new(span.bytes(), "an accent over more than one name has no meaning here"));
            }
        }
        expr.span = span;
        Ok(expr)
    }

    fn paren(&mut self, pair: Pair<'_, Rule>) -> Built<Expr> {
        let span = self.span(&pair);
        let (mut open, mut close, mut list) = ("", "", Vec::new());
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::open => open = part.as_str(),
                Rule::close => close = part.as_str(),
                _ => list = self.list(part)?,
            }
        }
        let one = |mut list: Vec<Expr>, what: &str| match (list.pop(), list.is_empty()) {
            (Some(only), true) => Ok(Box::new(only)),
            _ => Err(Fault::new(span.bytes(), format!("{what} holds one formula"))),
        };
        // Brackets that Word does not show add nothing to brackets that it does.
        if open == "〖"
            && let [Expr { kind: Kind::Parens(..), .. }] = list.as_slice()
            && let Some(shown) = list.pop()
        {
            return Ok(shown);
        }
        let kind = match signs::pair(open, close) {
            Some(signs::Pair::Floor) => Kind::Floor(one(list, "⌊ ⌋")?),
            Some(signs::Pair::Ceil) => Kind::Ceil(one(list, "⌈ ⌉")?),
            Some(signs::Pair::Bracket(bracket)) => Kind::Parens(bracket, list),
            None => {
                return Err(Fault::new(span.bytes(), format!("`{open}` and `{close}` do not belong together")));
            }
        };
        Ok(Expr::new(kind, span))
    }
}

/// A name, sign or letter by itself.
fn leaf(rule: Rule, text: &str, bare: bool) -> Kind {
    match rule {
        Rule::ellipsis => Kind::Ellipsis,
        Rule::quoted => Kind::Text(text.trim_matches(['\'', '"', '‘', '’', '“', '”']).to_string()),
        Rule::mark => Kind::Text(match text {
            "\\circ" => "°".to_string(),
            "\\ast" | "\\star" => "*".to_string(),
            "\\dagger" => "†".to_string(),
            other => other.to_string(),
        }),
        Rule::symbol if text == "\\infty" => Kind::Infinity,
        Rule::other if text == "∞" => Kind::Infinity,
        Rule::symbol => Kind::Name(Name::plain(signs::symbol(text))),
        _ => {
            let plain = text.trim_end_matches('~');
            let base = plain.replace("\\_", "_").chars().map(signs::plain_letter).collect::<String>();
            let accent = if bare && plain.len() < text.len() { "~".to_string() } else { String::new() };
            Kind::Name(Name { accent, ..Name::plain(base) })
        }
    }
}

/// What stands after the d of `dW`, `dW_{ij}` or `d W`; `None` where it is none, `Some(None)` where nothing follows.
fn upright_differential(expr: &Expr) -> Option<Option<Expr>> {
    let strip = |name: &Name, span: Span| {
        let rest = name.base.strip_prefix('d').filter(|rest| rest.chars().count() <= 1)?;
        let base = Name { base: rest.to_string(), ..name.clone() };
        Some((!rest.is_empty()).then(|| Expr::new(Kind::Name(base), span)))
    };
    match &expr.kind {
        Kind::Name(name) => strip(name, expr.span),
        Kind::Scripted(base, scripts) => {
            let base = strip(base.as_name()?, base.span)??;
            Some(Some(Expr::new(Kind::Scripted(Box::new(base), scripts.clone()), expr.span)))
        }
        // `d tanh(x)` and `df(x)`
        Kind::Product(factors) => {
            let ((sign, first), rest) = factors.split_first()?;
            let own = strip(first.as_name()?, first.span)?;
            if rest.first().is_none_or(|(operator, _)| operator.sign != Sign::Beside) {
                return None;
            }
            let own = own.map(|own| (sign.clone(), own));
            Some(Some(joined(own.into_iter().chain(rest.iter().cloned()).collect(), expr.span)?))
        }
        Kind::Add(terms) => differentiated_sum(terms, expr.span),
        _ => None,
    }
}

/// Factors that go on to the end of a product, as one expression.
fn joined(mut factors: Vec<(Operator, Expr)>, end: Span) -> Option<Expr> {
    let span = factors.first()?.1.span.to(end);
    Some(if factors.len() == 1 { factors.remove(0).1 } else { Expr::new(Kind::Product(factors), span) })
}

/// Whether an expression begins with a power of ∂.
fn repeated_differential(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Scripted(base, _) | Kind::Power(base, _) => base.as_name().is_some_and(|name| *name == Name::plain("∂")),
        Kind::Product(factors) => factors.first().is_some_and(|(_, first)| repeated_differential(first)),
        _ => false,
    }
}

/// What stands after the ∂ of a differential; `None` where it is none, `Some(None)` where nothing follows.
fn differential(expr: &Expr) -> Option<Option<Expr>> {
    let is_sign = |expr: &Expr| expr.as_name().is_some_and(|name| *name == Name::plain("∂"));
    match &expr.kind {
        _ if is_sign(expr) => Some(None),
        Kind::Product(factors) => {
            let ((_, first), rest) = factors.split_first()?;
            let plain = rest.first().is_some_and(|(operator, _)| operator.sign == Sign::Beside);
            if !is_sign(first) || !plain {
                return None;
            }
            let rest = joined(rest.to_vec(), expr.span)?;
            Some(Some(match rest.kind {
                Kind::Parens(Bracket::Group, mut list) if list.len() == 1 => list.pop()?,
                _ => rest,
            }))
        }
        Kind::Add(terms) => differentiated_sum(terms, expr.span),
        _ => None,
    }
}

/// `∂Σ w + b`: a sum ends at the next `+`; what stands above the line is differentiated as a whole.
fn differentiated_sum(terms: &[(bool, Expr)], span: Span) -> Option<Option<Expr>> {
    let ((false, first), rest) = terms.split_first()? else { return None };
    let whole = std::iter::once((false, differential(first)??)).chain(rest.iter().cloned()).collect();
    Some(Some(Expr::new(Kind::Add(whole), span)))
}
