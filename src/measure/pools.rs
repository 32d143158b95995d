//! Places that are too few: all of a pool, of the slots of a link or of a service's workers is in use although whoever
//! has one is done with it as fast as ever. Nobody further on is to blame for who waits for it.

use super::acts::Acts;
use super::counters::Window;
use super::flow::Doer;
use super::resources::{Resources, Subject, sum};
use crate::engine::{Activity, ResourceKind};
use crate::model::{LinkId, Model, ServiceId};
use crate::units::Time;
use std::collections::BTreeSet;

/// A resource in use to this share serves no faster.
const FULL: f64 = 0.95;
/// What takes so many times as long as before is slower.
const SLOWER: f64 = 1.5;

/// What a question about causes is answered from.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    pub model: &'a Model,
    pub resources: &'a Resources,
    /// Whole seconds around what is to be explained.
    pub window: Window<'a>,
    /// From when until when it was, exactly.
    pub span: [Time; 2],
    /// What was usual before anything happened.
    pub before: Option<Window<'a>>,
    /// Services with an instance that is down, or was.
    pub down: &'a BTreeSet<ServiceId>,
    /// What operators did of late.
    pub acts: &'a Acts,
}

impl<'a> Evidence<'a> {
    /// All of it was in use in the span, and somebody waited or was turned away.
    pub fn full(&self, subject: &Subject) -> bool {
        self.resources.was_full(subject, self.window, self.span)
    }

    /// The saturated pool of a link that is to blame itself.
    pub fn too_small(&self, link: LinkId) -> Option<&'a Subject> {
        let is_pool = |subject: &&Subject| {
            matches!(subject.kind, ResourceKind::Pool | ResourceKind::Slots) && subject.link == Some(link)
        };
        let pool = self.resources.subjects.iter().find(|subject| is_pool(subject) && self.full(subject))?;
        pace(self.window, link)?;
        let behind = self.behind(self.model.links[link].callee);
        (!self.slower_behind(link) && behind.is_disjoint(self.down) && !self.any_full(&behind, None)).then_some(pool)
    }

    /// The workers of a service where they are to blame themselves.
    pub fn too_few(&self, service: ServiceId) -> Option<&'a Subject> {
        let of_it = |subject: &&Subject| subject.kind == ResourceKind::Workers && subject.service == Some(service);
        let workers = self.resources.subjects.iter().find(|subject| of_it(subject) && self.full(subject))?;
        let mut behind = self.behind(service);
        if self.slower(service) || self.serves_peers(service) || self.any_full(&behind, Some(workers)) {
            return None;
        }
        behind.remove(&service);
        behind.is_disjoint(self.down).then_some(workers)
    }

    /// Most of its calls' time goes to and from those who read or send: they may be slow.
    fn serves_peers(&self, service: ServiceId) -> bool {
        let (mut peers, mut all) = (0.0, 0.0);
        for &operation in &self.model.services[service].operations {
            let doer = Doer::Operation(operation);
            for activity in self.window.new.counters.flow.activities(doer).filter(inside) {
                let seconds = self.window.seconds_in(doer, activity);
                all += seconds;
                peers += if matches!(activity, Activity::Send | Activity::Receive) { seconds } else { 0.0 };
            }
        }
        peers > 0.5 * all
    }

    /// Its calls take longer than before, standing in line at its door left out.
    pub fn slower(&self, service: ServiceId) -> bool {
        let pace = |window: Window| self.pace_of(window, service);
        let before = self.before.and_then(pace);
        pace(self.window).zip(before).is_some_and(|(now, before)| now >= SLOWER * before)
    }

    /// Calls over a link take longer than before.
    pub fn slower_behind(&self, link: LinkId) -> bool {
        let before = self.before.and_then(|before| pace(before, link));
        pace(self.window, link).zip(before).is_some_and(|(now, before)| now >= SLOWER * before)
    }

    /// Seconds that a call of a service takes once it has a worker.
    fn pace_of(&self, window: Window, service: ServiceId) -> Option<f64> {
        let operations = &self.model.services[service].operations;
        let (mut seconds, mut calls) = (0.0, 0);
        for &operation in operations {
            let doer = Doer::Operation(operation);
            let activities = window.new.counters.flow.activities(doer).filter(inside);
            seconds += activities.map(|activity| window.seconds_in(doer, activity)).sum::<f64>();
            calls += window.begun(operation);
        }
        (calls > 0 || seconds > 0.0).then(|| seconds / calls.max(1) as f64)
    }

    /// A service and all that it calls in turn.
    pub fn behind(&self, service: ServiceId) -> BTreeSet<ServiceId> {
        let (mut found, mut todo) = (BTreeSet::new(), vec![service]);
        while let Some(service) = todo.pop() {
            if found.insert(service) {
                let links = &self.model.services[service].links;
                todo.extend(links.iter().map(|next| self.model.links[*next].callee));
            }
        }
        found
    }

    fn any_full(&self, services: &BTreeSet<ServiceId>, but: Option<&Subject>) -> bool {
        let others = self.resources.subjects.iter().filter(|subject| but.is_none_or(|but| but.id != subject.id));
        let mut of_them = others.filter(|subject| is_of(self.model, subject, services));
        of_them.any(|subject| self.full(subject) || works_fully(subject, self.window))
    }
}

/// What a call does once it has a worker.
fn inside(activity: &Activity) -> bool {
    !matches!(activity, Activity::Backlog | Activity::Hold | Activity::Join)
}

/// Seconds that a call over the link takes once it has left.
fn pace(window: Window, link: LinkId) -> Option<f64> {
    let flow = |s: &super::counters::Snapshot| (s.counters.flow.call_seconds(link, s.at), s.counters.flow.calls(link));
    let ((new_seconds, new_calls), (old_seconds, old_calls)) = (flow(window.new), flow(window.old));
    let (seconds, calls) = (new_seconds - old_seconds, new_calls.saturating_sub(old_calls));
    (calls > 0 || seconds > 0.0).then(|| seconds / calls.max(1) as f64)
}

/// It belongs to one of the services, or to a machine that runs one.
fn is_of(model: &Model, subject: &Subject, services: &BTreeSet<ServiceId>) -> bool {
    match (subject.service, subject.group) {
        (Some(service), _) => services.contains(&service),
        (None, Some(group)) => model.groups[group].services.iter().any(|service| services.contains(service)),
        (None, None) => false,
    }
}

/// It works as much as it can, whether or not somebody waits.
fn works_fully(subject: &Subject, window: Window) -> bool {
    let works = match subject.kind {
        ResourceKind::Cpu
        | ResourceKind::Quota
        | ResourceKind::Threads
        | ResourceKind::Workers
        | ResourceKind::Lock
        | ResourceKind::Network
        | ResourceKind::Ingress
        | ResourceKind::Disk => true,
        ResourceKind::Instances
        | ResourceKind::Connections
        | ResourceKind::Descriptors
        | ResourceKind::KeepAlive
        | ResourceKind::Queue
        | ResourceKind::Pool
        | ResourceKind::Slots
        | ResourceKind::Memory => false,
    };
    let busy = |&member: &usize| sum(&[member], window).utilization().is_some_and(|share| share >= FULL);
    works && subject.members.iter().any(busy)
}
