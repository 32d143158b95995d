//! Full waterfalls of some requests, in bounded memory.
//!
//! A request is traced when the low bits of a hash of (source, number) are zero: the same requests in every run and
//! variant. When too many are kept the mask gets one bit longer and those that no longer match are forgotten, so what
//! remains is always an unbiased sample. The slowest among them and some typical ones are reported.

use super::results::{Span, Trace};
use crate::engine::ExecRef;
use crate::engine::{Activity, Outcome};
use crate::model::{Model, OperationId, SourceId};
use crate::units::Time;
use std::collections::BTreeMap;

/// Most requests kept at a time.
const KEPT: usize = 1024;
/// Most pieces kept of one request.
const PIECES: usize = 400;
/// Reported per source: the slowest, and others spread over the range of latencies.
const SLOWEST: usize = 5;
const TYPICAL: usize = 3;

#[derive(Clone, Copy, Debug)]
struct Piece {
    depth: u32,
    operation: Option<OperationId>,
    activity: Activity,
    from: Time,
    to: Time,
}

#[derive(Clone, Debug)]
struct Kept {
    started: Time,
    ended: Option<(Time, Outcome)>,
    depth: BTreeMap<ExecRef, u32>,
    pieces: Vec<Piece>,
}

/// The sample.
#[derive(Clone, Debug, Default)]
pub struct Traces {
    mask: u64,
    kept: BTreeMap<(u32, u64), Kept>,
}

impl Traces {
    /// Whether this request is in the sample.
    #[inline]
    pub fn wants(&self, source: SourceId, number: u64) -> bool {
        mix(source, number) & self.mask == 0
    }

    /// A request began.
    pub fn start(&mut self, source: SourceId, number: u64, now: Time) {
        self.kept.insert((source.0, number), Kept { started: now, ended: None, depth: BTreeMap::new(), pieces: Vec::new() });
        while self.kept.len() > KEPT {
            self.mask = self.mask << 1 | 1;
            let mask = self.mask;
            self.kept.retain(|&(s, n), _| mix(SourceId(s), n) & mask == 0);
        }
    }

    /// A request has its final outcome.
    pub fn end(&mut self, source: SourceId, number: u64, now: Time, outcome: Outcome) {
        if let Some(kept) = self.kept.get_mut(&(source.0, number)) {
            kept.ended = Some((now, outcome));
        }
    }

    /// A call of it began: `exec` works for `parent`.
    pub fn call(&mut self, source: SourceId, number: u64, exec: ExecRef, parent: ExecRef) {
        if let Some(kept) = self.kept.get_mut(&(source.0, number)) {
            if kept.depth.len() < PIECES {
                let depth = kept.depth.get(&parent).copied().unwrap_or(0) + 1;
                kept.depth.insert(exec, depth);
            }
        }
    }

    /// An execution of it left an activity.
    #[expect(clippy::too_many_arguments, reason = "the fields of one observation")]
    pub fn left(
        &mut self,
        source: SourceId,
        number: u64,
        exec: ExecRef,
        operation: Option<OperationId>,
        activity: Activity,
        since: Time,
        now: Time,
    ) {
        if let Some(kept) = self.kept.get_mut(&(source.0, number)) {
            // Before it a session thought, after it what goes on is not waited for.
            let within = since >= kept.started && kept.ended.is_none_or(|(end, _)| since < end);
            if within && kept.pieces.len() < PIECES && now > since {
                // A branch or background work was not called: it stands beside the operation's own pieces.
                let depth = kept.depth.get(&exec).copied().unwrap_or(u32::from(operation.is_some()));
                kept.pieces.push(Piece { depth, operation, activity, from: since, to: now });
            }
        }
    }

    /// The slowest and some typical requests of each source that started within the horizon and have an outcome.
    pub fn report(&self, model: &Model) -> Vec<Trace> {
        let mut out = Vec::new();
        for source in 0..model.sources.len() as u32 {
            let mut ended: Vec<_> = self
                .kept
                .range((source, 0)..=(source, u64::MAX))
                .filter_map(|(key, kept)| kept.ended.map(|(at, outcome)| (key.1, kept, at, outcome)))
                .collect();
            // Slowest first; among equals the earlier.
            ended.sort_by_key(|&(number, kept, at, _)| (std::cmp::Reverse(at.0 - kept.started.0), number));
            let rest = ended.len().saturating_sub(SLOWEST);
            let typical = (1..=TYPICAL).map(|i| SLOWEST + rest * i / (TYPICAL + 1));
            let chosen: std::collections::BTreeSet<usize> = (0..SLOWEST).chain(typical).filter(|&i| i < ended.len()).collect();
            out.extend(chosen.into_iter().map(|i| {
                let (number, kept, at, outcome) = ended[i];
                trace(model, source, number, kept, at, outcome)
            }));
        }
        out
    }
}

fn trace(model: &Model, source: u32, number: u64, kept: &Kept, at: Time, outcome: Outcome) -> Trace {
    let name = &model.sources[source as usize].name;
    let relative = |t: Time| (t.0 - kept.started.0) as f64 / 1e9;
    let mut pieces = kept.pieces.clone();
    pieces.sort_by_key(|p| (p.from, p.depth, p.to));
    let spans = pieces.into_iter().map(|p| Span {
        depth: p.depth,
        name: p.operation.map_or_else(|| name.clone(), |id| model.operations[id.index()].name.clone()),
        what: activity_name(model, p.activity),
        from_s: relative(p.from),
        to_s: relative(p.to),
    });
    Trace {
        source: name.clone(),
        number,
        started_s: kept.started.0 as f64 / 1e9,
        latency_s: relative(at),
        outcome: match outcome {
            Outcome::Succeeded { degraded: false } => "succeeded".into(),
            Outcome::Succeeded { degraded: true } => "degraded".into(),
            Outcome::Failed(reason) => format!("{reason:?}"),
        },
        spans: spans.collect(),
    }
}

/// What an execution does, in a word or two.
pub fn activity_name(model: &Model, activity: Activity) -> String {
    let callee = |link: crate::model::LinkId| &model.services[model.links[link.index()].callee.index()].name;
    match activity {
        Activity::Backlog => "backlog".into(),
        Activity::Cpu => "cpu".into(),
        Activity::Delay => "delay".into(),
        Activity::Send => "send".into(),
        Activity::Join => "join".into(),
        Activity::Spawn => "spawn".into(),
        Activity::Pool(link) => format!("pool({})", callee(link)),
        Activity::Call(link) => format!("call {}", callee(link)),
        Activity::Backoff(link) => format!("backoff {}", callee(link)),
        Activity::Hold => "hold".into(),
    }
}

/// SplitMix64's finalizer over both.
#[inline]
fn mix(source: SourceId, number: u64) -> u64 {
    let mut z = number.wrapping_add((u64::from(source.0) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_the_sample_does_not_depend_on_when_it_was_thinned() {
        let mut t = Traces::default();
        for number in 0..100_000 {
            if t.wants(SourceId(0), number) {
                t.start(SourceId(0), number, Time(number as i64));
                t.end(SourceId(0), number, Time(number as i64 + 5), Outcome::Succeeded { degraded: false });
            }
        }
        assert!(t.kept.len() <= KEPT && t.kept.len() > KEPT / 4);
        let expected: Vec<u64> = (0..100_000).filter(|&n| mix(SourceId(0), n) & t.mask == 0).collect();
        assert_eq!(t.kept.keys().map(|k| k.1).collect::<Vec<_>>(), expected);
    }
}
