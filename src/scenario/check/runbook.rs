//! The runbook: what its rules are about must be there.
use super::{At, Checker};
use crate::scenario::{
    condition::Condition,
    metric::{Metric, Of, Resource},
    problem::Problem,
    runbook::{Action, Rule},
    service::{Instances, Kind, Service},
};
use crate::units::Span;

impl<'a> Checker<'a> {
    pub(super) fn runbook(&mut self, runbook: At<'_>) {
        let scenario = self.scenario;
        for (index, rule) in scenario.runbook.iter().enumerate() {
            let at = runbook.item(index);
            match rule {
                Rule::At(time, action) => {
                    if *time > scenario.horizon {
                        self.warn(
                            at.item(0),
                            format!("nothing happens at {time}"),
                            format!("the run ends at {}", scenario.horizon),
                        );
                    }
                    self.action(action, at.item(1));
                }
                Rule::Autoscale { of, metric, target, every, window, least, most, cooldown: _ } => {
                    self.scope(of, at.child("of"));
                    self.autoscale(metric, target, at);
                    self.not_zero(Some(*every), at.child("every"), "a controller that looks every 0s");
                    if window.is_some_and(|window| window < *every) {
                        self.error(
                            at.child("window"),
                            "a window shorter than `every`",
                            format!("expected at least {every}"),
                        );
                    }
                    if least > most {
                        self.error(
                            at.child("least"),
                            format!("at least {least} and at most {most}"),
                            "expected `least` up to `most`",
                        );
                    }
                }
                Rule::When { condition, window, then, lasting: _, after: _, repeat: _ } => {
                    self.condition(condition, at.child("condition"));
                    if *window == Span::ZERO {
                        self.error(at.child("window"), "a mean over 0s", "expected a time above 0, such as \"10s\"");
                    }
                    self.action(then, at.child("then"));
                }
            }
        }
    }

    fn autoscale(&mut self, metric: &str, target: &str, at: At<'_>) {
        let text = format!("{metric} > {target}");
        match Condition::parse(&text) {
            Err(error) if error.at.start >= metric.len() => {
                self.error(at.child("target"), error.message, format!("expected {}", error.expected));
            }
            Err(error) => {
                self.error(at.child("metric"), error.message, format!("expected {}", error.expected));
            }
            Ok(condition) => {
                self.condition(&text, at.child("metric"));
                if matches!(condition.metric, Metric::Up | Metric::Failed | Metric::Goodput) {
                    self.error(
                        at.child("metric"),
                        format!("`{}` does not fall with more machines", condition.metric.name()),
                        "expected a measure of load, such as `app.cpu`",
                    );
                }
                if condition.threshold <= 0.0 {
                    self.error(at.child("target"), "a target of 0", "expected more than nothing");
                }
            }
        }
    }

    /// What a controller may scale.
    fn scope(&mut self, name: &str, at: At<'_>) {
        let scenario = self.scenario;
        if scenario.machines.contains(name) {
            return;
        }
        if scenario.services.contains(name) {
            return self.counted(name, at);
        }
        self.unknown(at, "machine or service", name, scenario.machines.names().chain(scenario.services.names()));
    }

    /// A service whose instances have a number.
    fn counted(&mut self, name: &str, at: At<'_>) {
        match self.scenario.services.get(name) {
            None => self.unknown(at, "service", name, self.scenario.services.names()),
            Some(service) if service.on.is_empty() || !matches!(service.instances, Instances::Count(_)) => {
                let advice =
                    "expected a service with `instances: Count(..)`; elsewhere the machines decide how many there are";
                self.error(at, format!("`{name}` has as many instances as its machines have places"), advice);
            }
            Some(_) => {}
        }
    }

    fn service_target(&mut self, target: &str, at: At<'_>) {
        let name = target.split('/').next().unwrap_or_default();
        if self.scenario.services.contains(name) {
            self.target(target, at);
        } else {
            self.unknown(at, "service", name, self.scenario.services.names());
        }
    }

    fn flush(&mut self, target: &str, at: At<'_>) {
        let (owner, store) = target.split_once('.').map_or((target, None), |(owner, store)| (owner, Some(store)));
        self.service_target(owner, at);
        let Some(service) = self.scenario.services.get(owner.split('/').next().unwrap_or_default()) else { return };
        match store {
            Some(store) if !service.stores.contains(store) => self.unknown(at, "store", store, service.stores.names()),
            None if service.stores.is_empty() && !matches!(service.kind, Kind::Cache { .. }) => {
                self.error(at, format!("`{owner}` has no stores"), "so there is nothing to flush");
            }
            Some(_) | None => {}
        }
    }

    fn action(&mut self, action: &Action, at: At<'_>) {
        match action {
            Action::AddMachines(group, _) | Action::RemoveMachines(group, _) => self.group(group, at.item(0)),
            Action::AddInstances(service, _) | Action::RemoveInstances(service, _) => self.counted(service, at.item(0)),
            Action::Resize { machine, cores, memory, takes, outage } => {
                self.group(machine, at.child("machine"));
                if cores.is_none() && memory.is_none() {
                    self.error(at, "a resize that changes nothing", "expected `cores` or `memory`");
                }
                if outage > takes {
                    self.error(
                        at.child("outage"),
                        format!("an outage of {outage} in a resize that takes {takes}"),
                        "expected at most `takes`",
                    );
                }
            }
            Action::Crash(target) => self.target(target, at.item(0)),
            Action::Slow { target, .. } => {
                self.target(target, at.child("target"));
                self.has_speed(target, at.child("target"));
            }
            Action::Restart { target, .. } => self.target(target, at.child("target")),
            Action::Reload(target) => self.reload(target, at.item(0)),
            // Where it leads is checked with the patched file.
            Action::Set(..) => {}
            Action::Apply(variant) => {
                if self.scenario.variants.get(variant).is_none() {
                    self.unknown(at.item(0), "variant", variant, self.scenario.variants.names());
                }
            }
            Action::Deploy { target, .. } => self.service_target(target, at.child("target")),
            Action::Move { service, to } => {
                if self.scenario.services.get(service).is_some_and(|service| service.kind == Kind::External) {
                    self.error(
                        at.child("service"),
                        format!("`{service}` is `External`"),
                        "it runs on no machine of ours",
                    );
                } else if !self.scenario.services.contains(service) {
                    self.unknown(at.child("service"), "service", service, self.scenario.services.names());
                }
                for (index, group) in to.iter().enumerate() {
                    self.group(group, at.child("to").item(index));
                }
                if to.is_empty() {
                    self.error(at.child("to"), "a move to nowhere", "expected at least one machine group");
                }
            }
            Action::Partition { from, to, lasting } => {
                let scenario = self.scenario;
                for (field, side) in [("from", from), ("to", to)] {
                    if !scenario.services.contains(side)
                        && !scenario.traffic.contains(side)
                        && !scenario.machines.contains(side)
                    {
                        let known =
                            scenario.services.names().chain(scenario.traffic.names()).chain(scenario.machines.names());
                        self.unknown(at.child(field), "service, source or machine", side, known);
                    }
                }
                self.not_zero(Some(*lasting), at.child("lasting"), "a partition of 0s");
            }
            Action::Flush(target) => self.flush(target, at.item(0)),
            Action::ScaleTraffic(source, _) => {
                if !self.scenario.traffic.contains(source) {
                    self.unknown(at.item(0), "source", source, self.scenario.traffic.names());
                }
            }
        }
    }

    /// What computes nowhere cannot compute more slowly.
    fn has_speed(&mut self, target: &str, at: At<'_>) {
        let name = target.split('/').next().unwrap_or_default();
        if self.scenario.services.get(name).is_some_and(|service| service.on.is_empty()) {
            self.error(
                at,
                format!("`{name}` runs on no machine of ours"),
                "so it has no speed; expected another target, or a `Set` of what its operations take",
            );
        }
    }

    fn group(&mut self, group: &str, at: At<'_>) {
        if !self.scenario.machines.contains(group) {
            self.unknown(at, "machine", group, self.scenario.machines.names());
        }
    }

    /// `app`, `app/1`, `web` or `web/0`.
    pub(super) fn target(&mut self, target: &str, at: At<'_>) {
        let scenario = self.scenario;
        let (name, number) = target.split_once('/').map_or((target, None), |(name, number)| (name, Some(number)));
        if !scenario.services.contains(name) && !scenario.machines.contains(name) {
            self.unknown(at, "service or machine", name, scenario.services.names().chain(scenario.machines.names()));
            return;
        }
        let Some(number) = number else { return };
        let Ok(number) = number.parse::<u32>() else {
            self.error(
                at,
                format!("`{number}` is no number of `{name}`"),
                format!("expected a whole number, as in `{name}/0`"),
            );
            return;
        };
        let there = self.count(name);
        if number >= there {
            self.warn(
                at,
                format!("`{target}` is not there at the start"),
                format!("`{name}` has {there}, counted from 0"),
            );
        }
    }

    /// How many instances or machines of that name there are at the start.
    pub(super) fn count(&self, name: &str) -> u32 {
        let machines = |group: &str| self.scenario.machines.get(group).map_or(0, |machine| machine.count);
        match self.scenario.services.get(name) {
            Some(service) if service.on.is_empty() => 1,
            Some(Service { instances: Instances::Count(count), .. }) => *count,
            Some(Service { instances: Instances::PerMachine(each), on, .. }) => {
                on.iter().map(|group| machines(group)).fold(0, u32::saturating_add).saturating_mul(*each)
            }
            None => machines(name),
        }
    }

    fn condition(&mut self, text: &str, at: At<'_>) {
        let scenario = self.scenario;
        let condition = match Condition::parse(text) {
            Ok(condition) => condition,
            Err(error) => {
                self.push(Problem::error(at.within(&error.at), error.message, format!("expected {}", error.expected)));
                return;
            }
        };
        let subject = condition.subject.as_str();
        let (service, group) = (scenario.services.contains(subject), scenario.machines.contains(subject));
        let of_machines = condition.resource.is_some_and(Resource::of_machines);
        match condition.metric.row().of {
            Of::Traffic if !scenario.traffic.contains(subject) => {
                self.unknown(at, "source", subject, scenario.traffic.names())
            }
            Of::Resource if of_machines && !service && !group => {
                self.unknown(
                    at,
                    "service or machine",
                    subject,
                    scenario.services.names().chain(scenario.machines.names()),
                );
            }
            Of::Service(_) if !service => self.unknown(at, "service", subject, scenario.services.names()),
            Of::Resource if !of_machines && !service => self.unknown(at, "service", subject, scenario.services.names()),
            Of::Messages if !service => self.unknown(at, "service", subject, scenario.services.names()),
            Of::Traffic | Of::Sessions | Of::Cost => {}
            Of::Service(_) | Of::Messages => self.is_queue(&condition, at),
            Of::Resource => self.is_limited(&condition, at),
        }
    }

    /// Messages wait in queues only.
    fn is_queue(&mut self, condition: &Condition, at: At<'_>) {
        let subject = condition.subject.as_str();
        let queue = |service: &Service| matches!(service.kind, Kind::Queue { .. });
        let of_messages = condition.metric == Metric::Queue || condition.metric.row().of == Of::Messages;
        if of_messages && !self.scenario.services.get(subject).is_some_and(queue) {
            self.error(
                at,
                format!("`{subject}` is not a `Queue`"),
                "so it has no messages; expected `backlog`, or a queue",
            );
        }
    }

    /// A resource that is watched has a limit.
    fn is_limited(&mut self, condition: &Condition, at: At<'_>) {
        let (scenario, subject) = (self.scenario, condition.subject.as_str());
        let service = scenario.services.get(subject);
        let nowhere = service.is_some_and(|service| service.on.is_empty());
        match condition.resource {
            Some(Resource::Workers) if service.is_some_and(|service| service.workers.is_none()) => {
                self.error(
                    at,
                    format!("`{subject}` has no limit of `workers`"),
                    "so none of them can be busy; expected another metric, or `workers`",
                );
            }
            Some(Resource::Quota) if service.is_some_and(|service| service.cpu.limit.is_none()) => {
                self.error(
                    at,
                    format!("`{subject}` has no limit of its own: `cpu: (limit: ...)`"),
                    format!("so it has no `quota`; expected `{subject}.cpu`, or a limit"),
                );
            }
            Some(resource @ (Resource::Cpu | Resource::Memory | Resource::Quota)) if nowhere => {
                self.error(
                    at,
                    format!("`{subject}` runs on no machine of ours"),
                    format!("so it has no `{}`", resource.name()),
                );
            }
            Some(Resource::Memory) if condition.metric == Metric::Waiting => {
                self.error(at, "nobody waits for memory", "expected `app.memory`, or the waiting of another resource");
            }
            Some(Resource::Disk) => {
                let on: Vec<&str> =
                    service.map_or(vec![subject], |service| service.on.iter().map(String::as_str).collect());
                if !on.iter().any(|group| scenario.machines.get(group).is_some_and(|machine| machine.iops.is_some())) {
                    self.error(
                        at,
                        format!("`{subject}` has no limit of `iops`"),
                        "so its disk is never busy; expected `iops` on its machines",
                    );
                }
            }
            Some(
                Resource::Workers
                | Resource::Cpu
                | Resource::Quota
                | Resource::Memory
                | Resource::Queue
                | Resource::Connections,
            )
            | None => {}
        }
    }
}
