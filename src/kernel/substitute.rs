//! Substitution without capture, and canonical names for bound letters.

use std::collections::{BTreeMap, BTreeSet};

use super::expr::{Expr, Tensor};
use super::guard::Guard;
use super::index::{Index, Name, Var};
use super::refusal::Refusal;

/// Index terms that would be larger than this after a substitution are refused.
const GROWTH_LIMIT: u64 = 100_000;

/// Index terms for variables and tensors for tensor names, replaced all at once.
#[derive(Clone, Debug, Default)]
pub struct Substitution {
    indices: BTreeMap<Var, Index>,
    tensors: BTreeMap<Name, Tensor>,
    /// Every variable that a replacement mentions: no binder may have its name.
    mentioned: BTreeSet<Var>,
}

impl Substitution {
    /// Replaces variables alone.
    pub fn of_indices(indices: BTreeMap<Var, Index>) -> Self {
        Self::new(indices, BTreeMap::new())
    }

    /// Replaces variables and tensors.
    pub fn new(indices: BTreeMap<Var, Index>, tensors: BTreeMap<Name, Tensor>) -> Self {
        let mut mentioned = BTreeSet::new();
        indices.values().for_each(|index| index.collect_vars(&mut mentioned));
        tensors.values().for_each(|tensor| tensor.collect_free(&mut mentioned));
        Substitution { indices, tensors, mentioned }
    }

    /// The index part.
    pub fn indices(&self) -> &BTreeMap<Var, Index> {
        &self.indices
    }

    /// Refuses a substitution whose result could be too large to write down, such as a sum of many terms for a letter of
    /// high degree.
    pub fn check_growth(&self, expr: &Expr) -> Result<(), Refusal> {
        let mut total: u64 = 0;
        expr.visit_indices(&mut |index| total = total.saturating_add(index.growth(&self.indices)));
        if total > GROWTH_LIMIT { Err(Refusal::TooLarge) } else { Ok(()) }
    }

    /// This substitution below a binder of `vars` over `guard` and `body`, with new names for the letters that a
    /// replacement would be captured by.
    fn under(&self, vars: &[Var], guard: &Guard, body: &Expr) -> (Vec<Var>, Substitution) {
        let mut inner = self.clone();
        for var in vars {
            inner.indices.remove(var);
        }
        if !vars.iter().any(|var| self.mentioned.iter().any(|other| other.name == var.name)) {
            return (vars.to_vec(), inner);
        }
        let mut taken = self.mentioned.clone();
        guard.collect_vars(&mut taken);
        body.collect_free(&mut taken);
        taken.extend(vars.iter().cloned());
        let mut renamed = Vec::new();
        for var in vars {
            if self.mentioned.iter().any(|other| other.name == var.name) {
                let fresh = var.fresh(&taken);
                taken.insert(fresh.clone());
                inner.mentioned.insert(fresh.clone());
                inner.indices.insert(var.clone(), Index::from(&fresh));
                renamed.push(fresh);
            } else {
                renamed.push(var.clone());
            }
        }
        (renamed, inner)
    }
}

impl Expr {
    /// Applies a substitution; bound letters are renamed where they would capture.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use convprove::kernel::{Expr, Guard, Index, Substitution, Var};
    /// let (i, u) = (Var::scalar("i"), Var::scalar("u"));
    /// let guard = Guard::between(&Index::from(1), &Index::from(&u), &Index::scalar("m"));
    /// let sum = Expr::Sum(vec![u.clone()], guard, Box::new(Expr::entry("x", vec![&Index::from(&i) - &Index::from(&u)])));
    /// let map = Substitution::of_indices(BTreeMap::from([(i, Index::from(&u))]));
    /// let Expr::Sum(vars, _, body) = sum.substitute(&map) else { panic!() };
    /// assert_eq!(vars, [Var::scalar("u'")]);
    /// assert_eq!(*body, Expr::entry("x", vec![&Index::scalar("u") - &Index::scalar("u'")]));
    /// ```
    pub fn substitute(&self, map: &Substitution) -> Expr {
        let each = |children: &[Expr]| children.iter().map(|child| child.substitute(map)).collect();
        let position = |indices: &[Index]| indices.iter().map(|index| index.substitute(&map.indices)).collect();
        match self {
            Expr::Number(value) => Expr::Number(value.clone()),
            Expr::Integer(index) => Expr::Integer(index.substitute(&map.indices)),
            Expr::Entry(tensor, indices) => Expr::Entry(tensor.substitute(map), position(indices)),
            Expr::Bracket(guard) => Expr::Bracket(guard.substitute(&map.indices)),
            Expr::Add(children) => Expr::Add(each(children)),
            Expr::Mul(children) => Expr::Mul(each(children)),
            Expr::Power(base, exponent) => Expr::Power(Box::new(base.substitute(map)), *exponent),
            Expr::Inverse(base) => Expr::Inverse(Box::new(base.substitute(map))),
            Expr::Apply { function, orders, arguments } => {
                Expr::Apply { function: function.clone(), orders: orders.clone(), arguments: each(arguments) }
            }
            Expr::Sum(vars, guard, body) => {
                let (vars, inner) = map.under(vars, guard, body);
                Expr::Sum(vars, guard.substitute(&inner.indices), Box::new(body.substitute(&inner)))
            }
            Expr::Max(vars, guard, body) => {
                let (vars, inner) = map.under(vars, guard, body);
                Expr::Max(vars, guard.substitute(&inner.indices), Box::new(body.substitute(&inner)))
            }
            Expr::Derivative(body, tensor, indices) => {
                // Where anything but a name is put for the tensor ∂ has no meaning; the laws exclude it.
                let tensor = match map.tensors.get(tensor) {
                    Some(Tensor::Named(name)) => name.clone(),
                    _ => tensor.clone(),
                };
                Expr::Derivative(Box::new(body.substitute(map)), tensor, position(indices))
            }
        }
    }

    /// The same expression with every bound letter named after the number of letters bound around it: `$000`, `$001`, ….
    /// Counting starts above the canonical names that occur free.
    pub fn canonical(&self) -> Expr {
        self.canonical_at(first_level(&self.free_vars()))
    }

    /// The same below `depth` bound letters; no letter `$depth` or above may occur free.
    pub fn canonical_at(&self, depth: usize) -> Expr {
        let mut result = self.clone();
        if let Expr::Sum(vars, guard, body) | Expr::Max(vars, guard, body) = &mut result {
            (*vars, *guard, **body) = open_canonically(vars, guard, body, depth);
            return result;
        }
        if let Expr::Entry(tensor, _) = &mut result {
            *tensor = tensor.canonical_at(depth);
        }
        for child in result.children_mut() {
            *child = child.canonical_at(depth);
        }
        result
    }

    /// Whether two expressions differ at most in the names of bound letters.
    pub fn same(&self, other: &Expr) -> bool {
        if self == other {
            return true;
        }
        let mut free = self.free_vars();
        other.collect_free(&mut free);
        let depth = first_level(&free);
        self.canonical_at(depth) == other.canonical_at(depth)
    }
}

impl Tensor {
    /// Applies a substitution.
    pub fn substitute(&self, map: &Substitution) -> Tensor {
        match self {
            Tensor::Named(name) => map.tensors.get(name).cloned().unwrap_or_else(|| self.clone()),
            Tensor::Call { definition, parameters, tensors } => Tensor::Call {
                definition: definition.clone(),
                parameters: parameters.iter().map(|index| index.substitute(&map.indices)).collect(),
                tensors: tensors.iter().map(|tensor| tensor.substitute(map)).collect(),
            },
            Tensor::Lambda { axes, support, body } => {
                let (axes, inner) = map.under(axes, support, body);
                Tensor::Lambda {
                    axes,
                    support: support.substitute(&inner.indices),
                    body: Box::new(body.substitute(&inner)),
                }
            }
        }
    }

    /// The tensor with canonical names for bound letters.
    pub fn canonical_at(&self, depth: usize) -> Tensor {
        match self {
            Tensor::Named(_) => self.clone(),
            Tensor::Call { definition, parameters, tensors } => Tensor::Call {
                definition: definition.clone(),
                parameters: parameters.clone(),
                tensors: tensors.iter().map(|tensor| tensor.canonical_at(depth)).collect(),
            },
            Tensor::Lambda { axes, support, body } => {
                let (axes, support, body) = open_canonically(axes, support, body, depth);
                Tensor::Lambda { axes, support, body: Box::new(body) }
            }
        }
    }
}

/// Refuses index substitutions whose result could be too large, as [`Substitution::check_growth`].
pub(super) fn check_growth<'a>(
    map: &BTreeMap<Var, Index>,
    terms: impl IntoIterator<Item = &'a Index>,
) -> Result<(), Refusal> {
    let total = terms.into_iter().fold(0u64, |sum, term| sum.saturating_add(term.growth(map)));
    if total > GROWTH_LIMIT { Err(Refusal::TooLarge) } else { Ok(()) }
}

/// The canonical name of the bound letter number `depth`. No parsed name contains `$`.
pub fn canonical_var(var: &Var, depth: usize) -> Var {
    Var { name: Name::from(format!("${depth:03}")), rank: var.rank.clone() }
}

/// The first level from which on 2³² levels are free of the canonical names in `free`: more than any term has binders.
pub fn first_level(free: &BTreeSet<Var>) -> usize {
    let level = |var: &Var| var.name.as_str().strip_prefix('$').and_then(|digits| digits.parse::<usize>().ok());
    let levels: BTreeSet<usize> = free.iter().filter_map(level).collect();
    let mut first: usize = 0;
    for level in levels {
        if level.saturating_sub(first) > u32::MAX as usize {
            break;
        }
        first = level.saturating_add(1);
    }
    first
}

/// A binder's parts with canonical names from `depth` on.
fn open_canonically(vars: &[Var], guard: &Guard, body: &Expr, depth: usize) -> (Vec<Var>, Guard, Expr) {
    let renamed: Vec<Var> = vars.iter().enumerate().map(|(offset, var)| canonical_var(var, depth + offset)).collect();
    let inner_depth = depth + vars.len();
    if renamed == vars {
        return (renamed, guard.clone(), body.canonical_at(inner_depth));
    }
    let map = Substitution::of_indices(vars.iter().cloned().zip(renamed.iter().map(Index::from)).collect());
    (renamed, guard.substitute(&map.indices), body.substitute(&map).canonical_at(inner_depth))
}
