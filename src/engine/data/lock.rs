//! Locks, and who fills what a store lacks: one holder for each key value, the others wait in line.
//!
//! An execution's *claim* is what it holds: a lock, or the fill of an entry that others wait for. Claims have the depth
//! of the program at which they were made, which is known when it is compiled; leaving the body, a fallback further
//! out, and whatever ends the execution give back all that lie deeper (`release`, the one way out). A filler that fails
//! leaves the fill to the first who waits; one that fills answers all of them (`fulfil`). A lock ends with its process.

use crate::engine::observation::{Activity, Observer};
use crate::engine::state::alike::Owner;
use crate::engine::state::ids::{ExecRef, InstanceId, InstanceLockId};
use crate::engine::state::lock::{Claim, Lock, Row};
use crate::engine::state::request::{Queue, State};
use crate::engine::state::resource_kind::ResourceKind;
use crate::engine::state::system::Availability;
use crate::engine::state::world::{Context, World};
use crate::model::{Access, Instr, KeyId, Model, Pc};
use std::collections::BTreeMap;

/// The depth of the fill that a call took over for its caller, until the answer is there.
pub(crate) const ANSWERING: u8 = u8::MAX;

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

impl World {
    /// The locks of an instance that has none or not all of its service's.
    pub(crate) fn add_locks(&mut self, m: &Model, instance: InstanceId) {
        let state = &self.instances[instance];
        let (whose, service, machine) = (state.service, &m.services[state.service], state.machine);
        let (from, ordinal, up) =
            (state.locks.len(), state.ordinal, matches!(state.availability, Availability::Up | Availability::Draining));
        for &id in &service.locks[from..] {
            let spec = &m.locks[id];
            let name = format!("{}/{ordinal}.{}", service.name, spec.name);
            let owner = Owner::instance(whose, instance, machine).of(id);
            let meter = self.resource(ResourceKind::Lock, u64::from(up), name, owner);
            let index = self.locks.push(Lock { id, keyed: spec.keyed, rows: BTreeMap::new(), waiting: 0, meter });
            self.instances[instance].locks.push(index);
        }
    }

    fn note_lock(&mut self, lock: InstanceLockId) {
        let state = &self.locks[lock];
        let busy = if state.keyed { state.waiting > 0 } else { !state.rows.is_empty() };
        let (waiting, meter) = (state.waiting, state.meter);
        self.meter(Some(meter), u64::from(busy), waiting);
    }

    /// A process ends, and its locks with it: nobody holds or waits any longer (those who did end with it, too).
    pub(crate) fn drop_locks(&mut self, instance: InstanceId) {
        for place in 0..self.instances[instance].locks.len() {
            let lock = self.instances[instance].locks[place];
            let state = &mut self.locks[lock];
            state.rows.clear();
            state.waiting = 0;
            self.note_lock(lock);
        }
    }

    /// The meters of an instance's locks follow its life.
    pub(crate) fn lock_capacities(&mut self, instance: InstanceId, up: bool) {
        for place in 0..self.instances[instance].locks.len() {
            let meter = self.locks[self.instances[instance].locks[place]].meter;
            self.capacity(Some(meter), u64::from(up));
        }
    }

    fn claim(&mut self, exec: u32, depth: u8, claim: Claim) {
        self.claims.insert((exec, depth), claim);
        self.execs[exec].claims += 1;
    }

    pub(crate) fn hand_claim(&mut self, attempt: u32, caller: u32, depth: u8) {
        let Some(claim) = self.claims.remove(&(attempt, ANSWERING)) else { return };
        let (old, new) = (self.execs.reference(attempt), self.execs.reference(caller));
        self.execs[attempt].claims -= 1;
        if let Some(row) = self.locks[claim.lock].rows.get_mut(&claim.value).filter(|row| row.holder == old) {
            row.holder = new;
            self.claim(caller, depth, claim);
        }
    }
}

impl<O: Observer> Context<'_, O> {
    /// Takes a lock at a depth of the program, or stands in line for it.
    pub(crate) fn acquire(&mut self, exec: u32, lock: InstanceLockId, value: u64, depth: u8) -> bool {
        let reference = self.world.execs.reference(exec);
        let state = &mut self.world.locks[lock];
        if let Some(row) = state.rows.get_mut(&value) {
            row.waiters.push(&mut self.world.execs, exec);
            state.waiting += 1;
            let id = state.id;
            self.world.execs[exec].state = State::Locked;
            self.world.note_lock(lock);
            self.set_activity(exec, Some(Activity::Lock(id)));
            return false;
        }
        state.rows.insert(value, Row { holder: reference, waiters: Queue::EMPTY });
        let meter = Some(state.meter);
        self.world.begin_use(meter);
        self.world.note_lock(lock);
        self.world.claim(exec, depth, Claim { lock, value });
        true
    }

    /// Whether an execution fills this already.
    pub(crate) fn holds_lock(&self, holder: ExecRef, lock: InstanceLockId, value: u64) -> bool {
        self.world.locks[lock].rows.get(&value).is_some_and(|row| row.holder == holder)
    }

    /// Gives back every claim of an execution that lies as deep as `depth` or deeper, but not what it has to answer.
    pub(crate) fn release(&mut self, exec: u32, depth: u8) {
        if self.world.execs[exec].claims > 0 {
            self.release_until(exec, depth);
        }
    }

    /// Gives back the fill that a call took over for a caller who does not want it any longer.
    pub(crate) fn release_answer(&mut self, exec: u32) {
        if self.world.execs[exec].claims > 0
            && let Some(claim) = self.world.claims.remove(&(exec, ANSWERING))
        {
            self.world.execs[exec].claims -= 1;
            self.pass_on(exec, claim);
        }
    }

    /// The answer is there: the fill that the call took over is its caller's now.
    pub(crate) fn hand_over(&mut self, attempt: u32, caller: u32) {
        let pc = self.world.execs[caller].pc;
        if let Instr::IfHit { depth, .. } = self.model.code[pc as usize + 1].instr {
            self.world.hand_claim(attempt, caller, depth);
        }
    }

    fn release_until(&mut self, exec: u32, from: u8) {
        // The innermost first.
        while let Some((&(_, depth), &claim)) = self.world.claims.range((exec, from)..(exec, ANSWERING)).next_back() {
            self.world.claims.remove(&(exec, depth));
            self.world.execs[exec].claims -= 1;
            self.pass_on(exec, claim);
        }
    }

    /// What one no longer holds, the first in line gets.
    fn pass_on(&mut self, exec: u32, claim: Claim) {
        let holder = self.world.execs.reference(exec);
        let Claim { lock, value } = claim;
        loop {
            let state = &mut self.world.locks[lock];
            let Some(row) = state.rows.get_mut(&value).filter(|row| row.holder == holder) else { return };
            let Some(next) = row.waiters.pop(&mut self.world.execs) else {
                state.rows.remove(&value);
                return self.world.note_lock(lock);
            };
            state.waiting -= 1;
            let pc = self.world.execs[next].pc;
            let depth = match self.line_of(next) {
                Line::Lock { depth, .. } => {
                    self.world.execs[next].pc = pc + 1;
                    depth
                }
                Line::Store { depth, miss, .. } => {
                    self.world.execs[next].pc = miss;
                    depth
                }
                Line::Cache => {
                    // Without a caller there is nobody to fill.
                    self.world.execs[next].pc = pc + 1;
                    if !self.listens(next) {
                        self.resume(next);
                        continue;
                    }
                    ANSWERING
                }
            };
            let reference = self.world.execs.reference(next);
            if let Some(row) = self.world.locks[lock].rows.get_mut(&value) {
                row.holder = reference;
            }
            self.world.claim(next, depth, claim);
            let meter = Some(self.world.locks[lock].meter);
            self.world.begin_use(meter);
            self.world.note_lock(lock);
            return self.resume(next);
        }
    }

    /// What others waited for is there: all of them have it. Says how many.
    pub(crate) fn fulfil(&mut self, lock: InstanceLockId, value: u64) -> u32 {
        let state = &mut self.world.locks[lock];
        let Some(mut row) = state.rows.remove(&value) else { return 0 };
        let waiters = row.waiters.len;
        state.waiting -= waiters;
        self.world.note_lock(lock);
        while let Some(exec) = row.waiters.pop(&mut self.world.execs) {
            let state = &mut self.world.execs[exec];
            state.hit = true;
            state.pc += 1;
            self.resume(exec);
        }
        waiters
    }

    /// What an execution in line stands for, by the instruction that it is at.
    fn line_of(&self, exec: u32) -> Line {
        match self.model.code[self.world.execs[exec].pc as usize].instr {
            Instr::Acquire { lock, key, depth } => Line::Lock { lock, key, depth },
            Instr::Lookup { access, depth, miss } => Line::Store { access, depth, miss },
            // `Serve` is the only other one that waits in a line of ours.
            _ => Line::Cache,
        }
    }

    /// Somebody in line goes away.
    pub(crate) fn leave_line(&mut self, exec: u32) {
        let state = &self.world.execs[exec];
        let instance = state.instance();
        let (place, key) = match self.line_of(exec) {
            Line::Lock { lock, key, .. } => (lock, key),
            Line::Store { access, .. } => (self.flights(instance, access.store), Some(access.key)),
            Line::Cache => (self.flights(instance, 0), self.model.sites[state.site()].about.map(|about| about.key)),
        };
        let value = self.value_of(exec, key);
        let lock = self.world.instances[instance].locks[place as usize];
        let state = &mut self.world.locks[lock];
        if let Some(row) = state.rows.get_mut(&value) {
            row.waiters.remove(&mut self.world.execs, exec);
            state.waiting -= 1;
        }
        self.world.note_lock(lock);
    }

    /// The place among its instance's locks where those wait who lack an entry of a store.
    pub(crate) fn flights(&self, instance: InstanceId, store: u16) -> u16 {
        self.model.services[self.world.instances[instance].service].stores[store as usize].flights
    }

    /// The value of a request's key; of no key, the one there is.
    pub(crate) fn value_of(&self, exec: u32, key: Option<KeyId>) -> u64 {
        key.map_or(0, |key| self.key_of(exec, key))
    }
}
