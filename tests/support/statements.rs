//! Random statements that are true by construction: a random sum of products, and the same after some rewrites that change nothing.
//!
//! The rewrites are written here from their meaning and share no code with the search, so they test it. Each draws its letters, bounds and
//! factors freely: shifts, reflections, skews, tiles, one-point letters, splits, nested sums, windows.

use convprove::entail;
use convprove::goal::Goal;
use convprove::kernel::{
    Claim, Expr, Facts, FunctionDeclaration, Guard, Index, Literal, Signature, Statement, Substitution,
    TensorDeclaration, Var,
};

/// A source of choices that depends on its seed alone (splitmix64).
pub struct Dice(u64);

impl Dice {
    /// Dice for one statement of a seed.
    pub fn new(seed: u64, number: u64) -> Self {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    /// A number below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % count.max(1) as u64) as usize
    }

    fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }
}

fn v(name: &str) -> Index {
    Index::scalar(name)
}

const SIZES: [&str; 5] = ["n", "m", "K", "s", "d"];

/// A term without summation letters.
fn constant(dice: &mut Dice) -> Index {
    let choices = [Index::from(0), Index::from(1), Index::from(-2), v("i"), v("p"), v("n"), &v("K") - &Index::from(1)];
    dice.pick(&choices)
}

fn boxed(name: &str, low: i64, size: &str) -> TensorDeclaration {
    let upper = if low == 0 { &v(size) - &Index::from(1) } else { v(size) };
    let support = Guard::between(&Index::from(low), &v("a"), &upper);
    TensorDeclaration { name: name.into(), axes: vec![Var::scalar("a")], support }
}

fn signature() -> Signature {
    Signature {
        tensors: vec![boxed("x", 0, "n"), boxed("w", 0, "K"), boxed("y", 1, "m")],
        functions: vec![FunctionDeclaration { name: "sigma".into(), arity: 1, slope: None, positive: false }],
        ..Signature::default()
    }
}

/// A sum under construction; names of letters are never used twice.
struct Maker<'a> {
    dice: &'a mut Dice,
    letters: usize,
    facts: Facts,
}

impl Maker<'_> {
    fn letter(&mut self) -> Var {
        self.letters += 1;
        Var::scalar(format!("t{}", self.letters))
    }

    /// A sum of products over one to three letters, each with a range of its own.
    fn sum(&mut self) -> Expr {
        let count = 1 + self.dice.below(3);
        let vars: Vec<Var> = (0..count).map(|_| self.letter()).collect();
        let letters: Vec<Index> = vars.iter().map(Index::from).collect();
        let mut guard = Guard::always();
        for letter in &letters {
            let size = v(self.dice.pick(&SIZES));
            let upper = if self.dice.below(4) == 0 { constant(self.dice) } else { &size - &Index::from(1) };
            guard = guard.and(&Guard::between(&Index::from(0), letter, &upper));
        }
        if count > 1 && self.dice.below(4) == 0 {
            guard = guard.and(&[Literal::le(&letters[0], &letters[1])].into_iter().collect());
        }
        let factors: Vec<Expr> = (0..1 + self.dice.below(3)).map(|_| self.factor(&letters)).collect();
        Expr::Sum(vars, guard, Box::new(Expr::Mul(factors)))
    }

    fn factor(&mut self, letters: &[Index]) -> Expr {
        let letter = self.dice.pick(letters);
        let position = match self.dice.below(6) {
            0 | 1 => letter,
            2 => &constant(self.dice) - &letter,
            3 => &letter + &self.dice.pick(letters),
            4 => &(&(&v("s") * &v("i")) + &(&v("d") * &letter)) - &v("p"),
            _ => &letter + &constant(self.dice),
        };
        let entry = Expr::entry(["x", "w", "y"][self.dice.below(3)], vec![position]);
        match self.dice.below(8) {
            0 => Expr::Apply { function: "sigma".into(), orders: vec![0], arguments: vec![entry] },
            1 => Expr::Integer(self.dice.pick(letters)),
            _ => entry,
        }
    }

    /// One random rewrite somewhere; the expression itself where the one drawn does not apply.
    fn rewrite(&mut self, expr: Expr) -> Expr {
        match expr {
            Expr::Add(mut terms) => {
                let place = self.dice.below(terms.len());
                terms[place] = self.rewrite(terms[place].clone());
                Expr::Add(terms)
            }
            Expr::Sum(vars, guard, body) => self.rewrite_sum(vars, guard, *body),
            other => other,
        }
    }

    fn rewrite_sum(&mut self, vars: Vec<Var>, guard: Guard, body: Expr) -> Expr {
        let var = self.dice.pick(&vars);
        match self.dice.below(10) {
            0 | 1 => {
                let (new, by) = (self.letter(), constant(self.dice));
                let value = &Index::from(&new) + &by;
                replace(vars, guard, body, &var, &[new], value, Guard::always())
            }
            2 => {
                let (new, from) = (self.letter(), constant(self.dice));
                let value = &from - &Index::from(&new);
                replace(vars, guard, body, &var, &[new], value, Guard::always())
            }
            3 => {
                let others: Vec<Var> = vars.iter().filter(|other| **other != var).cloned().collect();
                if others.is_empty() {
                    return Expr::Sum(vars, guard, Box::new(body));
                }
                let (new, other) = (self.letter(), self.dice.pick(&others));
                let value = &Index::from(&new) - &Index::from(&other);
                replace(vars, guard, body, &var, &[new], value, Guard::always())
            }
            4 => {
                let (quotient, rest, by) = (self.letter(), self.letter(), v(self.dice.pick(&["s", "d", "K"])));
                let value = &(&by * &Index::from(&quotient)) + &Index::from(&rest);
                let tile = Guard::between(&Index::from(0), &Index::from(&rest), &(&by - &Index::from(1)));
                replace(vars, guard, body, &var, &[quotient, rest], value, tile)
            }
            5 => {
                // A letter that is another one, scaled.
                let (new, by) = (self.letter(), v(self.dice.pick(&["s", "d"])));
                let value = &(&by * &Index::from(&var)) + &constant(self.dice);
                let guard = guard.and(&[Literal::eq(&value - &Index::from(&new))].into_iter().collect());
                Expr::Sum(vars.into_iter().chain([new]).collect(), guard, Box::new(body))
            }
            6 => {
                let literal = Literal::le(&Index::from(&var), &constant(self.dice));
                let case = |literal: Literal| {
                    let guard = guard.and(&[literal].into_iter().collect());
                    Expr::Sum(vars.clone(), guard, Box::new(body.clone()))
                };
                Expr::Add(vec![case(literal.clone()), case(literal.negated())])
            }
            7 => self.nest(vars, guard, body, &var),
            8 => {
                // Zero outside the box of an entry.
                let factors = if let Expr::Mul(factors) = &body { factors.clone() } else { vec![body.clone()] };
                let entries: Vec<Guard> = factors
                    .iter()
                    .filter_map(|factor| match factor {
                        Expr::Entry(tensor, position) => signature().support(tensor, position).ok(),
                        _ => None,
                    })
                    .collect();
                let window = if entries.is_empty() { Guard::always() } else { self.dice.pick(&entries) };
                Expr::Sum(vars, guard.and(&window), Box::new(body))
            }
            _ => {
                let (mut vars, mut body) = (vars, body);
                vars.reverse();
                if let Expr::Mul(factors) = &mut body {
                    factors.reverse();
                }
                Expr::Sum(vars, guard, Box::new(body))
            }
        }
    }

    /// The letter in an inner sum of its own, where the outer one stays finite.
    fn nest(&mut self, vars: Vec<Var>, guard: Guard, body: Expr, var: &Var) -> Expr {
        let outer: Vec<Var> = vars.iter().filter(|other| *other != var).cloned().collect();
        let (inside, outside): (Vec<Literal>, Vec<Literal>) =
            guard.literals().cloned().partition(|literal| literal.index().contains(var));
        let (inside, outside): (Guard, Guard) = (inside.into_iter().collect(), outside.into_iter().collect());
        let within: Facts = self.facts.iter().chain(outside.literals()).cloned().collect();
        let finite = entail::finite(&self.facts, &outer, &outside).is_some()
            && entail::finite(&within, std::slice::from_ref(var), &inside).is_some();
        if outer.is_empty() || !finite {
            return Expr::Sum(vars, guard, Box::new(body));
        }
        let inner = Expr::Sum(vec![var.clone()], inside, Box::new(body));
        Expr::Sum(outer, outside, Box::new(inner))
    }
}

/// The sum with `var` written as `value` in new letters, which satisfy `more`.
fn replace(vars: Vec<Var>, guard: Guard, body: Expr, var: &Var, new: &[Var], value: Index, more: Guard) -> Expr {
    let map = [(var.clone(), value)].into_iter().collect();
    let guard = guard.substitute(&map).and(&more);
    let body = body.substitute(&Substitution::of_indices(map));
    let vars = vars.into_iter().filter(|other| other != var).chain(new.iter().cloned()).collect();
    Expr::Sum(vars, guard, Box::new(body))
}

/// A true statement: a random sum on the left, `rewrites` rewrites of it on the right.
pub fn statement(dice: &mut Dice, rewrites: usize) -> Goal {
    let one = Index::from(1);
    let assumptions: Guard = SIZES.iter().map(|size| Literal::le(&one, &v(size))).collect();
    let facts: Facts = assumptions.literals().cloned().collect();
    let mut maker = Maker { dice, letters: 0, facts };
    let left = maker.sum();
    let right = (0..rewrites).fold(left.clone(), |expr, _| maker.rewrite(expr));
    let statement = Statement {
        name: "random".into(),
        signature: signature(),
        parameters: SIZES.iter().chain(&["p"]).map(|name| Var::scalar(*name)).collect(),
        assumptions,
        indices: vec![Var::scalar("i")],
        ranges: Guard::always(),
        claim: Claim::Equation(left, right),
    };
    Goal::new(statement, 0..0)
}
