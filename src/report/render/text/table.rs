//! Tables of a fixed-width world. Names stand left, figures right; a column is as wide as its widest cell.

use crate::report::page::{Cell, Side, Table, Tone, toned};
use crate::report::render::Paint;
use unicode_width::UnicodeWidthStr;

/// Indented by two, at most `width` columns: a last column of words wraps, names in the first and titles are broken
/// into lines, and where figures still do not fit the rest of the columns stands below, behind the names again.
pub fn draw(table: &Table, paint: Paint, width: usize) -> String {
    let widths = widths(table, width);
    let parts = parts(&widths, width);
    let drawn = parts.iter().map(|columns| {
        let mut widths = widths.clone();
        // Words that stand below with few others have the room that is left.
        if let Some(&last) = columns.last().filter(|last| parts.len() > 1 && table.columns[**last].side == Side::Words)
        {
            let others: usize = columns.iter().map(|c| 2 + widths[*c]).sum();
            widths[last] += width.saturating_sub(others);
        }
        part(table, paint, &widths, columns)
    });
    drawn.collect::<Vec<_>>().join("\n")
}

/// Some of the columns.
fn part(table: &Table, paint: Paint, widths: &[usize], columns: &[usize]) -> String {
    let titles: Vec<Cell> = table.columns.iter().map(|column| toned(Tone::Muted, &*column.title)).collect();
    let mut out = String::new();
    for (at, row) in table.titled.then_some(&titles).into_iter().chain(&table.rows).enumerate() {
        let is_title = table.titled && at == 0;
        let lines: Vec<Vec<String>> = columns
            .iter()
            .map(|&c| match table.columns[c].side {
                Side::Words => wrap(&row[c].text, widths[c], 0).lines().map(str::to_owned).collect(),
                _ if is_title => wrap(&row[c].text, widths[c], 0).lines().map(str::to_owned).collect(),
                Side::Left | Side::Right => broken(&row[c].text, widths[c]),
            })
            .collect();
        let height = lines.iter().map(Vec::len).max().unwrap_or(0).max(1);
        for at in 0..height {
            let mut line = String::from(" ");
            for (place, &c) in columns.iter().enumerate() {
                // A title stands right above its figures.
                let above = if is_title { height - lines[place].len() } else { 0 };
                let text = at.checked_sub(above).and_then(|at| lines[place].get(at)).map_or("", String::as_str);
                let pad = " ".repeat(widths[c].saturating_sub(text.width()));
                line.push_str(if place == 0 { " " } else { "  " });
                let text = if text.is_empty() { String::new() } else { paint.paint(row[c].tone, text) };
                line.push_str(&match table.columns[c].side {
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

/// Columns that stand beside each other: all, or as many as there is room for, each time behind the first.
fn parts(widths: &[usize], width: usize) -> Vec<Vec<usize>> {
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let (mut part, mut used) = (Vec::new(), 0);
    for (c, own) in widths.iter().enumerate() {
        if part.len() > 1 && used + 2 + own > width {
            parts.push(std::mem::replace(&mut part, vec![0]));
            used = 2 + widths[0];
        }
        part.push(c);
        used += 2 + own;
    }
    parts.push(part);
    parts
}

/// Columns of room that a broken name has at least.
const NARROWEST_NAME: usize = 12;

/// Of each column, so that all of them fit if they can.
fn widths(table: &Table, width: usize) -> Vec<usize> {
    let columns = table.columns.len();
    let cells = |c: usize| table.rows.iter().map(|row| row[c].text.width()).max().unwrap_or(0);
    let titles: Vec<usize> = table.columns.iter().map(|column| column.title.width()).collect();
    let mut widths: Vec<usize> = titles.iter().enumerate().map(|(c, title)| cells(c).max(*title)).collect();
    let between = 2 + 2 * (columns - 1);
    let words = table.columns.last().is_some_and(|column| column.side == Side::Words);
    for squeezed in [columns - 1, 0] {
        let used = between + widths.iter().sum::<usize>();
        if (squeezed == 0 || words) && used >= width {
            let others = used - widths[squeezed];
            widths[squeezed] = widths[squeezed].min(width.saturating_sub(others).max(NARROWEST_NAME));
        }
    }
    // Titles of several words, the widest first.
    while between + widths.iter().sum::<usize>() > width {
        let narrower = |c: &usize| {
            let wrapped = wrap(&table.columns[*c].title, widths[*c] - 1, 0);
            wrapped.lines().map(UnicodeWidthStr::width).max().unwrap_or(0).max(cells(*c))
        };
        let squeezable = |c: &usize| widths[*c] > 1 && narrower(c) < widths[*c];
        let Some(c) = (1..columns - usize::from(words)).filter(squeezable).max_by_key(|c| widths[*c]) else { break };
        widths[c] = narrower(&c);
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
    fn titles_are_broken_before_figures_and_what_has_no_room_stands_below() {
        let table =
            Table::new(1, &["name", "in the mean", "at most", "given up"]).with([vec!["a", "3.4 s", "5 s", "12 %"]]);
        let wide = "  name  in the mean  at most  given up\n  a           3.4 s      5 s      12 %\n";
        assert_eq!(draw(&table, Paint { color: false }, 60), wide);
        let narrow = "        in the    at  given\n  name    mean  most     up\n  a      3.4 s   5 s   12 %\n";
        assert_eq!(draw(&table, Paint { color: false }, 28), narrow);
        let folded = concat!(
            "           in\n          the    at\n  name   mean  most\n  a     3.4 s   5 s\n\n",
            "        given\n  name     up\n  a      12 %\n"
        );
        assert_eq!(draw(&table, Paint { color: false }, 22), folded);
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
