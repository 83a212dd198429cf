//! From the surface tree back to text: the one canonical form, with comments kept.

use num_bigint::BigInt;
use num_traits::One;

use super::ast::*;
use super::source::Comment;

/// Lines are broken when they would be longer.
const WIDTH: usize = 110;

/// A file in canonical form. `source` is what it was read from; it decides where blank lines stand.
pub(super) fn file(file: &File, source: &str, comments: &[Comment]) -> String {
    let mut page = Page { source, comments, next: 0, text: String::new(), last: 0 };
    for one in &file.items {
        page.comments_before(one.span.start, "");
        page.gap(one.span.start);
        for (start, text) in pieces(one) {
            let indent: String = text.chars().take_while(|letter| *letter == ' ').collect();
            page.comments_before(start, &indent);
            page.line(&text);
        }
        page.last = one.span.end;
        page.comments_before(one.span.end, "");
        page.trailing(one.span.end);
    }
    page.comments_before(source.len() + 1, "");
    page.text
}

/// Text under construction.
struct Page<'a> {
    source: &'a str,
    comments: &'a [Comment],
    /// The first comment that is not printed yet.
    next: usize,
    text: String,
    /// Up to where the source is printed.
    last: usize,
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Keeps one blank line where the source has some between the last thing printed and this place.
    fn gap(&mut self, start: usize) {
        let between = self.source.get(self.last..start).unwrap_or_default();
        if !self.text.is_empty() && between.matches('\n').count() > 1 {
            self.text.push('\n');
        }
    }

    fn comments_before(&mut self, place: usize, indent: &str) {
        while let Some(comment) = self.comments.get(self.next).filter(|comment| comment.span.start < place) {
            self.next += 1;
            let text = self.source.get(comment.span.clone()).unwrap_or_default();
            if comment.trailing && !self.text.is_empty() {
                self.append(text);
            } else {
                self.gap(comment.span.start);
                self.line(&format!("{indent}{text}"));
            }
            self.last = self.last.max(comment.span.end);
        }
    }

    /// The comment that ends the line of an item.
    fn trailing(&mut self, end: usize) {
        let Some(comment) = self.comments.get(self.next) else { return };
        let between = self.source.get(end..comment.span.start).unwrap_or_default();
        if comment.trailing && !between.contains('\n') && between.trim_matches([';', ' ', '\t']).is_empty() {
            self.comments_before(comment.span.start + 1, "");
        }
    }

    /// Adds a comment to the last line, or below it where there is one already.
    fn append(&mut self, text: &str) {
        let last = self.text.trim_end_matches('\n').rsplit('\n').next().unwrap_or_default();
        if last.contains('#') {
            self.line(text);
            return;
        }
        while self.text.ends_with('\n') {
            self.text.pop();
        }
        self.text.push_str(&format!("  {text}\n"));
    }
}

/// An item as lines, each with the place where its source begins.
fn pieces(one: &Item) -> Vec<(usize, String)> {
    let ItemKind::Theorem(theorem) = &one.kind else { return vec![(one.span.start, item(&one.kind))] };
    let mut pieces = vec![(one.span.start, theorem_head(theorem))];
    if let Some(word) = &theorem.expectation {
        pieces.push((word.span.start, format!("expect {}", word.name)));
    }
    if let Some(proof) = &theorem.proof {
        pieces.push((proof.first.span.start, "proof".to_string()));
        pieces.push((proof.first.span.start, format!("    {}", term(&proof.first))));
        for line in &proof.lines {
            let hints: Vec<String> = line.hints.iter().map(hint).collect();
            let by = if hints.is_empty() { String::new() } else { format!(" by {}", hints.join(", ")) };
            pieces.push((line.term.span.start, format!("  = {}{by}", term(&line.term))));
        }
        pieces.push((one.span.end.saturating_sub(3), "qed".to_string()));
    }
    pieces
}

fn hint(hint: &Hint) -> String {
    match hint {
        Hint::Name(ident) => ident.name.clone(),
        Hint::Equation(left, right) => format!("{} = {}", compact(left), compact(right)),
    }
}

/// An item as text, without comments.
pub(super) fn item(kind: &ItemKind) -> String {
    let list = |texts: Vec<String>| texts.join(", ");
    match kind {
        ItemKind::Use(name) => format!("use {}", name.name),
        ItemKind::Size(groups) => format!("size {}", list(groups.iter().map(letters).collect())),
        ItemKind::Integer(groups) => format!("integer {}", list(groups.iter().map(letters).collect())),
        ItemKind::Rank(names) => format!("rank {}", list(names.iter().map(|name| name.name.clone()).collect())),
        ItemKind::Assume(all, letters) if letters.is_empty() => format!("assume {}", conditions(all)),
        ItemKind::Assume(all, letters) => format!("assume {} for {}", conditions(all), binders(letters)),
        ItemKind::Tensor(tensors) => format!("tensor {}", list(tensors.iter().map(boxed).collect())),
        ItemKind::Scalar(names) => format!("scalar {}", list(names.iter().map(|name| name.name.clone()).collect())),
        ItemKind::Function(arrows) => format!("function {}", list(arrows.iter().map(arrow).collect())),
        ItemKind::IntegerFunction(arrows) => format!("integer function {}", list(arrows.iter().map(arrow).collect())),
        ItemKind::ScalarFunction(arrows, slopes) => {
            let arrows = list(arrows.iter().map(arrow).collect());
            let slopes = if slopes.is_empty() { String::new() } else { format!(" where {}", conditions(slopes)) };
            format!("scalar function {arrows}{slopes}")
        }
        ItemKind::Def(def) => definition(def),
        ItemKind::Let(name, result, body) => named("let", &name.name, result.as_deref(), body),
        ItemKind::Derive(Derive::Closed(name, result, body)) => named("derive", &name.name, result.as_deref(), body),
        ItemKind::Derive(Derive::Gradients(wanted, given)) => derive(wanted, given),
        ItemKind::Cost(name, body) => cost(&name.name, body),
        ItemKind::Theorem(theorem) => {
            let mut text = theorem_head(theorem);
            if let Some(word) = &theorem.expectation {
                text.push_str(&format!("\nexpect {}", word.name));
            }
            text
        }
    }
}

/// `let Y = …`, the term on a line of its own where it is long.
fn named(keyword: &str, name: &str, result: Option<&[BinderItem]>, body: &Term) -> String {
    let result = result.map(|items| format!("[{}]", binders(items))).unwrap_or_default();
    let (head, body) = (format!("{keyword} {name}{result}"), term(body));
    if fits(&[&head, " = ", &body]) { format!("{head} = {body}") } else { format!("{head}\n  = {body}") }
}

/// `derive dX = dL/dX given dY = dL/dY`
fn derive(wanted: &[Gradient], given: &[Gradient]) -> String {
    let list = |gradients: &[Gradient]| {
        let one = |gradient: &Gradient| {
            let Gradient { name, loss, by } = gradient;
            format!("{} = d{}/d{}", name.name, loss.name, by.name)
        };
        gradients.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    let wanted = format!("derive {}", list(wanted));
    if given.is_empty() {
        return wanted;
    }
    let given = format!("given {}", list(given));
    if fits(&[&wanted, " ", &given]) { format!("{wanted} {given}") } else { format!("{wanted}\n  {given}") }
}

/// One line, or a line for each layer of a sum.
fn cost(name: &str, body: &Term) -> String {
    let line = format!("cost {name} = {}", term(body));
    match &body.kind {
        TermKind::Add(terms) if !fits(&[&line]) => {
            let signs = terms.iter().enumerate().map(|(place, (negative, _))| match (place, negative) {
                (0, _) => "=",
                (_, true) => "-",
                (_, false) => "+",
            });
            let lines: Vec<String> =
                signs.zip(terms).map(|(sign, (_, one))| format!("\n  {sign} {}", term(one))).collect();
            format!("cost {name}{}", lines.concat())
        }
        _ if !fits(&[&line]) => format!("cost {name}\n  = {}", term(body)),
        _ => line,
    }
}

fn letter(letter: &Letter) -> String {
    match &letter.rank {
        Some(rank) => format!("{} : {}", letter.ident.name, rank.name),
        None => letter.ident.name.clone(),
    }
}

/// Letters with the bound that they share.
fn letters(group: &Letters) -> String {
    let names: Vec<String> = group.letters.iter().map(letter).collect();
    names.join(", ") + &least(group.least.as_ref())
}

fn least(least: Option<&Least>) -> String {
    match least {
        Some(least) => format!(" {} {}", if least.strict { ">" } else { ">=" }, compact(&least.bound)),
        None => String::new(),
    }
}

fn boxed(tensor: &Boxed) -> String {
    let sides: Vec<String> = tensor.sides.iter().map(side).collect();
    format!("{}[{}]", tensor.name.name, sides.join(", "))
}

fn side(side: &Side) -> String {
    match &side.rank {
        Some(rank) => format!("{} : {}", range(&side.range), rank.name),
        None => range(&side.range),
    }
}

fn parameter(parameter: &Parameter) -> String {
    match parameter {
        Parameter::Tensor(tensor) => boxed(tensor),
        Parameter::Scalar(name) => format!("scalar {}", name.name),
        Parameter::Function(function) => format!("function {}", arrow(function)),
        Parameter::Integer(integer, bound, default) => {
            let default = default.as_ref().map(|value| format!(" = {}", compact(value))).unwrap_or_default();
            format!("{}{}{default}", letter(integer), least(bound.as_deref()))
        }
    }
}

fn arrow(arrow: &Arrow) -> String {
    let letters: Vec<String> = arrow.letters.iter().map(letter).collect();
    format!("{}({})", arrow.name.name, letters.join(", "))
}

fn definition(def: &Def) -> String {
    let (mut parameters, mut wheres) = (Vec::new(), Vec::new());
    for (position, parameter) in def.parameters.iter().enumerate() {
        let next = position + 1;
        let mark = match def.parameters.len() {
            last if last == next => "",
            _ if def.semicolon == Some(next) => ";",
            _ => ",",
        };
        let head = if position == 0 { format!("def {}(", def.name.name) } else { String::new() };
        parameters.push(format!("{head}{}{mark}", self::parameter(parameter)));
    }
    if parameters.is_empty() {
        parameters.push(format!("def {}(", def.name.name));
    }
    for (position, condition) in def.assumptions.iter().enumerate() {
        let mark = if position + 1 == def.assumptions.len() { "" } else { "," };
        let word = if position == 0 { "where " } else { "" };
        wheres.push(format!("{word}{}{mark}", condition_with(condition, compact)));
    }
    if let Some(last) = wheres.last_mut().or(parameters.last_mut()) {
        last.push(')');
    }
    let mut head = parameters.iter().chain(&wheres).cloned().collect::<Vec<_>>().join(" ");
    if def.parameters.is_empty() {
        head = head.replacen("( where", "(where", 1);
    }
    let result = def.result.as_ref().map(|items| format!("[{}]", binders(items))).unwrap_or_default();
    let body = term(&def.body);
    if fits(&[&head, &result, " = ", &body]) {
        return format!("{head}{result} = {body}");
    }
    if fits(&[&head, &result]) {
        return format!("{head}{result}\n  = {body}");
    }
    if !fits(&[&head]) {
        let lines = [filled(&parameters), filled(&wheres)];
        head = lines.into_iter().filter(|lines| !lines.is_empty()).collect::<Vec<_>>().join("\n    ");
    }
    let result = if result.is_empty() { result } else { format!("\n    {result}") };
    format!("{head}{result}\n  = {body}")
}

/// Words on lines that are not too long; a word that could begin an item begins no line.
fn filled(words: &[String]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        let item = super::source::ITEM_WORDS
            .iter()
            .any(|begin| word.strip_prefix(begin).is_some_and(|rest| rest.starts_with(' ')));
        match lines.last_mut() {
            Some(line) if item || fits(&["    ", line, " ", word]) => *line = format!("{line} {word}"),
            _ => lines.push(word.clone()),
        }
    }
    lines.join("\n    ")
}

fn fits(texts: &[&str]) -> bool {
    texts.iter().map(|text| text.chars().count()).sum::<usize>() <= WIDTH
}

fn theorem_head(theorem: &Theorem) -> String {
    let mut head = format!("theorem {}", theorem.name.name);
    if !theorem.indices.is_empty() {
        head.push_str(&format!(" for {}", binders(&theorem.indices)));
    }
    if !theorem.assumptions.is_empty() {
        head.push_str(&format!(" where {}", conditions(&theorem.assumptions)));
    }
    head.push(':');
    let claim = &theorem.claim;
    let sides: Vec<String> = match (&claim.right, claim.left.as_slice()) {
        (Some(right), _) => vec![stated(&claim.left), format!("iff {}", stated(right))],
        (None, [Condition { first, rest: Relations::Chain(chain), .. }]) => {
            let rest = chain.iter().map(|(relation, right)| format!("{} {}", sign(*relation), term(right)));
            std::iter::once(term(first)).chain(rest).collect()
        }
        _ => vec![stated(&claim.left)],
    };
    let claim = sides.join(" ");
    if fits(&[&head, " ", &claim]) {
        format!("{head} {claim}")
    } else if fits(&["  ", &claim]) {
        format!("{head}\n  {claim}")
    } else {
        format!("{head}\n  {}", sides.join("\n  "))
    }
}

/// Conditions in a claim, with room around signs.
fn stated(list: &[Condition]) -> String {
    let all: Vec<String> = list.iter().map(|one| condition_with(one, term)).collect();
    all.join(" and ")
}

fn conditions(list: &[Condition]) -> String {
    let all: Vec<String> = list.iter().map(|one| condition_with(one, compact)).collect();
    all.join(", ")
}

fn condition_with(condition: &Condition, print: fn(&Term) -> String) -> String {
    let first = print(&condition.first);
    match &condition.rest {
        Relations::Divides(right) => format!("{first} | {}", print(right)),
        Relations::In(all) => format!("{first} in {}", range(all)),
        Relations::Chain(chain) => {
            chain.iter().fold(first, |text, (relation, right)| format!("{text} {} {}", sign(*relation), print(right)))
        }
    }
}

fn sign(relation: Relation) -> &'static str {
    match relation {
        Relation::Eq => "=",
        Relation::Ne => "!=",
        Relation::Lt => "<",
        Relation::Le => "<=",
        Relation::Gt => ">",
        Relation::Ge => ">=",
    }
}

pub(super) fn range(range: &Range) -> String {
    let bound = |bound: &Bound| match bound {
        Bound::Term(term) => compact(term),
        Bound::Infinity => "inf".to_string(),
        Bound::MinusInfinity => "-inf".to_string(),
    };
    format!("{}{}{}", bound(&range.lower), if range.half_open { "..<" } else { ".." }, bound(&range.upper))
}

fn binders(items: &[BinderItem]) -> String {
    let texts: Vec<String> = items
        .iter()
        .map(|item| match item {
            BinderItem::Condition(one) => condition_with(one, compact),
            BinderItem::Letters(letters, all) => {
                let names: Vec<String> = letters.iter().map(letter).collect();
                let tail = all.as_ref().map(|all| format!(" in {}", range(all))).unwrap_or_default();
                format!("{}{tail}", names.join(", "))
            }
        })
        .collect();
    texts.join(", ")
}

/// A term with spaces around `+` and `-`.
pub(super) fn term(term: &Term) -> String {
    Printer { room: true }.term(term)
}

/// A term as it stands in subscripts and ranges.
fn compact(term: &Term) -> String {
    Printer { room: false }.term(term)
}

#[derive(Clone, Copy)]
struct Printer {
    room: bool,
}

impl Printer {
    fn term(self, term: &Term) -> String {
        let TermKind::Add(terms) = &term.kind else { return self.product(term) };
        let mut text = String::new();
        for (position, (negative, part)) in terms.iter().enumerate() {
            match (position, self.room) {
                (0, _) => {}
                (_, true) => text.push_str(if *negative { " - " } else { " + " }),
                (_, false) => text.push(if *negative { '-' } else { '+' }),
            }
            text.push_str(&self.product(part));
        }
        text
    }

    fn product(self, term: &Term) -> String {
        let TermKind::Mul(factors) = &term.kind else { return self.unary(term) };
        let mut text = String::new();
        let mut before: Option<&(Operator, Term)> = None;
        for (position, factor) in factors.iter().enumerate() {
            if let Some((last, left)) = before {
                let side = *last == Operator::Times && side_by_side(left, &factor.1);
                text.push_str(match factor.0 {
                    Operator::Times if side => " ",
                    Operator::Times if *last == Operator::Times => "*",
                    Operator::Times => " * ",
                    Operator::Over => " / ",
                    Operator::Mod => " mod ",
                });
            }
            let last = position + 1 == factors.len();
            text.push_str(&if last || !open_ended(&factor.1) { self.unary(&factor.1) } else { self.paren(&factor.1) });
            before = Some(factor);
        }
        text
    }

    fn unary(self, term: &Term) -> String {
        match &term.kind {
            TermKind::Neg(inner) => format!("-{}", self.unary(inner)),
            TermKind::Sum(items, body) => format!("sum({}) {}", binders(items), self.product(body)),
            TermKind::MaxOver(items, body) => format!("max({}) {}", binders(items), self.product(body)),
            TermKind::Derivative(tensor, position, body) => {
                format!("d/d{}{} {}", tensor.name, subscript(position), self.product(body))
            }
            _ => self.power(term),
        }
    }

    fn power(self, term: &Term) -> String {
        let TermKind::Power(base, exponent) = &term.kind else { return self.primary(term) };
        let exponent = match &exponent.kind {
            TermKind::Number(_) | TermKind::Name(_) => self.primary(exponent),
            _ => self.paren(exponent),
        };
        format!("{}^{exponent}", self.primary(base))
    }

    fn paren(self, term: &Term) -> String {
        format!("({})", self.term(term))
    }

    fn primary(self, term: &Term) -> String {
        let list = |terms: &[Term]| terms.iter().map(compact).collect::<Vec<_>>().join(", ");
        match &term.kind {
            TermKind::Number(number) => decimal(number.numer(), number.denom()),
            TermKind::Name(name) => name.clone(),
            TermKind::Whole => ":".to_string(),
            TermKind::Subscript(base, position) => format!("{}{}", self.primary(base), subscript(position)),
            TermKind::Bracket(all) => format!("[{}]", conditions(all)),
            TermKind::Floor(inner) => format!("floor({})", compact(inner)),
            TermKind::Ceil(inner) => format!("ceil({})", compact(inner)),
            TermKind::Max(terms) => format!("max({})", list(terms)),
            TermKind::Min(terms) => format!("min({})", list(terms)),
            TermKind::Call(name, arguments, semicolon) => {
                let (before, after) = arguments.split_at(semicolon.unwrap_or(arguments.len()).min(arguments.len()));
                let mark = if semicolon.is_some() { "; " } else { "" };
                let list = |arguments: &[Argument]| arguments.iter().map(argument).collect::<Vec<_>>().join(", ");
                format!("{}({}{mark}{})", name.name, list(before), list(after))
            }
            _ => self.paren(term),
        }
    }
}

fn argument(argument: &Argument) -> String {
    match &argument.name {
        Some(name) => format!("{} = {}", name.name, compact(&argument.term)),
        None => compact(&argument.term),
    }
}

fn subscript(position: &[Term]) -> String {
    if position.is_empty() {
        return String::new();
    }
    format!("[{}]", position.iter().map(compact).collect::<Vec<_>>().join(", "))
}

/// Whether a product of two factors reads well, and is read back, without a sign between them.
fn side_by_side(left: &Term, right: &Term) -> bool {
    let entry = |term: &Term| match &term.kind {
        TermKind::Subscript(_, _) | TermKind::Bracket(_) | TermKind::Call(_, _, _) => true,
        TermKind::Power(base, _) => matches!(base.kind, TermKind::Subscript(_, _)),
        _ => false,
    };
    let binder = matches!(right.kind, TermKind::Sum(_, _) | TermKind::MaxOver(_, _) | TermKind::Derivative(_, _, _));
    (entry(left) || matches!(left.kind, TermKind::Number(_) | TermKind::Name(_))) && (entry(right) || binder)
}

/// Whether a factor would take in what follows it.
fn open_ended(term: &Term) -> bool {
    match &term.kind {
        TermKind::Sum(_, _) | TermKind::MaxOver(_, _) | TermKind::Derivative(_, _, _) => true,
        TermKind::Neg(inner) => open_ended(inner),
        _ => false,
    }
}

/// A fraction whose denominator divides a power of ten, as it was written.
fn decimal(numerator: &BigInt, denominator: &BigInt) -> String {
    let (mut places, mut scale) = (0usize, BigInt::one());
    while !num_integer::Integer::is_multiple_of(&scale, denominator) && places < 1000 {
        scale *= 10;
        places += 1;
    }
    if places == 0 {
        return numerator.to_string();
    }
    let digits = format!("{:0>width$}", (numerator * scale / denominator).to_string(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(places));
    format!("{whole}.{fraction}")
}
