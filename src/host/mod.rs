//! A running simulation for people, without a window: pace, command log, checkpoints, seeking, branches, frames.
//!
//! A [`Port`] carries messages to a host and back. The only wall clock is the one the host is given; a run is the same at
//! any pace, any number of frames, and through any port. Nothing here changes a simulation but through `Command`.

mod frame;
mod history;
mod message;

pub use frame::{
    Busy, CELLS, Cell, Delta, Doing, End, Flow, Frame, Gauge, Glance, Instance, LIGHTS, Life, Light, Machine, Phase, Resource, Source,
    Spot, Trouble, TroubleKind, Work,
};
pub use history::{Point, SourcePoint};
pub use message::{Faulty, In, Lane, Open, Opened, Out, Pace, Stride, Wish};

/// The way to a host and back.
pub trait Port {
    /// Ask something of it.
    fn send(&mut self, message: In);
    /// What it has told since the last time, in order. An inline host works meanwhile.
    fn receive(&mut self) -> Vec<Out>;
}
