//! How much of what was lost comes down to whom: every time that a crowd was hurt, followed through the story to where
//! its causes end.

use super::results::{Results, StoryEvent};
use super::story::StoryKind;
use super::subject::Named;

/// Where the causes of some harm end.
#[derive(Clone, Debug, PartialEq)]
pub struct Root {
    /// Position in the story: the first time that harm comes down to its subject. What operators did stands behind it,
    /// if they did.
    pub event: usize,
    /// Requests that failed or were degraded because of it, and of whom.
    pub lost: f64,
    pub who: Vec<String>,
}

/// The roots of all harm, those that most was lost because of first.
#[must_use]
pub fn roots(results: &Results) -> Vec<Root> {
    let story = &results.story;
    let mut roots: Vec<Root> = Vec::new();
    for (at, _) in story.iter().enumerate().filter(|(_, event)| event.event.is_harm()) {
        let (event, lost) = (end(story, at), lost(results, at));
        let same = |root: &&mut Root| {
            let (known, new) = (&story[root.event], &story[event]);
            known.subject == new.subject && known.because == new.because
        };
        let who = story[at].subject.name.clone();
        match roots.iter_mut().find(same) {
            Some(root) => {
                root.lost += lost;
                root.who.push(who);
            }
            None => roots.push(Root { event, lost, who: vec![who] }),
        }
    }
    roots.sort_by(|a, b| b.lost.total_cmp(&a.lost).then(a.event.cmp(&b.event)));
    roots
}

/// Whether what happened at a place of the story comes down to a subject.
#[must_use]
pub fn comes_down_to(story: &[StoryEvent], at: usize, subject: &Named) -> bool {
    let mut here = at;
    while let Some(cause) = before(story, here) {
        if story[cause].subject == *subject {
            return true;
        }
        here = cause;
    }
    false
}

/// The cause that was told of it, if it is nothing that operators did: causes stand before their effects.
fn before(story: &[StoryEvent], at: usize) -> Option<usize> {
    let told = |cause: &usize| *cause < at && !story[*cause].event.is_runbook();
    story[at].causes.iter().copied().find(told)
}

fn end(story: &[StoryEvent], mut at: usize) -> usize {
    while let Some(cause) = before(story, at) {
        at = cause;
    }
    at
}

/// Requests of a crowd that failed or were degraded from a sentence of it to the next.
fn lost(results: &Results, at: usize) -> f64 {
    let event = &results.story[at];
    let Some(series) = results.series.traffic.get(event.subject.as_str()) else { return 0.0 };
    let next = results.story[at + 1..].iter().find(|next| {
        let tells = next.event.is_harm() || next.event == StoryKind::Recovered;
        tells && next.subject == event.subject
    });
    let (from, to) = (event.at_s, next.map_or(results.horizon_s, |next| next.at_s));
    let every = results.series.every_s;
    let of = |line: &[f32]| -> f64 {
        let inside = |i: usize| (to.min((i + 1) as f64 * every) - from.max(i as f64 * every)).max(0.0);
        line.iter().enumerate().map(|(i, rate)| f64::from(*rate) * inside(i)).sum()
    };
    of(&series.failed_per_s) + of(&series.degraded_per_s)
}
