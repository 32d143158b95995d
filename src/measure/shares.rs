//! Which share of the calls to a service comes to some of its instances or machines, and how fast it is worked off
//! there.

use super::counters::Window;
use super::resources::{Hosting, Resources};
use crate::engine::{InstanceId, MachineId, ResourceKind};
use crate::model::ServiceId;
use std::collections::BTreeMap;

/// Of all calls to one service, those that come to some resources.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// Their share.
    pub calls: f64,
    /// Seconds of these resources that a second of a reference core takes there, times that share.
    pub time: f64,
}

/// How fast machines are taken to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// As they are at present, slowed down or not.
    Present,
    /// As the file says.
    ByFile,
}

impl Speed {
    /// Work of a reference core that a core does there per second.
    fn of(self, place: &Hosting) -> f64 {
        // What stands still is given as much as if it did not.
        let factor = if self == Speed::Present && place.slow > 0.0 { place.slow } else { 1.0 };
        (place.speed * factor).max(1e-9)
    }
}

/// For every service, by the instances that calls arrived at; where none arrived, by those that are up.
pub fn shares(window: Window, speed: Speed, services: usize, resources: &Resources, members: &[usize]) -> Vec<Share> {
    let owners = Owners::of(resources, members);
    // Arrived and up, anywhere.
    let mut all = vec![(0u64, 0u32); services];
    let mut here = vec![(Share::default(), Share::default()); services];
    for (at, place) in resources.places.iter().enumerate() {
        let service = place.service.index();
        let (Some(all), Some(here)) = (all.get_mut(service), here.get_mut(service)) else { continue };
        let (calls, up) = (window.arrived(at), u32::from(place.up));
        all.0 += calls;
        all.1 += up;
        if owners.at(at, place).is_some() {
            let slowness = 1.0 / speed.of(place);
            here.0.add(calls as f64, slowness);
            here.1.add(f64::from(up), slowness);
        }
    }
    let share = |((arrived, up), (of_arrived, of_up)): ((u64, u32), (Share, Share))| match (arrived, up) {
        (0, 0) => Share::default(),
        (0, up) => of_up.over(f64::from(up)),
        (arrived, _) => of_arrived.over(arrived as f64),
    };
    all.into_iter().zip(here).map(share).collect()
}

impl Share {
    fn add(&mut self, calls: f64, slowness: f64) {
        self.calls += calls;
        self.time += calls * slowness;
    }

    fn over(self, all: f64) -> Share {
        Share { calls: self.calls / all, time: self.time / all }
    }
}

/// What each of some resources alike has of what is asked of them together: of what works, by the calls that arrived
/// there, each with what one to its service asks for (`work`); of what is held, by what is held. All 0 when nothing is.
pub fn parts(
    window: Window,
    kind: ResourceKind,
    resources: &Resources,
    members: &[usize],
    work: impl Fn(ServiceId) -> f64,
) -> Vec<f64> {
    let by_core = matches!(kind, ResourceKind::Cpu | ResourceKind::Quota | ResourceKind::Threads);
    let by_call = by_core || matches!(kind, ResourceKind::Network | ResourceKind::Ingress | ResourceKind::Disk);
    let mut parts = if by_call {
        let owners = Owners::of(resources, members);
        let mut parts = vec![0.0; members.len()];
        let mut works: BTreeMap<ServiceId, f64> = BTreeMap::new();
        for (at, place) in resources.places.iter().enumerate() {
            let calls = window.arrived(at) as f64;
            let Some(owner) = owners.at(at, place).filter(|_| calls > 0.0) else { continue };
            let each = *works.entry(place.service).or_insert_with(|| work(place.service));
            parts[owner] += calls * each / if by_core { Speed::Present.of(place) } else { 1.0 };
        }
        parts
    } else {
        members.iter().map(|&member| window.resource(member).busy).collect()
    };
    let all: f64 = parts.iter().sum();
    parts.iter_mut().for_each(|part| *part = if all > 0.0 { *part / all } else { 0.0 });
    parts
}

/// Positions among some resources, by whose they are.
struct Owners {
    instances: BTreeMap<InstanceId, usize>,
    machines: BTreeMap<MachineId, usize>,
}

impl Owners {
    fn of(resources: &Resources, members: &[usize]) -> Owners {
        let mut owners = Owners { instances: BTreeMap::new(), machines: BTreeMap::new() };
        for (position, &member) in members.iter().enumerate() {
            let track = &resources.tracks[member];
            match (track.instance, track.machine) {
                (Some(instance), _) => owners.instances.insert(instance, position),
                (None, Some(machine)) => owners.machines.insert(machine, position),
                (None, None) => None,
            };
        }
        owners
    }

    /// The one that the instance of this number works with.
    fn at(&self, instance: usize, place: &Hosting) -> Option<usize> {
        let own = self.instances.get(&InstanceId::new(instance));
        own.or_else(|| self.machines.get(&place.machine?)).copied()
    }
}
