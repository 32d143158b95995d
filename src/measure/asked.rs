//! What is asked of every resource, added up second by second: at each, by what it can do then.

use super::counters::Window;
use super::held::arrivals;
use super::offered::{Mix, Station};
use super::resources::{Resources, Subject};
use super::shares::parts;
use crate::model::Model;
use crate::units::Time;

/// What was asked while it was up, and what was up: added up over the horizon, second by second.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// Unit-seconds asked for, as many as it takes at the speed that the file says.
    pub units: f64,
    /// Unit-seconds in use, and how many it had been at the speed that the file says.
    pub busy: f64,
    pub at_rest: f64,
    /// Calls that ask for what is held, coming in and going out.
    pub calls: [f64; 2],
    /// Unit-seconds that were up.
    pub up: f64,
}

impl Asked {
    /// What was asked as a share of what was up; absent when it never was. What was slowed down took longer for what it
    /// did, and as much longer for what it was asked.
    pub fn load(&self) -> Option<f64> {
        let longer = if self.at_rest > 0.0 { self.busy / self.at_rest } else { 1.0 };
        (self.up > 0.0).then(|| self.units * longer / self.up)
    }

    /// What was asked since an earlier look.
    pub fn since(&self, before: &Asked) -> Asked {
        Asked {
            units: self.units - before.units,
            busy: self.busy - before.busy,
            at_rest: self.at_rest - before.at_rest,
            calls: std::array::from_fn(|way| self.calls[way] - before.calls[way]),
            up: self.up - before.up,
        }
    }

    /// A second: so much of what was asked at a speed by which it takes `slowness` times as long as the file says.
    fn add(&mut self, units: f64, up: f64, slowness: f64) {
        self.units += units / slowness;
        self.up += up;
    }

    fn used(&mut self, busy: f64, slowness: f64) {
        self.busy += busy;
        self.at_rest += busy / slowness;
    }
}

/// The last seconds of a subject.
struct Look {
    /// ρ of the last ten seconds; absent where nothing is asked or it does nothing.
    load: Option<f64>,
    /// ρ of the last second, by what a call took in the last ten.
    now: f64,
    /// Calls per second of the last second that ask for what is held.
    calls: [f64; 2],
    up: f64,
    /// Members that can serve.
    members: Vec<Member>,
    /// How much longer the work of all of them takes than by the file.
    slowness: f64,
}

/// One of several.
struct Member {
    track: usize,
    /// Of what was asked of all.
    part: f64,
    up: f64,
    slowness: f64,
}

impl Resources {
    /// Take in what the last seconds asked: `second` is the last one, `short` the last ten, `long` all that is
    /// remembered; `enough`: the short ones tell the most of any ten.
    pub fn ask(&mut self, model: &Model, [second, short, long]: [Window; 3], enough: bool) {
        let lately = Mix::of(short, model);
        // The latest crowd, each of which asks for as much as those of the last ten seconds did.
        let crowd = Mix { requests: Mix::of(second, model).requests, ..lately.clone() };
        let rates = [lately.calls(model), crowd.calls(model)];
        let looks: Vec<Look> =
            self.subjects.iter().map(|subject| self.look(subject, &rates, model, [short, long])).collect();
        let point = (second.old.at.0.max(0) / 1_000_000_000) as u64;
        // What reaches back before time 0 says nothing of the most since then.
        self.follow(&looks, point, enough && short.old.at >= Time(0));
        self.add_up(&looks, second);
    }

    fn follow(&mut self, looks: &[Look], point: u64, counts: bool) {
        let most = |max: &mut Option<f64>, load: f64| {
            if counts {
                *max = Some(max.map_or(load, |max| max.max(load)));
            }
        };
        for (subject, look) in self.subjects.iter_mut().zip(looks) {
            subject.most_at_once = subject.most_at_once.max(look.members.len());
            let Some(load) = look.load else { continue };
            subject.offered.at(point).add(load);
            most(&mut subject.offered_max, load);
            // The only member has what the subject has.
            let several = look.members.iter().filter(|member| look.members.len() > 1 && member.part > 0.0);
            for member in several.filter(|_| look.up.is_finite()) {
                most(&mut self.tracks[member.track].offered_max, load * look.up * member.part / member.up);
            }
        }
    }

    fn add_up(&mut self, looks: &[Look], second: Window) {
        let seconds = second.seconds();
        for (subject, look) in self.subjects.iter_mut().zip(looks) {
            if !(look.up > 0.0 && look.up.is_finite()) {
                continue;
            }
            let units = look.now * look.up * seconds;
            subject.asked.add(units, look.up * seconds, look.slowness);
            subject.asked.calls.iter_mut().zip(look.calls).for_each(|(sum, rate)| *sum += rate * seconds);
            for member in &look.members {
                let busy = second.resource(member.track).busy;
                subject.asked.used(busy, member.slowness);
                let asked = &mut self.tracks[member.track].asked;
                asked.add(units * member.part, member.up * seconds, member.slowness);
                asked.used(busy, member.slowness);
            }
        }
    }

    fn look(&self, subject: &Subject, rates: &[Vec<f64>; 2], model: &Model, [short, long]: [Window; 2]) -> Look {
        let live = self.live(subject);
        let up: f64 = live.iter().map(|&member| self.tracks[member].up).sum();
        let [load, now] = match Station::now([short, long], model, self, &live, &subject.members) {
            Some(station) => [Some(station.load(&rates[0])), Some(station.load(&rates[1]))],
            None => [None, Station::at_rest(short, long, model, self, &live).map(|station| station.load(&rates[1]))],
        };
        let split = parts(short, self, &live);
        let member = |(&track, (part, slowness)): (&usize, (f64, f64))| Member {
            track,
            part,
            up: self.tracks[track].up,
            slowness,
        };
        let members: Vec<Member> = live.iter().zip(split).map(member).collect();
        let at_rest: f64 = members.iter().map(|member| member.part / member.slowness).sum();
        let slowness = if at_rest > 0.0 { 1.0 / at_rest } else { 1.0 };
        let calls = live.first().map_or([0.0; 2], |&member| arrivals(model, &self.tracks[member], &rates[1]));
        Look { load, now: now.unwrap_or(0.0), calls, up, members, slowness }
    }
}
