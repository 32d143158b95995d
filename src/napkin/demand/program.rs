//! The mean of one run of a program.

use crate::model::{LinkId, LockId, OperationId};

/// Calls of one place in a program, per run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asked {
    /// What is called.
    pub operation: OperationId,
    /// Over which link.
    pub link: LinkId,
    /// Mean number.
    pub visits: f64,
    /// Mean seconds from the program's beginning to the call.
    pub at: f64,
    /// Seconds from the call to its reply, both ways included.
    pub lasting: f64,
    /// Of these, seconds for which a connection is open at the callee: all, where it is kept; where it is opened for
    /// the call, from its arrival until the reply is sent.
    pub connected: f64,
    /// CPU seconds of opening a connection for it, at the caller and at the callee.
    pub handshake: (f64, f64),
    /// The caller works before it.
    pub worked: bool,
}

/// Means of one run of an operation or journey.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// Seconds of a reference core, in its own thread.
    pub cpu: f64,
    /// Of it, what replicas do to apply what it writes.
    pub applied: f64,
    /// Seconds of a reference core, in child processes.
    pub spawned: f64,
    /// Bytes sent.
    pub bytes: f64,
    /// Bytes of its reply that come from the service behind: what a balancer passes on.
    pub relayed: f64,
    /// Bytes it receives, and those its caller must send for it and for what it relays to.
    pub received: f64,
    pub body: f64,
    /// Disk operations.
    pub disk: f64,
    /// Seconds to its end or reply, with no waiting.
    pub lasting: f64,
    /// Some of its delays are drawn anew each time.
    pub varies: bool,
    /// Connections held to the end of the session.
    pub held_sessions: f64,
    /// Seconds a connection is held by `HoldFor`.
    pub held_seconds: f64,
    /// It has replied: nothing of it comes after.
    pub replied: bool,
    /// It works for itself.
    pub worked: bool,
    /// Share of the runs that do not succeed, because a door on the way holds them back.
    pub failed: f64,
    /// Share of the runs that do not even end: they wait there.
    pub stuck: f64,
    /// Share of the runs that fail by themselves (`Fail`), none of which are among those.
    pub errs: f64,
    /// What it calls.
    pub calls: Vec<Asked>,
    /// How often it looks into which store.
    pub(super) looks: Vec<(usize, f64)>,
    /// Seconds it holds which lock that has no keys, with no waiting.
    pub(super) locked: Vec<(LockId, f64)>,
}

impl Program {
    pub(super) fn lasts(seconds: f64) -> Self {
        Self { lasting: seconds, ..Self::default() }
    }

    /// Adds another's demands, its calls so much later.
    pub(super) fn add(&mut self, other: Self, later: f64) {
        self.cpu += other.cpu;
        self.applied += other.applied;
        self.spawned += other.spawned;
        self.bytes += other.bytes;
        self.received += other.received;
        self.body += other.body;
        self.disk += other.disk;
        self.varies |= other.varies;
        self.held_sessions += other.held_sessions;
        self.held_seconds += other.held_seconds;
        self.looks.extend(other.looks);
        self.locked.extend(other.locked);
        self.calls.extend(other.calls.into_iter().map(|asked| Asked { at: asked.at + later, ..asked }));
    }

    /// One after the other: of what fails, nothing comes after.
    pub(super) fn then(&mut self, next: Self) {
        let (later, lasting, replied, goes_on) = (self.lasting, next.lasting, next.replied, self.goes_on());
        let (worked, failed, stuck, errs) = (next.worked, next.failed, next.stuck, next.errs);
        let mut next = if goes_on < 1.0 { next.weighted(goes_on) } else { next };
        next.calls.iter_mut().for_each(|asked| asked.worked |= self.worked);
        self.add(next, later);
        self.lasting += lasting;
        self.replied |= replied;
        self.worked |= worked;
        self.stuck += goes_on * stuck;
        self.failed += goes_on * failed;
        self.errs += goes_on * errs;
    }

    /// Share of the runs after which something may come.
    pub(super) fn goes_on(&self) -> f64 {
        (1.0 - self.failed - self.errs).max(0.0)
    }

    /// One round after the other, so many in the mean: none comes after one that fails by itself.
    pub(super) fn rounds(self, count: f64) -> Self {
        // Of those that go round, those that fail so in one of the rounds.
        let each = if self.errs > 0.0 { count.min(1.0 / self.errs) } else { 0.0 };
        let errs = self.errs * each;
        Self { errs, ..self.times(count) }
    }

    /// So many times, or with this probability.
    pub(super) fn times(self, factor: f64) -> Self {
        let lasting = self.lasting * factor;
        Self { lasting, ..self.weighted(factor) }
    }

    /// Its demands multiplied; how long it lasts and what becomes of it stay.
    pub(super) fn weighted(mut self, factor: f64) -> Self {
        self.cpu *= factor;
        self.applied *= factor;
        self.spawned *= factor;
        self.bytes *= factor;
        self.received *= factor;
        self.body *= factor;
        self.disk *= factor;
        self.held_sessions *= factor;
        self.held_seconds *= factor;
        for asked in &mut self.calls {
            asked.visits *= factor;
        }
        for (_, visits) in &mut self.looks {
            *visits *= factor;
        }
        for (_, seconds) in &mut self.locked {
            *seconds *= factor;
        }
        self
    }
}
