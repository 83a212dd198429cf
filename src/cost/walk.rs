//! From definitions to sets of points.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use super::{Count, Fault, Measure, Points, Question, Work};
use crate::entail;
use crate::kernel::{Expr, Facts, Guard, Index, Name, Signature, Substitution, Tensor, Var, assign};

/// Deeper nesting of terms and definitions than this is not followed.
const MAX_DEPTH: usize = 100;
/// Larger work than this is not followed.
const MAX_STEPS: usize = 20_000;

/// Multiplications, additions and the like.
pub(super) fn operations(
    signature: &Signature,
    facts: &Facts,
    work: &[Work],
    question: &Question,
) -> Result<Count, Fault> {
    let mut count = Count::default();
    for one in work {
        let mut walk = Walk { signature, facts, question, steps: 0, computed: Vec::new(), count: Count::default() };
        let start = Frame::default();
        match one {
            Work::Tensor(tensor) => walk.once(tensor),
            Work::Scalar(expr) => walk.expr(expr, &start, 0)?,
        }
        let mut next = 0;
        while let Some(tensor) = walk.computed.get(next).cloned() {
            walk.in_full(&tensor)?;
            next += 1;
        }
        walk.count.parts.into_iter().for_each(|points| count.add(points));
    }
    count.parts.retain(|points| !points.times.is_zero());
    Ok(count)
}

impl Count {
    /// Adds points; a set that is there already counts more often.
    fn add(&mut self, points: Points) {
        match self.parts.iter_mut().find(|known| known.vars == points.vars && known.guard == points.guard) {
            Some(known) => known.times += points.times,
            None => self.parts.push(points),
        }
    }
}

/// Where a part of a term is evaluated: once for each point of a set.
#[derive(Clone, Default)]
struct Frame {
    vars: Vec<Var>,
    guard: Guard,
}

impl Frame {
    fn and(&self, guard: &Guard) -> Frame {
        Frame { vars: self.vars.clone(), guard: self.guard.and(guard) }
    }

    /// The frame with the letters of a binder, under new names where there are such letters, and how they are replaced.
    fn open(&self, vars: &[Var], guard: &Guard, taken: BTreeSet<Var>) -> (Frame, Substitution) {
        let mut avoid: BTreeSet<Var> = taken;
        avoid.extend(self.vars.iter().cloned());
        self.guard.collect_vars(&mut avoid);
        let mut inner = self.clone();
        let mut map = BTreeMap::new();
        for var in vars {
            let clash = avoid.iter().any(|other| other.name == var.name);
            let name = if clash { var.fresh(&avoid) } else { var.clone() };
            avoid.insert(name.clone());
            map.insert(var.clone(), Index::from(&name));
            inner.vars.push(name);
        }
        inner.guard = inner.guard.and(&guard.substitute(&map));
        (inner, Substitution::of_indices(map))
    }
}

struct Walk<'a> {
    signature: &'a Signature,
    facts: &'a Facts,
    question: &'a Question,
    steps: usize,
    /// Tensors that are computed once, in the order in which they were met.
    computed: Vec<Tensor>,
    count: Count,
}

impl Walk<'_> {
    fn emit(&mut self, frame: &Frame, times: BigInt) {
        if !times.is_zero() {
            self.count.add(Points { vars: frame.vars.clone(), guard: frame.guard.clone(), times });
        }
    }

    /// Notes a tensor that is computed once.
    fn once(&mut self, tensor: &Tensor) {
        if !matches!(tensor, Tensor::Named(_)) && !self.computed.contains(tensor) {
            self.computed.push(tensor.clone());
        }
    }

    /// All entries of a tensor.
    fn in_full(&mut self, tensor: &Tensor) -> Result<(), Fault> {
        let (axes, support, body) = self.unfolded(tensor, &Frame::default(), 0)?;
        let mut taken = BTreeSet::new();
        tensor.collect_free(&mut taken);
        let (frame, map) = Frame::default().open(&axes, &support, taken);
        if entail::finite(self.facts, &frame.vars, &frame.guard).is_none() {
            return Err(Fault::Infinite);
        }
        if self.question.measure == Measure::Activations {
            self.emit(&frame, BigInt::one());
        }
        self.expr(&body.substitute(&map), &frame, 0)
    }

    /// The axes, box and entry of a tensor that is computed. Scalar arguments of a definition are computed where it is called,
    /// and stay as they are in its body.
    fn unfolded(&mut self, tensor: &Tensor, frame: &Frame, depth: usize) -> Result<(Vec<Var>, Guard, Expr), Fault> {
        match tensor {
            Tensor::Named(name) => Err(Fault::Unknown(name.clone())),
            Tensor::Lambda { axes, support, body } => Ok((axes.clone(), support.clone(), body.as_ref().clone())),
            Tensor::Call { definition: name, parameters, tensors } => {
                let unknown = || Fault::Unknown(name.clone());
                let signature = self.signature;
                let definition = signature.definition(name).map_err(|_| unknown())?;
                let sizes = assign(&definition.parameters, parameters).map_err(|_| unknown())?;
                let mut given = BTreeMap::new();
                for (declared, tensor) in definition.tensors.iter().zip(tensors) {
                    match tensor {
                        Tensor::Lambda { axes, body, .. } if axes.is_empty() => self.expr(body, frame, depth + 1)?,
                        _ => drop(given.insert(declared.name.clone(), tensor.clone())),
                    }
                }
                let mut taken = BTreeSet::new();
                tensor.collect_free(&mut taken);
                let (inner, letters) = Frame::default().open(&definition.axes, &Guard::always(), taken);
                let map: BTreeMap<Var, Index> = letters.indices().iter().chain(&sizes).map(clone_pair).collect();
                let map = Substitution::new(map, given);
                map.check_growth(&definition.body).map_err(|_| Fault::TooLarge)?;
                let support = definition.support.substitute(map.indices());
                Ok((inner.vars, support, definition.body.substitute(&map)))
            }
        }
    }

    /// What it costs to evaluate a term at every point of a frame.
    fn expr(&mut self, expr: &Expr, frame: &Frame, depth: usize) -> Result<(), Fault> {
        self.steps += 1;
        if depth > MAX_DEPTH || self.steps > MAX_STEPS {
            return Err(Fault::TooLarge);
        }
        match expr {
            Expr::Number(_) | Expr::Integer(_) | Expr::Bracket(_) => Ok(()),
            Expr::Derivative(_, _, _) => Err(Fault::Derivative),
            Expr::Entry(tensor, position) => self.entry(tensor, position, frame, depth),
            Expr::Add(terms) => {
                if self.question.measure == Measure::Additions && reads(expr) {
                    self.emit(frame, BigInt::from(terms.len()) - 1);
                }
                terms.iter().try_for_each(|term| self.expr(term, frame, depth + 1))
            }
            Expr::Mul(_) => {
                let product = Product::of(expr);
                let inner = frame.and(&product.condition);
                if self.question.measure == Measure::Multiplications {
                    let counted = self.within(&product, &inner);
                    self.emit(&counted, product.multiplications());
                }
                product.factors.iter().try_for_each(|factor| self.expr(factor, &inner, depth + 1))
            }
            Expr::Power(base, exponent) => {
                if self.question.measure == Measure::Multiplications && *exponent > 1 && reads(base) {
                    let counted = self.within(&Product::of(base), frame);
                    self.emit(&counted, BigInt::from(*exponent) - 1);
                }
                if *exponent > 0 { self.expr(base, frame, depth + 1) } else { Ok(()) }
            }
            Expr::Inverse(base) => self.expr(base, frame, depth + 1),
            Expr::Apply { arguments, .. } => {
                arguments.iter().try_for_each(|argument| self.expr(argument, frame, depth + 1))
            }
            Expr::Sum(vars, guard, body) => {
                if !reads(body) {
                    return Ok(());
                }
                let (inner, body) = opened(frame, vars, guard, body);
                self.summation(frame, &inner, &body)?;
                self.expr(&body, &inner, depth + 1)
            }
            Expr::Max(vars, guard, body) => {
                let (inner, body) = opened(frame, vars, guard, body);
                self.expr(&body, &inner, depth + 1)
            }
        }
    }

    /// What adding up costs, for a sum whose terms are those of `inner` at each point of `outer`.
    fn summation(&mut self, outer: &Frame, inner: &Frame, body: &Expr) -> Result<(), Fault> {
        let product = Product::of(body);
        let counted = self.within(&product, &inner.and(&product.condition));
        match self.question.measure {
            Measure::MultiplyAdds if product.multiplications().is_positive() => self.emit(&counted, BigInt::one()),
            Measure::Additions => {
                let letters: Vec<Var> = inner.vars.iter().skip(outer.vars.len()).cloned().collect();
                let facts: Facts = self.facts.iter().chain(outer.guard.literals()).cloned().collect();
                let own = counted.guard.literals().filter(|literal| !outer.guard.contains(literal)).cloned().collect();
                if entail::point(&facts, &letters, &own).is_none() {
                    return Err(Fault::MaybeEmpty(letters.into_iter().map(|var| var.name).collect()));
                }
                self.emit(&counted, BigInt::one());
                self.emit(outer, -BigInt::one());
            }
            _ => {}
        }
        Ok(())
    }

    /// The points at which a product is formed: all of them, or those where its entries lie inside their boxes.
    fn within(&self, product: &Product<'_>, frame: &Frame) -> Frame {
        if !self.question.skip_padding {
            return frame.clone();
        }
        let supports = product.factors.iter().filter_map(|factor| match factor {
            Expr::Entry(tensor, position) => self.signature.support(tensor, position).ok(),
            _ => None,
        });
        supports.fold(frame.clone(), |frame, support| frame.and(&support))
    }

    /// What it costs to read an entry: nothing where the tensor is declared or computed once.
    fn entry(&mut self, tensor: &Tensor, position: &[Index], frame: &Frame, depth: usize) -> Result<(), Fault> {
        if matches!(tensor, Tensor::Named(_)) {
            return Ok(());
        }
        let mut free = BTreeSet::new();
        tensor.collect_free(&mut free);
        if !frame.vars.iter().any(|var| free.contains(var)) {
            self.once(tensor);
            return Ok(());
        }
        let (axes, support, body) = self.unfolded(tensor, frame, depth)?;
        let map = assign(&axes, position).map_err(|_| Fault::TooLarge)?;
        let support = support.substitute(&map);
        let map = Substitution::of_indices(map);
        map.check_growth(&body).map_err(|_| Fault::TooLarge)?;
        self.expr(&body.substitute(&map), &frame.and(&support), depth + 1)
    }
}

/// A frame below a binder, with the binder's body in the frame's letters.
fn opened(frame: &Frame, vars: &[Var], guard: &Guard, body: &Expr) -> (Frame, Expr) {
    let mut taken = BTreeSet::new();
    guard.collect_vars(&mut taken);
    body.collect_free(&mut taken);
    taken.retain(|var| !vars.contains(var));
    let (inner, map) = frame.open(vars, guard, taken);
    let body = body.substitute(&map);
    (inner, body)
}

fn clone_pair((var, index): (&Var, &Index)) -> (Var, Index) {
    (var.clone(), index.clone())
}

/// Whether a term reads an entry, so that its value is not known beforehand.
fn reads(expr: &Expr) -> bool {
    expr.any(&|part| matches!(part, Expr::Entry(_, _) | Expr::Apply { .. }))
}

/// The factors of a product, sorted by what they cost.
struct Product<'e> {
    /// Factors that read entries.
    factors: Vec<&'e Expr>,
    /// The brackets.
    condition: Guard,
    /// Whether there is a number besides that is neither 1 nor −1.
    constant: bool,
}

impl<'e> Product<'e> {
    fn of(expr: &'e Expr) -> Product<'e> {
        let mut product = Product { factors: Vec::new(), condition: Guard::always(), constant: false };
        product.add(expr);
        product
    }

    fn add(&mut self, expr: &'e Expr) {
        match expr {
            Expr::Mul(factors) => factors.iter().for_each(|factor| self.add(factor)),
            Expr::Bracket(guard) => self.condition = self.condition.and(guard),
            Expr::Number(value) if value.abs().is_one() => {}
            Expr::Integer(index) if index.as_constant().is_some_and(|value| value.abs().is_one()) => {}
            expr if reads(expr) => self.factors.push(expr),
            _ => self.constant = true,
        }
    }

    fn multiplications(&self) -> BigInt {
        let factors = self.factors.len() + usize::from(self.constant && !self.factors.is_empty());
        BigInt::from(factors.saturating_sub(1))
    }
}

/// The entries of the declared tensors that are no inputs.
pub(super) fn parameters(
    signature: &Signature,
    facts: &Facts,
    work: &[Work],
    question: &Question,
) -> Result<Count, Fault> {
    let mut names: Vec<Name> = Vec::new();
    for one in work {
        match one {
            Work::Tensor(tensor) => collect_tensors(tensor, &mut names),
            Work::Scalar(expr) => collect_named(expr, &mut names),
        }
    }
    let mut count = Count::default();
    for name in names.into_iter().filter(|name| !question.inputs.contains(name)) {
        let declared = signature.tensor(&name).map_err(|_| Fault::Unknown(name.clone()))?;
        let mut taken = BTreeSet::new();
        declared.support.collect_vars(&mut taken);
        taken.retain(|var| !declared.axes.contains(var));
        let (frame, _) = Frame::default().open(&declared.axes, &declared.support, taken);
        if entail::finite(facts, &frame.vars, &frame.guard).is_none() {
            return Err(Fault::Infinite);
        }
        count.add(Points { vars: frame.vars, guard: frame.guard, times: BigInt::one() });
    }
    Ok(count)
}

fn collect_tensors(tensor: &Tensor, names: &mut Vec<Name>) {
    match tensor {
        Tensor::Named(name) if names.contains(name) => {}
        Tensor::Named(name) => names.push(name.clone()),
        Tensor::Call { tensors, .. } => tensors.iter().for_each(|tensor| collect_tensors(tensor, names)),
        Tensor::Lambda { body, .. } => collect_named(body, names),
    }
}

fn collect_named(expr: &Expr, names: &mut Vec<Name>) {
    if let Expr::Entry(tensor, _) = expr {
        collect_tensors(tensor, names);
    }
    expr.children().iter().for_each(|child| collect_named(child, names));
}
