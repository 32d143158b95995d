//! The mean of one run of a program.

use super::caches::Caches;
use crate::model::{Caller, LinkId, Model, OperationId};
use crate::scenario::{Amount, Kind, Step, StepKind, Traffic, amount::Gauge};
use std::collections::BTreeMap;

/// Calls of one place in a program, per run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asked {
    /// What is called.
    pub operation: OperationId,
    /// Over which link.
    pub link: LinkId,
    /// Mean number.
    pub visits: f64,
    /// Mean seconds from the program's beginning to the call.
    pub at: f64,
    /// Seconds from the call to its reply, both ways included.
    pub lasting: f64,
    /// CPU seconds of opening a connection for it, at the caller and at the callee.
    pub handshake: (f64, f64),
}

/// Means of one run of an operation or journey.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// Seconds of a reference core, in its own thread.
    pub cpu: f64,
    /// Seconds of a reference core, in child processes.
    pub spawned: f64,
    /// Bytes sent.
    pub bytes: f64,
    /// Bytes of its reply that come from the service behind: what a balancer passes on.
    pub relayed: f64,
    /// Bytes it receives, and those its caller must send for it and for what it relays to.
    pub received: f64,
    pub body: f64,
    /// Disk operations.
    pub disk: f64,
    /// Seconds to its end or reply, with no waiting.
    pub lasting: f64,
    /// Connections held to the end of the session.
    pub held_sessions: f64,
    /// Seconds a connection is held by `HoldFor`.
    pub held_seconds: f64,
    /// It has replied: nothing of it comes after.
    pub replied: bool,
    /// What it calls.
    pub calls: Vec<Asked>,
    /// How often it looks into which store.
    pub(super) looks: Vec<(usize, f64)>,
}

impl Program {
    fn lasts(seconds: f64) -> Self {
        Self { lasting: seconds, ..Self::default() }
    }

    /// Adds another's demands, its calls so much later.
    fn add(&mut self, other: Self, later: f64) {
        self.cpu += other.cpu;
        self.spawned += other.spawned;
        self.bytes += other.bytes;
        self.received += other.received;
        self.body += other.body;
        self.disk += other.disk;
        self.held_sessions += other.held_sessions;
        self.held_seconds += other.held_seconds;
        self.looks.extend(other.looks);
        self.calls.extend(other.calls.into_iter().map(|asked| Asked { at: asked.at + later, ..asked }));
    }

    /// One after the other.
    fn then(&mut self, next: Self) {
        let (later, lasting, replied) = (self.lasting, next.lasting, next.replied);
        self.add(next, later);
        self.lasting += lasting;
        self.replied |= replied;
    }

    /// So many times, or with this probability.
    fn times(mut self, factor: f64) -> Self {
        self.cpu *= factor;
        self.spawned *= factor;
        self.bytes *= factor;
        self.received *= factor;
        self.body *= factor;
        self.disk *= factor;
        self.lasting *= factor;
        self.held_sessions *= factor;
        self.held_seconds *= factor;
        for asked in &mut self.calls {
            asked.visits *= factor;
        }
        for (_, visits) in &mut self.looks {
            *visits *= factor;
        }
        self
    }
}

/// Ids by name.
#[derive(Debug)]
pub(super) struct Names<'a> {
    operations: BTreeMap<&'a str, OperationId>,
    links: BTreeMap<(u8, u32, &'a str), LinkId>,
}

impl<'a> Names<'a> {
    pub(super) fn of(model: &'a Model) -> Self {
        let operations = model.operations.iter().enumerate().filter(|(_, operation)| !operation.retired);
        let links = model.links.iter().enumerate().filter(|(_, link)| !link.retired);
        Self {
            operations: operations.map(|(at, operation)| (operation.name.as_str(), OperationId::new(at))).collect(),
            links: links
                .map(|(at, link)| {
                    let (kind, caller) = key(link.caller);
                    ((kind, caller, model.services[link.callee].name.as_str()), LinkId::new(at))
                })
                .collect(),
        }
    }

    pub(super) fn link(&self, caller: Caller, callee: &str) -> Option<LinkId> {
        let (kind, caller) = key(caller);
        self.links.get(&(kind, caller, callee)).copied()
    }
}

fn key(caller: Caller) -> (u8, u32) {
    match caller {
        Caller::Service(id) => (0, id.number()),
        Caller::Source(id) => (1, id.number()),
    }
}

/// Reads the programs of one caller.
pub(super) struct Reader<'a> {
    model: &'a Model,
    names: &'a Names<'a>,
    caller: Caller,
    /// Work per second of one core there; the mean over its machines.
    speed: f64,
    /// Bytes per second there.
    network: f64,
    /// Disk operations per second there.
    iops: f64,
    /// Seconds a byte takes to the caller of what is read, and from it.
    slowest: (f64, f64),
    gauges: &'a dyn Fn(&Gauge) -> f64,
    /// Uses of stores, and the share of looks that hit.
    caches: (&'a Caches, &'a [f64]),
    /// Programs of the operations that were read before.
    known: &'a [Program],
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        model: &'a Model,
        names: &'a Names<'a>,
        caller: Caller,
        gauges: &'a dyn Fn(&Gauge) -> f64,
        caches: (&'a Caches, &'a [f64]),
        known: &'a [Program],
    ) -> Self {
        let (mut machines, mut speed, mut network, mut iops) = (0.0, 0.0, f64::INFINITY, f64::INFINITY);
        if let Caller::Service(service) = caller {
            for group in &model.services[service].groups {
                let group = &model.groups[*group];
                machines += f64::from(group.count);
                speed += f64::from(group.count) * group.speed;
                network = network.min(group.network);
                iops = iops.min(group.iops);
            }
        }
        let speed = if machines > 0.0 { speed / machines } else { 1.0 };
        Self { model, names, caller, speed, network, iops, slowest: (0.0, 0.0), gauges, caches, known }
    }

    /// An operation of the caller.
    pub(super) fn operation(&self, id: OperationId) -> Program {
        let operation = &self.model.operations[id];
        let service = &self.model.services[operation.service].name;
        let Some(spec) = self.model.scenario.services.get(service).filter(|_| !operation.retired) else {
            return Program::default();
        };
        let local =
            operation.name.strip_prefix(service.as_str()).and_then(|rest| rest.strip_prefix('.')).unwrap_or_default();
        match &spec.kind {
            Kind::Balancer { to, cpu, buffers } => {
                let mut program = self.work(self.mean(cpu));
                let behind = format!("{to}.{local}");
                program.then(self.call(&behind));
                if let Some(served) = self.names.operations.get(behind.as_str()).map(|id| &self.known[id.index()]) {
                    program.relayed = if self.relays(to) { served.relayed } else { served.bytes };
                    program.body = served.body;
                    if *buffers {
                        program.bytes = program.relayed;
                        program.received = served.body;
                        program.lasting += program.bytes * self.per_byte(id) + program.received * self.per_byte_up(id);
                    }
                }
                program
            }
            // Its calls come later and behind the caller's back.
            Kind::Queue { to, cpu, .. } => {
                let mut program = self.work(self.mean(cpu));
                program.then(Program { lasting: 0.0, ..self.call(&format!("{to}.{local}")) });
                program
            }
            Kind::Database { replicas, apply, reads, .. } => {
                let reader = Reader { slowest: (self.per_byte(id), self.per_byte_up(id)), ..*self };
                let mut program = spec.operations.get(local).map_or_else(Program::default, |steps| reader.steps(steps));
                if !reads.iter().any(|read| read == local) {
                    // Every replica applies it, behind the caller's back.
                    program.cpu += f64::from(*replicas) * self.mean(apply);
                }
                program
            }
            Kind::Server | Kind::Cache { .. } | Kind::External => {
                let reader = Reader { slowest: (self.per_byte(id), self.per_byte_up(id)), ..*self };
                spec.operations.get(local).map_or_else(Program::default, |steps| reader.steps(steps))
            }
        }
    }

    pub(super) fn steps(&self, steps: &[Step]) -> Program {
        let mut program = Program::default();
        for step in steps {
            program.then(self.step(step));
            if program.replied {
                break;
            }
        }
        program
    }

    pub(super) fn call(&self, name: &str) -> Program {
        let callee = name.split_once('.').map_or("", |(service, _)| service);
        let (Some(&operation), Some(link)) = (self.names.operations.get(name), self.names.link(self.caller, callee))
        else {
            return Program::default();
        };
        let (latency, opening, handshake) = self.reaching(link, callee);
        let lasting = self.known[operation.index()].lasting + 2.0 * latency + opening;
        Program {
            lasting,
            calls: vec![Asked { operation, link, visits: 1.0, at: 0.0, lasting, handshake }],
            ..Program::default()
        }
    }

    /// One way to a callee, opening a connection to it, and the CPU that takes at both ends.
    fn reaching(&self, id: LinkId, callee: &str) -> (f64, f64, (f64, f64)) {
        let scenario = &self.model.scenario;
        match self.caller {
            Caller::Service(service) => {
                let name = &self.model.services[service].name;
                let Some(link) = scenario.services.get(name).and_then(|service| service.links.get(callee)) else {
                    return (0.0, 0.0, (0.0, 0.0));
                };
                let latency = self.mean(&link.latency);
                if self.model.links[id].keep > 0 {
                    return (latency, 0.0, (0.0, 0.0));
                }
                let opening = &link.handshake;
                (latency, self.mean(&opening.latency), (self.mean(&opening.caller), self.mean(&opening.callee)))
            }
            Caller::Source(source) => match scenario.traffic.get(&self.model.sources[source].name) {
                Some(Traffic::Open { access, .. } | Traffic::Users { access, .. } | Traffic::Closed { access, .. }) => {
                    (self.mean(&access.way(callee).latency), 0.0, (0.0, 0.0))
                }
                None => (0.0, 0.0, (0.0, 0.0)),
            },
        }
    }

    fn relays(&self, service: &str) -> bool {
        self.model.services.iter().any(|known| known.name == service && known.relays)
    }

    /// Seconds a byte takes from an operation to whoever takes it.
    fn per_byte(&self, id: OperationId) -> f64 {
        (1.0 / self.network).max(self.path(id, false, 0))
    }

    /// Seconds a byte takes to an operation.
    fn per_byte_up(&self, id: OperationId) -> f64 {
        self.path(id, true, 0)
    }

    /// The links on the way between an operation and whoever keeps its bytes; of several ways the fastest (a lower
    /// bound).
    fn path(&self, id: OperationId, up: bool, depth: usize) -> f64 {
        let sites = self.model.sites.iter().filter(|site| site.operation == id && !self.model.links[site.link].retired);
        let seconds = sites.map(|site| {
            let link = &self.model.links[site.link];
            let own = 1.0 / self.model.paces[if up { link.upload } else { link.pace } as usize];
            match (link.caller, site.from) {
                (Caller::Service(caller), Some(from))
                    if self.model.services[caller].relays && depth < self.model.services.len() =>
                {
                    own.max(self.path(from, up, depth + 1))
                }
                (Caller::Service(_) | Caller::Source(_), _) => own,
            }
        });
        seconds.min_by(f64::total_cmp).unwrap_or(0.0)
    }

    fn mean(&self, amount: &Amount) -> f64 {
        amount.expr().mean(self.gauges)
    }

    fn work(&self, seconds: f64) -> Program {
        Program { cpu: seconds, lasting: seconds / self.speed, ..Program::default() }
    }

    fn step(&self, step: &Step) -> Program {
        match step.kind() {
            StepKind::Leaf => self.leaf(step),
            StepKind::Loop(count, body) => {
                let count = self.mean(count);
                let mut body = self.steps(body);
                // The k-th round begins k − 1 rounds later; on average half of all but one.
                let later = (count - 1.0).max(0.0) / 2.0 * body.lasting;
                for asked in &mut body.calls {
                    asked.at += later;
                }
                body.times(count)
            }
            StepKind::Fork(need, branches) => self.together(branches, need),
            StepKind::Beside(body) => Program { lasting: 0.0, replied: false, ..self.steps(body) },
            StepKind::Block(body) | StepKind::Fallback(body, _) => self.steps(body),
            StepKind::Choice(branches) => {
                let total: f64 = branches.iter().map(|(weight, _)| weight).sum();
                let mut program = Program::default();
                let mut replied = !branches.is_empty();
                for (weight, branch) in branches {
                    let branch = self.steps(branch).times(weight / total);
                    replied &= branch.replied;
                    program.lasting += branch.lasting;
                    program.add(branch, 0.0);
                }
                Program { replied, ..program }
            }
            StepKind::Look(hit, miss) => match step {
                Step::Cached(store, key, ..) => self.cached(store, key, hit, miss),
                _ => Program::default(),
            },
        }
    }

    /// A step with nothing inside.
    fn leaf(&self, step: &Step) -> Program {
        match step {
            Step::Cpu(amount) => self.work(self.mean(amount)),
            Step::Delay(amount) => Program::lasts(self.mean(amount)),
            Step::Send(amount) => {
                let bytes = self.mean(amount);
                Program { bytes, lasting: bytes * self.slowest.0, ..Program::default() }
            }
            Step::Receive(amount) => {
                let bytes = self.mean(amount);
                Program { received: bytes, body: bytes, lasting: bytes * self.slowest.1, ..Program::default() }
            }
            Step::Disk(count) => {
                let disk = self.mean(count);
                Program { disk, lasting: disk / self.iops, ..Program::default() }
            }
            Step::Spawn(amount, _) => {
                let work = self.mean(amount);
                Program { spawned: work, lasting: work / self.speed, ..Program::default() }
            }
            Step::Call(name) | Step::Enqueue(name) => self.call(name),
            Step::Hold => Program { held_sessions: 1.0, replied: true, ..Program::default() },
            Step::HoldFor(amount) => Program { held_seconds: self.mean(amount), replied: true, ..Program::default() },
            // Of a `Cache`, a call.
            Step::Put(store, _) => self.call(&format!("{store}.set")),
            Step::Invalidate(store, _) => self.call(&format!("{store}.delete")),
            _ => Program::default(),
        }
    }

    /// The look (of a `Cache`, a call), and what follows in the mean.
    fn cached(&self, store: &str, key: &str, hit: &[Step], miss: &[Step]) -> Program {
        let Caller::Service(user) = self.caller else { return Program::default() };
        let place = self.caches.0.place(user, store, key);
        let ratio = place.and_then(|at| self.caches.1.get(at)).copied().unwrap_or(0.0);
        let mut program = self.call(&format!("{store}.get"));
        program.looks.extend(place.map(|at| (at, 1.0)));
        let hit = self.steps(hit);
        let mut miss = self.steps(miss);
        miss.then(self.call(&format!("{store}.set")));
        let replied = (hit.replied || ratio <= 0.0) && (miss.replied || ratio >= 1.0);
        let (later, hit, miss) = (program.lasting, hit.times(ratio), miss.times(1.0 - ratio));
        program.lasting += hit.lasting + miss.lasting;
        program.add(hit, later);
        program.add(miss, later);
        Program { replied, ..program }
    }

    /// Branches at once: it lasts as long as the mean of the `need`-th to end (a lower bound where they vary).
    fn together(&self, branches: &[Vec<Step>], need: usize) -> Program {
        let mut program = Program::default();
        let mut ends = Vec::with_capacity(branches.len());
        for branch in branches {
            let branch = self.steps(branch);
            ends.push(branch.lasting);
            program.add(branch, 0.0);
        }
        ends.sort_by(f64::total_cmp);
        program.lasting = need
            .checked_sub(1)
            .and_then(|last| ends.get(last.min(ends.len().saturating_sub(1))))
            .copied()
            .unwrap_or(0.0);
        program
    }
}
