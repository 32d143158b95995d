//! The catalogue of metrics: name, unit and meaning of each figure that CSV and the page show.

use crate::measure::results::{Latency, Resource, Traffic};

/// A figure of a `T`.
pub struct Metric<T> {
    /// As in the JSON.
    pub name: &'static str,
    /// `1` is a plain number or a share.
    pub unit: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Where it is; `None` when absent.
    pub read: fn(&T) -> Option<f64>,
}

fn latency(traffic: &Traffic, of: fn(&Latency) -> f64) -> Option<f64> {
    traffic.latency_s.as_ref().map(of)
}

/// Of a source or an operation.
pub const TRAFFIC: &[Metric<Traffic>] = &[
    Metric { name: "offered", unit: "1", meaning: "started within the horizon", read: |t| Some(t.offered as f64) },
    Metric { name: "succeeded", unit: "1", meaning: "ended well", read: |t| Some(t.succeeded as f64) },
    Metric { name: "degraded", unit: "1", meaning: "ended well by a fallback", read: |t| Some(t.degraded as f64) },
    Metric { name: "failed", unit: "1", meaning: "ended badly, for any reason", read: |t| Some(t.failures() as f64) },
    Metric { name: "in_flight", unit: "1", meaning: "without an outcome at the horizon", read: |t| Some(t.in_flight as f64) },
    Metric { name: "failed_share", unit: "1", meaning: "failed among those with an outcome", read: Traffic::failed_share },
    Metric { name: "offered_per_s", unit: "1/s", meaning: "offered per second of the horizon", read: |t| Some(t.offered_per_s) },
    Metric { name: "goodput_per_s", unit: "1/s", meaning: "succeeded per second of the horizon", read: |t| Some(t.goodput_per_s) },
    Metric { name: "latency_mean", unit: "s", meaning: "mean latency of those that succeeded", read: |t| latency(t, |l| l.mean) },
    Metric { name: "latency_p50", unit: "s", meaning: "median latency", read: |t| latency(t, |l| l.p50) },
    Metric { name: "latency_p90", unit: "s", meaning: "90th percentile of latency", read: |t| latency(t, |l| l.p90) },
    Metric { name: "latency_p95", unit: "s", meaning: "95th percentile of latency", read: |t| latency(t, |l| l.p95) },
    Metric { name: "latency_p99", unit: "s", meaning: "99th percentile of latency", read: |t| latency(t, |l| l.p99) },
    Metric { name: "latency_p999", unit: "s", meaning: "99.9th percentile of latency", read: |t| latency(t, |l| l.p999) },
    Metric { name: "latency_max", unit: "s", meaning: "longest latency", read: |t| latency(t, |l| l.max) },
];

/// Of a resource.
pub const RESOURCE: &[Metric<Resource>] = &[
    Metric { name: "capacity", unit: "1", meaning: "units of its kind: cores, workers, bytes", read: |r| Some(r.capacity) },
    Metric { name: "offered_load", unit: "1", meaning: "asked of it as a share of its capacity; above 1 it cannot keep up", read: |r| r.offered_load },
    Metric { name: "offered_load_max", unit: "1", meaning: "the most of it in any 10 s", read: |r| r.offered_load_max },
    Metric { name: "utilization_mean", unit: "1", meaning: "share in use while it was up", read: |r| Some(r.utilization_mean) },
    Metric { name: "utilization_max", unit: "1", meaning: "the most in any 10 s", read: |r| Some(r.utilization_max) },
    Metric { name: "waiting_mean", unit: "1", meaning: "mean number waiting for it", read: |r| Some(r.waiting_mean) },
    Metric { name: "waiting_max", unit: "1", meaning: "most waiting at one time", read: |r| Some(r.waiting_max) },
    Metric { name: "refused", unit: "1", meaning: "turned away because of it", read: |r| Some(r.refused as f64) },
    Metric { name: "saturated_at", unit: "s", meaning: "first second of saturation", read: |r| r.saturated_at_s },
    Metric { name: "saturated_for", unit: "s", meaning: "total time saturated", read: |r| Some(r.saturated_for_s) },
];

/// Plain digits for machines: whole numbers without a point, the rest so that they read back exactly.
pub fn digits(value: f64) -> String {
    format!("{value}")
}

/// Every metric in a row: table, name, unit, meaning.
pub fn glossary() -> Vec<[&'static str; 4]> {
    let traffic = TRAFFIC.iter().map(|m| ["traffic, operation", m.name, m.unit, m.meaning]);
    traffic.chain(RESOURCE.iter().map(|m| ["resource", m.name, m.unit, m.meaning])).collect()
}
