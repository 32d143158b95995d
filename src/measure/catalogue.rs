//! The one catalogue of metrics: name, unit, meaning and where it is read. Tables, CSV columns and docs are made from
//! it.
//!
//! A new figure is a field of the results and a row here; a test holds the two together.

use super::results::{Latency, Resource, Traffic};

/// What a metric counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Things per second.
    PerSecond,
    Seconds,
    /// 1 is the whole.
    Share,
    /// The unit of the resource: cores, workers, bytes, ...
    OfResource,
}

impl Unit {
    /// As in a column's title.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Count => "",
            Unit::PerSecond => "1/s",
            Unit::Seconds => "s",
            Unit::Share => "share",
            Unit::OfResource => "units",
        }
    }
}

/// One figure of a `T`.
pub struct Metric<T> {
    /// Key in the results; a dot leads into a nested object.
    pub key: &'static str,
    /// Title in tables.
    pub title: &'static str,
    pub unit: Unit,
    pub meaning: &'static str,
    /// Absent where there is nothing to measure.
    pub read: fn(&T) -> Option<f64>,
}

const fn metric<T>(
    key: &'static str,
    title: &'static str,
    unit: Unit,
    meaning: &'static str,
    read: fn(&T) -> Option<f64>,
) -> Metric<T> {
    Metric { key, title, unit, meaning, read }
}

fn latency(traffic: &Traffic, of: fn(&Latency) -> f64) -> Option<f64> {
    traffic.latency_s.as_ref().map(of)
}

/// Of a source or an operation.
pub static TRAFFIC: [Metric<Traffic>; 15] = [
    metric(
        "offered",
        "offered",
        Unit::Count,
        "Requests (of a source) or attempts (at an operation) that started within the horizon.",
        |t| Some(t.offered as f64),
    ),
    metric("succeeded", "succeeded", Unit::Count, "Those that ended well.", |t| Some(t.succeeded as f64)),
    metric("degraded", "degraded", Unit::Count, "Of the succeeded, those answered by a fallback.", |t| {
        Some(t.degraded as f64)
    }),
    metric("failed", "failed", Unit::Count, "Those that failed, by reason.", |t| Some(t.failures() as f64)),
    metric("in_flight", "in flight", Unit::Count, "Those without an outcome at the horizon.", |t| {
        Some(t.in_flight as f64)
    }),
    metric("offered_per_s", "offered/s", Unit::PerSecond, "Offered per second of the horizon.", |t| {
        Some(t.offered_per_s)
    }),
    metric("goodput_per_s", "goodput/s", Unit::PerSecond, "Succeeded per second of the horizon.", |t| {
        Some(t.goodput_per_s)
    }),
    metric(
        "latency_s.mean",
        "mean",
        Unit::Seconds,
        "Mean latency of those that succeeded, from the intended start to the final outcome.",
        |t| latency(t, |l| l.mean),
    ),
    metric("latency_s.p50", "p50", Unit::Seconds, "Median of that latency.", |t| latency(t, |l| l.p50)),
    metric("latency_s.p90", "p90", Unit::Seconds, "90th percentile of that latency.", |t| latency(t, |l| l.p90)),
    metric("latency_s.p95", "p95", Unit::Seconds, "95th percentile of that latency.", |t| latency(t, |l| l.p95)),
    metric("latency_s.p99", "p99", Unit::Seconds, "99th percentile of that latency.", |t| latency(t, |l| l.p99)),
    metric("latency_s.p999", "p99.9", Unit::Seconds, "99.9th percentile of that latency.", |t| latency(t, |l| l.p999)),
    metric("latency_s.max", "max", Unit::Seconds, "Longest latency.", |t| latency(t, |l| l.max)),
    metric(
        "sessions",
        "sessions",
        Unit::Count,
        "Sessions begun within the horizon; sources with sessions only.",
        |t| t.sessions.map(|n| n as f64),
    ),
];

/// Of a resource.
pub static RESOURCES: [Metric<Resource>; 10] = [
    metric(
        "capacity",
        "capacity",
        Unit::OfResource,
        "What it has: cores, threads, workers, connections, descriptors, bytes, bytes/s.",
        |r| Some(r.capacity),
    ),
    metric(
        "offered_load",
        "ρ asked",
        Unit::Share,
        "What was asked of it, counted from the sources down, as a share of its capacity; above 1 it cannot keep up.",
        |r| r.offered_load,
    ),
    metric("offered_load_max", "ρ peak", Unit::Share, "The most of that in any 10 s.", |r| r.offered_load_max),
    metric(
        "utilization_mean",
        "used",
        Unit::Share,
        "Share of the capacity in use, mean over the time it was up.",
        |r| Some(r.utilization_mean),
    ),
    metric("utilization_max", "used peak", Unit::Share, "The most of that in any 10 s.", |r| Some(r.utilization_max)),
    metric("waiting_mean", "waiting", Unit::Count, "Mean number waiting for it.", |r| Some(r.waiting_mean)),
    metric("waiting_max", "waiting peak", Unit::Count, "Most that ever waited at once.", |r| Some(r.waiting_max)),
    metric("refused", "refused", Unit::Count, "Turned away because of it.", |r| Some(r.refused as f64)),
    metric(
        "saturated_at_s",
        "saturated at",
        Unit::Seconds,
        "First second of saturation: 10 s mean of utilization at least 0.95 with somebody waiting or refused.",
        |r| r.saturated_at_s,
    ),
    metric("saturated_for_s", "saturated for", Unit::Seconds, "Total time saturated; it clears below 0.85.", |r| {
        Some(r.saturated_for_s)
    }),
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn keys(value: &Value, prefix: &str, skip: &[&str], out: &mut Vec<String>) {
        let Value::Object(map) = value else { return };
        for (key, inner) in map {
            let path = format!("{prefix}{key}");
            if skip.contains(&key.as_str()) {
                continue;
            }
            match inner {
                Value::Object(inside) if !inside.is_empty() => keys(inner, &format!("{path}."), skip, out),
                _ => out.push(path),
            }
        }
    }

    #[test]
    fn every_figure_of_the_results_is_in_the_catalogue() {
        let latency_s = Some(Latency { mean: 1.0, p50: 1.0, p90: 1.0, p95: 1.0, p99: 1.0, p999: 1.0, max: 1.0 });
        let traffic = Traffic { latency_s, sessions: Some(1), ..Traffic::default() };
        let mut found = Vec::new();
        keys(&serde_json::to_value(traffic).unwrap(), "", &[], &mut found);
        found.sort();
        let mut listed: Vec<String> = TRAFFIC.iter().map(|m| m.key.to_string()).collect();
        listed.sort();
        assert_eq!(found, listed);

        let schema = serde_json::to_value(schemars::schema_for!(Resource)).unwrap();
        let mut found: Vec<String> = schema["properties"].as_object().unwrap().keys().cloned().collect();
        found.retain(|k| !["id", "subject", "service", "machine", "kind"].contains(&k.as_str()));
        found.sort();
        let mut listed: Vec<String> = RESOURCES.iter().map(|m| m.key.to_string()).collect();
        listed.sort();
        assert_eq!(found, listed);
    }
}
