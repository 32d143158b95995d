//! The loops' luck: the engine's generator and exponential sampler, walked as one plain sequence. A loop for one model
//! needs no keys.
use rand::RngExt;
use surgelab::engine::random::rng::Stream;
use surgelab::engine::random::sampler;

/// A sequence of random numbers.
pub struct Draw(Stream);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(Stream::new(seed))
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    /// Exponential with this mean in seconds, as whole nanoseconds.
    pub fn exponential(&mut self, mean: f64) -> i64 {
        (mean * sampler::exponential(&mut self.0) * 1e9) as i64
    }
}
