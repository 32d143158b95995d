//! Bytes between an execution and its caller.
//!
//! A reply takes from the egress of the machine that sends it, and goes no faster than the nearest upstream hop that
//! keeps bytes takes it: a server, a balancer that buffers, or the user at home. Links on the way bound it too.
//! Balancers that do not buffer keep nothing, so whoever sends through them waits for the user. What an execution
//! receives takes from the egress of the service that sends it, or, from a user, from the ingress of the machine it
//! runs on.
//!
//! Bytes that run through a balancer that does not buffer take nothing from its machine's network: only its connections
//! and its worker are held.

use crate::engine::machine::cpu::Discipline;
use crate::engine::observation::{Activity, Observation, Observer, Outcome, WorkKind};
use crate::engine::state::ids::{MachineId, NOWHERE};
use crate::engine::state::request::{Role, State};
use crate::engine::state::resource_kind::ResourceKind;
use crate::engine::state::world::{Context, World, nanos};
use crate::engine::time::event::Event;
use crate::model::{Instr, Kind};
use crate::units::Span;

/// Who is at the other end.
enum End {
    Nobody,
    User,
    /// An execution of a service.
    Service(u32),
}

/// The other end of a transfer, and the way there.
struct Way {
    end: End,
    /// The slowest link, by its place in `Model::paces`.
    pace: u32,
    /// The last attempt on the way: its caller is the end.
    hop: u32,
}

impl<O: Observer> Context<'_, O> {
    /// The way from an execution to whoever takes (or `up`: sends) its bytes.
    fn way(&self, exec: u32, up: bool) -> Way {
        let mut way = Way { end: End::Nobody, pace: 0, hop: NOWHERE };
        let mut at = exec;
        loop {
            let state = &self.world.execs[at];
            match state.role {
                Role::Attempt => {
                    let link = self.link_of(at);
                    let pace = if up { link.upload } else { link.pace };
                    if self.model.paces[pace as usize] < self.model.paces[way.pace as usize] {
                        way.pace = pace;
                    }
                    way.hop = at;
                    if !self.listens(at) {
                        way.pace = 0;
                        return way;
                    }
                    let caller = state.parent.index;
                    let Some(instance) = self.world.execs[caller].instance else {
                        return Way { end: End::User, ..way };
                    };
                    if !self.service(instance).relays {
                        return Way { end: End::Service(caller), ..way };
                    }
                    at = caller;
                }
                Role::Branch if self.world.execs.alive(state.parent) => at = state.parent.index,
                Role::Branch | Role::Fiber | Role::Root | Role::ClientFiber | Role::ClientBranch | Role::Probe => {
                    return way;
                }
            }
        }
    }

    /// Sends bytes to the caller; false if nothing limits them (no time passes).
    pub(crate) fn send(&mut self, exec: u32, bytes: f64) -> bool {
        self.ask(exec, WorkKind::Network, bytes);
        // Nobody is slow and nobody counts: the way does not matter.
        let way = if self.model.paces.len() > 1 || self.model.buffers {
            self.way(exec, false)
        } else {
            Way { end: End::Nobody, pace: 0, hop: NOWHERE }
        };
        if self.model.buffers
            && let End::Service(taker) = way.end
            && self.service(self.world.execs[taker].instance()).kind == Kind::Balancer
        {
            self.world.add_taken(way.hop, bytes);
        }
        let instance = self.world.execs[exec].instance();
        let machine = self.world.instances[instance].machine;
        self.transfer(exec, (machine, ResourceKind::Network), way.pace, bytes) && {
            self.set_activity(exec, Some(Activity::Send));
            true
        }
    }

    /// Receives bytes from the caller; Some(false) if nothing limits them, None if nobody sends any more.
    pub(crate) fn receive(&mut self, exec: u32, bytes: f64) -> Option<bool> {
        let way = self.way(exec, true);
        let instance = self.world.execs[exec].instance();
        let from = match way.end {
            End::Nobody => return None,
            End::User => {
                self.ask(exec, WorkKind::Ingress, bytes);
                (self.world.instances[instance].machine, ResourceKind::Ingress)
            }
            End::Service(sender) => {
                let state = &self.world.execs[sender];
                let (operation, from) = (state.operation(), state.instance());
                self.emit(|| Observation::Work {
                    operation,
                    instance: from,
                    kind: WorkKind::Network,
                    amount: bytes,
                    aside: false,
                });
                (self.world.instances[from].machine, ResourceKind::Network)
            }
        };
        let takes = self.transfer(exec, from, way.pace, bytes);
        if takes {
            self.set_activity(exec, Some(Activity::Receive));
        }
        Some(takes)
    }

    /// Bytes over the network of a machine, no faster than a pace; false if nothing limits them.
    fn transfer(
        &mut self,
        exec: u32,
        (machine, kind): (Option<MachineId>, ResourceKind),
        pace: u32,
        bytes: f64,
    ) -> bool {
        if bytes <= 0.0 {
            return false;
        }
        let place = machine.and_then(|machine| Some((machine, self.world.machines[machine].device(kind)?)));
        let slowest = self.model.paces[pace as usize];
        let Some((machine, place)) = place else {
            if slowest == f64::INFINITY {
                return false;
            }
            let reference = self.world.execs.reference(exec);
            self.world.execs[exec].state = State::Device;
            self.world.agenda.once(self.world.now + Span(nanos(bytes / slowest)), Event::Wake(reference));
            return true;
        };
        let device = &mut self.world.machines[machine].devices[place];
        if device.line.is_endless() && slowest == f64::INFINITY {
            return false;
        }
        while device.line.parties() <= pace {
            let cap = self.model.paces[device.line.parties() as usize];
            device.line.add_party(Discipline { cap, ..Discipline::FREE });
        }
        self.on_device(exec, machine, place, pace, bytes);
        true
    }

    /// Whether an execution waits for bytes from its caller.
    pub(crate) fn receives(&self, exec: u32) -> bool {
        let state = &self.world.execs[exec];
        state.state == State::Device && matches!(self.model.code[state.pc as usize - 1].instr, Instr::Receive(_))
    }

    /// A buffering balancer keeps what its call has brought.
    #[inline]
    pub(crate) fn take_over(&mut self, attempt: u32, caller: u32, outcome: Outcome) {
        if self.model.buffers && matches!(outcome, Outcome::Succeeded { .. }) {
            let bytes = self.world.taken(attempt);
            if bytes > 0.0 {
                self.world.add_taken(caller, bytes);
            }
        }
    }
}

impl World {
    fn add_taken(&mut self, exec: u32, bytes: f64) {
        let generation = self.execs[exec].generation;
        let place = exec as usize;
        if self.taken.len() <= place {
            self.taken.resize(place + 1, (0, 0.0));
        }
        let row = &mut self.taken[place];
        *row = if row.0 == generation { (generation, row.1 + bytes) } else { (generation, bytes) };
    }

    /// Takes note of the bytes and forgets them.
    pub(crate) fn taken(&mut self, exec: u32) -> f64 {
        let generation = self.execs[exec].generation;
        match self.taken.get_mut(exec as usize) {
            Some(row) if row.0 == generation => std::mem::take(&mut row.1),
            Some(_) | None => 0.0,
        }
    }
}
