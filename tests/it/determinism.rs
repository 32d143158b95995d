//! A run is a function of scenario, seed and command log, and of nothing else.

use crate::support::random::chaos;
use crate::support::watch::Ended;
use crate::support::ways::{Way, first_difference, same};
use crate::support::{Draft, Watch, compile, finish, simulate};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;
use std::sync::Arc;
use surgelab::engine::{Command, Observation, Observer, Silent, Simulation, WorkKind};
use surgelab::measure::Recorder;
use surgelab::model::{Action, Model, Target};
use surgelab::scenario::Edit;
use surgelab::units::Time;

/// A minute of a web site with everything in it: balancer, health checks, pools, retries, people, a memory leak,
/// faults.
fn rich() -> Draft {
    Draft::new(60.0)
        .warm_up(5.0)
        .machine("web", "count: 3, cores: 2, boot: \"5s\"")
        .machine("data", "cores: 4, network: \"100Mbit/s\"")
        .service("front", "on: [], kind: Balancer(to: \"app\"), links: { \"app\": (balance: LeastConnections, health: (every: \"2s\"), timeout: \"800ms\", cancel: Queued, retry: (times: 1, jitter: \"50%\", after: \"20ms\")) }")
        .service(
            "app",
            "on: [\"web\"], workers: 8, backlog: (limit: 64), memory: (idle: \"200MiB\", per_request: \"1MiB\", leak_per_request: \"300KiB\", limit: \"900MiB\"), restart: \"4s\",
             links: { \"db\": (connections: Keep(4), idle: \"3s\", latency: \"exp(0.3ms)\", timeout: \"300ms\", pool_timeout: \"200ms\", cancel: All), \"mail\": (retry: (times: 2, budget: (earn: \"10%\"))) },
             operations: { \"page\": [Cpu(\"lognormal(6ms, cv 1)\"), Parallel([[Call(\"db.read\")], [Repeat(\"geometric(2)\", [Call(\"db.read\")])]]), Background([Call(\"mail.send\")]), Send(\"20KiB\")], \"save\": [Try([Call(\"db.write\")], [Delay(\"5ms\")])] }",
        )
        .service("db", "on: [\"data\"], kind: Database, max_connections: 60, contention: (sigma: 0.02), operations: { \"read\": [Cpu(\"exp(3ms)\")], \"write\": [Choose([(0.9, [Cpu(\"2ms\")]), (0.1, [Delay(\"exp(50ms)\")])]), Fail(\"2%\")] }")
        .service("mail", "on: [], kind: External, operations: { \"send\": [Delay(\"40ms + 5ms*in_flight\"), Fail(\"10%\")] }")
        .source("people", "Users(arrive: Flash(base: \"4/s\", peak: \"30/s\", at: \"10s\", rise: \"5s\", half_life: \"10s\"), journey: [Repeat(\"geometric(4)\", [Call(\"front.page\"), Delay(\"exp(1s)\")]), Call(\"front.save\")], patience: \"1s\", retry: (times: 1, after: \"exp(500ms)\"))")
        .source("robots", "Open(rate: Constant(\"20/s\"), call: \"front.page\")")
        .source("staff", "Closed(population: Constant(10), journey: [Call(\"front.save\"), Delay(\"exp(300ms)\")], then: Continue)")
        .rule("At(\"20s\", Crash(\"app/1\"))")
        .rule("At(\"25s\", Slow(target: \"db\", factor: 0.3, lasting: \"6s\"))")
        .rule("When(condition: \"app.workers > 70%\", lasting: \"1s\", after: \"2s\", then: AddMachines(\"web\", 1), repeat: true)")
}

/// `rich` and some random scenarios with faults.
fn cases() -> Vec<Arc<Model>> {
    let mut runner = TestRunner::deterministic();
    let random = (0..12).map(|_| chaos().new_tree(&mut runner).expect("a scenario").current().draft());
    std::iter::once(rich()).chain(random).map(|draft| compile(&draft.text())).collect()
}

fn horizon(sim: &Simulation) -> Time {
    Time(sim.model().horizon.0)
}

/// Straight ahead.
fn plain(model: &Arc<Model>, seed: u64) -> Way {
    let model = Arc::clone(model);
    Way {
        name: "in one go",
        start: Box::new(move || Simulation::new(Arc::clone(&model), seed)),
        walk: Box::new(|mut sim, events| {
            let until = horizon(&sim);
            sim.advance(until, events - sim.events(), &mut Silent);
            sim
        }),
    }
}

#[test]
fn two_runs_are_one() {
    for model in cases() {
        same(&plain(&model, 7), &plain(&model, 7));
    }
}

#[test]
fn another_seed_is_another_run() {
    let model = compile(&rich().text());
    assert!(first_difference(&plain(&model, 1), &plain(&model, 2)).is_some());
}

#[test]
fn a_thousand_slices_are_one_go() {
    for model in cases() {
        let sliced = Way {
            name: "in a thousand slices",
            walk: Box::new(|mut sim, events| {
                let (from, until) = (sim.now().0, horizon(&sim).0);
                for slice in 1..=1000 {
                    let stop =
                        from + (until - from) / 1000 * slice + if slice == 1000 { (until - from) % 1000 } else { 0 };
                    sim.advance(Time(stop), events - sim.events(), &mut Silent);
                }
                sim
            }),
            ..plain(&model, 3)
        };
        same(&plain(&model, 3), &sliced);
        let budgeted = Way {
            name: "7 events at a time",
            walk: Box::new(|mut sim, events| {
                let until = horizon(&sim);
                loop {
                    let before = (sim.events(), sim.now());
                    sim.advance(until, (events - sim.events()).min(7), &mut Silent);
                    if (sim.events(), sim.now()) == before || sim.events() >= events {
                        return sim;
                    }
                }
            }),
            ..plain(&model, 3)
        };
        same(&plain(&model, 3), &budgeted);
    }
}

#[test]
fn a_clone_half_way_goes_on_alike() {
    for model in cases() {
        let cloned = Way {
            name: "cloned half-way",
            walk: Box::new(|mut sim, events| {
                let until = horizon(&sim);
                let half = Time((sim.now().0 + until.0) / 2);
                sim.advance(half, events - sim.events(), &mut Silent);
                let mut copy = sim.clone();
                // What the original does later is its own affair.
                sim.advance(until, 10_000, &mut Silent);
                copy.advance(until, events - copy.events(), &mut Silent);
                copy
            }),
            ..plain(&model, 4)
        };
        same(&plain(&model, 4), &cloned);
    }
}

#[test]
fn measuring_changes_nothing() {
    for model in cases() {
        let heard = Model::clone(&model);
        let measured = Way {
            name: "measured",
            walk: Box::new(move |mut sim, events| {
                let until = horizon(&sim);
                let mut recorder = Recorder::new(&heard);
                sim.advance(until, events - sim.events(), &mut recorder);
                sim
            }),
            ..plain(&model, 5)
        };
        same(&plain(&model, 5), &measured);
    }
}

/// A way that submits commands when the simulation gets to their times.
fn commanded(model: &Arc<Model>, seed: u64, commands: Vec<(Time, Command)>) -> Way {
    Way {
        name: "commanded",
        walk: Box::new(move |mut sim, events| {
            let until = horizon(&sim);
            for (at, command) in &commands {
                sim.advance(*at, events - sim.events(), &mut Silent);
                if sim.now() < *at {
                    return sim;
                }
                sim.submit(command.clone());
            }
            sim.advance(until, events - sim.events(), &mut Silent);
            sim
        }),
        ..plain(model, seed)
    }
}

/// Requests of one source by number: when each began and how it ended.
fn fates(model: &Model, watch: &Watch, source: &str) -> BTreeMap<u64, Ended> {
    let id = model.sources.iter().position(|s| s.name == source).expect("the source") as u32;
    watch.ended.iter().filter(|r| r.source.number() == id).map(|r| (r.number, *r)).collect()
}

/// The same fates, whatever ids the model gave.
fn facts(fates: &BTreeMap<u64, Ended>) -> Vec<(u64, i64, i64, surgelab::engine::Outcome)> {
    fates.values().map(|r| (r.number, r.started.0, r.ended.0, r.outcome)).collect()
}

/// Two tiers with a random element in every place where one can be.
fn two_tiers(before: &str) -> Draft {
    let mut draft = Draft::new(200.0).machine("data", "cores: 2");
    if before == "first" {
        draft = stranger(draft);
    }
    draft = draft
        .machine("web", "count: 2, cores: 1")
        .service("app", "on: [\"web\"], workers: 4, backlog: (limit: 10), links: { \"db\": (balance: Random, connections: Keep(3), timeout: \"100ms\", retry: (times: 1, after: \"exp(10ms)\", jitter: \"50%\")) }, operations: { \"get\": [Cpu(\"lognormal(15ms, cv 2)\"), Choose([(0.7, [Call(\"db.read\")]), (0.3, [])]), Fail(\"1%\")] }")
        .service("db", "on: [\"data\"], operations: { \"read\": [Cpu(\"exp(20ms)\")] }")
        .source("crowd", "Open(rate: Constant(\"60/s\"), call: \"app.get\", patience: \"400ms\", retry: (times: 1, after: \"exp(100ms)\"), access: (balance: LeastConnections))")
        .source("people", "Users(arrive: Constant(\"2/s\"), journey: [Repeat(\"geometric(3)\", [Call(\"app.get\"), Delay(\"exp(500ms)\")])])");
    if before == "last" { stranger(draft) } else { draft }
}

/// Somebody else's system.
fn stranger(draft: Draft) -> Draft {
    draft
        .machine("other", "count: 3, cores: 1")
        .service(
            "blog",
            "on: [\"other\"], workers: 2, links: { \"store\": () }, operations: { \"post\": [Cpu(\"exp(20ms)\"), Call(\"store.put\")] }",
        )
        .service("store", "on: [\"other\"], operations: { \"put\": [Delay(\"exp(5ms)\")] }")
        .source("readers", "Open(rate: Constant(\"40/s\"), call: \"blog.post\", patience: \"50ms\", retry: (times: 2))")
        .rule("At(\"50s\", Crash(\"blog/1\"))")
}

#[test]
fn an_unrelated_service_changes_nobody_elses_numbers() {
    let (alone, seen) = simulate(&two_tiers(""), 11);
    for place in ["first", "last"] {
        let (sim, other) = simulate(&two_tiers(place), 11);
        for source in ["crowd", "people"] {
            let expected = facts(&fates(alone.model(), &seen, source));
            assert!(expected.len() > 300, "{source}: {} requests are too few", expected.len());
            assert_eq!(
                facts(&fates(sim.model(), &other, source)),
                expected,
                "{source} beside a stranger placed {place}"
            );
        }
    }
}

/// Seconds of CPU asked of each operation, by its name, sorted.
#[derive(Default)]
struct Demands(BTreeMap<u32, Vec<f64>>);

impl Observer for Demands {
    fn observe(&mut self, _: Time, what: &Observation) {
        if let Observation::Work { operation, kind: WorkKind::Cpu, amount, .. } = *what {
            self.0.entry(operation.number()).or_default().push(amount);
        }
    }
}

#[test]
fn two_variants_see_the_same_crowd_with_the_same_demands() {
    // The patch changes how many machines, workers and connections there are, and how requests are spread: everything
    // but what the crowd wants. Nothing fails in either, so both do all the work.
    let draft = Draft::new(300.0)
        .machine("web", "count: 4, cores: 1")
        .machine("data", "cores: 2")
        .service("app", "on: [\"web\"], workers: 4, links: { \"db\": (connections: Keep(3)) }, operations: { \"get\": [Cpu(\"lognormal(15ms, cv 2)\"), Repeat(\"geometric(2)\", [Call(\"db.read\")])] }")
        .service("db", "on: [\"data\"], operations: { \"read\": [Cpu(\"exp(4ms)\")] }")
        .poisson(100.0, "app.get")
        .source("people", "Users(arrive: Constant(\"2/s\"), journey: [Repeat(\"geometric(3)\", [Call(\"app.get\"), Delay(\"exp(500ms)\")])])")
        .variant("wide", "set: { \"machines.web.count\": 7, \"services.app.workers\": 9, \"services.app.links.db.connections\": Keep(8), \"traffic.crowd.access.balance\": LeastOf(2), \"machines.data.cores\": 3 }");
    let before = crate::support::run::loaded(&draft.text());
    let after = before.with(Some("wide"), &[]).expect("the variant is legal");
    let look = |loaded: &surgelab::scenario::Loaded| {
        let model = Arc::new(Model::compile(loaded).expect("it compiles"));
        let mut watch = Watch::default();
        let mut sim = Simulation::new(Arc::clone(&model), 12);
        finish(&mut sim, &mut watch);
        let mut demands = Demands::default();
        let mut sim = Simulation::new(Arc::clone(&model), 12);
        finish(&mut sim, &mut demands);
        let arrivals: Vec<(u64, i64)> =
            fates(&model, &watch, "crowd").values().map(|r| (r.number, r.started.0)).collect();
        let work = demands.0.into_values().map(|mut amounts| {
            amounts.sort_by(f64::total_cmp);
            amounts
        });
        (arrivals, work.collect::<Vec<_>>(), watch.mean().value)
    };
    let (a, b) = (look(&before), look(&after));
    assert_ne!(a.2, b.2, "the variant matters");
    let whole = a.0.len().min(b.0.len()) - 100;
    assert_eq!(a.0[..whole], b.0[..whole], "arrivals");
    for (a, b) in a.1.iter().zip(&b.1) {
        // What is unfinished at the horizon differs a little.
        let (same, all) = common(a, b);
        assert!(all - same < 200, "{same} of {all} demands are the same");
    }
}

/// How many values two sorted lists share, and how many the longer has.
fn common(a: &[f64], b: &[f64]) -> (usize, usize) {
    let (mut i, mut j, mut same) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].total_cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (i, j, same) = (i + 1, j + 1, same + 1),
        }
    }
    (same, a.len().max(b.len()))
}

/// What an operator might do to `rich` at odd moments, a change of the system among it.
fn interventions(model: &Arc<Model>) -> Vec<(Time, Command)> {
    let service = |name: &str| {
        surgelab::model::ServiceId::new(model.services.iter().position(|s| s.name == name).expect("the service"))
    };
    let changed = model
        .edited(&[Edit::set("services.app.workers", "3"), Edit::set("machines.web.cores", "1")])
        .expect("a legal change");
    let seconds = |s: f64| Time((s * 1e9) as i64);
    vec![
        (seconds(7.123), Command::Act(Action::Crash(Target::Service(service("app"), Some(0))))),
        (
            seconds(15.5),
            Command::Act(Action::Slow {
                target: Target::Service(service("db"), None),
                factor: 0.5,
                lasting: surgelab::units::Span(3_000_000_000),
            }),
        ),
        (
            seconds(15.5),
            Command::Act(Action::Restart {
                target: Target::Service(service("app"), None),
                stagger: surgelab::units::Span(400_000_000),
            }),
        ),
        (seconds(31.0), Command::Replace(Arc::new(changed))),
        (seconds(40.25), Command::Act(Action::ScaleTraffic(surgelab::model::SourceId::new(1), 2.0))),
    ]
}

#[test]
fn a_recorded_command_log_replays_the_run() {
    let model = compile(&rich().text());
    let live = commanded(&model, 6, interventions(&model));
    let lived = (live.walk)((live.start)(), u64::MAX);
    let log: Vec<(Time, Command)> = lived.log().iter().map(|logged| (logged.time, logged.command.clone())).collect();
    assert_eq!(log.len(), 5);
    let replayed = Way {
        name: "replayed from the log",
        start: {
            let model = Arc::clone(&model);
            Box::new(move || {
                let mut sim = Simulation::new(Arc::clone(&model), 6);
                for (time, command) in &log {
                    sim.submit_at(*time, command.clone());
                }
                sim
            })
        },
        ..plain(&model, 6)
    };
    same(&live, &replayed);
    assert!(first_difference(&plain(&model, 6), &live).is_some(), "the commands matter");
}

#[test]
fn the_first_differing_event_is_found() {
    let model = compile(&rich().text());
    let at = Time(23_456_789_012);
    let crash = interventions(&model).remove(0).1;
    let (a, b) = (plain(&model, 8), commanded(&model, 8, vec![(at, crash)]));
    let event = first_difference(&a, &b).expect("a crash makes a difference");
    let before = (a.walk)((a.start)(), event - 1);
    let after = (a.walk)((a.start)(), event);
    assert!(before.now() <= at && at <= after.now(), "event {event} at {:?}, the crash at {at:?}", after.now());
    assert_eq!(before.digest(), (b.walk)((b.start)(), event - 1).digest());
    assert_ne!(after.digest(), (b.walk)((b.start)(), event).digest());
}
