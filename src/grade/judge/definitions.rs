//! What names, entries and signs stand for by earlier lines.

use super::operations::{SignRule, sign_entry};
use super::*;
use crate::grade::bias;

impl Judge<'_> {
    pub(super) fn key(side: &Expr) -> Option<String> {
        match &side.kind {
            Kind::Name(_) => Some(print::expr(side)),
            Kind::Entry(base, indices) if base.as_name().is_some() => indices
                .iter()
                .all(|index| index.as_name().is_some() || matches!(index.kind, Kind::Slice | Kind::Number(_)))
                .then(|| print::expr(side)),
            Kind::Product(_) | Kind::Call(..) | Kind::Entry(..) => Some(print::expr(side)),
            _ => None,
        }
    }

    pub(super) fn define(&mut self, number: usize, first: &Expr, side: &Expr) {
        self.note_rule(number, first, side);
        // `p_1 = …`, `w_{-k} = w_k`: something is said of the array that is no definition of all its entries.
        if let Kind::Entry(base, at) = &first.kind
            && let Some(array) = base.as_name()
            && at.iter().any(|at| at.as_name().is_none())
        {
            self.single_entries.insert(array.clone());
        }
        if let Some(key) = Self::key(first) {
            self.defined.entry(key).or_insert_with(|| (side.clone(), number));
        }
        // `x * δ = x` says nothing about the sign in general; a sum does.
        if side.any(&mut |part| matches!(part.kind, Kind::Big(Big::Sum, ..)))
            && let Some((sign, operands, at)) = sign_entry(first)
        {
            let rule = SignRule { operands, at, body: side.clone(), step: number };
            self.signs.entry(sign).or_insert(rule);
        }
    }

    /// The derivative of an entry that has been defined, as that of what it stands for; without the bias, on both sides.
    pub(super) fn derived(&self, number: usize, first: &Expr, side: &Expr) -> Option<Finding> {
        let Kind::Derivative(Some(of), by) = &first.kind else { return None };
        let (body, _) = Self::key(of).and_then(|key| self.defined.get(&key)).filter(|(_, step)| *step < number)?;
        let derived = Kind::Derivative(Some(Box::new(body.clone())), by.clone());
        let derived = bias::left_out(&Expr::new(derived, first.span), self.context.model);
        let finding = self.pair(&derived, &bias::left_out(side, self.context.model));
        (finding.verdict == Verdict::Ok).then_some(finding)
    }

    /// What a side stands for by an earlier definition.
    pub(super) fn unfolded(&self, side: &Expr, number: usize) -> Option<Expr> {
        if let Some((body, step)) = Self::key(side).and_then(|key| self.defined.get(&key))
            && *step < number
        {
            return Some(body.clone());
        }
        // The same array with other letters: `y_t` after `y_i = …`.
        if let Kind::Entry(base, at) = &side.kind
            && let Some(rule) = base.as_name().and_then(|name| self.rules.get(name))
            && rule.step < number
            && !rule.applied
            && rule.letters.len() == at.len()
            && at.iter().all(|at| at.as_name().is_some())
        {
            return rule.at(at, &BTreeSet::new());
        }
        // The derivative of what has been written out by one of its entries.
        if let Kind::Derivative(Some(of), by) = &side.kind
            && let Some((body, _)) =
                Self::key(of).and_then(|key| self.defined.get(&key)).filter(|(_, step)| *step < number)
        {
            return gradients::partial(body, by);
        }
        self.operation(side, number, &BTreeSet::new())
    }
}
