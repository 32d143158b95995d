//! Markdown for pull requests and notes: the verdict first, then what bears it out.

use crate::measure::results::StoryEvent;
use crate::number::clock;
use crate::report::chain::arrange;
use crate::report::page::{Block, Heading, Medium, Note, Page, Side, Table};

/// Rows of the story at most.
const MOST: usize = 24;

/// A page of GitHub's Markdown that ends with its command. Details are folded; what it is found by stands in front.
pub(super) fn markdown(page: &Page) -> String {
    // Two hyphens could end a comment.
    let marker = page.marker.as_ref().map(|marker| format!("<!-- {} -->\n", marker.replace("--", "- -")));
    let subtitle = page.subtitle.as_ref().map_or(String::new(), |subtitle| format!(" — {}", escape(subtitle)));
    let mut out = marker.unwrap_or_default();
    out.push_str(&format!("# {}{subtitle}\n\n**{}**\n\n", escape(&page.title), escape(&page.verdict.text)));
    page.main(Medium::Document).for_each(|part| out.push_str(&block(part)));
    // A fence ends at one as long, so it is longer than any run of them inside.
    let fence = "`".repeat(page.command.split(|c| c != '`').map(str::len).max().unwrap_or(0).max(2) + 1);
    let command = format!("{fence}sh\n{}\n{fence}\n", page.command);
    match page.details(Medium::Document) {
        Some((name, details)) => {
            let inside: String = details.map(block).collect();
            let name = escape(name);
            out.push_str(&format!("<details><summary>{name}</summary>\n\n{inside}{command}\n</details>\n"));
        }
        None => out.push_str(&command),
    }
    out
}

/// Tables alone.
pub(in crate::report) fn tables(tables: &[Table]) -> String {
    tables.iter().map(table).collect()
}

/// A table of words.
pub fn markdown_table(titles: &[&'static str], rows: &[Vec<String>]) -> String {
    table(&Table::new(titles.len(), titles).with(rows.iter().cloned()))
}

fn block(block: &Block) -> String {
    match block {
        Block::Table(rows) => table(rows),
        Block::Story(events) => story(events),
        Block::Lines(name, lines) => {
            heading(name) + &lines.iter().map(|line| format!("- {}\n", escape(line))).collect::<String>() + "\n"
        }
        Block::Note(sentence) => note(sentence),
        // A document has no pictures.
        Block::Chart(_) | Block::Heat(_) | Block::Picture(..) => String::new(),
    }
}

fn heading(heading: &Heading) -> String {
    format!("## {}\n\n", escape(&heading.name))
}

fn note(note: &Note) -> String {
    let text = escape(note.text());
    match note {
        Note::Lead(_) | Note::Remark(_) => format!("{text}\n\n"),
        Note::Facts(_) => format!("{text}.\n\n"),
        Note::Made(_, digest) => format!("{text}, digest `{digest}`.\n\n"),
        Note::Figure(name, _) => format!("{name}: {text}\n\n"),
        Note::Warning(_) => format!("> Warning: {text}\n\n"),
    }
}

/// Text that Markdown shows as it is, in a table too.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '*' | '_' | '`' | '<' | '>' | '[' | ']' | '\\' | '&' | '~' => out.extend(['\\', c]),
            '#' if out.is_empty() => out.extend(['\\', c]),
            '\n' | '\r' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}

fn table(table: &Table) -> String {
    let remark = || table.remark.as_ref().map_or(String::new(), |remark| format!("{}\n\n", escape(remark)));
    if table.rows.is_empty() {
        return remark();
    }
    let side = |side: Side| match side {
        Side::Left | Side::Words => "---",
        Side::Right => "---:",
    };
    let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let mut out = table.heading.as_ref().map(heading).unwrap_or_default();
    out.push_str(&line(table.columns.iter().map(|column| &*column.title).collect()));
    out.push_str(&line(table.columns.iter().map(|column| side(column.side)).collect()));
    for row in &table.rows {
        let cells: Vec<String> = row.iter().map(|cell| escape(&cell.text)).collect();
        out.push_str(&line(cells.iter().map(String::as_str).collect()));
    }
    out.push('\n');
    out + &remark()
}

fn story(events: &[StoryEvent]) -> String {
    let (lines, left_out) = arrange(events, MOST);
    let mut out = heading(&Heading::story());
    for line in lines {
        let more = if line.more > 0 { format!(" ({})", line.repeats()) } else { String::new() };
        let because = line.event.because.words().map_or(String::new(), |because| format!(" ← {}", escape(&because)));
        out.push_str(&format!("- {} {}{more}{because}\n", clock(line.event.at_s), escape(&line.event.text)));
    }
    if left_out > 0 {
        out.push_str(&format!("- and {left_out} more kinds of event\n"));
    }
    out.push('\n');
    out
}
