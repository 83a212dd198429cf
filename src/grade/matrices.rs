//! Matrices that are written out, and their products by a sign.

use num_traits::Zero;

use super::letters;
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

/// A side with the name of an array for a matrix of all its entries, each in its place.
pub(super) fn as_arrays(side: &Expr, first: i64) -> Expr {
    letters::map(side, &mut |part| {
        let rows = matrix(part)?;
        let mut array: Option<&Name> = None;
        for (i, row) in rows.iter().enumerate() {
            for (j, entry) in row.iter().enumerate() {
                let Kind::Entry(base, at) = &entry.kind else { return None };
                let name = base.as_name()?;
                let place = [i, j].map(|place| i64::try_from(place).ok().map(|place| place + first));
                let here = at.iter().map(Expr::as_integer);
                if array.is_some_and(|array| array != name) || !here.eq(place) {
                    return None;
                }
                array = Some(name);
            }
        }
        let count: usize = rows.iter().map(Vec::len).sum();
        array.filter(|_| count > 1).map(|name| Expr::new(Kind::Name(name.clone()), part.span))
    })
}

/// The rows as columns.
pub(super) fn transposed(rows: &[Vec<Expr>]) -> Vec<Vec<Expr>> {
    let width = rows.first().map_or(0, Vec::len);
    (0..width).map(|j| rows.iter().filter_map(|row| row.get(j).cloned()).collect()).collect()
}

/// The product of two matrices, where their sizes fit.
pub(super) fn times(a: &[Vec<Expr>], b: &[Vec<Expr>]) -> Option<Vec<Vec<Expr>>> {
    let columns = transposed(b);
    if a.iter().any(|row| row.len() != b.len()) || a.len() * b.len() * columns.len() > MAX_PRODUCTS {
        return None;
    }
    Some(a.iter().map(|row| columns.iter().map(|column| dot(row.iter().zip(column))).collect()).collect())
}

/// Two matrices of one size, entry by entry.
pub(super) fn combined(
    a: &[Vec<Expr>],
    b: &[Vec<Expr>],
    with: impl Fn(&Expr, &Expr) -> Kind,
) -> Option<Vec<Vec<Expr>>> {
    let fit = a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.len() == b.len());
    let entry = |(a, b): (&Expr, &Expr)| Expr::new(with(&bracketed(a), &bracketed(b)), a.span);
    fit.then(|| a.iter().zip(b).map(|(a, b)| a.iter().zip(b).map(entry).collect()).collect())
}

fn bracketed(side: &Expr) -> Expr {
    match side.kind {
        Kind::Add(_) | Kind::Neg(_) => Expr::new(Kind::Parens(Bracket::Round, vec![side.clone()]), side.span),
        _ => side.clone(),
    }
}

/// The narrow convolution or correlation of an array with a kernel, which is not larger.
pub(super) fn narrow(a: &[Vec<Expr>], b: &[Vec<Expr>], meaning: Meaning) -> Option<Vec<Vec<Expr>>> {
    let (rows, columns) = (a.len(), a.first()?.len());
    let (height, width) = (b.len(), b.first()?.len());
    if rows < height || columns < width || rows * columns * height * width > MAX_PRODUCTS {
        return None;
    }
    let kernel: Vec<&Expr> = match meaning {
        Meaning::Correlation => b.iter().flatten().collect(),
        Meaning::Convolution => b.iter().rev().flat_map(|row| row.iter().rev()).collect(),
    };
    let window = |i: usize, j: usize| {
        a.get(i..i + height).unwrap_or_default().iter().flat_map(move |row| row.get(j..j + width).unwrap_or_default())
    };
    let entry = |i: usize, j: usize| dot(window(i, j).zip(kernel.iter().copied()));
    Some((0..=rows - height).map(|i| (0..=columns - width).map(|j| entry(i, j)).collect()).collect())
}

/// So many products are written out.
const MAX_PRODUCTS: usize = 4096;

/// The sum of products, without those that are 0.
fn dot<'a>(pairs: impl Iterator<Item = (&'a Expr, &'a Expr)>) -> Expr {
    let mut span = Span::default();
    let mut terms = Vec::new();
    for (x, w) in pairs {
        span = x.span;
        let zero = |side: &Expr| matches!(&side.kind, Kind::Number(number) if number.is_zero());
        if !zero(x) && !zero(w) {
            let product = Kind::Product(vec![(Operator::beside(), x.clone()), (Operator::beside(), w.clone())]);
            terms.push((false, Expr::new(product, x.span)));
        }
    }
    match terms.len() {
        0 => Expr::integer(0, span),
        1 => terms.remove(0).1,
        _ => Expr::new(Kind::Add(terms), span),
    }
}
