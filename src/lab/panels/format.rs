//! Numbers and names in the words of the panels.

use crate::engine::ResourceKind;
use crate::host::Availability;
use crate::measure::{REASONS, reason_name};
use crate::number::{clock, count, figure};
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
    if speed > 0.0 { format!("{}×", figure(speed)) } else { "paused".to_owned() }
}

/// "123/s"
#[must_use]
pub fn per_s(rate: f64) -> String {
    format!("{}/s", figure(rate))
}

/// The present as a clock, 0:00 as long as the warm-up lasts; fractions of a second where time is slow enough to see
/// them.
#[must_use]
pub fn present(time: Time, slow: bool) -> String {
    let seconds = seconds_of(time).max(0.0);
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

/// An amount of what a kind of resource has: cores, workers, bytes.
#[must_use]
pub fn amount(kind: ResourceKind, value: f64) -> String {
    match kind {
        ResourceKind::Memory => bytes(value),
        ResourceKind::Network | ResourceKind::Ingress => format!("{}/s", bytes(value)),
        ResourceKind::Disk => per_s(value),
        ResourceKind::Cpu | ResourceKind::Quota => format!("{} cores", figure(value)),
        ResourceKind::Instances
        | ResourceKind::Threads
        | ResourceKind::Workers
        | ResourceKind::Connections
        | ResourceKind::KeepAlive
        | ResourceKind::Descriptors
        | ResourceKind::Queue
        | ResourceKind::Lock
        | ResourceKind::Pool
        | ResourceKind::Slots => {
            if value.fract() == 0.0 && value.abs() < 1e9 {
                count(value.max(0.0) as u64)
            } else {
                figure(value)
            }
        }
    }
}

/// So much of so much, the unit said once: "2.86 of 4.00 cores".
#[must_use]
pub fn amount_of(kind: ResourceKind, level: f64, capacity: f64) -> String {
    let whole = amount(kind, capacity);
    let part = amount(kind, level);
    match (part.rsplit_once(' '), whole.rsplit_once(' ')) {
        (Some((number, unit)), Some((_, same))) if unit == same => format!("{number} of {whole}"),
        _ => format!("{part} of {whole}"),
    }
}

/// "1.20 GiB"
#[must_use]
pub fn bytes(value: f64) -> String {
    let units = [(1024.0_f64.powi(3), "GiB"), (1024.0_f64.powi(2), "MiB"), (1024.0, "KiB")];
    match units.into_iter().find(|(size, _)| value.abs() >= *size) {
        Some((size, name)) => format!("{} {name}", figure(value / size)),
        None => format!("{} B", figure(value)),
    }
}

/// What something that lives is at.
#[must_use]
pub fn availability(availability: Availability) -> String {
    match availability {
        Availability::Up => "up".to_owned(),
        Availability::Booting { until: Some(until) } => format!("starting, ready at {}", clock(seconds_of(until))),
        Availability::Booting { until: None } => "starting".to_owned(),
        Availability::Down => "down".to_owned(),
        Availability::Draining => "draining".to_owned(),
        Availability::Removed => "gone".to_owned(),
    }
}

/// How a request failed, in the words of the legend, by its name in the results.
#[must_use]
pub fn reason(name: &str) -> &str {
    let known = REASONS.into_iter().enumerate().find(|(at, _)| reason_name(*at) == name);
    known.map_or(name, |(_, reason)| reason.words())
}
