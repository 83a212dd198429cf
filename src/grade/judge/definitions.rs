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
        self.note_operator(number, first, side);
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

    /// What a name stood for is left behind: from here on it stands for something else.
    pub(super) fn forget(&mut self, first: &Expr) {
        if let Some((name, rule)) = first.root().and_then(|name| self.rules.remove_entry(name)) {
            self.former.entry(name).or_insert(rule);
        }
    }

    /// `y_{i+1} = …` after `y_i = Σ …`: a claim about the same array at another place. A line of numerals, or one for the last entries, may be an
    /// example with sizes of its own, and an array that has been defined anew may be either.
    pub(super) fn elsewhere(&self, number: usize, first: &Expr, side: &Expr) -> Option<Finding> {
        let Kind::Entry(base, at) = &first.kind else { return None };
        let array = base.as_name()?;
        let rule = self.rules.get(array).filter(|rule| rule.step() < number && rule.sums())?;
        if at.iter().all(|at| at.as_name().is_some()) || at.iter().any(|at| at.kind == Kind::Slice) {
            return None;
        }
        let finding = self.pair_or_written_out(number, &rule.at(at, &BTreeSet::new())?, side);
        // The letter of the line, and a number: `y_{i+1}`.
        let shifted = rule.letters.iter().zip(at).all(|(letter, at)| {
            let letter = Poly::name(&print::name(letter));
            Poly::of(at).is_some_and(|at| at.minus(&letter).constant().is_some())
        });
        let line = self.reading.steps.get(rule.step()).map_or(0, |step| step.line);
        let name = print::expr(first);
        match finding.verdict {
            Verdict::Ok => {
                Some(Finding::remark(Text::new(format!("it follows from line {line}"), format!("由第 {line} 行得到"))))
            }
            Verdict::Wrong if !shifted || self.former.contains_key(array) => Some(Finding::undecided(Text::new(
                format!("by line {line} {name} is something else; it may be an example of its own"),
                format!("按第 {line} 行，{name} 不是这样；也可能另是一例"),
            ))),
            Verdict::Wrong => Some(Finding {
                message: Text::new(
                    format!("line {line} says something else of {name}"),
                    format!("与第 {line} 行给出的 {name} 不同"),
                ),
                ..finding
            }),
            _ if shifted => Some(Finding::undecided(Text::new(
                format!("it could not be compared with line {line}"),
                format!("未能与第 {line} 行比较"),
            ))),
            _ => None,
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

    /// What the answer has said first of an entry or of an operation, whatever it said later.
    pub(super) fn first_said(&self, first: &Expr, number: usize) -> Option<Expr> {
        let (Kind::Entry(base, at) | Kind::Call(base, at)) = &first.kind else { return None };
        let rule = base.as_name().and_then(|name| self.former.get(name).or_else(|| self.rules.get(name)));
        let rule = rule.filter(|rule| rule.step() < number);
        let nothing = BTreeSet::new();
        rule.and_then(|rule| rule.at(at, &nothing)).or_else(|| self.operation(first, number, &nothing))
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
        let nothing = BTreeSet::new();
        self.operation(side, number, &nothing).or_else(|| self.operated(side, number, &nothing))
    }
}
