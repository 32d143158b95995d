//! Quantities with a unit: what a number means, how it is written and how it is printed.
//!
//! Time inside a run is integer nanoseconds, so that two machines can never disagree about an order. Everything a
//! person writes is a string with its unit (`"250ms"`, `"4GiB"`, `"120/s"`, `"5%"`); a number without one is an error,
//! because nobody can see whether `5` meant seconds or milliseconds. What is printed parses back to the same value.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::ops::{Add, Mul};
use std::{fmt, str::FromStr};

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

/// A hundred years: two of them and a run still fit into an instant.
const LONGEST_NANOS: f64 = 36_525.0 * 86_400e9;

/// Why a text is not the quantity it should be, and what would be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}; expected {expected}")]
pub struct UnitError {
    /// What is wrong.
    pub message: String,
    /// What was expected, with an example.
    pub expected: String,
}

/// A quantity that is written as a number with a unit.
pub trait Quantity: Sized + Copy + fmt::Display {
    /// "a time".
    const KIND: &'static str;
    /// A value in its usual unit: "250ms".
    const EXAMPLE: &'static str;
    /// Unit and its size in stored units (base units, but nanoseconds for times), the usual ones first.
    const UNITS: &'static [(&'static str, f64)];
    /// From stored units; None when it does not fit.
    fn from_stored(stored: f64) -> Option<Self>;
    /// From base units (seconds, bytes, per second, a share, money per hour); None when it does not fit.
    fn from_base(base: f64) -> Option<Self> {
        Self::from_stored(base)
    }
    /// In base units.
    fn base(self) -> f64;

    /// Reads a number with its unit; blanks around and between are allowed.
    fn parse(text: &str) -> Result<Self, UnitError> {
        let text = text.trim();
        let fail = |message: String| UnitError { message, expected: expected::<Self>() };
        let (number, unit) = split_number(text);
        let Some(value) = parse_number(number) else {
            return Err(fail(if text.is_empty() {
                format!("{} is missing", Self::KIND)
            } else if text.starts_with('-') {
                format!("{} cannot be negative", Self::KIND)
            } else {
                format!("`{text}` is not {}", Self::KIND)
            }));
        };
        let Some((_, size)) = Self::UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(fail(if unit.is_empty() {
                format!("`{text}` has no unit")
            } else {
                format!("`{unit}` is not a unit of {}", Self::KIND)
            }));
        };
        let quantity = Self::from_stored(value * size).ok_or_else(|| fail(format!("`{text}` is out of range")))?;
        if value != 0.0 && quantity.base() == 0.0 {
            return Err(fail(format!("`{text}` is too small")));
        }
        Ok(quantity)
    }
}

fn expected<Q: Quantity>() -> String {
    let units: Vec<&str> = Q::UNITS.iter().map(|(name, _)| *name).collect();
    format!("{} such as \"{}\" (units: {})", Q::KIND, Q::EXAMPLE, units.join(" "))
}

/// Splits `"1.5GiB"` into its number and its unit.
pub(crate) fn split_number(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    (&text[..end], text[end..].trim())
}

/// A plain decimal number: digits with `_` between them and one point. None for anything else.
pub(crate) fn parse_number(text: &str) -> Option<f64> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) || text.len() > 40 {
        return None;
    }
    text.replace('_', "").parse::<f64>().ok().filter(|value| value.is_finite())
}

/// The shortest way to write `base` in one of `units` that reads back as exactly the same number.
fn print_in(out: &mut fmt::Formatter<'_>, base: f64, units: &[(&str, f64)]) -> fmt::Result {
    for (name, size) in units {
        let rounded = (base / size * 1e6).round() / 1e6;
        if rounded * size == base && (rounded >= 1.0 || base == 0.0) {
            return write!(out, "{rounded}{name}");
        }
    }
    let (name, size) = units[units.len() - 1];
    for near in [base / size, (base / size).next_up(), (base / size).next_down()] {
        if near * size == base {
            return write!(out, "{near}{name}");
        }
    }
    write!(out, "{}{name}", base / size)
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// So many seconds, to the nearest nanosecond.
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds * 1_000_000_000)
    }
    /// Its length in seconds.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl Time {
    /// Seconds since time 0; negative in warm-up.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

/// Later by a length of time; at the end of time it stays there.
impl Add<Span> for Time {
    type Output = Self;
    #[inline(always)]
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

/// One after the other; at the longest it stays there.
impl Add for Span {
    type Output = Self;
    #[inline(always)]
    fn add(self, span: Self) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

/// So many of them.
impl Mul<i64> for Span {
    type Output = Self;
    #[inline(always)]
    fn mul(self, times: i64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

impl Quantity for Span {
    const KIND: &'static str = "a time";
    const EXAMPLE: &'static str = "250ms";
    const UNITS: &'static [(&'static str, f64)] =
        &[("ns", 1.0), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("min", 60e9), ("h", 3600e9), ("d", 86400e9)];
    fn from_stored(nanos: f64) -> Option<Self> {
        let nanos = nanos.round();
        (0.0..=LONGEST_NANOS).contains(&nanos).then_some(Self(nanos as i64))
    }
    fn from_base(seconds: f64) -> Option<Self> {
        Self::from_stored(seconds * 1e9)
    }
    fn base(self) -> f64 {
        self.as_seconds()
    }
}
impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [
            ("d", 86_400_000_000_000),
            ("h", 3_600_000_000_000),
            ("min", 60_000_000_000),
            ("s", 1_000_000_000),
            ("ms", 1_000_000),
            ("us", 1000),
        ];
        for (name, size) in units {
            if self.0 != 0 && self.0 % size == 0 {
                return write!(out, "{}{name}", self.0 / size);
            }
        }
        if self.0 == 0 { write!(out, "0s") } else { write!(out, "{}ns", self.0) }
    }
}

impl Quantity for Rate {
    const KIND: &'static str = "a rate";
    const EXAMPLE: &'static str = "120/s";
    const UNITS: &'static [(&'static str, f64)] =
        &[("/s", 1.0), ("/min", 1.0 / 60.0), ("/h", 1.0 / 3600.0), ("/d", 1.0 / 86400.0)];
    fn from_stored(base: f64) -> Option<Self> {
        (0.0..=1e15).contains(&base).then_some(Self(base))
    }
    fn base(self) -> f64 {
        self.0
    }
}
impl fmt::Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        print_in(
            out,
            self.0,
            &[("/s", 1.0), ("/min", 1.0 / 60.0), ("/h", 1.0 / 3600.0), ("/d", 1.0 / 86400.0), ("/s", 1.0)],
        )
    }
}

impl Quantity for Bytes {
    const KIND: &'static str = "a size";
    const EXAMPLE: &'static str = "40KiB";
    const UNITS: &'static [(&'static str, f64)] = &[
        ("B", 1.0),
        ("KiB", 1024.0),
        ("MiB", 1_048_576.0),
        ("GiB", 1_073_741_824.0),
        ("TiB", 1_099_511_627_776.0),
        ("kB", 1e3),
        ("MB", 1e6),
        ("GB", 1e9),
        ("TB", 1e12),
    ];
    fn from_stored(base: f64) -> Option<Self> {
        // Above 2^53 a float no longer holds every whole byte.
        (0.0..=9.0e15).contains(&base).then_some(Self(base.round() as u64))
    }
    fn base(self) -> f64 {
        self.0 as f64
    }
}
impl Bytes {
    /// So many GiB.
    pub const fn gib(gib: u64) -> Self {
        Self(gib << 30)
    }
}
impl fmt::Display for Bytes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [
            ("TiB", 1 << 40),
            ("GiB", 1 << 30),
            ("MiB", 1 << 20),
            ("KiB", 1 << 10),
            ("TB", 1_000_000_000_000),
            ("GB", 1_000_000_000),
            ("MB", 1_000_000),
            ("kB", 1000),
        ];
        // Quarters are exact in binary and how people speak of memory: 7.5GiB.
        let exact = |size: u64| self.0 >= size && self.0 < 1 << 50 && (self.0 * 4).is_multiple_of(size);
        let fitting = units.into_iter().filter(|(_, size)| exact(*size));
        let written = fitting.map(|(name, size)| (format!("{}{name}", self.0 as f64 / size as f64), name));
        // Of several that are exact the short one was meant, 2GB and not 1953125KiB; in doubt the binary one,
        // 250KiB and not 256kB.
        match written.min_by_key(|(written, unit)| written.len() + if unit.ends_with("iB") { 0 } else { 2 }) {
            Some((written, _)) => out.write_str(&written),
            None => write!(out, "{}B", self.0),
        }
    }
}

impl Quantity for Bandwidth {
    const KIND: &'static str = "a bandwidth";
    const EXAMPLE: &'static str = "100Mbit/s";
    const UNITS: &'static [(&'static str, f64)] = &[
        ("Mbit/s", 125e3),
        ("Gbit/s", 125e6),
        ("kbit/s", 125.0),
        ("bit/s", 0.125),
        ("B/s", 1.0),
        ("KiB/s", 1024.0),
        ("MiB/s", 1_048_576.0),
        ("GiB/s", 1_073_741_824.0),
        ("kB/s", 1e3),
        ("MB/s", 1e6),
        ("GB/s", 1e9),
    ];
    fn from_stored(base: f64) -> Option<Self> {
        (0.0..=1e15).contains(&base).then_some(Self(base))
    }
    fn base(self) -> f64 {
        self.0
    }
}
impl fmt::Display for Bandwidth {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [
            ("Gbit/s", 125e6),
            ("GiB/s", 1_073_741_824.0),
            ("Mbit/s", 125e3),
            ("MiB/s", 1_048_576.0),
            ("KiB/s", 1024.0),
            ("kbit/s", 125.0),
            ("B/s", 1.0),
        ];
        print_in(out, self.0, &units)
    }
}

impl Quantity for Percent {
    const KIND: &'static str = "a share";
    const EXAMPLE: &'static str = "5%";
    const UNITS: &'static [(&'static str, f64)] = &[("%", 0.01)];
    fn from_stored(base: f64) -> Option<Self> {
        (0.0..=1e9).contains(&base).then_some(Self(base))
    }
    fn base(self) -> f64 {
        self.0
    }
}
impl fmt::Display for Percent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        print_in(out, self.0, &[("%", 0.01)])
    }
}

impl Quantity for Price {
    const KIND: &'static str = "a price";
    const EXAMPLE: &'static str = "0.28/h";
    const UNITS: &'static [(&'static str, f64)] = &[("/h", 1.0)];
    fn from_stored(base: f64) -> Option<Self> {
        (0.0..=1e12).contains(&base).then_some(Self(base))
    }
    fn base(self) -> f64 {
        self.0
    }
}
impl fmt::Display for Price {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/h", self.0)
    }
}

macro_rules! written_as_text { ($($quantity:ident)*) => { $(
    impl FromStr for $quantity {
        type Err = UnitError;
        fn from_str(text: &str) -> Result<Self, UnitError> { Self::parse(text) }
    }
    impl Serialize for $quantity {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> { serializer.collect_str(self) }
    }
    impl<'de> Deserialize<'de> for $quantity {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
            Self::parse(&text).map_err(D::Error::custom)
        }
    }
)* } }
written_as_text! { Span Rate Bytes Bandwidth Percent Price }
