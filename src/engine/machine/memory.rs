//! Memory of processes and machines: limits, swap, and who is killed.
//!
//! An instance's memory is what it has now: idle, its workers, connections, requests, what leaked, children. Above its
//! own limit, or when its machine needs more than RAM + swap, a process is killed (the largest of the machine, as Linux
//! does). While a machine swaps, everything on it runs slower by 1 / (1 + 20 s), s being the share of used memory
//! beyond RAM (an assumed slope: at 5 % swapped the machine runs at half speed). The factor moves in steps of 1/64 of
//! s.

use crate::engine::state::ids::{InstanceId, MachineId};
use crate::engine::state::system::{Availability, Instance};
use crate::engine::state::world::World;

const SWAP_COST: f64 = 20.0;
const SWAP_STEPS: u64 = 64;

impl World {
    /// Adds bytes; true if now somebody must die.
    pub(crate) fn add_memory(&mut self, instance: InstanceId, bytes: u64) -> bool {
        let state = &mut self.instances[instance];
        state.memory += bytes;
        let (memory, machine, meter) = (state.memory, state.machine, state.memory_meter);
        let limit = if meter.is_none() { u64::MAX } else { state.memory_limit };
        self.meter(meter, memory, 0);
        let mut full = memory > limit;
        if let Some(machine) = machine {
            let home = &mut self.machines[machine];
            home.memory += bytes;
            full |= home.memory > home.ram.saturating_add(home.swap);
            self.note_memory(machine);
        }
        full
    }

    pub(crate) fn remove_memory(&mut self, instance: InstanceId, bytes: u64) {
        let state = &mut self.instances[instance];
        let bytes = bytes.min(state.memory);
        state.memory -= bytes;
        let (memory, machine, meter) = (state.memory, state.machine, state.memory_meter);
        self.meter(meter, memory, 0);
        if let Some(machine) = machine {
            self.machines[machine].memory -= bytes;
            self.note_memory(machine);
        }
    }

    fn note_memory(&mut self, machine: MachineId) {
        let home = &self.machines[machine];
        let (memory, ram, meter) = (home.memory, home.ram, home.memory_meter);
        self.meter(meter, memory, 0);
        let swapped = memory.saturating_sub(ram);
        let swapping = if swapped == 0 {
            1.0
        } else {
            let steps = (u128::from(swapped) * u128::from(SWAP_STEPS) / u128::from(memory)) as f64;
            1.0 / (1.0 + SWAP_COST * steps / SWAP_STEPS as f64)
        };
        if swapping != self.machines[machine].swapping {
            self.machines[machine].swapping = swapping;
            self.set_speed(machine);
        }
    }

    /// Brings a machine's speed in line with its slow-down and swapping.
    pub(crate) fn set_speed(&mut self, machine: MachineId) {
        let now = self.now;
        let home = &mut self.machines[machine];
        let (cores, speed) = (home.cpu.cores, home.speed * home.slow * home.swapping);
        home.cpu.set_capacity(now, cores, speed);
        self.touch_machine(machine);
    }

    /// Who must die after `instance` grew: itself above its own limit, else the largest of its machine.
    pub(crate) fn victim(&self, instance: InstanceId) -> Option<InstanceId> {
        let state = &self.instances[instance];
        let lives = |state: &Instance| matches!(state.availability, Availability::Up | Availability::Draining);
        if lives(state) && state.memory_meter.is_some() && state.memory > state.memory_limit {
            return Some(instance);
        }
        let home = &self.machines[state.machine?];
        if home.memory <= home.ram.saturating_add(home.swap) {
            return None;
        }
        home.instances
            .iter()
            .copied()
            .filter(|&other| lives(&self.instances[other]))
            .max_by_key(|&other| self.instances[other].memory)
    }
}
