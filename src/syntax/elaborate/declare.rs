//! Declarations.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::condition::{axis, compare};
use super::definition::{define, instantiate};
use super::lets::{Let, mentions_tensor};
use super::limits;
use super::premise;
use super::scope::{Axis, Elaborated, Environment, NamedTensor, Scope, fault, fault_with};
use super::term::{integer, scalar};
use crate::kernel::{Expr, Guard, Index, Literal, Name, Rank, Slope, TensorDeclaration, Var};
use crate::syntax::ast::*;

/// Adds a declaration to the environment. A later declaration of a name replaces the earlier one for what follows.
pub(super) fn declare(environment: &mut Environment, kind: &ItemKind) -> Elaborated<()> {
    match kind {
        ItemKind::Use(name) if name.name == "std" => use_std(environment),
        ItemKind::Use(name) => fault_with(
            name.span,
            format!("there is no library {}", name.name),
            "the library that ships is std: use std",
        ),
        ItemKind::Size(groups) => groups.iter().try_for_each(|group| sizes(environment, group, Some(1))),
        ItemKind::Integer(groups) => groups.iter().try_for_each(|group| sizes(environment, group, None)),
        ItemKind::Rank(names) => {
            for name in names {
                environment.ranks.insert(name.name.clone());
                instantiate(environment, &name.name)?;
            }
            Ok(())
        }
        ItemKind::Assume(list, letters) => premise::assume(environment, list, letters),
        ItemKind::Tensor(tensors) => {
            for tensor in tensors {
                let scope = Scope::open(environment);
                let axes = tensor.sides.iter().map(|one| side(&scope, one)).collect::<Elaborated<_>>()?;
                add_tensor(environment, &tensor.name, axes, false)?;
            }
            Ok(())
        }
        ItemKind::Scalar(names) => names.iter().try_for_each(|name| add_tensor(environment, name, Vec::new(), false)),
        ItemKind::Function(arrows) => {
            for arrow in arrows {
                let axes = arrow_axes(&Scope::open(environment), arrow)?;
                add_tensor(environment, &arrow.name, axes, true)?;
            }
            Ok(())
        }
        ItemKind::IntegerFunction(arrows) => {
            for arrow in arrows {
                free_name(environment, &arrow.name)?;
                if let Some(rank) = arrow.letters.iter().find_map(|letter| letter.rank.as_ref()) {
                    return fault(rank.span, "a function with integer values takes integers of one coordinate");
                }
                forget(environment, &arrow.name.name);
                environment.integer_functions.insert(arrow.name.name.clone(), arrow.letters.len());
            }
            Ok(())
        }
        ItemKind::ScalarFunction(arrows, slopes) => {
            for arrow in arrows {
                free_name(environment, &arrow.name)?;
                if arrow.name.name.ends_with('\'') {
                    return fault(arrow.name.span, "a prime means a derivative and cannot end a function's name");
                }
                forget(environment, &arrow.name.name);
                environment.functions.insert(arrow.name.name.clone(), arrow.letters.len());
            }
            slopes.iter().try_for_each(|condition| slope(environment, arrows, condition))
        }
        ItemKind::Def(def) => define(environment, def),
        ItemKind::Let(name, result, term) => super::derive::name(environment, name, result.as_deref(), term),
        ItemKind::Derive(_) | ItemKind::Cost(_, _) | ItemKind::Theorem(_) => Ok(()),
    }
}

/// A name may be declared anew, but a definition stays what it is.
fn free_name(environment: &Environment, ident: &Ident) -> Elaborated<()> {
    if environment.definition_numbers.contains_key(&ident.name) {
        return fault_with(ident.span, format!("{} is a definition already", ident.name), "use another name");
    }
    Ok(())
}

/// What a name meant until now.
pub(super) fn forget(environment: &mut Environment, name: &str) {
    environment.integer_functions.remove(name);
    environment.sizes.remove(name);
    environment.tensors.remove(name);
    environment.functions.remove(name);
    environment.slopes.remove(name);
    environment.positive.remove(name);
    environment.premises.retain(|one| !premise::names(one).contains(name));
    if environment.lets.remove(name).is_some() {
        environment.let_order.retain(|other| other != name);
    }
    // What is made of it would speak of another tensor now.
    let made = |made: &Let| mentions_tensor(&made.local, name) || mentions_tensor(&made.whole, name);
    let stale: Vec<String> =
        environment.lets.iter().filter(|(_, one)| made(one)).map(|(name, _)| name.clone()).collect();
    for other in stale {
        forget(environment, &other);
        environment.broken.insert(other, format!("it is made of {name}, which is declared anew"));
    }
}

/// `tanh'(x) = 1 - tanh(x)^2`, assumed of a function that is being declared.
fn slope(environment: &mut Environment, arrows: &[Arrow], condition: &Condition) -> Elaborated<()> {
    let help = "write, for example: scalar function exp(x) where exp'(x) = exp(x), exp(x) > 0";
    let what = "of a function its derivative may be assumed, and that it is positive";
    let refuse = || fault_with(condition.span, what, help);
    let Relations::Chain(chain) = &condition.rest else { return refuse() };
    if let (TermKind::Call(name, _, _), [(Relation::Gt, bound)]) = (&condition.first.kind, chain.as_slice()) {
        let declared = arrows.iter().any(|arrow| arrow.name.name == name.name);
        if !declared
            || !matches!(&bound.kind, TermKind::Number(_))
            || integer(&Scope::open(environment), bound)? != Index::from(0)
        {
            return refuse();
        }
        environment.positive.insert(name.name.clone());
        return Ok(());
    }
    let (TermKind::Call(name, arguments, _), [(Relation::Eq, body)]) = (&condition.first.kind, chain.as_slice()) else {
        return refuse();
    };
    let declared = arrows.iter().find(|arrow| name.name.strip_suffix('\'') == Some(arrow.name.name.as_str()));
    let Some(declared) = declared else { return refuse() };
    let ([_], [argument]) = (declared.letters.as_slice(), arguments.as_slice()) else { return refuse() };
    let TermKind::Name(argument) = &argument.term.kind else { return refuse() };
    // The derivative speaks of its argument and of functions alone.
    let mut inner = Environment { functions: environment.functions.clone(), ..Environment::default() };
    let letter = Ident { name: argument.clone(), span: condition.first.span };
    add_tensor(&mut inner, &letter, Vec::new(), false)?;
    let body = scalar(&Scope::open(&inner), body)?;
    if body.any(&|part| matches!(part, Expr::Apply { orders, .. } if orders.iter().any(|order| *order > 0))) {
        return fault_with(condition.span, "a derivative is given by functions that are not differentiated", help);
    }
    if body.any(&|part| matches!(part, Expr::Max(_, _, _))) {
        return fault_with(
            condition.span,
            "a derivative is given without a maximum, whose own derivative has a jump",
            help,
        );
    }
    let slope = Slope { argument: Name::from(argument.as_str()), body };
    if environment.slopes.insert(declared.name.name.clone(), slope).is_some() {
        return fault(condition.span, "this derivative is given twice");
    }
    Ok(())
}

fn sizes(environment: &mut Environment, group: &Letters, default: Option<i64>) -> Elaborated<()> {
    for letter in &group.letters {
        free_name(environment, &letter.ident)?;
        limits::sizes_of_a_file(environment.sizes.len(), letter.ident.span)?;
        let scope = Scope::open(environment);
        let rank = scope.rank(letter.rank.as_ref())?.unwrap_or(Rank::Scalar);
        let var = Var { name: Name::from(letter.ident.name.as_str()), rank };
        let guard = match (&group.least, default) {
            (Some(least), _) => Guard::from(at_least(&scope, &var, least)?),
            (None, Some(default)) => Guard::from(vec![Literal::le(&Index::from(default), &Index::from(&var))]),
            (None, None) => Guard::always(),
        };
        let name = letter.ident.name.clone();
        forget(environment, &name);
        if !environment.size_order.contains(&name) {
            environment.size_order.push(name.clone());
        }
        environment.sizes.insert(name, (var, guard));
    }
    Ok(())
}

/// `var >= bound` as literals.
pub(super) fn at_least(scope: &Scope<'_>, var: &Var, least: &Least) -> Elaborated<Vec<Literal>> {
    let relation = if least.strict { Relation::Gt } else { Relation::Ge };
    Ok(compare(relation, &Index::from(var), &integer(scope, &least.bound)?))
}

/// One side of a box as an axis.
pub(super) fn side(scope: &Scope<'_>, side: &Side) -> Elaborated<Axis> {
    let mut axis = axis(scope, &side.range)?;
    if let (Some(rank), Some(ident)) = (scope.rank(side.rank.as_ref())?, &side.rank) {
        if axis.rank != rank && axis.rank != Rank::Scalar {
            return fault(ident.span, "the ends of this range have another rank");
        }
        axis.rank = rank;
    }
    Ok(axis)
}

/// The axes of a total function.
pub(super) fn arrow_axes(scope: &Scope<'_>, arrow: &Arrow) -> Elaborated<Vec<Axis>> {
    let rank = |letter: &Letter| Ok(scope.rank(letter.rank.as_ref())?.unwrap_or(Rank::Scalar));
    let axis = |letter: &Letter| Ok(Axis { lower: None, upper: None, rank: rank(letter)? });
    arrow.letters.iter().map(axis).collect()
}

/// A tensor with letters for its axes.
pub(super) fn tensor_declaration(name: &str, axes: &[Axis]) -> TensorDeclaration {
    let mut taken = BTreeSet::new();
    axes.iter().flat_map(|axis| axis.lower.iter().chain(&axis.upper)).for_each(|index| index.collect_vars(&mut taken));
    let mut vars: Vec<Var> = Vec::new();
    for (number, axis) in axes.iter().enumerate() {
        let letter = ["i", "j", "k", "l"].get(number).map_or_else(|| format!("i{number}"), |name| (*name).to_string());
        let var = Var { name: Name::from(letter), rank: axis.rank.clone() }.fresh(&taken);
        taken.insert(var.clone());
        vars.push(var);
    }
    let support = axes.iter().zip(&vars).flat_map(|(axis, var)| axis.contains(&Index::from(var))).collect();
    TensorDeclaration { name: Name::from(name), axes: vars, support }
}

/// A tensor with its box.
pub(super) fn add_tensor(
    environment: &mut Environment,
    ident: &Ident,
    axes: Vec<Axis>,
    function: bool,
) -> Elaborated<()> {
    free_name(environment, ident)?;
    let declaration = tensor_declaration(&ident.name, &axes);
    forget(environment, &ident.name);
    environment.tensors.insert(ident.name.clone(), NamedTensor { declaration, axes, function });
    Ok(())
}

/// The definitions of the standard library that the file mentions, and those that they mention.
fn use_std(environment: &mut Environment) -> Elaborated<()> {
    let library = library();
    let mut wanted = environment.words.clone();
    let mut chosen: Vec<&Shipped> = Vec::new();
    for shipped in library.iter().rev() {
        if wanted.contains(&shipped.def.name.name) {
            wanted.extend(shipped.words.iter().cloned());
            chosen.push(shipped);
        }
    }
    // What the file defines itself takes the place of the library's, and of what is made of that.
    let mut replaced = environment.own.clone();
    environment.library = library.iter().map(|shipped| shipped.def.name.name.clone()).collect();
    environment.library.retain(|name| !environment.own.contains(name));
    for shipped in chosen.into_iter().rev() {
        if shipped.words.iter().any(|word| replaced.contains(word)) {
            replaced.insert(shipped.def.name.name.clone());
            continue;
        }
        if !environment.definition_numbers.contains_key(&shipped.def.name.name) {
            define(environment, &shipped.def)?;
        }
    }
    Ok(())
}

/// A definition of the standard library, with the words in it.
pub(super) struct Shipped {
    pub def: Def,
    words: BTreeSet<String>,
}

/// The standard library, read once.
pub(super) fn library() -> &'static [Shipped] {
    static LIBRARY: OnceLock<Vec<Shipped>> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let text = crate::syntax::STD;
        let (file, _) = crate::syntax::parse(text);
        let shipped = file.items.into_iter().filter_map(|item| match item.kind {
            ItemKind::Def(def) => {
                Some(Shipped { def: *def, words: words(text.get(item.span.bytes()).unwrap_or_default()) })
            }
            _ => None,
        });
        shipped.collect()
    })
}

/// Everything in a text that may be a name.
pub(super) fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
    words.filter(|word| !word.is_empty()).map(str::to_string).collect()
}
