//! Claims about what the answer itself has defined: names, entries and functions give way to what they stand for.

use super::activation::Activation;
use super::operations::{self, small};
use super::*;
use crate::homework::surface::{KRONECKER, is_euler};

/// What a name stands for: `p[i] = …`, `σ(x) = …`, `E = …`.
#[derive(Clone)]
pub(super) struct Rule {
    /// The letters in brackets; none for a name alone.
    pub(super) letters: Vec<Name>,
    /// Whether they are arguments of a function.
    pub(super) applied: bool,
    pub(super) body: Expr,
    pub(super) step: usize,
}

/// What matters of a claim where definitions are written out in it.
struct Claim {
    /// The step.
    number: usize,
    /// Names by whose entries something is differentiated: their own definitions are left alone.
    held: BTreeSet<Name>,
    /// All names in it.
    letters: BTreeSet<Name>,
}

impl Claim {
    fn of(number: usize, left: &Expr, right: &Expr) -> Self {
        let (mut held, mut letters) = (BTreeSet::new(), BTreeSet::new());
        for part in [left, right].into_iter().flat_map(letters::all) {
            letters.extend(part.as_name().cloned());
            if let Kind::Derivative(_, by) = &part.kind {
                held.extend(by.root().cloned());
            }
        }
        Claim { number, held, letters }
    }
}

/// Definitions may stand within definitions so deep.
const DEPTH: usize = 4;

/// Functions that have their meaning wherever they stand.
const KNOWN: [&str; 11] = ["exp", "log", "ln", "tanh", "sqrt", "sin", "cos", "max", "min", "floor", "ceil"];

/// Whether a name has its meaning wherever it stands: of a known function, or the base of its powers.
pub(super) fn is_known(name: &Name) -> bool {
    KNOWN.contains(&name.base.as_str()) || is_euler(name)
}

pub(super) fn plain(name: &Name) -> Name {
    Name { primes: 0, ..name.clone() }
}

/// What a definition is about: the name, its letters, which must be different, and whether it is a function.
fn pattern(first: &Expr) -> Option<(Name, Vec<Name>, bool)> {
    let (base, arguments, applied) = match &first.kind {
        Kind::Name(name) => return (name.primes == 0).then(|| (name.clone(), Vec::new(), false)),
        Kind::Entry(base, at) => (base, at, false),
        Kind::Call(base, arguments) => (base, arguments, true),
        _ => return None,
    };
    // A prime at a function is a derivative; an array `K'` has its own entries.
    let name = base.as_name().filter(|name| name.primes == 0 || !applied)?;
    let letters: Vec<Name> = arguments.iter().map(|argument| argument.as_name().cloned()).collect::<Option<_>>()?;
    let different: BTreeSet<&Name> = letters.iter().collect();
    (different.len() == letters.len()).then(|| (name.clone(), letters, applied))
}

/// Whether a known function, or a power of e, occurs.
pub(super) fn speaks_of_known(side: &Expr) -> bool {
    side.any(&mut |part| match &part.kind {
        Kind::Call(function, _) => function.as_name().is_some_and(|name| KNOWN.contains(&name.base.as_str())),
        Kind::Power(base, exponent) => {
            base.as_name().is_some_and(is_euler) && !matches!(exponent.kind, Kind::Number(_))
        }
        Kind::Root(_) => true,
        _ => false,
    })
}

/// Whether a function of which nothing is known is applied.
fn applies_unknown(side: &Expr) -> bool {
    side.any(&mut |part| match &part.kind {
        Kind::Call(function, _) => function.as_name().is_some_and(|name| !is_known(name) && name.base != KRONECKER),
        _ => false,
    })
}

/// Whether a side is the derivative of sums and products of entries that are written out: nothing about it is left to be said.
pub(super) fn derives_a_polynomial(side: &Expr) -> bool {
    let Kind::Derivative(Some(of), _) = &side.kind else { return false };
    let odd = |part: &Expr| match &part.kind {
        Kind::Call(..) | Kind::Power(..) | Kind::Root(_) | Kind::Derivative(..) | Kind::Cases(_) => true,
        Kind::Fraction(_, below) => !crate::grade::numbers::is_numeric(below),
        Kind::Product(factors) => {
            factors.iter().any(|(sign, _)| sign.sign == Sign::Slash || crate::grade::model::convolves(sign))
        }
        _ => false,
    };
    let made = !matches!(of.kind, Kind::Name(_) | Kind::Entry(..) | Kind::Call(..));
    made && !layers::is_loss(of) && !of.any(&mut |part| odd(part))
}

impl Rule {
    /// The step that says so.
    pub(super) fn step(&self) -> usize {
        self.step
    }

    /// Whether it is an array of sums.
    pub(super) fn sums(&self) -> bool {
        !self.applied && self.body.any(&mut |part| matches!(part.kind, Kind::Big(Big::Sum, ..)))
    }

    /// The body with its letters replaced, and with other letters in its sums than those of the claim; nothing where it binds a
    /// letter of its own.
    pub(super) fn at(&self, arguments: &[Expr], around: &BTreeSet<Name>) -> Option<Expr> {
        let mut inside: BTreeSet<Name> = around.clone();
        for argument in arguments {
            argument.any(&mut |part| {
                inside.extend(part.as_name().cloned());
                false
            });
        }
        let mut body = self.body.clone();
        for letter in letters::bound(&self.body) {
            if self.letters.contains(&letter) {
                return None;
            }
            if inside.contains(&letter) {
                let mut other = Name { primes: letter.primes + 1, ..letter.clone() };
                while inside.contains(&other) || body.any(&mut |part| part.as_name() == Some(&other)) {
                    other.primes += 1;
                }
                body = letters::renamed_binder(&body, &letter, &other);
                body = letters::map(&body, &mut |part| {
                    let named = part.as_name() == Some(&letter);
                    named.then(|| Expr::new(Kind::Name(other.clone()), part.span))
                });
            }
        }
        let map: BTreeMap<&Name, &Expr> = self.letters.iter().zip(arguments).collect();
        let replaced = letters::map(&body, &mut |part| {
            let argument = map.get(part.as_name()?)?;
            Some(enclosed((*argument).clone()))
        });
        Some(enclosed(replaced))
    }
}

/// A value as one part of others.
pub(super) fn enclosed(value: Expr) -> Expr {
    match value.kind {
        Kind::Name(_) | Kind::Number(_) | Kind::Entry(..) | Kind::Call(..) | Kind::Parens(..) => value,
        _ => {
            let span = value.span;
            Expr::new(Kind::Parens(Bracket::Round, vec![value]), span)
        }
    }
}

impl Judge<'_> {
    /// Whether a first side can be a definition: not of what has its meaning already, nor of a derivative of what was defined.
    pub(super) fn defines(&self, number: usize, first: &Expr, side: &Expr) -> bool {
        match &first.kind {
            // A product, or a tensor that is turned, has its meaning; `a * W = z` says what z is, and a sign is defined by others.
            // An operator of derivatives: `∇²f(x, y)`.
            Kind::Product(factors)
                if factors.first().is_some_and(|(_, first)| {
                    let base = if let Kind::Power(base, _) = &first.kind { base } else { first };
                    base.as_name().is_some_and(|name| matches!(name.base.as_str(), "∇" | "Δ"))
                }) =>
            {
                true
            }
            Kind::Product(_) => {
                let unknown = operations::operation(first)
                    .is_some_and(|(sign, _, _)| self.signs.get(&sign).is_none_or(|rule| rule.step >= number));
                // `a * W = z` says what z is, which is none of the two.
                let other = |root: &Name| !first.any(&mut |part| part.as_name() == Some(root));
                side.root().is_some_and(other)
                    || unknown && operations::signs_of(first).is_disjoint(&operations::signs_of(side))
            }
            Kind::Call(function, _) if function.as_name().is_some_and(crate::grade::model::is_rotation) => false,
            Kind::Call(function, _) => match function.as_name() {
                Some(name) if KNOWN.contains(&name.base.as_str()) => false,
                // After `σ(x) = …` a line on σ(-x) is a claim.
                Some(name) if name.primes == 0 && pattern(first).is_none() => {
                    self.rules.get(name).is_none_or(|rule| rule.step >= number || !rule.applied)
                }
                // `σ'(x) = σ(x)(1 - σ(x))` is a claim about σ.
                Some(name) if name.primes > 0 => {
                    // `x'(t) = x(t) - x(t-1)` is a definition.
                    let Kind::Call(_, at) = &first.kind else { return true };
                    let of_itself = |part: &&Expr| matches!(&part.kind, Kind::Call(function, _) if function.as_name() == Some(&plain(name)));
                    let here = |part: &Expr| matches!(&part.kind, Kind::Call(_, other) if other == at);
                    let own: Vec<&Expr> = letters::all(side).into_iter().filter(of_itself).collect();
                    (own.is_empty() || !own.into_iter().all(here))
                        && self.rules.get(&plain(name)).is_none_or(|rule| rule.step > number || !rule.applied)
                }
                _ => true,
            },
            _ => pattern(first).is_some() || !speaks_of_known(first),
        }
    }

    /// Notes what a first side stands for, the first time that it is said.
    pub(super) fn note_rule(&mut self, number: usize, first: &Expr, side: &Expr) {
        if let Some((name, letters, applied)) = pattern(first)
            && !side.any(&mut |part| part.as_name() == Some(&name))
        {
            self.rules.entry(name).or_insert_with(|| Rule { letters, applied, body: side.clone(), step: number });
        }
    }

    /// Whether δ is the Kronecker symbol: it has two letters wherever it stands, and no layer, and nothing says what it is.
    fn is_kronecker(&self, name: &Name) -> bool {
        let symbols = &self.reading.symbols;
        let others = || symbols.tensors.keys().chain(symbols.functions.keys()).chain(&symbols.others);
        let plain = name.base == "δ" && others().all(|other| other.base != "δ" || other == name);
        let letters = |part: &Expr| match &part.kind {
            Kind::Entry(base, at) if base.as_name() == Some(name) => {
                !(at.len() == 2 && at.iter().all(|at| at.as_name().is_some()))
            }
            // An operand of a convolution is an array.
            Kind::Product(factors) => {
                let joins = factors.iter().any(|(sign, _)| crate::grade::model::convolves(sign));
                joins && factors.iter().any(|(_, factor)| factor.as_name() == Some(name))
            }
            _ => false,
        };
        let mut sides = self.reading.steps.iter().flat_map(|step| step.chains().flat_map(Chain::sides));
        let said = |chain: &Chain| {
            let first = chain.first.as_ref();
            first.is_some_and(|first| matches!(&first.kind, Kind::Entry(base, _) if base.as_name() == Some(name)))
        };
        plain
            && !sides.any(|side| side.any(&mut |part| letters(part)))
            && !self.reading.steps.iter().flat_map(Step::chains).any(said)
    }

    /// A side of a gradient with the arrays that the answer has made of others, as `ŵ[u] = w[k-1-u]`, written out.
    pub(super) fn with_arrays_written_out(&self, number: usize, first: &Expr, side: &Expr) -> Option<Expr> {
        let mut claim = Claim::of(number, first, side);
        // What has a part in the layer stays.
        let roles = claim.letters.iter().filter(|name| self.context.model.role(name).is_some()).cloned();
        claim.held.extend(roles.collect::<Vec<Name>>());
        let written = self.written_out(side, &claim, DEPTH);
        (written != *side).then_some(written)
    }

    /// A side with all that has been defined before replaced by what it stands for.
    pub(super) fn spelled_out(&self, number: usize, side: &Expr) -> Expr {
        self.written_out(side, &Claim::of(number, side, side), DEPTH)
    }

    /// The same, but for the names that are held.
    fn written_out(&self, side: &Expr, claim: &Claim, depth: usize) -> Expr {
        if depth == 0 {
            return side.clone();
        }
        let rule =
            |name: &Name| self.rules.get(name).filter(|rule| rule.step < claim.number && !claim.held.contains(name));
        let deeper = |found: Expr| self.written_out(&found, claim, depth - 1);
        let inside =
            |parts: &[Expr]| -> Vec<Expr> { parts.iter().map(|part| self.written_out(part, claim, depth)).collect() };
        letters::map(side, &mut |part| match &part.kind {
            Kind::Name(name) => {
                // `f` alone, after `f(x) = …`, is what stands there.
                let rule = rule(name).filter(|rule| rule.letters.is_empty() || rule.applied)?;
                let own: Vec<Expr> =
                    rule.letters.iter().map(|letter| Expr::new(Kind::Name(letter.clone()), part.span)).collect();
                Some(deeper(rule.at(&own, &claim.letters)?))
            }
            Kind::Entry(..) | Kind::Call(..) if sign_entry(part).is_some() => {
                Some(deeper(self.operation(part, claim.number, &claim.letters)?))
            }
            Kind::Entry(..) | Kind::Call(..) if let Some(made) = self.operated(part, claim.number, &claim.letters) => {
                Some(deeper(made))
            }
            // `(b + c)[j]`
            Kind::Entry(base, at) | Kind::Call(base, at) if base.as_name().is_none() => {
                let entry = operations::entry_at(base, at).filter(|entry| entry != part)?;
                Some(self.written_out(&entry, claim, depth))
            }
            Kind::Entry(base, at) => {
                let name = base.as_name()?;
                match rule(name).filter(|rule| !rule.applied && rule.letters.len() == at.len()) {
                    Some(rule) => Some(deeper(rule.at(&inside(at), &claim.letters)?)),
                    None => {
                        let symbol = Expr::new(Kind::Name(Name::plain(KRONECKER)), base.span);
                        let call = || Expr::new(Kind::Call(Box::new(symbol), at.clone()), part.span);
                        self.is_kronecker(name).then(call)
                    }
                }
            }
            Kind::Call(function, arguments) => {
                let name = function.as_name()?;
                let rule = rule(&plain(name)).filter(|rule| rule.applied && rule.letters.len() == arguments.len())?;
                match (name.primes, rule.letters.as_slice(), arguments.as_slice()) {
                    (0, _, _) => Some(deeper(rule.at(&inside(arguments), &claim.letters)?)),
                    (1, [letter], [argument]) if argument.as_name() == Some(letter) => {
                        let of = Some(Box::new(enclosed(rule.body.clone())));
                        let derivative = Expr::new(Kind::Derivative(of, Box::new(argument.clone())), part.span);
                        Some(deeper(derivative))
                    }
                    _ => None,
                }
            }
            _ => None,
        })
    }

    /// Two sides that are said to be equal, as they stand, with definitions written out where that does not decide, and for symmetric
    /// matrices where it is wrong for others.
    pub(super) fn pair_or_written_out(&self, number: usize, left: &Expr, right: &Expr) -> Finding {
        let claim = Claim::of(number, left, right);
        let write_out = |side: &Expr| self.written_out(side, &claim, DEPTH);
        let acts = |side: &Expr| self.operates(side);
        if acts(left) || acts(right) {
            let (a, b) = (write_out(left), write_out(right));
            if acts(&a) || acts(&b) {
                return Finding::undecided(Text::new(
                    "what an operator makes of an array could not be written out here",
                    "算子作用的结果此处无法展开",
                ));
            }
            return self.pair_read(&a, right, &write_out);
        }
        let finding = self.pair(left, right);
        if finding.verdict == Verdict::Ok {
            return finding;
        }
        if let Some(reason) = [left, right].into_iter().find_map(|side| self.independent(side, &claim)) {
            return Finding::undecided(reason);
        }
        let (a, b) = (write_out(left), write_out(right));
        let decided = if a == *left && b == *right {
            finding
        } else {
            let again = self.pair_read(&a, right, &write_out);
            match again.verdict {
                Verdict::Ok => {
                    Finding::remark(Text::new("proved, with the definitions above", "代入前面的定义后已证明"))
                }
                // Which function σ is may go without saying: what is false for another one is not wrong.
                Verdict::Wrong if [&a, &b].into_iter().any(applies_unknown) => again,
                // What is false of the definitions is wrong where both sides speak of the same things.
                Verdict::Wrong if self.subjects(&a) == self.subjects(&b) => again,
                // So is what is false of a derivative of what is written out.
                Verdict::Wrong if derives_a_polynomial(&a) && self.subjects(&b).is_subset(&self.subjects(&a)) => again,
                _ if finding.verdict == Verdict::Wrong => again,
                _ => finding,
            }
        };
        let unsaid = |side: &Expr| applies_unknown(&letters::with_entries(side));
        // What is right whatever the names stand for is right of what they do.
        let for_activation = || self.for_activation(&a, &b).or_else(|| self.for_activation(left, right));
        match decided.verdict {
            Verdict::Wrong if unsaid(&a) || unsaid(&b) => for_activation().unwrap_or_else(|| {
                Finding::undecided(Text::new(
                    "false for some functions of these names; which ones are meant is not said",
                    "对某些同名函数不成立，答案没有说明是哪个函数",
                ))
            }),
            // What the answer defines is not any array: a counterexample counts where it is written out.
            Verdict::Wrong if let Some(name) = self.left_folded(&a, &b, &claim) => {
                let name = print::name(&name);
                Finding::undecided(Text::new(
                    format!("it depends on what {name} is, whose definition could not be written out here"),
                    format!("取决于 {name} 的定义，此处无法代入"),
                ))
            }
            Verdict::Wrong if let Some(operator) = self.unknown_operator(&a).or_else(|| self.unknown_operator(&b)) => {
                Finding::undecided(Text::new(
                    format!("what {operator} makes of an array could not be written out here"),
                    format!("{operator} 作用的结果此处无法展开"),
                ))
            }
            Verdict::Wrong => self.for_symmetric(&a, &b, decided),
            Verdict::Undecided => for_activation().unwrap_or(decided),
            _ => decided,
        }
    }

    /// A derivative of a loss by what does not occur in what the answer says it is made of: 0 = 0 proves nothing.
    fn independent(&self, side: &Expr, claim: &Claim) -> Option<Text> {
        letters::all(side).into_iter().find_map(|part| {
            let Kind::Derivative(Some(of), by) = &part.kind else { return None };
            let by = by.root().filter(|_| layers::is_loss(of))?;
            let made = self.written_out(of, claim, DEPTH);
            let same = |name: &Name| name == by || small(name) == small(by);
            let depends = made == **of || made.any(&mut |part| part.as_name().is_some_and(same));
            (!depends).then(|| {
                Text::new(
                    format!("how {} depends on {} is not said", print::expr(of), print::name(by)),
                    format!("没有说明 {} 如何依赖于 {}", print::expr(of), print::name(by)),
                )
            })
        })
    }

    /// A name in a claim that the answer has defined before in a way that is not written out.
    fn left_folded(&self, left: &Expr, right: &Expr, claim: &Claim) -> Option<Name> {
        let mut named = [left, right].into_iter().flat_map(letters::all).filter_map(Expr::as_name);
        named.find(|name| self.single_entries.contains(*name) && !claim.held.contains(*name)).cloned()
    }

    /// A claim that is right where a function, of which nothing is said, is the activation that has such a slope: the logistic function or
    /// tanh.
    fn for_activation(&self, left: &Expr, right: &Expr) -> Option<Finding> {
        // `f'(x) = 1 - f(x)^2` speaks of a slope; other claims about functions are claims about all of them.
        let sloped = |part: &Expr| match &part.kind {
            Kind::Call(function, _) => function.as_name().filter(|name| name.primes == 1).map(plain),
            _ => None,
        };
        let sloped: BTreeSet<Name> = [left, right].into_iter().flat_map(letters::all).filter_map(sloped).collect();
        Activation::ALL.into_iter().find_map(|activation| {
            let (a, b) = (activation.put_into(left, &sloped), activation.put_into(right, &sloped));
            let changed = a != *left || b != *right;
            (changed && self.pair(&a, &b).verdict == Verdict::Ok).then(|| {
                let words = activation.words();
                Finding::remark(Text::new(format!("proved for {words}"), format!("对 {words} 已证明")))
            })
        })
    }

    /// A claim that is wrong in general, where it is right for symmetric matrices: that may have been said, or should have been.
    fn for_symmetric(&self, left: &Expr, right: &Expr, finding: Finding) -> Finding {
        let symbols = &self.reading.symbols;
        let matrix = |name: &&Name| symbols.tensors.get(name).is_some_and(|axes| axes.len() == 1 && axes.contains(&2));
        for name in self.subjects(left).iter().filter(matrix) {
            let (a, b) = (symmetric(left, name), symmetric(right, name));
            if !matches!(self.pair(&a, &b).verdict, Verdict::Ok) {
                // A square matrix has one size, which the prover does not know here.
                if self.says_symmetric {
                    return Finding::undecided(Text::new(
                        "it may rest on the symmetry that the answer speaks of",
                        "可能依赖于答案所说的对称性",
                    ));
                }
                continue;
            }
            let name = print::name(name);
            if self.says_symmetric {
                return Finding::remark(Text::new(
                    format!("proved for symmetric {name}"),
                    format!("对对称的 {name} 已证明"),
                ));
            }
            let message = Text::new(
                format!("right where {name} is symmetric, which is not said"),
                format!("仅当 {name} 对称时成立，答案没有说明"),
            );
            return Finding::new(Verdict::Incomplete, &[Class::Hypothesis], message, finding.evidence.clone());
        }
        finding
    }

    /// A gradient of a loss that the answer defines.
    pub(super) fn of_defined_loss(&self, number: usize, first: &Expr, side: &Expr) -> Option<Finding> {
        let Kind::Derivative(Some(of), _) = &first.kind else { return None };
        of.root().and_then(|name| self.rules.get(name)).filter(|rule| rule.step < number)?;
        let claim = Claim::of(number, first, side);
        if let Some(reason) = self.independent(first, &claim) {
            return Some(Finding::undecided(reason));
        }
        let finding = self.pair_or_written_out(number, first, side);
        if finding.verdict != Verdict::Wrong {
            return (finding.verdict == Verdict::Ok).then_some(finding);
        }
        // The labels of a cross-entropy are 0 but for one: their sum is 1, which few answers say.
        let write_out = |side: &Expr| self.written_out(side, &claim, DEPTH);
        let a = write_out(first);
        let symbols = &self.reading.symbols;
        let vector = |name: &&Name| symbols.tensors.get(name).is_some_and(|axes| axes.len() == 1 && axes.contains(&1));
        for labels in self.subjects(&a).iter().filter(vector).filter(|name| !claim.held.contains(*name)) {
            let place = Name { label: "place".into(), ..labels.clone() };
            // The labels are as many as what is derived by, where nothing else says how many they are.
            let by = if let Kind::Derivative(_, by) = &first.kind { by.root() } else { None };
            let array = by.filter(|_| self.size_of(labels, 0).is_none()).unwrap_or(labels).clone();
            let around = claims::Around { within: vec![(place.clone(), array)], conditions: self.conditions.clone() };
            let left = one_hot(&a, labels, &place);
            let holds = |side: &Expr, options: &Options| {
                let right = one_hot(&write_out(side), labels, &place);
                let judged = claims::equal_within(&left, &right, &around, self.context.with(options));
                matches!(judged, Ok((_, Outcome::Proved)))
            };
            if holds(side, self.context.options) {
                let name = print::name(labels);
                return Some(Finding::remark(Text::new(
                    format!("proved for {name} with one entry 1 and all others 0"),
                    format!("对 one-hot 的 {name}（一个分量为 1，其余为 0）已证明"),
                )));
            }
            if finding.repair.is_none()
                && let Some((class, repaired)) =
                    crate::grade::repair::search(side, |side| holds(side, &self.context.options.for_repairs()))
            {
                return Some(Finding { classes: vec![class], ..finding.with_repair(print::expr(&repaired)) });
            }
        }
        // Of a batch each example has labels of its own, and what they sum to goes without saying.
        let batch = |name: &Name| {
            symbols.tensors.get(name).is_some_and(|axes| axes.iter().all(|axes| *axes > 1))
                && !claim.held.contains(name)
        };
        let entropy = a.any(&mut |part| {
            matches!(&part.kind, Kind::Call(function, _) if function.as_name().is_some_and(|name| matches!(name.base.as_str(), "log" | "ln")))
        });
        if entropy && self.subjects(&a).iter().any(batch) {
            return Some(Finding::undecided(Text::new(
                "it depends on what the labels of each example sum to, which is not said",
                "取决于每个样本的标签之和，答案没有说明",
            )));
        }
        Some(finding)
    }
}

/// A side with 1 for one entry of an array, and 0 for all others.
fn one_hot(side: &Expr, labels: &Name, place: &Name) -> Expr {
    letters::map(side, &mut |part| match &part.kind {
        Kind::Entry(base, at) if base.as_name() == Some(labels) => {
            let name = |name: Name| Expr::new(Kind::Name(name), part.span);
            let arguments = at.iter().cloned().chain([name(place.clone())]).collect();
            Some(Expr::new(Kind::Call(Box::new(name(Name::plain(KRONECKER))), arguments), part.span))
        }
        _ => None,
    })
}

/// A side with the symmetric part of a matrix in place of the matrix.
fn symmetric(side: &Expr, matrix: &Name) -> Expr {
    letters::map(side, &mut |part| match &part.kind {
        Kind::Entry(base, at) if base.as_name() == Some(matrix) => {
            let [i, j] = at.as_slice() else { return None };
            let entry = |at: Vec<Expr>| Expr::new(Kind::Entry(base.clone(), at), part.span);
            let sum =
                Kind::Add(vec![(false, entry(vec![i.clone(), j.clone()])), (false, entry(vec![j.clone(), i.clone()]))]);
            Some(enclosed(Expr::new(sum, part.span)))
        }
        _ => None,
    })
}
