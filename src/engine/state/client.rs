//! The caller's end of a link: whom it believes in, its connections, its retry budget.

use crate::engine::state::ids::{InstanceId, ResourceId};
use crate::engine::state::least::LeastIndex;
use crate::engine::state::request::{Exec, Queue};
use crate::engine::state::resilience::Resilience;
use crate::model::LinkId;
use crate::units::Time;
use std::collections::{BTreeMap, VecDeque};

/// An instance it may call, and what it believes of it. Belief comes from checks alone and lags the truth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub instance: InstanceId,
    pub healthy: bool,
    pub falls: u32,
    pub rises: u32,
    /// Calls in progress from here.
    pub outstanding: u32,
    /// What checks say, and whether it was ejected for failing: together they make `healthy`.
    pub sound: bool,
    pub ejected: bool,
    /// Failed calls in a row.
    pub failures: u32,
    /// Its weight among the others, by its machine group; whether it is on the caller's machine.
    pub weight: f64,
    pub near: bool,
    /// When it became known or healthy again, for those whose share grows.
    pub since: Time,
    /// What it is owed when taken in turn by weight.
    pub credit: f64,
}

impl Target {
    pub(crate) const fn new(instance: InstanceId) -> Self {
        Self {
            instance,
            healthy: true,
            falls: 0,
            rises: 0,
            outstanding: 0,
            sound: true,
            ejected: false,
            failures: 0,
            weight: 1.0,
            near: false,
            since: LONG_AGO,
            credit: 0.0,
        }
    }
}

/// What was always there has its full share.
const LONG_AGO: Time = Time(i64::MIN / 4);

/// A kept connection nobody uses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Idle {
    pub instance: InstanceId,
    pub since: Time,
    /// It has a worker of its own there.
    pub pinned: bool,
}

/// The messages of a broker, beside the calls of its link end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Messages {
    /// Waiting out a backoff.
    pub delayed: u32,
    /// Of those that were delivered before and wait to be again, for a backoff or in line: how many came when.
    pub again: BTreeMap<Time, u32>,
    /// On disk while the broker is down.
    pub kept: Vec<Exec>,
}

impl Messages {
    /// One that came then waits to be delivered again, or does no longer.
    pub(crate) fn wait_again(&mut self, came: Time, begins: bool) {
        if begins {
            *self.again.entry(came).or_insert(0) += 1;
        } else if let Some(count) = self.again.get_mut(&came) {
            *count -= 1;
            if *count == 0 {
                self.again.remove(&came);
            }
        }
    }
}

/// One end of a link: of a caller's instance, or of a whole crowd.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub link: LinkId,
    /// The caller; none for a crowd.
    pub instance: Option<InstanceId>,
    pub targets: Vec<Target>,
    pub unhealthy: u32,
    /// Who has the fewest calls in progress, where there are many targets and somebody asked.
    pub least: Option<Box<LeastIndex>>,
    pub cursor: u32,
    /// Kept connections: open in all, and in use.
    pub open: u32,
    pub in_use: u32,
    pub idle: VecDeque<Idle>,
    /// Who waits for a place, wherever it is; and who waits for one at a target of its own, how many in all.
    pub waiters: Queue,
    pub lines: BTreeMap<InstanceId, Queue>,
    pub lined: u32,
    /// Those are to be formed anew.
    pub regroup: bool,
    /// Calls in progress or waiting, for gauges.
    pub calls: u32,
    /// Retry budget.
    pub tokens: f64,
    pub idle_timer: bool,
    /// Until then some target's share grows.
    pub ramp_until: Time,
    /// Row of the places at its targets, if they are limited.
    pub slots_meter: Option<ResourceId>,
    /// Made when it is first needed.
    pub guard: Option<Box<Resilience>>,
    pub meter: Option<ResourceId>,
    /// It delivers the messages of a broker.
    pub messages: Option<Box<Messages>>,
}

impl Client {
    pub(crate) fn new(link: LinkId, instance: Option<InstanceId>, tokens: f64) -> Self {
        Self {
            link,
            instance,
            targets: Vec::new(),
            unhealthy: 0,
            least: None,
            cursor: 0,
            open: 0,
            in_use: 0,
            idle: VecDeque::new(),
            waiters: Queue::EMPTY,
            lines: BTreeMap::new(),
            lined: 0,
            regroup: false,
            calls: 0,
            tokens,
            idle_timer: false,
            ramp_until: LONG_AGO,
            slots_meter: None,
            guard: None,
            meter: None,
            messages: None,
        }
    }

    /// Where the target that is instance `instance` stands; `hint` is where it stood.
    #[inline]
    pub(crate) fn find(&self, instance: InstanceId, hint: u32) -> Option<usize> {
        match self.targets.get(hint as usize) {
            Some(target) if target.instance == instance => Some(hint as usize),
            _ => self.targets.iter().position(|target| target.instance == instance),
        }
    }

    /// A call is in progress at a target from now on.
    #[inline]
    pub(crate) fn begin_at(&mut self, place: usize) {
        let target = &mut self.targets[place];
        let calls = target.outstanding;
        target.outstanding = calls + 1;
        if let Some(least) = &mut self.least {
            least.add(place, calls);
        }
    }

    /// A call at a target is over.
    #[inline]
    pub(crate) fn end_at(&mut self, place: usize) {
        let target = &mut self.targets[place];
        let calls = target.outstanding;
        if calls > 0 {
            target.outstanding = calls - 1;
            if let Some(least) = &mut self.least {
                least.remove(place, calls);
            }
        }
    }

    /// Bytes of what comes and goes: connections at rest, lines, messages.
    pub(crate) fn moving(&self) -> usize {
        /// What an entry of a tree takes beside itself.
        const NODE: usize = 24;
        let messages = self
            .messages
            .as_ref()
            .map_or(0, |messages| messages.again.len() * (12 + NODE) + messages.kept.capacity() * size_of::<Exec>());
        self.idle.capacity() * size_of::<Idle>() + self.lines.len() * (16 + NODE) + messages
    }

    /// Takes over the instances that may be called now; what is known of those that stay is kept.
    pub(crate) fn retarget(&mut self, instances: &[InstanceId]) {
        let mut known: Vec<(InstanceId, usize)> =
            self.targets.iter().enumerate().map(|(at, target)| (target.instance, at)).collect();
        known.sort_unstable();
        let stays = |instance| known.binary_search_by_key(&instance, |(known, _)| *known).ok();
        let targets = instances
            .iter()
            .map(|&instance| stays(instance).map_or_else(|| Target::new(instance), |at| self.targets[known[at].1]))
            .collect();
        self.targets = targets;
        self.least = None;
        self.unhealthy = self.targets.iter().filter(|target| !target.healthy).count() as u32;
    }
}
