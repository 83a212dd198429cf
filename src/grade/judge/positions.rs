//! What is said of letters of positions: where they run, and what is substituted for them.

use super::*;

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
        // Letters that are substituted together may stand in formulas of their own: `$s = i+u$, $t = j+v$`.
        let steps = &self.reading.steps;
        let alone = |other: &&Step| other.kind == StepKind::Substitution;
        let before = steps.iter().take(number).rev().take_while(alone);
        let after = steps.iter().skip(number + 1).take_while(alone);
        for other in before.chain(after).filter_map(|other| places::equations(&other.statements)) {
            let apart = |a: &BTreeMap<String, Poly>, b: &BTreeMap<String, Poly>| {
                a.iter().all(|(name, value)| {
                    !b.contains_key(name) && value.names().iter().all(|name| !b.contains_key(name))
                })
            };
            if apart(&map, &other) && apart(&other, &map) {
                map.extend(other);
            }
        }
        let summed = |range: Vec<usize>| {
            range.into_iter().find_map(|number| {
                let step = self.reading.steps.get(number)?;
                let sides: Vec<&Expr> = step.chains().flat_map(Chain::sides).collect();
                let sum = |side: &&&Expr| side.any(&mut |part| matches!(part.kind, Kind::Big(Big::Sum, ..)));
                Some((number, (*sides.iter().find(sum)?).clone(), (*sides.iter().rev().find(sum)?).clone()))
            })
        };
        let before = summed((0..number).rev().collect());
        let after = summed((number + 1..self.reading.steps.len()).collect());
        let (Some((at, _, before)), Some((_, after, _))) = (before, after) else {
            findings.push(Finding::remark(Text::new("it names new letters", "引入新的求和变量")));
            return;
        };
        let before = self.repaired.get(&(at, print::expr(&before))).cloned().unwrap_or(before);
        let finding = places::substitution(&own, &map, &before, &after);
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

    /// Lower bounds that are kept only by what is zero outside.
    pub(super) fn too_far(&self, side: &Expr) -> Option<Finding> {
        let base = self.model.base.unwrap_or(1);
        let mut found: Vec<(String, String)> = Vec::new();
        side.any(&mut |part| {
            if let Kind::Big(Big::Sum, binders, _) = &part.kind {
                for binder in binders {
                    if let Binder::Letter { letter, lower: Some(lower), upper: Some(upper) } = binder
                        && let Some(size) = upper.as_name()
                        && let Some(low) = Poly::of(lower)
                        && low.names() == [print::name(size)].into()
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
