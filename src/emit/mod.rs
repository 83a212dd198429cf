//! Formulas as programs: a self-contained function in NumPy, PyTorch, JAX or Rust.
//!
//! | file | subject |
//! | --- | --- |
//! | `rank` | letters of symbolic rank as several letters |
//! | `compile` | sums as loops, operators as functions |
//! | `code` | loops and assignments, spelled in a language |
//! | `names` | names that a language accepts |
//!
//! The code is plain loops: it is there to be correct and to be compared with, not to be fast. It means what the formula means: an entry
//! outside its box is 0, floors round down, the largest of nothing is minus infinity.

mod code;
mod compile;
mod names;
mod rank;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::entail::linear_in;
use crate::export::notation::Notation;
use crate::export::text::{self, Charset};
use crate::kernel::{Definition, Expr, Facts, Index, Name, Signature, Statement, TensorDeclaration, Var};
use code::Line;
use compile::{Compiler, Sides, collect, functions, sides};
use names::Names;
use rank::Ranks;

/// What is emitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Python with NumPy.
    Numpy,
    /// Python with PyTorch; gradients flow through it.
    Torch,
    /// Python with JAX; functional, so that `jax.grad` applies.
    Jax,
    /// Rust, of the standard library alone.
    Rust,
}

/// Why a formula has no program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported(pub String);

impl fmt::Display for Unsupported {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Unsupported {}

/// A formula: the entries of a tensor, or a scalar where the statement has no indices.
#[derive(Clone, Debug)]
pub struct Formula {
    /// Its name, free indices with their ranges, and what it speaks of. The right side of the claim is the entry.
    pub statement: Statement,
    /// The formula as it is read, for the comment.
    pub says: String,
}

impl Target {
    fn floor(self, above: &str, below: &str) -> String {
        match self {
            Target::Rust => format!("i64::div_euclid({above}, {below})"),
            _ => format!("{} // {}", grouped(above), grouped(below)),
        }
    }

    fn extreme(self, pick: &str, a: &str, b: &str) -> String {
        match self {
            Target::Rust => format!("i64::{pick}({a}, {b})"),
            _ => format!("{pick}({a}, {b})"),
        }
    }

    fn at_least_zero(self, size: &str) -> String {
        match self {
            Target::Rust => format!("i64::max({size}, 0)"),
            _ => format!("max({size}, 0)"),
        }
    }

    fn scalar(self, integer: &str) -> String {
        match self {
            Target::Rust => format!("(({integer}) as f64)"),
            _ => format!("float({integer})"),
        }
    }

    fn bracket(self, conditions: &[String]) -> String {
        match (self, conditions.is_empty()) {
            (_, true) => "1.0".into(),
            (Target::Rust, false) => format!("(if {} {{ 1.0 }} else {{ 0.0 }})", conditions.join(" && ")),
            (_, false) => format!("(1.0 if {} else 0.0)", conditions.join(" and ")),
        }
    }

    fn power(self, base: &str, exponent: u32) -> String {
        match self {
            Target::Rust => format!("({base}).powi({exponent})"),
            _ => format!("({base}) ** {exponent}"),
        }
    }

    fn lowest(self) -> &'static str {
        match self {
            Target::Rust => "f64::NEG_INFINITY",
            _ => "float(\"-inf\")",
        }
    }

    fn at(self, array: &str, places: &[String]) -> String {
        let places = places.join(", ");
        match self {
            Target::Rust => format!("{array}.at(&[{places}])"),
            _ => format!("at({array}, {places})"),
        }
    }

    /// A tensor as an argument.
    fn lend(self, array: &str, scalar: bool) -> String {
        if self == Target::Rust && !scalar { format!("&{array}") } else { array.to_string() }
    }

    fn prelude(self) -> &'static str {
        match self {
            Target::Numpy => concat!("import numpy as np\n\n\n", include_str!("prelude.py")),
            Target::Torch => concat!("import torch\n\n\n", include_str!("prelude.py")),
            Target::Jax => concat!("import jax.numpy as jnp\n\n\n", include_str!("prelude.py")),
            Target::Rust => include_str!("prelude.rs.txt"),
        }
    }
}

/// A term in parentheses, unless it is a single word.
fn grouped(term: &str) -> String {
    let word = term.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    if word { term.to_string() } else { format!("({term})") }
}

/// The name of a derivative: `sigma` once differentiated is `d_sigma`.
fn derived(function: &str, orders: &[u32]) -> String {
    match orders {
        _ if orders.iter().all(|order| *order == 0) => function.to_string(),
        [1] => format!("d_{function}"),
        [order] => format!("d{order}_{function}"),
        orders => {
            let orders: Vec<String> = orders.iter().map(u32::to_string).collect();
            format!("d{}_{function}", orders.join("_"))
        }
    }
}

/// A program and how its functions are called.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The text.
    pub text: String,
    /// The functions of the formulas, in their order.
    pub functions: Vec<Called>,
}

/// How the function of a formula is called: first with tensors, then with integers, then with functions.
#[derive(Clone, Debug, Default)]
pub struct Called {
    /// Its name.
    pub name: String,
    /// The tensors.
    pub tensors: Vec<Name>,
    /// The integers that no shape tells; of a letter with several coordinates each has a name, as in `s_1, s_2`.
    pub integers: Vec<Name>,
    /// The functions; `d_sigma` is the derivative of `sigma`.
    pub functions: Vec<String>,
}

/// The program for some formulas: a function for each, after the functions for the operators that they use.
///
/// `ranks` says how many coordinates each symbolic rank has.
///
/// # Errors
/// What has no program: a loop whose ends cannot be read off, a derivative, a rank without a value.
///
/// ```
/// use convprove::emit::{Formula, Target, program};
/// let module = convprove::syntax::load("size n\ntensor x[0..n-1]\ntheorem total: 0 = sum(i in 0..n-1) x[i]\n", false);
/// let formula = Formula { statement: module.goals[0].statement.clone(), says: "the sum of x".into() };
/// let program = program(&[formula], &Default::default(), Target::Numpy).unwrap();
/// assert!(program.text.contains("def total(x):"));
/// assert!(program.text.contains("for i in range(n):"));
/// assert_eq!(program.functions[0].tensors, vec!["x".into()]);
/// ```
pub fn program(formulas: &[Formula], ranks: &BTreeMap<Name, usize>, target: Target) -> Result<Program, Unsupported> {
    let mut out = Program { text: String::from(target.prelude()), functions: Vec::new() };
    let mut written: BTreeSet<(Name, String)> = BTreeSet::new();
    let mut names = Names::default();
    // The names of formulas are theirs.
    let called: Vec<String> = formulas.iter().map(|formula| names.fresh(formula.statement.name.as_str())).collect();
    for (formula, called) in formulas.iter().zip(called) {
        let widths = Ranks { widths: ranks, signature: &formula.statement.signature };
        let (statement, body) = widths.statement(&formula.statement)?;
        for definition in needed(&body, &statement.signature) {
            let text = helper(definition, &statement.signature, target, &mut names)?;
            if written.insert((definition.name.clone(), text.clone())) {
                out.text.push_str(&text);
            }
        }
        // What a program cannot check, the reader has to: it may depend on entries, and on functions that are arguments.
        let premises = Notation::of_statement(&formula.statement).premises();
        let assumed = premises.iter().map(|premise| format!("where {}", text::premise(premise, Charset::Unicode)));
        let comment: Vec<String> = [formula.says.clone()].into_iter().chain(assumed).collect();
        let (text, function) = main(&statement, &body, &called, comment, target, &mut names)?;
        out.text.push_str(&text);
        out.functions.push(function);
    }
    Ok(out)
}

/// The definitions that an expression uses, those that others use first.
fn needed<'a>(body: &Expr, signature: &'a Signature) -> Vec<&'a Definition> {
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    collect(body, signature, &mut seen, &mut found);
    signature.definitions.iter().filter(|definition| seen.contains(&definition.name)).collect()
}

/// A definition as a function of its tensors, all its integers and the functions that it applies.
fn helper(
    definition: &Definition,
    signature: &Signature,
    target: Target,
    names: &mut Names,
) -> Result<String, Unsupported> {
    let called = names.of("definition", definition.name.as_str());
    let mut local = names.clone();
    let mut parameters: Vec<Parameter> =
        definition.tensors.iter().map(|tensor| Parameter::tensor(tensor, &mut local)).collect();
    parameters.extend(definition.parameters.iter().map(|var| Parameter::integer(var, &mut local)));
    let mut applied = Vec::new();
    for function in functions(definition, signature) {
        applied.push(Parameter::function(&function, signature, &mut local));
    }
    parameters.extend(applied);
    let facts: Facts = definition.support.literals().cloned().chain(divisors(definition)).collect();
    let compiler = Compiler::new(signature, target, &mut local, &definition.tensors, facts);
    let lines = compiler.function(&definition.axes, &definition.support, &definition.body, &definition.parameters)?;
    let notation = Notation::of_definition(signature, definition);
    let axes: Vec<&str> = definition.axes.iter().map(|axis| axis.name.as_str()).collect();
    let place = if axes.is_empty() { String::new() } else { format!("[{}]", axes.join(", ")) };
    let says =
        format!("{}{place} = {}", definition.name.surface(), text::expr(&definition.body, &notation, Charset::Unicode));
    Ok(spell(&called, &parameters, definition.axes.is_empty(), &[says], &lines, target))
}

/// That the divisors of a definition are at least 1, as its elaboration has made sure.
fn divisors(definition: &Definition) -> Vec<crate::kernel::Literal> {
    let mut found = Vec::new();
    let mut visit = |index: &Index| {
        for atom in index.atoms() {
            if let crate::kernel::Atom::Floor(_, divisor) = atom {
                found.push(crate::kernel::Literal::ge(divisor.as_ref() - &Index::from(1)));
            }
        }
    };
    definition.body.visit_indices(&mut visit);
    definition.support.indices().for_each(&mut visit);
    found
}

/// The function of a formula: of tensors, of the integers that no shape tells, and of functions.
fn main(
    statement: &Statement,
    body: &Expr,
    called: &str,
    mut comment: Vec<String>,
    target: Target,
    names: &mut Names,
) -> Result<(String, Called), Unsupported> {
    let mut local = names.clone();
    let signature = &statement.signature;
    let used: Vec<&TensorDeclaration> =
        signature.tensors.iter().filter(|tensor| body_reads(body, &tensor.name)).collect();
    let mut parameters: Vec<Parameter> = used.iter().map(|tensor| Parameter::tensor(tensor, &mut local)).collect();
    let (read, mut lines) = shapes(statement, &used, target, &mut local)?;
    let unread: Vec<&Var> = statement.parameters.iter().filter(|var| !read.contains(var)).collect();
    parameters.extend(unread.iter().map(|var| Parameter::integer(var, &mut local)).collect::<Vec<_>>());
    let (mut seen, mut applied) = (BTreeSet::new(), Vec::new());
    collect(body, signature, &mut seen, &mut applied);
    parameters.extend(applied.iter().map(|function| Parameter::function(function, signature, &mut local)));
    let function = Called {
        name: called.to_string(),
        tensors: used.iter().map(|tensor| tensor.name.clone()).collect(),
        integers: unread.iter().map(|var| var.name.clone()).collect(),
        functions: applied,
    };
    let facts: Facts = statement.assumptions.literals().cloned().collect();
    let mut compiler = Compiler::new(signature, target, &mut local, &signature.tensors, facts);
    for literal in statement.assumptions.literals() {
        let condition = compiler.condition(literal)?;
        lines.push(Line::Require(condition));
    }
    lines.extend(compiler.function(&statement.indices, &statement.ranges, body, &statement.parameters)?);
    let notation = Notation::of_statement(statement);
    for tensor in &used {
        if let Some(sides) = sides(&tensor.axes, &tensor.support).filter(|sides| !sides.is_empty()) {
            comment.push(format!("{}: {}", tensor.name, shape(&sides, &notation)));
        }
    }
    if let Some(sides) = sides(&statement.indices, &statement.ranges).filter(|sides| !sides.is_empty()) {
        comment.push(format!("returns: {}", shape(&sides, &notation)));
    }
    Ok((spell(called, &parameters, statement.indices.is_empty(), &comment, &lines, target), function))
}

fn body_reads(expr: &Expr, name: &Name) -> bool {
    fn reads(tensor: &crate::kernel::Tensor, name: &Name) -> bool {
        match tensor {
            crate::kernel::Tensor::Named(own) => own == name,
            crate::kernel::Tensor::Call { tensors, .. } => tensors.iter().any(|tensor| reads(tensor, name)),
            crate::kernel::Tensor::Lambda { body, .. } => body_reads(body, name),
        }
    }
    let here = matches!(expr, Expr::Entry(tensor, _) if reads(tensor, name));
    here || expr.children().iter().any(|child| body_reads(child, name))
}

/// `n × m`, with the first index where it is not 0.
fn shape(sides: &Sides, notation: &Notation) -> String {
    let side = |(low, high): &(Index, Index)| {
        let size = text::index(&(&(high - low) + &Index::from(1)), notation, Charset::Unicode);
        if low.is_zero() { size } else { format!("{size} (from {})", text::index(low, notation, Charset::Unicode)) }
    };
    format!("shape {}", sides.iter().map(side).collect::<Vec<_>>().join(" × "))
}

/// Sizes that the shapes of arrays tell, with the lines that read them.
fn shapes(
    statement: &Statement,
    tensors: &[&TensorDeclaration],
    target: Target,
    names: &mut Names,
) -> Result<(BTreeSet<Var>, Vec<Line>), Unsupported> {
    let (mut read, mut lines): (BTreeSet<Var>, Vec<Line>) = (BTreeSet::new(), Vec::new());
    let mut sizes = Vec::new();
    for tensor in tensors {
        let Some(sides) = sides(&tensor.axes, &tensor.support) else { continue };
        for (axis, (low, high)) in sides.iter().enumerate() {
            sizes.push((tensor.name.clone(), axis, &(high - low) + &Index::from(1)));
        }
    }
    loop {
        let found = sizes.iter().find_map(|(name, axis, size)| {
            let mut vars = BTreeSet::new();
            size.collect_vars(&mut vars);
            vars.retain(|var| statement.parameters.contains(var) && !read.contains(var));
            let [var] = vars.iter().collect::<Vec<_>>()[..] else { return None };
            let (factor, rest) = linear_in(size, var)?;
            (factor == Index::from(1)).then(|| (var.clone(), name.clone(), *axis, rest))
        });
        let Some((var, name, axis, rest)) = found else { return Ok((read, lines)) };
        let array = names.of("tensor", name.as_str());
        let size = match target {
            Target::Rust => format!("{array}.shape[{axis}] as i64"),
            _ => format!("{array}.shape[{axis}]"),
        };
        let letter = names.of("letter", var.name.as_str());
        let less = if rest.is_zero() {
            String::new()
        } else {
            let mut compiler = Compiler::new(&statement.signature, target, names, &[], Facts::new());
            format!(" - ({})", compiler.index(&rest)?)
        };
        lines.push(Line::Call(letter, format!("{size}{less}")));
        read.insert(var);
    }
}

/// A parameter of an emitted function.
struct Parameter {
    name: String,
    /// Its type in Rust.
    kind: String,
}

impl Parameter {
    fn tensor(tensor: &TensorDeclaration, names: &mut Names) -> Parameter {
        let name = names.of("tensor", tensor.name.as_str());
        let function = tensor.support.is_empty() && !tensor.axes.is_empty();
        let kind = match (function, tensor.axes.is_empty()) {
            (true, _) => format!("&dyn Fn({}) -> f64", vec!["i64"; tensor.axes.len()].join(", ")),
            (false, true) => "f64".into(),
            (false, false) => "&Array".into(),
        };
        Parameter { name, kind }
    }

    fn integer(var: &Var, names: &mut Names) -> Parameter {
        Parameter { name: names.of("letter", var.name.as_str()), kind: "i64".into() }
    }

    fn function(name: &str, signature: &Signature, names: &mut Names) -> Parameter {
        let own = |function: &&crate::kernel::FunctionDeclaration| {
            name == function.name.as_str() || name.ends_with(&format!("_{}", function.name))
        };
        let kind = match signature.functions.iter().find(own) {
            Some(function) => format!("&dyn Fn({}) -> f64", vec!["f64"; function.arity].join(", ")),
            None => "&dyn Fn(i64) -> i64".into(),
        };
        Parameter { name: names.of("function", name), kind }
    }
}

/// A function with its comment.
fn spell(
    called: &str,
    parameters: &[Parameter],
    scalar: bool,
    comment: &[String],
    lines: &[Line],
    target: Target,
) -> String {
    let mut out = String::from("\n\n");
    let one_line = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    match target {
        Target::Rust => {
            comment.iter().for_each(|line| out.push_str(&format!("/// {}\n", one_line(line))));
            let list: Vec<String> =
                parameters.iter().map(|parameter| format!("{}: {}", parameter.name, parameter.kind)).collect();
            let result = if scalar { "f64" } else { "Array" };
            out.push_str(&format!("pub fn {called}({}) -> {result} {{\n", list.join(", ")));
            code::print(lines, target, 1, &mut out);
            out.push_str("}\n");
        }
        _ => {
            let list: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
            out.push_str(&format!("def {called}({}):\n", list.join(", ")));
            let text: Vec<String> = comment.iter().map(one_line).collect();
            out.push_str(&format!(
                "    \"\"\"{}\"\"\"\n",
                text.join("\n\n    ").replace('\\', "\\\\").replace('"', "'")
            ));
            code::print(lines, target, 1, &mut out);
        }
    }
    out
}
