//! The sentence about a resource that saturates: how much was asked, who waits, for whom, and why so much was asked.

use super::counters::Window;
use super::flow::Doer;
use super::moment::Moment;
use super::offered::{Mix, Station, why};
use super::resources::{Subject, sum};
use super::story::{Entry, StoryKind};
use super::subject::{Causes, Entity, Named, Subject as Told, words};
use super::wait_graph::{Blame, Question, ask};
use crate::engine::Activity;
use crate::engine::ResourceKind;
use crate::model::ServiceId;
use crate::number::sentence;
use crate::units::Time;
use std::collections::BTreeSet;

/// Occupancy below this share is before the rise.
const RISEN: f64 = 0.75;
/// Seconds of history that are always looked at.
const LEAST: usize = 10;

/// Tell that a subject saturated at `at`.
pub fn saturated(look: &Moment, index: usize, at: Time, down: &BTreeSet<ServiceId>) -> Entry {
    let subject = &look.resources.subjects[index];
    let served = serves(subject.kind);
    let blame = blame(look, subject, down);
    let because = because(look, subject, &blame);
    let mut parts = Vec::new();
    let saturated: Vec<usize> =
        subject.members.iter().copied().filter(|&m| look.resources.tracks[m].detector.since().is_some()).collect();
    if subject.members.len() > 1 {
        let live = look.resources.live(subject).len().max(saturated.len());
        parts.push(format!(
            "{} of {live} {}",
            saturated.len(),
            if subject.service.is_some() { "instances" } else { "machines" }
        ));
    }
    let station = Station::now(look.short, look.long, look.model, look.resources, &saturated);
    let load = station.map(|s| s.load(&look.mix.calls(look.model)));
    if served {
        parts.extend(load.map(|rho| format!("ρ {rho:.1}")));
        parts.push(format!("{} waiting", sentence::count(waiting(look.short, &saturated))));
        parts.extend(main_user(look, subject));
    } else {
        parts.push(holding(look, subject, &saturated, &blame, &because));
    }
    let verb = match subject.kind {
        _ if served => "saturated",
        ResourceKind::Queue => "backs up",
        _ => "exhausted",
    };
    let mut text = format!("{} {verb} ({}", subject.label, parts.join(", "));
    if because.is_empty()
        && let Some(words) = reason(look, index).filter(|w| !w.is_empty())
    {
        text.push_str(&format!("; {words}"));
    }
    text.push(')');
    Entry { at, kind: StoryKind::Saturated, subject: look.resources.told(subject), because, text }
}

/// What is to blame for a saturated subject at present; none: itself.
pub fn cause(look: &Moment, index: usize, down: &BTreeSet<ServiceId>) -> Causes {
    let subject = &look.resources.subjects[index];
    because(look, subject, &blame(look, subject, down))
}

/// What those who hold it wait for, since it filled.
fn blame(look: &Moment, subject: &Subject, down: &BTreeSet<ServiceId>) -> Blame {
    if serves(subject.kind) {
        return Blame::default();
    }
    ask(Question::Held(subject), rise(look, subject), look.model, look.resources, look.baseline(down))
}

/// It works off what is asked of it; the others are places that are held.
fn serves(kind: ResourceKind) -> bool {
    match kind {
        ResourceKind::Cpu
        | ResourceKind::Quota
        | ResourceKind::Threads
        | ResourceKind::Network
        | ResourceKind::Ingress
        | ResourceKind::Disk
        | ResourceKind::Memory => true,
        ResourceKind::Instances
        | ResourceKind::Slots
        | ResourceKind::Queue
        | ResourceKind::Workers
        | ResourceKind::Connections
        | ResourceKind::KeepAlive
        | ResourceKind::Descriptors
        | ResourceKind::Lock
        | ResourceKind::Pool => false,
    }
}

/// From the last second before occupancy rose to now; at least 10 s, at most the history.
fn rise<'a>(look: &'a Moment, subject: &Subject) -> Window<'a> {
    let history = look.history;
    let last = history.len() - 1;
    let mut from = last.saturating_sub(LEAST);
    while from > 0 {
        let second = Window { old: &history[from - 1], new: &history[from] };
        if sum(&subject.members, second).utilization().is_none_or(|u| u < RISEN) {
            break;
        }
        from -= 1;
    }
    Window { old: &history[from], new: &history[last] }
}

/// What is to blame; nothing when the resource itself is the root.
fn because(look: &Moment, subject: &Subject, blame: &Blame) -> Causes {
    if blame.circle.len() > 1 {
        return blame.circle.clone().into();
    }
    let foreign = |root: &Named| {
        // Its own service's work is no excuse, unless what does that work is saturated itself.
        let is_saturated = look
            .resources
            .subject(root)
            .is_some_and(|s| look.resources.saturated(&look.resources.subjects[s]).next().is_some());
        let own = subject.service.is_some_and(|service| {
            let whole = Told::Entity(Entity::Service(service));
            root.what == whole || root.what.is_part_of(&whole)
        });
        root != subject.id.as_str()
            && !matches!(root.what, Told::OpenSessions | Told::IdleConnections)
            && (!own || is_saturated)
    };
    let roots: Vec<Named> = match blame.roots.as_slice() {
        [first, ..] if !foreign(&first.0) => Vec::new(),
        [first, second, ..] if first.1 < 0.5 && foreign(&second.0) => vec![first.0.clone(), second.0.clone()],
        [first, ..] => vec![first.0.clone()],
        [] => Vec::new(),
    };
    roots.into()
}

/// "191 of 200 wait for rds.cpu", "10,000 of 10,000 held by open sessions, 48 refused per second"
fn holding(look: &Moment, subject: &Subject, saturated: &[usize], blame: &Blame, because: &Causes) -> String {
    let (totals, seconds) = (sum(saturated, look.second), look.second.seconds().max(1e-9));
    let (held, capacity) = (totals.busy / seconds, totals.capacity / seconds);
    let count = |share: f64| format!("{} of {}", sentence::count(held * share), sentence::count(capacity));
    let held_by = if because.is_empty() {
        match blame.roots.first().map(|(root, share)| (root, root.what, *share)) {
            Some((root, Told::OpenSessions, _)) => format!("{} held by {root}", count(1.0)),
            Some((root, Told::IdleConnections, share)) => format!("{} held by {root} connections", count(share)),
            Some(_) | None => format!("{} in use", count(1.0)),
        }
    } else if blame.circle.len() > 1 {
        format!("{}; {} wait for one another", count(1.0), words(because))
    } else {
        let part = |(i, (name, share)): (usize, &(Named, f64))| match i {
            0 => format!("{} wait for {name}", count(*share)),
            _ => format!("{} for {name}", sentence::count(held * share)),
        };
        blame.roots.iter().enumerate().map(part).collect::<Vec<_>>().join(", ")
    };
    let mut text = held_by;
    let waiting = totals.waiting / seconds;
    if waiting >= 0.5 && subject.kind != ResourceKind::Descriptors {
        text.push_str(&format!(", {} waiting", sentence::count(waiting)));
    }
    if totals.refused > 0 {
        text.push_str(&format!(", {} refused per second", sentence::figure(totals.refused as f64 / seconds)));
    }
    text
}

/// Mean number waiting.
fn waiting(window: Window, members: &[usize]) -> f64 {
    sum(members, window).waiting / window.seconds().max(1e-9)
}

/// Of several services on the machine the one that uses most: "forum uses 91 %".
fn main_user(look: &Moment, subject: &Subject) -> Option<String> {
    let group = &look.model.groups[subject.group?];
    if subject.kind != ResourceKind::Cpu || group.services.len() < 2 {
        return None;
    }
    let spent = |service: ServiceId| -> f64 {
        let operations = &look.model.services[service].operations;
        operations
            .iter()
            .map(|&o| look.long.seconds_in(Doer::Operation(o), Activity::Cpu).min(look.long.operation(o).cpu_seconds))
            .sum()
    };
    let all: f64 = group.services.iter().map(|&s| spent(s)).sum();
    let most = group.services.iter().copied().max_by(|&a, &b| spent(a).total_cmp(&spent(b)).then(b.cmp(&a)))?;
    (all > 0.0).then(|| format!("{} asks for {}", look.model.services[most].name, sentence::percent(spent(most) / all)))
}

/// Why so much is asked: "arrivals 10×".
fn reason(look: &Moment, index: usize) -> Option<String> {
    let before = look.before?;
    let old_station = Station::mean(before, look.model, look.resources, &look.resources.subjects[index].members)?;
    let new_station = look.station(index)?;
    let old_mix = Mix::of(before, look.model);
    Some(why(look.model, (&old_mix, &old_station), (look.mix, &new_station))?.words())
}
