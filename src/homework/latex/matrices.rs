//! Matrices and distinctions of cases.

use pest::iterators::Pair;

use super::super::formula::*;
use super::super::note::{Fault, NoteKind};
use super::Rule;
use super::build::{Builder, Built};
use super::rows::Hanging;

/// A sum with what stands after a sign at its end.
pub(super) fn continued(sum: Expr, minus: bool, next: Expr) -> Expr {
    let span = sum.span.to(next.span);
    let terms = |side: Expr, minus: bool| match side.kind {
        Kind::Add(terms) if !minus => terms,
        kind => vec![(minus, Expr { kind, span: side.span })],
    };
    let mut all = terms(sum, false);
    match next.kind {
        // The sign belongs to the first of the terms that follow.
        Kind::Add(mut more) => {
            if let Some((first, _)) = more.first_mut() {
                *first ^= minus;
            }
            all.append(&mut more);
        }
        kind => all.push((minus, Expr { kind, span: next.span })),
    }
    Expr::new(Kind::Add(all), span)
}

/// Whether every cell that is not empty is an equation of its own.
pub(super) fn holds_equations(rows: &Pair<'_, Rule>) -> bool {
    let cells = rows.clone().into_inner().filter(|part| part.as_rule() == Rule::row).flat_map(Pair::into_inner);
    let mut equations = 0;
    for cell in cells.filter(|part| part.as_rule() == Rule::cell) {
        let chains: Vec<Pair<'_, Rule>> = cell.into_inner().filter(|part| part.as_rule() == Rule::chain).collect();
        for chain in chains {
            let mut parts = chain.into_inner();
            let begins = parts.next().is_some_and(|first| first.as_rule() != Rule::relation);
            if !(begins && parts.any(|part| part.as_rule() == Rule::relation)) {
                return false;
            }
            equations += 1;
        }
    }
    equations > 1
}

impl Builder<'_> {
    pub(super) fn matrix(&mut self, rows: Pair<'_, Rule>, span: Span) -> Built<Kind> {
        let mut matrix: Vec<Vec<Expr>> = Vec::new();
        // A row that ends with a sign between terms goes on in the next one: a long sum in a column.
        let mut open: Option<bool> = None;
        for row in rows.into_inner().filter(|part| part.as_rule() == Rule::row) {
            let cells: Vec<Pair<'_, Rule>> = row.into_inner().collect();
            let mut entries = Vec::new();
            let mut hanging = None;
            let blank = cells.len() == 1;
            for pair in cells {
                let here = self.span(&pair);
                let cell = self.cell(pair)?;
                if let Some(Hanging::Add(minus)) = cell.hanging {
                    hanging = Some(minus);
                }
                match cell.statements.as_slice() {
                    [] if cell.carried.is_empty() && blank => {}
                    [] if cell.carried.is_empty() => entries.push(Expr::new(Kind::Text(String::new()), here)),
                    [Statement::Chain(Chain { first: Some(entry), links, .. })] if links.is_empty() => {
                        entries.push(entry.clone());
                    }
                    [Statement::Words(words, _)] => entries.push(Expr::new(Kind::Text(words.clone()), here)),
                    _ => return Err(Fault::new(here.bytes(), "an entry of a matrix is one formula")),
                }
            }
            match (open.take().filter(|_| blank && entries.len() == 1), matrix.last_mut().map(Vec::as_mut_slice)) {
                (Some(minus), Some([before])) => {
                    let next = entries.pop().map(|next| continued(before.clone(), minus, next));
                    next.into_iter().for_each(|sum| *before = sum);
                }
                _ if !entries.is_empty() => matrix.push(entries),
                _ => {}
            }
            open = hanging;
        }
        let width = matrix.first().map_or(0, Vec::len);
        if matrix.iter().any(|row| row.len() != width) {
            self.note(NoteKind::RaggedMatrix, span, "the rows of this matrix differ in length");
        }
        Ok(Kind::Matrix(matrix))
    }

    pub(super) fn cases(&mut self, rows: Pair<'_, Rule>) -> Built<Kind> {
        let mut cases = Vec::new();
        for row in rows.into_inner().filter(|part| part.as_rule() == Rule::row) {
            let mut statements: Vec<Statement> = Vec::new();
            let here = self.span(&row);
            for pair in row.into_inner() {
                let cell = self.cell(pair)?;
                for statement in cell.statements {
                    match (statements.last_mut(), statement) {
                        (Some(Statement::Chain(before)), Statement::Chain(mut chain)) if chain.first.is_none() => {
                            before.links.append(&mut chain.links);
                        }
                        (_, statement) => statements.push(statement),
                    }
                }
            }
            let mut all = statements.into_iter();
            match all.next() {
                None => {}
                // A system of equations: each row is one by itself.
                Some(Statement::Chain(Chain { first: Some(value), links, .. })) if links.is_empty() => {
                    cases.push((value, all.collect()));
                }
                Some(Statement::Chain(chain)) => {
                    let span = chain.span;
                    cases.push((Expr::new(Kind::Chain(Box::new(chain)), span), all.collect()));
                }
                Some(_) => return Err(Fault::new(here.bytes(), "a case begins with its value")),
            }
        }
        Ok(Kind::Cases(cases))
    }
}
