//! How long a call holds what is taken and given back: a worker, a connection, a descriptor, a place.
//!
//! Everything that was held over the calls that took it, holds that have not ended included. Holds that last about as
//! long as what is remembered are taken over the whole run: a window that begins among them counts what they hold and
//! not that they came.
//!
//! A connection of a pool is held whether or not a call uses it, and it takes a place of `max_connections` all the
//! while: over the horizon its whole time counts. What one call more would hold is its use alone: over a few seconds a
//! call counts with that, and what is kept open counts as it is.

use super::counters::{Totals, Window};
use super::detector::SATURATED;
use super::offered::{ENOUGH, nothing};
use super::resources::{Resources, Track, sum};
use crate::engine::ResourceKind;
use crate::model::{LinkId, Model, OperationId, ServiceId, Site};

/// Fewer calls than this tell nothing.
const FEW: u64 = 3;

/// Unit-seconds that a call holds: one that comes in, and one that goes out.
#[derive(Clone, Debug, Default)]
pub struct Held {
    pub inbound: f64,
    pub outbound: f64,
    /// Over links that keep their connections instead: a use of one of them.
    kept: Vec<(LinkId, f64)>,
    /// Mean units taken while connections are kept, in use or not.
    pub open: f64,
}

impl Held {
    /// All that was held in a window over the calls that took it; what those hold that took it before the window, when
    /// nobody did in it, over the whole run.
    pub fn of(window: Window, model: &Model, resources: &Resources, members: &[usize], first: &Track) -> Held {
        let start = nothing(window.old.at);
        let whole = Window { old: &start, new: window.new };
        let counted = |window| Held::counted(window, model, resources, members, first);
        let (mut held, before) = (counted(window), counted(whole));
        for (held, before) in [(&mut held.inbound, before.inbound), (&mut held.outbound, before.outbound)] {
            if !held.is_finite() {
                *held = if before.is_finite() { before } else { 0.0 };
            }
        }
        held
    }

    /// Endless where something is held that nobody took in the window.
    fn counted(window: Window, model: &Model, resources: &Resources, members: &[usize], first: &Track) -> Held {
        let totals = sum(members, window);
        let each = |seconds: f64, calls: f64| if seconds > 1e-9 * totals.busy { seconds / calls.max(0.0) } else { 0.0 };
        let taken = |begun: bool| first.service.map_or(0.0, |service| taken(window, model, service, begun));
        let takers = || -> f64 { takers(model, first).map(|id| window.begun(id) as f64).sum() };
        let (inbound, outbound) = match first.kind {
            ResourceKind::Workers | ResourceKind::Threads => (each(totals.busy, taken(true)), 0.0),
            // Not every call takes it, and who waits for it asked for it as well.
            ResourceKind::Lock => {
                let asked = (totals.begun as f64 + totals.standing as f64).max(0.0);
                let (hold, calls) = (each(totals.busy, totals.begun as f64), takers());
                (if hold.is_finite() && calls > 0.0 { hold * asked / calls } else { hold }, 0.0)
            }
            ResourceKind::Connections => (each(totals.busy, taken(false)), 0.0),
            ResourceKind::Descriptors => {
                let left = left(window, model, |site| goes_out(model, first, site));
                (each(totals.inbound, taken(false)), each(totals.busy - totals.inbound, left))
            }
            // A use of a place at a link's end is a call over the link; each member has its share of them.
            ResourceKind::Pool | ResourceKind::Slots | ResourceKind::Queue => {
                let all = sum(&resources.subjects[first.subject].members, window).begun;
                (0.0, each(totals.busy, all as f64))
            }
            ResourceKind::Cpu
            | ResourceKind::Quota
            | ResourceKind::Network
            | ResourceKind::Ingress
            | ResourceKind::Disk
            | ResourceKind::Instances
            | ResourceKind::KeepAlive
            | ResourceKind::Memory => (0.0, 0.0),
        };
        Held { inbound, outbound, ..Held::default() }
    }

    /// The same as it is of late: in the short window where that has calls enough and is long against what they hold,
    /// else in the long one, else over the whole run. What is full is held by few when they hold it long: these tell
    /// enough when that is beyond what chance does to the mean of so few.
    pub fn lately(
        [short, long]: [Window; 2],
        model: &Model,
        resources: &Resources,
        members: &[usize],
        first: &Track,
    ) -> Held {
        let of = |window| Held::of(window, model, resources, members, first);
        let fits =
            |held: &Held, window: Window, times: f64| held.inbound.max(held.outbound) * times <= window.seconds();
        let stuck = || {
            let totals = sum(members, short);
            let full = totals.blocked() && totals.utilization().is_some_and(|share| share >= SATURATED);
            full && totals.begun >= FEW && of(short).is_beyond_chance(&of(long), totals.begun)
        };
        let mut held = if sum(members, short).begun >= ENOUGH || stuck() { of(short) } else { of(long) };
        if !fits(&held, short, if stuck() { 2.0 } else { 5.0 }) {
            held = of(long);
        }
        if !fits(&held, long, 2.0) {
            let start = nothing(long.old.at);
            held = of(Window { old: &start, new: long.new });
        }
        if matches!(first.kind, ResourceKind::Connections | ResourceKind::Descriptors) {
            held.kept = kept(long, model, resources, first);
            let Totals { busy, .. } = sum(members, long);
            held.open = if held.kept.is_empty() { 0.0 } else { busy / long.seconds().max(1e-9) };
        }
        held
    }

    /// Further above what calls held before than three standard deviations of the mean of so many holds, as
    /// exponential ones have.
    fn is_beyond_chance(&self, before: &Held, calls: u64) -> bool {
        let most = 1.0 + 3.0 / libm::sqrt(calls as f64);
        let above = |now: f64, before: f64| now.is_finite() && before > 0.0 && now > most * before;
        above(self.inbound, before.inbound) || above(self.outbound, before.outbound)
    }

    /// Of a call at this site.
    pub fn per_call(&self, model: &Model, of: &Track, site: &Site) -> f64 {
        let [inbound, outbound] = asks(model, of, site);
        let of = |held: f64| self.kept.iter().find(|(link, _)| *link == site.link).map_or(held, |kept| kept.1);
        let inbound = if inbound { of(self.inbound) } else { 0.0 };
        inbound + if outbound { of(self.outbound) } else { 0.0 }
    }
}

/// Whether calls of a site take what is held, as one that comes in and as one that goes out.
pub fn asks(model: &Model, of: &Track, site: &Site) -> [bool; 2] {
    let own = of.service == Some(model.operations[site.operation].service);
    match of.kind {
        ResourceKind::Workers | ResourceKind::Threads | ResourceKind::Connections => [own, false],
        ResourceKind::Lock => [own && takers(model, of).any(|id| id == site.operation), false],
        ResourceKind::Descriptors => [own, goes_out(model, of, site)],
        ResourceKind::Pool | ResourceKind::Slots | ResourceKind::Queue => [false, of.link == Some(site.link)],
        ResourceKind::Cpu
        | ResourceKind::Quota
        | ResourceKind::Network
        | ResourceKind::Ingress
        | ResourceKind::Disk
        | ResourceKind::Instances
        | ResourceKind::KeepAlive
        | ResourceKind::Memory => [false, false],
    }
}

/// Operations that take a lock: where nothing says which, all of its service.
fn takers(model: &Model, of: &Track) -> impl Iterator<Item = OperationId> {
    let known = of.lock.map_or(&[][..], |lock| &model.locks[lock].takers);
    let all = of.service.map_or(&[][..], |service| &model.services[service].operations);
    if known.is_empty() { all } else { known }.iter().copied()
}

/// Calls per second that ask for what is held, coming in and going out.
pub fn arrivals(model: &Model, of: &Track, calls: &[f64]) -> [f64; 2] {
    let mut all = [0.0; 2];
    for (site, rate) in model.sites.iter().zip(calls) {
        let asks = asks(model, of, site);
        all.iter_mut().zip(asks).filter(|(_, asks)| *asks).for_each(|(sum, _)| *sum += rate);
    }
    all
}

/// Links that keep their connections, to the service of a resource or from it, each with the seconds of one use.
fn kept(window: Window, model: &Model, resources: &Resources, of: &Track) -> Vec<(LinkId, f64)> {
    let pools = resources.subjects.iter().filter(|subject| subject.kind == ResourceKind::Pool);
    let uses = pools.filter_map(|pool| {
        let link = pool.link?;
        let to = Some(model.links[link].callee) == of.service;
        let from = of.kind == ResourceKind::Descriptors && pool.service == of.service;
        let used = sum(&pool.members, window);
        ((to || from) && used.begun > 0).then(|| (link, used.busy / used.begun as f64))
    });
    uses.collect()
}

/// A call that the service of a resource makes.
fn goes_out(model: &Model, of: &Track, site: &Site) -> bool {
    site.from.is_some_and(|from| of.service == Some(model.operations[from].service))
}

/// Attempts of some calls that reached somebody.
pub fn left(window: Window, model: &Model, of: impl Fn(&Site) -> bool) -> f64 {
    let sites = model.sites.iter().enumerate().filter(|(_, site)| of(site)).map(|(at, _)| window.site(at));
    sites.map(|count| (count.first + count.retries).saturating_sub(count.unsent)).sum::<u64>() as f64
}

/// Calls of a service that got a worker (`begun`), or that were taken in at all.
fn taken(window: Window, model: &Model, service: ServiceId, begun: bool) -> f64 {
    let of = |&id: &OperationId| if begun { window.begun(id) } else { window.operation(id).admitted };
    model.services[service].operations.iter().map(of).sum::<u64>() as f64
}
