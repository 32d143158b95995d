//! What a metric of a condition or a controller reads: engine state, never what measuring collected.

use crate::engine::observation::Observer;
use crate::engine::state::request::NONE;
use crate::engine::state::system::Availability;
use crate::engine::state::world::Context;
use crate::engine::view::ResourceKind;
use crate::model::{GroupId, Metric, ServiceId};

impl<O: Observer> Context<'_, O> {
    /// What turns the quotient of a metric's integrals into its value: means of a number are per instance.
    pub(crate) fn scale(&self, metric: Metric) -> f64 {
        match metric {
            Metric::Backlog(service) | Metric::Connections(service) => {
                1.0 / (self.world.services[service.index()].list.len() as f64).max(1.0)
            }
            Metric::Workers(_)
            | Metric::ServiceCpu(_)
            | Metric::GroupCpu(_)
            | Metric::Queue(_)
            | Metric::ServiceDisk(_)
            | Metric::GroupDisk(_)
            | Metric::Memory(_)
            | Metric::Up(_)
            | Metric::Failed(_)
            | Metric::Offered(_) => 1.0,
        }
    }

    /// Two integrals whose differences over a window divide to the metric's mean. Members that are gone count too:
    /// their integrals stand still, so that a change of membership makes no jump.
    pub(crate) fn reading(&self, metric: Metric) -> (f64, f64) {
        let seconds = self.world.now.0 as f64 * 1e-9;
        let meters = || self.meters_of(metric);
        match metric {
            Metric::Workers(_)
            | Metric::Memory(_)
            | Metric::ServiceCpu(_)
            | Metric::GroupCpu(_)
            | Metric::ServiceDisk(_)
            | Metric::GroupDisk(_) => (self.total(&meters(), 0), self.total(&meters(), 2)),
            Metric::Backlog(_) | Metric::Queue(_) => (self.total(&meters(), 1), seconds),
            Metric::Connections(_) => (self.total(&meters(), 0), seconds),
            Metric::Up(service) => {
                // The number at the look itself, not a mean.
                let up = self
                    .world
                    .instances
                    .iter()
                    .filter(|state| state.service == service.0 && state.availability == Availability::Up);
                (up.count() as f64, 0.0)
            }
            Metric::Failed(source) => {
                let state = &self.world.sources[source.index()];
                (state.failed as f64, state.ended as f64)
            }
            Metric::Offered(source) => (self.world.sources[source.index()].requests as f64, seconds),
        }
    }

    /// The capacity that a metric is a share of, as it is now; none for what is no share.
    pub(crate) fn capacity_of(&self, metric: Metric) -> Option<f64> {
        match metric {
            Metric::Workers(_)
            | Metric::Memory(_)
            | Metric::ServiceCpu(_)
            | Metric::GroupCpu(_)
            | Metric::ServiceDisk(_)
            | Metric::GroupDisk(_) => {
                let meters = self.meters_of(metric);
                let capacity = |&meter: &u32| self.world.resources[meter as usize].meter.capacity;
                Some(meters.iter().map(capacity).sum::<u64>() as f64)
            }
            Metric::Backlog(_)
            | Metric::Queue(_)
            | Metric::Connections(_)
            | Metric::Up(_)
            | Metric::Failed(_)
            | Metric::Offered(_) => None,
        }
    }

    /// The meters that a metric is read from.
    fn meters_of(&self, metric: Metric) -> Vec<u32> {
        let of = |service: ServiceId| self.world.instances.iter().filter(move |state| state.service == service.0);
        let mut meters: Vec<u32> = match metric {
            Metric::Workers(service) | Metric::Backlog(service) => {
                of(service).map(|state| state.workers_meter).collect()
            }
            Metric::Memory(service) => of(service).map(|state| state.memory_meter).collect(),
            Metric::Connections(service) => of(service).map(|state| state.connections_meter).collect(),
            Metric::Queue(service) => {
                let clients =
                    of(service).flat_map(|state| &state.clients).map(|&client| &self.world.clients[client as usize]);
                clients.filter(|end| end.messages.is_some()).map(|end| end.meter).collect()
            }
            Metric::ServiceCpu(service) => self.machine_meters(&self.homes(service), ResourceKind::Cpu),
            Metric::GroupCpu(group) => self.machine_meters(&self.all_of(group), ResourceKind::Cpu),
            Metric::ServiceDisk(service) => self.machine_meters(&self.homes(service), ResourceKind::Disk),
            Metric::GroupDisk(group) => self.machine_meters(&self.all_of(group), ResourceKind::Disk),
            Metric::Up(_) | Metric::Failed(_) | Metric::Offered(_) => Vec::new(),
        };
        meters.retain(|&meter| meter != NONE);
        meters
    }

    /// The machines that a service has or had an instance on.
    fn homes(&self, service: ServiceId) -> Vec<u32> {
        let of = self.world.instances.iter().filter(|state| state.service == service.0);
        let mut machines: Vec<u32> = of.map(|state| state.machine).filter(|&machine| machine != NONE).collect();
        machines.sort_unstable();
        machines.dedup();
        machines
    }

    fn all_of(&self, group: GroupId) -> Vec<u32> {
        (0..self.world.machines.len() as u32)
            .filter(|&machine| self.world.machines[machine as usize].group == group.0)
            .collect()
    }

    fn machine_meters(&self, machines: &[u32], kind: ResourceKind) -> Vec<u32> {
        let homes = machines.iter().map(|&machine| &self.world.machines[machine as usize]);
        homes
            .map(|home| {
                if kind == ResourceKind::Cpu {
                    home.cpu_meter
                } else {
                    home.device(kind).map_or(NONE, |place| home.devices[place].meter)
                }
            })
            .collect()
    }

    /// Sum of one integral over meters, in unit-seconds.
    fn total(&self, meters: &[u32], which: usize) -> f64 {
        let sum: u128 = meters
            .iter()
            .map(|&meter| self.world.resources[meter as usize].meter.integrals(self.world.now)[which])
            .sum();
        sum as f64 * 1e-9
    }
}
