//! Subscripts and superscripts.

use num_traits::ToPrimitive;

use super::super::formula::*;
use super::super::note::{Note, NoteKind};
use super::super::print;
use super::survey::{Place, is_letter, is_number, key};
use super::{Resolver, words};

/// This many superscripts may stand at one name.
const MAX_POWERS: usize = 4;

/// What a subscript is.
enum Sub {
    Indices(Vec<Expr>),
    Label(String),
}

impl Resolver<'_> {
    /// Puts scripts to a settled base, one after the other; `applied` says that a bracket with arguments follows.
    pub(super) fn scripted(&mut self, base: Expr, scripts: Vec<Script>, place: Place, applied: bool) -> Expr {
        // `(\omega')^l_{m,n}` is the name in the bracket with a layer and subscripts.
        let mut result = match base.kind {
            Kind::Parens(Bracket::Round, mut list)
                if scripts.iter().any(|script| matches!(script, Script::Sub(..)))
                    && scripts.iter().any(|script| matches!(script, Script::Sup(..)))
                    && matches!(list.as_slice(), [Expr { kind: Kind::Name(_), .. }]) =>
            {
                list.pop().unwrap_or(Expr::new(Kind::Ellipsis, base.span))
            }
            kind => Expr { kind, span: base.span },
        };
        let mut indices: Option<Vec<Expr>> = None;
        let mut outer: Vec<Vec<Expr>> = Vec::new();
        // `1_{n×n}`, `1_{i=j}`: ones, or where something holds.
        let mut scripts = scripts;
        // `\|y\|_2`: which norm it is.
        if matches!(result.kind, Kind::Parens(Bracket::Bar, _)) {
            scripts.retain(|script| !matches!(script, Script::Sub(list, _) if list.iter().all(is_number)));
        }
        let one = matches!(&result.kind, Kind::Number(number) if num_traits::One::is_one(number));
        if let Some(place) = scripts.iter().position(|script| matches!(script, Script::Sub(..))).filter(|_| one)
            && let Script::Sub(list, _) = scripts.remove(place)
        {
            let label = format!("{{{}}}", list.iter().map(print::expr).collect::<Vec<_>>().join(", "));
            result = Expr::new(Kind::Name(Name { label, ..Name::plain("𝟙") }), result.span);
        }
        let scripts: Vec<Script> = scripts.into_iter().map(turned).flat_map(transposed).collect();
        for script in scripts {
            match script {
                Script::Primes(count) => match &mut result.kind {
                    Kind::Name(name) => name.primes += count,
                    _ => {
                        let span = result.span;
                        self.fault(span, "a prime stands after what is no name");
                    }
                },
                Script::Sub(list, _) => match self.subscript(&result, list, place, applied) {
                    Sub::Label(label) => {
                        if let Kind::Name(name) = &mut result.kind {
                            if !name.label.is_empty() {
                                name.label.push(',');
                            }
                            name.label.push_str(&label);
                        }
                    }
                    Sub::Indices(list) => match &mut indices {
                        Some(indices) => indices.extend(list),
                        None => indices = Some(list),
                    },
                },
                // A layer belongs to the name under the subscript; a power stands round everything.
                Script::Sup(list, _) => match self.layer(&result, &list, indices.is_some(), place) {
                    // `δ^{pad}` has zeros around it.
                    Some(layer)
                        if matches!(layer.as_str(), "pad" | "padded" | "padding") && result.as_name().is_some() =>
                    {
                        let pad = Expr::new(Kind::Name(Name::plain("pad")), result.span);
                        result = Expr::new(Kind::Call(Box::new(pad), vec![result.clone()]), result.span);
                    }
                    Some(layer) => {
                        if let Kind::Name(name) = &mut result.kind {
                            if !name.layer.is_empty() {
                                name.layer.push(',');
                            }
                            name.layer.push_str(&layer);
                        }
                    }
                    None => outer.push(list),
                },
            }
        }
        if let Some(indices) = indices {
            let span = indices.last().map_or(result.span, |last| result.span.to(last.span));
            // An entry of a gradient is the derivative by that entry: `(∂L/∂X)_{ij}`.
            let inner = match result.kind {
                Kind::Parens(_, mut list)
                    if list.len() == 1 && matches!(list.as_slice(), [Expr { kind: Kind::Derivative(..), .. }]) =>
                {
                    list.remove(0)
                }
                kind => unbracketed(Expr { kind, span: result.span }),
            };
            result = match inner {
                Expr { kind: Kind::Derivative(Some(of), by), .. } if of.is_loss() && by.as_name().is_some() => {
                    let by = Expr::new(Kind::Entry(by, indices), span);
                    Expr::new(Kind::Derivative(Some(of), Box::new(by)), span)
                }
                other => Expr::new(Kind::Entry(Box::new(other), indices), span),
            };
        }
        if outer.len() > MAX_POWERS {
            let span = result.span;
            self.fault(span, format!("more than {MAX_POWERS} superscripts stand at one name"));
            outer.truncate(MAX_POWERS);
        }
        for list in outer {
            result = self.raised(result, list, place);
        }
        result
    }

    // --------------------------------------------------------------------------------------------------------- subscripts

    fn subscript(&mut self, base: &Expr, list: Vec<Expr>, place: Place, applied: bool) -> Sub {
        let list = match list.as_slice() {
            [Expr { kind: Kind::Parens(Bracket::Round | Bracket::Square, inner), .. }] => inner.clone(),
            _ => list,
        };
        let name = base.as_name().cloned();
        if name.as_ref().is_some_and(|name| name.base == "∇") && list.iter().any(|part| self.numbered(part)) {
            return Sub::Indices(list.into_iter().map(|part| self.expr(part, Place::Value)).collect());
        }
        if name.is_none() && is_number(base) {
            self.fault(base.span, "a number has no subscript");
        }
        if let [only] = list.as_slice() {
            let label = match &only.kind {
                // `H_{(p-2)\times(q-2)}` says how large H is.
                Kind::Product(factors)
                    if name.is_some() && factors.iter().skip(1).all(|(operator, _)| operator.sign == Sign::Times) =>
                {
                    Some(String::new())
                }
                Kind::Text(text) => Some(text.clone()),
                Kind::Name(inner) => self.name_label(name.as_ref(), inner, place, applied),
                Kind::Number(number) if name.is_some() => {
                    let size = place != Place::Value
                        || name.as_ref().is_some_and(|name| self.survey.sizes.contains(&key(name)));
                    let digits = number.to_integer().to_string();
                    let axes = name.as_ref().is_some_and(|name| self.survey.axes.contains_key(&key(name)));
                    let labelled = name.as_ref().is_some_and(|name| self.survey.labelled.contains(&key(name)));
                    (size && digits.len() == 1 && !axes || applied || labelled && !axes).then_some(digits)
                }
                Kind::Scripted(inner, _) if name.is_some() => {
                    let label = inner.as_name().is_some_and(|inner| words::is_label(&inner.base));
                    label.then(|| print::expr(only))
                }
                _ => None,
            };
            if let Some(label) = label
                && name.is_some()
            {
                return Sub::Label(label);
            }
        }
        let mut indices = Vec::new();
        let single = list.len() == 1;
        for part in list {
            self.index(name.as_ref(), part, single, &mut indices);
        }
        Sub::Indices(indices)
    }

    /// Whether a name has letters as subscripts that number entries elsewhere: `b^{(l)}_k` beside `W_{k,c}`.
    fn numbered(&self, part: &Expr) -> bool {
        let Kind::Scripted(_, scripts) = &part.kind else { return false };
        let index = |part: &Expr| part.as_name().is_some_and(|name| self.survey.indices.contains(&name.base));
        scripts.iter().any(|script| matches!(script, Script::Sub(list, _) if list.iter().all(index)))
    }

    /// The label that a name in a subscript is, if it is one.
    fn name_label(&mut self, name: Option<&Name>, inner: &Name, place: Place, applied: bool) -> Option<String> {
        let name = name?;
        let label =
            if inner.accent.is_empty() { inner.base.clone() } else { format!("{}{}", inner.base, inner.accent) };
        let axes = self.survey.axes.get(&key(name));
        let counts = self.survey.indices.contains(&name.base);
        let is_size = self.survey.sizes.contains(&key(name)) && axes.is_none() && !counts;
        if is_letter(&inner.base) {
            let index = self.survey.indices.contains(&inner.base);
            let small = inner.base.chars().all(char::is_lowercase);
            let label_here = place != Place::Value
                || is_size
                || applied && words::is_function_letter(&name.base)
                || !(small || index);
            return label_here.then_some(label);
        }
        let letters = inner.base.chars().filter(|letter| letter.is_alphabetic()).count();
        let all_indices = inner
            .base
            .chars()
            .all(|letter| self.survey.indices.contains(&letter.to_string()) || letter.is_ascii_digit());
        let fits = axes.is_none_or(|axes| axes.contains(&inner.base.chars().count()));
        if words::is_label(&inner.base) && !(all_indices && axes.is_some() && fits) || is_size || place != Place::Value
        {
            return Some(label);
        }
        let short = letters == 2 && inner.base.len() == 2 && inner.base.chars().all(char::is_lowercase);
        // All but one of several letters number entries elsewhere: `W_{fcuv}` beside `X_{n,c,i+u,j+v}`.
        let strange = inner.base.chars().filter(|letter| !self.survey.indices.contains(&letter.to_string())).count();
        let small = inner.base.chars().all(|letter| letter.is_ascii_lowercase());
        if fits && small && strange == 1 && letters > 2 {
            return None;
        }
        // Letters that sums bind number entries, also where the name has another number of axes elsewhere.
        (!all_indices && (!fits || !short)).then_some(label)
    }

    /// A part of a subscript as one index or several.
    fn index(&mut self, name: Option<&Name>, part: Expr, single: bool, indices: &mut Vec<Expr>) {
        let span = part.span;
        let axes = name.and_then(|name| self.survey.axes.get(&key(name)));
        match part.kind {
            // A word that a sum runs over.
            Kind::Name(run) if run.base.len() > 1 && self.survey.indices.contains(&run.base) => {
                indices.push(Expr::new(Kind::Name(run), span));
            }
            Kind::Name(run) if run.base.len() > 1 && run.base.is_ascii() && run.accent.is_empty() => {
                let known = |letter: char| self.survey.indices.contains(&letter.to_string()) || letter.is_ascii_digit();
                let all = run.base.chars().all(known);
                if !(all || single) || words::is_function(&run.base) {
                    indices.push(Expr::new(Kind::Name(run), span));
                    return;
                }
                if !all && axes.is_none() {
                    let message = format!("`{}` is read as {} indices side by side", run.base, run.base.len());
                    self.note(NoteKind::Choice, span, message);
                }
                for letter in run.base.chars() {
                    indices.push(match letter.to_digit(10) {
                        Some(digit) => Expr::integer(digit.into(), span),
                        None => Expr::new(Kind::Name(Name::plain(letter.to_string())), span),
                    });
                }
            }
            Kind::Number(ref number) if single && number.is_integer() => {
                let digits = number.to_integer().to_string();
                if self.digits_are_indices(name, &digits) {
                    for digit in digits.chars().filter_map(|digit| digit.to_digit(10)) {
                        indices.push(Expr::integer(digit.into(), span));
                    }
                } else {
                    indices.push(Expr { kind: part.kind, span });
                }
            }
            // `(i+u)(j+v)` where two axes are known.
            Kind::Product(factors)
                if single && brackets(&factors) && axes.is_some_and(|axes| axes.contains(&factors.len())) =>
            {
                for (_, factor) in factors {
                    let inside = match factor.kind {
                        Kind::Parens(_, mut list) if list.len() == 1 => {
                            list.pop().unwrap_or(Expr::new(Kind::Ellipsis, span))
                        }
                        kind => Expr { kind, span: factor.span },
                    };
                    let settled = self.expr(inside, Place::Index);
                    indices.push(settled);
                }
            }
            // `u v`, `m' n'`: letters side by side; a number before a letter multiplies it.
            Kind::Product(factors) if side_by_side(&factors) => {
                for (_, factor) in factors {
                    self.index(name, factor, single, indices);
                }
            }
            Kind::Scripted(ref base, ref scripts)
                if scripts.iter().all(|script| matches!(script, Script::Primes(_)))
                    && base.as_name().is_some_and(|run| run.base.len() == 2 && run.base.is_ascii()) =>
            {
                // In `ij'` the prime belongs to the last letter.
                let run = base.as_name().map(|run| run.base.clone()).unwrap_or_default();
                let (first, last) = run.split_at(1);
                indices.push(Expr::new(Kind::Name(Name::plain(first)), span));
                let last = Expr::new(Kind::Name(Name::plain(last)), span);
                let scripts = scripts.clone();
                let last = self.scripted(last, scripts, Place::Index, false);
                indices.push(last);
            }
            kind => {
                let settled = self.expr(Expr { kind, span }, Place::Index);
                indices.push(settled);
            }
        }
    }

    /// Whether digits without commas are one index each.
    fn digits_are_indices(&self, name: Option<&Name>, digits: &str) -> bool {
        if digits.len() < 2 {
            return false;
        }
        let Some(name) = name else { return digits.len() == 2 };
        let axes = self.survey.axes.get(&key(name));
        if axes.is_some_and(|axes| axes.contains(&digits.len())) {
            return true;
        }
        // Subscripts 11, 12, 21 are pairs; a single 12 beside x_i is the twelfth entry.
        let seen = self.survey.digits.get(&key(name));
        let uniform = seen.is_none_or(|seen| seen.iter().all(|other| other.len() == digits.len()));
        let several = seen.is_some_and(|seen| seen.len() > 1);
        // Two examples with the same letters, `z_1, z_2` and then `z_{11}, z_{12}, z_{21}`: nobody counts from 3 to 11.
        let pairs = seen.is_some_and(|seen| {
            let long = seen.iter().filter(|other| other.len() == digits.len());
            let counted = seen.iter().any(|other| matches!(other.as_str(), "9" | "10"));
            digits.len() == 2 && !counted && long.count() > 1
        });
        if pairs {
            return true;
        }
        uniform && digits.len() <= 4 && (several || axes.is_none() && !self.survey.single.contains(&key(name)))
    }

    // ------------------------------------------------------------------------------------------------------- superscripts

    /// The layer that a superscript is, if it is one.
    fn layer(&mut self, base: &Expr, list: &[Expr], indexed: bool, place: Place) -> Option<String> {
        let name = base.as_name()?;
        let known = self.survey.layered.contains(&key(name));
        if words::is_function(&name.base) && !known {
            return None;
        }
        let is_layer = match list {
            [only] => match &only.kind {
                // Plain text has `e^(-x)`, where brackets only group.
                Kind::Parens(Bracket::Round | Bracket::Square, inner) => {
                    let grouped = matches!(inner.as_slice(), [Expr { kind: Kind::Neg(_), .. }]);
                    let spoken = |part: &Expr| {
                        part.as_name().is_some_and(|part| self.layer_letter(name, &part.base, known || indexed))
                    };
                    // `e^{(l)}` is an error of a layer, `e^(a)` a power.
                    let numbers = |part: &Expr| {
                        part.as_name()
                            .is_some_and(|name| matches!(name.base.as_str(), "l" | "ℓ" | "L" | "i" | "n" | "t"))
                    };
                    let layers = |part: &Expr| numbers(part) && spoken(part);
                    !grouped && (name.base != "e" || inner.iter().any(|part| part.any(&mut |part| layers(part))))
                }
                Kind::Text(text) => text != "°",
                Kind::Number(_) => known && place == Place::Value,
                Kind::Neg(inner) if is_number(inner) => false,
                Kind::Name(inner) => match inner.base.as_str() {
                    "T" | "⊤" => false,
                    "∞" => true,
                    _ if rotation_label(&inner.base).is_some() => false,
                    base if is_letter(base) => self.layer_letter(name, base, known || indexed),
                    _ => true,
                },
                _ => {
                    let mut letters = false;
                    only.any(&mut |inner| {
                        if let Kind::Name(inner) = &inner.kind {
                            letters |= self.layer_letter(name, &inner.base, known || indexed);
                        }
                        letters
                    });
                    letters
                }
            },
            _ => true,
        };
        if !is_layer {
            return None;
        }
        if let [Expr { kind: Kind::Number(number), span }] = list {
            let message = format!("the superscript {number} is read as a layer, no power");
            self.note(NoteKind::Choice, *span, message);
        }
        // `Z^{[l](i)}`: the layer, and the example.
        let groups: Vec<&Expr> = match list {
            [Expr { kind: Kind::Product(factors), .. }] if brackets(factors) => {
                factors.iter().map(|(_, factor)| factor).collect()
            }
            _ => list.iter().collect(),
        };
        let alone = list.len() == 1;
        let inside = groups.into_iter().flat_map(|group| match &group.kind {
            Kind::Parens(Bracket::Round | Bracket::Square, inner) if alone => inner.iter().collect::<Vec<&Expr>>(),
            _ => vec![group],
        });
        let text = |part: &Expr| match &part.kind {
            Kind::Text(text) => text.clone(),
            _ => print::tight(part),
        };
        let parts: Vec<String> = inside.map(text).collect();
        Some(parts.join(","))
    }

    fn layer_letter(&self, name: &Name, letter: &str, tensor: bool) -> bool {
        let size = self.survey.sizes.contains(&key(name)) && !self.survey.subscripted.contains(&key(name));
        self.survey.layers.contains(letter) || matches!(letter, "l" | "ℓ") || tensor && !size && name.base != "e"
    }

    /// A base under a superscript that is no layer.
    fn raised(&mut self, base: Expr, list: Vec<Expr>, place: Place) -> Expr {
        let span = list.last().map_or(base.span, |last| base.span.to(last.span));
        let mut list = list.into_iter();
        let (Some(exponent), None) = (list.next(), list.next()) else {
            self.fault(span, "a superscript with several parts stands at what is no name");
            return base;
        };
        let kind = match &exponent.kind {
            // Degrees: `180^\circ`.
            Kind::Text(text)
                if text == "°" && (is_number(&base) || base.as_name().is_some_and(|name| name.base == "rot180")) =>
            {
                return base;
            }
            Kind::Name(name) if matches!(name.base.as_str(), "T" | "⊤") => Kind::Transpose(Box::new(base)),
            Kind::Name(name) if rotation_label(&name.base).is_some() => {
                return self.called(Expr::new(Kind::Name(Name::plain("rot180")), exponent.span), vec![base], span);
            }
            Kind::Parens(Bracket::Round, inner) if inner.len() == 1 => {
                let exponent = inner.first().cloned().unwrap_or_else(|| exponent.clone());
                let exponent = self.expr(exponent, place);
                Kind::Power(Box::new(base), Box::new(exponent))
            }
            Kind::Text(_) | Kind::Parens(..) => {
                self.fault(exponent.span, "this superscript stands at what is no name");
                return base;
            }
            _ => {
                let exponent = self.expr(exponent, place);
                Kind::Power(Box::new(base), Box::new(exponent))
            }
        };
        Expr::new(kind, span)
    }

    /// Whether so many positions are all that a tensor has, as far as the answer shows.
    fn is_entry(&self, base: &Expr, positions: usize) -> bool {
        let axes = base.as_name().and_then(|name| self.survey.axes.get(&key(name)));
        positions > 1 && axes.is_none_or(|axes| axes.iter().all(|count| *count <= positions))
    }

    /// A call; a rotation of an entry is an entry of the rotated tensor.
    pub(super) fn called(&mut self, function: Expr, arguments: Vec<Expr>, span: Span) -> Expr {
        // Rounding by its word.
        let rounds = function.as_name().map(|name| name.base.as_str()).filter(|_| arguments.len() == 1);
        if let (Some(word @ ("floor" | "ceil")), [only]) = (rounds, arguments.as_slice()) {
            let inner = Box::new(only.clone());
            return Expr::new(if word == "floor" { Kind::Floor(inner) } else { Kind::Ceil(inner) }, span);
        }
        let rotates = function.as_name().is_some_and(|name| matches!(name.base.as_str(), "rot180" | "rot90"));
        if !rotates {
            return Expr::new(Kind::Call(Box::new(function), arguments), span);
        }
        let quarter = function.as_name().is_some_and(|name| name.base == "rot90");
        let mut arguments = arguments;
        let two = arguments.get(1).is_some_and(
            |turns| matches!(&turns.kind, Kind::Number(number) if number.to_integer().to_i32() == Some(2)),
        );
        if quarter && !(arguments.len() == 2 && two) {
            return Expr::new(Kind::Call(Box::new(function), arguments), span);
        }
        if quarter {
            arguments.truncate(1);
        }
        let function = Box::new(Expr::new(Kind::Name(Name::plain("rot180")), function.span));
        match arguments.pop() {
            // `k_j` is the j-th kernel, which can be turned; an entry has all its positions.
            Some(Expr { kind: Kind::Entry(base, indices), span: entry })
                if arguments.is_empty() && self.is_entry(&base, indices.len()) =>
            {
                let message = "a rotation turns a tensor, not an entry: read as the entry of the rotated tensor";
                let text = print::expr(&base);
                self.notes.push(
                    Note::new(NoteKind::RotatedEntry, entry.bytes(), message).with_repair(format!("rot180({text})")),
                );
                let rotated = Expr::new(Kind::Call(function, vec![*base]), span);
                Expr::new(Kind::Entry(Box::new(rotated), indices), span)
            }
            Some(argument) => {
                if matches!(argument.kind, Kind::Big(..) | Kind::Number(_)) {
                    self.note(NoteKind::RotatedScalar, argument.span, "a rotation turns a tensor; this is a number");
                }
                arguments.push(argument);
                Expr::new(Kind::Call(function, arguments), span)
            }
            None => {
                self.fault(span, "a rotation has no argument");
                Expr::new(Kind::Call(function, arguments), span)
            }
        }
    }
}

/// A script that says that the base is turned: `K^{rot}`, `F^{flip}`.
fn rotation_label(base: &str) -> Option<&'static str> {
    matches!(base.to_lowercase().as_str(), "rot" | "flip" | "rot180" | "flipped" | "rotated").then_some("rot180")
}

/// A subscript that says so, `W_{\text{flipped}}`, as a superscript.
fn turned(script: Script) -> Script {
    let Script::Sub(list, braced) = script else { return script };
    let word = match list.as_slice() {
        [Expr { kind: Kind::Name(name), .. }] if name.label.is_empty() => name.base.clone(),
        [Expr { kind: Kind::Text(text), .. }] => text.trim().to_string(),
        _ => String::new(),
    };
    if rotation_label(&word).is_none() {
        return Script::Sub(list, braced);
    }
    let name = |part: &Expr| Expr::new(Kind::Name(Name::plain(word.clone())), part.span);
    Script::Sup(list.iter().map(name).collect(), braced)
}

/// The sign of a transpose.
fn turns(side: &Expr) -> bool {
    side.as_name().is_some_and(|name| matches!(name.base.as_str(), "T" | "⊤" | "top"))
}

/// Whether a script is a transpose and nothing else.
pub(super) fn transposes(script: &Script) -> bool {
    matches!(script, Script::Sup(list, _) if matches!(list.as_slice(), [only] if turns(only)))
}

/// A superscript with a layer and a transpose, `W^{[l]T}`, as two: `W^{[l]}` and `^T`.
fn transposed(script: Script) -> Vec<Script> {
    let Script::Sup(list, braced) = &script else { return vec![script] };
    let transpose = |side: &Expr| Script::Sup(vec![side.clone()], *braced);
    let [only] = list.as_slice() else { return vec![script] };
    match &only.kind {
        Kind::Product(factors)
            if factors.len() > 1
                && factors.last().is_some_and(|(sign, last)| sign.sign == Sign::Beside && turns(last)) =>
        {
            let mut factors = factors.clone();
            let Some((_, last)) = factors.pop() else { return vec![script] };
            let rest = match factors.as_slice() {
                [(_, only)] => only.clone(),
                _ => Expr::new(Kind::Product(factors), only.span),
            };
            vec![Script::Sup(vec![rest], *braced), transpose(&last)]
        }
        // `W^{lT}`
        Kind::Name(run)
            if run.base.chars().count() == 2 && run.base.ends_with('T') && run.base.starts_with(['l', 'L']) =>
        {
            let layer = Name::plain(run.base.trim_end_matches('T'));
            let turn = Expr::new(Kind::Name(Name::plain("T")), only.span);
            vec![Script::Sup(vec![Expr::new(Kind::Name(layer), only.span)], *braced), transpose(&turn)]
        }
        // `W^{(l)^T}`
        Kind::Scripted(base, scripts) => match scripts.as_slice() {
            [Script::Sup(inner, _)] if matches!(inner.as_slice(), [only] if turns(only)) => {
                let turn = inner.first().map(transpose);
                [Script::Sup(vec![base.as_ref().clone()], *braced)].into_iter().chain(turn).collect()
            }
            _ => vec![script],
        },
        _ => vec![script],
    }
}

/// Brackets side by side.
fn brackets(factors: &[(Operator, Expr)]) -> bool {
    factors.iter().all(|(operator, factor)| {
        operator.sign == Sign::Beside
            && matches!(&factor.kind, Kind::Parens(Bracket::Round | Bracket::Square, list) if list.len() == 1)
    })
}

/// Letters side by side, no numbers before them.
fn side_by_side(factors: &[(Operator, Expr)]) -> bool {
    let letter = |expr: &Expr| match &expr.kind {
        Kind::Name(_) => true,
        Kind::Scripted(base, scripts) => {
            base.as_name().is_some() && scripts.iter().all(|script| matches!(script, Script::Primes(_)))
        }
        _ => false,
    };
    factors.iter().all(|(operator, factor)| operator.sign == Sign::Beside && letter(factor))
}

/// `(δ^l)_{u,v}` is an entry of δ^l.
fn unbracketed(base: Expr) -> Expr {
    match &base.kind {
        Kind::Parens(Bracket::Round | Bracket::Square, list) => match list.as_slice() {
            [only] if only.as_name().is_some() => only.clone(),
            _ => base,
        },
        _ => base,
    }
}
