//! The story: what happened, in order, and because of what. Sentences carry numbers and do not hedge.

use super::results::StoryEvent;
use super::subject::{Causes, Entity, Named, Subject};
use crate::model::ServiceId;
use crate::units::Time;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a sentence tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoryKind {
    /// A resource is full and waited for.
    Saturated,
    /// What was full or failed is well again.
    Recovered,
    /// A service turns calls away.
    Refusing,
    /// A breaker opened.
    Opened,
    /// All breakers of a link are closed again.
    Closed,
    /// A rate limit holds calls back.
    Throttled,
    /// Calls meet a full door in silence and are sent again.
    Retransmitting,
    /// A balancer or caller takes a target out.
    Unhealthy,
    /// It sends to that target again.
    Healthy,
    /// Requests of a source fail, or messages are given up or lost.
    Failing,
    /// Requests of a source are answered by a fallback.
    Degraded,
    /// Instances that no machine has room for.
    Pending,
    /// A store lost what it had.
    Emptied,
    /// A store is full: what is new makes old entries go.
    Evicting,
    /// An instance went down, or all of a service are.
    Down,
    /// All that were down or pending serve again.
    Up,
    /// Retries ask for more than there is, without them there would be room.
    RetryStorm,
    /// What upset the system is over, and it does not come back.
    Metastable,
    /// Many fetch at once what one would have to fetch.
    Stampede,
    /// All wait for one another and nothing gets done.
    Deadlock,
    /// Many that waited come back at the same moment.
    #[serde(rename = "thundering_herd")]
    Herd,
    /// A rule of the runbook acted.
    Rule,
    /// A rule fired and did nothing.
    Skipped,
    /// The run ended before its horizon.
    Stopped,
}

impl StoryKind {
    /// The word in the results.
    pub fn name(self) -> &'static str {
        match self {
            StoryKind::Saturated => "saturated",
            StoryKind::Recovered => "recovered",
            StoryKind::Refusing => "refusing",
            StoryKind::Opened => "opened",
            StoryKind::Closed => "closed",
            StoryKind::Throttled => "throttled",
            StoryKind::Retransmitting => "retransmitting",
            StoryKind::Unhealthy => "unhealthy",
            StoryKind::Healthy => "healthy",
            StoryKind::Failing => "failing",
            StoryKind::Degraded => "degraded",
            StoryKind::Pending => "pending",
            StoryKind::Emptied => "emptied",
            StoryKind::Evicting => "evicting",
            StoryKind::Down => "down",
            StoryKind::Up => "up",
            StoryKind::RetryStorm => "retry_storm",
            StoryKind::Metastable => "metastable",
            StoryKind::Stampede => "stampede",
            StoryKind::Deadlock => "deadlock",
            StoryKind::Herd => "thundering_herd",
            StoryKind::Rule => "rule",
            StoryKind::Skipped => "skipped",
            StoryKind::Stopped => "stopped",
        }
    }

    /// Something took a turn for the worse.
    pub fn is_turn(self) -> bool {
        match self {
            StoryKind::Saturated
            | StoryKind::Refusing
            | StoryKind::Opened
            | StoryKind::Throttled
            | StoryKind::Retransmitting
            | StoryKind::Failing
            | StoryKind::Degraded
            | StoryKind::Emptied
            | StoryKind::Down
            | StoryKind::RetryStorm
            | StoryKind::Metastable
            | StoryKind::Stampede
            | StoryKind::Deadlock
            | StoryKind::Herd
            | StoryKind::Stopped => true,
            StoryKind::Recovered
            | StoryKind::Closed
            | StoryKind::Unhealthy
            | StoryKind::Healthy
            | StoryKind::Pending
            | StoryKind::Evicting
            | StoryKind::Up
            | StoryKind::Rule
            | StoryKind::Skipped => false,
        }
    }

    /// A name for how a collapse goes on, with its evidence.
    pub fn is_syndrome(self) -> bool {
        use StoryKind::{Deadlock, Herd, Metastable, RetryStorm, Stampede};
        matches!(self, RetryStorm | Metastable | Stampede | Deadlock | Herd)
    }

    /// Whom it hurts: what a crowd feels.
    pub fn is_harm(self) -> bool {
        matches!(self, StoryKind::Failing | StoryKind::Degraded)
    }

    /// What operators did, or could not do.
    pub fn is_runbook(self) -> bool {
        matches!(self, StoryKind::Rule | StoryKind::Skipped)
    }

    /// Causes before effects.
    fn rank(self) -> u8 {
        match self {
            StoryKind::Rule | StoryKind::Skipped => 0,
            StoryKind::Pending | StoryKind::Emptied | StoryKind::Down | StoryKind::Up => 1,
            StoryKind::Saturated | StoryKind::Evicting => 2,
            StoryKind::Refusing
            | StoryKind::Opened
            | StoryKind::Throttled
            | StoryKind::Retransmitting
            | StoryKind::Unhealthy => 3,
            StoryKind::Failing | StoryKind::Degraded => 4,
            StoryKind::Recovered | StoryKind::Closed | StoryKind::Healthy => 5,
            StoryKind::RetryStorm
            | StoryKind::Metastable
            | StoryKind::Stampede
            | StoryKind::Deadlock
            | StoryKind::Herd => 6,
            StoryKind::Stopped => 7,
        }
    }
}

impl fmt::Display for StoryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One sentence. It may still be rewritten while what it tells goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub at: Time,
    pub kind: StoryKind,
    pub subject: Named,
    pub because: Causes,
    pub text: String,
}

/// All of them, in the order they were noticed.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// None: taken back.
    entries: Vec<Option<Entry>>,
    /// When each was noticed.
    found: Vec<Time>,
    /// The look that is taken.
    pub now: Time,
    /// When a rule cut a service off from others.
    cuts: Vec<(Time, ServiceId)>,
    /// What a rule, told at that time, does something to, and from when until when.
    touched: Vec<(Time, [Time; 2], Entity)>,
}

impl Story {
    /// Add one; returns its place.
    pub fn add(&mut self, entry: Entry) -> usize {
        self.entries.push(Some(entry));
        self.found.push(self.now);
        self.entries.len() - 1
    }

    /// A rule, told with this time, cuts a service off from others.
    pub fn cut(&mut self, at: Time, service: ServiceId) {
        self.cuts.push((at, service));
    }

    /// A rule, told with this time, does something to these in a span, whatever its subject is.
    pub fn touch(&mut self, at: Time, span: [Time; 2], what: impl Iterator<Item = Entity>) {
        self.touched.extend(what.map(|entity| (at, span, entity)));
    }

    /// When the network that one of these is the cause of was cut, if that was in a span.
    pub fn cut_off(&self, causes: &Causes, [from, until]: [Time; 2]) -> Option<Time> {
        let of_it = |(at, service): &(Time, ServiceId)| {
            let cut = causes.iter().any(|cause| cause.what == Subject::NetworkTo(*service));
            (cut && (from..=until).contains(at)).then_some(*at)
        };
        self.cuts.iter().filter_map(of_it).max()
    }

    /// When something was last done to one of these in a span.
    pub fn touched(&self, what: &[Entity], [from, until]: [Time; 2]) -> Option<Time> {
        let of_it = self.touched.iter().filter(|(.., entity)| what.contains(entity));
        of_it.map(|(_, [begin, _], _)| *begin).filter(|begin| (from..=until).contains(begin)).max()
    }

    /// The entry at a place, to be rewritten.
    pub fn entry(&mut self, place: usize) -> Option<&mut Entry> {
        self.entries.get_mut(place)?.as_mut()
    }

    /// A turn that a subject took was told.
    pub fn tells_of(&self, subject: &Named) -> bool {
        self.entries.iter().flatten().any(|entry| entry.subject == *subject && entry.kind.is_turn())
    }

    /// Because of what a subject took the last turn that was told of it.
    pub fn because_of(&self, subject: &Named) -> &[Named] {
        let turn = |entry: &&Entry| entry.subject == *subject && entry.kind.is_turn() && !entry.kind.is_syndrome();
        self.entries.iter().rev().flatten().find(turn).map_or(&[], |entry| &entry.because)
    }

    /// Sentences there were, those taken back too.
    pub fn told(&self) -> usize {
        self.entries.len()
    }

    /// What was told turned out not to be so.
    pub fn take_back(&mut self, place: usize) {
        self.entries[place] = None;
    }

    /// In the order they happened; of what happened at one instant causes come first: what broke, what is its own
    /// cause, then what follows from others. Nothing stands before its cause: what is told as a cause was there when it
    /// had its effect.
    ///
    /// `lasting`: what to add to the sentence at a place, where what it tells goes on to the end.
    pub fn report(&self, lasting: impl Iterator<Item = (usize, String)>) -> Vec<StoryEvent> {
        let mut entries = self.entries.clone();
        for (place, more) in lasting {
            if let Some(Some(entry)) = entries.get_mut(place) {
                entry.text.push_str(&more);
            }
        }
        let known = entries.clone();
        let mut sorted: Vec<Entry> = entries.into_iter().flatten().collect();
        begin_before_effects(&mut sorted);
        let own = |e: &Entry| e.because.first().is_none_or(|cause| cause.what.is_part_of(&e.subject.what));
        sorted.sort_by_key(|e| (e.at, e.kind.rank(), !own(e)));
        put_causes_first(&mut sorted);
        let causes: Vec<Vec<usize>> = (0..sorted.len()).map(|effect| self.causes(&sorted, effect)).collect();
        let event = |(e, causes): (Entry, Vec<usize>)| StoryEvent {
            found_s: self.found_of(&e, &known).0 as f64 / 1e9,
            at_s: e.at.0 as f64 / 1e9,
            event: e.kind,
            subject: e.subject,
            because: e.because,
            causes,
            lost: 0,
            text: e.text,
        };
        sorted.into_iter().zip(causes).map(event).collect()
    }

    /// When a sentence was noticed: no sooner than what it tells.
    fn found_of(&self, entry: &Entry, known: &[Option<Entry>]) -> Time {
        let same = |of: &Entry| of.kind == entry.kind && of.subject == entry.subject && of.text == entry.text;
        let noticed = known.iter().zip(&self.found).filter(|(of, _)| of.as_ref().is_some_and(same));
        noticed.map(|(_, at)| *at).find(|at| *at >= entry.at).unwrap_or(entry.at)
    }

    /// The places of the sentences that told of what is to blame for one of them. Of a subject that is the last turn it
    /// took before; of one that took none, what operators did to it. What is its own root came of what was done to it
    /// just before, and whoever refuses or fails by itself does so because it is down.
    fn causes(&self, sorted: &[Entry], effect: usize) -> Vec<usize> {
        let e = &sorted[effect];
        let last = |is: &dyn Fn(&Entry) -> bool| sorted[..effect].iter().rposition(is);
        let turn = |cause: &Named| {
            let fate = |k: &Entry| matches!(k.kind, StoryKind::Down | StoryKind::Up) && k.subject == *cause;
            let down = last(&fate).filter(|down| sorted[*down].kind == StoryKind::Down);
            // What came of it is no cause of it.
            let of_it = |k: &Entry| k.subject == *cause && !k.because.contains(&e.subject);
            // Of a service of which nothing is told: what of it was full.
            let part = |k: &Entry| k.kind == StoryKind::Saturated && k.subject.what.is_part_of(&cause.what);
            let of_part = |k: &Entry| part(k) && !k.because.contains(&e.subject);
            down.or_else(|| last(&|k| k.kind.is_turn() && !k.kind.is_syndrome() && of_it(k))).or_else(|| last(&of_part))
        };
        let done = |cause: &Named| {
            let cut = |k: &Entry| matches!(cause.what, Subject::NetworkTo(to) if self.cuts.contains(&(k.at, to)));
            last(&|k| k.kind == StoryKind::Rule && (k.subject == *cause || cut(k)))
        };
        // Operators act because of what is so still.
        let lasts = |cause: &usize| {
            let well = |k: &Entry| matches!(k.kind, StoryKind::Recovered | StoryKind::Closed | StoryKind::Up);
            let over = |k: &Entry| well(k) && k.subject == sorted[*cause].subject;
            !e.kind.is_runbook() || !sorted[*cause..effect].iter().any(over)
        };
        if !e.because.is_empty() {
            let mut causes: Vec<usize> =
                e.because.iter().filter_map(|cause| turn(cause).or_else(|| done(cause))).filter(lasts).collect();
            causes.dedup();
            return causes;
        }
        let own = match e.kind {
            StoryKind::Refusing | StoryKind::Down | StoryKind::Emptied => {
                let fate = |k: &Entry| matches!(k.kind, StoryKind::Down | StoryKind::Up) && k.subject == e.subject;
                last(&fate).filter(|down| sorted[*down].kind == StoryKind::Down)
            }
            _ => None,
        };
        let acted = || {
            let of = |whole: &Subject| e.subject.what == *whole || e.subject.what.is_part_of(whole);
            let soon = |until: Time| e.at.0 - until.0 <= JUST;
            let touched = |k: &Entry| {
                self.touched.iter().any(|(at, [from, until], it)| {
                    *at == k.at && *from <= e.at && soon(*until) && of(&Subject::Entity(*it))
                })
            };
            let of_it = |k: &Entry| (of(&k.subject.what) || k.subject == e.subject) && soon(k.at) || touched(k);
            let acts = |k: &Entry| match e.kind {
                StoryKind::Down | StoryKind::Emptied => k.at == e.at || of_it(k),
                StoryKind::Saturated | StoryKind::Refusing | StoryKind::Unhealthy => of_it(k),
                _ => false,
            };
            last(&|k| k.kind == StoryKind::Rule && acts(k))
        };
        own.or_else(acted).into_iter().collect()
    }
}

/// What operators did so long ago explains what happened to it, nanoseconds.
const JUST: i64 = 2 * 1_000_000_000;

/// Of what happened at one instant a cause stands before its effects.
fn put_causes_first(sorted: &mut Vec<Entry>) {
    let later = |sorted: &[Entry], effect: usize| {
        sorted[effect].because.iter().find_map(|cause| {
            let is_it = |e: &Entry| e.kind.is_turn() && e.subject == *cause;
            let same = |at: &usize| sorted[*at].at == sorted[effect].at;
            let known = sorted[..=effect].iter().any(is_it);
            (effect + 1..sorted.len()).take_while(same).find(|at| !known && is_it(&sorted[*at]))
        })
    };
    for _ in 0..sorted.len() {
        let found = (0..sorted.len()).find_map(|effect| Some((effect, later(sorted, effect)?)));
        let Some((effect, cause)) = found else { return };
        let moved = sorted.remove(cause);
        sorted.insert(effect, moved);
    }
}

/// The mean of many cores or workers reaches its limit within a second or two of the moment from which they were too
/// few, and others may feel it sooner. What was named as a cause is said to have begun with its first effect then.
fn begin_before_effects(entries: &mut [Entry]) {
    /// Nanoseconds.
    const UNSURE: i64 = 2 * 1_000_000_000;
    // A cause that moves may overtake its own cause.
    for _ in 0..entries.len() {
        let mut moved = false;
        for effect in 0..entries.len() {
            let at = entries[effect].at;
            for cause in entries[effect].because.clone().iter() {
                let is_it = |e: &Entry| e.kind.is_turn() && e.subject == *cause;
                if entries.iter().any(|e| is_it(e) && e.at <= at) {
                    continue;
                }
                let unsure = |e: &Entry| e.kind == StoryKind::Saturated && is_it(e) && e.at.0 - at.0 <= UNSURE;
                let later = entries.iter_mut().filter(|e| unsure(e));
                if let Some(later) = later.min_by_key(|e| e.at) {
                    later.at = at;
                    moved = true;
                }
            }
        }
        if !moved {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(seconds: i64) -> Time {
        Time(seconds * 1_000_000_000)
    }

    #[test]
    fn a_cause_stands_before_its_effect_and_begins_with_it() {
        let mut story = Story::default();
        for (at, subject, because) in
            [(10, "a", Some("b")), (11, "b", Some("c")), (10, "c", None), (30, "d", Some("e")), (40, "e", None)]
        {
            story.add(Entry {
                at: s(at),
                kind: StoryKind::Saturated,
                subject: subject.into(),
                because: because.map(Named::from).into(),
                text: String::new(),
            });
        }
        let told: Vec<_> = story.report(std::iter::empty()).into_iter().map(|e| (e.at_s, e.subject.name)).collect();
        let expected = [(10.0, "c"), (10.0, "b"), (10.0, "a"), (30.0, "d"), (40.0, "e")];
        assert_eq!(told, expected.map(|(at, name)| (at, name.to_owned())));
    }

    #[test]
    fn a_cause_is_the_last_turn_its_subject_took_and_an_act_where_it_took_none() {
        let mut story = Story::default();
        for (at, kind, subject, because) in [
            (1, StoryKind::Refusing, "app", None),
            (2, StoryKind::Failing, "users", Some("app")),
            (8, StoryKind::Rule, "app", None),
            (8, StoryKind::Down, "app", None),
            (9, StoryKind::Down, "app", None),
            (10, StoryKind::Unhealthy, "lb", Some("app")),
            (20, StoryKind::Rule, "bank", None),
            (25, StoryKind::Opened, "shop.breaker(bank)", Some("bank")),
        ] {
            let (subject, because) = (subject.into(), because.map(Named::from).into());
            story.add(Entry { at: s(at), kind, subject, because, text: String::new() });
        }
        let causes: Vec<_> = story.report(std::iter::empty()).into_iter().map(|e| e.causes).collect();
        assert_eq!(causes, [vec![], vec![0], vec![], vec![2], vec![3], vec![4], vec![], vec![6]]);
    }

    #[test]
    fn the_story_is_told_in_the_order_of_events() {
        let mut story = Story::default();
        for (at, subject) in [(30, "b"), (10, "a")] {
            story.add(Entry {
                at: s(at),
                kind: StoryKind::Saturated,
                subject: subject.into(),
                because: Causes::default(),
                text: String::new(),
            });
        }
        assert_eq!(story.report(std::iter::empty()).iter().map(|e| e.subject.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }
}
