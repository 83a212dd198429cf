//! Formulas that are one edit away, the least first, with the class of the error that the edit repairs.

use super::*;

/// The same finding with the least edit that makes the side right, and the class that goes with the edit.
pub(super) fn repaired(
    finding: Finding,
    target: &Target,
    side: &Expr,
    model: &Model,
    meaning: &BTreeMap<Sign, Meaning>,
    options: &Options,
) -> Finding {
    let options = &options.for_repairs();
    for (class, candidate) in edits(side, target, model) {
        if matches!(under(target, &candidate, model, meaning, model.layer_meaning(), options), Fits::Right) {
            let mut finding = finding.with_repair(print::expr(&candidate));
            finding.classes = vec![class];
            return finding;
        }
    }
    // Two edits at once: a rotation as well as an operand.
    let flips = side
        .any(&mut |part| matches!(&part.kind, Kind::Call(function, _) if function.as_name().is_some_and(is_rotation)));
    let mut finding = finding;
    if flips && finding.classes == [Class::Operand] && matches!(finding.evidence, Evidence::Counterexample(_)) {
        finding.classes = vec![Class::Flip];
    }
    finding
}

/// Sides that are one edit away, with the class of the error that the edit repairs.
fn edits(side: &Expr, target: &Target, model: &Model) -> Vec<(Class, Expr)> {
    let mut found = Vec::new();
    let paths = count(side);
    for place in 0..paths {
        // A rotation less, a rotation more.
        for class in [Class::Flip, Class::Operand] {
            for variant in 0..3 {
                let mut number = 0;
                let mut changed = false;
                let candidate = letters::map(side, &mut |part| {
                    let here = number == place;
                    number += 1;
                    if !here {
                        return None;
                    }
                    let edited = edit(part, class, variant, target, model)?;
                    changed = true;
                    Some(edited)
                });
                if changed {
                    found.push((class, candidate));
                }
            }
        }
    }
    // Rotations first, and of these the rotation of the kernel.
    found.sort_by_key(|(class, side)| {
        let kernel = letters::all(side).into_iter().any(|part| match &part.kind {
            Kind::Call(function, arguments) if function.as_name().is_some_and(is_rotation) => {
                arguments.first().and_then(Expr::as_name).is_some_and(|name| model.role(name) == Some(Role::Weight))
            }
            _ => false,
        });
        (*class != Class::Flip, !kernel)
    });
    found
}

fn count(side: &Expr) -> usize {
    let mut number = 0;
    letters::map(side, &mut |_| {
        number += 1;
        None
    });
    number
}

fn edit(part: &Expr, class: Class, variant: usize, target: &Target, model: &Model) -> Option<Expr> {
    match (class, variant) {
        (Class::Flip, 0) => match &part.kind {
            Kind::Call(function, arguments) if function.as_name().is_some_and(is_rotation) => {
                arguments.first().cloned()
            }
            _ => None,
        },
        (Class::Flip, 1) => {
            let plain = match &part.kind {
                Kind::Name(name) => model.role(name).is_some(),
                Kind::Derivative(..) => names_delta(part, model).is_some(),
                _ => false,
            };
            plain.then(|| {
                let rotation = Expr::new(Kind::Name(Name::plain("rot180")), part.span);
                Expr::new(Kind::Call(Box::new(rotation), vec![part.clone()]), part.span)
            })
        }
        (Class::Operand, 0..=2) => {
            let name = part.as_name().filter(|name| model.role(name).is_some())?;
            let next = |by: i64| target.layer.map(|layer| layer.saturating_add(by));
            let base = ["δ", "w", "a"].get(variant)?;
            let offset = match (target.kind, variant) {
                (TargetKind::Delta | TargetKind::Input, 0 | 1) => next(1),
                (TargetKind::Weight, 2) => next(-1),
                _ => next(0),
            };
            let layer = offset.map(|offset| match offset {
                0 => "l".to_string(),
                1.. => format!("l+{offset}"),
                _ => format!("l{offset}"),
            });
            let changed =
                Name { layer: layer.filter(|_| !name.layer.is_empty()).unwrap_or_default(), ..Name::plain(*base) };
            (model.role(&changed) != model.role(name)).then(|| Expr::new(Kind::Name(changed), part.span))
        }
        _ => None,
    }
}
