//! Any page of a report, drawn: every block of the closed list, as the terminal has it. What is drawn for browsers only
//! is in the report that is saved.

use super::chart;
use crate::lab::action::Action;
use crate::lab::fonts;
use crate::lab::panels::format;
use crate::lab::panels::icon::{self, Icon};
use crate::lab::panels::inspector::sentence;
use crate::lab::panels::timeline::{Mark, go};
use crate::lab::panels::widget::{self, Inks};
use crate::lab::state::LabState;
use crate::lab::theme::{GRID, size};
use crate::measure::results::StoryEvent;
use crate::report::chain::arrange;
use crate::report::page::{Block, Cell, Column, Heading, Medium, Note, Page, Side, Table, Tone};
use egui::{Align2, Color32, FontId, Grid, Rect, RichText, Sense, Ui, WidgetInfo, WidgetType, vec2};

/// Lines of a story at most.
const LINES: usize = 40;
/// Rows of a table at most.
const ROWS: usize = 60;
/// A sentence in a table is broken after so many pixels.
const WORDS: f32 = 220.0;

/// Draws it and hears it.
pub fn ui(ui: &mut Ui, state: &LabState, page: &Page, actions: &mut Vec<Action>) {
    for (at, block) in page.blocks(Medium::Terminal).enumerate() {
        match block {
            Block::Table(table) => self::table(ui, state, table, at, actions),
            Block::Story(events) => story(ui, state, events, actions),
            Block::Chart(over_time) => chart::traffic(ui, state, over_time),
            Block::Heat(rows) => chart::heat(ui, state, rows),
            Block::Lines(name, lines) => {
                heading(ui, name);
                lines.iter().for_each(|line| _ = widget::quiet(ui, line.as_str()));
            }
            Block::Note(note) => self::note(ui, state, note),
            Block::Picture(..) => {}
        }
    }
}

fn heading(ui: &mut Ui, heading: &Heading) {
    widget::heading(ui, &heading.name);
    if !heading.meaning.is_empty() {
        widget::quiet(ui, heading.meaning.as_ref());
    }
}

fn note(ui: &mut Ui, state: &LabState, note: &Note) {
    match note {
        Note::Lead(text) => _ = ui.add(egui::Label::new(text.as_str()).wrap()),
        Note::Facts(text) | Note::Remark(text) => _ = widget::quiet(ui, text.as_str()),
        Note::Made(text, digest) => _ = widget::quiet(ui, format!("{text}, digest {digest}")),
        Note::Figure(name, text) => {
            widget::heading(ui, name);
            ui.add(egui::Label::new(text.as_str()).wrap());
        }
        Note::Warning(text) => {
            let response = widget::quiet(ui, format!("       {text}"));
            let at = Rect::from_min_size(response.rect.min, vec2(16.0, 16.0)).center();
            icon::paint(ui.painter(), Icon::Flag, at, 11.0, Inks::of(state).muted);
        }
    }
}

fn ink(tone: Tone, inks: &Inks) -> Color32 {
    match tone {
        Tone::Plain | Tone::Strong => inks.text,
        Tone::Muted | Tone::Asked => inks.muted,
        Tone::Good => inks.succeeded,
        Tone::Bad => inks.failed,
        Tone::Hot => inks.saturated,
    }
}

fn table(ui: &mut Ui, state: &LabState, table: &Table, at: usize, actions: &mut Vec<Action>) {
    if let Some(name) = &table.heading {
        heading(ui, name);
    }
    let inks = Inks::of(state);
    let widths = widths(ui, table);
    let area = egui::ScrollArea::horizontal().id_salt(("table", at)).auto_shrink([false, true]);
    area.show(ui, |ui| {
        let grid = Grid::new(("grid", at)).num_columns(table.columns.len()).spacing(vec2(1.5 * GRID, 2.0));
        grid.show(ui, |ui| {
            if table.titled && table.columns.iter().any(|column| !column.title.is_empty()) {
                for (column, width) in table.columns.iter().zip(&widths) {
                    match column.side {
                        Side::Right => figure(ui, *width, &column.title, fonts::small(), inks.muted),
                        Side::Left | Side::Words => {
                            ui.label(RichText::new(column.title.as_ref()).size(size::SMALL).color(inks.muted));
                        }
                    }
                }
                ui.end_row();
            }
            for row in table.rows.iter().take(ROWS) {
                for ((cell, column), width) in row.iter().zip(&table.columns).zip(&widths) {
                    self::cell(ui, state, cell, (column.side, *width), actions);
                }
                ui.end_row();
            }
        });
        // Above it nothing lies under the bar.
        ui.add_space(GRID);
    });
    if table.rows.len() > ROWS {
        widget::quiet(ui, format!("and {} more rows; the report has them all", table.rows.len() - ROWS));
    }
    if let Some(remark) = &table.remark {
        widget::quiet(ui, remark.as_str());
    }
}

/// How wide each column of figures is; 0 for those of words, which see to that themselves.
fn widths(ui: &Ui, table: &Table) -> Vec<f32> {
    let wide = |text: &str| {
        let font = FontId::new(size::SMALL, fonts::strong());
        ui.painter().layout_no_wrap(text.to_owned(), font, Color32::WHITE).size().x
    };
    let width = |(place, column): (usize, &Column)| match column.side {
        Side::Right => {
            let cells = table.rows.iter().take(ROWS).filter_map(|row| row.get(place));
            cells.map(|cell| wide(&cell.text)).fold(wide(&column.title), f32::max)
        }
        Side::Left | Side::Words => 0.0,
    };
    table.columns.iter().enumerate().map(width).collect()
}

/// A text at the right end of its column.
fn figure(ui: &mut Ui, width: f32, text: &str, font: FontId, ink: Color32) {
    let height = font.size + 6.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, text));
    ui.painter().text(rect.right_center(), Align2::RIGHT_CENTER, text, font, ink);
}

/// What has a place on the canvas leads there.
fn cell(ui: &mut Ui, state: &LabState, cell: &Cell, (side, width): (Side, f32), actions: &mut Vec<Action>) {
    let inks = Inks::of(state);
    let strong = matches!(cell.tone, Tone::Strong);
    let font = if strong { FontId::new(size::SMALL, fonts::strong()) } else { fonts::small() };
    if side == Side::Right {
        return figure(ui, width, &cell.text, font, ink(cell.tone, &inks));
    }
    let text = RichText::new(cell.text.as_str()).font(font).color(ink(cell.tone, &inks));
    let subject = if side == Side::Left && !cell.text.is_empty() { state.resolve(&cell.text) } else { None };
    if let Some(subject) = subject {
        let link = ui.add(egui::Button::new(text).frame(false).small());
        if link.on_hover_text("Show it on the canvas").clicked() {
            actions.push(Action::Reveal(subject));
        }
        return;
    }
    let label = egui::Label::new(text);
    if side == Side::Words {
        ui.scope(|ui| {
            ui.set_max_width(WORDS);
            ui.add(label.wrap());
        });
    } else {
        ui.add(label.extend());
    }
}

/// What happened, each under what caused it. A click leads there in the run that is shown.
fn story(ui: &mut Ui, state: &LabState, events: &[StoryEvent], actions: &mut Vec<Action>) {
    widget::heading(ui, "Story");
    let (lines, left_out) = arrange(events, LINES);
    let now_s = format::seconds_of(state.frame.now);
    for line in lines {
        let event = line.event;
        let ahead = event.at_s > now_s;
        if sentence(ui, state, event.event, Some(event.at_s), &event.text, line.depth, ahead).clicked() {
            actions.extend(go(state, Mark::Told(event)));
        }
    }
    if left_out > 0 {
        widget::quiet(ui, format!("and {left_out} more"));
    }
}
