//! What the engine counts for itself, as it stood at one moment: the difference of two is a window.

use crate::engine::{Reads, ResourceKind, Simulation, StoreView};
use crate::model::{GroupId, OperationId, ServiceId};
use std::collections::BTreeMap;

/// Unit-seconds in use, of waiting and of capacity.
type Sums = [f64; 3];

/// What a service has of the machines that host it.
const HOSTED: [ResourceKind; 2] = [ResourceKind::Cpu, ResourceKind::Disk];

/// At one moment, since the run began.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    pub stores: Vec<StoreView>,
    /// Reads of replicas, by operation.
    pub reads: Vec<Reads>,
    /// By service: what it had of its hosts.
    services: Vec<[Sums; HOSTED.len()]>,
    /// What the machines of each group had, of each kind.
    groups: BTreeMap<(GroupId, ResourceKind), Sums>,
}

impl Kept {
    pub fn of(sim: &Simulation) -> Kept {
        let operations = (0..sim.model().operations.len()).map(OperationId::new);
        let service = |id| {
            let hosted = |kind| {
                let all = sim.hosted(id, kind);
                [all.busy_seconds, all.waiting_seconds, all.capacity_seconds]
            };
            HOSTED.map(hosted)
        };
        let mut groups: BTreeMap<(GroupId, ResourceKind), Sums> = BTreeMap::new();
        for view in sim.resources().filter(|view| view.instance.is_none()) {
            let Some(group) = view.group else { continue };
            let sums = groups.entry((group, view.kind)).or_default();
            let more = [view.busy_seconds, view.waiting_seconds, view.capacity_seconds];
            sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
        Kept {
            stores: sim.stores().collect(),
            reads: operations.map(|id| sim.reads(id)).collect(),
            services: sim.model().services.ids().map(service).collect(),
            groups,
        }
    }

    /// What a service had of its hosts since an earlier moment; none for what is no machine's.
    pub fn of_service(&self, before: &Kept, service: ServiceId, kind: ResourceKind) -> Option<Sums> {
        let which = HOSTED.iter().position(|known| *known == kind)?;
        let of = |kept: &Kept| kept.services.get(service.index()).map(|row| row[which]).unwrap_or_default();
        Some(since(of(self), of(before)))
    }

    /// What the machines of a group had since an earlier moment; none for what is no machine's.
    pub fn of_group(&self, before: &Kept, group: GroupId, kind: ResourceKind) -> Option<Sums> {
        let now = self.groups.get(&(group, kind))?;
        Some(since(*now, before.groups.get(&(group, kind)).copied().unwrap_or_default()))
    }
}

fn since(now: Sums, before: Sums) -> Sums {
    std::array::from_fn(|at| now[at] - before[at])
}
