//! Tables of a fixed-width world. Names stand left, figures right; a column is as wide as its widest cell.

use crate::report::page::{Cell, Column, Side, Table, Tone, toned};
use crate::report::render::Paint;
use unicode_width::UnicodeWidthStr;

/// Indented by two, at most `width` columns: a last column of words wraps, names in the first are cut.
pub fn draw(table: &Table, paint: Paint, width: usize) -> String {
    let widths = widths(table, width);
    let titles: Vec<Cell> = table.columns.iter().map(|column| toned(Tone::Muted, &*column.title)).collect();
    let indent = " ".repeat(2 + widths.iter().rev().skip(1).map(|width| width + 2).sum::<usize>());
    let mut out = String::new();
    for row in table.titled.then_some(&titles).into_iter().chain(&table.rows) {
        let mut line = String::from(" ");
        let mut below = Vec::new();
        for (c, (cell, Column { side, .. })) in row.iter().zip(&table.columns).enumerate() {
            let text = match side {
                Side::Words => wrap(&cell.text, widths[c], 0),
                Side::Left | Side::Right => fit(&cell.text, widths[c]),
            };
            let (text, rest) = text.split_once('\n').unwrap_or((&text, ""));
            below.extend(rest.lines().map(str::to_owned));
            let pad = " ".repeat(widths[c].saturating_sub(text.width()));
            line.push_str(if c == 0 { " " } else { "  " });
            let text = paint.paint(cell.tone, text);
            line.push_str(&match side {
                Side::Left | Side::Words => format!("{text}{pad}"),
                Side::Right => format!("{pad}{text}"),
            });
        }
        for line in [line].into_iter().chain(below.into_iter().map(|rest| format!("{indent}{rest}"))) {
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    out
}

/// Of each column, so that all of them fit if they can.
fn widths(table: &Table, width: usize) -> Vec<usize> {
    let columns = table.columns.len();
    let widest = |(c, column): (usize, &Column)| {
        table.rows.iter().map(|row| row[c].text.width()).chain([column.title.width()]).max().unwrap_or(0)
    };
    let mut widths: Vec<usize> = table.columns.iter().enumerate().map(widest).collect();
    let between = 2 + 2 * (columns - 1);
    let words = table.columns.last().is_some_and(|column| column.side == Side::Words);
    for squeezed in [columns - 1, 0] {
        let used = between + widths.iter().sum::<usize>();
        if (squeezed == 0 || words) && used >= width {
            let others = used - widths[squeezed];
            widths[squeezed] = widths[squeezed].min(width.saturating_sub(others).max(12));
        }
    }
    widths
}

/// `text`, cut to `width` columns with an ellipsis.
pub fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if out.width() + c.to_string().width() + 1 > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// Words in lines of at most `width` columns; later lines are indented by `indent`, which counts.
pub fn wrap(text: &str, width: usize, indent: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.width();
        if used > 0 && used + 1 + length > width {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            used = indent;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_long_names_are_cut() {
        let table =
            Table::new(1, &["name", "p95"]).with([vec!["visitors of a very long name", "3.4 s"], vec!["b", "12 ms"]]);
        assert_eq!(
            draw(&table, Paint { color: false }, 24),
            "  name               p95\n  visitors of a …  3.4 s\n  b                12 ms\n"
        );
    }

    #[test]
    fn words_wrap_under_their_own_column() {
        assert_eq!(wrap("one two three four", 9, 2), "one two\n  three\n  four");
    }
}
