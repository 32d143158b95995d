//! A running simulation for people, without a window: pace, command log, checkpoints, seeking, branches, frames.
//!
//! A [`Port`] carries messages to a host and back. The only wall clock is the one the host is given; a run is the same
//! at any pace, any number of frames, and through any port. Nothing here changes a simulation but through `Command`.

mod checkpoint;
mod eye;
mod frame;
mod history;
mod live;
mod message;
mod obey;
mod pace;
mod pairs;
mod port;
mod run;
mod sample;
mod studying;
mod tell;
mod trail;
mod turn;
mod wish;

pub use frame::{
    Busy, CELLS, Cell, Delta, Doing, End, Fate, Flow, Frame, Gauge, Glance, HOPS, Hop, Instance, LIGHTS, Life, Light,
    Machine, Phase, Resource, Source, Spot, Trouble, TroubleKind, Work,
};
pub use history::{Point, SourcePoint};
pub use message::{Faulty, In, Job, Lane, Open, Opened, Out, Pace, Stride, Wish};
pub use obey::{Host, HostOptions};
#[cfg(not(target_arch = "wasm32"))]
pub use port::ThreadPort;
pub use port::{InlinePort, Port};
pub use turn::Next;
