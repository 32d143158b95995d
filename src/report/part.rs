//! A part for people: what it is, what it sets, and where each number comes from.

use super::page::{Cell, Table, Tone, toned};
use super::render::{Look, Paint, draw_table, wrap};
use crate::catalog::Part;

/// What it is, its fields to read, its numbers with their sources.
pub fn part_text(part: Part, look: Look) -> String {
    let (paint, width) = (Paint { color: look.color }, look.width);
    let rows = part.numbers().into_iter().map(|number| {
        let source = number.source.unwrap_or_default();
        let tone = if source.starts_with("assumed") { Tone::Muted } else { Tone::Plain };
        vec![Cell::from(number.path), Cell::from(number.value), toned(tone, source)]
    });
    let table = Table::new(2, &["number", "value", "source"]).last_words().with(rows);
    let use_it = format!("services: {{ \"..\": (like: \"{}\", ..) }}", part.name);
    format!(
        "{}  {}\n\n{}\n{}\n  {}\n",
        paint.paint(Tone::Strong, part.name),
        wrap(part.what(), width.saturating_sub(part.name.len() + 2), 4),
        fields(part.text()),
        draw_table(&table, paint, width),
        paint.paint(Tone::Muted, &use_it),
    )
}

/// The fields as they stand in the file of parts, moved to the margin of a list.
fn fields(text: &str) -> String {
    let inside = |line: &&str| !matches!(line.trim(), "(" | ")");
    let margin =
        text.lines().skip(1).filter(inside).map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let line = |line: &str| match line.get(margin..) {
        Some(rest) if !rest.is_empty() => format!("  {rest}\n"),
        _ => "\n".to_owned(),
    };
    text.lines().filter(inside).map(line).collect()
}
