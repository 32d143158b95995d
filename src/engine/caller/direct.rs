//! A call that nothing stands in the way of: from its caller's step to a worker of its callee in one piece.
//!
//! Most calls are such: a free connection, a free worker, no time on the way. What the others need one after another
//! (`call`, `pool`, `admission`) is here looked up once, and not one thing is done before all is known to be free; with
//! anything else than that the call goes the long way. Either way leads to the same events and figures: `tests/it`
//! holds them to that.

use crate::engine::caller::call::Call;
use crate::engine::observation::{Activity, Observation, Observer};
use crate::engine::random::rng::derive;
use crate::engine::state::client::Client;
use crate::engine::state::ids::{ClientId, ExecRef, InstanceId};
use crate::engine::state::request::{Exec, Occupancy, Role, State, blank};
use crate::engine::state::system::{Availability, Instance};
use crate::engine::state::world::{Context, World};
use crate::ids::Table;
use crate::model::{Balance, Link, Service};
use crate::units::Time;

impl Client {
    /// The place of the target whose turn it is, where that is plain.
    #[inline(always)]
    fn plain_target(&self, link: &Link) -> Option<usize> {
        let count = self.targets.len();
        // Places at targets are counted for as long as the link had a limit once.
        if self.unhealthy > 0 || self.slots_meter.is_some() || link.keep > 0 && self.in_use >= link.keep {
            return None;
        }
        match count {
            0 => None,
            1 => Some(0),
            _ if link.balance == Balance::RoundRobin => {
                let next = self.cursor as usize + 1;
                Some(if next >= count { 0 } else { next })
            }
            _ => None,
        }
    }

    /// Whether a kept connection to an instance is at hand, with no worker of its own.
    #[inline(always)]
    fn has_idle(&self, instance: InstanceId) -> bool {
        self.idle.back().is_some_and(|idle| idle.instance == instance && !idle.pinned)
    }
}

impl Instance {
    /// Whether a process that is up has a worker to give.
    #[inline(always)]
    fn has_worker(&self) -> bool {
        self.availability == Availability::Up && self.busy < self.workers
    }

    /// Whether it takes another connection.
    #[inline(always)]
    fn takes_connection(&self, now: Time) -> bool {
        now >= self.reloading && self.connections < self.max_connections && self.descriptors < self.descriptor_limit
    }
}

/// Whether an instance, the caller's, has a socket to give.
#[inline(always)]
fn has_socket(instances: &Table<InstanceId, Instance>, instance: Option<InstanceId>) -> bool {
    instance.is_none_or(|instance| instances[instance].descriptors < instances[instance].descriptor_limit)
}

impl<'m, O: Observer> Context<'m, O> {
    /// Makes a call, if nothing stands in its way; false: nothing was done.
    #[inline]
    pub(crate) fn call_directly(&mut self, caller: u32, call: Call<'m>) -> bool {
        let Some((place, instance)) = self.clear_way(call) else { return false };
        let link = call.link;
        let keeps = link.keep > 0;
        let service = self.take_places(call.client, place, instance, keeps);
        let exec = self.working_attempt(caller, call, place, instance);
        let end = &self.world.clients[call.client];
        let (from, meter) = (end.instance, end.meter);
        if meter.is_some() {
            self.world.begin_use(meter);
            self.world.note_pool(call.client);
        }
        self.set_activity(caller, Some(Activity::Call(call.link_id)));
        if !keeps && let Some(caller) = from {
            self.world.take_socket(caller);
        }
        self.start_clock(exec, link);
        if !keeps {
            self.world.note_opened(instance);
        }
        if service.memory.any {
            if !keeps {
                self.grow(instance, service.memory.per_connection);
            }
            self.grow(instance, service.memory.per_request);
        }
        let (site, operation) = (call.site, self.model.sites[call.site].operation);
        self.emit(|| Observation::Admitted { operation, instance, exec, site, from });
        self.world.note_taken(instance);
        self.emit(|| Observation::Begun { operation, instance, exec });
        self.resume(exec.index);
        true
    }

    /// The target of a call and its place, if all that the call needs is free.
    #[inline(always)]
    fn clear_way(&mut self, call: Call<'m>) -> Option<(usize, InstanceId)> {
        let (model, link) = (self.model, call.link);
        let World { clients, instances, machines, now, .. } = &*self.world;
        let end = &clients[call.client];
        let place = end.plain_target(link)?;
        let instance = end.targets[place].instance;
        let keeps = link.keep > 0;
        let connects = if keeps { end.has_idle(instance) } else { has_socket(instances, end.instance) };
        let here = &instances[instance];
        let reachable = here.machine.is_none_or(|machine| machines[machine].is_reachable());
        let clear = connects
            && here.has_worker()
            && reachable
            && (keeps || here.takes_connection(*now))
            && !model.services[here.service].door.special
            // Whoever calls itself needs two sockets of one process.
            && end.instance != Some(instance);
        clear.then_some((place, instance))
    }

    /// Takes a worker and a connection of the callee, and the caller's place there.
    #[inline(always)]
    fn take_places(&mut self, client: ClientId, place: usize, instance: InstanceId, keeps: bool) -> &'m Service {
        let end = &mut self.world.clients[client];
        let here = &mut self.world.instances[instance];
        here.in_flight += 1;
        here.residents += 1;
        here.busy += 1;
        if keeps {
            end.in_use += 1;
            end.idle.pop_back();
        } else {
            here.connections += 1;
            here.descriptors += 1;
        }
        if end.targets.len() > 1 {
            end.cursor = place as u32;
        }
        end.calls += 1;
        end.begin_at(place);
        &self.model.services[here.service]
    }

    /// The attempt of a call that works at its callee already.
    #[inline(always)]
    fn working_attempt(&mut self, caller: u32, call: Call<'m>, place: usize, instance: InstanceId) -> ExecRef {
        let (model, now) = (self.model, self.world.now);
        let execs = &mut self.world.execs;
        let operation = model.sites[call.site].operation;
        let from = &execs[caller];
        let parent = ExecRef { index: caller, generation: from.generation };
        let words = u64::from(from.round) << 20 | u64::from(from.attempt);
        let (source, number, attempt, followed) = (from.source, from.number, from.attempt, from.followed);
        let root = if from.role == Role::Root { parent } else { from.root };
        let (user, ticket, pc) = (from.user, from.ticket, from.pc);
        let key = derive(from.key ^ model.code[pc as usize].key, words);
        let exec = execs.reserve();
        execs[exec.index] = Exec {
            number,
            followed,
            user,
            operation: Some(operation),
            instance: Some(instance),
            parent,
            parent_ticket: ticket,
            root,
            site: Some(call.site),
            attempt,
            client: Some(call.client),
            target: place as u32,
            call_pc: pc,
            pc: model.operations[operation].entry,
            counted: true,
            slot: true,
            kept: call.link.keep > 0,
            occupancy: Occupancy::Working,
            ..blank(exec.generation, Role::Attempt, source, key, now)
        };
        let from = &mut execs[caller];
        from.state = State::Calling;
        from.child = exec;
        let site = call.site;
        self.emit(|| Observation::AttemptStarted { site, attempt, source, number, exec, parent, followed });
        exec
    }
}
