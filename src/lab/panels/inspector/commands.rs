//! What an operator can do to what is picked, now. Each button is a command for the run that is shown; it is logged
//! there.

use crate::engine::Command;
use crate::lab::action::{Action, Subject};
use crate::lab::panels::{format, widget};
use crate::lab::state::LabState;
use crate::model::{Action as Act, GroupId, Kind, Placement, ServiceId, SourceId, Target};
use crate::number::clock;
use crate::units::Span;
use egui::Ui;

/// A command: its button, what it does, and the command.
struct Button {
    label: &'static str,
    tooltip: &'static str,
    act: Act,
}

const fn button(label: &'static str, tooltip: &'static str, act: Act) -> Button {
    Button { label, tooltip, act }
}

/// Whether there is anything to be done to it.
#[must_use]
pub fn has(state: &LabState, subject: &Subject) -> bool {
    !buttons(state, subject).is_empty()
}

/// The buttons.
pub fn ui(ui: &mut Ui, state: &LabState, subject: &Subject, actions: &mut Vec<Action>) {
    let buttons = buttons(state, subject);
    if buttons.is_empty() {
        return;
    }
    widget::heading(ui, &format!("Act now (at {})", clock(format::seconds_of(state.frame.now))));
    ui.horizontal_wrapped(|ui| {
        for Button { label, tooltip, act } in buttons {
            if ui.button(label).on_hover_text(tooltip).clicked() {
                actions.push(Action::Command(Command::Act(act)));
            }
        }
    });
}

fn buttons(state: &LabState, subject: &Subject) -> Vec<Button> {
    match subject {
        Subject::Source(source) => crowd(*source),
        Subject::Service(id) => service(state, *id),
        Subject::Instance(index) => match state.frame.instances.get(*index as usize) {
            Some(instance) => one(Target::Service(instance.service, Some(instance.ordinal))),
            None => Vec::new(),
        },
        Subject::Machine(index) => match state.frame.machines.get(*index as usize) {
            Some(machine) => {
                let mut buttons = one(Target::Machine(machine.group, Some(machine.ordinal)));
                buttons.extend(group(machine.group));
                buttons
            }
            None => Vec::new(),
        },
        Subject::Group(id) => {
            let mut buttons = group(*id);
            buttons.extend(one(Target::Machine(*id, None)));
            buttons
        }
        Subject::Resource(name) => {
            let resource =
                state.frame.resources.iter().find(|resource| resource.subject == *name || resource.name == *name);
            match resource.and_then(|resource| resource.service) {
                Some(id) => service(state, id),
                None => {
                    let machine = resource.and_then(|resource| state.frame.machines.get(resource.machine? as usize));
                    machine.map_or(Vec::new(), |machine| group(machine.group))
                }
            }
        }
        Subject::Link(_) | Subject::Request(..) => Vec::new(),
    }
}

fn crowd(source: SourceId) -> Vec<Button> {
    vec![
        button("Half the crowd", "Half as many come from now on", Act::ScaleTraffic(source, 0.5)),
        button("Twice the crowd", "Twice as many come from now on", Act::ScaleTraffic(source, 2.0)),
        button("Ten times", "Ten times as many come from now on", Act::ScaleTraffic(source, 10.0)),
        button("Nobody", "Nobody comes any more; only going back in time undoes it", Act::ScaleTraffic(source, 0.0)),
    ]
}

fn service(state: &LabState, id: ServiceId) -> Vec<Button> {
    let Some(facts) = state.model().and_then(|model| model.services.get(id)) else { return Vec::new() };
    let mut buttons = Vec::new();
    if matches!(facts.placement, Placement::Count(_)) && facts.kind != Kind::External && !facts.groups.is_empty() {
        buttons.push(button("One more instance", "Where a machine has room for it", Act::AddInstances(id, 1)));
        buttons.push(button("One less", "It finishes what it has", Act::RemoveInstances(id, 1)));
    }
    let step = Span(20_000_000_000);
    buttons.push(button(
        "Restart in turn",
        "One instance every 20 s",
        Act::Restart { target: Target::Service(id, None), stagger: step },
    ));
    buttons.extend(one(Target::Service(id, None)));
    buttons
}

fn group(id: GroupId) -> Vec<Button> {
    vec![
        button("One more machine", "It boots first", Act::AddMachines(id, 1)),
        button("One less", "It drains first", Act::RemoveMachines(id, 1)),
    ]
}

fn one(target: Target) -> Vec<Button> {
    let slow = Act::Slow { target, factor: 0.5, lasting: Span(60_000_000_000) };
    vec![
        button("Restart", "All that is in work there is lost", Act::Restart { target, stagger: Span(0) }),
        button("Crash", "It dies with all that is in work there", Act::Crash(target)),
        button("Slow for a minute", "Half its CPU speed for a minute", slow),
    ]
}
