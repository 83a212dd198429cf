//! What follows from a layer that is written as a sum: its gradients, by the chain rule, and its derivatives.

use super::*;

/// A sum over letters, or what stands under it where there are none.
fn summed(letters: Vec<Name>, body: Expr) -> Expr {
    if letters.is_empty() {
        return body;
    }
    let span = body.span;
    let binder = |name| Binder::Letter { letter: Expr::new(Kind::Name(name), span), lower: None, upper: None };
    Expr::new(Kind::Big(Big::Sum, letters.into_iter().map(binder).collect(), Some(Box::new(body))), span)
}

/// The coefficient of a letter, where it is 1 or -1.
fn unit(side: &Expr, letter: &Name) -> Option<bool> {
    let (slope, _) = Poly::of(side)?.solved(&print::name(letter))?;
    let slope = slope.constant()?;
    slope.abs().is_one().then(|| slope.is_negative())
}

/// `left = right` solved for a letter with the coefficient 1 or -1.
fn solved(left: &Expr, right: &Expr, letter: &Name) -> Option<Expr> {
    if left.as_name().is_some() {
        return Some(right.clone());
    }
    let span = left.span;
    let minus = unit(left, letter)?;
    let without = bracketed(&replaced(left, letter, &Expr::new(Kind::Number(BigRational::zero()), span)));
    let (first, second) = if minus { (without, bracketed(right)) } else { (bracketed(right), without) };
    Some(Expr::new(Kind::Add(vec![(false, first), (true, second)]), span))
}

impl OwnLayer {
    /// The same with letters that no answer uses.
    pub(super) fn fresh(&self) -> OwnLayer {
        let letters: Vec<Name> = self.at.iter().chain(self.bound.iter().map(|(name, _)| name)).cloned().collect();
        let new = |name: &Name| {
            let place = letters.iter().position(|other| other == name);
            place.map_or_else(|| name.clone(), |place| Name::plain(format!("own{place}")))
        };
        let renamed = |side: &Expr| {
            letters::map(side, &mut |part| {
                let name = part.as_name()?;
                letters.contains(name).then(|| Expr::new(Kind::Name(new(name)), part.span))
            })
        };
        let factor =
            |factor: &Factor| Factor { name: factor.name.clone(), at: factor.at.iter().map(&renamed).collect() };
        OwnLayer {
            at: self.at.iter().map(new).collect(),
            bound: self.bound.iter().map(|(name, range)| (new(name), range.clone())).collect(),
            weight: factor(&self.weight),
            input: factor(&self.input),
            ..self.clone()
        }
    }

    /// The gradient by an entry, over `delta`, `kernel` and `input`.
    pub(super) fn gradient(&self, kind: TargetKind, at: &[Expr], span: Span) -> Option<Expr> {
        let own = self.fresh();
        let (by, other, name) = match kind {
            TargetKind::Weight => (&own.weight, &own.input, "input"),
            _ => (&own.input, &own.weight, "kernel"),
        };
        if by.at.len() != at.len() {
            return None;
        }
        let mut open: Vec<Name> =
            own.bound.iter().map(|(name, _)| name.clone()).chain(own.at.iter().cloned()).collect();
        let name_of = |name: &Name| Expr::new(Kind::Name(name.clone()), span);
        let mut outputs: Vec<Expr> = own.at.iter().map(name_of).collect();
        let mut rest: Vec<Expr> = other.at.clone();
        let mut equations: Vec<(Expr, Expr)> = by.at.iter().cloned().zip(at.iter().cloned()).collect();
        // Subscripts that are a letter alone first.
        equations.sort_by_key(|(own, _)| own.as_name().is_none());
        while !equations.is_empty() {
            let (left, right) = equations.remove(0);
            let place = open.iter().position(|letter| unit(&left, letter).is_some())?;
            let letter = open.remove(place);
            let solved = solved(&left, &right, &letter)?;
            // The range of a letter that is solved for must be known from a box.
            let alone = |at: &[Expr]| at.iter().any(|at| at.as_name() == Some(&letter));
            let bounded = !own.bound.iter().any(|(name, _)| *name == letter) || alone(&other.at) || alone(&by.at);
            if !bounded {
                return None;
            }
            for side in outputs.iter_mut().chain(&mut rest) {
                *side = replaced(side, &letter, &solved);
            }
            for (left, _) in &mut equations {
                *left = replaced(left, &letter, &solved);
            }
        }
        let factors =
            vec![(Operator::beside(), named("delta", outputs, span)), (Operator::beside(), named(name, rest, span))];
        Some(summed(open, Expr::new(Kind::Product(factors), span)))
    }

    /// Judges `∂y[i]/∂w[u] = x[i+u]`: the derivative of an output by an entry, or by what the activation of the layer below is applied to,
    /// as in `∂z^(l+1)[i-m]/∂z^(l)[i] = w[m] f'(z^(l)[i])`.
    pub(in crate::grade) fn local(&self, first: &Expr, side: &Expr, context: Context) -> Option<Finding> {
        let Context { model, symbols, options, .. } = context;
        let Kind::Derivative(Some(of), by) = &first.kind else { return None };
        let argument = print::expr(by);
        let (of, by) = (entry(of)?, entry(by)?);
        let lettered = |at: &[Expr]| at.iter().all(|at| at.as_name().is_some());
        if family(&of.name) != family(&self.output) || of.at.len() != self.at.len() || !lettered(&by.at) {
            return None;
        }
        let below = family(&by.name) == family(&self.output)
            && layer_of(&of.name).zip(layer_of(&by.name)).is_some_and(|(of, by)| of == by + 1)
            && letters::all(side).into_iter().any(|part| match &part.kind {
                Kind::Call(function, arguments) => {
                    function.as_name().is_some_and(|name| name.primes > 0)
                        && matches!(arguments.as_slice(), [only] if print::expr(only) == argument)
                }
                _ => false,
            });
        let own = self.fresh();
        let (by_own, other, name) = if family(&by.name) == family(&self.weight.name) {
            (&own.weight, &own.input, "input")
        } else if below || family(&by.name) == family(&self.input.name) {
            (&own.input, &own.weight, "kernel")
        } else {
            return None;
        };
        let outputs: Vec<(Name, Expr)> = own.at.iter().cloned().zip(of.at.iter().cloned()).collect();
        let at_output = |side: &Expr| outputs.iter().fold(side.clone(), |side, (name, by)| replaced(&side, name, by));
        let mut equations: Vec<(Expr, Expr)> = by_own.at.iter().map(at_output).zip(by.at.iter().cloned()).collect();
        if by_own.at.len() != by.at.len() {
            return None;
        }
        let mut rest: Vec<Expr> = other.at.iter().map(at_output).collect();
        let mut open: Vec<Name> = own.bound.iter().map(|(name, _)| name.clone()).collect();
        equations.sort_by_key(|(own, _)| own.as_name().is_none());
        while !equations.is_empty() {
            let (left, right) = equations.remove(0);
            // An output channel that the two entries share.
            if left == right || print::expr(&left) == print::expr(&right) {
                continue;
            }
            let place = open.iter().position(|letter| unit(&left, letter).is_some())?;
            let letter = open.remove(place);
            let solved = solved(&left, &right, &letter)?;
            rest = rest.iter().map(|side| replaced(side, &letter, &solved)).collect();
            for (left, _) in &mut equations {
                *left = replaced(left, &letter, &solved);
            }
        }
        if !open.is_empty() {
            return None;
        }
        let translated = self.translated(side, model)?;
        let axes: Vec<String> = (0..rest.len()).map(|axis| format!("i{axis}")).collect();
        let declared = format!("function {name}({})\n", axes.join(", "));
        let truth = surface::term(&named(name, rest, side.span), symbols).ok()?;
        let written = surface::term(&translated, symbols).ok()?;
        let line = self.line;
        match equation(written, truth, Vec::new(), &declared, options) {
            Outcome::Proved => Some(self.of_another_layer(&of.name, side).unwrap_or_else(|| {
                Finding::remark(Text::new(
                    format!("the derivative of the layer in line {line}"),
                    format!("与第 {line} 行的层的导数一致"),
                ))
            })),
            Outcome::Refuted(example) => Some(Finding::new(
                Verdict::Wrong,
                &[Class::Index],
                Text::new(
                    format!("it is not the derivative of the layer in line {line}"),
                    format!("与第 {line} 行的层的导数不符"),
                ),
                Evidence::Counterexample(example),
            )),
            Outcome::Open(_) => None,
        }
    }

    /// A weight or an input of a side that stands in another layer than in the layer's line, seen from an output.
    pub(super) fn of_another_layer(&self, output: &Name, side: &Expr) -> Option<Finding> {
        let by = layer_of(output)? - layer_of(&self.output)?;
        let side = slopes::left_out(side);
        let mut names = letters::names(&side);
        let (name, wanted) = names.find_map(|name| {
            let own = [&self.weight.name, &self.input.name].into_iter().find(|own| family(own) == family(name))?;
            let wanted = layer_of(own)? + by;
            (layer_of(name)? != wanted).then_some((name, wanted - layer_of(name)?))
        })?;
        let (name, way) = (print::name(name), if wanted > 0 { ("higher", "高") } else { ("lower", "低") });
        let argument = Text::new(
            format!(
                "the layers do not fit together: as the layer is written, {name} must be {} {}",
                wanted.abs(),
                way.0
            ),
            format!("层号不一致：按该层的写法，{name} 应{}{}层", way.1, wanted.abs()),
        );
        Some(Finding::argued(Verdict::Wrong, Class::Layer, argument))
    }
}
