//! From the lines that were looked at to what is reported of them.

use super::counters::Window;
use super::flow::Doer;
use super::phrasing;
use super::queues::{Line, Most};
use super::recorder::Recorder;
use super::resources::{Subject, sum};
use super::series::Series;
use crate::engine::{Activity, ResourceKind};
use crate::model::{LinkId, Model, OperationId, Site, SiteId, SourceId};
use crate::scenario::metric::Unit;
use crate::units::Time;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A line of those who wait for workers (a backlog), for threads, for a message's delivery, a connection, a place at a
/// target or a lock; of all members of a subject together. How deep it was is exact, how old is as of the looks, once
/// per simulated second. A share of a CPU, a disk or a network is not waited for in line: `resources` has who waits for
/// those. A line in which nobody waited longer than no time is left out.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Queue {
    /// As the story calls what they wait for: "app.workers", "jobs.queue", "app.pool(db)".
    pub subject: String,
    /// workers, threads, queue, pool, slots, lock.
    #[schemars(with = "String")]
    pub kind: ResourceKind,
    /// Of the calls that wanted it, those that had to wait. Absent for threads, a lock and a broker.
    pub waited_share: Option<f64>,
    /// Most that waited at one time.
    pub deepest: u64,
    /// When there were so many for the first time, in seconds, exactly.
    pub deepest_at_s: f64,
    /// The longest that anybody had waited at a look, in seconds; a message since it was accepted. Absent where nobody
    /// stood there at a look, and for threads, which all who want one share.
    pub oldest_s: Option<f64>,
    /// When that was, in seconds.
    pub oldest_at_s: Option<f64>,
    /// When each member that held somebody after the deepest moment was empty again, in seconds. Absent: it was not.
    pub empty_at_s: Option<f64>,
    /// From the deepest moment until then.
    pub drain_s: Option<f64>,
    /// When an instance died, and those who stood there were lost: such a line did not drain. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_at_s: Option<f64>,
    /// Waiting at the end.
    pub left: u64,
}

fn seconds(time: Time) -> f64 {
    time.0 as f64 / 1e9
}

/// Every line in which somebody stood, the deepest first.
pub(super) fn queues(recorder: &Recorder, model: &Model, whole: Window) -> Vec<Queue> {
    let waited = |subject: &Subject| sum(&subject.members, whole).waiting > 0.0;
    let lines = recorder.queues.all().map(|(at, line)| (&recorder.resources.subjects[at], line));
    let mut out: Vec<Queue> = lines
        .filter(|(subject, _)| waited(subject))
        .map(|(subject, line)| {
            let empty_at_s = line.empty_again().map(seconds);
            let seen = line.oldest > 0;
            Queue {
                subject: subject.id.clone(),
                kind: subject.kind,
                waited_share: waited_share(model, whole, subject),
                deepest: line.deepest,
                deepest_at_s: seconds(line.deepest_at),
                oldest_s: seen.then_some(line.oldest as f64 / 1e9),
                oldest_at_s: seen.then(|| seconds(line.oldest_at)),
                empty_at_s,
                drain_s: empty_at_s.map(|at| at - seconds(line.deepest_at)),
                lost_at_s: line.lost.map(seconds),
                left: line.waiting,
            }
        })
        .collect();
    out.sort_by_key(|queue| std::cmp::Reverse(queue.deepest));
    out
}

/// Attempts at some call sites in a window.
pub(super) fn attempts(model: &Model, whole: Window, of: impl Fn(&Site) -> bool) -> f64 {
    let sites = model.sites.ids().filter(|&site: &SiteId| of(&model.sites[site]));
    sites.map(|site| whole.site(site.index())).map(|count| (count.first + count.retries) as f64).sum()
}

/// Of the calls that wanted it, those that had to wait.
fn waited_share(model: &Model, whole: Window, subject: &Subject) -> Option<f64> {
    let (waited, all) = match (subject.kind, subject.link) {
        (ResourceKind::Workers, _) => {
            let service = subject.service?;
            let operations = || model.services[service].operations.iter();
            let entered = |&id: &OperationId| whole.entered(Doer::Operation(id), Activity::Backlog);
            let admitted: u64 = operations().map(|&id| whole.operation(id).admitted).sum();
            (operations().map(entered).sum::<u64>(), admitted as f64)
        }
        (ResourceKind::Pool | ResourceKind::Slots, Some(link)) => {
            (entered_pool(model, whole, link), attempts(model, whole, |site| site.link == link))
        }
        (_, _) => return None,
    };
    (all > 0.0).then(|| waited as f64 / all)
}

/// How often a call over a link had to wait before it left.
fn entered_pool(model: &Model, whole: Window, link: LinkId) -> u64 {
    let operations = model.operations.ids().map(Doer::Operation);
    let sources = model.sources.ids().map(|source: SourceId| Doer::Client(source));
    operations.chain(sources).map(|doer| whole.entered(doer, Activity::Pool(link))).sum()
}

/// How long after the last of these outages the last line that it had filled was empty.
pub(super) fn drained_after(recorder: &Recorder, outages: &[(f64, f64)]) -> Option<String> {
    let (first, last) = (outages.first()?, outages.last()?);
    let filled = |line: &Line| (first.0 - 1.0..=last.1 + 1.0).contains(&seconds(line.deepest_at));
    let name = |at: usize| &recorder.resources.subjects[at].id;
    let lines = recorder.queues.all().filter(|(_, line)| filled(line));
    let (at, line) = lines.max_by_key(|(_, line)| line.empty_again().map_or(i64::MAX, |at| at.0))?;
    match line.empty_again() {
        None if line.lost.is_some() => None,
        None => Some(format!("{} was not empty again", name(at))),
        Some(empty) if seconds(empty) > last.1 => {
            let later = phrasing::quantity(Unit::Seconds, seconds(empty) - last.1);
            Some(format!("{} was empty {later} later", name(at)))
        }
        Some(_) => None,
    }
}

/// A figure of every line over time, `points` of `every` seconds; from the first one in which somebody waited 0 stands
/// for nobody. Lines in which nobody stood at a look are left out.
pub(super) fn series(
    recorder: &Recorder,
    of: fn(&Line) -> &Series<Most>,
    every: u64,
    points: usize,
) -> IndexMap<String, Vec<Option<f32>>> {
    let line = |(at, line): (usize, &Line)| {
        let mut most = of(line).coarser(every);
        most.lengthen(points);
        let values = most.points().iter().map(|point| point.get().map(|value| value as f32));
        (recorder.resources.subjects[at].id.clone(), values.collect())
    };
    let seen = |(_, values): &(String, Vec<Option<f32>>)| values.iter().flatten().any(|value| *value > 0.0);
    recorder.queues.all().map(line).filter(seen).collect()
}
