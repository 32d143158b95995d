//! How much of what was lost comes down to whom: every loss, followed through the story to where its causes end.

use super::results::{Results, StoryEvent};
use super::subject::Named;

/// Where the causes of some losses end.
#[derive(Clone, Debug, PartialEq)]
pub struct Root {
    /// Whom it comes down to; none: nobody was full, down or out of reach then.
    pub subject: Option<Named>,
    /// Position in the story: the first sentence of it that a loss comes down to, if there is one. What operators did
    /// stands behind it, if they did.
    pub event: Option<usize>,
    /// Requests that failed or were degraded because of it.
    pub lost: u64,
    /// The same by source, those that lost most first.
    pub who: Vec<(String, u64)>,
}

impl Root {
    /// Requests of a source.
    #[must_use]
    pub fn lost_of(&self, source: &str) -> u64 {
        self.who.iter().find(|(who, _)| who == source).map_or(0, |(_, lost)| *lost)
    }
}

/// The roots of all that was lost, those that most was lost because of first.
#[must_use]
pub fn roots(results: &Results) -> Vec<Root> {
    let mut roots: Vec<Root> = Vec::new();
    for loss in &results.losses {
        let (event, lost) = (loss.event.map(|at| end(&results.story, at)), loss.failed + loss.degraded);
        let root = match roots.iter_mut().find(|root| root.subject == loss.root) {
            Some(root) => root,
            None => {
                roots.push(Root { subject: loss.root.clone(), event, lost: 0, who: Vec::new() });
                roots.last_mut().expect("it was put there")
            }
        };
        root.event = root.event.into_iter().chain(event).min();
        root.lost += lost;
        match root.who.iter_mut().find(|(who, _)| *who == loss.source) {
            Some((_, of_it)) => *of_it += lost,
            None => root.who.push((loss.source.clone(), lost)),
        }
    }
    roots.iter_mut().for_each(|root| root.who.sort_by_key(|(_, lost)| std::cmp::Reverse(*lost)));
    roots.sort_by(|a, b| b.lost.cmp(&a.lost).then(a.event.cmp(&b.event)));
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
    story.get(at)?.causes.iter().copied().find(told)
}

/// Whom what a sentence tells comes down to: where its causes end, or what that is because of, of which nothing is
/// told.
#[must_use]
pub fn root(story: &[StoryEvent], at: usize) -> &Named {
    let last = &story[end(story, at)];
    last.because.first().unwrap_or(&last.subject)
}

/// Where the causes of a sentence end: the place of the last of them.
#[must_use]
pub fn end(story: &[StoryEvent], mut at: usize) -> usize {
    while let Some(cause) = before(story, at) {
        at = cause;
    }
    at
}
