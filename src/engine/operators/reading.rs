//! What a metric of a condition or a controller reads: engine state, never what measuring collected.

use crate::engine::observation::Observer;
use crate::engine::state::ids::{MachineId, ResourceId};
use crate::engine::state::resource_kind::ResourceKind;
use crate::engine::state::system::{Availability, Instance, Source};
use crate::engine::state::world::Context;
use crate::model::{Asked, GroupId, ServiceId, Watched};
use crate::scenario::metric::{Metric, Resource};

impl<O: Observer> Context<'_, O> {
    /// What turns the quotient of a metric's integrals into its value: means of a number are per instance.
    pub(crate) fn scale(&self, watched: Watched) -> f64 {
        match watched.of {
            Asked::OfService(service, _) if matches!(watched.metric, Metric::Backlog | Metric::Connections) => {
                1.0 / (self.world.services[service].list.len() as f64).max(1.0)
            }
            Asked::Source(_) | Asked::Service(_) | Asked::OfService(..) | Asked::OfGroup(..) => 1.0,
        }
    }

    /// Two integrals whose differences over a window divide to the metric's mean. Members that are gone count too:
    /// their integrals stand still, so that a change of membership makes no jump.
    pub(crate) fn reading(&self, watched: Watched) -> (f64, f64) {
        let seconds = self.world.now.0 as f64 * 1e-9;
        let total = |which: usize| self.total(&self.meters_of(watched.of), which);
        let source = |count: fn(&Source) -> u64| match watched.of {
            Asked::Source(source) => count(&self.world.sources[source]) as f64,
            Asked::Service(_) | Asked::OfService(..) | Asked::OfGroup(..) => 0.0,
        };
        match watched.metric {
            Metric::Utilization => (total(0), total(2)),
            Metric::Waiting | Metric::Backlog | Metric::Queue => (total(1), seconds),
            Metric::Connections => (total(0), seconds),
            // The number at the look itself, not a mean.
            Metric::Up => (self.serving(watched.of), 0.0),
            Metric::Failed => (source(|state| state.failed), source(|state| state.ended)),
            Metric::Rate => (source(|state| state.requests), seconds),
            Metric::Goodput => (source(|state| state.ended - state.failed), seconds),
            // No condition asks them.
            Metric::Percentile(_)
            | Metric::Average
            | Metric::Median
            | Metric::Maximum
            | Metric::Degraded
            | Metric::Down
            | Metric::Recovered
            | Metric::Completed
            | Metric::GaveUp
            | Metric::SessionPercentile(_)
            | Metric::SessionAverage
            | Metric::SessionMedian
            | Metric::SessionMaximum
            | Metric::Total
            | Metric::PerThousand => (0.0, 0.0),
        }
    }

    /// The capacity that a metric is a share of, as it is now; none for what is no share.
    pub(crate) fn capacity_of(&self, watched: Watched) -> Option<f64> {
        let capacity = |&meter: &ResourceId| self.world.resources[meter].meter.capacity;
        (watched.metric == Metric::Utilization)
            .then(|| self.meters_of(watched.of).iter().map(capacity).sum::<u64>() as f64)
    }

    /// Instances of a service that serve.
    fn serving(&self, of: Asked) -> f64 {
        let serves = |state: &&Instance| of == Asked::Service(state.service) && state.availability == Availability::Up;
        self.world.instances.iter().filter(serves).count() as f64
    }

    /// The meters of a resource.
    fn meters_of(&self, of: Asked) -> Vec<ResourceId> {
        let meters = match of {
            Asked::Source(_) | Asked::Service(_) => Vec::new(),
            Asked::OfService(service, resource) => self.meters_of_service(service, resource),
            Asked::OfGroup(group, Resource::Cpu) => self.machine_meters(&self.all_of(group), ResourceKind::Cpu),
            Asked::OfGroup(group, Resource::Disk) => self.machine_meters(&self.all_of(group), ResourceKind::Disk),
            Asked::OfGroup(_, Resource::Workers | Resource::Memory | Resource::Queue | Resource::Connections) => {
                Vec::new()
            }
        };
        meters.into_iter().flatten().collect()
    }

    fn meters_of_service(&self, service: ServiceId, resource: Resource) -> Vec<Option<ResourceId>> {
        let of = || self.world.instances.iter().filter(move |state| state.service == service);
        match resource {
            Resource::Workers => of().map(|state| state.workers_meter).collect(),
            Resource::Memory => of().map(|state| state.memory_meter).collect(),
            Resource::Connections => of().map(|state| state.connections_meter).collect(),
            Resource::Queue => {
                let clients = of().flat_map(|state| &state.clients).map(|&client| &self.world.clients[client]);
                clients.filter(|end| end.messages.is_some()).map(|end| end.meter).collect()
            }
            Resource::Cpu => self.machine_meters(&self.homes(service), ResourceKind::Cpu),
            Resource::Disk => self.machine_meters(&self.homes(service), ResourceKind::Disk),
        }
    }

    /// The machines that a service has or had an instance on.
    fn homes(&self, service: ServiceId) -> Vec<MachineId> {
        let of = self.world.instances.iter().filter(|state| state.service == service);
        let mut machines: Vec<MachineId> = of.filter_map(|state| state.machine).collect();
        machines.sort_unstable();
        machines.dedup();
        machines
    }

    fn all_of(&self, group: GroupId) -> Vec<MachineId> {
        self.world.machines.ids().filter(|&machine| self.world.machines[machine].group == group).collect()
    }

    fn machine_meters(&self, machines: &[MachineId], kind: ResourceKind) -> Vec<Option<ResourceId>> {
        let homes = machines.iter().map(|&machine| &self.world.machines[machine]);
        homes
            .map(|home| {
                if kind == ResourceKind::Cpu {
                    Some(home.cpu_meter)
                } else {
                    home.device(kind).and_then(|place| home.devices[place].meter)
                }
            })
            .collect()
    }

    /// Sum of one integral over meters, in unit-seconds.
    fn total(&self, meters: &[ResourceId], which: usize) -> f64 {
        let integrals = |&meter: &ResourceId| self.world.resources[meter].meter.integrals(self.world.now)[which];
        meters.iter().map(integrals).sum::<u128>() as f64 * 1e-9
    }
}
