//! The order in which a step is examined, and what is carried from step to step.

mod activation;
mod definitions;
mod differentials;
mod entries;
mod gradient;
mod operations;
mod operators;
mod pair;
mod positions;
mod rows;
mod side;
mod unfold;
mod vectors;

use std::collections::{BTreeMap, BTreeSet};

use operations::{SignRule, sign_entry};
use operators::OperatorRule;
use rows::DEPTH;

use super::bias::BiasLine;
use super::boxes::Boxes;
use super::claims::{self, Arrays};
use super::context::Context;
use super::geometry::Geometries;
use super::gradients;
use super::layer_names::Layers;
use super::layers::{self, Target, TargetKind};
use super::letters;
use super::linear::Poly;
use super::model::{Meaning, Model, Role, numeric_entry, signs};
use super::options::{Budget, Options};
use super::own_layer::{self, OwnLayer};
use super::prover::Outcome;
use super::sizes::{self, Sizes};
use super::verdict::{Class, Evidence, Finding, Text, Verdict};
use super::{Grade, Judged, chain_rule, identities, matrices, places};
use crate::homework::formula::*;
use crate::homework::{NoteKind, Places, Reading, Setting, Step, StepKind, print, surface};

/// Steps beyond so many are left undecided.
const MAX_STEPS: usize = 600;

/// Matrices with more entries are not compared.
const MAX_ENTRIES: usize = 400;

/// Judges an answer that has been read.
pub(super) fn answer(reading: Reading, text: &str, options: &Options) -> Grade {
    let mut meanings = options.exercise.as_ref().map(|exercise| exercise.meanings.clone()).unwrap_or_default();
    meanings.extend(options.meanings.clone());
    // Each answer has a budget of its own.
    let options = &Options { budget: Budget::default(), ..options.clone() };
    let said = super::words::said_base(text);
    let base = options.base.or(said);
    let usual = options.exercise.as_ref().and_then(|exercise| exercise.base);
    let mut model = Model::of(&reading, &meanings, &super::words::Said::of(text), base, usual);
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
    let context = Context { model: &model, symbols: &reading.symbols, boxes: &boxes, options };
    let (mut pairs, mut nearly): (Pairs, Pairs) = Default::default();
    for claim in reading.claims() {
        let about = matches!(claim.relation, Relation::Approx);
        if about || matches!(claim.relation, Relation::Eq | Relation::Define) {
            let pair = (claim.left.clone(), claim.right.clone());
            let list = if about { &mut nearly } else { &mut pairs };
            list.entry((claim.step, claim.statement)).or_default().push(pair);
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
        text,
        context,
        geometry,
        layers: Layers::of(&reading, text, &model),
        biases: super::bias::lines(&reading, &model),
        own: own_layer::layers(&reading, &model),
        unlike: own_layer::unlike(&reading, &model),
        pairs,
        nearly,
        letters: used,
        counted: reading
            .steps
            .iter()
            .flat_map(|step| step.chains().flat_map(Chain::sides))
            .flat_map(letters::counted)
            .collect(),
        sizes: Sizes::of(&reading),
        differentials: differentials::Differentials::of(&reading),
        defined: BTreeMap::new(),
        rules: BTreeMap::new(),
        former: BTreeMap::new(),
        single_entries: BTreeSet::new(),
        by_matrices: BTreeMap::new(),
        defining: false,
        conditions: Vec::new(),
        cases: BTreeMap::new(),
        open: BTreeSet::new(),
        says_symmetric: ["symmetric", "对称"].iter().any(|word| text.contains(word)) || says_symmetric(&reading),
        signs: BTreeMap::new(),
        operators: BTreeMap::new(),
        repaired: BTreeMap::new(),
        wrong: Vec::new(),
        faulty: BTreeMap::new(),
        right: None,
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
        let message = super::words::fault(fault);
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
            told: None,
        });
    }
    steps.sort_by_key(|step| step.span.start);
    let conventions = model.words(&reading, options.base.is_some());
    let total = options.exercise.as_ref().and_then(|exercise| exercise.scheme.total);
    Grade { reading, conventions, steps, goals, total }
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

/// The two sides of an equation.
type Sides = (Expr, Expr);

/// Sides by step and statement.
type Pairs = BTreeMap<(usize, usize), Vec<Sides>>;

struct Judge<'a> {
    reading: &'a Reading,
    text: &'a str,
    context: Context<'a>,
    geometry: Geometries,
    layers: Layers,
    /// The lines that say what a bias is added to.
    biases: Vec<BiasLine>,
    /// The layers that the answer writes as sums.
    own: Vec<OwnLayer>,
    /// The lines of layers that are more than a sum of products.
    unlike: Vec<usize>,
    /// The neighbouring sides of each statement.
    pairs: Pairs,
    /// Those that are said to be nearly equal.
    nearly: Pairs,
    /// Letters that run or stand in subscripts anywhere.
    letters: BTreeSet<Name>,
    /// Sizes `n` that sums use as in `0, …, n-1`.
    counted: BTreeSet<Name>,
    sizes: Sizes,
    differentials: differentials::Differentials,
    /// What names with subscripts stand for, and the step that said so.
    defined: BTreeMap<String, (Expr, usize)>,
    /// What names, entries and functions stand for.
    rules: BTreeMap<Name, unfold::Rule>,
    /// What they stood for first, where the answer has said something else since.
    former: BTreeMap<Name, unfold::Rule>,
    /// Arrays of which single entries have been defined: `p_1 = …`.
    single_entries: BTreeSet<Name>,
    /// What a sign stands for: the operands, the subscripts, the sum.
    signs: BTreeMap<String, SignRule>,
    /// What operators make of arrays, by what they are called.
    operators: BTreeMap<String, OperatorRule>,
    /// What products of matrices and vectors show of signs.
    by_matrices: BTreeMap<Sign, Meaning>,
    /// Whether the relation that is judged defines: `≜`.
    defining: bool,
    /// What the step says of letters: `k ≠ j`.
    conditions: Vec<crate::syntax::ast::Condition>,
    /// The same for the steps before it.
    cases: BTreeMap<usize, Vec<crate::syntax::ast::Condition>>,
    /// Steps of which nothing was found out.
    open: BTreeSet<usize>,
    /// Whether the answer speaks of what is symmetric.
    says_symmetric: bool,
    /// Sides that were wrong, as they were meant.
    repaired: BTreeMap<(usize, String), Expr>,
    /// What chains are about, sides of them that are wrong, and the step in which the error was made.
    wrong: Vec<(Expr, Expr, String)>,
    /// Steps that are wrong.
    faulty: BTreeMap<usize, String>,
    /// What the chain is about, and the last side of it that is right.
    right: Option<(Expr, Expr)>,
}

impl Judge<'_> {
    fn step(&mut self, number: usize, step: &Step) -> Judged {
        let mut follows = None;
        let mut findings = Vec::new();
        self.geometry.look_at(number);
        self.conditions = self.side_conditions(step);
        let premise = number.checked_sub(1).filter(|_| self.in_one_sentence(number));
        if let Some(before) = premise.and_then(|before| self.reading.steps.get(before))
            && self.holds(before)
        {
            self.conditions.extend(self.bare_conditions(before));
        }
        // A chain that goes on does so in its case.
        if let Some(case) = step.continues.and_then(|before| self.cases.get(&before)) {
            self.conditions.extend(case.iter().cloned());
        }
        if !self.conditions.is_empty() {
            self.cases.insert(number, self.conditions.clone());
        }
        for (place, statement) in step.statements.iter().enumerate() {
            let kind = step.kinds.get(place).copied().unwrap_or(step.kind);
            let Statement::Chain(chain) = statement else { continue };
            if self.is_case(step, chain) {
                continue;
            }
            match kind {
                StepKind::Expression | StepKind::Mention => {}
                StepKind::Arithmetic => self.arithmetic(number, place, &mut findings),
                StepKind::Values => self.values(number, place, &mut findings),
                // `w · x = 7`, where the answer has written w and x out.
                StepKind::Sizes if self.of_written_arrays(number, chain) => {
                    follows = follows.or(self.chain(number, chain, &mut findings));
                }
                StepKind::Sizes => self.sizes(number, place, &mut findings),
                StepKind::Substitution => {}
                StepKind::Domain => self.domain(step, chain, &mut findings),
                StepKind::Chain | StepKind::Definition | StepKind::Update => {
                    follows = follows.or(self.chain(number, chain, &mut findings));
                }
            }
        }
        let case = step.chains().all(|chain| self.is_case(step, chain));
        if !case && (step.kinds.contains(&StepKind::Substitution) || step.kind == StepKind::Substitution) {
            self.substitution(number, step, &mut findings);
        }
        self.damage(step, &mut findings);
        // `As Σ t_k = 1, …`: what is said in the same sentence and could not be decided may be assumed.
        if let Some(before) = premise.filter(|before| self.open.contains(before))
            && let Some(said) = self.reading.steps.get(before)
            && !self.names_bound_letters(said, step)
        {
            for finding in findings.iter_mut().filter(|finding| finding.verdict == Verdict::Wrong) {
                *finding = Finding::undecided(Text::new(
                    format!("it may rest on what is said before it: {}", said.source.trim()),
                    format!("可能依赖于前面所说的：{}", said.source.trim()),
                ));
            }
        }
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
        let judged = Judged::of(step, findings, follows);
        match judged.verdict {
            Verdict::Wrong => drop(self.faulty.insert(number, step.id.clone())),
            Verdict::Undecided => drop(self.open.insert(number)),
            _ => {}
        }
        judged
    }

    /// Whether a comparison is said to hold, and not to be excepted: `except for $i = j$`, `除 $i=j$ 外`.
    fn holds(&self, said: &Step) -> bool {
        let before = self.text.get(..said.span.start).unwrap_or_default();
        let clause = before.rsplit(['.', '。', ';', '；', '\n', ',', '，']).next().unwrap_or_default().to_lowercase();
        let excepted = ["except", "unless", "whether", " not ", "除", "无论", "不论", "不管", "special", "regardless"];
        !excepted.iter().any(|word| clause.contains(word))
    }

    /// Whether the text goes on from the step before without the end of a sentence.
    fn in_one_sentence(&self, number: usize) -> bool {
        let before = number.checked_sub(1).and_then(|before| self.reading.steps.get(before));
        let (Some(before), Some(step)) = (before, self.reading.steps.get(number)) else { return false };
        let ends = |text: &str| text.contains(['.', '。', ';', '；', '!', '?', '！', '？']);
        let Some(between) = self.text.get(before.span.end..step.span.start) else { return false };
        // What stands in a comment is not said.
        let mut said = between.split("<!--");
        let first = said.next().unwrap_or_default();
        let rest = said.filter_map(|part| part.split_once("-->").map(|(_, after)| after));
        before.setting == Setting::Inline
            && !before.source.trim_end().ends_with(['.', '。'])
            && !std::iter::once(first).chain(rest).any(ends)
    }

    /// Whether a step substitutes letters that sums bind in another one, which cannot rest on it then.
    fn names_bound_letters(&self, said: &Step, step: &Step) -> bool {
        let Some(map) = places::equations(&said.statements).filter(|_| said.kind == StepKind::Substitution) else {
            return false;
        };
        let before = step.continues.and_then(|before| self.reading.last_side(before));
        let sides = step.chains().flat_map(Chain::sides).chain(before);
        let bound: BTreeSet<String> = sides.flat_map(letters::bound).map(|name| print::name(&name)).collect();
        map.keys().all(|name| bound.contains(name))
    }

    /// The comparisons of letters that a step consists of; none where it says anything else.
    fn bare_conditions(&self, step: &Step) -> Vec<crate::syntax::ast::Condition> {
        let conditions = self.side_conditions(step);
        if conditions.len() == step.statements.len() { conditions } else { Vec::new() }
    }

    /// `for $i = j$`: two letters of positions that are the same in what follows; it says nothing else of them.
    fn is_case(&self, step: &Step, chain: &Chain) -> bool {
        let position = |side: &Expr| side.as_name().is_some_and(|name| self.reading.symbols.indices.contains(name));
        let equal = chain.links.iter().all(|link| link.relation == Relation::Eq);
        step.setting == Setting::Inline
            && step.statements.len() == 1
            && chain.links.len() == 1
            && equal
            && chain.sides().all(position)
    }

    /// Comparisons of letters that stand beside the claims of a step.
    fn side_conditions(&self, step: &Step) -> Vec<crate::syntax::ast::Condition> {
        let letter = |side: &Expr| matches!(side.kind, Kind::Name(_) | Kind::Number(_));
        let compares = |chain: &&Chain| {
            if self.is_case(step, chain) {
                return true;
            }
            let differs = |link: &Link| {
                matches!(link.relation, Relation::Ne | Relation::Lt | Relation::Le | Relation::Gt | Relation::Ge)
            };
            !chain.links.is_empty() && chain.links.iter().all(differs) && chain.sides().all(letter)
        };
        let conditions = step.chains().filter(compares);
        conditions.filter_map(|chain| surface::condition(chain, &self.reading.symbols).ok()).collect()
    }

    /// Notation that the reader found damaged.
    fn damage(&self, step: &Step, findings: &mut Vec<Finding>) {
        for note in &step.notes {
            if note.kind == NoteKind::MissingSide {
                findings.push(Finding::undecided(super::words::note(note)));
            }
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
        // `= 2,4 M`: a decimal comma, after which the text goes on.
        let after = self.reading.steps.get(number).and_then(|step| self.text.get(step.span.end..)).unwrap_or_default();
        if after.strip_prefix([',', '，']).is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit())) {
            findings.push(Finding::undecided(Text::new(
                "the number goes on after a comma, and where it ends is not clear",
                "逗号后数字还在继续，无法确定其值",
            )));
            return;
        }
        for (left, right) in self.claims(number, place) {
            findings.push(Finding { at: Some(right.span.bytes()), ..self.numeric(&left, &right) });
        }
        let statement = self.reading.steps.get(number).and_then(|step| step.statements.get(place));
        if let Some(Statement::Chain(chain)) = statement {
            let mut before = chain.first.as_ref();
            for link in &chain.links {
                let compared = before.zip(link.side.as_ref());
                let compared =
                    compared.and_then(|(left, right)| Some((right, sizes::compared(link.relation, left, right)?)));
                findings.extend(compared.map(|(right, finding)| Finding { at: Some(right.span.bytes()), ..finding }));
                before = link.side.as_ref();
            }
        }
        let Some(nearly) = self.nearly.get(&(number, place)) else { return };
        let Some(power) = super::words::scale(after).unwrap_or(Some(0)) else { return };
        for (left, right) in nearly {
            let counted = if power == 0 { right.clone() } else { right.clone().times_ten_to(power.into(), right.span) };
            findings.push(Finding { at: Some(right.span.bytes()), ..sizes::nearly(left, &counted) });
        }
    }

    /// Two sides in numbers; what they are counted in may stand behind the formula, `$5898240000 = 58.98$ 亿`.
    fn numeric(&self, left: &Expr, right: &Expr) -> Finding {
        let finding = sizes::numeric(left, right);
        let after = self.text.get(right.span.bytes().end..).filter(|_| finding.verdict == Verdict::Wrong);
        match after.and_then(super::words::scale) {
            Some(Some(power)) => sizes::numeric(left, &right.clone().times_ten_to(power.into(), right.span)),
            Some(None) => {
                Finding::undecided(Text::new("the number is counted in a unit of memory", "该数以存储单位计"))
            }
            None => finding,
        }
    }

    /// `o = 4`, where it has been said what o is of sizes that have values.
    fn values(&mut self, number: usize, place: usize, findings: &mut Vec<Finding>) {
        for (left, right) in self.claims(number, place) {
            // `w = (1, -1)` is a vector.
            if left.as_name().is_some() && matches!(&right.kind, Kind::Parens(_, parts) if parts.len() > 1) {
                self.define(number, &left, &right);
            }
            let finding = self.sizes.value(&left, &right);
            findings.extend(finding.map(|finding| Finding { at: Some(right.span.bytes()), ..finding }));
        }
    }

    /// The values of a case and what follows in it, `S = 1, P = 0, L = M-K+1`, where a step says nothing else.
    fn case(&self, number: usize) -> Option<(Vec<Sides>, Sides)> {
        let step = self.reading.steps.get(number)?;
        let mut claims: Vec<Sides> = Vec::new();
        for place in 0..step.statements.len() {
            match self.claims(number, place).as_slice() {
                [claim] if claim.0.as_name().is_some() => claims.push(claim.clone()),
                _ => return None,
            }
        }
        let last = claims.pop().filter(|_| !claims.is_empty())?;
        self.sizes.follows_in(&claims, (&last.0, &last.1)).then_some((claims, last))
    }

    fn sizes(&mut self, number: usize, place: usize, findings: &mut Vec<Finding>) {
        let case = self.case(number);
        for (left, right) in self.claims(number, place) {
            if let Some((values, last)) = &case {
                let list = values.iter().map(|(name, value)| format!("{} = {}", print::expr(name), print::expr(value)));
                let list = list.collect::<Vec<String>>().join(", ");
                let message = if last.0 == left {
                    Text::new(format!("it follows for {list}"), format!("当 {list} 时由前面的条件推出"))
                } else {
                    Text::new("a case: what follows is judged in it", "一种情形；后面的式子在此情形下判断")
                };
                findings.push(Finding { at: Some(right.span.bytes()), ..Finding::remark(message) });
                continue;
            }
            let numeric = super::numbers::is_numeric(&left) && super::numbers::is_numeric(&right);
            let finding = if numeric { self.numeric(&left, &right) } else { self.sizes.equation(&left, &right) };
            findings.push(Finding { at: Some(right.span.bytes()), ..finding });
        }
        for (left, right) in self.nearly.get(&(number, place)).into_iter().flatten() {
            if super::numbers::is_numeric(left) {
                findings.push(Finding { at: Some(right.span.bytes()), ..sizes::nearly(left, right) });
            }
        }
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
        let target = layers::target(&first, self.context.model);
        // `rot180(W) ⊗~ X = Σ … = rot180(X) ⊗~ W` speaks of entries, at the letters that the sum leaves free.
        let mut at: Vec<Name> = Vec::new();
        if target.is_none() && [&first, &previous].into_iter().chain(chain.sides()).any(operations::is_operation) {
            let sums = [&previous]
                .into_iter()
                .chain(chain.sides())
                .filter(|side| matches!(side.kind, Kind::Big(Big::Sum, ..)));
            let position = |name: &Name| !self.context.boxes.is_size(name);
            at = sums
                .map(|sum| letters::free(sum, symbols).into_keys().filter(position).collect())
                .next()
                .unwrap_or_default();
        }
        let entry = |side: &Expr| operations::entry_of_operation(side, &at).unwrap_or_else(|| side.clone());
        let first = entry(&first);
        previous = entry(&previous);
        // What a chain begins with is right until something else is said of it.
        if !continues {
            self.right = Some((first.clone(), first.clone()));
        }
        let mut bound: BTreeSet<Name> = letters::bound(&first);
        for link in &chain.links {
            let Some(side) = &link.side.as_ref().map(entry) else { continue };
            let known = findings.len();
            let update = matches!(link.relation, Relation::Increase | Relation::Decrease | Relation::Assign);
            let compares = update || matches!(link.relation, Relation::Eq | Relation::Define);
            self.defining = link.relation == Relation::Define;
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
                let (judged, from) = self.carried((number, &step.id), (&first, &previous), side, judged);
                if judged.verdict == Verdict::Ok {
                    self.right = Some((first.clone(), side.clone()));
                }
                follows = follows.or(from);
                findings.push(judged);
            } else if compares && !damaged {
                self.define(number, &first, &meant);
            }
            // What an update changes stands for something else from here on.
            if update
                && let Some(key) = first.as_name().and_then(|_| Self::key(&first))
                && self.rows(&first, number, DEPTH).is_some()
            {
                self.defined.remove(&key);
                self.forget(&first);
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
        (number, id): (usize, &str),
        (first, previous): (&Expr, &Expr),
        side: &Expr,
        judged: Finding,
    ) -> (Finding, Option<String>) {
        if judged.verdict != Verdict::Wrong {
            return (judged, None);
        }
        let same = |wrong: &Expr| {
            claims::are_equal(wrong, side, self.context)
                || identities::identity(wrong, side, self.context).is_some_and(|finding| finding.verdict == Verdict::Ok)
        };
        // Right again: a fault that a later line undoes is no second one.
        let written = |right: &Expr| self.pair_or_written_out(number, right, side).verdict == Verdict::Ok;
        let last = self.right.iter().filter(|(about, right)| about == first && right != previous);
        let again = last.into_iter().any(|(_, right)| same(right) || written(right));
        if again || self.first_said(first, number).is_some_and(|said| said != *previous && same(&said)) {
            let message = "not equal to the wrong side before it, but to the last right one";
            return (Finding::remark(Text::new(message, "与前面有误的一式不等，但与最后一个正确的式子相等")), None);
        }
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
}

/// Whether a line says `a[i, j] = a[j, i]`.
fn says_symmetric(reading: &Reading) -> bool {
    reading.claims().iter().any(|claim| match (&claim.left.kind, &claim.right.kind) {
        (Kind::Entry(a, at), Kind::Entry(b, other)) => {
            a == b && matches!((at.as_slice(), other.as_slice()), ([i, j], [k, l]) if i == l && j == k && i != j)
        }
        _ => false,
    })
}
