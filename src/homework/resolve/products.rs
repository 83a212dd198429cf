//! What stands side by side: calls, entries, runs of letters, prefixes.

use super::super::formula::*;
use super::super::note::{Note, NoteKind};
use super::scripts::transposes;
use super::spellings::{plain_stars, remainders, slashed_derivatives, spelt_rotations, spelt_times};
use super::survey::{Place, index_like, is_letter, is_number, key, may_convolve};
use super::{Resolver, words};

pub(super) type Factors = Vec<(Operator, Expr)>;

/// One factor is itself, several are a product.
pub(super) fn joined(mut factors: Factors, span: Span) -> Expr {
    match factors.len() {
        1 => factors.pop().map_or_else(|| Expr::new(Kind::Ellipsis, span), |(_, factor)| factor),
        _ => Expr::new(Kind::Product(factors), span),
    }
}

/// This many functions without brackets may stand in a row.
const MAX_PREFIXES: usize = 8;

/// What a bracket after a name makes of it.
enum Application {
    Call,
    Entry,
    Product,
}

impl Resolver<'_> {
    /// Settles factors that stand side by side or are joined by signs.
    pub(super) fn factors(&mut self, factors: Factors, place: Place) -> Factors {
        let factors = self.padded(spelt_rotations(remainders(spelt_times(factors))));
        let factors = self.split_runs(factors, place);
        let mut settled: Factors = Vec::new();
        let mut rest = factors.into_iter().peekable();
        while let Some((operator, factor)) = rest.next() {
            let span = factor.span;
            let next = rest.peek().filter(|(operator, _)| operator.sign == Sign::Beside).map(|(_, next)| next);
            let (base, scripts) = match factor.kind {
                Kind::Scripted(base, scripts) => (*base, scripts),
                kind => (Expr { kind, span }, Vec::new()),
            };
            // `f_1(x)`; in `p_1(1 - p_1)` the bracket is a factor.
            let value = |part: &Expr| part.any(&mut |inner| matches!(inner.kind, Kind::Scripted(..)));
            let letter = base.as_name().is_some_and(|name| words::is_function_letter(&name.base));
            // Nor is it one in `Σ_k f_k (g * h)_{n-k}`, where the letter of the sum numbers entries.
            let numbered = |script: &Script| matches!(script, Script::Sub(list, _) if list.iter().any(|part| part.as_name().is_some_and(|name| self.summed.contains(name))));
            let numbered = scripts.iter().any(numbered);
            let applied =
                next.and_then(bracket).is_some_and(|(_, list)| !numbered && (letter || !list.iter().any(value)));
            let wholes = base.as_name().is_none();
            let base = if wholes { self.expr(base, place) } else { base };
            let mut head = self.scripted(base, scripts, place, applied);
            // With its scripts, after which a bracket may stand.
            head.span = head.span.to(span);
            // `rot180(W)(m, n)` has two brackets.
            // `σ^2(x)` is the square of σ(x).
            let mut power = None;
            if let Kind::Power(base, exponent) = &head.kind
                && next.and_then(bracket).is_some()
                && base
                    .as_name()
                    .is_some_and(|name| words::is_function(&name.base) || words::is_function_letter(&name.base))
                && is_number(exponent)
            {
                power = Some((**exponent).clone());
                head = (**base).clone();
            }
            for _ in 0..2 {
                let next = rest.peek().filter(|(operator, _)| operator.sign == Sign::Beside).map(|(_, next)| next);
                let Some((bracket, arguments)) = next.and_then(bracket) else { break };
                let application = self.application(&head, bracket, arguments, next, place);
                if matches!(application, Application::Product) {
                    break;
                }
                if indicates(&head, arguments) && matches!(head.kind, Kind::Number(_)) {
                    head.kind = Kind::Name(Name::plain("𝟙"));
                }
                let function = head.as_name().filter(|name| {
                    let known =
                        words::is_function(&name.base) || words::is_function_letter(&name.base) || name.primes > 0;
                    !known && arguments.len() == 1 && !arguments.iter().all(index_like)
                });
                if let (Application::Call, Some(name)) = (&application, function) {
                    let message = format!("{} is read as a function of the bracket after it", name.base);
                    self.notes.push(Note::new(NoteKind::Choice, head.span.bytes(), message));
                }
                let Some((_, taken)) = rest.next() else { break };
                head = self.apply(head, taken, &application, place);
            }
            if let Some(exponent) = power {
                let span = head.span;
                head = Expr::new(Kind::Power(Box::new(head), Box::new(exponent)), span);
            }
            settled.push((operator, head));
        }
        let joined = self.prefixes(slashed_derivatives(settled), place);
        self.joined_sequences(plain_stars(joined, &self.summed))
    }

    /// Whether a bracket after a factor holds its arguments, its position, or another factor.
    fn application(
        &self,
        head: &Expr,
        bracket: Bracket,
        arguments: &[Expr],
        next: Option<&Expr>,
        place: Place,
    ) -> Application {
        if indicates(head, arguments) {
            return Application::Call;
        }
        let positions = !arguments.is_empty() && arguments.iter().all(index_like);
        let name = match &head.kind {
            Kind::Name(name) => name,
            // `(f*g)(x)`, and `[δ](i, j)`.
            Kind::Parens(Bracket::Round, inner) => {
                let convolved = inner.iter().any(|part| {
                    matches!(&part.kind, Kind::Product(factors) if factors.iter().any(|(operator, _)| may_convolve(operator)))
                });
                let mut known = arguments.len() > 1 || bracket == Bracket::Square;
                known |= arguments.iter().all(|part| part.as_name().is_some_and(|name| is_letter(&name.base)));
                // `(h * g)(n - j)` of sequences.
                let sequence =
                    |part: &Expr| part.as_name().is_some_and(|name| self.survey.applied.contains(&key(name)));
                known |= inner.iter().all(|part| part.any(&mut |part| sequence(part)));
                // `(C^T g)[j]`, `(T x)[i]`: an array that is a product.
                let adjacent = next.is_some_and(|next| next.span.start == head.span.end);
                let named = |part: &Expr| {
                    part.as_name().is_some()
                        || matches!(&part.kind, Kind::Transpose(inner) if inner.as_name().is_some())
                        || matches!(&part.kind, Kind::Scripted(base, scripts)
                            if base.as_name().is_some() && scripts.iter().all(transposes))
                };
                let array = inner.iter().any(|part| match &part.kind {
                    Kind::Product(factors) => factors.iter().all(|(_, factor)| named(factor)),
                    _ => part.as_name().is_none() && named(part),
                });
                if bracket == Bracket::Square && adjacent && positions && array {
                    return Application::Entry;
                }
                return match convolved && positions && known {
                    true if arguments.len() > 1 || bracket == Bracket::Square => Application::Entry,
                    true => Application::Call,
                    false => Application::Product,
                };
            }
            Kind::Call(function, inner) => {
                let entries =
                    |part: &Expr| part.as_name().is_some_and(|name| self.survey.axes.contains_key(&key(name)));
                let adjacent = next.is_some_and(|next| next.span.start == head.span.end);
                let tensor = function.as_name().is_some_and(|name| words::is_function(&name.base))
                    || bracket == Bracket::Square && adjacent && inner.iter().all(entries);
                return if tensor && positions && (arguments.len() > 1 || bracket == Bracket::Square) {
                    Application::Entry
                } else {
                    Application::Product
                };
            }
            // `∂L/∂K[u, v]` with the bracket after the fraction.
            Kind::Derivative(Some(of), by)
                if of.is_loss() && by.as_name().is_some() && (arguments.len() > 1 || bracket == Bracket::Square) =>
            {
                return if positions { Application::Entry } else { Application::Product };
            }
            // `x[i][j]`
            Kind::Entry(..) if bracket == Bracket::Square && positions => {
                let adjacent = next.is_some_and(|next| next.span.start == head.span.end);
                return if adjacent { Application::Entry } else { Application::Product };
            }
            _ => return Application::Product,
        };
        if matches!(name.base.as_str(), "∂" | "∇" | "Δ" | "∞" | "…") {
            return Application::Product;
        }
        if bracket == Bracket::Square {
            let adjacent = next.is_some_and(|next| next.span.start == head.span.end);
            // Space in `x [n]` says nothing where x is no factor elsewhere.
            let tensor = !self.survey.bare.contains(&key(name)) && !self.survey.indices.contains(&name.base);
            return if positions && (adjacent || tensor) { Application::Entry } else { Application::Product };
        }
        if words::is_function(&name.base) || name.base == "O" {
            return Application::Call;
        }
        if bracket == Bracket::Curly {
            return Application::Product;
        }
        // A letter that numbers maps may be a function as well where a line says so: `f(x) = max(0, x)`.
        let head = self.survey.heads.contains(&name.base) && words::is_function_letter(&name.base);
        let index = is_letter(&name.base) && self.survey.indices.contains(&name.base) && !head;
        if words::is_function_letter(&name.base) && !index && place == Place::Value {
            return Application::Call;
        }
        if arguments.len() > 1 {
            return if positions { Application::Entry } else { Application::Call };
        }
        // `x(k) h(n-k)`: a sequence, also where the answer speaks of x alone.
        if self.survey.applied.contains(&key(name)) && positions && !index && place == Place::Value {
            return Application::Call;
        }
        // A name that never stands alone is a function of what follows it.
        let bare = self.survey.bare.contains(&key(name)) || index || place != Place::Value;
        if bare || is_letter(&name.base) && self.survey.sizes.contains(&key(name)) {
            return Application::Product;
        }
        if positions && self.survey.axes.get(&key(name)).is_some_and(|axes| axes.contains(&1)) {
            return Application::Entry;
        }
        // `δ^l(a^{l-1})^T`: a gradient is no function, and what is transposed is a factor.
        let turned = next.is_some_and(|next| match &next.kind {
            Kind::Scripted(_, scripts) => scripts.iter().any(transposes),
            _ => false,
        });
        if matches!(name.base.as_str(), "δ" | "Δ") && !positions || turned {
            return Application::Product;
        }
        Application::Call
    }

    /// Puts a bracket, with the scripts after it, to what it belongs to.
    fn apply(&mut self, head: Expr, bracket: Expr, application: &Application, place: Place) -> Expr {
        let span = head.span.to(bracket.span);
        let (inner, scripts) = match bracket.kind {
            Kind::Scripted(base, scripts) => (*base, scripts),
            kind => (Expr { kind, span: bracket.span }, Vec::new()),
        };
        let list = match inner.kind {
            Kind::Parens(_, list) => list,
            kind => vec![Expr { kind, span: inner.span }],
        };
        let here = head.span.to(inner.span);
        let result = match application {
            Application::Entry => {
                let list = self.list(list, Place::Index);
                let kind = match head.kind {
                    Kind::Entry(base, mut indices) => {
                        indices.extend(list);
                        Kind::Entry(base, indices)
                    }
                    Kind::Derivative(of, by) => Kind::Derivative(of, Box::new(Expr::new(Kind::Entry(by, list), here))),
                    kind => Kind::Entry(Box::new(Expr { kind, span: head.span }), list),
                };
                Expr::new(kind, here)
            }
            _ => {
                // `f(x_i)` has a value, `f(2i+s_h)` a position.
                let values = list.iter().any(|part| {
                    part.any(&mut |inner| match &inner.kind {
                        Kind::Scripted(base, _) => !base.as_name().is_some_and(|name| {
                            self.survey.sizes.contains(&key(name)) || self.survey.indices.contains(&name.base)
                        }),
                        _ => false,
                    })
                });
                // Nobody takes the logarithm of a position.
                let analytic = head.as_name().is_some_and(|name| {
                    matches!(name.base.as_str(), "exp" | "log" | "ln" | "tanh" | "sqrt" | "sin" | "cos" | "sigmoid")
                });
                let largest = head.as_name().is_some_and(|name| matches!(name.base.as_str(), "max" | "min"));
                let subscripts = |part: &Expr| matches!(&part.kind, Kind::Scripted(..));
                let analytic = analytic || largest && place == Place::Value && list.iter().any(subscripts);
                let position = list.iter().all(index_like) && !values && !analytic;
                let list = self.list(list, if position { Place::Index } else { Place::Value });
                self.called(head, list, here)
            }
        };
        let mut result = self.scripted(result, scripts, place, false);
        result.span = span;
        result
    }

    // --------------------------------------------------------------------------------------------------------------- runs

    /// Takes runs of letters apart where the answer knows the letters.
    fn split_runs(&mut self, factors: Factors, place: Place) -> Factors {
        let mut result: Factors = Vec::new();
        for (operator, factor) in factors {
            let (base, scripts) = match &factor.kind {
                Kind::Scripted(base, scripts) => (&**base, scripts.as_slice()),
                _ => (&factor, [].as_slice()),
            };
            let run =
                base.as_name().filter(|name| name.accent.is_empty() && name.base.len() > 1 && name.base.is_ascii());
            let Some(run) =
                run.filter(|run| self.is_product(&run.base, base.span, scripts, place)).map(|run| run.base.clone())
            else {
                result.push((operator, factor));
                continue;
            };
            let start = base.span.start;
            let length = run.len();
            let mut operator = Some(operator);
            for (number, letter) in run.char_indices() {
                let exact = base.span.end - start == length;
                let span = if exact { Span { start: start + number, end: start + number + 1 } } else { base.span };
                let mut part = Expr::new(Kind::Name(Name::plain(letter.to_string())), span);
                if number + 1 == length && !scripts.is_empty() {
                    let whole = span.to(factor.span);
                    part = Expr::new(Kind::Scripted(Box::new(part), scripts.to_vec()), whole);
                }
                result.push((operator.take().unwrap_or_else(Operator::beside), part));
            }
        }
        result
    }

    /// Whether a run of letters is a product of its letters.
    fn is_product(&mut self, run: &str, span: Span, scripts: &[Script], place: Place) -> bool {
        let letters = run.chars().all(|letter| letter.is_ascii_alphabetic());
        if !letters
            || self.survey.indices.contains(run) && run.len() > 1
            || words::is_function(run)
            || run.len() > 4
            || words::rotation(run).is_some()
        {
            return false;
        }
        let known = |letter: char| self.survey.letters.contains(&letter.to_string());
        let differential = run.len() == 2 && run.starts_with('d') && run.chars().nth(1).is_some_and(char::is_uppercase);
        if differential && place == Place::Value {
            return false;
        }
        let small = run.chars().all(char::is_lowercase);
        let index = |letter: char| self.survey.indices.contains(&letter.to_string());
        // Longer runs are words, unless every letter numbers entries.
        if run.len() > 2 {
            return small && run.chars().all(index);
        }
        if small && place == Place::Value && run.starts_with('d') && !run.chars().all(index) {
            return false;
        }
        if run.chars().all(known) {
            return true;
        }
        let two = run.len() == 2;
        let first = run.chars().next().unwrap_or_default();
        let subscript = scripts.iter().any(|script| matches!(script, Script::Sub(..)));
        // `RF_i` is a receptive field.
        if two && subscript && run.chars().all(|letter| letter.is_ascii_uppercase()) {
            return false;
        }
        // `Wx`, `WX`: matrices and what they act on.
        let matrices =
            two && first.is_ascii_uppercase() && place == Place::Value && !matches!(run, "Re" | "Im" | "Pr" | "Eq");
        if matrices {
            let message = format!("`{run}` is read as a product");
            self.note(NoteKind::Choice, span, message);
            return true;
        }
        // `iS+u-P`: an index times a stride.
        two && place != Place::Value && (small || run.chars().any(index))
            || two && small && subscript && self.survey.indices.contains(&first.to_string())
    }

    // ----------------------------------------------------------------------------------------------------------- prefixes

    /// Puts ∇, ∂/∂x and functions without brackets to what follows them, from the right.
    fn prefixes(&mut self, factors: Factors, place: Place) -> Factors {
        let mut result: Factors = Vec::new();
        let mut nested = 0usize;
        for (operator, factor) in factors.into_iter().rev() {
            let takes = result.last().is_some_and(|(next, _)| next.sign == Sign::Beside);
            let prefix = match &factor.kind {
                Kind::Derivative(None, _) => true,
                Kind::Name(name) => {
                    // `d\mathcal{L}` is a differential, a name by itself.
                    name.base == "∇"
                        || *name == Name::plain("d")
                            && place == Place::Value
                            && !self.survey.indices.contains("d")
                            && result.last().is_some_and(|(_, next)| next.span.start == factor.span.end)
                        || words::is_prefix(&name.base) && name.label.is_empty()
                        || name.base == "Δ"
                            && name.label.is_empty()
                            && name.layer.is_empty()
                            && name.primes == 0
                            && !self.survey.subscripted.contains("Δ")
                            && !self.survey.layered.contains("Δ")
                }
                Kind::Entry(base, _) => base.as_name().is_some_and(|name| name.base == "∇"),

                Kind::Power(base, _) => base.as_name().is_some_and(|name| words::is_prefix(&name.base)),
                _ => false,
            };
            nested = if takes && prefix { nested + 1 } else { 0 };
            if nested > MAX_PREFIXES {
                self.fault(factor.span, format!("more than {MAX_PREFIXES} prefixes stand in a row"));
                result.push((operator, factor));
                continue;
            }
            let operand = if takes && prefix { result.pop().map(|(_, operand)| operand) } else { None };
            let span = operand.as_ref().map_or(factor.span, |operand| factor.span.to(operand.span));
            let whole = match (factor.kind, operand) {
                (kind, None) => Expr { kind, span },
                (Kind::Derivative(None, by), Some(operand)) => {
                    let inside = match operand.kind {
                        Kind::Parens(_, mut list) if list.len() == 1 => {
                            list.pop().unwrap_or(Expr::new(Kind::Ellipsis, span))
                        }
                        kind => Expr { kind, span: operand.span },
                    };
                    Expr::new(Kind::Derivative(Some(Box::new(inside)), by), span)
                }
                (Kind::Name(name), Some(operand)) if name.base == "∇" => {
                    let by = (!name.label.is_empty())
                        .then(|| Box::new(Expr::new(Kind::Name(Name::plain(name.label)), span)));
                    Expr::new(Kind::Gradient(by, Some(Box::new(operand))), span)
                }
                (Kind::Entry(_, mut list), Some(operand)) => {
                    let by = list.pop().map(Box::new);
                    Expr::new(Kind::Gradient(by, Some(Box::new(operand))), span)
                }
                (Kind::Name(name), Some(operand)) if matches!(name.base.as_str(), "Δ" | "d") => {
                    delta(name, operand, span)
                }
                (Kind::Power(base, exponent), Some(operand)) => {
                    let call = Expr::new(Kind::Call(base, vec![operand]), span);
                    Expr::new(Kind::Power(Box::new(call), exponent), span)
                }
                (kind, Some(operand)) => {
                    let function = Expr { kind, span: factor.span };
                    self.called(function, vec![operand], span)
                }
            };
            result.push((operator, whole));
        }
        result.reverse();
        result
    }
}

/// `ΔX` is a name by itself.
fn delta(name: Name, operand: Expr, span: Span) -> Expr {
    let kind = match operand.kind {
        Kind::Name(inner) => Kind::Name(Name { base: format!("{}{}", name.base, inner.base), ..inner }),
        Kind::Entry(base, list) => {
            let base = delta(name, *base, operand.span);
            Kind::Entry(Box::new(base), list)
        }
        kind => Kind::Product(vec![
            (Operator::beside(), Expr::new(Kind::Name(name), span)),
            (Operator::beside(), Expr { kind, span: operand.span }),
        ]),
    };
    Expr::new(kind, span)
}

/// Whether a head and a bracket say where something holds: `𝟙(z > 0)`, `\mathbf{1}[z > 0]`, `I(z > 0)`.
fn indicates(head: &Expr, arguments: &[Expr]) -> bool {
    let compares = |side: &Expr| match &side.kind {
        Kind::Chain(chain) => {
            chain.links.iter().all(|link| !matches!(link.relation, Relation::Eq | Relation::Define | Relation::Assign))
        }
        _ => false,
    };
    let mask = match &head.kind {
        Kind::Number(number) => num_traits::One::is_one(number),
        Kind::Name(name) => matches!(name.base.as_str(), "𝟙" | "I" | "𝕀"),
        _ => false,
    };
    mask && matches!(arguments, [only] if compares(only))
}

/// The parts of a bracket and its kind, with or without scripts after it.
fn bracket(expr: &Expr) -> Option<(Bracket, &[Expr])> {
    let inner = match &expr.kind {
        Kind::Scripted(base, _) => base,
        _ => expr,
    };
    match &inner.kind {
        Kind::Parens(bracket @ (Bracket::Round | Bracket::Square | Bracket::Curly), list) => Some((*bracket, list)),
        _ => None,
    }
}
