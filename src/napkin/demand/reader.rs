//! Reads programs: what one run of an operation or a journey does on average.

use super::caches::Caches;
use super::program::{Asked, Program};
use super::throttle::Throttle;
use crate::model::{Caller, LinkId, LockId, Model, OperationId, ServiceId};
use crate::scenario::{Amount, Kind, Reason, Step, StepKind, Traffic, amount::Gauge};
use std::collections::BTreeMap;

/// Ids by name, and what is the same for every program.
#[derive(Debug)]
pub(super) struct Names<'a> {
    operations: BTreeMap<&'a str, OperationId>,
    links: BTreeMap<(u8, u32, &'a str), LinkId>,
    /// Locks without a key, by service and name.
    locks: BTreeMap<(ServiceId, &'a str), LockId>,
    /// Mean speed of the cores of each service.
    speeds: Vec<f64>,
    /// Seconds a byte takes from each operation to whoever takes it, and to it.
    ways: Vec<(f64, f64)>,
}

impl<'a> Names<'a> {
    /// Those of a model, with its operations in order, callees before their callers.
    pub(super) fn of(model: &'a Model, order: &[OperationId]) -> Self {
        let locks = model.services.enumerate().flat_map(|(service, spec)| {
            let open = spec.locks.iter().rev().filter(|id| !model.locks[**id].keyed);
            open.filter_map(move |id| {
                let name = model.locks[*id].name.strip_prefix("lock(")?.strip_suffix(')')?;
                Some(((service, name), *id))
            })
        });
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
            locks: locks.collect(),
            speeds: model.services.ids().map(|service| speed(model, service)).collect(),
            ways: ways(model, order),
        }
    }

    pub(super) fn speed(&self, service: ServiceId) -> f64 {
        self.speeds[service.index()]
    }

    pub(super) fn operation(&self, name: &str) -> Option<OperationId> {
        self.operations.get(name).copied()
    }

    pub(super) fn link(&self, caller: Caller, callee: &str) -> Option<LinkId> {
        let (kind, caller) = key(caller);
        self.links.get(&(kind, caller, callee)).copied()
    }
}

/// Speed of the cores a service runs on. Each machine is given as much to do: the harmonic mean.
pub fn speed(model: &Model, service: ServiceId) -> f64 {
    let groups = model.services[service].groups.iter().map(|group| &model.groups[*group]);
    let (machines, time) = groups.fold((0.0, 0.0), |(machines, time), group| {
        (machines + f64::from(group.count), time + f64::from(group.count) / group.speed)
    });
    if machines > 0.0 { machines / time } else { 1.0 }
}

/// The links on the way between each operation and whoever keeps its bytes, in seconds a byte, down and up; of several
/// ways the fastest (a lower bound).
fn ways(model: &Model, order: &[OperationId]) -> Vec<(f64, f64)> {
    let mut sites = vec![Vec::new(); model.operations.len()];
    for site in model.sites.iter().filter(|site| !model.links[site.link].retired) {
        sites[site.operation.index()].push(site);
    }
    let mut ways = vec![(0.0, 0.0); model.operations.len()];
    for id in order.iter().rev() {
        let over = sites[id.index()].iter().map(|site| {
            let link = &model.links[site.link];
            let (down, up) = (1.0 / model.paces[link.pace as usize], 1.0 / model.paces[link.upload as usize]);
            match (link.caller, site.from) {
                (Caller::Service(caller), Some(from)) if model.services[caller].relays => {
                    let (before, above): (f64, f64) = ways[from.index()];
                    (before.max(down), above.max(up))
                }
                (Caller::Service(_) | Caller::Source(_), _) => (down, up),
            }
        });
        let fastest = over.reduce(|(down, up), (other, above)| (f64::min(down, other), f64::min(up, above)));
        ways[id.index()] = fastest.unwrap_or_default();
    }
    ways
}

fn key(caller: Caller) -> (u8, u32) {
    match caller {
        Caller::Service(id) => (0, id.number()),
        Caller::Source(id) => (1, id.number()),
    }
}

/// What the programs of a model are read with.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// Uses of stores, and the share of looks that hit.
    pub(super) caches: (&'a Caches, &'a [f64]),
    /// What doors let through.
    pub(super) throttle: &'a Throttle,
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
    with: Known<'a>,
    /// After a call that failed the program goes on.
    goes_on: bool,
    /// Programs of the operations that were read before.
    known: &'a [Program],
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        model: &'a Model,
        names: &'a Names<'a>,
        caller: Caller,
        gauges: &'a dyn Fn(&Gauge) -> f64,
        with: Known<'a>,
        known: &'a [Program],
    ) -> Self {
        let (mut pace, mut network, mut iops) = (1.0, f64::INFINITY, f64::INFINITY);
        if let Caller::Service(service) = caller {
            pace = names.speed(service);
            for group in &model.services[service].groups {
                let group = &model.groups[*group];
                network = network.min(group.network);
                iops = iops.min(group.iops);
            }
        }
        let goes_on = match caller {
            Caller::Service(_) => false,
            Caller::Source(source) => !model.sources[source].leave,
        };
        Self { model, names, caller, speed: pace, network, iops, slowest: (0.0, 0.0), gauges, with, goes_on, known }
    }

    /// An operation of the caller, held back by what it works with.
    pub(super) fn operation(&self, id: OperationId) -> Program {
        let mut program = self.program(id);
        let served = self.with.throttle.served[self.model.operations[id].service.index()];
        if served < 1.0 && program.worked {
            program.calls.iter_mut().filter(|asked| asked.worked).for_each(|asked| asked.visits *= served);
            program.stuck += (1.0 - program.failed) * (1.0 - served);
            program.failed = 1.0 - (1.0 - program.failed) * served;
            program.errs *= served;
        }
        program
    }

    fn program(&self, id: OperationId) -> Program {
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
                let later = self.call(&format!("{to}.{local}"));
                program.then(Program { lasting: 0.0, failed: 0.0, stuck: 0.0, errs: 0.0, ..later });
                program
            }
            Kind::Database { replicas, apply, reads, .. } => {
                let reader = Reader { slowest: (self.per_byte(id), self.per_byte_up(id)), ..*self };
                let mut program = spec.operations.get(local).map_or_else(Program::default, |steps| reader.steps(steps));
                if !reads.iter().any(|read| read == local) {
                    // Every replica applies it, behind the caller's back.
                    program.applied = f64::from(*replicas) * self.mean(apply);
                    program.cpu += program.applied;
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
        let inside = &self.known[operation.index()];
        let greeting = handshake.0 / self.speed + handshake.1 / self.names.speed(self.model.links[link].callee);
        let lasting = inside.lasting + 2.0 * latency + opening + greeting;
        let spec = &self.model.links[link];
        let connected = match spec.keep > 0 || spec.keep_alive {
            true => lasting,
            false => inside.lasting + handshake.1 / self.names.speed(spec.callee),
        };
        let (failed, stuck) = self.held_back(link, inside);
        let (again, errs) = self.again(link, inside);
        let visits = 1.0 + again;
        Program {
            lasting: lasting * visits,
            failed: if self.goes_on { stuck } else { failed * visits }.min(1.0 - errs),
            stuck: (stuck * visits).min(1.0),
            errs: if self.goes_on { 0.0 } else { errs },
            calls: vec![Asked { operation, link, visits, at: 0.0, lasting, connected, handshake, worked: false }],
            ..Program::default()
        }
    }

    /// How often a call is made again because the operation failed by itself, and the share that fails so for good.
    fn again(&self, id: LinkId, inside: &Program) -> (f64, f64) {
        let link = &self.model.links[id];
        let (over, enter) = (self.with.throttle.over[id.index()], self.with.throttle.enter[link.callee.index()]);
        let errs = over.through * enter.through * inside.errs;
        let retry = &link.retry;
        let earns = retry.budget.as_ref().is_none_or(|budget| budget.earn >= errs);
        if errs <= 0.0 || !earns || retry.on & (1 << Reason::Error as u16) == 0 {
            return (0.0, errs);
        }
        let times = f64::from(retry.times);
        let again = if errs < 1.0 { errs * (1.0 - libm::pow(errs, times)) / (1.0 - errs) } else { times };
        (again, libm::pow(errs, times + 1.0))
    }

    /// Shares of the calls over a link that do not succeed, and that do not even end.
    fn held_back(&self, id: LinkId, inside: &Program) -> (f64, f64) {
        let link = &self.model.links[id];
        let (over, enter) = (self.with.throttle.over[id.index()], self.with.throttle.enter[link.callee.index()]);
        let failed = 1.0 - over.through * enter.through * (1.0 - inside.failed);
        let timed = link.timeout.is_some() || link.patience.is_some();
        let stuck = over.stuck() + over.through * (enter.stuck() + enter.through * inside.stuck);
        (failed, if timed { 0.0 } else { stuck })
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
                Some(traffic) => {
                    let access = traffic.access().way(callee);
                    let latency = self.mean(&access.latency);
                    // Who keeps a connection opens few; who comes for one request leaves his behind.
                    if access.keep_alive && !matches!(traffic, Traffic::Open { .. }) {
                        return (latency, 0.0, (0.0, 0.0));
                    }
                    (latency, self.mean(&access.handshake.latency), (0.0, self.mean(&access.handshake.callee)))
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
        (1.0 / self.network).max(self.names.ways[id.index()].0)
    }

    /// Seconds a byte takes to an operation.
    fn per_byte_up(&self, id: OperationId) -> f64 {
        self.names.ways[id.index()].1
    }

    fn mean(&self, amount: &Amount) -> f64 {
        amount.expr().mean(self.gauges)
    }

    fn work(&self, seconds: f64) -> Program {
        Program { cpu: seconds, lasting: seconds / self.speed, worked: true, ..Program::default() }
    }

    fn step(&self, step: &Step) -> Program {
        match step.kind() {
            StepKind::Leaf => self.leaf(step),
            StepKind::Loop(count, body) => {
                let mut body = self.steps(body);
                let count = count.expr().rounds(1.0 - body.errs, self.gauges);
                // The k-th round begins k − 1 rounds later; on average half of all but one.
                let later = (count - 1.0).max(0.0) / 2.0 * body.lasting;
                for asked in &mut body.calls {
                    asked.at += later;
                }
                body.rounds(count)
            }
            StepKind::Fork(need, branches) => self.together(branches, need),
            StepKind::Beside(body) => {
                let body = self.steps(body);
                Program { lasting: 0.0, replied: false, worked: false, failed: 0.0, stuck: 0.0, errs: 0.0, ..body }
            }
            StepKind::Block(body) => match step {
                Step::Lock(name, ..) => self.locked(name, self.steps(body)),
                _ => self.steps(body),
            },
            StepKind::Fallback(body, fallback) => {
                let body = self.steps(body);
                let (again, fallback) = (body.errs, self.steps(fallback));
                let mut program = Program { failed: body.stuck, errs: again * fallback.errs, ..body };
                if again > 0.0 {
                    let fallback = fallback.times(again);
                    let later = program.lasting;
                    program.lasting += fallback.lasting;
                    program.add(fallback, later);
                }
                program
            }
            StepKind::Choice(branches) => {
                let total: f64 = branches.iter().map(|(weight, _)| weight).sum();
                let mut program = Program::default();
                let mut replied = !branches.is_empty();
                for (weight, branch) in branches {
                    let branch = self.steps(branch).times(weight / total);
                    replied &= branch.replied;
                    program.worked |= branch.worked;
                    program.failed += branch.failed * weight / total;
                    program.stuck += branch.stuck * weight / total;
                    program.errs += branch.errs * weight / total;
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

    /// What is done under a lock; one for each value of a key is never short in the mean.
    fn locked(&self, name: &str, mut body: Program) -> Program {
        let Caller::Service(service) = self.caller else { return body };
        let known = self.names.locks.get(&(service, name));
        body.locked.extend(known.map(|id| (*id, body.lasting)));
        body
    }

    /// A step with nothing inside.
    fn leaf(&self, step: &Step) -> Program {
        match step {
            Step::Cpu(amount) => self.work(self.mean(amount)),
            Step::Delay(amount) => Program { varies: amount.constant().is_none(), ..Program::lasts(self.mean(amount)) },
            Step::Send(amount) => {
                let bytes = self.mean(amount);
                Program { bytes, lasting: bytes * self.slowest.0, worked: true, ..Program::default() }
            }
            Step::Receive(amount) => {
                let bytes = self.mean(amount);
                Program { received: bytes, body: bytes, lasting: bytes * self.slowest.1, ..Program::default() }
            }
            Step::Disk(count) => {
                let disk = self.mean(count);
                Program { disk, lasting: disk / self.iops, worked: true, ..Program::default() }
            }
            Step::Spawn(amount, _) => {
                let work = self.mean(amount);
                Program { spawned: work, lasting: work / self.speed, worked: true, ..Program::default() }
            }
            Step::Call(name) | Step::Enqueue(name) => self.call(name),
            Step::Fail(share) => Program { errs: if self.goes_on { 0.0 } else { share.0 }, ..Program::default() },
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
        let place = self.with.caches.0.place(user, store, key);
        let ratio = place.and_then(|at| self.with.caches.1.get(at)).copied().unwrap_or(0.0);
        let mut program = self.call(&format!("{store}.get"));
        program.looks.extend(place.map(|at| (at, 1.0)));
        let hit = self.steps(hit);
        let mut miss = self.steps(miss);
        miss.then(self.call(&format!("{store}.set")));
        let replied = (hit.replied || ratio <= 0.0) && (miss.replied || ratio >= 1.0);
        let mixed = |of: fn(&Program) -> f64| ratio * of(&hit) + (1.0 - ratio) * of(&miss);
        let found = Program {
            worked: hit.worked || miss.worked,
            failed: mixed(|program| program.failed),
            stuck: mixed(|program| program.stuck),
            errs: mixed(|program| program.errs),
            ..Program::default()
        };
        let (later, hit, miss) = (program.lasting, hit.times(ratio), miss.times(1.0 - ratio));
        let goes_on = program.goes_on();
        program.lasting += hit.lasting + miss.lasting;
        program.add(hit.weighted(goes_on), later);
        program.add(miss.weighted(goes_on), later);
        program.then(found);
        Program { replied, ..program }
    }

    /// Branches at once: it lasts as long as the mean of the `need`-th to end (a lower bound where they vary).
    fn together(&self, branches: &[Vec<Step>], need: usize) -> Program {
        let mut program = Program::default();
        let (mut ends, mut failed, mut stuck) = (Vec::new(), Vec::new(), Vec::new());
        let mut errs = Vec::new();
        for branch in branches {
            let branch = self.steps(branch);
            ends.push(branch.lasting);
            failed.push(branch.failed);
            stuck.push(branch.stuck);
            errs.push(branch.errs);
            program.worked |= branch.worked;
            program.add(branch, 0.0);
        }
        let last_needed = |mut of: Vec<f64>| {
            of.sort_by(f64::total_cmp);
            let last = need.checked_sub(1).and_then(|last| of.get(last.min(of.len().saturating_sub(1))));
            last.copied().unwrap_or(0.0)
        };
        // Where all are needed, one that fails is enough.
        program.errs = match need {
            need if need < branches.len() => last_needed(errs),
            _ => 1.0 - errs.iter().map(|errs| 1.0 - errs).product::<f64>(),
        };
        (program.lasting, program.failed, program.stuck) = (last_needed(ends), last_needed(failed), last_needed(stuck));
        program
    }
}
