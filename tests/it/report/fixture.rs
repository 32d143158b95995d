//! A small run with everything in it that a report can show.

use indexmap::IndexMap;
use surgelab::engine::ResourceKind;
use surgelab::measure::results::*;
use surgelab::measure::story::StoryKind;
use surgelab::measure::subject::Named;

/// A shop whose database is too small: an hour, a flash crowd, one cascade.
pub fn shop() -> Results {
    let mut results = alone();
    results.groups = groups(&results.resources);
    results
}

/// Without the groups, which are made of its resources.
fn alone() -> Results {
    Results {
        schema: SCHEMA,
        scenario: ScenarioRef { title: "A shop on television".into(), digest: "00c0ffee00c0ffee".into() },
        variant: Some("no cache".into()),
        seed: 7,
        horizon_s: 3_600.0,
        digest: "0123456789abcdef".into(),
        results_digest: "fedcba9876543210".into(),
        stopped: None,
        decided_at_s: None,
        traffic: IndexMap::from([("visitors".into(), visitors()), ("robots".into(), traffic(360, 360, &[], 0.0125))]),
        messages: IndexMap::new(),
        operations: IndexMap::from([(
            "rds.query".into(),
            Operation {
                admitted: 119_000,
                begun: 118_400,
                stale_reads: None,
                traffic: traffic(119_000, 118_400, &[("TimedOut", 600)], 0.31),
                waited_share: IndexMap::from([("rds.workers".into(), 0.05)]),
                waiting_s: IndexMap::from([("rds.cpu".into(), 0.27)]),
                service_s: IndexMap::from([("rds.cpu".into(), 0.006)]),
            },
        )]),
        resources: vec![
            resource("db/0.cpu", "rds.cpu", ResourceKind::Cpu, None, 4.0, Some(1.9), 0.81, 12.4, Some(156.0)),
            resource(
                "app/0.workers",
                "app.workers",
                ResourceKind::Workers,
                Some("app"),
                200.0,
                None,
                0.74,
                80.2,
                Some(171.0),
            ),
            resource(
                "app/1.workers",
                "app.workers",
                ResourceKind::Workers,
                Some("app"),
                200.0,
                None,
                0.72,
                78.9,
                Some(173.0),
            ),
            resource("web/0.cpu", "web.cpu", ResourceKind::Cpu, None, 4.0, Some(0.41), 0.31, 0.1, None),
        ],
        groups: Vec::new(),
        links: vec![
            Calls { from: "visitors".into(), to: "app".into(), calls: 119_000, calls_per_s: 119_000.0 / 3_600.0 },
            Calls { from: "app".into(), to: "rds".into(), calls: 119_000, calls_per_s: 119_000.0 / 3_600.0 },
        ],
        queues: vec![
            queue("app.workers", ResourceKind::Workers, Some(0.41), 722, Some(1_650.5)),
            queue("rds.lock(row)", ResourceKind::Lock, None, 3, None),
        ],
        stores: Vec::new(),
        story: story(),
        losses: vec![Loss {
            source: "visitors".into(),
            operation: "elb.page".into(),
            from_s: 190.0,
            to_s: 1_200.0,
            failed: 12_000,
            degraded: 0,
            because: Some("app.workers".into()),
            root: Some("rds.cpu".into()),
            event: Some(1),
        }],
        objectives: vec![
            ObjectiveResult {
                subject: "visitors".into(),
                expression: "p(95) < 2s".into(),
                observed: None,
                observed_text: "never".into(),
                state: ObjectiveState::Missed,
                pass: false,
                note: Some("the 12,000 that failed count as endless; 5.6 s of those that succeeded".into()),
            },
            ObjectiveResult {
                subject: "robots".into(),
                expression: "failed < 1%".into(),
                observed: Some(0.0),
                observed_text: "0 %".into(),
                state: ObjectiveState::Held,
                pass: true,
                note: None,
            },
            ObjectiveResult {
                subject: "rds.query".into(),
                expression: "worst 1min p(99) < 1s optional".into(),
                observed: None,
                observed_text: "nothing to observe".into(),
                state: ObjectiveState::Unobserved,
                pass: true,
                note: None,
            },
        ],
        cost: Cost { total: 1.42, per_thousand_succeeded: Some(0.0162) },
        stations: vec![
            NapkinStation {
                service: "rds".into(),
                model: Some("M/G/4-PS".into()),
                figure: "latency".into(),
                time_s: Some(0.006),
                observed_s: Some(0.0061),
                refused: None,
                refused_observed: None,
                abandoned: None,
                abandoned_observed: None,
                within: Some(0.05),
                agrees: Some(true),
                why_not: None,
            },
            NapkinStation {
                service: "app".into(),
                model: None,
                figure: "latency".into(),
                time_s: None,
                observed_s: None,
                refused: None,
                refused_observed: None,
                abandoned: None,
                abandoned_observed: None,
                within: None,
                agrees: None,
                why_not: Some("it waits for rds.query".into()),
            },
        ],
        populations: vec![NapkinPopulation {
            changes: false,
            source: "staff".into(),
            population: 40.0,
            think_s: 7.0,
            demand_s: 0.025,
            bottleneck: Some("rds.cpu".into()),
            knee: Some(585.0),
            throughput_most_per_s: Some(83.3),
            throughput_bound_per_s: 5.7,
            response_bound_s: 0.025,
            throughput_per_s: Some(5.6),
            response_s: Some(0.026),
            holds: Some(true),
            why_not: None,
        }],
        napkin: vec![
            NapkinRow {
                held_by: None,
                resource: "rds.cpu".into(),
                capacity: 4.0,
                base: 0.3,
                peak: 3.0,
                asked: None,
                behind: None,
                saturates_at: Some(3.33),
                breaks_at: Some(breaks(0.333, 33.3)),
                passed_at_s: Some(150.0),
                observed: Some(0.81),
                note: "M/M/4 at base: waits 0.05 ms".into(),
            },
            NapkinRow {
                held_by: None,
                resource: "web.cpu".into(),
                capacity: 8.0,
                base: 0.08,
                peak: 0.8,
                asked: None,
                behind: None,
                saturates_at: Some(12.5),
                breaks_at: Some(breaks(1.25, 125.0)),
                passed_at_s: None,
                observed: Some(0.31),
                note: String::new(),
            },
        ],
        traces: vec![Trace {
            source: "visitors".into(),
            number: 4_711,
            example: Example::Slowest,
            started_s: 200.0,
            latency_s: 8.2,
            outcome: "succeeded".into(),
            spans: vec![
                span(0, "visitors", "call elb", 0.0, 8.2),
                span(1, "app.page", "backlog", 0.01, 6.0),
                span(1, "app.page", "cpu", 6.0, 6.1),
            ],
        }],
        series: series(),
        warnings: vec![
            "warm-up (1 min) is shorter than a session (10 min): the first minutes see too few sessions".into(),
        ],
        engine: Engine { version: "0.1.0".into(), events: 1_234_567 },
    }
}

fn visitors() -> Traffic {
    Traffic {
        in_flight: 240,
        degraded: 31,
        sessions: Some(sessions()),
        ..traffic(100_000, 87_760, &[("TimedOut", 9_000), ("Refused", 3_000)], 1.4)
    }
}

/// Two steps; a fifth of those who came gave up, most of them at the first.
fn sessions() -> Sessions {
    let step = |step: u32, operation: &str, reached: u64, calls: u64, gave_up: &[(&str, u64)]| JourneyStep {
        step,
        operation: operation.into(),
        reached,
        calls,
        failed: gave_up.iter().map(|(_, n)| n).sum(),
        gave_up: gave_up.iter().map(|(reason, n)| ((*reason).to_owned(), *n)).collect(),
        latency_s: latency(1.4),
    };
    Sessions {
        came: 5_400,
        completed: 4_200,
        degraded: 12,
        gave_up: IndexMap::from([("TimedOut".into(), 900), ("Refused".into(), 150)]),
        still_there: 150,
        came_per_s: 1.5,
        completed_per_s: 1.1666666666666667,
        completed_share: Some(0.8),
        gave_up_share: Some(0.2),
        duration_s: latency(40.0),
        steps: vec![
            step(1, "app.page", 5_400, 95_000, &[("TimedOut", 800)]),
            step(2, "app.pay", 4_300, 4_300, &[("TimedOut", 100), ("Refused", 150)]),
        ],
    }
}

fn latency(p50: f64) -> Option<Latency> {
    Some(Latency {
        mean: p50 * 1.2,
        p50,
        p90: p50 * 3.0,
        p95: p50 * 4.0,
        p99: p50 * 8.0,
        p999: p50 * 9.5,
        max: p50 * 10.0,
    })
}

fn traffic(offered: u64, succeeded: u64, failed: &[(&str, u64)], p50: f64) -> Traffic {
    Traffic {
        offered,
        succeeded,
        degraded: 0,
        failed: failed.iter().map(|(reason, n)| ((*reason).to_owned(), *n)).collect(),
        in_flight: 0,
        offered_per_s: offered as f64 / 3_600.0,
        goodput_per_s: succeeded as f64 / 3_600.0,
        latency_s: latency(p50),
        sessions: None,
    }
}

#[expect(clippy::too_many_arguments, reason = "a table of resources reads best as one line each")]
fn resource(
    id: &str,
    subject: &str,
    kind: ResourceKind,
    service: Option<&str>,
    capacity: f64,
    load: Option<f64>,
    busy: f64,
    waiting: f64,
    at: Option<f64>,
) -> Resource {
    Resource {
        id: id.into(),
        subject: subject.into(),
        service: service.map(Into::into),
        machine: service.is_none().then(|| id.split('/').next().unwrap_or(id).to_owned()),
        ordinal: id.split(['/', '.']).nth(1).and_then(|number| number.parse().ok()),
        kind,
        capacity,
        offered_load: load,
        offered_load_max: load.map(|rho| rho * 1.6),
        utilization_mean: busy,
        utilization_max: if at.is_some() { 1.0 } else { busy * 2.0 },
        waiting_mean: waiting,
        waiting_max: (waiting * 9.0).round(),
        refused: if kind == ResourceKind::Workers { 1_500 } else { 0 },
        saturated_at_s: at,
        saturated_for_s: at.map_or(0.0, |_| 1_234.0),
        completions: Some(1_000),
        busy_s: busy * capacity * 3_600.0,
        beyond_s: 0.0,
        waiting_s: waiting * 3_600.0,
        capacity_s: capacity * 3_600.0,
    }
}

/// By subject: what the first member has, with the sums of all.
pub fn groups(resources: &[Resource]) -> Vec<ResourceGroup> {
    let mut groups: Vec<ResourceGroup> = Vec::new();
    for resource in resources {
        let worst = Worst {
            offered_load: resource.offered_load,
            utilization_mean: resource.utilization_mean,
            utilization_max: resource.utilization_max,
            waiting_mean: resource.waiting_mean,
            waiting_max: resource.waiting_max,
        };
        match groups.iter_mut().find(|group| group.all.id == resource.subject) {
            Some(group) => {
                group.members += 1;
                group.all.capacity += resource.capacity;
                group.all.waiting_mean += resource.waiting_mean;
                group.all.waiting_max += resource.waiting_max;
                group.all.refused += resource.refused;
            }
            None => groups.push(ResourceGroup {
                all: Resource { id: resource.subject.clone(), ..resource.clone() },
                members: 1,
                worst,
            }),
        }
    }
    groups
}

fn queue(subject: &str, kind: ResourceKind, waited_share: Option<f64>, deepest: u64, empty: Option<f64>) -> Queue {
    Queue {
        subject: subject.into(),
        kind,
        waited_share,
        deepest,
        deepest_at_s: 400.0,
        oldest_s: Some(4.5),
        oldest_at_s: Some(410.0),
        empty_at_s: empty,
        drain_s: empty.map(|at| at - 400.0),
        lost_at_s: None,
        left: if empty.is_some() { 0 } else { 3 },
    }
}

fn story() -> Vec<StoryEvent> {
    let event = |at_s: f64, event: StoryKind, subject: &str, because: Option<&str>, text: &str| StoryEvent {
        at_s,
        event,
        subject: subject.into(),
        because: because.map(Named::from).into(),
        causes: Vec::new(),
        lost: 0,
        text: text.into(),
        found_s: at_s,
    };
    let mut story = vec![
        event(156.0, StoryKind::Saturated, "rds.cpu", None, "rds.cpu saturated (ρ 3.0, 37 waiting; arrivals 10×)"),
        event(
            171.0,
            StoryKind::Saturated,
            "app.workers",
            Some("rds.cpu"),
            "app.workers exhausted (191 of 200 wait for rds.cpu, 61 waiting)",
        ),
        event(
            190.0,
            StoryKind::Failing,
            "visitors",
            Some("app.workers"),
            "visitors fail: 38 % (31 % TimedOut, 7 % Refused)",
        ),
        event(1_800.0, StoryKind::Rule, "db", None, "the runbook resizes db to 16 cores"),
        event(2_400.0, StoryKind::Recovered, "rds.cpu", None, "rds.cpu recovered"),
        event(2_500.0, StoryKind::Saturated, "rds.cpu", None, "rds.cpu saturated (ρ 1.1, 9 waiting)"),
    ];
    (story[1].causes, story[2].causes) = (vec![0], vec![1]);
    story
}

fn series() -> Series {
    let crowd = |i: u32| if i < 5 { 3.0 } else { 3.0 + 60.0 * 0.5_f32.powf((i - 5) as f32 / 20.0) };
    let failed = |i: u32| if (6..40).contains(&i) { crowd(i) * 0.4 } else { 0.0 };
    let over = |of: &dyn Fn(u32) -> f32| (0..120).map(of).collect::<Vec<f32>>();
    let visitors = TrafficSeries {
        offered_per_s: over(&crowd),
        goodput_per_s: over(&|i| crowd(i) - failed(i)),
        degraded_per_s: over(&|i| if i == 50 { 1.0 } else { 0.0 }),
        failed_per_s: over(&failed),
        p95_s: (0..120).map(|i| (i != 7).then(|| if (6..60).contains(&i) { 11.0 } else { 0.4 })).collect(),
    };
    let robots = TrafficSeries {
        offered_per_s: over(&|_| 0.1),
        goodput_per_s: over(&|_| 0.1),
        degraded_per_s: over(&|_| 0.0),
        failed_per_s: over(&|_| 0.0),
        p95_s: vec![Some(0.02); 120],
    };
    let busy = |from: u32, until: u32| {
        (0..120).map(|i| (i != 80).then_some(if (from..until).contains(&i) { 1.0 } else { 0.3 })).collect()
    };
    Series {
        every_s: 30.0,
        traffic: IndexMap::from([("visitors".into(), visitors), ("robots".into(), robots)]),
        utilization: IndexMap::from([("rds.cpu".into(), busy(5, 78)), ("app.workers".into(), busy(6, 78))]),
        offered_load: IndexMap::new(),
        waiting: IndexMap::from([(
            "app.workers".into(),
            (0..120).map(|i| Some(if i == 13 { 722.0 } else { 0.0 })).collect(),
        )]),
        oldest_s: IndexMap::new(),
    }
}

fn span(depth: u32, name: &str, what: &str, from_s: f64, to_s: f64) -> Span {
    Span { depth, name: name.into(), what: what.into(), waits: what == "backlog", from_s, to_s }
}

/// A load of so many sessions of the visitors.
fn breaks(of_peak: f64, level: f64) -> NapkinBreak {
    NapkinBreak { of_peak, levels: vec![NapkinLevel { source: "visitors".into(), level, unit: "sessions/s".into() }] }
}
