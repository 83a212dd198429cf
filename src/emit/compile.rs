//! From formulas to loops.
//!
//! A sum becomes a loop for each of its letters. The ends of a loop are read off the conditions that the letter stands in linearly, the
//! other conditions are tested inside. A tensor that an operator makes is computed as far outside of the loops as its letters allow.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::{One, Signed};

use super::code::Line;
use super::names::Names;
use super::{Target, Unsupported};
use crate::entail::{self, linear_in};
use crate::kernel::{
    Atom, Definition, Expr, Facts, Guard, Index, Literal, Name, Signature, Tensor, TensorDeclaration, Var,
};

type Outcome<T> = Result<T, Unsupported>;

/// The lines of one function in the making.
pub(super) struct Compiler<'a> {
    pub signature: &'a Signature,
    pub target: Target,
    pub names: &'a mut Names,
    /// The tensors in sight: parameters of a definition, or declared ones.
    pub tensors: &'a [TensorDeclaration],
    /// What is known where the function begins.
    pub facts: Facts,
    /// The blocks that are open, the outermost first, with the letters that are bound in each.
    blocks: Vec<Block>,
}

#[derive(Default)]
struct Block {
    letters: BTreeSet<Var>,
    lines: Vec<Line>,
    /// Arrays that are computed here.
    made: Vec<(Tensor, String)>,
}

/// One loop: a letter with the terms that bound it.
struct Loop {
    letter: Var,
    low: Vec<(Index, Index)>,
    high: Vec<(Index, Index)>,
}

/// The first and the last position along each axis of a box.
pub(super) type Sides = Vec<(Index, Index)>;

/// The sides of a box that is given by conditions on its axes.
pub(super) fn sides(axes: &[Var], support: &Guard) -> Option<Sides> {
    let side = |axis: &Var| {
        let (mut low, mut high) = (None, None);
        for literal in support.literals() {
            let Literal::Ge(index) = literal else { continue };
            let Some((factor, rest)) = linear_in(index, axis) else { continue };
            let bare = !axes.iter().any(|other| rest.contains(other));
            if factor == Index::from(1) && bare {
                low = Some(low.map_or(-&rest, |low| Index::max(low, -&rest)));
            } else if factor == Index::from(-1) && bare {
                high = Some(high.map_or(rest.clone(), |high| Index::min(high, rest.clone())));
            }
        }
        Some((low?, high?))
    };
    axes.iter().map(side).collect()
}

impl<'a> Compiler<'a> {
    pub(super) fn new(
        signature: &'a Signature,
        target: Target,
        names: &'a mut Names,
        tensors: &'a [TensorDeclaration],
        facts: Facts,
    ) -> Self {
        Compiler { signature, target, names, tensors, facts, blocks: vec![Block::default()] }
    }

    /// The lines that return a tensor given by its entries, or a scalar where there are no axes.
    pub(super) fn function(mut self, axes: &[Var], support: &Guard, body: &Expr, bound: &[Var]) -> Outcome<Vec<Line>> {
        if let Some(block) = self.blocks.first_mut() {
            block.letters.extend(bound.iter().cloned());
        }
        let value = if axes.is_empty() { self.guarded(support, body)? } else { self.array(axes, support, body)? };
        self.put(Line::Return(value));
        Ok(self.blocks.pop().map(|block| block.lines).unwrap_or_default())
    }

    fn put(&mut self, line: Line) {
        if let Some(block) = self.blocks.last_mut() {
            block.lines.push(line);
        }
    }

    /// A scalar that is 0 where a condition does not hold.
    fn guarded(&mut self, guard: &Guard, body: &Expr) -> Outcome<String> {
        if guard.is_empty() {
            return self.scalar(body);
        }
        self.scalar(&Expr::Mul(vec![Expr::Bracket(guard.clone()), body.clone()]))
    }

    /// Fills an array and gives its name.
    fn array(&mut self, axes: &[Var], support: &Guard, body: &Expr) -> Outcome<String> {
        let sides = sides(axes, support).ok_or_else(|| Unsupported("a tensor without a box".into()))?;
        // What is a tensor already is not copied.
        if let Expr::Entry(tensor @ Tensor::Call { .. }, position) = body
            && position.iter().eq(axes.iter().map(Index::from).collect::<Vec<_>>().iter())
            && !axes.iter().any(|axis| mentions(tensor, axis))
        {
            let (made, own) = self.tensor(tensor)?;
            if own == sides {
                return Ok(made);
            }
        }
        let name = self.names.fresh("out");
        let sizes = sides.iter().map(|(low, high)| self.index(&(&(high - low) + &Index::from(1))));
        let sizes = sizes.collect::<Outcome<Vec<_>>>()?;
        self.put(Line::Zeros(name.clone(), sizes));
        let store = name.clone();
        let places: Vec<Index> = axes.iter().zip(&sides).map(|(axis, (low, _))| &Index::from(axis) - low).collect();
        self.loops(axes, support, &mut |compiler| {
            let value = compiler.scalar(body)?;
            let position = places.iter().map(|index| compiler.index(index)).collect::<Outcome<_>>()?;
            compiler.put(Line::Store(store.clone(), position, value));
            Ok(())
        })?;
        Ok(name)
    }

    /// Loops over the points of a range, with what is done at each.
    fn loops(&mut self, vars: &[Var], guard: &Guard, inside: &mut dyn FnMut(&mut Self) -> Outcome<()>) -> Outcome<()> {
        let facts_before = self.facts.clone();
        let all: Facts = self.facts.iter().chain(guard.literals()).cloned().collect();
        let (order, tests) = order(&all, vars, guard)?;
        self.enter(&order, &tests, inside)?;
        self.facts = facts_before;
        Ok(())
    }

    fn enter(
        &mut self,
        order: &[Loop],
        tests: &[Literal],
        inside: &mut dyn FnMut(&mut Self) -> Outcome<()>,
    ) -> Outcome<()> {
        // Conditions without a letter that is still to come are tested here.
        let open = |literal: &Literal| order.iter().any(|one| literal.index().contains(&one.letter));
        let (later, now): (Vec<Literal>, Vec<Literal>) = tests.iter().cloned().partition(open);
        if !now.is_empty() {
            let conditions = now.iter().map(|literal| self.condition(literal)).collect::<Outcome<_>>()?;
            self.facts.extend(now);
            self.blocks.push(Block::default());
            self.enter(order, &later, inside)?;
            let body = self.blocks.pop().map(|block| block.lines).unwrap_or_default();
            self.put(Line::If(conditions, body));
            return Ok(());
        }
        let Some((next, rest)) = order.split_first() else { return inside(self) };
        let low = self.ends(&next.low, true)?;
        let high = self.ends(&next.high, false)?;
        let letter = self.letter(&next.letter);
        for (factor, term) in next.low.iter() {
            self.facts.insert(Literal::ge(&(factor * &Index::from(&next.letter)) - term));
        }
        for (factor, term) in next.high.iter() {
            self.facts.insert(Literal::ge(term - &(factor * &Index::from(&next.letter))));
        }
        self.blocks.push(Block { letters: [next.letter.clone()].into_iter().collect(), ..Block::default() });
        self.enter(rest, &later, inside)?;
        let body = self.blocks.pop().map(|block| block.lines).unwrap_or_default();
        self.put(Line::For { letter, low, high, body });
        Ok(())
    }

    /// The largest of the lower ends, or the smallest of the upper ends, which are left out themselves.
    fn ends(&mut self, ends: &[(Index, Index)], low: bool) -> Outcome<String> {
        let mut spelled: Vec<String> = Vec::new();
        for (factor, term) in ends {
            let end = match (*factor == Index::from(1), low) {
                (true, _) => term.clone(),
                (false, true) => -&Index::floor(-term, factor.clone()),
                (false, false) => Index::floor(term.clone(), factor.clone()),
            };
            let end = self.index(&if low { end } else { &end + &Index::from(1) })?;
            if !spelled.contains(&end) {
                spelled.push(end);
            }
        }
        let pick = if low { "max" } else { "min" };
        let target = self.target;
        Ok(spelled.into_iter().reduce(|a, b| target.extreme(pick, &a, &b)).unwrap_or_default())
    }

    fn letter(&mut self, var: &Var) -> String {
        self.names.of("letter", var.name.as_str())
    }

    /// An integer term.
    pub(super) fn index(&mut self, index: &Index) -> Outcome<String> {
        let mut text = String::new();
        // What is added comes first, numbers last: `i + u - 2`.
        let mut terms: Vec<_> = index.terms().collect();
        terms.sort_by_key(|(monomial, coefficient)| (coefficient.is_negative(), monomial.is_one()));
        for (monomial, coefficient) in terms {
            let mut factors = Vec::new();
            if !coefficient.abs().is_one() || monomial.is_one() {
                factors.push(coefficient.abs().to_string());
            }
            for (atom, exponent) in monomial.factors() {
                let value = self.atom(atom)?;
                let value =
                    if self.target != Target::Rust && value.contains("//") { format!("({value})") } else { value };
                factors.extend(std::iter::repeat_n(value, *exponent as usize));
            }
            let sign = match (text.is_empty(), coefficient.is_negative()) {
                (true, false) => "",
                (true, true) => "-",
                (false, false) => " + ",
                (false, true) => " - ",
            };
            text.push_str(sign);
            text.push_str(&factors.join(" * "));
        }
        Ok(if text.is_empty() { "0".into() } else { text })
    }

    fn atom(&mut self, atom: &Atom) -> Outcome<String> {
        Ok(match atom {
            Atom::Var(var) => self.letter(var),
            Atom::Floor(numerator, divisor) => {
                let (above, below) = (self.index(numerator)?, self.index(divisor)?);
                self.target.floor(&above, &below)
            }
            Atom::Max(a, b) => {
                let (a, b) = (self.index(a)?, self.index(b)?);
                self.target.extreme("max", &a, &b)
            }
            Atom::Apply(name, arguments) => {
                let arguments = arguments.iter().map(|argument| self.index(argument)).collect::<Outcome<Vec<_>>>()?;
                format!("{}({})", self.names.of("function", name.as_str()), arguments.join(", "))
            }
            Atom::Volume(_) => return Err(Unsupported("a volume of unknown rank".into())),
        })
    }

    pub(super) fn condition(&mut self, literal: &Literal) -> Outcome<String> {
        let sign = match literal {
            Literal::Ge(_) => ">=",
            Literal::Eq(_) => "==",
            Literal::Ne(_) => "!=",
        };
        // Terms with a minus sign stand on the other side.
        let (mut left, mut right) = (Index::default(), Index::default());
        for (monomial, coefficient) in literal.index().terms() {
            let term = Index::term(coefficient.abs(), monomial.clone());
            if coefficient.is_negative() { right = &right + &term } else { left = &left + &term }
        }
        Ok(format!("{} {sign} {}", self.index(&left)?, self.index(&right)?))
    }

    /// A scalar.
    fn scalar(&mut self, expr: &Expr) -> Outcome<String> {
        Ok(match expr {
            Expr::Number(value) => number(value),
            Expr::Integer(index) => {
                let text = self.index(index)?;
                self.target.scalar(&text)
            }
            Expr::Entry(tensor, position) => self.entry(tensor, position)?,
            Expr::Bracket(guard) => {
                let conditions =
                    guard.literals().map(|literal| self.condition(literal)).collect::<Outcome<Vec<_>>>()?;
                self.target.bracket(&conditions)
            }
            Expr::Add(terms) if terms.is_empty() => "0.0".into(),
            Expr::Add(terms) => {
                let terms = terms.iter().map(|term| self.scalar(term)).collect::<Outcome<Vec<_>>>()?;
                format!("({})", terms.join(" + "))
            }
            Expr::Mul(factors) if factors.is_empty() => "1.0".into(),
            Expr::Mul(factors) => {
                let factors = factors.iter().map(|factor| self.scalar(factor)).collect::<Outcome<Vec<_>>>()?;
                factors.join(" * ")
            }
            Expr::Power(base, exponent) => {
                let base = self.scalar(base)?;
                self.target.power(&base, *exponent)
            }
            Expr::Inverse(base) => format!("(1.0 / ({}))", self.scalar(base)?),
            Expr::Apply { function, orders, arguments } => {
                let arguments = arguments.iter().map(|argument| self.scalar(argument)).collect::<Outcome<Vec<_>>>()?;
                format!(
                    "{}({})",
                    self.names.of("function", &super::derived(function.as_str(), orders)),
                    arguments.join(", ")
                )
            }
            Expr::Sum(vars, guard, body) => {
                let total = self.names.fresh("total");
                self.put(Line::Let(total.clone(), "0.0".into()));
                self.loops(vars, guard, &mut |compiler| {
                    let value = compiler.scalar(body)?;
                    compiler.put(Line::Add(total.clone(), value));
                    Ok(())
                })?;
                total
            }
            Expr::Max(vars, guard, body) => {
                let largest = self.names.fresh("largest");
                self.put(Line::Let(largest.clone(), self.target.lowest().into()));
                self.loops(vars, guard, &mut |compiler| {
                    let value = compiler.scalar(body)?;
                    compiler.put(Line::Largest(largest.clone(), value));
                    Ok(())
                })?;
                largest
            }
            Expr::Derivative(_, _, _) => return Err(Unsupported("a derivative is left in the formula".into())),
        })
    }

    fn declaration(&self, name: &Name) -> Outcome<&'a TensorDeclaration> {
        let found = self.tensors.iter().find(|tensor| tensor.name == *name);
        found.ok_or_else(|| Unsupported(format!("{name} is not declared")))
    }

    fn entry(&mut self, tensor: &Tensor, position: &[Index]) -> Outcome<String> {
        if let Tensor::Named(name) = tensor {
            let declared = self.declaration(name)?;
            if declared.support.is_empty() && !declared.axes.is_empty() {
                let position = position.iter().map(|index| self.index(index)).collect::<Outcome<Vec<_>>>()?;
                return Ok(format!("{}({})", self.names.of("tensor", name.as_str()), position.join(", ")));
            }
        }
        let (array, sides) = self.tensor(tensor)?;
        if position.is_empty() {
            return Ok(array);
        }
        let places = position.iter().zip(&sides).map(|(index, (low, _))| self.index(&(index - low)));
        let places = places.collect::<Outcome<Vec<_>>>()?;
        Ok(self.target.at(&array, &places))
    }

    /// The array of a tensor, or the scalar where it has no axes, and its box.
    fn tensor(&mut self, tensor: &Tensor) -> Outcome<(String, Sides)> {
        let boxless = || Unsupported("a tensor without a box is used as an argument".into());
        match tensor {
            Tensor::Named(name) => {
                let declared = self.declaration(name)?;
                let sides = sides(&declared.axes, &declared.support).ok_or_else(boxless)?;
                Ok((self.names.of("tensor", name.as_str()), sides))
            }
            Tensor::Call { definition, parameters, tensors } => {
                let known = self.signature.definition(definition);
                let known = known.map_err(|_| Unsupported(format!("{definition} is not defined")))?;
                let map: BTreeMap<Var, Index> =
                    known.parameters.iter().cloned().zip(parameters.iter().cloned()).collect();
                let sides = sides(&known.axes, &known.support).ok_or_else(boxless)?;
                let sides = sides.iter().map(|(low, high)| (low.substitute(&map), high.substitute(&map))).collect();
                let array = self.hoisted(tensor, &mut |compiler| {
                    let mut arguments = Vec::new();
                    for tensor in tensors {
                        let (array, _) = compiler.tensor(tensor)?;
                        let scalar = matches!(compiler.axes(tensor), Some(0));
                        arguments.push(compiler.target.lend(&array, scalar));
                    }
                    for parameter in parameters {
                        arguments.push(compiler.index(parameter)?);
                    }
                    for function in functions(known, compiler.signature) {
                        arguments.push(compiler.names.of("function", &function));
                    }
                    let callee = compiler.names.of("definition", definition.as_str());
                    let name = compiler.names.fresh(definition.surface());
                    compiler.put(Line::Call(name.clone(), format!("{callee}({})", arguments.join(", "))));
                    Ok(name)
                })?;
                Ok((array, sides))
            }
            Tensor::Lambda { axes, support, body } => {
                let sides = sides(axes, support).ok_or_else(boxless)?;
                let array = self.hoisted(tensor, &mut |compiler| match axes.is_empty() {
                    true => compiler.guarded(support, body),
                    false => compiler.array(axes, support, body),
                })?;
                Ok((array, sides))
            }
        }
    }

    fn axes(&self, tensor: &Tensor) -> Option<usize> {
        match tensor {
            Tensor::Named(name) => self.declaration(name).ok().map(|declared| declared.axes.len()),
            Tensor::Call { definition, .. } => self.signature.definition(definition).ok().map(|known| known.axes.len()),
            Tensor::Lambda { axes, .. } => Some(axes.len()),
        }
    }

    /// Makes a tensor in the outermost block in which all its letters are bound, once.
    fn hoisted(&mut self, tensor: &Tensor, make: &mut dyn FnMut(&mut Self) -> Outcome<String>) -> Outcome<String> {
        let mut free = BTreeSet::new();
        tensor.collect_free(&mut free);
        let last = self.blocks.iter().rposition(|block| block.letters.iter().any(|letter| free.contains(letter)));
        let level = last.unwrap_or(0);
        let known = self.blocks.iter().take(level + 1).flat_map(|block| &block.made).find(|(made, _)| made == tensor);
        if let Some((_, name)) = known {
            return Ok(name.clone());
        }
        let above = self.blocks.split_off(level + 1);
        let name = make(self);
        if let (Some(block), Ok(name)) = (self.blocks.last_mut(), &name) {
            block.made.push((tensor.clone(), name.clone()));
        }
        self.blocks.extend(above);
        name
    }
}

fn mentions(tensor: &Tensor, var: &Var) -> bool {
    let mut free = BTreeSet::new();
    tensor.collect_free(&mut free);
    free.contains(var)
}

/// The functions that a definition's body applies, those of the definitions that it calls included.
pub(super) fn functions(definition: &Definition, signature: &Signature) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    collect(&definition.body, signature, &mut seen, &mut found);
    found
}

/// Adds the functions that an expression applies.
pub(super) fn collect(expr: &Expr, signature: &Signature, seen: &mut BTreeSet<Name>, found: &mut Vec<String>) {
    match expr {
        Expr::Apply { function, orders, .. } => {
            let name = super::derived(function.as_str(), orders);
            if !found.contains(&name) {
                found.push(name);
            }
        }
        Expr::Entry(tensor, _) => collect_tensor(tensor, signature, seen, found),
        _ => {}
    }
    expr.visit_indices(&mut |index| integers(index, found));
    expr.children().iter().for_each(|child| collect(child, signature, seen, found));
}

fn integers(index: &Index, found: &mut Vec<String>) {
    for atom in index.atoms() {
        match atom {
            Atom::Apply(name, arguments) => {
                if !found.contains(&name.to_string()) {
                    found.push(name.to_string());
                }
                arguments.iter().for_each(|argument| integers(argument, found));
            }
            Atom::Floor(a, b) | Atom::Max(a, b) => {
                integers(a, found);
                integers(b, found);
            }
            Atom::Volume(size) => integers(size, found),
            Atom::Var(_) => {}
        }
    }
}

fn collect_tensor(tensor: &Tensor, signature: &Signature, seen: &mut BTreeSet<Name>, found: &mut Vec<String>) {
    match tensor {
        Tensor::Named(_) => {}
        Tensor::Call { definition, tensors, .. } => {
            tensors.iter().for_each(|tensor| collect_tensor(tensor, signature, seen, found));
            if let Ok(known) = signature.definition(definition)
                && seen.insert(definition.clone())
            {
                collect(&known.body, signature, seen, found);
            }
        }
        Tensor::Lambda { body, .. } => collect(body, signature, seen, found),
    }
}

fn number(value: &BigRational) -> String {
    match value.is_integer() {
        true if value.is_negative() => format!("({}.0)", value.numer()),
        true => format!("{}.0", value.numer()),
        false => format!("({}.0 / {}.0)", value.numer(), value.denom()),
    }
}

/// An order of loops in which every letter has both ends when its turn comes, and the conditions that are left to be tested.
fn order(facts: &Facts, vars: &[Var], guard: &Guard) -> Outcome<(Vec<Loop>, Vec<Literal>)> {
    let mut open: Vec<Var> = vars.to_vec();
    let mut literals: Vec<Literal> = guard.literals().cloned().collect();
    let mut order = Vec::new();
    while !open.is_empty() {
        let found = open.iter().find_map(|letter| {
            let (mut low, mut high, mut used) = (Vec::new(), Vec::new(), Vec::new());
            for literal in &literals {
                let Some((factor, rest)) = linear_in(literal.index(), letter) else { continue };
                if open.iter().any(|other| rest.contains(other) || factor.contains(other)) {
                    continue;
                }
                let (positive, negative) = (entail::positive(facts, &factor), entail::positive(facts, &-&factor));
                match literal {
                    Literal::Ge(_) if positive => low.push((factor, -&rest)),
                    Literal::Ge(_) if negative => high.push((-&factor, rest)),
                    Literal::Eq(_) if positive || negative => {
                        let (factor, term) = if positive { (factor, -&rest) } else { (-&factor, rest) };
                        low.push((factor.clone(), term.clone()));
                        high.push((factor.clone(), term));
                        // With a factor of 1 the ends meet; else the condition is still to be tested.
                        if factor != Index::from(1) {
                            continue;
                        }
                    }
                    _ => continue,
                }
                used.push(literal.clone());
            }
            (!low.is_empty() && !high.is_empty()).then(|| (Loop { letter: letter.clone(), low, high }, used))
        });
        let Some((one, used)) = found else {
            let names: Vec<&str> = open.iter().map(|var| var.name.as_str()).collect();
            return Err(Unsupported(format!("the ends of the loop over {} could not be read off", names.join(", "))));
        };
        open.retain(|letter| *letter != one.letter);
        literals.retain(|literal| !used.contains(literal));
        order.push(one);
    }
    Ok((order, literals))
}
