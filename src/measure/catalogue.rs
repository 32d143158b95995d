//! The one catalogue of figures: name, unit, meaning and where it is read. Tables, CSV columns, docs and the answers to
//! objectives are made from it.
//!
//! A new figure is a field of the results and a row here; a test holds the two together. One that objectives or
//! conditions can ask for takes its unit and meaning from their table.

use super::results::{Cost, JourneyStep, Latency, Queue, Resource, Sessions, Traffic};
use crate::scenario::metric::{Metric, Unit};
use schemars::Schema;
use serde_json::Value;

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
pub static TRAFFIC: [Figure<Traffic>; 16] = [
    figure(
        "offered",
        "offered",
        Unit::Count,
        "Requests (of a source), calls (at an operation, every attempt is one) or messages that began within the horizon. \
         Offered = succeeded + failed + in flight.",
        |t| Some(t.offered as f64),
    ),
    figure(
        "succeeded",
        "succeeded",
        Unit::Count,
        "Of those, the ones that ended well, whenever: the figures of a source or an operation are of the cohort that \
         began within the horizon.",
        |t| Some(t.succeeded as f64),
    ),
    figure(
        "degraded",
        "degraded",
        Unit::Count,
        "Of the succeeded, those answered by the fallback of a `Try`, here or below. In tables as a share of those that \
         ended, as `degraded` in objectives.",
        |t| Some(t.degraded as f64),
    ),
    figure(
        "failed",
        "failed",
        Unit::Count,
        "Those that failed, by reason. In tables as a share of those that ended, as `failed` in objectives.",
        |t| Some(t.failures() as f64),
    ),
    figure(
        "in_flight",
        "in flight",
        Unit::Count,
        "Those without an outcome at the horizon; they are in no share and no percentile.",
        |t| Some(t.in_flight as f64),
    ),
    answer("offered_per_s", "offered/s", Metric::Rate, |t| Some(t.offered_per_s)),
    answer("goodput_per_s", "goodput/s", Metric::Goodput, |t| Some(t.goodput_per_s)),
    answer("latency_s.mean", "mean", Metric::Average, |t| latency(t, |l| l.mean)),
    figure("latency_s.p50", "p50", Unit::Seconds, "Half of those that succeeded took no longer.", |t| {
        latency(t, |l| l.p50)
    }),
    figure("latency_s.p90", "p90", Unit::Seconds, "90 % of those that succeeded took no longer.", |t| {
        latency(t, |l| l.p90)
    }),
    figure(
        "latency_s.p95",
        "p95",
        Unit::Seconds,
        "95 % of those that succeeded took no longer. `p(95)` of an objective is another where some failed: there they \
         count as endless.",
        |t| latency(t, |l| l.p95),
    ),
    figure(
        "latency_s.p99",
        "p99",
        Unit::Seconds,
        "99 % of those that succeeded took no longer; `p(99)` of an objective counts failures as endless.",
        |t| latency(t, |l| l.p99),
    ),
    figure("latency_s.p999", "p99.9", Unit::Seconds, "99.9 % of those that succeeded took no longer.", |t| {
        latency(t, |l| l.p999)
    }),
    figure("latency_s.max", "max", Unit::Seconds, "Longest latency of those that succeeded.", |t| {
        latency(t, |l| l.max)
    }),
    figure("failed_share", "failed", Unit::Share, "Failed / (succeeded + failed).", Traffic::failed_share),
    figure("degraded_share", "degraded", Unit::Share, "Degraded / (succeeded + failed).", Traffic::degraded_share),
];

/// Of the sessions of a source.
pub static SESSIONS: [Figure<Sessions>; 15] = [
    figure(
        "came",
        "came",
        Unit::Count,
        "Sessions that came within the horizon; one is one walk through the journey, and whoever is of a closed \
         population begins another where the last ended. Came = completed + gave up + still there.",
        |s| Some(s.came as f64),
    ),
    figure("completed", "completed", Unit::Count, "Those that got to the end of their journey.", |s| {
        Some(s.completed as f64)
    }),
    figure(
        "degraded",
        "degraded",
        Unit::Count,
        "Of the completed, those in which something was answered by a fallback.",
        |s| Some(s.degraded as f64),
    ),
    figure(
        "gave_up",
        "gave up",
        Unit::Count,
        "Those that left before the end, by the reason of the step that failed for good, retries included.",
        |s| Some(s.left() as f64),
    ),
    figure("still_there", "still there", Unit::Count, "Those on their way at the horizon.", |s| {
        Some(s.still_there as f64)
    }),
    figure("came_per_s", "came/s", Unit::PerSecond, "Came / seconds of the horizon.", |s| Some(s.came_per_s)),
    figure("completed_per_s", "completed/s", Unit::PerSecond, "Completed / seconds of the horizon.", |s| {
        Some(s.completed_per_s)
    }),
    answer("completed_share", "completed", Metric::Completed, |s| s.completed_share),
    answer("gave_up_share", "gave up", Metric::GaveUp, |s| s.gave_up_share),
    answer("duration_s.mean", "mean", Metric::SessionAverage, |s| s.duration_s.map(|d| d.mean)),
    figure(
        "duration_s.p50",
        "p50",
        Unit::Seconds,
        "From arrival to the end of the journey, rests included: half of those that completed took no longer.",
        |s| s.duration_s.map(|d| d.p50),
    ),
    figure("duration_s.p90", "p90", Unit::Seconds, "90 % of those that completed took no longer.", |s| {
        s.duration_s.map(|d| d.p90)
    }),
    figure(
        "duration_s.p95",
        "p95",
        Unit::Seconds,
        "95 % of those that completed took no longer; `p(95) session` of an objective counts those that gave up as \
         endless.",
        |s| s.duration_s.map(|d| d.p95),
    ),
    figure("duration_s.p99", "p99", Unit::Seconds, "99 % of those that completed took no longer.", |s| {
        s.duration_s.map(|d| d.p99)
    }),
    figure("duration_s.max", "max", Unit::Seconds, "The longest of those that completed.", |s| {
        s.duration_s.map(|d| d.max)
    }),
];

/// Of a step of a journey.
pub static STEPS: [Figure<JourneyStep>; 7] = [
    figure("reached", "reached", Unit::Count, "Sessions that got as far as this call.", |s| Some(s.reached as f64)),
    figure(
        "calls",
        "calls",
        Unit::Count,
        "Calls they made there: several each (loops, reconnects), retries not counted. Sessions that began in the warm-up are left out, with their calls.",
        |s| Some(s.calls as f64),
    ),
    figure("failed", "failed", Unit::Count, "Of the calls, those that failed for good, retries included.", |s| {
        Some(s.failed as f64)
    }),
    figure("gave_up", "gave up", Unit::Count, "Sessions that ended there, by reason.", |s| Some(s.left() as f64)),
    figure("latency_s.mean", "mean", Unit::Seconds, "Mean time of the calls that succeeded.", |s| {
        s.latency_s.map(|l| l.mean)
    }),
    figure("latency_s.p95", "p95", Unit::Seconds, "95 % of the calls that succeeded took no longer.", |s| {
        s.latency_s.map(|l| l.p95)
    }),
    figure("latency_s.max", "max", Unit::Seconds, "Longest call that succeeded.", |s| s.latency_s.map(|l| l.max)),
];

/// Of a line of those who wait.
pub static QUEUES: [Figure<Queue>; 9] = [
    figure(
        "waited_share",
        "waited",
        Unit::Share,
        "Of the calls that wanted it, those that had to wait: waited / taken in for workers, waited / attempts over the \
         link for a pool or places. Absent for threads, locks and brokers.",
        |q| q.waited_share,
    ),
    figure(
        "deepest",
        "deepest",
        Unit::Count,
        "Most that waited at one time, between the looks too; the timeline has those of its looks, once per simulated \
         second, and may miss it.",
        |q| Some(q.deepest as f64),
    ),
    figure("deepest_at_s", "at", Unit::Seconds, "When there were so many for the first time, exactly.", |q| {
        Some(q.deepest_at_s)
    }),
    figure(
        "oldest_s",
        "oldest",
        Unit::Seconds,
        "The longest that anybody in the line had waited at a look, once per simulated second; a message since it was \
         accepted. Absent where nobody stood there at a look, and for threads, which all who want one share.",
        |q| q.oldest_s,
    ),
    figure("oldest_at_s", "at", Unit::Seconds, "When that was.", |q| q.oldest_at_s),
    figure(
        "empty_at_s",
        "empty at",
        Unit::Seconds,
        "When the line was empty again after its deepest moment: each member that held somebody from then on was empty \
         since. Never: it was not; lost: an instance died, and who stood there did not get in.",
        |q| q.empty_at_s,
    ),
    figure("drain_s", "drained in", Unit::Seconds, "Empty at - deepest at: how long it took to drain.", |q| q.drain_s),
    figure(
        "lost_at_s",
        "lost at",
        Unit::Seconds,
        "When an instance died and those who stood there were lost: such a line did not drain. Absent where none did.",
        |q| q.lost_at_s,
    ),
    figure("left", "left", Unit::Count, "Waiting at the end of the run.", |q| Some(q.left as f64)),
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
        "ρ = λ S / c, of every kind alike. λ: every attempt per second that is meant for it, counted from the sources \
         down: retries, fallbacks, and those that are turned away or give up there or before it count in full. S: the \
         unit-seconds that those which took it asked for or held on average, waiting for what they call included; of a \
         connection that is kept, also while nobody uses it. What a caller cuts short (`cancel`) asked cores, threads, \
         disks and networks for all of its work, and held all else until then only. c: what was up. Above 1 it cannot \
         keep up; where every attempt takes it and none is cut short, it is the utilization.",
        |r| r.offered_load,
    ),
    figure(
        "offered_load_max",
        "ρ peak",
        Unit::Share,
        "The most of that in any 10 s; of connections that are kept then no less than are open.",
        |r| r.offered_load_max,
    ),
    answer("utilization_mean", "used", Metric::Utilization, |r| Some(r.utilization_mean)),
    figure("utilization_max", "used peak", Unit::Share, "The most of that in any 10 s.", |r| Some(r.utilization_max)),
    answer("waiting_mean", "waiting", Metric::Waiting, |r| Some(r.waiting_mean)),
    figure("waiting_max", "waiting peak", Unit::Count, "Most that ever waited at once.", |r| Some(r.waiting_max)),
    figure("refused", "refused", Unit::Count, "Turned away because of it.", |r| Some(r.refused as f64)),
    figure(
        "saturated_at_s",
        "saturated at",
        Unit::Seconds,
        "When it filled for the first time, of several the first of them, as the story tells it. Saturated: 95 % and more of \
         it in use over 10 s while somebody waits, and more asked of it than it can do; or full, however short, when that \
         hurt somebody. One server at ρ 0.93 has a long line now and then: by chance, which is not counted.",
        |r| r.saturated_at_s,
    ),
    figure(
        "saturated_for_s",
        "saturated for",
        Unit::Seconds,
        "Total time saturated, from when it filled until there was room; it ends below 85 % over 10 s, or when nobody \
         waited for 10 s. Of several together, that of the member that was saturated longest: the spans of the story are \
         from the first member that filled until the last had room, so that they may be longer.",
        |r| Some(r.saturated_for_s),
    ),
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

/// Puts the meanings of the catalogue into a JSON Schema of results, so that a figure is defined once.
pub fn describe(schema: &mut Schema) {
    fn put<T>(schema: &mut Schema, record: &str, figures: &[Figure<T>]) {
        for figure in figures {
            let at = format!("/$defs/{record}/properties/{}", figure.key);
            if let Some(Value::Object(field)) = schema.pointer_mut(&at) {
                field.insert("description".into(), figure.meaning.into());
            }
        }
    }
    // Operations have the figures of traffic among their own.
    put(schema, "Traffic", &TRAFFIC);
    put(schema, "Operation", &TRAFFIC);
    put(schema, "Sessions", &SESSIONS);
    put(schema, "JourneyStep", &STEPS);
    put(schema, "Queue", &QUEUES);
    put(schema, "Resource", &RESOURCES);
    put(schema, "Cost", &COST);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fields of a record by its schema, those of a latency one by one; without its names.
    fn fields<T: schemars::JsonSchema>(names: &[&str]) -> Vec<String> {
        let schema = serde_json::to_value(schemars::schema_for!(T)).unwrap();
        let mut found = Vec::new();
        for key in schema["properties"].as_object().unwrap().keys().filter(|key| !names.contains(&key.as_str())) {
            match key.as_str() {
                "latency_s" | "duration_s" => {
                    found.extend(
                        ["mean", "p50", "p90", "p95", "p99", "p999", "max"].map(|part| format!("{key}.{part}")),
                    );
                }
                _ => found.push(key.clone()),
            }
        }
        found
    }

    #[track_caller]
    fn lists<T: schemars::JsonSchema>(figures: &[Figure<T>], names: &[&str], derived: &[&str], left_out: &[&str]) {
        let mut found = fields::<T>(names);
        found.retain(|key| !left_out.contains(&key.as_str()));
        found.sort();
        let mut listed: Vec<String> = figures.iter().map(|figure| figure.key.to_owned()).collect();
        listed.retain(|key| !derived.contains(&key.as_str()));
        listed.sort();
        assert_eq!(found, listed);
    }

    #[test]
    fn every_figure_of_the_results_is_in_the_catalogue() {
        // Two shares that tables print follow from counts.
        lists(&TRAFFIC, &["sessions"], &["failed_share", "degraded_share"], &[]);
        lists(&SESSIONS, &["steps"], &[], &["duration_s.p999"]);
        let percentiles = ["latency_s.p50", "latency_s.p90", "latency_s.p99", "latency_s.p999"];
        lists(&STEPS, &["step", "operation"], &[], &percentiles);
        lists(&QUEUES, &["subject", "kind"], &[], &[]);
        lists(&RESOURCES, &["id", "subject", "service", "machine", "ordinal", "kind"], &[], &[]);
        lists(&COST, &[], &[], &[]);
    }
}
