//! Steps → flat code.
//!
//! Bodies of `Fork` branches, `Background` and fallbacks stand in line after the step that owns them, jumped over by
//! the main path. A failing step's handler is known statically: the fallback of the innermost `Try` around it.

use super::Compiler;
use crate::model::{About, Caller, CodeEntry, Instr, NO_PC, OperationId, Pc, ServiceId, Site, SiteId, SourceId, hash};
use crate::scenario::{self, Kind, Step, Traffic};

/// Whose program it is and where in it.
#[derive(Clone, Copy)]
pub(super) struct CodeContext {
    pub caller: Caller,
    pub operation: Option<OperationId>,
    /// Identity of this place for random draws.
    pub key: u64,
    pub handler: Pc,
    /// Mean runs of this place per run of the program.
    pub visits: f64,
    pub background: bool,
    /// Depth of `Repeat`.
    pub loops: u8,
    /// Claims on locks and fills around it.
    pub depth: u8,
    /// How often it runs depends on what a store has, on what fails or on how many there are.
    pub counted: bool,
}

impl CodeContext {
    /// The beginning of a program: it runs once, nothing is around it.
    fn start(caller: Caller, operation: Option<OperationId>, key: u64) -> Self {
        Self {
            caller,
            operation,
            key,
            handler: NO_PC,
            visits: 1.0,
            background: false,
            loops: 0,
            depth: 0,
            counted: false,
        }
    }
}

impl Compiler<'_> {
    pub(super) fn all_programs(&mut self) {
        for operation in self.m.operations.ids() {
            if !self.m.operations[operation].retired {
                self.operation_program(operation);
            }
        }
        for source in self.m.sources.ids() {
            if !self.m.sources[source].retired {
                self.source_program(source);
            }
        }
    }

    fn operation_program(&mut self, id: OperationId) {
        let operation = &self.m.operations[id];
        let (service, name) = (operation.service, operation.name.clone());
        let Some((owner, local)) = name.split_once('.') else { return };
        let Some(spec) = self.scenario.services.get(owner) else { return };
        let reads = Self::only_reads(spec, local);
        let place = CodeContext::start(Caller::Service(service), Some(id), operation.key);
        self.m.operations[id].reads = reads == Some(true);
        let start = self.begin();
        match &spec.kind {
            Kind::Balancer { to, cpu, buffers } => self.forward(place, service, (to, local), cpu, *buffers),
            Kind::Queue { to, cpu, .. } => self.enqueue(place, service, to, local, cpu),
            Kind::Server | Kind::Database { .. } | Kind::Cache { .. } | Kind::External => {
                if reads == Some(true) {
                    self.emit(Instr::Read, place);
                }
                if let Some(steps) = spec.operations.get(local) {
                    self.steps(steps, place);
                }
                if reads == Some(false) {
                    self.emit(Instr::Replicate, place);
                }
                if matches!(spec.kind, Kind::Cache { .. }) {
                    self.emit(Instr::Serve, place);
                }
            }
        }
        self.emit(Instr::Return, place);
        self.m.operations[id].entry = self.end(start);
    }

    fn source_program(&mut self, id: SourceId) {
        let source = &self.m.sources[id];
        let Some(traffic) = self.scenario.traffic.get(&source.name) else { return };
        let place = CodeContext::start(Caller::Source(id), None, source.key);
        let start = self.begin();
        match traffic {
            Traffic::Open { call, .. } => self.call(call, place),
            Traffic::Users { journey, .. } | Traffic::Closed { journey, .. } => self.steps(journey, place),
        }
        self.emit(Instr::Return, place);
        self.m.sources[id].entry = self.end(start);
    }

    /// What a balancer does with an operation.
    fn forward(
        &mut self,
        place: CodeContext,
        service: ServiceId,
        (to, local): (&str, &str),
        cpu: &scenario::Amount,
        buffers: bool,
    ) {
        if buffers {
            self.m.buffers = true;
            for (at, bytes) in body(self.scenario, to, local).enumerate() {
                let bytes = self.amount(bytes, Some(service));
                self.m.receives = true;
                self.emit(Instr::Receive(bytes), CodeContext { key: hash::derive(place.key, 2 + at as u64), ..place });
            }
        }
        if !cpu.is_zero() {
            let amount = self.amount(cpu, Some(service));
            self.emit(Instr::Cpu(amount), place);
        }
        let inner = CodeContext { key: hash::derive(place.key, 1), ..place };
        self.call(&format!("{to}.{local}"), inner);
        if buffers {
            self.emit(Instr::PassOn, place);
        }
    }

    /// What a broker does with a message: it has it, and calls the consumer beside its answer.
    fn enqueue(&mut self, place: CodeContext, service: ServiceId, to: &str, local: &str, cpu: &scenario::Amount) {
        if !cpu.is_zero() {
            let amount = self.amount(cpu, Some(service));
            self.emit(Instr::Cpu(amount), place);
        }
        let start = self.emit(Instr::Enqueue { next: NO_PC }, place);
        let inner = CodeContext { key: hash::derive(place.key, 1), background: true, ..place };
        self.call(&format!("{to}.{local}"), inner);
        self.emit(Instr::Return, inner);
        self.m.code[start].instr = Instr::Enqueue { next: self.here() };
    }

    pub(super) fn here(&self) -> Pc {
        self.m.code.len() as Pc
    }

    pub(super) fn emit(&mut self, instr: Instr, place: CodeContext) -> usize {
        self.m.code.push(CodeEntry { instr, handler: place.handler, key: place.key });
        self.m.code.len() - 1
    }

    pub(super) fn steps(&mut self, steps: &[Step], place: CodeContext) {
        for (at, step) in steps.iter().enumerate() {
            self.step(step, CodeContext { key: hash::derive(place.key, at as u64), ..place });
        }
    }

    /// A body of its own, reached by its entry and ended by `Return`.
    fn body(&mut self, steps: &[Step], place: CodeContext) -> Pc {
        let entry = self.here();
        self.steps(steps, CodeContext { handler: NO_PC, loops: 0, depth: 0, ..place });
        self.emit(Instr::Return, CodeContext { handler: NO_PC, ..place });
        entry
    }

    fn call(&mut self, operation: &str, place: CodeContext) {
        self.call_about(operation, None, place);
    }

    /// A call; of a `Cache` about a key. Says where it stands.
    pub(super) fn call_about(&mut self, operation: &str, about: Option<About>, place: CodeContext) -> Option<usize> {
        let (service, id) = (operation.split_once('.')?.0, self.operation_id(operation)?);
        let caller = match place.caller {
            Caller::Service(id) => &self.m.services[id].name,
            Caller::Source(id) => &self.m.sources[id].name,
        };
        let wanted = format!("{caller}>{service}");
        // A service and a source may share a name: the caller tells them apart.
        let link = self.known.links.get(&wanted).filter(|link| self.m.links[*link].caller == place.caller)?;
        let site = SiteId::new(self.m.sites.len());
        self.m.sites.push(Site {
            link,
            operation: id,
            from: place.operation,
            visits: place.visits,
            background: place.background,
            about,
            counted: place.counted,
        });
        Some(self.emit(Instr::Call(site), place))
    }

    fn step(&mut self, step: &Step, place: CodeContext) {
        let service = match place.caller {
            Caller::Service(id) => Some(id),
            Caller::Source(_) => None,
        };
        match step {
            Step::Cpu(amount) => {
                let amount = self.amount(amount, service);
                self.emit(Instr::Cpu(amount), place);
            }
            Step::Delay(amount) => {
                let amount = self.amount(amount, service);
                self.emit(Instr::Delay(amount), place);
            }
            Step::Send(amount) => {
                let amount = self.amount(amount, service);
                self.emit(Instr::Send(amount), place);
            }
            Step::Receive(amount) => {
                let amount = self.amount(amount, service);
                self.m.receives = true;
                self.emit(Instr::Receive(amount), place);
            }
            Step::Disk(count) => {
                let count = self.amount(count, service);
                self.emit(Instr::Disk(count), place);
            }
            Step::Spawn(amount, memory) => {
                let cpu = self.amount(amount, service);
                self.emit(Instr::Spawn { cpu, memory: memory.0 }, place);
            }
            Step::Call(operation) | Step::Enqueue(operation) => self.call(operation, place),
            Step::Repeat(many, body) => {
                let visits = place.visits * many.expr().rounds(1.0, &|_| 1.0);
                let count = self.amount(many, service);
                let counter = place.loops;
                let start = self.emit(Instr::Repeat { counter, count, end: NO_PC }, place);
                // So many as there are of something: known while it runs only.
                let counted = place.counted || many.expr().mean(&|_| 2.0) != many.expr().mean(&|_| 1.0);
                self.steps(body, CodeContext { visits, counted, loops: place.loops + 1, ..place });
                self.emit(Instr::Next { counter, start: start as Pc + 1 }, place);
                self.m.code[start].instr = Instr::Repeat { counter, count, end: self.here() };
            }
            Step::Parallel(branches) => self.fork(branches, branches.len() as u32, place),
            Step::Quorum(need, branches) => self.fork(branches, *need, place),
            Step::Background(body) => {
                let start = self.emit(Instr::Background { next: NO_PC }, place);
                self.body(body, CodeContext { background: true, ..place });
                self.m.code[start].instr = Instr::Background { next: self.here() };
            }
            Step::Try(body, fallback) => {
                // The handler's address is known once the body stands: code first with a placeholder, then put it in.
                let first = self.m.code.len();
                self.steps(body, CodeContext { handler: PENDING, ..place });
                let over = self.emit(Instr::Jump(NO_PC), place);
                let handler = self.here();
                if self.claims(first) {
                    self.emit(Instr::Release { depth: place.depth }, place);
                }
                for step in &mut self.m.code[first..over] {
                    if step.handler == PENDING {
                        step.handler = handler;
                    }
                }
                self.emit(Instr::Degrade, place);
                let key = hash::derive(place.key, u64::MAX);
                self.steps(fallback, CodeContext { key, visits: 0.0, counted: true, ..place });
                self.m.code[over].instr = Instr::Jump(self.here());
            }
            Step::Choose(branches) => self.choose(branches, place),
            Step::Hold => {
                self.emit(Instr::Hold, place);
            }
            Step::HoldFor(amount) => {
                let amount = self.amount(amount, service);
                self.emit(Instr::HoldFor(amount), place);
            }
            Step::Cached(store, key, hit, miss) => self.cached((store, key), hit, miss, place),
            Step::Lock(name, key, body) => self.lock(name, key, body, place),
            Step::Put(store, key) => self.put(store, key, place),
            Step::Invalidate(store, key) => self.invalidate(store, key, place),
            Step::Fail(probability) => {
                self.emit(Instr::Fail(probability.0), place);
            }
        }
    }

    fn fork(&mut self, branches: &[Vec<Step>], need: u32, place: CodeContext) {
        let count = branches.len() as u32;
        let start = self.emit(Instr::Fork { first: 0, count, need }, place);
        let over = self.emit(Instr::Jump(NO_PC), place);
        let mut entries = Vec::with_capacity(branches.len());
        for (at, branch) in branches.iter().enumerate() {
            entries.push(self.body(branch, CodeContext { key: hash::derive(place.key, at as u64), ..place }));
        }
        let first = self.m.branches.len() as u32;
        self.m.branches.extend(entries);
        self.m.code[start].instr = Instr::Fork { first, count, need };
        self.m.code[over].instr = Instr::Jump(self.here());
    }

    fn choose(&mut self, branches: &[(f64, Vec<Step>)], place: CodeContext) {
        let total: f64 = branches.iter().map(|(weight, _)| weight).sum();
        let start = self.emit(Instr::Choose { first: 0, count: 0 }, place);
        let mut choices = Vec::with_capacity(branches.len());
        let mut jumps = Vec::with_capacity(branches.len());
        let mut cumulative = 0.0;
        for (at, (weight, branch)) in branches.iter().enumerate() {
            cumulative += weight / total;
            choices.push((cumulative, self.here()));
            self.steps(
                branch,
                CodeContext { key: hash::derive(place.key, at as u64), visits: place.visits * weight / total, ..place },
            );
            jumps.push(self.emit(Instr::Jump(NO_PC), place));
        }
        if let Some(last) = choices.last_mut() {
            last.0 = 1.0;
        }
        let end = self.here();
        for jump in jumps {
            self.m.code[jump].instr = Instr::Jump(end);
        }
        let first = self.m.choices.len() as u32;
        let count = choices.len() as u32;
        self.m.choices.extend(choices);
        self.m.code[start].instr = Instr::Choose { first, count };
    }
}

/// A handler whose address is not known yet.
const PENDING: Pc = NO_PC - 1;

/// The body of a request, which comes before the server does anything: the `Receive`s its operation begins with.
fn body<'a>(
    scenario: &'a scenario::Scenario,
    service: &str,
    operation: &str,
) -> impl Iterator<Item = &'a scenario::Amount> {
    let mut served = scenario.services.get(service);
    for _ in 0..scenario.services.len() {
        match served.map(|spec| &spec.kind) {
            Some(Kind::Balancer { to, .. }) => served = scenario.services.get(to),
            Some(Kind::Server | Kind::Database { .. } | Kind::Cache { .. } | Kind::External | Kind::Queue { .. })
            | None => break,
        }
    }
    let steps = served.and_then(|spec| spec.operations.get(operation)).map_or(&[][..], Vec::as_slice);
    steps.iter().map_while(|step| if let Step::Receive(bytes) = step { Some(bytes) } else { None })
}
