//! Sessions: how many came, got to the end of their journey, gave up and where, and how long it took.
//!
//! A session is one walk through the journey of a source; whoever is of a closed population begins another where the
//! last one ended. Those that came within the horizon are counted: came = completed + gave up + still there. The time
//! of a session runs from its arrival to the end of its journey, rests included. A step is a call of the journey; what
//! a session does after a call that failed says its source (`then`).

use super::counters::row;
use super::histogram::Histogram;
use super::results::Latency;
use super::traffic::{REASONS, latency, reason_index, reason_name};
use crate::engine::{ExecRef, Outcome};
use crate::model::{Model, SiteId, SourceId};
use crate::units::Time;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Sessions of a source that came within the horizon, with their calls: those that began in the warm-up are left out.
/// A session is one walk through the journey; whoever is of a closed population begins another where the last one
/// ended. What branches of a `Parallel` still do once their session is over counts among the traffic, not here.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Sessions {
    /// Those that came. came = completed + Σ gave_up + still_there.
    pub came: u64,
    /// Those that got to the end of their journey.
    pub completed: u64,
    /// Of the completed, those in which something was answered by a fallback.
    pub degraded: u64,
    /// Those that left before its end, by the reason of the step that failed.
    pub gave_up: IndexMap<String, u64>,
    /// Those on their way at the horizon.
    pub still_there: u64,
    /// `came` per second of the horizon.
    pub came_per_s: f64,
    /// `completed` per second of the horizon.
    pub completed_per_s: f64,
    /// Completed among those that are over. Absent with none.
    pub completed_share: Option<f64>,
    /// Gave up among those that are over. Absent with none.
    pub gave_up_share: Option<f64>,
    /// From arrival to the end of the journey, rests included, of those that completed. Absent with none.
    pub duration_s: Option<Latency>,
    /// Each call of the journey, in its order.
    pub steps: Vec<JourneyStep>,
}

impl Sessions {
    /// Those that gave up, whatever the reason.
    pub fn left(&self) -> u64 {
        self.gave_up.values().sum()
    }
}

/// A call of a journey.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct JourneyStep {
    /// 1 is the first.
    pub step: u32,
    /// What is called.
    pub operation: String,
    /// Sessions that got so far.
    pub reached: u64,
    /// Calls they made: several each in a loop or with reconnects. Of the sessions that came within the horizon only.
    pub calls: u64,
    /// Of those that had an outcome while their session was under way, those that failed, retries included.
    pub failed: u64,
    /// Sessions that gave up at it, by reason.
    pub gave_up: IndexMap<String, u64>,
    /// Of the calls that succeeded while their session was under way. Absent with none.
    pub latency_s: Option<Latency>,
}

impl JourneyStep {
    /// Sessions that gave up at it.
    pub fn left(&self) -> u64 {
        self.gave_up.values().sum()
    }
}

/// One step of a journey.
#[derive(Clone, Debug)]
struct Step {
    site: SiteId,
    reached: u64,
    calls: u64,
    failed: u64,
    gave_up: [u64; REASONS.len()],
    /// Of the calls that succeeded.
    latency: Histogram,
}

/// The sessions of a source.
#[derive(Clone, Debug, Default)]
pub struct SessionTally {
    came: u64,
    completed: u64,
    degraded: u64,
    gave_up: [u64; REASONS.len()],
    /// From arrival to the end of the journey.
    duration: Histogram,
    /// In the order of their first call.
    steps: Vec<Step>,
    /// By call site: position in `steps`, plus one; 0: none.
    positions: Vec<u32>,
}

/// A session under way that came within the horizon: half a cache line.
#[derive(Clone, Debug)]
struct Session {
    started: Time,
    /// The first steps it has reached, by position, a bit each.
    reached: u64,
    generation: u32,
    /// The step whose call failed last.
    failed_at: Option<SiteId>,
    degraded: bool,
}

/// All sources.
#[derive(Clone, Debug, Default)]
pub struct SessionBooks {
    sources: Vec<SessionTally>,
    /// By place among the engine's executions: position in `under_way`, plus one; 0: none.
    places: Vec<u32>,
    under_way: Vec<Session>,
    free: Vec<u32>,
    /// Steps reached beyond those that have a bit: place in `under_way` and position, of journeys of many calls.
    beyond: BTreeSet<(u32, u32)>,
}

impl SessionBooks {
    /// A session began within the horizon.
    pub fn start(&mut self, source: SourceId, session: ExecRef, now: Time) {
        row(&mut self.sources, source.number()).came += 1;
        let begun =
            Session { started: now, reached: 0, generation: session.generation, failed_at: None, degraded: false };
        let at = match self.free.pop() {
            Some(at) => {
                self.under_way[at as usize] = begun;
                at
            }
            None => {
                self.under_way.push(begun);
                self.under_way.len() as u32 - 1
            }
        };
        *row(&mut self.places, session.index) = at + 1;
    }

    /// Where a session that is counted stands.
    #[inline]
    fn find(&self, session: ExecRef) -> Option<usize> {
        let at = (*self.places.get(session.index as usize)?).checked_sub(1)? as usize;
        (self.under_way[at].generation == session.generation).then_some(at)
    }

    /// A session is over; `site` is the call that ended it, if one did.
    pub fn end(&mut self, source: SourceId, session: ExecRef, now: Time, outcome: Outcome, site: Option<SiteId>) {
        let Some(at) = self.find(session) else { return };
        self.places[session.index as usize] = 0;
        self.free.push(at as u32);
        self.forget_beyond(at as u32);
        let place = &self.under_way[at];
        let tally = row(&mut self.sources, source.number());
        match outcome {
            Outcome::Succeeded { degraded } => {
                tally.completed += 1;
                tally.degraded += u64::from(degraded || place.degraded);
                tally.duration.record((now.0 - place.started.0).max(0) as u64);
            }
            Outcome::Failed(reason) => {
                tally.gave_up[reason_index(reason)] += 1;
                if let Some(site) = site.or(place.failed_at) {
                    tally.step(site).1.gave_up[reason_index(reason)] += 1;
                }
            }
        }
    }

    /// A session makes a call of its journey.
    pub fn call(&mut self, source: SourceId, session: ExecRef, site: SiteId) {
        let Some(at) = self.find(session) else { return };
        let (position, step) = row(&mut self.sources, source.number()).step(site);
        step.calls += 1;
        let first = match 1u64.checked_shl(position as u32) {
            Some(bit) => {
                let reached = &mut self.under_way[at].reached;
                let first = *reached & bit == 0;
                *reached |= bit;
                first
            }
            None => self.beyond.insert((at as u32, position as u32)),
        };
        step.reached += u64::from(first);
    }

    /// A place is free again.
    fn forget_beyond(&mut self, at: u32) {
        while let Some(&step) = self.beyond.range((at, 0)..=(at, u32::MAX)).next() {
            self.beyond.remove(&step);
        }
    }

    /// A call, begun at `started`, has its final outcome.
    pub fn called(
        &mut self,
        source: SourceId,
        (session, site): (ExecRef, SiteId),
        started: Time,
        now: Time,
        outcome: Outcome,
    ) {
        let Some(at) = self.find(session) else { return };
        let place = &mut self.under_way[at];
        // What was begun in an earlier session of the same client is not this one's.
        if started < place.started {
            return;
        }
        let (_, step) = row(&mut self.sources, source.number()).step(site);
        match outcome {
            Outcome::Succeeded { degraded } => {
                place.degraded |= degraded;
                step.latency.record((now.0 - started.0).max(0) as u64);
            }
            Outcome::Failed(_) => {
                place.failed_at = Some(site);
                step.failed += 1;
            }
        }
    }

    /// Of a source.
    pub fn of(&self, source: usize) -> Option<&SessionTally> {
        self.sources.get(source)
    }

    /// Bytes of a copy.
    pub fn footprint(&self) -> usize {
        let steps = self.sources.iter().flat_map(|tally| &tally.steps);
        let durations: usize = self.sources.iter().map(|tally| tally.duration.footprint()).sum();
        durations
            + size_of_val(&*self.places)
            + size_of_val(&*self.free)
            + steps.map(|step| size_of::<Step>() + step.latency.footprint()).sum::<usize>()
            + size_of_val(&*self.under_way)
            + self.beyond.len() * size_of::<(u32, u32)>()
    }
}

impl SessionTally {
    /// A step and its position, made if it is not there yet.
    fn step(&mut self, site: SiteId) -> (usize, &mut Step) {
        let place = row(&mut self.positions, site.number());
        if *place == 0 {
            let (gave_up, latency) = ([0; REASONS.len()], Histogram::default());
            self.steps.push(Step { site, reached: 0, calls: 0, failed: 0, gave_up, latency });
            *place = self.steps.len() as u32;
        }
        let at = *place as usize - 1;
        (at, &mut self.steps[at])
    }

    /// Those that gave up, whatever the reason.
    pub fn gave_up(&self) -> u64 {
        self.gave_up.iter().sum()
    }

    /// Those that are over.
    pub fn ended(&self) -> u64 {
        self.completed + self.gave_up()
    }

    /// Those that came within the horizon.
    pub fn came(&self) -> u64 {
        self.came
    }

    /// From arrival to the end of the journey, of those that got there.
    pub fn duration(&self) -> &Histogram {
        &self.duration
    }

    /// As reported, over `seconds`.
    pub fn report(&self, model: &Model, seconds: f64) -> Sessions {
        let per_second = |n: u64| if seconds > 0.0 { n as f64 / seconds } else { 0.0 };
        let share = |n: u64| (self.ended() > 0).then(|| n as f64 / self.ended() as f64);
        let reasons = |counts: &[u64]| {
            let some = counts.iter().enumerate().filter(|reason| *reason.1 > 0);
            some.map(|(reason, &n)| (reason_name(reason), n)).collect()
        };
        let mut steps: Vec<&Step> = self.steps.iter().collect();
        steps.sort_by_key(|step| step.site);
        let told = |(at, step): (usize, &&Step)| JourneyStep {
            step: at as u32 + 1,
            operation: model.operations[model.sites[step.site].operation].name.clone(),
            reached: step.reached,
            calls: step.calls,
            failed: step.failed,
            gave_up: reasons(&step.gave_up),
            latency_s: latency(&step.latency),
        };
        Sessions {
            came: self.came,
            completed: self.completed,
            degraded: self.degraded,
            gave_up: reasons(&self.gave_up),
            still_there: self.came - self.ended(),
            came_per_s: per_second(self.came),
            completed_per_s: per_second(self.completed),
            completed_share: share(self.completed),
            gave_up_share: share(self.gave_up()),
            duration_s: latency(&self.duration),
            steps: steps.iter().enumerate().map(told).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Reason;

    const FINE: Outcome = Outcome::Succeeded { degraded: false };
    const BAD: Outcome = Outcome::Failed(Reason::Error);

    fn source() -> SourceId {
        SourceId::new(0)
    }

    #[test]
    fn a_step_is_reached_once_by_a_session_that_calls_often() {
        let mut books = SessionBooks::default();
        let (session, site) = (ExecRef { index: 3, generation: 1 }, SiteId::new(0));
        books.start(source(), session, Time(5));
        for _ in 0..4 {
            books.call(source(), session, site);
            books.called(source(), (session, site), Time(6), Time(7), FINE);
        }
        books.called(source(), (session, site), Time(7), Time(8), BAD);
        books.end(source(), session, Time(9), BAD, None);
        let tally = books.of(0).unwrap();
        let step = &tally.steps[0];
        assert_eq!((step.reached, step.calls, step.failed, step.gave_up[8]), (1, 4, 1, 1));
        assert_eq!((tally.came, tally.completed, tally.gave_up(), tally.ended()), (1, 0, 1, 1));
    }

    #[test]
    fn steps_of_a_long_journey_are_reached_once_too() {
        let mut books = SessionBooks::default();
        for generation in 0..2 {
            let session = ExecRef { index: 0, generation };
            books.start(source(), session, Time(0));
            for site in (0..200).chain(0..200) {
                books.call(source(), session, SiteId::new(site));
            }
            books.end(source(), session, Time(9), FINE, None);
        }
        let steps = &books.of(0).unwrap().steps;
        assert!(steps.len() == 200 && steps.iter().all(|step| (step.reached, step.calls) == (2, 4)), "{steps:?}");
        assert!(books.beyond.is_empty());
    }

    #[test]
    fn what_belongs_to_another_session_counts_for_nothing() {
        let mut books = SessionBooks::default();
        let (early, later) = (ExecRef { index: 0, generation: 0 }, ExecRef { index: 0, generation: 1 });
        let site = SiteId::new(0);
        books.call(source(), early, site);
        books.end(source(), early, Time(1), FINE, None);
        assert!(books.of(0).is_none(), "it came before time 0");
        books.start(source(), later, Time(2));
        books.call(source(), early, site);
        books.called(source(), (later, site), Time(1), Time(3), BAD);
        assert!(books.of(0).unwrap().steps.is_empty(), "of another session of that place");
    }
}
