//! What the runbook did, as sentences; a rule that fires again and again is told once.

use super::phrasing;
use super::story::{Entry, Kind, Story};
use crate::engine::{Scaling, Skipped};
use crate::model::{Action, Asked, Model, Scope, ServiceId, Side, Target, Trigger};
use crate::units::Time;
use std::collections::BTreeMap;
use std::mem::Discriminant;

/// Firings closer than this are one sentence.
const APART: i64 = 30 * 1_000_000_000;

/// What a controller saw, wants and did.
#[derive(Clone, Copy, Debug)]
pub struct Scaled {
    pub rule: u32,
    pub value: f64,
    pub wants: u32,
    pub has: u32,
    pub booting: u32,
    pub did: Scaling,
}

impl Scaled {
    /// "wants 5, has 4 (1 to come), cooling down until 3:20"
    fn words(&self, group: &str) -> String {
        let booting = if self.booting > 0 { format!(" ({} to come)", self.booting) } else { String::new() };
        let did = match self.did {
            Scaling::Steady => "changes nothing".to_owned(),
            Scaling::Adds(count) => format!("adds {count} × {group}"),
            Scaling::Removes(count) => format!("removes {count} × {group}"),
            Scaling::CoolingDown(until) => format!("cooling down until {}", phrasing::clock(until.as_seconds())),
            Scaling::AtMost => "as many as it may".to_owned(),
            Scaling::AtLeast => "as few as it may".to_owned(),
        };
        format!("wants {}, has {}{booting}, {did}", self.wants, self.has)
    }
}

/// Rules that fired or did nothing since the last look.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    news: Vec<(Time, u32, Option<Skipped>)>,
    scalings: Vec<(Time, Scaled)>,
    deployed: Vec<(Time, ServiceId, Time)>,
    /// By controller: what it said last while it would like another number, and how many.
    wanted: BTreeMap<u32, (Discriminant<Scaling>, u32)>,
    /// By rule and whether it was skipped: entry, times, the last.
    told: BTreeMap<(u32, bool), (usize, u32, Time)>,
}

impl Rules {
    /// A rule fired, or did nothing and why.
    pub fn fired(&mut self, now: Time, rule: u32, skipped: Option<Skipped>) {
        self.news.push((now, rule, skipped));
    }

    /// A controller looked.
    pub fn scaled(&mut self, now: Time, scaled: Scaled) {
        self.scalings.push((now, scaled));
    }

    /// A rolling deploy is over.
    pub fn deployed(&mut self, now: Time, service: ServiceId, begun: Time) {
        self.deployed.push((now, service, begun));
    }

    /// Controllers say what they do, and once why they do nothing although they want another number.
    fn look_at_controllers(&mut self, model: &Model, story: &mut Story) {
        for (at, scaled) in std::mem::take(&mut self.scalings) {
            let Some(rule) = model.rules.get(scaled.rule as usize) else { continue };
            let (Trigger::Autoscale(scaler), Action::Scale(_)) = (&rule.trigger, &rule.action) else { continue };
            let kind = match scaled.did {
                Scaling::Steady => {
                    self.wanted.remove(&scaled.rule);
                    continue;
                }
                Scaling::Adds(_) | Scaling::Removes(_) => {
                    self.wanted.remove(&scaled.rule);
                    Kind::Rule
                }
                Scaling::CoolingDown(_) | Scaling::AtMost | Scaling::AtLeast => {
                    let wanted = (std::mem::discriminant(&scaled.did), scaled.wants);
                    if self.wanted.insert(scaled.rule, wanted).is_some_and(|last| last.0 == wanted.0) {
                        continue;
                    }
                    Kind::Skipped
                }
            };
            let name = subject(model, &rule.action);
            let watched = watched(model, scaler.watched.of);
            let level = phrasing::quantity(scaler.watched.metric.row().unit, scaled.value);
            let text = format!("autoscaler: {watched} at {level}, {}", scaled.words(&name));
            story.add(Entry { at, kind, subject: name, because: Some(watched), text });
        }
        for (at, service, begun) in std::mem::take(&mut self.deployed) {
            let subject = model.services[service.index()].name.clone();
            let text = format!("{subject} is deployed after {}", phrasing::span((at.0 - begun.0) as f64 / 1e9));
            story.add(Entry { at, kind: Kind::Rule, subject, because: None, text });
        }
    }

    /// Tell the news; returns the actions that were done.
    pub fn look(&mut self, model: &Model, story: &mut Story) -> Vec<(Time, Action)> {
        self.look_at_controllers(model, story);
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
            let entry =
                Entry { at, kind, subject: subject(model, &rule.action), because: trigger(model, &rule.trigger), text };
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
        Action::Reload(s, ordinal) => numbered(&model.services[s.index()].name, *ordinal),
        Action::Set { path, .. } => path.clone(),
        Action::Apply(variant) => variant.clone(),
        Action::AddInstances(s, _) | Action::RemoveInstances(s, _) | Action::Scale(Scope::Instances(s)) => {
            model.services[s.index()].name.clone()
        }
        Action::Scale(Scope::Machines(g)) => group(g),
        Action::Deploy { service, ordinal, .. } | Action::Flush { service, ordinal, .. } => {
            numbered(&model.services[service.index()].name, *ordinal)
        }
        Action::Partition { from, .. } => match from {
            Side::Source(source) => model.sources[source.index()].name.clone(),
            Side::Service(service) => model.services[service.index()].name.clone(),
            Side::Group(g) => group(g),
        },
        Action::ScaleTraffic(source, _) => model.sources[source.index()].name.clone(),
    }
}

fn numbered(name: &str, ordinal: Option<u32>) -> String {
    ordinal.map_or_else(|| name.to_string(), |n| format!("{name}/{n}"))
}

/// What made a rule act: the metric it watches.
fn trigger(model: &Model, trigger: &Trigger) -> Option<String> {
    let Trigger::When { condition, .. } = trigger else { return None };
    Some(watched(model, condition.watched.of))
}

/// Whom a metric is asked of, as it is written.
fn watched(model: &Model, of: Asked) -> String {
    match of {
        Asked::Source(source) => model.sources[source.index()].name.clone(),
        Asked::Service(service) => model.services[service.index()].name.clone(),
        Asked::OfService(service, what) => format!("{}.{}", model.services[service.index()].name, what.name()),
        Asked::OfGroup(group, what) => format!("{}.{}", model.groups[group.index()].name, what.name()),
    }
}
