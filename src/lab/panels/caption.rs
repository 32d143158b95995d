//! What one looks at and what one may do, at the head of the canvas: the scenario's one sentence, and the verbs.

use super::widget::Inks;
use crate::lab::action::Action;
use crate::lab::command::UiCommand;
use crate::lab::state::LabState;
use crate::lab::studies::Question;
use crate::lab::theme::size;
use crate::lab::view::Comparison;
use crate::layout::Point;
use egui::{Area, Order, Rect, RichText, Ui, pos2};

/// Below this the canvas has no room for it, pixels.
const WIDE: f32 = 560.0;
const HIGH: f32 = 240.0;

/// Draws it and hears it.
pub fn ui(ui: &Ui, state: &LabState, canvas: Rect, actions: &mut Vec<Action>) {
    let Some(running) = &state.running else { return };
    if canvas.width() < WIDE || canvas.height() < HIGH || state.dead || state.progress.is_some() {
        return;
    }
    let inks = Inks::of(state);
    let area = Area::new(egui::Id::new("caption"))
        .order(Order::Middle)
        .fixed_pos(pos2(canvas.left() + 16.0, canvas.top() + 8.0));
    area.show(ui.ctx(), |ui| {
        ui.set_max_width(canvas.width() - 32.0);
        let teaches = running.loaded.scenario.teaches.as_str();
        let compared = state.view.comparison != Comparison::Off;
        let beside = state.beside().filter(|_| compared);
        let lesson = teaches.split_inclusive(". ").next().unwrap_or(teaches).trim_end();
        let sentence = beside.as_ref().map_or(lesson, |beside| beside.verdict.as_str());
        if !sentence.is_empty() {
            ui.add(egui::Label::new(RichText::new(sentence).size(size::BODY).color(inks.text)).truncate());
        }
        ui.horizontal(|ui| {
            for command in [UiCommand::Parts, UiCommand::Undo] {
                let wanted = command.actions(state, Point::default());
                let told = format!("{} {}", command.tooltip(), command.key_text());
                if (command == UiCommand::Parts || !wanted.is_empty())
                    && ui.small_button(command.label(state)).on_hover_text(told).clicked()
                {
                    actions.extend(wanted);
                }
            }
            surge(ui, state, actions);
            if state.studies.asked.is_none() {
                for question in [Question::Limit, Question::Seeds] {
                    if ui.small_button(question.label()).on_hover_text(question.tooltip()).clicked() {
                        actions.push(Action::Ask(question));
                    }
                }
            }
            if !state.frame.culprit.is_empty() {
                let told = format!("{} {}", UiCommand::Culprit.tooltip(), UiCommand::Culprit.key_text());
                if ui.small_button(UiCommand::Culprit.label(state)).on_hover_text(told).clicked() {
                    actions.extend(UiCommand::Culprit.actions(state, Point::default()));
                }
            }
        });
    });
}

/// A button that is clicked, or held.
fn surge(ui: &mut Ui, state: &LabState, actions: &mut Vec<Action>) {
    let told = format!("{} {}", UiCommand::Surge.tooltip(), UiCommand::Surge.key_text());
    let button = ui.small_button(UiCommand::Surge.label(state)).on_hover_text(told);
    if button.is_pointer_button_down_on() {
        ui.ctx().request_repaint();
        actions.push(Action::Surge(true, ui.input(|input| input.time)));
    } else if button.clicked() && state.surge.is_none() {
        actions.extend(UiCommand::Surge.actions(state, Point::default()));
    }
}
