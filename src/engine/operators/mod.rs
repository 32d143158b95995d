//! What is done to a running system: the runbook, autoscalers, deploys, partitions.

pub mod autoscale;
pub mod deploy;
pub mod partition;
pub mod reading;
pub mod runbook;
