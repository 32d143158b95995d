//! The tables of the terminal report.

use super::heading;
use crate::measure::results::{NapkinPopulation, NapkinRow, NapkinStation, Results, Traffic};
use crate::napkin::Theory;
use crate::report::TextOptions;
use crate::report::groups::{Group, groups};
use crate::report::number::{ABSENT, clock, count, figure, length, percent, seconds};
use crate::report::paint::{Paint, Tone};
use crate::report::table::{Cell, Table, toned, wrap};
use crate::report::theory as words;

/// Rows of a table at most, those that saturated apart.
const MOST: usize = 12;
/// Offered load at the peak below which a row of the napkin is no news in a report.
const NEAR: f64 = 0.5;

fn or_absent(value: Option<f64>, say: impl Fn(f64) -> String) -> String {
    value.map_or(ABSENT.to_owned(), say)
}

fn some_count(value: u64) -> String {
    if value == 0 { ABSENT.to_owned() } else { count(value) }
}

/// What saturated, in order; then what came nearest.
pub(super) fn resources(results: &Results, look: TextOptions) -> String {
    let groups = groups(&results.resources);
    let saturated = groups.iter().filter(|g| g.saturated_at().is_some()).count();
    let mut table =
        Table::new(1, &["resource", "ρ mean", "ρ max", "busy", "max", "waiting", "max", "refused", "saturated", "for"]);
    for group in groups
        .iter()
        .filter(|g| g.mean(|r| r.utilization_mean) > 0.0 || g.saturated_at().is_some())
        .take(saturated.clamp(5, MOST))
    {
        table.row(resource_row(group));
    }
    if table.is_empty() {
        return String::new();
    }
    let meaning = match saturated {
        0 => "none saturated; the busiest are".to_owned(),
        n => format!("{n} saturated, in this order; ρ is the offered load, above 1 is too much"),
    };
    heading(look, "Resources", &meaning) + &table.draw(look.paint(), look.columns())
}

/// How often what was asked for was there.
pub(super) fn stores(results: &Results, look: TextOptions) -> String {
    let mut table = Table::new(1, &crate::report::stores::HEAD);
    for row in crate::report::stores::rows(&results.stores) {
        table.row(row.into_iter().map(Cell::from).collect());
    }
    if table.is_empty() {
        return String::new();
    }
    heading(look, "Stores", "all instances together") + &table.draw(look.paint(), look.columns())
}

fn resource_row(group: &Group) -> Vec<Cell> {
    let load = |value: Option<f64>| match value {
        Some(rho) if rho >= 0.95 => toned(Tone::Hot, figure(rho)),
        other => or_absent(other, figure).into(),
    };
    let at = group.saturated_at();
    vec![
        group.label().into(),
        load(group.largest(|r| r.offered_load)),
        load(group.largest(|r| r.offered_load_max)),
        percent(group.mean(|r| r.utilization_mean)).into(),
        or_absent(group.largest(|r| Some(r.utilization_max)), percent).into(),
        figure(group.sum(|r| r.waiting_mean)).into(),
        or_absent(group.largest(|r| Some(r.waiting_max)), figure).into(),
        some_count(group.members.iter().map(|r| r.refused).sum()).into(),
        match at {
            Some(at) => toned(Tone::Hot, clock(at)),
            None => ABSENT.into(),
        },
        if at.is_some() {
            length(group.largest(|r| Some(r.saturated_for_s)).unwrap_or(0.0)).into()
        } else {
            ABSENT.into()
        },
    ]
}

/// Sources, then the operations they led to.
pub(super) fn traffic(results: &Results, look: TextOptions) -> String {
    let mut table =
        Table::new(1, &["traffic", "offered", "goodput", "failed", "p50", "p95", "p99", "max", "fails as"]).last_left();
    for (name, traffic) in &results.traffic {
        table.row(traffic_row(name.clone(), traffic));
    }
    let mut operations: Vec<_> = results.operations.iter().filter(|(_, o)| o.traffic.offered > 0).collect();
    let hidden = operations.len().saturating_sub(MOST);
    if hidden > 0 {
        operations.sort_by_key(|(_, o)| std::cmp::Reverse(o.traffic.failures()));
        operations.truncate(MOST);
    }
    for (name, operation) in operations {
        table.row(traffic_row(format!("  {name}"), &operation.traffic));
    }
    for (name, messages) in &results.messages {
        table.row(traffic_row(format!("  {name} messages"), messages));
    }
    if table.is_empty() {
        return String::new();
    }
    let mut out = heading(look, "Traffic", "latency of what succeeded; operations count every attempt")
        + &table.draw(look.paint(), look.columns());
    if hidden > 0 {
        out.push_str(&format!("  {hidden} more operations failed less and are not listed\n"));
    }
    out
}

fn traffic_row(name: String, traffic: &Traffic) -> Vec<Cell> {
    let latency =
        |of: fn(&crate::measure::results::Latency) -> f64| or_absent(traffic.latency_s.as_ref().map(of), seconds);
    let share = traffic.failed_share();
    vec![
        name.into(),
        count(traffic.offered).into(),
        format!("{}/s", figure(traffic.goodput_per_s)).into(),
        match share {
            Some(failed) if failed > 0.0 => toned(Tone::Bad, percent(failed)),
            other => or_absent(other, percent).into(),
        },
        latency(|l| l.p50).into(),
        latency(|l| l.p95).into(),
        latency(|l| l.p99).into(),
        latency(|l| l.max).into(),
        reasons(traffic).into(),
    ]
}

/// The two most common reasons with their shares of the failures; one that is nearly all stands alone.
pub(in crate::report) fn reasons(traffic: &Traffic) -> String {
    let mut reasons: Vec<(&String, f64)> =
        traffic.failed.iter().map(|(reason, n)| (reason, *n as f64 / traffic.failures() as f64)).collect();
    reasons.sort_by(|a, b| b.1.total_cmp(&a.1));
    match reasons.as_slice() {
        [] => String::new(),
        [(reason, share), ..] if *share >= 0.95 => (*reason).clone(),
        many => many
            .iter()
            .take(2)
            .map(|(reason, share)| format!("{reason} {}", percent(*share)))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// What theory says beside what was simulated: what the crowd brings near its limit.
pub(super) fn napkin(results: &Results, look: TextOptions) -> String {
    let mut table = Table::new(1, &["resource", "ρ at base", "ρ at peak", "breaks at", "demand passes", "simulated"]);
    for row in results.napkin.iter().filter(|row| row.peak >= NEAR).take(MOST) {
        let cells: [Cell; 5] = napkin_cells(row);
        table.row(cells.into_iter().chain([or_absent(row.observed, percent).into()]).collect());
    }
    if table.is_empty() {
        return String::new();
    }
    let meaning = "demand against capacity without simulating, in the order it breaks; simulated: busy";
    heading(look, "Napkin", meaning) + &table.draw(look.paint(), look.columns())
}

fn napkin_cells(row: &NapkinRow) -> [Cell; 5] {
    [
        row.resource.clone().into(),
        figure(row.base).into(),
        if row.peak >= 1.0 { toned(Tone::Hot, figure(row.peak)) } else { figure(row.peak).into() },
        or_absent(row.saturates_at, |x| format!("{}×", figure(x))).into(),
        or_absent(row.passed_at_s, clock).into(),
    ]
}

/// Stations and populations beside the simulation.
pub(super) fn theory(results: &Results, look: TextOptions) -> String {
    let drawn = theory_tables(&results.stations, &results.populations, look.paint(), look.columns());
    if drawn.is_empty() {
        return String::new();
    }
    heading(look, "Theory", "mean seconds a call spends there by formula, at the base load, beside the simulation")
        + &drawn
}

fn theory_tables(stations: &[NapkinStation], populations: &[NapkinPopulation], paint: Paint, columns: usize) -> String {
    let draw = |head: &[&'static str], rows: Vec<Vec<String>>| {
        let mut table = Table::new(2, head).last_left();
        rows.into_iter().for_each(|row| table.row(row.into_iter().map(Cell::from).collect()));
        if table.is_empty() { String::new() } else { table.draw(paint, columns) }
    };
    let tables =
        [draw(&words::STATIONS, words::stations(stations)), draw(&words::POPULATIONS, words::populations(populations))];
    tables.into_iter().filter(|table| !table.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The napkin alone, for a terminal.
pub fn napkin_text(theory: &Theory, color: bool, width: usize) -> String {
    let mut table =
        Table::new(1, &["resource", "ρ at base", "ρ at peak", "breaks at", "demand passes", "note"]).last_left();
    for row in &theory.resources {
        table.row(napkin_cells(row).into_iter().chain([row.note.clone().into()]).collect());
    }
    let (paint, columns) = (Paint { color }, width.clamp(60, 140));
    let tables = [table.draw(paint, columns), theory_tables(&theory.stations, &theory.populations, paint, columns)];
    tables.into_iter().filter(|table| !table.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Held or missed, with what was observed.
pub(super) fn objectives(results: &Results, look: TextOptions) -> String {
    if results.objectives.is_empty() {
        return String::new();
    }
    let missed = results.objectives.iter().filter(|o| !o.pass).count();
    let mut table = Table::new(3, &["", "subject", "objective", "observed"]).last_left();
    for objective in &results.objectives {
        table.row(vec![
            if objective.pass { toned(Tone::Good, "✔") } else { toned(Tone::Bad, "✘") },
            objective.subject.clone().into(),
            objective.expression.clone().into(),
            wrap(&objective.observed_text, 200, 0).into(),
        ]);
    }
    let drawn = table.draw(look.paint(), look.columns());
    let body = drawn.split_once('\n').map_or("", |(_, body)| body);
    heading(look, "Objectives", &format!("{} held, {missed} missed", results.objectives.len() - missed)) + body
}
