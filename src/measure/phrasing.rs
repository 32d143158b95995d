//! A metric's value in a sentence.

use crate::number::sentence;
use crate::scenario::metric::Unit;

/// In its unit.
pub fn quantity(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Seconds if value == 0.0 => "0 s".into(),
        Unit::Seconds => sentence::seconds(value),
        Unit::Share => sentence::percent(value),
        Unit::PerSecond => format!("{}/s", sentence::figure(value)),
        Unit::Money => format!("{value:.4}"),
        Unit::Count | Unit::OfResource => sentence::figure(value),
    }
}
