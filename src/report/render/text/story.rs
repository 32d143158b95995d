//! The story as timed sentences, each with the number of its cause.

use super::{heading, wrap};
use crate::measure::results::StoryEvent;
use crate::number::clock;
use crate::report::chain::{Line, arrange};
use crate::report::page::{Heading, Tone, tone_of};
use crate::report::render::Look;

/// Lines of the story at most.
pub(super) const MOST: usize = 24;

/// What happened, in order, and because of what.
pub(super) fn story(events: &[StoryEvent], look: Look) -> String {
    let (lines, left_out) = arrange(events, MOST);
    let mut out = heading(&Heading::story(), look);
    for line in &lines {
        out.push_str(&sentence(line, look));
    }
    if left_out > 0 {
        let rest = format!("{left_out} more kinds of event are left out here; --format json has them all");
        let rest = wrap(&rest, look.columns() - 16, 0).replace('\n', &format!("\n{}", " ".repeat(16)));
        out.push_str(&format!("{}{rest}\n", " ".repeat(16)));
    }
    out
}

fn sentence(line: &Line, look: Look) -> String {
    let (paint, mut text) = (look.paint(), line.event.text.clone());
    if line.more > 0 {
        text.push_str(&format!(" · {}", line.repeats()));
    }
    let branch =
        if line.depth == 0 { String::new() } else { format!("{}{}▸ ", "  ".repeat(line.depth - 1), line.causes) };
    let indent = 14 + branch.chars().count();
    let mark = line.mark.map_or(" ".to_owned(), |m| m.to_string());
    let tone = tone_of(line.event.event);
    let wrapped = wrap(&text, look.columns() - indent, 0).replace('\n', &format!("\n{}", " ".repeat(indent)));
    // The subject carries the colour: the rest of the sentence is for reading.
    let wrapped = match wrapped.strip_prefix(line.event.subject.as_str()) {
        Some(rest) => format!("{}{rest}", paint.paint(tone, &line.event.subject)),
        None => wrapped,
    };
    format!(
        "  {} {:>8}  {}{wrapped}\n",
        paint.paint(Tone::Strong, &mark),
        clock(line.event.at_s),
        paint.paint(Tone::Muted, &branch)
    )
}
