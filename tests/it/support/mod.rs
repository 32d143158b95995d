//! What every proof needs: scenario texts from parts, a runner, estimates with their uncertainty, exact values.

pub mod draft;
pub mod estimate;
pub mod ledger;
pub mod random;
pub mod run;
pub mod watch;
pub mod ways;

pub use draft::Draft;
pub use estimate::{Estimate, agree};
pub use run::{compile, finish, simulate};
pub use watch::Watch;
