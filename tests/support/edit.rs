//! Statements with one subscript or one bound moved.

use convprove::kernel::{Claim, Expr, Guard, Index, Literal, Statement, Tensor};

/// Changes the `target`-th place of an expression by one; counts the places.
pub struct Mutation {
    /// Which place is moved.
    pub target: usize,
    /// How many places there were.
    pub seen: usize,
    /// By how much.
    pub by: i64,
}

impl Mutation {
    fn hit(&mut self) -> bool {
        self.seen += 1;
        self.seen == self.target + 1
    }

    fn expr(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Entry(tensor, position) => {
                for index in position {
                    if self.hit() {
                        *index = &*index + &Index::from(self.by);
                    }
                }
                self.tensor(tensor);
            }
            Expr::Sum(_, guard, _) | Expr::Max(_, guard, _) | Expr::Bracket(guard) => self.guard(guard),
            Expr::Derivative(_, _, position) => {
                for index in position {
                    if self.hit() {
                        *index = &*index + &Index::from(self.by);
                    }
                }
            }
            _ => {}
        }
        for child in expr.children_mut() {
            self.expr(child);
        }
    }

    fn tensor(&mut self, tensor: &mut Tensor) {
        if let Tensor::Call { tensors, .. } = tensor {
            tensors.iter_mut().for_each(|tensor| self.tensor(tensor));
        }
    }

    fn guard(&mut self, guard: &mut Guard) {
        let literals: Vec<Literal> = guard.literals().cloned().collect();
        let moved = literals.into_iter().map(|literal| match literal {
            Literal::Ge(index) if self.hit() => Literal::ge(&index + &Index::from(self.by)),
            other => other,
        });
        *guard = moved.collect();
    }

    /// Moves the place in a statement's claim.
    pub fn statement(&mut self, statement: &mut Statement) {
        match &mut statement.claim {
            Claim::Equation(left, right) => {
                self.expr(left);
                self.expr(right);
            }
            Claim::Tensors(left, right) => {
                self.tensor(left);
                self.tensor(right);
            }
            Claim::Holds(_) | Claim::Iff(_, _) => {}
        }
        for definition in &mut statement.signature.definitions {
            self.expr(&mut definition.body);
        }
    }
}
