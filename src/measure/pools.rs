//! A pool of kept connections, or of slots for calls, that is too small: all of it is in use although what its calls
//! end in has room and answers as fast as ever. Nobody further on is to blame for who waits for it.

use super::counters::Window;
use super::offered;
use super::resources::{Resources, Subject, sum};
use crate::engine::ResourceKind;
use crate::model::{LinkId, Model, ServiceId};
use std::collections::BTreeSet;

/// A resource in use to this share serves no faster.
const FULL: f64 = 0.95;
/// Calls that take so many times as long as before are what fills the pool.
const SLOWER: f64 = 1.5;

/// What may be behind a link: down, or slower than `before`.
#[derive(Clone, Copy, Debug)]
pub struct Baseline<'a> {
    pub before: Option<Window<'a>>,
    pub down: &'a BTreeSet<ServiceId>,
}

/// The saturated pool of a link that is to blame itself.
pub fn too_small<'a>(
    link: LinkId,
    window: Window,
    baseline: Baseline,
    model: &Model,
    resources: &'a Resources,
) -> Option<&'a Subject> {
    let pool = resources.subjects.iter().find(|subject| {
        let is_pool = matches!(subject.kind, ResourceKind::Pool | ResourceKind::Slots);
        is_pool && subject.link == Some(link) && resources.saturated(subject).next().is_some()
    })?;
    let now = pace(model, window, link)?;
    let slower =
        baseline.before.and_then(|before| pace(model, before, link)).is_some_and(|before| now >= SLOWER * before);
    let behind = behind(model, link);
    let full = |subject: &Subject| is_of(model, subject, &behind) && is_full(resources, subject, window);
    (!slower && behind.is_disjoint(baseline.down) && !resources.subjects.iter().any(full)).then_some(pool)
}

/// Seconds that a call over the link takes once it has left.
fn pace(model: &Model, window: Window, link: LinkId) -> Option<f64> {
    let seconds = |s: &super::counters::Snapshot| s.counters.flow.call_seconds(link, s.at);
    let calls = offered::left(window, model, |site| site.link == link);
    (calls > 0.0).then(|| (seconds(window.new) - seconds(window.old)) / calls)
}

/// The callee and all that it calls in turn.
fn behind(model: &Model, link: LinkId) -> BTreeSet<ServiceId> {
    let (mut found, mut todo) = (BTreeSet::new(), vec![model.links[link].callee]);
    while let Some(service) = todo.pop() {
        if found.insert(service) {
            todo.extend(model.services[service].links.iter().map(|next| model.links[*next].callee));
        }
    }
    found
}

/// It belongs to one of the services, or to a machine that runs one.
fn is_of(model: &Model, subject: &Subject, services: &BTreeSet<ServiceId>) -> bool {
    match (subject.service, subject.group) {
        (Some(service), _) => services.contains(&service),
        (None, Some(group)) => model.groups[group].services.iter().any(|service| services.contains(service)),
        (None, None) => false,
    }
}

/// Somebody waits for it, or it works as much as it can.
fn is_full(resources: &Resources, subject: &Subject, window: Window) -> bool {
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
    resources.saturated(subject).next().is_some() || (works && subject.members.iter().any(busy))
}
