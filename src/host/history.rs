//! The past of a run as a timeline: a point for each second (or more, of long runs), shared between clones.

use crate::measure::REASONS;

/// What happened in one stretch of time. Rates are per second.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Point {
    /// By source.
    pub sources: Vec<SourcePoint>,
    /// Utilization of each subject that can saturate, 0 to 1; NaN while it is down. In the order of their first appearance.
    pub subjects: Vec<f32>,
}

/// One source in one stretch of time; what ended counts where it ended.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SourcePoint {
    /// Requests begun.
    pub offered_per_s: f32,
    /// Ended well.
    pub succeeded_per_s: f32,
    /// Failed, in the order of `measure::REASONS`.
    pub failed_per_s: [f32; REASONS.len()],
    /// 95th percentile of the latency of those that ended well, seconds; NaN without any.
    pub p95_s: f32,
}
