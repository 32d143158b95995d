//! What a metric of a condition or a controller reads: engine state, never what measuring collected.

use crate::engine::observation::Observer;
use crate::engine::state::ids::{MachineId, ResourceId};
use crate::engine::state::meter::Integrals;
use crate::engine::state::resource_kind::ResourceKind;
use crate::engine::state::system::{Availability, Instance, Source};
use crate::engine::state::world::Context;
use crate::model::{Asked, Watched};
use crate::scenario::metric::{Metric, Resource};

impl<O: Observer> Context<'_, O> {
    /// Two integrals whose differences over a window divide to the metric's mean: of a share, what was in use and what
    /// there was; of a number, that number and the time (for a mean per instance, the time of each). Both are over the
    /// instances and machines that had to do with it at each moment, so a change of membership makes no jump.
    pub(crate) fn reading(&self, watched: Watched) -> (f64, f64) {
        let seconds = self.world.now.0 as f64 * 1e-9;
        let of = watched.of;
        let source = |count: fn(&Source) -> u64| match of {
            Asked::Source(source) => count(&self.world.sources[source]) as f64,
            Asked::Service(_) | Asked::OfService(..) | Asked::OfGroup(..) => 0.0,
        };
        match watched.metric {
            Metric::Utilization => {
                let (all, machines) = self.integrals(of);
                (unit_seconds(all.busy), unit_seconds(if machines { all.hosting } else { all.capacity }))
            }
            Metric::Waiting | Metric::Queue => (unit_seconds(self.integrals(of).0.waiting), seconds),
            Metric::Backlog => (unit_seconds(self.integrals(of).0.waiting), self.process_seconds(of)),
            Metric::Connections => (unit_seconds(self.integrals(of).0.busy), self.process_seconds(of)),
            // The number at the look itself, not a mean.
            Metric::Up => (self.serving(of), 0.0),
            Metric::Failed => (source(|state| state.failed), source(|state| state.ended)),
            Metric::Rate => (source(|state| state.requests), seconds),
            Metric::Goodput => (source(|state| state.ended - state.failed), seconds),
            Metric::MessagesGivenUp => self.messages(of),
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
            | Metric::MessagePercentile(_)
            | Metric::Total
            | Metric::PerThousand => (0.0, 0.0),
        }
    }

    /// What a metric is a share of (or per whom it is), as it is now; none for what is for all together.
    pub(crate) fn capacity_of(&self, watched: Watched) -> Option<f64> {
        let capacity = |meter: ResourceId| self.world.resources[meter].meter.capacity;
        match (watched.metric, watched.of) {
            (Metric::Utilization, Asked::OfService(service, Resource::Cpu | Resource::Disk)) => {
                let kind = kind_of(watched.of)?;
                let here = self.world.hosting[service].machines();
                Some(here.filter_map(|machine| self.machine_meter(machine, kind)).map(capacity).sum::<u64>() as f64)
            }
            (Metric::Utilization, of) => Some(self.meters_of(of).into_iter().map(capacity).sum::<u64>() as f64),
            (Metric::Backlog | Metric::Connections, Asked::OfService(service, _)) => {
                Some(f64::from(self.world.hosting[service].processes()))
            }
            _ => None,
        }
    }

    /// Seconds that processes of a service were up, of all together.
    fn process_seconds(&self, of: Asked) -> f64 {
        match of {
            Asked::OfService(service, _) | Asked::Service(service) => {
                self.world.hosting[service].process_seconds(self.world.now)
            }
            Asked::Source(_) | Asked::OfGroup(..) => 0.0,
        }
    }

    /// Messages of a broker that were given up or lost, and all that are over.
    fn messages(&self, of: Asked) -> (f64, f64) {
        match of {
            Asked::Service(service) => {
                let [given_up, over] = self.world.hosting[service].messages;
                (given_up as f64, over as f64)
            }
            Asked::Source(_) | Asked::OfService(..) | Asked::OfGroup(..) => (0.0, 0.0),
        }
    }

    /// Instances of a service that serve.
    fn serving(&self, of: Asked) -> f64 {
        let serves = |state: &&Instance| of == Asked::Service(state.service) && state.availability == Availability::Up;
        self.world.instances.iter().filter(serves).count() as f64
    }

    /// Everything a resource did up to now, and whether that is of the machines that host a service: what these have
    /// counts while they do.
    fn integrals(&self, of: Asked) -> (Integrals, bool) {
        match (of, kind_of(of)) {
            (Asked::OfService(service, Resource::Cpu | Resource::Disk), Some(kind)) => {
                (self.world.hosted(service, kind), true)
            }
            _ => {
                let meter = |meter: ResourceId| self.world.resources[meter].meter.integrals(self.world.now);
                (self.meters_of(of).into_iter().map(meter).fold(Integrals::default(), Integrals::plus), false)
            }
        }
    }

    /// The meters of what instances have, or the machines of a group. Those that are gone count too: their integrals
    /// stand still.
    fn meters_of(&self, of: Asked) -> Vec<ResourceId> {
        match of {
            Asked::Source(_) | Asked::Service(_) => Vec::new(),
            Asked::OfService(service, resource) => {
                let states = self.world.instances.iter().filter(|state| state.service == service);
                states.flat_map(|state| self.meters_at(state, resource)).collect()
            }
            Asked::OfGroup(group, _) => {
                let machines = self.world.machines.ids().filter(|&id| self.world.machines[id].group == group);
                let kind = kind_of(of);
                machines.filter_map(|machine| self.machine_meter(machine, kind?)).collect()
            }
        }
    }

    /// What an instance has of a resource.
    fn meters_at(&self, state: &Instance, resource: Resource) -> Vec<ResourceId> {
        let one = match resource {
            Resource::Workers => state.workers_meter,
            Resource::Memory => state.memory_meter,
            Resource::Connections => state.connections_meter,
            Resource::Quota => state.quota_meter,
            Resource::Queue => {
                let clients = state.clients.iter().map(|&client| &self.world.clients[client]);
                return clients.filter(|end| end.messages.is_some()).filter_map(|end| end.meter).collect();
            }
            // Of the machines that host it.
            Resource::Cpu | Resource::Disk => None,
        };
        one.into_iter().collect()
    }

    fn machine_meter(&self, machine: MachineId, kind: ResourceKind) -> Option<ResourceId> {
        let home = &self.world.machines[machine];
        if kind == ResourceKind::Cpu {
            Some(home.cpu_meter)
        } else {
            home.device(kind).and_then(|place| home.devices[place].meter)
        }
    }
}

/// The kind of a machine's resource that is asked for.
fn kind_of(of: Asked) -> Option<ResourceKind> {
    match of {
        Asked::OfService(_, Resource::Cpu) | Asked::OfGroup(_, Resource::Cpu) => Some(ResourceKind::Cpu),
        Asked::OfService(_, Resource::Disk) | Asked::OfGroup(_, Resource::Disk) => Some(ResourceKind::Disk),
        Asked::Source(_) | Asked::Service(_) | Asked::OfService(..) | Asked::OfGroup(..) => None,
    }
}

fn unit_seconds(integral: u128) -> f64 {
    integral as f64 * 1e-9
}
