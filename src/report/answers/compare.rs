//! A comparison told: what each variant changes on the same crowd, and how sure that is.

use super::words::{capital, counted_from, less_is_better, may_be_nothing, number_of, said, seeds, signed, title};
use crate::number::{ABSENT, length, sentence};
use crate::report::page::{
    Cell, Check, Checks, EVERYWHERE, Figures, Note, Page, SCREENS, TERMINAL, Table, Tone, Verdict, toned,
};
use crate::report::{Context, digits, or_absent, suite};
use crate::study::{Candidate, Compared, Comparison, Estimate};

/// The designs side by side, and the differences to the base with their intervals.
pub(super) fn page(study: &Comparison, context: &Context) -> Page {
    let verdict = Verdict { text: verdict(study), pass: Some(study.pass()) };
    let mut page = Page::new(&study.scenario.title, verdict, context.command);
    page.figures = exact(study);
    page.checks = checks(study);
    page.put(TERMINAL, Note::Lead(context.teaches.to_owned()));
    page.put(EVERYWHERE, Note::Facts(facts(study)));
    let meaning = "means over all runs; ▲ and ▼ mark what differs from the first row beyond its 95 % interval";
    page.put(EVERYWHERE, designs(study).headed("Designs", meaning));
    let meaning = format!("each run minus that of {} with the same seed; 95 % interval", name(&study.base));
    page.put(SCREENS, differences(study).headed("Differences", meaning));
    page
}

fn name(design: &Candidate) -> String {
    design.variant.as_ref().map_or_else(|| "the file".to_owned(), |variant| format!("“{variant}”"))
}

fn verdict(study: &Comparison) -> String {
    if study.objectives == 0 {
        let stopped: u32 = study.designs().map(|design| study.replications - design.held).sum();
        let stopped = match stopped {
            0 => String::new(),
            stopped => format!("{} stopped before their end. ", number_of(stopped as usize, "run")),
        };
        return format!("{stopped}The file has no objectives to keep.");
    }
    let of = study.replications;
    let (best, most) = study.designs().fold((Vec::new(), 0), |(mut best, most), design| {
        if design.held > most {
            return (vec![name(design)], design.held);
        }
        if design.held == most && most > 0 {
            best.push(name(design));
        }
        (best, most)
    });
    if most == 0 {
        return format!("No design keeps every objective in any of {of} runs.");
    }
    let verb = if best.len() == 1 { "keeps" } else { "keep" };
    let base = match study.base.held {
        held if held == most => String::new(),
        held => format!("; {} does in {held}", name(&study.base)),
    };
    capital(format!("{} {verb} every objective in {most} of {of} runs{base}.", sentence::list(&best)))
}

fn facts(study: &Comparison) -> String {
    format!(
        "{} designs · {} runs of {} each{} · {} · digest {}",
        study.variants.len() + 1,
        study.replications,
        length(study.horizon_s),
        counted_from(study.from_start),
        seeds(study.seed, study.replications),
        study.results_digest
    )
}

fn tone(figure: &Compared) -> Tone {
    match figure.difference.filter(|_| figure.differs()) {
        Some(difference) if (difference.mean < 0.0) == less_is_better(&figure.metric) => Tone::Good,
        Some(_) => Tone::Bad,
        None => Tone::Plain,
    }
}

/// A column for each figure of the base: subjects that only a variant has stand among the differences.
fn designs(study: &Comparison) -> Table {
    let columns: Vec<&Compared> = study.base.figures.iter().filter(|figure| shown(study, figure)).collect();
    let several = study.base.figures.iter().filter(|figure| figure.metric == "goodput_per_s").count() > 1;
    let mut titles: Vec<String> = vec!["design".into(), "held".into(), "broke first".into()];
    titles.extend(columns.iter().map(|figure| title(&figure.subject, &figure.metric, several)));
    let row = |design: &Candidate| {
        let (held, held_tone) = match study.objectives {
            0 => (ABSENT.to_owned(), Tone::Plain),
            _ if design.held == study.replications => (held_in(design, study), Tone::Good),
            _ => (held_in(design, study), Tone::Bad),
        };
        let broke = design.first_broken.as_deref().unwrap_or("nothing");
        let mut cells: Vec<Cell> = vec![toned(Tone::Strong, name(design)), toned(held_tone, held), broke.into()];
        cells.extend(columns.iter().map(|column| cell(design, column)));
        cells
    };
    Table::new(3, &titles).with(study.designs().map(row))
}

fn held_in(design: &Candidate, study: &Comparison) -> String {
    format!("{} of {}", design.held, study.replications)
}

/// Whether it needs a column.
fn shown(study: &Comparison, figure: &Compared) -> bool {
    let alike = |other: &&Compared| other.metric == figure.metric && other.subject == figure.subject;
    let some =
        |design: &Candidate| design.figures.iter().filter(alike).any(|f| f.value.is_some_and(|value| value.max > 0.0));
    !may_be_nothing(&figure.metric) || study.designs().any(some)
}

fn cell(design: &Candidate, column: &Compared) -> Cell {
    let same = |figure: &&Compared| figure.subject == column.subject && figure.metric == column.metric;
    let Some(figure) = design.figures.iter().find(same) else { return ABSENT.into() };
    let (_, say, _) = said(&figure.metric);
    let sign = match figure.difference.filter(|_| figure.differs()) {
        Some(difference) if difference.mean > 0.0 => " ▲",
        Some(_) => " ▼",
        None => "",
    };
    toned(tone(figure), format!("{}{sign}", or_absent(figure.value.map(|value| value.mean), say)))
}

fn differences(study: &Comparison) -> Table {
    let rows = study.variants.iter().flat_map(|design| {
        design.figures.iter().filter(|figure| shown(study, figure)).map(move |figure| {
            let (what, say, say_difference) = said(&figure.metric);
            let difference = figure.difference.map(|d| {
                let half = d.half_width.map_or_else(String::new, |half| format!(" ± {}", say_difference(half)));
                format!("{}{half}", signed(d.mean, say_difference))
            });
            vec![
                toned(Tone::Plain, name(design)),
                figure.subject.as_str().into(),
                what.into(),
                or_absent(figure.value.map(|value| value.mean), say).into(),
                toned(tone(figure), difference.unwrap_or_else(|| ABSENT.to_owned())),
            ]
        })
    });
    Table::new(3, &["design", "subject", "figure", "mean", "difference"]).with(rows)
}

/// A figure a row.
fn exact(study: &Comparison) -> Figures {
    let rows = study.designs().flat_map(|design| {
        design.figures.iter().map(move |figure| {
            let value =
                |of: fn(&Estimate) -> Option<f64>| figure.value.as_ref().and_then(of).map_or(String::new(), digits);
            let difference = |of: fn(&Estimate) -> Option<f64>| {
                figure.difference.as_ref().and_then(of).map_or(String::new(), digits)
            };
            vec![
                design.variant.clone().unwrap_or_default(),
                figure.subject.clone(),
                figure.metric.clone(),
                figure.value.map_or(0, |value| value.n).to_string(),
                value(|e| Some(e.mean)),
                value(|e| e.half_width),
                difference(|e| Some(e.mean)),
                difference(|e| e.half_width),
            ]
        })
    });
    let estimates = ["mean", "half_width_95", "difference", "difference_half_width_95"];
    Figures::new(&[&["variant", "subject", "metric", "n"][..], &estimates].concat(), rows.collect())
}

/// A design fails when any run of it missed an objective.
fn checks(study: &Comparison) -> Checks {
    let property = |key: &str, value: String| (key.to_owned(), value);
    let check = |design: &Candidate| Check {
        subject: name(design),
        expression: "keeps every objective".to_owned(),
        failure: (design.held < study.replications)
            .then(|| format!("in {} of {} runs only", design.held, study.replications)),
        skipped: (study.objectives == 0).then(|| "the file has no objectives".to_owned()),
        ..Check::default()
    };
    Checks {
        suite: suite(&study.scenario.title, None),
        properties: vec![
            property("seed", study.seed.to_string()),
            property("replications", study.replications.to_string()),
            property("scenario digest", study.scenario.digest.clone()),
            property("results digest", study.results_digest.clone()),
        ],
        checks: study.designs().map(check).collect(),
    }
}
