//! A call from the caller's side: whom to choose, over which connection, how long to wait, whether to try again.

pub mod affinity;
pub mod answer;
pub mod balance;
pub mod call;
pub mod direct;
pub mod health;
pub mod hedge;
pub mod line;
pub mod pool;
pub mod resilience;
pub mod retry;
