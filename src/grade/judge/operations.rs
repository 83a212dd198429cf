//! Operations between arrays by signs: `(x * h)[n]` as the sum that an earlier line has given for the sign.

use super::unfold::{Rule, enclosed};
use super::*;

/// What a sign between arrays stands for.
#[derive(Clone)]
pub(super) struct SignRule {
    pub(super) operands: (Expr, Expr),
    pub(super) at: Vec<Expr>,
    pub(super) body: Expr,
    pub(super) step: usize,
}

/// What stands for an array of a sum in another use of the sign: a name, perhaps turned, or anything.
struct Operand<'a> {
    name: Name,
    operand: &'a Expr,
    other: Option<(Name, bool)>,
}

/// Whether a name is applied to its positions in round brackets.
fn applied(side: &Expr, name: &Name) -> bool {
    side.any(&mut |part| matches!(&part.kind, Kind::Call(function, _) if function.as_name() == Some(name)))
}

/// The name with which entries may be written.
pub(super) fn small(name: &Name) -> Name {
    Name { base: name.base.to_lowercase(), ..name.clone() }
}

/// The name of an array, and whether it is turned: `rot180(W)`.
pub(super) fn turned_name(side: &Expr) -> Option<(Name, bool)> {
    match &side.kind {
        Kind::Name(name) => Some((name.clone(), false)),
        Kind::Parens(_, parts) => turned_name(parts.first().filter(|_| parts.len() == 1)?),
        Kind::Call(function, arguments) if function.as_name().is_some_and(crate::grade::model::is_rotation) => {
            let (name, turned) = turned_name(arguments.first().filter(|_| arguments.len() == 1)?)?;
            Some((name, !turned))
        }
        _ => None,
    }
}

impl Judge<'_> {
    /// `(x * h)[m]` as the sum that an earlier line has given for the sign. The operands may be others than there, also turned ones: each
    /// brings its entries and its sizes.
    pub(super) fn operation(&self, part: &Expr, number: usize, around: &BTreeSet<Name>) -> Option<Expr> {
        let (sign, operands, at) = sign_entry(part)?;
        let rule = self.signs.get(&sign).filter(|rule| rule.step < number && rule.at.len() == at.len())?;
        let letters: Vec<Name> = rule.at.iter().map(|at| at.as_name().cloned()).collect::<Option<_>>()?;
        let pairs = [(&rule.operands.0, &operands.0), (&rule.operands.1, &operands.1)];
        let mut sizes: BTreeMap<Name, Expr> = BTreeMap::new();
        let mut arrays: Vec<Operand> = Vec::new();
        let named: Vec<Name> = pairs.iter().filter_map(|(pattern, _)| Some(turned_name(pattern)?.0)).collect();
        for (pattern, operand) in pairs {
            let (name, turned) = turned_name(pattern)?;
            let other = turned_name(operand).map(|(other, again)| (other, turned != again));
            for axis in 0..4 {
                let Some(size) = self.size_of(&name, axis) else { continue };
                let own = other.as_ref().and_then(|(other, _)| self.size_of(other, axis));
                let own = match (own, &other) {
                    (Some(own), _) => own,
                    // Functions have no box: the sum runs as far for others.
                    _ if applied(&rule.body, &name) => size.clone(),
                    // The operands exchanged, or one of them twice: the rule speaks of both.
                    (None, Some((other, _))) if named.contains(other) => {
                        let own = letters::names(&rule.body).any(|named| *named == name);
                        self.hidden_size(other, own, axis)
                    }
                    _ => return None,
                };
                sizes.insert(Name::plain(size), Expr::new(Kind::Name(Name::plain(own)), part.span));
            }
            arrays.push(Operand { name, operand, other });
        }
        // What else the sum speaks of would stay what it is for these two; it may for the same two.
        let same = arrays.iter().all(|array| array.other == Some((array.name.clone(), false)));
        let bound = letters::bound(&rule.body);
        let known = |name: &Name| {
            let array = |array: &Operand| *name == array.name || *name == small(&array.name);
            letters.contains(name) || bound.contains(name) || sizes.contains_key(name) || arrays.iter().any(array)
        };
        if !same && !letters::names(&rule.body).all(known) {
            return None;
        }
        let base = self.context.model.base.unwrap_or(1);
        let sized = |side: &Expr| letters::map(side, &mut |part| sizes.get(part.as_name()?).cloned());
        let mut lost = false;
        let body = letters::map(&rule.body, &mut |part| {
            let (Kind::Entry(array, at) | Kind::Call(array, at)) = &part.kind else {
                return sizes.get(part.as_name()?).cloned();
            };
            let written = array.as_name()?;
            let Operand { name, operand, other } =
                arrays.iter().find(|array| *written == array.name || *written == small(&array.name))?;
            let at: Vec<Expr> = at.iter().map(sized).collect();
            // A function stays one: it is not 0 outside the range of the sum.
            let applied = matches!(part.kind, Kind::Call(..));
            let made = |array: Expr, at: Vec<Expr>| {
                let array = Box::new(array);
                Expr::new(if applied { Kind::Call(array, at) } else { Kind::Entry(array, at) }, part.span)
            };
            let Some((other, turned)) = other else {
                lost |= written != name;
                return Some(made((*operand).clone(), at));
            };
            let place = |(axis, at): (usize, Expr)| {
                if !turned {
                    return Some(at);
                }
                let size = Expr::new(Kind::Name(Name::plain(self.size_of(other, axis)?)), part.span);
                let ends = Expr::integer((2 * base - 1).abs(), part.span);
                Some(Expr::new(Kind::Add(vec![(false, size), (2 * base < 1, ends), (true, enclosed(at))]), part.span))
            };
            let at: Option<Vec<Expr>> = at.into_iter().enumerate().map(place).collect();
            lost |= at.is_none();
            let other = if written == name { other.clone() } else { small(other) };
            let array = Expr::new(Kind::Name(other), part.span);
            Some(made(array, at?))
        });
        if lost {
            return None;
        }
        Rule { letters, applied: false, body, step: rule.step }.at(&at, around)
    }

    /// The size of an array along an axis that the answer nowhere shows; its entries have its own name, or the small letter.
    fn hidden_size(&self, name: &Name, own: bool, axis: usize) -> String {
        let name = if own { name.clone() } else { small(name) };
        claims::hidden_size(&self.reading.symbols.ident(&name), axis)
    }

    /// The size of an array along an axis, as the answer calls it; entries may be written with small letters.
    pub(super) fn size_of(&self, name: &Name, axis: usize) -> Option<String> {
        let ident = |name: &Name| self.reading.symbols.ident(name);
        self.context.boxes.size(&ident(name), axis).or_else(|| self.context.boxes.size(&ident(&small(name)), axis))
    }

    /// `(x * h)[n] = Σ …`, `f * g = g * f`: a claim about a sign that stands for a sum, at the position that is given or at any.
    pub(super) fn of_operation(&self, number: usize, first: &Expr, side: &Expr) -> Option<Finding> {
        if self.operation(first, number, &BTreeSet::new()).is_some() {
            let finding = self.pair_or_written_out(number, first, side);
            return (finding.verdict == Verdict::Ok).then_some(finding);
        }
        let (left, right) = self.at_any_position(number, first, side)?;
        let joins = |side: &Expr| side.any(&mut |part| operation(part).is_some());
        let (a, b) = (self.spelled_out(number, &left), self.spelled_out(number, &right));
        if joins(&a) || joins(&b) {
            return Some(Finding::undecided(Text::new(
                "what one of its signs makes could not be written out",
                "其中某个运算符号的结果无法展开",
            )));
        }
        Some(self.pair_read(&a, &right, &|side| self.spelled_out(number, side)))
    }

    /// Both sides of an equation between operations at the letters of the sum that their sign stands for.
    fn at_any_position(&self, number: usize, first: &Expr, side: &Expr) -> Option<(Expr, Expr)> {
        let (first, side) = (without_position(first), without_position(side));
        let signs = signs_of(&first);
        let rule = signs.iter().find_map(|sign| self.signs.get(sign).filter(|rule| rule.step < number))?;
        let at: Vec<Expr> = rule
            .at
            .iter()
            .enumerate()
            .map(|(axis, at)| {
                let used = |name: &Name| {
                    [&first, &side].into_iter().any(|side| side.any(&mut |part| part.as_name() == Some(name)))
                };
                let letter = at
                    .as_name()
                    .cloned()
                    .filter(|name| !used(name))
                    .unwrap_or_else(|| Name { label: axis.to_string(), ..Name::plain("p") });
                Expr::new(Kind::Name(letter), at.span)
            })
            .collect();
        Some((entry_at(&first, &at)?, entry_at(&side, &at)?))
    }
}

/// A side in which all operands stand at one position, `x[n] * h[n]`, without it.
fn without_position(side: &Expr) -> Expr {
    let text = |at: &[Expr]| at.iter().map(print::expr).collect::<Vec<String>>();
    let places: BTreeSet<Vec<String>> = letters::all(side)
        .into_iter()
        .filter_map(|part| match &part.kind {
            Kind::Entry(base, at) if base.as_name().is_some() => Some(text(at)),
            _ => None,
        })
        .collect();
    let bare = side.any(&mut |part| operation(part).is_some_and(|(_, a, b)| a.as_name().or(b.as_name()).is_some()));
    if places.len() != 1 || bare {
        return side.clone();
    }
    letters::map(side, &mut |part| match &part.kind {
        Kind::Entry(base, _) if base.as_name().is_some() => Some((**base).clone()),
        _ => None,
    })
}

/// The sign and the operands of a product of two by a sign between arrays.
pub(super) fn operation(side: &Expr) -> Option<(String, Expr, Expr)> {
    let Kind::Product(factors) = &side.kind else { return None };
    let [(_, a), (operator, b)] = factors.as_slice() else { return None };
    let sign = || format!("{}{}", crate::grade::model::sign_text(operator.sign), if operator.tilde { "~" } else { "" });
    crate::grade::model::convolves(operator).then(|| (sign(), a.clone(), b.clone()))
}

/// The same of products of which one is an operator before its array: `w ⋆ T_a x`.
fn grouped(side: &Expr) -> Option<(String, Expr, Expr)> {
    let Kind::Product(factors) = &side.kind else { return None };
    let joins = |(operator, _): &(Operator, Expr)| crate::grade::model::convolves(operator);
    let place = factors.iter().position(joins)?;
    let (left, right) = factors.split_at(place);
    let beside = |(operator, factor): &(Operator, Expr)| {
        operator.is_plain() && operator.sign == Sign::Beside && !crate::grade::numbers::is_numeric(factor)
    };
    let (operator, first) = right.first()?;
    if !left.iter().all(beside) || !right.iter().skip(1).all(beside) || factors.len() > 4 {
        return None;
    }
    let group = |first: &Expr, rest: &[(Operator, Expr)]| match rest {
        [] => first.clone(),
        _ => {
            let first = std::iter::once((Operator::beside(), first.clone()));
            Expr::new(Kind::Product(first.chain(rest.iter().cloned()).collect()), side.span)
        }
    };
    let joined = Expr::new(
        Kind::Product(vec![
            (Operator::beside(), group(&left.first()?.1, left.get(1..)?)),
            (operator.clone(), group(first, right.get(1..)?)),
        ]),
        side.span,
    );
    operation(&joined)
}

/// The signs between arrays that occur in a side, wide ones apart.
pub(super) fn signs_of(side: &Expr) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    side.any(&mut |part| {
        // Entries at positions that are added up are numbers, which a star multiplies: `w_{mn} * x_{i+m,j+n}`.
        let reached = |at: &[Expr]| at.iter().any(|at| matches!(at.kind, Kind::Add(_)));
        let numbers = |(_, a, b): &(String, Expr, Expr)| match (&a.kind, &b.kind) {
            (Kind::Entry(_, a), Kind::Entry(_, b)) => a != b && (reached(a) || reached(b)),
            _ => false,
        };
        found.extend(operation(part).filter(|joined| !numbers(joined)).map(|(sign, _, _)| sign));
        false
    });
    found
}

/// An array that is made of others, at a position: that of a sum is the sum of those.
pub(super) fn entry_at(side: &Expr, at: &[Expr]) -> Option<Expr> {
    let entry = |base: Expr| Some(Expr::new(Kind::Entry(Box::new(base), at.to_vec()), side.span));
    match &side.kind {
        Kind::Name(_) => entry(side.clone()),
        Kind::Call(function, _) if function.as_name().is_some_and(crate::grade::model::is_rotation) => {
            entry(side.clone())
        }
        Kind::Parens(bracket, parts) => match parts.as_slice() {
            [only] if operation(only).is_some() => entry(side.clone()),
            [only] => Some(Expr::new(Kind::Parens(*bracket, vec![entry_at(only, at)?]), side.span)),
            _ => None,
        },
        Kind::Add(terms) => {
            let terms: Option<Vec<(bool, Expr)>> =
                terms.iter().map(|(minus, term)| Some((*minus, entry_at(term, at)?))).collect();
            Some(Expr::new(Kind::Add(terms?), side.span))
        }
        Kind::Neg(inner) => Some(Expr::new(Kind::Neg(Box::new(entry_at(inner, at)?)), side.span)),
        Kind::Product(factors) => {
            if operation(side).is_some() {
                return entry(Expr::new(Kind::Parens(Bracket::Round, vec![side.clone()]), side.span));
            }
            // A number, and an array.
            let [(first, number), (operator, array)] = factors.as_slice() else { return None };
            if !matches!(number.kind, Kind::Number(_) | Kind::Fraction(..)) || crate::grade::model::convolves(operator)
            {
                return None;
            }
            Some(Expr::new(
                Kind::Product(vec![(first.clone(), number.clone()), (operator.clone(), entry_at(array, at)?)]),
                side.span,
            ))
        }
        _ => None,
    }
}

/// `(f * g)(x)`, `x[n] * h[n]`: the sign, the operands, the subscripts.
pub(super) fn sign_entry(side: &Expr) -> Option<(String, (Expr, Expr), Vec<Expr>)> {
    fn factors(side: &Expr) -> Option<(String, Expr, Expr)> {
        match &side.kind {
            Kind::Parens(_, parts) => factors(parts.first().filter(|_| parts.len() == 1)?),
            _ => operation(side).or_else(|| grouped(side)),
        }
    }
    match &side.kind {
        Kind::Entry(base, at) | Kind::Call(base, at) => {
            let (sign, a, b) = factors(base)?;
            Some((sign, (a, b), at.clone()))
        }
        _ => {
            let (sign, a, b) = factors(side)?;
            let (Kind::Entry(a, first), Kind::Entry(b, second)) = (&a.kind, &b.kind) else { return None };
            (first == second).then_some(())?;
            Some((sign, ((**a).clone(), (**b).clone()), first.clone()))
        }
    }
}

/// Whether a side joins two tensors by a sign, and no position is given: `rot180(W) ⊗~ X`.
pub(super) fn is_operation(side: &Expr) -> bool {
    match &side.kind {
        Kind::Parens(_, parts) => parts.first().filter(|_| parts.len() == 1).is_some_and(is_operation),
        Kind::Product(factors) => {
            let entry = |side: &Expr| matches!(side.kind, Kind::Entry(..));
            matches!(factors.as_slice(), [(_, a), (operator, b)]
                if crate::grade::model::convolves(operator) && !entry(a) && !entry(b))
        }
        _ => false,
    }
}

/// An operation without a position at some letters; nothing where it is none, or there are no letters.
pub(super) fn entry_of_operation(side: &Expr, at: &[Name]) -> Option<Expr> {
    let whole = || match &side.kind {
        Kind::Parens(..) => side.clone(),
        _ => Expr::new(Kind::Parens(Bracket::Round, vec![side.clone()]), side.span),
    };
    let at: Vec<Expr> = at.iter().map(|name| Expr::new(Kind::Name(name.clone()), side.span)).collect();
    (is_operation(side) && !at.is_empty()).then(|| Expr::new(Kind::Entry(Box::new(whole()), at), side.span))
}
