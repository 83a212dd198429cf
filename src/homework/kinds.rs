//! What kind a step is.

use super::formula::*;
use super::resolve::Evidence;
use super::{Setting, StepKind};

/// The kind of a step that says this.
pub(super) fn kind(statements: &[Statement], setting: Setting, evidence: &Evidence) -> StepKind {
    let chains: Vec<&Chain> = statements
        .iter()
        .filter_map(|statement| match statement {
            Statement::Chain(chain) => Some(chain),
            Statement::Words(..) => None,
        })
        .collect();
    let links = || chains.iter().flat_map(|chain| &chain.links);
    if links().next().is_none() {
        let display = setting == Setting::Display || setting == Setting::Bare;
        return if display { StepKind::Expression } else { StepKind::Mention };
    }
    let all =
        |test: &dyn Fn(&Chain) -> bool| chains.iter().filter(|chain| !chain.links.is_empty()).all(|chain| test(chain));
    let values = |chain: &Chain| chain.sides().any(|side| side.any(&mut |part| is_value(part)));
    if links().any(|link| matches!(link.relation, Relation::Increase | Relation::Decrease | Relation::Assign)) {
        return StepKind::Update;
    }
    if chains.iter().all(|chain| is_domain(chain) || chain.links.is_empty())
        && chains.iter().any(|chain| is_domain(chain))
    {
        return StepKind::Domain;
    }
    if links().all(|link| link.relation == Relation::Define) {
        return StepKind::Definition;
    }
    if all(&|chain| chain.sides().all(is_numeric)) {
        return StepKind::Arithmetic;
    }
    if chains.iter().any(|chain| !chain.links.is_empty() && values(chain)) {
        return StepKind::Chain;
    }
    let named = |chain: &Chain| chain.first.as_ref().is_some_and(|side| side.as_name().is_some());
    if all(&|chain| named(chain) && chain.links.iter().all(|link| link.relation == Relation::Eq) && assigns(chain)) {
        return StepKind::Values;
    }
    if all(&|chain| substitutes(chain, evidence)) {
        return StepKind::Substitution;
    }
    // A size is counted: numbers occur, or roundings.
    let counts = chains.iter().any(|chain| {
        chain
            .sides()
            .any(|side| side.any(&mut |part| matches!(part.kind, Kind::Number(_) | Kind::Floor(_) | Kind::Ceil(_))))
    });
    if counts && all(&|chain| chain.sides().all(|side| is_size(side, evidence))) {
        StepKind::Sizes
    } else {
        StepKind::Chain
    }
}

/// Whether a part is an entry, a sum or another value that is no size.
fn is_value(part: &Expr) -> bool {
    matches!(
        part.kind,
        Kind::Entry(..)
            | Kind::Big(..)
            | Kind::Derivative(..)
            | Kind::Gradient(..)
            | Kind::Matrix(_)
            | Kind::Cases(_)
            | Kind::Transpose(_)
    )
}

/// Whether an expression has numbers and nothing else in it.
pub(super) fn is_numeric(side: &Expr) -> bool {
    !side.any(&mut |part| {
        matches!(
            part.kind,
            Kind::Name(_) | Kind::Entry(..) | Kind::Call(..) | Kind::Matrix(_) | Kind::Text(_) | Kind::Infinity
        )
    })
}

fn is_domain(chain: &Chain) -> bool {
    let orders = |link: &Link| {
        matches!(
            link.relation,
            Relation::In | Relation::NotIn | Relation::Lt | Relation::Le | Relation::Gt | Relation::Ge | Relation::Ne
        )
    };
    !chain.links.is_empty()
        && chain.links.iter().all(orders)
        && !chain.sides().any(|side| side.any(&mut |part| is_value(part)))
}

/// `i = 5`, `o1 = o2 = o = 3`: names, and a number at the end.
fn assigns(chain: &Chain) -> bool {
    let sides: Vec<&Expr> = chain.sides().collect();
    match sides.split_last() {
        Some((last, names)) => is_numeric(last) && names.iter().all(|side| side.as_name().is_some()),
        None => false,
    }
}

/// `s = i-u+1`: a letter of positions in terms of other letters of positions.
fn substitutes(chain: &Chain, evidence: &Evidence) -> bool {
    let letter = |name: &Name| evidence.is_index(&name.base) && name.label.is_empty() && name.layer.is_empty();
    let [Link { relation: Relation::Eq | Relation::Define, side: Some(side), .. }] = chain.links.as_slice() else {
        return false;
    };
    let Some(other) = &chain.first else { return false };
    // `m - n = k` names the letter last.
    let (first, side) = match (other.as_name(), side.as_name()) {
        (Some(first), _) => (first, side),
        (None, Some(first)) => (first, other),
        _ => return false,
    };
    let small = first.base.chars().all(char::is_lowercase) && first.base.chars().count() == 1;
    let mut letters = 0usize;
    let other = side.any(&mut |part| match &part.kind {
        Kind::Name(name) => {
            letters += usize::from(letter(name));
            false
        }
        Kind::Number(_)
        | Kind::Add(_)
        | Kind::Neg(_)
        | Kind::Product(_)
        | Kind::Parens(..)
        | Kind::Floor(_)
        | Kind::Fraction(..) => false,
        _ => true,
    });
    small && !other && letters > 0 && (letter(first) || letters > 1 && !rounds(side))
}

/// Whether a rounding occurs, as in the size of an output.
fn rounds(side: &Expr) -> bool {
    side.any(&mut |part| matches!(part.kind, Kind::Floor(_) | Kind::Ceil(_)))
}

/// Whether an expression is arithmetic of names and numbers.
fn is_size(side: &Expr, evidence: &Evidence) -> bool {
    let mut numbers = false;
    let mut stars = false;
    let other = side.any(&mut |part| {
        numbers |= matches!(part.kind, Kind::Number(_));
        if let Kind::Name(name) = &part.kind
            && !name.layer.is_empty()
            && !evidence.is_size(name)
        {
            return true;
        }
        if matches!(&part.kind, Kind::Power(base, _) if base.as_name().is_some_and(super::surface::is_euler)) {
            return true;
        }
        if let Kind::Product(factors) = &part.kind {
            for (operator, _) in factors {
                stars |= operator.sign == Sign::Star;
                if operator.tilde || !operator.mode.is_empty() || !arithmetic(operator.sign) {
                    return true;
                }
            }
        }
        // A norm is no size.
        if matches!(part.kind, Kind::Parens(Bracket::Bar, _)) {
            return true;
        }
        !matches!(
            part.kind,
            Kind::Name(_)
                | Kind::Number(_)
                | Kind::Add(_)
                | Kind::Neg(_)
                | Kind::Product(_)
                | Kind::Parens(..)
                | Kind::Floor(_)
                | Kind::Ceil(_)
                | Kind::Fraction(..)
                | Kind::Power(..)
        )
    });
    // Between names a star may be a convolution.
    !other && (numbers || !stars)
}

/// Whether a sign can join numbers.
fn arithmetic(sign: Sign) -> bool {
    matches!(sign, Sign::Beside | Sign::Dot | Sign::Times | Sign::Star | Sign::Slash | Sign::Mod | Sign::DoubleStar)
}
