//! The tables of the page.

use super::{escape, heading};
use crate::measure::results::{Results, Traffic};
use crate::report::groups::groups;
use crate::report::number::{ABSENT, clock, count, figure, length, percent, seconds};
use crate::report::text::reasons;
use crate::report::theory as words;

/// A cell that is already HTML.
struct Html(String);

fn text(text: impl AsRef<str>) -> Html {
    Html(escape(text.as_ref()))
}

fn toned(tone: &str, words: &str) -> Html {
    Html(format!("<span class=\"{tone}\">{}</span>", escape(words)))
}

fn absent(value: Option<f64>, say: impl Fn(f64) -> String) -> String {
    value.map_or(ABSENT.to_owned(), say)
}

fn draw(name: &str, meaning: &str, words: bool, head: &[&str], rows: &[Vec<Html>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let head: String = head.iter().map(|h| format!("<th>{}</th>", escape(h))).collect();
    let rows: String = rows
        .iter()
        .map(|row| format!("<tr>{}</tr>\n", row.iter().map(|c| format!("<td>{}</td>", c.0)).collect::<String>()))
        .collect();
    let class = if words { " class=\"words\"" } else { "" };
    format!(
        "{}<div class=\"table\"><table{class}>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n",
        heading(name, meaning)
    )
}

/// Rows of words and figures as they are.
pub(super) fn plain(name: &str, meaning: &str, head: &[&str], rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<Html>> = rows.iter().map(|row| row.iter().map(text).collect()).collect();
    draw(name, meaning, false, head, &rows)
}

/// Every resource that was used.
pub(super) fn resources(results: &Results) -> String {
    let rows: Vec<Vec<Html>> = groups(&results.resources)
        .iter()
        .filter(|g| g.saturated_at().is_some() || g.mean(|r| r.utilization_mean) > 0.0)
        .map(|g| {
            let load = |value: Option<f64>| match value {
                Some(rho) if rho >= 0.95 => toned("hot", &figure(rho)),
                other => text(absent(other, figure)),
            };
            vec![
                text(g.label()),
                load(g.largest(|r| r.offered_load)),
                load(g.largest(|r| r.offered_load_max)),
                text(percent(g.mean(|r| r.utilization_mean))),
                text(absent(g.largest(|r| Some(r.utilization_max)), percent)),
                text(figure(g.sum(|r| r.waiting_mean))),
                text(count(g.members.iter().map(|r| r.refused).sum())),
                g.saturated_at().map_or_else(|| text(ABSENT), |at| toned("hot", &clock(at))),
                text(if g.saturated_at().is_some() {
                    absent(g.largest(|r| Some(r.saturated_for_s)), length)
                } else {
                    ABSENT.to_owned()
                }),
            ]
        })
        .collect();
    draw(
        "Resources",
        "ρ is the offered load: above 1 is too much",
        false,
        &["resource", "ρ mean", "ρ max", "busy", "busiest", "waiting", "refused", "saturated", "for"],
        &rows,
    )
}

/// Sources and operations.
pub(super) fn traffic(results: &Results) -> String {
    let rows: Vec<Vec<Html>> = results
        .traffic
        .iter()
        .chain(results.operations.iter().map(|(name, o)| (name, &o.traffic)))
        .map(|(name, traffic)| traffic_row(name, traffic))
        .collect();
    draw(
        "Traffic",
        "latency of what succeeded; operations count every attempt",
        false,
        &["traffic", "offered", "goodput", "failed", "mean", "p50", "p95", "p99", "max", "fails as"],
        &rows,
    )
}

fn traffic_row(name: &str, traffic: &Traffic) -> Vec<Html> {
    let latency =
        |of: fn(&crate::measure::results::Latency) -> f64| text(absent(traffic.latency_s.as_ref().map(of), seconds));
    vec![
        text(name),
        text(count(traffic.offered)),
        text(format!("{}/s", figure(traffic.goodput_per_s))),
        match traffic.failed_share() {
            Some(share) if share > 0.0 => toned("bad", &percent(share)),
            other => text(absent(other, percent)),
        },
        latency(|l| l.mean),
        latency(|l| l.p50),
        latency(|l| l.p95),
        latency(|l| l.p99),
        latency(|l| l.max),
        text(reasons(traffic)),
    ]
}

/// Held or missed.
pub(super) fn objectives(results: &Results) -> String {
    let rows: Vec<Vec<Html>> = results
        .objectives
        .iter()
        .map(|o| {
            let sign = if o.pass { toned("ok", "✔ held") } else { toned("bad", "✘ missed") };
            vec![sign, text(&o.subject), text(&o.expression), text(&o.observed_text)]
        })
        .collect();
    draw("Objectives", "", true, &["", "subject", "objective", "observed"], &rows)
}

/// Theory beside the simulation.
pub(super) fn napkin(results: &Results) -> String {
    let rows: Vec<Vec<Html>> = results
        .napkin
        .iter()
        .map(|n| {
            let peak = if n.peak >= 1.0 { toned("hot", &figure(n.peak)) } else { text(figure(n.peak)) };
            vec![
                text(&n.resource),
                text(figure(n.base)),
                peak,
                text(absent(n.saturates_at, |x| format!("{}×", figure(x)))),
                text(absent(n.passed_at_s, clock)),
                text(absent(n.observed, percent)),
                text(&n.note),
            ]
        })
        .collect();
    draw(
        "Napkin",
        "demand against capacity, without simulating",
        false,
        &["resource", "ρ at base", "ρ at peak", "breaks at", "demand passes", "simulated", "note"],
        &rows,
    )
}

/// Stations and populations beside the simulation.
pub(super) fn theory(results: &Results) -> String {
    let meaning = "mean seconds a call spends there by formula, at the base load, beside the simulation";
    plain("Theory", meaning, &words::STATIONS, &words::stations(&results.stations))
        + &plain(
            "Populations",
            "asymptotic bounds beside the simulation",
            &words::POPULATIONS,
            &words::populations(&results.populations),
        )
}

/// Cost and warnings.
pub(super) fn notes(results: &Results) -> String {
    let mut out = String::new();
    if results.cost.total > 0.0 {
        let per = results
            .cost
            .per_thousand_succeeded
            .map_or(String::new(), |c| format!(", {} per thousand requests that succeeded", figure(c)));
        out.push_str(&format!("{}<p>{}{per}</p>\n", heading("Cost", ""), figure(results.cost.total)));
    }
    for warning in &results.warnings {
        out.push_str(&format!("<p><span class=\"hot\">warning</span> {}</p>\n", escape(warning)));
    }
    out
}
