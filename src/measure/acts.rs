//! What operators did of late.

use crate::model::{Action, ServiceId};
use crate::units::Time;

/// Acts are remembered for so long, nanoseconds.
const KEPT: i64 = 61 * 1_000_000_000;
/// What has been full for less than this when something is done was so by chance, nanoseconds.
const CHANCE: i64 = 1_000_000_000;

/// When something was done, in order.
#[derive(Clone, Debug, Default)]
pub struct Acts(Vec<Time>);

impl Acts {
    /// Those of the last minute join those before.
    pub fn remember(&mut self, done: &[(Time, Action)], now: Time) {
        self.0.retain(|at| now.0 - at.0 <= KEPT);
        self.0.extend(done.iter().map(|(at, _)| *at));
    }

    /// Nothing was done of late.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When something that filled at `begin` did so for good: not before something was done, if it had been full for a
    /// moment only by then.
    pub fn since(&self, begin: Time) -> Time {
        let soon = |at: &Time| *at > begin && at.0 - begin.0 <= CHANCE;
        self.0.iter().copied().find(soon).unwrap_or(begin)
    }
}

/// Whether it empties stores of a service.
pub fn flushes(action: &Action, of: ServiceId) -> bool {
    matches!(action, Action::Flush { service, .. } if *service == of)
}
