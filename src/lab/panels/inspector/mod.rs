//! Everything about what is picked; with nothing picked, everything about the run.

mod chart;
mod design;
mod editing;
mod evidence;
mod fields;
mod form;
mod gauges;
mod questions;
mod overview;
mod pages;
mod part;
mod request;
mod search;
mod time_breakdown;
mod commands;

pub use overview::sentence;
pub use questions::progress;

use super::icon::Icon;
use super::widget;
use crate::experiment::Compiled;
use crate::lab::action::{Action, Subject};
use crate::lab::command::UiCommand;
use crate::lab::fonts;
use crate::lab::state::LabState;
use crate::lab::theme::{self, GRID};
use egui::{Align, FontId, Layout, RichText, Ui};
use std::sync::Arc;

/// Its width, pixels.
pub const WIDTH: f32 = 344.0;

/// The inspector.
#[derive(Debug, Default)]
pub struct Inspector {
    /// What it showed last: another begins at its top.
    shown: Option<Subject>,
    /// Which scenario that was of, and what its file says; made once.
    stated: Option<(Arc<Compiled>, fields::Stated)>,
    /// Fields that are shown with all that is in them.
    forms: form::FormTree,
    /// The name that is being typed.
    naming: Option<design::Naming>,
    /// The field that is being edited.
    editing: Option<editing::Editing>,
    search: search::Search,
}

impl Inspector {
    /// Draws it and hears it.
    pub fn ui(&mut self, ui: &mut Ui, state: &LabState, actions: &mut Vec<Action>) {
        ui.spacing_mut().item_spacing.y = GRID / 2.0;
        if let Some(subject) = &state.picked {
            heading(ui, state, subject, actions);
            if ui.available_height() > 260.0 && commands::has(state, subject) {
                let frame = egui::Frame::new().inner_margin(egui::Margin { left: 0, right: 0, top: 0, bottom: 12 });
                egui::Panel::bottom("wishes").frame(frame).show(ui, |ui| commands::ui(ui, state, subject, actions));
            }
        }
        let mut area = egui::ScrollArea::vertical().id_salt("inspector").auto_shrink(false);
        if self.shown != state.picked {
            self.shown.clone_from(&state.picked);
            self.stated = None;
            self.editing = None;
            self.naming = None;
            self.forms = form::FormTree::default();
            self.search.clear();
            area = area.vertical_scroll_offset(0.0);
        }
        self.read(state);
        let none = fields::Stated::new();
        let stated = self.stated.as_ref().map_or(&none, |(_, stated)| stated);
        let (editing, naming, forms) = (&mut self.editing, &mut self.naming, &mut self.forms);
        let search = &mut self.search;
        area.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = GRID / 2.0;
            match &state.picked {
                Some(subject) => {
                    pages::ui(ui, state, subject, actions);
                    design::ui(ui, state, naming, actions);
                    if !search.ui(ui, state, stated, (forms, editing), actions) {
                        for (path, values) in stated {
                            fields::ui(ui, state, (path, values), (forms, editing), actions);
                            forms.additions(ui, state, path, actions);
                        }
                    }
                }
                None => overview::ui(ui, state, actions),
            }
            ui.add_space(2.0 * GRID);
        });
    }
}

impl Inspector {
    /// Looks up what the file says, where that is not known.
    fn read(&mut self, state: &LabState) {
        let (Some(running), Some(subject)) = (&state.running, &state.picked) else {
            self.stated = None;
            return;
        };
        let fresh = self.stated.as_ref().is_some_and(|(of, stated)| Arc::ptr_eq(of, running) && !stated.is_empty());
        if !fresh {
            self.stated = Some((running.clone(), fields::stated(state, subject)));
        }
    }
}

/// What is picked, and the way back to the whole.
fn heading(ui: &mut Ui, state: &LabState, subject: &Subject, actions: &mut Vec<Action>) {
    let size = egui::vec2(ui.available_width(), widget::SIGN);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let more = format!("Back to the whole run\n{}", UiCommand::Dismiss.key_text());
        if widget::sign(ui, Icon::Close, "Close", &more, true, None).clicked() {
            actions.push(Action::Pick(None));
        }
        if widget::sign(ui, Icon::Fit, "Reveal", "Put it in the middle of the canvas", true, None).clicked() {
            actions.push(Action::Reveal(subject.clone()));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let name = RichText::new(state.name_of(subject)).font(FontId::new(theme::size::HEADING, fonts::strong()));
            ui.add(egui::Label::new(name).truncate());
            ui.label(RichText::new(LabState::kind_of(subject)).size(theme::size::SMALL).weak());
        });
    });
}
