//! Rules of the runbook with their names resolved.

use super::Compiler;
use crate::model::{
    Action, Asked, Condition, Placement, Rule, Scaler, Scope, ServiceId, Side, Target, Trigger, Watched,
};
use crate::scenario::metric::Of;
use crate::scenario::{self, moved};

impl Compiler<'_> {
    /// Rules have no names: one that stands in the new runbook as it stood in the old keeps its id (the first of its
    /// like first), one that does not is retired, the others are new.
    pub(super) fn rules(&mut self) {
        let wanted = self.runbook();
        let mut taken = vec![false; self.m.rules.len()];
        for rule in &mut self.m.rules {
            rule.retired = true;
        }
        for rule in wanted {
            let free = |like: &dyn Fn(&Rule) -> bool| {
                let mut known = taken.iter().zip(&self.m.rules).zip(self.m.rules.ids());
                known.find(|((taken, old), _)| !**taken && like(old)).map(|(_, id)| id)
            };
            let same = free(&|old| old.is_like(&rule));
            let renamed = || free(&|old| self.renamed && old.is_renamed(&rule));
            match same.or_else(renamed) {
                Some(id) => {
                    taken[id.index()] = true;
                    self.m.rules[id] = rule;
                }
                None => {
                    self.m.rules.push(rule);
                }
            }
        }
    }

    /// The rules of the scenario, in the order of the file.
    fn runbook(&self) -> Vec<Rule> {
        let scenario = self.scenario;
        let mut rules = Vec::with_capacity(scenario.runbook.len());
        for rule in &scenario.runbook {
            let (trigger, action) = match rule {
                scenario::Rule::Autoscale { of, metric, target, every, window, cooldown, least, most } => {
                    let Some(condition) = self.condition(&format!("{metric} > {target}")) else { continue };
                    let Some(scope) = self.scope(of) else { continue };
                    let scaler = Scaler {
                        watched: condition.watched,
                        target: condition.threshold,
                        every: *every,
                        window: window.unwrap_or(*every),
                        cooldown: *cooldown,
                        least: *least,
                        most: *most,
                    };
                    let text = format!("autoscaler of {of}: {metric} to {target}");
                    rules.push(Rule {
                        retired: false,
                        trigger: Trigger::Autoscale(scaler),
                        action: Action::Scale(scope),
                        text,
                    });
                    continue;
                }
                scenario::Rule::At(time, action) => (Some(Trigger::At(*time)), action),
                scenario::Rule::When { condition, window, lasting, after, then, repeat } => {
                    let trigger = self.condition(condition).map(|condition| Trigger::When {
                        condition,
                        window: *window,
                        lasting: *lasting,
                        after: *after,
                        repeat: *repeat,
                    });
                    (trigger, then)
                }
            };
            if let (Some(trigger), Some((action, text))) = (trigger, self.action(action)) {
                rules.push(Rule { retired: false, trigger, action, text });
            }
        }
        rules
    }

    fn condition(&self, text: &str) -> Option<Condition> {
        let parsed = scenario::condition::Condition::parse(text).ok()?;
        let name = parsed.subject.as_str();
        let of = match (parsed.metric.row().of, parsed.resource) {
            (Of::Traffic, _) => Asked::Source(self.source_id(name)?),
            (Of::Service(None) | Of::Messages, _) => Asked::Service(self.service_id(name)?),
            (Of::Service(Some(resource)), _) => Asked::OfService(self.service_id(name)?, resource),
            (Of::Resource, Some(resource)) => match self.service_id(name) {
                Some(service) => Asked::OfService(service, resource),
                None => Asked::OfGroup(self.group_id(name)?, resource),
            },
            (Of::Resource, None) | (Of::Cost | Of::Sessions, _) => return None,
        };
        let watched = Watched { metric: parsed.metric, of };
        Some(Condition { watched, above: parsed.above, threshold: parsed.threshold })
    }

    /// An action, and its line for the story.
    fn action(&self, action: &scenario::Action) -> Option<(Action, String)> {
        let compiled = match action {
            scenario::Action::AddMachines(group, count) => Action::AddMachines(self.group_id(group)?, *count),
            scenario::Action::RemoveMachines(group, count) => Action::RemoveMachines(self.group_id(group)?, *count),
            scenario::Action::AddInstances(service, count) => Action::AddInstances(self.service_id(service)?, *count),
            scenario::Action::RemoveInstances(service, count) => {
                Action::RemoveInstances(self.service_id(service)?, *count)
            }
            scenario::Action::Resize { machine, cores, memory, takes, outage } => Action::Resize {
                group: self.group_id(machine)?,
                cores: *cores,
                memory: *memory,
                takes: *takes,
                outage: *outage,
            },
            scenario::Action::Crash(target) => Action::Crash(self.target(target)?),
            scenario::Action::Slow { target, factor, lasting } => {
                Action::Slow { target: self.target(target)?, factor: *factor, lasting: *lasting }
            }
            scenario::Action::Restart { target, stagger } => {
                Action::Restart { target: self.target(target)?, stagger: *stagger }
            }
            scenario::Action::Reload(target) => match self.target(target)? {
                Target::Service(service, ordinal) => Action::Reload(service, ordinal),
                Target::Machine(..) => return None,
            },
            scenario::Action::Set(path, value) => Action::Set { path: path.clone(), value: value.as_str().to_owned() },
            scenario::Action::Deploy { target, at_once, takes, drain } => {
                let Target::Service(service, ordinal) = self.target(target)? else { return None };
                Action::Deploy { service, ordinal, at_once: *at_once, takes: *takes, drain: *drain }
            }
            scenario::Action::Move { service, to } => {
                let (path, value) = moved(service, to);
                return Some((Action::Set { path, value }, format!("move {service} to {}", to.join(", "))));
            }
            scenario::Action::Partition { from, to, lasting } => {
                Action::Partition { from: self.side(from)?, to: self.side(to)?, lasting: *lasting }
            }
            scenario::Action::Flush(target) => {
                let (owner, store) =
                    target.split_once('.').map_or((target.as_str(), None), |(owner, store)| (owner, Some(store)));
                let Target::Service(service, ordinal) = self.target(owner)? else { return None };
                let stores = &self.m.services[service].stores;
                let store = match store {
                    Some(name) => Some(stores.iter().position(|store| store.name == name)? as u32),
                    None => None,
                };
                Action::Flush { service, ordinal, store }
            }
            scenario::Action::Apply(variant) => Action::Apply(variant.clone()),
            scenario::Action::ScaleTraffic(source, factor) => Action::ScaleTraffic(self.source_id(source)?, *factor),
        };
        let text = compiled.words(&self.m);
        Some((compiled, text))
    }

    /// A service with a count of instances before a machine group of the same name.
    fn scope(&self, name: &str) -> Option<Scope> {
        let counted = |service: &ServiceId| matches!(self.m.services[*service].placement, Placement::Count(_));
        let service = self.service_id(name).filter(counted).map(Scope::Instances);
        service.or_else(|| self.group_id(name).map(Scope::Machines))
    }

    fn side(&self, name: &str) -> Option<Side> {
        let service = self.service_id(name).map(Side::Service);
        service.or_else(|| self.source_id(name).map(Side::Source)).or_else(|| self.group_id(name).map(Side::Group))
    }

    /// `app`, `app/1`, `web`, `web/0`: a service before a machine group of the same name.
    fn target(&self, text: &str) -> Option<Target> {
        let (name, ordinal) = match text.split_once('/') {
            Some((name, ordinal)) => (name, Some(ordinal.parse().ok()?)),
            None => (text, None),
        };
        match self.service_id(name) {
            Some(service) => Some(Target::Service(service, ordinal)),
            None => self.group_id(name).map(|group| Target::Machine(group, ordinal)),
        }
    }
}
