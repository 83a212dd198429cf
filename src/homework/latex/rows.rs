//! Rows and cells, and environments.

use pest::iterators::Pair;

use super::super::formula::*;
use super::super::note::{Fault, NoteKind};
use super::super::print;
use super::build::{Builder, Built};
use super::matrices::holds_equations;
use super::{Parsed, Rule};

/// What one cell holds.
#[derive(Default)]
pub(super) struct Cell {
    /// Its statements.
    pub(super) statements: Vec<Statement>,
    /// Products that go on with the row before: a sign with what follows it.
    pub(super) carried: Vec<(Operator, Expr)>,
    /// A sign at the end, which takes what the next row begins with.
    pub(super) hanging: Option<Hanging>,
    /// The number of the equation.
    tag: Option<String>,
    /// Remarks after `//`.
    remarks: Vec<String>,
    /// The reasons given in a bracket after words: `(let s = i-u)`.
    reasons: Vec<Expr>,
}

/// A sign at the end of a row.
pub(super) enum Hanging {
    /// `+` or `-`; true is minus.
    Add(bool),
    /// A sign between factors.
    Multiply(Operator),
}

/// The equations in a bracket, or of a letter in a cell of its own, that stand after a chain in its row.
fn beside(statement: &Statement, own_cell: bool, after: bool) -> Option<Vec<Expr>> {
    let Statement::Chain(chain) = statement else { return None };
    let equation = |part: &Expr| match &part.kind {
        Kind::Chain(chain) => letters(chain),
        _ => false,
    };
    match (chain.first.as_ref()?, chain.links.as_slice()) {
        (Expr { kind: Kind::Parens(Bracket::Round, list), .. }, []) if own_cell || after => {
            (!list.is_empty() && list.iter().all(equation)).then(|| list.clone())
        }
        _ if own_cell && letters(chain) => Some(vec![Expr::new(Kind::Chain(Box::new(chain.clone())), chain.span)]),
        _ => None,
    }
}

/// `s = i-u+1`
fn letters(chain: &Chain) -> bool {
    let letter = |side: &Expr| side.as_name().is_some_and(|name| name.base.chars().count() == 1);
    chain.first.as_ref().is_some_and(letter)
        && matches!(chain.links.as_slice(), [Link { relation: Relation::Eq | Relation::Define, side: Some(_), .. }])
}

/// The environments whose `&` only align.
fn aligns(name: &str) -> bool {
    let names = [
        "aligned",
        "align",
        "alignedat",
        "alignat",
        "split",
        "equation",
        "eqnarray",
        "gather",
        "gathered",
        "multline",
        "flalign",
        "displaymath",
        "math",
    ];
    names.contains(&name.trim_end_matches('*'))
}

impl Builder<'_> {
    /// Everything that stands in some rows, chains joined over the ends of rows.
    pub(super) fn rows(&mut self, pair: Pair<'_, Rule>) -> Built<Parsed> {
        let mut parsed = Parsed::default();
        let mut hanging = None;
        for row in pair.into_inner().filter(|part| part.as_rule() == Rule::row) {
            let cells: Vec<Pair<'_, Rule>> = row.into_inner().collect();
            let (mut empty_before, mut equation) = (true, false);
            for (number, pair) in cells.into_iter().enumerate() {
                let span = self.span(&pair);
                let mut cell = self.cell(pair)?;
                if parsed.tag.is_none() {
                    parsed.tag = cell.tag.take();
                }
                parsed.remarks.append(&mut cell.remarks);
                if !cell.carried.is_empty() {
                    let carried = std::mem::take(&mut cell.carried);
                    self.carry(&mut parsed.statements, carried, span)?;
                }
                if let (Some(sign), Some(Statement::Chain(chain))) =
                    (hanging.take_if(|_| !cell.statements.is_empty()), cell.statements.first_mut())
                {
                    self.take_up(&mut parsed.statements, sign, chain, span)?;
                    if chain.links.is_empty() {
                        cell.statements.remove(0);
                    }
                }
                hanging = hanging.or(cell.hanging);
                let aligned = number > 0 && empty_before;
                empty_before &= cell.statements.is_empty();
                let mut said = false;
                for (place, statement) in cell.statements.into_iter().enumerate() {
                    said |= equation && matches!(statement, Statement::Words(..));
                    equation |= matches!(statement, Statement::Chain(..));
                    // `&& (s = i-u, t = j-v)` beside an equation says why it holds.
                    if let Some(reasons) = beside(&statement, number > 0 && !aligned, place > 0) {
                        cell.reasons.extend(reasons);
                        continue;
                    }
                    // `&& \text{since } x = y` gives a reason; the next row goes on with what stands before it.
                    let main = parsed.main;
                    self.join(&mut parsed, statement, place == 0, aligned, number > 0);
                    if said {
                        parsed.main = main;
                    }
                }
                reasoned(&mut parsed.statements, cell.reasons);
            }
        }
        Ok(parsed)
    }

    /// Adds a statement; one that goes on with the one before it becomes a part of that.
    fn join(&mut self, parsed: &mut Parsed, statement: Statement, first: bool, aligned: bool, inside: bool) {
        let Statement::Chain(mut chain) = statement else {
            parsed.statements.push(statement);
            return;
        };
        // An environment that only aligns is not a value: its rows are rows of what it stands in.
        if let Some(inner) = self.spliced(&mut chain) {
            if chain.first.is_some() || !chain.links.is_empty() {
                parsed.main = Some(parsed.statements.len());
                parsed.statements.push(Statement::Chain(chain));
            }
            for (place, statement) in inner.statements.into_iter().enumerate() {
                self.join(parsed, statement, place == 0, true, true);
            }
            parsed.tag = parsed.tag.take().or(inner.tag);
            parsed.remarks.extend(inner.remarks);
            return;
        }
        if let Some(Statement::Chain(before)) = parsed.main.and_then(|main| parsed.statements.get_mut(main))
            && first
        {
            let open = before.links.last().is_some_and(|link| link.side.is_none());
            let sign = chain.first.as_ref().map_or("", |side| self.source(side.span));
            let continued = aligned || chain.links.is_empty() && !before.links.is_empty();
            let signed = sign.starts_with('+') || sign.starts_with(['-', '−']) && continued;
            if chain.first.is_none() {
                before.span = before.span.to(chain.span);
                if open && let (Some(last), true) = (before.links.last(), !chain.links.is_empty()) {
                    let span = last.span;
                    before.links.pop();
                    self.note(NoteKind::DoubledRelation, span, "a relation ends a row and another begins the next");
                }
                before.links.append(&mut chain.links);
                return;
            }
            if open || signed {
                before.span = before.span.to(chain.span);
                let side = chain.first.take();
                match (before.links.last_mut(), side) {
                    (Some(link), Some(side)) => link.side = Some(extended(link.side.take(), side)),
                    (None, Some(side)) => before.first = Some(extended(before.first.take(), side)),
                    _ => {}
                }
                before.links.append(&mut chain.links);
                return;
            }
        }
        // `a & = b`: the second cell goes on with the first.
        if chain.first.is_none()
            && inside
            && let Some(Statement::Chain(before)) = parsed.main.and_then(|main| parsed.statements.get_mut(main))
        {
            before.span = before.span.to(chain.span);
            before.links.append(&mut chain.links);
            return;
        }
        parsed.main = Some(parsed.statements.len());
        parsed.statements.push(Statement::Chain(chain));
    }

    /// The rows of an aligning environment that is the last side of a chain, taken out of it.
    fn spliced(&mut self, chain: &mut Chain) -> Option<Parsed> {
        let last = match chain.links.last_mut() {
            Some(link) => link.side.as_mut()?,
            None => chain.first.as_mut()?,
        };
        let Kind::Rows(statements) = &mut last.kind else { return None };
        let inner = Parsed { statements: std::mem::take(statements), ..Parsed::default() };
        match chain.links.last_mut() {
            Some(link) => link.side = None,
            None => chain.first = None,
        }
        Some(inner)
    }

    pub(super) fn cell(&mut self, pair: Pair<'_, Rule>) -> Built<Cell> {
        let mut cell = Cell::default();
        for part in pair.into_inner() {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::chain => {
                    let chain = self.chain(part)?;
                    cell.statements.extend(ungrouped(chain).into_iter().map(Statement::Chain));
                }
                Rule::words => {
                    cell.statements.push(Statement::Words(plain_words(part.as_str()), span));
                }
                Rule::hanging => {
                    let sign = part.into_inner().next();
                    cell.hanging = match sign {
                        Some(sign) if sign.as_rule() == Rule::mul_sign => Some(Hanging::Multiply(self.sign(sign)?)),
                        sign => sign.map(|sign| Hanging::Add(super::signs::is_minus(sign.as_str()))),
                    };
                }
                Rule::aside => {
                    for inner in part.into_inner().filter(|inner| inner.as_rule() == Rule::chain) {
                        let chain = self.chain(inner)?;
                        let place = chain.span;
                        cell.reasons.push(Expr::new(Kind::Chain(Box::new(chain)), place));
                    }
                }
                Rule::lone_sign => {
                    let inner = part.into_inner().next();
                    let tilde = inner.as_ref().is_some_and(|sign| sign.as_rule() == Rule::tilde_group);
                    let sign = inner.map(|sign| self.sign(sign)).transpose()?.unwrap_or_else(Operator::beside);
                    let wave = if tilde || sign.tilde { "~" } else { "" };
                    cell.statements.push(Statement::Words(format!("{}{wave}", print::sign(sign.sign)), span));
                }
                Rule::remark => cell.remarks.push(part.as_str().trim_start_matches('/').trim().to_string()),
                Rule::tag => {
                    let inner = part.into_inner().last();
                    cell.tag = inner.map(|tag| tag.as_str().trim().to_string());
                }
                Rule::carried => {
                    if !cell.statements.is_empty() {
                        let sign = self.source(span).chars().take(1).collect::<String>();
                        return Err(Fault::new(span.bytes(), format!("a factor is missing before `{sign}`")));
                    }
                    let mut inner = part.into_inner();
                    let operator = inner.next().map(|sign| self.sign(sign)).transpose()?;
                    let term = inner.next().map(|term| self.term(term)).transpose()?;
                    cell.carried.extend(operator.zip(term));
                }
                _ => {}
            }
        }
        Ok(cell)
    }

    /// Joins what begins a row to the sign that ended the row before.
    fn take_up(&mut self, statements: &mut [Statement], sign: Hanging, chain: &mut Chain, span: Span) -> Built<()> {
        let Some(first) = chain.first.take() else { return Ok(()) };
        match sign {
            Hanging::Add(minus) => {
                let first = if minus { Expr { span: first.span, kind: Kind::Neg(Box::new(first)) } } else { first };
                append(statements, first);
            }
            Hanging::Multiply(operator) => match first.kind {
                // Only the first term is a factor of the product before it.
                Kind::Add(mut terms) if !terms.is_empty() => {
                    let (minus, factor) = terms.remove(0);
                    let factor =
                        if minus { Expr { span: factor.span, kind: Kind::Neg(Box::new(factor)) } } else { factor };
                    self.carry(statements, vec![(operator, factor)], span)?;
                    append(statements, Expr::new(Kind::Add(terms), first.span));
                }
                kind => self.carry(statements, vec![(operator, Expr { kind, span: first.span })], span)?,
            },
        }
        Ok(())
    }

    /// Multiplies the last product before this row.
    fn carry(&mut self, statements: &mut [Statement], carried: Vec<(Operator, Expr)>, span: Span) -> Built<()> {
        let lost = || Fault::new(span.bytes(), "a factor is missing before this sign");
        let Some(Statement::Chain(chain)) = statements.last_mut() else { return Err(lost()) };
        chain.span = chain.span.to(span);
        let mut target = match chain.links.last_mut() {
            Some(link) => link.side.as_mut().ok_or_else(lost)?,
            None => chain.first.as_mut().ok_or_else(lost)?,
        };
        // The last term, and in it the body of its sums.
        while matches!(&target.kind, Kind::Add(_) | Kind::Big(_, _, Some(_)) | Kind::Neg(_)) {
            target.span = target.span.to(span);
            target = match &mut target.kind {
                Kind::Add(terms) => &mut terms.last_mut().ok_or_else(lost)?.1,
                Kind::Big(_, _, Some(body)) | Kind::Neg(body) => body,
                _ => return Err(lost()),
            };
        }
        let before = std::mem::replace(target, Expr::new(Kind::Ellipsis, span));
        let whole = before.span.to(span);
        let mut factors = match before.kind {
            Kind::Product(factors) => factors,
            _ => vec![(Operator::beside(), before)],
        };
        factors.extend(carried);
        *target = Expr::new(Kind::Product(factors), whole);
        Ok(())
    }

    // ------------------------------------------------------------------------------------------------------ environments

    pub(super) fn environment(&mut self, pair: Pair<'_, Rule>, brace: bool) -> Built<Expr> {
        let span = self.span(&pair);
        let (mut name, mut rows) = (String::new(), None);
        // Markdown escapes the star.
        let plain = |found: &str| found.replace('\\', "");
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::begin => {
                    let found = part.into_inner().find(|inner| inner.as_rule() == Rule::environment_name);
                    name = found.map(|found| plain(found.as_str())).unwrap_or_default();
                }
                Rule::finish => {
                    let closing = part.into_inner().next().map(|inner| plain(inner.as_str())).unwrap_or_default();
                    if closing != name {
                        let message = format!("`\\begin{{{name}}}` is closed by `\\end{{{closing}}}`");
                        return Err(Fault::new(span.bytes(), message));
                    }
                }
                _ => rows = Some(part),
            }
        }
        let rows = rows.ok_or_else(|| Fault::new(span.bytes(), "this environment is empty"))?;
        let kind = match name.as_str() {
            "cases" | "dcases" | "rcases" | "numcases" => self.cases(rows)?,
            "array" if brace => self.cases(rows)?,
            name if brace && aligns(name) => self.cases(rows)?,
            name if aligns(name) => {
                let parsed = self.rows(rows)?;
                Kind::Rows(parsed.statements)
            }
            // Some put equations side by side in a matrix.
            "matrix" if holds_equations(&rows) => {
                let mut statements = Vec::new();
                let cells = rows.into_inner().filter(|part| part.as_rule() == Rule::row).flat_map(Pair::into_inner);
                for cell in cells.filter(|part| part.as_rule() == Rule::cell) {
                    statements.extend(self.cell(cell)?.statements);
                }
                Kind::Rows(statements)
            }
            // Some align with an array.
            "array" | "matrix" if self.compares(&rows) => {
                let parsed = self.rows(rows)?;
                Kind::Rows(parsed.statements)
            }
            "array" | "matrix" | "pmatrix" | "bmatrix" | "Bmatrix" | "vmatrix" | "Vmatrix" | "smallmatrix"
            | "tabular" => self.matrix(rows, span)?,
            _ => return Err(Fault::new(span.bytes(), format!("the environment `{name}` is not known"))),
        };
        Ok(Expr::new(kind, span))
    }

    /// Whether a relation stands in some cell, also within braces that do not print.
    fn compares(&self, rows: &Pair<'_, Rule>) -> bool {
        let rows = rows.clone().into_inner().filter(|part| part.as_rule() == Rule::row);
        let parts = rows.flat_map(Pair::into_inner).flat_map(Pair::into_inner);
        let mut chains = parts.filter(|part| part.as_rule() == Rule::chain);
        fn relates(chain: Pair<'_, Rule>) -> bool {
            let mut parts = chain.into_inner();
            match (parts.next(), parts.next()) {
                // `{z_{11} = …}`: the braces hold all of the cell.
                (Some(only), None) if only.as_rule() == Rule::relation => true,
                (Some(only), None) => {
                    let whole = only.as_str().trim();
                    let mut inside = only.into_inner();
                    while let (Some(inner), None) = (inside.next(), inside.next()) {
                        if inner.as_str().trim() != whole {
                            return false;
                        }
                        if inner.as_rule() == Rule::group {
                            let items = inner.into_inner().filter(|part| part.as_rule() == Rule::list);
                            let parts = items.flat_map(Pair::into_inner).flat_map(Pair::into_inner);
                            return parts.filter(|part| part.as_rule() == Rule::chain).any(relates);
                        }
                        inside = inner.into_inner();
                    }
                    false
                }
                (first, second) => first.into_iter().chain(second).any(|part| part.as_rule() == Rule::relation),
            }
        }
        chains.any(relates)
    }
}

/// The chains in braces that do not print, `{z_{11} = …}`; else the chain itself.
fn ungrouped(chain: Chain) -> Vec<Chain> {
    match chain.first {
        Some(Expr { kind: Kind::Parens(Bracket::Group, list), span })
            if chain.links.is_empty() && list.iter().all(|part| matches!(part.kind, Kind::Chain(_))) =>
        {
            let chains = list.into_iter().map(|part| match part.kind {
                Kind::Chain(inner) => *inner,
                kind => Chain { first: Some(Expr { kind, span }), links: Vec::new(), span },
            });
            chains.collect()
        }
        first => vec![Chain { first, ..chain }],
    }
}

/// Gives reasons to the last relation before them; without one they are statements of their own.
fn reasoned(statements: &mut Vec<Statement>, reasons: Vec<Expr>) {
    match statements.last_mut() {
        Some(Statement::Chain(chain)) if !chain.links.is_empty() => {
            if let Some(link) = chain.links.last_mut() {
                link.reason.extend(reasons);
            }
        }
        _ => statements.extend(reasons.into_iter().filter_map(|reason| match reason.kind {
            Kind::Chain(chain) => Some(Statement::Chain(*chain)),
            _ => None,
        })),
    }
}

/// Adds terms to the last side before a row.
fn append(statements: &mut [Statement], after: Expr) {
    if let Some(Statement::Chain(chain)) = statements.last_mut() {
        chain.span = chain.span.to(after.span);
        match chain.links.last_mut() {
            Some(link) => link.side = Some(extended(link.side.take(), after)),
            None => chain.first = Some(extended(chain.first.take(), after)),
        }
    }
}

/// A side that goes on: terms are added.
fn extended(before: Option<Expr>, after: Expr) -> Expr {
    let Some(before) = before else { return after };
    let span = before.span.to(after.span);
    let terms = |expr: Expr| match expr.kind {
        Kind::Add(terms) => terms,
        Kind::Neg(inner) => vec![(true, *inner)],
        _ => vec![(false, expr)],
    };
    let mut all = terms(before);
    all.extend(terms(after));
    Expr::new(Kind::Add(all), span)
}

/// Words without the commands round them.
pub(super) fn plain_words(text: &str) -> String {
    let inside = match text.split_once('{') {
        Some((_, rest)) if text.starts_with('\\') => rest.trim_end().strip_suffix('}').unwrap_or(rest),
        _ => text,
    };
    inside.trim().to_string()
}

/// The rows at the outermost level of a text, environments that only align taken off.
pub(super) fn ranges(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut inside = 0..text.len();
    // `\begin{equation} \begin{split} … \end{split} \end{equation}`
    for _ in 0..3 {
        let part = text.get(inside.clone()).unwrap_or_default();
        let start = inside.start + (part.len() - part.trim_start().len());
        let part = part.trim();
        let Some(rest) = part.strip_prefix("\\begin{") else { break };
        let Some((name, _)) = rest.split_once('}') else { break };
        let close = format!("\\end{{{name}}}");
        if !aligns(name) || !part.ends_with(&close) {
            break;
        }
        inside = start + "\\begin{}".len() + name.len()..start + part.len() - close.len();
    }
    let (mut rows, mut depth, mut from, mut at) = (Vec::new(), 0i32, inside.start, inside.start);
    while at < inside.end {
        let rest = text.get(at..inside.end).unwrap_or_default();
        let length = match rest.chars().next() {
            Some('\\') if rest.starts_with("\\\\") => {
                if depth <= 0 {
                    rows.push(from..at);
                    from = at + 2;
                }
                2
            }
            Some('\\') if rest.starts_with("\\begin") => {
                depth += 1;
                6
            }
            Some('\\') if rest.starts_with("\\end") => {
                depth -= 1;
                4
            }
            Some('\\') => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            Some('{') => {
                depth += 1;
                1
            }
            Some('}') => {
                depth -= 1;
                1
            }
            other => other.map_or(1, char::len_utf8),
        };
        at += length;
    }
    rows.push(from..inside.end);
    rows.retain(|row| text.get(row.clone()).is_some_and(|row| !row.trim().is_empty()));
    rows
}
