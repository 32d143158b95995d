//! Each limit of a run, met, and its name in the results.

use crate::support::{Draft, compile};
use surgelab::engine::{Advance, Limits, Silent, Simulation, Stop};
use surgelab::measure::{Halt, Options, Recording, Results, record};
use surgelab::units::Time;

/// Limits that a test meets at once.
const SMALL: Limits = Limits { events: 300_000, at_once: 100_000, executions: 20_000, state: 50_000_000 };

fn within(draft: &Draft, limits: Limits) -> Results {
    record(compile(&draft.text()), &Options { seed: 1, limits, ..Options::default() }, &mut |_| {})
}

/// Ends at the limit with that name, and with results that say so.
#[track_caller]
fn stops(draft: &Draft, reason: &str) -> Results {
    let results = within(draft, SMALL);
    let stopped = results.stopped.as_ref().unwrap_or_else(|| panic!("it goes on to its end: {reason}"));
    assert!(stopped.reason.contains(reason), "{} instead of {reason}", stopped.reason);
    assert!(!results.pass(), "what stopped has not passed");
    results
}

const IN_FLIGHT: &str = "more than 20,000 executions in flight";
const AT_ONCE: &str = "more than 100,000 steps at one instant";
const EVENTS: &str = "more than 300,000 events";
const STATE: &str = "more than 50 MB of state";

fn station() -> Draft {
    Draft::new(1_000.0).station("a", 1, None, "1s")
}

#[test]
fn an_overload_without_a_bound_ends_at_the_executions() {
    let results = stops(&station().poisson(1_000.0, "a.serve"), IN_FLIGHT);
    assert!(results.traffic["crowd"].offered > 10_000, "what was done until then is told");
}

#[test]
fn a_batch_and_a_population_of_very_many_end_inside_one_event() {
    let batch = "Open(rate: Constant(\"1/s\"), batch: \"100000000\", call: \"a.serve\")";
    stops(&station().source("crowd", batch), IN_FLIGHT);
    let many = "Closed(population: Constant(100000000), journey: [Call(\"a.serve\"), Delay(\"1h\")])";
    stops(&station().source("crowd", many), IN_FLIGHT);
}

#[test]
fn branches_of_branches_end_inside_one_event() {
    let mut draft = Draft::new(10.0).service("s9", "operations: { \"run\": [Delay(\"1s\")] }");
    for at in 0..9 {
        let branch = format!("[Call(\"s{}.run\")]", at + 1);
        let fork = format!("Parallel([{}])", vec![branch; 20].join(", "));
        let service = format!("links: {{ \"s{}\": () }}, operations: {{ \"run\": [{fork}] }}", at + 1);
        draft = draft.service(&format!("s{at}"), &service);
    }
    stops(&draft.poisson(1.0, "s0.run"), IN_FLIGHT);
}

#[test]
fn a_population_that_is_refused_at_once_is_a_loop_with_a_name() {
    let draft = Draft::new(10.0)
        .station("a", 1, Some(0), "1s")
        .source("crowd", "Closed(population: Constant(50), journey: [Call(\"a.serve\")])");
    stops(&draft, AT_ONCE);
}

#[test]
fn retries_without_a_pause_end_at_the_steps() {
    let draft = Draft::new(10.0)
        .service(
            "b",
            "links: { \"a\": (retry: (times: 1000000, after: \"0s\")) }, operations: { \"run\": [Call(\"a.serve\")] }",
        )
        .station("a", 1, Some(0), "10s")
        .poisson(10.0, "b.run");
    stops(&draft, AT_ONCE);
}

#[test]
fn waits_of_a_nanosecond_end_at_the_events() {
    let once = "links: { \"a\": (timeout: \"1ns\", retry: (times: 1000000, after: \"1ns\")) }, operations: { \"run\": [Call(\"a.serve\")] }";
    let timeouts = Draft::new(10.0).service("b", once).station("a", 1, None, "10s").poisson(10.0, "b.run");
    assert!(within(&timeouts, SMALL).stopped.is_some());
    let impatient =
        "Closed(population: Constant(5), patience: \"1ns\", access: (cancel: All), journey: [Call(\"a.serve\")])";
    let results = stops(&station().source("crowd", impatient), EVENTS);
    assert!(results.traffic["crowd"].offered > 1_000);
    let queue = "kind: Queue(to: \"a\"), links: { \"a\": (timeout: \"1ns\", retry: (times: 1000000, after: \"1ns\")) }";
    let broker = Draft::new(10.0)
        .station("a", 1, None, "10s")
        .service("q", queue)
        .service("b", "links: { \"q\": () }, operations: { \"run\": [Enqueue(\"q.serve\")] }")
        .poisson(1.0, "b.run");
    assert!(within(&broker, SMALL).stopped.is_some());
}

#[test]
fn an_idle_year_ends_at_the_looks() {
    let draft = Draft::new(366.0 * 86_400.0).station("a", 1, None, "1s").poisson(0.0, "a.serve");
    stops(&draft, EVENTS);
}

#[test]
fn systems_that_take_more_than_all_memory_are_not_built() {
    let service = "links: { \"b\": (target_limit: 1) }, operations: { \"run\": [Call(\"b.serve\")] }, on: [\"m\"]";
    let pairs = Draft::new(10.0)
        .machine("m", "count: 20000")
        .service("a", service)
        .service("b", "on: [\"m\"], operations: { \"serve\": [Cpu(\"1ms\")] }")
        .poisson(10.0, "a.run");
    assert_eq!(stops(&pairs, STATE).traffic["crowd"].offered, 0);
    let stores: String = (0..200).map(|at| format!("\"s{at}\": (), ")).collect();
    let stored = format!(
        "on: [\"m\"], instances: PerMachine(100), stores: {{ {stores} }}, operations: {{ \"serve\": [Delay(\"1ms\")] }}"
    );
    let stores = Draft::new(10.0).machine("m", "count: 1000").service("a", &stored).poisson(10.0, "a.serve");
    stops(&stores, STATE);
}

#[test]
fn machines_that_come_in_one_event_are_counted() {
    let draft = Draft::new(10.0)
        .machine("m", "cores: 1")
        .service("a", "on: [\"m\"], operations: { \"serve\": [Cpu(\"1ms\")] }")
        .poisson(10.0, "a.serve")
        .rule("At(\"1s\", AddMachines(\"m\", 100000))");
    stops(&draft, STATE);
}

#[test]
fn what_has_passed_and_is_kept_is_counted() {
    let patience = "Open(rate: Constant(\"20000/s\"), patience: \"exp(1000d)\", call: \"a.run\")";
    let events = Draft::new(1e5).service("a", "operations: { \"run\": [Delay(\"1ns\")] }").source("crowd", patience);
    let limits = Limits { events: 1_000_000_000, ..SMALL };
    let reason = within(&events, Limits { state: 5_000_000, ..limits }).stopped.map(|stopped| stopped.reason);
    assert_eq!(reason.as_deref(), Some("more than 5 MB of state"));
    let store = "stores: { \"near\": () }, operations: { \"run\": [Cached(\"near\", \"item\", [], [Delay(\"1ns\")])] }";
    let entries = Draft::new(1e5).key("item", "Uniform(n: 100000000)").service("a", store).poisson(20_000.0, "a.run");
    let reason = within(&entries, Limits { state: 5_000_000, ..limits }).stopped.map(|stopped| stopped.reason);
    assert_eq!(reason.as_deref(), Some("more than 5 MB of state"));
}

#[test]
fn limits_that_are_not_met_change_nothing() {
    let draft = Draft::new(20.0).station("a", 3, Some(9), "exp(20ms)").poisson(160.0, "a.serve");
    let end = |limits: Limits| {
        let mut sim = Simulation::within(compile(&draft.text()), 3, limits);
        assert_eq!(sim.advance(Time(20_000_000_000), u64::MAX, &mut Silent), Advance::Reached);
        (sim.events(), sim.digest())
    };
    let free = end(Limits::DEFAULT);
    assert_eq!(end(Limits { events: free.0, ..SMALL }), free, "as many events as there are");
    let mut short = Simulation::within(compile(&draft.text()), 3, Limits { events: free.0 - 1, ..SMALL });
    let ended = short.advance(Time(20_000_000_000), u64::MAX, &mut Silent);
    assert_eq!(ended, Advance::Stopped(Stop::TooManyEvents), "one more than there may be");
}

#[test]
fn whoever_waits_may_end_a_run_with_what_it_has() {
    let halt = Halt::default();
    let options = Options { seed: 1, halt: halt.clone(), ..Options::default() };
    let mut recording = Recording::new(&compile(&station().poisson(100.0, "a.serve").text()), options);
    while recording.simulation().now() < Time(5_000_000_000) {
        assert!(recording.advance(1_000));
    }
    halt.now("interrupted by SIGINT");
    halt.now("too late");
    assert!(!recording.advance(1_000));
    let results = recording.results();
    assert!(results.traffic["crowd"].offered > 300);
    assert_eq!(results.stopped.map(|stopped| stopped.reason).as_deref(), Some("interrupted by SIGINT"));
}

/// Steps that are counted, and compared with a limit, grow as the machines do.
#[test]
fn machines_that_leave_are_gone_through_once() {
    for count in [2_000, 20_000] {
        let draft = Draft::new(10.0)
            .machine("m", &format!("count: {count}"))
            .machine("n", "count: 20")
            .service("a", "on: [\"m\"], operations: { \"serve\": [Cpu(\"1ms\")] }")
            .service("b", "on: [\"n\"], links: { \"a\": () }, operations: { \"serve\": [Call(\"a.serve\")] }")
            .poisson(10.0, "b.serve")
            .rule(&format!("At(\"1s\", RemoveMachines(\"m\", {}))", count - 1));
        let mut sim = Simulation::within(compile(&draft.text()), 1, Limits { state: 4_000_000_000, ..SMALL });
        assert_eq!(sim.advance(Time(10_000_000_000), u64::MAX, &mut Silent), Advance::Reached, "{count} machines");
    }
}

#[test]
fn instances_that_are_no_longer_wanted_leave_at_once() {
    let draft = Draft::new(10.0)
        .machine("m", "count: 100")
        .machine("n", "count: 20")
        .service("a", "on: [\"m\"], instances: Count(10000), operations: { \"serve\": [Cpu(\"1ms\")] }")
        .service("b", "on: [\"n\"], links: { \"a\": () }, operations: { \"serve\": [Call(\"a.serve\")] }")
        .poisson(10.0, "b.serve")
        .rule("At(\"1s\", RemoveInstances(\"a\", 9999))")
        .rule("At(\"5s\", Deploy(target: \"a\", at_once: 1, takes: \"1s\"))");
    let results = within(&draft, Limits { state: 4_000_000_000, at_once: 5_000_000, ..SMALL });
    assert_eq!(results.stopped.map(|stopped| stopped.reason), None);
    // Its only instance is away for a second.
    assert!(results.traffic["crowd"].failed.values().sum::<u64>() < 20, "{:?}", results.traffic);
}

/// Connections that callers keep to instances that leave close; what an instance has is never more than it may have.
#[test]
fn what_leaves_is_never_fuller_than_full() {
    let draft = Draft::new(60.0)
        .machine("f", "cores: 1")
        .machine("m", "count: 3")
        .service(
            "a",
            "on: [\"f\"], links: { \"b\": (connections: Keep(50), balance: RoundRobin) }, operations: { \"op\": [Call(\"b.op\")] }",
        )
        .service("b", "on: [\"m\"], max_connections: 5, operations: { \"op\": [Cpu(\"20ms\")] }")
        .source("u", "Closed(population: Constant(5), journey: [Call(\"a.op\"), Delay(\"exp(500ms)\")])");
    let rules = [
        "At(\"3s\", RemoveMachines(\"m\", 2))",
        "At(\"3s\", Set(\"services.b.max_connections\", 1))",
        "At(\"3s\", Set(\"machines.m.count\", 1))",
    ];
    for rule in rules {
        let results = record(compile(&draft.clone().rule(rule).text()), &Options::default(), &mut |_| {});
        let over: Vec<_> = results.resources.iter().filter(|row| row.utilization_max > 1.0 + 1e-9).collect();
        assert!(over.is_empty(), "{rule}: {over:#?}");
        let failed: u64 = results.traffic["u"].failed.values().sum();
        let offered = results.traffic["u"].offered;
        assert!(failed * 20 < offered, "{rule}: {failed} of {offered} failed");
    }
}
