//! Replications told: in how many it held, what broke first, and the main figures with their intervals.

use super::words::warmed_up;
use crate::number::{ABSENT, clock, figure, length, percent, seconds, sentence};
use crate::report::page::{
    BROWSER, Block, Cell, Check, Checks, DOCUMENT, EVERYWHERE, Figures, Heading, Note, Page, TERMINAL, Table, Tone,
    Verdict, toned,
};
use crate::report::{Context, digits, suite};
use crate::study::GIVEN_UP;
use crate::study::{Estimate, Figure, FirstBroken, MissedObjective, Replications, Share};

/// In how many it held, what broke first, and the main figures.
pub(super) fn page(study: &Replications, context: &Context) -> Page {
    let verdict = Verdict { text: verdict(study), pass: Some(study.pass()) };
    let mut page = Page::new(&study.scenario.title, verdict, context.command);
    page.figures = exact(study);
    page.checks = checks(study);
    page.put(TERMINAL, Note::Lead(context.teaches.to_owned()));
    page.put(EVERYWHERE, Note::Facts(facts(study)));
    page.put(TERMINAL, Block::Lines(Heading::new("Broke first", ""), broke_first(study)));
    page.put(EVERYWHERE, Note::Figure("Odds", odds(study)));
    page.put(DOCUMENT, objectives(study, 4, &["", "Subject", "Objective", "Missed in"]));
    let titles = ["subject", "figure", "mean", "95 % interval", "least", "most", "of"];
    page.put(TERMINAL, figures(study, &titles).headed("Figures", ""));
    page.put(BROWSER, figures(study, &titles).headed("Figures", "mean and 95 % t-interval"));
    page.put(DOCUMENT, figures(study, &["Subject", "Figure", "Mean", "95 % interval", "Least", "Most", "Of"]));
    page.put(TERMINAL, objectives(study, 3, &["", "subject", "objective", "missed in"]).headed("Objectives", ""));
    page.put(BROWSER, objectives(study, 2, &["subject", "objective", "missed in"]).headed("Objectives", ""));
    page
}

/// How large the shares of all runs are that were seen in these.
fn odds(study: &Replications) -> String {
    let said = |share: Share, what: &str| {
        let (low, high) = (sentence::percent(share.low), sentence::percent(share.high));
        format!("{what} in {} of {}, so in {low} to {high} of all", share.n, share.of)
    };
    let failed = said(study.failed_share, "it fails");
    let collapsed = said(study.collapsed, "goodput collapses");
    format!("{failed}; {collapsed} (95 % intervals)")
}

fn broke_first(study: &Replications) -> Vec<String> {
    let line = |first: &FirstBroken| {
        let at = first.at_s.map_or(String::new(), |at| match at.half_width {
            Some(half) => format!(", at {} ± {}", clock(at.mean), seconds(half)),
            None => format!(", at {}", clock(at.mean)),
        });
        format!("{} in {} of {}{at}", first.subject, first.replications, study.replications)
    };
    study.first_broken.iter().map(line).collect()
}

/// In how many each was missed; with four titles there is a sign before it.
fn objectives(study: &Replications, left: usize, titles: &[&'static str]) -> Table {
    let row = |objective: &MissedObjective| {
        let sign = if objective.pass { toned(Tone::Good, "✔") } else { toned(Tone::Bad, "✘") };
        let missed = missed(objective, study.replications);
        let cells = [sign, objective.subject.as_str().into(), objective.expression.as_str().into(), missed.into()];
        cells.into_iter().skip(4 - titles.len()).collect::<Vec<Cell>>()
    };
    Table::new(left, titles).with(study.objectives.iter().map(row))
}

/// "2 of 5, nothing to observe in 1"
fn missed(objective: &MissedObjective, replications: u32) -> String {
    let unobserved = match objective.unobserved {
        0 => String::new(),
        n => format!(", nothing to observe in {n}"),
    };
    format!("{} of {replications}{unobserved}", objective.missed)
}

fn figures(study: &Replications, titles: &[&'static str; 7]) -> Table {
    Table::new(2, titles).with(study.figures.iter().map(|figure| figure_row(figure, study.replications)))
}

/// A figure a row: mean, half width of the interval, range.
fn exact(study: &Replications) -> Figures {
    let row = |Figure { subject, metric, estimate }: &Figure| {
        let cell = |of: fn(&Estimate) -> Option<f64>| estimate.as_ref().and_then(of).map_or(String::new(), digits);
        vec![
            study.variant.clone().unwrap_or_default(),
            subject.clone(),
            metric.clone(),
            estimate.as_ref().map_or(0, |e| e.n).to_string(),
            cell(|e| Some(e.mean)),
            cell(|e| e.half_width),
            cell(|e| Some(e.min)),
            cell(|e| Some(e.max)),
        ]
    };
    let columns = ["variant", "subject", "metric", "n", "mean", "half_width_95", "min", "max"];
    Figures::new(&columns, study.figures.iter().map(row).collect())
}

/// An objective fails when any replication missed it.
fn checks(study: &Replications) -> Checks {
    let property = |key: &str, value: String| (key.to_owned(), value);
    let check = |objective: &MissedObjective| Check {
        subject: objective.subject.clone(),
        expression: objective.expression.clone(),
        failure: (!objective.pass).then(|| match (objective.missed, objective.unobserved) {
            (0, none) => format!("nothing to observe in {none} of {} replications", study.replications),
            (_, 0) => format!("missed in {} of {} replications", objective.missed, study.replications),
            (_, _) => format!("missed in {} replications", missed(objective, study.replications)),
        }),
        skipped: (objective.pass && objective.unobserved == study.replications)
            .then(|| "nothing to observe in any replication".to_owned()),
        ..Check::default()
    };
    Checks {
        suite: suite(&study.scenario.title, study.variant.as_deref()),
        properties: vec![
            property("seed", study.seed.to_string()),
            property("replications", study.replications.to_string()),
            property("scenario digest", study.scenario.digest.clone()),
            property("results digest", study.results_digest.clone()),
        ],
        checks: study.objectives.iter().map(check).collect(),
    }
}

fn facts(study: &Replications) -> String {
    let variant = study.variant.as_ref().map_or(String::new(), |v| format!("variant “{v}” · "));
    let last = study.seed.wrapping_add(u64::from(study.replications.saturating_sub(1)));
    format!(
        "{variant}{} replications of {}{} · seeds {} to {last} · digest {}",
        study.replications,
        length(study.horizon_s),
        warmed_up(study.warm_up),
        study.seed,
        study.results_digest
    )
}

fn verdict(study: &Replications) -> String {
    let first = study.first_broken.first().map_or(String::new(), |f| match f.subject.as_str() {
        "nothing" => format!("Nothing saturated in {} of {} replications. ", f.replications, study.replications),
        subject => format!("{subject} broke first in {} of {} replications. ", f.replications, study.replications),
    });
    let missed = study.failed - study.stopped;
    let held = match (study.objectives.len(), missed) {
        (0, 0) => "There are no objectives to miss.".to_owned(),
        (_, 0) if study.stopped == 0 => "The objectives held in all of them.".to_owned(),
        (_, 0) => "The objectives held in all others.".to_owned(),
        (_, missed) => format!("The objectives failed in {missed} of {}.", study.replications),
    };
    let stopped = match study.stopped {
        0 => String::new(),
        stopped => format!("{stopped} of {} stopped before their end. ", study.replications),
    };
    stopped + &first + &held
}

fn figure_row(row: &Figure, replications: u32) -> Vec<String> {
    let (name, say): (&str, fn(f64) -> String) = match row.metric.as_str() {
        "goodput_per_s" => ("goodput", |v| format!("{}/s", figure(v))),
        "failed_share" => ("failed", percent),
        "degraded_share" => ("degraded", percent),
        "completed_share" => ("completed", percent),
        GIVEN_UP => ("messages given up", percent),
        "latency_p95_s" => ("p95", seconds),
        "utilization_mean" => ("busy", percent),
        other => (other, figure),
    };
    let cell = |text: Option<String>| text.unwrap_or_else(|| ABSENT.to_owned());
    let estimate = row.estimate.as_ref();
    vec![
        row.subject.clone(),
        name.to_owned(),
        cell(estimate.map(|e| say(e.mean))),
        cell(estimate.map(|e| interval(e, say))),
        cell(estimate.map(|e| say(e.min))),
        cell(estimate.map(|e| say(e.max))),
        format!("{} of {replications}", estimate.map_or(0, |e| e.n)),
    ]
}

/// `± half`, or nothing to say of a single value.
fn interval(estimate: &Estimate, say: impl Fn(f64) -> String) -> String {
    // Equal values differ by rounding alone: that is no width.
    let half = estimate.half_width.map(|half| if half <= estimate.mean.abs() * 1e-9 { 0.0 } else { half });
    half.map_or(ABSENT.to_owned(), |half| format!("± {}", say(half)))
}
