//! Operations between vectors as products by a matrix: `w ⊗ x = C x`, `C^T z = rot180(w) ⊗~ z`.

use super::operations::{operation, turned_name};
use super::rows::{DEPTH, Rows};
use super::*;
use crate::grade::model;

impl Judge<'_> {
    /// `w ⊗ x = C x` says what C is, in either order, where nothing has said it: an operation is linear in each of its operands.
    pub(super) fn matrix_of_operation(&mut self, number: usize, left: &Expr, right: &Expr) -> Option<Finding> {
        let named = |joined: &Expr, product: &Expr| {
            let (_, a, b) = operation(joined)?;
            let Kind::Product(factors) = &product.kind else { return None };
            let [(_, matrix), (sign, vector)] = factors.as_slice() else { return None };
            let operand = a == *vector || b == *vector;
            let plain = matches!(sign.sign, Sign::Beside | Sign::Dot) && !sign.tilde;
            let new = !joined.any(&mut |part| part == matrix) && !self.defined.contains_key(&Self::key(matrix)?);
            (plain && operand && new && matrix.as_name().is_some()).then(|| matrix.clone())
        };
        let matrix = named(left, right).or_else(|| named(right, left))?;
        let joined = if operation(left).is_some() { left } else { right };
        self.define(number, &matrix, joined);
        Some(Finding::defines(&matrix))
    }

    /// A product of a written matrix with a vector beside an operation on the same vector: the matrix says how long both vectors are.
    pub(super) fn of_vectors(&mut self, number: usize, left: &Expr, right: &Expr) -> Option<Finding> {
        let first = self.matrix_and_operation(number, left, right);
        first.or_else(|| self.matrix_and_operation(number, right, left))
    }

    fn matrix_and_operation(&mut self, number: usize, product: &Expr, joined: &Expr) -> Option<Finding> {
        let Kind::Product(factors) = &product.kind else { return None };
        let [(_, matrix), (sign, vector)] = factors.as_slice() else { return None };
        let vector = vector.as_name().filter(|_| !model::convolves(sign))?;
        let rows = self.rows(matrix, number, DEPTH)?;
        let (outputs, inputs) = (rows.len(), rows.first()?.len());
        let (_, a, b) = operation(joined)?;
        let ((a, a_turned), (b, b_turned)) = (turned_name(&a)?, turned_name(&b)?);
        // The kernel is what the matrix is not multiplied with.
        let (kernel, turned) = match (a == *vector && !a_turned, b == *vector && !b_turned) {
            (true, false) => (b, b_turned),
            (false, true) => (a, a_turned),
            _ => return None,
        };
        let Kind::Product(joins) = &joined.kind else { return None };
        let operator = &joins.last()?.0;
        let wide = operator.tilde || operator.mode == "full";
        let reach = if wide { outputs.checked_sub(inputs)? } else { inputs.checked_sub(outputs)? };
        let base = self.context.model.first_numeral();
        let column = |name: &Name, count: usize| -> Rows {
            let entry = |place: usize| {
                let at = Expr::integer(i64::try_from(place).unwrap_or(0) + base, joined.span);
                let array = Expr::new(Kind::Name(name.clone()), joined.span);
                vec![Expr::new(Kind::Entry(Box::new(array), vec![at]), joined.span)]
            };
            (0..count).map(entry).collect()
        };
        let mut weights = column(&kernel, reach + 1);
        if turned {
            weights.reverse();
        }
        // Zeros at other places are those of another stride or padding, or a slip.
        let zero = |entry: &Expr| matches!(&entry.kind, Kind::Number(number) if num_traits::Zero::is_zero(number));
        let window = |i: usize, j: usize| if wide { j <= i && i <= j + reach } else { i <= j && j <= i + reach };
        let as_usual = rows
            .iter()
            .enumerate()
            .all(|(i, row)| row.iter().enumerate().all(|(j, entry)| window(i, j) != zero(entry)));
        if !as_usual {
            return None;
        }
        let written = matrices::times(&rows, &column(vector, inputs))?;
        let mut input = column(vector, inputs);
        if wide {
            let zeros = || (0..reach).map(|_| vec![Expr::integer(0, joined.span)]);
            input = zeros().chain(input).chain(zeros()).collect();
        }
        // What an earlier matrix shows of the sign counts where nothing else does.
        let mut shown = self.context.model.meanings(operator.sign);
        if shown.is_empty() {
            shown.extend(self.by_matrices.get(&operator.sign));
        }
        let usual = self.context.model.layer_meaning();
        let meanings = if shown.is_empty() { vec![usual, usual.other()] } else { shown.into_iter().collect() };
        let judged: Vec<(Meaning, Finding)> = meanings
            .into_iter()
            .filter_map(|meaning| {
                Some((meaning, self.entries(&written, &matrices::narrow(&input, &weights, meaning)?)))
            })
            .collect();
        let mut right = judged.iter().filter(|(_, finding)| finding.verdict == Verdict::Ok);
        let found = right.next().cloned();
        if let (Some((meaning, _)), None) = (&found, right.next()) {
            self.by_matrices.insert(operator.sign, *meaning);
        }
        found.or_else(|| judged.into_iter().next()).map(|(_, finding)| finding)
    }
}
