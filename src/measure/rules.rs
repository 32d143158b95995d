//! What the runbook did, as sentences; a rule that fires again and again is told once.

use super::phrasing;
use super::resources::Resources;
use super::story::{Entry, Story, StoryKind};
use super::subject::{Causes, Entity, Named, Subject};
use crate::engine::{Scaling, Skipped};
use crate::model::{Action, Asked, GroupId, Model, RuleId, Scope, ServiceId, Side, Target, Trigger};
use crate::number::{self, sentence};
use crate::units::Time;
use std::collections::BTreeMap;
use std::mem::Discriminant;

/// Firings closer than this are one sentence.
const APART: i64 = 30 * 1_000_000_000;

/// Two controllers that change the same thing within this time, one up and one down, undo each other, nanoseconds.
const QUARREL: i64 = 60 * 1_000_000_000;

/// What a controller saw, wants and did.
#[derive(Clone, Copy, Debug)]
pub struct Scaled {
    pub rule: RuleId,
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
            Scaling::CoolingDown(until) => format!("cooling down until {}", number::clock(until.as_seconds())),
            Scaling::AtMost => "as many as it may".to_owned(),
            Scaling::AtLeast => "as few as it may".to_owned(),
        };
        format!("wants {}, has {}{booting}, {did}", self.wants, self.has)
    }
}

/// Rules that fired or did nothing since the last look.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    news: Vec<(Time, RuleId, Option<Skipped>)>,
    scalings: Vec<(Time, Scaled)>,
    deployed: Vec<(Time, ServiceId, Time)>,
    /// By controller: what it said last while it would like another number, and how many.
    wanted: BTreeMap<RuleId, (Discriminant<Scaling>, u32)>,
    /// By what is scaled: who changed it last, when, and whether it added; and when a quarrel was told.
    scaled_last: BTreeMap<String, (Time, RuleId, bool, Option<Time>)>,
    /// By rule and whether it was skipped: entry, times, the last.
    told: BTreeMap<(RuleId, bool), (usize, u32, Time)>,
}

impl Rules {
    /// A rule fired, or did nothing and why.
    pub fn fired(&mut self, now: Time, rule: RuleId, skipped: Option<Skipped>) {
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
    fn look_at_controllers(&mut self, model: &Model, resources: &Resources, story: &mut Story) {
        for (at, scaled) in std::mem::take(&mut self.scalings) {
            let Some(rule) = model.rules.get(scaled.rule) else { continue };
            let (Trigger::Autoscale(scaler), Action::Scale(_)) = (&rule.trigger, &rule.action) else { continue };
            let kind = match scaled.did {
                Scaling::Steady => {
                    self.wanted.remove(&scaled.rule);
                    continue;
                }
                Scaling::Adds(_) | Scaling::Removes(_) => {
                    self.wanted.remove(&scaled.rule);
                    StoryKind::Rule
                }
                Scaling::CoolingDown(_) | Scaling::AtMost | Scaling::AtLeast => {
                    let wanted = (std::mem::discriminant(&scaled.did), scaled.wants);
                    if self.wanted.insert(scaled.rule, wanted).is_some_and(|last| last.0 == wanted.0) {
                        continue;
                    }
                    StoryKind::Skipped
                }
            };
            let name = subject(model, &rule.action);
            let watched = watched(model, resources, scaler.watched.of);
            self.quarrel(at, &scaled, &name, story);
            let level = phrasing::quantity(scaler.watched.metric.row().unit, scaled.value);
            let text = format!("autoscaler: {watched} at {level}, {}", scaled.words(&name));
            // It removes because of what is not.
            let because = Some(watched).filter(|_| !matches!(scaled.did, Scaling::Removes(_)));
            story.add(Entry { at, kind, subject: name, because: because.into(), text });
        }
        for (at, service, begun) in std::mem::take(&mut self.deployed) {
            let subject = Named::service(service, model.services[service].name.as_str());
            let text = format!("{subject} is deployed after {}", sentence::seconds((at.0 - begun.0) as f64 / 1e9));
            story.add(Entry { at, kind: StoryKind::Rule, subject, because: Causes::default(), text });
        }
    }

    /// Two controllers of the same thing that undo each other's changes.
    fn quarrel(&mut self, at: Time, scaled: &Scaled, what: &Named, story: &mut Story) {
        let adds = match scaled.did {
            Scaling::Adds(_) => true,
            Scaling::Removes(_) => false,
            Scaling::Steady | Scaling::CoolingDown(_) | Scaling::AtMost | Scaling::AtLeast => return,
        };
        let last = self.scaled_last.get(what.as_str()).copied();
        let mut told = last.and_then(|last| last.3);
        if let Some((before, other, added, _)) = last
            && other != scaled.rule
            && added != adds
            && at.0 - before.0 <= QUARREL
            && told.is_none_or(|told| at.0 - told.0 > 10 * QUARREL)
        {
            told = Some(at);
            let (did, undid) = if adds { ("removed", "adds") } else { ("added", "removes") };
            let ago = match at.0 - before.0 {
                0 => "at the same moment".to_owned(),
                span => format!("{} ago", sentence::seconds(span as f64 / 1e9)),
            };
            let text =
                format!("two autoscalers of {what} pull against each other: one {undid} what the other {did} {ago}");
            let entry = Entry { at, kind: StoryKind::Rule, subject: what.clone(), because: Causes::default(), text };
            story.add(entry);
        }
        self.scaled_last.insert(what.name.clone(), (at, scaled.rule, adds, told));
    }

    /// Tell the news; returns the actions that were done.
    pub fn look(&mut self, model: &Model, resources: &Resources, story: &mut Story) -> Vec<(Time, Action)> {
        self.look_at_controllers(model, resources, story);
        let mut done = Vec::new();
        for (at, index, skipped) in std::mem::take(&mut self.news) {
            let Some(rule) = model.rules.get(index) else { continue };
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
            let kind = if skipped.is_some() { StoryKind::Skipped } else { StoryKind::Rule };
            if let Action::Partition { from, to, .. } = &rule.action {
                [from, to].into_iter().flat_map(|side| services(model, side)).for_each(|cut| story.cut(at, cut));
            }
            story.touch(at, lasts(at, &rule.action), touched(model, &rule.action).into_iter());
            let because = trigger(model, resources, &rule.trigger).into();
            let entry = Entry { at, kind, subject: subject(model, &rule.action), because, text };
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

fn subject(model: &Model, action: &Action) -> Named {
    let all = |entity: Entity| Named::entity(entity, name(model, entity));
    let one = |entity: Entity, ordinal: Option<u32>| match ordinal {
        Some(n) => Named::new(Subject::Member(entity, n), format!("{}/{n}", name(model, entity))),
        None => all(entity),
    };
    match action {
        Action::AddMachines(g, _)
        | Action::RemoveMachines(g, _)
        | Action::Resize { group: g, .. }
        | Action::Scale(Scope::Machines(g)) => all(Entity::Group(*g)),
        Action::Crash(t) | Action::Slow { target: t, .. } | Action::Restart { target: t, .. } => match *t {
            Target::Service(service, ordinal) => one(Entity::Service(service), ordinal),
            Target::Machine(group, ordinal) => one(Entity::Group(group), ordinal),
        },
        Action::Set { path, .. } => changed(model, path),
        Action::Apply(name) => Named::new(Subject::Change, name.as_str()),
        Action::AddInstances(s, _) | Action::RemoveInstances(s, _) | Action::Scale(Scope::Instances(s)) => {
            all(Entity::Service(*s))
        }
        Action::Reload(service, ordinal)
        | Action::Deploy { service, ordinal, .. }
        | Action::Flush { service, ordinal, .. } => one(Entity::Service(*service), *ordinal),
        Action::Partition { from, .. } => all(match *from {
            Side::Source(source) => Entity::Source(source),
            Side::Service(service) => Entity::Service(service),
            Side::Group(group) => Entity::Group(group),
        }),
        Action::ScaleTraffic(source, _) => all(Entity::Source(*source)),
    }
}

/// From when until when an act does something to what it touches: a machine changes its size at the end, when it is
/// down.
fn lasts(at: Time, action: &Action) -> [Time; 2] {
    let later = |nanos: i64| Time(at.0.saturating_add(nanos));
    match action {
        Action::Slow { lasting, .. } => [at, later(lasting.0)],
        Action::Resize { takes, outage, .. } => [later((takes.0 - outage.0).max(0)), later(takes.0)],
        _ => [at, at],
    }
}

/// What an act does something to beside its subject: those that run on machines, and the whole of which one is meant.
fn touched(model: &Model, action: &Action) -> Vec<Entity> {
    let on = |group: GroupId| {
        let services = model.groups[group].services.iter().map(|service| Entity::Service(*service));
        services.chain([Entity::Group(group)]).collect()
    };
    match action {
        Action::AddMachines(group, _)
        | Action::RemoveMachines(group, _)
        | Action::Resize { group, .. }
        | Action::Scale(Scope::Machines(group)) => on(*group),
        Action::Crash(target) | Action::Slow { target, .. } | Action::Restart { target, .. } => match *target {
            Target::Service(service, _) => vec![Entity::Service(service)],
            Target::Machine(group, _) => on(group),
        },
        Action::Set { path, .. } => match changed(model, path).what {
            Subject::Entity(Entity::Group(group)) => on(group),
            _ => Vec::new(),
        },
        Action::Reload(service, _) | Action::Deploy { service, .. } | Action::Flush { service, .. } => {
            vec![Entity::Service(*service)]
        }
        Action::Apply(_)
        | Action::AddInstances(..)
        | Action::RemoveInstances(..)
        | Action::Scale(Scope::Instances(_))
        | Action::Partition { .. }
        | Action::ScaleTraffic(..) => Vec::new(),
    }
}

/// The services of a side of a partition.
fn services(model: &Model, side: &Side) -> Vec<ServiceId> {
    match *side {
        Side::Source(_) => Vec::new(),
        Side::Service(service) => vec![service],
        Side::Group(group) => model.groups[group].services.clone(),
    }
}

/// Whom a field is of: "bank" of "services.bank.workers"; the field itself where it is nobody's.
fn changed(model: &Model, path: &str) -> Named {
    let of =
        |name: &str, rest: &str| rest.strip_prefix(name).is_some_and(|tail| tail.is_empty() || tail.starts_with('.'));
    let (root, rest) = path.split_once('.').unwrap_or((path, ""));
    let entity = match root {
        "services" => model.services.ids().find(|id| of(&model.services[*id].name, rest)).map(Entity::Service),
        "machines" => model.groups.ids().find(|id| of(&model.groups[*id].name, rest)).map(Entity::Group),
        "traffic" => model.sources.ids().find(|id| of(&model.sources[*id].name, rest)).map(Entity::Source),
        _ => None,
    };
    match entity {
        Some(entity) => Named::entity(entity, name(model, entity)),
        None => Named::new(Subject::Change, path),
    }
}

fn name(model: &Model, entity: Entity) -> &str {
    match entity {
        Entity::Source(source) => &model.sources[source].name,
        Entity::Service(service) => &model.services[service].name,
        Entity::Group(group) => &model.groups[group].name,
    }
}

/// What made a rule act: the metric it watches.
fn trigger(model: &Model, resources: &Resources, trigger: &Trigger) -> Option<Named> {
    let Trigger::When { condition, .. } = trigger else { return None };
    Some(watched(model, resources, condition.watched.of))
}

/// Whom a metric is asked of, as it is written.
fn watched(model: &Model, resources: &Resources, of: Asked) -> Named {
    let part = |owner: Entity, what: &str| resources.part(owner, format!("{}.{what}", name(model, owner)));
    let all = |entity: Entity| Named::entity(entity, name(model, entity));
    match of {
        Asked::Source(source) => all(Entity::Source(source)),
        Asked::Service(service) => all(Entity::Service(service)),
        Asked::OfService(service, what) => part(Entity::Service(service), what.name()),
        Asked::OfGroup(group, what) => part(Entity::Group(group), what.name()),
    }
}
