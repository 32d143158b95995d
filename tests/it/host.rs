//! The host: a run for people is the headless run.

mod changes;
mod compare;
mod frames;
mod incident;
mod limits;
mod past;
mod plays;
mod rig;
mod wire;
