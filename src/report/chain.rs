//! The story arranged: repeats folded, a mark for each turning point, and for every line the marks of what caused it.

use crate::measure::results::StoryEvent;
use crate::measure::story::StoryKind;
use indexmap::IndexMap;

/// One line of the story.
#[derive(Clone, Debug, PartialEq)]
pub struct Line<'a> {
    /// A number on the timeline, for what marks a turn.
    pub mark: Option<char>,
    /// How many causes stand before it: 0 is a root.
    pub depth: usize,
    /// Marks of what caused it, apart by commas; empty for a root.
    pub causes: String,
    /// What happened.
    pub event: &'a StoryEvent,
    /// How many more times the same happened to the same subject.
    pub more: usize,
    /// When it happened last.
    pub last_at_s: f64,
}

/// Deeper than this the chain is cut: the eye can no longer follow it.
const DEEPEST: usize = 4;
const MARKS: &str = "123456789abcdefghijklmnopqrstuvwxyz";

/// The story in order of time, one line for each kind of event of each subject, at most `most` lines.
///
/// Turning points (something saturates, refuses, fails or goes down) come before everything else when there are too
/// many. Also returned: how many kinds of event were left out.
pub fn arrange(story: &[StoryEvent], most: usize) -> (Vec<Line<'_>>, usize) {
    let mut folded: IndexMap<(StoryKind, &str), Line> = IndexMap::new();
    for event in story {
        folded
            .entry((event.event, event.subject.as_str()))
            .and_modify(|line| {
                line.more += 1;
                line.last_at_s = event.at_s;
            })
            .or_insert(Line { mark: None, depth: 0, causes: String::new(), event, more: 0, last_at_s: event.at_s });
    }
    let mut lines: Vec<Line> = folded.into_values().collect();
    let all = lines.len();
    if all > most {
        let mut turns: Vec<usize> = (0..all).collect();
        turns.sort_by_key(|&i| (!lines[i].event.event.is_turn(), i));
        turns.truncate(most);
        turns.sort_unstable();
        lines = turns.into_iter().map(|i| lines[i].clone()).collect();
    }
    let mut marks = MARKS.chars();
    let mut told: IndexMap<&str, (char, usize)> = IndexMap::new();
    for line in &mut lines {
        // As far as they were told before.
        let causes: Vec<(char, usize)> =
            line.event.because.iter().filter_map(|cause| told.get(cause.as_str()).copied()).collect();
        line.depth = causes.iter().map(|(_, depth)| (depth + 1).min(DEEPEST)).max().unwrap_or(0);
        line.causes = causes.iter().map(|(mark, _)| mark.to_string()).collect::<Vec<_>>().join(",");
        if line.event.event.is_turn() {
            line.mark = marks.next();
            if let Some(mark) = line.mark {
                told.entry(line.event.subject.as_str()).or_insert((mark, line.depth));
            }
        }
    }
    let left_out = all - lines.len();
    (lines, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::subject::Named;

    fn event(at_s: f64, event: StoryKind, subject: &str, because: &[&str]) -> StoryEvent {
        let because = because.iter().map(|cause| Named::from(*cause)).collect::<Vec<_>>().into();
        StoryEvent { at_s, event, subject: subject.into(), because, text: String::new() }
    }

    #[test]
    fn a_line_stands_one_deeper_than_its_cause() {
        let story = [
            event(1.0, StoryKind::Saturated, "rds.cpu", &[]),
            event(2.0, StoryKind::Saturated, "app.workers", &["rds.cpu"]),
            event(3.0, StoryKind::Refusing, "elb", &["app.workers", "forum.cpu"]),
            event(4.0, StoryKind::Rule, "db", &[]),
        ];
        let (lines, left) = arrange(&story, 10);
        let shape: Vec<_> = lines.iter().map(|l| (l.mark, l.depth, l.causes.as_str())).collect();
        assert_eq!(shape, [(Some('1'), 0, ""), (Some('2'), 1, "1"), (Some('3'), 2, "2"), (None, 0, "")]);
        assert_eq!(left, 0);
    }

    #[test]
    fn repeats_fold_into_their_first() {
        let story = [1.0, 5.0, 9.0].map(|at_s| event(at_s, StoryKind::Down, "app/0", &[]));
        let (lines, _) = arrange(&story, 10);
        assert_eq!((lines.len(), lines[0].more, lines[0].last_at_s), (1, 2, 9.0));
    }

    #[test]
    fn turning_points_survive_a_long_story() {
        let mut story: Vec<StoryEvent> =
            (0..50).map(|i| event(f64::from(i), StoryKind::Rule, &format!("r{i}"), &[])).collect();
        story.push(event(60.0, StoryKind::Failing, "visitors", &[]));
        let (lines, left) = arrange(&story, 5);
        assert_eq!((lines.len(), left), (5, 46));
        assert_eq!(lines[4].event.subject, "visitors");
    }
}
