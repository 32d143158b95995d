//! The figures of a run in the long form: one a row, so that runs can be appended and pivoted. Absent figures have no
//! value.

use crate::measure::catalogue::{Figure, QUEUES, RESOURCES, SESSIONS, STEPS, TRAFFIC};
use crate::measure::results::{ObjectiveState, Results, Series};
use crate::report::digits;
use crate::report::page::Figures;

const COLUMNS: [&str; 8] = ["variant", "seed", "table", "subject", "metric", "unit", "value", "at_s"];

/// Traffic, sessions, operations, resources, queues, objectives, and the series over time.
pub(super) fn figures(results: &Results) -> Figures {
    let mut rows =
        Rows { rows: Vec::new(), variant: results.variant.as_deref().unwrap_or(""), seed: results.seed.to_string() };
    measured(&mut rows, results);
    predicted(&mut rows, results);
    for objective in &results.objectives {
        let held = match objective.state {
            ObjectiveState::Held => Some(1.0),
            ObjectiveState::Missed => Some(0.0),
            ObjectiveState::Unobserved => None,
        };
        rows.one("objective", &objective.subject, &objective.expression, "held", held);
    }
    over_time(&mut rows, &results.series);
    Figures::new(&COLUMNS, rows.rows)
}

fn measured(rows: &mut Rows, results: &Results) {
    for (name, traffic) in &results.traffic {
        rows.all("traffic", name, &TRAFFIC, traffic);
        for (reason, n) in &traffic.failed {
            rows.one("traffic", name, &format!("failed.{reason}"), "", Some(*n as f64));
        }
        let Some(sessions) = &traffic.sessions else { continue };
        rows.all("sessions", name, &SESSIONS, sessions);
        for (reason, n) in &sessions.gave_up {
            rows.one("sessions", name, &format!("gave_up.{reason}"), "", Some(*n as f64));
        }
        for step in &sessions.steps {
            rows.all("step", &format!("{name} {} {}", step.step, step.operation), &STEPS, step);
        }
    }
    for (name, operation) in &results.operations {
        rows.all("operation", name, &TRAFFIC, &operation.traffic);
        for (what, share) in &operation.waited_share {
            rows.one("operation", name, &format!("waited_share.{what}"), "share", Some(*share));
        }
        for (what, seconds) in &operation.waiting_s {
            rows.one("operation", name, &format!("waiting_s.{what}"), "s", Some(*seconds));
        }
        for (what, seconds) in &operation.service_s {
            rows.one("operation", name, &format!("service_s.{what}"), "s", Some(*seconds));
        }
    }
    for resource in &results.resources {
        rows.all("resource", &resource.id, &RESOURCES, resource);
    }
    for group in &results.groups {
        rows.all("group", &group.all.id, &RESOURCES, &group.all);
    }
    for queue in &results.queues {
        rows.all("queue", &queue.subject, &QUEUES, queue);
    }
}

/// Every series, a row a point: `at_s` is where the point begins.
fn over_time(rows: &mut Rows, series: &Series) {
    for (name, source) in &series.traffic {
        let lines = [
            ("offered_per_s", &source.offered_per_s),
            ("goodput_per_s", &source.goodput_per_s),
            ("degraded_per_s", &source.degraded_per_s),
            ("failed_per_s", &source.failed_per_s),
        ];
        for (metric, line) in lines {
            rows.series(name, metric, "1/s", series.every_s, line.iter().map(|value| Some(*value)));
        }
        rows.series(name, "p95_s", "s", series.every_s, source.p95_s.iter().copied());
    }
    let lines = [
        ("utilization", "share", &series.utilization),
        ("offered_load", "share", &series.offered_load),
        ("waiting", "", &series.waiting),
        ("oldest_s", "s", &series.oldest_s),
    ];
    for (metric, unit, subjects) in lines {
        for (subject, line) in subjects {
            rows.series(subject, metric, unit, series.every_s, line.iter().copied());
        }
    }
}

fn predicted(rows: &mut Rows, results: &Results) {
    for row in &results.napkin {
        rows.one("napkin", &row.resource, "base", "share", Some(row.base));
        rows.one("napkin", &row.resource, "peak", "share", Some(row.peak));
        rows.one("napkin", &row.resource, "saturates_at", "", row.saturates_at);
        let of_peak = row.breaks_at.as_ref().map(|at| at.of_peak);
        rows.one("napkin", &row.resource, "breaks_at_of_peak", "", of_peak);
        rows.one("napkin", &row.resource, "passed_at_s", "s", row.passed_at_s);
        rows.one("napkin", &row.resource, "observed", "share", row.observed);
    }
    for row in &results.stations {
        let agrees = row.agrees.map(|agrees| f64::from(u8::from(agrees)));
        rows.one("station", &row.service, "time_s", "s", row.time_s);
        rows.one("station", &row.service, "observed_s", "s", row.observed_s);
        rows.one("station", &row.service, "agrees", "held", agrees);
    }
    for row in &results.populations {
        rows.one("population", &row.source, "knee", "", row.knee);
        rows.one("population", &row.source, "throughput_bound_per_s", "1/s", Some(row.throughput_bound_per_s));
        rows.one("population", &row.source, "throughput_per_s", "1/s", row.throughput_per_s);
        rows.one("population", &row.source, "response_bound_s", "s", Some(row.response_bound_s));
        rows.one("population", &row.source, "response_s", "s", row.response_s);
    }
}

struct Rows<'a> {
    rows: Vec<Vec<String>>,
    variant: &'a str,
    seed: String,
}

impl Rows<'_> {
    fn one(&mut self, table: &str, subject: &str, metric: &str, unit: &str, value: Option<f64>) {
        self.row([table, subject, metric, unit], value.map_or(String::new(), digits), String::new());
    }

    fn row(&mut self, what: [&str; 4], value: String, at_s: String) {
        let [table, subject, metric, unit] = what;
        let cells = [self.variant, &self.seed, table, subject, metric, unit, &value, &at_s];
        self.rows.push(cells.map(str::to_owned).to_vec());
    }

    fn series(
        &mut self,
        subject: &str,
        metric: &str,
        unit: &str,
        every_s: f64,
        points: impl Iterator<Item = Option<f32>>,
    ) {
        for (at, value) in points.enumerate() {
            let value = value.map_or(String::new(), |value| format!("{value}"));
            self.row(["series", subject, metric, unit], value, digits(at as f64 * every_s));
        }
    }

    fn all<T>(&mut self, table: &str, subject: &str, figures: &[Figure<T>], of: &T) {
        for figure in figures {
            self.one(table, subject, figure.key, figure.unit.name(), (figure.read)(of));
        }
    }
}
