//! A diff in one sentence: what is lost or won, and because of whom.

use super::words::capital;
use crate::number::figure;
use crate::study::{Binding, CapacityDiff, Diff, DiffSide, LimitDiff, ObjectiveDiff, Reach, Turn};

/// Objectives that are named; the others are counted.
const NAMED: usize = 2;

/// The sentence.
pub(super) fn headline(diff: &Diff) -> String {
    let alone = diff.base.is_none();
    let lost = objectives(diff);
    let limit = diff.capacity.as_ref().and_then(|capacity| limit(diff, capacity));
    let turn = diff.capacity.as_ref().map_or(Turn::Same, |capacity| capacity.turn);
    let moved = matches!(turn, Turn::Worse | Turn::Better);
    if diff.is_same() && lost.is_none() && !moved {
        let as_before = limit.map_or_else(String::new, |limit| format!(": {limit}"));
        return format!("Nothing that is simulated changed{as_before}.");
    }
    let kept = (lost.is_none() && !moved).then_some(if alone { "keeps its objectives" } else { "loses no objective" });
    let kept = kept.filter(|_| !diff.objectives.is_empty()).map(str::to_owned);
    let told: Vec<String> = [lost, kept, limit].into_iter().flatten().collect();
    let cause = cause(diff, turn).filter(|_| alone || moved || diff.lost().next().is_some());
    let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
    let what = if told.is_empty() { "nothing to compare".to_owned() } else { told.join("; ") };
    let alone = if alone { "judged alone: " } else { "" };
    capital(format!("{alone}{what}{cause}."))
}

/// What became of the capacity alone: "holds 212 requests/s, held 268: rds.cpu breaks first"
pub(super) fn of_capacity(diff: &Diff, capacity: &CapacityDiff) -> String {
    let cause = cause(diff, capacity.turn).map(|cause| format!(": {cause}"));
    limit(diff, capacity).unwrap_or_default() + &cause.unwrap_or_default()
}

/// "loses visitors p(95) < 2s (kept in 8 of 8 runs, now in 0)"
fn objectives(diff: &Diff) -> Option<String> {
    let lost: Vec<&ObjectiveDiff> = diff.lost().collect();
    let won: Vec<&ObjectiveDiff> = diff.objectives.iter().filter(|objective| objective.turn == Turn::Better).collect();
    match (lost.as_slice(), won.as_slice()) {
        ([], []) => None,
        ([], won) => Some(format!("keeps {}", named(won))),
        (lost, _) if diff.base.is_none() => Some(format!("misses {}", named(lost))),
        (lost, _) => Some(format!("loses {}", named(lost))),
    }
}

fn named(objectives: &[&ObjectiveDiff]) -> String {
    let counted = |objective: &ObjectiveDiff| match (objective.base, objective.head) {
        (Some(base), Some(head)) => format!(" (kept in {} of {} runs, now in {})", base.kept, base.of, head.kept),
        (None, Some(head)) => format!(" (kept in {} of {} runs)", head.kept, head.of),
        _ => String::new(),
    };
    let name =
        |objective: &&ObjectiveDiff| format!("{} {}{}", objective.subject, objective.expression, counted(objective));
    let names: Vec<String> = objectives.iter().take(NAMED).map(name).collect();
    match objectives.len().saturating_sub(NAMED) {
        0 => names.join(" and "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// "holds 212 requests/s, held 268"
fn limit(diff: &Diff, capacity: &CapacityDiff) -> Option<String> {
    let reach = |side: &DiffSide| side.capacity.as_ref().map(Reach::of);
    let (before, after) = (diff.base.as_ref().and_then(reach), reach(&diff.head)?);
    let first = capacity.limits.first()?;
    let load = |load: Option<f64>| load.map(figure);
    let is = match (after, load(first.head)) {
        (Reach::Limited, Some(load)) => format!("holds {}", first.unit.say(&load)),
        (Reach::Unlimited, _) => "nothing binds".to_owned(),
        (Reach::Never, _) => "holds at no load".to_owned(),
        _ => return None,
    };
    let is = format!("{is}{}", of_source(capacity, first));
    let was = match (capacity.turn, before, load(first.base)) {
        (_, None, _) | (Turn::Unknown, ..) => String::new(),
        (Turn::Same, ..) => " as before".to_owned(),
        (_, Some(Reach::Limited), Some(load)) => format!(", held {load}"),
        (_, Some(Reach::Unlimited), _) => ", where nothing bound".to_owned(),
        (_, Some(Reach::Never), _) => ", held none".to_owned(),
        _ => String::new(),
    };
    Some(is + &was)
}

/// Whose load it is, where there are several.
fn of_source(capacity: &CapacityDiff, limit: &LimitDiff) -> String {
    if capacity.limits.len() > 1 { format!(" of {}", limit.source) } else { String::new() }
}

/// "rds.cpu breaks first"
fn cause(diff: &Diff, turn: Turn) -> Option<String> {
    let binding = |of: fn(&CapacityDiff) -> Option<&Binding>| diff.capacity.as_ref().and_then(of);
    let (before, after) =
        (binding(|capacity| capacity.base_binding.as_ref()), binding(|capacity| capacity.head_binding.as_ref()));
    let (before, after) = match after.filter(|after| after.saturated || diff.head.first_broken().is_none()) {
        Some(after) => (before.map(Bound::of), Some(Bound::of(after))),
        None => {
            let first = |side: &DiffSide| side.first_broken().map(|subject| Bound { subject, saturated: true });
            (diff.base.as_ref().and_then(first), first(&diff.head))
        }
    };
    let does = |bound: &Bound| if bound.saturated { "breaks first" } else { "is busiest" };
    let is_new = |after: &Bound| before.as_ref().is_some_and(|before| before.subject != after.subject);
    match (turn, &before, after) {
        (Turn::Better, Some(before), None) => Some(format!("{} no longer {}", before.subject, does(before))),
        (Turn::Better, Some(before), Some(after)) if is_new(&after) => {
            let (old, new) = (&before.subject, &after.subject);
            Some(format!(
                "{old} no longer {}, {new} {}",
                does(before),
                if before.saturated == after.saturated { "does" } else { does(&after) }
            ))
        }
        (Turn::Better, _, Some(after)) if after.saturated => Some(format!("{} breaks later", after.subject)),
        (_, Some(before), Some(after)) if is_new(&after) => {
            Some(format!("{} {}, no longer {}", after.subject, does(&after), before.subject))
        }
        (_, _, Some(after)) => Some(format!("{} {}", after.subject, does(&after))),
        (_, _, None) => None,
    }
}

/// What binds.
struct Bound {
    subject: String,
    saturated: bool,
}

impl Bound {
    fn of(binding: &Binding) -> Self {
        Self { subject: binding.subject.clone(), saturated: binding.saturated }
    }
}
