//! What the whole answer says about its names, before any of them is settled.

use std::collections::{BTreeMap, BTreeSet};

use super::super::formula::*;

/// Evidence about names. Names are known by their letters and accents; layers and primes of one tensor share their axes.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Letters that stand by themselves somewhere.
    pub letters: BTreeSet<String>,
    /// Letters that number entries: letters of sums, and those in subscripts with commas or arithmetic.
    pub indices: BTreeSet<String>,
    /// Numbers of axes that commas and brackets show.
    pub axes: BTreeMap<String, BTreeSet<usize>>,
    /// The subscripts that are digits without commas.
    pub digits: BTreeMap<String, BTreeSet<String>>,
    /// Names with a single letter of an index as subscript.
    pub single: BTreeSet<String>,
    /// Names in bounds, subscripts and roundings.
    pub sizes: BTreeSet<String>,
    /// Names that stand as factors, with no bracket after them and no convolution beside them.
    pub bare: BTreeSet<String>,
    /// Names with a subscript of any kind.
    pub subscripted: BTreeSet<String>,
    /// Names with a layer in brackets, or one that holds a letter of layers.
    pub layered: BTreeSet<String>,
    /// Names with a layer such as `l+1`.
    pub shifted: BTreeSet<String>,
    /// Letters of layers.
    pub layers: BTreeSet<String>,
    /// Letters that a line defines as functions: `f(x) = …`.
    pub heads: BTreeSet<String>,
    /// Names with one small letter in round brackets after them, `x(k)`: nobody multiplies so.
    pub applied: BTreeSet<String>,
    /// Names of which the digits below are part where such a bracket follows: `h_1(n)`.
    pub labelled: BTreeSet<String>,
}

/// What is expected where an expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A value: a number, an entry, a tensor.
    Value,
    /// A position: subscripts, and the arguments of functions of positions.
    Index,
    /// An end of a range.
    Bound,
}

/// What a name is known by.
pub(super) fn key(name: &Name) -> String {
    format!("{}{}", name.base, name.accent)
}

/// A single letter.
pub(super) fn is_letter(base: &str) -> bool {
    let mut letters = base.chars();
    letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
}

/// Whether a sign may be a convolution.
pub(super) fn may_convolve(operator: &Operator) -> bool {
    !operator.is_plain() && !matches!(operator.sign, Sign::Slash | Sign::Mod | Sign::DoubleStar | Sign::Times)
}

/// `p\delta^l`: a p directly before a δ with scripts. Before a Latin letter, as in `pz`, it makes a name of two letters.
pub(super) fn pads(factor: &Expr, next: &Expr) -> bool {
    let Kind::Scripted(base, _) = &next.kind else { return false };
    let greek = base.as_name().is_some_and(|name| matches!(name.base.as_str(), "δ" | "Δ"));
    greek && factor.span.end == next.span.start && factor.as_name() == Some(&Name::plain("p"))
}

impl Survey {
    /// Takes in what a formula says.
    pub(super) fn statement(&mut self, statement: &Statement) {
        if let Statement::Chain(chain) = statement {
            self.chain(chain, Place::Value);
        }
    }

    fn chain(&mut self, chain: &Chain, place: Place) {
        // What is compared with ∈, < and ≤ is a position, what it is compared with a bound.
        let orders =
            |relation| matches!(relation, Relation::In | Relation::Lt | Relation::Le | Relation::Gt | Relation::Ge);
        let domain = chain.links.iter().any(|link| orders(link.relation));
        let place = if self.positional(chain) || self.counts(chain) { Place::Index } else { place };
        if let Some(Kind::Product(factors)) = chain.first.as_ref().map(|first| &first.kind)
            && let [(_, head), (beside, argument)] = factors.as_slice()
            && let (Some(head), Some([argument])) = (head.as_name(), parenthesised(argument))
            && beside.sign == Sign::Beside
            && argument.as_name().is_some_and(|name| is_letter(&name.base))
            && is_letter(&head.base)
        {
            self.heads.insert(head.base.clone());
        }
        // `w^{(l)} ∈ R^K` is an array, no position.
        let reals = |side: &Expr| {
            let base = if let Kind::Scripted(base, _) = &side.kind { base } else { side };
            base.as_name().is_some_and(|name| matches!(name.base.as_str(), "R" | "ℝ"))
        };
        let of_reals = |link: &Link| link.relation == Relation::In && link.side.as_ref().is_some_and(reals);
        let array = chain.links.iter().any(of_reals);
        for side in chain.sides() {
            if array && side.as_name().is_none() && !reals(side) {
                self.expr(side, place);
            } else if domain && let Some(name) = side.as_name() {
                self.letter(name);
                if is_letter(&name.base) && name.base.chars().all(char::is_lowercase) {
                    self.indices.insert(name.base.clone());
                }
            } else {
                self.expr(side, if domain { Place::Bound } else { place });
            }
        }
        chain.links.iter().flat_map(|link| &link.reason).for_each(|part| self.expr(part, Place::Index));
    }

    /// Whether a chain is about sizes: arithmetic with numbers in which a name has a label such as `out`.
    pub(super) fn counts(&self, chain: &Chain) -> bool {
        let mut numbers = false;
        let (mut labels, mut small, mut quotient, mut numbered) = (false, false, false, false);
        for side in chain.sides() {
            side.any(&mut |part| {
                numbers |= is_number(part);
                quotient |= match &part.kind {
                    Kind::Fraction(..) | Kind::Floor(_) => true,
                    Kind::Product(factors) => factors.iter().any(|(operator, _)| operator.sign == Sign::Slash),
                    _ => false,
                };
                small |= part.as_name().is_some_and(|name| name.base.chars().any(|letter| !letter.is_uppercase()));
                if let Kind::Scripted(base, scripts) = &part.kind {
                    let capital = base.as_name().is_some_and(|name| is_letter(&name.base) && name.base.chars().all(char::is_uppercase));
                    numbered |= capital
                        && scripts.iter().any(|script| {
                            matches!(script, Script::Sub(list, _) if matches!(list.as_slice(), [number] if is_number(number)))
                        });
                    labels |= capital
                        && scripts.iter().any(|script| match script {
                            Script::Sub(list, _) => {
                                matches!(list.as_slice(), [Expr { kind: Kind::Name(label), .. }]
                                    if super::words::is_label(&label.base) || label.base.chars().all(char::is_uppercase))
                            }
                            _ => false,
                        });
                }
                false
            });
        }
        // `W_2 = (W_1-F+2P)/S + 1` has capitals alone.
        numbers && (labels || numbered && quotient && !small) && chain.sides().all(is_arithmetic)
    }

    /// Whether a chain says what a letter of positions is: `r = i s_h - p_h + u d_h`.
    pub(super) fn positional(&self, chain: &Chain) -> bool {
        let letter = chain.first.as_ref().and_then(Expr::as_name);
        let Some(letter) = letter.filter(|name| is_letter(&name.base) && name.base.chars().all(char::is_lowercase))
        else {
            return false;
        };
        let mut others = BTreeSet::new();
        for side in chain.links.iter().filter_map(|link| link.side.as_ref()) {
            side.any(&mut |part| {
                others
                    .extend(part.as_name().map(|name| &name.base).filter(|base| self.indices.contains(*base)).cloned());
                false
            });
        }
        let known = self.indices.contains(&letter.base) || others.len() > 1;
        known && chain.links.iter().all(|link| link.relation == Relation::Eq) && chain.sides().all(is_arithmetic)
    }

    fn letter(&mut self, name: &Name) {
        if is_letter(&name.base) {
            self.letters.insert(name.base.clone());
        }
    }

    fn name(&mut self, name: &Name, place: Place) {
        self.letter(name);
        match place {
            Place::Value => drop(self.bare.insert(key(name))),
            Place::Index | Place::Bound => drop(self.sizes.insert(key(name))),
        }
    }

    fn expr(&mut self, expr: &Expr, place: Place) {
        match &expr.kind {
            Kind::Name(name) => self.name(name, place),
            Kind::Product(factors) => self.product(factors, place),
            Kind::Scripted(base, scripts) => {
                let bare = place != Place::Value || base.as_name().is_none();
                if bare {
                    self.expr(base, place);
                } else if let Some(name) = base.as_name() {
                    self.letter(name);
                    self.bare.insert(key(name));
                }
                self.scripts(base.as_name(), scripts);
                // `(C^T g)_j`
                if parenthesised(base).is_some() {
                    for script in scripts {
                        if let Script::Sub(list, _) = script {
                            list.iter().for_each(|part| self.positions(part));
                        }
                    }
                }
            }
            Kind::Big(_, binders, body) => {
                binders.iter().for_each(|binder| self.binder(binder));
                body.iter().for_each(|body| self.expr(body, place));
            }
            Kind::Floor(inner) | Kind::Ceil(inner) => self.expr(inner, Place::Bound),
            Kind::Interval(_, left, right) => {
                self.expr(left, Place::Bound);
                self.expr(right, Place::Bound);
            }
            Kind::Chain(chain) => self.chain(chain, place),
            _ => expr.parts().into_iter().for_each(|part| self.expr(part, place)),
        }
    }

    fn product(&mut self, factors: &[(Operator, Expr)], place: Place) {
        for (number, (operator, factor)) in factors.iter().enumerate() {
            let next = factors.get(number + 1);
            let beside = next.filter(|(operator, _)| operator.sign == Sign::Beside).map(|(_, next)| next);
            let base = match &factor.kind {
                Kind::Scripted(base, _) => base,
                _ => factor,
            };
            let arguments = beside.and_then(parenthesised);
            if beside.is_some_and(|next| pads(factor, next)) {
                continue;
            }
            let convolved = may_convolve(operator) || next.is_some_and(|(operator, _)| may_convolve(operator));
            if let Some(name) = base.as_name() {
                self.letter(name);
                if let Some(arguments) = arguments {
                    // Perhaps with a digit, where it is the letter of a sum: `f_1(k_1)`.
                    let letter = |part: &Expr| {
                        let (base, digits) = match &part.kind {
                            Kind::Scripted(base, scripts) => (
                                &**base,
                                matches!(scripts.as_slice(), [Script::Sub(list, _)] if list.iter().all(is_number)),
                            ),
                            _ => (part, false),
                        };
                        base.as_name().is_some_and(|name| {
                            let small = is_letter(&name.base) && name.base.chars().all(char::is_lowercase);
                            let plain = part.as_name().is_some();
                            small && (plain || digits && self.indices.contains(&name.base))
                        })
                    };
                    let round = beside.is_some_and(|next| matches!(next.kind, Kind::Parens(Bracket::Round, _)));
                    if round && place == Place::Value && matches!(arguments, [only] if letter(only)) {
                        self.applied.insert(key(name));
                        let digits =
                            |script: &Script| matches!(script, Script::Sub(list, _) if list.iter().all(is_number));
                        if matches!(&factor.kind, Kind::Scripted(_, scripts) if scripts.iter().any(digits)) {
                            self.labelled.insert(key(name));
                        }
                    }
                    let lists = arguments.len() > 1 && arguments.iter().all(index_like);
                    if lists {
                        self.axes.entry(key(name)).or_default().insert(arguments.len());
                        arguments.iter().for_each(|part| self.positions(part));
                    }
                } else if place != Place::Value {
                    self.sizes.insert(key(name));
                } else if !convolved {
                    self.bare.insert(key(name));
                }
                if let Kind::Scripted(_, scripts) = &factor.kind {
                    self.scripts(Some(name), scripts);
                }
            } else {
                // `(f * g)(n)` is a sequence, and so are f and g.
                let at = arguments.filter(|_| place == Place::Value && operator.is_plain());
                let letter = |part: &Expr| part.as_name().is_some_and(|name| is_letter(&name.base));
                if let (Kind::Parens(Bracket::Round, inner), Some([position])) = (&factor.kind, at)
                    && let [Expr { kind: Kind::Product(joined), .. }] = inner.as_slice()
                    && joined.iter().any(|(operator, _)| may_convolve(operator))
                    && beside.is_some_and(|next| matches!(next.kind, Kind::Parens(Bracket::Round, _)))
                    && letter(position)
                {
                    self.applied.extend(joined.iter().filter_map(|(_, factor)| factor.as_name()).map(key));
                }
                self.expr(factor, place);
            }
        }
    }

    /// Letters in a subscript with commas, brackets or arithmetic number entries.
    fn positions(&mut self, part: &Expr) {
        part.any(&mut |inner| {
            if let Kind::Name(name) = &inner.kind
                && is_letter(&name.base)
                && name.base.chars().all(|letter| letter.is_lowercase())
            {
                self.indices.insert(name.base.clone());
            }
            false
        });
    }

    fn scripts(&mut self, name: Option<&Name>, scripts: &[Script]) {
        for script in scripts {
            match script {
                Script::Primes(_) => {}
                Script::Sub(list, _) => {
                    if let Some(name) = name {
                        self.subscripted.insert(key(name));
                    }
                    self.subscript(name, list);
                }
                Script::Sup(list, _) => {
                    let bracketed = list.len() > 1
                        || list
                            .iter()
                            .any(|part| matches!(&part.kind, Kind::Parens(Bracket::Round | Bracket::Square, _)));
                    let mut letters = BTreeSet::new();
                    for part in list {
                        part.any(&mut |inner| {
                            if let Kind::Name(name) = &inner.kind
                                && is_letter(&name.base)
                            {
                                letters.insert(name.base.clone());
                            }
                            false
                        });
                    }
                    let layer = letters.iter().any(|letter| matches!(letter.as_str(), "l" | "ℓ" | "L"));
                    if let Some(name) = name
                        && (bracketed || layer)
                    {
                        self.layered.insert(key(name));
                        self.layers.extend(letters);
                    }
                    let sum = list.iter().any(|part| matches!(part.kind, Kind::Add(_)));
                    if let (Some(name), true) = (name, sum) {
                        self.shifted.insert(key(name));
                    }
                    let power = name.is_some_and(|name| name.base == "e");
                    let place = if power { Place::Value } else { Place::Bound };
                    list.iter().for_each(|part| self.expr(part, place));
                }
            }
        }
    }

    fn subscript(&mut self, name: Option<&Name>, list: &[Expr]) {
        let list = match list {
            [Expr { kind: Kind::Parens(_, inner), .. }] => inner.as_slice(),
            _ => list,
        };
        let arithmetic = list.iter().any(|part| matches!(&part.kind, Kind::Add(_)));
        let side_by_side = match list {
            [Expr { kind: Kind::Product(factors), .. }] => {
                let plain =
                    factors.iter().all(|(operator, factor)| operator.sign == Sign::Beside && !is_number(factor));
                plain.then_some(factors.len())
            }
            _ => None,
        };
        if list.len() > 1 || arithmetic || side_by_side.is_some() {
            list.iter().for_each(|part| self.positions(part));
        }
        if let Some(name) = name {
            match list {
                [Expr { kind: Kind::Number(number), .. }] => {
                    self.digits.entry(key(name)).or_default().insert(number.to_integer().to_string());
                }
                [Expr { kind: Kind::Name(letter), .. }]
                    if is_letter(&letter.base) && letter.base.chars().all(char::is_lowercase) =>
                {
                    self.single.insert(key(name));
                }
                [Expr { kind: Kind::Add(_), .. }] => {
                    self.axes.entry(key(name)).or_default().insert(1);
                }
                _ => {
                    let count = side_by_side.filter(|_| list.len() == 1).or((list.len() > 1).then_some(list.len()));
                    if let Some(count) = count {
                        self.axes.entry(key(name)).or_default().insert(count);
                    }
                }
            }
        }
        // What ∇ is taken by is no position.
        let place = if name.is_some_and(|name| name.base == "∇") { Place::Value } else { Place::Index };
        list.iter().for_each(|part| self.expr(part, place));
    }

    fn binder(&mut self, binder: &Binder) {
        match binder {
            Binder::Letter { letter, lower, upper } => {
                self.bound_letter(letter);
                lower.iter().chain(upper).for_each(|bound| self.expr(bound, Place::Bound));
            }
            Binder::Among(letters, set) => {
                letters.iter().for_each(|letter| self.bound_letter(letter));
                // A set that stands in subscripts itself is used as an index.
                if let Some(name) = set.as_name() {
                    self.indices.insert(name.base.clone());
                }
                self.expr(set, Place::Bound);
            }
            Binder::Condition(chain) => self.chain(chain, Place::Bound),
        }
    }

    fn bound_letter(&mut self, letter: &Expr) {
        let base = match &letter.kind {
            Kind::Scripted(base, _) => base,
            _ => letter,
        };
        if let Some(name) = base.as_name() {
            if self.glued(&name.base) {
                self.indices.remove(&name.base);
                return;
            }
            self.letter(name);
            self.indices.insert(name.base.clone());
        }
    }

    /// Whether a word below a sum is several letters, as in `\sum_{cuv}`: each of them numbers entries elsewhere.
    pub(super) fn glued(&self, run: &str) -> bool {
        let small = run.chars().all(|letter| letter.is_ascii_lowercase());
        small && (3..=5).contains(&run.len()) && run.chars().all(|letter| self.indices.contains(&letter.to_string()))
    }
}

/// The parts of a bracket, with or without scripts.
pub(super) fn parenthesised(expr: &Expr) -> Option<&[Expr]> {
    match &expr.kind {
        Kind::Parens(Bracket::Round | Bracket::Square | Bracket::Curly, list) => Some(list),
        Kind::Scripted(base, _) => match &base.kind {
            Kind::Parens(Bracket::Round | Bracket::Square | Bracket::Curly, list) => Some(list),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a part may be a position: arithmetic of small letters, sizes and numbers.
pub(super) fn index_like(part: &Expr) -> bool {
    /// Whether something else stands there; notes what is small.
    fn other(part: &Expr, small: &mut bool) -> bool {
        let here = match &part.kind {
            Kind::Name(name) => {
                *small |= name.base.chars().all(char::is_lowercase);
                // `x[t+dk]`
                let pair = name.base.len() == 2 && name.base.bytes().all(|byte| byte.is_ascii_lowercase());
                !(is_letter(&name.base) || pair && !super::words::is_function(&name.base)) || !name.accent.is_empty()
            }
            Kind::Number(_) | Kind::Slice => {
                *small = true;
                false
            }
            // `i:i+k`
            Kind::Text(text) => {
                *small |= text.contains(':');
                !text.contains(':')
            }
            // What stands under a letter tells it from others: `c_{out}`.
            Kind::Scripted(base, scripts) => {
                return scripts.iter().any(|script| matches!(script, Script::Sup(..))) || other(base, small);
            }
            Kind::Product(factors) => factors.iter().any(|(operator, _)| may_convolve(operator)),
            Kind::Add(_) | Kind::Neg(_) | Kind::Parens(..) | Kind::Floor(_) | Kind::Ceil(_) => false,
            _ => true,
        };
        here || part.parts().into_iter().any(|part| other(part, small))
    }
    let mut small = false;
    let other = other(part, &mut small);
    small && !other
}

/// Whether an expression has names, numbers and arithmetic in it, and nothing else.
fn is_arithmetic(part: &Expr) -> bool {
    !part.any(&mut |inner| match &inner.kind {
        Kind::Product(factors) => factors.iter().any(|(operator, _)| operator.tilde || !operator.mode.is_empty()),
        Kind::Name(_) | Kind::Number(_) | Kind::Add(_) | Kind::Neg(_) | Kind::Parens(..) => false,
        Kind::Floor(_) | Kind::Ceil(_) | Kind::Fraction(..) | Kind::Scripted(..) => false,
        _ => true,
    })
}

pub(super) fn is_number(expr: &Expr) -> bool {
    matches!(expr.kind, Kind::Number(_))
}
