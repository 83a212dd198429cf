//! Gradients of dense layers, `z = W a + b`, as products of matrices and entry by entry.
//!
//! W is m × n, a has n entries, z and its gradient have m; or, with rows for vectors, `z = a W` where W is n × m; or W stands transposed in
//! either. A product is wrong only where a line of the answer shows in which way the layer multiplies.

pub(super) mod numerals;

use super::layers::{Target, TargetKind, is_loss, names_delta};
use super::letters;
use super::model::{Model, Role, convolves, family};
use super::slopes::is_slope;
use super::verdict::{Class, Finding, Text, Verdict};
use crate::homework::formula::*;
use crate::homework::{Symbols, print};

/// How a dense layer multiplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// `a W` with rows for vectors, and not `W a`.
    pub rows: bool,
    /// Whether W stands transposed.
    pub turned: bool,
}

/// A dense layer of the answer: what its weights and its input are called, and how it multiplies them.
#[derive(Clone, Debug)]
pub(super) struct Dense {
    pub weight: String,
    pub input: String,
    pub form: Form,
}

impl Form {
    const COLUMNS: Form = Form { rows: false, turned: false };
    const ROWS: Form = Form { rows: true, turned: false };
}

/// The forms that lines show of the layer with these weights, and this input where that stands in the formula.
fn shown(model: &Model, weight: Option<&Name>, input: Option<&Name>) -> Vec<Form> {
    let same = |own: &String, other: Option<&Name>| other.is_none_or(|other| family(other).eq_ignore_ascii_case(own));
    let layers = model.dense.iter().filter(|layer| same(&layer.weight, weight) && same(&layer.input, input));
    layers.map(|layer| layer.form).collect()
}

/// What is multiplied, through brackets.
fn flat(side: &Expr) -> Vec<(Operator, Expr)> {
    match &side.kind {
        Kind::Product(factors) => factors
            .iter()
            .flat_map(|(sign, factor)| {
                let mut inner = flat(factor);
                if let Some((first, _)) = inner.first_mut() {
                    *first = sign.clone();
                }
                inner
            })
            .collect(),
        Kind::Parens(_, parts) if parts.len() == 1 => parts.first().map(flat).unwrap_or_default(),
        _ => vec![(Operator::beside(), side.clone())],
    }
}

fn right() -> Finding {
    Finding::remark(Text::new("the gradient of a dense layer", "与全连接层的梯度一致"))
}

/// A size of a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    Outputs,
    Inputs,
    One,
}

impl Size {
    /// For two outputs and three inputs.
    fn number(self) -> u8 {
        match self {
            Size::Outputs => 2,
            Size::Inputs => 3,
            Size::One => 1,
        }
    }
}

/// A factor: what it is, and whether it is transposed.
type Factor = (Role, bool, Expr);

/// The sizes of a factor; with rows for vectors all of them are the other way round.
fn shape(role: Role, turned: bool) -> Option<(Size, Size)> {
    let (rows, columns) = match role {
        Role::Weight => (Size::Outputs, Size::Inputs),
        Role::Delta => (Size::Outputs, Size::One),
        Role::Activation => (Size::Inputs, Size::One),
        _ => return None,
    };
    Some(if turned { (columns, rows) } else { (rows, columns) })
}

/// The factors of a product of matrices without the slope of the activation, and whether there is one.
fn matrices(side: &Expr, model: &Model) -> Option<(Vec<Factor>, bool)> {
    let mut found = Vec::new();
    let mut slope = false;
    for (sign, factor) in flat(side) {
        // Beside the slope a star multiplies entry by entry.
        let entrywise = sign.sign == Sign::Star && !sign.tilde && sign.mode.is_empty() && is_slope(&factor);
        if convolves(&sign) && !entrywise || sign.sign == Sign::Slash {
            return None;
        }
        let (mut inner, turned) = match &factor.kind {
            Kind::Transpose(inner) => (&**inner, true),
            _ => (&factor, false),
        };
        while let Kind::Parens(_, parts) = &inner.kind {
            inner = parts.first().filter(|_| parts.len() == 1)?;
        }
        let role = match &inner.kind {
            Kind::Entry(..) => return None,
            Kind::Derivative(_, by) if matches!(by.kind, Kind::Entry(..)) => return None,
            _ if names_delta(inner, model).is_some() => Role::Delta,
            Kind::Name(name) => model.role(name)?,
            Kind::Call(function, _) if function.as_name().is_some_and(|name| name.primes > 0) => {
                slope = true;
                continue;
            }
            _ => return None,
        };
        found.push((role, turned, inner.clone()));
    }
    Some((found, slope))
}

/// The size of a product, or the two sizes that do not fit.
fn size(factors: &[Factor], form: Form) -> Option<Result<(Size, Size), (Size, Size)>> {
    let weight = |role: Role| role == Role::Weight && form.turned;
    let mut list = factors.iter().map(|(role, turned, _)| shape(*role, *turned ^ form.rows ^ weight(*role)));
    let mut whole = list.next()??;
    for next in list {
        let next = next?;
        if whole.1 != next.0 {
            return Some(Err((whole.1, next.0)));
        }
        whole.1 = next.1;
    }
    Some(Ok(whole))
}

/// Whether a product is the gradient of a layer of this form.
fn is_gradient(target: &Target, factors: &[Factor], form: Form) -> bool {
    let mut list: Vec<(Role, bool)> = factors.iter().map(|(role, turned, _)| (*role, *turned)).collect();
    if form.turned {
        // What is said of W holds for its transpose.
        list.iter_mut().filter(|(role, _)| *role == Role::Weight).for_each(|(_, turned)| *turned = !*turned);
        if target.kind == TargetKind::Weight {
            list.reverse();
            list.iter_mut().for_each(|(_, turned)| *turned = !*turned);
        }
    }
    if form.rows {
        // (A B)^T = B^T A^T, and every factor is the transpose of what it is for columns.
        list.reverse();
    }
    match target.kind {
        TargetKind::Weight => list == [(Role::Delta, false), (Role::Activation, true)],
        TargetKind::Delta | TargetKind::Input => list == [(Role::Weight, true), (Role::Delta, false)],
        TargetKind::Bias | TargetKind::Forward => false,
    }
}

/// A dense layer: `W^T δ ⊙ σ'(z)` and `δ a^T`.
pub(super) fn whole(target: &Target, side: &Expr, model: &Model) -> Option<Finding> {
    let (factors, _) = matrices(side, model)?;
    if factors.len() != 2 {
        return None;
    }
    let name_of =
        |wanted: Role| factors.iter().find(|(role, ..)| *role == wanted).and_then(|(.., inner)| inner.as_name());
    let weight = if target.kind == TargetKind::Weight { Some(&target.by) } else { name_of(Role::Weight) };
    let input = if target.kind == TargetKind::Input { Some(&target.by) } else { name_of(Role::Activation) };
    let forms = shown(model, weight, input);
    let possible = if forms.is_empty() { vec![Form::COLUMNS, Form::ROWS] } else { forms.clone() };
    if possible.iter().any(|form| is_gradient(target, &factors, *form)) {
        return Some(right());
    }
    // One neuron, `z = w x + b` with numbers: the factors stand in any order.
    let number = weight.is_some_and(|name| name.base.chars().all(char::is_lowercase));
    if number && factors.iter().all(|(_, turned, _)| !turned) {
        let mut roles: Vec<Role> = factors.iter().map(|(role, ..)| *role).collect();
        roles.sort();
        let other = if target.kind == TargetKind::Weight { Role::Activation } else { Role::Weight };
        let mut wanted = vec![Role::Delta, other];
        wanted.sort();
        return (roles == wanted && !forms.is_empty()).then(right);
    }
    let delta = factors.iter().any(|(role, ..)| *role == Role::Delta);
    let form = *forms.first()?;
    if !delta || !matches!(target.kind, TargetKind::Weight | TargetKind::Delta | TargetKind::Input) {
        return None;
    }
    let wanted = match target.kind {
        TargetKind::Weight => (Size::Outputs, Size::Inputs),
        _ => (Size::Inputs, Size::One),
    };
    let across = form.rows ^ (form.turned && target.kind == TargetKind::Weight);
    let wanted = if across { (wanted.1, wanted.0) } else { wanted };
    let text = |(rows, columns): (Size, Size)| format!("{} × {}", rows.number(), columns.number());
    let argument = match size(&factors, form)? {
        Err((columns, rows)) => Text::new(
            format!(
                "the matrices do not fit: for a layer with 3 inputs and 2 outputs the left factor has {} columns and the right one {} rows",
                columns.number(),
                rows.number()
            ),
            format!(
                "矩阵大小不匹配：若输入 3 维、输出 2 维，左因子有 {} 列，右因子有 {} 行",
                columns.number(),
                rows.number()
            ),
        ),
        Ok(made) if made != wanted => Text::new(
            format!(
                "for a layer with 3 inputs and 2 outputs the right side is {}, the left side {}",
                text(made),
                text(wanted)
            ),
            format!("若输入 3 维、输出 2 维，右边是 {}，左边是 {}", text(made), text(wanted)),
        ),
        Ok(_) => return None,
    };
    let finding = Finding::argued(Verdict::Wrong, Class::Operand, argument);
    Some(match repaired(target, side, &factors, form) {
        Some(repair) => finding.with_repair(repair),
        None => finding,
    })
}

/// The same factors with other transpositions or exchanged, where that is the gradient.
fn repaired(target: &Target, side: &Expr, factors: &[Factor], form: Form) -> Option<String> {
    for swapped in [false, true] {
        for turns in 0..4u8 {
            let mut list: Vec<Factor> = factors.to_vec();
            if swapped {
                list.reverse();
            }
            for (place, (_, turned, _)) in list.iter_mut().enumerate() {
                *turned = turns >> place & 1 == 1;
            }
            if !is_gradient(target, &list, form) {
                continue;
            }
            let made = list.into_iter().map(|(_, turned, inner)| {
                let span = inner.span;
                (Operator::beside(), if turned { Expr::new(Kind::Transpose(Box::new(inner)), span) } else { inner })
            });
            let mut made: Vec<(Operator, Expr)> = made.collect();
            let slopes = flat(side).into_iter().filter(|(_, factor)| is_slope(factor));
            made.extend(slopes.map(|(_, slope)| (Operator { sign: Sign::Odot, ..Operator::beside() }, slope)));
            return Some(print::expr(&Expr::new(Kind::Product(made), side.span)));
        }
    }
    None
}

/// An entry with letters as subscripts; a label that is a letter of positions counts as one.
fn lettered(part: &Expr, symbols: &Symbols) -> Option<(Name, Vec<Name>)> {
    match &part.kind {
        Kind::Entry(base, at) => {
            Some((base.as_name()?.clone(), at.iter().map(|at| at.as_name().cloned()).collect::<Option<_>>()?))
        }
        Kind::Name(name) => {
            let letters: Vec<Name> = name.label.chars().map(|letter| Name::plain(letter.to_string())).collect();
            let all = !letters.is_empty() && letters.iter().all(|letter| symbols.indices.contains(letter));
            all.then(|| (Name { label: String::new(), ..name.clone() }, letters))
        }
        _ => None,
    }
}

/// A product of which one factor is a sum, as the sum over the product.
fn hoisted(side: &Expr) -> Option<Expr> {
    let factors = flat(side);
    let is_sum = |factor: &Expr| matches!(factor.kind, Kind::Big(Big::Sum, _, Some(_)));
    let place = factors.iter().position(|(_, factor)| is_sum(factor)).filter(|_| factors.len() > 1)?;
    let mut factors = factors;
    let (sign, sum) = factors.remove(place);
    let Kind::Big(Big::Sum, binders, Some(body)) = sum.kind else { return None };
    let mut inner = flat(&body);
    if let Some((first, _)) = inner.first_mut() {
        *first = sign;
    }
    factors.extend(inner);
    if let Some((first, _)) = factors.first_mut() {
        *first = Operator::beside();
    }
    let product = Expr::new(Kind::Product(factors), side.span);
    Some(Expr::new(Kind::Big(Big::Sum, binders, Some(Box::new(product))), side.span))
}

/// A dense layer, entry by entry: `δ[j] a[k]`, `Σ_k W[k,j] δ[k] σ'(z[j])`.
pub(super) fn entries(target: &Target, side: &Expr, model: &Model, symbols: &Symbols) -> Option<Finding> {
    // `σ'(z[j]) Σ_k w[k,j] δ[k]` is the sum over the whole.
    let hoisted = hoisted(side);
    let (mut body, mut summed) = (hoisted.as_ref().unwrap_or(side), Vec::new());
    while let Kind::Big(Big::Sum, binders, Some(inner)) = &body.kind {
        summed.extend(binders.iter().flat_map(Binder::letters).filter_map(|letter| letter.as_name().cloned()));
        body = inner;
    }
    let at: Vec<Name> = target.at.iter().map(|at| at.as_name().cloned()).collect::<Option<_>>()?;
    let (mut delta, mut weight, mut input, mut slope) = (None, None, None, false);
    // What the weights and the input are called.
    let mut names: (Option<Name>, Option<Name>) = (None, None);
    for (sign, factor) in flat(body) {
        if convolves(&sign) || sign.sign == Sign::Slash {
            return None;
        }
        if let Kind::Call(function, arguments) = &factor.kind {
            let of = arguments.first().and_then(|argument| lettered(argument, symbols))?;
            let derivative = function.as_name().is_some_and(|name| name.primes > 0);
            (derivative && of.1 == at && !slope).then_some(())?;
            slope = true;
            continue;
        }
        let place = match &factor.kind {
            Kind::Derivative(Some(of), by) if is_loss(of) => lettered(by, symbols),
            _ => lettered(&factor, symbols),
        };
        let (name, letters) = place?;
        let role = if matches!(factor.kind, Kind::Derivative(..)) && model.role(&name) == Some(Role::Output) {
            Role::Delta
        } else {
            model.role(&name)?
        };
        let slot = match role {
            Role::Delta => &mut delta,
            Role::Weight => {
                names.0 = Some(name);
                &mut weight
            }
            Role::Activation => {
                names.1 = Some(name);
                &mut input
            }
            _ => return None,
        };
        if slot.replace(letters).is_some() {
            return None;
        }
    }
    let delta: Vec<Name> = delta?;
    let (weights, inputs) = match target.kind {
        TargetKind::Weight => (Some(&target.by), names.1.as_ref()),
        TargetKind::Input => (names.0.as_ref(), Some(&target.by)),
        _ => (names.0.as_ref(), None),
    };
    let forms = shown(model, weights, inputs);
    let may_be = |turned: bool| forms.iter().any(|form| form.turned == turned);
    let order = |output: &[Name], input: &[Name], place: &[Name]| {
        if [output, input].concat() == place {
            return (forms.is_empty() || may_be(false)).then(right);
        }
        if [input, output].concat() == place {
            return match (may_be(true), may_be(false)) {
                (true, _) => Some(right()),
                (false, true) => Some(exchanged(side, body)),
                (false, false) => None,
            };
        }
        None
    };
    match (target.kind, &weight, &input) {
        (TargetKind::Weight, None, Some(input)) if at.len() == 2 && summed.is_empty() && !slope => {
            order(&delta, input, &at)
        }
        (TargetKind::Delta | TargetKind::Input, Some(weight), None) if summed.len() == 1 && delta == summed => {
            order(&delta, &at, weight)
        }
        _ => None,
    }
}

/// A product with the subscripts of the weights, or of the two vectors, exchanged.
fn exchanged(side: &Expr, body: &Expr) -> Finding {
    let argument = Text::new(
        "z = W a says that w[j, k] takes a[k] to z[j]: the first subscript numbers the gradient from above, the second the input; here they are exchanged",
        "由 z = W a 知 w[j, k] 把 a[k] 传给 z[j]：第一个下标是输出（δ）的，第二个是输入的；这里写反了",
    );
    let finding = Finding::argued(Verdict::Wrong, Class::Index, argument);
    let factors = flat(body);
    let weights = factors.iter().find_map(|(_, factor)| match &factor.kind {
        Kind::Entry(_, at) if at.len() == 2 => Some(factor),
        _ => None,
    });
    let edited = match weights {
        Some(weights) => letters::map(side, &mut |part| match &part.kind {
            Kind::Entry(base, at) if part.kind == weights.kind => {
                Some(Expr::new(Kind::Entry(base.clone(), at.iter().rev().cloned().collect()), part.span))
            }
            _ => None,
        }),
        None => {
            let subscripts: Vec<Vec<Expr>> = factors
                .iter()
                .filter_map(|(_, factor)| match &factor.kind {
                    Kind::Entry(_, at) => Some(at.clone()),
                    _ => None,
                })
                .collect();
            let [first, second] = subscripts.as_slice() else { return finding };
            letters::map(side, &mut |part| match &part.kind {
                Kind::Entry(base, at) if at == first => {
                    Some(Expr::new(Kind::Entry(base.clone(), second.clone()), part.span))
                }
                Kind::Entry(base, at) if at == second => {
                    Some(Expr::new(Kind::Entry(base.clone(), first.clone()), part.span))
                }
                _ => None,
            })
        }
    };
    finding.with_repair(print::expr(&edited))
}
