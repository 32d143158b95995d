//! Messages that brokers give up or lose, told per service: when it began and because of whom, and how many there were
//! until when.

use super::alarm::{Alarm, AlarmChange};
use super::counters::row;
use super::culprits::{When, culprit_at};
use super::moment::Moment;
use super::sentences::{beginning, over};
use super::story::{Entry, Story, StoryKind};
use super::subject::{Causes, Named};
use super::traffic::{REASONS, reason_index};
use crate::model::{Model, OperationId, ServiceId, SiteId};
use crate::number::{clock, sentence};
use crate::scenario::Reason;
use crate::units::Time;
use std::collections::BTreeSet;

/// Losses closer than this are one sentence.
const APART: i64 = 60 * 1_000_000_000;

/// Messages given up one soon after the other.
#[derive(Clone, Debug)]
struct Episode {
    /// When the first and the last of them were.
    span: [Time; 2],
    /// How many, by position of the reason; and of them those that were in its beginning.
    dead: [u64; REASONS.len()],
    first: u64,
}

#[derive(Clone, Debug, Default)]
struct DeadLetters {
    episode: Option<Episode>,
    alarm: Alarm,
    told: Option<usize>,
    /// Place, number and time of the last loss.
    lost: Option<(usize, u64, Time)>,
}

/// A message that was not consumed.
#[derive(Clone, Copy, Debug)]
struct Dropped {
    at: Time,
    operation: OperationId,
    /// Why its last attempt failed; none: its broker died with it.
    reason: Option<Reason>,
}

/// All brokers.
#[derive(Clone, Debug, Default)]
pub struct Brokers {
    services: Vec<DeadLetters>,
    /// Since the last look.
    news: Vec<Dropped>,
}

impl Brokers {
    /// A message was not consumed: the last attempt failed so, or its broker died with it.
    pub fn dropped(&mut self, at: Time, operation: OperationId, reason: Option<Reason>) {
        // What happened before time 0 is not counted.
        if at >= Time(0) {
            self.news.push(Dropped { at, operation, reason });
        }
    }

    /// Tell what happened in the last second.
    pub fn look(&mut self, look: &Moment, down: &BTreeSet<ServiceId>, story: &mut Story) {
        if self.news.is_empty() && self.services.is_empty() {
            return;
        }
        let model = look.model;
        let mut on: BTreeSet<ServiceId> = BTreeSet::new();
        for Dropped { at, operation, reason } in std::mem::take(&mut self.news) {
            let service = model.operations[operation].service;
            let state = row(&mut self.services, service.number());
            match reason {
                None => state.lose(&broker(model, service), at, story),
                Some(reason) => {
                    state.give_up(at, reason);
                    on.insert(service);
                }
            }
        }
        for (service, state) in self.services.iter_mut().enumerate() {
            let service = ServiceId::new(service);
            state.look(look, service, on.contains(&service), down, story);
        }
    }
}

impl Episode {
    fn most(&self) -> usize {
        let key = |&reason: &usize| (self.dead[reason], std::cmp::Reverse(reason));
        (0..REASONS.len()).max_by_key(key).unwrap_or_default()
    }
}

impl DeadLetters {
    fn lose(&mut self, name: &Named, at: Time, story: &mut Story) {
        let text = |count: u64| format!("{name} loses {} with its process", messages(count));
        if let Some((place, sum, last)) = &mut self.lost
            && at.0 - last.0 < APART
        {
            *sum += 1;
            *last = at;
            if let Some(entry) = story.entry(*place) {
                entry.text = text(*sum);
            }
            return;
        }
        let because = Some(name.clone()).into();
        let entry = Entry { at, kind: StoryKind::Failing, subject: name.clone(), because, text: text(1) };
        self.lost = Some((story.add(entry), 1, at));
    }

    fn give_up(&mut self, at: Time, reason: Reason) {
        let new = || Episode { span: [at, at], dead: [0; REASONS.len()], first: 0 };
        let episode = self.episode.get_or_insert_with(new);
        episode.span[1] = at;
        episode.dead[reason_index(reason)] += 1;
        episode.first += u64::from(beginning(episode.span)[1] == at);
    }

    fn look(&mut self, look: &Moment, id: ServiceId, on: bool, down: &BTreeSet<ServiceId>, story: &mut Story) {
        let (now, name) = (look.now(), broker(look.model, id));
        match self.alarm.look(on, !on, now, now, 0) {
            Some(AlarmChange::Raised(_)) => {
                let at = self.episode.as_ref().map_or(now, |episode| episode.span[0]);
                let (because, text) = (Causes::default(), String::new());
                let entry = Entry { at, kind: StoryKind::Failing, subject: name.clone(), because, text };
                self.told = Some(story.add(entry));
            }
            Some(AlarmChange::Cleared(_)) => (self.told, self.episode) = (None, None),
            None => {}
        }
        let Some(episode) = self.episode.as_ref().filter(|_| on) else { return };
        let Some(entry) = self.told.and_then(|place| story.entry(place)) else { return };
        let reason = REASONS[episode.most()];
        let all: u64 = episode.dead.iter().sum();
        let [_, until] = episode.span;
        if entry.because.is_empty() && episode.first == all {
            entry.because = because(look, id, reason, episode.span, down).into();
        }
        let first = over(episode.span, true);
        entry.text = format!("{name} gives up {} {first} ({})", messages(episode.first), reason.words());
        if all > episode.first {
            entry.text.push_str(&format!("; until {}, {}", clock(until.as_seconds()), messages(all)));
        }
    }
}

/// Whom the last attempts of a broker's messages failed because of.
fn because(
    look: &Moment,
    id: ServiceId,
    reason: Reason,
    ended: [Time; 2],
    down: &BTreeSet<ServiceId>,
) -> Option<Named> {
    let model = look.model;
    let of_it = |site: &crate::model::Site| site.from.is_some_and(|from| model.operations[from].service == id);
    let ends = |site: SiteId| look.short.site(site.index()).ended;
    let sites = model.sites.ids().filter(|site| of_it(&model.sites[*site]));
    let site = sites.max_by_key(|site| (ends(*site), std::cmp::Reverse(*site)))?;
    let asked = [Time(ended[0].0.min(look.short.old.at.0)), ended[1]];
    culprit_at(look, site, reason, When { ended, asked }, down)
}

fn broker(model: &Model, service: ServiceId) -> Named {
    Named::service(service, model.services[service].name.as_str())
}

fn messages(count: u64) -> String {
    if count == 1 { "1 message".to_owned() } else { format!("{} messages", sentence::count(count as f64)) }
}
