//! Ports: the ways to a host and back.

use super::message::{Request, Update};
use super::requests::{Host, HostOptions};
use super::turn::Next;
use std::time::Duration;
#[cfg(not(target_arch = "wasm32"))]
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel},
    thread::{self, JoinHandle},
    time::Instant,
};

/// The way to a host and back.
pub trait Port {
    /// Ask something of it.
    fn send(&mut self, message: Request);
    /// What it has told since the last time, in order. An inline host works meanwhile.
    fn receive(&mut self) -> Vec<Update>;
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
    fn send(&mut self, message: Request) {
        self.host.receive(message);
    }

    fn receive(&mut self) -> Vec<Update> {
        let end = (self.clock)() + self.budget;
        loop {
            let left = end.saturating_sub((self.clock)());
            if self.host.turn(&self.clock, left) != Next::Now || left.is_zero() {
                return self.host.take_updates();
            }
        }
    }
}

/// A host on a thread of its own, which sleeps while there is nothing to do and ends with its port.
#[cfg(not(target_arch = "wasm32"))]
pub struct ThreadPort {
    /// None once it is to end.
    to: Option<Sender<Request>>,
    from: Receiver<Update>,
    thread: Option<JoinHandle<()>>,
}

#[cfg(not(target_arch = "wasm32"))]
impl ThreadPort {
    /// Starts the thread. `wake` is called there whenever something was told.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn new(options: HostOptions, wake: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let (to, inbox) = channel();
        let (outbox, from) = channel();
        let thread = thread::Builder::new().name("host".into()).spawn(move || {
            let work = || live(options, &inbox, &outbox, &wake);
            // A host that failed is given up; the next one waits for something to run.
            while let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                // Nobody listens: then nobody misses it.
                let _ = outbox.send(Update::Died(text.unwrap_or_else(|| "it gave no reason".to_owned())));
                let _ = catch_unwind(AssertUnwindSafe(&wake));
            }
        })?;
        Ok(Self { to: Some(to), from, thread: Some(thread) })
    }
}

/// Takes turns until the port is gone.
#[cfg(not(target_arch = "wasm32"))]
fn live(options: HostOptions, inbox: &Receiver<Request>, outbox: &Sender<Update>, wake: &dyn Fn()) {
    /// A turn bounds itself further.
    const BUDGET: Duration = Duration::from_millis(8);
    let begun = Instant::now();
    let mut host = Host::new(options);
    loop {
        loop {
            match inbox.try_recv() {
                Ok(message) => host.receive(message),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return,
            }
        }
        let next = host.turn(&|| begun.elapsed(), BUDGET);
        let told = host.take_updates();
        let news = !told.is_empty();
        for out in told {
            if outbox.send(out).is_err() {
                return;
            }
        }
        if news {
            wake();
        }
        let message = match next {
            Next::Now => continue,
            Next::After(wait) => inbox.recv_timeout(wait),
            Next::Message => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match message {
            Ok(message) => host.receive(message),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Port for ThreadPort {
    fn send(&mut self, message: Request) {
        if let Some(to) = &self.to {
            // A host that has died has said so.
            let _ = to.send(message);
        }
    }

    fn receive(&mut self) -> Vec<Update> {
        self.from.try_iter().collect()
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Drop for ThreadPort {
    fn drop(&mut self) {
        self.to = None;
        if let Some(thread) = self.thread.take() {
            // It caught its own panic.
            let _ = thread.join();
        }
    }
}
