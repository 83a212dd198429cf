//! From kernel terms to what a reader sees: ranges are read off guards, `mod`, `ceil`, `min` and `|` off their normal
//! forms, differences start with what is positive, and bound letters get readable names.
//!
//! The kernel keeps integer terms as polynomials and conditions as sets of literals; a person writes `u in 1..m` and
//! `s | i-a`. Everything here only chooses among ways to write the same thing: reading the result gives the term back.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::abbreviate::Abbreviation;
use super::form::{Binder, Condition, Form, Relation};
use super::letters::{self, Names};
use super::parameters;
use crate::kernel::{
    Atom, Expr, FunctionDeclaration, Guard, Held, Index, Monomial, Name, Rank, Signature, Statement, Tensor,
    TensorDeclaration, Var,
};

/// What a printer knows of the place where a term stands: which variables are sizes, and what definitions look like.
#[derive(Clone, Debug, Default)]
pub struct Notation {
    pub(super) sizes: BTreeSet<Var>,
    pub(super) free: BTreeSet<Var>,
    pub(super) signature: Signature,
    /// Tensors that are declared as functions of integers, and written so.
    functions: BTreeSet<Name>,
    /// Letters for long quotients.
    pub(super) abbreviations: Vec<Abbreviation>,
}

impl Notation {
    /// The notation of a statement.
    pub fn of_statement(statement: &Statement) -> Self {
        let functions = statement.signature.tensors.iter().filter(|tensor| is_function(tensor));
        Notation {
            sizes: statement.parameters.iter().cloned().collect(),
            free: statement.indices.iter().cloned().collect(),
            signature: statement.signature.clone(),
            functions: functions.map(|tensor| tensor.name.clone()).collect(),
            abbreviations: Vec::new(),
        }
    }

    /// The notation of a definition's box and body: its parameters are sizes, its axes free indices, and it sees no tensors but
    /// its own.
    pub fn of_definition(signature: &Signature, definition: &crate::kernel::Definition) -> Self {
        Notation {
            sizes: definition.parameters.iter().cloned().collect(),
            free: definition.axes.iter().cloned().collect(),
            signature: Signature { tensors: definition.tensors.clone(), ..signature.clone() },
            functions: BTreeSet::new(),
            abbreviations: Vec::new(),
        }
    }

    /// The same with more free indices.
    pub fn with_free(mut self, vars: impl IntoIterator<Item = Var>) -> Self {
        self.free.extend(vars);
        self
    }

    /// Names that a readable letter must not take.
    pub(super) fn names(&self) -> Names {
        let scope = self.sizes.iter().chain(&self.free).map(|var| var.name.clone());
        let tensors = self.signature.tensors.iter().map(|tensor| tensor.name.clone());
        let functions = self.signature.functions.iter().map(|function| function.name.clone());
        let definitions = self.signature.definitions.iter().map(|definition| definition.name.clone());
        Names { scope: scope.collect(), reserved: tensors.chain(functions).chain(definitions).collect() }
    }

    /// The expression with a readable name for every bound letter.
    pub fn readable(&self, expr: &Expr) -> Expr {
        letters::readable(expr, &self.names())
    }

    /// The form of an expression, its bound letters with readable names.
    pub fn expr(&self, expr: &Expr) -> Form {
        self.readable_expr(&self.readable(expr))
    }

    /// What is assumed of the derivatives of functions: `tanh′(x)` and what it is.
    pub fn slopes(&self) -> Vec<(Form, Form)> {
        let sides = |function: &FunctionDeclaration| {
            let slope = function.slope.as_ref()?;
            let argument = Expr::Entry(Tensor::Named(slope.argument.clone()), Vec::new());
            let derivative =
                Expr::Apply { function: function.name.clone(), orders: vec![1], arguments: vec![argument] };
            Some((self.expr(&derivative), self.expr(&slope.body)))
        };
        self.signature.functions.iter().filter_map(sides).collect()
    }

    /// Functions whose values are assumed to be positive: `exp(x) > 0`.
    pub fn signs(&self) -> Vec<(Condition, Binder)> {
        let positive = self.signature.functions.iter().filter(|function| function.positive).map(|function| {
            let argument = |number: usize| match (function.arity, &function.slope) {
                (1, Some(slope)) => slope.argument.clone(),
                (1, None) => Name::from("x"),
                _ => Name::from(format!("x{}", number + 1)),
            };
            let arguments = (0..function.arity).map(|number| Expr::Entry(Tensor::Named(argument(number)), Vec::new()));
            let (orders, arguments) = (vec![0; function.arity], arguments.collect());
            let value = Expr::Apply { function: function.name.clone(), orders, arguments };
            let condition = Condition::Chain(self.expr(&value), vec![(Relation::Greater, Form::zero())]);
            (condition, Binder::default())
        });
        positive.collect()
    }

    /// What is assumed of entries and functions of integers, with the letters for which it is assumed.
    pub fn premises(&self) -> Vec<(Condition, Binder)> {
        let premises = self.signature.premises.iter().flat_map(|premise| {
            let conditions = match &premise.held {
                Held::Condition(guard) => self.conditions(guard),
                Held::NonZero(expr) => {
                    vec![Condition::Chain(self.expr(expr), vec![(Relation::Unequal, Form::zero())])]
                }
                Held::Positive(expr) => vec![self.comparison(expr)],
            };
            let binder = self.binder(&premise.vars, &premise.guard, premise.held.scalar());
            conditions.into_iter().map(move |condition| (condition, binder.clone()))
        });
        premises.collect()
    }

    /// `a > b` for a difference, else `e > 0`.
    fn comparison(&self, expr: &Expr) -> Condition {
        if let Expr::Add(terms) = expr
            && let [large, Expr::Mul(factors)] = terms.as_slice()
            && let [Expr::Number(number), small] = factors.as_slice()
            && *number == -BigRational::one()
        {
            return Condition::Chain(self.expr(large), vec![(Relation::Greater, self.expr(small))]);
        }
        Condition::Chain(self.expr(expr), vec![(Relation::Greater, Form::zero())])
    }

    /// The form of an expression whose letters are readable already.
    pub fn readable_expr(&self, expr: &Expr) -> Form {
        match self.signed(expr) {
            (false, form) => form,
            (true, form) => Form::Terms(vec![(true, form)]),
        }
    }

    /// A form without its sign, and whether the sign is negative.
    fn signed(&self, expr: &Expr) -> (bool, Form) {
        match expr {
            Expr::Number(value) => (value.is_negative(), rational(&value.abs())),
            Expr::Integer(index) => {
                let form = self.index(index);
                match form {
                    Form::Terms(terms) if matches!(terms.as_slice(), [(true, _)]) => {
                        terms.into_iter().next().unwrap_or((false, Form::zero()))
                    }
                    form => (false, form),
                }
            }
            Expr::Entry(tensor, position) if position.is_empty() => (false, self.tensor(tensor)),
            Expr::Entry(tensor, position) => {
                let position = position.iter().map(|index| self.index(index)).collect();
                (false, self.entry(tensor, position))
            }
            Expr::Bracket(guard) => (false, self.bracket(guard)),
            Expr::Add(terms) => (false, self.addition(terms)),
            Expr::Mul(factors) => self.multiplication(factors),
            Expr::Power(base, exponent) => match base.as_ref() {
                Expr::Inverse(base) => {
                    let below = Form::Power(Box::new(self.readable_expr(base)), *exponent);
                    (false, Form::Fraction(Box::new(Form::natural(1)), Box::new(below)))
                }
                base => (false, Form::Power(Box::new(self.readable_expr(base)), *exponent)),
            },
            Expr::Inverse(base) => {
                (false, Form::Fraction(Box::new(Form::natural(1)), Box::new(self.readable_expr(base))))
            }
            Expr::Apply { function, orders, arguments } => {
                let arguments: Vec<Form> = arguments.iter().map(|argument| self.readable_expr(argument)).collect();
                let before = arguments.len();
                (false, Form::Function { name: function.clone(), orders: orders.clone(), arguments, before })
            }
            // A Σ without letters is its condition as a factor.
            Expr::Sum(vars, guard, body) if vars.is_empty() => {
                self.multiplication(&[Expr::Bracket(guard.clone()), body.as_ref().clone()])
            }
            Expr::Sum(vars, guard, body) => {
                (false, Form::Sum(self.binder(vars, guard, Some(body)), Box::new(self.readable_expr(body))))
            }
            Expr::Max(vars, guard, body) if let Some(part) = positive_part(vars, guard, body) => {
                (false, Form::Maximum(vec![self.readable_expr(&part), Form::zero()]))
            }
            Expr::Max(vars, guard, body) => {
                (false, Form::Largest(self.binder(vars, guard, Some(body)), Box::new(self.readable_expr(body))))
            }
            Expr::Derivative(body, tensor, position) => {
                // Also for a function, as what is differentiated by is a place.
                let tensor = Form::Name(tensor.clone());
                let position: Vec<Form> = position.iter().map(|index| self.index(index)).collect();
                let entry = if position.is_empty() { tensor } else { Form::Entry(Box::new(tensor), position) };
                (false, Form::Derivative(Box::new(self.readable_expr(body)), Box::new(entry)))
            }
        }
    }

    fn addition(&self, terms: &[Expr]) -> Form {
        let mut signed: Vec<(bool, Form)> = Vec::new();
        for term in terms {
            match self.signed(term) {
                // A sum of sums needs no parentheses, except behind a minus sign.
                (false, Form::Terms(inner)) if !inner.is_empty() => signed.extend(inner),
                other => signed.push(other),
            }
        }
        lead_positive(&mut signed);
        match signed.as_slice() {
            [(false, _)] => signed.swap_remove(0).1,
            _ => Form::Terms(signed),
        }
    }

    fn multiplication(&self, factors: &[Expr]) -> (bool, Form) {
        let mut flat: Vec<&Expr> = Vec::new();
        flatten(factors, &mut flat);
        let mut negative = false;
        let (mut above, mut below): (Vec<Form>, Vec<Form>) = (Vec::new(), Vec::new());
        for (position, factor) in flat.iter().enumerate() {
            match factor {
                Expr::Inverse(base) => below.push(self.readable_expr(base)),
                Expr::Power(base, exponent) if matches!(**base, Expr::Inverse(_)) => {
                    let base = base.children().first().unwrap_or(base);
                    below.push(Form::Power(Box::new(self.readable_expr(base)), *exponent));
                }
                Expr::Bracket(guard) if guard.is_empty() && flat.len() > 1 => {}
                // Signs gather in front, and 1 is no factor.
                Expr::Number(value) => {
                    negative ^= value.is_negative();
                    if !value.abs().is_one() {
                        above.push(rational(&value.abs()));
                    }
                }
                _ => match self.signed(factor) {
                    (true, form) if position > 0 => above.push(Form::Terms(vec![(true, form)])),
                    (minus, form) => {
                        negative ^= minus;
                        above.push(form);
                    }
                },
            }
        }
        let above = product(above);
        let form = if below.is_empty() { above } else { Form::Fraction(Box::new(above), Box::new(product(below))) };
        (negative, form)
    }

    /// The form of `[P]`; the condition that always holds is 1.
    fn bracket(&self, guard: &Guard) -> Form {
        if guard.is_empty() { Form::natural(1) } else { Form::Bracket(self.conditions(guard)) }
    }

    /// `w[k]`, and `f(k)` for a function of integers.
    fn entry(&self, tensor: &Tensor, position: Vec<Form>) -> Form {
        match tensor {
            Tensor::Named(name) if self.functions.contains(name) => {
                let before = position.len();
                Form::Function { name: name.clone(), orders: vec![], arguments: position, before }
            }
            Tensor::Lambda { axes, .. } if axes.is_empty() => self.tensor(tensor),
            _ => match self.tensor(tensor) {
                // The entry of a part is one of the whole: `W[f, :, :][u, v]` is `W[f, u, v]`.
                Form::Entry(whole, places) if places.contains(&Form::Whole) => {
                    let mut position = position.into_iter();
                    let places = places.into_iter().map(|place| match place {
                        Form::Whole => position.next().unwrap_or(Form::Whole),
                        held => held,
                    });
                    Form::Entry(whole, places.collect())
                }
                form => Form::Entry(Box::new(form), position),
            },
        }
    }

    /// The form of a tensor.
    pub fn tensor(&self, tensor: &Tensor) -> Form {
        match tensor {
            Tensor::Named(name) => Form::Name(name.clone()),
            Tensor::Call { definition, parameters, tensors } => {
                let mut arguments: Vec<Form> = tensors.iter().map(|tensor| self.tensor(tensor)).collect();
                let before = arguments.len();
                arguments.extend(self.explicit(definition, parameters).iter().map(|index| self.index(index)));
                Form::Function { name: self.called(definition), orders: vec![], arguments, before }
            }
            // A scalar that stands for a parameter.
            Tensor::Lambda { axes, support, body } if axes.is_empty() => {
                let body = self.readable_expr(body);
                if support.is_empty() { body } else { product(vec![self.bracket(support), body]) }
            }
            Tensor::Lambda { axes, support, body } => {
                let short = self.combination(axes, support, body).or_else(|| self.slice(axes, support, body));
                short.unwrap_or_else(|| {
                    Form::Lambda(self.binder(axes, support, Some(body)), Box::new(self.readable_expr(body)))
                })
            }
        }
    }

    /// The part of a tensor that a tensor is: `W[f, :, :]`.
    fn slice(&self, axes: &[Var], support: &Guard, body: &Expr) -> Option<Form> {
        let Expr::Entry(tensor, position) = body else { return None };
        let mut free = BTreeSet::new();
        tensor.collect_free(&mut free);
        let boxed = self.signature.support(tensor, position).ok()?;
        let own: Guard = boxed
            .literals()
            .filter(|literal| axes.iter().any(|axis| literal.index().contains(axis)))
            .cloned()
            .collect();
        if own != *support || axes.iter().any(|axis| free.contains(axis)) {
            return None;
        }
        let mut left = axes.iter();
        let mut places = Vec::new();
        for index in position {
            let whole = index.as_var().is_some_and(|var| axes.contains(var));
            if whole && left.next() != index.as_var() || !whole && axes.iter().any(|axis| index.contains(axis)) {
                return None;
            }
            places.push(if whole { Form::Whole } else { self.index(index) });
        }
        left.next().is_none().then(|| Form::Entry(Box::new(self.tensor(tensor)), places))
    }

    /// The sum of multiples of tensors that a tensor is, without indices: `w + 2*h`, where all of them have its box.
    fn combination(&self, axes: &[Var], support: &Guard, body: &Expr) -> Option<Form> {
        let position: Vec<Index> = axes.iter().map(Index::from).collect();
        let bare = |index: &Index| !axes.iter().any(|axis| index.contains(axis));
        let multiple = |term: &Expr| -> Option<(bool, Form)> {
            let mut factors = Vec::new();
            flatten(std::slice::from_ref(term), &mut factors);
            let (mut negative, mut written, mut tensors) = (false, Vec::new(), 0);
            for factor in factors {
                match factor {
                    Expr::Entry(tensor, place) if *place == position => {
                        let boxed = self.signature.support(tensor, &position).ok()?;
                        let mut free = BTreeSet::new();
                        tensor.collect_free(&mut free);
                        if boxed != *support || axes.iter().any(|axis| free.contains(axis)) {
                            return None;
                        }
                        tensors += 1;
                        written.push(self.tensor(tensor));
                    }
                    Expr::Number(value) => {
                        negative ^= value.is_negative();
                        if !value.abs().is_one() {
                            written.push(rational(&value.abs()));
                        }
                    }
                    Expr::Integer(index) if bare(index) => written.push(self.index(index)),
                    Expr::Entry(Tensor::Named(_), place) if place.is_empty() => {
                        written.push(self.readable_expr(factor))
                    }
                    _ => return None,
                }
            }
            (tensors == 1).then(|| (negative, product(written)))
        };
        let terms: Vec<&Expr> = match body {
            Expr::Add(terms) => terms.iter().collect(),
            term => vec![term],
        };
        let mut signed: Vec<(bool, Form)> = terms.into_iter().map(multiple).collect::<Option<_>>()?;
        lead_positive(&mut signed);
        match signed.as_slice() {
            [] => None,
            [(false, _)] => Some(signed.swap_remove(0).1),
            _ => Some(Form::Terms(signed)),
        }
    }

    /// What a definition is called: `conv` for `conv:D`, the definition for letters with D coordinates, unless there are
    /// several that would be called so.
    pub fn called(&self, definition: &Name) -> Name {
        let same = |other: &&crate::kernel::Definition| other.name.surface() == definition.surface();
        match self.signature.definitions.iter().filter(same).count() {
            0 | 1 => Name::from(definition.surface()),
            _ => definition.clone(),
        }
    }

    /// The parameters of a call that its tensors' boxes do not give.
    fn explicit<'a>(&self, definition: &Name, parameters: &'a [Index]) -> &'a [Index] {
        let implicit = self.signature.definition(definition).map_or(0, parameters::implicit);
        parameters.get(implicit..).unwrap_or_default()
    }

    /// The form of an integer term.
    ///
    /// ```
    /// use convprove::export::{notation::Notation, text::{self, Charset}};
    /// use convprove::kernel::Index;
    /// let remainder = Index::modulo(Index::scalar("k"), Index::scalar("b"));
    /// assert_eq!(text::form(&Notation::default().index(&remainder), Charset::Ascii), "k mod b");
    /// ```
    pub fn index(&self, index: &Index) -> Form {
        let abbreviated = (!self.abbreviations.is_empty()).then(|| self.abbreviate(index));
        let index = abbreviated.as_ref().unwrap_or(index);
        let (moduli, rest) = extract_moduli(index);
        let mut signed: Vec<(bool, Form)> = Vec::new();
        for (coefficient, a, b) in &moduli {
            let form = Form::Modulo(Box::new(self.index(a)), Box::new(self.index(b)));
            let magnitude = coefficient.abs();
            let form = if magnitude.is_one() {
                form
            } else {
                product(vec![Form::Number(magnitude.magnitude().clone()), form])
            };
            signed.push((coefficient.is_negative(), form));
        }
        let mut terms: Vec<(&Monomial, &BigInt)> = rest.terms().collect();
        terms.sort_by_key(|(monomial, coefficient)| (self.class(monomial), coefficient.is_negative()));
        signed.extend(terms.into_iter().map(|(monomial, coefficient)| self.monomial(monomial, coefficient)));
        lead_positive(&mut signed);
        match signed.as_slice() {
            [] => Form::zero(),
            [(false, _)] => signed.swap_remove(0).1,
            _ => Form::Terms(signed),
        }
    }

    /// Where a monomial stands in a sum: with free indices first, then with bound letters, then sizes, then constants.
    fn class(&self, monomial: &Monomial) -> u8 {
        let mut vars = BTreeSet::new();
        Index::term(BigInt::one(), monomial.clone()).collect_vars(&mut vars);
        match () {
            () if monomial.is_one() => 3,
            () if vars.iter().all(|var| self.sizes.contains(var)) => 2,
            () if vars.iter().all(|var| self.sizes.contains(var) || self.free.contains(var)) => 0,
            () => 1,
        }
    }

    fn monomial(&self, monomial: &Monomial, coefficient: &BigInt) -> (bool, Form) {
        let mut negative = coefficient.is_negative();
        let mut factors = Vec::new();
        let magnitude = coefficient.abs();
        if !magnitude.is_one() || monomial.is_one() {
            factors.push(Form::Number(magnitude.magnitude().clone()));
        }
        let mut atoms: Vec<&(Atom, u32)> = monomial.factors().iter().collect();
        // Sizes stand before letters: s·o.
        atoms.sort_by_key(|(atom, _)| self.class_of_atom(atom));
        for (atom, exponent) in atoms {
            // −max(−a, −b) is min(a, b), and −⌊−a/b⌋ is ⌈a/b⌉.
            let form = match self.mirrored(atom) {
                Some(form) if negative && *exponent == 1 => {
                    negative = false;
                    form
                }
                _ => self.atom(atom),
            };
            factors.push(if *exponent == 1 { form } else { Form::Power(Box::new(form), *exponent) });
        }
        (negative, product(factors))
    }

    fn class_of_atom(&self, atom: &Atom) -> u8 {
        match atom {
            Atom::Var(var) if self.sizes.contains(var) => 0,
            Atom::Var(_) => 1,
            _ => 2,
        }
    }

    fn atom(&self, atom: &Atom) -> Form {
        match atom {
            Atom::Var(var) => Form::Name(var.name.clone()),
            Atom::Floor(a, b) => Form::Floor(Box::new(self.index(a)), Box::new(self.index(b))),
            Atom::Max(a, b) => Form::Maximum(vec![self.index(a), self.index(b)]),
            Atom::Apply(name, arguments) => {
                let arguments: Vec<Form> = arguments.iter().map(|index| self.index(index)).collect();
                let before = arguments.len();
                Form::Function { name: name.clone(), orders: vec![], arguments, before }
            }
            Atom::Volume(size) => Form::Volume(Box::new(self.index(size))),
        }
    }

    /// What the negative of an atom is called, where that reads better.
    fn mirrored(&self, atom: &Atom) -> Option<Form> {
        match atom {
            Atom::Floor(a, b) if leads_negative(a) => {
                Some(Form::Ceiling(Box::new(self.index(&-a.as_ref())), Box::new(self.index(b))))
            }
            Atom::Max(a, b) if [a, b].iter().all(|side| side.is_zero() || leads_negative(side)) => {
                let mut sides = vec![self.index(&-a.as_ref()), self.index(&-b.as_ref())];
                // A number stands last: min(i, 0).
                sides.sort_by_key(Form::is_numeric);
                Some(Form::Minimum(sides))
            }
            _ => None,
        }
    }

    /// Conditions as a reader writes them.
    pub fn conditions(&self, guard: &Guard) -> Vec<Condition> {
        self.conditions_near(guard.literals().cloned().collect(), &[])
    }

    /// The letters of a binder with their ranges; `body` shows which terms a reader will look for in the conditions.
    pub fn binder(&self, vars: &[Var], guard: &Guard, body: Option<&Expr>) -> Binder {
        let mut anchors = Vec::new();
        if let Some(body) = body {
            positions(body, &mut anchors);
        }
        self.ranges(vars, guard, &anchors)
    }
}

/// Whether a tensor has indices and no box: a function of integers.
pub(super) fn is_function(tensor: &TensorDeclaration) -> bool {
    tensor.support.is_empty() && !tensor.axes.is_empty()
}

/// The symbolic rank of a letter.
pub(super) fn rank(var: &Var) -> Option<Name> {
    match &var.rank {
        Rank::Scalar => None,
        Rank::Symbolic(name) => Some(name.clone()),
    }
}

/// A product that is just its factor where it has one.
pub(super) fn product(mut factors: Vec<Form>) -> Form {
    match factors.len() {
        0 => Form::natural(1),
        1 => factors.swap_remove(0),
        _ => Form::Product(factors),
    }
}

/// `c`, where the maximum is `max_{j=0..1} j·c`, the larger of c and 0. Of integers there is a maximum of their own.
fn positive_part(vars: &[Var], guard: &Guard, body: &Expr) -> Option<Expr> {
    let ([var], Expr::Mul(factors)) = (vars, body) else { return None };
    let place = factors.iter().position(|factor| *factor == Expr::Integer(Index::from(var)))?;
    let mut rest = factors.clone();
    rest.remove(place);
    let unit = Guard::between(&Index::from(0), &Index::from(var), &Index::from(1));
    let integers = rest.iter().all(|factor| matches!(factor, Expr::Integer(_) | Expr::Number(_)));
    let part = if let [single] = rest.as_slice() { single.clone() } else { Expr::Mul(rest) };
    (var.rank == Rank::Scalar && *guard == unit && !integers && !part.free_vars().contains(var)).then_some(part)
}

/// What is subtracted stands behind something that is not, where there is such a thing.
fn lead_positive(signed: &mut Vec<(bool, Form)>) {
    if let Some(first) = signed.iter().position(|(negative, _)| !negative) {
        let lead = signed.remove(first);
        signed.insert(0, lead);
    }
}

fn rational(value: &BigRational) -> Form {
    let part = |integer: &BigInt| Form::Number(integer.magnitude().clone());
    if value.is_integer() {
        part(value.numer())
    } else {
        Form::Fraction(Box::new(part(value.numer())), Box::new(part(value.denom())))
    }
}

fn flatten<'a>(factors: &'a [Expr], flat: &mut Vec<&'a Expr>) {
    for factor in factors {
        match factor {
            Expr::Mul(inner) => flatten(inner, flat),
            other => flat.push(other),
        }
    }
}

/// The positions of the entries in an expression, outermost first.
fn positions(expr: &Expr, found: &mut Vec<Index>) {
    if let Expr::Entry(_, position) = expr {
        found.extend(position.iter().cloned());
    }
    expr.children().iter().for_each(|child| positions(child, found));
}

/// Whether the first term that is not a constant is negative; for a constant, its sign.
pub(super) fn leads_negative(index: &Index) -> bool {
    let leading = index.terms().find(|(monomial, _)| !monomial.is_one()).or_else(|| index.terms().next());
    leading.is_some_and(|(_, coefficient)| coefficient.is_negative())
}

/// The parts `c·(a mod b)` of a term, and what is left.
///
/// A floor `⌊a/b⌋` belongs to a remainder where taking `c·(a − b·⌊a/b⌋)` away makes the term shorter by more than the one
/// term that is written instead.
fn extract_moduli(index: &Index) -> (Vec<(BigInt, Index, Index)>, Index) {
    let mut rest = index.clone();
    let mut found = Vec::new();
    let floors: BTreeSet<(Index, Index)> = index
        .atoms()
        .filter_map(|atom| match atom {
            Atom::Floor(a, b) => Some((a.as_ref().clone(), b.as_ref().clone())),
            _ => None,
        })
        .collect();
    for (a, b) in floors {
        if let Some((coefficient, remaining)) = as_modulus(&rest, &a, &b) {
            found.push((coefficient, a, b));
            rest = remaining;
        }
    }
    (found, rest)
}

fn as_modulus(index: &Index, a: &Index, b: &Index) -> Option<(BigInt, Index)> {
    let remainder = Index::modulo(a.clone(), b.clone());
    let floor = Atom::Floor(Box::new(a.clone()), Box::new(b.clone()));
    let (leading, unit) =
        remainder.terms().find(|(monomial, _)| monomial.factors().iter().any(|(atom, _)| *atom == floor))?;
    let present = index.coefficient(leading);
    let coefficient = &present / unit;
    if coefficient.is_zero() || &coefficient * unit != present {
        return None;
    }
    let rest = index - &remainder.scale(&coefficient);
    let gone = !rest.atoms().any(|atom| *atom == floor);
    (gone && rest.len() + 1 < index.len()).then_some((coefficient, rest))
}

/// `s | a`, where an equation's term is `±(a mod s)`.
pub(super) fn as_divisibility(index: &Index) -> Option<(Index, Index)> {
    let floors: Vec<(Index, Index)> = index
        .atoms()
        .filter_map(|atom| match atom {
            Atom::Floor(a, b) => Some((a.as_ref().clone(), b.as_ref().clone())),
            _ => None,
        })
        .collect();
    floors.into_iter().find_map(|(a, b)| {
        let (coefficient, rest) = as_modulus(index, &a, &b)?;
        (rest.is_zero() && coefficient.abs().is_one()).then_some((b, a))
    })
}
