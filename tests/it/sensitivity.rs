//! Sensitivity: what a quarter of each number does to the limit is what theory says, and the rank follows.

use surgelab::experiment::Experiment;
use surgelab::report;
use surgelab::study::{self, Answer, CapacityPlan, Executor, Sensitivity, SensitivityPlan, StudySpec};

/// Two M/M/1 queues one after the other, the second with plenty of room.
const TANDEM: &str = r#"(
    version: 1,
    title: "tandem",
    horizon: "1h",
    warm_up: "5s",
    machines: { "box": (cores: 1) },
    services: {
        "front": (on: ["box"], workers: 1,
            // assumed: 10 ms a page
            operations: { "serve": [Delay("exp(10ms)")] }),
        "back": (on: ["box"], workers: 1,
            // assumed
            operations: { "serve": [Delay("exp(1ms)")] }),
        // stated: it does nothing
        "gate": (on: ["box"], workers: 100000, links: { "front": (), "back": () },
            operations: { "page": [Call("front.serve"), Call("back.serve")] }),
    },
    traffic: { "crowd": Open(rate: Constant("50/s"), call: "gate.page") },
    objectives: { "front.serve": ["p(95) < 100ms"], "back.serve": ["p(95) < 100ms"] },
)"#;

fn ask(text: &str, of: &[&str], executor: Executor) -> Result<Sensitivity, String> {
    let compiled = Experiment::new("test", text).compile().expect("it is a scenario");
    let capacity = CapacityPlan { surge: false, whole: false };
    let of = of.iter().map(|path| (*path).to_owned()).collect();
    let plan = SensitivityPlan { capacity, of, replications: 4 };
    match study::answer(StudySpec::Sensitivity(plan), &compiled, executor, &|_| {}) {
        Ok(Answer::Sensitivity(sensitivity)) => Ok(*sensitivity),
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(format!("{} {:?}", failure.problems[0].message, failure.problems[0].help)),
    }
}

#[test]
fn what_binds_is_to_be_measured_first() {
    let told = ask(TANDEM, &[], Executor::Threads(2)).expect("it can be asked");
    let paths: Vec<&str> = told.numbers.iter().map(|moved| moved.path.as_str()).collect();
    assert_eq!(paths, ["services.front.operations.serve.0.0", "services.back.operations.serve.0.0"]);
    // 95 % of an exponential time with mean 1 / (µ − λ) within 100 ms.
    let exact = |mean: f64| 1.0 / mean - 20f64.ln() / 0.1;
    let first = &told.numbers[0];
    assert_eq!(first.assumed.as_deref(), Some("assumed: 10 ms a page"));
    for (side, factor) in [(&first.lower, 0.75), (&first.higher, 1.25)] {
        let side = side.as_ref().expect("it is a scenario");
        assert_eq!(side.value, format!("{factor}*(exp(10ms))"));
        let (change, expected) = (side.change.expect("there is a limit"), exact(0.01 * factor) / exact(0.01) - 1.0);
        assert!((change.mean - expected).abs() < 0.03, "{change:?}, not {expected}");
        assert!(side.differs);
    }
    let idle = &told.numbers[1];
    assert!(idle.effect < 0.01 && [&idle.lower, &idle.higher].iter().all(|side| !side.as_ref().unwrap().differs));
}

/// The interval is that of the pairs, and no narrower than the 1 % that a search resolves; what is beyond it is marked.
#[test]
fn every_change_has_its_interval_and_says_whether_it_differs_from_nothing() {
    let told = ask(TANDEM, &[], Executor::Threads(2)).expect("it can be asked");
    let sides = told.numbers.iter().flat_map(|moved| [&moved.lower, &moved.higher]).flatten();
    for side in sides {
        let (change, half) = (side.change.expect("there is a limit"), side.half_width.expect("it has an interval"));
        assert!(half >= change.half_width.expect("of several seeds") && half > 0.0099, "{side:?}");
        assert_eq!(side.differs, change.mean.abs() > half, "{side:?}");
    }
    let answer = Answer::Sensitivity(Box::new(told));
    let page = report::page(&answer, &report::Context::default());
    let text = report::render(&page, &answer, report::Format::Text, report::Look { color: false, width: 200 });
    let row = |path: &str| text.lines().find(|line| line.contains(path) && line.contains('±')).expect("a row");
    let (front, back) = (row("services.front.operations"), row("services.back.operations"));
    assert!(front.matches(" ± ").count() == 2 && front.contains('▲') && front.contains('▼'), "{front}");
    assert!(back.matches(" ± ").count() == 2 && !back.contains('▲') && !back.contains('▼'), "{back}");
}

#[test]
fn numbers_may_be_asked_for_and_what_is_none_is_told() {
    let told = ask(TANDEM, &["services.front.workers"], Executor::Threads(2)).expect("it can be asked");
    let workers = &told.numbers[0];
    assert_eq!((workers.value.as_str(), workers.assumed.as_deref()), ("1", None));
    assert_eq!(workers.lower, None, "no worker at all is no scenario");
    assert_eq!(workers.higher.as_ref().map(|side| side.value.as_str()), Some("2"));
    assert!(workers.higher.as_ref().is_some_and(|side| side.change.is_some_and(|change| change.mean > 1.0)));
    let unknown = ask(TANDEM, &["services.front.worker"], Executor::Inline).unwrap_err();
    assert!(
        unknown.contains("no number at `services.front.worker`") && unknown.contains("services.front.workers"),
        "{unknown}"
    );
    let nothing = TANDEM.replace("// assumed", "// measured");
    assert!(
        ask(&nothing, &[], Executor::Inline).unwrap_err().contains("no number of the scenario is marked as assumed")
    );
}

#[test]
fn the_bytes_are_the_same_with_any_number_of_threads() {
    let bytes = |executor| serde_json::to_string(&ask(TANDEM, &["services.back"], executor).unwrap()).unwrap();
    let one = bytes(Executor::Inline);
    assert_eq!(bytes(Executor::Threads(3)), one);
    assert!(matches!(serde_json::from_str(&one), Ok(Answer::Sensitivity(_))));
}
