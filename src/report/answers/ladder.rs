//! A ladder told: what breaks first, second, third, at what load, and what each rung costs.

use super::drawing::{Step, steps};
use super::words::{cut_short, field, number_of};
use crate::number::{ABSENT, figure, sentence};
use crate::report::page::{
    BROWSER, Block, Cell, Check, Checks, EVERYWHERE, Figures, Heading, Note, Page, TERMINAL, Table, Tone, Verdict,
    toned,
};
use crate::report::{Context, digits, or_absent, suite};
use crate::study::{Change, Ladder, LadderEnd, Limit, Relief, Rung};

/// The rungs, as steps and as rows.
pub(super) fn page(study: &Ladder, context: &Context) -> Page {
    let verdict = Verdict { text: verdict(study), pass: Some(study.pass()) };
    let mut page = Page::new(&study.scenario.title, verdict, context.command);
    page.figures = exact(study);
    page.checks = checks(study);
    page.put(TERMINAL, Note::Lead(context.teaches.to_owned()));
    page.put(EVERYWHERE, Note::Facts(facts(study)));
    page.put(BROWSER, chart(study));
    let meaning = "the largest load that keeps the objectives, of everyone together, and what is in the way of more";
    page.put(EVERYWHERE, rungs(study).headed("Rungs", meaning));
    page
}

fn verdict(study: &Ladder) -> String {
    let mut broken: Vec<(&str, Vec<String>)> = Vec::new();
    for rung in study.rungs.iter().filter(|rung| rung.multiple.is_some() && !rung.unchanged) {
        let Some(binds) = binds(rung) else { continue };
        match broken.last_mut().filter(|(last, _)| *last == binds) {
            Some((_, at)) => at.push(loads(rung)),
            None => broken.push((binds, vec![loads(rung)])),
        }
    }
    let said = |(binds, at): (&str, Vec<String>)| format!("{binds} at {}", at.join(", then at "));
    let broken: Vec<String> = broken.into_iter().map(said).collect();
    let order = match broken.split_first() {
        None => String::new(),
        Some((first, [])) => format!("First binds {first}. "),
        Some((first, rest)) => format!("First binds {first}; then {}. ", rest.join("; then ")),
    };
    order + &end(study)
}

fn end(study: &Ladder) -> String {
    let Some(last) = study.rungs.last() else { return String::new() };
    let bound = binds(last).unwrap_or("what binds");
    let more = if study.end_text.is_empty() { String::new() } else { format!(" ({})", study.end_text) };
    match study.end {
        LadderEnd::TargetReached => {
            format!("The target of {} times what the file expects holds.", or_absent(study.target, sentence::figure))
        }
        LadderEnd::RungsClimbed => format!("Further up nobody looked{more}."),
        LadderEnd::NothingBinds => {
            format!(
                "With that nothing binds: every objective holds at {} times what the file expects.",
                or_absent(last.holds_at, figure)
            )
        }
        LadderEnd::NoLimit => {
            let what = last.missed.first().map(|missed| format!("{} {}", missed.subject, missed.expression));
            let what = what.unwrap_or_else(|| "an objective".to_owned());
            format!(
                "Then there is no limit to climb from: {what} fails at {} times what the file expects.",
                or_absent(last.fails_at, figure)
            )
        }
        LadderEnd::NothingToRelieve => format!("{bound} cannot be relieved by a larger number{more}."),
        LadderEnd::ChangedNothing => {
            let subject = last.relief.as_ref().and_then(|relief| relief.subject.as_deref()).unwrap_or("it");
            format!("Twice as much of {subject} changed nothing: something else is in the way.")
        }
        LadderEnd::GivenUp => "What comes further up is not known.".to_owned(),
        LadderEnd::ReliefUsedUp => format!("All of the relief is put in; {bound} is what binds now."),
    }
}

fn binds(rung: &Rung) -> Option<&str> {
    rung.binding.first().map(|binding| binding.subject.as_str())
}

/// "212 requests/s"; of several sources the first, "212 requests/s of shop": the others grow along.
fn loads(rung: &Rung) -> String {
    let Some(Limit { source, unit, holds, .. }) = rung.limits.first() else { return String::new() };
    let load = unit.say(&or_absent(*holds, figure));
    if rung.limits.len() == 1 { load } else { format!("{load} of {source}") }
}

fn facts(study: &Ladder) -> String {
    let variant = study.variant.as_ref().map_or(String::new(), |v| format!("variant “{v}” · "));
    let shape = if study.surge { "the file's crowd, scaled" } else { "a steady crowd" };
    format!(
        "{variant}{shape} · {} · {} runs{} · seeds from {} · digest {}",
        number_of(study.rungs.len(), "rung"),
        study.runs,
        cut_short(&study.spent),
        study.seed,
        study.results_digest
    )
}

/// "web.cores 2 → 4"
fn change(change: &Change) -> String {
    format!("{} {} → {}", field(&change.path), change.from, change.to)
}

fn relief(relief: Option<&Relief>) -> String {
    match relief {
        None => "the file as it is".to_owned(),
        Some(Relief { variant: Some(variant), .. }) => format!("“{variant}”"),
        Some(relief) => relief.changes.iter().map(change).collect::<Vec<_>>().join(", "),
    }
}

fn rungs(study: &Ladder) -> Table {
    let priced = study.rungs.iter().any(|rung| rung.cost_per_hour.is_some());
    let mut titles = vec!["rung", "relief", "holds", "×", "gain", "binds"];
    titles.extend(priced.then_some("cost/h"));
    let row = |(index, rung): (usize, &Rung)| {
        let times = rung.multiple.map_or(ABSENT.to_owned(), |multiple| {
            let half = multiple.half_width.map_or(String::new(), |half| format!(" ± {}", figure(half)));
            format!("{}{half}", figure(multiple.mean))
        });
        let binds = toned(Tone::Hot, binds(rung).unwrap_or("nothing"));
        let gain = match (rung.gain, rung.unchanged) {
            (Some(_), true) => toned(Tone::Muted, "none"),
            (gain, _) => or_absent(gain, |gain| format!("{}×", figure(gain))).into(),
        };
        let holds = if rung.multiple.is_some() { loads(rung) } else { ABSENT.to_owned() };
        let mut cells: Vec<Cell> = vec![(index + 1).to_string().into(), relief(rung.relief.as_ref()).into()];
        cells.extend([holds.into(), times.into(), gain, binds]);
        cells.extend(priced.then(|| or_absent(rung.cost_per_hour, figure).into()));
        cells
    };
    let mut table = Table::new(2, &titles).with(study.rungs.iter().enumerate().map(row));
    if let Some(binds) = table.columns.get_mut(5) {
        binds.side = crate::report::page::Side::Left;
    }
    table
}

fn chart(study: &Ladder) -> Block {
    let step = |rung: &Rung| {
        let multiple = rung.multiple?;
        Some(Step {
            value: multiple.mean,
            half: multiple.half_width.unwrap_or(0.0),
            above: loads(rung),
            binds: binds(rung).unwrap_or("nothing").to_owned(),
            below: relief(rung.relief.as_ref()),
        })
    };
    let drawn: Vec<Step> = study.rungs.iter().filter_map(step).collect();
    let meaning = "a step a rung: the largest load that holds, with its 95 % interval, and what binds there";
    Block::Picture(Heading::new("Ladder", meaning), steps(&drawn, study.target))
}

/// A figure a row.
fn exact(study: &Ladder) -> Figures {
    let cell = |value: Option<f64>| value.map_or(String::new(), digits);
    let columns = ["rung", "relieved", "relief", "binds", "subject", "metric", "value", "half_width_95"];
    let rows = study.rungs.iter().enumerate().flat_map(|(index, rung)| {
        let relieved = rung.relief.as_ref().and_then(|relief| relief.subject.clone()).unwrap_or_default();
        let how = rung.relief.as_ref().map_or(String::new(), |of| relief(Some(of)));
        let head = [(index + 1).to_string(), relieved, how, binds(rung).unwrap_or_default().to_owned()];
        let row = move |subject: &str, metric: &str, value: Option<f64>, half: Option<f64>| {
            let mut cells = head.to_vec();
            cells.extend([subject.to_owned(), metric.to_owned(), cell(value), cell(half)]);
            cells
        };
        let mut rows = vec![
            row("", "multiple", rung.multiple.map(|m| m.mean), rung.multiple.and_then(|m| m.half_width)),
            row("", "gain", rung.gain, None),
            row("", "cost_per_hour", rung.cost_per_hour, None),
        ];
        rows.extend(rung.limits.iter().map(|limit| row(&limit.source, "holds", limit.holds, limit.half_width)));
        rows
    });
    Figures::new(&columns, rows.collect())
}

/// The target is to hold.
fn checks(study: &Ladder) -> Checks {
    let property = |key: &str, value: String| (key.to_owned(), value);
    let expression = match study.target {
        Some(target) => format!("holds {} times what the file expects", sentence::figure(target)),
        None => "has a limit".to_owned(),
    };
    let failure = (!study.pass()).then(|| verdict(study));
    Checks {
        suite: suite(&study.scenario.title, study.variant.as_deref()),
        properties: vec![
            property("seed", study.seed.to_string()),
            property("runs", study.runs.to_string()),
            property("scenario digest", study.scenario.digest.clone()),
            property("results digest", study.results_digest.clone()),
        ],
        checks: vec![Check { subject: "ladder".into(), expression, failure, ..Check::default() }],
    }
}
