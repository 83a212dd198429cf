//! The e-graph at work: egg applies the laws until both sides fall into one class, and explains how.
//!
//! Each law is one rewrite of egg's, under the law's name. A rewrite does not match a pattern: before each iteration the rules
//! ([`super::simplify`]), the finder's moves ([`super::finder`]) and the earlier theorems are tried on every new expression,
//! and the rewrite of their law adds what they found. The union is labelled with the law and the number of the proposal; the explanation
//! is then a list of laws and places, which [`super::replay`] carries out again, step by step, in the kernel's terms.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use egg::{
    Applier, EGraph, FlatExplanation, Id, PatternAst, Rewrite, Runner, SearchMatches, Searcher, StopReason, Subst,
    Symbol, TreeExplanation, TreeTerm,
};
use rustc_hash::{FxHashMap, FxHashSet};

use super::chain::Chain;
use super::finder::{Move, Plan, plan};
use super::language::{Latest, Node, add, level, represent, size, weight};
use super::lemma::{self, Use};
use super::simplify::simplify;
use super::transport::carry_out;
use super::{Budget, Statistics};
use crate::kernel::{Expr, Facts, Signature, Situation, Theorem, Var};

/// The names of the rewrites: the laws that the search uses.
pub const LAWS: [&str; 13] = [
    "ring",
    "index",
    "fubini",
    "linear",
    "guard",
    "reindex",
    "unfold",
    "count",
    "telescope",
    "differentiate",
    "maximum",
    "inverse",
    "theorem",
];

/// What a situation is made of, owned, so that egg's rewrites can hold it.
#[derive(Clone)]
pub struct Ground {
    /// Tensors, functions, definitions.
    pub signature: Signature,
    /// Earlier theorems.
    pub theorems: Vec<Theorem>,
    /// Assumptions and ranges.
    pub facts: Facts,
    /// The letters in scope.
    pub scope: BTreeSet<Var>,
}

impl Ground {
    /// The situation that the kernel's laws are applied in.
    pub fn situation(&self) -> Situation<'_> {
        Situation {
            signature: &self.signature,
            theorems: &self.theorems,
            facts: self.facts.clone(),
            scope: self.scope.clone(),
        }
    }
}

/// How a proposal was found, and so how to find its steps again.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A directed rule.
    Rule,
    /// A move of the finder.
    Finder(Move),
    /// An earlier theorem.
    Lemma(Use),
}

impl Origin {
    /// The steps from an expression, which stands below `depth` bound letters.
    pub fn steps<'a>(&self, situation: &'a Situation<'a>, from: &Expr, depth: usize) -> Option<Chain<'a>> {
        match self {
            Origin::Rule => rule(situation, from, depth).map(|(_, chain)| chain),
            Origin::Finder(change) => carry_out(situation, change, depth),
            Origin::Lemma(instance) => lemma::apply(situation, from, instance, depth),
        }
    }
}

/// The first directed rule that applies. A definition without letters unfolds to the same expression wherever it stands, so letters
/// may hide others; the rules see each letter by a name of its own.
fn rule<'a>(situation: &'a Situation<'a>, expr: &Expr, depth: usize) -> Option<(&'static str, Chain<'a>)> {
    simplify(&Chain::new(situation, expr.canonical_at(depth), depth))
}

/// An equality that a rewrite adds.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The law that it is listed under.
    pub law: &'static str,
    /// How it was found.
    pub origin: Origin,
    /// One side.
    pub from: Expr,
    /// The other.
    pub to: Expr,
}

struct Shared {
    ground: Ground,
    proposals: Vec<Proposal>,
    pending: BTreeMap<&'static str, Vec<usize>>,
    seen: FxHashSet<Expr>,
    moves: FxHashMap<Expr, Vec<Move>>,
    /// What a theorem leads to may weigh this much, so that no theorem is applied to its own results without end.
    weight: usize,
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Tries rules, moves and theorems on every expression that is new. Parts come first: what has a part that a rule still changes
    /// waits, so that no time goes into halfway forms.
    fn scan(&mut self, egraph: &EGraph<Node, Latest>) {
        let mut expressions: FxHashSet<Expr> = FxHashSet::default();
        let new = |expr: &Expr| !self.seen.contains(expr) || self.moves.contains_key(expr);
        for class in egraph.classes() {
            expressions.extend(class.nodes.iter().map(|node| represent(egraph, node)).filter(new));
            expressions.extend(Some(&class.data).filter(|expr| new(expr)).cloned());
        }
        let mut expressions: Vec<(usize, Expr)> = expressions.into_iter().map(|expr| (size(&expr), expr)).collect();
        expressions.sort();
        let ground = self.ground.clone();
        let situation = ground.situation();
        let mut waiting: FxHashSet<Expr> = FxHashSet::default();
        for (_, expr) in expressions {
            let depth = level(&expr);
            for change in self.moves.remove(&expr).unwrap_or_default() {
                if let Some(chain) = carry_out(&situation, &change, depth) {
                    let to = chain.current().clone();
                    self.propose(change.law(), Origin::Finder(change), expr.clone(), to);
                }
            }
            if self.seen.contains(&expr) {
                continue;
            }
            if expr.children().iter().any(|child| waiting.contains(child)) {
                waiting.insert(expr);
                continue;
            }
            self.seen.insert(expr.clone());
            for instance in lemma::uses(&situation, &expr) {
                if let Some(chain) = lemma::apply(&situation, &expr, &instance, depth) {
                    let to = chain.current().clone();
                    if weight(&to) > self.weight {
                        continue;
                    }
                    self.propose("theorem", Origin::Lemma(instance), expr.clone(), to);
                }
            }
            if let Some((law, chain)) = rule(&situation, &expr, depth) {
                let to = chain.current().clone();
                waiting.insert(expr.clone());
                self.propose(law, Origin::Rule, expr, to);
            }
        }
    }

    fn propose(&mut self, law: &'static str, origin: Origin, from: Expr, to: Expr) {
        self.pending.entry(law).or_default().push(self.proposals.len());
        self.proposals.push(Proposal { law, origin, from, to });
    }
}

/// One law as a rewrite of egg's.
#[derive(Clone)]
struct LawRewrite {
    law: &'static str,
    shared: Arc<Mutex<Shared>>,
}

impl Searcher<Node, Latest> for LawRewrite {
    fn search_eclass_with_limit(&self, _: &EGraph<Node, Latest>, _: Id, _: usize) -> Option<SearchMatches<'_, Node>> {
        None
    }

    fn search_with_limit(&self, egraph: &EGraph<Node, Latest>, _: usize) -> Vec<SearchMatches<'_, Node>> {
        let any = lock(&self.shared).pending.get(self.law).is_some_and(|numbers| !numbers.is_empty());
        let class = egraph.classes().map(|class| class.id).min().filter(|_| any);
        class.map(|eclass| SearchMatches { eclass, substs: vec![Subst::default()], ast: None }).into_iter().collect()
    }

    fn vars(&self) -> Vec<egg::Var> {
        Vec::new()
    }
}

impl Applier<Node, Latest> for LawRewrite {
    fn apply_matches(&self, egraph: &mut EGraph<Node, Latest>, _: &[SearchMatches<Node>], _: Symbol) -> Vec<Id> {
        let mut shared = lock(&self.shared);
        let numbers = shared.pending.remove(self.law).unwrap_or_default();
        let mut changed = Vec::new();
        for number in numbers {
            let Some(proposal) = shared.proposals.get(number) else { continue };
            let meets =
                matches!(proposal.origin, Origin::Finder(Move::Transport { replaces: false, .. }) | Origin::Lemma(_));
            if !meets {
                egraph.analysis.record(proposal.from.clone(), proposal.to.clone());
            }
            let from = add(egraph, &proposal.from);
            let to = add(egraph, &proposal.to);
            let united = egraph.union_trusted(from, to, label(self.law, number));
            // Where congruence was faster, the class still has to learn what the rule leads to.
            let latest = egraph.analysis.follow(&egraph[to].data);
            let behind = latest != egraph[to].data;
            if behind {
                egraph.set_analysis_data(to, latest);
            }
            if united || behind {
                changed.push(to);
            }
        }
        changed
    }

    fn apply_one(
        &self,
        _: &mut EGraph<Node, Latest>,
        _: Id,
        _: &Subst,
        _: Option<&PatternAst<Node>>,
        _: Symbol,
    ) -> Vec<Id> {
        Vec::new()
    }
}

fn label(law: &str, number: usize) -> Symbol {
    Symbol::from(format!("{law}#{number}"))
}

/// The number of the proposal behind a label of an explanation.
pub fn proposal_number(label: Symbol) -> Option<usize> {
    label.as_str().rsplit_once('#')?.1.parse().ok()
}

/// How a saturation ended.
pub enum Saturation {
    /// Both sides are in one class: the explanation and the proposals that it names.
    Equal(FlatExplanation<Node>, Vec<Proposal>),
    /// They are not: why, and what remains on either side.
    Open {
        /// In words.
        reason: String,
        /// Terms of the left side without a partner.
        left: Vec<Expr>,
        /// Terms of the right side without a partner.
        right: Vec<Expr>,
    },
}

impl Saturation {
    /// A limit was reached: nothing can be said of what remains.
    fn stopped(reason: String) -> Saturation {
        Saturation::Open { reason, left: Vec::new(), right: Vec::new() }
    }
}

/// Brings two expressions, whose bound letters have canonical names, into one class, if the budget allows.
pub fn saturate(
    ground: &Ground,
    left: &Expr,
    right: &Expr,
    budget: &Budget,
    statistics: &mut Statistics,
) -> Saturation {
    let mut session = Session::new(ground, 2 * weight(left).max(weight(right)) + 8);
    let (left, right) = (session.add(left), session.add(right));
    session.join(left, right, budget, statistics)
}

/// An e-graph in which the laws are applied, for as long as one wants.
///
/// [`Session::settle`] applies the directed rules until nothing is new; [`Session::join`] goes on with the finder until two expressions
/// are in one class. The expressions that are added have canonical bound letters ([`Expr::canonical`]).
pub struct Session {
    ground: Ground,
    shared: Arc<Mutex<Shared>>,
    rules: Vec<Rewrite<Node, Latest>>,
    egraph: EGraph<Node, Latest>,
    asked: BTreeSet<Move>,
}

impl Session {
    /// An empty graph. What a theorem leads to may have this weight.
    pub fn new(ground: &Ground, weight: usize) -> Session {
        let shared = Arc::new(Mutex::new(Shared {
            ground: ground.clone(),
            proposals: Vec::new(),
            pending: BTreeMap::new(),
            seen: FxHashSet::default(),
            moves: FxHashMap::default(),
            weight,
        }));
        let rule = |law: &&'static str| {
            let rewrite = LawRewrite { law, shared: Arc::clone(&shared) };
            Rewrite::new(*law, rewrite.clone(), rewrite).ok()
        };
        let rules = LAWS.iter().filter_map(rule).collect();
        let egraph =
            EGraph::new(Latest::default()).with_explanations_enabled().without_explanation_length_optimization();
        Session { ground: ground.clone(), shared, rules, egraph, asked: BTreeSet::new() }
    }

    /// Adds an expression.
    pub fn add(&mut self, expr: &Expr) -> Id {
        let id = add(&mut self.egraph, expr);
        self.egraph.rebuild();
        id
    }

    /// Whether two expressions are in one class.
    pub fn joined(&self, left: Id, right: Id) -> bool {
        self.egraph.find(left) == self.egraph.find(right)
    }

    /// The form to which the directed rules have brought an expression.
    pub fn latest(&self, id: Id) -> Expr {
        self.egraph.analysis.expand(&self.egraph[id].data)
    }

    /// The graph, for extraction.
    pub fn egraph(&self) -> &EGraph<Node, Latest> {
        &self.egraph
    }

    /// Applies the rules, and the moves that are planned, until nothing is new or two classes have become one. Returns why it stopped;
    /// nothing where there is nothing new to add.
    pub fn settle(&mut self, goal: Option<(Id, Id)>, budget: &Budget, statistics: &mut Statistics) -> Option<String> {
        let scanner = Arc::clone(&self.shared);
        let runner: Runner<Node, Latest> = Runner::new(Latest::default())
            .with_egraph(std::mem::replace(&mut self.egraph, EGraph::new(Latest::default())))
            .with_iter_limit(budget.iterations)
            .with_node_limit(budget.nodes)
            // Counted budgets decide; the clock is a safety net.
            .with_time_limit(std::time::Duration::from_secs(60))
            .with_scheduler(egg::SimpleScheduler)
            .with_hook(move |runner| {
                if goal.is_some_and(|(left, right)| runner.egraph.find(left) == runner.egraph.find(right)) {
                    return Err("both sides are equal".to_owned());
                }
                if runner.egraph.analysis.is_exhausted() {
                    return Err("its terms grow too large".to_owned());
                }
                lock(&scanner).scan(&runner.egraph);
                Ok(())
            })
            .run(&self.rules);
        statistics.iterations += runner.iterations.len();
        let stop = runner.stop_reason.clone();
        self.egraph = runner.egraph;
        statistics.nodes = self.egraph.total_number_of_nodes();
        statistics.classes = self.egraph.number_of_classes();
        statistics.stop = stop_words(stop.as_ref());
        (!matches!(stop, Some(StopReason::Saturated))).then(|| statistics.stop.clone())
    }

    /// Why two expressions are in one class, unless that takes more than so many steps.
    ///
    /// An explanation is a tree whose parts are shared; flat, it can be exponentially longer than the graph is large: of maxima within
    /// maxima each level is explained by the one below, more than once. So the steps are counted before they are listed.
    fn explain(&mut self, left: Id, right: Id, limit: usize) -> Option<FlatExplanation<Node>> {
        let mut explanation = self.egraph.explain_id_equivalence(left, right);
        let steps = length(&explanation.explanation_trees, &mut FxHashMap::default());
        (steps <= limit).then(|| explanation.make_flat_explanation().clone())
    }

    /// Brings two expressions into one class, if the budget allows.
    pub fn join(&mut self, left: Id, right: Id, budget: &Budget, statistics: &mut Statistics) -> Saturation {
        let ground = self.ground.clone();
        let situation = ground.situation();
        for _ in 0..budget.rounds {
            let stopped = self.settle(Some((left, right)), budget, statistics);
            if self.joined(left, right) {
                "both sides are equal".clone_into(&mut statistics.stop);
                let limit = budget.explanation;
                return match self.explain(left, right, limit) {
                    Some(explanation) => Saturation::Equal(explanation, lock(&self.shared).proposals.clone()),
                    None => Saturation::stopped(format!(
                        "the search brings both sides together, but by more than {limit} steps"
                    )),
                };
            }
            if let Some(reason) = stopped {
                return Saturation::stopped(format!("the search stopped: {reason}"));
            }
            let (now_left, now_right) = (self.latest(left), self.latest(right));
            match plan(&situation, &now_left, &now_right, budget.reindex) {
                Plan::Stuck(left, right) if left.is_empty() && right.is_empty() => {
                    let reason =
                        "the terms agree one by one, but the two sums could not be brought together".to_owned();
                    return Saturation::Open { reason, left: vec![now_left], right: vec![now_right] };
                }
                Plan::Stuck(left, right) => {
                    let reason = "no pairing of the remaining terms was found".to_owned();
                    return Saturation::Open { reason, left, right };
                }
                Plan::Moves(moves) => {
                    let fresh: Vec<Move> =
                        moves.into_iter().filter(|change| self.asked.insert(change.clone())).collect();
                    if fresh.is_empty() {
                        let reason = "the finder's moves could not be carried out".to_owned();
                        return Saturation::Open { reason, left: vec![now_left], right: vec![now_right] };
                    }
                    let mut shared = lock(&self.shared);
                    for change in fresh {
                        shared.moves.entry(change.from().clone()).or_default().push(change);
                    }
                }
            }
        }
        Saturation::stopped("the search stopped: its rounds are used up".to_owned())
    }
}

/// How many terms an explanation lists once it is flat, counted without listing them.
fn length(proof: &TreeExplanation<Node>, known: &mut FxHashMap<*const TreeTerm<Node>, usize>) -> usize {
    let mut total = 0_usize;
    for term in proof {
        let place = Rc::as_ptr(term);
        let count = known.get(&place).copied().unwrap_or_else(|| {
            let steps = |proof| length(proof, known).saturating_sub(1);
            let count = term.child_proofs.iter().map(steps).fold(1, usize::saturating_add);
            known.insert(place, count);
            count
        });
        total = total.saturating_add(count);
    }
    total
}

fn stop_words(stop: Option<&StopReason>) -> String {
    match stop {
        Some(StopReason::Saturated) => "nothing new to add".to_owned(),
        Some(StopReason::IterationLimit(limit)) => format!("{limit} iterations are used up"),
        Some(StopReason::NodeLimit(limit)) => format!("{limit} e-nodes are used up"),
        Some(StopReason::TimeLimit(_)) => "the time limit, a safety net, was reached".to_owned(),
        Some(StopReason::Other(words)) => words.clone(),
        None => "the search did not start".to_owned(),
    }
}
