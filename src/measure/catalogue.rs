//! The one catalogue of figures: name, unit, meaning and where it is read. Tables, CSV columns, docs and the answers to
//! objectives are made from it.
//!
//! A new figure is a field of the results and a row here; a test holds the two together. One that objectives or
//! conditions can ask for takes its unit and meaning from their table.

use super::results::{Cost, Latency, Resource, Traffic};
use crate::scenario::metric::{Metric, Unit};

/// One figure of a `T`.
pub struct Figure<T> {
    /// Key in the results; a dot leads into a nested object.
    pub key: &'static str,
    /// Title in tables.
    pub title: &'static str,
    pub unit: Unit,
    pub meaning: &'static str,
    /// The metric that it answers.
    pub answers: Option<Metric>,
    /// Absent where there is nothing to measure.
    pub read: fn(&T) -> Option<f64>,
}

const fn figure<T>(
    key: &'static str,
    title: &'static str,
    unit: Unit,
    meaning: &'static str,
    read: fn(&T) -> Option<f64>,
) -> Figure<T> {
    Figure { key, title, unit, meaning, answers: None, read }
}

/// A figure that can be asked for.
const fn answer<T>(key: &'static str, title: &'static str, metric: Metric, read: fn(&T) -> Option<f64>) -> Figure<T> {
    let row = metric.row();
    Figure { key, title, unit: row.unit, meaning: row.meaning, answers: Some(metric), read }
}

/// The figure among `figures` that answers a metric.
pub fn answering<T>(figures: &[Figure<T>], metric: Metric) -> Option<&Figure<T>> {
    figures.iter().find(|figure| figure.answers == Some(metric))
}

fn latency(traffic: &Traffic, of: fn(&Latency) -> f64) -> Option<f64> {
    traffic.latency_s.as_ref().map(of)
}

/// Of a source or an operation.
pub static TRAFFIC: [Figure<Traffic>; 15] = [
    figure(
        "offered",
        "offered",
        Unit::Count,
        "Requests (of a source) or attempts (at an operation) that started within the horizon.",
        |t| Some(t.offered as f64),
    ),
    figure("succeeded", "succeeded", Unit::Count, "Those that ended well.", |t| Some(t.succeeded as f64)),
    figure("degraded", "degraded", Unit::Count, "Of the succeeded, those answered by a fallback.", |t| {
        Some(t.degraded as f64)
    }),
    figure("failed", "failed", Unit::Count, "Those that failed, by reason.", |t| Some(t.failures() as f64)),
    figure("in_flight", "in flight", Unit::Count, "Those without an outcome at the horizon.", |t| {
        Some(t.in_flight as f64)
    }),
    answer("offered_per_s", "offered/s", Metric::Rate, |t| Some(t.offered_per_s)),
    answer("goodput_per_s", "goodput/s", Metric::Goodput, |t| Some(t.goodput_per_s)),
    answer("latency_s.mean", "mean", Metric::Average, |t| latency(t, |l| l.mean)),
    figure("latency_s.p50", "p50", Unit::Seconds, "Median of that latency.", |t| latency(t, |l| l.p50)),
    figure("latency_s.p90", "p90", Unit::Seconds, "90th percentile of that latency.", |t| latency(t, |l| l.p90)),
    figure("latency_s.p95", "p95", Unit::Seconds, "95th percentile of that latency.", |t| latency(t, |l| l.p95)),
    figure("latency_s.p99", "p99", Unit::Seconds, "99th percentile of that latency.", |t| latency(t, |l| l.p99)),
    figure("latency_s.p999", "p99.9", Unit::Seconds, "99.9th percentile of that latency.", |t| latency(t, |l| l.p999)),
    figure("latency_s.max", "max", Unit::Seconds, "Longest latency.", |t| latency(t, |l| l.max)),
    figure(
        "sessions",
        "sessions",
        Unit::Count,
        "Sessions begun within the horizon; sources with sessions only.",
        |t| t.sessions.map(|n| n as f64),
    ),
];

/// Of a resource.
pub static RESOURCES: [Figure<Resource>; 15] = [
    figure(
        "capacity",
        "capacity",
        Unit::OfResource,
        "What it has: cores, threads, workers, connections, descriptors, bytes, bytes/s.",
        |r| Some(r.capacity),
    ),
    figure(
        "offered_load",
        "ρ asked",
        Unit::Share,
        "ρ = λ S / c: uses asked per second, counted from the sources down, times the unit-seconds one takes, over the capacity; above 1 it cannot keep up.",
        |r| r.offered_load,
    ),
    figure("offered_load_max", "ρ peak", Unit::Share, "The most of that in any 10 s.", |r| r.offered_load_max),
    answer("utilization_mean", "used", Metric::Utilization, |r| Some(r.utilization_mean)),
    figure("utilization_max", "used peak", Unit::Share, "The most of that in any 10 s.", |r| Some(r.utilization_max)),
    answer("waiting_mean", "waiting", Metric::Waiting, |r| Some(r.waiting_mean)),
    figure("waiting_max", "waiting peak", Unit::Count, "Most that ever waited at once.", |r| Some(r.waiting_max)),
    figure("refused", "refused", Unit::Count, "Turned away because of it.", |r| Some(r.refused as f64)),
    figure(
        "saturated_at_s",
        "saturated at",
        Unit::Seconds,
        "First second of saturation: 10 s mean of utilization at least 0.95 with somebody waiting or refused.",
        |r| r.saturated_at_s,
    ),
    figure("saturated_for_s", "saturated for", Unit::Seconds, "Total time saturated; it clears below 0.85.", |r| {
        Some(r.saturated_for_s)
    }),
    figure(
        "completions",
        "uses",
        Unit::Count,
        "Uses of it that ended: calls that gave back their worker, connections closed, pieces of work done.",
        |r| r.completions.map(|n| n as f64),
    ),
    figure("busy_s", "in use", Unit::Seconds, "Unit-seconds in use; over `capacity_s` it is the utilization.", |r| {
        Some(r.busy_s)
    }),
    figure(
        "beyond_s",
        "beyond",
        Unit::Seconds,
        "Unit-seconds still held beyond the capacity: of what is down, drained or smaller than before.",
        |r| Some(r.beyond_s),
    ),
    figure(
        "waiting_s",
        "waited",
        Unit::Seconds,
        "Seconds that all who waited for it waited; over the horizon it is the mean number waiting.",
        |r| Some(r.waiting_s),
    ),
    figure("capacity_s", "had", Unit::Seconds, "Unit-seconds it had.", |r| Some(r.capacity_s)),
];

/// Of the bill.
pub static COST: [Figure<Cost>; 2] = [
    answer("total", "total", Metric::Total, |c| Some(c.total)),
    answer("per_thousand_succeeded", "per 1,000", Metric::PerThousand, |c| c.per_thousand_succeeded),
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

        let cost = serde_json::to_value(Cost { total: 1.0, per_thousand_succeeded: Some(1.0) }).unwrap();
        let mut found = Vec::new();
        keys(&cost, "", &[], &mut found);
        found.sort();
        let mut listed: Vec<String> = COST.iter().map(|m| m.key.to_string()).collect();
        listed.sort();
        assert_eq!(found, listed);
    }
}
