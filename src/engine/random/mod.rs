//! Random numbers by key, and the samplers that turn them into amounts.

pub mod rng;
pub mod sampler;
