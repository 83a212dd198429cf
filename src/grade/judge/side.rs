//! One side of a chain: by what it is, by what the chain is about, or by the side before it.

use super::*;
use crate::grade::model;

impl Judge<'_> {
    /// Judges one side against the side before it, or against what the chain is about.
    pub(super) fn side(
        &mut self,
        number: usize,
        first: &Expr,
        previous: &Expr,
        side: &Expr,
        target: Option<&Target>,
        update: bool,
    ) -> Finding {
        if let Some(finding) = gradient::largest(first, side) {
            return finding;
        }
        // Numbers are numbers, whatever the chain is about.
        if previous != first && crate::grade::numbers::is_numeric(previous) && crate::grade::numbers::is_numeric(side) {
            return sizes::numeric(previous, side);
        }
        if let Some(finding) = self.of_differentials(first, previous, side) {
            return finding;
        }
        // An output that is written out may be derived later.
        if numeric_entry(first).is_some() && previous == first {
            self.define(number, first, side);
        }
        // W = W - α G, W -= α G
        if let Some(step_target) = self.descent(first, side) {
            let (target, gradient, down) = step_target;
            let judged = self.gradient(&target, &gradient);
            if let (false, Some(Verdict::Ok)) = (down, judged.as_ref().map(|finding| finding.verdict)) {
                return gradient::uphill(first, side);
            }
            return judged
                .unwrap_or_else(|| Finding::undecided(Text::new("the update is not understood", "无法理解该更新式")));
        }
        if let Some(finding) = self.passed_on(number, first, side) {
            return finding;
        }
        let made =
            !matches!(first.kind, Kind::Name(_) | Kind::Matrix(_) | Kind::Derivative(..)) && signs(first).is_empty();
        if (previous != first || made)
            && let Some(finding) = self.of_rows(number, previous, side)
        {
            return finding;
        }
        if let Some(target) = target {
            let incomparable = self.incomparable(number, target, first, side);
            let judged = match incomparable {
                None => {
                    let finding = self.gradient(target, side);
                    if finding.as_ref().is_none_or(|finding| finding.verdict == Verdict::Undecided) {
                        let made = self.with_arrays_written_out(number, first, side);
                        let made = made.and_then(|made| self.gradient(target, &made));
                        made.filter(|made| made.verdict == Verdict::Ok).or(finding)
                    } else {
                        finding
                    }
                }
                Some(_) => self.by_form(target, side),
            };
            // What is undecided may still be equal to the side before it.
            let judged = match judged {
                Some(finding) if finding.verdict != Verdict::Undecided => return finding,
                open => open,
            };
            if previous != first && claims::are_equal(previous, side, self.context) {
                return Finding::remark(Text::new("equal to the side before it", "与前一式相等"));
            }
            if let (Some(_), Some(products)) = (matrices::matrix(previous), self.product(number, side)) {
                return self.product_and_matrix(number, &products, previous);
            }
            if let Some(finding) = self.of_defined_loss(number, first, side) {
                return finding;
            }
            if let Some(finding) = judged {
                return finding;
            }
            if let Some(reason) = incomparable {
                return Finding::undecided(reason);
            }
            if update {
                return Finding::undecided(Text::new("an update that is not understood", "无法理解该更新式"));
            }
            return Finding::undecided(Text::new(
                "the formula of this gradient could not be compared with the layer",
                "该梯度公式无法与层的定义比较",
            ));
        }
        if previous == first
            && let Some(finding) = self.matrix_again(number, first, side)
        {
            return finding;
        }
        if let (Some(a), Some(_)) = (self.product(number, previous), matrices::matrix(side)) {
            return self.product_and_matrix(number, &a, side);
        }
        if Self::key(previous).is_some_and(|key| self.defined.contains_key(&key))
            && let Some(finding) = self.of_rows(number, previous, side)
        {
            return finding;
        }
        if let (Some(_), Some(b)) = (matrices::matrix(previous), self.product(number, side)) {
            return self.product_and_matrix(number, &b, previous);
        }
        if let Some((name, _)) = numeric_entry(first)
            && self.context.model.role(&name) == Some(Role::Output)
            && self.context.model.shown_layer().is_some()
            && self.context.model.written.as_ref().is_none_or(|written| written.output == name)
        {
            let geometry = &self.geometry;
            let indices: &[Expr] = if let Kind::Entry(_, indices) = &first.kind { indices } else { &[] };
            let target = Target { kind: TargetKind::Forward, layer: None, by: name, at: indices.to_vec() };
            if let Some(finding) = gradients::gradient(&target, side, geometry, self.context) {
                return finding;
            }
        }
        // ∂y[i]/∂w[u] of a layer that stands further up.
        let locally = self.own.iter().map(|own| own.local(first, side, self.context));
        let locally: Vec<Option<Finding>> = locally.collect();
        let right = locally.iter().flatten().find(|finding| finding.verdict == Verdict::Ok);
        // It is wrong only if it is wrong for each of the layers.
        let all = || locally.iter().cloned().collect::<Option<Vec<Finding>>>()?.into_iter().next();
        if let Some(finding) = right.cloned().or_else(all) {
            return finding;
        }
        if identities::by_channels(previous, side) {
            return Finding::remark(Text::new("the same, channel by channel", "按通道展开的同一式"));
        }
        if let Some(finding) = self.of_vectors(number, previous, side) {
            return finding;
        }
        if previous == first {
            return self.opening(number, first, side);
        }
        // `a * W + b = σ(z) * W + b`
        let named = |side: &Expr| crate::grade::slopes::activations(side, self.context.model);
        if previous != side && named(previous) == named(side) {
            return Finding::remark(Text::new(
                "the activation, by what it is applied to",
                "激活值写成了激活函数作用于净输入",
            ));
        }
        // `s[i] = (x * w)[i] = Σ …`: the sum says what the sign does.
        let sign = sign_entry(previous).map(|(sign, ..)| sign);
        if let Some(sign) = sign.filter(|sign| self.has_new_meaning(sign, number)) {
            self.signs.remove(&sign);
            self.defined.remove(&print::expr(previous));
        }
        if sign_entry(previous).is_some() && self.unfolded(previous, usize::MAX).is_none() {
            self.define(number, previous, side);
            return Finding::defines(previous);
        }
        // `Σ … = (W ⊗ X)[i, j]`
        let new = sign_entry(side).is_some_and(|(sign, (a, b), at)| {
            let plain = a.as_name().is_some() && b.as_name().is_some() && at.iter().all(|at| at.as_name().is_some());
            plain && !self.signs.contains_key(&sign)
        });
        if new && matches!(previous.kind, Kind::Big(Big::Sum, ..)) {
            self.define(number, side, previous);
            return Finding::defines(side);
        }
        // `σ(z) = σ(W * a + b)` says what z is.
        if let (Kind::Call(f, a), Kind::Call(g, b)) = (&previous.kind, &side.kind)
            && f == g
            && let ([a], [b]) = (a.as_slice(), b.as_slice())
            && a.as_name().is_some()
            && f.as_name().is_some_and(|name| name.primes == 0)
        {
            return self.opening(number, a, b);
        }
        if let Some(finding) = self.matrix_of_operation(number, previous, side) {
            return finding;
        }
        // `W ⊗ X = rot180(W) * X`
        if let Some(finding) = self.identity(previous, side) {
            return finding;
        }
        // An operation whose sum stands further up is that sum, with the names that it has here.
        let unfolded = |side: &Expr| {
            let entries = self.by_entries(side);
            entries.or_else(|| self.unfolded(side, usize::MAX)).unwrap_or_else(|| side.clone())
        };
        let (left, right) = (unfolded(previous), unfolded(side));
        self.pair_or_written_out(number, &left, &right)
    }

    /// Whether a sign means something else from this line on.
    fn has_new_meaning(&self, sign: &str, number: usize) -> bool {
        self.context.model.conflicts().iter().any(|(other, _, step)| *other == sign && *step == number)
    }

    /// The first equation of a chain: a definition, or a claim about what is defined.
    fn opening(&mut self, number: usize, first: &Expr, side: &Expr) -> Finding {
        if let Some(finding) = self.sizes.said_again(first, side) {
            return finding;
        }
        // `O(100^2·9) = 90000` means the number; another one is of the same order.
        if let Kind::Call(order, inside) = &first.kind
            && order.as_name().is_some_and(|name| matches!(name.base.as_str(), "O" | "Θ" | "Ω"))
            && let [inside] = inside.as_slice()
            && crate::grade::numbers::is_numeric(inside)
            && crate::grade::numbers::is_numeric(side)
        {
            let finding = crate::grade::sizes::numeric(inside, side);
            return if finding.verdict == Verdict::Ok {
                finding
            } else {
                Finding::undecided(Text::new("an order of growth is no number", "这是量级，不是数值"))
            };
        }
        if let Some(cell) = self.cell(first, number) {
            return rows::of_numbers(&cell, side).unwrap_or_else(|| self.pair_or_written_out(number, &cell, side));
        }
        // `(W^T δ)_j = Σ_i W_{ij} δ_i`
        if let Some(entry) = self.by_entries(first) {
            let side = self.by_entries(side).unwrap_or_else(|| side.clone());
            return self.pair_or_written_out(number, &entry, &side);
        }
        if self.defining && self.unfolded(first, number).is_none() {
            self.define(number, first, side);
            return Finding::defines(first);
        }
        let impulse = |part: &Expr| {
            part.root().is_some_and(|name| name.base == "δ" && name.layer.is_empty() && name.label.is_empty())
        };
        let sifts =
            first.any(&mut |part| impulse(part)) && (signs(side).is_empty() || side.any(&mut |part| impulse(part)));
        // Functions are not 0 outside the range of a sum: what its sign does is what the line says.
        let of_functions = operations::signs_of(first)
            .iter()
            .any(|sign| self.signs.get(sign).is_some_and(|rule| letters::applies_functions(&rule.body)));
        if of_functions
            && let Some(finding) = self.of_operation(number, first, side)
            && finding.verdict != Verdict::Undecided
        {
            return finding;
        }
        if !sifts && let Some(finding) = self.identity(first, side) {
            if finding.verdict == Verdict::Ok && first.as_name().is_some() {
                self.define(number, first, side);
            }
            return finding;
        }
        if let Some(a) = self.unfolded(first, number) {
            let b = self.unfolded(side, number).unwrap_or_else(|| side.clone());
            if a == b {
                return Finding::remark(Text::new("as defined before", "与前面的定义相同"));
            }
            let (a, b) = (self.spelled_out(number, &a), self.spelled_out(number, &b));
            // Once a sum and once a product by a sign that nothing else has given a meaning: it is given one by that.
            let joins = |side: &Expr| !operations::signs_of(side).is_empty();
            if joins(&a) != joins(&b) {
                self.define(number, first, side);
                let other = if joins(&a) { &b } else { &a };
                let multiplies = matches!(other.kind, Kind::Product(_))
                    || other.any(&mut |part| matches!(part.kind, Kind::Big(Big::Sum, ..) | Kind::Matrix(_)));
                return if self.subjects(&a).is_disjoint(&self.subjects(&b)) || !multiplies {
                    Finding::defined_before(first)
                } else {
                    Finding::remark(Text::new("the same, written in another way", "同一定义的另一种写法"))
                };
            }
            let finding = self.pair_or_written_out(number, &a, &b);
            // The same name may be given to something else; a substitution between the two lines says that it is not.
            let named = sign_entry(first).is_none() && !self.operates(first);
            if finding.verdict == Verdict::Wrong && named && !self.substituted_before(number) {
                let another = self.another_operation(number, first, &a, &b);
                self.defined.remove(&print::expr(first));
                self.forget(first);
                self.define(number, first, side);
                return if another { Finding::defines(first) } else { Finding::defined_before(first) };
            }
            return finding;
        }
        if !sifts && let Some(finding) = self.of_operation(number, first, side) {
            return finding;
        }
        let single = matches!(&first.kind, Kind::Entry(base, _) if base.as_name().is_some());
        // `x[i, j] = 0` tells of places outside an array; it does not make the array 0.
        if single && matches!(&side.kind, Kind::Number(number) if num_traits::Zero::is_zero(number)) {
            return Finding::remark(Text::new("it says where entries are 0", "说明何处的元素为零"));
        }
        if let Some(finding) = self.elsewhere(number, first, side) {
            return finding;
        }
        // What an operator makes of one array says what it makes of another.
        if self.operates(first) {
            return self.pair_or_written_out(number, first, side);
        }
        if single || Self::key(first).is_some() && self.defines(number, first, side) {
            self.define(number, first, side);
            return Finding::defines(first);
        }
        let finding = self.pair_or_written_out(number, first, side);
        // What is defined by what is defined may be held fixed, as the partial derivative by μ holds the variance.
        if finding.verdict == Verdict::Ok { finding } else { self.derived(number, first, side).unwrap_or(finding) }
    }

    /// An identity between products by signs. A kernel of which the answer says that it is its own rotation may be turned round in it.
    fn identity(&self, left: &Expr, right: &Expr) -> Option<Finding> {
        let finding = identities::identity(left, right, self.context)?;
        if finding.verdict != Verdict::Wrong {
            return Some(finding);
        }
        let turned = |side: &Expr| match &side.kind {
            Kind::Call(function, inside) if function.as_name().is_some_and(model::is_rotation) => {
                inside.first()?.as_name().cloned()
            }
            _ => None,
        };
        let claims = self.reading.claims();
        let symmetric = claims.iter().filter_map(|claim| {
            let pairs = [(claim.left, claim.right), (claim.right, claim.left)];
            pairs.into_iter().find_map(|(a, b)| turned(a).filter(|name| b.as_name() == Some(name)))
        });
        for name in symmetric {
            let flipped = letters::map(left, &mut |part| {
                let rotation = Expr::new(Kind::Name(Name::plain("rot180")), part.span);
                (part.as_name() == Some(&name))
                    .then(|| Expr::new(Kind::Call(Box::new(rotation), vec![part.clone()]), part.span))
            });
            let again = identities::identity(&flipped, right, self.context);
            if again.is_some_and(|again| again.verdict == Verdict::Ok) {
                let name = print::name(&name);
                return Some(Finding::remark(Text::new(
                    format!("proved, as rot180({name}) = {name}"),
                    format!("已证明（用到 rot180({name}) = {name}）"),
                )));
            }
        }
        Some(finding)
    }

    /// Whether a name that stood for a convolution stands for a correlation now, or the other way, and words between the two lines say so.
    fn another_operation(&self, number: usize, first: &Expr, before: &Expr, now: &Expr) -> bool {
        let (Some((a, kernel, input)), Some((b, other_kernel, other_input))) =
            (model::shape_of_sum(before), model::shape_of_sum(now))
        else {
            return false;
        };
        let line = Self::key(first).and_then(|key| self.defined.get(&key)).map(|(_, step)| *step);
        let steps = (line.and_then(|line| self.reading.steps.get(line)), self.reading.steps.get(number));
        let (Some(line), Some(step)) = steps else { return false };
        let between = self.text.get(line.span.end..step.span.start).unwrap_or_default().to_lowercase();
        let words = ["互相关", "卷积", "相互相関", "correlation", "convolution"];
        a != b && kernel == other_kernel && input == other_input && words.iter().any(|word| between.contains(word))
    }
}
