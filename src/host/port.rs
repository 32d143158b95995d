//! Ports: the ways to a host and back.

use super::host::{Host, HostOptions};
use super::message::{In, Out};
use super::turn::Next;
use std::time::Duration;

/// The way to a host and back.
pub trait Port {
    /// Ask something of it.
    fn send(&mut self, message: In);
    /// What it has told since the last time, in order. An inline host works meanwhile.
    fn receive(&mut self) -> Vec<Out>;
}

/// A host that works while somebody listens: for tests, for pictures, where there are no threads.
pub struct InlinePort<C> {
    host: Host,
    clock: C,
    budget: Duration,
}

impl<C: Fn() -> Duration> InlinePort<C> {
    /// Works for about `budget` of the clock each time.
    pub fn new(options: HostOptions, budget: Duration, clock: C) -> Self {
        Self { host: Host::new(options), clock, budget }
    }

    /// The host itself.
    pub fn host(&self) -> &Host {
        &self.host
    }
}

impl<C: Fn() -> Duration> Port for InlinePort<C> {
    fn send(&mut self, message: In) {
        self.host.hear(message);
    }

    fn receive(&mut self) -> Vec<Out> {
        let end = (self.clock)() + self.budget;
        loop {
            let left = end.saturating_sub((self.clock)());
            if self.host.turn(&self.clock, left) != Next::Now || left.is_zero() {
                return self.host.told();
            }
        }
    }
}
