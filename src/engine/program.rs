//! Walking a compiled program: one execution, step by step, until it has to wait.

use crate::engine::data::lookup::{Lookup, Writing};
use crate::engine::observation::{Activity, Observation, Observer, Outcome, WorkKind};
use crate::engine::random::rng::derive;
use crate::engine::state::ids::{ExecRef, InstanceId};
use crate::engine::state::request::{Role, State};
use crate::engine::state::world::{Context, Work, nanos};
use crate::engine::time::event::Event;
use crate::model::{Amount, AmountId, Instr, NO_PC, Pc};
use crate::scenario::Reason;
use crate::units::Span;
use rand::RngExt;

impl<O: Observer> Context<'_, O> {
    /// Puts an execution into the run queue.
    #[inline]
    pub(crate) fn resume(&mut self, exec: u32) {
        self.world.execs[exec].state = State::Running;
        let reference = self.world.execs.reference(exec);
        // Mostly one execution is resumed at a time: it need not go through the queue.
        if self.world.next.is_none() && self.world.work.is_empty() {
            self.world.next = Some(reference);
        } else {
            self.world.work.push_back(Work::Run(reference));
        }
    }

    /// Runs it until it waits or ends, and whoever goes on at once because of that.
    pub(crate) fn run(&mut self, mut exec: u32) {
        loop {
            self.walk(exec);
            match self.world.next {
                Some(next) if self.world.goes_on() && self.world.execs.is_in(next, State::Running) => {
                    self.world.next = None;
                    exec = next.index;
                }
                _ => return,
            }
        }
    }

    /// Walks on through its program until it waits or ends.
    #[inline(always)]
    fn walk(&mut self, exec: u32) {
        loop {
            if self.world.step() {
                return;
            }
            let pc = self.world.execs[exec].pc;
            let step = &self.model.code[pc as usize];
            let key = step.key;
            match &step.instr {
                Instr::Cpu(amount) => {
                    let seconds = self.draw(exec, key, *amount);
                    self.world.execs[exec].pc = pc + 1;
                    self.ask(exec, WorkKind::Cpu, seconds);
                    self.set_activity(exec, Some(Activity::Cpu));
                    return self.burn(exec, seconds, State::Cpu);
                }
                Instr::Delay(amount) => {
                    self.world.execs[exec].pc = pc + 1;
                    self.set_activity(exec, Some(Activity::Delay));
                    self.world.execs[exec].state = State::Delay;
                    return self.wake_after(exec, key, *amount);
                }
                Instr::Send(amount) => {
                    let bytes = self.draw(exec, key, *amount);
                    self.world.execs[exec].pc = pc + 1;
                    if self.send(exec, bytes) {
                        return;
                    }
                }
                Instr::Receive(amount) => {
                    let bytes = self.draw(exec, key, *amount);
                    match self.receive(exec, bytes) {
                        Some(true) => {
                            self.world.execs[exec].pc = pc + 1;
                            return;
                        }
                        Some(false) => self.world.execs[exec].pc = pc + 1,
                        None => {
                            if !self.fail_step(exec, Reason::Abandoned) {
                                return;
                            }
                        }
                    }
                }
                Instr::PassOn => {
                    self.world.execs[exec].pc = pc + 1;
                    let bytes = self.world.taken(exec);
                    if bytes > 0.0 && self.send(exec, bytes) {
                        return;
                    }
                }
                Instr::Disk(count) => {
                    let operations = self.draw(exec, key, *count);
                    self.world.execs[exec].pc = pc + 1;
                    self.ask(exec, WorkKind::Disk, operations);
                    if self.use_disk(exec, operations) {
                        return self.set_activity(exec, Some(Activity::Disk));
                    }
                }
                Instr::Spawn { cpu, memory } => {
                    let seconds = self.draw(exec, key, *cpu);
                    self.world.execs[exec].pc = pc + 1;
                    self.ask(exec, WorkKind::Spawn, seconds);
                    self.set_activity(exec, Some(Activity::Spawn));
                    return self.spawn(exec, seconds, *memory);
                }
                Instr::Call(_) => {
                    if self.model.passes_deadlines && self.expired(exec) {
                        if !self.fail_step(exec, Reason::TimedOut) {
                            return;
                        }
                        continue;
                    }
                    self.world.execs[exec].state = State::Calling;
                    return self.begin_call(exec);
                }
                Instr::Repeat { counter, count, end } => {
                    let rounds = libm::round(self.draw(exec, key, *count)) as u32;
                    let state = &mut self.world.execs[exec];
                    if rounds == 0 {
                        state.pc = *end;
                    } else {
                        state.loops[*counter as usize] = rounds - 1;
                        state.pc = pc + 1;
                    }
                }
                Instr::Next { counter, start } => {
                    let state = &mut self.world.execs[exec];
                    let left = &mut state.loops[*counter as usize];
                    if *left == 0 {
                        state.pc = pc + 1;
                    } else {
                        *left -= 1;
                        state.round += 1;
                        state.pc = *start;
                    }
                }
                Instr::Fork { first, count, need } => {
                    return self.fork(exec, key, *first, *count, *need);
                }
                Instr::Background { next } => {
                    self.world.execs[exec].pc = *next;
                    self.start_beside(exec, key, pc + 1);
                }
                Instr::Enqueue { next } => {
                    if self.accept(exec) {
                        self.world.execs[exec].pc = *next;
                        self.start_beside(exec, key, pc + 1);
                    } else if !self.fail_step(exec, Reason::Refused) {
                        return;
                    }
                }
                Instr::Choose { first, count } => {
                    let u = self.stream(exec, key).random::<f64>();
                    let choices = &self.model.choices[*first as usize..(*first + *count) as usize];
                    let chosen = choices.iter().find(|(cumulative, _)| u < *cumulative).or(choices.last());
                    self.world.execs[exec].pc = chosen.map_or(pc + 1, |(_, entry)| *entry);
                }
                Instr::Jump(to) => self.world.execs[exec].pc = *to,
                Instr::Hold => {
                    self.world.execs[exec].pc = pc + 1;
                    if self.hold(exec, None) {
                        return;
                    }
                }
                Instr::HoldFor(amount) => {
                    let seconds = self.draw(exec, key, *amount);
                    self.world.execs[exec].pc = pc + 1;
                    if self.hold(exec, Some(nanos(seconds))) {
                        return;
                    }
                }
                Instr::Lookup { access, depth, miss } => match self.look_up(exec, *access, *depth) {
                    Lookup::Found => self.world.execs[exec].pc = pc + 1,
                    Lookup::Missed => self.world.execs[exec].pc = *miss,
                    Lookup::Waits => return,
                },
                Instr::IfHit { miss, .. } => {
                    self.world.execs[exec].pc = if self.world.execs[exec].hit { pc + 1 } else { *miss }
                }
                Instr::Fill { access, depth } => {
                    self.world.execs[exec].pc = pc + 1;
                    self.store_entry(exec, *access, Writing::Fill);
                    self.release(exec, *depth);
                }
                Instr::Read => {
                    self.world.execs[exec].pc = pc + 1;
                    self.read(exec);
                }
                Instr::Replicate => {
                    self.world.execs[exec].pc = pc + 1;
                    self.replicate(exec);
                }
                Instr::Applied => {
                    self.world.execs[exec].pc = pc + 1;
                    self.applied(exec);
                }
                Instr::Serve => {
                    if self.serve_store(exec) {
                        return;
                    }
                    self.world.execs[exec].pc = pc + 1;
                }
                Instr::Acquire { lock, key, depth } => {
                    let value = self.value_of(exec, *key);
                    let lock = self.world.instances[self.world.execs[exec].instance()].locks[*lock as usize];
                    if !self.acquire(exec, lock, value, *depth) {
                        return;
                    }
                    self.world.execs[exec].pc = pc + 1;
                }
                Instr::Release { depth } => {
                    self.world.execs[exec].pc = pc + 1;
                    self.release(exec, *depth);
                }
                Instr::Put(access) => {
                    self.world.execs[exec].pc = pc + 1;
                    self.store_entry(exec, *access, Writing::Put);
                }
                Instr::Invalidate(access) => {
                    self.world.execs[exec].pc = pc + 1;
                    self.drop_entry(exec, *access);
                }
                Instr::Fail(probability) => {
                    if self.stream(exec, key).random::<f64>() < *probability {
                        if !self.fail_step(exec, Reason::Error) {
                            return;
                        }
                    } else {
                        self.world.execs[exec].pc = pc + 1;
                    }
                }
                Instr::Degrade => {
                    let state = &mut self.world.execs[exec];
                    state.degraded = true;
                    state.pc = pc + 1;
                }
                Instr::Return => {
                    if self.answer_directly(exec) {
                        return;
                    }
                    let degraded = self.world.execs[exec].degraded;
                    return self.finish(exec, Outcome::Succeeded { degraded });
                }
            }
        }
    }

    /// Tells the work that was asked of an instance.
    #[inline]
    pub(crate) fn ask(&mut self, exec: u32, kind: WorkKind, amount: f64) {
        if O::LISTENS {
            let state = &self.world.execs[exec];
            if let Some(operation) = state.operation {
                let (instance, aside) = (state.instance(), state.role == Role::Fiber);
                self.observer.observe(self.world.now, &Observation::Work { operation, instance, kind, amount, aside });
            }
        }
    }

    /// Burns CPU at the execution's instance; where none is modelled it is plain time.
    pub(crate) fn burn(&mut self, exec: u32, seconds: f64, state: State) {
        self.world.execs[exec].state = state;
        self.burn_at(self.world.execs[exec].instance, exec, seconds);
    }

    /// An execution burns CPU in the name of an instance, its own or its caller's.
    #[inline(always)]
    pub(crate) fn burn_at(&mut self, instance: Option<InstanceId>, exec: u32, seconds: f64) {
        let reference = self.world.execs.reference(exec);
        let place = instance.map(|instance| &self.world.instances[instance]);
        match place.and_then(|state| Some((state.machine?, state.party, state))) {
            None => self.world.agenda.once(self.world.now + Span(nanos(seconds)), Event::Wake(reference)),
            Some((machine, party, state)) => {
                let (threads, quota) = (state.threads_meter, state.quota_meter);
                let home = &mut self.world.machines[machine];
                home.cpu.start(self.world.now, party, reference, seconds);
                let cores = home.cpu_meter;
                for meter in [Some(cores), threads, quota] {
                    self.world.begin_use(meter);
                }
                self.world.touch_machine(machine);
            }
        }
    }

    /// Runs a child process on the machine, beside the instance's own threads.
    fn spawn(&mut self, exec: u32, seconds: f64, memory: u64) {
        let instance = self.world.execs[exec].instance;
        if let Some(instance) = instance {
            self.grow(instance, memory);
        }
        let machine = instance.and_then(|instance| self.world.instances[instance].machine);
        let Some(machine) = machine else { return self.burn(exec, seconds, State::Spawned) };
        self.world.execs[exec].state = State::Spawned;
        let reference = self.world.execs.reference(exec);
        let home = &mut self.world.machines[machine];
        home.cpu.start(self.world.now, CHILDREN, reference, seconds);
        let cores = Some(home.cpu_meter);
        self.world.begin_use(cores);
        self.world.touch_machine(machine);
    }

    /// The child process of an execution, of the spawn step just passed, gives back its memory.
    pub(crate) fn end_child(&mut self, exec: u32) {
        let state = &self.world.execs[exec];
        if let Some(instance) = state.instance
            && let Instr::Spawn { memory, .. } = self.model.code[state.pc as usize - 1].instr
        {
            self.shrink(instance, memory);
        }
    }

    /// Wakes the execution after an amount of time.
    pub(crate) fn wake_after(&mut self, exec: u32, purpose: u64, amount: AmountId) {
        let reference = self.world.execs.reference(exec);
        self.later(exec, purpose, amount, Event::Wake(reference));
    }

    /// Its reply arrives after an amount of time, whatever it waited for before.
    pub(crate) fn deliver_after(&mut self, exec: u32, purpose: u64, amount: AmountId) {
        let reference = self.world.execs.reference(exec);
        self.later(exec, purpose, amount, Event::Deliver(reference));
    }

    /// An event of an execution after an amount of time.
    #[inline]
    fn later(&mut self, exec: u32, purpose: u64, amount: AmountId, event: Event) {
        match &self.model.amounts[amount] {
            Amount::Constant { lane: Some(lane), .. } => self.world.after(*lane, event),
            _ => {
                let seconds = self.draw(exec, purpose, amount);
                self.world.agenda.once(self.world.now + Span(nanos(seconds)), event);
            }
        }
    }

    /// The first step of an execution in a program has failed: true if it goes on (a fallback, or a tolerant journey).
    pub(crate) fn fail_step(&mut self, exec: u32, reason: Reason) -> bool {
        let pc = self.world.execs[exec].pc;
        let handler = self.model.code[pc as usize].handler;
        if handler != NO_PC {
            self.world.execs[exec].pc = handler;
            return true;
        }
        let client = self.world.execs[exec].operation.is_none();
        let single = self.world.execs[exec].single;
        let source = self.world.execs[exec].source;
        if client && !single && !self.model.sources[source].leave {
            self.world.execs[exec].pc = pc + 1;
            return true;
        }
        self.finish(exec, Outcome::Failed(reason));
        false
    }

    /// Starts `count` branches and waits for `need` of them.
    fn fork(&mut self, exec: u32, key: u64, first: u32, count: u32, need: u32) {
        let state = &mut self.world.execs[exec];
        state.state = State::Joining;
        state.pending = count;
        state.need = need;
        state.child = ExecRef::NOBODY;
        let role = if state.operation.is_none() { Role::ClientBranch } else { Role::Branch };
        self.set_activity(exec, Some(Activity::Join));
        if need == 0 {
            self.world.execs[exec].pc += 1;
            return self.resume(exec);
        }
        for place in 0..count {
            let entry = self.model.branches[(first + place) as usize];
            let branch = self.beside(exec, role, derive(key, u64::from(place)), entry);
            let parent = self.world.execs.reference(exec);
            let ticket = self.world.execs[exec].ticket;
            let elder = self.world.execs[exec].child;
            let state = &mut self.world.execs[branch];
            state.parent = parent;
            state.parent_ticket = ticket;
            state.sibling = elder;
            if self.model.passes_deadlines {
                self.share_deadline(exec, branch);
            }
            self.world.execs[exec].child = self.world.execs.reference(branch);
            self.resume(branch);
            if self.world.execs.over() {
                return;
            }
        }
    }

    fn start_beside(&mut self, exec: u32, key: u64, entry: Pc) {
        let role = if self.world.execs[exec].operation.is_none() { Role::ClientFiber } else { Role::Fiber };
        let fiber = self.beside(exec, role, key, entry);
        self.resume(fiber);
    }

    /// An execution of the same owner at another place of its program.
    pub(crate) fn beside(&mut self, exec: u32, role: Role, key: u64, entry: Pc) -> u32 {
        let origin = &self.world.execs[exec];
        let key = derive(origin.key ^ key, u64::from(origin.round));
        let (source, operation, instance, number, user, followed) =
            (origin.source, origin.operation, origin.instance, origin.number, origin.user, origin.followed);
        let root = if origin.role == Role::Root { self.world.execs.reference(exec) } else { origin.root };
        let index = self.world.execs.insert(role, source, key, self.world.now);
        let state = &mut self.world.execs[index];
        state.operation = operation;
        state.instance = instance;
        state.number = number;
        state.followed = followed;
        state.user = user;
        state.root = root;
        state.pc = entry;
        if let Some(instance) = instance {
            state.occupancy = crate::engine::state::request::Occupancy::Working;
            self.world.instances[instance].residents += 1;
        }
        index
    }

    /// A branch has ended; its fork may be complete or lost.
    pub(crate) fn join(&mut self, branch: u32, outcome: Outcome) {
        let state = &self.world.execs[branch];
        let (parent, ticket, holds, degraded) = (state.parent, state.parent_ticket, state.holds, state.degraded);
        let listens = self.world.execs.alive(parent) && self.world.execs[parent.index].ticket == ticket;
        self.leave_instance(branch);
        self.world.execs.remove(branch);
        if !listens {
            return;
        }
        let fork = &mut self.world.execs[parent.index];
        fork.pending -= 1;
        fork.holds |= holds;
        fork.degraded |= degraded && fork.operation.is_some();
        match outcome {
            Outcome::Succeeded { .. } => fork.need -= 1,
            Outcome::Failed(reason) => {
                if fork.pending < fork.need {
                    fork.ticket += 1;
                    if self.fail_step(parent.index, reason) {
                        self.resume(parent.index);
                    }
                }
                return;
            }
        }
        if fork.need == 0 {
            fork.ticket += 1;
            fork.pc += 1;
            self.resume(parent.index);
        }
    }
}

/// The party of spawned children on every machine's CPU.
pub(crate) const CHILDREN: u32 = 0;
