//! Quantities with a unit: what a number means, how it is written and how it is printed.
//!
//! Time inside a run is integer nanoseconds, so that two machines can never disagree about an order. Everything a
//! person writes is a string with its unit (`"250ms"`, `"4GiB"`, `"120/s"`, `"5%"`).

use serde::{Deserialize, Serialize};

/// An instant of a run in nanoseconds. Zero is the end of warm-up; warm-up itself is negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Time(pub i64);

/// A length of time in nanoseconds, never negative. Written `"250ms"`, `"1.5h"`; units ns us ms s min h d.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub i64);

/// Something per second: requests, users, transfers. Written `"120/s"`, `"3/min"`, `"5/h"`, `"100/d"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Rate(pub f64);

/// An amount of memory or data in bytes. Written `"4GiB"`, `"40KiB"`, `"1MB"`, `"512B"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u64);

/// Data per second, in bytes per second. Written `"1Gbit/s"`, `"100Mbit/s"`, `"10MiB/s"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Bandwidth(pub f64);

/// A share, 1.0 being the whole. Written `"5%"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Percent(pub f64);

/// Money per hour, in the scenario's currency. Written `"0.28/h"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Price(pub f64);
