//! Recovery: edges of metastable systems are where the literature has them, and what is not metastable has one edge.

use crate::support::Draft;
use surgelab::catalog;
use surgelab::experiment::Experiment;
use surgelab::report;
use surgelab::scenario::Edit;
use surgelab::study::{self, Answer, Branch, Executor, Push, Recovery, RecoveryPlan, StudySpec};

fn ask(experiment: &Experiment, plan: RecoveryPlan, executor: Executor) -> Result<Recovery, String> {
    let compiled = experiment.compile().expect("it is a scenario");
    match study::answer(StudySpec::Recovery(plan), &compiled, executor, &|_| {}) {
        Ok(Answer::Recovery(recovery)) => Ok(*recovery),
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(format!("{} {:?}", failure.problems[0].message, failure.problems[0].help)),
    }
}

/// Bronson's system: capacity 300/s, one retry. A tenth of it runs in a tenth of the time.
fn bronson(tenth: bool) -> Experiment {
    let built_in = catalog::find("retry-storm").expect("it comes along");
    let small = [("services.db.operations.query.0.0", "33.33333ms"), ("traffic.clients.rate", "Constant(\"28/s\")")];
    let edits = small.iter().filter(|_| tenth).map(|(path, value)| Edit::set(*path, *value)).collect();
    Experiment { edits, ..Experiment::new(built_in.file, built_in.text) }
}

/// `chance`: how far below its capacity a crowd may stumble by itself.
fn metastable(recovery: &Recovery, capacity: f64, within: f64, chance: f64) {
    let limit = &recovery.limits[0];
    let (falls, back) = (limit.falls_above.expect("it falls"), limit.back_below.expect("it comes back"));
    assert!((1.0 - chance..1.01).contains(&(falls / capacity)), "it holds up to its capacity: {falls}");
    assert!((back / (capacity / 2.0) - 1.0).abs() < within, "twice what comes is what it can: {back}");
    assert!(recovery.is_metastable() && !recovery.pass(), "{recovery:?}");
    let shed = recovery.shed_share.expect("both are known");
    assert!((0.5 - chance..0.52).contains(&shed), "half has to go: {shed}");
    assert!(recovery.outage_s.is_some_and(|outage| outage.mean > 20.0), "near the edge it takes long: {recovery:?}");
    assert!(recovery.push.is_none() && recovery.runs.iter().any(|run| run.branch == Branch::Down && run.well));
}

#[test]
fn a_retry_storm_comes_back_below_half_of_its_capacity() {
    let plan = RecoveryPlan { push: None, replications: 1 };
    metastable(&ask(&bronson(true), plan, Executor::Threads(2)).expect("it can be asked"), 30.0, 0.04, 0.2);
}

#[test]
#[ignore = "minutes: tests/run --slow"]
fn bronsons_edge_is_found_to_a_percent() {
    let plan = RecoveryPlan { push: None, replications: 3 };
    metastable(&ask(&bronson(false), plan, Executor::Threads(2)).expect("it can be asked"), 300.0, 0.01, 0.05);
}

/// A queue with room for twenty: whatever was too much is gone at once.
fn queue() -> Experiment {
    let draft = Draft::new(300.0)
        .station("app", 1, Some(20), "exp(10ms)")
        .poisson(50.0, "app.serve")
        .objective("crowd", "failed < 1%");
    Experiment::new("test", draft.text())
}

#[test]
fn what_forgets_has_one_edge() {
    let plan = RecoveryPlan { push: None, replications: 2 };
    let recovery = ask(&queue(), plan, Executor::Threads(2)).expect("it can be asked");
    assert!(!recovery.is_metastable() && recovery.pass(), "{recovery:?}");
    assert!(recovery.shed_share.is_some_and(|share| share < 0.06), "{recovery:?}");
    assert_eq!(recovery.push, Some(Push { times: 1.5, lasting_s: 60.0 }));
    assert_eq!(recovery.falls_by.as_deref(), Some("app.workers"));
}

#[test]
fn what_makes_no_sense_is_told_and_the_bytes_are_the_same_with_any_number_of_threads() {
    let plan = RecoveryPlan { push: Some(Push { times: 2.0, lasting_s: 200.0 }), replications: 1 };
    assert!(ask(&queue(), plan, Executor::Inline).unwrap_err().contains("leaves too little of a run of 300 s"));
    let plan = RecoveryPlan { push: Some(Push { times: 2.0, lasting_s: 30.0 }), replications: 3 };
    let bytes = |executor| serde_json::to_string(&ask(&queue(), plan, executor).unwrap()).unwrap();
    let one = bytes(Executor::Inline);
    assert_eq!(bytes(Executor::Threads(3)), one);
    assert!(matches!(serde_json::from_str(&one), Ok(Answer::Recovery(_))));
}

fn text(recovery: Recovery) -> String {
    let answer = Answer::Recovery(Box::new(recovery));
    let page = report::page(&answer, &report::Context::default());
    report::render(&page, &answer, report::Format::Text, report::Look { color: false, width: 300 })
}

/// What the runbook does after the end of a run upsets nothing, nor does a rule whose time never comes.
#[test]
fn a_runbook_that_does_nothing_in_a_run_is_not_said_to_upset_it() {
    let draft = |rule: &str| {
        let draft = Draft::new(300.0)
            .station("app", 1, Some(20), "exp(10ms)")
            .poisson(50.0, "app.serve")
            .objective("crowd", "failed < 1%")
            .rule(rule);
        Experiment::new("test", draft.text())
    };
    let plan = RecoveryPlan { push: None, replications: 1 };
    let recovery = |rule: &str| ask(&draft(rule), plan, Executor::Threads(2)).expect("it can be asked");
    let later = recovery("At(\"20min\", Crash(\"app\"))");
    assert_eq!(later.push, Some(Push { times: 1.5, lasting_s: 60.0 }), "the usual push upsets it instead");
    let told = text(later);
    assert!(told.contains("after a push") && !told.contains("runbook"), "{told}");
    let never = recovery("When(condition: \"app.backlog > 100\", then: Crash(\"app\"))");
    assert!(never.not_upset && never.back_below.is_none() && never.outage_s.is_none() && !never.pass(), "{never:?}");
    let told = text(never);
    assert!(told.contains("the runbook did nothing") && !told.contains("upset by the runbook"), "{told}");
    assert!(!told.contains("after what the runbook does"), "{told}");
    let acts = recovery("At(\"1min\", Crash(\"app\"))");
    assert!(!acts.not_upset && acts.push.is_none());
    assert!(text(acts).contains("upset by the runbook"));
}
