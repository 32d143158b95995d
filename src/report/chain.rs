//! The story arranged: repeats folded, a mark for each turning point, and for every line the marks of what caused it.

use crate::measure::results::StoryEvent;
use crate::measure::story::StoryKind;
use crate::number::clock;
use indexmap::IndexMap;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// One line of the story.
#[derive(Clone, Debug, PartialEq)]
pub struct Line<'a> {
    /// A number on the timeline, for what marks a turn or is a cause of one.
    pub mark: Option<char>,
    /// How many causes stand before it: 0 is a root.
    pub depth: usize,
    /// Marks of what caused it, apart by commas; empty for a root.
    pub causes: String,
    /// What happened.
    pub event: &'a StoryEvent,
    /// How many more times the same happened to the same subject, because of the same.
    pub more: usize,
    /// When it happened last.
    pub last_at_s: f64,
    /// The largest share that any of them tells, percent, where that is more than the first tells.
    pub up_to: Option<f64>,
    /// When the one happened that most was lost because of, where that is not the first.
    pub worst_at_s: Option<f64>,
    /// Requests that were lost because of it.
    pub lost: u64,
    /// Of them because of that one.
    worst: u64,
    /// Lines that caused it, by place.
    because: Vec<usize>,
}

impl Line<'_> {
    /// "2 more, the last at 4:30, up to 75 %"; empty where it happened once.
    pub fn repeats(&self) -> String {
        let up_to = self.up_to.map_or_else(String::new, |percent| format!(", up to {percent} %"));
        let worst = self.worst_at_s.filter(|at| self.more > 1 && *at != self.last_at_s);
        let up_to = up_to + &worst.map_or_else(String::new, |at| format!(", the worst at {}", clock(at)));
        match self.more {
            0 => String::new(),
            1 => format!("once more at {}{up_to}", clock(self.last_at_s)),
            more => format!("{more} more, the last at {}{up_to}", clock(self.last_at_s)),
        }
    }
}

/// Deeper than this the chain is cut: the eye can no longer follow it.
const DEEPEST: usize = 4;
const MARKS: &str = "123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The story in order of time, one line for each kind of event of each subject because of the same, at most `most`
/// lines.
///
/// When there are too many, what hurt each crowd most comes first, then what most was lost because of, then what else
/// crowds felt, with what led to it, then other turning points (something saturates, refuses, fails or goes down). Also
/// returned: how many kinds of event were left out.
pub fn arrange(story: &[StoryEvent], most: usize) -> (Vec<Line<'_>>, usize) {
    let mut lines = fold(story);
    let all = lines.len();
    if all > most {
        lines = choose(lines, most);
    }
    let mut referred = vec![false; lines.len()];
    lines.iter().flat_map(|line| &line.because).for_each(|cause| referred[*cause] = true);
    let mut marks = MARKS.chars();
    for at in 0..lines.len() {
        let causes: Vec<(char, usize)> =
            lines[at].because.iter().filter_map(|cause| Some((lines[*cause].mark?, lines[*cause].depth))).collect();
        let line = &mut lines[at];
        line.depth = causes.iter().map(|(_, depth)| (depth + 1).min(DEEPEST)).max().unwrap_or(0);
        line.causes = causes.iter().map(|(mark, _)| mark.to_string()).collect::<Vec<_>>().join(",");
        if line.event.event.is_turn() || referred[at] {
            line.mark = marks.next();
        }
    }
    let left_out = all - lines.len();
    (lines, left_out)
}

/// A line for all events of one kind, subject, shape and cause.
fn fold(story: &[StoryEvent]) -> Vec<Line<'_>> {
    type Key<'a> = (StoryKind, &'a str, String, Option<String>, Vec<usize>);
    let mut folded: IndexMap<Key, Line> = IndexMap::new();
    let mut line_of: Vec<usize> = Vec::with_capacity(story.len());
    for event in story {
        let mut because: Vec<usize> = event.causes.iter().filter_map(|cause| line_of.get(*cause).copied()).collect();
        because.dedup();
        let key = (event.event, event.subject.as_str(), shape(event), event.because.words(), because.clone());
        let entry = folded.entry(key);
        line_of.push(entry.index());
        entry
            .and_modify(|line| {
                line.more += 1;
                line.lost += event.lost;
                if event.lost > line.worst {
                    (line.worst, line.worst_at_s) = (event.lost, Some(event.at_s));
                }
                line.last_at_s = event.at_s;
                let most = line.up_to.or_else(|| share(&line.event.text));
                line.up_to =
                    share(&event.text).filter(|percent| most.is_none_or(|most| *percent > most)).or(line.up_to);
            })
            .or_insert_with(|| Line {
                mark: None,
                depth: 0,
                causes: String::new(),
                event,
                more: 0,
                last_at_s: event.at_s,
                up_to: None,
                worst_at_s: None,
                lost: event.lost,
                worst: event.lost,
                because,
            });
    }
    folded.into_values().collect()
}

/// The lines that matter most, in their order.
fn choose(lines: Vec<Line>, most: usize) -> Vec<Line> {
    let mut led: Vec<bool> = lines.iter().map(|line| line.event.event.is_harm()).collect();
    // Causes stand before their effects.
    for at in (0..lines.len()).rev().filter(|at| led[*at]).collect::<Vec<_>>() {
        mark_causes(&lines, at, &mut led);
    }
    let foremost = foremost(&lines, most / 3);
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|&at| {
        let line = &lines[at];
        // Who recovered or what was done is no news without what it is about.
        let lost = if line.event.event.is_turn() { line.lost } else { line.lost / 2 };
        (!foremost.contains(&at), Reverse(lost), !led[at], !line.event.event.is_turn(), at)
    });
    order.truncate(most);
    order.sort_unstable();
    let place = |old: usize| order.binary_search(&old).ok();
    let chosen = |&at: &usize| {
        let because = lines[at].because.iter().filter_map(|cause| place(*cause)).collect();
        Line { because, ..lines[at].clone() }
    };
    order.iter().map(chosen).collect()
}

/// Of each crowd that was hurt the line that tells of most, and what caused it: a small crowd is no less a crowd.
fn foremost(lines: &[Line], most: usize) -> BTreeSet<usize> {
    let mut of: IndexMap<&str, usize> = IndexMap::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.event.event.is_harm()) {
        let known = of.entry(line.event.subject.as_str()).or_insert(at);
        if line.lost > lines[*known].lost {
            *known = at;
        }
    }
    let mut told: Vec<usize> = of.into_values().collect();
    told.sort_by_key(|at| Reverse(lines[*at].lost));
    told.iter().take(most).flat_map(|at| lines[*at].because.iter().copied().chain([*at])).collect()
}

fn mark_causes(lines: &[Line], of: usize, led: &mut [bool]) {
    let mut stack = vec![of];
    while let Some(at) = stack.pop() {
        for &cause in &lines[at].because {
            if !std::mem::replace(&mut led[cause], true) {
                stack.push(cause);
            }
        }
    }
}

/// What of a sentence tells two kinds apart: its first words and, where a reason stands in brackets, that; of what
/// operators did all of it, figures too; else these are left out.
fn shape(event: &StoryEvent) -> String {
    // What went on is told with all that came of it, each time.
    if event.event.is_harm() && event.text.contains("; ") {
        return event.text.clone();
    }
    let words = |text: &str, most: usize| {
        let words = text.split(|c: char| c.is_whitespace() || "(),;".contains(c));
        // Figures, units and what comes and goes with them stand before no verb.
        let plain = words.filter(|word| !word.is_empty() && !word.contains(|c: char| c.is_ascii_digit()));
        plain.take(most).collect::<Vec<_>>().join(" ")
    };
    let text = event.text.as_str();
    match event.event {
        // Another number is another act.
        StoryKind::Rule => text.to_owned(),
        StoryKind::Skipped => words(text, usize::MAX),
        StoryKind::Refusing | StoryKind::Unhealthy => {
            format!("{} {}", words(text, 3), text.rsplit_once('(').map_or(String::new(), |(_, why)| words(why, 3)))
        }
        StoryKind::Saturated => String::new(),
        _ => words(text, 3),
    }
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
        let (causes, text) = (Vec::new(), String::new());
        StoryEvent { at_s, event, subject: subject.into(), because, causes, lost: 0, text, found_s: at_s }
    }

    fn caused(event: StoryEvent, causes: &[usize]) -> StoryEvent {
        StoryEvent { causes: causes.to_vec(), ..event }
    }

    #[test]
    fn a_line_stands_one_deeper_than_its_cause() {
        let story = [
            event(1.0, StoryKind::Saturated, "rds.cpu", &[]),
            caused(event(2.0, StoryKind::Saturated, "app.workers", &["rds.cpu"]), &[0]),
            caused(event(3.0, StoryKind::Refusing, "elb", &["app.workers", "forum.cpu"]), &[1]),
            event(4.0, StoryKind::Rule, "db", &[]),
        ];
        let (lines, left) = arrange(&story, 10);
        let shape: Vec<_> = lines.iter().map(|l| (l.mark, l.depth, l.causes.as_str())).collect();
        assert_eq!(shape, [(Some('1'), 0, ""), (Some('2'), 1, "1"), (Some('3'), 2, "2"), (None, 0, "")]);
        assert_eq!(left, 0);
    }

    #[test]
    fn another_number_is_another_act() {
        let act = |at_s: f64, text: &str| StoryEvent { text: text.into(), ..event(at_s, StoryKind::Rule, "app", &[]) };
        let story = [act(1.0, "set workers = 2"), act(2.0, "set workers = 40"), act(3.0, "set workers = 2")];
        let (lines, _) = arrange(&story, 10);
        let told: Vec<_> = lines.iter().map(|l| (l.event.text.as_str(), l.more)).collect();
        assert_eq!(told, [("set workers = 2", 1), ("set workers = 40", 0)]);
    }

    #[test]
    fn what_came_of_another_cause_has_a_line_of_its_own() {
        let story = [
            event(1.0, StoryKind::Saturated, "app.workers", &["idle"]),
            event(5.0, StoryKind::Saturated, "box.cpu", &[]),
            caused(event(6.0, StoryKind::Saturated, "app.workers", &["box.cpu"]), &[1]),
            caused(event(7.0, StoryKind::Failing, "users", &["app.workers"]), &[2]),
        ];
        let (lines, _) = arrange(&story, 10);
        let shape: Vec<_> = lines.iter().map(|l| (l.mark, l.causes.as_str(), l.more)).collect();
        assert_eq!(shape, [(Some('1'), "", 0), (Some('2'), "", 0), (Some('3'), "2", 0), (Some('4'), "3", 0)]);
    }

    #[test]
    fn what_operators_did_has_a_mark_where_it_is_a_cause_and_opposite_acts_are_two() {
        let acts = |at_s: f64, text: &str| StoryEvent { text: text.into(), ..event(at_s, StoryKind::Rule, "web", &[]) };
        let story = [
            acts(1.0, "autoscaler: wants 4, has 3, adds 1 × web"),
            acts(2.0, "autoscaler: wants 3, has 4, removes 1 × web"),
            caused(event(3.0, StoryKind::Down, "app", &[]), &[1]),
        ];
        let (lines, _) = arrange(&story, 10);
        let shape: Vec<_> = lines.iter().map(|l| (l.mark, l.causes.as_str())).collect();
        assert_eq!(shape, [(None, ""), (Some('1'), ""), (Some('2'), "1")]);
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
        assert_eq!(lines[0].repeats(), "2 more, the last at 0:04, up to 75 %");
        assert_eq!(lines[1].repeats(), "");
    }

    #[test]
    fn what_hurts_survives_a_long_story_with_what_led_to_it() {
        let mut story: Vec<StoryEvent> =
            (0..50).map(|i| event(f64::from(i), StoryKind::Opened, &format!("r{i}"), &[])).collect();
        story.push(event(60.0, StoryKind::Rule, "bank", &[]));
        story.push(caused(event(61.0, StoryKind::Failing, "visitors", &["bank"]), &[50]));
        let (lines, left) = arrange(&story, 5);
        assert_eq!((lines.len(), left), (5, 47));
        assert_eq!((lines[3].event.subject.as_str(), lines[4].event.subject.as_str()), ("bank", "visitors"));
        assert_eq!((lines[3].mark, lines[4].causes.as_str()), (Some('4'), "4"));
    }

    #[test]
    fn of_a_long_story_what_most_was_lost_because_of_is_told_and_every_crowd_that_was_hurt() {
        let mut story =
            vec![event(1.0, StoryKind::Saturated, "small", &[]), event(2.0, StoryKind::Failing, "few", &[])];
        (story[1].causes, story[1].lost) = (vec![0], 7);
        for at in 0..40 {
            let mut harm = event(f64::from(at) + 10.0, StoryKind::Failing, "many", &[]);
            (harm.lost, harm.text) = (1_000 + at as u64, format!("many: {at} %; by the end more"));
            story.push(harm);
        }
        let (lines, left_out) = arrange(&story, 12);
        assert_eq!((lines.len(), left_out), (12, 30));
        assert_eq!(lines[..2].iter().map(|line| line.event.subject.as_str()).collect::<Vec<_>>(), ["small", "few"]);
        assert!(lines[2..].iter().all(|line| line.lost >= 1_030), "{lines:?}");
    }
}
