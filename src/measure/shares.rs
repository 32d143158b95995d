//! Which share of what is asked of a service comes to some of its instances or machines, and how fast it is worked off
//! there. By the work itself, not by calls: a primary and its replicas are asked for different operations.

use super::counters::{InstanceCount, Window, WorkCount};
use super::offered::worked;
use super::resources::{Hosting, Resources};
use crate::engine::{InstanceId, MachineId, ResourceKind};
use crate::model::{Group, Model, ServiceId};
use std::collections::BTreeMap;

/// Of all that is asked of one service, what comes to some resources.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// The share.
    pub work: f64,
    /// Seconds of these resources that a second of a reference core takes there, times the share.
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

/// For every service, by what was asked of each of its instances: calls that one turned away count as those it took.
/// Where nothing was, by the calls that arrived; where none did, by the instances that are up.
pub fn shares(window: Window, speed: Speed, services: usize, resources: &Resources, members: &[usize]) -> Vec<Share> {
    let owners = Owners::of(resources, members);
    let kind = members.first().map_or(ResourceKind::Cpu, |&member| resources.tracks[member].kind);
    let asked = asked(window, kind, resources);
    // By work, by calls, by who is up: everywhere, and here.
    let mut all = vec![[0.0; 3]; services];
    let mut here = vec![[Share::default(); 3]; services];
    for (at, place) in resources.places.iter().enumerate() {
        let service = place.service.index();
        let (Some(all), Some(here)) = (all.get_mut(service), here.get_mut(service)) else { continue };
        let by = [asked[at], window.arrived(at) as f64, f64::from(u8::from(place.up))];
        all.iter_mut().zip(by).for_each(|(sum, by)| *sum += by);
        if owners.at(at, place).is_some() {
            let slowness = 1.0 / speed.of(place);
            here.iter_mut().zip(by).for_each(|(share, by)| share.add(by, slowness));
        }
    }
    let share = |(all, here): ([f64; 3], [Share; 3])| {
        let told = all.iter().zip(here).find(|(all, _)| **all > 0.0);
        told.map_or_else(Share::default, |(all, here)| here.over(*all))
    };
    all.into_iter().zip(here).map(share).collect()
}

/// What was asked of each instance, in units of the kind: what its calls asked for, and what those would have that did
/// not get a worker there. One that took none is given the mean of its service for each.
fn asked(window: Window, kind: ResourceKind, resources: &Resources) -> Vec<f64> {
    let of = worked(kind);
    let counts: Vec<InstanceCount> = (0..resources.places.len()).map(|at| window.instance(at)).collect();
    let mut means: BTreeMap<ServiceId, (f64, u64)> = BTreeMap::new();
    for (count, place) in counts.iter().zip(&resources.places) {
        let sum = means.entry(place.service).or_default();
        *sum = (sum.0 + of(&count.work), sum.1 + count.begun);
    }
    let each = |(count, place): (&InstanceCount, &Hosting)| match (count.begun, means[&place.service]) {
        (0, (_, 0)) => of(&count.work),
        (0, (work, begun)) => of(&count.work) + count.arrived as f64 * work / begun as f64,
        (begun, _) => of(&count.work) * count.arrived as f64 / begun as f64,
    };
    counts.iter().zip(&resources.places).map(each).collect()
}

impl Share {
    fn add(&mut self, work: f64, slowness: f64) {
        self.work += work;
        self.time += work * slowness;
    }

    fn over(self, all: f64) -> Share {
        Share { work: self.work / all, time: self.time / all }
    }
}

/// The units of one kind in what was done.
pub type WorkOf = fn(&WorkCount) -> f64;
/// Units of that kind that a machine of a group does per second.
pub type SpeedOf = fn(&Group) -> f64;

/// Seconds that a unit of work of a service took, done alone, on the machines it was done on: of unequal ones those
/// that did more of it count for more. `each`: units that one does per second. 1 where none was done.
pub fn pace(
    window: Window,
    model: &Model,
    resources: &Resources,
    service: ServiceId,
    (work, each): (WorkOf, SpeedOf),
) -> f64 {
    let own = resources.places.iter().enumerate().filter(|(_, place)| place.service == service);
    let (done, time) = own.fold((0.0, 0.0), |(done, time), (at, place)| {
        let units = work(&window.instance(at).work);
        let group = resources.group(place.machine).map_or(1.0, |group| each(&model.groups[group]));
        (done + units, time + units / group)
    });
    if done > 0.0 { time / done } else { 1.0 }
}

/// What each of some resources alike has of what is asked of them together: of what works, by what was asked of the
/// instances there; of what is held, by what is held. All 0 when nothing is. Beside
/// each, by what factor its work takes longer at present than the file says; 1 where it is no work of cores.
pub fn parts(window: Window, resources: &Resources, members: &[usize]) -> Vec<(f64, f64)> {
    let Some(kind) = members.first().map(|&member| resources.tracks[member].kind) else { return Vec::new() };
    let by_core = matches!(kind, ResourceKind::Cpu | ResourceKind::Quota | ResourceKind::Threads);
    let works = by_core || matches!(kind, ResourceKind::Network | ResourceKind::Ingress | ResourceKind::Disk);
    // At present and at rest: what was asked, and where nothing was, of any piece of work.
    let mut parts = vec![[0.0; 2]; members.len()];
    let mut any = parts.clone();
    if works {
        let owners = Owners::of(resources, members);
        let asked = asked(window, kind, resources);
        for (at, place) in resources.places.iter().enumerate() {
            let Some(owner) = owners.at(at, place) else { continue };
            let speeds = [Speed::Present, Speed::ByFile].map(|speed| if by_core { speed.of(place) } else { 1.0 });
            for (which, speed) in speeds.into_iter().enumerate() {
                parts[owner][which] += asked[at] / speed;
                any[owner][which] += 1.0 / speed;
            }
        }
    } else {
        parts = members.iter().map(|&member| [window.resource(member).busy; 2]).collect();
    }
    let all: f64 = parts.iter().map(|part| part[0]).sum();
    let of = |(part, any): ([f64; 2], [f64; 2])| {
        let [present, at_rest] = if part[1] > 0.0 { part } else { any };
        (if all > 0.0 { part[0] / all } else { 0.0 }, if at_rest > 0.0 { present / at_rest } else { 1.0 })
    };
    parts.into_iter().zip(any).map(of).collect()
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
