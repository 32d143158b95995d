//! Relief: how a resource that binds is made twice as large, by its kind.
//!
//! What a machine has costs in proportion: twice the cores, memory, bandwidth or operations of a machine cost twice its
//! price. Groups that have several machines already get twice as many, others twice the cores: whether what runs on one
//! machine could run on two is not for the program to say. A limit in a service's configuration costs nothing.

use super::capacity_answer::Bound;
use crate::engine::ResourceKind;
use crate::experiment::Compiled;
use crate::scenario::{Connections, Described, Edit, Instances, Machine, Scenario, Service, show};
use crate::units::{Bandwidth, Bytes, Rate, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A field that is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Which: "services.app.workers".
    pub path: String,
    /// What it was.
    pub from: String,
    /// What it is now.
    pub to: String,
}

impl Change {
    pub(super) fn edit(&self) -> Edit {
        Edit::set(self.path.clone(), self.to.clone())
    }

    fn of<T: Described>(path: String, from: &T, to: &T) -> Self {
        let plain = |value: &T| show(value).trim_matches('"').to_owned();
        Self { path, from: plain(from), to: plain(to) }
    }
}

/// What makes it twice as large; none where nothing of it is a number that could be.
pub(super) fn doubled(bound: &Bound, compiled: &Compiled) -> Option<Vec<Change>> {
    let scenario = &compiled.loaded.scenario;
    let service = || {
        let name = bound.service.as_deref()?;
        Some(OfService { name, service: scenario.services.get(name)? })
    };
    let machine = || {
        let name = bound.machine.as_deref()?;
        Some(OfMachine { name, machine: scenario.machines.get(name)? })
    };
    match bound.kind? {
        ResourceKind::Cpu => Some(machine()?.cores(scenario)),
        ResourceKind::Memory => match service().and_then(|service| service.memory()) {
            Some(change) => Some(vec![change]),
            None => Some(machine()?.memory()),
        },
        ResourceKind::Network | ResourceKind::Ingress => machine()?.network(),
        ResourceKind::Disk => machine()?.disk(),
        ResourceKind::Instances => {
            let home = service()?.service.on.first()?.clone();
            Some(vec![OfMachine { name: &home, machine: scenario.machines.get(&home)? }.count()])
        }
        ResourceKind::Quota => Some(vec![service()?.quota()?]),
        ResourceKind::Threads => service()?.whole("threads", |service| service.threads),
        ResourceKind::Workers => service()?.whole("workers", |service| service.workers),
        ResourceKind::Connections => {
            let of = |service: &Service| service.max_connections;
            service()?.whole("max_connections", |s| of(s).or(Some(crate::scenario::DATABASE_CONNECTIONS)))
        }
        ResourceKind::Descriptors => service()?.whole("descriptors", |service| service.descriptors),
        ResourceKind::KeepAlive => Some(vec![service()?.keep_alive()?]),
        ResourceKind::Pool => service()?.link("pool", bound),
        ResourceKind::Slots => service()?.link("slots", bound),
        // Who holds a lock has it alone, and a broker's line is as long as its consumers let it be.
        ResourceKind::Lock | ResourceKind::Queue => None,
    }
}

struct OfMachine<'a> {
    name: &'a str,
    machine: &'a Machine,
}

impl OfMachine<'_> {
    fn path(&self, field: &str) -> String {
        format!("machines.{}.{field}", self.name)
    }

    /// With the price of what is twice as large.
    fn priced(&self, change: Change) -> Vec<Change> {
        let price = self.machine.price;
        let mut changes = vec![change];
        if price.0 > 0.0 {
            let twice = crate::units::Price(price.0 * 2.0);
            changes.push(Change::of(self.path("price"), &price, &twice));
        }
        changes
    }

    fn count(&self) -> Change {
        let count = self.machine.count;
        Change::of(self.path("count"), &count, &count.saturating_mul(2).max(1))
    }

    fn cores(&self, scenario: &Scenario) -> Vec<Change> {
        let mine = |service: &&Service| service.on.iter().any(|name| name == self.name);
        let counted = |service: &Service| matches!(service.instances, Instances::Count(_));
        let spread = !scenario.services.values().filter(mine).any(counted);
        if self.machine.count > 1 && spread {
            return vec![self.count()];
        }
        let cores = self.machine.cores;
        self.priced(Change::of(self.path("cores"), &cores, &cores.saturating_mul(2)))
    }

    fn memory(&self) -> Vec<Change> {
        let memory = self.machine.memory;
        self.priced(Change::of(self.path("memory"), &memory, &Bytes(memory.0.saturating_mul(2))))
    }

    fn network(&self) -> Option<Vec<Change>> {
        let network = self.machine.network?;
        Some(self.priced(Change::of(self.path("network"), &network, &Bandwidth(network.0 * 2.0))))
    }

    fn disk(&self) -> Option<Vec<Change>> {
        let iops = self.machine.iops?;
        Some(self.priced(Change::of(self.path("iops"), &iops, &Rate(iops.0 * 2.0))))
    }
}

struct OfService<'a> {
    name: &'a str,
    service: &'a Service,
}

impl OfService<'_> {
    fn path(&self, field: &str) -> String {
        format!("services.{}.{field}", self.name)
    }

    fn whole(&self, field: &str, of: impl Fn(&Service) -> Option<u32>) -> Option<Vec<Change>> {
        let now = of(self.service)?;
        Some(vec![Change::of(self.path(field), &now, &now.saturating_mul(2))])
    }

    fn quota(&self) -> Option<Change> {
        let limit = self.service.cpu.limit?;
        Some(Change::of(self.path("cpu.limit"), &limit, &(limit * 2.0)))
    }

    fn memory(&self) -> Option<Change> {
        let limit = self.service.memory.limit?;
        Some(Change::of(self.path("memory.limit"), &limit, &Bytes(limit.0.saturating_mul(2))))
    }

    /// Half the time that connections are kept: there is room for twice as many in that time.
    fn keep_alive(&self) -> Option<Change> {
        let now = self.service.keep_alive;
        (now > Span::ZERO).then(|| Change::of(self.path("keep_alive"), &now, &Span(now.0 / 2)))
    }

    /// The pool, or the places, of the link that the subject is called after.
    fn link(&self, what: &str, bound: &Bound) -> Option<Vec<Change>> {
        let mut links = self.service.links.iter();
        let (to, link) = links.find(|(to, _)| bound.subject == format!("{}.{what}({to})", self.name))?;
        let path = |field: &str| self.path(&format!("links.{to}.{field}"));
        match (what, link.connections, link.target_limit) {
            ("pool", Connections::Keep(most), _) => {
                let twice = Connections::Keep(most.saturating_mul(2));
                Some(vec![Change::of(path("connections"), &link.connections, &twice)])
            }
            ("slots", _, Some(most)) => Some(vec![Change::of(path("target_limit"), &most, &most.saturating_mul(2))]),
            _ => None,
        }
    }
}
