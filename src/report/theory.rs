//! Stations and populations of queueing theory in words: the rows that every format for people shares.

use super::number::{ABSENT, figure, percent, seconds};
use crate::measure::results::{NapkinPopulation, NapkinStation};

/// Titles of [`stations`].
pub(crate) const STATIONS: [&str; 6] = ["station", "model", "predicted", "simulated", "±", "verdict"];
/// Titles of [`populations`].
pub(crate) const POPULATIONS: [&str; 7] = ["population", "N", "N*", "X at most", "X", "R at least", "R, verdict"];

fn told(value: Option<f64>, say: impl Fn(f64) -> String) -> String {
    value.map_or(ABSENT.to_owned(), say)
}

/// A row for each service.
pub(crate) fn stations(rows: &[NapkinStation]) -> Vec<Vec<String>> {
    let losses = |share: Option<f64>| share.map_or(String::new(), |share| format!(", {} refused", percent(share)));
    let row = |row: &NapkinStation| {
        let verdict = match (row.agrees, &row.why_not) {
            (Some(true), _) => "agrees".to_owned(),
            (Some(false), _) => "does not agree".to_owned(),
            (None, Some(why)) => why.clone(),
            (None, None) => String::new(),
        };
        let model = row.model.clone().unwrap_or_else(|| "no formula".into());
        vec![
            row.service.clone(),
            if row.figure == "latency" { model } else { format!("{model}, {}", row.figure) },
            told(row.time_s, seconds) + &losses(row.refused),
            told(row.observed_s, seconds) + &losses(row.refused_observed),
            told(row.within, percent),
            verdict,
        ]
    };
    rows.iter().map(row).collect()
}

/// A row for each closed source.
pub(crate) fn populations(rows: &[NapkinPopulation]) -> Vec<Vec<String>> {
    let per_s = |value: f64| format!("{}/s", figure(value));
    let row = |row: &NapkinPopulation| {
        let verdict = match (row.holds, &row.why_not) {
            (Some(true), _) => "within its bounds".to_owned(),
            (Some(false), _) => "beyond its bounds".to_owned(),
            (None, Some(why)) => why.clone(),
            (None, None) => String::new(),
        };
        let bottleneck = row.bottleneck.as_ref().map_or(String::new(), |name| format!(" ({name})"));
        let verdict = if verdict.is_empty() { verdict } else { format!("; {verdict}") };
        vec![
            row.source.clone(),
            figure(row.population),
            told(row.knee, figure) + &bottleneck,
            per_s(row.throughput_bound_per_s),
            told(row.throughput_per_s, per_s),
            seconds(row.response_bound_s),
            told(row.response_s, seconds) + &verdict,
        ]
    };
    rows.iter().map(row).collect()
}
