//! How finely a profile is cut into straight pieces, and how many points that makes: known before it is cut.

use super::profile::{Level, Profile};
use crate::units::Span;

/// Pieces of a half-life of a decay, and of a doubling: the relative error is below (ln 2 / 16)² / 8 < 3e-4.
pub const PIECES: u32 = 16;
/// Half-lives after which a decay has ended (a 16,000,000th is left).
pub const LAST_HALF_LIFE: u32 = 24;
/// Pieces of all the days of a `Daily` together, as long as there are 16 to 256 of them a day: at 256 it is off by 8e-5
/// of its swing, and its integral over a day by nothing.
const OF_ALL_DAYS: f64 = 65_536.0;

/// The days of a `Daily`, one begun is one, and the pieces of each.
#[must_use]
pub fn days(period: Span, horizon: Span) -> (u64, u32) {
    let days = libm::ceil(horizon.0 as f64 / period.0.max(1) as f64).max(1.0);
    (days as u64, (OF_ALL_DAYS / days).clamp(16.0, 256.0) as u32)
}

/// The pieces of a growth that ends at `end`.
#[must_use]
pub fn doublings(every: Span, end: Span) -> u64 {
    libm::ceil(end.0 as f64 / every.0.max(1) as f64 * f64::from(PIECES)).max(0.0) as u64
}

/// Points of a growth or of days, at most: more doublings or days than make these are no profile.
const OF_ONE: u64 = 65_537;

impl<V: Level> Profile<V> {
    /// Points of its straight pieces until a horizon, at most.
    #[must_use]
    pub fn points(&self, horizon: Span) -> u64 {
        match self {
            Self::Constant(_) => 1,
            Self::Ramp { .. } => 2,
            Self::Stages { stages, .. } => 1 + stages.len() as u64,
            Self::Flash { .. } => 2 + u64::from(PIECES * LAST_HALF_LIFE),
            Self::Doubling { every, until, .. } => {
                doublings(*every, until.unwrap_or(horizon).min(horizon)).saturating_add(1).min(OF_ONE)
            }
            Self::Daily { period, .. } => {
                let (days, pieces) = days(*period, horizon);
                days.saturating_mul(u64::from(pieces)).saturating_add(1).min(OF_ONE)
            }
            Self::Trace(csv) => csv.points().len() as u64,
            Self::Shift(by, of) => of.points(Span(horizon.0.saturating_sub(by.0).max(0))),
            Self::Scale(_, of) => of.points(horizon),
            // A jump of one is two points of all.
            Self::Sum(parts) => parts.iter().map(|part| part.points(horizon)).fold(1, u64::saturating_add),
        }
    }
}
