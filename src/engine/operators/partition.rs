//! Partitions: between two sides nothing passes, either way, neither calls nor what a primary sends its replicas.
//! Nobody is told; callers learn it by their timeouts.

use crate::engine::observation::{Observer, Skipped};
use crate::engine::state::ids::{ClientId, InstanceId};
use crate::engine::state::world::Context;
use crate::engine::time::event::Event;
use crate::model::{Caller, Side};
use crate::units::Span;

impl<O: Observer> Context<'_, O> {
    /// Cuts two sides off from each other for a while.
    pub(crate) fn partition(&mut self, one: Side, other: Side, lasting: Span) -> Result<(), Skipped> {
        let end = self.world.now + lasting;
        self.world.partitions.push((one, other, end));
        self.world.agenda.once(end, Event::PartitionEnd);
        Ok(())
    }

    /// A partition is over.
    pub(crate) fn on_partition_end(&mut self) {
        let now = self.world.now;
        self.world.partitions.retain(|(_, _, end)| *end > now);
        self.send_unsent();
    }

    /// Whether no message passes between the caller and the callee of an attempt.
    pub(crate) fn parted(&self, attempt: u32) -> bool {
        let state = &self.world.execs[attempt];
        self.cut_off(state.client(), state.instance())
    }

    /// Whether no message passes between a link end and an instance.
    pub(crate) fn cut_off(&self, client: ClientId, instance: InstanceId) -> bool {
        let end = &self.world.clients[client];
        let caller = self.model.links[end.link].caller;
        self.between((Some(caller), end.instance), (None, Some(instance)))
    }

    /// Whether no message passes between two instances.
    pub(crate) fn apart(&self, one: InstanceId, other: InstanceId) -> bool {
        self.between((None, Some(one)), (None, Some(other)))
    }

    /// Whether a partition is between two, each a source or an instance.
    fn between(&self, a: (Option<Caller>, Option<InstanceId>), b: (Option<Caller>, Option<InstanceId>)) -> bool {
        let on = |side: Side, (caller, instance): (Option<Caller>, Option<InstanceId>)| match side {
            Side::Source(source) => caller == Some(Caller::Source(source)),
            Side::Service(service) => {
                instance.is_some_and(|instance| self.world.instances[instance].service == service)
            }
            Side::Group(group) => {
                let machine = instance.and_then(|instance| self.world.instances[instance].machine);
                machine.is_some_and(|machine| self.world.machines[machine].group == group)
            }
        };
        let mut partitions = self.world.partitions.iter();
        partitions.any(|&(one, other, _)| on(one, a) && on(other, b) || on(other, a) && on(one, b))
    }
}
