//! Everything that can saturate, looked at once per simulated second.
//!
//! Utilization is Δ busy / Δ capacity of the engine's exact integrals; of machines that bear a service's name, over the
//! time in which they host it. A resource is *saturated* when its 10 s mean reaches 0.95 with somebody waiting or
//! turned away, and clear again below 0.85, when nobody was for 10 s, or when it goes down. Resources of equal kind and
//! owner form a subject, the name by which the story speaks of them: `rds.cpu`, `app.workers`, `app.pool(rds)`.

use super::acts::Acts;
use super::asked::Asked;
use super::counters::{Snapshot, Totals, Window};
use super::detector::{Detector, SATURATED};
use super::series::{Mean, Series};
use super::stretches::Stretches;
use super::subject::{Entity, Named, Subject as Told};
use crate::engine::{InstanceId, MachineId, ResourceKind, ResourceView, Simulation};
use crate::model::{GroupId, LinkId, LockId, Model, ServiceId};
use crate::units::Time;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Length of the mean that decides about saturation, seconds.
pub const WINDOW: usize = 10;
/// Most points of a series.
pub const POINTS: usize = 1024;
/// What was full for this share of a span was full in it.
const COVERED: f64 = 0.8;

/// One resource of the engine's table.
#[derive(Clone, Debug)]
pub struct Track {
    pub kind: ResourceKind,
    pub name: String,
    pub service: Option<ServiceId>,
    pub instance: Option<InstanceId>,
    pub machine: Option<MachineId>,
    /// Number of its instance among the service's, or of its machine among the group's.
    pub ordinal: Option<u32>,
    pub group: Option<GroupId>,
    pub link: Option<LinkId>,
    pub lock: Option<LockId>,
    /// Position among the subjects.
    pub subject: usize,
    /// The last it had while it was up.
    pub capacity: f64,
    /// What it has now; 0 while down.
    pub up: f64,
    /// Since when it has any.
    since: Time,
    /// Factor on its speed, set by the runbook.
    pub slow: f64,
    pub waiting: u32,
    pub waiting_max: u32,
    /// Of all that are like it together, and when that was first.
    pub waiting_max_alike: u32,
    pub waiting_max_at: Time,
    pub utilization_max: f64,
    pub detector: Detector,
    /// It is a machine's and bears the name of the service that it hosts: it is there while it does.
    pub hosted: bool,
    /// When it was full of late.
    pub stretches: Stretches,
    /// Its part of what was asked of its subject, where that has others.
    pub asked: Asked,
    pub offered_max: Option<f64>,
}

/// Resources of one kind and owner.
#[derive(Clone, Debug)]
pub struct Subject {
    /// "rds.cpu"
    pub id: String,
    /// "small.cpu (forum, blog)": the id with who shares it.
    pub label: String,
    /// Whose name it bears.
    pub owner: Option<Entity>,
    pub kind: ResourceKind,
    pub service: Option<ServiceId>,
    pub group: Option<GroupId>,
    pub link: Option<LinkId>,
    /// Positions of its tracks.
    pub members: Vec<usize>,
    pub utilization: Series<Mean>,
    pub offered: Series<Mean>,
    pub offered_max: Option<f64>,
    /// Of the time from 0 on in which it was up.
    pub asked: Asked,
    /// The most in use of all together in any 10 s.
    pub utilization_max: f64,
    /// The most of its members that served at one time, as of the looks.
    pub most_at_once: usize,
}

/// Where an instance runs.
#[derive(Clone, Copy, Debug)]
pub struct Hosting {
    pub service: ServiceId,
    pub ordinal: u32,
    pub machine: Option<MachineId>,
    pub up: bool,
    pub removed: bool,
    /// Of its machine's cores by the file, and the factor on it that the runbook set.
    pub speed: f64,
    pub slow: f64,
}

/// The tables of tracks, subjects and instances.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    pub tracks: Vec<Track>,
    pub subjects: Vec<Subject>,
    pub places: Vec<Hosting>,
    /// Machines with a process that is up.
    serving: BTreeSet<MachineId>,
    /// Tracks of the cores of machines.
    pub cores: BTreeMap<MachineId, usize>,
    by_id: BTreeMap<String, usize>,
    /// Subjects of what machines have.
    of_groups: BTreeMap<(GroupId, ResourceKind), usize>,
}

impl Resources {
    /// Read the engine's tables; new rows get a track. Returns the totals by resource index.
    pub fn read(&mut self, sim: &Simulation) -> Vec<Totals> {
        let mut totals = Vec::with_capacity(self.tracks.len());
        for (index, view) in sim.resources().enumerate() {
            if index == self.tracks.len() {
                self.add(sim.model(), &view);
            }
            let track = &mut self.tracks[index];
            if track.up <= 0.0 && view.capacity > 0.0 {
                track.since = sim.now();
            }
            track.up = view.capacity;
            if view.capacity > 0.0 {
                track.capacity = view.capacity;
            }
            track.stretches.look(&view, sim.now());
            track.waiting = view.waiting;
            track.waiting_max = view.waiting_max;
            (track.waiting_max_alike, track.waiting_max_at) = (view.waiting_max_alike, view.waiting_max_at);
            totals.push(Totals::of(&view, track.hosted));
        }
        let mut places = std::mem::take(&mut self.places);
        places.clear();
        places.extend(sim.instances().map(|i| Hosting {
            service: i.service,
            ordinal: i.ordinal,
            machine: i.machine,
            up: i.up,
            removed: i.removed,
            speed: self.speed(sim.model(), i.machine),
            slow: 1.0,
        }));
        self.places = places;
        self.serving = self.places.iter().filter(|p| p.up).filter_map(|p| p.machine).collect();
        totals
    }

    /// Of the cores that an instance runs on, by the file.
    fn speed(&self, model: &Model, machine: Option<MachineId>) -> f64 {
        self.group(machine).map_or(1.0, |group| model.groups[group].speed)
    }

    /// The group of a machine.
    pub fn group(&self, machine: Option<MachineId>) -> Option<GroupId> {
        let cores = machine.and_then(|machine| self.cores.get(&machine))?;
        self.tracks[*cores].group
    }

    /// Judge the last seconds: `second` is the last one, `short` the last ten or as many as there are; `enough`: they
    /// tell what is saturated.
    pub fn judge(
        &mut self,
        [second, short]: [Window; 2],
        enough: bool,
        history: &VecDeque<Arc<Snapshot>>,
        acts: &Acts,
    ) {
        let now = short.new.at;
        let recent: Vec<Window> = (1..history.len())
            .map(|i| Window { old: &history[i - 1], new: &history[i] })
            .filter(|w| w.old.at >= short.old.at)
            .collect();
        for (index, track) in self.tracks.iter_mut().enumerate() {
            let totals = short.resource(index);
            let utilization = totals.utilization();
            if enough && short.old.at >= Time(0) {
                track.utilization_max = track.utilization_max.max(utilization.unwrap_or(0.0));
            }
            if enough {
                // What came up (or took in its first process) within the window has no mean yet.
                let hosts = !track.hosted || totals.capacity >= 0.95 * track.up * short.seconds();
                let known = track.up > 0.0 && track.since <= short.old.at && hosts;
                // The mean reaches the limit late: it filled in the first second that did, but not before somebody
                // had to wait.
                let full = |w: &&Window| w.resource(index).utilization().is_some_and(|u| u >= SATURATED);
                let pressed = |w: &&Window| w.resource(index).blocked();
                let stretches = &track.stretches;
                let begun = || {
                    let first = recent.iter().find(full).or(recent.first());
                    let begin = first.and_then(|w| stretches.begin([w.old.at, w.new.at], now));
                    let waited = recent.iter().find(pressed).map_or(short.old.at, |w| w.old.at);
                    acts.since(begin.unwrap_or(first.map_or(short.old.at, |w| w.old.at)).max(waited.min(now)))
                };
                let until = if full(&&second) && pressed(&&second) {
                    stretches.end([second.old.at, now], now).or(Some(now))
                } else {
                    stretches.end_of(second.old.at, now)
                };
                track.detector.look(utilization.filter(|_| known), totals.blocked(), begun, until, now);
            }
        }
        if enough && short.old.at >= Time(0) {
            for subject in &mut self.subjects {
                let most = sum(&subject.members, short).utilization().unwrap_or(0.0);
                subject.utilization_max = subject.utilization_max.max(most);
            }
        }
        if second.old.at >= Time(0) {
            let point = second.old.at.0 as u64 / 1_000_000_000;
            for subject in &mut self.subjects {
                if let Some(utilization) = sum(&subject.members, second).utilization() {
                    subject.utilization.at(point).add(utilization);
                }
            }
        }
    }

    /// Bytes of a copy.
    pub fn footprint(&self) -> usize {
        let names = |name: &String| name.len() + size_of::<String>();
        let subject = |subject: &Subject| {
            let series = subject.utilization.footprint(|_| 0) + subject.offered.footprint(|_| 0);
            size_of::<Subject>() + series + subject.members.len() * 8 + 3 * names(&subject.id)
        };
        let track = |track: &Track| size_of::<Track>() + track.name.len() + track.stretches.footprint();
        self.tracks.iter().map(track).sum::<usize>()
            + self.subjects.iter().map(subject).sum::<usize>()
            + self.places.len() * (size_of::<Hosting>() + 8)
    }

    /// Position of a subject by its id.
    pub fn subject(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// How the story speaks of a subject.
    pub fn told(&self, subject: &Subject) -> Named {
        let what = subject.owner.map_or(Told::Unknown, |owner| Told::Resource { owner, measured: true });
        Named::new(what, subject.id.as_str())
    }

    /// How the story speaks of something its owner has, whether or not it is a row of its own.
    pub fn part(&self, owner: Entity, name: String) -> Named {
        match self.subject(&name) {
            Some(subject) => self.told(&self.subjects[subject]),
            None => Named::new(Told::Resource { owner, measured: false }, name),
        }
    }

    /// Tracks by any of their names: a subject's, a single resource's, or what a machine group or service has of its
    /// kind (`db.cpu` for `rds.cpu`, `forum.cpu` for the machine that forum shares).
    pub fn named(&self, model: &Model, name: &str) -> Option<Vec<usize>> {
        if let Some(subject) = self.subject(name) {
            return Some(self.subjects[subject].members.clone());
        }
        let (owner, kind) = name.rsplit_once('.')?;
        let owns = |track: &Track| {
            let group = track.group.map(|g| &model.groups[g]).filter(|_| track.service.is_none());
            let runs = |group: &crate::model::Group| group.services.iter().any(|s| model.services[*s].name == owner);
            track.kind.name() == kind && group.is_some_and(|group| group.name == owner || runs(group))
        };
        let found: Vec<usize> =
            (0..self.tracks.len()).filter(|&i| self.tracks[i].name == name || owns(&self.tracks[i])).collect();
        (!found.is_empty()).then_some(found)
    }

    /// Most that ever waited at one time, of each.
    pub fn waited_at_most(&self, members: &[usize]) -> f64 {
        members.iter().map(|&m| f64::from(self.tracks[m].waiting_max)).sum()
    }

    /// Members of a subject that can serve: up, and for a machine with a process that is up.
    pub fn live(&self, subject: &Subject) -> Vec<usize> {
        let serves = |&m: &usize| {
            let track = &self.tracks[m];
            let serves =
                track.instance.is_some() || track.machine.is_none_or(|machine| self.serving.contains(&machine));
            track.up > 0.0 && serves
        };
        subject.members.iter().copied().filter(serves).collect()
    }

    /// All of a member was in use in a span, known in whole seconds as `window`, and somebody waited or was turned
    /// away.
    pub fn was_full(&self, subject: &Subject, window: Window, span: [Time; 2]) -> bool {
        subject.members.iter().any(|&member| self.member_was_full(member, window, span))
    }

    /// The same of one member.
    pub fn member_was_full(&self, member: usize, window: Window, span: [Time; 2]) -> bool {
        let track = &self.tracks[member];
        let totals = window.resource(member);
        let saturated = track.detector.since().is_some_and(|since| since <= span[1]);
        let busy = totals.utilization().is_some_and(|share| share >= SATURATED);
        saturated || totals.blocked() && (busy || track.stretches.share(span, window.new.at) >= COVERED)
    }

    /// The same, or it turned somebody away when it was full for a part of the span.
    pub fn member_hurt(&self, member: usize, window: Window, span: [Time; 2]) -> bool {
        let refused = || window.resource(member).refused > 0;
        let full = || self.tracks[member].stretches.begin(span, window.new.at).is_some();
        self.member_was_full(member, window, span) || refused() && full()
    }

    /// Members of a subject that are saturated.
    pub fn saturated<'a>(&'a self, subject: &'a Subject) -> impl Iterator<Item = &'a Track> {
        subject.members.iter().map(|&m| &self.tracks[m]).filter(|t| t.detector.since().is_some())
    }

    fn add(&mut self, model: &Model, view: &ResourceView) {
        let Spoken { id, label, owner } = spoken(model, view);
        let next = self.subjects.len();
        let by_id = &mut self.by_id;
        let mut by_name = || *by_id.entry(id.clone()).or_insert(next);
        let subject = match view.group.filter(|_| view.instance.is_none()) {
            // Machines that come to a group go by the name of those that were there, whatever runs there by now.
            Some(group) => *self.of_groups.entry((group, view.kind)).or_insert_with(by_name),
            None => by_name(),
        };
        if subject == next {
            self.subjects.push(Subject {
                id,
                label,
                owner,
                kind: view.kind,
                service: view.service,
                group: view.group,
                link: view.link,
                members: Vec::new(),
                utilization: Series::new(1, POINTS),
                offered: Series::new(1, POINTS),
                offered_max: None,
                asked: Asked::default(),
                utilization_max: 0.0,
                most_at_once: 0,
            });
        }
        let of_service = matches!(self.subjects[subject].owner, Some(Entity::Service(_)));
        let hosted = of_service && view.instance.is_none() && view.machine.is_some();
        self.subjects[subject].members.push(self.tracks.len());
        if let Some(machine) = view.machine.filter(|_| view.kind == ResourceKind::Cpu && view.instance.is_none()) {
            self.cores.insert(machine, self.tracks.len());
        }
        self.tracks.push(Track {
            kind: view.kind,
            name: view.name.to_string(),
            service: view.service,
            instance: view.instance,
            machine: view.machine,
            ordinal: view.ordinal,
            group: view.group,
            link: view.link,
            lock: view.lock,
            subject,
            capacity: view.capacity,
            up: 0.0,
            since: Time(i64::MIN),
            slow: 1.0,
            waiting: 0,
            waiting_max: 0,
            waiting_max_alike: 0,
            waiting_max_at: Time(0),
            utilization_max: 0.0,
            detector: Detector::default(),
            hosted,
            stretches: Stretches::default(),
            asked: Asked::default(),
            offered_max: None,
        });
    }
}

/// Most that waited for any of several resources at one time: of all that are alike, or of the only one.
pub fn waiting_max(tracks: &[&Track]) -> u32 {
    if let [only] = tracks {
        return only.waiting_max;
    }
    let mut most: BTreeMap<Option<GroupId>, u32> = BTreeMap::new();
    for track in tracks {
        // Machines of several groups may bear one name.
        let of = most.entry(track.group.filter(|_| track.instance.is_none())).or_default();
        *of = (*of).max(track.waiting_max_alike);
    }
    most.into_values().sum()
}

/// Totals of several resources together.
pub fn sum(members: &[usize], window: Window) -> Totals {
    members.iter().map(|&m| window.resource(m)).fold(Totals::default(), Totals::plus)
}

/// What calls over a link wait for before they leave: `pool(rds)`, or `slots(rds)` where no connections are kept.
pub fn waits_for(model: &Model, link: LinkId) -> String {
    let link = &model.links[link];
    let kind =
        if link.keep == 0 && link.guards.target_limit != u32::MAX { ResourceKind::Slots } else { ResourceKind::Pool };
    format!("{}({})", kind.name(), model.services[link.callee].name)
}

/// How a subject is called.
struct Spoken {
    id: String,
    label: String,
    owner: Option<Entity>,
}

/// The subject a resource belongs to. A machine that runs one service goes by the service's name.
fn spoken(model: &Model, view: &ResourceView) -> Spoken {
    let kind = match view.link {
        Some(link) if view.kind != ResourceKind::Queue => {
            format!("{}({})", view.kind.name(), model.services[model.links[link].callee].name)
        }
        // Each lock is a subject of its own: `app/0.lock(row)` is `app.lock(row)`.
        _ => view.lock.map_or_else(|| view.kind.name().to_string(), |lock| model.locks[lock].name.clone()),
    };
    let service_name = |id: &ServiceId| model.services[*id].name.clone();
    let of_service = |service: ServiceId| {
        let id = format!("{}.{kind}", service_name(&service));
        Spoken { label: id.clone(), id, owner: Some(Entity::Service(service)) }
    };
    if let Some(service) = view.service {
        return of_service(service);
    }
    let Some(group) = view.group else {
        // Of a service, and of none of its instances.
        let service = model.services.ids();
        let owner = service.into_iter().find(|id| format!("{}.{kind}", service_name(id)) == view.name);
        return Spoken { id: view.name.into(), label: view.name.into(), owner: owner.map(Entity::Service) };
    };
    let machines = &model.groups[group];
    let id = format!("{}.{kind}", machines.name);
    match machines.services.as_slice() {
        [only] if view.kind != ResourceKind::Memory => of_service(*only),
        [] | [_] => Spoken { label: id.clone(), id, owner: Some(Entity::Group(group)) },
        several => {
            let label = format!("{id} ({})", several.iter().map(service_name).collect::<Vec<_>>().join(", "));
            Spoken { id, label, owner: Some(Entity::Group(group)) }
        }
    }
}
