//! Sources whose requests fail and services that turn calls away: since when, how many, because of what, until when.

use super::counters::row;
use super::culprits::{CALLERS_QUEUE, NO_SOCKET, When, culprit, refuser, replaced, service, source};
use super::episode::{Ended, Episode};
use super::losses::Losses;
use super::moment::Moment;
use super::saturations::Saturations;
use super::sentences;
use super::story::{Entry, Story, StoryKind};
use super::subject::{Causes, Entity, Named, Subject};
use super::traffic::reason_index;
use super::trouble::{Trouble, TroubleKind};
use super::watched::{Change, Told, Watched, reasons, share_of};
use crate::model::{Model, ServiceId, SourceId};
use crate::number::{clock, sentence};
use crate::scenario::Reason;
use crate::units::Time;
use std::collections::BTreeSet;

/// Shares of failed requests at which a source fails, and at which its goodput has collapsed.
const FAILING: f64 = 0.05;
const COLLAPSED: f64 = 0.5;
/// Goodput that falls to this share of what it was collapses.
const FALLEN: f64 = 0.5;
/// What fails so many times as often as it was told to is told again.
const DEEPER: f64 = 1.5;
/// Goodput before is that of so many nanoseconds.
const BEFORE: i64 = 10 * 1_000_000_000;
/// Seconds that a collapse lasts at least.
const COLLAPSE: f64 = 5.0;
/// What collapses so soon after it began to fail is told once.
const SOON: i64 = 1_000_000_000;
/// A failure that took longer is said to have begun earlier, nanoseconds.
const LATE: i64 = 2 * 1_000_000_000;

#[derive(Clone, Debug)]
struct Source {
    some: Watched,
    most: Watched,
    /// Answered by a fallback.
    degraded: Watched,
}

impl Default for Source {
    fn default() -> Self {
        Self { some: Watched::new(FAILING), most: Watched::new(COLLAPSED), degraded: Watched::new(FAILING) }
    }
}

/// All sources and services.
#[derive(Clone, Debug, Default)]
pub struct Failures {
    sources: Vec<Option<Box<Source>>>,
    services: Vec<Option<Box<Watched>>>,
}

impl Failures {
    /// A request of a source ended; `failed`: the position of its reason; `degraded`: a fallback answered.
    #[inline]
    pub fn request_ended(
        &mut self,
        source: SourceId,
        now: Time,
        began: Time,
        (failed, degraded): (Option<usize>, bool),
    ) {
        let state = row(&mut self.sources, source.number()).get_or_insert_default();
        state.some.test.end(now, began, failed);
        state.most.test.end(now, began, failed);
        state.degraded.test.end(now, began, degraded.then_some(0));
    }

    /// An attempt at a service ended: turned away, for the reason at that position, or not.
    #[inline]
    pub fn attempt_ended(&mut self, service: ServiceId, now: Time, began: Time, refused: Option<usize>) {
        let state = row(&mut self.services, service.number()).get_or_insert_with(|| Box::new(Watched::new(FAILING)));
        state.test.end(now, began, refused);
    }

    /// Something fails now, told or not.
    pub fn any(&self) -> bool {
        let sources = self.sources.iter().flatten().any(|state| state.some.test.on().is_some());
        sources || self.services.iter().flatten().any(|state| state.test.on().is_some())
    }

    /// When the first of what fails now began to.
    pub fn since(&self) -> Option<Time> {
        let sources = self.sources.iter().flatten().filter_map(|state| state.some.test.on());
        let services = self.services.iter().flatten().filter_map(|state| state.test.on());
        sources.chain(services).map(|episode| episode.from).min()
    }

    /// Too many of a source's requests fail now.
    pub fn failing(&self, source: SourceId) -> Option<Episode> {
        self.sources.get(source.index())?.as_ref()?.some.test.on()
    }

    /// What refuses and fails now, as far as it was told.
    pub fn troubles<'a>(&'a self, model: &'a Model) -> impl Iterator<Item = Trouble> + 'a {
        let trouble = |subject, kind, (told, calm): (&Told, Option<Time>)| Trouble {
            subject,
            kind,
            since: told.from(),
            because: told.cause.clone(),
            calm,
        };
        let refusing = self.services.iter().enumerate().filter_map(move |(id, state)| {
            let state = state.as_ref()?.state()?;
            Some(trouble(service(model, ServiceId::new(id)), TroubleKind::Refusing, state))
        });
        let failing = self.sources.iter().enumerate().filter_map(move |(id, state)| {
            let state = state.as_ref()?.some.state()?;
            Some(trouble(source(model, SourceId::new(id)), TroubleKind::Failing, state))
        });
        refusing.chain(failing)
    }

    /// What had become by the end of what was told and goes on: the sentence's place and what to add to it.
    pub fn lasting<'a>(&'a self, losses: &'a Losses) -> impl Iterator<Item = (usize, String)> + 'a {
        let services = self.services.iter().flatten().filter_map(|state| state.by_the_end("calls"));
        let of_source = move |(id, state): (usize, &'a Option<Box<Source>>)| {
            let (state, id) = (state.as_deref()?, SourceId::new(id));
            let begun = state.some.told.as_ref().map(|told| told.place);
            let most = state.most.told.as_ref().is_some_and(|told| Some(told.place) != begun);
            let lasts =
                [Some(&state.some), most.then_some(&state.most)].into_iter().flatten().filter_map(move |some| {
                    let (place, text) = some.by_the_end("requests")?;
                    let more = some.told.as_ref().map(|told| mostly(losses, id, told, Time(i64::MAX)));
                    Some((place, text + &more.unwrap_or_default()))
                });
            Some(lasts.chain(state.degraded.by_the_end("requests")))
        };
        services.chain(self.sources.iter().enumerate().filter_map(of_source).flatten())
    }

    /// Look at the second that just passed. `follows`: somebody looks while it goes on.
    pub fn look(
        &mut self,
        look: &Moment,
        (down, losses): (&BTreeSet<ServiceId>, &Losses),
        follows: bool,
        saturations: &mut Saturations,
        story: &mut Story,
    ) {
        let anew = follows && look.asks_anew();
        for (index, state) in self.services.iter_mut().enumerate() {
            let Some(state) = state else { continue };
            let id = ServiceId::new(index);
            match state.look(look.now(), look.last) {
                Some(Change::Raised(episode)) => {
                    let entry = refusing(look, id, &episode, state.test.on().is_some());
                    let (because, span) = (entry.because.clone(), [episode.from, episode.until]);
                    state.tell(&episode, story.add(entry), because.clone());
                    saturations.name(look, &because, span, down, story, 0);
                }
                Some(Change::GoesOn(first)) => state.rewrite(story, refusing(look, id, &first, true).text),
                Some(Change::Cleared(told)) if told.was_at_once() => {}
                Some(Change::Cleared(told)) => {
                    let name = &look.model.services[id].name;
                    let text = match state.some_since(&told) {
                        Some(some) => format!("{name} takes nearly every call again: it refuses {some}"),
                        None => format!("{name} takes every call again"),
                    };
                    let subject = service(look.model, id);
                    let kind = StoryKind::Recovered;
                    let at = told.episode.taken_again();
                    story.add(Entry { at, kind, subject, because: Causes::default(), text });
                }
                None => {
                    if let Some(told) = state.told.as_mut().filter(|_| anew) {
                        told.cause = refuser(look, look.short, id, 0).0.into();
                    }
                }
            }
        }
        for (index, state) in self.sources.iter_mut().enumerate() {
            let Some(state) = state else { continue };
            state.look(look, SourceId::new(index), (down, losses), anew, saturations, story);
        }
    }
}

impl Source {
    fn look(
        &mut self,
        look: &Moment,
        id: SourceId,
        (down, losses): (&BTreeSet<ServiceId>, &Losses),
        anew: bool,
        saturations: &mut Saturations,
        story: &mut Story,
    ) {
        let begun = self.some.told.as_ref().map(|told| told.place);
        let some = self.some.look(look.now(), look.last);
        let most = self.most.look(look.now(), look.last);
        match some {
            Some(Change::Raised(episode)) => {
                let entry = failing(look, id, &episode, down, self.some.test.on().is_some());
                let (because, span) = (entry.because.clone(), episode.asked());
                self.some.tell(&episode, story.add(entry), because.clone());
                saturations.name(look, &because, span, down, story, 0);
            }
            Some(Change::GoesOn(first)) => self.some.rewrite(story, failing(look, id, &first, down, true).text),
            Some(Change::Cleared(told)) if told.was_at_once() => {}
            Some(Change::Cleared(told)) => {
                conclude(&told, mostly(losses, id, &told, told.episode.until), story);
                let (name, lasted) = (&look.model.sources[id].name, sentence::seconds(told.episode.lasted()));
                let failed = format!("after {lasted}: {} failed", of_all(&told.episode.ended()));
                let text = match self.some.some_since(&told) {
                    Some(some) => format!("{name} again with few failures {failed}, {some}"),
                    None => format!("{name} again without failures {failed}"),
                };
                let (at, kind, subject) = (told.episode.over(), StoryKind::Recovered, source(look.model, id));
                story.add(Entry { at, kind, subject, because: Causes::default(), text });
            }
            None => {
                if let Some(told) = self.some.told.as_mut().filter(|_| anew) {
                    let lately = told.episode.within(look.lately());
                    told.cause = culprit(look, id, &lately, down).into();
                }
            }
        }
        self.look_at_degraded(look, id, down, saturations, story);
        match most {
            Some(Change::Raised(episode)) => self.collapse(look, (id, &episode), down, saturations, story),
            Some(Change::Cleared(told)) if begun.is_some_and(|begun| begun != told.place) => {
                conclude(&told, mostly(losses, id, &told, told.episode.until), story);
            }
            Some(Change::Cleared(_) | Change::GoesOn(_)) | None => {}
        }
    }

    /// Most requests fail for a while.
    fn collapse(
        &mut self,
        look: &Moment,
        (id, episode): (SourceId, &Episode),
        down: &BTreeSet<ServiceId>,
        saturations: &mut Saturations,
        story: &mut Story,
    ) {
        // A run of failures while others get through is no collapse.
        if episode.seconds() < COLLAPSE || episode.ended().share() < COLLAPSED {
            return;
        }
        let lasts = self.most.test.on().is_some();
        let entry = failing(look, id, episode, down, lasts);
        let because = entry.because.clone();
        match &mut self.some.told {
            // It was told already.
            Some(told) if !is_news(look, id, episode, told) => {
                let place = told.place;
                self.most.tell(episode, place, because.clone());
            }
            // Told a moment ago: it was the beginning of this.
            Some(told) if episode.from.0 - told.from().0 < SOON => {
                if let Some(beginning) = story.entry(told.place) {
                    *beginning = entry;
                }
                told.is_told_to_last();
                self.most.tell(episode, told.place, because.clone());
            }
            Some(_) | None => {
                let place = story.add(entry);
                self.most.tell(episode, place, because.clone());
            }
        }
        saturations.name(look, &because, episode.asked(), down, story, 0);
    }
}

impl Source {
    fn look_at_degraded(
        &mut self,
        look: &Moment,
        id: SourceId,
        down: &BTreeSet<ServiceId>,
        saturations: &mut Saturations,
        story: &mut Story,
    ) {
        match self.degraded.look(look.now(), look.last) {
            Some(Change::Raised(episode)) => {
                let entry = degraded(look, id, &episode, down, self.degraded.test.on().is_some());
                let (because, span) = (entry.because.clone(), episode.asked());
                self.degraded.tell(&episode, story.add(entry), because.clone());
                saturations.name(look, &because, span, down, story, 0);
            }
            Some(Change::GoesOn(first)) => {
                self.degraded.rewrite(story, degraded(look, id, &first, down, true).text);
            }
            Some(Change::Cleared(told)) if told.was_at_once() => {}
            Some(Change::Cleared(told)) => {
                let (ended, lasted) = (told.episode.ended(), sentence::seconds(told.episode.lasted()));
                let name = &look.model.sources[id].name;
                let degraded = format!("after {lasted}: {} were degraded", of_all(&ended));
                let text = match self.degraded.some_since(&told) {
                    Some(some) => format!("{name} get whole answers again, few degraded, {degraded}, {some}"),
                    None => format!("{name} get whole answers again {degraded}"),
                };
                let (kind, subject) = (StoryKind::Recovered, source(look.model, id));
                story.add(Entry { at: told.episode.over(), kind, subject, because: Causes::default(), text });
            }
            None => {}
        }
    }
}

/// That most fail says more than what was told of it: goodput falls only now, or many more fail than then.
fn is_news(look: &Moment, id: SourceId, episode: &Episode, told: &Told) -> bool {
    let (first, now) = (told.first.ended().share(), episode.ended().share());
    let deeper = now >= DEEPER * first;
    deeper || first < COLLAPSED && has_fallen(look, id, episode)
}

/// What became of what was told, once it is over.
fn conclude(told: &Told, mostly: String, story: &mut Story) {
    if let Some(whole) = Watched::until_it_was_over(told, "requests")
        && let Some(entry) = story.entry(told.place)
    {
        entry.text.push_str(&(whole + &mostly));
    }
}

/// ", 78 % of the failures because of elb.workers": whom most of it was because of, where that is another than at
/// first.
fn mostly(losses: &Losses, source: SourceId, told: &Told, until: Time) -> String {
    let most = losses.most(source, [told.episode.from, until]);
    let other = most.filter(|(whom, share)| *share > 0.5 && !told.because.contains(whom));
    let words =
        |(whom, share): (Named, f64)| format!(", {} of the failures because of {whom}", sentence::percent(share));
    other.map(words).unwrap_or_default()
}

/// "98 % of 200"
fn of_all(ended: &Ended) -> String {
    format!("{} of {}", sentence::percent(ended.share()), sentence::count(ended.all as f64))
}

/// Requests of a source are answered by fallbacks: which share, over which time, and because of whom.
fn degraded(look: &Moment, id: SourceId, episode: &Episode, down: &BTreeSet<ServiceId>, lasts: bool) -> Entry {
    let name = &look.model.sources[id].name;
    let over = sentences::during([episode.from, episode.until], lasts);
    Entry {
        at: episode.from.max(Time(0)),
        kind: StoryKind::Degraded,
        subject: source(look.model, id),
        because: replaced(look, id, When::from(episode), down).into(),
        text: format!("{name}: {} are degraded {over}", share_of(&episode.ended(), "requests")),
    }
}

/// A service turns calls away: which share, over which time, and why.
fn refusing(look: &Moment, id: ServiceId, episode: &Episode, lasts: bool) -> Entry {
    let span = [episode.from, episode.until];
    let (because, why) = refuser(look, look.around(span), id, 0);
    let name = &look.model.services[id].name;
    let (share, over) = (share_of(&episode.ended(), "calls"), sentences::during(span, lasts));
    let whole = Subject::Entity(Entity::Service(id));
    let others = because.as_ref().is_some_and(|cause| cause.what != whole && !cause.what.is_part_of(&whole));
    let text = match why.as_str() {
        // They never reach it.
        CALLERS_QUEUE => format!("callers of {name} give up {share} {over} ({why})"),
        why if why.ends_with(NO_SOCKET) => format!("{share} do not reach {name} {over} ({why})"),
        // Whom it calls refuses.
        why if others => format!("{name} passes on refusals: {share} {over} ({why})"),
        _ => format!("{name} refuses {share} {over} ({why})"),
    };
    let at = episode.from.max(Time(0));
    Entry { at, kind: StoryKind::Refusing, subject: service(look.model, id), because: because.into(), text }
}

/// Requests of a source fail, or most of them do: which share, over which time, and because of what.
fn failing(look: &Moment, id: SourceId, episode: &Episode, down: &BTreeSet<ServiceId>, lasts: bool) -> Entry {
    let name = &look.model.sources[id].name;
    let ended = episode.ended();
    let share = share_of(&ended, "requests");
    let over = sentences::during([episode.from, episode.until], lasts);
    let verb = if ended.share() >= COLLAPSED && has_fallen(look, id, episode) {
        format!("goodput of {name} collapses: {share} fail {over}")
    } else {
        format!("{name}: {share} fail {over}")
    };
    Entry {
        at: episode.from.max(Time(0)),
        kind: StoryKind::Failing,
        subject: source(look.model, id),
        because: culprit(look, id, episode, down).into(),
        text: format!("{verb} ({}{})", reasons(&ended), begun(episode)),
    }
}

/// Goodput fell to half or less of what it was before: that most fail is no proof where more came.
fn has_fallen(look: &Moment, id: SourceId, episode: &Episode) -> bool {
    let goodput = |span: [Time; 2]| {
        let window = look.around(span);
        window.source(id).0 as f64 / window.seconds().max(1e-9)
    };
    let from = episode.from;
    let before = goodput([Time(from.0 - BEFORE), Time(from.0 - 1)]);
    before > 0.0 && goodput([from, episode.until]) <= FALLEN * before
}

/// ", begun from 5:00 on": where most waited long before they failed, nobody who came since then got anything.
fn begun(episode: &Episode) -> String {
    let (ended, from) = (episode.ended(), episode.began[0].max(Time(0)));
    let waits = [Reason::TimedOut, Reason::PoolTimeout].map(|reason| ended.failed[reason_index(reason)]);
    if episode.from.0 - from.0 < LATE || waits.iter().sum::<u64>() * 2 < ended.failures() {
        return String::new();
    }
    format!(", begun from {} on", clock(from.as_seconds()))
}
