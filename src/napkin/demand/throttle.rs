//! What doors let through: of the calls that come to a full resource only as many go on as it can take.
//!
//! A share is capacity over what is asked, without waiting: an upper bound of what gets through. It says nothing of
//! retries.

use crate::model::{GroupId, LinkId, Model, ServiceId};

/// What becomes of the calls that come to a door.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// Of those that come, how many go on; 1: all.
    pub through: f64,
    /// The others fail at once; otherwise they wait.
    pub refuses: bool,
}

impl Share {
    const ALL: Self = Self { through: 1.0, refuses: false };

    /// Of those that come, how many neither go on nor fail.
    pub fn stuck(self) -> f64 {
        if self.refuses { 0.0 } else { 1.0 - self.through }
    }

    fn narrow(&mut self, load: f64, refuses: bool) {
        let through = 1.0 / load;
        if through < self.through {
            *self = Self { through, refuses };
        }
    }
}

/// What every door of a model lets through.
#[derive(Clone, Debug, PartialEq)]
pub struct Throttle {
    /// At the door of a service: its workers, connections and descriptors.
    pub enter: Vec<Share>,
    /// Behind the first work of its operations: its cores, threads, disk and network.
    pub served: Vec<f64>,
    /// On a link: its pool, its limit per target, its rate limit.
    pub over: Vec<Share>,
}

/// Closer than this, two throttles are the same.
const SAME: f64 = 1e-7;

impl Throttle {
    /// Every door open.
    #[must_use]
    pub fn open(model: &Model) -> Self {
        Self {
            enter: vec![Share::ALL; model.services.len()],
            served: vec![1.0; model.services.len()],
            over: vec![Share::ALL; model.links.len()],
        }
    }

    /// Nothing is held back anywhere.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.enter.iter().chain(&self.over).all(|share| share.through >= 1.0)
            && self.served.iter().all(|share| *share >= 1.0)
    }

    /// The door of a service is asked for `load` times what it can take.
    pub fn narrow_entry(&mut self, service: ServiceId, load: f64, refuses: bool) {
        self.enter[service.index()].narrow(load, refuses);
    }

    /// A link is asked for `load` times what it can take.
    pub fn narrow_link(&mut self, link: LinkId, load: f64, refuses: bool) {
        self.over[link.index()].narrow(load, refuses);
    }

    /// What a service works with is asked for `load` times what it can do.
    pub fn narrow_work(&mut self, service: ServiceId, load: f64) {
        let share = &mut self.served[service.index()];
        *share = share.min(1.0 / load);
    }

    /// The same for all services of a machine group.
    pub fn narrow_group(&mut self, model: &Model, group: GroupId, load: f64) {
        model.groups[group].services.iter().for_each(|service| self.narrow_work(*service, load));
    }

    /// Whether another says the same.
    #[must_use]
    pub fn is_close_to(&self, other: &Self) -> bool {
        let near = |(a, b): (&Share, &Share)| (a.through - b.through).abs() < SAME && a.refuses == b.refuses;
        self.enter.iter().zip(&other.enter).all(near)
            && self.over.iter().zip(&other.over).all(near)
            && self.served.iter().zip(&other.served).all(|(a, b)| (a - b).abs() < SAME)
    }

    /// Between this and another (the geometric mean): steps that do not overshoot.
    #[must_use]
    pub fn halfway(&self, other: &Self) -> Self {
        let mean = |a: f64, b: f64| (a * b).sqrt();
        let shares = |from: &[Share], to: &[Share]| {
            let between = |(a, b): (&Share, &Share)| Share { through: mean(a.through, b.through), refuses: b.refuses };
            from.iter().zip(to).map(between).collect()
        };
        Self {
            enter: shares(&self.enter, &other.enter),
            over: shares(&self.over, &other.over),
            served: self.served.iter().zip(&other.served).map(|(a, b)| mean(*a, *b)).collect(),
        }
    }

    /// The same with the door of a service open.
    #[must_use]
    pub fn without_entry(mut self, service: ServiceId) -> Self {
        self.enter[service.index()] = Share::ALL;
        self
    }

    /// The same with a link open.
    #[must_use]
    pub fn without_link(mut self, link: LinkId) -> Self {
        self.over[link.index()] = Share::ALL;
        self
    }

    /// The same with these services as fast as they are asked to be.
    #[must_use]
    pub fn without_work(mut self, services: &[ServiceId]) -> Self {
        services.iter().for_each(|service| self.served[service.index()] = 1.0);
        self
    }
}
