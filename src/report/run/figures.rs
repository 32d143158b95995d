//! The figures of a run in the long form: one a row, so that runs can be appended and pivoted. Absent figures have no
//! value.

use crate::measure::catalogue::{Figure, RESOURCES, TRAFFIC};
use crate::measure::results::Results;
use crate::report::digits;
use crate::report::page::Figures;

const COLUMNS: [&str; 7] = ["variant", "seed", "table", "subject", "metric", "unit", "value"];

/// Traffic, operations, resources and objectives.
pub(super) fn figures(results: &Results) -> Figures {
    let mut rows =
        Rows { rows: Vec::new(), variant: results.variant.as_deref().unwrap_or(""), seed: results.seed.to_string() };
    measured(&mut rows, results);
    predicted(&mut rows, results);
    for objective in &results.objectives {
        let held = f64::from(u8::from(objective.pass));
        rows.one("objective", &objective.subject, &objective.expression, "held", Some(held));
    }
    Figures { columns: COLUMNS.to_vec(), rows: rows.rows }
}

fn measured(rows: &mut Rows, results: &Results) {
    for (name, traffic) in &results.traffic {
        rows.all("traffic", name, &TRAFFIC, traffic);
        for (reason, n) in &traffic.failed {
            rows.one("traffic", name, &format!("failed.{reason}"), "", Some(*n as f64));
        }
    }
    for (name, operation) in &results.operations {
        rows.all("operation", name, &TRAFFIC, &operation.traffic);
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
        let value = value.map_or(String::new(), digits);
        let cells = [self.variant, &self.seed, table, subject, metric, unit, &value];
        self.rows.push(cells.map(str::to_owned).to_vec());
    }

    fn all<T>(&mut self, table: &str, subject: &str, figures: &[Figure<T>], of: &T) {
        for figure in figures {
            self.one(table, subject, figure.key, figure.unit.name(), (figure.read)(of));
        }
    }
}
