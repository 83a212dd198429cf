//! The matrix of a linear layer at given sizes: `y = C x` with one row for each output and one column for each input.
//!
//! Every output is worked out as a polynomial in the entries of the layer's tensors; the coefficient of an input entry is the
//! matrix entry, mostly one entry of the kernel. A layer that is not linear in the chosen tensor has no matrix, and is told why.
//!
//! | file | subject |
//! | --- | --- |
//! | `text` | aligned text, Markdown and LaTeX |
//! | `svg` | a drawing |

mod svg;
mod text;

use std::collections::BTreeMap;
use std::fmt;

use num_rational::BigRational;
use num_traits::{One, Signed};

use crate::kernel::{Claim, Definition, Expr, Guard, Index, Name, Signature, Statement, Tensor, Var};
use crate::numeric::symbolic::{self, Entry, Expansion};
use crate::numeric::{self};

pub use svg::svg;
pub use text::{latex, markdown, text};

/// More cells than this are not drawn.
pub const MAX_CELLS: usize = 40_000;

/// How many points may be evaluated.
const POINTS: u64 = 2_000_000;

/// A matrix whose entries are polynomials, mostly zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// Whether it is the transpose, which takes gradients of the outputs to gradients of the inputs.
    pub transpose: bool,
    /// The name of the rows' vector, `conv2`, and that of the columns', `X`.
    pub names: (String, String),
    /// The positions of the rows: outputs.
    pub rows: Vec<Vec<i64>>,
    /// The positions of the columns: inputs.
    pub columns: Vec<Vec<i64>>,
    /// The entries that are not zero, by row and column.
    pub cells: BTreeMap<(usize, usize), Cell>,
}

/// An entry of a matrix: a polynomial in the entries of the other tensors, as a sum of products.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell(Vec<(BigRational, Vec<(Entry, u32)>)>);

/// Why there is no matrix.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// The definition has no tensor of this name; those that it has follow.
    NoTensor(Name, Vec<Name>),
    /// The layer has several tensors, and which one is the input is not said.
    WhichTensor(Vec<Name>),
    /// A size is not given.
    Missing(Name),
    /// Names that are no sizes of the layer, with the names that it has.
    NoSize(Name, Vec<Name>),
    /// The sizes do not satisfy this assumption of the layer.
    Assumption(String),
    /// At an output a term does not contain the input exactly once: the output, the term, and how often.
    NotLinear(Vec<i64>, String, u32),
    /// The output is no polynomial: why.
    NotPolynomial(&'static str),
    /// There are more cells than are drawn.
    TooLarge(usize, usize),
    /// The evaluation failed.
    Evaluation(numeric::Fault),
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |names: &[Name]| names.iter().map(Name::to_string).collect::<Vec<_>>().join(", ");
        match self {
            Fault::NoTensor(name, names) => write!(formatter, "there is no tensor {name}; there are {}", list(names)),
            Fault::WhichTensor(names) => {
                write!(formatter, "say which tensor is the input: {}", list(names).replace(", ", " or "))
            }
            Fault::Missing(name) => write!(formatter, "the size {name} is not given"),
            Fault::NoSize(name, names) => write!(formatter, "there is no size {name}; there are {}", list(names)),
            Fault::Assumption(assumption) => write!(formatter, "at these sizes {assumption} does not hold"),
            Fault::NotLinear(position, term, 0) => write!(
                formatter,
                "the layer is not linear: its output at {} has the term {term}, which does not contain the input",
                place(position)
            ),
            Fault::NotLinear(position, term, times) => write!(
                formatter,
                "the layer is not linear: its output at {} has the term {term}, which contains the input {times} times",
                place(position)
            ),
            Fault::NotPolynomial(why) => write!(formatter, "the layer is not linear: {why}"),
            Fault::TooLarge(rows, columns) => {
                write!(formatter, "a matrix of {rows} by {columns} is too large; at most {MAX_CELLS} entries are drawn")
            }
            Fault::Evaluation(fault) => fault.fmt(formatter),
        }
    }
}

/// A layer: a definition with all that it may call.
#[derive(Clone, Copy, Debug)]
pub struct Layer<'a> {
    /// The definition.
    pub definition: &'a Definition,
    /// Definitions that it may call, in order.
    pub definitions: &'a [Definition],
    /// Values of parameters that need not be given.
    pub defaults: &'a [(Var, Index)],
    /// What sizes must satisfy.
    pub assumptions: &'a Guard,
}

/// The matrix of a layer for one of its tensors at given sizes.
///
/// ```
/// use convprove::picture::{Layer, matrix, text};
/// let module = convprove::syntax::library("corr");
/// let definitions: Vec<_> = module.definitions.iter().map(|known| known.definition.clone()).collect();
/// let known = module.definitions.iter().find(|known| known.definition.name.as_str() == "corr").unwrap();
/// let layer = Layer {
///     definition: &known.definition,
///     definitions: &definitions,
///     defaults: &known.defaults,
///     assumptions: &known.assumptions,
/// };
/// let sizes = [("n".into(), 4), ("K".into(), 2)].into();
/// let picture = matrix(&layer, Some("x"), &sizes).unwrap();
/// assert_eq!(
///     text(&picture),
///     "corr = C x\n\
///      \n     x[0]  x[1]  x[2]  x[3]\n\
///      [0]  w[0]  w[1]     ·     ·\n\
///      [1]     ·  w[0]  w[1]     ·\n\
///      [2]     ·     ·  w[0]  w[1]\n"
/// );
/// // It is linear in w too.
/// assert_eq!(matrix(&layer, Some("w"), &sizes).unwrap().columns.len(), 2);
/// ```
///
/// # Errors
/// A [`Fault`] that says why there is no matrix.
pub fn matrix(layer: &Layer<'_>, input: Option<&str>, sizes: &BTreeMap<Name, i64>) -> Result<Matrix, Fault> {
    let definition = layer.definition;
    let input = chosen(definition, input)?;
    let values = values(layer, sizes)?;
    let statement = statement(layer);
    let expansion = symbolic::expand(&statement, &values, POINTS).map_err(|fault| match fault {
        numeric::Fault::NoOrder => Fault::NotPolynomial("it takes a maximum of entries"),
        numeric::Fault::Singular => Fault::NotPolynomial("it divides by something that is no number"),
        other => Fault::Evaluation(other),
    })?;
    assemble(definition, &input, &expansion)
}

/// The tensor that is the input: the one that is named, or the only one.
fn chosen(definition: &Definition, input: Option<&str>) -> Result<Name, Fault> {
    let names: Vec<Name> = definition.tensors.iter().map(|tensor| tensor.name.clone()).collect();
    match (input, names.as_slice()) {
        (Some(input), _) => match names.iter().find(|name| name.as_str() == input) {
            Some(name) => Ok(name.clone()),
            None => Err(Fault::NoTensor(Name::from(input), names)),
        },
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err(Fault::WhichTensor(names)),
    }
}

/// The values of all parameters, those that are given and those that follow from them.
fn values(layer: &Layer<'_>, sizes: &BTreeMap<Name, i64>) -> Result<BTreeMap<Name, i64>, Fault> {
    let parameters = &layer.definition.parameters;
    let known = || parameters.iter().map(|var| var.name.clone()).collect::<Vec<_>>();
    if let Some(name) = sizes.keys().find(|name| !parameters.iter().any(|var| var.name == **name)) {
        return Err(Fault::NoSize(name.clone(), known()));
    }
    let mut map: BTreeMap<Var, Index> =
        parameters.iter().filter_map(|var| Some((var.clone(), Index::from(*sizes.get(&var.name)?)))).collect();
    for _ in 0..=layer.defaults.len() {
        for (var, default) in layer.defaults {
            let value = default.substitute(&map);
            if !map.contains_key(var) && value.as_constant().is_some() {
                map.insert(var.clone(), value);
            }
        }
    }
    let mut values = BTreeMap::new();
    for var in parameters {
        let value = map.get(var).and_then(Index::as_constant).ok_or_else(|| Fault::Missing(var.name.clone()))?;
        let value = i64::try_from(value).map_err(|_| Fault::Evaluation(numeric::Fault::Overflow))?;
        values.insert(var.name.clone(), value);
    }
    for literal in layer.assumptions.literals() {
        if literal.substitute(&map).truth() != Some(true) {
            return Err(Fault::Assumption(literal.to_string()));
        }
    }
    Ok(values)
}

/// The layer's entry as the left side of an equation.
fn statement(layer: &Layer<'_>) -> Statement {
    let definition = layer.definition;
    let position: Vec<Index> = definition.axes.iter().map(Index::from).collect();
    let call = Tensor::Call {
        definition: definition.name.clone(),
        parameters: definition.parameters.iter().map(Index::from).collect(),
        tensors: definition.tensors.iter().map(|tensor| Tensor::Named(tensor.name.clone())).collect(),
    };
    let mut needed: Vec<Definition> = Vec::new();
    need(layer, definition, &mut needed);
    needed.reverse();
    let known: Vec<Definition> = layer.definitions.iter().filter(|one| needed.contains(one)).cloned().collect();
    Statement {
        name: definition.name.clone(),
        signature: Signature { tensors: definition.tensors.clone(), definitions: known, ..Signature::default() },
        parameters: definition.parameters.clone(),
        assumptions: Guard::always(),
        indices: definition.axes.clone(),
        ranges: definition.support.clone(),
        claim: Claim::Equation(Expr::Entry(call, position), Expr::from(0)),
    }
}

/// A definition and those that it calls.
fn need(layer: &Layer<'_>, definition: &Definition, needed: &mut Vec<Definition>) {
    if needed.contains(definition) {
        return;
    }
    needed.push(definition.clone());
    let called = |name: &Name| {
        let calls = |tensor: &Tensor| matches!(tensor, Tensor::Call { definition, .. } if definition == name);
        mentions(&definition.body, &calls)
    };
    for other in layer.definitions.iter().filter(|other| called(&other.name)) {
        need(layer, other, needed);
    }
}

/// Whether a term reads a tensor that passes a test, at any depth.
fn mentions(expr: &Expr, test: &dyn Fn(&Tensor) -> bool) -> bool {
    fn inside(tensor: &Tensor, test: &dyn Fn(&Tensor) -> bool) -> bool {
        test(tensor)
            || match tensor {
                Tensor::Named(_) => false,
                Tensor::Call { tensors, .. } => tensors.iter().any(|tensor| inside(tensor, test)),
                Tensor::Lambda { body, .. } => mentions(body, test),
            }
    }
    matches!(expr, Expr::Entry(tensor, _) if inside(tensor, test))
        || expr.children().iter().any(|child| mentions(child, test))
}

fn assemble(definition: &Definition, input: &Name, expansion: &Expansion) -> Result<Matrix, Fault> {
    let columns = expansion.tensors.iter().find(|(name, _)| name == input).map(|(_, positions)| positions.clone());
    let columns = columns.unwrap_or_default();
    let rows: Vec<Vec<i64>> = expansion.rows.iter().map(|(position, _)| position.clone()).collect();
    if rows.len().saturating_mul(columns.len()) > MAX_CELLS {
        return Err(Fault::TooLarge(rows.len(), columns.len()));
    }
    let mut cells: BTreeMap<(usize, usize), Cell> = BTreeMap::new();
    for (row, (position, polynomial)) in expansion.rows.iter().enumerate() {
        for (coefficient, factors) in polynomial {
            let (own, others): (Vec<_>, Vec<_>) = factors.iter().cloned().partition(|((name, _), _)| name == input);
            let times = own.iter().map(|(_, exponent)| *exponent).sum();
            let column = match own.as_slice() {
                [((_, place), 1)] => columns.binary_search(place).ok(),
                _ => None,
            };
            let Some(column) = column else {
                let term = Cell(vec![(coefficient.clone(), factors.clone())]).to_string();
                return Err(Fault::NotLinear(position.clone(), term, times));
            };
            cells.entry((row, column)).or_insert_with(|| Cell(Vec::new())).0.push((coefficient.clone(), others));
        }
    }
    let name = definition.name.surface().to_string();
    Ok(Matrix { transpose: false, names: (name, input.to_string()), rows, columns, cells })
}

impl Matrix {
    /// What it says: `conv2 = C X`, and of the transpose `∂X = Cᵀ ∂conv2`.
    pub fn title(&self) -> String {
        let (rows, columns) = &self.names;
        if self.transpose { format!("∂{rows} = Cᵀ ∂{columns}") } else { format!("{rows} = C {columns}") }
    }

    /// The transposed matrix: from gradients of the outputs to gradients of the inputs.
    pub fn transposed(&self) -> Matrix {
        let (rows, columns) = &self.names;
        Matrix {
            transpose: !self.transpose,
            names: (columns.clone(), rows.clone()),
            rows: self.columns.clone(),
            columns: self.rows.clone(),
            cells: self.cells.iter().map(|((row, column), cell)| ((*column, *row), cell.clone())).collect(),
        }
    }

    /// The different entries, in the order in which they are met.
    pub fn kinds(&self) -> Vec<&Cell> {
        let mut kinds: Vec<&Cell> = self.cells.values().collect();
        kinds.sort();
        kinds.dedup();
        kinds
    }
}

/// `[1,2]`
fn place(position: &[i64]) -> String {
    let written: Vec<String> = position.iter().map(i64::to_string).collect();
    format!("[{}]", written.join(","))
}

/// `w[0,1]`, `2*w[0]`, `w[0]*v[1] + w[1]*v[0]`
impl fmt::Display for Cell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (coefficient, factors)) in self.0.iter().enumerate() {
            let sign = match (number, coefficient.is_negative()) {
                (0, false) => "",
                (0, true) => "-",
                (_, false) => " + ",
                (_, true) => " - ",
            };
            let size = coefficient.abs();
            let mut parts: Vec<String> = Vec::new();
            if !size.is_one() || factors.is_empty() {
                parts.push(size.to_string());
            }
            for ((name, position), exponent) in factors {
                let entry = if position.is_empty() { name.to_string() } else { format!("{name}{}", place(position)) };
                parts.push(if *exponent == 1 { entry } else { format!("{entry}^{exponent}") });
            }
            write!(formatter, "{sign}{}", parts.join("*"))?;
        }
        Ok(())
    }
}
