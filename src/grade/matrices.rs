//! Matrices that are written out, and their products by a sign.

use num_traits::ToPrimitive;

use super::model::Meaning;
use crate::homework::formula::*;

/// The rows of a matrix, through brackets.
pub(super) fn matrix(side: &Expr) -> Option<&Vec<Vec<Expr>>> {
    match &side.kind {
        Kind::Matrix(rows) => Some(rows),
        Kind::Parens(_, parts) => parts.first().filter(|_| parts.len() == 1).and_then(matrix),
        _ => None,
    }
}

/// The narrow product of two matrices under a meaning, entry by entry.
pub(super) fn matrix_product(side: &Expr, meaning: Meaning) -> Option<Vec<Vec<Expr>>> {
    let Kind::Product(factors) = &side.kind else { return None };
    let [(_, a), (operator, b)] = factors.as_slice() else { return None };
    if !super::model::convolves(operator) {
        return None;
    }
    let (a, b) = (matrix(a)?, matrix(b)?);
    let (rows, columns) = (a.len(), a.first()?.len());
    let (height, width) = (b.len(), b.first()?.len());
    if rows < height || columns < width || rows * columns * height * width > 4096 {
        return None;
    }
    let mut result = Vec::new();
    for i in 0..=rows - height {
        let mut row = Vec::new();
        for j in 0..=columns - width {
            let mut terms = Vec::new();
            for u in 0..height {
                for v in 0..width {
                    let x = a.get(i + u)?.get(j + v)?;
                    let (p, q) = match meaning {
                        Meaning::Correlation => (u, v),
                        Meaning::Convolution => (height - 1 - u, width - 1 - v),
                    };
                    let w = b.get(p)?.get(q)?;
                    let zero = |side: &Expr| matches!(&side.kind, Kind::Number(number) if number.to_i64() == Some(0));
                    if !zero(x) && !zero(w) {
                        let product =
                            Kind::Product(vec![(Operator::beside(), x.clone()), (Operator::beside(), w.clone())]);
                        terms.push((false, Expr::new(product, side.span)));
                    }
                }
            }
            let sum = match terms.len() {
                0 => Kind::Number(num_rational::BigRational::from_integer(0.into())),
                1 => terms.pop()?.1.kind,
                _ => Kind::Add(terms),
            };
            row.push(Expr::new(sum, side.span));
        }
        result.push(row);
    }
    Some(result)
}
