//! The slope of the activation among the factors of a gradient: `σ'(z)` leads from the gradient by `a = σ(z)` to that by z, once and at z's place.

use super::layers::{Target, TargetKind, is_loss, names_delta};
use super::letters;
use super::model::{Model, Role, layer};
use super::verdict::{Class, Finding, Text, Verdict};
use crate::homework::formula::*;
use crate::homework::print;

/// The name and the subscripts of a tensor, or of an entry of one.
fn named(side: &Expr) -> Option<(&Name, &[Expr])> {
    match &side.kind {
        Kind::Name(name) => Some((name, &[])),
        Kind::Entry(base, at) => Some((base.as_name()?, at)),
        Kind::Parens(_, parts) => named(parts.first().filter(|_| parts.len() == 1)?),
        _ => None,
    }
}

/// Whether a factor is the slope of an activation, of some order.
pub(super) fn is_slope(side: &Expr) -> bool {
    matches!(&side.kind, Kind::Call(function, _) if function.as_name().is_some_and(|name| name.primes > 0))
}

/// A side without the slopes that are factors of the whole, or of what is left within a sum.
pub(super) fn all_left_out(side: &Expr) -> Expr {
    left_out(&left_out(side))
}

/// A side without the slopes among the factors of its outermost products.
pub(super) fn left_out(side: &Expr) -> Expr {
    letters::map(side, &mut |part| match &part.kind {
        Kind::Product(factors) if factors.iter().any(|(_, factor)| is_slope(factor)) => {
            let kept: Vec<(Operator, Expr)> = factors.iter().filter(|(_, factor)| !is_slope(factor)).cloned().collect();
            match kept.as_slice() {
                [] => None,
                [(_, only)] => Some(only.clone()),
                _ => Some(Expr::new(Kind::Product(kept), part.span)),
            }
        }
        _ => None,
    })
}

/// A side with σ'(z) at the place of the left side for `a(1 - a)`, the slope of the logistic function in terms of its value, and for
/// `1 - a²`, that of tanh.
pub(super) fn spelled(target: &Target, side: &Expr, model: &Model) -> Expr {
    if target.kind != TargetKind::Delta {
        return side.clone();
    }
    let activation = |side: &Expr| {
        let (name, at) = named(side)?;
        let here = at == target.at && (layer(name).is_none() || layer(name) == target.layer);
        (here && matches!(model.role(name), Some(Role::Activation) | None)).then(|| print::expr(side))
    };
    let one_less = |side: &Expr| {
        let Kind::Parens(_, parts) = &side.kind else { return None };
        let [Expr { kind: Kind::Add(terms), .. }] = parts.as_slice() else { return None };
        let [(false, one), (true, value)] = terms.as_slice() else { return None };
        matches!(&one.kind, Kind::Number(number) if num_traits::One::is_one(number)).then(|| value.clone())
    };
    let slope = |span: Span| {
        let sigma = Name { primes: 1, ..Name::plain("σ") };
        let by = Expr::new(Kind::Name(target.by.clone()), span);
        let at = match target.at.as_slice() {
            [] => by,
            at => Expr::new(Kind::Entry(Box::new(by), at.to_vec()), span),
        };
        Expr::new(Kind::Call(Box::new(Expr::new(Kind::Name(sigma), span)), vec![at]), span)
    };
    letters::map(side, &mut |part| {
        let Kind::Product(factors) = &part.kind else { return None };
        for (place, (_, factor)) in factors.iter().enumerate() {
            let Some(value) = one_less(factor) else { continue };
            let mut rest = factors.clone();
            // 1 - a²
            if let Kind::Power(base, exponent) = &value.kind
                && matches!(&exponent.kind, Kind::Number(number) if *number == num_rational::BigRational::from_integer(2.into()))
                && activation(base).is_some()
                && model.may_activate("tanh")
            {
                rest.get_mut(place)?.1 = slope(part.span);
                return Some(Expr::new(Kind::Product(rest), part.span));
            }
            let Some(text) = activation(&value).filter(|_| model.may_activate("logistic")) else { continue };
            let Some(other) = factors.iter().position(|(_, other)| print::expr(other) == text) else { continue };
            rest.get_mut(place)?.1 = slope(part.span);
            let operator = rest.remove(other).0;
            if let Some((first, _)) = rest.first_mut().filter(|_| other == 0) {
                *first = operator;
            }
            return Some(match rest.as_slice() {
                [(_, only)] => only.clone(),
                _ => Expr::new(Kind::Product(rest), part.span),
            });
        }
        None
    })
}

/// What `σ'(z)` is taken at.
fn argument(side: &Expr) -> Option<&Expr> {
    let Kind::Call(function, arguments) = &side.kind else { return None };
    let [argument] = arguments.as_slice() else { return None };
    function.as_name().is_some_and(|name| name.primes == 1).then_some(argument)
}

/// The activation, with subscripts, by which a factor is the gradient: `∂L/∂a[i]`, or a name that the answer has for that.
fn after_activation<'a>(factor: &'a Expr, model: &'a Model) -> Option<(&'a Name, &'a [Expr])> {
    let (by, at) = match &factor.kind {
        Kind::Derivative(Some(of), by) if is_loss(of) => named(by)?,
        _ => {
            let (name, at) = named(factor)?;
            (model.gradient_by(name)?, at)
        }
    };
    (model.role(by) == Some(Role::Activation)).then_some((by, at))
}

/// The side with `∂L/∂z[i]` for every `∂L/∂a[i]·σ'(z[i])`.
pub(super) fn passed(side: &Expr, model: &Model) -> Expr {
    letters::map(side, &mut |part| {
        let Kind::Product(factors) = &part.kind else { return None };
        let (first, second, by) = factors.iter().enumerate().find_map(|(first, (_, above))| {
            let (activation, at) = after_activation(above, model)?;
            factors.iter().enumerate().find_map(|(second, (_, slope))| {
                let of = argument(slope)?;
                let (output, place) = named(of)?;
                let fits =
                    model.role(output) == Some(Role::Output) && place == at && layer(output) == layer(activation);
                fits.then(|| (first, second, of.clone()))
            })
        })?;
        let loss = Expr::new(Kind::Name(Name::plain("L")), part.span);
        let gradient = Expr::new(Kind::Derivative(Some(Box::new(loss)), Box::new(by)), part.span);
        let mut rest = factors.clone();
        rest.get_mut(first)?.1 = gradient;
        let operator = rest.get(first.min(second))?.0.clone();
        rest.remove(second);
        rest.get_mut(first.min(second))?.0 = operator;
        let whole = match rest.as_slice() {
            [(_, only)] => only.clone(),
            _ => Expr::new(Kind::Product(rest), part.span),
        };
        Some(whole)
    })
}

/// A slope that stands where none belongs, in a formula that is right without it: beside a gradient that holds it already, or taken at
/// another place than that of the left side.
pub(super) fn misplaced(target: &Target, side: &Expr, model: &Model) -> Option<Finding> {
    let parts = letters::all(side);
    let stray = parts.iter().find(|part| {
        argument(part).and_then(named).is_some_and(|(of, at)| {
            let here = target.kind == TargetKind::Delta && layer(of) == target.layer && at == target.at;
            matches!(model.role(of), Some(Role::Output | Role::Activation))
                && !(here && model.role(of) == Some(Role::Output))
        })
    })?;
    let slope = print::expr(stray);
    let said = parts.iter().any(|part| match &part.kind {
        Kind::Derivative(..) => names_delta(part, model).is_some(),
        _ => named(part)
            .and_then(|(name, _)| model.gradient_by(name))
            .is_some_and(|by| model.role(by) == Some(Role::Output)),
    });
    if said && matches!(target.kind, TargetKind::Weight | TargetKind::Input) {
        let argument = Text::new(
            format!(
                "the gradient that comes from above is that before the activation and holds its slope already; {slope} counts it twice"
            ),
            format!("上一层传来的梯度是激活之前的梯度，已含激活函数的导数；{slope} 重复计算"),
        );
        return Some(Finding::argued(Verdict::Wrong, Class::Factor, argument));
    }
    Some(Finding::undecided(Text::new(
        format!(
            "right without {slope}; where the gradient from above is that before the activation, the slope has no place there"
        ),
        format!("去掉 {slope} 后成立；若上一层传来的是激活之前的梯度，则此处不应有该导数"),
    )))
}

/// A side with `1(z > 0)`, the slope of the rectifier, as `r'(z)`.
pub(super) fn without_masks(side: &Expr, model: &Model) -> Expr {
    if !model.may_activate("relu") {
        return side.clone();
    }
    let positive = |condition: &Expr| {
        let Kind::Chain(chain) = &condition.kind else { return None };
        let [Link { relation: Relation::Gt, side: Some(zero), .. }] = chain.links.as_slice() else { return None };
        let zero = matches!(&zero.kind, Kind::Number(number) if num_traits::Zero::is_zero(number));
        chain.first.clone().filter(|first| zero && first.root().is_some())
    };
    letters::map(side, &mut |part| {
        let (mask, inside) = match &part.kind {
            Kind::Call(mask, inside) | Kind::Entry(mask, inside) => (mask.as_name()?, inside),
            _ => return None,
        };
        let known = matches!(mask.base.as_str(), "𝟙" | "1" | "I" | "𝕀" | "mask");
        let [condition] = inside.as_slice() else { return None };
        let of = positive(condition).filter(|_| known)?;
        let slope = Expr::new(Kind::Name(Name { primes: 1, ..Name::plain("r") }), part.span);
        Some(Expr::new(Kind::Call(Box::new(slope), vec![of]), part.span))
    })
}

/// A side with `∂L/∂A` for `dA`, as programs call the gradient by an activation.
pub(super) fn with_derivatives(side: &Expr, model: &Model) -> Expr {
    letters::map(side, &mut |part| {
        let (name, at) = match &part.kind {
            Kind::Name(name) => (name, None),
            Kind::Entry(base, at) => (base.as_name()?, Some(at)),
            _ => return None,
        };
        let inner = name.differentiated()?;
        (model.role(&inner) == Some(Role::Activation) && model.role(name).is_none()).then_some(())?;
        let by = Expr::new(Kind::Name(inner), part.span);
        let by = match at {
            Some(at) => Expr::new(Kind::Entry(Box::new(by), at.clone()), part.span),
            None => by,
        };
        let loss = Expr::new(Kind::Name(Name::plain("L")), part.span);
        Some(Expr::new(Kind::Derivative(Some(Box::new(loss)), Box::new(by)), part.span))
    })
}

/// What is summed over the examples of a batch, `Σ_i δ^{i,l} (a^{i,l-1})^T`, where the letter stands above tensors alone, without the letter.
pub(super) fn of_a_batch(target: &Target, side: &Expr) -> Option<Expr> {
    let Kind::Big(Big::Sum, binders, Some(body)) = &side.kind else { return None };
    let [Binder::Letter { letter, .. }] = binders.as_slice() else { return None };
    let letter = print::name(letter.as_name()?);
    let numbers = |name: &Name| name.layer.split(',').any(|part| part.trim() == letter);
    let names: Vec<&Name> = letters::names(body).collect();
    let elsewhere = names.iter().any(|name| print::name(name) == letter);
    let mut layered = names.iter().filter(|name| !name.layer.is_empty()).peekable();
    if elsewhere || numbers(&target.by) || layered.peek().is_none() || !layered.all(|name| numbers(name)) {
        return None;
    }
    Some(letters::map(body, &mut |part| {
        let name = part.as_name().filter(|name| numbers(name))?;
        let kept: Vec<&str> = name.layer.split(',').filter(|part| part.trim() != letter).collect();
        Some(Expr::new(Kind::Name(Name { layer: kept.join(","), ..name.clone() }), part.span))
    }))
}

/// A side without the factor `1/m` of a mean over m examples, and m.
pub(super) fn of_a_mean(side: &Expr) -> Option<(Expr, Name)> {
    let Kind::Product(factors) = &side.kind else { return None };
    let ((_, Expr { kind: Kind::Fraction(above, below), .. }), rest) = factors.split_first()? else { return None };
    let one = matches!(&above.kind, Kind::Number(number) if num_traits::One::is_one(number));
    let count = below.as_name().filter(|_| one && !rest.is_empty())?.clone();
    let mut rest = rest.to_vec();
    if let [(_, only)] = rest.as_slice() {
        return Some((only.clone(), count));
    }
    if let Some((sign, _)) = rest.first_mut() {
        *sign = Operator::beside();
    }
    Some((Expr::new(Kind::Product(rest), side.span), count))
}

/// A side with one name for activations, whether they are called `a^l` or `σ(z^l)`.
pub(super) fn activations(side: &Expr, model: &Model) -> Expr {
    letters::map(side, &mut |part| match &part.kind {
        Kind::Name(name) if model.role(name) == Some(Role::Activation) => {
            Some(Expr::new(Kind::Name(activation(name)), part.span))
        }
        _ => applied_at(part, model),
    })
}

/// A side with one name for what an activation makes of entries, `σ(z^l[i])`.
pub(super) fn applied(side: &Expr, model: &Model) -> Expr {
    letters::map(side, &mut |part| applied_at(part, model).filter(|made| matches!(made.kind, Kind::Entry(..))))
}

/// The name of all activations of a layer.
fn activation(of: &Name) -> Name {
    Name { layer: of.layer.clone(), ..Name::plain("activation") }
}

/// What `σ(z)` and `σ(z[i])` are called then.
fn applied_at(part: &Expr, model: &Model) -> Option<Expr> {
    let Kind::Call(function, arguments) = &part.kind else { return None };
    function.as_name().filter(|name| name.primes == 0 && name.base.chars().count() == 1)?;
    let [argument] = arguments.as_slice() else { return None };
    let output = argument.root().filter(|name| model.role(name) == Some(Role::Output))?;
    let name = Expr::new(Kind::Name(activation(output)), part.span);
    Some(match &argument.kind {
        Kind::Entry(_, at) => Expr::new(Kind::Entry(Box::new(name), at.clone()), part.span),
        _ => name,
    })
}
