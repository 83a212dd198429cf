//! Entries of matrices that are products, transposes, sums and rotations of others: `(W^T δ)_j` is `Σ_i W_{ij} δ_i`.

use super::operations::{small, turned_name};
use super::unfold::enclosed;
use super::*;

/// Products of more matrices are not written out.
const MAX_FACTORS: usize = 6;

impl Judge<'_> {
    /// A side with the entries of products, transposes, sums and rotations as sums over entries of names; nothing where it has none.
    pub(super) fn by_entries(&self, side: &Expr) -> Option<Expr> {
        let mut found = false;
        let mut fresh = 0;
        let written = letters::map(side, &mut |part| {
            let Kind::Entry(base, at) = &part.kind else { return None };
            let whole = match &base.kind {
                Kind::Parens(_, parts) => parts.first().filter(|_| parts.len() == 1)?,
                Kind::Transpose(_) | Kind::Call(..) => base,
                _ => return None,
            };
            let entry = self.entry_at(whole, at, &mut fresh)?;
            found = true;
            Some(entry)
        });
        found.then_some(written)
    }

    /// The name with which the entries of an array are written, which may be the small letter; none where it has no entries: `(C^T g)_j` speaks
    /// of arrays, not of numbers.
    fn name_of_entries(&self, name: &Name) -> Option<Name> {
        let entries = |name: &Name| self.reading.symbols.tensors.get(name).is_some_and(|axes| !axes.is_empty());
        [name.clone(), small(name)].into_iter().find(entries)
    }

    /// The entry of a matrix at a position.
    fn entry_at(&self, matrix: &Expr, at: &[Expr], fresh: &mut usize) -> Option<Expr> {
        let span = matrix.span;
        match &matrix.kind {
            Kind::Name(name) => {
                let name = Expr::new(Kind::Name(self.name_of_entries(name)?), span);
                Some(Expr::new(Kind::Entry(Box::new(name), at.to_vec()), span))
            }
            Kind::Parens(_, parts) if parts.len() == 1 => self.entry_at(parts.first()?, at, fresh),
            Kind::Transpose(inner) => {
                let [row, column] = at else { return None };
                self.entry_at(inner, &[column.clone(), row.clone()], fresh)
            }
            Kind::Add(terms) => {
                let terms = terms.iter().map(|(minus, term)| Some((*minus, self.entry_at(term, at, fresh)?)));
                Some(Expr::new(Kind::Add(terms.collect::<Option<_>>()?), span))
            }
            Kind::Call(..) => {
                // Of a kernel with channels the rotation turns two of the axes, which may be any.
                let (name, turned) = turned_name(matrix).filter(|(_, turned)| *turned && at.len() <= 2)?;
                let base = self.context.model.base.unwrap_or(1);
                let place = |(axis, at): (usize, &Expr)| {
                    let size = Expr::new(Kind::Name(Name::plain(self.size_of(&name, axis)?)), span);
                    let ends = Expr::integer((2 * base - 1).abs(), span);
                    let terms = vec![(false, size), (2 * base < 1, ends), (turned, enclosed(at.clone()))];
                    Some(Expr::new(Kind::Add(terms), span))
                };
                let at: Option<Vec<Expr>> = at.iter().enumerate().map(place).collect();
                let name = Expr::new(Kind::Name(self.name_of_entries(&name)?), span);
                Some(Expr::new(Kind::Entry(Box::new(name), at?), span))
            }
            Kind::Product(factors) => {
                let plain = |(sign, _): &(Operator, Expr)| matches!(sign.sign, Sign::Beside | Sign::Dot);
                if factors.len() > MAX_FACTORS || !factors.iter().all(plain) {
                    return None;
                }
                let (row, last) = match at {
                    [row] => (row, None),
                    [row, column] => (row, Some(column)),
                    _ => return None,
                };
                let letters: Vec<Expr> = (1..factors.len())
                    .map(|_| {
                        *fresh += 1;
                        Expr::new(Kind::Name(Name::plain(format!("q{fresh}"))), span)
                    })
                    .collect();
                let mut rows = std::iter::once(row).chain(&letters);
                let mut columns = letters.iter().map(Some).chain([last]);
                let entries = factors.iter().map(|(_, factor)| {
                    let at: Vec<Expr> = [rows.next(), columns.next()?].into_iter().flatten().cloned().collect();
                    Some((Operator::beside(), self.entry_at(factor, &at, fresh)?))
                });
                let product = Expr::new(Kind::Product(entries.collect::<Option<_>>()?), span);
                let binder = |letter: &Expr| Binder::Letter { letter: letter.clone(), lower: None, upper: None };
                let binders = letters.iter().map(binder).collect();
                Some(Expr::new(Kind::Big(Big::Sum, binders, Some(Box::new(product))), span))
            }
            _ => None,
        }
    }
}
