//! Who is to blame, and in which order to tell it: the one ranking of causes.
//!
//! Everything that goes wrong names what it is because of. Followed to its end, that is a root. The culprit of a moment
//! is the root that most of what crowds lose comes down to (`impact.rs`); where nobody loses anything, and of the
//! sentences of an episode, it is the root that explains the most others, the earliest among equals.

use super::results::StoryEvent;
use super::story::StoryKind;
use super::subject::Named;
use super::trouble::Trouble;
use crate::units::Time;
use std::cmp::Reverse;
use std::slice;

/// Something that goes wrong.
pub trait Effect {
    /// What.
    fn subject(&self) -> &Named;
    /// What is to blame; nothing: itself.
    fn because(&self) -> &[Named];
    /// Since when.
    fn since(&self) -> Time;
}

impl Effect for Trouble {
    fn subject(&self) -> &Named {
        &self.subject
    }

    fn because(&self) -> &[Named] {
        &self.because
    }

    fn since(&self) -> Time {
        self.since
    }
}

impl Effect for StoryEvent {
    fn subject(&self) -> &Named {
        &self.subject
    }

    fn because(&self) -> &[Named] {
        &self.because
    }

    fn since(&self) -> Time {
        Time((self.at_s * 1e9) as i64)
    }
}

/// The place of what caused it, among all that is wrong.
fn cause<T: Effect>(effects: &[T], of: usize) -> Option<usize> {
    let place = |cause: &Named| effects.iter().position(|effect| effect.subject() == cause);
    effects[of].because().iter().find_map(place).filter(|found| *found != of)
}

fn alone(effect: &impl Effect) -> &[Named] {
    slice::from_ref(effect.subject())
}

/// Where the causes of a trouble end: at a trouble that has none, or at causes that are no effects of their own. A
/// circle of waiting is called by the first of its names.
fn end<T: Effect>(effects: &[T], of: usize) -> &[Named] {
    let mut way = vec![of];
    loop {
        let last = &effects[way[way.len() - 1]];
        let Some(next) = cause(effects, way[way.len() - 1]) else {
            return if last.because().is_empty() { alone(last) } else { last.because() };
        };
        if let Some(begin) = way.iter().position(|at| *at == next) {
            let circle = way[begin..].iter().map(|at| &effects[*at]);
            return circle.min_by_key(|effect| effect.subject().as_str()).map_or(alone(last), alone);
        }
        way.push(next);
    }
}

/// Where the causes of what is because of a subject end.
#[must_use]
pub fn root_of<'a, T: Effect>(effects: &'a [T], because: &'a Named) -> &'a [Named] {
    let told = effects.iter().position(|effect| effect.subject() == because);
    told.map_or(slice::from_ref(because), |of| end(effects, of))
}

/// The root of each trouble.
#[must_use]
pub fn roots<T: Effect>(effects: &[T]) -> Vec<&[Named]> {
    (0..effects.len()).map(|of| end(effects, of)).collect()
}

/// The less, the more to blame: whether it is the culprit, how many effects a root explains beside its own, and since
/// when it lasts.
fn guilt<T: Effect>(
    effects: &[T],
    roots: &[&[Named]],
    (of, culprit): (&[Named], &[Named]),
) -> (bool, Reverse<usize>, bool, Option<Time>) {
    let its = || effects.iter().zip(roots).filter(|(_, root)| **root == of).map(|(effect, _)| effect);
    let own = its().filter(|effect| alone(*effect) == of).map(|effect| effect.since()).min();
    let since = own.or_else(|| its().map(|effect| effect.since()).min());
    (of != culprit, Reverse(its().filter(|effect| alone(*effect) != of).count()), since.is_none(), since)
}

/// The root that most other effects lead to; among equals the earliest. Nothing where nothing is wrong.
#[must_use]
pub fn culprit<T: Effect>(effects: &[T]) -> &[Named] {
    let roots = roots(effects);
    roots.iter().min_by_key(|root| guilt(effects, &roots, (root, &[]))).copied().unwrap_or_default()
}

/// What is wrong with how many causes before it: what comes down to the culprit first, then what took the most with it,
/// under each what follows from it.
#[must_use]
pub fn arranged<'a, T: Effect>(effects: &'a [T], culprit: &[Named]) -> Vec<(usize, &'a T)> {
    let roots = roots(effects);
    let begins = |of: &usize| cause(effects, *of).is_none() || roots[*of] == alone(&effects[*of]);
    let mut order: Vec<usize> = (0..effects.len()).filter(begins).collect();
    order.sort_by_key(|of| (guilt(effects, &roots, (roots[*of], culprit)), effects[*of].since()));
    // Whatever is left, as it is.
    order.extend(0..effects.len());
    let mut told = vec![false; effects.len()];
    let mut arranged = Vec::with_capacity(effects.len());
    for first in order {
        let mut stack = vec![(0, first)];
        while let Some((depth, of)) = stack.pop() {
            if std::mem::replace(&mut told[of], true) {
                continue;
            }
            arranged.push((depth, &effects[of]));
            let follows = (0..effects.len()).rev().filter(|next| !told[*next] && cause(effects, *next) == Some(of));
            stack.extend(follows.map(|next| (depth + 1, next)));
        }
    }
    arranged
}

/// What a story's worst comes down to: the culprit among all that went wrong in the episode that hurt most subjects.
#[must_use]
pub fn root(story: &[StoryEvent]) -> Vec<Named> {
    culprit(&worst(story)).to_vec()
}

/// What went wrong in the episode that hurt most subjects, the first of equals.
#[must_use]
pub fn worst(story: &[StoryEvent]) -> Vec<StoryEvent> {
    episodes(story).into_iter().rev().max_by_key(Vec::len).unwrap_or_default()
}

/// What went wrong, from the first sentence until all that was told of is well again.
#[must_use]
pub fn episodes(story: &[StoryEvent]) -> Vec<Vec<StoryEvent>> {
    let mut episodes: Vec<Vec<StoryEvent>> = Vec::new();
    let mut ill: Vec<&Named> = Vec::new();
    for event in story {
        let well = matches!(event.event, StoryKind::Recovered | StoryKind::Closed | StoryKind::Healthy | StoryKind::Up);
        if well {
            ill.retain(|subject| **subject != event.subject);
        } else if event.event.is_turn() && !event.event.is_syndrome() {
            if ill.is_empty() {
                episodes.push(Vec::new());
            }
            // An emptied store is nothing that goes on.
            if event.event != StoryKind::Emptied || ill.is_empty() {
                ill.push(&event.subject);
            }
            if let Some(last) = episodes.last_mut() {
                last.push(event.clone());
            }
        }
    }
    episodes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::TroubleKind;
    use crate::units::Time;

    fn trouble(subject: &str, since: i64, because: &[&str]) -> Trouble {
        Trouble {
            subject: subject.into(),
            kind: TroubleKind::Saturated,
            since: Time(since),
            because: because.iter().map(|cause| Named::from(*cause)).collect::<Vec<_>>().into(),
            calm: None,
        }
    }

    fn shape(troubles: &[Trouble]) -> Vec<(usize, &str)> {
        arranged(troubles, &[]).into_iter().map(|(depth, trouble)| (depth, trouble.subject.as_str())).collect()
    }

    #[test]
    fn the_root_that_explains_most_is_to_blame() {
        let troubles = [
            trouble("visitors", 30, &["elb"]),
            trouble("elb", 20, &["app.workers"]),
            trouble("app.workers", 10, &["rds.cpu"]),
            trouble("rds.cpu", 9, &[]),
            trouble("tiny.cpu", 1, &[]),
        ];
        assert_eq!(culprit(&troubles), ["rds.cpu"]);
        assert!(culprit::<Trouble>(&[]).is_empty());
    }

    #[test]
    fn among_equals_the_earliest_and_a_cause_needs_no_trouble_of_its_own() {
        let troubles = [trouble("a", 5, &[]), trouble("b", 3, &[])];
        assert_eq!(culprit(&troubles), ["b"]);
        let troubles = [trouble("a", 1, &[]), trouble("b", 8, &["memory"])];
        assert_eq!(culprit(&troubles), ["memory"]);
        assert_eq!(shape(&troubles), [(0, "b"), (0, "a")], "the same order for those who read");
    }

    #[test]
    fn a_circle_of_waiting_has_one_culprit() {
        let troubles = [trouble("b", 1, &["a"]), trouble("a", 2, &["b"]), trouble("c", 3, &["b"])];
        assert_eq!(culprit(&troubles), ["a"]);
        assert_eq!(roots(&troubles), [["a"]; 3]);
        let with_another = [troubles.to_vec(), vec![trouble("x", 0, &[])]].concat();
        assert_eq!(shape(&with_another), [(0, "a"), (1, "b"), (2, "c"), (0, "x")], "those who read begin with it, too");
    }

    #[test]
    fn what_took_the_most_with_it_is_told_first_and_all_else_below_its_cause() {
        let troubles = [
            trouble("app.workers", 5, &["rds.cpu"]),
            trouble("tiny.cpu", 1, &[]),
            trouble("rds.cpu", 4, &[]),
            trouble("elb", 7, &["elb.workers"]),
            trouble("elb.workers", 6, &["rds.cpu"]),
            trouble("readers", 6, &["tiny.cpu"]),
        ];
        let expected =
            [(0, "rds.cpu"), (1, "app.workers"), (1, "elb.workers"), (2, "elb"), (0, "tiny.cpu"), (1, "readers")];
        assert_eq!(shape(&troubles), expected);
    }

    #[test]
    fn joint_causes_circles_and_lost_causes_are_told_once() {
        let troubles = [
            trouble("a", 1, &["b"]),
            trouble("b", 2, &["a"]),
            trouble("c", 3, &["x", "d"]),
            trouble("d", 4, &[]),
            trouble("e", 5, &["gone"]),
        ];
        let mut names: Vec<&str> = shape(&troubles).into_iter().map(|(_, name)| name).collect();
        names.sort_unstable();
        assert_eq!(names, ["a", "b", "c", "d", "e"]);
    }

    fn event(at_s: f64, event: StoryKind, subject: &str, because: &[&str]) -> StoryEvent {
        let because = because.iter().map(|cause| Named::from(*cause)).collect::<Vec<_>>().into();
        StoryEvent {
            at_s,
            found_s: at_s,
            event,
            subject: subject.into(),
            because,
            causes: Vec::new(),
            lost: 0,
            text: String::new(),
        }
    }

    #[test]
    fn the_root_of_a_story_is_the_culprit_of_its_worst_episode() {
        use StoryKind::{Failing, Metastable, Recovered, Saturated};
        let story = [
            event(1.0, Saturated, "blog.cpu", &[]),
            event(2.0, Recovered, "blog.cpu", &[]),
            event(10.0, Saturated, "rds.cpu", &[]),
            event(11.0, Saturated, "app.workers", &["rds.cpu"]),
            event(12.0, Failing, "visitors", &["app.workers"]),
            event(13.0, Metastable, "visitors", &["nobody"]),
        ];
        assert_eq!(episodes(&story).iter().map(Vec::len).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(root(&story), ["rds.cpu"]);
        assert!(root(&[]).is_empty());
    }
}
