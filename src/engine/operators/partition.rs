//! Partitions: between two sides nothing passes, either way. Nobody is told; callers learn it by their timeouts.

use crate::engine::observation::{Observer, Skipped};
use crate::engine::state::request::NONE;
use crate::engine::state::world::Context;
use crate::engine::time::event::Event;
use crate::model::{Caller, Side};
use crate::units::{Span, Time};

impl<O: Observer> Context<'_, O> {
    /// Cuts two sides off from each other for a while.
    pub(crate) fn partition(&mut self, one: Side, other: Side, lasting: Span) -> Result<(), Skipped> {
        let end = Time(self.world.now.0 + lasting.0);
        self.world.partitions.push((one, other, end));
        self.world.agenda.once(end, Event::PartitionEnd);
        Ok(())
    }

    /// A partition is over.
    pub(crate) fn on_partition_end(&mut self) {
        let now = self.world.now;
        self.world.partitions.retain(|(_, _, end)| *end > now);
    }

    /// Whether no message passes between the caller and the callee of an attempt.
    pub(crate) fn parted(&self, attempt: u32) -> bool {
        let state = &self.world.execs[attempt];
        self.cut_off(state.client, state.instance)
    }

    /// Whether no message passes between a link end and an instance.
    pub(crate) fn cut_off(&self, client: u32, instance: u32) -> bool {
        let end = &self.world.clients[client as usize];
        let caller = self.model.links[end.link as usize].caller;
        let on = |side: Side, caller: Option<Caller>, instance: u32| match side {
            Side::Source(source) => caller == Some(Caller::Source(source)),
            Side::Service(service) => instance != NONE && self.world.instances[instance as usize].service == service.0,
            Side::Group(group) => {
                let machine = if instance == NONE { NONE } else { self.world.instances[instance as usize].machine };
                machine != NONE && self.world.machines[machine as usize].group == group.0
            }
        };
        let between = |one: Side, other: Side| on(one, Some(caller), end.instance) && on(other, None, instance);
        self.world.partitions.iter().any(|&(one, other, _)| between(one, other) || between(other, one))
    }
}
