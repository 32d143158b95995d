//! What a run may take, whatever its model asks for.
//!
//! Limits are looked at in a place that is rarely reached: where the slab of executions grows, and after so many steps.
//! A run that keeps within them is the same with any others.

use crate::engine::data::store::Store;
use crate::engine::state::client::{Client, Target};
use crate::engine::state::lock::Lock;
use crate::engine::state::world::World;
use crate::model::{Model, Placement, Service};
use crate::number::count;

/// What a run may take. Each ends it with a name and with the results so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Events in all. Default 10,000,000,000, about an hour.
    pub events: u64,
    /// Steps and events at one instant of simulated time. Default 20,000,000.
    pub at_once: u64,
    /// Executions at once. Default 10,000,000.
    pub executions: u64,
    /// Bytes of the state of a run, and of what is measured of it. Default 4 GB.
    pub state: u64,
}

impl Limits {
    /// Where nobody says otherwise.
    pub const DEFAULT: Self =
        Self { events: 10_000_000_000, at_once: 20_000_000, executions: 10_000_000, state: 4_000_000_000 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Why a run ended before its horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// More executions at once than [`Limits::executions`].
    TooManyInFlight,
    /// More steps without time passing than [`Limits::at_once`].
    Livelock,
    /// More events than [`Limits::events`].
    TooManyEvents,
    /// More bytes than [`Limits::state`].
    TooMuchState,
    /// A runbook `Set` led to a scenario that does not compile (it was checked alone, not after the others).
    InvalidChange,
}

impl Stop {
    /// The reason in words, for reports.
    #[must_use]
    pub fn name(self, limits: &Limits) -> String {
        match self {
            Self::TooManyInFlight => format!("more than {} executions in flight", count(limits.executions)),
            Self::Livelock => {
                format!(
                    "more than {} steps at one instant: a loop that waits for nothing, or very much at once",
                    count(limits.at_once)
                )
            }
            Self::TooManyEvents => format!("more than {} events", count(limits.events)),
            Self::TooMuchState if limits.state < 1_000_000 => {
                format!("more than {} bytes of state", count(limits.state))
            }
            Self::TooMuchState => format!("more than {} MB of state", count(limits.state / 1_000_000)),
            Self::InvalidChange => "a change of the runbook led to an invalid scenario".to_owned(),
        }
    }
}

/// Bytes of a row, with what is measured of it.
pub(crate) const ROW: u64 = 8_000;
/// Steps between two looks at what the state weighs.
const EVERY: u64 = 1 << 18;
/// Steps that count as an event, where there are more of them.
const STEPS_AN_EVENT: u64 = 64;

/// Steps that were taken, and when they are compared with the limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    pub limits: Limits,
    /// Steps and events since the run began.
    pub steps: u64,
    /// The same when time last moved.
    pub instant: u64,
    /// Beyond so many the limits are looked at.
    pub next: u64,
    weighed: u64,
    /// Bytes of machines, instances, link ends, stores and rows: they only become more.
    pub built: u64,
}

impl Spent {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, steps: 0, instant: 0, next: 0, weighed: 0, built: 0 }
    }
}

impl World {
    /// Another step; true: a limit has ended the run.
    #[inline(always)]
    pub(crate) fn step(&mut self) -> bool {
        self.spent.steps += 1;
        self.spent.steps > self.spent.next && self.weigh()
    }

    /// Whether a limit has ended the run.
    #[inline(always)]
    pub(crate) fn is_over(&mut self) -> bool {
        if self.execs.over() && self.stop.is_none() {
            self.stop = Some(if self.execs.full { Stop::TooManyInFlight } else { Stop::TooMuchState });
        }
        self.stop.is_some()
    }

    /// Whether no limit was met.
    #[inline(always)]
    pub(crate) fn goes_on(&self) -> bool {
        self.stop.is_none() && !self.execs.over()
    }

    /// Work that is no step, such as looking at each of many link ends.
    pub(crate) fn work_done(&mut self, units: usize) {
        self.spent.steps = self.spent.steps.saturating_add(units as u64);
    }

    /// Compares all with its limit.
    #[cold]
    #[inline(never)]
    fn weigh(&mut self) -> bool {
        let Spent { limits, steps, instant, weighed, .. } = self.spent;
        if steps - instant > limits.at_once {
            self.stop = self.stop.or(Some(Stop::Livelock));
        }
        if self.events.max(steps / STEPS_AN_EVENT) > limits.events {
            self.stop = self.stop.or(Some(Stop::TooManyEvents));
        }
        let every = EVERY.max(8 * (self.clients.len() + self.stores.len()) as u64);
        if steps.saturating_sub(weighed) >= every || weighed == 0 {
            self.spent.weighed = steps;
            if self.weight() > limits.state {
                self.stop = self.stop.or(Some(Stop::TooMuchState));
            }
        }
        let left = limits.events.saturating_sub(self.events);
        self.spent.next = (self.spent.weighed.saturating_add(every))
            .min(instant.saturating_add(limits.at_once))
            .min(steps.saturating_add(left))
            .max(steps);
        self.stop.is_some()
    }

    /// Bytes of memory that the run holds.
    pub(crate) fn weight(&self) -> u64 {
        let ends = self.clients.iter().map(Client::moving).sum::<usize>();
        let stores = self.stores.iter().map(Store::held).sum::<usize>();
        let moving = ends + stores + self.execs.held() + self.agenda.held() + self.beside();
        self.spent.built.saturating_add(moving as u64)
    }

    /// Bytes of what few executions need.
    fn beside(&self) -> usize {
        /// What an entry of a tree takes beside itself.
        const NODE: usize = 24;
        let trees = self.unapplied.len() * (20 + NODE)
            + self.claims.len() * (32 + NODE)
            + self.sticky.len() * (20 + NODE)
            + self.reads.len() * (64 + NODE);
        let unsent: usize = self.unsent.values().map(|writes| NODE + 32 * writes.capacity()).sum();
        let invited: usize = self.sources.iter().map(|source| 12 * source.invited.capacity()).sum();
        let locks: usize = self.locks.iter().map(Lock::footprint).sum();
        trees
            + unsent
            + invited
            + locks
            + 32 * self.work.capacity()
            + 16 * self.taken.capacity()
            + self.queued.footprint()
            + self.due.footprint()
            + self.keep_alive.footprint()
            + 24 * self.partitions.capacity()
    }

    /// Ends the run where what was built takes too much; true if so.
    pub(crate) fn overbuilt(&mut self) -> bool {
        if self.spent.built > self.spent.limits.state {
            self.stop = self.stop.or(Some(Stop::TooMuchState));
        }
        self.stop.is_some()
    }
}

/// Bytes of a system at its start, about: what its model says that there is.
pub(crate) fn size_at_start(m: &Model) -> u64 {
    /// A machine, an instance, a link end beside its targets.
    const MACHINE: u64 = 1024 + ROW;
    const INSTANCE: u64 = 1024;
    const END: u64 = 512;
    let machines =
        |service: &Service| -> u64 { service.groups.iter().map(|&group| u64::from(m.groups[group].count)).sum() };
    let instances = |service: &Service| match service.placement {
        _ if service.retired => 0,
        Placement::PerMachine(each) => machines(service).saturating_mul(u64::from(each)).max(1),
        Placement::Count(wanted) => u64::from(wanted),
    };
    let each = |service: &Service| {
        let stores = (service.stores.len() * (size_of::<Store>() + 128)) as u64;
        let ends = service.links.iter().map(|&link| {
            let targets = instances(&m.services[m.links[link].callee]);
            let row = if m.links[link].keep > 0 || m.links[link].queue { ROW } else { 0 };
            targets.saturating_mul(size_of::<Target>() as u64).saturating_add(END + row)
        });
        let rows = if service.workers < u32::MAX { ROW } else { 0 };
        ends.fold(INSTANCE + stores + rows, u64::saturating_add)
    };
    let services = m.services.iter().map(|service| instances(service).saturating_mul(each(service)));
    let groups = m.groups.iter().map(|group| u64::from(group.count) * MACHINE);
    services.chain(groups).fold(0, u64::saturating_add)
}
