//! Times that few executions need, beside them.

use crate::engine::state::ids::ExecRef;
use crate::units::Time;

/// A time for some executions, by their place in the slab.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times(Vec<(u32, Time)>);

impl Times {
    /// Bytes of a copy.
    pub(crate) fn footprint(&self) -> usize {
        self.0.len() * size_of::<(u32, Time)>()
    }

    pub(crate) fn set(&mut self, exec: ExecRef, time: Time) {
        let at = exec.index as usize;
        if at >= self.0.len() {
            self.0.resize(at + 1, (u32::MAX, Time(i64::MAX)));
        }
        self.0[at] = (exec.generation, time);
    }

    pub(crate) fn get(&self, exec: ExecRef) -> Option<Time> {
        self.0.get(exec.index as usize).filter(|(generation, _)| *generation == exec.generation).map(|(_, time)| *time)
    }
}
