//! Copies of a simulation that are kept for later.

use super::simulation::Simulation;

/// A simulation that is kept, without the memory that it does not use.
#[derive(Clone, Debug)]
pub struct Packed(Simulation);

impl Packed {
    /// The simulation, to be played on.
    #[must_use]
    pub fn unpack(&self) -> Simulation {
        let mut copy = self.0.clone();
        copy.world_mut().execs.unpack();
        copy
    }
}

impl Simulation {
    /// A copy to be kept: smaller, without the commands that were not applied, and not to be advanced.
    #[must_use]
    pub fn pack(&self) -> Packed {
        let mut copy = self.clone();
        copy.withdraw();
        copy.world_mut().execs.pack();
        Packed(copy)
    }
}
