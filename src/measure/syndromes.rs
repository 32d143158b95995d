//! Names for how a collapse goes on. Each is told once, and only with its evidence.
//!
//! *Retry storm*: with its retries the crowd asks for more than there is, without them there would be room. *Metastable
//! state* (Bronson et al., Metastable Failures in Distributed Systems, HotOS 2021): what upset the system is over, what
//! is asked and what there is would fit, and yet it fails, held down by the retries or the misses of the collapse.
//! *Cache stampede*: what one would have to fetch is fetched by many. *Deadlock*: services wait for one another and
//! nothing gets through. *Thundering herd*: what was down is back, and those who waited come at once and fill it.

use super::counters::row;
use super::culprits::{service, source};
use super::emptied::{self, Loss};
use super::failures::Failures;
use super::moment::Moment;
use super::offered::{Mix, Station, why};
use super::resources::Subject;
use super::saturations::Saturations;
use super::story::{Entry, Story, StoryKind};
use super::subject::{Causes, Entity, Named, Subject as Told, words};
use crate::engine::ResourceKind;
use crate::model::{Caller, ServiceId, SourceId};
use crate::number::sentence;
use crate::units::Time;
use std::collections::BTreeSet;

const SECOND: i64 = 1_000_000_000;
/// Between two looks, nanoseconds.
const ANEW: i64 = 5 * SECOND;
/// Looks in a row, five seconds apart, in which each must show.
const STORM: u32 = 3;
const STUCK: u32 = 13;
const NOTHING: u32 = 3;
/// A load below this leaves room, one above it does not.
const ROOM: f64 = 1.0;
/// Retries make this many calls of one.
const MULTIPLIED: f64 = 1.25;
/// A crowd is as before up to this factor.
const AS_BEFORE: f64 = 1.15;
/// Fetches are counted for so long before they are told, nanoseconds.
const SETTLE: i64 = 5 * SECOND;
/// So many fetch for each entry that is gone.
const EACH: u64 = 10;
/// A herd comes within so many seconds, and is so many times what came in as long before, and so many at least.
const TOGETHER: i64 = 5;
const HERD: f64 = 3.0;
const MANY: f64 = 100.0;

/// How long in a row something has shown, and whether it was told.
#[derive(Clone, Copy, Debug, Default)]
struct Shown {
    since: Option<Time>,
    looks: u32,
    told: bool,
}

impl Shown {
    /// Since when it shows, once, when it has shown so many times in a row.
    fn look(&mut self, on: bool, now: Time, enough: u32) -> Option<Time> {
        if !on {
            (self.since, self.looks) = (None, 0);
            return None;
        }
        let since = *self.since.get_or_insert(Time((now.0 - ANEW).max(0)));
        self.looks += 1;
        (self.looks >= enough && !std::mem::replace(&mut self.told, true)).then_some(since)
    }
}

/// What shows so far.
#[derive(Clone, Debug, Default)]
pub struct Syndromes {
    storms: Vec<Shown>,
    storms_of: Vec<Shown>,
    stuck: Vec<Shown>,
    deadlock: Shown,
    stampedes: Vec<Loss>,
    /// Services that came back, when, and since when they had been down.
    returns: Vec<(ServiceId, Time, Time)>,
    /// Operators did something at some time.
    acted: bool,
}

impl Syndromes {
    /// A service is up again that had been down since then.
    pub fn returned(&mut self, service: ServiceId, at: Time, down: Time) {
        if at.0 > 0 && self.returns.iter().all(|known| known.0 != service) {
            self.returns.push((service, at, down));
        }
    }

    /// Tell what shows.
    pub fn look(&mut self, look: &Moment, failures: &Failures, saturations: &Saturations, story: &mut Story) {
        self.acted |= !look.acts.is_empty();
        self.herds(look, story);
        self.stampedes(look, story);
        if !look.asks_anew() {
            return;
        }
        let roots: Vec<(&Subject, Load)> = if failures.any() { roots(look, saturations) } else { Vec::new() };
        self.storms(look, &roots, failures, story);
        self.stuck(look, &roots, failures, story);
        self.deadlock(look, saturations.circle(), story);
    }

    fn storms(&mut self, look: &Moment, roots: &[(&Subject, Load)], failures: &Failures, story: &mut Story) {
        let now = look.now();
        for (index, subject) in look.resources.subjects.iter().enumerate() {
            let storm = roots.iter().find(|root| root.0.id == subject.id).map(|root| root.1);
            let storm = storm.filter(|load| load.retried && load.now >= ROOM && load.first < ROOM);
            let since = row(&mut self.storms, index as u32).look(storm.is_some(), now, STORM);
            if let (Some(at), Some(load)) = (since, storm) {
                let at = failures.since().map_or(at, |since| since.max(at));
                let text = format!(
                    "retry storm at {}: retries raise its ρ from {:.2} to {:.2}",
                    subject.label, load.first, load.now
                );
                let subject = look.resources.told(subject);
                story.add(Entry { at, kind: StoryKind::RetryStorm, subject, because: Causes::default(), text });
            }
        }
        for id in (0..look.model.sources.len()).map(SourceId::new) {
            let storm = failures.failing(id).and_then(|_| self.unlimited(look, id));
            let since = row(&mut self.storms_of, id.number()).look(storm.is_some(), now, STORM);
            if let (Some(at), Some((callee, attempts))) = (since, storm) {
                let attempts = sentence::factor(attempts);
                let at = failures.since().map_or(at, |since| since.max(at));
                let text = format!("retry storm at {callee}: {attempts} attempts a call slow it down");
                story.add(Entry { at, kind: StoryKind::RetryStorm, subject: callee, because: Causes::default(), text });
            }
        }
    }

    /// A crowd as before, whose retries make a service slower that is short of nothing it has a limit of; and how many
    /// attempts it makes a call. Where operators did something that may be why it is slower.
    fn unlimited(&self, look: &Moment, id: SourceId) -> Option<(Named, f64)> {
        let before = look.before?;
        let full = look.resources.subjects.iter().any(|subject| look.resources.saturated(subject).next().is_some());
        if full || self.acted || is_upset(look) {
            return None;
        }
        let sites = look.model.sites.iter().enumerate().filter(|(_, site)| site.from.is_none());
        let mut of_it = sites.filter(|(_, site)| look.model.links[site.link].caller == Caller::Source(id));
        let ((old, new), nobody) = ((Mix::of(before, look.model), Mix::of(look.short, look.model)), BTreeSet::new());
        let evidence = look.evidence(look.lately(), &nobody);
        let storm = of_it.find(|(at, site)| {
            let as_before = new.requests[*at] <= AS_BEFORE * old.requests[*at];
            as_before
                && new.attempts[*at] >= MULTIPLIED * old.attempts[*at]
                && evidence.slower(look.model.operations[site.operation].service)
        });
        storm.map(|(at, site)| (service(look.model, look.model.operations[site.operation].service), new.attempts[at]))
    }

    fn stuck(&mut self, look: &Moment, roots: &[(&Subject, Load)], failures: &Failures, story: &mut Story) {
        for id in (0..look.model.sources.len()).map(SourceId::new) {
            let episode = failures.failing(id);
            let failing = episode.is_some() && !is_upset(look);
            let held = |load: &Load| load.usual.is_some_and(|usual| usual < ROOM) && load.now >= ROOM;
            let held = failing.then(|| roots.iter().find(|(_, load)| held(load))).flatten();
            let slow = failing.then(|| self.unlimited(look, id)).flatten();
            let state = row(&mut self.stuck, id.number());
            let Some(at) = state.look(held.is_some() || slow.is_some(), look.now(), STUCK) else { continue };
            let at = episode.map_or(at, |episode| episode.from.max(at));
            let (because, what) = match (held, slow) {
                (Some((subject, load)), _) => {
                    let usual = load.usual.unwrap_or_default();
                    let by = if load.attempts >= load.misses { "retries keep it at" } else { "misses keep it at" };
                    let what = format!("{} would have ρ {usual:.2} and {by} {:.2}", subject.label, load.now);
                    (look.resources.told(subject), what)
                }
                (None, Some((callee, attempts))) => {
                    let what = format!("{} attempts a call keep {callee} slow", sentence::factor(attempts));
                    (callee, what)
                }
                (None, None) => continue,
            };
            let name = &look.model.sources[id].name;
            let (succeeded, failed) = look.long.source(id);
            let failed: u64 = failed.iter().sum();
            let share = sentence::percent(failed as f64 / (succeeded + failed).max(1) as f64);
            let text = format!("metastable: nothing upsets it any more, yet {share} of {name} fail: {what}");
            let (subject, because) = (source(look.model, id), Causes::from(Some(because)));
            story.add(Entry { at, kind: StoryKind::Metastable, subject, because, text });
        }
    }

    fn stampedes(&mut self, look: &Moment, story: &mut Story) {
        let now = look.now();
        for loss in look.emptied.recent(look.now()) {
            let gone = loss.entries[0] - loss.entries[1];
            let fetches = loss.fetches;
            let told = self.stampedes.iter().any(|told| (told.service, told.place) == (loss.service, loss.place));
            let early = now.0 - loss.at.0 < SETTLE && !look.last;
            if told || loss.at.0 < 0 || early || fetches < (EACH * gone.max(1)) as i64 {
                continue;
            }
            self.stampedes.push(*loss);
            let subject = emptied::subject(look.model, loss);
            let (fetches, gone) = (sentence::count(fetches as f64), sentence::count(gone as f64));
            let entries = if gone == "1" { "1 entry".to_owned() } else { format!("{gone} entries") };
            let text = format!("cache stampede: {fetches} calls fetch {entries} of {subject} that {}", loss.verb());
            story.add(Entry {
                at: loss.at.max(Time(0)),
                kind: StoryKind::Stampede,
                subject,
                because: Causes::default(),
                text,
            });
        }
    }

    fn deadlock(&mut self, look: &Moment, circle: Option<&Causes>, story: &mut Story) {
        let nobody = BTreeSet::new();
        let evidence = look.evidence(look.lately(), &nobody);
        let members: Vec<ServiceId> =
            circle.into_iter().flat_map(|circle| circle.iter()).filter_map(service_of).collect();
        let reaches = |id: &SourceId| {
            let sites = look
                .model
                .sites
                .iter()
                .filter(|site| site.from.is_none() && look.model.links[site.link].caller == Caller::Source(*id));
            let mut behind = sites.flat_map(|site| evidence.behind(look.model.operations[site.operation].service));
            behind.any(|service| members.contains(&service))
        };
        let callers: Vec<SourceId> = (0..look.model.sources.len()).map(SourceId::new).filter(reaches).collect();
        let through: u64 = callers.iter().map(|id| look.short.source(*id).0).sum();
        let on = circle.is_some() && !callers.is_empty() && through == 0;
        let Some(since) = self.deadlock.look(on, look.now(), NOTHING) else { return };
        // Nothing had got through for some seconds when it first showed.
        let at = Time((since.0 - look.lately_nanos() + ANEW).max(0));
        let Some(circle) = circle else { return };
        let who = callers.iter().map(|id| look.model.sources[*id].name.as_str()).collect::<Vec<_>>();
        let text = format!(
            "deadlock: {} wait for one another, and nothing of {} gets through",
            words(circle),
            sentence::list(&who)
        );
        let subject = circle[0].clone();
        story.add(Entry { at, kind: StoryKind::Deadlock, subject, because: Causes::default(), text });
    }

    fn herds(&mut self, look: &Moment, story: &mut Story) {
        let now = look.now();
        let due = |known: &(ServiceId, Time, Time)| now.0 - known.1.0 >= TOGETHER * SECOND;
        for (id, at, down) in self.returns.iter().copied().filter(due) {
            let after = [at, Time(at.0 + TOGETHER * SECOND)];
            let before = [Time(down.0 - TOGETHER * SECOND), down];
            if look.history[0].at > before[0] {
                continue;
            }
            let arrived = |span: [Time; 2]| {
                let (window, places) = (look.around(span), look.resources.places.iter().enumerate());
                let of_it = places.filter(|(_, place)| place.service == id);
                of_it.map(|(place, _)| window.arrived(place)).sum::<u64>() as f64 / window.seconds().max(1.0)
            };
            let (usual, herd) = (arrived(before), arrived(after));
            let window = look.around(after);
            let groups = &look.model.services[id].groups;
            let full = look.resources.subjects.iter().find(|subject| {
                let its = subject.service == Some(id) || subject.group.is_some_and(|group| groups.contains(&group));
                its && look.resources.was_full(subject, window, after)
            });
            let Some(full) = full.filter(|_| herd >= MANY && herd >= HERD * usual) else { continue };
            let name = service(look.model, id);
            let [herd, usual] = [herd, usual].map(sentence::figure);
            let text = format!(
                "thundering herd at {name}: {herd} calls/s in the first {TOGETHER} s after it is back, {usual}/s \
                 before it went down; {} is full",
                full.label
            );
            let because = Causes::from(Some(name.clone()));
            story.add(Entry { at, kind: StoryKind::Herd, subject: name, because, text });
        }
        self.returns.retain(|known| !due(known));
    }
}

/// What is saturated by itself, and how much is asked of it.
fn roots<'a>(look: &'a Moment, saturations: &Saturations) -> Vec<(&'a Subject, Load)> {
    let subjects = look.resources.subjects.iter().enumerate().filter(|(at, _)| saturations.is_root(*at));
    subjects.filter_map(|(_, subject)| Some((subject, Load::of(look, subject)?))).collect()
}

fn service_of(name: &Named) -> Option<ServiceId> {
    match name.what {
        Told::Entity(Entity::Service(service)) => Some(service),
        _ => None,
    }
}

/// Something is down or slowed down at present.
fn is_upset(look: &Moment) -> bool {
    let down = look.resources.places.iter().any(|place| !place.up && !place.removed);
    down || look.resources.tracks.iter().any(|track| track.slow != 1.0)
}

/// What is asked of a resource that is saturated and works off what is asked of it.
#[derive(Clone, Copy, Debug)]
struct Load {
    now: f64,
    /// If every call were tried once only.
    first: f64,
    /// There are retries enough to tell.
    retried: bool,
    /// With the retries and misses from before anything happened, and all else as it is.
    usual: Option<f64>,
    attempts: f64,
    misses: f64,
}

impl Load {
    fn of(look: &Moment, subject: &Subject) -> Option<Self> {
        let works = matches!(
            subject.kind,
            ResourceKind::Cpu
                | ResourceKind::Quota
                | ResourceKind::Threads
                | ResourceKind::Workers
                | ResourceKind::Network
                | ResourceKind::Disk
        );
        if !works || look.resources.saturated(subject).next().is_none() {
            return None;
        }
        let live = look.resources.live(subject);
        let station = Station::now([look.short, look.long], look.model, look.resources, &live, &subject.members)?;
        let mix = Mix::of(look.short, look.model);
        let once = Mix { attempts: vec![1.0; mix.attempts.len()], ..mix.clone() };
        let (now, first) = (station.load(&mix.calls(look.model)), station.load(&once.calls(look.model)));
        let because = look.before.and_then(|before| {
            let old_station = Station::mean(before, look.model, look.resources, &subject.members)?;
            let old_mix = Mix::of(before, look.model);
            why(look.model, (&old_mix, &old_station), (&mix, &station))
        });
        let usual = because.map(|why| now / (why.attempts.max(1.0) * why.misses.max(1.0)));
        let (attempts, misses) = because.map_or((1.0, 1.0), |why| (why.attempts, why.misses));
        Some(Self { now, first, retried: now >= MULTIPLIED * first, usual, attempts, misses })
    }
}
