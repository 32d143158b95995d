//! What a copy of a run takes in memory. Models are shared and do not count.

use crate::engine::simulation::Simulation;
use crate::engine::state::client::{Client, Idle};
use crate::engine::state::system::{Instance, Machine, Resource, Source};
use crate::engine::state::written::Write;

/// Bytes of an entry of a tree beside what is in it, about.
const NODE: usize = 16;

impl Simulation {
    /// Bytes that a packed copy takes, about: what grows with what is in flight, and with the size of the system.
    #[must_use]
    pub fn footprint(&self) -> usize {
        let w = self.world();
        let machine = |machine: &Machine| {
            let devices = machine.devices.iter().map(|device| size_of_val(device) + device.line.footprint());
            size_of::<Machine>() + machine.cpu.footprint() + devices.sum::<usize>() + machine.instances.len() * 8
        };
        let instance = |instance: &Instance| {
            size_of::<Instance>() + 4 * (instance.stores.len() + instance.locks.len() + instance.clients.len())
        };
        let client = |client: &Client| {
            let lines = client.lines.len() * (16 + NODE);
            let again = client.messages.as_ref().map_or(0, |messages| messages.again.len() * (12 + NODE));
            size_of::<Client>() + size_of_val(&*client.targets) + client.idle.len() * size_of::<Idle>() + lines + again
        };
        let source = |source: &Source| size_of::<Source>() + 12 * source.invited.len();
        let trees = w.unapplied.len() * (16 + NODE) + w.claims.len() * (24 + NODE) + w.sticky.len() * (16 + NODE);
        let unsent = w.unsent.values().map(|writes| NODE + size_of::<Write>() * writes.len()).sum::<usize>();
        size_of::<Self>()
            + unsent
            + w.execs.footprint()
            + w.agenda.footprint()
            + w.machines.iter().map(machine).sum::<usize>()
            + w.instances.iter().map(instance).sum::<usize>()
            + w.clients.iter().map(client).sum::<usize>()
            + w.sources.iter().map(source).sum::<usize>()
            + w.stores.iter().map(crate::engine::data::store::Store::footprint).sum::<usize>()
            + w.locks.iter().map(crate::engine::state::lock::Lock::footprint).sum::<usize>()
            + w.resources.iter().map(|row| size_of::<Resource>() + row.name.len() + NODE).sum::<usize>()
            + w.taken.len() * 16
            + w.queued.footprint()
            + w.due.footprint()
            + w.keep_alive.footprint()
            + trees
    }
}
