//! From what was recorded to the results.

use super::counters::{Window, WorkCount};
use super::flow::Doer;
use super::kept::Kept;
use super::objectives::{Asked, evaluate};
use super::phrasing;
use super::queues::{Line, Most};
use super::recorder::{Recorder, seconds};
use super::resource_rows::{Rows, has_limit};
use super::resources::Subject;
use super::results::{
    Calls, Cost, Engine, ObjectiveResult, Operation, Results, SCHEMA, ScenarioRef, Series as SeriesResult, Stopped,
    StoryEvent, Traffic,
};
use super::run::Options;
use super::series::{Mean, Series};
use super::sessions::SessionTally;
use super::shares;
use super::story::StoryKind;
use super::subject::{Causes, Named, Subject as Told};
use super::traffic::{self, Point, Tally};
use super::warnings;
use super::windows::{Whose, length};
use crate::engine::Activity;
use crate::engine::Simulation;
use crate::model::{Caller, Group, Kind as ServiceKind, LinkId, Model, OperationId, SourceKind};
use crate::scenario::metric::{Metric, Of, Unit};
use crate::scenario::objective::Objective;
use crate::units::Time;
use indexmap::IndexMap;

/// Everything a run yields, the napkin apart.
pub fn report(recorder: &Recorder, sim: &Simulation, options: &Options, stopped: Option<Stopped>) -> Results {
    let model = sim.model();
    let (end, after) = recorder.present(sim);
    let start = recorder.start.as_deref().unwrap_or(&end);
    let before = recorder.kept.as_ref().unwrap_or(&after);
    let whole = Window { old: start, new: &end };
    let length = whole.seconds();
    let traffic = traffic(recorder, model, length);
    let operations = model
        .operations
        .iter()
        .enumerate()
        .map(|(i, o)| {
            let id = OperationId::new(i);
            let reads = |kept: &Kept| kept.reads.get(i).copied().unwrap_or_default();
            let stale_reads = super::stores::stale(reads(before), reads(&after));
            (o.name.clone(), Operation { stale_reads, ..operation(recorder, model, whole, id) })
        })
        .collect();
    let cost = cost(sim, traffic.values().map(|t| t.succeeded).sum());
    let goes_on = stopped.is_none() && sim.now() < Time(model.horizon.0);
    let mut story = story(recorder, goes_on);
    story.extend(stopped.as_ref().map(end_of_story));
    let losses = recorder.watch.losses.report(model, &mut story);
    let told = story.clone();
    let resources = Rows::new(recorder, model, whole, &told);
    let mut results = Results {
        schema: SCHEMA,
        scenario: ScenarioRef { title: model.scenario.title.clone(), digest: format!("{:016x}", model.digest) },
        variant: options.variant.clone(),
        seed: options.seed,
        horizon_s: seconds(model.horizon),
        digest: format!("{:016x}", sim.digest()),
        results_digest: String::new(),
        stopped,
        decided_at_s: None,
        objectives: objectives(recorder, &resources, [before, &after], &cost),
        resources: resources.rows(),
        groups: resources.groups(),
        links: links(recorder, model, length),
        queues: super::lines::queues(recorder, model, whole),
        stores: super::stores::stores(model, &before.stores, &after.stores, length),
        losses,
        story,
        traffic,
        messages: messages(recorder, model, length),
        operations,
        cost,
        napkin: Vec::new(),
        stations: Vec::new(),
        populations: Vec::new(),
        traces: recorder.traces.report(model),
        series: series(recorder, model, length),
        warnings: Vec::new(),
        engine: Engine { version: env!("CARGO_PKG_VERSION").into(), events: sim.events() },
    };
    results.warnings = warnings::find(&results, model, &end);
    results
}

/// What every source brought, and what became of it.
fn traffic(recorder: &Recorder, model: &Model, length: f64) -> IndexMap<String, Traffic> {
    let one = |(i, source): (usize, &crate::model::Source)| {
        let tally = recorder.sources.get(i).cloned().unwrap_or_default();
        let sessions = (source.kind != SourceKind::Open).then(|| {
            let nobody = SessionTally::default();
            recorder.sessions.of(i).unwrap_or(&nobody).report(model, length)
        });
        (source.name.clone(), tally.report(length, sessions))
    };
    model.sources.iter().enumerate().map(one).collect()
}

/// The story; of a run that goes on nobody knows the end.
fn story(recorder: &Recorder, goes_on: bool) -> Vec<StoryEvent> {
    let told = |text: String| if goes_on { text.replacen("; by the end ", "; so far ", 1) } else { text };
    let lasting = recorder.watch.failures.lasting(&recorder.watch.losses).map(|(place, text)| (place, told(text)));
    recorder.watch.story.report(lasting)
}

fn end_of_story(stop: &Stopped) -> StoryEvent {
    StoryEvent {
        at_s: stop.at_s,
        event: StoryKind::Stopped,
        subject: Named::new(Told::Run, "run"),
        because: Causes::default(),
        causes: Vec::new(),
        lost: 0,
        text: format!("the run stopped: {}", stop.reason),
        found_s: stop.at_s,
    }
}

/// Work, and how much of it a machine does per second.
type Paced = (fn(&WorkCount) -> f64, fn(&Group) -> f64);
const CORES: Paced = (|work| work.cpu_seconds, |group| group.speed);
const DISKS: Paced = (|work| work.disk, |group| group.iops);

/// Calls of an operation from all its sites, and where their time went.
fn operation(recorder: &Recorder, model: &Model, whole: Window, id: OperationId) -> Operation {
    let mut out = Operation {
        traffic: operation_tally(recorder, model, id).report(whole.seconds(), None),
        ..Operation::default()
    };
    let count = whole.operation(id);
    (out.admitted, out.begun) = (count.admitted, count.begun);
    let (admitted, calls) = (count.admitted as f64, count.begun as f64);
    let service = &model.services[model.operations[id].service];
    let callee = |link: LinkId| &model.services[model.links[link].callee].name;
    let doer = Doer::Operation(id);
    let pace = |of| shares::pace(whole, model, &recorder.resources, model.operations[id].service, of);
    let (mut waited, mut waiting, mut served) = (Vec::new(), Vec::new(), Vec::new());
    for activity in whole.new.counters.flow.activities(doer) {
        // Who waits for a worker was taken in; everything else is of those that one took.
        let per = if activity == Activity::Backlog { admitted } else { calls };
        if per == 0.0 {
            continue;
        }
        let time = whole.awaited_in(doer, activity) / per;
        match activity {
            Activity::Backlog => {
                let name = format!("{}.workers", service.name);
                waited.push((name.clone(), whole.entered(doer, activity) as f64 / per));
                waiting.push((name, time));
            }
            Activity::Cpu => {
                let own = ((count.work.cpu_seconds - count.aside.cpu_seconds) / calls * pace(CORES)).min(time);
                served.push((format!("{}.cpu", service.name), own));
                waiting.push((format!("{}.cpu", service.name), time - own));
            }
            Activity::Delay => served.push((format!("{}.delay", service.name), time)),
            Activity::Disk => {
                let own = ((count.work.disk - count.aside.disk) / calls * pace(DISKS)).min(time);
                served.push((format!("{}.disk", service.name), own));
                waiting.push((format!("{}.disk", service.name), time - own));
            }
            Activity::Receive => served.push((format!("{}.receive", service.name), time)),
            Activity::Send => served.push((format!("{}.network", service.name), time)),
            Activity::Spawn => served.push((format!("{}.spawn", service.name), time)),
            // What a broker does after its answer is told of its messages.
            Activity::Pool(_) | Activity::Backoff(_) | Activity::Call(_)
                if matches!(service.kind, ServiceKind::Queue { .. }) => {}
            Activity::Pool(link) => {
                let name = format!("{}.{}", service.name, super::resources::waits_for(model, link));
                let attempts = super::lines::attempts(model, whole, |site| site.from == Some(id) && site.link == link);
                waited.push((name.clone(), whole.entered(doer, activity) as f64 / attempts.max(1.0)));
                waiting.push((name, time));
            }
            Activity::Retransmit(link) => {
                waiting.push((format!("{}.retransmit({})", service.name, callee(link)), time))
            }
            Activity::Lock(lock) => waiting.push((format!("{}.{}", service.name, model.locks[lock].name), time)),
            Activity::Backoff(link) => waiting.push((format!("{}.backoff({})", service.name, callee(link)), time)),
            Activity::Call(link) => served.push((called(model, id, link), time)),
            // Its branches count themselves; what is held was answered.
            Activity::Join | Activity::Hold => {}
        }
    }
    out.waited_share = keep(waited);
    out.waiting_s = keep(waiting);
    out.service_s = keep(served);
    out
}

/// By name, what is anything at all.
fn keep(times: Vec<(String, f64)>) -> IndexMap<String, f64> {
    times.into_iter().filter(|time| time.1 > 1e-9).fold(IndexMap::new(), |mut map, (name, time)| {
        *map.entry(name).or_insert(0.0) += time;
        map
    })
}

/// By operation of a broker: messages accepted, consumed, given up or lost; the latency is from the one to the other.
fn messages(recorder: &Recorder, model: &Model, length: f64) -> IndexMap<String, Traffic> {
    let sent = recorder.messages.iter().enumerate().filter(|(_, tally)| tally.offered > 0);
    sent.map(|(i, tally)| (model.operations[OperationId::new(i)].name.clone(), tally.report(length, None))).collect()
}

/// "rds.query", or "rds" where the operation calls several of its operations.
fn called(model: &Model, caller: OperationId, link: LinkId) -> String {
    let mut names = model
        .sites
        .iter()
        .filter(|s| s.from == Some(caller) && s.link == link)
        .map(|s| &model.operations[s.operation].name);
    let service = &model.services[model.links[link].callee].name;
    match names.next() {
        Some(first) if names.all(|other| other == first) => first.clone(),
        Some(_) | None => service.clone(),
    }
}

/// Attempts by who calls whom, in the order of the links.
fn links(recorder: &Recorder, model: &Model, seconds: f64) -> Vec<Calls> {
    let mut out: IndexMap<(String, String), u64> = IndexMap::new();
    for (i, site) in model.sites.iter().enumerate() {
        let calls = recorder.sites.get(i).map_or(0, |tally| tally.offered);
        let link = &model.links[site.link];
        let from = match link.caller {
            Caller::Source(source) => &model.sources[source].name,
            Caller::Service(service) => &model.services[service].name,
        };
        *out.entry((from.clone(), model.services[link.callee].name.clone())).or_default() += calls;
    }
    let row = |((from, to), calls): ((String, String), u64)| {
        let calls_per_s = if seconds > 0.0 { calls as f64 / seconds } else { 0.0 };
        Calls { from, to, calls, calls_per_s }
    };
    out.into_iter().filter(|link| link.1 > 0).map(row).collect()
}

fn operation_tally(recorder: &Recorder, model: &Model, id: OperationId) -> Tally {
    let mut tally = Tally::default();
    for (i, _) in model.sites.iter().enumerate().filter(|(_, s)| s.operation == id) {
        if let Some(site) = recorder.sites.get(i) {
            tally.merge(site);
        }
    }
    tally
}

fn objectives(recorder: &Recorder, rows: &Rows, kept: [&Kept; 2], cost: &Cost) -> Vec<ObjectiveResult> {
    let (model, whole) = (rows.model, rows.whole);
    model
        .objectives
        .iter()
        .map(|objective| {
            let traffic = |tally: Tally, whose: &[Whose]| Asked::Traffic {
                windows: length(&objective.expression).map(|l| recorder.windows.of(whose, l)),
                outages: recorder.outages.of(whose, tally.latency.max().unwrap_or(0.0), whole.seconds()),
                tally: Box::new(tally),
            };
            let subject = objective.subject.as_str();
            let asked = if subject == "cost" {
                if model.groups.iter().any(|group| group.price > 0.0) { Asked::Cost(cost) } else { Asked::Unpriced }
            } else if let Some(i) = model.sources.iter().position(|s| s.name == subject) {
                if objective.expression.metric.row().of == Of::Sessions {
                    recorder.sessions.of(i).map_or(Asked::Nothing, Asked::Sessions)
                } else {
                    traffic(recorder.sources.get(i).cloned().unwrap_or_default(), &[Whose::Source(i as u32)])
                }
            } else if let Some(i) = model.operations.iter().position(|o| o.name == subject) {
                if objective.expression.metric.row().of == Of::Messages {
                    traffic(recorder.messages.get(i).cloned().unwrap_or_default(), &[])
                } else {
                    let id = OperationId::new(i);
                    let own = model.sites.iter().enumerate().filter(|(_, site)| site.operation == id);
                    let sites: Vec<Whose> = own.map(|(i, _)| Whose::Site(i as u32)).collect();
                    traffic(operation_tally(recorder, model, id), &sites)
                }
            } else {
                // A share of nothing, or of what has no limit, is nothing.
                let share = objective.expression.metric.row().unit == Unit::Share;
                let row = rows.named(subject, kept).filter(|row| !share || has_limit(row));
                row.map_or(Asked::Nothing, |row| Asked::Resource(Box::new(row)))
            };
            let mut result = evaluate(subject, &objective.text, &objective.expression, &asked, whole.seconds());
            if let Some(observed) = result.observed {
                let Objective { metric, bound, .. } = objective.expression;
                result.observed_text = phrasing::beside(metric.row().unit, observed, bound);
            }
            if let (Asked::Traffic { outages, .. }, Metric::Recovered, true) =
                (&asked, objective.expression.metric, result.observed.is_some())
            {
                result.note = super::lines::drained_after(recorder, outages);
            }
            result
        })
        .collect()
}

/// Machine hours within the horizon times their price.
fn cost(sim: &Simulation, succeeded: u64) -> Cost {
    let end = sim.now();
    let hours = |from: Time, to: Time| (to.0 - from.0).max(0) as f64 / 3.6e12;
    let total: f64 = sim
        .machines()
        .map(|m| {
            let group = &sim.model().groups[m.group];
            hours(m.ordered_at.max(Time(0)), m.removed_at.unwrap_or(end).min(end)) * group.price
        })
        .fold(0.0, |sum, price| sum + price);
    Cost { total, per_thousand_succeeded: (succeeded > 0).then(|| total * 1000.0 / succeeded as f64) }
}

/// All series with points of one length.
fn series(recorder: &Recorder, model: &Model, length: f64) -> SeriesResult {
    let subjects = &recorder.resources.subjects;
    let lengths = recorder
        .points
        .iter()
        .map(Series::every)
        .chain(subjects.iter().flat_map(|s| [s.utilization.every(), s.offered.every()]))
        .chain(recorder.queues.all().map(|(_, line)| line.depth.every()));
    let every = lengths.max().unwrap_or(1);
    let points = libm::ceil(length / every as f64 - 1e-9).max(0.0) as usize;
    let traffic = model.sources.iter().enumerate().map(|(i, source)| {
        let known = recorder.points.get(i).map(|series| series.coarser(every));
        let mut series = known.unwrap_or_else(|| Series::<Point>::new(every, super::resources::POINTS));
        series.lengthen(points);
        (source.name.clone(), traffic::series(&series, length))
    });
    let means = |of: fn(&Subject) -> &Series<Mean>| {
        let line = |s: &Subject| {
            let mut means = of(s).coarser(every);
            means.lengthen(points);
            (s.id.clone(), means.points().iter().map(|m| m.get().map(|v| v as f32)).collect::<Vec<_>>())
        };
        subjects.iter().map(line).filter(|(_, line)| line.iter().any(Option::is_some)).collect()
    };
    let most = |of: fn(&Line) -> &Series<Most>| super::lines::series(recorder, of, every, points);
    SeriesResult {
        every_s: every as f64,
        traffic: traffic.collect(),
        utilization: means(|s| &s.utilization),
        offered_load: means(|s| &s.offered),
        waiting: most(|line| &line.depth),
        oldest_s: most(|line| &line.age),
    }
}
