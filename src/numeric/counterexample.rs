//! A counterexample, as data and as text.

use std::collections::BTreeMap;
use std::fmt;

use num_rational::BigRational;
use num_traits::Zero;
use serde_json::{Value, json};

use super::eval::{Assignment, evaluate};
use crate::kernel::{Claim, Expr, Index, Name, Statement};

/// Sizes, indices and entries at which a claim fails, with the values of both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// How many coordinates each symbolic rank has.
    pub ranks: Vec<(Name, usize)>,
    /// Sizes and other parameters, each with its coordinates.
    pub sizes: Vec<(Name, Vec<i64>)>,
    /// Free indices, or the position in the two tensors.
    pub index: Vec<(Name, Vec<i64>)>,
    /// The tensors.
    pub tensors: Vec<TensorValue>,
    /// What the functions are, as text.
    pub functions: Vec<String>,
    /// The value of the left side.
    pub lhs: BigRational,
    /// The value of the right side.
    pub rhs: BigRational,
    /// What the two values are, where they are not those of two expressions.
    pub note: Option<String>,
}

/// The entries of a tensor in a box; outside they are 0.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorValue {
    /// The tensor.
    pub name: Name,
    /// The first position of the box.
    pub lower: Vec<i64>,
    /// The number of positions along each axis.
    pub shape: Vec<usize>,
    /// The entries, the last axis fastest.
    pub entries: Vec<BigRational>,
    /// Whether the tensor has no box of its own, and the one here is that of its non-zero entries.
    pub total: bool,
}

/// Larger boxes are not written out.
const SHOWN: usize = 4096;

impl TensorValue {
    /// A tensor with its stored box, or else with the smallest box around its non-zero entries.
    pub(super) fn new(name: Name, stored: Option<(&[i64], &[usize])>, values: &BTreeMap<&[i64], BigRational>) -> Self {
        let total = stored.is_none();
        let (lower, shape) = match stored {
            Some((lower, shape)) => (lower.to_vec(), shape.to_vec()),
            None => hull(values),
        };
        let cells = shape.iter().try_fold(1_usize, |total, length| total.checked_mul(*length)).unwrap_or(usize::MAX);
        if cells > SHOWN {
            return TensorValue { name, lower, shape: Vec::new(), entries: Vec::new(), total };
        }
        let mut entries = vec![BigRational::zero(); cells];
        for (position, value) in values {
            let mut offset = Some(0_usize);
            for ((coordinate, low), length) in position.iter().zip(&lower).zip(&shape) {
                let distance = usize::try_from(coordinate - low).ok().filter(|distance| distance < length);
                offset = offset.zip(distance).map(|(offset, distance)| offset * length + distance);
            }
            if let Some(entry) = offset.and_then(|offset| entries.get_mut(offset)) {
                *entry = value.clone();
            }
        }
        TensorValue { name, lower, shape, entries, total }
    }

    /// The entries as nested lists.
    fn nested(&self) -> Value {
        let texts: Vec<Value> = self.entries.iter().map(number).collect();
        let mut level = texts;
        for length in self.shape.iter().skip(1).rev() {
            level = if *length == 0 {
                Vec::new()
            } else {
                level.chunks(*length).map(|chunk| Value::Array(chunk.to_vec())).collect()
            };
        }
        if self.shape.is_empty() { level.pop().unwrap_or(Value::Null) } else { Value::Array(level) }
    }

    /// The tensor as a block of lines.
    fn lines(&self) -> Vec<String> {
        let texts: Vec<String> = self.entries.iter().map(BigRational::to_string).collect();
        let ranges = self.lower.iter().zip(&self.shape).map(|(low, length)| {
            let high = low.saturating_add(i64::try_from(*length).unwrap_or(i64::MAX)).saturating_sub(1);
            format!("{low}..{high}")
        });
        let head = match self.shape.len() {
            0 => self.name.to_string(),
            _ => format!("{}[{}]", self.name, ranges.collect::<Vec<_>>().join(", ")),
        };
        match self.shape.as_slice() {
            // A box that was not written out, or a total function that is 0 wherever it was asked.
            [] if !self.lower.is_empty() => vec![format!("{} is too large to show", self.name)],
            shape if self.total && shape.contains(&0) => vec![format!("{} = 0", self.name)],
            [] => vec![format!("{head} = {}", texts.first().map_or("0", String::as_str))],
            _ if texts.is_empty() => vec![format!("{head} = empty")],
            [_] => vec![format!("{head} = ({})", texts.join(", "))],
            [.., columns] => {
                let width = texts.iter().map(|text| text.chars().count()).max().unwrap_or(1);
                let mut rows = Vec::new();
                for (number, row) in texts.chunks((*columns).max(1)).enumerate() {
                    // A blank row between the matrices of a tensor with more than two axes.
                    let height = self.shape.iter().rev().nth(1).copied().unwrap_or(1);
                    if number > 0 && self.shape.len() > 2 && number % height.max(1) == 0 {
                        rows.push(String::new());
                    }
                    let cells: Vec<String> = row.iter().map(|text| format!("{text:>width$}")).collect();
                    rows.push(format!("[{}]", cells.join(" ")));
                }
                let indent = " ".repeat(head.chars().count() + 3);
                let label = |number: usize| if number == 0 { format!("{head} = ") } else { indent.clone() };
                rows.iter().enumerate().map(|(number, row)| format!("{}{row}", label(number))).collect()
            }
        }
    }
}

fn hull(values: &BTreeMap<&[i64], BigRational>) -> (Vec<i64>, Vec<usize>) {
    let mut bounds: Option<Vec<(i64, i64)>> = None;
    for (position, _) in values.iter().filter(|(_, value)| !value.is_zero()) {
        bounds = Some(match bounds {
            None => position.iter().map(|value| (*value, *value)).collect(),
            Some(old) => {
                old.iter().zip(*position).map(|((low, high), value)| (*low.min(value), *high.max(value))).collect()
            }
        });
    }
    let axes = values.keys().next().map_or(0, |position| position.len());
    let bounds = bounds.unwrap_or_else(|| vec![(0, -1); axes]);
    let length = |(low, high): &(i64, i64)| usize::try_from(high - low + 1).unwrap_or(0);
    (bounds.iter().map(|(low, _)| *low).collect(), bounds.iter().map(length).collect())
}

/// An integer as a JSON number where it fits, everything else as text.
fn number(value: &BigRational) -> Value {
    match value.to_string().parse::<i64>() {
        Ok(small) if value.is_integer() => json!(small),
        _ => json!(value.to_string()),
    }
}

fn named(values: &[(Name, Vec<i64>)]) -> Value {
    let value = |values: &Vec<i64>| match values.as_slice() {
        [single] => json!(single),
        several => json!(several),
    };
    Value::Object(values.iter().map(|(name, values)| (name.to_string(), value(values))).collect())
}

impl Counterexample {
    /// Gives the values of the two sides as an author has written them, where these are integers. They stay what they are where a side
    /// has a value that is not among the data here, as that of a function has.
    pub fn compare(&mut self, statement: &Statement, (left, right): &(Index, Index)) {
        let claim = Claim::Equation(Expr::Integer(left.clone()), Expr::Integer(right.clone()));
        let statement = Statement { claim, ..statement.clone() };
        let assignment = Assignment {
            ranks: self.ranks.iter().cloned().collect(),
            sizes: self.sizes.iter().cloned().collect(),
            index: self.index.iter().cloned().collect(),
            points: 1 << 10,
            ..Assignment::default()
        };
        let applied = |index: &Index| {
            let mut found = false;
            index.visit_functions(&mut |_, _| found = true);
            found
        };
        if !applied(left)
            && !applied(right)
            && let Ok((left, right)) = evaluate(&statement, &assignment)
        {
            (self.lhs, self.rhs, self.note) = (left, right, None);
        }
    }

    /// The fields `sizes, index, tensors, lhs, rhs`, and `ranks`, `functions`, `note` where they say something.
    pub fn to_json(&self) -> Value {
        let tensors = self.tensors.iter().map(|tensor| {
            (tensor.name.to_string(), json!({"lower": tensor.lower, "shape": tensor.shape, "entries": tensor.nested()}))
        });
        let mut value = json!({
            "sizes": named(&self.sizes),
            "index": named(&self.index),
            "tensors": Value::Object(tensors.collect()),
            "lhs": number(&self.lhs),
            "rhs": number(&self.rhs),
        });
        if let Value::Object(fields) = &mut value {
            if !self.ranks.is_empty() {
                let ranks = self.ranks.iter().map(|(name, width)| (name.to_string(), json!(width)));
                fields.insert("ranks".into(), Value::Object(ranks.collect()));
            }
            if !self.functions.is_empty() {
                fields.insert("functions".into(), json!(self.functions));
            }
            if let Some(note) = &self.note {
                fields.insert("note".into(), json!(note));
            }
        }
        value
    }
}

/// Sizes, small matrices side by side, and both values, in a few lines.
impl fmt::Display for Counterexample {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |values: &[(Name, Vec<i64>)]| {
            let text = |values: &Vec<i64>| match values.as_slice() {
                [single] => single.to_string(),
                several => format!("({})", several.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")),
            };
            values.iter().map(|(name, values)| format!("{name} = {}", text(values))).collect::<Vec<_>>().join(", ")
        };
        let ranks = self.ranks.iter().map(|(name, width)| format!("{name} = {width}"));
        let sizes = ranks.chain((!self.sizes.is_empty()).then(|| list(&self.sizes))).collect::<Vec<_>>().join(", ");
        if !sizes.is_empty() {
            writeln!(formatter, "for {sizes}")?;
        }
        for line in side_by_side(&self.tensors) {
            writeln!(formatter, "{line}")?;
        }
        for function in &self.functions {
            writeln!(formatter, "{function}")?;
        }
        if !self.index.is_empty() {
            writeln!(formatter, "at {}", list(&self.index))?;
        }
        if let Some(note) = &self.note {
            writeln!(formatter, "{note}")?;
        }
        write!(formatter, "left side = {}, right side = {}", self.lhs, self.rhs)
    }
}

/// Blocks beside each other as far as 100 columns go.
fn side_by_side(tensors: &[TensorValue]) -> Vec<String> {
    let mut shown: Vec<String> = Vec::new();
    let mut band: Vec<Vec<String>> = Vec::new();
    let width = |block: &[String]| block.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let flush = |band: &mut Vec<Vec<String>>, shown: &mut Vec<String>| {
        for number in 0..band.iter().map(Vec::len).max().unwrap_or(0) {
            let cells = band
                .iter()
                .map(|block| format!("{:<width$}", block.get(number).map_or("", String::as_str), width = width(block)));
            shown.push(cells.collect::<Vec<_>>().join("   ").trim_end().to_string());
        }
        band.clear();
    };
    for tensor in tensors {
        let block = tensor.lines();
        let used: usize = band.iter().map(|block| width(block) + 3).sum();
        if used + width(&block) > 100 {
            flush(&mut band, &mut shown);
        }
        band.push(block);
    }
    flush(&mut band, &mut shown);
    shown
}
