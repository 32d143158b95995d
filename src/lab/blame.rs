//! Who is to blame for what is wrong now, and in which order to tell it.
//!
//! Every trouble names what it is because of. Followed to its end, that is a root; the culprit is the root that
//! explains the most other troubles, the earliest among equals.

use super::action::Subject;
use super::state::LabState;
use crate::host::Trouble;
use crate::measure::subject::Named;
use crate::units::Time;
use std::cmp::Reverse;
use std::slice;

/// The place of what caused it, among all that is wrong.
fn cause(troubles: &[Trouble], of: usize) -> Option<usize> {
    let place = |cause: &Named| troubles.iter().position(|trouble| trouble.subject == *cause);
    troubles[of].because.iter().find_map(place).filter(|found| *found != of)
}

fn alone(trouble: &Trouble) -> &[Named] {
    slice::from_ref(&trouble.subject)
}

/// Where the causes of a trouble end: at a trouble that has none, or at causes that are no troubles of their own. A
/// circle of waiting is called by the first of its names.
fn root(troubles: &[Trouble], of: usize) -> &[Named] {
    let mut way = vec![of];
    loop {
        let last = &troubles[way[way.len() - 1]];
        let Some(next) = cause(troubles, way[way.len() - 1]) else {
            return if last.because.is_empty() { alone(last) } else { &last.because };
        };
        if let Some(begin) = way.iter().position(|at| *at == next) {
            let circle = way[begin..].iter().map(|at| &troubles[*at]);
            return circle.min_by_key(|trouble| trouble.subject.as_str()).map_or(alone(last), alone);
        }
        way.push(next);
    }
}

/// The root of each trouble.
#[must_use]
pub fn roots(troubles: &[Trouble]) -> Vec<&[Named]> {
    (0..troubles.len()).map(|of| root(troubles, of)).collect()
}

/// The less, the more to blame: how many troubles a root explains beside its own, and since when it lasts.
fn guilt(troubles: &[Trouble], roots: &[&[Named]], of: &[Named]) -> (Reverse<usize>, bool, Option<Time>) {
    let its = || troubles.iter().zip(roots).filter(|(_, root)| **root == of).map(|(trouble, _)| trouble);
    let own = its().filter(|trouble| alone(trouble) == of).map(|trouble| trouble.since).min();
    let since = own.or_else(|| its().map(|trouble| trouble.since).min());
    (Reverse(its().filter(|trouble| alone(trouble) != of).count()), since.is_none(), since)
}

/// The root that most other troubles lead to; among equals the earliest. Nothing where nothing is wrong.
#[must_use]
pub fn culprit(troubles: &[Trouble]) -> &[Named] {
    let roots = roots(troubles);
    roots.iter().min_by_key(|root| guilt(troubles, &roots, root)).copied().unwrap_or_default()
}

/// What is wrong with how many causes before it: what took the most with it first, under each what follows from it.
#[must_use]
pub fn arranged(troubles: &[Trouble]) -> Vec<(usize, &Trouble)> {
    let roots = roots(troubles);
    let begins = |of: &usize| cause(troubles, *of).is_none() || roots[*of] == alone(&troubles[*of]);
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
        let culprit = culprit(&self.frame.troubles);
        // What is to blame may have no place here: then where it is felt first.
        self.subject_of(culprit).or_else(|| self.subject_of(alone(arranged(&self.frame.troubles).first()?.1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::TroubleKind;
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
        arranged(troubles).into_iter().map(|(depth, trouble)| (depth, trouble.subject.as_str())).collect()
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
        assert!(culprit(&[]).is_empty());
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
}
