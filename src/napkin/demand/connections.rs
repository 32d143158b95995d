//! Connections that outlive a call: held for a session, or at rest until the next call takes them.

use super::{Asked, Demand, Program};
use crate::model::{Balance, LinkId, SourceId, SourceKind};
use std::collections::BTreeMap;

/// The calls of a journey over one link.
#[derive(Debug)]
pub(super) struct Over {
    /// Mean number of them, and seconds until their replies.
    calls: f64,
    busy: f64,
    /// Each is made once a journey.
    once: bool,
    /// Seconds from the beginning to each, in order.
    times: Vec<f64>,
}

/// What a journey calls over each link that keeps connections open.
pub(super) type Kept = BTreeMap<LinkId, Over>;

impl Demand<'_> {
    /// Connections that a call of each operation keeps to the end of its session: a server whose own callee holds,
    /// holds too.
    pub(super) fn holding(&self, operations: &[Program]) -> Vec<f64> {
        let mut holding = vec![0.0; operations.len()];
        for &id in &self.order {
            let program = &operations[id.index()];
            let of_callees: f64 =
                program.calls.iter().map(|asked| asked.visits * holding[asked.operation.index()]).sum();
            holding[id.index()] = f64::min(program.held_sessions + of_callees, 1.0);
        }
        holding
    }

    /// What a journey calls over each link that keeps connections open.
    pub(super) fn kept(&self, journey: &Program) -> Kept {
        let mut kept = Kept::new();
        for asked in journey.calls.iter().filter(|asked| self.model.links[asked.link].keep_alive) {
            let none = || Over { calls: 0.0, busy: 0.0, once: true, times: Vec::new() };
            let over = kept.entry(asked.link).or_insert_with(none);
            over.calls += asked.visits;
            over.busy += asked.visits * asked.lasting;
            over.once &= asked.visits == 1.0;
            over.times.push(asked.at);
        }
        kept.values_mut().for_each(|over| over.times.sort_by(f64::total_cmp));
        kept
    }

    /// Seconds that a connection of a user stays open after a call with nothing to do: until the next call takes it,
    /// the session ends or the service closes it. Rests are taken to be as the file says where no delay of the journey
    /// varies, else exponential with that mean; of several instances each has a connection of its own.
    pub(super) fn rests(&self, source: SourceId, journey: &Program, kept: &Kept, asked: &Asked) -> f64 {
        let link = &self.model.links[asked.link];
        let closes = self.model.services[link.callee].keep_alive.filter(|_| link.keep_alive);
        let Some(closes) = closes.map(|lane| self.model.lanes[lane].as_seconds()) else { return 0.0 };
        if self.model.sources[source].kind == SourceKind::Open {
            return closes;
        }
        let open = |rest: f64| match rest > 0.0 && rest.is_finite() {
            true if journey.varies => rest * (1.0 - libm::exp(-closes / rest)),
            true => rest.min(closes),
            false => 0.0,
        };
        let Some(Over { calls, busy, once, times }) = kept.get(&asked.link) else { return 0.0 };
        let instances = match link.balance {
            Balance::Sticky | Balance::Hash(_) => 1.0,
            _ => self.instances(link.callee),
        };
        let all = journey.lasting - busy;
        if instances > 1.0 {
            return open(all / calls * instances);
        }
        if *once {
            // One after the other: until the next, or the end.
            let next = times.get(times.partition_point(|at| *at <= asked.at)).copied();
            return open(next.map_or(journey.lasting, |at| at.min(journey.lasting)) - asked.at - asked.lasting);
        }
        // Round and round: after the last one it is not long until the end.
        let (round, first) = (journey.lasting / calls, times.first().copied().unwrap_or(f64::INFINITY));
        let last = journey.lasting - first - round * (calls - 1.0).max(0.0) - busy / calls;
        ((calls - 1.0).max(0.0) * open(all / calls) + calls.min(1.0) * open(last)) / calls
    }
}
