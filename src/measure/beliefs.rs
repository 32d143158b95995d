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

const SECOND: i64 = 1_000_000_000;

/// Looks between noticing and telling: others may follow, and their share of the calls must show.
const SETTLE: i64 = 5 * SECOND;

/// Out again this soon is told in one sentence with the times before.
const AGAIN: i64 = 30 * SECOND;

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
    /// Out and back before it was told, not told yet.
    short: Vec<Short>,
    /// What was told of those.
    flapping: Option<Flapping>,
}

/// A target that was out for less than it takes to tell.
#[derive(Clone, Copy, Debug)]
struct Short {
    span: [Time; 2],
    target: InstanceId,
    why: Belief,
}

/// Targets of a link that are taken out and put back, again and again: one sentence, rewritten as it goes on.
#[derive(Clone, Debug)]
struct Flapping {
    /// Where it stands in the story.
    place: usize,
    /// From the first time out to the last time back.
    span: [Time; 2],
    first: Short,
    times: u32,
    targets: BTreeSet<InstanceId>,
    /// Out, all times together, nanoseconds.
    out: i64,
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
            if told {
                state.back.push((now, pair.1, now.0 - since.0));
                return;
            }
            let its = |taken: &&Taken| taken.pair.1 == pair.1;
            let why = state.taken.iter().find(its).map_or(why, |taken| taken.why);
            state.taken.retain(|taken| taken.pair.1 != pair.1);
            state.short.push(Short { span: [since, now], target: pair.1, why });
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
                let begun = [Time(first.at.0 - SECOND), first.at];
                let because = Causes::from(cause(look, link, first.pair.1, begun, down));
                let subject = instance(look, first.pair.1);
                let text = taken_out(look, link, state, &taken);
                let at = first.at.max(Time(0));
                let entry = Entry { at, kind: StoryKind::Unhealthy, subject, because: because.clone(), text };
                story.add(entry);
                saturations.name(look, &because, [first.at; 2], down, story, 0);
            }
            for short in std::mem::take(&mut state.short) {
                tell_short(look, link, state, short, (down, &mut *saturations), story);
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

/// A target was out and is back. What comes within half a minute of the last such time is told with it.
fn tell_short(
    look: &Moment,
    link: LinkId,
    state: &mut State,
    short: Short,
    (down, saturations): (&BTreeSet<ServiceId>, &mut Saturations),
    story: &mut Story,
) {
    let out = short.span[1].0 - short.span[0].0;
    let because = || Causes::from(cause(look, link, short.target, short.span, down));
    if let Some(known) = &mut state.flapping
        && short.span[0].0 - known.span[1].0 <= AGAIN
    {
        known.span[1] = known.span[1].max(short.span[1]);
        known.times += 1;
        known.targets.insert(short.target);
        known.out += out;
        let text = flapping(look, link, known);
        if let Some(entry) = story.entry(known.place) {
            entry.text = text;
            if entry.because.is_empty() {
                entry.because = because();
            }
        }
        return;
    }
    let (because, targets) = (because(), BTreeSet::from([short.target]));
    let known = Flapping { place: story.told(), span: short.span, first: short, times: 1, targets, out };
    let (at, subject) = (short.span[0].max(Time(0)), instance(look, short.target));
    let text = flapping(look, link, &known);
    story.add(Entry { at, kind: StoryKind::Unhealthy, subject, because: because.clone(), text });
    saturations.name(look, &because, [short.span[0]; 2], down, story, 0);
    state.flapping = Some(known);
}

/// "lb takes app/0 out and puts it back, 14 times in 58 s, for 2.1 s on average: 2 health checks in a row failed"
fn flapping(look: &Moment, link: LinkId, known: &Flapping) -> String {
    let seconds = |nanoseconds: i64| sentence::seconds(nanoseconds as f64 / 1e9);
    let (by, first) = (caller(look, link), instance(look, known.first.target).name);
    let reason = reason(known.first.why);
    let each = seconds(known.out / i64::from(known.times.max(1)));
    if known.times == 1 {
        return format!("{by} takes {first} out for {each}: {reason}");
    }
    let whom = match known.targets.len() {
        1 => format!("{first} out and puts it back"),
        several => format!("{several} targets out, {first} first, and puts them back"),
    };
    let within = seconds(known.span[1].0 - known.span[0].0);
    format!("{by} takes {whom}, {} times in {within}, for {each} on average: {reason}", known.times)
}

/// "2 health checks in a row failed"
fn reason(why: Belief) -> String {
    match why {
        Belief::Checks(1) => "a health check failed".to_owned(),
        Belief::Checks(count) => format!("{count} health checks in a row failed"),
        Belief::Calls(1) => "a call failed".to_owned(),
        Belief::Calls(count) => format!("{count} calls in a row failed"),
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
    let reason = reason(first.why);
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
fn cause(
    look: &Moment,
    link: LinkId,
    target: InstanceId,
    span: [Time; 2],
    down: &BTreeSet<ServiceId>,
) -> Option<Named> {
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
