//! Mean demand: what a crowd asks of every service and link, without simulating.
//!
//! Programs are read from the leaves of the call graph to its roots (how long a call lasts), then the crowd's rates
//! flow from the roots to the leaves (how often it is made). Nothing queues: a call lasts as long as its own work, so
//! what is *in progress* is a lower bound, by Little's law. Of failures those count that an operation says of itself
//! (`Fail`), with the retries, fallbacks and early ends of sessions that they lead to; of all others none: this is what
//! is offered while all goes well. Gauges in amounts are taken at the mean that the crowd itself brings about (a fixed
//! point).
//!
//! A session's `Hold` lasts from its call to the session's end, therefore connections follow the sessions *present*,
//! and work follows those *starting*. An operation that calls itself in a circle is followed once.

mod caches;
mod connections;
mod program;
mod reader;
mod roles;
mod structure;
mod throttle;

use crate::model::{Amount, Caller, GroupId, LinkId, Model, OperationId, Pc, ServiceId, SourceId, SourceKind};
use crate::scenario::{Traffic, amount::Gauge};
use caches::Caches;
pub use program::{Asked, Program};
pub use reader::speed;
use reader::{Known, Names, Reader};
use roles::Roles;
pub use roles::Worked;
use std::cell::Cell;
use std::collections::BTreeSet;
use structure::{callees_first, inbound, instances, machines_of};
pub use throttle::Throttle;

/// Rounds after which a fixed point that is still moving is taken to run away.
const MOST_ROUNDS: u32 = 100;
/// Rounds that are taken in any case, and work after which no further one is: in models of tens of thousands of steps.
const FEWEST_ROUNDS: u32 = 8;
const MOST_WORK: u64 = 5_000_000;

/// What comes, by source: per second (Open, Users) or a population (Closed).
#[derive(Clone, Debug, PartialEq)]
pub struct Crowd {
    /// Level that begins now.
    pub starting: Vec<f64>,
    /// Level that the sessions in progress came from; in a steady state the same as `starting`.
    pub present: Vec<f64>,
}

impl Crowd {
    /// A crowd that has been at this level for long.
    #[must_use]
    pub fn steady(levels: Vec<f64>) -> Self {
        Self { present: levels.clone(), starting: levels }
    }
}

/// What a service is asked for, all its instances together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ServiceLoad {
    /// Seconds of a reference core per second, in its own threads.
    pub cpu: f64,
    /// Seconds of a reference core per second, in child processes.
    pub spawned: f64,
    /// Bytes sent per second.
    pub bytes: f64,
    /// Bytes per second that users upload to its machines.
    pub uploaded: f64,
    /// Disk operations per second.
    pub disk: f64,
    /// Operations in progress before their reply: the workers they hold.
    pub in_progress: f64,
    /// Inbound connections, held ones included.
    pub inbound: f64,
    /// Outbound connections, held ones included.
    pub outbound: f64,
    /// Inbound connections held after the reply: by `Hold`, and those that users keep alive.
    pub held: f64,
    /// Of a database, what its replicas are asked for: what they read, and what they apply of what others wrote.
    pub at_replicas: Worked,
}

impl ServiceLoad {
    /// Workers busy with no waiting; `pins`: each stays with its connection.
    #[must_use]
    pub fn workers(&self, pins: bool) -> f64 {
        if pins { self.in_progress.max(self.inbound) } else { self.in_progress }
    }
}

/// What the whole system is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loads {
    /// By service.
    pub services: Vec<ServiceLoad>,
    /// Calls in progress, by link.
    pub links: Vec<f64>,
    /// Calls per second, by link.
    pub calls: Vec<f64>,
    /// Calls per second, by operation.
    pub operations: Vec<f64>,
    /// Seconds a session (Open: a request) lasts, by source.
    pub sessions: Vec<f64>,
    /// Sessions (Open: requests) that start per second, by source.
    pub starting: Vec<f64>,
    /// Looks per second, by use of a store.
    looks: Vec<f64>,
    /// Held at once with no waiting, by lock, all its instances together.
    pub locks: Vec<f64>,
}

/// The call graph of a model, ready to be asked.
#[derive(Debug)]
pub struct Demand<'a> {
    model: &'a Model,
    names: Names<'a>,
    caches: Caches,
    /// Operations, callees before their callers.
    order: Vec<OperationId>,
    /// Links to each service.
    inbound: Vec<Vec<LinkId>>,
    /// Machines that each service stands on.
    machines: Vec<f64>,
    /// Where primaries and replicas are, by service.
    roles: Vec<Option<Roles>>,
    /// The programs of operations and of sources; None when they depend on the load.
    fixed: Option<(Vec<Program>, Vec<Program>)>,
    /// Work done so far, in rows that were looked at.
    spent: Cell<u64>,
}

impl<'a> Demand<'a> {
    /// Reads a model.
    #[must_use]
    pub fn new(model: &'a Model) -> Self {
        let order = callees_first(model);
        let mut demand = Self {
            model,
            names: Names::of(model, &order),
            caches: Caches::of(model),
            order,
            spent: Cell::new(0),
            inbound: inbound(model),
            machines: model.services.ids().map(|id| machines_of(model, id)).collect(),
            roles: model.services.ids().map(|id| Roles::of(model, id)).collect(),
            fixed: None,
        };
        if !demand.has_gauges() && !demand.caches.follow_load() {
            demand.fixed = Some(demand.programs(&demand.nothing(), &Throttle::open(model)));
        }
        demand
    }

    /// True when some step asks for more the more there is to do.
    #[must_use]
    pub fn depends_on_load(&self) -> bool {
        self.fixed.is_none()
    }

    /// True when an amount depends on what there is to do.
    #[must_use]
    pub fn has_gauges(&self) -> bool {
        self.model.amounts.iter().any(has_gauge)
    }

    /// True when an operation of a service asks for more the more there is to do.
    #[must_use]
    pub fn has_gauges_of(&self, service: ServiceId) -> bool {
        let operations = self.model.services[service].operations.iter().map(|id| &self.model.operations[*id]);
        let mut todo: Vec<Pc> = operations.filter(|operation| !operation.retired).map(|one| one.entry).collect();
        let mut seen: BTreeSet<Pc> = BTreeSet::new();
        while let Some(pc) = todo.pop().filter(|pc| (*pc as usize) < self.model.code.len()) {
            if !seen.insert(pc) {
                continue;
            }
            let amount = self.model.code[pc as usize].instr.amount();
            if amount.is_some_and(|amount| has_gauge(&self.model.amounts[amount])) {
                return true;
            }
            self.model.successors(pc, &mut |next| todo.push(next));
        }
        false
    }

    /// The links over which a service is called.
    #[must_use]
    pub fn links_to(&self, service: ServiceId) -> &[LinkId] {
        &self.inbound[service.index()]
    }

    /// The operation of a name.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<OperationId> {
        self.names.operation(name)
    }

    /// What is to be said of a service's caches and of those in front of it, at these loads.
    #[must_use]
    pub fn cache_notes(&self, service: ServiceId, loads: &Loads) -> Vec<String> {
        self.caches.notes(service, &self.caches.hits(self, loads))
    }

    /// The mean demands of one journey of every source, at these loads.
    #[must_use]
    pub fn journeys(&self, loads: &Loads) -> Vec<Program> {
        self.programs(loads, &Throttle::open(self.model)).1
    }

    /// What a crowd asks for, with every door open.
    #[must_use]
    pub fn of(&self, crowd: &Crowd) -> Loads {
        self.through(crowd, &Throttle::open(self.model))
    }

    /// What of it comes where, with these doors on its way. At a door itself it is what comes there.
    #[must_use]
    pub fn through(&self, crowd: &Crowd, throttle: &Throttle) -> Loads {
        if let Some((operations, journeys)) = &self.fixed {
            if throttle.is_open() {
                return self.flow(crowd, operations, journeys, throttle);
            }
            let (operations, journeys) = self.programs(&self.nothing(), throttle);
            return self.flow(crowd, &operations, &journeys, throttle);
        }
        let mut loads = self.nothing();
        let before = self.spent();
        for round in 0..MOST_ROUNDS {
            if round >= FEWEST_ROUNDS && self.spent() - before > MOST_WORK {
                break;
            }
            let (operations, journeys) = self.programs(&loads, throttle);
            let next = self.flow(crowd, &operations, &journeys, throttle);
            let settled = (next.services.iter().zip(&loads.services)).all(|(now, before)| {
                close(now.in_progress, before.in_progress)
                    && close(now.inbound, before.inbound)
                    && close(now.cpu, before.cpu)
            });
            loads = next;
            if settled {
                break;
            }
        }
        loads
    }

    /// Work done so far, in rows that were looked at: what takes much of it is done less often.
    #[must_use]
    pub fn spent(&self) -> u64 {
        self.spent.get()
    }

    fn spend(&self, rows: usize) {
        self.spent.set(self.spent.get() + rows as u64);
    }

    /// Instances of a service at the start, all groups together; a service that runs nowhere of ours has one.
    #[must_use]
    pub fn instances(&self, service: ServiceId) -> f64 {
        instances(self.model, service, self.machines[service.index()])
    }

    /// The same of a model.
    #[must_use]
    pub fn instances_of(model: &Model, service: ServiceId) -> f64 {
        instances(model, service, machines_of(model, service))
    }

    /// The share of a service's load that goes to a group: instances share it evenly.
    #[must_use]
    pub fn share(&self, service: ServiceId, group: GroupId) -> f64 {
        f64::from(self.model.groups[group].count) / self.machines[service.index()].max(1.0)
    }

    fn nothing(&self) -> Loads {
        let (model, sources) = (self.model, self.model.sources.len());
        let rows = model.links.len() + model.operations.len() + sources;
        self.spend(4 * (model.services.len() + model.sites.len()) + rows);
        Loads {
            services: vec![ServiceLoad::default(); self.model.services.len()],
            links: vec![0.0; self.model.links.len()],
            calls: vec![0.0; self.model.links.len()],
            operations: vec![0.0; self.model.operations.len()],
            sessions: vec![0.0; self.model.sources.len()],
            starting: vec![0.0; self.model.sources.len()],
            looks: vec![0.0; self.caches.len()],
            locks: vec![0.0; self.model.locks.len()],
        }
    }

    /// What an arriving call reads at an instance: the mean of what is there, and itself.
    fn gauge(&self, gauge: &Gauge, service: ServiceId, loads: &Loads) -> f64 {
        let instances = self.instances(service).max(1.0);
        let load = &loads.services[service.index()];
        match gauge {
            Gauge::InFlight => load.in_progress / instances + 1.0,
            Gauge::Connections => load.inbound / instances + 1.0,
            Gauge::Queued => 0.0,
            Gauge::Waiting(callee) => self
                .names
                .link(Caller::Service(service), callee)
                .map_or(0.0, |link| loads.links[link.index()] / instances),
        }
    }

    fn programs(&self, loads: &Loads, throttle: &Throttle) -> (Vec<Program>, Vec<Program>) {
        // A step that is read costs about ten times a row that is added up.
        self.spend(10 * self.model.code.len() + self.caches.work());
        let hits = self.caches.hits(self, loads);
        let with = Known { caches: (&self.caches, hits.as_slice()), throttle };
        let mut operations = vec![Program::default(); self.model.operations.len()];
        for &id in &self.order {
            let service = self.model.operations[id].service;
            let gauges = |gauge: &Gauge| self.gauge(gauge, service, loads);
            let reader = Reader::new(self.model, &self.names, Caller::Service(service), &gauges, with, &operations);
            let program = reader.operation(id);
            operations[id.index()] = program;
        }
        let journeys = (self.model.sources.iter().enumerate())
            .map(|(at, source)| {
                let caller = Caller::Source(SourceId::new(at));
                let reader = Reader::new(self.model, &self.names, caller, &|_| 0.0, with, &operations);
                match self.model.scenario.traffic.get(&source.name) {
                    Some(Traffic::Open { call, .. }) if !source.retired => reader.call(call),
                    Some(Traffic::Users { journey, .. } | Traffic::Closed { journey, .. }) if !source.retired => {
                        reader.steps(journey)
                    }
                    Some(_) | None => Program::default(),
                }
            })
            .collect();
        (operations, journeys)
    }

    fn flow(&self, crowd: &Crowd, operations: &[Program], journeys: &[Program], throttle: &Throttle) -> Loads {
        let mut loads = self.nothing();
        // Sessions that a call of the operation belongs to, weighted with the seconds they go on for.
        let mut staying = vec![0.0; operations.len()];
        let holding = self.holding(operations);
        // Calls per second whose bytes come from users, directly or relayed.
        let mut users = vec![0.0; operations.len()];
        for ((at, journey), source) in journeys.iter().enumerate().zip(&self.model.sources) {
            loads.sessions[at] = journey.lasting;
            let per_level = match source.kind {
                SourceKind::Open | SourceKind::Users => 1.0,
                SourceKind::Closed if journey.lasting > 0.0 => 1.0 / journey.lasting,
                SourceKind::Closed => 0.0,
            };
            let starting = crowd.starting.get(at).copied().unwrap_or(0.0) * per_level;
            let present = crowd.present.get(at).copied().unwrap_or(0.0) * per_level;
            loads.starting[at] = starting;
            let kept = self.kept(journey);
            for asked in &journey.calls {
                let stay = present * asked.visits * (journey.lasting - asked.at).max(0.0);
                let over = throttle.over[asked.link.index()].through;
                users[asked.operation.index()] += starting * asked.visits * over;
                let from = (None, operations, &*holding, throttle);
                self.ask(asked, (starting * asked.visits, stay), from, &mut loads, &mut staying);
                let resting = starting * asked.visits * over * self.rests(SourceId::new(at), journey, &kept, asked);
                let to = &mut loads.services[self.model.links[asked.link].callee.index()];
                to.inbound += resting;
                to.held += resting;
            }
        }
        for &id in self.order.iter().rev() {
            let program = &operations[id.index()];
            let service = self.model.operations[id].service;
            let enter = throttle.enter[service.index()].through;
            let load = &mut loads.services[service.index()];
            load.in_progress += loads.operations[id.index()] * program.lasting;
            let (rate, stay) = (loads.operations[id.index()] * enter, staying[id.index()] * enter);
            users[id.index()] *= enter;
            load.cpu += rate * program.cpu;
            load.spawned += rate * program.spawned;
            load.bytes += rate * program.bytes;
            load.disk += rate * program.disk;
            for &(looks, visits) in &program.looks {
                loads.looks[looks] += rate * visits;
            }
            for &(lock, seconds) in &program.locked {
                loads.locks[lock.index()] += rate * seconds;
            }
            let load = &mut loads.services[service.index()];
            let relays = self.model.services[service].relays;
            load.uploaded += users[id.index()] * program.received;
            load.at_replicas.cpu += rate * program.applied;
            if self.model.operations[id].reads {
                load.at_replicas.cpu += rate * (program.cpu + program.spawned);
                load.at_replicas.bytes += rate * program.bytes;
                load.at_replicas.uploaded += users[id.index()] * program.received;
                load.at_replicas.disk += rate * program.disk;
                load.at_replicas.in_progress += loads.operations[id.index()] * program.lasting;
            }
            let relayed = if relays { users[id.index()] } else { 0.0 };
            for asked in &program.calls {
                users[asked.operation.index()] += relayed * asked.visits * throttle.over[asked.link.index()].through;
                let sent = (rate - relayed) * asked.visits * operations[asked.operation.index()].body;
                loads.services[service.index()].bytes += if relays { 0.0 } else { sent };
                let from = (Some(service), operations, &*holding, throttle);
                self.ask(asked, (rate * asked.visits, stay * asked.visits), from, &mut loads, &mut staying);
            }
        }
        loads
    }

    /// One edge of the call graph: calls per second over it, and sessions that they belong to weighted with their rest.
    fn ask(
        &self,
        asked: &Asked,
        (rate, stay): (f64, f64),
        (from, operations, holding, throttle): (Option<ServiceId>, &[Program], &[f64], &Throttle),
        loads: &mut Loads,
        staying: &mut [f64],
    ) {
        let link = &self.model.links[asked.link];
        let asks = rate * asked.lasting;
        loads.links[asked.link.index()] += asks;
        loads.calls[asked.link.index()] += rate;
        let over = throttle.over[asked.link.index()].through;
        let (rate, stay) = (rate * over, stay * over);
        loads.operations[asked.operation.index()] += rate;
        staying[asked.operation.index()] += stay;
        let in_progress = rate * asked.lasting;
        let callee = &operations[asked.operation.index()];
        let held = stay * holding[asked.operation.index()] + rate * callee.held_seconds;
        let greeted = rate * asked.handshake.1;
        let to = &mut loads.services[link.callee.index()];
        let reads = self.model.operations[asked.operation].reads;
        let connected = rate * asked.connected + held;
        to.inbound += connected;
        to.at_replicas.inbound += if reads { connected } else { 0.0 };
        to.held += held;
        let greeting = greeted * throttle.enter[link.callee.index()].through;
        to.cpu += greeting;
        // It is a worker that greets.
        let greeters = greeted / self.names.speed(link.callee);
        to.in_progress += greeters;
        if reads {
            to.at_replicas.cpu += greeting;
            to.at_replicas.in_progress += greeters;
        }
        if let Some(from) = from {
            loads.services[from.index()].outbound += in_progress + held;
            loads.services[from.index()].cpu += rate * asked.handshake.0;
        }
    }
}

fn close(now: f64, before: f64) -> bool {
    (now - before).abs() <= 1e-9 * now.abs().max(1e-9)
}

fn has_gauge(amount: &Amount) -> bool {
    match amount {
        Amount::Gauge(_) => true,
        Amount::Sum(parts) | Amount::Product(parts) => parts.iter().any(has_gauge),
        Amount::Mixture(parts) => parts.iter().any(|(part, _)| has_gauge(part)),
        Amount::Constant { .. }
        | Amount::Exponential(_)
        | Amount::Uniform(..)
        | Amount::LogNormal { .. }
        | Amount::Gamma { .. }
        | Amount::Erlang { .. }
        | Amount::Pareto { .. }
        | Amount::Weibull { .. }
        | Amount::HyperExponential { .. }
        | Amount::Geometric(_)
        | Amount::Empirical(_) => false,
    }
}

#[cfg(test)]
mod tests;
