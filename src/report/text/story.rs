//! The story as timed sentences, each with the number of its cause.

use super::heading;
use crate::measure::results::Results;
use crate::measure::story::StoryKind;
use crate::report::TextOptions;
use crate::report::chain::{Line, arrange};
use crate::report::number::clock;
use crate::report::paint::Tone;
use crate::report::table::wrap;

/// Lines of the story at most.
pub(in crate::report) const MOST: usize = 24;

/// What happened, in order, and because of what.
pub(super) fn story(results: &Results, look: TextOptions) -> String {
    if results.story.is_empty() {
        return String::new();
    }
    let (lines, left_out) = arrange(&results.story, MOST);
    let mut out = heading(look, "Story", "1▸ means because of 1; the numbers mark the timeline");
    for line in &lines {
        out.push_str(&sentence(line, look));
    }
    if left_out > 0 {
        out.push_str(&format!(
            "                {left_out} more kinds of event are left out here; --format json has them all\n"
        ));
    }
    out
}

fn sentence(line: &Line, look: TextOptions) -> String {
    let (paint, mut text) = (look.paint(), line.event.text.clone());
    if line.more > 0 {
        text.push_str(&format!(" · {} more until {}", line.more, clock(line.last_at_s)));
    }
    let branch =
        if line.depth == 0 { String::new() } else { format!("{}{}▸ ", "  ".repeat(line.depth - 1), line.causes) };
    let indent = 14 + branch.chars().count();
    let mark = line.mark.map_or(" ".to_owned(), |m| m.to_string());
    let tone = match line.event.event {
        StoryKind::Saturated | StoryKind::Refusing | StoryKind::Opened => Tone::Hot,
        StoryKind::Failing | StoryKind::Down | StoryKind::Stopped => Tone::Bad,
        StoryKind::Recovered | StoryKind::Up => Tone::Good,
        StoryKind::Closed | StoryKind::Pending | StoryKind::Rule | StoryKind::Skipped => Tone::Muted,
    };
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
