//! What is on the canvas, in words: for tooltips, and for those who hear the lab instead of seeing it.

use super::action::Subject;
use super::state::LabState;
use crate::host::{Availability, Flow, Gauge, Instance, Resource, TroubleKind};
use crate::model::{Kind, ServiceId};
use crate::number::{count, figure, percent};

impl LabState {
    /// One line: "rds/0, database on db/0: saturated, 64 of 64 connections, 37 waiting".
    #[must_use]
    pub fn describe(&self, subject: &Subject) -> String {
        let mut words = self.state_of(subject);
        words.retain(|word| !word.is_empty());
        let head = self.head_of(subject);
        if words.is_empty() { head } else { format!("{head}: {}", words.join(", ")) }
    }

    fn head_of(&self, subject: &Subject) -> String {
        let name = self.name_of(subject);
        let kind = |service: ServiceId| match self.model().map(|model| model.services[service].kind) {
            Some(Kind::Server) | None => "server",
            Some(Kind::Balancer) => "balancer",
            Some(Kind::Queue { .. }) => "queue",
            Some(Kind::Database) => "database",
            Some(Kind::Cache) => "cache",
            Some(Kind::External) => "third party",
        };
        match subject {
            Subject::Source(_) => format!("{name}, people"),
            Subject::Service(service) => format!("{name}, {}", kind(*service)),
            Subject::Instance(index) => match self.frame.instances.get(*index as usize) {
                Some(instance) => match instance.machine {
                    Some(machine) => format!("{name}, {} on {}", kind(instance.service), self.machine_name(machine)),
                    None => format!("{name}, {}", kind(instance.service)),
                },
                None => name,
            },
            Subject::Machine(_) => format!("{name}, machine"),
            Subject::Group(group) => {
                let mine = |machine: &&crate::host::Machine| {
                    machine.group == *group && machine.availability != Availability::Removed
                };
                format!("{name}, {} machines", self.frame.machines.iter().filter(mine).count())
            }
            Subject::Link(_) => format!("{}, link", name.replace('>', " calls ")),
            Subject::Resource(_) | Subject::Request(..) => name,
        }
    }

    fn state_of(&self, subject: &Subject) -> Vec<String> {
        match subject {
            Subject::Source(source) => {
                let Some(state) = self.frame.sources.get(source.index()) else { return Vec::new() };
                let trouble = self.trouble_of(|subject| subject == self.source_name(*source));
                let failing = if state.failed_per_s > 0.0 {
                    format!("{} failed a second", figure(f64::from(state.failed_per_s)))
                } else {
                    String::new()
                };
                vec![
                    trouble,
                    format!("{} requests a second", figure(f64::from(state.offered_per_s))),
                    failing,
                    format!("{} in flight", count(state.in_flight)),
                ]
            }
            Subject::Instance(index) => self.state_of_instance(*index),
            Subject::Machine(index) => {
                let Some(machine) = self.frame.machines.get(*index as usize) else { return Vec::new() };
                let mut words = vec![availability(machine.availability)];
                words.extend(self.full(|resource| resource.machine == Some(*index) && resource.instance.is_none()));
                words.push(format!("CPU {}", percent(f64::from(machine.cpu))));
                words.extend(machine.memory.map(|share| format!("memory {}", percent(f64::from(share)))));
                words
            }
            Subject::Service(service) => {
                let name = self.service_name(*service);
                let mut words = vec![self.trouble_of(|subject| subject == name)];
                words.extend(self.members_of(*service));
                words.extend(self.full(|resource| resource.service == Some(*service)));
                words
            }
            Subject::Group(group) => {
                let mine = |machine: Option<u32>| {
                    machine
                        .and_then(|machine| self.frame.machines.get(machine as usize))
                        .is_some_and(|machine| machine.group == *group)
                };
                self.full(|resource| resource.instance.is_none() && mine(resource.machine)).into_iter().collect()
            }
            Subject::Link(link) => {
                let flows = || self.frame.flows.iter().filter(|flow| flow.link == *link);
                let sum = |of: fn(&Flow) -> f32| f64::from(flows().map(of).sum::<f32>());
                let failed = sum(|flow| flow.refused_per_s + flow.timed_out_per_s + flow.broken_per_s);
                let failing = if failed > 0.0 { format!("{} failed", figure(failed)) } else { String::new() };
                let in_flight: u64 = flows().map(|flow| u64::from(flow.in_flight)).sum();
                let sent = format!("{} calls a second", figure(sum(|flow| flow.sent_per_s)));
                vec![sent, failing, format!("{} in flight", count(in_flight))]
            }
            Subject::Resource(name) => self.full(|resource| resource.subject == *name).into_iter().collect(),
            Subject::Request(..) => Vec::new(),
        }
    }

    fn state_of_instance(&self, index: u32) -> Vec<String> {
        let Some(instance) = self.frame.instances.get(index as usize) else { return Vec::new() };
        let mut words = vec![availability(instance.availability)];
        let full = self.full(|resource| resource.instance == Some(index));
        let told = full.is_some();
        words.extend(full);
        let busy = count(u64::from(self.used(instance)));
        let queued = self.queued(instance.service);
        words.push(match (instance.workers, queued) {
            (u32::MAX, Some(_)) => String::new(),
            (u32::MAX, None) => format!("{busy} busy"),
            (workers, _) => format!("{busy} of {} workers busy", count(u64::from(workers))),
        });
        words.extend(queued.map(|queued| format!("{} queued", count(queued))));
        words.push(if instance.busy.holds > 0 { format!("{} held", instance.busy.holds) } else { String::new() });
        words.push(if instance.waiting > 0 && !told {
            format!("{} waiting", count(u64::from(instance.waiting)))
        } else {
            String::new()
        });
        words
    }

    /// "16 instances", "3 of 16 saturated", "worst app/3 with 12 waiting", where there are several.
    fn members_of(&self, service: ServiceId) -> Vec<String> {
        let all = self.frame.instances.iter().enumerate();
        let mine: Vec<(u32, &Instance)> = all
            .filter(|(_, at)| at.service == service && at.availability != Availability::Removed)
            .map(|(at, instance)| (at as u32, instance))
            .collect();
        if mine.len() < 2 {
            return Vec::new();
        }
        let pairs = || self.frame.resources.iter().zip(&self.frame.gauges);
        let is_full = |at: u32| pairs().any(|(of, gauge)| gauge.saturated && of.instance == Some(at));
        let full: Vec<bool> = mine.iter().map(|(at, _)| is_full(*at)).collect();
        let saturated = full.iter().filter(|full| **full).count();
        let mut words = vec![format!("{} instances", mine.len())];
        let down = mine.iter().filter(|(_, at)| at.availability == Availability::Down).count();
        for (number, state) in [(down, "down"), (saturated, "saturated")] {
            if number > 0 {
                words.push(format!("{number} of {} {state}", mine.len()));
            }
        }
        let worst = mine.iter().zip(&full).max_by_key(|((_, at), full)| (**full, at.waiting));
        if let Some(((at, instance), _)) = worst.filter(|((_, instance), _)| instance.waiting > 0) {
            words.push(format!(
                "worst {} with {} waiting",
                self.instance_name(*at),
                count(u64::from(instance.waiting))
            ));
        }
        words
    }

    /// "saturated (connections), 37 waiting" for what is full of these resources.
    fn full(&self, of: impl Fn(&Resource) -> bool) -> Option<String> {
        let pairs = self.frame.resources.iter().zip(&self.frame.gauges);
        let full: Vec<(&Resource, &Gauge)> =
            pairs.filter(|(resource, gauge)| gauge.saturated && of(resource)).collect();
        let (first, _) = full.first()?;
        let kind = first.kind.name();
        let waiting: u64 = full.iter().map(|(_, gauge)| u64::from(gauge.waiting)).sum();
        Some(format!("saturated ({kind}), {} waiting", count(waiting)))
    }

    /// Workers of an instance that are in use; calls in work where there is no limit.
    #[must_use]
    pub fn used(&self, instance: &Instance) -> u32 {
        let service = self.model().and_then(|model| model.services.get(instance.service));
        instance.used(service.is_some_and(|service| service.pins))
    }

    /// Messages in the queue of a service, if it is one.
    #[must_use]
    pub fn queued(&self, service: ServiceId) -> Option<u64> {
        let model = self.model()?;
        let queue = matches!(model.services.get(service)?.kind, Kind::Queue { .. });
        let backlog =
            |instance: &&Instance| instance.service == service && instance.availability != Availability::Removed;
        queue.then(|| {
            let waiting = self.frame.instances.iter().filter(backlog).map(|at| u64::from(at.waiting)).sum::<u64>();
            waiting + u64::from(self.frame.messages(model)[service.index()])
        })
    }

    fn trouble_of(&self, is: impl Fn(&str) -> bool) -> String {
        let found = self.frame.troubles.iter().find(|trouble| is(&trouble.subject));
        found
            .map_or("", |trouble| match trouble.kind {
                TroubleKind::Saturated => "saturated",
                TroubleKind::Refusing => "refusing",
                TroubleKind::Failing => "failing",
                TroubleKind::Down => "down",
            })
            .to_owned()
    }
}

fn availability(availability: Availability) -> String {
    match availability {
        Availability::Up => "",
        Availability::Booting { .. } => "starting",
        Availability::Down => "down",
        Availability::Draining => "draining",
        Availability::Removed => "gone",
    }
    .to_owned()
}
