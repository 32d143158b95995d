//! What the holders of a saturated resource wait for: the blame chain of one window of one run.
//!
//! A service's holders divide their time between their own CPU, delays, disk, network, waiting for kept connections and
//! calls. A call's time is its callee's holders' (standing in the callee's backlog is waiting for them too); what the
//! callee does not account for is the way there, or silence while the callee is down. Waiting for a fork is left out:
//! its branches count. Waiting for a kept connection, or for a worker, is waiting for the calls that have them, unless
//! they are too few: then it ends there. Waiting for a lock ends there, unless who has it waits for another in turn.
//!
//! To blame is only what was full, down, out of reach, kept open, or slower than it used to be. Time that ends anywhere
//! else is as it always was and explains nothing.

use super::blame::Chain;
use super::flow::Doer;
use super::pools::Evidence;
use super::resources::{Subject, sum};
use super::subject::{Entity, Named, Subject as Told};
use crate::engine::Activity;
use crate::engine::ResourceKind;
use crate::model::{Amount, Kind, LinkId, LockId, Model, OperationId, ServiceId, SourceId};
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
    /// Workers that are too few.
    Workers(ServiceId),
    /// A lock whose holder waits for nobody else.
    Kept(ServiceId, LockId),
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

/// Follow the time of the holders to where it ends.
pub fn ask(question: Question, evidence: &Evidence) -> Blame {
    let web = Web { evidence, model: evidence.model };
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
        if let Some(name) = web.subject_of(places[place]) {
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
            WaitNode::Holders(service) => Some(Named::service(service, web.name(service))),
            WaitNode::Start
            | WaitNode::Call(_)
            | WaitNode::Lock(..)
            | WaitNode::Pool(_)
            | WaitNode::Workers(_)
            | WaitNode::Kept(..)
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
    evidence: &'a Evidence<'a>,
    model: &'a Model,
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
                    let links = self.evidence.window.new.counters.flow.activities(doer).filter_map(|a| match a {
                        Activity::Call(link) => Some((WaitNode::Call(link), self.evidence.window.seconds_in(doer, a))),
                        Activity::Retransmit(link) => Some((self.door(link), self.evidence.window.seconds_in(doer, a))),
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
            WaitNode::Lock(service, lock) => self.lock_holders(service, lock),
            WaitNode::Pool(_)
            | WaitNode::Workers(_)
            | WaitNode::Kept(..)
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
                if self.evidence.too_few(service).is_some() {
                    let own = ways.iter().map(|way| way.1).sum();
                    ways = vec![(WaitNode::Workers(service), own)];
                }
                ways.extend(self.idle(service));
                ways
            }
            (ResourceKind::Connections | ResourceKind::Descriptors, Some(service), _) => {
                let mut ways = self.holders(service, true);
                ways.push((self.line(service), self.spent(service, |a| a == Activity::Backlog)));
                ways.extend(self.idle(service));
                ways.extend(self.kept_open(service, subject));
                ways
            }
            (ResourceKind::Pool | ResourceKind::Slots, _, Some(link)) => vec![(self.pool(link), 1.0)],
            (ResourceKind::Queue, _, Some(link)) => vec![(WaitNode::Call(link), 1.0)],
            (ResourceKind::Lock, Some(service), _) => match self.lock_of(service, subject) {
                Some(lock) => self.lock_holders(service, lock),
                None => Vec::new(),
            },
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
            for activity in self
                .evidence
                .window
                .new
                .counters
                .flow
                .activities(doer)
                .filter(|activity| self.is_its_own(service, *activity))
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
                ways.push((to, self.evidence.window.seconds_in(doer, activity)));
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
        let subject = self
            .evidence
            .resources
            .subjects
            .iter()
            .find(|s| s.kind == ResourceKind::KeepAlive && s.service == Some(service))?;
        Some((WaitNode::Idle(service), sum(&subject.members, self.evidence.window).busy))
    }

    /// Descriptors of connections to others that are neither asked for anything nor given back: those at the other end
    /// keep them open.
    fn kept_open(&self, service: ServiceId, subject: &Subject) -> Option<(WaitNode, f64)> {
        if subject.kind != ResourceKind::Descriptors {
            return None;
        }
        let held = sum(&subject.members, self.evidence.window).busy;
        let rest = held - self.spent(service, |_| true);
        let links = &self.model.services[service].links;
        let keeps = |callee: ServiceId| (callee, self.spent(callee, |a| a == Activity::Hold));
        let keepers = links.iter().map(|&link| keeps(self.model.links[link].callee));
        let (keeper, kept) = keepers.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
        (rest > 0.0).then(|| (WaitNode::Hold(keeper), rest.min(kept)))
    }

    /// Who stands in the way of a call that has no connection yet: those that have one, or that there are so few.
    fn pool(&self, link: LinkId) -> WaitNode {
        if self.evidence.too_small(link).is_some() { WaitNode::Pool(link) } else { WaitNode::Call(link) }
    }

    /// Who stands in the way of a call that has no worker yet.
    fn line(&self, service: ServiceId) -> WaitNode {
        if self.evidence.too_few(service).is_some() { WaitNode::Workers(service) } else { WaitNode::Holders(service) }
    }

    /// Who stands in the way of a call that gets no answer at the door: those who hold what it needs there.
    fn door(&self, link: LinkId) -> WaitNode {
        WaitNode::Holders(self.model.links[link].callee)
    }

    /// The lock that a subject of a service is.
    fn lock_of(&self, service: ServiceId, subject: &Subject) -> Option<LockId> {
        let named = |lock: &LockId| subject.id == format!("{}.{}", self.name(service), self.model.locks[*lock].name);
        (0..self.model.locks.len()).map(LockId::new).find(named)
    }

    /// What those do who do not wait for a lock of the service: one of them has it. What they do themselves, where
    /// nothing that they need is full, is keeping it.
    fn lock_holders(&self, service: ServiceId, lock: LockId) -> Vec<(WaitNode, f64)> {
        let mut ways = self.holders(service, false);
        ways.retain(|(place, _)| !matches!(place, WaitNode::Lock(..)));
        for (place, _) in &mut ways {
            let own = match *place {
                WaitNode::Delay(_) => true,
                WaitNode::Cpu(of) => of == service && self.cores(service).is_none_or(|(_, full)| !full),
                _ => false,
            };
            if own {
                *place = WaitNode::Kept(service, lock);
            }
        }
        ways
    }

    /// Seconds a service's executions spent in the chosen activities.
    fn spent(&self, service: ServiceId, chosen: impl Fn(Activity) -> bool) -> f64 {
        let flow = &self.evidence.window.new.counters.flow;
        let operations = &self.model.services[service].operations;
        operations
            .iter()
            .map(|&id: &OperationId| Doer::Operation(id))
            .flat_map(|doer| flow.activities(doer).filter(|&a| chosen(a)).map(move |a| (doer, a)))
            .map(|(doer, a)| self.evidence.window.seconds_in(doer, a))
            .sum()
    }

    fn call(&self, link: LinkId) -> Vec<(WaitNode, f64)> {
        let callee = self.model.links[link].callee;
        let seconds = |link: LinkId| {
            let get = |s: &super::counters::Snapshot| s.counters.flow.call_seconds(link, s.at);
            get(self.evidence.window.new) - get(self.evidence.window.old)
        };
        let links = self.model.links.iter().enumerate().filter(|(_, l)| l.callee == callee);
        let called: f64 = links.map(|(i, _)| seconds(LinkId::new(i))).sum();
        let waits = self.spent(callee, |a| a == Activity::Backlog);
        let works = self.spent(callee, |a| {
            !matches!(a, Activity::Hold | Activity::Join | Activity::Backlog) && self.is_its_own(callee, a)
        });
        if called <= 0.0 {
            return Vec::new();
        }
        let inside = ((waits + works) / called).min(1.0);
        let line = if waits > 0.0 { inside * waits / (waits + works) } else { 0.0 };
        let on_the_way =
            if self.evidence.down.contains(&callee) { WaitNode::Down(callee) } else { WaitNode::Transit(link) };
        vec![(self.line(callee), line), (WaitNode::Holders(callee), inside - line), (on_the_way, 1.0 - inside)]
    }

    fn name(&self, service: ServiceId) -> &str {
        &self.model.services[service].name
    }

    fn whole(&self, service: ServiceId) -> Named {
        Named::service(service, self.name(service))
    }

    /// The full resource of a kind that a service has itself.
    fn full_of(&self, service: ServiceId, kind: ResourceKind) -> Option<Named> {
        let resources = self.evidence.resources;
        let owner = Some(Entity::Service(service));
        let mut its = resources.subjects.iter().filter(|s| s.owner == owner && s.kind == kind);
        its.find(|subject| self.evidence.full(subject)).map(|subject| resources.told(subject))
    }

    /// The first of a service's own places that is full.
    fn full_places(&self, service: ServiceId) -> Option<Named> {
        SLOTS.iter().find_map(|kind| self.full_of(service, *kind))
    }

    /// What a service's machines have of a kind, a full one if there is one, and whether it is.
    fn machine(&self, service: ServiceId, kind: ResourceKind) -> Option<(Named, bool)> {
        let resources = self.evidence.resources;
        let groups = &self.model.services[service].groups;
        let of_it =
            |s: &&Subject| s.kind == kind && s.service.is_none() && s.group.is_some_and(|g| groups.contains(&g));
        let found = resources.subjects.iter().filter(of_it).map(|s| (s, self.evidence.full(s)));
        found.min_by_key(|(_, full)| !full).map(|(s, full)| (resources.told(s), full))
    }

    /// What a service computes on: its threads, its share of the cores or the cores, whichever is full.
    fn cores(&self, service: ServiceId) -> Option<(Named, bool)> {
        let own = [ResourceKind::Threads, ResourceKind::Quota];
        let own = own.into_iter().find_map(|kind| self.full_of(service, kind)).map(|full| (full, true));
        own.or_else(|| self.machine(service, ResourceKind::Cpu))
    }

    /// A service that is slower than it was, by what it is short of if that is full.
    fn slower(&self, service: ServiceId) -> Option<Named> {
        self.full_places(service).or_else(|| self.evidence.slower(service).then(|| self.whole(service)))
    }

    /// The subject a place is spoken of as; none where nothing is other than usual.
    fn subject_of(&self, place: WaitNode) -> Option<Named> {
        let name = |service: ServiceId| self.name(service);
        let part = |service: ServiceId, kind: &str| {
            self.evidence.resources.part(Entity::Service(service), format!("{}.{kind}", name(service)))
        };
        match place {
            WaitNode::Start | WaitNode::Call(_) => None,
            WaitNode::Pool(link) => {
                let at = self.model.services.iter().position(|s| s.links.contains(&link))?;
                Some(part(ServiceId::new(at), &super::resources::waits_for(self.model, link)))
            }
            WaitNode::Workers(service) => self.full_of(service, ResourceKind::Workers),
            WaitNode::Lock(service, lock) | WaitNode::Kept(service, lock) => {
                Some(part(service, &self.model.locks[lock].name))
            }
            WaitNode::Holders(service) | WaitNode::Delay(service) => self.slower(service),
            WaitNode::Cpu(service) => match self.cores(service) {
                Some((cores, true)) => Some(cores),
                Some((cores, false)) => {
                    self.full_places(service).or_else(|| self.evidence.slower(service).then_some(cores))
                }
                None => self.slower(service),
            },
            // A network that is not full does not hold anybody: who reads or writes slowly does, if anybody can.
            WaitNode::Network(service) => match self.machine(service, ResourceKind::Network) {
                Some((network, true)) => Some(network),
                Some((network, false)) if self.model.paces.len() == 1 => {
                    self.evidence.slower(service).then_some(network)
                }
                Some(_) | None => {
                    Some(Named::new(Told::SlowReaders(service), format!("slow readers of {}", name(service))))
                }
            },
            WaitNode::Ingress(service) => match self.machine(service, ResourceKind::Ingress) {
                Some((network, true)) => Some(network),
                Some(_) | None => {
                    Some(Named::new(Told::SlowSenders(service), format!("slow senders to {}", name(service))))
                }
            },
            WaitNode::Disk(service) => match self.machine(service, ResourceKind::Disk) {
                Some((disk, true)) => Some(disk),
                Some((disk, false)) => self.evidence.slower(service).then_some(disk),
                None => self.slower(service),
            },
            WaitNode::Hold(_) => Some(Named::new(Told::OpenSessions, "open sessions")),
            WaitNode::Idle(_) => Some(Named::new(Told::IdleConnections, "idle keep-alive")),
            WaitNode::Down(service) => Some(self.whole(service)),
            WaitNode::Transit(link) => {
                let callee = self.model.links[link].callee;
                let to = || Named::new(Told::NetworkTo(callee), format!("the network to {}", name(callee)));
                // Where nothing was seen before, a way that takes time may be what it is; one that takes none is not.
                let takes_time = !matches!(
                    self.model.amounts[self.model.links[link].latency],
                    Amount::Constant { value, .. } if value <= 0.0
                );
                let slow = self.evidence.slower_behind(link);
                let cut = self.evidence.acts.cut(self.model, link, self.evidence.span);
                (cut || slow || self.evidence.before.is_none() && takes_time).then(to)
            }
            WaitNode::Backoff(link) => {
                let callee = self.model.links[link].callee;
                Some(Named::new(Told::RetriesTo(callee), format!("retries to {}", name(callee))))
            }
        }
    }
}

/// What a service's own holders may be short of.
const SLOTS: [ResourceKind; 5] = [
    ResourceKind::Quota,
    ResourceKind::Threads,
    ResourceKind::Workers,
    ResourceKind::Connections,
    ResourceKind::Descriptors,
];
