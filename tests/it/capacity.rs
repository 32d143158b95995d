//! Capacity: the limit that is found is the one that theory gives, in the units of those who come.

use crate::support::Draft;
use statrs::function::gamma::ln_gamma;
use surgelab::experiment::Experiment;
use surgelab::study::{self, Answer, Capacity, CapacityPlan, Executor, LoadUnit, StudySpec};

const STEADY: CapacityPlan = CapacityPlan { surge: false, whole: false };

fn ask(draft: &Draft, plan: CapacityPlan, seed: u64) -> Result<Capacity, String> {
    let experiment = Experiment { seed: Some(seed), ..Experiment::new("test", draft.text()) };
    let compiled = experiment.compile().expect("it is a scenario");
    match study::answer(StudySpec::Capacity(plan), &compiled, Executor::Threads(2), &|_| {}) {
        Ok(Answer::Capacity(capacity)) => Ok(*capacity),
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(failure.problems[0].message.clone()),
    }
}

/// Services of one kind, and the load at which each just keeps its objective.
fn stations() -> Vec<(&'static str, Draft, f64)> {
    let server = |workers: u32, room: Option<u32>| {
        Draft::new(300.0).warm_up(5.0).station("app", workers, room, "exp(10ms)").poisson(30.0, "app.serve")
    };
    vec![
        // The time in the system is exponential with mean 1 / (µ − λ).
        ("M/M/1", server(1, None).objective("crowd", "p(95) < 100ms"), 100.0 - 20f64.ln() / 0.1),
        (
            "M/M/3",
            server(3, None).objective("crowd", "p(95) < 60ms"),
            limit(1.0, 299.0, |rate| late(rate, 100.0, 3, 0.06) <= 0.05),
        ),
        (
            "M/M/2/6",
            server(2, Some(4)).objective("crowd", "failed < 5%"),
            limit(1.0, 400.0, |rate| lost(rate, 100.0, 2, 6) <= 0.05),
        ),
    ]
}

/// Where it stops to hold.
pub fn limit(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if holds(middle) { low = middle } else { high = middle }
    }
    low
}

/// Probabilities of 0, 1, ... in an M/M/c/K system.
fn occupancy(rate: f64, service: f64, servers: u32, room: u32) -> Vec<f64> {
    let load = rate / service;
    let weight = |n: u32| {
        let busy = n.min(servers);
        let queued = f64::from(n - busy) * (load / f64::from(servers)).ln();
        (f64::from(busy) * load.ln() - ln_gamma(f64::from(busy) + 1.0) + queued).exp()
    };
    let weights: Vec<f64> = (0..=room).map(weight).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

/// Share of those who come that find an M/M/c/K system full.
fn lost(rate: f64, service: f64, servers: u32, room: u32) -> f64 {
    *occupancy(rate, service, servers, room).last().expect("there are states")
}

/// Share of those who are longer than `time` in an M/M/c system: served at once, or after a wait that is exponential.
pub fn late(rate: f64, service: f64, servers: u32, time: f64) -> f64 {
    let waits: f64 = occupancy(rate, service, servers, 4_000)[servers as usize..].iter().sum();
    let drain = f64::from(servers) * service - rate;
    let at_once = (-service * time).exp();
    let after = (drain * (-service * time).exp() - service * (-drain * time).exp()) / (drain - service);
    (1.0 - waits) * at_once + waits * after
}

fn covers(capacity: &Capacity, exact: f64) -> bool {
    let limit = &capacity.limits[0];
    let (holds, half) = (limit.holds.expect("there is a limit"), limit.half_width.expect("of several seeds"));
    assert!(half <= 0.03 * holds, "{half} of {holds}");
    (holds - exact).abs() <= half
}

/// So many studies of each station: in how many the interval has the exact limit.
fn coverage(studies: u64) -> (u64, u64) {
    let mut covered = 0;
    let mut all = 0;
    for (name, draft, exact) in stations() {
        for study in 0..studies {
            let capacity = ask(&draft, STEADY, 1_000 * (study + 1)).expect("it can be asked");
            let limit = &capacity.limits[0];
            assert!((limit.holds.expect("there is one") / exact - 1.0).abs() < 0.06, "{name}: {limit:?}, not {exact}");
            covered += u64::from(covers(&capacity, exact));
            all += 1;
        }
    }
    (covered, all)
}

#[test]
fn the_interval_has_the_limit_of_theory() {
    let (covered, all) = coverage(7);
    assert!(covered >= all - 3, "{covered} of {all}");
}

#[test]
#[ignore = "minutes: tests/run --slow"]
fn the_interval_has_the_limit_of_theory_as_often_as_it_says() {
    let (covered, all) = coverage(67);
    assert!((180..=199).contains(&covered), "{covered} of {all}");
}

/// A queue grows by what comes beyond what it serves: in ten minutes seven times as long as in the 80 s that a search
/// begins with.
#[test]
fn what_fills_up_slowly_is_held_to_the_length_of_the_file() {
    let draft = Draft::new(600.0)
        .warm_up(5.0)
        .station("app", 1, None, "4ms")
        .poisson(250.0, "app.serve")
        .objective("crowd", "p(95) < 5s");
    let capacity = ask(&draft, STEADY, 1).expect("it can be asked");
    // Of a load r the wait is (r / 250 - 1) t, and 5 % of those who come do so in the last 5 % of the time.
    let exact = 250.0 * (1.0 + 5.0 / (0.95 * 600.0));
    let holds = capacity.limits[0].holds.expect("there is a limit");
    assert!((holds / exact - 1.0).abs() < 0.012, "{holds}, not {exact}");
    assert_eq!((capacity.horizon_s, capacity.file_horizon_s), (600.0, 600.0));
    let near = capacity.near.expect("it came near with short runs");
    assert!((70.0..90.0).contains(&near.horizon_s) && near.runs < capacity.runs, "{near:?}");
    let answer = Answer::Capacity(Box::new(capacity));
    let page = surgelab::report::page(&answer, &surgelab::report::Context::default());
    let look = surgelab::report::Look { color: false, width: 300 };
    let text = surgelab::report::render(&page, &answer, surgelab::report::Format::Text, look);
    assert!(text.contains("runs of 10 min (") && text.contains("of them 1 min"), "how long runs are is told: {text}");
}

#[test]
fn what_binds_and_what_is_missed_is_told() {
    let draft = Draft::new(600.0)
        .warm_up(5.0)
        .machine("web", "count: 2, cores: 2")
        .machine("data", "cores: 1")
        .service("app", "on: [\"web\"], workers: 100, links: { \"db\": (connections: Keep(20)) }, operations: { \"get\": [Cpu(\"exp(5ms)\"), Call(\"db.read\")] }")
        .service("db", "on: [\"data\"], operations: { \"read\": [Cpu(\"exp(4ms)\")] }")
        .poisson(100.0, "app.get")
        .objective("crowd", "p(95) < 200ms");
    let capacity = ask(&draft, STEADY, 1).expect("it can be asked");
    let limit = &capacity.limits[0];
    assert_eq!(limit.unit, LoadUnit::RequestsPerSecond);
    // The database serves 250/s at most, and its queue is 200 ms long a little before.
    assert!((215.0..245.0).contains(&limit.holds.unwrap()), "{limit:?}");
    assert!(
        capacity.binding[0].subject == "db.cpu" || capacity.binding[0].subject == "data.cpu",
        "{:?}",
        capacity.binding
    );
    assert_eq!(
        (capacity.missed[0].subject.as_str(), capacity.missed[0].expression.as_str()),
        ("crowd", "p(95) < 200ms")
    );
    assert!(capacity.pass(), "the file expects 100/s");
}

#[test]
fn sessions_and_populations_are_told_in_their_units_and_a_surge_keeps_its_shape() {
    let service = |draft: Draft| draft.station("app", 2, None, "exp(10ms)");
    let users = service(Draft::new(600.0).warm_up(30.0))
        .source(
            "crowd",
            "Users(arrive: Constant(\"5/s\"), journey: [Call(\"app.serve\"), Delay(\"exp(1s)\"), Call(\"app.serve\")])",
        )
        .objective("crowd", "p(95) < 100ms");
    let sessions = ask(&users, STEADY, 1).expect("it can be asked");
    assert_eq!(sessions.limits[0].unit, LoadUnit::SessionsPerSecond);
    let holds = sessions.limits[0].holds.expect("there is a limit");
    assert!((75.0..95.0).contains(&holds), "two calls of 10 ms each at two workers: {holds}");
    let closed = service(Draft::new(600.0).warm_up(30.0))
        .source("crowd", "Closed(population: Constant(20), journey: [Call(\"app.serve\"), Delay(\"exp(1s)\")])")
        .objective("crowd", "p(95) < 100ms");
    let people = ask(&closed, STEADY, 1).expect("it can be asked");
    assert_eq!(people.limits[0].unit, LoadUnit::Users);
    assert!((150.0..200.0).contains(&people.limits[0].holds.unwrap()), "{:?}", people.limits);
    let surge = service(Draft::new(600.0).warm_up(30.0))
        .source("crowd", "Open(rate: Flash(base: \"20/s\", peak: \"100/s\", at: \"2min\", rise: \"10s\", half_life: \"5s\"), call: \"app.serve\")")
        .objective("crowd", "p(95) < 100ms");
    let steady = ask(&surge, STEADY, 1).expect("it can be asked");
    let scaled = ask(&surge, CapacityPlan { surge: true, whole: false }, 1).expect("it can be asked");
    assert_eq!(scaled.limits[0].expected, 100.0);
    let more = scaled.limits[0].holds.unwrap() / steady.limits[0].holds.unwrap();
    assert!(more > 1.3, "a peak of seconds may be higher than what lasts: {more}");
}

#[test]
fn where_there_is_no_limit_that_is_said() {
    let draft = |objective: &str| {
        let draft =
            Draft::new(20.0).service("app", "operations: { \"get\": [Delay(\"10ms\")] }").poisson(2.0, "app.get");
        if objective.is_empty() { draft } else { draft.objective("crowd", objective) }
    };
    let nothing = ask(&draft("p(95) < 1s"), STEADY, 1).expect("it can be asked");
    assert_eq!((nothing.multiple, nothing.fails_at), (None, None));
    assert!(nothing.pass() && nothing.holds_at == Some(1_024.0), "{nothing:?}");
    let never = ask(&draft("p(95) < 1ms"), STEADY, 1).expect("it can be asked");
    assert!(!never.pass() && never.holds_at.is_none() && never.multiple.is_none(), "{never:?}");
    assert!(ask(&draft(""), STEADY, 1).unwrap_err().contains("no objectives"));
    let nobody =
        Draft::new(20.0).station("app", 1, None, "1ms").poisson(0.0, "app.serve").objective("crowd", "p(95) < 1s");
    assert!(ask(&nobody, STEADY, 1).unwrap_err().contains("nobody comes"));
}

#[test]
fn the_answer_is_the_same_with_any_number_of_threads_and_a_portion_at_a_time() {
    let (_, draft, _) = stations().remove(2);
    let compiled = Experiment::new("test", draft.text()).compile().expect("it is a scenario");
    let ask = |executor| study::answer(StudySpec::Capacity(STEADY), &compiled, executor, &|_| {}).expect("it runs");
    let one = serde_json::to_string(&ask(Executor::Inline)).unwrap();
    assert_eq!(serde_json::to_string(&ask(Executor::Threads(3))).unwrap(), one);
    let mut portions = study::Portions::new(StudySpec::Capacity(STEADY), compiled.clone()).expect("it can be asked");
    while portions.advance(100_000).expect("it runs") {}
    assert_eq!(serde_json::to_string(&portions.finish().expect("it ran")).unwrap(), one);
    let back: Answer = serde_json::from_str(&one).unwrap();
    assert!(matches!(back, Answer::Capacity(_)));
}
