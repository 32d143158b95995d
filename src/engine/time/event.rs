//! What will happen.

use crate::engine::state::request::ExecRef;

/// A moment to come. Those about an execution are void once its slot has been given to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The next arrival of a source, or the next change of a closed population.
    Arrival {
        source: u32,
    },
    /// The CPU of a machine finishes the task it is nearest to finishing.
    CpuDone {
        machine: u32,
    },
    /// A disk or network of a machine finishes what it is nearest to finishing.
    DeviceDone {
        machine: u32,
        device: u32,
    },
    /// An execution's own delay, transit, backoff or hold is over; its state says which.
    Wake(ExecRef),
    /// A reply reaches the caller, or its system gives up on a machine that answers nothing.
    Deliver(ExecRef),
    /// An operation has lasted as long as its service allows.
    Deadline(ExecRef),
    /// A call has lasted its link's timeout (or a user's patience).
    Timeout(ExecRef),
    /// An attempt is unanswered so long that it gets another beside it.
    Hedge(ExecRef),
    /// An ejected target may be called again.
    Reinstate {
        client: u32,
        instance: u32,
    },
    /// A call has waited its link's pool timeout for a connection.
    PoolTimeout(ExecRef),
    /// Kept connections of a link end may have been idle too long.
    IdleClose {
        client: u32,
    },
    /// A user's connection may have rested too long.
    KeepAlive {
        visitor: u32,
        generation: u32,
    },
    /// A health check of one target is due.
    HealthCheck {
        client: u32,
        instance: u32,
    },
    /// A burstable machine has spent its credits.
    CreditsGone {
        machine: u32,
    },
    /// A dead process starts again.
    InstanceStart {
        instance: u32,
        epoch: u32,
    },
    /// A process is stopped to be started again.
    InstanceStop {
        instance: u32,
        epoch: u32,
    },
    /// A machine has booted.
    MachineStart {
        machine: u32,
    },
    /// A slow-down of an instance or machine ends.
    SlowEnd {
        machine: u32,
        instance: u32,
    },
    /// An entry of a store has to be written elsewhere.
    StoreDue {
        store: u32,
    },
    /// A runbook rule's time has come, or its delay after its condition is over.
    RuleDue {
        rule: u32,
    },
    /// A runbook condition is looked at.
    RuleCheck {
        rule: u32,
    },
    /// The rate of a source turns to its next factor.
    Context {
        source: u32,
        context: u32,
    },
    /// Somebody who was invited comes.
    Invitation {
        source: u32,
        place: u32,
    },
    /// A deploy waits no longer for an instance to finish what it has.
    DrainEnd {
        instance: u32,
        epoch: u32,
    },
    /// A partition is over.
    PartitionEnd,
    /// A resize takes the group's services down / brings them back with the new size.
    ResizeOutage {
        rule: u32,
    },
    ResizeDone {
        rule: u32,
    },
}

impl Event {
    /// Two words that identify the event, for the digest.
    #[inline]
    pub(crate) const fn words(self) -> (u64, u64) {
        const fn pair(a: u32, b: u32) -> u64 {
            (a as u64) << 32 | b as u64
        }
        match self {
            Self::Arrival { source } => (1, source as u64),
            Self::CpuDone { machine } => (2, machine as u64),
            Self::DeviceDone { machine, device } => (3, pair(device, machine)),
            Self::Wake(exec) => (4, pair(exec.index, exec.generation)),
            Self::Timeout(exec) => (5, pair(exec.index, exec.generation)),
            Self::PoolTimeout(exec) => (6, pair(exec.index, exec.generation)),
            Self::IdleClose { client } => (7, client as u64),
            Self::HealthCheck { client, instance } => (8, pair(client, instance)),
            Self::InstanceStart { instance, epoch } => (9, pair(instance, epoch)),
            Self::MachineStart { machine } => (10, machine as u64),
            Self::SlowEnd { machine, instance } => (11, pair(machine, instance)),
            Self::StoreDue { store } => (40, store as u64),
            Self::RuleDue { rule } => (12, rule as u64),
            Self::RuleCheck { rule } => (13, rule as u64),
            Self::ResizeOutage { rule } => (14, rule as u64),
            Self::ResizeDone { rule } => (15, rule as u64),
            Self::InstanceStop { instance, epoch } => (16, pair(instance, epoch)),
            Self::CreditsGone { machine } => (40, machine as u64),
            Self::DrainEnd { instance, epoch } => (47, pair(instance, epoch)),
            Self::PartitionEnd => (44, 0),
            Self::Context { source, context } => (46, pair(source, context)),
            Self::Invitation { source, place } => (41, pair(source, place)),
            Self::Deliver(exec) => (17, pair(exec.index, exec.generation)),
            Self::KeepAlive { visitor, generation } => (19, pair(visitor, generation)),
            Self::Deadline(exec) => (18, pair(exec.index, exec.generation)),
            Self::Hedge(exec) => (42, pair(exec.index, exec.generation)),
            Self::Reinstate { client, instance } => (43, pair(client, instance)),
        }
    }

    /// The execution it is about, if it is void without it.
    #[inline]
    pub(crate) const fn execution(self) -> Option<ExecRef> {
        match self {
            Self::Wake(exec)
            | Self::Deliver(exec)
            | Self::Deadline(exec)
            | Self::Timeout(exec)
            | Self::Hedge(exec)
            | Self::PoolTimeout(exec) => Some(exec),
            Self::Arrival { .. }
            | Self::CpuDone { .. }
            | Self::DeviceDone { .. }
            | Self::CreditsGone { .. }
            | Self::IdleClose { .. }
            | Self::KeepAlive { .. }
            | Self::HealthCheck { .. }
            | Self::Reinstate { .. }
            | Self::InstanceStart { .. }
            | Self::InstanceStop { .. }
            | Self::MachineStart { .. }
            | Self::SlowEnd { .. }
            | Self::StoreDue { .. }
            | Self::RuleDue { .. }
            | Self::RuleCheck { .. }
            | Self::DrainEnd { .. }
            | Self::PartitionEnd
            | Self::Context { .. }
            | Self::Invitation { .. }
            | Self::ResizeOutage { .. }
            | Self::ResizeDone { .. } => None,
        }
    }
}
