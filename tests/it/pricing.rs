//! What costs the same is not called the cheapest.

use crate::support::Draft;
use surgelab::experiment::Experiment;
use surgelab::report::{self, Context};
use surgelab::study::{self, Answer, Axis, CapacityPlan, Choices, Executor, ParetoPlan, StudySpec, SweepPlan};

/// An hour of two cores costs 1, by the file.
fn draft() -> Draft {
    Draft::new(36.0)
        .warm_up(5.0)
        .machine("box", "cores: 2, memory: \"4GiB\", price: \"1/h\"")
        .service("app", "operations: { \"get\": [Cpu(\"exp(10ms)\")] }")
        .poisson(50.0, "app.get")
        .objective("crowd", "p(95) < 1s")
}

fn ask(spec: StudySpec) -> Answer {
    let compiled = Experiment::new("test", draft().text()).compile().expect("it is a scenario");
    study::answer(spec, &compiled, Executor::Threads(2), &|_| {}).expect("it runs")
}

fn choices(axes: &[&str]) -> Choices {
    Choices { axes: axes.iter().map(|text| Axis::parse(text).expect("it is an axis")).collect(), zip: false }
}

#[test]
fn what_costs_the_same_is_not_called_the_cheapest() {
    let verdict = |axes: &[&str]| {
        let answer = ask(StudySpec::Sweep(SweepPlan { choices: choices(axes), replications: 1 }));
        report::page(&answer, &Context::default()).verdict.text
    };
    let same = verdict(&["services.app.workers=20,30,40"]);
    assert!(same.contains("they all cost the same") && !same.contains("cheapest"), "{same}");
    let some = verdict(&["services.app.workers=20,30", "machines.box.count=1,2"]);
    assert!(some.contains("2 of them cost the least") && !some.contains("cheapest"), "{some}");
    let one = verdict(&["machines.box.count=2,1"]);
    assert!(one.contains("the cheapest is box.count 1"), "{one}");
    let plan = ParetoPlan {
        choices: choices(&["services.app.workers=20,30"]),
        capacity: CapacityPlan::default(),
        replications: 1,
    };
    let pareto = report::page(&ask(StudySpec::Pareto(plan)), &Context::default()).verdict.text;
    assert!(pareto.contains("they all cost the same, 1.00 an hour") && !pareto.contains("cheapest"), "{pareto}");
}
