//! Who runs where, over time: what a service has of the machines that host it, while they do.
//!
//! A machine hosts a service while a process of it is up there, one that drains included. What the machine's cores and
//! disk do in that time counts for the service; what they did before and do later does not. The integrals of stays that
//! are over are kept, so that the sum only grows and the difference of two readings is a mean weighted by time, however
//! the instances changed between them.

use crate::engine::state::ids::{InstanceId, MachineId};
use crate::engine::state::meter::Integrals;
use crate::engine::state::resource_kind::ResourceKind;
use crate::engine::state::system::Availability;
use crate::engine::state::world::World;
use crate::model::ServiceId;
use crate::units::Time;
use std::collections::BTreeMap;

/// What of a machine counts for the services it hosts, in the order of their integrals.
const KINDS: [ResourceKind; 2] = [ResourceKind::Cpu, ResourceKind::Disk];

/// Processes of one service on one machine.
#[derive(Clone, Copy, Debug)]
struct Stay {
    processes: u32,
    /// The machine's integrals when the first of them came up.
    before: [Integrals; KINDS.len()],
}

/// Where a service runs now, and what it had of machines it has left.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosting {
    here: BTreeMap<MachineId, Stay>,
    over: [Integrals; KINDS.len()],
    /// Processes that are up, and the integral of that number: unit-nanoseconds.
    processes: u32,
    process_time: u128,
    since: Time,
    /// Of a broker: messages that were given up or lost, and all that are over.
    pub(crate) messages: [u64; 2],
}

impl Hosting {
    /// Machines that host it now.
    pub(crate) fn machines(&self) -> impl Iterator<Item = MachineId> + '_ {
        self.here.keys().copied()
    }

    /// Processes that are up now.
    pub(crate) fn processes(&self) -> u32 {
        self.processes
    }

    /// Seconds that processes were up, of all together.
    pub(crate) fn process_seconds(&self, now: Time) -> f64 {
        let span = (now.0 - self.since.0) as u128;
        (self.process_time + u128::from(self.processes) * span) as f64 * 1e-9
    }

    fn count(&mut self, now: Time, more: bool) {
        self.process_time += u128::from(self.processes) * (now.0 - self.since.0) as u128;
        self.since = now;
        self.processes = if more { self.processes + 1 } else { self.processes.saturating_sub(1) };
    }
}

impl World {
    /// What a service has had of the cores or disks of the machines that hosted it, while they did.
    pub(crate) fn hosted(&self, service: ServiceId, kind: ResourceKind) -> Integrals {
        let Some(which) = KINDS.iter().position(|known| *known == kind) else { return Integrals::default() };
        let Some(hosting) = self.hosting.get(service) else { return Integrals::default() };
        let now = |(&machine, stay): (&MachineId, &Stay)| self.of_machine(machine, kind).since(stay.before[which]);
        hosting.here.iter().map(now).fold(hosting.over[which], Integrals::plus)
    }

    /// Sets whether an instance works, and with it who hosts whom.
    pub(crate) fn set_availability(&mut self, instance: InstanceId, availability: Availability) {
        let runs = |state| matches!(state, Availability::Up | Availability::Draining);
        let state = &mut self.instances[instance];
        let was = std::mem::replace(&mut state.availability, availability);
        if runs(was) != runs(availability) {
            self.process(instance, runs(availability));
        }
    }

    /// A process has come up, or is gone.
    fn process(&mut self, instance: InstanceId, up: bool) {
        let (service, machine, now) = (self.instances[instance].service, self.instances[instance].machine, self.now);
        self.hosting[service].count(now, up);
        let Some(machine) = machine else { return };
        let integrals = KINDS.map(|kind| self.of_machine(machine, kind));
        let hosting = &mut self.hosting[service];
        let stay = hosting.here.entry(machine).or_insert(Stay { processes: 0, before: integrals });
        stay.processes = if up { stay.processes + 1 } else { stay.processes.saturating_sub(1) };
        let stay = *stay;
        if stay.processes == 0 {
            hosting.here.remove(&machine);
            for (over, (now, before)) in hosting.over.iter_mut().zip(integrals.into_iter().zip(stay.before)) {
                *over = over.plus(now.since(before));
            }
        }
        let home = &mut self.machines[machine];
        home.processes = if up { home.processes + 1 } else { home.processes.saturating_sub(1) };
        self.note_vacancy(machine);
    }

    /// What nobody runs on, nobody can use.
    pub(crate) fn note_vacancy(&mut self, machine: MachineId) {
        let home = &self.machines[machine];
        let vacant = home.processes == 0;
        let devices = home.devices.iter().filter_map(|device| device.meter);
        for row in devices.chain([home.cpu_meter]).collect::<Vec<_>>() {
            self.resources[row].meter.set_vacant(self.now, vacant);
        }
    }

    fn of_machine(&self, machine: MachineId, kind: ResourceKind) -> Integrals {
        let home = &self.machines[machine];
        let row = match kind {
            ResourceKind::Cpu => Some(home.cpu_meter),
            other => home.device(other).and_then(|place| home.devices[place].meter),
        };
        row.map_or_else(Integrals::default, |row| self.resources[row].meter.integrals(self.now))
    }
}
