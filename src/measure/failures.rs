//! Sources whose requests fail and services that turn calls away: since when, how many, because of what, until when.

use super::counters::row;
use super::culprits::{culprit, refuser, service, source};
use super::episode::{Ended, Episode, Test};
use super::moment::Moment;
use super::saturations::Saturations;
use super::sentences;
use super::story::{CALM, Entry, Story, StoryKind};
use super::subject::Causes;
use super::traffic::reason_name;
use super::trouble::{Trouble, TroubleKind};
use crate::model::{Model, ServiceId, SourceId};
use crate::number::sentence;
use crate::units::Time;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Shares of failed requests at which a source fails, and at which its goodput has collapsed.
const FAILING: f64 = 0.05;
const COLLAPSED: f64 = 0.5;
/// Looks between noticing and telling: time for causes to show.
const SETTLE: u32 = 5;
/// What collapses so soon after it began to fail is told once.
const SOON: i64 = 15 * 1_000_000_000;

/// A test, and what was told of it.
#[derive(Clone, Debug)]
struct Watched {
    test: Test,
    /// Noticed, with the looks since then; not told yet.
    noticed: Option<(Episode, u32)>,
    told: Option<Told>,
}

/// What goes on, or did a moment ago.
#[derive(Clone, Debug)]
struct Told {
    from: Time,
    until: Time,
    /// What ended in all of it that is over, and in the part that is not.
    ended: [Ended; 2],
    /// The sentence, and because of what it lasts.
    place: usize,
    cause: Causes,
}

impl Told {
    fn share(&self) -> (f64, u64) {
        let (all, failed) = self.ended.iter().fold((0, 0), |sum, e| (sum.0 + e.all, sum.1 + e.failures()));
        (failed as f64 / all.max(1) as f64, all)
    }
}

enum Change {
    /// It is time to tell it.
    Raised(Episode),
    /// It has been over for a while.
    Cleared(Told),
}

impl Watched {
    fn new(theta: f64) -> Self {
        Self { test: Test::new(theta), noticed: None, told: None }
    }

    /// Since when it is on, and when it was so last if it is not now.
    fn state(&self) -> Option<(&Told, Option<Time>)> {
        self.told.as_ref().map(|told| (told, self.test.on().is_none().then_some(told.until)))
    }

    /// Look once a second.
    fn look(&mut self, now: Time) -> Option<Change> {
        let over = self.test.take_over();
        let on = self.test.on();
        if let Some(told) = &mut self.told {
            if let Some(over) = over.filter(|over| over.from.0 - told.until.0 < CALM) {
                told.until = over.until;
                told.ended = [added(told.ended[0], over.ended), Ended::default()];
            }
            if let Some(on) = on.filter(|on| on.from.0 - told.until.0 < CALM) {
                told.until = on.until;
                told.ended[1] = on.ended;
            } else if now.0 - told.until.0 >= CALM {
                return self.told.take().map(Change::Cleared);
            }
            return None;
        }
        let known = self.noticed.map(|noticed| noticed.0);
        let episode = on.or(over).or(known)?;
        let looks = self.noticed.map_or(0, |noticed| noticed.1 + 1);
        self.noticed = Some((episode, looks));
        if looks < SETTLE {
            return None;
        }
        self.noticed = None;
        Some(Change::Raised(episode))
    }

    fn tell(&mut self, episode: &Episode, place: usize, cause: Causes) {
        let lasts = self.test.on().is_some();
        let ended = if lasts { [Ended::default(), episode.ended] } else { [episode.ended, Ended::default()] };
        self.told = Some(Told { from: episode.from.max(Time(0)), until: episode.until, ended, place, cause });
    }
}

fn added(a: Ended, b: Ended) -> Ended {
    Ended { all: a.all + b.all, failed: std::array::from_fn(|i| a.failed[i] + b.failed[i]) }
}

#[derive(Clone, Debug)]
struct Source {
    some: Watched,
    most: Watched,
}

/// All sources and services.
#[derive(Clone, Debug, Default)]
pub struct Failures {
    sources: Vec<Option<Box<Source>>>,
    services: Vec<Option<Box<Watched>>>,
}

impl Failures {
    /// A request of a source ended; `failed`: the position of its reason.
    #[inline]
    pub fn request_ended(&mut self, source: SourceId, now: Time, began: Time, failed: Option<usize>) {
        let new = || Box::new(Source { some: Watched::new(FAILING), most: Watched::new(COLLAPSED) });
        let state = row(&mut self.sources, source.number()).get_or_insert_with(new);
        state.some.test.end(now, began, failed);
        state.most.test.end(now, began, failed);
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

    /// When most of a source's requests began to fail, if they do now.
    pub fn collapsed(&self, source: SourceId) -> Option<Episode> {
        self.sources.get(source.index())?.as_ref()?.most.test.on()
    }

    /// What refuses and fails now, as far as it was told.
    pub fn troubles<'a>(&'a self, model: &'a Model) -> impl Iterator<Item = Trouble> + 'a {
        let trouble = |subject, kind, (told, calm): (&Told, Option<Time>)| Trouble {
            subject,
            kind,
            since: told.from,
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

    /// Look at the second that just passed. `follows`: somebody looks while it goes on.
    pub fn look(
        &mut self,
        look: &Moment,
        down: &BTreeSet<ServiceId>,
        follows: bool,
        saturations: &mut Saturations,
        story: &mut Story,
    ) {
        let anew = follows && look.asks_anew();
        for (index, state) in self.services.iter_mut().enumerate() {
            let Some(state) = state else { continue };
            let id = ServiceId::new(index);
            match state.look(look.now()) {
                Some(Change::Raised(episode)) => {
                    let entry = refusing(look, id, &episode, state.test.on().is_some());
                    let (because, span) = (entry.because.clone(), [episode.from, episode.until]);
                    state.tell(&episode, story.add(entry), because.clone());
                    saturations.name(look, &because, span, down, story, 0);
                }
                Some(Change::Cleared(told)) => {
                    let text = format!("{} takes every call again", look.model.services[id].name);
                    let subject = service(look.model, id);
                    let kind = StoryKind::Recovered;
                    story.add(Entry { at: told.until, kind, subject, because: Causes::default(), text });
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
            state.look(look, SourceId::new(index), down, anew, saturations, story);
        }
    }
}

impl Source {
    fn look(
        &mut self,
        look: &Moment,
        id: SourceId,
        down: &BTreeSet<ServiceId>,
        anew: bool,
        saturations: &mut Saturations,
        story: &mut Story,
    ) {
        let some = self.some.look(look.now());
        let most = self.most.look(look.now());
        match some {
            Some(Change::Raised(episode)) => {
                let entry = failing(look, id, &episode, down, self.some.test.on().is_some());
                let (because, span) = (entry.because.clone(), episode.began);
                self.some.tell(&episode, story.add(entry), because.clone());
                saturations.name(look, &because, span, down, story, 0);
            }
            Some(Change::Cleared(told)) => {
                let (share, all) = told.share();
                let lasted = sentence::seconds((told.until.0 - told.from.0) as f64 / 1e9);
                let (share, all) = (sentence::percent(share), sentence::count(all as f64));
                story.add(Entry {
                    at: told.until,
                    kind: StoryKind::Recovered,
                    subject: source(look.model, id),
                    because: Causes::default(),
                    text: format!("{} recovered after {lasted}: {share} of {all} failed", look.model.sources[id].name),
                });
            }
            None => {
                if let Some(told) = self.some.told.as_mut().filter(|_| anew) {
                    let [began, until] = look.lately();
                    let lately = Episode { from: began, until, began: [began, until], ended: told.ended[1] };
                    told.cause = culprit(look, id, &lately, down).into();
                }
            }
        }
        if let Some(Change::Raised(episode)) = most {
            let lasts = self.most.test.on().is_some();
            let entry = failing(look, id, &episode, down, lasts);
            let because = entry.because.clone();
            match &self.some.told {
                // Told a moment ago: it was the beginning of this.
                Some(told) if episode.from.0 - told.from.0 < SOON => {
                    if let Some(beginning) = story.entry(told.place) {
                        *beginning = Entry { at: told.from, ..entry };
                    }
                    self.most.tell(&episode, told.place, because.clone());
                }
                Some(_) | None => {
                    let place = story.add(entry);
                    self.most.tell(&episode, place, because.clone());
                }
            }
            saturations.name(look, &because, episode.began, down, story, 0);
        }
    }
}

/// A service turns calls away: which share, over which time, and why.
fn refusing(look: &Moment, id: ServiceId, episode: &Episode, lasts: bool) -> Entry {
    let span = [episode.from, episode.until];
    let (because, why) = refuser(look, look.around(span), id, 0);
    let share = sentence::percent(episode.ended.share());
    let text = format!("{} refuses {share} {} ({why})", look.model.services[id].name, sentences::over(span, lasts));
    let at = episode.from.max(Time(0));
    Entry { at, kind: StoryKind::Refusing, subject: service(look.model, id), because: because.into(), text }
}

/// Requests of a source fail, or most of them do: which share, over which time, and because of what.
fn failing(look: &Moment, id: SourceId, episode: &Episode, down: &BTreeSet<ServiceId>, lasts: bool) -> Entry {
    let name = &look.model.sources[id].name;
    let share = sentence::percent(episode.ended.share());
    let over = sentences::over([episode.from, episode.until], lasts);
    let verb = if episode.ended.share() >= COLLAPSED {
        format!("goodput of {name} collapses: {share} fail {over}")
    } else {
        format!("{name}: {share} fail {over}")
    };
    Entry {
        at: episode.from.max(Time(0)),
        kind: StoryKind::Failing,
        subject: source(look.model, id),
        because: culprit(look, id, episode, down).into(),
        text: format!("{verb} ({})", reasons(&episode.ended)),
    }
}

/// "30 % Refused, 8 % TimedOut"
fn reasons(ended: &Ended) -> String {
    let mut sorted: Vec<(usize, u64)> = ended.failed.iter().copied().enumerate().filter(|f| f.1 > 0).collect();
    sorted.sort_by_key(|&(i, n)| (Reverse(n), i));
    sorted.truncate(3);
    let share = |n: u64| sentence::percent(n as f64 / ended.all.max(1) as f64);
    sorted.iter().map(|&(i, n)| format!("{} {}", share(n), reason_name(i))).collect::<Vec<_>>().join(", ")
}
