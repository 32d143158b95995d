//! Ladder: what breaks first, second, third, at the loads that theory gives.

use crate::capacity::{late, limit};
use crate::support::Draft;
use surgelab::experiment::Experiment;
use surgelab::study::{self, Answer, CapacityPlan, Executor, Ladder, LadderEnd, LadderPlan, StudySpec, Target};

const STEADY: CapacityPlan = CapacityPlan { surge: false, whole: false };

fn plan(target: Option<Target>, rungs: u32, relief: &[&str]) -> LadderPlan {
    let relief = relief.iter().map(|name| (*name).to_owned()).collect();
    LadderPlan { capacity: STEADY, target, rungs, relief }
}

fn ask(draft: &Draft, plan: LadderPlan, executor: Executor) -> Result<Ladder, String> {
    let compiled = Experiment::new("test", draft.text()).compile().expect("it is a scenario");
    match study::answer(StudySpec::Ladder(plan), &compiled, executor, &|_| {}) {
        Ok(Answer::Ladder(ladder)) => Ok(*ladder),
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(format!("{} {:?}", failure.problems[0].message, failure.problems[0].help)),
    }
}

/// Two queues one after the other: what leaves an M/M/c queue is Poisson again (Burke 1956), so that each is one.
fn tandem() -> Draft {
    Draft::new(3600.0)
        .warm_up(5.0)
        .station("front", 1, None, "exp(10ms)")
        .station("back", 1, None, "exp(4ms)")
        .service("gate", "links: { \"front\": (), \"back\": () }, operations: { \"page\": [Call(\"front.serve\"), Call(\"back.serve\")] }")
        .poisson(50.0, "gate.page")
        .objective("front.serve", "p(95) < 100ms")
        .objective("back.serve", "p(95) < 100ms")
}

#[test]
fn each_rung_is_where_theory_has_it() {
    let ladder = ask(&tandem(), plan(None, 4, &[]), Executor::Threads(2)).expect("it can be asked");
    let station = |servers, service: f64| {
        limit(1.0, f64::from(servers) * service - 0.5, |rate| late(rate, service, servers, 0.1) <= 0.05)
    };
    // One, two, then four servers in front, where the second queue lets no more through; then two there.
    let exact = [
        ("front.workers", 100.0 - 20f64.ln() / 0.1),
        ("front.workers", station(2, 100.0)),
        ("back.workers", 250.0 - 20f64.ln() / 0.1),
        ("front.workers", station(4, 100.0)),
    ];
    assert_eq!(ladder.rungs.len(), 4, "{ladder:?}");
    for (rung, (binds, load)) in ladder.rungs.iter().zip(exact) {
        let holds = rung.limits[0].holds.expect("there is a limit");
        assert!((holds / load - 1.0).abs() < 0.04, "{holds}, not {load}: {rung:?}");
        assert_eq!(rung.binding[0].subject, binds, "at {load}: {rung:?}");
    }
    let change = &ladder.rungs[1].relief.as_ref().expect("it was relieved").changes[0];
    assert_eq!((change.path.as_str(), change.from.as_str(), change.to.as_str()), ("services.front.workers", "1", "2"));
    assert_eq!(ladder.end, LadderEnd::RungsClimbed);
    assert!(ladder.pass());
}

#[test]
fn a_target_ends_it_and_machines_have_their_price() {
    let draft = Draft::new(600.0)
        .warm_up(5.0)
        .machine("box", "cores: 1, price: \"2/h\"")
        .service("app", "operations: { \"get\": [Cpu(\"exp(10ms)\")] }")
        .poisson(50.0, "app.get")
        .objective("crowd", "p(95) < 200ms");
    let ladder = ask(&draft, plan(Some(Target::Load(150.0)), 5, &[]), Executor::Threads(2)).expect("it can be asked");
    assert_eq!((ladder.rungs.len(), ladder.end, ladder.target), (2, LadderEnd::TargetReached, Some(3.0)), "{ladder:?}");
    let changes = &ladder.rungs[1].relief.as_ref().expect("it was relieved").changes;
    let said: Vec<String> =
        changes.iter().map(|change| format!("{} {} {}", change.path, change.from, change.to)).collect();
    assert_eq!(said, ["machines.box.cores 1 2", "machines.box.price 2/h 4/h"]);
    let costs: Vec<f64> = ladder.rungs.iter().filter_map(|rung| rung.cost_per_hour).collect();
    assert!((costs[0] - 2.0).abs() < 1e-9 && (costs[1] - 4.0).abs() < 1e-9, "{costs:?}");
    let far = ask(&draft, plan(Some(Target::Multiple(100.0)), 2, &[]), Executor::Threads(2)).expect("it can be asked");
    assert!(!far.pass() && far.end == LadderEnd::RungsClimbed, "{far:?}");
}

#[test]
fn it_ends_where_there_is_nothing_to_double_or_doubling_changes_nothing() {
    let locked = Draft::new(300.0)
        .warm_up(5.0)
        .service("app", "operations: { \"get\": [Lock(\"row\", \"\", [Delay(\"10ms\")])] }")
        .poisson(50.0, "app.get")
        .objective("crowd", "p(95) < 200ms");
    let ladder = ask(&locked, plan(None, 4, &[]), Executor::Threads(2)).expect("it can be asked");
    assert_eq!((ladder.rungs.len(), ladder.end), (1, LadderEnd::NothingToRelieve), "{ladder:?}");
    let slow = Draft::new(300.0)
        .warm_up(5.0)
        .service("app", "workers: 1000, operations: { \"get\": [Delay(\"10ms + 1ms*in_flight\")] }")
        .poisson(50.0, "app.get")
        .objective("crowd", "p(95) < 60ms");
    let ladder = ask(&slow, plan(None, 4, &[]), Executor::Threads(2)).expect("it can be asked");
    assert_eq!((ladder.rungs.len(), ladder.end), (2, LadderEnd::ChangedNothing), "{ladder:?}");
    assert!(ladder.rungs[1].unchanged);
}

#[test]
fn relief_may_be_given_step_by_step() {
    let draft = tandem()
        .variant("wide", "set: { \"services.front.workers\": 4 }")
        .variant("idle", "from: \"wide\", set: { \"machines.box.cores\": 4 }")
        .variant("quick", "from: \"idle\", set: { \"services.back.operations.serve\": [Delay(\"exp(1ms)\")] }")
        .variant("crowded", "set: { \"traffic.crowd.rate\": Constant(\"70/s\") }");
    let ladder = ask(&draft, plan(None, 4, &["wide", "idle", "quick"]), Executor::Threads(2)).expect("it can be asked");
    let holds: Vec<f64> = ladder.rungs.iter().filter_map(|rung| rung.limits[0].holds).collect();
    let station = limit(1.0, 399.0, |rate| late(rate, 100.0, 4, 0.1) <= 0.05);
    let exact = [70.04, 220.04, 220.04, station];
    assert!(
        holds.iter().zip(exact).all(|(holds, exact)| (holds / exact - 1.0).abs() < 0.04),
        "{holds:?}, not {exact:?}"
    );
    let unchanged: Vec<bool> = ladder.rungs.iter().map(|rung| rung.unchanged).collect();
    assert_eq!(unchanged, [false, false, true, false]);
    assert_eq!(ladder.end, LadderEnd::ReliefUsedUp);
    let told = |relief: &[&str]| ask(&draft, plan(None, 4, relief), Executor::Inline).unwrap_err();
    assert!(told(&["wid"]).contains("did you mean `wide`"));
    assert!(told(&["quick", "idle"]).contains("`idle` is put in already"));
    assert!(told(&["wide", "crowded"]).contains("`crowded` changes the crowd"));
}

#[test]
fn the_bytes_are_the_same_with_any_number_of_threads() {
    let bytes = |executor| serde_json::to_string(&ask(&tandem(), plan(None, 2, &[]), executor).unwrap()).unwrap();
    let one = bytes(Executor::Inline);
    assert_eq!(bytes(Executor::Threads(3)), one);
    assert!(matches!(serde_json::from_str(&one), Ok(Answer::Ladder(_))));
}
