//! Operators on arrays by their names: `(T_a x)_i = x_{i-a}` says what `T_a` makes of any array.

use super::operations;
use super::unfold::{Rule, enclosed};
use super::*;

/// What an operator makes of an array, entry by entry.
#[derive(Clone)]
pub(super) struct OperatorRule {
    name: Name,
    array: Name,
    rule: Rule,
}

/// An operator before an array: `T_a x`, `T_a (w ⋆ x)`, `T_a T_b x`.
struct Application<'a> {
    name: &'a Name,
    /// The subscripts of the operator.
    parameters: Vec<Expr>,
    operand: Expr,
}

fn application(side: &Expr) -> Option<Application<'_>> {
    match &side.kind {
        Kind::Parens(_, parts) => application(parts.first().filter(|_| parts.len() == 1)?),
        Kind::Product(factors) => {
            let ((_, operator), rest) = factors.split_first()?;
            let (name, parameters) = match &operator.kind {
                Kind::Entry(base, at) => (base.as_name()?, at.clone()),
                _ => (operator.as_name()?, Vec::new()),
            };
            let operand = match rest {
                [(_, only)] => only.clone(),
                [_, _, ..] => Expr::new(Kind::Product(rest.to_vec()), side.span),
                [] => return None,
            };
            let array = matches!(operand.kind, Kind::Name(_) | Kind::Parens(..) | Kind::Product(_));
            let beside = rest.iter().all(|(sign, _)| sign.sign == Sign::Beside);
            (beside && array).then_some(Application { name, parameters, operand })
        }
        _ => None,
    }
}

/// The entry of what an operator makes.
fn applied(part: &Expr) -> Option<(Application<'_>, &[Expr])> {
    let (Kind::Entry(base, at) | Kind::Call(base, at)) = &part.kind else { return None };
    Some((application(base)?, at))
}

impl Application<'_> {
    /// Under which its rule stands: the name, and how many subscripts it has.
    fn key(&self) -> String {
        format!("{}/{}", print::name(self.name), self.parameters.len())
    }
}

impl Judge<'_> {
    /// Notes what an operator makes of an array, the first time that it is said.
    pub(super) fn note_operator(&mut self, number: usize, first: &Expr, side: &Expr) {
        let Some((application, at)) = applied(first) else { return };
        let letters = application.parameters.iter().chain(at).map(|at| at.as_name().cloned());
        let (Some(array), Some(letters)) = (application.operand.as_name(), letters.collect::<Option<Vec<Name>>>())
        else {
            return;
        };
        let speaks = |wanted: &Name| side.any(&mut |part| part.as_name() == Some(wanted));
        let different = letters.iter().collect::<BTreeSet<_>>().len() == letters.len();
        if speaks(array) && !speaks(application.name) && different {
            let rule = Rule { letters, applied: false, body: side.clone(), step: number };
            let known = OperatorRule { name: application.name.clone(), array: array.clone(), rule };
            self.operators.entry(application.key()).or_insert(known);
        }
    }

    /// `(T_b y)_{i+u}` as what an earlier line says of `T_a`, with the entries of y for those of the array there.
    pub(super) fn operated(&self, part: &Expr, number: usize, around: &BTreeSet<Name>) -> Option<Expr> {
        let (application, at) = applied(part)?;
        let known = self.operators.get(&application.key()).filter(|known| known.rule.step < number)?;
        let OperatorRule { array, rule, .. } = known;
        let operand = &application.operand;
        let arguments: Vec<Expr> = application.parameters.iter().chain(at).cloned().collect();
        // In the array that the operator is put before a letter of the rule would be taken for the rule's.
        let letters = |name: &Name| operand.any(&mut |part| part.as_name() == Some(name));
        if rule.letters.len() != arguments.len() {
            return None;
        }
        let mut rule = rule.clone();
        for letter in rule.letters.clone().iter().filter(|letter| letters(letter)) {
            let other = Name { primes: letter.primes + 3, ..letter.clone() };
            rule.body = letters::map(&rule.body, &mut |part| {
                (part.as_name() == Some(letter)).then(|| Expr::new(Kind::Name(other.clone()), part.span))
            });
            rule.letters.iter_mut().filter(|name| *name == letter).for_each(|name| *name = other.clone());
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
        Rule { body, ..rule }.at(&arguments, around)
    }

    /// Whether a side applies an operator that an earlier line speaks of, perhaps at another distance, `T_b` or `T_a T_b`: it is no factor.
    pub(super) fn operates(&self, side: &Expr) -> bool {
        let known = |name: &Name| self.operators.values().any(|known| known.name.base == name.base);
        let acts = |part: &Expr| match &part.kind {
            Kind::Product(factors) => factors.iter().zip(factors.iter().skip(1)).any(|((_, factor), (sign, _))| {
                let base = match &factor.kind {
                    Kind::Power(base, _) => base,
                    _ => factor,
                };
                sign.sign == Sign::Beside && base.root().is_some_and(known)
            }),
            _ => false,
        };
        !self.operators.is_empty() && side.any(&mut |part| acts(part))
    }

    /// An operator of which nothing is said: a capital letter before an array is no factor.
    pub(super) fn unknown_operator(&self, side: &Expr) -> Option<String> {
        let capital =
            |name: &Name| name.base.chars().all(char::is_uppercase) && !self.reading.symbols.tensors.contains_key(name);
        let name = |part| applied(part).map(|(application, _)| application.name).filter(|name| capital(name));
        letters::all(side).into_iter().find_map(name).map(print::name)
    }
}
