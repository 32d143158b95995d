//! Replications told: in how many it held, what broke first, and the main figures with their intervals.

use super::csv::{digits, finish};
use super::markdown::{aligned, escape};
use super::number::{ABSENT, clock, figure, length, percent, seconds};
use super::paint::Tone;
use super::table::{Table, toned, wrap};
use super::{TextOptions, html};
use crate::study::{Estimate, Figure, Replications};

/// The answer for a terminal, ending with the command that reproduces it.
pub fn text_replications(study: &Replications, look: TextOptions) -> String {
    let (paint, width) = (look.paint(), look.columns());
    let mut out = format!("{}\n", paint.paint(Tone::Strong, &wrap(&study.scenario.title, width, 0)));
    if !look.teaches.is_empty() {
        out.push_str(&format!("{}\n", wrap(look.teaches, width, 0)));
    }
    out.push_str(&format!("{}\n\n", paint.paint(Tone::Muted, &wrap(&facts(study), width, 0))));

    out.push_str(&format!("{}\n", paint.paint(Tone::Strong, "Broke first")));
    for first in &study.first_broken {
        let at = first.at_s.map_or(String::new(), |at| match at.half_width {
            Some(half) => format!(", at {} ± {}", clock(at.mean), seconds(half)),
            None => format!(", at {}", clock(at.mean)),
        });
        out.push_str(&format!("  {} in {} of {}{at}\n", first.subject, first.replications, study.replications));
    }

    let mut table = Table::new(2, &["subject", "figure", "mean", "95 % interval", "least", "most", "of"]);
    for row in figures(study) {
        table.row(row.into_iter().map(Into::into).collect());
    }
    out.push_str(&format!("\n{}\n{}", paint.paint(Tone::Strong, "Figures"), table.draw(paint, width)));

    if !study.objectives.is_empty() {
        let mut table = Table::new(3, &["", "subject", "objective", "missed in"]);
        for objective in &study.objectives {
            let sign = if objective.missed == 0 { toned(Tone::Good, "✔") } else { toned(Tone::Bad, "✘") };
            let missed = format!("{} of {}", objective.missed, study.replications);
            table.row(vec![sign, objective.subject.clone().into(), objective.expression.clone().into(), missed.into()]);
        }
        out.push_str(&format!("\n{}\n{}", paint.paint(Tone::Strong, "Objectives"), table.draw(paint, width)));
    }
    let (tone, sign) = if study.failed == 0 { (Tone::Good, "✔") } else { (Tone::Bad, "✘") };
    out.push_str(&format!(
        "\n{} {}\n{}\n",
        paint.paint(tone, sign),
        paint.paint(Tone::Strong, &wrap(&verdict(study), width - 2, 2)),
        look.command
    ));
    out
}

/// The answer as Markdown.
pub fn markdown_replications(study: &Replications, command: &str) -> String {
    let mut out = format!(
        "# {}\n\n**{}**\n\n{}.\n\n",
        escape(&study.scenario.title),
        escape(&verdict(study)),
        escape(&facts(study))
    );
    let objectives: Vec<Vec<String>> = study
        .objectives
        .iter()
        .map(|o| {
            vec![
                if o.missed == 0 { "✔" } else { "✘" }.into(),
                o.subject.clone(),
                o.expression.clone(),
                format!("{} of {}", o.missed, study.replications),
            ]
        })
        .collect();
    out.push_str(&aligned(&["", "Subject", "Objective", "Missed in"], 4, &objectives));
    out.push_str(&aligned(&["Subject", "Figure", "Mean", "95 % interval", "Least", "Most", "Of"], 2, &figures(study)));
    out.push_str(&format!("```sh\n{command}\n```\n"));
    out
}

/// A figure a row: mean, half width of the interval, range.
pub fn csv_replications(study: &Replications) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut row = |cells: [&str; 8]| writer.write_record(cells).expect("writing to memory cannot fail");
    row(["variant", "subject", "metric", "n", "mean", "half_width_95", "min", "max"]);
    for Figure { subject, metric, estimate } in &study.figures {
        let cell = |of: fn(&Estimate) -> Option<f64>| estimate.as_ref().and_then(of).map_or(String::new(), digits);
        let n = estimate.as_ref().map_or(0, |e| e.n).to_string();
        let variant = study.variant.as_deref().unwrap_or("");
        row([
            variant,
            subject,
            metric,
            &n,
            &cell(|e| Some(e.mean)),
            &cell(|e| e.half_width),
            &cell(|e| Some(e.min)),
            &cell(|e| Some(e.max)),
        ]);
    }
    finish(writer)
}

/// The answer as a page of its own.
pub fn html_replications(study: &Replications, command: &str) -> String {
    html::replications(study, &verdict(study), &facts(study), &figures(study), command)
}

fn facts(study: &Replications) -> String {
    let variant = study.variant.as_ref().map_or(String::new(), |v| format!("variant “{v}” · "));
    let last = study.seed.wrapping_add(u64::from(study.replications.saturating_sub(1)));
    format!(
        "{variant}{} replications of {} · seeds {} to {last} · digest {}",
        study.replications,
        length(study.horizon_s),
        study.seed,
        study.results_digest
    )
}

fn verdict(study: &Replications) -> String {
    let first = study.first_broken.first().map_or(String::new(), |f| match f.subject.as_str() {
        "nothing" => format!("Nothing saturated in {} of {} replications. ", f.replications, study.replications),
        subject => format!("{subject} broke first in {} of {} replications. ", f.replications, study.replications),
    });
    let held = match (study.objectives.len(), study.failed) {
        (0, 0) => "There are no objectives to miss.".to_owned(),
        (_, 0) => "The objectives held in all of them.".to_owned(),
        (_, failed) => format!("The objectives failed in {failed} of {}.", study.replications),
    };
    first + &held
}

fn figures(study: &Replications) -> Vec<Vec<String>> {
    study.figures.iter().map(|f| figure_row(f, study.replications)).collect()
}

fn figure_row(row: &Figure, replications: u32) -> Vec<String> {
    let (name, say): (&str, fn(f64) -> String) = match row.metric.as_str() {
        "goodput_per_s" => ("goodput", |v| format!("{}/s", figure(v))),
        "failed_share" => ("failed", percent),
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
