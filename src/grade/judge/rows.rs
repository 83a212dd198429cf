//! Matrices that are written out: their products, and what is said of them entry by entry.

use super::*;
use crate::grade::model;
use crate::grade::model::Meaning;
use crate::grade::numbers;

/// The narrow product of two matrices for each meaning that its sign may have; with the meaning where the answer does not show it.
type Products = Vec<(Option<(Sign, Meaning)>, Vec<Vec<Expr>>)>;

/// So deep names are looked up.
pub(super) const DEPTH: usize = 12;

pub(super) type Rows = Vec<Vec<Expr>>;

impl Judge<'_> {
    /// A gradient that is written out entry by entry.
    pub(super) fn gradient_matrix(&self, target: &Target, side: &Expr) -> Finding {
        let geometry = &self.geometry;
        let Some(rows) = matrices::matrix(side) else {
            return Finding::undecided(Text::new("the sizes of the layer are not known", "层的尺寸未知"));
        };
        if rows.iter().map(Vec::len).sum::<usize>() > MAX_ENTRIES {
            return Finding::undecided(Text::new("the matrix is too large", "矩阵过大"));
        }
        // `∂L/∂Y = [1 0; 2 1]` is what the answer starts from, and other numbers depend on it.
        if rows.iter().flatten().all(numbers::is_numeric) {
            return match self.context.model.role(&target.by) {
                // The first numbers that an answer gives for δ are where it starts from.
                Some(Role::Output | Role::Delta) if target.kind == TargetKind::Delta && !self.gave_gradients() => {
                    Finding::remark(Text::new("the gradient that is given", "给定的梯度"))
                }
                _ => Finding::undecided(Text::new(
                    "numbers, which depend on the numbers of the layer",
                    "数值结果，取决于该层的具体数值",
                )),
            };
        }
        let base = self.context.model.first_numeral();
        let mut wrong: Vec<(String, Finding)> = Vec::new();
        let mut open = None;
        for (i, row) in rows.iter().enumerate() {
            for (j, entry) in row.iter().enumerate() {
                let number = |value: usize| Expr::integer(i64::try_from(value).unwrap_or(0) + base, entry.span);
                let at = Target { at: vec![number(i), number(j)], ..target.clone() };
                // `∂L/∂W = [∂L/∂w_11, …]`
                if let Kind::Derivative(Some(of), by) = &entry.kind
                    && layers::is_loss(of)
                    && let Kind::Entry(_, places) = &by.kind
                    && *places == at.at
                {
                    continue;
                }
                // `δ = [δ_11, …]`
                if let Kind::Entry(base, places) = &entry.kind
                    && base.as_name() == Some(&target.by)
                    && (*places == at.at || at.at.starts_with(places) && row.len() == 1)
                {
                    continue;
                }
                match gradients::gradient(&at, entry, geometry, self.context) {
                    Some(finding) if finding.verdict == Verdict::Wrong => {
                        let place = format!("({}, {})", i + 1, j + 1);
                        wrong.push((place, finding));
                    }
                    Some(finding) if finding.verdict == Verdict::Ok => {}
                    Some(finding) => open = Some(finding),
                    None => {
                        open = Some(Finding::undecided(Text::new("an entry is not understood", "有一个元素无法理解")))
                    }
                }
            }
        }
        named_entries(wrong, open, rows.iter().map(Vec::len).sum())
    }

    /// Whether a line before this one gives numbers for a gradient.
    fn gave_gradients(&self) -> bool {
        let numbers =
            |side: &Expr| matrices::matrix(side).is_some_and(|rows| rows.iter().flatten().all(numbers::is_numeric));
        let before = self.reading.steps.iter().take(self.geometry.step());
        before.flat_map(Step::chains).any(|chain| {
            let delta = chain.first.as_ref().and_then(Expr::root);
            delta.is_some_and(|name| self.context.model.role(name) == Some(Role::Delta)) && chain.sides().any(numbers)
        })
    }

    /// A product of two matrices that are written out, or a matrix itself.
    pub(super) fn product(&self, number: usize, side: &Expr) -> Option<Products> {
        if let Some(rows) = matrices::matrix(side) {
            return Some(vec![(None, rows.clone())]);
        }
        let Kind::Product(factors) = &side.kind else { return None };
        let sign =
            factors.iter().find(|(operator, _)| model::convolves(operator)).map(|(operator, _)| operator.sign)?;
        let shown = self.context.model.meanings(sign);
        let usual = self.context.model.layer_meaning();
        let meanings: Vec<(bool, Meaning)> = match shown.is_empty() {
            true => vec![(false, usual), (false, usual.other())],
            false => shown.into_iter().map(|meaning| (true, meaning)).collect(),
        };
        let [(_, a), (operator, b)] = factors.as_slice() else { return None };
        if operator.tilde || !operator.mode.is_empty() {
            return None;
        }
        let (a, b) = (self.rows(a, number, DEPTH)?, self.rows(b, number, DEPTH)?);
        let product = |(shown, meaning): (bool, Meaning)| {
            // Which of the two is the kernel their sizes say.
            let rows = matrices::narrow(&a, &b, meaning).or_else(|| matrices::narrow(&b, &a, meaning))?;
            Some((Some((sign, meaning)).filter(|_| !shown), rows))
        };
        meanings.into_iter().map(product).collect()
    }

    /// A product of two matrices and a matrix: right if it is for a meaning that the sign may have.
    pub(super) fn product_and_matrix(&mut self, number: usize, products: &Products, right: &Expr) -> Finding {
        let mut first = None;
        for (assumed, rows) in products {
            let finding = self.matrices(number, rows, right);
            if finding.verdict == Verdict::Ok {
                return match assumed.filter(|_| first.is_some()) {
                    Some((sign, meaning)) => {
                        let sign = model::sign_text(sign);
                        Finding::remark(Text::new(
                            format!("right where {sign} is a {}", meaning.word()),
                            format!("当 {sign} 表示{}时成立", model::chinese(meaning)),
                        ))
                    }
                    None => finding,
                };
            }
            first.get_or_insert(finding);
        }
        first.unwrap_or_else(|| Finding::undecided(Text::new("no matrix", "不是矩阵")))
    }

    /// Two matrices, entry by entry.
    pub(super) fn matrices(&mut self, number: usize, left: &[Vec<Expr>], right: &Expr) -> Finding {
        let Some(rows) = matrices::matrix(right) else {
            return Finding::undecided(Text::new("no matrix", "不是矩阵"));
        };
        if rows.iter().map(Vec::len).sum::<usize>() > MAX_ENTRIES {
            return Finding::undecided(Text::new("the matrix is too large", "矩阵过大"));
        }
        if left.len() != rows.len() || left.iter().zip(rows).any(|(a, b)| a.len() != b.len()) {
            return other_shape(&left.to_vec(), rows);
        }
        // Entries of which nothing is known yet are defined by it.
        let unknown = |entry: &Expr| {
            numeric_entry(entry)
                .is_some_and(|(name, _)| self.context.model.role(&name).is_none_or(|role| role == Role::Output))
                && !Self::key(entry).is_some_and(|key| self.defined.contains_key(&key))
        };
        if rows.iter().flatten().all(unknown) {
            for (a, b) in left.iter().flatten().zip(rows.iter().flatten()) {
                self.define(number, b, a);
            }
            return Finding::definition(Text::new("it defines the entries on the right", "定义了右边的元素"));
        }
        let mut wrong = Vec::new();
        let mut open = None;
        for (i, (a, b)) in left.iter().zip(rows).enumerate() {
            for (j, (a, b)) in a.iter().zip(b).enumerate() {
                let target = layers::target(b, self.context.model);
                let finding =
                    target.as_ref().and_then(|target| gradients::gradient(target, a, &self.geometry, self.context));
                let finding = finding.unwrap_or_else(|| of_numbers(a, b).unwrap_or_else(|| self.pair(a, b)));
                match finding.verdict {
                    Verdict::Ok => {}
                    Verdict::Wrong => wrong.push((format!("({}, {})", i + 1, j + 1), finding)),
                    _ => open = Some(finding),
                }
            }
        }
        named_entries(wrong, open, rows.iter().map(Vec::len).sum())
    }

    /// The entries of what a side stands for, where it is made of matrices that are written out.
    pub(super) fn rows(&self, side: &Expr, number: usize, depth: usize) -> Option<Rows> {
        let depth = depth.checked_sub(1)?;
        if let Some(rows) = matrices::matrix(side) {
            return Some(rows.clone());
        }
        match &side.kind {
            Kind::Parens(_, parts) if parts.len() == 1 => self.rows(parts.first()?, number, depth),
            // `[x_1, x_2, x_3]` is a row.
            Kind::Parens(Bracket::Round | Bracket::Square, parts) => {
                let entry = |part: &Expr| numeric_entry(part).is_some() || numbers::is_numeric(part) && parts.len() > 1;
                parts.iter().all(entry).then(|| vec![parts.clone()])
            }
            Kind::Transpose(inner) => Some(matrices::transposed(&self.rows(inner, number, depth)?)),
            Kind::Name(_) => {
                let (body, step) = self.defined.get(&Self::key(side)?)?;
                (*step <= number).then(|| self.rows(body, number, depth))?
            }
            // ∂L/∂z has an entry for each of z.
            Kind::Derivative(Some(of), by) if layers::is_loss(of) => {
                let base = self.context.model.first_numeral();
                let rows = self.rows(by, number, depth)?;
                let column = rows.iter().all(|row| row.len() == 1);
                let place = |value: usize| Expr::integer(i64::try_from(value).unwrap_or(0) + base, side.span);
                let entry = |i: usize, j: usize| {
                    let at = if column { vec![place(i)] } else { vec![place(i), place(j)] };
                    let entry = Expr::new(Kind::Entry(by.clone(), at), side.span);
                    Expr::new(Kind::Derivative(Some(of.clone()), Box::new(entry)), side.span)
                };
                Some(rows.iter().enumerate().map(|(i, row)| (0..row.len()).map(|j| entry(i, j)).collect()).collect())
            }
            Kind::Add(terms) => {
                let mut terms = terms.iter();
                let (minus, first) = terms.next()?;
                let mut sum = self.rows(first, number, depth).filter(|_| !minus)?;
                for (minus, term) in terms {
                    let next = self.rows(term, number, depth)?;
                    sum = matrices::combined(&sum, &next, |a, b| {
                        Kind::Add(vec![(false, a.clone()), (*minus, b.clone())])
                    })?;
                }
                Some(sum)
            }
            Kind::Call(function, arguments) if function.as_name().is_some_and(model::is_rotation) => {
                let rows = self.rows(arguments.first().filter(|_| arguments.len() == 1)?, number, depth)?;
                Some(rows.iter().rev().map(|row| row.iter().rev().cloned().collect()).collect())
            }
            // A number before a matrix.
            Kind::Product(factors) if factors.first().is_some_and(|(_, factor)| numbers::value(factor).is_some()) => {
                let ((_, scale), rest) = factors.split_first()?;
                let rest = match rest {
                    [(sign, only)] if !model::convolves(sign) || sign.sign == Sign::Star => only.clone(),
                    _ => return None,
                };
                let rows = self.rows(&rest, number, depth)?;
                Some(matrices::combined(&rows, &rows, |a, _| {
                    Kind::Product(vec![(Operator::beside(), scale.clone()), (Operator::beside(), a.clone())])
                })?)
            }
            Kind::Product(factors) => {
                let mut factors = factors.iter();
                let mut product = self.rows(&factors.next()?.1, number, depth)?;
                for (sign, factor) in factors {
                    let column = || self.column(factor, product.first()?.len());
                    let next = self.rows(factor, number, depth).or_else(column)?;
                    let entrywise = matches!(sign.sign, Sign::Odot | Sign::Circle | Sign::Bullet | Sign::BoxDot);
                    product = if entrywise {
                        matrices::combined(&product, &next, |a, b| {
                            Kind::Product(vec![(Operator::beside(), a.clone()), (Operator::beside(), b.clone())])
                        })?
                    } else if sign.sign == Sign::Dot && (product.len(), next.len()) == (1, 1) {
                        // Two vectors that are written as rows.
                        matrices::times(&product, &matrices::transposed(&next))?
                    } else if crate::grade::model::convolves(sign) {
                        let meaning = self.context.model.layer_meaning();
                        // Which of the two is the kernel their sizes say.
                        matrices::narrow(&product, &next, meaning)
                            .or_else(|| matrices::narrow(&next, &product, meaning))?
                    } else {
                        matrices::times(&product, &next)?
                    };
                }
                (product.iter().map(Vec::len).sum::<usize>() <= MAX_ENTRIES).then_some(product)
            }
            _ => None,
        }
    }

    /// Whether a chain begins with names that stand for matrices or vectors that are written out.
    pub(super) fn of_written_arrays(&self, number: usize, chain: &Chain) -> bool {
        let written = |part: &Expr| part.as_name().is_some() && self.rows(part, number, DEPTH).is_some();
        let first = chain.first.as_ref();
        first.is_some_and(|first| first.as_name().is_none() && first.any(&mut |part| written(part)))
    }

    /// A matrix of numbers for a name that stood for another one: values for its letters, or another matrix.
    pub(super) fn matrix_again(&mut self, number: usize, first: &Expr, side: &Expr) -> Option<Finding> {
        let key = first.as_name().and_then(|_| Self::key(first))?;
        let (new, old) = (matrices::matrix(side)?, self.rows(&self.defined.get(&key)?.0, number, DEPTH)?);
        if *new == old || shape(new) != shape(&old) || !new.iter().flatten().all(numbers::is_numeric) {
            return None;
        }
        let letters = old.iter().flatten().all(|entry| numeric_entry(entry).is_some() || entry.as_name().is_some());
        let numbers = old.iter().flatten().all(numbers::is_numeric);
        if !letters && !numbers {
            return None;
        }
        self.defined.insert(key, (side.clone(), number));
        Some(match letters {
            true => Finding::definition(Text::new("it gives the entries values", "给出各元素的值")),
            false => Finding::defined_before(first),
        })
    }

    /// `rot180(W)_{1,2}`, where W is written out: what stands there.
    pub(super) fn cell(&self, side: &Expr, number: usize) -> Option<Expr> {
        let Kind::Entry(base, at) = &side.kind else { return None };
        let rows = self.rows(base, number, DEPTH)?;
        let first = self.context.model.first_numeral();
        let place = |at: &Expr| usize::try_from(at.as_integer()? - first).ok();
        let cell = match at.as_slice() {
            [row, column] => rows.get(place(row)?)?.get(place(column)?)?,
            [only] if rows.len() == 1 => rows.first()?.get(place(only)?)?,
            [only] if rows.iter().all(|row| row.len() == 1) => rows.get(place(only)?)?.first()?,
            _ => return None,
        };
        (cell != side).then(|| cell.clone())
    }

    /// A vector of which nothing is said but its entries, as a column.
    fn column(&self, side: &Expr, count: usize) -> Option<Rows> {
        let name = side.as_name().filter(|_| count <= MAX_ENTRIES)?;
        let axes = self.reading.symbols.tensors.get(name)?;
        let entry = |place: usize| {
            let value = i64::try_from(place).unwrap_or(0) + self.context.model.first_numeral();
            let at = Expr::integer(value, side.span);
            vec![Expr::new(Kind::Entry(Box::new(side.clone()), vec![at]), side.span)]
        };
        (axes.len() == 1 && axes.contains(&1)).then(|| (0..count).map(entry).collect())
    }

    /// Two sides that are made of matrices, by what they stand for; `[…] x = C x` says what C is.
    pub(super) fn of_rows(&mut self, number: usize, previous: &Expr, side: &Expr) -> Option<Finding> {
        if let (Kind::Product(a), Kind::Product(b)) = (&previous.kind, &side.kind)
            && let ([(_, matrix), (_, x)], [(_, name), (sign, y)]) = (a.as_slice(), b.as_slice())
            && !model::convolves(sign)
            && name.as_name().is_some()
            && !Self::key(name).is_some_and(|key| self.defined.contains_key(&key))
            && let Some(rows) = matrices::matrix(matrix)
            && (x == y || self.rows(x, number, DEPTH).is_some_and(|rows| Some(rows) == self.rows(y, number, DEPTH)))
        {
            let body = Expr::new(Kind::Matrix(rows.clone()), matrix.span);
            self.define(number, name, &body);
            return Some(Finding::defines(name));
        }
        // The same factor on the right of both.
        let left_factor = |side: &Expr| {
            let Kind::Product(factors) = &side.kind else { return None };
            let [(_, a), (sign, b)] = factors.as_slice() else { return None };
            (!crate::grade::model::convolves(sign)).then(|| (a.clone(), b.clone()))
        };
        let (left, right) = match (left_factor(previous), left_factor(side)) {
            (Some((a, x)), Some((b, y))) if x == y => (a, b),
            _ => (previous.clone(), side.clone()),
        };
        let (left, right) = (self.rows(&left, number, DEPTH)?, self.rows(&right, number, DEPTH)?);
        // `∂L/∂Y = [1 0; 2 1]` is what the answer starts from.
        if matches!(&previous.kind, Kind::Derivative(Some(of), by)
                if layers::is_loss(of) && by.root().is_some_and(|name| self.context.model.role(name) == Some(Role::Output)))
            && right.iter().flatten().all(numbers::is_numeric)
        {
            return Some(Finding::remark(Text::new("the gradient that is given", "给定的梯度")));
        }
        // Gradients by the entries of a layer are judged as such.
        let gradients = |rows: &Rows| {
            rows.iter().flatten().all(|entry| match &entry.kind {
                Kind::Derivative(Some(of), by) => {
                    layers::is_loss(of)
                        && by.root().is_none_or(|name| self.context.model.role(name) != Some(Role::Output))
                }
                _ => false,
            })
        };
        if gradients(&left) != gradients(&right) {
            return None;
        }
        // `C = A B` with entries of C of which nothing is known says what they are.
        let unknown = |entry: &Expr| {
            numeric_entry(entry).is_some_and(|(name, _)| self.context.model.role(&name).is_none())
                && !Self::key(entry).is_some_and(|key| self.defined.contains_key(&key))
        };
        let fits = left.len() == right.len() && left.iter().zip(&right).all(|(a, b)| a.len() == b.len());
        if fits && previous.as_name().is_some() && left.iter().flatten().all(unknown) {
            for (entry, value) in left.iter().flatten().zip(right.iter().flatten()) {
                self.define(number, entry, value);
            }
            return Some(Finding::defines(previous));
        }
        Some(self.entries(&left, &right))
    }

    /// `∂L/∂x = Cᵀ ∂L/∂z`, where the entries of z are written out in those of x: by the chain rule.
    pub(super) fn passed_on(&self, number: usize, first: &Expr, side: &Expr) -> Option<Finding> {
        let Kind::Derivative(Some(loss), by) = &first.kind else { return None };
        if !layers::is_loss(loss) {
            return None;
        }
        let inputs = self.rows(by, number, DEPTH)?;
        // A matrix in which entries are repeated, as im2col makes it, is differentiated by as if they were different.
        let different: BTreeSet<String> = inputs.iter().flatten().map(print::expr).collect();
        if different.len() < inputs.iter().map(Vec::len).sum() {
            return None;
        }
        let mut outputs = None;
        side.any(&mut |part| {
            if let Kind::Derivative(Some(of), z) = &part.kind
                && layers::is_loss(of)
                && z.as_name().is_some()
                && z != by
            {
                outputs = Some(part.clone());
            }
            outputs.is_some()
        });
        let outputs = outputs?;
        let Kind::Derivative(_, z) = &outputs.kind else { return None };
        let (values, gradients) = (self.rows(z, number, DEPTH)?, self.rows(&outputs, number, DEPTH)?);
        if let Some(finding) = self.unfit(number, side) {
            return Some(finding);
        }
        let written = self.rows(side, number, DEPTH)?;
        let mut wanted: Rows = Vec::new();
        for row in &inputs {
            let mut sums = Vec::new();
            for input in row {
                let mut terms = Vec::new();
                for (value, gradient) in values.iter().flatten().zip(gradients.iter().flatten()) {
                    let slope = gradients::partial(value, input)?;
                    let factors = vec![(Operator::beside(), slope), (Operator::beside(), gradient.clone())];
                    terms.push((false, Expr::new(Kind::Product(factors), side.span)));
                }
                sums.push(Expr::new(Kind::Add(terms), side.span));
            }
            wanted.push(sums);
        }
        Some(self.entries(&wanted, &written))
    }

    /// A product of two matrices whose sizes do not fit.
    fn unfit(&self, number: usize, side: &Expr) -> Option<Finding> {
        let Kind::Product(factors) = &side.kind else { return None };
        let [(_, a), (sign, b)] = factors.as_slice() else { return None };
        if crate::grade::model::convolves(sign) {
            return None;
        }
        let (left, right) = (self.rows(a, number, DEPTH)?, self.rows(b, number, DEPTH)?);
        let width = left.first().map_or(0, Vec::len);
        if width == right.len() {
            return None;
        }
        let (name, other) = (print::expr(a), print::expr(b));
        let (rows, height) = (left.len(), right.len());
        let argument = Text::new(
            format!("the sizes do not fit: {name} is {rows}×{width}, and {other} has {height} rows"),
            format!("尺寸不符：{name} 是 {rows}×{width}，而 {other} 有 {height} 行"),
        );
        let finding = Finding::argued(Verdict::Wrong, Class::Operand, argument);
        let turned = matches!(a.kind, Kind::Name(_)) && rows == height;
        Some(if turned { finding.with_repair(format!("{name}^T {other}")) } else { finding })
    }

    /// Two matrices that must be the same, entry by entry. A gradient by an entry is a number like any other here.
    pub(super) fn entries(&self, left: &Rows, right: &Rows) -> Finding {
        if left.len() != right.len() || left.iter().zip(right).any(|(a, b)| a.len() != b.len()) {
            return other_shape(left, right);
        }
        let number = |side: &Expr| {
            letters::map(side, &mut |part| {
                let Kind::Derivative(Some(of), by) = &part.kind else { return None };
                let Kind::Entry(_, at) = &by.kind else { return None };
                let name = Name::plain("δ".to_string());
                layers::is_loss(of).then(|| {
                    Expr::new(Kind::Entry(Box::new(Expr::new(Kind::Name(name), part.span)), at.clone()), part.span)
                })
            })
        };
        let (mut wrong, mut open) = (Vec::new(), None);
        for (i, (a, b)) in left.iter().zip(right).enumerate() {
            for (j, (a, b)) in a.iter().zip(b).enumerate() {
                let finding = if a == b {
                    None
                } else {
                    Some(of_numbers(a, b).unwrap_or_else(|| self.scalars(&number(a), &number(b))))
                };
                match finding {
                    None => {}
                    Some(finding) if finding.verdict == Verdict::Ok => {}
                    Some(finding) if finding.verdict == Verdict::Wrong => {
                        wrong.push((format!("({}, {})", i + 1, j + 1), finding));
                    }
                    Some(finding) => open = Some(finding),
                }
            }
        }
        named_entries(wrong, open, right.iter().map(Vec::len).sum())
    }

    /// Two numbers over entries: every entry may have any value.
    fn scalars(&self, left: &Expr, right: &Expr) -> Finding {
        match claims::equal(left, right, self.context) {
            Err(reason) => Finding::undecided(reason),
            Ok((_, Outcome::Proved) | (Arrays::Boxed, _)) => Finding::remark(Text::new("proved", "已证明")),
            Ok((_, Outcome::Refuted(example))) => Finding::new(
                Verdict::Wrong,
                &[Class::Index],
                Text::new("the two sides differ", "两边不相等"),
                Evidence::Counterexample(example),
            )
            .with_repair(print::expr(left)),
            Ok((_, Outcome::Open(reason))) => Finding::undecided(Text::reason(reason)),
        }
    }
}

fn shape(rows: &Rows) -> (usize, usize) {
    (rows.len(), rows.first().map_or(0, Vec::len))
}

fn other_shape(left: &Rows, right: &Rows) -> Finding {
    let [a, b] = [left, right].map(shape).map(|(rows, columns)| format!("{rows}×{columns}"));
    Finding::undecided(Text::new(
        format!("the matrices are {a} and {b}: the sign may mean another size"),
        format!("矩阵大小为 {a} 与 {b}：符号可能表示另一种尺寸"),
    ))
}

/// Two entries that are numbers, with what would have been right.
pub(super) fn of_numbers(a: &Expr, b: &Expr) -> Option<Finding> {
    let numbers = numbers::is_numeric(a) && numbers::is_numeric(b);
    numbers.then(|| {
        let judged = sizes::numeric(a, b);
        match numbers::value(a).filter(|_| judged.verdict == Verdict::Wrong) {
            Some(value) => judged.with_repair(numbers::shown(&value)),
            None => judged,
        }
    })
}

fn named_entries(wrong: Vec<(String, Finding)>, open: Option<Finding>, all: usize) -> Finding {
    if let Some((_, first)) = wrong.first() {
        let list: Vec<&str> = wrong.iter().map(|(place, _)| place.as_str()).collect();
        let list = list.join(", ");
        let repairs: Vec<String> = wrong
            .iter()
            .filter_map(|(place, finding)| finding.repair.as_ref().map(|repair| format!("{place}: {repair}")))
            .collect();
        let mut finding = first.clone();
        finding.message = Text::new(
            format!("wrong in the entries {list}; {} of {all} are right", all - wrong.len()),
            format!("元素 {list} 有误；其余 {} 个正确", all - wrong.len()),
        );
        finding.repair = (!repairs.is_empty()).then(|| repairs.join("; "));
        return finding;
    }
    open.unwrap_or_else(|| {
        Finding::remark(Text::new(format!("all {all} entries are right"), format!("全部 {all} 个元素正确")))
    })
}
