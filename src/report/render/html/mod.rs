//! A page that stands alone: style, pictures and the JSON are inside, nothing is fetched. Light and dark.
//!
//! What is text and what is markup differ by type: everything that is put into a template is escaped there.

mod chart;
mod story;

use crate::report::explain;
use crate::report::page::{Block, Cell, Heading, Medium, Note, Page, Side, Table, Tone};
use maud::{Markup, PreEscaped, html};

/// Lines of the story at most.
const MOST: usize = 40;

/// The page, with the answer's JSON in it.
pub(super) fn html(page: &Page, json: &str) -> String {
    // Inside a script only "</" and "<!--" could end the data early; both start with "<", which JSON may escape.
    let data = PreEscaped(json.replace('<', "\\u003c"));
    html! {
        (PreEscaped("<!doctype html>\n"))
        html lang="en" { "\n"
            head { "\n"
                meta charset="utf-8"; "\n"
                meta name="viewport" content="width=device-width, initial-scale=1"; "\n"
                title { (page.title) } "\n"
                style { "\n" (PreEscaped(include_str!("page.css"))) } "\n"
            } "\n"
            body { "\n"
                main { "\n" (body(page)) } "\n"
                script type="application/json" id="results" { "\n" (data) } "\n"
            } "\n"
        } "\n"
    }
    .into_string()
}

fn body(page: &Page) -> Markup {
    let is_lead = |part: &&Block| matches!(part, Block::Note(Note::Lead(_) | Note::Facts(_)));
    let blocks: Vec<&Block> = page.blocks(Medium::Browser).collect();
    let (lead, rest): (Vec<&Block>, Vec<&Block>) = blocks.into_iter().partition(is_lead);
    let verdict = match page.verdict.pass {
        Some(true) => "verdict",
        Some(false) => "verdict broke",
        None => "verdict open",
    };
    html! {
        h1 { (page.title) } "\n"
        @for part in lead { (block(part)) }
        p class=(verdict) { (page.verdict.text) } "\n"
        @for part in rest { (block(part)) }
        h2 { "Again" } "\n"
        pre { (page.command) } "\n"
    }
}

fn block(block: &Block) -> Markup {
    match block {
        Block::Table(rows) => table(rows),
        Block::Story(events) => story::story(events),
        Block::Chart(over_time) => chart::chart(over_time),
        Block::Heat(rows) => chart::heat(rows),
        Block::Lines(name, lines) => html! {
            (heading(name))
            ul { "\n" @for line in lines { li { (line) } "\n" } } "\n"
        },
        Block::Note(sentence) => note(sentence),
        Block::Picture(name, drawing) => html! { (heading(name)) (drawing) },
    }
}

fn heading(heading: &Heading) -> Markup {
    html! { h2 { (heading.name) @if !heading.meaning.is_empty() { small { (heading.meaning) } } } "\n" }
}

fn note(note: &Note) -> Markup {
    match note {
        Note::Lead(text) | Note::Remark(text) => html! { p { (text) } "\n" },
        Note::Facts(text) => html! { p.muted { (text) } "\n" },
        Note::Made(text, digest) => html! { p.muted { (text) ", digest " code { (digest) } } "\n" },
        Note::Figure(name, text) => html! { (heading(&Heading::new(*name, ""))) p { (text) } "\n" },
        Note::Warning(text) => html! { p { span.hot { "warning" } " " (text) } "\n" },
    }
}

fn table(table: &Table) -> Markup {
    let words = table.columns.iter().all(|column| column.side != Side::Right);
    let titles: Vec<&str> = table.columns.iter().map(|column| &*column.title).collect();
    let name = table.heading.as_ref().map(|heading| &*heading.name);
    let explained = |title: &str| explain::column(name, &titles, title);
    html! {
        @if let Some(name) = &table.heading { (heading(name)) }
        @if !table.rows.is_empty() { div.table {
            table class=[words.then_some("words")] { "\n"
                thead { tr { @for title in &titles { th title=[explained(title)] { (title) } } } } "\n"
                tbody { "\n" @for row in &table.rows { tr { @for part in row { td { (cell(part)) } } } "\n" } }
            }
        } "\n" }
        @if let Some(remark) = &table.remark { p.muted { (remark) } "\n" }
    }
}

fn cell(cell: &Cell) -> Markup {
    let class = match cell.tone {
        Tone::Plain | Tone::Strong | Tone::Asked => return html! { (cell.text) },
        Tone::Muted => "muted",
        Tone::Good => "ok",
        Tone::Bad => "bad",
        Tone::Hot => "hot",
    };
    html! { span class=(class) { (cell.text) } }
}
