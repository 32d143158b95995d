//! A rate or population over time as straight pieces.
use crate::units::Time;

/// Breakpoints (time, value), linear between, constant before the first and after the last; a jump is two points at one time.
/// Exponential pieces (Flash decay, Doubling) are cut into 16 straight ones per half-life: relative error below 3e-4.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile { pub points: Vec<(Time, f64)> }
