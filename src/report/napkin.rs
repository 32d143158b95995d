//! The napkin alone, without a run.

use super::or_absent;
use super::page::{Cell, Table};
use super::render::{Look, tables_as_markdown, tables_as_text};
use super::run::{breaks_at, demand, theory};
use crate::measure::results::NapkinRow;
use crate::napkin::Theory;
use crate::number::{clock, figure};

/// For a terminal.
pub fn napkin_text(theory: &Theory, look: Look) -> String {
    let row = |row: &NapkinRow| -> Vec<Cell> { demand(row).into_iter().collect() };
    let demand = Table::new(1, &["resource", "ρ at base", "ρ at peak", "breaks at", "demand passes"])
        .with(theory.resources.iter().map(row));
    let noted = theory.resources.iter().filter(|row| !row.note.is_empty());
    let note = |row: &NapkinRow| -> Vec<Cell> { vec![row.resource.as_str().into(), row.note.as_str().into()] };
    let notes = Table::new(1, &["resource", "note"]).last_words().with(noted.map(note));
    let [stations, populations] = theory::tables(&theory.stations, &theory.populations);
    tables_as_text(&[demand, notes, stations, populations], Look { width: look.width.clamp(60, 140), ..look })
}

/// For a document.
pub fn napkin_markdown(theory: &Theory) -> String {
    let row = |row: &NapkinRow| {
        vec![
            row.resource.clone(),
            figure(row.base),
            figure(row.peak),
            breaks_at(row),
            or_absent(row.passed_at_s, clock),
            row.note.clone(),
        ]
    };
    let demand = Table::new(6, &["Resource", "ρ at base", "ρ at peak", "Breaks at", "Demand passes", "Note"])
        .with(theory.resources.iter().map(row));
    let [stations, populations] = theory::tables_of_a_document(&theory.stations, &theory.populations);
    tables_as_markdown(&[demand, stations, populations])
}
