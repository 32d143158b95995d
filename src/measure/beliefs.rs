//! Targets that balancers and callers take out and put back, told per link: which, why, and what the others got then.

use super::counters::row;
use super::moment::Moment;
use super::saturations::Saturations;
use super::story::{CALM, Entry, Story, StoryKind};
use super::subject::{Causes, Entity, Named, Subject};
use crate::engine::{Belief, InstanceId, ResourceKind};
use crate::model::{Caller, LinkId, ServiceId};
use crate::number::sentence;
use crate::units::Time;
use std::collections::BTreeSet;

/// Looks between noticing and telling: others may follow, and their share of the calls must show.
const SETTLE: i64 = 5 * 1_000_000_000;

/// A caller (none: the crowd) and its target.
type Pair = (Option<InstanceId>, InstanceId);

#[derive(Clone, Debug, Default)]
struct State {
    /// Out at present, and ever since the episode began.
    out: BTreeSet<Pair>,
    hit: BTreeSet<Pair>,
    /// The first that was taken out, when and why.
    first: Option<(Time, InstanceId, Belief)>,
    /// When all were back.
    back: Time,
    place: Option<usize>,
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
        if healthy {
            state.out.remove(&pair);
            state.back = now;
        } else {
            state.out.insert(pair);
            state.hit.insert(pair);
            state.first.get_or_insert((now, pair.1, why));
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
        let now = look.now();
        for (at, state) in self.links.iter_mut().enumerate() {
            let Some((since, first, why)) = state.first else { continue };
            let link = LinkId::new(at);
            if now.0 - since.0 < SETTLE {
                continue;
            }
            let because = state.place.is_none().then(|| cause(look, link, first, since, down));
            let text = taken_out(look, link, state, (since, first, why));
            match state.place.and_then(|place| story.entry(place)) {
                Some(entry) => entry.text = text,
                None => {
                    let because = Causes::from(because.flatten());
                    let subject = instance(look, first);
                    let entry =
                        Entry { at: since, kind: StoryKind::Unhealthy, subject, because: because.clone(), text };
                    state.place = Some(story.add(entry));
                    saturations.name(look, &because, [since, since], down, story, 0);
                }
            }
            if state.out.is_empty() && now.0 - state.back.0 >= CALM {
                let lasted = sentence::seconds((state.back.0 - since.0) as f64 / 1e9);
                let whom = if targets(&state.hit) > 1 { "all".to_owned() } else { instance(look, first).name };
                let text = format!("{} sends to {whom} again after {lasted}", caller(look, link));
                let subject = instance(look, first);
                let kind = StoryKind::Healthy;
                story.add(Entry { at: state.back, kind, subject, because: Causes::default(), text });
                *state = State::default();
            }
        }
    }
}

fn targets(pairs: &BTreeSet<Pair>) -> usize {
    pairs.iter().map(|pair| pair.1).collect::<BTreeSet<_>>().len()
}

/// "lb takes app/0 out: 2 health checks in a row failed (2 of 3 left, each gets 110/s instead of 73/s)"
fn taken_out(look: &Moment, link: LinkId, state: &State, (since, first, why): (Time, InstanceId, Belief)) -> String {
    let callee = look.model.links[link].callee;
    let all: Vec<usize> = places(look, callee).collect();
    let hit = targets(&state.hit);
    let whom = instance(look, first).name;
    let whom =
        if hit > 1 { format!("{hit} of {} targets out, {whom} first", all.len()) } else { format!("{whom} out") };
    let reason = match why {
        Belief::Checks(count) => format!("{count} health checks in a row failed"),
        Belief::Calls(count) => format!("{count} calls in a row failed"),
    };
    let callers = state.hit.iter().map(|pair| pair.0).collect::<BTreeSet<_>>().len();
    let by = if callers > 1 { format!("{callers} instances of {}", caller(look, link)) } else { caller(look, link) };
    let verb = if callers > 1 { "take" } else { "takes" };
    let mut text = format!("{by} {verb} {whom}: {reason}");
    let others: Vec<usize> =
        all.iter().copied().filter(|place| !state.hit.iter().any(|pair| pair.1.index() == *place)).collect();
    let rate = |span: [Time; 2]| {
        let window = look.around(span);
        others.iter().map(|&place| window.arrived(place)).sum::<u64>() as f64
            / window.seconds().max(1e-9)
            / others.len() as f64
    };
    if !others.is_empty() {
        let (before, after) = (rate([Time(since.0 - SETTLE), since]), rate([since, Time(since.0 + SETTLE)]));
        let [before, after] = [before, after].map(sentence::figure);
        text.push_str(&format!(" ({} of {} left, each gets {after}/s instead of {before}/s)", others.len(), all.len()));
    } else {
        text.push_str(" (none is left)");
    }
    text
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
