//! What the file says of what is picked, field by field; meaning, unit, range and default when the pointer rests there.

use super::editing::{self, Editing};
use super::form::FormTree;
use crate::lab::action::{Action, Subject};
use crate::lab::fonts;
use crate::lab::panels::widget::{self, Inks};
use crate::lab::state::LabState;
use crate::lab::theme::size;
use crate::scenario::{self, FieldValue};
use egui::{FontFamily, FontId, Rect, RichText, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};

/// What the file says of something: paths such as `services.app`, and the fields under each.
pub type Stated = Vec<(String, Vec<FieldValue>)>;

/// What the file says of a subject.
#[must_use]
pub fn stated(state: &LabState, subject: &Subject) -> Stated {
    let Some(running) = &state.running else { return Vec::new() };
    let file = &running.loaded.scenario;
    let service = |name: &str| {
        let mut values = file.services.get(name).map(scenario::values)?;
        // Links have pages of their own.
        values.retain(|value| !value.path.starts_with("links."));
        Some((format!("services.{name}"), values))
    };
    let group = |name: &str| Some((format!("machines.{name}"), file.machines.get(name).map(scenario::values)?));
    let found = match subject {
        Subject::Source(id) => {
            let name = state.source_name(*id);
            file.traffic.get(name).map(|source| (format!("traffic.{name}"), scenario::values(source)))
        }
        Subject::Service(id) => service(state.service_name(*id)),
        Subject::Instance(index) => state
            .frame
            .instances
            .get(*index as usize)
            .and_then(|instance| service(state.service_name(instance.service))),
        Subject::Group(id) => group(state.group_name(*id)),
        Subject::Machine(index) => {
            state.frame.machines.get(*index as usize).and_then(|machine| group(state.group_name(machine.group)))
        }
        Subject::Link(id) => state.link_ends(*id).and_then(|(caller, callee)| {
            let link = file.services.get(caller)?.links.get(callee)?;
            Some((format!("services.{caller}.links.{callee}"), scenario::values(link)))
        }),
        Subject::Resource(_) | Subject::Request(..) => None,
    };
    found.into_iter().collect()
}

/// A table of them under a path such as `services.app`; those by default are folded away.
pub fn ui(
    ui: &mut Ui,
    state: &LabState,
    (path, values): (&str, &[FieldValue]),
    (forms, editing): (&mut FormTree, &mut Option<Editing>),
    actions: &mut Vec<Action>,
) {
    if values.is_empty() {
        return;
    }
    let (default, own): (Vec<_>, Vec<_>) = values.iter().partition(|value| value.by_default);
    widget::heading(ui, path);
    own.iter().for_each(|value| row(ui, state, (path, value), (forms, editing), actions));
    if !default.is_empty() {
        let title = RichText::new(format!("{} fields at their defaults", default.len())).size(size::SMALL).weak();
        egui::CollapsingHeader::new(title).id_salt(("default", path)).show(ui, |ui| {
            default.iter().for_each(|value| row(ui, state, (path, value), (forms, editing), actions));
        });
    }
}

/// Those that were searched for, with their meaning.
pub fn found(
    ui: &mut Ui,
    state: &LabState,
    (path, values): (&str, &[&FieldValue]),
    (forms, editing): (&mut FormTree, &mut Option<Editing>),
    actions: &mut Vec<Action>,
) {
    if values.is_empty() {
        return;
    }
    widget::heading(ui, path);
    for value in values {
        row(ui, state, (path, value), (forms, editing), actions);
        widget::quiet(ui, value.doc);
    }
}

fn row(
    ui: &mut Ui,
    state: &LabState,
    (path, value): (&str, &FieldValue),
    (forms, editing): (&mut FormTree, &mut Option<Editing>),
    actions: &mut Vec<Action>,
) {
    let whole = format!("{path}.{}", value.path);
    if editing.as_ref().is_some_and(|editing| editing.path == whole) {
        editing::ui(ui, state, editing::about(&value.kind, value.units, &value.range), editing, actions);
        return;
    }
    if forms.is_open(&whole) {
        forms.ui(ui, state, &whole, editing, actions);
        return;
    }
    let inks = Inks::of(state);
    let mono = FontId::new(size::SMALL, FontFamily::Monospace);
    let room = ui.available_width();
    let long = value.value.chars().count() > 22;
    let ink = if value.by_default { inks.muted } else { inks.text };
    let galley =
        ui.painter().layout(value.value.clone(), mono.clone(), ink, if long { room - 16.0 } else { room * 0.6 });
    let height = if long { 20.0 + galley.size().y + 2.0 } else { galley.size().y.max(16.0) + 4.0 };
    let (rect, response) = ui.allocate_exact_size(vec2(room, height), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("{whole}: {}", value.value)));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect.expand2(vec2(4.0, 0.0)), 6.0, ui.visuals().widgets.hovered.weak_bg_fill);
    }
    widget::focus_ring(ui, &response, rect.expand2(vec2(4.0, 0.0)));
    if response.clicked() {
        if forms.opens(state, &whole) {
            *editing = None;
        } else {
            *editing = Some(Editing::new(whole.clone(), &value.value));
        }
    }
    let width = if long { room } else { room - galley.size().x - 8.0 };
    widget::clipped(ui, Rect::from_min_size(rect.min, vec2(width, 20.0)), &value.path, mono, inks.muted);
    let at = if long {
        pos2(rect.left() + 16.0, rect.top() + 20.0)
    } else {
        pos2(rect.right() - galley.size().x, rect.center().y - galley.size().y / 2.0)
    };
    ui.painter().galley(at, galley, ink);
    response.on_hover_ui(|ui| {
        ui.label(RichText::new(format!("{path}.{}", value.path)).font(fonts::name()));
        ui.label(value.doc);
        let mut about = editing::about(&value.kind, value.units, &value.range);
        about.extend(value.by_default.then(|| "by default".to_owned()));
        ui.label(RichText::new(about.join(" · ")).size(size::SMALL).weak());
    });
}
