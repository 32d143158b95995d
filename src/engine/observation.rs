//! What did happen: the only thing measuring hears. Measuring listens and cannot change the run.
use crate::engine::state::ids::{ExecRef, InstanceId, MachineId};
use crate::model::{LinkId, LockId, OperationId, RuleId, ServiceId, SiteId, SourceId};
use crate::scenario::Reason;
use crate::units::Time;

/// How a request, call or execution ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Succeeded { degraded: bool },
    Failed(Reason),
}

/// What an execution of an operation (or a client) is doing. One at a time; enters the next as it leaves the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Activity {
    /// In the instance's backlog for a worker.
    Backlog,
    /// Ready or running on a CPU (waiting is the part above its own work; see `Observation::Work`).
    Cpu,
    Delay,
    /// Bytes to its caller.
    Send,
    /// Bytes from its caller.
    Receive,
    /// Operations of a disk, waiting included.
    Disk,
    /// Waiting for children of a fork.
    Join,
    /// A spawned child process runs.
    Spawn,
    /// Waiting for a kept connection of the link.
    Pool(LinkId),
    /// A call over the link is on its way or at the callee.
    Call(LinkId),
    /// A call over the link was dropped at a full door and is sent again later.
    Retransmit(LinkId),
    /// Between attempts.
    Backoff(LinkId),
    /// Waiting for a lock, or for another to fill what a store lacks.
    Lock(LockId),
    /// Replied, holding its connection.
    Hold,
}

/// An activity or none, in one word: its kind from 1 on, and above it the link or lock it is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ActivityCode(u64);

impl ActivityCode {
    /// None.
    pub const NOTHING: Self = Self(0);

    /// The word for an activity.
    #[inline(always)]
    #[must_use]
    pub const fn of(activity: Activity) -> Self {
        let (kind, of) = match activity {
            Activity::Backlog => (1, 0),
            Activity::Cpu => (2, 0),
            Activity::Delay => (3, 0),
            Activity::Send => (4, 0),
            Activity::Receive => (5, 0),
            Activity::Disk => (6, 0),
            Activity::Join => (7, 0),
            Activity::Spawn => (8, 0),
            Activity::Hold => (9, 0),
            Activity::Pool(link) => (10, link.number()),
            Activity::Call(link) => (11, link.number()),
            Activity::Retransmit(link) => (12, link.number()),
            Activity::Backoff(link) => (13, link.number()),
            Activity::Lock(lock) => (14, lock.number()),
        };
        Self(kind | (of as u64) << 32)
    }

    /// The activity the word stands for.
    #[must_use]
    pub const fn activity(self) -> Option<Activity> {
        let of = (self.0 >> 32) as usize;
        Some(match self.0 as u32 {
            1 => Activity::Backlog,
            2 => Activity::Cpu,
            3 => Activity::Delay,
            4 => Activity::Send,
            5 => Activity::Receive,
            6 => Activity::Disk,
            7 => Activity::Join,
            8 => Activity::Spawn,
            9 => Activity::Hold,
            10 => Activity::Pool(LinkId::new(of)),
            11 => Activity::Call(LinkId::new(of)),
            12 => Activity::Retransmit(LinkId::new(of)),
            13 => Activity::Backoff(LinkId::new(of)),
            14 => Activity::Lock(LockId::new(of)),
            _ => return None,
        })
    }

    /// A number below 16, another one for activities that stand beside each other.
    #[inline(always)]
    #[must_use]
    pub const fn hash(self) -> usize {
        ((self.0 ^ self.0 >> 30) & 15) as usize
    }

    /// Whether a call is sent again.
    #[inline(always)]
    #[must_use]
    pub const fn is_retransmit(self) -> bool {
        self.0 as u32 == 12
    }
}

/// Something that did happen, at the `now` given beside it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observation {
    /// A session of a Users or Closed source began: one walk through its journey. Whoever is of a closed population
    /// begins another at the instant the last one ended.
    SessionStarted {
        source: SourceId,
        session: ExecRef,
    },
    /// It is over: the journey was walked to its end, or a step failed for good. `site` is the call that failed; none
    /// where the step was no call, or several at once.
    SessionEnded {
        source: SourceId,
        session: ExecRef,
        outcome: Outcome,
        site: Option<SiteId>,
    },
    /// A request (Open arrival, or a top-level call of a journey) began. `number` counts per source. `session` is the
    /// root it is made for, which may be gone.
    RequestStarted {
        source: SourceId,
        site: SiteId,
        number: u64,
        session: ExecRef,
    },
    /// It has its final outcome. `started` is the intended start.
    RequestEnded {
        source: SourceId,
        site: SiteId,
        number: u64,
        started: Time,
        outcome: Outcome,
        session: ExecRef,
    },
    /// An attempt of a call left the caller (attempt 0 is the first; > 0 are retries, also those of users).
    AttemptStarted {
        site: SiteId,
        attempt: u32,
        source: SourceId,
        number: u64,
        exec: ExecRef,
        parent: ExecRef,
        followed: bool,
    },
    /// The caller learned its end (also by timeout). `instance` is the one that was chosen, if one was.
    AttemptEnded {
        site: SiteId,
        started: Time,
        outcome: Outcome,
        exec: ExecRef,
        instance: Option<InstanceId>,
        /// The calling instance; none: a source.
        from: Option<InstanceId>,
        source: SourceId,
        number: u64,
    },
    /// The callee took the call in (worker or backlog), or refused it. `from` is the calling instance (none: a source).
    Admitted {
        operation: OperationId,
        instance: InstanceId,
        exec: ExecRef,
        site: SiteId,
        from: Option<InstanceId>,
    },
    /// A worker took the call.
    Begun {
        operation: OperationId,
        instance: InstanceId,
        exec: ExecRef,
    },
    /// `instance` is the one that refused, or the caller's whose limit did; none: there was nobody to call.
    Rejected {
        operation: OperationId,
        instance: Option<InstanceId>,
        by: Limit,
        exec: ExecRef,
    },
    /// A call had waited too long in a backlog and was dropped: its end is told beside it.
    Dropped {
        operation: OperationId,
        instance: InstanceId,
        exec: ExecRef,
    },
    /// The callee's execution ended (whoever still listens).
    Finished {
        operation: OperationId,
        instance: InstanceId,
        exec: ExecRef,
        started: Time,
        outcome: Outcome,
    },
    /// An execution goes from one activity to the next. `operation` None = a client of `source`. `from` None = it
    /// begins, `to` None = it ends or runs on without waiting. `since` = when `from` was entered. `aside`: nobody waits
    /// for it, be it work in the background, a message or what replicas apply.
    Moved {
        exec: ExecRef,
        operation: Option<OperationId>,
        source: SourceId,
        number: u64,
        instance: Option<InstanceId>,
        from: Option<Activity>,
        to: Option<Activity>,
        since: Time,
        aside: bool,
        followed: bool,
    },
    /// A Cpu step (seconds of a reference core, before contention), Send (bytes), Disk (operations) or Spawn was asked
    /// of an instance; `aside` as above.
    Work {
        operation: OperationId,
        instance: InstanceId,
        kind: WorkKind,
        amount: f64,
        aside: bool,
    },
    /// A broker has taken a message in, by the operation it was sent to.
    MessageAccepted {
        operation: OperationId,
    },
    /// It was consumed, or its last delivery failed so and it is given up.
    MessageEnded {
        operation: OperationId,
        started: Time,
        outcome: Outcome,
    },
    /// Its broker died with it.
    MessageLost {
        operation: OperationId,
        started: Time,
    },
    /// Process and machine life.
    InstanceDown {
        instance: InstanceId,
        cause: Cause,
    },
    InstanceUp {
        instance: InstanceId,
    },
    MachineDown {
        machine: MachineId,
    },
    MachineUp {
        machine: MachineId,
    },
    /// A balancer's or caller's belief about a target changed.
    HealthChanged {
        link: LinkId,
        caller_instance: Option<InstanceId>,
        target: InstanceId,
        healthy: bool,
        why: Belief,
    },
    /// A circuit breaker of a caller opened, or closed again.
    BreakerChanged {
        link: LinkId,
        caller_instance: Option<InstanceId>,
        open: bool,
    },
    /// A runbook rule fired, or did nothing and why.
    RuleFired {
        rule: RuleId,
    },
    RuleSkipped {
        rule: RuleId,
        why: Skipped,
    },
    /// A controller looked: the metric, how many it wants, how many there are (the dead and those still to come among
    /// them), how many are to come, what it did.
    Scaled {
        rule: RuleId,
        value: f64,
        wants: u32,
        has: u32,
        booting: u32,
        did: Scaling,
    },
    /// All instances of a rolling deploy are replaced.
    Deployed {
        service: ServiceId,
        begun: Time,
    },
    /// A command from outside was applied.
    CommandApplied {
        index: u32,
    },
    /// The set of machines and instances changed.
    TopologyChanged,
}
/// Which limit refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    Connections,
    Descriptors,
    Backlog,
    Dead,
    NoInstance,
    /// Too many calls wait at the caller already.
    Queue,
    /// A broker has as many messages waiting as it holds; the call was admitted.
    Depth,
    /// It reads its configuration anew and takes no connections meanwhile.
    Reload,
    /// Workers are kept for calls of higher priority.
    Shed,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkKind {
    Cpu,
    /// CPU of a caller that opens connections.
    Handshake,
    /// Bytes sent by its machine.
    Network,
    /// Bytes that users upload to its machine.
    Ingress,
    Disk,
    Spawn,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Crash,
    OutOfMemory,
    Removed,
    Resize,
    Restart,
    Deploy,
    MachineCrash,
}
/// Why a target is believed to be as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belief {
    /// So many health checks in a row found it so.
    Checks(u32),
    /// So many calls in a row failed, or the time for which it was left out because of that is over.
    Calls(u32),
}
/// What an autoscaler did, or why it did nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaling {
    Steady,
    Adds(u32),
    Removes(u32),
    /// It wants others and rests until then.
    CoolingDown(Time),
    /// It has as many, or as few, as it may.
    AtMost,
    AtLeast,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skipped {
    NothingToDo,
    NoSuchInstance,
    AlreadyDown,
}

/// Listens to a run.
pub trait Observer {
    /// false: the engine compiles every observation away.
    const LISTENS: bool = true;
    /// false: of `Moved` it hears only what `moves` does not say: that of executions that are followed or work aside,
    /// and of calls that are sent again.
    const HEARS_MOVES: bool = true;
    /// An execution of an operation, or (none) a client of a source, went from one activity to another at `now`. Told
    /// beside `Moved`, and in few words: it is what happens most.
    #[inline(always)]
    fn moves(&mut self, _now: Time, _doer: (Option<OperationId>, SourceId), _ends: [ActivityCode; 2]) {}
    fn observe(&mut self, now: Time, what: &Observation);
    /// Whether somebody wants to know what each execution of a request does, the `number`-th of `source`. Asked when it
    /// begins, and when work of it that nobody waits for does: `Moved` and `AttemptStarted` say so (`followed`).
    #[inline(always)]
    fn follows(&mut self, _source: SourceId, _number: u64) -> bool {
        false
    }
}
/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;
impl Observer for Silent {
    const LISTENS: bool = false;
    #[inline(always)]
    fn observe(&mut self, _: Time, _: &Observation) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_activity_is_one_word_and_back() {
        let (link, lock) = (LinkId::new(70_000), LockId::new(3));
        let all = [
            Activity::Backlog,
            Activity::Cpu,
            Activity::Delay,
            Activity::Send,
            Activity::Receive,
            Activity::Disk,
            Activity::Join,
            Activity::Spawn,
            Activity::Hold,
            Activity::Pool(link),
            Activity::Call(link),
            Activity::Retransmit(link),
            Activity::Backoff(link),
            Activity::Lock(lock),
        ];
        for activity in all {
            assert_eq!(ActivityCode::of(activity).activity(), Some(activity));
            assert_eq!(ActivityCode::of(activity).is_retransmit(), activity == Activity::Retransmit(link));
        }
        assert_eq!(ActivityCode::NOTHING.activity(), None);
    }
}
