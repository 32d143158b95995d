//! `surgelab fields`: every field of the language and every word of the small languages in its texts, searchable.

use super::args::TableFormat;
use super::failure::Failure;
use super::output::Terminal;
use crate::measure::catalogue::{COST, Figure, QUEUES, RESOURCES, SESSIONS, STEPS, TRAFFIC};
use crate::report::page::Tone;
use crate::report::{self, Paint, wrap};
use crate::scenario::metric::{Metric, Of, Resource, Unit, Use};
use crate::scenario::nearest::{list, nearest};
use crate::scenario::reference::{Entry, TOPICS, Topic, reference};
use crate::scenario::{Amount, FieldRow, fields as field_rows};
use serde_json::json;
use std::process::ExitCode;
use unicode_width::UnicodeWidthStr;

/// The field table of the language, what a word finds in it and in the small languages, one of these, or an amount as
/// it is drawn.
pub fn fields(asked: Option<&str>, format: TableFormat, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let found = match asked {
        None => vec![language_rows(field_rows())],
        Some(asked) => match find(asked) {
            Found::Tables(tables) => tables,
            Found::Amount(amount) => {
                terminal.print(&report::amount_text(&amount, terminal.look()))?;
                return Ok(ExitCode::SUCCESS);
            }
            Found::Nothing(why) => return Err(why),
        },
    };
    let topic = asked.and_then(topic);
    let end = match (asked, format) {
        (None, TableFormat::Text) => {
            let topics = list(TOPICS.iter().map(|topic| topic.name));
            let text = format!(
                "Texts have small languages of their own: `surgelab fields` {topics}; or any word: `surgelab fields retry`."
            );
            format!("\n{}\n", wrap(&text, terminal.prose(), 0))
        }
        _ => String::new(),
    };
    let paint = Paint { color: terminal.color(false) };
    let head = topic.map_or(String::new(), |topic| match format {
        TableFormat::Text => format!("{}\n\n", wrap(topic.grammar, terminal.prose(), 0)),
        TableFormat::Markdown => format!("{}\n\n", topic.grammar),
        TableFormat::Json => String::new(),
    });
    terminal.print(&(head + &tables(&found, format, paint, terminal.prose()) + &end))?;
    Ok(ExitCode::SUCCESS)
}

/// The metrics: what can be asked, and the figures of the results.
pub fn metrics(format: TableFormat, terminal: &Terminal) -> Result<ExitCode, Failure> {
    terminal.print(&tables(&[metric_rows()], format, Paint { color: terminal.color(false) }, terminal.prose()))?;
    Ok(ExitCode::SUCCESS)
}

enum Found {
    Tables(Vec<Rows>),
    Amount(Amount),
    Nothing(Failure),
}

/// A path, a topic, an amount or any word.
fn find(asked: &str) -> Found {
    let below: Vec<FieldRow> = field_rows().into_iter().filter(|row| row.path.starts_with(asked)).collect();
    if let Some(topic) = topic(asked) {
        let words = reference().into_iter().filter(|entry| entry.topic == topic.name).collect();
        return Found::Tables([reference_rows(words)].into_iter().chain(table_of(below)).collect());
    }
    if ["metric", "metrics"].contains(&asked) {
        return Found::Tables(vec![metric_rows()]);
    }
    if !below.is_empty() {
        return Found::Tables(vec![language_rows(below)]);
    }
    // What begins with a number or has an argument is meant as an amount, right or wrong.
    let like_an_amount = asked.contains('(') || asked.contains(' ') || asked.starts_with(|c: char| c.is_ascii_digit());
    match Amount::parse(asked) {
        Ok(amount) if like_an_amount => return Found::Amount(amount),
        Err(error) if like_an_amount => {
            let caret = format!("{}{}", " ".repeat(asked[..error.at.start].chars().count()), "^");
            let message = format!("{}\n  {asked}\n  {caret}", error.message);
            return Found::Nothing(Failure::Usage { message, help: format!("expected {}", error.expected) });
        }
        Ok(_) | Err(_) => {}
    }
    let word = asked.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&word);
    let fields =
        field_rows().into_iter().filter(|row| has(&row.path) || has(&row.within) || has(&row.kind) || has(&row.doc));
    let entries = reference().into_iter().filter(|entry| has(&entry.usage) || has(&entry.kind) || has(&entry.meaning));
    let tables: Vec<Rows> = [reference_rows(entries.collect()), language_rows(fields.collect())]
        .into_iter()
        .filter(|(_, rows)| !rows.is_empty())
        .collect();
    if tables.is_empty() { Found::Nothing(nothing(asked)) } else { Found::Tables(tables) }
}

fn table_of(rows: Vec<FieldRow>) -> Option<Rows> {
    (!rows.is_empty()).then(|| language_rows(rows))
}

/// The small language of that name, also of one thing of it: `distribution`.
fn topic(asked: &str) -> Option<Topic> {
    TOPICS.into_iter().find(|topic| topic.name == asked || topic.name.strip_suffix('s') == Some(asked))
}

fn nothing(asked: &str) -> Failure {
    let rows = field_rows();
    let words = rows.iter().flat_map(|row| row.path.split('.')).chain(TOPICS.iter().map(|topic| topic.name));
    let last = asked.rsplit('.').next().unwrap_or(asked);
    let near = nearest(last, words).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    let help = format!(
        "{near}paths look like services.*.links.*.timeout; topics are {}; `surgelab fields` lists all",
        list(TOPICS.iter().map(|topic| topic.name))
    );
    Failure::Usage { message: format!("no field starts with `{asked}`, and nothing has that word"), help }
}

fn tables(found: &[Rows], format: TableFormat, paint: Paint, width: usize) -> String {
    match format {
        TableFormat::Json => {
            let object = |head: &[&str], row: &[String]| {
                serde_json::Value::Object(
                    head.iter().zip(row).map(|(key, cell)| ((*key).to_owned(), json!(cell))).collect(),
                )
            };
            let objects = found.iter().flat_map(|(head, rows)| rows.iter().map(move |row| object(head, row)));
            report::json(&serde_json::Value::Array(objects.collect()))
        }
        TableFormat::Markdown => {
            found.iter().map(|(head, rows)| report::markdown_table(head, rows)).collect::<Vec<_>>().join("\n")
        }
        TableFormat::Text => {
            found.iter().map(|(_, rows)| text_table(rows, paint, width)).collect::<Vec<_>>().join("\n")
        }
    }
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
            (Of::Messages, Use::Both) => "operation of a queue; in conditions the queue",
            (Of::Messages, Use::Objective | Use::Condition) => "operation of a queue",
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

/// Fields of the language.
fn language_rows(rows: Vec<FieldRow>) -> Rows {
    let cells = rows.into_iter().map(|row| {
        let default = row.default.unwrap_or_else(|| "required".to_owned());
        vec![row.path, row.within, row.kind, row.units, row.range, default, row.doc]
    });
    (vec!["path", "within", "kind", "units", "range", "default", "meaning"], cells.collect())
}

/// Words of the small languages.
fn reference_rows(entries: Vec<Entry>) -> Rows {
    let cells = entries.into_iter().map(|entry| vec![entry.usage, entry.topic.to_owned(), entry.kind, entry.meaning]);
    (vec!["word", "topic", "kind", "meaning"], cells.collect())
}

/// A field is a line of its own with its facts below: seven columns fit no terminal.
fn text_table(rows: &[Vec<String>], paint: Paint, width: usize) -> String {
    let mut out = String::new();
    for row in rows {
        let (Some((path, rest)), Some(meaning)) = (row.split_first(), row.last()) else { continue };
        let facts: Vec<&str> =
            rest[..rest.len() - 1].iter().map(String::as_str).filter(|fact| !fact.is_empty()).collect();
        // What has no room beside the path stands below it.
        let facts = facts.join(" · ");
        let facts = match path.width() + 2 + facts.width() <= width {
            true => format!("  {}", paint.paint(Tone::Muted, &facts)),
            false => format!("\n    {}", paint.paint(Tone::Muted, &wrap(&facts, width - 4, 4))),
        };
        out.push_str(&format!("{}{facts}\n", paint.paint(Tone::Strong, path)));
        out.push_str(&format!("    {}\n", wrap(meaning, width - 4, 4)));
    }
    out
}
