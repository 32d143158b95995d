//! The host: a run for people is the headless run.

mod limits;
mod past;
mod plays;
mod rig;
