//! The page of a run.

mod figures;
mod groups;
mod losses;
mod queues;
mod sessions;
mod stores;
mod tables;
pub mod theory;
mod topology;
mod verdict;
mod waterfall;

pub(super) use tables::{breaks_at, demand};
pub use verdict::{verdict, verdict_so_far};

use super::page::{
    BROWSER, Block, Busy, Chart, Check, Checks, Curve, DOCUMENT, EVERYWHERE, Heading, Note, Page, SCREENS, TERMINAL,
    Verdict,
};
use super::{Context, explain};
use crate::measure::results::{ObjectiveState, Results, Traffic};
use crate::measure::story::StoryKind;
use crate::number::{clock, count, figure, length, percent};
use indexmap::IndexMap;
use maud::html;

/// Everything there is to tell of a run.
pub fn page(results: &Results, context: &Context) -> Page {
    let verdict = Verdict { text: verdict(results), pass: held(results) };
    let mut page = Page::new(&results.scenario.title, verdict, context.command);
    page.subtitle.clone_from(&results.variant);
    page.figures = figures::figures(results);
    page.checks = checks(results);

    page.put(SCREENS, Note::Lead(context.teaches.to_owned()));
    page.put(SCREENS, Note::Facts(facts(results)));
    if let Some(model) = context.model {
        page.put(BROWSER, topology::topology(results, model));
    }
    page.put(DOCUMENT, tables::objectives_of_a_document(results));
    page.put(SCREENS, chart(results));
    page.put(EVERYWHERE, Block::Story(results.story.clone()));
    page.put(EVERYWHERE, losses::losses(results));
    page.put(BROWSER, Block::Heat(busy(results)));
    page.put(TERMINAL, tables::resources_in_short(results));
    page.put(DOCUMENT, tables::resources_of_a_document(results));
    page.put(BROWSER, tables::resources(results));
    page.put(EVERYWHERE, queues::queues(results));
    page.put(EVERYWHERE, stores::stores(&results.stores));
    page.put(TERMINAL, tables::traffic_in_short(results));
    page.put(DOCUMENT, tables::traffic_of_a_document(results));
    page.put(BROWSER, tables::traffic(results));
    page.put(EVERYWHERE, sessions::sessions(results));
    page.put(EVERYWHERE, sessions::steps(results));
    page.put(BROWSER, tables::objectives(results));
    page.put(TERMINAL, tables::napkin_in_short(results));
    page.put(DOCUMENT, tables::napkin_of_a_document(results));
    page.put(BROWSER, tables::napkin(results));
    theory::put(&mut page, results);
    page.put(TERMINAL, tables::objectives_in_short(results));
    page.put(BROWSER, waterfall::traces(&results.traces));
    notes(&mut page, results);
    page.put(BROWSER, meanings());
    page
}

/// Whether what was to hold did; none: nothing was to hold, and requests were lost.
fn held(results: &Results) -> Option<bool> {
    let asked = !results.objectives.is_empty() || results.losses.is_empty();
    (asked || !results.pass()).then(|| results.pass())
}

/// What every figure means, folded.
fn meanings() -> Block {
    let drawing = html! {
        details.meanings {
            summary { "every figure with its formula and unit" } "\n"
            dl { "\n"
                @for meaning in explain::definitions() {
                    dt { (meaning.place) ": " b { (meaning.name) } @if !meaning.unit.is_empty() { " (" (meaning.unit) ")" } }
                    dd { (meaning.meaning) } "\n"
                }
            }
        } "\n"
    };
    Block::Picture(Heading::new("What the figures mean", ""), drawing)
}

/// Cost, warnings, what is left over, and what was run.
fn notes(page: &mut Page, results: &Results) {
    if results.cost.total > 0.0 {
        let per = results.cost.per_thousand_succeeded;
        let per = per.map_or(String::new(), |c| format!(", {} per thousand requests that succeeded", figure(c)));
        page.put(SCREENS, Note::Figure("Cost", format!("{}{per}", figure(results.cost.total))));
    }
    for warning in &results.warnings {
        page.put(EVERYWHERE, Note::Warning(warning.clone()));
    }
    let left: u64 = results.traffic.values().map(|t| t.in_flight).sum();
    if left > 0 {
        let (were, they) = if left == 1 { ("request was", "it counts") } else { ("requests were", "they count") };
        let left = count(left);
        let text = format!("{left} {were} still in flight at the end: {they} neither as succeeded nor as failed.");
        page.put(TERMINAL, Note::Remark(text));
    }
    let made = format!("{} simulated, seed {}", length(results.horizon_s), results.seed);
    page.put(DOCUMENT, Note::Made(made, results.digest.clone()));
}

/// What was run, in one line: the variant, how long, the seed, how many events, the digest.
fn facts(results: &Results) -> String {
    let variant = results.variant.as_ref().map_or(String::new(), |v| format!("variant “{v}” · "));
    format!(
        "{variant}{} simulated · seed {} · {} events · digest {}",
        length(results.horizon_s),
        results.seed,
        figure(results.engine.events as f64),
        results.digest
    )
}

fn chart(results: &Results) -> Chart {
    let curve = |(name, traffic): (&String, &Traffic)| {
        let series = results.series.traffic.get(name)?.clone();
        Some(Curve { name: name.clone(), offered: traffic.offered, series })
    };
    Chart {
        // There is nothing behind an early end.
        horizon_s: results.stopped.as_ref().map_or(results.horizon_s, |stopped| stopped.at_s),
        every_s: results.series.every_s,
        curves: results.traffic.iter().filter_map(curve).collect(),
        busy: busy(results),
        lines: queues::over_time(results),
        story: results.story.clone(),
    }
}

/// Utilization of what saturated, in the order it did.
fn busy(results: &Results) -> Vec<Busy> {
    let mut rows: Vec<Busy> = Vec::new();
    for event in results.story.iter().filter(|e| e.event == StoryKind::Saturated) {
        if let Some(utilization) = results.series.utilization.get(event.subject.as_str())
            && rows.iter().all(|row| event.subject != row.name.as_str())
        {
            rows.push(Busy { name: event.subject.name.clone(), utilization: utilization.clone() });
        }
    }
    rows
}

/// A missed objective is a failure whose message is what was observed. Seed and digests are properties.
fn checks(results: &Results) -> Checks {
    let mut properties = vec![
        ("seed".to_owned(), results.seed.to_string()),
        ("scenario digest".to_owned(), results.scenario.digest.clone()),
        ("digest".to_owned(), results.digest.clone()),
        ("results digest".to_owned(), results.results_digest.clone()),
    ];
    properties.extend(theory::stations(&results.stations).into_iter().map(|row| {
        let value = format!("{} predicts {}, simulated {}: {}", row[1], row[2], row[3], row[5]);
        (format!("theory: {}", row[0]), value)
    }));
    let mut checks: Vec<Check> = (results.objectives.iter())
        .map(|objective| Check {
            subject: objective.subject.clone(),
            expression: objective.expression.clone(),
            failure: (!objective.pass).then(|| match objective.state {
                ObjectiveState::Unobserved => objective.observed_text.clone(),
                ObjectiveState::Held | ObjectiveState::Missed => format!("observed {}", objective.observed_text),
            }),
            skipped: (objective.pass && objective.state == ObjectiveState::Unobserved)
                .then(|| objective.observed_text.clone()),
            ..Check::default()
        })
        .collect();
    checks.extend(results.stopped.as_ref().map(|stopped| Check {
        subject: "run".to_owned(),
        expression: "reaches its horizon".to_owned(),
        failure: Some(format!("stopped at {}: {}", clock(stopped.at_s), stopped.reason)),
        ..Check::default()
    }));
    Checks { suite: super::suite(&results.scenario.title, results.variant.as_deref()), properties, checks }
}

/// The two most common reasons with their shares; one that is nearly all stands alone.
fn reasons(counts: &IndexMap<String, u64>) -> String {
    let all: u64 = counts.values().sum();
    let mut reasons: Vec<(&String, f64)> = counts.iter().map(|(reason, n)| (reason, *n as f64 / all as f64)).collect();
    reasons.sort_by(|a, b| b.1.total_cmp(&a.1));
    match reasons.as_slice() {
        [] => String::new(),
        [(reason, share), ..] if *share >= 0.95 => (*reason).clone(),
        many => {
            let told = many.iter().take(2).map(|(reason, share)| format!("{reason} {}", percent(*share)));
            told.collect::<Vec<_>>().join(", ")
        }
    }
}
