//! A call from the callee's side: connections, workers, backlogs, what is refused and what is kept open.

pub mod admission;
pub mod direct;
pub mod backlog;
pub mod hold;
pub mod keep_alive;
pub mod overload;
