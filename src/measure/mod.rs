//! Measuring: listens to a run and says what was asked, what came of it, what saturated and because of what.

mod blame;
mod histogram;
pub mod results;
mod series;

pub use results::Results;
