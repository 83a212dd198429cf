//! A matrix as aligned text, as a Markdown table and as a LaTeX array.

use num_traits::{One, Signed};

use super::{Cell, Matrix, place};
use crate::export::latex::variable;
use crate::export::text::name;

impl Matrix {
    fn row_name(&self, row: usize) -> String {
        self.rows.get(row).map_or_else(String::new, |position| place(position))
    }

    fn column_name(&self, column: usize) -> String {
        let position = self.columns.get(column).map_or_else(String::new, |position| place(position));
        format!("{}{position}", name(&self.names.1))
    }

    fn cell(&self, row: usize, column: usize, zero: &str) -> String {
        self.cells.get(&(row, column)).map_or_else(|| zero.to_string(), |cell| name(&cell.to_string()))
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Aligned text: a line for each output, a column for each input, a dot for 0.
pub fn text(matrix: &Matrix) -> String {
    let mut table: Vec<Vec<String>> = vec![vec![String::new()]];
    let columns = matrix.columns.len();
    table[0].extend((0..columns).map(|column| matrix.column_name(column)));
    for row in 0..matrix.rows.len() {
        let cells = (0..columns).map(|column| matrix.cell(row, column, "·"));
        table.push(std::iter::once(matrix.row_name(row)).chain(cells).collect());
    }
    let widest = |column: usize| table.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max();
    let widths: Vec<usize> = (0..=columns).map(|column| widest(column).unwrap_or(0)).collect();
    let mut out = format!("{}\n\n", name(&matrix.title()));
    for row in &table {
        let mut line = String::new();
        for (column, (cell, widest)) in row.iter().zip(&widths).enumerate() {
            let gap = " ".repeat(widest - width(cell));
            match column {
                0 => line.push_str(&format!("{cell}{gap}")),
                _ => line.push_str(&format!("  {gap}{cell}")),
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// A Markdown table.
pub fn markdown(matrix: &Matrix) -> String {
    let escape = |character: char| match character {
        '<' => "&lt;".to_string(),
        '>' => "&gt;".to_string(),
        '&' => "&amp;".to_string(),
        '\\' | '|' | '*' | '_' | '[' | ']' | '`' => format!("\\{character}"),
        character => character.to_string(),
    };
    let safe = |text: String| text.chars().map(escape).collect::<String>();
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let columns = 0..matrix.columns.len();
    let head = columns.clone().map(|column| safe(matrix.column_name(column)));
    let mut out = line(std::iter::once(safe(name(&matrix.title()))).chain(head).collect());
    out.push_str(&line(std::iter::once(":--".to_string()).chain(columns.clone().map(|_| ":-:".to_string())).collect()));
    for row in 0..matrix.rows.len() {
        let cells = columns.clone().map(|column| safe(matrix.cell(row, column, "")));
        out.push_str(&line(std::iter::once(safe(matrix.row_name(row))).chain(cells).collect()));
    }
    out
}

/// A LaTeX array in display style, for any document with amsmath.
pub fn latex(matrix: &Matrix) -> String {
    let columns = matrix.columns.len();
    let symbol = if matrix.transpose { "C^{T}" } else { "C" };
    let mut out = format!("\\[\n{} = \\left(\\begin{{array}}{{{}}}\n", symbol, "c".repeat(columns));
    for row in 0..matrix.rows.len() {
        let cells: Vec<String> = (0..columns)
            .map(|column| matrix.cells.get(&(row, column)).map_or_else(|| "\\cdot".to_string(), Cell::latex))
            .collect();
        out.push_str(&format!("  {} \\\\\n", cells.join(" & ")));
    }
    out.push_str("\\end{array}\\right)\n\\]\n");
    out
}

impl Cell {
    /// As LaTeX: `w_{0,1}`.
    fn latex(&self) -> String {
        let mut out = String::new();
        for (number, (coefficient, factors)) in self.0.iter().enumerate() {
            let sign = match (number, coefficient.is_negative()) {
                (0, false) => "",
                (_, true) => "-",
                (_, false) => "+",
            };
            let size = coefficient.abs();
            let mut parts: Vec<String> = Vec::new();
            if !size.is_one() || factors.is_empty() {
                parts.push(match size.is_integer() {
                    true => size.to_string(),
                    false => format!("\\frac{{{}}}{{{}}}", size.numer(), size.denom()),
                });
            }
            for ((tensor, position), exponent) in factors {
                let indices: Vec<String> = position.iter().map(i64::to_string).collect();
                let subscript = if indices.is_empty() { String::new() } else { format!("_{{{}}}", indices.join(",")) };
                let power = if *exponent == 1 { String::new() } else { format!("^{{{exponent}}}") };
                parts.push(format!("{{{}}}{subscript}{power}", variable(tensor.as_str())));
            }
            out.push_str(&format!("{sign}{}", parts.join(" ")));
        }
        out
    }
}
