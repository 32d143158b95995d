//! What may be put into the system, found by its name or by what it is: dragged onto the canvas, or put in by a click
//! or a key.

use super::widget::{self, Inks};
use crate::lab::action::{Action, Subject};
use crate::lab::fonts;
use crate::lab::state::LabState;
use crate::lab::theme::size;
use crate::scenario::Loaded;
use crate::scenario::form::Template;
use crate::scenario::wiring::{self, Ground};
use egui::{Key, Modifiers, RichText, Sense, Ui, WidgetInfo, WidgetType, vec2};
use std::sync::Arc;

/// Its width, pixels.
pub const WIDTH: f32 = 220.0;

/// The list.
#[derive(Debug, Default)]
pub struct Parts {
    search: String,
    open: bool,
    /// Which of those found a key would put in.
    chosen: usize,
    /// What there is, made once for a scenario.
    offered: Option<(Arc<Loaded>, Vec<Template>)>,
}

impl Parts {
    /// It is not shown.
    pub fn close(&mut self) {
        self.open = false;
    }

    /// Draws it and hears it.
    pub fn ui(&mut self, ui: &mut Ui, state: &LabState, actions: &mut Vec<Action>) {
        let Some(design) = state.draft() else { return };
        if self.offered.as_ref().is_none_or(|(of, _)| !Arc::ptr_eq(of, design)) {
            self.offered = Some((Arc::clone(design), wiring::additions(design)));
        }
        let opened = !std::mem::replace(&mut self.open, true);
        let title = ui.label(RichText::new("Parts").font(fonts::name()));
        let (up, down) = ui.input_mut(|input| {
            (input.consume_key(Modifiers::NONE, Key::ArrowUp), input.consume_key(Modifiers::NONE, Key::ArrowDown))
        });
        let search = egui::TextEdit::singleline(&mut self.search).hint_text("nginx, cache, queue …");
        let response = ui.add(search.desired_width(f32::INFINITY)).labelled_by(title.id);
        if opened {
            self.search.clear();
            response.request_focus();
        }
        if response.changed() {
            self.chosen = 0;
        }
        let Some((_, offered)) = &self.offered else { return };
        let found = found(offered, &self.search);
        self.chosen = match (up, down) {
            (true, _) => self.chosen.saturating_sub(1),
            (_, true) => (self.chosen + 1).min(found.len().saturating_sub(1)),
            (false, false) => self.chosen.min(found.len().saturating_sub(1)),
        };
        if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Escape)) {
            actions.push(Action::ShowParts(false));
        }
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if entered && let Some(template) = found.get(self.chosen).filter(|template| possible(template, state)) {
            actions.push(add(template, state));
            response.request_focus();
        }
        widget::quiet(ui, "Drag one onto a machine or onto free ground; Enter puts it in.");
        egui::ScrollArea::vertical().id_salt("parts").auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let mut section = "";
            for (place, template) in found.iter().enumerate() {
                let here = template.path.split_once('.').map_or("", |(section, _)| section);
                if here != section {
                    section = here;
                    widget::heading(ui, heading(section));
                }
                row(ui, state, template, place == self.chosen && response.has_focus(), actions);
            }
            if found.is_empty() {
                widget::quiet(ui, "No match.");
            }
        });
    }
}

fn heading(section: &str) -> &'static str {
    match section {
        "services" => "Services",
        "machines" => "Machines",
        _ => "Crowds",
    }
}

/// A blank scenario gets its first machine with its first service.
fn possible(template: &Template, state: &LabState) -> bool {
    let first = || state.draft().is_some_and(|design| design.scenario.machines.is_empty());
    template.missing.as_ref().is_none_or(|missing| first() && missing.contains("machines"))
}

fn add(template: &Template, state: &LabState) -> Action {
    let group = match &state.picked {
        Some(Subject::Group(group)) => Some(state.group_name(*group)),
        Some(Subject::Machine(index)) => {
            state.frame.machines.get(*index as usize).map(|machine| state.group_name(machine.group))
        }
        Some(_) | None => None,
    };
    let ground = group.map_or(Ground::Free, |group| Ground::Machines(group.to_owned()));
    Action::Add(template.clone(), ground, None)
}

/// Those whose name or meaning has all the words, those whose name begins so first.
fn found<'o>(offered: &'o [Template], search: &str) -> Vec<&'o Template> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let text = |template: &Template| format!("{} {}", template.name, template.doc).to_lowercase();
    let has = |template: &&Template| words.iter().all(|word| text(template).contains(word.as_str()));
    let mut found: Vec<&Template> = offered.iter().filter(has).collect();
    let begins = |template: &&Template| {
        words.first().is_some_and(|word| template.name.to_lowercase().starts_with(word.as_str()))
    };
    if !words.is_empty() {
        found.sort_by_key(|template| !begins(template));
    }
    found
}

fn row(ui: &mut Ui, state: &LabState, template: &Template, chosen: bool, actions: &mut Vec<Action>) {
    let inks = Inks::of(state);
    let possible = possible(template, state);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, possible, format!("Add {}", template.name)));
    if response.hovered() || response.has_focus() || chosen {
        ui.painter().rect_filled(rect, 6.0, ui.visuals().widgets.hovered.weak_bg_fill);
    }
    widget::focus_ring(ui, &response, rect);
    let ink = if possible { inks.text } else { inks.muted };
    let at = rect.shrink2(vec2(6.0, 0.0));
    let name = ui.painter().layout_no_wrap(template.name.clone(), fonts::name(), ink);
    let left = at.left() + name.size().x + 8.0;
    ui.painter().galley(egui::pos2(at.left(), at.center().y - name.size().y / 2.0), name, ink);
    let rest = egui::Rect::from_min_max(egui::pos2(left, at.top()), at.max);
    widget::clipped(ui, rest, &template.doc, fonts::small(), inks.muted);
    if possible {
        if response.clicked() {
            actions.push(add(template, state));
        }
        response.dnd_set_drag_payload(template.clone());
    }
    response.on_hover_ui(|ui| {
        ui.set_max_width(320.0);
        ui.label(RichText::new(&template.name).font(fonts::name()));
        if !template.doc.is_empty() {
            ui.label(&template.doc);
        }
        match &template.missing {
            Some(missing) if !possible => {
                ui.label(RichText::new(format!("First of all: {missing}.")).color(inks.failed))
            }
            Some(_) | None => ui.label(RichText::new(&template.value).monospace().size(size::SMALL).weak()),
        };
    });
}
