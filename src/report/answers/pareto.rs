//! Designs weighed: those that no other beats on cost, limit and surviving the surge.

use super::capacity::load;
use super::drawing::{Dot, scatter};
use super::words::{capital, cheapest_of, field, is_alike, number_of, seeds};
use crate::number::{ABSENT, figure, percent, sentence};
use crate::report::page::{
    BROWSER, Block, Cell, Check, Checks, EVERYWHERE, Figures, Heading, Note, Page, TERMINAL, Table, Tone, Verdict,
    toned,
};
use crate::report::{Context, digits, suite};
use crate::study::{Limit, Pareto, Weighed};
use maud::html;

/// The designs nobody beats, and all of them.
pub(super) fn page(study: &Pareto, context: &Context) -> Page {
    let verdict = Verdict { text: verdict(study), pass: Some(study.pass()) };
    let mut page = Page::new(&study.scenario.title, verdict, context.command);
    page.figures = exact(study);
    page.checks = checks(study);
    page.put(TERMINAL, Note::Lead(context.teaches.to_owned()));
    page.put(EVERYWHERE, Note::Facts(facts(study)));
    page.put(BROWSER, chart(study));
    let meaning = "● nobody beats it on cost, limit and survival; ○ another is as good in all and better in some";
    page.put(EVERYWHERE, designs(study).headed("Choices", meaning));
    page
}

/// "app.workers 20, web.count 2"
fn name(study: &Pareto, design: &Weighed) -> String {
    let values = study.axes.iter().zip(&design.values);
    values.map(|(axis, value)| format!("{} {value}", field(&axis.path))).collect::<Vec<_>>().join(", ")
}

fn verdict(study: &Pareto) -> String {
    let best: Vec<&Weighed> = study.designs.iter().filter(|design| design.beaten_by.is_none()).collect();
    let all = number_of(study.designs.len(), "design");
    let safe: Vec<&&Weighed> = best.iter().filter(|design| design.survived.n == design.survived.of).collect();
    let cheapest = safe.iter().min_by(|a, b| a.cost_per_hour.total_cmp(&b.cost_per_hour));
    let as_cheap =
        |design: &Weighed| safe.iter().filter(|other| is_alike(other.cost_per_hour, design.cost_per_hour)).count();
    let unbeaten = match best.len() {
        1 => format!("one of {all} is beaten by none"),
        many => format!("{many} of {all} are beaten by none"),
    };
    let of = study.replications;
    match cheapest {
        Some(design) if design.cost_per_hour > 0.0 => capital(format!(
            "{unbeaten}; of the {} that {} every objective in all of {of} runs {}.",
            safe.len(),
            if safe.len() == 1 { "keeps" } else { "keep" },
            cheapest_of(
                &name(study, design),
                &format!("{} an hour", figure(design.cost_per_hour)),
                as_cheap(design),
                safe.len()
            )
        )),
        Some(design) => {
            capital(format!("{unbeaten}; {} keeps every objective in all of {of} runs.", name(study, design)))
        }
        None => capital(format!("{unbeaten}; none of them keeps every objective in all of {of} runs.")),
    }
}

fn facts(study: &Pareto) -> String {
    let variant = study.variant.as_ref().map_or(String::new(), |v| format!("variant “{v}” · "));
    format!(
        "{variant}{} · {} with the file's crowd of each · {} runs in all · {} · digest {}",
        number_of(study.designs.len(), "design"),
        number_of(study.replications as usize, "run"),
        study.runs,
        seeds(study.seed, study.replications),
        study.results_digest
    )
}

/// "212 requests/s", or of several sources "212 requests/s of shop"
fn holds(design: &Weighed) -> String {
    if design.multiple.is_none() {
        return match design.holds_at {
            Some(_) => "any load".to_owned(),
            None => "no load".to_owned(),
        };
    }
    if let [Limit { holds: Some(holds), unit, .. }] = design.limits.as_slice() {
        return unit.say(&figure(*holds));
    }
    let loads = design.limits.iter().map(|limit| load(&Limit { half_width: None, ..limit.clone() }));
    sentence::list(&loads.collect::<Vec<_>>())
}

fn designs(study: &Pareto) -> Table {
    let priced = study.designs.iter().any(|design| design.cost_per_hour > 0.0);
    let mut titles: Vec<String> = vec![String::new()];
    titles.extend(study.axes.iter().map(|axis| field(&axis.path)));
    titles.extend(["binds", "beaten by", "holds", "survived", "95 % interval"].map(str::to_owned));
    titles.extend(priced.then(|| "cost/h".to_owned()));
    let row = |design: &Weighed| {
        let best = design.beaten_by.is_none();
        let tone = if best { Tone::Strong } else { Tone::Muted };
        let mut cells: Vec<Cell> =
            vec![toned(if best { Tone::Good } else { Tone::Muted }, if best { "●" } else { "○" })];
        cells.extend(design.values.iter().map(|value| toned(tone, value)));
        cells.push(design.binds.as_deref().unwrap_or("nothing").into());
        let by = design.beaten_by.and_then(|at| study.designs.get(at as usize));
        cells.push(by.map_or_else(|| ABSENT.to_owned(), |other| other.values.join(", ")).into());
        let survived = design.survived;
        let all = if survived.n == survived.of { Tone::Good } else { Tone::Bad };
        cells.push(holds(design).into());
        cells.push(toned(all, format!("{} of {}", survived.n, survived.of)));
        cells.push(format!("{} to {}", percent(survived.low), percent(survived.high)).into());
        cells.extend(priced.then(|| figure(design.cost_per_hour).into()));
        cells
    };
    Table::new(study.axes.len() + 3, &titles).with(study.designs.iter().map(row))
}

/// The limit over the cost, where there are both.
fn chart(study: &Pareto) -> Block {
    let most = |of: fn(&Weighed) -> f64| study.designs.iter().map(of).fold(0.0, f64::max);
    let (cost, limit) = (most(|design| design.cost_per_hour), most(|design| design.multiple.map_or(0.0, |m| m.mean)));
    let meaning = "a design each: the limit, as a multiple of what the file expects, over the cost of an hour; full: \
                   nobody beats it; green: it survived in every run";
    let heading = Heading::new("Limit and cost", meaning);
    if cost <= 0.0 || limit <= 0.0 {
        return Block::Picture(heading, html! {});
    }
    let dot = |design: &Weighed| {
        let multiple = design.multiple?.mean;
        Some(Dot {
            x: design.cost_per_hour / cost,
            y: multiple / limit,
            color: if design.survived.n == design.survived.of { "var(--good)" } else { "var(--failed)" },
            label: format!("{}: {} at {} an hour", name(study, design), holds(design), figure(design.cost_per_hour)),
            full: design.beaten_by.is_none(),
        })
    };
    let dots: Vec<Dot> = study.designs.iter().filter_map(dot).collect();
    let (across, up) = (format!("cost {} an hour", figure(cost)), format!("{}×", figure(limit)));
    Block::Picture(heading, scatter(&dots, ["0", &across], ["0", &up], &[]))
}

/// A design a row.
fn exact(study: &Pareto) -> Figures {
    let cell = |value: Option<f64>| value.map_or(String::new(), digits);
    let mut names: Vec<String> = study.axes.iter().map(|axis| axis.path.clone()).collect();
    let figures = [
        "cost_per_hour",
        "survived",
        "runs",
        "survived_low",
        "survived_high",
        "multiple",
        "half_width_95",
        "binds",
        "beaten_by",
    ];
    names.extend(figures.map(str::to_owned));
    let row = |design: &Weighed| {
        let mut cells = design.values.clone();
        cells.extend([
            digits(design.cost_per_hour),
            design.survived.n.to_string(),
            design.survived.of.to_string(),
            digits(design.survived.low),
            digits(design.survived.high),
            cell(design.multiple.map(|multiple| multiple.mean)),
            cell(design.multiple.and_then(|multiple| multiple.half_width)),
            design.binds.clone().unwrap_or_default(),
            design.beaten_by.map_or(String::new(), |at| at.to_string()),
        ]);
        cells
    };
    Figures { columns: names, rows: study.designs.iter().map(row).collect() }
}

/// A design fails when any run with the file's crowd missed an objective.
fn checks(study: &Pareto) -> Checks {
    let property = |key: &str, value: String| (key.to_owned(), value);
    let check = |design: &Weighed| Check {
        subject: name(study, design),
        expression: "survives the file's crowd".to_owned(),
        failure: (design.survived.n < design.survived.of)
            .then(|| format!("in {} of {} runs only", design.survived.n, design.survived.of)),
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
        checks: study.designs.iter().map(check).collect(),
    }
}
