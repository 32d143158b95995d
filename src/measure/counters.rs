//! Running totals since the run began, warm-up included. A snapshot is a clone; a window is the difference of two.

use super::flow::{Doer, Flow};
use super::traffic::REASONS;
use crate::engine::{Activity, Limit, ResourceView, WorkKind};
use crate::model::{OperationId, SourceId};
use crate::units::Time;
use std::ops::Deref;

/// A growing table: asking for a row that is not there yet makes it.
#[inline(always)]
pub fn row<T: Default + Clone>(rows: &mut Vec<T>, index: u32) -> &mut T {
    let index = index as usize;
    if index >= rows.len() {
        grow(rows, index);
    }
    &mut rows[index]
}

#[cold]
fn grow<T: Default + Clone>(rows: &mut Vec<T>, index: usize) {
    rows.resize(index + 1, T::default());
}

/// Calls at one place of a program.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SiteCount {
    /// Requests of a source that began here.
    pub requests: u64,
    /// First attempts, and those after them.
    pub first: u64,
    pub retries: u64,
    /// Attempts with an outcome, of those the ones that reached nobody, and the refused (and shed).
    pub ended: u64,
    pub unsent: u64,
    pub refused: u64,
    /// Of those: not let go by a breaker, by a rate limit.
    pub circuit_open: u64,
    pub rate_limited: u64,
    /// Requests of a source made here that ended: those that failed, by position of the reason, and those degraded.
    pub lost: [u64; REASONS.len()],
    pub degraded: u64,
    /// Those that succeeded later than an objective of their source allows.
    pub late: u64,
}

/// Calls that reached an operation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OperationCount {
    /// Taken in, to a worker or the backlog.
    pub admitted: u64,
    /// Turned away, by `Limit`.
    pub rejected: [u64; LIMITS],
    /// Dropped from the backlog because they had waited too long.
    pub dropped: u64,
    /// Taken by a worker.
    pub begun: u64,
    pub work: WorkCount,
    /// Of it, what nobody waits for.
    pub aside: WorkCount,
}

/// What an operation was asked for is read as if it were its own.
impl Deref for OperationCount {
    type Target = WorkCount;

    fn deref(&self) -> &WorkCount {
        &self.work
    }
}

/// Work that was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WorkCount {
    /// Seconds of a reference core, by operations themselves and by their child processes.
    pub cpu_seconds: f64,
    pub spawn_seconds: f64,
    /// The same to open connections to others.
    pub handshake_seconds: f64,
    /// Bytes to be sent.
    pub bytes: f64,
    /// Bytes that users uploaded.
    pub uploaded: f64,
    /// Operations of disks.
    pub disk: f64,
}

impl WorkCount {
    /// Counts what was asked for.
    #[inline]
    pub fn add(&mut self, kind: WorkKind, amount: f64) {
        match kind {
            WorkKind::Cpu => self.cpu_seconds += amount,
            WorkKind::Handshake => self.handshake_seconds += amount,
            WorkKind::Spawn => self.spawn_seconds += amount,
            WorkKind::Network => self.bytes += amount,
            WorkKind::Ingress => self.uploaded += amount,
            WorkKind::Disk => self.disk += amount,
        }
    }

    /// The difference to an earlier look.
    pub fn since(self, earlier: WorkCount) -> WorkCount {
        WorkCount {
            cpu_seconds: self.cpu_seconds - earlier.cpu_seconds,
            spawn_seconds: self.spawn_seconds - earlier.spawn_seconds,
            handshake_seconds: self.handshake_seconds - earlier.handshake_seconds,
            bytes: self.bytes - earlier.bytes,
            uploaded: self.uploaded - earlier.uploaded,
            disk: self.disk - earlier.disk,
        }
    }
}

/// What came to an instance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct InstanceCount {
    /// Calls that arrived, taken in or not; of those, the ones that a worker took.
    pub arrived: u64,
    pub begun: u64,
    /// What was asked of it, by whatever calls and by what follows them: each of several may be asked for another kind.
    pub work: WorkCount,
}

/// Number of `Limit`s.
pub const LIMITS: usize = 9;

/// Position of a limit in `OperationCount::rejected`.
pub fn limit_index(limit: Limit) -> usize {
    match limit {
        Limit::Connections => 0,
        Limit::Descriptors => 1,
        Limit::Backlog => 2,
        Limit::Dead => 3,
        Limit::NoInstance => 4,
        Limit::Queue => 5,
        Limit::Depth => 6,
        Limit::Shed => 7,
        Limit::Reload => 8,
    }
}

/// Requests of a source by the time they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SourceCount {
    pub succeeded: u64,
    /// By position of the reason.
    pub failed: [u64; REASONS.len()],
    pub sessions_started: u64,
    pub sessions_ended: u64,
    /// Σ ends − Σ starts of sessions, nanoseconds: with those now open times now added, session time so far.
    pub session_nanos: i128,
}

/// All totals.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    pub sites: Vec<SiteCount>,
    pub operations: Vec<OperationCount>,
    pub sources: Vec<SourceCount>,
    /// By instance.
    pub instances: Vec<InstanceCount>,
    /// Calls an instance could not make for want of a descriptor.
    pub no_socket: Vec<u64>,
    pub flow: Flow,
    /// Of it, what nobody waits for.
    pub aside: Flow,
}

impl Counters {
    /// Bytes of a copy.
    pub fn footprint(&self) -> usize {
        size_of::<Self>()
            + size_of_val(&*self.sites)
            + size_of_val(&*self.operations)
            + size_of_val(&*self.sources)
            + size_of_val(&*self.instances)
            + size_of_val(&*self.no_socket)
            + self.flow.footprint()
            + self.aside.footprint()
    }
}

/// Totals of one resource, or of several together: integrals in unit-seconds, and uses.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// In use within the capacity.
    pub busy: f64,
    /// In use beyond it: still held of what is down or gone, or has less than before.
    pub beyond: f64,
    /// Of descriptors in use, those of inbound connections.
    pub inbound: f64,
    pub waiting: f64,
    /// Of a machine that bears a service's name: while it hosts a process.
    pub capacity: f64,
    pub refused: u64,
    /// Uses that began, and those that ended.
    pub begun: u64,
    pub ended: u64,
    /// Those that stand there and wait; of a span: how many more do.
    pub standing: i64,
}

impl Totals {
    /// As the engine shows them; `hosted`: the capacity is that of the time in which a process is there.
    pub fn of(view: &ResourceView, hosted: bool) -> Totals {
        Totals {
            busy: view.busy_seconds,
            beyond: view.beyond_seconds,
            inbound: view.inbound.map_or(0.0, |(seconds, _)| seconds),
            waiting: view.waiting_seconds,
            capacity: if hosted { view.hosting_seconds } else { view.capacity_seconds },
            refused: view.refused,
            begun: view.begun,
            ended: view.begun.saturating_sub(view.in_progress),
            standing: i64::from(view.waiting),
        }
    }

    /// The difference to an earlier look.
    pub fn since(self, earlier: Totals) -> Totals {
        Totals {
            busy: self.busy - earlier.busy,
            beyond: self.beyond - earlier.beyond,
            inbound: self.inbound - earlier.inbound,
            waiting: self.waiting - earlier.waiting,
            capacity: self.capacity - earlier.capacity,
            refused: self.refused - earlier.refused,
            begun: self.begun - earlier.begun,
            ended: self.ended.saturating_sub(earlier.ended),
            standing: self.standing - earlier.standing,
        }
    }

    /// Both together.
    pub fn plus(self, other: Totals) -> Totals {
        Totals {
            busy: self.busy + other.busy,
            beyond: self.beyond + other.beyond,
            inbound: self.inbound + other.inbound,
            waiting: self.waiting + other.waiting,
            capacity: self.capacity + other.capacity,
            refused: self.refused + other.refused,
            begun: self.begun + other.begun,
            ended: self.ended + other.ended,
            standing: self.standing + other.standing,
        }
    }

    /// Somebody waited or was turned away.
    pub fn blocked(self) -> bool {
        self.waiting > 0.0 || self.refused > 0
    }

    /// Share of the capacity that was in use; absent while there was none.
    pub fn utilization(self) -> Option<f64> {
        let share = self.busy / self.capacity;
        // Differences of long integrals leave 1 + 1e-14.
        let exact = if (share - 1.0).abs() < 1e-9 { 1.0 } else { share };
        (self.capacity > 0.0 && self.capacity.is_finite()).then_some(exact)
    }
}

/// Everything counted up to one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub at: Time,
    pub counters: Counters,
    /// By index of the engine's resource table.
    pub resources: Vec<Totals>,
}

/// What happened between two snapshots.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    pub old: &'a Snapshot,
    pub new: &'a Snapshot,
}

impl Window<'_> {
    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        (self.new.at.0 - self.old.at.0) as f64 / 1e9
    }

    /// Totals of a resource.
    pub fn resource(&self, index: usize) -> Totals {
        let get = |s: &Snapshot| s.resources.get(index).copied().unwrap_or_default();
        get(self.new).since(get(self.old))
    }

    /// Counts at a site.
    pub fn site(&self, index: usize) -> SiteCount {
        let get = |s: &Snapshot| s.counters.sites.get(index).copied().unwrap_or_default();
        let (new, old) = (get(self.new), get(self.old));
        SiteCount {
            requests: new.requests - old.requests,
            first: new.first - old.first,
            retries: new.retries - old.retries,
            ended: new.ended - old.ended,
            unsent: new.unsent - old.unsent,
            refused: new.refused - old.refused,
            circuit_open: new.circuit_open - old.circuit_open,
            rate_limited: new.rate_limited - old.rate_limited,
            lost: std::array::from_fn(|i| new.lost[i] - old.lost[i]),
            degraded: new.degraded - old.degraded,
            late: new.late - old.late,
        }
    }

    /// Counts at an operation.
    pub fn operation(&self, id: OperationId) -> OperationCount {
        let get = |s: &Snapshot| s.counters.operations.get(id.index()).copied().unwrap_or_default();
        let (new, old) = (get(self.new), get(self.old));
        OperationCount {
            admitted: new.admitted - old.admitted,
            rejected: std::array::from_fn(|i| new.rejected[i] - old.rejected[i]),
            dropped: new.dropped - old.dropped,
            begun: new.begun - old.begun,
            work: new.work.since(old.work),
            aside: new.aside.since(old.aside),
        }
    }

    /// Calls of an operation that got a worker.
    pub fn begun(&self, id: OperationId) -> u64 {
        self.operation(id).begun
    }

    /// (succeeded, failed by reason) of a source's requests that ended.
    pub fn source(&self, id: SourceId) -> (u64, [u64; REASONS.len()]) {
        let get = |s: &Snapshot| s.counters.sources.get(id.index()).copied().unwrap_or_default();
        let (new, old) = (get(self.new), get(self.old));
        (new.succeeded - old.succeeded, std::array::from_fn(|i| new.failed[i] - old.failed[i]))
    }

    /// What came to an instance.
    pub fn instance(&self, instance: usize) -> InstanceCount {
        let get = |s: &Snapshot| s.counters.instances.get(instance).copied().unwrap_or_default();
        let (new, old) = (get(self.new), get(self.old));
        InstanceCount {
            arrived: new.arrived - old.arrived,
            begun: new.begun - old.begun,
            work: new.work.since(old.work),
        }
    }

    /// Calls that arrived at an instance.
    pub fn arrived(&self, instance: usize) -> u64 {
        self.instance(instance).arrived
    }

    /// Calls an instance could not make for want of a descriptor.
    pub fn no_socket(&self, instance: usize) -> u64 {
        let get = |s: &Snapshot| s.counters.no_socket.get(instance).copied().unwrap_or(0);
        get(self.new) - get(self.old)
    }

    /// Seconds a doer spent in an activity.
    pub fn seconds_in(&self, doer: Doer, activity: Activity) -> f64 {
        let get = |s: &Snapshot| s.counters.flow.seconds(doer, activity, s.at);
        (get(self.new) - get(self.old)).max(0.0)
    }

    /// The same of those that somebody waits for.
    pub fn awaited_in(&self, doer: Doer, activity: Activity) -> f64 {
        let get = |s: &Snapshot| s.counters.aside.seconds(doer, activity, s.at);
        (self.seconds_in(doer, activity) - (get(self.new) - get(self.old))).max(0.0)
    }

    /// How often a doer entered an activity.
    pub fn entered(&self, doer: Doer, activity: Activity) -> u64 {
        let get = |s: &Snapshot| s.counters.flow.entered(doer, activity);
        get(self.new) - get(self.old)
    }
}
