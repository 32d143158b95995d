//! An answer that nothing stands in the way of: from the end of a callee's program to its caller's next step in one
//! piece, as `caller/direct` is for the call. Nobody waits for the worker or the connection, the caller listens, and
//! nothing is held: else the answer goes the long way (`admission`, `call`, `pool`) and comes to the same.

use crate::engine::observation::{Observation, Observer, Outcome};
use crate::engine::state::client::Idle;
use crate::engine::state::ids::{ClientId, ExecRef, InstanceId};
use crate::engine::state::request::{Exec, Occupancy, Role, State};
use crate::engine::state::system::{Availability, Instance};
use crate::engine::state::world::{Context, World};
use crate::engine::time::event::Event;
use crate::model::Link;

impl Exec {
    /// Whether it is a call that works at its callee and holds nothing but its worker and its connection.
    #[inline(always)]
    fn works_plainly(&self) -> bool {
        let marks = self.holds | self.pinned | self.degraded | !self.slot | !self.counted;
        self.role == Role::Attempt
            && self.occupancy == Occupancy::Working
            && self.state == State::Running
            && self.claims == 0
            && !marks
    }
}

impl Instance {
    /// Whether a worker that is free now stays so.
    #[inline(always)]
    fn frees_worker(&self) -> bool {
        self.availability == Availability::Up && self.backlog.len == 0
    }
}

impl<'m, O: Observer> Context<'m, O> {
    /// A program has ended well: its caller has the answer and goes on, if nothing stands in the way; false: nothing
    /// was done.
    #[inline]
    pub(crate) fn answer_directly(&mut self, attempt: u32) -> bool {
        let model = self.model;
        let World { execs, clients, instances, partitions, .. } = &mut *self.world;
        let state = &execs[attempt];
        let (Some(site), Some(client), Some(instance)) = (state.site, state.client, state.instance) else {
            return false;
        };
        let link = &model.links[model.sites[site].link];
        if !(link.direct && partitions.is_empty() && state.works_plainly()) {
            return false;
        }
        let (parent, place) = (state.parent, state.target as usize);
        let here = &mut instances[instance];
        let service = &model.services[here.service];
        let listens = execs.slots.get(parent.index as usize).is_some_and(|caller| {
            caller.generation == parent.generation
                && caller.ticket == state.parent_ticket
                && caller.state == State::Calling
                && caller.pending == 0
        });
        let end = &mut clients[client];
        let known = end.targets.get(place).is_some_and(|target| target.instance == instance);
        if !(listens && known && here.frees_worker()) || end.slots_meter.is_some() || service.pins || model.buffers {
            return false;
        }
        let (source, number, started, hit) = (state.source, state.number, state.started, state.hit);
        let exec = ExecRef { index: attempt, generation: state.generation };
        let (from, keeps) = (end.instance, link.keep > 0);
        if state.kept != keeps || keeps && end.waiting() > 0 {
            return false;
        }
        // Nothing is in the way.
        here.residents -= 1;
        here.busy -= 1;
        here.in_flight -= 1;
        self.set_activity(attempt, None);
        if service.memory.any {
            self.world.instances[instance].leaked += service.memory.leak_per_request;
            self.shrink(instance, service.memory.per_request);
            self.grow(instance, service.memory.leak_per_request);
        }
        self.world.note_workers(instance);
        if !keeps {
            self.disconnect(instance);
        }
        self.free_place(client, (place, instance), link);
        let outcome = Outcome::Succeeded { degraded: false };
        self.tell_finished(attempt, outcome);
        let instance = Some(instance);
        self.emit(|| Observation::AttemptEnded { site, started, outcome, exec, instance, from, source, number });
        let execs = &mut self.world.execs;
        execs.remove(attempt);
        let caller = &mut execs[parent.index];
        caller.ticket = caller.ticket.wrapping_add(1);
        caller.hit = hit;
        if caller.operation.is_none() {
            self.end_request(parent.index, outcome);
            if self.world.execs[parent.index].single {
                self.finish(parent.index, outcome);
                return true;
            }
        }
        self.world.execs[parent.index].pc += 1;
        self.resume(parent.index);
        true
    }

    /// A call of a plain link is over: its place at the target, and its connection, are free.
    #[inline(always)]
    fn free_place(&mut self, client: ClientId, (place, instance): (usize, InstanceId), link: &'m Link) {
        let since = self.world.now;
        let end = &mut self.world.clients[client];
        end.calls -= 1;
        end.end_at(place);
        if link.keep == 0 {
            if let Some(caller) = end.instance {
                self.return_descriptor(caller);
            }
            return;
        }
        end.in_use -= 1;
        end.idle.push_back(Idle { instance, since, pinned: false });
        if let Some(lane) = link.idle
            && !end.idle_timer
        {
            end.idle_timer = true;
            self.world.after(lane, Event::IdleClose { client });
        }
        self.world.note_pool(client);
    }
}
