//! What the holders of a saturated resource wait for: the blame chain of one window of one run.
//!
//! A service's holders divide their time between their own CPU, delays, disk, network, waiting for kept connections and
//! calls. A call's time is its callee's holders' (standing in the callee's backlog is waiting for them too); what the
//! callee does not account for is the way there, or silence while the callee is down. Waiting for a fork is left out:
//! its branches count. Waiting for a kept connection is waiting for the calls that have them, unless they are too few:
//! then it ends there.

use super::blame::Chain;
use super::counters::Window;
use super::flow::Doer;
use super::pools::{Baseline, too_small};
use super::resources::{Resources, Subject};
use super::subject::{Entity, Named, Subject as Told};
use crate::engine::Activity;
use crate::engine::ResourceKind;
use crate::model::{Kind, LinkId, LockId, Model, OperationId, ServiceId, SourceId};
use std::collections::BTreeMap;

/// A place where time is spent. The first four pass it on, the others serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaitNode {
    /// What is to be explained.
    Start,
    /// Executions of a service that hold its workers.
    Holders(ServiceId),
    /// Calls over a link in progress.
    Call(LinkId),
    /// Those who have a lock of a service.
    Lock(ServiceId, LockId),
    /// Kept connections, or slots for calls, that are too few.
    Pool(LinkId),
    Cpu(ServiceId),
    Delay(ServiceId),
    Network(ServiceId),
    Ingress(ServiceId),
    Disk(ServiceId),
    /// Its connections are open with nothing to do.
    Idle(ServiceId),
    /// Replied, connection held.
    Hold(ServiceId),
    /// The callee is down and silent.
    Down(ServiceId),
    /// Between the machines.
    Transit(LinkId),
    /// Between attempts.
    Backoff(LinkId),
}

/// What is to be explained.
#[derive(Clone, Copy, Debug)]
pub enum Question<'a> {
    /// Why a resource is held.
    Held(&'a Subject),
    /// Where the clients of a source wait.
    Waits(SourceId),
    /// What the calls over a link wait for.
    Calls(LinkId),
}

/// Who is to blame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Blame {
    /// (subject, share of the time), greatest first; at most two unless one has half.
    pub roots: Vec<(Named, f64)>,
    /// Services that wait for one another.
    pub circle: Vec<Named>,
}

/// Follow the time of the holders through a window. `usual`: what was before it, and who had an instance down in it.
pub fn ask(question: Question, window: Window, model: &Model, resources: &Resources, baseline: Baseline) -> Blame {
    let web = Web { window, model, resources, baseline };
    let mut places = vec![WaitNode::Start];
    let mut index = BTreeMap::from([(WaitNode::Start, 0)]);
    let mut edges = Vec::new();
    let mut next = 0;
    while next < places.len() {
        for (to, seconds) in web.ways(places[next], question) {
            if seconds > 0.0 {
                let to = *index.entry(to).or_insert_with(|| {
                    places.push(to);
                    places.len() - 1
                });
                edges.push((next, to, seconds));
            }
        }
        next += 1;
    }
    let serves =
        |p: &WaitNode| !matches!(p, WaitNode::Start | WaitNode::Holders(_) | WaitNode::Call(_) | WaitNode::Lock(..));
    let mut chain = Chain::new(places.iter().map(serves).collect());
    edges.into_iter().for_each(|(from, to, seconds)| chain.spend(from, to, seconds));
    let verdict = chain.follow(0);
    let mut by_name: Vec<(Named, f64)> = Vec::new();
    for (place, share) in verdict.shares {
        if let Some(name) = subject_of(places[place], model, resources) {
            match by_name.iter_mut().find(|n| n.0 == name) {
                Some(known) => known.1 += share,
                None => by_name.push((name, share)),
            }
        }
    }
    by_name.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.name.cmp(&b.0.name)));
    by_name.truncate(if by_name.first().is_some_and(|n| n.1 >= 0.5) { 1 } else { 2 });
    let mut circle: Vec<Named> = verdict
        .circle
        .iter()
        .filter_map(|&i| match places[i] {
            WaitNode::Holders(service) => Some(Named::service(service, model.services[service].name.as_str())),
            WaitNode::Start
            | WaitNode::Call(_)
            | WaitNode::Lock(..)
            | WaitNode::Pool(_)
            | WaitNode::Cpu(_)
            | WaitNode::Delay(_)
            | WaitNode::Network(_)
            | WaitNode::Ingress(_)
            | WaitNode::Disk(_)
            | WaitNode::Hold(_)
            | WaitNode::Idle(_)
            | WaitNode::Down(_)
            | WaitNode::Transit(_)
            | WaitNode::Backoff(_) => None,
        })
        .collect();
    circle.sort_by(|a, b| a.name.cmp(&b.name));
    Blame { roots: by_name, circle }
}

struct Web<'a> {
    window: Window<'a>,
    model: &'a Model,
    resources: &'a Resources,
    baseline: Baseline<'a>,
}

impl Web<'_> {
    /// Where the time of a place goes, in seconds.
    fn ways(&self, place: WaitNode, question: Question) -> Vec<(WaitNode, f64)> {
        match place {
            WaitNode::Start => match question {
                Question::Held(subject) => self.held(subject),
                Question::Calls(link) => vec![(WaitNode::Call(link), 1.0)],
                Question::Waits(source) => {
                    let doer = Doer::Client(source);
                    let links = self.window.new.counters.flow.activities(doer).filter_map(|a| match a {
                        Activity::Call(link) => Some((WaitNode::Call(link), self.window.seconds_in(doer, a))),
                        Activity::Retransmit(link) => Some((self.door(link), self.window.seconds_in(doer, a))),
                        Activity::Backlog
                        | Activity::Cpu
                        | Activity::Delay
                        | Activity::Send
                        | Activity::Receive
                        | Activity::Disk
                        | Activity::Join
                        | Activity::Spawn
                        | Activity::Pool(_)
                        | Activity::Backoff(_)
                        | Activity::Lock(_)
                        | Activity::Hold => None,
                    });
                    links.collect()
                }
            },
            WaitNode::Holders(service) => self.holders(service, false),
            WaitNode::Call(link) => self.call(link),
            WaitNode::Lock(service, _) => self.lock_holders(service),
            WaitNode::Pool(_)
            | WaitNode::Cpu(_)
            | WaitNode::Delay(_)
            | WaitNode::Network(_)
            | WaitNode::Ingress(_)
            | WaitNode::Disk(_)
            | WaitNode::Hold(_)
            | WaitNode::Idle(_)
            | WaitNode::Down(_)
            | WaitNode::Transit(_)
            | WaitNode::Backoff(_) => Vec::new(),
        }
    }

    fn held(&self, subject: &Subject) -> Vec<(WaitNode, f64)> {
        match (subject.kind, subject.service, subject.link) {
            (ResourceKind::Workers, Some(service), _) => {
                let mut ways = self.holders(service, false);
                ways.extend(self.idle(service));
                ways
            }
            (ResourceKind::Connections | ResourceKind::Descriptors, Some(service), _) => {
                let mut ways = self.holders(service, true);
                ways.push((WaitNode::Holders(service), self.spent(service, |a| a == Activity::Backlog)));
                ways.extend(self.idle(service));
                ways
            }
            (ResourceKind::Pool | ResourceKind::Slots, _, Some(link)) => vec![(self.pool(link), 1.0)],
            (ResourceKind::Queue, _, Some(link)) => vec![(WaitNode::Call(link), 1.0)],
            (ResourceKind::Lock, Some(service), _) => self.lock_holders(service),
            (
                ResourceKind::Cpu
                | ResourceKind::Quota
                | ResourceKind::Instances
                | ResourceKind::Threads
                | ResourceKind::Network
                | ResourceKind::Ingress
                | ResourceKind::Disk
                | ResourceKind::KeepAlive
                | ResourceKind::Memory,
                ..,
            )
            | (
                ResourceKind::Workers | ResourceKind::Connections | ResourceKind::Descriptors | ResourceKind::Lock,
                None,
                _,
            )
            | (ResourceKind::Pool | ResourceKind::Slots | ResourceKind::Queue, _, None) => Vec::new(),
        }
    }

    fn holders(&self, service: ServiceId, held: bool) -> Vec<(WaitNode, f64)> {
        let mut ways = Vec::new();
        for &id in &self.model.services[service].operations {
            let doer = Doer::Operation(id);
            for activity in
                self.window.new.counters.flow.activities(doer).filter(|activity| self.is_its_own(service, *activity))
            {
                let to = match activity {
                    Activity::Cpu | Activity::Spawn => WaitNode::Cpu(service),
                    Activity::Delay => WaitNode::Delay(service),
                    Activity::Send => WaitNode::Network(service),
                    Activity::Receive => WaitNode::Ingress(service),
                    Activity::Disk => WaitNode::Disk(service),
                    Activity::Pool(link) => self.pool(link),
                    Activity::Call(link) => WaitNode::Call(link),
                    Activity::Backoff(link) => WaitNode::Backoff(link),
                    Activity::Retransmit(link) => self.door(link),
                    Activity::Lock(lock) => WaitNode::Lock(service, lock),
                    Activity::Hold if held => WaitNode::Hold(service),
                    Activity::Hold | Activity::Backlog | Activity::Join => continue,
                };
                ways.push((to, self.window.seconds_in(doer, activity)));
            }
        }
        ways
    }

    /// A broker has answered before its messages are delivered: nobody who calls it waits for that.
    fn is_its_own(&self, service: ServiceId, activity: Activity) -> bool {
        let behind =
            matches!(activity, Activity::Pool(_) | Activity::Call(_) | Activity::Retransmit(_) | Activity::Backoff(_));
        !(behind && matches!(self.model.services[service].kind, Kind::Queue { .. }))
    }

    /// What connections with nothing to do keep from others.
    fn idle(&self, service: ServiceId) -> Option<(WaitNode, f64)> {
        let subject =
            self.resources.subjects.iter().find(|s| s.kind == ResourceKind::KeepAlive && s.service == Some(service))?;
        Some((WaitNode::Idle(service), super::resources::sum(&subject.members, self.window).busy))
    }

    /// Who stands in the way of a call that has no connection yet: those that have one, or that there are so few.
    fn pool(&self, link: LinkId) -> WaitNode {
        let small = too_small(link, self.window, self.baseline, self.model, self.resources).is_some();
        if small { WaitNode::Pool(link) } else { WaitNode::Call(link) }
    }

    /// Who stands in the way of a call that gets no answer at the door: those who hold what it needs there.
    fn door(&self, link: LinkId) -> WaitNode {
        WaitNode::Holders(self.model.links[link].callee)
    }

    /// What those do who do not wait for a lock of the service: one of them has it.
    fn lock_holders(&self, service: ServiceId) -> Vec<(WaitNode, f64)> {
        let mut ways = self.holders(service, false);
        ways.retain(|(place, _)| !matches!(place, WaitNode::Lock(..)));
        ways
    }

    /// Seconds a service's executions spent in the chosen activities.
    fn spent(&self, service: ServiceId, chosen: impl Fn(Activity) -> bool) -> f64 {
        let flow = &self.window.new.counters.flow;
        let operations = &self.model.services[service].operations;
        operations
            .iter()
            .map(|&id: &OperationId| Doer::Operation(id))
            .flat_map(|doer| flow.activities(doer).filter(|&a| chosen(a)).map(move |a| (doer, a)))
            .map(|(doer, a)| self.window.seconds_in(doer, a))
            .sum()
    }

    fn call(&self, link: LinkId) -> Vec<(WaitNode, f64)> {
        let callee = self.model.links[link].callee;
        let seconds = |link: LinkId| {
            let get = |s: &super::counters::Snapshot| s.counters.flow.call_seconds(link, s.at);
            get(self.window.new) - get(self.window.old)
        };
        let links = self.model.links.iter().enumerate().filter(|(_, l)| l.callee == callee);
        let called: f64 = links.map(|(i, _)| seconds(LinkId::new(i))).sum();
        let inside =
            self.spent(callee, |a| !matches!(a, Activity::Hold | Activity::Join) && self.is_its_own(callee, a));
        if called <= 0.0 {
            return Vec::new();
        }
        let outside = (1.0 - inside / called).clamp(0.0, 1.0);
        let on_the_way =
            if self.baseline.down.contains(&callee) { WaitNode::Down(callee) } else { WaitNode::Transit(link) };
        vec![(WaitNode::Holders(callee), 1.0 - outside), (on_the_way, outside)]
    }
}

/// The subject a place is spoken of as: the saturated resource of the service that fits, else what serves there.
fn subject_of(place: WaitNode, model: &Model, resources: &Resources) -> Option<Named> {
    let name = |service: ServiceId| model.services[service].name.as_str();
    let whole = |service: ServiceId| Named::service(service, name(service));
    let part =
        |service: ServiceId, kind: &str| resources.part(Entity::Service(service), format!("{}.{kind}", name(service)));
    let full = |subject: &Subject| resources.saturated(subject).next().is_some();
    let saturated = |service: ServiceId| {
        let of_it = |kind: &ResourceKind| {
            let owner = Some(Entity::Service(service));
            let mut its = resources.subjects.iter().filter(|s| s.owner == owner && s.kind == *kind);
            its.next().filter(|subject| full(subject))
        };
        SLOTS.iter().find_map(of_it).map(|subject| resources.told(subject))
    };
    let machine = |service: ServiceId, kind: ResourceKind| {
        let groups = &model.services[service].groups;
        let of_it =
            |s: &&Subject| s.kind == kind && s.service.is_none() && s.group.is_some_and(|g| groups.contains(&g));
        let mut found: Vec<&Subject> = resources.subjects.iter().filter(of_it).collect();
        found.sort_by_key(|s| !full(s));
        found.first().map(|s| (resources.told(s), full(s)))
    };
    Some(match place {
        WaitNode::Start | WaitNode::Call(_) => return None,
        WaitNode::Pool(link) => {
            let at = model.services.iter().position(|s| s.links.contains(&link))?;
            part(ServiceId::new(at), &super::resources::waits_for(model, link))
        }
        WaitNode::Lock(service, lock) => part(service, &model.locks[lock].name),
        WaitNode::Holders(service) | WaitNode::Delay(service) => saturated(service).unwrap_or_else(|| whole(service)),
        WaitNode::Cpu(service) => match machine(service, ResourceKind::Cpu) {
            Some((cpu, true)) => cpu,
            Some((cpu, false)) => saturated(service).unwrap_or(cpu),
            None => saturated(service).unwrap_or_else(|| whole(service)),
        },
        // A network that is not full does not hold anybody: who reads or writes slowly does, if anybody can.
        WaitNode::Network(service) => match machine(service, ResourceKind::Network) {
            Some((network, full)) if full || model.paces.len() == 1 => network,
            Some(_) | None => Named::new(Told::SlowReaders(service), format!("slow readers of {}", name(service))),
        },
        WaitNode::Ingress(service) => match machine(service, ResourceKind::Ingress) {
            Some((network, true)) => network,
            Some(_) | None => Named::new(Told::SlowSenders(service), format!("slow senders to {}", name(service))),
        },
        WaitNode::Disk(service) => machine(service, ResourceKind::Disk).map_or_else(|| whole(service), |found| found.0),
        WaitNode::Hold(_) => Named::new(Told::OpenSessions, "open sessions"),
        WaitNode::Idle(_) => Named::new(Told::IdleConnections, "idle keep-alive"),
        WaitNode::Down(service) => whole(service),
        WaitNode::Transit(link) => {
            let callee = model.links[link].callee;
            Named::new(Told::NetworkTo(callee), format!("the network to {}", name(callee)))
        }
        WaitNode::Backoff(link) => {
            let callee = model.links[link].callee;
            Named::new(Told::RetriesTo(callee), format!("retries to {}", name(callee)))
        }
    })
}

/// What a service's own holders may be short of.
const SLOTS: [ResourceKind; 5] = [
    ResourceKind::Quota,
    ResourceKind::Threads,
    ResourceKind::Workers,
    ResourceKind::Connections,
    ResourceKind::Descriptors,
];
