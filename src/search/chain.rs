//! Building the steps of a certificate one law at a time.
//!
//! A [`Chain`] starts at an expression and grows by laws whose results the kernel itself computes, so a chain that builds is
//! a chain that checks. Expressions are kept with canonical names for bound letters, counted from the chain's depth on; hence
//! no binder repeats a name of a binder around it, and certificates can speak of letters by name.

use rustc_hash::FxHashMap;

use crate::entail;
use crate::kernel::{
    Equivalence, Expr, Facts, Guard, Index, Law, Literal, Path, Situation, Step, apply_law, ring_normal_at,
};

/// A chain of equalities under construction.
#[derive(Clone)]
pub struct Chain<'a> {
    situation: &'a Situation<'a>,
    depth: usize,
    start: Expr,
    current: Expr,
    steps: Vec<Step>,
}

impl<'a> Chain<'a> {
    /// A chain of no steps. `depth` letters are bound around the expression.
    pub fn new(situation: &'a Situation<'a>, start: Expr, depth: usize) -> Self {
        Chain { situation, depth, current: start.clone(), start, steps: Vec::new() }
    }

    /// Where the chain has come to.
    pub fn current(&self) -> &Expr {
        &self.current
    }

    /// Where it began.
    pub fn start(&self) -> &Expr {
        &self.start
    }

    /// How many letters are bound around the expression.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// What is declared and assumed.
    pub fn situation(&self) -> &'a Situation<'a> {
        self.situation
    }

    /// The steps so far.
    pub fn into_steps(self) -> Vec<Step> {
        self.steps
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether nothing has been done.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The subterm at a path.
    pub fn at(&self, path: &[usize]) -> Option<&Expr> {
        path.iter().try_fold(&self.current, |expr, position| expr.children().get(*position))
    }

    /// The facts that hold at a path: those of the situation, the guards of binders above, the brackets beside.
    pub fn facts_at(&self, path: &[usize]) -> Facts {
        let mut facts = self.situation.facts.clone();
        let mut expr = &self.current;
        for position in path {
            match expr {
                Expr::Sum(_, guard, _) | Expr::Max(_, guard, _) => facts.extend(guard.literals().cloned()),
                Expr::Mul(factors) => {
                    for (other, factor) in factors.iter().enumerate() {
                        if let (true, Expr::Bracket(guard)) = (other != *position, factor) {
                            facts.extend(guard.literals().cloned());
                        }
                    }
                }
                _ => {}
            }
            let Some(child) = expr.children().get(*position) else { break };
            expr = child;
        }
        facts
    }

    fn push(&mut self, path: &[usize], law: Law, reversed: bool, to: Expr) {
        self.current = to.clone();
        self.steps.push(Step { path: path.to_vec(), law, reversed, to });
    }

    /// Applies a law from left to right at a path.
    pub fn apply(&mut self, path: &[usize], law: Law) -> Option<()> {
        let to = apply_law(self.situation, &self.current, &self.current, path, &law).ok()?;
        self.push(path, law, false, to);
        Some(())
    }

    /// Replaces the subterm at a path by `to`, by a law that compares both (ring, index).
    pub fn compare(&mut self, path: &[usize], law: Law, to: Expr) -> Option<()> {
        let whole = replaced(&self.current, path, to)?;
        apply_law(self.situation, &self.current, &whole, path, &law).ok()?;
        self.push(path, law, false, whole);
        Some(())
    }

    /// Replaces the subterm at a path by `to`, from which the law leads back to it.
    pub fn apply_reversed(&mut self, path: &[usize], law: Law, to: Expr) -> Option<()> {
        let whole = replaced(&self.current, path, to)?;
        let back = apply_law(self.situation, &whole, &whole, path, &law).ok()?;
        if !back.same(&self.current) {
            return None;
        }
        self.push(path, law, true, whole);
        Some(())
    }

    /// Brings the whole expression into the ring normal form; nothing is recorded where only names of letters change.
    pub fn ring(&mut self) -> Option<()> {
        let normal = ring_normal_at(&self.current, self.depth).ok()?;
        self.settle(normal)
    }

    /// Goes to an expression that is equal by the ring laws; nothing is recorded where only names of letters change.
    pub fn settle(&mut self, to: Expr) -> Option<()> {
        if to == self.current {
            return Some(());
        }
        if to.same(&self.current) {
            match self.steps.last_mut() {
                Some(step) => step.to = to.clone(),
                None => self.start = to.clone(),
            }
            self.current = to;
            return Some(());
        }
        self.compare(&[], Law::Ring, to)
    }

    /// Continues with a chain that starts where this one has come to.
    pub fn append(&mut self, other: Chain<'a>) -> Option<()> {
        if other.start != self.current {
            return None;
        }
        self.current = other.current;
        self.steps.extend(other.steps);
        Some(())
    }

    /// Continues with a chain that starts at the subterm at a path, where no letter is bound above it that is not in its depth.
    pub fn append_at(&mut self, path: &[usize], other: Chain<'a>) -> Option<()> {
        if *self.at(path)? != other.start {
            self.settle(replaced(&self.current, path, other.start.clone())?)?;
        }
        for step in other.steps {
            let whole = replaced(&self.current, path, step.to)?;
            let full: Path = path.iter().chain(&step.path).copied().collect();
            self.push(&full, step.law, step.reversed, whole);
        }
        Some(())
    }

    /// The chain without its detours: where it comes back to an expression, what lies between is left out.
    pub fn without_detours(mut self) -> Self {
        let visited = std::iter::once(&self.start).chain(self.steps.iter().map(|step| &step.to));
        let last: FxHashMap<&Expr, usize> = visited.enumerate().map(|(place, expr)| (expr, place)).collect();
        let mut kept = vec![false; self.steps.len()];
        let mut place = last.get(&self.start).copied().unwrap_or(0);
        while let Some(step) = self.steps.get(place) {
            kept[place] = true;
            place = last.get(&step.to).copied().unwrap_or(place + 1);
        }
        let mut kept = kept.into_iter();
        self.steps.retain(|_| kept.next() == Some(true));
        self
    }

    /// The chain read from right to left.
    pub fn reversed(self) -> Self {
        let mut targets: Vec<Expr> = Vec::with_capacity(self.steps.len());
        targets.push(self.start.clone());
        targets.extend(self.steps.iter().map(|step| step.to.clone()));
        targets.pop();
        let steps = self.steps.into_iter().zip(targets).rev();
        let steps = steps.map(|(step, to)| Step { reversed: !step.reversed, to, ..step }).collect();
        Chain { situation: self.situation, depth: self.depth, start: self.current, current: self.start, steps }
    }

    // The laws that need certificates, with the certificates found.

    /// Replaces the guard of the bracket, Σ or max at a path by an equivalent one.
    pub fn guard_equivalent(&mut self, path: &[usize], guard: Guard) -> Option<()> {
        let old = match self.at(path)? {
            Expr::Bracket(old) | Expr::Sum(_, old, _) | Expr::Max(_, old, _) => old.clone(),
            _ => return None,
        };
        if old == guard {
            return Some(());
        }
        let (forward, backward) = entail::equivalent(&self.facts_at(path), &old, &guard)?;
        self.apply(path, Law::GuardEquivalent(Equivalence { guard, forward, backward }))
    }

    /// Moves the bracket that is a factor of the body of the Σ at a path into its guard.
    pub fn absorb(&mut self, path: &[usize]) -> Option<()> {
        let Expr::Sum(vars, guard, body) = self.at(path)? else { return None };
        let is_bracket = |expr: &Expr| matches!(expr, Expr::Bracket(_));
        let position = match body.as_ref() {
            Expr::Mul(factors) => factors.iter().position(is_bracket)?,
            other if is_bracket(other) => 0,
            _ => return None,
        };
        let finite = entail::finite(&self.facts_at(path), vars, guard)?;
        self.apply(path, Law::GuardAbsorb(position, finite))
    }

    /// Replaces index terms of the entry or integer at a path by equal ones.
    pub fn index(&mut self, path: &[usize], to: Expr) -> Option<()> {
        let pairs: Vec<(Index, Index)> = match (self.at(path)?, &to) {
            (Expr::Integer(a), Expr::Integer(b)) => vec![(a.clone(), b.clone())],
            (Expr::Entry(s, a), Expr::Entry(t, b)) if s == t && a.len() == b.len() => {
                a.iter().cloned().zip(b.iter().cloned()).collect()
            }
            _ => return None,
        };
        let goals = pairs.iter().map(|(a, b)| Literal::eq(a - b));
        let proofs = entail::prove_all(&self.facts_at(path), goals)?;
        self.compare(path, Law::Index(proofs), to)
    }
}

/// The expression with the subterm at a path replaced.
pub fn replaced(expr: &Expr, path: &[usize], part: Expr) -> Option<Expr> {
    let Some((position, rest)) = path.split_first() else { return Some(part) };
    let mut result = expr.clone();
    let child = result.children_mut().get_mut(*position)?;
    *child = replaced(child, rest, part)?;
    Some(result)
}
