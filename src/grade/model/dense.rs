//! Lines that show a dense layer, as a product of a matrix and a vector or by entries.

use super::*;

/// The product in `product + bias`, where the bias is what may be one; a side that is no sum is the product itself.
pub(super) fn before_bias(side: &Expr, is_bias: impl Fn(&Expr) -> bool) -> Option<&Expr> {
    match &side.kind {
        Kind::Add(terms) => match terms.as_slice() {
            [(false, product), (false, bias)] if is_bias(bias) => Some(product),
            _ => None,
        },
        _ => Some(side),
    }
}

impl Model {
    /// A line `z = W a + b` of names side by side: a matrix, what it multiplies, and what that gives.
    pub(super) fn linear(&mut self, left: &Expr, right: &Expr) {
        let Some(output) = left.as_name() else { return };
        let Some(product) = before_bias(right, |bias| bias.as_name().is_some()) else { return };
        let Kind::Product(factors) = &product.kind else { return };
        let [(_, matrix), (sign, vector)] = factors.as_slice() else { return };
        let turned = |side: &Expr| matches!(side.kind, Kind::Transpose(_));
        let inner = |side: &Expr| match &side.kind {
            Kind::Transpose(inner) => inner.as_name().cloned(),
            _ => side.as_name().cloned(),
        };
        let (first_turned, second_turned) = (turned(matrix), turned(vector));
        let (Some(matrix), Some(vector)) = (&inner(matrix), &inner(vector)) else { return };
        let plain = matches!(sign.sign, Sign::Beside | Sign::Dot);
        let layer =
            |weight: &Name, input: &Name, form: Form| Dense { weight: family(weight), input: family(input), form };
        // `y = x W`, `y = x W^T`
        if (self.role(matrix), self.role(vector)) == (Some(Role::Activation), Some(Role::Weight))
            && plain
            && !first_turned
        {
            self.dense.push(layer(vector, matrix, Form { rows: true, turned: second_turned }));
            self.roles.entry(family(output)).or_insert(Role::Output);
            return;
        }
        if second_turned {
            return;
        }
        let capital = matrix.base.chars().all(char::is_uppercase) && matrix.base.chars().count() == 1;
        let role = |name: &Name| self.role(name);
        // `y = A x`: a capital letter before a small one is a matrix, whatever it is called.
        let small = |name: &Name| name.base.chars().all(char::is_lowercase);
        let shown = self.roles.contains_key(&family(matrix));
        let named = capital && !shown && small(vector) && small(output) && role(matrix) == Some(Role::Activation);
        let fits = plain
            && (role(matrix) == Some(Role::Weight) || capital && role(matrix).is_none() || named)
            && matches!(role(vector), Some(Role::Activation) | None)
            && matches!(role(output), Some(Role::Output) | None)
            && (role(vector).is_some() || role(output).is_some());
        if fits {
            self.dense.push(layer(matrix, vector, Form { rows: false, turned: first_turned }));
            for (name, role) in [(matrix, Role::Weight), (vector, Role::Activation), (output, Role::Output)] {
                self.roles.entry(family(name)).or_insert(role);
            }
        }
    }

    /// A line `z_j = Σ_k w_{jk} a_k + b_j` of entries: in which order the weights have their subscripts.
    pub(super) fn linear_by_entries(&mut self, left: &Expr, right: &Expr) {
        let Some(sum) = before_bias(right, |_| true) else { return };
        let Kind::Entry(output, at) = &left.kind else { return };
        let Kind::Big(Big::Sum, _, Some(body)) = &sum.kind else { return };
        let Kind::Product(factors) = &body.kind else { return };
        let [(_, a), (sign, b)] = factors.as_slice() else { return };
        let (Kind::Entry(first, first_at), Kind::Entry(second, second_at)) = (&a.kind, &b.kind) else { return };
        let matrix_first = first_at.len() == 2;
        let ((weight, places), (input, inputs)) = if matrix_first {
            ((first, first_at), (second, second_at))
        } else {
            ((second, second_at), (first, first_at))
        };
        let (Some(output), Some(weight), Some(input)) = (output.as_name(), weight.as_name(), input.as_name()) else {
            return;
        };
        let ([row], [column], [from, to]) = (at.as_slice(), inputs.as_slice(), places.as_slice()) else { return };
        let turned = match (from == row && to == column, from == column && to == row) {
            (true, false) => false,
            (false, true) => true,
            _ => return,
        };
        let roles = (self.role(output), self.role(weight), self.role(input));
        let joins = convolves(sign) && sign.sign != Sign::Star;
        if !joins && matches!(roles, (Some(Role::Output), Some(Role::Weight), Some(Role::Activation))) {
            let form = Form { rows: false, turned };
            self.dense.push(Dense { weight: family(weight), input: family(input), form });
        }
    }
}
