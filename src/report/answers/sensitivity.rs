//! A sensitivity told: which number to measure first, and which need not be known better.

use super::drawing::{Bar, bars};
use super::words::{cut_short, number_of, seeds, warmed_up};
use crate::number::{ABSENT, figure, length, percent, sentence};
use crate::report::page::{
    BROWSER, Block, Cell, Check, Checks, EVERYWHERE, Figures, Heading, Note, Page, TERMINAL, Table, Tone, Verdict,
    toned,
};
use crate::report::{Context, digits, suite};
use crate::study::{Estimate, Moved, Sensitivity, Side};
use maud::html;

/// Numbers that a page shows; the formats for programs have all.
const MOST: usize = 40;

/// The numbers by what they do to the limit, as bars and as rows.
pub(super) fn page(study: &Sensitivity, context: &Context) -> Page {
    let verdict = Verdict { text: verdict(study), pass: Some(study.pass()) };
    let mut page = Page::new(&study.scenario.title, verdict, context.command);
    page.figures = exact(study);
    page.checks = checks(study);
    page.put(TERMINAL, Note::Lead(context.teaches.to_owned()));
    page.put(EVERYWHERE, Note::Facts(facts(study)));
    page.put(BROWSER, chart(study));
    let meaning = "each a quarter lower and a quarter higher, and what that does to the largest load that holds, seed \
                   by seed; ▲ and ▼ mark what differs from nothing beyond its 95 % interval";
    page.put(EVERYWHERE, numbers(study).headed("Numbers", meaning));
    page
}

fn matters(moved: &Moved) -> bool {
    [&moved.lower, &moved.higher].into_iter().flatten().any(|side| side.differs)
}

fn verdict(study: &Sensitivity) -> String {
    if study.multiple.is_none() {
        return "There is no limit that numbers could move: every load holds, or none does.".to_owned();
    }
    let loads: Vec<String> = study
        .limits
        .iter()
        .map(|limit| format!("{} of {}", limit.unit.say(&figure(limit.holds)), limit.source))
        .collect();
    let idle = study.numbers.iter().filter(|moved| !matters(moved)).count();
    let all = number_of(study.numbers.len(), "number");
    let first = match study.numbers.first().filter(|first| matters(first)) {
        None => return format!("It holds {}, and none of {all} moves that.", sentence::list(&loads)),
        Some(first) => first,
    };
    let side = |side: &Option<Side>, by: &str| Some(format!("{by} of it {}", effect(side.as_ref()?)));
    let sides: Vec<String> =
        [side(&first.lower, "a quarter less"), side(&first.higher, "a quarter more")].into_iter().flatten().collect();
    let rest = match idle {
        0 => String::new(),
        idle => format!(" {idle} of {all} {} nothing.", if idle == 1 { "moves" } else { "move" }),
    };
    format!("It holds {}. Measure {} first: {}.{rest}", sentence::list(&loads), first.path, sides.join(", "))
}

/// "moves the limit by −20.1 %"
fn effect(side: &Side) -> String {
    match side.change {
        Some(change) => format!("moves that by {}", moved(change, side.half_width)),
        None if side.hopeless > 0 => "leaves no load that holds".to_owned(),
        None => "leaves no limit".to_owned(),
    }
}

/// "−20.1 % ± 0.4 %"
fn moved(change: Estimate, half: Option<f64>) -> String {
    let half = half.map_or(String::new(), |half| format!(" ± {}", percent(half)));
    format!("{}{half}", signed(change.mean).replace("+0 %", "0 %"))
}

fn signed(share: f64) -> String {
    let sign = if share < 0.0 { "−" } else { "+" };
    format!("{sign}{}", percent(share.abs()))
}

fn facts(study: &Sensitivity) -> String {
    let variant = study.variant.as_ref().map_or(String::new(), |v| format!("variant “{v}” · "));
    let shape = if study.surge { "the file's crowd, scaled" } else { "a steady crowd" };
    format!(
        "{variant}{shape} · {} · {} runs of {}{}{} · {} · digest {}",
        number_of(study.numbers.len(), "number"),
        study.runs,
        length(study.horizon_s),
        warmed_up(study.warm_up),
        cut_short(&study.spent),
        seeds(study.seed, study.replications),
        study.results_digest
    )
}

fn cells(side: Option<&Side>) -> [Cell; 2] {
    let Some(side) = side else { return [ABSENT.into(), ABSENT.into()] };
    let tone = if side.differs { Tone::Hot } else { Tone::Muted };
    let change = match side.change {
        None if side.hopeless > 0 => "nothing holds".to_owned(),
        None => "no limit".to_owned(),
        Some(change) => {
            let sign = match (side.differs, change.mean > 0.0) {
                (false, _) => "",
                (true, true) => " ▲",
                (true, false) => " ▼",
            };
            format!("{}{sign}", moved(change, side.half_width))
        }
    };
    [side.value.as_str().into(), toned(tone, change)]
}

fn numbers(study: &Sensitivity) -> Table {
    let row = |moved: &Moved| {
        let mut row: Vec<Cell> = vec![moved.path.as_str().into(), moved.value.as_str().into()];
        row.extend(cells(moved.lower.as_ref()));
        row.extend(cells(moved.higher.as_ref()));
        row
    };
    let titles = ["number", "now", "lower", "limit", "higher", "the limit then"];
    let mut table = Table::new(1, &titles).with(study.numbers.iter().take(MOST).map(row));
    let more = study.numbers.len().saturating_sub(MOST);
    table.remark = (more > 0).then(|| format!("{} more: --format csv or json has them all", number_of(more, "number")));
    table
}

fn chart(study: &Sensitivity) -> Block {
    let change = |side: &Option<Side>| side.as_ref().and_then(|side| side.change).map(|change| change.mean);
    let bar = |moved: &Moved| Bar { name: moved.path.clone(), low: change(&moved.lower), high: change(&moved.higher) };
    let drawn: Vec<Bar> = study.numbers.iter().filter(|moved| matters(moved)).take(MOST).map(bar).collect();
    let meaning = "the change of the limit: yellow with the number a quarter lower, blue a quarter higher";
    let drawing = if drawn.is_empty() {
        html! {}
    } else {
        bars(&drawn, signed)
    };
    Block::Picture(Heading::new("What moves it", meaning), drawing)
}

/// A side of a number a row.
fn exact(study: &Sensitivity) -> Figures {
    let cell = |value: Option<f64>| value.map_or(String::new(), digits);
    let columns =
        ["number", "value", "moved_to", "change", "half_width_95", "differs", "unlimited", "hopeless", "assumed"];
    let rows = study.numbers.iter().flat_map(|moved| {
        [&moved.lower, &moved.higher].into_iter().flatten().map(move |side| {
            vec![
                moved.path.clone(),
                moved.value.clone(),
                side.value.clone(),
                cell(side.change.map(|change| change.mean)),
                cell(side.half_width),
                side.differs.to_string(),
                side.unlimited.to_string(),
                side.hopeless.to_string(),
                moved.assumed.clone().unwrap_or_default(),
            ]
        })
    });
    Figures::new(&columns, rows.collect())
}

/// There is to be a limit.
fn checks(study: &Sensitivity) -> Checks {
    let property = |key: &str, value: String| (key.to_owned(), value);
    let check = Check {
        subject: "sensitivity".to_owned(),
        expression: "there is a limit".to_owned(),
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
