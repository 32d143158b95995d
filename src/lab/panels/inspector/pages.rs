//! A page for each kind of thing that can be picked: the live figures first, then how it came to that, then what the
//! file says.

use super::chart::{self, Curve};
use super::{evidence, gauges, part, request, time_breakdown};
use crate::host::{Availability, Doing, End, Flow};
use crate::lab::action::{Action, Subject};
use crate::lab::panels::format;
use crate::lab::panels::widget;
use crate::lab::state::LabState;
use crate::model::{Caller, GroupId, LinkId, ServiceId, SourceId};
use crate::number::{ABSENT, count, percent, seconds};
use egui::Ui;

/// Members listed one by one.
const LISTED: usize = 16;

/// The page of a subject.
pub fn ui(ui: &mut Ui, state: &LabState, subject: &Subject, actions: &mut Vec<Action>) {
    let names = evidence::names(state, subject);
    evidence::now(ui, state, &names, actions);
    // Of what can be full the sentences come first: what, since when, how much of it, who waits.
    let first = matches!(subject, Subject::Resource(_) | Subject::Request(..));
    if matches!(subject, Subject::Resource(_)) {
        evidence::story(ui, state, &names, actions);
    }
    match subject {
        Subject::Source(source) => self::source(ui, state, *source, actions),
        Subject::Service(service) => self::service(ui, state, *service, actions),
        Subject::Instance(index) => instance(ui, state, *index, actions),
        Subject::Machine(index) => machine(ui, state, *index, actions),
        Subject::Group(group) => self::group(ui, state, *group, actions),
        Subject::Link(link) => self::link(ui, state, *link, actions),
        Subject::Resource(name) => resource(ui, state, name, actions),
        Subject::Request(source, number) => request::ui(ui, state, *source, *number, actions),
    }
    if !first {
        evidence::story(ui, state, &names, actions);
    }
}

fn source(ui: &mut Ui, state: &LabState, id: SourceId, actions: &mut Vec<Action>) {
    let name = state.source_name(id);
    if let Some(source) = state.frame.sources.get(id.index()) {
        widget::heading(ui, "Now");
        if source.sessions > 0 {
            widget::row(ui, "sessions", &count(u64::from(source.sessions)));
        }
        widget::row(ui, "in flight", &count(source.in_flight));
        widget::row(ui, "offered", &format::per_s(f64::from(source.offered_per_s)));
        widget::row(ui, "succeeding", &format::per_s(f64::from(source.succeeded_per_s)));
        widget::row(ui, "failing", &format::per_s(f64::from(source.failed_per_s)));
    }
    if let Some(traffic) = state.figures().and_then(|results| results.traffic.get(name)) {
        widget::heading(ui, &evidence::so_far(state));
        widget::row(ui, "offered", &count(traffic.offered));
        widget::row(ui, "succeeded", &count(traffic.succeeded));
        if traffic.degraded > 0 {
            widget::row(ui, "of them degraded", &count(traffic.degraded));
        }
        for (reason, failed) in &traffic.failed {
            widget::row(ui, format::reason(reason), &count(*failed));
        }
        if let Some(sessions) = &traffic.sessions {
            widget::row(ui, "sessions", &count(sessions.came));
            widget::row(ui, "completed", &sessions.completed_share.map_or(ABSENT.to_owned(), percent));
            widget::row(ui, "gave up", &sessions.gave_up_share.map_or(ABSENT.to_owned(), percent));
        }
        if let Some(latency) = traffic.latency_s {
            widget::row(
                ui,
                "p50 · p95 · p99",
                &format!("{} · {} · {}", seconds(latency.p50), seconds(latency.p95), seconds(latency.p99)),
            );
        }
    }
    calls(ui, state, Caller::Source(id), actions);
    request::list(ui, state, Some(name), actions);
}

fn service(ui: &mut Ui, state: &LabState, id: ServiceId, actions: &mut Vec<Action>) {
    let subject = Subject::Service(id);
    widget::heading(ui, "Now");
    let mine: Vec<(u32, &crate::host::Instance)> = state
        .frame
        .instances
        .iter()
        .enumerate()
        .filter(|(_, i)| i.service == id && i.availability != Availability::Removed)
        .map(|(index, i)| (index as u32, i))
        .collect();
    let up = mine.iter().filter(|(_, instance)| instance.availability == Availability::Up).count();
    widget::row(ui, "instances up", &format!("{up} of {}", mine.len()));
    let pending: u32 = state.frame.pending.iter().filter(|(service, _)| *service == id).map(|(_, n)| n).sum();
    if pending > 0 {
        widget::row(ui, "pending, no machine has room", &count(u64::from(pending)));
    }
    let sum =
        |of: fn(&crate::host::Instance) -> u32| count(mine.iter().map(|(_, instance)| u64::from(of(instance))).sum());
    if let Some(queued) = state.queued(id) {
        widget::row(ui, "queued", &count(queued));
    }
    widget::row(ui, "busy, served", &sum(|i| i.busy.served));
    widget::row(ui, "busy, waiting for others", &sum(|i| i.busy.waits));
    widget::row(ui, "waiting for a worker", &sum(|i| i.waiting));
    gauges_of(ui, state, &subject, false, actions);
    waits(ui, state, &mine.iter().map(|(index, _)| *index).collect::<Vec<_>>(), actions);
    calls(ui, state, Caller::Service(id), actions);
    callers(ui, state, id, actions);
    time_spent(ui, state, state.service_name(id));
    if mine.len() > 1 {
        widget::heading(ui, "Instances");
        for (index, instance) in mine.iter().take(LISTED) {
            let text = format!(
                "{}, {} busy, {} waiting",
                format::availability(instance.availability),
                state.used(instance),
                instance.waiting
            );
            part::leading(ui, state, &state.instance_name(*index), &text, actions);
        }
        if mine.len() > LISTED {
            widget::quiet(ui, format!("and {} more", mine.len() - LISTED));
        }
    }
}

fn instance(ui: &mut Ui, state: &LabState, index: u32, actions: &mut Vec<Action>) {
    let Some(instance) = state.frame.instances.get(index as usize) else {
        widget::quiet(ui, "It is not there at this time.");
        return;
    };
    widget::heading(ui, "Now");
    part::leading(ui, state, state.service_name(instance.service), "service", actions);
    match instance.machine {
        Some(machine) => part::leading(ui, state, &state.machine_name(machine), "machine", actions),
        None => widget::row(ui, "machine", "elsewhere"),
    };
    widget::row(ui, "status", &format::availability(instance.availability));
    widget::row(
        ui,
        "busy",
        &match instance.workers {
            u32::MAX => format!("{} (no limit)", count(u64::from(state.used(instance)))),
            workers => format!("{} of {}", count(u64::from(state.used(instance))), count(u64::from(workers))),
        },
    );
    widget::row(ui, "· served", &count(u64::from(instance.busy.served)));
    widget::row(ui, "· waiting for others", &count(u64::from(instance.busy.waits)));
    widget::row(ui, "· idle, connection held", &count(u64::from(instance.busy.holds)));
    widget::row(ui, "waiting for a worker", &count(u64::from(instance.waiting)));
    if let Some(queued) = state.queued(instance.service) {
        widget::row(ui, "queued", &count(queued));
    }
    widget::row(ui, "connections", &count(u64::from(instance.connections)));
    widget::row(
        ui,
        "accepted · refused",
        &format!(
            "{} · {}",
            format::per_s(f64::from(instance.taken_per_s)),
            format::per_s(f64::from(instance.refused_per_s))
        ),
    );
    gauges_of(ui, state, &Subject::Instance(index), true, actions);
    waits(ui, state, &[index], actions);
    calls(ui, state, Caller::Service(instance.service), actions);
    callers(ui, state, instance.service, actions);
    time_spent(ui, state, state.service_name(instance.service));
}

fn machine(ui: &mut Ui, state: &LabState, index: u32, actions: &mut Vec<Action>) {
    let Some(machine) = state.frame.machines.get(index as usize) else {
        widget::quiet(ui, "It is not there at this time.");
        return;
    };
    widget::heading(ui, "Now");
    part::leading(ui, state, state.group_name(machine.group), "group", actions);
    widget::row(ui, "status", &format::availability(machine.availability));
    widget::row(ui, "CPU", &percent(f64::from(machine.cpu)));
    for (name, share) in [("memory", machine.memory), ("disk", machine.disk), ("network", machine.network)] {
        if let Some(share) = share {
            widget::row(ui, name, &percent(f64::from(share)));
        }
    }
    gauges_of(ui, state, &Subject::Machine(index), true, actions);
    widget::heading(ui, "On this machine");
    for (on, instance) in state
        .frame
        .instances
        .iter()
        .enumerate()
        .filter(|(_, i)| i.machine == Some(index) && i.availability != Availability::Removed)
    {
        let text = format!(
            "{}, {} busy, {} waiting",
            format::availability(instance.availability),
            state.used(instance),
            instance.waiting
        );
        part::leading(ui, state, &state.instance_name(on as u32), &text, actions);
    }
}

fn group(ui: &mut Ui, state: &LabState, id: GroupId, actions: &mut Vec<Action>) {
    let mine: Vec<(usize, &crate::host::Machine)> = state
        .frame
        .machines
        .iter()
        .enumerate()
        .filter(|(_, machine)| machine.group == id && machine.availability != Availability::Removed)
        .collect();
    widget::heading(ui, "Now");
    let up = mine.iter().filter(|(_, machine)| machine.availability == Availability::Up).count();
    widget::row(ui, "machines up", &format!("{up} of {}", mine.len()));
    gauges_of(ui, state, &Subject::Group(id), false, actions);
    widget::heading(ui, "Machines, the busiest first");
    let mut busiest = mine;
    busiest.sort_by(|a, b| b.1.cpu.total_cmp(&a.1.cpu));
    for (index, machine) in busiest.iter().take(LISTED) {
        let text = format!("{}, CPU {}", format::availability(machine.availability), percent(f64::from(machine.cpu)));
        part::leading(ui, state, &state.machine_name(*index as u32), &text, actions);
    }
    if busiest.len() > LISTED {
        widget::quiet(ui, format!("and {} more", busiest.len() - LISTED));
    }
}

fn link(ui: &mut Ui, state: &LabState, id: LinkId, actions: &mut Vec<Action>) {
    let Some((caller, callee)) = state.link_ends(id) else { return };
    widget::heading(ui, "Now");
    part::leading(ui, state, caller, "caller", actions);
    part::leading(ui, state, callee, "callee", actions);
    let flows: Vec<&Flow> = state.frame.flows.iter().filter(|flow| flow.link == id).collect();
    let sum = |of: fn(&Flow) -> f32| format::per_s(f64::from(flows.iter().map(|flow| of(flow)).sum::<f32>()));
    widget::row(ui, "sent", &sum(|flow| flow.sent_per_s));
    widget::row(ui, "succeeding", &sum(|flow| flow.succeeded_per_s));
    widget::row(ui, "refused", &sum(|flow| flow.refused_per_s));
    widget::row(ui, "timed out", &sum(|flow| flow.timed_out_per_s));
    widget::row(ui, "broken", &sum(|flow| flow.broken_per_s));
    widget::row(ui, "in flight", &count(flows.iter().map(|flow| u64::from(flow.in_flight)).sum()));
    let nowhere: f32 = flows.iter().filter(|flow| flow.to == End::Nowhere).map(|flow| flow.sent_per_s).sum();
    if nowhere > 0.0 {
        widget::row(ui, "no instance to call", &format::per_s(f64::from(nowhere)));
    }
    gauges_of(ui, state, &Subject::Link(id), true, actions);
}

fn resource(ui: &mut Ui, state: &LabState, name: &str, actions: &mut Vec<Action>) {
    let subject = Subject::Resource(name.to_owned());
    gauges_of(ui, state, &subject, true, actions);
    evidence::figures(ui, state, name);
    let found = state.frame.resources.iter().find(|resource| resource.subject == name || resource.name == name);
    let Some(found) = found else { return };
    widget::heading(ui, "Where");
    if let Some(service) = found.service {
        part::leading(ui, state, state.service_name(service), "service", actions);
    }
    if let Some(machine) = found.machine {
        part::leading(ui, state, &state.machine_name(machine), "machine", actions);
        let on = state
            .frame
            .instances
            .iter()
            .enumerate()
            .filter(|(_, i)| i.machine == Some(machine) && i.availability != Availability::Removed);
        for (index, instance) in on.filter(|(index, _)| found.instance.is_none_or(|own| own as usize == *index)) {
            let text = format!("{} busy, {} waiting", state.used(instance), instance.waiting);
            part::leading(ui, state, &state.instance_name(index as u32), &text, actions);
        }
    }
    if let Some(link) = found.link {
        part::leading(ui, state, state.link_name(link), "link", actions);
    }
}

/// Gauges, and the past of each that is named by the story.
fn gauges_of(ui: &mut Ui, state: &LabState, subject: &Subject, apart: bool, actions: &mut Vec<Action>) {
    let pools = gauges::pools(state, |resource| evidence::owns(state, subject, resource), apart);
    if pools.is_empty() {
        return;
    }
    widget::heading(ui, "Limits, mean of the last second");
    gauges::rows(ui, state, &pools, actions);
    let mut subjects: Vec<&str> = Vec::new();
    for resource in state.frame.resources.iter().filter(|resource| evidence::owns(state, subject, resource)) {
        if !subjects.contains(&resource.subject.as_str()) {
            subjects.push(&resource.subject);
        }
    }
    charts(ui, state, &subjects, actions);
}

/// How much of each was in use over time, the fullest first.
fn charts(ui: &mut Ui, state: &LabState, subjects: &[&str], actions: &mut Vec<Action>) {
    let Some(results) = state.figures() else { return };
    let mut curves: Vec<(&str, &Vec<Option<f32>>, f32)> = Vec::new();
    for name in subjects {
        if let Some(values) = results.series.utilization.get(*name) {
            curves.push((name, values, values.iter().flatten().copied().fold(0.0, f32::max)));
        }
    }
    curves.sort_by(|a, b| b.2.total_cmp(&a.2));
    curves.retain(|(_, _, most)| *most > 0.01);
    if !curves.is_empty() {
        widget::heading(ui, "Usage");
    }
    for (name, values, _) in curves.into_iter().take(4) {
        let values = values.iter().map(|value| value.unwrap_or(f32::NAN)).collect();
        let every_s = results.series.every_s;
        chart::ui(
            ui,
            state,
            &Curve { name, values, every_s, top: Some(1.0), full: Some(0.95), say: &percent },
            actions,
        );
    }
}

/// What its calls in work wait for, of those instances whose work is known in full: the calls that were looked at stand
/// for all that wait.
fn waits(ui: &mut Ui, state: &LabState, instances: &[u32], actions: &mut Vec<Action>) {
    let mut waited: Vec<(ServiceId, u64, f32)> = Vec::new();
    for work in state.frame.work.iter().filter(|work| instances.contains(&work.instance)) {
        for cell in &work.cells {
            let Some(service) = cell.waits_for else { continue };
            match waited.iter_mut().find(|(known, ..)| *known == service) {
                Some((_, calls, longest)) => {
                    *calls += 1;
                    *longest = longest.max(cell.age_s);
                }
                None => waited.push((service, 1, cell.age_s)),
            }
        }
    }
    if waited.is_empty() {
        return;
    }
    waited.sort_by_key(|(_, calls, _)| std::cmp::Reverse(*calls));
    let seen: u64 = waited.iter().map(|(_, calls, _)| calls).sum();
    let cells = || state.frame.work.iter().filter(|work| instances.contains(&work.instance)).flat_map(|w| &w.cells);
    let idle = cells().filter(|cell| cell.waits_for.is_none() && cell.doing == Doing::Waiting).count() as u64;
    let all: u64 = instances.iter().map(|at| u64::from(state.frame.instances[*at as usize].busy.waits)).sum();
    let share = if seen + idle == 0 { 1.0 } else { all as f64 / (seen + idle) as f64 };
    for (_, calls, _) in &mut waited {
        *calls = (*calls as f64 * share.max(1.0)).round() as u64;
    }
    widget::heading(ui, "Its calls wait for");
    for (service, calls, longest) in waited {
        let text = format!("{} calls, the oldest for {}", count(calls), seconds(f64::from(longest)));
        part::leading(ui, state, state.service_name(service), &text, actions);
    }
}

/// Whom it calls, and how that goes.
fn calls(ui: &mut Ui, state: &LabState, caller: Caller, actions: &mut Vec<Action>) {
    let Some(model) = state.model() else { return };
    let links: Vec<LinkId> = model
        .links
        .ids()
        .filter(|index| model.links[*index].caller == caller && !model.links[*index].retired)
        .collect();
    if !links.is_empty() {
        widget::heading(ui, "Calls");
    }
    links.into_iter().for_each(|link| flow(ui, state, link, actions));
}

/// Who calls it, and how that goes.
fn callers(ui: &mut Ui, state: &LabState, callee: ServiceId, actions: &mut Vec<Action>) {
    let Some(model) = state.model() else { return };
    let links: Vec<LinkId> = model
        .links
        .ids()
        .filter(|index| model.links[*index].callee == callee && !model.links[*index].retired)
        .collect();
    if !links.is_empty() {
        widget::heading(ui, "Called by");
    }
    links.into_iter().for_each(|link| flow(ui, state, link, actions));
}

fn flow(ui: &mut Ui, state: &LabState, link: LinkId, actions: &mut Vec<Action>) {
    let flows = || state.frame.flows.iter().filter(|flow| flow.link == link);
    let sum = |of: fn(&Flow) -> f32| f64::from(flows().map(of).sum::<f32>());
    let failing = sum(|flow| flow.refused_per_s + flow.timed_out_per_s + flow.broken_per_s);
    let failed = if failing > 0.0 { format!(", {} failing", format::per_s(failing)) } else { String::new() };
    let waiting: u64 = flows().map(|flow| u64::from(flow.in_flight)).sum();
    let text = format!("{}{failed}, {} in flight", format::per_s(sum(|flow| flow.sent_per_s)), count(waiting));
    part::leading(ui, state, state.link_name(link), &text, actions);
}

/// Its operations: where the time of a call went.
fn time_spent(ui: &mut Ui, state: &LabState, service: &str) {
    let Some(results) = state.figures() else { return };
    let mine: Vec<_> = results.operations.iter().filter(|(name, _)| name.split('.').next() == Some(service)).collect();
    if !mine.is_empty() {
        widget::heading(ui, "Where the time of a call goes");
    }
    mine.into_iter().for_each(|(name, operation)| time_breakdown::ui(ui, state, name, operation));
}
