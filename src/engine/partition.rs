//! Partitions: between two sides nothing passes, either way. Nobody is told; callers learn it by their timeouts.

use super::event::Event;
use super::observation::{Observer, Skipped};
use super::request::NONE;
use super::world::Turn;
use crate::model::{Caller, Side};
use crate::units::{Span, Time};

impl<O: Observer> Turn<'_, O> {
    /// Cuts two sides off from each other for a while.
    pub(super) fn partition(&mut self, one: Side, other: Side, lasting: Span) -> Result<(), Skipped> {
        let end = Time(self.w.now.0 + lasting.0);
        self.w.partitions.push((one, other, end));
        self.w.agenda.once(end, Event::PartitionEnd);
        Ok(())
    }

    /// A partition is over.
    pub(super) fn on_partition_end(&mut self) {
        let now = self.w.now;
        self.w.partitions.retain(|(_, _, end)| *end > now);
    }

    /// Whether no message passes between the caller and the callee of an attempt.
    pub(super) fn parted(&self, attempt: u32) -> bool {
        let state = &self.w.execs[attempt];
        self.cut_off(state.client, state.instance)
    }

    /// Whether no message passes between a link end and an instance.
    pub(super) fn cut_off(&self, client: u32, instance: u32) -> bool {
        let end = &self.w.clients[client as usize];
        let caller = self.m.links[end.link as usize].caller;
        let on = |side: Side, caller: Option<Caller>, instance: u32| match side {
            Side::Source(source) => caller == Some(Caller::Source(source)),
            Side::Service(service) => instance != NONE && self.w.instances[instance as usize].service == service.0,
            Side::Group(group) => {
                let machine = if instance == NONE { NONE } else { self.w.instances[instance as usize].machine };
                machine != NONE && self.w.machines[machine as usize].group == group.0
            }
        };
        let between = |one: Side, other: Side| on(one, Some(caller), end.instance) && on(other, None, instance);
        self.w.partitions.iter().any(|&(one, other, _)| between(one, other) || between(other, one))
    }
}
