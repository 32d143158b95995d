//! Executions: the nodes of a request's tree, in one slab.
//!
//! A client execution walks a journey (or an open source's single call); every attempt of a call is an execution at its
//! callee; branches of a fork and background work are executions beside the one that started them. A parent is named by
//! (index, generation) and may be gone; what counts is whether it still listens, which its ticket tells.

use crate::engine::observation::{ActivityCode, Outcome};
use crate::engine::state::ids::{ClientId, ExecRef, InstanceId, NOWHERE};
use crate::engine::state::slab::Slab;
use crate::model::{OperationId, Pc, SiteId, SourceId};
use crate::units::Time;

/// What an execution is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// An open arrival or a session: the root of its tree.
    Root,
    /// Background work of a client.
    ClientFiber,
    /// A branch of a client's fork.
    ClientBranch,
    /// An attempt of a call: works at the callee.
    Attempt,
    /// Background work at an instance.
    Fiber,
    /// A branch of a fork at an instance.
    Branch,
    /// A health check.
    Probe,
}

/// Where it is. Each waiting state has exactly one way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// In the run queue or running.
    Running,
    /// Waits for a kept connection of its caller's link end.
    Pool,
    /// Has been given one and leaves at this instant.
    Granted,
    /// The caller burns CPU for the handshake before this attempt leaves.
    Handshake,
    /// On its way to the callee.
    Transit,
    /// In the callee's backlog.
    Backlog,
    /// The callee burns CPU for the handshake before the program begins.
    Greeting,
    Cpu,
    /// A disk or network works for it.
    Device,
    Spawned,
    Delay,
    /// Waits for the attempt of a call.
    Calling,
    /// Waits for a lock, or for another to fill what it lacks.
    Locked,
    /// Waits before the next attempt.
    Backoff,
    /// Waits for the branches of a fork.
    Joining,
    /// Replied; keeps its connection.
    Held,
    /// Sent to, or left at, a machine that answers nothing.
    Silent,
    /// Dropped at a full door; the caller's system sends it again.
    Retransmit,
    /// Its reply is on the way.
    Replying,
    /// The slot is free.
    Free,
}

/// Where a state stands: who has to be told when it ends before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// In the line for a kept connection of its caller's link end.
    Pool,
    /// At its caller, with a connection that it was given.
    Grant,
    /// The caller's CPU works for it.
    CallerCpu,
    /// The CPU of its instance works for it.
    Cpu,
    /// So does a child process.
    ChildCpu,
    /// A disk or network.
    Device,
    /// In the line for a lock, or for what another fills.
    Lock,
    /// With the attempt of its call.
    Callee,
    /// With its branches.
    Branches,
    /// On a way, at a door or in a time that passes: nobody has to be told.
    Nowhere,
}

impl State {
    /// Where it stands.
    #[inline]
    pub(crate) const fn at(self) -> At {
        match self {
            Self::Pool => At::Pool,
            Self::Granted => At::Grant,
            Self::Handshake => At::CallerCpu,
            Self::Greeting | Self::Cpu => At::Cpu,
            Self::Spawned => At::ChildCpu,
            Self::Device => At::Device,
            Self::Locked => At::Lock,
            Self::Calling => At::Callee,
            Self::Joining => At::Branches,
            Self::Running
            | Self::Transit
            | Self::Retransmit
            | Self::Backlog
            | Self::Delay
            | Self::Backoff
            | Self::Held
            | Self::Silent
            | Self::Replying
            | Self::Free => At::Nowhere,
        }
    }
}

/// What it occupies at its instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Occupancy {
    /// Nothing: a client, on its way, or gone again.
    Outside,
    /// A place in the backlog.
    Queued,
    /// A worker (an attempt), or just memory and CPU (fibers and branches).
    Working,
    /// Its connection alone.
    Holding,
}

/// One execution, in three cache lines.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(crate) struct Exec {
    pub generation: u32,
    pub role: Role,
    pub state: State,
    /// A fallback ran, here or below.
    pub degraded: bool,
    /// A call of it was answered by a callee that holds on.
    pub holds: bool,
    /// The caller's slot (pool place, descriptor, outstanding count) is still taken.
    pub slot: bool,
    /// Counted among the calls of its caller's link end.
    pub counted: bool,
    /// It needs a new connection, which the callee has not counted yet.
    pub fresh: bool,
    /// The connection it came over outlives it.
    pub kept: bool,
    /// The connection it came over has a worker of its own.
    pub pinned: bool,
    /// Held, and the caller has not heard of it yet.
    pub owes_reply: bool,
    /// A session's reconnecting call: nothing of the journey follows it.
    pub single: bool,
    /// Somebody wants to know what becomes of its request, step by step.
    pub followed: bool,
    pub occupancy: Occupancy,
    /// The session it belongs to (an open source: the request), counted per source.
    pub user: u32,
    /// Priority of the source when it entered a backlog.
    pub class: u8,
    /// Locks and fills it holds.
    pub claims: u8,
    /// A `Cache` had what it (or its last call) asked for.
    pub hit: bool,
    pub loops: [u32; 4],
    /// Loop rounds so far: part of every draw's key.
    pub round: u32,
    pub pc: Pc,
    /// For an attempt: where its caller's program called.
    pub call_pc: Pc,
    /// Operation it runs; none for a client.
    pub operation: Option<OperationId>,
    /// Instance it runs on or is bound for; none for a client, and before a target is chosen.
    pub instance: Option<InstanceId>,
    pub source: SourceId,
    pub parent: ExecRef,
    /// The parent's ticket when it started this; it listens while they are equal.
    pub parent_ticket: u32,
    pub ticket: u32,
    pub root: ExecRef,
    /// For an attempt: the call site, the number of the try, the caller's link end and its target's place there. For a
    /// session `target` is above 0 once a call of it has failed.
    pub site: Option<SiteId>,
    pub attempt: u32,
    pub client: Option<ClientId>,
    pub target: u32,
    /// The attempt that is awaited, or the first branch of the fork.
    pub child: ExecRef,
    /// The next branch of the same fork.
    pub sibling: ExecRef,
    /// For a fork: branches that still run, and successes still needed.
    pub pending: u32,
    pub need: u32,
    /// Links of the one queue it may stand in.
    pub next: u32,
    pub previous: u32,
    /// For a session: those who hold a connection for it.
    pub held: Queue,
    pub key: u64,
    /// Number of its request in its source.
    pub number: u64,
    /// An attempt or execution: when it began. A client between attempts: when its call began.
    pub started: Time,
    pub outcome: Outcome,
    pub activity: ActivityCode,
    /// When the activity began, or when it left for the callee or the caller.
    pub since: Time,
}

const _: () = assert!(size_of::<Exec>() == 192, "an execution fills three cache lines");

impl Exec {
    /// The operation, of one that is no client.
    #[inline(always)]
    pub(crate) fn operation(&self) -> OperationId {
        self.operation.expect("it is no client")
    }

    /// The instance, of one that has one.
    #[inline(always)]
    pub(crate) fn instance(&self) -> InstanceId {
        self.instance.expect("it has an instance")
    }

    /// The call site, of an attempt.
    #[inline(always)]
    pub(crate) fn site(&self) -> SiteId {
        self.site.expect("it is a call")
    }

    /// The caller's link end, of an attempt or a health check.
    #[inline(always)]
    pub(crate) fn client(&self) -> ClientId {
        self.client.expect("it was sent over a link")
    }

    /// Whether it is a call on its way to its callee, or about to leave for it.
    pub(crate) fn comes(&self) -> bool {
        self.role == Role::Attempt && matches!(self.state, State::Handshake | State::Transit | State::Retransmit)
    }
}

#[inline(always)]
pub(crate) fn blank(generation: u32, role: Role, source: SourceId, key: u64, now: Time) -> Exec {
    Exec {
        generation,
        role,
        state: State::Running,
        degraded: false,
        holds: false,
        slot: false,
        counted: false,
        fresh: false,
        kept: false,
        pinned: false,
        owes_reply: false,
        single: false,
        followed: false,
        occupancy: Occupancy::Outside,
        user: 0,
        class: 0,
        claims: 0,
        hit: false,
        loops: [0; 4],
        round: 0,
        pc: 0,
        call_pc: 0,
        operation: None,
        instance: None,
        source,
        parent: ExecRef::NOBODY,
        parent_ticket: 0,
        ticket: 0,
        root: ExecRef::NOBODY,
        site: None,
        attempt: 0,
        client: None,
        target: 0,
        child: ExecRef::NOBODY,
        sibling: ExecRef::NOBODY,
        pending: 0,
        need: 0,
        next: NOWHERE,
        previous: NOWHERE,
        held: Queue::EMPTY,
        key,
        number: 0,
        started: now,
        outcome: Outcome::Succeeded { degraded: false },
        activity: ActivityCode::NOTHING,
        since: now,
    }
}

/// A FIFO of executions, linked through them: leaving from the middle is O(1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Queue {
    pub(crate) head: u32,
    pub(crate) tail: u32,
    pub(crate) len: u32,
}

impl Queue {
    pub(crate) const EMPTY: Self = Self { head: NOWHERE, tail: NOWHERE, len: 0 };

    pub(crate) fn first(&self) -> Option<u32> {
        (self.head != NOWHERE).then_some(self.head)
    }

    pub(crate) fn last(&self) -> Option<u32> {
        (self.tail != NOWHERE).then_some(self.tail)
    }

    #[inline]
    pub(crate) fn push(&mut self, slab: &mut Slab, index: u32) {
        slab[index].previous = self.tail;
        slab[index].next = NOWHERE;
        if self.tail == NOWHERE {
            self.head = index;
        } else {
            slab[self.tail].next = index;
        }
        self.tail = index;
        self.len += 1;
    }

    #[inline]
    pub(crate) fn pop(&mut self, slab: &mut Slab) -> Option<u32> {
        let index = self.head;
        if index == NOWHERE {
            return None;
        }
        self.remove(slab, index);
        Some(index)
    }

    #[inline]
    pub(crate) fn remove(&mut self, slab: &mut Slab, index: u32) {
        let (previous, next) = (slab[index].previous, slab[index].next);
        if previous == NOWHERE {
            self.head = next
        } else {
            slab[previous].next = next
        }
        if next == NOWHERE {
            self.tail = previous
        } else {
            slab[next].previous = previous
        }
        slab[index].previous = NOWHERE;
        slab[index].next = NOWHERE;
        self.len -= 1;
    }
}
