//! What the runbook did, as sentences; a rule that fires again and again is told once.

use super::story::{Entry, Kind, Story};
use crate::engine::Skipped;
use crate::model::{Action, Metric, Model, Target, Trigger};
use crate::units::Time;
use std::collections::BTreeMap;

/// Firings closer than this are one sentence.
const APART: i64 = 30 * 1_000_000_000;

/// Rules that fired or did nothing since the last look.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    news: Vec<(Time, u32, Option<Skipped>)>,
    /// By rule and whether it was skipped: entry, times, the last.
    told: BTreeMap<(u32, bool), (usize, u32, Time)>,
}

impl Rules {
    /// A rule fired, or did nothing and why.
    pub fn fired(&mut self, now: Time, rule: u32, skipped: Option<Skipped>) {
        self.news.push((now, rule, skipped));
    }

    /// Tell the news; returns the actions that were done.
    pub fn look(&mut self, model: &Model, story: &mut Story) -> Vec<(Time, Action)> {
        let mut done = Vec::new();
        for (at, index, skipped) in std::mem::take(&mut self.news) {
            let Some(rule) = model.rules.get(index as usize) else { continue };
            if skipped.is_none() {
                done.push((at, rule.action.clone()));
            }
            let text = match skipped {
                None => rule.text.clone(),
                Some(why) => format!("{}: {}", rule.text, skipped_words(why)),
            };
            let known = self.told.get_mut(&(index, skipped.is_some())).filter(|t| at.0 - t.2.0 < APART);
            if let Some((place, times, last)) = known {
                *times += 1;
                *last = at;
                if let Some(entry) = story.entry(*place) {
                    entry.text = format!("{text} ({times} times)");
                }
                continue;
            }
            let kind = if skipped.is_some() { Kind::Skipped } else { Kind::Rule };
            let entry = Entry { at, kind, subject: subject(model, &rule.action), because: trigger(model, &rule.trigger), text };
            self.told.insert((index, skipped.is_some()), (story.add(entry), 1, at));
        }
        done
    }
}

fn skipped_words(why: Skipped) -> &'static str {
    match why {
        Skipped::NothingToDo => "nothing to do",
        Skipped::NoSuchInstance => "there is no such instance",
        Skipped::AlreadyDown => "it is down already",
    }
}

fn subject(model: &Model, action: &Action) -> String {
    let group = |g: &crate::model::GroupId| model.groups[g.index()].name.clone();
    let target = |t: &Target| match t {
        Target::Service(s, ordinal) => numbered(&model.services[s.index()].name, *ordinal),
        Target::Machine(g, ordinal) => numbered(&model.groups[g.index()].name, *ordinal),
    };
    match action {
        Action::AddMachines(g, _) | Action::RemoveMachines(g, _) | Action::Resize { group: g, .. } => group(g),
        Action::Crash(t) | Action::Slow { target: t, .. } | Action::Restart { target: t, .. } => target(t),
        Action::Set { path, .. } => path.clone(),
        Action::ScaleTraffic(source, _) => model.sources[source.index()].name.clone(),
    }
}

fn numbered(name: &str, ordinal: Option<u32>) -> String {
    ordinal.map_or_else(|| name.to_string(), |n| format!("{name}/{n}"))
}

/// What made a rule act: the metric it watches.
fn trigger(model: &Model, trigger: &Trigger) -> Option<String> {
    let Trigger::When { condition, .. } = trigger else { return None };
    let service = |s: crate::model::ServiceId, what: &str| format!("{}.{what}", model.services[s.index()].name);
    Some(match condition.metric {
        Metric::Workers(s) | Metric::Backlog(s) => service(s, "workers"),
        Metric::Queue(s) => service(s, "queue"),
        Metric::ServiceCpu(s) => service(s, "cpu"),
        Metric::GroupCpu(g) => format!("{}.cpu", model.groups[g.index()].name),
        Metric::ServiceDisk(s) => service(s, "disk"),
        Metric::GroupDisk(g) => format!("{}.disk", model.groups[g.index()].name),
        Metric::Connections(s) => service(s, "connections"),
        Metric::Memory(s) => service(s, "memory"),
        Metric::Up(s) => model.services[s.index()].name.clone(),
        Metric::Failed(s) | Metric::Offered(s) => model.sources[s.index()].name.clone(),
    })
}
