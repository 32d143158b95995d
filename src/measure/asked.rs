//! What is asked of every resource, added up second by second: at each, by what it can do then.

use super::counters::{Snapshot, Window};
use super::held::arrivals;
use super::offered::{Mix, Station, split};
use super::resources::{Resources, Subject};
use super::series::Mean;
use crate::model::Model;
use crate::units::Time;

/// What was asked of a subject while it was up, and what was up: means over time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// Units asked for, as far as known at the time: as many as it takes at the speed of that time.
    pub units: Mean,
    /// Calls per second that ask for what is held, coming in and going out.
    pub calls: [Mean; 2],
    /// Units that were up.
    pub up: Mean,
}

/// The last seconds of a subject.
struct Look {
    calls: [f64; 2],
    load: Option<f64>,
    up: f64,
    /// Members that can serve, each with what was asked of it and what it has.
    members: Vec<(usize, [f64; 2])>,
}

impl Resources {
    /// Take in what the last seconds asked: `second` is the last one, `short` the last ten, `long` all that is
    /// remembered, `start` is how it stood at time 0.
    pub fn ask(&mut self, model: &Model, [second, short, long]: [Window; 3], start: Option<&Snapshot>) {
        let looks = self.looks(model, [short, long]);
        let point = (second.old.at.0.max(0) / 1_000_000_000) as u64;
        // What reaches back before time 0 says nothing of the most since then.
        self.follow(&looks, point, short.old.at >= Time(0));
        // The means are of the horizon alone.
        let within = start.map(|start| Window { old: start, ..short });
        match within.filter(|within| within.old.at > short.old.at && within.seconds() > 0.0) {
            Some(within) => {
                let looks = self.looks(model, [within, long]);
                self.add_up(&looks);
            }
            None => self.add_up(&looks),
        }
    }

    fn follow(&mut self, looks: &[Look], point: u64, counts: bool) {
        let most = |max: &mut Option<f64>, load: f64| {
            if counts {
                *max = Some(max.map_or(load, |max| max.max(load)));
            }
        };
        for (subject, look) in self.subjects.iter_mut().zip(looks) {
            if let Some(load) = look.load {
                subject.offered.at(point).add(load);
                most(&mut subject.offered_max, load);
            }
            for &(member, [units, up]) in look.members.iter().filter(|(_, [units, _])| *units > 0.0) {
                most(&mut self.tracks[member].offered_max, units / up);
            }
        }
    }

    fn add_up(&mut self, looks: &[Look]) {
        for (subject, look) in self.subjects.iter_mut().zip(looks) {
            if look.up > 0.0 && look.up.is_finite() {
                subject.asked.up.add(look.up);
                subject.asked.units.add(look.load.unwrap_or(0.0) * look.up);
                subject.asked.calls.iter_mut().zip(look.calls).for_each(|(mean, rate)| mean.add(rate));
            }
            for &(member, [units, up]) in &look.members {
                let asked = &mut self.tracks[member].asked;
                asked.units.add(units);
                asked.up.add(up);
            }
        }
    }

    fn looks(&self, model: &Model, [short, long]: [Window; 2]) -> Vec<Look> {
        let calls = Mix::of(short, model).calls(model);
        self.subjects.iter().map(|subject| self.look(subject, &calls, model, [short, long])).collect()
    }

    fn look(&self, subject: &Subject, calls: &[f64], model: &Model, [short, long]: [Window; 2]) -> Look {
        let live = self.live(subject);
        let up: f64 = live.iter().map(|&member| self.tracks[member].up).sum();
        let load = Station::now(short, long, model, self, &live).map(|station| station.load(calls));
        let units = load.unwrap_or(0.0) * up;
        // The only member has what the subject has.
        let members = if subject.members.len() > 1 && up.is_finite() {
            let split = split(short, long, model, self, &live);
            live.iter().zip(split).map(|(&member, part)| (member, [units * part, self.tracks[member].up])).collect()
        } else {
            Vec::new()
        };
        let calls = live.first().map_or([0.0; 2], |&member| arrivals(model, &self.tracks[member], calls));
        Look { calls, load, up, members }
    }
}
