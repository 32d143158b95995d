//! Messages that brokers give up or lose, told per service: when it began, and how many there were.

use super::alarm::{Alarm, AlarmChange};
use super::counters::row;
use super::story::{Entry, Story, StoryKind};
use super::subject::{Causes, Named};
use super::traffic::{REASONS, reason_index};
use crate::model::{Model, OperationId, ServiceId};
use crate::number::sentence;
use crate::scenario::Reason;
use crate::units::Time;

/// Losses closer than this are one sentence.
const APART: i64 = 60 * 1_000_000_000;

#[derive(Clone, Debug, Default)]
struct DeadLetters {
    /// Given up in the present episode, by position of the reason.
    dead: [u64; REASONS.len()],
    alarm: Alarm,
    told: Option<usize>,
    /// Place, number and time of the last loss.
    lost: Option<(usize, u64, Time)>,
}

/// All brokers.
#[derive(Clone, Debug, Default)]
pub struct Brokers {
    services: Vec<DeadLetters>,
    /// Since the last look: given up with this reason, or lost.
    news: Vec<(OperationId, Option<Reason>)>,
}

impl Brokers {
    /// A message was not consumed: the last attempt failed so, or its broker died with it.
    pub fn dropped(&mut self, operation: OperationId, reason: Option<Reason>) {
        self.news.push((operation, reason));
    }

    /// Tell what happened in the last second.
    pub fn look(&mut self, model: &Model, now: Time, story: &mut Story) {
        if self.news.is_empty() && self.services.is_empty() {
            return;
        }
        let mut lost: Vec<u64> = Vec::new();
        let mut dead: Vec<u64> = Vec::new();
        for (operation, reason) in std::mem::take(&mut self.news) {
            let service = model.operations[operation].service.number();
            match reason {
                None => *row(&mut lost, service) += 1,
                Some(reason) => {
                    *row(&mut dead, service) += 1;
                    row(&mut self.services, service).dead[reason_index(reason)] += 1;
                }
            }
        }
        for (service, &count) in lost.iter().enumerate().filter(|(_, count)| **count > 0) {
            let service = ServiceId::new(service);
            row(&mut self.services, service.number()).lose(&broker(model, service), count, now, story);
        }
        for service in 0..self.services.len() as u32 {
            let on = dead.get(service as usize).is_some_and(|count| *count > 0);
            self.services[service as usize].look(&broker(model, ServiceId::new(service as usize)), on, now, story);
        }
    }
}

impl DeadLetters {
    fn lose(&mut self, name: &Named, count: u64, now: Time, story: &mut Story) {
        let text = |count: u64| format!("{name} loses {} with its process", messages(count));
        if let Some((place, sum, last)) = &mut self.lost
            && now.0 - last.0 < APART
        {
            *sum += count;
            *last = now;
            if let Some(entry) = story.entry(*place) {
                entry.text = text(*sum);
            }
            return;
        }
        let entry = Entry {
            at: now,
            kind: StoryKind::Failing,
            subject: name.clone(),
            because: Causes::default(),
            text: text(count),
        };
        self.lost = Some((story.add(entry), count, now));
    }

    fn look(&mut self, name: &Named, on: bool, now: Time, story: &mut Story) {
        match self.alarm.look(on, !on, now, now, 0) {
            Some(AlarmChange::Raised(at)) => {
                let entry = Entry {
                    at,
                    kind: StoryKind::Failing,
                    subject: name.clone(),
                    because: Causes::default(),
                    text: String::new(),
                };
                self.told = Some(story.add(entry));
            }
            Some(AlarmChange::Cleared(_)) => {
                self.told = None;
                self.dead = [0; REASONS.len()];
            }
            None => {}
        }
        if let Some(entry) = self.told.filter(|_| on).and_then(|place| story.entry(place)) {
            let most = (0..REASONS.len())
                .max_by_key(|&reason| (self.dead[reason], std::cmp::Reverse(reason)))
                .unwrap_or_default();
            entry.text = format!("{name} gives up {} ({})", messages(self.dead.iter().sum()), REASONS[most].words());
        }
    }
}

fn broker(model: &Model, service: ServiceId) -> Named {
    Named::service(service, model.services[service].name.as_str())
}

fn messages(count: u64) -> String {
    if count == 1 { "1 message".to_owned() } else { format!("{} messages", sentence::count(count as f64)) }
}
