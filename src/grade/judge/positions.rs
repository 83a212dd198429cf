//! What is said of letters of positions: where they run, and what is substituted for them.

use num_traits::One;

use super::*;

/// So many sums are tried as what a substitution starts from.
const MAX_SUMS: usize = 6;

impl Judge<'_> {
    /// A domain names the letters of the formulas.
    pub(super) fn domain(&self, step: &Step, chain: &Chain, findings: &mut Vec<Finding>) {
        let used = &self.letters;
        if let Some(first) = &chain.first
            && let Some(name) = first.as_name()
            && !used.contains(name)
            && name.base.chars().all(char::is_uppercase)
            && !self.occurs_elsewhere(step, name)
            && chain.links.iter().all(|link| link.relation == Relation::In)
        {
            let small = Name { base: name.base.to_lowercase(), ..name.clone() };
            if used.contains(&small) {
                let (a, b) = (print::name(name), print::name(&small));
                findings.push(
                    Finding::new(
                        Verdict::Wrong,
                        &[Class::Domain, Class::Notation],
                        Text::new(
                            format!("{a} is not the letter of the formulas; nothing says where {b} runs"),
                            format!("公式中的字母是 {b}，不是 {a}；没有说明 {b} 的范围"),
                        ),
                        Evidence::Place(first.span.bytes()),
                    )
                    .with_repair(print::chain(chain).replacen(&a, &b, 1)),
                );
            }
        }
        for note in step.notes.iter().filter(|note| note.kind == NoteKind::StrayLetter) {
            findings.push(Finding::new(
                Verdict::Typo,
                &[Class::Notation],
                crate::grade::words::note(note),
                Evidence::Place(note.span.clone()),
            ));
        }
    }

    /// Whether a name occurs in another step than this one.
    pub(super) fn occurs_elsewhere(&self, step: &Step, name: &Name) -> bool {
        let others = self.reading.steps.iter().filter(|other| other.id != step.id);
        others
            .flat_map(|other| other.chains().flat_map(Chain::sides))
            .any(|side| side.any(&mut |part| part.as_name() == Some(name)))
    }

    pub(super) fn substitution(&self, number: usize, step: &Step, findings: &mut Vec<Finding>) {
        let statements: Vec<Statement> = step
            .statements
            .iter()
            .zip(&step.kinds)
            .filter(|(_, kind)| **kind == StepKind::Substitution)
            .map(|(statement, _)| statement.clone())
            .collect();
        let statements = if statements.is_empty() { step.statements.clone() } else { statements };
        // `s = i-u+1 ⇔ u = i-s+1` says one thing in both directions.
        let statements = match statements.split_at_checked(statements.len() / 2) {
            Some((first, second))
                if first.len() == second.len()
                    && places::equations(first).zip(places::equations(second)).is_some_and(|(first, second)| {
                        places::mutually_inverse(&first, &second) == Some(true)
                            || places::mutually_inverse(&second, &first) == Some(true)
                    }) =>
            {
                first.to_vec()
            }
            _ => statements,
        };
        let Some(mut map) = places::equations(&statements) else {
            findings.push(Finding::undecided(Text::new("the substitution is not linear", "换元不是线性的")));
            return;
        };
        let own = map.clone();
        let (before, after) = self.sums_beside(number);
        let (Some((_, nearest)), Some(after)) = (before.first(), after) else {
            findings.push(Finding::remark(Text::new("it names new letters", "引入新的求和变量")));
            return;
        };
        // Letters that are substituted together may stand in formulas of their own: `$s = i+u$, $t = j+v$`.
        let sides = [letters::bound(nearest), letters::bound(&after)];
        let together = |a: &BTreeMap<String, Poly>, b: &BTreeMap<String, Poly>| {
            sides
                .iter()
                .any(|bound| a.keys().chain(b.keys()).all(|key| bound.iter().any(|name| print::name(name) == *key)))
        };
        let steps = &self.reading.steps;
        let alone = |other: &&Step| other.kind == StepKind::Substitution;
        let earlier = steps.iter().take(number).rev().take_while(alone);
        let later = steps.iter().skip(number + 1).take_while(alone);
        for other in earlier.chain(later).filter_map(|other| places::equations(&other.statements)) {
            let apart = |a: &BTreeMap<String, Poly>, b: &BTreeMap<String, Poly>| {
                a.iter().all(|(name, value)| {
                    !b.contains_key(name) && value.names().iter().all(|name| !b.contains_key(name))
                })
            };
            if apart(&map, &other) && apart(&other, &map) && together(&map, &other) {
                map.extend(other);
            }
        }
        // It may start from a sum that stands further up.
        let judged = before.iter().map(|(at, sum)| {
            let sum = self.repaired.get(&(*at, print::expr(sum))).unwrap_or(sum);
            places::substitution(&own, &map, sum, &after)
        });
        let mut judged: Vec<Finding> = judged.collect();
        let right = judged.iter().position(|finding| finding.verdict == Verdict::Ok);
        let finding = judged.swap_remove(right.unwrap_or(0));
        // A second substitution beside it that says something else.
        for other in self.reading.steps.iter().enumerate().filter(|(other, step)| {
            *other != number && other.abs_diff(number) <= 2 && step.kind == StepKind::Substitution
        }) {
            if let Some(map_of_other) = places::equations(&other.1.statements)
                && places::mutually_inverse(&map, &map_of_other) == Some(false)
            {
                let line = other.1.line;
                findings.push(Finding::remark(Text::new(
                    format!("it is not the inverse of line {line}"),
                    format!("它与第 {line} 行不是互逆的"),
                )));
            }
        }
        findings.push(finding);
    }

    /// The sums before a step, with their steps, and the one after it. Those whose left side the one after repeats come first, then the
    /// nearest.
    fn sums_beside(&self, number: usize) -> (Vec<(usize, Expr)>, Option<Expr>) {
        let chains = |number: usize| {
            let step = self.reading.steps.get(number);
            step.into_iter().flat_map(Step::chains).filter_map(move |chain| {
                let sum = |side: &&&Expr| side.any(&mut |part| matches!(part.kind, Kind::Big(Big::Sum, ..)));
                let sides: Vec<&Expr> = chain.sides().collect();
                let left = chain.first.as_ref().or_else(|| self.reading.chain_start(number)).map(print::expr);
                Some((number, left, (*sides.iter().find(sum)?).clone(), (*sides.iter().rev().find(sum)?).clone()))
            })
        };
        let after = (number + 1..self.reading.steps.len()).flat_map(chains).next();
        let mut before: Vec<_> = (0..number).flat_map(chains).collect();
        before.reverse();
        before.truncate(MAX_SUMS);
        let same = after.as_ref().and_then(|(_, left, _, _)| left.clone());
        before.sort_by_key(|(_, left, _, _)| same.is_none() || *left != same);
        (before.into_iter().map(|(number, _, _, last)| (number, last)).collect(), after.map(|(_, _, first, _)| first))
    }

    /// Lower bounds that are kept only by what is zero outside.
    pub(super) fn too_far(&self, side: &Expr) -> Option<Finding> {
        let base = self.context.model.base.unwrap_or(1);
        let mut found: Vec<(String, String)> = Vec::new();
        side.any(&mut |part| {
            if let Kind::Big(Big::Sum, binders, _) = &part.kind {
                for binder in binders {
                    if let Binder::Letter { letter, lower: Some(lower), upper: Some(upper) } = binder
                        && let Some(size) = upper.as_name()
                        && let Some(low) = Poly::of(lower)
                        && low.names() == [print::name(size)].into()
                        && Poly::of(upper).is_some_and(|high| !low.plus(&high, &One::one()).is_zero())
                        && low.solved(&print::name(size)).is_some_and(|(slope, _)| {
                            slope.constant().is_some_and(|slope| num_traits::Signed::is_negative(&slope))
                        })
                    {
                        found.push((print::expr(letter), print::expr(lower)));
                    }
                }
            }
            false
        });
        if found.is_empty() {
            return None;
        }
        let (letters, lows): (Vec<String>, Vec<String>) = found.into_iter().unzip();
        let (letters, lows) = (letters.join(", "), lows.join(", "));
        let mut finding = Finding::remark(Text::new(
            format!("{letters} may start at {base}: from {lows} on the entries are 0 until then"),
            format!("{letters} 从 {base} 开始即可：从 {lows} 起的项都因界外为零而消失"),
        ));
        finding.classes = vec![Class::Bounds];
        Some(finding)
    }

    /// Whether a substitution stands shortly before a step.
    pub(super) fn substituted_before(&self, number: usize) -> bool {
        let near = number.saturating_sub(4)..number;
        self.reading
            .steps
            .get(near)
            .is_some_and(|steps| steps.iter().any(|step| step.kinds.contains(&StepKind::Substitution)))
    }
}
