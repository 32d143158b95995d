//! Brokers: messages that were accepted and are delivered behind the sender's back.
//!
//! A message is a fiber of the broker that stands at its call of the consumer. It waits where every call over that link
//! waits for a place; what is in delivery occupies one. What is given back by a timeout or a failure waits out the
//! link's backoff and is delivered again. A durable broker keeps its messages through a crash and delivers all of them
//! again in their order, also those a consumer was working on.

use crate::engine::observation::{ActivityCode, Limit, Observation, Observer, Outcome};
use crate::engine::state::ids::{ClientId, ExecRef, InstanceId, NOWHERE};
use crate::engine::state::request::{Exec, Occupancy, Role, State};
use crate::engine::state::world::Context;
use crate::model::{Kind, OperationId};

impl<O: Observer> Context<'_, O> {
    /// The link end to the consumers of a broker's instance.
    fn consumers(&self, instance: InstanceId) -> Option<ClientId> {
        let clients = &self.world.instances[instance].clients;
        clients.iter().copied().find(|&client| self.world.clients[client].messages.is_some())
    }

    /// Takes a message in; false when the broker has no room for it.
    pub(crate) fn accept(&mut self, exec: u32) -> bool {
        let state = &self.world.execs[exec];
        let (operation, instance) = (state.operation(), state.instance());
        let Kind::Queue { depth, .. } = self.service(instance).kind else { return true };
        let Some(client) = self.consumers(instance) else { return true };
        let end = &self.world.clients[client];
        let delayed = end.messages.as_ref().map_or(0, |messages| messages.delayed);
        if end.waiting() + delayed >= depth {
            let meter = end.meter;
            self.world.refused(meter);
            let exec = self.world.execs.reference(exec);
            self.emit(|| Observation::Rejected { operation, instance: Some(instance), by: Limit::Depth, exec });
            return false;
        }
        self.emit(|| Observation::MessageAccepted { operation });
        true
    }

    /// A fiber has ended: if it was a message, it was consumed or is given up.
    pub(crate) fn end_message(&mut self, fiber: u32, outcome: Outcome) {
        let state = &self.world.execs[fiber];
        if state.instance.is_some_and(|instance| matches!(self.service(instance).kind, Kind::Queue { .. })) {
            let (operation, started) = (state.operation(), state.started);
            self.message_is_over(operation, matches!(outcome, Outcome::Failed(_)));
            self.emit(|| Observation::MessageEnded { operation, started, outcome });
        }
    }

    /// A message waits out its backoff, or is delivered again.
    pub(crate) fn delay_message(&mut self, client: ClientId, message: u32, begins: bool) {
        let came = self.world.execs[message].started;
        if let Some(messages) = &mut self.world.clients[client].messages {
            messages.delayed = if begins { messages.delayed + 1 } else { messages.delayed.saturating_sub(1) };
            messages.wait_again(came, begins);
            self.world.note_pool(client);
        }
    }

    /// A message that was delivered before stands in line for it, or leaves that line.
    pub(crate) fn line_up_again(&mut self, client: ClientId, message: u32, begins: bool) {
        let state = &self.world.execs[message];
        let came = state.started;
        if state.attempt > 0
            && let Some(messages) = &mut self.world.clients[client].messages
        {
            messages.wait_again(came, begins);
        }
    }

    /// The broker of a message has crashed: a durable one keeps it, unless it never comes back.
    pub(crate) fn lose_message(&mut self, fiber: u32, for_good: bool) {
        let state = &self.world.execs[fiber];
        let instance = state.instance();
        let Kind::Queue { durable, .. } = self.service(instance).kind else { return };
        if durable
            && !for_good
            && let Some(client) = self.consumers(instance)
        {
            let message = state.clone();
            if let Some(messages) = &mut self.world.clients[client].messages {
                messages.kept.push(message);
            }
        } else {
            let (operation, started) = (state.operation(), state.started);
            self.message_is_over(operation, true);
            self.emit(|| Observation::MessageLost { operation, started });
        }
    }

    /// Counts it, for those who watch.
    fn message_is_over(&mut self, operation: OperationId, given_up: bool) {
        let [dropped, over] = &mut self.world.hosting[self.model.operations[operation].service].messages;
        *dropped += u64::from(given_up);
        *over += 1;
    }

    /// A broker is up again and delivers what it kept, the oldest first.
    pub(crate) fn redeliver(&mut self, instance: InstanceId) {
        for message in self.take_kept(instance) {
            let index = self.world.execs.insert(Role::Fiber, message.source, message.key, self.world.now);
            let generation = self.world.execs[index].generation;
            self.world.execs[index] = Exec {
                generation,
                state: State::Running,
                occupancy: Occupancy::Working,
                attempt: 0,
                child: ExecRef::NOBODY,
                next: NOWHERE,
                previous: NOWHERE,
                activity: ActivityCode::NOTHING,
                ..message
            };
            self.world.instances[instance].residents += 1;
            self.resume(index);
        }
    }

    /// A broker that was down is removed: what it kept is gone.
    pub(crate) fn lose_kept(&mut self, instance: InstanceId) {
        for message in self.take_kept(instance) {
            let (operation, started) = (message.operation(), message.started);
            self.message_is_over(operation, true);
            self.emit(|| Observation::MessageLost { operation, started });
        }
    }

    fn take_kept(&mut self, instance: InstanceId) -> Vec<Exec> {
        let Some(client) = self.consumers(instance) else { return Vec::new() };
        let messages = self.world.clients[client].messages.as_mut();
        let mut kept = messages.map_or_else(Vec::new, |messages| std::mem::take(&mut messages.kept));
        // They were collected by their places in memory.
        kept.sort_by_key(|message| message.started);
        kept
    }

    /// The process is gone, and with it everybody who waited for a redelivery.
    pub(crate) fn forget_delayed(&mut self, client: ClientId) {
        if let Some(messages) = &mut self.world.clients[client].messages {
            messages.delayed = 0;
            messages.again.clear();
            self.world.note_pool(client);
        }
    }
}
