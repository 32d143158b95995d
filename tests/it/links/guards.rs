//! Rate limits, breakers, full queues and lost messages.

use crate::support::{Draft, Watch, simulate};
use surgelab::engine::{Observation, Observer, Outcome};
use surgelab::scenario::Reason;
use surgelab::units::Time;

/// A caller that forwards to a callee over a link, a burst of `people` at time 0 and nobody after.
fn forward(link: &str, callee: &str) -> Draft {
    Draft::new(20.0)
        .service("app", &format!("links: {{ \"db\": ({link}) }}, operations: {{ \"get\": [Call(\"db.read\")] }}"))
        .service("db", &format!("operations: {{ \"read\": [{callee}] }}"))
}

fn count(watch: &Watch, outcome: Outcome) -> usize {
    watch.ended.iter().filter(|request| request.outcome == outcome).count()
}

const GOOD: Outcome = Outcome::Succeeded { degraded: false };

#[test]
fn a_token_bucket_lets_exactly_its_burst_and_its_rate_through() {
    // A call every 10 ms from 100 people that start together: 100 calls at 0, 1, 2 .. 19 s.
    let draft = forward("rate_limit: (rate: \"7/s\", burst: 20)", "Delay(\"1ms\")").source(
        "crowd",
        "Closed(population: Constant(100), journey: [Call(\"app.get\"), Delay(\"1s\")], then: Continue)",
    );
    let watch = simulate(&draft, 1).1;
    // 20 at once; then 7 for each second that passed.
    let good: Vec<i64> =
        watch.ended.iter().filter(|r| r.outcome == GOOD).map(|r| (r.started.0 + 500_000_000) / 1_000_000_000).collect();
    let at = |second: i64| good.iter().filter(|start| **start == second).count();
    assert_eq!((at(0), at(1), at(2), at(19)), (20, 7, 7, 7));
    assert_eq!(good.len() + count(&watch, Outcome::Failed(Reason::RateLimited)), watch.ended.len());
}

#[test]
fn a_crowds_limit_is_of_the_whole_source() {
    let draft = Draft::new(100.0).service("app", "operations: { \"get\": [Delay(\"1ms\")] }").poisson_with(
        500.0,
        "app.get",
        "access: (rate_limit: (rate: \"30/s\", burst: 10))",
    );
    let watch = simulate(&draft, 2).1;
    let good = count(&watch, GOOD);
    assert!((3008..=3010).contains(&good), "10 + 30 x 100 s: {good}");
}

/// When each breaker opened and closed.
#[derive(Default)]
struct Breakers(Vec<(f64, bool)>);
impl Observer for Breakers {
    fn observe(&mut self, now: Time, what: &Observation) {
        if let Observation::BreakerChanged { open, .. } = what {
            self.0.push((now.0 as f64 * 1e-9, *open));
        }
    }
}

#[test]
fn a_breaker_opens_and_closes_at_exact_moments_and_sheds() {
    // One call each 100 ms, answered in 10 ms, but the callee is dead from 2.05 s to 7 s.
    let draft =
        forward("breaker: (failures: \"50%\", window: \"2s\", calls: 8, open: \"3s\", trials: 2)", "Delay(\"10ms\")")
            .source(
                "crowd",
                "Closed(population: Constant(1), journey: [Call(\"app.get\"), Delay(\"90ms\")], then: Continue)",
            )
            .rule("At(\"2050ms\", Crash(\"db\"))")
            .rule("At(\"7s\", Restart(target: \"db\"))");
    let mut sim = surgelab::engine::Simulation::new(crate::support::compile(&draft.text()), 1);
    let mut breakers = Breakers::default();
    crate::support::run::finish(&mut sim, &mut breakers);
    let moments: Vec<(f64, bool)> = breakers.0.iter().map(|(at, open)| ((at * 1e3).round() / 1e3, *open)).collect();
    // Good at 0.01 .. 2.01 s each 100 ms; then refused at once each 90 ms from 2.1 s on. The window is the present
    // fifth of a second and the nine before it: the 11th failure, at 3.0 s, is the first to outnumber the 9 good ones
    // from 1.2 s on.
    assert_eq!(moments.first(), Some(&(3.0, true)), "{moments:?}");
    // It tries at the first call 3 s later, which is refused, and again 3 s later, when two in a row are answered.
    assert_eq!(moments.len(), 2, "{moments:?}");
    let (closed, open) = moments[1];
    assert!(!open && (9.0..9.4).contains(&closed), "{moments:?}");
}

#[test]
fn an_open_breaker_spares_a_callee_that_only_times_out() {
    // 100/s at a station that serves 50/s, whose caller waits 0.2 s and calls again: without a breaker nothing in time.
    let storm = |breaker: &str| {
        let draft = Draft::new(60.0)
            .service(
                "app",
                &format!("links: {{ \"db\": (timeout: \"200ms\", {breaker}) }}, operations: {{ \"get\": [Call(\"db.serve\")] }}"),
            )
            .station("db", 1, None, "20ms")
            .poisson(100.0, "app.get");
        let watch = simulate(&draft, 5).1;
        (watch.goodput(20.0, 60.0), count(&watch, Outcome::Failed(Reason::CircuitOpen)) as f64)
    };
    let (without, _) = storm("");
    let (with, shed) = storm("breaker: (window: \"1s\", open: \"2s\")");
    assert!(without < 1.0, "{without}");
    assert!(with > 5.0 && shed > 1000.0, "{with} {shed}");
}

#[test]
fn a_full_queue_refuses() {
    // One connection, one may wait; 5 come at once and stay 1 s each.
    let draft = forward("connections: Keep(1), queue_limit: 1", "Delay(\"1s\")")
        .source("crowd", "Closed(population: Stages(start: 5, stages: [(\"1s\", 5), (\"0s\", 0)]), journey: [Call(\"app.get\"), Delay(\"9s\")], then: Continue)");
    let watch = simulate(&draft, 1).1;
    assert_eq!((count(&watch, GOOD), count(&watch, Outcome::Failed(Reason::Refused))), (2, 3));
}

#[test]
fn a_lost_message_is_silence() {
    // Half of the questions and half of the answers vanish: three in four calls fail, each after the timeout.
    for (link, reason, lasts) in [
        ("loss: \"50%\", timeout: \"300ms\"", Reason::TimedOut, 0.3),
        ("loss: \"50%\", connect_timeout: \"200ms\"", Reason::Unreachable, 0.2),
        ("loss: \"50%\", connect_timeout: \"200ms\", connections: Keep(2000)", Reason::Unreachable, 0.2),
    ] {
        let draft = Draft::new(200.0)
            .service("app", &format!("links: {{ \"db\": ({link}) }}, operations: {{ \"get\": [Call(\"db.read\")] }}"))
            .service("db", "operations: { \"read\": [Delay(\"1ms\")] }")
            .poisson(100.0, "app.get");
        let (sim, watch) = simulate(&draft, 3);
        let failed: Vec<f64> =
            watch.ended.iter().filter(|r| r.outcome == Outcome::Failed(reason)).map(|r| r.latency()).collect();
        let share = failed.len() as f64 / watch.ended.len() as f64;
        assert!((share - 0.75).abs() < 0.02, "{link}: {share}");
        // A lost question is known after `lasts`, a lost answer 1 ms later where the clock starts with it.
        assert!(failed.iter().all(|latency| (lasts - 1e-6..lasts + 0.0011).contains(latency)), "{link}");
        let db = sim.instances().find(|i| sim.model().services[i.service].name == "db").expect("a database");
        assert!(db.connections <= 60, "no connection is left behind: {}", db.connections);
    }
}
