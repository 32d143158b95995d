//! Capacity told: how much it can take in the units of those who come, and what is just above.

use super::words::{cut_short, warmed_up};
use crate::number::{ABSENT, figure, length, percent, sentence};
use crate::report::page::{
    Check, Checks, DOCUMENT, EVERYWHERE, Figures, Note, Page, SCREENS, TERMINAL, Table, Tone, Verdict, toned,
};
use crate::report::{Context, digits, or_absent, suite};
use crate::study::{Binding, Capacity, Limit, Missed, SeedLimit};

/// The limit, what binds there, which objectives end it, and each search.
pub(super) fn page(study: &Capacity, context: &Context) -> Page {
    let verdict = Verdict { text: verdict(study), pass: Some(study.pass()) };
    let mut page = Page::new(&study.scenario.title, verdict, context.command);
    page.figures = exact(study);
    page.checks = checks(study);
    page.put(TERMINAL, Note::Lead(context.teaches.to_owned()));
    page.put(EVERYWHERE, Note::Facts(facts(study)));
    page.put(EVERYWHERE, limits(study).headed("Holds", "the largest load at which every objective held"));
    page.put(EVERYWHERE, binding(study).headed("Binds", "in the smallest load at which one did not"));
    page.put(EVERYWHERE, missed(study).headed("Missed", "there"));
    page.put(SCREENS, searches(study).headed("Searches", "a seed each; loads as multiples of what the file expects"));
    page.put(DOCUMENT, searches(study));
    if study.uneven > 0 {
        page.put(EVERYWHERE, Note::Warning(uneven(study)));
    }
    page
}

fn verdict(study: &Capacity) -> String {
    let Some(multiple) = study.multiple else {
        return match (study.holds_at, study.fails_at) {
            (Some(holds), None) => format!(
                "Nothing binds: every objective holds at {} times what the file expects, and nobody looked further.",
                figure(holds)
            ),
            (None, Some(fails)) => format!(
                "No load holds: {} fails even at {} times what the file expects.",
                study.missed.first().map_or_else(
                    || "an objective".to_owned(),
                    |missed| format!("{} {}", missed.subject, missed.expression)
                ),
                figure(fails)
            ),
            _ => "Some seeds have a limit and some have none.".to_owned(),
        };
    };
    let loads: Vec<String> = study.limits.iter().map(load).collect();
    let times = format!("{} times what the file expects", figure(multiple.mean));
    let binds =
        study.binding.first().map_or_else(String::new, |first| format!(" Just above, {}.", binds(first, study)));
    format!("It holds {}: {times}.{binds}", sentence::list(&loads))
}

/// "212 requests/s of shop, ± 4"
pub(super) fn load(limit: &Limit) -> String {
    let holds = limit.unit.say(&or_absent(limit.holds, figure));
    let half = limit.half_width.map_or_else(String::new, |half| format!(" (± {})", figure(half)));
    format!("{holds}{half} of {}", limit.source)
}

fn binds(binding: &Binding, study: &Capacity) -> String {
    let seeds = format!("{} of {} seeds", binding.seeds, study.searches.len());
    if binding.saturated {
        format!("{} saturates first ({seeds})", binding.subject)
    } else {
        let busy = percent(binding.utilization_mean);
        format!("nothing saturates; {} is busiest, {busy} ({seeds})", binding.subject)
    }
}

fn facts(study: &Capacity) -> String {
    let variant = study.variant.as_ref().map_or(String::new(), |v| format!("variant “{v}” · "));
    let shape = if study.surge { "the file's crowd, scaled" } else { "a steady crowd" };
    format!(
        "{variant}{shape} · {} runs of {}{}{}{} · {} from {} · digest {}",
        study.runs,
        length(study.horizon_s),
        lengths(study),
        warmed_up(study.warm_up),
        cut_short(&study.spent),
        match study.searches.len() {
            1 => "1 seed".to_owned(),
            seeds => format!("{seeds} seeds"),
        },
        study.seed,
        study.results_digest
    )
}

/// How long other runs were, and why these are shorter than the file's: " (9 of them 1 min 21 s, to come near)".
fn lengths(study: &Capacity) -> String {
    let near = study.near.map(|near| match near.runs {
        1 => format!("1 of them {}, to come near", length(near.horizon_s)),
        runs => format!("{runs} of them {}, to come near", length(near.horizon_s)),
    });
    let shorter = study.horizon_s < study.file_horizon_s;
    let whole = shorter.then(|| {
        let all = length(study.file_horizon_s);
        format!("the file's {all} would bring more than objectives need: --horizon runs as long as it says")
    });
    let said: Vec<String> = [near, whole].into_iter().flatten().collect();
    if said.is_empty() { String::new() } else { format!(" ({})", said.join("; ")) }
}

fn limits(study: &Capacity) -> Table {
    let row = |limit: &Limit| {
        vec![
            limit.source.clone(),
            or_absent(limit.holds, figure),
            limit.half_width.map_or(ABSENT.to_owned(), |half| format!("± {}", figure(half))),
            limit.unit.name().to_owned(),
            figure(limit.expected),
        ]
    };
    let titles = ["source", "holds", "95 % interval", "unit", "the file expects"];
    Table::new(1, &titles).with(study.limits.iter().map(row))
}

fn binding(study: &Capacity) -> Table {
    let row = |binding: &Binding| {
        let subject = toned(if binding.saturated { Tone::Hot } else { Tone::Plain }, binding.subject.clone());
        let what = if binding.saturated { "saturates first" } else { "is busiest" };
        let seeds = format!("{} of {}", binding.seeds, study.searches.len());
        vec![subject, what.into(), percent(binding.utilization_mean).into(), seeds.into()]
    };
    Table::new(2, &["resource", "", "busy", "seeds"]).with(study.binding.iter().map(row))
}

fn missed(study: &Capacity) -> Table {
    let row = |missed: &Missed| {
        let seeds = format!("{} of {}", missed.seeds, study.searches.len());
        vec![missed.subject.clone(), missed.expression.clone(), missed.observed_text.clone(), seeds]
    };
    Table::new(2, &["subject", "objective", "observed", "seeds"]).with(study.missed.iter().map(row))
}

fn searches(study: &Capacity) -> Table {
    let row = |search: &SeedLimit| {
        vec![
            search.seed.to_string(),
            or_absent(search.holds_at, figure),
            or_absent(search.fails_at, figure),
            search.runs.to_string(),
        ]
    };
    Table::new(0, &["seed", "holds at", "fails at", "runs"]).with(study.searches.iter().map(row))
}

fn uneven(study: &Capacity) -> String {
    format!(
        "With {} of {} seeds a load held that is larger than one that did not: the limit is no single load there",
        study.uneven,
        study.searches.len()
    )
}

/// A figure a row.
fn exact(study: &Capacity) -> Figures {
    let cell = |value: Option<f64>| value.map_or(String::new(), digits);
    let row = |subject: &str, metric: &str, value: Option<f64>, half: Option<f64>| {
        vec![study.variant.clone().unwrap_or_default(), subject.to_owned(), metric.to_owned(), cell(value), cell(half)]
    };
    let multiple = study.multiple;
    let mut rows = vec![
        row("", "multiple", multiple.map(|m| m.mean), multiple.and_then(|m| m.half_width)),
        row("", "holds_at", study.holds_at, None),
        row("", "fails_at", study.fails_at, None),
    ];
    for limit in &study.limits {
        rows.push(row(&limit.source, "expected", Some(limit.expected), None));
        rows.push(row(&limit.source, "holds", limit.holds, limit.half_width));
    }
    Figures::new(&["variant", "subject", "metric", "value", "half_width_95"], rows)
}

/// What the file expects is to hold.
fn checks(study: &Capacity) -> Checks {
    let property = |key: &str, value: String| (key.to_owned(), value);
    let check = Check {
        subject: "capacity".to_owned(),
        expression: "holds what the file expects".to_owned(),
        failure: (!study.pass()).then(|| verdict(study)),
        ..Check::default()
    };
    Checks {
        suite: suite(&study.scenario.title, study.variant.as_deref()),
        properties: vec![
            property("seed", study.seed.to_string()),
            property("runs", study.runs.to_string()),
            property("scenario digest", study.scenario.digest.clone()),
            property("results digest", study.results_digest.clone()),
        ],
        checks: vec![check],
    }
}
