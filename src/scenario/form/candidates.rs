//! What a text may name where it stands: the legal ones, in the order of the file.

use crate::scenario::described::{Names, Thing};
use crate::scenario::edit::place::Spot;
use crate::scenario::load::chain;
use crate::scenario::metric::Resource;
use crate::scenario::parts;
use crate::scenario::root::Scenario;
use crate::scenario::service::{Instances, Kind, Service};
use crate::scenario::step::{Step, walk};
use crate::scenario::traffic::Traffic;
use crate::scenario::wiring::graph::Graph;
use crate::units::Span;

/// Where in a scenario something stands, as far as it decides what may be said there.
pub(super) struct Place<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) graph: &'a Graph<'a>,
    /// The service it is in.
    pub(super) service: Option<(&'a str, &'a Service)>,
    /// The operation it is in.
    operation: Option<&'a str>,
    /// The source it is in.
    pub(super) source: Option<(&'a str, &'a Traffic)>,
    /// The variant it is in.
    variant: Option<&'a str>,
    /// Nobody waits for the program it is in.
    pub(super) background: bool,
}

impl<'a> Place<'a> {
    pub(super) fn of(graph: &'a Graph<'a>, way: &[Spot<'_>]) -> Self {
        let scenario = graph.scenario();
        let key = |at: usize| way.get(at).map_or("", |spot| spot.key.as_str());
        let section = key(1);
        let name = |mut names: Box<dyn Iterator<Item = &'a str> + 'a>, at: usize| {
            let wanted = way.get(at).map(|spot| spot.key.as_str())?;
            names.find(|name| *name == wanted)
        };
        let service = (section == "services").then(|| name(Box::new(scenario.services.names()), 2)).flatten();
        let service = service.and_then(|name| Some((name, scenario.services.get(name)?)));
        let source = (section == "traffic").then(|| name(Box::new(scenario.traffic.names()), 2)).flatten();
        let operation = service.filter(|_| key(3) == "operations");
        Self {
            scenario,
            graph,
            operation: operation.and_then(|(_, service)| name(Box::new(service.operations.names()), 4)),
            service,
            source: source.and_then(|name| Some((name, scenario.traffic.get(name)?))),
            variant: (section == "variants").then(|| name(Box::new(scenario.variants.names()), 2)).flatten(),
            background: way.iter().any(|spot| spot.owner == "Background"),
        }
    }

    /// The program it is in, if that is an operation's.
    pub(super) fn operation_steps(&self) -> Option<&'a [Step]> {
        let (_, service) = self.service?;
        service.operations.get(self.operation?).map(Vec::as_slice)
    }

    /// A source without sessions that comes to the operation it is in.
    pub(super) fn without_sessions(&self) -> Option<&'a str> {
        self.graph.open_source_of((self.service?.0, self.operation?))
    }

    /// What may be named by a field; `owner`: the record or variant that has it.
    pub(super) fn candidates(&self, names: Names, owner: &str, way: &[Spot<'_>]) -> Vec<String> {
        let scenario = self.scenario;
        let all = |names: &mut dyn Iterator<Item = &'a str>| names.map(str::to_owned).collect::<Vec<_>>();
        match names {
            Names::Refers(Thing::Machine) => all(&mut scenario.machines.names()),
            Names::Refers(Thing::Service) => self.services(owner, way),
            Names::Refers(Thing::Key) => all(&mut scenario.keys.names()),
            Names::Refers(Thing::Operation) => {
                self.service.map_or(Vec::new(), |(_, service)| all(&mut service.operations.names()))
            }
            Names::Refers(Thing::Store) => {
                self.service.map_or(Vec::new(), |(_, service)| all(&mut service.stores.names()))
            }
            Names::Refers(Thing::Lock) => self.locks(),
            Names::Refers(Thing::Source) => all(&mut scenario.traffic.names()),
            Names::Refers(Thing::Variant) => {
                let ours = self.variant;
                let free = |name: &&str| ours.is_none_or(|ours| !chain(scenario, name).contains(&ours));
                all(&mut scenario.variants.names().filter(free))
            }
            Names::Call => self.operations(owner),
            Names::StoreOrCache => self.stores(),
            Names::Target | Names::Contents => self.targets(owner),
            Names::Side => {
                let (services, sources) = (scenario.services.names(), scenario.traffic.names());
                all(&mut services.chain(sources).chain(scenario.machines.names()))
            }
            Names::Scaled => {
                let counted = scenario.services.iter().filter(|(_, service)| is_counted(service));
                all(&mut scenario.machines.names().chain(counted.map(|(name, _)| name.as_str())))
            }
            Names::Subject => self.subjects(),
            Names::Condition => self.watched().into_iter().map(|watched| format!("{watched} > 90%")).collect(),
            Names::Watched => self.watched(),
            Names::Part => parts::parts().map(|part| part.name.to_owned()).collect(),
            Names::Defines(_) | Names::Path | Names::Expression | Names::Prose => Vec::new(),
        }
    }

    fn services(&self, owner: &str, way: &[Spot<'_>]) -> Vec<String> {
        let own = self.service.map(|(name, _)| name);
        let fits = |(name, service): &(&String, &Service)| match owner {
            // Of a balancer or a queue: that which it has a link to.
            "Balancer" | "Queue" => {
                self.service.is_none_or(|(_, own)| own.links.is_empty() || own.links.contains(name))
            }
            "AddInstances" | "RemoveInstances" => is_counted(service),
            "Move" => service.kind != Kind::External,
            _ => true,
        };
        let written = way.last().and_then(|spot| spot.value());
        let there = |name: &str| {
            matches!(owner, "Service" | "Access") && written.is_some_and(|node| node.child(name).is_some())
        };
        let services = self.scenario.services.iter().filter(|one| Some(one.0.as_str()) != own && fits(one));
        services.map(|(name, _)| name.clone()).filter(|name| !there(name)).collect()
    }

    /// Locks that the service's steps take.
    fn locks(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for program in self.service.into_iter().flat_map(|(_, service)| service.operations.values()) {
            walk(program, &mut |step| {
                if let Step::Lock(name, ..) = step
                    && !found.contains(name)
                {
                    found.push(name.clone());
                }
            });
        }
        found
    }

    /// What may be called from here without calling itself; queues behind all others.
    fn operations(&self, owner: &str) -> Vec<String> {
        let (mut found, mut queued) = (Vec::new(), Vec::new());
        let here = self.service.zip(self.operation).map(|((own, _), operation)| (own, operation));
        let sessions = owner != "Open" && here.is_none_or(|here| self.graph.open_source_of(here).is_none());
        let back = |called: (&str, &str)| {
            let own = self.service.is_some_and(|(own, _)| called.0 == own);
            own && self.operation.is_none_or(|operation| called.1 == operation)
        };
        for (name, service) in &self.scenario.services {
            let is_queue = matches!(service.kind, Kind::Queue { .. });
            let fits = !matches!(service.kind, Kind::Cache { .. }) && (is_queue || owner != "Enqueue");
            let linked = self.service.is_none_or(|(_, own)| own.links.contains(name));
            for operation in self.graph.offers(name).into_iter().filter(|_| fits && linked) {
                let called = (name.as_str(), operation);
                if self.graph.way(called, back).is_none() && (sessions || self.graph.holds(called).is_none()) {
                    let into = if is_queue { &mut queued } else { &mut found };
                    into.push(format!("{name}.{operation}"));
                }
            }
        }
        found.append(&mut queued);
        found
    }

    /// Stores of the service, and caches that it has a link to.
    fn stores(&self) -> Vec<String> {
        let Some((_, own)) = self.service else { return Vec::new() };
        let caches =
            |name: &&str| matches!(self.scenario.services.get(name).map(|s| &s.kind), Some(Kind::Cache { .. }));
        let linked = own.links.names().filter(caches);
        own.stores.names().chain(linked).map(str::to_owned).collect()
    }

    fn targets(&self, owner: &str) -> Vec<String> {
        let services = self.scenario.services.iter().filter(|(_, service)| match owner {
            "Reload" => service.reload > Span::ZERO,
            "Slow" => !service.on.is_empty(),
            "Flush" => !service.stores.is_empty() || matches!(service.kind, Kind::Cache { .. }),
            _ => true,
        });
        let machines = self.scenario.machines.names().filter(|_| !matches!(owner, "Reload" | "Flush" | "Deploy"));
        services.map(|(name, _)| name.as_str()).chain(machines).map(str::to_owned).collect()
    }

    /// What an objective can be about and is not yet.
    fn subjects(&self) -> Vec<String> {
        let scenario = self.scenario;
        let operations = scenario.services.names().flat_map(|service| {
            self.graph.offers(service).into_iter().map(move |operation| format!("{service}.{operation}"))
        });
        let sources = scenario.traffic.names().map(str::to_owned);
        let limited = scenario.services.iter().filter(|(_, service)| service.workers.is_some());
        let workers = limited.map(|(name, _)| format!("{name}.workers"));
        let machines = scenario.machines.names().map(|name| format!("{name}.cpu"));
        let all = sources.chain(operations).chain(workers).chain(machines).chain(["cost".to_owned()]);
        all.filter(|subject| !scenario.objectives.contains(subject)).collect()
    }

    /// Resources that a condition can read.
    fn watched(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (name, service) in &self.scenario.services {
            if !service.on.is_empty() {
                found.push(format!("{name}.{}", Resource::Cpu.name()));
            }
            if service.workers.is_some() {
                found.push(format!("{name}.{}", Resource::Workers.name()));
            }
        }
        found.extend(self.scenario.machines.names().map(|name| format!("{name}.{}", Resource::Cpu.name())));
        found
    }
}

fn is_counted(service: &Service) -> bool {
    !service.on.is_empty() && matches!(service.instances, Instances::Count(_))
}
