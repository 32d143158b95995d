//! The host: a run for people is the headless run.

mod past;
mod plays;
mod rig;
