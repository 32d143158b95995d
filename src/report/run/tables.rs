//! The tables of a run. A terminal has room for some columns and the rows that matter, a document for less, a browser
//! for all.

use super::groups::{label, ranked, was_used};
use super::{reasons, theory};
use crate::engine::ResourceKind;
use crate::measure::results::{
    Latency, NapkinBreak, NapkinRow, ObjectiveResult, ObjectiveState, ResourceGroup, Results, Traffic,
};
use crate::napkin::breaks_in_words;
use crate::number::{ABSENT, clock, count, figure, length, percent, seconds};
use crate::report::or_absent;
use crate::report::page::{Cell, Table, Tone, toned};

/// Rows of a table in a terminal at most, those that saturated apart.
const MOST: usize = 12;
/// Offered load at the peak below which a row of the napkin is no news in a terminal.
const NEAR: f64 = 0.5;
/// Memory in use to this share is shown.
const TIGHT: f64 = 0.9;
/// Offered load from which it is marked.
const HIGH: f64 = 0.95;

fn load(value: Option<f64>) -> Cell {
    match value {
        Some(rho) if rho >= HIGH => toned(Tone::Hot, figure(rho)),
        other => or_absent(other, figure).into(),
    }
}

fn saturated_at(group: &ResourceGroup) -> Cell {
    group.all.saturated_at_s.map_or_else(|| ABSENT.into(), |at| toned(Tone::Hot, clock(at)))
}

fn saturated_for(group: &ResourceGroup) -> String {
    or_absent(group.all.saturated_at_s.map(|_| group.all.saturated_for_s), length)
}

/// The most that it was used in any 10 s; of several, the member that was used most.
fn worst(group: &ResourceGroup) -> String {
    percent(group.worst.utilization_max)
}

/// Whose the columns are.
const TOGETHER: &str =
    "of all members together; worst: the one used most in any 10 s; saturated: since the first was; for: the longest";

/// What saturated, in order; then what came nearest.
pub(super) fn resources_in_short(results: &Results) -> Table {
    let groups = ranked(&results.groups);
    let saturated = groups.iter().filter(|g| g.all.saturated_at_s.is_some()).count();
    let meaning = match saturated {
        0 => "none saturated; the busiest are".to_owned(),
        n => format!("{n} saturated, in this order; ρ is the offered load, above 1 is too much"),
    };
    let row = |group: &&ResourceGroup| -> Vec<Cell> {
        let all = &group.all;
        vec![
            label(group).into(),
            load(all.offered_load),
            load(all.offered_load_max),
            percent(all.utilization_mean).into(),
            worst(group).into(),
            figure(all.waiting_mean).into(),
            figure(all.waiting_max).into(),
            match all.refused {
                0 => ABSENT.into(),
                some => count(some).into(),
            },
            saturated_at(group),
            saturated_for(group).into(),
        ]
    };
    let few = saturated.clamp(5, MOST);
    let used = groups.into_iter().filter(|group| was_used(group)).enumerate();
    // Memory that is nearly full kills: nobody waits for it.
    let kills = |group: &ResourceGroup| group.all.kind == ResourceKind::Memory && group.worst.utilization_max >= TIGHT;
    let shown: Vec<&ResourceGroup> =
        used.filter(|(at, group)| *at < few || kills(group)).map(|(_, group)| group).take(MOST.max(few)).collect();
    let several = shown.iter().any(|group| group.members > 1);
    let titles = ["resource", "ρ mean", "ρ max", "busy", "worst", "waiting", "max", "refused", "saturated", "for"];
    let mut table = Table::new(1, &titles).headed("Resources", meaning).with(shown.iter().map(row));
    table.remark = several.then(|| TOGETHER.to_owned());
    table
}

/// What saturated.
pub(super) fn resources_of_a_document(results: &Results) -> Table {
    let row = |group: &ResourceGroup| {
        vec![
            label(group),
            or_absent(group.all.offered_load, figure),
            percent(group.all.utilization_mean),
            figure(group.all.waiting_mean),
            count(group.all.refused),
            or_absent(group.all.saturated_at_s, clock),
            saturated_for(group),
        ]
    };
    let groups = ranked(&results.groups);
    Table::new(1, &["Resource", "ρ", "Busy", "Waiting", "Refused", "Saturated", "For"])
        .headed("Saturated", "")
        .with(groups.into_iter().filter(|group| group.all.saturated_at_s.is_some()).map(row))
}

/// Every resource that was used.
pub(super) fn resources(results: &Results) -> Table {
    let row = |group: &ResourceGroup| -> Vec<Cell> {
        let all = &group.all;
        vec![
            label(group).into(),
            load(all.offered_load),
            load(all.offered_load_max),
            percent(all.utilization_mean).into(),
            worst(group).into(),
            figure(all.waiting_mean).into(),
            figure(all.waiting_max).into(),
            count(all.refused).into(),
            saturated_at(group),
            saturated_for(group).into(),
        ]
    };
    let groups = ranked(&results.groups);
    let titles = ["resource", "ρ mean", "ρ max", "busy", "worst", "waiting", "max", "refused", "saturated", "for"];
    Table::new(1, &titles)
        .headed("Resources", format!("ρ is the offered load: above 1 is too much; {TOGETHER}"))
        .with(groups.into_iter().filter(|group| was_used(group)).map(row))
}

const TRAFFIC: &str = "what began; latency of what succeeded; goodput: what ended; operations count every attempt";

/// Whether a fallback answered anybody: only then there is a column of it.
fn any_degraded(results: &Results) -> bool {
    let operations = results.operations.values().map(|operation| &operation.traffic);
    results.traffic.values().chain(operations).chain(results.messages.values()).any(|traffic| traffic.degraded > 0)
}

/// A table of traffic; `degraded` behind the column of what failed, if there is one.
fn traffic_table(left: usize, titles: &[&'static str], degraded: Option<&'static str>) -> Table {
    let mut titles = titles.to_vec();
    if let Some(degraded) = degraded {
        titles.insert(DEGRADED, degraded);
    }
    Table::new(left, &titles)
}

/// Where that column stands.
const DEGRADED: usize = 4;

fn with_degraded(mut row: Vec<Cell>, traffic: &Traffic, degraded: bool) -> Vec<Cell> {
    if degraded {
        let cell = match traffic.degraded_share() {
            Some(share) if share > 0.0 => toned(Tone::Hot, percent(share)),
            other => or_absent(other, percent).into(),
        };
        row.insert(DEGRADED, cell);
    }
    row
}

/// Sources, then the operations they led to.
pub(super) fn traffic_in_short(results: &Results) -> Table {
    let degraded = any_degraded(results);
    let row = |name: String, traffic: &Traffic| -> Vec<Cell> {
        let cells: Vec<Cell> = vec![
            name.into(),
            count(traffic.offered).into(),
            goodput(traffic).into(),
            failed(traffic),
            latency(traffic, |l| l.p50).into(),
            latency(traffic, |l| l.p95).into(),
            latency(traffic, |l| l.p99).into(),
            latency(traffic, |l| l.max).into(),
            reasons(&traffic.failed).into(),
        ];
        with_degraded(cells, traffic, degraded)
    };
    let mut operations: Vec<_> = results.operations.iter().filter(|(_, o)| o.traffic.offered > 0).collect();
    let hidden = operations.len().saturating_sub(MOST);
    if hidden > 0 {
        // What failed most, of its calls; then what took the most time, of all calls together.
        let spent = |traffic: &Traffic| traffic.latency_s.map_or(0.0, |l| l.mean * traffic.succeeded as f64);
        let failed = |traffic: &Traffic| traffic.failed_share().unwrap_or(0.0);
        operations.sort_by(|(_, a), (_, b)| {
            let (a, b) = (&a.traffic, &b.traffic);
            failed(b).total_cmp(&failed(a)).then(spent(b).total_cmp(&spent(a)))
        });
        operations.truncate(MOST);
    }
    let sources = results.traffic.iter().map(|(name, traffic)| row(name.clone(), traffic));
    let operations = operations.into_iter().map(|(name, o)| row(format!("  {name}"), &o.traffic));
    let messages = messages(results).map(|(name, traffic)| row(format!("  {name}"), traffic));
    let titles = ["traffic", "offered", "goodput", "failed", "p50", "p95", "p99", "max", "fails as"];
    let mut table = traffic_table(1, &titles, degraded.then_some("degraded"))
        .last_words()
        .headed("Traffic", TRAFFIC)
        .with(sources.chain(operations).chain(messages));
    table.remark = (hidden > 0).then(|| format!("{hidden} more operations are not listed"));
    table
}

/// Sources, operations and messages, the main figures.
pub(super) fn traffic_of_a_document(results: &Results) -> Table {
    let degraded = any_degraded(results);
    let row = |(name, traffic): (String, &Traffic)| {
        let cells: Vec<Cell> = vec![
            name.into(),
            count(traffic.offered).into(),
            goodput(traffic).into(),
            or_absent(traffic.failed_share(), percent).into(),
            latency(traffic, |l| l.p50).into(),
            latency(traffic, |l| l.p95).into(),
            latency(traffic, |l| l.p99).into(),
        ];
        with_degraded(cells, traffic, degraded)
    };
    let titles = ["Traffic", "Offered", "Goodput", "Failed", "p50", "p95", "p99"];
    traffic_table(1, &titles, degraded.then_some("Degraded")).headed("Traffic", "").with(everything(results).map(row))
}

/// Sources, operations and messages.
pub(super) fn traffic(results: &Results) -> Table {
    let degraded = any_degraded(results);
    let row = |(name, traffic): (String, &Traffic)| -> Vec<Cell> {
        let cells: Vec<Cell> = vec![
            name.into(),
            count(traffic.offered).into(),
            goodput(traffic).into(),
            failed(traffic),
            latency(traffic, |l| l.mean).into(),
            latency(traffic, |l| l.p50).into(),
            latency(traffic, |l| l.p95).into(),
            latency(traffic, |l| l.p99).into(),
            latency(traffic, |l| l.max).into(),
            reasons(&traffic.failed).into(),
        ];
        with_degraded(cells, traffic, degraded)
    };
    let titles = ["traffic", "offered", "goodput", "failed", "mean", "p50", "p95", "p99", "max", "fails as"];
    traffic_table(1, &titles, degraded.then_some("degraded"))
        .headed("Traffic", TRAFFIC)
        .with(everything(results).map(row))
}

/// What has traffic: sources, operations, and the messages of brokers, which are handed on behind the caller's back.
fn everything(results: &Results) -> impl Iterator<Item = (String, &Traffic)> {
    let sources = results.traffic.iter().map(|(name, traffic)| (name.clone(), traffic));
    let operations = results.operations.iter().map(|(name, operation)| (name.clone(), &operation.traffic));
    sources.chain(operations).chain(messages(results))
}

fn messages(results: &Results) -> impl Iterator<Item = (String, &Traffic)> {
    results.messages.iter().map(|(name, traffic)| (format!("{name} messages"), traffic))
}

fn goodput(traffic: &Traffic) -> String {
    format!("{}/s", figure(traffic.goodput_per_s))
}

fn failed(traffic: &Traffic) -> Cell {
    match traffic.failed_share() {
        Some(share) if share > 0.0 => toned(Tone::Bad, percent(share)),
        other => or_absent(other, percent).into(),
    }
}

fn latency(traffic: &Traffic, of: fn(&Latency) -> f64) -> String {
    or_absent(traffic.latency_s.as_ref().map(of), seconds)
}

/// What came of an objective, with `words` or as a sign alone.
fn sign(objective: &ObjectiveResult, words: bool) -> Cell {
    let (tone, sign, said) = match (objective.state, objective.pass) {
        (ObjectiveState::Held, _) => (Tone::Good, "✔", "held"),
        (ObjectiveState::Missed, _) => (Tone::Bad, "✘", "missed"),
        (ObjectiveState::Unobserved, false) => (Tone::Bad, "?", "not observed"),
        (ObjectiveState::Unobserved, true) => (Tone::Muted, "–", "not observed"),
    };
    if words { toned(tone, format!("{sign} {said}")) } else { toned(tone, sign) }
}

fn objective(objective: &ObjectiveResult, words: bool) -> Vec<Cell> {
    let note = objective.note.as_ref().map_or(String::new(), |note| format!(" ({note})"));
    vec![
        sign(objective, words),
        objective.subject.as_str().into(),
        objective.expression.as_str().into(),
        format!("{}{note}", objective.observed_text).into(),
    ]
}

/// Held or missed, with what was observed: how many in the heading.
pub(super) fn objectives_in_short(results: &Results) -> Table {
    let with = |state: ObjectiveState| results.objectives.iter().filter(|o| o.state == state).count();
    let unobserved = match with(ObjectiveState::Unobserved) {
        0 => String::new(),
        some => format!(", {some} with nothing to observe"),
    };
    let meaning = format!("{} held, {} missed{unobserved}", with(ObjectiveState::Held), with(ObjectiveState::Missed));
    let mut table = Table::new(3, &["", "subject", "objective", "observed"])
        .last_words()
        .headed("Objectives", meaning)
        .with(results.objectives.iter().map(|o| objective(o, false)));
    table.titled = false;
    table
}

/// Held or missed, with what was observed.
pub(super) fn objectives_of_a_document(results: &Results) -> Table {
    Table::new(4, &["", "Subject", "Objective", "Observed"])
        .with(results.objectives.iter().map(|o| objective(o, false)))
}

/// Held or missed, in words too.
pub(super) fn objectives(results: &Results) -> Table {
    Table::new(4, &["", "subject", "objective", "observed"])
        .headed("Objectives", "")
        .with(results.objectives.iter().map(|o| objective(o, true)))
}

/// What theory says beside what was simulated: what the crowd brings near its limit.
pub(super) fn napkin_in_short(results: &Results) -> Table {
    let row = |row: &NapkinRow| -> Vec<Cell> {
        demand(row).into_iter().chain([or_absent(row.observed, percent).into()]).collect()
    };
    Table::new(1, &["resource", "ρ at base", "ρ at peak", "breaks at", "demand passes", "simulated"])
        .headed("Napkin", "demand against capacity without simulating, in the order it breaks; simulated: busy")
        .with(theory::in_short(results, NEAR, MOST).map(row))
}

/// What theory says beside what was simulated.
pub(super) fn napkin_of_a_document(results: &Results) -> Table {
    let row = |row: &NapkinRow| {
        vec![
            row.resource.clone(),
            figure(row.base),
            figure(row.peak),
            breaks_at(row),
            or_absent(row.observed, percent),
            row.note.clone(),
        ]
    };
    Table::new(6, &["Napkin", "ρ at base", "ρ at peak", "Breaks at", "Simulated", "Note"])
        .with(results.napkin.iter().map(row))
}

/// All that theory says beside what was simulated.
pub(super) fn napkin(results: &Results) -> Table {
    let row = |row: &NapkinRow| -> Vec<Cell> {
        let beside: [Cell; 2] = [or_absent(row.observed, percent).into(), row.note.as_str().into()];
        demand(row).into_iter().chain(beside).collect()
    };
    Table::new(1, &["resource", "ρ at base", "ρ at peak", "breaks at", "demand passes", "simulated", "note"])
        .headed("Napkin", "demand against capacity, without simulating")
        .with(results.napkin.iter().map(row))
}

/// A row of the napkin without what was simulated.
pub(in crate::report) fn demand(row: &NapkinRow) -> [Cell; 5] {
    [
        row.resource.as_str().into(),
        figure(row.base).into(),
        if row.peak >= 1.0 { toned(Tone::Hot, figure(row.peak)) } else { figure(row.peak).into() },
        breaks_at(row).into(),
        or_absent(row.passed_at_s, clock).into(),
    ]
}

/// A load, and as a multiple of the highest that the file reaches.
pub(in crate::report) fn breaks_at(row: &NapkinRow) -> String {
    let mark = if row.held_by.is_some() { " *" } else { "" };
    let told = |at: &NapkinBreak| format!("{} · {}× peak{mark}", breaks_in_words(at), figure(at.of_peak));
    let behind =
        || row.behind.as_ref().map_or_else(|| or_absent(None, figure), |door| format!("{ABSENT} behind {door}"));
    row.breaks_at.as_ref().map_or_else(behind, told)
}
