//! Letters of symbolic rank as several letters: what is emitted is for images, or for volumes, and not for both at once.

use std::collections::BTreeMap;

use super::Unsupported;
use crate::export::notation::Notation;
use crate::kernel::{
    Atom, Claim, Definition, Expr, Guard, Index, Literal, Name, Rank, Signature, Statement, Tensor, TensorDeclaration,
    Var,
};

/// How many coordinates each symbolic rank has.
pub(super) struct Ranks<'a> {
    pub widths: &'a BTreeMap<Name, usize>,
    pub signature: &'a Signature,
}

type Outcome<T> = Result<T, Unsupported>;

impl Ranks<'_> {
    fn width(&self, rank: &Rank) -> Outcome<usize> {
        match rank {
            Rank::Scalar => Ok(1),
            Rank::Symbolic(name) => match self.widths.get(name) {
                Some(width) => Ok(*width),
                None => Err(Unsupported(format!("the rank {name} has no value"))),
            },
        }
    }

    /// `i` as `i_1, i_2`; a scalar letter, and a letter with one coordinate, keeps its name.
    fn letters(&self, var: &Var) -> Outcome<Vec<Var>> {
        let width = self.width(&var.rank)?;
        let name = |place: usize| match width {
            1 => var.name.clone(),
            _ => Name::from(format!("{}_{}", var.name, place + 1)),
        };
        Ok((0..width).map(|place| Var::scalar(name(place))).collect())
    }

    fn all(&self, vars: &[Var]) -> Outcome<Vec<Var>> {
        Ok(vars.iter().map(|var| self.letters(var)).collect::<Outcome<Vec<_>>>()?.concat())
    }

    /// One coordinate of a term.
    fn at(&self, index: &Index, place: usize) -> Outcome<Index> {
        let mut sum = Index::default();
        for (monomial, coefficient) in index.terms() {
            let mut product = Index::constant(coefficient.clone());
            for (atom, exponent) in monomial.factors() {
                let value = self.atom(atom, place)?;
                for _ in 0..*exponent {
                    product = &product * &value;
                }
            }
            sum = &sum + &product;
        }
        Ok(sum)
    }

    fn atom(&self, atom: &Atom, place: usize) -> Outcome<Index> {
        Ok(match atom {
            Atom::Var(var) => {
                let letters = self.letters(var)?;
                let letter = letters.get(if var.rank == Rank::Scalar { 0 } else { place });
                letter.map(Index::from).ok_or_else(|| Unsupported(format!("{} has fewer coordinates", var.name)))?
            }
            Atom::Floor(numerator, divisor) => Index::floor(self.at(numerator, place)?, self.at(divisor, place)?),
            Atom::Max(a, b) => Index::max(self.at(a, place)?, self.at(b, place)?),
            Atom::Volume(size) => self.coordinates(size)?.iter().fold(Index::from(1), |product, side| &product * side),
            Atom::Apply(name, arguments) => match name.as_str().strip_prefix("vol:") {
                // A scalar that was put for a ranked size: its product over all coordinates is a power.
                Some(rank) => {
                    let width = self.width(&Rank::Symbolic(Name::from(rank)))?;
                    let side = self.at(arguments.first().unwrap_or(&Index::from(1)), 0)?;
                    (0..width).fold(Index::from(1), |product, _| &product * &side)
                }
                None => {
                    let arguments =
                        arguments.iter().map(|argument| self.at(argument, place)).collect::<Outcome<_>>()?;
                    Index::atom(Atom::Apply(name.clone(), arguments))
                }
            },
        })
    }

    /// All coordinates of a term.
    fn coordinates(&self, index: &Index) -> Outcome<Vec<Index>> {
        let rank = index.rank().ok_or_else(|| Unsupported("a term mixes two ranks".into()))?;
        (0..self.width(&rank)?).map(|place| self.at(index, place)).collect()
    }

    /// Terms for places of some ranks; a scalar stands for every coordinate.
    fn position(&self, places: &[Var], position: &[Index]) -> Outcome<Vec<Index>> {
        let mut all = Vec::new();
        for (place, index) in places.iter().zip(position) {
            for coordinate in 0..self.width(&place.rank)? {
                all.push(self.at(index, coordinate)?);
            }
        }
        Ok(all)
    }

    fn guard(&self, guard: &Guard) -> Outcome<Guard> {
        let mut literals = Vec::new();
        for literal in guard.literals() {
            for index in self.coordinates(literal.index())? {
                literals.push(match literal {
                    Literal::Ge(_) => Literal::ge(index),
                    Literal::Eq(_) => Literal::eq(index),
                    Literal::Ne(_) if literal.rank() == Some(Rank::Scalar) => Literal::ne(index),
                    Literal::Ne(_) => return Err(Unsupported("a condition on a ranked letter is negated".into())),
                });
            }
        }
        Ok(literals.into_iter().collect())
    }

    fn axes(&self, tensor: &Tensor, local: &[TensorDeclaration]) -> Outcome<Vec<Var>> {
        let unknown = |name: &Name| Unsupported(format!("{name} is not declared"));
        Ok(match tensor {
            Tensor::Named(name) => {
                let declared = local.iter().chain(&self.signature.tensors).find(|tensor| tensor.name == *name);
                declared.ok_or_else(|| unknown(name))?.axes.clone()
            }
            Tensor::Call { definition, .. } => {
                self.signature.definition(definition).map_err(|_| unknown(definition))?.axes.clone()
            }
            Tensor::Lambda { axes, .. } => axes.clone(),
        })
    }

    fn expr(&self, expr: &Expr, local: &[TensorDeclaration]) -> Outcome<Expr> {
        let all = |parts: &[Expr]| parts.iter().map(|part| self.expr(part, local)).collect::<Outcome<Vec<_>>>();
        let one = |part: &Expr| Ok(Box::new(self.expr(part, local)?));
        Ok(match expr {
            Expr::Number(_) => expr.clone(),
            Expr::Integer(index) => Expr::Integer(self.at(index, 0)?),
            Expr::Entry(tensor, position) => {
                let position = self.position(&self.axes(tensor, local)?, position)?;
                Expr::Entry(self.tensor(tensor, local)?, position)
            }
            Expr::Bracket(guard) => Expr::Bracket(self.guard(guard)?),
            Expr::Add(terms) => Expr::Add(all(terms)?),
            Expr::Mul(factors) => Expr::Mul(all(factors)?),
            Expr::Power(base, exponent) => Expr::Power(one(base)?, *exponent),
            Expr::Inverse(base) => Expr::Inverse(one(base)?),
            Expr::Apply { function, orders, arguments } => {
                Expr::Apply { function: function.clone(), orders: orders.clone(), arguments: all(arguments)? }
            }
            Expr::Sum(vars, guard, body) => Expr::Sum(self.all(vars)?, self.guard(guard)?, one(body)?),
            Expr::Max(vars, guard, body) => Expr::Max(self.all(vars)?, self.guard(guard)?, one(body)?),
            Expr::Derivative(_, _, _) => return Err(Unsupported("a derivative is left in the formula".into())),
        })
    }

    fn tensor(&self, tensor: &Tensor, local: &[TensorDeclaration]) -> Outcome<Tensor> {
        Ok(match tensor {
            Tensor::Named(_) => tensor.clone(),
            Tensor::Call { definition, parameters, tensors } => {
                let known = self.signature.definition(definition);
                let known = known.map_err(|_| Unsupported(format!("{definition} is not defined")))?;
                Tensor::Call {
                    definition: definition.clone(),
                    parameters: self.position(&known.parameters, parameters)?,
                    tensors: tensors.iter().map(|tensor| self.tensor(tensor, local)).collect::<Outcome<_>>()?,
                }
            }
            Tensor::Lambda { axes, support, body } => Tensor::Lambda {
                axes: self.all(axes)?,
                support: self.guard(support)?,
                body: Box::new(self.expr(body, local)?),
            },
        })
    }

    fn declaration(&self, tensor: &TensorDeclaration) -> Outcome<TensorDeclaration> {
        Ok(TensorDeclaration {
            name: tensor.name.clone(),
            axes: self.all(&tensor.axes)?,
            support: self.guard(&tensor.support)?,
        })
    }

    fn definition(&self, definition: &Definition) -> Outcome<Definition> {
        Ok(Definition {
            name: definition.name.clone(),
            parameters: self.all(&definition.parameters)?,
            tensors: definition.tensors.iter().map(|tensor| self.declaration(tensor)).collect::<Outcome<_>>()?,
            axes: self.all(&definition.axes)?,
            support: self.guard(&definition.support)?,
            body: self.expr(&definition.body, &definition.tensors)?,
        })
    }

    /// The statement with scalar letters alone; its claim is the right side of an equation twice.
    pub(super) fn statement(&self, statement: &Statement) -> Outcome<(Statement, Expr)> {
        let Claim::Equation(_, body) = &statement.claim else {
            return Err(Unsupported("only equations between scalars are formulas".into()));
        };
        let body = self.expr(&Notation::of_statement(statement).readable(body), &[])?;
        let signature = Signature {
            tensors: self.signature.tensors.iter().map(|tensor| self.declaration(tensor)).collect::<Outcome<_>>()?,
            functions: self.signature.functions.clone(),
            definitions: self
                .signature
                .definitions
                .iter()
                .map(|definition| self.definition(definition))
                .collect::<Outcome<_>>()?,
        };
        let scalar = Statement {
            name: statement.name.clone(),
            signature,
            parameters: self.all(&statement.parameters)?,
            assumptions: self.guard(&statement.assumptions)?,
            indices: self.all(&statement.indices)?,
            ranges: self.guard(&statement.ranges)?,
            claim: Claim::Equation(body.clone(), body.clone()),
        };
        Ok((scalar, body))
    }
}
