//! The story arranged: repeats folded, a mark for each turning point, and for every line the marks of what caused it.

use crate::measure::results::StoryEvent;
use crate::measure::story::StoryKind;
use crate::number::clock;
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
    /// The largest share that any of them tells, percent, where that is more than the first tells.
    pub up_to: Option<f64>,
}

impl Line<'_> {
    /// "2 more until 4:30, up to 75 %"; empty where it happened once.
    pub fn repeats(&self) -> String {
        if self.more == 0 {
            return String::new();
        }
        let up_to = self.up_to.map_or_else(String::new, |percent| format!(", up to {percent} %"));
        format!("{} more until {}{up_to}", self.more, clock(self.last_at_s))
    }
}

/// Deeper than this the chain is cut: the eye can no longer follow it.
const DEEPEST: usize = 4;
const MARKS: &str = "123456789abcdefghijklmnopqrstuvwxyz";

/// The story in order of time, one line for each kind of event of each subject, at most `most` lines.
///
/// Turning points (something saturates, refuses, fails or goes down) come before everything else when there are too
/// many. Also returned: how many kinds of event were left out.
pub fn arrange(story: &[StoryEvent], most: usize) -> (Vec<Line<'_>>, usize) {
    let mut folded: IndexMap<(StoryKind, &str, String), Line> = IndexMap::new();
    for event in story {
        folded
            .entry((event.event, event.subject.as_str(), shape(&event.text)))
            .and_modify(|line| {
                line.more += 1;
                line.last_at_s = event.at_s;
                let most = line.up_to.or_else(|| share(&line.event.text));
                line.up_to =
                    share(&event.text).filter(|percent| most.is_none_or(|most| *percent > most)).or(line.up_to);
            })
            .or_insert(Line {
                mark: None,
                depth: 0,
                causes: String::new(),
                event,
                more: 0,
                last_at_s: event.at_s,
                up_to: None,
            });
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
                // A cause is the last that was told of its subject.
                told.insert(line.event.subject.as_str(), (mark, line.depth));
            }
        }
    }
    let left_out = all - lines.len();
    (lines, left_out)
}

/// A sentence without its figures: two of one shape tell the same of another time.
fn shape(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c == '(' || c == ')' || c == ',' || c == ';');
    // Figures, units and what comes and goes with them stand before no verb: the first words tell what happened.
    words
        .filter(|word| !word.is_empty() && !word.contains(|c: char| c.is_ascii_digit()))
        .take(3)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The first share that a sentence tells, percent.
fn share(text: &str) -> Option<f64> {
    let (before, _) = text.split_once(" %")?;
    before.rsplit(|c: char| c.is_whitespace() || c == '(').next()?.parse().ok()
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
    fn a_cause_is_the_last_that_was_told_of_its_subject() {
        let mut story = [
            event(1.0, StoryKind::Refusing, "app", &[]),
            event(2.0, StoryKind::Failing, "users", &["app"]),
            event(9.0, StoryKind::Down, "app", &[]),
            event(10.0, StoryKind::Unhealthy, "lb", &["app"]),
        ];
        story[2].text = "app/1 died".into();
        let (lines, _) = arrange(&story, 10);
        assert_eq!((lines[1].causes.as_str(), lines[3].causes.as_str()), ("1", "3"));
    }

    #[test]
    fn repeats_fold_into_their_first() {
        let story = [1.0, 5.0, 9.0].map(|at_s| event(at_s, StoryKind::Down, "app/0", &[]));
        let (lines, _) = arrange(&story, 10);
        assert_eq!((lines.len(), lines[0].more, lines[0].last_at_s), (1, 2, 9.0));
    }

    #[test]
    fn what_differs_in_more_than_figures_has_a_line_of_its_own_and_the_worst_is_told() {
        let told =
            |at_s: f64, text: &str| StoryEvent { text: text.into(), ..event(at_s, StoryKind::Failing, "app", &[]) };
        let story = [
            told(1.0, "app fails: 50 % of 20 requests"),
            told(2.0, "app is down: 0 of 3 up"),
            told(3.0, "app fails: 75 % of 900 requests"),
            told(4.0, "app fails: 60 % of 9 requests"),
        ];
        let (lines, _) = arrange(&story, 10);
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].more, lines[0].up_to), (2, Some(75.0)));
        assert_eq!(lines[0].repeats(), "2 more until 0:04, up to 75 %");
        assert_eq!(lines[1].repeats(), "");
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
