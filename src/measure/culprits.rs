//! Who turns calls away, and who makes a source's requests fail.

use super::breakers;
use super::counters::{Window, limit_index};
use super::episode::Episode;
use super::moment::Moment;
use super::pools::Evidence;
use super::resources::{Subject, sum};
use super::subject::{Entity, Named, Subject as Told};
use super::traffic::{REASONS, reason_index};
use super::wait_graph::{Question, ask};
use crate::engine::Limit;
use crate::model::{Caller, LinkId, Model, ServiceId, SiteId, SourceId};
use crate::scenario::Reason;
use crate::units::Time;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Why calls are turned away that never left their caller.
pub const CALLERS_QUEUE: &str = "too many wait for it";

/// How the reason ends why calls never left: their caller has no socket.
pub const NO_SOCKET: &str = "is out of descriptors";

/// (ended, refused) attempts at a service, as its callers saw them.
pub fn refusals(window: Window, model: &Model, service: ServiceId) -> (u64, u64) {
    let of_it = model.sites.iter().enumerate().filter(|(_, s)| model.operations[s.operation].service == service);
    of_it.map(|(i, _)| window.site(i)).fold((0, 0), |sum, c| (sum.0 + c.ended, sum.1 + c.refused))
}

/// Which limit makes a service refuse: its own, or that of a service it forwards the refusals of.
pub fn refuser(look: &Moment, window: Window, service: ServiceId, depth: u32) -> (Option<Named>, String) {
    let model = look.model;
    let here = &model.services[service];
    let mut rejected = [0u64; super::counters::LIMITS];
    let mut dropped = 0;
    for &id in &here.operations {
        dropped += window.operation(id).dropped;
        rejected.iter_mut().zip(window.operation(id).rejected).for_each(|(sum, n)| *sum += n);
    }
    let (_, refused) = refusals(window, model, service);
    let own: u64 = rejected.iter().sum::<u64>() + dropped;
    let below = here
        .links
        .iter()
        .map(|l| model.links[*l].callee)
        .max_by_key(|&callee| (refusals(window, model, callee).1, Reverse(callee)));
    if own * 2 < refused
        && depth < 8
        && let Some(callee) = below.filter(|&callee| callee != service && refusals(window, model, callee).1 > 0)
    {
        return refuser(look, window, callee, depth + 1);
    }
    let of = |limit: Limit| rejected[limit_index(limit)];
    let limits = [
        (of(Limit::Backlog), "workers", "backlog full"),
        (of(Limit::Connections), "connections", "all connections taken"),
        (of(Limit::Descriptors), "descriptors", "out of descriptors"),
        (of(Limit::Queue), "pool", CALLERS_QUEUE),
        (of(Limit::Depth), "queue", "queue full"),
        (of(Limit::Reload), "", "it is being reloaded"),
        (of(Limit::Shed), "workers", "low priority is shed"),
        (dropped, "workers", "what waited too long is dropped"),
        (of(Limit::Dead) + of(Limit::NoInstance), "", "instances down"),
    ];
    let name = &here.name;
    let whole = || Named::service(service, name.as_str());
    let part = |limit: &str| look.resources.part(Entity::Service(service), format!("{name}.{limit}"));
    match limits.into_iter().max_by_key(|l| l.0).filter(|l| l.0 > 0) {
        Some((_, "", why)) if depth == 0 => (None, why.to_string()),
        Some((_, "", why)) => (Some(whole()), format!("{why} at {name}")),
        Some((_, "pool", why)) => (Some(full_queue(look, window, service).unwrap_or_else(whole)), why.to_string()),
        Some((_, limit, why)) if depth == 0 => (Some(part(limit)), why.to_string()),
        Some((_, limit, why)) => (Some(part(limit)), format!("{why} at {name}")),
        None => match without_socket(look, window, service) {
            Some(caller) => {
                let owner = Entity::Service(caller);
                let caller = &model.services[caller].name;
                let descriptors = look.resources.part(owner, format!("{caller}.descriptors"));
                (Some(descriptors), format!("{caller} {NO_SOCKET}"))
            }
            None => (Some(whole()), format!("{name} has no healthy instance")),
        },
    }
}

/// The pool of callers of a service that turns most of them away.
fn full_queue(look: &Moment, window: Window, callee: ServiceId) -> Option<Named> {
    let to = |link: &LinkId| look.model.links[*link].callee == callee;
    let refused = |subject: &Subject| sum(&subject.members, window).refused;
    let of_it =
        look.resources.subjects.iter().filter(|subject| subject.link.as_ref().is_some_and(to) && refused(subject) > 0);
    of_it.max_by_key(|subject| refused(subject)).map(|subject| look.resources.told(subject))
}

/// A service that could not make its calls to this one for want of descriptors.
fn without_socket(look: &Moment, window: Window, callee: ServiceId) -> Option<ServiceId> {
    let calls =
        |caller: ServiceId| look.model.services[caller].links.iter().any(|l| look.model.links[*l].callee == callee);
    let places = look.resources.places.iter().enumerate();
    places.filter(|(i, p)| window.no_socket(*i) > 0 && calls(p.service)).map(|(_, p)| p.service).next()
}

/// When requests ended that are asked about, and when they were on their way.
#[derive(Clone, Copy, Debug)]
pub struct When {
    pub ended: [Time; 2],
    pub asked: [Time; 2],
}

impl From<&Episode> for When {
    fn from(episode: &Episode) -> Self {
        When { ended: [episode.from, episode.until], asked: episode.asked() }
    }
}

/// Places where a source's requests are made, as far as any ended in a window.
fn called(look: &Moment, source: SourceId, window: Window) -> Vec<SiteId> {
    let sites = look.model.sites.iter().enumerate().filter(|(i, site)| {
        let own = look.model.links[site.link].caller == Caller::Source(source);
        site.from.is_none() && own && window.site(*i).ended > 0
    });
    sites.map(|(i, _)| SiteId::new(i)).collect()
}

/// Who makes a source's requests fail.
pub fn culprit(look: &Moment, source: SourceId, episode: &Episode, down: &BTreeSet<ServiceId>) -> Option<Named> {
    let failed = episode.ended().failed;
    let most = REASONS.into_iter().max_by_key(|&r| (failed[reason_index(r)], Reverse(reason_index(r))))?;
    let (when, waits) = (When::from(episode), Question::Waits(source));
    to_blame(look, most, (&called(look, source, look.around(when.ended)), waits, 0.0), when, down)
}

/// Who makes the requests fail for this reason that are made at one place.
pub fn culprit_at(
    look: &Moment,
    site: SiteId,
    reason: Reason,
    when: When,
    down: &BTreeSet<ServiceId>,
) -> Option<Named> {
    let question = Question::Calls(look.model.sites[site].link);
    to_blame(look, reason, (&[site], question, MOST_OF), when, down)
}

/// Whom calls wait for less than this share of their time made none of them fail.
const MOST_OF: f64 = 0.2;

fn to_blame(
    look: &Moment,
    reason: Reason,
    (sites, question, least): (&[SiteId], Question, f64),
    when: When,
    down: &BTreeSet<ServiceId>,
) -> Option<Named> {
    let window = look.around(when.ended);
    let called = || sites.iter().map(|id| (id.index(), &look.model.sites[*id]));
    match reason {
        Reason::CircuitOpen | Reason::RateLimited => {
            let open = reason == Reason::CircuitOpen;
            let turned_away = |site: usize| {
                let count = window.site(site);
                if open { count.circuit_open } else { count.rate_limited }
            };
            let of_links = look.model.sites.iter().enumerate().filter(|(_, site)| {
                let guards = &look.model.links[site.link].guards;
                if open { guards.breaker.is_some() } else { guards.rate_limit.is_some() }
            });
            let worst = of_links.max_by_key(|(i, _)| (turned_away(*i), Reverse(*i)))?.1.link;
            Some(if open { breakers::subject(look.model, worst) } else { breakers::limiter(look.model, worst) })
        }
        Reason::Refused | Reason::Shed => {
            let worst = called().max_by_key(|(i, _)| (window.site(*i).refused, Reverse(*i)))?;
            let refusing = look.model.operations[worst.1.operation].service;
            refuser(look, window, refusing, 0).0.or_else(|| Some(service(look.model, refusing)))
        }
        // An operation failed by itself, full or not.
        Reason::Error => None,
        Reason::TimedOut | Reason::PoolTimeout | Reason::Crashed | Reason::Unreachable | Reason::Abandoned => {
            let evidence = look.evidence(when.asked, down);
            let behind: BTreeSet<ServiceId> =
                called().flat_map(|(_, site)| evidence.behind(look.model.operations[site.operation].service)).collect();
            let dead = down.intersection(&behind).next().map(|id| service(look.model, *id));
            let broken = matches!(reason, Reason::Crashed | Reason::Unreachable);
            dead.filter(|_| broken)
                .or_else(|| ask(question, &evidence).roots.into_iter().find(|root| root.1 >= least).map(|r| r.0))
        }
    }
}

/// Whom fallbacks stand in for when they answer a source's requests.
pub fn replaced(look: &Moment, source: SourceId, when: When, down: &BTreeSet<ServiceId>) -> Option<Named> {
    let window = look.around(when.ended);
    let evidence = look.evidence(when.asked, down);
    let own = |site: &(usize, &crate::model::Site)| {
        site.1.from.is_none() && look.model.links[site.1.link].caller == Caller::Source(source)
    };
    let sites = || look.model.sites.iter().enumerate();
    let asked = sites().filter(|site| own(site) && window.site(site.0).ended > 0);
    let behind: BTreeSet<ServiceId> = asked
        .flat_map(|(_, site)| {
            let service = look.model.operations[site.operation].service;
            evidence.behind(service).into_iter().chain([service])
        })
        .collect();
    // Whoever is called by those, and not by the crowd itself.
    let inner = || {
        let caller = |site: &crate::model::Site| Some(look.model.operations[site.from?].service);
        let its = |caller: ServiceId| behind.contains(&caller);
        sites().filter(move |(_, site)| caller(site).is_some_and(its))
    };
    let open = inner().max_by_key(|(i, _)| (window.site(*i).circuit_open, Reverse(*i)));
    if let Some((_, site)) = open.filter(|(i, _)| window.site(*i).circuit_open > 0) {
        // It opened because of whom it stands before.
        return Some(service(look.model, look.model.links[site.link].callee));
    }
    let dead = inner().map(|(_, site)| look.model.operations[site.operation].service).find(|id| down.contains(id));
    let turned = inner().max_by_key(|(i, _)| (window.site(*i).refused, Reverse(*i)));
    let refused = turned.filter(|(i, _)| window.site(*i).refused > 0).map(|(_, site)| {
        let refusing = look.model.operations[site.operation].service;
        refuser(look, window, refusing, 0).0.unwrap_or_else(|| service(look.model, refusing))
    });
    dead.map(|id| service(look.model, id)).or(refused).or_else(|| waits(look, source, &evidence))
}

/// What the requests of a source wait for; pauses between attempts are because of whom they are made at.
fn waits(look: &Moment, source: SourceId, evidence: &Evidence) -> Option<Named> {
    let root = ask(Question::Waits(source), evidence).roots.into_iter().next()?.0;
    match root.what {
        Told::RetriesTo(callee) => Some(service(look.model, callee)),
        _ => Some(root),
    }
}

/// A service, as the story speaks of it.
pub fn service(model: &Model, id: ServiceId) -> Named {
    Named::service(id, model.services[id].name.as_str())
}

/// A source, as the story speaks of it.
pub fn source(model: &Model, id: SourceId) -> Named {
    Named::entity(Entity::Source(id), model.sources[id].name.as_str())
}
