//! A diff told: one sentence, what was before and is after, and the rest folded; in a pull request it is found again by
//! its marker.

use super::headline::{headline, of_capacity};
use super::words::{less_is_better, may_be_nothing, points, said, seeds, signed};
use crate::measure::phrasing::in_column;
use crate::number::{ABSENT, figure, length, percent, sentence};
use crate::plain;
use crate::report::page::{Cell, Check, Checks, EVERYWHERE, Figures, Note, Page, Table, Tone, Verdict, Weight, toned};
use crate::report::{Context, digits, or_absent, suite};
use crate::scenario::FieldDifference;
use crate::scenario::metric::Unit;
use crate::scenario::objective::Objective;
use crate::study::{
    Binding, CAPACITY, CapacityDiff, Diff, DiffSide, Estimate, FigureDiff, KeptIn, Level, LimitDiff, ObjectiveDiff,
    Turn,
};

/// Fields that are listed.
const FIELDS: usize = 30;
/// Runs with which an objective can be lost, at least.
const FEWEST: usize = 5;

/// What is lost or won, in a sentence; the table; what bears it out, folded.
pub(super) fn page(diff: &Diff, context: &Context) -> Page {
    let verdict = Verdict { text: headline(diff), pass: Some(diff.pass()) };
    let mut page = Page::new(&diff.head.scenario.title, verdict, context.command);
    let file = context.source.map_or(diff.head.name.as_str(), |source| source.file);
    let name = suite(file, diff.head.variant.as_deref());
    // A comment of Markdown is found by its first line.
    page.marker = Some(format!("surgelab diff: {}", plain::line(&name)));
    page.subtitle = Some(name);
    page.figures = exact(diff);
    page.checks = checks(diff);
    for warning in warnings(diff) {
        page.put(EVERYWHERE, Note::Warning(warning));
    }
    let meaning = "means over all runs; differences run by run, ± half of the 95 % interval";
    page.put(EVERYWHERE, change(diff).headed("Change", meaning));
    page.fold("Figures, fields and how it was measured");
    page.put(EVERYWHERE, figures(diff).headed("Traffic and cost", "▲ and ▼ mark what differs beyond its interval"));
    page.put(EVERYWHERE, fields(diff).headed("Fields", "what head says otherwise than base"));
    page.put(EVERYWHERE, Note::Facts(facts(diff)));
    page
}

fn facts(diff: &Diff) -> String {
    let side = |side: &DiffSide| {
        let variant = side.variant.as_ref().map_or(String::new(), |variant| format!(" with “{variant}”"));
        let many = side.runs.len() as u32;
        let runs = match many {
            0 => String::new(),
            1 => format!(", 1 run of {}", length(side.horizon_s)),
            _ => format!(", {many} runs of {}", length(side.horizon_s)),
        };
        let searched = side.capacity.as_ref().map_or(0, |capacity| capacity.runs);
        let searched = if searched > 0 { format!(", {searched} runs to find the limit") } else { String::new() };
        format!("{}{variant}{runs}{searched}, {}", side.name, seeds(side.seed, many))
    };
    let base = diff.base.as_ref().map_or_else(String::new, |base| format!("base {} · ", side(base)));
    format!(
        "{base}head {} · margin {} · digest {}",
        side(&diff.head),
        sentence::percent(diff.margin),
        diff.results_digest
    )
}

/// What weakens the comparison.
fn warnings(diff: &Diff) -> Vec<String> {
    let mut told = Vec::new();
    if let Some(reason) = &diff.alone {
        told.push(format!("there is nothing to compare with: {reason}"));
    }
    let Some(base) = &diff.base else { return told };
    let sides = [("base", base), ("head", &diff.head)];
    for (name, side) in sides {
        match &side.version {
            Some(version) if *version != diff.version => told.push(format!(
                "{name} was saved by surgelab {version}, and this is {}: what differs may be the program",
                diff.version
            )),
            Some(_) => {}
            None => told.push(format!("{name} was saved by a surgelab that its answer does not name")),
        }
        let stopped = side.runs.iter().find_map(|run| run.stopped.as_ref());
        told.extend(stopped.map(|reason| format!("a run of {name} did not reach its end: {reason}")));
    }
    if base.seed != diff.head.seed {
        told.push(format!(
            "base was run from seed {}, head from seed {}: they met other crowds, and differences are less sure",
            base.seed, diff.head.seed
        ));
    }
    let fewest = base.runs.len().min(diff.head.runs.len());
    if fewest < FEWEST && !diff.is_same() {
        told.push(match fewest {
            0 => "one of them has no runs, so no objective is compared".to_owned(),
            _ => format!("of fewer than {FEWEST} runs no lost objective can be told from chance"),
        });
    }
    if let Some(capacity) = &diff.capacity {
        if !capacity.same_crowd {
            told.push("sources or their proportions changed: the limits are of other crowds, and not compared".into());
        }
        let other = diff.objectives.iter().filter(|o| o.base.is_none() != o.head.is_none()).count();
        if other > 0 && fewest > 0 {
            told.push("objectives were added or taken away: the limits are of other objectives".into());
        }
    }
    told
}

/// Sign and tone of what became of something that weighs so much.
fn sign(turn: Turn, level: Level) -> Cell {
    match (turn, level) {
        (_, Level::Off) => "off".into(),
        (Turn::Worse, Level::Error) => toned(Tone::Bad, "✘"),
        (Turn::Worse, Level::Warn) => toned(Tone::Hot, "!"),
        (Turn::Better, _) => toned(Tone::Good, "▲"),
        (Turn::Same, _) => toned(Tone::Good, "✔"),
        (Turn::Unknown, _) => "?".into(),
    }
}

fn change(diff: &Diff) -> Table {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    if let Some(capacity) = &diff.capacity {
        rows.extend(capacity.limits.iter().map(|limit| limit_row(capacity, limit)));
        let binds = |binding: Option<&Binding>| binding.map_or(ABSENT, |b| &b.subject).to_owned();
        rows.push(vec![
            "".into(),
            "binds above that".into(),
            binds(capacity.base_binding.as_ref()).into(),
            binds(capacity.head_binding.as_ref()).into(),
            "".into(),
        ]);
    }
    rows.extend(diff.objectives.iter().map(objective_row));
    Table::new(2, &["", "what", "before", "after", "difference"]).with(rows)
}

fn limit_row(capacity: &CapacityDiff, limit: &LimitDiff) -> Vec<Cell> {
    let load = |load: Option<f64>| or_absent(load, figure);
    let change = limit.change.as_ref().map(|change| interval(change, percent));
    vec![
        sign(capacity.turn, capacity.level),
        format!("holds, {} of {}", limit.unit.name(), limit.source).into(),
        load(limit.base).into(),
        load(limit.head).into(),
        change.unwrap_or_else(|| ABSENT.to_owned()).into(),
    ]
}

fn objective_row(objective: &ObjectiveDiff) -> Vec<Cell> {
    let unit = Objective::parse(&objective.expression).map_or(Unit::Count, |parsed| parsed.metric.row().unit);
    let kept = |kept: Option<KeptIn>, absent: &str| {
        kept.map_or_else(
            || absent.to_owned(),
            |kept| {
                let observed = kept.observed.map_or_else(String::new, |o| format!(", {}", in_column(unit, o.mean)));
                format!("{} of {}{observed}", kept.kept, kept.of)
            },
        )
    };
    let difference = |value: f64| if unit == Unit::Share { points(value) } else { in_column(unit, value) };
    let gone = objective.head.is_none();
    vec![
        if gone { "".into() } else { sign(objective.turn, objective.level) },
        format!("{} {}", objective.subject, objective.expression).into(),
        kept(objective.base, "new").into(),
        kept(objective.head, "no longer asked").into(),
        objective.difference.as_ref().map_or_else(|| ABSENT.to_owned(), |d| interval(d, difference)).into(),
    ]
}

/// "+0.3 s ± 0.1 s"
fn interval(estimate: &Estimate, say: impl Fn(f64) -> String) -> String {
    let half = estimate.half_width.map_or_else(String::new, |half| format!(" ± {}", say(half)));
    format!("{}{half}", signed(estimate.mean, say))
}

fn figures(diff: &Diff) -> Table {
    let shown = |figure: &&FigureDiff| {
        let some = |estimate: Option<Estimate>| estimate.is_some_and(|estimate| estimate.max > 0.0);
        !may_be_nothing(&figure.metric) || some(figure.base) || some(figure.head)
    };
    let row = |figure: &FigureDiff| {
        let (what, say, say_difference) = said(&figure.metric);
        let mean = |estimate: Option<Estimate>| or_absent(estimate.map(|estimate| estimate.mean), say);
        let difference = figure.difference.as_ref().filter(|difference| difference.is_off_zero());
        let (tone, mark) = match difference {
            Some(difference) => {
                let good = (difference.mean < 0.0) == less_is_better(&figure.metric);
                let mark = if difference.mean > 0.0 { " ▲" } else { " ▼" };
                (if good { Tone::Good } else { Tone::Bad }, mark)
            }
            None => (Tone::Plain, ""),
        };
        let told = figure.difference.as_ref().map(|difference| interval(difference, say_difference));
        vec![
            figure.subject.as_str().into(),
            what.into(),
            mean(figure.base).into(),
            mean(figure.head).into(),
            toned(tone, format!("{}{mark}", told.unwrap_or_else(|| ABSENT.to_owned()))),
        ]
    };
    let titles = ["subject", "figure", "before", "after", "difference"];
    Table::new(2, &titles).with(diff.figures.iter().filter(shown).map(row))
}

fn fields(diff: &Diff) -> Table {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| ABSENT.to_owned());
    let row = |field: &FieldDifference| vec![field.path.clone(), value(&field.base), value(&field.head)];
    let mut table = Table::new(3, &["changed", "before", "after"]).with(diff.fields.iter().take(FIELDS).map(row));
    let left_out = diff.fields.len().saturating_sub(FIELDS);
    table.remark = (left_out > 0).then(|| format!("{left_out} more fields differ"));
    table
}

/// What was compared a row.
fn exact(diff: &Diff) -> Figures {
    let cell = |estimate: Option<Estimate>, of: fn(&Estimate) -> Option<f64>| {
        estimate.as_ref().and_then(of).map_or_else(String::new, digits)
    };
    let three = |estimate: Option<Estimate>| {
        let n = estimate.map_or(0, |estimate| estimate.n).to_string();
        [n, cell(estimate, |e| Some(e.mean)), cell(estimate, |e| e.half_width)]
    };
    let row = |names: [&str; 4], base: [String; 3], head: [String; 3], difference: Option<Estimate>| {
        let [_, mean, half] = three(difference);
        names.map(str::to_owned).into_iter().chain(base).chain(head).chain([mean, half]).collect::<Vec<String>>()
    };
    let mut rows = Vec::new();
    if let Some(capacity) = &diff.capacity {
        for limit in &capacity.limits {
            let of = |side: Option<&DiffSide>, holds: Option<f64>| {
                let n = side.and_then(|side| side.capacity.as_ref()).map_or(0, |capacity| capacity.searches.len());
                [n.to_string(), holds.map_or_else(String::new, digits), String::new()]
            };
            let names = [limit.source.as_str(), "holds", capacity.level.name(), capacity.turn.name()];
            let (base, head) = (of(diff.base.as_ref(), limit.base), of(Some(&diff.head), limit.head));
            rows.push(row(names, base, head, None));
            let none = || [String::new(), String::new(), String::new()];
            rows.push(row([&limit.source, "holds_change", "", ""], none(), none(), limit.change));
        }
    }
    for objective in &diff.objectives {
        let names = [objective.subject.as_str(), &objective.expression, objective.level.name(), objective.turn.name()];
        let observed = |kept: Option<KeptIn>| three(kept.and_then(|kept| kept.observed));
        rows.push(row(names, observed(objective.base), observed(objective.head), objective.difference));
        let kept = |kept: Option<KeptIn>| match kept {
            Some(kept) => [kept.of.to_string(), digits(f64::from(kept.kept) / f64::from(kept.of)), String::new()],
            None => three(None),
        };
        let metric = format!("kept: {}", objective.expression);
        rows.push(row([&objective.subject, &metric, "", ""], kept(objective.base), kept(objective.head), None));
    }
    for figure in &diff.figures {
        rows.push(row(
            [&figure.subject, &figure.metric, "", ""],
            three(figure.base),
            three(figure.head),
            figure.difference,
        ));
    }
    let names = ["subject", "metric", "level", "turn"];
    let before = ["base_n", "base_mean", "base_half_width_95"];
    let after = ["head_n", "head_mean", "head_half_width_95", "difference", "difference_half_width_95"];
    Figures::new(&[&names[..], &before, &after].concat(), rows)
}

/// What is lost fails, or warns.
fn checks(diff: &Diff) -> Checks {
    let property = |key: &str, value: String| (key.to_owned(), value);
    let check = |objective: &ObjectiveDiff| Check {
        subject: objective.subject.clone(),
        expression: objective.expression.clone(),
        failure: objective.is_lost().then(|| lost(objective)),
        skipped: skipped(objective.level, objective.turn, objective.head.is_none()),
        weight: weight(objective.level),
        ..Check::default()
    };
    let capacity = diff.capacity.as_ref().filter(|_| diff.base.is_some()).map(|capacity| Check {
        subject: CAPACITY.to_owned(),
        expression: format!("at most {} less than before", sentence::percent(diff.margin)),
        failure: capacity.is_lost().then(|| of_capacity(diff, capacity)),
        skipped: skipped(capacity.level, capacity.turn, false),
        weight: weight(capacity.level),
        field: cause(diff, capacity),
        ..Check::default()
    });
    let mut properties = vec![property("head digest", diff.head.scenario.digest.clone())];
    properties.extend(diff.base.as_ref().map(|base| property("base digest", base.scenario.digest.clone())));
    properties.push(property("results digest", diff.results_digest.clone()));
    Checks {
        suite: suite(&diff.head.scenario.title, diff.head.variant.as_deref()),
        properties,
        checks: capacity.into_iter().chain(diff.objectives.iter().map(check)).collect(),
    }
}

fn weight(level: Level) -> Weight {
    if level == Level::Error { Weight::Error } else { Weight::Warning }
}

fn skipped(level: Level, turn: Turn, gone: bool) -> Option<String> {
    match (level, turn) {
        (Level::Off, _) => Some("its level is off".to_owned()),
        _ if gone => Some("head does not ask it".to_owned()),
        (_, Turn::Unknown) => Some("what there is does not decide it".to_owned()),
        _ => None,
    }
}

fn lost(objective: &ObjectiveDiff) -> String {
    match (objective.base, objective.head) {
        (Some(base), Some(head)) => {
            format!("kept in {} of {} runs before, now in {} of {}", base.kept, base.of, head.kept, head.of)
        }
        (_, Some(head)) => format!("kept in {} of {} runs", head.kept, head.of),
        (_, None) => String::new(),
    }
}

/// The field that changed and has to do with what binds; else the first that changed.
fn cause(diff: &Diff, capacity: &CapacityDiff) -> Option<String> {
    let owner = capacity.head_binding.as_ref().and_then(|binding| binding.subject.split('.').next());
    let of_owner = |field: &&FieldDifference| field.path.split('.').any(|name| Some(name) == owner);
    let system = |field: &&FieldDifference| {
        ["services.", "machines.", "keys."].iter().any(|section| field.path.starts_with(section))
    };
    let fields = || diff.fields.iter();
    let found = fields().find(of_owner).or_else(|| fields().find(system)).or_else(|| fields().next());
    found.map(|field| field.path.clone())
}
