//! Whoever waits for runs may end them: by a signal, or because it took long enough.

use std::sync::{Arc, OnceLock};

/// Ends the runs that hear of it, at the next portion, with its reason and with what there is.
#[derive(Clone, Debug, Default)]
pub struct Halt(Arc<OnceLock<String>>);

impl Halt {
    /// From now on. The first reason is the one that is told.
    pub fn now(&self, reason: impl Into<String>) {
        // One that comes later changes nothing.
        let _ = self.0.set(reason.into());
    }

    /// Why it ends, once somebody has said so.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        self.0.get().cloned()
    }
}
