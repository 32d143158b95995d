//! Copies of a simulation that are kept for later.

use crate::engine::simulation::Simulation;
use crate::engine::snapshot::compact::Compact;
use crate::engine::state::slab::Slab;

/// A simulation that is kept, in less memory than one that runs.
#[derive(Clone, Debug)]
pub struct Packed {
    /// All but its executions.
    sim: Simulation,
    execs: Compact,
}

impl Packed {
    /// The simulation, to be played on.
    #[must_use]
    pub fn unpack(&self) -> Simulation {
        let mut copy = self.sim.clone();
        copy.world_mut().execs = self.execs.slab();
        copy
    }

    /// Bytes it takes, about.
    #[must_use]
    pub fn footprint(&self) -> usize {
        self.sim.footprint() + self.execs.footprint()
    }
}

impl Simulation {
    /// A copy to be kept, without the commands that were not applied. This one stays as it is.
    #[must_use]
    pub fn pack(&mut self) -> Packed {
        let execs: Slab = std::mem::take(&mut self.world_mut().execs);
        let compact = Compact::of(&execs, self.now());
        let mut copy = self.clone();
        copy.withdraw();
        self.world_mut().execs = execs;
        Packed { sim: copy, execs: compact }
    }
}
