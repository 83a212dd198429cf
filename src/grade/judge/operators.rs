//! Operators on arrays by their names: `(T_a x)_i = x_{i-a}` says what `T_a` makes of any array.

use super::operations;
use super::unfold::{Rule, enclosed};
use super::*;

/// What an operator makes of an array, entry by entry.
#[derive(Clone)]
pub(super) struct OperatorRule {
    array: Name,
    rule: Rule,
}

/// The operator as it is written, its name, and what it is applied to: `T_a x`, `T_a (w ⋆ x)`.
fn application(side: &Expr) -> Option<(String, &Name, &Expr)> {
    match &side.kind {
        Kind::Parens(_, parts) => application(parts.first().filter(|_| parts.len() == 1)?),
        Kind::Product(factors) => {
            let [(_, operator), (sign, operand)] = factors.as_slice() else { return None };
            let name = match &operator.kind {
                Kind::Entry(base, at) if at.iter().all(|at| at.as_name().is_some()) => base.as_name()?,
                _ => operator.as_name()?,
            };
            let array = matches!(operand.kind, Kind::Name(_) | Kind::Parens(..) | Kind::Product(_));
            (sign.sign == Sign::Beside && array).then(|| (print::expr(operator), name, operand))
        }
        _ => None,
    }
}

/// The entry of what an operator makes.
fn applied(part: &Expr) -> Option<(String, &Name, &Expr, &[Expr])> {
    let (Kind::Entry(base, at) | Kind::Call(base, at)) = &part.kind else { return None };
    let (operator, name, operand) = application(base)?;
    Some((operator, name, operand, at))
}

impl Judge<'_> {
    /// Notes what an operator makes of an array, the first time that it is said.
    pub(super) fn note_operator(&mut self, number: usize, first: &Expr, side: &Expr) {
        let Some((operator, name, operand, at)) = applied(first) else { return };
        let letters: Option<Vec<Name>> = at.iter().map(|at| at.as_name().cloned()).collect();
        let (Some(array), Some(letters)) = (operand.as_name(), letters) else { return };
        let speaks = |wanted: &Name| side.any(&mut |part| part.as_name() == Some(wanted));
        if speaks(array) && !speaks(name) && letters.iter().collect::<BTreeSet<_>>().len() == letters.len() {
            let rule = Rule { letters, applied: false, body: side.clone(), step: number };
            self.operators.entry(operator).or_insert(OperatorRule { array: array.clone(), rule });
        }
    }

    /// `(T_a y)_{i+u}` as what an earlier line says of `T_a`, with the entries of y for those of the array there.
    pub(super) fn operated(&self, part: &Expr, number: usize, around: &BTreeSet<Name>) -> Option<Expr> {
        let (operator, _, operand, at) = applied(part)?;
        let OperatorRule { array, rule } = self.operators.get(&operator).filter(|known| known.rule.step < number)?;
        let letters = |name: &Name| operand.any(&mut |part| part.as_name() == Some(name));
        if rule.letters.len() != at.len() || rule.letters.iter().any(letters) {
            return None;
        }
        let mut lost = false;
        let body = letters::map(&rule.body, &mut |part| match &part.kind {
            Kind::Entry(base, at) | Kind::Call(base, at) if base.as_name() == Some(array) => {
                let entry = || Expr::new(Kind::Entry(Box::new(enclosed(operand.clone())), at.clone()), part.span);
                Some(operations::entry_at(operand, at).unwrap_or_else(entry))
            }
            _ => {
                lost |= part.as_name() == Some(array);
                None
            }
        });
        if lost {
            return None;
        }
        Rule { body, ..rule.clone() }.at(at, around)
    }

    /// An operator of which it is not said what it makes of the array that it stands before; a capital letter is no factor there.
    pub(super) fn unknown_operator(&self, side: &Expr) -> Option<String> {
        let capital =
            |name: &Name| name.base.chars().all(char::is_uppercase) && !self.reading.symbols.tensors.contains_key(name);
        letters::all(side).into_iter().find_map(|part| {
            let (operator, name, ..) = applied(part)?;
            (self.operators.contains_key(&operator) || capital(name)).then_some(operator)
        })
    }
}
