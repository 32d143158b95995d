//! What instances remember and share: stores, locks, replicas, messages.

pub mod broker;
pub mod lock;
pub mod lookup;
pub mod replication;
pub mod store;
