//! A running simulation for people, without a window: pace, command log, checkpoints, seeking, branches, frames.
//!
//! A [`Port`] carries messages to a host and back. The only wall clock is the one the host is given; a run is the same
//! at any pace, any number of frames, and through any port. Nothing here changes a simulation but through `Command`.

mod checkpoint;
mod compare;
mod frame_sampler;
mod frame;
mod history;
mod totals;
mod message;
mod requests;
mod pace;
mod edge_counts;
mod port;
mod run;
mod execution_sample;
mod publish;
mod run_history;
mod standing;
mod turn;
mod command;
pub mod wire;

pub use frame::{
    Availability, Busy, CELLS, Cell, Delta, Doing, End, Fate, Flow, Frame, Gauge, Glance, HOPS, Hop, Instance, LIGHTS,
    Light, Machine, Phase, Resource, Source, Spot, Trouble, TroubleKind, Work,
};
pub use history::{Point, SourcePoint};
pub use message::{Lane, LoggedCommand, Pace, Request, Stride, Update};
#[cfg(not(target_arch = "wasm32"))]
pub use port::ThreadPort;
pub use port::{InlinePort, Port};
pub use requests::{Host, HostOptions};
pub use standing::digest_at;
pub use turn::Next;
