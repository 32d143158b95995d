//! From what was recorded of resources to their rows: each by itself, and all of a subject together.

use super::counters::{Totals, Window};
use super::held::Held;
use super::kept::Kept;
use super::offered::{Mix, Station};
use super::recorder::Recorder;
use super::resources::{Subject, Track, sum, waiting_max};
use super::results::{Resource, ResourceGroup, StoryEvent, Worst};
use super::story::StoryKind;
use crate::engine::ResourceKind;
use crate::model::Model;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What the rows are made of.
pub struct Rows<'a> {
    recorder: &'a Recorder,
    pub model: &'a Model,
    pub whole: Window<'a>,
    /// Calls asked per second over the horizon, by site.
    calls: Vec<f64>,
    /// When each subject is first told to be full, seconds.
    begins: BTreeMap<&'a str, f64>,
    /// Of subjects with several members, worked out once: ρ of all together, and what `load` says of them.
    known: RefCell<BTreeMap<usize, [Option<f64>; 2]>>,
}

impl<'a> Rows<'a> {
    pub fn new(recorder: &'a Recorder, model: &'a Model, whole: Window<'a>, story: &'a [StoryEvent]) -> Self {
        let mut begins = BTreeMap::new();
        for event in story.iter().filter(|event| event.event == StoryKind::Saturated) {
            begins.entry(event.subject.as_str()).or_insert(event.at_s);
        }
        let calls = Mix::of(whole, model).calls(model);
        Self { recorder, model, whole, calls, begins, known: RefCell::default() }
    }

    /// A row for each resource.
    pub fn rows(&self) -> Vec<Resource> {
        let tracks = self.recorder.resources.tracks.iter().enumerate().filter(|(_, track)| is_limited(track));
        let row = |(index, track): (usize, &Track)| {
            let mut row = self.row(&[index], self.offered(index))?;
            let subject = &self.recorder.resources.subjects[track.subject];
            self.as_told(&mut row, subject);
            Some(row)
        };
        tracks.filter_map(row).collect()
    }

    /// A row for each subject.
    pub fn groups(&self) -> Vec<ResourceGroup> {
        let resources = &self.recorder.resources;
        let limited = |subject: &&Subject| subject.members.iter().any(|&member| is_limited(&resources.tracks[member]));
        resources.subjects.iter().filter(limited).filter_map(|subject| self.group(subject)).collect()
    }

    /// The row of a resource by any of its names. What a service has of machines is what these had while they hosted
    /// it, what a machine group has is that of all its machines that were up.
    pub fn named(&self, name: &str, [before, after]: [&Kept; 2]) -> Option<Resource> {
        let resources = &self.recorder.resources;
        let members = resources.named(self.model, name)?;
        let mut row = self.row(&members, None)?;
        let (owner, _) = name.rsplit_once('.')?;
        let service = self.model.services.ids().find(|&id| self.model.services[id].name == owner);
        let group = self.model.groups.ids().find(|&id| self.model.groups[id].name == owner);
        let of_machines = match (service, group) {
            (Some(service), _) => after.of_service(before, service, row.kind),
            (None, Some(group)) => after.of_group(before, group, row.kind),
            (None, None) => None,
        };
        if let Some([busy, waiting, capacity]) = of_machines {
            fill(&mut row, Totals { busy, waiting, capacity, ..sum(&members, self.whole) }, self.whole.seconds());
        }
        Some(row)
    }

    fn group(&self, subject: &Subject) -> Option<ResourceGroup> {
        let mut all = self.row(&subject.members, self.offered_together(subject))?;
        all.id.clone_from(&subject.id);
        all.utilization_max = all.utilization_mean.max(subject.utilization_max);
        self.as_told(&mut all, subject);
        let there: Vec<usize> =
            subject.members.iter().copied().filter(|&m| self.whole.resource(m).capacity > 0.0).collect();
        let rows: Vec<Resource> = there.iter().filter_map(|&m| self.row(&[m], self.offered(m))).collect();
        let most = |of: fn(&Resource) -> f64| rows.iter().map(of).fold(0.0, f64::max);
        let worst = Worst {
            offered_load: rows.iter().filter_map(|row| row.offered_load).reduce(f64::max),
            utilization_mean: most(|row| row.utilization_mean),
            utilization_max: most(|row| row.utilization_max),
            waiting_mean: most(|row| row.waiting_mean),
            waiting_max: most(|row| row.waiting_max),
        };
        // No more is in use than was asked for.
        all.offered_load_max = all.offered_load_max.map(|most| most.max(all.utilization_max));
        let members = there.len().min(subject.most_at_once.max(1));
        Some(ResourceGroup { all, members, worst })
    }

    /// What is in the story is in the table, with the same time, and nothing else: neither what was full by chance.
    fn as_told(&self, row: &mut Resource, subject: &Subject) {
        let resources = &self.recorder.resources;
        let index = resources.subject(&subject.id);
        let told = index.and_then(|index| self.recorder.watch.saturations.told(index, self.whole.new.at));
        let Some([first, lasted]) = told else {
            (row.saturated_at_s, row.saturated_for_s) = (None, 0.0);
            return;
        };
        let alone = subject.members.len() == 1 || row.id == subject.id;
        let first = self.begins.get(subject.id.as_str()).copied().unwrap_or(first.0 as f64 / 1e9);
        match row.saturated_at_s {
            // One of several was not full when others were.
            None if !alone => {}
            None => (row.saturated_at_s, row.saturated_for_s) = (Some(first), lasted.0 as f64 / 1e9),
            Some(at) => row.saturated_at_s = Some(if alone { first } else { at.max(first) }),
        }
        let most = row.saturated_at_s.map_or(0.0, |at| self.whole.new.at.as_seconds() - at);
        row.saturated_for_s = row.saturated_for_s.min(most);
    }

    fn load(&self, members: &[usize]) -> Option<f64> {
        Station::mean(self.whole, self.model, &self.recorder.resources, members).map(|s| s.load(&self.calls))
    }

    /// ρ of a subject over the horizon: what was asked over what there was, both of the time in which it was up. What
    /// one call holds is all that was held in the horizon over those that took it, for a long hold shows its length
    /// late. What is held was asked for, if only before time 0 or before anybody looked.
    fn offered_together(&self, subject: &Subject) -> Option<f64> {
        let asked = &subject.asked;
        let worked = || asked.load();
        let held = || {
            let resources = &self.recorder.resources;
            let first = resources.tracks.get(*subject.members.first()?)?;
            let held = Held::of(self.whole, self.model, resources, &subject.members, first);
            let [came, went] = asked.calls;
            (asked.up > 0.0).then(|| (came * held.inbound + went * held.outbound) / asked.up)
        };
        let asked = match subject.kind {
            // Held while it works, and while it waits for a core.
            ResourceKind::Threads => worked().into_iter().chain(held()).reduce(f64::max),
            kind if is_held(kind) => held(),
            _ => worked(),
        };
        self.asked_or_held(&subject.members, asked)
    }

    fn of_all(&self, subject: usize) -> [Option<f64>; 2] {
        if let Some(known) = self.known.borrow().get(&subject) {
            return *known;
        }
        let all = &self.recorder.resources.subjects[subject];
        let figures = [self.offered_together(all), self.load(&all.members)];
        self.known.borrow_mut().insert(subject, figures);
        figures
    }

    /// What was asked, and no less than what was held: none for nothing.
    fn asked_or_held(&self, members: &[usize], asked: Option<f64>) -> Option<f64> {
        let kind = self.recorder.resources.tracks.get(*members.first()?)?.kind;
        let asked = asked.filter(|load| *load > 0.0);
        let busy = sum(members, self.whole).utilization().filter(|busy| *busy > 0.0);
        match kind {
            // Nobody asks for it call by call.
            ResourceKind::Instances | ResourceKind::KeepAlive | ResourceKind::Memory => asked,
            kind if is_held(kind) => asked.into_iter().chain(busy).reduce(f64::max),
            _ => asked.or(busy),
        }
    }

    /// ρ of one member: by what came to it while it was up, or of what is held the subject's by its share among equals
    /// over the whole run.
    fn offered(&self, index: usize) -> Option<f64> {
        let resources = &self.recorder.resources;
        let track = &resources.tracks[index];
        let subject = &resources.subjects[track.subject];
        if subject.members.len() == 1 {
            return self.offered_together(subject);
        }
        let own = if is_held(track.kind) || track.kind == ResourceKind::Threads {
            let [together, all] = self.of_all(track.subject);
            let all = all.filter(|all| *all > 0.0);
            let shared = |together: f64| {
                let one = self.load(&[index])?;
                Some(all.map_or(together, |all| together * one / all))
            };
            together.and_then(shared)
        } else {
            track.asked.load()
        };
        self.asked_or_held(&[index], own)
    }

    /// The row of one resource, or of several of a kind taken together: means, sums and the most at one time of all,
    /// shares of a window of the one that had the most. None for none.
    fn row(&self, members: &[usize], offered_load: Option<f64>) -> Option<Resource> {
        let tracks: Vec<&Track> = members.iter().map(|&index| &self.recorder.resources.tracks[index]).collect();
        let first = tracks.first()?;
        let subject = &self.recorder.resources.subjects[first.subject];
        let alone = members.len() == 1 && subject.members.len() > 1;
        let offered_max = if alone { first.offered_max } else { subject.offered_max };
        let mut row = Resource {
            id: first.name.clone(),
            subject: subject.id.clone(),
            service: first.service.map(|s| self.model.services[s].name.clone()),
            machine: first.group.map(|g| self.model.groups[g].name.clone()),
            ordinal: first.ordinal.filter(|_| members.len() == 1),
            kind: first.kind,
            capacity: first.capacity,
            offered_load,
            offered_load_max: offered_max.into_iter().chain(offered_load).reduce(f64::max),
            utilization_mean: 0.0,
            utilization_max: tracks.iter().map(|track| track.utilization_max).fold(0.0, f64::max),
            waiting_mean: 0.0,
            waiting_max: f64::from(waiting_max(&tracks)),
            refused: 0,
            saturated_at_s: tracks.iter().filter_map(|t| t.detector.first).min().map(|t| t.0 as f64 / 1e9),
            saturated_for_s: tracks.iter().map(|t| t.detector.seconds(self.whole.new.at)).fold(0.0, f64::max),
            completions: None,
            busy_s: 0.0,
            beyond_s: 0.0,
            waiting_s: 0.0,
            capacity_s: 0.0,
        };
        let totals = sum(members, self.whole);
        fill(&mut row, totals, self.whole.seconds());
        if tracks.len() == 1 {
            // No more is in use than was asked for.
            row.offered_load_max = row.offered_load_max.map(|most| most.max(row.utilization_max));
        } else {
            row.capacity = even(totals.capacity / self.whole.seconds().max(1e-9));
        }
        Some(row)
    }
}

/// The figures that follow from sums over the horizon.
fn fill(row: &mut Resource, totals: Totals, seconds: f64) {
    row.utilization_mean = totals.utilization().unwrap_or(0.0);
    row.utilization_max = row.utilization_max.max(row.utilization_mean);
    row.waiting_mean = totals.waiting / seconds.max(1e-9);
    row.refused = totals.refused;
    row.completions = is_used_one_by_one(row.kind).then_some(totals.ended);
    row.busy_s = totals.busy;
    row.beyond_s = totals.beyond;
    row.waiting_s = totals.waiting;
    row.capacity_s = totals.capacity;
}

/// A mean over time without what the addition of floats leaves: a constant comes out as itself.
fn even(mean: f64) -> f64 {
    let thousandths = (mean * 1000.0).round() / 1000.0;
    if (mean - thousandths).abs() <= 1e-9 * mean.abs() { thousandths } else { mean }
}

/// Whether it can fill: what has no limit is counted for those who watch it, and is no row.
fn is_limited(track: &Track) -> bool {
    track.capacity < f64::from(u32::MAX) || is_of_bytes(track.kind)
}

/// Its capacity is large by its unit.
fn is_of_bytes(kind: ResourceKind) -> bool {
    matches!(kind, ResourceKind::Memory | ResourceKind::Network | ResourceKind::Ingress)
}

/// Whether there is something that its use can be a share of.
pub fn has_limit(row: &Resource) -> bool {
    row.capacity_s > 0.0 && row.capacity_s.is_finite()
}

fn is_used_one_by_one(kind: ResourceKind) -> bool {
    !matches!(kind, ResourceKind::Memory | ResourceKind::Instances)
}

/// Taken by a call and given back, for as long as that takes; no work is asked of it.
fn is_held(kind: ResourceKind) -> bool {
    match kind {
        ResourceKind::Workers
        | ResourceKind::Connections
        | ResourceKind::KeepAlive
        | ResourceKind::Descriptors
        | ResourceKind::Queue
        | ResourceKind::Lock
        | ResourceKind::Pool
        | ResourceKind::Slots => true,
        ResourceKind::Cpu
        | ResourceKind::Quota
        | ResourceKind::Threads
        | ResourceKind::Instances
        | ResourceKind::Memory
        | ResourceKind::Network
        | ResourceKind::Ingress
        | ResourceKind::Disk => false,
    }
}
