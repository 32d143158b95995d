//! Targets that balancers and callers take out and put back, told per link: which, why, and what the others got then.

use super::counters::row;
use super::moment::Moment;
use super::saturations::Saturations;
use super::story::{Entry, Story, StoryKind};
use super::subject::{Causes, Entity, Named, Subject};
use crate::engine::{Belief, InstanceId, ResourceKind};
use crate::model::{Caller, LinkId, ServiceId};
use crate::number::sentence;
use crate::units::Time;
use std::collections::{BTreeMap, BTreeSet};

/// Looks between noticing and telling: others may follow, and their share of the calls must show.
const SETTLE: i64 = 5 * 1_000_000_000;

/// A caller (none: the crowd) and its target.
type Pair = (Option<InstanceId>, InstanceId);

/// Taken out, not told yet.
#[derive(Clone, Copy, Debug)]
struct Taken {
    at: Time,
    pair: Pair,
    why: Belief,
}

#[derive(Clone, Debug, Default)]
struct State {
    /// Out at present.
    out: BTreeSet<Pair>,
    taken: Vec<Taken>,
    /// Since when a target is out for somebody, and told to be.
    since: BTreeMap<InstanceId, (Time, bool)>,
    /// Put back by all, when, and after how long.
    back: Vec<(Time, InstanceId, i64)>,
}

/// All links.
#[derive(Clone, Debug, Default)]
pub struct Beliefs {
    links: Vec<State>,
}

impl Beliefs {
    /// A caller believes otherwise of a target than before.
    pub fn changed(&mut self, now: Time, link: LinkId, pair: Pair, why: Belief, healthy: bool) {
        let state = row(&mut self.links, link.number());
        if !healthy {
            state.out.insert(pair);
            state.since.entry(pair.1).or_insert((now, false));
            state.taken.push(Taken { at: now, pair, why });
            return;
        }
        state.out.remove(&pair);
        if state.out.iter().all(|out| out.1 != pair.1)
            && let Some((since, told)) = state.since.remove(&pair.1)
        {
            state.taken.retain(|taken| taken.pair.1 != pair.1 || told);
            if told {
                state.back.push((now, pair.1, now.0 - since.0));
            }
        }
    }

    /// Tell what happened.
    pub fn look(
        &mut self,
        look: &Moment,
        down: &BTreeSet<ServiceId>,
        saturations: &mut Saturations,
        story: &mut Story,
    ) {
        for (at, state) in self.links.iter_mut().enumerate() {
            let link = LinkId::new(at);
            let settled = |first: &Taken| look.last || look.now().0 - first.at.0 >= SETTLE;
            if let Some(first) = state.taken.first().copied().filter(settled) {
                let taken = std::mem::take(&mut state.taken);
                for taken in &taken {
                    state.since.entry(taken.pair.1).and_modify(|since| since.1 = true);
                }
                let because = Causes::from(cause(look, link, first.pair.1, first.at, down));
                let subject = instance(look, first.pair.1);
                let text = taken_out(look, link, state, &taken);
                let at = first.at.max(Time(0));
                let entry = Entry { at, kind: StoryKind::Unhealthy, subject, because: because.clone(), text };
                story.add(entry);
                saturations.name(look, &because, [first.at; 2], down, story, 0);
            }
            for (at, target, lasted) in state.back.drain(..) {
                let (subject, lasted) = (instance(look, target), sentence::seconds(lasted as f64 / 1e9));
                let text = format!("{} sends to {subject} again after {lasted}", caller(look, link));
                let kind = StoryKind::Healthy;
                story.add(Entry { at: at.max(Time(0)), kind, subject, because: Causes::default(), text });
            }
        }
    }
}

/// "lb takes app/0 out: 2 health checks in a row failed (2 of 3 left, each gets 110/s instead of 73/s)"
fn taken_out(look: &Moment, link: LinkId, state: &State, taken: &[Taken]) -> String {
    let first = taken[0];
    let all: Vec<usize> = places(look, look.model.links[link].callee).collect();
    let targets: BTreeSet<InstanceId> = taken.iter().map(|taken| taken.pair.1).collect();
    let whom = instance(look, first.pair.1).name;
    let whom = match targets.len() {
        1 => format!("{whom} out"),
        several => format!("{several} of {} targets out, {whom} first", all.len().max(several)),
    };
    let reason = match first.why {
        Belief::Checks(1) => "a health check failed".to_owned(),
        Belief::Checks(count) => format!("{count} health checks in a row failed"),
        Belief::Calls(1) => "a call failed".to_owned(),
        Belief::Calls(count) => format!("{count} calls in a row failed"),
    };
    let callers = taken.iter().map(|taken| taken.pair.0).collect::<BTreeSet<_>>().len();
    let by = caller(look, link);
    let text = match callers {
        1 => format!("{by} takes {whom}: {reason}"),
        several => format!("{several} instances of {by} take {whom}: {reason}"),
    };
    let left: Vec<usize> =
        all.iter().copied().filter(|&place| look.resources.places[place].up && is_in(state, place)).collect();
    if left.is_empty() {
        let sends =
            if look.model.links[link].fail_open { "none is left: it sends to all of them" } else { "none is left" };
        return format!("{text} ({sends})");
    }
    let rate = |span: [Time; 2]| {
        let window = look.around(span);
        let arrived: u64 = left.iter().map(|&place| window.arrived(place)).sum();
        sentence::figure(arrived as f64 / window.seconds().max(1e-9) / left.len() as f64)
    };
    let begun = first.at.0 - noticed_after(look, link, first.why);
    let (before, after) = (rate([Time(begun - SETTLE), Time(begun)]), rate([first.at, Time(first.at.0 + SETTLE)]));
    format!("{text} ({} of {} left, each gets {after}/s instead of {before}/s)", left.len(), all.len())
}

/// How long a target may have been as it is before it was noticed, nanoseconds.
fn noticed_after(look: &Moment, link: LinkId, why: Belief) -> i64 {
    match (why, &look.model.links[link].health) {
        (Belief::Checks(count), Some(checks)) => {
            i64::from(count) * [checks.every, checks.timeout].map(|lane| look.model.lanes[lane].0).iter().sum::<i64>()
        }
        (Belief::Checks(_), None) | (Belief::Calls(_), _) => 0,
    }
}

fn is_in(state: &State, place: usize) -> bool {
    state.out.iter().all(|out| out.1.index() != place)
}

/// What is wrong with a target: it is down, or something of it is full.
fn cause(look: &Moment, link: LinkId, target: InstanceId, since: Time, down: &BTreeSet<ServiceId>) -> Option<Named> {
    let callee = look.model.links[link].callee;
    let place = look.resources.places.get(target.index())?;
    if !place.up && down.contains(&callee) {
        return Some(Named::service(callee, look.model.services[callee].name.as_str()));
    }
    const KINDS: [ResourceKind; 6] = [
        ResourceKind::Cpu,
        ResourceKind::Quota,
        ResourceKind::Threads,
        ResourceKind::Workers,
        ResourceKind::Connections,
        ResourceKind::Descriptors,
    ];
    let span = [Time(since.0 - 1_000_000_000), since];
    let window = look.around(span);
    let of_it = |&(at, track): &(usize, &super::resources::Track)| {
        let here = track.instance == Some(target) || track.instance.is_none() && track.machine == place.machine;
        here && KINDS.contains(&track.kind) && look.resources.member_was_full(at, window, span)
    };
    let full = look.resources.tracks.iter().enumerate().filter(of_it);
    let first = full.min_by_key(|(_, track)| KINDS.iter().position(|kind| *kind == track.kind))?;
    Some(look.resources.told(&look.resources.subjects[first.1.subject]))
}

fn places<'a>(look: &'a Moment, service: ServiceId) -> impl Iterator<Item = usize> + 'a {
    let of_it = move |place: &super::resources::Hosting| place.service == service && !place.removed;
    look.resources.places.iter().enumerate().filter(move |(_, place)| of_it(place)).map(|(at, _)| at)
}

fn caller(look: &Moment, link: LinkId) -> String {
    match look.model.links[link].caller {
        Caller::Service(service) => look.model.services[service].name.clone(),
        Caller::Source(source) => look.model.sources[source].name.clone(),
    }
}

fn instance(look: &Moment, id: InstanceId) -> Named {
    match look.resources.places.get(id.index()) {
        Some(place) => {
            let name = format!("{}/{}", look.model.services[place.service].name, place.ordinal);
            Named::new(Subject::Member(Entity::Service(place.service), place.ordinal), name)
        }
        None => Named::new(Subject::Unknown, "a target"),
    }
}
