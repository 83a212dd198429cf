//! A matrix as a drawing: a cell for each entry, one colour for each kernel entry, a legend. It needs nothing from outside.

use super::{Cell, Matrix, place};
use crate::export::mathml::escape;

/// Sizes in pixels.
const MARGIN: usize = 24;
const HEIGHT: usize = 26;
const FONT: usize = 12;
const TITLE: usize = 34;
const LEGEND_COLUMNS: usize = 90;
/// In a matrix with more columns than this, cells are small and have no text.
const MAX_LABELLED: usize = 40;
/// The edge of a small cell.
const SMALL: usize = 10;

/// The width of a text, roughly.
fn width(text: &str) -> usize {
    text.chars().count() * FONT * 6 / 10
}

/// The colour of an entry: hues at equal distances around the circle, each as light as the others. Where there are many, every
/// second one is a little darker.
fn colour(number: usize, count: usize) -> String {
    let hue = number * 360 / count.max(1);
    let light = if count > 8 && number % 2 == 1 { 70 } else { 82 };
    format!("hsl({hue},70%,{light}%)")
}

/// Draws a matrix. Columns are inputs and rows are outputs; what is empty is 0.
pub fn svg(matrix: &Matrix) -> String {
    let kinds = matrix.kinds();
    let kind = |cell: &Cell| kinds.binary_search(&cell).unwrap_or(0);
    let (rows, columns) = (matrix.rows.len(), matrix.columns.len());
    let names: Vec<String> = kinds.iter().map(|kind| kind.to_string()).collect();
    let heads: Vec<String> = matrix.columns.iter().map(|position| place(position)).collect();
    let sides: Vec<String> = matrix.rows.iter().map(|position| place(position)).collect();
    let widest = |texts: &[String]| texts.iter().map(|text| width(text)).max().unwrap_or(0);
    let labelled = columns <= MAX_LABELLED && rows <= MAX_LABELLED && widest(&names) <= 120;
    let (cell_width, cell_height) = match labelled {
        true => (widest(&names).max(widest(&heads)).max(HEIGHT) + 10, HEIGHT),
        false => (SMALL, SMALL),
    };
    let left = MARGIN + if labelled { widest(&sides) + 12 } else { 0 };
    let top = MARGIN + TITLE + if labelled { FONT + 10 } else { 0 };
    let (grid_width, grid_height) = (columns * cell_width, rows * cell_height);
    let swatch = widest(&names).max(LEGEND_COLUMNS - 40) + 40;
    let total = (left + grid_width + MARGIN).max(2 * MARGIN + width(&matrix.title()) * 2).max(2 * MARGIN + swatch);
    let per_line = ((total - 2 * MARGIN) / swatch).max(1);
    let legend_top = top + grid_height + MARGIN;
    let height = legend_top + kinds.len().div_ceil(per_line) * (HEIGHT - 2) + MARGIN;
    let title = escape(&matrix.title());
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {total} {height}\" width=\"{total}\" height=\"{height}\" \
         role=\"img\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"{FONT}\">\n\
         <title>{title}: {rows} rows, {columns} columns</title>\n\
         <rect width=\"{total}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
         <text x=\"{MARGIN}\" y=\"{}\" font-size=\"16\" fill=\"#222222\">{title}</text>\n\
         <text x=\"{MARGIN}\" y=\"{}\" fill=\"#777777\">{rows} × {columns}: rows {}, columns {}</text>\n",
        MARGIN + 6,
        MARGIN + 24,
        escape(&matrix.names.0),
        escape(&matrix.names.1),
    );
    for ((row, column), cell) in &matrix.cells {
        let number = kind(cell);
        let (x, y) = (left + column * cell_width, top + row * cell_height);
        let (name, fill) = (names.get(number).map_or("", String::as_str), colour(number, kinds.len()));
        let (name, hint) = (escape(name), escape(&hint(matrix, *row, *column)));
        out.push_str(&format!(
            "<g><title>{hint}: {name}</title><rect x=\"{x}\" y=\"{y}\" width=\"{cell_width}\" height=\"{cell_height}\" fill=\"{fill}\"/>"
        ));
        if labelled {
            let (x, y) = (x + cell_width / 2, y + HEIGHT / 2 + FONT / 3);
            out.push_str(&format!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" fill=\"#222222\">{name}</text>"));
        }
        out.push_str("</g>\n");
    }
    out.push_str(&grid((left, top), (columns, rows), (cell_width, cell_height)));
    if labelled {
        for (column, head) in heads.iter().enumerate() {
            let (x, y) = (left + column * cell_width + cell_width / 2, top - 8);
            out.push_str(&format!(
                "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" fill=\"#777777\">{}</text>\n",
                escape(head)
            ));
        }
        for (row, side) in sides.iter().enumerate() {
            let (x, y) = (left - 8, top + row * cell_height + HEIGHT / 2 + FONT / 3);
            out.push_str(&format!(
                "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\" fill=\"#777777\">{}</text>\n",
                escape(side)
            ));
        }
    }
    for (number, name) in names.iter().enumerate() {
        let (x, y) = (MARGIN + number % per_line * swatch, legend_top + number / per_line * (HEIGHT - 2));
        out.push_str(&format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"16\" height=\"16\" rx=\"3\" fill=\"{}\" stroke=\"#cccccc\"/>\
             <text x=\"{}\" y=\"{}\" fill=\"#222222\">{}</text>\n",
            colour(number, names.len()),
            x + 22,
            y + 12,
            escape(name)
        ));
    }
    out.push_str("</svg>\n");
    out
}

/// What a cell is about, shown where the pointer rests on it.
fn hint(matrix: &Matrix, row: usize, column: usize) -> String {
    let at = |positions: &[Vec<i64>], number: usize| positions.get(number).map_or_else(String::new, |one| place(one));
    let (output, input) = &matrix.names;
    format!("{output}{} from {input}{}", at(&matrix.rows, row), at(&matrix.columns, column))
}

/// The lines of the grid as one path.
fn grid((left, top): (usize, usize), (columns, rows): (usize, usize), (width, height): (usize, usize)) -> String {
    let mut path = String::new();
    for column in 0..=columns {
        path.push_str(&format!("M{} {top}v{}", left + column * width, rows * height));
    }
    for row in 0..=rows {
        path.push_str(&format!("M{left} {}h{}", top + row * height, columns * width));
    }
    format!("<path d=\"{path}\" fill=\"none\" stroke=\"#dddddd\"/>\n")
}
