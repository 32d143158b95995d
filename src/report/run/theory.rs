//! Stations and populations of queueing theory in words: the rows that every format for people shares.

use crate::measure::results::{NapkinPopulation, NapkinStation, Results};
use crate::number::{figure, percent, seconds};
use crate::report::or_absent;
use crate::report::page::{BROWSER, DOCUMENT, Page, TERMINAL, Table};

/// Titles of [`stations`].
const STATIONS: [&str; 6] = ["station", "model", "predicted", "simulated", "±", "verdict"];
/// Titles of [`populations`].
const POPULATIONS: [&str; 7] = ["population", "N", "N*", "X at most", "X", "R at least", "R, verdict"];

/// How the figures are to be read.
const MEANING: &str = "mean seconds a call spends there by formula, at the base load, beside the simulation";

/// Both tables, beside the simulation.
pub(super) fn put(page: &mut Page, results: &Results) {
    let [stations, populations] = tables(&results.stations, &results.populations);
    if stations.rows.is_empty() {
        page.put(TERMINAL, populations.headed("Theory", MEANING));
    } else {
        page.put(TERMINAL, stations.headed("Theory", MEANING));
        page.put(TERMINAL, populations);
    }
    let [stations, populations] = tables(&results.stations, &results.populations);
    page.put(BROWSER, stations.headed("Theory", MEANING));
    page.put(BROWSER, populations.headed("Populations", "asymptotic bounds beside the simulation"));
    for table in tables_of_a_document(&results.stations, &results.populations) {
        page.put(DOCUMENT, table);
    }
}

/// Stations, then populations, for a terminal.
pub(in crate::report) fn tables(stations: &[NapkinStation], populations: &[NapkinPopulation]) -> [Table; 2] {
    [
        Table::new(2, &STATIONS).last_words().with(self::stations(stations)),
        Table::new(2, &POPULATIONS).last_words().with(self::populations(populations)),
    ]
}

/// Stations, then populations, for a document.
pub(in crate::report) fn tables_of_a_document(
    stations: &[NapkinStation],
    populations: &[NapkinPopulation],
) -> [Table; 2] {
    [
        Table::new(STATIONS.len(), &STATIONS).with(self::stations(stations)),
        Table::new(POPULATIONS.len(), &POPULATIONS).with(self::populations(populations)),
    ]
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
            or_absent(row.time_s, seconds) + &losses(row.refused),
            or_absent(row.observed_s, seconds) + &losses(row.refused_observed),
            or_absent(row.within, percent),
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
            or_absent(row.knee, figure) + &bottleneck,
            per_s(row.throughput_bound_per_s),
            or_absent(row.throughput_per_s, per_s),
            seconds(row.response_bound_s),
            or_absent(row.response_s, seconds) + &verdict,
        ]
    };
    rows.iter().map(row).collect()
}
