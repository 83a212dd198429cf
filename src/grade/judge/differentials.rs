//! Differentials: `dL = Σ_i δ_i dy_i`, `dy_i = Σ_u x_{i+u} dw_u`, and `dL = Σ_u dw_u (Σ_i δ_i x_{i+u})`, which shows the gradient.

use super::*;
use crate::grade::layers::names_delta;

/// What an answer has said of differentials so far.
#[derive(Default)]
pub(super) struct Differentials {
    /// Whether it speaks of the differential of a loss at all: `dY` is a gradient in programs.
    spoken: bool,
    /// `dy[i]` by what is varied: the letters, and the sum.
    output: Option<(Vec<Name>, Expr)>,
    /// The differential of the loss by those of the output.
    loss: Option<Expr>,
    /// The last form of it that is right.
    last: Option<Expr>,
}

impl Differentials {
    /// Nothing has been said yet.
    pub(super) fn of(reading: &Reading) -> Self {
        let claims = reading.claims();
        Differentials { spoken: claims.iter().any(|claim| is_of_loss(claim.left)), ..Differentials::default() }
    }
}

/// `dL`
fn is_of_loss(side: &Expr) -> bool {
    let inner = side.as_name().and_then(Name::differentiated);
    inner.is_some_and(|inner| layers::is_loss(&Expr::new(Kind::Name(inner), side.span)))
}

/// The letters of nested sums, and what stands under them.
fn under_sums(side: &Expr) -> (Vec<Binder>, &Expr) {
    let (mut binders, mut side) = (Vec::new(), side);
    loop {
        match &side.kind {
            Kind::Parens(_, parts) if parts.len() == 1 => match parts.first() {
                Some(only) => side = only,
                None => return (binders, side),
            },
            Kind::Big(Big::Sum, more, Some(body)) => {
                binders.extend(more.iter().cloned());
                side = body;
            }
            _ => return (binders, side),
        }
    }
}

impl Judge<'_> {
    /// Judges a side of a chain about the differential of a loss or of an output; nothing where the chain is about something else.
    pub(super) fn of_differentials(&mut self, first: &Expr, previous: &Expr, side: &Expr) -> Option<Finding> {
        if !self.differentials.spoken {
            return None;
        }
        if is_of_loss(first) {
            return self.total(previous != first, previous, side);
        }
        let Kind::Entry(base, at) = &first.kind else { return None };
        let output = base.as_name().and_then(Name::differentiated)?;
        if self.context.model.role(&output) != Some(Role::Output) {
            return None;
        }
        let letters: Vec<Name> = at.iter().map(|at| at.as_name().cloned()).collect::<Option<_>>()?;
        let finding = self.of_output(&letters, side)?;
        if finding.verdict == Verdict::Ok {
            self.differentials.output = Some((letters, side.clone()));
        }
        Some(finding)
    }

    /// `dy[i] = Σ_u x[i+u] dw[u]`: the layer with one of its tensors varied.
    fn of_output(&self, letters: &[Name], side: &Expr) -> Option<Finding> {
        let (binders, body) = under_sums(side);
        let Kind::Product(factors) = &body.kind else { return None };
        let [(_, a), (_, b)] = factors.as_slice() else { return None };
        let role = |side: &Expr| -> Option<(Role, bool)> {
            let name = side.root()?;
            match name.differentiated() {
                Some(inner) => Some((self.context.model.role(&inner)?, true)),
                None => Some((self.context.model.role(name)?, false)),
            }
        };
        let (kernel, input) = match (role(a)?, role(b)?) {
            ((Role::Weight, first), (Role::Activation, second)) if first != second => (a, b),
            ((Role::Activation, first), (Role::Weight, second)) if first != second => (b, a),
            _ => return None,
        };
        let (Kind::Entry(_, places), Kind::Entry(base, _)) = (&kernel.kind, &input.kind) else { return None };
        if places.len() != letters.len() {
            return None;
        }
        let correlates = self.context.model.layer_meaning() == Meaning::Correlation;
        let start = self.context.model.base.unwrap_or(0);
        let read = letters.iter().zip(places).map(|(letter, place)| {
            let letter = Expr::new(Kind::Name(letter.clone()), side.span);
            let shift = Expr::integer(start, side.span);
            Expr::new(Kind::Add(vec![(false, letter), (!correlates, place.clone()), (correlates, shift)]), side.span)
        });
        let read = Expr::new(Kind::Entry(base.clone(), read.collect()), side.span);
        let product = vec![(Operator::beside(), kernel.clone()), (Operator::beside(), read)];
        let product = Expr::new(Kind::Product(product), side.span);
        let layer = Expr::new(Kind::Big(Big::Sum, binders, Some(Box::new(product))), side.span);
        let finding = self.pair(&layer, side);
        Some(match finding.verdict {
            Verdict::Ok => {
                Finding::remark(Text::new("the differential of the layer, by the prover", "与该层的微分一致（已证明）"))
            }
            _ => finding,
        })
    }

    /// A side of a chain about the differential of a loss.
    fn total(&mut self, goes_on: bool, previous: &Expr, side: &Expr) -> Option<Finding> {
        if self.is_total(side) {
            let sums = |side: &Expr| matches!(side.kind, Kind::Big(..));
            if !self.differentials.loss.as_ref().is_some_and(sums) {
                self.differentials.loss = Some(side.clone());
            }
            return Some(Finding::remark(Text::new("the total differential of the loss", "损失的全微分")));
        }
        // What is varied in the last form may be another tensor.
        let varies = |side: &Expr| -> BTreeSet<Name> {
            letters::names(side).filter(|name| name.differentiated().is_some()).cloned().collect()
        };
        let last = self.differentials.last.as_ref().filter(|last| varies(last) == varies(side));
        let before = match goes_on && !self.is_total(previous) {
            true => Some(previous.clone()),
            false => last.or(self.differentials.loss.as_ref()).cloned(),
        };
        let (a, b) = (self.spelled_differentials(&before?)?, self.spelled_differentials(side)?);
        let finding = self.pair(&a, &b);
        if finding.verdict == Verdict::Ok {
            self.differentials.last = Some(side.clone());
        }
        Some(finding)
    }

    /// `Σ_i δ_i dy_i`, and `⟨δ, dy⟩`.
    fn is_total(&self, side: &Expr) -> bool {
        let model = self.context.model;
        let output = |side: &Expr| {
            let inner = side.root().and_then(Name::differentiated);
            inner.is_some_and(|inner| model.role(&inner) == Some(Role::Output))
        };
        let above = |side: &Expr| !output(side) && names_delta(side, model).is_some();
        let (binders, body) = under_sums(side);
        let pair: Vec<&Expr> = match &body.kind {
            Kind::Parens(Bracket::Angle, list) => list.iter().collect(),
            Kind::Product(factors) => factors.iter().map(|(_, factor)| factor).collect(),
            _ => return false,
        };
        let [a, b] = pair.as_slice() else { return false };
        if !(above(a) && output(b) || output(a) && above(b)) {
            return false;
        }
        let at = |side: &Expr| match &side.kind {
            Kind::Entry(_, at) => at.clone(),
            Kind::Derivative(_, by) => match &by.kind {
                Kind::Entry(_, at) => at.clone(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        let bound: BTreeSet<Name> =
            binders.iter().flat_map(Binder::letters).filter_map(|letter| letter.as_name().cloned()).collect();
        let places: BTreeSet<Name> = at(a).iter().filter_map(|at| at.as_name().cloned()).collect();
        at(a) == at(b) && places == bound && places.len() == at(a).len()
    }

    /// A side with the differential of the output written out, one name for the gradient, and no mask: kernels are 0 outside. Nothing where a
    /// differential of the output is left.
    fn spelled_differentials(&self, side: &Expr) -> Option<Expr> {
        let model = self.context.model;
        let mut left = false;
        let spelled = letters::map(side, &mut |part| match &part.kind {
            Kind::Derivative(Some(of), by) if layers::is_loss(of) => match &by.kind {
                Kind::Entry(_, at) => {
                    let delta = Expr::new(Kind::Name(Name::plain("δ")), part.span);
                    Some(Expr::new(Kind::Entry(Box::new(delta), at.clone()), part.span))
                }
                _ => None,
            },
            Kind::Entry(base, at) => {
                let inner = base.as_name().and_then(Name::differentiated)?;
                (model.role(&inner) == Some(Role::Output)).then_some(())?;
                let made = self.differentials.output.as_ref().and_then(|(letters, body)| {
                    let rule = unfold::Rule { letters: letters.clone(), applied: false, body: body.clone(), step: 0 };
                    rule.at(at, &BTreeSet::new())
                });
                left |= made.is_none();
                made.map(unfold::enclosed)
            }
            Kind::Product(factors) => {
                let mask = |side: &Expr| side.root().is_some_and(|name| name.base == "𝟙");
                if !factors.iter().any(|(_, factor)| mask(factor)) {
                    return None;
                }
                let mut kept: Vec<(Operator, Expr)> =
                    factors.iter().filter(|(_, factor)| !mask(factor)).cloned().collect();
                let first = kept.first_mut()?;
                first.0 = Operator::beside();
                Some(Expr::new(Kind::Product(kept), part.span))
            }
            _ => None,
        });
        (!left).then_some(spelled)
    }
}
