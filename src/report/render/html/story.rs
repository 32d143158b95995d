//! The story as a list, each line under its cause.

use super::{MOST, heading};
use crate::measure::results::StoryEvent;
use crate::number::clock;
use crate::report::chain::{Line, arrange};
use crate::report::page::{Heading, Tone, tone_of};
use maud::{Markup, html};

/// What happened, in order, and because of what.
pub(super) fn story(events: &[StoryEvent]) -> Markup {
    let (lines, left_out) = arrange(events, MOST);
    html! {
        (heading(&Heading::story()))
        ol.story { "\n"
            @for line in &lines { (sentence(line)) }
            @if left_out > 0 { li.muted { "and " (left_out) " more kinds of event" } "\n" }
        } "\n"
    }
}

fn sentence(line: &Line) -> Markup {
    let event = line.event;
    let tone = match tone_of(event.event) {
        Tone::Hot => "hot",
        Tone::Bad => "bad",
        Tone::Plain | Tone::Strong | Tone::Muted | Tone::Good | Tone::Asked => "",
    };
    html! {
        li {
            time { (clock(event.at_s)) }
            @if let Some(mark) = line.mark { b.on { (mark) } } @else { b {} }
            span class=(format_args!("depth{}", line.depth)) {
                @if !line.causes.is_empty() { span.muted { (line.causes) "▸" } " " }
                @if let Some(rest) = event.text.strip_prefix(event.subject.as_str()) {
                    span class=(tone) { (event.subject) } (rest)
                } @else {
                    (event.text)
                }
                @if line.more > 0 { " " span.muted { (line.repeats()) } }
            }
        } "\n"
    }
}
