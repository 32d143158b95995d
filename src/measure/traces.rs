//! Full waterfalls of some requests, in bounded memory.
//!
//! A request is followed when the low bits of a hash of (source, number) are zero: the same requests in every run and
//! variant. The first few hundred of a source are all followed, then one in 16, fewer if too many are under way at
//! once. Of those that ended well the slowest are kept, and a sample that is thinned by the same hash; a few that were
//! degraded, and a few of each way to fail, drawn by that hash too.

use super::counters::row;
use super::results::{Example, Span, Trace};
use super::traffic::{REASONS, reason_index};
use crate::engine::ExecRef;
use crate::engine::{Activity, Outcome};
use crate::model::hash::derive;
use crate::model::{Model, OperationId, SourceId};
use crate::units::Time;
use std::collections::BTreeMap;

/// Requests of a source after which one in 2, 4, 8, 16 is followed: this, and twice, four and eight times as many.
const ALL: u64 = 256;
/// Bits of the hash that decide in the long run.
const LONG_RUN: u64 = 15;
/// Most under way at a time, per source.
const UNDER_WAY: usize = 2048;
/// Most pieces kept of one request.
const PIECES: usize = 200;
/// Kept per source: the slowest, and a sample.
const SLOWEST: usize = 10;
const SAMPLE: usize = 64;
/// Kept of each other way to end.
const EACH: usize = 2;
/// Where those that were degraded stand among the ways to end: behind the reasons of failures.
const DEGRADED: usize = REASONS.len();
/// Reported of the sample, spread over its latencies.
const TYPICAL: usize = 4;

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
    number: u64,
    started: Time,
    /// None while it is under way.
    ended: Option<(Time, Outcome)>,
    depth: BTreeMap<ExecRef, u32>,
    /// What its executions do now.
    open: BTreeMap<ExecRef, Piece>,
    pieces: Vec<Piece>,
}

impl Kept {
    fn close(&mut self, piece: Piece, now: Time) {
        if now > piece.from && self.pieces.len() < PIECES {
            self.pieces.push(Piece { to: now, ..piece });
        }
    }

    fn nanos(&self) -> i64 {
        self.ended.map_or(0, |(at, _)| at.0 - self.started.0)
    }

    fn degraded(&self) -> bool {
        matches!(self.ended, Some((_, Outcome::Succeeded { degraded: true })))
    }
}

#[derive(Clone, Debug, Default)]
struct OfSource {
    seen: u64,
    mask: u64,
    under_way: BTreeMap<u64, Kept>,
    /// Slowest first; among equals the earlier.
    slowest: Vec<Kept>,
    sample_mask: u64,
    sample: Vec<Kept>,
    /// By way to end, in the order of their hashes.
    others: Vec<Vec<Kept>>,
}

impl OfSource {
    fn ended_well(&mut self, source: SourceId, kept: Kept) {
        let hash = |kept: &Kept| derive(kept.number, u64::from(source.number())).reverse_bits();
        if hash(&kept) & self.sample_mask == 0 {
            self.sample.push(kept.clone());
            while self.sample.len() > SAMPLE {
                self.sample_mask = self.sample_mask << 1 | 1;
                let mask = self.sample_mask;
                self.sample.retain(|kept| hash(kept) & mask == 0);
            }
        }
        let place = self.slowest.partition_point(|other| other.nanos() >= kept.nanos());
        if place < SLOWEST {
            self.slowest.insert(place, kept);
            self.slowest.truncate(SLOWEST);
        }
    }

    fn ended_otherwise(&mut self, source: SourceId, kept: &Kept, way: usize) {
        let hash = |kept: &Kept| derive(kept.number, u64::from(source.number()));
        let known = row(&mut self.others, way as u32);
        let place = known.partition_point(|other| hash(other) <= hash(kept));
        if place < EACH {
            known.insert(place, kept.clone());
            known.truncate(EACH);
        }
    }

    /// Some that are neither among the slowest nor degraded, spread over their latencies.
    fn typical(&self) -> Vec<&Kept> {
        let other = |kept: &&Kept| self.slowest.iter().all(|slow| slow.number != kept.number) && !kept.degraded();
        let mut sample: Vec<&Kept> = self.sample.iter().filter(other).collect();
        sample.sort_by_key(|kept| (kept.nanos(), kept.number));
        let most = TYPICAL.min(sample.len());
        let mut picked: Vec<&Kept> =
            (1..=most).map(|i| sample[(sample.len() * i / (TYPICAL + 1)).min(sample.len() - 1)]).collect();
        picked.dedup_by_key(|kept| kept.number);
        picked
    }

    /// All that is reported, each with what it is an example of.
    fn examples(&self) -> impl Iterator<Item = (Example, &Kept)> {
        let slowest = self.slowest.iter().map(|kept| (Example::Slowest, kept));
        let typical = self.typical().into_iter().map(|kept| (Example::Typical, kept));
        let of = |way: usize| self.others.get(way).into_iter().flatten();
        let degraded = of(DEGRADED).filter(|kept| self.slowest.iter().all(|slow| slow.number != kept.number));
        let failed = (0..REASONS.len()).flat_map(of).map(|kept| (Example::Failed, kept));
        slowest.chain(typical).chain(degraded.map(|kept| (Example::Degraded, kept))).chain(failed)
    }
}

/// What is followed, by source.
#[derive(Clone, Debug, Default)]
pub struct Traces {
    sources: Vec<OfSource>,
}

impl Traces {
    /// Bytes of a copy.
    pub fn footprint(&self) -> usize {
        let kept = |kept: &Kept| {
            size_of::<Kept>()
                + (kept.pieces.len() + kept.open.len()) * size_of::<Piece>()
                + kept.depth.len() * size_of::<[u64; 2]>()
        };
        let all = self.sources.iter().flat_map(|of| {
            of.under_way.values().chain(&of.slowest).chain(&of.sample).chain(of.others.iter().flatten())
        });
        all.map(kept).sum()
    }

    /// Whether this request may be followed: a quick look before anything costly.
    #[inline]
    pub fn wants(&self, source: SourceId, number: u64) -> bool {
        self.sources.get(source.index()).is_none_or(|s| derive(number, u64::from(source.number())) & s.mask == 0)
    }

    /// A request began.
    pub fn start(&mut self, source: SourceId, number: u64, now: Time) {
        let of = row(&mut self.sources, source.number());
        of.seen += 1;
        of.under_way.insert(
            number,
            Kept {
                number,
                started: now,
                ended: None,
                depth: BTreeMap::new(),
                open: BTreeMap::new(),
                pieces: Vec::new(),
            },
        );
        while of.under_way.len() > UNDER_WAY || (of.mask < LONG_RUN && of.seen > ALL) {
            of.seen = 0;
            of.mask = of.mask << 1 | 1;
            let mask = of.mask;
            of.under_way.retain(|&number, _| derive(number, u64::from(source.number())) & mask == 0);
        }
    }

    /// A request has its final outcome.
    pub fn end(&mut self, source: SourceId, number: u64, now: Time, outcome: Outcome) {
        let Some(of) = self.sources.get_mut(source.index()) else { return };
        let Some(mut kept) = of.under_way.remove(&number) else { return };
        kept.ended = Some((now, outcome));
        // What goes on beyond its end is not waited for.
        std::mem::take(&mut kept.open).into_values().for_each(|piece| kept.close(piece, now));
        kept.depth.clear();
        match outcome {
            Outcome::Succeeded { degraded } => {
                if degraded {
                    of.ended_otherwise(source, &kept, DEGRADED);
                }
                of.ended_well(source, kept);
            }
            Outcome::Failed(reason) => of.ended_otherwise(source, &kept, reason_index(reason)),
        }
    }

    /// A call of it began: `exec` works for `parent`.
    pub fn call(&mut self, source: SourceId, number: u64, exec: ExecRef, parent: ExecRef) {
        let Some(kept) = self.sources.get_mut(source.index()).and_then(|s| s.under_way.get_mut(&number)) else {
            return;
        };
        if kept.depth.len() < PIECES {
            let depth = kept.depth.get(&parent).copied().unwrap_or(0) + 1;
            kept.depth.insert(exec, depth);
        }
    }

    /// An execution of it went from one activity to the next.
    pub fn moved(
        &mut self,
        source: SourceId,
        number: u64,
        exec: ExecRef,
        operation: Option<OperationId>,
        to: Option<Activity>,
        now: Time,
    ) {
        let Some(kept) = self.sources.get_mut(source.index()).and_then(|s| s.under_way.get_mut(&number)) else {
            return;
        };
        if let Some(open) = kept.open.remove(&exec) {
            kept.close(open, now);
        }
        if let Some(activity) = to {
            // A branch or background work was not called: it stands beside the operation's own pieces.
            let depth = kept.depth.get(&exec).copied().unwrap_or(u32::from(operation.is_some()));
            kept.open.insert(exec, Piece { depth, operation, activity, from: now, to: now });
        }
    }

    /// Examples of the requests of each source that started within the horizon and have an outcome.
    pub fn report(&self, model: &Model) -> Vec<Trace> {
        let sources = self.sources.iter().enumerate().take(model.sources.len());
        let told =
            |(source, of)| OfSource::examples(of).map(move |(example, kept)| trace(model, source, kept, example));
        sources.flat_map(told).collect()
    }
}

fn trace(model: &Model, source: usize, kept: &Kept, example: Example) -> Trace {
    let name = &model.sources[SourceId::new(source)].name;
    let relative = |t: Time| (t.0 - kept.started.0) as f64 / 1e9;
    let mut pieces = kept.pieces.clone();
    pieces.sort_by_key(|p| (p.from, p.depth, p.to));
    let spans = pieces.into_iter().map(|p| Span {
        depth: p.depth,
        name: p.operation.map_or_else(|| name.clone(), |id| model.operations[id].name.clone()),
        what: activity_name(model, p.activity),
        waits: waits(p.activity),
        from_s: relative(p.from),
        to_s: relative(p.to),
    });
    Trace {
        source: name.clone(),
        number: kept.number,
        example,
        started_s: kept.started.0 as f64 / 1e9,
        latency_s: kept.nanos() as f64 / 1e9,
        outcome: match kept.ended {
            None => "in flight".into(),
            Some((_, Outcome::Succeeded { degraded: false })) => "succeeded".into(),
            Some((_, Outcome::Succeeded { degraded: true })) => "degraded".into(),
            Some((_, Outcome::Failed(reason))) => format!("{reason:?}"),
        },
        spans: spans.collect(),
    }
}

/// Whether it is time spent waiting: in a line, for a lock, for another branch, between attempts.
fn waits(activity: Activity) -> bool {
    match activity {
        Activity::Backlog
        | Activity::Join
        | Activity::Pool(_)
        | Activity::Retransmit(_)
        | Activity::Backoff(_)
        | Activity::Lock(_) => true,
        Activity::Cpu
        | Activity::Disk
        | Activity::Delay
        | Activity::Send
        | Activity::Receive
        | Activity::Spawn
        | Activity::Call(_)
        | Activity::Hold => false,
    }
}

/// What an execution does, in a word or two.
pub fn activity_name(model: &Model, activity: Activity) -> String {
    let callee = |link: crate::model::LinkId| &model.services[model.links[link].callee].name;
    match activity {
        Activity::Backlog => "backlog".into(),
        Activity::Cpu => "cpu".into(),
        Activity::Disk => "disk".into(),
        Activity::Delay => "delay".into(),
        Activity::Send => "send".into(),
        Activity::Receive => "receive".into(),
        Activity::Join => "join".into(),
        Activity::Spawn => "spawn".into(),
        Activity::Pool(link) => super::resources::waits_for(model, link),
        Activity::Call(link) => format!("call {}", callee(link)),
        Activity::Retransmit(link) => format!("retransmit {}", callee(link)),
        Activity::Backoff(link) => format!("backoff {}", callee(link)),
        Activity::Lock(lock) => model.locks[lock].name.clone(),
        Activity::Hold => "hold".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Reason;

    #[test]
    fn memory_is_bounded_and_the_slowest_is_nearly_found() {
        let mut t = Traces::default();
        for number in 0..100_000u64 {
            if t.wants(SourceId::new(0), number) {
                t.start(SourceId::new(0), number, Time(0));
                t.end(SourceId::new(0), number, Time(number as i64), Outcome::Succeeded { degraded: false });
            }
        }
        let of = &t.sources[0];
        assert!(
            of.under_way.is_empty()
                && of.slowest.len() == SLOWEST
                && of.sample.len() <= SAMPLE
                && of.sample.len() > SAMPLE / 4
        );
        assert!(of.slowest[0].nanos() > 99_800, "one in sixteen is followed to the end");
        assert!(of.slowest.is_sorted_by_key(|k| -k.nanos()));
    }

    #[test]
    fn each_way_to_end_has_its_examples_and_only_what_succeeded_is_slow() {
        let (mut t, source) = (Traces::default(), SourceId::new(0));
        for number in 0..10_000u64 {
            let outcome = match number {
                7 => Outcome::Failed(Reason::Refused),
                _ if number % 10 == 0 => Outcome::Failed(Reason::TimedOut),
                _ => Outcome::Succeeded { degraded: number % 10 == 1 },
            };
            let late = if matches!(outcome, Outcome::Failed(_)) { 1_000_000 } else { number as i64 };
            if t.wants(source, number) {
                t.start(source, number, Time(0));
                t.end(source, number, Time(late), outcome);
            }
        }
        let count = |example| t.sources[0].examples().filter(|one| one.0 == example).count();
        assert_eq!([Example::Slowest, Example::Typical, Example::Degraded].map(count), [SLOWEST, TYPICAL, EACH]);
        assert_eq!(count(Example::Failed), EACH + 1, "two that timed out, and the only one that was refused");
        assert!(t.sources[0].slowest.iter().all(|kept| kept.nanos() < 10_000));
    }
}
