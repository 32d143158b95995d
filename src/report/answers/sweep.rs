//! A sweep told: which points keep the objectives, and the main figures of each.

use super::drawing::{Map, map};
use super::words::{
    capital, cheapest_of, counted_from, field, is_alike, less_is_better, may_be_nothing, number_of, said, seeds, title,
};
use crate::number::{ABSENT, figure, length, percent};
use crate::report::page::{
    BROWSER, Block, Cell, Check, Checks, EVERYWHERE, Figures, Heading, Note, Page, TERMINAL, Table, Tone, Verdict,
    toned,
};
use crate::report::{Context, Format, digits, or_absent, suite};
use crate::study::{Figure, Sweep, SweepRow};
use maud::html;

/// Rows that a page shows; the formats for programs have all.
const MOST: usize = 200;
/// Maps that a page shows.
const MAPS: usize = 8;

/// Every point with its figures; two axes as maps.
///
/// What only programs read is a row a figure of each point, and is made where the format has it.
pub(super) fn page(study: &Sweep, context: &Context, format: Option<Format>) -> Page {
    let head = &study.head;
    let verdict = Verdict { text: verdict(study), pass: Some(study.pass()) };
    let mut page = Page::new(&head.scenario.title, verdict, context.command);
    if format.is_none_or(Format::has_figures) {
        page.figures = exact(study);
    }
    if format.is_none_or(Format::has_checks) {
        page.checks = checks(study);
    }
    page.put(TERMINAL, Note::Lead(context.teaches.to_owned()));
    page.put(EVERYWHERE, Note::Facts(facts(study)));
    let meaning = "a point of the sweep each, means over its runs";
    page.put(EVERYWHERE, points(study).headed("Points", meaning));
    page.put(BROWSER, maps(study));
    page
}

/// "app.workers 20, web.count 2"
fn name(study: &Sweep, row: &SweepRow) -> String {
    let values = study.head.axes.iter().zip(&row.values);
    values.map(|(axis, value)| format!("{} {value}", field(&axis.path))).collect::<Vec<_>>().join(", ")
}

fn verdict(study: &Sweep) -> String {
    let (runs, stopped) =
        study.rows.iter().fold((0, 0), |(runs, stopped), row| (runs + row.runs.len(), stopped + row.stopped as usize));
    let stopped = match stopped {
        0 => String::new(),
        stopped => format!("{stopped} of {} stopped before their end. ", number_of(runs, "run")),
    };
    if study.head.objectives == 0 {
        return format!("{stopped}The file has no objectives to hold.");
    }
    stopped + &held(study)
}

/// Which points keep the objectives.
fn held(study: &Sweep) -> String {
    let of = study.head.replications;
    let good: Vec<&SweepRow> = study.rows.iter().filter(|row| row.pass(of)).collect();
    let runs = if of == 1 { "its run".to_owned() } else { format!("all {of} runs") };
    let cost = |row: &SweepRow| row.mean("cost", "total").filter(|cost| *cost > 0.0);
    match good.as_slice() {
        [] => {
            let Some(best) = study.rows.iter().rev().max_by_key(|row| row.held) else { return String::new() };
            let all = number_of(study.rows.len(), "point");
            let best = match best.held {
                0 => String::new(),
                held => format!("; {} does in {held} of {of}", name(study, best)),
            };
            format!("None of {all} keeps every objective in {runs}{best}.")
        }
        good if good.len() == study.rows.len() => {
            let all = number_of(good.len(), "point");
            let verb = if good.len() == 1 { "keeps" } else { "keep" };
            capital(format!("{all} of {} {verb} every objective in {runs}{}.", good.len(), cheapest(study, good, cost)))
        }
        good => {
            let verb = if good.len() == 1 { "keeps" } else { "keep" };
            let all = number_of(study.rows.len(), "point");
            format!("{} of {all} {verb} every objective in {runs}{}.", good.len(), cheapest(study, good, cost))
        }
    }
}

/// The cheapest of those that hold, or the first where nothing costs anything.
fn cheapest(study: &Sweep, good: &[&SweepRow], cost: impl Fn(&SweepRow) -> Option<f64>) -> String {
    let priced: Vec<(f64, &SweepRow)> = good.iter().filter_map(|row| Some((cost(row)?, *row))).collect();
    let least = priced.iter().map(|(cost, _)| *cost).reduce(f64::min);
    let cheapest: Vec<&SweepRow> = priced
        .iter()
        .filter(|(cost, _)| least.is_some_and(|least| is_alike(*cost, least)))
        .map(|(_, row)| *row)
        .collect();
    match (least.zip(cheapest.first()), good.first()) {
        (Some((cost, row)), _) => {
            format!("; {}", cheapest_of(&name(study, row), &figure(cost), cheapest.len(), good.len()))
        }
        (None, Some(row)) => format!("; the first is {}", name(study, row)),
        (None, None) => String::new(),
    }
}

fn facts(study: &Sweep) -> String {
    let head = &study.head;
    let variant = head.variant.as_ref().map_or(String::new(), |v| format!("variant “{v}” · "));
    let runs = if head.replications == 1 { "a run".to_owned() } else { format!("{} runs", head.replications) };
    // Where it is an axis each point has its own.
    let own = head.axes.iter().any(|axis| axis.path == "horizon");
    let each = if own { " each".to_owned() } else { format!(" of {} each", length(head.horizon_s)) };
    format!(
        "{variant}{} · {runs}{each}{} · {} · digest {}",
        number_of(study.rows.len(), "point"),
        counted_from(head.from_start),
        seeds(head.seed, head.replications),
        study.results_digest
    )
}

/// Those that need a column.
fn columns(study: &Sweep) -> Vec<&Figure> {
    let some = |figure: &Figure| {
        let mean = |row: &SweepRow| row.mean(&figure.subject, &figure.metric).is_some_and(|mean| mean > 0.0);
        !may_be_nothing(&figure.metric) || study.rows.iter().any(mean)
    };
    study.rows.first().map_or(&[][..], |row| &row.figures).iter().filter(|figure| some(figure)).collect()
}

fn is_several(columns: &[&Figure]) -> bool {
    columns.iter().filter(|figure| figure.metric == "goodput_per_s").count() > 1
}

fn points(study: &Sweep) -> Table {
    let columns = columns(study);
    let several = is_several(&columns);
    let mut titles: Vec<String> = study.head.axes.iter().map(|axis| field(&axis.path)).collect();
    titles.extend(["held".to_owned(), "broke first".to_owned()]);
    titles.extend(columns.iter().map(|figure| title(&figure.subject, &figure.metric, several)));
    let of = study.head.replications;
    let row = |row: &SweepRow| {
        let mut cells: Vec<Cell> = row.values.iter().map(|value| toned(Tone::Strong, value)).collect();
        cells.push(match (study.head.objectives, row.pass(of)) {
            (0, _) => ABSENT.into(),
            (_, true) => toned(Tone::Good, format!("{} of {of}", row.held)),
            (_, false) => toned(Tone::Bad, format!("{} of {of}", row.held)),
        });
        cells.push(row.first_broken.as_deref().unwrap_or("nothing").into());
        cells.extend(columns.iter().map(|figure| {
            let (_, say, _) = said(&figure.metric);
            or_absent(row.mean(&figure.subject, &figure.metric), say).into()
        }));
        cells
    };
    let mut table = Table::new(study.head.axes.len() + 2, &titles).with(study.rows.iter().take(MOST).map(row));
    let more = study.rows.len().saturating_sub(MOST);
    table.remark = (more > 0).then(|| format!("{} more: --format csv or json has them all", number_of(more, "point")));
    table
}

/// Of a grid of two axes: whether it held, and each figure.
fn maps(study: &Sweep) -> Block {
    let heading = Heading::new("Maps", "a cell a point, darker is more; hover for the figure");
    let [rows, across] = study.head.axes.as_slice() else { return Block::Picture(heading, html! {}) };
    if study.head.zip || study.rows.len() != rows.values.len() * across.values.len() {
        return Block::Picture(heading, html! {});
    }
    let (of, columns) = (f64::from(study.head.replications), columns(study));
    let several = is_several(&columns);
    let one = |caption: String, cells: Vec<Option<f64>>, say: fn(f64) -> String, color: &'static str| Map {
        caption,
        axes: [field(&rows.path), field(&across.path)],
        rows: &rows.values,
        columns: &across.values,
        cells,
        say,
        color,
    };
    let held = study.rows.iter().map(|row| Some(f64::from(row.held) / of)).collect();
    let figures = columns.iter().take(MAPS - 1).map(|figure| {
        let cells = study.rows.iter().map(|row| row.mean(&figure.subject, &figure.metric)).collect();
        let (_, say, _) = said(&figure.metric);
        let color = if less_is_better(&figure.metric) { "var(--failed)" } else { "var(--good)" };
        one(title(&figure.subject, &figure.metric, several), cells, say, color)
    });
    let maps: Vec<Map> = std::iter::once(one("held".into(), held, percent, "var(--good)")).chain(figures).collect();
    Block::Picture(heading, html! { @for one in &maps { (map(one)) } })
}

/// A point a row.
fn exact(study: &Sweep) -> Figures {
    let mut names = vec!["point".to_owned()];
    names.extend(study.head.axes.iter().map(|axis| axis.path.clone()));
    names.extend(
        ["held", "runs", "stopped", "first_broken", "subject", "metric", "n", "mean", "half_width_95"].map(Into::into),
    );
    let rows = study.rows.iter().flat_map(|row| {
        row.figures.iter().map(move |figure| {
            let estimate = figure.estimate;
            let mut cells = vec![row.point.to_string()];
            cells.extend(row.values.iter().cloned());
            cells.extend([
                row.held.to_string(),
                row.runs.len().to_string(),
                row.stopped.to_string(),
                row.first_broken.clone().unwrap_or_default(),
                figure.subject.clone(),
                figure.metric.clone(),
                estimate.map_or(0, |e| e.n).to_string(),
                estimate.map_or(String::new(), |e| digits(e.mean)),
                estimate.and_then(|e| e.half_width).map_or(String::new(), digits),
            ]);
            cells
        })
    });
    Figures { columns: names, rows: rows.collect() }
}

/// A point fails when any run of it missed an objective.
fn checks(study: &Sweep) -> Checks {
    let head = &study.head;
    let property = |key: &str, value: String| (key.to_owned(), value);
    let check = |row: &SweepRow| Check {
        subject: name(study, row),
        expression: "keeps every objective".to_owned(),
        failure: (!row.pass(head.replications)).then(|| format!("in {} of {} runs only", row.held, head.replications)),
        skipped: (head.objectives == 0).then(|| "the file has no objectives".to_owned()),
        ..Check::default()
    };
    Checks {
        suite: suite(&head.scenario.title, head.variant.as_deref()),
        properties: vec![
            property("seed", head.seed.to_string()),
            property("replications", head.replications.to_string()),
            property("scenario digest", head.scenario.digest.clone()),
            property("results digest", study.results_digest.clone()),
        ],
        checks: study.rows.iter().map(check).collect(),
    }
}
