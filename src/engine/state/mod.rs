//! What a running system is made of: the world, its executions, and the integrals over its levels.

pub mod alike;
pub mod client;
pub mod cpu_credits;
pub mod fullness;
pub mod hosting;
pub mod ids;
pub mod keep_alive;
pub mod least;
pub mod limits;
pub mod lock;
pub mod meter;
pub mod operators;
pub mod request;
pub mod resilience;
pub mod resource_kind;
pub mod slab;
pub mod system;
pub mod times;
pub mod world;
pub mod written;
