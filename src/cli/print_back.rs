//! Whether a statement is what its print says.
//!
//! A certificate comes from anywhere, and the kernel takes statements that the proof language has no words for: a tensor with a hole in its
//! box, a Σ over an infinite range, a call whose sizes are not those of its tensors, a name such as `2`. Their print is another statement,
//! which may be false. So what is printed is read again, and must be what was proved.

use std::collections::{BTreeMap, BTreeSet};

use convprove::diag::Severity;
use convprove::export::source;
use convprove::kernel::{
    Claim, Definition, Expr, FunctionDeclaration, Guard, Held, Index, Literal, Name, Premise, Statement,
    TensorDeclaration, Var, ring_normal,
};
use convprove::syntax;

/// The print of a statement, where reading it gives the statement back.
pub fn faithful(statement: &Statement) -> Option<String> {
    let text = source::statement(statement);
    let module = syntax::load(&text, false);
    let sound = module.diagnostics.iter().all(|found| found.severity != Severity::Error);
    let [goal] = module.goals.as_slice() else { return None };
    (sound && says_the_same(&goal.statement, statement)).then_some(text)
}

/// Whether a statement that was read is the one that was printed. What a statement does not use it need not declare.
fn says_the_same(read: &Statement, printed: &Statement) -> bool {
    let letters = |vars: &[Var]| vars.iter().cloned().collect::<BTreeSet<Var>>();
    let (mut sizes, mut assumptions) = (letters(&read.parameters), read.assumptions.clone());
    // That a size which is used nowhere is not too small says nothing.
    for unused in printed.parameters.iter().filter(|var| !read.parameters.contains(var)) {
        let size = Index::from(unused);
        let least = [Literal::le(&Index::from(1), &size), Literal::ge(size)];
        assumptions =
            assumptions.and(&least.into_iter().filter(|literal| printed.assumptions.contains(literal)).collect());
        sizes.insert(unused.clone());
    }
    read.name == printed.name
        && sizes == letters(&printed.parameters)
        && letters(&read.indices) == letters(&printed.indices)
        && (&assumptions, &read.ranges) == (&printed.assumptions, &printed.ranges)
        && premises(&read.signature.premises) == premises(&printed.signature.premises)
        && claim(&read.claim) == claim(&printed.claim)
        && among(&read.signature.tensors, &printed.signature.tensors, tensor)
        && among(&read.signature.functions, &printed.signature.functions, function)
        && among(&read.signature.definitions, &printed.signature.definitions, definition)
}

/// Whether each of some declarations is among others.
fn among<T, K: Ord, V: PartialEq>(some: &[T], others: &[T], meaning: impl Fn(&T) -> (K, V)) -> bool {
    let others: BTreeMap<K, V> = others.iter().map(&meaning).collect();
    some.iter().map(&meaning).all(|(name, meant)| others.get(&name) == Some(&meant))
}

/// One form for expressions that differ in the order and nesting of sums and products, or in the names of bound letters.
fn plain(expr: &Expr) -> Expr {
    ring_normal(expr).unwrap_or_else(|_| expr.canonical())
}

/// Something under a binder; a Σ would be simplified.
fn under(vars: &[Var], guard: &Guard, body: &Expr) -> Expr {
    plain(&Expr::Max(vars.to_vec(), guard.clone(), Box::new(body.clone())))
}

fn claim(claim: &Claim) -> Claim {
    let whole = |tensor: &_| plain(&Expr::Entry(Clone::clone(tensor), Vec::new()));
    match claim {
        Claim::Equation(left, right) => Claim::Equation(plain(left), plain(right)),
        Claim::Tensors(left, right) => Claim::Equation(whole(left), whole(right)),
        conditions => conditions.clone(),
    }
}

fn tensor(tensor: &TensorDeclaration) -> (Name, Expr) {
    (tensor.name.clone(), under(&tensor.axes, &tensor.support, &Expr::from(1)))
}

fn function(function: &FunctionDeclaration) -> (Name, impl PartialEq + use<>) {
    let slope = function.slope.as_ref().map(|slope| (slope.argument.clone(), plain(&slope.body)));
    (function.name.clone(), (function.arity, function.positive, slope))
}

fn definition(definition: &Definition) -> (Name, impl PartialEq + use<>) {
    let tensors: Vec<(Name, Expr)> = definition.tensors.iter().map(tensor).collect();
    let entry = under(&definition.axes, &definition.support, &definition.body);
    (definition.name.clone(), (definition.parameters.clone(), tensors, entry))
}

/// Each literal of a condition on integers is a premise of its own when it is read.
fn premises(premises: &[Premise]) -> BTreeSet<(&'static str, Expr)> {
    let mut found = BTreeSet::new();
    for premise in premises {
        let mut add = |kind, body: &Expr| found.insert((kind, under(&premise.vars, &premise.guard, body)));
        match &premise.held {
            Held::Condition(guard) => {
                let alone = |literal: &Literal| Expr::Bracket([literal.clone()].into_iter().collect());
                guard.literals().for_each(|literal| {
                    add("condition", &alone(literal));
                });
            }
            Held::NonZero(expr) => {
                add("non-zero", expr);
            }
            Held::Positive(expr) => {
                add("positive", expr);
            }
        }
    }
    found
}
