//! Watches a run second by second and writes its story.

use super::availability::Availabilities;
use super::breakers::{self, Breakers};
use super::counters::{Window, limit_index, row};
use super::dead_letters::Brokers;
use super::moment::Moment;
use super::pending::Waiting;
use super::resources::Resources;
use super::sentences;
use super::story::{Alarm, AlarmChange, CALM, Entry, Story, StoryKind};
use super::subject::{Causes, Entity, Named};
use super::traffic::{REASONS, reason_index, reason_name};
use super::trouble::{Trouble, TroubleKind};
use super::wait_graph::{Question, ask};
use crate::engine::Limit;
use crate::model::{Model, ServiceId, SourceId};
use crate::number::sentence;
use crate::scenario::Reason;
use crate::units::Time;
use std::collections::BTreeSet;

/// Looks between noticing and telling: time for equal instances to join.
const SETTLE: u32 = 5;
/// Fewer calls than this in a window prove nothing.
const ENOUGH: u64 = 10;
/// Shares of failed requests at which a source fails, and at which its goodput has collapsed.
const FAILING: f64 = 0.05;
const COLLAPSED: f64 = 0.5;

/// State of the watch.
#[derive(Clone, Debug, Default)]
pub struct StoryBuilder {
    pub story: Story,
    pub lives: Availabilities,
    pub brokers: Brokers,
    pending: Waiting,
    pub breakers: Breakers,
    saturated: Vec<Saturation>,
    refusing: Vec<Refusing>,
    failing: Vec<Failing>,
    /// Somebody looks at what is wrong while it goes on: causes are asked for anew.
    pub follows: bool,
}

/// What comes back sooner than this was not over: the recovery is taken back.
const AGAIN: i64 = 120 * 1_000_000_000;

#[derive(Clone, Debug, Default)]
struct Saturation {
    alarm: Alarm,
    /// When the present trouble was told, and because of what.
    told: Time,
    because: Causes,
    /// The first and the last look at which it was full, of late; told or not yet.
    full: Option<[Time; 2]>,
    /// Because of what it lasts.
    cause: Causes,
    /// When it was last over, and the place of that sentence, if there is one.
    over: Option<(Time, Option<usize>)>,
}

#[derive(Clone, Debug, Default)]
struct Refusing {
    alarm: Alarm,
    /// When it began.
    since: Time,
    /// Because of what it lasts.
    cause: Causes,
}

#[derive(Clone, Debug, Default)]
struct Failing {
    some: Alarm,
    most: Alarm,
    told: Option<(usize, Time)>,
    /// Because of what it lasts.
    cause: Causes,
}

impl StoryBuilder {
    /// What is wrong now: what is full, and what refuses or fails as far as it was told.
    pub fn troubles(&self, model: &Model, resources: &Resources) -> Vec<Trouble> {
        let trouble = |subject: Named, kind: TroubleKind, alarm: Alarm, since: Time, because: &Causes| {
            alarm.raised().map(|calm| Trouble { subject, kind, since, because: because.clone(), calm })
        };
        let full = self.saturated.iter().zip(&resources.subjects).filter_map(|(state, subject)| {
            let [first, last] = state.full?;
            Some(Trouble {
                subject: resources.told(subject),
                kind: TroubleKind::Saturated,
                since: if state.alarm.raised().is_some() { state.told } else { first },
                because: state.cause.clone(),
                calm: resources.saturated(subject).next().is_none().then_some(last),
            })
        });
        let refusing = self.refusing.iter().zip(0..model.services.len() as u32).filter_map(|(s, id)| {
            trouble(service(model, ServiceId::new(id as usize)), TroubleKind::Refusing, s.alarm, s.since, &s.cause)
        });
        let failing = self.failing.iter().zip(0..model.sources.len() as u32).filter_map(|(s, id)| {
            trouble(source(model, SourceId::new(id as usize)), TroubleKind::Failing, s.some, s.told?.1, &s.cause)
        });
        let down = self.lives.down().map(|(id, since)| Trouble {
            subject: service(model, id),
            kind: TroubleKind::Down,
            since,
            because: Causes::default(),
            calm: None,
        });
        full.chain(refusing).chain(failing).chain(down).collect()
    }

    /// Look at the second that just passed.
    pub fn look(&mut self, look: &Moment) {
        self.lives.look(look.model, &look.resources.places, look.now(), &mut self.story);
        self.brokers.look(look.model, look.now(), &mut self.story);
        self.pending.look(look, &mut self.story);
        self.saturations(look);
        self.breakers.look(look, &self.lives.down_since(look.long.old.at), &mut self.story);
        self.refusals(look);
        self.failures(look);
    }

    fn saturations(&mut self, look: &Moment) {
        let now = look.now();
        for (i, subject) in look.resources.subjects.iter().enumerate() {
            let state = row(&mut self.saturated, i as u32);
            let since = look.resources.saturated(subject).filter_map(|t| t.detector.since()).min();
            let gone = subject.members.iter().all(|&m| look.second.resource(m).capacity <= 0.0);
            if gone && matches!(state.alarm, Alarm::Raised { .. }) {
                // It did not recover, it went down.
                state.alarm.reset();
                state.over = Some((now, None));
                state.full = None;
                continue;
            }
            match state.alarm.look(since.is_some(), since.is_none(), since.unwrap_or(now).max(Time(0)), now, SETTLE) {
                // Over before it could be told.
                Some(AlarmChange::Raised(_)) if since.is_none() => state.alarm.reset(),
                Some(AlarmChange::Raised(at)) => {
                    let down = self.lives.down_since(look.long.old.at);
                    let entry = sentences::saturated(look, i, at, &down);
                    state.cause.clone_from(&entry.because);
                    match state.over {
                        Some((over, place)) if at.0 - over.0 < AGAIN && entry.because == state.because => {
                            place.into_iter().for_each(|p| self.story.take_back(p));
                        }
                        Some(_) | None => {
                            state.told = at;
                            state.because = entry.because.clone();
                            self.story.add(entry);
                        }
                    }
                }
                Some(AlarmChange::Cleared(at)) => {
                    let text = format!(
                        "{} recovered after {}",
                        subject.label,
                        sentence::seconds((at.0 - state.told.0) as f64 / 1e9)
                    );
                    let entry = Entry {
                        at,
                        kind: StoryKind::Recovered,
                        subject: look.resources.told(subject),
                        because: Causes::default(),
                        text,
                    };
                    state.over = Some((at, Some(self.story.add(entry))));
                }
                None => {}
            }
            if self.follows && since.is_some() && (state.full.is_none() || look.asks_anew()) {
                state.cause = sentences::cause(look, i, &self.lives.down_since(look.long.old.at));
            }
            state.full = match (state.full, since) {
                (Some([first, _]), Some(_)) => Some([first, now]),
                (None, Some(since)) => Some([since.max(Time(0)), now]),
                (Some([first, last]), None) if now.0 - last.0 < CALM => Some([first, last]),
                (_, None) => None,
            };
        }
    }

    fn refusals(&mut self, look: &Moment) {
        for index in 0..look.model.services.len() {
            let id = ServiceId::new(index);
            let (ended, refused) = refusals(look.short, look.model, id);
            let share = if ended > 0 { refused as f64 / ended as f64 } else { 0.0 };
            let on = ended >= ENOUGH && share >= FAILING;
            let begun = |w: Window| {
                let (ended, refused) = refusals(w, look.model, id);
                refused as f64 >= FAILING * ended as f64 && refused > 0
            };
            let since = if on { look.since(begun) } else { look.now() };
            let state = row(&mut self.refusing, id.number());
            match state.alarm.look(on, share < FAILING / 2.0, since, look.now(), SETTLE) {
                Some(AlarmChange::Raised(at)) => {
                    let (because, why) = refuser(look, id, 0);
                    let because = Causes::from(because);
                    let name = &look.model.services[id].name;
                    let text = format!("{name} refuses {} ({why})", sentence::percent(share.max(FAILING)));
                    (state.since, state.cause) = (at, because.clone());
                    self.story.add(Entry {
                        at,
                        kind: StoryKind::Refusing,
                        subject: service(look.model, id),
                        because,
                        text,
                    });
                }
                Some(AlarmChange::Cleared(at)) => {
                    let name = &look.model.services[id].name;
                    let text = format!("{name} takes every call again");
                    self.story.add(Entry {
                        at,
                        kind: StoryKind::Recovered,
                        subject: service(look.model, id),
                        because: Causes::default(),
                        text,
                    });
                }
                None if self.follows && state.alarm.raised() == Some(None) && look.asks_anew() => {
                    state.cause = refuser(look, id, 0).0.into()
                }
                None => {}
            }
        }
    }

    fn failures(&mut self, look: &Moment) {
        for index in 0..look.model.sources.len() {
            let id = SourceId::new(index);
            let (succeeded, failed) = look.short.source(id);
            let failures: u64 = failed.iter().sum();
            let ended = succeeded + failures;
            let share = if ended > 0 { failures as f64 / ended as f64 } else { 0.0 };
            let enough = ended >= ENOUGH;
            let since = |limit: f64| {
                look.since(|w| {
                    let (succeeded, failed) = w.source(id);
                    let failed: u64 = failed.iter().sum();
                    failed > 0 && failed as f64 >= limit * (succeeded + failed) as f64
                })
            };
            let (since_some, since_most) =
                if share >= FAILING { (since(FAILING), since(COLLAPSED)) } else { (look.now(), look.now()) };
            let state = row(&mut self.failing, id.number());
            let some =
                state.some.look(enough && share >= FAILING, share < FAILING / 2.0, since_some, look.now(), SETTLE);
            let most =
                state.most.look(enough && share >= COLLAPSED, share < COLLAPSED / 2.0, since_most, look.now(), SETTLE);
            let down = self.lives.down_since(look.long.old.at);
            let entry = |at: Time, collapsed: bool| failing(look, id, (&failed, ended), &down, at, collapsed);
            if let Some(AlarmChange::Raised(at)) = some {
                let entry = entry(at, share >= COLLAPSED);
                state.cause.clone_from(&entry.because);
                state.told = Some((self.story.add(entry), at));
            } else if self.follows && state.some.raised() == Some(None) && look.asks_anew() {
                state.cause = culprit(look, id, &failed, &down).into();
            }
            if let Some(AlarmChange::Raised(at)) = most {
                match state.told {
                    // Told a moment ago: it was the beginning of this.
                    Some((place, told)) if at.0 - told.0 < 15_000_000_000 => {
                        let collapse = entry(told, true);
                        if let Some(beginning) = self.story.entry(place) {
                            *beginning = collapse;
                        }
                    }
                    Some(_) | None => {
                        self.story.add(entry(at, true));
                    }
                }
            }
            if let Some(AlarmChange::Cleared(at)) = some {
                let lasted = state.told.map_or(0.0, |(_, told)| (at.0 - told.0) as f64 / 1e9);
                let name = &look.model.sources[id].name;
                let text =
                    format!("{name} recovered after {} ({} fail)", sentence::seconds(lasted), sentence::percent(share));
                self.story.add(Entry {
                    at,
                    kind: StoryKind::Recovered,
                    subject: source(look.model, id),
                    because: Causes::default(),
                    text,
                });
                state.most.reset();
            }
        }
    }
}

fn service(model: &Model, id: ServiceId) -> Named {
    Named::service(id, model.services[id].name.as_str())
}

fn source(model: &Model, id: SourceId) -> Named {
    Named::entity(Entity::Source(id), model.sources[id].name.as_str())
}

/// (ended, refused) attempts at a service, as its callers saw them.
fn refusals(window: Window, model: &Model, service: ServiceId) -> (u64, u64) {
    let of_it = model.sites.iter().enumerate().filter(|(_, s)| model.operations[s.operation].service == service);
    of_it.map(|(i, _)| window.site(i)).fold((0, 0), |sum, c| (sum.0 + c.ended, sum.1 + c.refused))
}

/// Which limit makes a service refuse: its own, or that of a service it forwards the refusals of.
fn refuser(look: &Moment, service: ServiceId, depth: u32) -> (Option<Named>, String) {
    let (window, model) = (look.short, look.model);
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
        .max_by_key(|&callee| (refusals(window, model, callee).1, std::cmp::Reverse(callee)));
    if own * 2 < refused
        && depth < 8
        && let Some(callee) = below.filter(|&callee| callee != service && refusals(window, model, callee).1 > 0)
    {
        return refuser(look, callee, depth + 1);
    }
    let of = |limit: Limit| rejected[limit_index(limit)];
    let limits = [
        (of(Limit::Backlog), "workers", "backlog full"),
        (of(Limit::Connections), "connections", "all connections taken"),
        (of(Limit::Descriptors), "descriptors", "out of descriptors"),
        (of(Limit::Queue), "pool", "too many wait for it"),
        (of(Limit::Depth), "queue", "queue full"),
        (of(Limit::Reload), "connections", "it is being reloaded"),
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
        Some((_, "pool", why)) => (Some(full_queue(look, service).unwrap_or_else(whole)), why.to_string()),
        Some((_, limit, why)) if depth == 0 => (Some(part(limit)), why.to_string()),
        Some((_, limit, why)) => (Some(part(limit)), format!("{why} at {name}")),
        None => match without_socket(look, service) {
            Some(caller) => {
                let owner = Entity::Service(caller);
                let caller = &model.services[caller].name;
                let descriptors = look.resources.part(owner, format!("{caller}.descriptors"));
                (Some(descriptors), format!("{caller} is out of descriptors"))
            }
            None => (Some(whole()), format!("{name} has no healthy instance")),
        },
    }
}

/// The pool of callers of a service that turns most of them away.
fn full_queue(look: &Moment, callee: ServiceId) -> Option<Named> {
    let to = |link: &crate::model::LinkId| look.model.links[*link].callee == callee;
    let refused = |subject: &super::resources::Subject| super::resources::sum(&subject.members, look.short).refused;
    let of_it =
        look.resources.subjects.iter().filter(|subject| subject.link.as_ref().is_some_and(to) && refused(subject) > 0);
    of_it.max_by_key(|subject| refused(subject)).map(|subject| look.resources.told(subject))
}

/// A service that could not make its calls to this one for want of descriptors.
fn without_socket(look: &Moment, callee: ServiceId) -> Option<ServiceId> {
    let calls =
        |caller: ServiceId| look.model.services[caller].links.iter().any(|l| look.model.links[*l].callee == callee);
    let places = look.resources.places.iter().enumerate();
    places.filter(|(i, p)| look.short.no_socket(*i) > 0 && calls(p.service)).map(|(_, p)| p.service).next()
}

/// Who makes a source's requests fail.
fn culprit(
    look: &Moment,
    source: SourceId,
    failed: &[u64; REASONS.len()],
    down: &BTreeSet<ServiceId>,
) -> Option<Named> {
    let most = REASONS.into_iter().max_by_key(|&r| (failed[reason_index(r)], std::cmp::Reverse(reason_index(r))))?;
    let called = look.model.sites.iter().enumerate().filter(|(i, s)| {
        s.from.is_none() && look.short.site(*i).ended > 0 && {
            look.model.links[s.link].caller == crate::model::Caller::Source(source)
        }
    });
    match most {
        Reason::CircuitOpen | Reason::RateLimited => {
            let open = most == Reason::CircuitOpen;
            let turned_away = |site: usize| {
                let count = look.short.site(site);
                if open { count.circuit_open } else { count.rate_limited }
            };
            let of_links = look.model.sites.iter().enumerate().filter(|(_, site)| {
                let guards = &look.model.links[site.link].guards;
                if open { guards.breaker.is_some() } else { guards.rate_limit.is_some() }
            });
            let worst = of_links.max_by_key(|(i, _)| (turned_away(*i), std::cmp::Reverse(*i)))?.1.link;
            Some(if open { breakers::subject(look.model, worst) } else { breakers::limiter(look.model, worst) })
        }
        Reason::Refused | Reason::Shed => {
            let worst = called.max_by_key(|(i, _)| (look.short.site(*i).refused, std::cmp::Reverse(*i)))?;
            let refusing = look.model.operations[worst.1.operation].service;
            refuser(look, refusing, 0).0.or_else(|| Some(service(look.model, refusing)))
        }
        Reason::Crashed | Reason::Unreachable if !down.is_empty() => {
            down.iter().next().map(|id| service(look.model, *id))
        }
        Reason::TimedOut
        | Reason::PoolTimeout
        | Reason::Crashed
        | Reason::Unreachable
        | Reason::Error
        | Reason::Abandoned => {
            let blame = ask(Question::Waits(source), look.long, look.model, look.resources, look.baseline(down));
            blame.roots.into_iter().next().map(|r| r.0)
        }
    }
}

/// Requests of a source fail, or most of them do: so many of those that ended, and because of what.
fn failing(
    look: &Moment,
    id: SourceId,
    (failed, ended): (&[u64; REASONS.len()], u64),
    down: &BTreeSet<ServiceId>,
    at: Time,
    collapsed: bool,
) -> Entry {
    let name = &look.model.sources[id].name;
    let share = sentence::percent(failed.iter().sum::<u64>() as f64 / ended.max(1) as f64);
    let verb =
        if collapsed { format!("goodput of {name} collapses: {share} fail") } else { format!("{name}: {share} fail") };
    Entry {
        at,
        kind: StoryKind::Failing,
        subject: source(look.model, id),
        because: culprit(look, id, failed, down).into(),
        text: format!("{verb} ({})", reasons(failed, ended)),
    }
}

/// "30 % Refused, 8 % TimedOut"
fn reasons(failed: &[u64; REASONS.len()], ended: u64) -> String {
    let mut sorted: Vec<(usize, u64)> = failed.iter().copied().enumerate().filter(|f| f.1 > 0).collect();
    sorted.sort_by_key(|&(i, n)| (std::cmp::Reverse(n), i));
    sorted.truncate(3);
    let part =
        |&(i, n): &(usize, u64)| format!("{} {}", sentence::percent(n as f64 / ended.max(1) as f64), reason_name(i));
    sorted.iter().map(part).collect::<Vec<_>>().join(", ")
}
