//! The answer of a question where the inspector is: how far it is, its page, whether it is still of the design that is
//! shown, and the report as a file.

mod chart;
mod page;

use super::icon::{self, Icon};
use super::inspector::progress;
use super::widget::{self, Inks};
use crate::lab::action::Action;
use crate::lab::fonts;
use crate::lab::state::LabState;
use crate::lab::studies::{Found, Question, change, command};
use crate::lab::theme::{self, GRID};
use crate::report::page::Page;
use crate::report::{self, Context};
use crate::study::Answer;
use egui::{Align, FontId, Layout, RichText, Sense, Ui, vec2};
use std::sync::Arc;

/// The panel.
#[derive(Default)]
pub struct AnswerPanel {
    /// The page of the answer that was shown last; made once.
    page: Option<(Arc<Answer>, Page)>,
}

impl AnswerPanel {
    /// Draws the page of a question and hears it.
    pub fn ui(&mut self, ui: &mut Ui, state: &LabState, question: Question, actions: &mut Vec<Action>) {
        ui.spacing_mut().item_spacing.y = GRID / 2.0;
        let studies = &state.studies;
        let found = studies.found.get(&question);
        heading(ui, question, found.is_some(), actions);
        if let Some(asked) = studies.asked.as_ref().filter(|asked| asked.question == question) {
            progress(ui, asked, actions);
            if found.is_none() {
                widget::quiet(ui, question.tooltip());
                widget::quiet(ui, "Asked of the design as it stands now, from its start, beside the run.");
            }
        } else if let Some((_, why)) = studies.failed.as_ref().filter(|(failed, _)| *failed == question) {
            let inks = Inks::of(state);
            ui.add(egui::Label::new(RichText::new(format!("No answer: {why}.")).color(inks.failed)).wrap());
            again(ui, state, question, "Ask again", actions);
        }
        let Some(found) = found else {
            self.page = None;
            return;
        };
        self.fresh(state, found, actions, ui);
        if self.page.as_ref().is_none_or(|(of, _)| !Arc::ptr_eq(of, &found.answer)) {
            let command = command(question, &found.of);
            let context = Context { command: &command, ..Context::default() };
            self.page = Some((Arc::clone(&found.answer), report::page(&found.answer, &context)));
        }
        let Some((_, page)) = &self.page else { return };
        let area = egui::ScrollArea::vertical().id_salt(("answer", question)).auto_shrink(false);
        area.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = GRID / 2.0;
            verdict(ui, state, page);
            page::ui(ui, state, page, actions);
            closing(ui, page);
            ui.add_space(2.0 * GRID);
        });
    }

    /// Whether the answer is of the design that is shown, and what it was before.
    fn fresh(&self, state: &LabState, found: &Found, actions: &mut Vec<Action>, ui: &mut Ui) {
        let before = state.studies.before.get(&found.question);
        if let Some(change) = before.and_then(|before| change(&before.answer, &found.answer)) {
            ui.add(egui::Label::new(RichText::new(change).font(fonts::name())).wrap());
        }
        if state.is_stale(found) {
            ui.horizontal_wrapped(|ui| {
                widget::quiet(ui, "Out of date: the design was changed since.");
                again(ui, state, found.question, "Ask again", actions);
            });
        }
    }
}

fn again(ui: &mut Ui, state: &LabState, question: Question, text: &str, actions: &mut Vec<Action>) {
    let button = ui.add_enabled(state.studies.asked.is_none(), egui::Button::new(text).small());
    if button.on_hover_text("Of the design as it stands now").clicked() {
        actions.push(Action::Ask(question));
    }
}

/// The question, the report as a file, and the way back.
fn heading(ui: &mut Ui, question: Question, answered: bool, actions: &mut Vec<Action>) {
    let size = vec2(ui.available_width(), widget::SIGN);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        if widget::sign(ui, Icon::Close, "Close", "Back to the inspector", true, None).clicked() {
            actions.push(Action::ShowAnswer(None));
        }
        if answered {
            let save = ui.small_button("Save report");
            if save.on_hover_text("The answer as an HTML page beside the scenario").clicked() {
                actions.push(Action::Export(Some(question)));
            }
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let name = RichText::new(question.label()).font(FontId::new(theme::size::HEADING, fonts::strong()));
            ui.add(egui::Label::new(name).truncate());
        });
    });
}

fn verdict(ui: &mut Ui, state: &LabState, page: &Page) {
    let inks = Inks::of(state);
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(16.0, 20.0), Sense::hover());
        let (sign, ink) = match page.verdict.pass {
            Some(true) => (Icon::Check, inks.succeeded),
            Some(false) => (Icon::Cross, inks.failed),
            None => (Icon::Disc, inks.muted),
        };
        icon::paint(ui.painter(), sign, rect.center(), 12.0, ink);
        let text = RichText::new(page.verdict.text.as_str()).font(FontId::new(theme::size::BODY, fonts::strong()));
        ui.add(egui::Label::new(text).wrap());
    });
}

/// The command that makes it again.
fn closing(ui: &mut Ui, page: &Page) {
    widget::heading(ui, "Again");
    let text = RichText::new(page.command.as_str()).font(FontId::new(theme::size::SMALL, egui::FontFamily::Monospace));
    ui.add(egui::Label::new(text).wrap());
    if ui.small_button("Copy the command").clicked() {
        ui.ctx().copy_text(page.command.clone());
    }
}
