//! A page for a terminal: what was run, the pieces, and at the end the verdict and the command.

mod story;
mod table;
mod timeline;

pub(in crate::report) use table::draw;
pub use table::wrap;

use super::Look;
use crate::report::page::{Block, Heading, Medium, Note, Page, Table, Tone};

/// A report of at most 200 columns that ends with the command that reproduces it.
pub(super) fn text(page: &Page, look: Look) -> String {
    let title = wrap(&page.title, look.columns(), 0);
    let mut sections = vec![format!("{}\n", look.paint().paint(Tone::Strong, &title))];
    let mut last = Section::Head;
    for block in page.blocks(Medium::Terminal) {
        let (section, drawn) = (Section::of(block), draw_block(block, look));
        if drawn.is_empty() {
            continue;
        }
        match sections.last_mut() {
            Some(open) if section == last && section != Section::Piece => open.push_str(&drawn),
            Some(_) | None => sections.push(drawn),
        }
        last = section;
    }
    sections.push(closing(page, look));
    sections.join("\n")
}

/// Tables alone, in the width there is.
pub(in crate::report) fn tables(tables: &[Table], look: Look) -> String {
    let told = tables.iter().filter(|table| !table.rows.is_empty() || table.remark.is_some());
    let drawn = told.map(|table| {
        let rows = if table.rows.is_empty() { String::new() } else { draw(table, look.paint(), look.width) };
        rows + &remark(table, look.width)
    });
    drawn.collect::<Vec<_>>().join("\n")
}

/// What a table does not show, below it.
fn remark(table: &Table, width: usize) -> String {
    table.remark.as_ref().map_or(String::new(), |remark| format!("  {}\n", wrap(remark, width.saturating_sub(2), 2)))
}

/// What stands together; a blank line parts it from the rest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    /// The title and what was run.
    Head,
    /// A block of its own.
    Piece,
    /// Sentences one below the other.
    Notes,
}

impl Section {
    fn of(block: &Block) -> Section {
        match block {
            Block::Note(Note::Lead(_) | Note::Facts(_)) => Section::Head,
            Block::Note(Note::Made(..) | Note::Figure(..) | Note::Warning(_) | Note::Remark(_)) => Section::Notes,
            Block::Table(_)
            | Block::Story(_)
            | Block::Chart(_)
            | Block::Heat(_)
            | Block::Lines(..)
            | Block::Picture(..) => Section::Piece,
        }
    }
}

fn draw_block(block: &Block, look: Look) -> String {
    match block {
        Block::Table(table) => {
            let heading = table.heading.as_ref().map_or(String::new(), |heading| self::heading(heading, look));
            let rows = if table.rows.is_empty() { String::new() } else { draw(table, look.paint(), look.columns()) };
            heading + &rows + &remark(table, look.columns())
        }
        Block::Story(events) => story::story(events, look),
        Block::Chart(chart) => timeline::timeline(chart, look),
        Block::Lines(name, lines) => {
            let wrapped = |line: &String| format!("  {}\n", indented(line, look.columns().saturating_sub(2)));
            heading(name, look) + &lines.iter().map(wrapped).collect::<String>()
        }
        Block::Note(note) => self::note(note, look),
        // The chart has the rows that matter; a terminal has no pictures.
        Block::Heat(_) | Block::Picture(..) => String::new(),
    }
}

/// A heading with what it means beside it.
fn heading(heading: &Heading, look: Look) -> String {
    let name = look.paint().paint(Tone::Strong, &heading.name);
    if heading.meaning.is_empty() {
        format!("{name}\n")
    } else {
        let taken = heading.name.chars().count() + 2;
        let meaning = wrap(&heading.meaning, look.columns().saturating_sub(taken), 0);
        let meaning = meaning.replace('\n', &format!("\n{}", " ".repeat(taken)));
        format!("{name}  {}\n", look.paint().paint(Tone::Muted, &meaning))
    }
}

fn note(note: &Note, look: Look) -> String {
    let (paint, width) = (look.paint(), look.columns());
    match note {
        Note::Lead(text) => format!("{}\n", wrap(text, width, 0)),
        Note::Facts(text) => format!("{}\n", paint.paint(Tone::Muted, &wrap(text, width, 0))),
        Note::Made(text, digest) => format!("{}\n", wrap(&format!("{text}, digest {digest}"), width, 0)),
        Note::Figure(name, text) => {
            let taken = name.chars().count() + 2;
            let text = wrap(text, width.saturating_sub(taken), 0).replace('\n', &format!("\n{}", " ".repeat(taken)));
            format!("{}  {text}\n", paint.paint(Tone::Strong, name))
        }
        Note::Warning(text) => format!("{} {}\n", paint.paint(Tone::Hot, "warning:"), wrap(text, width - 9, 9)),
        Note::Remark(text) => format!("{}\n", paint.paint(Tone::Muted, &wrap(text, width, 0))),
    }
}

/// A line as it stands; where it is too long, in lines that are indented as it is.
fn indented(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    let indent = line.len() - line.trim_start().len();
    let wrapped = wrap(line, width.saturating_sub(indent), 2);
    wrapped.lines().map(|line| format!("{}{line}", " ".repeat(indent))).collect::<Vec<_>>().join("\n  ")
}

fn closing(page: &Page, look: Look) -> String {
    let (tone, sign) = match page.verdict.pass {
        Some(true) => (Tone::Good, "✔"),
        Some(false) => (Tone::Bad, "✘"),
        None => (Tone::Strong, "•"),
    };
    let verdict = wrap(&page.verdict.text, look.columns() - 2, 2);
    format!("{} {}\n{}\n", look.paint().paint(tone, sign), look.paint().paint(Tone::Strong, &verdict), page.command)
}
