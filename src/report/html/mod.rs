//! A page that stands alone: style, pictures and the JSON are inside, nothing is fetched. Light and dark.

mod chart;
mod table;
mod topology;
mod waterfall;

use super::chain::arrange;
use super::json::json;
use super::number::clock;
use super::verdict::verdict;
use crate::measure::results::Results;
use crate::measure::story::StoryKind;
use crate::model::Model;
use crate::study::Replications;
use serde::Serialize;

/// Lines of the story at most.
const MOST: usize = 40;

/// The page of a run; with its model, there is a picture of the system.
pub fn html(results: &Results, model: Option<&Model>, teaches: &str, command: &str) -> String {
    let broke = results.stopped.is_some() || results.objectives.iter().any(|o| !o.pass);
    let facts = super::facts(results);
    let body = [
        head(&results.scenario.title, teaches, &facts, &verdict(results), broke),
        model.map_or(String::new(), |model| topology::topology(results, model)),
        chart::timelines(results),
        story(results),
        chart::heat(results),
        table::resources(results),
        table::plain("Stores", "all instances together", &super::stores::HEAD, &super::stores::rows(&results.stores)),
        table::traffic(results),
        table::objectives(results),
        table::napkin(results),
        table::theory(results),
        waterfall::traces(results),
        table::notes(results),
    ];
    page(&results.scenario.title, &body.concat(), command, results)
}

/// The page of replications.
pub(super) fn replications(
    study: &Replications,
    verdict: &str,
    facts: &str,
    figures: &[Vec<String>],
    command: &str,
) -> String {
    let objectives: Vec<Vec<String>> = study
        .objectives
        .iter()
        .map(|o| vec![o.subject.clone(), o.expression.clone(), format!("{} of {}", o.missed, study.replications)])
        .collect();
    let body = [
        head(&study.scenario.title, "", facts, verdict, study.failed > 0),
        table::plain(
            "Figures",
            "mean and 95 % t-interval",
            &["subject", "figure", "mean", "95 % interval", "least", "most", "of"],
            figures,
        ),
        table::plain("Objectives", "", &["subject", "objective", "missed in"], &objectives),
    ];
    page(&study.scenario.title, &body.concat(), command, study)
}

/// Text as HTML shows it, in content and in attributes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

fn page(title: &str, body: &str, command: &str, data: &impl Serialize) -> String {
    // Inside a script only "</" and "<!--" could end the data early; both start with "<", which JSON may escape.
    let data = json(data).replace('<', "\\u003c");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n{body}<h2>Again</h2>\n<pre>{command}</pre>\n</main>\n\
         <script type=\"application/json\" id=\"results\">\n{data}</script>\n</body>\n</html>\n",
        title = escape(title),
        style = include_str!("page.css"),
        command = escape(command),
    )
}

fn head(title: &str, teaches: &str, facts: &str, verdict: &str, broke: bool) -> String {
    let teaches = if teaches.is_empty() { String::new() } else { format!("<p>{}</p>\n", escape(teaches)) };
    format!(
        "<h1>{}</h1>\n{teaches}<p class=\"muted\">{}</p>\n<p class=\"verdict{}\">{}</p>\n",
        escape(title),
        escape(facts),
        if broke { " broke" } else { "" },
        escape(verdict)
    )
}

fn heading(name: &str, meaning: &str) -> String {
    let small = if meaning.is_empty() { String::new() } else { format!("<small>{}</small>", escape(meaning)) };
    format!("<h2>{}{small}</h2>\n", escape(name))
}

fn story(results: &Results) -> String {
    let (lines, left_out) = arrange(&results.story, MOST);
    if lines.is_empty() {
        return String::new();
    }
    let mut out = heading("Story", "1▸ means because of 1; the numbers mark the timeline") + "<ol class=\"story\">\n";
    for line in lines {
        let tone = match line.event.event {
            StoryKind::Saturated | StoryKind::Refusing | StoryKind::Opened => "hot",
            StoryKind::Failing | StoryKind::Down | StoryKind::Stopped => "bad",
            StoryKind::Recovered
            | StoryKind::Closed
            | StoryKind::Pending
            | StoryKind::Up
            | StoryKind::Rule
            | StoryKind::Skipped => "",
        };
        let mark = line.mark.map_or("<b></b>".to_owned(), |m| format!("<b class=\"on\">{m}</b>"));
        let more = if line.more > 0 {
            format!(" <span class=\"muted\">{} more until {}</span>", line.more, clock(line.last_at_s))
        } else {
            String::new()
        };
        let causes = if line.causes.is_empty() {
            String::new()
        } else {
            format!("<span class=\"muted\">{}▸</span> ", line.causes)
        };
        let text = match line.event.text.strip_prefix(line.event.subject.as_str()) {
            Some(rest) => format!("<span class=\"{tone}\">{}</span>{}", escape(&line.event.subject), escape(rest)),
            None => escape(&line.event.text),
        };
        out.push_str(&format!(
            "<li><time>{}</time>{mark}<span class=\"depth{}\">{causes}{text}{more}</span></li>\n",
            clock(line.event.at_s),
            line.depth
        ));
    }
    if left_out > 0 {
        out.push_str(&format!("<li class=\"muted\">and {left_out} more kinds of event</li>\n"));
    }
    out + "</ol>\n"
}
