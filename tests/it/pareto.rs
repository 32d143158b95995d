//! Pareto: who spends for nothing is beaten, who spends for more is not.

use crate::support::Draft;
use surgelab::experiment::Experiment;
use surgelab::study::{self, Answer, Axis, CapacityPlan, Choices, Executor, Pareto, ParetoPlan, StudySpec};

/// A machine that may be large, and one beside it that does nothing.
fn shop() -> Draft {
    Draft::new(120.0)
        .warm_up(5.0)
        .machine("box", "cores: 1, price: \"1/h\"")
        .machine("spare", "count: 0, price: \"5/h\"")
        .service("app", "operations: { \"get\": [Cpu(\"exp(10ms)\")] }")
        .poisson(120.0, "app.get")
        .objective("crowd", "p(95) < 200ms")
}

fn ask(executor: Executor) -> Pareto {
    let compiled = Experiment::new("test", shop().text()).compile().expect("it is a scenario");
    let axes = ["machines.box.count=1,2", "machines.spare.count=0,1"].map(|text| Axis::parse(text).expect("it is one"));
    let choices = Choices { axes: axes.to_vec(), zip: false };
    let plan = ParetoPlan { choices, capacity: CapacityPlan::default(), replications: 5 };
    match study::answer(StudySpec::Pareto(plan), &compiled, executor, &|_| {}) {
        Ok(Answer::Pareto(pareto)) => *pareto,
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_spends_for_nothing_is_beaten() {
    let pareto = ask(Executor::Threads(2));
    let seen: Vec<(f64, u32, Option<u32>)> = pareto
        .designs
        .iter()
        .map(|design| (design.cost_per_hour.round(), design.survived.n, design.beaten_by))
        .collect();
    // One machine serves 100/s and 120/s come; the spare one costs and does nothing.
    assert_eq!(seen, [(1.0, 0, None), (6.0, 0, Some(0)), (2.0, 5, None), (7.0, 5, Some(2))]);
    let holds: Vec<f64> = pareto.designs.iter().filter_map(|design| design.limits[0].holds).collect();
    assert!((75.0..95.0).contains(&holds[0]) && holds[2] > 1.9 * holds[0], "{holds:?}");
    assert_eq!(holds[0], holds[1], "the spare machine draws no number");
    let survived = pareto.designs[2].survived;
    assert!(survived.low > 0.5 && survived.high == 1.0 && pareto.pass(), "five of five is not always: {survived:?}");
}

#[test]
fn the_bytes_are_the_same_with_any_number_of_threads() {
    let one = serde_json::to_string(&ask(Executor::Inline)).unwrap();
    assert_eq!(serde_json::to_string(&ask(Executor::Threads(3))).unwrap(), one);
    assert!(matches!(serde_json::from_str(&one), Ok(Answer::Pareto(_))));
}
