//! Numbers and names in the words of the panels.

use crate::report::number::{clock, figure};
use crate::units::Time;

/// Seconds since time 0.
#[must_use]
pub fn seconds_of(time: Time) -> f64 {
    time.0 as f64 / 1e9
}

/// The instant so many seconds after time 0.
#[must_use]
pub fn time_of(seconds: f64) -> Time {
    Time((seconds * 1e9).round() as i64)
}

/// "60×", "0.05×", "max".
#[must_use]
pub fn speed(speed: f64) -> String {
    if speed.is_finite() { format!("{speed}×") } else { "max".to_owned() }
}

/// How fast it really goes: "58.3×".
#[must_use]
pub fn achieved(speed: f64) -> String {
    if speed > 0.0 { format!("{}×", figure(speed)) } else { "stands".to_owned() }
}

/// "123/s"
#[must_use]
pub fn per_s(rate: f64) -> String {
    format!("{}/s", figure(rate))
}

/// The present as a clock; fractions of a second where time is slow enough to see them.
#[must_use]
pub fn present(time: Time, slow: bool) -> String {
    let seconds = seconds_of(time);
    if !slow {
        return clock(seconds);
    }
    let micros = time.0.rem_euclid(1_000_000_000) / 1_000;
    if time.0 < 0 { clock(seconds) } else { format!("{}.{:03} {:03}", clock(seconds), micros / 1_000, micros % 1_000) }
}

/// A sentence of at most so many characters.
#[must_use]
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}
