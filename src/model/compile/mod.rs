//! Scenario → Model: names become ids, programs become code, amounts are compiled once.
//!
//! A model compiled after another starts from it: every id, program and lane of the old one stays where it is, names
//! that are gone are retired, the rest is rewritten in place and what is new is appended. The scenario has been
//! checked; what can still fail here is a limit.

mod amounts;
mod known;
mod links;
mod programs;
mod runbook;
mod replication;
mod rename;
mod reuse;
mod sources;
mod stores;
#[cfg(test)]
mod tests;

use super::{
    Admission, Amount, Change, CpuCredits, Group, GroupId, Kind, LaneId, LinkId, Memory, Model, Objective, Operation,
    OperationId, Placement, Service, ServiceId, SourceId, hash,
};
use crate::ids::Table;
use crate::scenario::{self, Edit, Loaded, Problem, Scenario};
use crate::units::Span;
use known::Known;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Steps of all programs together.
const MOST_CODE: usize = 10_000_000;

impl Model {
    /// Compiles a checked scenario.
    ///
    /// # Errors
    /// Problems, when a limit is passed.
    pub fn compile(loaded: &Loaded) -> Result<Self, Vec<Problem>> {
        compile(loaded, None, false)
    }

    /// Compiles a scenario as the successor of this model: ids of names in both are equal. What is of the run, not of
    /// the system, stays: its length, its title, what is to hold.
    ///
    /// # Errors
    /// Problems, when a limit is passed.
    pub fn compile_after(&self, loaded: &Loaded) -> Result<Self, Vec<Problem>> {
        self.successor(loaded, false)
    }

    /// As `compile_after`; `renamed`: things have other names, and are what they were.
    fn successor(&self, loaded: &Loaded, renamed: bool) -> Result<Self, Vec<Problem>> {
        let run = &*self.scenario;
        let scenario = Scenario {
            title: run.title.clone(),
            teaches: run.teaches.clone(),
            source: run.source.clone(),
            horizon: run.horizon,
            warm_up: run.warm_up,
            seed: run.seed,
            objectives: run.objectives.clone(),
            ..Scenario::clone(&loaded.scenario)
        };
        compile(&Loaded { scenario: Arc::new(scenario), ..loaded.clone() }, Some(self), renamed)
    }

    /// This model with its own text changed.
    ///
    /// # Errors
    /// What is wrong with the changed file.
    pub fn changed(&self, change: &Change) -> Result<Self, Vec<Problem>> {
        let loaded = self.loaded("");
        let changed = match change {
            Change::Edit(edit) => loaded.with_at_once(None, std::slice::from_ref(edit)),
            Change::Apply(variant) => loaded.with_at_once(Some(variant), &[]),
        };
        self.compile_after(&changed?)
    }

    /// This model with its own text edited. What is renamed is what it was: it goes on under its new name.
    ///
    /// # Errors
    /// What is wrong with the edited file.
    pub fn edited(&self, edits: &[Edit]) -> Result<Self, Vec<Problem>> {
        let loaded = self.loaded("").with(None, edits)?;
        let renamed = edits.iter().any(|edit| matches!(edit, Edit::Rename { .. }));
        if renamed { self.renamed(edits).successor(&loaded, true) } else { self.compile_after(&loaded) }
    }

    /// What it was compiled from, under that name; what was to be warned of is not known any more.
    #[must_use]
    pub fn loaded(&self, name: &str) -> Loaded {
        Loaded {
            name: name.to_owned(),
            text: Arc::clone(&self.text),
            scenario: Arc::clone(&self.scenario),
            warnings: Vec::new(),
        }
    }
}

#[cfg(test)]
thread_local! {
    /// Compilations on this thread: a test counts them.
    pub(crate) static COMPILATIONS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

fn compile(loaded: &Loaded, old: Option<&Model>, renamed: bool) -> Result<Model, Vec<Problem>> {
    #[cfg(test)]
    COMPILATIONS.set(COMPILATIONS.get() + 1);
    let scenario = &*loaded.scenario;
    let mut model = old.cloned().unwrap_or_else(|| empty(loaded));
    model.scenario = Arc::clone(&loaded.scenario);
    model.text = Arc::clone(&loaded.text);
    model.digest = hash::hash(scenario.meaning().as_bytes());
    model.parent = old.map_or(0, |old| old.lineage);
    model.lineage = hash::absorb(hash::absorb(1, model.parent), model.digest);
    model.warm_up = scenario.warm_up;
    model.horizon = scenario.horizon;
    let known = Known::of(&model);
    let mut compiler = Compiler { scenario, m: model, known, renamed, problems: Vec::new() };
    compiler.keys();
    compiler.groups();
    compiler.services();
    compiler.sources();
    compiler.operation_names();
    compiler.all_links();
    compiler.all_programs();
    compiler.write_backs();
    compiler.sets();
    compiler.direct_links();
    compiler.rules();
    compiler.objectives();
    if compiler.m.code.len() > MOST_CODE {
        compiler.problems.push(Problem::general(format!("the programs have more than {MOST_CODE} steps")));
    }
    if compiler.problems.is_empty() { Ok(compiler.m) } else { Err(compiler.problems) }
}

fn empty(loaded: &Loaded) -> Model {
    Model {
        scenario: Arc::clone(&loaded.scenario),
        text: Arc::clone(&loaded.text),
        digest: 0,
        lineage: 0,
        parent: 0,
        warm_up: Span(0),
        horizon: Span(0),
        keys: Table::new(),
        locks: Table::new(),
        groups: Table::new(),
        services: Table::new(),
        operations: Table::new(),
        links: Table::new(),
        sources: Table::new(),
        passes_deadlines: false,
        sites: Table::new(),
        code: Vec::new(),
        branches: Vec::new(),
        choices: Vec::new(),
        programs: BTreeMap::new(),
        amounts: Table::from_iter([Amount::Constant { value: 0.0, lane: Some(LaneId::new(0)) }]),
        lanes: Table::from_iter([Span(0)]),
        paces: vec![f64::INFINITY],
        receives: false,
        buffers: false,
        rules: Table::new(),
        objectives: Vec::new(),
    }
}

/// A model in the making.
struct Compiler<'a> {
    scenario: &'a Scenario,
    /// Rules that only name things otherwise are what they were.
    renamed: bool,
    m: Model,
    known: Known,
    problems: Vec<Problem>,
}

impl Compiler<'_> {
    fn groups(&mut self) {
        for group in &mut self.m.groups {
            group.retired = true;
            group.services.clear();
        }
        for (name, machine) in &self.scenario.machines {
            let group = Group {
                name: name.clone(),
                retired: false,
                count: machine.count,
                cores: machine.cores,
                speed: machine.speed,
                memory: machine.memory,
                swap: machine.swap,
                network: machine.network.map_or(f64::INFINITY, |bandwidth| bandwidth.0),
                iops: machine.iops.map_or(f64::INFINITY, |rate| rate.0),
                burst: machine.burst.as_ref().map(|burst| CpuCredits {
                    baseline: burst.baseline.0,
                    credits: burst.credits.as_seconds(),
                    most: burst.most.unwrap_or(burst.credits).as_seconds().max(burst.credits.as_seconds()),
                }),
                boot: machine.boot,
                price: machine.price.0,
                services: Vec::new(),
            };
            let at = self.known.groups.put(name.clone(), &mut self.m.groups, || group.clone());
            self.m.groups[at] = group;
        }
    }

    fn services(&mut self) {
        for service in &mut self.m.services {
            service.retired = true;
        }
        for lock in &mut self.m.locks {
            lock.takers.clear();
        }
        for (name, spec) in &self.scenario.services {
            let groups: Vec<GroupId> = spec.on.iter().filter_map(|group| self.group_id(group)).collect();
            let service = self.service(name, spec, &groups);
            let at = self.known.services.put(name.clone(), &mut self.m.services, || service.clone());
            // Links, operations and stores keep their places for those who remember them.
            let known = &mut self.m.services[at];
            let (links, operations) = (std::mem::take(&mut known.links), std::mem::take(&mut known.operations));
            let (stores, locks) = (std::mem::take(&mut known.stores), std::mem::take(&mut known.locks));
            let first_name = std::mem::take(&mut known.first_name);
            *known = Service { links, operations, stores, locks, first_name, ..service };
            self.stores(at, spec);
            for group in groups {
                self.m.groups[group].services.push(at);
            }
        }
    }

    /// A service as the file says, without links, operations, stores and locks: those keep their places.
    fn service(&mut self, name: &str, spec: &scenario::Service, groups: &[GroupId]) -> Service {
        let limit = |limit: Option<u32>| limit.unwrap_or(u32::MAX);
        let kind = match spec.kind {
            scenario::Kind::Server => Kind::Server,
            scenario::Kind::Balancer { .. } => Kind::Balancer,
            scenario::Kind::Queue { depth, durable, .. } => Kind::Queue { depth: limit(depth), durable },
            scenario::Kind::Database { .. } => Kind::Database,
            scenario::Kind::Cache { .. } => Kind::Cache,
            scenario::Kind::External => Kind::External,
        };
        let max_connections = match (kind, spec.max_connections) {
            (Kind::Database, None) => scenario::DATABASE_CONNECTIONS,
            (_, limit) => limit.unwrap_or(u32::MAX),
        };
        let memory = &spec.memory;
        Service {
            name: name.to_owned(),
            first_name: name.to_owned(),
            retired: false,
            kind,
            relays: matches!(spec.kind, scenario::Kind::Balancer { buffers: false, .. }),
            placement: match spec.instances {
                scenario::Instances::PerMachine(each) => Placement::PerMachine(each),
                scenario::Instances::Count(count) => Placement::Count(count),
            },
            weight: spec.cpu.weight,
            cpu_limit: spec.cpu.limit.unwrap_or(f64::INFINITY),
            groups: groups.to_vec(),
            workers: limit(spec.workers),
            threads: limit(spec.threads),
            max_connections,
            descriptors: limit(spec.descriptors),
            backlog: limit(spec.backlog.limit),
            pins: spec.worker_holds == scenario::WorkerHolds::Connection,
            keep_alive: (spec.keep_alive > Span::ZERO).then(|| self.lane(spec.keep_alive)),
            reload: spec.reload,
            door: self.door(spec),
            fifo: spec.scheduling == scenario::Scheduling::Fifo,
            memory: Memory {
                any: *memory != scenario::Memory::default(),
                idle: memory.idle.0,
                per_worker: memory.per_worker.0,
                per_connection: memory.per_connection.0,
                per_request: memory.per_request.0,
                leak_per_request: memory.leak_per_request.0,
                limit: memory.limit.map_or(u64::MAX, |bytes| bytes.0),
            },
            restart: spec.restart,
            sigma: spec.contention.sigma,
            kappa: spec.contention.kappa,
            sets: None,
            stores: Vec::new(),
            locks: Vec::new(),
            links: Vec::new(),
            operations: Vec::new(),
        }
    }

    fn door(&mut self, spec: &scenario::Service) -> Admission {
        let shed = spec.shed.iter().map(|rule| (rule.above.0, rule.below as u8)).collect();
        let deadline = spec.deadline.map(|span| self.lane(span));
        let backlog = &spec.backlog;
        Admission::of(backlog.order, backlog.drop, backlog.overflow == scenario::Overflow::Drop, shed, deadline)
    }

    fn objectives(&mut self) {
        self.m.objectives.clear();
        for (subject, expressions) in &self.scenario.objectives {
            for text in expressions {
                if let Ok(expression) = scenario::objective::Objective::parse(text) {
                    self.m.objectives.push(Objective { subject: subject.clone(), expression, text: text.clone() });
                }
            }
        }
    }

    fn group_id(&self, name: &str) -> Option<GroupId> {
        self.known.groups.get(name)
    }

    fn service_id(&self, name: &str) -> Option<ServiceId> {
        self.known.services.get(name)
    }

    fn source_id(&self, name: &str) -> Option<SourceId> {
        self.known.sources.get(name)
    }

    /// An operation by its full name, `svc.op`.
    fn operation_id(&self, name: &str) -> Option<OperationId> {
        self.known.operations.get(name)
    }

    fn link_id(&self, name: &str) -> Option<LinkId> {
        self.known.links.get(name)
    }

    /// Every service's operations by name; a balancer offers those of the service it forwards to.
    fn operation_names(&mut self) {
        for operation in &mut self.m.operations {
            operation.retired = true;
        }
        for (service, _) in &self.scenario.services {
            for operation in self.offered(service, 0) {
                let full = format!("{service}.{operation}");
                let Some(id) = self.service_id(service) else { continue };
                let new = || Operation {
                    key: hash::hash(full.as_bytes()),
                    name: full.clone(),
                    service: id,
                    retired: false,
                    entry: 0,
                    reads: false,
                };
                let at = self.known.operations.put(full.clone(), &mut self.m.operations, new);
                self.m.operations[at].retired = false;
                if !self.m.services[id].operations.contains(&at) {
                    self.m.services[id].operations.push(at);
                }
            }
        }
    }

    /// Names of the operations a service offers; forwarding in a circle offers none (the check reports it).
    fn offered(&self, service: &str, depth: usize) -> Vec<String> {
        let Some(spec) = self.scenario.services.get(service) else { return Vec::new() };
        match &spec.kind {
            scenario::Kind::Balancer { to, .. } | scenario::Kind::Queue { to, .. }
                if depth <= self.scenario.services.len() =>
            {
                self.offered(to, depth + 1)
            }
            scenario::Kind::Balancer { .. } | scenario::Kind::Queue { .. } => Vec::new(),
            scenario::Kind::Cache { .. } => scenario::CACHE_OPERATIONS.map(str::to_owned).to_vec(),
            scenario::Kind::Server | scenario::Kind::Database { .. } | scenario::Kind::External => {
                spec.operations.names().map(str::to_owned).collect()
            }
        }
    }
}
