//! What answers say: nothing as a fact that is chance, and nothing of what is not there.

use crate::support::Draft;
use surgelab::experiment::Experiment;
use surgelab::report::{self, Context, Format, Look};
use surgelab::study::{
    self, Answer, Axis, CapacityPlan, Choices, ComparePlan, Executor, Push, RecoveryPlan, SensitivityPlan, StudySpec,
    SweepPlan,
};

const STEADY: CapacityPlan = CapacityPlan { surge: false, whole: false };

fn answer(text: &str, spec: StudySpec) -> Answer {
    let compiled = Experiment::new("test", text).compile().expect("it is a scenario");
    study::answer(spec, &compiled, Executor::Threads(2), &|_| {}).expect("it runs")
}

fn told(answer: &Answer, format: Format) -> String {
    let context = Context { command: "surgelab", teaches: "", model: None, source: None };
    report::render(&report::page(answer, &context), answer, format, Look { color: false, width: 200 })
}

fn queue() -> Draft {
    Draft::new(120.0).warm_up(5.0).station("app", 1, Some(20), "exp(10ms)").poisson(50.0, "app.serve")
}

#[test]
fn a_recovery_says_how_sure_its_limits_are() {
    let plan = |replications| {
        StudySpec::Recovery(RecoveryPlan { push: Some(Push { times: 2.0, lasting_s: 20.0 }), replications })
    };
    let several = answer(&queue().text(), plan(3));
    let Answer::Recovery(found) = &several else { panic!("{several:?}") };
    assert!(found.limits[0].falls_half_width.is_some_and(|half| half > 0.0), "{:?}", found.limits);
    let text = told(&several, Format::Text);
    let verdict = text.lines().find(|line| line.contains("It falls above")).expect("it falls");
    assert_eq!(verdict.matches("(± ").count(), 2, "of both limits: {verdict}");
    let row = text.lines().find(|line| line.trim_start().starts_with("crowd ")).expect("a row a source");
    assert_eq!(row.matches(" ± ").count(), 2, "{row}");
    assert!(!text.contains("of one seed"), "{text}");
    let one = told(&answer(&queue().text(), plan(1)), Format::Text);
    assert!(!one.contains('±') && one.contains("That is of one seed: --replications tells how sure it is."), "{one}");
}

#[test]
fn what_has_no_objectives_keeps_none() {
    let text = queue().variant("quick", "set: { \"services.app.workers\": 2 }").text();
    let compare = answer(&text, StudySpec::Compare(ComparePlan { variants: Vec::new(), replications: 2 }));
    let choices = Choices { axes: vec![Axis::parse("services.app.workers=1,2").unwrap()], zip: false };
    let sweep = answer(&text, StudySpec::Sweep(SweepPlan { choices, replications: 2 }));
    for (answer, verdict) in [(compare, "no objectives to keep."), (sweep, "no objectives to hold.")] {
        let text = told(&answer, Format::Text);
        assert!(text.contains(verdict) && !text.contains("every objective") && !text.contains("2 of 2"), "{text}");
        let junit = told(&answer, Format::Junit);
        assert!(junit.contains("skipped=\"2\"") || junit.matches("<skipped").count() == 2, "{junit}");
        assert!(answer.pass(), "there is nothing to fail");
    }
}

#[test]
fn every_change_of_a_limit_has_its_interval() {
    let draft = Draft::new(3600.0)
        .warm_up(5.0)
        .service(
            "app",
            "workers: 1, operations: { \"serve\": [Delay(\"exp(10ms)\")] }, links: { \"db\": (latency: \"1ms\") }",
        )
        .station("db", 1, None, "exp(0.1ms)")
        .service(
            "gate",
            "links: { \"app\": (), \"db\": () }, operations: { \"page\": [Call(\"app.serve\"), Call(\"db.serve\")] }",
        )
        .poisson(50.0, "gate.page")
        .objective("crowd", "p(95) < 100ms");
    let of = vec!["services.app.operations".to_owned(), "services.db.operations".to_owned()];
    let answer =
        answer(&draft.text(), StudySpec::Sensitivity(SensitivityPlan { capacity: STEADY, of, replications: 3 }));
    let Answer::Sensitivity(found) = &answer else { panic!("{answer:?}") };
    let text = told(&answer, Format::Text);
    let mut uncertain = 0;
    for moved in &found.numbers {
        let row =
            text.lines().find(|line| line.contains(&moved.path) && !line.contains("Measure")).expect("a row each");
        let sides = [&moved.lower, &moved.higher].into_iter().flatten();
        let wide = sides.filter(|side| side.half_width.is_some_and(|half| half > 0.0)).count();
        assert_eq!(row.matches(" ± ").count(), wide, "{row}");
        uncertain += wide;
    }
    assert!(uncertain >= 2, "{text}");
    let verdict = text.lines().find(|line| line.contains("Measure")).expect("one is first");
    assert_eq!(verdict.matches(" ± ").count(), 2, "{verdict}");
}

#[test]
fn where_no_load_holds_nothing_is_said_to_bind() {
    let never =
        Draft::new(60.0).station("app", 1, None, "10ms").poisson(20.0, "app.serve").objective("crowd", "p(95) < 1ms");
    let never = answer(&never.text(), StudySpec::Capacity(STEADY));
    let Answer::Capacity(found) = &never else { panic!("{never:?}") };
    assert!(found.binding.is_empty() && !found.missed.is_empty(), "{found:?}");
    let text = told(&never, Format::Text);
    assert!(text.contains("No load holds") && !text.contains("Binds") && !text.contains("busiest"), "{text}");
}

#[test]
fn a_collapse_is_counted_only_where_goodput_falls() {
    let replicated = |draft: Draft| match answer(&draft.text(), StudySpec::Replicate(3)) {
        Answer::Replications(runs) => *runs,
        other => panic!("it is replicated: {other:?}"),
    };
    let app = || Draft::new(120.0).station("app", 1, Some(5), "exp(10ms)").objective("crowd", "failed < 1%");
    // A little too much comes: one in ten is refused, all others get through.
    let some = replicated(app().poisson(95.0, "app.serve"));
    assert_eq!((some.failed, some.collapsed.n), (3, 0));
    // After a minute nobody is there any more.
    let crashed = app().poisson(40.0, "app.serve").rule("At(\"1min\", Crash(\"app\"))");
    let all = replicated(crashed);
    assert_eq!((all.failed, all.collapsed.n), (3, 3));
}
