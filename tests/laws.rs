//! Every law of the kernel, sampled: whatever the kernel accepts must be numerically true. Sound uses of each law are built at
//! random and must be accepted often; spoilt ones may be accepted only where they happen to be true.

use std::collections::BTreeMap;

use convprove::entail;
use convprove::kernel::theorem::{Situation, apply_law};
use convprove::kernel::*;
use convprove::numeric::scalar::Random;
use convprove::numeric::{CrossCheck, Options, check as cross_check};

/// Cases per law; the seed of a case is its number, and failures print it.
const CASES: u64 = 120;

fn v(name: &str) -> Index {
    Index::scalar(name)
}
fn n(value: i64) -> Index {
    Index::from(value)
}
fn between(low: &Index, letter: &str, high: &Index) -> Guard {
    Guard::between(low, &v(letter), high)
}
fn var(name: &str) -> Var {
    Var::scalar(name)
}
fn mul(factors: Vec<Expr>) -> Expr {
    Expr::Mul(factors)
}
fn minus(left: Expr, right: Expr) -> Expr {
    Expr::Add(vec![left, mul(vec![Expr::from(-1), right])])
}

/// Tensors x[0..n−1], w[1..m], a total function y, a scalar c, a function g, and two definitions.
fn signature() -> Signature {
    let boxed = |name: &str, low: Index, high: Index| TensorDeclaration {
        name: name.into(),
        axes: vec![var("p")],
        support: between(&low, "p", &high),
    };
    let full = Definition {
        name: "full".into(),
        parameters: vec![var("a"), var("b")],
        tensors: vec![boxed("A", n(0), &v("a") - &n(1)), boxed("B", n(1), v("b"))],
        axes: vec![var("i")],
        support: between(&n(1), "i", &(&(&v("a") + &v("b")) - &n(1))),
        body: Expr::Sum(
            vec![var("k")],
            between(&n(0), "k", &(&v("a") - &n(1))),
            Box::new(mul(vec![Expr::entry("A", vec![v("k")]), Expr::entry("B", vec![&v("i") - &v("k")])])),
        ),
    };
    let flip = Definition {
        name: "flip".into(),
        parameters: vec![var("a")],
        tensors: vec![boxed("A", n(0), &v("a") - &n(1))],
        axes: vec![var("i")],
        support: between(&n(0), "i", &(&v("a") - &n(1))),
        body: Expr::entry("A", vec![&(&v("a") - &n(1)) - &v("i")]),
    };
    Signature {
        tensors: vec![
            boxed("x", n(0), &v("n") - &n(1)),
            boxed("w", n(1), v("m")),
            TensorDeclaration { name: "y".into(), axes: vec![var("p")], support: Guard::always() },
            TensorDeclaration { name: "c".into(), axes: vec![], support: Guard::always() },
        ],
        functions: vec![
            FunctionDeclaration { name: "g".into(), arity: 1, slope: None, positive: false },
            FunctionDeclaration { name: "h".into(), arity: 2, slope: None, positive: false },
            // u′(q) = 1 − u(q)² + g(q)
            FunctionDeclaration { name: "u".into(), arity: 1, slope: Some(slope()), positive: true },
        ],
        definitions: vec![full, flip],
        premises: premises(),
    }
}

/// c ≠ 0; y[p] < y[q(p)]-like conditions would tie sizes to entries, so the range of an integer function and a sign do.
fn premises() -> Vec<Premise> {
    let q = Index::atom(Atom::Apply("q".into(), vec![v("p")]));
    let ranged = |held: Held| Premise { vars: vec![var("p")], guard: between(&n(0), "p", &v("n")), held };
    vec![
        Premise { vars: vec![], guard: Guard::always(), held: Held::NonZero(Expr::entry("c", vec![])) },
        ranged(Held::Condition(between_terms(&n(0), &q, &n(2)))),
        ranged(Held::NonZero(Expr::entry("y", vec![v("p")]))),
    ]
}

fn between_terms(low: &Index, middle: &Index, high: &Index) -> Guard {
    Guard::between(low, middle, high)
}

fn slope() -> Slope {
    let q = || Expr::entry("q", vec![]);
    let apply = |name: &str| Expr::Apply { function: name.into(), orders: vec![0], arguments: vec![q()] };
    let square = Expr::Power(Box::new(apply("u")), 2);
    Slope { argument: "q".into(), body: Expr::Add(vec![minus(Expr::from(1), square), apply("g")]) }
}

/// An equation under n ≥ low, m ≥ 0 for free i, j.
fn statement(low: i64, left: Expr, right: Expr) -> Statement {
    Statement {
        name: "sample".into(),
        signature: signature(),
        parameters: vec![var("n"), var("m")],
        assumptions: [Literal::le(&n(low), &v("n")), Literal::le(&n(0), &v("m"))].into_iter().collect(),
        indices: vec![var("i"), var("j")],
        ranges: between(&n(0), "i", &n(3)),
        claim: Claim::Equation(left, right),
    }
}

fn facts(low: i64) -> Facts {
    let Statement { assumptions, ranges, .. } = statement(low, Expr::from(0), Expr::from(0));
    assumptions.and(&ranges).literals().cloned().collect()
}

struct Draw(Random);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0.below(bound)
    }

    fn small(&mut self) -> i64 {
        self.0.below(5) as i64 - 2
    }

    /// A linear term over some letters, or a floor of one.
    fn index(&mut self, letters: &[&str]) -> Index {
        let mut sum = n(self.small());
        for letter in letters {
            sum = &sum + &(&n([0, 1, 1, -1][self.below(4) as usize]) * &v(letter));
        }
        if self.below(8) == 0 { Index::floor(sum, n(2)) } else { sum }
    }

    fn literal(&mut self, letters: &[&str]) -> Literal {
        let index = self.index(letters);
        match self.below(5) {
            0 => Literal::eq(index),
            1 => Literal::ne(index),
            2 => Literal::divides(n(2), index),
            _ => Literal::ge(index),
        }
    }

    fn tensor(&mut self) -> Tensor {
        let named = |name: &str| Tensor::Named(name.into());
        let call = |name: &str, parameters: Vec<Index>, tensors: Vec<Tensor>| Tensor::Call {
            definition: name.into(),
            parameters,
            tensors,
        };
        match self.below(6) {
            0 => named("x"),
            1 => named("w"),
            2 => named("y"),
            3 => call("full", vec![v("n"), v("m")], vec![named("x"), named("w")]),
            4 => call("flip", vec![v("n")], vec![named("x")]),
            _ => call("full", vec![v("n"), v("m")], vec![call("flip", vec![v("n")], vec![named("x")]), named("w")]),
        }
    }

    fn expr(&mut self, letters: &[&str], depth: u32) -> Expr {
        match (depth, self.below(11)) {
            (0, _) | (_, 0..=3) => Expr::Entry(self.tensor(), vec![self.index(letters)]),
            (_, 4) => Expr::Integer(self.index(letters)),
            (_, 5) => Expr::Bracket([self.literal(letters)].into_iter().collect()),
            (_, 6) => Expr::entry("c", vec![]),
            (_, 7) => Expr::Add(vec![self.expr(letters, depth - 1), self.expr(letters, depth - 1)]),
            (_, 8) => {
                Expr::Apply { function: "g".into(), orders: vec![0], arguments: vec![self.expr(letters, depth - 1)] }
            }
            (_, 9) => {
                let inner: Vec<&str> = letters.iter().copied().chain(["t"]).collect();
                let guard = between(&n(0), "t", &n(self.small()));
                Expr::Sum(vec![var("t")], guard, Box::new(self.expr(&inner, depth - 1)))
            }
            _ => mul(vec![self.expr(letters, depth - 1), self.expr(letters, depth - 1)]),
        }
    }

    /// Σ or max.
    fn binder(&mut self) -> fn(Vec<Var>, Guard, Box<Expr>) -> Expr {
        if self.below(2) == 0 { Expr::Sum } else { Expr::Max }
    }

    /// An expression of every shape that a derivative meets; definitions, maxima and derivatives among them.
    fn smooth(&mut self, letters: &[&str], depth: u32) -> Expr {
        let boxed = |expr: Expr| Box::new(expr);
        match (depth, self.below(12)) {
            (0, 0..=8) => {
                let name = ["x", "w", "y"][self.below(3) as usize];
                Expr::entry(name, vec![self.index(letters)])
            }
            (0, _) => Expr::entry("c", vec![]),
            (_, 0..=1) => self.expr(letters, depth),
            (_, 2) => Expr::Power(boxed(self.smooth(letters, depth - 1)), self.below(4) as u32),
            (_, 3) => Expr::Inverse(boxed(self.smooth(letters, depth - 1))),
            (_, 4) => {
                let (orders, arguments) = (vec![self.below(2) as u32], vec![self.smooth(letters, depth - 1)]);
                Expr::Apply { function: "g".into(), orders, arguments }
            }
            (_, 5) => {
                let orders = vec![self.below(2) as u32, self.below(2) as u32];
                let arguments = vec![self.smooth(letters, depth - 1), self.smooth(letters, depth - 1)];
                Expr::Apply { function: "h".into(), orders, arguments }
            }
            (_, 6) => Expr::Max(vec![var("t")], between(&n(0), "t", &n(1)), boxed(self.smooth(&["t"], depth - 1))),
            (_, 7) => {
                let (tensor, position) = self.variable(letters);
                Expr::Derivative(boxed(self.smooth(letters, depth - 1)), tensor, position)
            }
            (_, 8) => Expr::Add(vec![self.smooth(letters, depth - 1), self.smooth(letters, depth - 1)]),
            (_, 9) => {
                let inner: Vec<&str> = letters.iter().copied().chain(["t"]).collect();
                let guard = Guard::from(vec![Literal::ge(v("t")), Literal::le(&v("t"), &self.range("t").1)]);
                Expr::Sum(vec![var("t")], guard, boxed(self.smooth(&inner, depth - 1)))
            }
            _ => mul(vec![self.smooth(letters, depth - 1), self.smooth(letters, depth - 1)]),
        }
    }

    /// An entry to differentiate by.
    fn variable(&mut self, letters: &[&str]) -> (Name, Vec<Index>) {
        match self.below(5) {
            0 => ("c".into(), vec![]),
            1 => ("w".into(), vec![self.index(letters)]),
            2 => ("y".into(), vec![self.index(letters)]),
            _ => ("x".into(), vec![self.index(letters)]),
        }
    }

    /// A finite range for a letter: often with sizes, sometimes reversed.
    fn range(&mut self, letter: &str) -> (Index, Index) {
        let low = n(self.small());
        let high = [&v("n") + &n(self.small()), n(self.small()), &v("m") + &n(self.small()), v("i")];
        let _ = letter;
        (low, high[self.below(4) as usize].clone())
    }
}

/// What the kernel says of one step, and that the numbers agree where it accepts.
struct Tally {
    law: &'static str,
    accepted: usize,
    refused: usize,
}

impl Tally {
    fn new(law: &'static str) -> Self {
        Tally { law, accepted: 0, refused: 0 }
    }

    fn judge(&mut self, case: u64, low: i64, left: &Expr, right: &Expr, path: Path, law: Law) -> bool {
        let statement = statement(low, left.clone(), right.clone());
        let step = Step { path, law, reversed: false, to: right.clone() };
        let certificate =
            Certificate { statement: statement.clone(), lemmas: vec![], proof: Proof::Chain(vec![step.clone()]) };
        let proved = check(&certificate).is_ok();
        // Read from right to left the step is as good.
        let mut back = certificate;
        back.statement.claim = Claim::Equation(right.clone(), left.clone());
        back.proof = Proof::Chain(vec![Step { reversed: true, to: left.clone(), ..step }]);
        if check(&back).is_ok() != proved && !matches!(self.law, "ring" | "index") {
            panic!("{} case {case}: accepted in one direction only", self.law);
        }
        match proved {
            false => self.refused += 1,
            true => {
                self.accepted += 1;
                let options = Options { seed: case, points: 30_000, shapes: 6, ..Options::default() };
                if let CrossCheck::Refuted(found) = cross_check(&statement, &options) {
                    panic!("{} case {case}: the kernel proves what is false\n{left:?}\n{right:?}\n{found}", self.law);
                }
            }
        }
        proved
    }

    /// Computes the right side by the law, and judges it.
    fn apply(&mut self, case: u64, low: i64, left: &Expr, path: Path, law: Law) -> Option<Expr> {
        let signature = signature();
        let situation = Situation {
            signature: &signature,
            theorems: &[],
            facts: facts(low),
            scope: ["n", "m", "i", "j"].map(var).into_iter().collect(),
        };
        let right = apply_law(&situation, left, left, &path, &law).ok()?;
        assert!(self.judge(case, low, left, &right, path, law), "{} case {case}: refused its own result", self.law);
        Some(right)
    }

    fn expect(&self, accepted: usize) {
        println!("{}: {} accepted, {} refused, seeds 0..{CASES}", self.law, self.accepted, self.refused);
        assert!(self.accepted >= accepted, "{}: only {} accepted", self.law, self.accepted);
    }
}

fn sum(letter: &str, range: &(Index, Index), body: Expr) -> Expr {
    Expr::Sum(vec![var(letter)], between(&range.0, letter, &range.1), Box::new(body))
}

/// Runs a law on random cases; the draw, the number and the assumed lower bound of n are given.
fn sample(law: &'static str, accepted: usize, mut case: impl FnMut(&mut Tally, &mut Draw, u64, i64)) {
    let mut tally = Tally::new(law);
    for number in 0..CASES {
        let mut draw = Draw(Random::new(number));
        let low = draw.below(2) as i64;
        case(&mut tally, &mut draw, number, low);
    }
    tally.expect(accepted);
}

#[test]
fn linear_over_terms_and_factors() {
    sample("linear", 200, |tally, draw, case, low| {
        let range = draw.range("k");
        let body = Expr::Add(vec![draw.expr(&["k", "i"], 2), draw.expr(&["k", "j"], 1)]);
        tally.apply(case, low, &sum("k", &range, body), vec![], Law::LinearSum);
        let product = mul(vec![draw.expr(&["i", "j"], 1), sum("k", &range, draw.expr(&["k", "i"], 2))]);
        tally.apply(case, low, &product, vec![], Law::LinearFactor(1));
        // A factor that has the letter of the sum free: the bound letter must give way.
        let clash = mul(vec![draw.expr(&["i"], 0), sum("i", &(n(0), n(2)), draw.expr(&["i"], 1))]);
        tally.apply(case, low, &clash, vec![], Law::LinearFactor(1));
        let captured =
            sum("i", &(n(0), n(2)), mul(vec![Expr::entry("y", vec![v("i")]), Expr::entry("x", vec![v("i")])]));
        let outside =
            mul(vec![Expr::entry("y", vec![v("i")]), sum("i", &(n(0), n(2)), Expr::entry("x", vec![v("i")]))]);
        assert!(!tally.judge(case, low, &outside, &captured, vec![], Law::LinearFactor(1)));
    });
}

#[test]
fn conditions_move_between_body_and_range() {
    sample("guard", 150, |tally, draw, case, low| {
        let range = draw.range("k");
        let guard = between(&range.0, "k", &range.1);
        let condition: Guard = [draw.literal(&["k", "i"])].into_iter().collect();
        let body = mul(vec![Expr::Bracket(condition), draw.expr(&["k", "i"], 1)]);
        let left = Expr::Sum(vec![var("k")], guard.clone(), Box::new(body));
        if let Some(finite) = entail::finite(&facts(low), &[var("k")], &guard) {
            tally.apply(case, low, &left, vec![], Law::GuardAbsorb(0, finite));
        }
        // The box of an entry, at the top and below a sum.
        let entry = Expr::Entry(draw.tensor(), vec![draw.index(&["i", "j"])]);
        tally.apply(case, low, &entry, vec![], Law::GuardSupport);
        let below = sum("k", &range, Expr::Entry(draw.tensor(), vec![draw.index(&["k", "i"])]));
        tally.apply(case, low, &below, vec![0], Law::GuardSupport);
        let split = draw.literal(&["i", "j"]);
        tally.apply(case, low, &draw.expr(&["i", "j"], 2), vec![], Law::GuardSplit(split));
    });
}

#[test]
fn equivalent_conditions() {
    sample("guard-equivalent", 25, |tally, draw, case, low| {
        let range = draw.range("k");
        let guard = between(&range.0, "k", &range.1);
        let other = match draw.below(3) {
            // One more condition, which may follow or not; the same range written otherwise; another range.
            0 => guard.and(&[Literal::ge(draw.index(&["k", "i"]))].into_iter().collect()),
            1 => guard.and(&[Literal::ge(&(&range.1 - &v("k")) + &n(draw.small()))].into_iter().collect()),
            _ => between(&range.0, "k", &(&range.1 + &n(draw.small()))),
        };
        let binder = draw.binder();
        let left = binder(vec![var("k")], guard.clone(), Box::new(draw.expr(&["k", "i"], 1)));
        let mut right = left.clone();
        if let Expr::Sum(_, guard, _) | Expr::Max(_, guard, _) = &mut right {
            *guard = other.clone();
        }
        let proofs = entail::equivalent(&facts(low), &guard, &other);
        let (forward, backward) = proofs.unwrap_or_default();
        let law = Law::GuardEquivalent(Equivalence { guard: other, forward, backward });
        tally.judge(case, low, &left, &right, vec![], law);
    });
}

#[test]
fn substitutions_are_bijections() {
    sample("reindex", 60, |tally, draw, case, low| {
        let range = draw.range("k");
        let guard = between(&range.0, "k", &range.1);
        let binder = draw.binder();
        let left = binder(vec![var("k")], guard.clone(), Box::new(draw.expr(&["k", "i"], 2)));
        // k = sign·s + shift, and its inverse; sometimes spoilt.
        let sign = if draw.below(2) == 0 { 1 } else { -1 };
        let shift = draw.index(&["i", "n"]);
        let phi = &(&n(sign) * &v("s")) + &shift;
        let mut psi = &n(sign) * &(&v("k") - &shift);
        let mut new = guard.substitute(&BTreeMap::from([(var("k"), phi.clone())]));
        match draw.below(6) {
            0 => psi = &psi + &n(1),
            1 => new = new.and(&[Literal::ge(v("s"))].into_iter().collect()),
            2 => new = between(&n(0), "s", &n(1)),
            _ => {}
        }
        let forward = BTreeMap::from([(var("k"), phi.clone())]);
        let backward = BTreeMap::from([(var("s"), psi.clone())]);
        let under = |guard: &Guard| facts(low).into_iter().chain(guard.literals().cloned()).collect::<Facts>();
        let prove = |facts: Facts, goals: Vec<Literal>| entail::prove_all(&facts, goals).unwrap_or_default();
        let maps = Reindexing {
            phi_into: prove(under(&new), guard.substitute(&forward).literals().cloned().collect()),
            psi_into: prove(under(&guard), new.substitute(&backward).literals().cloned().collect()),
            psi_phi: prove(under(&new), inverse(&[var("s")], std::slice::from_ref(&psi), &forward)),
            phi_psi: prove(under(&guard), inverse(&[var("k")], std::slice::from_ref(&phi), &backward)),
            vars: vec![var("s")],
            guard: new.clone(),
            phi: vec![phi],
            psi: vec![psi],
        };
        let body = left.children()[0].substitute(&Substitution::of_indices(forward));
        let right = binder(vec![var("s")], new, Box::new(body));
        tally.judge(case, low, &left, &right, vec![], Law::Reindex(Box::new(maps)));
    });
}

#[test]
fn nested_sums_are_joint_sums() {
    sample("fubini", 40, |tally, draw, case, low| {
        let (outer, inner) = (draw.range("k"), (n(draw.small()), &v("k") + &n(draw.small())));
        let letter = if draw.below(3) == 0 { "k" } else { "l" };
        let inner = if letter == "k" { draw.range("k") } else { inner };
        let body = draw.expr(&[letter, "i"], 1);
        let left = sum("k", &outer, sum(letter, &inner, body));
        let finite = |facts: &Facts, letter: &str, range: &(Index, Index)| {
            entail::finite(facts, &[var(letter)], &between(&range.0, letter, &range.1)).unwrap_or_default()
        };
        let facts = facts(low);
        if letter == "l" {
            let nest = FiniteNest { outer: finite(&facts, "k", &outer), inner: finite(&facts, "l", &inner) };
            tally.apply(case, low, &left, vec![], Law::Fubini(nest));
        } else {
            // The inner letter hides the outer one: the kernel renames, and speaks of k′.
            let nest = FiniteNest { outer: finite(&facts, "k", &outer), inner: finite(&facts, "k'", &inner) };
            tally.apply(case, low, &left, vec![], Law::Fubini(nest));
        }
    });
}

#[test]
fn counting_and_telescoping() {
    sample("count", 60, |tally, draw, case, low| {
        let range = draw.range("k");
        let length = &(&range.1 - &range.0) + &n(1);
        let given = facts(low);
        let body = draw.expr(&["i", "j"], 1);
        let left = sum("k", &range, body.clone());
        let law = |lower: &Index, upper: &Index, goal: Literal| Range {
            lower: lower.clone(),
            upper: upper.clone(),
            proofs: entail::prove_all(&given, [goal]).unwrap_or_default(),
        };
        let right = mul(vec![Expr::Integer(length.clone()), body.clone()]);
        tally.judge(case, low, &left, &right, vec![], Law::Count(law(&range.0, &range.1, Literal::ge(length.clone()))));
        // Without a proof that the range is not reversed, and with one place too many.
        let bare = Range { lower: range.0.clone(), upper: range.1.clone(), proofs: Entailments::default() };
        tally.judge(case, low, &left, &right, vec![], Law::Count(bare));
        let longer = mul(vec![Expr::Integer(&length + &n(1)), body]);
        let proof = law(&range.0, &range.1, Literal::ge(length));
        assert!(!tally.judge(case, low, &left, &longer, vec![], Law::Count(proof)));
        // Σ_{a ≤ k < b} (F(k+1) − F(k)) = F(b) − F(a)
        let summand = draw.expr(&["k", "i"], 1);
        let at = |index: Index| summand.substitute(&Substitution::of_indices(BTreeMap::from([(var("k"), index)])));
        let (lower, upper) = (range.0.clone(), &range.1 + &n(1));
        let left = sum("k", &range, minus(at(&v("k") + &n(1)), summand.clone()));
        let right = minus(at(upper.clone()), at(lower.clone()));
        let proof = law(&lower, &upper, Literal::le(&lower, &upper));
        tally.judge(case, low, &left, &right, vec![], Law::Telescope(Box::new(summand.clone()), proof.clone()));
        let swapped = minus(at(lower), at(upper));
        tally.judge(case, low, &left, &swapped, vec![], Law::Telescope(Box::new(summand), proof));
    });
}

fn max(letter: &str, range: &(Index, Index), body: Expr) -> Expr {
    Expr::Max(vec![var(letter)], between(&range.0, letter, &range.1), Box::new(body))
}

fn maximum(law: Maximum) -> Law {
    Law::Maximum(Box::new(law))
}

#[test]
fn maxima_of_maxima_and_of_what_has_a_part_in_common() {
    // Ranges that may be empty: with a claimed point the kernel must refuse wherever the convention for them shows.
    let claimed = |facts: &Facts, letter: &str, range: &(Index, Index)| {
        entail::point(facts, &[var(letter)], &between(&range.0, letter, &range.1))
            .unwrap_or(Point { terms: vec![range.0.clone()], proofs: Entailments::default() })
    };
    let finite = |facts: &Facts, letter: &str, range: &(Index, Index)| {
        entail::finite(facts, &[var(letter)], &between(&range.0, letter, &range.1)).unwrap_or_default()
    };
    sample("maximum", 200, |tally, draw, case, low| {
        let given = facts(low);
        let outer = draw.range("k");
        let inner = if draw.below(2) == 0 { draw.range("l") } else { (v("k"), &v("k") + &n(draw.small())) };
        let within: Facts = given.iter().cloned().chain(between(&outer.0, "k", &outer.1).literals().cloned()).collect();
        let left = max("k", &outer, max("l", &inner, draw.expr(&["k", "l", "i"], 1)));
        let nest = FiniteNest { outer: finite(&given, "k", &outer), inner: finite(&within, "l", &inner) };
        tally.apply(case, low, &left, vec![], maximum(Maximum::Nested(nest, claimed(&within, "l", &inner))));
        // What has the letter free is no constant; what may be negative is no factor.
        let (evidence, point) = (finite(&given, "k", &outer), claimed(&given, "k", &outer));
        let (own, common) = (draw.expr(&["k", "i"], 1), draw.expr(&["i", "j"], 1));
        let part = if draw.below(4) == 0 { own.clone() } else { common.clone() };
        let constant = Reindexing {
            vars: vec![var("k")],
            guard: between(&outer.0, "k", &outer.1),
            phi: vec![],
            psi: point.terms.clone(),
            phi_into: Entailments::default(),
            psi_into: point.proofs.clone(),
            psi_phi: Entailments::default(),
            phi_psi: Entailments::default(),
        };
        let law = maximum(Maximum::Cover(Box::new(constant), evidence.clone()));
        tally.judge(case, low, &part, &max("k", &outer, part.clone()), vec![], law);
        let law = maximum(Maximum::Shift(draw.below(3) as usize, evidence, point));
        tally.apply(case, low, &max("k", &outer, Expr::Add(vec![part, own.clone()])), vec![], law);
        let factor = match draw.below(7) {
            6 => Expr::Power(Box::new(common), 2 + draw.below(2) as u32),
            0 => Expr::from(draw.small()),
            1 => Expr::Integer(v("n")),
            2 => Expr::Integer(draw.index(&["i", "m"])),
            3 => Expr::Inverse(Box::new(Expr::Integer(&v("n") + &n(draw.small())))),
            4 => Expr::Bracket([draw.literal(&["i", "j", "k"])].into_iter().collect()),
            _ => common,
        };
        let at_least_zero = |index: &Index| {
            let proofs = entail::prove_all(&given, [Literal::ge(index.clone())]);
            Evidence::Integer(proofs.unwrap_or_default())
        };
        let sign = match &factor {
            Expr::Integer(index) => at_least_zero(index),
            Expr::Inverse(base) => match base.as_ref() {
                Expr::Integer(index) => Evidence::Below(Box::new(at_least_zero(index))),
                _ => Evidence::Number,
            },
            Expr::Power(_, _) => Evidence::Square,
            _ => Evidence::Number,
        };
        tally.apply(case, low, &max("k", &outer, mul(vec![factor, own])), vec![], maximum(Maximum::Scale(0, sign)));
    });
}

#[test]
fn maxima_over_ranges_that_cover_each_other() {
    sample("maximum", 50, |tally, draw, case, low| {
        // k = s + t, where s runs as far as k does or not, and t through a few places or none.
        let range = draw.range("k");
        let given = facts(low);
        let (first, more) = (n(draw.small()), n(draw.below(3) as i64));
        let spoilt = n(if draw.below(3) == 0 { 1 } else { 0 });
        let old = between(&range.0, "k", &range.1);
        let new = between(&(&range.0 - &first), "s", &(&(&range.1 - &first) - &more)).and(&between(
            &first,
            "t",
            &(&(&first + &more) + &spoilt),
        ));
        let phi = &v("s") + &v("t");
        let s = Index::min(&v("k") - &first, &(&range.1 - &first) - &more);
        let psi = vec![s.clone(), &v("k") - &s];
        let vars = vec![var("s"), var("t")];
        let forward = BTreeMap::from([(var("k"), phi.clone())]);
        let backward: BTreeMap<_, _> = vars.iter().cloned().zip(psi.clone()).collect();
        let under = |guard: &Guard| given.iter().cloned().chain(guard.literals().cloned()).collect::<Facts>();
        let prove = |facts: Facts, goals: Vec<Literal>| entail::prove_all(&facts, goals).unwrap_or_default();
        let finite = entail::finite(&given, &vars, &new).unwrap_or_default();
        let maps = Reindexing {
            phi_into: prove(under(&new), old.substitute(&forward).literals().cloned().collect()),
            psi_into: prove(under(&old), new.substitute(&backward).literals().cloned().collect()),
            psi_phi: Entailments::default(),
            phi_psi: prove(under(&old), inverse(&[var("k")], std::slice::from_ref(&phi), &backward)),
            vars: vars.clone(),
            guard: new.clone(),
            phi: vec![phi],
            psi,
        };
        let left = max("k", &range, draw.expr(&["k", "i"], 1));
        let body = left.children()[0].substitute(&Substitution::of_indices(forward));
        let right = Expr::Max(vars, new, Box::new(body));
        tally.judge(case, low, &left, &right, vec![], maximum(Maximum::Cover(Box::new(maps), finite)));
    });
}

#[test]
fn definitions_unfold_to_their_bodies() {
    sample("unfold", 100, |tally, draw, case, low| {
        let position = vec![draw.index(&["i", "k"])];
        let entry = Expr::Entry(draw.tensor(), position.clone());
        let range = draw.range("k");
        tally.apply(case, low, &sum("k", &range, entry), vec![0], Law::Unfold);
        // A formula whose letters would capture: i is free outside and an axis inside.
        let body = draw.expr(&["i", "j"], 1);
        let support = between(&n(draw.small()), "i", &n(3));
        let lambda = Tensor::Lambda { axes: vec![var("i")], support, body: Box::new(body) };
        let outer = Tensor::Call { definition: "flip".into(), parameters: vec![v("n")], tensors: vec![lambda.clone()] };
        let tensor = if draw.below(2) == 0 { lambda } else { outer };
        let left = Expr::Entry(tensor, vec![draw.index(&["i", "j"])]);
        tally.apply(case, low, &left, vec![], Law::Unfold);
    });
}

#[test]
fn equal_positions_and_ring_laws() {
    sample("index", 40, |tally, draw, case, low| {
        // Under [e = f] the entries at e and f are equal; without the bracket they are not.
        let (e, f) = (draw.index(&["i", "j"]), draw.index(&["i", "j"]));
        let equal = Literal::eq(&e - &f);
        let tensor = draw.tensor();
        let entry = |index: &Index| Expr::Entry(tensor.clone(), vec![index.clone()]);
        let beside = |expr: Expr| mul(vec![Expr::Bracket([equal.clone()].into_iter().collect()), expr]);
        let (left, right) = (beside(entry(&e)), beside(entry(&f)));
        let fact = || Law::Index(Entailments(vec![Refutation::Absurd]));
        tally.judge(case, low, &left, &right, vec![1], fact());
        tally.judge(case, low, &entry(&e), &entry(&f), vec![], fact());
    });
    sample("ring", 150, |tally, draw, case, low| {
        let (a, b, c) = (draw.expr(&["i", "j"], 2), draw.expr(&["i"], 2), draw.expr(&["j"], 1));
        let left = mul(vec![Expr::Add(vec![a.clone(), b.clone()]), Expr::Power(Box::new(c.clone()), 2)]);
        if let Ok(right) = ring_normal(&left) {
            tally.judge(case, low, &left, &right, vec![], Law::Ring);
        }
        let distributed =
            Expr::Add(vec![mul(vec![c.clone(), a.clone(), c.clone()]), mul(vec![b.clone(), c.clone(), c.clone()])]);
        tally.judge(case, low, &left, &distributed, vec![], Law::Ring);
        // The inverse of a product, its factors together and apart; one is forgotten in the spoilt form.
        let invert = |expr: &Expr| Expr::Inverse(Box::new(expr.clone()));
        let together = invert(&mul(vec![Expr::from(3), a.clone(), Expr::Power(Box::new(b.clone()), 2)]));
        let apart = mul(vec![invert(&Expr::from(3)), invert(&a), invert(&b), invert(&b)]);
        assert!(tally.judge(case, low, &together, &apart, vec![], Law::Ring), "case {case}");
        let short = mul(vec![invert(&Expr::from(3)), invert(&a), invert(&b)]);
        tally.judge(case, low, &together, &short, vec![], Law::Ring);
        // What is left of e·(1/e)³; e·(1/e) may be 0, so it is not 1, and e³·(1/e) stays as it is, since under ∂ it is not e².
        let cube = |expr: &Expr| Expr::Power(Box::new(expr.clone()), 3);
        let square = |expr: &Expr| Expr::Power(Box::new(expr.clone()), 2);
        let (entry, below) = (Expr::entry("x", vec![v("i")]), invert(&Expr::entry("x", vec![v("i")])));
        let examples = [
            (mul(vec![cube(&entry), below.clone()]), square(&entry), false),
            (mul(vec![entry.clone(), cube(&below)]), square(&below), true),
            (mul(vec![square(&entry), square(&below)]), mul(vec![entry.clone(), below.clone()]), true),
            (mul(vec![entry.clone(), below.clone()]), Expr::from(1), false),
            (mul(vec![square(&entry), square(&below)]), Expr::from(1), false),
            (mul(vec![cube(&entry), below.clone()]), entry.clone(), false),
        ];
        // They do not depend on the draw, so a few entries are enough.
        for (long, short, good) in examples.into_iter().filter(|_| case < 4) {
            assert_eq!(tally.judge(case, low, &long, &short, vec![], Law::Ring), good, "case {case}");
        }
        // One factor c is missing.
        let wrong = Expr::Add(vec![mul(vec![c.clone(), a]), mul(vec![b, c.clone(), c])]);
        tally.judge(case, low, &left, &wrong, vec![], Law::Ring);
    });
}

#[test]
fn derivatives_go_down_to_the_entries() {
    sample("differentiate", 200, |tally, draw, case, low| {
        let by =
            |body: Expr, (tensor, position): (Name, Vec<Index>)| Expr::Derivative(Box::new(body), tensor, position);
        // At the top, and below a sum whose letter has the name of the sums inside.
        let (body, variable) = (draw.smooth(&["i", "j"], 2), draw.variable(&["i", "j"]));
        let left = by(body, variable);
        let right = tally.apply(case, low, &left, vec![], Law::Differentiate);
        let (body, variable) = (draw.smooth(&["t", "i"], 2), draw.variable(&["t", "j"]));
        tally.apply(case, low, &sum("t", &draw.range("t"), by(body, variable)), vec![0], Law::Differentiate);
        // Spoilt: by the next entry, or twice as much.
        if let (Some(right), Expr::Derivative(body, tensor, position)) = (right, &left) {
            let next: Vec<Index> = position.iter().map(|index| index + &n(1)).collect();
            let moved = by(body.as_ref().clone(), (tensor.clone(), next));
            tally.judge(case, low, &moved, &right, vec![], Law::Differentiate);
            let doubled = Expr::Add(vec![right.clone(), right]);
            tally.judge(case, low, &left, &doubled, vec![], Law::Differentiate);
        }
    });
}

#[test]
fn an_assumed_derivative_is_what_the_declaration_says() {
    sample("slope", 200, |tally, draw, case, low| {
        let apply = |order: u32, argument: Expr| Expr::Apply {
            function: "u".into(),
            orders: vec![order],
            arguments: vec![argument],
        };
        // At an argument that is a formula, below a sum whose letter the argument has, and under a derivative.
        let argument = draw.smooth(&["i", "j"], 1);
        let right = tally.apply(case, low, &apply(1, argument.clone()), vec![], Law::Slope);
        let below = sum("t", &draw.range("t"), apply(1, draw.smooth(&["t", "i"], 1)));
        tally.apply(case, low, &below, vec![0], Law::Slope);
        let (tensor, position) = draw.variable(&["i", "j"]);
        let under = Expr::Derivative(Box::new(apply(1, argument.clone())), tensor.clone(), position.clone());
        tally.apply(case, low, &under, vec![0], Law::Slope);
        // The chain rule gives the same values, at first and second order.
        let chain = Expr::Derivative(Box::new(apply(draw.below(2) as u32, argument.clone())), tensor, position);
        tally.apply(case, low, &chain, vec![], Law::Differentiate);
        // Of the function itself and of its second derivative nothing is said.
        for order in [0, 2] {
            let right = right.clone().unwrap_or_else(|| Expr::from(0));
            assert!(!tally.judge(case, low, &apply(order, argument.clone()), &right, vec![], Law::Slope));
        }
    });
}

/// What is not 0 cancels: c by a premise, entries of y in the premise's range, positive sums, and sizes that are at least 1; at the top,
/// under a sum and under a derivative. Of others nothing is accepted.
#[test]
fn what_is_not_zero_cancels() {
    sample("inverse", 150, |tally, draw, case, low| {
        let quotient = |base: &Expr| mul(vec![base.clone(), Expr::Inverse(Box::new(base.clone()))]);
        let law = |evidence: &Evidence| Law::Inverse(Box::new(evidence.clone()));
        let c = Expr::entry("c", vec![]);
        let by_c = Evidence::Premise(Use { premise: 0, terms: vec![], proofs: Entailments::default() });
        let apply = |argument: Expr| Expr::Apply { function: "u".into(), orders: vec![0], arguments: vec![argument] };
        let positive = apply(draw.smooth(&["i", "j"], 1));
        let number = Expr::from(draw.small().abs() + 1);
        let sum = Expr::Add(vec![positive.clone(), number]);
        let by_terms = Evidence::Terms(draw.below(2) as usize, vec![Evidence::Function, Evidence::Number]);
        let cases = [
            (c.clone(), by_c.clone()),
            (positive.clone(), Evidence::Function),
            (sum, by_terms),
            (mul(vec![c.clone(), positive.clone()]), Evidence::Factors(vec![by_c.clone(), Evidence::Function])),
            (Expr::Power(Box::new(c.clone()), 3), Evidence::Below(Box::new(by_c.clone()))),
            // Squares beside something positive.
            (
                Expr::Add(vec![Expr::Power(Box::new(draw.smooth(&["i", "j"], 1)), 2), positive.clone()]),
                Evidence::Terms(1, vec![Evidence::Square, Evidence::Function]),
            ),
        ];
        let (base, evidence) = &cases[draw.below(6) as usize];
        tally.apply(case, low, &quotient(base), vec![], law(evidence));
        let (tensor, position) = draw.variable(&["i", "j"]);
        let under = Expr::Derivative(Box::new(quotient(base)), tensor, position);
        tally.apply(case, low, &under, vec![0], law(evidence));
        // A sum over a range, where the arithmetic finds a point.
        let range = draw.range("t");
        let total = sum_of_positive(&range, draw);
        let facts = facts(low);
        let guard = between(&range.0, "t", &range.1);
        let (finite, point) = (entail::finite(&facts, &[var("t")], &guard), entail::point(&facts, &[var("t")], &guard));
        if let (Some(finite), Some(point)) = (finite, point) {
            let evidence = Evidence::Sum(finite, point, Box::new(Evidence::Function));
            tally.apply(case, low, &quotient(&total), vec![], law(&evidence));
        }
        // An entry in the range of a premise, if the index is there.
        let at = draw.index(&["i"]);
        let goals = between_terms(&n(0), &at, &v("n"));
        if let Some(proofs) = entail::prove_all(&facts, goals.literals().cloned()) {
            let used = Evidence::Premise(Use { premise: 2, terms: vec![at.clone()], proofs });
            tally.apply(case, low, &quotient(&Expr::entry("y", vec![at.clone()])), vec![], law(&used));
        }
        // Spoilt: evidence of something else.
        let other = draw.expr(&["i", "j"], 1);
        for evidence in [by_c, Evidence::Function, Evidence::Number, Evidence::Integer(Entailments::default())] {
            tally.judge(case, low, &quotient(&other), &Expr::from(1), vec![], law(&evidence));
        }
    });
}

fn sum_of_positive(range: &(Index, Index), draw: &mut Draw) -> Expr {
    let argument = draw.expr(&["t", "i"], 1);
    sum("t", range, Expr::Apply { function: "u".into(), orders: vec![0], arguments: vec![argument] })
}
