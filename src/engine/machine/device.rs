//! Disks and networks: work of a machine that is not its cores'.
//!
//! A disk serves its operations in order, one step's after another's. A network shares its bandwidth among the
//! transfers in progress. Both are a `Processor`; what one machine has of them stands in its `devices`, in the order of
//! `KINDS`, and a kind that does not limit anything is not there.

use crate::engine::machine::cpu::{Discipline, Processor};
use crate::engine::observation::Observer;
use crate::engine::state::alike::Owner;
use crate::engine::state::ids::MachineId;
use crate::engine::state::request::State;
use crate::engine::state::resource_kind::ResourceKind;
use crate::engine::state::system::{Availability, Device};
use crate::engine::state::world::{Context, World, fixed};
use crate::engine::time::event::Event;
use crate::model::{Group, Model};

/// What a machine may have, in the order of its devices.
const KINDS: [ResourceKind; 3] = [ResourceKind::Network, ResourceKind::Ingress, ResourceKind::Disk];

impl World {
    /// Gives a machine the devices its group says, or brings those it has in line; a dead machine has no capacity.
    pub(crate) fn equip(&mut self, m: &Model, machine: MachineId) {
        let spec = &m.groups[self.machines[machine].group];
        for kind in KINDS {
            let speed = speed(spec, kind);
            let known = self.machines[machine].device(kind);
            let paced = kind != ResourceKind::Disk && m.paces.len() > 1;
            let wanted = (speed.is_finite() || paced) && (kind != ResourceKind::Ingress || m.receives);
            if known.is_none() && !wanted {
                continue;
            }
            let place = known.unwrap_or_else(|| self.add_device(machine, kind));
            if speed.is_finite() && self.machines[machine].devices[place].meter.is_none() {
                let home = &self.machines[machine];
                let name = format!("{}/{}.{}", spec.name, home.ordinal, word(kind));
                let meter = self.resource(kind, 0, name, Owner::machine(home.group, machine));
                self.machines[machine].devices[place].meter = Some(meter);
                self.note_vacancy(machine);
            }
            let home = &mut self.machines[machine];
            let up = matches!(home.availability, Availability::Up | Availability::Draining);
            let device = &mut home.devices[place];
            device.line.set_capacity(self.now, 1, speed);
            let meter = device.meter;
            self.capacity(meter, if up && speed.is_finite() { fixed(kind, speed) } else { 0 });
            self.touch_machine(machine);
        }
    }

    fn add_device(&mut self, machine: MachineId, kind: ResourceKind) -> usize {
        let place = self.machines[machine].devices.len();
        let mut line = Processor::new(self.now, 1, 1.0);
        line.add_party(if kind == ResourceKind::Disk { Discipline::IN_ORDER } else { Discipline::FREE });
        let slot = self.agenda.slot(Event::DeviceDone { machine, device: place as u32 });
        self.machines[machine].devices.push(Device { kind, line, slot, meter: None });
        place
    }

    /// Sets the rates and next completions of a machine's devices.
    pub(crate) fn settle_devices(&mut self, machine: MachineId) {
        for place in 0..self.machines[machine].devices.len() {
            let device = &mut self.machines[machine].devices[place];
            match device.line.predict() {
                Some(time) => self.agenda.set(device.slot, time),
                None => self.agenda.clear(device.slot),
            }
            let (meter, (busy, waiting)) = (device.meter, device.line.load_in_line());
            if let Some(row) = meter {
                let capacity = self.resources[row].meter.capacity;
                self.meter(meter, (busy * capacity as f64) as u64, waiting);
            }
        }
    }
}

/// What a machine of the group does of it per second.
fn speed(spec: &Group, kind: ResourceKind) -> f64 {
    if kind == ResourceKind::Disk { spec.iops } else { spec.network }
}

fn word(kind: ResourceKind) -> &'static str {
    let words = [(ResourceKind::Network, "network"), (ResourceKind::Ingress, "ingress"), (ResourceKind::Disk, "disk")];
    words.iter().find(|(known, _)| *known == kind).map_or("", |(_, word)| word)
}

impl<O: Observer> Context<'_, O> {
    /// Puts operations on the disk of the execution's machine; false if nothing limits them there (no time passes).
    pub(crate) fn use_disk(&mut self, exec: u32, operations: f64) -> bool {
        let instance = self.world.execs[exec].instance;
        let machine = instance.and_then(|instance| self.world.instances[instance].machine);
        let Some(machine) = machine.filter(|_| operations > 0.0) else { return false };
        let Some(place) = self.world.machines[machine].device(ResourceKind::Disk) else { return false };
        self.on_device(exec, machine, place, 0, operations);
        true
    }

    /// Puts work of an execution on a device.
    pub(crate) fn on_device(&mut self, exec: u32, machine: MachineId, place: usize, party: u32, work: f64) {
        let reference = self.world.execs.reference(exec);
        let now = self.world.now;
        let device = &mut self.world.machines[machine].devices[place];
        device.line.start(now, party, reference, work);
        let meter = device.meter;
        self.world.begin_use(meter);
        self.world.execs[exec].state = State::Device;
        self.world.touch_machine(machine);
    }

    /// Takes an execution off the device it uses: of its own machine, or of the one that sends to it.
    pub(crate) fn leave_device(&mut self, exec: u32) {
        let own = self.world.instances[self.world.execs[exec].instance()].machine;
        let others = self.world.machines.ids().filter(|&machine| Some(machine) != own);
        let (reference, now) = (self.world.execs.reference(exec), self.world.now);
        for machine in own.into_iter().chain(others) {
            let devices = &mut self.world.machines[machine].devices;
            if devices.iter_mut().any(|device| device.line.cancel_anywhere(now, reference)) {
                return self.world.touch_machine(machine);
            }
        }
    }
}
