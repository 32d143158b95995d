//! Stations and populations of queueing theory in words: the rows that every format for people shares.

use crate::measure::results::{NapkinPopulation, NapkinRow, NapkinStation, Results};
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
    if stations.rows.is_empty() && !populations.rows.is_empty() {
        let remark = stations.remark;
        page.put(TERMINAL, Table { remark, ..populations.headed("Theory", MEANING) });
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
        Table { remark: no_formula(stations), ..Table::new(2, &STATIONS).last_words().with(self::stations(stations)) },
        Table::new(2, &POPULATIONS).last_words().with(self::populations(populations)),
    ]
}

/// Stations, then populations, for a document.
pub(in crate::report) fn tables_of_a_document(
    stations: &[NapkinStation],
    populations: &[NapkinPopulation],
) -> [Table; 2] {
    [
        Table { remark: no_formula(stations), ..Table::new(STATIONS.len(), &STATIONS).with(self::stations(stations)) },
        Table::new(POPULATIONS.len(), &POPULATIONS).with(self::populations(populations)),
    ]
}

/// Which services no formula speaks of, and why: those of one reason together.
pub(crate) fn no_formula(rows: &[NapkinStation]) -> Option<String> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for row in rows.iter().filter(|row| row.model.is_none()) {
        let why = row.why_not.as_deref().unwrap_or_default();
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, services)) => services.push(&row.service),
            None => reasons.push((why, vec![&row.service])),
        }
    }
    let told = reasons.into_iter().map(|(why, services)| format!("{} ({why})", services.join(", ")));
    let told = told.collect::<Vec<_>>().join("; ");
    (!told.is_empty()).then(|| format!("No formula for {told}."))
}

/// Rows of the napkin for a few lines: those whose demand comes near their limit, those that not much more of the crowd
/// would break, at least one, so that it is told what breaks next, and those that were full although something in front
/// should have kept them from it.
pub(super) fn in_short(results: &Results, near: f64, most: usize) -> impl Iterator<Item = &NapkinRow> {
    /// Multiples of the peak beyond which nobody asks what breaks.
    const SOON: f64 = 5.0;
    /// As much in use as saturates.
    const FULL: f64 = 0.95;
    let rows = &results.napkin;
    let full = |row: &NapkinRow| {
        let seen = results.groups.iter().find(|group| group.all.id == row.resource);
        seen.is_some_and(|group| group.worst.utilization_max >= FULL)
    };
    let passed_behind = move |row: &NapkinRow| row.asked.is_some_and(|asked| asked >= 1.0) && full(row);
    let next = rows.iter().position(|row| row.breaks_at.is_some());
    let soon = |row: &NapkinRow| row.breaks_at.as_ref().is_some_and(|at| at.of_peak <= SOON);
    let shown =
        move |at: usize, row: &NapkinRow| row.peak >= near || soon(row) || next == Some(at) || passed_behind(row);
    rows.iter().enumerate().filter(move |(at, row)| shown(*at, row)).take(most).map(|(_, row)| row)
}

/// A row for each service that a formula speaks of.
pub(crate) fn stations(rows: &[NapkinStation]) -> Vec<Vec<String>> {
    let lost = |share: Option<f64>, what| share.map_or(String::new(), |share| format!(", {} {what}", percent(share)));
    let losses = |refused, abandoned| lost(refused, "refused") + &lost(abandoned, "given up");
    let row = |row: &NapkinStation| {
        let verdict = match (row.agrees, &row.why_not) {
            (Some(true), _) => "agrees".to_owned(),
            (Some(false), _) => "does not agree".to_owned(),
            (None, Some(why)) => why.clone(),
            (None, None) => String::new(),
        };
        let model = row.model.clone().unwrap_or_default();
        vec![
            row.service.clone(),
            if row.figure == "latency" { model } else { format!("{model}, {}", row.figure) },
            or_absent(row.time_s, seconds) + &losses(row.refused, row.abandoned),
            or_absent(row.observed_s, seconds) + &losses(row.refused_observed, row.abandoned_observed),
            or_absent(row.within, percent),
            verdict,
        ]
    };
    rows.iter().filter(|row| row.model.is_some()).map(row).collect()
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
