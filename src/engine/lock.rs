//! Locks, and who fills what a store lacks: one holder for each key value, the others wait in line.
//!
//! An execution's *claim* is what it holds: a lock, or the fill of an entry that others wait for. Claims have the depth
//! of the program at which they were made, which is known when it is compiled; leaving the body, a fallback further
//! out, and whatever ends the execution give back all that lie deeper (`release`, the one way out). A filler that fails
//! leaves the fill to the first who waits; one that fills answers all of them (`fulfil`). A lock ends with its process.

use super::machine::Life;
use super::observation::{Activity, Observer};
use super::request::{ExecRef, NONE, Queue, State};
use super::view::ResourceKind;
use super::world::{Owner, Turn, World};
use crate::model::{Access, Instr, KeyId, LockId, Model, Pc};
use std::collections::BTreeMap;

/// The depth of the fill that a call took over for its caller, until the answer is there.
pub(super) const ANSWERING: u8 = u8::MAX;

/// A lock of an instance (or the fills of one of its stores).
#[derive(Clone, Debug)]
pub(super) struct Lock {
    id: u32,
    /// Its waiters wait for different things: one key's holder says little of the others.
    keyed: bool,
    rows: BTreeMap<u64, Row>,
    waiting: u32,
    meter: u32,
}

/// Who has one key value of it.
#[derive(Clone, Copy, Debug)]
struct Row {
    holder: ExecRef,
    waiters: Queue,
}

/// What an execution stands in line for.
#[derive(Clone, Copy, Debug)]
enum Line {
    Lock {
        lock: u16,
        key: Option<KeyId>,
        depth: u8,
    },
    /// The fill of what it missed in a store of its own instance.
    Store {
        access: Access,
        depth: u8,
        miss: Pc,
    },
    /// The same, as a call at a `Cache`.
    Cache,
}

/// What an execution holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    lock: u32,
    value: u64,
}

impl Lock {
    /// Bytes of a copy.
    pub(super) fn weight(&self) -> usize {
        size_of::<Self>() + self.rows.len() * 2 * size_of::<(u64, Row)>()
    }
}

impl World {
    /// The locks of an instance that has none or not all of its service's.
    pub(super) fn add_locks(&mut self, m: &Model, instance: u32) {
        let state = &self.instances[instance as usize];
        let (service, machine) = (&m.services[state.service as usize], state.machine);
        let (from, ordinal, up) = (state.locks.len(), state.ordinal, matches!(state.life, Life::Up | Life::Draining));
        for &id in &service.locks[from..] {
            let spec = &m.locks[id.index()];
            let name = format!("{}/{ordinal}.{}", service.name, spec.name);
            let owner = Owner { instance, machine, link: NONE };
            let meter = self.resource(ResourceKind::Lock, u64::from(up), name, owner);
            self.locks.push(Lock { id: id.0, keyed: spec.keyed, rows: BTreeMap::new(), waiting: 0, meter });
            let index = self.locks.len() as u32 - 1;
            self.instances[instance as usize].locks.push(index);
        }
    }

    fn note_lock(&mut self, lock: u32) {
        let state = &self.locks[lock as usize];
        let busy = if state.keyed { state.waiting > 0 } else { !state.rows.is_empty() };
        let (waiting, meter) = (state.waiting, state.meter);
        self.meter(meter, u64::from(busy), waiting);
    }

    /// A process ends, and its locks with it: nobody holds or waits any longer (those who did end with it, too).
    pub(super) fn drop_locks(&mut self, instance: u32) {
        for place in 0..self.instances[instance as usize].locks.len() {
            let lock = self.instances[instance as usize].locks[place];
            let state = &mut self.locks[lock as usize];
            state.rows.clear();
            state.waiting = 0;
            self.note_lock(lock);
        }
    }

    /// The meters of an instance's locks follow its life.
    pub(super) fn lock_capacities(&mut self, instance: u32, up: bool) {
        for place in 0..self.instances[instance as usize].locks.len() {
            let meter = self.locks[self.instances[instance as usize].locks[place] as usize].meter;
            self.capacity(meter, u64::from(up));
        }
    }

    fn claim(&mut self, exec: u32, depth: u8, claim: Claim) {
        self.claims.insert((exec, depth), claim);
        self.execs[exec].claims += 1;
    }

    pub(super) fn hand_claim(&mut self, attempt: u32, caller: u32, depth: u8) {
        let Some(claim) = self.claims.remove(&(attempt, ANSWERING)) else { return };
        let (old, new) = (self.execs.reference(attempt), self.execs.reference(caller));
        self.execs[attempt].claims -= 1;
        if let Some(row) = self.locks[claim.lock as usize].rows.get_mut(&claim.value).filter(|row| row.holder == old) {
            row.holder = new;
            self.claim(caller, depth, claim);
        }
    }
}

impl<O: Observer> Turn<'_, O> {
    /// Takes a lock at a depth of the program, or stands in line for it.
    pub(super) fn acquire(&mut self, exec: u32, lock: u32, value: u64, depth: u8) -> bool {
        let reference = self.w.execs.reference(exec);
        let state = &mut self.w.locks[lock as usize];
        if let Some(row) = state.rows.get_mut(&value) {
            row.waiters.push(&mut self.w.execs, exec);
            state.waiting += 1;
            let id = state.id;
            self.w.execs[exec].state = State::Locked;
            self.w.note_lock(lock);
            self.does(exec, Some(Activity::Lock(LockId(id))));
            return false;
        }
        state.rows.insert(value, Row { holder: reference, waiters: Queue::EMPTY });
        self.w.note_lock(lock);
        self.w.claim(exec, depth, Claim { lock, value });
        true
    }

    /// Whether an execution fills this already.
    pub(super) fn holds_lock(&self, holder: ExecRef, lock: u32, value: u64) -> bool {
        self.w.locks[lock as usize].rows.get(&value).is_some_and(|row| row.holder == holder)
    }

    /// Gives back every claim of an execution that lies as deep as `depth` or deeper, but not what it has to answer.
    pub(super) fn release(&mut self, exec: u32, depth: u8) {
        if self.w.execs[exec].claims > 0 {
            self.release_until(exec, depth);
        }
    }

    /// Gives back the fill that a call took over for a caller who does not want it any longer.
    pub(super) fn release_answer(&mut self, exec: u32) {
        if self.w.execs[exec].claims > 0
            && let Some(claim) = self.w.claims.remove(&(exec, ANSWERING))
        {
            self.w.execs[exec].claims -= 1;
            self.pass_on(exec, claim);
        }
    }

    /// The answer is there: the fill that the call took over is its caller's now.
    pub(super) fn hand_over(&mut self, attempt: u32, caller: u32) {
        let pc = self.w.execs[caller].pc;
        if let Instr::IfHit { depth, .. } = self.m.code[pc as usize + 1].instr {
            self.w.hand_claim(attempt, caller, depth);
        }
    }

    fn release_until(&mut self, exec: u32, from: u8) {
        // The innermost first.
        while let Some((&(_, depth), &claim)) = self.w.claims.range((exec, from)..(exec, ANSWERING)).next_back() {
            self.w.claims.remove(&(exec, depth));
            self.w.execs[exec].claims -= 1;
            self.pass_on(exec, claim);
        }
    }

    /// What one no longer holds, the first in line gets.
    fn pass_on(&mut self, exec: u32, claim: Claim) {
        let holder = self.w.execs.reference(exec);
        let Claim { lock, value } = claim;
        loop {
            let state = &mut self.w.locks[lock as usize];
            let Some(row) = state.rows.get_mut(&value).filter(|row| row.holder == holder) else { return };
            let Some(next) = row.waiters.pop(&mut self.w.execs) else {
                state.rows.remove(&value);
                return self.w.note_lock(lock);
            };
            state.waiting -= 1;
            let pc = self.w.execs[next].pc;
            let depth = match self.line_of(next) {
                Line::Lock { depth, .. } => {
                    self.w.execs[next].pc = pc + 1;
                    depth
                }
                Line::Store { depth, miss, .. } => {
                    self.w.execs[next].pc = miss;
                    depth
                }
                Line::Cache => {
                    // Without a caller there is nobody to fill.
                    self.w.execs[next].pc = pc + 1;
                    if !self.listens(next) {
                        self.resume(next);
                        continue;
                    }
                    ANSWERING
                }
            };
            let reference = self.w.execs.reference(next);
            if let Some(row) = self.w.locks[lock as usize].rows.get_mut(&value) {
                row.holder = reference;
            }
            self.w.claim(next, depth, claim);
            self.w.note_lock(lock);
            return self.resume(next);
        }
    }

    /// What others waited for is there: all of them have it. Says how many.
    pub(super) fn fulfil(&mut self, lock: u32, value: u64) -> u32 {
        let state = &mut self.w.locks[lock as usize];
        let Some(mut row) = state.rows.remove(&value) else { return 0 };
        let waiters = row.waiters.len;
        state.waiting -= waiters;
        self.w.note_lock(lock);
        while let Some(exec) = row.waiters.pop(&mut self.w.execs) {
            let state = &mut self.w.execs[exec];
            state.hit = true;
            state.pc += 1;
            self.resume(exec);
        }
        waiters
    }

    /// What an execution in line stands for, by the instruction that it is at.
    fn line_of(&self, exec: u32) -> Line {
        match self.m.code[self.w.execs[exec].pc as usize].instr {
            Instr::Acquire { lock, key, depth } => Line::Lock { lock, key, depth },
            Instr::Lookup { access, depth, miss } => Line::Store { access, depth, miss },
            // `Serve` is the only other one that waits in a line of ours.
            Instr::Serve
            | Instr::Cpu(_)
            | Instr::Delay(_)
            | Instr::Send(_)
            | Instr::Receive(_)
            | Instr::PassOn
            | Instr::Disk(_)
            | Instr::Spawn { .. }
            | Instr::Call(_)
            | Instr::Repeat { .. }
            | Instr::Next { .. }
            | Instr::Fork { .. }
            | Instr::Background { .. }
            | Instr::Enqueue { .. }
            | Instr::Choose { .. }
            | Instr::Jump(_)
            | Instr::Hold
            | Instr::HoldFor(_)
            | Instr::Fill { .. }
            | Instr::IfHit { .. }
            | Instr::Read
            | Instr::Replicate
            | Instr::Applied
            | Instr::Release { .. }
            | Instr::Put(_)
            | Instr::Invalidate(_)
            | Instr::Fail(_)
            | Instr::Return
            | Instr::Degrade => Line::Cache,
        }
    }

    /// Somebody in line goes away.
    pub(super) fn leave_line(&mut self, exec: u32) {
        let state = &self.w.execs[exec];
        let instance = state.instance as usize;
        let (place, key) = match self.line_of(exec) {
            Line::Lock { lock, key, .. } => (lock, key),
            Line::Store { access, .. } => (self.flights(instance, access.store), Some(access.key)),
            Line::Cache => (self.flights(instance, 0), self.m.sites[state.site as usize].about.map(|about| about.key)),
        };
        let value = self.value_of(exec, key);
        let lock = self.w.instances[instance].locks[place as usize];
        let state = &mut self.w.locks[lock as usize];
        if let Some(row) = state.rows.get_mut(&value) {
            row.waiters.remove(&mut self.w.execs, exec);
            state.waiting -= 1;
        }
        self.w.note_lock(lock);
    }

    /// The place among its instance's locks where those wait who lack an entry of a store.
    pub(super) fn flights(&self, instance: usize, store: u16) -> u16 {
        self.m.services[self.w.instances[instance].service as usize].stores[store as usize].flights
    }

    /// The value of a request's key; of no key, the one there is.
    pub(super) fn value_of(&self, exec: u32, key: Option<KeyId>) -> u64 {
        key.map_or(0, |key| self.key_of(exec, key))
    }
}
