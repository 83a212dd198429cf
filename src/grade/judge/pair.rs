//! Two sides that are said to be equal, through the prover.

use super::*;

impl Judge<'_> {
    /// Two sides that are said to be equal, through the prover.
    pub(super) fn pair(&self, left: &Expr, right: &Expr) -> Finding {
        self.pair_read(left, right, &Expr::clone)
    }

    /// The same, where a right side is read in some way before it is compared; what would be right is said as it is written.
    pub(super) fn pair_read(&self, left: &Expr, written: &Expr, read: &dyn Fn(&Expr) -> Expr) -> Finding {
        let right = &read(written);
        let around = claims::Around { conditions: self.conditions.clone(), ..claims::Around::default() };
        let equal =
            |side: &Expr, options: &Options| claims::equal_within(left, side, &around, self.context.with(options));
        match equal(right, self.context.options) {
            Err(reason) => Finding::undecided(reason),
            Ok((_, Outcome::Proved)) => Finding::remark(Text::new("proved for all sizes", "对所有尺寸已证明")),
            Ok((Arrays::Boxed, Outcome::Refuted(example))) => {
                let lacks = |what: Text| {
                    Finding::new(Verdict::Incomplete, &[Class::Hypothesis], what, Evidence::Counterexample(example))
                };
                let zero_outside = self.context.options.exercise.as_ref().and_then(|exercise| exercise.zero_outside);
                if zero_outside == Some(false) {
                    return lacks(Text::new(
                        "it needs entries outside the arrays to be 0, which this exercise does not grant",
                        "需要数组界外元素为零，而本题没有这个条件",
                    ));
                }
                if [left, right].into_iter().any(letters::applies_functions) && zero_outside.is_none() {
                    return lacks(Text::new(
                        "false for functions in general; true where they are 0 outside the range of the sum, which is not said",
                        "对一般的函数不成立；若函数在求和范围之外为零则成立，但答案没有说明",
                    ));
                }
                Finding::remark(Text::new("proved, as entries outside the arrays are 0", "已证明（用到数组界外为零）"))
            }
            Ok((_, Outcome::Refuted(example))) => {
                // Sides about different things say something about those things, as in `Σ p_i = 1`.
                let (a, b) = (self.subjects(left), self.subjects(right));
                let lone = |side: &Expr| matches!(side.kind, Kind::Entry(..) | Kind::Name(_));
                // The derivative of what is written out has its value.
                let derived = unfold::derives_a_polynomial(left);
                let open =
                    a.is_empty() || b.is_empty() || lone(left) || lone(right) || !(a.is_subset(&b) || b.is_subset(&a));
                if open && !(derived && b.is_subset(&a)) {
                    return Finding::undecided(Text::new(
                        "it depends on what the names stand for, which is not said",
                        "是否成立取决于各名称的含义，答案没有写明",
                    ));
                }
                let impulse = |side: &Expr| {
                    side.any(&mut |part| {
                        let name = match &part.kind {
                            Kind::Entry(base, at) | Kind::Call(base, at) if at.len() == 1 => base.as_name(),
                            _ => None,
                        };
                        name.is_some_and(|name| name.base == "δ" && name.layer.is_empty() && name.label.is_empty())
                    })
                };
                // Where the answer derives, or has layers, δ is a gradient.
                let derives = |side: &Expr| side.any(&mut |part| matches!(part.kind, Kind::Derivative(..)));
                let mut sides = self.reading.steps.iter().flat_map(|step| step.chains().flat_map(Chain::sides));
                if [left, right].into_iter().any(impulse)
                    && self.context.model.dense.is_empty()
                    && self.context.model.shown_layer().is_none()
                    && !sides.any(derives)
                {
                    return Finding::undecided(Text::new(
                        "it depends on what δ is: the unit impulse, or an array",
                        "取决于 δ 的含义：单位冲激，还是数组",
                    ));
                }
                if let Some(name) = one_sided_step(left, right) {
                    let name = print::name(&name);
                    return Finding::undecided(Text::new(
                        format!("it depends on what {name} is: the unit step, or another sequence"),
                        format!("取决于 {name} 的含义：单位阶跃，还是别的序列"),
                    ));
                }
                let finding = Finding::new(
                    Verdict::Wrong,
                    &[Class::Index],
                    Text::new("the two sides differ", "两边不相等"),
                    Evidence::Counterexample(example),
                );
                let options = self.context.options.for_repairs();
                let right_one = |side: &Expr| {
                    let judged = equal(&read(side), &options);
                    matches!(judged, Ok((_, Outcome::Proved) | (Arrays::Boxed, _)))
                };
                match crate::grade::repair::search(written, right_one) {
                    Some((class, repaired)) => {
                        Finding { classes: vec![class], ..finding.with_repair(print::expr(&repaired)) }
                    }
                    None => finding,
                }
            }
            Ok((_, Outcome::Open(reason))) => Finding::undecided(Text::reason(reason)),
        }
    }

    /// What a side speaks of: arrays, functions, numbers with names; not letters of positions and sizes.
    pub(super) fn subjects(&self, side: &Expr) -> BTreeSet<Name> {
        let symbols = &self.reading.symbols;
        let mut found = BTreeSet::new();
        for part in letters::all(side) {
            if let Some(name) = part.as_name()
                && !unfold::is_known(name)
                && (symbols.tensors.contains_key(name)
                    || symbols.functions.contains_key(name)
                    || symbols.others.contains(name))
            {
                // A function and its derivative are about the same thing.
                found.insert(Name {
                    primes: if symbols.functions.contains_key(name) { 0 } else { name.primes },
                    ..name.clone()
                });
            }
        }
        found
    }
}

/// A sequence that may be the unit step, and stands on one side alone: `Σ_k h(k) u(n-k) = Σ_{k ≤ n} h(k)`.
fn one_sided_step(left: &Expr, right: &Expr) -> Option<Name> {
    let steps = |side: &Expr| -> BTreeSet<Name> {
        let applied = letters::all(side).into_iter().filter_map(|part| match &part.kind {
            Kind::Call(base, at) | Kind::Entry(base, at) if at.len() == 1 => base.as_name().cloned(),
            _ => None,
        });
        applied.filter(|name| matches!(name.base.as_str(), "u" | "ε" | "θ") && name.layer.is_empty()).collect()
    };
    steps(left).symmetric_difference(&steps(right)).next().cloned()
}
