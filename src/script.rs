//! Following the author's own proof: each `=` of a chain is judged by itself, with the hint that the author gives.
//!
//! A substitution hint such as `s = i-u+1` is taken at its word. It is solved for the letters of the line before, which gives the
//! inverse; the line before is rewritten with it; and what comes out must be the next line without any further change of
//! letters. Where it is not, the report says what the hint's inverse is, what the line becomes, and which substitution does work.
//!
//! Every line is compared with the line before it, also where that one is false: one slip is reported once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::decide::Options;
use crate::goal::{Goal, Hint, Line};
use crate::kernel::{
    Claim, Expr, Facts, Guard, Index, Law, Name, Proof, Situation, Statement, Step, Substitution, Var,
};
use crate::numeric::{self, Counterexample, CrossCheck};
use crate::search::chain::Chain;
use crate::search::matching::eliminate;
use crate::search::saturate::Ground;
use crate::search::simplify::reindexing;
use crate::search::{self, Budget, Open, Proved, Statistics};

/// What was found about one line.
#[derive(Clone, Debug)]
pub struct Followed {
    /// Byte offsets of the line.
    pub span: Range<usize>,
    /// The author's text.
    pub source: String,
    /// Whether it follows from the line before by the hint given.
    pub holds: bool,
    /// Where it is false: values that show it.
    pub counterexample: Option<Box<Counterexample>>,
    /// Where a substitution hint does not do what the author says.
    pub rejected: Option<Rejected>,
    /// In words, where it is neither shown nor refuted.
    pub reason: Option<String>,
    /// Where the line before is false: what this line has to do with it.
    pub past: Option<Past>,
}

/// How a line goes on after a false one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Past {
    /// It follows from the line before, and is as false as that one.
    Follows,
    /// It does not follow from the line before, but from the last line before the false one, at these byte offsets.
    Returns(Range<usize>),
}

/// A substitution hint that does not lead from one line to the next.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// The hint: pairs of left and right terms.
    pub hint: Vec<(Index, Index)>,
    /// What it says about the old letters: each in terms of the new ones.
    pub inverse: Vec<(Var, Index)>,
    /// What the line before becomes; nothing where the hint does not determine the letters.
    pub becomes: Option<Expr>,
    /// The substitution that does work: new letters in terms of old ones.
    pub works: Vec<(Var, Index)>,
}

/// The outcome of a chain.
pub struct Outcome {
    /// What was found about each line but the first.
    pub lines: Vec<Followed>,
    /// The proof along the author's lines, or what is missing.
    pub result: Result<Proved, Open>,
}

/// Judges a goal's chain line by line; where all lines hold, the proof is the author's.
pub fn follow(
    goal: &Goal,
    earlier: &[Proved],
    options: &Options,
    statistics: &mut Statistics,
    check_time: &mut Duration,
) -> Outcome {
    let statement = &goal.statement;
    let Claim::Equation(left, right) = &statement.claim else {
        // A chain of scalars cannot stand for an equation of tensors or a condition.
        let result = search::prove(statement, earlier, &options.budget, statistics);
        return Outcome { lines: Vec::new(), result };
    };
    let ground = search::ground(statement, earlier);
    let mut follower = Follower { statement, ground: &ground, options, statistics, check_time };
    let mut steps: Vec<Step> = Vec::new();
    let mut missing: Option<Open> = None;
    let mut lines = Vec::new();
    let note = |missing: &mut Option<Open>, reason: String| {
        missing.get_or_insert(Open { reason, ..Open::default() });
    };
    let first = goal.script.first().map_or(left, |line| &line.expr);
    match follower.plain(left, first) {
        Ok(found) => steps.extend(found),
        Err(_) => note(&mut missing, "the chain does not begin with the left side of the theorem".into()),
    }
    // The last line that is equal to the left side, once a line after it is false.
    let mut sound: Option<&Line> = None;
    for pair in goal.script.windows(2) {
        let (before, line) = (&pair[0], &pair[1]);
        let (mut followed, found) = follower.line(&before.expr, line);
        match (sound, followed.counterexample.is_some()) {
            (None, true) => sound = Some(before),
            (Some(_), false) if followed.holds => followed.past = Some(Past::Follows),
            (Some(last), true) => {
                if let Some(past) = follower.returns(last, line) {
                    followed.counterexample = None;
                    followed.reason = None;
                    followed.rejected = None;
                    followed.past = Some(past);
                    sound = None;
                }
            }
            _ => {}
        }
        if !followed.holds {
            let reason = followed.reason.clone().unwrap_or_else(|| "a line does not follow".into());
            note(&mut missing, format!("line `{}`: {reason}", line.source));
        }
        steps.extend(found);
        lines.push(followed);
    }
    if missing.is_none() {
        let last = goal.script.last().map_or(left, |line| &line.expr);
        match follower.plain(last, right) {
            Ok(found) => steps.extend(found),
            Err(_) => note(&mut missing, "the chain does not end with the right side of the theorem".into()),
        }
    }
    let result = match missing {
        Some(open) => Err(open),
        None => search::certify(statement, earlier, Proof::Chain(steps), statistics),
    };
    Outcome { lines, result }
}

struct Follower<'a> {
    statement: &'a Statement,
    ground: &'a Ground,
    options: &'a Options,
    statistics: &'a mut Statistics,
    check_time: &'a mut Duration,
}

impl Follower<'_> {
    fn plain(&mut self, from: &Expr, to: &Expr) -> Result<Vec<Step>, Open> {
        if from == to {
            return Ok(Vec::new());
        }
        let mut steps = search::equate(self.ground, from, to, &self.options.budget, self.statistics)?;
        // The next line starts with the author's own letters.
        match steps.last_mut() {
            Some(last) => last.to = to.clone(),
            None => steps.push(Step { path: Vec::new(), law: Law::Ring, reversed: false, to: to.clone() }),
        }
        Ok(steps)
    }

    /// Values at which two expressions differ.
    fn refute(&mut self, left: &Expr, right: &Expr) -> Option<Box<Counterexample>> {
        let claim = Claim::Equation(left.clone(), right.clone());
        let started = Instant::now();
        let checked = numeric::check(&Statement { claim, ..self.statement.clone() }, &self.options.numeric);
        *self.check_time += started.elapsed();
        if let CrossCheck::Refuted(counterexample) = checked { Some(counterexample) } else { None }
    }

    /// Whether a line that is not equal to the false one before it goes on from the last line before that.
    fn returns(&mut self, last: &Line, line: &Line) -> Option<Past> {
        if self.refute(&last.expr, &line.expr).is_some() {
            return None;
        }
        self.plain(&last.expr, &line.expr).ok().map(|_| Past::Returns(last.span.clone()))
    }

    fn line(&mut self, before: &Expr, line: &Line) -> (Followed, Vec<Step>) {
        let mut followed = Followed {
            span: line.span.clone(),
            source: line.source.clone(),
            holds: false,
            counterexample: None,
            rejected: None,
            reason: None,
            past: None,
        };
        if let Some(counterexample) = self.refute(before, &line.expr) {
            followed.counterexample = Some(counterexample);
            followed.reason = Some("it is not equal to the line before".into());
        }
        let substitution: Vec<(Index, Index)> = line
            .hints
            .iter()
            .filter_map(|hint| if let Hint::Substitution(pairs) = hint { Some(pairs.clone()) } else { None })
            .flatten()
            .collect();
        let by_itself = self.plain(before, &line.expr);
        if substitution.is_empty() {
            return match by_itself {
                Ok(steps) => {
                    followed.holds = true;
                    (followed, steps)
                }
                Err(open) => {
                    followed.reason.get_or_insert(open.reason);
                    (followed, Vec::new())
                }
            };
        }
        match self.substitute(before, &line.expr, &substitution) {
            Ok(steps) => {
                followed.holds = true;
                (followed, steps)
            }
            Err(mut rejected) => {
                if let Ok(steps) = &by_itself {
                    rejected.works = working_substitution(before, &line.expr, steps);
                }
                followed.reason.get_or_insert("the substitution does not lead from the line before to this one".into());
                followed.rejected = Some(*rejected);
                (followed, Vec::new())
            }
        }
    }

    /// Rewrites a line with a substitution and goes on to the next line without changing letters again.
    fn substitute(&mut self, before: &Expr, after: &Expr, hint: &[(Index, Index)]) -> Result<Vec<Step>, Box<Rejected>> {
        let mut rejected =
            Box::new(Rejected { hint: hint.to_vec(), inverse: Vec::new(), becomes: None, works: Vec::new() });
        let (vars, guard, body) = flatten(before);
        let (new_vars, new_guard, _) = flatten(after);
        let facts = &self.ground.facts;
        let Some((phi, psi)) = maps(facts, (&vars, &guard), (&new_vars, &new_guard), hint) else {
            return Err(rejected);
        };
        rejected.inverse =
            vars.iter().cloned().zip(phi.iter().cloned()).filter(|(var, index)| index.as_var() != Some(var)).collect();
        let map: BTreeMap<Var, Index> = vars.iter().cloned().zip(phi.iter().cloned()).collect();
        let image = guard.substitute(&map);
        let moved = body.substitute(&Substitution::of_indices(map));
        let becomes = Expr::Sum(new_vars.clone(), image.clone(), Box::new(moved));
        rejected.becomes = Some(becomes.clone());
        let steps = (|| {
            let joint = Expr::Sum(vars.clone(), guard.clone(), Box::new(body.clone()));
            let mut steps = self.plain(before, &joint).ok()?;
            let situation: Situation = self.ground.situation();
            let mut chain = Chain::new(&situation, joint, 0);
            if (&vars, &guard) != (&new_vars, &image) {
                let law = reindexing(&situation.facts, (&vars, &guard), (&new_vars, &image), phi, psi)?;
                chain.apply(&[], law)?;
            }
            chain.settle(becomes.clone())?;
            steps.extend(chain.into_steps());
            let budget = Budget { reindex: false, ..self.options.budget.clone() };
            let mut rest = search::equate(self.ground, &becomes, after, &budget, self.statistics).ok()?;
            match rest.last_mut() {
                Some(last) => last.to = after.clone(),
                None if becomes == *after => {}
                None => rest.push(Step { path: Vec::new(), law: Law::Ring, reversed: false, to: after.clone() }),
            }
            steps.extend(rest);
            Some(steps)
        })();
        steps.ok_or(rejected)
    }
}

/// The letters, range and body of nested sums, read as one.
fn flatten(expr: &Expr) -> (Vec<Var>, Guard, Expr) {
    let Expr::Sum(vars, guard, body) = expr else { return (Vec::new(), Guard::always(), expr.clone()) };
    let (inner, inner_guard, inner_body) = flatten(body);
    let mut names: BTreeSet<&Name> = vars.iter().map(|var| &var.name).collect();
    if inner.iter().any(|var| !names.insert(&var.name)) {
        return (vars.clone(), guard.clone(), body.as_ref().clone());
    }
    (vars.iter().cloned().chain(inner).collect(), guard.and(&inner_guard), inner_body)
}

/// The maps that a hint names: φ for the old letters, ψ for the new ones. A letter of both lines that the hint does not
/// speak of stays what it is.
fn maps(
    facts: &Facts,
    (old, old_guard): (&[Var], &Guard),
    (new, new_guard): (&[Var], &Guard),
    hint: &[(Index, Index)],
) -> Option<(Vec<Index>, Vec<Index>)> {
    let speaks = |var: &Var| hint.iter().any(|(left, right)| left.contains(var) || right.contains(var));
    // A letter that both lines use and the hint changes has one name for two things: `u = m-u+1`.
    let renamed = |var: &Var| Var { name: Name::from(format!("%{}", var.name)), rank: var.rank.clone() };
    let both: BTreeMap<Var, Index> =
        new.iter().filter(|var| old.contains(var)).map(|var| (var.clone(), Index::from(&renamed(var)))).collect();
    let inner: Vec<Var> = new.iter().map(|var| if old.contains(var) { renamed(var) } else { var.clone() }).collect();
    let mut system: Vec<Index> = hint
        .iter()
        .map(|(left, right)| {
            let clash = both.keys().any(|var| left.contains(var) || right.contains(var));
            // The side that is a single letter is the new one, as in `u = m-u+1`.
            if clash && left.as_var().is_some() { &left.substitute(&both) - right } else { left - right }
        })
        .collect();
    system.extend(
        new.iter()
            .filter(|var| old.contains(var) && !speaks(var))
            .map(|var| &Index::from(&renamed(var)) - &Index::from(var)),
    );
    let phi = eliminate(facts, old, (old_guard, &[]), &system);
    let psi = eliminate(facts, &inner, (&new_guard.substitute(&both), &[]), &system);
    let back: BTreeMap<Var, Index> =
        new.iter().filter(|var| old.contains(var)).map(|var| (renamed(var), Index::from(var))).collect();
    let phi: Vec<Index> =
        old.iter().map(|var| phi.get(var).map(|index| index.substitute(&back))).collect::<Option<_>>()?;
    let psi: Vec<Index> = inner.iter().map(|var| psi.get(var).cloned()).collect::<Option<_>>()?;
    Some((phi, psi))
}

/// The first substitution of a proof that was found without the hint: new letters in terms of old ones.
fn working_substitution(before: &Expr, after: &Expr, steps: &[Step]) -> Vec<(Var, Index)> {
    let ((vars, _, _), (new_vars, _, _)) = (flatten(before), flatten(after));
    let names: BTreeMap<Var, Index> = vars
        .iter()
        .enumerate()
        .map(|(position, var)| (crate::kernel::canonical_var(var, position), Index::from(var)))
        .collect();
    let mut maps = steps.iter().filter_map(|step| match &step.law {
        Law::Reindex(maps) if step.reversed => Some(&maps.phi),
        Law::Reindex(maps) => Some(&maps.psi),
        _ => None,
    });
    let Some(terms) = maps.next().filter(|terms| terms.len() == new_vars.len()) else { return Vec::new() };
    new_vars.into_iter().zip(terms.iter().map(|index| index.substitute(&names))).collect()
}
