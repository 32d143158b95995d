//! Desks to look at: an empty one, and a finished run of a scenario that comes with the program.

use std::sync::{Arc, OnceLock};
use surgelab::catalog;
use surgelab::experiment::Compiled;
use surgelab::host::{self, Availability, Busy, Frame, Gauge, Instance, Machine, Pace, Phase, Point, SourcePoint};
use surgelab::lab::state::LabState;
use surgelab::lab::view::View;
use surgelab::measure::subject::{Entity, Named, Subject};
use surgelab::measure::{REASONS, Results};
use surgelab::model::{GroupId, Model, ServiceId, SourceId};
use surgelab::scenario::{self, Edit, Loaded};
use surgelab::study::{self, RunOptions};
use surgelab::units::Time;

/// A finished run, played once for all tests. Of the default incident the first quarter of an hour is enough: by then
/// the database is full and has taken the rest with it.
pub struct Played {
    pub loaded: Arc<Loaded>,
    pub model: Arc<Model>,
    pub results: Arc<Results>,
}

pub fn codingame() -> &'static Played {
    static PLAYED: OnceLock<Played> = OnceLock::new();
    PLAYED.get_or_init(|| play(catalog::SCENARIOS[0].file, catalog::SCENARIOS[0].text, &[("horizon", "15min")]))
}

pub fn play(name: &str, text: &str, sets: &[(&str, &str)]) -> Played {
    let loaded = scenario::load(name, text)
        .unwrap_or_else(|problems| panic!("{}", scenario::render(&problems, name, text, false)));
    let edits: Vec<Edit> = sets.iter().map(|(path, value)| Edit::set(*path, *value)).collect();
    let loaded = loaded
        .with(None, &edits)
        .unwrap_or_else(|problems| panic!("{}", scenario::render(&problems, name, text, false)));
    let results = study::run(&loaded, &RunOptions::default(), &mut |_| {}).expect("it runs");
    Played {
        model: Arc::new(Model::compile(&loaded).expect("it compiles")),
        loaded: Arc::new(loaded),
        results: Arc::new(results),
    }
}

/// The state as it stands at that second of a finished run.
pub fn state(played: &Played, at_s: f64) -> LabState {
    let mut state = LabState::new(View::default());
    state.speed = 60.0;
    let opened = Compiled {
        variant: None,
        seed: 1,
        loaded: Arc::new(Loaded { name: "codingame".into(), ..(*played.loaded).clone() }),
        base: Arc::new((*played.loaded).clone()),
        edits: Vec::new(),
        model: played.model.clone(),
        limits: Default::default(),
        halt: Default::default(),
    };
    state.opened = Some(Arc::new(opened));
    state.running = state.opened.clone();
    state.results[0] = Some(played.results.clone());
    let horizon = Time(played.model.horizon.0);
    state.timelines[0].every_s = played.results.series.every_s;
    state.timelines[0].points = points(&played.results);
    state.timelines[0].tell(&played.results, horizon);
    state.frame = frame(played, at_s);
    state.frame.known = horizon;
    state.counted[0] = state.frame.now;
    state
}

fn points(results: &Results) -> Vec<Point> {
    let series: Vec<_> = results.series.traffic.values().collect();
    let count = series.first().map_or(0, |series| series.offered_per_s.len());
    let at = |index: usize| Point {
        sources: series
            .iter()
            .map(|series| {
                let mut failed_per_s = [0.0; REASONS.len()];
                failed_per_s[0] = series.failed_per_s[index] * 0.4;
                failed_per_s[1] = series.failed_per_s[index] * 0.6;
                SourcePoint {
                    offered_per_s: series.offered_per_s[index],
                    succeeded_per_s: series.goodput_per_s[index],
                    failed_per_s,
                    p95_s: series.p95_s[index].unwrap_or(f32::NAN),
                }
            })
            .collect(),
        subjects: results
            .series
            .utilization
            .values()
            .map(|values| values.get(index).copied().flatten().unwrap_or(f32::NAN))
            .collect(),
    };
    (0..count).map(at).collect()
}

fn frame(played: &Played, at_s: f64) -> Frame {
    let mut frame = Frame {
        now: Time((at_s * 1e9) as i64),
        pace: Pace::Times(60.0),
        achieved: 58.7,
        phase: Phase::Running,
        events: 1_234_567,
        ..Frame::default()
    };
    for (group, facts) in played.model.groups.iter().enumerate() {
        for ordinal in 0..facts.count {
            let machine = Machine {
                group: GroupId::new(group),
                ordinal,
                availability: Availability::Up,
                cpu: 0.93,
                memory: Some(0.4),
                disk: None,
                network: Some(0.02),
            };
            frame.machines.push(machine);
        }
    }
    for (index, service) in played.model.services.iter().enumerate() {
        let machines: Vec<u32> = (0..frame.machines.len() as u32)
            .filter(|m| service.groups.contains(&frame.machines[*m as usize].group))
            .collect();
        let places: Vec<Option<u32>> =
            if machines.is_empty() { vec![None] } else { machines.into_iter().map(Some).collect() };
        for (ordinal, machine) in places.into_iter().enumerate() {
            frame.instances.push(Instance {
                service: ServiceId::new(index),
                ordinal: ordinal as u32,
                machine,
                availability: Availability::Up,
                workers: service.workers,
                busy: Busy { served: 3, waits: 40, holds: 0 },
                waiting: 217,
                connections: 260,
                taken_per_s: 88.0,
                refused_per_s: 12.5,
            });
        }
    }
    frame.sources = vec![
        host::Source {
            sessions: 1_200,
            in_flight: 900,
            offered_per_s: 640.0,
            succeeded_per_s: 310.0,
            failed_per_s: 290.0
        };
        played.model.sources.len()
    ];
    let instance_of = |name: &str| {
        let mut names =
            frame.instances.iter().map(|i| format!("{}/{}", played.model.services[i.service].name, i.ordinal));
        names.position(|there| name.starts_with(&format!("{there}."))).map(|index| index as u32)
    };
    let machine_of = |name: &str| {
        let mut names = frame.machines.iter().map(|m| format!("{}/{}", played.model.groups[m.group].name, m.ordinal));
        names.position(|there| name.starts_with(&format!("{there}."))).map(|index| index as u32)
    };
    let resources: Vec<host::Resource> = played
        .results
        .resources
        .iter()
        .map(|resource| host::Resource {
            name: resource.id.clone(),
            subject: resource.subject.clone(),
            kind: resource.kind,
            service: resource
                .service
                .as_ref()
                .and_then(|name| played.model.services.iter().position(|s| s.name == *name))
                .map(ServiceId::new),
            instance: instance_of(&resource.id),
            machine: machine_of(&resource.id),
            link: None,
        })
        .collect();
    let gauge = |resource: &surgelab::measure::results::Resource| Gauge {
        capacity: resource.capacity as f32,
        level: (resource.capacity * resource.utilization_mean) as f32,
        waiting: resource.waiting_mean as u32,
        refused: resource.refused,
        saturated: resource.saturated_at_s.is_some(),
    };
    frame.gauges = played.results.resources.iter().map(gauge).collect();
    frame.resources = resources.into();
    let named = |name: &str| {
        let at = played.results.traffic.get_index_of(name);
        let what = match at {
            Some(at) => Subject::Entity(Entity::Source(SourceId::new(at))),
            None => Subject::Resource { owner: Entity::Service(ServiceId::new(0)), measured: true },
        };
        Named::new(what, name)
    };
    let trouble = |subject: &str, kind, because: Option<&str>| host::Trouble {
        subject: named(subject),
        kind,
        since: Time(156_000_000_000),
        because: because.map(named).into(),
        calm: None,
    };
    frame.troubles = vec![
        trouble("rds.cpu", host::TroubleKind::Saturated, None),
        trouble("app.workers", host::TroubleKind::Saturated, Some("rds.cpu")),
        trouble("visitors", host::TroubleKind::Failing, Some("rds.cpu")),
    ];
    frame.culprit = surgelab::measure::ranking::culprit(&frame.troubles).to_vec().into();
    frame
}
