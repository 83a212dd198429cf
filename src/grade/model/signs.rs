//! What signs between tensors mean, and what the layer computes: by the sums that lines give to a sign or to a name.

use super::super::layers::TargetKind;
use super::super::slopes;
use super::dense::before_bias;
use super::shapes::{first_operand, key, position, turned_and_joined, widely_joined};
use super::*;

/// The sums that lines give to names: what each computes, and in which step.
pub(super) type Sums = BTreeMap<String, Vec<(Meaning, usize)>>;

/// A line that shows what a layer computes.
#[derive(Clone, Debug)]
pub(super) struct Line {
    step: usize,
    meaning: Meaning,
    /// As in [`Model::shift`].
    shift: Option<i64>,
    unusual: bool,
    /// It defines a sign, `(A * B)[i] = Σ …`, and names no output.
    of_sign: bool,
}

impl Model {
    /// What a line `y[i] = Σ w[u] x[i+u]`, or `(w * x)[i] = Σ …`, shows.
    pub(super) fn learn(&mut self, first: &Expr, side: &Expr, step: usize, sums: &mut Sums) {
        let pads =
            |part: &Expr| matches!(&part.kind, Kind::Call(function, _) if function.as_name().is_some_and(is_padding));
        let output = first.root().is_some_and(|name| self.role_by_name(name) == Some(Role::Output));
        self.unusual |= output && side.any(&mut |part| matches!(&part.kind, Kind::Entry(base, _) if pads(base)));
        let side = &slopes::applied(side, self);
        let Some((meaning, kernel, input)) = shape_of_sum(side) else { return };
        // `(rot180(W) ⊗~ X)[i, j] = Σ …` shows the sign as well, not what the layer does.
        if let Some(sign) = turned_and_joined(first) {
            self.signs.entry(sign_text(sign)).or_default().push(Shown::at(meaning.other(), step));
            return;
        }
        if let Some((sign, operand)) = joined(first).or_else(|| widely_joined(first)).zip(first_operand(first)) {
            let small = |name: &Name| family(name).to_lowercase();
            let before = small(operand) == small(&kernel);
            if before || small(operand) == small(&input) {
                self.kernel_first.entry(sign_text(sign)).or_insert(before);
            }
        }
        if let Some(sign) = widely_joined(first) {
            self.signs.entry(sign_text(sign)).or_default().push(Shown::at(meaning, step));
            return;
        }
        if let Some(sign) = joined(first) {
            self.signs.entry(sign_text(sign)).or_default().push(Shown::at(meaning, step));
            // `(A * B)[i] = Σ …` is the layer only where its tensors are those of the layer.
            let weighs = self.role_by_name(&kernel).is_some_and(|role| role == Role::Weight);
            if weighs {
                self.lines.push(Line { step, meaning, shift: None, unusual: false, of_sign: true });
            }
            return;
        }
        if let Some(key) = key(first) {
            sums.entry(key).or_default().push((meaning, step));
        }
        if let Kind::Entry(base, _) = &first.kind
            && let Some(output) = base.as_name()
            && self.of_differential(output).is_none()
            && self.role_by_name(output).is_none_or(|role| role == Role::Output || role == Role::Activation)
            && self.role_by_name(&kernel).is_some_and(|role| role == Role::Weight)
        {
            let at = position(side, &input, &kernel);
            let shift = at.filter(|_| meaning == Meaning::Convolution);
            let usual = shift.is_some() || at == Some(-self.base.unwrap_or(1));
            self.lines.push(Line { step, meaning, shift, unusual: !usual, of_sign: false });
            self.roles.insert(family(output), Role::Output);
            self.roles.insert(family(&kernel), Role::Weight);
            if family(&input) != family(output) {
                self.roles.insert(family(&input), Role::Activation);
            }
        }
    }

    /// A line with signs for what another line writes as a sum, or what a sign of a known meaning makes.
    pub(super) fn connect(&mut self, first: &Expr, sides: &[&Expr], step: usize, gradients: bool, sums: &Sums) {
        let Some(key) = key(first) else { return };
        let signs: Vec<(Sign, bool)> = sides.iter().filter_map(|side| single_sign(side)).collect();
        let itself =
            |side: &&Expr| side.any(&mut |part| part.as_name().is_some() && shapes::key(part).as_ref() == Some(&key));
        if signs.is_empty() || sides.iter().any(itself) {
            return;
        }
        let turned_to = |meaning: Meaning, turned: bool| if turned { meaning.other() } else { meaning };
        // A name may be given a new sum: the last one before the line counts, or the first one after it.
        let sums = sums.get(&key).map(Vec::as_slice).unwrap_or_default();
        let sum = sums.iter().rev().find(|(_, at)| *at <= step).or(sums.first()).copied();
        // In `Y = W ⊗ X = rot180(W) * X` the sign that has a meaning gives the other one its own.
        let differ = signs.iter().any(|(sign, _)| Some(sign) != signs.first().map(|(sign, _)| sign));
        let known = signs.iter().filter(|_| differ).find_map(|(sign, turned)| {
            let shown = self.signs.get(sign_text(*sign))?.iter().rev().find(|shown| shown.step < step)?;
            Some((turned_to(shown.meaning, *turned), shown.since))
        });
        let anchor = match (known, sum) {
            (Some(known), Some(sum)) if sum.1 > known.1 && sum.1 <= step => Some(sum),
            (known, sum) => known.or(sum),
        };
        let Some((meaning, at)) = anchor else { return };
        // A line of a gradient shows what its sign means only where the sum beside it is that gradient.
        let layer = self.layer_meaning();
        let wanted = match super::super::layers::target(first, self).map(|target| target.kind) {
            Some(TargetKind::Weight) => Some(layer),
            Some(TargetKind::Input | TargetKind::Delta) => Some(layer.other()),
            _ => None,
        };
        if gradients && wanted.is_some_and(|wanted| wanted != meaning) {
            return;
        }
        for (sign, turned) in signs {
            // What the sign was given after the sum says more of it.
            let later = |shown: &Shown| (at + 1..step).contains(&shown.step);
            if self.signs.get(sign_text(sign)).into_iter().flatten().any(later) {
                return;
            }
            if gradients && (turned || self.signs.contains_key(sign_text(sign))) {
                continue;
            }
            self.signs
                .entry(sign_text(sign))
                .or_default()
                .push(Shown { since: step.max(at), ..Shown::at(turned_to(meaning, turned), step) });
        }
        let role = |side: &Expr| side.root().and_then(|name| self.role(name));
        let weighs = sides.iter().any(|side| side.any(&mut |part| role(part) == Some(Role::Weight)));
        if !gradients && weighs && role(first) == Some(Role::Output) {
            self.lines.push(Line { step, meaning, shift: None, unusual: false, of_sign: false });
        }
    }

    /// A line `O = X * K + b` of names: what the kernel and the input make is the output of the layer, whatever it is called.
    pub(super) fn joins(&mut self, left: &Expr, right: &Expr) {
        let Some(output) = left.root() else { return };
        let Some(product) = before_bias(right, |bias| bias.root().is_some()) else { return };
        let Kind::Product(factors) = &product.kind else { return };
        let [(_, a), (operator, b)] = factors.as_slice() else { return };
        let inner = |side: &Expr| match &side.kind {
            Kind::Call(function, inside) if function.as_name().is_some_and(is_rotation) => {
                inside.first()?.root().cloned()
            }
            _ => side.root().cloned(),
        };
        let (Some(a), Some(b)) = (inner(a), inner(b)) else { return };
        let roles = BTreeSet::from([self.role(&a), self.role(&b)]);
        let own = [&a, &b].into_iter().all(|name| family(name) != family(output));
        let free = matches!(self.role(output), None | Some(Role::Activation));
        if convolves(operator) && own && free && roles == BTreeSet::from([Some(Role::Weight), Some(Role::Activation)]) {
            self.roles.insert(family(output), Role::Output);
        }
    }

    /// Whether a line gives the output of a layer as a wide product of a kernel and an input.
    pub(super) fn joins_widely(&self, left: &Expr, right: &Expr) -> bool {
        let roles =
            |side: &Expr| -> BTreeSet<Role> { letters::names(side).filter_map(|name| self.role(name)).collect() };
        let product = |part: &Expr| match &part.kind {
            Kind::Product(factors) => {
                factors.iter().any(|(sign, _)| sign.tilde || sign.mode == "full") && {
                    let found = roles(part);
                    found.contains(&Role::Weight) && found.contains(&Role::Activation) && !found.contains(&Role::Delta)
                }
            }
            _ => false,
        };
        let derives = right.any(&mut |part| matches!(part.kind, Kind::Derivative(..) | Kind::Gradient(..)));
        let output = left.root().and_then(|name| self.role(name)) == Some(Role::Output);
        output && !derives && right.any(&mut |part| product(part))
    }

    /// Of several lines that show different layers the last one before the first gradient is meant; lines that define a sign each, and name no
    /// output, do not say which of them is the layer.
    pub(super) fn settle(&mut self, gradient: usize) {
        let Some(first) = self.lines.first() else { return };
        let differ = self.lines.iter().any(|line| line.meaning != first.meaning);
        if differ && self.lines.iter().all(|line| line.of_sign) {
            return;
        }
        let last = self.lines.iter().filter(|line| line.step < gradient).max_by_key(|line| line.step);
        let meaning = last.filter(|_| differ).unwrap_or(first).meaning;
        let lines: Vec<&Line> = self.lines.iter().filter(|line| line.meaning == meaning).collect();
        self.forward = Some(meaning);
        self.shift = lines.iter().find_map(|line| line.shift);
        self.unusual = lines.iter().any(|line| line.unusual);
    }
}
