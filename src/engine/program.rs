//! Walking a compiled program: one execution, step by step, until it has to wait.

use super::event::Event;
use super::observation::{Activity, Observation, Observer, Outcome, WorkKind};
use super::request::{ExecRef, NONE, Role, State};
use super::rng::derive;
use super::stores::{Look, Writing};
use super::world::{MOST_AT_ONCE, Stop, Turn, Work, nanos};
use crate::model::{Amount, AmountId, Instr, NO_PC, OperationId, Pc, SourceId};
use crate::scenario::Reason;
use crate::units::Time;

impl<O: Observer> Turn<'_, O> {
    /// Puts an execution into the run queue.
    #[inline]
    pub(super) fn resume(&mut self, exec: u32) {
        self.w.execs[exec].state = State::Running;
        let reference = self.w.execs.reference(exec);
        // Mostly one execution is resumed at a time: it need not go through the queue.
        if self.w.next.is_none() && self.w.work.is_empty() {
            self.w.next = Some(reference);
        } else {
            self.w.work.push_back(Work::Run(reference));
        }
    }

    /// Tells what an execution does from now on.
    #[inline]
    pub(super) fn does(&mut self, exec: u32, activity: Option<Activity>) {
        if O::LISTENS {
            let reference = self.w.execs.reference(exec);
            let now = self.w.now;
            let state = &mut self.w.execs[exec];
            if state.activity == activity {
                return;
            }
            let moved = Observation::Moved {
                exec: reference,
                operation: (state.operation != NONE).then_some(OperationId(state.operation)),
                source: SourceId(state.source),
                number: state.number,
                instance: state.instance,
                from: state.activity,
                to: activity,
                since: state.since,
            };
            state.activity = activity;
            state.since = now;
            self.o.observe(now, &moved);
        }
    }

    /// Runs it until it waits or ends.
    pub(super) fn run(&mut self, exec: u32) {
        loop {
            self.w.at_once += 1;
            if self.w.at_once > MOST_AT_ONCE {
                self.w.stop = Some(Stop::Livelock);
                return;
            }
            let pc = self.w.execs[exec].pc;
            let step = &self.m.code[pc as usize];
            let key = step.key;
            match &step.instr {
                Instr::Cpu(amount) => {
                    let seconds = self.draw(exec, key, *amount);
                    self.w.execs[exec].pc = pc + 1;
                    self.ask(exec, WorkKind::Cpu, seconds);
                    self.does(exec, Some(Activity::Cpu));
                    return self.burn(exec, seconds, State::Cpu);
                }
                Instr::Delay(amount) => {
                    self.w.execs[exec].pc = pc + 1;
                    self.does(exec, Some(Activity::Delay));
                    self.w.execs[exec].state = State::Delay;
                    return self.wake_after(exec, key, *amount);
                }
                Instr::Send(amount) => {
                    let bytes = self.draw(exec, key, *amount);
                    self.w.execs[exec].pc = pc + 1;
                    if self.send(exec, bytes) {
                        return;
                    }
                }
                Instr::Receive(amount) => {
                    let bytes = self.draw(exec, key, *amount);
                    match self.receive(exec, bytes) {
                        Some(true) => {
                            self.w.execs[exec].pc = pc + 1;
                            return;
                        }
                        Some(false) => self.w.execs[exec].pc = pc + 1,
                        None => {
                            if !self.fail_step(exec, Reason::Abandoned) {
                                return;
                            }
                        }
                    }
                }
                Instr::PassOn => {
                    self.w.execs[exec].pc = pc + 1;
                    let bytes = self.w.taken(exec);
                    if bytes > 0.0 && self.send(exec, bytes) {
                        return;
                    }
                }
                Instr::Disk(count) => {
                    let operations = self.draw(exec, key, *count);
                    self.w.execs[exec].pc = pc + 1;
                    self.ask(exec, WorkKind::Disk, operations);
                    if self.use_disk(exec, operations) {
                        return self.does(exec, Some(Activity::Disk));
                    }
                }
                Instr::Spawn { cpu, memory } => {
                    let seconds = self.draw(exec, key, *cpu);
                    self.w.execs[exec].pc = pc + 1;
                    self.ask(exec, WorkKind::Spawn, seconds);
                    self.does(exec, Some(Activity::Spawn));
                    return self.spawn(exec, seconds, *memory);
                }
                Instr::Call(_) => {
                    if self.m.passes_deadlines && self.expired(exec) {
                        if !self.fail_step(exec, Reason::TimedOut) {
                            return;
                        }
                        continue;
                    }
                    self.w.execs[exec].state = State::Calling;
                    return self.begin_call(exec);
                }
                Instr::Repeat { counter, count, end } => {
                    let rounds = libm::round(self.draw(exec, key, *count)) as u32;
                    let state = &mut self.w.execs[exec];
                    if rounds == 0 {
                        state.pc = *end;
                    } else {
                        state.loops[*counter as usize] = rounds - 1;
                        state.pc = pc + 1;
                    }
                }
                Instr::Next { counter, start } => {
                    let state = &mut self.w.execs[exec];
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
                    self.w.execs[exec].pc = *next;
                    self.start_beside(exec, key, pc + 1);
                }
                Instr::Enqueue { next } => {
                    if self.accept(exec) {
                        self.w.execs[exec].pc = *next;
                        self.start_beside(exec, key, pc + 1);
                    } else if !self.fail_step(exec, Reason::Refused) {
                        return;
                    }
                }
                Instr::Choose { first, count } => {
                    let u = self.stream(exec, key).unit();
                    let choices = &self.m.choices[*first as usize..(*first + *count) as usize];
                    let chosen = choices.iter().find(|(cumulative, _)| u < *cumulative).or(choices.last());
                    self.w.execs[exec].pc = chosen.map_or(pc + 1, |(_, entry)| *entry);
                }
                Instr::Jump(to) => self.w.execs[exec].pc = *to,
                Instr::Hold => {
                    self.w.execs[exec].pc = pc + 1;
                    if self.hold(exec, None) {
                        return;
                    }
                }
                Instr::HoldFor(amount) => {
                    let seconds = self.draw(exec, key, *amount);
                    self.w.execs[exec].pc = pc + 1;
                    if self.hold(exec, Some(nanos(seconds))) {
                        return;
                    }
                }
                Instr::Lookup { access, depth, miss } => match self.look_up(exec, *access, *depth) {
                    Look::Found => self.w.execs[exec].pc = pc + 1,
                    Look::Missed => self.w.execs[exec].pc = *miss,
                    Look::Waits => return,
                },
                Instr::IfHit { miss, .. } => {
                    self.w.execs[exec].pc = if self.w.execs[exec].hit { pc + 1 } else { *miss }
                }
                Instr::Fill { access, depth } => {
                    self.w.execs[exec].pc = pc + 1;
                    self.store_entry(exec, *access, Writing::Fill);
                    self.release(exec, *depth);
                }
                Instr::Read => {
                    self.w.execs[exec].pc = pc + 1;
                    self.read(exec);
                }
                Instr::Replicate => {
                    self.w.execs[exec].pc = pc + 1;
                    self.replicate(exec);
                }
                Instr::Applied => {
                    self.w.execs[exec].pc = pc + 1;
                    self.applied(exec);
                }
                Instr::Serve => {
                    if self.serve_store(exec) {
                        return;
                    }
                    self.w.execs[exec].pc = pc + 1;
                }
                Instr::Acquire { lock, key, depth } => {
                    let value = self.value_of(exec, *key);
                    let lock = self.w.instances[self.w.execs[exec].instance as usize].locks[*lock as usize];
                    if !self.acquire(exec, lock, value, *depth) {
                        return;
                    }
                    self.w.execs[exec].pc = pc + 1;
                }
                Instr::Release { depth } => {
                    self.w.execs[exec].pc = pc + 1;
                    self.release(exec, *depth);
                }
                Instr::Put(access) => {
                    self.w.execs[exec].pc = pc + 1;
                    self.store_entry(exec, *access, Writing::Put);
                }
                Instr::Invalidate(access) => {
                    self.w.execs[exec].pc = pc + 1;
                    self.drop_entry(exec, *access);
                }
                Instr::Fail(probability) => {
                    if self.stream(exec, key).unit() < *probability {
                        if !self.fail_step(exec, Reason::Error) {
                            return;
                        }
                    } else {
                        self.w.execs[exec].pc = pc + 1;
                    }
                }
                Instr::Degrade => {
                    let state = &mut self.w.execs[exec];
                    state.degraded = true;
                    state.pc = pc + 1;
                }
                Instr::Return => {
                    let degraded = self.w.execs[exec].degraded;
                    return self.finish(exec, Outcome::Succeeded { degraded });
                }
            }
        }
    }

    /// Tells the work that was asked of an instance.
    #[inline]
    pub(super) fn ask(&mut self, exec: u32, kind: WorkKind, amount: f64) {
        if O::LISTENS {
            let state = &self.w.execs[exec];
            if state.operation != NONE {
                let (operation, instance) = (OperationId(state.operation), state.instance);
                self.o.observe(self.w.now, &Observation::Work { operation, instance, kind, amount });
            }
        }
    }

    /// Burns CPU at the execution's instance; where none is modelled it is plain time.
    pub(super) fn burn(&mut self, exec: u32, seconds: f64, state: State) {
        self.w.execs[exec].state = state;
        let instance = self.w.execs[exec].instance;
        let machine = if instance == NONE { NONE } else { self.w.instances[instance as usize].machine };
        let reference = self.w.execs.reference(exec);
        if machine == NONE {
            self.w.agenda.once(Time(self.w.now.0 + nanos(seconds)), Event::Wake(reference));
        } else {
            let party = self.w.instances[instance as usize].party;
            self.w.machines[machine as usize].cpu.start(self.w.now, party, reference, seconds);
            self.w.touch_machine(machine);
        }
    }

    /// Runs a child process on the machine, beside the instance's own threads.
    fn spawn(&mut self, exec: u32, seconds: f64, memory: u64) {
        let instance = self.w.execs[exec].instance;
        self.grow(instance, memory);
        let machine = if instance == NONE { NONE } else { self.w.instances[instance as usize].machine };
        if machine == NONE {
            return self.burn(exec, seconds, State::Spawned);
        }
        self.w.execs[exec].state = State::Spawned;
        let reference = self.w.execs.reference(exec);
        self.w.machines[machine as usize].cpu.start(self.w.now, CHILDREN, reference, seconds);
        self.w.touch_machine(machine);
    }

    /// Memory of the child process of an execution, from its spawn step just passed.
    pub(super) fn child_memory(&self, exec: u32) -> u64 {
        let pc = self.w.execs[exec].pc;
        match self.m.code[pc as usize - 1].instr {
            Instr::Spawn { memory, .. } => memory,
            _ => 0,
        }
    }

    /// Wakes the execution after an amount of time.
    pub(super) fn wake_after(&mut self, exec: u32, purpose: u64, amount: AmountId) {
        let reference = self.w.execs.reference(exec);
        self.later(exec, purpose, amount, Event::Wake(reference));
    }

    /// Its reply arrives after an amount of time, whatever it waited for before.
    pub(super) fn deliver_after(&mut self, exec: u32, purpose: u64, amount: AmountId) {
        let reference = self.w.execs.reference(exec);
        self.later(exec, purpose, amount, Event::Deliver(reference));
    }

    /// An event of an execution after an amount of time.
    #[inline]
    fn later(&mut self, exec: u32, purpose: u64, amount: AmountId, event: Event) {
        match &self.m.amounts[amount.0 as usize] {
            Amount::Constant { lane: Some(lane), .. } => self.w.after(lane.0, event),
            _ => {
                let seconds = self.draw(exec, purpose, amount);
                self.w.agenda.once(Time(self.w.now.0 + nanos(seconds)), event);
            }
        }
    }

    /// The first step of an execution in a program has failed: true if it goes on (a fallback, or a tolerant journey).
    pub(super) fn fail_step(&mut self, exec: u32, reason: Reason) -> bool {
        let pc = self.w.execs[exec].pc;
        let handler = self.m.code[pc as usize].handler;
        if handler != NO_PC {
            self.w.execs[exec].pc = handler;
            return true;
        }
        let client = self.w.execs[exec].operation == NONE;
        let single = self.w.execs[exec].single;
        let source = self.w.execs[exec].source;
        if client && !single && !self.m.sources[source as usize].leave {
            self.w.execs[exec].pc = pc + 1;
            return true;
        }
        self.finish(exec, Outcome::Failed(reason));
        false
    }

    /// Starts `count` branches and waits for `need` of them.
    fn fork(&mut self, exec: u32, key: u64, first: u32, count: u32, need: u32) {
        let state = &mut self.w.execs[exec];
        state.state = State::Joining;
        state.pending = count;
        state.need = need;
        state.child = ExecRef::NOBODY;
        let role = if state.operation == NONE { Role::ClientBranch } else { Role::Branch };
        self.does(exec, Some(Activity::Join));
        if need == 0 {
            self.w.execs[exec].pc += 1;
            return self.resume(exec);
        }
        for place in 0..count {
            let entry = self.m.branches[(first + place) as usize];
            let branch = self.beside(exec, role, derive(key, u64::from(place)), entry);
            let parent = self.w.execs.reference(exec);
            let ticket = self.w.execs[exec].ticket;
            let elder = self.w.execs[exec].child;
            let state = &mut self.w.execs[branch];
            state.parent = parent;
            state.parent_ticket = ticket;
            state.sibling = elder;
            if self.m.passes_deadlines {
                self.share_deadline(exec, branch);
            }
            self.w.execs[exec].child = self.w.execs.reference(branch);
            self.resume(branch);
        }
    }

    fn start_beside(&mut self, exec: u32, key: u64, entry: Pc) {
        let role = if self.w.execs[exec].operation == NONE { Role::ClientFiber } else { Role::Fiber };
        let fiber = self.beside(exec, role, key, entry);
        self.resume(fiber);
    }

    /// An execution of the same owner at another place of its program.
    pub(super) fn beside(&mut self, exec: u32, role: Role, key: u64, entry: Pc) -> u32 {
        let origin = &self.w.execs[exec];
        let key = derive(origin.key ^ key, u64::from(origin.round));
        let (source, operation, instance, number, user) =
            (origin.source, origin.operation, origin.instance, origin.number, origin.user);
        let root = if origin.role == Role::Root { self.w.execs.reference(exec) } else { origin.root };
        let index = self.w.execs.insert(role, source, key, self.w.now);
        let state = &mut self.w.execs[index];
        state.operation = operation;
        state.instance = instance;
        state.number = number;
        state.user = user;
        state.root = root;
        state.pc = entry;
        if instance != NONE {
            state.place = super::request::Place::Working;
            self.w.instances[instance as usize].residents += 1;
        }
        index
    }

    /// A branch has ended; its fork may be complete or lost.
    pub(super) fn join(&mut self, branch: u32, outcome: Outcome) {
        let state = &self.w.execs[branch];
        let (parent, ticket, holds, degraded) = (state.parent, state.parent_ticket, state.holds, state.degraded);
        let listens = self.w.execs.alive(parent) && self.w.execs[parent.index].ticket == ticket;
        self.leave_instance(branch);
        self.w.execs.remove(branch);
        if !listens {
            return;
        }
        let fork = &mut self.w.execs[parent.index];
        fork.pending -= 1;
        fork.holds |= holds;
        fork.degraded |= degraded && fork.operation != NONE;
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
pub(super) const CHILDREN: u32 = 0;
