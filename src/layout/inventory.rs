//! Who is there: the lists a layout is made from.

use super::Inventory;
use crate::engine::Simulation;
use crate::model::Model;
use std::sync::Arc;

impl Inventory {
    /// The system at its start. The engine itself places it: what it would do is not written down twice.
    #[must_use]
    pub fn of_model(model: &Model) -> Self {
        Self::of(&Simulation::new(Arc::new(model.clone()), 0))
    }

    /// The system as it runs.
    #[must_use]
    pub fn of(simulation: &Simulation) -> Self {
        let mut inventory = Self::default();
        // By index in the engine: position in `machines`, for those that are not gone.
        let mut standing: Vec<Option<u32>> = Vec::new();
        for machine in simulation.machines() {
            let there = machine.removed_at.is_none();
            standing.push(there.then_some(inventory.machines.len() as u32));
            if there {
                inventory.machines.push((machine.group, machine.ordinal));
            }
        }
        for instance in simulation.instances().filter(|instance| !instance.removed) {
            let machine = instance.machine.and_then(|machine| standing.get(machine.index()).copied().flatten());
            // What stood on a machine that is gone is about to go as well.
            if machine.is_some() || instance.machine.is_none() {
                inventory.instances.push((instance.service, instance.ordinal, machine));
            }
        }
        inventory
    }
}
