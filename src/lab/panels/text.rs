//! The scenario's file beside the canvas, both ways: what is typed holds as soon as it is sound, and what is picked on
//! the canvas is found in it.

use super::widget::{self, Inks};
use crate::experiment::Compiled;
use crate::lab::action::{Action, Subject};
use crate::lab::fonts;
use crate::lab::state::LabState;
use crate::lab::theme::size;
use crate::scenario::{self, Loaded};
use egui::text::{CCursor, CCursorRange};
use egui::{RichText, ScrollArea, TextEdit, Ui};
use std::sync::Arc;

/// Its width, pixels.
pub const WIDTH: f32 = 440.0;
/// What is typed holds so long after the last key, seconds.
const PAUSE: f64 = 0.5;

/// The text while it is shown.
#[derive(Debug, Default)]
pub struct TextPanel {
    /// What it is of.
    of: Option<Arc<Compiled>>,
    text: String,
    /// As it was taken from the run.
    taken: String,
    /// When a key was pressed that was not yet looked at.
    typed: Option<f64>,
    /// What is wrong with it.
    problem: Option<String>,
    /// It was sound last as this.
    sound: Option<Loaded>,
    /// What was looked up in it last.
    found: Option<Subject>,
}

impl TextPanel {
    /// It is not shown.
    pub fn close(&mut self) {
        self.of = None;
    }

    /// Draws it and hears it.
    pub fn ui(&mut self, ui: &mut Ui, state: &LabState, actions: &mut Vec<Action>) {
        self.follow(state);
        let inks = Inks::of(state);
        ui.horizontal(|ui| {
            let name = self.of.as_ref().map_or("", |of| of.loaded.name.as_str());
            ui.label(RichText::new(name).font(fonts::name()));
            if self.text != self.taken {
                ui.label(RichText::new("edited").size(size::SMALL).weak());
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui.small_button("Close").clicked() {
                    actions.push(Action::ShowText(false));
                }
            });
        });
        if let Some(problem) = &self.problem {
            ui.add(egui::Label::new(RichText::new(problem).size(size::SMALL).color(inks.failed)).wrap());
        } else {
            widget::quiet(ui, "What is typed holds from the start, as soon as it is sound.");
        }
        let found = self.found(state);
        ScrollArea::both().id_salt("text").auto_shrink(false).show(ui, |ui| {
            let edit = TextEdit::multiline(&mut self.text).code_editor().desired_width(900.0).id_salt("scenario text");
            let output = edit.show(ui);
            output
                .response
                .widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, true, "Text of the scenario"));
            if let Some(range) = found {
                let mut typed = output.state;
                let range = CCursorRange::two(CCursor::new(range.0), CCursor::new(range.1));
                let row = output.galley.pos_from_cursor(range.primary).translate(output.galley_pos.to_vec2());
                typed.cursor.set_char_range(Some(range));
                typed.store(ui.ctx(), output.response.id);
                ui.scroll_to_rect(row, Some(egui::Align::Center));
            }
            if output.response.changed() {
                self.typed = Some(ui.input(|input| input.time));
                ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(PAUSE + 0.05));
            }
        });
        let now = ui.input(|input| input.time);
        if self.typed.is_some_and(|typed| now - typed >= PAUSE) {
            self.typed = None;
            self.look(actions);
        }
    }

    /// Takes the text of the run anew where it changed by other hands.
    fn follow(&mut self, state: &LabState) {
        let Some(opened) = &state.opened else { return };
        if self.of.as_ref().is_some_and(|of| Arc::ptr_eq(of, opened)) {
            return;
        }
        self.of = Some(Arc::clone(opened));
        let stated = state.changes().stated();
        if stated != self.text {
            self.problem = None;
            self.text.clone_from(&stated);
        }
        self.sound = scenario::load(&opened.loaded.name, &stated).ok();
        self.taken = stated;
    }

    /// What was typed holds, or what is wrong with it is told.
    fn look(&mut self, actions: &mut Vec<Action>) {
        if self.text == self.taken {
            self.problem = None;
            return;
        }
        let name = self.of.as_ref().map_or("text", |of| of.loaded.name.as_str());
        match scenario::load(name, &self.text) {
            Ok(loaded) => {
                self.problem = None;
                self.sound = Some(loaded);
                self.taken.clone_from(&self.text);
                actions.push(Action::Rewrite(self.text.clone()));
            }
            Err(problems) => {
                self.problem = problems.first().map(|problem| {
                    let line = problem
                        .span
                        .as_ref()
                        .map_or(1, |span| self.text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1);
                    let more = if problem.label.is_empty() { String::new() } else { format!(": {}", problem.label) };
                    format!("line {line}: {}{more}", problem.message)
                });
            }
        }
    }

    /// Where what was picked since stands, in characters.
    fn found(&mut self, state: &LabState) -> Option<(usize, usize)> {
        if self.found == state.picked {
            return None;
        }
        self.found.clone_from(&state.picked);
        let path = state.picked_path()?;
        let range = self.sound.as_ref()?.place(&path.split('.').collect::<Vec<_>>())?;
        if self.text != self.taken {
            return None;
        }
        let chars = |at: usize| self.text.get(..at).map(|before| before.chars().count());
        Some((chars(range.start)?, chars(range.end)?))
    }
}
