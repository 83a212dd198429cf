//! Questions to the prover, within the budget of an answer.

use super::options::Options;
use crate::decide::{self, decide};
use crate::numeric::{self, Counterexample, CrossCheck};
use crate::syntax::{self, ast};

/// What the prover says of a claim.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    Proved,
    Refuted(Box<Counterexample>),
    Open(String),
}

/// Decides a statement that is text.
pub(super) fn statement(text: &str, declarations: &str, options: &Options) -> Outcome {
    match syntax::parse_statement(text, declarations) {
        Ok(parsed) => decided(&parsed.goal, options),
        Err(error) => Outcome::Open(first_message(&error.diagnostics)),
    }
}

/// The prover is asked about so many claims of one answer, and about so many edits that might repair them.
const MAX_ASKED: usize = 500;

fn decided(goal: &crate::goal::Goal, options: &Options) -> Outcome {
    if !options.budget.take(MAX_ASKED) {
        return Outcome::Open("the answer holds more claims than are decided in one".into());
    }
    // Most claims that are false fail at small sizes: no proof is looked for then.
    let few =
        numeric::Options { points: options.decide.numeric.points / 8, shapes: 4, ..options.decide.numeric.clone() };
    if let CrossCheck::Refuted(example) = numeric::check(&goal.statement, &few) {
        return Outcome::Refuted(example);
    }
    match decide(goal, &[], &options.decide).verdict {
        decide::Verdict::Proved(_) => Outcome::Proved,
        decide::Verdict::Refuted(example) => Outcome::Refuted(example),
        decide::Verdict::Undecided(open) => Outcome::Open(open.reason),
        decide::Verdict::IllFormed(diagnostics) => Outcome::Open(first_message(&diagnostics)),
        decide::Verdict::Disagreement(..) => Outcome::Open("prover and cross-check disagree".into()),
    }
}

fn first_message(diagnostics: &[crate::diag::Diagnostic]) -> String {
    diagnostics.first().map_or_else(|| "the claim has no meaning".to_string(), |first| first.message.clone())
}

/// Decides an equation of two terms, perhaps with ranges of free letters.
pub(super) fn equation(
    left: ast::Term,
    right: ast::Term,
    indices: Vec<ast::BinderItem>,
    declarations: &str,
    options: &Options,
) -> Outcome {
    equation_where(left, right, (indices, Vec::new()), declarations, options)
}

/// The same under conditions.
pub(super) fn equation_where(
    left: ast::Term,
    right: ast::Term,
    (indices, assumptions): (Vec<ast::BinderItem>, Vec<ast::Condition>),
    declarations: &str,
    options: &Options,
) -> Outcome {
    let span = ast::Span::default();
    let claim = ast::Condition { first: left, rest: ast::Relations::Chain(vec![(ast::Relation::Eq, right)]), span };
    let theorem = ast::Theorem {
        name: ast::Ident { name: "step".into(), span },
        indices,
        assumptions,
        claim: ast::Claim { left: vec![claim], right: None, span },
        expectation: None,
        proof: None,
    };
    match syntax::read_statement(theorem, declarations) {
        Ok(parsed) => decided(&parsed.goal, options),
        Err(error) => Outcome::Open(first_message(&error.diagnostics)),
    }
}

/// The binders and the first term of `for …: term = 0`.
pub(super) fn parsed(text: &str) -> Option<(Vec<ast::BinderItem>, ast::Term)> {
    let (file, diagnostics) = syntax::parse(text);
    if !diagnostics.is_empty() {
        return None;
    }
    match file.items.into_iter().next()?.kind {
        ast::ItemKind::Theorem(theorem) => Some((theorem.indices, theorem.claim.left.into_iter().next()?.first)),
        _ => None,
    }
}
