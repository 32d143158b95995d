//! Who has waited longest, in every line there is: for a worker, a message's delivery, a connection, a place, a lock.

use crate::engine::simulation::Simulation;
use crate::engine::state::ids::ResourceId;
use crate::units::Time;

impl Simulation {
    /// Since when the oldest of each line waits, by the resource it waits for; lines with nobody in them are left out.
    /// A message waits since it was accepted. Told of runs that are listened to.
    #[must_use]
    pub fn oldest_waiting(&self) -> Vec<(ResourceId, Time)> {
        let world = self.world();
        let since = |exec: u32| world.execs[exec].since;
        let backlogs = world.instances.iter().filter(|state| state.backlog.len > 0).filter_map(|state| {
            let oldest = state.backlog.fronts().map(since).min();
            state.workers_meter.zip(oldest)
        });
        let ends = world.clients.ids().filter_map(|end| {
            let state = &world.clients[end];
            let first = state.waiters.first();
            let Some(messages) = &state.messages else { return world.waited_for(end).zip(first.map(since)) };
            // Those that wait for the first time stand in the order in which they came.
            let came = first.map(|first| world.execs[world.execs[first].parent.index].started);
            let again = messages.again.first_key_value().map(|(came, _)| *came);
            state.meter.zip(came.into_iter().chain(again).min())
        });
        let locks = world.locks.iter().filter(|lock| lock.waiting > 0).filter_map(|lock| {
            let oldest = lock.rows.values().filter_map(|row| row.waiters.first()).map(since).min();
            oldest.map(|oldest| (lock.meter, oldest))
        });
        backlogs.chain(ends).chain(locks).collect()
    }
}
