//! A field of the file becomes a field to type in: what is wrong with a value stands beneath it, and nothing that is
//! wrong is asked for.

use crate::lab::action::Action;
use crate::lab::fonts;
use crate::lab::panels::widget::{self, Inks};
use crate::lab::state::LabState;
use crate::lab::theme::size;
use crate::scenario::Edit;
use crate::scenario::form::{Control, Forms};
use egui::text::{CCursor, CCursorRange};
use egui::{FontFamily, FontId, Key, Modifiers, RichText, Ui};

/// A field while somebody types in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Editing {
    /// Where it stands.
    pub path: String,
    text: String,
    /// As it was.
    was: String,
    /// Steps up, or down, since.
    steps: i32,
    /// What was looked at last, and what is wrong with it.
    checked: Option<(String, Option<String>)>,
    begun: bool,
}

impl Editing {
    /// Begins with what is there.
    #[must_use]
    pub fn new(path: String, value: &str) -> Self {
        let text = if value == "absent" { String::new() } else { value.to_owned() };
        Self { path, was: text.clone(), text, steps: 0, checked: None, begun: false }
    }

    fn edit(&self) -> Edit {
        Edit::set(self.path.as_str(), self.text.trim())
    }

    /// So many steps on, where it is a number.
    fn step(&mut self, state: &LabState, by: i32, coarse: bool) {
        let Some(design) = state.draft() else { return };
        let Ok(form) = Forms::new(design).at(&self.path) else { return };
        let Control::Number(number) = form.control else { return };
        self.steps += if coarse { by * 10 } else { by };
        if let Some(text) = number.stepped(self.steps, false) {
            self.text = text;
        }
    }

    /// What is wrong with it.
    fn objection(&mut self, state: &LabState) -> Option<String> {
        if self.checked.as_ref().is_none_or(|(text, _)| *text != self.text) {
            let same = self.text == self.was;
            let objection = if same { None } else { state.objection(&[self.edit()]) };
            self.checked = Some((self.text.clone(), objection));
        }
        self.checked.as_ref().and_then(|(_, objection)| objection.clone())
    }
}

/// What a value is, its units and its range.
#[must_use]
pub fn about(kind: &str, units: &str, range: &str) -> Vec<String> {
    let mut about = vec![kind.to_owned()];
    about.extend((!units.is_empty()).then(|| format!("units {units}")));
    about.extend((!range.is_empty()).then(|| range.to_owned()));
    about
}

/// Draws it and hears it; `about`: what the value is.
pub fn ui(ui: &mut Ui, state: &LabState, about: Vec<String>, editing: &mut Option<Editing>, actions: &mut Vec<Action>) {
    let Some(now) = editing else { return };
    let inks = Inks::of(state);
    let mono = FontId::new(size::SMALL, FontFamily::Monospace);
    ui.label(RichText::new(&now.path).font(fonts::name()));
    let field = egui::TextEdit::singleline(&mut now.text).font(mono).desired_width(f32::INFINITY).id_salt("field");
    let (up, down) = ui.input_mut(|input| {
        let mut pressed = |key| {
            let coarse = input.consume_key(Modifiers::SHIFT, key);
            coarse.then_some(true).or_else(|| input.consume_key(Modifiers::NONE, key).then_some(false))
        };
        (pressed(Key::ArrowUp), pressed(Key::ArrowDown))
    });
    let response = ui.add(field);
    if !std::mem::replace(&mut now.begun, true) {
        response.request_focus();
        // What is typed takes the place of what was there.
        if let Some(mut typed) = egui::TextEdit::load_state(ui.ctx(), response.id) {
            let end = CCursor::new(now.text.chars().count());
            typed.cursor.set_char_range(Some(CCursorRange::two(CCursor::new(0), end)));
            typed.store(ui.ctx(), response.id);
        }
    }
    for (pressed, by) in [(up, 1), (down, -1)] {
        if let Some(coarse) = pressed {
            now.step(state, by, coarse);
        }
    }
    let mut about = about;
    about
        .extend((now.text != now.was).then(|| format!("was {}", if now.was.is_empty() { "absent" } else { &now.was })));
    widget::quiet(ui, about.join(" · "));
    let objection = now.objection(state);
    if let Some(objection) = &objection {
        ui.add(egui::Label::new(RichText::new(objection).size(size::SMALL).color(inks.failed)).wrap());
    }
    let changed = now.text != now.was && objection.is_none();
    let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let edit = now.edit();
    let mut over = false;
    ui.horizontal(|ui| {
        let ways = [
            ("From the start", "The run is played again, up to here", Action::EditFromStart(vec![edit.clone()])),
            ("From now on", "It stands on the timeline", Action::Edit(vec![edit.clone()])),
        ];
        for (name, more, action) in ways {
            if ui.add_enabled(changed, egui::Button::new(name)).on_hover_text(more).clicked() {
                actions.push(action);
                over = true;
            }
        }
        if entered && changed {
            actions.push(Action::Change(vec![edit]));
            over = true;
        }
        over |= ui.button("Cancel").clicked();
    });
    over |= ui.input(|input| input.key_pressed(Key::Escape)) || entered && now.text == now.was;
    if over {
        *editing = None;
    } else if entered {
        // What is wrong is mended where it was typed.
        response.request_focus();
    }
}
