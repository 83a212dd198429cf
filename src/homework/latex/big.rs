//! Big signs: sums and the like, with their letters and bodies.

use pest::iterators::Pair;

use super::super::formula::*;
use super::super::note::{Fault, Note, NoteKind};
use super::build::{Builder, Built};
use super::{Rule, signs};

/// The letter after the last `d` of an integral.
fn variable(body: &Expr) -> Option<Expr> {
    let Kind::Product(factors) = &body.kind else { return None };
    let [.., (_, before), (_, last)] = factors.as_slice() else { return None };
    if before.as_name().is_some_and(|name| name.base == "d") {
        return last.as_name().map(|_| last.clone());
    }
    let run = last.as_name()?.base.strip_prefix('d').filter(|rest| !rest.is_empty())?;
    Some(Expr::new(Kind::Name(Name::plain(run)), last.span))
}

impl Builder<'_> {
    pub(super) fn big(&mut self, pair: Pair<'_, Rule>) -> Built<Expr> {
        let span = self.span(&pair);
        let (mut sign, mut sign_span) = (Big::Sum, span);
        let (mut below, mut above) = (None, None);
        let (mut body, mut minus): (Option<Expr>, Option<Span>) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::big_sign => {
                    sign = signs::big(part.as_str().trim());
                    sign_span = self.span(&part);
                }
                Rule::sign => minus = signs::is_minus(part.as_str()).then(|| self.span(&part)),
                Rule::term => body = Some(self.term(part)?),
                _ => {
                    let here = self.span(&part);
                    let target = match self.script(part)? {
                        Script::Sub(list, _) => (&mut below, list),
                        Script::Sup(list, _) => (&mut above, list),
                        Script::Primes(_) => continue,
                    };
                    if target.0.replace((target.1, here)).is_some() {
                        return Err(Fault::new(here.bytes(), "a sum has two lower or two upper parts"));
                    }
                }
            }
        }
        if let (Some(start), Some(inner)) = (minus, body.take_if(|_| minus.is_some())) {
            let whole = start.to(inner.span);
            body = Some(Expr::new(Kind::Neg(Box::new(inner)), whole));
        }
        let below_span = below.as_ref().map_or(sign_span, |(_, span)| *span);
        let lower_parts = below.map(|(list, _)| list).unwrap_or_default();
        let (upper_parts, upper_span) = above.map_or((Vec::new(), sign_span), |(list, span)| (list, span));
        let integral = sign == Big::Integral && !lower_parts.iter().any(|part| matches!(part.kind, Kind::Chain(_)));
        if integral && let [lower] = lower_parts.as_slice() {
            let letter = body.as_ref().and_then(variable);
            let Some(letter) = letter else {
                return Err(Fault::new(sign_span.bytes(), "nothing says by which letter this is integrated"));
            };
            let binder = Binder::Letter { letter, lower: Some(lower.clone()), upper: upper_parts.into_iter().next() };
            return Ok(self.with_body(sign, vec![binder], body, span));
        }
        let binders = self.binders(lower_parts, upper_parts, sign_span.to(below_span), upper_span)?;
        if binders.is_empty() && matches!(sign, Big::Sum | Big::Product | Big::Integral) {
            self.note(NoteKind::NoLetter, sign_span, "this sum names no letter to run over");
        }
        let open = binders.iter().any(|binder| matches!(binder, Binder::Letter { lower: Some(_), upper: None, .. }));
        if open && sign == Big::Sum {
            self.lost_upper(below_span, body.as_ref());
        }
        Ok(self.with_body(sign, binders, body, span))
    }

    /// A sum with its body. Braces round a sum of terms do not print, so the body ends where the reader sees it end.
    fn with_body(&mut self, sign: Big, binders: Vec<Binder>, body: Option<Expr>, span: Span) -> Expr {
        let mut body = body;
        let hidden = match &mut body {
            Some(Expr { kind: Kind::Parens(Bracket::Group, list), .. }) if list.len() == 1 => list.pop(),
            Some(Expr { kind: Kind::Add(_), .. }) => body.take(),
            other => {
                let body = other.take().map(Box::new);
                return Expr::new(Kind::Big(sign, binders, body), span);
            }
        };
        match hidden {
            Some(Expr { kind: Kind::Add(terms), span: inside }) => {
                let message = "braces do not print: the sum is read to end at the first + or - in them";
                let text = self.source(inside).to_string();
                let note = Note::new(NoteKind::HiddenBraces, inside.bytes(), message);
                self.notes.push(note.with_repair(format!("\\left({text}\\right)")));
                let mut terms = terms.into_iter();
                let first = terms.next().map(|(minus, term)| {
                    let body = if minus { Expr { span: term.span, kind: Kind::Neg(Box::new(term)) } } else { term };
                    (false, Expr::new(Kind::Big(sign, binders, Some(Box::new(body))), span))
                });
                Expr::new(Kind::Add(first.into_iter().chain(terms).collect()), span)
            }
            other => Expr::new(Kind::Big(sign, binders, other.map(Box::new)), span),
        }
    }

    /// A sum with a first value and no last one: a caret may have been lost.
    fn lost_upper(&mut self, below: Span, body: Option<&Expr>) {
        let after = below.end.saturating_sub(self.base);
        let rest = self.text.get(after..).unwrap_or_default().trim_start();
        let group = rest.starts_with('{').then(|| rest.split_once('}')).flatten();
        match (group, body) {
            (Some((inside, _)), Some(body)) => {
                let span = Span { start: below.end, end: body.span.start.max(below.end) + inside.len() + 1 };
                let message = "this sum has no last value; `^` seems to be lost before the braces";
                let note = Note::new(NoteKind::LostCaret, span.bytes(), message);
                self.notes.push(note.with_repair(format!("{}^{inside}}}", self.source(below))));
            }
            _ => self.note(NoteKind::NoUpperBound, below, "this sum has a first value and no last one"),
        }
    }

    fn binders(&mut self, below: Vec<Expr>, above: Vec<Expr>, place: Span, upper_place: Span) -> Built<Vec<Binder>> {
        let mut binders = Vec::new();
        let mut letters: Vec<Expr> = Vec::new();
        let mut uppers = above.into_iter().peekable();
        // `\substack{i=1 \\ j=1}`
        let below: Vec<Expr> = below
            .into_iter()
            .flat_map(|part| match part.kind {
                Kind::Parens(Bracket::Group, list) => list,
                kind => vec![Expr { kind, span: part.span }],
            })
            .collect();
        let parts = below.len();
        for part in below {
            match part.kind {
                Kind::Chain(chain) => match (chain.first, chain.links.as_slice()) {
                    (Some(letter), [Link { relation: Relation::Eq, side: Some(lower), .. }]) => {
                        let lower = lower.clone();
                        let (lower, upper) = match (lower.kind, uppers.len()) {
                            // `i = 1, …, n`
                            (kind, 0) => (Expr { kind, span: lower.span }, None),
                            (kind, left) if left > 1 || parts == 1 => (Expr { kind, span: lower.span }, uppers.next()),
                            (kind, _) => (Expr { kind, span: lower.span }, uppers.peek().cloned()),
                        };
                        if let Some(upper) = &upper {
                            self.merged(upper, &letter, &lower);
                        }
                        letters.drain(..).for_each(|letter| {
                            binders.push(Binder::Letter { letter, lower: None, upper: None });
                        });
                        binders.push(Binder::Letter { letter, lower: Some(lower), upper });
                    }
                    // `u = 1..m`
                    (
                        Some(letter),
                        [
                            Link {
                                relation: Relation::In,
                                side: Some(Expr { kind: Kind::Interval(Bracket::Square, lower, upper), .. }),
                                ..
                            },
                        ],
                    ) => {
                        let (lower, upper) = (Some((**lower).clone()), Some((**upper).clone()));
                        binders.push(Binder::Letter { letter, lower, upper });
                    }
                    (Some(letter), [Link { relation: Relation::In, side: Some(set), .. }]) => {
                        match letter.kind {
                            // `(m, n) ∈ R`
                            Kind::Parens(Bracket::Round, list) if list.len() > 1 => letters.extend(list),
                            kind => letters.push(Expr { kind, span: letter.span }),
                        }
                        binders.push(Binder::Among(std::mem::take(&mut letters), set.clone()));
                    }
                    (first, links) => {
                        // `k ≠ i`, `k ≥ 1`, `j ≤ i` alone say what the first letter runs through.
                        let compares = |link: &Link| {
                            matches!(
                                link.relation,
                                Relation::Ne | Relation::Le | Relation::Lt | Relation::Ge | Relation::Gt
                            )
                        };
                        let letter = first
                            .as_ref()
                            .filter(|letter| matches!(links, [only] if compares(only)) && letter.as_name().is_some());
                        if let Some(letter) = letter.filter(|_| binders.is_empty() && letters.is_empty()) {
                            binders.push(Binder::Letter { letter: letter.clone(), lower: None, upper: uppers.next() });
                        }
                        let chain = Chain { first, links: links.to_vec(), span: chain.span };
                        binders.push(Binder::Condition(chain));
                    }
                },
                Kind::Name(name)
                    if name.base.len() <= 2 && name.base.chars().all(|letter| letter.is_ascii_lowercase()) =>
                {
                    let single = |letter: char| Expr::new(Kind::Name(Name::plain(letter.to_string())), part.span);
                    letters.extend(name.base.chars().map(single));
                }
                Kind::Product(factors) if factors.iter().all(|(operator, _)| operator.sign == Sign::Beside) => {
                    letters.extend(factors.into_iter().map(|(_, factor)| factor));
                }
                Kind::Parens(Bracket::Round, list) => letters.extend(list),
                kind => letters.push(Expr { kind, span: part.span }),
            }
        }
        for letter in letters {
            let upper = uppers.next();
            if upper.is_some() {
                self.note(NoteKind::NoLowerBound, place, "this sum has a last value and no first one");
            }
            binders.push(Binder::Letter { letter, lower: None, upper });
        }
        if parts == 0 && uppers.peek().is_some() {
            return Err(Fault::new(upper_place.bytes(), "a last value stands without a letter"));
        }
        Ok(binders)
    }

    /// Two upper bounds in one: the number that ends the first stands before the letter that begins the second.
    fn merged(&mut self, upper: &Expr, letter: &Expr, lower: &Expr) {
        let mut gap = None;
        upper.any(&mut |part| {
            if let Kind::Product(factors) = &part.kind {
                for pair in factors.windows(2) {
                    if let [(_, left), (operator, right)] = pair
                        && operator.sign == Sign::Beside
                        && matches!(left.kind, Kind::Number(_))
                        && right.span.start > left.span.end
                        && self.source(Span { start: left.span.end, end: right.span.start }).trim().is_empty()
                    {
                        gap = Some((left.span.end, right.span.start));
                    }
                }
            }
            gap.is_some()
        });
        if let Some((end, start)) = gap {
            let first = self.source(Span { start: upper.span.start, end }).to_string();
            let second = self.source(Span { start, end: upper.span.end }).to_string();
            let repair = format!(
                "\\sum_{{{}={}}}^{{{first}}} \\sum_{{?={}}}^{{{second}}}",
                self.source(letter.span),
                self.source(lower.span),
                self.source(lower.span)
            );
            let message = "two bounds stand in one place: two sums seem to have run into one";
            self.notes.push(Note::new(NoteKind::MergedSums, upper.span.bytes(), message).with_repair(repair));
        }
    }
}
