//! Lines of those who wait: how deep, how old, and when they were empty again. How deep a line ever was and when is
//! exact; all else is as of the looks, once per simulated second, and the moment it was empty is, of several within one
//! second, the last.
//!
//! A line is what waits for one subject of the story: for workers (a backlog), for a thread, for the delivery of a
//! message, for a connection, a place at a target or a lock; a share of a CPU, a disk or a network is not waited for in
//! line. The line of several members is all of theirs together; its oldest is the oldest of any. It is empty again when
//! every member that still held somebody when it was looked at after the deepest moment was empty once since. What
//! stood at an instance that died did not drain: it was lost.

use super::counters::row;
use super::resources::{Resources, Subject};
use super::series::{Merge, Series};
use crate::engine::{InstanceId, ResourceId, ResourceKind, Simulation};
use crate::units::Time;

/// Most points of a series.
const POINTS: usize = 1024;
const SECOND: i64 = 1_000_000_000;

/// The most that was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Most(Option<f64>);

impl Most {
    /// Take in one reading.
    pub fn add(&mut self, value: f64) {
        self.0 = Some(self.0.map_or(value, |most| most.max(value)));
    }

    /// Absent without readings.
    pub fn get(self) -> Option<f64> {
        self.0
    }
}

impl Merge for Most {
    fn merge(&mut self, later: &Most) {
        if let Some(value) = later.0 {
            self.add(value);
        }
    }
}

/// The line of one subject.
#[derive(Clone, Debug)]
pub struct Line {
    /// Most that waited at one time, and when that was first, both exactly.
    pub deepest: u64,
    pub deepest_at: Time,
    /// Longest that somebody had waited at a look, and when.
    pub oldest: i64,
    pub oldest_at: Time,
    /// Members that held somebody at the deepest moment and were not empty since.
    full: Vec<usize>,
    /// When the last of those that were was empty.
    emptied: Time,
    /// When one of them died with those who stood there.
    pub lost: Option<Time>,
    /// Waiting at the last look.
    pub waiting: u64,
    /// By second: the state at its end.
    pub depth: Series<Most>,
    pub age: Series<Most>,
}

impl Line {
    fn new() -> Line {
        Line {
            deepest: 0,
            deepest_at: Time(0),
            oldest: 0,
            oldest_at: Time(0),
            full: Vec::new(),
            emptied: Time(0),
            lost: None,
            waiting: 0,
            depth: Series::new(1, POINTS),
            age: Series::new(1, POINTS),
        }
    }

    /// When it had drained after its deepest moment; None: it did not.
    pub fn empty_again(&self) -> Option<Time> {
        (self.deepest > 0 && self.full.is_empty() && self.lost.is_none()).then_some(self.emptied)
    }
}

/// By position of the subject; None: nobody ever waited.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    lines: Vec<Option<Line>>,
    /// When each instance died last.
    died: Vec<Option<Time>>,
}

/// Whether something stands in line for a resource of this kind.
fn lines_up(kind: ResourceKind) -> bool {
    has_order(kind) || kind == ResourceKind::Threads
}

/// Whether they stand one behind the other, so that one of them is the oldest. Threads are shared by all who want one.
fn has_order(kind: ResourceKind) -> bool {
    matches!(
        kind,
        ResourceKind::Workers | ResourceKind::Queue | ResourceKind::Pool | ResourceKind::Slots | ResourceKind::Lock
    )
}

impl Lines {
    /// An instance died; what stood at it went with it.
    pub fn died(&mut self, now: Time, instance: InstanceId) {
        *row(&mut self.died, instance.number()) = Some(now);
    }

    /// Look at the running system, after its resources were read.
    pub fn look(&mut self, sim: &Simulation, resources: &Resources) {
        let now = sim.now();
        if now < Time(0) {
            return;
        }
        let oldest = sim.oldest_waiting();
        self.lines.resize(resources.subjects.len(), None);
        for (place, subject) in self.lines.iter_mut().zip(&resources.subjects).filter(|(_, s)| lines_up(s.kind)) {
            let waiting: u64 = subject.members.iter().map(|&m| u64::from(resources.tracks[m].waiting)).sum();
            let (most, at) = deepest(subject, resources);
            if most == 0 && place.is_none() {
                continue;
            }
            let line = place.get_or_insert_with(Line::new);
            line.waiting = waiting;
            if most > line.deepest {
                (line.deepest, line.deepest_at, line.emptied, line.lost) = (most, at, at, None);
                line.full.clone_from(&subject.members);
            }
            line.drain(sim, resources, &self.died);
            let second = ((now.0 - 1).max(0) / SECOND) as u64;
            line.depth.at(second).add(waiting as f64);
            let mine = oldest.iter().filter(|(resource, _)| subject.members.contains(&resource.index()));
            let age = mine.map(|(_, since)| now.0 - since.0).max().unwrap_or(0);
            line.age.at(second).add(age as f64 / SECOND as f64);
            if age > line.oldest {
                (line.oldest, line.oldest_at) = (age, now);
            }
        }
    }

    /// Every line in which somebody stood, with the position of its subject.
    pub fn all(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.lines.iter().enumerate().filter_map(|(at, line)| Some((at, line.as_ref().filter(|l| l.deepest > 0)?)))
    }

    /// Bytes of a copy.
    pub fn footprint(&self) -> usize {
        let known = self.lines.iter().flatten();
        known.map(|line| size_of::<Line>() + line.depth.footprint(|_| 0) + line.age.footprint(|_| 0)).sum::<usize>()
            + self.lines.len() * size_of::<Option<Line>>()
            + size_of_val(&*self.died)
    }
}

/// Most that waited for any member of a subject at one time, and when that was first.
fn deepest(subject: &Subject, resources: &Resources) -> (u64, Time) {
    let members = subject.members.iter().map(|&m| &resources.tracks[m]);
    let most = members.map(|track| (track.waiting_max_alike, std::cmp::Reverse(track.waiting_max_at))).max();
    most.map_or((0, Time(0)), |(most, at)| (u64::from(most), at.0))
}

impl Line {
    /// Leaves the members that hold somebody and were not empty since the deepest moment.
    fn drain(&mut self, sim: &Simulation, resources: &Resources, died: &[Option<Time>]) {
        let Line { deepest_at, mut emptied, mut lost, .. } = *self;
        self.full.retain(|&member| {
            let gone = sim.resource(ResourceId::new(member)).emptied.filter(|at| *at > deepest_at);
            let Some(at) = gone else { return resources.tracks[member].waiting > 0 };
            let died = resources.tracks[member].instance.and_then(|instance| *died.get(instance.index())?);
            if died == Some(at) {
                lost = Some(lost.map_or(at, |first| first.min(at)));
            }
            emptied = emptied.max(at);
            false
        });
        (self.emptied, self.lost) = (emptied, lost);
    }
}
