//! Why what is picked matters: what is wrong with it now and since when, because of what, whom it drags along, and what
//! the story told of it.

use super::{overview::sentence, part};
use crate::engine::ResourceKind;
use crate::host::{Instance, Resource};
use crate::lab::action::{Action, Subject};
use crate::lab::panels::format;
use crate::lab::panels::timeline::{Mark, go};
use crate::lab::panels::widget;
use crate::lab::state::LabState;
use crate::measure::subject::Named;
use crate::number::{ABSENT, clock, count, figure, percent};
use egui::Ui;

/// Sentences told of a subject.
const SENTENCES: usize = 12;

/// The names under which the story speaks of a subject and of what is its own.
#[must_use]
pub fn names(state: &LabState, subject: &Subject) -> Vec<String> {
    let mut names = vec![state.name_of(subject)];
    names.extend(
        state
            .frame
            .resources
            .iter()
            .filter(|resource| owns(state, subject, resource))
            .map(|resource| resource.subject.clone()),
    );
    if let Some(service) = service_of(state, subject) {
        let name = state.service_name(service);
        names.push(name.to_owned());
        names.extend(
            state
                .model()
                .into_iter()
                .flat_map(|model| &model.operations)
                .filter(|o| o.service == service)
                .map(|o| o.name.clone()),
        );
    }
    names.sort_unstable();
    names.dedup();
    names
}

fn service_of(state: &LabState, subject: &Subject) -> Option<crate::model::ServiceId> {
    match subject {
        Subject::Service(service) => Some(*service),
        Subject::Instance(index) => {
            state.frame.instances.get(*index as usize).map(|instance: &Instance| instance.service)
        }
        Subject::Source(_)
        | Subject::Machine(_)
        | Subject::Group(_)
        | Subject::Link(_)
        | Subject::Resource(_)
        | Subject::Request(..) => None,
    }
}

/// Whether a resource belongs to a subject: a machine's own to the services on it, too, where it is theirs alone.
#[must_use]
pub fn owns(state: &LabState, subject: &Subject, resource: &Resource) -> bool {
    let group_of = |machine: Option<u32>| {
        machine.and_then(|index| state.frame.machines.get(index as usize)).map(|machine| machine.group)
    };
    match subject {
        Subject::Service(service) => {
            // A machine's own goes by the name of the only service there; its memory does not.
            let alone = |group: crate::model::GroupId| {
                state
                    .model()
                    .and_then(|model| model.groups.get(group))
                    .is_some_and(|group| group.services == [*service])
            };
            resource.service == Some(*service)
                || (resource.instance.is_none()
                    && resource.kind != ResourceKind::Memory
                    && group_of(resource.machine).is_some_and(alone))
        }
        Subject::Instance(index) => {
            let machine = state.frame.instances.get(*index as usize).and_then(|instance| instance.machine);
            resource.instance == Some(*index)
                || (resource.instance.is_none() && machine.is_some() && resource.machine == machine)
        }
        Subject::Machine(index) => {
            resource.machine == Some(*index) && (resource.instance.is_none() || resource.kind == ResourceKind::Memory)
        }
        Subject::Group(group) => resource.instance.is_none() && group_of(resource.machine) == Some(*group),
        Subject::Link(link) => resource.link == Some(*link),
        Subject::Resource(name) => resource.subject == *name || resource.name == *name,
        Subject::Source(_) | Subject::Request(..) => false,
    }
}

fn names_any(names: &[String], told: &[Named]) -> bool {
    told.iter().any(|told| names.contains(&told.name))
}

fn alone(subject: &Named) -> &[Named] {
    std::slice::from_ref(subject)
}

/// What is wrong with it now, and whom it drags along.
pub fn now(ui: &mut Ui, state: &LabState, names: &[String], actions: &mut Vec<Action>) {
    let own: Vec<_> = state.frame.troubles.iter().filter(|trouble| names_any(names, alone(&trouble.subject))).collect();
    if !own.is_empty() {
        widget::heading(ui, "Broken now");
    }
    for trouble in own {
        let said = part::trouble_words(trouble.kind);
        let because =
            trouble.because.words().map_or(", root cause".to_owned(), |because| format!(", because of {because}"));
        let text = format!("{}: {said} since {}{because}", trouble.subject, clock(state.since(trouble)));
        let response = sentence(ui, state, trouble.kind.told_as(), None, &text, 0, false);
        if response.clicked()
            && let Some(cause) = state.subject_of(&trouble.because)
        {
            actions.push(Action::Pick(Some(cause.clone())));
            actions.push(Action::Reveal(cause));
        }
    }
    let mut dragged: Vec<&str> = Vec::new();
    for trouble in state.frame.troubles.iter().filter(|trouble| names_any(names, &trouble.because)) {
        if !names_any(names, alone(&trouble.subject)) && !dragged.contains(&trouble.subject.as_str()) {
            dragged.push(&trouble.subject);
        }
    }
    if !dragged.is_empty() {
        widget::heading(ui, "Causes");
        for name in dragged {
            let trouble = state.frame.troubles.iter().find(|trouble| trouble.subject == name);
            let said = trouble.map_or("", |trouble| part::trouble_words(trouble.kind));
            part::leading(ui, state, name, said, actions);
        }
    }
}

/// Up to when figures of the run are.
#[must_use]
pub fn so_far(state: &LabState) -> String {
    format!("From 0:00 to {}", clock(format::seconds_of(state.counted[state.frame.lane as usize])))
}

/// The figures of the run so far of one that can saturate.
pub fn figures(ui: &mut Ui, state: &LabState, name: &str) {
    let Some(results) = state.figures() else { return };
    let group = results.groups.iter().find(|group| group.all.id == name).map(|group| &group.all);
    let Some(row) = group.or_else(|| results.resources.iter().find(|resource| resource.id == name)) else { return };
    widget::heading(ui, &so_far(state));
    let rho = |value: Option<f64>| value.map_or(ABSENT.to_owned(), figure);
    widget::row(ui, "offered load ρ, mean", &rho(row.offered_load));
    widget::row(ui, "offered load ρ, most in 10 s", &rho(row.offered_load_max));
    widget::row(ui, "in use, mean", &percent(row.utilization_mean));
    widget::row(ui, "in use, most in 10 s", &percent(row.utilization_max));
    widget::row(ui, "waiting, mean", &figure(row.waiting_mean));
    widget::row(ui, "waiting, most", &figure(row.waiting_max));
    widget::row(ui, "turned away", &count(row.refused));
    widget::row(ui, "saturated since", &row.saturated_at_s.map_or("never".to_owned(), clock));
    widget::row(ui, "saturated for", &crate::number::length(row.saturated_for_s));
}

/// What the story told of it.
pub fn story(ui: &mut Ui, state: &LabState, names: &[String], actions: &mut Vec<Action>) {
    let story = state.told();
    let now_s = format::seconds_of(state.frame.now);
    let told: Vec<_> = story.iter().filter(|event| names_any(names, alone(&event.subject))).collect();
    if told.is_empty() {
        return;
    }
    widget::heading(ui, "Story");
    for event in told.iter().take(SENTENCES) {
        if sentence(ui, state, event.event, Some(event.at_s), &event.text, 0, event.at_s > now_s).clicked() {
            actions.extend(go(state, Mark::Told(event)));
        }
    }
    if told.len() > SENTENCES {
        widget::quiet(ui, format!("and {} more", told.len() - SENTENCES));
    }
}
