//! Offered load: what was asked of a resource as a share of what it can do. Above 1 it cannot keep up.
//!
//! By the utilization law: ρ = λ S / c, the same for every kind. λ, the arrivals, is every attempt of a call that is
//! meant for the resource: first ones and retries, those of fallbacks, those that are turned away there or before it
//! (by a limit, a breaker, a full or dead service) and those that give up waiting, counted from the top: the requests
//! that sources began, times the calls each operation makes, times the attempts observed per call. A saturated front
//! tier therefore does not hide what was asked of the tiers behind it, and a row behind one is above what is in use.
//! S, the demand, is measured over the calls that did take it: the work they asked for by the speed of the machines
//! they came to (`shares`), or the unit-seconds they held of what is taken and given back (`held`). c is what was up;
//! while nothing is, there is no ρ.
//!
//! Where every attempt is taken, ρ of the horizon is therefore the utilization: λ S is what was in use.
//!
//! ρ/ρ₀ splits exactly into five factors, changed one after the other: arrivals, attempts per request, calls that
//! stores did not spare, demand per call, capacity.

use super::counters::{Counters, Snapshot, Window, WorkCount};
use super::held::Held;
use super::resources::{Resources, sum};
use super::shares::{Share, Speed, shares};
use crate::engine::ResourceKind;
use crate::model::{Instr, Model, OperationId, Pc, ServiceId, Site};
use crate::number::sentence;
use crate::units::Time;

/// Fewer calls than this say little about the demand of one; a longer window is used.
pub const ENOUGH: u64 = 50;
/// Deepest chain of calls that is followed.
const DEPTH: usize = 64;

/// What the crowd asks, by site.
#[derive(Clone, Debug, PartialEq)]
pub struct Mix {
    /// Requests of sources per second (0 for sites inside operations).
    pub requests: Vec<f64>,
    /// Attempts per first attempt, at least 1.
    pub attempts: Vec<f64>,
    /// Calls per run of the caller's program: counted where they depend on what a store has, or on what fails.
    pub visits: Vec<f64>,
}

impl Mix {
    /// As counted in a window.
    pub fn of(window: Window, model: &Model) -> Mix {
        let (mut requests, mut attempts, mut visits) = (Vec::new(), Vec::new(), Vec::new());
        for (site, spec) in model.sites.iter().enumerate() {
            let count = window.site(site);
            // A crowd that only tries on asks as much as one that comes anew.
            let asked = match spec.from {
                None if count.first == 0 => count.requests + count.retries,
                None => count.requests.max(count.first),
                Some(_) => count.requests,
            };
            requests.push(asked as f64 / window.seconds().max(1e-9));
            let factor = if count.first > 0 { (count.first + count.retries) as f64 / count.first as f64 } else { 1.0 };
            // Where callers are stuck, their retries are of calls that began long before.
            let link = &model.links[spec.link];
            let hedges = link.guards.hedge.map_or(0, |hedge| hedge.most);
            let each = (f64::from(link.retry.times) + 1.0) * (f64::from(hedges) + 1.0);
            let most = spec.from.map_or(f64::INFINITY, |_| each);
            attempts.push(factor.min(most));
            let runs = spec.from.filter(|_| spec.counted).map_or(0, |caller| window.begun(caller));
            // What has no mean of its own is counted however few they are.
            let told = runs >= ENOUGH || runs > 0 && spec.visits == 0.0;
            visits.push(if told { count.first as f64 / runs as f64 } else { spec.visits });
        }
        Mix { requests, attempts, visits }
    }

    /// Calls asked per second, by site.
    pub fn calls(&self, model: &Model) -> Vec<f64> {
        let live = live_sites(model);
        let mut operations = vec![0.0; model.operations.len()];
        let mut calls = vec![0.0; model.sites.len()];
        for _ in 0..DEPTH {
            let mut next = vec![0.0; model.operations.len()];
            for (i, site) in model.sites.iter().enumerate() {
                let asked = match site.from {
                    None => self.requests.get(i).copied().unwrap_or(0.0),
                    Some(_) if !live[i] => 0.0,
                    Some(caller) => operations[caller.index()] * self.visits.get(i).copied().unwrap_or(site.visits),
                };
                calls[i] = asked * self.attempts.get(i).copied().unwrap_or(1.0);
                next[site.operation.index()] += calls[i];
            }
            if next == operations {
                break;
            }
            operations = next;
        }
        calls
    }
}

/// Sites that the operations' present programs reach; programs that were replaced keep theirs in the table.
fn live_sites(model: &Model) -> Vec<bool> {
    let mut live = vec![false; model.sites.len()];
    let mut seen = vec![false; model.code.len()];
    let mut todo: Vec<Pc> = model.operations.iter().filter(|o| !o.retired).map(|o| o.entry).collect();
    let stores = model.services.iter().flat_map(|service| &service.stores).filter(|store| !store.retired);
    todo.extend(stores.filter_map(|store| store.write_back).map(|write_back| write_back.entry));
    while let Some(pc) = todo.pop() {
        let Some(step) = model.code.get(pc as usize) else { continue };
        if std::mem::replace(&mut seen[pc as usize], true) {
            continue;
        }
        if let Instr::Call(site) = step.instr {
            live[site.index()] = true;
        }
        model.successors(pc, &mut |next| todo.push(next));
    }
    live
}

/// A resource (or all of one subject together) as seen by the calls that use it.
#[derive(Clone, Debug, PartialEq)]
pub struct Station {
    /// Unit-seconds asked of it per call, by site.
    pub per_call: Vec<f64>,
    /// Units that stay taken whether or not anybody asks: connections that are kept, in use or not.
    pub open: f64,
    /// Units that work at once: cores, operations per second, ...; above 0. What is slowed down counts for less.
    pub capacity: f64,
}

impl Station {
    /// As measured in `short` (work per call, where there are calls enough) and `long`, with this capacity and the
    /// seconds that work takes there. Absent when nothing is asked per call or it is down.
    fn of(windows: [Window; 2], capacity: f64, shares: &[Share], look: &Members) -> Option<Station> {
        let Members { model, resources, members } = *look;
        let first = resources.tracks.get(*members.first()?)?;
        if !(capacity > 0.0 && capacity.is_finite()) {
            return None;
        }
        let work = |site: &Site, share: fn(&Share) -> f64| {
            let share = shares.get(model.operations[site.operation].service.index()).map_or(0.0, share);
            if share > 0.0 { share * per_call(windows, site.operation, worked(first.kind)) } else { 0.0 }
        };
        let own = |site: &Site| first.service == Some(model.operations[site.operation].service);
        let held = Held::lately(windows, model, resources, members, first);
        // A thread is held while it works, and while it waits for a core that others use.
        let mean = first.service.filter(|_| first.kind == ResourceKind::Threads).map_or(0.0, |service| {
            shares.get(service.index()).map_or(0.0, |share| share.time) * mean_work(windows, model, service)
        });
        let threads = |site: &Site| match mean > 0.0 {
            true => work(site, |share| share.time) * (held.inbound / mean).max(1.0),
            false => held.inbound,
        };
        let per_call: Vec<f64> = model
            .sites
            .iter()
            .map(|site| match first.kind {
                ResourceKind::Cpu => work(site, |share| share.time),
                ResourceKind::Quota if own(site) => work(site, |share| share.time),
                ResourceKind::Threads if own(site) => threads(site),
                ResourceKind::Network | ResourceKind::Ingress | ResourceKind::Disk => work(site, |share| share.work),
                ResourceKind::Workers
                | ResourceKind::Lock
                | ResourceKind::Connections
                | ResourceKind::Descriptors
                | ResourceKind::Pool
                | ResourceKind::Slots
                | ResourceKind::Queue => held.per_call(model, first, site),
                ResourceKind::Quota
                | ResourceKind::Threads
                | ResourceKind::Instances
                | ResourceKind::KeepAlive
                | ResourceKind::Memory => 0.0,
            })
            .collect();
        per_call.iter().any(|&d| d > 0.0).then_some(Station { per_call, open: held.open, capacity })
    }

    /// With the capacity that is up now, as fast as it is now; `all`: those up and those whose calls come to them while
    /// they are not.
    pub fn now(
        [short, long]: [Window; 2],
        model: &Model,
        resources: &Resources,
        members: &[usize],
        all: &[usize],
    ) -> Option<Station> {
        let tracks = || members.iter().map(|&m| &resources.tracks[m]);
        let (capacity, up) = (tracks().map(|t| t.slow * t.up).sum::<f64>(), tracks().map(|t| t.up).sum::<f64>());
        let mut shares = shares_of(short, Speed::Present, model, resources, all);
        // Slowed down, it is less: a call does not ask for more.
        let left = if up > 0.0 { capacity / up } else { 1.0 };
        shares.iter_mut().for_each(|share| share.time *= left);
        Station::of([short, long], capacity, &shares, &Members { model, resources, members })
    }

    /// What is up and stands still, as if it worked as fast as it usually does.
    pub fn at_rest(
        short: Window,
        long: Window,
        model: &Model,
        resources: &Resources,
        members: &[usize],
    ) -> Option<Station> {
        let up = members.iter().map(|&member| resources.tracks[member].up).sum();
        let shares = shares_of(short, Speed::ByFile, model, resources, members);
        Station::of([short, long], up, &shares, &Members { model, resources, members })
    }

    /// With the mean capacity of the same window, as fast as it usually is.
    pub fn mean(window: Window, model: &Model, resources: &Resources, members: &[usize]) -> Option<Station> {
        let capacity = sum(members, window).capacity / window.seconds().max(1e-9);
        let shares = shares_of(window, Speed::ByFile, model, resources, members);
        Station::of([window; 2], capacity, &shares, &Members { model, resources, members })
    }

    /// Calls per second, of these, that ask for it.
    pub fn askers(&self, calls: &[f64]) -> f64 {
        self.per_call.iter().zip(calls).filter(|(demand, _)| **demand > 0.0).map(|(_, rate)| rate).sum()
    }

    /// ρ under these calls per second.
    pub fn load(&self, calls: &[f64]) -> f64 {
        let asked = self.per_call.iter().zip(calls).map(|(demand, rate)| demand * rate).sum::<f64>();
        asked.max(self.open) / self.capacity
    }
}

/// The shares of what works; what is held is asked for by the call, and needs none.
fn shares_of(window: Window, speed: Speed, model: &Model, resources: &Resources, members: &[usize]) -> Vec<Share> {
    let works = members.first().is_some_and(|&member| {
        let kind = resources.tracks[member].kind;
        matches!(kind, ResourceKind::Cpu | ResourceKind::Quota | ResourceKind::Threads)
            || matches!(kind, ResourceKind::Network | ResourceKind::Ingress | ResourceKind::Disk)
    });
    if works { shares(window, speed, model.services.len(), resources, members) } else { Vec::new() }
}

/// Resources of one kind and owner.
#[derive(Clone, Copy)]
struct Members<'a> {
    model: &'a Model,
    resources: &'a Resources,
    members: &'a [usize],
}

/// What calls ask of such a resource for as long as they run on it.
pub fn worked(kind: ResourceKind) -> fn(&WorkCount) -> f64 {
    match kind {
        ResourceKind::Cpu => |count| count.cpu_seconds + count.spawn_seconds + count.handshake_seconds,
        ResourceKind::Quota | ResourceKind::Threads => |count| count.cpu_seconds + count.handshake_seconds,
        ResourceKind::Network => |count| count.bytes,
        ResourceKind::Ingress => |count| count.uploaded,
        ResourceKind::Disk => |count| count.disk,
        ResourceKind::Workers
        | ResourceKind::Lock
        | ResourceKind::Connections
        | ResourceKind::Descriptors
        | ResourceKind::Pool
        | ResourceKind::Slots
        | ResourceKind::Queue
        | ResourceKind::Instances
        | ResourceKind::KeepAlive
        | ResourceKind::Memory => |_| 0.0,
    }
}

/// Mean work that a call of a service asks its threads for: of the first window with enough calls, else of the last.
fn mean_work(windows: [Window; 2], model: &Model, service: ServiceId) -> f64 {
    let of = |window: Window| {
        model.services[service].operations.iter().fold((0.0, 0), |(units, begun), &id| {
            (units + worked(ResourceKind::Threads)(&window.operation(id).work), begun + window.begun(id))
        })
    };
    let [(units, begun), long] = windows.map(of);
    let (units, begun) = if begun >= ENOUGH { (units, begun) } else { long };
    if begun > 0 { units / begun as f64 } else { 0.0 }
}

/// Mean work a call of the operation asks for: of the first window with enough calls, else of the whole run.
fn per_call(windows: [Window; 2], id: OperationId, work: impl Fn(&WorkCount) -> f64) -> f64 {
    for window in windows {
        let begun = window.begun(id);
        if begun >= ENOUGH {
            return work(&window.operation(id).work) / begun as f64;
        }
    }
    let start = nothing(windows[1].old.at);
    let whole = Window { old: &start, new: windows[1].new };
    let begun = whole.begun(id);
    if begun > 0 { work(&whole.operation(id).work) / begun as f64 } else { 0.0 }
}

/// Before anything was counted.
pub fn nothing(at: Time) -> Snapshot {
    Snapshot { at, counters: Counters::default(), resources: Vec::new() }
}

/// By what factor each of these changed the load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Why {
    pub arrivals: f64,
    pub attempts: f64,
    /// Calls per request, as stores have or lack what is asked for.
    pub misses: f64,
    pub demand: f64,
    /// Below 1: capacity was lost.
    pub capacity: f64,
}

/// Split `new` load over `old` load. Absent when there was no load before.
pub fn why(model: &Model, old: (&Mix, &Station), new: (&Mix, &Station)) -> Option<Why> {
    let crowd =
        Mix { requests: new.0.requests.clone(), attempts: old.0.attempts.clone(), visits: old.0.visits.clone() };
    let trying = Mix { attempts: new.0.attempts.clone(), ..crowd.clone() };
    let steps = [
        old.1.load(&old.0.calls(model)),
        old.1.load(&crowd.calls(model)),
        old.1.load(&trying.calls(model)),
        old.1.load(&new.0.calls(model)),
        Station { capacity: old.1.capacity, ..new.1.clone() }.load(&new.0.calls(model)),
    ];
    let factor = |i: usize| (steps[i - 1] > 0.0).then(|| steps[i] / steps[i - 1]);
    Some(Why {
        arrivals: factor(1)?,
        attempts: factor(2)?,
        misses: factor(3)?,
        demand: factor(4)?,
        capacity: new.1.capacity / old.1.capacity,
    })
}

impl Why {
    /// The share of a factor in the growth of the load; 0 where it did not grow.
    pub fn explains(&self, factor: f64) -> f64 {
        let factors = [self.arrivals, self.attempts, self.misses, self.demand, 1.0 / self.capacity];
        let grown: f64 = factors.iter().map(|factor| libm::log(*factor).max(0.0)).sum();
        if grown > 0.0 { libm::log(factor).max(0.0) / grown } else { 0.0 }
    }

    /// The factors that matter, greatest first: "arrivals 10×, attempts 1.4×". Empty when nothing grew.
    pub fn words(&self) -> String {
        let mut parts = [
            ("arrivals", self.arrivals, libm::log(self.arrivals)),
            ("attempts per call", self.attempts, libm::log(self.attempts)),
            ("cache misses", self.misses, libm::log(self.misses)),
            ("demand per call", self.demand, libm::log(self.demand)),
            ("capacity", self.capacity, -libm::log(self.capacity)),
        ];
        parts.sort_by(|a, b| b.2.total_cmp(&a.2));
        let grown: f64 = parts.iter().map(|p| p.2.max(0.0)).sum();
        let told = parts.iter().filter(|p| p.2 > 0.15 * grown && p.2 > 0.09);
        told.map(|(name, factor, _)| format!("{name} {}×", sentence::factor(*factor))).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factors_are_told_greatest_first_and_small_ones_are_left_out() {
        let why = Why { arrivals: 10.0, attempts: 1.04, misses: 1.0, demand: 1.0, capacity: 0.5 };
        assert_eq!(why.words(), "arrivals 10×, capacity 0.5×");
    }
}
