//! From statements to slots.
//!
//! Ranks are instantiated here and nowhere else: a ranked condition becomes one condition for each coordinate, a ranked axis as
//! many axes as the rank says, and `vol(n)` a product.

use std::collections::BTreeMap;

use super::code::{Body, ClaimCode, Code, HeldCode, Input, PremiseCode, Program, TensorCode};
use super::fault::Fault;
use super::known::Known;
use super::poly::{Factor, Kind, Poly, System, Test};
use crate::kernel::{
    Atom, Claim, Definition, Expr, Guard, Held, Index, Literal, Monomial, Name, Premise, Rank, Signature, Slope,
    Statement, Tensor, TensorDeclaration, Var,
};

/// Deeper nesting than this is not evaluated.
const DEPTH_LIMIT: usize = 100;

impl Program {
    /// Compiles a statement for the given ranks.
    ///
    /// # Errors
    /// A [`Fault`] where the statement has no meaning here.
    pub fn new(statement: &Statement, ranks: &BTreeMap<Name, usize>) -> Result<Program, Fault> {
        let mut compiler = Compiler {
            signature: &statement.signature,
            ranks,
            bodies: Vec::new(),
            definitions: BTreeMap::new(),
            integers: Vec::new(),
            has_max: false,
            has_derivative: false,
        };
        for definition in &statement.signature.definitions {
            let body = compiler.definition(definition)?;
            compiler.bodies.push(body);
            let id = compiler.bodies.len() - 1;
            compiler.definitions.insert(definition.name.clone(), (definition, id));
        }
        let slopes = statement.signature.functions.iter();
        let slopes = slopes.map(|function| function.slope.as_ref().map(|slope| compiler.slope(slope)).transpose());
        let slopes = slopes.collect::<Result<Vec<_>, Fault>>()?;
        let mut outer = Scope::default();
        let parameters = compiler.declare(&mut outer, &statement.parameters)?;
        let parameter_slots = outer.next;
        let assumptions = compiler.system(&outer, 0, &statement.parameters, &statement.assumptions)?;
        let inputs = statement.signature.tensors.iter().map(|tensor| {
            let mut scope = outer.clone();
            compiler.declare(&mut scope, &tensor.axes)?;
            let support = compiler.system(&scope, parameter_slots, &tensor.axes, &tensor.support)?;
            let test = compiler.test(&scope, &tensor.support)?;
            Ok(Input { name: tensor.name.clone(), support, test, slots: scope.next })
        });
        let inputs = inputs.collect::<Result<Vec<_>, Fault>>()?;
        let mut scope = outer;
        let mut indices = compiler.declare(&mut scope, &statement.indices)?;
        let ranges = compiler.system(&scope, parameter_slots, &statement.indices, &statement.ranges)?;
        let premises = statement.signature.premises.iter().map(|premise| compiler.premise(&mut scope, premise));
        let premises = premises.collect::<Result<Vec<_>, Fault>>()?;
        let claim = match &statement.claim {
            Claim::Equation(left, right) => {
                let left = compiler.expr(&mut scope, left, 0)?;
                ClaimCode::Equation(left, compiler.expr(&mut scope, right, 0)?)
            }
            Claim::Holds(guard) => {
                let tests = guard.literals().map(|literal| {
                    Ok((literal.clone(), compiler.test(&scope, &[literal.clone()].into_iter().collect())?))
                });
                ClaimCode::Holds(tests.collect::<Result<_, Fault>>()?)
            }
            Claim::Iff(left, right) => ClaimCode::Iff(compiler.test(&scope, left)?, compiler.test(&scope, right)?),
            Claim::Tensors(left, right) => {
                let axes = compiler.axes(&scope, left)?;
                if axes.len() != compiler.axes(&scope, right)?.len() {
                    return Err(Fault::Malformed("the two tensors have different numbers of axes".into()));
                }
                let mut taken: std::collections::BTreeSet<Var> = scope.slots.keys().cloned().collect();
                let mut letters = Vec::new();
                for axis in axes {
                    let letter = axis.fresh(&taken);
                    taken.insert(letter.clone());
                    letters.push(letter);
                }
                let first = scope.next;
                let named = compiler.declare(&mut scope, &letters)?;
                indices.extend(named);
                let position: Vec<Index> = letters.iter().map(Index::from).collect();
                let support = |tensor: &Tensor| {
                    statement
                        .signature
                        .support(tensor, &position)
                        .map_err(|refusal| Fault::Malformed(refusal.to_string()))
                };
                let (left_box, right_box) = (support(left)?, support(right)?);
                let entry = |tensor: &Tensor| Expr::Entry(tensor.clone(), position.clone());
                ClaimCode::Tensors {
                    left: compiler.system(&scope, first, &letters, &left_box)?,
                    right: compiler.system(&scope, first, &letters, &right_box)?,
                    left_test: compiler.test(&scope, &left_box)?,
                    right_test: compiler.test(&scope, &right_box)?,
                    left_entry: compiler.expr(&mut scope, &entry(left), 0)?,
                    right_entry: compiler.expr(&mut scope, &entry(right), 0)?,
                }
            }
        };
        let functions = statement.signature.functions.iter().map(|function| (function.name.clone(), function.arity));
        Ok(Program {
            ranks: ranks.clone(),
            inputs,
            functions: functions.collect(),
            slopes,
            known: statement.signature.functions.iter().map(Known::of).collect(),
            positive: statement.signature.functions.iter().map(|function| function.positive).collect(),
            premises,
            integers: compiler.integers,
            bodies: compiler.bodies,
            parameters,
            assumptions,
            indices,
            ranges,
            claim,
            slots: scope.next.max(scope.highest),
            has_max: compiler.has_max,
            has_derivative: compiler.has_derivative,
        })
    }
}

/// Which slot a variable's first coordinate has.
#[derive(Clone, Debug, Default)]
struct Scope {
    slots: BTreeMap<Var, usize>,
    tensors: Vec<TensorDeclaration>,
    /// Whether `tensors` are all there are: inside a definition the declared tensors are out of sight.
    closed: bool,
    next: usize,
    highest: usize,
}

struct Compiler<'a> {
    signature: &'a Signature,
    ranks: &'a BTreeMap<Name, usize>,
    bodies: Vec<Body>,
    definitions: BTreeMap<Name, (&'a Definition, usize)>,
    integers: Vec<Name>,
    has_max: bool,
    has_derivative: bool,
}

impl<'a> Compiler<'a> {
    fn width(&self, rank: &Rank) -> Result<usize, Fault> {
        match rank {
            Rank::Scalar => Ok(1),
            Rank::Symbolic(name) => self.ranks.get(name).copied().ok_or_else(|| Fault::Undeclared(name.clone())),
        }
    }

    /// Gives slots to letters; their names and widths come back.
    fn declare(&self, scope: &mut Scope, vars: &[Var]) -> Result<Vec<(Name, usize)>, Fault> {
        let mut named = Vec::new();
        for var in vars {
            let width = self.width(&var.rank)?;
            scope.slots.insert(var.clone(), scope.next);
            scope.next += width;
            named.push((var.name.clone(), width));
        }
        scope.highest = scope.highest.max(scope.next);
        if scope.highest > 10_000 {
            return Err(Fault::TooLarge);
        }
        Ok(named)
    }

    fn axes(&self, scope: &Scope, tensor: &Tensor) -> Result<Vec<Var>, Fault> {
        match tensor {
            Tensor::Named(name) => {
                let parameter = scope.tensors.iter().find(|tensor| tensor.name == *name);
                let declared = self.signature.tensors.iter().find(|tensor| tensor.name == *name && !scope.closed);
                Ok(parameter.or(declared).ok_or_else(|| Fault::Undeclared(name.clone()))?.axes.clone())
            }
            Tensor::Call { definition, .. } => {
                let found = self.definitions.get(definition);
                Ok(found.ok_or_else(|| Fault::Undeclared(definition.clone()))?.0.axes.clone())
            }
            Tensor::Lambda { axes, .. } => Ok(axes.clone()),
        }
    }

    fn definition(&mut self, definition: &Definition) -> Result<Body, Fault> {
        let mut scope = Scope { tensors: definition.tensors.clone(), closed: true, ..Scope::default() };
        self.declare(&mut scope, &definition.parameters)?;
        let parameters = scope.next;
        self.declare(&mut scope, &definition.axes)?;
        let axes = scope.next - parameters;
        let support = self.test(&scope, &definition.support)?;
        let code = self.expr(&mut scope, &definition.body, 0)?;
        Ok(Body { parameters, axes, slots: scope.highest, support, code })
    }

    /// What is assumed of a derivative, with the argument as a tensor parameter. Its values need infinitesimals.
    fn slope(&mut self, slope: &Slope) -> Result<(Code, usize), Fault> {
        self.has_derivative = true;
        let argument = TensorDeclaration { name: slope.argument.clone(), axes: Vec::new(), support: Guard::always() };
        let mut scope = Scope { tensors: vec![argument], closed: true, ..Scope::default() };
        let code = self.expr(&mut scope, &slope.body, 0)?;
        Ok((code, scope.highest))
    }

    /// A premise. What is positive needs an order, as a maximum does.
    fn premise(&mut self, scope: &mut Scope, premise: &Premise) -> Result<PremiseCode, Fault> {
        let (outer, first) = (scope.slots.clone(), scope.next);
        self.declare(scope, &premise.vars)?;
        let system = self.system(scope, first, &premise.vars, &premise.guard)?;
        let held = match &premise.held {
            Held::Condition(guard) => HeldCode::Condition(self.test(scope, guard)?),
            Held::NonZero(expr) => HeldCode::NonZero(self.expr(scope, expr, 0)?),
            Held::Positive(expr) => {
                self.has_max = true;
                HeldCode::Positive(self.expr(scope, expr, 0)?)
            }
        };
        (scope.slots, scope.next) = (outer, first);
        Ok(PremiseCode { system, held })
    }

    fn expr(&mut self, scope: &mut Scope, expr: &Expr, depth: usize) -> Result<Code, Fault> {
        if depth > DEPTH_LIMIT {
            return Err(Fault::TooDeep);
        }
        let depth = depth + 1;
        Ok(match expr {
            Expr::Number(value) => Code::Number(value.clone()),
            Expr::Integer(index) => {
                let mut terms = Vec::new();
                for (monomial, coefficient) in index.terms() {
                    terms.push((coefficient.clone(), self.monomial(scope, monomial, None)?));
                }
                Code::Integer(terms)
            }
            Expr::Entry(tensor, position) => {
                let axes = self.axes(scope, tensor)?;
                let position = self.position(scope, Some(&axes), position)?;
                Code::Entry(self.tensor(scope, tensor, depth)?, position)
            }
            Expr::Bracket(guard) => Code::Bracket(self.test(scope, guard)?),
            Expr::Add(terms) => Code::Add(self.all(scope, terms, depth)?),
            Expr::Mul(factors) => {
                let mut factors = self.all(scope, factors, depth)?;
                // Conditions first, so that nothing is evaluated where they fail.
                factors.sort_by_key(|factor| !matches!(factor, Code::Bracket(_)));
                Code::Mul(factors)
            }
            Expr::Power(base, exponent) => Code::Power(Box::new(self.expr(scope, base, depth)?), *exponent),
            Expr::Inverse(base) => Code::Inverse(Box::new(self.expr(scope, base, depth)?)),
            Expr::Apply { function, orders, arguments } => {
                let found = self.signature.functions.iter().position(|declared| declared.name == *function);
                let function_id = found.ok_or_else(|| Fault::Undeclared(function.clone()))?;
                Code::Apply {
                    function: function_id,
                    orders: orders.clone(),
                    arguments: self.all(scope, arguments, depth)?,
                }
            }
            Expr::Sum(vars, guard, body) => {
                let (system, body) = self.binder(scope, vars, guard, body, depth)?;
                Code::Sum(system, Box::new(body))
            }
            Expr::Max(vars, guard, body) => {
                self.has_max = true;
                let (system, body) = self.binder(scope, vars, guard, body, depth)?;
                Code::Max(system, Box::new(body))
            }
            Expr::Derivative(body, tensor, position) => {
                self.has_derivative = true;
                let tensor = Tensor::Named(tensor.clone());
                let axes = self.axes(scope, &tensor)?;
                let position = self.position(scope, Some(&axes), position)?;
                let tensor = self.tensor(scope, &tensor, depth)?;
                Code::Derivative(Box::new(self.expr(scope, body, depth)?), tensor, position)
            }
        })
    }

    fn all(&mut self, scope: &mut Scope, exprs: &[Expr], depth: usize) -> Result<Vec<Code>, Fault> {
        exprs.iter().map(|expr| self.expr(scope, expr, depth)).collect()
    }

    fn binder(
        &mut self,
        scope: &mut Scope,
        vars: &[Var],
        guard: &Guard,
        body: &Expr,
        depth: usize,
    ) -> Result<(System, Code), Fault> {
        let (outer, first) = (scope.slots.clone(), scope.next);
        self.declare(scope, vars)?;
        let system = self.system(scope, first, vars, guard)?;
        let body = self.expr(scope, body, depth)?;
        (scope.slots, scope.next) = (outer, first);
        Ok((system, body))
    }

    fn tensor(&mut self, scope: &mut Scope, tensor: &Tensor, depth: usize) -> Result<TensorCode, Fault> {
        if depth > DEPTH_LIMIT {
            return Err(Fault::TooDeep);
        }
        match tensor {
            Tensor::Named(name) => {
                if let Some(position) = scope.tensors.iter().position(|other| other.name == *name) {
                    return Ok(TensorCode::Parameter(position));
                }
                let found = self.signature.tensors.iter().position(|declared| declared.name == *name);
                match found {
                    Some(position) if !scope.closed => Ok(TensorCode::Input(position)),
                    _ => Err(Fault::Undeclared(name.clone())),
                }
            }
            Tensor::Call { definition, parameters, tensors } => {
                let (declared, body) =
                    *self.definitions.get(definition).ok_or_else(|| Fault::Undeclared(definition.clone()))?;
                let count =
                    |what: &str| Fault::Malformed(format!("{definition} is called with another number of {what}"));
                if declared.parameters.len() != parameters.len() {
                    return Err(count("integers"));
                }
                if declared.tensors.len() != tensors.len() {
                    return Err(count("tensors"));
                }
                let parameters = self.position(scope, Some(&declared.parameters), parameters)?;
                let tensors = tensors.iter().map(|tensor| self.tensor(scope, tensor, depth + 1));
                let tensors = tensors.collect::<Result<_, Fault>>()?;
                Ok(TensorCode::Closure { body, parameters, tensors: Some(tensors) })
            }
            Tensor::Lambda { axes, support, body } => {
                // The letters around it become its parameters.
                let mut inner = Scope { tensors: scope.tensors.clone(), closed: scope.closed, ..Scope::default() };
                let mut captured = Vec::new();
                let mut free = std::collections::BTreeSet::new();
                tensor.collect_free(&mut free);
                for (var, slot) in scope.slots.iter().filter(|(var, _)| free.contains(var)) {
                    for coordinate in 0..self.width(&var.rank)? {
                        captured.push(Poly { linear: vec![(slot + coordinate, 1)], ..Poly::default() });
                    }
                    self.declare(&mut inner, std::slice::from_ref(var))?;
                }
                let parameters = inner.next;
                self.declare(&mut inner, axes)?;
                let axes = inner.next - parameters;
                let support = self.test(&inner, support)?;
                let code = self.expr(&mut inner, body, depth + 1)?;
                self.bodies.push(Body { parameters, axes, slots: inner.highest, support, code });
                Ok(TensorCode::Closure { body: self.bodies.len() - 1, parameters: captured, tensors: None })
            }
        }
    }

    /// Terms for letters, coordinate by coordinate: a scalar term stands for every coordinate of its letter.
    fn position(&mut self, scope: &Scope, axes: Option<&[Var]>, terms: &[Index]) -> Result<Vec<Poly>, Fault> {
        if axes.is_some_and(|axes| axes.len() != terms.len()) {
            return Err(Fault::Malformed("a tensor has another number of axes than its position has terms".into()));
        }
        let mut polys = Vec::new();
        for (axis, term) in terms.iter().enumerate() {
            let own = self.rank(term)?;
            let declared = axes.and_then(|axes| axes.get(axis)).map(|axis| axis.rank.clone()).unwrap_or(own.clone());
            let width = self.width(&declared)?;
            if own != Rank::Scalar && self.width(&own)? != width {
                return Err(Fault::Malformed(format!("{term} has another rank than its place")));
            }
            for coordinate in 0..width {
                polys.push(self.poly(scope, term, Some(coordinate))?);
            }
        }
        Ok(polys)
    }

    fn rank(&self, term: &Index) -> Result<Rank, Fault> {
        term.rank().ok_or_else(|| Fault::Malformed(format!("{term} mixes two ranks")))
    }

    fn test(&mut self, scope: &Scope, guard: &Guard) -> Result<Test, Fault> {
        let mut test = Vec::new();
        for literal in guard.literals() {
            let (kind, index) = parts(literal);
            for coordinate in 0..self.width(&self.rank(index)?)? {
                test.push((kind, self.poly(scope, index, Some(coordinate))?));
            }
        }
        Ok(test)
    }

    fn poly(&mut self, scope: &Scope, index: &Index, coordinate: Option<usize>) -> Result<Poly, Fault> {
        let mut terms = Vec::new();
        for (monomial, coefficient) in index.terms() {
            terms.push((coefficient.clone(), self.monomial(scope, monomial, coordinate)?));
        }
        Ok(Poly::from_terms(terms))
    }

    fn monomial(
        &mut self,
        scope: &Scope,
        monomial: &Monomial,
        coordinate: Option<usize>,
    ) -> Result<Vec<(Factor, u32)>, Fault> {
        let factors = monomial.factors().iter();
        factors.map(|(atom, exponent)| Ok((self.factor(scope, atom, coordinate)?, *exponent))).collect()
    }

    fn factor(&mut self, scope: &Scope, atom: &Atom, coordinate: Option<usize>) -> Result<Factor, Fault> {
        Ok(match atom {
            Atom::Var(var) => {
                let slot = *scope.slots.get(var).ok_or_else(|| Fault::Undeclared(var.name.clone()))?;
                match var.rank {
                    Rank::Scalar => Factor::Slot(slot),
                    Rank::Symbolic(_) => match coordinate {
                        Some(coordinate) if coordinate < self.width(&var.rank)? => Factor::Slot(slot + coordinate),
                        _ => return Err(Fault::Malformed(format!("{} has several coordinates", var.name))),
                    },
                }
            }
            Atom::Floor(a, b) => {
                let numerator = self.poly(scope, a, coordinate)?;
                Factor::Floor(Box::new(numerator), Box::new(self.poly(scope, b, coordinate)?))
            }
            Atom::Max(a, b) => {
                let left = self.poly(scope, a, coordinate)?;
                Factor::Max(Box::new(left), Box::new(self.poly(scope, b, coordinate)?))
            }
            // A scalar that was put for a ranked letter inside `vol`; the kernel keeps the rank in the name.
            Atom::Apply(name, arguments) if self.volume_rank(name).is_some() && arguments.len() == 1 => {
                let width = self.volume_rank(name).unwrap_or(1);
                let single = self.position(scope, None, arguments)?;
                Factor::Volume(single.into_iter().cycle().take(width).collect())
            }
            Atom::Apply(name, arguments) => {
                let arguments = self.position(scope, None, arguments)?;
                let id = self.integers.iter().position(|other| other == name).unwrap_or_else(|| {
                    self.integers.push(name.clone());
                    self.integers.len() - 1
                });
                Factor::Apply(id, arguments)
            }
            Atom::Volume(size) => Factor::Volume(self.position(scope, None, std::slice::from_ref(size))?),
        })
    }

    fn volume_rank(&self, name: &Name) -> Option<usize> {
        name.as_str().strip_prefix("vol:").and_then(|rank| self.ranks.get(&Name::from(rank)).copied())
    }

    /// A guard, to be solved for letters that are declared in `scope` from slot `first` on.
    fn system(&mut self, scope: &Scope, first: usize, vars: &[Var], guard: &Guard) -> Result<System, Fault> {
        let mut letters = Vec::new();
        for var in vars {
            letters.extend(vec![var.name.clone(); self.width(&var.rank)?]);
        }
        let rows = self.test(scope, guard)?.into_iter().map(|(kind, poly)| poly.row(kind, first, letters.len()));
        Ok(System { first, rows: rows.collect(), letters })
    }
}

fn parts(literal: &Literal) -> (Kind, &Index) {
    match literal {
        Literal::Ge(index) => (Kind::Ge, index),
        Literal::Eq(index) => (Kind::Eq, index),
        Literal::Ne(index) => (Kind::Ne, index),
    }
}
