//! A recovery told: above which load it falls, below which it comes back, and what has to be shed for that.

use super::drawing::{Dot, scatter};
use super::words::number_of;
use crate::number::{figure, length, percent, seconds, sentence};
use crate::report::page::{
    BROWSER, Block, Cell, Check, Checks, EVERYWHERE, Figures, Heading, Note, Page, SCREENS, TERMINAL, Table, Tone,
    Verdict, toned,
};
use crate::report::{Context, digits, or_absent, suite};
use crate::study::{Branch, Estimate, Recovery, RecoveryLimit, RecoveryRun};
use maud::html;

/// Both limits, and both branches.
pub(super) fn page(study: &Recovery, context: &Context) -> Page {
    let verdict = Verdict { text: verdict(study), pass: Some(study.pass()) };
    let mut page = Page::new(&study.scenario.title, verdict, context.command);
    page.figures = exact(study);
    page.checks = checks(study);
    page.put(TERMINAL, Note::Lead(context.teaches.to_owned()));
    page.put(EVERYWHERE, Note::Facts(facts(study)));
    page.put(BROWSER, chart(study));
    page.put(EVERYWHERE, limits(study).headed("Limits", "steady loads, of everyone together"));
    page.put(SCREENS, branches(study).headed("Branches", "every run, by load"));
    page
}

fn verdict(study: &Recovery) -> String {
    let loads = |of: fn(&RecoveryLimit) -> (Option<f64>, Option<f64>)| {
        let loads = study.limits.iter().filter_map(|limit| {
            let (load, half) = of(limit);
            let half = half.map_or_else(String::new, |half| format!(" (± {})", figure(half)));
            let load = format!("{}{half}", limit.unit.say(&figure(load?)));
            Some(if study.limits.len() == 1 { load } else { format!("{load} of {}", limit.source) })
        });
        sentence::list(&loads.collect::<Vec<_>>())
    };
    let by = study.falls_by.as_ref().map_or(String::new(), |first| format!(" ({first} first)"));
    let expected = |multiple: f64| format!("{} times what the file expects", figure(multiple));
    let falls = match (study.falls_above, study.searched.holds_at, study.searched.fails_at) {
        (Some(_), ..) => format!("It falls above {}{by}", loads(falls)),
        (None, Some(holds), None) => format!("It does not fall at {}, and nobody looked further", expected(holds)),
        (None, None, Some(fails)) => format!("It does not hold even {}{by}", expected(fails)),
        (None, ..) => "Under some seeds it falls and under some not".to_owned(),
    };
    if study.not_upset {
        let runs = length(study.horizon_s);
        return format!(
            "{falls}; the runbook did nothing in {runs}, so whether it comes back was not tried: --push 1.5x upsets it."
        );
    }
    let upset = if study.push.is_some() { "a push" } else { "what the runbook does" };
    let back = match (study.back_below, study.searched.back_at, study.searched.lost_at) {
        (Some(_), ..) => format!("after {upset} it comes back at {} and below", loads(back)),
        (None, Some(back), None) => format!("after {upset} it comes back even at {}", expected(back)),
        (None, None, Some(lost)) => format!("after {upset} it does not come back even at {}", expected(lost)),
        (None, ..) => format!("whether it comes back after {upset} depends on the seed at every load"),
    };
    let shed = match (study.is_metastable(), study.shed_share) {
        (true, Some(share)) => {
            let of_expected = study.shed_of_expected.filter(|share| *share > 0.0);
            let of_expected = of_expected
                .map_or(String::new(), |share| format!(", {} of what the file expects", sentence::percent(share)));
            format!(" To come back it has to shed {} of what it holds{of_expected}.", sentence::percent(share))
        }
        (false, Some(_)) => " What it holds it comes back under: nothing has to be shed.".to_owned(),
        (_, None) => String::new(),
    };
    let outage = study
        .outage_s
        .map_or(String::new(), |outage| format!(" There the outage lasts {}.", interval(outage, sentence::seconds)));
    let limited = study.falls_above.or(study.back_below);
    let sure = match limited.map(|limit| limit.half_width) {
        Some(None) => " That is of one seed: --replications tells how sure it is.",
        _ => "",
    };
    format!("{falls}; {back}.{shed}{outage}{sure}")
}

fn falls(limit: &RecoveryLimit) -> (Option<f64>, Option<f64>) {
    (limit.falls_above, limit.falls_half_width)
}

fn back(limit: &RecoveryLimit) -> (Option<f64>, Option<f64>) {
    (limit.back_below, limit.back_half_width)
}

/// "20 min 24 s ± 30 s"
fn interval(estimate: Estimate, say: fn(f64) -> String) -> String {
    let half = estimate.half_width.map_or_else(String::new, |half| format!(" ± {}", say(half)));
    format!("{}{half}", say(estimate.mean))
}

fn facts(study: &Recovery) -> String {
    let variant = study.variant.as_ref().map_or(String::new(), |v| format!("variant “{v}” · "));
    let upset = match study.push {
        None if study.not_upset => format!("not upset: the runbook did nothing in {}", length(study.horizon_s)),
        None => "upset by the runbook".to_owned(),
        Some(push) => format!("upset by {} times what it holds for {}", figure(push.times), length(push.lasting_s)),
    };
    format!(
        "{variant}{upset} · {} of {} · seeds from {} · digest {}",
        number_of(study.runs.len(), "run"),
        length(study.horizon_s),
        study.seed,
        study.results_digest
    )
}

fn limits(study: &Recovery) -> Table {
    let row = |limit: &RecoveryLimit| {
        vec![
            limit.source.clone(),
            with_interval(falls(limit)),
            with_interval(back(limit)),
            limit.unit.name().to_owned(),
            figure(limit.expected),
        ]
    };
    let titles = ["source", "falls above", "back below", "unit", "the file expects"];
    Table::new(1, &titles).with(study.limits.iter().map(row))
}

fn with_interval((load, half): (Option<f64>, Option<f64>)) -> String {
    let half = half.map_or_else(String::new, |half| format!(" ± {}", figure(half)));
    format!("{}{half}", or_absent(load, figure))
}

fn branch(branch: Branch) -> &'static str {
    match branch {
        Branch::Up => "up",
        Branch::Down => "down",
    }
}

fn branches(study: &Recovery) -> Table {
    let row = |run: &RecoveryRun| -> Vec<Cell> {
        let end = if run.well { toned(Tone::Good, "well") } else { toned(Tone::Bad, "down") };
        vec![
            branch(run.branch).into(),
            run.seed.to_string().into(),
            figure(run.multiple).into(),
            percent(run.answered).into(),
            end,
            or_absent(run.outage_s, seconds).into(),
        ]
    };
    Table::new(1, &["branch", "seed", "load", "answered", "in the end", "outage"]).with(study.runs.iter().map(row))
}

/// What was answered, over the load: full on the way up, rings on the way down.
fn chart(study: &Recovery) -> Block {
    let meaning = "a run each: dots on the way up, rings after the upset; the share of requests answered in the end, \
                   over the load as a multiple of what the file expects";
    let heading = Heading::new("Both branches", meaning);
    let limit = |of: Option<Estimate>| of.map(|limit| limit.mean);
    let widest =
        [limit(study.falls_above), limit(study.back_below), Some(1.0)].into_iter().flatten().fold(0.0, f64::max);
    let most = study.runs.iter().map(|run| run.multiple).filter(|load| *load <= 2.0 * widest).fold(widest, f64::max);
    let dot = |run: &RecoveryRun| Dot {
        x: run.multiple / most,
        y: run.answered,
        color: if run.well { "var(--good)" } else { "var(--failed)" },
        label: format!("{} at {}: {} answered", branch(run.branch), figure(run.multiple), percent(run.answered)),
        full: run.branch == Branch::Up,
    };
    let dots: Vec<Dot> = study.runs.iter().filter(|run| run.multiple <= most).map(dot).collect();
    let named = [(limit(study.back_below), "back below"), (limit(study.falls_above), "falls above")];
    let marks: Vec<(f64, String)> =
        named.into_iter().filter_map(|(at, name)| Some((at? / most, format!("{name} {}", figure(at?))))).collect();
    let last = format!("load {}", figure(most));
    Block::Picture(heading, html! { (scatter(&dots, ["0", &last], ["0 %", "100 %"], &marks)) })
}

/// A figure a row.
fn exact(study: &Recovery) -> Figures {
    let cell = |value: Option<f64>| value.map_or(String::new(), digits);
    let row = |subject: &str, metric: &str, value: Option<f64>, half: Option<f64>| {
        vec![study.variant.clone().unwrap_or_default(), subject.to_owned(), metric.to_owned(), cell(value), cell(half)]
    };
    let estimate =
        |metric: &str, of: Option<Estimate>| row("", metric, of.map(|of| of.mean), of.and_then(|of| of.half_width));
    let mut rows = vec![
        estimate("falls_above", study.falls_above),
        estimate("back_below", study.back_below),
        estimate("outage_s", study.outage_s),
        row("", "shed_share", study.shed_share, None),
        row("", "shed_of_expected", study.shed_of_expected, None),
    ];
    for limit in &study.limits {
        rows.push(row(&limit.source, "expected", Some(limit.expected), None));
        rows.push(row(&limit.source, "falls_above", limit.falls_above, limit.falls_half_width));
        rows.push(row(&limit.source, "back_below", limit.back_below, limit.back_half_width));
    }
    Figures::new(&["variant", "subject", "metric", "value", "half_width_95"], rows)
}

/// It is to come back under what the file expects.
fn checks(study: &Recovery) -> Checks {
    let property = |key: &str, value: String| (key.to_owned(), value);
    let check = Check {
        subject: "recovery".to_owned(),
        expression: "comes back under what the file expects".to_owned(),
        failure: (!study.pass()).then(|| verdict(study)),
        ..Check::default()
    };
    Checks {
        suite: suite(&study.scenario.title, study.variant.as_deref()),
        properties: vec![
            property("seed", study.seed.to_string()),
            property("runs", study.runs.len().to_string()),
            property("scenario digest", study.scenario.digest.clone()),
            property("results digest", study.results_digest.clone()),
        ],
        checks: vec![check],
    }
}
