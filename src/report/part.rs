//! A part for people: what it is, what it sets, and where each number comes from.
use super::{
    paint::{Paint, Tone},
    table::{Cell, Table, toned, wrap},
};
use crate::catalog::Part;

/// What it is, its fields to read, its numbers with their sources.
pub fn part_text(part: Part, color: bool, width: usize) -> String {
    let paint = Paint { color };
    let mut table = Table::new(2, &["number", "value", "source"]).last_left();
    for number in part.numbers() {
        let source = number.source.unwrap_or_default();
        let tone = if source.starts_with("assumed") { Tone::Muted } else { Tone::Plain };
        table.row(vec![Cell::from(number.path), Cell::from(number.value), toned(tone, source)]);
    }
    let use_it = format!("services: {{ \"..\": (like: \"{}\", ..) }}", part.name);
    format!(
        "{}  {}\n\n{}\n{}\n  {}\n",
        paint.paint(Tone::Strong, part.name),
        wrap(part.what(), width.saturating_sub(part.name.len() + 2), 4),
        fields(part.text()),
        table.draw(paint, width),
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
