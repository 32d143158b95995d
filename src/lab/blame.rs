//! Who is to blame for what is wrong now, and in which order to tell it.

use super::action::Subject;
use super::desk::Desk;
use crate::host::Trouble;

/// A chain of causes is followed so far.
const LONGEST: usize = 12;

/// The place of what caused it, among all that is wrong.
fn cause(troubles: &[Trouble], of: usize) -> Option<usize> {
    let because = troubles[of].because.as_deref()?;
    let place = |name: &str| troubles.iter().position(|trouble| trouble.subject == name);
    place(because).or_else(|| because.split(" and ").find_map(place)).filter(|found| *found != of)
}

/// The root of its chain of causes.
fn root(troubles: &[Trouble], of: usize) -> usize {
    let mut at = of;
    for _ in 0..LONGEST {
        match cause(troubles, at) {
            Some(next) => at = next,
            None => break,
        }
    }
    at
}

/// What is wrong with how many causes before it: what took the most with it first, under each what follows from it.
#[must_use]
pub fn arranged(troubles: &[Trouble]) -> Vec<(usize, &Trouble)> {
    let roots: Vec<usize> = (0..troubles.len()).map(|of| root(troubles, of)).collect();
    let mut order: Vec<usize> = (0..troubles.len()).filter(|of| cause(troubles, *of).is_none()).collect();
    order.sort_by_key(|of| (std::cmp::Reverse(roots.iter().filter(|root| *root == of).count()), troubles[*of].since));
    // What blames itself in a circle has no root: it comes last, as it is.
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
            stack.extend(follows.map(|next| ((depth + 1).min(LONGEST), next)));
        }
    }
    arranged
}

impl Desk {
    /// What is to blame for most of what is wrong now; of equals what began first.
    #[must_use]
    pub fn culprit(&self) -> Option<Subject> {
        let (_, first) = *arranged(&self.frame.troubles).first()?;
        // What is to blame may itself be no trouble any longer.
        first.because.as_deref().and_then(|because| self.resolve(because)).or_else(|| self.resolve(&first.subject))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::TroubleKind;
    use crate::units::Time;

    fn trouble(subject: &str, since: i64, because: Option<&str>) -> Trouble {
        Trouble { subject: subject.into(), kind: TroubleKind::Saturated, since: Time(since), because: because.map(Into::into) }
    }

    fn shape(troubles: &[Trouble]) -> Vec<(usize, &str)> {
        arranged(troubles).into_iter().map(|(depth, trouble)| (depth, trouble.subject.as_str())).collect()
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
        let expected = [(0, "rds.cpu"), (1, "app.workers"), (1, "elb.workers"), (2, "elb"), (0, "tiny.cpu"), (1, "readers")];
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
        assert_eq!(names[..2], ["d", "c"]);
        names.sort_unstable();
        assert_eq!(names, ["a", "b", "c", "d", "e"]);
    }
}
