//! Letters that keep their names from one line of a derivation to the next.

use std::collections::BTreeMap;

use super::letters::{Names, fresh_letter, open, readable, replacing_letter};
use crate::kernel::{Expr, Index, Name, Var};

/// Where a step brings new letters in, and which of them are old ones.
pub(super) struct Renewal<'a> {
    /// The sum that is rewritten.
    pub path: &'a [usize],
    /// For each of its new letters the old name that it keeps, if any.
    pub kept: Vec<Option<Name>>,
}

/// `raw` with readable names, those of `previous` where a letter is the same one.
pub(super) fn carry(raw: &Expr, previous: &Expr, renewal: Option<&Renewal>, names: &Names) -> Expr {
    walk(raw, previous, renewal.map(|renewal| (renewal.path, renewal)), names)
}

fn walk(raw: &Expr, previous: &Expr, renewal: Option<(&[usize], &Renewal)>, names: &Names) -> Expr {
    if renewal.is_none() && raw.same(previous) {
        // It may stand below other letters than before.
        return readable(previous, names);
    }
    let mut result = raw.clone();
    if let Expr::Sum(vars, guard, body) | Expr::Max(vars, guard, body) = &mut result {
        let mut hints = Vec::new();
        bound_names(previous, &mut hints);
        let mut inner = names.clone();
        let renewed = renewal.filter(|(path, _)| path.is_empty()).map(|(_, renewal)| renewal);
        let mut named: Vec<Var> = Vec::new();
        for (position, var) in vars.iter().enumerate() {
            let name = match renewed {
                _ if inner.keeps(&var.name) => var.name.clone(),
                Some(renewal) => match renewal.kept.get(position) {
                    Some(Some(kept)) if !inner.scope.contains(kept) => kept.clone(),
                    _ => {
                        let mut taken = inner.taken();
                        taken.extend(hints.iter().cloned());
                        taken.extend(renewal.kept.iter().flatten().cloned());
                        replacing_letter(&taken)
                    }
                },
                None => {
                    let hint = hints.iter().find(|hint| !inner.scope.contains(*hint)).cloned();
                    hint.unwrap_or_else(|| fresh_letter(&inner.taken()))
                }
            };
            inner.scope.insert(name.clone());
            named.push(Var { name, rank: var.rank.clone() });
        }
        let (new_guard, new_body) = open(vars, &named, guard, body);
        let below = match previous {
            Expr::Sum(_, _, below) | Expr::Max(_, _, below) => below,
            other => other,
        };
        let deeper = renewal.and_then(|(path, renewal)| Some((path.split_first()?.1, renewal)));
        (*vars, *guard, **body) = (named, new_guard, walk(&new_body, below, deeper, &inner));
        return result;
    }
    let parallel = std::mem::discriminant(raw) == std::mem::discriminant(previous)
        && raw.children().len() == previous.children().len();
    for (position, child) in result.children_mut().iter_mut().enumerate() {
        let below = if parallel { previous.children().get(position) } else { None };
        let deeper = renewal.and_then(|(path, renewal)| match path.split_first() {
            Some((first, rest)) if *first == position => Some((rest, renewal)),
            _ => None,
        });
        *child = walk(child, below.unwrap_or(previous), deeper, names);
    }
    if let Expr::Entry(_, _) = &result {
        return readable(&result, names);
    }
    result
}

/// The names of bound letters, outermost first.
fn bound_names(expr: &Expr, found: &mut Vec<Name>) {
    if let Expr::Sum(vars, _, _) | Expr::Max(vars, _, _) = expr {
        found.extend(vars.iter().map(|var| var.name.clone()));
    }
    expr.children().iter().for_each(|child| bound_names(child, found));
}

/// The subterm at a path, in `raw` and in the same expression with readable names, and the names of the letters around it.
pub(super) fn descend<'a>(
    raw: &'a Expr,
    readable: &'a Expr,
    path: &[usize],
) -> Option<(&'a Expr, &'a Expr, BTreeMap<Var, Index>)> {
    let mut map = BTreeMap::new();
    let (mut raw, mut readable) = (raw, readable);
    for position in path {
        map.extend(pairs(raw, readable));
        raw = raw.children().get(*position)?;
        readable = readable.children().get(*position)?;
    }
    Some((raw, readable, map))
}

/// The letters that a binder binds, with their readable names.
pub(super) fn pairs(raw: &Expr, readable: &Expr) -> Vec<(Var, Index)> {
    match (raw, readable) {
        (Expr::Sum(from, _, _), Expr::Sum(to, _, _)) | (Expr::Max(from, _, _), Expr::Max(to, _, _)) => {
            from.iter().cloned().zip(to.iter().map(Index::from)).collect()
        }
        _ => Vec::new(),
    }
}
