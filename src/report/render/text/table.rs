//! Tables of a fixed-width world. Names stand left, figures right; a column is as wide as its widest cell.

use crate::report::page::{Cell, Column, Side, Table, Tone, toned};
use crate::report::render::Paint;
use unicode_width::UnicodeWidthStr;

/// Indented by two, at most `width` columns: a last column of words wraps, names in the first are broken into lines.
pub fn draw(table: &Table, paint: Paint, width: usize) -> String {
    let widths = widths(table, width);
    let titles: Vec<Cell> = table.columns.iter().map(|column| toned(Tone::Muted, &*column.title)).collect();
    let mut out = String::new();
    for row in table.titled.then_some(&titles).into_iter().chain(&table.rows) {
        let cells = row.iter().zip(&table.columns).zip(&widths);
        let lines: Vec<Vec<String>> = cells
            .map(|((cell, column), &width)| match column.side {
                Side::Words => wrap(&cell.text, width, 0).lines().map(str::to_owned).collect(),
                Side::Left | Side::Right => broken(&cell.text, width),
            })
            .collect();
        for at in 0..lines.iter().map(Vec::len).max().unwrap_or(0).max(1) {
            let mut line = String::from(" ");
            for (c, (cell, Column { side, .. })) in row.iter().zip(&table.columns).enumerate() {
                let text = lines[c].get(at).map_or("", String::as_str);
                let pad = " ".repeat(widths[c].saturating_sub(text.width()));
                line.push_str(if c == 0 { " " } else { "  " });
                let text = if text.is_empty() { String::new() } else { paint.paint(cell.tone, text) };
                line.push_str(&match side {
                    Side::Left | Side::Words => format!("{text}{pad}"),
                    Side::Right => format!("{pad}{text}"),
                });
            }
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

/// `text` in lines of at most `width` columns, broken behind a sign that parts a name where there is one; later lines
/// are indented by one more than the first. Nothing is left out.
pub fn broken(text: &str, width: usize) -> Vec<String> {
    let indent = " ".repeat((text.len() - text.trim_start().len()).min(width / 2) + 1);
    let (width, mut lines, mut rest) = (width.max(4), Vec::new(), text.to_owned());
    while rest.width() > width {
        let mut end = 0;
        let (mut used, mut hard, mut soft) = (0, 0, None);
        for c in rest.chars() {
            used += c.to_string().width();
            if used > width {
                break;
            }
            end += c.len_utf8();
            hard = end;
            if matches!(c, '.' | '/' | '-' | '_' | ' ' | ')') && !rest[..end].trim().is_empty() {
                soft = Some(end);
            }
            // What is in parentheses stays together.
            if c == '(' && end > 1 {
                soft = Some(end - 1);
            }
        }
        let at = soft.unwrap_or(hard).max(1);
        lines.push(rest[..at].trim_end().to_owned());
        rest = format!("{indent}{}", rest[at..].trim_start());
    }
    lines.push(rest);
    lines
}

/// Words in lines of at most `width` columns; later lines are indented by `indent`, which counts. A number stays with
/// its unit.
pub fn wrap(text: &str, width: usize, indent: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let mut word = word.to_owned();
        while let Some(unit) = words.next_if(|next| word.ends_with(|c: char| c.is_ascii_digit()) && is_unit(next)) {
            word = format!("{word} {unit}");
        }
        let length = word.width();
        if used > 0 && used + 1 + length > width {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            used = indent;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(&word);
        used += length;
    }
    out
}

/// What stands behind a number.
fn is_unit(word: &str) -> bool {
    let plain = word.trim_end_matches([',', ';', '.', ':', ')']);
    matches!(plain, "%" | "µs" | "ms" | "s" | "min" | "h")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_long_names_are_broken() {
        let table =
            Table::new(1, &["name", "p95"]).with([vec!["visitors of a very long name", "3.4 s"], vec!["b", "12 ms"]]);
        assert_eq!(
            draw(&table, Paint { color: false }, 24),
            "  name               p95\n  visitors of a    3.4 s\n   very long name\n  b                12 ms\n"
        );
    }

    #[test]
    fn a_name_is_broken_at_its_parts_and_keeps_every_letter() {
        assert_eq!(broken("postman.send", 20), ["postman.send"]);
        assert_eq!(broken("postman.send", 10), ["postman.", " send"]);
        assert_eq!(broken("talk.pool(mysql)", 12), ["talk.pool", " (mysql)"]);
        assert_eq!(broken("  far_phone.signup", 14), ["  far_phone.", "   signup"]);
        assert_eq!(broken("abcdefghij", 4), ["abcd", " efg", " hij"]);
    }

    #[test]
    fn words_wrap_under_their_own_column() {
        assert_eq!(wrap("one two three four", 9, 2), "one two\n  three\n  four");
        assert_eq!(wrap("it took 5.6 s, 25.0 % of it", 10, 0), "it took\n5.6 s,\n25.0 % of\nit");
    }
}
