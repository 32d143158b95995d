//! From what was recorded to the results.

use super::counters::{Snapshot, Window};
use super::flow::Doer;
use super::objectives::{Asked, evaluate};
use super::offered::{Mix, Station};
use super::queues::{Line, Most};
use super::recorder::{Recorder, seconds};
use super::resources::{Subject, sum};
use super::results::{
    Cost, Engine, ObjectiveResult, Operation, Resource, Results, SCHEMA, ScenarioRef, Series as SeriesResult, Stopped,
    StoryEvent, Traffic,
};
use super::run::Options;
use super::series::{Mean, Series};
use super::sessions::SessionTally;
use super::story::StoryKind;
use super::subject::{Causes, Named, Subject as Told};
use super::traffic::{self, Slot, Tally};
use super::warnings;
use super::windows::{Whose, length};
use crate::engine::Activity;
use crate::engine::Simulation;
use crate::model::{Kind as ServiceKind, LinkId, Model, OperationId, SourceKind};
use crate::scenario::metric::{Metric, Of, Unit};
use crate::units::Time;
use indexmap::IndexMap;

/// Everything a run yields, the napkin apart.
pub fn report(recorder: &Recorder, sim: &Simulation, options: &Options, stopped: Option<Stopped>) -> Results {
    let model = sim.model();
    let end = Snapshot { at: sim.now(), counters: recorder.counters.clone(), resources: totals(sim) };
    let start = recorder.start.as_deref().unwrap_or(&end);
    let whole = Window { old: start, new: &end };
    let length = whole.seconds();
    let traffic: IndexMap<_, _> = model
        .sources
        .iter()
        .enumerate()
        .map(|(i, source)| {
            let tally = recorder.sources.get(i).cloned().unwrap_or_default();
            let sessions = (source.kind != SourceKind::Open).then(|| {
                let nobody = SessionTally::default();
                recorder.sessions.of(i).unwrap_or(&nobody).report(model, length)
            });
            (source.name.clone(), tally.report(length, sessions))
        })
        .collect();
    let operations = model
        .operations
        .iter()
        .enumerate()
        .map(|(i, o)| {
            let id = OperationId::new(i);
            let stale_reads = super::stores::stale(recorder.reads.get(i).copied().unwrap_or_default(), sim.reads(id));
            (o.name.clone(), Operation { stale_reads, ..operation(recorder, model, whole, id) })
        })
        .collect();
    let cost = cost(sim, traffic.values().map(|t| t.succeeded).sum());
    let mut story = recorder.watch.story.report();
    if let Some(stop) = &stopped {
        story.push(StoryEvent {
            at_s: stop.at_s,
            event: StoryKind::Stopped,
            subject: Named::new(Told::Run, "run"),
            because: Causes::default(),
            text: format!("the run stopped: {}", stop.reason),
        });
    }
    let mut results = Results {
        schema: SCHEMA,
        scenario: ScenarioRef { title: model.scenario.title.clone(), digest: format!("{:016x}", model.digest) },
        variant: options.variant.clone(),
        seed: options.seed,
        horizon_s: seconds(model.horizon),
        digest: format!("{:016x}", sim.digest()),
        results_digest: String::new(),
        stopped,
        objectives: objectives(recorder, model, whole, &cost),
        resources: resources(recorder, model, whole),
        queues: super::lines::queues(recorder, model, whole),
        stores: super::stores::stores(recorder, sim, length),
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

fn totals(sim: &Simulation) -> Vec<super::counters::Totals> {
    let total = |v: crate::engine::ResourceView| super::counters::Totals {
        busy: v.busy_seconds,
        waiting: v.waiting_seconds,
        capacity: v.capacity_seconds,
        refused: v.refused,
    };
    sim.resources().map(total).collect()
}

/// Calls of an operation from all its sites, and where their time went.
fn operation(recorder: &Recorder, model: &Model, whole: Window, id: OperationId) -> Operation {
    let mut out = Operation {
        traffic: operation_tally(recorder, model, id).report(whole.seconds(), None),
        ..Operation::default()
    };
    let calls = whole.operation(id).admitted as f64;
    if calls == 0.0 {
        return out;
    }
    let service = &model.services[model.operations[id].service];
    let callee = |link: LinkId| &model.services[model.links[link].callee].name;
    let doer = Doer::Operation(id);
    let (mut waited, mut waiting, mut served) = (Vec::new(), Vec::new(), Vec::new());
    for activity in whole.new.counters.flow.activities(doer) {
        let time = whole.seconds_in(doer, activity) / calls;
        match activity {
            Activity::Backlog => {
                let name = format!("{}.workers", service.name);
                waited.push((name.clone(), whole.entered(doer, activity) as f64 / calls));
                waiting.push((name, time));
            }
            Activity::Cpu => {
                let groups = &service.groups;
                let speed = groups.iter().map(|g| model.groups[*g].speed).sum::<f64>() / groups.len().max(1) as f64;
                let own =
                    (whole.operation(id).cpu_seconds / calls / if groups.is_empty() { 1.0 } else { speed }).min(time);
                served.push((format!("{}.cpu", service.name), own));
                waiting.push((format!("{}.cpu", service.name), time - own));
            }
            Activity::Delay => served.push((format!("{}.delay", service.name), time)),
            Activity::Disk => {
                let groups = service.groups.iter().map(|g| model.groups[*g].iops);
                let own = (whole.operation(id).disk / calls / groups.fold(f64::INFINITY, f64::min)).min(time);
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
    let keep = |times: Vec<(String, f64)>| {
        times.into_iter().filter(|t| t.1 > 1e-9).fold(IndexMap::new(), |mut map, (name, time)| {
            *map.entry(name).or_insert(0.0) += time;
            map
        })
    };
    out.waited_share = keep(waited);
    out.waiting_s = keep(waiting);
    out.service_s = keep(served);
    out
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

fn operation_tally(recorder: &Recorder, model: &Model, id: OperationId) -> Tally {
    let mut tally = Tally::default();
    for (i, _) in model.sites.iter().enumerate().filter(|(_, s)| s.operation == id) {
        if let Some(site) = recorder.sites.get(i) {
            tally.merge(site);
        }
    }
    tally
}

fn resources(recorder: &Recorder, model: &Model, whole: Window) -> Vec<Resource> {
    let calls = Mix::of(whole, model).calls(model);
    let load = |members: &[usize]| Station::mean(whole, model, &recorder.resources, members).map(|s| s.load(&calls));
    // The mean over time knows programs and capacities that changed; the share of one member among equals is of the
    // whole run.
    let offered = |index: usize| {
        let subject = &recorder.resources.subjects[recorder.resources.tracks[index].subject];
        let mean = subject.offered_mean.get()?;
        let skew = load(&[index]).zip(load(&subject.members)).filter(|l| l.1 > 0.0).map_or(1.0, |(one, all)| one / all);
        Some(mean * if subject.members.len() > 1 { skew } else { 1.0 })
    };
    let tracks = 0..recorder.resources.tracks.len();
    tracks.filter_map(|index| resource(recorder, model, whole, &[index], offered(index))).collect()
}

/// The row of one resource, or of several of a kind taken together: means and numbers of all, peaks of the one that had
/// the most. None for none.
fn resource(
    recorder: &Recorder,
    model: &Model,
    whole: Window,
    members: &[usize],
    offered_load: Option<f64>,
) -> Option<Resource> {
    let tracks = || members.iter().map(|&index| &recorder.resources.tracks[index]);
    let first = tracks().next()?;
    let subject = &recorder.resources.subjects[first.subject];
    let totals = sum(members, whole);
    let utilization = totals.utilization().unwrap_or(0.0);
    Some(Resource {
        id: first.name.clone(),
        subject: subject.id.clone(),
        service: first.service.map(|s| model.services[s].name.clone()),
        machine: first.group.map(|g| model.groups[g].name.clone()),
        kind: first.kind,
        capacity: tracks().map(|track| track.capacity).sum(),
        offered_load,
        offered_load_max: subject.offered_max.or(offered_load),
        utilization_mean: utilization,
        utilization_max: tracks().map(|track| track.utilization_max).fold(utilization, f64::max),
        waiting_mean: totals.waiting / whole.seconds().max(1e-9),
        waiting_max: f64::from(tracks().map(|track| track.waiting_max).max().unwrap_or(0)),
        refused: totals.refused,
        saturated_at_s: tracks().filter_map(|track| track.detector.first).min().map(|t| t.0 as f64 / 1e9),
        saturated_for_s: tracks().map(|track| track.detector.seconds(whole.new.at)).fold(0.0, f64::max),
    })
}

fn objectives(recorder: &Recorder, model: &Model, whole: Window, cost: &Cost) -> Vec<ObjectiveResult> {
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
                Asked::Cost(cost)
            } else if let Some(i) = model.sources.iter().position(|s| s.name == subject) {
                if objective.expression.metric.row().of == Of::Sessions {
                    recorder.sessions.of(i).map_or(Asked::Nothing, Asked::Sessions)
                } else {
                    traffic(recorder.sources.get(i).cloned().unwrap_or_default(), &[Whose::Source(i as u32)])
                }
            } else if let Some(i) = model.operations.iter().position(|o| o.name == subject) {
                let id = OperationId::new(i);
                let sites: Vec<Whose> = model
                    .sites
                    .iter()
                    .enumerate()
                    .filter(|(_, s)| s.operation == id)
                    .map(|(i, _)| Whose::Site(i as u32))
                    .collect();
                traffic(operation_tally(recorder, model, id), &sites)
            } else {
                let members = recorder.resources.named(model, subject).unwrap_or_default();
                // A share of nothing, or of what has no limit, is nothing.
                let share = objective.expression.metric.row().unit == Unit::Share;
                let there = !share || sum(&members, whole).utilization().is_some();
                let row = resource(recorder, model, whole, &members, None).filter(|_| there);
                row.map_or(Asked::Nothing, |row| Asked::Resource(Box::new(row)))
            };
            let mut result = evaluate(subject, &objective.text, &objective.expression, &asked, whole.seconds());
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
        .slots
        .iter()
        .map(Series::every)
        .chain(subjects.iter().flat_map(|s| [s.utilization.every(), s.offered.every()]))
        .chain(recorder.queues.all().map(|(_, line)| line.depth.every()));
    let every = lengths.max().unwrap_or(1);
    let points = libm::ceil(length / every as f64 - 1e-9).max(0.0) as usize;
    let traffic = model.sources.iter().enumerate().map(|(i, source)| {
        let mut slots = recorder
            .slots
            .get(i)
            .map_or_else(|| Series::<Slot>::new(every, super::resources::POINTS), |s| s.coarser(every));
        slots.lengthen(points);
        (source.name.clone(), traffic::series(&slots, length))
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
