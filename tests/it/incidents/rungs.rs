//! What the incidents could take, searched for with steady loads instead of read off a formula: the rungs of Avocado's
//! Christmas as it was relieved then, and the three capacities of Famigo's stack.
use super::replay::within_15_percent;
use surgelab::catalog;
use surgelab::experiment::Experiment;
use surgelab::scenario::Edit;
use surgelab::study::{self, Answer, CapacityPlan, Executor, LadderEnd, LadderPlan, Limit, StudySpec};

const STEADY: CapacityPlan = CapacityPlan { surge: false, whole: false };

fn ask(name: &str, variant: Option<&str>, sets: &[(&str, &str)], spec: StudySpec) -> Answer {
    let built_in = catalog::find(name).expect("the incident is built in");
    let edits = sets.iter().map(|(path, value)| Edit::set(*path, *value)).collect();
    let variant = variant.map(str::to_owned);
    let experiment = Experiment { variant, edits, ..Experiment::new(built_in.file, built_in.text) };
    let compiled = experiment.compile().expect("it is a scenario");
    study::answer(spec, &compiled, Executor::Threads(2), &|_| {}).expect("it runs")
}

/// The load of a source that holds.
fn holds(limits: &[Limit], source: &str) -> f64 {
    let limit = limits.iter().find(|limit| limit.source == source).expect("it is a source");
    limit.holds.expect("there is a limit")
}

/// What was served at all, late or not, is what was told: sign-ups a second.
#[test]
#[ignore = "minutes: tests/run --slow"]
fn avocado_climbs_the_rungs_that_were_told() {
    let relief = ["mail in-process", "images elsewhere", "index", "a process per CPU", "TLS elsewhere", "second front"];
    let relief: Vec<String> = relief.map(str::to_owned).to_vec();
    let plan = LadderPlan { capacity: STEADY, target: None, rungs: relief.len() as u32 + 1, relief };
    let sets = [("objectives", "{\"signups\": [\"failed < 1%\"]}")];
    let Answer::Ladder(ladder) = ask("avocado", None, &sets, StudySpec::Ladder(plan)) else { panic!("it is a ladder") };
    let told = [1.80, 2.25, 9.0, 9.0, 11.1, 18.0, 34.8];
    assert_eq!((ladder.rungs.len(), ladder.end), (told.len(), LadderEnd::ReliefUsedUp), "{ladder:?}");
    for (rung, told) in ladder.rungs.iter().zip(told) {
        let relief = rung.relief.as_ref().and_then(|relief| relief.variant.clone()).unwrap_or_default();
        within_15_percent(holds(&rung.limits, "signups"), told, &relief);
    }
}

#[test]
#[ignore = "minutes: tests/run --slow"]
fn famigo_has_three_capacities() {
    // Pages alone, no deadline that kills what fills the cache, and no network in the way.
    let sets = [
        ("traffic.families", "Open(rate: Constant(\"150/s\"), call: \"elb.page\")"),
        ("traffic.searches.rate", "Constant(\"0/s\")"),
        ("traffic.uploads.rate", "Constant(\"0/s\")"),
        ("traffic.browsers.rate", "Constant(\"0/s\")"),
        ("services.web.deadline", "None"),
        ("services.web.workers", "6"),
        ("machines.ec2.network", "None"),
        ("objectives", "{\"families\": [\"p(95) < 2s\", \"failed < 1%\"]}"),
        ("warm_up", "2min"),
    ];
    for (variant, told) in [("nothing happens", 345.0), ("without memcached", 50.0), ("one core a server", 172.0)] {
        let answer = ask("famigo", Some(variant), &sets, StudySpec::Capacity(STEADY));
        let Answer::Capacity(capacity) = answer else { panic!("it is a capacity") };
        within_15_percent(holds(&capacity.limits, "families"), told, variant);
    }
}
