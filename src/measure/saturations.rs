//! What is full, told per subject: since when, because of what, and when there was room again.
//!
//! Told is what was full for ten seconds because more was asked of it than it can do (`excess`), and what somebody was
//! hurt by, however short: whoever is named as a cause has a sentence of its own. When it was is exact either way.

use super::alarm::{Alarm, AlarmChange, CALM, CALM_AT_END};
use super::counters::row;
use super::emptied;
use super::excess::Excess;
use super::moment::Moment;
use super::resources::{Resources, Subject, sum};
use super::sentences;
use super::story::{Entry, Story, StoryKind};
use super::subject::{Causes, Entity, Named, Subject as Told};
use super::trouble::{Trouble, TroubleKind};
use crate::model::ServiceId;
use crate::number::sentence;
use crate::units::Time;
use std::collections::BTreeSet;

/// Looks between noticing and telling: time for equal instances to join.
const SETTLE: u32 = 5;
/// What comes back sooner than this, and sooner than it had lasted, was not over: the recovery is taken back.
const AGAIN: i64 = 120 * 1_000_000_000;
/// In use to this share in the last second, it still is full.
const FULL: f64 = 0.95;
/// What was full for so long before it hurt somebody was not yet what hurt, nanoseconds.
const LATENT: i64 = 10 * 1_000_000_000;
const SECOND: i64 = 1_000_000_000;
/// Causes of causes are followed so far.
const DEPTH: u32 = 8;

#[derive(Clone, Debug, Default)]
struct Saturation {
    alarm: Alarm,
    /// When the present trouble began, and because of what it was told.
    told: Time,
    because: Causes,
    /// When it was full last.
    until: Time,
    /// When it was full last of late, told or not yet: since when without a rest, and the last look.
    full: Option<[Time; 2]>,
    /// Because of what it lasts.
    cause: Causes,
    /// Somebody was hurt by it since.
    hurt: bool,
    /// When it was last over, and the place of that sentence, if there is one.
    over: Option<(Time, Option<usize>)>,
    /// Whether it is full by chance; once that is known, since when it is not.
    excess: Excess,
    proven: Option<Time>,
    /// What was told, each time from when until when, as far as known.
    spans: Vec<[Time; 2]>,
}

impl Saturation {
    /// When something was done to it that made it hurt: it had hurt nobody until then, and did so soon after.
    fn worsened(&self, subject: &Subject, hurts: [Time; 2], story: &Story) -> Option<Time> {
        let of = [subject.service.map(Entity::Service), subject.group.map(Entity::Group), subject.owner];
        let of: Vec<Entity> = of.into_iter().flatten().collect();
        let lately = [Time(self.told.0.max(hurts[0].0 - LATENT) + 1), hurts[1]];
        story.touched(&of, lately).filter(|_| !self.hurt && self.alarm.raised().is_some())
    }

    /// Whether it is full by chance, as long as that is not known.
    fn prove(&mut self, look: &Moment, subject: &Subject, since: Option<Time>, down: &BTreeSet<ServiceId>) {
        match (since, self.alarm) {
            (_, Alarm::Raised { .. }) => {}
            (Some(since), _) if self.proven.is_none() => self.proven = self.excess.look(look, subject, since, down),
            (None, Alarm::Quiet) => (self.proven, self.excess) = (None, Excess::default()),
            (Some(_) | None, _) => {}
        }
    }

    /// What was told so far is over, and it begins at this time.
    fn begin_anew(&mut self, at: Time) {
        if let Some(span) = self.spans.last_mut() {
            span[1] = at.max(span[0]);
        }
        self.over = None;
    }

    /// "33 min", of what was full with rests between "33 min of 45 min".
    fn lasted(&self) -> String {
        let told = || self.spans.iter().filter(|span| span[0] >= self.told);
        let seconds = |nanos: i64| sentence::seconds(nanos as f64 / 1e9);
        let full: i64 = told().map(|[from, until]| until.0 - from.0).sum();
        let all = told().next_back().map_or(0, |[_, until]| until.0 - self.told.0);
        // Rests of a few percent are none.
        if full * 20 >= all * 19 { seconds(all) } else { format!("{} of {}", seconds(full), seconds(all)) }
    }
}

/// All subjects.
#[derive(Clone, Debug, Default)]
pub struct Saturations {
    subjects: Vec<Saturation>,
    /// Names of emptied stores that were told, and when.
    emptied: Vec<(String, Time)>,
}

impl Saturations {
    /// What is full now; since when, as the story has it or will have it, else since its last rest.
    pub fn troubles<'a>(&'a self, resources: &'a Resources) -> impl Iterator<Item = Trouble> + 'a {
        self.subjects.iter().zip(&resources.subjects).filter_map(|(state, subject)| {
            let [begun, last] = state.full?;
            let since = if state.alarm.raised().is_some() { state.told } else { state.proven.unwrap_or(begun) };
            Some(Trouble {
                subject: resources.told(subject),
                kind: TroubleKind::Saturated,
                since: since.max(Time(0)),
                because: state.cause.clone(),
                calm: resources.saturated(subject).next().is_none().then_some(last),
            })
        })
    }

    /// Since when a subject was full for the first time, and for how long in all, as it was told; none: it never was.
    pub fn told(&self, subject: usize, now: Time) -> Option<[Time; 2]> {
        let state = self.subjects.get(subject)?;
        let lasts = state.alarm.raised() == Some(None);
        let all = state.spans.iter().enumerate().map(|(at, &[from, until])| {
            let until = if lasts && at + 1 == state.spans.len() { now } else { until };
            (until.0 - from.0).max(0)
        });
        Some([state.spans.first()?[0], Time(all.sum())])
    }

    /// Something is full, and nothing else that is full is to blame: a store that was emptied is not full.
    pub fn is_root(&self, subject: usize) -> bool {
        let full = |cause: &Named| matches!(cause.what, Told::Resource { measured: true, .. });
        let state = self.subjects.get(subject).filter(|state| state.alarm.raised().is_some());
        state.is_some_and(|state| !state.because.iter().any(full))
    }

    /// Services that wait for one another, where something is full because of that.
    pub fn circle(&self) -> Option<&Causes> {
        let service = |cause: &Named| matches!(cause.what, Told::Entity(Entity::Service(_)));
        let full = self.subjects.iter().filter(|state| state.alarm.raised() == Some(None));
        full.map(|state| &state.because).find(|because| because.len() > 1 && because.iter().all(service))
    }

    /// Look at the second that just passed. `follows`: somebody looks while it goes on.
    pub fn look(&mut self, look: &Moment, down: &BTreeSet<ServiceId>, follows: bool, story: &mut Story) {
        let now = look.now();
        for (i, subject) in look.resources.subjects.iter().enumerate() {
            let since = look.resources.saturated(subject).filter_map(|t| t.detector.since()).min();
            let until = subject.members.iter().filter_map(|&m| look.resources.tracks[m].detector.until()).max();
            let state = row(&mut self.subjects, i as u32);
            state.until = until.map_or(state.until, |until| until.max(state.until));
            let gone = subject.members.iter().all(|&m| look.second.resource(m).capacity <= 0.0);
            if gone && state.alarm.raised().is_some() {
                // It did not recover, it went down.
                state.alarm.reset();
                state.over = Some((now, None));
                state.full = None;
                continue;
            }
            let (begun, settle) = (since.unwrap_or(now).max(Time(0)), if look.last { 0 } else { SETTLE });
            state.prove(look, subject, since, down);
            let change = state.alarm.look(since.is_some(), since.is_none(), begun, now, settle);
            match change.or_else(|| if look.last { state.alarm.close(now, CALM_AT_END) } else { None }) {
                // All of it was before time 0.
                Some(AlarmChange::Raised(_)) if since.is_none() && state.until <= Time(0) => state.alarm.reset(),
                // It may be so by chance: time will tell.
                Some(AlarmChange::Raised(at)) if state.proven.is_none() && since.is_some() => state.alarm.wait(at),
                Some(AlarmChange::Raised(_)) if state.proven.is_none() => state.alarm.reset(),
                Some(AlarmChange::Raised(at)) => {
                    let at = look.acts.since(state.proven.unwrap_or(at).max(Time(0)));
                    let span = [at, if since.is_some() { now } else { state.until.max(at) }];
                    let entry = sentences::saturated(look, i, span, since.is_some(), down);
                    // It had been full by chance until the network was cut.
                    let (entry, span) = match story.cut_off(&entry.because, span) {
                        Some(cut) => {
                            let span = [cut, span[1]];
                            (sentences::saturated(look, i, span, since.is_some(), down), span)
                        }
                        None => (entry, span),
                    };
                    self.tell(look, (i, span), entry, down, story, 0);
                }
                Some(AlarmChange::Cleared(_)) => Self::recovered(look, i, state, story),
                None => {}
            }
            let state = row(&mut self.subjects, i as u32);
            if follows && since.is_some() && (state.full.is_none() || look.asks_anew()) {
                state.cause = sentences::cause(look, i, down);
            }
            let of_late = state.full.filter(|[_, last]| now.0 - last.0 < CALM);
            state.full = since.map(|since| [since, now]).or(of_late);
        }
    }

    /// Add the sentence, unless this is what was told a while ago, come back.
    fn tell(
        &mut self,
        look: &Moment,
        (index, span): (usize, [Time; 2]),
        entry: Entry,
        down: &BTreeSet<ServiceId>,
        story: &mut Story,
        depth: u32,
    ) {
        let state = row(&mut self.subjects, index as u32);
        state.cause.clone_from(&entry.because);
        state.until = state.until.max(span[1]);
        state.spans.push(span);
        match state.over {
            Some((over, place))
                if span[0].0 - over.0 < AGAIN.min(over.0 - state.told.0) && entry.because == state.because =>
            {
                place.into_iter().for_each(|p| story.take_back(p));
            }
            Some(_) | None => {
                state.told = span[0];
                state.because = entry.because.clone();
                let because = entry.because.clone();
                story.add(entry);
                self.name(look, &because, span, down, story, depth + 1);
            }
        }
    }

    fn recovered(look: &Moment, index: usize, state: &mut Saturation, story: &mut Story) {
        let subject = &look.resources.subjects[index];
        // Where something was done a moment later, that ended it.
        let at = look.acts.since(state.until.max(state.told));
        if let Some(span) = state.spans.last_mut() {
            span[1] = at;
        }
        let calm = sum(&subject.members, look.around([Time(at.0 + SECOND), look.now()]));
        // That is no recovery.
        let deserted = calm.begun == 0 && calm.refused == 0;
        let since = if deserted { ", and nobody comes" } else { "" };
        let text = format!("{} has room again after {}{since}", subject.label, state.lasted());
        let entry = Entry {
            at,
            kind: StoryKind::Recovered,
            subject: look.resources.told(subject),
            because: Causes::default(),
            text,
        };
        state.hurt = false;
        state.over = Some((entry.at, Some(story.add(entry))));
    }

    /// What was named as the cause of something in a span is told itself, if it was not yet.
    pub fn name(
        &mut self,
        look: &Moment,
        causes: &Causes,
        span: [Time; 2],
        down: &BTreeSet<ServiceId>,
        story: &mut Story,
        depth: u32,
    ) {
        for cause in causes.iter().filter(|_| depth < DEPTH) {
            let Some(index) = look.resources.subject(cause) else {
                self.name_emptied(look, cause, story);
                continue;
            };
            let subject = &look.resources.subjects[index];
            let window = look.around(span);
            let (now, state) = (look.now(), row(&mut self.subjects, index as u32));
            let full = |m: &&usize| look.resources.member_hurt(**m, window, span);
            if !subject.members.iter().any(|m| full(&m)) {
                continue;
            }
            let act = state.worsened(subject, span, story);
            if state.alarm.raised().is_some() {
                state.hurt = true;
                let Some(act) = act else { continue };
                state.begin_anew(act);
            }
            state.hurt = true;
            let tracks = || subject.members.iter().filter(full).map(|&m| &look.resources.tracks[m]);
            // What had been full for long without hurting anybody hurt when it did.
            let hurt = |begin: Time| if span[0].0 - begin.0 > LATENT { span[0] } else { begin };
            let begin = |t: &super::resources::Track| t.detector.since().or(t.stretches.begin(span, now).map(hurt));
            let from = tracks().filter_map(begin).min().unwrap_or(span[0]).max(Time(0));
            let from = look.acts.since(from).max(act.unwrap_or(from));
            let second = |&&m: &&usize| look.second.resource(m).utilization().is_some_and(|share| share >= FULL);
            let lasts = tracks().any(|t| t.detector.since().is_some() || t.stretches.end(span, now) == Some(now))
                || subject.members.iter().filter(full).any(|m| second(&m));
            let until = tracks().filter_map(|t| t.stretches.end(span, now)).max().unwrap_or(span[1]).max(from);
            state.alarm.raise((!lasts).then_some(until));
            state.full = Some([from, until]);
            let own = [from, if lasts { now } else { until }];
            // Full and not full in turn: what counts is the time that is asked about.
            let begun = sentences::beginning(own);
            let known = look.evidence(begun, down).window;
            let (own, lasts) = match subject.members.iter().any(|&m| look.resources.member_hurt(m, known, begun)) {
                true => (own, lasts),
                false => ([window.old.at.max(from), window.new.at.min(own[1])], false),
            };
            let entry = sentences::saturated(look, index, own, lasts, down);
            self.tell(look, (index, own), entry, down, story, depth);
        }
    }

    /// A store that lost what it had is told once it explains something.
    fn name_emptied(&mut self, look: &Moment, cause: &str, story: &mut Story) {
        let Some(loss) = look.emptied.named(look.model, cause) else { return };
        if self.emptied.iter().any(|told| told.0 == cause && told.1 == loss.at) {
            return;
        }
        self.emptied.push((cause.to_owned(), loss.at));
        let [before, after] = loss.entries.map(|entries| sentence::count(entries as f64));
        let verb = if loss.expired { "expires" } else { "is emptied" };
        story.add(Entry {
            at: loss.at.max(Time(0)),
            kind: StoryKind::Emptied,
            subject: emptied::subject(look.model, &loss),
            because: Causes::default(),
            text: format!("{cause} {verb}: {after} of {before} entries left"),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_full_with_rests_says_for_how_long_of_how_long() {
        let minutes = |spans: &[[i64; 2]]| {
            let spans = spans.iter().map(|span| span.map(|at| Time(at * 60_000_000_000))).collect();
            Saturation { told: Time(10 * 60_000_000_000), spans, ..Saturation::default() }.lasted()
        };
        assert_eq!(minutes(&[[10, 20], [22, 40]]), "28 min of 30 min");
        assert_eq!(minutes(&[[2, 4], [10, 40]]), "30 min", "what was told before is another time");
    }
}
