//! What a running system is made of: the world, its executions, and the integrals over its levels.

pub mod ids;
pub mod meter;
pub mod request;
pub mod system;
pub mod world;
