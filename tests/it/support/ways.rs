//! Ways to walk through the same run, and the first event at which two of them part.

use surgelab::engine::{Observation, Observer, Simulation};
use surgelab::units::Time;

/// How to get from the start to any number of events.
pub struct Way {
    pub name: &'static str,
    /// A simulation at its beginning.
    pub start: Box<dyn Fn() -> Simulation>,
    /// Walks until the simulation has done so many events in all, or its horizon is reached.
    pub walk: Box<dyn Fn(Simulation, u64) -> Simulation>,
}

impl Way {
    fn to(&self, events: u64) -> Simulation {
        (self.walk)((self.start)(), events)
    }
}

/// One event and what it led to.
#[derive(Debug, Default)]
struct Heard(Vec<(Time, Observation)>);

impl Observer for Heard {
    fn observe(&mut self, now: Time, what: &Observation) {
        self.0.push((now, *what));
    }
}

/// The number of the first event after which the two differ (by digest), if they do. Digests cover the whole past, so
/// once apart they stay apart and halving finds the place.
pub fn first_difference(a: &Way, b: &Way) -> Option<u64> {
    let (end_a, end_b) = (a.to(u64::MAX), b.to(u64::MAX));
    if end_a.digest() == end_b.digest() && end_a.events() == end_b.events() {
        return None;
    }
    let (mut same, mut apart) = (0, end_a.events().max(end_b.events()));
    while apart - same > 1 {
        let middle = same + (apart - same) / 2;
        if a.to(middle).digest() == b.to(middle).digest() { same = middle } else { apart = middle }
    }
    Some(apart)
}

/// Panics with the first event at which two ways part, and what each observed there.
#[track_caller]
pub fn same(a: &Way, b: &Way) {
    let Some(event) = first_difference(a, b) else { return };
    let there = |way: &Way| {
        let mut sim = way.to(event - 1);
        let mut heard = Heard::default();
        let horizon = Time(sim.model().horizon.0);
        sim.advance(horizon, 1, &mut heard);
        let after = way.to(event);
        format!(
            "{}: digest {:x} at {:?}, then {:x} at {:?}\n{:#?}",
            way.name,
            way.to(event - 1).digest(),
            way.to(event - 1).now(),
            after.digest(),
            after.now(),
            heard.0
        )
    };
    panic!("event {event} differs\n{}\n{}", there(a), there(b));
}
