//! How large a statement may be: what the later stages do with a letter grows faster than the number of letters.

use super::scope::{Elaborated, fault, fault_with};
use crate::kernel::{Claim, Expr, Statement, Tensor};
use crate::syntax::ast::Span;

/// So many sizes, indices and bound letters may be in use at one place.
const MAX_LETTERS: usize = 100;

/// A file declares so many sizes and integers at most: every declaration and statement looks at all of them.
const MAX_SIZES: usize = 500;

/// Refuses one size more than a file may declare.
pub(super) fn sizes_of_a_file(declared: usize, span: Span) -> Elaborated<()> {
    match declared < MAX_SIZES {
        true => Ok(()),
        false => fault(span, format!("a file declares at most {MAX_SIZES} sizes and integers")),
    }
}

/// Refuses statements that are too large to be worked on.
pub(super) fn check<'a>(
    statement: &Statement,
    lines: impl IntoIterator<Item = &'a Expr>,
    span: Span,
) -> Elaborated<()> {
    let outside = statement.parameters.len() + statement.indices.len();
    let claimed = match &statement.claim {
        Claim::Equation(left, right) => bound(left).max(bound(right)),
        Claim::Tensors(left, right) => bound_in_tensor(left).max(bound_in_tensor(right)),
        Claim::Holds(_) | Claim::Iff(_, _) => 0,
    };
    let inside = lines.into_iter().map(bound).max().unwrap_or(0).max(claimed);
    let axes = statement.signature.tensors.iter().map(|tensor| tensor.axes.len()).max().unwrap_or(0);
    let letters = (outside + inside).max(axes);
    letters_at_one_place(letters, span)
}

/// Refuses more letters at one place than are read.
pub(super) fn letters_at_one_place(count: usize, span: Span) -> Elaborated<()> {
    if count <= MAX_LETTERS {
        return Ok(());
    }
    fault_with(
        span,
        format!("{count} letters are in use at one place, and at most {MAX_LETTERS} are read"),
        "declare several axes as one letter of a rank, as in `rank D; size n : D`",
    )
}

/// The most letters that are bound around one place of an expression.
fn bound(expr: &Expr) -> usize {
    let own = match expr {
        Expr::Sum(vars, _, _) | Expr::Max(vars, _, _) => vars.len(),
        Expr::Entry(tensor, _) => bound_in_tensor(tensor),
        _ => 0,
    };
    own + expr.children().iter().map(bound).max().unwrap_or(0)
}

fn bound_in_tensor(tensor: &Tensor) -> usize {
    match tensor {
        Tensor::Named(_) => 0,
        Tensor::Call { tensors, .. } => tensors.iter().map(bound_in_tensor).max().unwrap_or(0),
        Tensor::Lambda { axes, body, .. } => axes.len() + bound(body),
    }
}
