//! Judging gradients: whole, by their form, and as steps of a descent.

use super::*;
use crate::grade::{bias, dense, implied, model, slopes};

impl Judge<'_> {
    /// Judges a gradient: as that of a layer, then by the names of its layers.
    pub(super) fn gradient(&self, target: &Target, side: &Expr) -> Option<Finding> {
        let side = &self.sizes.ends_written_out(side);
        let side = &slopes::with_derivatives(&slopes::without_masks(side, self.context.model), self.context.model);
        if let Some(finding) = self.by_form(target, side) {
            return Some(finding);
        }
        // `(a_11 … a_44) * (δ_11 … δ_22)` is `a * δ`.
        let arrays = matrices::as_arrays(side, self.context.model.first_numeral());
        let side = if target.at.is_empty() && !signs(&arrays).is_empty() { &arrays } else { side };
        let trained = matches!(target.kind, TargetKind::Weight | TargetKind::Bias);
        if let Some(one) = slopes::of_a_batch(target, side).filter(|_| trained) {
            let finding = self.gradient(target, &one)?;
            return Some(match finding.verdict {
                Verdict::Ok => Finding::remark(Text::new(
                    "the gradient of the layer, summed over the examples of a batch",
                    "与该层的梯度一致（对一批样本求和）",
                )),
                _ => Finding { repair: None, ..finding },
            });
        }
        // `dW = 1/m δ a^T`, of a loss that is the mean over m examples.
        if let Some((rest, count)) = slopes::of_a_mean(side)
            && trained
            && self.speaks_of_means(&count)
        {
            let finding = self.gradient(target, &rest)?;
            let count = print::name(&count);
            return Some(match finding.verdict {
                Verdict::Ok => Finding::remark(Text::new(
                    format!("the gradient of the layer for a loss that is the mean over {count} examples"),
                    format!("当损失是 {count} 个样本的平均时，与该层的梯度一致"),
                )),
                _ => Finding { repair: finding.repair.map(|repair| format!("1/{count} ({repair})")), ..finding },
            });
        }
        let side = &slopes::passed(&slopes::spelled(target, side, self.context.model), self.context.model);
        // ∂L/∂a[i]·σ'(z[i]) is ∂L/∂z[i].
        if let Kind::Derivative(Some(of), by) = &side.kind
            && layers::is_loss(of)
            && let Kind::Entry(base, at) = &by.kind
            && (base.as_name(), at) == (Some(&target.by), &target.at)
        {
            return Some(Finding::remark(Text::new(
                "the gradient by the activation, times its slope",
                "对激活值的梯度乘以激活函数的导数",
            )));
        }
        let finding = self.of_layers(target, side)?;
        let stray = || slopes::misplaced(target, side, self.context.model);
        Some(if finding.verdict == Verdict::Ok { stray().unwrap_or(finding) } else { finding })
    }

    fn of_layers(&self, target: &Target, side: &Expr) -> Option<Finding> {
        if target.kind != TargetKind::Bias
            && let Some(line) = self.dilated()
        {
            return self.of_an_own_layer(target, side).or_else(|| {
                Some(Finding::undecided(Text::new(
                    format!("the layer in line {line} is dilated, and this could not be compared with its gradients"),
                    format!("第 {line} 行的层带空洞（膨胀），此式未能与其梯度比较"),
                )))
            });
        }
        let finding = self.of_a_layer(target, side);
        match finding.as_ref().map(|finding| finding.verdict) {
            Some(Verdict::Ok) => self.layers.check(target, side, self.context.model).or(finding),
            Some(Verdict::Ambiguous) => finding,
            Some(Verdict::Wrong) => {
                self.of_an_own_layer(target, side).filter(|own| own.verdict != Verdict::Wrong).or(finding)
            }
            _ => self
                .of_an_own_layer(target, side)
                .or_else(|| {
                    let implied = self.of_an_implied_layer(target, side)?;
                    Some(self.layers.check(target, side, self.context.model).unwrap_or(implied))
                })
                .or_else(|| layers::without_gradient(target, side, self.context.model))
                .or(finding),
        }
    }

    /// Whether a factor `1/m` is that of a mean over m examples: words say so, or several lines have it.
    fn speaks_of_means(&self, count: &Name) -> bool {
        let letter = count.base.chars().count() == 1 && !self.reading.symbols.indices.contains(count);
        if !letter || self.context.boxes.is_size(count) {
            return false;
        }
        let words = ["batch", "example", "sample", "样本", "批", "average", "mean ", "平均"];
        let text = self.text.to_lowercase();
        let lines = self
            .reading
            .claims()
            .iter()
            .filter_map(|claim| slopes::of_a_mean(claim.right))
            .filter(|(_, other)| other == count)
            .count();
        lines > 1 || words.iter().any(|word| text.contains(word))
    }

    /// Why a gradient is not that of a layer as this program knows them.
    pub(super) fn incomparable(&self, number: usize, target: &Target, first: &Expr, side: &Expr) -> Option<Text> {
        let line = self.reading.steps.get(number).map_or(0, |step| step.line);
        if let Some(line) = self.unlike.iter().rev().find(|unlike| **unlike <= line) {
            return Some(Text::new(
                format!("the layer in line {line} is more than a sum of products, and its gradients are not derived"),
                format!("第 {line} 行的层不只是乘积之和，其梯度未作推导"),
            ));
        }
        let Kind::Derivative(Some(of), _) = &first.kind else { return None };
        let other = letters::all(side).into_iter().find_map(|part| match &part.kind {
            Kind::Derivative(Some(other), _) if layers::is_loss(other) && other != of => Some(print::expr(other)),
            _ => None,
        });
        if let Some(other) = other {
            let of = print::expr(of);
            return Some(Text::new(
                format!("the left side differentiates {of}, the right side {other}"),
                format!("左边对 {of} 求导，右边对 {other} 求导"),
            ));
        }
        // `J = ½ E`, and δ is the gradient of E.
        if let Some(inner) = self.loss_within(of, number) {
            let (of, inner) = (print::expr(of), print::name(&inner));
            return Some(Text::new(
                format!("{of} is made of {inner}, and its gradient could not be made of that of {inner}"),
                format!("{of} 由 {inner} 构成，其梯度未能由 {inner} 的梯度得出"),
            ));
        }
        // A loss that is written out reaches the layer by itself, without a gradient from above.
        let defined = of.as_name().is_some_and(|name| self.rules.get(name).is_some_and(|rule| rule.step() < number));
        let above = letters::all(side).into_iter().any(|part| layers::names_delta(part, self.context.model).is_some());
        let entries = !target.at.is_empty() || target.kind == TargetKind::Bias;
        (defined && !above && entries).then(|| {
            let of = print::expr(of);
            Text::new(
                format!("it depends on how {of} is made of the output, which could not be written out"),
                format!("取决于 {of} 如何由输出得到，此处无法代入"),
            )
        })
    }

    /// A loss that the answer differentiates, in what it says a loss is made of.
    fn loss_within(&self, of: &Expr, number: usize) -> Option<Name> {
        let name = of.root()?;
        let claims = self.reading.claims();
        let body = claims.iter().find(|claim| claim.step < number && claim.left.root() == Some(name))?.right;
        let bound = letters::bound(body);
        let mut found = letters::names(body);
        let inner = found.find(|inner| {
            *inner != name
                && !bound.contains(*inner)
                && layers::is_loss(&Expr::new(Kind::Name((*inner).clone()), of.span))
        })?;
        let derived = |part: &Expr| matches!(&part.kind, Kind::Derivative(Some(of), _) if of.root() == Some(inner));
        let mut sides = self.reading.steps.iter().flat_map(|step| step.chains().flat_map(Chain::sides));
        sides.any(|side| side.any(&mut |part| derived(part))).then(|| inner.clone())
    }

    /// The line of a dilated layer, where the answer shows no other.
    fn dilated(&self) -> Option<usize> {
        let lines: Option<Vec<usize>> = self.own.iter().map(OwnLayer::dilated).collect();
        lines?.into_iter().next().filter(|_| self.context.model.shown_layer().is_none())
    }

    /// As the gradient of the layer that its subscripts show, where no line shows one with so many axes.
    fn of_an_implied_layer(&self, target: &Target, side: &Expr) -> Option<Finding> {
        // A layer that the answer writes with fewer axes still says what its strides are.
        let shown = self.own.iter().any(|own| own.has_axes(target.at.len()));
        let strides: BTreeSet<String> = self.own.iter().flat_map(OwnLayer::strides).collect();
        if shown { None } else { implied::judge(target, side, &strides, self.context.model) }
    }

    /// As the gradient of a layer that the answer writes as a sum.
    fn of_an_own_layer(&self, target: &Target, side: &Expr) -> Option<Finding> {
        let judged = self.own.iter().filter(|own| own.has(target)).map(|own| own.judge(target, side, self.context));
        let judged: Vec<Option<Finding>> = judged.collect();
        if let Some(right) = judged.iter().flatten().find(|finding| finding.verdict == Verdict::Ok) {
            return self.layers.check(target, side, self.context.model).or_else(|| Some(right.clone()));
        }
        // It is wrong only if it is wrong for each of them.
        let all: Option<Vec<Finding>> = judged.into_iter().collect();
        all?.into_iter().min_by_key(|finding| finding.verdict)
    }

    /// Definitions, chains of derivatives and matrices.
    pub(super) fn by_form(&self, target: &Target, side: &Expr) -> Option<Finding> {
        // δ ≜ ∂L/∂z
        if let Kind::Derivative(Some(of), by) | Kind::Gradient(Some(by), Some(of)) = &side.kind
            && layers::is_loss(of)
            && let Some(name) = by.as_name().or_else(|| match &by.kind {
                Kind::Entry(base, at) if *at == target.at => base.as_name(),
                _ => None,
            })
            && self.context.model.role(name) == Some(Role::Output)
            && target.kind == TargetKind::Delta
            && model::layer(name) == target.layer
        {
            return Some(Finding::remark(Text::new("the definition of δ", "δ 的定义")));
        }
        // ∂L/∂z = δ
        if target.kind == TargetKind::Delta && self.context.model.role(&target.by) == Some(Role::Output) {
            let same = match &side.kind {
                Kind::Name(name) => target.at.is_empty().then_some(name),
                Kind::Entry(base, at) => base.as_name().filter(|_| *at == target.at),
                _ => None,
            };
            let delta = same.filter(|name| self.context.model.role(name) == Some(Role::Delta));
            if delta.is_some_and(|name| model::layer(name) == target.layer) {
                return Some(Finding::remark(Text::new("the definition of δ", "δ 的定义")));
            }
        }
        // δ = ∂L/∂a ⊙ σ'(z)
        if let Some(output) = layers::passed_back(side, self.context.model)
            && target.kind == TargetKind::Delta
            && model::layer(output) == target.layer
        {
            return Some(Finding::remark(Text::new(
                "the gradient by the activation, times its slope",
                "对激活值的梯度乘以激活函数的导数",
            )));
        }
        // ∇a = ∂L/∂a
        if let Kind::Derivative(Some(of), by) = &side.kind
            && layers::is_loss(of)
            && target.kind != TargetKind::Delta
        {
            let same = match &by.kind {
                Kind::Name(name) => target.at.is_empty() && *name == target.by,
                Kind::Entry(base, at) => base.as_name() == Some(&target.by) && *at == target.at,
                _ => false,
            };
            if same {
                return Some(Finding::remark(Text::new("the same gradient", "同一个梯度的另一种记号")));
            }
        }
        if let Some(finding) = chain_rule::chain_rule(target, side, self.context.model) {
            return Some(finding);
        }
        matrices::matrix(side).is_some().then(|| self.gradient_matrix(target, side))
    }

    fn of_a_layer(&self, target: &Target, side: &Expr) -> Option<Finding> {
        let by_entries = || bias::by_entries(target, side, self.context.model, &self.geometry);
        if let Some(finding) = bias::gradient(target, side, self.context.model, &self.biases).or_else(by_entries) {
            return Some(finding);
        }
        if let Some(finding) = dense::numerals::judge(target, side, self.context.model) {
            return Some(finding);
        }
        let entries = gradients::gradient(target, side, &self.geometry, self.context);
        if let Some(finding) = &entries
            && finding.verdict == Verdict::Ok
        {
            return entries;
        }
        // The same letters may stand for a layer of another kind.
        match (layers::formula(target, side, self.context), entries) {
            (Some(finding), _) if finding.verdict == Verdict::Ok => Some(finding),
            (other, entries) => entries.or(other),
        }
    }

    /// `W = W - α G`: the gradient G, and whether it is subtracted.
    pub(super) fn descent(&self, first: &Expr, side: &Expr) -> Option<(Target, Expr, bool)> {
        let name = first.as_name()?;
        let kind = match self.context.model.role(name)? {
            Role::Weight => TargetKind::Weight,
            Role::Bias => TargetKind::Bias,
            _ => return None,
        };
        let Kind::Add(terms) = &side.kind else { return None };
        let [(false, same), (down, rest)] = terms.as_slice() else { return None };
        if same != first {
            return None;
        }
        let rest = match &rest.kind {
            Kind::Product(factors) => {
                let kept: Vec<(Operator, Expr)> = factors
                    .iter()
                    .skip_while(|(_, factor)| match &factor.kind {
                        Kind::Name(name) => self.context.model.role(name).is_none(),
                        Kind::Fraction(above, below) => {
                            let plain = |side: &Expr| {
                                !side.any(&mut |part| {
                                    part.as_name().is_some_and(|name| self.context.model.role(name).is_some())
                                })
                            };
                            plain(above) && plain(below)
                        }
                        Kind::Number(_) => true,
                        _ => false,
                    })
                    .cloned()
                    .collect();
                match kept.as_slice() {
                    [] => return None,
                    [(_, only)] => only.clone(),
                    _ => Expr::new(Kind::Product(kept), rest.span),
                }
            }
            _ => rest.clone(),
        };
        Some((Target { kind, layer: model::layer(name), by: name.clone(), at: Vec::new() }, rest, *down))
    }
}

/// `W = W + α G` with the gradient of the loss, and a positive α.
pub(super) fn uphill(first: &Expr, side: &Expr) -> Finding {
    let argument = Text::new(
        "a step of descent subtracts the gradient; this one adds it: for L = W²/2 it goes from 1 to 1+α, where the loss is larger",
        "梯度下降应减去梯度，这里却加上了：若 L = W²/2，则从 1 走到 1+α，损失变大",
    );
    let finding = Finding::argued(Verdict::Wrong, Class::Sign, argument);
    let Kind::Add(terms) = &side.kind else { return finding };
    let turned = terms.iter().enumerate().map(|(place, (minus, term))| (*minus ^ (place > 0), term.clone()));
    let repaired = Expr::new(Kind::Add(turned.collect()), side.span);
    finding.with_repair(format!("{} = {}", print::expr(first), print::expr(&repaired)))
}

/// The derivative of a maximum by the condition that an entry is the largest: two may be.
pub(super) fn largest(first: &Expr, side: &Expr) -> Option<Finding> {
    let Kind::Derivative(Some(of), _) = &first.kind else { return None };
    let is_max = |side: &Expr| match &side.kind {
        Kind::Call(function, _) => function.as_name().is_some_and(|name| name.base == "max"),
        Kind::Big(Big::Max, ..) => true,
        _ => false,
    };
    let Kind::Cases(rows) = &side.kind else { return None };
    let equal = rows.iter().any(|(_, conditions)| {
        conditions.iter().flat_map(Statement::expressions).any(|part| part.any(&mut |part| is_max(part)))
    });
    if !is_max(of) || !equal {
        return None;
    }
    let argument = Text::new(
        "for x = (1, 1) both entries are the largest, and the maximum has no derivative: a rule for ties is missing",
        "当 x = (1, 1) 时两个元素都是最大值，导数不存在：缺少并列时的约定",
    );
    Some(Finding::argued(Verdict::Ambiguous, Class::Hypothesis, argument))
}
