//! The commands that tell what there is: check, list, show, napkin, schema, fields, completions.

use super::args::{Arguments, ScenarioArgs, TableFormat};
use super::failure::Failure;
use super::output::Terminal;
use super::source::{experiment, load, read};
use crate::catalog;
use crate::experiment::Compiled;
use crate::measure::catalogue::{COST, Figure, QUEUES, RESOURCES, SESSIONS, STEPS, TRAFFIC};
use crate::napkin;
use crate::report::page::Tone;
use crate::report::{self, Paint, wrap};
use crate::scenario::metric::{Metric, Of, Resource, Unit, Use};
use crate::scenario::{self, fields as field_rows, render};
use crate::study::AnswerKind;
use clap::CommandFactory;
use clap_complete::{Shell, generate};
use serde_json::json;
use std::process::ExitCode;
use std::sync::Arc;

/// Every problem and warning of the files; the verdict of each on stdout, what is wrong on stderr.
pub fn check(files: &[String], terminal: &Terminal) -> Result<ExitCode, Failure> {
    let mut valid = true;
    for file in files {
        let (name, text) = read(file)?;
        match scenario::load(&name, &text).and_then(|loaded| napkin::check(&loaded).map(|warnings| (loaded, warnings)))
        {
            Ok((loaded, warnings)) => {
                terminal.warn(|color| render(&warnings, &name, &loaded.text, color));
                let warnings = match warnings.len() {
                    0 => String::new(),
                    1 => ", 1 warning".to_owned(),
                    n => format!(", {n} warnings"),
                };
                terminal.print(&format!("{name}: valid{warnings}\n"))?;
            }
            Err(problems) => {
                valid = false;
                let count =
                    if problems.len() == 1 { "1 problem".to_owned() } else { format!("{} problems", problems.len()) };
                terminal.complain(&Failure::Invalid { name: name.clone(), text: Arc::from(text), problems });
                terminal.print(&format!("{name}: invalid, {count}\n"))?;
            }
        }
    }
    Ok(if valid { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

/// What theory says of a scenario.
pub fn napkin(scenario: &ScenarioArgs, format: TableFormat, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let model = Compiled::new(load(&experiment(scenario, None)?)?, scenario.variant.clone(), None)?.model;
    let theory = napkin::theory(&model);
    let text = match format {
        TableFormat::Json => report::json(&theory),
        TableFormat::Markdown => report::napkin_markdown(&theory),
        TableFormat::Text => report::napkin_text(&theory, terminal.look()),
    };
    terminal.print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Names, titles and what they teach.
pub fn list(terminal: &Terminal) -> Result<ExitCode, Failure> {
    let paint = Paint { color: terminal.color(false) };
    let mut out = String::new();
    for built_in in catalog::SCENARIOS {
        let loaded = scenario::load(built_in.file, built_in.text).map_err(|problems| Failure::Invalid {
            name: built_in.file.to_owned(),
            text: Arc::from(built_in.text),
            problems,
        })?;
        out.push_str(&format!("{}  {}\n", paint.paint(Tone::Strong, built_in.name), loaded.scenario.title));
        out.push_str(&format!("    {}\n", wrap(&loaded.scenario.teaches, 96, 4)));
        for (name, variant) in &loaded.scenario.variants {
            let teaches = if variant.teaches.is_empty() { String::new() } else { format!(": {}", variant.teaches) };
            out.push_str(&format!(
                "    {}\n",
                paint.paint(Tone::Muted, &wrap(&format!("--variant \"{name}\"{teaches}"), 96, 8))
            ));
        }
    }
    terminal.print(&out)?;
    Ok(ExitCode::SUCCESS)
}

/// Names of the parts and what they are.
pub fn list_parts(terminal: &Terminal) -> Result<ExitCode, Failure> {
    let paint = Paint { color: terminal.color(false) };
    let longest = catalog::parts().map(|part| part.name.len()).max().unwrap_or(0);
    let line = |part: catalog::Part| {
        let blanks = " ".repeat(longest - part.name.len() + 2);
        format!("{}{blanks}{}\n", paint.paint(Tone::Strong, part.name), wrap(part.what(), 110, longest + 2))
    };
    terminal.print(&catalog::parts().map(line).collect::<String>())?;
    Ok(ExitCode::SUCCESS)
}

/// The text of a scenario with its patches applied, or a part.
pub fn show(scenario: &ScenarioArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    if let Some(part) = catalog::find_part(&scenario.scenario) {
        let patched = scenario.variant.is_some() || !scenario.sets.is_empty() || scenario.horizon.is_some();
        if patched {
            let help = format!("a service that is `like: \"{}\"` gives its own fields instead", part.name);
            return Err(Failure::Usage {
                message: format!("`{}` is a part, and nothing can be put in it", part.name),
                help,
            });
        }
        terminal.print(&report::part_text(part, terminal.look()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let loaded = load(&experiment(scenario, None)?)?;
    let end = if loaded.text.ends_with('\n') { "" } else { "\n" };
    terminal.print(&format!("{}{end}", loaded.text))?;
    Ok(ExitCode::SUCCESS)
}

/// A JSON Schema.
pub fn schema(scenario: bool, replications: bool, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let text = match (scenario, replications) {
        (true, _) => report::json(&scenario::schema()),
        (false, true) => report::json(&AnswerKind::Replications.schema()),
        (false, false) => report::json(&AnswerKind::Run.schema()),
    };
    terminal.print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The field table of the language, or the metrics: what can be asked, and the figures of the results.
pub fn fields(
    prefix: Option<&str>,
    metrics: bool,
    format: TableFormat,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let (head, rows) = if metrics { metric_rows() } else { language_rows(prefix) };
    if rows.is_empty() {
        let prefix = prefix.unwrap_or_default();
        let help = "paths look like services.*.links.*.timeout; `surgelab fields` lists all".to_owned();
        return Err(Failure::Usage { message: format!("no field starts with `{prefix}`"), help });
    }
    let text = match format {
        TableFormat::Json => {
            let objects: Vec<_> = rows
                .iter()
                .map(|row| head.iter().zip(row).map(|(key, cell)| ((*key).to_owned(), json!(cell))).collect())
                .collect();
            report::json(&serde_json::Value::Array(objects.into_iter().map(serde_json::Value::Object).collect()))
        }
        TableFormat::Markdown => report::markdown_table(&head, &rows),
        TableFormat::Text => text_table(&rows, Paint { color: terminal.color(false) }),
    };
    terminal.print(&text)?;
    Ok(ExitCode::SUCCESS)
}

type Rows = (Vec<&'static str>, Vec<Vec<String>>);

/// What objectives and conditions can ask, then the figures of the results.
fn metric_rows() -> Rows {
    let asked = Metric::ALL.iter().map(|metric| {
        let row = metric.row();
        let of = match (row.of, row.usable) {
            (Of::Service(_), _) => "service",
            (Of::Traffic, Use::Both) => "source; in objectives also operation",
            (Of::Traffic, Use::Objective | Use::Condition) => "source, operation",
            (Of::Sessions, _) => "source with sessions",
            (Of::Cost, _) => "cost",
            (Of::Resource, _) => "resource",
        };
        [row.name, of, row.unit.name(), row.usable.name(), row.meaning].map(str::to_owned).to_vec()
    });
    let short = Resource::NAMED.into_iter().map(|resource| {
        let name = resource.name();
        let of = if resource.of_machines() { "service, machine group" } else { "service" };
        let meaning = format!("In short the utilization of this resource: `app.{name}` for `app.{name}.utilization`.");
        let cells = [name, of, Unit::Share.name(), Use::Condition.name(), &meaning];
        cells.map(str::to_owned).to_vec()
    });
    let figures = figures("traffic, operations", &TRAFFIC)
        .chain(figures("sessions", &SESSIONS))
        .chain(figures("steps of a journey", &STEPS))
        .chain(figures("queues", &QUEUES))
        .chain(figures("resources", &RESOURCES))
        .chain(figures("cost", &COST));
    (vec!["metric", "of", "unit", "used in", "meaning"], asked.chain(short).chain(figures).collect())
}

fn figures<T>(of: &'static str, figures: &'static [Figure<T>]) -> impl Iterator<Item = Vec<String>> {
    let row = move |figure: &Figure<T>| {
        let asked = figure.answers.map(|metric| format!("; as `{metric}` in {}", metric.row().usable.name()));
        let used = format!("results{}", asked.unwrap_or_default());
        [figure.key, of, figure.unit.name(), &used, figure.meaning].map(str::to_owned).to_vec()
    };
    figures.iter().map(row)
}

fn language_rows(prefix: Option<&str>) -> Rows {
    let rows = field_rows().into_iter().filter(|row| prefix.is_none_or(|prefix| row.path.starts_with(prefix)));
    let cells = rows.map(|row| {
        let default = row.default.unwrap_or_else(|| "required".to_owned());
        vec![row.path, row.within, row.kind, row.units, row.range, default, row.doc]
    });
    (vec!["path", "within", "kind", "units", "range", "default", "meaning"], cells.collect())
}

/// A field is a line of its own with its facts below: seven columns fit no terminal.
fn text_table(rows: &[Vec<String>], paint: Paint) -> String {
    let mut out = String::new();
    for row in rows {
        let (Some((path, rest)), Some(meaning)) = (row.split_first(), row.last()) else { continue };
        let facts: Vec<&str> =
            rest[..rest.len() - 1].iter().map(String::as_str).filter(|fact| !fact.is_empty()).collect();
        out.push_str(&format!(
            "{}  {}\n",
            paint.paint(Tone::Strong, path),
            paint.paint(Tone::Muted, &facts.join(" · "))
        ));
        out.push_str(&format!("    {}\n", wrap(meaning, 96, 4)));
    }
    out
}

/// A script for the shell.
pub fn completions(shell: Shell, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    generate(shell, &mut Arguments::command(), "surgelab", &mut script);
    terminal.print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
