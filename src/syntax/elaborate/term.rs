//! Terms: integers, scalars and tensors.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

use super::bounds::{check_divisor, nonnegative};
use super::call;
use super::condition::{bind, conditions, sum_guard};
use super::scope::{Axis, Elaborated, Scope, Value, fault, fault_with};
use crate::entail;
use crate::kernel::{Atom, Expr, Guard, Index, Name, Rank, Tensor, Var};
use crate::syntax::ast::*;

/// Integer terms may have this many monomials, so that a power of a sum cannot fill the memory.
const MAX_MONOMIALS: usize = 400;

/// A maximum or minimum has at most this many terms: each is compared with all before it.
const MAX_TERMS: usize = 32;

/// The largest exponent.
const MAX_EXPONENT: u32 = 64;

/// The largest constant in an integer term, in bits.
const MAX_BITS: u64 = 4096;

/// A term whatever it stands for.
pub(super) fn value(scope: &Scope<'_>, term: &Term) -> Elaborated<Value> {
    let span = term.span;
    match &term.kind {
        TermKind::Number(number) => Ok(match number.is_integer() {
            true => Value::Integer(Index::constant(number.to_integer())),
            false => Value::Scalar(Expr::Number(number.clone())),
        }),
        TermKind::Name(name) => call::name(scope, name, span),
        TermKind::Call(name, arguments, _) => call::call(scope, name, arguments, span),
        TermKind::Subscript(base, position) => call::subscript(scope, base, position, span),
        TermKind::Whole => {
            fault_with(span, "a whole axis stands among subscripts alone", "write W[f, :] for a part of W")
        }
        TermKind::Neg(inner) => negated(scope, value(scope, inner)?, span),
        TermKind::Add(terms) => sum(scope, terms, span),
        TermKind::Mul(factors) => product(scope, factors, span),
        TermKind::Power(base, exponent) => power(scope, base, exponent, span),
        TermKind::Bracket(list) => Ok(Value::Scalar(Expr::Bracket(Guard::from(conditions(scope, list)?)))),
        TermKind::Floor(_) | TermKind::Ceil(_) => integer_function(scope, term).map(Value::Integer),
        TermKind::Max(terms) => extremum(scope, terms, false, span),
        TermKind::Min(terms) => extremum(scope, terms, true, span),
        TermKind::Sum(items, body) => {
            let mut inner = scope.clone();
            let binding = bind(&mut inner, items)?;
            let body = scalar(&inner, body)?;
            let guard = sum_guard(scope, &inner, &binding, &body, span)?;
            Ok(Value::Scalar(Expr::Sum(binding.vars, guard, Box::new(body))))
        }
        TermKind::MaxOver(items, body) => maximum(scope, items, body, span),
        TermKind::Derivative(tensor, position, body) => {
            let Some(named) = scope.tensor(&tensor.name) else { return scope.unknown(&tensor.name, tensor.span) };
            call::check_count(&tensor.name, named.axes.len(), position.len(), span)?;
            let name = named.declaration.name.clone();
            let position = call::position(scope, &named.axes.clone(), position)?;
            let value = scalar(scope, body)?;
            by_a_variable(scope, tensor, &value)?;
            Ok(Value::Scalar(Expr::Derivative(Box::new(value), name, position)))
        }
    }
}

/// Checks that the tensor of a derivative is a variable: nothing that is made of it may stand for other tensors.
fn by_a_variable(scope: &Scope<'_>, by: &Ident, body: &Expr) -> Elaborated<()> {
    if scope.abbreviation(&by.name).is_some() {
        return fault_with(
            by.span,
            format!("{by} stands for what it is made of here, and a derivative by it needs a variable", by = by.name),
            format!(
                "derive d{by} = dL/d{by} gives the gradient a name; tensor {by}[…] declares a variable",
                by = by.name
            ),
        );
    }
    if let Some(made) = scope.environment.made_of_variable(&by.name, body).filter(|_| !scope.local) {
        return fault_with(
            by.span,
            format!(
                "{made} stands for any tensor here, since the statement mentions a gradient by it or by what it leads to; so a derivative by {} does not see that {made} is made of it",
                by.name
            ),
            "state the two in theorems of their own",
        );
    }
    Ok(())
}

/// A term that must be an integer.
pub(super) fn integer(scope: &Scope<'_>, term: &Term) -> Elaborated<Index> {
    match value(scope, term)? {
        Value::Integer(index) => Ok(index),
        Value::Scalar(_) if matches!(term.kind, TermKind::Mul(_) | TermKind::Add(_)) => fault_with(
            term.span,
            "an integer is needed here, and this is a scalar",
            "a quotient of integers is written floor(a / b) or ceil(a / b)",
        ),
        other => fault(term.span, format!("an integer is needed here, and this is {}", other.kind())),
    }
}

/// A term that must be a scalar.
pub(super) fn scalar(scope: &Scope<'_>, term: &Term) -> Elaborated<Expr> {
    to_scalar(value(scope, term)?, term.span)
}

/// A value as a scalar.
pub(super) fn to_scalar(value: Value, span: Span) -> Elaborated<Expr> {
    match value {
        Value::Scalar(expr) => Ok(expr),
        Value::Integer(index) => match index.as_constant() {
            Some(constant) => Ok(Expr::Number(BigRational::from_integer(constant))),
            None if index.rank() == Some(Rank::Scalar) => Ok(Expr::Integer(index)),
            None => fault_with(
                span,
                "an index with several coordinates is no scalar",
                "write vol(n) for the product of its coordinates",
            ),
        },
        Value::Tensor(_, axes) => {
            let indices = if axes.len() == 1 { "an index".to_string() } else { format!("{} indices", axes.len()) };
            fault_with(span, "a scalar is needed here, and this is a tensor", format!("give it {indices} in brackets"))
        }
    }
}

/// An integer term that may contain quotients, as numerator and denominator; the denominator is at least 1.
pub(super) fn fraction(scope: &Scope<'_>, term: &Term) -> Elaborated<(Index, Index)> {
    let (numerator, denominator) = match &term.kind {
        TermKind::Add(terms) if has_quotient(term) => {
            let mut total = (Index::from(0), Index::from(1));
            for (negative, term) in terms {
                let (a, b) = fraction(scope, term)?;
                let left = &total.0 * &b;
                let right = &a * &total.1;
                total = (if *negative { &left - &right } else { &left + &right }, &total.1 * &b);
                limited(&total.0, term.span)?;
            }
            total
        }
        TermKind::Neg(inner) => {
            let (a, b) = fraction(scope, inner)?;
            (-&a, b)
        }
        TermKind::Mul(factors) if has_quotient(term) => {
            let mut total = (Index::from(1), Index::from(1));
            for (operator, factor) in factors {
                match operator {
                    Operator::Times => {
                        let (a, b) = fraction(scope, factor)?;
                        total = (&total.0 * &a, &total.1 * &b);
                    }
                    Operator::Over => {
                        let divisor = integer(scope, factor)?;
                        check_divisor(scope, &divisor, factor.span)?;
                        total = (total.0, &total.1 * &divisor);
                    }
                    Operator::Mod => return fault(factor.span, "a remainder of a quotient has no meaning here"),
                }
                limited(&total.0, factor.span)?;
            }
            total
        }
        _ => (integer(scope, term)?, Index::from(1)),
    };
    limited(&denominator, term.span)?;
    Ok((numerator, denominator))
}

fn has_quotient(term: &Term) -> bool {
    match &term.kind {
        TermKind::Add(terms) => terms.iter().any(|(_, term)| has_quotient(term)),
        TermKind::Mul(factors) => {
            factors.iter().any(|(operator, factor)| *operator == Operator::Over || has_quotient(factor))
        }
        TermKind::Neg(inner) => has_quotient(inner),
        _ => false,
    }
}

fn limited(index: &Index, span: Span) -> Elaborated<()> {
    if index.len() > MAX_MONOMIALS || index.terms().any(|(_, coefficient)| coefficient.bits() > MAX_BITS) {
        return fault(span, "this integer term is too large when multiplied out");
    }
    Ok(())
}

fn integer_function(scope: &Scope<'_>, term: &Term) -> Elaborated<Index> {
    match &term.kind {
        TermKind::Floor(inner) => {
            let (a, b) = fraction(scope, inner)?;
            Ok(Index::floor(a, b))
        }
        TermKind::Ceil(inner) => {
            let (a, b) = fraction(scope, inner)?;
            Ok(-&Index::floor(-&a, b))
        }
        _ => integer(scope, term),
    }
}

/// The largest or smallest of some terms: an integer where all are. Of integers, one that is known not to count is left out.
fn extremum(scope: &Scope<'_>, terms: &[Term], smallest: bool, span: Span) -> Elaborated<Value> {
    if terms.len() > MAX_TERMS {
        return fault(span, format!("a maximum or minimum of more than {MAX_TERMS} terms is not read"));
    }
    let values: Vec<Value> = terms.iter().map(|term| value(scope, term)).collect::<Elaborated<_>>()?;
    let signed = |index: &Index| if smallest { -index } else { index.clone() };
    let integers: Option<Vec<Index>> =
        values.iter().map(|value| if let Value::Integer(index) = value { Some(signed(index)) } else { None }).collect();
    if let Some(integers) = integers {
        let largest = integers.into_iter().reduce(|best, index| larger(scope, best, index)).unwrap_or_default();
        return Ok(Value::Integer(signed(&largest)));
    }
    let scalars = values.into_iter().zip(terms).map(|(value, term)| to_scalar(value, term.span));
    let scalars: Vec<Expr> = scalars.collect::<Elaborated<_>>()?;
    let best = scalars.into_iter().reduce(|best, expr| larger_scalar(best, expr, smallest));
    Ok(Value::Scalar(best.unwrap_or_else(|| Expr::from(0))))
}

/// The larger of two scalars, `b + max_{j=0..1} j·(a-b)`, or the smaller, `b - max_{j=0..1} j·(b-a)`.
fn larger_scalar(a: Expr, b: Expr, smallest: bool) -> Expr {
    // What stands twice is 0, which is left out, or the shorter: a hundred maxima in one another would not fit into memory otherwise.
    let length = |expr: &Expr| if *expr == Expr::from(0) { 0 } else { expr.size() };
    let (a, b) = if length(&a) < length(&b) { (b, a) } else { (a, b) };
    let zero = b == Expr::from(0);
    let difference = match (zero, smallest) {
        (true, false) => a,
        (true, true) => minus(a),
        (false, false) => Expr::Add(vec![a, minus(b.clone())]),
        (false, true) => Expr::Add(vec![b.clone(), minus(a)]),
    };
    let letter = Var::scalar("j").fresh(&difference.free_vars());
    let range = Guard::between(&Index::from(0), &Index::from(&letter), &Index::from(1));
    let weighted = Expr::Mul(vec![Expr::Integer(Index::from(&letter)), difference]);
    let part = Expr::Max(vec![letter], range, Box::new(weighted));
    let part = if smallest { minus(part) } else { part };
    if zero { part } else { Expr::Add(vec![b, part]) }
}

/// The larger of two integers, decided where the facts decide it.
pub(super) fn larger(scope: &Scope<'_>, a: Index, b: Index) -> Index {
    if nonnegative(&scope.facts, &(&a - &b)) {
        a
    } else if nonnegative(&scope.facts, &(&b - &a)) {
        b
    } else {
        Index::max(a, b)
    }
}

fn negated(scope: &Scope<'_>, value: Value, span: Span) -> Elaborated<Value> {
    match value {
        Value::Integer(index) => Ok(Value::Integer(-&index)),
        Value::Tensor(tensor, axes) => pointwise(scope, vec![(tensor, axes)], span, |entries| {
            Expr::Mul(std::iter::once(Expr::from(-1)).chain(entries).collect())
        }),
        Value::Scalar(expr) => Ok(Value::Scalar(minus(expr))),
    }
}

/// `−e`, with the sign joined to a number.
pub(super) fn minus(expr: Expr) -> Expr {
    match expr {
        Expr::Number(number) => Expr::Number(-number),
        Expr::Mul(mut factors) => {
            factors.insert(0, Expr::from(-1));
            Expr::Mul(factors)
        }
        other => Expr::Mul(vec![Expr::from(-1), other]),
    }
}

fn sum(scope: &Scope<'_>, terms: &[(bool, Term)], span: Span) -> Elaborated<Value> {
    let values: Vec<(bool, Span, Value)> = terms
        .iter()
        .map(|(negative, term)| Ok((*negative, term.span, value(scope, term)?)))
        .collect::<Elaborated<_>>()?;
    if values.iter().any(|(_, _, value)| matches!(value, Value::Tensor(_, _))) {
        let mut tensors = Vec::new();
        let mut signs = Vec::new();
        for (negative, at, value) in values {
            match value {
                Value::Tensor(tensor, axes) => {
                    tensors.push((tensor, axes));
                    signs.push(negative);
                }
                other => {
                    return fault_with(
                        at,
                        format!("{} is added to a tensor", other.kind()),
                        "give the tensor its indices",
                    );
                }
            }
        }
        return pointwise(scope, tensors, span, |entries| {
            let signed =
                signs.iter().zip(entries).map(|(negative, entry)| if *negative { minus(entry) } else { entry });
            Expr::Add(signed.collect())
        });
    }
    if values.iter().all(|(_, _, value)| matches!(value, Value::Integer(_))) {
        let mut total = Index::default();
        for (negative, at, value) in values {
            if let Value::Integer(index) = value {
                total = if negative { &total - &index } else { &total + &index };
                limited(&total, at)?;
            }
        }
        return ranked(total, span).map(Value::Integer);
    }
    let mut exprs = Vec::new();
    for (negative, at, value) in values {
        let expr = to_scalar(value, at)?;
        exprs.push(if negative { minus(expr) } else { expr });
    }
    Ok(Value::Scalar(Expr::Add(exprs)))
}

fn ranked(index: Index, span: Span) -> Elaborated<Index> {
    match index.rank() {
        Some(_) => Ok(index),
        None => fault(span, "letters of two different ranks meet in this term"),
    }
}

/// A product under construction: integers stay integers until a scalar joins.
enum Product {
    Integer(Index),
    Scalars(Vec<Expr>),
    Tensor(Tensor, Vec<Axis>, Vec<Expr>),
}

fn product(scope: &Scope<'_>, factors: &[(Operator, Term)], span: Span) -> Elaborated<Value> {
    let mut product: Option<Product> = None;
    for (operator, term) in factors {
        let next = value(scope, term)?;
        product = Some(match product {
            None => match next {
                Value::Integer(index) => Product::Integer(index),
                Value::Scalar(expr) => Product::Scalars(vec![expr]),
                Value::Tensor(tensor, axes) => Product::Tensor(tensor, axes, Vec::new()),
            },
            Some(product) => multiply(scope, product, *operator, next, term.span, span)?,
        });
    }
    match product {
        None => fault(span, "this product has no factors"),
        Some(Product::Integer(index)) => ranked(index, span).map(Value::Integer),
        Some(Product::Scalars(exprs)) => Ok(Value::Scalar(Expr::Mul(exprs))),
        Some(Product::Tensor(tensor, axes, exprs)) if exprs.is_empty() => Ok(Value::Tensor(tensor, axes)),
        Some(Product::Tensor(tensor, axes, exprs)) => pointwise(scope, vec![(tensor, axes)], span, |entries| {
            Expr::Mul(exprs.iter().cloned().chain(entries).collect())
        }),
    }
}

fn multiply(
    scope: &Scope<'_>,
    product: Product,
    operator: Operator,
    next: Value,
    at: Span,
    span: Span,
) -> Elaborated<Product> {
    if operator == Operator::Mod {
        let (Product::Integer(a), Value::Integer(b)) = (product, next) else {
            return fault(at, "mod takes integers on both sides");
        };
        check_divisor(scope, &b, at)?;
        return Ok(Product::Integer(Index::modulo(a, b)));
    }
    if let (Product::Integer(a), Value::Integer(b), Operator::Times) = (&product, &next, operator) {
        let result = a * b;
        limited(&result, span)?;
        return Ok(Product::Integer(result));
    }
    if let (Value::Tensor(_, _), Operator::Over) = (&next, operator) {
        return fault(at, "a tensor cannot be a divisor");
    }
    let mut factor = match next {
        Value::Tensor(tensor, axes) => {
            return match product {
                Product::Integer(index) => {
                    Ok(Product::Tensor(tensor, axes, vec![to_scalar(Value::Integer(index), span)?]))
                }
                Product::Scalars(exprs) => Ok(Product::Tensor(tensor, axes, exprs)),
                Product::Tensor(_, _, _) => fault_with(
                    at,
                    "two tensors stand side by side without indices",
                    "multiply entries, as in a[i] * b[i], or name the operation, as in full(a, b)",
                ),
            };
        }
        other => to_scalar(other, at)?,
    };
    if operator == Operator::Over {
        factor = inverse(factor, at)?;
    }
    Ok(match product {
        Product::Integer(index) => Product::Scalars(vec![to_scalar(Value::Integer(index), span)?, factor]),
        Product::Scalars(mut exprs) => {
            exprs.push(factor);
            Product::Scalars(exprs)
        }
        Product::Tensor(tensor, axes, mut exprs) => {
            exprs.push(factor);
            Product::Tensor(tensor, axes, exprs)
        }
    })
}

/// The inverse, factor by factor: `1/(a*b^2)` is `(1/a)*(1/b)^2`.
fn inverse(expr: Expr, span: Span) -> Elaborated<Expr> {
    match expr {
        Expr::Number(number) if number.is_zero() => fault(span, "division by zero"),
        Expr::Number(number) => Ok(Expr::Number(number.recip())),
        Expr::Mul(factors) => {
            Ok(Expr::Mul(factors.into_iter().map(|factor| inverse(factor, span)).collect::<Elaborated<_>>()?))
        }
        Expr::Power(base, exponent) => Ok(Expr::Power(Box::new(inverse(*base, span)?), exponent)),
        other => Ok(Expr::Inverse(Box::new(other))),
    }
}

fn power(scope: &Scope<'_>, base: &Term, exponent: &Term, span: Span) -> Elaborated<Value> {
    let count = integer(scope, exponent)?.as_constant().and_then(|value| value.to_u32());
    let base_value = value(scope, base)?;
    // A power of a numeral is a numeral, and only its length counts.
    let numeral = matches!(&base_value, Value::Integer(index) if index.as_constant().is_some());
    let most = if numeral { MAX_BITS as u32 } else { MAX_EXPONENT };
    let Some(count) = count.filter(|count| *count <= most) else {
        return fault_with(
            exponent.span,
            format!("an exponent must be a numeral from 0 to {most}"),
            "write a longer product as a definition",
        );
    };
    match base_value {
        Value::Integer(index) => {
            let mut result = Index::constant(BigInt::one());
            for _ in 0..count {
                result = &result * &index;
                limited(&result, span)?;
            }
            Ok(Value::Integer(result))
        }
        Value::Scalar(expr) => Ok(Value::Scalar(Expr::Power(Box::new(expr), count))),
        Value::Tensor(_, _) => fault_with(base.span, "a tensor has no powers", "give it its indices"),
    }
}

/// An operation on the entries of tensors with one box.
fn pointwise(
    scope: &Scope<'_>,
    tensors: Vec<(Tensor, Vec<Axis>)>,
    span: Span,
    operation: impl FnOnce(Vec<Expr>) -> Expr,
) -> Elaborated<Value> {
    let Some((_, axes)) = tensors.first().cloned() else { return fault(span, "nothing to compute with") };
    for (_, other) in &tensors {
        if !same_box(scope, &axes, other) {
            let text = |axes: &[Axis]| axes.iter().map(Axis::text).collect::<Vec<_>>().join(", ");
            return fault_with(
                span,
                format!("tensors with different boxes are added: [{}] and [{}]", text(&axes), text(other)),
                "only tensors with the same box can be added without indices",
            );
        }
    }
    let mut taken = std::collections::BTreeSet::new();
    tensors.iter().for_each(|(tensor, _)| tensor.collect_free(&mut taken));
    axes.iter().flat_map(|axis| axis.lower.iter().chain(&axis.upper)).for_each(|index| index.collect_vars(&mut taken));
    let mut letters: Vec<Var> = Vec::new();
    for (number, axis) in axes.iter().enumerate() {
        let name = ["i", "j", "k", "l"].get(number).map_or_else(|| format!("i{number}"), |name| (*name).to_string());
        let var = Var { name: Name::from(name), rank: axis.rank.clone() }.fresh(&taken);
        taken.insert(var.clone());
        letters.push(var);
    }
    let position: Vec<Index> = letters.iter().map(Index::from).collect();
    let support = axes.iter().zip(&position).flat_map(|(axis, index)| axis.contains(index)).collect();
    let entries = tensors.into_iter().map(|(tensor, _)| Expr::Entry(tensor, position.clone())).collect();
    let body = Box::new(operation(entries));
    Ok(Value::Tensor(Tensor::Lambda { axes: letters, support, body }, axes))
}

/// Whether two boxes have the same ends.
pub(super) fn same_box(scope: &Scope<'_>, left: &[Axis], right: &[Axis]) -> bool {
    let same = |a: &Option<Index>, b: &Option<Index>| match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => call::equal(scope, a, b),
        _ => false,
    };
    left.len() == right.len()
        && left.iter().zip(right).all(|(a, b)| a.rank == b.rank && same(&a.lower, &b.lower) && same(&a.upper, &b.upper))
}

fn maximum(scope: &Scope<'_>, items: &[BinderItem], body: &Term, span: Span) -> Elaborated<Value> {
    let mut inner = scope.clone();
    let binding = bind(&mut inner, items)?;
    if let Some(var) = binding.unranged.first() {
        return fault_with(
            span,
            format!("a maximum needs a range for {}", var.name),
            "a box cannot bound it: outside, the entries are 0 and not minus infinity",
        );
    }
    let body = scalar(&inner, body)?;
    let guard = sum_guard(scope, &inner, &binding, &body, span)?;
    if entail::point(&scope.facts, &binding.vars, &guard).is_none() {
        let letters: Vec<&str> = binding.vars.iter().map(|var| var.name.as_str()).collect();
        let single = binding.axes.first().filter(|_| binding.axes.len() == 1);
        let assume = match single.map(|axis| (&axis.lower, &axis.upper)) {
            Some((Some(lower), Some(upper))) => format!("assume {upper} >= {lower}"),
            _ => "assume that it contains a point".to_string(),
        };
        return fault_with(
            span,
            format!("the range of {} may be empty, and then there is no maximum", letters.join(", ")),
            assume,
        );
    }
    Ok(Value::Scalar(Expr::Max(binding.vars, guard, Box::new(body))))
}

/// `vol(n)`: the product of the coordinates.
pub(super) fn volume(index: Index) -> Index {
    match index.rank() {
        Some(Rank::Symbolic(_)) => Index::atom(Atom::Volume(Box::new(index))),
        _ => index,
    }
}
