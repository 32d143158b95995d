//! Who is to blame for what is wrong now, and in which order to tell it.
//!
//! Every trouble names what it is because of. Followed to its end, that is a root; the culprit is the root that
//! explains the most other troubles, the earliest among equals.

use super::action::Subject;
use super::state::LabState;
use crate::host::Trouble;
use crate::units::Time;
use std::cmp::Reverse;

/// The place of what caused it, among all that is wrong.
fn cause(troubles: &[Trouble], of: usize) -> Option<usize> {
    let because = troubles[of].because.as_deref()?;
    let place = |name: &str| troubles.iter().position(|trouble| trouble.subject == name);
    place(because).or_else(|| because.split(" and ").find_map(place)).filter(|found| *found != of)
}

/// Where the causes of a trouble end: at a trouble that has none, or at a cause that is no trouble of its own. A circle
/// of waiting is called by the first of its names.
fn root(troubles: &[Trouble], of: usize) -> &str {
    let mut way = vec![of];
    loop {
        let last = &troubles[way[way.len() - 1]];
        let Some(next) = cause(troubles, way[way.len() - 1]) else {
            return last.because.as_deref().unwrap_or(&last.subject);
        };
        if let Some(begin) = way.iter().position(|at| *at == next) {
            let circle = way[begin..].iter().map(|at| troubles[*at].subject.as_str());
            return circle.min().unwrap_or(&last.subject);
        }
        way.push(next);
    }
}

/// The root of each trouble.
#[must_use]
pub fn roots(troubles: &[Trouble]) -> Vec<&str> {
    (0..troubles.len()).map(|of| root(troubles, of)).collect()
}

/// The less, the more to blame: how many troubles a root explains beside its own, and since when it lasts.
fn guilt(troubles: &[Trouble], roots: &[&str], name: &str) -> (Reverse<usize>, bool, Option<Time>) {
    let its = || troubles.iter().zip(roots).filter(|(_, root)| **root == name).map(|(trouble, _)| trouble);
    let own = its().filter(|trouble| trouble.subject == name).map(|trouble| trouble.since).min();
    let since = own.or_else(|| its().map(|trouble| trouble.since).min());
    (Reverse(its().filter(|trouble| trouble.subject != name).count()), since.is_none(), since)
}

/// The root that most other troubles lead to; among equals the earliest.
#[must_use]
pub fn culprit(troubles: &[Trouble]) -> Option<&str> {
    let roots = roots(troubles);
    roots.iter().min_by_key(|name| guilt(troubles, &roots, name)).copied()
}

/// What is wrong with how many causes before it: what took the most with it first, under each what follows from it.
#[must_use]
pub fn arranged(troubles: &[Trouble]) -> Vec<(usize, &Trouble)> {
    let roots = roots(troubles);
    let begins = |of: &usize| cause(troubles, *of).is_none() || roots[*of] == troubles[*of].subject;
    let mut order: Vec<usize> = (0..troubles.len()).filter(begins).collect();
    order.sort_by_key(|of| (guilt(troubles, &roots, roots[*of]), troubles[*of].since));
    // Whatever is left, as it is.
    order.extend(0..troubles.len());
    let mut told = vec![false; troubles.len()];
    let mut arranged = Vec::with_capacity(troubles.len());
    for first in order {
        let mut stack = vec![(0, first)];
        while let Some((depth, of)) = stack.pop() {
            if std::mem::replace(&mut told[of], true) {
                continue;
            }
            arranged.push((depth, &troubles[of]));
            let follows = (0..troubles.len()).rev().filter(|next| !told[*next] && cause(troubles, *next) == Some(of));
            stack.extend(follows.map(|next| (depth + 1, next)));
        }
    }
    arranged
}

impl LabState {
    /// What is to blame for most of what is wrong now.
    #[must_use]
    pub fn culprit(&self) -> Option<Subject> {
        let name = culprit(&self.frame.troubles)?;
        // What is to blame may have no place here: then where it is felt first.
        self.resolve(name).or_else(|| self.resolve(&arranged(&self.frame.troubles).first()?.1.subject))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::TroubleKind;
    use crate::units::Time;

    fn trouble(subject: &str, since: i64, because: Option<&str>) -> Trouble {
        Trouble {
            subject: subject.into(),
            kind: TroubleKind::Saturated,
            since: Time(since),
            because: because.map(Into::into),
            calm: None,
        }
    }

    fn shape(troubles: &[Trouble]) -> Vec<(usize, &str)> {
        arranged(troubles).into_iter().map(|(depth, trouble)| (depth, trouble.subject.as_str())).collect()
    }

    #[test]
    fn the_root_that_explains_most_is_to_blame() {
        let troubles = [
            trouble("visitors", 30, Some("elb")),
            trouble("elb", 20, Some("app.workers")),
            trouble("app.workers", 10, Some("rds.cpu")),
            trouble("rds.cpu", 9, None),
            trouble("tiny.cpu", 1, None),
        ];
        assert_eq!(culprit(&troubles), Some("rds.cpu"));
        assert_eq!(culprit(&[]), None);
    }

    #[test]
    fn among_equals_the_earliest_and_a_cause_needs_no_trouble_of_its_own() {
        let troubles = [trouble("a", 5, None), trouble("b", 3, None)];
        assert_eq!(culprit(&troubles), Some("b"));
        let troubles = [trouble("a", 1, None), trouble("b", 8, Some("memory"))];
        assert_eq!(culprit(&troubles), Some("memory"));
        assert_eq!(shape(&troubles), [(0, "b"), (0, "a")], "the same order for those who read");
    }

    #[test]
    fn a_circle_of_waiting_has_one_culprit() {
        let troubles = [trouble("b", 1, Some("a")), trouble("a", 2, Some("b")), trouble("c", 3, Some("b"))];
        assert_eq!(culprit(&troubles), Some("a"));
        assert_eq!(roots(&troubles), ["a"; 3]);
        let with_another = [troubles.to_vec(), vec![trouble("x", 0, None)]].concat();
        assert_eq!(shape(&with_another), [(0, "a"), (1, "b"), (2, "c"), (0, "x")], "those who read begin with it, too");
    }

    #[test]
    fn what_took_the_most_with_it_is_told_first_and_all_else_below_its_cause() {
        let troubles = [
            trouble("app.workers", 5, Some("rds.cpu")),
            trouble("tiny.cpu", 1, None),
            trouble("rds.cpu", 4, None),
            trouble("elb", 7, Some("elb.workers")),
            trouble("elb.workers", 6, Some("rds.cpu")),
            trouble("readers", 6, Some("tiny.cpu")),
        ];
        let expected =
            [(0, "rds.cpu"), (1, "app.workers"), (1, "elb.workers"), (2, "elb"), (0, "tiny.cpu"), (1, "readers")];
        assert_eq!(shape(&troubles), expected);
    }

    #[test]
    fn joint_causes_circles_and_lost_causes_are_told_once() {
        let troubles = [
            trouble("a", 1, Some("b")),
            trouble("b", 2, Some("a")),
            trouble("c", 3, Some("x and d")),
            trouble("d", 4, None),
            trouble("e", 5, Some("gone")),
        ];
        let mut names: Vec<&str> = shape(&troubles).into_iter().map(|(_, name)| name).collect();
        names.sort_unstable();
        assert_eq!(names, ["a", "b", "c", "d", "e"]);
    }
}
