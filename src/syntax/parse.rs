//! From text to the surface tree.

use num_bigint::BigInt;
use num_rational::BigRational;
use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::{Pair, Pairs};

use super::ast::*;
use super::source;
use crate::diag::Diagnostic;

/// The parser that pest makes from the grammar.
mod grammar {
    #![allow(missing_docs)]
    #[derive(pest_derive::Parser)]
    #[grammar = "grammar/proof.pest"]
    pub struct ProofParser;
}

use grammar::{ProofParser, Rule};

/// Numerals may have this many digits.
const MAX_DIGITS: usize = 400;

/// After this many errors a text is not read further.
const MAX_ERRORS: usize = 50;

/// Reads a file without comments, item by item; a faulty item is reported and left out.
pub(super) fn file(text: &str) -> (File, Vec<Diagnostic>) {
    let mut file = File::default();
    let mut diagnostics = Vec::new();
    for range in source::items(text) {
        let mut rest = Some(range);
        while let Some(range) = rest.take() {
            if diagnostics.len() >= MAX_ERRORS {
                diagnostics.push(Diagnostic::error(range, "too many errors: the rest is not read"));
                return (file, diagnostics);
            }
            let depth = match source::check_depth(text, &range) {
                Ok(depth) => depth,
                Err(diagnostic) => {
                    diagnostics.push(diagnostic);
                    continue;
                }
            };
            match with_stack(depth, range.start, || item(text, range.clone())) {
                Ok(item) => file.items.push(item),
                Err(diagnostic) => {
                    // What stands at the start of a line and is no continuation was meant to begin an item of its own.
                    let at = diagnostic.span.start;
                    let before = source::trimmed(text, range.start..at);
                    let line_start = text.get(..at).is_some_and(|before| before.ends_with('\n'));
                    if let (true, Some(before)) = (line_start, before)
                        && let Ok(item) = with_stack(depth, range.start, || item(text, before))
                    {
                        file.items.push(item);
                    }
                    diagnostics.push(diagnostic);
                }
            }
        }
    }
    (file, diagnostics)
}

/// Items that are not deeper than this are read on the caller's stack.
const SHALLOW: usize = 5;

/// Room for an item of the greatest depth; the parser takes some 150 KB a level where it is not optimised.
const STACK: usize = 64 << 20;

/// Runs the parser where it has room for an item of some depth.
fn with_stack<T: Send>(
    depth: usize,
    at: usize,
    parse: impl FnOnce() -> Result<T, Diagnostic> + Send,
) -> Result<T, Diagnostic> {
    if depth <= SHALLOW {
        return parse();
    }
    let failed = |_| Diagnostic::error(at..at, "the parser found no room to read this item");
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, parse);
        thread.map_err(|_| failed(())).and_then(|thread| thread.join().map_err(|_| failed(()))?)
    })
}

fn item(text: &str, range: std::ops::Range<usize>) -> Result<Item, Diagnostic> {
    let chunk = text.get(range.clone()).unwrap_or_default();
    let mut pairs = ProofParser::parse(Rule::item, chunk).map_err(|error| explain(&error, chunk, range.start))?;
    let builder = Builder { base: range.start };
    let pair = builder.next(&mut pairs)?;
    builder.item(pair)
}

/// Reads a statement alone: clauses, claim and expectation.
pub(super) fn statement(text: &str) -> Result<Theorem, Diagnostic> {
    let whole = 0..text.len();
    let depth = source::check_depth(text, &whole)?;
    with_stack(depth, 0, || bare_statement(text))
}

fn bare_statement(text: &str) -> Result<Theorem, Diagnostic> {
    let mut pairs = ProofParser::parse(Rule::statement, text).map_err(|error| explain(&error, text, 0))?;
    let builder = Builder { base: 0 };
    let body = builder.next(&mut pairs)?;
    let name = Ident { name: "statement".to_string(), span: Span { start: 0, end: text.len() } };
    builder.theorem(name, body.into_inner())
}

/// What a rule is called in a message.
fn rule_name(rule: &Rule) -> String {
    let name = match rule {
        Rule::ident | Rule::hint_word | Rule::hint_name => "a name",
        Rule::number => "a number",
        Rule::term | Rule::product | Rule::unary | Rule::power | Rule::postfix => "a term",
        Rule::binder | Rule::sum_head | Rule::max_head | Rule::derivative_head => "a sum",
        Rule::condition | Rule::conditions | Rule::claim => "a condition",
        Rule::binders | Rule::binder_item | Rule::binder_term | Rule::ranked_letter => "a letter with its range",
        Rule::range => "a range such as 1..n",
        Rule::bound | Rule::infinity => "the end of a range",
        Rule::half_open | Rule::closed => "`..`",
        Rule::relation | Rule::le | Rule::ge | Rule::ne | Rule::lt | Rule::gt => "`=`, `<=` or another comparison",
        Rule::divides => "`|`",
        Rule::equals => "`=`",
        Rule::plus | Rule::minus => "`+` or `-`",
        Rule::operator | Rule::times | Rule::over | Rule::modulo => "`*` or `/`",
        Rule::exponent => "a natural exponent",
        Rule::subscript => "a subscript",
        Rule::bracket => "a bracket [P]",
        Rule::paren | Rule::arguments | Rule::call => "`(`",
        Rule::floor | Rule::ceil | Rule::maximum | Rule::minimum => "floor, ceil, max or min",
        Rule::boxed => "a tensor with its box, such as x[1..n]",
        Rule::sized | Rule::letter => "a name",
        Rule::arrow => "a function such as f(i, j)",
        Rule::least => "`>=` and a bound",
        Rule::semicolon => "`;`",
        Rule::parameters | Rule::parameter | Rule::plain => "a parameter",
        Rule::scalar_parameter | Rule::function_parameter => "a parameter",
        Rule::default => "`=` and a value",
        Rule::argument => "an argument",
        Rule::side => "a range such as 1..n",
        Rule::result => "the result's indices",
        Rule::for_clause => "`for`",
        Rule::where_clause => "`where`",
        Rule::expectation => "`expect`",
        Rule::outcome => "`refuted`, `undecided` or `proved`",
        Rule::proof => "`proof`",
        Rule::proof_line => "a line that begins with `=`",
        Rule::hints => "`by`",
        Rule::hint | Rule::hint_equation => "a hint",
        Rule::EOI => "the end of the item",
        other => {
            let debug = format!("{other:?}");
            return match debug.strip_prefix("w_") {
                Some(word) if source::ITEM_WORDS.contains(&word) => ITEM.to_string(),
                Some(word) => format!("`{word}`"),
                None => ITEM.to_string(),
            };
        }
    };
    name.to_string()
}

/// What stands at the top of a file.
const ITEM: &str = "an item (size, integer, rank, tensor, scalar, function, assume, def, use or theorem)";

/// A message about text that the grammar does not accept.
fn explain(error: &pest::error::Error<Rule>, chunk: &str, base: usize) -> Diagnostic {
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at.min(chunk.len()),
    };
    let rest = chunk.get(at..).unwrap_or_default();
    let found: String = match rest.chars().next() {
        None => String::new(),
        Some(first) if first.is_alphanumeric() => {
            rest.chars().take_while(|letter| letter.is_alphanumeric()).take(40).collect()
        }
        Some(first) => first.to_string(),
    };
    let length = found.len().max(rest.chars().next().map_or(0, char::len_utf8));
    let span = base + at..base + at + length;
    let mut names: Vec<String> = Vec::new();
    if let ErrorVariant::ParsingError { positives, .. } = &error.variant {
        for name in positives.iter().map(rule_name) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let what = if found.is_empty() { "the text ends here".to_string() } else { format!("`{found}` cannot stand here") };
    let message = match names.split_last() {
        None => what,
        Some((last, [])) => format!("{what}: {last} is expected"),
        Some((last, others)) => format!("{what}: {} or {last} is expected", others.join(", ")),
    };
    let diagnostic = Diagnostic::error(span, message);
    match hint(chunk, at, &found) {
        Some(hint) => diagnostic.with_hint(hint),
        None => diagnostic,
    }
}

/// Advice for habits from other languages.
fn hint(chunk: &str, at: usize, found: &str) -> Option<String> {
    let rest = chunk.get(at..).unwrap_or_default();
    let before = chunk.get(..at).unwrap_or_default().trim_end();
    let advice = match found {
        "=" if before.ends_with('=') || rest.starts_with("==") => "equality is written with one `=`",
        "*" if before.ends_with('*') || rest.starts_with("**") => "a power is written with `^`",
        "\\" => "LaTeX is read by `convprove grade`; here a sum is `sum(u in 1..m) …`",
        "_" | "{" | "}" => "a subscript is written in brackets: `x[i, j]`",
        "$" => "formulas stand here without `$`",
        "&" => "conditions are joined by `,` or `and`",
        "." if before.ends_with('.') => "a range is written with two dots: `1..n`",
        ";" => "`;` ends an item",
        "" if before.ends_with("proof") => "a proof is a chain of equalities and ends with `qed`",
        "" => return unfinished(chunk),
        _ => {
            let words = source::ITEM_WORDS.iter().copied().chain([
                "proof", "qed", "expect", "for", "where", "by", "and", "iff", "in", "mod", "sum", "max", "min",
                "floor", "ceil",
            ]);
            return super::similar(found, words).map(|word| format!("did you mean `{word}`?"));
        }
    };
    Some(advice.to_string())
}

/// What an item that ends too early lacks.
fn unfinished(chunk: &str) -> Option<String> {
    let count = |letter: char| chunk.chars().filter(|other| *other == letter).count();
    for (open, close) in [('(', ')'), ('[', ']')] {
        if count(open) > count(close) {
            return Some(format!("a `{close}` is missing"));
        }
    }
    let proof = chunk.split_whitespace().any(|word| word == "proof");
    (proof && !chunk.trim_end().ends_with("qed")).then(|| "a proof ends with `qed`".to_string())
}

/// Turns pairs into the tree; `base` is where the parsed text begins in the whole text.
struct Builder {
    base: usize,
}

type Built<T> = Result<T, Diagnostic>;

impl Builder {
    fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        let text = pair.as_str();
        let start = self.base + span.start();
        Span { start, end: start + text.trim_end().len() }
    }

    fn next<'a>(&self, pairs: &mut Pairs<'a, Rule>) -> Built<Pair<'a, Rule>> {
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

    fn item(&self, pair: Pair<'_, Rule>) -> Built<Item> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let mut inner = pair.clone().into_inner();
        let kind = match rule {
            Rule::use_item => ItemKind::Use(self.ident(&self.next(&mut inner)?)),
            Rule::size_item | Rule::integer_item => {
                let mut letters = Vec::new();
                let mut least = None;
                for part in inner {
                    match part.as_rule() {
                        Rule::least => least = Some(self.least(part)?),
                        _ => letters.push(self.letter(part)?),
                    }
                }
                if rule == Rule::size_item { ItemKind::Size(letters, least) } else { ItemKind::Integer(letters, least) }
            }
            Rule::rank_item => ItemKind::Rank(self.idents(inner)),
            Rule::integer_function_item => {
                ItemKind::IntegerFunction(inner.map(|part| self.arrow(part)).collect::<Built<_>>()?)
            }
            Rule::assume_item => ItemKind::Assume(self.conditions(self.next(&mut inner)?)?),
            Rule::tensor_item => ItemKind::Tensor(inner.map(|part| self.boxed(part)).collect::<Built<_>>()?),
            Rule::scalar_item => ItemKind::Scalar(self.idents(inner)),
            Rule::function_item => ItemKind::Function(inner.map(|part| self.arrow(part)).collect::<Built<_>>()?),
            Rule::scalar_function_item => {
                ItemKind::ScalarFunction(inner.map(|part| self.arrow(part)).collect::<Built<_>>()?)
            }
            Rule::def_item => ItemKind::Def(Box::new(self.def(inner)?)),
            Rule::theorem_item => {
                let name = self.ident(&self.next(&mut inner)?);
                ItemKind::Theorem(Box::new(self.theorem(name, inner)?))
            }
            _ => return self.unexpected(&pair),
        };
        Ok(Item { kind, span })
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
            Rule::function_parameter => return Ok(Parameter::Function(self.arrow(self.next(&mut part.into_inner())?)?)),
            _ => {}
        }
        let (mut names, mut least, mut default) = (Vec::new(), None, None);
        for part in part.into_inner() {
            match part.as_rule() {
                Rule::least => least = Some(self.least(part)?),
                Rule::default => default = Some(self.term(self.last(&mut part.into_inner())?)?),
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

    fn theorem(&self, name: Ident, inner: Pairs<'_, Rule>) -> Built<Theorem> {
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
