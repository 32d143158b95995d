//! The host: a run for people is the headless run.

mod plays;
mod rig;
