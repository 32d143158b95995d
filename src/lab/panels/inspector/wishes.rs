//! What an operator can do to what is picked, now. Each button is a wish for the run that is shown; it is logged there.

use crate::engine::Command;
use crate::lab::action::{Action, Subject};
use crate::lab::desk::Desk;
use crate::lab::panels::widget;
use crate::model::{Action as Act, GroupId, Kind, Placement, ServiceId, SourceId, Target};
use crate::units::Span;
use egui::Ui;

/// A wish: its button, what it does, and the command.
struct Wish {
    label: &'static str,
    tooltip: &'static str,
    act: Act,
}

const fn wish(label: &'static str, tooltip: &'static str, act: Act) -> Wish {
    Wish { label, tooltip, act }
}

/// Whether there is anything to be done to it.
#[must_use]
pub fn has(desk: &Desk, subject: &Subject) -> bool {
    !wishes(desk, subject).is_empty()
}

/// The buttons.
pub fn ui(ui: &mut Ui, desk: &Desk, subject: &Subject, actions: &mut Vec<Action>) {
    let wishes = wishes(desk, subject);
    if wishes.is_empty() {
        return;
    }
    widget::heading(ui, "do something, now");
    ui.horizontal_wrapped(|ui| {
        for Wish { label, tooltip, act } in wishes {
            if ui.button(label).on_hover_text(tooltip).clicked() {
                actions.push(Action::Wish(Command::Act(act)));
            }
        }
    });
}

fn wishes(desk: &Desk, subject: &Subject) -> Vec<Wish> {
    match subject {
        Subject::Source(source) => crowd(*source),
        Subject::Service(id) => service(desk, *id),
        Subject::Instance(index) => match desk.frame.instances.get(*index as usize) {
            Some(instance) => one(Target::Service(instance.service, Some(instance.ordinal))),
            None => Vec::new(),
        },
        Subject::Machine(index) => match desk.frame.machines.get(*index as usize) {
            Some(machine) => {
                let mut wishes = one(Target::Machine(machine.group, Some(machine.ordinal)));
                wishes.extend(group(machine.group));
                wishes
            }
            None => Vec::new(),
        },
        Subject::Group(id) => {
            let mut wishes = group(*id);
            wishes.extend(one(Target::Machine(*id, None)));
            wishes
        }
        Subject::Resource(name) => {
            let resource =
                desk.frame.resources.iter().find(|resource| resource.subject == *name || resource.name == *name);
            match resource.and_then(|resource| resource.service) {
                Some(id) => service(desk, id),
                None => {
                    let machine = resource.and_then(|resource| desk.frame.machines.get(resource.machine? as usize));
                    machine.map_or(Vec::new(), |machine| group(machine.group))
                }
            }
        }
        Subject::Link(_) | Subject::Request(..) => Vec::new(),
    }
}

fn crowd(source: SourceId) -> Vec<Wish> {
    vec![
        wish("Half the crowd", "Half as many come from now on", Act::ScaleTraffic(source, 0.5)),
        wish("Twice the crowd", "Twice as many come from now on", Act::ScaleTraffic(source, 2.0)),
        wish("Ten times", "Ten times as many come from now on", Act::ScaleTraffic(source, 10.0)),
        wish("Nobody", "Nobody comes any more; only going back in time undoes it", Act::ScaleTraffic(source, 0.0)),
    ]
}

fn service(desk: &Desk, id: ServiceId) -> Vec<Wish> {
    let Some(facts) = desk.model().and_then(|model| model.services.get(id.index())) else { return Vec::new() };
    let mut wishes = Vec::new();
    if matches!(facts.placement, Placement::Count(_)) && facts.kind != Kind::External && !facts.groups.is_empty() {
        wishes.push(wish("One more instance", "Where a machine has room for it", Act::AddInstances(id, 1)));
        wishes.push(wish("One less", "It finishes what it has", Act::RemoveInstances(id, 1)));
    }
    let step = Span(20_000_000_000);
    wishes.push(wish(
        "Restart in turn",
        "One instance every 20 s",
        Act::Restart { target: Target::Service(id, None), stagger: step },
    ));
    wishes.extend(one(Target::Service(id, None)));
    wishes
}

fn group(id: GroupId) -> Vec<Wish> {
    vec![
        wish("One more machine", "It boots first", Act::AddMachines(id, 1)),
        wish("One less", "It drains first", Act::RemoveMachines(id, 1)),
    ]
}

fn one(target: Target) -> Vec<Wish> {
    let slow = Act::Slow { target, factor: 0.5, lasting: Span(60_000_000_000) };
    vec![
        wish("Restart", "All that is in work there is lost", Act::Restart { target, stagger: Span(0) }),
        wish("Crash", "It dies with all that is in work there", Act::Crash(target)),
        wish("Slow for a minute", "Half its CPU speed for a minute", slow),
    ]
}
