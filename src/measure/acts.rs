//! What operators did of late.

use crate::model::{Action, Caller, LinkId, Model, ServiceId, Side};
use crate::units::Time;

/// Acts are remembered for so long, nanoseconds.
const KEPT: i64 = 61 * 1_000_000_000;
/// What has been full for less than this when something is done was so by chance, nanoseconds.
const CHANCE: i64 = 1_000_000_000;

/// When something was done, in order; and between whom nothing passes, from when until when.
#[derive(Clone, Debug, Default)]
pub struct Acts {
    at: Vec<Time>,
    cuts: Vec<([Time; 2], [Side; 2])>,
}

impl Acts {
    /// Those of the last minute join those before.
    pub fn remember(&mut self, done: &[(Time, Action)], now: Time) {
        self.at.retain(|at| now.0 - at.0 <= KEPT);
        self.at.extend(done.iter().map(|(at, _)| *at));
        self.cuts.retain(|([_, until], _)| now.0.saturating_sub(until.0) <= KEPT);
        for (at, action) in done {
            if let Action::Partition { from, to, lasting } = action {
                self.cuts.push(([*at, Time(at.0.saturating_add(lasting.0))], [*from, *to]));
            }
        }
    }

    /// Nothing was done of late.
    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// Something was done in a span.
    pub fn any_in(&self, [from, until]: [Time; 2]) -> bool {
        self.at.iter().any(|at| (from..until).contains(at))
    }

    /// Nothing passed over a link in some of a span.
    pub fn cut(&self, model: &Model, link: LinkId, span: [Time; 2]) -> bool {
        let ends = [model.links[link].caller, Caller::Service(model.links[link].callee)];
        let between = |[from, to]: [Side; 2]| {
            let sides = |one: Caller, other: Caller| on_side(model, from, one) && on_side(model, to, other);
            sides(ends[0], ends[1]) || sides(ends[1], ends[0])
        };
        self.cuts.iter().any(|(cut, sides)| cut[0] < span[1] && span[0] < cut[1] && between(*sides))
    }

    /// When something that filled at `begin` did so for good: not before something was done, if it had been full for a
    /// moment only by then.
    pub fn since(&self, begin: Time) -> Time {
        let soon = |at: &Time| *at > begin && at.0 - begin.0 <= CHANCE;
        self.at.iter().copied().find(soon).unwrap_or(begin)
    }
}

fn on_side(model: &Model, side: Side, end: Caller) -> bool {
    match (side, end) {
        (Side::Source(source), Caller::Source(end)) => source == end,
        (Side::Service(service), Caller::Service(end)) => service == end,
        (Side::Group(group), Caller::Service(end)) => model.groups[group].services.contains(&end),
        (Side::Source(_), Caller::Service(_)) | (Side::Service(_) | Side::Group(_), Caller::Source(_)) => false,
    }
}

/// Whether it empties stores of a service.
pub fn flushes(action: &Action, of: ServiceId) -> bool {
    matches!(action, Action::Flush { service, .. } if *service == of)
}
