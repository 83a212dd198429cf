//! The order in which a step is examined, and what is carried from step to step.

mod gradient;

use std::collections::{BTreeMap, BTreeSet};

use super::claims::{self, Arrays, Boxes, Outcome};
use super::gradients::{self, Geometries};
use super::layers::{self, Target, TargetKind};
use super::letters;
use super::linear::Poly;
use super::model::{Meaning, Model, Role, numeric_entry};
use super::sizes::{self, Sizes};
use super::verdict::{Class, Evidence, Finding, Text, Verdict};
use super::{Grade, Judged, chain_rule, identities, matrices, places};
use crate::decide;
use crate::homework::formula::*;
use crate::homework::{NoteKind, Places, Reading, Step, StepKind, print};

/// Steps beyond so many are left undecided.
const MAX_STEPS: usize = 600;

/// Matrices with more entries are not compared.
const MAX_ENTRIES: usize = 400;

/// How an answer is judged.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Limits of the prover for each claim.
    pub decide: decide::Options,
    /// Meanings of signs, `*` ↦ correlation, that overrule what the answer shows.
    pub meanings: BTreeMap<String, Meaning>,
    /// The first index, where it is not to be inferred.
    pub base: Option<i64>,
    /// The exercise that is answered.
    pub exercise: Option<super::Exercise>,
}

/// Judges an answer that has been read.
pub(super) fn answer(reading: Reading, text: &str, options: &Options) -> Grade {
    let mut meanings = options.exercise.as_ref().map(|exercise| exercise.meanings.clone()).unwrap_or_default();
    meanings.extend(options.meanings.clone());
    let base = options.base.or(options.exercise.as_ref().and_then(|exercise| exercise.base));
    let mut model = Model::of(&reading, &meanings, base);
    for (sign, meaning) in super::goal::named_meanings(text) {
        let occurs = |part: &Expr| matches!(&part.kind, Kind::Product(factors) if factors.iter().any(|(operator, _)| super::model::sign_text(operator.sign) == sign));
        if reading
            .steps
            .iter()
            .flat_map(|step| step.chains().flat_map(Chain::sides))
            .any(|side| side.any(&mut |part| occurs(part)))
        {
            model.assume(&sign, meaning);
        }
    }
    let geometry = Geometries::of(&reading, &model);
    let mut boxes = Boxes::of(&reading, &model);
    for exercise in super::goal::binding(text, options.exercise.as_ref()) {
        boxes.add(&exercise.boxes, &reading);
    }
    let mut pairs: BTreeMap<(usize, usize), Vec<(Expr, Expr)>> = BTreeMap::new();
    for claim in reading.claims() {
        if matches!(claim.relation, Relation::Eq | Relation::Define) {
            let pair = (claim.left.clone(), claim.right.clone());
            pairs.entry((claim.step, claim.statement)).or_default().push(pair);
        }
    }
    let mut used = BTreeSet::new();
    for step in reading.steps.iter().filter(|step| step.kind != StepKind::Domain) {
        for side in step.chains().flat_map(Chain::sides) {
            used.extend(letters::free(side, &reading.symbols).into_keys());
            used.extend(letters::bound(side));
        }
    }
    let mut judge = Judge {
        reading: &reading,
        model: &model,
        geometry,
        boxes,
        pairs,
        letters: used,
        counted: reading
            .steps
            .iter()
            .flat_map(|step| step.chains().flat_map(Chain::sides))
            .flat_map(letters::counted)
            .collect(),
        options,
        sizes: Sizes::default(),
        defined: BTreeMap::new(),
        signs: BTreeMap::new(),
        repaired: BTreeMap::new(),
        wrong: Vec::new(),
        faulty: BTreeMap::new(),
    };
    let numbered = reading.steps.iter().enumerate().take(MAX_STEPS);
    let mut steps: Vec<Judged> = numbered.map(|(number, step)| judge.step(number, step)).collect();
    let too_many = Text::new(
        format!("an answer of more than {MAX_STEPS} steps is not judged to its end"),
        format!("超过 {MAX_STEPS} 步的部分不再评判"),
    );
    steps.extend(reading.steps.iter().skip(MAX_STEPS).map(|step| Judged::undecided(step, too_many.clone())));
    conflicts(&model, &reading, &mut steps);
    let goals = super::goal::check(&reading, text, options.exercise.as_ref(), &mut steps);
    let places = Places::new(text);
    for (number, fault) in reading.unreadable.iter().enumerate() {
        // `where $\otimes$ is a correlation` mentions a sign.
        let sign = text.get(fault.span.clone()).is_some_and(super::words::is_sign);
        let message = super::words::fault(&fault.message);
        let (line, column) = places.of(fault.span.start);
        steps.push(Judged {
            id: format!("u{}", number + 1),
            line,
            column,
            span: fault.span.clone(),
            source: text.get(fault.span.clone()).unwrap_or_default().to_string(),
            reading: String::new(),
            verdict: if sign { Verdict::Ok } else { Verdict::Unreadable },
            findings: if sign {
                Vec::new()
            } else {
                vec![Finding::new(Verdict::Unreadable, &[], message, Evidence::Place(fault.at.clone()))]
            },
            follows: None,
            worth: u32::from(!sign),
        });
    }
    steps.sort_by_key(|step| step.span.start);
    let conventions = model.words(&reading);
    Grade { reading, conventions, steps, goals }
}

/// Where one sign is used in two meanings, the second use says so.
fn conflicts(model: &Model, reading: &Reading, steps: &mut [Judged]) {
    for (sign, first, second) in model.conflicts() {
        let line = reading.steps.get(first).map_or(0, |step| step.line);
        let id = reading.steps.get(second).map(|step| step.id.clone());
        if let Some(step) = steps.iter_mut().find(|step| Some(&step.id) == id.as_ref()) {
            step.findings.push(Finding::remark(Text::new(
                format!("{sign} has another meaning here than in line {line}"),
                format!("这里 {sign} 的含义与第 {line} 行不同"),
            )));
        }
    }
}

struct Judge<'a> {
    reading: &'a Reading,
    model: &'a Model,
    geometry: Geometries,
    boxes: Boxes,
    /// The neighbouring sides of each statement.
    pairs: BTreeMap<(usize, usize), Vec<(Expr, Expr)>>,
    /// Letters that run or stand in subscripts anywhere.
    letters: BTreeSet<Name>,
    /// Sizes `n` that sums use as in `0, …, n-1`.
    counted: BTreeSet<Name>,
    options: &'a Options,
    sizes: Sizes,
    /// What names with subscripts stand for, and the step that said so.
    defined: BTreeMap<String, (Expr, usize)>,
    /// What a sign stands for: the operands, the subscripts, the sum.
    signs: BTreeMap<String, SignRule>,
    /// Sides that were wrong, as they were meant.
    repaired: BTreeMap<(usize, String), Expr>,
    /// What chains are about, sides of them that are wrong, and the step in which the error was made.
    wrong: Vec<(Expr, Expr, String)>,
    /// Steps that are wrong.
    faulty: BTreeMap<usize, String>,
}

#[derive(Clone)]
struct SignRule {
    operands: (Expr, Expr),
    at: Vec<Expr>,
    body: Expr,
    step: usize,
}

impl Judge<'_> {
    fn step(&mut self, number: usize, step: &Step) -> Judged {
        let mut follows = None;
        let mut findings = Vec::new();
        for (place, statement) in step.statements.iter().enumerate() {
            let kind = step.kinds.get(place).copied().unwrap_or(step.kind);
            let Statement::Chain(chain) = statement else { continue };
            match kind {
                StepKind::Expression | StepKind::Mention => {}
                StepKind::Arithmetic => self.arithmetic(number, place, &mut findings),
                StepKind::Values => {}
                StepKind::Sizes => self.sizes(number, place, &mut findings),
                StepKind::Substitution => {}
                StepKind::Domain => self.domain(step, chain, &mut findings),
                StepKind::Chain | StepKind::Definition | StepKind::Update => {
                    follows = follows.or(self.chain(number, chain, &mut findings));
                }
            }
        }
        if step.kinds.contains(&StepKind::Substitution) || step.kind == StepKind::Substitution {
            self.substitution(number, step, &mut findings);
        }
        self.damage(step, &mut findings);
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
        let judged = Judged::of(step, findings, follows);
        if judged.verdict == Verdict::Wrong {
            self.faulty.insert(number, step.id.clone());
        }
        judged
    }

    /// Notation that the reader found damaged.
    fn damage(&self, step: &Step, findings: &mut Vec<Finding>) {
        for note in &step.notes {
            let expression = step.kind == StepKind::Expression;
            let typo = match note.kind {
                NoteKind::MergedSums
                | NoteKind::LostCaret
                | NoteKind::LostPartial
                | NoteKind::DoubledRelation
                | NoteKind::LostRelation => true,
                NoteKind::LooseScript => {
                    expression && note.repair.as_ref().is_some_and(|repair| repair.starts_with('^'))
                }
                _ => false,
            };
            if typo {
                let mut finding = Finding::new(
                    Verdict::Typo,
                    &[Class::Notation],
                    super::words::note(note),
                    Evidence::Place(note.span.clone()),
                );
                finding.repair = note.repair.clone();
                findings.push(finding);
            }
        }
    }

    fn claims(&self, number: usize, place: usize) -> Vec<(Expr, Expr)> {
        self.pairs.get(&(number, place)).cloned().unwrap_or_default()
    }

    fn arithmetic(&mut self, number: usize, place: usize, findings: &mut Vec<Finding>) {
        for (left, right) in self.claims(number, place) {
            findings.push(sizes::numeric(&left, &right));
        }
    }

    fn sizes(&mut self, number: usize, place: usize, findings: &mut Vec<Finding>) {
        for (left, right) in self.claims(number, place) {
            let numeric = super::numbers::is_numeric(&left) && super::numbers::is_numeric(&right);
            findings.push(if numeric { sizes::numeric(&left, &right) } else { self.sizes.equation(&left, &right) });
        }
    }

    /// A domain names the letters of the formulas.
    fn domain(&self, step: &Step, chain: &Chain, findings: &mut Vec<Finding>) {
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
                super::words::note(note),
                Evidence::Place(note.span.clone()),
            ));
        }
    }

    /// Whether a name occurs in another step than this one.
    fn occurs_elsewhere(&self, step: &Step, name: &Name) -> bool {
        let others = self.reading.steps.iter().filter(|other| other.id != step.id);
        others
            .flat_map(|other| other.chains().flat_map(Chain::sides))
            .any(|side| side.any(&mut |part| part.as_name() == Some(name)))
    }

    // ------------------------------------------------------------------------------------------------------ substitutions

    fn substitution(&self, number: usize, step: &Step, findings: &mut Vec<Finding>) {
        let statements: Vec<Statement> = step
            .statements
            .iter()
            .zip(&step.kinds)
            .filter(|(_, kind)| **kind == StepKind::Substitution)
            .map(|(statement, _)| statement.clone())
            .collect();
        let statements = if statements.is_empty() { step.statements.clone() } else { statements };
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

    // -------------------------------------------------------------------------------------------------------------- chains

    fn chain(&mut self, number: usize, chain: &Chain, findings: &mut Vec<Finding>) -> Option<String> {
        let step = self.reading.steps.get(number)?;
        let symbols = &self.reading.symbols;
        let mut follows = None;
        let continues = chain.first.is_none();
        let first = match &chain.first {
            Some(first) => first.clone(),
            None => self.reading.chain_start(number)?.clone(),
        };
        let mut previous = match &chain.first {
            Some(first) => first.clone(),
            None => step.continues.and_then(|before| self.reading.last_side(before))?.clone(),
        };
        if continues
            && let Some(before) = step.continues
            && let Some(id) = self.faulty.get(&before)
        {
            follows = Some(id.clone());
        }
        let damaged = step.notes.iter().any(|note| {
            matches!(
                note.kind,
                NoteKind::MergedSums | NoteKind::LostCaret | NoteKind::LostPartial | NoteKind::LostRelation
            )
        });
        let target = layers::target(&first, self.model);
        let mut bound: BTreeSet<Name> = letters::bound(&first);
        for link in &chain.links {
            let Some(side) = &link.side else { continue };
            let known = findings.len();
            let update = matches!(link.relation, Relation::Increase | Relation::Decrease | Relation::Assign);
            let compares = update || matches!(link.relation, Relation::Eq | Relation::Define);
            // Letters.
            let mut clean = true;
            if let Some(finding) = letters::set_as_index(side) {
                findings.push(finding);
                clean = false;
            }
            let elsewhere: BTreeSet<Name> = letters::free(&first, symbols).into_keys().collect();
            let mut meant = side.clone();
            if !damaged
                && compares
                && let Some((finding, repaired)) = letters::vain(side, &elsewhere, symbols)
            {
                findings.push(finding);
                self.repaired.insert((number, print::expr(side)), repaired.clone());
                meant = repaired;
                clean = false;
            } else if let Some(finding) = letters::outside(side, &first, &bound, symbols) {
                findings.push(finding);
                clean = false;
            } else if compares && let Some(finding) = letters::unmatched(&first, side, symbols) {
                findings.push(finding);
                clean = false;
            }
            bound.extend(letters::bound(side));
            let far = self.too_far(&meant);
            if let Some(finding) = far {
                findings.push(finding);
            }
            if let Some(finding) = letters::one_too_far(side, symbols, &self.counted) {
                findings.push(finding);
                clean = false;
            }
            if clean && compares && !damaged {
                let judged = self.side(number, &first, &previous, side, target.as_ref(), update);
                let (judged, from) = self.carried(&step.id, (&first, &previous), side, judged);
                follows = follows.or(from);
                findings.push(judged);
            } else if compares && !damaged {
                self.define(number, &first, &meant);
            }
            previous = meant;
            for finding in findings.iter_mut().skip(known) {
                finding.at.get_or_insert_with(|| side.span.bytes());
            }
        }
        follows
    }

    /// A wrong side that only repeats an earlier wrong side, or follows rightly from the wrong side before it, has that fault alone.
    fn carried(
        &mut self,
        id: &str,
        (first, previous): (&Expr, &Expr),
        side: &Expr,
        judged: Finding,
    ) -> (Finding, Option<String>) {
        if judged.verdict != Verdict::Wrong {
            return (judged, None);
        }
        let same = |wrong: &Expr| {
            let equal = claims::equal(wrong, side, self.model, &self.boxes, &self.reading.symbols, self.options);
            matches!(equal, Ok((_, Outcome::Proved) | (Arrays::Boxed, _)))
                || identities::identity(wrong, side, self.model, self.options)
                    .is_some_and(|finding| finding.verdict == Verdict::Ok)
        };
        let repeated = self.wrong.iter().find(|(about, wrong, _)| about == first && wrong == side);
        let before = self.wrong.iter().find(|(_, wrong, _)| wrong == previous && same(wrong));
        let Some((_, _, from)) = repeated.or(before).cloned() else {
            self.wrong.push((first.clone(), side.clone(), id.to_string()));
            return (judged, None);
        };
        self.wrong.push((first.clone(), side.clone(), from.clone()));
        if from == id {
            return (Finding::remark(Text::new("equal to the side before it", "与前一式相等")), None);
        }
        let message = Text::new(
            format!("it follows from {from}, which is wrong; it adds no fault of its own"),
            format!("由有误的 {from} 得出，本身没有新的错误"),
        );
        (Finding { classes: vec![Class::Inherited], message, ..judged }, Some(from))
    }

    /// Lower bounds that are kept only by what is zero outside.
    fn too_far(&self, side: &Expr) -> Option<Finding> {
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

    fn key(side: &Expr) -> Option<String> {
        match &side.kind {
            Kind::Name(_) => Some(print::expr(side)),
            Kind::Entry(base, indices) if base.as_name().is_some() => indices
                .iter()
                .all(|index| index.as_name().is_some() || index.kind == Kind::Slice)
                .then(|| print::expr(side)),
            Kind::Product(_) | Kind::Call(..) | Kind::Entry(..) => Some(print::expr(side)),
            _ => None,
        }
    }

    fn define(&mut self, number: usize, first: &Expr, side: &Expr) {
        if let Some(key) = Self::key(first) {
            self.defined.entry(key).or_insert_with(|| (side.clone(), number));
        }
        // `x * δ = x` says nothing about the sign in general; a sum does.
        if side.any(&mut |part| matches!(part.kind, Kind::Big(Big::Sum, ..)))
            && let Some((sign, operands, at)) = sign_entry(first)
        {
            let rule = SignRule { operands, at, body: side.clone(), step: number };
            self.signs.entry(sign).or_insert(rule);
        }
    }

    /// Judges one side against the side before it, or against what the chain is about.
    fn side(
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
        // W = W - α G, W -= α G
        if let Some(step_target) = self.descent(first, side) {
            let (target, gradient) = step_target;
            return self
                .gradient(&target, &gradient)
                .unwrap_or_else(|| Finding::undecided(Text::new("the update is not understood", "无法理解该更新式")));
        }
        if let Some(target) = target {
            if let Some(finding) = self.gradient(target, side) {
                let same = finding.verdict != Verdict::Undecided;
                if same {
                    return finding;
                }
            }
            if previous != first
                && let Ok((_, Outcome::Proved) | (Arrays::Boxed, _)) =
                    claims::equal(previous, side, self.model, &self.boxes, &self.reading.symbols, self.options)
            {
                return Finding::remark(Text::new("equal to the side before it", "与前一式相等"));
            }
            if let Some(finding) = self.gradient(target, side) {
                return finding;
            }
            if update {
                return Finding::undecided(Text::new("an update that is not understood", "无法理解该更新式"));
            }
            return Finding::undecided(Text::new(
                "the formula of this gradient could not be compared with the layer",
                "该梯度公式无法与层的定义比较",
            ));
        }
        if let (Some(a), Some(_)) = (self.product(previous), matrices::matrix(side)) {
            return self.matrices(&a, side);
        }
        if let (Some(_), Some(b)) = (matrices::matrix(previous), self.product(side)) {
            return self.matrices(&b, previous);
        }
        if let Some((name, at)) = numeric_entry(first)
            && self.model.role(&name) == Some(Role::Output)
            && self.model.forward.is_some()
        {
            let geometry = &self.geometry;
            let indices: &[Expr] = if let Kind::Entry(_, indices) = &first.kind { indices } else { &[] };
            let target = Target { kind: TargetKind::Forward, layer: None, by: name, at: indices.to_vec() };
            let _ = at;
            if let Some(finding) =
                gradients::gradient(&target, side, geometry, self.model, &self.reading.symbols, self.options)
            {
                return finding;
            }
        }
        if previous == first {
            return self.opening(number, first, side);
        }
        // `s[i] = (x * w)[i] = Σ …`: the sum says what the sign does.
        if sign_entry(previous).is_some() && self.unfolded(previous, usize::MAX).is_none() {
            self.define(number, previous, side);
            let name = print::expr(previous);
            return Finding::remark(Text::new(format!("it defines {name}"), format!("定义了 {name}")));
        }
        // An operation whose sum stands further up is that sum, with the names that it has here.
        let unfolded = |side: &Expr| self.unfolded(side, usize::MAX).unwrap_or_else(|| side.clone());
        let (left, right) = (unfolded(previous), unfolded(side));
        self.pair(&left, &right)
    }

    /// The first equation of a chain: a definition, or a claim about what is defined.
    fn opening(&mut self, number: usize, first: &Expr, side: &Expr) -> Finding {
        if let Some(finding) = identities::identity(first, side, self.model, self.options) {
            return finding;
        }
        if let Some(a) = self.unfolded(first, number) {
            let b = self.unfolded(side, number).unwrap_or_else(|| side.clone());
            if a == b {
                return Finding::remark(Text::new("as defined before", "与前面的定义相同"));
            }
            // Once a sum and once a product by a sign: the sign has been given its meaning by that.
            let signs = |side: &Expr| {
                side.any(&mut |part| matches!(&part.kind, Kind::Product(factors) if factors.iter().any(|(sign, _)| super::model::convolves(sign))))
            };
            if signs(&a) != signs(&b) {
                self.define(number, first, side);
                return Finding::remark(Text::new("the same, written in another way", "同一定义的另一种写法"));
            }
            let finding = self.pair(&a, &b);
            // The same name may be given to something else; a substitution between the two lines says that it is not.
            if finding.verdict == Verdict::Wrong && sign_entry(first).is_none() && !self.substituted_before(number) {
                self.defined.remove(&print::expr(first));
                self.define(number, first, side);
                let name = print::expr(first);
                return Finding::undecided(Text::new(
                    format!("{name} has been something else before: another definition, or a mistake"),
                    format!("{name} 前面另有定义：是重新定义，还是有误，无法判断"),
                ));
            }
            return finding;
        }
        let single = matches!(&first.kind, Kind::Entry(base, _) if base.as_name().is_some());
        if single || Self::key(first).is_some() {
            self.define(number, first, side);
            let name = print::expr(first);
            return Finding::remark(Text::new(format!("it defines {name}"), format!("定义了 {name}")));
        }
        self.pair(first, side)
    }

    /// Whether a substitution stands shortly before a step.
    fn substituted_before(&self, number: usize) -> bool {
        let near = number.saturating_sub(4)..number;
        self.reading
            .steps
            .get(near)
            .is_some_and(|steps| steps.iter().any(|step| step.kinds.contains(&StepKind::Substitution)))
    }

    /// What a side stands for by an earlier definition.
    fn unfolded(&self, side: &Expr, number: usize) -> Option<Expr> {
        if let Some((body, step)) = Self::key(side).and_then(|key| self.defined.get(&key))
            && *step < number
        {
            return Some(body.clone());
        }
        let (sign, operands, at) = sign_entry(side)?;
        let rule = self.signs.get(&sign).filter(|rule| rule.step < number)?;
        if rule.at != at {
            return None;
        }
        let mut names = BTreeMap::new();
        if !renames(&rule.operands.0, &operands.0, &mut names) || !renames(&rule.operands.1, &operands.1, &mut names) {
            return None;
        }
        // Entries may be written with small letters, and every size goes with its array.
        let small = |name: &Name| Name { base: name.base.to_lowercase(), ..name.clone() };
        let mut sizes: BTreeMap<String, String> = BTreeMap::new();
        for (old, new) in names.clone() {
            names.entry(small(&old)).or_insert_with(|| small(&new));
            for axis in 0..4 {
                let size = |name: &Name| {
                    let ident = |name: &Name| self.reading.symbols.ident(name);
                    self.boxes.size(&ident(name), axis).or_else(|| self.boxes.size(&ident(&small(name)), axis))
                };
                if let (Some(a), Some(b)) = (size(&old), size(&new)) {
                    sizes.insert(a, b);
                }
            }
        }
        Some(letters::map(&rule.body, &mut |part| {
            let name = part.as_name()?;
            let renamed = names.get(name).cloned().or_else(|| {
                sizes.get(&print::name(name)).map(|size| Name {
                    base: size.clone(),
                    label: String::new(),
                    ..name.clone()
                })
            })?;
            Some(Expr::new(Kind::Name(renamed), part.span))
        }))
    }

    /// Two sides that are said to be equal, through the prover.
    fn pair(&self, left: &Expr, right: &Expr) -> Finding {
        match claims::equal(left, right, self.model, &self.boxes, &self.reading.symbols, self.options) {
            Err(reason) => Finding::undecided(reason),
            Ok((_, Outcome::Proved)) => Finding::remark(Text::new("proved for all sizes", "对所有尺寸已证明")),
            Ok((Arrays::Boxed, Outcome::Refuted(example))) => {
                let zero_outside = self.options.exercise.as_ref().and_then(|exercise| exercise.zero_outside);
                if zero_outside == Some(false) {
                    return Finding::new(
                        Verdict::Incomplete,
                        &[Class::Hypothesis],
                        Text::new(
                            "it needs entries outside the arrays to be 0, which this exercise does not grant",
                            "需要数组界外元素为零，而本题没有这个条件",
                        ),
                        Evidence::Counterexample(example),
                    );
                }
                if claims::applies_functions(left, right) && zero_outside.is_none() {
                    return Finding::new(
                        Verdict::Incomplete,
                        &[Class::Hypothesis],
                        Text::new(
                            "false for functions in general; true where they are 0 outside the range of the sum, which is not said",
                            "对一般的函数不成立；若函数在求和范围之外为零则成立，但答案没有说明",
                        ),
                        Evidence::Counterexample(example),
                    );
                }
                Finding::remark(Text::new("proved, as entries outside the arrays are 0", "已证明（用到数组界外为零）"))
            }
            Ok((_, Outcome::Refuted(example))) => {
                // Sides about different things say something about those things, as in `Σ p_i = 1`.
                let (a, b) = (self.subjects(left), self.subjects(right));
                let lone = |side: &Expr| matches!(side.kind, Kind::Entry(..) | Kind::Name(_));
                if a.is_empty() || b.is_empty() || lone(left) || lone(right) || !(a.is_subset(&b) || b.is_subset(&a)) {
                    return Finding::undecided(Text::new(
                        "it depends on what the names stand for, which is not said",
                        "是否成立取决于各名称的含义，答案没有写明",
                    ));
                }
                let finding = Finding::new(
                    Verdict::Wrong,
                    &[Class::Index],
                    Text::new("the two sides differ", "两边不相等"),
                    Evidence::Counterexample(example),
                );
                let right_one = |side: &Expr| {
                    let judged =
                        claims::equal(left, side, self.model, &self.boxes, &self.reading.symbols, self.options);
                    matches!(judged, Ok((_, Outcome::Proved) | (Arrays::Boxed, _)))
                };
                match super::repair::search(right, right_one) {
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
    fn subjects(&self, side: &Expr) -> BTreeSet<Name> {
        let symbols = &self.reading.symbols;
        let mut found = BTreeSet::new();
        for part in letters::all(side) {
            if let Some(name) = part.as_name()
                && (symbols.tensors.contains_key(name)
                    || symbols.functions.contains_key(name)
                    || symbols.others.contains(name))
            {
                found.insert(name.clone());
            }
        }
        found
    }
}

/// `(f * g)(x)`, `x[n] * h[n]`: the sign, the operands, the subscripts.
fn sign_entry(side: &Expr) -> Option<(String, (Expr, Expr), Vec<Expr>)> {
    let factors = |side: &Expr| -> Option<(String, Expr, Expr)> {
        let mut side = side;
        while let Kind::Parens(_, parts) = &side.kind {
            side = parts.first().filter(|_| parts.len() == 1)?;
        }
        let Kind::Product(factors) = &side.kind else { return None };
        let [(_, a), (operator, b)] = factors.as_slice() else { return None };
        super::model::convolves(operator).then(|| {
            (
                format!("{}{}", super::model::sign_text(operator.sign), if operator.tilde { "~" } else { "" }),
                a.clone(),
                b.clone(),
            )
        })
    };
    match &side.kind {
        Kind::Entry(base, at) | Kind::Call(base, at) => {
            let (sign, a, b) = factors(base)?;
            Some((sign, (a, b), at.clone()))
        }
        _ => {
            let (sign, a, b) = factors(side)?;
            let (Kind::Entry(a, first), Kind::Entry(b, second)) = (&a.kind, &b.kind) else { return None };
            (first == second).then_some(())?;
            Some((sign, ((**a).clone(), (**b).clone()), first.clone()))
        }
    }
}

/// Whether one operand becomes the other by giving each name another one.
fn renames(pattern: &Expr, operand: &Expr, names: &mut BTreeMap<Name, Name>) -> bool {
    match (&pattern.kind, &operand.kind) {
        (Kind::Name(a), Kind::Name(b)) => names.entry(a.clone()).or_insert_with(|| b.clone()) == b,
        (Kind::Call(f, a), Kind::Call(g, b)) => {
            f == g && a.len() == b.len() && a.iter().zip(b).all(|(a, b)| renames(a, b, names))
        }
        (Kind::Parens(_, a), Kind::Parens(_, b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| renames(a, b, names))
        }
        _ => false,
    }
}
