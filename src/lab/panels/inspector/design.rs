//! What may be changed of what is picked as a whole: how many there are, its name, a copy, a wire, its end.

use crate::lab::action::{Action, Subject};
use crate::lab::command::UiCommand;
use crate::lab::panels::widget::{self, Inks};
use crate::lab::state::LabState;
use crate::lab::theme::size;
use crate::layout::Point;
use crate::scenario::form::{Control, Forms};
use crate::scenario::{Edit, Loaded, Scenario};
use egui::{Key, RichText, Ui};

/// A name while somebody types it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Naming {
    /// Of what.
    path: String,
    text: String,
}

/// Draws it and hears it.
pub fn ui(ui: &mut Ui, state: &LabState, naming: &mut Option<Naming>, actions: &mut Vec<Action>) {
    let (Some(design), Some(path)) = (state.draft(), state.picked_path()) else { return };
    if !is_there(&design.scenario, &path) {
        // It is there from a later time on only.
        return;
    }
    widget::heading(ui, "Design");
    let is_link = matches!(state.picked, Some(Subject::Link(_)));
    if !is_link {
        count(ui, design, &path, actions);
        name(ui, state, &path, naming, actions);
    }
    ui.horizontal_wrapped(|ui| {
        let commands: &[UiCommand] =
            if is_link { &[UiCommand::Delete] } else { &[UiCommand::Wire, UiCommand::Duplicate, UiCommand::Delete] };
        for &command in commands {
            let button = ui.small_button(command.label(state));
            let more = format!("{} {}", command.tooltip(), command.key_text());
            let button = button.on_hover_ui(|ui| {
                ui.label(more);
                let gone = if command == UiCommand::Delete { state.removal() } else { None };
                for dependent in gone.iter().flat_map(|(_, dependents)| dependents.iter().take(12)) {
                    ui.label(RichText::new(format!("also goes: {}", dependent.sentence)).size(size::SMALL).weak());
                }
            });
            if button.clicked() {
                actions.extend(command.actions(state, Point::default()));
            }
        }
    });
}

fn is_there(scenario: &Scenario, path: &str) -> bool {
    match path.split('.').collect::<Vec<_>>()[..] {
        ["services", name] => scenario.services.contains(name),
        ["machines", name] => scenario.machines.contains(name),
        ["traffic", name] => scenario.traffic.contains(name),
        ["services", name, "links", to] => scenario.services.get(name).is_some_and(|from| from.links.contains(to)),
        _ => false,
    }
}

/// "machines − 4 +": one more or one less.
fn count(ui: &mut Ui, design: &Loaded, path: &str, actions: &mut Vec<Action>) {
    let Some(("machines", name)) = path.split_once('.') else { return };
    let Some(machines) = design.scenario.machines.get(name) else { return };
    ui.horizontal(|ui| {
        ui.label(RichText::new("machines").size(size::SMALL).weak());
        for (sign, words, by) in [("−", "One less", -1), ("+", "One more", 1)] {
            let possible = by > 0 || machines.count > 1;
            let button = ui.add_enabled(possible, egui::Button::new(sign).small());
            button.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, possible, words));
            if button.on_hover_text(words).clicked()
                && let Ok(form) = Forms::new(design).at(&format!("{path}.count"))
                && let Control::Number(number) = &form.control
                && let Some(next) = number.stepped(by, false)
            {
                actions.push(Action::Change(vec![form.set(&next)]));
            }
            if by < 0 {
                ui.label(machines.count.to_string());
            }
        }
    });
}

/// Its name; where it is changed, whoever names it follows.
fn name(ui: &mut Ui, state: &LabState, path: &str, naming: &mut Option<Naming>, actions: &mut Vec<Action>) {
    let Some((_, now)) = path.split_once('.') else { return };
    let inks = Inks::of(state);
    if let Some(typed) = naming.as_mut().filter(|typed| typed.path == path) {
        let label = ui.label(RichText::new("name").size(size::SMALL).weak());
        let response =
            ui.add(egui::TextEdit::singleline(&mut typed.text).desired_width(f32::INFINITY)).labelled_by(label.id);
        if !response.has_focus() && !response.lost_focus() {
            response.request_focus();
        }
        let edit = Edit::rename(path, typed.text.trim());
        let same = typed.text.trim() == now || typed.text.trim().is_empty();
        let objection = if same { None } else { objection(state, &edit) };
        if let Some(why) = &objection {
            ui.add(egui::Label::new(RichText::new(why).size(size::SMALL).color(inks.failed)).wrap());
        }
        if response.lost_focus() {
            let entered = ui.input(|input| input.key_pressed(Key::Enter));
            if entered && !same && objection.is_none() {
                actions.push(Action::Change(vec![edit]));
            }
            if !entered || same || objection.is_none() {
                *naming = None;
            } else {
                response.request_focus();
            }
        }
    } else if ui.small_button("Rename").on_hover_text("Whoever names it follows").clicked() {
        *naming = Some(Naming { path: path.to_owned(), text: now.to_owned() });
    }
}

fn objection(state: &LabState, edit: &Edit) -> Option<String> {
    let problems = state.draft()?.edited(std::slice::from_ref(edit)).err()?;
    problems.first().map(|problem| problem.message.clone())
}
