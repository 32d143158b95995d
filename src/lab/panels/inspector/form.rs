//! A field with all that is in it: lists, maps, steps and choices, each with the control that its kind asks for, made
//! from the field table. What is changed is asked for as an edit; nothing is kept here but what is unfolded.

use super::editing::{self, Editing};
use crate::lab::action::Action;
use crate::lab::panels::format;
use crate::lab::panels::widget::Inks;
use crate::lab::state::LabState;
use crate::lab::theme::size;
use crate::number::seconds;
use crate::scenario::amount::drawn::Drawn;
use crate::scenario::form::{AmountForm, Choosable, Control, Form, Forms, Measure, Number, Origin, Template};
use crate::scenario::{Edit, Loaded};
use egui::{ComboBox, RichText, Sense, Ui, WidgetInfo, WidgetType};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// Bars of a plot.
const PIECES: u32 = 32;
/// Letters of a value in its row.
const SHOWN: usize = 34;

/// Fields that are shown with all that is in them.
#[derive(Debug, Default)]
pub struct FormTree {
    open: BTreeSet<String>,
    /// What is known of a scenario's fields.
    known: Known,
    /// A number that is being dragged: of which field, from which pixel of the drag.
    dragged: Option<(String, f32, String)>,
}

/// Forms of one scenario, made when they are needed.
#[derive(Debug, Default)]
struct Known {
    of: Option<Arc<Loaded>>,
    forms: BTreeMap<String, Rc<Form>>,
    templates: BTreeMap<String, Rc<Vec<Template>>>,
    plots: BTreeMap<String, Option<Rc<Drawn>>>,
}

impl Known {
    fn follow(&mut self, state: &LabState) {
        let Some(design) = state.draft() else { return };
        if self.of.as_ref().is_none_or(|of| !Arc::ptr_eq(of, design)) {
            *self = Self { of: Some(Arc::clone(design)), ..Self::default() };
        }
    }

    fn at(&mut self, path: &str) -> Option<Rc<Form>> {
        if let Some(form) = self.forms.get(path) {
            return Some(Rc::clone(form));
        }
        let design = self.of.clone()?;
        let forms = Forms::new(&design);
        let form = Rc::new(forms.at(path).ok()?);
        self.forms.insert(path.to_owned(), Rc::clone(&form));
        // Those within are asked for next.
        for below in forms.below(path).unwrap_or_default() {
            self.forms.insert(below.path.clone(), Rc::new(below));
        }
        Some(form)
    }

    fn templates(&mut self, path: &str) -> Rc<Vec<Template>> {
        if let Some(templates) = self.templates.get(path) {
            return Rc::clone(templates);
        }
        let templates = self.of.as_ref().and_then(|design| Forms::new(design).templates(path).ok());
        let templates = Rc::new(templates.unwrap_or_default());
        self.templates.insert(path.to_owned(), Rc::clone(&templates));
        templates
    }
}

impl FormTree {
    /// That field is shown with all that is in it.
    pub fn is_open(&self, path: &str) -> bool {
        self.open.contains(path)
    }

    /// Shows a field with all that is in it, where it is more than a line to type. Returns whether it is.
    pub fn opens(&mut self, state: &LabState, path: &str) -> bool {
        self.known.follow(state);
        let typed = match self.known.at(path).as_deref() {
            Some(form) => matches!(form.control, Control::Number(_) | Control::Text),
            None => true,
        };
        !typed && self.open.insert(path.to_owned())
    }

    /// Draws a field that is open, and hears it.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        state: &LabState,
        path: &str,
        editing: &mut Option<Editing>,
        actions: &mut Vec<Action>,
    ) {
        self.known.follow(state);
        let Some(form) = self.known.at(path) else {
            self.open.remove(path);
            return;
        };
        let frame = egui::Frame::group(ui.style()).inner_margin(8.0);
        frame.show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(RichText::new(&form.name).font(crate::lab::fonts::name())).on_hover_text(form.doc);
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if ui.small_button("Close").clicked() {
                        self.open.remove(path);
                    }
                    if let Some(reset) = form.reset()
                        && ui.small_button("Default").on_hover_text("As it is when nothing is said").clicked()
                    {
                        actions.push(Action::Change(vec![reset]));
                    }
                });
            });
            self.control(ui, state, &form, editing, actions);
        });
    }

    /// What may be put into the maps and lists of something: an operation, a link, a store.
    pub fn additions(&mut self, ui: &mut Ui, state: &LabState, path: &str, actions: &mut Vec<Action>) {
        self.known.follow(state);
        let Some(form) = self.known.at(path) else { return };
        let (Control::Record(fields) | Control::Choice { fields, .. }) = &form.control else { return };
        ui.horizontal_wrapped(|ui| {
            for field in fields {
                let Some(form) = self.known.at(field) else { continue };
                if matches!(form.control, Control::Map(_) | Control::List(_) | Control::Steps(_)) {
                    self.add(ui, field, actions);
                }
            }
        });
    }

    /// The row of a field within another: its name and its control.
    fn row(
        &mut self,
        ui: &mut Ui,
        state: &LabState,
        form: &Form,
        editing: &mut Option<Editing>,
        actions: &mut Vec<Action>,
    ) {
        let quiet = form.origin == Origin::Default;
        let name = RichText::new(&form.name).size(size::SMALL);
        let name = if quiet { name.weak() } else { name };
        match &form.control {
            Control::Record(paths) | Control::List(paths) | Control::Steps(paths) | Control::Map(paths)
                if !(quiet && paths.is_empty()) =>
            {
                let title = format!("{}  {}", form.name, format::shortened(&one_line(&form.text), SHOWN));
                let header = egui::CollapsingHeader::new(RichText::new(title).size(size::SMALL)).id_salt(&form.path);
                let header = header.show(ui, |ui| self.control(ui, state, form, editing, actions));
                header.header_response.on_hover_text(form.doc);
            }
            _ => {
                ui.horizontal_wrapped(|ui| {
                    ui.label(name).on_hover_text(form.doc);
                    self.control(ui, state, form, editing, actions);
                });
            }
        }
    }

    fn control(
        &mut self,
        ui: &mut Ui,
        state: &LabState,
        form: &Form,
        editing: &mut Option<Editing>,
        actions: &mut Vec<Action>,
    ) {
        match &form.control {
            Control::Toggle(on) => {
                let mut next = *on;
                let response = ui.checkbox(&mut next, "");
                response.widget_info(|| WidgetInfo::selected(WidgetType::Checkbox, true, *on, &form.path));
                if response.changed() {
                    actions.push(Action::Change(vec![form.set(if next { "true" } else { "false" })]));
                }
            }
            Control::Number(number) => self.number(ui, state, (form, number, &form.text), None, editing, actions),
            Control::Text => typed(ui, state, form, editing, actions),
            Control::Amount(amount) => self.amount(ui, state, form, amount, editing, actions),
            Control::Choice { chosen, options, fields } => {
                choice(ui, form, *chosen, options, actions);
                self.all(ui, state, fields, editing, actions);
            }
            Control::Reference { candidates, open } => {
                reference(ui, form, candidates, actions);
                if *open {
                    typed(ui, state, form, editing, actions);
                }
            }
            Control::Absent { text, missing } => {
                let button = ui.add_enabled(missing.is_none(), egui::Button::new("Add").small());
                button.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("Add {}", form.path)));
                let why = missing.clone().unwrap_or_else(|| text.clone());
                if button.on_hover_text(&why).on_disabled_hover_text(why).clicked() {
                    actions.push(Action::Change(vec![form.set(text)]));
                }
            }
            Control::Record(paths) => self.all(ui, state, paths, editing, actions),
            Control::List(paths) | Control::Steps(paths) => {
                self.items(ui, state, paths, true, editing, actions);
                self.add(ui, &form.path, actions);
            }
            Control::Map(paths) => {
                self.items(ui, state, paths, false, editing, actions);
                self.add(ui, &form.path, actions);
            }
        }
    }

    fn all(
        &mut self,
        ui: &mut Ui,
        state: &LabState,
        paths: &[String],
        editing: &mut Option<Editing>,
        actions: &mut Vec<Action>,
    ) {
        for path in paths {
            if let Some(form) = self.known.at(path) {
                self.row(ui, state, &form, editing, actions);
            }
        }
    }

    /// One below the other; each can go, and in a list go up and down.
    fn items(
        &mut self,
        ui: &mut Ui,
        state: &LabState,
        paths: &[String],
        ordered: bool,
        editing: &mut Option<Editing>,
        actions: &mut Vec<Action>,
    ) {
        for (place, path) in paths.iter().enumerate() {
            let Some(form) = self.known.at(path) else { continue };
            ui.horizontal_top(|ui| {
                let mut sign = |sign: &str, words: String, possible: bool, edit: &dyn Fn() -> Edit| {
                    let button = ui.add_enabled(possible, egui::Button::new(sign).small().frame_when_inactive(false));
                    button.widget_info(|| WidgetInfo::labeled(WidgetType::Button, possible, words.as_str()));
                    if button.on_hover_text(words.as_str()).clicked() {
                        actions.push(Action::Change(vec![edit()]));
                    }
                };
                sign("✕", format!("Remove {path}"), true, &|| Edit::remove(path.as_str()));
                if ordered {
                    let to = |to: Option<&String>| {
                        let to = to.cloned().unwrap_or_else(|| path.clone());
                        Edit::Move { path: path.clone(), to, at: None }
                    };
                    sign("↑", format!("{path} earlier"), place > 0, &|| to(paths.get(place.wrapping_sub(1))));
                    sign("↓", format!("{path} later"), place + 1 < paths.len(), &|| to(paths.get(place + 1)));
                }
                ui.vertical(|ui| self.item(ui, state, &form, editing, actions));
            });
        }
    }

    /// An item, by what it says; unfolded by what is in it.
    fn item(
        &mut self,
        ui: &mut Ui,
        state: &LabState,
        form: &Form,
        editing: &mut Option<Editing>,
        actions: &mut Vec<Action>,
    ) {
        let is_number = form.name.parse::<usize>().is_ok();
        let text = one_line(&form.text);
        let title = if is_number { text } else { format!("{}: {text}", form.name) };
        match &form.control {
            Control::Choice { .. }
            | Control::Record(_)
            | Control::List(_)
            | Control::Steps(_)
            | Control::Map(_)
            | Control::Amount(_) => {
                let title = RichText::new(format::shortened(&title, SHOWN)).monospace().size(size::SMALL);
                let header = egui::CollapsingHeader::new(title).id_salt(&form.path);
                header.show(ui, |ui| self.control(ui, state, form, editing, actions));
            }
            Control::Toggle(_)
            | Control::Number(_)
            | Control::Reference { .. }
            | Control::Text
            | Control::Absent { .. } => self.control(ui, state, form, editing, actions),
        }
    }

    /// What may be put behind the last.
    fn add(&mut self, ui: &mut Ui, path: &str, actions: &mut Vec<Action>) {
        let name = path.rsplit('.').next().unwrap_or(path);
        let button = egui::Button::new(format!("+ {name}")).small();
        let (response, _) = egui::containers::menu::MenuButton::from_button(button).ui(ui, |ui| {
            egui::ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
                for template in self.known.templates(path).iter() {
                    let possible = template.missing.is_none();
                    let button = ui.add_enabled(possible, egui::Button::selectable(false, &template.name));
                    let why =
                        template.missing.clone().unwrap_or_else(|| format!("{}\n{}", template.doc, template.value));
                    if button.on_hover_text(&why).on_disabled_hover_text(&why).clicked() {
                        actions.push(Action::Change(vec![template.edit()]));
                        ui.close();
                    }
                }
            });
        });
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("Add to {path}")));
    }

    /// A number: typed after a click, dragged to the left and right. `within`: what of the amount it is.
    fn number(
        &mut self,
        ui: &mut Ui,
        state: &LabState,
        (form, number, text): (&Form, &Number, &str),
        within: Option<(&AmountForm, usize)>,
        editing: &mut Option<Editing>,
        actions: &mut Vec<Action>,
    ) {
        let called = match within {
            Some((amount, place)) => format!("{} {}", form.path, amount.parameters[place].name),
            None => form.path.clone(),
        };
        if within.is_none() && editing.as_ref().is_some_and(|editing| editing.path == form.path) {
            ui.vertical(|ui| {
                editing::ui(ui, state, editing::about(&form.what, form.units, &form.range), editing, actions);
            });
            return;
        }
        let inks = Inks::of(state);
        let dragged = self.dragged.as_ref().filter(|(path, ..)| *path == called);
        let shown = dragged.map_or_else(|| unquoted(text), |(_, _, text)| text.clone());
        let words = RichText::new(shown).monospace().size(size::SMALL).color(inks.text);
        let response = ui.add(egui::Label::new(words).sense(Sense::click_and_drag()).selectable(false));
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("{called}: {}", unquoted(text))));
        if response.dragged() {
            let by = self.dragged.as_ref().filter(|(path, ..)| *path == called).map_or(0.0, |(_, by, _)| *by);
            let by = by + response.drag_delta().x;
            let next = number.dragged(f64::from(by)).unwrap_or_else(|| unquoted(text));
            self.dragged = Some((called.clone(), by, next));
        }
        let set = |value: &str| match within {
            Some((amount, place)) => form.set(&amount.with(place, value)),
            None => form.set(value),
        };
        if response.drag_stopped()
            && let Some((_, _, next)) = self.dragged.take()
            && next != unquoted(text)
        {
            actions.push(Action::Change(vec![set(&next)]));
        }
        if response.clicked() {
            *editing = Some(Editing::new(form.path.clone(), &unquoted(&form.text)));
        }
        response.on_hover_cursor(egui::CursorIcon::ResizeHorizontal).on_hover_text("Click to type, drag to change");
    }

    /// An amount: its law, the law's numbers, and what it looks like.
    fn amount(
        &mut self,
        ui: &mut Ui,
        state: &LabState,
        form: &Form,
        amount: &AmountForm,
        editing: &mut Option<Editing>,
        actions: &mut Vec<Action>,
    ) {
        if editing.as_ref().is_some_and(|editing| editing.path == form.path) {
            editing::ui(ui, state, editing::about(&form.what, form.units, &form.range), editing, actions);
            return;
        }
        ui.vertical(|ui| {
            typed(ui, state, form, editing, actions);
            ui.horizontal_wrapped(|ui| {
                let shown = amount.laws.iter().find(|law| unquoted(&form.text).starts_with(law.name));
                let combo = ComboBox::from_id_salt(("law", &form.path)).width(110.0);
                let combo = combo.selected_text(shown.map_or("constant", |law| law.name)).show_ui(ui, |ui| {
                    for law in &amount.laws {
                        let button = ui.selectable_label(shown == Some(law), law.name);
                        if button.on_hover_text(format!("{}\n{}", law.usage, law.meaning)).clicked() {
                            actions.push(Action::Change(vec![form.set(&law.text)]));
                        }
                    }
                });
                combo
                    .response
                    .widget_info(|| WidgetInfo::labeled(WidgetType::ComboBox, true, format!("Law of {}", form.path)));
                for (place, parameter) in amount.parameters.iter().enumerate() {
                    ui.label(RichText::new(&parameter.name).size(size::SMALL).weak());
                    let one = (form, &parameter.number, parameter.text.as_str());
                    self.number(ui, state, one, Some((amount, place)), editing, actions);
                }
            });
            let drawn = self.known.plots.entry(form.path.clone());
            if let Some(drawn) = drawn.or_insert_with(|| amount.plot(PIECES).map(Rc::new)) {
                let times = amount.parameters.iter().any(|parameter| parameter.number.measure == Measure::Span);
                plot(ui, state, drawn, times);
            }
        });
    }
}

/// How an amount's values are spread, from 0 to its 99th percentile.
fn plot(ui: &mut Ui, state: &LabState, drawn: &Drawn, times: bool) {
    let inks = Inks::of(state);
    let (rect, response) = ui.allocate_exact_size(egui::vec2(ui.available_width().min(260.0), 40.0), Sense::hover());
    let most = drawn.pieces.iter().copied().fold(0.0, f64::max).max(1e-12);
    let wide = rect.width() / drawn.pieces.len().max(1) as f32;
    for (place, share) in drawn.pieces.iter().enumerate() {
        let left = rect.left() + place as f32 * wide;
        let top = rect.bottom() - (share / most) as f32 * rect.height();
        let bar = egui::Rect::from_min_max(egui::pos2(left, top), egui::pos2(left + wide - 1.0, rect.bottom()));
        ui.painter().rect_filled(bar, 1.0, inks.moving.gamma_multiply(0.8));
    }
    let told = |value: f64| if times { seconds(value) } else { crate::number::figure(value) };
    let of = |share: f64| drawn.percentiles.iter().find(|(at, _)| *at == share).map_or(0.0, |(_, value)| *value);
    let words = format!("mean {} · p50 {} · p99 {}", told(drawn.mean), told(of(0.5)), told(of(0.99)));
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Image, true, words.as_str()));
    ui.label(RichText::new(words.as_str()).size(size::SMALL).weak());
}

/// One of a closed set.
fn choice(ui: &mut Ui, form: &Form, chosen: Option<&'static str>, options: &[Choosable], actions: &mut Vec<Action>) {
    let combo = ComboBox::from_id_salt(("choice", &form.path)).selected_text(chosen.unwrap_or("none"));
    let combo = combo.show_ui(ui, |ui| {
        for option in options {
            let here = Some(option.name) == chosen;
            let button = ui.add_enabled(option.missing.is_none(), egui::Button::selectable(here, option.name));
            let why = option.missing.as_deref().unwrap_or(option.doc);
            if button.on_hover_text(why).on_disabled_hover_text(why).clicked() && !here {
                actions.push(Action::Change(vec![form.set(&option.text)]));
            }
        }
    });
    combo.response.widget_info(|| WidgetInfo::labeled(WidgetType::ComboBox, true, form.path.as_str()));
}

/// The name of something that is there.
fn reference(ui: &mut Ui, form: &Form, candidates: &[String], actions: &mut Vec<Action>) {
    let now = unquoted(&form.text);
    let combo = ComboBox::from_id_salt(("reference", &form.path)).selected_text(now.as_str());
    let combo = combo.show_ui(ui, |ui| {
        for candidate in candidates {
            if ui.selectable_label(*candidate == now, candidate).clicked() && *candidate != now {
                actions.push(Action::Change(vec![form.set(&format!("\"{candidate}\""))]));
            }
        }
    });
    combo.response.widget_info(|| WidgetInfo::labeled(WidgetType::ComboBox, true, form.path.as_str()));
}

/// A line to type, after a click.
fn typed(ui: &mut Ui, state: &LabState, form: &Form, editing: &mut Option<Editing>, actions: &mut Vec<Action>) {
    if editing.as_ref().is_some_and(|editing| editing.path == form.path) {
        ui.vertical(|ui| {
            editing::ui(ui, state, editing::about(&form.what, form.units, &form.range), editing, actions);
        });
        return;
    }
    let text = one_line(&unquoted(&form.text));
    let shown = if text.is_empty() { "…".to_owned() } else { format::shortened(&text, SHOWN) };
    let button = egui::Button::new(RichText::new(shown).monospace().size(size::SMALL)).frame_when_inactive(false);
    let response = ui.add(button);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("{}: {text}", form.path)));
    if response.on_hover_text(form.doc).clicked() {
        *editing = Some(Editing::new(form.path.clone(), &unquoted(&form.text)));
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text without its quotes, where it is nothing but one.
fn unquoted(text: &str) -> String {
    match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) if !inner.contains(['"', '\\']) => inner.to_owned(),
        Some(_) | None => text.to_owned(),
    }
}
