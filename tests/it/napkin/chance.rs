//! How far chance may part theory and simulation, and which runs are too short to tell.

use super::run;
use crate::support::Draft;
use surgelab::measure::results::NapkinStation;
use surgelab::scenario::load;

fn station(draft: &Draft) -> NapkinStation {
    run(&load("t.ron", &draft.text()).expect("sound")).stations[0].clone()
}

/// Over an hour, by the chain of the states: M/G/10/10 at 10 erlangs refuses within 0.6 % and takes a time within 0.2 %
/// (one standard deviation); M/M/4/10 at 4.5 erlangs likewise within 1 %. Three intervals are no more than a fiftieth.
#[test]
fn the_interval_of_a_loss_system_is_that_of_its_states() {
    let draft = |service: &str, rate: f64| {
        Draft::new(3600.0)
            .machine("m", "cores: 16")
            .service("app", &format!("on: [\"m\"], {service}"))
            .poisson(rate, "app.page")
    };
    let lost =
        station(&draft("workers: 10, backlog: (limit: 0), operations: { \"page\": [Delay(\"exp(100ms)\")] }", 100.0));
    let queued =
        station(&draft("workers: 4, backlog: (limit: 6), operations: { \"page\": [Delay(\"exp(50ms)\")] }", 90.0));
    for (row, model, most) in [(lost, "M/G/10/10", 0.02), (queued, "M/M/4/10", 0.04)] {
        assert_eq!((row.model.as_deref(), row.agrees), (Some(model), Some(true)), "{row:?}");
        assert!(row.within.is_some_and(|within| within <= most), "{row:?}");
    }
}

#[test]
fn a_connection_of_a_call_is_gone_before_its_reply_arrives() {
    // 100/s × 100 ms at ten connections, with 40 ms on the way to them and back: Erlang's 21.5 %.
    let draft = Draft::new(3600.0)
        .machine("m", "cores: 16")
        .service("app", "on: [\"m\"], max_connections: 10, operations: { \"page\": [Delay(\"exp(100ms)\")] }")
        .source("u", "Open(rate: Constant(\"100/s\"), call: \"app.page\", access: (latency: \"40ms\"))");
    let row = station(&draft);
    assert_eq!((row.model.as_deref(), row.agrees), (Some("M/G/10/10"), Some(true)), "{row:?}");
    assert!(row.refused.is_some_and(|share| (share - 0.2146).abs() < 1e-4), "{row:?}");
}

#[test]
fn a_run_that_begins_with_nobody_waiting_may_be_too_short_to_tell() {
    // 100 clerks who ask every second for 50 ms of a core: R is at least 100 × 50 ms − 1 s, once they stand in line.
    let of = |population: u32, horizon_s: f64| {
        let draft = Draft::new(horizon_s)
            .machine("m", "cores: 1")
            .service("desk", "on: [\"m\"], workers: 4, operations: { \"ask\": [Cpu(\"exp(50ms)\")] }")
            .source(
                "clerks",
                &format!(
                    "Closed(population: Constant({population}), journey: [Delay(\"exp(1s)\"), Call(\"desk.ask\")])"
                ),
            );
        run(&load("t.ron", &draft.text()).expect("sound")).populations[0].clone()
    };
    let short = of(100, 3.0);
    assert!(short.response_s.is_some_and(|response| response < 3.0), "{short:?}");
    assert_eq!((short.holds, short.why_not.as_deref()), (None, Some("3 s are too short to tell")), "{short:?}");
    // By little, it is no proof either.
    let many = (4..=12).map(|horizon| of(30, f64::from(horizon)));
    let early: Vec<_> = many.filter(|row| row.response_s.is_some_and(|response| response < 0.5)).collect();
    assert!(!early.is_empty() && early.iter().all(|row| row.holds.is_none()), "{early:?}");
    let long = of(100, 1200.0);
    assert_eq!((long.holds, long.why_not), (Some(true), None));
}
