//! The sentence about a resource that saturates: how much was asked, who waits, for whom, and why so much was asked.

use super::emptied;
use super::flow::Doer;
use super::moment::Moment;
use super::offered::{Mix, Station, Why, why};
use super::pools::Evidence;
use super::resources::{Subject, sum};
use super::shares::pace;
use super::story::{Entry, StoryKind};
use super::subject::{Causes, Entity, Named, Subject as Told, words};
use super::wait_graph::{Blame, Question, ask};
use crate::engine::{Activity, ResourceKind};
use crate::model::{OperationId, ServiceId};
use crate::number::{clock, sentence};
use crate::units::Time;
use std::collections::BTreeSet;

/// Numbers beside a beginning are of so many seconds after it, at most.
const FIRST: i64 = 10 * 1_000_000_000;
/// So much of what there was must be gone before that explains anything.
const LOST: f64 = 0.15;
/// A factor explains a load if it has this share in its growth.
const MOST: f64 = 0.5;
/// A load below this is no reason to wait: what is full all the same was so for a moment.
const FULL: f64 = 0.95;
/// Work of one operation is told if it is this share of all.
const MAIN: f64 = 0.5;

/// The part of a span that the numbers beside its beginning are of.
pub fn beginning(span: [Time; 2]) -> [Time; 2] {
    [span[0], Time(span[1].0.min(span[0].0 + FIRST))]
}

/// `during` the beginning of a span.
pub fn over(span: [Time; 2], lasts: bool) -> String {
    let [from, until] = beginning(span);
    during([from, until], lasts || span[1] > until)
}

/// "for 5 s" of what is over, "in the first 10 s" of what goes on, "at once" of a moment.
pub fn during([from, until]: [Time; 2], lasts: bool) -> String {
    if until.0 - from.0 < 1_000_000 {
        return "at once".into();
    }
    let seconds = sentence::seconds((until.0 - from.0) as f64 / 1e9);
    if lasts { format!("in the first {seconds}") } else { format!("for {seconds}") }
}

/// Tell that a subject was full in a span; `lasts`: it still is.
pub fn saturated(look: &Moment, index: usize, span: [Time; 2], lasts: bool, down: &BTreeSet<ServiceId>) -> Entry {
    let subject = &look.resources.subjects[index];
    // What was long in coming to light is told with what is known then.
    let known = look.history.front().map_or(span[0], |first| first.at);
    let measured = if span[0] < known { look.lately() } else { beginning(span) };
    let evidence = look.evidence(measured, down);
    let served = serves(subject.kind);
    let blame = blame(subject, &evidence);
    let (because, why) = because(look, index, &evidence, &blame);
    let full: Vec<usize> = subject
        .members
        .iter()
        .copied()
        .filter(|&m| look.resources.member_hurt(m, evidence.window, evidence.span))
        .collect();
    let late = span[0] < known && lasts;
    let mut parts = vec![if late { format!("by {}", clock(look.now().as_seconds())) } else { over(span, lasts) }];
    if subject.members.len() > 1 {
        parts.push(which(look, subject, &full));
    }
    if served {
        let asked = look.inside(evidence.span);
        // Those left have what came to those that are gone.
        let all = if full.len() >= look.resources.live(subject).len() { &subject.members } else { &full };
        let station = Station::now([asked, look.long], look.model, look.resources, &full, all);
        let load = station.map(|s| s.load(&Mix::of(asked, look.model).calls(look.model)));
        parts.extend(load.filter(|rho| *rho >= FULL).map(|rho| format!("ρ {rho:.1}")));
        let most = look.resources.waited_at_most(&full);
        parts.push(format!("{} waiting", sentence::count(waiting(&evidence, &full).min(most))));
        parts.extend(main_user(look, subject));
    } else {
        parts.push(holding(subject, &full, &evidence, &blame, &because));
    }
    parts.extend(main_work(subject, &evidence));
    let verb = match subject.kind {
        _ if served => "saturated",
        ResourceKind::Queue => "backs up",
        _ => "exhausted",
    };
    let mut text = format!("{} {verb} ({}", subject.label, parts.join(", "));
    if let Some(words) = why.map(|why| why.words()).filter(|w| !w.is_empty()) {
        text.push_str(&format!("; {words}"));
    }
    text.push(')');
    Entry { at: span[0], kind: StoryKind::Saturated, subject: look.resources.told(subject), because, text }
}

/// What is to blame for a saturated subject at present; none: itself.
pub fn cause(look: &Moment, index: usize, down: &BTreeSet<ServiceId>) -> Causes {
    let evidence = look.evidence(look.lately(), down);
    because(look, index, &evidence, &blame(&look.resources.subjects[index], &evidence)).0
}

/// What those who hold it wait for.
fn blame(subject: &Subject, evidence: &Evidence) -> Blame {
    if serves(subject.kind) { Blame::default() } else { ask(Question::Held(subject), evidence) }
}

/// "3 of 4 instances, app/2 first"
fn which(look: &Moment, subject: &Subject, full: &[usize]) -> String {
    let live = look.resources.live(subject).len().max(full.len());
    let members = if subject.service.is_some() { "instances" } else { "machines" };
    let since = |&&m: &&usize| {
        let track = &look.resources.tracks[m];
        track.detector.since().or_else(|| track.stretches.begin(look.lately(), look.now()))
    };
    let first = full.iter().filter(|m| since(m).is_some()).min_by_key(since);
    let owner = first.and_then(|&m| {
        let track = &look.resources.tracks[m];
        let whole = match (track.service, track.group) {
            (Some(service), _) => &look.model.services[service].name,
            (None, group) => &look.model.groups[group?].name,
        };
        Some(format!("{whole}/{}", track.ordinal?))
    });
    match owner.filter(|_| full.len() > 1) {
        Some(owner) => format!("{} of {live} {members}, {owner} first", full.len()),
        None => format!("{} of {live} {members}", full.len()),
    }
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

/// What is to blame, nothing when the resource itself is the root; and why so much is asked of it then.
fn because(look: &Moment, index: usize, evidence: &Evidence, blame: &Blame) -> (Causes, Option<Why>) {
    let subject = &look.resources.subjects[index];
    if blame.circle.len() > 1 {
        return (blame.circle.clone().into(), None);
    }
    let foreign = |root: &Named| {
        // Its own service's work is no excuse, unless what does that work is full itself.
        let found = look.resources.subject(root).map(|at| &look.resources.subjects[at]);
        let full = found.is_some_and(|found| evidence.full(found));
        let own = subject.service.is_some_and(|service| {
            let whole = Told::Entity(Entity::Service(service));
            root.what == whole || root.what.is_part_of(&whole)
        });
        root != subject.id.as_str()
            && !matches!(root.what, Told::OpenSessions | Told::IdleConnections)
            && (!own || full)
    };
    let roots: Vec<Named> = match blame.roots.as_slice() {
        [first, ..] if !foreign(&first.0) => Vec::new(),
        [first, second, ..] if first.1 < 0.5 && foreign(&second.0) => vec![first.0.clone(), second.0.clone()],
        [first, ..] => vec![first.0.clone()],
        [] => Vec::new(),
    };
    if !roots.is_empty() {
        return (roots.into(), None);
    }
    // Messages wait for those who consume them, as fast as ever.
    if let (ResourceKind::Queue, Some(link)) = (subject.kind, subject.link) {
        let consumer = look.model.links[link].callee;
        return (Some(Named::service(consumer, look.model.services[consumer].name.as_str())).into(), None);
    }
    if let Some(starved) = starved(look, subject, evidence) {
        return (Some(starved).into(), None);
    }
    let why = reason(look, index, evidence);
    (lost(look, subject, evidence, why.as_ref()).into(), why)
}

/// Threads and shares of cores that are busy beyond the work they are asked for: they wait for cores that are full.
fn starved(look: &Moment, subject: &Subject, evidence: &Evidence) -> Option<Named> {
    let service = subject.service.filter(|_| matches!(subject.kind, ResourceKind::Threads | ResourceKind::Quota))?;
    let asked = look.inside(evidence.span);
    let of_it = &look.model.services[service].operations;
    let groups = &look.model.services[service].groups;
    let work: f64 = of_it.iter().map(|id| asked.operation(*id).cpu_seconds).sum();
    let pace = pace(asked, look.model, look.resources, service, (|work| work.cpu_seconds, |group| group.speed));
    if work * pace >= FULL * sum(&look.resources.live(subject), asked).capacity {
        return None;
    }
    let cores = look.resources.subjects.iter().find(|other| {
        let its = other.kind == ResourceKind::Cpu && other.group.is_some_and(|group| groups.contains(&group));
        its && evidence.full(other)
    })?;
    Some(look.resources.told(cores))
}

/// What took away the capacity, or the hits that had spared it: instances that are down, a store that was emptied.
fn lost(look: &Moment, subject: &Subject, evidence: &Evidence, why: Option<&Why>) -> Option<Named> {
    // A hit spares calls, or work of whoever asked for it.
    // Where everything was found nothing was asked of what is behind.
    let missed = why.is_none_or(|why| why.explains(why.misses) + why.explains(why.demand) >= MOST);
    if missed {
        let own = subject
            .service
            .into_iter()
            .chain(subject.group.iter().flat_map(|g| look.model.groups[*g].services.clone()));
        let asked: BTreeSet<ServiceId> = own.flat_map(|service| evidence.behind(service)).collect();
        // Whoever looks there and does not find it asks elsewhere.
        let beside = |service: ServiceId| {
            let looks = |caller: &ServiceId| {
                look.model.services[*caller].links.iter().any(|link| look.model.links[*link].callee == service)
            };
            look.model.services.ids().filter(looks).any(|caller| subject_is_behind(evidence, caller, subject))
        };
        let calls = |service: ServiceId| {
            subject_is_behind(evidence, service, subject) || asked.contains(&service) || beside(service)
        };
        if let Some(loss) = look.emptied.before(evidence.span[0], calls) {
            return Some(emptied::subject(look.model, &loss));
        }
    }
    let services: Vec<ServiceId> = match (subject.service, subject.group) {
        (Some(service), _) => vec![service],
        (None, Some(group)) => look.model.groups[group].services.clone(),
        (None, None) => Vec::new(),
    };
    let gone = |service: &ServiceId| {
        let places = || look.resources.places.iter().filter(|place| place.service == *service && !place.removed);
        let down = places().filter(|place| !place.up).count() as f64;
        down >= LOST * places().count() as f64
    };
    let down = services.into_iter().find(|service| evidence.down.contains(service) && gone(service))?;
    Some(Named::service(down, look.model.services[down].name.as_str()))
}

/// A service's calls end at what has this subject.
fn subject_is_behind(evidence: &Evidence, service: ServiceId, subject: &Subject) -> bool {
    let behind = evidence.behind(service);
    match (subject.service, subject.group) {
        (Some(of), _) => behind.contains(&of),
        (None, Some(group)) => evidence.model.groups[group].services.iter().any(|of| behind.contains(of)),
        (None, None) => false,
    }
}

/// "191 of 200 wait for rds.cpu", "10,000 of 10,000 held by open sessions, 48 refused per second"
fn holding(subject: &Subject, full: &[usize], evidence: &Evidence, blame: &Blame, because: &Causes) -> String {
    let (totals, seconds) = (sum(full, evidence.window), evidence.window.seconds().max(1e-9));
    let capacity = totals.capacity / seconds;
    // It was full for a part of these seconds, or nearly full for all of them.
    let mean = totals.busy / seconds;
    let lasted = lasted(evidence);
    let held = if mean >= 0.9 * capacity { mean } else { capacity };
    let count = |share: f64| format!("{} of {}", sentence::count(held * share), sentence::count(capacity));
    let held_by = if because.is_empty() || blame.roots.is_empty() {
        match blame.roots.first().map(|(root, share)| (root, root.what, *share)) {
            Some((root, Told::OpenSessions, share)) => format!("{} held by {root}", count(share)),
            Some((root, Told::IdleConnections, share)) => format!("{} held by {root} connections", count(share)),
            Some(_) | None => format!("{} in use", count(1.0)),
        }
    } else if blame.circle.len() > 1 {
        format!("{}; {} wait for one another", count(1.0), words(because))
    } else {
        // Those it has itself are used by some of them while the others wait.
        let own = |name: &Named| {
            let found = evidence.resources.subject(name).and_then(|at| evidence.resources.subjects[at].group);
            let runs = |group| subject.service.is_some_and(|id| evidence.model.services[id].groups.contains(&group));
            found.is_some_and(runs)
        };
        // Nobody stands in line for what is not full: it takes longer than before.
        let slow = |name: &Named| {
            let found = evidence.resources.subject(name).map(|at| &evidence.resources.subjects[at]);
            found.is_some_and(|found| !evidence.full(found))
        };
        let part = |(i, (name, share)): (usize, &(Named, f64))| match (i, own(name), slow(name)) {
            (0, true, false) => format!("{} at {name} or waiting for it", count(*share)),
            (0, true, true) => format!("{} at the slower {name}", count(*share)),
            (0, false, false) => format!("{} wait for {name}", count(*share)),
            (0, false, true) => format!("{} wait for the slower {name}", count(*share)),
            (_, true, _) => format!("{} at {name}", sentence::count(held * share)),
            (_, false, _) => format!("{} for {name}", sentence::count(held * share)),
        };
        blame.roots.iter().enumerate().map(part).collect::<Vec<_>>().join(", ")
    };
    let mut text = held_by;
    let waiting = totals.waiting / lasted;
    if waiting >= 0.5 && subject.kind != ResourceKind::Descriptors {
        text.push_str(&format!(", {} waiting", sentence::count(waiting)));
    }
    if totals.refused > 0 {
        text.push_str(&format!(", {} refused per second", sentence::figure(totals.refused as f64 / lasted)));
    }
    text
}

/// Seconds that what happened in a window lasted: all of it, or the span if that is shorter.
fn lasted(evidence: &Evidence) -> f64 {
    let [from, until] = evidence.span;
    let span = until.0.min(evidence.window.new.at.0) - from.0.max(evidence.window.old.at.0);
    evidence.window.seconds().min((span as f64 / 1e9).max(0.001))
}

/// Mean number waiting.
fn waiting(evidence: &Evidence, members: &[usize]) -> f64 {
    sum(members, evidence.window).waiting / lasted(evidence)
}

/// Of several operations the one that does most of the work, if it was not so before: "95 % of it by app.keys".
fn main_work(subject: &Subject, evidence: &Evidence) -> Option<String> {
    let kinds = [ResourceKind::Cpu, ResourceKind::Quota, ResourceKind::Threads, ResourceKind::Lock];
    let service = match (subject.service, subject.owner) {
        (Some(service), _) | (None, Some(Entity::Service(service))) => service,
        _ => return None,
    };
    let operations = &evidence.model.services[service].operations;
    if !kinds.contains(&subject.kind) || operations.len() < 2 {
        return None;
    }
    let work = |window: super::counters::Window, operation: OperationId| match subject.kind {
        ResourceKind::Lock => [Activity::Cpu, Activity::Delay, Activity::Disk]
            .into_iter()
            .map(|activity| window.seconds_in(Doer::Operation(operation), activity))
            .sum(),
        _ => window.operation(operation).cpu_seconds,
    };
    let share = |window: super::counters::Window, operation: OperationId| {
        let all: f64 = operations.iter().map(|&o| work(window, o)).sum();
        if all > 0.0 { work(window, operation) / all } else { 0.0 }
    };
    let most =
        operations.iter().copied().max_by(|&a, &b| work(evidence.window, a).total_cmp(&work(evidence.window, b)))?;
    let (now, before) = (share(evidence.window, most), evidence.before.map_or(0.0, |before| share(before, most)));
    let name = &evidence.model.operations[most].name;
    (now >= MAIN && before < MAIN).then(|| format!("{name} takes {} of it", sentence::percent(now)))
}

/// Of several services on the machine the one that asks most of it in the last minute: "forum asks for 91 %".
fn main_user(look: &Moment, subject: &Subject) -> Option<String> {
    let group = &look.model.groups[subject.group?];
    if subject.kind != ResourceKind::Cpu || group.services.len() < 2 {
        return None;
    }
    let asked = |service: ServiceId| -> f64 {
        let counts = look.model.services[service].operations.iter().map(|&id| look.long.operation(id));
        counts.map(|count| count.cpu_seconds + count.spawn_seconds + count.handshake_seconds).sum()
    };
    let all: f64 = group.services.iter().map(|&s| asked(s)).sum();
    let most = group.services.iter().copied().max_by(|&a, &b| asked(a).total_cmp(&asked(b)).then(b.cmp(&a)))?;
    (all > 0.0).then(|| format!("{} asks for {}", look.model.services[most].name, sentence::percent(asked(most) / all)))
}

/// Why so much is asked: "arrivals 10×".
fn reason(look: &Moment, index: usize, evidence: &Evidence) -> Option<Why> {
    let before = evidence.before?;
    let subject = &look.resources.subjects[index];
    let old_station = Station::mean(before, look.model, look.resources, &subject.members)?;
    let live = look.resources.live(subject);
    let asked = look.inside(evidence.span);
    let new_station = Station::now([asked, look.long], look.model, look.resources, &live, &subject.members)?;
    let (old_mix, new_mix) = (Mix::of(before, look.model), Mix::of(asked, look.model));
    why(look.model, (&old_mix, &old_station), (&new_mix, &new_station))
}
