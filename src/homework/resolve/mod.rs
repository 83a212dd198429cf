//! What subscripts, superscripts, brackets and runs of letters mean, settled over the whole answer.
//!
//! 1. [`survey`] collects evidence: which letters number entries, how many axes commas show, which names stand in bounds.
//! 2. [`scripts`] settles subscripts (`y_{ij}` has two indices, `n_H` a label) and superscripts (powers, layers, transposes).
//! 3. [`products`] settles what stands side by side: calls, entries, runs of letters, prefixes such as ∇ and `rot180`; [`spellings`] gives
//!    one form to what is spelt in several.

mod products;
mod scripts;
mod spellings;
mod survey;
mod words;

use super::formula::*;
use super::note::{Fault, Note, NoteKind};
use survey::{Place, Survey, key};

/// The evidence of an answer.
pub(super) struct Evidence(Survey);

impl Evidence {
    /// Surveys all formulas of an answer.
    pub(super) fn of<'a>(statements: impl Iterator<Item = &'a Statement>) -> Self {
        let mut survey = Survey::default();
        // What the first round finds about letters tells the second where positions stand.
        let statements: Vec<&Statement> = statements.collect();
        for _ in 0..2 {
            statements.iter().for_each(|statement| survey.statement(statement));
        }
        Evidence(survey)
    }

    /// Whether a letter numbers entries somewhere.
    pub(super) fn is_index(&self, letter: &str) -> bool {
        self.0.indices.contains(letter)
    }

    /// Whether a name stands in bounds, subscripts or roundings somewhere.
    pub(super) fn is_size(&self, name: &Name) -> bool {
        self.0.sizes.contains(&key(name))
    }

    /// Settles a formula; notes are added to those it has.
    pub(super) fn settle(&self, statements: Vec<Statement>, notes: &mut Vec<Note>) -> Result<Vec<Statement>, Fault> {
        let mut resolver = Resolver { survey: &self.0, notes, fault: None, summed: Vec::new() };
        let settled = statements.into_iter().map(|statement| resolver.statement(statement)).collect();
        match resolver.fault {
            Some(fault) => Err(fault),
            None => Ok(settled),
        }
    }
}

struct Resolver<'a> {
    survey: &'a Survey,
    notes: &'a mut Vec<Note>,
    /// The first thing that has no meaning.
    fault: Option<Fault>,
    /// Letters of the sums around what is settled.
    summed: Vec<Name>,
}

impl Resolver<'_> {
    fn note(&mut self, kind: NoteKind, span: Span, message: impl Into<String>) {
        self.notes.push(Note::new(kind, span.bytes(), message));
    }

    fn fault(&mut self, span: Span, message: impl Into<String>) {
        self.fault.get_or_insert_with(|| Fault::new(span.bytes(), message));
    }

    fn statement(&mut self, statement: Statement) -> Statement {
        match statement {
            Statement::Chain(chain) => Statement::Chain(self.chain(chain, Place::Value)),
            words => words,
        }
    }

    fn chain(&mut self, chain: Chain, place: Place) -> Chain {
        let place = if self.survey.positional(&chain) || self.survey.counts(&chain) { Place::Index } else { place };
        let links = chain.links.into_iter().map(|link| Link {
            side: link
                .side
                .map(|side| if link.relation == Relation::In { self.set(side) } else { self.expr(side, place) }),
            reason: link.reason.into_iter().map(|part| self.expr(part, Place::Index)).collect(),
            ..link
        });
        let links = links.collect::<Vec<_>>();
        Chain { first: chain.first.map(|side| self.expr(side, place)), links, span: chain.span }
    }

    /// What stands after ∈: `[1, M]` is an interval there.
    fn set(&mut self, side: Expr) -> Expr {
        let span = side.span;
        match side.kind {
            Kind::Parens(bracket, list) if list.len() == 2 && bracket != Bracket::Curly => {
                let mut ends = list.into_iter().map(|end| Box::new(self.expr(end, Place::Bound)));
                match (ends.next(), ends.next()) {
                    (Some(left), Some(right)) => Expr::new(Kind::Interval(bracket, left, right), span),
                    _ => Expr::new(Kind::Parens(bracket, Vec::new()), span),
                }
            }
            // A letter after the interval says nothing.
            Kind::Product(mut factors)
                if factors.len() == 2
                    && matches!(factors.first(), Some((_, Expr { kind: Kind::Parens(_, list), .. })) if list.len() == 2) =>
            {
                let stray = factors.pop().map(|(_, factor)| factor);
                let first = factors.pop().map(|(_, factor)| factor);
                if let Some(stray) = stray {
                    self.note(NoteKind::StrayLetter, stray.span, "what stands after the interval says nothing");
                }
                match first {
                    Some(first) => self.set(first),
                    None => Expr::new(Kind::Ellipsis, span),
                }
            }
            kind => self.expr(Expr { kind, span }, Place::Bound),
        }
    }

    fn boxed(&mut self, mut expr: Box<Expr>, place: Place) -> Box<Expr> {
        let inner = std::mem::replace(&mut *expr, Expr::new(Kind::Ellipsis, Span::default()));
        *expr = self.expr(inner, place);
        expr
    }

    fn list(&mut self, list: Vec<Expr>, place: Place) -> Vec<Expr> {
        list.into_iter().map(|part| self.expr(part, place)).collect()
    }

    fn expr(&mut self, expr: Expr, place: Place) -> Expr {
        let span = expr.span;
        let kind = match expr.kind {
            Kind::Name(_) | Kind::Scripted(..) => {
                let factors = self.factors(vec![(Operator::beside(), expr)], place);
                return products::joined(factors, span);
            }
            Kind::Product(factors) => {
                let factors = self.factors(factors, place);
                return products::joined(factors, span);
            }
            // A matrix has its bracket already.
            Kind::Parens(Bracket::Round | Bracket::Square, list)
                if matches!(list.as_slice(), [Expr { kind: Kind::Matrix(_), .. }]) =>
            {
                return self.list(list, place).pop().unwrap_or(Expr::new(Kind::Ellipsis, span));
            }
            Kind::Parens(bracket, list) => {
                let bracket = if bracket == Bracket::Group {
                    self.note(NoteKind::HiddenBraces, span, "braces do not print; they are read as a bracket");
                    Bracket::Round
                } else {
                    bracket
                };
                Kind::Parens(bracket, self.list(list, place))
            }
            Kind::Add(terms) => {
                self.loose_layers(&terms);
                Kind::Add(terms.into_iter().map(|(minus, term)| (minus, self.expr(term, place))).collect())
            }
            Kind::Neg(inner) => Kind::Neg(self.boxed(inner, place)),
            Kind::Percent(inner) => Kind::Percent(self.boxed(inner, place)),
            Kind::Root(inner) => Kind::Root(self.boxed(inner, place)),
            Kind::Transpose(inner) => Kind::Transpose(self.boxed(inner, place)),
            Kind::Floor(inner) => Kind::Floor(self.boxed(inner, Place::Bound)),
            Kind::Ceil(inner) => Kind::Ceil(self.boxed(inner, Place::Bound)),
            Kind::Power(base, exponent) => Kind::Power(self.boxed(base, place), self.boxed(exponent, place)),
            Kind::Fraction(above, below) => Kind::Fraction(self.boxed(above, place), self.boxed(below, place)),
            Kind::Derivative(of, by) => {
                Kind::Derivative(of.map(|of| self.boxed(of, Place::Value)), self.boxed(by, Place::Value))
            }
            Kind::Gradient(by, of) => {
                Kind::Gradient(by.map(|by| self.boxed(by, place)), of.map(|of| self.boxed(of, place)))
            }
            Kind::Interval(bracket, left, right) => {
                Kind::Interval(bracket, self.boxed(left, Place::Bound), self.boxed(right, Place::Bound))
            }
            Kind::Entry(base, list) => Kind::Entry(self.boxed(base, place), self.list(list, Place::Index)),
            Kind::Call(base, list) => Kind::Call(self.boxed(base, place), self.list(list, place)),
            Kind::Big(sign, binders, body) => {
                let apart = binders.into_iter().flat_map(|binder| self.apart(binder)).collect::<Vec<Binder>>();
                let binders = apart.into_iter().map(|binder| {
                    let binder = self.binder(binder);
                    if sign == Big::Sum { self.turned_round(binder) } else { binder }
                });
                let binders: Vec<Binder> = binders.collect();
                let outer = self.summed.len();
                self.summed.extend(binders.iter().flat_map(Binder::letters).filter_map(Expr::as_name).cloned());
                let body = body.map(|body| self.boxed(body, place));
                self.summed.truncate(outer);
                Kind::Big(sign, binders, body)
            }
            Kind::Matrix(rows) => Kind::Matrix(rows.into_iter().map(|row| self.list(row, place)).collect()),
            Kind::Cases(rows) => {
                let rows = rows.into_iter().map(|(value, conditions)| {
                    let value = self.expr(value, place);
                    (value, conditions.into_iter().map(|condition| self.statement(condition)).collect())
                });
                Kind::Cases(rows.collect())
            }
            Kind::Rows(_) => {
                self.fault(span, "rows that only align stand within a formula");
                Kind::Ellipsis
            }
            Kind::Chain(chain) => Kind::Chain(Box::new(self.chain(*chain, place))),
            kind @ (Kind::Number(_) | Kind::Infinity | Kind::Ellipsis | Kind::Slice | Kind::Text(_)) => kind,
        };
        Expr::new(kind, span)
    }

    /// `\delta^l+1` is read as it prints; `\delta^{l+1}` may be meant.
    fn loose_layers(&mut self, terms: &[(bool, Expr)]) {
        for pair in terms.windows(2) {
            let [(_, left), (minus, Expr { kind: Kind::Number(number), span })] = pair else { continue };
            let Kind::Scripted(base, scripts) = &left.kind else { continue };
            let Some(name) = base.as_name() else { continue };
            let Some(Script::Sup(list, false)) = scripts.last() else { continue };
            let [Expr { kind: Kind::Name(letter), .. }] = list.as_slice() else { continue };
            let tensor = self.survey.shifted.contains(&key(name)) && !self.survey.sizes.contains(&key(name));
            if tensor && self.survey.layers.contains(&letter.base) {
                let whole = left.span.to(*span);
                let sign = if *minus { '-' } else { '+' };
                let message = format!("the superscript ends before {sign}: it is read as it prints");
                let note = Note::new(NoteKind::LooseScript, whole.bytes(), message);
                self.notes.push(note.with_repair(format!("^{{{}{sign}{number}}}", letter.base)));
            }
        }
    }

    /// A substitution such as v = n - k turns the ends round; a sum runs over all numbers either way.
    fn turned_round(&mut self, binder: Binder) -> Binder {
        match binder {
            Binder::Letter { letter, lower: Some(lower), upper: Some(upper) }
                if infinite(&lower) == Some(false) && infinite(&upper) == Some(true) =>
            {
                self.note(NoteKind::Choice, letter.span, "the ends of this sum stand the other way round");
                Binder::Letter { letter, lower: Some(upper), upper: Some(lower) }
            }
            other => other,
        }
    }

    /// `\sum_{cuv}` runs over three letters.
    fn apart(&self, binder: Binder) -> Vec<Binder> {
        let Binder::Letter { letter, lower: None, upper: None } = &binder else { return vec![binder] };
        match letter.as_name().filter(|name| self.survey.glued(&name.base)) {
            Some(run) => {
                let single = |part: char| Expr::new(Kind::Name(Name::plain(part.to_string())), letter.span);
                let parts = run.base.chars().map(single);
                parts.map(|letter| Binder::Letter { letter, lower: None, upper: None }).collect()
            }
            None => vec![binder],
        }
    }

    fn binder(&mut self, binder: Binder) -> Binder {
        match binder {
            Binder::Letter { letter, lower, upper } => {
                let letter = self.letter(letter);
                let lower = lower.map(|bound| endless(self.expr(bound, Place::Bound)));
                let upper = upper.map(|bound| endless(self.expr(bound, Place::Bound)));
                Binder::Letter { letter, lower, upper }
            }
            Binder::Among(letters, set) => {
                let letters = letters.into_iter().map(|letter| self.letter(letter)).collect();
                Binder::Among(letters, self.set(set))
            }
            Binder::Condition(chain) => Binder::Condition(self.chain(chain, Place::Bound)),
        }
    }

    /// A letter of a sum: a name, perhaps with primes or a label.
    fn letter(&mut self, letter: Expr) -> Expr {
        let letter = match letter.kind {
            Kind::Parens(_, mut list) if list.len() == 1 => {
                list.pop().unwrap_or(Expr::new(Kind::Ellipsis, letter.span))
            }
            kind => Expr { kind, span: letter.span },
        };
        // A word is one letter of the sum: `\sum_{ch=1}`.
        if letter.as_name().is_some() {
            return letter;
        }
        let settled = self.expr(letter, Place::Bound);
        if settled.as_name().is_none() {
            self.fault(settled.span, "a sum runs over letters; this is none");
        }
        settled
    }
}

/// Whether an end of a range is ∞ (false) or -∞ (true).
fn infinite(bound: &Expr) -> Option<bool> {
    match &bound.kind {
        Kind::Infinity => Some(false),
        Kind::Neg(inner) => infinite(inner).map(|below| !below),
        Kind::Parens(_, parts) => match parts.as_slice() {
            [only] => infinite(only),
            _ => None,
        },
        Kind::Add(terms) => match terms.as_slice() {
            [(minus, only)] => infinite(only).map(|below| below != *minus),
            _ => None,
        },
        _ => None,
    }
}

/// `n + ∞` is ∞, and `∞ - k` too.
fn endless(bound: Expr) -> Expr {
    let infinity = |below: bool| {
        let infinity = Expr::new(Kind::Infinity, bound.span);
        if below { Expr::new(Kind::Neg(Box::new(infinity)), bound.span) } else { infinity }
    };
    if let Some(below) = infinite(&bound) {
        return infinity(below);
    }
    let Kind::Add(terms) = &bound.kind else { return bound };
    let mut ends = terms.iter().filter_map(|(minus, term)| infinite(term).map(|below| below != *minus));
    match (terms.len() > 1, ends.next(), ends.next()) {
        (true, Some(below), None) => infinity(below),
        _ => bound,
    }
}
