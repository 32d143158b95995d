//! CSV in the long form: one figure a row, so that runs can be appended and pivoted. Absent figures have no value.

use crate::measure::catalogue::{Figure, RESOURCES, TRAFFIC};
use crate::measure::results::Results;

/// Columns of [`csv()`].
const HEAD: [&str; 7] = ["variant", "seed", "table", "subject", "metric", "unit", "value"];

/// Traffic, operations, resources and objectives.
pub fn csv(results: &Results) -> String {
    let mut rows = Rows {
        writer: csv::Writer::from_writer(Vec::new()),
        variant: results.variant.as_deref().unwrap_or(""),
        seed: results.seed.to_string(),
    };
    rows.raw(&HEAD);
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
    for row in &results.napkin {
        rows.one("napkin", &row.resource, "base", "share", Some(row.base));
        rows.one("napkin", &row.resource, "peak", "share", Some(row.peak));
        rows.one("napkin", &row.resource, "saturates_at", "", row.saturates_at);
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
    for objective in &results.objectives {
        rows.one(
            "objective",
            &objective.subject,
            &objective.expression,
            "held",
            Some(f64::from(u8::from(objective.pass))),
        );
    }
    finish(rows.writer)
}

/// So that it reads back exactly; whole numbers without a point.
pub(super) fn digits(value: f64) -> String {
    format!("{value}")
}

/// The text of a writer that wrote to memory.
pub(super) fn finish(writer: csv::Writer<Vec<u8>>) -> String {
    let bytes = writer.into_inner().expect("writing to memory cannot fail");
    String::from_utf8(bytes).expect("only strings were written")
}

struct Rows<'a> {
    writer: csv::Writer<Vec<u8>>,
    variant: &'a str,
    seed: String,
}

impl Rows<'_> {
    fn raw(&mut self, cells: &[&str; 7]) {
        self.writer.write_record(cells).expect("writing to memory cannot fail");
    }

    fn one(&mut self, table: &str, subject: &str, metric: &str, unit: &str, value: Option<f64>) {
        let value = value.map_or(String::new(), digits);
        let (variant, seed) = (self.variant.to_owned(), self.seed.clone());
        self.raw(&[&variant, &seed, table, subject, metric, unit, &value]);
    }

    fn all<T>(&mut self, table: &str, subject: &str, figures: &[Figure<T>], of: &T) {
        for figure in figures {
            self.one(table, subject, figure.key, figure.unit.name(), (figure.read)(of));
        }
    }
}
