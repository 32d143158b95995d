//! A field of what is picked found by words: of its path, its kind, its unit, its meaning.

use super::editing::Editing;
use super::fields::{self, Stated};
use super::form::FormTree;
use crate::lab::action::Action;
use crate::lab::command::UiCommand;
use crate::lab::panels::widget;
use crate::lab::state::LabState;
use crate::scenario::FieldValue;
use egui::{Key, Modifiers, Ui, WidgetInfo, WidgetType};

/// What is searched.
#[derive(Debug, Default)]
pub struct Search {
    typed: String,
    /// How often it was asked for when the keyboard was brought here last.
    asked: u32,
}

impl Search {
    /// Nothing is searched any more.
    pub fn clear(&mut self) {
        self.typed.clear();
    }

    /// Draws the line to type into, and with something typed what is found; false: nothing is searched.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        state: &LabState,
        stated: &Stated,
        (forms, editing): (&mut FormTree, &mut Option<Editing>),
        actions: &mut Vec<Action>,
    ) -> bool {
        if stated.is_empty() {
            return false;
        }
        widget::heading(ui, "Fields");
        let hint = format!("Find a field by its meaning: timeout, queue… ({})", UiCommand::FindField.key_text());
        let field = egui::TextEdit::singleline(&mut self.typed).hint_text(hint).desired_width(f32::INFINITY);
        let response = ui.add(field.id_salt("find a field"));
        response.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Find a field"));
        if std::mem::replace(&mut self.asked, state.view.finding) != state.view.finding {
            response.request_focus();
            response.scroll_to_me(None);
        }
        let here = response.has_focus() || response.lost_focus();
        if here && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
            self.typed.clear();
            response.surrender_focus();
        }
        if self.typed.trim().is_empty() {
            return false;
        }
        let mut none = true;
        for (path, values) in stated {
            let fitting: Vec<&FieldValue> = values.iter().filter(|value| speaks(value, &self.typed)).collect();
            none &= fitting.is_empty();
            fields::found(ui, state, (path, &fitting), (forms, editing), actions);
        }
        if none {
            widget::quiet(ui, "No field speaks of that.");
        }
        true
    }
}

/// Whether each word of what is typed stands somewhere in what there is to say of a field.
fn speaks(value: &FieldValue, typed: &str) -> bool {
    let told = format!("{} {} {} {}", value.path, value.kind, value.units, value.doc).to_lowercase();
    typed.to_lowercase().split_whitespace().all(|word| told.contains(word))
}
