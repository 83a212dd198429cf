//! What an operator does: the one sum of products of its arguments' entries that its definition comes to.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::{
    Definition, Expr, Facts, FunctionDeclaration, Index, Literal, Name, Signature, Substitution, Tensor, Var,
};
use crate::search::monomial::{Monomial, monomials};
use crate::search::saturate::{Ground, Session};
use crate::search::{Budget, Statistics};
use crate::syntax::{Library, Operand, Operator};

/// The words of an operator's own letters, which no file uses.
const OWN: char = '%';

/// An operator as a relation: `f(T_1, T_2, …; parameters)[axes] = outer · Σ_{letters: guard} Π T_j[position_j]`.
#[derive(Clone, Debug)]
pub struct Shape<'a> {
    /// The operator.
    pub operator: Operator<'a>,
    /// Summation letters, those for quotients included.
    pub letters: Vec<Var>,
    /// The equations of its range.
    pub equations: Vec<Index>,
    /// The bounds of its range.
    pub bounds: Vec<Index>,
    /// For each factor the number of the tensor parameter and the position.
    pub entries: Vec<(usize, Vec<Index>)>,
    /// The factors that are no entries.
    pub outer: Vec<Expr>,
    /// Letters for the axes of the result.
    pub axes: Vec<Var>,
    /// Letters for the parameters, in the order of the definition.
    pub parameters: Vec<Var>,
}

fn own(var: &Var) -> Var {
    Var { name: Name::from(format!("{OWN}{}", var.name)), rank: var.rank.clone() }
}

impl<'a> Shape<'a> {
    /// The shape of an operator; nothing where its definition is no single sum of products in which each argument is read once.
    pub fn of(
        operator: Operator<'a>,
        definitions: &[Definition],
        functions: &[FunctionDeclaration],
    ) -> Option<Shape<'a>> {
        let definition = operator.definition();
        let monomial = normal(operator, definitions, functions)?;
        let rename: BTreeMap<Var, Index> = definition
            .parameters
            .iter()
            .chain(&definition.axes)
            .map(|var| (var.clone(), Index::from(&own(var))))
            .collect();
        let letters = monomial.letters();
        let fresh: Vec<Var> = letters
            .iter()
            .enumerate()
            .map(|(place, var)| Var { name: Name::from(format!("{OWN}{place}")), rank: var.rank.clone() })
            .collect();
        let monomial = monomial.renamed(&fresh);
        let substitution = Substitution::of_indices(rename.clone());
        let (mut equations, mut bounds) = (Vec::new(), Vec::new());
        for literal in monomial.guard.substitute(&rename).literals() {
            match literal {
                Literal::Eq(index) => equations.push(index.clone()),
                Literal::Ge(index) => bounds.push(index.clone()),
                Literal::Ne(_) => {}
            }
        }
        let (mut entries, mut outer) = (Vec::new(), Vec::new());
        for factor in &monomial.factors {
            match factor {
                Expr::Entry(Tensor::Named(name), position) => {
                    let number = definition.tensors.iter().position(|tensor| tensor.name == *name)?;
                    entries.push((number, position.iter().map(|index| index.substitute(&rename)).collect()));
                }
                other if letters_in(other, &fresh) || reads(other, definition) => return None,
                other => outer.push(other.substitute(&substitution)),
            }
        }
        let numbers: BTreeSet<usize> = entries.iter().map(|(number, _)| *number).collect();
        let once = numbers.len() == entries.len() && entries.len() == definition.tensors.len();
        let plain = monomial.weight == Index::from(1)
            && monomial.coefficient == num_rational::BigRational::from_integer(1.into());
        (once && plain).then(|| Shape {
            operator,
            letters: fresh,
            equations,
            bounds,
            entries,
            outer,
            axes: definition.axes.iter().map(own).collect(),
            parameters: definition.parameters.iter().map(own).collect(),
        })
    }

    /// Whether it only moves the entries of one tensor: `rev`, `transpose`, `rot180`.
    pub fn is_rearrangement(&self) -> bool {
        let [(_, position)] = self.entries.as_slice() else { return false };
        let moved = position.iter().zip(&self.axes).any(|(index, axis)| *index != Index::from(axis));
        let needs_nothing = self.operator.explicit().next().is_none();
        self.letters.is_empty()
            && self.equations.is_empty()
            && self.outer.is_empty()
            && needs_nothing
            && moved
            && position.len() == self.axes.len()
    }

    /// The values of the parameters that the arguments' boxes determine, by the shape's own letters.
    pub fn sizes(&self, facts: &Facts, operands: &[Operand]) -> Option<BTreeMap<Var, Index>> {
        let sizes = self.operator.sizes(facts, operands)?;
        Some(sizes.into_iter().map(|(var, value)| (own(&var), value)).collect())
    }

    /// The parameters that a call may give, by the shape's own letters, with defaults that are numbers.
    pub fn explicit(&self) -> (Vec<Var>, BTreeMap<Var, Index>) {
        let (mut letters, mut defaults) = (Vec::new(), BTreeMap::new());
        for (var, default) in self.operator.explicit() {
            letters.push(own(var));
            if let Some(default) = default.filter(|default| default.as_constant().is_some()) {
                defaults.insert(own(var), default.clone());
            }
        }
        (letters, defaults)
    }

    /// The value of the operator's parameters from values of the shape's letters.
    pub fn call(&self, facts: &Facts, operands: &[Operand], values: &BTreeMap<Var, Index>) -> Option<Operand> {
        let explicit =
            self.operator.explicit().filter_map(|(var, _)| Some((var.clone(), values.get(&own(var))?.clone())));
        self.operator.apply(facts, operands, &explicit.collect())
    }

    /// The box of the result along an axis, in the shape's own letters.
    pub fn side(&self, axis: usize) -> (Option<Index>, Option<Index>) {
        let parameters = self.operator.definition().parameters.iter();
        let map = parameters.map(|var| (var.clone(), Index::from(&own(var)))).collect();
        self.operator.side(axis, &map)
    }
}

fn letters_in(expr: &Expr, letters: &[Var]) -> bool {
    let free = expr.free_vars();
    letters.iter().any(|letter| free.contains(letter))
}

fn reads(expr: &Expr, definition: &Definition) -> bool {
    let own = |name: &Name| definition.tensors.iter().any(|tensor| tensor.name == *name);
    expr.any(&|part| matches!(part, Expr::Entry(Tensor::Named(name), _) if own(name)))
}

/// The one term that a definition comes to, applied to its own parameters.
fn normal(operator: Operator<'_>, definitions: &[Definition], functions: &[FunctionDeclaration]) -> Option<Monomial> {
    let definition = operator.definition();
    let facts: Facts = operator.assumptions().and(&definition.support).literals().cloned().collect();
    let signature = Signature {
        tensors: definition.tensors.clone(),
        functions: functions.to_vec(),
        definitions: definitions.to_vec(),
    };
    let scope: BTreeSet<Var> = definition.parameters.iter().chain(&definition.axes).cloned().collect();
    let ground = Ground { signature, theorems: Vec::new(), facts: facts.clone(), scope };
    let call = Tensor::Call {
        definition: definition.name.clone(),
        parameters: definition.parameters.iter().map(Index::from).collect(),
        tensors: definition.tensors.iter().map(|tensor| Tensor::Named(tensor.name.clone())).collect(),
    };
    let entry = Expr::Entry(call, definition.axes.iter().map(Index::from).collect());
    let mut session = Session::new(&ground, 0);
    let id = session.add(&entry.canonical());
    session.settle(None, &Budget::default(), &mut Statistics::default());
    let mut terms = monomials(&session.latest(id));
    if terms.len() != 1 {
        return None;
    }
    // A floor of the result's letters is a letter as well: `g[⌊i/K⌋]` reads g at q where 0 ≤ i - K·q < K.
    let mut term = terms.remove(0);
    let own = term.vars.len();
    term.vars.extend(definition.axes.iter().cloned());
    let mut term = term.purified(&facts);
    term.vars.truncate(own);
    Some(term)
}

/// The shapes of all operators of a library, and among them those that only move entries.
pub fn shapes(library: &Library) -> Vec<Shape<'_>> {
    let (definitions, functions) = (library.definitions(), library.functions());
    library.operators().filter_map(|operator| Shape::of(operator, &definitions, &functions)).collect()
}
