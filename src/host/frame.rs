//! How a run stands at one moment, as plain data of bounded size: at most 256 kB, whatever the system.
//!
//! Machines, instances, sources, links and resources are listed in the order of their indices in the engine and keep
//! them for the run; what is gone stays in its place and says so.

use super::history::Point;
use super::message::{Lane, Pace};
use crate::engine::ResourceKind;
pub use crate::measure::impact::Impact;
use crate::measure::subject::Causes;
pub use crate::measure::{Trouble, TroubleKind};
use crate::model::{Caller, GroupId, LinkId, Model, OperationId, ServiceId, SourceId};
use crate::scenario::Reason;
use crate::units::Time;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Requests shown at most.
pub const LIGHTS: usize = 4_096;
/// What calls did since the last frame, at most.
pub const HOPS: usize = 256;
/// Work shown of one instance at most.
pub const CELLS: usize = 256;

/// One look at the steered run, and a glance at the other.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Frame {
    /// Which run.
    pub lane: Lane,
    /// Its present.
    pub now: Time,
    /// The furthest it has been: what lies between is known.
    pub known: Time,
    /// What it is asked to do.
    pub pace: Pace,
    /// Simulated seconds per second, over the last half second; 0 while it stands.
    pub achieved: f64,
    /// It seeks, or has come to its end.
    pub phase: Phase,
    /// Events that have happened.
    pub events: u64,
    /// Of the run so far; only while it stands still.
    pub digest: Option<u64>,
    /// Every machine there ever was, by the index that instances and resources refer to.
    pub machines: Vec<Machine>,
    /// Every instance there ever was, by the index that flows, hops and resources refer to.
    pub instances: Vec<Instance>,
    /// Instances that no machine has room for, by service.
    pub pending: Vec<(ServiceId, u32)>,
    /// Every source, in the order of the model.
    pub sources: Vec<Source>,
    /// Traffic between two instances, or a source and an instance; only where there is any.
    pub flows: Vec<Flow>,
    /// Everything that saturates.
    pub gauges: Vec<Gauge>,
    /// What the gauges are of, index by index; the same `Arc` as long as nothing was added.
    pub resources: Arc<[Resource]>,
    /// What is saturated, refuses or fails now, and because of what.
    pub troubles: Vec<Trouble>,
    /// What crowds lose now, by whom it comes down to, the worst first.
    pub impacts: Vec<Impact>,
    /// Whom most of that comes down to, or what explains most of the troubles; several are so together.
    pub culprit: Causes,
    /// A sample of the requests in flight, the same from frame to frame as long as they are.
    pub lights: Vec<Light>,
    /// Executions in flight for each light: 1 where all are shown.
    pub sampling: f64,
    /// Where time is slow or steps: calls since the last frame over ways that take no time, which no light is on. In
    /// the order of their happening.
    pub hops: Vec<Hop>,
    /// What the instances in focus do.
    pub work: Vec<Work>,
    /// Points of the timeline.
    pub history: Delta,
    /// The other run, where there are two.
    pub other: Option<Glance>,
}

/// What a host is at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// At its pace, which may be none.
    #[default]
    Running,
    /// On its way to another time.
    Seeking,
    /// At its horizon.
    Done,
    /// A limit ended it.
    Stopped,
}

/// The run that is not steered.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Glance {
    /// Which run.
    pub lane: Lane,
    /// Its present.
    pub now: Time,
    /// Points of its timeline.
    pub history: Delta,
    /// A look at it, where somebody looks at both; it has neither points of a timeline nor another run.
    pub look: Option<Box<Frame>>,
}

/// Points of a timeline that follow those sent before.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Delta {
    /// Seconds a point stands for.
    pub every_s: f64,
    /// Position of the first of `points`; what was known from there on is replaced.
    pub from: u32,
    /// In order.
    pub points: Vec<Point>,
}

/// How far along something that lives is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Availability {
    /// It serves.
    #[default]
    Up,
    /// It will, once it has booted or restarted at that time.
    Booting {
        /// When, if it is known.
        until: Option<Time>,
    },
    /// It does not, and nobody starts it.
    Down,
    /// It finishes what it has.
    Draining,
    /// Gone for good.
    Removed,
}

/// A machine.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Its group.
    pub group: GroupId,
    /// Its number in the group.
    pub ordinal: u32,
    /// Whether it runs.
    pub availability: Availability,
    /// Shares of what it has, 0 to 1, over the last look; none: it has no such limit.
    pub cpu: f32,
    /// Of its memory.
    pub memory: Option<f32>,
    /// Of its disk's operations.
    pub disk: Option<f32>,
    /// Of what it may send.
    pub network: Option<f32>,
}

/// A process of a service.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// Its service.
    pub service: ServiceId,
    /// Its number in the service.
    pub ordinal: u32,
    /// Index of the machine it is on.
    pub machine: Option<u32>,
    /// Whether it serves.
    pub availability: Availability,
    /// Its workers; u32::MAX: as many as come.
    pub workers: u32,
    /// Calls in work, by what they do.
    pub busy: Busy,
    /// Calls in its backlog.
    pub waiting: u32,
    /// Inbound connections.
    pub connections: u32,
    /// Per second over the last second: calls it took in, and those it refused.
    pub taken_per_s: f32,
    /// Refused, whatever the limit.
    pub refused_per_s: f32,
}

impl Instance {
    /// Workers in use; all that are in work where there is no limit. `pins`: a connection holds one though it does
    /// nothing.
    #[must_use]
    pub fn used(&self, pins: bool) -> u32 {
        let holds = if pins || self.workers == u32::MAX { self.busy.holds } else { 0 };
        self.busy.served.saturating_add(self.busy.waits).saturating_add(holds).min(self.workers)
    }
}

impl Frame {
    /// Messages that wait in the queue of a service, by service.
    #[must_use]
    pub fn messages(&self, model: &Model) -> Vec<u32> {
        let mut messages = vec![0_u32; model.services.len()];
        let broker = |link: LinkId| match model.links.get(link)?.caller {
            Caller::Service(service) => Some(service),
            Caller::Source(_) => None,
        };
        let queues = self.resources.iter().zip(&self.gauges).filter(|(of, _)| of.kind == ResourceKind::Queue);
        for (resource, gauge) in queues {
            let queue = resource.service.or_else(|| broker(resource.link?));
            if let Some(waiting) = queue.and_then(|service| messages.get_mut(service.index())) {
                *waiting = waiting.saturating_add(gauge.waiting);
            }
        }
        messages
    }
}

/// Calls in work at an instance, by what they do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Busy {
    /// At a CPU, a disk or a network, or passing time.
    pub served: u32,
    /// Waiting for another service, a pool, a lock or a retry.
    pub waits: u32,
    /// Holding a connection and nothing else.
    pub holds: u32,
}

/// A source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Sessions now; 0 for open sources.
    pub sessions: u32,
    /// Requests without an outcome.
    pub in_flight: u64,
    /// Per second over the last second.
    pub offered_per_s: f32,
    /// Ended well.
    pub succeeded_per_s: f32,
    /// Ended otherwise.
    pub failed_per_s: f32,
}

/// One end of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum End {
    /// A source's people.
    Source(SourceId),
    /// Index of an instance.
    Instance(u32),
    /// No instance was there to be called.
    Nowhere,
}

/// Calls over a link from one end to another, per second over the last second, smoothed so that nothing flickers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// The link.
    pub link: LinkId,
    /// Who calls.
    pub from: End,
    /// Who is called.
    pub to: End,
    /// Attempts that left.
    pub sent_per_s: f32,
    /// Attempts that ended well.
    pub succeeded_per_s: f32,
    /// Refused, shed or held back by a guard.
    pub refused_per_s: f32,
    /// Given up by the caller: timeouts and lost patience.
    pub timed_out_per_s: f32,
    /// Otherwise: crashed, unreachable, an error.
    pub broken_per_s: f32,
    /// Attempts without an outcome now.
    pub in_flight: u32,
}

/// What can saturate: fixed facts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// "app/0.workers"
    pub name: String,
    /// What the story calls it and its like: "app.workers".
    pub subject: String,
    /// Its kind.
    pub kind: ResourceKind,
    /// Whose it is; none for a machine's.
    pub service: Option<ServiceId>,
    /// Index of the instance it belongs to.
    pub instance: Option<u32>,
    /// Index of the machine it is on.
    pub machine: Option<u32>,
    /// For a pool or slots: the link.
    pub link: Option<LinkId>,
}

/// What can saturate, now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gauge {
    /// In the unit of its kind; 0 while down.
    pub capacity: f32,
    /// Mean in use over the last look.
    pub level: f32,
    /// Waiting for it.
    pub waiting: u32,
    /// Turned away because of it, since the run began.
    pub refused: u64,
    /// Its 10 s mean is at 95 % or more with somebody waiting or refused; cleared below 85 %.
    pub saturated: bool,
}

/// What a request is about, for those who look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Doing {
    /// On its way to the callee, or its reply on the way back.
    Moving,
    /// At a CPU, a disk, a network, or passing time.
    Served,
    /// In a backlog, before a pool or a lock, or before the next attempt.
    Waiting,
    /// Holding a connection.
    Holding,
    /// Its caller has given it up, and it goes on.
    Orphaned,
}

/// Where a request is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Spot {
    /// Between two ends; `share` of the way is done, 0 to 1, at `now`, and the whole takes `lasts_s` simulated seconds.
    Way {
        /// The link.
        link: LinkId,
        /// Who called.
        from: End,
        /// Who is called.
        to: End,
        /// Of the way.
        share: f32,
        /// The whole of it.
        lasts_s: f32,
        /// A reply: it goes from `to` to `from`.
        back: bool,
    },
    /// In the backlog of an instance.
    Backlog(u32),
    /// In work at an instance.
    Inside(u32),
    /// At an instance, before a pool or slots of a link.
    Pool(u32, LinkId),
    /// With its source: between attempts.
    Source(SourceId),
}

/// A call that went over a way without latency: it was there at once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hop {
    /// The link.
    pub link: LinkId,
    /// Who called.
    pub from: End,
    /// Who was called.
    pub to: End,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// It was taken in.
    Arrived,
    /// The answer came back.
    Answered,
    /// Turned away at the door.
    Refused,
    /// Its caller gave it up.
    GivenUp,
    /// It broke: crashed, unreachable, an error.
    Broken,
}

impl Fate {
    /// Of a call that has ended: well, or for that reason.
    #[inline]
    #[must_use]
    pub fn of(failed: Option<Reason>) -> Self {
        match failed {
            None => Self::Answered,
            Some(Reason::Refused | Reason::Shed | Reason::CircuitOpen | Reason::RateLimited) => Self::Refused,
            Some(Reason::TimedOut | Reason::PoolTimeout | Reason::Abandoned) => Self::GivenUp,
            Some(Reason::Crashed | Reason::Unreachable | Reason::Error) => Self::Broken,
        }
    }
}

/// One execution of a request: a light.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Light {
    /// The same as long as it lives, and of no other at the same time.
    pub id: u64,
    /// Whose request it works for.
    pub source: SourceId,
    /// Its operation, if it is not a source's own.
    pub operation: Option<OperationId>,
    /// What it does.
    pub doing: Doing,
    /// Where it is now.
    pub spot: Spot,
}

/// What an instance in focus does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// Index of the instance in `Frame::instances`.
    pub instance: u32,
    /// Calls in work, oldest first, at most [`CELLS`].
    pub cells: Vec<Cell>,
}

/// A call in work.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Its operation.
    pub operation: OperationId,
    /// What it does.
    pub doing: Doing,
    /// The service it waits for.
    pub waits_for: Option<ServiceId>,
    /// It has been here so long, seconds.
    pub age_s: f32,
}
