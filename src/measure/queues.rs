//! Lines of those who wait: how deep, how old, and when they were empty again. Looked at once per simulated second; how
//! deep a line ever was is exact and its moment to a second, and so is the moment it was empty, of several within one
//! second the last.
//!
//! A line is what waits for one subject of the story: for workers (a backlog), for the delivery of a message, for a
//! connection, a place at a target or a lock. The line of several members is all of theirs together; its oldest is the
//! oldest of any. It is empty again when every member that held somebody at the deepest moment was empty once since.

use super::resources::{Resources, Track, waiting_max};
use super::series::{Merge, Series};
use crate::engine::{ResourceId, ResourceKind, Simulation};
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
    /// Most that waited at one time, and when, to the second.
    pub deepest: u64,
    pub deepest_at: Time,
    /// Longest that somebody had waited at a look, and when.
    pub oldest: i64,
    pub oldest_at: Time,
    /// Members that held somebody at the deepest moment and were not empty since.
    full: Vec<usize>,
    /// When the last of those that were was empty.
    emptied: Time,
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
            waiting: 0,
            depth: Series::new(1, POINTS),
            age: Series::new(1, POINTS),
        }
    }

    /// When it was empty after its deepest moment; None: it was not.
    pub fn empty_again(&self) -> Option<Time> {
        (self.deepest > 0 && self.full.is_empty()).then_some(self.emptied)
    }
}

/// By position of the subject; None: nobody ever waited.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    lines: Vec<Option<Line>>,
}

/// Whether something stands in line for a resource of this kind, one behind the other.
fn lines_up(kind: ResourceKind) -> bool {
    matches!(
        kind,
        ResourceKind::Workers | ResourceKind::Queue | ResourceKind::Pool | ResourceKind::Slots | ResourceKind::Lock
    )
}

impl Lines {
    /// Look at the running system, after its resources were read.
    pub fn look(&mut self, sim: &Simulation, resources: &Resources) {
        let now = sim.now();
        if now < Time(0) {
            return;
        }
        let oldest = sim.oldest_waiting();
        self.lines.resize(resources.subjects.len(), None);
        for (place, subject) in self.lines.iter_mut().zip(&resources.subjects).filter(|(_, s)| lines_up(s.kind)) {
            let waits = |&&member: &&usize| resources.tracks[member].waiting > 0;
            let waiting: u64 = subject.members.iter().map(|&m| u64::from(resources.tracks[m].waiting)).sum();
            let members: Vec<&Track> = subject.members.iter().map(|&m| &resources.tracks[m]).collect();
            let most = u64::from(waiting_max(&members)).max(waiting);
            if most == 0 && place.is_none() {
                continue;
            }
            let line = place.get_or_insert_with(Line::new);
            line.drain(sim);
            line.waiting = waiting;
            if most > line.deepest {
                // It came and went since the last look, or it is here.
                let gone = subject.members.iter().filter_map(|&m| sim.resource(ResourceId::new(m)).emptied).max();
                let at = gone.filter(|_| waiting == 0).unwrap_or(now);
                (line.deepest, line.deepest_at, line.emptied) = (most, at, at);
                line.full = subject.members.iter().filter(waits).copied().collect();
            }
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
    }
}

impl Line {
    /// Members that have been empty since the deepest moment.
    fn drain(&mut self, sim: &Simulation) {
        let (deepest_at, mut emptied) = (self.deepest_at, self.emptied);
        self.full.retain(|&member| {
            let gone = sim.resource(ResourceId::new(member)).emptied.filter(|at| *at > deepest_at);
            if let Some(at) = gone {
                emptied = emptied.max(at);
            }
            gone.is_none()
        });
        self.emptied = emptied;
    }
}
