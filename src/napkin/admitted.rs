//! What of a crowd comes where, once the full doors in front hold the rest back.
//!
//! Each full resource lets through its capacity over what is asked of it; that takes load from those behind, which may
//! be full no longer. Repeated until nothing changes any more: a fixed point.

use super::demand::{Crowd, Demand, Loads, Throttle};
use super::resource::{Kind, Resource};
use crate::model::{Model, ServiceId};

/// Steps that go all the way; later ones go half of it, lest they overshoot for ever.
const WHOLE_STEPS: u32 = 12;
const MOST_STEPS: u32 = 100;
/// Steps that are taken in any case, and rows to look at after which no further one is.
const FEWEST_STEPS: u32 = 4;
const MOST_WORK: u64 = 20_000_000;
/// More than this is full: a share computed from a load gives that load back but for its last digits.
pub const FULL: f64 = 1.0 - 1e-6;

/// A crowd, and what comes of it where.
#[derive(Debug)]
pub struct Admitted {
    /// To look behind one door more.
    crowd: Crowd,
    throttle: Throttle,
    loads: Loads,
}

impl Admitted {
    /// What comes of a crowd.
    pub fn of(model: &Model, demand: &Demand, resources: &[Resource], crowd: Crowd) -> Self {
        let mut throttle = Throttle::open(model);
        let mut loads = demand.of(&crowd);
        let before = demand.spent();
        for step in 0..MOST_STEPS {
            if step >= FEWEST_STEPS && demand.spent() - before > MOST_WORK {
                break;
            }
            let next = full_doors(model, demand, resources, &loads);
            if next.is_close_to(&throttle) {
                break;
            }
            throttle = if step < WHOLE_STEPS { next } else { throttle.halfway(&next) };
            loads = demand.through(&crowd, &throttle);
        }
        Self { crowd, throttle, loads }
    }

    /// Offered load of a resource: what comes there over what it can take. One that is full holds back what would come
    /// there a second time, so that above 1 it is a lower bound. Cores are asked for no more than threads and quotas
    /// can run on at once.
    pub fn load(&self, model: &Model, demand: &Demand, resource: &Resource) -> f64 {
        resource.load_within(model, demand, &self.loads, &|service| most(model, demand, service))
    }

    /// The full resource that keeps most from this one.
    pub fn protector(&self, model: &Model, demand: &Demand, resources: &[Resource], of: &Resource) -> Option<String> {
        /// With more of them the first are named.
        const MOST: usize = 16;
        let there = self.load(model, demand, of);
        let full = resources
            .iter()
            .filter(|door| door.name != of.name && is_door(door.kind) && door.load(model, demand, &self.loads) > FULL);
        let more = |door: &Resource| {
            let own = match door.kind {
                Kind::Quota(service) | Kind::Threads(service) => Some(service),
                _ => None,
            };
            let within = |service| if own == Some(service) { f64::INFINITY } else { most(model, demand, service) };
            let open = demand.through(&self.crowd, &without(model, self.throttle.clone(), door));
            of.load_within(model, demand, &open, &within) - there
        };
        let relieved = full.take(MOST).map(|door| (door.name.clone(), more(door)));
        let best =
            relieved.filter(|(_, more)| *more > 1e-9).fold(None, |best: Option<(String, f64)>, next| match best {
                Some(best) if best.1 >= next.1 => Some(best),
                _ => Some(next),
            });
        best.map(|(name, _)| name)
    }
}

/// What is full at these loads, and what it lets through.
fn full_doors(model: &Model, demand: &Demand, resources: &[Resource], loads: &Loads) -> Throttle {
    let mut throttle = Throttle::open(model);
    for resource in resources {
        let load = resource.load_within(model, demand, loads, &|service| most(model, demand, service));
        if !load.is_finite() || load <= 1.0 {
            continue;
        }
        match resource.kind {
            Kind::Cpu(group) | Kind::Network(group) | Kind::Disk(group) => throttle.narrow_group(model, group, load),
            Kind::Quota(service) | Kind::Threads(service) => throttle.narrow_work(service, load),
            Kind::Workers(service) => {
                throttle.narrow_entry(service, load, model.services[service].backlog < u32::MAX);
            }
            Kind::Connections(service) | Kind::Descriptors(service) => throttle.narrow_entry(service, load, true),
            Kind::Pool(link) | Kind::Slots(link) => {
                let spec = &model.links[link];
                let refuses = spec.pool_timeout.is_some() || spec.guards.queue_limit < u32::MAX;
                throttle.narrow_link(link, load, refuses);
            }
            Kind::RateLimit(link) => throttle.narrow_link(link, load, true),
            Kind::Ingress(_) | Kind::MachineMemory(_) | Kind::Memory(_) | Kind::Lock(..) => {}
        }
    }
    throttle
}

/// What keeps cores from being asked for more: so many of a service's threads run at once, on so many cores.
fn most(model: &Model, demand: &Demand, service: ServiceId) -> f64 {
    let spec = &model.services[service];
    let threads = if spec.threads < u32::MAX { f64::from(spec.threads) } else { f64::INFINITY };
    demand.instances(service) * threads.min(spec.cpu_limit)
}

/// It holds calls back when it is full.
fn is_door(kind: Kind) -> bool {
    !matches!(kind, Kind::Ingress(_) | Kind::MachineMemory(_) | Kind::Memory(_) | Kind::Lock(..))
}

/// The same throttle with one resource unlimited.
fn without(model: &Model, throttle: Throttle, resource: &Resource) -> Throttle {
    match resource.kind {
        Kind::Cpu(group) | Kind::Network(group) | Kind::Disk(group) => {
            throttle.without_work(&model.groups[group].services)
        }
        Kind::Quota(service) | Kind::Threads(service) => throttle.without_work(&[service]),
        Kind::Workers(service) | Kind::Connections(service) | Kind::Descriptors(service) => {
            throttle.without_entry(service)
        }
        Kind::Pool(link) | Kind::Slots(link) | Kind::RateLimit(link) => throttle.without_link(link),
        Kind::Ingress(_) | Kind::MachineMemory(_) | Kind::Memory(_) | Kind::Lock(..) => throttle,
    }
}
