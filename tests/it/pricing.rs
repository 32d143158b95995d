//! What a machine costs: one definition, whoever changes how large it is.

use crate::support::Draft;
use surgelab::experiment::Experiment;
use surgelab::report::{self, Context};
use surgelab::scenario::Edit;
use surgelab::study::{
    self, Answer, Axis, CapacityPlan, Choices, ComparePlan, Executor, LadderPlan, ParetoPlan, StudySpec, SweepPlan,
};

/// An hour of two cores costs 1, by the file.
fn draft() -> Draft {
    Draft::new(36.0)
        .warm_up(5.0)
        .machine("box", "cores: 2, memory: \"4GiB\", price: \"1/h\"")
        .service("app", "operations: { \"get\": [Cpu(\"exp(10ms)\")] }")
        .poisson(50.0, "app.get")
        .objective("crowd", "p(95) < 1s")
        .variant("four", "set: { \"machines.box.cores\": 4 }")
        .variant("dear", "set: { \"machines.box.cores\": 4, \"machines.box.price\": \"5/h\" }")
        .variant("quick", "from: \"four\", set: { \"machines.box.speed\": 2 }")
}

fn ask(spec: StudySpec, variant: Option<&str>, edits: &[(&str, &str)]) -> Answer {
    let edits = edits.iter().map(|(path, value)| Edit::set(*path, *value)).collect();
    let experiment =
        Experiment { variant: variant.map(str::to_owned), edits, ..Experiment::new("test", draft().text()) };
    let compiled = experiment.compile().expect("it is a scenario");
    study::answer(spec, &compiled, Executor::Threads(2), &|_| {}).expect("it runs")
}

/// What an hour of a run costs.
fn hour(variant: Option<&str>, edits: &[(&str, &str)]) -> f64 {
    let Answer::Run(results) = ask(StudySpec::Run, variant, edits) else { panic!("it is a run") };
    (results.cost.total / results.horizon_s * 3_600.0 * 1e6).round() / 1e6
}

fn choices(axes: &[&str]) -> Choices {
    Choices { axes: axes.iter().map(|text| Axis::parse(text).expect("it is an axis")).collect(), zip: false }
}

#[test]
fn a_price_goes_with_what_it_is_paid_for() {
    let cores = "machines.box.cores";
    assert_eq!(hour(None, &[]), 1.0);
    assert_eq!(hour(None, &[(cores, "4")]), 2.0, "of twice the cores twice as much");
    assert_eq!(hour(None, &[(cores, "1")]), 0.5);
    assert_eq!(hour(None, &[(cores, "4"), (cores, "8")]), 4.0, "one change after another");
    assert_eq!(hour(None, &[("machines.box.memory", "12GiB")]), 3.0);
    assert_eq!(hour(None, &[("machines.box.speed", "2")]), 1.0);
    assert_eq!(hour(None, &[(cores, "4"), ("machines.box.price", "7/h")]), 7.0, "what is said is so");
    assert_eq!(hour(Some("four"), &[]), 2.0);
    assert_eq!(hour(Some("quick"), &[]), 2.0, "it stands on the other");
    assert_eq!(hour(Some("dear"), &[]), 5.0, "the variant says its price");
    assert_eq!(hour(Some("four"), &[(cores, "8")]), 4.0);
}

#[test]
fn every_study_counts_the_same_price() {
    let axes = ["machines.box.cores=2,4"];
    let Answer::Sweep(sweep) = ask(StudySpec::Sweep(SweepPlan { choices: choices(&axes), replications: 1 }), None, &[])
    else {
        panic!("it is swept")
    };
    let bill: Vec<f64> = sweep.rows.iter().filter_map(|row| row.mean("cost", "total")).collect();
    assert!((bill[1] / bill[0] - 2.0).abs() < 1e-9, "{bill:?}");
    let capacity = CapacityPlan::default();
    let plan = ParetoPlan { choices: choices(&axes), capacity, replications: 1 };
    let Answer::Pareto(pareto) = ask(StudySpec::Pareto(plan), None, &[]) else { panic!("they are weighed") };
    let hours: Vec<f64> = pareto.designs.iter().map(|design| design.cost_per_hour).collect();
    assert!((hours[0] - 1.0).abs() < 1e-9 && (hours[1] - 2.0).abs() < 1e-9, "{hours:?}");
    let plan = ComparePlan { variants: vec!["four".to_owned()], replications: 2 };
    let Answer::Comparison(compared) = ask(StudySpec::Compare(plan), None, &[]) else { panic!("it is compared") };
    let total = |design: &study::Candidate| {
        design
            .figures
            .iter()
            .find(|figure| figure.metric == "total")
            .and_then(|figure| figure.value)
            .expect("a cost")
            .mean
    };
    assert!((total(&compared.variants[0]) / total(&compared.base) - 2.0).abs() < 1e-9);
    let plan = LadderPlan { capacity, target: None, rungs: 2, relief: Vec::new() };
    let Answer::Ladder(ladder) = ask(StudySpec::Ladder(plan), None, &[]) else { panic!("it is a ladder") };
    let costs: Vec<f64> = ladder.rungs.iter().filter_map(|rung| rung.cost_per_hour).collect();
    assert!((costs[0] - 1.0).abs() < 1e-9 && (costs[1] - 2.0).abs() < 1e-9, "{costs:?}");
}

#[test]
fn what_costs_the_same_is_not_called_the_cheapest() {
    let verdict = |axes: &[&str]| {
        let answer = ask(StudySpec::Sweep(SweepPlan { choices: choices(axes), replications: 1 }), None, &[]);
        report::page(&answer, &Context::default()).verdict.text
    };
    let same = verdict(&["services.app.workers=20,30,40"]);
    assert!(same.contains("they all cost the same") && !same.contains("cheapest"), "{same}");
    let some = verdict(&["services.app.workers=20,30", "machines.box.cores=2,4"]);
    assert!(some.contains("2 of them cost the least") && !some.contains("cheapest"), "{some}");
    let one = verdict(&["machines.box.cores=4,2"]);
    assert!(one.contains("the cheapest is box.cores 2"), "{one}");
    let plan = ParetoPlan {
        choices: choices(&["services.app.workers=20,30"]),
        capacity: CapacityPlan::default(),
        replications: 1,
    };
    let pareto = report::page(&ask(StudySpec::Pareto(plan), None, &[]), &Context::default()).verdict.text;
    assert!(pareto.contains("they all cost the same, 1.00 an hour") && !pareto.contains("cheapest"), "{pareto}");
}
