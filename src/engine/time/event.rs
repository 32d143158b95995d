//! What will happen.

use crate::engine::state::ids::{ClientId, ExecRef, InstanceId, MachineId, ResizeId, StoreId, VisitorId};
use crate::model::{RuleId, SourceId};

/// A moment to come. Those about an execution are void once its slot has been given to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The next arrival of a source, or the next change of a closed population.
    Arrival {
        source: SourceId,
    },
    /// The CPU of a machine finishes the task it is nearest to finishing.
    CpuDone {
        machine: MachineId,
    },
    /// A disk or network of a machine finishes what it is nearest to finishing.
    DeviceDone {
        machine: MachineId,
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
        client: ClientId,
        instance: InstanceId,
    },
    /// A call has waited its link's pool timeout for a connection.
    PoolTimeout(ExecRef),
    /// Kept connections of a link end may have been idle too long.
    IdleClose {
        client: ClientId,
    },
    /// A user's connection may have rested too long.
    KeepAlive {
        visitor: VisitorId,
        generation: u32,
    },
    /// A health check of one target is due.
    HealthCheck {
        client: ClientId,
        instance: InstanceId,
    },
    /// A burstable machine has spent its credits.
    CreditsGone {
        machine: MachineId,
    },
    /// A dead process starts again.
    InstanceStart {
        instance: InstanceId,
        epoch: u32,
    },
    /// A process is stopped to be started again.
    InstanceStop {
        instance: InstanceId,
        epoch: u32,
    },
    /// A machine has booted.
    MachineStart {
        machine: MachineId,
    },
    /// A slow-down of an instance or machine ends.
    SlowEnd {
        machine: MachineId,
        /// None: of the machine.
        instance: Option<InstanceId>,
    },
    /// An entry of a store has to be written elsewhere.
    StoreDue {
        store: StoreId,
    },
    /// The delay of a rule after its condition is over. (A rule by the clock is a command.)
    RuleDue {
        rule: RuleId,
        epoch: u32,
    },
    /// A runbook condition is looked at.
    RuleCheck {
        rule: RuleId,
        epoch: u32,
    },
    /// The rate of a source turns to its next factor.
    Modulation {
        source: SourceId,
        epoch: u32,
    },
    /// Somebody who was invited comes.
    Invitation {
        source: SourceId,
        place: u32,
    },
    /// A deploy waits no longer for an instance to finish what it has.
    DrainEnd {
        instance: InstanceId,
        epoch: u32,
    },
    /// A partition is over.
    PartitionEnd,
    /// A resize takes the group's services down / brings them back with the new size.
    ResizeOutage {
        resize: ResizeId,
    },
    ResizeDone {
        resize: ResizeId,
    },
}

macro_rules! kinds { ($($name:ident)*) => {
    /// What sort of event it is, by its position in this list: its number in the digest.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub(crate) enum EventKind { $($name),* }

    impl Event {
        #[inline]
        pub(crate) const fn kind(self) -> EventKind {
            match self { $(Self::$name { .. } => EventKind::$name),* }
        }
    }

    #[cfg(test)]
    const KINDS: &[EventKind] = &[$(EventKind::$name),*];
} }
// In the order of `Event`, so that the one is the other's tag.
kinds! {
    Arrival CpuDone DeviceDone Wake Deliver Deadline Timeout Hedge Reinstate PoolTimeout IdleClose KeepAlive HealthCheck
    CreditsGone InstanceStart InstanceStop MachineStart SlowEnd StoreDue RuleDue RuleCheck Modulation Invitation
    DrainEnd PartitionEnd ResizeOutage ResizeDone
}

impl Event {
    /// Two words that identify the event, for the digest.
    #[inline]
    pub(crate) const fn words(self) -> (u64, u64) {
        const fn pair(a: u32, b: u32) -> u64 {
            (a as u64) << 32 | b as u64
        }
        let subject = match self {
            Self::Wake(exec)
            | Self::Deliver(exec)
            | Self::Deadline(exec)
            | Self::Timeout(exec)
            | Self::Hedge(exec)
            | Self::PoolTimeout(exec) => pair(exec.index, exec.generation),
            Self::Arrival { source } => source.number() as u64,
            Self::CpuDone { machine } | Self::CreditsGone { machine } | Self::MachineStart { machine } => {
                machine.number() as u64
            }
            Self::DeviceDone { machine, device } => pair(device, machine.number()),
            Self::IdleClose { client } => client.number() as u64,
            Self::HealthCheck { client, instance } | Self::Reinstate { client, instance } => {
                pair(client.number(), instance.number())
            }
            Self::KeepAlive { visitor, generation } => pair(visitor.number(), generation),
            Self::InstanceStart { instance, epoch }
            | Self::InstanceStop { instance, epoch }
            | Self::DrainEnd { instance, epoch } => pair(instance.number(), epoch),
            Self::SlowEnd { machine, instance: None } => pair(machine.number(), u32::MAX),
            Self::SlowEnd { machine, instance: Some(instance) } => pair(machine.number(), instance.number()),
            Self::StoreDue { store } => store.number() as u64,
            Self::RuleDue { rule, epoch } | Self::RuleCheck { rule, epoch } => pair(rule.number(), epoch),
            Self::Modulation { source, epoch } => pair(source.number(), epoch),
            Self::Invitation { source, place } => pair(source.number(), place),
            Self::PartitionEnd => 0,
            Self::ResizeOutage { resize } | Self::ResizeDone { resize } => resize.number() as u64,
        };
        (self.kind() as u64, subject)
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
            | Self::Modulation { .. }
            | Self::Invitation { .. }
            | Self::ResizeOutage { .. }
            | Self::ResizeDone { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_of_event_has_a_number_of_its_own() {
        let numbers: BTreeSet<u64> = KINDS.iter().map(|kind| *kind as u64).collect();
        assert_eq!(numbers.len(), KINDS.len());
        let (due, gone) =
            (Event::StoreDue { store: StoreId::new(3) }, Event::CreditsGone { machine: MachineId::new(3) });
        assert_ne!(due.words(), gone.words(), "the same subject, two kinds");
    }
}
