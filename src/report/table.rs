//! Tables of a fixed-width world. Names stand left, figures right; a column is as wide as its widest cell.

use super::paint::{Paint, Tone};
use unicode_width::UnicodeWidthStr;

/// One cell and what it is.
#[derive(Clone, Debug)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Cell {
        Cell { text: text.into(), tone: Tone::Plain }
    }
}

/// A cell in a tone.
pub fn toned(tone: Tone, text: impl Into<String>) -> Cell {
    Cell { text: text.into(), tone }
}

/// Rows under a heading; the first `left` columns stand left.
pub struct Table<'a> {
    head: Vec<&'a str>,
    left: usize,
    last_left: bool,
    rows: Vec<Vec<Cell>>,
}

impl<'a> Table<'a> {
    /// An empty table.
    pub fn new(left: usize, head: &[&'a str]) -> Table<'a> {
        Table { head: head.to_vec(), left, last_left: false, rows: Vec::new() }
    }

    /// The last column is words too.
    pub fn last_left(mut self) -> Table<'a> {
        self.last_left = true;
        self
    }

    /// Add a row of as many cells as the heading has.
    pub fn row(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.head.len(), "a row has a cell for every column");
        self.rows.push(cells);
    }

    /// Whether there is nothing below the heading.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Indented by two, at most `width` columns: a last column of words wraps, names in the first are cut.
    pub fn draw(&self, paint: Paint, width: usize) -> String {
        let columns = self.head.len();
        let mut widths: Vec<usize> = (0..columns)
            .map(|c| self.rows.iter().map(|r| r[c].text.width()).chain([self.head[c].width()]).max().unwrap_or(0))
            .collect();
        let spare = |widths: &[usize]| width.saturating_sub(2 + 2 * (columns - 1) + widths.iter().sum::<usize>());
        for squeezed in [columns - 1, 0] {
            if (squeezed == 0 || self.last_left) && spare(&widths) == 0 {
                let others: usize = widths.iter().sum::<usize>() - widths[squeezed] + 2 + 2 * (columns - 1);
                widths[squeezed] = widths[squeezed].min(width.saturating_sub(others).max(12));
            }
        }
        let head = self.head.iter().map(|h| toned(Tone::Muted, *h)).collect::<Vec<_>>();
        let mut out = String::new();
        for row in [&head].into_iter().chain(&self.rows) {
            let mut line = String::from(" ");
            let mut below = Vec::new();
            for (c, cell) in row.iter().enumerate() {
                let words = self.last_left && c + 1 == columns;
                let text = if words { wrap(&cell.text, widths[c], 0) } else { fit(&cell.text, widths[c]) };
                let (text, rest) = text.split_once('\n').unwrap_or((&text, ""));
                below.extend(rest.lines().map(str::to_owned));
                let pad = " ".repeat(widths[c].saturating_sub(text.width()));
                line.push_str(if c == 0 { " " } else { "  " });
                let text = paint.paint(cell.tone, text);
                line.push_str(&if c < self.left || words { format!("{text}{pad}") } else { format!("{pad}{text}") });
            }
            let indent = " ".repeat(2 + 2 * (columns - 1) + widths[..columns - 1].iter().sum::<usize>());
            for line in [line].into_iter().chain(below.into_iter().map(|rest| format!("{indent}{rest}"))) {
                out.push_str(line.trim_end());
                out.push('\n');
            }
        }
        out
    }
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
        let mut table = Table::new(1, &["name", "p95"]);
        table.row(vec!["visitors of a very long name".into(), "3.4 s".into()]);
        table.row(vec!["b".into(), "12 ms".into()]);
        assert_eq!(
            table.draw(Paint { color: false }, 24),
            "  name               p95\n  visitors of a …  3.4 s\n  b                12 ms\n"
        );
    }

    #[test]
    fn words_wrap_under_their_own_column() {
        assert_eq!(wrap("one two three four", 9, 2), "one two\n  three\n  four");
    }
}
